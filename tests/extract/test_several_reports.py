"""Several reports in one file: a row for each, or the file is flagged; never a mixture."""

from __future__ import annotations

import ctypes
import io
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from pipeline.records import Reason, Report
from tests.extract.measured import FORMS, OWNED, cells_of, inexact, read_bytes
from tools.generator import Spec, Style, generate

ONE = Spec("示例市甲示例局", 2023)
OTHER = Spec("示例市乙示例局", 2023, seed=4)


def behind(*pdfs: bytes) -> bytes:
    """One file with the pages of all, one report after the other."""
    joined, content = pdfium.PdfDocument.new(), io.BytesIO()
    for pdf in pdfs:
        joined.import_pages(pdfium.PdfDocument(pdf))
    joined.save(content)
    return content.getvalue()


def beside(left: bytes, right: bytes) -> bytes:
    """One file with a page of each report side by side on its pages."""
    one, other = pdfium.PdfDocument(left), pdfium.PdfDocument(right)
    pairs, content = pdfium.PdfDocument.new(), io.BytesIO()
    for page in range(min(len(one), len(other))):
        pairs.import_pages(one, [page])
        pairs.import_pages(other, [page])
    sheets = pdfium_c.FPDF_ImportNPagesToOne(pairs.raw, ctypes.c_float(1190), ctypes.c_float(842), 2, 1)
    pdfium.PdfDocument(sheets).save(content)
    return content.getvalue()


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


def test_one_report_is_one() -> None:
    for spec in (*FORMS.values(), replace(ONE, style=Style(repeat_header=True, page_header=ONE.full_title))):
        pdf, truth = generate(spec)
        report = read_bytes(pdf)
        assert not report.others
        assert not inexact(report, truth)
