"""Reports → units: the bodies of a collection, each with the years on which it should report, and when a
report is due. Coverage and nights ask this alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from pipeline.places.agencies import name_to_agency
from pipeline.places.scope import GOVERNMENT

_MARCH, _JANUARY = (3, 31), (1, 31)
"""Month and day. A report on a year is due on it in the year after: by article 49 of the regulation of 2019
that of a department on 31 January, that of a government, which its office publishes, on 31 March; by
article 31 of the regulation of 2007 every report on 31 March."""

_SINCE = 2019
"""Year. The regulation of 2019 dates the reports on it and on later years."""


class UnitReport(NamedTuple):
    """What a unit is made of: a report whose body and year are known. `given` is the region that its source
    or folder gives."""

    agency_id: str
    agency: str
    fiscal_year: int
    bureau_type: str | None
    given: str | None


class ReportingUnit(NamedTuple):
    """A body by its latest name, with the first year that it reported on, and the last one on which it can:
    None unless its region was dissolved or its kind of bureau was ended."""

    agency: str
    government: bool
    first: int
    last: int | None

    def should_report(self, fiscal_year: int) -> bool:
        """Whether a report on that year is to be expected, once it is due."""
        return self.first <= fiscal_year and (self.last is None or fiscal_year <= self.last)


def reports_to_units(reports: Iterable[UnitReport]) -> dict[str, ReportingUnit]:
    """Return the units by agency_id."""
    latest: dict[str, UnitReport] = {}
    first: dict[str, int] = {}
    for report in reports:
        first[report.agency_id] = min(report.fiscal_year, first.get(report.agency_id, report.fiscal_year))
        if report.agency_id not in latest or latest[report.agency_id].fiscal_year <= report.fiscal_year:
            latest[report.agency_id] = report
    return {agency_id: _unit(report, first[agency_id]) for agency_id, report in latest.items()}


def _unit(report: UnitReport, first: int) -> ReportingUnit:
    """Return the unit of which this is the latest report."""
    agency = name_to_agency(report.agency, report.fiscal_year, report.given)
    return ReportingUnit(report.agency, report.bureau_type == GOVERNMENT, first, agency.last_year)


def due_on(fiscal_year: int, government: bool) -> date:
    """Return the day on which a report on that year is due."""
    return date(fiscal_year + 1, *(_MARCH if government or fiscal_year < _SINCE else _JANUARY))


def last_due_year(today: date, government: bool) -> int:
    """Return the last fiscal year whose report was due before `today`."""
    return today.year - (1 if due_on(today.year - 1, government) < today else 2)
