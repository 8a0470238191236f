"""Which reports are expected and missing. By the regulation they are due on 31 January; after 31 March
they are late."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.nightly.release_comparison import DocumentRow

_DUE = (1, 31)
"""Month and day. By the regulation a report is due on it."""

_LATE = (3, 31)
"""Month and day. A report that is missing after it is called late."""

_NO_REPORT = ("not_a_report", "failed")


@dataclass(frozen=True, slots=True)
class Overdue:
    """A bureau with a report on `year` - 1 and none on `year`, which was due on 31 January; `late` after 31
    March.

    `unread`: a document of its source on that year could not be read and may be the report.
    """

    agency: str
    source: str
    year: int
    late: bool
    unread: bool


def due_year(today: date) -> tuple[int, bool]:
    """Return the last fiscal year whose reports are due, and whether they are late by now."""
    month_and_day = (today.month, today.day)
    if month_and_day <= _DUE:
        return today.year - 2, True
    return today.year - 1, month_and_day > _LATE


def find_overdue(
    rows: Iterable[DocumentRow],
    sources: Mapping[str, str],
    unread: Collection[tuple[str, int | None]],
    today: date,
) -> list[Overdue]:
    """Return the bureaus that published on the year before and not on the year that is due.

    `sources` has the source of each content by hash; `unread` the (source, year) of documents that could not
    be read.
    """
    year, late = due_year(today)
    years: dict[str, set[int]] = {}
    source_of: dict[str, str] = {}
    for row in rows:
        if row.agency and row.year and row.status not in _NO_REPORT:
            years.setdefault(row.agency, set()).add(row.year)
            source_of[row.agency] = sources.get(row.sha256, source_of.get(row.agency, ""))
    return [
        Overdue(agency, source_of[agency], year, late, (source_of[agency], year) in unread)
        for agency, known in sorted(years.items())
        if year - 1 in known and year not in known
    ]
