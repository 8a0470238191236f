"""Cells → the checks that they allow: sums within a report, and sums from one year to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.audit.collection import BLANKS, Report, Seen
from benchmarks.audit.statute import Cell, Equation, Printed, across_years, form_to_tables

CLOSE = Fraction(1, 1_000_000)
"""Units of the sum. Sides that differ by less agree: amounts in 万元 have up to six decimals."""


@dataclass
class Found:
    """A check as it must be."""

    left: Fraction
    right: Fraction
    verdict: str
    blanks: int


Key = tuple[str, str, str, str]
"""Report, table, check, scope."""


def reports_to_checks(reports: Mapping[str, Report]) -> dict[Key, Found]:
    """Return every check that the cells allow."""
    found: dict[Key, Found] = {}
    for report_id, report in reports.items():
        for table, cells in report.tables.items():
            printed = form_to_tables(report.forms[table])[table]
            for equation, check in _table_to_checks(printed, cells):
                found[report_id, table, equation.name, equation.scope] = check
    found.update(_across(reports))
    return found


def _table_to_checks(printed: Printed, cells: Mapping[Cell, Seen]) -> list[tuple[Equation, Found]]:
    """Return the checks of a table. One that hangs on a blank total, which no other sum confirms, is not
    tested."""
    tested = [(each, check) for each in printed.equations if (check := _test(each, cells))]
    blank = {
        each.left[0]
        for each, check in tested
        if len(each.left) == 1 and check.right != 0 and cells[each.left[0]].empty
    }
    confirmed = set()
    for each, check in tested:
        open_ones = blank.intersection((*each.left, *each.right))
        if check.verdict == "pass" and len(open_ones) == 1:
            confirmed |= open_ones
    for each, check in tested:
        if blank.intersection((*each.left, *each.right)) - confirmed:
            check.verdict = "not_tested"
    return tested


def _test(equation: Equation, cells: Mapping[Cell, Seen]) -> Found | None:
    """Return the check of a sum; None where a cell of it is not read, or nothing but blanks are."""
    blanks = 0
    for cell in (*equation.left, *equation.right):
        seen = cells.get(cell)
        if seen is None or seen.status == "unreadable" or seen.spanning:
            return None
        blanks += seen.empty
    if blanks == len(equation.left) + len(equation.right):
        return None
    left, right = (_add(cells, side) for side in (equation.left, equation.right))
    return Found(left, right, "pass" if abs(left - right) < CLOSE else "fail", blanks)


def _add(cells: Mapping[Cell, Seen], side: Iterable[Cell]) -> Fraction:
    """Return the sum of these cells, a blank being 0."""
    total = Fraction(0)
    for cell in side:
        total += cells[cell].number or 0
    return total


def _across(reports: Mapping[str, Report]) -> Iterator[tuple[Key, Found]]:
    """Yield the checks from one year to the next, for bodies that are known over the years."""
    standing = {
        report.identity: (report_id, report)
        for report_id, report in reports.items()
        if report.counts and not report.row["superseded_by"] and not report.nowhere
    }
    for (body, year), (report_id, report) in standing.items():
        _, before = ("", None) if report.moved else standing.get((body, year - 1), ("", None))
        for each in across_years():
            seen = [report.tables.get(each.table, {}).get(each.begins)]
            for term in each.terms:
                of = before if term.before else report
                seen.append(of.tables.get(each.table, {}).get(term.cell) if of else None)
            known = [cell for cell in seen if cell and (cell.known or cell.status in BLANKS)]
            if len(known) < len(seen) or not any(cell.known for cell in known):
                continue
            if any(cell.contradicted for cell in known):
                continue
            left, right = known[0].number or Fraction(0), Fraction(0)
            for term, cell in zip(each.terms, known[1:], strict=True):
                right += term.sign * (cell.number or 0)
            verdict = "pass" if abs(left - right) < CLOSE / 2 else "fail"
            blanks = sum(cell.status in BLANKS for cell in known)
            yield (report_id, each.table, each.check, each.scope), Found(left, right, verdict, blanks)
