"""Labels that stand beside a table, or that a page's end parts from it, are no text of a chapter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.table_lines import lines_outside
from pipeline.extract.table_reading import TableReading
from pipeline.records import BoundTable, Box, Report, TextLine
from tests.extract.measured import FORMS, read_spec
from tools.generator import Break, Style

CHAPTERS = ("active_disclosure", "applications", "review_litigation")


def texts(report: Report) -> dict[str, str]:
    """The text of each chapter that is all table, and the headings of the others."""
    return {
        section.section: section.text if section.section in CHAPTERS else section.heading[:2]
        for section in report.sections
        if section.heading
    }


EXPECTED = dict.fromkeys(CHAPTERS, "") | {"overview": "一、", "problems": "五、", "other": "六、"}


@pytest.mark.parametrize("form", ["fy2021", "fy2019"])
@pytest.mark.parametrize(
    "style",
    [
        Style(ruling="none"),
        Style(ruling="none", side="rotated"),
        Style(ruling="none", headers="stack", side="stack"),
        Style(ruling="none", cut="anywhere", breaks=(Break("review_litigation", 1),)),
        Style(ruling="none", cut="anywhere", breaks=(Break("review_litigation", 2, 1),), headers="stack"),
        Style(cut="anywhere", cut_rule="none", breaks=(Break("review_litigation", 2, 1),), headers="stack"),
        Style(cut="anywhere", cut_rule="none", breaks=(Break("applications", 9, 1),)),
        Style(cut="rows", breaks=(Break("active_disclosure", 1),)),
    ],
    ids=[
        "plain",
        "rotated",
        "stacked",
        "header-before",
        "header-cut",
        "ruled-header-cut",
        "ruled-row-cut",
        "heading-before",
    ],
)
def test_no_label_of_a_table_is_in_a_chapter(form: str, style: Style) -> None:
    report, truth = read_spec(replace(FORMS[form], wording="short"), style)
    assert texts(report) == EXPECTED
    assert [[section.section, section.heading] for section in report.sections] == truth["sections"]


@pytest.mark.parametrize(
    ("table", "text", "is_text"),
    [
        ("active_disclosure", "第二十条第（一）项", False),
        ("active_disclosure", "二、主动公开政府信息情况", True),
        ("active_disclosure", "⼆、主动公开政府信息情况", True),
        ("active_disclosure", "二、主动公开政府信息情况（单位：件）", True),
        ("statistics", "政府信息公开工作情况统计表", True),
        ("statistics", "2024年1月20日", True),
    ],
    ids=["heading of rows", "chapter", "chapter in radicals", "chapter with a unit", "title", "date"],
)
def test_before_a_ruled_table_on_the_next_page_only_headings_of_its_rows_are_no_text(
    table: str, text: str, is_text: bool
) -> None:
    bound = BoundTable(table, "", (), (), (), regions=((2, Box(50, 100, 550, 300)),))
    line = TextLine(1, text, Box(50, 700, 300, 712))
    kept = lines_outside([line], [TableReading(bound, (), ())], [PageOrientation(595, 842)] * 2)
    assert kept == ([line] if is_text else [])


@pytest.mark.parametrize("inferred", [False, True], ids=["ruled", "unruled"])
@pytest.mark.parametrize(
    ("table", "text", "is_text"),
    [
        ("active_disclosure", "二、主动公开政府信息情况", True),
        ("active_disclosure", "第二十条第（五）项", False),
        ("applications", "二、上年结转政府信息公开申请数量", False),
        ("statistics", "一、主动公开情况", False),
    ],
)
def test_within_a_table_only_the_heading_of_its_chapter_is_text(
    table: str, text: str, is_text: bool, inferred: bool
) -> None:
    """A bureau's own table above it was taken for a part of the one below: both have a row 行政许可."""
    bound = BoundTable(table, "", (), (), (), inferred=inferred, regions=((1, Box(50, 100, 550, 300)),))
    line = TextLine(1, text, Box(60, 200, 300, 212))
    kept = lines_outside([line], [TableReading(bound, (), ())], [PageOrientation(595, 842)])
    assert kept == ([line] if is_text else [])
