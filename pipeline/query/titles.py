"""Chinese titles of tables and columns, from titles.toml and, for panels, from the labels of the form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

from pipeline.tables.dictionary import PANELS, keys, panel_cells, panel_column
from pipeline.typed_toml import Strict, load_packaged


class _File(Strict, frozen=True):
    """What titles.toml holds."""

    tables: dict[str, str]
    columns: dict[str, str]


def table_to_title(table: str) -> str:
    """Return the Chinese title of a table, its own name if it has none."""
    return _titles().tables.get(table, table)


def column_to_title(table: str, column: str) -> str:
    """Return the Chinese title of a column, the same in every table; its own name if it has none."""
    return _panel_titles(table).get(column) or _titles().columns.get(column, column)


def cell_to_title(table: str, item: str, column: str) -> str:
    """Return a number cell in the form's own words: row（column）."""
    return f"{keys(table, 'row')[item]}（{keys(table, 'column')[column]}）"


def cell_to_place(table: str, item: str, column: str) -> list[str]:
    """Return the labels of a row and a column, or of the scope of a check. What is no key stays as it is."""
    labels = {**keys(table, "column"), **keys(table, "row")}
    return [labels.get(key, key) for key in (item, column) if key]


@cache
def _panel_titles(panel: str) -> Mapping[str, str]:
    """Return the titles of a panel's columns; equal ones get the title of the row above them."""
    table = PANELS.get(panel, "")
    titles = {cell: cell_to_title(table, *cell) for cell in panel_cells(table)}
    shared = {title for title, count in Counter(titles.values()).items() if count > 1}
    return {
        panel_column(*cell): f"{_chapter(table, cell[0])}：{title}" if title in shared else title
        for cell, title in titles.items()
    }


def _chapter(table: str, item: str) -> str:
    """Return the label of the row that this one is part of."""
    return keys(table, "row")[item.rpartition(".")[0]]


@cache
def _titles() -> _File:
    return load_packaged("pipeline.query", "titles.toml", _File)
