"""Assemble borderless tables: the forms tell which labels to expect, and the places of the words do the rest.

1. The labels of the forms are found on every page (`label_search`). Column labels make a header, and the row
   labels left of it make the rows below, down to the next header (`header_blocks`). A page that goes on
   without a header stands under that of the page before.
2. Every other word right of the labels is in the row whose label it stands beside (`rows`). Words beside no
   label make rows of their own, named by whatever text stands beside them.
3. The columns are found over all rows of a header (`columns`), by upright strips of words and by the order
   within the rows. A word whose column is not certain gets a cell over all columns that it may stand in.

No word on the lines of a table is dropped. What fits nowhere becomes a cell that no header names, and the
binder lists it. Sums are never used to place a number: they are there to test the places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from pipeline.extract.read.borderless.columns import (
    ColumnHeaders,
    Span,
    rows_to_strips,
    strips_to_side,
    strips_to_side_of_headers,
    words_to_spans,
)
from pipeline.extract.read.borderless.header_blocks import (
    HeaderBlock,
    PageWords,
    drop_page_numbers,
    is_complete,
    pages_to_header_blocks,
)
from pipeline.extract.read.borderless.label_search import (
    rows_to_labels,
    words_to_misspelt_headers,
    words_to_years,
)
from pipeline.extract.read.borderless.label_sets import Labels, load_labels
from pipeline.extract.read.borderless.rows import CELL_MAX_LINE_PITCH_RATIO, DraftRow, words_to_stacks
from pipeline.extract.read.borderless.rows_in_header import pages_to_blocks_naming_rows
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
from pipeline.records import Box, RawCell, RawTable, bounding_box

INFINITE = float("inf")

_VALUE = re.compile("[0-9.,]*[0-9](?![0-9.,、])")


def pages_to_borderless_tables(pages: Sequence[PageWords], reader: str) -> list[RawTable]:
    """Return a grid, page by page, for every table of the forms whose labels stand on the pages.

    The pages come in order.
    """
    tables: list[RawTable] = []
    for labels, blocks in pages_to_labelled_blocks(pages):
        spans = blocks_to_spans(blocks, labels)
        for _, part in groupby(blocks, key=lambda block: id(block.page)):
            mine = [block for block in part if block.printed or block.rows]
            if any(map(_is_table, mine)):
                tables.append(_blocks_to_table(mine, spans, reader))
    return sort_by_place(tables, pages)


def pages_to_labelled_blocks(pages: Sequence[PageWords]) -> Iterator[tuple[Labels, Sequence[HeaderBlock]]]:
    """Yield the labels of every table of the forms with its header blocks on these pages.

    A table with its rows in the header is looked for first and as a whole: what it takes can be no part of
    another.
    """
    drop_page_numbers(pages)
    for labels in sorted(load_labels(), key=lambda labels: not labels.spanning):
        join_split_headers(pages, labels)
        find = pages_to_blocks_naming_rows if labels.spanning else pages_to_header_blocks
        yield labels, find(pages, labels)


def sort_by_place(tables: Iterable[RawTable], pages: Iterable[PageWords]) -> list[RawTable]:
    """Return the tables in reading order."""
    orientations = {page.content.number: page.content.orientation for page in pages}
    return sorted(tables, key=lambda table: (table.page, orientations[table.page].to_reading(table.box).top))


def _is_table(block: HeaderBlock) -> bool:
    """Whether a header, several rows or a number was found; a single label may be quoted by prose."""
    return block.printed or len(block.rows) > 1 or any(row.words for row in block.rows)


def content_to_page(page: PageContent) -> PageWords:
    """Return the labels and the other words of a page."""
    rows = glyphs_to_rows(runs_to_glyphs(page.glyphs))
    labels = rows_to_labels(rows)
    used = frozenset(id(glyph) for label in labels for glyph in label.glyphs)
    words = [part for word in rows_to_words(rows, used) for part in _without_number(word)]
    labels += words_to_misspelt_headers(words)
    labels += words_to_years(words, labels)
    spent = {id(glyph) for label in labels for glyph in label.glyphs}
    return PageWords(page, labels, [word for word in words if id(word.glyphs[0]) not in spent])


def _without_number(word: Word) -> list[Word]:
    """Split a number from the end of a text that it touches.

    Labels do not end with a number. Values may, but they begin with one too.
    """
    if _VALUE.match(plain(word.text)):
        return [word]
    end = len(word.glyphs)
    while end and not is_letter(word.glyphs[end - 1]):
        end -= 1
    number = any(g.text.isdigit() or g.text in "—/-" for g in word.glyphs[end:])
    if not (end and number):
        return [word]
    return [glyphs_to_word(word.glyphs[:end]), glyphs_to_word(word.glyphs[end:])]


def blocks_to_spans(blocks: Sequence[HeaderBlock], labels: Labels) -> dict[int, Span]:
    """Return the columns in which every word may stand, by the id of the word.

    Rows under headers in the same places decide together, over all pages.
    """
    groups = [group for group in _blocks_with_same_headers(blocks) if group[0].column_headers]
    column_headers = [
        ColumnHeaders(_boxes_of_columns(group), [box for block in group for box in block.spanning_boxes])
        for group in groups
    ]
    lines = [[row for block in group for row in block.rows] for group in groups]
    rows = [[row.words for row in group if _is_known(row, labels)] for group in lines]
    strays = [[w for row in group if not _is_known(row, labels) for w in row.words] for group in lines]
    side = _side(rows, column_headers)
    spans: dict[int, Span] = {}
    for group, header, words, others in zip(groups, column_headers, rows, strays, strict=True):
        complete = all(_has_all_columns(block, labels) for block in group)
        spans |= words_to_spans(header, words, others, complete, side)
    return spans


def _is_known(row: DraftRow, labels: Labels) -> bool:
    """Whether a row has a label of the form, at the left or in the header."""
    return bool(row.label or labels.spanning)


def _side(rows: Sequence[Sequence[Sequence[Word]]], column_headers: Sequence[ColumnHeaders]) -> int:
    """Return the alignment of a table, if all its blocks agree: -1 left, 1 right, else 0."""
    strips = [rows_to_strips(words, header) for words, header in zip(rows, column_headers, strict=True)]
    aligned = strips_to_side([strip for block in strips for strip in block])
    side_of_headers = {
        strips_to_side_of_headers(block, header) for block, header in zip(strips, column_headers, strict=True)
    } - {0}
    return aligned or (side_of_headers.pop() if len(side_of_headers) == 1 else 0)


def _has_all_columns(block: HeaderBlock, labels: Labels) -> bool:
    """Whether no column of the form is missing in the header of a block."""
    return bool(labels.spanning) or is_complete(block, labels)


def _boxes_of_columns(blocks: Sequence[HeaderBlock]) -> list[Box]:
    """Return the bounding box of each column header over several blocks."""
    return [
        bounding_box([h.box for h in column])
        for column in zip(*(b.column_headers for b in blocks), strict=True)
    ]


def _blocks_with_same_headers(blocks: Sequence[HeaderBlock]) -> list[list[HeaderBlock]]:
    """Group blocks whose headers say the same in the same places."""
    groups: list[list[HeaderBlock]] = []
    for block in blocks:
        group = next((g for g in groups if _have_same_headers(g[0], block)), None)
        if group is None:
            groups.append([block])
        else:
            group.append(block)
    return groups


def _have_same_headers(block: HeaderBlock, other: HeaderBlock) -> bool:
    """Whether two blocks have the same column headers, less than 2 points apart."""
    if len(block.column_headers) != len(other.column_headers):
        return False
    pairs = zip(block.column_headers, other.column_headers, strict=True)
    return all(a.name == b.name and abs(a.x - b.x) < 2 for a, b in pairs)


def _blocks_to_table(blocks: Sequence[HeaderBlock], spans: dict[int, Span], reader: str) -> RawTable:
    """Return the grid of a page; its rows reach over the whole width, so that pages can be compared."""
    page = blocks[0].page.content
    cells: list[RawCell] = []
    row = 0
    for block in blocks:
        edges = _edges(block, spans, page.orientation.reading_size[0])
        for line in _block_to_lines(block, edges, spans):
            cells += [
                RawCell(row, col, 1, 1, text, left, right, page.orientation.to_displayed(box))
                for col, (text, left, right, box) in enumerate(sorted(line, key=lambda cell: cell[1]))
            ]
            row += 1
    return RawTable(
        page.number, reader, tuple(cells), bounding_box([cell.box for cell in cells]), inferred=True
    )


CELL_MARGIN = 1.5
"""Points. A cell without rulings reaches as far above and below its words, whose boxes may be tight."""

LineCell = tuple[str, float, float, Box]
"""A cell of a line: its text, its left and right edge in points, and the bounding box of its words."""


def _edges(block: HeaderBlock, spans: dict[int, Span], width: float) -> list[float]:
    """Return, in points, where the columns begin and the last one ends: half way between their words."""
    columns = [[column_header] for column_header in block.column_headers]
    for word in (w for row in block.rows for w in row.words):
        span = spans.get(id(word))
        if span and span.low == span.high:
            columns[span.low].append(word)
    column_boxes = [bounding_box([w.box for w in column]) for column in columns]
    if not column_boxes:
        return []
    middles = [(a.x1 + b.x0) / 2 for a, b in pairwise(column_boxes)]
    return [column_boxes[0].x0 - 1, *middles, max(width, column_boxes[-1].x1 + 1)]


def _block_to_lines(
    block: HeaderBlock, edges: Sequence[float], spans: dict[int, Span]
) -> Iterable[list[LineCell]]:
    """Yield the lines of a block: its header, where it is printed here, and its rows."""
    if block.printed:
        if block.spanning_headers:
            yield _spanning_header_line(block, edges)
        yield [
            _line_cell([column_header], left, right, column_header.box)
            for column_header, (left, right) in zip(block.column_headers, pairwise(edges), strict=True)
        ]
    widths = block_to_widths(block)
    for row in block.rows:
        yield _row_line(row, edges, widths, spans)


def _spanning_header_line(block: HeaderBlock, edges: Sequence[float]) -> list[LineCell]:
    """Return the line of the spanning headers, each over as many columns.

    One that stands below its columns is on the page before: its place is not on this page.
    """
    share = len(block.column_headers) // len(block.spanning_headers)
    strip = bounding_box([column_header.box for column_header in block.column_headers])
    cells = (
        _line_cell([label] if label else [], edges[i * share], edges[(i + 1) * share], strip)
        for i, label in enumerate(block.spanning_headers)
    )
    return [(text, x0, x1, box if box.top < strip.bottom else strip) for text, x0, x1, box in cells]


def _row_line(
    row: DraftRow, edges: Sequence[float], widths: Sequence[float], spans: dict[int, Span]
) -> list[LineCell]:
    """Return the cells of a row; a word that may stand in several columns gets one cell over all of them."""
    printed = row.label or row.words or row.beside
    strip = row.box if printed else Box(edges[0], 0.0, edges[-1], 0.0)
    line: list[LineCell] = [
        _line_cell(stack, *_stretch(stack), strip) for stack in words_to_stacks(row.beside)
    ]
    if row.label:
        line.append(_line_cell([row.label], 0.0, edges[0] if edges else row.label.box.x1, strip))
    if not edges:
        return line + [_line_cell([w], w.box.x0, w.box.x1, strip) for w in row.words]
    for low, high in _merged([spans[id(w)] for w in row.words], len(edges) - 1):
        words = [w for w in row.words if low <= spans[id(w)].low <= high]
        empty = Box(edges[low], strip.top, edges[high + 1], strip.bottom)
        line_cell = _line_cell(
            words, edges[low], edges[high + 1], empty, widths[low] if low == high else INFINITE
        )
        sure = all(spans[id(w)].sure for w in words)
        line.append(line_cell if sure else (line_cell[0] + UNNAMED, *line_cell[1:]))
    return line


def block_to_widths(block: HeaderBlock) -> list[float]:
    """Return the largest width, in points, of each column: as far as the middle of the next column header."""
    pitches = [after.x - before.x for before, after in pairwise(block.column_headers)]
    if not pitches:
        return [INFINITE]
    return [max(near) for near in zip([0.0, *pitches], [*pitches, 0.0], strict=True)]


def _stretch(words: Sequence[Word]) -> tuple[float, float]:
    """Return the left and the right edge of words in points."""
    box = bounding_box([w.box for w in words])
    return box.x0, box.x1


def _merged(spans: Iterable[Span], count: int) -> list[tuple[int, int]]:
    """Return the first and the last column of each cell: columns of one span are one cell."""
    joined = [False] * count
    for span in spans:
        for at in range(span.low + 1, span.high + 1):
            joined[at] = True
    starts = [*(at for at in range(count) if not joined[at]), count]
    return [(a, b - 1) for a, b in pairwise(starts)]


def _line_cell(
    words: Sequence[Word], left: float, right: float, empty: Box, width: float = INFINITE
) -> LineCell:
    """Return a cell that is at most `width` points wide; `empty` is its box where it has no words."""
    box = _with_margin(bounding_box([w.box for w in words])) if words else empty
    return words_to_cell_text(words, width), left, right, box


def _with_margin(box: Box) -> Box:
    """Return the box of a cell around that of its words."""
    return Box(box.x0, box.top - CELL_MARGIN, box.x1, box.bottom + CELL_MARGIN)


def words_to_cell_text(words: Sequence[Word], width: float = INFINITE) -> str:
    """Return the text of a cell that is `width` points wide.

    Lines that do not fill it are parted by a line feed, so that two numbers do not become one.
    """
    if len(words) == 1:
        return words[0].text
    parts = [[glyph for word in part for glyph in word.glyphs] for part in words_to_paragraphs(words)]
    return "\n".join(glyphs_to_cell_text(part, width) for part in parts)


def words_to_paragraphs(words: Iterable[Word]) -> list[list[Word]]:
    """Group the words of a cell from top to bottom, parted where lines stand wide apart."""
    parts: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.y):
        if not parts or word.y - parts[-1][-1].y > CELL_MAX_LINE_PITCH_RATIO * word.size:
            parts.append([])
        parts[-1].append(word)
    return parts
