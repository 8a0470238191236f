"""Which reports are expected and missing. Those of departments are due on 31 January, those of governments on
31 March; after 31 March any is late."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.nightly.release_comparison import DocumentRow
from pipeline.places.units import UnitReport, last_day, reports_to_units

_NO_REPORT = ("not_a_report", "failed")


@dataclass(frozen=True, slots=True)
class Overdue:
    """A body with a report on `year` - 1 and none on `year`, which is due; `late` after 31 March.

    `agency` is its latest name. `unread`: a document of its source on that year could not be read and may be
    the report.
    """

    agency: str
    source: str
    year: int
    late: bool
    unread: bool


def find_overdue(
    rows: Iterable[DocumentRow],
    sources: Mapping[str, str],
    unread: Collection[tuple[str, int | None]],
    today: date,
) -> list[Overdue]:
    """Return the bodies that published on the year before and not on the year that is due, by name.

    A body that was renamed is one, and one whose region or kind has ended owes nothing. `sources` has the
    source of each content by hash; `unread` the (source, year) of documents that could not be read.
    """
    read = [(row, row.year) for row in rows if row.agency and row.year and row.status not in _NO_REPORT]
    years: dict[str, set[int]] = {}
    source_of: dict[str, str] = {}
    for row, year in read:
        years.setdefault(row.unit, set()).add(year)
        source_of[row.unit] = sources.get(row.sha256, source_of.get(row.unit, ""))
    units = reports_to_units(
        UnitReport(row.unit, row.agency, year, row.bureau_type, row.region_given, row.kept_apart)
        for row, year in read
    )
    found = []
    for name, unit in units.items():
        year = unit.last_due_year(today)
        if year - 1 in years[name] and year not in years[name] and unit.should_report(year):
            source, late = source_of[name], last_day(year) < today
            found.append(Overdue(unit.agency, source, year, late, (source, year) in unread))
    return sorted(found, key=lambda late: (late.agency, late.year))
