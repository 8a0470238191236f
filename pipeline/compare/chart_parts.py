"""What all charts have in common: colours, axes, marks of doubt, text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pipeline.compare.figures import CERTAIN, TRUSTED
from pipeline.compare.scopes import SUMMED
from pipeline.compare.selection import Measure
from pipeline.compare.words import number, word

SUMMED_MARK = "Σ"
SUMMED_NOTE = f"{SUMMED_MARK} 报告为本级汇总，计入其部门及下级的数字。"
INK, SOFT, GREY, BLUE, PALE, RUST = "#1f2933", "#52606d", "#7b8794", "#2f5d8a", "#a9c1d9", "#b3541e"
THIN = "#7d95ad"
LINES = ("#2f5d8a", "#b3541e", "#2f7d5b", "#7a5195", "#8a6400", "#23789b", "#8c564b", "#5f6b7a")
SHARES = ("#1f6b4a", "#5a9e7c", "#b3541e", "#c17d22", "#7a6c9d", "#7b8794")
"""What stands on white without an outline has a contrast of 3 to 1 at least."""

MARKS = {"ok": (BLUE, BLUE), "check_failed": (PALE, BLUE), "suspect": ("#ffffff", RUST)}
"""Fill and stroke of a bar by its status."""


@dataclass(frozen=True)
class Picture:
    """One chart: `name` for its file, `note` what its reader must know. `facets` is the number of plots in
    it, 0 for a single one. `names` are those of its lines, whose places stand for them where room is scarce,
    and `room` the pixels beside a plot that they need."""

    name: str
    title: str
    note: str
    chart: alt.TopLevelMixin
    facets: int = 0
    names: tuple[str, ...] = ()
    room: int = 0


def status_to_look(status: str) -> str:
    """Return the key of MARKS: how a number of this status is drawn."""
    if status in CERTAIN:
        return "ok"
    return status if status in TRUSTED else "suspect"


def numbers_to_domain(
    measure: Measure, trusted: pd.Series[Any], every: pd.Series[Any]
) -> tuple[float, float]:
    """Return the ends of an axis, of which one is mostly 0. What is doubtful stretches it only if there is
    nothing else, and a part at most to 1."""
    known = trusted if trusted.notna().any() else every
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 0.0)
    high = min(high, 1.0) if measure.part else high
    return low, high if high > low else low + 1.0


def labelled(rows: pd.DataFrame) -> pd.Series[Any]:
    """Return the agencies' names, marked if their report sums up other bodies."""
    return rows["agency"] + np.where(rows["scope"] == SUMMED, f" {SUMMED_MARK}", "")


def said(measure: Measure, rows: pd.DataFrame) -> list[str]:
    """Return each value with its status as text."""
    return [
        _said(measure, value, status) for value, status in zip(rows["value"], rows["status"], strict=True)
    ]


def _said(measure: Measure, value: Any, status: str) -> str:
    text = number(measure, value)
    return text if status == "ok" else f"{text} {word('status', status)}".strip()


def years_axis() -> alt.X:
    """Return the years from left to right, with little room beside the last."""
    scale = alt.Scale(type="point", padding=0.15)
    return alt.X("fiscal_year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True), scale=scale)


def agencies_axis(field: str, order: list[str]) -> alt.Y:
    """Return the agencies from top to bottom."""
    return alt.Y(f"{field}:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False))


def axis_title(measure: Measure) -> str:
    """Return what the numbers of a measure are counted in."""
    return "比例" if measure.share else measure.unit


def number_axis(measure: Measure) -> alt.Axis:
    """Return the axis of a measure's numbers."""
    plain = alt.Axis(format=",~f", tickCount=5, labelOverlap="greedy", labelSeparation=8)
    return share_axis(measure.part) if measure.share else plain


def share_axis(part: bool = True) -> alt.Axis:
    """Return an axis in per cent; that of a part has no mark above 100 %, also if there is room."""
    text = "datum.value > 1 ? '' : datum.label" if part else "datum.label"
    return alt.Axis(format="%", tickCount=5, labelOverlap="greedy", labelSeparation=8, labelExpr=text)


def look_channel(place: int) -> Any:
    """Return the encoding of fill (0) or stroke (1) by what can be trusted."""
    scale = alt.Scale(domain=list(MARKS), range=[marks[place] for marks in MARKS.values()])
    return (alt.Stroke if place else alt.Fill)("look:N", scale=scale, legend=None)


def tooltip(*fields: str) -> list[alt.Tooltip]:
    """Return what is told of a mark under the pointer."""
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
