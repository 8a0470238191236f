"""Hold the characters that were read in the cells of a page against the page as drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT, PagePart, Shades
from pipeline.extract.page_cells import Mask, Numbers, PageCells, Placed
from pipeline.extract.page_ink import Ink, counts, inset, line_counts, sums
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
    ink = Ink(picture, on_page)
    placed = Placed.of([(char, cell) for cell, characters in on_page.cells.items() for char in characters])
    free_sums = sums(ink.free)
    are_shown = _are_shown(ink, free_sums, placed)
    unread = unread_cells(ink, on_page, placed)
    unseen = _by_cell([placed.pairs[at] for at in np.flatnonzero(~are_shown).tolist()])
    looks = {
        cell: CellLook(tuple(unseen.get(cell, ())), cell in unread.numbers or cell in unread.signed)
        for cell in on_page.cells
    }
    shown = placed.at(are_shown)
    digits = shown.at(shown.are_digits)
    crossed = {cell for _, cell in digits.at(_are_crossed(ink, free_sums, digits)).pairs}
    seen = [(char, cell) for char, cell in (*shown.pairs, *on_page.skipped) if len(char.text) == 1]
    return PageLook(looks, unread.signed, unread.run_through, crossed, _shapes(ink, seen))


def _by_cell(pairs: Iterable[tuple[Character, Box]]) -> dict[Box, list[Character]]:
    """Return the characters of each cell."""
    found: dict[Box, list[Character]] = {}
    for char, cell in pairs:
        found.setdefault(cell, []).append(char)
    return found


def _shapes(ink: Ink, pairs: Sequence[tuple[Character, Box]]) -> list[tuple[Character, Box, Shades]]:
    """Return each character with its cell and its ink."""
    placed = Placed.of(pairs)
    crops = ink.crops(ink.pixels(ink.clipped(placed.boxes, inset(placed.cells))))
    return [(char, cell, crop) for (char, cell), crop in zip(pairs, crops, strict=True)]


def _are_shown(ink: Ink, free_sums: Numbers, placed: Placed) -> Mask:
    """Return of each character whether a person sees something where it was read."""
    places = ink.pixels(_middles(ink, placed))
    upper, lower = (0, 2) if ink.is_turned else (1, 3)
    flat = np.flatnonzero(places[:, lower] - places[:, upper] < FLAT_MAX_PIXELS)
    places[flat, upper] -= 1
    places[flat, lower] += 1
    found: Mask = (counts(free_sums, np.clip(places, 0, ink.size)) > 0) & _are_large(placed)
    return found


def _are_large(placed: Placed) -> Mask:
    """Return of each character whether a person would see it in its size; a dash may be very flat."""
    sides = placed.boxes[:, 2:] - placed.boxes[:, :2]
    large: Mask = sides.max(axis=1) >= CHARACTER_MIN_SIZE
    large &= ~placed.are_digits | (sides.min(axis=1) >= CHARACTER_MIN_SIZE / 2)
    return large


def _middles(ink: Ink, placed: Placed) -> Numbers:
    """Return the part of each character's box that no neighbour and no edge of its cell reaches."""
    middles = ink.clipped(placed.boxes, inset(placed.cells))
    first, last = (1, 3) if ink.is_turned else (0, 2)
    margins = NEIGHBOUR_MAX_SHARE * (middles[:, last] - middles[:, first])
    middles[:, first] += margins
    middles[:, last] -= margins
    middles[:, 3] = np.maximum(middles[:, 1], middles[:, 3])
    return middles


def _are_crossed(ink: Ink, free_sums: Numbers, digits: Placed) -> Mask:
    """Return of each digit whether ink runs through its middle, over all its width and a little more.

    The edges of its cell count too: a long line through a number may have been read as a ruling.
    """
    wider = ink.to_reading(digits.boxes) + np.array((-1, 0, 1, 0)) / PIXELS_PER_POINT
    boxes, quarters = ink.pixels(ink.to_displayed(wider)), ink.orientation.quarters
    inked: Mask = np.greater(line_counts(free_sums, boxes, quarters), 0)
    upper, lower = inked.argmax(axis=1), inked.shape[1] - inked[:, ::-1].argmax(axis=1)
    first, last = ((upper + share * (lower - upper)).astype(int) for share in STRUCK_ROWS)
    lines = np.arange(inked.shape[1])
    widths = boxes[:, 3] - boxes[:, 1] if ink.is_turned else boxes[:, 2] - boxes[:, 0]
    full: Mask = np.equal(line_counts(sums(ink.whole), boxes, quarters), np.maximum(widths, 1)[:, None])
    full &= (first[:, None] <= lines) & (lines <= last[:, None])
    crossed: Mask = np.logical_or.reduce(full & np.logical_or.reduce(inked, axis=1)[:, None], axis=1)
    return crossed
