"""Put the paragraphs of a binary Word document together to paragraphs and tables.

The cells of a row follow each other as paragraphs with marks; the mark of the row says where each of its
cells begins and ends, and which are merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.extract.read.flow.aligned_rows import align_rows
from pipeline.extract.read.flow.blocks import BODY_SCALE, FlowBlock, FlowCell, FlowParagraph, FlowTable
from pipeline.extract.read.flow.set_text import WHITE, Font, Run, SetText, runs_to_seen
from pipeline.extract.read.flow.word_binary import TWIPS, CellShape, Letters, WordParagraph
from pipeline.extract.read.flow.word_fields import FIELD, PICTURE, TIGHT, lacks_result

_SAME_EDGE_MAX_DISTANCE = 30
"""Count. Of twentieths of a point. Edges that lie no farther apart are one; no column is as narrow."""

NO_SHAPE = "a row of table {number} does not say where its cells stand"
MERGED_TEXT = "a number stands in a cell that is merged away"

_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_FIELD_MARKS = re.compile(f"([{_FIELD}{_RESULT}{_FIELD_END}])")
_PICTURES = "\x01\x08"
_NOTE_MARKS = re.compile("[\x02-\x05]*")
"""What is special and shows no more than the mark of a note."""

_NO_TEXT = "\ufffd"
"""In place of the text of a cell that shows something else than text."""

_SHOWN = str.maketrans({"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": "", "\t": " "})
_THINGS = re.compile("[\x00-\x08\x0c\x0d\x10-\x1d]")
_DIGIT = re.compile("[0-9]")
_DIGITS = re.compile("[0-9０-９]")
_HEIGHTS = {1: "superscript", -1: "subscript", 0: ""}


@dataclass
class _Field:
    """A field that is being read: its code, whether its result has begun, which is shown, and has a text."""

    code: str = ""
    is_result: bool = False
    has_text: bool = False

    @property
    def is_formula(self) -> bool:
        """Whether its result is calculated."""
        return self.is_result and self.code.strip().startswith("=")


class _Shape(NamedTuple):
    """A cell of a row that was read: its shape, None where the row does not tell, and its text."""

    shape: CellShape | None
    text: SetText


@dataclass
class _Level:
    """A table that is being read: its finished rows, the finished cells of the row, the lines of the cell."""

    rows: list[list[_Shape]] = field(default_factory=list)
    cells: list[SetText] = field(default_factory=list)
    lines: list[SetText] = field(default_factory=list)

    def end_cell(self) -> None:
        """End the cell that is being read."""
        text = "\n".join(line.text for line in self.lines).strip("\n")
        doubts = dict.fromkeys(line.doubt for line in self.lines if line.doubt)
        if not text and any(thing in doubt for doubt in doubts for thing in (FIELD, PICTURE)):
            text = _NO_TEXT
        self.cells.append(SetText(text, "; ".join(doubts)))
        self.lines = []

    def end_row(self, shapes: Sequence[CellShape]) -> None:
        """End the row that is being read."""
        fits = len(shapes) == len(self.cells)
        self.rows.append([_Shape(shapes[at] if fits else None, text) for at, text in enumerate(self.cells)])
        self.cells, self.lines = [], []


@dataclass
class WordBlocks:
    """The blocks of a document, and what was met on the way.

    `pictures` counts pictures and drawings, `losses` says what could not be read, a sentence each. `results`
    are the stored results of formulas.
    """

    blocks: list[FlowBlock] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    pictures: int = 0
    results: list[str] = field(default_factory=list)
    _levels: list[_Level] = field(default_factory=list)
    _tables: int = 0
    _fields: list[_Field] = field(default_factory=list)
    _sizes: list[tuple[int, float]] = field(default_factory=list)

    def add(self, paragraphs: Iterable[WordParagraph]) -> None:
        """Add paragraphs, which end no table in their midst."""
        for paragraph in paragraphs:
            text = self._seen(paragraph.letters)
            self._close(paragraph.depth)
            if not paragraph.depth:
                self._add_paragraph(text, paragraph)
                continue
            while len(self._levels) < paragraph.depth:
                self._levels.append(_Level())
            level = self._levels[-1]
            if paragraph.row is not None:
                level.end_row(paragraph.row)
                continue
            level.lines.append(text)
            if paragraph.ends_cell:
                level.end_cell()
        self._close(0)

    def finished(self) -> tuple[FlowBlock, ...]:
        """Return the blocks; the size of paragraphs is told against that of most characters."""
        sizes: dict[float, int] = {}
        for length, size in self._sizes:
            sizes[size] = sizes.get(size, 0) + length
        body = max(sizes, key=sizes.__getitem__, default=0.0)
        own = iter(self._sizes)
        return tuple(
            block._replace(scale=_scale(next(own)[1], body)) if isinstance(block, FlowParagraph) else block
            for block in self.blocks
        )

    def _add_paragraph(self, text: SetText, paragraph: WordParagraph) -> None:
        """Add a paragraph outside of tables; each of its lines is one."""
        size = max((part.size for part in paragraph.letters), default=0.0)
        for line in text.text.splitlines():
            if line.strip():
                self.blocks.append(FlowParagraph(line.strip()))
                self._sizes.append((len(line), size))

    def _seen(self, letters: Sequence[Letters]) -> SetText:
        """Return what is seen of the characters of a paragraph; of a field that is its result."""
        runs, doubts = [], list[str]()
        for part in letters:
            if shown := self._shown(part, doubts):
                runs.append(Run(_THINGS.sub("", shown.translate(_SHOWN)), _font(part, shown)))
                doubts += [TIGHT] * (part.is_tight and bool(_DIGITS.search(shown)))
        seen = runs_to_seen(runs, Font(), WHITE)
        return seen._replace(doubt="; ".join(dict.fromkeys(filter(None, (seen.doubt, *doubts)))))

    def _shown(self, part: Letters, doubts: list[str]) -> str:
        """Return the characters of a part that are shown text.

        Others begin or end a field, say what it is to give, or stand for a picture. Where they may show a
        number, it is added to `doubts`.
        """
        kept = []
        for text in _FIELD_MARKS.split(part.text):
            if text == _FIELD:
                self._fields.append(_Field())
            elif text == _RESULT and self._fields:
                self._fields[-1].is_result = True
            elif text == _FIELD_END and self._fields:
                ended = self._fields.pop()
                is_shown = all(outer.is_result for outer in self._fields)
                is_bare = not ended.has_text and lacks_result(ended.code, is_empty=not ended.is_result)
                doubts += [FIELD] * (is_shown and is_bare)
            elif code := next((one for one in self._fields if not one.is_result), None):
                code.code += text
            elif part.is_special:
                self.pictures += sum(text.count(picture) for picture in _PICTURES)
                doubts += [PICTURE] * (not part.is_unseen and not _NOTE_MARKS.fullmatch(text))
            elif text:
                kept.append(text)
                for one in self._fields:
                    one.has_text = True
                if any(one.is_formula for one in self._fields):
                    self.results.append(text)
        return "".join(kept)

    def _close(self, depth: int) -> None:
        """End the tables that are deeper than this."""
        while len(self._levels) > depth:
            level = self._levels.pop()
            if level.lines:
                level.end_cell()
            if level.cells:  # the table ends within a row
                level.end_row(())
            self._tables += 1
            if any(cell.shape is None for row in level.rows for cell in row):
                self.losses.append(NO_SHAPE.format(number=self._tables))
            edges = _edges(cell.shape for row in level.rows for cell in row)
            points = tuple(edge / TWIPS for edge in edges)
            cells = align_rows([*_cells(level.rows, edges)])
            is_whole = all(cell.col + cell.col_span < len(edges) for cell in cells)
            self.blocks.append(FlowTable(self._tables, cells, points if is_whole else ()))


def _font(part: Letters, text: str) -> Font:
    """Return how a part is set. White words may stand on a dark ground, but a white number is hardly seen."""
    is_hidden = part.is_unseen or (part.is_white and bool(_DIGITS.search(text)))
    return Font(part.size, WHITE if is_hidden else "", part.is_struck, _HEIGHTS[part.raised])


def _scale(size: float, body: float) -> float:
    """Return a size, times that of the body."""
    return size / body if size and body else BODY_SCALE


# ---------------------------------------------------------------- rows → cells


def _cells(rows: Sequence[Sequence[_Shape]], edges: Sequence[int]) -> Iterator[FlowCell]:
    """Yield the cells of a table, in the order of its rows."""
    above: dict[int, int] = {}
    found: list[FlowCell] = []
    for number, row in enumerate(rows):
        begun: dict[int, int] = {}
        last = -1
        for at, (shape, text) in enumerate(row):
            col, end = (
                (at, at + 1) if shape is None else (_column(edges, shape.left), _column(edges, shape.right))
            )
            if shape is not None and shape.joins_left and last >= 0:
                found[last] = _joined(found[last], text)._replace(col_span=end - found[last].col)
                continue
            if shape is not None and shape.joins_above and col in above:
                last = above[col]
                found[last] = _joined(found[last], text)._replace(row_span=number + 1 - found[last].row)
            else:
                last = len(found)
                found.append(FlowCell(number, col, 1, max(end - col, 1), text.text, text.doubt))
            begun[col] = last
        above = begun
    yield from found


def _joined(cell: FlowCell, text: SetText) -> FlowCell:
    """Return a cell with another one merged into it, whose text nobody sees."""
    return cell._replace(doubt=cell.doubt or MERGED_TEXT) if _DIGIT.search(text.text) else cell


def _edges(shapes: Iterable[CellShape | None]) -> list[int]:
    """Return the edges of all columns, in twentieths of a point."""
    edges: list[int] = []
    for edge in sorted({edge for shape in shapes if shape for edge in (shape.left, shape.right)}):
        if not edges or edge - edges[-1] > _SAME_EDGE_MAX_DISTANCE:
            edges.append(edge)
    return edges


def _column(edges: Sequence[int], edge: int) -> int:
    """Return the number of the column that begins at an edge."""
    return max(at for at, begin in enumerate(edges) if begin <= edge)
