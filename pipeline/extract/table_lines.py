"""Tell which lines of a page are of a table, and no text of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pipeline.extract.bind import is_heading, is_of_labels
from pipeline.extract.bind.label_index import label_key
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.table_reading import TableReading
from pipeline.forms import load_forms
from pipeline.records import Box, TextLine

LINES_OF_TABLE_MAX_GAP = 40.0
"""Points. A line that stands no further from a table, or from a line of it, may be of it.

Taught by headers of one character a line over tables without rulings. At 20 行政复议 over such a header is
text of the chapter.
"""

FURNITURE_MAX_LINES = 2
"""Count. A page begins and ends with no more lines that are of no text: a header, a number."""

Regions = Mapping[int, Sequence[Box]]
"""The boxes of tables by page, in points on the page as displayed."""


class _Part(NamedTuple):
    """What is on a page of a table: its box in points on the page as turned for reading.

    `begins` and `ends` say whether the table goes on above or below it: on a page before or after, or in a
    header that a borderless reading did not take.
    """

    table: str
    page: int
    box: Box
    inferred: bool
    begins: bool
    ends: bool


def readings_to_regions(readings: Iterable[TableReading]) -> dict[int, list[Box]]:
    """Return the bounding boxes of the tables of the forms on each page."""
    regions: dict[int, list[Box]] = {}
    for reading in readings:
        for page, box in reading.bound.regions:
            regions.setdefault(page, []).append(box)
    return regions


def is_inside(page: int, box: Box, regions: Regions) -> bool:
    """Whether the middle of a box lies in one of the regions of its page."""
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return any(r.x0 <= x <= r.x1 and r.top <= y <= r.bottom for r in regions.get(page, ()))


def lines_outside(
    lines: Iterable[TextLine],
    readings: Sequence[TableReading],
    orientations: Sequence[PageOrientation],
) -> list[TextLine]:
    """Return the lines that are of none of these tables.

    Of a table are the lines in it, those beside one that is not ruled, and pieces of labels beside it or
    parted from it by a page's end. The heading of its chapter never is: a bureau's own table above that has a
    label of the form was read as a part of the one below.
    """
    regions = readings_to_regions(readings)
    by_page: dict[int, list[TextLine]] = {}
    for line in lines:
        box = orientations[line.page - 1].to_displayed(line.box)
        if not is_inside(line.page, box, regions) or _is_title_of_chapter(line.text):
            by_page.setdefault(line.page, []).append(line)
    for part in _parts(readings, orientations):
        own, before = by_page.get(part.page, []), by_page.get(part.page - 1, [])
        dropped = {id(line) for line in (*_lines_of(part, own), *_lines_before(part, own, before))}
        by_page[part.page] = [line for line in own if id(line) not in dropped]
        by_page[part.page - 1] = [line for line in before if id(line) not in dropped]
    return [line for page in sorted(by_page) for line in by_page[page]]


def _parts(readings: Iterable[TableReading], orientations: Sequence[PageOrientation]) -> Iterator[_Part]:
    """Yield what is of the tables on each page."""
    for reading in readings:
        bound = reading.bound
        pages = {page for page, _ in bound.regions}
        for page, box in bound.regions:
            read = orientations[page - 1].to_reading(box)
            begins = bound.inferred or page - 1 in pages
            yield _Part(bound.table, page, read, bound.inferred, begins, page + 1 in pages)


def _lines_of(part: _Part, lines: Sequence[TextLine]) -> Iterator[TextLine]:
    """Yield those lines outside of the box of a part that are of its table."""
    top, bottom = part.box.top, part.box.bottom
    for line in lines:
        is_beside = top <= (line.box.top + line.box.bottom) / 2 <= bottom
        if (
            is_beside
            and not _is_title_of_chapter(line.text)
            and (part.inferred or is_of_labels(part.table, line.text))
        ):
            yield line
    if part.ends:
        below = sorted((line for line in lines if line.box.bottom > bottom), key=lambda line: line.box.top)
        yield from _touching(part, [(line.box.top - bottom, line) for line in below])
    if part.begins:
        above = sorted((line for line in lines if line.box.top < top), key=lambda line: -line.box.bottom)
        yield from _touching(part, [(top - line.box.bottom, line) for line in above])


def _lines_before(part: _Part, own: Iterable[TextLine], before: Iterable[TextLine]) -> Iterator[TextLine]:
    """Yield the lines at the end of the page before that are of the header of a part at the head of its page.

    Of a ruled table that is its heading (第二十条第（一）项): one cell alone is no grid.
    """
    above = [line for line in own if line.box.bottom <= part.box.top]
    if len(above) > FURNITURE_MAX_LINES:
        return
    is_of_table = is_of_labels if part.inferred else _is_heading_of_rows
    upwards = sorted(before, key=lambda line: -line.box.bottom)
    start = next((at for at, line in enumerate(upwards) if is_of_table(part.table, line.text)), len(upwards))
    if start > FURNITURE_MAX_LINES:
        return
    if not part.inferred:
        yield from upwards[start : start + 1]
        return
    yield from _touching(
        part, [(upwards[start].box.bottom - line.box.bottom, line) for line in upwards[start:]]
    )


def _is_heading_of_rows(table: str, text: str) -> bool:
    """Whether a line is a heading within a table, and not its title or that of its chapter."""
    return is_heading(table, text) and label_key(text) not in _titles()


def _is_title_of_chapter(text: str) -> bool:
    """Whether a line is the numbered heading of a chapter, as a form prints it above its table."""
    return label_key(text) in _titles() and bool(line_to_key(text))


@cache
def _titles() -> frozenset[str]:
    """Return the folded headings that the forms print above their tables."""
    return frozenset().union(*(form.headings for form in load_forms()))


def _touching(part: _Part, lines: Iterable[tuple[float, TextLine]]) -> Iterator[TextLine]:
    """Yield the lines of label characters that touch a part of a table, or one another.

    `lines` are in order, each with its distance in points from the part.
    """
    reached = 0.0
    for distance, line in lines:
        if distance - reached > LINES_OF_TABLE_MAX_GAP or line_to_key(line.text):
            return
        if not is_of_labels(part.table, line.text):
            return
        reached = max(reached, distance + line.box.bottom - line.box.top)
        yield line
