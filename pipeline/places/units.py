"""Reports → units: the bodies of a collection, each with the years on which it should report; and when a
report is due, and whether it came in time. Coverage and nights ask this alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from pipeline.places.agencies import name_to_agency
from pipeline.places.regions import COUNTY, NATION, PREFECTURE, PROVINCE
from pipeline.places.scope import GOVERNMENT

_MARCH, _JANUARY = (3, 31), (1, 31)
"""Month and day. A report on a year is due on it in the year after. By article 49 of the regulation of 2019
that of a department of a government from the county up is due on 31 January, that of such a government, which
its office publishes, on 31 March; it names no day for towns, street offices, development zones and branches.
By article 31 of the regulation of 2007 every report is due on 31 March."""

_SINCE = 2019
"""Year. The regulation of 2019 is in force since 15 May of that year: reports on 2018 were due before it, and
it dates those on 2019 and later years."""

_DATED = (NATION, PROVINCE, PREFECTURE, COUNTY)
"""Levels of the bodies that article 49 of the regulation of 2019 names."""

_FIRST_DAY = (12, 1)
"""Month and day of the year reported on. A date before it is no day on which the report on that year was
published, but misprinted or misread."""

ON_TIME, LATE, UNKNOWN = "on_time", "late", "unknown"


class UnitReport(NamedTuple):
    """What a unit is made of: a report whose body and year are known. `given` is the region that its source
    or folder gives, `kept_apart` the names of its year that would have its id, joined by +."""

    agency_id: str
    agency: str
    fiscal_year: int
    bureau_type: str | None
    given: str | None
    kept_apart: str = ""


class ReportingUnit(NamedTuple):
    """A body by its latest name, with its kind and level, the first year that it reported on, and the last
    one on which it can: None unless its region was dissolved, its kind of bureau was ended, or another name
    took its place."""

    agency: str
    bureau_type: str | None
    admin_level: str | None
    first: int
    last: int | None

    @property
    def government(self) -> bool:
        """Whether it is a government, and no bureau."""
        return self.bureau_type == GOVERNMENT

    def should_report(self, fiscal_year: int) -> bool:
        """Whether a report on that year is to be expected, once it is due."""
        return self.first <= fiscal_year and (self.last is None or fiscal_year <= self.last)

    def due_on(self, fiscal_year: int) -> date | None:
        """Return the day by which the law wants the report on that year, None if it names none."""
        dated = fiscal_year < _SINCE or self.admin_level in _DATED
        return self.expected_by(fiscal_year) if dated else None

    def expected_by(self, fiscal_year: int) -> date:
        """Return the day on which the report on that year is due; where the law names none, that of others of
        its kind."""
        march = fiscal_year < _SINCE or self.government
        return date(fiscal_year + 1, *(_MARCH if march else _JANUARY))

    def last_due_year(self, today: date) -> int:
        """Return the last fiscal year whose report was expected before `today`."""
        return today.year - (1 if self.expected_by(today.year - 1) < today else 2)


def reports_to_units(reports: Iterable[UnitReport]) -> dict[str, ReportingUnit]:
    """Return the units by agency_id."""
    told = list(reports)
    latest: dict[str, UnitReport] = {}
    first: dict[str, int] = {}
    for report in told:
        first[report.agency_id] = min(report.fiscal_year, first.get(report.agency_id, report.fiscal_year))
        if report.agency_id not in latest or latest[report.agency_id].fiscal_year <= report.fiscal_year:
            latest[report.agency_id] = report
    replaced = _replaced(told, latest)
    return {
        agency_id: _unit(report, first[agency_id], is_replaced=agency_id in replaced)
        for agency_id, report in latest.items()
    }


def _replaced(reports: Sequence[UnitReport], latest: Mapping[str, UnitReport]) -> set[str]:
    """Return the ids of the bodies in whose place another name goes on.

    Two names of one body in one year are kept apart, as nobody knows which of them is which. The one that
    goes on alone is the later name.
    """
    ids = {(report.agency, report.fiscal_year): report.agency_id for report in reports if report.kept_apart}
    return {
        report.agency_id
        for report in reports
        for name in filter(None, report.kept_apart.split("+"))
        if (other := ids.get((name, report.fiscal_year)))
        and latest[other].fiscal_year > latest[report.agency_id].fiscal_year
    }


def _unit(report: UnitReport, first: int, *, is_replaced: bool) -> ReportingUnit:
    """Return the unit of which this is the latest report."""
    agency = name_to_agency(report.agency, report.fiscal_year, report.given)
    last = report.fiscal_year if is_replaced else agency.last_year
    return ReportingUnit(report.agency, report.bureau_type, agency.admin_level, first, last)


def last_day(fiscal_year: int) -> date:
    """Return the day after which no report on that year is in time, whoever owes it."""
    return date(fiscal_year + 1, *_MARCH)


class Timeliness(NamedTuple):
    """Whether a report came in time: on_time, late or unknown. `days_late` is signed, -3 for three days
    before the day on which it was due; None if it is not known."""

    word: str
    days_late: int | None


def date_to_timeliness(published_on: date | None, due_on: date | None, fiscal_year: int) -> Timeliness:
    """Return whether a report on that year came in time: unknown where one of the days is, or where that of
    publication is before the last month of the year reported on."""
    if published_on is None or due_on is None or published_on < date(fiscal_year, *_FIRST_DAY):
        return Timeliness(UNKNOWN, None)
    days = (published_on - due_on).days
    return Timeliness(LATE if days > 0 else ON_TIME, days)
