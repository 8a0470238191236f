"""tables/rates.toml → the definitions of the rates in panel_rates; no pandas here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class FormCell(NamedTuple):
    """A number cell of a form, by keys of the vocabulary."""

    table: str
    item: str
    column: str


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
    return tuple(_rate(entry) for entry in _data()["rates"])


@cache
def series_keys() -> Mapping[str, str]:
    """Return by check across years the row or column of the later report that a failure puts in doubt."""
    keys: Mapping[str, str] = _data()["series"]
    return keys


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("pipeline.tables").joinpath("rates.toml").read_text(encoding="utf-8"))


def _rate(entry: Mapping[str, Any]) -> Rate:
    """Return the rate of an entry of rates.toml."""
    return Rate(
        entry["name"],
        entry["title"],
        _cells(entry["numerator"]),
        _cells(entry["denominator"]),
        entry["meaning"],
        entry.get("caveat", ""),
    )


def _cells(tables: Mapping[str, list[str]]) -> tuple[FormCell, ...]:
    """Return the cells of an entry, which has item__column by table."""
    return tuple(FormCell(table, *name.split("__")) for table, names in tables.items() for name in names)


def _sum(cells: tuple[FormCell, ...]) -> str:
    """Return the cells as a sum in text."""
    names = [f"{cell.item}__{cell.column}" for cell in cells]
    return f"({' + '.join(names)})" if len(names) > 1 else names[0]
