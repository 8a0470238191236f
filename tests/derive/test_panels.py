"""One row per agency and year; what means the same in one column, what does not left apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derive.chain import frames_to_derived
from pipeline.derive.standing import with_standing
from pipeline.records import Reason, Report
from pipeline.tables.dictionary import tables
from pipeline.tables.frames import empty_frames, reports_to_frames
from tests.tables.report_sample import APPLICANTS, Numbers, cell, cells, report, sample_reports

PARTS = ("other.no_correction", "other.fee_unpaid", "other.other")


def panel(name: str, *reports: Report) -> pd.DataFrame:
    frames = reports_to_frames(reports, reading_version="1")
    return frames_to_derived(with_standing(frames))[f"panel_{name}"]


def others(numbers: Numbers, template: str = "fy2021") -> dict[str, float | None]:
    """The columns about 其他处理 of a report with these cells, in 总计."""
    row = panel("applications", report("a", observations=cells("applications", numbers, template=template)))
    (found,) = row.filter(regex="^other.*__total$").to_dict("records")
    return {str(name): None if pd.isna(value) else value for name, value in found.items()}


def test_without_reports_all_columns_stand() -> None:
    for name, frame in frames_to_derived(empty_frames()).items():
        assert len(frame) == 0 and list(frame) == [c.name for c in tables()[name].columns]


def test_one_row_per_agency_and_year_in_order() -> None:
    rows = panel("applications", *sample_reports())
    assert rows[["agency", "fiscal_year"]].values.tolist() == [["乙局", 2023], ["甲局", 2022], ["甲局", 2023]]
    assert rows["new_received__natural_person"].tolist() == [21, 7, 7]


def test_dots_become_underscores_and_columns_keep_the_vocabulary_s_order() -> None:
    names = [name for name in panel("applications").columns.astype(str) if "__" in name]
    assert names[:7] == [f"new_received__{applicant}" for applicant in APPLICANTS]
    assert names.index("refused_state_secret__total") < names.index("declined_repeated__total")
    assert names[-1] == "carried_out__total" and len(names) == len(set(names)) == 26 * 7


def test_only_numbers_that_can_be_trusted() -> None:
    row = panel("applications", *sample_reports()).iloc[0]
    known = {
        name: row[f"new_received__{name}"] for name in APPLICANTS if pd.notna(row[f"new_received__{name}"])
    }
    assert known == {"natural_person": 21, "total": 25}  # suspect, unreadable and blank are not numbers


def test_forms_share_a_column_only_where_it_means_the_same() -> None:
    new = cells(
        "active_disclosure", {("regulations", "in_force"): 5, ("administrative_licensing", "decisions"): 7}
    )
    old = cells(
        "active_disclosure",
        {("regulations", "total_disclosed"): 9, ("administrative_licensing", "decisions"): 8},
        template="fy2019",
    )
    rows = panel("active_disclosure", report("n", observations=new), report("o", year=2020, observations=old))
    assert rows["template"].tolist() == ["fy2019", "fy2021"]
    assert rows["administrative_licensing__decisions"].tolist() == [8, 7]
    assert rows["regulations__in_force"].isna().tolist() == [True, False]
    assert rows["regulations__total_disclosed"].isna().tolist() == [False, True]


def test_the_other_row_of_the_old_form_is_the_sum_of_the_new_ones() -> None:
    parts = dict(zip([(p, "total") for p in PARTS], [1.0, 2.0, 4.0], strict=True))
    assert others(parts) == {
        "other__total": 7,
        "other_no_correction__total": 1,
        "other_fee_unpaid__total": 2,
        "other_other__total": 4,
    }
    old = others({("other", "total"): 3}, "fy2019")
    assert old["other__total"] == 3 and old["other_other__total"] is None


def test_blanks_and_doubts_leave_no_sum() -> None:
    """But for blanks that a check proves to be 0: tests/derive/test_panel_nulls.py."""

    def summed(*numbers: float | str) -> float | None:
        return others(dict(zip([(p, "total") for p in PARTS], numbers, strict=False)))["other__total"]

    assert summed(1, 2, 4) == 7
    assert summed(1, "blank", "not_applicable") is None
    assert summed("blank", "blank", "blank") is None
    assert summed(1, 2, "suspect") is summed(1, "unreadable", 2) is summed(1, 2) is None


def test_a_printed_row_is_never_replaced_by_a_sum() -> None:
    printed: Numbers = {("other", "total"): "suspect", **{(part, "total"): 1.0 for part in PARTS}}
    assert others(printed)["other__total"] is None


def test_of_two_reports_the_one_published_last_stands_in_any_order() -> None:
    def edition(name: str, number: float, published_on: str | None) -> Report:
        return report(name, observations=[cell("granted", "total", number)], published_on=published_on)

    editions = [edition("a", 2, None), edition("b", 2, "2024-03-01"), edition("c", 3, "2024-01-31")]
    for order in permutations(editions):
        assert panel("applications", *order)["granted__total"].tolist() == [2]
    undated = sorted((edition(name, 1, None) for name in "xyz"), key=lambda each: each.report_id)
    assert panel("applications", *undated)["report_id"].tolist() == [undated[-1].report_id]


def test_a_later_edition_without_the_table_does_not_hide_the_earlier() -> None:
    whole = report("whole", observations=[cell("granted", "total", 1)], published_on="2024-01-01")
    partial = report("partial", published_on="2024-06-01", status="partial", reason=Reason.INCOMPLETE)
    assert panel("applications", whole, partial)["granted__total"].tolist() == [1]


def test_without_agency_or_year_there_is_no_row() -> None:
    cells_ = [cell("granted", "total", 1)]
    nobody = report("nobody", agency="", observations=cells_)
    assert len(panel("applications", nobody, report("never", year=None, observations=cells_))) == 0


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(APPLICANTS), st.integers(0, 999), min_size=1))
def test_every_number_lands_in_its_own_column(numbers: dict[str, int]) -> None:
    told = [cell("declined.repeated", column, number) for column, number in numbers.items()]
    row = (
        panel("applications", report("a", observations=told)).iloc[0].drop(index=list(tables_head())).dropna()
    )
    assert row.to_dict() == {f"declined_repeated__{column}": number for column, number in numbers.items()}


def tables_head() -> list[str]:
    return [column.name for column in tables()["panel_applications"].columns if "__" not in column.name]


def test_two_agencies_of_one_name_stand_beside_each_other() -> None:
    """朝阳区教育局 in 北京 and in 长春: their ids tell them apart, and neither is lost."""
    numbers = cells("applications", {("new_received", "total"): 5})
    told = [report(letter, observations=numbers) for letter in "ab"]
    frames = reports_to_frames(told, reading_version="1")
    (name, _), (year, _) = frames.reports["agency"], frames.reports["fiscal_year"]
    assert [*frames.reports["agency"]] == [name] * 2 and [*frames.reports["fiscal_year"]] == [year] * 2
    placed = frames.reports.assign(agency_id=["110105-教育", "220104-教育"])
    derived = frames_to_derived(replace(frames, reports=placed))
    for table in ("panel_applications", "panel_rates", "coverage"):
        assert set(derived[table]["agency_id"]) == {"110105-教育", "220104-教育"}
