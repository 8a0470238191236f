"""The number cells of a page, with the characters that a reader printed in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Character, Corners, Glyph, RawDocument

SEVERAL = Box(-1.0, -1.0, -1.0, -1.0)
"""In place of the cell of a run of characters that do not all stand in one."""

Numbers = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


class PageCells(NamedTuple):
    """The cells of one page with the characters in them, and the boxes of all other characters, one a row.

    `skipped` are characters in cells that another reader left blank, `watermark` are boxes of a watermark.
    """

    cells: Mapping[Box, Sequence[Character]]
    others: Numbers
    skipped: Sequence[tuple[Character, Box]]
    watermark: Sequence[Box]
    orientation: PageOrientation


class Placed(NamedTuple):
    """Characters in cells: each with its cell, and the boxes of both in points, one a row."""

    pairs: Sequence[tuple[Character, Box]]
    boxes: Numbers
    cells: Numbers

    @classmethod
    def of(cls, pairs: Sequence[tuple[Character, Box]]) -> Placed:
        """Return these characters, each with its cell."""
        return cls(pairs, to_rows([char.box for char, _ in pairs]), to_rows([cell for _, cell in pairs]))

    def at(self, chosen: Sequence[bool] | Mask) -> Placed:
        """Return those that are chosen."""
        where = np.flatnonzero(chosen)
        return Placed([self.pairs[at] for at in where.tolist()], self.boxes[where], self.cells[where])

    @property
    def are_digits(self) -> Mask:
        """Return of each character whether it is a digit."""
        return np.array([char.text.isdecimal() for char, _ in self.pairs], np.bool_)


def to_rows(boxes: Sequence[Box | Corners]) -> Numbers:
    """Return boxes as numbers, one a row."""
    rows: Numbers = np.array(boxes, np.float64).reshape(-1, 4)
    return rows


def raw_to_cells(raw: RawDocument, page: int, boxes: Mapping[Box, str]) -> PageCells:
    """Return the characters that a reader printed in these cells of a page.

    `boxes` has each cell with what was read in it. What another reader than this one left blank has none.
    """
    printed = raw.printed[page]
    orientation = PageOrientation(*printed.size, printed.turn)
    cells: dict[Box, list[Character]] = {box: [] for box in boxes}
    skipped: list[tuple[Character, Box]] = []
    outside: list[Corners] = []
    strays: list[Box] = []
    for glyph, home in _glyphs_in_cells(printed.glyphs, orientation, list(cells)):
        if home is None:
            outside.append(glyph[1:5])
            continue
        for char in glyph_to_characters(glyph, orientation):
            own = home_of(char.box, cells) if home is SEVERAL else home
            if own is None:
                strays.append(char.box)
            elif boxes[own]:
                cells[own].append(char)
            else:
                skipped.append((char, own))
    others = np.concatenate([_displayed(outside, orientation), to_rows(strays)])
    watermark = [orientation.to_displayed(Box(*box)) for box in printed.watermark]
    return PageCells(cells, others, skipped, watermark, orientation)


def _glyphs_in_cells(
    glyphs: Sequence[Glyph], orientation: PageOrientation, cells: Sequence[Box]
) -> Iterator[tuple[Glyph, Box | None]]:
    """Yield each glyph with its cell: None where it is in none, SEVERAL where its ends are in others."""
    firsts = [glyph[6][0] if glyph[6] else glyph[1:5] for glyph in glyphs]
    lasts = [glyph[6][-1] for glyph in glyphs if glyph[6]]
    found = _cells_under(_displayed([*firsts, *lasts], orientation), cells)
    ends = iter(found[len(firsts) :])
    for glyph, first in zip(glyphs, found, strict=False):
        if glyph[6] and next(ends) != first:
            yield glyph, SEVERAL
        else:
            yield glyph, None if first < 0 else cells[first]


def _displayed(boxes: Sequence[Corners], orientation: PageOrientation) -> Numbers:
    """Return boxes on the page as turned for reading as they are displayed, one a row."""
    return np.stack(orientation.to_displayed(Box(*to_rows(boxes).T)), axis=1)


def _cells_under(boxes: Numbers, cells: Sequence[Box]) -> list[int]:
    """Return the index of the cell under the middle of each box, -1 where there is none."""
    across, down = np.split((boxes[:, :2] + boxes[:, 2:]) / 2, 2, axis=1)
    left, upper, right, lower = to_rows(cells).T
    inside = (left <= across) & (across <= right) & (upper <= down) & (down <= lower)
    under: list[int] = np.where(inside.any(axis=1), inside.argmax(axis=1), -1).tolist()
    return under


def glyph_to_characters(glyph: Glyph, orientation: PageOrientation) -> list[Character]:
    """Return the characters of a glyph one by one, with their boxes on the page as displayed."""
    text, x0, top, x1, bottom, _, parts = glyph
    if not parts:
        return [Character(text, orientation.to_displayed(Box(x0, top, x1, bottom)))]
    up, down = top - parts[0][1], bottom - parts[0][3]  # what was trimmed of the declared boxes
    return [
        Character(char, orientation.to_displayed(Box(left, upper + up, right, lower + down)))
        for char, (left, upper, right, lower) in zip(text, parts, strict=True)
    ]


def home_of(box: Box, cells: Iterable[Box]) -> Box | None:
    """Return the cell that holds the middle of a character."""
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return next((c for c in cells if c.x0 <= x <= c.x1 and c.top <= y <= c.bottom), None)
