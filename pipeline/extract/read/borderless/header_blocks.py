"""Find the headers of borderless tables with the rows below them, page by page.

This is for tables whose rows are named at the left. Their header stands once, and their rows go on over as
many pages as they need. A header block is a header and the rows below it on one page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations, zip_longest
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
"""Times the labels' height. Rows without a known label are looked for as far above and below the known rows.

Taught by the piece of a torn row at the head of the next page. At 6.0 a page number below a header is taken
for its row of numbers.
"""

ROWS_MAX_DISTANCE_PITCHES = 1.5
"""Times the distance of the known rows. Where rows are high, more rows are looked for as far away.

Taught by a row that a page's end tore: the one number left of it was taken for a page number.
"""

TORN_ROW_PAGE_MAX_WORDS = 12
"""Count. A page with no more words may hold a piece of a torn row only: the table goes on behind it.

Taught by a page with nothing of the table but a piece of a label. At 24 a page of prose does not end the
table.
"""

WATERMARK_WORD_MIN_HEIGHT_RATIO = 1.8
"""Times the labels' height. A word that is higher is part of a watermark.

Other than with WATERMARK_MIN_HEIGHT_RATIO of the glyphs, nothing has to lie inside it.
"""

PAGE_NUMBER_MAX_OFFSET = 1.5
"""Points. Page numbers stand at one height of their pages: they differ by less.

Taught by bare numbers at the foot of pages that count them; numbers that do not count pages are values.
"""

HEADER_MAX_LINE_PITCH_RATIO = 5.0
"""Times a label's height. Labels of one header stand no further below each other."""

PAGE_SIZE_MAX_RATIO = 1.05
"""Ratio of two pages' sides. Scans of one size differ by less.

A4 that was turned by 2 degrees to be straight is 1.05 times as wide. It is 1.06 times as high as US letter.
"""

MISSPELT_HEADER_MIN_SIMILARITY = 60.0
"""Ratio of rapidfuzz, 0 to 100.

Text left of the known column headers is one if it is as similar to a label.
"""


@dataclass(slots=True)
class PageWords:
    """What stands on a page: the labels of the forms, and all other words.

    The functions that find tables take from it what they use.
    """

    content: PageContent
    labels: list[Word]
    words: list[Word]


@dataclass(slots=True)
class HeaderBlock:
    """A header and the rows below it on one page.

    `column_headers` stand from left to right. `printed` says whether they stand on this
    page; else they are those of a page before.
    """

    page: PageWords
    column_headers: list[Word]
    printed: bool
    rows: list[DraftRow] = field(default_factory=list)
    spanning_headers: list[Word | None] = field(default_factory=list)
    """Spanning headers that name rows, each over as many column headers; None for one that was not found."""
    spanning_boxes: list[Box] = field(default_factory=list)
    """The bounding boxes of all labels over several column headers."""


def pages_to_header_blocks(pages: Sequence[PageWords], labels: Labels) -> list[HeaderBlock]:
    """Return the header blocks of a table whose rows are named at the left, page by page.

    Where some rows have a header, those without one are only quoted by prose.
    """
    blocks: list[HeaderBlock] = []
    lasting: PageWords | None = None
    for page in (part for whole in pages for part in _side_by_side(whole, labels)):
        carried = blocks[-1].column_headers if blocks and lasting and follows(lasting, page) else []
        found = _page_to_blocks(page, labels, carried)
        for at, block in enumerate(found):
            following = found[at + 1].column_headers if at + 1 < len(found) else []
            _fill_block(block, min((h.box.top for h in following), default=None), labels)
        found = [block for block in found if block.rows or block.printed]
        blocks += found
        if found or (carried and len(page.words) <= TORN_ROW_PAGE_MAX_WORDS):
            lasting = page
    return [block for block in blocks if block.column_headers] or blocks


def _side_by_side(page: PageWords, labels: Labels) -> list[PageWords]:
    """Return the page, or its two halves where parts of the table stand side by side.

    They do if rows stand left of the column headers and others right of them, at one height.
    """
    column_headers = [w for w in page.labels if w.name in labels.columns - labels.rows]
    rows = [w for w in page.labels if w.name in labels.rows - labels.columns]
    left = [
        row for row in rows if not any(column_header.box.x1 < row.box.x0 for column_header in column_headers)
    ]
    right = [
        row
        for row in rows
        if row not in left and any(row.box.x1 < column_header.x for column_header in column_headers)
    ]
    if not (left and right):
        return [page]
    gutter = min(row.box.x0 for row in right) - right[0].height
    beside = [word for word in (*left, *column_headers) if word.x < gutter]
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
    """Whether two texts share some of their height on the page."""
    return min(word.box.bottom, other.box.bottom) > max(word.box.top, other.box.top)


def drop_page_numbers(pages: Sequence[PageWords]) -> None:
    """Drop the words that count the pages: each alone on its line, at the height of one on another page."""
    alike: dict[int, list[tuple[PageWords, Word]]] = {}
    for page in pages:
        for word in _lone_numbers(page):
            alike.setdefault(int(word.text) - page.content.number, []).append((page, word))
    counting = {
        id(word)
        for numbers in alike.values()
        for (page, word), (other, seen) in permutations(numbers, 2)
        if page is not other and abs(word.y - seen.y) < PAGE_NUMBER_MAX_OFFSET
    }
    for page in pages:
        page.words = [word for word in page.words if id(word) not in counting]


def _lone_numbers(page: PageWords) -> Iterator[Word]:
    """Yield the numbers of a page on whose line nothing else stands."""
    words = sorted((*page.words, *page.labels), key=lambda word: word.box.top)
    above = 0.0
    for word, below in zip_longest(words, words[1:]):
        is_lone = above <= word.box.top and (below is None or word.box.bottom <= below.box.top)
        if is_lone and word.text.isdecimal():
            yield word
        above = max(above, word.box.bottom)


def follows(before: PageWords, page: PageWords) -> bool:
    """Whether a page is the next after `before`, and of the same size, as near as scans of one size are."""
    sizes = zip(before.content.orientation.reading_size, page.content.orientation.reading_size, strict=True)
    same = all(max(one, other) <= PAGE_SIZE_MAX_RATIO * min(one, other) for one, other in sizes)
    return same and page.content.number == before.content.number + 1


def _page_to_blocks(page: PageWords, labels: Labels, carried: Sequence[Word]) -> list[HeaderBlock]:
    """Return each header of a page with the labels of the rows below it.

    `carried` are the column headers of the page before; rows above the first header stand under them.
    """
    column_headers, rows = split_column_and_row_labels(page.labels, labels)
    blocks = [HeaderBlock(page, list(carried), printed=False)]
    for header in _headers(column_headers, rows):
        if _is_header(header, labels):
            spanning = [w.box for w in page.labels if w.name in labels.others and _is_over(w, header)]
            blocks.append(HeaderBlock(page, header, printed=True, spanning_boxes=spanning))
    for row in sorted(rows, key=lambda w: w.y):
        block = [b for b in blocks if not b.printed or b.column_headers[0].y < row.y][-1]
        if not block.column_headers or row.box.x1 <= min(h.box.x0 for h in block.column_headers) + 2:
            block.rows.append(DraftRow(row))
    return [block for block in blocks if block.rows or block.column_headers]


def _is_over(word: Word, column_headers: Sequence[Word]) -> bool:
    """Whether a label stands right above the column headers, between the first and the last."""
    above = (
        column_headers[0].y - 2 * HEADER_MAX_LINE_PITCH_RATIO * word.height
        < word.y
        < max(column_header.y for column_header in column_headers)
    )
    return above and column_headers[0].box.x0 < word.x < column_headers[-1].box.x1


def _headers(column_headers: Sequence[Word], rows: Sequence[Word]) -> list[list[Word]]:
    """Group column labels that stand together, with no row label between them, each from left to right."""
    headers: list[list[Word]] = []
    last: Word | None = None
    for word in sorted([*column_headers, *rows], key=lambda w: w.y):
        if word in column_headers:
            if last is None or last in rows or not _belongs(word, headers[-1]):
                headers.append([])
            headers[-1].append(word)
        last = word
    return [sorted(header, key=lambda w: w.x) for header in headers]


def _belongs(word: Word, header: Sequence[Word]) -> bool:
    """Whether a column label stands close to others and below none of them."""
    close = word.y - header[-1].y < HEADER_MAX_LINE_PITCH_RATIO * word.height
    return close and not any(overlap(word.box, column_header.box) > 0 for column_header in header)


def _is_header(column_headers: Sequence[Word], labels: Labels) -> bool:
    """Whether column labels are the header of this table, not of another one and not quoted by prose."""
    names = {column_header.name for column_header in column_headers}
    return len(names) > 1 or any(_has_columns(form, names, []) for form in labels.forms)


def split_column_and_row_labels(hits: Sequence[Word], labels: Labels) -> tuple[list[Word], list[Word]]:
    """Split labels into those of columns and those of rows.

    其他 and 总计 are labels of both. They are of columns where they stand no further left than the sure ones.
    """
    sure = [w for w in hits if w.name in labels.columns - labels.rows]
    start = min((w.box.x0 for w in sure), default=float("inf"))
    column_headers = [w for w in hits if w.name in labels.columns and (w in sure or w.box.x0 >= start)]
    rows = [w for w in hits if w.name in labels.rows and w not in column_headers]
    return column_headers, rows


def _fill_block(block: HeaderBlock, end: float | None, labels: Labels) -> None:
    """Give a block the words of its rows, rows with a misspelt label or none, and misspelt column headers.

    `end` is the top of the next header on the page in points; None where there is none.
    """
    height = median(w.height for w in [*block.column_headers, *(r.label for r in block.rows if r.label)])
    words = [w for w in block.page.words if w.height <= WATERMARK_WORD_MIN_HEIGHT_RATIO * height]
    if block.printed:
        added = fill_header(block, words, labels)
        words = [w for w in words if w not in added]
    start = min((h.box.x0 for h in block.column_headers), default=0.0)
    top = max((h.box.bottom for h in block.column_headers), default=0.0) if block.printed else 0.0
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
    block.rows = assign_words_to_rows(block.rows, inside, block.column_headers, headings)


def _is_section(row: DraftRow, beside: Iterable[Word]) -> bool:
    """Whether a label is a heading of labels to its right.

    （六）其他处理 is one row in one form, three in another.
    """
    label = row.label
    return label is not None and any(label.box.x1 <= w.box.x0 + 1 and _level(label, w) for w in beside)


def _rows_top_and_bottom(block: HeaderBlock, end: float | None, height: float) -> tuple[float, float]:
    """Return the top and the bottom, in points, between which the rows of a block may stand."""
    boxes = [row.box for row in block.rows]
    first = min((box.top for box in boxes), default=0.0)
    last = max((box.bottom for box in boxes), default=first)
    reach = max(ROWS_MAX_DISTANCE_RATIO * height, ROWS_MAX_DISTANCE_PITCHES * _row_pitch(block.rows))
    top = first - reach
    if block.printed:
        header = max(column_header.box.bottom for column_header in block.column_headers)
        top = min(header, first - BESIDE_LABEL_MAX_OFFSET_RATIO * height) if boxes else header
    return top, last + reach if end is None else end


def _row_pitch(rows: Sequence[DraftRow]) -> float:
    """Return the median distance of the rows in points; 0 where there are fewer than two."""
    return median([below.box.top - above.box.top for above, below in pairwise(rows)] or [0.0])


def fill_header(block: HeaderBlock, words: Sequence[Word], labels: Labels) -> list[Word]:
    """Add text between the column headers as misspelt column headers, and return its words."""
    top, bottom = (
        min(h.box.top for h in block.column_headers),
        max(h.box.bottom for h in block.column_headers),
    )
    first = block.column_headers[0].box.x0
    added: list[Word] = []
    for stack in words_to_stacks([w for w in words if top <= w.y <= bottom]):
        column_header = join_words(stack)
        known = any(overlap(column_header.box, other.box) > 0 for other in block.column_headers)
        if (
            not known
            and has_letter(column_header)
            and (column_header.box.x0 > first or _resembles(column_header, labels.columns))
        ):
            block.column_headers.append(column_header)
            added += stack
    block.column_headers.sort(key=lambda w: w.x)
    return added


def _resembles(word: Word, labels: Iterable[str]) -> bool:
    """Whether a word is similar to one of the folded labels."""
    return any(fuzz.ratio(fold(word.text), label) >= MISSPELT_HEADER_MIN_SIMILARITY for label in labels)


def is_complete(block: HeaderBlock, labels: Labels) -> bool:
    """Whether the header has all columns that a form prints over the rows of the block."""
    names = [column_header.name for column_header in block.column_headers]
    rows = [row.label.name for row in block.rows if row.label]
    return any(_has_columns(form, names, rows) for form in labels.forms)


def _has_columns(form: TableForm, column_headers: Collection[str], rows: Sequence[str]) -> bool:
    """Whether the column headers are all that a form prints over these rows.

    Over any row where none is given.
    """
    keys = {column.key for column in form.columns if column.folded & set(column_headers)}
    items = {row.key for row in form.rows if row.folded & set(rows)}
    columns_of_rows = [
        {column for key, column in form.expected() if key == item}
        for item in (items or [row.key for row in form.rows])
    ]
    found = [
        bool(columns) and (columns <= keys or _as_many(columns, keys, column_headers))
        for columns in columns_of_rows
    ]
    return bool(found) and (all(found) if items else any(found))


def _as_many(columns: set[str], keys: set[str], column_headers: Collection[str]) -> bool:
    """Whether there are as many headers as columns, and most of them are spelt rightly."""
    return len(column_headers) == len(columns) > 2 * len(columns - keys)
