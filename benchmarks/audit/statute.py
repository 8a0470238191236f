"""statute.toml → what each form prints, which sums hold in it, and what is divided by what."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Cell = tuple[str, str]
"""Row and column."""

TABLES = ("active_disclosure", "applications", "review_litigation", "statistics")


@dataclass(frozen=True)
class Equation:
    """A sum on one row or column: `left` and `right` add up to the same."""

    name: str
    scope: str
    left: tuple[Cell, ...]
    right: tuple[Cell, ...]


@dataclass(frozen=True)
class Printed:
    """A table as one form prints it. `own_columns` are there in some reports alone."""

    cells: tuple[Cell, ...]
    own_columns: tuple[str, ...]
    equations: tuple[Equation, ...]

    def prints(self, cell: Cell) -> bool:
        """Return whether every report on this form has the cell."""
        return cell in self.cells and cell[1] not in self.own_columns


@dataclass(frozen=True)
class Term:
    """A cell of an equation across years, of the year itself or of the one before."""

    before: bool
    cell: Cell
    sign: int


@dataclass(frozen=True)
class AcrossYears:
    """The cell that a report begins with, and what it must be."""

    check: str
    table: str
    scope: str
    begins: Cell
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Quotient:
    """A rate: cells of `table` over cells of `other`. `caveats` have the cells that must be 0 for silence."""

    name: str
    table: str
    above: tuple[Cell, ...]
    other: str
    below: tuple[Cell, ...]
    share: bool
    caveats: tuple[tuple[str, tuple[Cell, ...]], ...]


@cache
def form_to_tables(form: str) -> Mapping[str, Printed]:
    """Return the tables of a form by name."""
    return {table: _printed(told) for table, told in _data()[form].items()}


@cache
def forms() -> tuple[str, ...]:
    """Return the names of the forms, the oldest first."""
    return tuple(_data()["in_force"])


def year_to_form(year: int) -> str:
    """Return the form in force on a fiscal year; before the first it is the first."""
    found = forms()[0]
    for form, since in _data()["in_force"].items():
        if since <= year:
            found = form
    return found


@cache
def table_to_cells(table: str) -> tuple[Cell, ...]:
    """Return every cell of a table that any form prints."""
    found: dict[Cell, None] = {}
    for form in forms():
        if table in form_to_tables(form):
            found.update(dict.fromkeys(form_to_tables(form)[table].cells))
    return tuple(found)


def row_to_parts(table: str, row: str) -> tuple[str, ...]:
    """Return the rows that a later form prints in place of this one; mostly none."""
    return tuple(_data()["parts"].get(table, {}).get(row, "").split())


@cache
def across_years() -> tuple[AcrossYears, ...]:
    """Return the equations that hold from one year to the next."""
    found: list[AcrossYears] = []
    for told in _data()["series"]:
        for other in (told.get("columns") or told["rows"]).split():
            left, _, right = told["equation"].partition(" = ")
            terms = tuple(
                Term(word.startswith("before."), cell, sign)
                for sign, word in _signed(right)
                for cell in _with([word.removeprefix("before.")], other, "columns" in told)
            )
            (begins,) = _with([left], other, "columns" in told)
            found.append(AcrossYears(told["check"], told["table"], other, begins, terms))
    return tuple(found)


@cache
def quotients() -> tuple[Quotient, ...]:
    """Return every rate."""
    found = []
    for table, rates in _data()["rates"].items():
        for name, formula in rates.items():
            above, _, below = formula.partition(" / ")
            other, _, rest = below.rpartition("@")
            caveats = tuple(
                (caveat, _cells(table, causes[name]))
                for caveat, causes in _data()["caveats"].items()
                if name in causes
            )
            share = name not in _data()["no_share"]["names"].split()
            cells = _cells(table, above), other or table, _cells(other or table, rest)
            found.append(Quotient(name, table, *cells, share, caveats))
    return tuple(found)


def ended() -> Mapping[str, int]:
    """Return how names of kinds of bodies end that were ended, with their last year."""
    kinds: dict[str, int] = _data()["ended"]
    return kinds


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("statute.toml").read_text(encoding="utf-8"))


def _printed(told: Mapping[str, Any]) -> Printed:
    """Return a table of a form."""
    rows, own = told.get("rows", "").split(), tuple(told.get("own_columns", "").split())
    columns = (*told.get("columns", "").split(), *own)
    cells = [(row, column) for row in rows for column in columns]
    for line in told.get("cells", ()):
        some, _, theirs = line.partition(": ")
        cells += [(row, column) for row in some.split() for column in theirs.split()]
    equations = []
    for line in told.get("down", ()):
        name, left, right = _sides(line, rows)
        equations += [Equation(name, c, _with(left, c, True), _with(right, c, True)) for c in columns]
    for line in told.get("across", ()):
        name, left, right = _sides(line, list(columns))
        equations += [Equation(name, r, _with(left, r, False), _with(right, r, False)) for r in rows]
    return Printed(tuple(cells), own, tuple(equations))


def _with(names: Sequence[str], other: str, down: bool) -> tuple[Cell, ...]:
    """Return the cells of these rows in a column, or of these columns in a row."""
    return tuple((name, other) if down else (other, name) for name in names)


def _sides(line: str, known: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """Return name, left and right side of `name: a = b + c`."""
    name, _, equation = line.partition(": ")
    left, _, right = equation.partition(" = ")
    return name, _spread(left, known), _spread(right, known)


def _spread(sum_of: str, known: Sequence[str]) -> list[str]:
    """Return the names of a sum; `refused.*` is every known name that begins so."""
    found: list[str] = []
    for name in sum_of.split(" + "):
        begin = name.removesuffix("*")
        found += [name] if begin == name else [each for each in known if each.startswith(begin)]
    return found


def _signed(sum_of: str) -> Iterator[tuple[int, str]]:
    """Yield sign and name of each term of `a + b - c`."""
    sign = 1
    for word in sum_of.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            yield sign, word


def _cells(table: str, sum_of: str) -> tuple[Cell, ...]:
    """Return the cells of a sum of `row:column`; a row alone is its total."""
    rows = list(dict.fromkeys(row for row, _ in table_to_cells(table)))
    found: list[Cell] = []
    for word in sum_of.split(" + "):
        row, _, column = word.partition(":")
        of_row = column or ("count" if table == "statistics" else "total")
        found += [(each, of_row) for each in _spread(row, _newest(table, rows, row))]
    return tuple(found)


def _newest(table: str, rows: Sequence[str], row: str) -> Sequence[str]:
    """Return the rows among which a * is looked for: without those that stand for others' parts."""
    return [each for each in rows if not row_to_parts(table, each)] if "*" in row else rows
