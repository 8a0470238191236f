"""Flatten a page by its rulings: a bowed page, or one seen askew, has straight ones after it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Shades
from pipeline.extract.read.picture.ruling_marks import Traces

STIFFNESS = 1e-5
"""Ratio of two weights: how much bends are distrusted against the rulings that show them."""

OUTLIERS = 3.0
"""Ratio of two distances: to the usual one of parts of a ruling from its line. No further part is of it."""

FITS = 3
"""Count. The bends are measured as often, each time without the parts that lay far off."""

STEPS_BACK = 4
"""Count. As many steps lead from the flattened page back; each is far shorter than the one before."""

BENT_MIN_PIXELS = 0.75
"""Pixels. A page whose rulings leave straight lines by less is flat."""

NET_STEP = 16
"""Pixels. The places of so many are computed at once, and those between them by their neighbours."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """How a page is bent: the weights of the bends of its level and its upright rulings, in pixels.

    `shape` is rows and columns of the picture. `is_flat` says that no bend can be seen.
    """

    level: Floats
    upright: Floats
    shape: tuple[int, int]
    is_flat: bool

    def flat(self, points: Floats) -> Floats:
        """Return where points of the picture (x, y; one a row) lie on the flattened page."""
        x, y = ((points - _middle(self.shape)) / _size(self.shape)).T
        return points + np.stack([_bends(y, x) @ self.upright, _bends(x, y) @ self.level], axis=1)

    def bent(self, points: Floats) -> Floats:
        """Return where points of the flattened page lie in the picture."""
        found = points
        for _ in range(STEPS_BACK):
            found = points - (self.flat(found) - found)
        return found

    def flattened(self, picture: Shades) -> Shades:
        """Return a picture of the page (shades) flattened."""
        rows, columns = self.shape
        net = np.mgrid[0 : rows // NET_STEP + 2, 0 : columns // NET_STEP + 2][::-1] * float(NET_STEP)
        points = net.reshape(2, -1).T
        moves = (self.bent(points) - points).T.reshape(net.shape).astype(np.float32)
        between = np.array([[NET_STEP, 0, 0], [0, NET_STEP, 0]], np.float32)
        x, y = (cv2.warpAffine(move, between, (columns, rows)) for move in moves)
        x, y = x + np.arange(columns, dtype=np.float32), y + np.arange(rows, dtype=np.float32)[:, None]
        return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderValue=255)  # type: ignore[return-value]


def marks_to_mesh(level: Traces, upright: Traces, shape: tuple[int, int]) -> Mesh:
    """Return how the page is bent on which these are straight; `shape` is rows and columns of the picture."""
    weights = []
    bend = 0.0
    for traces, middle in ((level, _middle(shape)), (upright, _middle(shape)[::-1])):
        bends = _bends((traces.middle - middle[0]) / _size(shape), (traces.across - middle[1]) / _size(shape))
        weights.append(_weights(bends, traces))
        bend = max(bend, float(np.abs(_centred((bends @ weights[-1])[:, None], traces.mark)).max(initial=0)))
    return Mesh(weights[0], weights[1], shape, bend < BENT_MIN_PIXELS)


def _size(shape: tuple[int, int]) -> float:
    """Return the unit in which bends are computed, in pixels."""
    return max(shape) / 2


def _middle(shape: tuple[int, int]) -> tuple[float, float]:
    """Return the middle of a picture, x and y."""
    return shape[1] / 2, shape[0] / 2


def _bends(along: Floats, across: Floats) -> Floats:
    """Return by how much each bend moves points across the direction, one bend to a column."""
    return np.stack([along, along**2, along * across, along**3, along**2 * across], axis=1)


def _weights(bends: Floats, traces: Traces) -> Floats:
    """Return the weight of each bend in pixels, such that each mark of a direction is straight."""
    weights: Floats = np.zeros(bends.shape[1])
    kept = np.ones(len(bends), np.bool_)
    for _ in range(FITS):
        if np.count_nonzero(kept) < 2 * len(weights):
            break
        columns = _centred(np.column_stack([bends, traces.across])[kept], traces.mark[kept])
        matrix, target = columns[:, :-1], -columns[:, -1]
        stiff = STIFFNESS * len(matrix) * np.eye(len(weights))
        weights = np.asarray(np.linalg.solve(matrix.T @ matrix + stiff, matrix.T @ target), np.float64)
        off = np.abs(_centred((traces.across + bends @ weights)[:, None], traces.mark))[:, 0]
        kept = off <= max(OUTLIERS * float(np.median(off)), 1.0)
    return weights


def _centred(rows: Floats, marks: npt.NDArray[np.int64]) -> Floats:
    """Return rows less the mean of all rows of the same mark."""
    counts = np.maximum(np.bincount(marks), 1)
    means = [np.bincount(marks, column) / counts for column in rows.T]
    centred: Floats = rows - np.stack(means, axis=1)[marks]
    return centred
