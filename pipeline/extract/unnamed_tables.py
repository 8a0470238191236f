"""Find tables without rulings that are of no form: short texts and numbers in line below each other.

They are no text of a chapter. Nothing of them is bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import NamedTuple

from pipeline.extract.bind import looks_like_number
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.page_cells import homes_of, to_rows
from pipeline.extract.read.borderless.columns import TOUCHING_MAX_OVERLAP, overlap
from pipeline.extract.read.borderless.words import Word, character_size, glyphs_to_word
from pipeline.extract.read.glyphs import runs_to_glyphs
from pipeline.extract.read.page_numbers import DASHES
from pipeline.extract.table_lines import FURNITURE_MAX_LINES, LINES_OF_TABLE_MAX_GAP
from pipeline.records import Box, Glyph, PrintedPage, TextLine, bounding_box

ROWS_MIN = 3
"""Count, the header too. Fewer lines whose numbers stand below each other may be prose."""

CELLS_MIN_GAP_SIZES = 0.5
"""Times the characters' size. Texts of two cells have a wider gap between them.

Word processors set a quarter between a number and the text around it.
"""

CELL_MAX_CHARACTERS = 12
"""Count, without blanks. A longer text, or one with a mark of a sentence, stands in no column of numbers."""

HEADER_MAX_GAP_SIZES = 2.0
"""Times the characters' size. No line of a header stands further above what is below it."""

LABEL_LINES_MAX_GAP_SIZES = 0.9
"""Times the characters' size. The next line of a label stands no further below."""

LABEL_FULL_MAX_ROOM_SIZES = 1.5
"""Times the characters' size. A line of a label that goes on leaves no more room in its column."""

_SENTENCE = frozenset("。；，：;")


class UnnamedTable(NamedTuple):
    """A table of no form: its page, its `cells`, and the `lines` that it is made of.

    The cells are texts with their boxes, in points on the page as turned for reading.
    """

    page: int
    cells: tuple[Word, ...]
    lines: tuple[TextLine, ...]


class _Line(NamedTuple):
    """What stands side by side, its texts parted at wide gaps; it may be several lines of text."""

    lines: Sequence[TextLine]
    words: Sequence[Word]

    @property
    def top(self) -> float:
        """Return where it begins, in points down the page."""
        return self.lines[0].box.top

    @property
    def bottom(self) -> float:
        """Return where it ends, in points down the page."""
        return self.lines[0].box.bottom

    @property
    def is_heading(self) -> bool:
        """Whether it is the heading of a chapter."""
        return len(self.words) == 1 and bool(line_to_key(self.lines[0].text))

    @property
    def size(self) -> float:
        """Return the size of its first text's characters in points."""
        return self.words[0].height

    @property
    def numbers(self) -> list[Word]:
        """Return those of its texts that are like a value and stand behind another text."""
        return [word for word in self.words[1:] if looks_like_number(word.text)]


@dataclass(slots=True)
class _Block:
    """Lines one below the other, from the first to the last (from 0) of a page, and the numbers in them."""

    first: int
    last: int
    numbers: list[Word] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, at: int, line: _Line) -> None:
        """Take a line as the next row."""
        self.last = at
        self.rows.append(at)
        self.numbers += line.numbers

    @property
    def left(self) -> float:
        """Return where the first column of numbers begins, in points."""
        return min(number.box.x0 for number in self.numbers)

    def columns(self) -> list[Box]:
        """Return the boxes of the columns in which two numbers stand or more, from left to right."""
        columns: list[list[Box]] = []
        for box in sorted((number.box for number in self.numbers), key=lambda box: box.x0):
            if columns and overlap(bounding_box(columns[-1]), box) > TOUCHING_MAX_OVERLAP:
                columns[-1].append(box)
            else:
                columns.append([box])
        return [bounding_box(column) for column in columns if len(column) > 1]


def lines_to_unnamed_tables(
    lines: Sequence[TextLine], printed: Mapping[int, PrintedPage]
) -> Iterator[UnnamedTable]:
    """Yield the tables that lines of text make, page by page, given the characters of the pages.

    The lines come in reading order. A table may go on over the end of a page.
    """
    carried: list[Word] = []
    for page, on_page in groupby(lines, lambda line: line.page):
        own = list(on_page)
        if page not in printed or sum(map(_may_be_row, own)) < (1 if carried else ROWS_MIN - 1):
            carried = []
            continue
        parted = _part_lines(own, printed[page].glyphs)
        blocks = list(_blocks(parted, carried))
        for block in blocks:
            inside = parted[block.first : block.last + 1]
            cells = tuple(word for line in inside for word in line.words)
            yield UnnamedTable(page, cells, tuple(line for level in inside for line in level.lines))
        is_open = bool(blocks) and blocks[-1].last >= len(parted) - 1 - FURNITURE_MAX_LINES
        carried = blocks[-1].numbers if is_open else []


def _may_be_row(line: TextLine) -> bool:
    """Whether a line may be a row: a number behind another text, and nothing but short texts behind it.

    A dash names no row: it stands before the number of a page.
    """
    texts = line.text.split()
    if texts and texts[0] in DASHES:
        return False
    first = next((at for at, text in enumerate(texts) if at and looks_like_number(text)), None)
    return first is not None and all(map(_is_short, texts[first:]))


def _is_short(text: str) -> bool:
    """Whether a text may stand in a column of numbers."""
    return len(text) <= CELL_MAX_CHARACTERS and not _SENTENCE.intersection(text)


def _part_lines(lines: Iterable[TextLine], runs: Sequence[Glyph]) -> list[_Line]:
    """Return the lines from top to bottom with their texts, of which these are the characters."""
    own: dict[int, list[Glyph]] = {}
    levels = _side_by_side(lines)
    places = [(at, line.box) for at, level in enumerate(levels) for line in level]
    glyphs = runs_to_glyphs(runs)
    homes = homes_of(to_rows([glyph[1:5] for glyph in glyphs]), [box for _, box in places])
    for glyph, home in zip(glyphs, homes, strict=True):
        if home >= 0:
            own.setdefault(places[home][0], []).append(glyph)
    return [_Line(levels[at], _part(sorted(own[at], key=lambda glyph: glyph.x0))) for at in sorted(own)]


def _side_by_side(lines: Iterable[TextLine]) -> list[list[TextLine]]:
    """Return the lines from top to bottom, together those that stand at the height of the first."""
    levels: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: line.box.top):
        first = levels[-1][0].box if levels else None
        if first and line.box.top <= (first.top + first.bottom) / 2 <= line.box.bottom:
            levels[-1].append(line)
        else:
            levels.append([line])
    return levels


def _part(glyphs: Sequence[Glyph]) -> list[Word]:
    """Return the texts of a line, whose characters come from left to right."""
    runs = [[glyphs[0]]]
    for before, glyph in pairwise(glyphs):
        size = min(character_size(before), character_size(glyph))
        if glyph.x0 - before.x1 > CELLS_MIN_GAP_SIZES * size:
            runs.append([])
        runs[-1].append(glyph)
    return [glyphs_to_word(run) for run in runs]


def _blocks(lines: Sequence[_Line], carried: Sequence[Word]) -> Iterator[_Block]:
    """Yield the tables on a page; `carried` are the numbers of one that goes on from the page before."""
    at = 0
    while at < len(lines):
        before = carried if at <= FURNITURE_MAX_LINES and _stand_in_line(lines[at].numbers, carried) else ()
        block = _rows_from(at, lines, before)
        at = block.last + 1
        if not block.rows:
            continue
        first = _first_of_header(block, lines)
        is_headed = first < block.first
        if before or (len(block.rows) + is_headed >= ROWS_MIN and (is_headed or len(block.columns()) > 1)):
            block.first = first if is_headed or not before else _first_of_label(block, lines)
            block.last = _last_of_label(block, lines)
            yield block


def _rows_from(start: int, lines: Sequence[_Line], before: Iterable[Word]) -> _Block:
    """Return the rows from a line on whose numbers stand below each other, and below those `before`."""
    block = _Block(start, start, list(before))
    for at in range(start, len(lines)):
        line = lines[at]
        if at > start and line.top - lines[at - 1].bottom > LINES_OF_TABLE_MAX_GAP:
            break
        if _is_row(line) and (not block.numbers or _stand_in_line(line.numbers, block.numbers)):
            block.add(at, line)
        elif not block.rows or not _is_between(line, block):
            break
    return block


def _is_row(line: _Line) -> bool:
    """Whether a line has a number behind another text, and nothing but short texts from there on."""
    numbers = line.numbers
    return bool(numbers) and all(_is_short(word.text) for word in line.words if word.x >= numbers[0].x)


def _stand_in_line(numbers: Sequence[Word], others: Sequence[Word]) -> bool:
    """Whether one of these numbers stands below or above one of the others."""
    return any(overlap(one.box, other.box) > TOUCHING_MAX_OVERLAP for one in numbers for other in others)


def _is_between(line: _Line, block: _Block) -> bool:
    """Whether a line may stand between two rows: pieces of labels left of the numbers, short texts right."""
    left = block.left
    return all(word.box.x1 <= left or (word.box.x0 >= left and _is_short(word.text)) for word in line.words)


def _first_of_header(block: _Block, lines: Sequence[_Line]) -> int:
    """Return the first line of the header above a block; that of the block where it has none.

    A header has a text over the labels and a short one over numbers. Its other lines have texts over the
    numbers alone.
    """
    first = block.first
    for at in range(block.first - 1, -1, -1):
        line, below = lines[at], lines[at + 1]
        if below.top - line.bottom > HEADER_MAX_GAP_SIZES * line.size or line.is_heading:
            break
        is_over = _stand_in_line(line.words, block.numbers)
        is_short = all(_is_short(word.text) for word in line.words) and not line.numbers
        is_part = first < block.first and line.words[0].box.x0 >= block.left
        if is_over and is_short and (len(line.words) > 1 or is_part):
            first = at
        elif not _is_between(line, block):
            break
    return first


def _first_of_label(block: _Block, lines: Sequence[_Line]) -> int:
    """Return the first line of a block whose first label began above its numbers."""
    first = block.first
    while first and _goes_on(lines[first - 1], lines[first], block):
        first -= 1
    return first


def _last_of_label(block: _Block, lines: Sequence[_Line]) -> int:
    """Return the last line of a block, with the lines on which the label of its last row goes on."""
    labels = [lines[at].words[0].box for at in range(block.first, block.last + 1)]
    end = max((box.x1 for box in labels if box.x1 <= block.left), default=block.left)
    last = block.last
    while last + 1 < len(lines) and _goes_on(lines[last], lines[last + 1], block):
        if lines[last].words[0].box.x1 < end - LABEL_FULL_MAX_ROOM_SIZES * lines[last].size:
            break
        last += 1
    return last


def _goes_on(line: _Line, below: _Line, block: _Block) -> bool:
    """Whether two lines may be of one label, or of a label and the numbers beside it."""
    is_close = below.top - line.bottom <= LABEL_LINES_MAX_GAP_SIZES * below.size
    return is_close and all(_is_between(one, block) and not one.is_heading for one in (line, below))
