"""Tables without rulings a second time, by counting: the k-th line of values is that of the k-th label.

The other way to read such tables (`alignment`) puts every word where it stands: somewhere beside a label,
more or less below a header. Here both are counted. Where a header has as many lines of values below it as
labels, the first line belongs to the first label and so on; where a line has as many values as the header
has columns, the first stands in the first column. A line with blanks is read where complete lines, or all
lines together, show as many upright strips as there are columns. What does not come out even is read only
where nothing is left to judge: each line exactly at the middle of a label, each value of a header. So this
is no way to read a report, but a witness that cannot put a number into the wrong cell as measuring can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain as chained
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.read.borderless.assemble import (
    band_to_widths,
    page_to_text,
    sort_by_place,
    words_to_cell_text,
)
from pipeline.extract.read.borderless.columns import OVERLAP, overlap
from pipeline.extract.read.borderless.header_blocks import HeaderBlock, texts_to_row_bands
from pipeline.extract.read.borderless.label_sets import load_labels
from pipeline.extract.read.borderless.rows import words_to_lines, words_to_stacks
from pipeline.extract.read.borderless.rows_in_header import texts_to_header_bands
from pipeline.extract.read.borderless.split_headers import join_split_headers
from pipeline.extract.read.borderless.words import Word, join_words
from pipeline.extract.read.grid import PageContent
from pipeline.records import Box, RawCell, RawTable, around

WIDTH = 20.0
"""Columns are counted and not measured: every one is drawn so wide (points)."""

TOTAL = 25 * WIDTH
"""Every table is drawn so wide; what its columns leave is the labels'."""

LEVEL = 1.5
"""A line that counting gives to a label stands no more than this share of its height above or below it."""

CENTRED = 0.2
"""Middles closer than this share of a character's height are the same."""

ASTRAY = 0.75
"""A value further than this share of the least column from the middle of its header stands in another."""

Cells = list[list[Word]]
"""The cells of a line from left to right, each with its words."""


class Line(NamedTuple):
    """A line of values on the page of `band`, and its label; None where the header names the rows."""

    band: HeaderBlock
    label: Word | None
    cells: Cells


def pages_to_counted_tables(pages: Iterable[PageContent], reader: str) -> list[RawTable]:
    """The lines of the forms' tables that counting can name, page by page."""
    texts = [page_to_text(page) for page in pages]
    tables: list[RawTable] = []
    for labels in sorted(load_labels(), key=lambda labels: not labels.groups):
        join_split_headers(texts, labels)
        bands = texts_to_header_bands(texts, labels) if labels.groups else texts_to_row_bands(texts, labels)
        for chain in bands_to_chains(bands):
            tables += _chain_to_tables(chain, reader)
    return sort_by_place(tables, texts)


def bands_to_chains(bands: Iterable[HeaderBlock]) -> list[list[HeaderBlock]]:
    """Each header with the rows below it, on its page and on those after it."""
    chains: list[list[HeaderBlock]] = []
    for band in bands:
        if band.printed:
            chains.append([band])
        elif chains and band.heads == chains[-1][0].heads:
            chains[-1].append(band)
    return chains


def _chain_to_tables(chain: Sequence[HeaderBlock], reader: str) -> Iterator[RawTable]:
    """The grids of a chain, one for each page; the first has the header."""
    lines, heads = chain_to_lines(chain), chain[0].heads
    hulls = lines_to_hulls([line.cells for line in lines], heads)
    for band in chain:
        rows = _header_rows(band) if band.printed else []
        for line in (line for line in lines if line.band is band):
            columns = cells_to_columns(line.cells, hulls, heads)
            if columns is not None:
                rows.append(_line_row(line, columns))
        if rows:
            yield _rows_to_table(rows, band.text.page, reader)


def chain_to_lines(chain: Sequence[HeaderBlock]) -> list[Line]:
    """Every line of values with its label: page by page where both come out even, else over all pages."""
    if chain[0].groups:
        rows = [(band, row.words) for band in chain for row in band.rows if row.words]
        return [Line(band, None, words_to_cells(words)) for band, words in rows]
    labels = [[(band, label) for label in band_to_labels(band)] for band in chain]
    values = [[(band, cells) for cells in band_to_lines(band)] for band in chain]
    if not all(map(_is_even, labels, values)):
        whole = list(chained.from_iterable(labels)), list(chained.from_iterable(values))
        if _is_even(*whole):
            labels, values = [whole[0]], [whole[1]]
    return [line for named, lines in zip(labels, values, strict=True) for line in _pair(named, lines)]


def _pair(
    labels: Sequence[tuple[HeaderBlock, Word]], lines: Sequence[tuple[HeaderBlock, Cells]]
) -> list[Line]:
    """Lines with their labels: one by one where they come out even, else where all have the same middles.

    In the latter case a label without a line is that of a blank row.
    """
    if _is_even(labels, lines):
        return [Line(band, label, cells) for (_, label), (band, cells) in zip(labels, lines, strict=True)]
    blank = {id(label): Line(band, label, []) for band, label in labels}
    filled = {}
    for band, cells in lines:
        box = _box(chained.from_iterable(cells))
        middle = (box.top + box.bottom) / 2
        beside = [label for _, label in labels if abs(label.y - middle) < CENTRED * label.height]
        if len(beside) != 1:
            return []
        filled[id(beside[0])] = Line(band, beside[0], cells)
    return list((blank | filled).values()) if len(filled) == len(lines) > 0 else []


def band_to_labels(band: HeaderBlock) -> list[Word]:
    """The labels of a page from top to bottom, the piece of one that its end cuts among them."""
    labels = [row.label or join_words(row.beside) for row in band.rows if row.label or row.beside]
    return sorted(labels, key=lambda label: label.y)


def band_to_lines(band: HeaderBlock) -> list[Cells]:
    """The lines of values on a page from top to bottom."""
    return [words_to_cells(line) for line in words_to_lines(w for row in band.rows for w in row.words)]


def words_to_cells(words: Sequence[Word]) -> Cells:
    return sorted(words_to_stacks(words), key=lambda cell: cell[0].x)


def _is_even(labels: Sequence[tuple[HeaderBlock, Word]], lines: Sequence[tuple[HeaderBlock, Cells]]) -> bool:
    """Whether there are as many labels as lines, each on the level of its own or parted by a page's end."""
    if len(labels) != len(lines):
        return False
    ends = {at for at, ((a, _), (b, _)) in enumerate(pairwise(lines)) if a is not b}
    return all(
        _is_level(label, cells) if page is band else bool(ends & {at - 1, at})
        for at, ((page, label), (band, cells)) in enumerate(zip(labels, lines, strict=True))
    )


def _is_level(label: Word, cells: Cells) -> bool:
    box = _box(chained.from_iterable(cells))
    apart = max(box.top - label.box.bottom, label.box.top - box.bottom)
    return apart < LEVEL * label.height


def _box(words: Iterable[Word]) -> Box:
    return around([word.box for word in words])


def lines_to_hulls(lines: Sequence[Cells], heads: Sequence[Word]) -> list[Box]:
    """The stretches of the columns, by complete lines or by all of them; none where they do not show."""
    complete = [line for line in lines if is_complete(line, heads)]
    columns = [[w for cell in column for w in cell] for column in zip(*complete, strict=True)]
    if not complete:
        columns = words_to_strips([w for line in lines for cell in line for w in cell])
    hulls = list(map(_box, columns))
    apart = all(overlap(a, b) <= OVERLAP for a, b in pairwise(hulls))
    return hulls if apart and _is_below(hulls, heads) else []


def is_complete(cells: Cells, heads: Sequence[Word]) -> bool:
    return _is_below(list(map(_box, cells)), heads)


def _is_below(boxes: Sequence[Box], heads: Sequence[Word]) -> bool:
    """Whether there is one box for every header, none a column away: 12 34 in a cell looks like two."""
    if len(boxes) != len(heads):
        return False
    pitch = min((b.x - a.x for a, b in pairwise(heads)), default=float("inf"))
    return all(abs(_middle(box) - head.x) < ASTRAY * pitch for box, head in zip(boxes, heads, strict=True))


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def words_to_strips(words: Iterable[Word]) -> list[list[Word]]:
    """Words that stand above each other, from left to right."""
    strips: list[list[Word]] = []
    end = 0.0
    for word in sorted(words, key=lambda w: w.box.x0):
        if not strips or word.box.x0 >= end - OVERLAP:
            strips.append([])
        strips[-1].append(word)
        end = max(end, word.box.x1)
    return strips


def cells_to_columns(cells: Cells, hulls: Sequence[Box], heads: Sequence[Word]) -> list[int] | None:
    """The column of every cell of a line; None where one is not certain."""
    if is_complete(cells, heads):
        return list(range(len(heads)))
    boxes = list(map(_box, cells))
    if hulls:
        under = [[at for at, hull in enumerate(hulls) if overlap(box, hull) > OVERLAP] for box in boxes]
    else:
        under = [[at for at, head in enumerate(heads) if _is_centred(box, head)] for box in boxes]
    columns = [found[0] for found in under if len(found) == 1]
    return columns if len(set(columns)) == len(cells) else None


def _is_centred(box: Box, head: Word) -> bool:
    return abs(_middle(box) - head.x) < CENTRED * head.height


def _header_rows(band: HeaderBlock) -> list[list[RawCell]]:
    heads = [[head] for head in band.heads]
    rows = [_row(None, heads, band, 1)]
    if band.groups:
        groups = [[group] if group else [] for group in band.groups]
        rows.insert(0, _row(None, groups, band, len(heads) // len(groups)))
    return rows


def _line_row(line: Line, columns: Sequence[int]) -> list[RawCell]:
    cells: Cells = [[] for _ in line.band.heads]
    for column, cell in zip(columns, line.cells, strict=True):
        cells[column] = cell
    return _row(line.label, cells, line.band, 1)


def _row(label: Word | None, cells: Cells, band: HeaderBlock, span: int) -> list[RawCell]:
    """A row of a grid, still without its number: the label, then cells that are `span` columns wide each."""
    start = TOTAL - len(cells) * span * WIDTH
    widths = band_to_widths(band)
    strip = around([w.box for cell in cells for w in cell] + ([label.box] if label else []))
    frame = band.text.page.frame
    row = [RawCell(0, 0, 1, 1, label.text if label else "", 0.0, start, frame.to_displayed(strip))]
    for at, cell in enumerate(cells):
        box = _box(cell) if cell else strip
        text = words_to_cell_text(cell, widths[at])
        left = start + at * span * WIDTH
        row.append(
            RawCell(0, 1 + at * span, 1, span, text, left, left + span * WIDTH, frame.to_displayed(box))
        )
    return row


def _rows_to_table(rows: Iterable[Sequence[RawCell]], page: PageContent, reader: str) -> RawTable:
    cells = tuple(cell._replace(row=at) for at, row in enumerate(rows) for cell in row)
    return RawTable(page.number, reader, cells, around([cell.box for cell in cells]), inferred=True)
