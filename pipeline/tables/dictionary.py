"""forms/dictionary.toml and forms/vocabulary.csv → what every exported table and column means; no pandas
here."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pipeline.forms import load_forms
from pipeline.tables.rate_definitions import rates
from pipeline.typed_toml import Strict, load_packaged

STORED = ("observations", "checks", "sections", "leftovers", "reports")
"""The tables that are kept from run to run; reports, the register of what is known, comes last."""

PROSE = ("terms", "similarity", "claims")
"""The tables made of the prose of all reports, anew in every run that changes anything."""

PANELS = {
    "panel_applications": "applications",
    "panel_active_disclosure": "active_disclosure",
    "panel_review_litigation": "review_litigation",
    "panel_statistics": "statistics",
}
"""The panels, and the form's table that each has one column per cell of."""

DERIVED = ("panel_nulls", "panel_rates", "coverage", "revisions", "backlog")
"""The tables made of all others for comparison, anew in every run that changes anything."""

REMARK = (
    'The CSV files are UTF-8 with BOM. An empty cell is null, a quoted empty text (`""`) is an empty text. '
    "A text that a spreadsheet might take for a formula has `'` before it, in CSV only, not in Parquet."
)


class Column(Strict, frozen=True):
    """One exported column; `null` says whether a cell may be empty."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    null: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One exported table; `key` are the columns that no two rows share, empty where rows may repeat."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class VocabularyKey:
    """A line of the vocabulary: a row or column of a form's table. `templates` are the forms that have it."""

    templates: tuple[str, ...]
    table: str
    axis: str
    key: str
    label: str
    unit: str
    note: str


class ItemSum(Strict, frozen=True):
    """An item of an older form that a newer form prints as several `parts`."""

    table: str
    item: str
    parts: tuple[str, ...]


class _Told(Strict, frozen=True):
    """A table in dictionary.toml."""

    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


class _Panels(Strict, frozen=True):
    """What all panels have in common."""

    meaning: str
    columns: tuple[Column, ...]
    sums: tuple[ItemSum, ...]


class _File(Strict, frozen=True):
    """What dictionary.toml holds; `values` are the meanings of texts by table and column."""

    tables: dict[str, _Told]
    panels: _Panels
    values: dict[str, dict[str, dict[str, str]]]


class DictionaryEntry(NamedTuple):
    """One line of the data dictionary."""

    table: str
    column: str
    type: str
    unit: str
    meaning: str


def dictionary() -> list[DictionaryEntry]:
    """Return every exported column of every table, in the order of the files."""
    return [
        DictionaryEntry(t.name, c.name, c.type, c.unit, c.meaning)
        for t in tables().values()
        for c in t.columns
    ]


@cache
def tables() -> Mapping[str, Table]:
    """Return every exported table by name, in order: stored ones, those of prose, panels, other derived
    ones."""
    told, derived = map(_told_table, (*STORED, *PROSE)), map(_told_table, DERIVED)
    return {table.name: table for table in [*told, *map(_panel_table, PANELS), *derived]}


@cache
def vocabulary() -> tuple[VocabularyKey, ...]:
    """Return the keys of forms/vocabulary.csv in its order."""
    lines = files("pipeline.forms").joinpath("vocabulary.csv").read_text(encoding="utf-8").splitlines()
    return tuple(
        VocabularyKey(tuple(templates.split("+")), *rest) for templates, *rest in list(csv.reader(lines))[1:]
    )


@cache
def keys(table: str, axis: str) -> Mapping[str, str]:
    """Return the row or column keys of a table in the vocabulary's order, each with its first label."""
    labels: dict[str, str] = {}
    for key in vocabulary():
        if (key.table, key.axis) == (table, axis):
            labels.setdefault(key.key, key.label)
    return labels


@cache
def cells() -> Mapping[tuple[str, str, str], str]:
    """Return the unit of every (table, item, column) that a form prints, the newest form first."""
    units: dict[tuple[str, str, str], str] = {}
    for form in load_forms():
        for (item, column), unit in form.units.items():
            units.setdefault((form.table, item, column), unit)
    return units


@cache
def panel_cells(table: str) -> tuple[tuple[str, str], ...]:
    """Return the (item, column) of a panel's columns, in the vocabulary's order; `table` is the form's
    table."""
    pairs = ((item, column) for item in keys(table, "row") for column in keys(table, "column"))
    return tuple(pair for pair in pairs if (table, *pair) in cells())


def panel_column(item: str, column: str) -> str:
    """Return the name of a panel's column for an (item, column)."""
    return f"{item}__{column}".replace(".", "_")


@cache
def sums() -> tuple[ItemSum, ...]:
    """Return the items that a panel fills with the sum of others where the form prints only these."""
    return _data().panels.sums


@cache
def values(table: str, column: str) -> Mapping[str, str]:
    """Return the texts that a column may hold, with their meanings; empty if any text is allowed."""
    if (table, column) == ("panel_rates", "rate"):
        return {rate.name: rate.explanation for rate in rates()}
    return _data().values.get("panels" if table in PANELS else table, {}).get(column, {})


def coded_values(table: str, column: str) -> Mapping[str, str]:
    """Return the texts that a column may hold with their meanings, in the order of the dictionary; {} if any
    text is allowed.

    A column that repeats one of `reports` may hold the same. Of the form's keys only its tables are here.
    """
    if column == "table":
        return {name: f"The cells that are side by side in {panel}." for panel, name in PANELS.items()}
    repeated = column in ("admin_level", "region_match") or (column == "scope" and table in PANELS)
    return values("reports" if repeated else table, column)


def closed_values(table: str, column: str) -> tuple[str, ...]:
    """Return the texts that a column may hold, those of the form too: rows, columns, forms and chapters.

    () if any text is allowed.
    """
    if column in ("item", "column"):
        axis = "row" if column == "item" else "column"
        return tuple(dict.fromkeys(key.key for key in vocabulary() if key.axis == axis))
    if column == "template":
        return tuple(sorted({template for key in vocabulary() for template in key.templates}))
    if column == "section":
        return tuple(values("sections", column))
    return tuple(coded_values(table, column))


def to_markdown() -> str:
    """Return the data dictionary as the text of docs/data-dictionary.md."""
    parts = ["# Data dictionary", "Made from the data in pipeline/forms; change that, not this file.", REMARK]
    for name in (*STORED, *PROSE):
        parts += _table_to_markdown(tables()[name])
    parts += _panels_to_markdown()
    for name in DERIVED:
        parts += _table_to_markdown(tables()[name])
    return "\n\n".join([*parts, *_vocabulary_to_markdown()]) + "\n"


@cache
def _data() -> _File:
    return load_packaged("pipeline.forms", "dictionary.toml", _File)


def _told_table(name: str) -> Table:
    """Return a table that dictionary.toml describes column by column."""
    told = _data().tables[name]
    return Table(name, told.meaning, told.key, told.columns)


def _panel_table(name: str) -> Table:
    """Return a panel: its fixed columns, and one for each cell of the form."""
    panels, table = _data().panels, PANELS[name]
    spread = [_panel_column_entry(table, item, column) for item, column in panel_cells(table)]
    return Table(name, panels.meaning, ("agency_id", "fiscal_year"), (*panels.columns, *spread))


def _panel_column_entry(table: str, item: str, column: str) -> Column:
    meaning = f"{keys(table, 'row')[item]} · {keys(table, 'column')[column]}"
    parts = next((s.parts for s in sums() if (s.table, s.item) == (table, item)), ())
    if parts:
        summed = ", ".join(panel_column(part, column) for part in parts)
        meaning += f"; or, where the form splits it, the sum of {summed}"
    return Column(panel_column(item, column), "float64", meaning, cells()[table, item, column], null=True)


def _table_to_markdown(table: Table) -> list[str]:
    key = [f"No two rows share {', '.join(f'`{k}`' for k in table.key)}."] if table.key else []
    allowed = [
        _values_to_markdown(column.name, values(table.name, column.name))
        for column in table.columns
        if values(table.name, column.name)
    ]
    meaning = " ".join([table.meaning, *key])
    return [f"## {table.name}", meaning, _columns_to_markdown(table.columns), *allowed]


def _values_to_markdown(column: str, allowed: Mapping[str, str]) -> str:
    return f"`{column}` is one of:\n\n{rows_to_markdown(('value', 'meaning'), _coded(allowed.items()))}"


def _columns_to_markdown(columns: Iterable[Column]) -> str:
    rows = [(f"`{c.name}`", c.type + (", null" if c.null else ""), c.unit, c.meaning) for c in columns]
    return rows_to_markdown(("column", "type", "unit", "meaning"), rows)


def _panels_to_markdown() -> list[str]:
    panels = [tables()[name] for name in PANELS]
    head = len(_data().panels.columns)
    parts = _table_to_markdown(replace(panels[0], name="Panels", columns=panels[0].columns[:head]))
    for panel in panels:
        parts += [f"### {panel.name}", _columns_to_markdown(panel.columns[head:])]
    return parts


def _vocabulary_to_markdown() -> list[str]:
    parts = ["## Vocabulary", "The keys of rows (`item`) and columns (`column`) and their labels."]
    for table in dict.fromkeys(key.table for key in vocabulary()):
        rows = [
            (k.axis, f"`{k.key}`", k.label, k.unit, ", ".join(k.templates), k.note)
            for k in vocabulary()
            if k.table == table
        ]
        parts += [f"### {table}", rows_to_markdown(("axis", "key", "label", "unit", "forms", "note"), rows)]
    return parts


def _coded(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs whose first text is marked as code."""
    return [(f"`{first}`", second) for first, second in pairs]


def rows_to_markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
