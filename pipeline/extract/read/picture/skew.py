"""Measure by how much the lines of a page are not level."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.even_light import unit_of
from pipeline.extract.read.picture.pictures import Shades

SKEW_STEP = 0.75
"""Points. Skew is measured on a picture of pixels of this size."""

EDGE_MIN_CONTRAST = 60
"""Shades of 256 by which a pixel is darker than the one above it, where a line or stroke begins."""

EDGES_MAX = 20000
"""Count. Of more edges each so many-th is taken."""

SKEW_MAX = 10.0
"""Degrees. A page that lies more askew was laid on the glass on purpose."""

SKEW_SEARCH = ((0.5, SKEW_MAX, 4.0), (0.1, 0.5, 2.0), (0.02, 0.1, 1.0))
"""Degrees of step and reach, and height in pixels of the strips in which edges are counted."""


def shades_to_skew(shades: Shades) -> tuple[float, float]:
    """Return by how many degrees lines fall to the right, and how much that explains, 1 for chance."""
    unit = unit_of(shades)
    step = max(SKEW_STEP * unit, 1.0)
    height, width = shades.shape
    size = (max(round(width / step), 1), max(round(height / step), 1))
    small = cv2.resize(shades, size, interpolation=cv2.INTER_AREA)
    edges = cv2.subtract(small[:-1], small[1:]) > EDGE_MIN_CONTRAST
    rows, columns = np.nonzero(edges)
    if not len(rows):
        return 0.0, 1.0
    taken = slice(None, None, -(-len(rows) // EDGES_MAX))
    return _best_angle(rows[taken].astype(np.float64), columns[taken] - size[0] / 2)


def _best_angle(rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the angle at which the edges fall into the fewest rows, and how uneven the rows then are."""
    angle, sharpness = 0.0, 1.0
    for step, reach, strip in SKEW_SEARCH:
        count = round(reach / step)
        angles = [angle + step * at for at in range(-count, count + 1)]
        scores = [_sharpness(rows, columns, each, strip) for each in angles]
        best = int(np.argmax(scores))
        angle, sharpness = angles[best], scores[best]
    return angle, sharpness


def _sharpness(
    rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64], angle: float, strip: float
) -> float:
    """Return how unevenly the edges lie on strips that fall by `angle`: 1 where they lie evenly."""
    places = (rows - columns * np.tan(np.radians(angle))) / strip
    places -= places.min()
    counts = np.bincount(places.astype(np.int64))
    return float((counts.astype(np.float64) ** 2).sum() * len(counts) / len(rows) ** 2)
