"""Find the seals on a page by their colour, and show what is printed below them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from pipeline.extract.read.picture.even_light import PaperLight, in_even_light, unit_of
from pipeline.extract.read.picture.pictures import Shades

COLOURED = 50
"""Shades of 256. Ink whose colours lie further apart, in even light, is coloured."""

COLOUR_STEP = 1.0
"""Points. Seals are looked for in a picture of pixels of this size."""

SEAL_GAP = 6.0
"""Points. Pieces of a seal lie no further apart than this."""

SEAL_MIN_SIZE = 60.0
"""Points. The shorter side of a seal; coloured letters are smaller."""

SEAL_MAX_SIZE = 190.0
"""Points. The longer side of a seal, or of two that overlap."""

SEAL_EDGE = 3.0
"""Points about a seal that are taken for it: the fringe of its ink is pale."""


class SealZones(NamedTuple):
    """Where seals lie: left, top, right and bottom in pixels of the page's picture."""

    boxes: tuple[tuple[int, int, int, int], ...]


def colours_to_seals(colours: Shades, light: PaperLight) -> SealZones:
    """Return where the coloured ink has the size and shape of a seal."""
    unit = unit_of(colours)
    height, width = colours.shape[:2]
    step = max(COLOUR_STEP * unit, 1.0)
    size = (max(round(width / step), 1), max(round(height / step), 1))
    small = in_even_light(np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_AREA)), light)
    coloured = spread(small) > COLOURED
    reach = max(round(SEAL_GAP * unit / step), 1)
    joined = cv2.morphologyEx(coloured.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, _, parts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    points = step / unit
    boxes = []
    for left, top, wide, high, _ in parts[1:].tolist():
        if min(wide, high) * points >= SEAL_MIN_SIZE and max(wide, high) * points <= SEAL_MAX_SIZE:
            edge = SEAL_EDGE / points
            box = (left - edge, top - edge, left + wide + edge, top + high + edge)
            limits = (width, height, width, height)
            boxes.append(
                tuple(min(max(round(at * step), 0), end) for at, end in zip(box, limits, strict=True))
            )
    return SealZones(tuple(boxes))


def spread(colours: Shades) -> Shades:
    """Return how far the colours of each pixel lie apart."""
    red, green, blue = cv2.split(colours)
    return cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))  # type: ignore[return-value]
