"""Figures → Altair charts. What can be trusted is drawn solid, what cannot is hollow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pipeline.compare.figures import (
    TRUSTED,
    Comparison,
    comparison_to_ranking,
    comparison_to_trend,
)
from pipeline.compare.rates import OUTCOMES, OVER_WHOLE
from pipeline.compare.scopes import SUMMED
from pipeline.compare.selection import Measure
from pipeline.compare.words import number, word

SHOWN_AGENCIES = 30
"""Count. A ranking shows no more bars."""

SHOWN_REGIONS = 12
"""Count. A chart of regions has no more plots."""

NAMED_LINES = 8
"""Count. No more agencies have a line and colour of their own: there are as many LINES."""

THIN_LINES = 60
"""Count. No more agencies are drawn as thin lines. More are a band of their middle half."""

BAR_HEIGHT = 15
"""Pixels. The thickness of a bar."""

BAR_STEP = 26
"""Pixels. The height of the row of a bar."""

TREND_HEIGHT = 280
"""Pixels. The height of the chart of all years."""

REGION_WIDTH, REGION_HEIGHT = 200, 140
"""Pixels. The size of one plot in a chart of regions."""

REGION_COLUMNS = 3
"""Count. As many plots of regions stand beside each other."""

ROOM_FOR_TEXT = 1.3
"""Times the longest bar. The axis is as long, for the text beside the bar."""

SUMMED_MARK = "Σ"
INK, SOFT, GREY, BLUE, PALE, RUST = "#1f2933", "#52606d", "#9aa5b1", "#2f5d8a", "#a9c1d9", "#b3541e"
LINES = ("#2f5d8a", "#b3541e", "#2f7d5b", "#7a5195", "#c28f0e", "#4aa3c7", "#8c564b", "#5f6b7a")
SHARES = ("#2f7d5b", "#93c7a8", "#b3541e", "#e0a458", "#7a6c9d", "#c3c9d0")
MARKS = {"ok": (BLUE, BLUE), "check_failed": (PALE, BLUE), "suspect": ("#ffffff", RUST)}
"""Fill and stroke of a bar by its status."""


@dataclass(frozen=True)
class Picture:
    """One chart: `name` for its file, `note` what its reader must know. `facets` is the number of plots in
    it, 0 for a single one."""

    name: str
    title: str
    note: str
    chart: alt.TopLevelMixin
    facets: int = 0


def comparison_to_pictures(comparison: Comparison) -> Iterator[Picture]:
    """Yield all charts in the order of the page; those without a number are left out."""
    for place, measure in enumerate(comparison.measures, 1):
        ranking = comparison_to_ranking(comparison, measure)
        if ranking["value"].notna().any():
            yield _ranking(place, measure, ranking, comparison.year)
    outcomes = _outcome_rows(comparison)
    if len(outcomes):
        yield _outcomes(outcomes, comparison.year)
    for place, measure in enumerate(comparison.measures, 1):
        trend = comparison_to_trend(comparison, measure)
        if trend["value"].notna().any():
            yield _trend(place, measure, trend)
            yield _regions(place, measure, trend)


def _ranking(place: int, measure: Measure, ranking: pd.DataFrame, year: int) -> Picture:
    """Return the chart of a ranking. Numbers that are not ranked end where the axis does."""
    end = _axis_end(measure, ranking.loc[ranking["status"].isin(TRUSTED), "value"], ranking["value"])
    shown = ranking.head(SHOWN_AGENCIES).assign(
        said=[_said(measure, value, status) for value, status in _pairs(ranking.head(SHOWN_AGENCIES))],
        state=ranking["status"].map(lambda status: word("status", status)),
        label=_labelled(ranking),
        bar=ranking["value"].fillna(0).clip(upper=end),
        look=ranking["status"].map(_look),
    )
    order = list(shown["label"])
    scale, axis = alt.Scale(domain=[0, end * ROOM_FOR_TEXT]), _number_axis(measure)
    base = alt.Chart(shown).encode(y=_agencies("label", order))
    bars = base.mark_bar(height=BAR_HEIGHT, strokeWidth=1.4).encode(
        x=alt.X("bar:Q", title=_axis(measure), axis=axis, scale=scale),
        fill=_by_status("look", 0), stroke=_by_status("look", 1),
        strokeDash=alt.condition("datum.look == 'suspect'", alt.value([3, 2]), alt.value([1, 0])),
        tooltip=_tooltip("agency:N", "region:N", "said:N", "state:N"),
    )  # fmt: skip
    texts = base.mark_text(align="left", dx=5, color=INK).encode(x="bar:Q", text="said:N")
    more = f"图中为前 {SHOWN_AGENCIES} 个机关，其余见下表。" if len(ranking) > SHOWN_AGENCIES else ""
    more += _SUMMED if (shown["scope"] == SUMMED).any() else ""
    chart = (bars + texts).properties(height={"step": BAR_STEP})
    return Picture(f"ranking-{place}", f"{year} 年度：{measure.title}", more, chart)


def _look(status: str) -> str:
    """Return the key of MARKS: how a number of this status is drawn."""
    return status if status in TRUSTED else "suspect"


def _axis_end(measure: Measure, trusted: pd.Series[Any], every: pd.Series[Any]) -> float:
    """Return the greatest trusted number, which no doubtful one stretches; of a part at most 1."""
    known = trusted if trusted.gt(0).any() else every
    most = float(known.max())
    return (min(most, 1.0) if measure.part else most) if most > 0 else 1.0


_SUMMED = f"{SUMMED_MARK} 报告为本级汇总，计入其部门及下级的数字。"


def _labelled(rows: pd.DataFrame) -> pd.Series[Any]:
    """Return the agencies' names, marked if their report sums up other bodies."""
    return rows["agency"] + np.where(rows["scope"] == SUMMED, f" {SUMMED_MARK}", "")


def _said(measure: Measure, value: Any, status: str) -> str:
    """Return a value with its status as text."""
    text = number(measure, value)
    return text if status == "ok" else f"{text} {word('status', status)}".strip()


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[Any, str]]:
    return zip(frame["value"], frame["status"], strict=True)


def _outcome_rows(comparison: Comparison) -> pd.DataFrame:
    """Return a row per agency and outcome of the ranking's year, for agencies that tell all of them.

    `part` is the share of the outcomes' sum, which is the printed total where that adds up.
    """
    titles = {rate.name: rate.title for rate in OUTCOMES}
    rows = comparison.rates[comparison.rates["rate"].isin(titles)]
    rows = rows[(rows["fiscal_year"] == comparison.year).to_numpy(dtype=bool)]
    by = rows.groupby("key")
    whole = rows["status"].isin((*TRUSTED, OVER_WHOLE)).groupby(rows["key"]).transform("all")
    sums = by["numerator"].transform("sum")
    rows = rows.assign(
        part=rows["numerator"] / sums, sure=(rows["status"] == "ok").groupby(rows["key"]).transform("all")
    )
    rows = rows[(whole & (sums > 0)).to_numpy(dtype=bool)]
    if rows.empty:  # what pandas makes of its columns then are no texts
        return rows
    cases = rows["denominator"].map("{:,.0f}".format)
    return rows.assign(
        label=_labelled(rows) + rows["sure"].map({True: "", False: "※"}) + "（" + cases + " 件）",
        outcome=rows["rate"].map(titles),
        place=rows["rate"].map({name: place for place, name in enumerate(titles)}),
        said=rows["numerator"].map("{:,.0f} 件".format) + "，" + rows["value"].map("{:.1%}".format),
    )


def _outcomes(rows: pd.DataFrame, year: int) -> Picture:
    """Return the chart of how applications were handled."""
    first = rows[rows["rate"] == OUTCOMES[0].name].sort_values(["part", "agency"], ascending=[False, True])
    order = list(first["label"].head(SHOWN_AGENCIES))
    titles = [rate.title for rate in OUTCOMES]
    chart = (
        alt.Chart(rows[rows["label"].isin(order)])
        .mark_bar(height=BAR_HEIGHT, stroke="#ffffff", strokeWidth=0.8)
        .encode(
            y=_agencies("label", order),
            x=alt.X("part:Q", title="占各项之和", axis=_share_axis(), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("outcome:N", scale=alt.Scale(domain=titles, range=SHARES),
                            legend=alt.Legend(title=None, orient="top", columns=3, symbolType="square")),
            opacity=alt.condition("datum.sure", alt.value(1), alt.value(0.6)),
            order=alt.Order("place:Q"),
            tooltip=_tooltip("label:N", "outcome:N", "said:N"),
        )
        .properties(height={"step": BAR_STEP})
    )  # fmt: skip
    note = (
        "括号内为办理总数，件数少时比例易变。※ 及浅色：报告的合计不符，图中以各项之和为 100％，"
        "与表中以总计为分母的比率不同。"
    )
    note += _SUMMED if (rows["scope"] == SUMMED).any() else ""
    more = len(first) - len(order)
    note += f"另有 {more} 个机关见下表。" if more else ""
    return Picture("outcomes", f"{year} 年度：申请是怎样办理的", note, chart)


def _trend(place: int, measure: Measure, trend: pd.DataFrame) -> Picture:
    """Return the chart of all years."""
    agencies = sorted(set(trend["agency"]))
    if len(agencies) > NAMED_LINES:
        chart, note = _crowd(measure, trend, ["fiscal_year"])
    else:
        colour = alt.Color(
            "agency:N", sort=agencies, scale=alt.Scale(domain=agencies, range=LINES),
            legend=alt.Legend(title=None, orient="bottom", columns=2, symbolType="stroke"),
        )  # fmt: skip
        chart = alt.layer(*_lines(measure, trend, colour, 2), data=_told(measure, trend))
        note = _HOLES
    note += _summing(trend)
    return Picture(
        f"trend-{place}", f"历年变化：{measure.title}", note, chart.properties(height=TREND_HEIGHT)
    )


_HOLES = "线断处为缺报告或数字不可信；空心点为存疑的数字。"
_MEDIAN = "粗线：中位数，只计可信数字，各年的机关不尽相同。"


def _regions(place: int, measure: Measure, trend: pd.DataFrame) -> Picture:
    """Return the chart with a plot for each region."""
    shown = sorted(set(trend["region"]))[:SHOWN_REGIONS]
    some = trend[trend["region"].isin(shown)]
    crowd, note = _crowd(measure, some, ["region", "fiscal_year"])
    chart = crowd.properties(width=REGION_WIDTH, height=REGION_HEIGHT).facet(
        facet=alt.Facet("region:N", title=None, sort=shown, header=alt.Header(labelFontSize=13)),
        columns=REGION_COLUMNS,
    )
    more = f"图中为前 {SHOWN_REGIONS} 个地区。" if trend["region"].nunique() > SHOWN_REGIONS else ""
    note = f"{note}纵轴相同。{more}{_summing(some)}"
    return Picture(f"regions-{place}", f"分地区：{measure.title}", note, chart, len(shown))


def _summing(trend: pd.DataFrame) -> str:
    """Return a note that agencies which sum up others stand beside these and are added to none."""
    count = trend.loc[(trend["scope"] == SUMMED).to_numpy(dtype=bool), "agency"].nunique()
    return f"其中 {count} 个机关有本级汇总的报告，与其部门各为一条，没有相加。" if count else ""


def _crowd(measure: Measure, trend: pd.DataFrame, by: list[str]) -> tuple[Any, str]:
    """Return a chart with thin lines for agencies, or the middle half of them if they are many, and a
    thick line for the median; and its note."""
    median = alt.Chart().mark_line(color=INK, strokeWidth=2.6)
    if trend["agency"].nunique() <= THIN_LINES:
        lines = _lines(measure, trend, alt.value(PALE), 1.2)
        thick = median.encode(x=_years(), y=alt.Y("median(trusted):Q", title=_axis(measure)))
        return alt.layer(*lines, thick, data=_told(measure, trend)), f"细线：各机关；{_MEDIAN}{_HOLES}"
    y = alt.Y("low:Q", title=_axis(measure), axis=_number_axis(measure), scale=alt.Scale(zero=True))
    band = alt.Chart().mark_area(color=PALE, opacity=0.6).encode(x=_years(), y=y, y2="high:Q")
    doubtful = int((trend["status"] == "suspect").sum())
    note = f"色带：居中的一半机关；{_MEDIAN}{doubtful} 个存疑的数字不计。"
    return alt.layer(band, median.encode(x=_years(), y="middle:Q"), data=_quartiles(trend, by)), note


def _quartiles(trend: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the columns `by` with low, middle and high: the quartiles of trusted values."""
    spread = trend.groupby(by)["trusted"].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    return spread.set_axis(["low", "middle", "high"], axis="columns").reset_index()


def _told(measure: Measure, trend: pd.DataFrame) -> pd.DataFrame:
    return trend.assign(said=[_said(measure, value, status) for value, status in _pairs(trend)])


def _lines(measure: Measure, trend: pd.DataFrame, colour: Any, width: float) -> list[alt.Chart]:
    """Return the layers of lines, trusted dots and hollow doubtful points."""
    x, tips = _years(), _tooltip("agency:N", "fiscal_year:O", "said:N")
    y = alt.Y("trusted:Q", title=_axis(measure), axis=_number_axis(measure), scale=alt.Scale(zero=True))
    line = alt.Chart().mark_line(strokeWidth=width, invalid="break-paths-show-domains")
    dots = alt.Chart().mark_point(filled=True, size=26, opacity=1).transform_filter("isValid(datum.trusted)")
    hollow = alt.Chart().mark_point(filled=False, size=46, strokeWidth=1.6, color=RUST)
    doubtful = hollow.transform_filter("datum.status == 'suspect' && isValid(datum.value)")
    return [
        line.encode(x=x, y=y, color=colour, detail="agency:N"),
        dots.encode(x=x, y=y, color=colour, tooltip=tips),
        doubtful.encode(x=x, y=alt.Y("value:Q"), tooltip=tips),
    ]


def _years() -> alt.X:
    return alt.X("fiscal_year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))


def _agencies(field: str, order: list[str]) -> alt.Y:
    return alt.Y(f"{field}:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False))


def _axis(measure: Measure) -> str:
    return "比例" if measure.share else measure.unit


def _number_axis(measure: Measure) -> alt.Axis:
    return (
        _share_axis(measure.part)
        if measure.share
        else alt.Axis(format=",~f", tickCount=5, labelOverlap="greedy")
    )


def _share_axis(part: bool = True) -> alt.Axis:
    """Return an axis in per cent; that of a part has no mark above 100 %, also if there is room."""
    text = "datum.value > 1 ? '' : datum.label" if part else "datum.label"
    return alt.Axis(format="%", tickCount=5, labelOverlap="greedy", labelExpr=text)


def _by_status(channel: str, place: int) -> Any:
    """Return the encoding of fill (0) or stroke (1) by status."""
    scale = alt.Scale(domain=list(MARKS), range=[marks[place] for marks in MARKS.values()])
    return (alt.Stroke if place else alt.Fill)(f"{channel}:N", scale=scale, legend=None)


def _tooltip(*fields: str) -> list[alt.Tooltip]:
    titles = {"agency": "机关", "label": "机关", "region": "地区", "said": "数值", "state": "状态",
              "fiscal_year": "年度", "outcome": "办理结果"}  # fmt: skip
    return [alt.Tooltip(field, title=titles[field.split(":")[0]]) for field in fields]


def spec_to_json(spec: Any) -> str:
    """Return a chart specification, or a list of them, as JSON.

    Line and paragraph separators become blanks: Vega-Lite writes names into expressions, where Vega takes
    them for the end of a line. One such name would break all charts.
    """
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", " ").replace("\u2029", " ")


def configured(chart: Any, family: str) -> Any:
    """Return the chart in the page's style and the given font."""
    return (
        chart.configure(font=family, background="#ffffff", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=SOFT,
            titleFontWeight="normal", gridColor="#e4e7eb", domainColor=GREY, tickColor=GREY,
        )
        .configure_axisYBand(labelLimit=300, labelPadding=6)
        .configure_legend(labelFontSize=12, labelColor=INK, labelLimit=300)
        .configure_header(labelColor=INK, labelFontWeight="normal")
        .configure_text(fontSize=12)
    )  # fmt: skip
