"""Find the day on which a report was published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pipeline.extract.normalise.around_title import Field, HeadLine, heads_to_fields, line_to_head
from pipeline.extract.normalise.body_text import squeeze
from pipeline.extract.normalise.dates import DATE, DATE_ALONE, found_to_date, half_width
from pipeline.extract.normalise.title_forms import load_title_forms
from pipeline.records import TextLine

SIGNATURE_MAX_LINES = 12
"""Count. The agency signs in the last lines; a form that is annexed may follow."""

_PUBLICATION_MAX_YEARS_LATER = 3
"""Years. A report is published no later after the year that it reports on."""

_PRINTED = "印发"
_SIGNED = re.compile(r"[^,。;:!?、]{2,40}")


def lines_to_publication(
    body: Sequence[TextLine], heads: Sequence[HeadLine], below: int, year: int | None
) -> str | None:
    """Return the ISO date, at the head or the end of a report, on which it was published; else None.

    `below` is the place of the first line below the title. What the head labels as published goes before what
    it labels as written, and that before the date at the end; a day on which a page was changed comes last.
    """
    for day in _days(body, heads, below):
        if year is None or date(year, 12, 31) < day <= date(year + _PUBLICATION_MAX_YEARS_LATER, 12, 31):
            return day.isoformat()
    return None


def _days(body: Sequence[TextLine], heads: Sequence[HeadLine], below: int) -> Iterator[date]:
    """Yield the dates at the head and the end of a report, the surest first."""
    fields = list(heads_to_fields(heads))
    yield from _labelled(fields, "published")
    yield from _labelled(fields, "dated")
    yield from _alone(heads, below)
    foot = heads_to_fields([line_to_head(line.text) for line in body[-SIGNATURE_MAX_LINES:]])
    yield from _labelled(foot, "published")
    yield from _labelled(fields, "written")
    yield from _end_dates(body[below:])
    yield from _labelled(fields, "updated")


def plain(line: TextLine) -> str:
    """Return the text of a line with its dates in one piece, and the time of day apart from them."""
    return half_width(squeeze(line.text))


def _labelled(fields: Iterable[Field], kind: str) -> Iterator[date]:
    """Yield the dates behind labels of one kind (发布时间：2024-01-25 10:30)."""
    for field in fields:
        found = DATE.search(half_width(field.value)) if field.kind == kind else None
        if found and (day := found_to_date(found)):
            yield day


def _alone(heads: Sequence[HeadLine], below: int) -> Iterator[date]:
    """Yield the dates that stand alone on their lines, but for the day of printing and a clock.

    A day without an hour above the title is that of a notice, or of what else stands there.
    """
    for place, head in enumerate(heads):
        found = DATE_ALONE.fullmatch(half_width(head.line))
        is_printed = load_title_forms().around.printed_at.fullmatch(head.line)
        is_published = found and (place >= below or found["time"]) and not (is_printed or found["weekday"])
        if found and is_published and (day := found_to_date(found)):
            yield day


def _end_dates(lines: Sequence[TextLine]) -> Iterator[date]:
    """Yield dates alone on their line, or in the last lines after the agency that signs; the last one first.

    A form that is annexed may follow on the date. The day on which a letter was printed (2020年1月20日印发)
    comes after those on which it was signed.
    """
    printed: list[date] = []
    for place, line in enumerate(reversed(lines)):
        text = plain(line)
        found = DATE.search(text)
        day = found_to_date(found) if found else None
        behind = text[found.end() :].strip(")。") if found else ""
        if found and day and behind in ("", _PRINTED):
            before = text[: found.start()].strip("(")
            if not before or (place < SIGNATURE_MAX_LINES and _SIGNED.fullmatch(before)):
                if behind:
                    printed.append(day)
                else:
                    yield day
    yield from printed
