"""Part the ink of a line into pieces side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Mask


class Piece(NamedTuple):
    """Ink without a gap from left to right: its box, in pixels, the last row and column exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
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
