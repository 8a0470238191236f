"""Tables without rulings: the labels of the forms are found on the page, and the numbers beside them.

The form says which rows and columns to expect, so a label is a row or a column wherever its text
stands, over however many lines, and a number belongs to the row beside it and the column above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from pipeline.forms import TableForm, load_forms
from pipeline.forms.labels import fold
from pipeline.read.frame import Frame
from pipeline.read.glyphs import Glyph, glyphs_to_lines, line_to_text
from pipeline.read.grid import Page, around
from pipeline.records import Box, RawCell, RawTable

WORD_GAP = 0.6
"""A gap of this share of the height parts two words; letters set wide stay one."""

MOST_LINES = 8
"""A label is printed over so many lines at the most: one character each."""


FEWEST = 3
"""Fewer words below a header than this are a page number rather than its values."""


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of text without a wide gap, or a label put together from several lines."""

    text: str
    box: Box

    @property
    def x(self) -> float:
        return (self.box.x0 + self.box.x1) / 2

    @property
    def y(self) -> float:
        return (self.box.top + self.box.bottom) / 2


@dataclass(frozen=True, slots=True)
class Labels:
    """The folded labels of one table over all forms; `groups` are rows that its header names."""

    rows: frozenset[str]
    columns: frozenset[str]
    groups: frozenset[str]
    others: frozenset[str]


@cache
def _labels() -> tuple[Labels, ...]:
    tables = dict.fromkeys(form.table for form in load_forms())
    return tuple(_table_labels([f for f in load_forms() if f.table == table]) for table in tables)


def _table_labels(forms: Sequence[TableForm]) -> Labels:
    rows = frozenset[str]().union(*(label.folded for form in forms for label in form.rows))
    columns = frozenset[str]().union(*(label.folded for form in forms for label in form.columns))
    units = frozenset[str]().union(*(form.unit_labels for form in forms))
    in_header = forms[0].rows_in_header
    return Labels(
        rows=frozenset() if in_header else rows,
        columns=columns | units,
        groups=rows if in_header else frozenset(),
        others=frozenset[str]().union(*(form.ignored for form in forms)) - units,
    )


def page_to_aligned_tables(page: Page, reader: str) -> list[RawTable]:
    """A grid for every table of the forms whose labels stand on the page."""
    words = glyphs_to_words(page.glyphs)
    found = (_words_to_table(words, labels, page, reader) for labels in _labels())
    return sorted((t for t in found if t), key=lambda table: table.box.top)


def glyphs_to_words(glyphs: Iterable[Glyph]) -> list[Word]:
    """The words of a page, line by line."""
    words: list[Word] = []
    for line in glyphs_to_lines(glyphs):
        run: list[Glyph] = []
        for glyph in line:
            if run and glyph.x0 - run[-1].x1 > WORD_GAP * min(glyph.height, run[-1].height):
                words.append(Word(line_to_text(run), around(run)))
                run = []
            run.append(glyph)
        words.append(Word(line_to_text(run), around(run)))
    return words


def words_to_labels(words: Sequence[Word], known: frozenset[str]) -> list[tuple[Word, tuple[Word, ...]]]:
    """Labels among the words, each with its words; those over most lines first, no word in two."""
    found: list[tuple[Word, tuple[Word, ...]]] = []
    for word in words:
        chain = [word]
        while len(chain) <= MOST_LINES:
            if fold("".join(w.text for w in chain)) in known:
                found.append((Word("".join(w.text for w in chain), around([w.box for w in chain])), tuple(chain)))
            below = _below(chain[-1], words)
            if below is None:
                break
            chain.append(below)
    found.sort(key=lambda entry: -len(entry[1]))
    taken: set[int] = set()
    kept = []
    for label, chain_words in found:
        if not taken & {id(w) for w in chain_words}:
            taken |= {id(w) for w in chain_words}
            kept.append((label, chain_words))
    return kept


def _below(word: Word, words: Sequence[Word]) -> Word | None:
    """The next line of the same cell: close below, and over the same stretch."""
    height = word.box.bottom - word.box.top
    near = [
        w
        for w in words
        if 0 < w.y - word.y < 2.2 * height
        and min(w.box.x1, word.box.x1) - max(w.box.x0, word.box.x0)
        > 0.6 * min(w.box.x1 - w.box.x0, word.box.x1 - word.box.x0)
    ]
    return min(near, key=lambda w: w.y, default=None)


def _words_to_table(words: Sequence[Word], labels: Labels, page: Page, reader: str) -> RawTable | None:
    hits = words_to_labels(words, labels.rows | labels.columns | labels.groups | labels.others)
    used = {id(w) for _, chain in hits for w in chain}
    free = [word for word in words if id(word) not in used]
    found = [hit for hit, _ in hits]
    if labels.groups:
        lines = _header_table(found, labels, free)
    else:
        lines = _row_table(found, labels, free)
    if len(lines) < 2:
        return None
    return _lines_to_table(lines, page, reader)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the grid to be: its label, and the words of each column between the column's edges."""

    label: Word | None
    edges: tuple[float, ...]
    words: tuple[tuple[Word, ...], ...]


def _row_table(hits: Sequence[Word], labels: Labels, free: Sequence[Word]) -> list[Line]:
    """Lines of a table whose rows are named at the left; every header names the columns below it."""
    heads, rows = _heads_and_rows(hits, labels)
    lines: list[Line] = []
    for band, members in _bands(heads, rows):
        start = min((head.box.x0 for head in band), default=None)
        if start is None:
            start = max(row.box.x1 for row in members)
        beside = [w for w in free if w.box.x0 >= start - 12 and _between(w, members)]
        filled = [(row, [w for w in beside if _nearest(w, members) is row]) for row in members]
        strays = [w for w in beside if _nearest(w, members) is None]
        filled += _stray_rows(strays, [w for w in free if w.box.x1 <= start], members)
        lines += _band_lines(band, sorted(filled, key=lambda entry: entry[0].y), start)
    return lines


def _heads_and_rows(hits: Sequence[Word], labels: Labels) -> tuple[list[Word], list[Word]]:
    """Labels of columns and of rows; 其他 and 总计 are both, and their place beside the surer ones tells."""
    sure = [w for w in hits if fold(w.text) in labels.columns - labels.rows]
    start = min((w.box.x0 for w in sure), default=float("inf"))
    heads = [w for w in hits if fold(w.text) in labels.columns and (w in sure or w.box.x0 >= start)]
    rows = [w for w in hits if fold(w.text) in labels.rows and w not in heads]
    return heads, rows


def _bands(heads: Sequence[Word], rows: Sequence[Word]) -> list[tuple[list[Word], list[Word]]]:
    """Each header with the rows below it, down to the next header."""
    bands: list[tuple[list[Word], list[Word]]] = [([], [])]
    for word in sorted([*heads, *rows], key=lambda w: w.y):
        if word in heads:
            if bands[-1][1]:
                bands.append(([], []))
            bands[-1][0].append(word)
        else:
            bands[-1][1].append(word)
    return [(sorted(band, key=lambda w: w.x), members) for band, members in bands if members]


def _between(word: Word, rows: Sequence[Word]) -> bool:
    height = word.box.bottom - word.box.top
    return rows[0].box.top - height <= word.y <= rows[-1].box.bottom + height


def _nearest(word: Word, rows: Sequence[Word]) -> Word | None:
    """The row label that a word stands beside."""
    half = (word.box.bottom - word.box.top) / 2
    beside = [row for row in rows if row.box.top - half / 2 <= word.y <= row.box.bottom + half / 2]
    return min(beside, key=lambda row: abs(row.y - word.y), default=None)


def _stray_rows(
    strays: Sequence[Word], left: Sequence[Word], rows: Sequence[Word]
) -> list[tuple[Word, list[Word]]]:
    """Rows of numbers whose label is none of the form, each with the text that stands left of it."""
    found: list[tuple[Word, list[Word]]] = []
    for word in sorted(strays, key=lambda w: w.y):
        if found and abs(found[-1][1][0].y - word.y) < (word.box.bottom - word.box.top) / 2:
            found[-1][1].append(word)
            continue
        beside = [w for w in left if w.box.top <= word.y <= w.box.bottom]
        label = max(beside, key=lambda w: w.box.x1, default=Word("", Box(0.0, *word.box[1:2], 0.0, word.box[3])))
        found.append((label, [word]))
    return found


def _band_lines(band: Sequence[Word], rows: Sequence[tuple[Word, list[Word]]], start: float) -> list[Line]:
    """The header line and the lines under it, with their words parted into columns."""
    columns = len(band) or max((len(words) for _, words in rows), default=0)
    if not columns:
        return []
    places = _places([words for _, words in rows if len(words) == columns], [head.x for head in band])
    left = min([start, *(w.box.x0 for _, words in rows for w in words)]) - 1
    edges = (left, *((a + b) / 2 for a, b in zip(places, places[1:], strict=False)), float("inf"))
    lines = [Line(None, edges, tuple((head,) for head in band))] if band else []
    for label, words in rows:
        ordered = sorted(words, key=lambda w: w.x)
        parted = [(w,) for w in ordered] if len(words) == columns else _parted(ordered, places)
        lines.append(Line(label, edges, tuple(parted)))
    return lines


def _places(full: Sequence[Sequence[Word]], heads: Sequence[float]) -> list[float]:
    """The middle of each column: of the numbers where rows are full, else of the header."""
    if not full:
        return list(heads)
    rows = [sorted(words, key=lambda w: w.x) for words in full]
    return [median(word.x for word in column) for column in zip(*rows, strict=True)]


def _parted(words: Sequence[Word], places: Sequence[float]) -> list[tuple[Word, ...]]:
    """Words by the column whose middle is the nearest."""
    columns: list[list[Word]] = [[] for _ in places]
    for word in words:
        columns[min(range(len(places)), key=lambda i: abs(places[i] - word.x))].append(word)
    return [tuple(column) for column in columns]


def _header_table(hits: Sequence[Word], labels: Labels, free: Sequence[Word]) -> list[Line]:
    """Lines of a table whose rows are named in the header, each over the same columns, above one line."""
    groups = sorted((w for w in hits if fold(w.text) in labels.groups), key=lambda w: w.x)
    if not groups:
        return []
    top = min(group.box.top for group in groups)
    heads = sorted((w for w in hits if fold(w.text) in labels.columns and w.y > top), key=lambda w: w.x)
    if not heads or len(heads) % len(groups):
        return []
    bottom = max(head.box.bottom for head in heads)
    below = [w for w in free if w.y > bottom]
    first = min(below, key=lambda w: w.y, default=None)
    if first is None:
        return []
    values = [w for w in below if abs(w.y - first.y) < (first.box.bottom - first.box.top) / 2]
    if not FEWEST <= len(values) <= len(heads):
        return []
    share = len(heads) // len(groups)
    (header, line) = _band_lines(heads, [(Word("", first.box), values)], heads[0].box.x0)
    edges = (*header.edges[: -1 : share], float("inf"))
    return [Line(None, edges, tuple((group,) for group in groups)), header, line]


def _lines_to_table(lines: Sequence[Line], page: Page, reader: str) -> RawTable:
    """The grid; every row reaches over the whole width, so that pages can be laid side by side."""
    frame = page.frame
    width, _ = frame.reading_size
    cells = [cell for row, line in enumerate(lines) for cell in _line_to_cells(row, line, width, frame)]
    box = Box(
        min(c.box.x0 for c in cells), min(c.box.top for c in cells),
        max(c.box.x1 for c in cells), max(c.box.bottom for c in cells),
    )  # fmt: skip
    return RawTable(page.number, reader, tuple(cells), box, inferred=True)


def _line_to_cells(row: int, line: Line, width: float, frame: Frame) -> list[RawCell]:
    words = [w for column in line.words for w in column] + ([line.label] if line.label else [])
    top, bottom = min(w.box.top for w in words), max(w.box.bottom for w in words)
    edges = [min(max(edge, 0.0), width) for edge in line.edges]
    columns: list[tuple[float, float, Sequence[Word]]] = [
        (0.0, edges[0], [line.label] if line.label else []),
        *((left, right, column) for left, right, column in zip(edges, edges[1:], line.words, strict=False)),
    ]
    return [
        RawCell(
            row, col, 1, 1, " ".join(w.text for w in column), left, right,
            frame.to_displayed(around([w.box for w in column]) if column and column[0].text
                               else Box(left, top, right, bottom)),
        )
        for col, (left, right, column) in enumerate(columns)
    ]  # fmt: skip
