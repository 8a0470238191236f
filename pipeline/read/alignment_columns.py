"""Which column of a header every word below it belongs to; where that is not certain, which ones it may.

Columns are upright strips: what overlaps a header word, or a word already placed, stands in its column.
A strip of words between two headers belongs to the left or the right one; the words beside it in the
same rows decide, since no column holds two of them, and else the side on which the others stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.read.alignment_labels import Word
from pipeline.records import Box

OVERLAP = 0.5
"""Stretches that share less than this (points) only touch."""

OFF_CENTRE = 0.3
"""A word further than this share of its height from the middle of its header is set to that side."""

Span = tuple[int, int]
"""The first and the last column that a word may stand in; equal where that is certain."""


@dataclass(slots=True)
class Strip:
    """The words of one column, over all rows; `low` and `high` bound the columns it may be."""

    left: float
    right: float
    words: list[Word]
    rows: set[int]
    low: int = 0
    high: int = 0


def words_to_spans(
    heads: Sequence[Box], rows: Sequence[Sequence[Word]], complete: bool, side: int = 0
) -> dict[int, Span]:
    """The columns each word may stand in, by its id. `rows` holds the words of each row.

    `complete` says whether `heads` are all columns that the form prints here; `side` is where the words
    of the rest of the table stand: -1 left of the middle of their headers, 1 right of it, 0 unknown.
    """
    wide = {id(w): span for row in rows for w in row if (span := _overlapped(w.box, heads))[1] > span[0]}
    strips = _strips([[w for w in row if id(w) not in wide] for row in rows])
    for strip in strips:
        strip.low, strip.high = _between(strip.left, strip.right, heads)
    if complete and not _settle(strips):
        strips = [s for strip in strips for s in _crumbs(strip, heads)]
    elif complete:
        _take_side(strips, side or side_of(heads, strips))
        _settle(strips)
    spans = {id(word): (s.low, s.high) for s in strips for word in s.words}
    return wide | spans


def _overlapped(box: Box, heads: Sequence[Box]) -> Span:
    """The first and last header above a box; (0, -1) where none is."""
    above = [i for i, head in enumerate(heads) if min(box.x1, head.x1) - max(box.x0, head.x0) > OVERLAP]
    return (above[0], above[-1]) if above else (0, -1)


def _strips(rows: Sequence[Sequence[Word]]) -> list[Strip]:
    strips: list[Strip] = []
    for word, row in sorted(((w, i) for i, row in enumerate(rows) for w in row), key=lambda e: e[0].box.x0):
        if strips and word.box.x0 < strips[-1].right - OVERLAP:
            strips[-1].right = max(strips[-1].right, word.box.x1)
            strips[-1].words.append(word)
            strips[-1].rows.add(row)
        else:
            strips.append(Strip(word.box.x0, word.box.x1, [word], {row}))
    return strips


def _between(left: float, right: float, heads: Sequence[Box]) -> Span:
    """The header above a stretch, else those beside it."""
    above = _overlapped(Box(left, 0.0, right, 0.0), heads)
    if above[1] >= above[0]:
        return above
    after = sum(head.x0 < (left + right) / 2 for head in heads)
    return max(after - 1, 0), min(after, len(heads) - 1)


def _settle(strips: Sequence[Strip]) -> bool:
    """Narrows the bounds by the order of strips that share a row; False where they contradict."""
    for at, strip in enumerate(strips):
        for before in strips[:at]:
            strip.low = max(strip.low, before.low + bool(before.rows & strip.rows))
    for at, strip in reversed(list(enumerate(strips))):
        for after in strips[at + 1 :]:
            strip.high = min(strip.high, after.high - bool(after.rows & strip.rows))
    return all(strip.low <= strip.high for strip in strips)


def _crumbs(strip: Strip, heads: Sequence[Box]) -> list[Strip]:
    """Each word as a strip of its own, where the strips together contradict the header."""
    found = []
    for word in strip.words:
        low, high = _between(word.box.x0, word.box.x1, heads)
        found.append(Strip(word.box.x0, word.box.x1, [word], set(), low, high))
    return found


def side_of(heads: Sequence[Box], strips: Sequence[Strip]) -> int:
    """The side of their headers on which all strips with a certain column stand; 0 where they differ."""
    sides = {_side(heads[s.low], word) for s in strips if s.low == s.high for word in s.words} - {0}
    return sides.pop() if len(sides) == 1 else 0


def _side(head: Box, word: Word) -> int:
    offset = word.x - (head.x0 + head.x1) / 2
    return 0 if abs(offset) < OFF_CENTRE * word.height else (1 if offset > 0 else -1)


def _take_side(strips: Sequence[Strip], side: int) -> None:
    """A strip between two headers stands left of its own where the others do, and so for the right."""
    for strip in strips:
        if side and strip.high - strip.low == 1:
            strip.low = strip.high = strip.high if side < 0 else strip.low


def rows_to_side(heads: Sequence[Box], rows: Sequence[Sequence[Word]], complete: bool) -> int:
    """The side on which the words of a band stand, as far as their columns are certain without it."""
    strips = _strips(rows)
    for strip in strips:
        strip.low, strip.high = _between(strip.left, strip.right, heads)
    return side_of(heads, strips) if complete and _settle(strips) else 0
