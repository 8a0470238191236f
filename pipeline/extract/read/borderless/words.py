"""Find the words of a page: characters of one line, parted at wide gaps, whichever way the text is set.

A name that ends in RATIO or SHARE is a multiple of the size that its docstring names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median

from pipeline.extract.read.glyphs import (
    BLANK_MIN_GAP_RATIO,
    CHARACTER_MAX_HEIGHT_RATIO,
    SAME_LINE_MAX_OFFSET_RATIO,
    line_to_text,
    without_overprint,
)
from pipeline.extract.read.small_digits import with_marks
from pipeline.forms.labels import fold
from pipeline.records import Box, Glyph, bounding_box

WORD_MIN_GAP_RATIO = 0.35
"""Share of the characters' size. A wider gap between two letters parts two words.

Digits are parted at BLANK_MIN_GAP_RATIO already: numbers of two columns may stand closer than letters.
"""

LABEL_MAX_GAP_RATIO = 3.0
"""Times the characters' size. Letters of one label stand no further apart, be it set ever so wide.

Taught by labels such as 合  计, which are spread over the width of their cell.
"""

LABEL_MIN_LINE_PITCH_RATIO = 0.5
"""Share of the characters' size. The next line of a label stands further below than this."""

WORDS_BELOW_MAX_PITCH_RATIO = 2.0
"""Times the characters' height. The next line of a label with a typing error stands no further below."""

WORDS_BELOW_MIN_OVERLAP_SHARE = 0.6
"""Share of the narrower word's width. Two lines of a label with a typing error have as much in common."""

ASCII_HEIGHT_RATIO = 1.8
"""Times a character's width. The size of a Latin letter or digit, for a Chinese character is as wide as high.

Digits of usual fonts are some 0.55 of their size wide. At 3.6 page numbers are taken for values.
"""


@dataclass(frozen=True)
class Word:
    """Text without a wide gap, or a label that is put together of several such texts.

    `box` is its bounding box in points. `label` is the folded label of the form for which a text with a
    typing error is taken.
    """

    text: str
    box: Box
    glyphs: tuple[Glyph, ...] = ()
    label: str = ""

    @cached_property
    def name(self) -> str:
        """Return the text as labels are compared: folded, or the label that it is taken for."""
        return self.label or fold(self.text)

    @cached_property
    def x(self) -> float:
        """Return the middle across the page, in points."""
        return (self.box.x0 + self.box.x1) / 2

    @cached_property
    def y(self) -> float:
        """Return the middle down the page, in points."""
        return (self.box.top + self.box.bottom) / 2

    @cached_property
    def height(self) -> float:
        """Return the height of its characters in points, as their font declares it."""
        return median(character_size(glyph) for glyph in self.glyphs)

    @cached_property
    def size(self) -> float:
        """Return the size of its characters in points, by their widths."""
        return median((g.x1 - g.x0) * (ASCII_HEIGHT_RATIO if g.text.isascii() else 1) for g in self.glyphs)


def glyphs_to_rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Group glyphs to lines of text, each from left to right.

    A number beside a label of two lines is a line of its own.
    """
    rows = [row for band in _bands(_upright(glyphs)) for row in _band_to_rows(band)]
    return [without_overprint(row) for row in sorted(rows, key=lambda row: row[0].x0)]


def _bands(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Group glyphs, from top to bottom, where so much is between them that no line has both."""
    ordered = sorted(glyphs, key=_twice_middle)
    limit = 2 * SAME_LINE_MAX_OFFSET_RATIO * max(map(character_size, ordered), default=0.0)
    bands: list[list[Glyph]] = []
    last = -limit
    for glyph in ordered:
        middle = glyph.top + glyph.bottom
        if middle - last > limit or not bands:
            bands.append([])
        bands[-1].append(glyph)
        last = middle
    return bands


def _band_to_rows(band: list[Glyph]) -> list[list[Glyph]]:
    """Return the lines of glyphs that come from top to bottom, each from left to right."""
    ordered = sorted(band, key=lambda glyph: glyph.x0)
    height = _twice_middle(band[-1]) - _twice_middle(band[0])
    if height <= 2 * SAME_LINE_MAX_OFFSET_RATIO * min(map(character_size, band)):
        return [ordered]
    rows: list[list[Glyph]] = []
    for glyph in ordered:
        row = _row_of(glyph, rows)
        if row is None:
            rows.append([glyph])
        else:
            row.append(glyph)
    return rows


def _row_of(glyph: Glyph, rows: Sequence[list[Glyph]]) -> list[Glyph] | None:
    """Return the line whose last glyph stands at the same height as this one."""
    middle = glyph.top + glyph.bottom
    apart = [abs(row[-1].top + row[-1].bottom - middle) for row in rows]
    if not apart:
        return None
    best = rows[apart.index(min(apart))]
    size = max(character_size(glyph), character_size(best[-1]))
    return best if min(apart) <= 2 * SAME_LINE_MAX_OFFSET_RATIO * size else None


def _twice_middle(glyph: Glyph) -> float:
    """Return twice the height, in points, at which a glyph has its middle."""
    return glyph.top + glyph.bottom


def _upright(glyphs: Iterable[Glyph]) -> Iterable[Glyph]:
    """Yield single upright characters.

    Labels of a vertical font, and turned ones, are set one below the other.
    """
    glyphs = list(glyphs)
    yield from _turned_to_downward([glyph for glyph in glyphs if glyph.turn % 2])
    for glyph in glyphs:
        if glyph.turn % 2:
            continue
        if len(glyph.text) == 1:
            yield glyph
            continue
        pitch = glyph.height / max(len(glyph.text), 1)
        for i, char in enumerate(glyph.text):
            yield glyph._replace(text=char, top=glyph.top + i * pitch, bottom=glyph.top + (i + 1) * pitch)


def _turned_to_downward(glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
    """Set characters that lie on their side one below the other, in the order in which they are read."""
    ordered = sorted(map(_without_excess, glyphs), key=lambda g: (g.turn, round(g.x0), g.top))
    for (turn, _), line in groupby(ordered, key=lambda g: (g.turn, round(g.x0))):
        for run in _split_at_wide_gaps(list(line)):
            ends = run[0].top + run[-1].bottom
            for glyph in run:
                top, bottom = glyph.top, glyph.bottom
                if turn == 1:
                    top, bottom = ends - bottom, ends - top
                yield glyph._replace(top=top, bottom=bottom, turn=0)


def _without_excess(glyph: Glyph) -> Glyph:
    """Cut the box of a character on its side down to its size: fonts may declare boxes of several lines."""
    excess = max(glyph.x1 - glyph.x0 - CHARACTER_MAX_HEIGHT_RATIO * glyph.height, 0.0) / 2
    return glyph._replace(x0=glyph.x0 + excess, x1=glyph.x1 - excess)


def _split_at_wide_gaps(line: Sequence[Glyph]) -> list[list[Glyph]]:
    """Split the glyphs of a turned line, from top to bottom, at wide gaps."""
    runs = [[line[0]]]
    for before, glyph in pairwise(line):
        if glyph.top - before.bottom > LABEL_MAX_GAP_RATIO * character_size(glyph):
            runs.append([])
        runs[-1].append(glyph)
    return runs


def rows_to_words(rows: Iterable[Sequence[Glyph]], used: frozenset[int] = frozenset()) -> list[Word]:
    """Return the words of the lines, without the glyphs whose ids are in `used`."""
    words: list[Word] = []
    for row in rows:
        run: list[Glyph] = []
        for glyph in row:
            if run and (id(glyph) in used or _are_apart(run[-1], glyph)):
                words.append(glyphs_to_word(run))
                run = []
            if id(glyph) not in used:
                run.append(glyph)
        if run:
            words.append(glyphs_to_word(run))
    return words


def _are_apart(before: Glyph, glyph: Glyph) -> bool:
    """Whether two neighbours belong to two words; digits of one number stand closer than letters may."""
    gap = glyph.x0 - before.x1
    if gap <= 0:
        return False
    letters = is_letter(before) or is_letter(glyph)
    ratio = WORD_MIN_GAP_RATIO if letters else BLANK_MIN_GAP_RATIO
    return gap > ratio * min(character_size(glyph), character_size(before))


def is_letter(glyph: Glyph) -> bool:
    """Whether a label may end with this character."""
    return "\u2e80" <= glyph.text <= "\u9fff" or glyph.text in "）)”"


def has_letter(word: Word) -> bool:
    """Whether a word is more than digits and signs."""
    return any(map(is_letter, word.glyphs))


def character_size(glyph: Glyph) -> float:
    """Return the size of a character in points.

    The larger side, for 一 may have a box as flat as its stroke.
    """
    height, width = glyph.bottom - glyph.top, glyph.x1 - glyph.x0
    return height if height > width else width


def glyphs_to_word(glyphs: Sequence[Glyph]) -> Word:
    """Make one word of glyphs from left to right."""
    return Word(line_to_text(with_marks(glyphs)), bounding_box(glyphs), tuple(glyphs))


def join_words(words: Sequence[Word]) -> Word:
    """Join words to one, in their order."""
    glyphs = tuple(glyph for word in words for glyph in word.glyphs)
    return Word("".join(w.text for w in words), bounding_box([w.box for w in words]), glyphs)


def word_below(word: Word, words: Sequence[Word]) -> Word | None:
    """Return the word on the next line below, in the same column; None where there is none."""
    height = word.height
    y = word.y
    near = [
        w
        for w in words
        if LABEL_MIN_LINE_PITCH_RATIO * height < w.y - y < WORDS_BELOW_MAX_PITCH_RATIO * height
        and min(w.box.x1, word.box.x1) - max(w.box.x0, word.box.x0)
        > WORDS_BELOW_MIN_OVERLAP_SHARE * min(_width(w), _width(word))
    ]
    return min(near, key=lambda w: w.y, default=None)


def _width(word: Word) -> float:
    """Return the width of a word in points."""
    return word.box.x1 - word.box.x0
