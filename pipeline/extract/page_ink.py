"""The ink of a part of a drawn page: strokes, with rulings and without, whatever is behind them."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT, PagePart, Shades
from pipeline.extract.page_cells import Mask, Numbers, PageCells, to_rows
from pipeline.records import Box

INK_MIN_CONTRAST = 24
"""Shades of 256. Ink differs from its background by at least as much. Light grey digits do."""

STROKE_MAX_PIXELS = 11
"""Pixels. What is broader both ways is a background: a shaded cell, a highlight, part of a large watermark.

Taught by grey form fields and grey watermarks that cover a part of a cell. Strokes of bold digits of 16
points have 5 pixels.
"""

DARK_MAX_SHADE = 128
"""Shades of 256. A cell most of which is darker has light digits."""

EDGE_MAX_WIDTH = 1.5
"""Points. So near to the edge of a cell its ruling may stand."""

DRAWN_RULING_MIN_LENGTH = 20.0
"""Points. Straight ink of such a length is a ruling; no stroke of a digit is as long."""

RULING_MIN_PIXELS = int(DRAWN_RULING_MIN_LENGTH * PIXELS_PER_POINT)
"""Pixels. The same length in a picture."""

RULING_SAMPLES = 5
"""Count of pixels of a line that are asked first, one in eight: of a ruling all are set, of others few."""


class Ink:
    """The strokes of a picture (`whole`), and the same without rulings (`free`), as masks of its pixels.

    `dark` are the places of cells that are dark, where light strokes are the ink. Boxes are given in points
    on the page as displayed, or in pixels of the picture, one a row.
    """

    def __init__(self, picture: PagePart, on_page: PageCells) -> None:
        self.orientation = on_page.orientation
        self.is_turned = bool(self.orientation.quarters % 2)
        self.shades = picture.shades
        self.corner = np.array((picture.x0, picture.top) * 2)
        self.size = np.array(picture.shades.shape[::-1] * 2)
        self.cells = to_rows([*on_page.cells])
        self.whole = _strokes(picture.shades, cv2.MORPH_BLACKHAT)
        self._dark_sums = sums(picture.shades < DARK_MAX_SHADE)
        self.dark = np.zeros(picture.shades.shape, np.bool_)
        self._look_at_dark_cells()
        self.free = _without_rulings(self.whole)

    def _look_at_dark_cells(self) -> None:
        """Take light strokes for the ink of cells that are dark."""
        cells = self.pixels(self.cells)
        for x0, top, x1, bottom in cells[self.are_dark(cells)].tolist():
            place = slice(top, bottom), slice(x0, x1)
            self.whole[place] = _strokes(self.shades[place], cv2.MORPH_TOPHAT)
            self.dark[place] = True

    def pixels(self, boxes: Numbers) -> Numbers:
        """Return boxes in pixels of the picture, cut at its edges."""
        scaled = np.rint(boxes * PIXELS_PER_POINT).astype(np.int64)
        pixels: Numbers = np.clip(scaled - self.corner, 0, self.size)
        return pixels

    def are_dark(self, pixels: Numbers) -> Mask:
        """Return of each box whether most of it is dark."""
        areas = (pixels[:, 2] - pixels[:, 0]) * (pixels[:, 3] - pixels[:, 1])
        dark: Mask = 2 * counts(self._dark_sums, pixels) > areas
        return dark

    def crops(self, pixels: Numbers) -> list[Shades]:
        """Return the place of each box, dark on light, as turned for reading."""
        found = []
        for (x0, top, x1, bottom), is_dark in zip(pixels.tolist(), self.are_dark(pixels), strict=True):
            shades = self.shades[top:bottom, x0:x1]
            shades = np.rot90(shades, -self.orientation.quarters) if self.orientation.quarters else shades
            found.append(255 - shades if is_dark else shades)
        return found

    def to_reading(self, boxes: Numbers) -> Numbers:
        """Return boxes as turned for reading."""
        return np.stack(self.orientation.to_reading(Box(*boxes.T)), axis=1)

    def to_displayed(self, boxes: Numbers) -> Numbers:
        """Return boxes on the page as turned for reading as they are displayed."""
        return np.stack(self.orientation.to_displayed(Box(*boxes.T)), axis=1)

    def clipped(self, boxes: Numbers, cells: Numbers) -> Numbers:
        """Return the part of each box that lies between the top and the bottom of its cell, as it is read."""
        first, last = (0, 2) if self.is_turned else (1, 3)
        clipped = boxes.copy()
        np.maximum(boxes[:, first], cells[:, first], out=clipped[:, first])
        np.minimum(boxes[:, last], cells[:, last], out=clipped[:, last])
        return clipped


def inset(cells: Numbers) -> Numbers:
    """Return cells without their edges."""
    inner: Numbers = cells + np.array((1, 1, -1, -1)) * EDGE_MAX_WIDTH
    return inner


def sums(mask: Mask) -> Numbers:
    """Return what counts and line_counts need to count the pixels of a mask that are set."""
    integral: Numbers = cv2.integral(mask.view(np.uint8))
    return integral


def counts(mask_sums: Numbers, pixels: Numbers) -> Numbers:
    """Return how many pixels of a mask are set in each box."""
    x0, top, x1, bottom = pixels.T
    found: Numbers = mask_sums[bottom, x1] - mask_sums[top, x1] - mask_sums[bottom, x0] + mask_sums[top, x0]
    return found


def line_counts(mask_sums: Numbers, pixels: Numbers, quarters: int) -> Numbers:
    """Return how many pixels of a mask are set in each line of each box, of shape (boxes, lines).

    Lines are counted from the top of a box as turned for reading; 0 are set in those behind its last one.
    """
    if quarters % 2:
        mask_sums, pixels = mask_sums.T, pixels[:, (1, 0, 3, 2)]
    x0, top, x1, bottom = pixels.T[:, :, None]
    lines = np.arange((bottom - top).max(initial=1))
    at = np.clip(top + lines if quarters < 2 else bottom - 1 - lines, 0, len(mask_sums) - 2)
    found: Numbers = mask_sums[at + 1, x1] - mask_sums[at, x1] - mask_sums[at + 1, x0] + mask_sums[at, x0]
    found[lines >= bottom - top] = 0
    return found


def _strokes(shades: Shades, way: int) -> Mask:
    """Return the pixels of thin strokes: of dark ones (black hat) or of light ones (top hat).

    What lies behind them, be it paper, a highlight, a shaded cell or a large watermark, is none.
    """
    kernel = np.ones((STROKE_MAX_PIXELS, STROKE_MAX_PIXELS), np.uint8)
    strokes: Mask = cv2.morphologyEx(shades, way, kernel) >= INK_MIN_CONTRAST
    return strokes


def _without_rulings(ink: Mask) -> Mask:
    """Return ink without long straight lines, level ones and upright ones."""
    free = ink.copy()
    for left, whole in ((free, ink), (free.T, ink.T)):
        rows = _rows_with_runs(whole)
        left[rows] &= ~_long_runs(whole[rows])
    return free


def _rows_with_runs(ink: Mask) -> Numbers:
    """Return the rows that may have long lines, by some samples of each."""
    samples = np.ascontiguousarray(ink[:, :: RULING_MIN_PIXELS // RULING_SAMPLES]).view(np.uint8)
    runs = cv2.erode(samples, np.ones((1, RULING_SAMPLES), np.uint8)).view(np.bool_)
    return np.flatnonzero(runs.any(axis=1))


def _long_runs(ink: Mask) -> Mask:
    """Return the pixels of long level lines."""
    if not ink.size:
        return ink
    kernel = np.ones((1, RULING_MIN_PIXELS), np.uint8)
    return cv2.morphologyEx(np.ascontiguousarray(ink).view(np.uint8), cv2.MORPH_OPEN, kernel).view(np.bool_)
