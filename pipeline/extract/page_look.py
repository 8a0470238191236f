"""Hold the characters that were read in the cells of a page against the page as drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.drawn_page import PIXELS_PER_POINT, Picture, Shades
from pipeline.records import Box, Character

INK_MIN_CONTRAST = 24
"""Shades of 256. Ink differs from its background by at least as much. Light grey digits do."""

SHADED_MIN_SHARE = 0.5
"""Share of a cell's pixels. Where more are dark, the cell is shaded, and ink is what differs from that."""

EDGE_MAX_WIDTH = 1.5
"""Points. So near to the edge of a cell its ruling may stand."""

RULING_MIN_LENGTH = 20.0
"""Points. Straight ink of such a length is a ruling; no stroke of a digit is as long."""

NUMBER_MIN_HEIGHT = 4.0
"""Points. Ink that is less high is no number: dots, dashes, rests of rulings."""

CHARACTER_MIN_SIZE = 2.0
"""Points. Nobody sees a character that is smaller."""

NEIGHBOUR_MAX_SHARE = 0.2
"""Share of a character's width. From either side a neighbour may reach into its box by as much."""

STRUCK_ROWS = (0.3, 0.65)
"""Shares of a digit's height from its top. A line between them strikes it out; lower it is underlined."""

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]


class CellLook(NamedTuple):
    """What the drawn page says of one cell.

    `unseen` are characters that it does not show, `struck` those that a line strikes out. `unread` says that
    it shows something of the size of a number that no character explains.
    """

    unseen: tuple[Character, ...]
    struck: tuple[Character, ...]
    unread: bool

    @property
    def agrees(self) -> bool:
        """Whether the cell shows what was read, and nothing else."""
        return not (self.unseen or self.struck or self.unread)

    @property
    def words(self) -> str:
        """Return what the page shows otherwise, in words; "" where it agrees."""
        found = []
        if self.unseen:
            found.append(f"the page does not show {''.join(char.text for char in self.unseen)}")
        if self.struck:
            found.append(f"{''.join(char.text for char in self.struck)} is struck out")
        if self.unread:
            found.append("the page shows something here that is no text")
        return "; ".join(found)


def cells_to_looks(
    picture: Picture,
    cells: Mapping[Box, Sequence[Character]],
    others: Iterable[Box],
    find_bars: Callable[[], Sequence[Box]],
) -> dict[Box, CellLook]:
    """Return what a picture says of each cell.

    `cells` are the boxes of cells with the characters read in them, and `others` the boxes of all other
    characters of the page. `find_bars` returns the thin level lines of the page; it is asked only where a
    digit may be struck out. All boxes are measured on the page as displayed, in points.
    """
    ink = _Ink(picture, cells)
    unread = ink.unread_cells(cells, others)
    crossed = {cell: ink.crossed(characters, cell) for cell, characters in cells.items()}
    bars = find_bars() if any(crossed.values()) else ()
    return {
        cell: CellLook(
            unseen=tuple(char for char in characters if not ink.shows(char, cell)),
            struck=tuple(char for char, row in crossed[cell] if _strikes(bars, char, row)),
            unread=cell in unread,
        )
        for cell, characters in cells.items()
    }


def _strikes(bars: Iterable[Box], character: Character, row: float) -> bool:
    """Whether one of the bars lies over a character where the picture shows a line, at the height `row`."""
    x0, _, x1, _ = character.box
    middle, reach = (x0 + x1) / 2, 1 / PIXELS_PER_POINT
    return any(bar.x0 <= middle <= bar.x1 and bar.top - reach <= row <= bar.bottom + reach for bar in bars)


class _Ink:
    """The ink of a picture, with rulings and without."""

    def __init__(self, picture: Picture, cells: Iterable[Box]) -> None:
        self._corner = picture.x0, picture.top
        self._all = picture.shades < 256 - INK_MIN_CONTRAST
        for cell in cells:
            self._look_through_shade(picture.shades, cell)
        self._free = self._all & ~_rulings(self._all)
        self._counts = cv2.integral(self._free.astype(np.uint8))

    def _look_through_shade(self, shades: Shades, cell: Box) -> None:
        """Take the most frequent shade of a cell that is not white for its background."""
        x0, top, x1, bottom = self._pixels(_inset(cell))
        inside = self._all[top:bottom, x0:x1]
        if not inside.size or inside.mean() <= SHADED_MIN_SHARE:
            return
        background = int(np.bincount(shades[top:bottom, x0:x1].ravel(), minlength=256).argmax())
        x0, top, x1, bottom = self._pixels(cell)
        differs = np.abs(shades[top:bottom, x0:x1].astype(np.int16) - background) >= INK_MIN_CONTRAST
        self._all[top:bottom, x0:x1] = differs

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        """Return a box in pixels of the picture, cut at its edges."""
        height, width = self._all.shape
        (across, down), scale = self._corner, PIXELS_PER_POINT
        return (
            min(max(round(box.x0 * scale) - across, 0), width),
            min(max(round(box.top * scale) - down, 0), height),
            min(max(round(box.x1 * scale) - across, 0), width),
            min(max(round(box.bottom * scale) - down, 0), height),
        )

    def _count(self, box: Box) -> int:
        """Return how many pixels of free ink a box holds."""
        x0, top, x1, bottom = self._pixels(box)
        counts = self._counts
        return int(counts[bottom, x1] - counts[top, x1] - counts[bottom, x0] + counts[top, x0])

    def shows(self, character: Character, cell: Box) -> bool:
        """Whether a person sees something where the character was read."""
        x0, top, x1, bottom = character.box
        if min(x1 - x0, bottom - top) < CHARACTER_MIN_SIZE / 2 or bottom - top < CHARACTER_MIN_SIZE:
            return False
        margin = NEIGHBOUR_MAX_SHARE * (x1 - x0)
        inner = _inset(cell)
        middle = Box(x0 + margin, max(top, inner.top), x1 - margin, min(bottom, inner.bottom))
        return self._count(middle) > 0

    def unread_cells(self, cells: Mapping[Box, Sequence[Character]], others: Iterable[Box]) -> set[Box]:
        """Return the cells with ink of the size of a number that no character explains."""
        explained = np.zeros(self._free.shape, np.uint8)
        for cell, characters in cells.items():
            for character in characters:
                self._fill(explained, _clipped(character.box, cell))
        for box in others:
            self._fill(explained, box)
        rest = self._free & (explained == 0)
        _, labels, parts, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
        high = np.flatnonzero(parts[1:, cv2.CC_STAT_HEIGHT] >= NUMBER_MIN_HEIGHT * PIXELS_PER_POINT) + 1
        found = set[Box]()
        if high.size:
            pixels = np.array([self._pixels(cell) for cell in cells])
            for label in high:
                at = _cell_of(parts[label], pixels)
                if at is not None and not _runs_through(labels == label, parts[label], pixels[at], explained):
                    found.add(list(cells)[at])
        return found

    def _fill(self, explained: Shades, box: Box) -> None:
        """Mark the pixels that a character explains."""
        x0, top, x1, bottom = self._pixels(box)
        explained[top : bottom + 1, max(x0 - 1, 0) : x1 + 1] = 1

    def crossed(self, characters: Sequence[Character], cell: Box) -> list[tuple[Character, float]]:
        """Return the digits that a line may strike out, each with the height (points) of the line."""
        found = [(char, self._crossing(char, cell)) for char in characters if char.text.isdecimal()]
        return [(char, row) for char, row in found if row is not None]

    def _crossing(self, character: Character, cell: Box) -> float | None:
        """Return the height of ink that runs through the middle of a digit, over the whole of its box."""
        x0, top, x1, bottom = self._pixels(_clipped(character.box, _inset(cell)))
        inside = self._all[top:bottom, x0:x1]
        rows = np.flatnonzero(inside.any(axis=1))
        if not rows.size:
            return None
        upper, lower = rows[0], rows[-1] + 1
        first, last = (int(upper + share * (lower - upper)) for share in STRUCK_ROWS)
        full = np.flatnonzero(inside[first : last + 1].all(axis=1))
        if not full.size:
            return None
        return float((self._corner[1] + top + first + full.mean() + 0.5) / PIXELS_PER_POINT)


def _cell_of(part: Numbers, cells: Numbers) -> int | None:
    """Return the index of the cell that holds a connected part of the ink; None where none does."""
    x0, top, width, height, _ = part
    inside = (cells[:, 0] <= x0) & (cells[:, 1] <= top)
    inside &= (x0 + width <= cells[:, 2]) & (top + height <= cells[:, 3])
    found = np.flatnonzero(inside)
    return int(found[0]) if found.size else None


def _runs_through(shape: Mask, part: Numbers, cell: Numbers, explained: Shades) -> bool:
    """Whether a part of the ink is a piece of a line that runs through a cell.

    It goes from edge to edge, or from an edge to a character. Bureaus strike empty rows out with diagonals.
    """
    x0, top, width, height, _ = part
    x1, bottom, near = x0 + width, top + height, EDGE_MAX_WIDTH * PIXELS_PER_POINT
    edges = (x0 - cell[0], top - cell[1], cell[2] - x1, cell[3] - bottom)
    ends = sum(int(distance <= near) for distance in edges)
    if ends != 1:
        return ends > 1
    around = slice(max(top - 1, 0), bottom + 1), slice(max(x0 - 1, 0), x1 + 1)
    grown = cv2.dilate(shape[around].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return bool((grown & (explained[around] > 0)).any())


def _rulings(ink: Mask) -> Mask:
    """Return the pixels of long straight lines."""
    whole = ink.astype(np.uint8)
    length = int(RULING_MIN_LENGTH * PIXELS_PER_POINT)
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
