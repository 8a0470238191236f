"""The ink of drawn pages: strokes, with rulings and without, whatever is behind them."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT, Shades
from pipeline.extract.drawn_sheet import DrawnSheet, Placed
from pipeline.extract.page_cells import Mask, Numbers

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
    """The strokes of a sheet (`whole`), and the same without rulings (`free`), as masks of its pixels.

    `dark` are the places of cells that are dark, where light strokes are the ink.
    """

    def __init__(self, sheet: DrawnSheet) -> None:
        self.sheet = sheet
        self.whole = _strokes(sheet.shades, cv2.MORPH_BLACKHAT)
        self._dark_sums = sums(sheet.shades < DARK_MAX_SHADE)
        self.dark = np.zeros(sheet.shades.shape, np.bool_)
        self._look_at_dark_cells()
        self.free = _without_rulings(self.whole)

    def _look_at_dark_cells(self) -> None:
        """Take light strokes for the ink of cells that are dark."""
        cells = self.sheet.pixels(self.sheet.cells, self.sheet.owners)
        for x0, top, x1, bottom in cells[self._are_dark(cells)].tolist():
            place = slice(top, bottom), slice(x0, x1)
            self.whole[place] = _strokes(self.sheet.shades[place], cv2.MORPH_TOPHAT)
            self.dark[place] = True

    def _are_dark(self, pixels: Numbers) -> Mask:
        """Return of each place whether most of it is dark."""
        areas = (pixels[:, 2] - pixels[:, 0]) * (pixels[:, 3] - pixels[:, 1])
        dark: Mask = 2 * counts(self._dark_sums, pixels) > areas
        return dark

    def pixels(self, placed: Placed, boxes: Numbers) -> Numbers:
        """Return where boxes of these characters lie on the sheet, or parts of them."""
        return self.sheet.pixels(boxes, self.sheet.owners[placed.homes])

    def inner_boxes(self, placed: Placed) -> Numbers:
        """Return the part of each character's box between the top and the bottom of its cell, edges apart."""
        return clipped(placed.boxes, inset(self.sheet.cells[placed.homes]))

    def crops(self, placed: Placed) -> list[Shades]:
        """Return the place of each character within its cell, dark on light."""
        pixels = self.pixels(placed, self.inner_boxes(placed))
        found = []
        for (x0, top, x1, bottom), is_dark in zip(
            pixels.tolist(), self._are_dark(pixels).tolist(), strict=True
        ):
            shades = self.sheet.shades[top:bottom, x0:x1]
            found.append(255 - shades if is_dark else shades)
        return found


def clipped(boxes: Numbers, cells: Numbers) -> Numbers:
    """Return the part of each box that lies between the top and the bottom of a cell."""
    found = boxes.copy()
    np.maximum(boxes[:, 1], cells[:, 1], out=found[:, 1])
    np.minimum(boxes[:, 3], cells[:, 3], out=found[:, 3])
    return found


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


def line_counts(mask_sums: Numbers, pixels: Numbers) -> Numbers:
    """Return how many pixels of a mask are set in each line of each box, of shape (boxes, lines).

    0 are set in the lines below a box that is less high than another.
    """
    x0, top, x1, bottom = pixels.T[:, :, None]
    lines = np.arange((bottom - top).max(initial=1))
    at = np.minimum(top + lines, len(mask_sums) - 2)
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
    free, pixels = ink.copy(), ink.view(np.uint8)
    step = RULING_MIN_PIXELS // RULING_SAMPLES
    rows = _lines_with_runs(pixels[:, ::step], axis=1)
    columns = _lines_with_runs(pixels[::step], axis=0)
    free[rows] &= ~_long_runs(pixels[rows], axis=1)
    free[:, columns] &= ~_long_runs(pixels[:, columns], axis=0)
    return free


def _lines_with_runs(samples: Shades, axis: int) -> Numbers:
    """Return the rows (axis 1) or columns (axis 0) that may have long lines, by some samples of each."""
    runs = cv2.erode(np.ascontiguousarray(samples), _line(RULING_SAMPLES, axis))
    return np.flatnonzero(runs.any(axis=axis))


def _long_runs(ink: Shades, axis: int) -> Mask:
    """Return the pixels of long lines, level ones (axis 1) or upright ones (axis 0)."""
    if not ink.size:
        return ink.view(np.bool_)
    return cv2.morphologyEx(ink, cv2.MORPH_OPEN, _line(RULING_MIN_PIXELS, axis)).view(np.bool_)


def _line(length: int, axis: int) -> Shades:
    """Return a line of pixels, a level one (axis 1) or an upright one (axis 0)."""
    return np.ones((1, length) if axis else (length, 1), np.uint8)
