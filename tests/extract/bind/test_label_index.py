"""Printed labels to keys: exact, near, by order; and the labels that no near match may take."""

from __future__ import annotations

import pytest

from pipeline.extract.bind.label_index import (
    LABEL_MIN_LEAD,
    LABEL_MIN_SIMILARITY,
    Axis,
    is_of_labels,
    load_form_labels,
)
from pipeline.forms.labels import fold
from tests.extract.bind.by_hand import bound, cell, drawn, filled, over, printed_rows, table_three, values

ROWS_2021 = printed_rows("fy2021", "applications")


def respelled(old: str, new: str, form: str = "fy2021") -> list[list[str]]:
    labels = printed_rows(form, "applications")
    assert labels.count(old) == 1
    return table_three(form, [new if label == old else label for label in labels])


def test_every_number_of_table_three_is_named() -> None:
    table = bound(drawn(table_three("fy2021")))
    assert (table.table, table.template) == ("applications", "fy2021")
    assert len(table.cells) == 175
    assert (table.missing, table.leftovers) == ((), ())
    assert {c.match for c in table.cells} == {"exact"}
    assert len(set(values(table).values())) == 175
    assert cell(table, "new_received", "natural_person").text == "101"
    assert cell(table, "carried_out", "total").text == "2507"


@pytest.mark.parametrize(
    ("printed", "variant", "item"),
    [
        ("2.其他法律行政法规禁止公开", "其他法律行政止公开", "refused.prohibited_by_law"),
        ("1.属于国家秘密", "1.属于国家密秘", "refused.state_secret"),
        ("3.要求提供公开出版物", "3.要求提供公开出版刊物", "declined.publication"),
        ("1.信访举报投诉类申请", "1.信访举报类申请", "declined.petition_complaint"),
        ("四、结转下年度继续办理", "四、结转至下年度继续办理", "carried_out"),
    ],
)
def test_a_label_with_a_slip_is_near(printed: str, variant: str, item: str) -> None:
    table = bound(drawn(respelled(printed, variant)))
    row = ROWS_2021.index(printed) + 1
    assert cell(table, item, "total").text == str(100 * row + 7)
    assert {c.match for c in table.cells if c.item == item} == {"near"}
    assert {c.match for c in table.cells if c.item != item} == {"exact"}
    assert len(table.cells) == 175


@pytest.mark.parametrize(
    ("printed", "variant"),
    [
        ("1.属于国家秘密", "1． 属于 国家秘密"), ("3.危及“三安全一稳定”", '3、危及"三安全一稳定"'),
        ("（七）总计", "(七) 合计"), ("一、本年新收政府信息公开申请数量", "⼀、本年新收政府信息公开申请数"),
        ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "（二）部分公开"),
        ("2.重复申请", "２.重复申请"),
    ],
)  # fmt: skip
def test_spellings_of_public_reports_are_exact(printed: str, variant: str) -> None:
    table = bound(drawn(respelled(printed, variant)))
    assert {c.match for c in table.cells} == {"exact"}
    assert len(table.cells) == 175


@pytest.mark.parametrize("variant", ["合计申请", "备注", "9.其他不予公开的", "涉及敏感内容的信息"])
def test_a_label_that_is_near_to_none_is_left_over_with_its_numbers(variant: str) -> None:
    table = bound(drawn(respelled("1.属于国家秘密", variant)))
    row = ROWS_2021.index("1.属于国家秘密") + 1
    assert variant in over(table.leftovers)
    assert {str(100 * row + column) for column in range(1, 8)} <= set(over(table.leftovers))
    assert {item for item, _ in table.missing} == {"refused.state_secret"}
    assert len(table.missing) == 7


def test_a_near_match_never_takes_a_row_out_of_its_place() -> None:
    """A slip of 重复申请 among the rows of 不予公开 is not that row."""
    labels = [label for label in ROWS_2021 if label != "2.重复申请"]
    labels.insert(6, "8.重复的申请")
    table = bound(drawn(table_three("fy2021", labels)))
    assert not any(c.item == "declined.repeated" for c in table.cells)
    assert "8.重复的申请" in over(table.leftovers)


def test_an_exact_label_binds_wherever_it_stands() -> None:
    """A bureau that puts 上年结转 first: labels decide, not their order."""
    labels = [ROWS_2021[1], ROWS_2021[0], *ROWS_2021[2:]]
    table = bound(drawn(table_three("fy2021", labels)))
    assert cell(table, "carried_in", "total").text == "107"
    assert cell(table, "new_received", "total").text == "207"
    assert len(table.cells) == 175


@pytest.mark.parametrize(
    "fused",
    [
        "1.属于国家秘密2.其他法律行政法规禁止公开",
        "（一）予以公开（二）部分公开",
        "2.重复申请3.要求提供公开出版物",
    ],
)
def test_two_labels_in_one_cell_are_never_a_near_match(fused: str) -> None:
    """Where the ruling between two rows was not found, both numbers are in one cell too."""
    table = bound(drawn(respelled("1.属于国家秘密", fused)))
    assert fused in over(table.leftovers)
    assert ("refused.state_secret", "total") in table.missing


def test_a_section_number_is_no_sign_of_two_labels() -> None:
    table = bound(drawn([
        ["第二十条第（五）项", "<"],
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "5"],
    ]))  # fmt: skip
    assert filled(table) == {"administrative_licensing.decisions": "5"}
    assert table.leftovers == ()


# ------------------------------------------------------------ near, in numbers


def axis(*labels: str) -> Axis:
    return Axis(tuple(labels), {fold(label): (label,) for label in labels})


def test_the_threshold_of_a_near_label() -> None:
    ten = "甲乙丙丁戊己庚辛壬癸"
    assert axis(ten).near("甲乙丙丁戊己庚", [ten]) == ten  # ratio 82
    assert axis(ten).near("甲乙丙丁戊天地人和", [ten]) is None  # ratio 53 of 65 wanted
    assert LABEL_MIN_SIMILARITY == 65.0


def test_the_closest_label_must_lead_clearly() -> None:
    """本年新公开数量 stands as near to 本年新制作数量 as to 本年新公布数量: neither is taken."""
    one, other = "本年新制作数量", "本年新公布数量"
    assert axis(one, other).near("本年新修订数量", [one, other]) is None
    assert axis(one, other).near("本年新公布的数量", [one, other]) == other
    assert LABEL_MIN_LEAD == 8.0


def test_only_candidates_are_taken() -> None:
    assert axis("重复申请", "其他处理").near("重复的申请", ["其他处理"]) is None


def test_partial_likeness_is_not_enough() -> None:
    """公开 is wholly inside 予以公开; a ratio of parts would take it."""
    known = load_form_labels()["applications"].rows
    for part in ("公开", "政府信息", "行政", "年"):
        assert known.near(fold(part), known.order) is None


# --------------------------------------------------- labels printed several times


def statistics(*rows: tuple[str, str]) -> list[list[str]]:
    return [["统计指标", "单位", "统计数"], *([label, "件", number] for label, number in rows)]


def test_labels_printed_twice_are_decided_by_position() -> None:
    table = bound(drawn(statistics(
        ("四、行政复议数量", "3"), ("（一）维持具体行政行为数", "1"), ("（二）被依法纠错数", "2"),
        ("（三）其他情形数", "0"),
        ("五、行政诉讼数量", "9"), ("（一）维持具体行政行为或者驳回原告诉讼请求数", "4"),
        ("（二）被依法纠错数", "5"), ("（三）其他情形数", "6"),
    )))  # fmt: skip
    assert filled(table) == {
        "review.count": "3", "review.upheld.count": "1", "review.corrected.count": "2",
        "review.other.count": "0",
        "litigation.count": "9", "litigation.upheld.count": "4", "litigation.corrected.count": "5",
        "litigation.other.count": "6",
    }  # fmt: skip
    assert {c.match for c in table.cells} == {"exact"}


def test_a_repeated_label_whose_block_is_cut_off_binds_to_the_block_it_stands_in() -> None:
    """Without the rows of 行政复议, 被依法纠错数 below 行政诉讼数量 is that of 行政诉讼."""
    table = bound(drawn(statistics(
        ("（一）收到申请数", "12"), ("五、行政诉讼数量", "9"), ("（二）被依法纠错数", "5"),
        ("六、举报投诉数量", "1"),
    )))  # fmt: skip
    assert filled(table)["litigation.corrected.count"] == "5"
    assert "review.corrected.count" not in values(table)


def test_other_and_total_are_told_apart_by_axis() -> None:
    """其他 heads a column and is a row of （六）; 总计 heads a column and is （七）."""
    labels = [label.replace("（七）总计", "总计").replace("3.其他", "其他") for label in ROWS_2021]
    table = bound(drawn(table_three("fy2021", labels)))
    row_other, row_total = labels.index("其他") + 1, labels.index("总计") + 1
    assert cell(table, "other.other", "other_org").text == str(100 * row_other + 6)
    assert cell(table, "handled_total", "total").text == str(100 * row_total + 7)
    assert len(table.cells) == 175


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("法人或其他组织（本列数据的勾稽关系为：第一项加第二项之和，", True),
        ("总计", True),
        ("（三）不予", True),
        ("三", True),
        ("、（四）无", True),
        ("收到申请3件", False),
        ("六、存在的主要问题", False),
        ("总计。", False),
    ],
)
def test_a_piece_of_labels_is_told_from_prose(text: str, made: bool) -> None:
    assert is_of_labels("applications", text) is made
