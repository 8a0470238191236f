"""Set rows under their header that span other columns than it, cell for cell.

Editors leave columns of no width behind: the header's second cell spans one column and its third two, in the
rows below it is the other way round, and all edges are drawn in one line.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.read.flow.blocks import FlowCell
from pipeline.extract.read.flow.uneven_rows import NUMBER

_HEADER_MIN_TEXTS = 2
"""Count. A row with fewer texts names no columns."""


def align_rows(cells: Sequence[FlowCell]) -> tuple[FlowCell, ...]:
    """Return the cells of a table, those of such rows in the columns of their header.

    A row has as many cells as its header, begins and ends with it, and no cell of either reaches into another
    row. One with fewer cells stays: its number stands over several columns.
    """
    if not _are_spanned_otherwise(cells):
        return tuple(cells)
    rows: dict[int, list[FlowCell]] = {}
    for cell in sorted(cells):
        rows.setdefault(cell.row, []).append(cell)
    reached = {row for cell in cells for row in range(cell.row + 1, cell.row + cell.row_span)}
    header: Sequence[FlowCell] = ()
    aligned: list[FlowCell] = []
    for row, own in sorted(rows.items()):
        if row in reached or any(cell.row_span > 1 for cell in own):
            header = ()
        elif _names_columns(own):
            header = own
        elif _fits(own, header):
            own = [
                cell._replace(col=above.col, col_span=above.col_span)
                for cell, above in zip(own, header, strict=True)
            ]
        aligned += own
    return tuple(aligned)


def _are_spanned_otherwise(cells: Sequence[FlowCell]) -> bool:
    """Whether two rows have as many cells, begin and end alike, and part their columns otherwise."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for row, col, _, width, _, _ in cells:
        rows.setdefault(row, []).append((col, col + width))
    parted = set(map(tuple, rows.values()))
    return len({(len(row), row[0][0], row[-1][1]) for row in parted}) < len(parted)


def _names_columns(row: Sequence[FlowCell]) -> bool:
    """Whether a row is a header, or the title over one: it has no number, and not only a label."""
    texts = [cell.text for cell in row if cell.text]
    is_title = len(row) == 1
    return is_title or (len(texts) >= _HEADER_MIN_TEXTS and not any(map(NUMBER.fullmatch, texts)))


def _fits(row: Sequence[FlowCell], header: Sequence[FlowCell]) -> bool:
    """Whether the cells of a row are those of a header, one for one."""
    if len(row) != len(header) or not row:
        return False
    ends = [(cells[0].col, cells[-1].col + cells[-1].col_span) for cells in (row, header)]
    return ends[0] == ends[1]
