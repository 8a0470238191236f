"""Find which words below a header make a row: those beside its label, however many lines its cells have.

A name that ends in RATIO is a multiple of the size that its docstring names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import median

from pipeline.extract.read.borderless.columns import TOUCHING_MAX_OVERLAP, overlap
from pipeline.extract.read.borderless.label_sets import unit_names
from pipeline.extract.read.borderless.words import WORD_MIN_GAP_RATIO, Word, glyphs_to_word, has_letter
from pipeline.forms.labels import plain
from pipeline.forms.phrase_files import load_phrases
from pipeline.records import Box, Glyph, bounding_box

BESIDE_LABEL_MAX_OFFSET_RATIO = 0.35
"""Share of a word's height. A word that stands as far above or below a label is still beside it.

A number may be set higher or lower than the label of several lines beside it.
"""

NUMBER_TO_UNIT_MAX_GAP_RATIO = 0.8
"""Share of the characters' height. A number and its unit (5 件) have a narrower gap.

Taught by units that are set apart from their numbers; columns are further apart.
"""

ROW_MAX_OFFSET_RATIO = 0.9
"""Share of the characters' size. Words of one row stand no further below each other, if one has two lines.

Taught by a table four with a value of two lines: at 0.45 its row falls apart.
"""

CELL_MAX_LINE_PITCH_RATIO = 1.65
"""Times the characters' size. The next line of a cell stands no further below.

Taught by values that are wrapped to two lines: their second line was taken for a row. At 3.3 a page number is
taken for the second line of a value.
"""

NEAREST_CELL_MIN_LEAD_RATIO = 1.2
"""Ratio of two distances. The next line of a cell is so many times closer to it than to any other cell.

At 0.6 a row that the form does not have loses its numbers to another one.
"""

VALUE_MAX_CHARACTERS = 6
"""Count. A word with letters in it that has more characters is text and no value."""

_NUMBER = re.compile("[+-]?[0-9.,]*[0-9]")


@dataclass(slots=True)
class DraftRow:
    """A row of the grid that is being made.

    `words` stand right of the label, in the columns; `beside` is other text left of them.
    """

    label: Word | None
    words: list[Word] = field(default_factory=list)
    beside: list[Word] = field(default_factory=list)

    @property
    def box(self) -> Box:
        """Return the bounding box of all its words."""
        return bounding_box([w.box for w in ([self.label] if self.label else []) + self.words + self.beside])


def assign_words_to_rows(
    known: Sequence[DraftRow], words: Sequence[Word], column_headers: Sequence[Word], headings: Sequence[Word]
) -> list[DraftRow]:
    """Return the rows with the words beside their labels, and rows of the words that stand beside no label.

    `known` are the rows with a label, from top to bottom; they are given their words. `column_headers` are
    the column headers. A line that only fills the row of one of the `headings` (一、主动公开情况) is no row.
    """
    height = median(w.height for w in [*column_headers, *(row.label for row in known if row.label)])
    edge = max((row.label.box.x1 for row in known if row.label), default=0.0) - 1
    left = [w for w in words if w.box.x0 < edge]
    remarks = [glyph for w in left if has_letter(w) for glyph in w.glyphs]
    right = [w for w in words if w.box.x0 >= edge and not _ends_label(remarks, w)]
    rest: list[Word] = []
    for word in words_to_phrases(right):
        row = _row_beside(word, known)
        (row.words if row else rest).append(word)
    strays = [DraftRow(None, line) for line in words_to_lines(_continue_cells(rest, known))]
    strays = [row for row in strays if _is_row(row, known, column_headers) and not _is_heading(row, headings)]
    ends = [*remarks, *(glyph for row in known if row.label for glyph in row.label.glyphs)]
    for word in left:
        if not _ends_label(ends, word):
            _give_label_text(word, known, strays, height)
    rows = list(known)
    for row in strays:
        host = None if row.beside else _blank_row_beside(row, known, height)
        if host:
            host.words += row.words
        else:
            rows.append(row)
    return sorted(rows, key=lambda row: row.box.top)


def _continue_cells(words: Sequence[Word], rows: Sequence[DraftRow]) -> list[Word]:
    """Give further lines of cells to their rows, and return the other words."""
    rest = list(words)
    while found := [(word, row) for word in rest if (row := _row_continued(word, rows))]:
        for word, row in found:
            row.words.append(word)
            rest.remove(word)
    return rest


def _row_continued(word: Word, rows: Sequence[DraftRow]) -> DraftRow | None:
    """Return the row that a word is a further line of: the nearest one, if it is clearly so."""
    apart = sorted(
        (min(abs(word.y - w.y) for w in over), at)
        for at, row in enumerate(rows)
        if row.label and (over := [w for w in row.words if overlap(w.box, word.box) > 0])
    )
    if not apart or apart[0][0] > CELL_MAX_LINE_PITCH_RATIO * word.size or not _is_value(word):
        return None
    if len(apart) > 1 and apart[1][0] < NEAREST_CELL_MIN_LEAD_RATIO * apart[0][0]:
        return None
    row = rows[apart[0][1]]
    return row if _has_room(row, word, rows) else None


def _has_room(row: DraftRow, word: Word, rows: Iterable[DraftRow]) -> bool:
    """Whether the next row on the side of the word is further away than a line of a cell."""
    labels = [r.label for r in rows if r.label and r is not row]
    if row.label is None:
        return False
    if word.y < row.label.y:
        gap = min((row.label.box.top - w.box.bottom for w in labels if w.y < row.label.y), default=word.size)
    else:
        gap = min((w.box.top - row.label.box.bottom for w in labels if w.y > row.label.y), default=word.size)
    return gap > word.size / 2


def words_to_lines(words: Iterable[Word]) -> list[list[Word]]:
    """Group words to rows from top to bottom; further lines of cells are in the row of their cell."""
    rows: list[list[Word]] = []
    for level in _words_to_levels(words):
        if rows and any(_continues_row(word, rows[-1]) for word in level):
            rows[-1] += level
        else:
            rows.append(level)
    return rows


def _words_to_levels(words: Iterable[Word]) -> list[list[Word]]:
    """Group words that stand at one height, from top to bottom."""
    levels: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y):
        if not levels or word.y - levels[-1][0].y > BESIDE_LABEL_MAX_OFFSET_RATIO * word.height:
            levels.append([])
        levels[-1].append(word)
    return levels


def _continues_row(word: Word, row: Sequence[Word]) -> bool:
    """Whether a word belongs to the row above it.

    It stands level with a row in which one cell may have two lines, or it is the next line of a cell.
    """
    if word.y - row[-1].y < ROW_MAX_OFFSET_RATIO * max(word.size, row[-1].size):
        return True
    over = [w for w in row if overlap(w.box, word.box) > 0]
    return (
        bool(over)
        and _is_value(word)
        and is_short(word)
        and word.y - over[-1].y < CELL_MAX_LINE_PITCH_RATIO * word.size
    )


def is_short(word: Word) -> bool:
    """Whether a word is short enough to be a value."""
    return len(word.glyphs) <= VALUE_MAX_CHARACTERS or not has_letter(word)


def words_to_phrases(words: Sequence[Word]) -> list[Word]:
    """Join the words of one cell: a number and its unit, 下降 and a number."""
    phrases: list[Word] = []
    for word in sorted(words, key=lambda w: w.box.x0):
        y = word.y
        before = next(
            (w for w in reversed(phrases) if abs(w.y - y) < BESIDE_LABEL_MAX_OFFSET_RATIO * w.height), None
        )
        if before and _continues(before, word):
            phrases[phrases.index(before)] = glyphs_to_word((*before.glyphs, *word.glyphs))
        else:
            phrases.append(word)
    return phrases


def _continues(before: Word, word: Word) -> bool:
    """Whether a word and the one before it are a number and its unit, or a sign (下降) and its number."""
    if word.box.x0 - before.box.x1 > NUMBER_TO_UNIT_MAX_GAP_RATIO * word.height:
        return False
    if before.glyphs[-1].text.isdigit():
        return word.text in unit_names()
    return before.text in _signs() and word.glyphs[0].text.isdigit()


@cache
def _signs() -> frozenset[str]:
    """Return the words that stand for a sign before a number (下降), as phrases.toml has them."""
    signs = (family.words for family in load_phrases().family if family.role == "sign")
    return frozenset(word for words in signs for word in words)


def _ends_label(glyphs: Iterable[Glyph], word: Word) -> bool:
    """Whether a number is the end of a label with these glyphs (计1条), and not a value beside it."""
    left, y = word.box.x0, word.y
    near = (g for g in glyphs if -TOUCHING_MAX_OVERLAP < left - g.x1 < WORD_MIN_GAP_RATIO * word.height)
    return any(abs(g.top + g.bottom - 2 * y) < 2 * BESIDE_LABEL_MAX_OFFSET_RATIO * word.height for g in near)


def _row_beside(word: Word, rows: Sequence[DraftRow]) -> DraftRow | None:
    """Return the row whose label a word stands beside; None where there is none."""
    margin, y = BESIDE_LABEL_MAX_OFFSET_RATIO * word.height, word.y
    beside = [
        (abs(label.y - y), at)
        for at, row in enumerate(rows)
        if (label := row.label) and label.box.top - margin <= y <= label.box.bottom + margin
    ]
    return rows[min(beside)[1]] if beside else None


def _is_row(row: DraftRow, known: Sequence[DraftRow], column_headers: Sequence[Word]) -> bool:
    """Whether a line of words without a label is a row of the table.

    Between the known rows every line is one. Beyond them its words must stand wide apart, or all be numbers
    in columns: of a row that a page's end tears, a single number may be left.
    A page number (- 3 -) is no row.
    """
    y = row.words[0].y
    if known and known[0].box.top < y < known[-1].box.bottom:
        return True
    if len(column_headers) == 1:
        return any(overlap(w.box, column_headers[0].box) > 0 for w in row.words)
    extent = max((h.x for h in column_headers), default=0.0) - min((h.x for h in column_headers), default=0.0)
    if len(row.words) > 1 and row.box.x1 - row.box.x0 > extent / 4:
        return True
    placed = [*column_headers, *(w for each in known for w in each.words)]
    return all(_is_number(w) and any(overlap(w.box, other.box) > 0 for other in placed) for w in row.words)


def _is_number(word: Word) -> bool:
    """Whether a word is a number with its sign and its unit, and nothing else."""
    text = plain(word.text)
    found = _NUMBER.match(text)
    return found is not None and text[found.end() :].strip() in {"", *unit_names()}


def _is_heading(row: DraftRow, headings: Sequence[Word]) -> bool:
    """Whether a line without any digit (dashes) only fills the row of a heading (一、主动公开情况)."""
    if any(map(_is_value, row.words)):
        return False
    first = row.words[0]
    before = (w for w in headings if w.box.x1 <= first.box.x0)
    return any(abs(w.y - first.y) < BESIDE_LABEL_MAX_OFFSET_RATIO * w.height for w in before)


def _is_value(word: Word) -> bool:
    """Whether a word is more than a dash."""
    return any(char.isalnum() for char in plain(word.text))


def _give_label_text(
    word: Word, known: Sequence[DraftRow], strays: Sequence[DraftRow], height: float
) -> None:
    """Give a text left of the columns to the nearest row without a label.

    A number there is given to the row beside it, so that it is left over and seen.
    """
    row = _row_beside(word, known)
    if row:
        if word.text[-1].isdigit() and not has_letter(word):
            row.beside.append(word)
        return
    nearest = min(strays, key=lambda r: abs(r.words[0].y - word.y), default=None)
    if nearest and abs(nearest.words[0].y - word.y) < 2 * height:
        nearest.beside.append(word)


def _blank_row_beside(row: DraftRow, known: Sequence[DraftRow], height: float) -> DraftRow | None:
    """Return the one row without numbers right above or below a line of numbers without a label."""
    y = row.words[0].y
    near = [r for r in known if not r.words and min(abs(r.box.top - y), abs(r.box.bottom - y)) < height]
    return near[0] if len(near) == 1 else None


def words_to_stacks(words: Sequence[Word]) -> list[list[Word]]:
    """Group words that stand one below the other, each stack from top to bottom."""
    stacks: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y):
        stack = next((s for s in stacks if overlap(s[-1].box, word.box) > 0), None)
        if stack is None:
            stacks.append([word])
        else:
            stack.append(word)
    return stacks
