"""Bind raw tables to the forms: every number cell gets the keys of the form, or is listed as left over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from pipeline.extract.bind.label_index import is_of_labels, known_labels, label_key, load_form_labels
from pipeline.extract.bind.mentions import is_printed, pages_to_mentions
from pipeline.extract.bind.prints import prints_to_first
from pipeline.extract.bind.rows import (
    Fragment,
    fragments_to_rows,
    holds_number,
    looks_like_number,
    tables_to_fragments,
)
from pipeline.extract.bind.table import (
    EXTRA_ROW,
    OWN_LEFTOVERS,
    SECOND_PRINT,
    SPARE_COLUMN,
    rows_to_bound_table,
)
from pipeline.extract.bind.wide_cells import with_drawn_numbers
from pipeline.records import BoundTable, Leftover, RawTable, Spot

__all__ = [
    "EXTRA_ROW",
    "OWN_LEFTOVERS",
    "SECOND_PRINT",
    "SPARE_COLUMN",
    "holds_number",
    "is_heading",
    "is_label",
    "is_of_labels",
    "is_printed",
    "is_row",
    "looks_like_number",
    "pages_to_mentions",
    "raw_to_bound",
    "with_drawn_numbers",
]


BOUND_CELLS_MIN_SHARE = 0.05
"""Share of a table's cells. A grid that fills fewer only happens to have a label of that table.

At 0.1 the small piece of a table that a page's end left is lost.
"""


def raw_to_bound(
    tables: Sequence[RawTable], wanted: Collection[str] = ()
) -> tuple[list[BoundTable], list[Leftover]]:
    """Return the tables of the forms, in their order, and the cells of grids that are no such table.

    Where names of tables are `wanted`, the others are not bound.
    """
    found, unknown = tables_to_fragments(tables)
    bound: list[BoundTable] = []
    leftovers = _leftovers(unknown, "a table of no known form")
    for table, form_labels in load_form_labels().items():
        fragments = found.get(table)
        if not fragments or (wanted and table not in wanted):
            continue
        once = prints_to_first(fragments, form_labels)
        result = rows_to_bound_table(fragments_to_rows(fragments[:once], form_labels), form_labels)
        if result and len(result.cells) >= BOUND_CELLS_MIN_SHARE * (len(result.cells) + len(result.missing)):
            regions = tuple((fragment.page, fragment.box) for fragment in fragments)
            bound.append(_with_second_print(replace(result, regions=regions), fragments[once:]))
        else:
            leftovers += _leftovers(fragments, f"looks like {table}, but hardly a cell of it could be named")
    return bound, leftovers


def _with_second_print(table: BoundTable, again: Sequence[Fragment]) -> BoundTable:
    """Return a table with what a second print of it holds left over: it may be of another report."""
    if not again:
        return table
    left = [replace(one, table=table.table) for one in _leftovers(again, SECOND_PRINT)]
    return replace(table, leftovers=(*table.leftovers, *left), again=Spot(again[0].page, again[0].box.top))


def is_label(text: str) -> bool:
    """Whether a form prints this text in one of its tables."""
    return label_key(text) in known_labels()


def is_row(table: str, label: str) -> bool:
    """Whether this is a whole row label of the table, not only a piece of one."""
    return bool(load_form_labels()[table].rows.exact(label_key(label)))


def is_heading(table: str, label: str) -> bool:
    """Whether a form prints this label as a heading over rows; another form may have it as a row label."""
    return label_key(label) in load_form_labels()[table].ignored


def _leftovers(fragments: Iterable[Fragment], reason: str) -> list[Leftover]:
    """Return every cell with text as left over for this reason."""
    return [
        Leftover("", cell.page, cell.text, cell.box, reason)
        for fragment in fragments
        for row in fragment.rows
        for cell in row.printed
    ]
