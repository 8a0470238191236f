"""Which form a table follows is what it prints; and the columns that provinces print of their own."""

from __future__ import annotations

import pytest

from pipeline.extract.bind import is_printed, pages_to_mentions, raw_to_bound
from pipeline.forms import load_forms
from pipeline.forms.labels import fold
from tests.extract.bind.by_hand import (
    LEFT,
    bound,
    cell,
    drawn,
    filled,
    over,
    printed_rows,
    table_three,
    values,
)

ACTIVE_2021 = [
    ["第二十条第（一）项", LEFT, LEFT, LEFT],
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "0", "0", "0"],
    ["行政规范性文件", "4", "5", "6"],
]


@pytest.mark.parametrize(("form", "cells"), [("fy2021", 175), ("fy2019", 161)])
def test_one_row_or_three_of_other_handling(form: str, cells: int) -> None:
    """（六）其他处理: one row on fy2019, three on fy2021, whatever the year."""
    table = bound(drawn(table_three(form)))
    assert (table.template, len(table.cells), table.missing) == (form, cells, ())


def test_forms_of_one_report_can_differ() -> None:
    """FY2023 reports print table 二 of fy2021 over table 三 of fy2019."""
    tables, _ = raw_to_bound([drawn(ACTIVE_2021, top=80), drawn(table_three("fy2019"), top=300)])
    assert [(table.table, table.template) for table in tables] == [
        ("active_disclosure", "fy2021"),
        ("applications", "fy2019"),
    ]


def test_two_tables_on_a_page_that_touch_are_parted_by_their_labels() -> None:
    """Without a gap between them, as where a heading is a row of the grid."""
    upper = [[*row, *[LEFT] * 4] for row in ACTIVE_2021]
    heading = ["三、收到和处理政府信息公开申请情况", *[LEFT] * 7]
    tables, leftovers = raw_to_bound([drawn([*upper, heading, *table_three("fy2019")])])
    found = {table.table: len(table.cells) for table in tables}
    assert found == {"active_disclosure": 6, "applications": 161}
    assert leftovers == []
    assert all(table.leftovers == () for table in tables)


def test_numbers_of_a_row_that_the_form_does_not_print_are_left_over() -> None:
    """The merged label （六）其他处理 taken for a row, and the numbers of the first of its rows with it."""
    rows = table_three("fy2021")
    at = next(n for n, row in enumerate(rows) if row[0].startswith("1.申请人无正当理由"))
    numbers = rows[at][1:]
    rows[at : at + 1] = [["（六）其他处理", *numbers], [rows[at][0], *[""] * 7]]
    table = bound(drawn(rows))
    (form,) = [f for f in load_forms() if (f.form, f.table) == (table.template, table.table)]
    assert {(c.item, c.column) for c in table.cells} <= set(form.units)
    assert set(numbers) <= set(over(table.leftovers))


def test_the_older_form_of_table_two() -> None:
    table = bound(drawn([
        ["第二十条第（五）项", LEFT, LEFT, LEFT],
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"],
        ["行政许可", "25", "减 20", "5"],
        ["其他对外管理服务事项", "0", "0", "0"],
        ["第二十条第（九）项", LEFT, LEFT, LEFT],
        ["信息内容", "采购项目数量", "采购总金额（万元）", LEFT],
        ["政府集中采购", "3", "2.58", LEFT],
    ]))  # fmt: skip
    assert table.template == "fy2019"
    assert cell(table, "administrative_licensing", "change").text == "减 20"
    amount = cell(table, "government_procurement", "procurement_amount")
    assert (amount.text, amount.unit, amount.printed_unit) == ("2.58", "元", "采购总金额（万元）")


def test_where_forms_print_a_table_alike_the_newest_is_named() -> None:
    labels = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    table = bound(drawn([
        ["行政复议", *[LEFT] * 4, "行政诉讼", *[LEFT] * 9],
        [*labels, "未经复议直接起诉", *[LEFT] * 4, "复议后起诉", *[LEFT] * 4],
        [*["^"] * 5, *labels * 2],
        [str(n) for n in range(15)],
    ]))  # fmt: skip
    assert table.template == "fy2021"
    assert cell(table, "litigation_direct", "pending").text == "8"
    assert cell(table, "review", "upheld").row_label == ""


# ------------------------------------------------------------- 统计表 of provinces


def statistics(*header: str) -> list[list[str]]:
    rows = [["（一）收到申请数", "件", "12", "340"], ["1.当面申请数", "件", "5", "40"],
            ["七、依申请公开信息收取的费用", "万元", "0.5", "1.5"]]  # fmt: skip
    return [list(header), *rows]


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        (("指标名称", "计量单位", "2017年度", "历年累计"), ("count", "cumulative")),
        (("指标名称", "计量单位", "2015年", "历年累计数"), ("count", "cumulative")),
        (("统计指标", "单位", "统计数", "累计数"), ("count", "cumulative")),
        (("指标名称", "计量单位", "历年累计", "2017年度"), ("cumulative", "count")),
    ],
)
def test_columns_of_provinces(header: tuple[str, ...], keys: tuple[str, str]) -> None:
    table = bound(drawn(statistics(*header), widths=[240, 60, 80, 80]))
    first, second = keys
    assert cell(table, "received", first).text == "12"
    assert cell(table, "received", second).text == "340"
    assert {c.printed_unit for c in table.cells if c.item == "fees_collected"} == {"万元"}
    assert table.template == "fy2014"


def test_a_column_of_the_year_before_is_not_this_years() -> None:
    """Two years side by side: one at most can be the count, and the other is left over."""
    rows = statistics("指标名称", "计量单位", "2017年度", "2016年度")
    table = bound(drawn(rows, widths=[240, 60, 80, 80]))
    texts = [c.text for c in table.cells if c.item == "received"]
    left = [text for text in over(table.leftovers) if text in ("12", "340")]
    assert sorted(texts + left) == ["12", "340"]
    assert texts in ([], ["12"])


@pytest.mark.parametrize(
    "header",
    [
        ("指标名称", "计量单位", "2016年度", "2017年度"),
        ("指标名称", "计量单位", "上年数", "本年数"),
        ("指标名称", "计量单位", "上年同期", "统计数"),
    ],
)
def test_the_year_before_printed_first_is_not_taken_for_this_year(header: tuple[str, ...]) -> None:
    """12 is the number of the year before; no sum can tell, for both columns add up."""
    table = bound(drawn(statistics(*header), widths=[240, 60, 80, 80]))
    assert "12" in over(table.leftovers)
    assert "12" not in values(table).values()


def test_rows_that_a_province_leaves_out_are_missing() -> None:
    table = bound(drawn(statistics("统计指标", "单位", "统计数", "历年累计")))
    assert {item for item, _ in table.missing} >= {"received.fax", "closed", "staff"}
    assert {column for _, column in table.missing} == {"count", "cumulative"}


def test_a_row_of_a_provinces_own_is_left_over() -> None:
    own = ["9.本省另行统计的微视频数", "件", "77", "78"]
    table = bound(drawn([*statistics("统计指标", "单位", "统计数", "历年累计"), own]))
    assert {"77", "78"} <= set(over(table.leftovers))
    assert "77" not in values(table).values()
    assert filled(table)["received.count"] == "12"


# --------------------------------------------------------------------- mentions


def test_a_table_is_mentioned_where_two_telling_labels_stand() -> None:
    labels = [fold(label) for label in printed_rows("fy2021", "applications")]
    half = len(labels) // 2
    texts = {1: fold("一、总体情况"), 2: "".join(labels[:half]), 3: "".join(labels[half:])}
    assert pages_to_mentions(texts)["applications"] == {2, 3}


def test_prose_mentions_no_table() -> None:
    """A chapter on 依申请公开 names the form's words without printing the form."""
    prose = fold(
        "2022年，我局共收到政府信息公开申请12件，其中自然人申请10件，商业企业2件，上年结转1件，办结13件，"
        "予以公开9件，不予公开2件，无法提供2件，没有因政府信息公开工作引起的行政复议、行政诉讼。"
    )
    assert pages_to_mentions({1: prose}) == {}


def test_a_row_that_is_not_printed_need_not_be_looked_for() -> None:
    text = "".join(fold(label) for label in printed_rows("fy2019", "applications"))
    columns = "自然人商业企业科研机构社会公益组织法律服务机构其他总计"
    seen = frozenset({("granted", "total"), ("granted", "natural_person")})
    assert not is_printed("applications", ("other.fee_unpaid", "total"), seen, text + columns)
    assert is_printed("applications", ("refused.state_secret", "total"), seen, text + columns)
    assert is_printed("applications", ("granted", "business"), seen, text + columns)
