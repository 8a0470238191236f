"""Which column of a header every word below it belongs to; where that is not certain, which ones it may.

Columns are upright strips: what overlaps a header word, or a word already placed, stands in its column.
A strip of words between two headers belongs to the left or the right one; the words beside it in the
same rows decide, since no column holds two of them, and else the side on which the others stand.
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
"""Stretches that share less than this (points) only touch."""

ALIGNED_MAX_DIFFERENCE = 1.5
"""Columns are of one width if the middles of their headers are so evenly apart (points)."""

ALIGNED_MAX_OUTLIERS_SHARE = 0.04
"""Ends of words meet if no more than this share of them ends elsewhere."""

OFF_CENTRE_MIN_OFFSET_RATIO = 0.3
"""A word further than this share of its height from the middle of its header is set to that side."""


class Span(NamedTuple):
    """The first and the last column that a word may stand in; not `sure` where the header of its own may
    not have been found."""

    low: int
    high: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class ColumnHeaders:
    """The column labels from left to right, and the labels over several of them."""

    heads: Sequence[Box]
    over: Sequence[Box]


@dataclass(slots=True)
class Strip:
    """The words of one column, over all rows; `low` and `high` bound the columns it may be."""

    left: float
    right: float
    words: list[Word]
    rows: set[int]
    low: int = 0
    high: int = 0

    @property
    def box(self) -> Box:
        """Its stretch as a box of no height."""
        return Box(self.left, 0.0, self.right, 0.0)


def words_to_spans(
    header: ColumnHeaders, rows: Sequence[Sequence[Word]], strays: Iterable[Word], complete: bool, side: int
) -> dict[int, Span]:
    """The columns each word may stand in, by its id. `rows` holds the words of each row.

    `strays` stand beside no label and must not decide for others. `complete` says whether the header has all
    columns that the form prints here. `side` is the alignment of the table: -1 where words are set to the
    left of their column, 1 to the right, 0 unknown.
    """
    heads = header.heads
    words = [w for row in rows for w in row]
    apart = words_over_two_columns(words) | {id(w) for w in words if len(_overlapped(w.box, heads)) > 1}
    strips = rows_to_strips([[w for w in row if id(w) not in apart] for row in rows], header)
    complete = complete or _is_full(strips, len(heads))
    if complete:
        _take_side(strips, side)
    else:
        strips = [s for s in strips if _overlapped(s.box, heads)]
    if not _narrow_by_order(strips):
        strips = [word_strip for strip in strips for word_strip in _word_strips(strip, heads)]
    spans = {id(word): Span(s.low, s.high) for s in strips for word in s.words}
    column_boxes = _boxes_of_columns(heads, strips)
    rest = [w for w in (*words, *strays) if id(w) not in spans]
    return spans | {id(w): _word_to_span(w, strips, column_boxes, complete) for w in rest}


def _is_full(strips: Sequence[Strip], count: int) -> bool:
    """Whether there are as many strips as headers, all of them filled in one row: no header is missing."""
    return len(strips) == count and bool(set.intersection(*(strip.rows for strip in strips)))


def words_over_two_columns(words: Iterable[Word]) -> set[int]:
    """The ids of words that overlap two words which are apart: numbers of two columns that touch."""
    words = list(words)
    stretches = {(round(w.box.x0), round(w.box.x1)) for w in words}
    wide = set()
    for left, right in stretches:
        crossed = [(a, b) for a, b in stretches if min(b, right) - max(a, left) > TOUCHING_MAX_OVERLAP]
        if max(a for a, _ in crossed) >= min(b for _, b in crossed) - TOUCHING_MAX_OVERLAP:
            wide.add((left, right))
    return {id(w) for w in words if (round(w.box.x0), round(w.box.x1)) in wide}


def _word_to_span(word: Word, strips: Sequence[Strip], column_boxes: Sequence[Box], complete: bool) -> Span:
    """All columns that a word overlaps, else those beside it."""
    low, high = _between(word.box, column_boxes)
    under = [s for s in strips if overlap(s.box, word.box) > TOUCHING_MAX_OVERLAP]
    sure = complete or bool(_overlapped(word.box, column_boxes))
    return Span(min([low, *(s.low for s in under)]), max([high, *(s.high for s in under)]), sure)


def _boxes_of_columns(heads: Sequence[Box], strips: Iterable[Strip]) -> list[Box]:
    """The headers with the strips that certainly stand under them."""
    column_boxes = list(heads)
    for strip in strips:
        if strip.low == strip.high:
            head = column_boxes[strip.low]
            column_boxes[strip.low] = head._replace(x0=min(head.x0, strip.left), x1=max(head.x1, strip.right))
    return column_boxes


def rows_to_strips(rows: Sequence[Sequence[Word]], header: ColumnHeaders) -> list[Strip]:
    """Strips of words from left to right, bounded by the headers above and beside them."""
    edges = _even_edges(header)
    strips = _strips(rows)
    for strip in strips:
        strip.low, strip.high = _inside(strip, edges) or _between(strip.box, header.heads)
    return strips


def _even_edges(header: ColumnHeaders) -> list[float]:
    """The edges of columns of one width, where the headers stand evenly and in their middles; else none."""
    middles = list(map(_middle, header.heads))
    pitches = [b - a for a, b in pairwise(middles)]
    if len(pitches) < 2 or max(pitches) - min(pitches) > ALIGNED_MAX_DIFFERENCE or not _is_centred(header):
        return []
    half = sum(pitches) / len(pitches) / 2
    return [middles[0] - half, *(middle + half for middle in middles)]


def _is_centred(header: ColumnHeaders) -> bool:
    """Whether evenly spaced headers stand in the middle of their columns: they are of different lengths, or
    a header over several of them stands in the middle of these."""
    lengths = [head.x1 - head.x0 for head in header.heads]
    if max(lengths) - min(lengths) > 4 * ALIGNED_MAX_DIFFERENCE:
        return True
    return any(_is_over_middle(box, header.heads) for box in header.over)


def _is_over_middle(box: Box, heads: Sequence[Box]) -> bool:
    if any(
        abs(box.x0 - head.x0) < 2 * ALIGNED_MAX_DIFFERENCE
        or abs(box.x1 - head.x1) < 2 * ALIGNED_MAX_DIFFERENCE
        for head in heads
    ):
        return False
    middles = list(map(_middle, heads))
    runs = [(middles[i] + middles[j]) / 2 for i in range(len(heads)) for j in range(i + 1, len(heads))]
    return any(abs(run - _middle(box)) < ALIGNED_MAX_DIFFERENCE for run in runs)


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _inside(strip: Strip, edges: Sequence[float]) -> tuple[int, int] | None:
    """The column that holds all of a strip."""
    for at, (left, right) in enumerate(pairwise(edges)):
        if left - TOUCHING_MAX_OVERLAP <= strip.left and strip.right <= right + TOUCHING_MAX_OVERLAP:
            return at, at
    return None


def overlap(box: Box, other: Box) -> float:
    """The length, in points, that two boxes have in common across the page; below 0 where they are apart."""
    return min(box.x1, other.x1) - max(box.x0, other.x0)


def _overlapped(box: Box, heads: Sequence[Box]) -> list[int]:
    """The headers above a box."""
    return [i for i, head in enumerate(heads) if overlap(box, head) > TOUCHING_MAX_OVERLAP]


def _strips(rows: Sequence[Sequence[Word]]) -> list[Strip]:
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


def _between(box: Box, heads: Sequence[Box]) -> tuple[int, int]:
    """The first and the last header above a box, else those beside it."""
    above = _overlapped(box, heads)
    if above:
        return above[0], above[-1]
    after = sum(head.x0 < box.x0 for head in heads)
    return max(after - 1, 0), min(after, len(heads) - 1)


def _narrow_by_order(strips: Sequence[Strip]) -> bool:
    """Narrows the bounds by the order of strips that share a row; False where they contradict."""
    for at, strip in enumerate(strips):
        for before in strips[:at]:
            strip.low = max(strip.low, before.low + bool(before.rows & strip.rows))
    for at, strip in reversed(list(enumerate(strips))):
        for after in strips[at + 1 :]:
            strip.high = min(strip.high, after.high - bool(after.rows & strip.rows))
    return all(strip.low <= strip.high for strip in strips)


def _word_strips(strip: Strip, heads: Sequence[Box]) -> list[Strip]:
    """Each word as a strip of its own, where the strips together contradict the header."""
    found = []
    for word in strip.words:
        low, high = _between(word.box, heads)
        found.append(Strip(word.box.x0, word.box.x1, [word], set(), low, high))
    return found


def _take_side(strips: Sequence[Strip], side: int) -> None:
    """A strip between two headers: set to the left, it begins before its own header, and so for the right."""
    for strip in strips:
        if side and strip.high - strip.low == 1:
            strip.low = strip.high = strip.high if side < 0 else strip.low


def strips_to_side(strips: Sequence[Strip]) -> int:
    """The alignment of words of several lengths: -1 where the left ends meet, 1 the right ends, else 0."""
    lefts, rights = (_outliers(strips, end) for end in (_left_end, _right_end))
    if lefts == rights or min(lefts, rights) > ALIGNED_MAX_OUTLIERS_SHARE * sum(len(s.words) for s in strips):
        return 0
    return -1 if lefts < rights else 1


def _left_end(word: Word) -> float:
    return word.box.x0


def _right_end(word: Word) -> float:
    return word.box.x1


def _outliers(strips: Iterable[Strip], end: Callable[[Word], float]) -> int:
    """How many words end elsewhere than most of their strip."""
    count = 0
    for strip in strips:
        usual = median(map(end, strip.words))
        count += sum(abs(end(word) - usual) > ALIGNED_MAX_DIFFERENCE for word in strip.words)
    return count


def strips_to_side_of_headers(strips: Sequence[Strip], header: ColumnHeaders) -> int:
    """The side of their headers on which all words with a certain column stand; 0 where they differ."""
    sides = {
        _side_of_header(header.heads[s.low], word) for s in strips if s.low == s.high for word in s.words
    } - {0}
    return sides.pop() if len(sides) == 1 else 0


def _side_of_header(head: Box, word: Word) -> int:
    offset = word.x - (head.x0 + head.x1) / 2
    return 0 if abs(offset) < OFF_CENTRE_MIN_OFFSET_RATIO * word.height else (1 if offset > 0 else -1)
