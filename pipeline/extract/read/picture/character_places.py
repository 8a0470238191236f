"""Find the ink of each character of a line that was read, and the box that a font would declare for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.glyphs import FIRST_IDEOGRAPH
from pipeline.extract.read.picture.pictures import LineReading, Mask

FIRST_SYMBOL = "\u2000"
"""The first of the characters that may be as wide as ideographs: dashes, arrows, the circle for zero."""

WIDE_INK = 1.0
"""Share of an ideograph's side. Its ink is no wider."""

NARROW_INK = 0.62
"""Share of an ideograph's side. The ink of a digit, a letter or a sign is no wider."""

TOO_WIDE_WEIGHT = 6.0
"""Weights of what a character's ink is too wide by, beside how far it is from where it was read."""

NO_INK_COST = 1.0
"""Weights of a character for which no ink is left."""

STRAY_INK_COST = 0.5
"""Weights of ink that is no character's, to which its width is added."""

UNREAD_MIN_WIDTH = 0.12
"""Share of an ideograph's side. Narrower ink is a speck."""

SPLIT_MIN_WIDTH = 0.45
"""Share of an ideograph's side. Ink that is wider without a gap may be two characters that touch."""

PIECES_MAX = 8
"""Count. The ink of one character has no more pieces from left to right."""

NARROW_WIDTH = 0.55
"""Share of an ideograph's side. The width of a digit where no two of the line tell how far apart they are."""

DIGIT_WIDTHS = (0.45, 1.05)
"""Share of an ideograph's side. No font has narrower digits, and full-width ones are as wide."""

IDEOGRAPH_GAP = 0.4
"""Share of an ideograph's side. Less paper between the ink of two ideographs is no blank."""

DIGIT_GAP = 0.28
"""Share of an ideograph's side. Less paper between an ideograph and a digit is no blank."""

SIGN_GAP = 0.85
"""Share of an ideograph's side. So much of the paper beside a sign among ideographs is the sign's own."""


class Reach(NamedTuple):
    """From where to where ink or a box reaches, in pixels of the crop."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        """Return its middle."""
        return (self.left + self.right) / 2


def characters_to_places(text: str, middles: Sequence[float], size: float, ink: Mask) -> tuple[Reach, ...]:
    """Return the boxes of characters as a font declares them; none overlap, gaps between them are blanks.

    `middles` are where the characters were read, right but for half an ideograph, whose side is `size`.
    """
    spans = characters_to_spans(text, middles, size, ink)
    narrow = _narrow_width(text, spans, size)
    boxes = [_box(char, span, size, narrow) for char, span in zip(text, spans, strict=True)]
    for at, (one, two) in enumerate(pairwise(spans)):
        gap, most = two.left - one.right, _most_paper(text, at) * size
        left, right = boxes[at].right, boxes[at + 1].left
        if left > right or gap < most:
            seam = min(max((one.right + two.left) / 2, one.middle), two.middle)
            seam = _seam(text[at : at + 2], left, right, seam)
            boxes[at] = Reach(min(boxes[at].left, seam), seam)
            boxes[at + 1] = Reach(seam, max(boxes[at + 1].right, seam))
    return tuple(boxes)


def characters_to_spans(text: str, middles: Sequence[float], size: float, ink: Mask) -> list[Reach]:
    """Return the ink of each character: pieces are given to characters in their order, by place and width."""
    pieces = ink_to_pieces(ink, size)
    reached: list[dict[int, tuple[float, int, Reach]]] = [{0: (0.0, 0, Reach(0, 0))}]
    for char, middle in zip(text, middles, strict=True):
        reached.append(_with_character(reached[-1], pieces, char, middle, size))
    rest = {place: cost + _stray(pieces[place:], size) for place, (cost, _, _) in reached[-1].items()}
    place = min(rest, key=rest.__getitem__)
    spans = []
    for step in reversed(reached[1:]):
        _, place, span = step[place]
        spans.append(span)
    return spans[::-1]


def unread_ink(reading: LineReading, ink: Mask) -> list[Reach]:
    """Return the pieces of a line's ink that are none of the characters that were read in it."""
    middles = [(left + right) / 2 for left, right in reading.places]
    spans = characters_to_spans(reading.text, middles, reading.size, ink)
    return [
        piece
        for piece in ink_to_pieces(ink, reading.size)
        if piece.right - piece.left > UNREAD_MIN_WIDTH * reading.size
        and not any(span.left <= piece.middle <= span.right for span in spans)
    ]


def _with_character(
    reached: dict[int, tuple[float, int, Reach]],
    pieces: Sequence[Reach],
    char: str,
    middle: float,
    size: float,
) -> dict[int, tuple[float, int, Reach]]:
    """Return, by how many pieces are used with this character: the least cost, those before it, its ink."""
    widest = (WIDE_INK if char >= FIRST_SYMBOL else NARROW_INK) * size
    best: dict[int, tuple[float, int, Reach]] = {}

    def offer(place: int, cost: float, before: int, span: Reach) -> None:
        if place not in best or cost < best[place][0]:
            best[place] = cost, before, span

    for before, (cost, _, _) in reached.items():
        offer(before, cost + NO_INK_COST, before, Reach(middle, middle))
        skipped = 0.0
        for start in range(before, min(before + 2, len(pieces))):
            for end in range(start + 1, min(start + PIECES_MAX, len(pieces)) + 1):
                span = Reach(pieces[start].left, pieces[end - 1].right)
                excess = max(span.right - span.left - widest, 0.0) / size
                if excess > WIDE_INK / 2:
                    break
                away = (span.middle - middle) / size
                offer(end, cost + skipped + away**2 + TOO_WIDE_WEIGHT * excess, before, span)
            skipped += _stray(pieces[start : start + 1], size)
    kept = sorted(best.items(), key=lambda item: item[1][0])[:PIECES_MAX]
    return dict(kept)


def _stray(pieces: Sequence[Reach], size: float) -> float:
    """Return what it costs to leave these pieces to no character."""
    return sum(STRAY_INK_COST + (piece.right - piece.left) / size for piece in pieces)


def ink_to_pieces(ink: Mask, size: float) -> list[Reach]:
    """Return the pieces of ink side by side; wide ones are parted where they are thinnest."""
    counts = ink.sum(axis=0)
    edges = np.flatnonzero(np.diff(counts > 0, prepend=False, append=False)).reshape(-1, 2)
    return [span for left, right in edges.tolist() for span in _parted(counts, left, right, size)]


def _parted(counts: npt.NDArray[np.int64], left: int, right: int, size: float) -> list[Reach]:
    """Return a piece of ink, in parts if it is wide: parted at columns with less ink than on either side."""
    if right - left <= SPLIT_MIN_WIDTH * size:
        return [Reach(left, right)]
    inner = counts[left:right]
    low = np.flatnonzero((inner[1:-1] < inner[:-2]) & (inner[1:-1] <= inner[2:])) + 1
    reach = SPLIT_MIN_WIDTH * size / 2
    low = low[(low > reach) & (low < len(inner) - reach) & (inner[low] <= inner.max() / 2)]
    cuts = [left, *(left + low).tolist(), right]
    return [Reach(one, two) for one, two in pairwise(cuts)]


def is_wide(char: str) -> bool:
    """Whether a character is an ideograph, or a sign as wide as one."""
    return char >= FIRST_IDEOGRAPH


def _narrow_width(text: str, spans: Sequence[Reach], size: float) -> float:
    """Return the width of digits: how far apart they stand, or what is usual."""
    apart = [
        two.middle - one.middle
        for (left, one), (right, two) in pairwise(zip(text, spans, strict=True))
        if left.isdecimal() and right.isdecimal()
    ]
    least, most = (share * size for share in DIGIT_WIDTHS)
    return min(max(median(apart), least), most) if len(apart) > 1 else NARROW_WIDTH * size


def _box(char: str, span: Reach, size: float, narrow: float) -> Reach:
    """Return the box of a character around its ink."""
    half = max((size if is_wide(char) and char.isalnum() else narrow), span.right - span.left) / 2
    return Reach(span.middle - half, span.middle + half)


def _most_paper(text: str, at: int) -> float:
    """Return how much paper behind a character is no blank, as a share of an ideograph's side.

    Signs beside ideographs are as wide as these, wherever their ink stands.
    """
    pair = text[at : at + 2]
    signs = sum(not char.isalnum() for char in pair)
    wide = sum(map(is_wide, pair))
    if signs and any(map(is_wide, text[max(at - 1, 0) : at + 3])):
        return signs * SIGN_GAP
    return (0.0, DIGIT_GAP, IDEOGRAPH_GAP)[wide]


def _seam(pair: str, left: float, right: float, middle: float) -> float:
    """Return where two boxes touch: at the edge of the narrow one where the other is wide."""
    one, two = (is_wide(char) for char in pair)
    if one == two or left > right:
        return middle
    return right if one else left
