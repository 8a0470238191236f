"""Read what the forms say, which is data: one TOML file for each generation of the form.

A new form is a new file in this folder; `docs/adding-a-form.md` shows one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from pipeline.errors import Error, TomlError
from pipeline.forms.labels import fold
from pipeline.typed_toml import Strict, bytes_to_table, table_to_typed

Words = tuple[str, ...]
CellKey = tuple[str, str]
"""(item, column): the keys of a row and of a column in the vocabulary."""


class FormError(Error, ValueError):
    """A form file that contradicts itself; the message names the file, the place and the remedy."""


class _Label(Strict, frozen=True):
    """A row or column as a form file has it."""

    key: str
    labels: Words
    unit: str = ""


class _Block(Strict, frozen=True):
    """Cells of these rows and columns, "*" for all; without a unit of their own they have their rows'."""

    rows: Words | Literal["*"]
    columns: Words | Literal["*"]
    unit: str | None = None


class Identity(Strict, frozen=True):
    """Σ weight × item = 0, tested once in every column (`across` is columns) or row (rows)."""

    name: str
    across: Literal["rows", "columns"]
    weights: dict[str, int]


class Sum(NamedTuple):
    """An identity in one column or row, whose key is `scope`: Σ weight × cell = 0."""

    name: str
    scope: str
    weights: Mapping[CellKey, int]


class _Table(Strict, frozen=True):
    """A table as a form file has it."""

    telling: Words
    rows: tuple[_Label, ...]
    columns: tuple[_Label, ...]
    cells: tuple[_Block, ...]
    headings: Words = ()
    ignored: Words = ()
    unit_labels: Words = ()
    strangers: Words = ()
    optional_columns: Words = ()
    rows_in_header: bool = False
    identities: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A row or column of a form: its key, its first label as printed, all its folded labels, and its unit."""

    key: str
    printed: str
    folded: frozenset[str]
    unit: str


@dataclass(frozen=True, slots=True)
class TableForm:
    """One table of one form.

    `units` has the unit of every number cell that the form prints. `headings`, `telling` labels (those that
    show which table it is), `ignored` texts, `unit_labels` and `strangers` (labels of other forms that look
    like one of this) are folded. `sums` has the identities column by column or row by row.
    """

    form: str
    table: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    units: Mapping[CellKey, str]
    optional_columns: frozenset[str]
    rows_in_header: bool
    headings: frozenset[str]
    telling: frozenset[str]
    ignored: frozenset[str]
    unit_labels: frozenset[str]
    strangers: frozenset[str]
    identities: tuple[Identity, ...]
    sums: tuple[Sum, ...]

    def expected(self, bound: Collection[CellKey] = ()) -> Iterator[CellKey]:
        """Yield every cell of a complete table, in the form's order.

        An optional column only if `bound` has it.
        """
        columns = {column for _, column in bound} | {c.key for c in self.columns} - self.optional_columns
        return (cell for cell in self.units if cell[1] in columns)


@cache
def load_forms() -> tuple[TableForm, ...]:
    """Return every table of every form, the newest form first."""
    names = sorted((f.name for f in files(__package__).iterdir() if f.name.startswith("fy")), reverse=True)
    return tuple(table for name in names for table in file_to_tables(name, _read(name)))


@cache
def tables_in_force(year: int) -> Mapping[str, str]:
    """Return the tables that reports on a fiscal year have to print, each with the form that it follows.

    The form fyNNNN is in force from fiscal year NNNN until the next one is; the first one also before.
    """
    forms = sorted({each.form for each in load_forms()})
    form = max((form for form in forms if form <= f"fy{year}"), default=forms[0])
    return {each.table: form for each in load_forms() if each.form == form}


def _read(name: str) -> dict[str, Any]:
    """Return what a form file says, as plain data."""
    return bytes_to_table(files(__package__).joinpath(name).read_bytes())


def file_to_tables(name: str, data: Mapping[str, Any]) -> list[TableForm]:
    """Return the tables of one form file; raise FormError where a key is undefined or misspelt."""
    found = ((table, entry) for table, entry in data.items() if isinstance(entry, dict))
    return [_table(f"forms/{name} [{table}]", data["form"], table, entry) for table, entry in found]


def _table(place: str, form: str, name: str, entry: object) -> TableForm:
    """Return one table of a form file."""
    try:
        table = table_to_typed(entry, _Table)
    except TomlError as error:
        raise FormError(f"{place}: {error}: mend it there, docs/adding-a-form.md shows how") from None
    _require_known(place, table)
    rows, columns = _labels(table.rows), _labels(table.columns)
    return TableForm(
        form=form,
        table=name,
        rows=rows,
        columns=columns,
        units=_units(table, rows, columns),
        optional_columns=frozenset(table.optional_columns),
        rows_in_header=table.rows_in_header,
        headings=_folded(table.headings),
        telling=_folded(table.telling),
        ignored=_folded(table.ignored),
        unit_labels=_folded(table.unit_labels),
        strangers=_folded(table.strangers),
        identities=table.identities,
        sums=tuple(_sums(table.identities, rows, columns)),
    )


def _sums(
    identities: Iterable[Identity], rows: tuple[Label, ...], columns: tuple[Label, ...]
) -> Iterator[Sum]:
    """Yield every identity in each of its columns or rows."""
    for each in identities:
        across_columns = each.across == "columns"
        for key in (label.key for label in (columns if across_columns else rows)):
            cells = ((item, key) if across_columns else (key, item) for item in each.weights)
            yield Sum(each.name, key, dict(zip(cells, each.weights.values(), strict=True)))


def _labels(entries: Iterable[_Label]) -> tuple[Label, ...]:
    """Return the labels of one axis."""
    return tuple(Label(e.key, e.labels[0], _folded(e.labels), e.unit) for e in entries)


def _folded(labels: Iterable[str]) -> frozenset[str]:
    """Return the labels folded."""
    return frozenset(fold(label) for label in labels)


def _units(table: _Table, rows: tuple[Label, ...], columns: tuple[Label, ...]) -> dict[CellKey, str]:
    """Return the unit of every cell, row by row: the unit of its block, or else that of its row."""
    units: dict[CellKey, str] = {}
    for row in rows:
        for block in (*table.cells, _Block("*", table.optional_columns)):
            if block.rows == "*" or row.key in block.rows:
                keys = [c.key for c in columns] if block.columns == "*" else block.columns
                unit = row.unit if block.unit is None else block.unit
                units.update({(row.key, key): unit for key in keys})
    return units


def _require_known(place: str, table: _Table) -> None:
    """Raise FormError where a key is used and no row or column has it."""
    known = {"rows": {r.key for r in table.rows}, "columns": {c.key for c in table.columns}}
    used = [("rows", key) for block in table.cells if block.rows != "*" for key in block.rows]
    used += [("columns", key) for block in table.cells if block.columns != "*" for key in block.columns]
    summed = {"columns": "rows", "rows": "columns"}
    used += [(summed[each.across], key) for each in table.identities for key in each.weights]
    used += [("columns", key) for key in table.optional_columns]
    unknown = sorted({f"{key} ({axis})" for axis, key in used if key not in known[axis]})
    if unknown:
        raise FormError(f"{place}: {', '.join(unknown)} used but not listed; add the label or fix the key")
