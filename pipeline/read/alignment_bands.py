"""Headers with the rows below them, page by page: which label, which words make a row.

A table of which the form names the rows at the left has a header and rows over as many pages as it takes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from statistics import median

from rapidfuzz import fuzz

from pipeline.forms import TableForm
from pipeline.forms.labels import fold, plain
from pipeline.read.alignment_columns import OVERLAP, overlap
from pipeline.read.alignment_labels import (
    WORD_GAP,
    Labels,
    Word,
    glyphs_to_word,
    has_letter,
    join_words,
    unit_names,
    words_to_near_labels,
)
from pipeline.read.glyphs import Glyph
from pipeline.read.grid import Page, around
from pipeline.records import Box

BESIDE = 0.35
"""A word this share of its height above or below a label still stands beside it."""

REACH = 3.0
"""Rows without a known label reach so many heights beyond the first and the last known one."""

PHRASE_GAP = 0.8
"""A number and its unit stand closer than this share of the height."""

TALL = 1.8
"""Text so many times as high as a label is a watermark."""

HEAD_PITCH = 5.0
"""Labels of one header stand no further below each other than so many heights."""

LEVEL = 0.9
"""Words of a row stand no further below each other than this share of their size, if one has two lines."""

WRAP_PITCH = 1.65
"""The lines of a cell stand no further below each other than this share of the size of their characters."""

CLEARLY = 1.2
"""The next line of a cell is so many times as close to it as to any other."""

HEAD_NEAR = 60.0
"""The least similarity (rapidfuzz ratio) of a header with a typing error that stands left of the others."""


@dataclass(slots=True)
class Text:
    """What stands on a page: the labels of the forms, and every other word."""

    page: Page
    labels: list[Word]
    words: list[Word]


@dataclass(slots=True)
class Row:
    """A row of the grid to be: its label, other text left of the numbers, and the words right of it."""

    label: Word | None
    words: list[Word] = field(default_factory=list)
    beside: list[Word] = field(default_factory=list)

    @property
    def box(self) -> Box:
        return around([w.box for w in ([self.label] if self.label else []) + self.words + self.beside])


@dataclass(slots=True)
class Band:
    """A header, printed on this page or carried over, and the rows below it."""

    text: Text
    heads: list[Word]
    printed: bool
    rows: list[Row] = field(default_factory=list)
    groups: list[Word | None] = field(default_factory=list)
    """Row labels over the heads, each over as many; None for one that was not found."""
    over: list[Box] = field(default_factory=list)
    """Where labels stand over several heads."""


def texts_to_row_bands(texts: Sequence[Text], labels: Labels) -> list[Band]:
    """The bands of a table whose rows are named at the left, page by page.

    Where some have a header, rows under none are quoted by prose.
    """
    bands: list[Band] = []
    for text in (part for whole in texts for part in _side_by_side(whole, labels)):
        carried = bands[-1].heads if bands and follows(bands[-1].text, text) else []
        found = _page_to_bands(text, labels, carried)
        for at, band in enumerate(found):
            following = found[at + 1].heads if at + 1 < len(found) else []
            _fill(band, min((h.box.top for h in following), default=None), labels)
        bands += found
    return [band for band in bands if band.heads] or bands


def _side_by_side(text: Text, labels: Labels) -> list[Text]:
    """The page, in two parts where parts of the table stand side by side: rows left and right of headers."""
    heads = [w for w in text.labels if w.name in labels.columns - labels.rows]
    rows = [w for w in text.labels if w.name in labels.rows - labels.columns]
    left = [row for row in rows if not any(head.box.x1 < row.box.x0 for head in heads)]
    right = [row for row in rows if row not in left and any(row.box.x1 < head.x for head in heads)]
    if not (left and right):
        return [text]
    gutter = min(row.box.x0 for row in right) - right[0].height
    beside = [word for word in (*left, *heads) if word.x < gutter]
    top, bottom = min(word.box.top for word in beside), max(word.box.bottom for word in beside)
    if not any(top < row.y < bottom for row in right):
        return [text]
    parts = Text(text.page, [], []), Text(text.page, [], [])
    for word in text.labels:
        parts[word.x > gutter].labels.append(word)
    for word in text.words:
        parts[word.x > gutter].words.append(word)
    return list(parts)


def _level(word: Word, other: Word) -> bool:
    """Whether two texts stand on the same lines, if only with a part of them."""
    return min(word.box.bottom, other.box.bottom) > max(word.box.top, other.box.top)


def follows(before: Text, text: Text) -> bool:
    same = before.page.frame.reading_size == text.page.frame.reading_size
    return same and text.page.number == before.page.number + 1


def _page_to_bands(text: Text, labels: Labels, carried: Sequence[Word]) -> list[Band]:
    """Each header of a page with the labels of the rows below it."""
    heads, rows = heads_and_rows(text.labels, labels)
    bands = [Band(text, list(carried), printed=False)]
    for header in _headers(heads, rows):
        if _is_header(header, labels):
            over = [w.box for w in text.labels if w.name in labels.others and _is_over(w, header)]
            bands.append(Band(text, header, printed=True, over=over))
    for row in sorted(rows, key=lambda w: w.y):
        band = [b for b in bands if not b.printed or b.heads[0].y < row.y][-1]
        if not band.heads or row.box.x1 <= min(h.box.x0 for h in band.heads) + 2:
            band.rows.append(Row(row))
    return [band for band in bands if band.rows or band.printed]


def _is_over(word: Word, heads: Sequence[Word]) -> bool:
    """Whether a label stands right over the heads."""
    above = heads[0].y - 2 * HEAD_PITCH * word.height < word.y < max(head.y for head in heads)
    return above and heads[0].box.x0 < word.x < heads[-1].box.x1


def _headers(heads: Sequence[Word], rows: Sequence[Word]) -> list[list[Word]]:
    """Column labels that stand together, no row label between them, each header from left to right."""
    headers: list[list[Word]] = []
    last: Word | None = None
    for word in sorted([*heads, *rows], key=lambda w: w.y):
        if word in heads:
            if last is None or last in rows or not _belongs(word, headers[-1]):
                headers.append([])
            headers[-1].append(word)
        last = word
    return [sorted(header, key=lambda w: w.x) for header in headers]


def _belongs(word: Word, header: Sequence[Word]) -> bool:
    """Whether a column label stands close to others, and under none of them."""
    close = word.y - header[-1].y < HEAD_PITCH * word.height
    return close and not any(overlap(word.box, head.box) > 0 for head in header)


def _is_header(heads: Sequence[Word], labels: Labels) -> bool:
    """Whether column labels head a table, rather than being another's or quoted by prose."""
    texts = {head.name for head in heads}
    return len(texts) > 1 or any(_has_columns(form, texts, []) for form in labels.forms)


def heads_and_rows(hits: Sequence[Word], labels: Labels) -> tuple[list[Word], list[Word]]:
    """Labels of columns and of rows; 其他 and 总计 are both, and their place beside the surer ones tells."""
    sure = [w for w in hits if w.name in labels.columns - labels.rows]
    start = min((w.box.x0 for w in sure), default=float("inf"))
    heads = [w for w in hits if w.name in labels.columns and (w in sure or w.box.x0 >= start)]
    rows = [w for w in hits if w.name in labels.rows and w not in heads]
    return heads, rows


def _fill(band: Band, end: float | None, labels: Labels) -> None:
    """Gives a band the words of its rows, the rows without an exact label, and headers with typing errors."""
    if not band.rows and not band.heads:
        return
    height = median(w.height for w in [*band.heads, *(r.label for r in band.rows if r.label)])
    words = [w for w in band.text.words if w.height <= TALL * height]
    if band.printed:
        added = fill_header(band, words, labels)
        words = [w for w in words if w not in added]
    start = min((h.box.x0 for h in band.heads), default=0.0)
    top = max((h.box.bottom for h in band.heads), default=0.0) if band.printed else 0.0
    below = [w for w in words if top < w.y and (end is None or w.y < end)]
    found = {row.label.name for row in band.rows if row.label}
    near = words_to_near_labels([w for w in below if w.box.x1 <= start + 2], labels.rows - found)
    texts = [w for w in (*band.text.labels, *below) if w.box.x1 <= start + 2 and has_letter(w)]
    rows = [row for row in (*band.rows, *map(Row, near)) if not _is_section(row, texts)]
    band.rows = sorted(rows, key=lambda row: row.box.top)
    spent = {id(glyph) for label in near for glyph in label.glyphs}
    top, bottom = _reach(band, end, height)
    inside = [w for w in words if top < w.y < bottom and id(w.glyphs[0]) not in spent]
    _share_out(band, inside, labels, height)


def _is_section(row: Row, texts: Iterable[Word]) -> bool:
    """Whether a label names others to its right: （六）其他处理 is a row in one form, three in another."""
    label = row.label
    return label is not None and any(label.box.x1 <= w.box.x0 + 1 and _level(label, w) for w in texts)


def _reach(band: Band, end: float | None, height: float) -> tuple[float, float]:
    """Between which heights the rows of a band stand."""
    boxes = [row.box for row in band.rows]
    first = min((box.top for box in boxes), default=0.0)
    last = max((box.bottom for box in boxes), default=first)
    top = first - REACH * height
    if band.printed:
        header = max(head.box.bottom for head in band.heads)
        top = min(header, first - BESIDE * height) if boxes else header
    return top, last + REACH * height if end is None else end


def fill_header(band: Band, words: Sequence[Word], labels: Labels) -> list[Word]:
    """Adds text between the headers as headers, and gives its words."""
    top, bottom = min(h.box.top for h in band.heads), max(h.box.bottom for h in band.heads)
    first = band.heads[0].box.x0
    added: list[Word] = []
    for stack in words_to_stacks([w for w in words if top <= w.y <= bottom]):
        head = join_words(stack)
        known = any(overlap(head.box, other.box) > 0 for other in band.heads)
        if not known and has_letter(head) and (head.box.x0 > first or _resembles(head, labels.columns)):
            band.heads.append(head)
            added += stack
    band.heads.sort(key=lambda w: w.x)
    return added


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


def _resembles(word: Word, labels: Iterable[str]) -> bool:
    return any(fuzz.ratio(fold(word.text), label) >= HEAD_NEAR for label in labels)


def _share_out(band: Band, words: Sequence[Word], labels: Labels, height: float) -> None:
    """Every word to the row it stands beside; what stands beside none makes rows of its own."""
    edge = max((row.label.box.x1 for row in band.rows if row.label), default=0.0) - 1
    left = [w for w in words if w.box.x0 < edge]
    remarks = [glyph for w in left if has_letter(w) for glyph in w.glyphs]
    right = [w for w in words if w.box.x0 >= edge and not any(_touches(glyph, w) for glyph in remarks)]
    known = list(band.rows)
    rest: list[Word] = []
    for word in words_to_phrases(right):
        row = _row_beside(word, known)
        (row.words if row else rest).append(word)
    strays = [Row(None, line) for line in words_to_lines(_continue_cells(rest, known))]
    strays = [row for row in strays if _is_row(row, band, known) and not _is_heading(row, band, labels)]
    ends = [*remarks, *(glyph for row in known if row.label for glyph in row.label.glyphs)]
    for word in left:
        if not any(_touches(glyph, word) for glyph in ends):
            _name(word, known, strays, height)
    for row in strays:
        host = None if row.beside else _host(row, known, height)
        if host:
            host.words += row.words
        else:
            band.rows.append(row)
    band.rows.sort(key=lambda row: row.box.top)


def _continue_cells(words: Sequence[Word], rows: Sequence[Row]) -> list[Word]:
    """Gives further lines of a cell to its row, and the other words back."""
    rest = list(words)
    while found := [(word, row) for word in rest if (row := _row_continued(word, rows))]:
        for word, row in found:
            row.words.append(word)
            rest.remove(word)
    return rest


def _row_continued(word: Word, rows: Sequence[Row]) -> Row | None:
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


def _has_room(row: Row, word: Word, rows: Iterable[Row]) -> bool:
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
    phrases = tomllib.loads(files("pipeline.forms").joinpath("phrases.toml").read_text(encoding="utf-8"))
    signs = (family["words"] for family in phrases["family"] if family["role"] == "sign")
    return frozenset(word for words in signs for word in words)


def _touches(glyph: Glyph, word: Word) -> bool:
    """Whether a number is the end of a line of a label (计1条) rather than one beside it."""
    apart = abs(glyph.top + glyph.bottom - 2 * word.y)
    gap = word.box.x0 - glyph.x1
    return -OVERLAP < gap < WORD_GAP * word.height and apart < 2 * BESIDE * word.height


def _row_beside(word: Word, rows: Sequence[Row]) -> Row | None:
    """The row beside whose label a word stands."""
    margin = BESIDE * word.height
    beside = [
        (abs(row.label.y - word.y), at)
        for at, row in enumerate(rows)
        if row.label and row.label.box.top - margin <= word.y <= row.label.box.bottom + margin
    ]
    return rows[min(beside)[1]] if beside else None


def _is_row(row: Row, band: Band, known: Sequence[Row]) -> bool:
    """Beyond the known rows, a line is only taken for one if its words stand apart: no page number."""
    y = row.words[0].y
    if known and known[0].box.top < y < known[-1].box.bottom:
        return True
    if len(band.heads) == 1:
        return any(overlap(w.box, band.heads[0].box) > 0 for w in row.words)
    extent = max((h.x for h in band.heads), default=0.0) - min((h.x for h in band.heads), default=0.0)
    return len(row.words) > 1 and row.box.x1 - row.box.x0 > extent / 4


def _is_heading(row: Row, band: Band, labels: Labels) -> bool:
    """Whether a line without any digit only fills the row of a heading (一、主动公开情况)."""
    if any(_is_value(w) for w in row.words):
        return False
    first = row.words[0]
    headings = [w for w in band.text.labels if w.name in labels.others and w.box.x1 <= first.box.x0]
    return any(abs(w.y - first.y) < BESIDE * w.height for w in headings)


def _is_value(word: Word) -> bool:
    """Whether a word is more than a dash."""
    return any(char.isalnum() for char in plain(word.text))


def _name(word: Word, known: Sequence[Row], strays: Sequence[Row], height: float) -> None:
    """Gives text left of the numbers to the nearest row without a label; a number there must be seen."""
    row = _row_beside(word, known)
    if row:
        if word.text[-1].isdigit() and not has_letter(word):
            row.beside.append(word)
        return
    nearest = min(strays, key=lambda r: abs(r.words[0].y - word.y), default=None)
    if nearest and abs(nearest.words[0].y - word.y) < 2 * height:
        nearest.beside.append(word)


def _host(row: Row, known: Sequence[Row], height: float) -> Row | None:
    """The labelled row without numbers right above or below a line of numbers without a label."""
    y = row.words[0].y
    near = [r for r in known if not r.words and min(abs(r.box.top - y), abs(r.box.bottom - y)) < height]
    return near[0] if len(near) == 1 else None


def is_complete(band: Band, labels: Labels) -> bool:
    """Whether the header holds all columns that a form prints over the rows of the band."""
    texts = [head.name for head in band.heads]
    rows = [row.label.name for row in band.rows if row.label]
    return any(_has_columns(form, texts, rows) for form in labels.forms)


def _has_columns(form: TableForm, heads: Collection[str], rows: Sequence[str]) -> bool:
    keys = {column.key for column in form.columns if column.folded & set(heads)}
    items = {row.key for row in form.rows if row.folded & set(rows)}
    blocks = [
        {column for key, column in form.expected() if key == item}
        for item in (items or [row.key for row in form.rows])
    ]
    found = [bool(block) and (block <= keys or _as_many(block, keys, heads)) for block in blocks]
    return bool(found) and (all(found) if items else any(found))


def _as_many(block: set[str], keys: set[str], heads: Collection[str]) -> bool:
    """Whether there are as many headers as columns, most of them without a typing error."""
    return len(heads) == len(block) > 2 * len(block - keys)
