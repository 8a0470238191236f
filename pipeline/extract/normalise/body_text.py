"""Drop from the lines what stands around the text, and from texts the blanks that only justify them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import median

from pipeline.extract.normalise.chapter_forms import load_chapter_forms
from pipeline.forms.labels import ideographs
from pipeline.records import TextLine

# Blanks beside anything but Latin are justification or the space that word processors set around digits.
_JUSTIFICATION = re.compile(r"(?<=[^\x00-\u024f]) | (?=[^\x00-\u024f])")
_PAGE_NUMBERS = re.compile(r"(?<![0-9])[0-9]{1,3}(?![0-9])")
_NUMBERED_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、[^。]*")
_NUMBER_ALONE = re.compile(r"[0-9]{1,3}")
_PAGE_EDGE_SHARE = 0.12
"""Share of the page's height.

A number alone on its line, as near to the top or the foot, is a page number.
"""

_WATERMARK_LINE_MIN_HEIGHT_RATIO = 4.0
"""Times the usual height of a line. A higher line of few characters is a watermark.

A line of text that a watermark runs through is as high, and has more characters.
"""

_WATERMARK_LINE_MAX_CHARACTERS = 4
"""Count. A line that is a watermark has no more characters."""

_FURNITURE_MAX_CHARACTERS = 120
"""Count. A page header or a line of contents has no more characters; longer lines cost time to match."""

_SAME_PLACE_WIDTH = 40.0
"""Points. Lines whose middles fall into the same stretch across the page stand in one place.

A page number makes a repeated line longer on some pages.
"""

_SAME_PLACE_HEIGHT = 3.0
"""Points. Lines whose tops fall into the same stretch down the page stand in one place."""

CACHED_LINES_MAX = 1024
"""Count. As many lines are kept in memory: those of one report, which are looked at for this and that."""

Place = tuple[str, int, int]
"""The text of a line with # for numbers of pages, and the stretches down and across the page it stands in."""


def squeeze(text: str) -> str:
    """Return text without the blanks that only justify it; words of Latin letters keep one between them."""
    spaced = " ".join(ideographs(text).split())
    return _JUSTIFICATION.sub("", spaced) if " " in spaced else spaced


@lru_cache(maxsize=CACHED_LINES_MAX)
def compact(text: str) -> str:
    """Return text without any white space, and with ideographs in place of radicals."""
    return "".join(ideographs(text).split())


def lines_to_body(
    lines: Sequence[TextLine], page_sizes: Sequence[tuple[float, float]] = ()
) -> tuple[TextLine, ...]:
    """Return the lines without page headers, page numbers, contents and watermarks.

    Radicals become ideographs. `page_sizes` are width and height of every page in points; without them any
    number alone on its line is a page number.
    """
    places = [*map(_place, lines)]
    repeated = _repeated(lines, places)
    tall = _WATERMARK_LINE_MIN_HEIGHT_RATIO * median(height_of(line) for line in lines) if lines else 0.0
    return tuple(
        TextLine(line.page, ideographs(line.text), line.box)
        for line, place in zip(lines, places, strict=True)
        if line.text.strip()
        and not (height_of(line) > tall and len(line.text) <= _WATERMARK_LINE_MAX_CHARACTERS)
        and place not in repeated
        and not _is_furniture(line.text)
        and not _is_page_number(line, page_sizes)
    )


@lru_cache(maxsize=CACHED_LINES_MAX)
def _is_furniture(text: str) -> bool:
    """Whether a line is a page header or a line of contents, as sections.toml has them."""
    return len(text) <= _FURNITURE_MAX_CHARACTERS and bool(
        load_chapter_forms().furniture.fullmatch(compact(text))
    )


def _repeated(lines: Sequence[TextLine], places: Sequence[Place]) -> set[Place]:
    """Return which of the lines' places are the same on at least half of the pages, their numbers aside.

    The agency above the title may sign at the same height of the last page, but not in the same place. Where
    the heading of a chapter is printed again, a report is: what all those pages have is text of each.
    """
    pages: dict[Place, set[int]] = {}
    for line, place in zip(lines, places, strict=True):
        pages.setdefault(place, set()).add(line.page)
    count = len({line.page for line in lines})
    repeated = {place for place, found in pages.items() if len(found) >= max(2, count / 2)}
    anew = [pages[place] for place in repeated if _NUMBERED_HEADING.fullmatch(place[0])]
    return {place for place in repeated if pages[place] not in anew}


def _place(line: TextLine) -> Place:
    """Return what a line says and where it stands, so that it compares equal on every page."""
    middle = (line.box.x0 + line.box.x1) / 2
    return (
        _without_numbers(line.text),
        round(line.box.top / _SAME_PLACE_HEIGHT),
        round(middle / _SAME_PLACE_WIDTH),
    )


@lru_cache(maxsize=CACHED_LINES_MAX)
def _without_numbers(text: str) -> str:
    """Return text without white space, with # for numbers of pages: a year tells two texts apart."""
    return _PAGE_NUMBERS.sub("#", compact(text))


def _is_page_number(line: TextLine, page_sizes: Sequence[tuple[float, float]]) -> bool:
    """Whether a line is a number alone, at the top or the foot of its page."""
    if not _NUMBER_ALONE.fullmatch(compact(line.text)):
        return False
    if not 0 < line.page <= len(page_sizes):
        return True
    height = page_sizes[line.page - 1][1]
    return line.box.bottom < _PAGE_EDGE_SHARE * height or line.box.top > (1 - _PAGE_EDGE_SHARE) * height


def height_of(line: TextLine) -> float:
    """Return the height of a line in points."""
    return line.box.bottom - line.box.top
