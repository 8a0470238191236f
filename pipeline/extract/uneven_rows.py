"""Rows of a table without pages that are not as wide as the header above them.

Their numbers may stand one column off: a cell that is left out, or a wrong span, moves all cells behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.extract.bind import looks_like_number
from pipeline.records import Box, RawCell, RawTable

UNEVEN = "its row is not as wide as the header above it: its numbers may stand one column off"

HEADER_MIN_TEXTS = 2
"""Count. A row with as many texts and no number is a header; a row with fewer is a title within the table."""


class _Width(NamedTuple):
    """How a row fills its table: the column behind its last cell, and how many places before it have none."""

    end: int
    gaps: int


def table_to_uneven(table: RawTable) -> Iterator[Box]:
    """Yield the boxes of the cells that stand in rows which are not as wide as their header, or have gaps."""
    header: _Width | None = None
    for row, reaching in enumerate(_rows(table)):
        width = _width(reaching)
        own = [cell for cell in reaching if cell.row == row]
        texts = [cell.text for cell in own if cell.text]
        if not any(map(looks_like_number, texts)):
            header = width if len(texts) >= HEADER_MIN_TEXTS else header
        elif width != (header or width) or width.gaps:
            yield from (cell.box for cell in own)


def _rows(table: RawTable) -> list[list[RawCell]]:
    """Return for each row of a table the cells that stand in it or reach down into it."""
    rows: list[list[RawCell]] = [[] for _ in range(max(cell.row + cell.row_span for cell in table.cells))]
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            rows[row].append(cell)
    return rows


def _width(cells: list[RawCell]) -> _Width:
    """Return how these cells fill their row."""
    end = max((cell.col + cell.col_span for cell in cells), default=0)
    return _Width(end, end - sum(cell.col_span for cell in cells))
