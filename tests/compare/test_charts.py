"""The charts: whole bars, axes that nothing doubtful stretches, a picture for every year since 2008."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.compare.charts import Picture, comparison_to_pictures
from pipeline.compare.figures import Comparison, folder_to_comparison
from pipeline.compare.page import comparison_to_html
from pipeline.compare.rates import OUTCOMES
from pipeline.compare.selection import Selection
from pipeline.compare.workbook import comparison_to_xlsx
from tests.compare.sample import ALL_YEARS, write_sample, write_years

ODD = "示例省西示例市公安局"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = write_sample(tmp_path_factory.mktemp("processed"))
    items = ("applications.new_received.total", "share_granted")
    return folder_to_comparison(folder, Selection(region="63", years=(2022, 2022), items=items))


def picture(comparison: Comparison, name: str) -> Picture:
    return next(each for each in comparison_to_pictures(comparison) if each.name == name)


def rows(drawn: Picture) -> pd.DataFrame:
    """What a chart is drawn from."""
    (data,) = drawn.chart.to_dict()["datasets"].values()
    return pd.DataFrame(data)


def rated(comparison: Comparison, rate: str, **told: Any) -> Comparison:
    """The comparison in which one rate of one bureau in 2022 is another."""
    here = comparison.rates["agency"].eq(ODD) & comparison.rates["fiscal_year"].eq(2022)
    here &= comparison.rates["rate"].eq(rate)
    assert here.sum() == 1
    changed = comparison.rates.copy()
    changed.loc[here, list(told)] = list(told.values())
    return replace(comparison, rates=changed)


def test_a_bar_of_outcomes_is_whole_if_checks_of_some_of_them_fail(comparison: Comparison) -> None:
    """The mark once stood at the names of the outcomes in doubt, which made two short bars of one."""
    odd = rated(comparison, OUTCOMES[1].name, status="check_failed", numerator=90.0)
    drawn = rows(picture(odd, "outcomes"))
    assert drawn.groupby("agency")["label"].nunique().eq(1).all()
    assert drawn.groupby("label").size().eq(len(OUTCOMES)).all()
    assert drawn.groupby("label")["part"].sum().sub(1).abs().lt(1e-9).all()
    assert drawn.loc[drawn["agency"] == ODD, "label"].str.contains("※").all()
    assert drawn["label"].str.contains("※").groupby(drawn["agency"]).any().sum() == 2  # and one of the sample


def test_nothing_doubtful_stretches_an_axis(comparison: Comparison) -> None:
    plain = rows(picture(comparison, "ranking-1"))
    figures = comparison.figures.copy()
    suspect = figures["status"].eq("suspect") & figures["fiscal_year"].eq(2022)
    assert suspect.any()
    figures.loc[suspect, "value"] = 99_999.0
    drawn = rows(picture(replace(comparison, figures=figures), "ranking-1"))
    assert drawn["bar"].max() == plain.loc[plain["status"] != "suspect", "bar"].max()
    assert "99,999 存疑" in set(drawn["said"])


def test_an_axis_of_parts_ends_at_the_whole(comparison: Comparison) -> None:
    figures = comparison.figures.copy()
    share = figures["measure"].eq("share_granted") & figures["agency"].eq(ODD)
    figures["value"] = figures["value"].mask(share, 1.8)
    figures["status"] = figures["status"].mask(share, "over_whole")
    changed = replace(comparison, figures=figures)
    ranking, trend = (picture(changed, name) for name in ("ranking-2", "trend-2"))
    assert rows(ranking)["bar"].max() <= 1
    assert rows(ranking)["agency"].iloc[0] != ODD
    assert rows(trend)["trusted"].max() <= 1


@pytest.fixture(scope="module")
def every_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_years(tmp_path_factory.mktemp("years"))


@pytest.mark.long
@pytest.mark.parametrize("year", ALL_YEARS)
def test_every_year_has_a_page(every_year: Path, year: int) -> None:
    found = folder_to_comparison(every_year, Selection(years=(year, year)))
    page = comparison_to_html(found)
    assert f"{year} 年度政府信息公开年报比较" in page
    assert comparison_to_xlsx(found)
    ranked = [each.name for each in comparison_to_pictures(found) if each.name.startswith("ranking")]
    assert ranked == (["ranking-1"] if year > 2013 else [])
    assert [m.key for m in found.measures] == [
        "statistics.received.count" if year < 2019 else "applications.new_received.total"
    ]
    assert ("同意公开率" in page, "予以公开率" in page) == (year < 2019, year > 2018)
