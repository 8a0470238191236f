"""Whose figures a report counts is told wherever reports are set beside each other."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline.compare.charts import comparison_to_pictures
from pipeline.compare.figures import Comparison, comparison_to_ranking, folder_to_comparison
from pipeline.compare.page import comparison_to_html, comparison_to_warnings
from pipeline.compare.scopes import SUMMED
from pipeline.compare.selection import Selection
from pipeline.compare.words import word
from pipeline.compare.workbook import comparison_to_xlsx
from pipeline.tables.dictionary import values
from tests.compare.sample import GAPS, REGIONS, YEARS, write_sample

pytestmark = pytest.mark.long

OWN = "本机关"
WHOLE, UNSAID = "示例省东示例市工业和信息化局", "示例省西示例市教育局"
BELOW = tuple(sorted(f"示例省东示例市{bureau}局" for bureau in ("教育", "公安", "市场监督管理")))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample where every report counts its own agency."""
    folder = write_sample(tmp_path_factory.mktemp("processed"))
    return with_columns(folder, folder.parent / "plain", lambda reports: {"scope": OWN})


@pytest.fixture(scope="module")
def summing(plain: Path) -> Path:
    """The sample where one agency sums up, and another does not say."""
    names = {WHOLE: SUMMED, UNSAID: "unknown"}
    return with_columns(
        plain,
        plain.parent / "summing",
        lambda reports: {"scope": reports["agency"].map(lambda agency: names.get(agency, OWN))},
    )


@pytest.fixture(scope="module")
def comparison(summing: Path) -> Comparison:
    return folder_to_comparison(summing, Selection(years=(2022, 2023)))


def with_columns(folder: Path, copy: Path, change: Any) -> Path:
    """A copy of the folder whose reports have other columns."""
    shutil.copytree(folder, copy)
    reports = pd.read_parquet(copy / "reports.parquet")
    changed: Mapping[str, Any] = change(reports)
    reports.assign(**changed).to_parquet(copy / "reports.parquet")
    return copy


def test_nothing_is_warned_of_where_all_count_their_own(plain: Path) -> None:
    comparison = folder_to_comparison(plain, Selection())
    assert comparison_to_warnings(comparison) == []
    assert 'class="warn"' not in comparison_to_html(comparison)
    assert all("Σ" not in picture.note for picture in comparison_to_pictures(comparison))


def test_an_agency_that_sums_up_is_warned_of_with_those_of_its_region(comparison: Comparison) -> None:
    (overlap,) = comparison.overlaps
    assert (overlap.agency, overlap.years, overlap.below) == (WHOLE, (2022, 2023), BELOW)
    first, second = comparison_to_warnings(comparison)
    assert first.startswith(f"{WHOLE} 2022、2023 年度的报告是本级汇总")
    assert "不要相加" in first and all(agency in first for agency in BELOW) and "西示例市" not in first
    assert "2023 年度各报告的统计范围不同：10 份本机关，1 份本级汇总，1 份未说明" in second


def test_only_the_selected_years_and_those_that_report_are_warned_of(summing: Path) -> None:
    (overlap,) = folder_to_comparison(summing, Selection(years=(2021, 2021))).overlaps
    assert ("630200", "公安", 2021) in GAPS
    assert (overlap.years, "示例省东示例市公安局" in overlap.below) == ((2021,), False)


@pytest.mark.parametrize(("code", "below"), [("630000", 7), ("630200", 3), ("630223", 0), ("320000", 4)])
def test_a_region_holds_what_its_code_begins_and_nothing_else(summing: Path, code: str, below: int) -> None:
    def moved(reports: pd.DataFrame) -> Mapping[str, Any]:
        return {"region_code": reports["region_code"].where(reports["agency"] != WHOLE, code)}

    folder = with_columns(summing, summing.parent / code, moved)
    overlaps = folder_to_comparison(folder, Selection(years=(2023, 2023))).overlaps
    assert [len(overlap.below) for overlap in overlaps] == ([below] if below else [])


def test_tables_say_whose_figures_they_are(comparison: Comparison) -> None:
    page = comparison_to_html(comparison)
    ranked = re.findall(rf'<td class="name">{WHOLE}</td><td class="state">(.*?)</td>', page)
    assert ranked == ["本级汇总"] * 2  # ranking and rates
    assert re.search(rf'<td class="name">{UNSAID}</td><td class="state">未说明</td>', page)
    assert all(line in page for line in comparison_to_warnings(comparison))


def test_an_agency_without_a_report_has_no_scope(summing: Path) -> None:
    comparison = folder_to_comparison(summing, Selection(years=(2022, 2022)))
    ranking = comparison_to_ranking(comparison, comparison.measures[0]).set_index("agency")
    assert ranking.loc[[WHOLE, UNSAID], ["scope", "status"]].to_numpy().tolist() == [
        [SUMMED, "ok"], ["", "no_report"]]  # fmt: skip


def test_charts_mark_it_and_add_it_to_nothing(comparison: Comparison) -> None:
    drawn = {picture.name: picture for picture in comparison_to_pictures(comparison)}
    for name in ("ranking-1", "outcomes"):
        assert f"{WHOLE} Σ" in str(drawn[name].chart.to_dict()["datasets"])
        assert "Σ 报告为本级汇总" in drawn[name].note
    agencies = {}
    for name in ("trend-1", "trend-1-summed", "regions-1"):
        (rows,) = drawn[name].chart.to_dict()["datasets"].values()
        lines = [(row["agency"], row["fiscal_year"]) for row in rows if not row["label"]]
        assert len(lines) == len(set(lines))
        agencies[name] = {agency for agency, _ in lines}
    assert agencies["trend-1-summed"] == {WHOLE}  # an axis of its own, which makes no other line flat
    assert agencies["trend-1"] == agencies["regions-1"] == set(comparison.panel["agency"]) - {WHOLE}
    assert "本级汇总的机关不在图中" in drawn["regions-1"].note


def test_the_workbook_has_a_column_and_the_warnings(comparison: Comparison) -> None:
    book = openpyxl.load_workbook(io.BytesIO(comparison_to_xlsx(comparison)))
    for name in ("排名", "历年", "比率"):
        head, *rows = book[name].iter_rows(values_only=True)
        agency, scope = head.index("机关"), head.index("统计范围")
        assert {row[scope] for row in rows if row[agency] == WHOLE} == {"本级汇总"}
    told = [row[1] for row in book["说明"].iter_rows(values_only=True) if row[0] == "统计范围"]
    assert told == comparison_to_warnings(comparison)


def test_an_agency_that_counts_otherwise_in_another_year_is_named(summing: Path) -> None:
    def later(reports: pd.DataFrame) -> Mapping[str, Any]:
        return {"scope": reports["scope"].where(reports["fiscal_year"] > 2020, OWN)}

    folder = with_columns(summing, summing.parent / "later", later)
    comparison = folder_to_comparison(folder, Selection(years=(2023, 2023)))
    assert comparison.changed == (WHOLE,)
    last = comparison_to_warnings(comparison)[-1]
    assert last == f"1 个机关各年统计范围不同，历年变化不能直接比较：{WHOLE}。"


def test_many_are_counted_and_not_listed(comparison: Comparison) -> None:
    many = replace(comparison, overlaps=comparison.overlaps * 9)
    assert comparison_to_warnings(many)[5] == "另有 4 个机关的汇总报告也是如此。"


def test_an_agency_whose_region_changed_its_code_is_counted_once(plain: Path) -> None:
    """洪泽县 320829 became 洪泽区 320813: one agency, under its latest region."""

    def older(reports: pd.DataFrame) -> Mapping[str, Any]:
        early = (reports["region_code"] == "320831") & (reports["fiscal_year"] < 2021)
        return {"region_code": reports["region_code"].where(~early, "320799"),
                "region_name": reports["region_name"].where(~early, "样例省旧示例市旧示例县")}  # fmt: skip

    folder = with_columns(plain, plain.parent / "older", older)
    coverage = folder_to_comparison(folder, Selection(region="32", years=(2023, 2023))).coverage
    assert coverage[["region", "agencies", "there", "missing"]].to_numpy().tolist() == [
        [REGIONS["320831"], 4, 4, 0]]  # fmt: skip
    here = folder_to_comparison(folder, Selection(region="320831"))
    assert set(here.panel["fiscal_year"]) == set(YEARS) and set(here.panel["region"]) == {REGIONS["320831"]}


def test_every_scope_has_a_word() -> None:
    assert [
        scope
        for scope in values("reports", "scope")
        if not word("scope", scope) or word("scope", scope).isascii()
    ] == []
