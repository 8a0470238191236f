"""The labels of every table, brought together over all forms, as they are looked for on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.forms import TableForm, load_forms
from pipeline.forms.phrase_files import load_units


@dataclass(frozen=True, slots=True)
class Labels:
    """The folded labels of one table over all forms.

    `spanning` are labels of rows that stand in the header, over the columns. `others` are headings and
    whatever else the forms print. `years` is the label of the column that counts a year, for it may be headed
    by the year itself (2017年度); "" where no column does.
    """

    table: str
    forms: tuple[TableForm, ...]
    rows: frozenset[str]
    columns: frozenset[str]
    spanning: frozenset[str]
    others: frozenset[str]
    years: str


@cache
def load_labels() -> tuple[Labels, ...]:
    """Return the labels of every table of the forms."""
    tables = dict.fromkeys(form.table for form in load_forms())
    return tuple(_table_labels(table, [f for f in load_forms() if f.table == table]) for table in tables)


def _table_labels(table: str, forms: Sequence[TableForm]) -> Labels:
    """Bring the labels of one table together over its forms."""
    rows = frozenset[str]().union(*(label.folded for form in forms for label in form.rows))
    columns = frozenset[str]().union(*(label.folded for form in forms for label in form.columns))
    units = frozenset[str]().union(*(form.unit_labels for form in forms))
    in_header = forms[0].rows_in_header
    return Labels(
        table=table,
        forms=tuple(forms),
        rows=frozenset() if in_header else rows,
        columns=columns | units,
        spanning=rows if in_header else frozenset(),
        others=frozenset[str]().union(*(form.ignored for form in forms)) - units,
        years=next((min(c.folded) for form in forms for c in form.columns if c.key == "count"), ""),
    )


@cache
def all_labels() -> tuple[str, ...]:
    """Return every label, the longest first: 规范性文件 must not be found inside of 行政规范性文件."""
    parts = (part for t in load_labels() for part in (t.rows, t.columns, t.spanning, t.others))
    return tuple(sorted(frozenset[str]().union(*parts), key=lambda label: (-len(label), label)))


@cache
def label_characters() -> Mapping[str, frozenset[str]]:
    """Return the characters of every label, the longest label first."""
    return {label: frozenset(label) for label in all_labels()}


@cache
def unit_names() -> frozenset[str]:
    """Return what a number may count: 件, 万元."""
    return frozenset(name for unit in load_units().values() for name in (*unit.names, *unit.multiples))
