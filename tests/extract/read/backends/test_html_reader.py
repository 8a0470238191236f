"""What the two readers of web pages give: cells of tables as Chromium draws them, and text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.extract.read.backends.html_reader import file_to_flow, file_to_second_flow
from pipeline.extract.read.flow.blocks import FlowDocument, FlowParagraph, FlowTable

Reader = Callable[[Path], FlowDocument]
Place = tuple[int, int, int, int, str]
BOTH = pytest.mark.parametrize("reader", [file_to_flow, file_to_second_flow], ids=["html", "lxml"])


def read(markup: str, folder: Path, reader: Reader = file_to_flow) -> FlowDocument:
    """Return what a reader gives of markup."""
    path = folder / "page.html"
    path.write_text(f"<!DOCTYPE html><html><body>{markup}</body></html>", encoding="utf-8")
    return reader(path)


def table(markup: str, folder: Path, reader: Reader = file_to_flow) -> list[Place]:
    """Return the cells of the only table: row, column, rows, columns, text."""
    (found,) = (block for block in read(markup, folder, reader).blocks if isinstance(block, FlowTable))
    return [cell[:5] for cell in found.cells]


def texts(flow: FlowDocument) -> list[str]:
    """Return the paragraphs of a document."""
    return [block.text for block in flow.blocks if isinstance(block, FlowParagraph)]


SPANS: dict[str, tuple[str, list[Place]]] = {
    "rowspan 0 ends with its body": (
        "<tbody><tr><td rowspan=0>a<td>1<tr><td>2<tbody><tr><td>b<td>3",
        [(0, 0, 2, 1, "a"), (0, 1, 1, 1, "1"), (1, 1, 1, 1, "2"), (2, 0, 1, 1, "b"), (2, 1, 1, 1, "3")],
    ),
    "beyond the end": (
        "<tr><td rowspan=9>a<td>1<tr><td>2",
        [(0, 0, 2, 1, "a"), (0, 1, 1, 1, "1"), (1, 1, 1, 1, "2")],
    ),
    "colspan 0 is 1": ("<tr><td colspan=0>a<td>1", [(0, 0, 1, 1, "a"), (0, 1, 1, 1, "1")]),
    "full-width digits are none": (
        "<tr><td rowspan=２>a<td>1<tr><td>2<td>3",
        [(0, 0, 1, 1, "a"), (0, 1, 1, 1, "1"), (1, 0, 1, 1, "2"), (1, 1, 1, 1, "3")],
    ),
    "what follows digits is not heeded": ("<tr><td colspan='2x'>a<td>1<tr><td>2<td>3<td>4", [
        (0, 0, 1, 2, "a"), (0, 2, 1, 1, "1"), (1, 0, 1, 1, "2"), (1, 1, 1, 1, "3"), (1, 2, 1, 1, "4"),
    ]),
    "negative numbers are none": ("<tr><td colspan=-2>a<td>1", [(0, 0, 1, 1, "a"), (0, 1, 1, 1, "1")]),
    "a foot stands below": (
        "<tfoot><tr><td>z<td>9</tfoot><tr><td>a<td>1",
        [(0, 0, 1, 1, "a"), (0, 1, 1, 1, "1"), (1, 0, 1, 1, "z"), (1, 1, 1, 1, "9")],
    ),
    "a hidden cell leaves its place to the next": (
        "<tr><td>a<td style='display:none'>8<td>1",
        [(0, 0, 1, 1, "a"), (0, 1, 1, 1, "1")],
    ),
    "an invisible cell keeps its place": (
        "<tr><td>a<td style='visibility:hidden'>8<td>1",
        [(0, 0, 1, 1, "a"), (0, 1, 1, 1, ""), (0, 2, 1, 1, "1")],
    ),
    "an empty row is a row": (
        "<tr><td rowspan=2>a<td>1<tr><tr><td>b<td>2",
        [(0, 0, 2, 1, "a"), (0, 1, 1, 1, "1"), (2, 0, 1, 1, "b"), (2, 1, 1, 1, "2")],
    ),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize(("markup", "cells"), SPANS.values(), ids=SPANS)
def test_spans_are_those_that_a_browser_draws(
    markup: str, cells: list[Place], reader: Reader, tmp_path: Path
) -> None:
    assert table(f"<table>{markup}</table>", tmp_path, reader) == cells


def test_a_cell_that_would_lie_over_another_is_cut_and_both_are_doubted(tmp_path: Path) -> None:
    flow = read("<table><tr><td>a<td rowspan=2>b<td>c<tr><td colspan=2>d<td>e</table>", tmp_path)
    (found,) = (block for block in flow.blocks if isinstance(block, FlowTable))
    assert [(cell.text, bool(cell.doubt)) for cell in found.cells] == [
        ("a", False), ("b", True), ("c", False), ("d", True), ("e", False),
    ]  # fmt: skip


def test_columns_that_only_a_span_makes_are_left_out(tmp_path: Path) -> None:
    cells = table("<table><tr><td colspan=1000>a<tr><td>1<td>2</table>", tmp_path)
    assert cells == [(0, 0, 1, 2, "a"), (1, 0, 1, 1, "1"), (1, 1, 1, 1, "2")]


@BOTH
def test_a_table_within_a_table_is_read_once(reader: Reader, tmp_path: Path) -> None:
    inner = "<table><tr><td>1<td>2<tr><td>3<td>4</table>"
    flow = read(f"<table><tr><td>menu<td><p>text</p>{inner}</table>", tmp_path, reader)
    tables = [block for block in flow.blocks if isinstance(block, FlowTable)]
    assert [(one.number, len(one.cells)) for one in tables] == [(2, 4)]
    assert texts(flow) == (["menu", "text"] if reader is file_to_flow else [])


@BOTH
def test_lines_and_paragraphs_of_a_cell_stand_below_each_other(reader: Reader, tmp_path: Path) -> None:
    cells = table("<table><tr><td>a<br>b<p>c</p><div>d</div><td>1 &nbsp;\u3000 2</table>", tmp_path, reader)
    assert [cell[4] for cell in cells] == ["a\nb\nc\nd", "1 2"]


def test_headings_and_large_text_have_a_scale(tmp_path: Path) -> None:
    flow = read("<h1>A</h1><p style='font-size:24pt'>B</p><p>some text that is longer</p>", tmp_path)
    assert [block.scale for block in flow.blocks if isinstance(block, FlowParagraph)] == [2.0, 2.0, 1.0]


def test_a_line_broken_in_mid_sentence_goes_on(tmp_path: Path) -> None:
    flow = read(f"<p>{'文' * 40}，<br>{'字' * 30}。<br>一、总体情况<br>文字。</p>", tmp_path)
    assert texts(flow) == ["文" * 40 + "，" + "字" * 30 + "。", "一、总体情况", "文字。"]


def test_a_script_leaves_nothing(tmp_path: Path) -> None:
    markup = """<script>var a = "<table><tr><td>1</td></tr></table>";</script>
    <noscript><p>no</p></noscript><!--<p>no</p>--><p title="a>b" "x=1>yes</p><xmp><b>raw</b></xmp>"""
    assert texts(read(markup, tmp_path)) == ["yes", "<b>raw</b>"]


def tables(flow: FlowDocument) -> dict[int, list[str]]:
    """Return the texts of the cells of each table, by its number."""
    return {
        one.number: [cell.text for cell in one.cells] for one in flow.blocks if isinstance(one, FlowTable)
    }


GRID = "<table><tr><td>{0}<td>1<tr><td>2<td>3</table>"


def test_the_second_reader_stops_behind_the_table_that_is_asked_for(tmp_path: Path) -> None:
    """Tables are counted as they begin, those that lay out the page and that stand in others as well."""
    inner = f"<TABLE><tr><td><p>menu</p>{GRID.format('a')}</td></tr><tr><td>{GRID.format('b')}</table>"
    markup = f"{inner}{GRID.format('c')}<p>{GRID.format('d')}"
    whole = tables(read(markup, tmp_path, file_to_second_flow))
    assert {number: texts[0] for number, texts in whole.items()} == {2: "a", 3: "b", 4: "c", 5: "d"}
    for last in whole:
        begin = tables(file_to_second_flow(tmp_path / "page.html", last))
        assert begin == {number: texts for number, texts in whole.items() if number <= last}


@BOTH
def test_cells_that_are_written_alike_are_read_by_where_they_stand(reader: Reader, tmp_path: Path) -> None:
    """What a cell is found to be once may not hold in another table, where a style hides it."""
    style = "<style>.a td.n{display:none} .b td > i{text-decoration:line-through}</style>"
    rows = "<tr><td>x<td class=n>5<td><i>7</i><td>0</tr>" * 2
    markup = f"{style}<table>{rows}</table><table class=a>{rows}</table><table class=b>{rows}</table>"
    assert tables(read(markup, tmp_path, reader)) == {
        1: ["x", "5", "7", "0"] * 2, 2: ["x", "7", "0"] * 2, 3: ["x", "5", "", "0"] * 2,
    }  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    ("cell", "text"),
    {
        "entity": ("a&lt;b&amp;lt;&nbsp;c", "a<b&lt; c"),
        "markup in an attribute": ("<span title='</td><td>9'>5</span>", "5"),
        "comment": ("1<!-- </td><td>9 -->2", "12"),
        "breaks": ("<p>1</p><p><br></p><p>2<br/>3</p>", "1\n2\n3"),
        "soft hyphen": ("1\xad2", "12"),
        "raised": ("<b>30</b><sup>1</sup>", "30"),
        "blanks": ("\n  1\n  <o:p></o:p>\n", "1"),
    }.values(),
)
def test_the_text_of_a_cell_is_what_is_seen_of_it(
    cell: str, text: str, reader: Reader, tmp_path: Path
) -> None:
    rows = f"<tr><td>x</td><td>{cell}</td></tr>" * 2
    assert [one[4] for one in table(f"<table>{rows}</table>", tmp_path, reader)] == ["x", text] * 2
