"""Records become the contract's tables, and old and new tables become one."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pandas as pd
import pytest

from pipeline.derive.across_years import SERIES_ITEMS, series_checks
from pipeline.records import Check, Reason, Report
from pipeline.tables.arrow import ContractError
from pipeline.tables.frames import (
    Frames,
    add_series,
    empty_frames,
    keep_reports,
    merge,
    reports_to_frames,
    series_cells,
    stack,
)
from pipeline.tables.schemas import require_valid
from tests.tables.report_sample import BALANCE, cell, cells, report, sample_reports

CONTRACT = {
    "observations": "report_id agency region_code fiscal_year table template item column value unit raw "
    "status page x0 top x1 bottom reader",
    "reports": "report_id source_file source_url sha256 agency region_code region_name admin_level "
    "bureau_type fiscal_year title published_on pages templates cells cells_suspect checks_passed "
    "checks_failed readers seconds status error reading_version",
    "checks": "report_id agency fiscal_year table check scope left right difference verdict attribution "
    "blanks_as_zero",
    "sections": "report_id agency fiscal_year section heading page text",
}
FAILED = Check("applications", "applications.balance", "total", 5.0, 4.0, "fail", "publisher", 0, ())


def frames_of(*reports: Report) -> Frames:
    return reports_to_frames(reports, reading_version="1")


def same(one: Frames, other: Frames) -> None:
    for name, frame in one.tables().items():
        pd.testing.assert_frame_equal(frame, other.tables()[name])


def with_series(frames: Frames) -> Frames:
    return add_series(frames, series_checks(series_cells(frames, SERIES_ITEMS)))


def outcome(frames: Frames, name: str) -> dict[str, object]:
    rows = frames.reports[frames.reports["source_file"] == f"{name}.pdf"].to_dict("records")
    assert len(rows) == 1
    return {str(key): value for key, value in rows[0].items()}


@pytest.mark.parametrize("table", CONTRACT)
def test_the_columns_of_the_contract_come_first_and_in_order(table: str) -> None:
    wanted = CONTRACT[table].split()
    for frames in (empty_frames(), frames_of(*sample_reports())):
        assert list(frames.tables()[table].columns)[: len(wanted)] == wanted


@pytest.mark.parametrize("frames", [empty_frames(), frames_of(*sample_reports())], ids=["empty", "sample"])
def test_types_are_those_of_the_contract_whatever_the_rows(frames: Frames) -> None:
    types = frames.observations.dtypes
    assert (types["value"], types["x0"], types["page"]) == ("float64", "float32", "int16")
    assert types["fiscal_year"] == pd.Int16Dtype()
    assert all(isinstance(types[name], pd.StringDtype) for name in ("report_id", "region_code", "raw"))


def test_a_blank_is_null_and_zero_is_zero() -> None:
    frames = frames_of(*sample_reports())
    blank = frames.observations[frames.observations["status"] == "blank"]
    assert blank["value"].isna().all() and (blank["raw"] == "").all()
    zero = frames.observations[frames.observations["raw"] == "减0"]["value"]
    assert [f"{value:g}" for value in zero] == ["0", "0"]  # not -0


def test_counts_and_status_come_from_cells_and_checks() -> None:
    suspect = report("suspect", observations=[cell("carried_in", "total", 3, status="suspect")])
    failing = report("failing", checks=(BALANCE, FAILED))
    partial = report("partial", checks=(FAILED,), status="partial", reason=Reason.INCOMPLETE)
    damaged = report("damaged", status="flagged", reason=Reason.PAGES_DIFFER)
    frames = frames_of(suspect, failing, partial, damaged, report("fine", status="flagged"))
    assert {name: outcome(frames, name)["status"] for name in frames.reports["source_file"].str[:-4]} == {
        "suspect": "flagged",
        "failing": "flagged",
        "partial": "partial",
        "damaged": "flagged",
        "fine": "ok",
    }
    assert [outcome(frames, name)["reason"] for name in ("failing", "damaged", "fine")] == [
        "doubtful", "pages_differ", "",
    ]  # fmt: skip
    assert [outcome(frames, "failing")[c] for c in ("cells", "checks_passed", "checks_failed")] == [0, 1, 1]
    assert [outcome(frames, "suspect")[c] for c in ("cells", "cells_suspect")] == [1, 1]


def test_seconds_are_whole_and_lists_are_joined() -> None:
    row = outcome(frames_of(report("a", seconds=2.9)), "a")
    assert (row["seconds"], row["readers"], row["templates"]) == (2, "pypdfium2+pdfplumber", "fy2021")
    assert row["missing"] == "applications.other.other.total"


def test_order_of_reports_does_not_matter() -> None:
    reports = sample_reports()
    wanted = frames_of(*reports)
    for some in list(permutations(reports))[::17]:
        same(frames_of(*some), wanted)
        same(merge(frames_of(*some[:2]), frames_of(*some[2:])), wanted)


def test_cells_keep_the_order_of_the_form_within_a_report() -> None:
    items = ["new_received", "carried_in", "granted", "carried_out", "handled_total"]
    frames = frames_of(report("a", observations=[cell(item, "total", 1) for item in items]))
    merged = merge(frames_of(report("z", observations=[cell("granted", "total", 1)])), frames)
    mine = merged.observations["report_id"] == frames.reports["report_id"][0]
    assert merged.observations.loc[mine, "item"].tolist() == items


def test_reports_are_ordered_by_agency_year_and_id_with_unknown_years_last() -> None:
    frames = frames_of(
        report("1", agency="甲", year=None),
        report("2", agency="甲", year=2023),
        report("3", agency="甲", year=2022),
    )
    assert frames.reports["fiscal_year"].tolist()[:2] == [2022, 2023]
    assert frames.reports["fiscal_year"].isna().tolist() == [False, False, True]


def test_the_same_content_twice_is_one_report() -> None:
    twice = [report("a", source_file="two.pdf"), report("a", source_file="one.pdf")]
    for order in (twice, twice[::-1]):
        assert frames_of(*order).reports["source_file"].tolist() == ["one.pdf"]


def test_the_reports_of_one_file_stand_together_in_its_order() -> None:
    """Where the first of them belongs; a new reading of the file replaces all of them."""
    one, two = report("one", agency="乙局"), report("two", agency="丙局")
    others = tuple(replace(one, heading=replace(one.heading, agency=name)) for name in ("甲局", "丁局"))
    whole = replace(one, others=others).of_file(one.sha256, one.source_file, None)
    frames = frames_of(two, whole)
    assert frames.reports["agency"].tolist() == ["丙局", "乙局", "甲局", "丁局"]
    assert frames.reports["report_id"].tolist()[1:] == [
        one.report_id,
        f"{one.report_id}-2",
        f"{one.report_id}-3",
    ]
    require_valid(frames.tables())
    assert merge(frames, frames_of(one)).reports["report_id"].tolist() == [two.report_id, one.report_id]


def test_a_new_reading_replaces_the_old_one_of_the_same_content() -> None:
    old = frames_of(report("a", observations=[cell("carried_in", "total", 1)]), report("b"))
    new = frames_of(report("a", observations=[cell("carried_in", "total", 2)]))
    merged = merge(old, new)
    assert merged.observations["value"].tolist() == [2]
    assert len(merged.reports) == 2


def test_a_file_with_new_content_replaces_what_it_held_before() -> None:
    old = frames_of(report("a", source_file="x.pdf"), report("b", source_file="y.pdf"))
    merged = merge(old, frames_of(report("c", source_file="x.pdf"), report("d", source_file="z.pdf")))
    assert sorted(merged.reports["source_file"]) == ["x.pdf", "y.pdf", "z.pdf"]
    assert set(merged.sections["report_id"]) == set(merged.reports["report_id"])


def test_two_new_files_of_one_name_both_stay() -> None:
    new = frames_of(report("c", source_file="x.pdf"), report("d", source_file="x.pdf"))
    assert len(merge(empty_frames(), new).reports) == 2


def test_merging_with_nothing_changes_nothing() -> None:
    frames = frames_of(*sample_reports())
    same(merge(frames, empty_frames()), frames)
    same(merge(empty_frames(), frames), frames)
    same(merge(frames, frames), frames)


def test_stacked_parts_are_the_whole() -> None:
    reports = sample_reports()
    same(merge(empty_frames(), stack([frames_of(each) for each in reports])), frames_of(*reports))
    same(stack([]), empty_frames())


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    frames = frames_of(report("a", observations=[cell("carried_in", "total", 1, raw="1\ud840")]))
    assert frames.observations["raw"].tolist() == ["1\ufffd"]


def test_a_number_that_its_column_cannot_hold_is_named() -> None:
    with pytest.raises(ContractError, match=r"fiscal_year: expected int16"):
        frames_of(report("a", year=123456, observations=()))


def two_years(carried_in: float) -> Frames:
    before = cells("applications", {("carried_out", "total"): 5})
    after = cells("applications", {("carried_in", "total"): carried_in})
    return frames_of(report("2022", year=2022, observations=before), report("2023", observations=after))


def test_a_failed_check_across_years_flags_the_later_report() -> None:
    frames = with_series(two_years(4))
    row = frames.checks[frames.checks["check"] == "series.carried"].to_dict("records")[0]
    assert (row["fiscal_year"], row["agency"], row["left"], row["right"]) == (2023, "示例局", 4, 5)
    assert (row["difference"], row["verdict"]) == (-1, "fail")
    assert [outcome(frames, year)["status"] for year in ("2022", "2023")] == ["ok", "flagged"]
    assert outcome(frames, "2023")["checks_failed"] == 1


def test_checks_across_years_are_made_anew_each_time() -> None:
    frames = with_series(two_years(4))
    same(with_series(frames), frames)
    alone = with_series(merge(keep_reports(frames, frames.reports["report_id"][1:]), empty_frames()))
    assert not alone.checks["check"].str.startswith("series.").any()
    assert outcome(alone, "2023")["status"] == "ok"
