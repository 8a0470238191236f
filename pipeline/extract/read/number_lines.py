"""Tell what two lines of digits in one cell are: one broken number, two numbers, or a neighbour's number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.read.glyphs import glyphs_to_lines, runs_to_glyphs
from pipeline.records import Glyph

BROKEN_MIN_PITCH_RATIO = 1.75
"""Share of a digit's width, which is half of its size. Lines of one number stand at least so far apart.

Taught by a number on a ruling: it overlaps the number of the cell below.
"""

BROKEN_MAX_PITCH_RATIO = 3.2
"""Share of a digit's width. Lines of one number stand no further apart, as set with single spacing."""

BROKEN_MAX_SIZE_DIFFERENCE = 0.05
"""Share of a digit's height. The digits of one number are of one size."""

STRAY_MIN_CROSSING_RATIO = 0.15
"""Share of a digit's width. A digit stands on a ruling where more of its shape lies beyond."""

DIGIT_HEIGHT_RATIO = 1.3
"""Share of a digit's width. So high is its shape, around the middle of its box."""

TWO_LINES = re.compile(r"[0-9.,]+\n[0-9.,]+")
"""The text of a cell with two lines of digits and nothing else."""

_SURE = re.compile(r"[0-9][0-9,]*[.,]\n[0-9]+|[1-9][0-9]*\n(?:0[0-9]+|[.,][0-9]+)")
"""Two lines that only one number gives: a point at their border, or a rest with a leading zero."""

_REST = re.compile(r"[1-9][0-9]+\n[0-9]|([1-9])\n\1")
"""Two lines that a number may give: its last digit is left over; or one digit twice.

A number that was amended differs from the new one beside it.
"""


def is_surely_one(text: str) -> bool:
    """Whether two lines of digits can be nothing but one number: its rest is no number by itself."""
    return bool(_SURE.fullmatch(text))


def may_be_one(text: str) -> bool:
    """Whether two lines of digits may be one number, of which the last digit is left over."""
    return bool(_REST.fullmatch(text))


def is_broken_number(glyphs: Sequence[Glyph], text: str) -> bool:
    """Whether the glyphs of a cell, digits in two lines with this text, are one number that was broken.

    Nothing in the row may tell otherwise; `Grid` looks there.
    """
    if not (is_surely_one(text) or may_be_one(text)):
        return False
    lines = glyphs_to_lines(runs_to_glyphs(glyphs))
    return len(lines) == 2 and _are_set_as_one(*lines)


def _are_set_as_one(upper: Sequence[Glyph], lower: Sequence[Glyph]) -> bool:
    """Whether two lines of digits are of one size, aligned, and as far apart as lines of a text."""
    width = max(glyph.x1 - glyph.x0 for glyph in (*upper, *lower))
    heights = [glyph.height for glyph in (*upper, *lower) if glyph.text.isdecimal()]  # commas hang lower
    pitch = lower[0].top - upper[0].top
    left, right = lower[0].x0 - upper[0].x0, lower[-1].x1 - upper[-1].x1
    aligned = min(abs(left), abs(right), abs(left + right) / 2) < width / 4
    return (
        max(heights) - min(heights) <= BROKEN_MAX_SIZE_DIFFERENCE * max(heights)
        and BROKEN_MIN_PITCH_RATIO * width <= pitch <= BROKEN_MAX_PITCH_RATIO * width
        and aligned
    )


def split_at_border(glyphs: Sequence[Glyph], border: float) -> tuple[list[Glyph], list[Glyph]]:
    """Return the glyphs of a cell that stand in it, and those of a number that stands on one of its rulings.

    All are the cell's own where they are not digits in two lines that stand closer than lines of one text.
    """
    if not all(glyph.text.isdecimal() for glyph in glyphs):
        return list(glyphs), []
    single = runs_to_glyphs(glyphs)
    lines = glyphs_to_lines(single)
    if len(lines) != 2 or [_is_on(line[0], border) for line in lines].count(True) != 1:
        return list(glyphs), []
    width = max(glyph.x1 - glyph.x0 for glyph in single)
    if abs(lines[1][0].top - lines[0][0].top) >= BROKEN_MIN_PITCH_RATIO * width:
        return list(glyphs), []
    own, strays = lines if _is_on(lines[1][0], border) else lines[::-1]
    return own, strays


def _is_on(digit: Glyph, border: float) -> bool:
    """Whether the shape of a digit lies on a horizontal ruling, and not on one side of it."""
    width = digit.x1 - digit.x0
    middle, half = (digit.top + digit.bottom) / 2, DIGIT_HEIGHT_RATIO * width / 2
    return abs(middle - border) < half - STRAY_MIN_CROSSING_RATIO * width
