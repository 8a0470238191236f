"""Hold the characters that were read in the cells of a page against the page as drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.drawn_page import PIXELS_PER_POINT, PagePart, Shades
from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Character

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

AROUND_PIXELS = 3
"""Pixels. So much around a cell is looked at too: ink that goes on beyond is none of the cell."""

CHARACTER_MIN_SIZE = 2.0
"""Points. Nobody sees a character that is smaller."""

NEIGHBOUR_MAX_SHARE = 0.2
"""Share of a character's width. From either side a neighbour may reach into its box by as much."""

CROSSING_MIN_PIXELS = 24
"""Pixels. A straight line that crosses a cell is longer; no stroke of a digit is."""

CROSSING_MAX_WIDTH = 5
"""Pixels. A line that crosses a cell, with its soft edges, is less wide."""

STRUCK_ROWS = (0.2, 0.7)
"""Share of a digit's height from its top, twice. A line between them strikes it out; lower, it underlines."""

BAR_ROWS = (0.2, 0.8)
"""Share of the height of its box, twice: the box is higher than the digit.

Taught by a new number close above a struck one.
"""

_Pixel = TypeVar("_Pixel", bound=np.generic)
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]


class PageCells(NamedTuple):
    """The cells of one page with the characters in them, and the boxes of all other characters.

    `skipped` are characters in cells that another reader left blank, `watermark` are boxes of a watermark.
    """

    cells: Mapping[Box, Sequence[Character]]
    others: Sequence[Box]
    skipped: Sequence[tuple[Character, Box]]
    watermark: Sequence[Box]
    orientation: PageOrientation


class PageLook(NamedTuple):
    """What a drawn page says of its cells, and the ink of each digit in them that is to be seen."""

    cells: Mapping[Box, CellLook]
    digits: Sequence[tuple[Character, Box, Shades]]


class CellLook(NamedTuple):
    """What the drawn page says of one cell.

    `unseen` are characters that it does not show, `struck` those that a line strikes out. `unread` says that
    it shows something of the size of a number that no character explains. `renamed` are digits that were read
    by their shapes, against the file. `partly` are digits that are shown otherwise: clipped, or half hidden.
    """

    unseen: tuple[Character, ...]
    struck: tuple[Character, ...]
    unread: bool
    renamed: str = ""
    partly: tuple[Character, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the cell shows what was read, and nothing else."""
        return not (self.unseen or self.struck or self.unread or self.partly)

    @property
    def words(self) -> str:
        """Return what the page shows otherwise, in words; "" where it agrees."""
        found = []
        if self.unseen:
            found.append(f"the page does not show {''.join(char.text for char in self.unseen)}")
        if self.struck:
            found.append(f"{''.join(char.text for char in self.struck)} is struck out")
        if self.partly:
            found.append(f"the page does not show {''.join(char.text for char in self.partly)} whole")
        if self.unread:
            found.append("the page shows something here that is no text")
        return "; ".join(found)


def cells_to_looks(picture: PagePart, on_page: PageCells, find_bars: Callable[[], Sequence[Box]]) -> PageLook:
    """Return what a picture says of each cell.

    The ink of characters that were not read is among the digits all the same. `find_bars` returns the thin
    level lines of the page as turned for reading; it is asked only where a digit may be struck out. All other
    boxes are measured on the page as displayed, in points.
    """
    cells, orientation = on_page.cells, on_page.orientation
    ink = _Ink(picture, cells, orientation)
    unread = ink.unread_cells(on_page)
    placed = [(char, cell) for cell, characters in cells.items() for char in characters]
    shown = ink.shown(placed)
    crossed = [
        (orientation.to_reading(char.box), rows, orientation.to_reading(cell))
        for (char, cell), is_shown in zip(placed, shown, strict=True)
        if is_shown and char.text.isdecimal() and (rows := ink.crossings(char))
    ]
    bars = find_bars() if crossed else ()
    striking = [bar for bar in bars if any(_strikes(bar, *digit) for digit in crossed)]
    unseen, struck = dict[Box, list[Character]](), dict[Box, list[Character]]()
    for (char, cell), is_shown in zip(placed, shown, strict=True):
        if not is_shown:
            unseen.setdefault(cell, []).append(char)
        elif char.text.isdecimal() and any(
            _lies_over(bar, orientation.to_reading(char.box)) for bar in striking
        ):
            struck.setdefault(cell, []).append(char)
    looks = {
        cell: CellLook(tuple(unseen.get(cell, ())), tuple(struck.get(cell, ())), cell in unread)
        for cell in cells
    }
    seen = [*(pair for pair, is_shown in zip(placed, shown, strict=True) if is_shown), *on_page.skipped]
    return PageLook(
        looks, [(char, cell, ink.crop(char, cell)) for char, cell in seen if _may_be_digit(char.text)]
    )


def _may_be_digit(text: str) -> bool:
    """Whether a character is a digit, or has no name."""
    return len(text) == 1 and (text.isdecimal() or text == UNNAMED)


def _strikes(bar: Box, digit: Box, rows: Sequence[float], cell: Box) -> bool:
    """Whether a bar lies over a digit where the picture shows a line, at one of these heights.

    The ruling between a digit's cell and the next strikes nothing out, though the digit may stand on it.
    """
    reach = 1 / PIXELS_PER_POINT
    middle = (bar.top + bar.bottom) / 2
    is_edge = min(abs(middle - cell.top), abs(middle - cell.bottom)) <= EDGE_MAX_WIDTH
    if is_edge and bar.x0 <= cell.x0 + EDGE_MAX_WIDTH and cell.x1 - EDGE_MAX_WIDTH <= bar.x1:
        return False
    return _lies_over(bar, digit) and any(bar.top - reach <= row <= bar.bottom + reach for row in rows)


def _lies_over(bar: Box, digit: Box) -> bool:
    """Whether a bar lies over the middle of a digit, and neither at its top nor at its bottom.

    A bar that strikes one digit strikes all that it lies over: the ends of a line may be short of a digit.
    """
    x0, top, x1, bottom = digit
    share = ((bar.top + bar.bottom) / 2 - top) / (bottom - top)
    return bar.x0 <= (x0 + x1) / 2 <= bar.x1 and BAR_ROWS[0] < share < BAR_ROWS[1]


class _Ink:
    """The ink of a picture, with rulings and without."""

    def __init__(self, picture: PagePart, cells: Collection[Box], orientation: PageOrientation) -> None:
        self._orientation = orientation
        self._corner = np.array((picture.x0, picture.top) * 2)
        self._size = np.array(picture.shades.shape[::-1] * 2)
        self._shades = picture.shades
        self._all = _strokes(picture.shades, cv2.MORPH_BLACKHAT)
        self._dark = np.zeros(picture.shades.shape, np.bool_)
        self._look_at_dark_cells(picture.shades, cells)
        self._free = self._all & ~_rulings(self._all)

    def _pixels(self, boxes: Collection[Box]) -> Numbers:
        """Return boxes in pixels of the picture, cut at its edges, one a row."""
        scaled = np.rint(np.array(list(boxes)).reshape(-1, 4) * PIXELS_PER_POINT).astype(np.int64)
        pixels: Numbers = np.clip(scaled - self._corner, 0, self._size)
        return pixels

    def _look_at_dark_cells(self, shades: Shades, cells: Collection[Box]) -> None:
        """Take light strokes for the ink of cells that are dark."""
        dark = (shades < DARK_MAX_SHADE).astype(np.uint8)
        boxes = self._pixels(cells)
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        for x0, top, x1, bottom in boxes[2 * _counts(dark, boxes) > areas]:
            place = slice(top, bottom), slice(x0, x1)
            self._all[place] = _strokes(shades[place], cv2.MORPH_TOPHAT)
            self._dark[place] = True

    def shown(self, placed: Sequence[tuple[Character, Box]]) -> list[bool]:
        """Return of each character, with its cell, whether a person sees something where it was read."""
        if not placed:
            return []
        counts = _counts(self._free, self._pixels([_middle(char.box, cell) for char, cell in placed]))
        large = [_is_large(char.box) for char, _ in placed]
        return [bool(count and is_large) for count, is_large in zip(counts, large, strict=True)]

    def unread_cells(self, on_page: PageCells) -> set[Box]:
        """Return the cells with ink of the size of a number that no character explains.

        A large watermark is pale, and explains no dark ink: a number without a name may lie over it.
        """
        cells, explained = on_page.cells, np.zeros(self._free.shape, np.uint8)
        large = [box for box in on_page.watermark if box.bottom - box.top > NUMBER_MAX_HEIGHT]
        small = [box for box in on_page.watermark if box.bottom - box.top <= NUMBER_MAX_HEIGHT]
        for x0, top, x1, bottom in self._pixels(large):
            explained[top : bottom + 1, x0 : x1 + 1] = 1
        explained[self._shades < DARK_MAX_SHADE] = 0
        boxes = [
            _clipped(char.box, cell)
            for cell, characters in cells.items()
            for char in characters
            if char.text.isprintable() and not char.text.isspace()
        ]
        for x0, top, x1, bottom in self._pixels([*boxes, *on_page.others, *small]):
            explained[max(top - 1, 0) : bottom + 1, max(x0 - 1, 0) : x1 + 1] = 1
        rest = (self._free & (explained == 0)).astype(np.uint8)
        pixels = self._pixels(cells)
        inked = np.flatnonzero(_counts(rest, pixels) >= NUMBER_MIN_PIXELS)
        places = list(cells)
        paler = {at: self._palest_beside(list(cells[places[at]]), places[at]) for at in inked}
        return {places[at] for at in inked if self._shows_number(rest, explained, pixels[at], paler[at])}

    def _palest_beside(self, characters: Sequence[Character], cell: Box) -> int:
        """Return the shade from which on ink is too pale to be of one number with these characters."""
        crops = [self.crop(char, cell) for char in characters if char.text.isdecimal()]
        return min((int(crop.min()) for crop in crops if crop.size), default=255) + PALER_MIN_DIFFERENCE

    def _shows_number(self, rest: Shades, explained: Shades, cell: Numbers, palest: int) -> bool:
        """Whether the unexplained ink of a cell has a part that is as high as a number, and no line.

        Ink of the shade `palest` or a paler one is a watermark beside the cell's number.
        """
        x0, top, x1, bottom = cell
        left, upper = max(x0 - AROUND_PIXELS, 0), max(top - AROUND_PIXELS, 0)
        place = slice(upper, bottom + AROUND_PIXELS), slice(left, x1 + AROUND_PIXELS)
        _, labels, parts, _ = cv2.connectedComponentsWithStats(rest[place], connectivity=8)
        for label in np.flatnonzero(parts[:, cv2.CC_STAT_HEIGHT] >= NUMBER_MIN_HEIGHT * PIXELS_PER_POINT):
            within = label and _is_within(parts[label], labels.shape)
            shape = labels == label
            if (
                within
                and not self._is_paler(shape, place, palest)
                and not _runs_through(shape, parts[label], explained[place])
                and not self._goes_on_broader(shape, place)
            ):
                return True
        return False

    def _is_paler(self, shape: Mask, place: tuple[slice, slice], palest: int) -> bool:
        """Whether a part of the ink is paler than the number beside it, but for where it joins a ruling."""
        edge = int(AROUND_PIXELS + 2 * EDGE_MAX_WIDTH * PIXELS_PER_POINT)
        inner = (slice(edge, -edge), slice(edge, -edge))
        shades, within = self._shades[place][inner], shape[inner]
        if palest > 255 or self._dark[place][shape].any():
            return False
        return not within.any() or bool(np.quantile(shades[within], DARKER_SHARE) >= palest)

    def _goes_on_broader(self, shape: Mask, place: tuple[slice, slice]) -> bool:
        """Whether a part of the ink is the narrow end of something broad: what is beside it is as dark.

        Taught by watermarks that LibreOffice draws as outlines.
        """
        shades = self._shades[place]
        shades = 255 - shades if self._dark[place][shape].any() else shades
        beside = _grown(shape) & ~self._all[place]
        as_dark = np.count_nonzero(shades[beside] <= np.quantile(shades[shape], BROADER_INK_SHARE))
        return bool(as_dark > BROADER_MIN_SHARE * np.count_nonzero(beside))

    def crop(self, character: Character, cell: Box) -> Shades:
        """Return the place of a character, dark on light, as turned for reading."""
        x0, top, x1, bottom = self._pixels([_clipped(character.box, _inset(cell))])[0]
        shades = self._upright(self._shades[top:bottom, x0:x1])
        return 255 - shades if np.median(shades) < DARK_MAX_SHADE else shades

    def crossings(self, character: Character) -> list[float]:
        """Return the heights of ink that runs through the middle of a digit, over all its width.

        They are measured in points on the page as turned for reading. The edges of its cell count too: a long
        line through a number may have been read as a ruling.
        """
        x0, top, x1, bottom = self._pixels([character.box])[0]
        rows = np.flatnonzero(self._upright(self._free[top:bottom, x0:x1]).any(axis=1))
        if not rows.size:
            return []
        upper, lower = rows[0], rows[-1] + 1
        first, last = (int(upper + share * (lower - upper)) for share in STRUCK_ROWS)
        full = np.flatnonzero(self._upright(self._all[top:bottom, x0:x1])[first : last + 1].all(axis=1))
        begin = self._orientation.to_reading(character.box).top
        return [float(begin + (first + row + 0.5) / PIXELS_PER_POINT) for row in full]

    def _upright(self, part: npt.NDArray[_Pixel]) -> npt.NDArray[_Pixel]:
        """Return a part of a picture as turned for reading."""
        return np.rot90(part, -self._orientation.quarters)


def _counts(mask: Mask | Shades, boxes: Numbers) -> Numbers:
    """Return how many pixels of a mask are set in each box of pixels."""
    sums = cv2.integral(mask.astype(np.uint8))
    x0, top, x1, bottom = boxes.T
    counts: Numbers = sums[bottom, x1] - sums[top, x1] - sums[bottom, x0] + sums[top, x0]
    return counts


def _is_large(box: Box) -> bool:
    """Whether a person would see a character of this size."""
    width, height = box.x1 - box.x0, box.bottom - box.top
    return max(width, height) >= CHARACTER_MIN_SIZE and min(width, height) >= CHARACTER_MIN_SIZE / 2


def _middle(box: Box, cell: Box) -> Box:
    """Return the part of a character's box that no neighbour and no edge of its cell reaches."""
    x0, _, x1, _ = box
    margin = NEIGHBOUR_MAX_SHARE * (x1 - x0)
    _, top, _, bottom = _clipped(box, _inset(cell))
    return Box(x0 + margin, top, x1 - margin, max(top, bottom))


def _is_within(part: Numbers, shape: tuple[int, ...]) -> bool:
    """Whether a part of the ink does not go on beyond what is around the cell."""
    x0, top, width, height, _ = part
    return bool(x0 > 0 and top > 0 and x0 + width < shape[1] and top + height < shape[0])


def _strokes(shades: Shades, way: int) -> Mask:
    """Return the pixels of thin strokes: of dark ones (black hat) or of light ones (top hat).

    What lies behind them, be it paper, a highlight, a shaded cell or a large watermark, is none.
    """
    kernel = np.ones((STROKE_MAX_PIXELS, STROKE_MAX_PIXELS), np.uint8)
    strokes: Mask = cv2.morphologyEx(shades, way, kernel) >= INK_MIN_CONTRAST
    return strokes


def _runs_through(shape: Mask, part: Numbers, explained: Shades) -> bool:
    """Whether a part of the ink is a piece of a line that runs through a cell.

    It lies in an edge, as dashes of a ruling do, or goes from edge to edge, or from an edge to a character.
    Bureaus strike empty rows out with diagonals.
    """
    x0, top, width, height, _ = part
    near = AROUND_PIXELS + EDGE_MAX_WIDTH * PIXELS_PER_POINT
    edges = (x0, top, shape.shape[1] - x0 - width, shape.shape[0] - top - height)
    if min(edges[0] + width, edges[1] + height, edges[2] + width, edges[3] + height) <= near:
        return True
    at_left, at_top, at_right, at_bottom = (bool(distance <= near) for distance in edges)
    ends = at_left + at_top + at_right + at_bottom
    if ends > 1:
        is_digit = at_top and at_bottom and height < LINE_MIN_LENGTH * PIXELS_PER_POINT
        return not is_digit and not _carries_number(shape)
    return bool(ends and (_grown(shape) & (explained > 0)).any())


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


def _rulings(ink: Mask) -> Mask:
    """Return the pixels of long straight lines."""
    whole = ink.astype(np.uint8)
    length = int(DRAWN_RULING_MIN_LENGTH * PIXELS_PER_POINT)
    across = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.logical_or(across, down)


def _inset(cell: Box) -> Box:
    """Return a cell without its edges."""
    x0, top, x1, bottom = cell
    return Box(x0 + EDGE_MAX_WIDTH, top + EDGE_MAX_WIDTH, x1 - EDGE_MAX_WIDTH, bottom - EDGE_MAX_WIDTH)


def _clipped(box: Box, cell: Box) -> Box:
    """Return the part of a box that lies between the top and the bottom of a cell."""
    return Box(box.x0, max(box.top, cell.top), box.x1, min(box.bottom, cell.bottom))
