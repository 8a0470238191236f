"""`Report` records → the stored tables as pandas frames; old and new frames → one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.records import Check, Report, report_id_to_first, report_id_to_part
from pipeline.tables.arrow import (
    arrays_to_frame,
    empty_frame,
    index_in,
    list_to_array,
    list_to_column,
    lists_to_frame,
)
from pipeline.tables.dictionary import STORED, tables

BOX = {edge: f"box.{edge}" for edge in ("x0", "top", "x1", "bottom")}
SERIES = "series."
UNPLACED: Mapping[str, str | None] = {
    **dict.fromkeys(("region_code", "region_name", "admin_level", "bureau_type", "region_given")),
    **{"county_unit": None},
    **{"scope": "unknown", "region_match": "none"},
    **{"region_candidates": "", "places_version": ""},
    **{"superseded_by": None, "standing": "only", "kept_apart": ""},
}
"""What `reports` holds of who and where before `pipeline.derive.places` has filled it in."""
SERIES_FIELDS = ["report_id", "fiscal_year", "table", "item", "column", "value", "status", "confirmed_by"]

SeriesRow = tuple[str, Check, tuple[tuple[str, str], ...]]
"""report_id, check, and what is unconfirmed: the fields of a check across years."""

Columns = Mapping[str, Sequence[Any]]
"""Lists of equal length by the name of their column."""


@dataclass(frozen=True)
class Frames:
    """The stored tables; columns, order and types are those of the data dictionary."""

    observations: pd.DataFrame
    checks: pd.DataFrame
    sections: pd.DataFrame
    leftovers: pd.DataFrame
    reports: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of STORED."""
        return {name: getattr(self, name) for name in STORED}


class _Counts(NamedTuple):
    """What is counted of each report."""

    cells: Sequence[int]
    cells_suspect: Sequence[int]
    cells_unreadable: Sequence[int]
    checks_passed: Sequence[int]
    checks_failed: Sequence[int]


def empty_frames() -> Frames:
    """Return the stored tables without rows."""
    return Frames(**{name: empty_frame(name) for name in STORED})


def unplaced(reports: Sequence[Report]) -> Columns:
    """Return the columns of `reports` on who and where, in which nothing is known but the agency's name."""
    agencies = [report.heading.agency for report in reports]
    return {name: [value] * len(reports) for name, value in UNPLACED.items()} | {"agency_id": agencies}


def reports_to_frames(
    reports: Iterable[Report],
    *,
    reading_version: str | Callable[[Report], str],
    places: Callable[[Sequence[Report]], Columns] = unplaced,
) -> Frames:
    """Return the stored tables of these reports, without checks across years.

    If several reports have the same content, the one with the first source_file is kept. A file that holds
    several has a row for each. `reading_version` is that of all, or tells that of each. `places` gives who
    and where for reports in the order of their rows.
    """
    unique = {r.report_id: r for r in sorted(reports, key=attrgetter("source_file"), reverse=True)}
    whole = sorted(unique.values(), key=_report_order)
    ordered = [one for report in whole for one in (report, *report.others)]
    placed = places(ordered)
    versions = [
        reading_version if isinstance(reading_version, str) else reading_version(report) for report in ordered
    ]
    return Frames(
        observations=_children_to_frame("observations", ordered, placed),
        checks=_children_to_frame("checks", ordered, placed),
        sections=_children_to_frame("sections", ordered, placed),
        leftovers=_children_to_frame("leftovers", ordered, placed),
        reports=_reports_to_frame(ordered, placed, versions),
    )


def merge(old: Frames, new: Frames) -> Frames:
    """Return old and new frames as one. A report is replaced by a new one of the same content or the same
    file.

    Checks across years are removed, as they hold for one set of reports only; call `add_series` next.
    """
    stale = old.reports["sha256"].isin(new.reports["sha256"]) | old.reports["source_file"].isin(
        new.reports["source_file"]
    )
    kept = keep_reports(old, old.reports.loc[~stale, "report_id"])
    return count(_in_order(without_series(stack([kept, new]))))


def withdraw(
    frames: Frames, superseded: Collection[str], sources: Mapping[str, tuple[str, str | None]]
) -> Frames:
    """Return the frames without the contents in `superseded` (SHA-256). Contents in `sources` get the
    source_file and source_url given there."""
    if not superseded and not sources:
        return frames
    reports = frames.reports.copy()
    moved = reports["sha256"].isin(sources.keys())
    for place, name in enumerate(("source_file", "source_url")):
        reports.loc[moved, name] = [sources[sha256][place] for sha256 in reports.loc[moved, "sha256"]]
    kept = reports.loc[~reports["sha256"].isin(superseded), "report_id"]
    return keep_reports(replace(frames, reports=reports), kept)


def stack(parts: Sequence[Frames]) -> Frames:
    """Return the rows of all parts, one part after the other. No two parts share a report."""
    filled = [part for part in parts if len(part.reports)]
    if len(filled) < 2:
        return filled[0] if filled else empty_frames()
    return Frames(
        **{name: pd.concat([getattr(p, name) for p in filled], ignore_index=True) for name in STORED}
    )


def keep_reports(frames: Frames, report_ids: Collection[str] | pd.Series[Any]) -> Frames:
    """Return the frames with only the rows of these reports."""
    return Frames(**{n: _where(f, f["report_id"].isin(report_ids)) for n, f in frames.tables().items()})


def standing(frames: Frames) -> Frames:
    """Return the frames with only the rows of reports that stand for their body and year."""
    superseded = frames.reports["superseded_by"].notna()
    if not superseded.any():
        return frames
    return keep_reports(frames, frames.reports.loc[~superseded, "report_id"])


def series_cells(frames: Frames, wanted: Collection[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    """Yield the observations of these (table, item) as tuples: agency_id, report_id, fiscal_year, table,
    item, column, value or None, status, confirmed_by.

    Those without a fiscal year are left out.
    """
    cells = frames.observations
    some = cells["item"].isin({item for _, item in wanted}) & cells["fiscal_year"].notna()
    cells = cells.loc[some.to_numpy(dtype=bool), SERIES_FIELDS]
    columns = {name: cells[name].tolist() for name in SERIES_FIELDS}
    columns["value"] = [None if value != value else value for value in columns["value"]]
    rows = zip(agency_ids(frames, columns["report_id"]), *columns.values(), strict=True)
    return (row for row in rows if (row[3], row[4]) in wanted)


def agency_ids(frames: Frames, report_ids: Iterable[str]) -> Iterator[str]:
    """The agency_id of each of these reports."""
    known = dict(zip(frames.reports["report_id"], frames.reports["agency_id"], strict=True))
    return map(known.__getitem__, report_ids)


def add_series(frames: Frames, series: Iterable[SeriesRow]) -> Frames:
    """Return the frames with these checks across years in place of older ones, and the status of reports
    set anew."""
    rows = [(report_id, check) for report_id, check, _ in series]
    heads = frames.reports.set_index("report_id").loc[[report_id for report_id, _ in rows]]
    shared = {
        "report_id": [report_id for report_id, _ in rows],
        "agency": heads["agency"].tolist(),
        "fiscal_year": heads["fiscal_year"].tolist(),
    }
    checks = [check for _, check in rows]
    names = [column.name for column in tables()["checks"].columns]
    own = {name: map(attrgetter(name), checks) for name in names if name not in shared}
    kept = without_series(frames)
    both = pd.concat([kept.checks, lists_to_frame("checks", {**shared, **own})], ignore_index=True)
    return count(_in_order(replace(kept, checks=both)))


def without_series(frames: Frames) -> Frames:
    """Return the frames without checks across years."""
    mine = ~frames.checks["check"].str.startswith(SERIES)
    return replace(frames, checks=_where(frames.checks, mine))


def count(frames: Frames) -> Frames:
    """Return the frames with each report's counts of cells and checks, and its status, computed from
    observations and checks."""
    reports = frames.reports.copy(deep=False)  # whole columns are set anew, which leaves the old frame's
    cells, statuses = _places(frames.observations, reports), frames.observations["status"]
    checks, verdicts = _places(frames.checks, reports), frames.checks["verdict"]
    counts = _Counts(
        cells=_counts(cells, len(reports)),
        cells_suspect=_counts(cells[_equals(statuses, "suspect")], len(reports)),
        cells_unreadable=_counts(cells[_equals(statuses, "unreadable")], len(reports)),
        checks_passed=_counts(checks[_equals(verdicts, "pass")], len(reports)),
        checks_failed=_counts(checks[_equals(verdicts, "fail")], len(reports)),
    )
    told = _counted(reports["status"].tolist(), reports["reason"].tolist(), counts)
    for name, column in told.items():
        reports[name] = list_to_column("reports", name, column)
    return replace(frames, reports=reports)


def _counted(statuses: Iterable[str], reasons: Iterable[str], counts: _Counts) -> dict[str, Sequence[Any]]:
    """Return the columns of `reports` with counts, and those that follow from them: status and reason."""
    troubles = zip(counts.cells_suspect, counts.cells_unreadable, counts.checks_failed, strict=True)
    judged = [_judged(*told) for told in zip(statuses, reasons, map(any, troubles), strict=True)]
    columns = {name: column for name, column in counts._asdict().items() if name != "cells_unreadable"}
    return columns | {"status": [status for status, _ in judged], "reason": [reason for _, reason in judged]}


def _judged(status: str, reason: str, is_troubled: bool) -> tuple[str, str]:
    """Return the status and reason of a report, which its cells and checks say where no other is known."""
    if status not in ("ok", "flagged") or reason not in ("", "doubtful"):
        return status, reason
    return ("flagged", "doubtful") if is_troubled else ("ok", "")


def _places(rows: pd.DataFrame, reports: pd.DataFrame) -> npt.NDArray[np.int32]:
    """Return the place of each row's report among the reports; -1 where it is not there."""
    places: npt.NDArray[np.int32] = (
        index_in(rows["report_id"], reports["report_id"]).fill_null(-1).to_numpy(zero_copy_only=False)
    )
    return places


def _equals(column: pd.Series[Any], word: str) -> npt.NDArray[np.bool_]:
    """Say of each row whether it has this word."""
    return (column == word).to_numpy(dtype=bool)


def _counts(places: npt.NDArray[np.int32], size: int) -> Sequence[int]:
    """Return how often each place from 0 up to `size` is there."""
    counts: list[int] = np.bincount(places[places >= 0], minlength=size).tolist()
    return counts


def _report_order(report: Report) -> tuple[str, float, str]:
    """Return a sort key: agency, year (unknown last), report_id."""
    year = report.heading.fiscal_year
    return report.heading.agency, float("inf") if year is None else year, report.report_id


def _children_to_frame(table: str, reports: Sequence[Report], placed: Columns) -> pd.DataFrame:
    """Return one row for every record of the reports for a table, with its report's columns repeated."""
    children: list[Sequence[Any]] = [getattr(report, table) for report in reports]
    rows = list(chain.from_iterable(children))
    if not rows:
        return empty_frame(table)
    names = [column.name for column in tables()[table].columns]
    heads = {name: column for name, column in _heads(reports, placed).items() if name in names}
    own = [name for name in names if name not in heads]
    owners = pa.array(np.repeat(np.arange(len(reports)), [len(each) for each in children]))
    told = zip(*map(attrgetter(*(BOX.get(name, name) for name in own)), rows), strict=True)
    return arrays_to_frame(
        table,
        {
            **{name: list_to_array(table, name, column).take(owners) for name, column in heads.items()},
            **{name: list_to_array(table, name, column) for name, column in zip(own, told, strict=True)},
        },
    )


def _heads(reports: Sequence[Report], placed: Columns) -> Columns:
    """Return the columns that the records of a report share with it."""
    return {
        "report_id": [report.report_id for report in reports],
        "agency": [report.heading.agency for report in reports],
        "fiscal_year": [report.heading.fiscal_year for report in reports],
        "region_code": placed["region_code"],
    }


def _reports_to_frame(reports: Sequence[Report], placed: Columns, versions: Sequence[str]) -> pd.DataFrame:
    """Return the table `reports`; `versions` are those of the reading, one for each report."""
    direct = ["report_id", "source_file", "source_url", "sha256", "pages", "error", "media_type"]
    heading = ["agency", "fiscal_year", "title", "published_on"]
    lists: dict[str, Iterable[Any]] = {name: map(attrgetter(name), reports) for name in direct}
    lists |= {name: map(attrgetter(f"heading.{name}"), reports) for name in heading}
    lists |= {
        "templates": ["+".join(r.templates) for r in reports],
        "readers": ["+".join(r.readers) for r in reports],
        "missing": ["; ".join(r.missing) for r in reports],
        "seconds": [int(r.seconds) for r in reports],
        "reading_version": versions,
    }
    cells = [Counter(seen.status for seen in r.observations) for r in reports]
    checks = [Counter(check.verdict for check in r.checks) for r in reports]
    counts = _Counts(
        cells=[each.total() for each in cells],
        cells_suspect=[each["suspect"] for each in cells],
        cells_unreadable=[each["unreadable"] for each in cells],
        checks_passed=[each["pass"] for each in checks],
        checks_failed=[each["fail"] for each in checks],
    )
    lists |= _counted([r.status for r in reports], [str(r.reason) for r in reports], counts)
    return lists_to_frame("reports", {**lists, **placed})


def _in_order(frames: Frames) -> Frames:
    """Return reports sorted by agency, year and report_id, and all other rows in the order of their
    reports. Those of one file stand together, where the first of them belongs."""
    reports = frames.reports.sort_values(
        ["agency", "fiscal_year", "report_id"], na_position="last", kind="stable", ignore_index=True
    )
    reports = _with_first_parts(reports)
    rank = pd.Series(np.arange(len(reports)), index=reports["report_id"])
    others = {n: _by_rank(f, rank) for n, f in frames.tables().items() if n != "reports"}
    return Frames(reports=reports, **others)


def _with_first_parts(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the reports with further parts of a file moved behind its first, in their order."""
    ids = reports["report_id"].tolist()
    parts = list(map(report_id_to_part, ids))
    if not parts or max(parts) == 1:
        return reports
    rank = {name: place for place, name in enumerate(ids)}
    first = [rank[report_id_to_first(name)] for name in ids]
    order = pd.DataFrame({"first": first, "part": parts}).sort_values(["first", "part"]).index
    return reports.loc[order].reset_index(drop=True)


def _by_rank(frame: pd.DataFrame, rank: pd.Series[Any]) -> pd.DataFrame:
    """Return the rows in the order of their reports."""
    places = frame["report_id"].map(rank).to_numpy()
    if (np.diff(places) >= 0).all():
        return frame
    return frame.take(np.argsort(places, kind="stable")).reset_index(drop=True)


def _where(frame: pd.DataFrame, mask: pd.Series[Any]) -> pd.DataFrame:
    """Return the rows that the mask chooses."""
    chosen = mask.to_numpy(dtype=bool)
    return frame if chosen.all() else frame[chosen].reset_index(drop=True)
