"""Rows of panels → every rate: what is above and below, the quotient, its interval, what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from benchmarks.audit.collection import BLANKS
from benchmarks.audit.panels import PanelRow
from benchmarks.audit.statute import (
    Cell,
    Quotient,
    form_to_tables,
    quotients,
    row_to_parts,
    year_to_form,
)

Z = 1.959963984540054
"""Standard deviations. Half the width of 95 % of a normal distribution."""


@dataclass
class Found:
    """A rate as it must be."""

    row: PanelRow
    above: Fraction | None
    below: Fraction | None
    value: float | None
    ends: tuple[float, float] | None
    status: str
    caveat: str


Key = tuple[str, int, str]
"""Body, year, rate."""


def rows_to_rates(rows: Iterable[PanelRow]) -> dict[Key, Found]:
    """Return every rate of every row whose form prints what is above the line."""
    by_table = {(*row.report.identity, row.table): row for row in rows}
    found = {}
    for (body, year, table), row in by_table.items():
        for rate in quotients():
            if rate.table == table and all(_is_told(row, cell) for cell in rate.above):
                other = by_table.get((body, year, rate.other))
                found[body, year, rate.name] = _rate(rate, row, other)
    return found


def _is_told(row: PanelRow, cell: Cell) -> bool:
    """Return whether the row's form prints a cell, or all its parts."""
    printed = form_to_tables(row.form)[row.table]
    parts = row_to_parts(row.table, cell[0])
    return printed.prints(cell) or (bool(parts) and all(printed.prints((part, cell[1])) for part in parts))


def _rate(rate: Quotient, row: PanelRow, other: PanelRow | None) -> Found:
    """Return one rate."""
    above, below = _printed_cells(row, rate.above), _printed_cells(other, rate.below) if other else []
    sides = [(row, above), *([(other, below)] if other else [])]
    tops, bottoms = _add(row, above), _add(other, below) if other else None
    suspect = any(cell in of.suspect for of, cells in sides for cell in cells)
    failed = any(cell in of.failed for of, cells in sides for cell in cells)
    if suspect:
        status = "suspect"
    elif tops is None or bottoms is None:
        status = "unknown"
    elif bottoms == 0:
        status = "no_cases"
    else:
        status = "check_failed" if failed else "ok"
    value = ends = None
    if status in ("ok", "check_failed") and tops is not None and bottoms is not None:
        value = float(tops / bottoms)
        if rate.share and 0 <= tops <= bottoms:
            ends = wilson(tops, bottoms)
    said = []
    if failed:
        said.append("failed_sums")
    if any(cell in of.proven for of, cells in sides for cell in cells):
        said.append("proven_zero")
    if any(_is_blank(of) for of, _ in sides):
        said.append("blank_table")
    if any(_is_other(of) for of, _ in sides):
        said.append("other_form")
    if rate.table == "statistics":
        said.append("older_form")
    for caveat, causes in rate.caveats:
        if value is not None and any(_add(row, _printed_cells(row, [cell])) != 0 for cell in causes):
            said.append(caveat)
    return Found(row, tops, bottoms, value, ends, status, "+".join(said))


def wilson(some: Fraction, of: Fraction) -> tuple[float, float]:
    """Return the ends of the interval, by the textbook's formula: centre and half of the width."""
    share, n = float(some / of), float(of)
    centre = share + Z * Z / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return (centre - half) / whole, (centre + half) / whole


def _printed_cells(row: PanelRow, cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells, and for one that the report does not print the parts that stand for it."""
    found: list[Cell] = []
    for cell in cells:
        parts = row_to_parts(row.table, cell[0])
        found += [(part, cell[1]) for part in parts] if parts and cell not in row.printed else [cell]
    return found


def _add(row: PanelRow, cells: Sequence[Cell]) -> Fraction | None:
    """Return the sum of the cells; None if one is not known."""
    total = Fraction(0)
    for cell in cells:
        if cell not in row.numbers:
            return None
        total += row.numbers[cell]
    return total


def _is_blank(row: PanelRow) -> bool:
    """Return whether the table is there and nothing is printed in it."""
    seen: Mapping[Cell, object] = row.printed
    blank = [s.status in BLANKS and not s.contradicted for s in row.report.tables.get(row.table, {}).values()]
    return bool(seen) and all(blank)


def _is_other(row: PanelRow) -> bool:
    """Return whether the table prints other cells than that of the form in force."""
    in_force = form_to_tables(year_to_form(int(row.report.row["fiscal_year"])))
    mine = form_to_tables(row.form)[row.table].cells
    return row.table not in in_force or set(in_force[row.table].cells) != set(mine)
