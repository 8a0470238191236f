"""Find where text stands on a straight picture: pieces of lines, by the ink alone. Nothing is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.even_light import unit_of
from pipeline.extract.read.picture.pictures import Mask, Shades
from pipeline.records import Box

PIECES_STEP = 0.75
"""Points. Text is looked for in a picture of pixels of this size."""

INKED = 215
"""Shades of 256. What is darker, over such a pixel, has ink."""

UNDERLINE_MIN_LENGTH = 45.0
"""Points. Straight ink that is longer is a ruling; the longest stroke of a title is shorter."""

UNDERLINE_MAX_WIDTH = 4.0
"""Points. A ruling is no wider."""

LINE_GAP = 11.0
"""Points. Characters of one piece stand no further apart."""

DARK_INK = 140
"""Shades of 256. Under a seal, whose ink leaves a pale fringe, text is darker."""


class Pieces(NamedTuple):
    """Pieces of text on a picture.

    `boxes` are left, top, right and bottom, in pixels of the picture, a piece a row. `labels` gives each
    pixel of a smaller picture its piece, counted from 1, or 0; `step` of the picture's pixels are one of it.
    """

    boxes: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int32]
    step: float


def shades_to_pieces(shades: Shades, seal: Mask | None = None, barred: Sequence[Box] = ()) -> Pieces:
    """Return the pieces of text of a picture, outside of these boxes (pixels).

    Under a seal's ink only what is dark is text.
    """
    unit = unit_of(shades)
    step = max(PIECES_STEP * unit, 1.0)
    small = smaller(shades, step)
    ink = small < INKED
    if seal is not None and seal.any():
        ink &= (small < DARK_INK) | (smaller(seal.view(np.uint8) * np.uint8(255), step) == 0)
    for box in barred:
        left, top, right, bottom = (max(round(at / step), 0) for at in box)
        ink[top:bottom, left:right] = False
    ink = without_rulings(ink, unit / step)
    reach = (1, max(round(LINE_GAP * unit / step), 1))
    joined = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones(reach, np.uint8))
    _, labels, parts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    left, top, wide, high = parts[1:, :4].T
    boxes = np.stack([left, top, left + wide, top + high], axis=1) * step
    return Pieces(np.rint(boxes).astype(np.int64), np.asarray(labels, np.int32), step)


def smaller(shades: Shades, step: float) -> Shades:
    """Return the picture with pixels of `step` pixels, each their mean."""
    size = (max(round(shades.shape[1] / step), 1), max(round(shades.shape[0] / step), 1))
    return np.asarray(cv2.resize(shades, size, interpolation=cv2.INTER_AREA), np.uint8)


def without_rulings(ink: Mask, pixels: float) -> Mask:
    """Return the ink without its long straight lines, of `pixels` a point."""
    marks = ink.astype(np.uint8)
    length, width = round(UNDERLINE_MIN_LENGTH * pixels), round(UNDERLINE_MAX_WIDTH * pixels)
    rulings = np.zeros_like(marks)
    for long, thick in (((1, length), (width, 1)), ((length, 1), (1, width))):
        lines = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones(long, np.uint8))
        areas = cv2.morphologyEx(lines, cv2.MORPH_OPEN, np.ones(thick, np.uint8))
        rulings |= np.asarray(cv2.subtract(lines, areas), np.uint8)
    without: Mask = ink & (cv2.dilate(rulings, np.ones((3, 3), np.uint8)) == 0)
    return without
