"""Rows to cells: page breaks, repeated and lost headers, merged labels, numbers that nothing claims."""

from __future__ import annotations

import pytest

from pipeline.extract.bind import EXTRA_ROW, SPARE_COLUMN, raw_to_bound
from pipeline.extract.bind.rows import holds_number, looks_like_number
from pipeline.records import SPANNING, RawTable
from tests.extract.bind.by_hand import (
    ABOVE,
    LEFT,
    Drawing,
    bound,
    cell,
    drawn,
    filled,
    over,
    printed_rows,
    table_three,
    values,
)

ROWS_2021 = printed_rows("fy2021", "applications")

REGULATIONS = [
    ["第二十条第（一）项", LEFT, LEFT, LEFT],
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "1", "2", "3"],
    ["行政规范性文件", "4", "5", "6"],
]

EXPECTED = {
    "regulations.made": "1", "regulations.repealed": "2", "regulations.in_force": "3",
    "normative_documents.made": "4", "normative_documents.repealed": "5", "normative_documents.in_force": "6",
}  # fmt: skip


def pages(*drawings: Drawing) -> list[RawTable]:
    """One grid on each page, those after the first at the page's top."""
    return [drawn(rows, page=n, top=600.0 if n == 1 else 80.0) for n, rows in enumerate(drawings, start=1)]


# ------------------------------------------------------------ cut by a page's end


@pytest.mark.parametrize("at", range(3, 28))
def test_table_three_cut_between_any_two_rows_is_whole(at: int) -> None:
    rows = table_three("fy2021")
    upper, lower = [list(row) for row in rows[:at]], [list(row) for row in rows[at:]]
    table = bound(*pages(upper, lower))
    assert values(table) == values(bound(drawn(rows)))
    assert table.leftovers == ()
    assert {c.page for c in table.cells} == ({1, 2} if at > 3 else {2})


@pytest.mark.parametrize("at", range(4, 28))
def test_a_header_that_is_printed_again_is_no_row(at: int) -> None:
    rows = table_three("fy2021")
    lower = [list(row) for row in (*rows[:3], *rows[at:])]
    table = bound(*pages(rows[:at], lower))
    assert values(table) == values(bound(drawn(rows)))
    assert table.leftovers == ()


def test_a_row_cut_through_its_label_is_one_row() -> None:
    """2.其他法律行政法 | 规禁止公开: the numbers stand on the first page."""
    rows = table_three("fy2021")
    at = next(n for n, row in enumerate(rows) if row[0].startswith("2.其他法律"))
    upper = [*rows[:at], ["2.其他法律行政法", *rows[at][1:]]]
    lower = [["规禁止公开", *[""] * 7], *rows[at + 1 :]]
    table = bound(*pages(upper, lower))
    assert values(table) == values(bound(drawn(rows)))
    assert {c.match for c in table.cells if c.item == "refused.prohibited_by_law"} == {"exact"}
    assert table.leftovers == ()


def test_a_row_whose_numbers_stand_on_the_second_page_is_one_row() -> None:
    rows = table_three("fy2021")
    at = next(n for n, row in enumerate(rows) if row[0].startswith("2.其他法律"))
    upper = [*rows[:at], ["2.其他法律行政法", *[""] * 7]]
    lower = [["规禁止公开", *rows[at][1:]], *rows[at + 1 :]]
    table = bound(*pages(upper, lower))
    assert values(table) == values(bound(drawn(rows)))
    assert table.leftovers == ()


def test_two_rows_are_not_one_because_a_page_ends_between_them() -> None:
    """A row of numbers under a row of numbers: nothing may be glued to 12 to make 123."""
    rows = table_three("fy2021")
    upper, lower = rows[:10], [["", *rows[10][1:]], *rows[11:]]
    table = bound(*pages(upper, lower))
    bound_texts = set(values(table).values())
    printed = {text for row in rows[3:] for text in row[1:]}
    assert bound_texts <= printed
    assert set(rows[10][1:]) <= set(over(table.leftovers))


def test_a_header_cut_through_its_labels_is_one_header() -> None:
    """结果维 | 持, 尚未审 | 结: as the first report of this project prints them."""
    labels = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    upper = [
        ["行政复议", *[LEFT] * 4, "行政诉讼", *[LEFT] * 9],
        [*[label[:3] for label in labels], "未经复议直接起诉", *[LEFT] * 4, "复议后起诉", *[LEFT] * 4],
        [*[ABOVE] * 5, *[label[:3] for label in labels * 2]],
    ]
    upper[1][4] = "总"
    upper[2][9] = upper[2][14] = "总"
    lower = [[label[3:] for label in labels * 3], [str(n) for n in range(1, 16)]]
    lower[0][4] = lower[0][9] = lower[0][14] = "计"
    table = bound(*pages(upper, lower))
    assert (table.table, table.missing, len(table.cells)) == ("review_litigation", (), 15)
    assert list(values(table).values()) == [str(n) for n in range(1, 16)]


def test_numbers_alone_on_the_second_page_belong_to_the_header_before() -> None:
    labels = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    upper = [
        ["行政复议", *[LEFT] * 4, "行政诉讼", *[LEFT] * 9],
        [*labels, "未经复议直接起诉", *[LEFT] * 4, "复议后起诉", *[LEFT] * 4],
        [*[ABOVE] * 5, *labels * 2],
    ]
    table = bound(*pages(upper, [[str(n) for n in range(1, 16)]]))
    assert list(values(table).values()) == [str(n) for n in range(1, 16)]
    assert cell(table, "litigation_after_review", "total").text == "15"
    assert {c.page for c in table.cells} == {2}


def test_a_table_on_the_next_page_but_one_does_not_run_on() -> None:
    tables = [drawn(REGULATIONS, page=1), drawn([["", "7", "8", "9"]], page=3)]
    (table,), leftovers = raw_to_bound(tables)
    assert filled(table) == EXPECTED
    assert over(leftovers) == ["7", "8", "9"]


# --------------------------------------------------------------------- headers


def test_a_header_lost_at_the_page_break_is_made_up_by_the_columns_of_the_form() -> None:
    """规章 under no header at all: the form has just three numbers in that row, and so has the grid."""
    table = bound(drawn(REGULATIONS[2:]))
    assert filled(table) == EXPECTED
    assert {c.match for c in table.cells} == {"order"}


def test_without_a_header_a_row_with_too_few_numbers_is_left_over() -> None:
    table, leftovers = raw_to_bound([drawn([["规章", "1", "2"], ["行政规范性文件", "4", "5"]])])
    texts = over(leftovers) + [left.text for t in table for left in t.leftovers]
    assert {"1", "2", "4", "5"} <= set(texts)
    assert not any(c.text for t in table for c in t.cells)


def test_each_part_of_table_two_has_its_own_header() -> None:
    table = bound(drawn([
        *REGULATIONS,
        ["第二十条第（六）项", LEFT, LEFT, LEFT],
        ["信息内容", "本年处理决定数量", LEFT, LEFT],
        ["行政处罚", "419", LEFT, LEFT],
        ["行政强制", "", LEFT, LEFT],
        ["第二十条第（八）项", LEFT, LEFT, LEFT],
        ["信息内容", "本年收费金额（单位：万元）", LEFT, LEFT],
        ["行政事业性收费", "7730.28", LEFT, LEFT],
    ]))  # fmt: skip
    assert filled(table) == {
        **EXPECTED, "administrative_penalty.decisions": "419", "administrative_fees.fee_amount": "7730.28",
    }  # fmt: skip
    assert cell(table, "administrative_coercion", "decisions").text == ""
    fees = cell(table, "administrative_fees", "fee_amount")
    assert (fees.unit, fees.printed_unit) == ("万元", "本年收费金额（单位：万元）")
    assert table.missing == (("administrative_licensing", "decisions"),)


def test_a_near_header_is_recorded() -> None:
    rows = [list(row) for row in REGULATIONS]
    rows[1][2] = "本年废止的件数"
    table = bound(drawn(rows))
    assert filled(table) == EXPECTED
    assert {c.column for c in table.cells if c.match == "near"} == {"repealed"}


@pytest.mark.parametrize("label", ["自然", "自燃人", "公民"])
def test_a_misprinted_header_costs_no_other_column(label: str) -> None:
    rows = table_three("fy2021")
    rows[1][1] = label
    table = bound(drawn(rows))
    columns = {c.column: c.text for c in table.cells if c.item == "new_received"}
    columns.pop("natural_person", None)
    assert columns == {
        "business": "102", "research": "103", "nonprofit": "104", "legal_service": "105", "other_org": "106",
        "total": "107",
    }  # fmt: skip


def test_a_column_that_the_form_does_not_have_is_left_over() -> None:
    rows = [[*row, extra] for row, extra in zip(REGULATIONS, [LEFT, "备注说明", "77", "88"], strict=True)]
    table = bound(drawn(rows))
    assert filled(table) == EXPECTED
    assert {"备注说明", "77", "88"} <= set(over(table.leftovers))


# ----------------------------------------------------------------- merged labels


def test_labels_merged_over_rows_do_not_name_them() -> None:
    """三、本年度办理结果 over all rows, （三）不予公开 over its own: the rightmost label names the row."""
    header = [[row[0], LEFT, LEFT, *row[1:]] for row in table_three("fy2021")[:3]]
    header[1][:3] = header[2][:3] = [ABOVE] * 3
    rows = [
        ["三、本年度办理结果", "（一）予以公开", LEFT, "1", *["0"] * 5, "1"],
        [ABOVE, "（三）不予公开", "1.属于国家秘密", "2", *["0"] * 5, "2"],
        [ABOVE, ABOVE, "2.其他法律行政法规禁止公开", "3", *["0"] * 5, "3"],
        [ABOVE, "（七）总计", LEFT, "6", *["0"] * 5, "6"],
        ["四、结转下年度继续办理", LEFT, LEFT, "4", *["0"] * 5, "4"],
    ]
    table = bound(drawn([*header, *rows]))
    assert {c.item: c.text for c in table.cells if c.column == "total"} == {
        "granted": "1", "refused.state_secret": "2", "refused.prohibited_by_law": "3",
        "handled_total": "6", "carried_out": "4",
    }  # fmt: skip
    assert table.leftovers == ()


# ------------------------------------------------------- what nothing may claim


def test_one_number_under_several_columns_is_in_each_and_of_none() -> None:
    """A merged cell, or a missing ruling between two columns: nobody knows whose number it is."""
    rows = [list(row) for row in REGULATIONS]
    rows[2] = ["规章", "12", LEFT, "3"]
    table = bound(drawn(rows))
    assert "12" not in over(table.leftovers)
    spanning = {(cell.column, cell.text) for cell in table.cells if cell.match == SPANNING}
    assert spanning == {("made", "12"), ("repealed", "12")}


def test_one_number_over_several_rows_is_in_each_and_of_none() -> None:
    rows = [list(row) for row in REGULATIONS]
    rows[2:4] = [["规章", "1", "12", "3"], ["行政规范性文件", "4", ABOVE, "6"]]
    table = bound(drawn(rows))
    spanning = {(cell.item, cell.column, cell.text) for cell in table.cells if cell.match == SPANNING}
    assert spanning == {("regulations", "repealed", "12"), ("normative_documents", "repealed", "12")}
    assert cell(table, "regulations", "made").text == "1"


def test_a_sentence_over_several_columns_is_in_each_and_of_none() -> None:
    rows = [list(row) for row in REGULATIONS]
    rows[2] = ["规章", "本年度未制发规章", LEFT, LEFT]
    table = bound(drawn(rows))
    spanning = {(cell.column, cell.text) for cell in table.cells if cell.match == SPANNING}
    assert spanning == {(column, "本年度未制发规章") for column in ("made", "repealed", "in_force")}
    assert table.leftovers == ()


def test_a_cell_over_rows_that_a_page_s_end_cuts_is_in_each_of_them() -> None:
    rows = table_three("fy2021")
    upper, lower = [list(row) for row in rows[:10]], [list(row) for row in rows[10:]]
    upper[8][2], upper[9][2] = "99", ABOVE
    lower[0][2], lower[1][2] = "", ABOVE
    table = bound(*pages(upper, lower))
    items = [c.item for c in table.cells if (c.column, c.text, c.match) == ("business", "99", SPANNING)]
    own = [c.item for c in bound(drawn(rows)).cells if c.column == "business"]
    assert items == own[5:9]


def test_a_number_over_rows_and_columns_is_in_a_row_that_a_page_s_end_cuts_off_below_it() -> None:
    """What is left of the cut row above the page's end is a blank cell below that of the number."""
    rows = table_three("fy2021")
    upper, lower = [list(row) for row in rows[:10]], [list(row) for row in rows[10:]]
    upper[9][1:] = ["7", *[LEFT] * 6]
    lower[0][1:] = ["", *[LEFT] * 6]
    table = bound(*pages([*upper, ["", "", *[LEFT] * 6]], lower))
    items = {c.item for c in table.cells if (c.text, c.match) == ("7", SPANNING)}
    own = [c.item for c in bound(drawn(rows)).cells if c.column == "business"]
    assert items == {*own[6:8]}


def test_one_cell_over_a_whole_table_is_in_all_its_cells() -> None:
    """Of the rows of three pages, none may be read as often as there are rows above it."""
    rows = table_three("fy2021")
    rows[3][1:] = ["0", *[LEFT] * 6]
    rows[4:] = [[row[0], ABOVE, *[LEFT] * 6] for row in rows[4:]]
    middle, last = [list(row) for row in rows[12:20]], [list(row) for row in rows[20:]]
    middle[0][1] = last[0][1] = ""
    drawings = [drawn(rows[:12], top=600.0), drawn(middle, page=2), drawn(last, page=3)]
    table = bound(*drawings)
    assert len(table.cells) == len(bound(drawn(table_three("fy2021"))).cells)
    assert {(c.text, c.match) for c in table.cells} == {("0", SPANNING)}


def decisions(*texts: str) -> RawTable:
    """A part of table 二 whose one header spans the columns that the part above it needs."""
    return drawn([*REGULATIONS, ["信息内容", "本年处理决定数量", LEFT, LEFT], ["行政处罚", *texts]])


@pytest.mark.parametrize("texts", [("2", "0", "0"), ("2", "", "0"), ("0", "0", "0")])
def test_zeros_in_spare_columns_leave_the_first_number_to_the_header(texts: tuple[str, ...]) -> None:
    table = bound(decisions(*texts))
    found = cell(table, "administrative_penalty", "decisions")
    assert (table.template, found.text, found.match) == ("fy2021", texts[0], "near")
    assert {left.reason for left in table.leftovers} == {SPARE_COLUMN}


@pytest.mark.parametrize("texts", [("52", "3", "1"), ("0", "0", "2"), ("", "3", "1"), ("2", "0", "—")])
def test_several_numbers_under_one_header_are_nobodys(texts: tuple[str, ...]) -> None:
    table = bound(decisions(*texts))
    found = cell(table, "administrative_penalty", "decisions")
    assert (table.template, found.match) == ("fy2021", SPANNING)
    assert found.text == "|".join(filter(None, texts))


def test_a_number_alone_under_a_wide_header_is_that_header_s() -> None:
    table = bound(decisions("", "5", ""))
    assert cell(table, "administrative_penalty", "decisions").text == "5"


def test_two_numbers_under_one_column_are_nobody_s() -> None:
    widths = [120.0, 60.0, 60.0, 30.0, 30.0]
    rows = [[*row, LEFT] for row in REGULATIONS]
    rows[2] = ["规章", "1", "2", "3", "9"]
    found = cell(bound(drawn(rows, widths=widths)), "regulations", "in_force")
    assert (found.text, found.match) == ("3|9", SPANNING)


def test_a_word_for_none_over_several_columns_is_in_none() -> None:
    rows = [*REGULATIONS[:2], ["规章", "无", LEFT, LEFT], REGULATIONS[3]]
    table = bound(drawn(rows))
    assert {c.match for c in table.cells if c.item == "regulations"} == {SPANNING}


def test_a_second_value_for_a_cell_is_left_over() -> None:
    rows = [*REGULATIONS, ["规章", "7", "8", "9"]]
    table = bound(drawn(rows))
    assert filled(table) == EXPECTED
    assert [left.text for left in table.leftovers if "second value" in left.reason] == ["7", "8", "9"]


def test_a_second_value_may_fill_a_blank() -> None:
    """A row cut by a page break whose first piece is blank."""
    rows = [REGULATIONS[0], REGULATIONS[1], ["规章", "", "", ""], REGULATIONS[3], REGULATIONS[2]]
    table = bound(drawn(rows))
    assert filled(table) == EXPECTED


def test_an_unknown_row_is_left_over_with_its_numbers() -> None:
    table = bound(drawn([*REGULATIONS, ["其他文件材料", "10", "20", "30"]]))
    assert filled(table) == EXPECTED
    assert sorted(over(table.leftovers)) == ["10", "20", "30", "其他文件材料"]
    assert {left.table for left in table.leftovers} == {"active_disclosure"}
    assert all(left.reason for left in table.leftovers)


def test_an_extra_other_in_another_group_takes_no_cell_of_the_form() -> None:
    """4.其他 under （四）无法提供: the form has 其他 under （六） alone."""
    rows = table_three("fy2021")
    at = next(i for i, row in enumerate(rows) if "补正后申请内容仍不明确" in "".join(row)) + 1
    rows.insert(at, ["4.其他", "7", "8", "9", "1", "2", "3", "30"])
    table = bound(drawn(rows))
    assert filled(table) == filled(bound(drawn(table_three("fy2021"))))
    own = [left.text for left in table.leftovers if left.reason == EXTRA_ROW]
    assert {"7", "8", "9", "30"} <= set(own)


@pytest.mark.parametrize("label", ["4.其他", "（八）网上公开"])
def test_a_row_of_the_bureau_s_own_is_told_from_a_number_without_a_row(label: str) -> None:
    rows = [*REGULATIONS, [label, "10", "20", "30"]]
    reasons = {left.reason for left in bound(drawn(rows)).leftovers if left.text in ("10", "20", "30")}
    assert reasons == {EXTRA_ROW}
    nameless = [*REGULATIONS, ["", "10", "20", "30"]]
    reasons = {left.reason for left in bound(drawn(nameless)).leftovers if left.text in ("10", "20", "30")}
    assert EXTRA_ROW not in reasons


def test_a_row_of_the_bureau_s_own_may_stand_beside_a_group_whose_label_is_on_the_page_before() -> None:
    """A page ends above 4.其他: of （四）无法提供 a blank cell is left on the next."""
    rows = [["", *row] for row in table_three("fy2021")]
    at = next(i for i, row in enumerate(rows) if "补正后申请内容仍不明确" in "".join(row)) + 1
    own = ["", "4.其他", "7", "0", "0", "0", "0", "0", "7"]
    first, second = drawn(rows[:at]), drawn([own, *rows[at:]], page=2)
    reasons = {left.text: left.reason for left in bound(first, second).leftovers}
    assert reasons["7"] == EXTRA_ROW


def test_a_numeral_that_a_page_break_left_of_a_label_is_no_number() -> None:
    """三、本年度办理结果, one character a line, cut below the first."""
    side = "三、"
    rows = [[ABOVE if n else "", *row] for n, row in enumerate(table_three("fy2021")[:3])]
    rows += [[ABOVE if n else side, *row] for n, row in enumerate(table_three("fy2021")[3:])]
    table = bound(drawn(rows))
    assert filled(table) == filled(bound(drawn(table_three("fy2021"))))
    assert side not in over(table.leftovers)


def test_a_table_of_no_known_form_is_left_over_whole() -> None:
    found, leftovers = raw_to_bound([drawn([["姓名", "电话"], ["张三", "12345"]])])
    assert found == []
    assert over(leftovers) == ["姓名", "电话", "张三", "12345"]
    assert {left.reason for left in leftovers} == {"a table of no known form"}


def test_every_printed_text_is_bound_known_or_left_over() -> None:
    """The audit: nothing that a person can read in the grid gets lost."""
    rows = table_three("fy2021")
    rows[5] = ["（八）其他情况", *rows[5][1:]]
    rows[9] = [rows[9][0], "12", LEFT, *rows[9][3:]]
    rows.append(["注：单位为件", *[LEFT] * 7])
    table = bound(drawn(rows))
    seen = {c.text for c in table.cells} | set(over(table.leftovers))
    numbers = {text for row in rows for text in row if text.isdigit()}
    assert numbers <= seen
    assert {"（八）其他情况", "注：单位为件"} <= seen


@pytest.mark.parametrize("text", ["\ufffd", "\ue003\ue001", "\ufffd+\ufffd"])
def test_numbers_that_have_no_names_are_no_header(text: str) -> None:
    """The only row of table four has no label: what stands there counts as numbers if it spells nothing."""
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    rows = [
        ["行政复议", *[LEFT] * 4, "行政诉讼", *[LEFT] * 9],
        [*results, "未经复议直接起诉", *[LEFT] * 4, "复议后起诉", *[LEFT] * 4],
        [*[ABOVE] * 5, *results, *results],
        [text] * 15,
    ]
    assert [one.text for one in bound(drawn(rows)).cells] == [text] * 15


def test_no_grids() -> None:
    assert raw_to_bound([]) == ([], [])


# ------------------------------------------------------------- blanks and numbers


def test_blank_cells_are_bound_blank() -> None:
    rows = [list(row) for row in REGULATIONS]
    rows[2] = ["规章", "", "2", ""]
    table = bound(drawn(rows))
    assert values(table) == {**EXPECTED, "regulations.made": "", "regulations.in_force": ""}
    assert not {item for item, _ in table.missing} & {"regulations", "normative_documents"}


def test_a_blank_table_is_a_table() -> None:
    rows = [*REGULATIONS[:2], ["规章", "", "", ""], ["行政规范性文件", "", "", ""]]
    assert len(bound(drawn(rows)).cells) == 6


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "12",
        "１２",
        "1,234.5",
        "减 20",
        "+1036",
        "2.58 万元",
        "—",
        "/",
        "无",
        "不适用",
        "三百二十一",
        "12\n34",
    ],
)
def test_what_values_look_like(text: str) -> None:
    assert looks_like_number(text)


@pytest.mark.parametrize(
    "text", ["", " ", "规章", "1.属于国家秘密", "第二十条第（一）项", "总计", "（七）总计", "2023年度"]
)
def test_what_no_value_looks_like(text: str) -> None:
    assert not looks_like_number(text)


def test_which_values_hold_a_number() -> None:
    values_with_one = ["12", "三件", "减 20", "2.58 万元", "０"]
    values_without = ["—", "/", "不适用", "无", ""]
    assert [text for text in values_with_one + values_without if holds_number(text)] == values_with_one


def test_a_block_that_lost_its_header_has_the_columns_above_but_not_surely() -> None:
    table = bound(drawn([
        ["第二十条第（五）项", LEFT],
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "550"],
        ["第二十条第（六）项", LEFT],
        ["行政处罚", "4119"],
        ["行政强制", "195"],
    ]))  # fmt: skip
    assert {c.item: (c.text, c.match) for c in table.cells} == {
        "administrative_licensing": ("550", "exact"),
        "administrative_penalty": ("4119", "order"),
        "administrative_coercion": ("195", "order"),
    }


# ---------------------------------------------------------------- labels of other forms, and pieces of labels

DOCUMENTS_2019 = [["规章", "1", "2", "3"], ["规范性文件", "4", "5", "6"]]
OF_DOCUMENTS_2019 = {
    "regulations.newly_made": "1", "regulations.newly_disclosed": "2", "regulations.total_disclosed": "3",
    "normative_documents.newly_made": "4", "normative_documents.newly_disclosed": "5",
    "normative_documents.total_disclosed": "6",
}  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        ["本年新", "本年新", "对外公开总数量"],
        ["本年新", "本年新", "对外公开"],
        ["本年新制", "本年新公", "对外"],
    ],
)
def test_labels_cut_after_a_few_characters_bind_by_their_place(header: list[str]) -> None:
    """The newest form has three columns too: but its labels do not begin so."""
    table = bound(drawn([["信息内容", *header], *DOCUMENTS_2019]))
    assert (table.template, filled(table)) == ("fy2019", OF_DOCUMENTS_2019)


@pytest.mark.parametrize("header", [["新", "新", "‡·"], ["˜", "†", "—然"]])
def test_a_header_that_a_damaged_font_garbles_leaves_its_columns_nobody_s(header: list[str]) -> None:
    """Both forms have three columns in these rows, and the header is that of neither."""
    tables, leftovers = raw_to_bound([drawn([["内容", *header], *DOCUMENTS_2019])])
    assert not tables
    assert {"1", "2", "3", "4", "5", "6"} <= {*over(leftovers)}


def test_without_a_header_rows_that_two_forms_print_are_nobody_s() -> None:
    tables, leftovers = raw_to_bound([drawn(DOCUMENTS_2019)])
    assert not tables
    assert {"1", "2", "3", "4", "5", "6"} <= {*over(leftovers)}


def test_without_a_header_the_rest_of_the_table_says_which_form_it_is() -> None:
    rest = [
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"],
        ["其他对外管理服务事项", "7", "8", "9"],
    ]
    table = bound(drawn([*DOCUMENTS_2019, *rest]))
    assert table.template == "fy2019"
    assert OF_DOCUMENTS_2019.items() <= filled(table).items()


def test_a_label_cut_beside_a_whole_one_is_near() -> None:
    table = bound(drawn([["信息内容", "本年新", "本年新", "对外公开总数量"], *DOCUMENTS_2019]))
    assert [c.match for c in table.cells if c.item == "regulations"] == ["near", "near", "exact"]


INDICATORS = ["收到申请数", "当面申请数", "按时办结数"]


def indicators(*headers: str) -> RawTable:
    """A 统计表 with these columns beside its labels."""
    numbers = [[str(10 * row + col) for col in range(len(headers))] for row in range(3)]
    rows = [[label, "件", *texts] for label, texts in zip(INDICATORS, numbers, strict=True)]
    return drawn([["统计指标", "单位", *headers], *rows])


@pytest.mark.parametrize(
    "headers",
    [
        ("区政府统计数", "区直单位统计数", "乡镇街道统计数"),
        ("本期实际", "本年累计"),
        ("区政府统计数",),
        ("甲统计数", "乙统计数"),
        ("机关统计数", "事业单位统计数"),
        ("总数", "本级数", "下级数"),
    ],
)
def test_columns_of_other_forms_are_none_of_ours(headers: tuple[str, ...]) -> None:
    tables, leftovers = raw_to_bound([indicators(*headers)])
    assert not tables
    assert {*headers} <= {*over(leftovers)}


@pytest.mark.parametrize(
    "headers",
    [
        ("上年数", "本年数"),
        ("本年数", "本年累计"),
        ("上年统计数", "统计数"),
        ("统计数", "占比"),
        ("统计数", "备注"),
        ("统计数", "其中：网上"),
        ("统计数", "核对数"),
    ],
)
def test_beside_a_column_of_ours_they_are_left_over(headers: tuple[str, ...]) -> None:
    """The order of a form never binds below a header that names something else."""
    table = bound(indicators(*headers))
    own = headers.index("本年数" if "本年数" in headers else "统计数")
    assert set(filled(table).values()) == {str(10 * row + own) for row in range(3)}
    assert not any(c.column == "cumulative" for c in table.cells)


@pytest.mark.parametrize("year", ["201\u200b年度", "20年", "8年度"])
def test_a_year_of_which_a_font_lost_a_digit_is_bound_by_its_place(year: str) -> None:
    table = bound(indicators(year, "历年累计"))
    assert {c.column for c in table.cells if c.text} == {"count", "cumulative"}


def test_wide_numbers_below_a_header_on_the_page_before_are_nobody_s() -> None:
    """The grid of the next page has three columns of its own, and they are not those of the header."""
    outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    above = [
        ["行政复议", *[LEFT] * 4, "行政诉讼", *[LEFT] * 9],
        [*[ABOVE] * 5, "未经复议直接起诉", *[LEFT] * 4, "复议后起诉", *[LEFT] * 4],
        outcomes * 3,
    ]
    below = drawn([["12", "0", "1"]], page=2, top=80.0, widths=[300.0] * 3)
    table = bound(drawn(above, top=600.0), below)
    assert {(c.item, c.text, c.match) for c in table.cells} == {
        ("review", "12", SPANNING), ("litigation_direct", "0", SPANNING),
        ("litigation_after_review", "1", SPANNING),
    }  # fmt: skip


def test_pieces_of_a_group_label_that_a_page_s_end_cut_are_no_leftovers() -> None:
    """（四）无 may be read as a word for none, and 法提供 is too short to be known by itself."""
    rows = table_three("fy2021")
    first = next(at for at, row in enumerate(rows) if "本机关不掌握" in row[0])
    wide = [[row[0], row[0] if row[0] == ABOVE else LEFT, *row[1:]] for row in rows]
    above = [*wide[:first], ["（四）无", *rows[first]]]
    below = [["法提供", *rows[first + 1]], [ABOVE, *rows[first + 2]], *wide[first + 3 :]]
    table = bound(*pages(above, below))
    assert not table.missing
    assert not over(table.leftovers)
