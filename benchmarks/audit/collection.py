"""The CSV files of a folder → reports with their cells and checks, as plain values."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

from benchmarks.audit.statute import Cell

Row = Mapping[str, str]

PLACES = Path(__file__).parents[2] / "pipeline" / "places"
NUMBERS = ("ok", "corrected")
BLANKS = ("blank", "not_applicable")


@dataclass
class Seen:
    """A cell as it was read. `number` is None unless it has one; `text` is what is printed."""

    status: str
    number: Fraction | None
    text: str
    spanning: bool
    contradicted: bool = False

    @property
    def empty(self) -> bool:
        """Return whether nothing, or a dash, was read: of a suspect cell too, which was one when it was
        added up."""
        nothing = self.number is None and not any(map(str.isalnum, self.text))
        return self.status in BLANKS or (self.status == "suspect" and nothing)

    @property
    def known(self) -> bool:
        """Return whether its number can be taken."""
        return self.status in NUMBERS and not self.contradicted


@dataclass
class Report:
    """A report: its row, the form of each of its tables, their cells, and its checks."""

    row: Row
    forms: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[Cell, Seen]] = field(default_factory=dict)
    checks: list[Row] = field(default_factory=list)

    @property
    def identity(self) -> tuple[str, int]:
        """Return the body and the year."""
        return self.row["agency_id"], int(self.row["fiscal_year"])

    @property
    def counts(self) -> bool:
        """Return whether it can be set beside others: a report whose body and year are known."""
        known = self.row["agency"] != "" and self.row["fiscal_year"] != ""
        return known and self.row["status"] not in ("not_a_report", "failed")

    @property
    def nowhere(self) -> bool:
        """Return whether no region is known."""
        return self.row["region_match"] in ("none", "ambiguous") and not self.row["region_given"]

    @property
    def moved(self) -> bool:
        """Return whether its county was merged or split in the year."""
        return (self.row["region_code"], self.row["fiscal_year"]) in moves()


@cache
def moves() -> frozenset[tuple[str, str]]:
    """Return the counties that were merged or split, with the year."""
    lines = _places("county_changes.csv")
    return frozenset((row[end], row["year"]) for row in lines for end in ("earlier", "later"))


@cache
def dissolved() -> Mapping[str, int]:
    """Return the last year of each region that ended without a successor, by its code."""
    return {
        row["code"]: int(row["valid_to"])
        for row in _places("regions.csv")
        if row["valid_to"] and not row["successor"]
    }


def _places(name: str) -> list[Row]:
    """Return the rows of a list of regions."""
    with (PLACES / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rows(folder: Path, table: str) -> list[Row]:
    """Return the rows of a table, a null being the empty text."""
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def to_number(text: str) -> Fraction | None:
    """Return the exact number of a text, None for the empty one."""
    return Fraction(text) if text else None


def folder_to_reports(folder: Path) -> dict[str, Report]:
    """Return every report by its id. Cells that another version contradicts are marked."""
    reports = {row["report_id"]: Report(row) for row in rows(folder, "reports")}
    for row in rows(folder, "observations"):
        report, table = reports[row["report_id"]], row["table"]
        report.forms.setdefault(table, row["template"])
        seen = Seen(row["status"], to_number(row["value"]), row["raw"], row["match"] == "spanning")
        report.tables.setdefault(table, {})[row["item"], row["column"]] = seen
    for row in rows(folder, "checks"):
        reports[row["report_id"]].checks.append(row)
    for report in reports.values():
        if report.row["superseded_by"]:
            _contradict(report, reports[report.row["superseded_by"]])
    return reports


def _contradict(older: Report, standing: Report) -> None:
    """Mark the cells of the report that stands which another version contradicts, unless it is dated
    later."""
    dates = older.row["published_on"], standing.row["published_on"]
    if all(dates) and dates[1] > dates[0]:
        return
    for table, cells in older.tables.items():
        for cell, seen in cells.items():
            now = standing.tables.get(table, {}).get(cell)
            if now and _unequal(seen, now):
                now.contradicted = True


def _unequal(one: Seen, other: Seen) -> bool:
    """Return whether two versions print different things, as far as both can be read."""
    numbers = one.status in NUMBERS, other.status in NUMBERS
    if all(numbers):
        return one.number != other.number
    return (numbers[0] and other.status in BLANKS) or (numbers[1] and one.status in BLANKS)
