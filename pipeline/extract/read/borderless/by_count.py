"""Read borderless tables a second time, by counting: the k-th line of values is that of the k-th label.

The first way to read them (`assemble`) measures: a word stands beside some label and below some header. Here
labels and lines are counted.

- Where a header has as many lines of values below it as labels, the first line is that of the first label.
- Where a line has as many values as the header has columns, the first value is in the first column.
- A line with blanks is read where complete lines, or all lines together, show as many upright strips as there
  are columns.
- Where the counts differ, only what needs no judgement is read: a line exactly at the middle of a label, a
  value exactly at the middle of a column header.

So this cannot read a whole report. But it makes other errors than measuring, which makes it an independent
reader for the cross-check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain as chained
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.read.borderless.assemble import (
    block_to_widths,
    pages_to_labelled_blocks,
    sort_by_place,
    words_to_cell_text,
)
from pipeline.extract.read.borderless.columns import TOUCHING_MAX_OVERLAP, overlap
from pipeline.extract.read.borderless.header_blocks import HeaderBlock, PageWords
from pipeline.extract.read.borderless.rows import words_to_lines, words_to_stacks
from pipeline.extract.read.borderless.words import Word, join_words
from pipeline.extract.read.grid import PageContent
from pipeline.records import Box, RawCell, RawTable, bounding_box

DRAWN_COLUMN_WIDTH = 20.0
"""Points. Columns are counted and not measured, so that each has this width in the grid."""

DRAWN_TABLE_WIDTH = 25 * DRAWN_COLUMN_WIDTH
"""Points. Each grid has this width; what the columns leave is for the labels."""

COUNTED_LINE_MAX_OFFSET_RATIO = 1.5
"""Times a label's height. A line that counting gives to a label stands no further above or below it."""

SAME_MIDDLE_MAX_OFFSET_RATIO = 0.2
"""Share of a label's height. Middles that are closer are the same.

Taught by lines with blanks: they may be read only where each value stands exactly below its header.
"""

OWN_COLUMN_MAX_OFFSET_RATIO = 0.75
"""Share of the narrowest column. A value further from the middle of its header stands in another column.

Taught by 12 34 in one cell, which looks like two values: the count of the line came out right by chance.
"""

Cells = list[list[Word]]
"""The cells of a line from left to right, each a list of its words."""


class Line(NamedTuple):
    """A line of values on the page of `block`, and its label: None where the header names the rows."""

    block: HeaderBlock
    label: Word | None
    cells: Cells


def pages_to_counted_tables(pages: Sequence[PageWords], reader: str) -> list[RawTable]:
    """Return, page by page, a grid of those lines of the forms' tables that counting can name."""
    tables: list[RawTable] = []
    for _, blocks in pages_to_labelled_blocks(pages):
        for chain in blocks_to_chains(blocks):
            tables += _chain_to_tables(chain, reader)
    return sort_by_place(tables, pages)


def blocks_to_chains(blocks: Iterable[HeaderBlock]) -> list[list[HeaderBlock]]:
    """Group the blocks of one header: those of its own page and of the pages after it."""
    chains: list[list[HeaderBlock]] = []
    for block in blocks:
        if block.printed:
            chains.append([block])
        elif chains and block.column_headers == chains[-1][0].column_headers:
            chains[-1].append(block)
    return chains


def _chain_to_tables(chain: Sequence[HeaderBlock], reader: str) -> Iterator[RawTable]:
    """Yield a grid for each page of a chain of blocks; the first one has the header."""
    lines, column_headers = chain_to_lines(chain), chain[0].column_headers
    column_boxes = lines_to_column_boxes([line.cells for line in lines], column_headers)
    for block in chain:
        rows = _header_rows(block) if block.printed else []
        for line in (line for line in lines if line.block is block):
            columns = cells_to_columns(line.cells, column_boxes, column_headers)
            if columns is not None:
                rows.append(_line_row(line, columns))
        if rows:
            yield _rows_to_table(rows, block.page.content, reader)


def chain_to_lines(chain: Sequence[HeaderBlock]) -> list[Line]:
    """Return every line of values with its label.

    Labels and lines are counted page by page where that comes out even, or else over all pages.
    """
    if chain[0].spanning_headers:
        rows = [(block, row.words) for block in chain for row in block.rows if row.words]
        return [Line(block, None, words_to_cells(words)) for block, words in rows]
    labels = [[(block, label) for label in block_to_labels(block)] for block in chain]
    values = [[(block, cells) for cells in block_to_lines(block)] for block in chain]
    if not all(map(_is_even, labels, values)):
        whole = list(chained.from_iterable(labels)), list(chained.from_iterable(values))
        if _is_even(*whole):
            labels, values = [whole[0]], [whole[1]]
    return [
        line for named, lines in zip(labels, values, strict=True) for line in _labels_with_lines(named, lines)
    ]


def _labels_with_lines(
    labels: Sequence[tuple[HeaderBlock, Word]], lines: Sequence[tuple[HeaderBlock, Cells]]
) -> list[Line]:
    """Return lines with their labels: in their order where the counts agree, else by their middles.

    By their middles, a label without a line is that of a blank row, and [] comes back where one line has no
    label.
    """
    if _is_even(labels, lines):
        return [Line(block, label, cells) for (_, label), (block, cells) in zip(labels, lines, strict=True)]
    blank = {id(label): Line(block, label, []) for block, label in labels}
    filled = {}
    for block, cells in lines:
        box = _box(chained.from_iterable(cells))
        middle = (box.top + box.bottom) / 2
        beside = [
            label
            for _, label in labels
            if abs(label.y - middle) < SAME_MIDDLE_MAX_OFFSET_RATIO * label.height
        ]
        if len(beside) != 1:
            return []
        filled[id(beside[0])] = Line(block, beside[0], cells)
    return list((blank | filled).values()) if len(filled) == len(lines) > 0 else []


def block_to_labels(block: HeaderBlock) -> list[Word]:
    """Return the labels of a block from top to bottom, with the piece of one that the page's end cuts."""
    labels = [row.label or join_words(row.beside) for row in block.rows if row.label or row.beside]
    return sorted(labels, key=lambda label: label.y)


def block_to_lines(block: HeaderBlock) -> list[Cells]:
    """Return the lines of values of a block from top to bottom."""
    return [words_to_cells(line) for line in words_to_lines(w for row in block.rows for w in row.words)]


def words_to_cells(words: Sequence[Word]) -> Cells:
    """Group words to cells, from left to right."""
    return sorted(words_to_stacks(words), key=lambda cell: cell[0].x)


def _is_even(labels: Sequence[tuple[HeaderBlock, Word]], lines: Sequence[tuple[HeaderBlock, Cells]]) -> bool:
    """Whether there are as many labels as lines, each beside its own or parted from it by a page's end."""
    if len(labels) != len(lines):
        return False
    ends = {at for at, ((a, _), (b, _)) in enumerate(pairwise(lines)) if a is not b}
    return all(
        _is_level(label, cells) if page is block else bool(ends & {at - 1, at})
        for at, ((page, label), (block, cells)) in enumerate(zip(labels, lines, strict=True))
    )


def _is_level(label: Word, cells: Cells) -> bool:
    """Whether a line stands beside a label, or nearly so."""
    box = _box(chained.from_iterable(cells))
    apart = max(box.top - label.box.bottom, label.box.top - box.bottom)
    return apart < COUNTED_LINE_MAX_OFFSET_RATIO * label.height


def _box(words: Iterable[Word]) -> Box:
    """Return the bounding box of words."""
    boxes = [word.box for word in words]
    return boxes[0] if len(boxes) == 1 else bounding_box(boxes)


def lines_to_column_boxes(lines: Sequence[Cells], column_headers: Sequence[Word]) -> list[Box]:
    """Return the box of every column, by complete lines or by all of them; [] where they do not show it."""
    complete = [line for line in lines if is_complete(line, column_headers)]
    columns = [[w for cell in column for w in cell] for column in zip(*complete, strict=True)]
    if not complete:
        columns = words_to_strips([w for line in lines for cell in line for w in cell])
    column_boxes = list(map(_box, columns))
    apart = all(overlap(a, b) <= TOUCHING_MAX_OVERLAP for a, b in pairwise(column_boxes))
    return column_boxes if apart and _is_below(column_boxes, column_headers) else []


def is_complete(cells: Cells, column_headers: Sequence[Word]) -> bool:
    """Whether a line has one value for every column header."""
    return _is_below(list(map(_box, cells)), column_headers)


def _is_below(boxes: Sequence[Box], column_headers: Sequence[Word]) -> bool:
    """Whether there is one box for every column header, and none of them a column away."""
    if len(boxes) != len(column_headers):
        return False
    pitch = min((b.x - a.x for a, b in pairwise(column_headers)), default=float("inf"))
    return all(
        abs(_middle(box) - column_header.x) < OWN_COLUMN_MAX_OFFSET_RATIO * pitch
        for box, column_header in zip(boxes, column_headers, strict=True)
    )


def _middle(box: Box) -> float:
    """Return the middle across the page, in points."""
    return (box.x0 + box.x1) / 2


def words_to_strips(words: Iterable[Word]) -> list[list[Word]]:
    """Group words that stand above each other, from left to right."""
    strips: list[list[Word]] = []
    end = 0.0
    for word in sorted(words, key=lambda w: w.box.x0):
        if not strips or word.box.x0 >= end - TOUCHING_MAX_OVERLAP:
            strips.append([])
        strips[-1].append(word)
        end = max(end, word.box.x1)
    return strips


def cells_to_columns(
    cells: Cells, column_boxes: Sequence[Box], column_headers: Sequence[Word]
) -> list[int] | None:
    """Return the column (from 0) of every cell of a line; None where one is not certain."""
    if is_complete(cells, column_headers):
        return list(range(len(column_headers)))
    boxes = list(map(_box, cells))
    if column_boxes:
        under = [
            [
                at
                for at, column_box in enumerate(column_boxes)
                if overlap(box, column_box) > TOUCHING_MAX_OVERLAP
            ]
            for box in boxes
        ]
    else:
        under = [
            [at for at, column_header in enumerate(column_headers) if _is_centred(box, column_header)]
            for box in boxes
        ]
    columns = [found[0] for found in under if len(found) == 1]
    return columns if len(set(columns)) == len(cells) else None


def _is_centred(box: Box, column_header: Word) -> bool:
    """Whether a box has the middle of a column header."""
    return abs(_middle(box) - column_header.x) < SAME_MIDDLE_MAX_OFFSET_RATIO * column_header.height


def _header_rows(block: HeaderBlock) -> list[list[RawCell]]:
    """Return the rows of the header: column headers, and above them the spanning headers that name rows."""
    column_headers = [[column_header] for column_header in block.column_headers]
    rows = [_row(None, column_headers, block, 1)]
    if block.spanning_headers:
        groups = [[group] if group else [] for group in block.spanning_headers]
        rows.insert(0, _row(None, groups, block, len(column_headers) // len(groups)))
    return rows


def _line_row(line: Line, columns: Sequence[int]) -> list[RawCell]:
    """Return the row of a line whose cells stand in these columns."""
    cells: Cells = [[] for _ in line.block.column_headers]
    for column, cell in zip(columns, line.cells, strict=True):
        cells[column] = cell
    return _row(line.label, cells, line.block, 1)


def _row(label: Word | None, cells: Cells, block: HeaderBlock, span: int) -> list[RawCell]:
    """Return a row of a grid, numbered 0 for now: the label, then cells that are `span` columns wide each."""
    start = DRAWN_TABLE_WIDTH - len(cells) * span * DRAWN_COLUMN_WIDTH
    widths = block_to_widths(block)
    strip = bounding_box([w.box for cell in cells for w in cell] + ([label.box] if label else []))
    orientation = block.page.content.orientation
    row = [RawCell(0, 0, 1, 1, label.text if label else "", 0.0, start, orientation.to_displayed(strip))]
    for at, cell in enumerate(cells):
        box = _box(cell) if cell else strip
        text = words_to_cell_text(cell, widths[at])
        left = start + at * span * DRAWN_COLUMN_WIDTH
        row.append(
            RawCell(
                0,
                1 + at * span,
                1,
                span,
                text,
                left,
                left + span * DRAWN_COLUMN_WIDTH,
                orientation.to_displayed(box),
            )
        )
    return row


def _rows_to_table(rows: Iterable[Sequence[RawCell]], page: PageContent, reader: str) -> RawTable:
    """Number the rows and make them a grid."""
    cells = tuple(cell._replace(row=at) for at, row in enumerate(rows) for cell in row)
    return RawTable(page.number, reader, cells, bounding_box([cell.box for cell in cells]), inferred=True)
