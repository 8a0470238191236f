"""A comparison → one HTML page that needs no network, no fonts and no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from pipeline.compare.chart_parts import Picture, configured, spec_to_json, status_to_look
from pipeline.compare.charts import comparison_to_pictures
from pipeline.compare.figures import TRUSTED, Comparison, comparison_to_ranking
from pipeline.compare.fonts import text_to_font
from pipeline.compare.links import link_to_page
from pipeline.compare.rates import NEWER, OLDER
from pipeline.compare.scopes import Overlap, scopes_to_counts
from pipeline.compare.selection import Measure
from pipeline.compare.troubles import comparison_to_report_troubles
from pipeline.compare.words import caveat, comparison_to_title, comparison_to_years, number, word
from pipeline.forms import tables_in_force
from pipeline.tables.rate_definitions import Rate, interval_level

PAGE_FONT = "nianbao"
NO_LINKS: Mapping[str, str] = MappingProxyType({})

PAGE_ROWS_MAX = 200
"""Count. A table on the page has no more rows; the workbook has all."""

SHOWN_OVERLAPS = 5
"""Count. No more warnings of one kind are shown."""

SHOWN_NAMES = 8
"""Count. One warning has no more names."""

OLDEST_FORM = "fy2014"
"""The form whose rates are others, as it asks otherwise."""


@dataclass(frozen=True)
class RankingRow:
    """A row of a ranking as texts; `span` is the range of possible ranks, `n` the denominator of a rate and
    `interval` its interval."""

    rank: str
    span: str
    agency: str
    scope: str
    region: str
    value: str
    n: str
    interval: str
    state: str
    caveat: str
    css: str
    page: str
    link: str


@dataclass(frozen=True)
class RankingBlock:
    """One measure's ranking; `rows` are the first of `count`. `few` are the first of `few_count` that have
    too few cases for a rank."""

    title: str
    unit: str
    share: bool
    part: bool
    count: int
    rows: list[RankingRow]
    few_count: int
    few: list[RankingRow]
    pictures: list[Picture]


@dataclass(frozen=True)
class RateCell:
    """A rate as text, and its CSS class."""

    text: str
    css: str


@dataclass(frozen=True)
class RateRow:
    """The rates of one agency; `cases` is the number of applications handled."""

    agency: str
    scope: str
    cases: str
    cells: list[RateCell]


@dataclass(frozen=True)
class RateBlock:
    """The rates of one generation of the form; `rows` are the first of `count`."""

    told: str
    cases: str
    titles: list[str]
    count: int
    rows: list[RateRow]


def comparison_to_html(comparison: Comparison, links: Mapping[str, str] = NO_LINKS) -> str:
    """Return the whole page. The same comparison and `links` (report_id → address) give the same text."""
    pictures = list(comparison_to_pictures(comparison))
    troubles = comparison_to_report_troubles(comparison, links)
    script = _filled("page.js", specs=_specs(pictures), family=PAGE_FONT)
    told = {
        "title": comparison_to_title(comparison), "lead": _lead(comparison),
        "warnings": comparison_to_warnings(comparison),
        "ranking_lead": _ranking_lead(comparison), "rankings": _rankings(comparison, pictures, links),
        "min_n": comparison.min_n, "year": comparison.year,
        "level": f"{interval_level():.0%}".replace("%", "％"),
        "outcomes": [p for p in pictures if p.name == "outcomes"],
        "trends": [p for p in pictures if p.name.startswith(("trend-", "regions-"))],
        "rate_blocks": _rate_blocks(comparison),
        "coverage": comparison.coverage.to_dict("records"),
        "reports_there": bool(comparison.coverage["there"].sum()),
        "troubles": troubles[:PAGE_ROWS_MAX], "trouble_count": len(troubles),
        "footnotes": _footnotes(comparison), "script": script,
    }  # fmt: skip
    seen = _filled("page.html", **told, style="", bundle="", policy="")
    style = _filled("page.css", family=PAGE_FONT, font=text_to_font(seen))
    policy = parts_to_policy([style], [_bundle(), script])
    return _filled("page.html", **told, style=style, bundle=_bundle(), policy=policy)


def parts_to_policy(styles: Sequence[str], scripts: Sequence[str]) -> Markup:
    """Return the page's Content-Security-Policy: these styles and scripts exactly, and nothing else.

    It has the hashes of the texts between the tags, so that no name in a document can add to them.
    """
    return Markup(
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; font-src data:;"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hashes(parts: Sequence[str]) -> str:
    """Return hashes of the parts as the policy wants them."""
    digests = (base64.b64encode(sha256(part.encode()).digest()).decode() for part in parts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _filled(template: str, **told: Any) -> Markup:
    """Return a template of this folder, filled; values that are not Markup are escaped as HTML."""
    text = files("pipeline.compare").joinpath(template).read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return Markup(environment.from_string(text).render(**told))


def _specs(pictures: Iterable[Picture]) -> Markup:
    """Return the charts as JSON that is safe inside a script, whatever a document is called."""
    told = [
        {"name": p.name, "facets": p.facets, "room": p.room, "spec": configured(p.chart, PAGE_FONT).to_dict()}
        for p in pictures
    ]
    return Markup(spec_to_json(told).replace("<", "\\u003c"))


@cache
def _bundle() -> Markup:
    """Return Vega, Vega-Lite and vega-embed in one script of 0.9 MB. Making it takes seconds, so it is
    made once."""
    import vl_convert

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    if "</script" in script.lower() or "\r" in script:  # a browser would read it differently
        raise ValueError("vl-convert's bundle cannot stand in a page: take another version of it")
    return Markup(script)


def _lead(comparison: Comparison) -> str:
    """Return the first sentence of the page."""
    total = comparison.coverage[["agencies", "there", "ok", "flagged", "missing"]].sum()
    return (
        f"{comparison.panel['key'].nunique():,} 个机关，{comparison_to_years(comparison)} 年度"
        f"应有 {total['agencies']:,} 份报告，"
        f"实有 {total['there']:,} 份：{total['ok']:,} 份全部可信，{total['flagged']:,} 份须核对；"
        f"缺 {total['missing']:,} 份。"
    )


def _ranking_lead(comparison: Comparison) -> str:
    """Return the sentence above the rankings."""
    counts = comparison.coverage[comparison.coverage["fiscal_year"] == comparison.year]
    there, due = counts["there"].sum(), counts["agencies"].sum()
    return (
        f"{comparison.year} 年度，应有报告的 {due:,} 个机关中 {there:,} 个有报告。名次按报告所列数字排。"
        "“可能的名次”把没有可信数字和合计不符的机关都看作可能排在任何位置。"
    )


def comparison_to_warnings(comparison: Comparison) -> list[str]:
    """Return what to know before figures are compared or added: whose figures the reports count."""
    now = comparison.panel[(comparison.panel["fiscal_year"] == comparison.year).to_numpy(dtype=bool)]
    counts = scopes_to_counts(now["scope"])
    told = "，".join(f"{count:,} 份{word('scope', scope)}" for scope, count in counts.items())
    mixed = f"{comparison.year} 年度各报告的统计范围不同：{told}。名次和比率宜在同一统计范围内比较。"
    overlaps = [_overlap(overlap) for overlap in comparison.overlaps[:SHOWN_OVERLAPS]]
    hidden = len(comparison.overlaps) - len(overlaps)
    more = f"另有 {hidden:,} 个机关的汇总报告也是如此。"
    changed = f"{len(comparison.changed):,} 个机关各年统计范围不同，历年变化不能直接比较："
    return [
        *overlaps, *([more] if hidden else []), *([mixed] if len(counts) > 1 else []),
        *([f"{changed}{_names(comparison.changed)}。"] if comparison.changed else []),
    ]  # fmt: skip


def _overlap(overlap: Overlap) -> str:
    years = "、".join(map(str, overlap.years))
    return (
        f"{overlap.agency} {years} 年度的报告是本级汇总，可能已包含这里同一地区 {len(overlap.below):,} "
        f"个机关的数字（{_names(overlap.below)}）：不要相加，以免重复计算。"
    )


def _names(names: tuple[str, ...]) -> str:
    return "、".join(names[:SHOWN_NAMES]) + (" 等" if len(names) > SHOWN_NAMES else "")


def _rankings(
    comparison: Comparison, pictures: list[Picture], links: Mapping[str, str]
) -> list[RankingBlock]:
    blocks = []
    for place, measure in enumerate(comparison.measures, 1):
        ranking = comparison_to_ranking(comparison, measure)
        few = ranking["few"].to_numpy(dtype=bool)
        rows, apart = (
            [_ranking_row(measure, row, links) for row in part.head(PAGE_ROWS_MAX).itertuples()]
            for part in (ranking[~few], ranking[few])
        )
        counts = int((~few).sum()), int(few.sum())
        drawn = [picture for picture in pictures if picture.name == f"ranking-{place}"]
        kind = measure.title, measure.unit, measure.share, measure.part
        blocks.append(RankingBlock(*kind, counts[0], rows, counts[1], apart, drawn))
    return blocks


def _ranking_row(measure: Measure, row: Any, links: Mapping[str, str]) -> RankingRow:
    ranked = not pd.isna(row.rank)
    span = f"{row.first:.0f}" if row.first == row.last else f"{row.first:.0f}–{row.last:.0f}"
    return RankingRow(
        rank=f"{row.rank:.0f}" if ranked else "—",
        span=span if ranked else "—",
        agency=row.agency,
        scope=word("scope", row.scope),
        region=row.place,
        value=number(measure, row.value),
        n="" if pd.isna(row.denominator) else f"{row.denominator:,.0f}",
        interval="" if pd.isna(row.lower) else f"{row.lower:.1%}–{row.upper:.1%}",
        state=word("status", row.status),
        caveat=caveat(row.caveat),
        css=status_to_look(row.status),
        page="" if pd.isna(row.page) else f"{row.page:.0f}",
        link=link_to_page(links, row.report_id, row.page),
    )


def is_per_thousand(rate: Rate) -> bool:
    """Return whether a rate is so small that it is shown per thousand."""
    return rate.name.endswith("litigation_rate")


def rate_to_title(rate: Rate) -> str:
    """Return the Chinese title of a rate, with ‰ if it is shown per thousand."""
    return f"{rate.title}（‰）" if is_per_thousand(rate) else rate.title


def _rate_blocks(comparison: Comparison) -> list[RateBlock]:
    """Return the rates of the ranking's year, for each generation of the form that its reports follow."""
    now = comparison.rates[(comparison.rates["fiscal_year"] == comparison.year).to_numpy(dtype=bool)]
    in_force = "+".join(sorted(set(tables_in_force(comparison.year).values())))
    older = now["templates"].replace("", in_force) == OLDEST_FORM
    blocks = (_rate_block("newer", now[~older], NEWER), _rate_block("older", now[older], OLDER))
    return [block for block in blocks if block.count]


def _rate_block(name: str, rates: pd.DataFrame, shown: Sequence[Rate]) -> RateBlock:
    """Return the table of these rates, a row per agency."""
    rows = [_rate_row(group.set_index("rate"), shown) for _, group in rates.groupby("key", sort=False)]
    titles = [rate_to_title(rate).replace("（旧表）", "") for rate in shown]  # the text above says so
    return RateBlock(word("rates", name), word("cases", name), titles, len(rows), rows[:PAGE_ROWS_MAX])


def _rate_row(rates: pd.DataFrame, shown: Sequence[Rate]) -> RateRow:
    cases: Any = rates.loc[shown[0].name, "denominator"]
    cells = [_rate_cell(rate, *rates.loc[rate.name, ["value", "status"]]) for rate in shown]
    agency, scope = rates[["agency", "scope"]].iloc[0]
    return RateRow(agency, word("scope", scope), "" if pd.isna(cases) else f"{cases:,.0f}", cells)


def _rate_cell(rate: Rate, value: Any, status: str) -> RateCell:
    said = "" if pd.isna(value) else f"{value * 1000:,.1f}" if is_per_thousand(rate) else f"{value:.1%}"
    if status not in TRUSTED:
        return RateCell(f"{said} {word('status', status)}".strip(), "suspect")
    return RateCell(said + ("※" if status == "check_failed" else ""), "" if status == "ok" else status)


def _superseded(count: int) -> str:
    return (
        f"同一机关同一年度有几份报告的，取发布最晚的一份；舍去 {count:,} 份，"
        "不同之处在 revisions（修订）表中。不知哪份在后的，不同的数字不可信。"
    )


def _footnotes(comparison: Comparison) -> list[str]:
    """Return the notes at the end of the page."""
    lost = f"；另有 {comparison.unplaced} 份文件读不出机关或年度，未计入" if comparison.unplaced else ""
    return [
        f"所选机关的报告共 {len(comparison.chosen.reports):,} 份（所有年度）{lost}。",
        *([_superseded(comparison.superseded)] if comparison.superseded else []),
        "数字取自各机关报告中的规定表格。空白不当作 0，除非报告的合计证明它是 0。存疑的数字另作标记。",
        "统计范围：本机关，只计本机关的数字；本级汇总，政府的报告计入其部门及下级的数字；未说明，报告没有说清。"
        "由报告的标题、引言和总体情况判断。",
        "“合计不符”指涉及该数字的核对未通过：数字照原样引用，原因见“须核对的报告”。",
        f"读取版本：{'、'.join(comparison.reading_versions)}。",
        "作图：Vega-Lite。字体：Noto Sans SC 的子集（SIL 开放字体许可 1.1）。本页不访问网络。",
    ]
