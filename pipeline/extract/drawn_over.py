"""Tell a number from what is drawn over it: lines that strike it out, and what hides a part of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.digit_shapes import Crop
from pipeline.extract.drawn_page import PIXELS_PER_POINT, PagePart, Places, TextApart
from pipeline.extract.page_cells import PageCells, home_of, to_rows
from pipeline.extract.page_ink import DARK_MAX_SHADE, EDGE_MAX_WIDTH, INK_MIN_CONTRAST, STROKE_MAX_PIXELS
from pipeline.extract.page_look import NEIGHBOUR_MAX_SHARE
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.unread_ink import (
    BESIDE_MAX_RATIO,
    NUMBER_MAX_HEIGHT,
    NUMBER_MIN_HEIGHT,
    NUMBER_MIN_PIXELS,
    PALER_MIN_DIFFERENCE,
    TIGHT_MAX_MARGIN,
)
from pipeline.records import Box, Character, bounding_box

CORE_ROWS = (0.15, 0.75)
"""Share of a digit's height from its top, twice. What strikes it out runs there; lower, it underlines."""

CORE_COLUMNS = (0.1, 0.9)
"""Share of a digit's width from its left, twice. A frame around the digit stays beyond them."""

STRIKING_MIN_SHARE = 0.4
"""Share of the width or height of a digit's core. A line that strikes it out runs through as much of it."""

STRIKING_MIN_LENGTH = 3.0
"""Points. What strikes a digit out is as long; dashes and dots of rulings may be shorter."""

STRIKING_MIN_CONTRAST = 0.35
"""Share of the digit's contrast. A watermark that is drawn as outlines has less."""

STROKE_MAX_REACH = 4.0
"""Points. So far a line may be seen from where it is said to run: half of what the broadest are broad."""

RULING_MIN_SHARE = 0.8
"""Share of the length of a cell's edge. A line there that is as long is a ruling, dashed or not."""

AROUND_CELL = 24.0
"""Points. What goes on so far beyond a cell strikes out no number of its own."""

RULING_MIN_WIDTH, RULING_MIN_HEIGHT = 100, 48
"""Pixels. Level and upright lines around a cell that are as long are rulings, or strike a row out.

A diagonal through a row of 23 points runs level for 60 pixels.
"""

NEXT_CELL_REACH = 12.0
"""Points. So far beyond a cell a ruling at its edge is looked for: it goes on beside the next cell."""

DASH_MAX_GAP = 5
"""Pixels. Dots and dashes of one line stand no further apart."""

MARK_MIN_CONTRAST = 0.5
"""Share of the contrast of a number. Where less counts, a decimal point runs together with a digit beside it.
"""

MARK_MAX_REACH = 1.0
"""Points. So far the ink of a digit may reach out of the place that a text layer gives it."""

POINT_MIN_DEPTH = 0.6
"""Share of the height of the marks of a number. A decimal point stands lower."""

MARK_MIN_PIXELS = 3
"""Pixels. A decimal point of usual size has four; less is dust."""

_OF_NUMBERS = frozenset("0123456789.,-")

Mask = npt.NDArray[np.bool_]
Slices = tuple[slice, slice]
Extent = tuple[int, int, int, int]
"""Where something begins and ends along a line of text, and across it, in pixels."""


class Striking(NamedTuple):
    """The ink of lines that strike digits of a cell out, as a mask of its picture.

    `extents` say of each line where it begins and ends along a line of text, and across it, in pixels.
    `parts_digits` says that another line stands between digits, and strikes none out.
    """

    ink: Mask
    extents: list[Extent]
    parts_digits: bool = False


class OverDrawn(NamedTuple):
    """Digits that something strikes out, and others with their own ink alone, as crops for the net.

    `parted` are cells with a line between their digits: a stroke of a pen that strikes the number out, or a
    slash that makes two of it.
    """

    struck: list[tuple[Character, Box]]
    alone: list[tuple[Character, Box, Crop]]
    parted: list[Box]


def digits_to_overdrawn(
    drawn: TextApart, cells: Mapping[Box, Sequence[Character]], orientation: PageOrientation
) -> OverDrawn:
    """Return which digits of these cells something that is no text strikes out, and the ink of the others.

    What the page draws without its text tells lines, frames and patches from digits, whatever they look like.
    Once a line strikes one digit out, it strikes out all that it touches, and all that it runs over: a slash
    passes above the middle of the last digits of a number, and below that of the first.
    """
    look = _Over(drawn, orientation)
    struck: list[tuple[Character, Box]] = []
    alone: list[tuple[Character, Box, Crop]] = []
    parted: list[Box] = []
    for cell, characters in cells.items():
        digits = [char for char in characters if char.text.isdecimal()]
        lines = look.lines_over(digits, cell)
        if lines.parts_digits:
            parted.append(cell)
        for char in digits:
            if look.is_touched(char, cell, lines) or look.is_run_through(char, cell):
                struck.append((char, cell))
            elif look.is_printed_apart(char, characters):
                alone.append((char, cell, look.text_alone(char)))
    return OverDrawn(struck, alone, parted)


def cells_under(lines: Places, others: Places, cells: Mapping[Box, Sequence[Character]]) -> set[Box]:
    """Return the cells with a digit in the middle of which something is drawn that is no text.

    `lines` are the places of lines and rectangles, one that goes around a whole digit is a frame or a patch
    behind it; `others` are those of all other paths. Dots and short dashes are left to the picture.
    """
    digits = [(char, cell) for cell, chars in cells.items() for char in chars if char.text.isdecimal()]
    if not digits:
        return set()
    boxes = to_rows([char.box for char, _ in digits])
    x0, top, x1, bottom = boxes.T[:, :, None]
    core = _share(x0, x1, CORE_COLUMNS), _share(top, bottom, CORE_ROWS)
    found: set[Box] = set()
    for parts, may_go_around in ((lines, False), (others, True)):
        widths, heights = (parts[:, 2:] - parts[:, :2]).T
        long = parts[(widths >= STRIKING_MIN_LENGTH) | (heights >= STRIKING_MIN_LENGTH)]
        if not len(long):  # as where nothing but lines is drawn
            continue
        left, upper, right, lower = long.T.copy()  # side by side in memory, they are compared fast
        meets = (left < core[0][1]) & (core[0][0] < right) & (upper < core[1][1]) & (core[1][0] < lower)
        at, by = divmod(np.flatnonzero(meets), len(long))  # numpy is slow to find pairs
        if at.size and not may_go_around:
            goes_around = np.hstack([long[by, :2] <= boxes[at, :2], long[by, 2:] >= boxes[at, 2:]]).all(
                axis=1
            )
            at = at[~goes_around]
        found.update(digits[digit][1] for digit in at.tolist())
    return found


def cells_beside(drawn: Places, cells: Mapping[Box, Sequence[Character]]) -> set[Box]:
    """Return the cells with digits that something drawn in one of these places may strike out or hide."""
    numbers = {
        cell: bounding_box(digits)
        for cell, characters in cells.items()
        if (digits := [char.box for char in characters if char.text.isdecimal()])
    }
    left, upper, right, lower = drawn.T
    x0, top, x1, bottom = to_rows([*numbers.values()]).T[:, :, None]
    reach = STROKE_MAX_REACH
    near = (left < x1 + reach) & (x0 - reach < right) & (upper < bottom + reach) & (top - reach < lower)
    return {cell for cell, is_near in zip(numbers, near.any(axis=1).tolist(), strict=True) if is_near}


def _share(first: Places, end: Places, shares: tuple[float, float]) -> tuple[Places, Places]:
    """Return the places between two shares of lengths."""
    return first + shares[0] * (end - first), first + shares[1] * (end - first)


def with_surroundings(box: Box) -> Box:
    """Return a box with what has to be drawn around it to tell what strikes a number in it out."""
    x0, top, x1, bottom = box
    return Box(x0 - AROUND_CELL, top - AROUND_CELL, x1 + AROUND_CELL, bottom + AROUND_CELL)


class _Over:
    """The ink of a page's text, and of what else is drawn."""

    def __init__(self, drawn: TextApart, orientation: PageOrientation) -> None:
        full, bare = drawn.full.shades, drawn.bare.shades
        self._orientation, self._quarters = orientation, orientation.quarters
        self._corner = drawn.full.x0, drawn.full.top
        self._text: Crop = np.asarray(cv2.absdiff(full, bare), np.uint8)
        kernel = np.ones((STROKE_MAX_PIXELS,) * 2, np.uint8)
        self._lines = cv2.morphologyEx(bare, cv2.MORPH_BLACKHAT, kernel)

    def lines_over(self, digits: Sequence[Character], cell: Box) -> Striking:
        """Return the parts of what is no text that strike out one of these digits."""
        place = self._slices(cell)
        contrast = max((int(self._ink(char, cell).max(initial=0)) for char in digits), default=0)
        ink = self._lines[place] >= max(INK_MIN_CONTRAST, STRIKING_MIN_CONTRAST * contrast)
        ink = self._without_rulings(ink)
        if not any(ink[self._within(char, cell)].any() for char in digits):
            return Striking(np.zeros_like(ink), [])
        ink &= ~self._going_on(cell)
        _, labels, parts, _ = cv2.connectedComponentsWithStats(_joined(ink.astype(np.uint8)), connectivity=8)
        striking = {
            label for char in digits for label in self._labels_through(np.where(ink, labels, 0), char, cell)
        }
        extents = {label: self._extent(*part) for label, part in enumerate(parts[:, :4].tolist()) if label}
        others = (extent for label, extent in extents.items() if label not in striking)
        places = [self._along(char, cell) for char in digits]
        is_parted = any(_is_between(other, places) for other in others)
        return Striking(np.isin(labels, [*striking]) & ink, [extents[label] for label in striking], is_parted)

    def _along(self, char: Character, cell: Box) -> Extent:
        """Return where the place of a character begins and ends along its line of text, and across it."""
        rows, columns = self._within(char, cell)
        return self._extent(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)

    def _extent(self, x0: int, top: int, width: int, height: int) -> Extent:
        """Return where a part of a cell's picture begins and ends along a line of text, and across it."""
        across, down = (x0, x0 + width), (top, top + height)
        return (*down, *across) if self._quarters % 2 else (*across, *down)

    def _going_on(self, cell: Box) -> Mask:
        """Return what goes on far beyond a cell, but for level and upright lines.

        Bureaus cross rows out with diagonals, numbers and all; a seal is no line over one number either.
        """
        rows, columns = self._slices(with_surroundings(cell))
        ink = _joined((self._lines[rows, columns] >= INK_MIN_CONTRAST).astype(np.uint8))
        for shape in ((1, RULING_MIN_WIDTH), (RULING_MIN_HEIGHT, 1)):
            ink[cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) > 0] = 0
        _, labels = cv2.connectedComponents(_joined(ink), connectivity=8)
        frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        going_on: Mask = np.isin(labels, frame[frame > 0])
        inner_rows, inner_columns = self._slices(cell)
        return going_on[
            inner_rows.start - rows.start : inner_rows.stop - rows.start,
            inner_columns.start - columns.start : inner_columns.stop - columns.start,
        ]

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

    def is_touched(self, char: Character, cell: Box, lines: Striking) -> bool:
        """Whether one of the striking lines of a cell runs over the middle of a digit, above it or below."""
        if not lines.ink.any():
            return False
        if self._core(lines.ink, char, cell).any():
            return True
        begin, stop, top, bottom = self._along(char, cell)
        middle = (begin + stop) / 2
        return any(
            first <= middle < end and upper < bottom and top < lower
            for first, end, upper, lower in lines.extents
        )

    def is_run_through(self, char: Character, cell: Box) -> bool:
        """Whether a level line that ends with the cell runs through the middle of a digit.

        A line as long as the cell parts it for a reader of rulings. A ruling goes on into the next cell.
        """
        place = self._slices(char.box)
        rows = np.flatnonzero(self._upright(self._text[place] >= INK_MIN_CONTRAST).any(axis=1))
        if not rows.size or not (self._lines[place] >= INK_MIN_CONTRAST).any():
            return False
        core = _share_of(rows[0], rows[-1] + 1, CORE_ROWS)
        least = max(INK_MIN_CONTRAST, STRIKING_MIN_CONTRAST * int(self._text[place].max()))
        to_reading = self._orientation.to_reading
        left, right = to_reading(cell).x0 - NEXT_CELL_REACH, to_reading(cell).x1 + NEXT_CELL_REACH
        beyond = to_reading(char.box)._replace(x0=left, x1=right)
        through, whole = (
            self._upright(self._lines[self._slices(box)] >= least)[core]
            for box in (char.box, self._orientation.to_displayed(beyond))
        )
        reach = int(NEXT_CELL_REACH * PIXELS_PER_POINT)
        is_ruling = max(_longest(whole[:, :reach]), _longest(whole[:, -reach:])) > RULING_MIN_SHARE
        return _longest(through) > RULING_MIN_SHARE and not is_ruling

    def unexplained_text(self, on_page: PageCells) -> Mask:
        """Return the ink of texts, as high as a number, that no character explains.

        A large watermark is pale, and explains no dark ink.
        """
        ink = self._text >= INK_MIN_CONTRAST
        pale = (box for box in on_page.watermark if box.bottom - box.top > NUMBER_MAX_HEIGHT)
        for box in pale:
            place = self._slices(box)
            ink[place] &= self._text[place] >= DARK_MAX_SHADE
        small = (box for box in on_page.watermark if box.bottom - box.top <= NUMBER_MAX_HEIGHT)
        own = [
            char.box
            for characters in on_page.cells.values()
            for char in characters
            if char.text.isprintable() and not char.text.isspace()
        ]
        for box in (*own, *on_page.others, *small):
            rows, columns = self._slices(box)
            ink[max(rows.start - 1, 0) : rows.stop + 1, max(columns.start - 1, 0) : columns.stop + 1] = False
        return np.isin(*_parts_of_height(ink, bool(self._quarters % 2)))

    def shapes_like_numbers(self, shapes: PagePart, on_page: PageCells, cells: Collection[Box]) -> Mask:
        """Return what is drawn besides text and lines that is of the size of a number, and no frame of one.

        What is paler than the number of its cell is a watermark beside it.
        """
        ink = shapes.shades < 255 - INK_MIN_CONTRAST
        labels, numbers = _parts_of_height(ink, bool(self._quarters % 2))
        framing = {
            int(label)
            for cell in cells
            for char in on_page.cells[cell]
            for label in self._labels_around(labels, char, cell)
        }
        found: Mask = np.isin(labels, [*set(numbers) - framing])
        for cell in cells:
            digits = [char for char in on_page.cells[cell] if char.text.isdecimal()]
            contrast = max((int(self._ink(char, cell).max(initial=0)) for char in digits), default=0)
            place = self._slices(cell)
            found[place] &= 255 - shapes.shades[place].astype(int) > contrast - PALER_MIN_DIFFERENCE
        return found

    def _labels_around(self, labels: npt.NDArray[Any], char: Character, cell: Box) -> Iterator[int]:
        """Yield the labels of what lies on both sides of a character that is printed, or behind it."""
        rows, columns = self._slices(char.box)
        ink = self._text[rows, columns] >= INK_MIN_CONTRAST
        if not ink.any():
            return
        for axis in (0, 1):
            at = int(np.median(np.flatnonzero(ink.any(axis=axis))))
            line = labels[:, columns.start + at] if axis == 0 else labels[rows.start + at]
            middle = (rows.start + rows.stop) // 2 if axis == 0 else (columns.start + columns.stop) // 2
            yield from np.intersect1d(line[:middle], line[middle:])

    def is_in(self, box: Box, found: Mask) -> bool:
        """Whether something that was found stands in a box."""
        return int(np.count_nonzero(found[self._slices(box)])) >= NUMBER_MIN_PIXELS

    def is_printed(self, char: Character) -> bool:
        """Whether text puts ink in the place of a character."""
        return bool((self._text[self._slices(char.box)] >= INK_MIN_CONTRAST).any())

    def is_printed_apart(self, char: Character, others: Sequence[Character]) -> bool:
        """Whether text puts ink in the place of a character, and no other character reaches into it.

        A scan is left out of what is drawn, with what an OCR program laid over it.
        """
        return self.is_printed(char) and not any(
            _reaches_into(other.box, char.box) for other in others if other != char
        )

    def text_alone(self, char: Character) -> Crop:
        """Return the ink of a character, beyond its cell too, dark on white, as turned for reading."""
        return np.asarray(255 - self._upright(self._text[self._slices(char.box)]), np.uint8)

    def _ink(self, char: Character, cell: Box) -> Crop:
        """Return how much darker, or lighter, a character makes each pixel of its place within its cell."""
        ink: Crop = self._text[self._slices(cell)][self._within(char, cell)]
        return ink

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


def cells_without_print(apart: TextApart, on_page: PageCells, cells: Collection[Box]) -> set[Box]:
    """Return those of the cells with text of which the page looks the same without its text.

    What is seen there is a picture, and the text lies over it or under it: the work of a program for OCR.
    """
    look = _Over(apart, on_page.orientation)
    return {cell for cell in cells if (own := on_page.cells[cell]) and not any(map(look.is_printed, own))}


def are_marks_of(picture: PagePart, characters: Sequence[Character]) -> bool:
    """Whether each mark in a picture of a number lies in the place of a character, and each of these has one.

    Of what is no digit, point or sign (件) nothing is said. A text layer that lost the decimal point has one
    in the place of a digit, and one that lies beside its picture has marks that reach out of their places.
    """
    lightest, darkest = int(picture.shades.max(initial=0)), int(picture.shades.min(initial=255))
    dark = picture.shades < lightest - MARK_MIN_CONTRAST * (lightest - darkest)
    _, _, parts, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    marks = parts[1:][parts[1:, cv2.CC_STAT_AREA] >= MARK_MIN_PIXELS]
    if not len(marks):
        return False
    top, bottom = marks[:, 1].min(), (marks[:, 1] + marks[:, 3]).max()
    are_points = marks[:, 1] > top + POINT_MIN_DEPTH * (bottom - top)
    corner, found = np.array([picture.x0, picture.top]), set[Character]()
    for (x0, upper, width, height, _), is_point in zip(marks.tolist(), are_points, strict=True):
        first = (np.array([x0, upper]) + corner) / PIXELS_PER_POINT
        mark = Box(*first, *(first + np.array([width, height]) / PIXELS_PER_POINT))
        own = next((char for char in characters if home_of(mark, [char.box])), None)
        if own is None or (own.text in _OF_NUMBERS and not _is_about_within(mark, own.box)):
            return False
        if is_point and own.text.isdecimal():
            return False
        found.add(own)
    return found >= {char for char in characters if char.text in _OF_NUMBERS}


def _is_about_within(mark: Box, place: Box) -> bool:
    """Whether a mark lies in a place, or a little beyond."""
    x0, top, x1, bottom = place
    reach = MARK_MAX_REACH
    grown = Box(x0 - reach, top - reach, x1 + reach, bottom + reach)
    return bounding_box([mark, grown]) == grown


def _is_between(line: Extent, digits: Sequence[Extent]) -> bool:
    """Whether a line stands between the middles of two digits of a number, at their height and not below."""
    first, end, upper, lower = line
    if max(end - first, lower - upper) < STRIKING_MIN_LENGTH * PIXELS_PER_POINT:
        return False
    middle = (upper + lower) // 2
    level = [
        (begin + stop) / 2
        for begin, stop, top, bottom in digits
        if middle in range(bottom)[_share_of(top, bottom, CORE_ROWS)]
    ]
    return bool(level) and min(level) <= first and end <= max(level)


def _longest(ink: Mask) -> float:
    """Return the length of the longest level line in some ink, as a share of the width."""
    joined = _joined(ink.astype(np.uint8))
    return float(joined.mean(axis=1).max(initial=0))


def _joined(ink: Crop) -> Crop:
    """Return some ink with the dots and dashes of each line joined."""
    return np.asarray(
        cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((DASH_MAX_GAP,) * 2, np.uint8)), np.uint8
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


def cells_to_unread(
    apart: TextApart,
    shapes: PagePart,
    on_page: PageCells,
    unread: Collection[Box],
    run_through: Collection[Box],
) -> set[Box]:
    """Return those of the cells that show something of the size of a number that was not read.

    It is text that no character explains; or no text, and neither a line nor a frame around what was read.
    `shapes` is the page without text and straight lines. For those that are `run_through` it has to stand in
    the cell, for others it may go on beside the box of what was read.
    """
    look = _Over(apart, on_page.orientation)
    drawn = look.shapes_like_numbers(shapes, on_page, [*unread, *run_through])
    found = look.unexplained_text(on_page) | drawn
    places = {cell: _looked_at(cell, on_page) for cell in unread}
    places |= {cell: _inner(cell) for cell in run_through}
    return {cell for cell, place in places.items() if look.is_in(place, found)}


def _parts_of_height(ink: Mask, is_turned: bool) -> tuple[npt.NDArray[Any], list[int]]:
    """Return the parts of some ink, labelled from 1, and the labels of those of the size of a number."""
    _, labels, parts, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    heights = parts[:, cv2.CC_STAT_WIDTH if is_turned else cv2.CC_STAT_HEIGHT] / PIXELS_PER_POINT
    sized = (heights >= NUMBER_MIN_HEIGHT) & (heights <= NUMBER_MAX_HEIGHT)
    return labels, [int(label) for label in np.flatnonzero(sized) if label]


def _looked_at(cell: Box, on_page: PageCells) -> Box:
    """Return a cell without its edges; where it is the box of what was read, with what is beside it."""
    turned = on_page.orientation.to_reading(cell)
    read = [on_page.orientation.to_reading(char.box) for char in on_page.cells[cell]]
    if not read or min(box.x0 for box in read) - turned.x0 >= TIGHT_MAX_MARGIN:
        return _inner(cell)
    beside = BESIDE_MAX_RATIO * (turned.bottom - turned.top)
    return on_page.orientation.to_displayed(turned._replace(x0=turned.x0 - beside, x1=turned.x1 + beside))


def _inner(cell: Box) -> Box:
    """Return a cell without its edges."""
    return Box(
        cell.x0 + EDGE_MAX_WIDTH,
        cell.top + EDGE_MAX_WIDTH,
        cell.x1 - EDGE_MAX_WIDTH,
        cell.bottom - EDGE_MAX_WIDTH,
    )
