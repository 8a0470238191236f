"""The number cells of a page, with the characters that a reader printed in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Character, Glyph, RawDocument, bounding_box

SEVERAL = Box(-1.0, -1.0, -1.0, -1.0)
"""In place of the cell of a run of characters that do not all stand in one."""

Numbers = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

Place = tuple[int, Box]
"""The page and the box of a cell, or of a character."""


class PageCells(NamedTuple):
    """The cells of one page with the characters in them, and what else is printed on it.

    `skipped` are characters in cells that another reader left blank, `watermark` are boxes of a watermark.
    `outside` are the glyphs of no cell, as turned for reading, `strays` the boxes of single such characters.
    """

    cells: Mapping[Box, Sequence[Character]]
    outside: Sequence[Glyph]
    strays: Sequence[Box]
    skipped: Sequence[tuple[Character, Box]]
    watermark: Sequence[Box]
    orientation: PageOrientation

    @property
    def others(self) -> Numbers:
        """Return the boxes of the characters of no cell, one a row."""
        boxes = [glyph[1:5] for glyph in self.outside]
        return np.concatenate([_displayed(boxes, self.orientation), to_rows(self.strays)])


def to_rows(boxes: Sequence[Sequence[float]]) -> Numbers:
    """Return boxes as numbers, one a row."""
    rows: Numbers = np.fromiter(chain.from_iterable(boxes), np.float64, 4 * len(boxes))
    return rows.reshape(-1, 4)


def raw_to_cells(raw: RawDocument, page: int, boxes: Mapping[Box, str], reader: str) -> PageCells:
    """Return the characters that a reader printed in these cells of a page.

    `boxes` has each cell with what `reader` read in it. What another reader than that of `raw` left blank
    has none. What it read where `raw` has no character is one as large as the cell: camelot reads what was
    left out because nobody sees it.
    """
    printed = raw.printed[page]
    orientation = PageOrientation(*printed.size, printed.turn)
    cells: dict[Box, list[Character]] = {box: [] for box in boxes}
    skipped: list[tuple[Character, Box]] = []
    outside: list[Glyph] = []
    strays: list[Box] = []
    for glyph, home in _glyphs_in_cells(printed.glyphs, orientation, list(cells)):
        if home is None:
            outside.append(glyph)
            continue
        for char in glyph_to_characters(glyph, orientation):
            own = home_of(char.box, cells) if home is SEVERAL else home
            if own is None:
                strays.append(char.box)
            elif boxes[own]:
                cells[own].append(char)
            else:
                skipped.append((char, own))
    for box, text in boxes.items():
        if text and not cells[box] and reader != raw.reader:
            cells[box] = [Character(text, box)]
    watermark = [orientation.to_displayed(Box(*box)) for box in printed.watermark]
    return PageCells(cells, outside, strays, skipped, watermark, orientation)


def _glyphs_in_cells(
    glyphs: Sequence[Glyph], orientation: PageOrientation, cells: Sequence[Box]
) -> Iterator[tuple[Glyph, Box | None]]:
    """Yield each glyph with its cell: None where it is in none, SEVERAL where its ends are in others."""
    x0, top, x1, bottom = orientation.to_reading(bounding_box(cells))
    near: list[Glyph] = []
    for glyph in glyphs:
        if glyph[1] < x1 and glyph[3] > x0 and glyph[2] < bottom and glyph[4] > top:
            near.append(glyph)
        else:  # labels, and prose
            yield glyph, None
    boxes: list[Sequence[Sequence[float]]] = [
        glyph[6].tolist() if glyph[6] else [glyph[1:5]] for glyph in near
    ]
    found = homes_of(_displayed([own[end] for end in (0, -1) for own in boxes], orientation), cells)
    for glyph, first, last in zip(near, found, found[len(near) :], strict=False):
        if last != first:
            yield glyph, SEVERAL
        else:
            yield glyph, None if first < 0 else cells[first]


def _displayed(boxes: Sequence[Sequence[float]], orientation: PageOrientation) -> Numbers:
    """Return boxes on the page as turned for reading as they are displayed, one a row."""
    rows = to_rows(boxes)
    return np.stack(orientation.to_displayed(Box(*rows.T)), axis=1) if orientation.quarters else rows


def homes_of(boxes: Numbers, cells: Sequence[Box]) -> list[int]:
    """Return the index of the first cell that holds the middle of each box (one a row), or -1."""
    x0, top, x1, bottom = boxes.T[:, :, None]
    across, down = (x0 + x1) / 2, (top + bottom) / 2
    left, upper, right, lower = to_rows(cells).T.copy()
    holds = (left <= across) & (across <= right) & (upper <= down) & (down <= lower)
    first = holds.argmax(axis=1)  # numpy finds the first in a row far sooner than all
    homes: list[int] = np.where(holds[np.arange(len(boxes)), first], first, -1).tolist()
    return homes


def glyph_to_characters(glyph: Glyph, orientation: PageOrientation) -> list[Character]:
    """Return the characters of a glyph one by one, with their boxes on the page as displayed."""
    text, x0, top, x1, bottom, _, parts = glyph
    if not parts:
        return [Character(text, orientation.to_displayed(Box(x0, top, x1, bottom)))]
    up, down = top - parts[0, 1], bottom - parts[0, 3]  # what was trimmed of the declared boxes
    return [
        Character(char, orientation.to_displayed(Box(left, upper + up, right, lower + down)))
        for char, (left, upper, right, lower) in zip(text, parts.tolist(), strict=True)
    ]


def home_of(box: Box, cells: Iterable[Box]) -> Box | None:
    """Return the cell that holds the middle of a character."""
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return next((c for c in cells if c.x0 <= x <= c.x1 and c.top <= y <= c.bottom), None)
