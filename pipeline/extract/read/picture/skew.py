"""Measure by how much the lines of a page are not level."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.even_light import unit_of
from pipeline.extract.read.picture.pictures import Shades

SKEW_MAX = 10.0
"""Degrees. A page that lies more askew was laid on the glass on purpose."""

EDGE_MIN_CONTRAST = 20
"""Shades of 256 by which a pixel is darker than the one above it, where a line or stroke begins."""

SKEW_STEPS = (0.5, 0.1, 0.05)
"""Degrees between the angles that are tried: first far apart, then about the best one."""

EDGE_STRIPS = (3.0, 1.5, 0.72)
"""Points. Edges are counted in strips of this height at each of these steps."""

EDGE_PIXELS = (0.75, 0.75, 0.36)
"""Points. The size of the pixels in which edges are looked for."""

EDGES_MAX = (6000, 12000, 50000)
"""Count. Of more edges each so many-th is taken."""

SKEW_REACH = 3
"""Count of angles that are tried on each side of the best one so far."""

Numbers = npt.NDArray[np.float64]


class _Edges(NamedTuple):
    """Where ink begins below paper: rows and columns in points, and by how many shades."""

    rows: Numbers
    columns: Numbers
    weights: Numbers

    def some(self, most: int) -> _Edges:
        """Return so many of them, spread evenly."""
        taken = slice(None, None, max(-(-len(self.rows) // most), 1))
        return _Edges(self.rows[taken], self.columns[taken], self.weights[taken])


def shades_to_skew(shades: Shades, most: float = SKEW_MAX) -> float:
    """Return by how many degrees the lines of a page fall to the right, or its columns lean to the left.

    Angles of no more than `most` degrees are tried, and a little beyond.
    """
    across = _coarse_skew(shades, most)
    down = _coarse_skew(np.ascontiguousarray(shades.T), most)
    if across.sharpness >= down.sharpness:
        return _fine_skew(shades, across)
    return -_fine_skew(np.ascontiguousarray(shades.T), down)


class _Angle(NamedTuple):
    """An angle in degrees, and how unevenly the edges then lie on strips: 1 where they lie evenly."""

    degrees: float
    sharpness: float


def _coarse_skew(shades: Shades, most: float) -> _Angle:
    edges = _shades_to_edges(shades, EDGE_PIXELS[0])
    count = round(most / SKEW_STEPS[0])
    best = _best(edges.some(EDGES_MAX[0]), 0.0, SKEW_STEPS[0], count, EDGE_STRIPS[0])
    return _best(edges.some(EDGES_MAX[1]), best.degrees, SKEW_STEPS[1], SKEW_REACH + 1, EDGE_STRIPS[1])


def _fine_skew(shades: Shades, coarse: _Angle) -> float:
    edges = _shades_to_edges(shades, EDGE_PIXELS[2]).some(EDGES_MAX[2])
    return _best(edges, coarse.degrees, SKEW_STEPS[2], SKEW_REACH, EDGE_STRIPS[2]).degrees


def _shades_to_edges(shades: Shades, pixel: float) -> _Edges:
    """Return the edges of a picture that is made smaller, to pixels of this size in points."""
    unit = unit_of(shades)
    step = max(pixel * unit, 1.0)
    size = (max(round(shades.shape[1] / step), 1), max(round(shades.shape[0] / step), 1))
    small = cv2.resize(shades, size, interpolation=cv2.INTER_AREA)
    darker = cv2.subtract(small[:-1], small[1:])
    places = np.flatnonzero(darker > EDGE_MIN_CONTRAST)
    rows, columns = np.divmod(places, size[0])
    points = step / unit
    return _Edges(rows * points, (columns - size[0] / 2) * points, darker.ravel()[places].astype(np.float64))


def _best(edges: _Edges, middle: float, step: float, count: int, strip: float) -> _Angle:
    """Return the angle, of `count` on each side of the middle, at which edges lie in the fewest strips.

    Between the angles that are tried it is where a parabola has its top.
    """
    if not len(edges.rows):
        return _Angle(0.0, 1.0)
    angles = [middle + step * at for at in range(-count, count + 1)]
    scores = [_sharpness(edges, angle, strip) for angle in angles]
    best = int(np.argmax(scores))
    if not 0 < best < len(scores) - 1:
        return _Angle(angles[best], scores[best])
    before, top, after = scores[best - 1 : best + 2]
    bend = before - 2 * top + after
    return _Angle(angles[best] + (step * (before - after) / bend / 2 if bend else 0.0), top)


def _sharpness(edges: _Edges, angle: float, strip: float) -> float:
    """Return how unevenly the edges lie on strips that fall by `angle`; each counts for two."""
    places = (edges.rows - edges.columns * np.tan(np.radians(angle))) / strip
    places -= places.min()
    above = places.astype(np.int64)
    share = (places - above) * edges.weights
    size = int(above.max()) + 2
    counts = np.bincount(above, edges.weights - share, size) + np.bincount(above + 1, share, size)
    return float((counts**2).sum() * size / edges.weights.sum() ** 2)
