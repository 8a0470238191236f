"""Reports → who should have reported on which year, and whether there is something to compare."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.audit.collection import Report
from benchmarks.audit.statute import TABLES, ended

GOVERNMENT = "人民政府"
Key = tuple[str, int]
"""Body and year."""


def reports_to_coverage(reports: Mapping[str, Report]) -> dict[Key, tuple[str, ...]]:
    """Return agency, region_code, status, tables, reports and region_match of every body and year."""
    standing = {r.identity: r for r in reports.values() if r.counts and not r.row["superseded_by"]}
    years: dict[str, list[int]] = {}
    for body, year in standing:
        years.setdefault(body, []).append(year)
    last_of_kind: dict[bool, int] = {}
    for body, theirs in years.items():
        kind = _is_government(standing[body, max(theirs)])
        last_of_kind[kind] = max(last_of_kind.get(kind, 0), *theirs)
    counts: dict[Key, int] = {}
    for report in reports.values():
        if report.counts:
            counts[report.identity] = counts.get(report.identity, 0) + 1
    found: dict[Key, tuple[str, ...]] = {}
    for body, theirs in years.items():
        latest = standing[body, max(theirs)]
        due = 0 if latest.nowhere else min(last_of_kind[_is_government(latest)], _ended_on(latest))
        before = standing[body, min(theirs)]
        for year in range(min(theirs), max(due, *theirs) + 1):
            now = standing.get((body, year))
            before = now or before
            tables = [table for table in TABLES if now and _has_number(now, table)]
            status = "missing" if now is None else "numbers" if tables else "no_table"
            names = before.row["agency"], before.row["region_code"]
            count = str(counts.get((body, year), 0))
            found[body, year] = (*names, status, "+".join(tables), count, before.row["region_match"])
    return found


def reports_to_standing(reports: Mapping[str, Report]) -> dict[str, str]:
    """Return for every report the one that stands in its place; the empty text if it stands itself.

    Of those with cells the one published last; without a date to tell, the one with more cells that can be
    trusted, then the last by name.
    """
    best: dict[Key, tuple[tuple[bool, str, int, str], str]] = {}
    for report_id, report in reports.items():
        if report.counts:
            cells = sum(len(each) for each in report.tables.values())
            suspect = sum(
                seen.status == "suspect" for each in report.tables.values() for seen in each.values()
            )
            rank = cells > 0, report.row["published_on"], cells - suspect, report_id
            if report.identity not in best or best[report.identity][0] < rank:
                best[report.identity] = rank, report_id
    found = dict.fromkeys(reports, "")
    for report_id, report in reports.items():
        if report.counts and best[report.identity][1] != report_id:
            found[report_id] = best[report.identity][1]
    return found


def _is_government(report: Report) -> bool:
    return report.row["bureau_type"] == GOVERNMENT


def _ended_on(report: Report) -> int:
    """Return the last year that a kind of body can report on; a late one if it goes on."""
    return next((year for end, year in ended().items() if report.row["agency"].endswith(end)), 9999)


def _has_number(report: Report, table: str) -> bool:
    """Return whether a table has a number that can be trusted."""
    return any(seen.known for seen in report.tables.get(table, {}).values())
