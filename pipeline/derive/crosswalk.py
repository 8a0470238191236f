"""How the items of the forms correspond → the text of docs/crosswalk.md; no pandas here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from pipeline.forms import TableForm, load_forms
from pipeline.tables.dictionary import (
    keys,
    panel_cells,
    rows_to_markdown,
    sums,
    vocabulary,
)
from pipeline.tables.rate_definitions import FormCell, Rate, rates
from pipeline.typed_toml import Strict, load_packaged

NEWER = ("fy2019", "fy2021")
OLDER_TABLE = "statistics"


class UnmatchedKeys(Strict, frozen=True):
    """Row or column keys of a table that only one of the newer forms prints. `near` are pairs of similar
    keys, `why` says why they are not matched."""

    table: str
    keys: tuple[str, ...]
    near: tuple[tuple[str, str], ...]
    why: str


class OlderRows(Strict, frozen=True):
    """Rows of fy2014 and the most similar cells of the newer forms, as table.item__column."""

    items: tuple[str, ...]
    near: tuple[str, ...]
    why: str


class _File(Strict, frozen=True):
    """What crosswalk.toml holds."""

    intro: str
    apart: tuple[UnmatchedKeys, ...]
    older: tuple[OlderRows, ...]


def unmatched_keys() -> tuple[UnmatchedKeys, ...]:
    """Return the keys that are deliberately not matched."""
    return _data().apart


def older_rows() -> tuple[OlderRows, ...]:
    """Return the rows of the oldest form with their nearest cells."""
    return _data().older


def rate_to_forms(rate: Rate) -> list[str]:
    """Return the forms that print every cell of the rate's numerator, or the parts it is the sum of; the
    newest first."""
    forms = [form for form in load_forms() if form.table == rate.table]
    return [form.form for form in forms if all(_is_printed(cell, form) for cell in rate.numerator)]


def cell_to_parts(cell: FormCell) -> tuple[str, ...]:
    """Return the items whose sum replaces this one in a form that does not print it; mostly none."""
    return next((s.parts for s in sums() if (s.table, s.item) == (cell.table, cell.item)), ())


def to_markdown() -> str:
    """Return the text of docs/crosswalk.md."""
    parts = ["# Crosswalk of the forms", _data().intro]
    parts += ["## fy2019 and fy2021", *_newer_to_markdown()]
    parts += ["## fy2014 and the newer forms", _older_to_markdown()]
    parts += ["## Rates", "Which form a rate of panel_rates is computed for.", _rates_to_markdown()]
    return "\n\n".join(parts) + "\n"


@cache
def _data() -> _File:
    return load_packaged("pipeline.derive", "crosswalk.toml", _File)


def _is_printed(cell: FormCell, form: TableForm) -> bool:
    """Whether a form prints a cell or all its parts."""
    whole, parts = cell[1:] in form.units, cell_to_parts(cell)
    return whole or (bool(parts) and all((part, cell.column) in form.units for part in parts))


def _newer_to_markdown() -> Iterator[str]:
    """Yield the tables of the newer forms."""
    tables = dict.fromkeys(key.table for key in vocabulary() if set(key.templates) & set(NEWER))
    for table in tables:
        yield f"### {table}"
        yield rows_to_markdown(("item", "label", "one column for both", *NEWER), _items_to_rows(table))
        reasons = [each for each in unmatched_keys() if each.table == table]
        if reasons:
            yield rows_to_markdown(("left apart", "nearest", "why"), map(_apart_to_row, reasons))


def _items_to_rows(table: str) -> Iterator[tuple[str, ...]]:
    """Yield for each row of the table the columns that both newer forms print, and those that only one
    prints."""
    old, new = (_printed(table, form) for form in NEWER)
    for item, label in keys(table, "row").items():
        columns = [column for row, column in panel_cells(table) if row == item]
        groups = (old & new, old - new, new - old)
        shown = [[c for c in columns if (item, c) in group] for group in groups]
        yield (f"`{item}`", label, *(_columns(table, each) for each in shown))


def _printed(table: str, form: str) -> set[tuple[str, str]]:
    """Return the cells of a table that a form prints. If the form has no file for the table, those of the
    newest count."""
    named = {key.key for key in vocabulary() if key.table == table and form in key.templates}
    return {pair for pair in panel_cells(table) if set(pair) <= named and _in_form(table, form, pair)}


def _in_form(table: str, form: str, pair: tuple[str, str]) -> bool:
    """Whether a form prints this (item, column)."""
    own = [each for each in load_forms() if (each.table, each.form) == (table, form)]
    return all(pair in each.units for each in own)


def _columns(table: str, columns: list[str]) -> str:
    """Return the columns as text."""
    if len(columns) > 1 and set(columns) == set(keys(table, "column")):
        return f"all {len(columns)}"
    return ", ".join(f"`{column}`" for column in columns)


def _apart_to_row(each: UnmatchedKeys) -> tuple[str, ...]:
    """Return a line on keys that are not matched."""
    near = "; ".join(f"`{first}` ~ `{second}`" for first, second in each.near)
    return _coded(each.keys), near, each.why


def _older_to_markdown() -> str:
    """Return the table of the oldest form's rows."""
    labels = keys(OLDER_TABLE, "row")
    rows = [
        ("; ".join(f"`{item}` {labels[item]}" for item in each.items), _coded(each.near), each.why)
        for each in older_rows()
    ]
    return rows_to_markdown(("fy2014", "nearest", "what differs"), rows)


def _rates_to_markdown() -> str:
    """Return the table of rates by form."""
    forms = sorted({form.form for form in load_forms()})
    marked = [
        (f"`{rate.name}`", rate.title, *("yes" if form in rate_to_forms(rate) else "" for form in forms))
        for rate in rates()
    ]
    return rows_to_markdown(("rate", "名称", *forms), marked)


def _coded(names: Iterable[str]) -> str:
    """Return the names as code."""
    return ", ".join(f"`{name}`" for name in names)
