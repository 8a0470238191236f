"""Tell what the gaps within a number of one line mean: letter-spacing, thousands, or two numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pipeline.records import Glyph

LETTER_SPACING_MAX_GAP_RATIO = 1.0
"""Share of a digit's width, which is half of its size. Digits that are set apart stand no further apart.

Taught by numbers set 3 points apart; numbers of two columns stand further apart.
"""

LETTER_SPACED_MIN_DIGITS = 3
"""Count. Of fewer digits no gap is like the other: they may be two numbers, unless the table has more such.

Taught by 3 6 in a table with 2 6 0 8, all set 3 points apart; two numbers with a blank look the same.
"""

THIN_BLANK_MAX_GAP_RATIO = 0.75
"""Share of a digit's width. Outside of ruled cells no wider gap separates thousands."""

THOUSANDS_MAX_GAP_RATIO = 2.1
"""Share of a digit's width. An ideographic blank, twice as wide as a digit, may separate thousands."""

EQUAL_GAPS_MAX_DIFFERENCE_RATIO = 0.2
"""Share of a digit's width. Gaps that were set alike differ by no more."""

GROUP_SEPARATOR = "\u2009"
"""The thin blank that stands in a text where a gap separates thousands."""

PAIR = re.compile(r"[0-9] [0-9](?![0-9.,]| [0-9])[^0-9]*")
"""The text of a cell with two digits that stand apart, and perhaps a unit."""

_NUMERIC = frozenset("0123456789.,０１２３４５６７８９．，")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:\.[0-9]+)?")


def separators_in_number(line: Sequence[Glyph], separators: list[str], is_ruled: bool) -> list[str]:
    """Return the separators before the glyphs of a line as they are, or as the gaps in its number say.

    `separators` has a blank before each glyph that stands apart from the one before it. Outside of ruled
    cells a wide gap is one between columns.
    """
    inner = [
        at
        for at in range(1, len(line))
        if separators[at] and line[at].text[0] in _NUMERIC and line[at - 1].text[-1] in _NUMERIC
    ]
    if not inner:
        return separators
    first, last = _number_around(line, separators, inner)
    if any(glyph.text[0] in _NUMERIC for glyph in (*line[:first], *line[last + 1 :])):
        return separators  # another number stands in the line
    meaning = _meaning(line[first : last + 1], separators[first + 1 : last + 1], is_ruled)
    if meaning is None:
        return separators
    return [meaning if at in inner else before for at, before in enumerate(separators)]


def letter_spacing(glyphs: Sequence[Glyph]) -> float | None:
    """Return the gap between the digits of a cell that are set apart evenly, as a share of their width.

    None where they are not. There may be two digits only.
    """
    digits = sorted((glyph for glyph in glyphs if glyph.text.isdecimal()), key=lambda glyph: glyph.x0)
    if len(digits) < 2 or any(len(glyph.text) > 1 for glyph in digits) or not _is_of_one_size(digits):
        return None
    width = max(map(digit_width, digits))
    gaps = [after.x0 - before.x1 for before, after in pairwise(digits)]
    is_even = max(gaps) - min(gaps) <= EQUAL_GAPS_MAX_DIFFERENCE_RATIO * width
    return gaps[0] / width if is_even and 0 < min(gaps) <= LETTER_SPACING_MAX_GAP_RATIO * width else None


def are_set_alike(pair: Sequence[Glyph], others: Iterable[Sequence[Glyph]]) -> bool:
    """Whether two digits stand as far apart as those of a longer number among other cells of the table."""
    own = letter_spacing(pair)
    if own is None:
        return False
    spacings = (letter_spacing(other) for other in others if _has_many_digits(other))
    return any(found and abs(found - own) <= EQUAL_GAPS_MAX_DIFFERENCE_RATIO / 2 for found in spacings)


def _has_many_digits(glyphs: Sequence[Glyph]) -> bool:
    """Whether the glyphs of a cell are digits and nothing else, and so many that their gaps tell."""
    return len(glyphs) >= LETTER_SPACED_MIN_DIGITS and all(glyph.text.isdecimal() for glyph in glyphs)


def _number_around(line: Sequence[Glyph], separators: Sequence[str], inner: Sequence[int]) -> tuple[int, int]:
    """Return the indices of the first and the last glyph of the number that has these gaps."""
    first, last = inner[0] - 1, inner[-1]
    while first > 0 and not separators[first] and line[first - 1].text[-1] in _NUMERIC:
        first -= 1
    while last + 1 < len(line) and not separators[last + 1] and line[last + 1].text[0] in _NUMERIC:
        last += 1
    return first, last


def _meaning(number: Sequence[Glyph], separators: Sequence[str], is_ruled: bool) -> str | None:
    """Return what stands for the gaps of a number: nothing, a group separator, or None where they differ."""
    gaps = [after.x0 - before.x1 for before, after, apart in _pairs(number, separators) if apart]
    width = max(digit_width(glyph) for glyph in number)
    if max(gaps) - min(gaps) > EQUAL_GAPS_MAX_DIFFERENCE_RATIO * width or not _is_of_one_size(number):
        return None
    if all(len(glyph.text) == 1 for glyph in number) and len(gaps) == len(number) - 1:
        is_spaced = (
            len(number) >= LETTER_SPACED_MIN_DIGITS and max(gaps) <= LETTER_SPACING_MAX_GAP_RATIO * width
        )
        return "" if is_spaced else None
    text = number[0].text + "".join(
        apart + glyph.text for apart, glyph in zip(separators, number[1:], strict=True)
    )
    most = THOUSANDS_MAX_GAP_RATIO if is_ruled else THIN_BLANK_MAX_GAP_RATIO
    return GROUP_SEPARATOR if _GROUPS.fullmatch(text) and max(gaps) <= most * width else None


def _pairs(number: Sequence[Glyph], separators: Sequence[str]) -> list[tuple[Glyph, Glyph, str]]:
    """Return every glyph with the next one and what stands between them."""
    return list(zip(number, number[1:], separators, strict=False))


def _is_of_one_size(number: Sequence[Glyph]) -> bool:
    """Whether all glyphs of a number have boxes of one height."""
    heights = [glyph.height for glyph in number]
    return max(heights) - min(heights) <= EQUAL_GAPS_MAX_DIFFERENCE_RATIO * max(heights)


def digit_width(glyph: Glyph) -> float:
    """Return the mean width of a glyph's characters in points."""
    return (glyph.x1 - glyph.x0) / len(glyph.text)
