"""tables/rates.toml → the definitions of the rates in panel_rates; no pandas here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.typed_toml import Strict, load_packaged


class FormCell(NamedTuple):
    """A number cell of a form, by keys of the vocabulary."""

    table: str
    item: str
    column: str


class _Entry(Strict, frozen=True):
    """A rate in rates.toml; cells by table, as item__column."""

    name: str
    title: str
    numerator: dict[str, tuple[str, ...]]
    denominator: dict[str, tuple[str, ...]]
    meaning: str
    caveat: str = ""


class _File(Strict, frozen=True):
    """What rates.toml holds."""

    series: dict[str, str]
    rates: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """Sum of the `numerator` cells over sum of the `denominator` cells.

    `table` is that of the numerator, whose report stands for the rate.
    """

    name: str
    title: str
    numerator: tuple[FormCell, ...]
    denominator: tuple[FormCell, ...]
    meaning: str
    caveat: str

    @property
    def table(self) -> str:
        """Return the table of the numerator."""
        return self.numerator[0].table

    @property
    def explanation(self) -> str:
        """Return title, formula, meaning and caveat in one line."""
        over = self.denominator[0].table
        formula = f"{_sum(self.numerator)} / {_sum(self.denominator)}"
        of = self.table if over == self.table else f"{self.table} over {over}"
        return " ".join(filter(None, [f"{self.title}: {formula} ({of}).", self.meaning, self.caveat]))


@cache
def rates() -> tuple[Rate, ...]:
    """Return every rate in the order of the file."""
    return tuple(_rate(entry) for entry in _data().rates)


@cache
def series_keys() -> Mapping[str, str]:
    """Return by check across years the row or column of the later report that a failure puts in doubt."""
    return _data().series


@cache
def _data() -> _File:
    return load_packaged("pipeline.tables", "rates.toml", _File)


def _rate(entry: _Entry) -> Rate:
    """Return the rate of an entry of rates.toml."""
    cells = _cells(entry.numerator), _cells(entry.denominator)
    return Rate(entry.name, entry.title, *cells, entry.meaning, entry.caveat)


def _cells(tables: Mapping[str, tuple[str, ...]]) -> tuple[FormCell, ...]:
    """Return the cells of an entry, which has item__column by table."""
    return tuple(FormCell(table, *name.split("__")) for table, names in tables.items() for name in names)


def _sum(cells: tuple[FormCell, ...]) -> str:
    """Return the cells as a sum in text."""
    names = [f"{cell.item}__{cell.column}" for cell in cells]
    return f"({' + '.join(names)})" if len(names) > 1 else names[0]
