"""Doubt the rows of a table that have other columns than their header: whose are their numbers?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.read.flow.blocks import FlowCell

UNEVEN = "its row has other columns than its header"

_HEADER_MIN_CELLS = 2
"""Count. A row with fewer cells is a title or a note."""

_NUMBER = re.compile(r"[\s0-9０-９.,，%／/—–-]+")


def doubt_uneven(cells: Sequence[FlowCell]) -> tuple[FlowCell, ...]:
    """Return the cells of a table, those of rows doubted that have not as many columns as the header above.

    A cell too few or a span of another width moves all numbers behind it. Where no row is narrower than the
    table, nothing is wrong; nor where a row has the columns of its own header, of which both leave some out.
    """
    width = max((cell.col + cell.col_span for cell in cells if cell.text), default=0)
    covered = _covered(cells, width)
    if all(count == width for count in covered):
        return tuple(cells)
    uneven = frozenset(_uneven_rows(cells, covered, width))
    return tuple(
        cell._replace(doubt=f"{cell.doubt}; {UNEVEN}" if cell.doubt else UNEVEN)
        if cell.row in uneven
        else cell
        for cell in cells
    )


def _covered(cells: Sequence[FlowCell], width: int) -> list[int]:
    """Return how many columns of each row are covered by cells."""
    covered = [0] * max((cell.row + cell.row_span for cell in cells), default=0)
    for cell in cells:
        columns = max(0, min(cell.col + cell.col_span, width) - cell.col)
        for row in range(cell.row, cell.row + cell.row_span):
            covered[row] += columns
    return covered


def _uneven_rows(cells: Sequence[FlowCell], covered: Sequence[int], width: int) -> list[int]:
    """Return the rows with numbers that have not as many columns as every row of the header above them."""
    rows: dict[int, list[str]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell.text)
    header, uneven, is_header = {width}, [], False
    for row in sorted(rows):
        if any(map(_NUMBER.fullmatch, rows[row])):
            is_header = False
            if header != {covered[row]}:
                uneven.append(row)
        elif len(rows[row]) >= _HEADER_MIN_CELLS:
            header = header | {covered[row]} if is_header else {covered[row]}
            is_header = True
    return uneven
