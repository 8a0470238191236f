"""A comparison → an Excel workbook: all that the page shows, uncut, and what every column means."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from pipeline.compare.figures import Comparison, comparison_to_ranking
from pipeline.compare.page import (
    comparison_to_warnings,
    is_per_thousand,
    rate_to_title,
)
from pipeline.compare.rates import RATES
from pipeline.compare.troubles import comparison_to_troubles
from pipeline.compare.words import caveat, comparison_to_title, comparison_to_years, word
from pipeline.tables.dictionary import dictionary
from pipeline.tables.rate_definitions import Rate
from pipeline.tables.titles import column_to_title, table_to_title

COUNT, SHARE, PER_THOUSAND, YEAR, PLAIN = "#,##0.##", "0.0%", "0.0", "0", ""
NO_TIME = datetime(2000, 1, 1)  # a fixed time, so that the same comparison gives the same bytes

COLUMN_MAX_WIDTH = 60
"""Count. A column is no wider in characters; longer texts wrap."""

COLUMN_ROOM = 3
"""Count. A column is as many characters wider than its longest text."""

CELL_MAX_UNITS = 32_767
"""Count of UTF-16 units. A cell of Excel holds no more; xlsxwriter cuts longer texts silently."""

CUT = "……（过长，未完）"
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False, "in_memory": True}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One sheet: titles and number formats of its columns, and its rows. None is an empty cell."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]


def comparison_to_xlsx(comparison: Comparison) -> bytes:
    """Return the file. No text in it is a formula or a link."""
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, SAFE) as book:
        book.set_properties({"title": comparison_to_title(comparison), "created": NO_TIME})
        for sheet in _sheets(comparison):
            _write(book, sheet)
    return sink.getvalue()


def _sheets(comparison: Comparison) -> Iterator[Sheet]:
    yield _about(comparison)
    yield _ranking(comparison)
    yield _figures(comparison)
    yield _rates(comparison)
    yield _coverage(comparison)
    yield _troubles(comparison)
    yield _dictionary()


def _about(comparison: Comparison) -> Sheet:
    rows = [
        ("标题", comparison_to_title(comparison)),
        ("年度", comparison_to_years(comparison)),
        ("机关数", str(comparison.panel["key"].nunique())),
        ("报告数（所有年度）", str(len(comparison.chosen.reports))),
        ("读不出机关或年度的文件", str(comparison.unplaced)),
        ("读取版本", "、".join(comparison.reading_versions)),
        *(("统计范围", line) for line in comparison_to_warnings(comparison)),
        ("说明", "各机关的数字不可相加：政府的报告可能已包含其部门的数字。存疑的数字不排名。空白不是 0。"),
    ]
    return Sheet("说明", (("项目", PLAIN), ("内容", PLAIN)), list(rows))


def _ranking(comparison: Comparison) -> Sheet:
    columns = (
        ("指标", PLAIN), ("年度", YEAR), ("名次", COUNT), ("最前可能的名次", COUNT),
        ("最后可能的名次", COUNT), ("机关", PLAIN), ("统计范围", PLAIN), ("地区", PLAIN), ("数值", COUNT),
        ("单位", PLAIN), ("状态", PLAIN), ("分母（件）", COUNT), ("区间下限", SHARE), ("区间上限", SHARE),
        ("注意", PLAIN), ("不排名", PLAIN),
    )  # fmt: skip
    rows = [
        (m.title, comparison.year, _cell(r.rank), _cell(r.first), _cell(r.last), r.agency,
         word("scope", r.scope), r.place, _share(r.value) if m.share else _cell(r.value), m.unit,
         word("status", r.status), _cell(r.denominator), _cell(r.lower), _cell(r.upper),
         caveat(str(r.caveat)), f"分母不足 {comparison.min_n} 件" if r.few else "")
        for m in comparison.measures
        for r in comparison_to_ranking(comparison, m).itertuples()
    ]  # fmt: skip
    return Sheet("排名", columns, rows)


def _figures(comparison: Comparison) -> Sheet:
    columns = (
        ("机关", PLAIN), ("地区", PLAIN), ("年度", YEAR), ("统计范围", PLAIN), ("指标", PLAIN),
        ("数值", COUNT), ("单位", PLAIN), ("状态", PLAIN), ("报告编号", PLAIN),
    )  # fmt: skip
    rows = [
        (r.agency, r.region, r.fiscal_year, word("scope", r.scope), m.title,
         _share(r.value) if m.share else _cell(r.value), m.unit, word("status", r.status), r.report_id)
        for m in comparison.measures
        for r in comparison.figures[comparison.figures["measure"] == m.key].itertuples()
    ]  # fmt: skip
    return Sheet("历年", columns, rows)


def _rates(comparison: Comparison) -> Sheet:
    heads = (("机关", PLAIN), ("地区", PLAIN), ("年度", YEAR), ("统计范围", PLAIN))
    shares = tuple((rate_to_title(rate), PER_THOUSAND if is_per_thousand(rate) else SHARE) for rate in RATES)
    states = tuple((f"{rate.title}：状态", PLAIN) for rate in RATES)
    rows = []
    for _, group in comparison.rates.groupby("report_id", sort=False):
        each, head = group.set_index("rate"), next(group.itertuples())
        values = [_rate_value(rate, each.loc[rate.name, "value"]) for rate in RATES]
        known = (head.agency, head.region, head.fiscal_year, word("scope", head.scope))
        rows.append((*known, *values, *(word("status", each.loc[rate.name, "status"]) for rate in RATES)))
    return Sheet("比率", (*heads, *shares, *states), rows)


def _rate_value(rate: Rate, value: Any) -> Any:
    return _cell(value * 1000 if is_per_thousand(rate) else value)


def _coverage(comparison: Comparison) -> Sheet:
    titles = ("地区", "年度", "应有", "有报告", "全部可信", "须核对", "缺报告")
    formats = (PLAIN, YEAR, *[COUNT] * 5)
    rows = list(comparison.coverage.itertuples(index=False, name=None))
    return Sheet("覆盖", tuple(zip(titles, formats, strict=True)), rows)


def _troubles(comparison: Comparison) -> Sheet:
    columns = (("机关", PLAIN), ("年度", YEAR), ("原因", PLAIN), ("位置", PLAIN), ("所见", PLAIN),
               ("文件", PLAIN), ("页", COUNT))  # fmt: skip
    rows = [
        (r.agency, r.fiscal_year, r.why, r.place, r.shown, r.source_file, int(r.page) if r.page else None)
        for r in comparison_to_troubles(comparison, {})
    ]
    return Sheet("须核对", columns, rows)


def _dictionary() -> Sheet:
    columns = (("表", PLAIN), ("表名", PLAIN), ("列", PLAIN), ("列名", PLAIN), ("类型", PLAIN),
               ("单位", PLAIN), ("含义", PLAIN))  # fmt: skip
    rows = [
        (table_to_title(e.table), e.table, column_to_title(e.table, e.column), *e[1:]) for e in dictionary()
    ]
    return Sheet("数据字典", columns, rows)


def _cell(value: Any) -> Any:
    return None if pd.isna(value) else float(value)


@dataclass(frozen=True)
class Share:
    """A number shown in per cent in a column of other numbers."""

    value: float


def _share(value: Any) -> Share | None:
    return None if pd.isna(value) else Share(float(value))


def _write(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    text = {"text_wrap": True, "valign": "top"}
    head = book.add_format({**text, "bold": True, "bg_color": "#E8EDF2", "bottom": 1})
    per_cent = book.add_format({"num_format": SHARE})
    formats = [book.add_format({"num_format": form} if form else text) for _, form in sheet.columns]
    for place, (title, _) in enumerate(sheet.columns):
        page.write_string(0, place, title, head)
        page.set_column(place, place, _width(title, [row[place] for row in sheet.rows]))
    for number, row in enumerate(sheet.rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, Share):
                page.write_number(number, place, value.value, per_cent)
            elif isinstance(value, str) and value:
                page.write_string(number, place, _fitting(value), formats[place])
            else:
                page.write(number, place, value, formats[place])
    page.freeze_panes(1, 0)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _fitting(text: str) -> str:
    """Return a text as a cell can hold it; if it is too long, cut and marked as cut."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_MAX_UNITS:
        return text
    return units[: 2 * (CELL_MAX_UNITS - len(CUT))].decode("utf-16-le", "ignore") + CUT


def _width(title: str, values: list[Any]) -> float:
    """Return the width of a column in characters; a Chinese one counts as two."""
    texts = [title, *(value for value in values if isinstance(value, str))]
    return min(
        COLUMN_MAX_WIDTH, COLUMN_ROOM + max(sum(1 + (not char.isascii()) for char in text) for text in texts)
    )
