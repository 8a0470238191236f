"""Identities across years on light rows; the sides, the blanks, the doubts and whose error it is."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.derive.across_years import (
    APPLICANTS,
    SERIES_ITEMS,
    SeriesCell,
    SeriesCheck,
    needs_confirmation,
    series_checks,
)

Number = float | str


def cell(
    year: int,
    item: str,
    column: str,
    number: Number,
    *,
    report_id: str = "",
    by: str = "",
    agency_id: str = "示例局",
) -> SeriesCell:
    """A cell; a text in place of a number is the status of a cell without one."""
    table = "applications" if item.startswith("carried") else "active_disclosure"
    value, status = (None, number) if isinstance(number, str) else (number, "ok")
    return SeriesCell(agency_id, report_id or f"r{year}", year, table, item, column, value, status, by)


def carried(out: Number, into: Number, **more: str) -> list[SeriesCell]:
    return [
        cell(2022, "carried_out", "total", out, **more),
        cell(2023, "carried_in", "total", into, **more),
    ]


def in_force(before: Number, made: Number, repealed: Number, now: Number, **more: str) -> list[SeriesCell]:
    return [
        cell(2022, "regulations", "in_force", before, **more),
        cell(2023, "regulations", "made", made, **more),
        cell(2023, "regulations", "repealed", repealed, **more),
        cell(2023, "regulations", "in_force", now, **more),
    ]


def only(cells: list[SeriesCell]) -> SeriesCheck:
    (found,) = series_checks(cells)
    return found


def test_what_is_carried_out_is_carried_in() -> None:
    found = only(carried(5, 5))
    assert (found.report_id, found.check.check, found.check.scope) == ("r2023", "series.carried", "total")
    assert (found.check.verdict, found.check.attribution, found.unconfirmed) == (
        "pass",
        None,
        (("r2022", "applications"), ("r2023", "applications")),
    )


def test_a_difference_fails_and_shows_both_sides() -> None:
    check = only(carried(5, 4)).check
    assert (check.left, check.right, check.difference, check.verdict) == (4, 5, -1, "fail")


def test_in_force_grows_by_what_is_made_and_not_repealed() -> None:
    assert only(in_force(10, 3, 1, 12)).check.verdict == "pass"
    check = only(in_force(10, 3, 1, 13)).check
    assert (check.check, check.scope, check.left, check.right) == ("series.in_force", "regulations", 13, 12)


@given(st.lists(st.integers(0, 500), min_size=14, max_size=14), st.integers(0, 13), st.integers(1, 9))
def test_any_wrong_number_is_named_by_the_column_it_stands_in(
    numbers: list[int], place: int, change: int
) -> None:
    cells = [
        cell(2022 + k, item, column, numbers[column_at])
        for k, item in enumerate(("carried_out", "carried_in"))
        for column_at, column in enumerate(APPLICANTS)
    ]
    assert {found.check.verdict for found in series_checks(cells)} == {"pass"}
    wrong = cells[place]
    cells[place] = wrong._replace(value=(wrong.value or 0) + change)
    failed = [found.check.scope for found in series_checks(cells) if found.check.verdict == "fail"]
    assert failed == [wrong.column]


def test_every_applicant_is_tested_in_the_form_s_order() -> None:
    cells = [cell(y, i, c, 1) for y, i in ((2022, "carried_out"), (2023, "carried_in")) for c in APPLICANTS]
    for order in (cells, cells[::-1]):
        assert tuple(found.check.scope for found in series_checks(order)) == APPLICANTS


def test_blanks_count_as_zero_and_are_counted() -> None:
    check = only(in_force("blank", 3, "not_applicable", 3)).check
    assert (check.verdict, check.blanks_as_zero) == ("pass", 2)


@pytest.mark.parametrize("cells", [carried("blank", "not_applicable"), in_force(*["blank"] * 4)])
def test_without_any_number_nothing_is_tested(cells: list[SeriesCell]) -> None:
    assert series_checks(cells) == []


@pytest.mark.parametrize("doubt", ["suspect", "unreadable"])
def test_a_number_in_doubt_is_not_tested(doubt: str) -> None:
    assert series_checks(carried(doubt, 5)) == series_checks(in_force(1, doubt, 0, 1)) == []
    suspect_value = [cell._replace(status="suspect") for cell in carried(5, 5)]
    assert series_checks(suspect_value) == []


def test_a_missing_cell_is_not_a_blank_one() -> None:
    assert series_checks(carried(5, 5)[:1]) == series_checks(in_force(1, 2, 0, 3)[:3]) == []


def test_years_must_follow_and_agencies_be_the_same() -> None:
    earlier, later = carried(5, 4)
    assert series_checks([earlier._replace(fiscal_year=2021), later]) == []
    assert series_checks([earlier._replace(agency_id="另一局"), later]) == []
    assert series_checks([earlier._replace(agency_id=""), later._replace(agency_id="")]) == []


def test_each_year_of_a_long_series_is_tested_once() -> None:
    cells = [cell(y, item, "total", 5) for y in range(2019, 2024) for item in ("carried_out", "carried_in")]
    assert [found.report_id for found in series_checks(cells)] == ["r2020", "r2021", "r2022", "r2023"]


def test_two_reports_of_a_year_that_agree_are_both_tested() -> None:
    earlier, later = carried(5, 4)
    found = series_checks([earlier, later, later._replace(report_id="copy")])
    assert [each.report_id for each in found] == ["copy", "r2023"]


@pytest.mark.parametrize("other", [6, "blank", "suspect"])
def test_two_reports_of_a_year_that_differ_are_left_alone(other: Number) -> None:
    earlier, later = carried(5, 5)
    copy = cell(2022, "carried_out", "total", other, report_id="copy")
    assert all(series_checks(order) == [] for order in permutations([earlier, later, copy]))


def test_confirmed_on_both_sides_it_is_the_publisher_s_error() -> None:
    cells = carried(5, 4, by="pdfplumber")
    assert only(cells).check.attribution == "publisher"
    assert needs_confirmation(series_checks(cells)) == []


def test_while_one_side_is_unconfirmed_nobody_knows_and_it_is_to_be_read_again() -> None:
    earlier, later = carried(5, 4)
    found = series_checks([earlier._replace(confirmed_by="pdfplumber"), later])
    assert found[0].check.attribution is None
    assert needs_confirmation(found) == [("r2023", "applications")]


def test_a_blank_must_be_confirmed_too() -> None:
    earlier, later = carried("blank", 4)
    found = series_checks([earlier, later._replace(confirmed_by="pdfplumber")])
    assert needs_confirmation(found) == [("r2022", "applications")]


def test_a_corrected_number_is_not_the_publisher_s_and_needs_no_reading() -> None:
    earlier, later = carried(5, 4, by="pdfplumber")
    found = series_checks([earlier._replace(status="corrected", confirmed_by=""), later])
    assert (found[0].check.attribution, needs_confirmation(found)) == (None, [])


def test_what_passes_needs_no_confirmation() -> None:
    assert needs_confirmation(series_checks(carried(5, 5))) == []


def test_other_rows_may_be_given_and_are_ignored() -> None:
    stray = SeriesCell("r", "示例局", 2023, "applications", "granted", "total", 1.0, "ok", "")
    assert series_checks([stray]) == []
    assert ("applications", "granted") not in SERIES_ITEMS


def test_decimals_are_compared_as_printed() -> None:
    assert only(in_force(0.1, 0.2, 0, 0.3)).check.verdict == "pass"


def test_checking_needs_no_pandas() -> None:
    code = "import sys, pipeline.derive.across_years; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
