"""Read what stands in the cells of a ruled table, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.extract.read.glyphs import UNNAMED, glyphs_to_cell_text
from pipeline.extract.read.picture.halves import are_halves
from pipeline.extract.read.picture.ink_lines import InkLine, crop_to_lines, stacked
from pipeline.extract.read.picture.number_shapes import hold_against_ink, line_to_dashes
from pipeline.extract.read.picture.pictures import LineReading, Shades
from pipeline.extract.read.picture.recogniser import NO_READING, lines_to_readings
from pipeline.records import Glyph

LIKE_DIGITS = frozenset("OoQDUC〇○◯日曰口lIi|!丨[]ZzSsBbgq")
"""Characters that a lone digit is taken for. Chinese numerals are not among them: a faxed 4 is no 十."""

FULL_WIDTH_DIGITS = frozenset("０１２３４５６７８９")

LIKE_ZERO = frozenset("Oo")
"""Letters that are digits beside ideographs too: 减0, 10件."""

NUMBER_SIGNS = frozenset("0123456789.,-+%()/:·")
"""Characters beside digits in the cells of numbers."""

LONG_MIN_RATIO = 2.6
"""Times its height. A line that is longer is most likely a label."""

SQUEEZE = 0.6
"""Times. Long lines are made so much narrower: the model reads ideographs as well so, in less time.

Of 822 lines of labels in twelve tuning scans 6 are read wrongly at .7 and at .6, 10 at .5.
"""

MORE_DIGITS_STRETCH = 1.6
"""Times. Lines are made so much wider where the model read fewer digits than there are, or nothing."""


class CellText(NamedTuple):
    """The text of a cell as printed, as in `RawCell`.

    `unsure` says in words where the recogniser itself saw a conflict; "" where it saw none.
    """

    text: str
    unsure: str = ""


class _Run(NamedTuple):
    """Characters of a line, and their left and right edge in its crop."""

    text: str
    left: float
    right: float


class _ReadLine(NamedTuple):
    """A line with its text; `size` is the side of ideographs (pixels), `words` what is doubtful."""

    line: InkLine
    runs: tuple[_Run, ...]
    size: float
    words: str


def crops_to_texts(crops: Sequence[Shades], scale: float) -> list[CellText]:
    """Return what each crop of a cell (shades, the whole cell without its rulings) says, in their order.

    `scale` is pixels a point. Blank cells are told by their ink. Wrapped lines are joined.
    """
    lines = [crop_to_lines(crop, scale) for crop in crops]
    read = iter(_lines_to_read([line for own in lines for line in own], scale))
    by_cell = [_whole([next(read) for _ in own], scale) for own in lines]
    return [_cell_text(own, crop.shape[1] / scale, scale) for crop, own in zip(crops, by_cell, strict=True)]


def _whole(lines: list[_ReadLine], scale: float) -> list[_ReadLine]:
    """Return the lines of a cell; two that are the halves of one large ideograph (零) as one."""
    return _lines_to_read([stacked([line.line for line in lines])], scale) if _are_halves(lines) else lines


def _are_halves(lines: Sequence[_ReadLine]) -> bool:
    """Whether the lines of a cell are the two halves of an ideograph."""
    if len(lines) != 2:
        return False
    texts = ["".join(run.text for run in line.runs) for line in lines]
    upper, lower = (line.line for line in lines)
    height = lower.top + lower.ink.shape[0] - upper.top
    return are_halves(texts[0], texts[1], max(upper.ink.shape[1], lower.ink.shape[1]), height)


def _lines_to_read(lines: Sequence[InkLine], scale: float) -> list[_ReadLine]:
    """Return lines with their texts; where ink and model disagree, the model sees them stretched."""
    read = [
        _read_line(line, reading, scale) for line, reading in zip(lines, _readings(lines, scale), strict=True)
    ]
    doubtful = [at for at, line in enumerate(read) if line.words]
    for at, reading in zip(
        doubtful, _drawn([lines[at] for at in doubtful], MORE_DIGITS_STRETCH), strict=True
    ):
        again = _read_line(lines[at], reading, scale)
        read[at] = read[at] if again.words else again
    return read


def _readings(lines: Sequence[InkLine], scale: float) -> list[LineReading]:
    """Return what the model reads in lines, the long ones squeezed unless they turn out to be numbers.

    Dashes are not sent to it.
    """
    worded = [at for at, line in enumerate(lines) if not line_to_dashes(line, scale)]
    long = [at for at in worded if lines[at].crop.shape[1] > LONG_MIN_RATIO * lines[at].crop.shape[0]]
    squeezed = zip(long, _drawn([lines[at] for at in long], SQUEEZE), strict=True)
    found = {at: reading for at, reading in squeezed if not _is_numeric(reading.text)}
    others = [at for at in worded if at not in found]
    found |= zip(others, _drawn([lines[at] for at in others], 1.0), strict=True)
    return [found.get(at, NO_READING) for at in range(len(lines))]


def _drawn(lines: Sequence[InkLine], stretch: float) -> list[LineReading]:
    """Return what the model reads in lines that are drawn so many times as wide."""
    return lines_to_readings([line.crop for line in lines], simplified=True, stretch=stretch)


def _is_numeric(text: str) -> bool:
    """Whether most of a text are characters of numbers."""
    return 2 * sum(char in NUMBER_SIGNS for char in text) > len(text)


def _read_line(line: InkLine, reading: LineReading, scale: float) -> _ReadLine:
    """Return a line with the text of a reading as its ink allows it."""
    if dashes := line_to_dashes(line, scale):
        width = line.ink.shape[1]
        return _ReadLine(line, (_Run(dashes, 0, width),), width / len(dashes), "")
    if not reading.text:
        return _ReadLine(line, (), reading.size, "nothing was read")
    held = hold_against_ink(_digits_first(reading), line, scale)
    runs = (_Run(text, *place) for text, place in zip(held.texts, reading.places, strict=True) if text)
    return _ReadLine(line, tuple(runs), reading.size, held.words)


def _cell_text(lines: Sequence[_ReadLine], width: float, scale: float) -> CellText:
    """Return the text of a cell of some width (points)."""
    glyphs = [glyph for line in lines for glyph in _glyphs(line, scale)]
    words = next((line.words for line in lines if line.words), "")
    if not glyphs:
        return CellText(UNNAMED if lines else "", words)
    return CellText(glyphs_to_cell_text(glyphs, width, is_ruled=True), words)


def _glyphs(line: _ReadLine, scale: float) -> Iterator[Glyph]:
    """Yield the characters of a line with their boxes, in points from the cell's corner."""
    rows = np.flatnonzero(line.line.ink.any(axis=1))
    middle = line.line.top + (rows[0] + rows[-1] + 1) / 2
    top, bottom = (middle - line.size / 2) / scale, (middle + line.size / 2) / scale
    for text, left, right in line.runs:
        yield Glyph(text, (line.line.left + left) / scale, top, (line.line.left + right) / scale, bottom)


def _digits_first(reading: LineReading) -> str:
    """Return the text of a line, with digits in place of what looks like them where nothing else stands."""
    taken = LIKE_DIGITS | FULL_WIDTH_DIGITS
    alike = taken if (NUMBER_SIGNS | taken).issuperset(reading.text) else LIKE_ZERO | FULL_WIDTH_DIGITS
    said = zip(reading.text, reading.digits, strict=True)
    return "".join(digit if char in alike else char for char, digit in said)
