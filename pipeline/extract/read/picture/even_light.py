"""Give a picture even light: paper white, ink as dark as if one lamp lit all. No stroke is judged."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from pipeline.extract.read.picture.pictures import Shades

A4_WIDTH = 595.0
"""Points. The shorter side of a page: sizes are shares of it, as pictures made to pages lie about points."""

COARSE_STEP = 3
"""Pixels a point over which light is measured are one in so many; ink is narrower than what remains."""

PAPER_REACH = 11.0
"""Points. Whatever dark is narrower than this is ink, and not shade on the paper."""

DARKEST_PAPER = 0.4
"""Share of the page's paper: what is darker over a whole area is ink (a black edge), and stays dark."""

PAPER_MARGIN = 0.96
"""Share of the middle shade of paper from which on all is white, so that its grain is not seen."""

BLACK_SHARE = 0.25
"""Share of the dark pixels that become black: strokes' middles, where the edges of strokes are paler."""

DARK = 160
"""Shades of 256. What is darker is a stroke for certain, and tells how black this page's ink is."""

BLACKEST_INK = 110
"""Shades of 256. Ink paler than this is not made wholly black: a page of faint grey alone is no print."""


class PaperLight(NamedTuple):
    """The shade of the paper at each place of a picture, at a few pixels a centimetre, by colour or alone."""

    shades: Shades


def unit_of(picture: Shades) -> float:
    """Return the pixels of a point, if the picture's shorter side is that of an A4 page."""
    return float(min(picture.shape[:2])) / A4_WIDTH


def picture_to_light(picture: Shades) -> PaperLight:
    """Return the light on the paper of a picture, of greys or of colours."""
    unit = unit_of(picture)
    height, width = picture.shape[:2]
    step = max(COARSE_STEP * unit, 1.0)
    coarse = cv2.resize(
        picture, (max(round(width / step), 1), max(round(height / step), 1)), interpolation=cv2.INTER_AREA
    )
    reach = 2 * round(PAPER_REACH * unit / step / 2) + 1
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    floor = DARKEST_PAPER * np.median(paper, axis=(0, 1))
    return PaperLight(np.maximum(paper, np.asarray(floor, np.uint8)))


def in_even_light(picture: Shades, light: PaperLight) -> Shades:
    """Return the picture with its paper white, by greys or for each colour apart."""
    height, width = picture.shape[:2]
    paper = cv2.resize(light.shades, (width, height), interpolation=cv2.INTER_LINEAR)
    coarse = cv2.divide(picture[::7, ::7], paper[::7, ::7], scale=200)
    white = float(np.median(coarse)) / 200 * PAPER_MARGIN
    return cv2.divide(picture, paper, scale=255 / white)  # type: ignore[return-value]


def with_black_ink(shades: Shades) -> Shades:
    """Return greys in even light stretched so that the page's ink is black: paper stays as it is."""
    dark = shades[::3, ::3]
    dark = dark[dark < DARK]
    if not dark.size:
        return shades
    black = min(float(np.quantile(dark, BLACK_SHARE)), BLACKEST_INK)
    ramp = np.clip((np.arange(256) - black) * (255 / (255 - black)), 0, 255)
    return cv2.LUT(shades, np.rint(ramp).astype(np.uint8))  # type: ignore[return-value]
