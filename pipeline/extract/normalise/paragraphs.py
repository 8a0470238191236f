"""Join body lines to paragraphs, by where they begin and end in the text column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.extract.normalise.body_text import height_of, squeeze
from pipeline.extract.normalise.chapters import (
    EXACT_WEIGHT,
    HEADING_MAX_CHARACTERS,
    LIKE_ITEMS_WEIGHT,
    text_to_candidate,
)
from pipeline.records import TextLine

_OWN_COLUMN_MIN_LINES = 8
"""Count. A page with fewer lines does not show its own text column; the document's is taken."""

_OWN_COLUMN_MIN_WIDTH_SHARE = 0.9
"""Share of the width of the document's text column. A page whose lines fill less takes the document's too."""

_ENDED_LINES_SHARE = 0.9
"""Share of the lines. The text column reaches to where as many of them have ended."""

_PARAGRAPH_MAX_GAP_RATIO = 2.0
"""Times a line's height. Two lines of a paragraph are less far apart."""

_PARAGRAPH_MAX_HEIGHT_DIFFERENCE_RATIO = 0.35
"""Times a line's height. Lines whose heights differ by more are of two paragraphs."""

_INDENT_MIN_RATIO = 0.8
"""Times a line's height. A line that begins further right of its text column begins a paragraph."""

_FULL_LINE_MAX_ROOM_RATIO = 1.5
"""Times a line's height. A line with less room behind it is full: its paragraph goes on."""

_OPEN_LINE_MAX_ROOM_SHARE = 0.3
"""Share of the width of the text column. With less room behind it, a line without the end of a sentence goes
on too.
"""

_SENTENCE_END = tuple("。！？；：!?;:”）")
_NUMBERED = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}\s*[、.．]|[（(][一二三四五六七八九十]{1,3}[）)])"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: `raw` has the blanks of the page, `text` is as a reader would quote it."""

    page: int
    raw: str

    @property
    def text(self) -> str:
        """Return the text without the blanks that only justify it."""
        return squeeze(self.raw)


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Where the text of a page begins and ends, in points."""

    left: float
    right: float

    @property
    def width(self) -> float:
        """Return the width in points."""
        return self.right - self.left


def lines_to_paragraphs(lines: Sequence[TextLine]) -> tuple[Paragraph, ...]:
    """Join body lines over line ends and page ends, in the order given."""
    columns = _columns(lines)
    paragraphs: list[list[TextLine]] = []
    for line in lines:
        if paragraphs and _continues(paragraphs[-1][-1], line, columns):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return tuple(Paragraph(group[0].page, _join(group)) for group in paragraphs)


def _columns(lines: Sequence[TextLine]) -> dict[int, TextColumn]:
    """Return the text column of every page; the document's where the page's own lines do not fill one."""
    pages: dict[int, list[TextLine]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    whole = _column(lines)
    own = {page: _column(group) for page, group in pages.items()}
    return {
        page: column
        if len(pages[page]) >= _OWN_COLUMN_MIN_LINES
        and column.width > _OWN_COLUMN_MIN_WIDTH_SHARE * whole.width
        else whole
        for page, column in own.items()
    }


def _column(lines: Sequence[TextLine]) -> TextColumn:
    """Return the text column of some lines: where most begin, and where nearly all of them have ended."""
    if not lines:
        return TextColumn(0.0, 0.0)
    starts = Counter(round(line.box.x0) for line in lines)
    often = max(2, len(lines) // 8)
    left = min((x for x, count in starts.items() if count >= often), default=min(starts))
    ends = sorted(line.box.x1 for line in lines)
    return TextColumn(left, ends[int(_ENDED_LINES_SHARE * (len(ends) - 1))])


def _continues(before: TextLine, line: TextLine, columns: dict[int, TextColumn]) -> bool:
    """Whether `line` goes on with the paragraph of the line before it."""
    if _is_chapter(before.text) or _is_chapter(line.text):
        return False
    height = max(1.0, height_of(before))
    if before.page == line.page:
        if line.box.top < (before.box.top + before.box.bottom) / 2 < line.box.bottom:
            return True  # two pieces of one printed line
        if not -height < line.box.top - before.box.bottom < _PARAGRAPH_MAX_GAP_RATIO * height:
            return False
    if abs(height_of(line) - height) > _PARAGRAPH_MAX_HEIGHT_DIFFERENCE_RATIO * height:
        return False
    if line.box.x0 > columns[line.page].left + _INDENT_MIN_RATIO * height_of(line):
        return False
    return _runs_on(before, columns[before.page], height) and not (
        _NUMBERED.match(line.text) and before.text.rstrip().endswith(_SENTENCE_END)
    )


def _is_chapter(text: str) -> bool:
    """Whether a line is a numbered heading as the forms print it, and nothing else."""
    candidate = text_to_candidate(text) if len(text) <= HEADING_MAX_CHARACTERS else None
    return bool(candidate and candidate.weight in (EXACT_WEIGHT, LIKE_ITEMS_WEIGHT) and not candidate.rest)


def _runs_on(line: TextLine, column: TextColumn, height: float) -> bool:
    """Whether a line is full, so that its paragraph goes on in the next; `height` is that of its text."""
    room = column.right - line.box.x1
    if room < _FULL_LINE_MAX_ROOM_RATIO * height:
        return True
    ends = line.text.rstrip().endswith(_SENTENCE_END)
    is_open = not ends and room < _OPEN_LINE_MAX_ROOM_SHARE * (column.right - column.left)
    return is_open and not _is_heading_line(line.text)


def _is_heading_line(text: str) -> bool:
    """Whether a line is numbered and has no punctuation of a sentence."""
    return bool(_NUMBERED.match(text)) and not re.search("[，。；]", text)


def _join(lines: Sequence[TextLine]) -> str:
    """Join the texts of the lines of a paragraph."""
    return "".join(_glued(lines))


def _glued(lines: Sequence[TextLine]) -> Iterator[str]:
    """Yield the texts, with a blank between two where one Latin word or number ends and another begins."""
    yield lines[0].text.strip()
    for before, line in pairwise(lines):
        latin = before.text.rstrip()[-1:].isascii() and before.text.rstrip()[-1:].isalnum()
        yield (" " if latin and line.text.lstrip()[:1].isascii() else "") + line.text.strip()
