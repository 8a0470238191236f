"""Chinese titles of tables, columns and values, from titles.toml and from the labels of the form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from pipeline.tables.dictionary import PANELS, keys, panel_cells, panel_column
from pipeline.tables.rate_definitions import rates
from pipeline.typed_toml import Strict, load_packaged


class _File(Strict, frozen=True):
    """What titles.toml holds."""

    tables: dict[str, str]
    columns: dict[str, str]
    values: dict[str, dict[str, str]]


_DIGITS = re.compile(r"^\d+[.．、]")
_ORDINAL = re.compile(r"^(（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\d+[.．、])")
CHECKED = "checks.scope"


class ValueTitle(NamedTuple):
    """What a value is called. `table` is the form's table for its rows and columns, else empty."""

    column: str
    table: str
    value: str
    title: str


def table_to_title(table: str) -> str:
    """Return the Chinese title of a table, its own name if it has none."""
    return _titles().tables.get(table, table)


def column_to_title(table: str, column: str) -> str:
    """Return the Chinese title of a column, the same in every table; its own name if it has none."""
    return _panel_titles(table).get(column) or _titles().columns.get(column, column)


def column_to_english(column: str) -> str:
    """Return the English title of a column: the words of its name, row and column of a panel's cell apart."""
    return column.replace("__", ": ").replace("_", " ")


def value_to_title(column: str, value: str) -> str:
    """Return the Chinese title of a value of this column, in any table that has it; itself if it has none."""
    return _titles().values.get(column, {}).get(value, value)


def cell_to_title(table: str, item: str, column: str) -> str:
    """Return a number cell in the form's own words: row（column）."""
    return f"{keys(table, 'row')[item]}（{keys(table, 'column')[column]}）"


def cell_to_place(table: str, item: str, column: str) -> list[str]:
    """Return the labels of a row and a column, or of the scope of a check. What is no key stays as it is."""
    labels = {**keys(table, "column"), **keys(table, "row")}
    return [labels.get(key, key) for key in (item, column) if key]


@cache
def _panel_titles(panel: str) -> Mapping[str, str]:
    """Return the titles of a panel's columns; equal ones get the title of the row above them.

    None begins with a digit: SQL would take `1.属于国家秘密` for the number 1. with a name.
    """
    table = PANELS.get(panel, "")
    titles = {cell: _DIGITS.sub("", cell_to_title(table, *cell)) for cell in panel_cells(table)}
    shared = {title for title, count in Counter(titles.values()).items() if count > 1}
    return {
        panel_column(*cell): f"{_chapter(table, cell[0])}：{title}" if title in shared else title
        for cell, title in titles.items()
    }


def value_kind(table: str, column: str) -> str:
    """Return the `column` under which value_titles() has the values of a column, "" if they have none."""
    if (table, column) == ("checks", "scope"):
        return CHECKED
    return column if column in {each.column for each in value_titles()} else ""


@cache
def value_titles() -> tuple[ValueTitle, ...]:
    """Return the titles of all values that have one."""
    told = (ValueTitle(c, "", *pair) for c, named in _titles().values.items() for pair in named.items())
    named = (ValueTitle("rate", "", rate.name, rate.title) for rate in rates())
    return (*told, *named, *(title for table in PANELS.values() for title in _cell_titles(table)))


def _cell_titles(table: str) -> Iterator[ValueTitle]:
    """Yield the titles of a table's rows and columns, and of the scopes of its checks, which may be either:
    a row that is called like a column keeps its number there."""
    rows, columns = (_plain_labels(table, axis) for axis in ("row", "column"))
    both = {key: keys(table, "row")[key] if row in columns.values() else row for key, row in rows.items()}
    for kind, labels in (("item", rows), ("column", columns), (CHECKED, {**columns, **both})):
        yield from (ValueTitle(kind, table, key, title) for key, title in labels.items())


def _plain_labels(table: str, axis: str) -> dict[str, str]:
    """Return the labels without their numbers; equal ones get that of the row above them."""
    labels = {key: _ORDINAL.sub("", label) for key, label in keys(table, axis).items()}
    shared = {label for label, count in Counter(labels.values()).items() if count > 1}
    return {
        key: f"{labels[key.rpartition('.')[0]]}：{label}" if label in shared else label
        for key, label in labels.items()
    }


def _chapter(table: str, item: str) -> str:
    """Return the label of the row that this one is part of."""
    return keys(table, "row")[item.rpartition(".")[0]]


@cache
def _titles() -> _File:
    return load_packaged("pipeline.tables", "titles.toml", _File)
