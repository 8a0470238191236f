"""Find a cell that a page's end left alone: a number in a box as wide as the grid on the page before.

A box around other text is a frame and no table.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.read.grid import CELL_EDGES_MAX_DISTANCE, PageContent
from pipeline.extract.read.rulings import shapes_to_grids
from pipeline.records import Box, RawTable, TextLine

LINES_ABOVE_MAX = 2
"""Count. No more lines of a page's header stand above what goes on from the page before."""

_VALUE = frozenset("0123456789０１２３４５６７８９.,-—–/／无零〇")


def find_lone_cell(
    page: PageContent, lines: Sequence[TextLine], tables: Sequence[RawTable], before: RawTable | None
) -> Box | None:
    """Return the box of a number at the head of a page that is as wide as the grid `before`; else None.

    `lines` and `tables` are those of the page. All is in points on the page as turned for reading.
    """
    if before is None or before.inferred or before.page != page.number - 1:
        return None
    to_reading = page.orientation.to_reading
    top = min((to_reading(table.box).top for table in tables), default=float("inf"))
    head = sorted(lines, key=lambda line: line.box.top)[: LINES_ABOVE_MAX + 1]
    numbers = [line.box for line in head if line.box.bottom < top and _VALUE.issuperset(line.text)]
    if not numbers:
        return None
    alone = [boxes[0] for boxes in shapes_to_grids(page.find_shapes()) if len(boxes) == 1]
    grid = to_reading(before.box)
    wide = [box for box in alone if _is_as_wide(box, grid)]
    return next((box for box in wide for number in numbers if _holds(box, number)), None)


def _is_as_wide(box: Box, other: Box) -> bool:
    """Whether two boxes have the same edges to the left and to the right."""
    apart = max(abs(box.x0 - other.x0), abs(box.x1 - other.x1))
    return apart <= CELL_EDGES_MAX_DISTANCE


def _holds(box: Box, inner: Box) -> bool:
    """Whether another box lies in a box."""
    return box.x0 < inner.x0 and inner.x1 < box.x1 and box.top < inner.bottom and inner.top < box.bottom
