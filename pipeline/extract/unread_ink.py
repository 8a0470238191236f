"""The ink of a drawn page that no character explains: does it show a number that was not read?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT
from pipeline.extract.page_cells import Mask, Numbers, PageCells, Placed, to_rows
from pipeline.extract.page_ink import DARK_MAX_SHADE, EDGE_MAX_WIDTH, Ink, counts, inset, sums
from pipeline.records import Box, Character

NUMBER_MIN_HEIGHT = 4.0
"""Points. Ink that is less high is no number: dots, dashes, rests of rulings."""

LINE_MIN_LENGTH = 10.0
"""Points. A line from top to bottom is at least as long: a row without rulings is as low as its digits."""

NUMBER_MAX_HEIGHT = 24.0
"""Points. The characters of a watermark are higher; those of a number that was stamped on are not."""

NUMBER_MIN_PIXELS = 8
"""Pixels. Less ink that no character explains is no number, but what reaches over the edge of a box."""

BROADER_MIN_SHARE = 0.05
"""Share of the pixels beside a stroke. As many are as dark where it is the end of something broader."""

BROADER_INK_SHARE = 0.7
"""Share of the pixels of a stroke that are its ink; the lighter rest is the blurred edge, and left out.

Taught by noisy pictures of numbers, of which a pixel of the paper may be as dark as the edge of a digit.
"""

DARKER_SHARE = 0.25
"""Share of the pixels of a part of the ink, the darkest. A watermark may touch the edge of a dark digit."""

PALER_MIN_DIFFERENCE = 96
"""Shades of 256. By so much is a watermark paler than the number beside it; digits of one number are alike.

Taught by watermarks that LibreOffice draws as outlines, of which the boxes of digits cut pieces.
"""

TIGHT_MAX_MARGIN = 1.0
"""Points. The box of what was read in a table without rulings leaves less beside its characters."""

BESIDE_MAX_RATIO = 1.0
"""Share of the height of a box. Digits that go on a number, and its sign, stand no further beside it."""

SIGN_MIN_LENGTH = 2.0
"""Points. A minus sign is longer."""

SIGN_MAX_HEIGHT = 2.0
"""Points. A minus sign is less high."""

SIGN_ROWS = (0.3, 0.75)
"""Share of the height of a digit's box, twice. Between them stands the minus sign before it."""

AROUND_PIXELS = 3
"""Pixels. So much around a cell is looked at too: ink that goes on beyond is none of the cell."""

CROSSING_MIN_PIXELS = 24
"""Pixels. A straight line that crosses a cell is longer; no stroke of a digit is."""

CROSSING_MAX_WIDTH = 5
"""Pixels. A line that crosses a cell, with its soft edges, is less wide."""


class Unread(NamedTuple):
    """Cells with ink that no character explains.

    `numbers` show ink of the size of a number, `signed` a dash before their digits. `run_through` are cells
    through which ink runs: a line, or a number under one or over a ruling.
    """

    numbers: set[Box]
    signed: set[Box]
    run_through: set[Box]


def unread_cells(ink: Ink, on_page: PageCells, placed: Placed) -> Unread:
    """Return the cells with ink of the size of a number that no character explains.

    The characters of the cells explain nearly all; what else is on the page is asked where they do not.
    """
    unread = Unread(set(), set(), set())
    printed = placed.at([char.text.isprintable() and not char.text.isspace() for char, _ in placed.pairs])
    explained = _around(ink, ink.clipped(printed.boxes, printed.cells))
    places = ink.pixels(_looked_at(ink, on_page, printed))
    if not _inked(ink.free & ~explained, places).size:
        return unread
    explained |= _explained_by_others(ink, on_page)
    rest, cells = ink.free & ~explained, [*on_page.cells]
    for at in _inked(rest, places).tolist():
        cell = cells[at]
        own = _Rest(ink, rest, explained, places[at])
        if own.shows_sign(on_page.cells[cell]):
            unread.signed.add(cell)
        elif own.shows_number(palest := _palest_beside(ink, on_page.cells[cell], cell)):
            unread.numbers.add(cell)
        elif own.is_crossed(palest):
            unread.run_through.add(cell)
    return unread


def _inked(rest: Mask, places: Numbers) -> Numbers:
    """Return the indices of the cells with as much unexplained ink as a number may have.

    Some of it is within their edges: of dotted rulings, most cells have such ink there.
    """
    rest_sums = sums(rest)
    inner = places + np.array((1, 1, -1, -1)) * int(EDGE_MAX_WIDTH * PIXELS_PER_POINT)
    inner[:, 2:] = np.maximum(inner[:, :2], inner[:, 2:])
    are_inked = (counts(rest_sums, places) >= NUMBER_MIN_PIXELS) & (counts(rest_sums, inner) > 0)
    return np.flatnonzero(are_inked)


def _looked_at(ink: Ink, on_page: PageCells, printed: Placed) -> Numbers:
    """Return the boxes in which to look for numbers, one a row.

    The cells of a table without rulings are the boxes of what was read: there a number may go on beside.
    """
    if not len(ink.cells):
        return ink.cells
    turned, characters = ink.to_reading(ink.cells), ink.to_reading(printed.boxes)
    at = {cell: row for row, cell in enumerate(on_page.cells)}
    rows = np.array([at[cell] for _, cell in printed.pairs], np.int64)
    first, last = np.full(len(turned), np.inf), np.full(len(turned), -np.inf)
    np.minimum.at(first, rows, characters[:, 0])
    np.maximum.at(last, rows, characters[:, 2])
    tight = (first - turned[:, 0] < TIGHT_MAX_MARGIN) & (turned[:, 2] - last < TIGHT_MAX_MARGIN)
    beside = BESIDE_MAX_RATIO * (turned[:, 3] - turned[:, 1]) * tight
    turned[:, 0] -= beside
    turned[:, 2] += beside
    return ink.to_displayed(turned)


def _around(ink: Ink, boxes: Numbers) -> Mask:
    """Return the places of boxes with the pixels around them."""
    places = np.zeros(ink.free.shape, np.bool_)
    for x0, top, x1, bottom in ink.pixels(boxes).tolist():
        places[max(top - 1, 0) : bottom + 1, max(x0 - 1, 0) : x1 + 1] = True
    return places


def _explained_by_others(ink: Ink, on_page: PageCells) -> Mask:
    """Return the ink that is explained by the characters of no cell, and by a watermark.

    A large watermark is pale, and explains no dark ink: a number without a name may lie over it.
    """
    marks = to_rows(on_page.watermark)
    large = marks[:, 3] - marks[:, 1] > NUMBER_MAX_HEIGHT
    explained = np.zeros(ink.free.shape, np.bool_)
    for x0, top, x1, bottom in ink.pixels(marks[large]).tolist():
        explained[top : bottom + 1, x0 : x1 + 1] = True
    explained &= ink.shades >= DARK_MAX_SHADE
    return explained | _around(ink, np.concatenate([on_page.others, marks[~large]]))


def _palest_beside(ink: Ink, characters: Sequence[Character], cell: Box) -> int:
    """Return the shade from which on ink is too pale to be of one number with these characters."""
    digits = Placed.of([(char, cell) for char in characters if char.text.isdecimal()])
    crops = ink.crops(ink.pixels(ink.clipped(digits.boxes, inset(digits.cells))))
    return min((int(crop.min()) for crop in crops if crop.size), default=255) + PALER_MIN_DIFFERENCE


class _Rest:
    """The ink of a cell that no character explains, in parts, with a little of what is around the cell."""

    def __init__(self, ink: Ink, rest: Mask, explained: Mask, place: Numbers) -> None:
        x0, top, x1, bottom = place.tolist()
        left, upper = max(x0 - AROUND_PIXELS, 0), max(top - AROUND_PIXELS, 0)
        self._place = slice(upper, bottom + AROUND_PIXELS), slice(left, x1 + AROUND_PIXELS)
        self._ink, self._explained = ink, explained[self._place]
        self._corner = np.array((left, upper))
        _, self._labels, parts, _ = cv2.connectedComponentsWithStats(
            rest.view(np.uint8)[self._place], connectivity=8
        )
        self._parts = parts

    def shows_sign(self, characters: Sequence[Character]) -> bool:
        """Whether there is a dash before the digits of a cell that no character explains."""
        orientation = self._ink.orientation
        digits = [orientation.to_reading(char.box) for char in characters if char.text.isdecimal()]
        first = min(digits, default=None)
        if not first:
            return False
        corners = self._parts[1:, :2] + self._corner + self._ink.corner[:2]
        boxes = np.hstack([corners, corners + self._parts[1:, 2:4]]) / PIXELS_PER_POINT
        return any(_is_sign(Box(*box), first) for box in self._ink.to_reading(boxes).tolist())

    def shows_number(self, palest: int) -> bool:
        """Whether there is a part that is as high as a number, not paler than `palest`, and no line."""
        return any(
            _is_within(part, shape.shape)
            and not self._is_paler(shape, palest)
            and not _lies_in_edge(part, shape.shape)
            and not _runs_through(shape, part, self._explained)
            and not self._goes_on_broader(shape)
            for part, shape in self._high_parts()
        )

    def is_crossed(self, palest: int) -> bool:
        """Whether there is a part that is as high as a number, not paler than `palest`: it runs through."""
        return any(
            not self._is_paler(shape, palest) and not _lies_in_edge(part, shape.shape)
            for part, shape in self._high_parts()
        )

    def _high_parts(self) -> Iterator[tuple[Numbers, Mask]]:
        """Yield the parts of the ink that are as high as a number, with their shapes."""
        high = self._parts[1:, cv2.CC_STAT_HEIGHT] >= NUMBER_MIN_HEIGHT * PIXELS_PER_POINT
        for label in (np.flatnonzero(high) + 1).tolist():
            yield self._parts[label], self._labels == label

    def _is_paler(self, shape: Mask, palest: int) -> bool:
        """Whether a part of the ink is paler than the number beside it, but for where it joins a ruling."""
        edge = int(AROUND_PIXELS + 2 * EDGE_MAX_WIDTH * PIXELS_PER_POINT)
        inner = (slice(edge, -edge), slice(edge, -edge))
        shades, within = self._ink.shades[self._place][inner], shape[inner]
        if palest > 255 or self._ink.dark[self._place][shape].any():
            return False
        return not within.any() or bool(np.quantile(shades[within], DARKER_SHARE) >= palest)

    def _goes_on_broader(self, shape: Mask) -> bool:
        """Whether a part of the ink is the narrow end of something broad: what is beside it is as dark.

        Taught by watermarks that LibreOffice draws as outlines.
        """
        shades = self._ink.shades[self._place]
        shades = 255 - shades if self._ink.dark[self._place][shape].any() else shades
        beside = _grown(shape) & ~self._ink.whole[self._place]
        as_dark = np.count_nonzero(shades[beside] <= np.quantile(shades[shape], BROADER_INK_SHARE))
        return bool(as_dark > BROADER_MIN_SHARE * np.count_nonzero(beside))


def _is_sign(part: Box, digit: Box) -> bool:
    """Whether a part of the ink is a dash close before a digit, and as high as its middle."""
    height, middle = digit.bottom - digit.top, (part.top + part.bottom) / 2
    return (
        SIGN_MIN_LENGTH <= part.x1 - part.x0 <= height
        and part.bottom - part.top <= SIGN_MAX_HEIGHT
        and digit.top + SIGN_ROWS[0] * height <= middle <= digit.top + SIGN_ROWS[1] * height
        and part.x1 <= digit.x0 + 1 / PIXELS_PER_POINT
        and digit.x0 - part.x1 <= BESIDE_MAX_RATIO * height
    )


def _is_within(part: Numbers, shape: tuple[int, ...]) -> bool:
    """Whether a part of the ink does not go on beyond what is around the cell."""
    x0, top, width, height, _ = part
    return bool(x0 > 0 and top > 0 and x0 + width < shape[1] and top + height < shape[0])


def _edge_distances(part: Numbers, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return how far a part of the ink is from the left, the top, the right and the bottom."""
    x0, top, width, height, _ = part.tolist()
    return x0, top, shape[1] - x0 - width, shape[0] - top - height


def _lies_in_edge(part: Numbers, shape: tuple[int, ...]) -> bool:
    """Whether a part of the ink lies in an edge of its cell, as dashes of a ruling do."""
    _, _, width, height, _ = part.tolist()
    sizes = width, height, width, height
    least = min(map(sum, zip(_edge_distances(part, shape), sizes, strict=True)))
    return least <= AROUND_PIXELS + EDGE_MAX_WIDTH * PIXELS_PER_POINT


def _runs_through(shape: Mask, part: Numbers, explained: Mask) -> bool:
    """Whether a part of the ink is a piece of a line that runs through a cell.

    It goes from edge to edge, or from an edge to a character. Bureaus strike empty rows out with diagonals.
    """
    near, height = AROUND_PIXELS + EDGE_MAX_WIDTH * PIXELS_PER_POINT, part[cv2.CC_STAT_HEIGHT]
    edges = _edge_distances(part, shape.shape)
    at_left, at_top, at_right, at_bottom = (bool(distance <= near) for distance in edges)
    ends = at_left + at_top + at_right + at_bottom
    if ends > 1:
        is_digit = at_top and at_bottom and height < LINE_MIN_LENGTH * PIXELS_PER_POINT
        return not is_digit and not _carries_number(shape)
    return bool(ends and (_grown(shape) & explained).any())


def _grown(shape: Mask) -> Mask:
    """Return a part of the ink with the pixels around it."""
    grown: Mask = cv2.dilate(shape.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return grown


def _carries_number(shape: Mask) -> bool:
    """Whether something as high as a number hangs on the straight lines of a part of the ink."""
    whole = shape.astype(np.uint8)
    lines = cv2.HoughLinesP(whole, 1, np.pi / 180, CROSSING_MIN_PIXELS, None, CROSSING_MIN_PIXELS, 3)
    if lines is None:
        return False
    for x0, top, x1, bottom in lines.reshape(-1, 4):
        cv2.line(whole, (int(x0), int(top)), (int(x1), int(bottom)), 0, CROSSING_MAX_WIDTH)
    joined = cv2.dilate(whole, np.ones((CROSSING_MAX_WIDTH,) * 2, np.uint8))
    _, _, parts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    least = NUMBER_MIN_HEIGHT * PIXELS_PER_POINT + CROSSING_MAX_WIDTH
    return any(part[cv2.CC_STAT_HEIGHT] >= least and _is_within(part, shape.shape) for part in parts[1:])
