"""Part a file that holds several reports, one after the other: each is read as if it were alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from pipeline.extract.cross_check import page_of_second_report
from pipeline.extract.normalise.body_text import lines_to_body
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.normalise.title import Title
from pipeline.extract.normalise.title_choice import lines_to_title
from pipeline.extract.opened_pdf import OpenedPdf
from pipeline.extract.table_reading import TableReading
from pipeline.records import TextLine

HEAD_MAX_LINES = 8
"""Count. The title of a report stands in as many lines at the head of its first page."""

TITLE_MAX_CHARACTERS = 60
"""Count, blanks too. A longer line is no title."""

SAME_CHAPTERS_MIN = 3
"""Count. As many chapters that stand before a title and after it too belong to two reports."""


AgencyYears = tuple[str, frozenset[int]]
"""The agency and the years that a title names."""


def readings_to_parts(pdf: OpenedPdf, readings: Mapping[str, TableReading]) -> list[OpenedPdf]:
    """Return the file's first report and the rest of the file; the file alone where it holds one report.

    The second begins on a page with a title, if tables before that page are printed anew on it or after it,
    or chapters are.
    """
    begins = _first_page_of_second(pdf, readings)
    if not begins:
        return [pdf]
    pages = pdf.pages
    return [
        pdf.part({page for page in pages if page < begins}),
        pdf.part({page for page in pages if page >= begins}),
    ]


def _first_page_of_second(pdf: OpenedPdf, readings: Mapping[str, TableReading]) -> int:
    """Return the page on which a second report begins; 0 where none does, or none with a title."""
    again = page_of_second_report(readings.values())
    if not again and not any(
        line.page > min(pdf.pages) and _names_a_report(line.text) for line in pdf.first.lines
    ):
        return 0
    body = lines_to_body(pdf.first.lines)
    titles = _titles_by_page(body)
    if not again:
        return next((page for page in titles if _is_another(page, titles, body)), 0)
    before = [page for each in readings.values() for page in _pages_of(each) if page < again]
    last = max(before, default=min(pdf.pages))
    fitting = [page for page in titles if last < page <= again]
    return next((page for page in fitting if titles[page] != _first(titles)), min(fitting, default=0))


def _names_a_report(text: str) -> bool:
    """Whether a line may be the title of a report, or the end of one."""
    return "公开" in text and "报" in text and len(text) <= TITLE_MAX_CHARACTERS


def _pages_of(reading: TableReading) -> set[int]:
    """Return the pages of the first print of a table."""
    return {seen.page for seen in reading.observations}


def _titles_by_page(lines: Iterable[TextLine]) -> dict[int, AgencyYears]:
    """Return the agency and the year of the title at the head of each page that has one."""
    found: dict[int, Title | None] = {
        page: lines_to_title(list(on_page)[:HEAD_MAX_LINES])
        for page, on_page in groupby(lines, lambda line: line.page)
    }
    return {page: (title.agency, title.years) for page, title in found.items() if title}


def _first(titles: Mapping[int, AgencyYears]) -> AgencyYears | None:
    """Return the first title of a file."""
    return next(iter(titles.values()), None)


def _is_another(page: int, titles: Mapping[int, AgencyYears], lines: Sequence[TextLine]) -> bool:
    """Whether another title than the first stands on a page, and the same chapters before it and after."""
    if titles[page] == _first(titles):
        return False
    before = {line_to_key(line.text) for line in lines if line.page < page}
    after = {line_to_key(line.text) for line in lines if line.page >= page}
    return len((before & after) - {None, "other"}) >= SAME_CHAPTERS_MIN
