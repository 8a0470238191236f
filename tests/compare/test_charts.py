"""The charts: whole bars, axes that nothing doubtful stretches, a picture for every year since 2008."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.compare.chart_parts import BLUE, GREY, LINES, RUST, SHARES, THIN, Picture
from pipeline.compare.charts import comparison_to_pictures
from pipeline.compare.figures import Comparison, folder_to_comparison
from pipeline.compare.page import comparison_to_html
from pipeline.compare.rates import OUTCOMES
from pipeline.compare.selection import Selection, SelectionError
from pipeline.compare.trends import LABEL_STEP, apart
from pipeline.compare.workbook import comparison_to_xlsx
from pipeline.tables.frames import reports_to_frames
from tests.compare.sample import ALL_YEARS, write_sample, write_years
from tests.tables.report_sample import write_frames

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


@pytest.mark.parametrize("values", [(-20.0, 35.0), (-20.0, -3.0)])
def test_a_number_below_zero_stands_beside_its_bar(comparison: Comparison, values: tuple[float, ...]) -> None:
    changed = comparison.figures.copy()
    known = changed["value"].notna()
    changed.loc[known, "value"] = [values[place % 2] for place in range(known.sum())]
    drawn = picture(replace(comparison, figures=changed), "ranking-1")
    assert rows(drawn)["bar"].min() < 0
    assert (rows(drawn)["text_at"] >= rows(drawn)["bar"].clip(lower=0)).all()
    spec = drawn.chart.to_dict()["layer"]
    assert spec[1]["encoding"]["x"]["field"] == "text_at"
    assert spec[0]["encoding"]["x"]["scale"]["domain"][1] > max(0.0, *values)  # there is room for the number


def test_a_line_without_a_number_is_no_line(every_year: Path) -> None:
    """A bureau of 2016 alone has no part in what the forms of 2019 ask."""
    found = folder_to_comparison(every_year, Selection(years=(2016, 2022)))
    assert picture(found, "trend-1").names == ("示例省东示例市教育局",)


def test_a_year_before_all_reports_has_a_page_and_a_year_that_cannot_be_has_none(tmp_path: Path) -> None:
    folder = write_sample(tmp_path)
    page = comparison_to_html(folder_to_comparison(folder, Selection(years=(2014, 2014))))
    assert "2014 年度应有 0 份报告，实有 0 份" in page
    assert page.count("所选年度没有报告") == 2 and "核对全部通过" not in page
    for year in (2007, 2099):
        with pytest.raises(SelectionError, match=f"no data for year '{year}'"):
            folder_to_comparison(folder, Selection(years=(year, year)))


def test_an_empty_table_has_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_frames(reports_to_frames([], reading_version="1"), tmp_path)
    out = tmp_path / "page.html"
    wanted = ["compare", "--processed", str(tmp_path), "--out", str(out), str(out.with_suffix(".xlsx"))]
    assert main(wanted) == 2
    assert "--year YEAR writes a page that says so" in capsys.readouterr().err
    assert main([*wanted, "--year", "2022"]) == 0
    assert "there is no report on the years asked for" in capsys.readouterr().err
    assert "0 个机关，2022 年度应有 0 份报告" in out.read_text(encoding="utf-8")


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


def contrast(colour: str) -> float:
    """With white, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05)


@pytest.mark.parametrize("colour", sorted({*LINES, *SHARES, THIN, BLUE, RUST, GREY}))
def test_what_is_drawn_can_be_seen(colour: str) -> None:
    assert contrast("#ffffff") == 1
    assert contrast(colour) >= (4.5 if colour in LINES else 3)  # names have the colours of their lines


def test_every_line_has_its_name_beside_its_end(comparison: Comparison) -> None:
    drawn = picture(comparison, "trend-1")
    named = rows(drawn).loc[lambda each: each["label"] != ""]
    assert set(named["label"]) == set(comparison.panel["agency"])
    spec = drawn.chart.to_dict()
    high, height = named["high"].iloc[0], spec["height"]
    places = sorted(height * (1 - at / high) for at in named["label_at"])
    assert places[0] >= 0 and places[-1] <= height
    assert min(b - a for a, b in pairwise(places)) >= LABEL_STEP - 1e-6
    assert drawn.names == tuple(sorted(named["label"]))
    assert [drawn.names[int(mark) - 1] for mark in named["mark"]] == list(named["label"])


def test_a_region_s_lines_are_named_without_it(comparison: Comparison) -> None:
    named = rows(picture(comparison, "regions-1")).loc[lambda each: each["label"] != ""]
    assert set(named["label"]) == {"工业和信息化局", "教育局", "公安局", "市场监督管理局", "中位数"}


@given(st.lists(st.floats(0, 280), max_size=18))
def test_names_stay_apart_and_in_order(wanted: list[float]) -> None:
    places = apart(wanted, 280)
    assert [places[each] for each in sorted(range(len(wanted)), key=lambda i: wanted[i])] == sorted(places)
    assert all(b - a >= LABEL_STEP - 1e-9 for a, b in pairwise(sorted(places)))
    assert all(-1e-9 <= place <= 280 for place in places)


def test_a_quoted_number_is_a_ring_and_a_trusted_one_a_dot(comparison: Comparison) -> None:
    spec = picture(comparison, "trend-2").chart.to_dict()
    points = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert [point["filled"] for point in points] == [True, False, False]
    assert "check_failed" in set(rows(picture(comparison, "trend-2"))["look"])
