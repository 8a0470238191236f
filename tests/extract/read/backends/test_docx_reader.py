"""The two readers of .docx: what they give of a file, what they refuse, and that they agree."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from pipeline.extract.read.backends import docx_reader
from pipeline.extract.read.backends.docx_reader import file_to_flow, file_to_second_flow
from pipeline.extract.read.flow.blocks import FlowDocument, FlowParagraph, FlowTable
from pipeline.extract.read.flow.docx_numbering import Numbering
from pipeline.extract.read.flow.docx_package import W
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason
from tests.extract.test_word_files import EXACT, FLAGGED, ROWS, UNSEEN_ROWS, cells
from tests.word_files import cell, docx, paragraph, regulations, report, row, run, table

Write = Callable[..., Path]
MAIN = "word/document.xml"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file with these bytes, or a .docx with this body."""

    def write(content: str | bytes, **more: object) -> Path:
        path = tmp_path / "report.docx"
        path.write_bytes(content if isinstance(content, bytes) else docx(content, **more))  # type: ignore[arg-type]
        return path

    return write


def texts_of(flow: FlowDocument) -> dict[tuple[int, int, int], str]:
    """The text of every cell, by table, row and column."""
    tables = [block for block in flow.blocks if isinstance(block, FlowTable)]
    return {(one.number, own.row, own.col): own.text for one in tables for own in one.cells}


def refused(path: Path) -> tuple[Reason, str]:
    """Why a file is refused; both readers refuse it."""
    with pytest.raises(UnreadableError) as first:
        file_to_flow(path)
    with pytest.raises(UnreadableError):
        file_to_second_flow(path)
    return first.value.reason, str(first.value)


def test_paragraphs_and_tables_come_in_the_order_of_the_text(write: Write) -> None:
    body = paragraph("甲") + table([row(["1", "2"]), row(["3", "4"])]) + paragraph("乙") + paragraph("")
    flow = file_to_flow(write(body, title=" 年度 报告 "))
    before, between, after = flow.blocks
    assert (before, after) == (FlowParagraph("甲"), FlowParagraph("乙"))
    assert isinstance(between, FlowTable) and [one[:5] for one in between.cells] == [
        (0, 0, 1, 1, "1"),
        (0, 1, 1, 1, "2"),
        (1, 0, 1, 1, "3"),
        (1, 1, 1, 1, "4"),
    ]
    assert (flow.reader, flow.title, flow.pictures, flow.losses) == ("docx", "年度 报告", 0, ())


def test_a_line_break_makes_two_paragraphs_and_sizes_are_told(write: Write) -> None:
    title = paragraph('<w:r><w:rPr><w:sz w:val="40"/></w:rPr><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>')
    flow = file_to_flow(write(title + paragraph("正文比题目长得多。")))
    assert flow.blocks == (
        FlowParagraph("甲", 2.0),
        FlowParagraph("乙", 2.0),
        FlowParagraph("正文比题目长得多。"),
    )


def test_cells_that_are_merged_are_one(write: Write) -> None:
    begins, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        row([cell("甲", begins), cell("乙", '<w:gridSpan w:val="2"/>')]),
        row([cell("", goes_on), "1", "2"]),
        row(
            [
                cell("", goes_on),
                cell("3", '<w:hMerge w:val="restart"/>'),
                cell("", '<w:hMerge w:val="continue"/>'),
            ]
        ),
    ]
    (block,) = file_to_flow(write(table(rows))).blocks
    assert isinstance(block, FlowTable)
    assert [(*one[:4], one.text) for one in block.cells] == [
        (0, 0, 3, 1, "甲"),
        (0, 1, 1, 2, "乙"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
        (2, 1, 1, 2, "3"),
    ]


def test_columns_keep_their_widths(write: Write) -> None:
    grid = '<w:tblGrid><w:gridCol w:w="2000"/><w:gridCol w:w="400"/></w:tblGrid>'
    own = table([row(["1", "2"]), row(["3", "4"])]).replace("<w:tbl>", f"<w:tbl>{grid}")
    (block,) = file_to_flow(write(own)).blocks
    assert isinstance(block, FlowTable) and block.edges == (0.0, 100.0, 120.0)


@pytest.mark.parametrize("case", EXACT)
def test_both_readers_see_the_same_in_a_cell(write: Write, case: str) -> None:
    path = write(report(regulations("", cells=cells(EXACT[case][0]))))
    assert texts_of(file_to_second_flow(path)) == texts_of(file_to_flow(path))


@pytest.mark.parametrize("case", [case for case, (_, number) in FLAGGED.items() if number is None])
def test_both_readers_see_what_is_no_text(write: Write, case: str) -> None:
    path = write(report(regulations("", cells=cells(FLAGGED[case][0]))))
    assert texts_of(file_to_second_flow(path)) == texts_of(file_to_flow(path))


@pytest.mark.parametrize("case", ROWS | UNSEEN_ROWS)
def test_both_readers_see_the_same_rows(write: Write, case: str) -> None:
    path = write(report(regulations("12", before=(ROWS | UNSEEN_ROWS)[case])))
    assert texts_of(file_to_second_flow(path)) == texts_of(file_to_flow(path))


def test_the_readers_name_themselves(write: Write) -> None:
    path = write(report(regulations("12")))
    assert (file_to_flow(path).reader, file_to_second_flow(path).reader) == ("docx", "expat")


# --------------------------------------------------------------------- lists


def numbering(*levels: tuple[str, str]) -> Numbering:
    """One list with these levels, each a form and a text."""
    from lxml import etree

    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
        '<w:suff w:val="nothing"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    one = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    space = W.strip("{}")
    return Numbering(
        etree.fromstring(
            f'<w:numbering xmlns:w="{space}"><w:abstractNum w:abstractNumId="0">{inner}</w:abstractNum>'
            f"{one}{again}</w:numbering>"
        )
    )


FORMS = {
    "decimal": ("1", "2", "11", "20"),
    "chineseCountingThousand": ("一", "二", "十一", "二十"),
    "chineseLegalSimplified": ("壹", "贰", "拾壹", "贰拾"),
    "decimalEnclosedCircle": ("①", "②", "⑪", "⑳"),
    "decimalFullWidth": ("１", "２", "１１", "２０"),
    "decimalZero": ("01", "02", "11", "20"),
    "ideographTraditional": ("甲", "乙", "甲", "癸"),
    "upperLetter": ("A", "B", "K", "T"),
    "lowerRoman": ("i", "ii", "xi", "xx"),
    "none": ("", "", "", ""),
}


@pytest.mark.parametrize("form", FORMS)
def test_lists_are_numbered_as_word_prints_them(form: str) -> None:
    own = numbering((form, "（%1）"))
    labels = [own.label("1", 0) for _ in range(20)]
    assert [labels[at].strip("（）") for at in (0, 1, 10, 19)] == list(FORMS[form])


def test_a_level_begins_anew_under_the_next_item_above() -> None:
    own = numbering(("chineseCounting", "%1、"), ("decimal", "%1.%2"))
    found = [own.label("1", at) for at in (0, 1, 1, 0, 1)]
    assert found == ["一、", "一.1", "一.2", "二、", "二.1"]


def test_a_list_may_begin_elsewhere() -> None:
    own = numbering(("decimal", "%1."))
    assert [own.label("1", 0), own.label("2", 0), own.label("2", 0), own.label("3", 0)] == [
        "1.",
        "5.",
        "6.",
        "",
    ]


# ---------------------------------------------------------------- what is refused


def test_what_is_no_zip_or_cut_off_is_refused(write: Write) -> None:
    whole = docx(report(regulations("12")))
    for data in (b"", b"PK\x03\x04", whole[:-300], whole[: len(whole) // 2], b"<html></html>"):
        reason, words = refused(write(data))
        assert reason == Reason.UNOPENED and "fetch it again" in words


def test_a_byte_that_is_wrong_is_found_by_its_sum(write: Write) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(MAIN, "<x>305</x>")
    assert refused(write(buffer.getvalue().replace(b"305", b"350")))[0] == Reason.UNOPENED


def test_a_zip_without_a_document_is_refused(write: Write) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "x")
    reason, words = refused(write(buffer.getvalue()))
    assert reason == Reason.UNOPENED and "no Word document" in words


def test_a_document_under_another_name_is_found(write: Write) -> None:
    path = write(report(regulations("12")), main="story/text2.xml")
    assert texts_of(file_to_flow(path))[1, 2, 1] == "12"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            f'<!DOCTYPE x [<!ENTITY a "12">]><w:document xmlns:w="{W.strip("{}")}">&a;</w:document>',
            "entities",
        ),
        ("<w:document>", "no XML"),
        ("", "no XML"),
        (b"\xff\xfe\x00", "no XML"),
    ],
)
def test_a_part_that_word_would_not_open_is_refused(write: Write, part: str | bytes, words: str) -> None:
    path = write(docx("", parts={MAIN: part}))
    with pytest.raises(UnreadableError, match=words):
        file_to_flow(path)


def test_entities_that_grow_are_refused_at_once(write: Write) -> None:
    entities = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    part = f'<!DOCTYPE x [<!ENTITY a0 "1">{entities}]><w:document xmlns:w="x">&a11;</w:document>'
    assert refused(write(docx("", parts={MAIN: part})))[0] == Reason.UNOPENED


def test_a_bomb_is_refused_before_it_is_unpacked(write: Write) -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive, archive.open(MAIN, "w", force_zip64=True) as part:
        for _ in range(40):
            part.write(bytes(1 << 20))
    reason, words = refused(write(buffer.getvalue()))
    assert reason == Reason.UNOPENED and "more than 32 MB" in words


def test_two_parts_of_one_name_are_refused(write: Write, tmp_path: Path) -> None:
    path = write(report(regulations("12")))
    with ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(MAIN, "<x/>")
    assert "two parts of the name" in refused(path)[1]


def test_too_many_cells_are_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_reader, "WORD_CELLS_MAX", 5)
    path = write(report(regulations("12")))
    with pytest.raises(UnreadableError, match="more than 5 cells"):
        file_to_flow(path)


def test_tables_in_tables_without_end_are_refused(write: Write) -> None:
    body = "1"
    for _ in range(400):
        body = table([row([body if body == "1" else cell(body + paragraph("")), "2"])])
    assert refused(write(body))[0] == Reason.UNOPENED


def test_spans_without_end_make_no_more_columns_than_word(write: Write) -> None:
    rows = [row([cell("1", '<w:gridSpan w:val="1000000000"/>')]), row(["2", "3"])]
    (block,) = file_to_flow(write(table(rows))).blocks
    assert isinstance(block, FlowTable) and max(one.col_span for one in block.cells) == 63


def test_styles_that_are_based_on_each_other_end(write: Write) -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{own}"><w:basedOn w:val="{other}"/></w:style>'
        for own, other in ("ab", "ba")
    )
    path = write(paragraph("12", '<w:pStyle w:val="a"/>'), styles=styles)
    assert file_to_flow(path).blocks == file_to_second_flow(path).blocks == (FlowParagraph("12"),)


def test_hidden_text_is_told_in_words(write: Write) -> None:
    rows = [row([cell(paragraph(run("9", "<w:vanish/>") + run("3"))), "1"]), row(["4", "5"])]
    (block,) = file_to_flow(write(table(rows))).blocks
    assert isinstance(block, FlowTable)
    assert [(one.text, one.doubt) for one in block.cells] == [
        ("3", "hidden text stands in it, which is left out"),
        ("1", ""),
        ("4", ""),
        ("5", ""),
    ]
