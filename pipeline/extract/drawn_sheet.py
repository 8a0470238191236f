"""Parts of drawn pages laid one below another, each as turned for reading, with their cells and characters.

What is done with pixels and boxes is done once for all of them: calls cost more than the pixels of a cell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.extract.drawn_page import PIXELS_PER_POINT, PagePart, Shades
from pipeline.extract.page_cells import Mask, Numbers, PageCells, to_rows
from pipeline.extract.read.orientation import turn
from pipeline.records import Box, Character

PARTS_GAP = 16
"""Pixels of white between two parts: more than any stroke is broad, and than is looked at around a cell."""


class DrawnPart(NamedTuple):
    """A part of the page of this number as it is drawn, with the cells in it."""

    number: int
    cells: PageCells
    picture: PagePart


class Placed(NamedTuple):
    """Characters in cells: the box of each (points, as turned for reading), and the index of its cell."""

    characters: Sequence[Character]
    boxes: Numbers
    homes: Numbers

    def at(self, chosen: Sequence[bool] | Mask) -> Placed:
        """Return those that are chosen."""
        where = np.flatnonzero(chosen)
        if where.size == len(self.characters):
            return self
        characters = [self.characters[at] for at in where.tolist()]
        return Placed(characters, self.boxes.take(where, axis=0), self.homes.take(where))

    @property
    def are_digits(self) -> Mask:
        """Return of each character whether it is a digit."""
        return np.array([char.text.isdecimal() for char in self.characters], np.bool_)


class DrawnSheet:
    """Drawn parts of pages, at least one, laid one below another.

    `places` has the page and the box of each cell. `cells` are the boxes of the cells on their page as turned
    for reading (points, one a row), `owners` the indices of their parts. `read` are the characters that were
    read in the cells, `skipped` those in cells that another reader left blank.
    """

    def __init__(self, parts: Sequence[DrawnPart]) -> None:
        self._parts = parts
        pictures = [np.rot90(part.picture.shades, -part.cells.orientation.quarters) for part in parts]
        sizes = np.array([picture.shape[::-1] for picture in pictures])
        ends = np.cumsum(sizes[:, 1] + PARTS_GAP)
        tops = ends - sizes[:, 1]
        self.shades: Shades = np.full((int(ends[-1]) + PARTS_GAP, int(sizes[:, 0].max())), 255, np.uint8)
        for picture, top in zip(pictures, tops.tolist(), strict=True):
            self.shades[top : top + picture.shape[0], : picture.shape[1]] = picture
        self._least = np.column_stack([np.zeros_like(tops), tops] * 2)
        self._most = self._least + np.hstack([sizes, sizes])
        self._shifts = self._least - np.array([_corner(part) * 2 for part in parts])
        self.places = [(part.number, cell) for part in parts for cell in part.cells.cells]
        self.owners = np.repeat(np.arange(len(parts)), [len(part.cells.cells) for part in parts])
        self.cells = self._turned(to_rows([cell for _, cell in self.places]), self.owners)
        own = (characters for part in parts for characters in part.cells.cells.values())
        read = [(char, at) for at, characters in enumerate(own) for char in characters]
        skipped = [
            (char, self.places.index((part.number, cell)))
            for part in parts
            for char, cell in part.cells.skipped
        ]
        self.read, self.skipped = self._placed(read), self._placed(skipped)

    def _placed(self, characters: Sequence[tuple[Character, int]]) -> Placed:
        """Return characters, each given with the index of its cell, with their boxes."""
        homes = np.array([home for _, home in characters], np.int64)
        boxes = self._turned(to_rows([char.box for char, _ in characters]), self.owners[homes])
        return Placed([char for char, _ in characters], boxes, homes)

    def _turned(self, boxes: Numbers, owners: Numbers) -> Numbers:
        """Return boxes on the pages as displayed as turned for reading."""
        for owner, part in enumerate(self._parts):
            if part.cells.orientation.quarters:
                own = owners == owner
                boxes[own] = np.stack(part.cells.orientation.to_reading(Box(*boxes[own].T)), axis=1)
        return boxes

    def places_of(self, boxes: Numbers, owners: Numbers) -> Numbers:
        """Return where boxes on the pages as turned for reading lie on the sheet, in pixels, not rounded."""
        places: Numbers = boxes * PIXELS_PER_POINT + self._shifts.take(owners, axis=0)
        return places

    def pixels(self, boxes: Numbers, owners: Numbers) -> Numbers:
        """Return the same in whole pixels, cut at the edges of the parts."""
        places = np.floor(self.places_of(boxes, owners) + 0.5).astype(np.int64)
        least, most = (edges.take(owners, axis=0) for edges in (self._least, self._most))
        pixels: Numbers = np.minimum(np.maximum(places, least), most)
        return pixels

    def others(self, owners: Collection[int]) -> tuple[Numbers, Numbers]:
        """Return the boxes of the characters of no cell on these parts' pages, each with its part's index."""
        return self._of_parts([(owner, self._parts[owner].cells.others) for owner in owners])

    def watermarks(self, owners: Collection[int]) -> tuple[Numbers, Numbers]:
        """Return the boxes of watermarks on these parts' pages, each with the index of its part."""
        return self._of_parts([(owner, to_rows(self._parts[owner].cells.watermark)) for owner in owners])

    def _of_parts(self, boxes: Sequence[tuple[int, Numbers]]) -> tuple[Numbers, Numbers]:
        """Return boxes of parts, as turned for reading, each with the index of its part."""
        owners = np.repeat([owner for owner, _ in boxes], [len(own) for _, own in boxes])
        return self._turned(np.concatenate([own for _, own in boxes]), owners), owners


def _corner(part: DrawnPart) -> tuple[float, float]:
    """Return where a part begins on its page as turned for reading (pixels)."""
    shades, x0, top = part.picture
    orientation = part.cells.orientation
    box = Box(x0, top, x0 + shades.shape[1], top + shades.shape[0])
    sides = orientation.width * PIXELS_PER_POINT, orientation.height * PIXELS_PER_POINT
    return turn(box, orientation.quarters, *sides)[:2]
