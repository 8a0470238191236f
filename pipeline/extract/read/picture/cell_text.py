"""Read what stands in the cells of a ruled table, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.extract.read.glyphs import glyphs_to_cell_text
from pipeline.extract.read.picture.pictures import LineReading, Mask, Shades
from pipeline.extract.read.picture.recogniser import lines_to_readings, shades_to_ink
from pipeline.records import Glyph

CELL_INK_MIN_CONTRAST = 60
"""Shades of 256. The darkest ink of a cell is darker than its paper by as much, or the cell is blank."""

DUST_MAX_SIDE = 0.7
"""Points. What is smaller both ways is dust where it stands alone in a cell; a thin 1 is higher."""


class CellText(NamedTuple):
    """The text of a cell as printed, as in `RawCell`.

    `unsure` says in words where the recogniser itself saw a conflict; "" where it saw none.
    """

    text: str
    unsure: str = ""


class _Line(NamedTuple):
    """A line of a cell: its crop, trimmed to the ink, and where that stands in the crop of the cell."""

    crop: Shades
    left: int
    top: int


def crops_to_texts(crops: Sequence[Shades], scale: float) -> list[CellText]:
    """Return what each crop of a cell (shades, the whole cell without its rulings) says, in their order.

    `scale` is pixels a point. Blank cells are told by their ink. Wrapped lines are joined.
    """
    lines = [list(_crop_to_lines(crop, scale)) for crop in crops]
    readings = iter(lines_to_readings([line.crop for own in lines for line in own]))
    return [
        CellText(_text([(line, next(readings)) for line in own], crop.shape[1] / scale, scale))
        for crop, own in zip(crops, lines, strict=True)
    ]


def _text(lines: Sequence[tuple[_Line, LineReading]], width: float, scale: float) -> str:
    """Return the text of lines in a cell of some width (points)."""
    glyphs = [glyph for line, reading in lines for glyph in _glyphs(line, reading, scale)]
    return glyphs_to_cell_text(glyphs, width, is_ruled=True) if glyphs else ""


def _glyphs(line: _Line, reading: LineReading, scale: float) -> Iterator[Glyph]:
    """Yield the characters of a line with their boxes, in points from the cell's corner."""
    middle = line.top + len(line.crop) / 2
    top, bottom = (middle - reading.size / 2) / scale, (middle + reading.size / 2) / scale
    for char, (x0, x1) in zip(reading.text, reading.places, strict=True):
        if not char.isspace():
            yield Glyph(char, (line.left + x0) / scale, top, (line.left + x1) / scale, bottom)


def _crop_to_lines(crop: Shades, scale: float) -> Iterator[_Line]:
    """Yield the lines of a cell from top to bottom; none where it is blank."""
    ink = _ink(crop)
    if not ink.any() or max(_side(ink, 0), _side(ink, 1)) < DUST_MAX_SIDE * scale:
        return
    rows = ink.any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rows, [False])).astype(np.int8)))
    for top, bottom in edges.reshape(-1, 2).tolist():
        columns = np.flatnonzero(ink[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        if bottom - top >= DUST_MAX_SIDE * scale or right - left >= DUST_MAX_SIDE * scale:
            yield _Line(crop[top:bottom, left:right], left, top)


def _ink(crop: Shades) -> Mask:
    """Return which pixels are ink."""
    if not crop.size:
        return np.zeros(crop.shape, np.bool_)
    return shades_to_ink(crop) & (int(crop.min()) <= 255 - CELL_INK_MIN_CONTRAST)


def _side(ink: Mask, axis: int) -> int:
    """Return from its first to its last how many rows (axis 1) or columns (axis 0) have ink."""
    inked = np.flatnonzero(ink.any(axis=axis))
    return int(inked[-1] - inked[0]) + 1
