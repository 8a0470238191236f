"""Who should report on a year, and when the report is due."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.places.agencies import name_to_agency
from pipeline.places.bureaus import bureaus
from pipeline.places.units import ReportingUnit, UnitReport, due_on, last_due_year, reports_to_units


@pytest.mark.parametrize(
    ("year", "government", "day"),
    [
        (2017, False, date(2018, 3, 31)), (2018, False, date(2019, 3, 31)), (2019, False, date(2020, 1, 31)),
        (2024, False, date(2025, 1, 31)), (2017, True, date(2018, 3, 31)), (2024, True, date(2025, 3, 31)),
    ],
)  # fmt: skip
def test_when_a_report_is_due(year: int, government: bool, day: date) -> None:
    assert due_on(year, government) == day


@pytest.mark.parametrize(
    ("today", "department", "government"),
    [
        (date(2026, 1, 31), 2024, 2024), (date(2026, 2, 1), 2025, 2024), (date(2026, 3, 31), 2025, 2024),
        (date(2026, 4, 1), 2025, 2025), (date(2026, 12, 31), 2025, 2025), (date(2019, 2, 1), 2017, 2017),
    ],
)  # fmt: skip
def test_which_year_was_due_last(today: date, department: int, government: int) -> None:
    assert (last_due_year(today, False), last_due_year(today, True)) == (department, government)


def test_a_unit_has_its_latest_name_and_its_first_year() -> None:
    reports = [
        UnitReport("1", "海东市数据局", 2024, "数据", None),
        UnitReport("1", "海东市大数据局", 2020, "数据", None),
        UnitReport("2", "海东市人民政府", 2022, "人民政府", None),
    ]
    assert reports_to_units(reports) == {
        "1": ReportingUnit("海东市数据局", False, 2020, None),
        "2": ReportingUnit("海东市人民政府", True, 2022, None),
    }


@pytest.mark.parametrize(
    ("name", "year", "last"),
    [
        ("杭州市江干区教育局", 2018, 2020), ("杭州市上城区教育局", 2018, None),
        ("淮安市洪泽县教育局", 2014, None), ("海东市工商行政管理局", 2014, 2017),
        ("海东市市场监督管理局", 2020, None), ("北京市崇文区教育委员会", 2008, 2009),
        ("海东市国税局", 2012, 2017), ("国家海洋局", 2015, 2017), ("教育部", 2015, None),
    ],
)  # fmt: skip
def test_regions_and_kinds_of_bureaus_end(name: str, year: int, last: int | None) -> None:
    assert name_to_agency(name, year).last_year == last


def test_every_kind_that_has_ended_is_known() -> None:
    spellings = {name.spelling for name in bureaus().names.values()}
    assert set(bureaus().ended) <= spellings | set(bureaus().national)
