"""Several reports in one file: a row for each, or the file is flagged; never a mixture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pypdfium2 as pdfium
import pytest

from pipeline.extract.several_reports import chapters_beside
from pipeline.records import Box, RawCell, RawTable, Reason, Report, Spot, TextLine
from tests.extract.measured import FORMS, OWNED, cells_of, inexact, read_bytes, silent_errors
from tools.generator import Spec, Style, compose, generate
from tools.generator.render import Text, draw_document
from tools.generator.several import behind, beside, running, with_contents, with_tables_of

ONE = Spec("示例市甲示例局", 2023)
OTHER = Spec("示例市乙示例局", 2023, seed=4)


def read_parts(*specs: Spec) -> list[tuple[Report, dict[str, object]]]:
    """Each report in the file that these make, with the truth about it."""
    made = [generate(spec) for spec in specs]
    report = read_bytes(behind(*(pdf for pdf, _ in made)))
    return list(zip((report, *report.others), (truth for _, truth in made), strict=True))


@pytest.mark.parametrize(
    "specs",
    [
        (ONE, OTHER),
        (replace(ONE, year=2021), replace(ONE, year=2022), ONE),
        (replace(ONE, review=False), OTHER),
        (replace(ONE, active=""), OTHER),
        (replace(ONE, style=Style(blanks="some")), OTHER),
        (replace(ONE, review=False, applications=""), replace(OTHER, active="")),
        (replace(FORMS["fy2014"], agency=ONE.agency), ONE),
        (FORMS["fy2014"], replace(FORMS["fy2014"], year=2016)),
    ],
    ids=["bureaus", "years", "no-four", "no-two", "blanks", "no-table-twice", "old-and-new", "old"],
)
def test_each_report_has_its_own_row(specs: tuple[Spec, ...]) -> None:
    for report, truth in read_parts(*specs):
        assert not inexact(report, truth)
        assert report.heading.agency == truth["meta"]["agency"]  # type: ignore[index]
        assert report.heading.fiscal_year == truth["meta"]["fiscal_year"]  # type: ignore[index]


@pytest.mark.parametrize("gap", [0.0, 90.0, 240.0, 390.0])
@pytest.mark.parametrize("ruling", ["solid", "none"])
def test_a_report_begins_anywhere_on_a_page(gap: float, ruling: str) -> None:
    dated = [
        replace(spec, published_on=day, style=Style(ruling=ruling, cut="anywhere"))
        for spec, day in ((replace(ONE, year=2022), "2023-01-20"), (ONE, "2024-01-20"), (OTHER, "2024-01-31"))
    ]
    pdf, truths = running(*dated, gap=gap)
    report = read_bytes(pdf)
    for one, truth in zip((report, *report.others), truths, strict=True):
        assert not inexact(one, truth)
        meta = truth["meta"]
        heading = one.heading
        assert (heading.agency, heading.fiscal_year) == (meta["agency"], meta["fiscal_year"])
        assert heading.published_on == meta["published_on"]
        assert [section.section for section in one.sections] == [name for name, _ in truth["sections"]]


@pytest.mark.parametrize("gap", [0.0, 200.0])
def test_tables_that_no_two_reports_share_are_no_one_s_other(gap: float) -> None:
    pdf, truths = running(replace(ONE, review=False, applications=""), replace(OTHER, active=""), gap=gap)
    report = read_bytes(pdf)
    for one, truth in zip((report, *report.others), truths, strict=True):
        assert not inexact(one, truth)


def test_chapters_that_begin_anew_are_told() -> None:
    """The second report has no title, and its tables fill the gap of the first: they are no one's."""
    one, other = compose(replace(ONE, review=False, applications="")), compose(replace(OTHER, active=""))
    rest = [block for block in other.blocks if not (isinstance(block, Text) and block.align == "centre")]
    report = read_bytes(draw_document([*one.blocks, *rest], one.style, "untitled"))
    assert (report.reason, report.others) == (Reason.SEVERAL_REPORTS, ())
    assert "chapters begin anew at page" in report.error
    assert {seen.status for seen in report.observations if seen.table != "active_disclosure"} <= {*OWNED}
    assert not silent_errors(report, one.truth)


def test_a_table_of_last_year_behind_a_report_is_told() -> None:
    """It has no title: nothing of it fills a gap of the report's own."""
    pdf, (truth, _) = with_tables_of(replace(ONE, review=False), replace(ONE, year=2022))
    read = read_bytes(pdf)
    assert (read.reason, read.others) == (Reason.SEVERAL_REPORTS, ())
    assert not silent_errors(read, truth)
    assert "active_disclosure, applications printed anew from page" in read.error


def test_a_cover_and_a_table_of_contents_are_no_report() -> None:
    """The title inside names the bureau, that on the cover none."""
    pdf, (truth,) = with_contents(ONE)
    read = read_bytes(pdf)
    assert not read.others
    assert not inexact(read, truth)
    assert read.heading.agency == ONE.agency


def test_the_parts_are_told_apart_by_their_ids() -> None:
    (one, _), (other, _) = read_parts(ONE, OTHER)
    assert other.report_id == f"{one.report_id}-2"
    assert (one.sha256, one.source_file) == (other.sha256, other.source_file)
    assert one.pages == len(pdfium.PdfDocument(generate(ONE)[0]))
    assert {seen.page for seen in other.observations}.isdisjoint(range(1, one.pages + 1))


def test_two_reports_side_by_side_are_no_one_s() -> None:
    """Nobody parts a page: no number of it is ok."""
    report = read_bytes(beside(generate(replace(ONE, year=2022))[0], generate(ONE)[0]))
    assert report.reason == Reason.SEVERAL_REPORTS
    assert {seen.status for seen in cells_of(report).values()} <= {*OWNED}
    assert "part the file" in report.error


def test_a_second_report_without_a_title_is_told() -> None:
    """Its pages from the second on follow a whole report, which stays as it is; the file is flagged."""
    rest, content = pdfium.PdfDocument(generate(OTHER)[0]), io.BytesIO()
    rest.del_page(0)
    rest.save(content)
    pdf, truth = generate(ONE)
    report = read_bytes(behind(pdf, content.getvalue()))
    assert (report.status, report.reason, report.others) == ("flagged", Reason.SEVERAL_REPORTS, ())
    assert not inexact(report, truth)


def test_chapters_side_by_side_in_the_cells_of_one_grid_are_told() -> None:
    """Such is a web page that has two reports in the cells of one ruled table."""
    texts = ["一、总体情况\n平稳有序。\n二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
    assert chapters_beside(grid_of([*texts, *texts])) == Spot(1, 30.0)
    assert chapters_beside(grid_of([*texts, "申请人情况", "申请人情况"])) is None


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (["二、主动公开政府信息情况"] * 2, True),
        (["二、主动公开政府信息情况"], False),
        (["公开情况"] * 2, False),
    ],
)
def test_chapters_side_by_side_in_the_lines_of_a_page_are_told(others: list[str], told: bool) -> None:
    """Such is a web page that has two reports in a table without rulings: a line goes through both."""
    headings = [["一、总体情况"] * 2, others, ["五、存在的主要问题及改进情况"] * 2]
    lines = tuple(
        TextLine(1, " ".join(texts), Box(30, 30 + 20 * at, 900, 40 + 20 * at))
        for at, texts in enumerate(headings)
    )
    pdf: Any = SimpleNamespace(first=SimpleNamespace(tables=[], lines=lines))
    assert chapters_beside(pdf) == (Spot(1, 30.0) if told else None)


def grid_of(texts: Sequence[str]) -> Any:
    """An opened file whose first reading has one grid, with such cells."""
    box = Box(0, 30, 9, 39)
    cells = tuple(RawCell(0, at, 1, 1, text, 0, 9, box) for at, text in enumerate(texts))
    return SimpleNamespace(first=SimpleNamespace(tables=[RawTable(1, "pypdfium2", cells, box)], lines=()))


def test_one_report_is_one() -> None:
    for spec in (*FORMS.values(), replace(ONE, style=Style(repeat_header=True, page_header=ONE.full_title))):
        pdf, truth = generate(spec)
        report = read_bytes(pdf)
        assert not report.others
        assert not inexact(report, truth)
