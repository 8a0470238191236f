"""Make a page's picture straight: in even light, without the ink of seals, upright and level."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.extract.read.picture.coloured_ink import COLOURED, SealZones, colours_to_seals, spread
from pipeline.extract.read.picture.even_light import (
    PaperLight,
    in_even_light,
    picture_to_light,
    with_black_ink,
)
from pipeline.extract.read.picture.pictures import Homography, Mask, PagePicture, Shades, StraightPicture
from pipeline.extract.read.picture.skew import SKEW_MAX, shades_to_skew
from pipeline.extract.read.picture.way_up import shades_to_quarters

LEVEL = 0.03
"""Degrees. A page that is less askew is left as it is: turning costs sharpness."""


UPRIGHT_SKEW_MAX = 2.0
"""Degrees. A picture that is shown upright in a text is no more askew.

Taught by the last rows of a table with grey rulings: low and wide, they seem level at 10 degrees.
"""


def picture_to_straight(picture: PagePicture, *, is_upright: bool = False) -> StraightPicture:
    """Return the page upright, level and in even light, with the ink of its coloured seals apart.

    Which way up it lies is found out, unless it is known to be upright.
    """
    shades, seal = picture_to_shades(picture.colours)
    skew = shades_to_skew(shades, UPRIGHT_SKEW_MAX if is_upright else SKEW_MAX)
    level, seal, to_level = levelled(shades, seal, skew)
    quarters = 0 if is_upright else shades_to_quarters(level)
    to_straight = _quarter_turns(level.shape[1], level.shape[0], quarters) @ to_level
    upright = np.ascontiguousarray(np.rot90(level, -quarters))
    seal = np.ascontiguousarray(np.rot90(seal, -quarters))
    return StraightPicture(upright, seal, picture.scale, quarters, _inverse(to_straight))


def picture_to_shades(colours: Shades) -> tuple[Shades, Mask]:
    """Return the greys in even light, without the ink of seals, and where that ink is."""
    if colours.ndim == 2:
        light = picture_to_light(colours)
        shades = with_black_ink(in_even_light(colours, light))
        return shades, np.zeros(shades.shape, np.bool_)
    light = picture_to_light(colours)
    seals = colours_to_seals(colours, light)
    shades = in_even_light(_greys(colours), PaperLight(_greys(light.shades)))
    seal = _take_out(shades, colours, light, seals)
    return with_black_ink(shades), seal


def _greys(colours: Shades) -> Shades:
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), np.uint8)


def _take_out(shades: Shades, colours: Shades, light: PaperLight, seals: SealZones) -> Mask:
    """Replace seals by what is printed below them, in place, and return where their ink is.

    Coloured ink is as bright as paper in one of its colours; black ink is dark in all.
    """
    seal = np.zeros(shades.shape, np.bool_)
    if not seals.boxes:
        return seal
    lit = in_even_light(colours, light)
    for left, top, right, bottom in seals.boxes:
        zone = np.s_[top:bottom, left:right]
        inked = spread(lit[zone]) > COLOURED
        brightest = lit[zone].max(axis=2)
        white = float(np.median(brightest[inked]))
        shades[zone] = np.where(inked, cv2.convertScaleAbs(brightest, alpha=255 / white), brightest)
        seal[zone] |= inked
    return seal


def levelled(shades: Shades, seal: Mask, skew: float) -> tuple[Shades, Mask, Homography]:
    """Turn a picture back by its skew (degrees), and say which pixels became which; nothing is cut off."""
    if abs(skew) < LEVEL:
        return shades, seal, np.eye(3)
    to_level, size = _levelling(shades.shape[1], shades.shape[0], skew)
    level = cv2.warpAffine(shades, to_level[:2], size, flags=cv2.INTER_CUBIC, borderValue=255)
    marks = cv2.warpAffine(seal.view(np.uint8), to_level[:2], size, flags=cv2.INTER_NEAREST)
    return np.asarray(level, np.uint8), np.asarray(marks, np.bool_), to_level


def _inverse(homography: Homography) -> Homography:
    return np.asarray(np.linalg.inv(homography), np.float64)


def _quarter_turns(width: int, height: int, quarters: int) -> Homography:
    """Return what takes pixels of a picture to those of the picture turned clockwise by quarters."""
    match quarters % 4:
        case 1:
            rows = [[0, -1, height - 1], [1, 0, 0], [0, 0, 1]]
        case 2:
            rows = [[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]]
        case 3:
            rows = [[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]]
        case _:
            rows = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    return np.array(rows, np.float64)


def _levelling(width: int, height: int, skew: float) -> tuple[Homography, tuple[int, int]]:
    """Return what turns a picture back by `skew` degrees, and the size (width, height) that holds it all."""
    cosine, sine = np.cos(np.radians(skew)), np.sin(np.radians(skew))
    size = (
        round(width * cosine + height * abs(sine)),
        round(height * cosine + width * abs(sine)),
    )
    turn = np.array([[cosine, sine], [-sine, cosine]])
    shift = (np.array(size) - 1) / 2 - turn @ (np.array([width, height]) - 1) / 2
    return np.vstack([np.column_stack([turn, shift]), [0, 0, 1]]), size
