"""Index the labels of each table, brought together over the generations of the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from pipeline.forms import CellKey, Label, TableForm, load_forms
from pipeline.forms.labels import CACHED_LABELS_MAX, fold, plain

LABEL_MIN_SIMILARITY = 65.0
"""Ratio of rapidfuzz, 0 to 100. A misspelt label is at least so similar to the one it is taken for.

A test pins it: labels with one wrong character bind, and labels that are near to none are left over.
"""

LABEL_MIN_LEAD = 8.0
"""Points of that ratio. The label that is taken must be as much more similar than the next candidate.

A test pins it: of two labels that are nearly as similar, none is taken.
"""

PLACED_LABEL_MIN_SIMILARITY = 50.0
"""Ratio of rapidfuzz, 0 to 100. A header that is less like the label of a column is not bound by its place.

Taught by 统计表 with columns of their own: 占比, 备注, 核对数 beside 数量 were taken for 历年累计.
"""

LABEL_PIECE_MIN_CHARACTERS = 6
"""Count. A piece of a label is recognised as one from so many characters on.

Taught by headings that a page's end cuts.
"""

_SENTENCE = re.compile("[。；！？]")
_NUMERALS = frozenset("一二三四五六七八九")
_ASIDE = re.compile(r"(?<=.)\([^()]*\)")
_TORN_YEAR = re.compile(r"^\d{1,3}年度?(?:统计)?数?量?$")
YEAR_LABEL = re.compile(r"^20\d\d年度?(?:统计)?数?量?$")


@dataclass(frozen=True, slots=True)
class Axis:
    """The labels of the rows, or of the columns, of a table.

    `order` has the keys in the order of the form, `keys` the keys by folded label.
    """

    order: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]

    def exact(self, folded: str) -> tuple[str, ...]:
        """Return the keys that have this folded label.

        Several where the form prints a label more than once.
        """
        return self.keys.get(folded, ())

    def near(self, folded: str, candidates: Iterable[str]) -> str | None:
        """Return the one candidate key whose label is clearly the most similar; None where there is none."""
        allowed = frozenset(candidates)
        labels = [label for label, keys in self.keys.items() if allowed.intersection(keys)]
        found = process.extract(
            folded, labels, scorer=fuzz.ratio, score_cutoff=LABEL_MIN_SIMILARITY - LABEL_MIN_LEAD, limit=6
        )
        best: dict[str, float] = {}
        for label, score, _ in found:
            for key in allowed.intersection(self.keys[label]):
                best[key] = max(score, best.get(key, 0.0))
        ranked = sorted(best.items(), key=lambda entry: -entry[1])
        if not ranked or ranked[0][1] < LABEL_MIN_SIMILARITY:
            return None
        if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < LABEL_MIN_LEAD:
            return None
        return ranked[0][0]

    def may_name(self, folded: str, key: str) -> bool:
        """Whether a text may be what is left of a label of a key: a piece of it, or half like it."""
        labels = [label for label, keys in self.keys.items() if key in keys]
        return any(folded in label for label in labels) or bool(
            process.extractOne(folded, labels, scorer=fuzz.ratio, score_cutoff=PLACED_LABEL_MIN_SIMILARITY)
        )

    def similarity(self, folded: str) -> float:
        """Return the similarity to the nearest label of the axis: a ratio of rapidfuzz, 0 to 100."""
        found = process.extractOne(folded, list(self.keys), scorer=fuzz.ratio)
        return found[1] if found else 0.0


@dataclass(frozen=True, slots=True)
class FormLabels:
    """The labels and units of one table over all its forms; `forms` has the newest first.

    `labels` are those of its rows and columns, `printed` those and every other text of the forms, all folded.
    `row_labels` has those of the rows of each form. `counts_years` says that a year heads a column of it.
    `orders` has the columns of each row of each form, in their order, but for optional ones.
    """

    table: str
    forms: tuple[TableForm, ...]
    rows: Axis
    columns: Axis
    units: Mapping[CellKey, str]
    rows_in_header: bool
    ignored: frozenset[str]
    unit_labels: frozenset[str]
    strangers: frozenset[str]
    labels: frozenset[str]
    printed: frozenset[str]
    row_labels: Mapping[str, frozenset[str]]
    counts_years: bool
    orders: Mapping[str, Mapping[str, tuple[str, ...]]]

    def most_columns(self, item: str) -> int:
        """Return how many columns a row has in the form that has the most there; 0 where none has the row."""
        return max([len(order.get(item, ())) for order in self.orders.values()])

    def is_column(self, folded: str) -> bool:
        """Whether this folded label is one of a column, or a year that heads one."""
        return folded in self.columns.keys or (self.counts_years and self._is_year(folded))

    def column_keys(self, folded: str) -> tuple[str, ...]:
        """Return the column keys that have this folded label.

        A column headed by a year (2017年度) counts that year; 2017 alone could be a value.
        """
        return self.columns.exact(folded) or (("count",) if self._is_year(folded) else ())

    def _is_year(self, folded: str) -> bool:
        """Whether this folded label is a year that heads a column."""
        return folded.startswith("20") and self.counts_years and bool(YEAR_LABEL.match(folded))

    def may_name(self, folded: str, column: str) -> bool:
        """Whether a text may be what is left of a column's label, or of a year that heads it (201年度)."""
        return self.columns.may_name(folded, column) or bool(column == "count" and _TORN_YEAR.match(folded))

    def is_label(self, folded: str) -> bool:
        """Whether this folded label is one of a row or a column."""
        return folded in self.labels or self._is_year(folded)

    def is_of_header(self, folded: str) -> bool:
        """Whether a header prints this folded text: a column's label, a heading, or a row's that it names."""
        is_heading = folded in self.ignored or folded in self.unit_labels
        return is_heading or self.is_column(folded) or (self.rows_in_header and folded in self.rows.keys)

    def is_printed(self, folded: str) -> bool:
        """Whether the form prints this text, or it is a piece of a long text that a page's end cut."""
        if folded in self.printed or (self.counts_years and self._is_year(folded)):
            return True
        return len(folded) >= LABEL_PIECE_MIN_CHARACTERS and any(folded in label for label in self.ignored)


@cache
def load_form_labels() -> Mapping[str, FormLabels]:
    """Return the labels of every table, by its name."""
    tables = dict.fromkeys(form.table for form in load_forms())
    return {table: _forms_to_labels(table, [f for f in load_forms() if f.table == table]) for table in tables}


def _forms_to_labels(table: str, forms: Sequence[TableForm]) -> FormLabels:
    """Bring the labels of one table together over its forms."""
    rows, columns = _axis([form.rows for form in forms]), _axis([form.columns for form in forms])
    labels = frozenset(rows.keys).union(columns.keys)
    ignored = frozenset[str]().union(*(form.ignored | form.headings for form in forms))
    unit_labels = frozenset[str]().union(*(form.unit_labels for form in forms))
    return FormLabels(
        table=table,
        forms=tuple(forms),
        rows=rows,
        columns=columns,
        units={cell: unit for form in reversed(forms) for cell, unit in form.units.items()},
        rows_in_header=any(form.rows_in_header for form in forms),
        ignored=ignored,
        unit_labels=unit_labels,
        strangers=frozenset().union(*(form.strangers for form in forms)),
        labels=labels,
        printed=labels | ignored | unit_labels,
        row_labels={form.form: frozenset[str]().union(*(row.folded for row in form.rows)) for form in forms},
        counts_years="count" in columns.order,
        orders={form.form: _orders(form) for form in forms},
    )


def _orders(form: TableForm) -> dict[str, tuple[str, ...]]:
    """Return the columns of each row of a form, in their order, but for optional ones."""
    orders: dict[str, tuple[str, ...]] = {}
    for item, column in form.expected():
        orders[item] = (*orders.get(item, ()), column)
    return orders


def _axis(axes: Sequence[Sequence[Label]]) -> Axis:
    """Merge the labels of one axis over several forms, in one order."""
    order: list[str] = []
    keys: dict[str, tuple[str, ...]] = {}
    for labels in axes:
        at = 0
        for label in labels:
            if label.key in order:
                at = order.index(label.key) + 1
            else:
                order.insert(at, label.key)
                at += 1
            for folded in sorted(label.folded):
                if label.key not in keys.get(folded, ()):
                    keys[folded] = (*keys.get(folded, ()), label.key)
    return Axis(tuple(order), keys)


@cache
def known_labels() -> frozenset[str]:
    """Return every folded label that any table of any form prints."""
    return frozenset().union(*(form_labels.printed for form_labels in load_form_labels().values()))


@cache
def _characters(table: str) -> frozenset[str]:
    """Return every character of the labels of a table, and the numerals before them."""
    return frozenset("".join(load_form_labels()[table].printed)) | _NUMERALS


def is_of_labels(table: str, text: str) -> bool:
    """Whether a text may be a piece of a table's labels: no sentence, and every character is in one."""
    return not _SENTENCE.search(text) and _characters(table).issuperset(fold(text))


@lru_cache(maxsize=CACHED_LABELS_MAX)
def label_key(text: str) -> str:
    """Return `text` folded, and without what it adds in brackets where only that is a label of the forms.

    >>> label_key("专职人员数（不包括政府公报及政府网站工作人员数）")
    '专职人员数'
    """
    folded = fold(text)
    if folded in known_labels():
        return folded
    bare = fold(_ASIDE.sub("", "".join(plain(text).split())))
    return bare if bare in known_labels() else folded


@cache
def anchors() -> Mapping[str, str]:
    """Return the folded labels that only one table prints, with that table: they tell tables apart."""
    tables: dict[str, set[str]] = {}
    for form_labels in load_form_labels().values():
        for label in (*form_labels.rows.keys, *form_labels.columns.keys, *form_labels.ignored):
            tables.setdefault(label, set()).add(form_labels.table)
    generic = {fold(label) for label in ("其他", "其它", "数量", "单位", "合计", "总计", "小计", "总数")}
    return {label: min(names) for label, names in tables.items() if len(names) == 1 and label not in generic}
