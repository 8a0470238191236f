"""Find the page numbers that a program stamped over a table: they count with the pages.

They stand all in one place, or off the line of a number beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from pipeline.extract.read.grid import PageContent
from pipeline.extract.read.number_gaps import digit_width
from pipeline.extract.read.small_digits import SMALL_MARK_MAX_WIDTH_RATIO
from pipeline.records import Corners, Glyph

STAMP_MAX_SHIFT = 3.5
"""Points. The middle of a page number stands within it on the page before; 10 is as wide again as 9."""

STAMP_MIN_SIZE_DIFFERENCE = 0.03
"""Share of the usual height of a page's digits. A stamp's digits are higher or less high by more.

A number of a table that counts with the pages by chance has the size of its neighbours.
"""

BESIDE_MAX_GAP_RATIO = 1.0
"""Share of a stamp's height. So near behind a number it may be taken for a part of it."""

OFF_LINE_MIN_SHIFT_RATIO = 0.2
"""Share of a stamp's height. Its middle is so much lower or higher than that of the number."""


DASHES = frozenset("-‐‑–—－─")
"""What stands before and behind a page number: - 2 -."""


def with_stamps(pages: Iterable[PageContent]) -> Iterator[PageContent]:
    """Yield the pages, from the first on, with the boxes of the page numbers that were stamped on them.

    A stamp is the number of its page, of another size than the page's other numbers. All pages before have
    theirs in its place, or it stands off the line of a number before it. Where the pages do not begin with
    the first, none is found. Dashes on both sides are of the stamp.
    """
    before: list[Corners] = []
    for expected, page in enumerate(pages, start=1):
        numbers = {str(page.number), *(f"{dash}{page.number}{dash}" for dash in DASHES)}
        own = [g for g in page.glyphs if g[0] in numbers] if page.number == expected else []
        placed = [
            glyph
            for glyph in own
            if expected > 1 and any(_is_in_one_place(glyph[1:5], box) for box in before)
        ]
        stamps = [
            part[1:5]
            for glyph in _of_own_size(own, page)
            if glyph in placed or any(_is_off_line(glyph, other) for other in _before(glyph, page.glyphs))
            for part in (glyph, *_dashes_around(glyph, page.glyphs))
        ]
        yield replace(page, stamps=stamps) if stamps else page
        before = [glyph[1:5] for glyph in (placed if expected > 1 else own)]


def _before(stamp: Glyph, glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Return the glyphs that end close before a stamp, on whatever line."""
    reach = BESIDE_MAX_GAP_RATIO * stamp.height
    return [glyph for glyph in glyphs if 0 < stamp[1] - glyph[3] <= reach]


def _is_off_line(stamp: Glyph, number: Glyph) -> bool:
    """Whether a stamp stands lower or higher than a number before it, and is too large for its mark."""
    shift = abs(stamp.top + stamp.bottom - number.top - number.bottom) / 2
    return (
        number.text[-1].isdecimal()
        and digit_width(stamp) > SMALL_MARK_MAX_WIDTH_RATIO * digit_width(number)
        and OFF_LINE_MIN_SHIFT_RATIO * stamp.height < shift < stamp.height
    )


def _dashes_around(stamp: Glyph, glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Return the dashes close before and behind a stamp, on its line; none where one is missing."""
    beside = [
        glyph
        for glyph in glyphs
        if glyph.text in DASHES
        and stamp.top < (glyph.top + glyph.bottom) / 2 < stamp.bottom
        and max(glyph.x0 - stamp.x1, stamp.x0 - glyph.x1) <= BESIDE_MAX_GAP_RATIO * stamp.height
    ]
    return beside if len({glyph.x0 < stamp.x0 for glyph in beside}) == len(beside) == 2 else []


def _of_own_size(numbers: Sequence[Glyph], page: PageContent) -> list[Glyph]:
    """Return those of these numbers that are higher or less high than most numbers of their page."""
    if not numbers:
        return []
    usual = median([glyph.height for glyph in page.glyphs if glyph.text.isdecimal()])
    return [one for one in numbers if abs(one.height - usual) > STAMP_MIN_SIZE_DIFFERENCE * usual]


def _is_in_one_place(one: Corners, two: Corners) -> bool:
    """Whether two boxes on two pages have their middles in one place."""
    across, down = one[0] + one[2] - two[0] - two[2], one[1] + one[3] - two[1] - two[3]
    return abs(across) <= 2 * STAMP_MAX_SHIFT and abs(down) <= 2 * STAMP_MAX_SHIFT
