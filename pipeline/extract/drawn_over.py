"""Tell a number from what is drawn over it: lines that strike it out, and what hides a part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.digit_shapes import Crop
from pipeline.extract.drawn_page import PIXELS_PER_POINT, TextApart
from pipeline.extract.page_look import (
    EDGE_MAX_WIDTH,
    INK_MIN_CONTRAST,
    NEIGHBOUR_MAX_SHARE,
    STROKE_MAX_PIXELS,
)
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Character

CORE_ROWS = (0.15, 0.75)
"""Share of a digit's height from its top, twice. What strikes it out runs there; lower, it underlines."""

CORE_COLUMNS = (0.1, 0.9)
"""Share of a digit's width from its left, twice. A frame around the digit stays beyond them."""

STRIKING_MIN_SHARE = 0.4
"""Share of the width or height of a digit's core. A line that strikes it out runs through as much of it."""

STRIKING_MIN_CONTRAST = 0.35
"""Share of the digit's contrast. A watermark that is drawn as outlines has less."""

RULING_MIN_SHARE = 0.8
"""Share of the length of a cell's edge. A line there that is as long is a ruling, dashed or not."""

DASH_MAX_GAP = 5
"""Pixels. Dots and dashes of one line stand no further apart."""

Mask = npt.NDArray[np.bool_]
Slices = tuple[slice, slice]


class OverDrawn(NamedTuple):
    """Digits that something strikes out, and others with their own ink alone, as crops for the net."""

    struck: list[Character]
    alone: list[tuple[Character, Box, Crop]]


def digits_to_overdrawn(
    drawn: TextApart, cells: Mapping[Box, Sequence[Character]], orientation: PageOrientation
) -> OverDrawn:
    """Return which digits of these cells something that is no text strikes out, and the ink of the others.

    What the page draws without its text tells lines, frames and patches from digits, whatever they look like.
    Once a line strikes one digit out, it strikes out all that it touches.
    """
    look = _Over(drawn, orientation)
    struck: list[Character] = []
    alone: list[tuple[Character, Box, Crop]] = []
    for cell, characters in cells.items():
        digits = [char for char in characters if char.text.isdecimal()]
        lines = look.lines_over(digits, cell)
        for char in digits:
            if look.is_touched(char, cell, lines):
                struck.append(char)
            elif look.is_printed_apart(char, characters, cell):
                alone.append((char, cell, look.text_alone(char, cell)))
    return OverDrawn(struck, alone)


class _Over:
    """The ink of a page's text, and of what else is drawn."""

    def __init__(self, drawn: TextApart, orientation: PageOrientation) -> None:
        full, bare = drawn.full.shades, drawn.bare.shades
        self._quarters = orientation.quarters
        self._corner = drawn.full.x0, drawn.full.top
        self._text = cv2.absdiff(full, bare)
        kernel = np.ones((STROKE_MAX_PIXELS,) * 2, np.uint8)
        self._lines = cv2.morphologyEx(bare, cv2.MORPH_BLACKHAT, kernel)

    def lines_over(self, digits: Sequence[Character], cell: Box) -> Mask:
        """Return the parts of what is no text that strike out one of these digits, as a mask of the cell."""
        place = self._slices(cell)
        contrast = max((int(self._ink(char, cell).max(initial=0)) for char in digits), default=0)
        ink = self._lines[place] >= max(INK_MIN_CONTRAST, STRIKING_MIN_CONTRAST * contrast)
        ink = self._without_rulings(ink)
        joined = cv2.morphologyEx(
            ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((DASH_MAX_GAP,) * 2, np.uint8)
        )
        _, labels = cv2.connectedComponents(joined, connectivity=8)
        striking = {
            label for char in digits for label in self._labels_through(np.where(ink, labels, 0), char, cell)
        }
        mask: Mask = np.isin(labels, [*striking]) & ink
        return mask

    def _without_rulings(self, ink: Mask) -> Mask:
        """Return the ink of a cell without the lines at its edges that are as long as they."""
        kept, edge = ink.copy(), int(2 * EDGE_MAX_WIDTH * PIXELS_PER_POINT)
        for turned in (kept, kept[::-1], kept.T, kept.T[::-1]):
            if turned[:edge].mean(axis=1).max(initial=0) > RULING_MIN_SHARE:
                turned[:edge] = False
        return kept

    def _labels_through(self, labels: npt.NDArray[Any], char: Character, cell: Box) -> Iterator[int]:
        """Yield the labels of what runs through the middle of a digit."""
        core = self._core(labels, char, cell)
        for label in np.unique(core[core > 0]):
            rows, columns = np.nonzero(core == label)
            height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
            if max(height / core.shape[0], width / core.shape[1]) >= STRIKING_MIN_SHARE:
                yield int(label)

    def _core(self, of_cell: npt.NDArray[Any], char: Character, cell: Box) -> npt.NDArray[Any]:
        """Return the middle of a digit's ink, from a picture of its cell, as turned for reading."""
        ink = self._upright(self._ink(char, cell) >= INK_MIN_CONTRAST)
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        part = self._upright(of_cell[self._within(char, cell)])
        if not rows.size:
            return part[:0]
        return part[
            _share_of(rows[0], rows[-1] + 1, CORE_ROWS), _share_of(columns[0], columns[-1] + 1, CORE_COLUMNS)
        ]

    def is_touched(self, char: Character, cell: Box, lines: Mask) -> bool:
        """Whether one of the striking lines of a cell runs over the ink of a digit."""
        return bool(self._core(lines, char, cell).any())

    def is_printed_apart(self, char: Character, others: Sequence[Character], cell: Box) -> bool:
        """Whether text puts ink in the place of a character, and no other character reaches into it.

        A scan is left out of what is drawn, with what an OCR program laid over it.
        """
        is_printed = bool((self._ink(char, cell) >= INK_MIN_CONTRAST).any())
        return is_printed and not any(_reaches_into(other.box, char.box) for other in others if other != char)

    def text_alone(self, char: Character, cell: Box) -> Crop:
        """Return the ink of a character, dark on white, as turned for reading."""
        return np.asarray(255 - self._upright(self._ink(char, cell)), np.uint8)

    def _ink(self, char: Character, cell: Box) -> Crop:
        """Return how much darker, or lighter, a character makes each pixel of its place."""
        return self._text[self._slices(cell)][self._within(char, cell)]

    def _upright(self, part: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a part of a picture as turned for reading."""
        return np.rot90(part, -self._quarters)

    def _slices(self, box: Box) -> Slices:
        """Return where a box lies in the picture."""
        x0, top, x1, bottom = (round(edge * PIXELS_PER_POINT) for edge in box)
        left, upper = self._corner
        return (
            slice(max(top - upper, 0), max(bottom - upper, 0)),
            slice(max(x0 - left, 0), max(x1 - left, 0)),
        )

    def _within(self, char: Character, cell: Box) -> Slices:
        """Return where a character lies in the picture of its cell."""
        rows, columns = self._slices(char.box)
        upper, left = (part.start for part in self._slices(cell))
        return (
            slice(max(rows.start - upper, 0), max(rows.stop - upper, 0)),
            slice(max(columns.start - left, 0), max(columns.stop - left, 0)),
        )


def _share_of(first: int, end: int, shares: tuple[float, float]) -> slice:
    """Return the pixels between two shares of a length; at least one."""
    length = end - first
    begin = int(first + shares[0] * length)
    return slice(begin, max(begin + 1, int(np.ceil(first + shares[1] * length))))


def _reaches_into(other: Box, box: Box) -> bool:
    """Whether a character reaches so far into the place of another that its ink may stand there."""
    across = min(other.x1, box.x1) - max(other.x0, box.x0)
    down = min(other.bottom, box.bottom) - max(other.top, box.top)
    return across > NEIGHBOUR_MAX_SHARE * (box.x1 - box.x0) and down > 1 / PIXELS_PER_POINT
