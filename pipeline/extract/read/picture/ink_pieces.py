"""Part the ink of a line into pieces side by side, and share them out among its characters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Mask


class Piece(NamedTuple):
    """Ink without a gap from left to right: its box, in pixels, the last row and column exclusive."""

    left: float
    top: int
    right: float
    bottom: int

    @property
    def width(self) -> float:
        """Return its width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Return its height in pixels."""
        return self.bottom - self.top


def ink_to_pieces(ink: Mask) -> list[Piece]:
    """Return the pieces of a line from left to right."""
    return [_piece(ink, left, right) for left, right in runs(np.asarray(ink.any(axis=0)))]


def runs(flags: Mask) -> list[tuple[int, int]]:
    """Return where each run of flags that are set begins and ends (exclusive)."""
    edges: npt.NDArray[np.int64] = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    return [(start, end) for start, end in edges.reshape(-1, 2).tolist()]


def _piece(ink: Mask, left: int, right: int) -> Piece:
    """Return the piece between two columns."""
    rows = np.flatnonzero(ink[:, left:right].any(axis=1))
    return Piece(left, int(rows[0]), right, int(rows[-1]) + 1)


def pieces_to_digits(pieces: Sequence[Piece], count: int) -> list[Piece]:
    """Return as many pieces as characters were read: the nearest joined, or the widest parted evenly.

    There is at least one piece where there is a character.
    """
    joined = list(pieces)
    while len(joined) > count > 0:
        _, at = min((two.left - one.right, at) for at, (one, two) in enumerate(pairwise(joined)))
        joined[at : at + 2] = [_both(*joined[at : at + 2])]
    shares = [1] * len(joined)
    for _ in range(count - len(joined)):
        widths = [piece.width / share for piece, share in zip(joined, shares, strict=True)]
        shares[widths.index(max(widths))] += 1
    return [
        part
        for piece, share in zip(joined, shares, strict=True)
        for part in (_parts(piece, share) if share > 1 else [piece])
    ]


def _both(one: Piece, two: Piece) -> Piece:
    """Return the piece that two make together."""
    return Piece(one.left, min(one.top, two.top), two.right, max(one.bottom, two.bottom))


def _parts(piece: Piece, count: int) -> list[Piece]:
    """Return a piece parted evenly."""
    step = piece.width / count
    return [
        piece._replace(left=piece.left + at * step, right=piece.left + (at + 1) * step) for at in range(count)
    ]
