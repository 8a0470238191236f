"""Find who reports on what year, and when it was published: by the title, or else by what the text says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pipeline.extract.normalise.body_text import compact, lines_to_body, squeeze
from pipeline.extract.normalise.chapters import line_to_key
from pipeline.extract.normalise.dates import DATE, PERIOD, YEAR, found_to_date, found_to_year, half_width
from pipeline.extract.normalise.title import Title, head_to_agency, is_agency, lines_to_title, text_to_title
from pipeline.records import ReportIdentity, TextLine

_OPENING_MAX_LINES = 40
"""Count. The year and the author are looked for in as many lines below the title."""

_OPENING_MAX_CHARACTERS = 4000
"""Count. And in no more characters: a line may be ever so long."""

_HEAD_DATES_MAX_LINES = 15
"""Count. A date of publication stands in the first lines of a web page."""

_SIGNATURE_MAX_LINES = 12
"""Count. The agency signs in the last lines; a form that is annexed may follow."""

_PUBLICATION_MAX_YEARS_LATER = 3
"""Years. A report is published no later after the year that it reports on."""

_REPORT_MIN_CHAPTERS = 3
"""Count. A text without a title is a report if it has as many chapters of the forms."""

_OF_THIS_LAW = {"active_disclosure", "applications", "review_litigation"}

# Patterns over text without white space, its punctuation half-width.
_NAME = r"[^,。;:、()《》]{2,40}?"
_WRITTEN = "(?:根据|按照|依据|依照|遵照|结合|汇总|综合|编制|编写|负责)"
_AUTHOR = re.compile(rf"由({_NAME}){_WRITTEN}")
_REPORTED = "(?:20[0-9]{2}年度?)(?:政府信息公开|政务公开|信息公开)(?:工作)?(?:年度报告|情况|报告|年报)"
_REPORTED_BY = re.compile(rf"(?:现(?:公布|发布|将)|^)({_NAME}){_REPORTED}")
_ABOUT = re.compile(_REPORTED)
_LABELLED = re.compile(r"(?:时间|日期|发布于|公布于):?$")
_SIGNED = re.compile(r"[^,。;:!?、]{2,40}")


def lines_to_heading(lines: Sequence[TextLine], document_title: str = "") -> ReportIdentity:
    """Return who reports on what year: agency, year, title and ISO date of publication.

    The agency is "" where nothing names it; year and date are None. `lines` are those outside of tables.
    `document_title` is the title in the file's metadata.
    """
    body = lines_to_body(lines)
    title = lines_to_title(body) or lines_to_title(lines)
    named = text_to_title(document_title)
    start = title.last + 1 if title else 0
    opening = half_width(compact("".join(line.text for line in body[start : start + _OPENING_MAX_LINES])))[
        :_OPENING_MAX_CHARACTERS
    ]
    year = next(_years(title, opening, named), None)
    return ReportIdentity(
        agency=next(_agencies(title, body, opening, named), ""),
        fiscal_year=year,
        title=title.text if title else (named.text if named else ""),
        published_on=_published_on(body, year),
    )


def is_annual_report(lines: Sequence[TextLine], document_title: str = "") -> bool:
    """Whether title or chapters are those of an annual report on government information disclosure."""
    body = lines_to_body(lines)
    if lines_to_title(body) or lines_to_title(lines):
        return True
    if text_to_title(document_title) and any("公开" in compact(line.text) for line in body):
        return True
    chapters = {key for line in body if (key := line_to_key(line.text)) not in (None, "other")}
    return len(chapters) >= _REPORT_MIN_CHAPTERS and not chapters.isdisjoint(_OF_THIS_LAW)


def _years(title: Title | None, opening: str, named: Title | None) -> Iterator[int]:
    """Yield the year reported on, from the best source to the weakest."""
    if title and title.year:
        yield title.year
    yield from (int(found[1]) for found in PERIOD.finditer(opening))
    if named and named.year:
        yield named.year
    for found in _ABOUT.finditer(opening):
        year = YEAR.search(found[0])
        if year and (number := found_to_year(year)):
            yield number


def _agencies(
    title: Title | None, body: Sequence[TextLine], opening: str, named: Title | None
) -> Iterator[str]:
    """Yield the reporting agency, from the best source to the weakest."""
    texts = [
        title.agency if title else "",
        *_authors(opening),
        _signature(body),
        named.agency if named else "",
    ]
    return (text for text in texts if text)


def _authors(opening: str) -> Iterator[str]:
    """Yield the agencies that the preamble names as author of the report."""
    for pattern in (_AUTHOR, _REPORTED_BY):
        for found in pattern.finditer(opening):
            name = head_to_agency(found[1])
            if is_agency(name):
                yield name


def _signature(body: Sequence[TextLine]) -> str:
    """Return the agency above, or before, the date in the last lines; "" where there is none."""
    last = [compact(line.text) for line in body[-_SIGNATURE_MAX_LINES:]]
    for above, text in zip([*last[:1], *last], last, strict=False):
        found = DATE.search(half_width(text))
        if found and not text[found.end() :].strip(")"):
            for name in (text[: found.start()].rstrip("("), above):
                if is_agency(name):
                    return name
    return ""


def _published_on(body: Sequence[TextLine], year: int | None) -> str | None:
    """Return the ISO date, at the head or the end of a report, on which it can have been published.

    Else None.
    """
    for day in [*_head_dates(body[:_HEAD_DATES_MAX_LINES]), *_end_dates(body)]:
        if year is None or date(year, 12, 31) < day <= date(year + _PUBLICATION_MAX_YEARS_LATER, 12, 31):
            return day.isoformat()
    return None


def _head_dates(lines: Iterable[TextLine]) -> Iterator[date]:
    """Yield dates that the head of a web page labels (发布时间：2024-01-25 10:30), or that stand alone."""
    for line in lines:
        text = _plain(line)
        for found in DATE.finditer(text):
            before, after = text[: found.start()], text[found.end() :]
            alone = not before.strip("(") and not after.strip(")")
            day = found_to_date(found)
            if day and (alone or _LABELLED.search(before)):
                yield day


def _end_dates(lines: Sequence[TextLine]) -> Iterator[date]:
    """Yield dates alone on their line, or in the last lines after the agency that signs; the last one first.

    A form that is annexed may follow on the date.
    """
    for place, line in enumerate(reversed(lines)):
        text = _plain(line)
        found = DATE.search(text)
        day = found_to_date(found) if found else None
        if found and day and not text[found.end() :].strip(")。"):
            before = text[: found.start()].strip("(")
            if not before or (place < _SIGNATURE_MAX_LINES and _SIGNED.fullmatch(before)):
                yield day


def _plain(line: TextLine) -> str:
    """Return the text of a line with its dates in one piece, and the time of day apart from them."""
    return half_width(squeeze(line.text))
