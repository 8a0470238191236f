"""Hold the characters that were read in the cells of a page against the page as drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.drawn_page import PIXELS_PER_POINT, PagePart, Shades
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

RULING_MIN_PIXELS = int(DRAWN_RULING_MIN_LENGTH * PIXELS_PER_POINT)
"""Pixels. The same length in a picture."""

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

CHARACTER_MIN_SIZE = 2.0
"""Points. Nobody sees a character that is smaller. Half of it is the least width of a digit."""

FLAT_MAX_PIXELS = 4
"""Pixels. The boxes of 一 and of dashes may be less high; their ink may stand a pixel above or below.

Taught by a font whose 一 is a hairline, which pdfium moves to whole pixels.
"""

NEIGHBOUR_MAX_SHARE = 0.2
"""Share of a character's width. From either side a neighbour may reach into its box by as much."""

CROSSING_MIN_PIXELS = 24
"""Pixels. A straight line that crosses a cell is longer; no stroke of a digit is."""

CROSSING_MAX_WIDTH = 5
"""Pixels. A line that crosses a cell, with its soft edges, is less wide."""

STRUCK_ROWS = (0.2, 0.7)
"""Share of a digit's height from its top, twice. A line between them strikes it out; lower, it underlines."""

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
    """What a drawn page says of its cells, and each character in them, with its cell and its ink.

    `signed` are cells with a dash before their digits that no character explains. `run_through` are cells
    with ink that no character explains and that runs through them: a line, or a number under one or over a
    ruling. `crossed` are cells with digits that a line may strike out.
    """

    cells: Mapping[Box, CellLook]
    signed: set[Box]
    run_through: set[Box]
    crossed: set[Box]
    shapes: Sequence[tuple[Character, Box, Shades]]


class CellLook(NamedTuple):
    """What the drawn page says of one cell.

    `unseen` are characters that it does not show, `struck` those that a line strikes out. `unread` says that
    it shows something of the size of a number that no character explains. `renamed` are digits that were read
    by their shapes, against the file. `partly` are digits that are shown otherwise: clipped, or half hidden.
    `in_lines` are digits that stand one above the other, and need not: two numbers may be read as one.
    """

    unseen: tuple[Character, ...]
    unread: bool
    struck: tuple[Character, ...] = ()
    partly: tuple[Character, ...] = ()
    renamed: str = ""
    in_lines: str = ""

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


def cells_to_looks(picture: PagePart, on_page: PageCells) -> PageLook:
    """Return what a picture says of each cell.

    The ink of characters that were not read is among the shapes all the same. Boxes are measured on the page
    as displayed, in points.
    """
    ink = _Ink(picture, on_page)
    placed = _Placed.of([(char, cell) for cell, characters in on_page.cells.items() for char in characters])
    shown = ink.shown(placed)
    unread, signed, run_through = ink.unread_cells(on_page, placed)
    unseen = _by_cell(placed.at(~shown).pairs)
    looks = {cell: CellLook(tuple(unseen.get(cell, ())), cell in unread | signed) for cell in on_page.cells}
    digits = placed.at(shown).at([text.isdecimal() for text in placed.at(shown).texts])
    crossed = {cell for _, cell in digits.at(ink.are_crossed(digits)).pairs}
    seen = [*placed.at(shown).pairs, *on_page.skipped]
    single = _Placed.of([(char, cell) for char, cell in seen if len(char.text) == 1])
    crops = ink.crops(single)
    shapes = [(char, cell, crop) for (char, cell), crop in zip(single.pairs, crops, strict=True)]
    return PageLook(looks, signed, run_through - unread - signed, crossed, shapes)


class _Placed(NamedTuple):
    """Characters in cells: each with its cell, and the boxes of both in points, one a row."""

    pairs: Sequence[tuple[Character, Box]]
    boxes: Numbers
    cells: Numbers

    @classmethod
    def of(cls, pairs: Sequence[tuple[Character, Box]]) -> _Placed:
        """Return these characters, each with its cell."""
        return cls(pairs, _rows([char.box for char, _ in pairs]), _rows([cell for _, cell in pairs]))

    def at(self, chosen: Sequence[bool] | Mask) -> _Placed:
        """Return those that are chosen."""
        where = np.flatnonzero(chosen)
        return _Placed([self.pairs[at] for at in where.tolist()], self.boxes[where], self.cells[where])

    @property
    def texts(self) -> list[str]:
        """Return the text of each character."""
        return [char.text for char, _ in self.pairs]


def _rows(boxes: Sequence[Box]) -> Numbers:
    """Return boxes as numbers, one a row."""
    rows: Numbers = np.array(boxes, np.float64).reshape(-1, 4)
    return rows


def _by_cell(pairs: Iterable[tuple[Character, Box]]) -> dict[Box, list[Character]]:
    """Return the characters of each cell."""
    found: dict[Box, list[Character]] = {}
    for char, cell in pairs:
        found.setdefault(cell, []).append(char)
    return found


class _Rest(NamedTuple):
    """The ink of a page that no character explains, in a cell; what is paler than `palest` is a watermark."""

    ink: Shades
    explained: Mask
    cell: Numbers
    palest: int

    @property
    def corner(self) -> tuple[int, int]:
        """Return where the cell begins, with what is around it."""
        x0, top, _, _ = self.cell.tolist()
        return max(x0 - AROUND_PIXELS, 0), max(top - AROUND_PIXELS, 0)

    @property
    def place(self) -> tuple[slice, slice]:
        """Return the place of the cell, with what is around it."""
        left, upper = self.corner
        _, _, x1, bottom = self.cell.tolist()
        return slice(upper, bottom + AROUND_PIXELS), slice(left, x1 + AROUND_PIXELS)

    def part_boxes(self) -> Numbers:
        """Return the boxes of the parts of the ink in pixels of the picture, one a row."""
        parts = cv2.connectedComponentsWithStats(self.ink[self.place], connectivity=8)[2][1:, :4]
        corners: Numbers = parts[:, :2] + np.array(self.corner)
        return np.hstack([corners, corners + parts[:, 2:]])

    def high_parts(self) -> Iterator[tuple[Numbers, Mask]]:
        """Yield the parts of the ink that are as high as a number, with their shapes."""
        _, labels, parts, _ = cv2.connectedComponentsWithStats(self.ink[self.place], connectivity=8)
        for label in range(1, len(parts)):
            if parts[label, cv2.CC_STAT_HEIGHT] >= NUMBER_MIN_HEIGHT * PIXELS_PER_POINT:
                yield parts[label], labels == label


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


class _Ink:
    """The ink of a picture, with rulings and without."""

    def __init__(self, picture: PagePart, on_page: PageCells) -> None:
        self._orientation = on_page.orientation
        self._corner = np.array((picture.x0, picture.top) * 2)
        self._size = np.array(picture.shades.shape[::-1] * 2)
        self._shades = picture.shades
        self._cells = self._pixels(_rows([*on_page.cells]))
        self._all = _strokes(picture.shades, cv2.MORPH_BLACKHAT)
        self._dark_sums = _sums(picture.shades < DARK_MAX_SHADE)
        self._dark = np.zeros(picture.shades.shape, np.bool_)
        self._look_at_dark_cells()
        self._free = _without_rulings(self._all)
        self._free_sums = _sums(self._free)

    def _pixels(self, boxes: Numbers) -> Numbers:
        """Return boxes in pixels of the picture, cut at its edges, one a row."""
        scaled = np.rint(boxes * PIXELS_PER_POINT).astype(np.int64)
        pixels: Numbers = np.clip(scaled - self._corner, 0, self._size)
        return pixels

    def _look_at_dark_cells(self) -> None:
        """Take light strokes for the ink of cells that are dark."""
        for x0, top, x1, bottom in self._cells[_are_dark(self._dark_sums, self._cells)]:
            place = slice(top, bottom), slice(x0, x1)
            self._all[place] = _strokes(self._shades[place], cv2.MORPH_TOPHAT)
            self._dark[place] = True

    def shown(self, placed: _Placed) -> Mask:
        """Return of each character whether a person sees something where it was read."""
        is_turned = bool(self._orientation.quarters % 2)
        places = self._pixels(_middles(placed, is_turned))
        upper, lower = (0, 2) if is_turned else (1, 3)
        flat = np.flatnonzero(places[:, lower] - places[:, upper] < FLAT_MAX_PIXELS)
        places[flat, upper] -= 1
        places[flat, lower] += 1
        counts = _counts(self._free_sums, np.clip(places, 0, self._size))
        return (counts > 0) & _are_large(placed)

    def unread_cells(self, on_page: PageCells, placed: _Placed) -> tuple[set[Box], set[Box], set[Box]]:
        """Return the cells with ink of the size of a number that no character explains.

        And those with such a dash before their digits, and those that such ink runs through.

        The characters of the cells explain nearly all; what else is on the page is asked where they do not.
        """
        printed = placed.at([text.isprintable() and not text.isspace() for text in placed.texts])
        explained = self._around(self._clipped(printed.boxes, printed.cells))
        cells = self._pixels(self._looked_at(on_page, printed))
        unread, signed, crossed = set[Box](), set[Box](), set[Box]()
        if not self._inked(explained, cells).size:
            return unread, signed, crossed
        explained |= self._explained_by_others(on_page)
        rest, places = (self._free & ~explained).view(np.uint8), list(on_page.cells)
        for at in self._inked(explained, cells):
            cell = places[at]
            ink = _Rest(rest, explained, cells[at], self._palest_beside(on_page.cells[cell], cell))
            if self._shows_sign(ink, on_page.cells[cell]):
                signed.add(cell)
            elif self._shows_number(ink):
                unread.add(cell)
            elif self._is_crossed(ink):
                crossed.add(cell)
        return unread, signed, crossed

    def _looked_at(self, on_page: PageCells, printed: _Placed) -> Numbers:
        """Return the boxes in which to look for numbers, one a row.

        The cells of a table without rulings are the boxes of what was read: there a number may go on beside.
        """
        cells = _rows([*on_page.cells])
        if not len(cells):
            return cells
        turned, characters = (self._read_boxes(boxes) for boxes in (cells, printed.boxes))
        at = {cell: row for row, cell in enumerate(on_page.cells)}
        rows = np.array([at[cell] for _, cell in printed.pairs], np.int64)
        first, last = np.full(len(cells), np.inf), np.full(len(cells), -np.inf)
        np.minimum.at(first, rows, characters[:, 0])
        np.maximum.at(last, rows, characters[:, 2])
        tight = (first - turned[:, 0] < TIGHT_MAX_MARGIN) & (turned[:, 2] - last < TIGHT_MAX_MARGIN)
        beside = BESIDE_MAX_RATIO * (turned[:, 3] - turned[:, 1]) * tight
        turned[:, 0] -= beside
        turned[:, 2] += beside
        return self._displayed(turned)

    def _read_boxes(self, boxes: Numbers) -> Numbers:
        """Return boxes as turned for reading, one a row."""
        return np.stack(self._orientation.to_reading(Box(*boxes.T)), axis=1)

    def _displayed(self, boxes: Numbers) -> Numbers:
        """Return boxes on the page as turned for reading as they are displayed, one a row."""
        return np.stack(self._orientation.to_displayed(Box(*boxes.T)), axis=1)

    def _inked(self, explained: Mask, cells: Numbers) -> Numbers:
        """Return the indices of the cells with as much unexplained ink as a number may have."""
        rest = _sums(self._free & ~explained)
        return np.flatnonzero(_counts(rest, cells) >= NUMBER_MIN_PIXELS)

    def _around(self, boxes: Numbers) -> Mask:
        """Return the places of boxes with the pixels around them."""
        places = np.zeros(self._free.shape, np.bool_)
        for x0, top, x1, bottom in self._pixels(boxes).tolist():
            places[max(top - 1, 0) : bottom + 1, max(x0 - 1, 0) : x1 + 1] = True
        return places

    def _explained_by_others(self, on_page: PageCells) -> Mask:
        """Return the ink that is explained by the characters of no cell, and by a watermark.

        A large watermark is pale, and explains no dark ink: a number without a name may lie over it.
        """
        large = [box for box in on_page.watermark if box.bottom - box.top > NUMBER_MAX_HEIGHT]
        small = [box for box in on_page.watermark if box.bottom - box.top <= NUMBER_MAX_HEIGHT]
        explained = np.zeros(self._free.shape, np.bool_)
        for x0, top, x1, bottom in self._pixels(_rows(large)):
            explained[top : bottom + 1, x0 : x1 + 1] = True
        explained &= self._shades >= DARK_MAX_SHADE
        return explained | self._around(_rows([*on_page.others, *small]))

    def _palest_beside(self, characters: Sequence[Character], cell: Box) -> int:
        """Return the shade from which on ink is too pale to be of one number with these characters."""
        digits = _Placed.of([(char, cell) for char in characters if char.text.isdecimal()])
        crops = self.crops(digits)
        return min((int(crop.min()) for crop in crops if crop.size), default=255) + PALER_MIN_DIFFERENCE

    def _shows_number(self, ink: _Rest) -> bool:
        """Whether the unexplained ink of a cell has a part that is as high as a number, and no line."""
        return any(
            _is_within(part, shape.shape)
            and not self._is_paler(shape, ink.place, ink.palest)
            and not _lies_in_edge(part, shape.shape)
            and not _runs_through(shape, part, ink.explained[ink.place])
            and not self._goes_on_broader(shape, ink.place)
            for part, shape in ink.high_parts()
        )

    def _is_crossed(self, ink: _Rest) -> bool:
        """Whether the unexplained ink of a cell has a part that is as high as a number, and runs through."""
        return any(
            not self._is_paler(shape, ink.place, ink.palest) and not _lies_in_edge(part, shape.shape)
            for part, shape in ink.high_parts()
        )

    def _shows_sign(self, ink: _Rest, characters: Sequence[Character]) -> bool:
        """Whether there is a dash before the digits of a cell that no character explains."""
        digits = [self._orientation.to_reading(char.box) for char in characters if char.text.isdecimal()]
        first = min(digits, default=None)
        if not first:
            return False
        boxes = self._read_boxes((ink.part_boxes() + self._corner) / PIXELS_PER_POINT)
        return any(_is_sign(Box(*box), first) for box in boxes.tolist())

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

    def _clipped(self, boxes: Numbers, cells: Numbers) -> Numbers:
        """Return the part of each box that lies between the top and the bottom of its cell, as it is read."""
        return _clipped(boxes, cells, is_turned=bool(self._orientation.quarters % 2))

    def crops(self, placed: _Placed) -> list[Shades]:
        """Return the place of each character, dark on light, as turned for reading."""
        boxes = self._pixels(self._clipped(placed.boxes, _inset(placed.cells)))
        crops = []
        for (x0, top, x1, bottom), is_dark in zip(
            boxes.tolist(), _are_dark(self._dark_sums, boxes), strict=True
        ):
            shades = np.rot90(self._shades[top:bottom, x0:x1], -self._orientation.quarters)
            crops.append(255 - shades if is_dark else shades)
        return crops

    def are_crossed(self, digits: _Placed) -> Mask:
        """Return of each digit whether ink runs through its middle, over all its width and a little more.

        The edges of its cell count too: a long line through a number may have been read as a ruling.
        """
        wider = self._read_boxes(digits.boxes) + np.array((-1, 0, 1, 0)) / PIXELS_PER_POINT
        boxes, quarters = self._pixels(self._displayed(wider)), self._orientation.quarters
        inked: Mask = np.greater(_line_counts(self._free_sums, boxes, quarters), 0)
        upper, lower = inked.argmax(axis=1), inked.shape[1] - inked[:, ::-1].argmax(axis=1)
        first, last = ((upper + share * (lower - upper)).astype(int) for share in STRUCK_ROWS)
        lines = np.arange(inked.shape[1])
        widths = boxes[:, 3] - boxes[:, 1] if quarters % 2 else boxes[:, 2] - boxes[:, 0]
        full: Mask = np.equal(_line_counts(_sums(self._all), boxes, quarters), np.maximum(widths, 1)[:, None])
        full &= (first[:, None] <= lines) & (lines <= last[:, None])
        crossed: Mask = np.logical_or.reduce(full & np.logical_or.reduce(inked, axis=1)[:, None], axis=1)
        return crossed


def _sums(mask: Mask) -> Numbers:
    """Return what _counts and _line_counts need to count the pixels of a mask that are set."""
    sums: Numbers = cv2.integral(mask.view(np.uint8))
    return sums


def _counts(sums: Numbers, boxes: Numbers) -> Numbers:
    """Return how many pixels of a mask are set in each box of pixels."""
    x0, top, x1, bottom = boxes.T
    counts: Numbers = sums[bottom, x1] - sums[top, x1] - sums[bottom, x0] + sums[top, x0]
    return counts


def _line_counts(sums: Numbers, boxes: Numbers, quarters: int) -> Numbers:
    """Return how many pixels of a mask are set in each line of each box, of shape (boxes, lines).

    Lines are counted from the top of a box as turned for reading; 0 are set in those behind its last one.
    """
    if quarters % 2:
        sums, boxes = sums.T, boxes[:, (1, 0, 3, 2)]
    x0, top, x1, bottom = boxes.T[:, :, None]
    lines = np.arange((bottom - top).max(initial=1))
    at = np.clip(top + lines if quarters < 2 else bottom - 1 - lines, 0, len(sums) - 2)
    counts: Numbers = sums[at + 1, x1] - sums[at, x1] - sums[at + 1, x0] + sums[at, x0]
    counts[lines >= bottom - top] = 0
    return counts


def _are_dark(sums: Numbers, boxes: Numbers) -> Mask:
    """Return of each box of pixels whether most of it is dark; `sums` are of what is dark."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    dark: Mask = 2 * _counts(sums, boxes) > areas
    return dark


def _are_large(placed: _Placed) -> Mask:
    """Return of each character whether a person would see it in its size; a dash may be very flat."""
    sides = placed.boxes[:, 2:] - placed.boxes[:, :2]
    may_be_flat = np.array([not text.isdecimal() for text in placed.texts], np.bool_)
    large: Mask = sides.max(axis=1) >= CHARACTER_MIN_SIZE
    large &= may_be_flat | (sides.min(axis=1) >= CHARACTER_MIN_SIZE / 2)
    return large


def _middles(placed: _Placed, is_turned: bool) -> Numbers:
    """Return the part of each character's box that no neighbour and no edge of its cell reaches."""
    middles = _clipped(placed.boxes, _inset(placed.cells))
    first, last = (1, 3) if is_turned else (0, 2)
    margins = NEIGHBOUR_MAX_SHARE * (middles[:, last] - middles[:, first])
    middles[:, first] += margins
    middles[:, last] -= margins
    middles[:, 3] = np.maximum(middles[:, 1], middles[:, 3])
    return middles


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


def _without_rulings(ink: Mask) -> Mask:
    """Return ink without long straight lines, level ones and upright ones."""
    free = ink.copy()
    for left, whole in ((free, ink), (free.T, ink.T)):
        rows = _rows_with_runs(whole)
        left[rows] &= ~_long_runs(whole[rows])
    return free


def _rows_with_runs(ink: Mask) -> Numbers:
    """Return the rows that may have long lines: three samples on end are set. Few other rows have that."""
    samples = np.ascontiguousarray(ink[:, :: RULING_MIN_PIXELS // 5]).view(np.uint8)
    return np.flatnonzero(cv2.erode(samples, np.ones((1, 3), np.uint8)).view(np.bool_).any(axis=1))


def _long_runs(ink: Mask) -> Mask:
    """Return the pixels of long level lines."""
    if not ink.size:
        return ink
    kernel = np.ones((1, RULING_MIN_PIXELS), np.uint8)
    return cv2.morphologyEx(np.ascontiguousarray(ink).view(np.uint8), cv2.MORPH_OPEN, kernel).view(np.bool_)


def _inset(cells: Numbers) -> Numbers:
    """Return cells without their edges."""
    inset: Numbers = cells + np.array((1, 1, -1, -1)) * EDGE_MAX_WIDTH
    return inset


def _clipped(boxes: Numbers, cells: Numbers, *, is_turned: bool = False) -> Numbers:
    """Return the part of each box that lies between the top and the bottom of a cell, turned or not."""
    first, last = (0, 2) if is_turned else (1, 3)
    clipped = boxes.copy()
    clipped[:, first] = np.maximum(boxes[:, first], cells[:, first])
    clipped[:, last] = np.minimum(boxes[:, last], cells[:, last])
    return clipped
