"""Headers with the rows below them, page by page.

A table of which the form names the rows at the left has a header and rows over as many pages as it takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from statistics import median

from rapidfuzz import fuzz

from pipeline.extract.read.borderless.columns import overlap
from pipeline.extract.read.borderless.label_search import words_to_misspelt_labels
from pipeline.extract.read.borderless.label_sets import Labels
from pipeline.extract.read.borderless.rows import (
    BESIDE_LABEL_MAX_OFFSET_RATIO,
    DraftRow,
    assign_words_to_rows,
    words_to_stacks,
)
from pipeline.extract.read.borderless.words import Word, has_letter, join_words
from pipeline.extract.read.grid import PageContent
from pipeline.forms import TableForm
from pipeline.forms.labels import fold
from pipeline.records import Box

ROWS_MAX_DISTANCE_RATIO = 3.0
"""Rows without a known label reach so many heights beyond the first and the last known one."""

ROWS_MAX_DISTANCE_PITCHES = 1.5
"""And so many times as far as the known rows stand apart, where these are high."""

TORN_ROW_PAGE_MAX_WORDS = 12
"""A page of no more words may hold a piece of a torn row and nothing else of its table."""

WATERMARK_WORD_MIN_HEIGHT_RATIO = 1.8
"""Text so many times as high as a label is a watermark."""

PAGE_NUMBER_MAX_OFFSET = 1.5
"""."""

HEADER_MAX_LINE_PITCH_RATIO = 5.0
"""Labels of one header stand no further below each other than so many heights."""

MISSPELT_HEADER_MIN_SIMILARITY = 60.0
"""The least similarity (rapidfuzz ratio) of a header with a typing error that stands left of the others."""


@dataclass(slots=True)
class PageWords:
    """What stands on a page: the labels of the forms, and every other word."""

    content: PageContent
    labels: list[Word]
    words: list[Word]


@dataclass(slots=True)
class HeaderBlock:
    """A header, printed on this page or carried over, and the rows below it."""

    page: PageWords
    heads: list[Word]
    printed: bool
    rows: list[DraftRow] = field(default_factory=list)
    spanning_headers: list[Word | None] = field(default_factory=list)
    """Row labels over the heads, each over as many; None for one that was not found."""
    spanning_boxes: list[Box] = field(default_factory=list)
    """Where labels stand over several heads."""


def pages_to_header_blocks(pages: Sequence[PageWords], labels: Labels) -> list[HeaderBlock]:
    """The bands of a table whose rows are named at the left, page by page.

    Where some have a header, rows under none are quoted by prose.
    """
    drop_page_numbers(pages)
    blocks: list[HeaderBlock] = []
    lasting: PageWords | None = None
    for page in (part for whole in pages for part in _side_by_side(whole, labels)):
        carried = blocks[-1].heads if blocks and lasting and follows(lasting, page) else []
        found = _page_to_blocks(page, labels, carried)
        for at, block in enumerate(found):
            following = found[at + 1].heads if at + 1 < len(found) else []
            _fill_block(block, min((h.box.top for h in following), default=None), labels)
        found = [block for block in found if block.rows or block.printed]
        blocks += found
        if found or (carried and len(page.words) <= TORN_ROW_PAGE_MAX_WORDS):
            lasting = page
    return [block for block in blocks if block.heads] or blocks


def _side_by_side(page: PageWords, labels: Labels) -> list[PageWords]:
    """The page, in two parts where parts of the table stand side by side: rows left and right of headers."""
    heads = [w for w in page.labels if w.name in labels.columns - labels.rows]
    rows = [w for w in page.labels if w.name in labels.rows - labels.columns]
    left = [row for row in rows if not any(head.box.x1 < row.box.x0 for head in heads)]
    right = [row for row in rows if row not in left and any(row.box.x1 < head.x for head in heads)]
    if not (left and right):
        return [page]
    gutter = min(row.box.x0 for row in right) - right[0].height
    beside = [word for word in (*left, *heads) if word.x < gutter]
    top, bottom = min(word.box.top for word in beside), max(word.box.bottom for word in beside)
    if not any(top < row.y < bottom for row in right):
        return [page]
    parts = PageWords(page.content, [], []), PageWords(page.content, [], [])
    for word in page.labels:
        parts[word.x > gutter].labels.append(word)
    for word in page.words:
        parts[word.x > gutter].words.append(word)
    return list(parts)


def _level(word: Word, other: Word) -> bool:
    """Whether two texts stand on the same lines, if only with a part of them."""
    return min(word.box.bottom, other.box.bottom) > max(word.box.top, other.box.top)


def drop_page_numbers(pages: Sequence[PageWords]) -> None:
    """Takes the words that count the pages: each alone on its line, and as high as on another page."""
    lone = [(page, word) for page in pages for word in page.words if _stands_alone(word, page)]
    counting = {
        id(word)
        for (page, word), (other, seen) in permutations(lone, 2)
        if abs(word.y - seen.y) < PAGE_NUMBER_MAX_OFFSET
        and int(word.text) - int(seen.text) == page.content.number - other.content.number != 0
    }
    for page in pages:
        page.words = [word for word in page.words if id(word) not in counting]


def _stands_alone(word: Word, page: PageWords) -> bool:
    """Whether a whole number has its lines for itself."""
    others = (other for other in (*page.words, *page.labels) if other is not word)
    return word.text.isdecimal() and not any(_level(word, other) for other in others)


def follows(before: PageWords, page: PageWords) -> bool:
    same = before.content.orientation.reading_size == page.content.orientation.reading_size
    return same and page.content.number == before.content.number + 1


def _page_to_blocks(page: PageWords, labels: Labels, carried: Sequence[Word]) -> list[HeaderBlock]:
    """Each header of a page with the labels of the rows below it."""
    heads, rows = split_column_and_row_labels(page.labels, labels)
    blocks = [HeaderBlock(page, list(carried), printed=False)]
    for header in _headers(heads, rows):
        if _is_header(header, labels):
            spanning = [w.box for w in page.labels if w.name in labels.others and _is_over(w, header)]
            blocks.append(HeaderBlock(page, header, printed=True, spanning_boxes=spanning))
    for row in sorted(rows, key=lambda w: w.y):
        block = [b for b in blocks if not b.printed or b.heads[0].y < row.y][-1]
        if not block.heads or row.box.x1 <= min(h.box.x0 for h in block.heads) + 2:
            block.rows.append(DraftRow(row))
    return [block for block in blocks if block.rows or block.heads]


def _is_over(word: Word, heads: Sequence[Word]) -> bool:
    """Whether a label stands right over the heads."""
    above = (
        heads[0].y - 2 * HEADER_MAX_LINE_PITCH_RATIO * word.height < word.y < max(head.y for head in heads)
    )
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
    close = word.y - header[-1].y < HEADER_MAX_LINE_PITCH_RATIO * word.height
    return close and not any(overlap(word.box, head.box) > 0 for head in header)


def _is_header(heads: Sequence[Word], labels: Labels) -> bool:
    """Whether column labels head a table, rather than being another's or quoted by prose."""
    names = {head.name for head in heads}
    return len(names) > 1 or any(_has_columns(form, names, []) for form in labels.forms)


def split_column_and_row_labels(hits: Sequence[Word], labels: Labels) -> tuple[list[Word], list[Word]]:
    """Labels of columns and of rows; 其他 and 总计 are both, and their place beside the surer ones tells."""
    sure = [w for w in hits if w.name in labels.columns - labels.rows]
    start = min((w.box.x0 for w in sure), default=float("inf"))
    heads = [w for w in hits if w.name in labels.columns and (w in sure or w.box.x0 >= start)]
    rows = [w for w in hits if w.name in labels.rows and w not in heads]
    return heads, rows


def _fill_block(block: HeaderBlock, end: float | None, labels: Labels) -> None:
    """Gives a band the words of its rows, the rows without an exact label, and headers with typing errors."""
    height = median(w.height for w in [*block.heads, *(r.label for r in block.rows if r.label)])
    words = [w for w in block.page.words if w.height <= WATERMARK_WORD_MIN_HEIGHT_RATIO * height]
    if block.printed:
        added = fill_header(block, words, labels)
        words = [w for w in words if w not in added]
    start = min((h.box.x0 for h in block.heads), default=0.0)
    top = max((h.box.bottom for h in block.heads), default=0.0) if block.printed else 0.0
    below = [w for w in words if top < w.y and (end is None or w.y < end)]
    found = {row.label.name for row in block.rows if row.label}
    near = words_to_misspelt_labels([w for w in below if w.box.x1 <= start + 2], labels.rows - found)
    beside = [w for w in (*block.page.labels, *below) if w.box.x1 <= start + 2 and has_letter(w)]
    rows = [row for row in (*block.rows, *map(DraftRow, near)) if not _is_section(row, beside)]
    block.rows = sorted(rows, key=lambda row: row.box.top)
    if not (block.rows or block.printed):
        return
    spent = {id(glyph) for label in near for glyph in label.glyphs}
    top, bottom = _rows_top_and_bottom(block, end, height)
    inside = [w for w in words if top < w.y < bottom and id(w.glyphs[0]) not in spent]
    headings = [w for w in block.page.labels if w.name in labels.others]
    block.rows = assign_words_to_rows(block.rows, inside, block.heads, headings)


def _is_section(row: DraftRow, beside: Iterable[Word]) -> bool:
    """Whether a label names others to its right: （六）其他处理 is a row in one form, three in another."""
    label = row.label
    return label is not None and any(label.box.x1 <= w.box.x0 + 1 and _level(label, w) for w in beside)


def _rows_top_and_bottom(block: HeaderBlock, end: float | None, height: float) -> tuple[float, float]:
    """Between which heights the rows of a band stand."""
    boxes = [row.box for row in block.rows]
    first = min((box.top for box in boxes), default=0.0)
    last = max((box.bottom for box in boxes), default=first)
    reach = max(ROWS_MAX_DISTANCE_RATIO * height, ROWS_MAX_DISTANCE_PITCHES * _row_pitch(block.rows))
    top = first - reach
    if block.printed:
        header = max(head.box.bottom for head in block.heads)
        top = min(header, first - BESIDE_LABEL_MAX_OFFSET_RATIO * height) if boxes else header
    return top, last + reach if end is None else end


def _row_pitch(rows: Sequence[DraftRow]) -> float:
    """How far the rows stand apart; 0 where that cannot be told."""
    return median([below.box.top - above.box.top for above, below in pairwise(rows)] or [0.0])


def fill_header(block: HeaderBlock, words: Sequence[Word], labels: Labels) -> list[Word]:
    """Adds text between the headers as headers, and gives its words."""
    top, bottom = min(h.box.top for h in block.heads), max(h.box.bottom for h in block.heads)
    first = block.heads[0].box.x0
    added: list[Word] = []
    for stack in words_to_stacks([w for w in words if top <= w.y <= bottom]):
        head = join_words(stack)
        known = any(overlap(head.box, other.box) > 0 for other in block.heads)
        if not known and has_letter(head) and (head.box.x0 > first or _resembles(head, labels.columns)):
            block.heads.append(head)
            added += stack
    block.heads.sort(key=lambda w: w.x)
    return added


def _resembles(word: Word, labels: Iterable[str]) -> bool:
    return any(fuzz.ratio(fold(word.text), label) >= MISSPELT_HEADER_MIN_SIMILARITY for label in labels)


def is_complete(block: HeaderBlock, labels: Labels) -> bool:
    """Whether the header holds all columns that a form prints over the rows of the band."""
    names = [head.name for head in block.heads]
    rows = [row.label.name for row in block.rows if row.label]
    return any(_has_columns(form, names, rows) for form in labels.forms)


def _has_columns(form: TableForm, heads: Collection[str], rows: Sequence[str]) -> bool:
    keys = {column.key for column in form.columns if column.folded & set(heads)}
    items = {row.key for row in form.rows if row.folded & set(rows)}
    columns_of_rows = [
        {column for key, column in form.expected() if key == item}
        for item in (items or [row.key for row in form.rows])
    ]
    found = [
        bool(columns) and (columns <= keys or _as_many(columns, keys, heads)) for columns in columns_of_rows
    ]
    return bool(found) and (all(found) if items else any(found))


def _as_many(columns: set[str], keys: set[str], heads: Collection[str]) -> bool:
    """Whether there are as many headers as columns, most of them without a typing error."""
    return len(heads) == len(columns) > 2 * len(columns - keys)
