"""Doubt the rows of a table that have other columns than their header: whose are their numbers?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.read.flow.blocks import FlowCell

UNEVEN = "its row has other columns than its header"
RAGGED = "its row has other columns than the table: it may stand in another one"
WIDER = "its row has a blank cell more than others at its end: its numbers may be shifted"
SHIFTED = (UNEVEN, RAGGED)
"""What is said of the cells of a row that may all stand in other columns than they seem to."""

_HEADER_MIN_CELLS = 2
"""Count. A row with fewer cells is a title or a note."""

NUMBER = re.compile(r"[\s0-9０-９.,，%／/—–-]+")
"""What stands in a cell that is none of a header: a number, or a dash for none."""


def doubt_uneven(cells: Sequence[FlowCell]) -> tuple[FlowCell, ...]:
    """Return the cells of a table, those of rows doubted that have not as many columns as the header above.

    A cell too few or too many, or a span of another width, moves all numbers behind it. Where no row is
    narrower than the table, nothing is wrong; nor where a row has the columns of its own header, of which
    both leave some out. A cell too many may be a blank one behind the others.
    """
    width = max((cell.col + cell.col_span for cell in cells if cell.text), default=0)
    covered = _covered(cells, width)
    doubts = dict.fromkeys(_wider_rows(cells, width), WIDER)
    if any(count != width for count in covered):
        doubts |= dict.fromkeys(_uneven_rows(cells, covered, width), UNEVEN)
    if not doubts:
        return tuple(cells)
    return tuple(
        cell._replace(doubt="; ".join(filter(None, (cell.doubt, doubts[cell.row]))))
        if cell.row in doubts
        else cell
        for cell in cells
    )


def _covered(cells: Sequence[FlowCell], width: int) -> list[int]:
    """Return how many columns of each row are covered by cells."""
    covered = [0] * max((cell.row + cell.row_span for cell in cells), default=0)
    for first, col, rows, columns, _, _ in cells:
        for row in range(first, first + rows):
            covered[row] += max(0, min(columns, width - col))
    return covered


def _wider_rows(cells: Sequence[FlowCell], width: int) -> frozenset[int]:
    """Return the rows with numbers that have more blank cells behind the table's width than others have."""
    if all(cell.col + cell.col_span <= width for cell in cells):
        return frozenset()
    ends = {cell.row: 0 for cell in cells if NUMBER.fullmatch(cell.text)}
    for cell in cells:
        if cell.row in ends:
            ends[cell.row] = max(ends[cell.row], cell.col + cell.col_span, width)
    least = min(ends.values(), default=0)
    return frozenset(row for row, end in ends.items() if end > least)


def _uneven_rows(cells: Sequence[FlowCell], covered: Sequence[int], width: int) -> list[int]:
    """Return the rows with numbers that have not as many columns as every row of the header above them."""
    rows: dict[int, list[str]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell.text)
    header, uneven, is_header = {width}, [], False
    for row in sorted(rows):
        if any(map(NUMBER.fullmatch, rows[row])):
            is_header = False
            if header != {covered[row]}:
                uneven.append(row)
        elif len(rows[row]) >= _HEADER_MIN_CELLS and any(rows[row]):
            header = header | {covered[row]} if is_header else {covered[row]}
            is_header = True
    return uneven
