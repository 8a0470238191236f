"""The labels of every table over all forms, as they are looked for on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.forms import TableForm, load_forms
from pipeline.forms.phrase_files import load_units


@dataclass(frozen=True, slots=True)
class Labels:
    """The folded labels of one table over all forms; `groups` are rows that its header names.

    `years` is the label that stands for a year over a column; "" where no column counts one.
    """

    table: str
    forms: tuple[TableForm, ...]
    rows: frozenset[str]
    columns: frozenset[str]
    groups: frozenset[str]
    others: frozenset[str]
    years: str


@cache
def load_labels() -> tuple[Labels, ...]:
    """The labels of every table of the forms."""
    tables = dict.fromkeys(form.table for form in load_forms())
    return tuple(_table_labels(table, [f for f in load_forms() if f.table == table]) for table in tables)


def _table_labels(table: str, forms: Sequence[TableForm]) -> Labels:
    rows = frozenset[str]().union(*(label.folded for form in forms for label in form.rows))
    columns = frozenset[str]().union(*(label.folded for form in forms for label in form.columns))
    units = frozenset[str]().union(*(form.unit_labels for form in forms))
    in_header = forms[0].rows_in_header
    return Labels(
        table=table,
        forms=tuple(forms),
        rows=frozenset() if in_header else rows,
        columns=columns | units,
        groups=rows if in_header else frozenset(),
        others=frozenset[str]().union(*(form.ignored for form in forms)) - units,
        years=next((min(c.folded) for form in forms for c in form.columns if c.key == "count"), ""),
    )


@cache
def all_labels() -> tuple[str, ...]:
    """Every label, the longest first: 规范性文件 must not be found in 行政规范性文件."""
    parts = (part for t in load_labels() for part in (t.rows, t.columns, t.groups, t.others))
    return tuple(sorted(frozenset[str]().union(*parts), key=lambda label: (-len(label), label)))


@cache
def unit_names() -> frozenset[str]:
    """What a number may count: 件, 万元."""
    return frozenset(name for unit in load_units().values() for name in (*unit.names, *unit.multiples))
