"""Cells and checks → what the panels must say, and why a number is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from benchmarks.audit.collection import BLANKS, NUMBERS, Report, Row
from benchmarks.audit.statute import (
    TABLES,
    AcrossYears,
    Cell,
    Equation,
    across_years,
    form_to_tables,
    row_to_parts,
    table_to_cells,
    year_to_form,
)

GRAVITY = ("", "not_printed", "proven_zero", "not_applicable", "blank", "absent", "no_table", "unreadable",
           "suspect", "contradicted")  # fmt: skip
"""Why there is no number, the gravest last; the first is that there is one."""


@dataclass
class PanelRow:
    """A body, a year and a table. `here` says that the report prints the table, `after` is the body's report
    on the next year. `numbers` has what is known
    of cells, proven zeros too, and `shown` what the panel shows; `failed` are cells of failed checks."""

    report: Report
    table: str
    form: str
    here: bool
    after: Report | None
    numbers: dict[Cell, Fraction] = field(default_factory=dict)
    shown: dict[Cell, Fraction] = field(default_factory=dict)
    reasons: dict[Cell, str] = field(default_factory=dict)
    proven: set[Cell] = field(default_factory=set)
    suspect: set[Cell] = field(default_factory=set)
    failed: set[Cell] = field(default_factory=set)
    trust: str = ""

    @property
    def printed(self) -> Mapping[Cell, object]:
        """Return the cells that the report has."""
        return self.report.tables.get(self.table, {})

    @property
    def wrong(self) -> Sequence[Row]:
        """Return the failed checks over the table, those of the next report that go back to it too."""
        names = {each.check for each in across_years()}
        theirs = [check for check in self.after.checks if check["check"] in names] if self.after else []
        both = (*self.report.checks, *theirs)
        return [c for c in both if c["table"] == self.table and c["verdict"] == "fail"]


def reports_to_panel(reports: Mapping[str, Report]) -> list[PanelRow]:
    """Return a row for each table of each report that stands, and for each table that it lacks although the
    form in force prints it."""
    found = []
    standing = {r.identity: r for r in reports.values() if r.counts and not r.row["superseded_by"]}
    for (body, year), report in standing.items():
        in_force, after = year_to_form(year), standing.get((body, year + 1))
        for table in TABLES:
            if table in report.tables:
                found.append(_row(PanelRow(report, table, report.forms[table], True, after)))
            elif table in form_to_tables(in_force):
                found.append(_row(PanelRow(report, table, in_force, False, after)))
    return found


def _row(row: PanelRow) -> PanelRow:
    """Fill a row from its report."""
    cells = row.report.tables.get(row.table, {})
    for cell, seen in cells.items():
        if seen.known and seen.number is not None:
            row.numbers[cell] = seen.number
        if seen.status == "suspect" or seen.contradicted:
            row.suspect.add(cell)
    _judge(row)
    row.shown = {cell: number for cell, number in row.numbers.items() if cell not in row.proven}
    for cell in table_to_cells(row.table):
        row.reasons[cell] = _reason(row, cell)
    for cell in table_to_cells(row.table):
        parts = [(part, cell[1]) for part in row_to_parts(row.table, cell[0])]
        if parts and row.reasons[cell] == "not_printed":
            row.reasons[cell] = max((row.reasons[part] for part in parts), key=GRAVITY.index)
            if row.here:
                _sum_up(row, cell, parts)
    row.trust = _trust(row)
    return row


def _judge(row: PanelRow) -> None:
    """Note the cells of failed checks, and the blanks that a passed check proves to be 0."""
    equations = {(e.name, e.scope): e for e in form_to_tables(row.form)[row.table].equations}
    for check in row.report.checks:
        key = check["check"], check["scope"]
        if check["table"] == row.table and key in equations:
            if check["verdict"] == "fail":
                row.failed.update((*equations[key].left, *equations[key].right))
            elif check["verdict"] == "pass":
                _prove(row, equations[key])
    for each in across_years():
        if each.table == row.table:
            mine = [each.begins, *(term.cell for term in each.terms if not term.before)]
            if _fails(each, row.report):
                row.failed.update(mine)
            if row.after and _fails(each, row.after):
                row.failed.update(term.cell for term in each.terms if term.before)


def _fails(each: AcrossYears, report: Report) -> bool:
    """Return whether a report does not begin with what the year before says."""
    wanted = each.table, each.check, each.scope, "fail"
    return any((c["table"], c["check"], c["scope"], c["verdict"]) == wanted for c in report.checks)


def _prove(row: PanelRow, equation: Equation) -> None:
    """Note blanks as 0 where they stand on one side of a sum that holds: nothing is below 0."""
    cells = row.report.tables[row.table]
    sides = [
        [cell for cell in side if cell in cells and _is_blank(row, cell)]
        for side in (equation.left, equation.right)
    ]
    if not all(sides):
        for cell in (*sides[0], *sides[1]):
            row.numbers[cell] = Fraction(0)
            row.proven.add(cell)


def _is_blank(row: PanelRow, cell: Cell) -> bool:
    """Return whether nothing, or a dash, is printed."""
    seen = row.report.tables[row.table][cell]
    return seen.status in BLANKS and not seen.contradicted


def _reason(row: PanelRow, cell: Cell) -> str:
    """Return why a cell has no number; the empty text where it has one."""
    if not row.here:
        return "no_table" if _is_due(row, cell) else "not_printed"
    seen = row.report.tables[row.table].get(cell)
    if seen is None:
        return "absent" if _is_due(row, cell) else "not_printed"
    if seen.contradicted:
        return "contradicted"
    if seen.status in NUMBERS:
        return ""
    return "proven_zero" if cell in row.proven else seen.status


def _is_due(row: PanelRow, cell: Cell) -> bool:
    """Return whether the form prints the cell; a column of some reports' own is due if one cell of it is
    there."""
    printed = form_to_tables(row.form)[row.table]
    if cell[1] in printed.own_columns and cell in printed.cells:
        return any(column == cell[1] for _, column in row.printed)
    return printed.prints(cell)


def _sum_up(row: PanelRow, cell: Cell, parts: Sequence[Cell]) -> None:
    """Show the sum of the parts that stand for a cell, if each is a number or a proven 0 and one a number."""
    if all(part in row.shown or part in row.proven for part in parts):
        numbers = [row.shown[part] for part in parts if part in row.shown]
        if numbers:
            row.shown[cell] = sum(numbers, Fraction(0))


def _trust(row: PanelRow) -> str:
    """Return how far a row can be trusted."""
    reasons = set(row.reasons.values())
    mine = row.wrong
    if reasons & {"unreadable", "suspect", "contradicted"}:
        return "doubtful"
    if row.report.row["reason"] in ("year_differs", "several_reports"):
        return "doubtful"
    if any(check["attribution"] != "publisher" for check in mine):
        return "doubtful"
    if "absent" in reasons:
        return "incomplete"
    return "quoted" if mine else "sound"


def rows_to_nulls(rows: Sequence[PanelRow]) -> Iterator[tuple[PanelRow, Cell, str]]:
    """Yield each cell of a panel that has no number, and why."""
    for row in rows:
        for cell in table_to_cells(row.table):
            if cell not in row.shown:
                yield row, cell, row.reasons[cell]
