"""Bind: raw tables → tables whose every number cell carries the form's keys, or is left over and listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.extract.bind.label_index import label_key, load_form_labels
from pipeline.extract.bind.mentions import is_printed, pages_to_mentions
from pipeline.extract.bind.rows import Fragment, fragments_to_rows, holds_number, tables_to_fragments
from pipeline.extract.bind.table import EXTRA_ROW, rows_to_bound_table
from pipeline.records import BoundTable, Leftover, RawTable

__all__ = [
    "EXTRA_ROW",
    "holds_number",
    "is_heading",
    "is_printed",
    "is_row",
    "pages_to_mentions",
    "raw_to_bound",
]


BOUND_CELLS_MIN_SHARE = 0.05
"""A grid that fills a smaller share of a table's cells only happens to use a label of it."""


def raw_to_bound(tables: Sequence[RawTable]) -> tuple[list[BoundTable], list[Leftover]]:
    """The tables of the forms in the order of the forms, and the cells of grids that are no such table."""
    found, unknown = tables_to_fragments(tables)
    bound: list[BoundTable] = []
    leftovers = _leftovers(unknown, "a table of no known form")
    for table, form_labels in load_form_labels().items():
        fragments = found.get(table)
        if not fragments:
            continue
        result = rows_to_bound_table(fragments_to_rows(fragments, form_labels), form_labels)
        if result and len(result.cells) >= BOUND_CELLS_MIN_SHARE * (len(result.cells) + len(result.missing)):
            regions = tuple((fragment.page, fragment.box) for fragment in fragments)
            bound.append(replace(result, regions=regions))
        else:
            leftovers += _leftovers(fragments, f"looks like {table}, but hardly a cell of it could be named")
    return bound, leftovers


def is_row(table: str, label: str) -> bool:
    """Whether a form prints this label, and no mere piece of one, before a row of the table."""
    return bool(load_form_labels()[table].rows.exact(label_key(label)))


def is_heading(table: str, label: str) -> bool:
    """Whether a form prints this label over rows of the table, be it a row in another."""
    return label_key(label) in load_form_labels()[table].ignored


def _leftovers(fragments: Iterable[Fragment], reason: str) -> list[Leftover]:
    return [
        Leftover("", cell.page, cell.text, cell.box, reason)
        for fragment in fragments
        for row in fragment.rows
        for cell in row.cells
        if cell.starts and cell.text
    ]
