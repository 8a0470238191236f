"""The ink of drawn pages: strokes, with rulings and without, whatever is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

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

_BROAD = np.ones((STROKE_MAX_PIXELS, STROKE_MAX_PIXELS), np.uint8)

BROAD_SAMPLES = 5
"""Count of pixels, across and down, of which none is white in what is as broad: these are asked first."""

WHITE = 255
"""Shades of 256. A page on which nothing is drawn has as many."""

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

SAMPLES_STEP = RULING_MIN_PIXELS // RULING_SAMPLES
"""Pixels from one of these to the next."""


class Ink:
    """The strokes of a sheet (`whole`), and the same without rulings (`free`), as masks of its pixels.

    `dark` are the places of cells that are dark, where light strokes are the ink.
    """

    def __init__(self, sheet: DrawnSheet) -> None:
        self.sheet = sheet
        self.whole, self._are_strokes_dark_alone = _strokes(sheet.shades)
        self.whole_sums = sums(self.whole)
        self._look_at_dark_cells()

    @cached_property
    def dark(self) -> Mask:
        """Return the places of cells that are dark; few pages have any."""
        return np.zeros(self.sheet.shades.shape, np.bool_)

    @cached_property
    def free(self) -> Mask:
        """Return the strokes without long straight lines, level ones and upright ones."""
        free = self.whole.copy()
        rows, columns = (np.flatnonzero(runs.any(axis=0)) for runs in self._runs)
        free[rows] &= ~_long_runs(self.whole[rows])
        free.T[columns] &= ~_long_runs(self.whole.T[columns])
        return free

    @cached_property
    def free_sums(self) -> Numbers:
        """Return the sums of the strokes without rulings."""
        return sums(self.free)

    @cached_property
    def _runs(self) -> tuple[Mask, Mask]:
        """Return where rulings may be, level ones and upright ones: the middles of their samples.

        A sample is one in a few pixels of each line. Those of one line stand one below another, also those of
        a level one: beside one another they are compared in four times the time.
        """
        return _sampled_runs(self.whole.T[::SAMPLES_STEP]), _sampled_runs(self.whole[::SAMPLES_STEP])

    def are_inked(self, pixels: Numbers) -> Mask:
        """Return of each place whether there is ink that is no ruling."""
        inked: Mask = counts(self.whole_sums, pixels) > 0
        level, upright = self._runs
        if (inked & (_hold(level, pixels[:, (1, 0, 3, 2)]) | _hold(upright, pixels))).any():
            inked = counts(self.free_sums, pixels) > 0
        return inked

    def _look_at_dark_cells(self) -> None:
        """Take light strokes for the ink of cells that are dark."""
        cells = self.sheet.pixels(self.sheet.cells, self.sheet.owners)
        dark = cells[self._are_dark(cells)].tolist()
        for x0, top, x1, bottom in dark:
            place = slice(top, bottom), slice(x0, x1)
            light = cv2.morphologyEx(self.sheet.shades[place], cv2.MORPH_TOPHAT, _BROAD)
            self.whole[place] = light >= INK_MIN_CONTRAST
            self.dark[place] = True
        if dark:
            self.whole_sums = sums(self.whole)

    @cached_property
    def _dark_sums(self) -> Numbers:
        """Return the sums of what is dark."""
        return sums(self.sheet.shades < DARK_MAX_SHADE)

    def _are_dark(self, pixels: Numbers) -> Mask:
        """Return of each place whether most of it is dark."""
        areas = (pixels[:, 2] - pixels[:, 0]) * (pixels[:, 3] - pixels[:, 1])
        dark: Mask = 2 * counts(self.whole_sums, pixels) > areas
        if dark.any() or not self._are_strokes_dark_alone:
            dark = 2 * counts(self._dark_sums, pixels) > areas
        return dark

    def pixels(self, placed: Placed, boxes: Numbers) -> Numbers:
        """Return where boxes of these characters lie on the sheet, or parts of them."""
        return self.sheet.pixels(boxes, self.sheet.owners[placed.homes])

    def inner_boxes(self, placed: Placed) -> Numbers:
        """Return the part of each character's box between the top and the bottom of its cell, edges apart."""
        return clipped(placed.boxes, inset(self.sheet.cells.take(placed.homes, axis=0)))

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


def _strokes(shades: Shades) -> tuple[Mask, bool]:
    """Return what is darker than its background, and whether no background is so dark that it may be a digit.

    Nearly all pages are white behind their strokes.
    """
    strokes, darkest = shades <= WHITE - INK_MIN_CONTRAST, WHITE
    for first, end in _rows_with_backgrounds(shades):
        above = min(first, STROKE_MAX_PIXELS)
        rows = shades[first - above : end + STROKE_MAX_PIXELS]
        ground = cv2.morphologyEx(rows, cv2.MORPH_CLOSE, _BROAD)
        own = slice(above, above + end - first)
        strokes[first:end] = cv2.subtract(ground[own], rows[own]) >= INK_MIN_CONTRAST
        darkest = min(darkest, int(ground[own].min()))
    return strokes, darkest >= DARK_MAX_SHADE + INK_MIN_CONTRAST


def _rows_with_backgrounds(shades: Shades) -> Iterator[tuple[int, int]]:
    """Yield the first row and the end of each stretch in which something may be behind strokes.

    It is broader both ways than a stroke: of a few pixels of it, none is white.
    """
    step = STROKE_MAX_PIXELS // BROAD_SAMPLES
    samples = (shades[::step, ::step] < WHITE).view(np.uint8)
    broad = cv2.erode(samples, np.ones((BROAD_SAMPLES, BROAD_SAMPLES), np.uint8)).view(np.bool_)
    if not broad.any():  # as on most sheets
        return
    middles = step * np.flatnonzero(broad.any(axis=1))
    ends = np.flatnonzero(np.diff(middles, append=np.inf) > 4 * STROKE_MAX_PIXELS)
    for first, last in zip(middles[[0, *(ends[:-1] + 1)]].tolist(), middles[ends].tolist(), strict=True):
        yield max(first - STROKE_MAX_PIXELS, 0), min(last + STROKE_MAX_PIXELS, len(shades))


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
    at = np.minimum(top + np.arange((bottom - top).max(initial=1) + 1), bottom)
    flat, rows = mask_sums.ravel(), at * mask_sums.shape[1]
    reached = flat.take(rows + x1) - flat.take(rows + x0)
    found: Numbers = reached[:, 1:] - reached[:, :-1]
    return found


def _hold(samples: Mask, pixels: Numbers) -> Mask:
    """Return of each place whether a line passes it of which some samples lie one below another.

    `samples` are the middles of as many. They are taken between its top and its bottom, and a line that ends
    within has one just above it or below it.
    """
    half = RULING_SAMPLES // 2
    sampled = pixels.copy()
    sampled[:, 1] = np.maximum(sampled[:, 1] // SAMPLES_STEP - half, 0)
    sampled[:, 3] = np.minimum(-(-sampled[:, 3] // SAMPLES_STEP) + 1 + half, len(samples))
    found: Mask = counts(sums(samples), sampled) > 0
    return found


def _sampled_runs(samples: Mask) -> Mask:
    """Return the middles of as many samples one below another that are set as those of a long line."""
    line = np.ones((RULING_SAMPLES, 1), np.uint8)
    return cv2.erode(np.ascontiguousarray(samples).view(np.uint8), line).view(np.bool_)


def _long_runs(lines: Mask) -> Mask:
    """Return the pixels of long lines among those of rows of pixels."""
    if not lines.size:
        return lines
    line = np.ones((1, RULING_MIN_PIXELS), np.uint8)
    return cv2.morphologyEx(np.ascontiguousarray(lines).view(np.uint8), cv2.MORPH_OPEN, line).view(np.bool_)
