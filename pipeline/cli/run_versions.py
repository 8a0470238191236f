"""Tables → sentences on who a file belongs to: which of several files of one body and year stands, and which
names are kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.records import BLANK_STATUSES, NUMBER_STATUSES, report_id_to_first, report_id_to_part
from pipeline.tables.written_tables import out_to_rows

_COLUMNS = ("report_id", "source_file", "agency", "fiscal_year", "published_on", "superseded_by", "standing")
_CELL = ("agency_id", "fiscal_year", "table", "item", "column")
_REVISIONS_COLUMNS = (*_CELL, "report_id", "stands", "value", "status")

_WHY = {
    "same": "{other} has the same numbers",
    "partial": "{other} has {partial} more, and no other numbers",
    "revised": "{other} says otherwise in {otherwise}",
    "contradicted": "{other} says otherwise in {otherwise}, and no date says which is later: "
    "panels have no number there",
}
"""What is said of a superseded report, by its standing."""

_PARTIAL = "; in {partial} only one of them has anything"


class Version(NamedTuple):
    """A superseded report: its standing, and a sentence that names it and the one that stands."""

    standing: str
    sentence: str


def out_to_versions(out: Path, report_ids: Collection[str]) -> list[Version]:
    """Return every superseded report in `out` that is in these documents or is replaced by one of them,
    the most doubtful first. `report_ids` are those of the first report in each document."""
    rows = {row["report_id"]: row for row in out_to_rows(out, "reports", _COLUMNS)}
    superseded = [row for row in rows.values() if row["superseded_by"]]
    asked = [row for row in superseded if _is_asked(row, report_ids)]
    if not asked:
        return []
    differing = Counter(_differences(out_to_rows(out, "revisions", _REVISIONS_COLUMNS)))
    asked.sort(key=lambda row: (-list(_WHY).index(row["standing"]), row["agency"], int(row["fiscal_year"])))
    return [_row_to_version(row, rows[row["superseded_by"]], differing) for row in asked]


def out_to_kept_apart(out: Path, report_ids: Collection[str]) -> list[str]:
    """Return a sentence for each year's names of these documents that would have shared an agency_id."""
    columns = ("report_id", "agency", "fiscal_year", "kept_apart")
    rows = out_to_rows(out, "reports", columns)
    groups = {
        (int(row["fiscal_year"]), tuple(sorted({row["agency"], *row["kept_apart"].split("+")})))
        for row in rows
        if row["kept_apart"] and report_id_to_first(row["report_id"]) in report_ids
    }
    return [f"{year}: {' | '.join(names)}" for year, names in sorted(groups)]


def _is_asked(row: Mapping[str, Any], report_ids: Collection[str]) -> bool:
    """Whether the report or the one that stands in its place is in these documents."""
    return any(report_id_to_first(row[name]) in report_ids for name in ("report_id", "superseded_by"))


def _differences(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield report_id and otherwise or partial for each cell in which a superseded report and the one that
    stands print different things, or only one of them prints it. `rows` are those of revisions.

    Their `kind` is of the cell, over all versions: a third report may be the one that differs."""
    versions: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        versions.setdefault(tuple(row[name] for name in _CELL), []).append(row)
    for cells in versions.values():
        stander = next(cell for cell in cells if cell["stands"] == "yes")
        for cell in cells:
            if cell is not stander and (difference := _difference(cell, stander)):
                yield cell["report_id"], difference


def _difference(cell: Mapping[str, Any], stander: Mapping[str, Any]) -> str:
    """Return how a version of a cell differs from the one that stands, "" if it does not as far as both can
    be read."""
    statuses = [cell["status"], stander["status"]]
    if "absent" in statuses:
        return "partial" if statuses[0] != statuses[1] else ""
    known = all(status in (*NUMBER_STATUSES, *BLANK_STATUSES) for status in statuses)
    return "otherwise" if known and cell["value"] != stander["value"] else ""


def _row_to_version(
    row: Mapping[str, Any], stander: Mapping[str, Any], differing: Mapping[tuple[str, str], int]
) -> Version:
    """Return the sentence on a superseded report. `differing` counts cells by report_id and how they
    differ."""
    counts = {how: differing.get((row["report_id"], how), 0) for how in ("otherwise", "partial")}
    words = {how: f"{count:,} cell{'s' if count > 1 else ''}" for how, count in counts.items()}
    why = _WHY[row["standing"]].format(other=_named(row), **words)
    if counts["partial"] and row["standing"] in ("revised", "contradicted"):
        why += _PARTIAL.format(**words)
    head = f"{stander['agency']} {stander['fiscal_year']}"
    return Version(row["standing"], f"{head}: {_named(stander)} stands, {why}")


def _named(row: Mapping[str, Any]) -> str:
    """Return the file of a report with its date of publication."""
    return f"{row_to_place(row)} ({row['published_on'] or 'no date'})"


def row_to_place(row: Mapping[str, Any]) -> str:
    """Return the file of a report, and which of the reports in it it is, but for the first."""
    part = report_id_to_part(row["report_id"])
    return f"{row['source_file']}, report {part} in it" if part > 1 else str(row["source_file"])
