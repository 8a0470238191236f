"""Lines without what stands around the text, and text without what only sets it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from statistics import median

from pipeline.extract.normalise.chapter_forms import load_chapter_forms
from pipeline.forms.labels import ideographs
from pipeline.records import TextLine

# Blanks beside anything but Latin are justification or the space that word processors set around digits.
_JUSTIFICATION = re.compile(r"(?<=[^\x00-\u024f]) | (?=[^\x00-\u024f])")
_DIGITS = re.compile(r"[0-9]+")
_NUMBER_ALONE = re.compile(r"[0-9]{1,3}")
_PAGE_EDGE_SHARE = 0.12
_WATERMARK_LINE_MIN_HEIGHT_RATIO = (
    4.0  # times as tall as the text; a line of text that runs through one is as tall, and longer
)
_WATERMARK_LINE_MAX_CHARACTERS = 4
_FURNITURE_MAX_CHARACTERS = 120
_SAME_PLACE_WIDTH = 40.0  # points; a number in a line makes it longer on some pages

Place = tuple[str, int, int]


def squeeze(text: str) -> str:
    """Text without the blanks that only justify it; words of Latin letters keep one between them."""
    return _JUSTIFICATION.sub("", " ".join(ideographs(text).split()))


@lru_cache(maxsize=1024)  # one report's lines, each of which is looked at for this and that
def compact(text: str) -> str:
    """Text without any white space, radicals as ideographs."""
    return "".join(ideographs(text).split())


def lines_to_body(
    lines: Sequence[TextLine], page_sizes: Sequence[tuple[float, float]] = ()
) -> tuple[TextLine, ...]:
    """The lines, radicals resolved, without page headers, page numbers, contents and watermarks."""
    repeated = _repeated(lines)
    tall = _WATERMARK_LINE_MIN_HEIGHT_RATIO * median(height_of(line) for line in lines) if lines else 0.0
    return tuple(
        TextLine(line.page, ideographs(line.text), line.box)
        for line in lines
        if line.text.strip()
        and not (height_of(line) > tall and len(line.text) <= _WATERMARK_LINE_MAX_CHARACTERS)
        and _place(line) not in repeated
        and not _is_furniture(line.text)
        and not _is_page_number(line, page_sizes)
    )


def _is_furniture(text: str) -> bool:
    return len(text) <= _FURNITURE_MAX_CHARACTERS and bool(
        load_chapter_forms().furniture.fullmatch(compact(text))
    )


def _repeated(lines: Iterable[TextLine]) -> set[Place]:
    """What stands in the same place on at least half of the pages, numbers aside.

    The agency above the title may sign at the same height of the last page, but not in the same place.
    """
    pages: dict[Place, set[int]] = {}
    for line in lines:
        pages.setdefault(_place(line), set()).add(line.page)
    count = len({line.page for line in lines})
    return {place for place, found in pages.items() if len(found) >= max(2, count / 2)}


def _place(line: TextLine) -> Place:
    middle = (line.box.x0 + line.box.x1) / 2
    return _DIGITS.sub("#", compact(line.text)), round(line.box.top / 3), round(middle / _SAME_PLACE_WIDTH)


def _is_page_number(line: TextLine, page_sizes: Sequence[tuple[float, float]]) -> bool:
    if not _NUMBER_ALONE.fullmatch(compact(line.text)):
        return False
    if not 0 < line.page <= len(page_sizes):
        return True
    height = page_sizes[line.page - 1][1]
    return line.box.bottom < _PAGE_EDGE_SHARE * height or line.box.top > (1 - _PAGE_EDGE_SHARE) * height


def height_of(line: TextLine) -> float:
    """The height of a line in points."""
    return line.box.bottom - line.box.top
