"""What Word files do to a number, each through the whole way of a document: exact or flagged, not silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.records import Observation, Reason, Report
from tests.extract.measured import FORMS, cells_of, failed_checks, inexact, read_spec
from tests.word_files import HEADERS, cell, docx, paragraph, read_word, regulations, report, row, run, table
from tools.generator import Style, compose
from tools.generator.flows import print_flow

Read = Callable[..., Report]
MADE = ("active_disclosure", "regulations", "made")

DELETED = '<w:del w:id="1"><w:r><w:delText>5</w:delText></w:r></w:del>'
SIMPLE_FIELD = f'<w:fldSimple w:instr=" =SUM(ABOVE) ">{run("15")}</w:fldSimple>'
BEGIN, SEPARATE, END = (
    f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
)
INSTRUCTION = '<w:r><w:instrText xml:space="preserve"> =SUM(ABOVE) </w:instrText></w:r>'
HIDDEN, STRUCK = "<w:vanish/>", "<w:strike/>"
DROP_DOWN = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
    '<w:listEntry w:val="7"/><w:listEntry w:val="8"/></w:ddList></w:ffData></w:fldChar></w:r>'
    "<w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r>" + END
)
BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData>'
    f"<wps:wsp><wps:txbx><w:txbxContent>{paragraph('13')}</w:txbxContent></wps:txbx></wps:wsp>"
    "</a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape>"
    f"<v:textbox><w:txbxContent>{paragraph('13')}</w:txbxContent></v:textbox></v:shape></w:pict>"
    "</mc:Fallback></mc:AlternateContent></w:r>"
)
OLD_BOX = (
    "<w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
    f"{paragraph('13')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
RUBY = f"<w:r><w:ruby><w:rt>{run('12')}</w:rt><w:rubyBase>{run('3')}</w:rubyBase></w:ruby></w:r>"
FORMULA = "<m:oMath><m:r><m:t>1</m:t></m:r><m:r><m:t>1</m:t></m:r></m:oMath>"
RAISED = '<w:vertAlign w:val="superscript"/>'
NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
SMALL = run("30") + run("1", '<w:position w:val="8"/><w:sz w:val="14"/>')

FLOATING_PICTURE = (
    '<w:r><w:drawing><wp:anchor><wp:positionH relativeFrom="column"><wp:posOffset>0</wp:posOffset>'
    "</wp:positionH><a:graphic><a:graphicData><a:blip/></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
)

EXACT = {
    "digits in several runs": (run("1") + run("2", "<w:b/>"), 12),
    "a deleted digit": (run("1") + DELETED + run("2"), 12),
    "an inserted digit": (run("1") + f'<w:ins w:id="1">{run("2")}</w:ins>', 12),
    "an inserted digit that was deleted": (
        run("12") + '<w:ins w:id="1"><w:del><w:r><w:delText>3</w:delText></w:r></w:del></w:ins>', 12),
    "a number that was moved here": (f'<w:moveTo w:id="1">{run("12")}</w:moveTo>', 12),
    "a number that was moved away": (f'<w:moveFrom w:id="1">{run("5")}</w:moveFrom>' + run("12"), 12),
    "a simple field": (SIMPLE_FIELD, 15),
    "a field with its result": (BEGIN + INSTRUCTION + SEPARATE + run("15") + END, 15),
    "a field within the instruction of another": (
        BEGIN + BEGIN + INSTRUCTION + SEPARATE + run("9") + END + SEPARATE + run("15") + END, 15),
    "a choice of a form": (DROP_DOWN, 8),
    "a smart tag": (f'<w:smartTag w:element="x">{run("6")}</w:smartTag>', 6),
    "a content control": (f"<w:sdt><w:sdtPr/><w:sdtContent>{run('6')}</w:sdtContent></w:sdt>", 6),
    "a link": (f"<w:hyperlink>{run('6')}</w:hyperlink>", 6),
    "a text box": (BOX, 13),
    "a text box of old": (OLD_BOX, 13),
    "a formula": (FORMULA, 11),
    "the base of a ruby": (RUBY, 3),
    "a soft hyphen": ("<w:r><w:t>1</w:t><w:softHyphen/><w:t>2</w:t></w:r>", 12),
    "a mark of direction": (run("\u200e12"), 12),
    "a blank without width": (run("1\u200b2"), 12),
    "full-width digits": (run("１２"), 12),
    "blanks around it": (run("\u00a0\u300012 "), 12),
    "blanks that Word does not show": ("<w:r><w:t> 1 </w:t></w:r><w:r><w:t>2</w:t></w:r>", 12),
    "a tab before it": (f"<w:r><w:tab/></w:r>{run('12')}", 12),
    "digits of the font Symbol": (
        '<w:r><w:sym w:font="Symbol" w:char="F031"/><w:sym w:font="Symbol" w:char="F032"/></w:r>', 12),
    "a raised mark": (run("30") + run("1", RAISED), 30),
    "a footnote": (run("30") + NOTE, 30),
    "a number that is raised as a whole": (run("12", RAISED), 12),
    "hiding that is turned off": (run("12", '<w:vanish w:val="0"/>'), 12),
    "what a run was before a change": (
        run("12", "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>"), 12),
    "white on a dark ground": (
        run("12", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F497D"/>'), 12),
    "a field that shows nothing": (
        run("12") + BEGIN + '<w:r><w:instrText> TC "x" </w:instrText></w:r>' + END, 12),
    "marked in yellow": (run("12", '<w:highlight w:val="yellow"/>'), 12),
    "set a little closer": (run("12", '<w:spacing w:val="-20"/><w:w w:val="80"/>'), 12),
    "a mark at the end of a deleted paragraph": (
        paragraph(run("1"), '<w:rPr><w:del w:id="1"/></w:rPr>') + paragraph(""), 1),
}  # fmt: skip
"""What stands in a cell that no sum holds, and the number that a person sees there without a doubt."""

FLAGGED = {
    "a number that is struck out beside another": (run("29", STRUCK) + run("301"), 301),
    "a number that is struck out twice over": (run("29", "<w:dstrike/>") + run("301"), 301),
    "a hidden number beside another": (run("9", HIDDEN) + run("3"), 3),
    "white on white": (run("9", '<w:color w:val="FFFFFF"/>') + run("3"), 3),
    "of the colour of the cell": (
        cell(
            paragraph(run("9", '<w:color w:val="D9D9D9"/>') + run("3")),
            '<w:shd w:val="clear" w:fill="D9D9D9"/>',
        ),
        3,
    ),
    "too small to be seen": (run("9", '<w:sz w:val="2"/>') + run("3"), 3),
    "a digit that is set higher": (SMALL, 30),
    "two paragraphs joined by a deletion": (
        paragraph(run("1"), '<w:rPr><w:del w:id="1"/></w:rPr>') + paragraph("2"), 12),
    "a field that is to be computed anew": (
        BEGIN.replace("/>", ' w:dirty="true"/>') + INSTRUCTION + SEPARATE + run("15") + END, 15),
    "an element that nobody knows": (f"<w:tomorrow>{run('6')}</w:tomorrow>", 6),
    "a field without its result": (BEGIN + INSTRUCTION + END, None),
    "a formula with an empty result": (BEGIN + INSTRUCTION + SEPARATE + END, None),
    "a simple field without its result": ('<w:fldSimple w:instr=" =SUM(ABOVE) "/>', None),
    "a day that Word computes": ("<w:r><w:dayShort/></w:r>", None),
    "handwriting": ("<w:r><w:contentPart/></w:r>", None),
    "a picture that floats over it": (FLOATING_PICTURE, None),
    "a picture that floats over a number": (run("4") + FLOATING_PICTURE, 4),
    "digits of a font of symbols": (run("12", '<w:rFonts w:ascii="Wingdings"/>'), 12),
    "digits over each other": (run("12", '<w:spacing w:val="-200"/>'), 12),
    "digits without width": (run("9", '<w:w w:val="1"/>') + run("3"), 93),
    "marked with the colour of ink": (run("12", '<w:highlight w:val="black"/>'), 12),
    "a number that is struck out": (run("12", STRUCK), None),
    "a dash that is struck out": (run("-", STRUCK), None),
    "a picture": ("<w:r><w:drawing><wp:inline/></w:drawing></w:r>", None),
    "a text box that floats": (
        BOX.replace("wp:inline>", "wp:anchor>").replace(
            "<wp:anchor>", "<wp:anchor><wp:positionH><wp:posOffset>900000</wp:posOffset></wp:positionH>"),
        13,
    ),
    "a text in a box and another beside it": (run("4") + BOX, None),
}  # fmt: skip
"""What stands in a cell that no sum holds, and the number, if there is one, that is given with a doubt."""

UNREADABLE = {
    "a tab between digits": "<w:r><w:t>1</w:t><w:tab/><w:t>2</w:t></w:r>",
    "a line break between digits": "<w:r><w:t>1</w:t><w:br/><w:t>2</w:t></w:r>",
    "two paragraphs": paragraph("1") + paragraph("2"),
    "a fraction": "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
    "</m:f></m:oMath>",
    "a symbol": '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>',
    "two small tables": table([row(["1"])]) + table([row(["2"])]) + paragraph(""),
}  # fmt: skip


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda body, **more: read_word(docx(body, **more), tmp_path)


def cells(own: str) -> list[str]:
    content = own if own.startswith(("<w:tc>", "<w:p>", "<w:tbl>")) else paragraph(own)
    return ["规章", content if content.startswith("<w:tc>") else cell(content), "2", "3"]


def seen_in(own: Report) -> Observation:
    """The number cell in question; those beside it are as they are."""
    found = {(one.table, one.item, one.column): one for one in own.observations}
    others = {key[1:]: (one.value, one.status) for key, one in found.items() if key != MADE}
    assert others == {
        ("regulations", "repealed"): (2, "ok"),
        ("regulations", "in_force"): (3, "ok"),
        ("normative_documents", "made"): (10, "ok"),
        ("normative_documents", "repealed"): (0, "ok"),
        ("normative_documents", "in_force"): (40, "ok"),
    }
    return found[MADE]


@pytest.mark.parametrize("case", EXACT)
def test_what_a_person_sees_without_a_doubt_is_exact(read: Read, case: str) -> None:
    own, number = EXACT[case]
    seen = seen_in(read(report(regulations("", cells=cells(own)))))
    assert (seen.value, seen.status, seen.doubt) == (number, "ok", "")


@pytest.mark.parametrize("case", FLAGGED)
def test_what_a_person_may_see_otherwise_is_flagged(read: Read, case: str) -> None:
    own, number = FLAGGED[case]
    seen = seen_in(read(report(regulations("", cells=cells(own)))))
    assert (seen.value, seen.status) == (number, "unreadable" if number is None else "suspect")
    assert seen.doubt or number is None


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_number_is_unreadable(read: Read, case: str) -> None:
    seen = seen_in(read(report(regulations("", cells=cells(UNREADABLE[case])))))
    assert (seen.value, seen.status) == (None, "unreadable")


def test_a_minus_that_does_not_break(read: Read) -> None:
    rows = [
        row([cell("第二十条第（五）项", '<w:gridSpan w:val="4"/>')]),
        row(["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"]),
        row(["行政许可", "9", cell(paragraph("<w:r><w:noBreakHyphen/><w:t>5</w:t></w:r>")), "4"]),
        row(["其他对外管理服务事项", "0", "0", "0"]),
    ]
    found = {(one.item, one.column): one for one in read(report(table(rows))).observations}
    change = found["administrative_licensing", "change"]
    assert (change.value, change.status) == (-5, "ok")


STYLES = {
    "a hidden character style": (
        '<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>',
        run("9", '<w:rStyle w:val="h"/>') + run("3"),
    ),
    "a style based on a hidden one": (
        '<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="i"><w:basedOn w:val="h"/></w:style>',
        run("9", '<w:rStyle w:val="i"/>') + run("3"),
    ),
    "a struck paragraph style": (
        '<w:style w:type="paragraph" w:styleId="s"><w:rPr><w:strike/></w:rPr></w:style>',
        paragraph("9", '<w:pStyle w:val="s"/>') + paragraph("3"),
    ),
    "hidden by default": (
        "<w:docDefaults><w:rPrDefault><w:rPr><w:dstrike/></w:rPr></w:rPrDefault></w:docDefaults>",
        run("9") + run("3", '<w:dstrike w:val="0"/>'),
    ),
    "white by style": (
        '<w:style w:type="character" w:styleId="w"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>',
        run("9", '<w:rStyle w:val="w"/>') + run("3"),
    ),
}


@pytest.mark.parametrize("case", [name for name in STYLES if name != "hidden by default"])
def test_styles_hide_and_strike(read: Read, case: str) -> None:
    styles, own = STYLES[case]
    seen = seen_in(read(report(regulations("", cells=cells(own))), styles=styles))
    assert (seen.value, seen.status) == (3, "suspect")


def test_two_hidden_styles_are_seen(read: Read) -> None:
    styles = "".join(
        f'<w:style w:type="{kind}" w:styleId="{kind[0]}"><w:rPr><w:vanish/></w:rPr></w:style>'
        for kind in ("character", "paragraph")
    )
    own = paragraph(run("12", '<w:rStyle w:val="c"/>'), '<w:pStyle w:val="p"/>')
    seen = seen_in(read(report(regulations("", cells=cells(own))), styles=styles))
    assert (seen.value, seen.status) == (12, "ok")


# ------------------------------------------------------------- rows and cells

RULES = ["规章", "12", "2", "3"]


def in_control(inner: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


ROWS = {
    "a row in a content control": in_control(row(RULES)),
    "a cell in a content control": row(["规章", in_control(cell("12")), "2", "3"]),
    "an inserted row": row(RULES, '<w:ins w:id="1"/>'),
    "a row with properties of its own": f"<w:tr><w:tblPrEx/>{''.join(map(cell, RULES))}</w:tr>",
}
UNSEEN_ROWS = {
    "a hidden row": row(["规章", "7", "8", "9"], "<w:hidden/>"),
    "a deleted row": row(["规章", "7", "8", "9"], '<w:del w:id="1"/>'),
    "a row without height": row(["规章", "7", "8", "9"], '<w:trHeight w:val="20" w:hRule="exact"/>'),
    "a row whose paragraphs are hidden": row(
        [cell(paragraph(run(text, HIDDEN), f"<w:rPr>{HIDDEN}</w:rPr>")) for text in ("规章", "7", "8", "9")]
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_no_row_and_no_cell_is_lost(read: Read, case: str) -> None:
    whole = regulations("0").replace(row(["规章", "0", "2", "3"]), ROWS[case])
    seen = seen_in(read(report(whole)))
    assert (seen.value, seen.status) == (12, "ok")


@pytest.mark.parametrize("case", UNSEEN_ROWS)
def test_rows_that_nobody_sees_count_nowhere(read: Read, case: str) -> None:
    seen = seen_in(read(report(regulations("12", before=UNSEEN_ROWS[case]))))
    assert (seen.value, seen.status) == (12, "ok")


def test_a_row_that_begins_further_right_stays_there(read: Read) -> None:
    side = cell("", '<w:vMerge w:val="restart"/>')
    rows = [
        row([cell("第二十条第（一）项", '<w:gridSpan w:val="5"/>')]),
        row([side, "信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]),
        row(RULES, '<w:gridBefore w:val="1"/>'),
        row(["行政规范性文件", "10", "0", "40"], '<w:gridBefore w:val="1"/>'),
    ]
    seen = seen_in(read(report(table(rows, columns=5))))
    assert (seen.value, seen.status) == (12, "ok")


def test_rows_may_leave_columns_out_behind_them(read: Read) -> None:
    behind = '<w:gridAfter w:val="1"/>'
    rows = [
        row([cell("第二十条第（一）项", '<w:gridSpan w:val="5"/>')]),
        *(row(texts, behind) for texts in (HEADERS, RULES, ["行政规范性文件", "10", "0", "40"])),
    ]
    seen = seen_in(read(report(table(rows))))
    assert (seen.value, seen.status) == (12, "ok")


def test_text_in_a_cell_that_goes_on_above_is_not_seen(read: Read) -> None:
    rows = [
        row([cell("第二十条第（一）项", '<w:gridSpan w:val="4"/>')]),
        row(HEADERS),
        row(["规章", cell("12", '<w:vMerge w:val="restart"/>'), "2", "3"]),
        row(["行政规范性文件", cell("10", "<w:vMerge/>"), "0", "40"]),
    ]
    found = {(one.item, one.column): one for one in read(report(table(rows))).observations}
    for item in ("regulations", "normative_documents"):
        assert found[item, "made"].status in ("unreadable", "suspect")
        assert found[item, "made"].value != 10


def test_rows_that_span_other_columns_than_their_header_are_read_cell_for_cell(read: Read) -> None:
    def wide(text: str) -> str:
        return cell(text, '<w:gridSpan w:val="2"/>')

    rows = [
        row([cell("第二十条第（一）项", '<w:gridSpan w:val="5"/>')]),
        row([HEADERS[0], HEADERS[1], wide(HEADERS[2]), HEADERS[3]]),
        row(["规章", wide("12"), "2", "3"]),
        row(["行政规范性文件", wide("10"), "0", "40"]),
    ]
    seen = seen_in(read(report(table(rows, columns=5))))
    assert (seen.value, seen.status) == (12, "ok")


def test_a_header_without_one_of_its_cells_doubts_all_below(read: Read) -> None:
    rows = [
        row([cell("第二十条第（一）项", '<w:gridSpan w:val="4"/>')]),
        row(["信息内容", "本年制发件数", "现行有效件数"]),
        row(RULES),
        row(["行政规范性文件", "10", "0", "40"]),
    ]
    found = read(report(table(rows))).observations
    assert {one.status for one in found if one.value is not None} <= {"suspect", "unreadable"}


def test_widths_tell_the_columns_where_spans_do_not(read: Read) -> None:
    def wide(text: str, width: int) -> str:
        return cell(text, f'<w:tcW w:w="{width}" w:type="dxa"/>')

    rows = [
        row([wide("第二十条第（一）项", 8000)]),
        row([wide(text, 2000) for text in ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")]),
        row([wide(text, 2000) for text in RULES]),
        row([wide(text, 2000) for text in ("行政规范性文件", "10", "0", "40")]),
    ]
    seen = seen_in(read(report(table(rows))))
    assert (seen.value, seen.status) == (12, "ok")


def test_a_table_from_right_to_left_is_turned_around(read: Read) -> None:
    rows = [
        row([cell("第二十条第（一）项", '<w:gridSpan w:val="4"/>')]),
        *(
            row(list(reversed(texts)))
            for texts in (
                HEADERS, RULES,
                ["行政规范性文件", "10", "0", "40"],
            )
        ),
    ]  # fmt: skip
    seen = seen_in(read(report(table(rows, "<w:bidiVisual/>"))))
    assert (seen.value, seen.status) == (12, "ok")


def test_a_table_that_only_arranges_another_is_none(read: Read) -> None:
    inner = paragraph("") + regulations("12") + paragraph("")
    outer = table([row(["", f"<w:tc>{inner}</w:tc>", ""])])
    seen = seen_in(read(report(outer)))
    assert (seen.value, seen.status, seen.source_place) == (12, "ok", "table 2, row 3, column 2")


def test_a_table_in_a_text_box_is_read_by_both_readers(read: Read) -> None:
    box = BOX.replace(paragraph("13"), regulations("12") + paragraph(""), 1)
    seen = seen_in(read(report(paragraph(box))))
    assert (seen.value, seen.status) == (12, "ok")


def test_a_number_with_a_frame_of_its_own(read: Read) -> None:
    own = cell(table([row(["12"])]) + paragraph(""))
    seen = seen_in(read(report(regulations("", cells=["规章", own, "2", "3"]))))
    assert (seen.value, seen.status) == (12, "ok")


def test_a_picture_in_a_cell_may_be_its_number(read: Read) -> None:
    picture = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="200000" cy="100000"/><a:graphic><a:graphicData><a:blip/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    seen = seen_in(read(report(regulations("", cells=cells(picture)))))
    assert seen.status == "unreadable" and "picture" in seen.doubt


# ---------------------------------------------------------------- whole files


def test_a_part_in_another_file_is_told_and_makes_numbers_suspect(read: Read) -> None:
    own = read(report(regulations("12"), '<w:altChunk r:id="rId9"/>'))
    assert own.status == "partial" and "altChunk" in own.error
    assert {one.status for one in own.observations} == {"suspect"}


def test_numbers_of_lists_are_read_with_their_headings(read: Read) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/><w:suff w:val="nothing"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = "".join(
        [
            paragraph("示例市统计局2023年政府信息公开工作年度报告"),
            paragraph("总体情况", item),
            paragraph("公开平台运行平稳，没有发生安全事故。"),
            paragraph("主动公开政府信息情况", item),
            regulations("12"),
        ]
    )
    own = read(body, numbering=numbering)
    assert [(one.section, one.heading) for one in own.sections] == [
        ("overview", "一、总体情况"),
        ("active_disclosure", "二、主动公开政府信息情况"),
    ]


def test_a_number_that_is_a_list_of_its_own_is_read(read: Read) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="12"/><w:lvlText w:val="%1"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    own = cell(paragraph("", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'))
    seen = seen_in(read(report(regulations("", cells=["规章", own, "2", "3"])), numbering=numbering))
    assert (seen.value, seen.status) == (12, "ok")


def test_the_table_of_contents_is_no_chapter(read: Read) -> None:
    contents = '<w:hyperlink w:anchor="_Toc1">' + run("二、主动公开政府信息情况1") + "</w:hyperlink>"
    own = read(paragraph(contents) + report(regulations("12")))
    assert [one.section for one in own.sections] == ["overview", "active_disclosure"]


def test_the_strict_standard_is_read_alike(read: Read) -> None:
    seen = seen_in(read(report(regulations(run("9", HIDDEN) + run("12"))), strict=True))
    assert (seen.value, seen.status) == (12, "suspect")


def test_pictures_that_may_show_tables_are_counted(read: Read) -> None:
    picture = (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="5000000" cy="3000000"/><a:graphic><a:graphicData>'
        "<a:blip/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    own = read(report(picture))
    assert own.reason == Reason.PICTURES or "pictures in it" in own.error


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_a_report_gives_the_same_values_as_pdf_and_as_word_file(tmp_path: Path, form: str, seed: int) -> None:
    habits = Style(numbers="mixed", blanks=("none", "some", "zeros")[seed])
    spec = replace(FORMS[form], seed=seed, wrong_sums=seed, style=habits, published_on="2023-01-16")
    content, truth = print_flow(compose(spec), "docx")
    word, (pdf, _) = read_word(content, tmp_path), read_spec(spec)
    assert inexact(word, truth) == []
    assert {key: (one.value, one.status) for key, one in cells_of(word).items()} == {
        key: (one.value, one.status) for key, one in cells_of(pdf).items()
    }
    assert failed_checks(word) == failed_checks(pdf)
    assert word.heading == pdf.heading
    assert texts_of(word) == texts_of(pdf)


def texts_of(own: Report) -> list[tuple[str, str, str]]:
    """The chapters; where a paragraph ends at the end of a page, a PDF does not say."""
    return [(one.section, one.heading, one.text.replace("\n", "")) for one in own.sections]


def test_a_file_that_is_only_other_files_is_refused(read: Read) -> None:
    own = read('<w:altChunk r:id="rId9"/>')
    assert own.status == "failed" and "altChunk" in own.error


def test_an_old_word_file_of_another_name_is_told(tmp_path: Path) -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    own = read_word(head, tmp_path)
    assert (own.status, own.reason) == ("failed", Reason.UNOPENED) and "old Word file" in own.error
    own = read_word(head + "EncryptedPackage".encode("utf-16-le"), tmp_path)
    assert (own.status, own.reason) == ("failed", Reason.LOCKED) and "encrypted" in own.error
