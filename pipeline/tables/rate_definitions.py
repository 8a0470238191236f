"""tables/rates.toml → the definitions of the rates in panel_rates; no pandas here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

from pipeline.forms import load_forms
from pipeline.typed_toml import Strict, load_packaged

FAILED_SUMS, PROVEN_ZERO, BLANK_TABLE, OTHER_FORM = "failed_sums", "proven_zero", "blank_table", "other_form"
"""The caveats that each row earns by itself; the others stand with the rates that they are about."""


class FormCell(NamedTuple):
    """A number cell of a form, by keys of the vocabulary."""

    table: str
    item: str
    column: str


Cells = tuple[FormCell, ...]
_Named = dict[str, tuple[str, ...]]
"""Cells as the file has them: item__column by table."""


class _Entry(Strict, frozen=True):
    """A rate in rates.toml. `caveats` have the cells that bring them about; one without cells stands
    always."""

    name: str
    title: str
    english: str
    numerator: _Named
    denominator: _Named
    meaning: str
    note: str = ""
    source: str = ""
    caveats: dict[str, _Named] | None = None


class Caveat(Strict, frozen=True):
    """What can be said of a row: a few words in Chinese, and what they mean."""

    title: str
    meaning: str


class _Interval(Strict, frozen=True):
    """The confidence level of the intervals, a share of 1."""

    level: float


class _File(Strict, frozen=True):
    """What rates.toml holds."""

    interval: _Interval
    caveats: dict[str, Caveat]
    rates: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """Sum of the `numerator` cells over sum of the `denominator` cells.

    `table` is that of the numerator, whose report stands for the rate. `caveats` are pairs of a caveat and
    the cells of which one that is not known to be 0 brings it about; without cells it stands always.
    """

    name: str
    title: str
    english: str
    numerator: Cells
    denominator: Cells
    meaning: str
    note: str
    source: str
    caveats: tuple[tuple[str, Cells], ...]

    @property
    def table(self) -> str:
        """Return the table of the numerator."""
        return self.numerator[0].table

    @property
    def explanation(self) -> str:
        """Return titles, formula, meaning, note, source and why there is no interval in one line."""
        over = self.denominator[0].table
        formula = f"{_sum(self.numerator)} / {_sum(self.denominator)}"
        of = self.table if over == self.table else f"{self.table} over {over}"
        why = "" if is_part(self) else "No interval: what is above is no part of what is below."
        source = f"Source: {self.source}" if self.source else ""
        told = [f"{self.title} ({self.english}): {formula} ({of}).", self.meaning, self.note, why, source]
        return " ".join(filter(None, told))


@cache
def rates() -> tuple[Rate, ...]:
    """Return every rate in the order of the file."""
    return tuple(_rate(entry) for entry in _data().rates)


@cache
def caveats() -> Mapping[str, Caveat]:
    """Return what can be said of a row of panel_rates, in the order in which it is said."""
    return _data().caveats


@cache
def interval_level() -> float:
    """Return the confidence level of the intervals, a share of 1."""
    return _data().interval.level


@cache
def interval_width() -> float:
    """Return the standard deviations on both sides of the mean that hold this level of a normal
    distribution."""
    return NormalDist().inv_cdf((1 + interval_level()) / 2)


@cache
def is_part(rate: Rate) -> bool:
    """Return whether the form says that every cell above is part of what is below: then no rate exceeds 1,
    and the rate is so many of so many cases."""
    below = frozenset(rate.denominator)
    return all(cell in below or _is_part_of(cell, below) for cell in rate.numerator)


def _is_part_of(cell: FormCell, below: frozenset[FormCell]) -> bool:
    """Return whether an identity of a form has the cell on one side and nothing but these on the other."""
    sums = (total.weights for form in load_forms() if form.table == cell.table for total in form.sums)
    mine = ((weights, weights[cell[1:]]) for weights in sums if cell[1:] in weights)
    others = (
        [FormCell(cell.table, *pair) for pair in weights if weights[pair] * sign < 0]
        for weights, sign in mine
    )
    return any(below.issuperset(side) for side in others)


@cache
def _data() -> _File:
    return load_packaged("pipeline.tables", "rates.toml", _File)


def _rate(entry: _Entry) -> Rate:
    """Return the rate of an entry of rates.toml."""
    cells = _cells(entry.numerator), _cells(entry.denominator)
    told = tuple((name, _cells(cause)) for name, cause in (entry.caveats or {}).items())
    return Rate(entry.name, entry.title, entry.english, *cells, entry.meaning, entry.note, entry.source, told)


def _cells(tables: Mapping[str, tuple[str, ...]]) -> Cells:
    """Return the cells of an entry, which has item__column by table."""
    return tuple(FormCell(table, *name.split("__")) for table, names in tables.items() for name in names)


def _sum(cells: Cells) -> str:
    """Return the cells as a sum in text."""
    names = [f"{cell.item}__{cell.column}" for cell in cells]
    return f"({' + '.join(names)})" if len(names) > 1 else names[0]
