"""The ink of a drawn page that no character explains: does it show a number that was not read?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT
from pipeline.extract.drawn_sheet import DrawnSheet, Placed
from pipeline.extract.page_cells import Mask, Numbers
from pipeline.extract.page_ink import DARK_MAX_SHADE, EDGE_MAX_WIDTH, Ink, clipped, counts, sums
from pipeline.records import Box

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

SIGN_MIN_LENGTH = 1.4
"""Points. A minus sign is longer: the hyphen of digits of 7.5 points has 1.9."""

SIGN_MIN_PIXELS = 3
"""Pixels. Less ink that no character explains is no minus sign."""

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
    """Indices of cells with ink that no character explains.

    `numbers` show ink of the size of a number, `signed` a dash before their digits. `run_through` are cells
    through which ink runs: a line, or a number under one or over a ruling.
    """

    numbers: set[int]
    signed: set[int]
    run_through: set[int]


def unread_cells(ink: Ink) -> Unread:
    """Return the cells with ink of the size of a number that no character explains.

    The characters of the cells explain nearly all; what else is on the page is asked where they do not.
    """
    unread, sheet, read = Unread(set(), set(), set()), ink.sheet, ink.sheet.read
    printed = read.at([char.text.isprintable() and not char.text.isspace() for char in read.characters])
    own, tight = (
        ink.pixels(printed, clipped(printed.boxes, sheet.cells.take(printed.homes, axis=0))),
        _tight(sheet, printed),
    )
    places = sheet.pixels(_looked_at(sheet, tight), sheet.owners)
    inked = _with_more(ink, places, own, printed.homes)
    before = dict(_inked_before(ink, own, tight))
    if not inked.size and not before:  # as on nearly all sheets
        return unread
    explained = np.zeros(ink.whole.shape, np.bool_)
    if inked.size:
        _explain(explained, own)
        inked = inked[_inked(ink.free & ~explained, places[inked])]
    if not inked.size and not before:
        return unread
    explained |= _explained_by_others(ink, set(sheet.owners[[*inked.tolist(), *before]].tolist()))
    rest = ink.free & ~explained
    for at, place in before.items():
        digits = read.at((read.homes == at) & read.are_digits)
        if _Rest(ink, rest, explained, place).shows_sign(digits, _palest_beside(ink, digits)):
            unread.signed.add(at)
    for at in inked[_inked(rest, places[inked])].tolist():
        left = _Rest(ink, rest, explained, places[at])
        digits = read.at((read.homes == at) & read.are_digits)
        palest = _palest_beside(ink, digits)
        if left.shows_sign(digits, palest):
            unread.signed.add(at)
        elif left.shows_number(palest):
            unread.numbers.add(at)
        elif left.is_crossed(palest):
            unread.run_through.add(at)
    return unread


def _inked_before(ink: Ink, own: Numbers, tight: Mask) -> Iterator[tuple[int, Numbers]]:
    """Yield the cells without rulings that have ink far before their digits, with the place of that (pixels).

    It reaches to the nearest character, of these cells (`own`) or of others, and is as high as a sign stands.
    Taught by signs at the left edge of a column whose numbers stand in its middle.
    """
    if not tight.any():
        return
    sheet, sides = ink.sheet, np.full((len(tight), 3), np.inf)
    digits = sheet.read.at(sheet.read.are_digits)
    np.minimum.at(sides, digits.homes, digits.boxes[:, (0, 1, 3)] * (1, 1, -1))
    cells = np.flatnonzero(tight & np.isfinite(sides[:, 0]))
    if not cells.size:
        return
    (left, top), height = sides[cells, :2].T, -sides[cells, 1:].sum(axis=1)
    rows = (top + share * height for share in SIGN_ROWS)
    strips = np.column_stack([np.zeros_like(left), left, *rows])[:, (0, 2, 1, 3)]
    places = sheet.pixels(strips, sheet.owners[cells])
    for boxes in (own, sheet.pixels(*sheet.others(set(sheet.owners[cells].tolist())))):
        places = _cut_at(boxes, places)
        inked = counts(ink.whole_sums, places) >= SIGN_MIN_PIXELS
        cells, places = cells[inked], places[inked]
    yield from zip(cells.tolist(), places, strict=True)


def _cut_at(boxes: Numbers, places: Numbers) -> Numbers:
    """Return what is left of each place (pixels) on the right of all boxes that begin before its end."""
    x0, top, x1, bottom = boxes.T
    left, upper, right, lower = places.T[:, :, None]
    between = (top < lower) & (upper < bottom) & (x0 + 1 < right)
    ends = np.where(between, np.minimum(x1 + 1, right), left).max(axis=1, initial=0)
    return np.column_stack([np.maximum(places[:, 0], ends), places[:, 1:]])


def _inked(rest: Mask, places: Numbers) -> Numbers:
    """Return the indices of the places with as much unexplained ink as a minus sign may have.

    Some of it is within their edges: of dotted rulings, most cells have such ink there.
    """
    rest_sums = sums(rest)
    inner = counts(rest_sums, _within_edges(places))
    are_inked = (counts(rest_sums, places) >= SIGN_MIN_PIXELS) & (inner > 0)
    return np.flatnonzero(are_inked)


def _with_more(ink: Ink, places: Numbers, own: Numbers, homes: Numbers) -> Numbers:
    """Return the indices of the places that may have more ink than there is in their own characters.

    `own` are the boxes of these, `homes` the index of the place of each. Where two share columns, the ink
    there is counted in the first alone, lest it count twice.
    """
    inner = _within_edges(places)
    lows, highs = np.maximum(own[:, :2] - 1, inner[homes, :2]), np.minimum(own[:, 2:] + 1, inner[homes, 2:])
    order = np.lexsort((lows[:, 0], homes))
    lows, highs, homes = lows[order], highs[order], homes[order]
    apart = homes * 2 * ink.whole.shape[1]  # as if the places stood beside each other
    reached = np.maximum.accumulate(highs[:, 0] + apart)[:-1] - apart[1:]
    lows[1:, 0] = np.maximum(lows[1:, 0], reached)
    boxes = np.hstack([lows, np.maximum(lows, highs)])
    explained = np.bincount(homes, counts(ink.whole_sums, boxes), len(places))
    unexplained: Numbers = np.flatnonzero(counts(ink.whole_sums, inner) > explained)
    return unexplained


def _within_edges(places: Numbers) -> Numbers:
    """Return places without their edges."""
    inner: Numbers = places + np.array((1, 1, -1, -1)) * int(EDGE_MAX_WIDTH * PIXELS_PER_POINT)
    inner[:, 2:] = np.maximum(inner[:, :2], inner[:, 2:])
    return inner


def _tight(sheet: DrawnSheet, printed: Placed) -> Mask:
    """Return of each cell whether it is the box of what was read, as those of tables without rulings are."""
    first, last = np.full(len(sheet.cells), np.inf), np.full(len(sheet.cells), -np.inf)
    np.minimum.at(first, printed.homes, printed.boxes[:, 0])
    np.maximum.at(last, printed.homes, printed.boxes[:, 2])
    left, _, right, _ = sheet.cells.T
    tight: Mask = (first - left < TIGHT_MAX_MARGIN) & (right - last < TIGHT_MAX_MARGIN)
    return tight


def _looked_at(sheet: DrawnSheet, tight: Mask) -> Numbers:
    """Return the boxes in which to look for numbers, one a row; beside one that is `tight` it may go on."""
    boxes: Numbers = sheet.cells.copy()
    beside = BESIDE_MAX_RATIO * (boxes[:, 3] - boxes[:, 1]) * tight
    boxes[:, 0] -= beside
    boxes[:, 2] += beside
    return boxes


def _explain(explained: Mask, pixels: Numbers) -> None:
    """Note that what lies in these places, and a pixel around them, is explained."""
    for x0, top, x1, bottom in pixels.tolist():
        explained[max(top - 1, 0) : bottom + 1, max(x0 - 1, 0) : x1 + 1] = True


def _explained_by_others(ink: Ink, owners: Collection[int]) -> Mask:
    """Return the ink in these parts that is explained by the characters of no cell, and by a watermark.

    A large watermark is pale, and explains no dark ink: a number without a name may lie over it.
    """
    marks, mark_owners = ink.sheet.watermarks(owners)
    large = marks[:, 3] - marks[:, 1] > NUMBER_MAX_HEIGHT
    pixels = ink.sheet.pixels(marks, mark_owners)
    explained = np.zeros(ink.free.shape, np.bool_)
    for x0, top, x1, bottom in pixels[large].tolist():
        explained[top : bottom + 1, x0 : x1 + 1] = True
    explained &= ink.sheet.shades >= DARK_MAX_SHADE
    _explain(explained, pixels[~large])
    _explain(explained, ink.sheet.pixels(*ink.sheet.others(owners)))
    return explained


def _palest_beside(ink: Ink, digits: Placed) -> int:
    """Return the shade from which on ink is too pale to be of one number with these digits."""
    darkest = (int(crop.min()) for crop in ink.crops(digits) if crop.size)
    return min(darkest, default=255) + PALER_MIN_DIFFERENCE


class _Rest:
    """The ink of a cell that no character explains, in parts, with a little of what is around the cell."""

    def __init__(self, ink: Ink, rest: Mask, explained: Mask, pixels: Numbers) -> None:
        x0, top, x1, bottom = pixels.tolist()
        self._corner = max(x0 - AROUND_PIXELS, 0), max(top - AROUND_PIXELS, 0)
        left, upper = self._corner
        self._place = slice(upper, bottom + AROUND_PIXELS), slice(left, x1 + AROUND_PIXELS)
        self._ink, self._explained = ink, explained[self._place]
        own = rest[self._place].view(np.uint8)
        _, self._labels, self._parts, _ = cv2.connectedComponentsWithStats(own, connectivity=8)

    def shows_sign(self, digits: Placed, palest: int) -> bool:
        """Whether there is a dash before the digits of a cell, not paler than `palest`, that was not read.

        Some authors set it at the left edge of the cell.
        """
        if not digits.characters:
            return False
        owners = self._ink.sheet.owners[digits.homes]
        first = Box(*min(self._ink.sheet.places_of(digits.boxes, owners).tolist()))
        corners = self._parts[1:, :2] + np.array(self._corner)
        places = np.hstack([corners, corners + self._parts[1:, 2:4]]).tolist()
        return any(
            _is_sign(Box(*place), first) and self._is_as_dark(self._labels == label, palest)
            for label, place in enumerate(places, start=1)
        )

    def _is_as_dark(self, shape: Mask, palest: int) -> bool:
        """Whether some of a part of the ink is darker than `palest`, or the cell is dark."""
        is_dark = self._ink.dark[self._place][shape].any()
        return bool(is_dark or self._ink.sheet.shades[self._place][shape].min() < palest)

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
        shades, within = self._ink.sheet.shades[self._place][inner], shape[inner]
        if palest > 255 or self._ink.dark[self._place][shape].any():
            return False
        return not within.any() or bool(np.quantile(shades[within], DARKER_SHARE) >= palest)

    def _goes_on_broader(self, shape: Mask) -> bool:
        """Whether a part of the ink is the narrow end of something broad: what is beside it is as dark.

        Taught by watermarks that LibreOffice draws as outlines.
        """
        shades = self._ink.sheet.shades[self._place]
        shades = 255 - shades if self._ink.dark[self._place][shape].any() else shades
        beside = _grown(shape) & ~self._ink.whole[self._place]
        as_dark = np.count_nonzero(shades[beside] <= np.quantile(shades[shape], BROADER_INK_SHARE))
        return bool(as_dark > BROADER_MIN_SHARE * np.count_nonzero(beside))


def _is_sign(part: Box, digit: Box) -> bool:
    """Whether a part of the ink is a dash before a digit, and as high as its middle (pixels)."""
    height, middle = digit.bottom - digit.top, (part.top + part.bottom) / 2
    return (
        SIGN_MIN_LENGTH * PIXELS_PER_POINT <= part.x1 - part.x0 <= height
        and part.bottom - part.top <= SIGN_MAX_HEIGHT * PIXELS_PER_POINT
        and digit.top + SIGN_ROWS[0] * height <= middle <= digit.top + SIGN_ROWS[1] * height
        and part.x1 <= digit.x0 + 1
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
