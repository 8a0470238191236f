"""A folder of tables → what was held against the recomputation, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.audit.collection import Report, Row, folder_to_reports, rows, to_number
from benchmarks.audit.coverage import reports_to_coverage, reports_to_standing
from benchmarks.audit.panels import PanelRow, reports_to_panel, rows_to_nulls
from benchmarks.audit.rates import rows_to_rates
from benchmarks.audit.statute import TABLES, table_to_cells
from benchmarks.audit.sums import reports_to_checks

CLOSE = 1e-9
"""Share of one more than the number. Numbers that differ by less are equal: tables hold floats, the audit
fractions."""

OF_REPORT = ("agency", "region_code", "fiscal_year", "report_id", "agency_id", "region_match")
BESIDE = ("scope", "bureau_type", "admin_level", "published_on", "county_unit")


@dataclass
class Audit:
    """How many things of each kind were compared, and a line for each difference."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def compare(self, what: str, place: Any, written: Any, expected: Any) -> None:
        """Note a thing that was compared, and whether it differs."""
        self.counts[what] = self.counts.get(what, 0) + 1
        if not _same(written, expected):
            self.differences.append(f"{what} {place}: written {written!r}, recomputed {expected!r}")

    def compare_keys(self, what: str, written: Mapping[Any, Any], expected: Mapping[Any, Any]) -> list[Any]:
        """Note rows that are there and should not be, and those that are lacking; return the others."""
        self.differences += [f"{what} {key}: not expected" for key in written.keys() - expected.keys()]
        self.differences += [f"{what} {key}: lacking" for key in expected.keys() - written.keys()]
        return [key for key in expected if key in written]


def _same(written: Any, expected: Any) -> bool:
    """Return whether two values are the same, numbers as near as floats allow."""
    if isinstance(written, tuple) and isinstance(expected, tuple):
        pairs = zip(written, expected, strict=True)
        return all(_same(*pair) for pair in pairs)
    if isinstance(written, int | float | Fraction) and isinstance(expected, int | float | Fraction):
        return abs(float(written) - float(expected)) <= CLOSE * (1 + abs(float(expected)))
    return bool(written == expected)


def folder_to_audit(folder: Path) -> Audit:
    """Recompute everything in a folder of tables, and hold it against what is written there."""
    audit, reports = Audit(), folder_to_reports(folder)
    panel = reports_to_panel(reports)
    for report_id, stands in reports_to_standing(reports).items():
        audit.compare("reports that stand", report_id, reports[report_id].row["superseded_by"], stands)
    _checks(audit, folder, reports)
    for table in TABLES:
        _panel(audit, folder, table, [row for row in panel if row.table == table and row.here], reports)
    _nulls(audit, folder, panel)
    _rates(audit, folder, panel)
    _coverage(audit, folder, reports)
    _backlog(audit, folder, [row for row in panel if row.table == "applications" and row.here])
    return audit


def _keyed(found: list[Row], audit: Audit, what: str, *names: str) -> dict[tuple[str, ...], Row]:
    """Return the rows by these columns; a key that is there twice is a difference."""
    keyed: dict[tuple[str, ...], Row] = {}
    for row in found:
        key = tuple(row[name] for name in names)
        if key in keyed:
            audit.differences.append(f"{what} {key}: there twice")
        keyed[key] = row
    return keyed


def _checks(audit: Audit, folder: Path, reports: Mapping[str, Report]) -> None:
    """Compare every check: both sides, difference, verdict, and blanks counted as 0."""
    what = "checks"
    written = _keyed(rows(folder, what), audit, what, "report_id", "table", "check", "scope")
    expected = reports_to_checks(reports)
    for key in audit.compare_keys(what, written, expected):
        row, check = written[key], expected[key]
        numbers = tuple(to_number(row[name]) for name in ("left", "right", "difference"))
        sides = check.left, check.right, check.left - check.right
        audit.compare(
            what, key, (*numbers, row["verdict"], int(row["blanks_as_zero"])),
            (*sides, check.verdict, check.blanks),
        )  # fmt: skip


def _panel(
    audit: Audit, folder: Path, table: str, expected: list[PanelRow], reports: Mapping[str, Report]
) -> None:
    """Compare a panel cell by cell."""
    name = f"panel_{table}"
    written = _keyed(rows(folder, name), audit, name, "agency_id", "fiscal_year")
    by_key = {(r.report.row["agency_id"], r.report.row["fiscal_year"]): r for r in expected}
    for key in audit.compare_keys(name, written, by_key):
        row, found = written[key], by_key[key]
        for column in (*OF_REPORT, *BESIDE):
            audit.compare("heads of panels", (name, *key, column), row[column], found.report.row[column])
        mine = [r for r in reports.values() if r.counts and r.identity == found.report.identity]
        suspect = sum(found.reasons[cell] == "suspect" and cell in found.suspect for cell in found.printed)
        told = (
            row["template"],
            row["trust"],
            *(int(row[n]) for n in ("reports", "checks_failed", "cells_suspect")),
        )
        audit.compare(
            "heads of panels", (name, *key), told,
            (found.form, found.trust, len(mine), len(found.wrong), suspect),
        )  # fmt: skip
        for item, column in table_to_cells(table):
            text = row[f"{item}__{column}".replace(".", "_")]
            place = (name, *key, item, column)
            audit.compare("cells of panels", place, to_number(text), found.shown.get((item, column)))


def _nulls(audit: Audit, folder: Path, panel: list[PanelRow]) -> None:
    """Compare why cells of panels are null."""
    what = "panel_nulls"
    written = _keyed(rows(folder, what), audit, what, "agency_id", "fiscal_year", "table", "item", "column")
    expected = {
        (row.report.row["agency_id"], row.report.row["fiscal_year"], row.table, *cell): (row, reason)
        for row, cell, reason in rows_to_nulls(panel)
    }
    for key in audit.compare_keys(what, written, expected):
        row, reason = expected[key]
        told = tuple(written[key][name] for name in ("agency", "report_id", "reason"))
        audit.compare(what, key, told, (row.report.row["agency"], row.report.row["report_id"], reason))


def _rates(audit: Audit, folder: Path, panel: list[PanelRow]) -> None:
    """Compare every rate: its numbers, its interval, its status and what is said of it."""
    what = "panel_rates"
    written = _keyed(rows(folder, what), audit, what, "agency_id", "fiscal_year", "rate")
    expected = {(body, str(year), name): found for (body, year, name), found in rows_to_rates(panel).items()}
    for key in audit.compare_keys(what, written, expected):
        row, found = written[key], expected[key]
        names = "numerator", "denominator", "value", "lower", "upper"
        numbers = tuple(to_number(row[name]) for name in names)
        ends = found.ends or (None, None)
        audit.compare("rates", key, numbers, (found.above, found.below, found.value, *ends))
        told = row["status"], row["caveat"], row["template"], *(row[name] for name in OF_REPORT)
        heads = [found.row.report.row[name] for name in OF_REPORT]
        audit.compare("heads of rates", key, told, (found.status, found.caveat, found.row.form, *heads))


def _coverage(audit: Audit, folder: Path, reports: Mapping[str, Report]) -> None:
    """Compare every row of coverage."""
    what = "coverage"
    written = _keyed(rows(folder, what), audit, what, "agency_id", "fiscal_year")
    expected = {(body, str(year)): told for (body, year), told in reports_to_coverage(reports).items()}
    names = (
        *("agency", "region_code", "status", "tables", "reports", "region_match", "county_unit"),
        *("due_on", "published_on", "days_late", "timeliness"),
    )
    for key in audit.compare_keys(what, written, expected):
        audit.compare(what, key, tuple(written[key][name] for name in names), expected[key])


FLOW = {"carried_in": "carried_in", "received": "new_received", "handled": "handled_total",
        "carried_out": "carried_out"}  # fmt: skip
"""The columns of the backlog, and the rows of the form that they are the totals of."""


def _backlog(audit: Audit, folder: Path, panel: list[PanelRow]) -> None:
    """Compare how the applications of each year flow through."""
    what = "backlog"
    written = _keyed(rows(folder, what), audit, what, "agency_id", "fiscal_year")
    by_key = {(row.report.row["agency_id"], row.report.row["fiscal_year"]): row for row in panel}
    for key in audit.compare_keys(what, written, by_key):
        found = by_key[key]
        alone = found.report.nowhere or found.report.moved
        before = None if alone else by_key.get((key[0], str(int(key[1]) - 1)))
        flow = {name: found.numbers.get((row, "total")) for name, row in FLOW.items()}
        earlier = before.numbers.get(("carried_out", "total")) if before else None
        came, went = flow["carried_in"], earlier
        gap = None
        if None not in flow.values():
            gap = sum(((-1) ** (place > 1)) * (number or 0) for place, number in enumerate(flow.values()))
        expected = (*flow.values(), gap, earlier, None if came is None or went is None else came - went)
        names = (*FLOW, "balance_gap", "carried_out_before", "carry_gap")
        audit.compare(what, key, tuple(to_number(written[key][name]) for name in names), expected)
        told = tuple(
            written[key][name] for name in ("agency", "report_id", "county_unit", "trust", "trust_before")
        )
        heads = tuple(found.report.row[name] for name in ("agency", "report_id", "county_unit"))
        trusts = found.trust, before.trust if before else ""
        audit.compare(what, (*key, "heads"), told, (*heads, *trusts))
