"""Tables of no form without rulings are no text of a chapter, and prose with numbers is no table."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.extract.unnamed_tables import UnnamedTable, lines_to_unnamed_tables
from pipeline.records import Box, Glyph, PrintedPage, TextLine
from tests.extract.measured import read_bytes
from tools.generator import Style
from tools.generator.other_forms import OF_ITS_OWN, other_report

SIZE, PITCH = 10.0, 16.0
DIGIT = SIZE / 2

Placed = tuple[float, str]
"""Where a text begins, in points, and the text."""
LABEL, FIRST, SECOND = 70.0, 300.0, 400.0
ROWS = [[(LABEL, f"渠道{name}"), (FIRST, "12"), (SECOND, "305")] for name in "甲乙丙"]
HEADER = [(LABEL, "统计事项"), (FIRST, "县本级"), (SECOND, "乡镇")]
PROSE = [(LABEL, "全年公开信息共计若干条，其中政府网站占大多数，其他渠道也有所增加，均已及时更新。")]


def glyphs_of(text: str, x: float, top: float) -> list[Glyph]:
    glyphs = []
    for char in text:
        width = DIGIT if char.isascii() else SIZE
        if char != " ":
            glyphs.append(Glyph(char, x, top, x + width, top + SIZE))
        x += width
    return glyphs


def tables(*pages: Sequence[Sequence[Placed]]) -> list[UnnamedTable]:
    """The tables on pages of such lines, each a line below the one before; an empty one leaves a gap."""
    lines, printed = [], {}
    for number, page in enumerate(pages, start=1):
        glyphs = []
        for at, placed in enumerate(page):
            own = [glyph for x, text in placed for glyph in glyphs_of(text, x, 100 + PITCH * at)]
            if own:
                box = Box(own[0].x0, own[0].top, own[-1].x1, own[-1].bottom)
                lines.append(TextLine(number, " ".join(text for _, text in placed), box))
            glyphs += own
        printed[number] = PrintedPage(glyphs, [], (595.0, 842.0), 0)
    return list(lines_to_unnamed_tables(lines, printed))


def texts(*pages: Sequence[Sequence[Placed]]) -> list[list[str]]:
    return [[line.text for line in table.lines] for table in tables(*pages)]


def test_numbers_in_line_below_each_other_are_a_table_with_its_header() -> None:
    (found,) = tables([PROSE, HEADER, *ROWS, PROSE])
    assert [cell.text for cell in found.cells[:6]] == ["统计事项", "县本级", "乡镇", "渠道甲", "12", "305"]
    assert len(found.lines) == 4


def test_two_columns_of_numbers_need_no_header() -> None:
    assert [len(lines) for lines in texts([PROSE, *ROWS, PROSE])] == [3]


def test_one_column_of_numbers_needs_a_header() -> None:
    rows = [[label, number] for label, number, _ in ROWS]
    assert texts([PROSE, *rows, PROSE]) == []
    assert [len(lines) for lines in texts([PROSE, [(LABEL, "项目"), (FIRST, "数量")], *rows])] == [4]


def test_labels_of_several_lines_are_of_the_table_to_their_last_line() -> None:
    long = "本年度通过政府网站和政务新媒体主动公开的信息"
    wrapped = [[(LABEL, long), (FIRST, "12"), (SECOND, "3")], [(LABEL, "总条目数")]]
    (lines,) = texts([PROSE, HEADER, *wrapped, *wrapped, PROSE])
    assert len(lines) == 5 and lines[-1] == "总条目数"


def test_the_heading_of_the_next_chapter_is_no_line_of_a_label() -> None:
    heading = [(LABEL, "三、收到和处理政府信息公开申请情况")]
    rows = [[(LABEL, "县级各部门网站发布的信息总数"), (FIRST, "12"), (SECOND, "3")]] * 3
    (lines,) = texts([PROSE, HEADER, *rows, heading, PROSE])
    assert len(lines) == 4


def test_a_table_goes_on_over_the_end_of_a_page_with_one_row() -> None:
    assert [len(lines) for lines in texts([PROSE, HEADER, *ROWS], [ROWS[0], PROSE])] == [4, 1]


def test_what_stands_far_from_the_end_of_its_page_does_not_go_on() -> None:
    page = [PROSE, HEADER, *ROWS, PROSE, PROSE, PROSE]
    assert [len(lines) for lines in texts(page, [ROWS[0], PROSE])] == [4]


@pytest.mark.parametrize(
    "page",
    [
        [[(LABEL, f"（{name}）政府网站公开 {at}20 条。")] for at, name in enumerate("一二三四")],
        [[(LABEL, f"{n}.收到申请 {n}2 件")] for n in range(1, 5)],
        [[(LABEL, f"{name}、总体情况"), (SECOND, str(n))] for n, name in enumerate("一二三四五", start=1)],
        [
            [(LABEL, "地址：示例市示例路 12 号"), (FIRST, "邮编：226000")],
            [(LABEL, "电话：85000000"), (FIRST, "传真：85000001")],
            [(LABEL, "联系人：张三"), (FIRST, "电话：85000002")],
        ],
        [[(FIRST, "示例市示例局")], [(FIRST, "2024 年 1 月 20 日")]],
        [
            [(LABEL, "截至 12 月底，全市各级各部门共收到申请 305 件，办结")],
            [(LABEL, "300 件，按时办结率 98.4 %，比上年提高 3 个百分点，"), (FIRST + 30, "12")],
            [(LABEL, "其中自然人 290 件，法人 15 件，复议 3 件，诉讼 1 件。")],
        ],
        [[(LABEL, "办公室"), (FIRST, "85000001")], [(LABEL, "法规科"), (FIRST, "85000002")]] * 2,
    ],
    ids=["items", "items that end in numbers", "contents", "address", "signature", "prose", "telephones"],
)
def test_no_table_is(page: Sequence[Sequence[Placed]]) -> None:
    assert texts([PROSE, *page, PROSE]) == []


def test_what_is_printed_in_such_a_table_is_left_over_and_in_no_chapter() -> None:
    report = read_bytes(other_report("by_county", "示例县示例局", 2012, Style(ruling="none")))
    assert {label for label, _ in OF_ITS_OWN} <= {left.text for left in report.leftovers}
    chapters = {section.section: section.text for section in report.sections}
    assert chapters["applications"] == "申请均按期答复。\n附表"
