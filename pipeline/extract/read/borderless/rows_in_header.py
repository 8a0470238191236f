"""Find borderless tables whose header names the rows too.

Spanning headers name the rows. Below each of them stand the same column headers, and below all of these one
row of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.read.borderless.header_blocks import (
    HEADER_MAX_LINE_PITCH_RATIO,
    ROWS_MAX_DISTANCE_RATIO,
    HeaderBlock,
    PageWords,
    fill_header,
    follows,
)
from pipeline.extract.read.borderless.label_sets import Labels
from pipeline.extract.read.borderless.rows import DraftRow, is_short, words_to_lines, words_to_phrases
from pipeline.extract.read.borderless.words import Word
from pipeline.records import bounding_box

RUNNING_TITLE_MAX_LINES = 2
"""Count. A running title at the head of a page has no more lines.

Taught by a row of numbers that stood on the page after its header, under such a title.
"""

VALUE_LINE_MIN_WORDS = 3
"""Count. A line of fewer words far below a header is a page number and no row of values."""


def pages_to_blocks_naming_rows(pages: Sequence[PageWords], labels: Labels) -> list[HeaderBlock]:
    """Return the header blocks of a table whose rows are named in the header.

    A page may end inside of the header or below it.
    """
    blocks: list[HeaderBlock] = []
    above: list[Word] = []
    waiting: HeaderBlock | None = None
    for before, page in zip([None, *pages], pages, strict=False):
        if before is None or not follows(before, page):
            above, waiting = [], None
        spanning = [w for w in page.labels if w.name in labels.spanning]
        block = _page_to_header(page, spanning, above, labels)
        if waiting and not block and (values := _first_values(page)):
            blocks.append(
                HeaderBlock(
                    page, waiting.column_headers, False, [DraftRow(None, values)], waiting.spanning_headers
                )
            )
        if block:
            blocks.append(block)
        elif len(spanning) > 1:
            _drop_header(page, spanning)
        above, waiting = [] if block else spanning, block if block and not block.rows else None
        for found in blocks:
            _take_words_from_page(found)
    return blocks


def _drop_header(page: PageWords, spanning: Sequence[Word]) -> None:
    """Drop the words of a header that cannot be made out: they are no part of another table."""
    top = min(label.box.top for label in spanning)
    bottom = max(label.box.bottom + HEADER_MAX_LINE_PITCH_RATIO * label.height for label in spanning)
    page.labels = [w for w in page.labels if not top <= w.y <= bottom]
    page.words = [w for w in page.words if not top <= w.y <= bottom]


def _take_words_from_page(block: HeaderBlock) -> None:
    """Drop from its page what a block holds, so that no other table has it too."""
    taken = {id(w) for w in (*block.column_headers, *block.spanning_headers)}
    block.page.labels = [w for w in block.page.labels if id(w) not in taken]
    glyphs = {id(glyph) for row in block.rows for w in row.words for glyph in w.glyphs}
    block.page.words = [w for w in block.page.words if id(w) not in taken and id(w.glyphs[0]) not in glyphs]


def _page_to_header(
    page: PageWords, spanning: Sequence[Word], above: Sequence[Word], labels: Labels
) -> HeaderBlock | None:
    """Return the header on a page, or None; `above` are spanning headers at the end of the page before."""
    top = 0.0 if above else min((label.box.top for label in spanning), default=float("inf"))
    column_headers = [w for w in page.labels if w.name in labels.columns and w.y > top]
    column_headers = [
        w
        for w in column_headers
        if min(h.y for h in column_headers) + HEADER_MAX_LINE_PITCH_RATIO * w.height > w.y
    ]
    if not column_headers:
        return None
    block = HeaderBlock(page, sorted(column_headers, key=lambda w: w.x), printed=True)
    added = fill_header(block, page.words, labels)
    share = _columns_of_each(block.column_headers, labels)
    if not share:
        return None
    block.spanning_headers = _spanning_headers_of(block.column_headers, share, [*above, *spanning])
    block.spanning_boxes = [label.box for label in (*above, *spanning)]
    bottom = max(column_header.box.bottom for column_header in block.column_headers)
    block.rows = _rows_below([w for w in page.words if w not in added], bottom, column_headers[0].height)
    return block


def _columns_of_each(column_headers: Sequence[Word], labels: Labels) -> int:
    """Return how many columns stand below each spanning header; 0 where they are not the same below each."""
    form = labels.forms[0]
    share, rest = divmod(len(column_headers), len(form.rows))
    if rest:
        return 0
    if share == len(form.columns):
        return share
    names = [column_header.name for column_header in column_headers]
    repeated = names == names[:share] * len(form.rows) and len(set(names[:share])) == share
    return share if share > 1 and repeated and labels.columns.issuperset(names) else 0


def _spanning_headers_of(
    column_headers: Sequence[Word], share: int, labels: Sequence[Word]
) -> list[Word | None]:
    """Return the spanning header over every `share` column headers; None where a page's end took it."""
    spanning: list[Word | None] = []
    for at in range(0, len(column_headers), share):
        box = bounding_box([column_header.box for column_header in column_headers[at : at + share]])
        over = [label for label in labels if box.x0 <= label.x <= box.x1]
        spanning.append(over[0] if len(over) == 1 else None)
    return spanning


def _rows_below(words: Sequence[Word], bottom: float, height: float) -> list[DraftRow]:
    """Return the row below a header, in a list of one.

    The row has no words where a text that is no row follows and leaves room for a blank one. The list is
    empty where nothing tells: the row may stand on the next page, or not be understood.
    """
    below = [w for w in words if w.y > bottom]
    first = min(below, key=lambda w: w.y, default=None)
    if first is None:
        return []
    values = _first_row(below)
    if len(values) >= VALUE_LINE_MIN_WORDS or (
        values and values[0].y - bottom < ROWS_MAX_DISTANCE_RATIO * height
    ):
        return [DraftRow(None, values)]
    is_text = not any(is_short(w) for w in below if abs(w.y - first.y) < first.height)
    return [DraftRow(None)] if is_text and first.box.top - bottom > 2 * height else []


def _first_values(page: PageWords) -> list[Word]:
    """Return the first row of a page that can be values, below its running title; [] where there is none."""
    words = page.words
    for _ in range(RUNNING_TITLE_MAX_LINES + 1):
        values = _first_row(words)
        if len(values) >= VALUE_LINE_MIN_WORDS:
            return values
        top = min((w.y for w in words), default=0.0)
        words = [w for w in words if w.y > top + w.height / 2]
    return []


def _first_row(words: Sequence[Word]) -> list[Word]:
    """Return the words of the first row, joined to phrases; [] where they cannot be values."""
    rows = words_to_lines(words)
    return words_to_phrases(rows[0]) if rows and all(map(is_short, rows[0])) else []
