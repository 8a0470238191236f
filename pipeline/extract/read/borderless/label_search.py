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
    LABEL_MAX_GAP_RATIO,
    SAME_LINE_MAX_OFFSET_RATIO,
    Word,
    character_size,
    has_letter,
    join_words,
    word_below,
)
from pipeline.extract.read.glyphs import Glyph
from pipeline.forms.labels import fold, plain
from pipeline.records import bounding_box

TEXT_MAX_GAP_RATIO = 0.3
"""Letters closer than this share of their height are read as one text."""

NUMBERING_MAX_WIDTH_RATIO = 6
"""The number of a label is no longer than this share of the height."""


CELLS_MIN_GAP_RATIO = 0.06
"""Text of two cells stands at least so far apart, as a share of its height."""

LABEL_MAX_LINE_PITCH_RATIO = 2.6
"""The next line of a label stands no further below than this share of the height."""

MISSPELT_LABEL_MIN_SIMILARITY = 80.0
"""The least similarity (rapidfuzz ratio, 0 to 100) of a text with a typing error to its label."""

MISSPELT_LABEL_MAX_LINES = 4
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
class Character:
    """A character of a line that counts in labels, between its neighbours there."""

    char: str
    glyph: Glyph
    x: float
    y: float
    size: float
    left: Character | None
    right: Character | None = None
    gap: float = float("inf")
    """The widest gap to the right neighbour, as a share of the size; punctuation between them is none."""
    silent: list[Glyph] = field(default_factory=list)
    """The punctuation between it and its right neighbour."""
    opening: list[Glyph] = field(default_factory=list)
    """The punctuation before the first mark of a line."""


def rows_to_labels(rows: Sequence[Sequence[Glyph]]) -> list[Word]:
    """The labels of the forms among the lines, no character in two; `glyphs` holds their punctuation too."""
    characters = [character for row in rows for character in _row_to_characters(row)]
    places: dict[str, list[Character]] = {}
    for character in characters:
        places.setdefault(character.char, []).append(character)
    taken: set[int] = set()
    found: list[tuple[str, list[Character]]] = []
    wrong: set[tuple[str, int]] = set()
    labels: Iterable[str] = all_labels()
    while labels:
        for label in labels:
            for start in places.get(label[0], ()):
                path = None if (label, id(start)) in wrong else _trace_label(label, start, places)
                if path and not taken.intersection(map(id, path)):
                    found.append((label, path))
                    taken.update(map(id, path))
        embedded = [entry for entry in found if _is_embedded(entry[1], taken)]
        found = [entry for entry in found if entry not in embedded]
        taken -= {id(character) for _, path in embedded for character in path}
        wrong |= {(label, id(path[0])) for label, path in embedded}
        labels = sorted({label for label, _ in embedded}, key=lambda label: -len(label))
    return [_path_to_word(path, taken) for _, path in found]


def _row_to_characters(row: Sequence[Glyph]) -> list[Character]:
    characters: list[Character] = []
    opening: list[Glyph] = []
    for glyph in row:
        char = plain(glyph.text)
        if len(char) == 1 and not _SILENT.match(char):
            x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
            characters.append(
                Character(char, glyph, x, y, character_size(glyph), characters[-1] if characters else None)
            )
        else:
            (characters[-1].silent if characters else opening).append(glyph)
    for character, right in pairwise(characters):
        character.right = right
        chain = [character.glyph, *character.silent, right.glyph]
        character.gap = max(b.x0 - a.x1 for a, b in pairwise(chain)) / character.size
    if characters:
        characters[0].opening = opening
    return characters


def _trace_label(label: str, start: Character, places: dict[str, list[Character]]) -> list[Character] | None:
    """The marks that spell the label from `start` on, beside or below each other."""
    path = [start]
    for char in label[1:]:
        last = path[-1]
        character = last.right
        if character is None or character.char != char or last.gap > LABEL_MAX_GAP_RATIO:
            character = _next_line(path, places.get(char, ())) if last.gap >= CELLS_MIN_GAP_RATIO else None
            if character is None:
                return None
        path.append(character)
    return path


def _next_line(path: Sequence[Character], characters: Iterable[Character]) -> Character | None:
    """The mark that begins the line below, under the text so far."""
    last = path[-1]
    size, y = last.size, last.y
    below = [
        m for m in characters if 0.5 * size < m.y - y < LABEL_MAX_LINE_PITCH_RATIO * size and _begins_text(m)
    ]
    if not below:
        return None
    left = min(_line_start(path[0]), *(character.glyph.x0 for character in path)) - 0.6 * size
    right = max(character.glyph.x1 for character in path) + 0.3 * size
    return min((m for m in below if left <= m.x <= right), key=lambda m: (m.y, m.x), default=None)


def _begins_text(character: Character) -> bool:
    """Whether no text stands right before a mark."""
    return character.left is None or character.left.gap >= CELLS_MIN_GAP_RATIO


def _line_start(character: Character) -> float:
    """Where the text begins that a mark continues: （三） before 不予公开."""
    while character.left and character.left.gap < TEXT_MAX_GAP_RATIO:
        character = character.left
    return character.glyph.x0


def _is_embedded(path: Sequence[Character], taken: set[int]) -> bool:
    """Whether the label is part of a longer text, as where prose quotes it."""
    before = path[0].left
    while before and id(before) not in taken and before.gap < TEXT_MAX_GAP_RATIO:
        if before.char not in _LEADING:
            return True
        before = before.left
    return _runs_on(path[-1], taken)


def _runs_on(last: Character, taken: set[int]) -> bool:
    """Whether a text goes on behind a label with more than a number and its unit: 数量52件，二、上年结转."""
    text, character = "", last
    while character.right and character.gap < TEXT_MAX_GAP_RATIO:
        between = "".join(glyph.text for glyph in character.silent)
        if _CLAUSE.search(between) and not (text and text[-1].isdigit() and character.right.char.isdigit()):
            return True
        if id(character.right) in taken:
            break
        character = character.right
        text += between + character.char
    number = _NUMBER.match(plain(text))
    return bool(text) and not (number and text[number.end() :] in {"", *unit_names()})


def _path_to_word(path: Sequence[Character], taken: set[int]) -> Word:
    glyphs: list[Glyph] = [*_numbering(path[0], taken)]
    for character, following in zip(path, [*path[1:], None], strict=True):
        glyphs.append(character.glyph)
        if following is not None and following is character.right:
            glyphs += character.silent
        else:
            glyphs += _closing_punctuation(character, ends=following is None)
    return Word("".join(g.text for g in glyphs), bounding_box(glyphs), tuple(glyphs))


def _closing_punctuation(character: Character, ends: bool) -> list[Glyph]:
    """The punctuation right behind a mark; where the label ends, only such as can close it."""
    found: list[Glyph] = []
    end = character.glyph.x1
    for glyph in character.silent:
        if (
            ends and glyph.text not in _TRAILING
        ) or glyph.x0 - end > TEXT_MAX_GAP_RATIO * character.glyph.height:
            break
        found.append(glyph)
        end = glyph.x1
    return found


def _numbering(first: Character, taken: set[int]) -> list[Glyph]:
    """The number before a label, with its punctuation."""
    glyphs: list[Glyph] = []
    character = first
    while (before := character.left) and before.char in _LEADING and id(before) not in taken:
        if before.gap >= 3 * TEXT_MAX_GAP_RATIO:
            break
        character = before
        glyphs = [character.glyph, *character.silent, *glyphs]
    glyphs = [*_opening_punctuation(character), *glyphs]
    return (
        glyphs if not glyphs or first.glyph.x0 - glyphs[0].x0 < NUMBERING_MAX_WIDTH_RATIO * first.size else []
    )


def _opening_punctuation(character: Character) -> list[Glyph]:
    """The opening punctuation right before a mark."""
    found: list[Glyph] = []
    start = character.glyph.x0
    for glyph in reversed(character.left.silent if character.left else character.opening):
        if glyph.text not in _OPENING or start - glyph.x1 > TEXT_MAX_GAP_RATIO * character.glyph.height:
            break
        found.insert(0, glyph)
        start = glyph.x0
    return found


def words_to_misspelt_headers(words: Sequence[Word]) -> list[Word]:
    """Words that nearly spell a label of a column, or of a row that a header names, rather than any other."""
    heads = frozenset[str]().union(*(labels.columns | labels.spanning for labels in load_labels()))
    return [word for word in words_to_misspelt_labels(words, frozenset(all_labels())) if word.label in heads]


def words_to_years(words: Iterable[Word], labels: Sequence[Word]) -> list[Word]:
    """Years that head a column: they stand beside another header that only a table with such columns has."""
    (years,) = (form for form in load_labels() if form.years)
    heads = [word for word in labels if word.name in years.columns]
    return [
        replace(word, label=years.years)
        for word in words
        if _YEAR.fullmatch("".join(word.text.split()))
        and any(abs(word.y - head.y) < SAME_LINE_MAX_OFFSET_RATIO * head.height for head in heads)
    ]


def words_to_misspelt_labels(words: Iterable[Word], labels: frozenset[str]) -> list[Word]:
    """Words, or words below each other, that nearly spell a label, the nearest first; no word in two."""
    choices = sorted(labels)
    words = [word for word in words if has_letter(word)]
    found: list[tuple[float, Word, list[Word]]] = []
    for word in words:
        chain = [word]
        while len(chain) <= MISSPELT_LABEL_MAX_LINES:
            text = fold("".join(w.text for w in chain))
            best = (
                process.extractOne(
                    text, choices, scorer=fuzz.ratio, score_cutoff=MISSPELT_LABEL_MIN_SIMILARITY
                )
                if text
                else None
            )
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
