"""Put the cells of a web page's table into rows and columns, as a browser does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.errors import Error
from pipeline.extract.read.flow.blocks import FlowCell

GRID_MAX_COLUMNS = 4096
"""Count. A table with more columns is no report's; of each a browser remembers a thousand for one cell."""

_PLAIN_MAX_COLUMNS = 64
"""Count. In a wider table columns in which no cell begins are left out: a span of 1000 makes a thousand."""

OVERLAP = "another cell of the table lies over it"


@dataclass(slots=True)
class SpannedCell:
    """A cell before it has its place: its spans as the source has them, of rows 0 for all that follow.

    One that is a filler has no width.
    """

    row_span: int
    col_span: int
    text: str
    doubt: str
    is_filler: bool = False


@dataclass(slots=True)
class SpannedRow:
    """A row; one that is collapsed takes its place and is not seen."""

    cells: list[SpannedCell] = field(default_factory=list)
    is_collapsed: bool = False


class TooWideError(Error):
    """A table with more than GRID_MAX_COLUMNS columns."""


def sections_to_cells(sections: Sequence[Sequence[SpannedRow]]) -> tuple[FlowCell, ...]:
    """Return the cells of a table with their places; spans end with their section of rows.

    A cell that would lie over another ends before it, and both are doubted. TooWideError where there are
    too many columns.
    """
    cells: list[FlowCell] = []
    top = 0
    for rows in sections:
        cells += _section_to_cells(rows, top)
        top += len(rows)
    collapsed = [at for at, row in enumerate(row for rows in sections for row in rows) if row.is_collapsed]
    return tuple(_without_empty_columns(_without_rows(cells, collapsed) if collapsed else cells))


def _section_to_cells(rows: Sequence[SpannedRow], top: int) -> list[FlowCell]:
    """Return the cells of one section, whose first row is `top`."""
    taken: list[int] = []  # by column, the row before which it is taken
    owners: list[int] = []  # by column, which of the cells takes it
    cells: list[FlowCell] = []
    for at, row in enumerate(rows):
        col = 0
        for cell in _without_fillers(row.cells):
            while col < len(taken) and taken[col] > at:
                col += 1
            end = col + cell.col_span
            doubt = cell.doubt
            for other in range(col + 1, min(end, len(taken))) if end > col + 1 else ():
                if taken[other] > at:
                    end, doubt = other, _with(doubt, OVERLAP)
                    under = cells[owners[other]]
                    cells[owners[other]] = under._replace(doubt=_with(under.doubt, OVERLAP))
                    break
            if end > len(taken):
                if end > GRID_MAX_COLUMNS:
                    raise TooWideError
                taken += [0] * (end - len(taken))
                owners += [0] * (end - len(owners))
            height = cell.row_span
            if height != 1:
                height = min(height or len(rows), len(rows) - at)
            for covered in range(col, end):
                taken[covered], owners[covered] = at + height, len(cells)
            cells.append(FlowCell(top + at, col, height, end - col, cell.text, doubt))
            col = end
    return cells


def _without_fillers(cells: Sequence[SpannedCell]) -> Sequence[SpannedCell]:
    """Return the cells of a row without the blank ones at its end to which word processors give no width."""
    kept = len(cells)
    while kept and cells[kept - 1].is_filler and not cells[kept - 1].text:
        kept -= 1
    return cells[:kept]


def _with(doubt: str, other: str) -> str:
    """Return two doubts in one."""
    return doubt if other in doubt else f"{doubt}; {other}" if doubt else other


def _without_rows(cells: Sequence[FlowCell], collapsed: Sequence[int]) -> list[FlowCell]:
    """Return the cells without rows that are not seen."""
    gone = frozenset(collapsed)
    last = max(cell.row + cell.row_span for cell in cells) if cells else 0
    above = [0]
    for row in range(last):
        above.append(above[-1] + (row not in gone))
    placed = (
        cell._replace(row=above[cell.row], row_span=above[cell.row + cell.row_span] - above[cell.row])
        for cell in cells
    )
    return [cell for cell in placed if cell.row_span]


def _without_empty_columns(cells: Sequence[FlowCell]) -> Sequence[FlowCell]:
    """Return the cells without the columns at the right end, or of a wide table all, in which none begins."""
    if not cells:
        return cells
    begins = {cell.col for cell in cells}
    width = max(cell.col + cell.col_span for cell in cells)
    if width == max(begins) + 1:
        return cells
    kept = begins if width > _PLAIN_MAX_COLUMNS else range(max(begins) + 1)
    left = [0]
    for col in range(width):
        left.append(left[-1] + (col in kept))
    return [
        cell._replace(col=left[cell.col], col_span=left[cell.col + cell.col_span] - left[cell.col])
        for cell in cells
    ]
