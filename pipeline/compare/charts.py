"""Figures → Altair charts. What can be trusted is drawn solid, what cannot is hollow."""

from __future__ import annotations

from collections.abc import Iterator

import altair as alt
import pandas as pd

from pipeline.compare.chart_parts import (
    INK,
    SHARES,
    SUMMED_NOTE,
    Picture,
    agencies_axis,
    axis_title,
    labelled,
    look_channel,
    number_axis,
    numbers_to_domain,
    said,
    share_axis,
    status_to_look,
    tooltip,
)
from pipeline.compare.figures import TRUSTED, Comparison, comparison_to_ranking
from pipeline.compare.rates import OUTCOMES, OVER_WHOLE
from pipeline.compare.scopes import SUMMED
from pipeline.compare.selection import Measure
from pipeline.compare.trends import measure_to_trends
from pipeline.compare.words import word

SHOWN_AGENCIES = 30
"""Count. A ranking shows no more bars."""

BAR_HEIGHT = 15
"""Pixels. The thickness of a bar."""

BAR_STEP = 26
"""Pixels. The height of the row of a bar."""

ROOM_FOR_TEXT = 1.3
"""Times the width from the lowest to the highest bar. The axis is as wide, for the text beside the bar."""


def comparison_to_pictures(comparison: Comparison) -> Iterator[Picture]:
    """Yield all charts in the order of the page; those without a number are left out."""
    for place, measure in enumerate(comparison.measures, 1):
        ranking = comparison_to_ranking(comparison, measure)
        few = ranking["few"].to_numpy(dtype=bool)
        if ranking.loc[~few, "value"].notna().any():
            yield _ranking(place, measure, ranking[~few], comparison, int(few.sum()))
    outcomes = _outcome_rows(comparison)
    if len(outcomes):
        yield _outcomes(outcomes, comparison.year)
    for place, measure in enumerate(comparison.measures, 1):
        yield from measure_to_trends(comparison, place, measure)


def _ranking(
    place: int, measure: Measure, ranking: pd.DataFrame, comparison: Comparison, few: int
) -> Picture:
    """Return the chart of a ranking. Numbers that are not ranked end where the axis does; what has too few
    cases is not drawn."""
    low, high = numbers_to_domain(
        measure, ranking["value"].where(ranking["status"].isin(TRUSTED)), ranking["value"]
    )
    some = ranking.head(SHOWN_AGENCIES)
    shown = some.assign(
        said=said(measure, some),
        state=some["status"].map(lambda status: word("status", status)),
        label=labelled(some),
        bar=some["value"].fillna(0).clip(low, high),
        look=some["status"].map(status_to_look),
    )
    shown["text_at"] = shown["bar"].clip(lower=0)  # right of the bar, or of zero: dark on dark is not read
    order, end = list(shown["label"]), low + (high - low) * ROOM_FOR_TEXT
    scale, axis = alt.Scale(domain=[low, end], nice=False), number_axis(measure)
    base = alt.Chart(shown).encode(y=agencies_axis("label", order))
    bars = base.mark_bar(height=BAR_HEIGHT, strokeWidth=1.4).transform_filter("isValid(datum.value)").encode(
        x=alt.X("bar:Q", title=axis_title(measure), axis=axis, scale=scale),
        fill=look_channel(0), stroke=look_channel(1),
        strokeDash=alt.condition("datum.look == 'suspect'", alt.value([3, 2]), alt.value([1, 0])),
        tooltip=tooltip("agency:N", "region:N", "said:N", "state:N"),
    )  # fmt: skip
    texts = base.mark_text(align="left", dx=5, color=INK).encode(x="text_at:Q", text="said:N")
    more = f"图中为前 {SHOWN_AGENCIES} 个机关，其余见下表。" if len(ranking) > SHOWN_AGENCIES else ""
    more += f"另有 {few} 个机关分母不足 {comparison.min_n} 件，不排名，列在表后。" if few else ""
    more += SUMMED_NOTE if (shown["scope"] == SUMMED).any() else ""
    chart = (bars + texts).properties(height={"step": BAR_STEP})
    return Picture(f"ranking-{place}", f"{comparison.year} 年度：{measure.title}", more, chart)


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
        label=labelled(rows) + rows["sure"].map({True: "", False: "※"}) + "（" + cases + " 件）",
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
            y=agencies_axis("label", order),
            x=alt.X("part:Q", title="占各项之和", axis=share_axis(), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("outcome:N", scale=alt.Scale(domain=titles, range=SHARES),
                            legend=alt.Legend(title=None, orient="top", columns=3, symbolType="square")),
            opacity=alt.condition("datum.sure", alt.value(1), alt.value(0.6)),
            order=alt.Order("place:Q"),
            tooltip=tooltip("label:N", "outcome:N", "said:N"),
        )
        .properties(height={"step": BAR_STEP})
    )  # fmt: skip
    note = (
        "括号内为办理总数，件数少时比例易变。※ 及浅色：报告的合计不符，图中以各项之和为 100％，"
        "与表中以总计为分母的比率不同。"
    )
    note += SUMMED_NOTE if (rows["scope"] == SUMMED).any() else ""
    more = len(first) - len(order)
    note += f"另有 {more} 个机关见下表。" if more else ""
    return Picture("outcomes", f"{year} 年度：申请是怎样办理的", note, chart)
