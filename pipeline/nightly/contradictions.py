"""Tonight's tables and those of the last good release → what contradicts each other since: two files of one
body and year that print different numbers, of which no date says which is later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.nightly.release_comparison import DocumentRow
from pipeline.tables.written_tables import out_to_rows

_CONTRADICTED = "contradicted"
_COLUMNS = ("report_id", "table", "item", "column", "value", "raw", "kind")

_Place = tuple[str, str, str]
"""Table, row and column of a cell."""
_Number = tuple[Any, str]
"""The number of a cell, None if it is blank, and its text."""
_Printed = Mapping[str, Mapping[_Place, _Number]]
"""What each report prints, by its id and the place of the cell."""


class ContradictedCell(NamedTuple):
    """A cell that two files print differently: as the one that stands prints it, and as the other does."""

    table: str
    item: str
    column: str
    stands: str
    other: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A report that stands for its body and year though the `other` contradicts it, and the cells in
    which."""

    stands: DocumentRow
    other: DocumentRow
    cells: tuple[ContradictedCell, ...]


def find_contradictions(
    before: Iterable[DocumentRow], now: Iterable[DocumentRow], out: Path
) -> list[Contradiction]:
    """Return the contradictions of the documents `now`, whose tables are in `out`, that were none `before`,
    by agency and year."""
    rows = {row.report_id: row for row in now}
    known = {_pair(row) for row in before if row.standing == _CONTRADICTED}
    others = [row for row in rows.values() if row.standing == _CONTRADICTED and _pair(row) not in known]
    if not others:
        return []
    printed = _printed(out)
    found = [
        Contradiction(rows[other.superseded_by], other, _cells(printed, other.superseded_by, other.report_id))
        for other in others
        if other.superseded_by
    ]
    return sorted(found, key=lambda each: (each.stands.agency, each.stands.year or 0, each.other.report_id))


def _pair(row: DocumentRow) -> frozenset[str]:
    """Return the ids of a superseded report and of the one that stands: which is which may change."""
    return frozenset((row.report_id, row.superseded_by or ""))


def _printed(out: Path) -> _Printed:
    """Return what each version prints in the contradicted cells."""
    printed: dict[str, dict[_Place, _Number]] = {}
    for row in out_to_rows(out, "revisions", _COLUMNS):
        if row["kind"] == "contradiction":
            place = row["table"], row["item"], row["column"]
            printed.setdefault(row["report_id"], {})[place] = row["value"], row["raw"] or ""
    return printed


def _cells(printed: _Printed, stands: str, other: str) -> tuple[ContradictedCell, ...]:
    """Return the cells in which two reports have other numbers, in the order of the table revisions."""
    here = printed.get(stands, {})
    return tuple(
        ContradictedCell(*place, stands=here[place][1], other=raw)
        for place, (value, raw) in printed.get(other, {}).items()
        if place in here and here[place][0] != value
    )
