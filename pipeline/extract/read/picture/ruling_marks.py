"""Find the marks of rulings in a picture: long thin ink, be it faint, dashed, dotted or bowed."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Shades

MARK_MIN_LENGTH = 24.0
"""Points. No stroke of a character of usual size is as long."""

MARK_LONG = 144.0
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

JOINT_MAX_DISTANCE = 1.5
"""Points. Rulings that join stand no further apart, and characters mostly further from rulings."""

JOINING_ROUNDS = 2
"""Count. A mark between two rulings is one, and then what lies between it and others may be."""

TRACE_STEP = 12.0
"""Points. The place of a ruling is measured once on as long a part of it."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Traces(NamedTuple):
    """Parts of marks, in pixels: which mark each is of, and where it is along and across the direction."""

    mark: Ints
    middle: Floats
    across: Floats
    start: Floats
    end: Floats


class Marks(NamedTuple):
    """The marks of one direction. `ink` shows the thin ink in which they were found, turned to be level."""

    traces: Traces
    ink: Shades


def shades_to_marks(shades: Shades, unit: float) -> tuple[Marks, Marks]:
    """Return the marks of level and of upright rulings in a picture with `unit` pixels a point."""
    darkness: Shades = cv2.bitwise_not(shades)  # type: ignore[assignment]
    turned = np.ascontiguousarray(darkness.T)
    level, upright = _marks(darkness, unit), _marks(turned, unit)
    rows, cols = traces_to_strokes(level.traces), traces_to_strokes(upright.traces)
    are_rows, are_cols = (
        _stand_out(level.traces, darkness, unit),
        _stand_out(upright.traces, turned, unit),
    )
    for _ in range(JOINING_ROUNDS):
        are_rows |= _are_joined(rows, cols[are_cols], unit)
        are_cols |= _are_joined(cols, rows[are_rows], unit)
    return (
        Marks(_chosen(level.traces, are_rows), level.ink),
        Marks(_chosen(upright.traces, are_cols), upright.ink),
    )


def _marks(darkness: Shades, unit: float) -> Marks:
    """Return what may be marks of level rulings."""
    widths = MARK_MAX_BEND, MARK_GAPS_MAX, MARK_MAX_THICKNESS, MARK_MIN_LENGTH
    bend, gap, thick, length = (max(round(points * unit) | 1, 3) for points in widths)
    thin = cv2.morphologyEx(darkness, cv2.MORPH_TOPHAT, np.ones((thick, 1), np.uint8))
    bent = cv2.dilate(thin, np.ones((bend, 1), np.uint8))
    closed = cv2.morphologyEx(bent, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    long = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, mask = cv2.threshold(long, RULING_MIN_CONTRAST, 255, cv2.THRESH_BINARY)
    return Marks(_traces(mask, unit), closed)  # type: ignore[arg-type]


def _traces(mask: Shades, unit: float) -> Traces:
    """Return the parts of the marks that a mask shows."""
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    ys, xs = np.nonzero(mask)
    owners, step = labels[ys, xs].astype(np.int64), max(round(TRACE_STEP * unit), 1)
    steps = mask.shape[1] // step + 1
    keys, places = np.unique(owners * steps + xs // step, return_inverse=True)
    counts = np.bincount(places)
    middles, across = (np.asarray(np.bincount(places, at) / counts, np.float64) for at in (xs, ys))
    columns = xs.astype(np.float64)
    starts, ends = _extents(places, columns, columns + 1)
    _, mark = np.unique(keys // steps, return_inverse=True)
    return Traces(mark, middles, across, starts, ends)


def _extents(groups: Ints, starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Return the first start and the last end of each group."""
    count = int(groups.max(initial=-1)) + 1
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, groups, starts)
    np.maximum.at(last, groups, ends)
    return first, last


def _chosen(traces: Traces, marks: Flags) -> Traces:
    """Return the parts of some marks, which are numbered anew."""
    which = marks[traces.mark]
    _, mark = np.unique(traces.mark[which], return_inverse=True)
    return Traces(mark, *(values[which] for values in traces[1:]))


def _stand_out(traces: Traces, darkness: Shades, unit: float) -> Flags:
    """Say of each mark whether paper is beside it; strokes of characters have others beside them."""
    means = cv2.blur(darkness, (max(round(TRACE_STEP * unit), 1), 1))
    on, above, below = (
        np.min(
            [np.bincount(traces.mark, _sample(means, traces, offset * unit)) for offset in offsets], axis=0
        )
        for offsets in ((0,), (-BESIDE, -2 * BESIDE), (BESIDE, 2 * BESIDE))
    )
    starts, ends = _extents(traces.mark, traces.start, traces.end)
    beside = np.where(ends - starts >= MARK_LONG * unit, np.minimum(above, below), np.maximum(above, below))
    stand_out: Flags = beside <= BESIDE_MAX_SHARE * on
    return stand_out


def _are_joined(strokes: Floats, others: Floats, unit: float) -> Flags:
    """Say of each mark whether marks of the other direction stand at both its ends."""
    near = JOINT_MAX_DISTANCE * unit
    place, *ends = strokes.T[:, :, None]
    passes = (others[:, 1] - near <= place) & (place <= others[:, 2] + near)
    start, end = ((passes & (np.abs(others[:, 0] - at) <= near)).any(axis=1) for at in ends)
    joined: Flags = start & end
    return joined


def _sample(means: cv2.typing.MatLike, traces: Traces, offset: float) -> Floats:
    """Return the shade at each part, or as far beside it; the darkest of three pixels across."""
    ys = np.rint(traces.across + offset).astype(np.int64)
    xs = np.minimum(np.rint(traces.middle).astype(np.int64), means.shape[1] - 1)
    near = [means[np.clip(ys + by, 0, means.shape[0] - 1), xs] for by in (-1, 0, 1)]
    darkest: Floats = np.max(near, axis=0).astype(np.float64)
    return darkest


def traces_to_strokes(traces: Traces) -> Floats:
    """Return a row for each mark: its place across the direction, and its start and end along it."""
    starts, ends = _extents(traces.mark, traces.start, traces.end)
    across = np.bincount(traces.mark, traces.across) / np.bincount(traces.mark)
    return np.stack([across, starts, ends], axis=1)
