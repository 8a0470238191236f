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

WORD_GAP = 2.0
"""Points. Ideographs of one word stand no further apart, and words of two cells mostly do."""

LOWER_MAX_SHARE = 0.9
"""Share of a piece's height. Two lines that were joined to one piece are each as low."""

SPECK_MAX_SIZE = 2.3
"""Points. Smaller ink is a point, or part of a character, or dust."""

SPECK_MAX_DISTANCE = 8.0
"""Points. Points and signs stand no further from the characters that they belong to."""

BLACK_INK = 110
"""Shades of 256. Under a copied seal, whose ink is grey, text is darker."""

TEXT_MAX_HEIGHT = 60.0
"""Points. What is higher is no line of text: a picture, a seal, a black edge."""

DARK_INK = 140
"""Shades of 256. Under a seal, whose ink leaves a pale fringe, text is darker."""


Labels = npt.NDArray[np.int32]
Boxes = npt.NDArray[np.int32]
"""Left, top, width and height, a row each."""


class Pieces(NamedTuple):
    """Pieces of text on a picture.

    `boxes` are left, top, right and bottom, in pixels of the picture, a piece a row. `labels` gives each
    pixel of a smaller picture its piece, counted from 1, or 0; `step` of the picture's pixels are one of it.
    `overlaid` are boxes in which something large and grey, as a seal, lies over the text: there only what is
    black is text.
    """

    boxes: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int32]
    step: float
    overlaid: Sequence[tuple[int, ...]]


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
    ink = without_dust(without_rulings(ink, unit / step), unit / step)
    reach = max(round(LINE_GAP * unit / step), 1)
    labels, parts = _labelled(ink, reach)
    overlaid = [(x, y, w, h) for x, y, w, h in parts.tolist() if h * step > TEXT_MAX_HEIGHT * unit]
    for x, y, w, h in overlaid:
        zone = np.s_[y : y + h, x : x + w]
        ink[zone] &= small[zone] < BLACK_INK
    if overlaid:
        labels, parts = _labelled(ink, reach)
    labels, parts = _in_levels(labels, parts, ink, max(round(WORD_GAP * unit / step), 1))
    left, top, wide, high = parts.T
    boxes = np.rint(np.stack([left, top, left + wide, top + high], axis=1) * step).astype(np.int64)
    zones = [tuple(round(at * step) for at in (x, y, x + w, y + h)) for x, y, w, h in overlaid]
    return Pieces(boxes, labels, step, zones)


def _labelled(ink: Mask, reach: int) -> tuple[Labels, Boxes]:
    """Return the piece of each pixel, and left, top, width and height of each piece, joined over `reach`."""
    joined = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    _, labels, parts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    return np.asarray(labels, np.int32), np.asarray(parts[1:, :4], np.int32)


def _in_levels(labels: Labels, parts: Boxes, ink: Mask, reach: int) -> tuple[Labels, Boxes]:
    """Return the pieces, parted at smaller gaps (pixels) where that makes all parts of a piece lower.

    A label of two lines stands half a line off one of a single line beside it: the two are joined.
    """
    labels, found = labels.copy(), [*parts]
    for at, (x, y, w, h) in enumerate(parts.tolist()):
        zone = np.s_[y : y + h, x : x + w]
        own = labels[zone] == at + 1
        inner, boxes = _labelled(ink[zone] & own, reach)
        if len(boxes) > 1 and boxes[:, 3].max() <= LOWER_MAX_SHARE * h:
            labels[zone][own] = 0
            labels[zone][inner > 0] = inner[inner > 0] + len(found)
            found[at] = np.array([x, y, 0, 0])
            found += [*(boxes + np.array([x, y, 0, 0]))]
    return labels, np.asarray(found, np.int32).reshape(-1, 4)


def smaller(shades: Shades, step: float) -> Shades:
    """Return the picture with pixels of `step` pixels, each their mean."""
    size = (max(round(shades.shape[1] / step), 1), max(round(shades.shape[0] / step), 1))
    return np.asarray(cv2.resize(shades, size, interpolation=cv2.INTER_AREA), np.uint8)


def without_dust(ink: Mask, pixels: float) -> Mask:
    """Return the ink without small specks that lie near no other ink, of `pixels` a point."""
    _, labels, parts, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    large = parts[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1) > SPECK_MAX_SIZE * pixels
    large[0] = False
    text = large[labels]
    reach = 2 * round(SPECK_MAX_DISTANCE * pixels) + 1
    near = cv2.dilate(text.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    kept: Mask = text | (ink & near)
    return kept


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
