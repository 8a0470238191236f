"""Tell where a table is printed anew: what stands there is of another report, and never fills a gap here."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.bind.label_index import FormLabels
from pipeline.extract.bind.rows import Fragment, fragments_to_rows
from pipeline.extract.bind.table import rows_to_bound_table
from pipeline.forms import CellKey

SAME_ROWS_MIN = 2
"""Count. A part of a table with as many rows of the parts before may be a second print of it.

One row may be the same that a page's end cut.
"""

SECOND_PRINT_MIN_SHARE = 0.5
"""Share of the rows of a part, and of its cells. More stand in the parts before too: it is a second print."""


def prints_to_first(fragments: Sequence[Fragment], form_labels: FormLabels) -> int:
    """Return how many of a table's fragments, in reading order, are of its first print."""
    if len(fragments) == 1:
        return 1
    rows: set[str] = set()
    for at, fragment in enumerate(fragments):
        own = _rows_of(fragment, form_labels)
        same = len(own & rows)
        may_be = same >= SAME_ROWS_MIN and same > SECOND_PRINT_MIN_SHARE * len(own)  # to bind it costs more
        if may_be and _is_printed_again(fragments[:at], fragment, form_labels):
            return at
        rows |= own
    return len(fragments)


def _rows_of(fragment: Fragment, form_labels: FormLabels) -> set[str]:
    """Return the rows of the form whose labels stand in a fragment, of labels that name one row alone."""
    keys = form_labels.rows.keys
    found = [keys[cell.folded] for row in fragment.rows for cell in row.printed if cell.folded in keys]
    return {each[0] for each in found if len(each) == 1}


def _is_printed_again(before: Sequence[Fragment], fragment: Fragment, form_labels: FormLabels) -> bool:
    """Whether a fragment has cells that the fragments before have too.

    A header that a page's end cut off from its numbers may stand on both pages.
    """
    first = _numbered_cells(before, form_labels)
    second = _numbered_cells([fragment], form_labels) if first else set[CellKey]()
    return len(first & second) > SECOND_PRINT_MIN_SHARE * len(second)


def _numbered_cells(fragments: Sequence[Fragment], form_labels: FormLabels) -> set[CellKey]:
    """Return the cells of the form that stand in fragments; none where nothing is printed in any."""
    bound = rows_to_bound_table(fragments_to_rows(fragments, form_labels), form_labels)
    if not bound or (form_labels.rows_in_header and not any(cell.text for cell in bound.cells)):
        return set()
    return {(cell.item, cell.column) for cell in bound.cells}
