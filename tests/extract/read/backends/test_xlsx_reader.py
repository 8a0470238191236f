"""What a person sees in the cells of a workbook, and what becomes of sheets that are laid out in odd ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from pipeline.extract.read.backends import xlsx_reader
from pipeline.extract.read.backends.xlsx_reader import (
    BY_CONDITION,
    NO_TEXT_STORED,
    NO_VALUE,
    NOT_CALCULATED,
    OVERLAID,
    file_to_flow,
    file_to_second_flow,
)
from pipeline.extract.read.flow.blocks import UNSURE, FlowCell, FlowDocument, FlowParagraph, FlowTable
from pipeline.extract.read.flow.set_text import RAISED, STRUCK, SYMBOLS, UNSEEN
from pipeline.extract.read.flow.sheets import FORMAT_HIDES
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf/><xf numFmtId="{{}}"/></cellXfs></styleSheet>'


def parts_of(
    rows: str, *, shared: str = "", styles: str = "", book: str = "", sheet: str = ""
) -> dict[str, str]:
    """The parts of a workbook whose only sheet has these rows."""
    return {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="s" Type="{OFFICE}/worksheet" Target="/xl/sheet.xml"/>'
        f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="texts.xml"/>'
        f'<Relationship Id="y" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}'
        '<sheets><sheet name="年报" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/texts.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/styles.xml": styles or STYLES.format(0),
        "xl/sheet.xml": f'<worksheet xmlns="{MAIN}">{sheet}<sheetData>{rows}</sheetData></worksheet>',
    }


def pack(parts: dict[str, str], path: Path) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path


def cells_of(flow: FlowDocument) -> dict[tuple[int, int], FlowCell]:
    tables = [block for block in flow.blocks if isinstance(block, FlowTable)]
    return {(cell.row, cell.col): cell for table in tables for cell in table.cells}


def texts_of(flow: FlowDocument) -> list[list[str]]:
    rows: dict[int, list[str]] = {}
    for (row, _), cell in sorted(cells_of(flow).items()):
        rows.setdefault(row, []).append(cell.text)
    return list(rows.values())


def paragraphs_of(flow: FlowDocument) -> list[str]:
    return [block.text for block in flow.blocks if isinstance(block, FlowParagraph)]


def read(write: Callable[[Any, Any], None], path: Path) -> FlowDocument:
    """What is read of the sheet that is written."""
    book = xlsxwriter.Workbook(str(path))
    write(book, book.add_worksheet())
    book.close()
    return file_to_flow(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "年报.xlsx"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (12.5, '0.00"万元"', "12.50万元"),
        (-3, "0;减0", "减3"),
        (0, "###", ""),
        (1234567, "#,##0", "1,234,567"),
        (0.1 + 0.2, "General", "0.3"),
        (45292, 'yyyy"年"m"月"d"日"', "2024年1月1日"),
        (0.125, "0.0%", "12.5%"),
        (7, "@", "7"),
        (0, '0;-0;"无"', "无"),
        (12, 'G/通用格式"件"', "12件"),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(value: float, code: str, text: str, file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["标签", "数"])
        sheet.write_row(1, 0, ["甲"])
        sheet.write_number(1, 1, value, book.add_format({"num_format": code}))

    assert cells_of(read(write, file))[1, 1][4:] == (text, "")


@pytest.mark.parametrize("number", [27, 31, 36, 50, 57, 58])
def test_dates_of_chinese_formats_are_dates(number: int, file: Path) -> None:
    rows = '<row><c t="str"><v>日期</v></c><c s="1"><v>45292</v></c></row>'
    text = cells_of(file_to_flow(pack(parts_of(rows, styles=STYLES.format(number)), file)))[0, 1].text
    assert text.startswith(("2024年1月", "1月1日"))


def test_a_number_that_its_format_hides_is_in_doubt(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", "乙"])
        sheet.write_number(1, 0, 5)
        sheet.write_number(1, 1, 12, book.add_format({"num_format": ";;;"}))

    assert cells_of(read(write, file))[1, 1][4:] == ("", FORMAT_HIDES)


def test_zeros_that_the_sheet_does_not_show_are_blank(file: Path) -> None:
    view = '<sheetViews><sheetView showZeros="0"/></sheetViews>'
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>0</v></c><c><v>5</v></c><c/></row>" * 2
    flow = file_to_flow(pack(parts_of(rows, sheet=view), file))
    assert texts_of(flow) == [["1", "2"], ["", "5"]] * 2


@pytest.mark.parametrize(
    ("cell", "text", "doubt"),
    [
        ("<c><f>SUM(A1:A2)</f></c>", "=SUM(A1:A2)", NO_VALUE),
        ("<c><f>SUM(A1:A2)</f><v></v></c>", "=SUM(A1:A2)", NO_VALUE),
        ("<c><f>SUM(A1:A2)</f><v>7</v></c>", "7", ""),
        ('<c t="str"><f>""</f><v></v></c>', "", ""),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", ""),
        ('<c t="b"><v>1</v></c>', "TRUE", ""),
        ('<c t="inlineStr"><is><r><t>1</t></r><r><t>2</t></r></is></c>', "12", ""),
        ('<c t="s"><v>0</v></c>', "总计", ""),
    ],
)
def test_stored_results_and_texts(cell: str, text: str, doubt: str, file: Path) -> None:
    shared = '<si><t>总计</t><rPh sb="0" eb="1"><t>9</t></rPh><phoneticPr fontId="1"/></si>'
    rows = f'<row><c t="str"><v>甲</v></c>{cell}<c t="str"><v>乙</v></c></row>'
    found = cells_of(file_to_flow(pack(parts_of(rows, shared=shared), file)))
    assert found[0, 1][4:] == (text, doubt)


def test_a_formula_that_a_program_left_to_be_calculated_is_in_doubt(file: Path) -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", 3])
        sheet.write_formula(1, 1, "=B1+1")
        sheet.write_string(1, 0, "乙")

    found = cells_of(read(write, file))  # xlsxwriter stores a 0 for each
    assert (found[0, 1].doubt, found[1, 1][4:]) == ("", ("0", NOT_CALCULATED))


def test_struck_raised_and_white_text(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        struck, white = book.add_format({"font_strikeout": True}), book.add_format({"font_color": "white"})
        raised, header = book.add_format({"font_script": 1}), book.add_format({"bg_color": "#4472C4"})
        header.set_font_color("white")
        sheet.write_row(0, 0, ["一", "二", "三", "四"], header)
        sheet.write_rich_string(1, 0, struck, "29", book.add_format(), "301")
        sheet.write_rich_string(1, 1, "30", raised, "1")
        sheet.write_number(1, 2, 9, white)
        sheet.write_number(1, 3, 8, struck)

    found = cells_of(read(write, file))
    assert [found[0, col].text for col in range(4)] == ["一", "二", "三", "四"]
    assert [found[1, col][4:] for col in range(4)] == [
        ("301", STRUCK),
        ("30¹", RAISED),
        ("", UNSEEN),
        ("", STRUCK),
    ]


def test_what_a_conditional_format_may_hide_is_in_doubt(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, [5, 0])
        white = book.add_format({"font_color": "#FFFFFF"})
        sheet.conditional_format("B1:B9", {"type": "cell", "criteria": "=", "value": 0, "format": white})

    assert [cell.doubt for _, cell in sorted(cells_of(read(write, file)).items())] == ["", BY_CONDITION]


@pytest.mark.parametrize(
    "options",
    [
        {"type": "icon_set", "icon_style": "3_arrows", "icons_only": True},
        {"type": "data_bar", "bar_only": True},
        {"type": "data_bar_2010", "bar_only": True, "data_bar_2010": True},
        {"type": "cell", "criteria": ">", "value": 0, "format": {"bg_color": "black"}},
        {"type": "cell", "criteria": ">", "value": 0, "format": {"bg_color": "red", "font_color": "red"}},
    ],
)
def test_what_a_sign_or_a_ground_may_replace_is_in_doubt(options: dict[str, Any], file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, [5, 6])
        own = {"format": book.add_format(options["format"])} if "format" in options else {}
        kind = options["type"].removesuffix("_2010")
        sheet.conditional_format("B1:B9", {**options, **own, "type": kind})

    assert [cell.doubt for _, cell in sorted(cells_of(read(write, file)).items())] == ["", BY_CONDITION]


def test_formats_that_later_programs_added_hide_as_well(file: Path) -> None:
    later = (
        '<extLst><ext><conditionalFormattings><conditionalFormatting><cfRule type="expression"><dxf>'
        '<font><color rgb="FFFFFFFF"/></font></dxf></cfRule><sqref>B1:B2 D1</sqref></conditionalFormatting>'
        "</conditionalFormattings></ext></extLst>"
    )
    parts = parts_of("<row><c><v>1</v></c><c><v>2</v></c></row>")
    parts["xl/sheet.xml"] = parts["xl/sheet.xml"].replace("</worksheet>", f"{later}</worksheet>")
    found = cells_of(file_to_flow(pack(parts, file)))
    assert [found[0, col].doubt for col in (0, 1)] == ["", BY_CONDITION]


def test_a_text_that_is_not_in_the_file_is_no_blank(file: Path) -> None:
    rows = '<row><c><v>1</v></c><c t="s"><v>4</v></c><c><v>3</v></c></row>'
    found = cells_of(file_to_flow(pack(parts_of(rows, shared="<si><t>9</t></si>"), file)))
    assert found[0, 1][4:] == ("", NO_TEXT_STORED)


def test_a_text_box_over_a_cell_may_show_its_number(file: Path) -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", 1, 2])
        sheet.write_row(1, 0, ["乙", None, 4])
        sheet.insert_textbox(1, 1, "12", {"width": 60, "height": 18})

    found = cells_of(read(write, file))
    assert [found[1, col].doubt for col in (0, 1, 2)] == ["", OVERLAID, ""]
    assert found[0, 1].doubt == ""


def test_digits_too_small_in_a_tint_of_paper_and_of_a_font_of_symbols(file: Path) -> None:
    fonts = (
        '<font><sz val="1"/></font><font><color theme="0" tint="-0.04"/></font>'
        '<font><color theme="1" tint="0.5"/></font><font><name val="Wingdings 2"/></font>'
    )
    styles = "".join(f'<xf fontId="{number}"/>' for number in range(4))
    rows = "".join(f'<c s="{number}"><v>{number + 5}</v></c>' for number in range(4))
    sheet = f'<styleSheet xmlns="{MAIN}"><fonts>{fonts}</fonts><cellXfs>{styles}</cellXfs></styleSheet>'
    head = '<row><c t="str"><v>甲</v></c><c t="str"><v>乙</v></c></row>'
    found = cells_of(file_to_flow(pack(parts_of(f"{head}<row>{rows}</row>{head}", styles=sheet), file)))
    assert [found[1, col][4:] for col in range(4)] == [("", UNSEEN), ("", UNSEEN), ("7", ""), ("8", SYMBOLS)]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [(12.3456, "0.00", "12.35"), (0, '0;-0;"—"', "—"), (0, "0;-0;", ""), (1234.5, "#,##0", "1,235")],
)
def test_the_second_reader_agrees_with_what_a_format_rounds(
    value: float, code: str, text: str, file: Path
) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["标签", "数"])
        sheet.write_string(1, 0, "甲")
        sheet.write_number(1, 1, value, book.add_format({"num_format": code}))

    read(write, file)
    assert cells_of(file_to_second_flow(file))[1, 1].text == text


@pytest.mark.parametrize("code", ['0,"千"', '"1"0', "0%"])
def test_the_second_reader_does_not_agree_with_another_number(code: str, file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["标签", "数"])
        sheet.write_string(1, 0, "甲")
        sheet.write_number(1, 1, 1200, book.add_format({"num_format": code}))

    read(write, file)
    assert cells_of(file_to_second_flow(file))[1, 1].text == UNSURE


def test_hidden_rows_columns_and_sheets_are_not_read(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        for row in range(4):
            sheet.write_row(row, 0, [f"{row}{col}" for col in range(4)])
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(2, 0)
        sheet.set_column(1, 1, 0)
        sheet.set_column(2, 2, 9, None, {"hidden": True})
        other = book.add_worksheet("去年")
        other.write_row(0, 0, ["1", "2"])
        other.hide()

    assert texts_of(read(write, file)) == [["00", "03"], ["30", "33"]]


def test_merged_cells_are_one_and_places_are_those_of_the_sheet(file: Path) -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.merge_range(3, 2, 3, 3, "甲")
        sheet.write_row(3, 4, ["乙"])
        sheet.write_row(4, 2, [1, 2, 3])

    found = cells_of(read(write, file))
    assert found[3, 2] == FlowCell(3, 2, 1, 2, "甲")
    assert sorted(found) == [(3, 2), (3, 4), (4, 2), (4, 3), (4, 4)]


def test_a_merged_cell_whose_first_row_is_hidden_is_seen(file: Path) -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["一", "二"])
        sheet.merge_range(1, 0, 2, 0, "甲")
        sheet.write_column(1, 1, [1, 2])
        sheet.set_row(1, None, None, {"hidden": True})

    assert texts_of(read(write, file)) == [["一", "二"], ["甲", "2"]]


def test_a_text_that_is_set_across_cells_spans_them(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        across = book.add_format({"center_across": True})
        sheet.write_string(0, 0, "甲", across)
        sheet.write_blank(0, 1, None, across)
        sheet.write_string(0, 2, "乙", across)
        sheet.write_row(1, 0, [1, 2, 3])

    found = cells_of(read(write, file))
    assert (found[0, 0], found[0, 2]) == (FlowCell(0, 0, 1, 2, "甲"), FlowCell(0, 2, 1, 1, "乙"))


@pytest.mark.parametrize("is_ruled", [True, False])
@pytest.mark.parametrize("is_merged", [True, False])
def test_titles_and_prose_around_the_grid_are_paragraphs(is_ruled: bool, is_merged: bool, file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        box = book.add_format({"border": int(is_ruled)})
        for row, text in {
            0: "某局年度报告",
            1: "一、概述",
            2: "本局报告如下。",
            6: "二、问题",
            7: "没有。",
        }.items():
            if is_merged:
                sheet.merge_range(row, 0, row, 2, text)
            else:
                sheet.write(row, 0, text)
        grid: dict[int, list[Any]] = {3: ["项", "甲", "乙"], 4: ["子", 1, 2], 5: ["丑", "", ""]}
        for row, texts in grid.items():
            for col, text in enumerate(texts):
                sheet.write(row, col, text, box)

    flow = read(write, file)
    assert paragraphs_of(flow) == ["某局年度报告", "一、概述", "本局报告如下。", "二、问题", "没有。"]
    assert texts_of(flow)[:2] == [["项", "甲", "乙"], ["子", "1", "2"]]
    assert texts_of(flow)[2:] == [["丑", "", ""]]


def test_each_of_several_sheets_begins_with_the_name_that_somebody_gave_it(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["1", "2"])
        book.add_worksheet("表三").write_row(0, 0, ["3", "4"])
        book.add_worksheet("收到和处理申请情况").write_row(0, 0, ["5", "6"])
        book.add_worksheet("空")

    assert paragraphs_of(read(write, file)) == ["表三", "收到和处理申请情况"]


def test_text_boxes_are_paragraphs_and_pictures_are_counted(file: Path) -> None:
    def write(_: Any, sheet: Any) -> None:
        sheet.insert_textbox(0, 0, "某局2022年年度报告")
        sheet.write_row(8, 0, ["1", "2"])

    assert paragraphs_of(read(write, file)) == ["某局2022年年度报告"]


def test_the_second_reader_gives_the_stored_values(file: Path) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.merge_range(1, 1, 1, 2, "甲")
        sheet.write_row(1, 3, ["乙"])
        sheet.write_row(2, 1, [1, 2.5])

    read(write, file)
    found = cells_of(file_to_second_flow(file))
    assert found[1, 1] == FlowCell(1, 1, 1, 2, "甲")
    assert (found[2, 1].text, found[2, 2].text, (1, 2) in found) == ("1", "2.5", False)


def refusal(path: Path) -> tuple[Reason, str]:
    with pytest.raises(UnreadableError) as caught:
        file_to_flow(path)
    return caught.value.reason, str(caught.value)


def test_damaged_locked_and_hostile_files_are_refused_in_words(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 cut off")
    assert refusal(file)[0] == Reason.UNOPENED
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert refusal(file)[0] == Reason.LOCKED
    parts = parts_of("<row><c><v>1</v></c></row>")
    bomb = '<!DOCTYPE a [<!ENTITY b "1">]>' + parts["xl/sheet.xml"]
    assert "entities" in refusal(pack({**parts, "xl/sheet.xml": bomb}, file))[1]
    assert refusal(pack({**parts, "xl/sheet.xml": parts["xl/sheet.xml"][:-9]}, file))[0] == Reason.UNOPENED
    del parts["xl/workbook.xml"]
    assert "xl/workbook.xml" in refusal(pack(parts, file))[1]


def test_a_sheet_that_spans_more_places_than_a_report_has_is_refused(file: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>' + "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="B{row}"><v>1</v></c></row>' for row in range(2, 30)
    )
    assert "cells" in refusal(pack(parts_of(rows), file))[1]


def test_ranges_that_are_merged_over_each_other_are_refused_soon(file: Path) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="Z{row}"><v>2</v></c></row>' for row in range(1, 200)
    )
    parts = parts_of(rows)
    merged = "<mergeCells>" + '<mergeCell ref="A1:Z199"/>' * 5000 + "</mergeCells></worksheet>"
    parts["xl/sheet.xml"] = parts["xl/sheet.xml"].replace("</worksheet>", merged)
    assert "cells" in refusal(pack(parts, file))[1]


def test_columns_that_are_hidden_by_many_spans_are_hidden_once(file: Path) -> None:
    cols = "<cols>" + '<col min="2" max="16384" hidden="1"/>' * 3000 + "</cols>"
    rows = '<row><c><v>1</v></c><c r="C1"><v>2</v></c><c r="XFD1"><v>3</v></c></row>' * 2
    assert paragraphs_of(file_to_flow(pack(parts_of(rows, sheet=cols), file))) == ["1", "1"]


def test_a_part_that_unpacks_to_too_much_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extract.read.flow.xml_package.PART_MAX_BYTES", 400)
    assert "unpacks" in refusal(pack(parts_of("<row/>" * 400), file))[1]
    assert xlsx_reader.READER == "xlsx"
