"""The text of a page or of a cell while it is read, and why it may not be what a person sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.extract.read.flow.html_look import PLAIN
from pipeline.extract.read.flow.html_page import PageBlock, PageParagraph, is_picture
from pipeline.extract.read.flow.html_spans import SpannedCell, SpannedRow
from pipeline.extract.read.flow.html_text import LOST

SMALL_MAX_RATIO = 0.75
"""Times the larger size. Digits that are smaller than others of their cell are a mark, or another number."""

BREAK, RAISED_BEGIN, RAISED_END, GAP = "\x00", "\x01", "\x02", "\x03"
"""Stand in a text for the end of a line, the begin and the end of a raised text, and what is not shown."""

NO_TEXT = "\ufffc"
"""Stands in a cell for what is seen there and is no text: with it no number is known."""

_WORD = re.compile(r"[^\W\d_]")
DRAWN_SIGN = "\x04"
"""Stands in a text for what is drawn or written by a script."""

_RAISED_TEXT = re.compile(f"{RAISED_BEGIN}([^{RAISED_END}]*){RAISED_END}")
DIGIT = re.compile(r"[0-9０-９〇零一二三四五六七八九十]")

HIDDEN = "a number stands in it that is not shown: {}"
STRUCK = "a number in it is struck out: {}"
RAISED = "a raised or lowered mark stands by it: {}"
MOVED = "a style puts a part of it elsewhere"
TURNED = "a style puts its characters in another order"
ODD = "a style may hide a part of it, or set its digits over each other"
SIZES = "some of its digits are much smaller than others"
PALE = "its text has the colour of the page"
ADDED = "a style adds to its text"
DRAWN_DOUBT = "what stands in it is no text: a picture, a script or a frame"
NESTED = "a table stands in it"
DAMAGED = "characters of it are damaged"
CHOICE = "a choice among several stands in it"


class Flowing:
    """A stretch of text that flows: the page's own, or that of a cell."""

    __slots__ = ("blocks", "holder", "linked", "moved", "movers", "notes", "pale", "pieces", "size", "sizes")

    def __init__(self, holder: int) -> None:
        self.blocks: list[PageBlock] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.holder = holder
        self.size = 0.0
        self.sizes: set[float] = set()
        self.notes: dict[str, str] = {}
        self.moved: list[tuple[int, str]] = []
        self.movers = 0
        self.pale: list[str] = []

    def move(self, text: str, *, is_apart: bool) -> None:
        """Remember a text with digits that a style moves, `is_apart` without what stands beside it."""
        self.movers += is_apart  # counts the beginnings and ends of what is moved
        self.moved.append((self.movers, text))

    def note(self, doubt: str, text: str = "") -> None:
        """Remember why the text may not be what is seen; `text` is what stands there instead."""
        before = self.notes.get(doubt, "")
        self.notes[doubt] = f"{before} {text.strip()}".strip()

    def end_paragraph(self, *, is_heading: bool = False) -> None:
        """End the paragraph that is being read."""
        pieces = self.pieces
        text = "".join(pieces) if len(pieces) > 1 else pieces[0]
        pieces.clear()
        if text.isspace() or not (text := self._seen(text)):
            self.linked = 0
            return
        self.blocks.append(PageParagraph(text, self.size or PLAIN.size, self.linked, self.holder, is_heading))
        self.size = 0.0
        self.linked = 0

    def _seen(self, whole: str) -> str:
        """Return a text with its blanks joined, without raised marks."""
        if DRAWN_SIGN in whole:
            self.note(DRAWN_DOUBT)
            whole = whole.replace(DRAWN_SIGN, GAP)
        if RAISED_BEGIN in whole:
            whole = self._without_marks(whole)
        if GAP in whole:
            whole = whole.replace(GAP, " ")
        if BREAK not in whole:
            return " ".join(whole.split())
        lines = (" ".join(line.split()) for line in whole.split(BREAK))
        return "\n".join(line for line in lines if line)

    def _without_marks(self, text: str) -> str:
        """Return a text without raised marks beside digits; what is raised elsewhere is a part of it."""
        level = _RAISED_TEXT.sub("", text)
        if not DIGIT.search(level):
            raised = "".join(_RAISED_TEXT.findall(text))
            if DIGIT.search(raised):
                self.note(RAISED, raised)
                return _RAISED_TEXT.sub("" if level.strip() else r"\1", text)
            return _RAISED_TEXT.sub(r"\1", text)
        marks = [mark.strip() for mark in _RAISED_TEXT.findall(text) if mark.strip()]
        if marks:
            self.note(RAISED, " ".join(marks))
        return _RAISED_TEXT.sub(GAP, text)

    def finish(self, cell: SpannedCell, *, keep_pale: bool) -> None:
        """Give a cell the text, and say in words why it may not be what is seen.

        Text in the colour of the page is kept, with `keep_pale`, where it is all that the cell has: a style
        sheet that nobody has may say what is behind it.
        """
        cell.text = "\n".join(self.lines())
        notes = [doubt.format(text) for doubt, text in self.notes.items()]
        if self.pale:
            pale = " ".join(" ".join(self.pale).split())
            cell.text = cell.text or (pale if keep_pale else "")
            notes += [PALE] if DIGIT.search(pale) else []
        if self.moved and self._is_moved_apart(cell.text):
            notes.append(MOVED)
        if self.sizes and min(self.sizes) < SMALL_MAX_RATIO * max(self.sizes):
            notes.append(SIZES)
        if LOST in cell.text:
            notes.append(DAMAGED)
        if self.notes.keys() & {ADDED, CHOICE, DRAWN_DOUBT} and not _WORD.search(cell.text):
            cell.text += NO_TEXT
        cell.doubt = "; ".join(notes)

    @property
    def has_text(self) -> bool:
        """Whether it has a block that is no picture."""
        return not all(map(is_picture, self.blocks))

    @property
    def pictures(self) -> Iterator[PageBlock]:
        """Return the pictures among its blocks."""
        return filter(is_picture, self.blocks)

    def _is_moved_apart(self, text: str) -> bool:
        """Whether a part of the digits of a cell may be seen elsewhere than the others."""
        is_whole = len({mover for mover, _ in self.moved}) == 1
        return not is_whole or _digits("".join(part for _, part in self.moved)) != _digits(text)

    def lines(self) -> Iterator[str]:
        """Yield the blocks of a cell as text; a table within it is told by a doubt."""
        for block in self.blocks:
            if isinstance(block, PageParagraph):
                if not block.picture:
                    yield block.text
            else:
                self.note(NESTED)
                yield from (cell.text for cell in block.table.cells if cell.text)


def _digits(text: str) -> str:
    """Return the digits of a text."""
    return "".join(filter(str.isdigit, text))


class TableRead:
    """A table that is being read, in sections of rows as they stand in the source."""

    __slots__ = ("cells", "holder", "holds_tables", "linked", "number", "sections")

    def __init__(self, number: int, holder: int, *, holds_tables: bool) -> None:
        self.number = number
        self.holder = holder
        self.holds_tables = holds_tables
        self.sections: list[tuple[str, list[SpannedRow]]] = []
        self.cells: list[tuple[SpannedCell, Flowing | None]] = []
        self.linked = 0

    def rows(self) -> list[SpannedRow]:
        """Return the rows of the section that is being read."""
        if not self.sections:
            self.sections.append(("section", []))
        return self.sections[-1][1]

    def add(self, cell: SpannedCell, flow: Flowing | None) -> None:
        """Add a cell to the row that is being read; `flow` is None where its text is known."""
        rows = self.rows()
        if not rows:
            rows.append(SpannedRow())
        rows[-1].cells.append(cell)
        self.cells.append((cell, flow))
