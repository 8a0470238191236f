"""Find the column of every word below a header, or the columns that it may stand in.

Columns are upright strips. A word that overlaps a column header, or a word already placed, stands in that
column. A strip of words between two column headers belongs to the left or the right one. The words beside it
in the same rows decide, for no column has two of them; else the side on which the other words stand decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from pipeline.extract.read.borderless.words import Word
from pipeline.records import Box

TOUCHING_MAX_OVERLAP = 0.5
"""Points. Words that share less across the page only touch, and do not overlap."""

ALIGNED_MAX_DIFFERENCE = 1.5
"""Points. Middles, or ends of words, that differ by no more are aligned.

Columns are of one width if the middles of their headers are as evenly apart. Words are set to the left if
their left ends differ by no more, and to the right likewise.
"""

ALIGNED_MAX_OUTLIERS_SHARE = 0.04
"""Share of the words of a table. Words are set to one side if no more of them end elsewhere."""

OFF_CENTRE_MIN_OFFSET_RATIO = 0.3
"""Share of a word's height. A word whose middle is further from that of its header is set to that side."""


class Span(NamedTuple):
    """The first and the last column (from 0) that a word may stand in.

    It is not `sure` where the word may stand under a header that was not found.
    """

    low: int
    high: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class ColumnHeaders:
    """The bounding boxes of the column headers from left to right, and of the spanning headers over them."""

    column_headers: Sequence[Box]
    over: Sequence[Box]


@dataclass(slots=True)
class Strip:
    """The words of one column over all rows.

    `low` and `high` are the first and last column that it may be.
    """

    left: float
    right: float
    words: list[Word]
    rows: set[int]
    low: int = 0
    high: int = 0

    @property
    def box(self) -> Box:
        """Return a box of no height from its left to its right end."""
        return Box(self.left, 0.0, self.right, 0.0)


def words_to_spans(
    header: ColumnHeaders, rows: Sequence[Sequence[Word]], strays: Iterable[Word], complete: bool, side: int
) -> dict[int, Span]:
    """Return the columns in which each word may stand, by the id of the word.

    `rows` has the words of each row. `strays` stand beside no label, and do not decide for others. `complete`
    says whether the header has all columns that the form prints here. `side` is the alignment of the table:
    -1 where words are set to the left of their column, 1 to the right, 0 where it is not known.
    """
    column_headers = header.column_headers
    words = [w for row in rows for w in row]
    apart = words_over_two_columns(words) | {
        id(w) for w in words if len(_overlapped(w.box, column_headers)) > 1
    }
    strips = rows_to_strips([[w for w in row if id(w) not in apart] for row in rows], header)
    complete = complete or _is_full(strips, len(column_headers))
    if complete:
        _take_side(strips, side)
    else:
        strips = [s for s in strips if _overlapped(s.box, column_headers)]
    if not _narrow_by_order(strips):
        strips = [word_strip for strip in strips for word_strip in _word_strips(strip, column_headers)]
    spans = {id(word): Span(s.low, s.high) for s in strips for word in s.words}
    column_boxes = _boxes_of_columns(column_headers, strips)
    rest = [w for w in (*words, *strays) if id(w) not in spans]
    return spans | {id(w): _word_to_span(w, strips, column_boxes, complete) for w in rest}


def _is_full(strips: Sequence[Strip], count: int) -> bool:
    """Whether no header is missing: there are as many strips as headers, and one row fills all of them."""
    return len(strips) == count and bool(set.intersection(*(strip.rows for strip in strips)))


def words_over_two_columns(words: Iterable[Word]) -> set[int]:
    """Return the ids of words that overlap two others which stand apart.

    Numbers of two columns that touch.
    """
    words = list(words)
    stretches = {(round(w.box.x0), round(w.box.x1)) for w in words}
    wide = set()
    for left, right in stretches:
        crossed = [(a, b) for a, b in stretches if min(b, right) - max(a, left) > TOUCHING_MAX_OVERLAP]
        if crossed and max(a for a, _ in crossed) >= min(b for _, b in crossed) - TOUCHING_MAX_OVERLAP:
            wide.add((left, right))
    return {id(w) for w in words if (round(w.box.x0), round(w.box.x1)) in wide}


def _word_to_span(word: Word, strips: Sequence[Strip], column_boxes: Sequence[Box], complete: bool) -> Span:
    """Return the columns that a word overlaps, or else those beside it."""
    low, high = _between(word.box, column_boxes)
    under = [s for s in strips if overlap(s.box, word.box) > TOUCHING_MAX_OVERLAP]
    sure = complete or bool(_overlapped(word.box, column_boxes))
    return Span(min([low, *(s.low for s in under)]), max([high, *(s.high for s in under)]), sure)


def _boxes_of_columns(column_headers: Sequence[Box], strips: Iterable[Strip]) -> list[Box]:
    """Return the box of every column: of its header and the strips that certainly stand under it."""
    column_boxes = list(column_headers)
    for strip in strips:
        if strip.low == strip.high:
            column_header = column_boxes[strip.low]
            column_boxes[strip.low] = column_header._replace(
                x0=min(column_header.x0, strip.left), x1=max(column_header.x1, strip.right)
            )
    return column_boxes


def rows_to_strips(rows: Sequence[Sequence[Word]], header: ColumnHeaders) -> list[Strip]:
    """Group words to strips from left to right, bounded by the headers above and beside them."""
    edges = _even_edges(header)
    strips = _strips(rows)
    for strip in strips:
        strip.low, strip.high = _inside(strip, edges) or _between(strip.box, header.column_headers)
    return strips


def _even_edges(header: ColumnHeaders) -> list[float]:
    """Return the edges, in points, of columns of one width; none where the headers are not evenly apart."""
    middles = list(map(_middle, header.column_headers))
    pitches = [b - a for a, b in pairwise(middles)]
    if len(pitches) < 2 or max(pitches) - min(pitches) > ALIGNED_MAX_DIFFERENCE or not _is_centred(header):
        return []
    half = sum(pitches) / len(pitches) / 2
    return [middles[0] - half, *(middle + half for middle in middles)]


def _is_centred(header: ColumnHeaders) -> bool:
    """Whether evenly spaced headers stand in the middle of their columns.

    They do if they differ in length, or if a spanning header stands in the middle of those below it.
    """
    lengths = [column_header.x1 - column_header.x0 for column_header in header.column_headers]
    if max(lengths) - min(lengths) > 4 * ALIGNED_MAX_DIFFERENCE:
        return True
    return any(_is_over_middle(box, header.column_headers) for box in header.over)


def _is_over_middle(box: Box, column_headers: Sequence[Box]) -> bool:
    """Whether a spanning header stands in the middle of some neighbouring column headers."""
    if any(
        abs(box.x0 - column_header.x0) < 2 * ALIGNED_MAX_DIFFERENCE
        or abs(box.x1 - column_header.x1) < 2 * ALIGNED_MAX_DIFFERENCE
        for column_header in column_headers
    ):
        return False
    middles = list(map(_middle, column_headers))
    runs = [
        (middles[i] + middles[j]) / 2
        for i in range(len(column_headers))
        for j in range(i + 1, len(column_headers))
    ]
    return any(abs(run - _middle(box)) < ALIGNED_MAX_DIFFERENCE for run in runs)


def _middle(box: Box) -> float:
    """Return the middle across the page, in points."""
    return (box.x0 + box.x1) / 2


def _inside(strip: Strip, edges: Sequence[float]) -> tuple[int, int] | None:
    """Return the column that holds all of a strip, as its first and its last; None where none does."""
    for at, (left, right) in enumerate(pairwise(edges)):
        if left - TOUCHING_MAX_OVERLAP <= strip.left and strip.right <= right + TOUCHING_MAX_OVERLAP:
            return at, at
    return None


def overlap(box: Box, other: Box) -> float:
    """Return the length, in points, that two boxes share across the page; below 0 where they are apart."""
    return min(box.x1, other.x1) - max(box.x0, other.x0)


def _overlapped(box: Box, column_headers: Sequence[Box]) -> list[int]:
    """Return the indices of the headers above a box."""
    return [
        i
        for i, column_header in enumerate(column_headers)
        if overlap(box, column_header) > TOUCHING_MAX_OVERLAP
    ]


def _strips(rows: Sequence[Sequence[Word]]) -> list[Strip]:
    """Group words that overlap across the page, from left to right."""
    strips: list[Strip] = []
    placed = [(word, at) for at, row in enumerate(rows) for word in row]
    for word, row in sorted(placed, key=lambda entry: entry[0].box.x0):
        if strips and word.box.x0 < strips[-1].right - TOUCHING_MAX_OVERLAP:
            strips[-1].right = max(strips[-1].right, word.box.x1)
            strips[-1].words.append(word)
            strips[-1].rows.add(row)
        else:
            strips.append(Strip(word.box.x0, word.box.x1, [word], {row}))
    return strips


def _between(box: Box, column_headers: Sequence[Box]) -> tuple[int, int]:
    """Return the first and the last header above a box, or else those beside it."""
    above = _overlapped(box, column_headers)
    if above:
        return above[0], above[-1]
    after = sum(column_header.x0 < box.x0 for column_header in column_headers)
    return max(after - 1, 0), min(after, len(column_headers) - 1)


def _narrow_by_order(strips: Sequence[Strip]) -> bool:
    """Narrow the bounds of strips by the order of those that share a row; False where they contradict."""
    for at, strip in enumerate(strips):
        for before in strips[:at]:
            strip.low = max(strip.low, before.low + bool(before.rows & strip.rows))
    for at, strip in reversed(list(enumerate(strips))):
        for after in strips[at + 1 :]:
            strip.high = min(strip.high, after.high - bool(after.rows & strip.rows))
    return all(strip.low <= strip.high for strip in strips)


def _word_strips(strip: Strip, column_headers: Sequence[Box]) -> list[Strip]:
    """Return each word of a strip as a strip of its own: together they contradict the header."""
    found = []
    for word in strip.words:
        low, high = _between(word.box, column_headers)
        found.append(Strip(word.box.x0, word.box.x1, [word], set(), low, high))
    return found


def _take_side(strips: Sequence[Strip], side: int) -> None:
    """Give strips between two headers to one of them, by the alignment `side` of the table.

    Words that are set to the left begin before their own header; those set to the right end behind it.
    """
    for strip in strips:
        if side and strip.high - strip.low == 1:
            strip.low = strip.high = strip.high if side < 0 else strip.low


def strips_to_side(strips: Sequence[Strip]) -> int:
    """Return the alignment of the words: -1 where left ends are aligned, 1 where right ends are, else 0."""
    lefts, rights = (_outliers(strips, end) for end in (_left_end, _right_end))
    if lefts == rights or min(lefts, rights) > ALIGNED_MAX_OUTLIERS_SHARE * sum(len(s.words) for s in strips):
        return 0
    return -1 if lefts < rights else 1


def _left_end(word: Word) -> float:
    """Return the left end of a word in points."""
    return word.box.x0


def _right_end(word: Word) -> float:
    """Return the right end of a word in points."""
    return word.box.x1


def _outliers(strips: Iterable[Strip], end: Callable[[Word], float]) -> int:
    """Count the words that end elsewhere than most words of their strip."""
    count = 0
    for strip in strips:
        usual = median(map(end, strip.words))
        count += sum(abs(end(word) - usual) > ALIGNED_MAX_DIFFERENCE for word in strip.words)
    return count


def strips_to_side_of_headers(strips: Sequence[Strip], header: ColumnHeaders) -> int:
    """Return the side of their header on which all words stand: -1 left, 1 right, 0 where they differ."""
    sides = {
        _side_of_header(header.column_headers[s.low], word)
        for s in strips
        if s.low == s.high
        for word in s.words
    } - {0}
    return sides.pop() if len(sides) == 1 else 0


def _side_of_header(column_header: Box, word: Word) -> int:
    """Return -1 where a word stands left of the middle of its header, 1 right of it, 0 in it."""
    offset = word.x - (column_header.x0 + column_header.x1) / 2
    return 0 if abs(offset) < OFF_CENTRE_MIN_OFFSET_RATIO * word.height else (1 if offset > 0 else -1)
