"""Recognise the text in pictures of single lines."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.character_places import characters_to_places, is_wide
from pipeline.extract.read.picture.ink_lines import shades_to_ink
from pipeline.extract.read.picture.line_model import characters, lines_to_outputs
from pipeline.extract.read.picture.pictures import LineReading, Mask, Shades

LINE_HEIGHT = 48
"""Pixels. The model takes lines of this height."""

INK_HEIGHT = 32
"""Pixels. The ink of a line is drawn so high for the model, whose digits it knows best in this size."""

MARGIN = 4
"""Pixels. So much paper stands left and right of the ink."""

LINE_MAX_WIDTH = 60 * LINE_HEIGHT
"""Pixels. What is longer, drawn so, is no text but a ruling's remain; it would take memory without bound."""

WIDTH_STEP = 8
"""Pixels. The model says one class of each so many; lines are made up to a multiple."""

INK_SHARE = 0.92
"""Share of an ideograph's side. The ink of ideographs, and of brackets, is so high."""

DIGITS_HEIGHT_SHARE = 0.7
"""Share of an ideograph's side. Digits are so high."""

FLAT = frozenset("一二三工口日曰")
"""Ideographs whose ink may be much lower than others are, so that a line of them alone is."""

LOW_MAX_SIDE, FULL_MAX_SIDE = 2.0, 1.35
"""Times the height of a line's ink. The side of ideographs is no more, where all are low, and where not.

Taught by 零 and 无 of two columns, read as one line: by their distance they were as large as a title.
"""

SIGN_ROWS, FIRST_ROW = b"\xa1\xa2\xa3", b"\xb0"
"""The rows of GB 2312 with signs and full-width forms, and the first with ideographs. The others hold letters
of other scripts."""

BLANK = 0
"""Index. The class of the model's output that is no character; the last one is a space."""

Floats = npt.NDArray[np.float32]


NO_READING = LineReading("", (), 1.0, 0.0, "")


class _Input(NamedTuple):
    """A line as the model takes it, `scale` times as large as its crop, whose column `left` is at MARGIN."""

    line: Shades
    left: int
    scale: float


class _Peak(NamedTuple):
    """A character that the model says, the middle of where (pixels of the crop), and how sure it is.

    `digit` is the digit that it is if it has to be one.
    """

    text: str
    middle: float
    sureness: float
    digit: str


def lines_to_readings(
    crops: Sequence[Shades], simplified: bool = False, stretch: float = 1.0
) -> list[LineReading]:
    """Return what each crop of one line (shades) says, in their order.

    Each line is read by itself, for the same crop has to say the same in any company. Equal ones are read
    once. The labels of forms are `simplified` Chinese, of which small print may look like traditional one;
    names may have rare characters. Lines may be drawn for the model so many times as wide as they are:
    `stretch`; of characters that are set close together it passes over those that are like the one before.
    """
    known: dict[tuple[object, bytes], LineReading] = {}
    for crop in crops:
        key = crop.shape, crop.tobytes()
        if key not in known:
            known[key] = _crop_to_reading(crop, simplified, stretch)
    return [known[crop.shape, crop.tobytes()] for crop in crops]


def _crop_to_reading(crop: Shades, simplified: bool, stretch: float) -> LineReading:
    """Return what one line says; "" where it has no ink, or is too long for a line."""
    ink = shades_to_ink(crop)
    if not ink.any():
        return NO_READING
    given = _crop_to_input(crop, ink, stretch)
    if given.line.shape[1] > LINE_MAX_WIDTH:
        return NO_READING
    peaks = _output_to_peaks(_run(given.line), given, simplified)
    text, digits = "".join(peak.text for peak in peaks), "".join(peak.digit for peak in peaks)
    size = _size(text, *_sides(ink))
    sureness = min((peak.sureness for peak in peaks), default=1.0)
    places = characters_to_places(text, [peak.middle for peak in peaks], size, ink)
    return LineReading(text, places, sureness, size, digits)


def _crop_to_input(crop: Shades, ink: Mask, stretch: float) -> _Input:
    """Return a line as the model takes it: its ink of one height, in the middle, with margins.

    The ink of a lone dash or 一 is drawn as wide as that of other lines is high.
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    top, bottom = max(int(rows[0]) - 1, 0), min(int(rows[-1]) + 2, len(crop))
    left, right = max(int(columns[0]) - 1, 0), min(int(columns[-1]) + 2, crop.shape[1])
    size = max(bottom - top, min(right - left, len(crop)))
    scale = INK_HEIGHT / size
    height = min(max(round((bottom - top) * scale), 1), LINE_HEIGHT)
    width = max(round((right - left) * scale * stretch), 1)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    drawn = cv2.resize(crop[top:bottom, left:right], (width, height), interpolation=method)
    line = np.full((LINE_HEIGHT, -(-(width + 2 * MARGIN) // WIDTH_STEP) * WIDTH_STEP), 255, np.uint8)
    above = (LINE_HEIGHT - height) // 2
    line[above : above + height, MARGIN : MARGIN + width] = drawn
    return _Input(line, left, width / (right - left))


def _run(line: Shades) -> Floats:
    """Return the probabilities that the model gives for a line: steps from left to right × classes."""
    scaled = line.astype(np.float32) / 127.5 - 1
    output: Floats = lines_to_outputs(np.repeat(scaled[None, None], 3, axis=1))[0]
    return output


def _output_to_peaks(output: Floats, given: _Input, simplified: bool) -> list[_Peak]:
    """Return the characters of one line; each class is said anew where another or none stands between.

    Blanks are left out: gaps tell them.
    """
    best = output.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
    peaks = []
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        said = best[start]
        if said != BLANK and not characters()[said].isspace():
            steps = np.average(np.arange(start, end), weights=output[start:end, said])
            middle = (float(steps) + 0.5) * WIDTH_STEP
            at = given.left + (middle - MARGIN) / given.scale
            sureness = output[start:end].max(axis=0)
            if simplified and not _simplified()[said]:
                said = np.where(_simplified(), sureness, 0).argmax()
            peaks.append(_peak(sureness, int(said), at))
    return peaks


def _peak(sureness: Floats, said: int, middle: float) -> _Peak:
    """Return the character of a class, and the digit that is surest in its place."""
    digits = _digits()
    digit = digits[int(sureness[digits].argmax())]
    return _Peak(characters()[said], middle, float(sureness[said]), characters()[digit])


@cache
def _simplified() -> Mask:
    """Return of each class whether it is a character that simplified Chinese is printed with."""
    codes = [char.strip().encode("gb2312", "ignore") for char in characters()]
    return np.array(
        [
            len(code) == 1 or (code > b"" and (code[:1] >= FIRST_ROW or code[:1] in SIGN_ROWS))
            for code in codes
        ]
    )


@cache
def _digits() -> npt.NDArray[np.int64]:
    """Return the classes of the digits, from 0 to 9."""
    return np.array([characters().index(digit) for digit in string.digits])


def _sides(ink: Mask) -> tuple[int, int]:
    """Return the height and the width of ink, from its first pixel to its last."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1


def _size(text: str, height: int, width: int) -> float:
    """Return the side of ideographs in a line of text, by the height and width of its ink."""
    if not any(is_wide(char) or char in "()" for char in text):
        return height / DIGITS_HEIGHT_SHARE
    most = LOW_MAX_SIDE if FLAT.issuperset(text) else FULL_MAX_SIDE
    return max(height, min(width / len(text), most * height)) / INK_SHARE
