"""Take the rulings of tables out of a flat picture, by their place: what else is ink stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Mask, Shades
from pipeline.extract.read.picture.ruling_lattice import BARE_MAX_COVER, Edge, Lattice

RULING_REACH = 3.0
"""Points, across a ruling. So far from its middle its ink may reach, blurred as it may be."""

JOINT_REACH = 1.2
"""Points, along a ruling. So far it reaches into the one at its end: half of that one's thickness."""

CLEARED_LENGTH = 30.0
"""Points, along a ruling, on which its place and its thickness are measured anew."""

JAGS_MAX_HEIGHT = 0.8
"""Points, across a ruling. The steps of one in black and white, which is askew or frayed, are no higher."""

RULING_INK_MIN_SHARE = 0.1
"""Share of a ruling's darkness. Where its ink is less, it ends."""

PAPER_GRAIN = 8.0
"""Shades of 256. Paper differs by as much, and is no ink of a ruling."""

BEYOND = 2
"""Pixels. A stroke that goes on as far on a side of a ruling is no part of it."""

CROSSING_MIN_DARKNESS = 70
"""Shades of 256. Ink as dark on both sides of a ruling runs across it."""

Floats = npt.NDArray[np.float64]


class ClearedPart(NamedTuple):
    """A part of a ruling that was taken out: its rows, and its columns, of the picture turned to be level."""

    top: int
    bottom: int
    left: int
    right: int


def without_rulings(shades: Shades, lattices: Sequence[Lattice], unit: float) -> tuple[Shades, Mask]:
    """Return a picture without the rulings of tables, and where other ink runs across them."""
    darkness: Shades = cv2.bitwise_not(shades)  # type: ignore[assignment]
    crossed = np.zeros(shades.shape, np.bool_)
    level = [part for one in lattices for part in _clear(darkness, one.ys, one.xs, one.down, unit)]
    upright = [part for one in lattices for part in _clear(darkness.T, one.xs, one.ys, one.across, unit)]
    _mark_crossings(darkness, crossed, level)
    _mark_crossings(darkness.T, crossed.T, upright)
    return cv2.bitwise_not(darkness), crossed  # type: ignore[return-value]


def _clear(
    darkness: Shades, edges: Sequence[Edge], ends: Sequence[Edge], cover: Floats, unit: float
) -> Iterator[ClearedPart]:
    """Take the level rulings of a table out of a picture, and yield where they were."""
    reach, beyond = max(round(RULING_REACH * unit), BEYOND + 1), round(JOINT_REACH * unit)
    for edge, shares in zip(edges, cover, strict=True):
        top, bottom = max(round(edge.first) - reach, 0), round(edge.last) + reach + 1
        for place in np.flatnonzero(shares > BARE_MAX_COVER).tolist():
            left = max(round(ends[place].first) - beyond, 0)
            right = round(ends[place + 1].last) + 1 + beyond
            count = max(round((right - left) / (CLEARED_LENGTH * unit)), 1)
            stops = np.linspace(left, right, count + 1).round().astype(int).tolist()
            for start, stop in pairwise(stops):
                part = darkness[top:bottom, start:stop]
                if part.size:
                    rows = round(edge.first) - top, round(edge.last) - top
                    first, last = _clear_part(part, *rows, round(JAGS_MAX_HEIGHT * unit))
                    yield ClearedPart(top + first, top + last + 1, start, stop)


def _clear_part(darkness: Shades, first: int, last: int, jags: int) -> tuple[int, int]:
    """Take rulings, which are in these rows, out of the part of a picture around them.

    Return the first and the last row of their ink. Strokes that go on beyond it are kept in it; what stands
    out of it by no more pixels than `jags` is taken out too.
    """
    profile = np.median(darkness, axis=1)
    profile = profile - profile.min()
    least = max(RULING_INK_MIN_SHARE * profile[max(first - 1, 0) : last + 2].max(), PAPER_GRAIN)
    inked = profile > least
    start, end = first, min(last, len(profile) - 1)
    while start > 0 and inked[start - 1]:
        start -= 1
    while end < len(profile) - 1 and inked[end + 1]:
        end += 1
    _clear_jags(darkness[:start][::-1], jags, least)
    _clear_jags(darkness[end + 1 :], jags, least)
    kernel = np.ones((min(end - start + 1 + BEYOND, len(profile)), 1), np.uint8)
    through = cv2.morphologyEx(np.ascontiguousarray(darkness), cv2.MORPH_OPEN, kernel)
    darkness[start : end + 1] = through[start : end + 1]
    return start, end


def _clear_jags(darkness: Shades, jags: int, least: float) -> None:
    """Take out the ink that stands out of a ruling, which ends before the first row, by a few pixels."""
    near = darkness[: jags + 1] > least
    runs = np.logical_and.accumulate(near, axis=0)
    if len(near) > jags:
        runs &= ~runs[jags]
        darkness[: jags + 1][runs] = 0


def _mark_crossings(darkness: Shades, crossed: Mask, parts: Sequence[ClearedPart]) -> None:
    """Mark where ink runs across rulings that were taken out."""
    for top, bottom, left, right in parts:
        rows = [top - BEYOND, (top + bottom) // 2, bottom - 1 + BEYOND]
        if rows[0] >= 0 and rows[-1] < len(darkness):
            crossing = darkness[rows, left:right].min(axis=0) >= CROSSING_MIN_DARKNESS
            crossed[rows[0] : rows[-1] + 1, left:right] |= crossing
