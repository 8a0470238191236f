"""Rates: the right cells divided, nothing made of what is not known, doubts told; gaps shown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derive.cell_matrices import frames_to_matrices, with_missing_tables
from pipeline.derive.chain import frames_to_derived, place_and_check
from pipeline.derive.crosswalk import rate_to_forms
from pipeline.derive.rates import matrices_to_evidence, matrices_to_rates
from pipeline.derive.standing import frames_to_taken, with_standing
from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Check, Reason, Report
from pipeline.tables.dictionary import sums, tables
from pipeline.tables.frames import empty_frames, reports_to_frames
from pipeline.tables.rate_definitions import (
    BLANK_TABLE,
    FAILED_SUMS,
    OTHER_FORM,
    PROVEN_ZERO,
    FormCell,
    Rate,
    caveats,
    interval_level,
    is_part,
    rates,
)
from tests.tables.report_sample import BALANCE, Numbers, cells, report, sample_reports

NEW = {form.table: form for form in load_forms() if form.form == "fy2021"}
LEAVES = [item for item, weight in NEW["applications"].identities[1].weights.items() if weight < 0]
WHOLE: dict[tuple[str, str], float | str] = {
    **{(row.key, "total"): 0 for row in NEW["applications"].rows},
    ("new_received", "total"): 18, ("carried_in", "total"): 2, ("granted", "total"): 9,
    ("refused.state_secret", "total"): 1, ("refused.internal_affairs", "total"): 2,
    ("declined.repeated", "total"): 3, ("other.fee_unpaid", "total"): 1, ("handled_total", "total"): 16,
    ("carried_out", "total"): 4,
}  # fmt: skip
COURTS: Numbers = {
    ("review", "upheld"): 3, ("review", "corrected"): 1, ("review", "other"): 0, ("review", "pending"): 4,
    ("review", "total"): 8, ("litigation_direct", "total"): 2, ("litigation_after_review", "total"): 2,
}  # fmt: skip


def judged(name: str, *tables: tuple[str, Numbers], template: str = "fy2021", **more: Any) -> Report:
    """A report with these cells, and every check of the forms made on them."""
    seen = [c for table, numbers in tables for c in cells(table, numbers, template=template)]
    return report(name, observations=seen, checks=observations_to_checks(seen, load_forms()), **more)


def rows(*reports: Report) -> pd.DataFrame:
    frames = frames_to_taken(with_standing(reports_to_frames(reports, reading_version="1")))
    matrices = with_missing_tables(frames_to_matrices(frames), frames)
    return matrices_to_rates(matrices, matrices_to_evidence(matrices, frames.checks))


def one_row(found: Report, rate: str) -> Mapping[Hashable, Any]:
    """The one row of a rate."""
    (row,) = rows(found).query(f"rate == '{rate}'").to_dict("records")
    return row


def told(*reports: Report, rate: str) -> tuple[float | None, str]:
    """Value and status of a rate that has one row."""
    (found,) = rows(*reports).query(f"rate == '{rate}'").to_dict("records")
    return (None if pd.isna(found["value"]) else found["value"]), found["status"]


def applications(**changes: float | str) -> Report:
    """The whole table with some cells changed, dots in their keys as two underscores."""
    changed = {(item.replace("__", "."), "total"): value for item, value in changes.items()}
    return judged("a", ("applications", WHOLE | changed))


@pytest.mark.parametrize(
    ("rate", "value"),
    [
        ("share_granted", 9 / 16), ("share_refused", 3 / 16), ("share_refused_state_secret", 1 / 16),
        ("share_declined", 3 / 16), ("share_unavailable", 0.0), ("share_other", 1 / 16),
        ("share_carried_over", 4 / 20), ("review_rate", 8 / 16), ("litigation_rate", 4 / 16),
        ("review_correction_rate", 1 / 4), ("review_correction_rate_decided", 1 / 4),
        ("share_disclosed_of_decided", 9 / 12), ("disclosed_to_received", 9 / 18),
        ("share_handled", 16 / 20), ("clearance_rate", 16 / 18),
    ],
)  # fmt: skip
def test_the_right_cells_are_divided(rate: str, value: float) -> None:
    both = judged("a", ("applications", WHOLE), ("review_litigation", COURTS))
    assert told(both, rate=rate) == (pytest.approx(value), "ok")


def test_numbers_stand_beside_the_rate() -> None:
    row = rows(applications()).query("rate == 'share_refused'").iloc[0]
    assert (row["numerator"], row["denominator"], row["template"]) == (3, 16, "fy2021")


def test_the_row_that_forms_print_whole_or_in_parts() -> None:
    old = {("other", "total"): 5.0, ("handled_total", "total"): 20.0}
    assert told(judged("o", ("applications", old), template="fy2019"), rate="share_other") == (0.25, "ok")
    assert told(applications(other__fee_unpaid="suspect"), rate="share_other") == (None, "suspect")
    assert told(applications(other__fee_unpaid="unreadable"), rate="share_other") == (None, "unknown")


def test_a_blank_is_zero_only_where_a_check_proves_it() -> None:
    assert told(applications(granted="blank", partially_granted=9), rate="share_granted") == (0.0, "ok")
    unproven = cells("applications", {("granted", "total"): "blank", ("handled_total", "total"): 9})
    assert told(report("a", observations=unproven), rate="share_granted") == (None, "unknown")
    assert told(applications(granted="blank"), rate="share_granted") == (None, "unknown")  # the check fails


def test_blanks_on_both_sides_of_a_check_prove_nothing() -> None:
    one: dict[str, float | str] = {"carried_in": "blank", "new_received": 20}
    assert told(applications(**one), rate="share_carried_over") == (0.2, "ok")
    both: dict[str, float | str] = {"carried_in": "blank", "new_received": 16, "carried_out": "blank"}
    assert told(applications(**both), rate="share_carried_over") == (None, "unknown")


def test_what_is_not_known_is_never_a_number() -> None:
    assert told(applications(granted="suspect"), rate="share_granted") == (None, "suspect")
    assert told(applications(handled_total="unreadable"), rate="share_granted") == (None, "unknown")
    assert told(applications(granted="unreadable"), rate="share_declined")[0] == pytest.approx(3 / 16)
    alone = judged("a", ("review_litigation", COURTS))
    assert told(alone, rate="litigation_rate") == (None, "unknown")


def test_nothing_is_divided_by_nothing() -> None:
    empty = dict.fromkeys(WHOLE, 0.0)
    assert told(judged("a", ("applications", empty)), rate="share_granted") == (None, "no_cases")


def test_a_failed_check_over_a_used_cell_is_told() -> None:
    wrong = applications(handled_total=17)
    assert told(wrong, rate="share_granted") == (pytest.approx(9 / 17), "check_failed")
    assert told(wrong, rate="share_from_business")[1] == "unknown"


def test_a_failed_check_across_years_is_told_of_the_later_report() -> None:
    failed = Check("applications", "series.carried", "total", 2.0, 9.0, "fail", None, 0, ())
    seen = cells("applications", WHOLE)
    found = report("a", observations=seen, checks=[failed])
    assert told(found, rate="share_carried_over") == (0.2, "check_failed")
    assert told(found, rate="share_granted")[1] == "ok"


@pytest.mark.parametrize(
    ("cases", "of", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_literature(cases: int, of: int, lower: float, upper: float) -> None:
    """The examples of Newcombe, Statistics in Medicine 17 (1998), method 3."""
    row = one_row(applications(handled_total=of, granted=cases), "share_granted")
    assert (row["lower"], row["upper"]) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))
    rest = one_row(applications(handled_total=of, granted=of - cases), "share_granted")
    assert (rest["lower"], rest["upper"]) == pytest.approx((1 - row["upper"], 1 - row["lower"]))
    assert interval_level() == 0.95 and (cases > 0 or (row["lower"], rest["upper"]) == (0, 1))


def test_what_is_no_share_has_no_interval() -> None:
    whole = applications()
    for name in ("clearance_rate", "disclosed_to_received"):
        row = one_row(whole, name)
        assert row["value"] > 0 and pd.isna(row["lower"]) and pd.isna(row["upper"])
    beyond = one_row(applications(granted=20), "share_granted")
    assert beyond["value"] > 1 and pd.isna(beyond["lower"]) and beyond["caveat"] == "failed_sums"
    found = rows(whole)
    shares = {rate.name for rate in rates() if is_part(rate)}
    assert set(found.loc[found["lower"].notna(), "rate"]) <= shares
    for rate in rates():
        assert ("No interval" in rate.explanation) == (rate.name not in shares), rate.name


def test_each_row_says_what_to_know_of_it() -> None:
    both = judged("a", ("applications", WHOLE), ("review_litigation", COURTS))
    said = rows(both).set_index("rate")["caveat"]
    assert (said["share_granted"], said["review_rate"], said["clearance_rate"]) == (
        "", "pending_again", "other_year")  # fmt: skip
    assert said["review_correction_rate"] == "" and said["litigation_correction_rate"] == ""
    settled = dict(COURTS) | {("review", "pending"): 0, ("review", "other"): 4}
    done = judged("a", ("applications", WHOLE), ("review_litigation", settled))
    assert one_row(done, "review_rate")["caveat"] == ""
    blank = one_row(applications(granted="blank", partially_granted=9), "share_granted")
    assert (blank["value"], blank["caveat"]) == (0.0, "proven_zero")
    none: Numbers = dict.fromkeys(COURTS, "blank")
    empty = one_row(judged("a", ("applications", WHOLE), ("review_litigation", none)), "review_rate")
    assert (empty["status"], empty["caveat"]) == ("unknown", "blank_table")
    other = judged("o", ("applications", WHOLE), year=2019)
    assert one_row(other, "share_granted")["caveat"] == "other_form"


def test_a_form_that_prints_the_same_cells_is_no_other() -> None:
    courts = judged("a", ("review_litigation", COURTS), year=2020)
    assert "other_form" not in one_row(courts, "review_correction_rate")["caveat"]


def test_the_older_form_is_told() -> None:
    numbers = {("answered", "count"): 4, ("answered.granted", "count"): 1,
               ("answered.partially_granted", "count"): 2}  # fmt: skip
    row = one_row(
        judged("o", ("statistics", numbers), template="fy2014", year=2016), "fy2014_share_disclosed"
    )
    assert (row["value"], row["numerator"], row["denominator"], row["caveat"]) == (0.75, 3, 4, "older_form")


def test_a_form_has_the_rates_whose_cells_it_prints() -> None:
    old = judged("o", ("statistics", {("answered", "count"): 4, ("answered.granted", "count"): 1}),
                 template="fy2014", year=2016)  # fmt: skip
    found = rows(applications(), old)
    assert all(found["rate"].str.startswith("fy2014_") == (found["fiscal_year"] == 2016))
    assert told(old, rate="fy2014_share_granted") == (0.25, "ok")


def test_a_table_that_is_missing_leaves_the_rates_of_the_form_in_force_unknown() -> None:
    courts = judged("a", ("review_litigation", COURTS), year=2022)
    found = rows(courts, report("none", agency="乙局", year=2020), report("old", agency="丙局", year=2017))
    years = (("示例局", 2022, "fy2021"), ("乙局", 2020, "fy2019"), ("丙局", 2017, "fy2014"))
    for agency, year, form in years:
        mine = found[found["agency"] == agency]
        assert set(mine["rate"]) == {rate.name for rate in rates() if form in rate_to_forms(rate)}
        assert set(mine["template"]) == {form} and set(mine["fiscal_year"]) == {year}
    known = found.query("status != 'unknown'")
    of_courts = {rate.name for rate in rates() if rate_to_tables(rate) == {"review_litigation"}}
    assert "review_correction_rate" in set(known["rate"]) <= of_courts and set(known["agency"]) == {"示例局"}


def test_the_table_of_a_superseded_report_is_not_mixed_in() -> None:
    whole = judged("a", ("applications", WHOLE), published_on="2024-01-10")
    alone = judged("b", ("review_litigation", COURTS), published_on="2024-01-20")
    found = rows(whole, alone).set_index("rate")
    assert (found["status"]["share_granted"], found["status"]["review_correction_rate"]) == ("unknown", "ok")
    assert found["report_id"].nunique() == 1


def test_a_report_of_which_agency_or_year_is_not_known_has_no_rates() -> None:
    assert rows(report("a", agency="", year=2023), report("b", year=None)).empty


def test_rows_are_in_order_and_without_reports_there_are_none() -> None:
    found = rows(*sample_reports())
    keys = list(found[["agency", "fiscal_year"]].itertuples(index=False, name=None))
    assert keys == sorted(keys) and not found.duplicated(["agency", "fiscal_year", "rate"]).any()
    assert len(frames_to_derived(empty_frames())["panel_rates"]) == 0


OUTCOMES = st.lists(
    st.one_of(st.integers(0, 30), st.just("blank")), min_size=len(LEAVES), max_size=len(LEAVES)
)


@settings(max_examples=3)
@given(st.lists(OUTCOMES, min_size=8, max_size=8))
def test_shares_of_outcomes_add_up_to_one(years: list[list[int | str]]) -> None:
    """Several years at once: the rates of one take as long as those of many."""
    totals = {2010 + n: sum(n for n in leaves if not isinstance(n, str)) for n, leaves in enumerate(years)}
    found = rows(*map(with_outcomes, totals, years, totals.values())).set_index(["fiscal_year", "rate"])
    parts = ["share_disclosed", "share_refused", "share_unavailable", "share_declined", "share_other"]
    for year, total in totals.items():
        values = found["value"][year][parts]
        assert values.isna().all() if total == 0 else values.sum() == pytest.approx(1), year


def with_outcomes(year: int, leaves: list[int | str], total: int) -> Report:
    keys = [(leaf, "total") for leaf in LEAVES]
    numbers: dict[tuple[str, str], float | str] = dict(zip(keys, leaves, strict=True))
    numbers["handled_total", "total"] = float(total)
    return judged(f"{year}", ("applications", numbers), year=year)


# ------------------------------------------------------------ the data themselves


def cells_of(rate: Rate) -> Iterable[FormCell]:
    return (*rate.numerator, *rate.denominator)


def rate_to_tables(rate: Rate) -> set[str]:
    return {cell.table for cell in cells_of(rate)}


def leaves_of(place: FormCell) -> set[tuple[str, str, str]]:
    """The cells that the newer forms' identities say a cell is the sum of, itself included."""
    found = {tuple(place)}
    for form in load_forms():
        for identity in form.identities if form.table == place.table else ():
            whole = [key for key, weight in identity.weights.items() if weight > 0]
            parts = [key for key, weight in identity.weights.items() if weight < 0]
            if identity.across == "columns" and whole == [place.item]:
                found |= {(place.table, part, place.column) for part in parts}
            if identity.across == "rows" and whole == [place.column]:
                found |= {(place.table, place.item, part) for part in parts}
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("rate", rates(), ids=lambda rate: rate.name)
def test_every_cell_of_a_rate_is_one_that_a_form_prints(rate: Rate) -> None:
    printed = {(form.table, *pair) for form in load_forms() for pair in form.units}
    assert {tuple(place) for place in cells_of(rate)} <= printed
    assert len({place.table for place in rate.numerator}) == len({p.table for p in rate.denominator}) == 1
    assert rate.title and rate.english and rate.meaning
    assert {tuple(cell) for _, cause in rate.caveats for cell in cause} <= printed
    assert {name for name, _ in rate.caveats} <= caveats().keys()


@pytest.mark.parametrize("rate", [r for r in rates() if "share_" in r.name], ids=lambda rate: rate.name)
def test_a_share_is_a_part_of_its_whole(rate: Rate) -> None:
    whole = set().union(*map(leaves_of, rate.denominator))
    if rate.name in ("share_carried_over", "share_handled"):  # by the balance: all there were before
        whole |= {("applications", "carried_out", "total"), ("applications", "handled_total", "total")}
    if rate.name.startswith("share_from_"):
        whole |= set().union(*(leaves_of(FormCell("applications", "new_received", "total")),))
    assert {tuple(place) for place in rate.numerator} <= whole


def test_rates_have_names_of_their_own() -> None:
    for names in ("name", "title", "english"):
        assert len({getattr(rate, names) for rate in rates()}) == len(rates())


def test_every_caveat_is_used_and_explained() -> None:
    (column,) = [c for c in tables()["panel_rates"].columns if c.name == "caveat"]
    used = {FAILED_SUMS, PROVEN_ZERO, BLANK_TABLE, OTHER_FORM}
    assert used | {name for rate in rates() for name, _ in rate.caveats} == set(caveats())
    assert all(f"{name} (" in column.meaning for name in caveats())
    (lower,) = [c for c in tables()["panel_rates"].columns if c.name == "lower"]
    assert f"{interval_level():.0%}".replace("%", " %") in lower.meaning


def test_no_row_that_a_rate_may_want_whole_is_left_to_parts() -> None:
    assert {(s.table, s.item) for s in sums()} <= {place[:2] for rate in rates() for place in rate.numerator}


# ----------------------------------------------------------------------- gaps


def test_years_without_a_report_have_a_row() -> None:
    numbers = cells("applications", WHOLE)
    found = frames_to_derived(
        with_standing(
            reports_to_frames(
                [
                    report("a", year=2019, observations=numbers),
                    report("b", year=2021, checks=(), status="no_tables", reason=Reason.NO_TABLES),
                    report(
                        "c", year=2023, observations=cells("applications", {("granted", "total"): "suspect"})
                    ),
                    report("d", year=2023, observations=cells("review_litigation", COURTS)),
                    report("e", agency="另一局", year=2020, observations=numbers, checks=[BALANCE]),
                    *sample_reports()[3:],
                ],
                reading_version="1",
            )
        )
    )["coverage"]
    rows = found[["agency", "fiscal_year", "status", "tables", "reports"]].values.tolist()
    assert rows == [
        ["另一局", 2020, "numbers", "applications", 1],
        ["示例局", 2019, "numbers", "applications", 1],
        ["示例局", 2020, "missing", "", 0],
        ["示例局", 2021, "no_table", "", 1],
        ["示例局", 2022, "missing", "", 0],
        ["示例局", 2023, "numbers", "review_litigation", 2],
    ]


def test_who_stops_is_missing_and_what_has_ended_is_not() -> None:
    """A body goes as far as others of its kind have reported: the government as far as governments."""
    numbers = cells("applications", WHOLE)
    told = {
        "杭州市江干区教育局": 2019,
        "杭州市上城区教育局": 2019,
        "杭州市上城区人民政府": 2019,
        "杭州市教育局": 2022,
    }
    reports = [report(name, agency=name, year=year, observations=numbers) for name, year in told.items()]
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    found = frames_to_derived(frames)["coverage"]
    years = {name: group["fiscal_year"].tolist() for name, group in found.groupby("agency")}
    assert years == {
        "杭州市江干区教育局": [2019, 2020],
        "杭州市上城区教育局": [2019, 2020, 2021, 2022],
        "杭州市上城区人民政府": [2019],
        "杭州市教育局": [2022],
    }
