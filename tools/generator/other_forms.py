"""Reports whose 统计表 is none of the forms that are read: older ones, and one by level of government."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from .layouts import STATISTICS, GridCell, Layout, indent_of
from .render import Block, Style, Table, Text, draw_document

Row = tuple[str, str]
"""A label and its unit."""

TO_2013: tuple[Row, ...] = (
    ("主动公开信息数", "条"),
    ("其中：1.政府网站", "条"),
    ("2.政府公报", "条"),
    ("受理依申请公开信息总数", "件"),
    ("其中：1.当面申请数", "件"),
    ("2.传真申请数", "件"),
    ("3.电子邮件申请数", "件"),
    ("4.网上申请数", "件"),
    ("5.信函申请数", "件"),
    ("6.其它形式申请数", "件"),
    ("本年度对申请的答复总数", "件"),
    ("其中：1.同意公开答复数", "件"),
    ("2.同意部分公开答复数", "件"),
    ("3.否决公开答复总数", "件"),
    ("行政复议数", "件"),
    ("行政诉讼数", "件"),
    ("行政申诉数", "件"),
)
BY_CODE: tuple[Row, ...] = (
    ("主动公开信息数", "条"),
    ("其中：全文电子化的主动公开信息数", "条"),
    ("新增的行政规范性文件数", "条"),
    ("现场接待人数", "人次"),
    ("网上咨询数", "人次"),
    ("申请总数", "条"),
    ("其中：1.当面申请数", "条"),
    ("2.传真申请数", "条"),
    ("3.电子邮件申请数", "条"),
    ("对申请的答复总数", "条"),
    ("其中：1.同意公开答复数", "条"),
    ("2.同意部分公开答复数", "条"),
    ("3.否决公开答复总数", "条"),
    ("行政复议数", "件"),
    ("行政诉讼数", "件"),
    ("行政申诉数", "件"),
)
OF_ITS_OWN: tuple[Row, ...] = (
    ("政务公开栏目更新数", "条"),
    ("网上信箱办结数", "件"),
    ("公开查阅场所接待数", "人次"),
    ("电子屏滚动发布数", "条"),
    ("村务公开栏张贴数", "条"),
    ("便民手册发放数", "册"),
    ("新闻通气会场数", "场"),
)
BY_LEVEL: tuple[Row, ...] = tuple(
    (indent_of(row.label, row.unit) + row.label, row.unit) for row in STATISTICS
)

OTHER_FORMS: dict[str, tuple[tuple[str, ...], tuple[Row, ...]]] = {
    "to_2013": (("指标名称", "计量单位", "2009年度", "历年累计"), TO_2013),
    "by_code": (("指标名称", "计量单位", "代码", "本期实际", "本年累计"), BY_CODE),
    "by_unit": (("统计指标", "单位", "局机关统计数", "下属单位统计数"), BY_LEVEL),
    "by_county": (("统计事项", "计量", "县本级", "乡镇", "合计"), OF_ITS_OWN),
    "by_level": (("统计指标", "单位", "区政府统计数", "区直单位统计数", "乡镇街道统计数"), BY_LEVEL),
}


def other_report(form: str, agency: str, year: int, style: Style | None = None) -> bytes:
    """The PDF of a report with such a table, and nothing else that is counted."""
    headers, rows = OTHER_FORMS[form]
    title = f"{agency}{year}年政府信息公开工作年度报告"
    blocks: list[Block] = [
        Text(title, 18, "centre"),
        Text("一、概述", bold=True),
        Text(f"{year}年，我局认真做好政府信息公开工作，制度更加健全，渠道更加畅通。"),
        Text("二、主动公开政府信息情况", bold=True),
        Text("主动公开的信息以政府网站为主。"),
        Text("三、依申请公开政府信息情况", bold=True),
        Text("申请均按期答复。"),
        Text("附表", align="left"),
        Table(_layout(headers, rows, Random(f"{form}/{agency}/{year}")), {}),
    ]
    return draw_document(blocks, style or Style(), title)


def _layout(headers: Sequence[str], rows: Sequence[Row], rng: Random) -> Layout:
    """The table with its numbers; none of them has a key, for none is read."""
    cells = [GridCell(0, col, 1, 1, header, "header") for col, header in enumerate(headers)]
    for at, (label, unit) in enumerate(rows, start=1):
        numbers = [f"{at:02}" if header == "代码" else str(rng.randint(0, 400)) for header in headers[2:]]
        texts = [label, unit, *numbers]
        roles = ["label", "unit", *("value" for _ in numbers)]
        cells += [GridCell(at, col, 1, 1, text, roles[col]) for col, text in enumerate(texts)]
    numbers_share = 0.45 / len(headers[2:])
    return Layout("statistics", "", (0.43, 0.12, *(numbers_share for _ in headers[2:])), 1, tuple(cells))
