"""Tables without upright rulings: the forms say what to expect, and the places of the words do the rest.

1. The labels of the forms are traced on every page (`alignment_labels`): column labels make a header, row
   labels to the left of it the rows below, down to the next header (`alignment_bands`). A page that goes
   on without a header stands under the one of the page before. Labels with a typing error are the
   nearest text.
2. Every other word to the right of the labels belongs to the row whose label it stands beside; words that
   stand beside none make a row of their own, named by whatever text is left beside them.
3. The columns are settled over all rows of a header (`alignment_columns`): upright strips of words and the
   order within the rows; a word whose column stays uncertain gets a cell over all columns it may stand in.

No word on the lines of a table is dropped: what fits nowhere becomes a cell that no header names, and the
binder lists it. Sums are never used to place a number: they are there to test the placement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from pipeline.extract.read.borderless.columns import (
    Header,
    Span,
    rows_to_strips,
    strips_to_offside,
    strips_to_side,
    words_to_spans,
)
from pipeline.extract.read.borderless.header_blocks import (
    HeaderBlock,
    PageWords,
    is_complete,
    texts_to_row_bands,
)
from pipeline.extract.read.borderless.label_search import rows_to_labels, words_to_near_heads, words_to_years
from pipeline.extract.read.borderless.label_sets import Labels, load_labels
from pipeline.extract.read.borderless.rows import WRAP_PITCH, DraftRow, words_to_stacks
from pipeline.extract.read.borderless.rows_in_header import texts_to_header_bands
from pipeline.extract.read.borderless.split_headers import join_split_headers
from pipeline.extract.read.borderless.words import (
    Word,
    glyphs_to_rows,
    glyphs_to_word,
    is_letter,
    rows_to_words,
)
from pipeline.extract.read.glyphs import UNNAMED, glyphs_to_cell_text, runs_to_glyphs
from pipeline.extract.read.grid import PageContent
from pipeline.forms.labels import plain
from pipeline.records import Box, RawCell, RawTable, around

INFINITE = float("inf")

_VALUE = re.compile("[0-9.,]*[0-9](?![0-9.,、])")


def pages_to_aligned_tables(pages: Iterable[PageContent], reader: str) -> list[RawTable]:
    """A grid for every table of the forms whose labels stand on the pages, which come in order."""
    texts = [page_to_text(page) for page in pages]
    tables: list[RawTable] = []
    # a table with its rows in the header is found as a whole: what it takes can be no part of another
    for labels in sorted(load_labels(), key=lambda labels: not labels.groups):
        join_split_headers(texts, labels)
        bands = texts_to_header_bands(texts, labels) if labels.groups else texts_to_row_bands(texts, labels)
        spans = bands_to_spans(bands, labels)
        for _, part in groupby(bands, key=lambda band: id(band.text)):
            mine = [band for band in part if band.printed or band.rows]
            if any(map(_is_table, mine)):
                tables.append(_bands_to_table(mine, spans, reader))
    return sort_by_place(tables, texts)


def sort_by_place(tables: Iterable[RawTable], texts: Iterable[PageWords]) -> list[RawTable]:
    """The tables in reading order."""
    frames = {text.page.number: text.page.frame for text in texts}
    return sorted(tables, key=lambda table: (table.page, frames[table.page].to_reading(table.box).top))


def _is_table(band: HeaderBlock) -> bool:
    """Whether a header, several rows or any number was found; a single label may be quoted by prose."""
    return band.printed or len(band.rows) > 1 or any(row.words for row in band.rows)


def page_to_text(page: PageContent) -> PageWords:
    """The labels and the other words of a page."""
    rows = glyphs_to_rows(runs_to_glyphs(page.glyphs))
    labels = rows_to_labels(rows)
    used = frozenset(id(glyph) for label in labels for glyph in label.glyphs)
    words = [part for word in rows_to_words(rows, used) for part in _without_number(word)]
    labels += words_to_near_heads(words)
    labels += words_to_years(words, labels)
    spent = {id(glyph) for label in labels for glyph in label.glyphs}
    return PageWords(page, labels, [word for word in words if id(word.glyphs[0]) not in spent])


def _without_number(word: Word) -> list[Word]:
    """A text and the number that touches its end: labels end with none, values do that begin with one."""
    if _VALUE.match(plain(word.text)):
        return [word]
    end = len(word.glyphs)
    while end and not is_letter(word.glyphs[end - 1]):
        end -= 1
    number = any(g.text.isdigit() or g.text in "—/-" for g in word.glyphs[end:])
    if not (end and number):
        return [word]
    return [glyphs_to_word(word.glyphs[:end]), glyphs_to_word(word.glyphs[end:])]


def bands_to_spans(bands: Sequence[HeaderBlock], labels: Labels) -> dict[int, Span]:
    """The columns in which every word may stand; rows under headers in the same places decide together."""
    groups = [group for group in _alike(bands) if group[0].heads]
    headers = [Header(_hulls(group), [box for band in group for box in band.over]) for group in groups]
    lines = [[row for band in group for row in band.rows] for group in groups]
    rows = [[row.words for row in group if _is_known(row, labels)] for group in lines]
    strays = [[w for row in group if not _is_known(row, labels) for w in row.words] for group in lines]
    side = _side(rows, headers)
    spans: dict[int, Span] = {}
    for group, header, words, others in zip(groups, headers, rows, strays, strict=True):
        complete = all(_is_settled(band, labels) for band in group)
        spans |= words_to_spans(header, words, others, complete, side)
    return spans


def _is_known(row: DraftRow, labels: Labels) -> bool:
    return bool(row.label or labels.groups)


def _side(rows: Sequence[Sequence[Sequence[Word]]], headers: Sequence[Header]) -> int:
    """The alignment of a table, if all its bands agree."""
    strips = [rows_to_strips(words, header) for words, header in zip(rows, headers, strict=True)]
    aligned = strips_to_side([strip for band in strips for strip in band])
    offside = {strips_to_offside(band, header) for band, header in zip(strips, headers, strict=True)} - {0}
    return aligned or (offside.pop() if len(offside) == 1 else 0)


def _is_settled(band: HeaderBlock, labels: Labels) -> bool:
    return bool(labels.groups) or is_complete(band, labels)


def _hulls(bands: Sequence[HeaderBlock]) -> list[Box]:
    return [around([h.box for h in column]) for column in zip(*(b.heads for b in bands), strict=True)]


def _alike(bands: Sequence[HeaderBlock]) -> list[list[HeaderBlock]]:
    """Bands whose headers say the same in the same places."""
    groups: list[list[HeaderBlock]] = []
    for band in bands:
        group = next((g for g in groups if _same_heads(g[0], band)), None)
        if group is None:
            groups.append([band])
        else:
            group.append(band)
    return groups


def _same_heads(band: HeaderBlock, other: HeaderBlock) -> bool:
    if len(band.heads) != len(other.heads):
        return False
    pairs = zip(band.heads, other.heads, strict=True)
    return all(a.name == b.name and abs(a.x - b.x) < 2 for a, b in pairs)


def _bands_to_table(bands: Sequence[HeaderBlock], spans: dict[int, Span], reader: str) -> RawTable:
    """The grid of a page; every row reaches over the whole width, so that pages can be laid side by side."""
    page = bands[0].text.page
    cells: list[RawCell] = []
    row = 0
    for band in bands:
        edges = _edges(band, spans, page.frame.reading_size[0])
        for line in _band_to_lines(band, edges, spans):
            cells += [
                RawCell(row, col, 1, 1, text, left, right, page.frame.to_displayed(box))
                for col, (text, left, right, box) in enumerate(sorted(line, key=lambda cell: cell[1]))
            ]
            row += 1
    return RawTable(page.number, reader, tuple(cells), around([cell.box for cell in cells]), inferred=True)


Slot = tuple[str, float, float, Box]
"""A cell of a line: its text, its left and right edge, and the box of its words."""


def _edges(band: HeaderBlock, spans: dict[int, Span], width: float) -> list[float]:
    """Where the columns begin and the last one ends: half way between the words of neighbours."""
    columns = [[head] for head in band.heads]
    for word in (w for row in band.rows for w in row.words):
        span = spans.get(id(word))
        if span and span.low == span.high:
            columns[span.low].append(word)
    hulls = [around([w.box for w in column]) for column in columns]
    if not hulls:
        return []
    middles = [(a.x1 + b.x0) / 2 for a, b in pairwise(hulls)]
    return [hulls[0].x0 - 1, *middles, max(width, hulls[-1].x1 + 1)]


def _band_to_lines(band: HeaderBlock, edges: Sequence[float], spans: dict[int, Span]) -> Iterable[list[Slot]]:
    if band.printed:
        if band.groups:
            yield _group_line(band, edges)
        yield [
            _slot([head], left, right, head.box)
            for head, (left, right) in zip(band.heads, pairwise(edges), strict=True)
        ]
    widths = band_to_widths(band)
    for row in band.rows:
        yield _row_line(row, edges, widths, spans)


def _group_line(band: HeaderBlock, edges: Sequence[float]) -> list[Slot]:
    share = len(band.heads) // len(band.groups)
    strip = around([head.box for head in band.heads])
    return [
        _slot([label] if label else [], edges[i * share], edges[(i + 1) * share], strip)
        for i, label in enumerate(band.groups)
    ]


def _row_line(
    row: DraftRow, edges: Sequence[float], widths: Sequence[float], spans: dict[int, Span]
) -> list[Slot]:
    """The cells of a row; a word that may stand in several columns gets them all as one cell."""
    printed = row.label or row.words or row.beside
    strip = row.box if printed else Box(edges[0], 0.0, edges[-1], 0.0)
    line: list[Slot] = [_slot(stack, *_stretch(stack), strip) for stack in words_to_stacks(row.beside)]
    if row.label:
        line.append(_slot([row.label], 0.0, edges[0] if edges else row.label.box.x1, strip))
    if not edges:
        return line + [_slot([w], w.box.x0, w.box.x1, strip) for w in row.words]
    for low, high in _merged([spans[id(w)] for w in row.words], len(edges) - 1):
        words = [w for w in row.words if low <= spans[id(w)].low <= high]
        empty = Box(edges[low], strip.top, edges[high + 1], strip.bottom)
        slot = _slot(words, edges[low], edges[high + 1], empty, widths[low] if low == high else INFINITE)
        sure = all(spans[id(w)].sure for w in words)
        line.append(slot if sure else (slot[0] + UNNAMED, *slot[1:]))
    return line


def band_to_widths(band: HeaderBlock) -> list[float]:
    """How wide the column of each header is at the most: as far as the middle of the next header."""
    pitches = [after.x - before.x for before, after in pairwise(band.heads)]
    if not pitches:
        return [INFINITE]
    return [max(near) for near in zip([0.0, *pitches], [*pitches, 0.0], strict=True)]


def _stretch(words: Sequence[Word]) -> tuple[float, float]:
    box = around([w.box for w in words])
    return box.x0, box.x1


def _merged(spans: Iterable[Span], count: int) -> list[tuple[int, int]]:
    """All columns from left to right, those of one span as one."""
    joined = [False] * count
    for span in spans:
        for at in range(span.low + 1, span.high + 1):
            joined[at] = True
    starts = [*(at for at in range(count) if not joined[at]), count]
    return [(a, b - 1) for a, b in pairwise(starts)]


def _slot(words: Sequence[Word], left: float, right: float, empty: Box, width: float = INFINITE) -> Slot:
    """A cell, `width` points wide at the most."""
    box = around([w.box for w in words]) if words else empty
    return words_to_cell_text(words, width), left, right, box


def words_to_cell_text(words: Sequence[Word], width: float = INFINITE) -> str:
    """The text of a cell `width` points wide: lines that do not fill it stay apart by a line feed, so
    that no number is made of two."""
    if len(words) == 1:
        return words[0].text
    parts = [[glyph for word in part for glyph in word.glyphs] for part in words_to_paragraphs(words)]
    return "\n".join(glyphs_to_cell_text(part, width) for part in parts)


def words_to_paragraphs(words: Iterable[Word]) -> list[list[Word]]:
    """The words of a cell from top to bottom, parted where lines stand wide apart."""
    parts: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y):
        if not parts or word.y - parts[-1][-1].y > WRAP_PITCH * word.size:
            parts.append([])
        parts[-1].append(word)
    return parts
