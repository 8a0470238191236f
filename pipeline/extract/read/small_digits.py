"""Tell the raised or lowered small digits of footnotes from the digits of the number before them.

2608 with a small raised 1 is 2608¹ and not 26081. Sizes are told by widths, for fonts declare boxes of any
height; a shift is told by the boxes where both digits are of one font, else by their middles.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.records import Glyph

MARK_MAX_WIDTH_RATIO = 0.9
"""Share of a number's digits. A mark's digits are narrower: browsers make raised ones 0.83 as large.

Taught by numbers whose last digits were set anew a tenth larger: one number all the same.
"""

SMALL_MARK_MAX_WIDTH_RATIO = 0.75
"""Share of a number's digits. Digits so small that follow a number are no part of it, wherever they stand."""

SMALL_MARK_MIN_SHIFT_RATIO = 0.3
"""Share of a digit's width, which is half of its size. A small mark is raised or lowered by more."""

MARK_MIN_SHIFT_RATIO = 0.4
"""Share of a digit's width. A mark that is hardly smaller than its number is raised or lowered by more.

Taught by hand-made corrections that stand 1.2 points higher than the digits before them.
"""

MARK_MAX_GAP_RATIO = 0.6
"""Share of a digit's width. A mark stands no further from its number."""

SAME_FONT_MAX_DIFFERENCE = 0.06
"""Share of a digit's size. Widths and heights of digits of one font shrink alike, but for as much."""

BELOW_BASELINE_SHARE = 0.22
"""Share of a box's height. So much of it lies below the line on which digits stand, give or take a tenth."""

MIDDLE_RATIO = 0.72
"""Share of a digit's width. So far above the line on which digits stand is the middle of a box, or nearly."""

UNSURE = "\ufffd"
"""In place of a digit of which nobody can say whether it is a mark or a part of the number."""

_RAISED = str.maketrans("0123456789０１２３４５６７８９", "⁰¹²³⁴⁵⁶⁷⁸⁹" * 2)
_LOWERED = str.maketrans("0123456789０１２３４５６７８９", "₀₁₂₃₄₅₆₇₈₉" * 2)


def with_marks(line: Sequence[Glyph]) -> Sequence[Glyph]:
    """Return a line, sorted from left to right, with the digits of marks in their raised or lowered forms."""
    if not _has_two_sizes(line):
        return line
    marked: list[Glyph] = []
    number: Glyph | None = None
    for glyph in line:
        near = marked and glyph.x0 - marked[-1].x1 <= MARK_MAX_GAP_RATIO * _width(number or glyph)
        if not (number and near and glyph.text.isdecimal()):
            number = glyph if glyph.text[-1].isdecimal() else None
        elif _width(glyph) > _width(number):
            marked, number = [*marked[:-1], _as_mark(number, glyph)], glyph
        else:
            glyph = _as_mark(glyph, number)
            number = glyph if glyph.text.isdecimal() else number
        marked.append(glyph)
    return marked


def lines_with_marks(lines: Sequence[list[Glyph]]) -> list[Sequence[Glyph]]:
    """Return the lines of a cell, from top to bottom, with the digits of marks raised or lowered.

    A mark that stands so high or low that it makes a line of its own is put back into that of its number.
    """
    joined = [lines[0]]
    for line in lines[1:]:
        if _is_mark_beside(line, joined[-1]) or _is_mark_beside(joined[-1], line):
            joined[-1] = sorted([*joined[-1], *line], key=lambda glyph: glyph.x0)
        else:
            joined.append(line)
    return [with_marks(line) for line in joined]


def _is_mark_beside(line: Sequence[Glyph], other: Sequence[Glyph]) -> bool:
    """Whether a line is one run of small digits, beside the end of the other, which is a digit."""
    mark, number = line[0], other[-1]
    if len(line) > 1 or not (mark.text.isdecimal() and number.text[-1].isdecimal()):
        return False
    width = _width(number)
    return (
        _width(mark) <= SMALL_MARK_MAX_WIDTH_RATIO * width
        and abs(mark.x0 - number.x1) <= MARK_MAX_GAP_RATIO * width
        and mark.top < number.bottom
        and number.top < mark.bottom
    )


def _has_two_sizes(line: Sequence[Glyph]) -> bool:
    """Whether digits of a line have different boxes, as in few lines."""
    if len(line) == 1:
        return False
    boxes = {(glyph.top, glyph.bottom) for glyph in line if glyph.text[-1].isdecimal()}
    return len(boxes) > 1


def _as_mark(glyph: Glyph, number: Glyph) -> Glyph:
    """Return a glyph of smaller digits as the mark it is beside a number, as it is, or as unsure."""
    width = _width(number)
    ratio, shift = _width(glyph) / width, _rise(glyph, number) / width
    if ratio > MARK_MAX_WIDTH_RATIO:
        is_unsure = abs(shift) > MARK_MIN_SHIFT_RATIO and not _is_of_one_font(glyph, number)
        return glyph._replace(text=UNSURE * len(glyph.text)) if is_unsure else glyph
    small = ratio <= SMALL_MARK_MAX_WIDTH_RATIO
    if abs(shift) <= (SMALL_MARK_MIN_SHIFT_RATIO if small else MARK_MIN_SHIFT_RATIO):
        return glyph._replace(text=UNSURE * len(glyph.text)) if small else glyph
    return glyph._replace(text=glyph.text.translate(_RAISED if shift > 0 else _LOWERED))


def _rise(glyph: Glyph, number: Glyph) -> float:
    """Return by how many points a smaller digit stands higher than those of a number.

    Boxes of two fonts tell it by their middles, and less well.
    """
    if _is_of_one_font(glyph, number):
        return number.bottom - glyph.bottom - BELOW_BASELINE_SHARE * (number.height - glyph.height)
    higher = (number.top + number.bottom - glyph.top - glyph.bottom) / 2
    return higher + MIDDLE_RATIO * (_width(number) - _width(glyph))


def _is_of_one_font(one: Glyph, two: Glyph) -> bool:
    """Whether the boxes of two digits are alike but for their size."""
    return abs(one.height / two.height - _width(one) / _width(two)) < SAME_FONT_MAX_DIFFERENCE


def _width(glyph: Glyph) -> float:
    """Return the width of a glyph's last character in points."""
    if glyph.parts:
        return glyph.parts[-1, 2] - glyph.parts[-1, 0]
    return glyph.x1 - glyph.x0
