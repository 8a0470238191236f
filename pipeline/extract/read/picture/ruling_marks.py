"""Find the marks of rulings in a picture: long thin ink, be it faint, dashed, dotted or bowed."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Shades

MARK_MIN_LENGTH = 24.0
"""Points. No stroke of a character of usual size is as long."""

MARK_LONG = 72.0
"""Points. Strokes of characters beside each other make no mark as long, so that text may touch it."""

MARK_GAPS_MAX = 2.5
"""Points. Smaller gaps along a ruling are closed: dashes, dots, and the pattern of a fax."""

MARK_MAX_BEND = 0.7
"""Points, across a ruling, by which it may leave its line on the length of a mark, as on a bowed page."""

MARK_MAX_THICKNESS = 4.0
"""Points. What is thicker is a bar, or a cell that is shaded."""

RULING_MIN_CONTRAST = 28
"""Shades of 256. What is less dark than the paper around it is the shadow of a fold, or noise."""

BESIDE = 2.2
"""Points, across a ruling. So far from its middle there is paper beside it, or the text of a cell."""

BESIDE_MAX_SHARE = 0.3
"""Share of a mark's darkness that is beside it at most; strokes of characters have others beside them."""

TRACE_STEP = 12.0
"""Points. The place of a ruling is measured once on as long a part of it."""

Floats = npt.NDArray[np.float64]


class Traces(NamedTuple):
    """Parts of marks, in pixels: which mark each is of, and where it is along and across the direction."""

    mark: npt.NDArray[np.int64]
    middle: Floats
    across: Floats
    start: Floats
    end: Floats

    def chosen(self, which: npt.NDArray[np.bool_]) -> Traces:
        """Return some of the parts."""
        mark, middle, across, start, end = (values[which] for values in self)
        return Traces(mark.astype(np.int64), middle, across, start, end)


def shades_to_marks(shades: Shades, scale: float) -> tuple[Traces, Traces]:
    """Return the marks of level and of upright rulings in a picture with `scale` pixels a point."""
    darkness: Shades = cv2.bitwise_not(shades)  # type: ignore[assignment]
    return _marks(darkness, scale), _marks(np.ascontiguousarray(darkness.T), scale)


def _marks(darkness: Shades, scale: float) -> Traces:
    """Return the marks of level rulings."""
    widths = MARK_MAX_BEND, MARK_GAPS_MAX, MARK_MAX_THICKNESS, MARK_MIN_LENGTH
    bend, gap, thick, length = (max(round(points * scale) | 1, 3) for points in widths)
    thin = cv2.morphologyEx(darkness, cv2.MORPH_TOPHAT, np.ones((thick, 1), np.uint8))
    bent = cv2.dilate(thin, np.ones((bend, 1), np.uint8))
    closed = cv2.morphologyEx(bent, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    long = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, mask = cv2.threshold(long, RULING_MIN_CONTRAST, 255, cv2.THRESH_BINARY)
    traces = _traces(mask, scale)  # type: ignore[arg-type]
    return traces.chosen(_are_rulings(traces, darkness, scale))


def _traces(mask: Shades, scale: float) -> Traces:
    """Return the parts of the marks that a mask shows."""
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    ys, xs = np.nonzero(mask)
    owners, step = labels[ys, xs].astype(np.int64), max(round(TRACE_STEP * scale), 1)
    steps = mask.shape[1] // step + 1
    keys, places = np.unique(owners * steps + xs // step, return_inverse=True)
    counts = np.bincount(places)
    starts, ends = np.full(len(keys), mask.shape[1]), np.zeros(len(keys), np.int64)
    np.minimum.at(starts, places, xs)
    np.maximum.at(ends, places, xs)
    middles: Floats = np.bincount(places, xs) / counts
    across: Floats = np.bincount(places, ys) / counts
    return Traces(keys // steps, middles, across, starts.astype(float), ends + 1.0)


def _are_rulings(traces: Traces, darkness: Shades, scale: float) -> npt.NDArray[np.bool_]:
    """Say of each part whether its mark is a ruling, and no strokes of characters."""
    if not len(traces.mark):
        return np.zeros(0, np.bool_)
    means = cv2.blur(darkness, (max(round(TRACE_STEP * scale), 1), 1))
    on, above, below = (
        np.bincount(traces.mark, _sample(means, traces, offset * scale)) for offset in (0, -BESIDE, BESIDE)
    )
    starts, ends = np.full(len(on), np.inf), np.zeros(len(on))
    np.minimum.at(starts, traces.mark, traces.start)
    np.maximum.at(ends, traces.mark, traces.end)
    beside = np.where(ends - starts >= MARK_LONG * scale, np.minimum(above, below), np.maximum(above, below))
    are: npt.NDArray[np.bool_] = (beside <= BESIDE_MAX_SHARE * on)[traces.mark]
    return are


def _sample(means: cv2.typing.MatLike, traces: Traces, offset: float) -> Floats:
    """Return the shade at each part, or as far beside it; the darkest of three pixels across."""
    ys = np.rint(traces.across + offset).astype(np.int64)
    xs = np.minimum(np.rint(traces.middle).astype(np.int64), means.shape[1] - 1)
    near = [means[np.clip(ys + by, 0, means.shape[0] - 1), xs] for by in (-1, 0, 1)]
    darkest: Floats = np.max(near, axis=0).astype(np.float64)
    return darkest
