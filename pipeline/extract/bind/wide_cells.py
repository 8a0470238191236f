"""Hold a table that was read without its rulings against the cells that are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

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


def _wide_numbers(tables: Iterable[RawTable]) -> Iterable[tuple[int, RawCell]]:
    """Yield the page and the cell of each number that is drawn over several columns of its grid."""
    for table in tables:
        for cell in () if table.inferred else table.cells:
            if cell.col_span > 1 and len(cell.text.split()) == 1 and looks_like_number(cell.text):
                yield table.page, cell


def _holds(box: Box, other: Box) -> bool:
    """Whether the middle of another box lies in a box."""
    x, y = (other.x0 + other.x1) / 2, (other.top + other.bottom) / 2
    return box.x0 < x < box.x1 and box.top < y < box.bottom


def _spread(cell: BoundCell, number: RawCell) -> BoundCell:
    """Return a cell as one of those that a number is printed over."""
    return cell._replace(text=number.text, box=number.box, match=SPANNING)
