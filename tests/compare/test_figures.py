"""What is compared: ranks, gaps, doubts and rates of the sample, and answers to bad questions."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.cli.compare import add_options
from pipeline.compare.figures import (
    Comparison,
    comparison_to_ranking,
    comparison_to_trend,
    folder_to_comparison,
)
from pipeline.compare.page import comparison_to_html
from pipeline.compare.rates import NEWER, RATES
from pipeline.compare.selection import MIN_N, Selection, code_to_prefix
from pipeline.compare.troubles import comparison_to_troubles
from pipeline.compare.words import caveat, word, words
from pipeline.compare.workbook import comparison_to_xlsx
from pipeline.derive.across_years import IDENTITIES
from pipeline.derive.standing import with_standing
from pipeline.forms import load_forms
from pipeline.query.run_query import run_query
from pipeline.records import sha256_to_report_id
from pipeline.tables.dictionary import values
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.rate_definitions import is_part, rates
from tests.compare.sample import Year, with_regions, write_sample, year_to_report
from tests.derive.test_backlog import three_years
from tests.tables.report_sample import write_frames

RECEIVED = "applications.new_received.total"
DOUBTFUL, WRONG, GONE = "示例省东示例市教育局", "示例省东示例市市场监督管理局", "示例省西示例市教育局"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("processed"))


@pytest.fixture(scope="module")
def comparison(folder: Path) -> Comparison:
    return folder_to_comparison(
        folder, Selection(region="63", years=(2022, 2022), items=(RECEIVED, "share_granted"))
    )


@pytest.fixture(scope="module")
def ranking(comparison: Comparison) -> pd.DataFrame:
    return comparison_to_ranking(comparison, comparison.measures[0]).set_index("agency")


def test_a_suspect_value_is_shown_and_not_ranked(ranking: pd.DataFrame) -> None:
    assert ranking["status"][DOUBTFUL] == "suspect"
    assert ranking["value"][DOUBTFUL] > 0
    assert pd.isna(ranking["rank"][DOUBTFUL])


def test_an_agency_without_a_report_is_in_the_ranking(ranking: pd.DataFrame) -> None:
    assert ranking["status"][GONE] == "no_report"
    assert pd.isna(ranking["value"][GONE])


def test_ranks_say_how_far_the_unknown_can_move_them(ranking: pd.DataFrame) -> None:
    ranked = ranking.dropna(subset="rank")
    assert ranked["rank"].min() == 1
    certain = ranked[ranked["status"] == "ok"]
    assert set(certain["last"] - certain["first"]) == {3}  # one suspect, one missing, one whose sum is wrong
    assert (ranked["first"][WRONG], ranked["last"][WRONG]) == (1, 8)


def test_a_failed_check_is_told_beside_the_number(ranking: pd.DataFrame, comparison: Comparison) -> None:
    assert ranking["status"][WRONG] == "check_failed"
    assert ranking["rank"][WRONG] >= 1
    rates = comparison.rates[
        (comparison.rates["agency"] == WRONG) & (comparison.rates["fiscal_year"] == 2022)
    ]
    states = rates.set_index("rate")["status"][[rate.name for rate in NEWER]]
    assert set(states.drop(["litigation_rate", "correction_rate"])) == {"check_failed"}


def test_shares_of_outcomes_add_up_where_the_report_does(comparison: Comparison) -> None:
    outcomes = [rate.name for rate in RATES if rate.name.startswith("share_") and "carried" not in rate.name]
    fine = comparison.rates[comparison.rates["rate"].isin(outcomes) & (comparison.rates["status"] == "ok")]
    sums = fine.groupby(["key", "fiscal_year"])["value"].agg(["sum", "count"])
    whole = sums[sums["count"] == len(outcomes)]
    assert len(whole) > 30
    assert ((whole["sum"] - 1).abs() < 1e-9).all()


def test_a_rate_over_a_suspect_cell_has_no_value(comparison: Comparison) -> None:
    rates = comparison.rates.set_index(["agency", "fiscal_year", "rate"]).sort_index()
    row = rates.loc[[(DOUBTFUL, 2022, "share_carried_over")]].iloc[0]
    assert row["status"] == "suspect"
    assert pd.isna(row["value"])


def test_a_report_whose_form_prints_no_cell_of_a_rate_has_it_as_unknown(folder: Path) -> None:
    bare = folder.parent / "without"
    shutil.copytree(folder, bare)
    rates = pd.read_parquet(bare / "panel_rates.parquet")
    rates[rates["rate"] != "share_other"].to_parquet(bare / "panel_rates.parquet")
    there = folder_to_comparison(bare, Selection(region="6301", years=(2022, 2022))).rates
    assert set(there.loc[there["rate"] == "share_other", "status"]) == {"unknown"}
    assert "ok" in set(there.loc[there["rate"] == "share_granted", "status"])


def test_a_trend_has_its_gaps_as_rows(comparison: Comparison) -> None:
    trend = comparison_to_trend(comparison, comparison.measures[0]).set_index(["agency", "fiscal_year"])
    assert len(trend) == 8 * 5
    assert trend["status"][(GONE, 2022)] == "no_report"
    assert pd.isna(trend["trusted"][(DOUBTFUL, 2022)])
    assert trend["trusted"][(DOUBTFUL, 2021)] > 0


def test_coverage_counts_every_agency_year(comparison: Comparison) -> None:
    rows = comparison.coverage.set_index("region")
    counts = rows.loc[["示例省东示例市", "示例省西示例市"], ["agencies", "there", "flagged", "missing"]]
    assert counts.values.tolist() == [[4, 4, 2, 0], [4, 3, 0, 1]]


@pytest.mark.parametrize("region", ["63", "630000", "示例省"])
def test_a_region_is_found_by_code_prefix_or_name(folder: Path, region: str) -> None:
    found = folder_to_comparison(folder, Selection(region=region))
    assert (found.chosen.prefix, found.chosen.region, found.chosen.years) == ("63", "示例省", (2023,))


def test_codes_are_cut_in_pairs() -> None:
    assert [code_to_prefix(code) for code in ("630000", "630200", "630223", "6302", "310100")] == [
        "63", "6302", "630223", "6302", "3101",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says", "first"),
    [
        (("--region", "6309"), "no data for region '6309'", "630100 示例省西示例市 (19 reports)"),
        (("--region", "东示列市"), "no data for region '东示列市'", "630200 示例省东示例市 (19 reports)"),
        (("--region", "示例市"), "region '示例市' may mean several", "630100 示例省西示例市 (19 reports)"),
        (("--year", "2030"), "no data for year '2030'", "2023 (12 reports)"),
        (("--region", "63", "--bureau", "民政"), "no data for bureau type '民政'", ""),
        (("--bureau", "工信"), "no data for bureau type '工信'", "工业和信息化 (15 reports)"),
        (("--item", "applications.new_recieved.total"), "no data for item", RECEIVED),
        (("--item", "shared_granted"), "no data for item", "share_granted"),
    ],
)
def test_bad_questions_are_answered_with_what_there_is(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str, first: str
) -> None:
    out = folder / "never.html"
    assert main(["compare", "--processed", str(folder), *arguments, "--out", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert says in lines[0]
    assert lines[1].strip().startswith(first)
    assert not out.exists()


def test_no_tables_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--processed", str(tmp_path), "--png", str(tmp_path)]) == 2
    assert "reports.parquet: not there" in capsys.readouterr().err
    assert main(["compare"]) == 2
    assert "nothing to write" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said_first(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for out in (tmp_path / "none" / "a.html", tmp_path / "folder.html"):
        (tmp_path / "folder.html").mkdir(exist_ok=True)
        assert main(["compare", "--processed", str(folder), "--out", str(out)]) == 2
        assert "give another --out" in capsys.readouterr().err


def test_what_a_report_lacks_is_told_in_the_form_s_words(folder: Path) -> None:
    partial = folder.parent / "partial"
    shutil.copytree(folder, partial)
    reports = pd.read_parquet(partial / "reports.parquet")
    here = reports["agency"].eq(WRONG) & reports["fiscal_year"].eq(2023)
    missing = "review_litigation; applications.refused.state_secret.total"
    reports.loc[here, ["status", "reason", "missing"]] = ["partial", "incomplete", missing]
    reports.to_parquet(partial / "reports.parquet")
    found = folder_to_comparison(partial, Selection(region="63", years=(2023, 2023)))
    (row,) = comparison_to_troubles(found, {})
    assert (row.agency, row.shown) == (WRONG, "")
    assert row.place == "复议诉讼；依申请公开 / 1.属于国家秘密 / 总计"


def test_a_trend_begins_with_the_first_value(folder: Path) -> None:
    early = folder.parent / "early"
    shutil.copytree(folder, early)
    cells = pd.read_parquet(early / "observations.parquet")
    cells[cells["fiscal_year"] > 2020].to_parquet(early / "observations.parquet")
    found = folder_to_comparison(early, Selection(region="63"))
    assert set(comparison_to_trend(found, found.measures[0])["fiscal_year"]) == {2021, 2022, 2023}


def changed(folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """A copy of the folder in which one table is another."""
    made = folder.with_name(f"changed-{len(list(folder.parent.iterdir()))}")
    shutil.copytree(folder, made)
    change(pd.read_parquet(folder / f"{table}.parquet")).to_parquet(made / f"{table}.parquet")
    return made


def test_a_failed_check_marks_the_cells_that_it_is_about_and_no_others(folder: Path) -> None:
    def without_balance(checks: pd.DataFrame) -> pd.DataFrame:
        return checks[checks["check"] != "applications.balance"]

    there = changed(folder, "checks", without_balance)
    items = (RECEIVED, "applications.granted.total", "applications.carried_in.total")
    found = folder_to_comparison(there, Selection(region="63", years=(2022, 2022), items=items))
    now = found.figures[(found.figures["agency"] == WRONG) & (found.figures["fiscal_year"] == 2022)]
    states = now.set_index("measure")["status"]
    assert [states[item] for item in items] == ["ok", "check_failed", "ok"]


def test_a_carry_over_that_fails_is_told_beside_both_numbers(tmp_path: Path) -> None:
    write_frames(three_years(""), tmp_path)
    item = "applications.{}.total".format
    items = tuple(map(item, ("carried_in", "carried_out", "new_received")))
    found = folder_to_comparison(tmp_path, Selection(region="3301", years=(2021, 2023), items=items))
    states = found.figures.set_index(["measure", "fiscal_year"]).sort_index()["status"]
    told = {measure: list(states[measure]) for measure in items}
    assert told == {
        items[0]: ["ok", "check_failed", "ok"], items[1]: ["check_failed", "ok", "ok"], items[2]: ["ok"] * 3,
    }  # fmt: skip
    doubts = [(row.fiscal_year, row.why, row.shown, row.page) for row in comparison_to_troubles(found, {})]
    before, after = word("kind", "before.series.carried"), word("kind", "series.carried")
    assert doubts == [(2021, before, "4 ≠ 3", "2")] * 2 + [(2022, after, "4 ≠ 3", "2")] * 2


def test_a_part_above_its_whole_is_shown_and_not_ranked(folder: Path) -> None:
    def too_great(rates: pd.DataFrame) -> pd.DataFrame:
        here = (
            (rates["agency"] == WRONG) & (rates["fiscal_year"] == 2022) & (rates["rate"] == "share_granted")
        )
        return rates.assign(value=rates["value"].mask(here, 1.8))

    there = changed(folder, "panel_rates", too_great)
    found = folder_to_comparison(there, Selection(region="63", years=(2022, 2022), items=("share_granted",)))
    ranking = comparison_to_ranking(found, found.measures[0]).set_index("agency")
    assert (ranking["status"][WRONG], ranking["value"][WRONG]) == ("over_whole", 1.8)
    assert pd.isna(ranking["rank"][WRONG])
    assert ranking.index[0] != WRONG
    assert pd.isna(
        comparison_to_trend(found, found.measures[0]).set_index(["agency", "fiscal_year"])["trusted"][
            WRONG, 2022
        ]
    )


def versions(folder: Path, first: str | None, second: str | None) -> Comparison:
    """A comparison of two reports of one bureau and year, the other saying one more, with these dates."""
    whole = year_to_report(Year("630200", "教育", 2021))
    cells = [
        cell._replace(value=(cell.value or 0) + 1, raw=f"{cell.raw}.")
        if (cell.item, cell.column) == CELL
        else cell
        for cell in whole.observations
    ]
    digest = sha256(b"other").hexdigest()
    heads = [replace(whole.heading, published_on=date) for date in (first, second)]
    other = replace(
        whole,
        report_id=sha256_to_report_id(digest),
        sha256=digest,
        source_file="b.pdf",
        observations=tuple(cells),
        heading=heads[1],
    )
    frames = reports_to_frames([replace(whole, heading=heads[0]), other], reading_version="1")
    write_frames(with_standing(replace(frames, reports=with_regions(frames.reports))), folder)
    return folder_to_comparison(folder, Selection(items=(RECEIVED,)))


CELL = ("new_received", "total")


def test_the_report_published_last_stands_and_the_other_is_counted_nowhere(tmp_path: Path) -> None:
    found = versions(tmp_path, "2022-01-20", "2022-06-20")
    (row,) = comparison_to_ranking(found, found.measures[0]).itertuples()
    assert row.value == 1 + versions(tmp_path / "b", "2022-06-20", "2022-01-20").figures["value"].item()
    assert found.coverage[["agencies", "there", "missing"]].to_numpy().tolist() == [[1, 1, 0]]
    assert len(found.panel) == 1 and found.superseded == 1
    assert "舍去 1 份，不同之处在 revisions（修订）表中" in comparison_to_html(found)
    counted = run_query(tmp_path, "select count(*) as n, (select count(*) from 全部报告) as m from reports")
    assert counted.to_pylist() == [{"n": 1, "m": 2}]
    cells = 'select agency, fiscal_year, "table", item, "column" from observations'
    twice = f"{cells} group by all having count(*) > 1"
    assert run_query(tmp_path, twice).num_rows == 0
    assert run_query(tmp_path, twice.replace("observations", "all_observations")).num_rows > 100


def test_of_two_that_contradict_each_other_the_number_is_doubtful(tmp_path: Path) -> None:
    found = versions(tmp_path, None, None)
    (row,) = comparison_to_ranking(found, found.measures[0]).itertuples()
    assert (row.status, str(row.rank)) == ("contradicted", "nan")
    (doubt,) = [each for each in comparison_to_troubles(found, {}) if "两份报告" in each.why]
    assert doubt.place == "依申请公开 / 一、本年新收政府信息公开申请数量 / 总计"
    assert " / " in doubt.shown


def test_rates_that_may_exceed_one_are_those_that_count_other_cases() -> None:
    above = {rate.name for rate in rates() if not is_part(rate)}
    assert {"review_rate", "litigation_rate", "dispute_rate"} <= above
    assert {"share_granted", "share_other", "share_carried_over", "correction_rate"}.isdisjoint(above)


def one_name(reports: pd.DataFrame) -> pd.DataFrame:
    """Two bureaus of one region are called alike."""
    agency = reports["agency"].replace({DOUBTFUL: "教育局", WRONG: "教育局"})
    return reports.assign(agency=agency)


def test_agencies_of_one_name_and_region_stay_apart(folder: Path) -> None:
    found = folder_to_comparison(changed(folder, "reports", one_name), Selection(region="6302"))
    names = set(comparison_to_ranking(found, found.measures[0])["agency"])
    assert {f"教育局（{DOUBTFUL}）", f"教育局（{WRONG}）"} <= names  # nothing but the key tells them apart
    page = comparison_to_html(found)
    assert all(f"教育局（{key}）" in page for key in (DOUBTFUL, WRONG))
    assert comparison_to_xlsx(found)


def test_agencies_of_one_name_stay_apart(folder: Path) -> None:
    """Two bureaus of different regions with the same name are two rows, told by their regions."""
    twins = folder.parent / "twins"
    shutil.copytree(folder, twins)
    reports = pd.read_parquet(twins / "reports.parquet")
    agency = reports["agency"].str.replace("示例省[东西]示例市", "", regex=True)
    reports.assign(agency=agency).to_parquet(twins / "reports.parquet")
    found = folder_to_comparison(twins, Selection(region="63", years=(2023, 2023)))
    ranking = comparison_to_ranking(found, found.measures[0])
    assert len(ranking) == ranking["agency"].nunique() == 8
    assert "教育局（示例省东示例市）" in set(ranking["agency"])


@pytest.mark.parametrize("wrong", [("--year", "22"), ("--year", "2023-2019"), ("--out", "report.pdf")])
def test_wrong_usage(wrong: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["compare", *wrong])


def test_every_check_reason_and_status_has_a_word() -> None:
    names = {identity.name for form in load_forms() for identity in form.identities}
    reasons = set(values("reports", "reason"))
    read = {"timeout", "memory", "crash", "temp_files", "pages_differ", "text_differs", "damaged"}
    shown = {"heading_alone", "no_tables", "incomplete", *read}
    across = {each.check for each in IDENTITIES}
    assert names | across | {f"before.{name}" for name in across} <= set(words()["kind"])
    assert shown <= reasons & set(words()["kind"])
    statuses = {*values("observations", "status"), *values("panel_rates", "status")}
    assert [status for status in statuses if word("status", status) == status] == []
    assert [each for each in values("checks", "attribution") if word("attribution", each) == each] == []


def test_a_rate_of_few_cases_is_listed_apart_and_takes_no_rank(folder: Path) -> None:
    def ranked(least: int) -> tuple[Comparison, pd.DataFrame]:
        asked = Selection("63", (2022, 2022), items=("share_granted", RECEIVED), min_n=least)
        found = folder_to_comparison(folder, asked)
        return found, comparison_to_ranking(found, found.measures[0]).set_index("agency")

    _, every = ranked(1)
    rated = every[every["rank"].notna()].sort_values("denominator")
    assert (every["few"] == False).all()  # noqa: E712 (a column)
    assert (rated["lower"] < rated["value"]).all() and (rated["value"] < rated["upper"]).all()
    least = int(rated["denominator"].iloc[1])
    found, some = ranked(least)
    (few,) = some.index[some["few"]]
    assert few == rated.index[0] and pd.isna(some["rank"][few]) and some["value"][few] == every["value"][few]
    assert sorted(some["rank"].dropna()) == list(range(1, len(rated)))
    assert some["last"].max() == every["last"].max() - 1
    counted = comparison_to_ranking(found, found.measures[1])
    assert not counted["few"].any()
    page = comparison_to_html(found)
    listed = page[page.index(f"分母不足 {least} 件、不排名的 1 个机关") :]
    assert few in listed[: listed.index("</details>")] and "95％ 区间" in page


def test_the_command_has_the_default_of_the_selection() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    assert parser.parse_args([]).min_n == Selection().min_n == MIN_N


def test_what_can_pass_one_is_said_to_have_no_interval(folder: Path) -> None:
    found = folder_to_comparison(folder, Selection("63", (2022, 2022), items=("clearance_rate",)))
    page = comparison_to_html(found)
    assert "没有区间：分子不是分母的一部分" in page and "95％ 区间" not in page
    assert "<small>含跨年办理</small>" in page


def test_a_caveat_is_said_in_words_and_not_what_the_status_says() -> None:
    assert caveat("") == caveat("failed_sums") == ""
    assert caveat("failed_sums+proven_zero+pending_again") == "空白按零计；含未审结，下年再计"
