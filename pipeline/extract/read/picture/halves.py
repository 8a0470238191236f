"""Make one of the halves of a large ideograph (零, 告), which stand apart like two lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from pipeline.extract.read.glyphs import FIRST_IDEOGRAPH
from pipeline.extract.read.picture.ink_lines import shades_to_ink
from pipeline.extract.read.picture.line_readings import lines_to_full_readings
from pipeline.extract.read.picture.pictures import LineReading, PictureLine, Shades, StraightPicture
from pipeline.records import Box, bounding_box

WHOLE_MAX_RATIO = 1.3
"""Times its width. No ideograph is higher."""


def are_halves(upper: str, lower: str, width: float, height: float) -> bool:
    """Whether two lines are the halves of an ideograph, by what is read in each, and their size together.

    Each is one character, and one an ideograph: 口 alone is read as 0 too.
    """
    return (
        len(upper) == len(lower) == 1
        and max(upper, lower) >= FIRST_IDEOGRAPH
        and height <= WHOLE_MAX_RATIO * width
    )


def with_whole_ideographs(
    lines: Sequence[PictureLine], readings: Sequence[LineReading], picture: StraightPicture
) -> list[tuple[PictureLine, LineReading]]:
    """Return the lines of a picture, each with its reading; those that are halves as one line, read anew."""
    read = dict(enumerate(zip(lines, readings, strict=True)))
    for upper, lower in [*_halves(read, picture)]:
        whole = _joined(lines[upper], lines[lower], picture)
        (reading,) = lines_to_full_readings([whole.crop])
        if len(reading.text) == 1 and lower in read:
            del read[lower]
            read[upper] = whole, reading
    return [*read.values()]


def _halves(
    read: Mapping[int, tuple[PictureLine, LineReading]], picture: StraightPicture
) -> Iterator[tuple[int, int]]:
    """Yield the numbers of lines that are the upper and the lower half of an ideograph."""
    lone = [at for at, (_, reading) in read.items() if len(reading.text) == 1]
    wide = [at for at in lone if read[at][1].text >= FIRST_IDEOGRAPH]
    for upper, lower in sorted({*product(wide, lone), *product(lone, wide)}):
        one, other = read[upper][0], read[lower][0]
        if _is_near_below(other.box, one.box):
            size = _inked_size(_joined(one, other, picture).crop)
            if are_halves(read[upper][1].text, read[lower][1].text, *size):
                yield upper, lower


def _is_near_below(lower: Box, upper: Box) -> bool:
    """Whether a line lies below another, and is no further away than the half of an ideograph."""
    width = max(lower.x1 - lower.x0, upper.x1 - upper.x0)
    is_below = upper.top < lower.top and lower.bottom - upper.top <= 2 * WHOLE_MAX_RATIO * width
    return is_below and upper.x0 < lower.x1 and lower.x0 < upper.x1


def _joined(upper: PictureLine, lower: PictureLine, picture: StraightPicture) -> PictureLine:
    """Return two lines of a picture as one."""
    box = bounding_box([upper.box, lower.box])
    left, top, right, bottom = (round(at * picture.scale) for at in box)
    return PictureLine(box, picture.shades[top:bottom, left:right].copy())


def _inked_size(crop: Shades) -> tuple[int, int]:
    """Return the width and the height of the ink of a crop, in pixels."""
    ink = shades_to_ink(crop)
    columns, rows = (np.flatnonzero(ink.any(axis=axis)) for axis in (0, 1))
    return int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1
