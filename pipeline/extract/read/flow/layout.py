"""Lay a document without pages out on one long page, so that it is bound and parted like any other.

Pictures in it are left out. The places are made up: they keep the order of the text, and which cells stand in
one row or column. No table has them; there a cell is named by its place in the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.extract.read.flow.blocks import (
    FlowBlock,
    FlowCell,
    FlowDocument,
    FlowParagraph,
    FlowPicture,
    FlowTable,
)
from pipeline.records import Box, RawCell, RawDocument, RawTable, TextLine, bounding_box

PAGE = 1
"""Count. The number of the one page."""

_LEFT, _RIGHT = 72.0, 523.0
"""Points. The edges of the text column and of every table."""

_EM = 12.0
"""Points. The height of the body's text, and the width of one of its characters."""

_ROW_HEIGHT = 2 * _EM
"""Points. The height of a row of a table."""

_TABLE_GAP = _EM
"""Points. Between two tables without a text between them: they may be one, which a program cut."""

_PARAGRAPH_GAP = 3 * _EM
"""Points. Between two paragraphs: lines that are as far apart are never joined."""

_HEAD_GAP = _EM / 2
"""Points. Between two short lines at the head: they may be one title, in two paragraphs."""

_HEAD_MAX_CHARACTERS = 30
"""Count. A line of a title has no more characters; what comes below a longer one is no title."""

_LETTERS = 26
"""Count. Of the letters by which spreadsheets name columns."""

_SENTENCE_END = ("。", "；", "：")

TextBlock = FlowParagraph | FlowTable
"""What of a document is laid out."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A document on its page: `places` name the cells of the source by page and box, `doubts` say why the
    text of one may not be what a person sees."""

    raw: RawDocument
    places: Mapping[tuple[int, Box], str] = field(default_factory=dict)
    doubts: Mapping[tuple[int, Box], str] = field(default_factory=dict)


def lay_out(flow: FlowDocument, page: int = PAGE) -> LaidOut:
    """Return the document on one page of this number, in points."""
    tables, lines, places, doubts = [], [], {}, {}
    scale = _scale(flow.blocks)
    above: TextBlock | None = None
    end = 0.0
    for block, top in _with_tops(text_blocks(flow.blocks)):
        cut, above, end = _goes_on(above, block), block, top + _height(block)
        if isinstance(block, FlowParagraph):
            lines.append(TextLine(page, block.text, _line_box(block, top)))
            continue
        boxes = _cell_boxes(block, top, scale)
        cells = tuple(
            [RawCell(*c[:5], box.x0, box.x1, box) for c, box in zip(block.cells, boxes, strict=True)]
        )
        tables.append(RawTable(page, flow.reader, cells, bounding_box(boxes), cut=cut))
        for cell, box in zip(block.cells, boxes, strict=True):
            places[page, box] = _place(block, cell)
            if cell.doubt:
                doubts[page, box] = cell.doubt
    raw = RawDocument(
        flow.reader, ((_LEFT + _RIGHT, end + _PARAGRAPH_GAP),), (0,), tuple(tables), tuple(lines)
    )
    return LaidOut(raw, places, doubts)


def text_blocks(blocks: Iterable[FlowBlock]) -> list[TextBlock]:
    """Return the blocks that have a cell or a text: no pictures."""
    return [block for block in blocks if not isinstance(block, FlowPicture) and _shows(block)]


def _place(table: FlowTable, cell: FlowCell) -> str:
    """Return the words for the place of a cell: of a sheet as spreadsheets have it (C14)."""
    if table.sheet:
        return f"sheet {table.sheet}, {_letters(cell.col)}{cell.row + 1}"
    return f"table {table.number}, row {cell.row + 1}, column {cell.col + 1}"


def _letters(col: int) -> str:
    """Return the letters by which spreadsheets name a column: A, B, … Z, AA."""
    before, last = divmod(col, _LETTERS)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _with_tops(blocks: Sequence[TextBlock]) -> Iterator[tuple[TextBlock, float]]:
    """Yield the blocks, each with its top on the page."""
    top = _PARAGRAPH_GAP
    above: TextBlock | None = None
    in_head = True
    for block in blocks:
        in_head = in_head and _is_head(block)
        if above is not None:
            top += _height(above) + (_HEAD_GAP if in_head else _gap(above, block))
        yield block, top
        above = block


def _shows(block: TextBlock) -> bool:
    """Whether a block has a cell or a text."""
    return bool(block.text.strip()) if isinstance(block, FlowParagraph) else bool(block.cells)


def _height(block: TextBlock) -> float:
    """Return the height of a block in points."""
    if isinstance(block, FlowParagraph):
        return block.scale * _EM
    return _ROW_HEIGHT * (max(cell.row + cell.row_span for cell in block.cells) - _first_row(block))


def _first_row(table: FlowTable) -> int:
    """Return the row in which a table begins; of a sheet it is seldom the first."""
    return min(cell.row for cell in table.cells)


def _is_head(block: TextBlock) -> bool:
    """Whether a block may be a line of a title: short, and no sentence."""
    return (
        isinstance(block, FlowParagraph)
        and len(block.text) <= _HEAD_MAX_CHARACTERS
        and not block.text.rstrip().endswith(_SENTENCE_END)
    )


def _gap(block: TextBlock, below: TextBlock) -> float:
    """Return the gap between two blocks in points."""
    return _TABLE_GAP if _goes_on(block, below) else _PARAGRAPH_GAP


def _goes_on(block: TextBlock | None, below: TextBlock) -> bool:
    """Whether two blocks may be one table that a program cut: their columns stand below each other."""
    if not (isinstance(block, FlowTable) and isinstance(below, FlowTable)):
        return False
    return bool(block.edges and below.edges) or _columns(block) == _columns(below)


def _line_box(paragraph: FlowParagraph, top: float) -> Box:
    """Return the box of a paragraph, as one line in the middle of the text column."""
    width = min(_RIGHT - _LEFT, len(paragraph.text) * paragraph.scale * _EM)
    left = (_LEFT + _RIGHT - width) / 2
    return Box(left, top, left + width, top + paragraph.scale * _EM)


def _columns(table: FlowTable) -> int:
    """Return how many columns a table has."""
    return max(cell.col + cell.col_span for cell in table.cells)


def _scale(blocks: Iterable[FlowBlock]) -> float:
    """Return how many times as wide tables are here as in their source; the widest fills the text column."""
    widths = [
        block.edges[-1] - block.edges[0] for block in blocks if isinstance(block, FlowTable) and block.edges
    ]
    return (_RIGHT - _LEFT) / max(widths, default=_RIGHT - _LEFT)


def _cell_boxes(table: FlowTable, top: float, scale: float) -> list[Box]:
    """Return the boxes of the cells of a table that begins at `top`."""
    top -= _ROW_HEIGHT * _first_row(table)
    edges = [_LEFT + (edge - table.edges[0]) * scale for edge in table.edges]
    if not edges:
        columns = _columns(table)
        edges = [_LEFT + column * (_RIGHT - _LEFT) / columns for column in range(columns + 1)]
    return [
        Box(edges[col], top + row * _ROW_HEIGHT, edges[col + width], top + (row + height) * _ROW_HEIGHT)
        for row, col, height, width, _, _ in table.cells
    ]
