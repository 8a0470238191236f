"""Which words below a header make a row: those beside its label, however many lines its cells have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import median

from pipeline.extract.read.borderless.columns import OVERLAP, overlap
from pipeline.extract.read.borderless.label_sets import unit_names
from pipeline.extract.read.borderless.words import WORD_GAP, Word, glyphs_to_word, has_letter
from pipeline.extract.read.glyphs import Glyph
from pipeline.forms.labels import plain
from pipeline.forms.phrase_files import load_phrases
from pipeline.records import Box, around

BESIDE = 0.35
"""A word this share of its height above or below a label still stands beside it."""

PHRASE_GAP = 0.8
"""A number and its unit stand closer than this share of the height."""

LEVEL = 0.9
"""Words of a row stand no further below each other than this share of their size, if one has two lines."""

WRAP_PITCH = 1.65
"""The lines of a cell stand no further below each other than this share of the size of their characters."""

CLEARLY = 1.2
"""The next line of a cell is so many times as close to it as to any other."""

_NUMBER = re.compile("[+-]?[0-9.,]*[0-9]")


@dataclass(slots=True)
class DraftRow:
    """A row of the grid to be: its label, other text left of the numbers, and the words right of it."""

    label: Word | None
    words: list[Word] = field(default_factory=list)
    beside: list[Word] = field(default_factory=list)

    @property
    def box(self) -> Box:
        return around([w.box for w in ([self.label] if self.label else []) + self.words + self.beside])


def assign_words_to_rows(
    known: Sequence[DraftRow], words: Sequence[Word], heads: Sequence[Word], headings: Sequence[Word]
) -> list[DraftRow]:
    """The rows with every word that stands beside their labels, and rows of the words that stand beside none.

    `known` are the rows with a label, from top to bottom; they get their words here. A line that only fills
    the row of one of the `headings` is none.
    """
    height = median(w.height for w in [*heads, *(row.label for row in known if row.label)])
    edge = max((row.label.box.x1 for row in known if row.label), default=0.0) - 1
    left = [w for w in words if w.box.x0 < edge]
    remarks = [glyph for w in left if has_letter(w) for glyph in w.glyphs]
    right = [w for w in words if w.box.x0 >= edge and not any(_touches(glyph, w) for glyph in remarks)]
    rest: list[Word] = []
    for word in words_to_phrases(right):
        row = _row_beside(word, known)
        (row.words if row else rest).append(word)
    strays = [DraftRow(None, line) for line in words_to_lines(_continue_cells(rest, known))]
    strays = [row for row in strays if _is_row(row, known, heads) and not _is_heading(row, headings)]
    ends = [*remarks, *(glyph for row in known if row.label for glyph in row.label.glyphs)]
    for word in left:
        if not any(_touches(glyph, word) for glyph in ends):
            _name(word, known, strays, height)
    rows = list(known)
    for row in strays:
        host = None if row.beside else _host(row, known, height)
        if host:
            host.words += row.words
        else:
            rows.append(row)
    return sorted(rows, key=lambda row: row.box.top)


def _continue_cells(words: Sequence[Word], rows: Sequence[DraftRow]) -> list[Word]:
    """Gives further lines of a cell to its row, and the other words back."""
    rest = list(words)
    while found := [(word, row) for word in rest if (row := _row_continued(word, rows))]:
        for word, row in found:
            row.words.append(word)
            rest.remove(word)
    return rest


def _row_continued(word: Word, rows: Sequence[DraftRow]) -> DraftRow | None:
    """The row, clearly the nearest, of which a word is a further line of a cell."""
    apart = sorted(
        (min(abs(word.y - w.y) for w in over), at)
        for at, row in enumerate(rows)
        if row.label and (over := [w for w in row.words if overlap(w.box, word.box) > 0])
    )
    if not apart or apart[0][0] > WRAP_PITCH * word.size or not _is_value(word):
        return None
    if len(apart) > 1 and apart[1][0] < CLEARLY * apart[0][0]:
        return None
    row = rows[apart[0][1]]
    return row if _has_room(row, word, rows) else None


def _has_room(row: DraftRow, word: Word, rows: Iterable[DraftRow]) -> bool:
    """Whether the next row on the side of the word is further away than a line of the cell."""
    labels = [r.label for r in rows if r.label and r is not row]
    if row.label is None:
        return False
    if word.y < row.label.y:
        gap = min((row.label.box.top - w.box.bottom for w in labels if w.y < row.label.y), default=word.size)
    else:
        gap = min((w.box.top - row.label.box.bottom for w in labels if w.y > row.label.y), default=word.size)
    return gap > word.size / 2


def words_to_lines(words: Iterable[Word]) -> list[list[Word]]:
    """Rows of words from top to bottom, the further lines of cells among them."""
    rows: list[list[Word]] = []
    for level in _words_to_levels(words):
        if rows and any(_continues_row(word, rows[-1]) for word in level):
            rows[-1] += level
        else:
            rows.append(level)
    return rows


def _words_to_levels(words: Iterable[Word]) -> list[list[Word]]:
    levels: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y):
        if not levels or word.y - levels[-1][0].y > BESIDE * word.height:
            levels.append([])
        levels[-1].append(word)
    return levels


def _continues_row(word: Word, row: Sequence[Word]) -> bool:
    """Whether a word stands level with a row, one of whose cells may have two lines, or is the next line of
    a cell of it."""
    if word.y - row[-1].y < LEVEL * max(word.size, row[-1].size):
        return True
    over = [w for w in row if overlap(w.box, word.box) > 0]
    return bool(over) and _is_value(word) and is_short(word) and word.y - over[-1].y < WRAP_PITCH * word.size


def is_short(word: Word) -> bool:
    """Whether a word can be a value rather than text."""
    return len(word.glyphs) <= 6 or not has_letter(word)


def words_to_phrases(words: Sequence[Word]) -> list[Word]:
    """Words of one cell as one: a number and its unit, 下降 and a number."""
    phrases: list[Word] = []
    for word in sorted(words, key=lambda w: w.box.x0):
        before = next((w for w in reversed(phrases) if abs(w.y - word.y) < BESIDE * w.height), None)
        if before and _continues(before, word):
            phrases[phrases.index(before)] = glyphs_to_word((*before.glyphs, *word.glyphs))
        else:
            phrases.append(word)
    return phrases


def _continues(before: Word, word: Word) -> bool:
    if word.box.x0 - before.box.x1 > PHRASE_GAP * word.height:
        return False
    if before.glyphs[-1].text.isdigit():
        return word.text in unit_names()
    return before.text in _signs() and word.glyphs[0].text.isdigit()


@cache
def _signs() -> frozenset[str]:
    signs = (family.words for family in load_phrases().family if family.role == "sign")
    return frozenset(word for words in signs for word in words)


def _touches(glyph: Glyph, word: Word) -> bool:
    """Whether a number is the end of a line of a label (计1条) rather than one beside it."""
    apart = abs(glyph.top + glyph.bottom - 2 * word.y)
    gap = word.box.x0 - glyph.x1
    return -OVERLAP < gap < WORD_GAP * word.height and apart < 2 * BESIDE * word.height


def _row_beside(word: Word, rows: Sequence[DraftRow]) -> DraftRow | None:
    """The row beside whose label a word stands."""
    margin = BESIDE * word.height
    beside = [
        (abs(row.label.y - word.y), at)
        for at, row in enumerate(rows)
        if row.label and row.label.box.top - margin <= word.y <= row.label.box.bottom + margin
    ]
    return rows[min(beside)[1]] if beside else None


def _is_row(row: DraftRow, known: Sequence[DraftRow], heads: Sequence[Word]) -> bool:
    """Beyond the known rows, a line is one if its words stand apart, or all are numbers in columns.

    Of a row that a page's end tears, a single number may be left; a page number (- 3 -) is none.
    """
    y = row.words[0].y
    if known and known[0].box.top < y < known[-1].box.bottom:
        return True
    if len(heads) == 1:
        return any(overlap(w.box, heads[0].box) > 0 for w in row.words)
    extent = max((h.x for h in heads), default=0.0) - min((h.x for h in heads), default=0.0)
    if len(row.words) > 1 and row.box.x1 - row.box.x0 > extent / 4:
        return True
    placed = [*heads, *(w for each in known for w in each.words)]
    return all(_is_number(w) and any(overlap(w.box, other.box) > 0 for other in placed) for w in row.words)


def _is_number(word: Word) -> bool:
    """Whether a word is a number, with its sign and its unit, and nothing else."""
    text = plain(word.text)
    found = _NUMBER.match(text)
    return found is not None and text[found.end() :].strip() in {"", *unit_names()}


def _is_heading(row: DraftRow, headings: Sequence[Word]) -> bool:
    """Whether a line without any digit only fills the row of a heading (一、主动公开情况)."""
    if any(map(_is_value, row.words)):
        return False
    first = row.words[0]
    before = (w for w in headings if w.box.x1 <= first.box.x0)
    return any(abs(w.y - first.y) < BESIDE * w.height for w in before)


def _is_value(word: Word) -> bool:
    """Whether a word is more than a dash."""
    return any(char.isalnum() for char in plain(word.text))


def _name(word: Word, known: Sequence[DraftRow], strays: Sequence[DraftRow], height: float) -> None:
    """Gives text left of the numbers to the nearest row without a label; a number there must be seen."""
    row = _row_beside(word, known)
    if row:
        if word.text[-1].isdigit() and not has_letter(word):
            row.beside.append(word)
        return
    nearest = min(strays, key=lambda r: abs(r.words[0].y - word.y), default=None)
    if nearest and abs(nearest.words[0].y - word.y) < 2 * height:
        nearest.beside.append(word)


def _host(row: DraftRow, known: Sequence[DraftRow], height: float) -> DraftRow | None:
    """The labelled row without numbers right above or below a line of numbers without a label."""
    y = row.words[0].y
    near = [r for r in known if not r.words and min(abs(r.box.top - y), abs(r.box.bottom - y)) < height]
    return near[0] if len(near) == 1 else None


def words_to_stacks(words: Sequence[Word]) -> list[list[Word]]:
    """Words one below the other."""
    stacks: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y):
        stack = next((s for s in stacks if overlap(s[-1].box, word.box) > 0), None)
        if stack is None:
            stacks.append([word])
        else:
            stack.append(word)
    return stacks
