"""Who should report on a year, and when the report is due."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.places.agencies import name_to_agency
from pipeline.places.bureaus import bureaus
from pipeline.places.units import (
    ReportingUnit,
    Timeliness,
    UnitReport,
    date_to_timeliness,
    last_day,
    reports_to_units,
)

BUREAU = ReportingUnit("海东市教育局", "教育", "市", 2008, None)
GOVERNMENT = ReportingUnit("海东市人民政府", "人民政府", "市", 2008, None)
OFFICE = ReportingUnit("海东市人民政府办公室", "政府办公室", "市", 2008, None)
TOWN = ReportingUnit("海东市平安区平安镇人民政府", "人民政府", "乡", 2008, None)
STREET = ReportingUnit("海东市平安区小峡街道办事处", "街道办事处", "乡", 2008, None)
ZONE = ReportingUnit("海东工业园区管理委员会", "开发区管委会", None, 2008, None)


@pytest.mark.parametrize(
    ("unit", "year", "day"),
    [
        (BUREAU, 2017, date(2018, 3, 31)), (BUREAU, 2018, date(2019, 3, 31)),
        (BUREAU, 2019, date(2020, 1, 31)), (BUREAU, 2024, date(2025, 1, 31)),
        (OFFICE, 2018, date(2019, 3, 31)), (OFFICE, 2024, date(2025, 1, 31)),
        (GOVERNMENT, 2017, date(2018, 3, 31)), (GOVERNMENT, 2018, date(2019, 3, 31)),
        (GOVERNMENT, 2019, date(2020, 3, 31)), (GOVERNMENT, 2024, date(2025, 3, 31)),
        (TOWN, 2018, date(2019, 3, 31)), (TOWN, 2019, None), (STREET, 2018, date(2019, 3, 31)),
        (STREET, 2019, None), (ZONE, 2018, date(2019, 3, 31)), (ZONE, 2019, None),
    ],
)  # fmt: skip
def test_when_a_report_is_due(unit: ReportingUnit, year: int, day: date | None) -> None:
    """The regulation of 2019 names no day for towns, street offices and zones."""
    assert unit.due_on(year) == day
    assert day in (None, unit.expected_by(year)) and unit.expected_by(year) <= last_day(year)


@pytest.mark.parametrize(
    ("today", "department", "government"),
    [
        (date(2026, 1, 31), 2024, 2024), (date(2026, 2, 1), 2025, 2024), (date(2026, 3, 31), 2025, 2024),
        (date(2026, 4, 1), 2025, 2025), (date(2026, 12, 31), 2025, 2025), (date(2019, 2, 1), 2017, 2017),
    ],
)  # fmt: skip
def test_which_year_was_due_last(today: date, department: int, government: int) -> None:
    assert (BUREAU.last_due_year(today), GOVERNMENT.last_due_year(today)) == (department, government)
    assert (STREET.last_due_year(today), TOWN.last_due_year(today)) == (department, government)


@pytest.mark.parametrize(
    ("published_on", "due_on", "found"),
    [
        (date(2023, 1, 31), date(2023, 1, 31), Timeliness("on_time", 0)),
        (date(2023, 2, 1), date(2023, 1, 31), Timeliness("late", 1)),
        (date(2022, 12, 31), date(2023, 1, 31), Timeliness("on_time", -31)),
        (date(2022, 12, 1), date(2023, 1, 31), Timeliness("on_time", -61)),
        (date(2024, 3, 1), date(2023, 1, 31), Timeliness("late", 395)),
        (date(2022, 11, 30), date(2023, 1, 31), Timeliness("unknown", None)),
        (date(2022, 1, 20), date(2023, 1, 31), Timeliness("unknown", None)),
        (None, date(2023, 1, 31), Timeliness("unknown", None)),
        (date(2023, 1, 31), None, Timeliness("unknown", None)),
    ],
)
def test_days_late_are_signed(published_on: date | None, due_on: date | None, found: Timeliness) -> None:
    """A day in the year reported on, before its last month, is that of a misprint: 2022 for 2023."""
    assert date_to_timeliness(published_on, due_on, 2022) == found


def test_a_unit_has_its_latest_name_and_its_first_year() -> None:
    reports = [
        UnitReport("1", "海东市数据局", 2024, "数据", None),
        UnitReport("1", "海东市大数据局", 2020, "数据", None),
        UnitReport("2", "海东市人民政府", 2022, "人民政府", None),
    ]
    assert reports_to_units(reports) == {
        "1": ReportingUnit("海东市数据局", "数据", "市", 2020, None),
        "2": ReportingUnit("海东市人民政府", "人民政府", "市", 2022, None),
    }


def test_of_two_names_of_one_year_the_one_that_does_not_go_on_ends() -> None:
    old, new = "示例市国土资源局", "示例市自然资源和规划局"
    reports = [
        UnitReport("a", old, 2017, "自然资源", None),
        UnitReport("a", old, 2018, "自然资源", None, new),
        UnitReport("b", new, 2018, "自然资源", None, old),
    ]
    both = {agency_id: unit.last for agency_id, unit in reports_to_units(reports).items()}
    assert both == {"a": None, "b": None}
    later = [*reports, UnitReport("b", new, 2019, "自然资源", None)]
    assert {agency_id: unit.last for agency_id, unit in reports_to_units(later).items()} == {
        "a": 2018,
        "b": None,
    }


@pytest.mark.parametrize(
    ("name", "year", "last"),
    [
        ("杭州市江干区教育局", 2018, 2020), ("杭州市上城区教育局", 2018, None),
        ("淮安市洪泽县教育局", 2014, None), ("海东市工商行政管理局", 2014, 2017),
        ("海东市市场监督管理局", 2020, None), ("北京市崇文区教育委员会", 2008, 2009),
        ("海东市国税局", 2012, 2017), ("国家海洋局", 2015, 2017), ("教育部", 2015, None),
        ("江苏银监局", 2016, 2017), ("江苏证监局", 2016, None), ("国家食品药品监督管理局", 2010, 2017),
    ],
)  # fmt: skip
def test_regions_and_kinds_of_bureaus_end(name: str, year: int, last: int | None) -> None:
    assert name_to_agency(name, year).last_year == last


def test_every_kind_that_has_ended_is_known() -> None:
    spellings = {name.spelling for name in bureaus().names.values()}
    assert set(bureaus().ended) <= spellings | set(bureaus().national)
