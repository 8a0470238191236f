"""Where on a page the labels of the forms stand, however they are set.

A label is traced character by character: the next one stands beside the last, however wide the gap,
or begins the next line below it. So a label is found over one line or many, one character a line, or
with its neighbour so close that no gap parts the two; a typing error is left to the nearest label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rapidfuzz import fuzz, process

from pipeline.extract.read.borderless.label_sets import (
    all_labels,
    load_labels,
    unit_names,
)
from pipeline.extract.read.borderless.words import (
    SAME_LINE,
    WIDE_GAP,
    Word,
    em,
    has_letter,
    join_words,
    word_below,
)
from pipeline.extract.read.glyphs import Glyph
from pipeline.forms.labels import fold, plain
from pipeline.records import around

TOUCHING = 0.3
"""Letters closer than this share of their height are read as one text."""

LONGEST_NUMBER = 6
"""The number of a label is no longer than this share of the height."""


PARTED = 0.06
"""Text of two cells stands at least so far apart, as a share of its height."""

LINE_PITCH = 2.6
"""The next line of a label stands no further below than this share of the height."""

NEAR = 80.0
"""The least similarity (rapidfuzz ratio, 0 to 100) of a text with a typing error to its label."""

MOST_LINES = 4
"""A label with a typing error is looked for over so many lines at the most."""


_NUMBERING = frozenset("0123456789一二三四五六七八九十")
_TRAILING = frozenset("、，。：；:;,）)”’】〕》")
_OPENING = frozenset("（(“‘【〔《")
_LEADING = frozenset("其中") | _NUMBERING
_SILENT = re.compile(r"[\W_]")
_YEAR = re.compile("20[0-9]{2}年度?(?:统计)?数?量?")
_CLAUSE = re.compile("[，。；、,;]")
_NUMBER = re.compile("[0-9.,+—/-]+")


@dataclass(slots=True, eq=False)
class Mark:
    """A character of a line that counts in labels, between its neighbours there."""

    char: str
    glyph: Glyph
    x: float
    y: float
    size: float
    left: Mark | None
    right: Mark | None = None
    gap: float = float("inf")
    """The widest gap to the right neighbour, as a share of the size; punctuation between them is none."""
    silent: list[Glyph] = field(default_factory=list)
    """The punctuation between it and its right neighbour."""
    opening: list[Glyph] = field(default_factory=list)
    """The punctuation before the first mark of a line."""


def rows_to_labels(rows: Sequence[Sequence[Glyph]]) -> list[Word]:
    """The labels of the forms among the lines, no character in two; `glyphs` holds their punctuation too."""
    marks = [mark for row in rows for mark in _row_to_marks(row)]
    places: dict[str, list[Mark]] = {}
    for mark in marks:
        places.setdefault(mark.char, []).append(mark)
    taken: set[int] = set()
    found: list[tuple[str, list[Mark]]] = []
    wrong: set[tuple[str, int]] = set()
    labels: Iterable[str] = all_labels()
    while labels:
        for label in labels:
            for start in places.get(label[0], ()):
                path = None if (label, id(start)) in wrong else _trace(label, start, places)
                if path and not taken.intersection(map(id, path)):
                    found.append((label, path))
                    taken.update(map(id, path))
        embedded = [entry for entry in found if _is_embedded(entry[1], taken)]
        found = [entry for entry in found if entry not in embedded]
        taken -= {id(mark) for _, path in embedded for mark in path}
        wrong |= {(label, id(path[0])) for label, path in embedded}
        labels = sorted({label for label, _ in embedded}, key=lambda label: -len(label))
    return [_path_to_word(path, taken) for _, path in found]


def _row_to_marks(row: Sequence[Glyph]) -> list[Mark]:
    marks: list[Mark] = []
    opening: list[Glyph] = []
    for glyph in row:
        char = plain(glyph.text)
        if len(char) == 1 and not _SILENT.match(char):
            x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
            marks.append(Mark(char, glyph, x, y, em(glyph), marks[-1] if marks else None))
        else:
            (marks[-1].silent if marks else opening).append(glyph)
    for mark, right in pairwise(marks):
        mark.right = right
        chain = [mark.glyph, *mark.silent, right.glyph]
        mark.gap = max(b.x0 - a.x1 for a, b in pairwise(chain)) / mark.size
    if marks:
        marks[0].opening = opening
    return marks


def _trace(label: str, start: Mark, places: dict[str, list[Mark]]) -> list[Mark] | None:
    """The marks that spell the label from `start` on, beside or below each other."""
    path = [start]
    for char in label[1:]:
        last = path[-1]
        mark = last.right
        if mark is None or mark.char != char or last.gap > WIDE_GAP:
            mark = _next_line(path, places.get(char, ())) if last.gap >= PARTED else None
            if mark is None:
                return None
        path.append(mark)
    return path


def _next_line(path: Sequence[Mark], marks: Iterable[Mark]) -> Mark | None:
    """The mark that begins the line below, under the text so far."""
    last = path[-1]
    size, y = last.size, last.y
    below = [m for m in marks if 0.5 * size < m.y - y < LINE_PITCH * size and _begins(m)]
    if not below:
        return None
    left = min(_line_start(path[0]), *(mark.glyph.x0 for mark in path)) - 0.6 * size
    right = max(mark.glyph.x1 for mark in path) + 0.3 * size
    return min((m for m in below if left <= m.x <= right), key=lambda m: (m.y, m.x), default=None)


def _begins(mark: Mark) -> bool:
    """Whether no text stands right before a mark."""
    return mark.left is None or mark.left.gap >= PARTED


def _line_start(mark: Mark) -> float:
    """Where the text begins that a mark continues: （三） before 不予公开."""
    while mark.left and mark.left.gap < TOUCHING:
        mark = mark.left
    return mark.glyph.x0


def _is_embedded(path: Sequence[Mark], taken: set[int]) -> bool:
    """Whether the label is part of a longer text, as where prose quotes it."""
    before = path[0].left
    while before and id(before) not in taken and before.gap < TOUCHING:
        if before.char not in _LEADING:
            return True
        before = before.left
    return _runs_on(path[-1], taken)


def _runs_on(last: Mark, taken: set[int]) -> bool:
    """Whether a text goes on behind a label with more than a number and its unit: 数量52件，二、上年结转."""
    text, mark = "", last
    while mark.right and mark.gap < TOUCHING:
        between = "".join(glyph.text for glyph in mark.silent)
        if _CLAUSE.search(between) and not (text and text[-1].isdigit() and mark.right.char.isdigit()):
            return True
        if id(mark.right) in taken:
            break
        mark = mark.right
        text += between + mark.char
    number = _NUMBER.match(plain(text))
    return bool(text) and not (number and text[number.end() :] in {"", *unit_names()})


def _path_to_word(path: Sequence[Mark], taken: set[int]) -> Word:
    glyphs: list[Glyph] = [*_numbering(path[0], taken)]
    for mark, following in zip(path, [*path[1:], None], strict=True):
        glyphs.append(mark.glyph)
        if following is not None and following is mark.right:
            glyphs += mark.silent
        else:
            glyphs += _attached(mark, ends=following is None)
    return Word("".join(g.text for g in glyphs), around(glyphs), tuple(glyphs))


def _attached(mark: Mark, ends: bool) -> list[Glyph]:
    """The punctuation right behind a mark; where the label ends, only such as can close it."""
    found: list[Glyph] = []
    end = mark.glyph.x1
    for glyph in mark.silent:
        if (ends and glyph.text not in _TRAILING) or glyph.x0 - end > TOUCHING * mark.glyph.height:
            break
        found.append(glyph)
        end = glyph.x1
    return found


def _numbering(first: Mark, taken: set[int]) -> list[Glyph]:
    """The number before a label, with its punctuation."""
    glyphs: list[Glyph] = []
    mark = first
    while (before := mark.left) and before.char in _LEADING and id(before) not in taken:
        if before.gap >= 3 * TOUCHING:
            break
        mark = before
        glyphs = [mark.glyph, *mark.silent, *glyphs]
    glyphs = [*_brackets(mark), *glyphs]
    return glyphs if not glyphs or first.glyph.x0 - glyphs[0].x0 < LONGEST_NUMBER * first.size else []


def _brackets(mark: Mark) -> list[Glyph]:
    """The opening punctuation right before a mark."""
    found: list[Glyph] = []
    start = mark.glyph.x0
    for glyph in reversed(mark.left.silent if mark.left else mark.opening):
        if glyph.text not in _OPENING or start - glyph.x1 > TOUCHING * mark.glyph.height:
            break
        found.insert(0, glyph)
        start = glyph.x0
    return found


def words_to_near_heads(words: Sequence[Word]) -> list[Word]:
    """Words that nearly spell a label of a column, or of a row that a header names, rather than any other."""
    heads = frozenset[str]().union(*(labels.columns | labels.groups for labels in load_labels()))
    return [word for word in words_to_near_labels(words, frozenset(all_labels())) if word.label in heads]


def words_to_years(words: Iterable[Word], labels: Sequence[Word]) -> list[Word]:
    """Years that head a column: they stand beside another header that only a table with such columns has."""
    (years,) = (form for form in load_labels() if form.years)
    heads = [word for word in labels if word.name in years.columns]
    return [
        replace(word, label=years.years)
        for word in words
        if _YEAR.fullmatch("".join(word.text.split()))
        and any(abs(word.y - head.y) < SAME_LINE * head.height for head in heads)
    ]


def words_to_near_labels(words: Iterable[Word], labels: frozenset[str]) -> list[Word]:
    """Words, or words below each other, that nearly spell a label, the nearest first; no word in two."""
    choices = sorted(labels)
    words = [word for word in words if has_letter(word)]
    found: list[tuple[float, Word, list[Word]]] = []
    for word in words:
        chain = [word]
        while len(chain) <= MOST_LINES:
            text = fold("".join(w.text for w in chain))
            best = process.extractOne(text, choices, scorer=fuzz.ratio, score_cutoff=NEAR) if text else None
            if best:
                found.append((best[1], replace(join_words(chain), label=best[0]), list(chain)))
            below = word_below(chain[-1], words)
            if below is None:
                break
            chain.append(below)
    found.sort(key=lambda entry: -entry[0])
    taken: set[int] = set()
    kept: list[Word] = []
    for _, label, chain in found:
        if not taken & {id(w) for w in chain}:
            taken |= {id(w) for w in chain}
            kept.append(label)
    return kept
