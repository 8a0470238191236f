"""Reports → who should have reported on which year, and whether there is something to compare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from benchmarks.audit.collection import Report, dissolved
from benchmarks.audit.statute import TABLES, ended

GOVERNMENT = "人民政府"
DATED = ("国家", "省", "市", "县")
"""The levels for whose bodies the regulation of 2019, article 49, names a day."""
Key = tuple[str, int]
"""Body and year."""


def reports_to_coverage(reports: Mapping[str, Report]) -> dict[Key, tuple[str, ...]]:
    """Return agency, region_code, status, tables, reports, region_match, county_unit, due_on, published_on,
    days_late and timeliness of every body and year, as texts."""
    standing = {r.identity: r for r in reports.values() if r.counts and not r.row["superseded_by"]}
    years: dict[str, list[int]] = {}
    for body, year in standing:
        years.setdefault(body, []).append(year)
    last_of_kind: dict[bool, int] = {}
    for body, theirs in years.items():
        kind = _is_government(standing[body, max(theirs)])
        last_of_kind[kind] = max(last_of_kind.get(kind, 0), *theirs)
    counts: dict[Key, int] = {}
    first_printed: dict[Key, str] = {}
    for report in reports.values():
        if report.counts:
            counts[report.identity] = counts.get(report.identity, 0) + 1
            printed = report.row["published_on"]
            if printed and printed < first_printed.get(report.identity, "9999"):
                first_printed[report.identity] = printed
    found: dict[Key, tuple[str, ...]] = {}
    for body, theirs in years.items():
        latest = standing[body, max(theirs)]
        due = 0 if latest.nowhere else min(last_of_kind[_is_government(latest)], _ended_on(latest))
        if _is_replaced(latest, standing, years):
            due = 0
        before = standing[body, min(theirs)]
        for year in range(min(theirs), max(due, *theirs) + 1):
            now = standing.get((body, year))
            before = now or before
            tables = [table for table in TABLES if now and _has_number(now, table)]
            status = "missing" if now is None else "numbers" if tables else "no_table"
            names = before.row["agency"], before.row["region_code"]
            count, unit = str(counts.get((body, year), 0)), before.row["county_unit"]
            told = (*names, status, "+".join(tables), count, before.row["region_match"], unit)
            found[body, year] = (*told, *_timely(latest, year, first_printed.get((body, year), "")))
    return found


def _timely(latest: Report, year: int, printed: str) -> tuple[str, str, str, str]:
    """Return when a report is due by the regulation, the date that it prints, the days between, and what
    follows. A date before December of the year itself is no date of publication."""
    dated = year < 2019 or latest.row["admin_level"] in DATED
    march = year < 2019 or _is_government(latest)
    due = date(year + 1, 3, 31) if march else date(year + 1, 1, 31)
    if not dated or not printed or date.fromisoformat(printed) < date(year, 12, 1):
        return str(due) if dated else "", printed, "", "unknown"
    days = (date.fromisoformat(printed) - due).days
    return str(due), printed, str(days), "late" if days > 0 else "on_time"


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


def _is_replaced(latest: Report, standing: Mapping[Key, Report], years: Mapping[str, list[int]]) -> bool:
    """Return whether another name that its body had in the same year goes on after its last report."""
    body = latest.row["agency_id"]
    for year in years[body]:
        apart = standing[body, year].row["kept_apart"]
        if not apart:
            continue
        names = apart.split("+")
        for (other, of), report in standing.items():
            bears_one = of == year and other != body and report.row["agency"] in names
            if bears_one and max(years[other]) > max(years[body]):
                return True
    return False


def _ended_on(report: Report) -> int:
    """Return the last year that a kind of body, or one of its region, can report on; a late one if both go
    on."""
    kind = next((year for end, year in ended().items() if report.row["agency"].endswith(end)), 9999)
    return min(kind, dissolved().get(report.row["region_code"], 9999))


def _has_number(report: Report, table: str) -> bool:
    """Return whether a table has a number that can be trusted."""
    return any(seen.known for seen in report.tables.get(table, {}).values())
