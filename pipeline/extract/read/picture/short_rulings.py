"""Find upright rulings of one low row: too short to be told from a stroke of a character by themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Shades
from pipeline.extract.read.picture.ruling_marks import (
    JOINT_MAX_DISTANCE,
    MARK_LONG,
    MARK_MAX_THICKNESS,
    MARK_MIN_LENGTH,
    RULING_MIN_CONTRAST,
)

SHORT_MIN_LENGTH = 8.0
"""Points. A row is as high, be it cut by the end of a page."""

OPEN_ROW_MIN_STROKES = 3
"""Count. As many strokes that hang from a ruling and end on one line are a row cut by a page's end."""

Floats = npt.NDArray[np.float64]


def short_uprights(level: Floats, upright: Floats, ink: Shades, unit: float) -> Floats:
    """Return the short upright rulings that stand on or hang from level ones.

    `level` and `upright` have a row for each known ruling: its place across, start and end, in pixels.
    `ink` is the thin upright ink of the page, turned to be level.
    """
    found = [
        stroke
        for ruling in level[level[:, 2] - level[:, 1] >= MARK_LONG * unit]
        for down in (True, False)
        for stroke in _joined(_hanging(ruling, ink, down, unit), ruling, level, unit)
    ]
    strokes = np.reshape(np.array(found, np.float64), (-1, 3))
    return strokes[~_are_known(strokes, upright, unit)]


def _hanging(ruling: Floats, ink: Shades, down: bool, unit: float) -> Floats:
    """Return the upright strokes below or above a ruling that touch it."""
    place, start, end = (round(value) for value in ruling.tolist())
    joint, reach = max(round(JOINT_MAX_DISTANCE * unit), 1), round((MARK_MIN_LENGTH + 1) * unit)
    first, last = max(start - joint, 0), end + joint + 1
    band = ink[first:last, place : place + reach] if down else ink[first:last, max(place - reach, 0) : place]
    inked = band >= RULING_MIN_CONTRAST
    inked = inked if down else inked[:, ::-1]
    if inked.shape[1] <= joint:
        return np.empty((0, 3))
    inked = inked.copy()
    inked[:, :joint] |= inked[:, joint : joint + 1]
    lengths = np.where(inked.all(axis=1), 0, inked.argmin(axis=1))
    long = np.concatenate([[False], lengths >= SHORT_MIN_LENGTH * unit, [False]]).astype(np.int8)
    begins, ends = (np.flatnonzero(np.diff(long) == step) for step in (1, -1))
    thin = ends - begins <= MARK_MAX_THICKNESS * unit
    sizes = np.array([lengths[a:b].max() for a, b in zip(begins[thin], ends[thin], strict=True)], np.float64)
    middles = first + (begins[thin] + ends[thin] - 1) / 2
    near, far = np.full(len(sizes), float(place)), place + sizes * (1 if down else -1)
    return np.stack([middles, np.minimum(near, far), np.maximum(near, far)], axis=1)


def _joined(strokes: Floats, ruling: Floats, level: Floats, unit: float) -> list[list[float]]:
    """Return those of the strokes at a ruling that end at another one, or where the others of a row do."""
    near = JOINT_MAX_DISTANCE * unit
    place, start, end = ruling
    x, tops, bottoms = strokes.T
    far = np.where(np.abs(tops - place) < np.abs(bottoms - place), bottoms, tops)
    meets = (
        (np.abs(level[:, 0] - far[:, None]) <= near)
        & (level[:, 1] - near <= x[:, None])
        & (x[:, None] <= level[:, 2] + near)
    ).any(axis=1)
    in_row = np.abs(far - far[:, None]) <= near
    at_sides = np.stack([np.abs(x - start) <= near, np.abs(x - end) <= near])
    is_row = (in_row.sum(axis=1) >= OPEN_ROW_MIN_STROKES) & (in_row @ at_sides.T).all(axis=1)
    chosen: list[list[float]] = strokes[meets | is_row].tolist()
    return chosen


def _are_known(strokes: Floats, upright: Floats, unit: float) -> npt.NDArray[np.bool_]:
    """Say of each stroke whether a known ruling passes where it stands."""
    near = MARK_MAX_THICKNESS * unit
    x, tops, bottoms = strokes.T[:, :, None]
    middle = (tops + bottoms) / 2
    passes = (np.abs(upright[:, 0] - x) <= near) & (upright[:, 1] <= middle) & (middle <= upright[:, 2])
    known: npt.NDArray[np.bool_] = passes.any(axis=1)
    return known
