"""Part a file that holds several reports, one after the other: each is read as if it were alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile, groupby
from typing import TypeVar

from pipeline.extract.cross_check import spot_of_second_report
from pipeline.extract.normalise.body_text import compact, lines_to_body
from pipeline.extract.normalise.chapters import HEADING_MAX_CHARACTERS, line_to_key
from pipeline.extract.normalise.dates import DATE_ALONE
from pipeline.extract.normalise.title_choice import lines_to_title
from pipeline.extract.opened_document import OpenedDocument
from pipeline.extract.table_reading import TableReading
from pipeline.forms.labels import ideographs
from pipeline.records import Box, Spot, TextLine

_T = TypeVar("_T", bound=OpenedDocument)

HEAD_MAX_LINES = 8
"""Count. The title of a report stands in as many lines, at the head of a page or in the middle of one."""

TITLE_MAX_CHARACTERS = 60
"""Count, blanks too. A longer line is no title."""

SAME_CHAPTERS_MIN = 3
"""Count. As many chapters that stand before a title and after it too belong to two reports."""

HEADING_ENDS = ("情况", "事项")
"""How headings of chapters end: no other cells are held against them."""

_SENTENCE_END = "。"

AgencyYears = tuple[str, frozenset[int]]
"""The agency and the years that a title names."""


def readings_to_parts(opened: _T, readings: Mapping[str, TableReading]) -> list[_T]:
    """Return the file's first report and the rest of the file; the file alone where it holds one report.

    The second begins at a title, if tables before it are printed anew after it, or chapters are.
    """
    begins = _place_of_second(opened, readings)
    return [opened.until(begins), opened.since(begins)] if begins else [opened]


def _place_of_second(opened: OpenedDocument, readings: Mapping[str, TableReading]) -> Spot | None:
    """Return where a second report begins; None where none does, or none with a title."""
    again = spot_of_second_report(readings.values())
    if not again and not any(_names_a_report(line.text) for line in opened.first.lines[HEAD_MAX_LINES:]):
        return None
    body = lines_to_body(opened.first.lines)
    regions = [region for each in readings.values() for region in each.bound.regions]
    titles = dict(_titles_by_spot(body, opened.first.turns, regions))
    first = next(iter(titles.values()), None)
    others = [place for place, title in titles.items() if title != first]
    if not again:
        return next((place for place in others if _begin_anew(body, place)), None)
    before = [
        Spot(seen.page, seen.box.bottom)
        for each in readings.values()
        if each.bound.again
        for seen in each.observations
        if (seen.page, seen.box.top) < again
    ]
    last = max(before, default=again)
    fitting = [place for place in titles if last < place <= again]
    return next((place for place in fitting if place in others), min(fitting, default=None))


def chapters_anew(opened: OpenedDocument, readings: Iterable[TableReading]) -> Spot | None:
    """Return where chapters begin anew between tables, as in a second report without a title, or None.

    Only the first heading that is printed again may be the beginning.
    """
    if _first_heading_again(opened.first.lines) is None:  # which costs less than to find the body
        return None
    body = lines_to_body(opened.first.lines)
    place = _first_heading_again(body)
    if place is None:
        return None
    tables = [Spot(seen.page, seen.box.top) for each in readings for seen in each.observations]
    is_between = bool(tables) and min(tables) < place < max(tables)
    return place if is_between and _begin_anew(body, place) else None


def chapters_beside(opened: OpenedDocument) -> Spot | None:
    """Return where reports stand side by side, or None: each chapter is there twice, in one line or one grid.

    Such is a web page that is laid out as one table, ruled or not.
    """
    lines_twice = [line for line in opened.first.lines if _heading_twice(line.text)]
    if len(lines_twice) >= SAME_CHAPTERS_MIN:
        return _spot(lines_twice[0])
    for table in opened.first.tables:
        text = "\n".join([cell.text for cell in table.cells])
        if sum(map(text.count, HEADING_ENDS)) < 2 * SAME_CHAPTERS_MIN:  # as nearly always
            continue
        headings = [line for line in text.split("\n") if line.endswith(HEADING_ENDS)]
        counts = Counter(line_to_key(line) for line in headings if len(line) <= HEADING_MAX_CHARACTERS)
        twice = [key for key, count in counts.items() if key and key != "other" and count > 1]
        if len(twice) >= SAME_CHAPTERS_MIN:
            return Spot(table.page, table.box.top)
    return None


def _heading_twice(text: str) -> bool:
    """Whether a line is the same heading of a chapter twice."""
    if len(text) > 2 * HEADING_MAX_CHARACTERS:
        return False
    whole = compact(text)
    half = whole[: len(whole) // 2]
    return whole == half + half and line_to_key(half) is not None


def _first_heading_again(lines: Iterable[TextLine]) -> Spot | None:
    """Return where the heading of a chapter stands that stands on an earlier line too; None where none is."""
    known: set[str] = set()
    for line in lines:
        key = line_to_key(ideographs(line.text))
        if key in known:
            return _spot(line)
        if key and key != "other":
            known.add(key)
    return None


def _names_a_report(text: str) -> bool:
    """Whether a line may be the title of a report, or the end of one."""
    return "公开" in text and "报" in text and len(text) <= TITLE_MAX_CHARACTERS


def _titles_by_spot(
    lines: Iterable[TextLine], turns: Sequence[int], regions: Sequence[tuple[int, Box]]
) -> Iterator[tuple[Spot, AgencyYears]]:
    """Yield the agency and the year of each title, with its place, given the regions of tables by page.

    What stands above a title at the head of its page belongs to it, unless it is the end of another report.
    No title is looked for in the middle of a page that has to be turned.
    """
    for page, on_page in groupby(lines, lambda line: line.page):
        own = list(on_page)
        title = lines_to_title(own[:HEAD_MAX_LINES])
        if title:
            top, above = own[title.first].box.top, own[: title.first]
            is_below = any(at == page and box.top < top for at, box in regions) or any(map(_closes, above))
            yield Spot(page, top if is_below and not turns[page - 1] else 0.0), (title.agency, title.years)
        if not turns[page - 1]:
            yield from _titles_below(own, title.last + 1 if title else 1)


def _closes(line: TextLine) -> bool:
    """Whether a report may end with a line: a sentence, or the date below it."""
    return line.text.endswith(_SENTENCE_END) or bool(DATE_ALONE.fullmatch(line.text.strip()))


def _titles_below(lines: Sequence[TextLine], start: int) -> Iterator[tuple[Spot, AgencyYears]]:
    """Yield the titles in the middle of a page, from one of its lines on."""
    for at in range(start, len(lines)):
        if at < start or not _names_a_report(lines[at].text):
            continue
        begin = max(start, at - HEAD_MAX_LINES // 2)
        title = lines_to_title(lines[begin : at + HEAD_MAX_LINES // 2])
        if title:
            yield Spot(lines[at].page, lines[begin + title.first].box.top), (title.agency, title.years)
            start = begin + title.last + 1


def _begin_anew(lines: Sequence[TextLine], begins: Spot) -> bool:
    """Whether the same chapters stand before a place and after it, and before it not as mere contents."""
    before = [line for line in lines if _spot(line) < begins]
    same = _chapters(before) & _chapters(line for line in lines if _spot(line) >= begins)
    return len(same) >= SAME_CHAPTERS_MIN and _has_text(before)


def _chapters(lines: Iterable[TextLine]) -> set[str]:
    """Return the chapters of which a heading stands among lines."""
    return {key for line in lines if (key := line_to_key(line.text))} - {"other"}


def _has_text(lines: Sequence[TextLine]) -> bool:
    """Whether a sentence stands below a heading of a chapter: in a table of contents none does."""
    below = dropwhile(lambda line: not line_to_key(line.text), lines)
    return any(_SENTENCE_END in line.text for line in below)


def _spot(line: TextLine) -> Spot:
    """Return where a line stands."""
    return Spot(line.page, line.box.top)
