"""Hold the characters that were read in the cells of pages against the pages as drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT
from pipeline.extract.drawn_sheet import DrawnPart, DrawnSheet, Placed
from pipeline.extract.page_cells import Mask, Numbers, Place
from pipeline.extract.page_ink import Ink, line_counts
from pipeline.extract.read.glyphs import CELL_PADDING, OVERPRINT_MAX_SHIFT_RATIO
from pipeline.extract.shape_check import Shape
from pipeline.extract.unread_ink import unread_cells
from pipeline.records import Box, Character

CHARACTER_MIN_SIZE = 2.0
"""Points. Nobody sees a character that is smaller. Half of it is the least width of a digit."""

FLAT_MAX_PIXELS = 4
"""Pixels. The boxes of 一 and of dashes may be less high; their ink may stand a pixel above or below.

Taught by a font whose 一 is a hairline, which pdfium moves to whole pixels.
"""

NEIGHBOUR_MAX_SHARE = 0.2
"""Share of a character's width. From either side a neighbour may reach into its box by as much."""

STRUCK_ROWS = (0.2, 0.7)
"""Share of a digit's height from its top, twice. A line between them strikes it out; lower, it underlines."""

OVERLAP_MIN_SHARE = 0.2
"""Share of a character's width and height. Where two overlap by more, one may lie hidden under the other.

Taught by an older number under a white patch, 9 points beside the new one. If it is hidden, the page says.
"""

_IN_NUMBERS = frozenset("0123456789.,")


class PagesLook(NamedTuple):
    """What drawn pages say of their cells, by page and box, and each character in them, with its ink.

    `unread` are cells with ink that may be a number that no character explains. `run_through` are cells with
    ink that no character explains and that runs through them: a line, or a number under one or over a ruling.
    `crossed` are cells with digits that a line may strike out, `crowded` those with characters over others.
    """

    cells: dict[Place, CellLook]
    unread: set[Place]
    run_through: set[Place]
    crossed: set[Place]
    crowded: set[Place]
    shapes: list[Shape]

    def add(self, other: PagesLook) -> None:
        """Add what is said of other cells."""
        self.cells.update(other.cells)
        self.unread.update(other.unread)
        self.run_through.update(other.run_through)
        self.crossed.update(other.crossed)
        self.crowded.update(other.crowded)
        self.shapes.extend(other.shapes)

    def note(self, place: Place, **said: Any) -> None:
        """Say something else of a cell."""
        self.cells[place] = self.cells[place]._replace(**said)


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


def parts_to_looks(parts: Sequence[DrawnPart]) -> PagesLook:
    """Return what drawn parts of pages, at least one, say of each of their cells.

    The ink of characters that were not read is among the shapes all the same.
    """
    sheet = DrawnSheet(parts)
    ink = Ink(sheet)
    are_shown, unread = _are_shown(ink), unread_cells(ink)
    shown = sheet.read.at(are_shown)
    digits = shown.at(shown.are_digits)
    crossed, crowded = digits.homes[_are_crossed(ink, digits)], _crowded(sheet.read)
    numbers, run_through, crossed_places, crowded_places = (
        {sheet.places[at] for at in cells}
        for cells in (unread.numbers, unread.run_through, crossed.tolist(), crowded)
    )
    shapes = [*_shapes(ink, shown), *_shapes(ink, sheet.skipped)]
    looks = dict.fromkeys(sheet.places, CellLook((), unread=False))
    found = PagesLook(looks, numbers, run_through, crossed_places, crowded_places, shapes)
    for at in unread.numbers | unread.signed:
        found.note(sheet.places[at], unread=True)
    hidden = sheet.read.at(~are_shown)
    for char, at in zip(hidden.characters, hidden.homes.tolist(), strict=True):
        found.note(sheet.places[at], unseen=(*looks[sheet.places[at]].unseen, char))
    for at, in_lines in _in_lines(sheet):
        found.note(sheet.places[at], in_lines=in_lines)
    return found


def _in_lines(sheet: DrawnSheet) -> Iterator[tuple[int, str]]:
    """Yield the cells with digits that stand one above the other, though they need not, with these digits."""
    read, first = sheet.read, np.full(len(sheet.cells), np.inf)
    np.minimum.at(first, read.homes, read.boxes[:, 3])
    for at in np.unique(read.homes[read.boxes[:, 1] >= first[read.homes]]).tolist():
        own, (left, _, right, _) = read.at(read.homes == at), sheet.cells[at].tolist()
        if in_lines := _lines_of(own, right - left):
            yield at, in_lines


def _lines_of(placed: Placed, width: float) -> str:
    """Return digits of a cell of some width (points) in two lines, though the upper had room for one more.

    "" where they do not stand so, or words stand between them: 18（其中修订 over 7件）. What is before
    them needs room too: ↑1358 over 17.
    """
    boxes = zip((Box(*box) for box in placed.boxes.tolist()), placed.characters, strict=True)
    printed = sorted((box, char.text) for box, char in boxes if not char.text.isspace())
    digits = [(box, text) for box, text in printed if text in _IN_NUMBERS]
    first = min((box.bottom for box, _ in digits), default=0.0)
    upper = [box for box, _ in digits if box.top < first]
    if len(upper) == len(digits):
        return ""
    above = [(box, text) for box, text in printed if box.top < first]
    begins = next(text for box, text in printed if box.top >= first)
    if not {above[-1][1], begins} <= _IN_NUMBERS:
        return ""
    left, right = min(box.x0 for box in upper), max(box.x1 for box in upper)
    one_more = (right - left) / len(upper)
    if right + one_more - above[0][0].x0 + CELL_PADDING > width:
        return ""
    lines = (
        "".join(text for box, text in digits if (box.top < first) is is_upper) for is_upper in (True, False)
    )
    return "\n".join(lines)


def _crowded(placed: Placed) -> set[int]:
    """Return the indices of cells in which characters stand in one place.

    Two neighbours share less of it; bold is one character printed several times.
    """
    order = np.lexsort((placed.boxes[:, 0], placed.homes))
    boxes, homes = placed.boxes[order], placed.homes[order]
    one, two = boxes[:-1], boxes[1:]
    shared = np.minimum(one[:, 2:], two[:, 2:]) - np.maximum(one[:, :2], two[:, :2])
    sides = np.minimum(one[:, 2:] - one[:, :2], two[:, 2:] - two[:, :2])
    overlap = (shared > OVERLAP_MIN_SHARE * sides).all(axis=1) & (homes[:-1] == homes[1:])
    shifts = two[:, 0] - one[:, 0]
    return {
        int(homes[at])
        for at in np.flatnonzero(overlap).tolist()
        if shifts[at] >= OVERPRINT_MAX_SHIFT_RATIO * sides[at, 0]
        or placed.characters[order[at]].text != placed.characters[order[at + 1]].text
    }


def _shapes(ink: Ink, placed: Placed) -> Iterator[Shape]:
    """Yield each of the characters with its ink."""
    if not placed.characters:
        return
    single = placed.at([len(char.text) == 1 for char in placed.characters])
    for char, home, crop in zip(single.characters, single.homes.tolist(), ink.crops(single), strict=True):
        page, cell = ink.sheet.places[home]
        yield Shape(page, char, crop, cell)


def _are_shown(ink: Ink) -> Mask:
    """Return of each character that was read whether a person sees something there."""
    placed = ink.sheet.read
    places = ink.pixels(placed, _middles(ink, placed))
    flat = np.flatnonzero(places[:, 3] - places[:, 1] < FLAT_MAX_PIXELS)
    places[flat, 1] -= 1
    places[flat, 3] += 1
    return ink.are_inked(places) & _are_large(placed)


def _are_large(placed: Placed) -> Mask:
    """Return of each character whether a person would see it in its size; a dash may be very flat."""
    sides = placed.boxes[:, 2:] - placed.boxes[:, :2]
    large: Mask = sides.max(axis=1) >= CHARACTER_MIN_SIZE
    large &= ~placed.are_digits | (sides.min(axis=1) >= CHARACTER_MIN_SIZE / 2)
    return large


def _middles(ink: Ink, placed: Placed) -> Numbers:
    """Return the part of each character's box that no neighbour and no edge of its cell reaches."""
    middles = ink.inner_boxes(placed)
    margins = NEIGHBOUR_MAX_SHARE * (middles[:, 2] - middles[:, 0])
    middles[:, 0] += margins
    middles[:, 2] -= margins
    middles[:, 3] = np.maximum(middles[:, 1], middles[:, 3])
    return middles


def _are_crossed(ink: Ink, digits: Placed) -> Mask:
    """Return of each digit whether ink runs through its middle, over all its width and a little more.

    The edges of its cell count too: a long line through a number may have been read as a ruling.
    """
    boxes = ink.pixels(digits, digits.boxes + np.array((-1, 0, 1, 0)) / PIXELS_PER_POINT)
    crossed: Mask = np.logical_or.reduce(_full_lines(ink, boxes), axis=1)
    if crossed.any():
        crossed[crossed] = _are_run_through(ink, boxes[crossed])
    return crossed


def _full_lines(ink: Ink, boxes: Numbers) -> Mask:
    """Return of each line of pixels in each box whether it is ink all through."""
    widths = np.maximum(boxes[:, 2] - boxes[:, 0], 1)
    full: Mask = np.equal(line_counts(ink.whole_sums, boxes), widths[:, None])
    return full


def _are_run_through(ink: Ink, boxes: Numbers) -> Mask:
    """Return of each place of a digit whether a line that is ink all through is in the middle of its ink."""
    inked: Mask = np.greater(line_counts(ink.free_sums, boxes), 0)
    upper, lower = inked.argmax(axis=1), inked.shape[1] - inked[:, ::-1].argmax(axis=1)
    first, last = ((upper + share * (lower - upper)).astype(int) for share in STRUCK_ROWS)
    lines = np.arange(inked.shape[1])
    full = _full_lines(ink, boxes) & (first[:, None] <= lines) & (lines <= last[:, None])
    found: Mask = np.logical_or.reduce(full, axis=1) & np.logical_or.reduce(inked, axis=1)
    return found
