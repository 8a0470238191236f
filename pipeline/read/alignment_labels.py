"""Where on a page the labels of the forms stand, however they are set.

A label is traced character by character: the next one stands beside the last, however wide the gap,
or begins the next line below it. So a label is found over one line or many, one character a line, or
with its neighbour so close that no gap parts the two; a typing error is left to the nearest label.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from itertools import groupby, pairwise
from statistics import median

from rapidfuzz import fuzz, process

from pipeline.forms import TableForm, load_forms
from pipeline.forms.labels import fold, plain
from pipeline.read.glyphs import GAP, Glyph, line_to_text, without_overprint
from pipeline.records import Box, around

WORD_GAP = 0.35
"""A gap of this share of the height parts two words."""

WIDE_GAP = 3.0
"""Letters of one label stand no further apart than this share of their height."""

TOUCHING = 0.3
"""Letters closer than this share of their height are read as one text."""

LONGEST_NUMBER = 6
"""The number of a label is no longer than this share of the height."""

SAME_LINE = 0.3
"""Glyphs of one line stand no further apart in height than this share of their size."""

SHELF = 16
"""Rows are looked up in stretches of half so many points."""

PARTED = 0.06
"""Text of two cells stands at least so far apart, as a share of its height."""

LINE_PITCH = 2.6
"""The next line of a label stands no further below than this share of the height."""

NEAR = 80.0
"""The least similarity (rapidfuzz ratio, 0 to 100) of a text with a typing error to its label."""

MOST_LINES = 4
"""A label with a typing error is looked for over so many lines at the most."""

FIGURE = 1.8
"""ASCII characters are so many times as high as wide."""

_NUMBERING = frozenset("0123456789一二三四五六七八九十")
_TRAILING = frozenset("、，。：；:;,）)”’】〕》")
_OPENING = frozenset("（(“‘【〔《")
_LEADING = frozenset("其中") | _NUMBERING
_SILENT = re.compile(r"[\W_]")
_YEAR = re.compile("20[0-9]{2}年度?(?:统计)?数?量?")
_CLAUSE = re.compile("[，。；、,;]")
_NUMBER = re.compile("[0-9.,+—/-]+")


@dataclass(frozen=True)
class Word:
    """A stretch of text without a wide gap, or a label put together from several.

    `label` is the folded label that a text with a typing error is taken for.
    """

    text: str
    box: Box
    glyphs: tuple[Glyph, ...] = ()
    label: str = ""

    @property
    def name(self) -> str:
        """The text as labels are compared."""
        return self.label or fold(self.text)

    @property
    def x(self) -> float:
        return (self.box.x0 + self.box.x1) / 2

    @property
    def y(self) -> float:
        return (self.box.top + self.box.bottom) / 2

    @cached_property
    def height(self) -> float:
        """The height of its characters, as their font declares it."""
        return median(em(glyph) for glyph in self.glyphs)

    @cached_property
    def size(self) -> float:
        """The size of its characters: Chinese ones are as high as wide, ASCII not quite twice as high."""
        return median((g.x1 - g.x0) * (FIGURE if g.text.isascii() else 1) for g in self.glyphs)


@dataclass(frozen=True, slots=True)
class Labels:
    """The folded labels of one table over all forms; `groups` are rows that its header names.

    `years` is the label that stands for a year over a column; "" where no column counts one.
    """

    table: str
    forms: tuple[TableForm, ...]
    rows: frozenset[str]
    columns: frozenset[str]
    groups: frozenset[str]
    others: frozenset[str]
    years: str


@cache
def load_labels() -> tuple[Labels, ...]:
    """The labels of every table of the forms."""
    tables = dict.fromkeys(form.table for form in load_forms())
    return tuple(_table_labels(table, [f for f in load_forms() if f.table == table]) for table in tables)


def _table_labels(table: str, forms: Sequence[TableForm]) -> Labels:
    rows = frozenset[str]().union(*(label.folded for form in forms for label in form.rows))
    columns = frozenset[str]().union(*(label.folded for form in forms for label in form.columns))
    units = frozenset[str]().union(*(form.unit_labels for form in forms))
    in_header = forms[0].rows_in_header
    return Labels(
        table=table,
        forms=tuple(forms),
        rows=frozenset() if in_header else rows,
        columns=columns | units,
        groups=rows if in_header else frozenset(),
        others=frozenset[str]().union(*(form.ignored for form in forms)) - units,
        years=next((min(c.folded) for form in forms for c in form.columns if c.key == "count"), ""),
    )


@cache
def _all_labels() -> tuple[str, ...]:
    """Every label, the longest first: 规范性文件 must not be found in 行政规范性文件."""
    parts = (part for t in load_labels() for part in (t.rows, t.columns, t.groups, t.others))
    return tuple(sorted(frozenset[str]().union(*parts), key=lambda label: (-len(label), label)))


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


def glyphs_to_rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Lines of text, each from left to right; a number beside a label of two lines is its own line."""
    rows: list[list[Glyph]] = []
    shelves: dict[int, list[list[Glyph]]] = {}
    for glyph in sorted(_upright(glyphs), key=lambda g: g.x0):
        shelf = int((glyph.top + glyph.bottom) / SHELF)
        near = (row for at in (shelf - 1, shelf, shelf + 1) for row in shelves.get(at, ()))
        row = _row_of(glyph, near)
        if row is None:
            rows.append([glyph])
            shelves.setdefault(shelf, []).append(rows[-1])
        else:
            row.append(glyph)
    return [without_overprint(row) for row in rows]


def _row_of(glyph: Glyph, rows: Iterable[list[Glyph]]) -> list[Glyph] | None:
    """The row whose last glyph stands at the same height."""
    best, nearest = None, float("inf")
    middle = glyph.top + glyph.bottom
    for row in rows:
        apart = abs(row[-1].top + row[-1].bottom - middle)
        if apart < nearest:
            best, nearest = row, apart
    if best is None or nearest > 2 * SAME_LINE * max(em(glyph), em(best[-1])):
        return None
    return best


def _upright(glyphs: Iterable[Glyph]) -> Iterable[Glyph]:
    """The glyphs, a run of vertical ones as one glyph each, turned ones as if set one below the other."""
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
    """Characters that lie on their side, line by line, those of a line read upwards in the opposite order."""
    ordered = sorted(map(_without_excess, glyphs), key=lambda g: (g.turn, round(g.x0), g.top))
    for (turn, _), line in groupby(ordered, key=lambda g: (g.turn, round(g.x0))):
        for run in _parted(list(line)):
            ends = run[0].top + run[-1].bottom
            for glyph in run:
                top, bottom = glyph.top, glyph.bottom
                if turn == 1:
                    top, bottom = ends - bottom, ends - top
                yield glyph._replace(top=top, bottom=bottom, turn=0)


def _without_excess(glyph: Glyph) -> Glyph:
    """A character on its side no wider than its advance allows: fonts may declare boxes of several lines."""
    excess = max(glyph.x1 - glyph.x0 - 1.2 * glyph.height, 0.0) / 2
    return glyph._replace(x0=glyph.x0 + excess, x1=glyph.x1 - excess)


def _parted(line: Sequence[Glyph]) -> list[list[Glyph]]:
    """The glyphs of a turned line, from top to bottom, parted at wide gaps."""
    runs = [[line[0]]]
    for before, glyph in pairwise(line):
        if glyph.top - before.bottom > WIDE_GAP * em(glyph):
            runs.append([])
        runs[-1].append(glyph)
    return runs


def rows_to_words(rows: Iterable[Sequence[Glyph]], used: frozenset[int] = frozenset()) -> list[Word]:
    """The words of the lines, without the glyphs whose ids are in `used`."""
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
    """Whether two words part here; figures of one number stand closer than letters may."""
    letters = is_letter(before) or is_letter(glyph)
    return glyph.x0 - before.x1 > (WORD_GAP if letters else GAP) * min(em(glyph), em(before))


def is_letter(glyph: Glyph) -> bool:
    """Whether a label may end with this."""
    return "\u2e80" <= glyph.text <= "\u9fff" or glyph.text in "）)”"


def has_letter(word: Word) -> bool:
    """Whether a word is more than figures and signs."""
    return any(map(is_letter, word.glyphs))


def em(glyph: Glyph) -> float:
    """The size of a character: 一 may have a box as flat as itself."""
    return max(glyph.height, glyph.x1 - glyph.x0)


def glyphs_to_word(glyphs: Sequence[Glyph]) -> Word:
    return Word(line_to_text(glyphs), around(glyphs), tuple(glyphs))


def rows_to_labels(rows: Sequence[Sequence[Glyph]]) -> list[Word]:
    """The labels of the forms among the lines, no character in two; `glyphs` holds their punctuation too."""
    marks = [mark for row in rows for mark in _row_to_marks(row)]
    places: dict[str, list[Mark]] = {}
    for mark in marks:
        places.setdefault(mark.char, []).append(mark)
    taken: set[int] = set()
    found: list[tuple[str, list[Mark]]] = []
    wrong: set[tuple[str, int]] = set()
    labels: Iterable[str] = _all_labels()
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


@cache
def unit_names() -> frozenset[str]:
    """What a number may count: 件, 万元."""
    units = tomllib.loads(files("pipeline.forms").joinpath("units.toml").read_text(encoding="utf-8"))
    return frozenset(name for unit in units.values() for name in (*unit["names"], *unit.get("multiples", ())))


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
    return [word for word in words_to_near_labels(words, frozenset(_all_labels())) if word.label in heads]


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
            below = _word_below(chain[-1], words)
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


def join_words(words: Sequence[Word]) -> Word:
    """One word of several, in their order."""
    glyphs = tuple(glyph for word in words for glyph in word.glyphs)
    return Word("".join(w.text for w in words), around([w.box for w in words]), glyphs)


def _word_below(word: Word, words: Sequence[Word]) -> Word | None:
    height = word.height
    near = [
        w
        for w in words
        if 0.5 * height < w.y - word.y < 2 * height
        and min(w.box.x1, word.box.x1) - max(w.box.x0, word.box.x0) > 0.6 * min(_width(w), _width(word))
    ]
    return min(near, key=lambda w: w.y, default=None)


def _width(word: Word) -> float:
    return word.box.x1 - word.box.x0
