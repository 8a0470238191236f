"""Tell in a moment whether a picture shows a ruled table, before anything in it is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.even_light import in_even_light, picture_to_light, unit_of
from pipeline.extract.read.picture.pictures import Shades
from pipeline.extract.read.picture.ruling_marks import shades_to_marks, traces_to_strokes

RULINGS_MIN = 4
"""Count of wide rulings. A page with as many shows a table."""

WIDE_RULING_MIN_SHARE = 0.4
"""Share of the page's width. A table of the forms has rulings as wide; underlines and frames are fewer."""


def is_ruled(shades: Shades) -> bool:
    """Whether a page's picture, in shades of grey, has the rulings of a table, be it somewhat askew."""
    return len(wide_rulings(shades, unit_of(shades))) >= RULINGS_MIN


def wide_rulings(shades: Shades, unit: float) -> npt.NDArray[np.float64]:
    """Return a row for each wide level ruling of a picture in shades of grey, in pixels.

    It has the place across the ruling, and where this begins and ends. `unit` is pixels a point.
    """
    even = in_even_light(shades, picture_to_light(shades))
    level, _ = shades_to_marks(even, unit)
    strokes = traces_to_strokes(level.traces)
    wide: npt.NDArray[np.float64] = strokes[
        strokes[:, 2] - strokes[:, 1] >= WIDE_RULING_MIN_SHARE * shades.shape[1]
    ]
    return wide
