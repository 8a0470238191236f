"""Read a .docx: a walk of our own over its XML, for no library gives every cell as a person sees it.

The first reading goes over the tree and knows styles, lists and changes that are not settled
(`docx_lines.py`, `docx_tables.py`). The second is made of the events of another parser (`docx_events.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pipeline.extract.read.flow.aligned_rows import align_rows
from pipeline.extract.read.flow.blocks import (
    BODY_SCALE,
    FlowBlock,
    FlowCell,
    FlowDocument,
    FlowParagraph,
    FlowPicture,
    FlowTable,
)
from pipeline.extract.read.flow.docx_events import part_to_blocks
from pipeline.extract.read.flow.docx_lines import (
    STRUCK,
    LineReader,
    WordLine,
    WordPicture,
    WordPlace,
    alternate,
    join_lines,
)
from pipeline.extract.read.flow.docx_numbering import Numbering
from pipeline.extract.read.flow.docx_package import MC, Element, W, open_parts, picture_bytes, val
from pipeline.extract.read.flow.docx_styles import WordStyles
from pipeline.extract.read.flow.docx_tables import WordCell, WordContent, WordTable, table_to_grid
from pipeline.extract.read.flow.word_fields import FIELD, PICTURE
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

FIRST, SECOND = "docx", "expat"
"""The names of the two readers."""

WORD_CELLS_MAX = 200_000
"""Count. A document has no more cells; a report has some 300."""

_NESTED_MAX = 20
"""Count. So many tables stand in each other at most."""

_TABLE_IN_CELL_MIN_SIDE = 2
"""Count. A table in a cell with as many rows and columns is one of its own, and the outer one a layout."""

_PARTS_UNSEEN = frozenset(
    {W + name for name in ("sectPr", "sdtPr", "sdtEndPr", "tcPr", "customXmlPr", "del", "moveFrom")}
    | {MC + "Fallback"}
)  # fmt: skip

TOO_MANY_CELLS = "it has more than {limit} cells, as no report has: it is not read"
TOO_DEEP = "its tables or text boxes stand too deep in each other: it is not read"
ELSEWHERE = (
    "a part of it is another file within it ({kind}), which is not looked into: "
    "open it in Word and save it as PDF"
)
UNSURE = "\ufffd"
"""In place of the text of a cell that shows something else than text."""

INNER = "a table stands in it"


def file_to_flow(path: Path) -> FlowDocument:
    """Return the paragraphs and tables of a .docx as a person sees them.

    UnreadableError where it is no .docx, is encrypted, cut off, or beyond all bounds.
    """
    parts = open_parts(path)
    story = _Story(WordStyles(parts.styles), Numbering(parts.numbering))
    body = parts.document.find(W + "body")
    try:
        contents = [] if body is None else list(story.contents(body, WordPlace()))
        blocks = _with_scales(list(_to_blocks(contents)), path)
    except RecursionError as error:
        raise UnreadableError(Reason.UNOPENED, TOO_DEEP) from error
    losses = tuple(ELSEWHERE.format(kind=kind) for kind in dict.fromkeys(story.losses))
    if losses and not blocks:
        raise UnreadableError(Reason.NO_TEXT, losses[0])
    held = sum(isinstance(block, FlowPicture) for block in blocks)
    return FlowDocument(FIRST, blocks, parts.title, story.lines.pictures - held, losses)


def file_to_second_flow(path: Path) -> FlowDocument:
    """Return the same by another parser and a way of its own; UnreadableError where it does not read it."""
    return FlowDocument(SECOND, part_to_blocks(path))


class _Story:
    """The contents of a document in their order: `losses` are what stands in other files."""

    def __init__(self, styles: WordStyles, numbering: Numbering) -> None:
        self.lines = LineReader(styles, numbering)
        self.losses: list[str] = []
        self._tables = self._cells = self._depth = 0

    def contents(self, parent: Element, place: WordPlace) -> Iterator[WordContent]:
        """Yield the lines and grids that stand in an element."""
        for child in parent:
            tag = child.tag
            if tag == W + "p":
                yield from self._paragraph(child, place)
            elif tag == W + "tbl":
                yield self._table(child)
            elif tag == MC + "AlternateContent":
                yield from self.contents(alternate(child), place)
            elif tag in (W + "altChunk", W + "subDoc"):
                self.losses.append(tag[len(W) :])
            elif tag not in _PARTS_UNSEEN:
                yield from self.contents(child, place)

    def _paragraph(self, paragraph: Element, place: WordPlace) -> Iterator[WordContent]:
        """Yield a paragraph and what stands in its text boxes."""
        line, boxes = self.lines.read(paragraph, place)
        pictures = self.lines.shown
        yield line
        yield from pictures
        self.losses += ["subDoc"] * (paragraph.find(W + "subDoc") is not None)
        for content, doubt in boxes:
            for one in self.contents(content, WordPlace()):
                if doubt and isinstance(one, WordLine) and one.text.strip():
                    one = one._replace(doubts=(*one.doubts, doubt))
                yield one

    def _table(self, table: Element) -> WordTable:
        """Return a table; it is counted before those that stand in it."""
        self._tables += 1
        self._depth += 1
        if self._depth > _NESTED_MAX:
            raise UnreadableError(Reason.UNOPENED, TOO_DEEP)
        style = self.lines.styles.style(val(table.find(f"{W}tblPr/{W}tblStyle")), "table")
        grid = table_to_grid(table, self._tables, style, self._cell)
        self._depth -= 1
        return grid

    def _cell(self, cell: Element, place: WordPlace) -> Sequence[WordContent]:
        """Return what stands in a cell; UnreadableError where there are too many."""
        self._cells += 1
        if self._cells > WORD_CELLS_MAX:
            raise UnreadableError(Reason.UNOPENED, TOO_MANY_CELLS.format(limit=WORD_CELLS_MAX))
        return list(self.contents(cell, place))


# --------------------------------------------------------------- contents → blocks


def _to_blocks(contents: Sequence[WordContent]) -> Iterator[WordLine | FlowTable | WordPicture]:
    """Yield the lines, tables and pictures of a document; a table that only arranges others is none."""
    open_line: WordLine | None = None
    for one in contents:
        if isinstance(one, WordPicture):
            yield one
            continue
        if isinstance(one, WordLine):
            if one.is_contents:
                continue
            open_line = one if open_line is None else _joined(open_line, one)
            if not open_line.is_open:
                yield open_line
                open_line = None
            continue
        if open_line is not None:
            yield open_line
            open_line = None
        yield from _grid_to_blocks(one)
    if open_line is not None:
        yield open_line


def _joined(line: WordLine, below: WordLine) -> WordLine:
    """Return two paragraphs as one, for the end of the first is deleted or hidden."""
    return below._replace(text=line.text + below.text, doubts=(*line.doubts, *below.doubts))


def _grid_to_blocks(grid: WordTable) -> Iterator[WordLine | FlowTable | WordPicture]:
    """Yield a grid as a table and its pictures, or what stands in its cells where it only arranges it."""
    if _is_layout(grid):
        for cell in grid.cells:
            yield from _to_blocks(cell.contents)
        return
    yield FlowTable(grid.number, align_rows([*map(_to_flow_cell, grid.cells)]), grid.edges)
    yield from (one for cell in grid.cells for one in cell.contents if isinstance(one, WordPicture))


def _is_layout(grid: WordTable) -> bool:
    """Whether a grid is no table of its own: it has one column, or a cell of it holds a table."""
    columns = {(cell.col, cell.col_span) for cell in grid.cells}
    return len(columns) < _TABLE_IN_CELL_MIN_SIDE or any(
        isinstance(one, WordTable) and _is_table(one) for cell in grid.cells for one in cell.contents
    )


def _is_table(grid: WordTable) -> bool:
    """Whether a grid in a cell is a table of its own, or holds one, and not a number with a frame."""
    rows, columns = ({getattr(cell, side) for cell in grid.cells} for side in ("row", "col"))
    return min(len(rows), len(columns)) >= _TABLE_IN_CELL_MIN_SIDE or any(
        isinstance(one, WordTable) and _is_table(one) for cell in grid.cells for one in cell.contents
    )


def _to_flow_cell(cell: WordCell) -> FlowCell:
    """Return a cell with its text."""
    lines = list(_lines(cell.contents))
    text, doubts = join_lines(lines)
    inner = [one for one in cell.contents if isinstance(one, WordTable)]
    if any(len(one.cells) > 1 for one in inner) or len(inner) > 1:
        doubts.append(INNER)
    if not text and not {STRUCK, PICTURE, FIELD}.isdisjoint(doubts):
        text = UNSURE  # it is not blank
    words = "; ".join(dict.fromkeys([*cell.doubts, *doubts]))
    return FlowCell(cell.row, cell.col, cell.row_span, cell.col_span, text, words)


def _lines(contents: Sequence[WordContent]) -> Iterator[WordLine]:
    """Yield the lines of a cell, those of small tables in it too."""
    for one in contents:
        if isinstance(one, WordLine):
            yield one
        elif isinstance(one, WordTable):
            for cell in one.cells:
                yield from _lines(cell.contents)


def _with_scales(blocks: Sequence[WordLine | FlowTable | WordPicture], path: Path) -> tuple[FlowBlock, ...]:
    """Return the lines as paragraphs, without line feeds, whose text is so many times as large as most.

    Pictures that the file at `path` holds are loaded from it.
    """
    sizes = Counter[float]()
    for block in blocks:
        if isinstance(block, WordLine):
            sizes[block.size] += len(block.text.strip())
    usual = max(sizes, key=lambda size: sizes[size], default=BODY_SCALE)
    flow: list[FlowBlock] = []
    for block in blocks:
        if isinstance(block, WordLine):
            scale = round(block.size / usual, 2)
            flow += [FlowParagraph(text, scale) for text in block.text.split("\n") if text.strip()]
        elif isinstance(block, FlowTable):
            flow.append(block)
        elif block.link:
            flow.append(FlowPicture(block.number, partial(picture_bytes, path, block.link)))
    return tuple(flow)
