"""Figures of all years → charts of lines, each with its name at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pipeline.compare.chart_parts import (
    INK,
    LINES,
    PALE,
    RUST,
    THIN,
    Picture,
    axis_title,
    number_axis,
    numbers_to_domain,
    said,
    status_to_look,
    tooltip,
    years_axis,
)
from pipeline.compare.figures import Comparison, comparison_to_trend
from pipeline.compare.scopes import SUMMED
from pipeline.compare.selection import Measure

SHOWN_REGIONS = 12
"""Count. A chart of regions has no more plots."""

NAMED_LINES = 8
"""Count. No more agencies have a line and colour of their own: there are as many LINES."""

THIN_LINES = 60
"""Count. No more agencies are drawn as thin lines. More are a band of their middle half."""

LABELLED_LINES = 24
"""Count. If there are more lines, only the highest have a name."""

LABELLED_HIGHEST = 10
"""Count. As many have a name then."""

LABEL_STEP = 15
"""Pixels. The least distance between two names."""

LABEL_CHARACTER = 6.5
"""Pixels. The width of a letter of a name; a Chinese character is as wide as two."""

LABEL_MAX_ROOM = 210
"""Pixels. A name is no wider; a longer one is cut."""

TREND_HEIGHT = 280
"""Pixels. The height of the chart of all years; more if its names need it."""

FEW_LINES, FEW_HEIGHT = 2, 150
"""Count and pixels. So few lines need no more height."""

REGION_WIDTH, REGION_HEIGHT = 200, 140
"""Pixels. The size of one plot in a chart of regions."""

REGION_COLUMNS = 3
"""Count. As many plots of regions stand beside each other."""

MEDIAN = "中位数"
_HOLES = "线断处缺报告或数字不可信；实心点可信，白心点照原样引用（合计不符），红圈存疑，过大的画在顶端。"
_MEDIAN = f"粗线：{MEDIAN}，只计可信和照原样引用的数字，各年的机关不尽相同。"


def measure_to_trends(comparison: Comparison, place: int, measure: Measure) -> Iterator[Picture]:
    """Yield the chart of all years and that of regions, if there is a number.

    Agencies that sum up others have a chart of their own beside agencies that do not: theirs are other
    heights.
    """
    trend = comparison_to_trend(comparison, measure)
    trend = trend[trend["value"].notna().groupby(trend["key"]).transform("any")]
    summed = trend["agency"].isin(trend.loc[(trend["scope"] == SUMMED).to_numpy(dtype=bool), "agency"])
    parts = [("", "", trend[~summed]), ("-summed", "（本级汇总）", trend[summed])]
    shown = [(suffix, told, part) for suffix, told, part in parts if part["value"].notna().any()]
    for suffix, told, part in shown:
        yield _trend(f"trend-{place}{suffix}", f"历年变化：{measure.title}{told}", measure, part)
    if shown:
        left_out = "本级汇总的机关不在图中。" if len(shown) > 1 else ""
        yield _regions(place, measure, shown[0][2], left_out)


def _trend(name: str, title: str, measure: Measure, trend: pd.DataFrame) -> Picture:
    """Return the chart of all years, with the names of its lines beside it."""
    if trend["agency"].nunique() > THIN_LINES:
        chart, note = _band(measure, trend, ["fiscal_year"])
        return Picture(name, title, note, chart.properties(height=TREND_HEIGHT))
    rows = _drawn(measure, trend)
    agencies = sorted(set(rows["agency"]))
    few = len(agencies) <= NAMED_LINES
    height = max(TREND_HEIGHT, LABEL_STEP * (min(len(agencies), LABELLED_LINES) + 2))
    height = FEW_HEIGHT if len(agencies) <= FEW_LINES else height
    rows = _with_labels(rows, agencies, {}, height, median=not few)
    colour: Any = alt.Color(
        "agency:N", sort=agencies, scale=alt.Scale(domain=agencies, range=LINES), legend=None
    )
    layers = _lines(measure, rows, colour if few else alt.value(THIN), 2 if few else 1.2)
    chart = alt.layer(*layers, *([] if few else [_median(measure)]), data=rows)
    note = (_HOLES if few else f"细线：各机关；{_MEDIAN}{_HOLES}") + _unnamed(len(agencies))
    room = _room(rows["label"])
    return Picture(name, title, note, chart.properties(height=height), names=tuple(agencies), room=room)


def _regions(place: int, measure: Measure, trend: pd.DataFrame, left_out: str) -> Picture:
    """Return the chart with a plot for each region."""
    shown = sorted(set(trend["region"]))[:SHOWN_REGIONS]
    some = trend[trend["region"].isin(shown)]
    header = alt.Header(labelFontSize=13, labelAnchor="start")
    facet = alt.Facet("region:N", title=None, sort=shown, header=header)
    crowd: Any
    if trend["agency"].nunique() > THIN_LINES:
        crowd, note, names, room = *_band(measure, some, ["region", "fiscal_year"]), (), 0
    else:
        rows = _drawn(measure, some)
        names = tuple(sorted(set(rows["agency"])))
        short = {
            str(row.agency): _without_region(str(row.agency), str(row.region)) for row in rows.itertuples()
        }
        each = [
            _with_labels(part, names, short, REGION_HEIGHT, median=True) for _, part in rows.groupby("region")
        ]
        rows = pd.concat(each, ignore_index=True)
        layers = _lines(measure, rows, alt.value(THIN), 1.2)
        crowd, note = alt.layer(*layers, _median(measure), data=rows), f"细线：各机关；{_MEDIAN}{_HOLES}"
        room = _room(rows["label"])
    plots = crowd.properties(width=REGION_WIDTH, height=REGION_HEIGHT)
    apart = {"column": room + 16, "row": 44}
    chart = plots.facet(facet=facet, columns=REGION_COLUMNS, spacing=apart, bounds="flush")
    more = f"图中为前 {SHOWN_REGIONS} 个地区。" if trend["region"].nunique() > SHOWN_REGIONS else ""
    note = f"{note}纵轴相同。{left_out}{more}"
    return Picture(f"regions-{place}", f"分地区：{measure.title}", note, chart, len(shown), names, room)


def _drawn(measure: Measure, trend: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with what is drawn of them; `low` and `high` are the ends of the axis."""
    low, high = numbers_to_domain(measure, trend["trusted"], trend["value"])
    looks = trend["status"].map(status_to_look)
    doubtful = trend["value"].where(looks == "suspect").clip(low, high)
    return trend.assign(look=looks, doubtful=doubtful, said=said(measure, trend), low=low, high=high)


def _with_labels(
    rows: pd.DataFrame, agencies: Sequence[str], short: dict[str, str], height: int, *, median: bool
) -> pd.DataFrame:
    """Return the rows with label, mark and label_at where a line ends: its name, the place of the name among
    all agencies, and the height of the name, apart from the others. The median's is in a row of its own."""
    rows = rows.assign(mark=rows["agency"].map(lambda agency: str(agencies.index(agency) + 1)), label="")
    known = rows.dropna(subset=["trusted"]).sort_values("fiscal_year", kind="stable")
    ends = known.drop_duplicates("agency", keep="last").sort_values("trusted", ascending=False, kind="stable")
    most = min(LABELLED_LINES, height // LABEL_STEP - 1)
    ends = ends if len(ends) <= most else ends.head(min(LABELLED_HIGHEST, most))
    ends = ends.assign(label=[short.get(agency, agency) for agency in ends["agency"]])
    wanted = ends["trusted"]
    if median and len(ends) > 1:
        last = known[known["fiscal_year"] == known["fiscal_year"].iloc[-1]]
        middle = last.tail(1).assign(
            agency=MEDIAN, label=MEDIAN, mark=MEDIAN, trusted=np.nan, doubtful=np.nan
        )
        ends = pd.concat([ends, middle], ignore_index=True)
        wanted = pd.concat([wanted, pd.Series([last["trusted"].median()])], ignore_index=True)
    low, high = rows["low"].iloc[0], rows["high"].iloc[0]
    places = apart([height * (high - value) / (high - low) for value in wanted], height)
    ends = ends.assign(label_at=[high - place * (high - low) / height for place in places])
    return pd.concat([rows, ends], ignore_index=True)


def apart(wanted: Sequence[float], height: float) -> list[float]:
    """Return places as near as possible to those wanted, from 0 to height, LABEL_STEP apart."""
    order = sorted(range(len(wanted)), key=lambda each: wanted[each])
    places = [wanted[each] for each in order]
    for each in range(1, len(places)):
        places[each] = max(places[each], places[each - 1] + LABEL_STEP)
    ceiling = float(height)
    for each in reversed(range(len(places))):
        places[each] = ceiling = min(places[each], ceiling)
        ceiling -= LABEL_STEP
    return [places[order.index(each)] for each in range(len(wanted))]


def _room(labels: pd.Series[Any]) -> int:
    """Return the pixels that the longest name needs."""
    texts = [*labels.dropna(), MEDIAN]
    widths = [sum(1 + (not char.isascii()) for char in text) * LABEL_CHARACTER for text in texts]
    return min(int(max(widths)) + 16, LABEL_MAX_ROOM)


def _unnamed(count: int) -> str:
    return f"只标出末端最高的 {LABELLED_HIGHEST} 条线的名称。" if count > LABELLED_LINES else ""


def _without_region(agency: str, region: str) -> str:
    """Return a name without the region that stands above its plot."""
    heads = (region[place:] for place in range(len(region)))
    return next((agency.removeprefix(h) for h in heads if agency.startswith(h) and agency != h), agency)


def _lines(measure: Measure, rows: pd.DataFrame, colour: Any, width: float) -> list[alt.Chart]:
    """Return the layers: lines, dots of trusted and of quoted numbers, hollow doubtful ones, and names."""
    low, high = rows["low"].iloc[0], rows["high"].iloc[0]
    x, tips = years_axis(), tooltip("agency:N", "fiscal_year:O", "said:N")
    scale = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("trusted:Q", title=axis_title(measure), axis=number_axis(measure), scale=scale)
    known, named = "isValid(datum.trusted)", "datum.label"
    sure, quoted = f"{known} && datum.look == 'ok'", f"{known} && datum.look == 'check_failed'"
    line = alt.Chart().mark_line(strokeWidth=width, invalid="break-paths-show-domains")
    dots = alt.Chart().mark_point(filled=True, size=30, opacity=1).transform_filter(sure)
    rings = alt.Chart().mark_point(filled=False, size=34, opacity=1, strokeWidth=1.5, fill="#ffffff")
    hollow = alt.Chart().mark_point(filled=False, size=52, strokeWidth=1.6, color=RUST)
    leader = alt.Chart().mark_rule(strokeWidth=0.8, opacity=0.7).transform_filter(f"{known} && {named}")
    names = alt.Chart().mark_text(align="left", dx=6, limit=LABEL_MAX_ROOM - 10).transform_filter(named)
    text_colour = alt.value(INK) if isinstance(colour, dict) else colour
    edge = alt.XValue("width")  # type: ignore[no-untyped-call]
    edge_too = alt.X2Value("width")  # type: ignore[no-untyped-call]
    return [
        leader.encode(x=x, x2=edge_too, y=y, y2="label_at:Q", color=colour),
        line.transform_filter("!datum.label").encode(x=x, y=y, color=colour, detail="agency:N"),
        dots.encode(x=x, y=y, color=colour, tooltip=tips),
        rings.transform_filter(quoted).encode(x=x, y=y, color=colour, tooltip=tips),
        hollow.transform_filter("isValid(datum.doubtful)").encode(x=x, y="doubtful:Q", tooltip=tips),
        names.encode(x=edge, y="label_at:Q", text="label:N", color=text_colour),
    ]


def _median(measure: Measure) -> alt.Chart:
    """Return the layer of the thick line, of all trusted and quoted numbers."""
    thick: alt.Chart = alt.Chart().mark_line(color=INK, strokeWidth=2.6).transform_filter("!datum.label")
    return thick.encode(x=years_axis(), y=alt.Y("median(trusted):Q", title=axis_title(measure)))


def _band(measure: Measure, trend: pd.DataFrame, by: list[str]) -> tuple[Any, str]:
    """Return a chart with the middle half of many agencies and their median, and its note."""
    spread = trend.groupby(by)["trusted"].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    rows = spread.set_axis(["low", "middle", "high"], axis="columns").reset_index()
    scale = alt.Scale(zero=True)
    y = alt.Y("low:Q", title=axis_title(measure), axis=number_axis(measure), scale=scale)
    band = alt.Chart().mark_area(color=PALE, opacity=0.6, line=False).encode(x=years_axis(), y=y, y2="high:Q")
    edges = [
        alt.Chart().mark_line(color=THIN, strokeWidth=1).encode(x=years_axis(), y=f"{edge}:Q")
        for edge in ("low", "high")
    ]
    median = alt.Chart().mark_line(color=INK, strokeWidth=2.6).encode(x=years_axis(), y="middle:Q")
    doubtful = int((trend["status"] == "suspect").sum())
    note = f"色带：居中的一半机关；{_MEDIAN}{doubtful} 个存疑的数字不计。"
    return alt.layer(band, *edges, median, data=rows), note
