"""Read what stands in the cells of a ruled table, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.extract.read.glyphs import glyphs_to_cell_text
from pipeline.extract.read.picture.ink_lines import InkLine, crop_to_lines
from pipeline.extract.read.picture.pictures import LineReading, Shades
from pipeline.extract.read.picture.recogniser import lines_to_readings
from pipeline.records import Glyph

LIKE_DIGITS = frozenset("OoQDUC〇○◯日曰口lIi|!丨[]ZzSsBbgq")
"""Characters that a lone digit is taken for. Chinese numerals are not among them: a faxed 4 is no 十."""

NUMBER_SIGNS = frozenset("0123456789.,-+%()/:·")
"""Characters beside digits in the cells of numbers."""


class CellText(NamedTuple):
    """The text of a cell as printed, as in `RawCell`.

    `unsure` says in words where the recogniser itself saw a conflict; "" where it saw none.
    """

    text: str
    unsure: str = ""


def crops_to_texts(crops: Sequence[Shades], scale: float) -> list[CellText]:
    """Return what each crop of a cell (shades, the whole cell without its rulings) says, in their order.

    `scale` is pixels a point. Blank cells are told by their ink. Wrapped lines are joined.
    """
    lines = [crop_to_lines(crop, scale) for crop in crops]
    readings = iter(lines_to_readings([line.crop for own in lines for line in own]))
    return [
        CellText(_text([(line, next(readings)) for line in own], crop.shape[1] / scale, scale))
        for crop, own in zip(crops, lines, strict=True)
    ]


def _text(lines: Sequence[tuple[InkLine, LineReading]], width: float, scale: float) -> str:
    """Return the text of lines in a cell of some width (points)."""
    glyphs = [glyph for line, reading in lines for glyph in _glyphs(line, reading, scale)]
    return glyphs_to_cell_text(glyphs, width, is_ruled=True) if glyphs else ""


def _glyphs(line: InkLine, reading: LineReading, scale: float) -> Iterator[Glyph]:
    """Yield the characters of a line with their boxes, in points from the cell's corner."""
    rows = np.flatnonzero(line.ink.any(axis=1))
    middle = line.top + (rows[0] + rows[-1] + 1) / 2
    top, bottom = (middle - reading.size / 2) / scale, (middle + reading.size / 2) / scale
    for char, (x0, x1) in zip(_digits_first(reading), reading.places, strict=True):
        yield Glyph(char, (line.left + x0) / scale, top, (line.left + x1) / scale, bottom)


def _digits_first(reading: LineReading) -> str:
    """Return the text of a line, with digits in place of what looks like them where nothing else stands."""
    if not NUMBER_SIGNS.union(LIKE_DIGITS).issuperset(reading.text):
        return reading.text
    return "".join(
        digit if char in LIKE_DIGITS else char
        for char, digit in zip(reading.text, reading.digits, strict=True)
    )
