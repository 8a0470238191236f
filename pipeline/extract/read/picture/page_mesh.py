"""Flatten a page by its rulings: a bowed page, or one seen askew, has straight ones after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.ruling_marks import Traces

STIFFNESS = 1e-3
"""Ratio of two weights: how much bends are distrusted against the rulings that show them."""

OUTLIERS = 3.0
"""Ratio of two distances: to the usual one of parts of a ruling from its line. No further part is of it."""

FITS = 3
"""Count. The bends are measured as often, each time without the parts that lay far off."""

STEPS_BACK = 4
"""Count. As many steps lead from the flattened page back; each is far shorter than the one before."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """How a page is bent: `level` and `upright` are the weights of its bends, `size` the pixels of a unit."""

    level: Floats
    upright: Floats
    size: float
    middle: tuple[float, float]

    def flat(self, points: Floats) -> Floats:
        """Return where points of the picture (x, y; one a row) lie on the flattened page."""
        x, y = self._units(points)
        return points + np.stack([_bends(y, x) @ self.upright, _bends(x, y) @ self.level], axis=1)

    def bent(self, points: Floats) -> Floats:
        """Return where points of the flattened page lie in the picture."""
        found = points
        for _ in range(STEPS_BACK):  # the bends are small, so that the steps shrink fast
            found = points - (self.flat(found) - found)
        return found

    def _units(self, points: Floats) -> Floats:
        units: Floats = ((points - self.middle) / self.size).T
        return units


def marks_to_mesh(level: Traces, upright: Traces, shape: tuple[int, int]) -> Mesh:
    """Return how the page is bent on which these are straight; `shape` is rows and columns of the picture."""
    size, middle = max(shape) / 2, (shape[1] / 2, shape[0] / 2)
    return Mesh(_weights(level, size, middle), _weights(upright, size, (middle[1], middle[0])), size, middle)


def _bends(along: Floats, across: Floats) -> Floats:
    """Return by how much each bend moves points across the direction, one bend to a column."""
    return np.stack([along, along**2, along * across, along**3, along**2 * across], axis=1)


def _weights(traces: Traces, size: float, middle: tuple[float, float]) -> Floats:
    """Return the weight of each bend in pixels, such that each mark of a direction is straight."""
    along, across = (traces.middle - middle[0]) / size, (traces.across - middle[1]) / size
    bends = _bends(along, across)
    weights: Floats = np.zeros(bends.shape[1])
    kept = np.ones(len(along), np.bool_)
    for _ in range(FITS):
        if np.count_nonzero(kept) < 2 * len(weights):
            break
        columns = _centred(np.column_stack([bends, traces.across])[kept], traces.mark[kept])
        matrix, target = columns[:, :-1], -columns[:, -1]
        stiff = STIFFNESS * len(matrix) * np.eye(len(weights))
        weights = np.linalg.solve(matrix.T @ matrix + stiff, matrix.T @ target)
        off = np.abs(_centred((traces.across + bends @ weights)[:, None], traces.mark))[:, 0]
        kept = off <= max(OUTLIERS * float(np.median(off)), 1.0)
    return weights


def _centred(rows: Floats, marks: npt.NDArray[np.int64]) -> Floats:
    """Return rows less the mean of all rows of the same mark."""
    counts = np.maximum(np.bincount(marks), 1)
    means = [np.bincount(marks, column) / counts for column in rows.T]
    centred: Floats = rows - np.stack(means, axis=1)[marks]
    return centred
