"""Hold a table that was read without its rulings against the cells that are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.extract.bind.header import HEADER_EDGE_TOLERANCE
from pipeline.extract.bind.rows import looks_like_number
from pipeline.records import SPANNING, BoundCell, BoundTable, Box, RawCell, RawTable


def with_drawn_numbers(bound: BoundTable, tables: Iterable[RawTable]) -> BoundTable:
    """Return a table with each number that is drawn in one cell over several of its cells in all of them.

    `tables` are grids as drawn. Where other rows of a grid have more cells side by side, a number in a wide
    cell belongs to no single column, wherever its digits stand.
    """
    cells, leftovers = list(bound.cells), list(bound.leftovers)
    for page, number in _wide_numbers(tables):
        inside = [at for at, cell in enumerate(cells) if cell.page == page and _holds(number.box, cell.box)]
        if len(inside) > 1:
            for at in inside:
                cells[at] = _spread(cells[at], number)
            leftovers = [left for left in leftovers if left.page != page or not _holds(number.box, left.box)]
    return replace(bound, cells=tuple(cells), leftovers=tuple(leftovers))


def _wide_numbers(tables: Iterable[RawTable]) -> Iterator[tuple[int, RawCell]]:
    """Yield the page and the cell of each number that is drawn over several columns of its grid.

    The columns may be drawn in the part of the grid on the page before.
    """
    last, edges = None, frozenset[float]()
    for table in tables:
        own = frozenset(edge for cell in table.cells for edge in (cell.left, cell.right))
        edges = own | edges if last and _goes_on(last, table) else own
        last = table
        for cell in () if table.inferred else table.cells:
            if len(cell.text.split()) == 1 and looks_like_number(cell.text) and _is_crossed(cell, edges):
                yield table.page, cell


def _goes_on(last: RawTable, table: RawTable) -> bool:
    """Whether a grid may be the next part of one on the page before: as wide, and in the same place."""
    ends = ((last.box.x0, table.box.x0), (last.box.x1, table.box.x1))
    return table.page == last.page + 1 and all(abs(a - b) < HEADER_EDGE_TOLERANCE for a, b in ends)


def _is_crossed(cell: RawCell, edges: Iterable[float]) -> bool:
    """Whether the edge of a column of its grid lies inside a cell."""
    left, right = cell.left + HEADER_EDGE_TOLERANCE, cell.right - HEADER_EDGE_TOLERANCE
    return any(left < edge < right for edge in edges)


def _holds(box: Box, other: Box) -> bool:
    """Whether the middle of another box lies in a box."""
    x, y = (other.x0 + other.x1) / 2, (other.top + other.bottom) / 2
    return box.x0 < x < box.x1 and box.top < y < box.bottom


def _spread(cell: BoundCell, number: RawCell) -> BoundCell:
    """Return a cell as one of those that a number is printed over."""
    return cell._replace(text=number.text, box=number.box, match=SPANNING)
