"""Find the labels of the forms on a page, however they are set.

A label is traced character by character. The next character stands beside the last one, or begins the next
line below it. So a label is found over one line or many, with one character a line, set wide, or so close to
its neighbour that no gap parts the two. A label with a typing error is found afterwards, as the text nearest
to it.

A name that ends in RATIO is a multiple of the characters' size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from pipeline.extract.read.borderless.label_sets import (
    all_labels,
    label_characters,
    load_labels,
    unit_names,
)
from pipeline.extract.read.borderless.words import (
    LABEL_MAX_GAP_RATIO,
    LABEL_MIN_LINE_PITCH_RATIO,
    Word,
    character_size,
    has_letter,
    join_words,
    word_below,
)
from pipeline.extract.read.glyphs import SAME_LINE_MAX_OFFSET_RATIO
from pipeline.forms.labels import CACHED_LABELS_MAX, fold, plain
from pipeline.records import Glyph, bounding_box

TEXT_MAX_GAP_RATIO = 0.3
"""Share of the characters' size. Letters with a narrower gap are of one text.

Taught by prose that quotes a label: what touches it shows that it is no label of a table.
"""

NUMBERING_MAX_WIDTH_RATIO = 6
"""Times the characters' size. The number before a label (（三）, 1.) is no wider."""


CELLS_MIN_GAP_RATIO = 0.06
"""Share of the characters' size. Texts of two cells are parted by a wider gap.

A label goes on in the next line only where such a gap follows in its own.
"""

LABEL_MAX_LINE_PITCH_RATIO = 2.6
"""Times the characters' size. The next line of a label stands no further below.

At 1.3 a label over several lines is not found; characters further apart are of two rows.
"""

LABEL_LINE_MAX_OUTDENT_RATIO = 0.6
"""Share of the characters' size. The next line begins no further left than the lines above it."""

LABEL_LINE_MAX_INDENT_RATIO = 0.3
"""Share of the characters' size. The next line begins no further right than the end of the lines above it."""

MISSPELT_LABEL_MIN_SIMILARITY = 80.0
"""Ratio of rapidfuzz, 0 to 100. A text with a typing error is at least so similar to its label.

Higher than LABEL_MIN_SIMILARITY of `bind`: here nothing shows yet that a text is a label.
At 92 and at 50 a row that a page's end cuts is read otherwise.
"""

MISSPELT_LABEL_MAX_LINES = 4
"""Count. A label with a typing error is looked for over no more lines."""


_NUMBERING = frozenset("0123456789一二三四五六七八九十")
_TRAILING = frozenset("、，。：；:;,）)”’】〕》")
_OPENING = frozenset("（(“‘【〔《")
_LEADING = frozenset("其中") | _NUMBERING
_SILENT = re.compile(r"[\W_]")
_YEAR = re.compile("20[0-9]{2}年度?(?:统计)?数?量?")
_CLAUSE = re.compile("[，。；、,;]")
_NUMBER = re.compile("[0-9.,+—/-]+")


@dataclass(slots=True, eq=False)
class LabelSign:
    """A character of a line that counts in labels, with its neighbours there; `size` is in points."""

    char: str
    glyph: Glyph
    x: float
    y: float
    size: float
    left: LabelSign | None
    right: LabelSign | None = None
    gap: float = float("inf")
    """The widest gap up to the right neighbour, as a share of the size.

    Punctuation between them is no gap.
    """
    silent: Sequence[Glyph] = ()
    """The punctuation between it and its right neighbour."""
    opening: Sequence[Glyph] = ()
    """The punctuation before the first character of a line."""


def rows_to_labels(rows: Sequence[Sequence[Glyph]]) -> list[Word]:
    """Return the labels of the forms in the lines; no character is in two of them.

    The glyphs of a label have its punctuation too. A label that turns out to be part of a longer text
    is given up, and its characters are open to other labels.
    """
    places: dict[str, list[LabelSign]] = {}
    for character in (character for row in rows for character in _row_to_characters(row)):
        places.setdefault(character.char, []).append(character)
    taken: set[int] = set()
    found: list[tuple[str, list[LabelSign]]] = []
    wrong: set[tuple[str, int]] = set()
    labels = [label for label, characters in label_characters().items() if places.keys() >= characters]
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


def _row_to_characters(row: Sequence[Glyph]) -> list[LabelSign]:
    """Return the characters of a line that count in labels, with their neighbours and punctuation."""
    characters: list[LabelSign] = []
    left: LabelSign | None = None
    silent: list[Glyph] = []
    for glyph in row:
        char = _counted(glyph.text)
        if not char:
            silent.append(glyph)
            continue
        _, x0, top, x1, bottom, _, _ = glyph
        character = LabelSign(char, glyph, (x0 + x1) / 2, (top + bottom) / 2, character_size(glyph), left)
        if left is None:
            character.opening = silent
        else:
            left.right, left.silent = character, silent
            left.gap = _widest_gap(left.glyph, silent, glyph) / left.size
        characters.append(character)
        left, silent = character, []
    if left:
        left.silent = silent
    return characters


def _widest_gap(left: Glyph, silent: Sequence[Glyph], right: Glyph) -> float:
    """Return the widest gap between two characters with punctuation between them, in points."""
    if not silent:
        return right.x0 - left.x1
    return max(b.x0 - a.x1 for a, b in pairwise([left, *silent, right]))


@lru_cache(maxsize=CACHED_LABELS_MAX)
def _counted(text: str) -> str:
    """Return the plain character that a printed one is in a label; "" where it counts in none."""
    char = plain(text)
    return char if len(char) == 1 and not _SILENT.match(char) else ""


def _trace_label(label: str, start: LabelSign, places: dict[str, list[LabelSign]]) -> list[LabelSign] | None:
    """Return the characters that spell the label from `start` on, beside or below each other.

    None if none do.
    """
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


def _next_line(path: Sequence[LabelSign], characters: Iterable[LabelSign]) -> LabelSign | None:
    """Return the character that begins the next line, below the text so far."""
    last = path[-1]
    size, y = last.size, last.y
    below = [
        m
        for m in characters
        if LABEL_MIN_LINE_PITCH_RATIO * size < m.y - y < LABEL_MAX_LINE_PITCH_RATIO * size and _begins_text(m)
    ]
    if not below:
        return None
    left = (
        min(_line_start(path[0]), *(character.glyph.x0 for character in path))
        - LABEL_LINE_MAX_OUTDENT_RATIO * size
    )
    right = max(character.glyph.x1 for character in path) + LABEL_LINE_MAX_INDENT_RATIO * size
    return min((m for m in below if left <= m.x <= right), key=lambda m: (m.y, m.x), default=None)


def _begins_text(character: LabelSign) -> bool:
    """Whether no text stands right before a character."""
    return character.left is None or character.left.gap >= CELLS_MIN_GAP_RATIO


def _line_start(character: LabelSign) -> float:
    """Return the left edge, in points, of the text that a character continues.

    That of （三） before 不予公开.
    """
    while character.left and character.left.gap < TEXT_MAX_GAP_RATIO:
        character = character.left
    return character.glyph.x0


def _is_embedded(path: Sequence[LabelSign], taken: set[int]) -> bool:
    """Whether a label is part of a longer text, as where prose quotes it."""
    before = path[0].left
    while before and id(before) not in taken and before.gap < TEXT_MAX_GAP_RATIO:
        if before.char not in _LEADING:
            return True
        before = before.left
    return _runs_on(path[-1], taken)


def _runs_on(last: LabelSign, taken: set[int]) -> bool:
    """Whether more follows on a label than a number and its unit: 数量52件，二、上年结转."""
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


def _path_to_word(path: Sequence[LabelSign], taken: set[int]) -> Word:
    """Make the word of a label of its characters, with its number and its punctuation."""
    glyphs: list[Glyph] = [*_numbering(path[0], taken)]
    for character, following in zip(path, [*path[1:], None], strict=True):
        glyphs.append(character.glyph)
        if following is not None and following is character.right:
            glyphs += character.silent
        else:
            glyphs += _closing_punctuation(character, ends=following is None)
    return Word("".join(g.text for g in glyphs), bounding_box(glyphs), tuple(glyphs))


def _closing_punctuation(character: LabelSign, ends: bool) -> list[Glyph]:
    """Return the punctuation right behind a character; at the end of a label only what can close it."""
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


def _numbering(first: LabelSign, taken: set[int]) -> list[Glyph]:
    """Return the number before a label, with its punctuation."""
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


def _opening_punctuation(character: LabelSign) -> list[Glyph]:
    """Return the opening punctuation right before a character."""
    found: list[Glyph] = []
    start = character.glyph.x0
    for glyph in reversed(character.left.silent if character.left else character.opening):
        if glyph.text not in _OPENING or start - glyph.x1 > TEXT_MAX_GAP_RATIO * character.glyph.height:
            break
        found.insert(0, glyph)
        start = glyph.x0
    return found


def words_to_misspelt_headers(words: Sequence[Word]) -> list[Word]:
    """Return words that are nearer to a column header or a spanning header than to any other label."""
    column_headers = frozenset[str]().union(*(labels.columns | labels.spanning for labels in load_labels()))
    known = frozenset(all_labels())
    return [word for word in words_to_misspelt_labels(words, known) if word.label in column_headers]


def words_to_years(words: Iterable[Word], labels: Sequence[Word]) -> list[Word]:
    """Return years that head a column: they stand beside another header of the table with such columns."""
    (years,) = (form for form in load_labels() if form.years)
    column_headers = [word for word in labels if word.name in years.columns]
    return [
        replace(word, label=years.years)
        for word in words
        if _YEAR.fullmatch("".join(word.text.split()))
        and any(
            abs(word.y - column_header.y) < SAME_LINE_MAX_OFFSET_RATIO * column_header.height
            for column_header in column_headers
        )
    ]


def words_to_misspelt_labels(words: Iterable[Word], labels: frozenset[str]) -> list[Word]:
    """Return words, or stacks of words, that nearly spell one of the folded labels, the nearest first.

    No word is in two of them.
    """
    words = [word for word in words if has_letter(word)]
    found: list[tuple[float, Word, list[Word]]] = []
    for word in words:
        chain = [word]
        while len(chain) <= MISSPELT_LABEL_MAX_LINES:
            text = fold("".join(w.text for w in chain))
            best = process.extractOne(
                text,
                _labels_as_long(labels, len(text)),
                scorer=fuzz.ratio,
                score_cutoff=MISSPELT_LABEL_MIN_SIMILARITY,
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


@lru_cache
def _labels_as_long(labels: frozenset[str], length: int) -> list[str]:
    """Return those of the labels that a text of so many characters may nearly spell, in a lasting order."""
    share = MISSPELT_LABEL_MIN_SIMILARITY / (200 - MISSPELT_LABEL_MIN_SIMILARITY)
    return [label for label in sorted(labels) if share <= length / len(label) <= 1 / share]
