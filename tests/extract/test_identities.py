"""The forms' own arithmetic on observations made by hand."""

from __future__ import annotations

import pytest

from pipeline.forms import load_forms
from pipeline.records import SPANNING, Observation
from tests.extract.checked_by_hand import changed, checks_of, group, observation, verdicts

WHOLE = [
    *group("review", 1, 2, 3, 4, 10),
    *group("litigation_direct", 0, 0, 0, 0, 0),
    *group("litigation_after_review", 5, 0, 0, 0, 5),
]


def test_sums_that_agree_pass() -> None:
    assert verdicts(WHOLE) == {
        ("review_litigation.total", "review"): "pass",
        ("review_litigation.total", "litigation_direct"): "pass",
        ("review_litigation.total", "litigation_after_review"): "pass",
    }


def test_a_sum_that_is_off_fails_with_its_two_sides() -> None:
    (check,) = checks_of(group("review", 1, 10, 0, 0, 0))
    assert (check.verdict, check.left, check.right, check.difference) == ("fail", 0.0, 11.0, -11.0)
    assert (check.table, check.check) == ("review_litigation", "review_litigation.total")
    assert check.scope == "review"
    assert check.attribution is None
    assert set(check.cells) == {("review", c) for c in ("upheld", "corrected", "other", "pending", "total")}


def test_one_wrong_cell_fails_one_sum() -> None:
    wrong = changed(WHOLE, {("litigation_direct", "pending"): 1})
    assert {scope: verdict for (_, scope), verdict in verdicts(wrong).items()} == {
        "review": "pass", "litigation_direct": "fail", "litigation_after_review": "pass",
    }  # fmt: skip


@pytest.mark.parametrize("empty", ["blank", "not_applicable"])
def test_empty_cells_count_as_zero_and_are_counted(empty: str) -> None:
    (check,) = checks_of(group("review", 7, empty, empty, 0, 7))
    assert (check.verdict, check.blanks_as_zero) == ("pass", 2)
    (check,) = checks_of(group("review", 7, empty, 4, 0, 9))
    assert (check.verdict, check.left, check.blanks_as_zero) == ("fail", 9.0, 1)


@pytest.mark.parametrize("empty", ["blank", "not_applicable"])
def test_a_blank_total_over_filled_parts_is_no_wrong_sum(empty: str) -> None:
    (check,) = checks_of(group("review", 7, empty, 2, 0, empty))
    assert (check.verdict, check.left, check.right, check.blanks_as_zero) == ("not_tested", 0.0, 9.0, 2)
    assert check.attribution is None


def test_a_printed_0_over_filled_parts_is_a_wrong_sum() -> None:
    (check,) = checks_of(group("review", 7, 0, 2, 0, 0))
    assert check.verdict == "fail"


@pytest.mark.parametrize("part", [0.0, "blank"])
def test_a_blank_total_over_nothing_counts_as_zero(part: float | str) -> None:
    (check,) = checks_of(group("review", part, 0, 0, 0, "blank"))
    assert check.verdict == "pass"


def test_a_sum_without_any_number_is_not_tested() -> None:
    assert verdicts(group("review", *["blank"] * 5)) == {}
    assert verdicts(group("review", *["blank"] * 4, "not_applicable")) == {}


def test_one_number_is_enough_to_test() -> None:
    (check,) = checks_of(group("review", *["blank"] * 4, 0))
    assert (check.verdict, check.blanks_as_zero) == ("pass", 4)


def test_a_sum_with_an_unreadable_cell_is_not_tested() -> None:
    seen = verdicts([*group("review", 1, "unreadable", 0, 0, 5), *group("litigation_direct", 0, 0, 0, 0, 0)])
    assert seen == {("review_litigation.total", "litigation_direct"): "pass"}


def test_a_sum_with_a_dash_over_several_cells_is_not_tested() -> None:
    *parts, total = group("review", *["not_applicable"] * 4, 9)
    assert not checks_of([*(seen._replace(match=SPANNING) for seen in parts), total])


def test_a_suspect_value_is_tested_as_read() -> None:
    """A suspect number has a value, and whether it adds up is worth knowing."""
    doubted = [seen._replace(status="suspect") for seen in group("review", 1, 2, 3, 4, 11)]
    (check,) = checks_of(doubted)
    assert (check.verdict, check.left, check.right, check.blanks_as_zero) == ("fail", 11.0, 10.0, 0)


def test_a_blank_total_that_another_sum_says_is_zero_is_a_wrong_sum() -> None:
    """Bureaus leave zeros blank: the column adds up with this one, so that it is the part that is wrong."""
    seen = blanked({("granted", "natural_person"): 9.0}, ("granted", "total"))
    assert {(check, scope): v for (check, scope), v in seen.items() if v != "pass"} == {
        ("applications.row_total", "granted"): "fail", ("applications.handled", "natural_person"): "fail",
    }  # fmt: skip


def test_blank_totals_do_not_prove_each_other() -> None:
    numbers = {(item, "natural_person"): 9.0 for item in ("new_received", "granted", "handled_total")}
    seen = blanked(numbers, *((item, "total") for item, _ in numbers))
    assert {check: v for check, v in seen.items() if v != "pass"} == dict.fromkeys(
        [
            *(("applications.row_total", item) for item, _ in numbers),
            *(("applications.balance", "total"), ("applications.handled", "total")),
        ],
        "not_tested",
    )


def test_a_sum_with_a_missing_cell_is_not_tested() -> None:
    assert verdicts(group("review", 1, 2, 3, 4, 10)[1:]) == {}


def applications(template: str, numbers: dict[tuple[str, str], float]) -> list[Observation]:
    """Table 三 of a form with zeros but for `numbers`."""
    (form,) = [f for f in load_forms() if (f.form, f.table) == (template, "applications")]
    return [
        observation(item, column, numbers.get((item, column), 0.0), "applications", template)
        for item, column in form.expected()
    ]


def blanked(numbers: dict[tuple[str, str], float], *blank: tuple[str, str]) -> dict[tuple[str, str], str]:
    """The verdicts on table 三 with these cells left blank."""
    return verdicts(
        [
            seen._replace(value=None, status="blank", raw="") if (seen.item, seen.column) in blank else seen
            for seen in applications("fy2021", numbers)
        ]
    )


BALANCED = {
    (item, column): value
    for item, value in {"new_received": 12.0, "carried_in": 3.0, "granted": 9.0, "handled_total": 9.0,
                        "carried_out": 6.0}.items()
    for column in ("business", "total")
}  # fmt: skip


@pytest.mark.parametrize(("template", "checks"), [("fy2019", 7 + 7 + 23), ("fy2021", 7 + 7 + 25)])
def test_table_three_tests_every_column_twice_and_every_row(template: str, checks: int) -> None:
    seen = verdicts(applications(template, BALANCED))
    assert len(seen) == checks
    assert set(seen.values()) == {"pass"}


@pytest.mark.parametrize("template", ["fy2019", "fy2021"])
@pytest.mark.parametrize(
    ("cell", "failing"),
    [
        (("new_received", "business"),
         {("applications.balance", "business"), ("applications.row_total", "new_received")}),
        (("handled_total", "total"),
         {("applications.balance", "total"), ("applications.handled", "total"),
          ("applications.row_total", "handled_total")}),
        (("declined.repeated", "research"),
         {("applications.handled", "research"), ("applications.row_total", "declined.repeated")}),
    ],
)  # fmt: skip
def test_the_right_sums_name_a_wrong_cell(
    template: str, cell: tuple[str, str], failing: set[tuple[str, str]]
) -> None:
    seen = verdicts(applications(template, BALANCED | {cell: 99.0}))
    assert {name for name, verdict in seen.items() if verdict == "fail"} == failing


def test_the_balance_adds_what_came_in_and_takes_what_went_out() -> None:
    checks = checks_of(applications("fy2021", BALANCED))
    (balance,) = [c for c in checks if (c.check, c.scope) == ("applications.balance", "business")]
    assert (balance.left, balance.right) == (15.0, 15.0)


def test_each_table_is_tested_by_the_form_it_follows() -> None:
    """（六）其他处理 in one row counts into the total of fy2019."""
    other = {(item, "total"): 4.0 for item in ("new_received", "other", "handled_total")}
    other |= {(item, "business"): 4.0 for item in ("new_received", "other", "handled_total")}
    assert set(verdicts(applications("fy2019", other)).values()) == {"pass"}


def test_sums_of_decimals_agree() -> None:
    """0.1 + 0.2 is not 0.3 in binary."""
    values = {"staff": 0.3, "staff.full_time": 0.1, "staff.part_time": 0.2}
    seen = [observation(item, "count", value, "statistics", "fy2014") for item, value in values.items()]
    assert verdicts(seen) == {("statistics.staff", "count"): "pass"}


def test_a_column_of_all_years_is_tested_beside_the_year() -> None:
    seen = [
        observation(item, column, value, "statistics", "fy2014")
        for column, values in {"count": (5, 2, 3), "cumulative": (50, 20, 31)}.items()
        for item, value in zip(("staff", "staff.full_time", "staff.part_time"), values, strict=True)
    ]
    assert verdicts(seen) == {
        ("statistics.staff", "count"): "pass", ("statistics.staff", "cumulative"): "fail",
    }  # fmt: skip
