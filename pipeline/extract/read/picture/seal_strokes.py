"""Tell the strokes of a seal from rulings: where its ring is level or upright, it looks like a short one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Shades
from pipeline.extract.read.picture.ruling_marks import (
    JOINT_MAX_DISTANCE,
    MARK_LONG,
    MARK_MAX_THICKNESS,
)
from pipeline.extract.read.picture.short_rulings import OPEN_ROW_MIN_STROKES

PALE_LONGEST = 48.0
"""Points. Strokes of a seal's characters, and parts of its star, are no longer."""

PALE_MAX_SHARE = 0.65
"""Share of the darkness of a page's long rulings.

A short ruling is as thick as they are, and so as dark; the ink of a copied seal is paler.
"""

ARC_LONGEST = 60.0
"""Points. No arc of a seal stays within the thickness of a ruling on a longer way."""

ARC_MIN_BEND = 0.4
"""Points by which the middle of a stroke leaves the line between its ends.

On 24 points that is a ring of 13 cm across. The rulings of a flattened page bend by less than half as much.
"""

ARC_MAX_ROUGHNESS = 0.35
"""Points. So near lie the parts of an arc to a curve that bends evenly; print beside a ruling is none."""

ARC_MIN_SEEN_SHARE = 0.5
"""Share of a stroke's length on which its thickness can be seen: the rest is crossed by others."""

INK_MIN_DARKNESS_SHARE = 0.5
"""Share of a stroke's own darkness. What is paler beside it is its blur."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def without_seals(
    rows: Floats, cols: Floats, inks: tuple[Shades, Shades], unit: float
) -> tuple[Floats, Floats]:
    """Return level and upright strokes without those of seals: arcs, and short ones paler than rulings.

    A row each: the place across, start and end, in pixels. `inks` are those in which they were found, turned
    to be level, with `unit` pixels a point.
    """
    darkness = _darkness(rows, inks[0]), _darkness(cols, inks[1])
    long = np.concatenate([_lengths(rows), _lengths(cols)]) >= MARK_LONG * unit
    least = PALE_MAX_SHARE * np.median(np.concatenate(darkness)[long]) if long.any() else 0.0
    kept = [
        (shades >= least) | (_lengths(strokes) >= PALE_LONGEST * unit) | _are_row(strokes, unit)
        for strokes, shades in zip((rows, cols), darkness, strict=True)
    ]
    return without_arcs(rows[kept[0]], inks[0], unit), without_arcs(cols[kept[1]], inks[1], unit)


def without_arcs(strokes: Floats, ink: Shades, unit: float) -> Floats:
    """Return the strokes that are no arcs; `ink` is that in which they were found, turned to be level."""
    are_short = _lengths(strokes) < ARC_LONGEST * unit
    are_arcs = [
        is_short and _is_arc(stroke, ink, unit) for stroke, is_short in zip(strokes, are_short, strict=True)
    ]
    return strokes[~np.array(are_arcs, np.bool_)]


def _lengths(strokes: Floats) -> Floats:
    """Return the length of each stroke, in pixels."""
    lengths: Floats = strokes[:, 2] - strokes[:, 1]
    return lengths


def _are_row(strokes: Floats, unit: float) -> Flags:
    """Say of each stroke whether others begin and end with it, as the rulings of one row do in thin toner."""
    ends = strokes[:, 1:]
    alike = (np.abs(ends[:, None] - ends) <= JOINT_MAX_DISTANCE * unit).all(axis=2)
    are_row: Flags = alike.sum(axis=1) >= OPEN_ROW_MIN_STROKES
    return are_row


def _darkness(strokes: Floats, ink: Shades) -> Floats:
    """Return how dark each stroke is, in shades of 256."""
    spans = np.rint(strokes).astype(np.int64).clip(min=0).tolist()
    bands = (ink[max(place - 1, 0) : place + 2, start : max(end, start + 1)] for place, start, end in spans)
    return np.array([np.median(band.max(axis=0)) if band.size else 255 for band in bands], np.float64)


def _is_arc(stroke: Floats, ink: Shades, unit: float) -> bool:
    """Whether the ink of a stroke bends evenly to one side."""
    place, start, end = (max(round(at), 0) for at in stroke.tolist())
    reach = round(MARK_MAX_THICKNESS * unit)
    middle = min(place, reach)
    band = ink[place - middle : place + reach + 1, start:end]
    if len(band) <= middle + 1 or band.shape[1] < 3:
        return False
    inked = band >= INK_MIN_DARKNESS_SHARE * np.median(band[middle])
    above, below = _depth(inked[middle::-1]), _depth(inked[middle:])
    seen = (above > 0) & (above + below - 1 <= reach)
    if np.count_nonzero(seen) < max(ARC_MIN_SEEN_SHARE * len(seen), 3):
        return False
    along, middles = np.linspace(-1, 1, len(seen))[seen], ((below - above) / 2)[seen]
    curve = np.polynomial.polynomial.polyfit(along, middles, 2)
    off = middles - np.polynomial.polynomial.polyval(along, curve)
    is_bent = abs(float(curve[2])) >= ARC_MIN_BEND * unit
    return is_bent and float(np.sqrt(np.mean(off**2))) <= ARC_MAX_ROUGHNESS * unit


def _depth(inked: Flags) -> npt.NDArray[np.int64]:
    """Return how many pixels of each column are inked without a gap, from the first row on."""
    return np.asarray(np.logical_and.accumulate(inked, axis=0).sum(axis=0), np.int64)
