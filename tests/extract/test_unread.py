"""What no reader reads is told: tables on pages that are pictures, and PDFs attached to the file."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.extract.unread import unruled_signs
from pipeline.records import Reason
from tests.extract.measured import WITHOUT_PICTURES, inexact, read_bytes, silent_errors
from tests.extract.test_several_reports import ONE, OTHER
from tests.run.small_pdfs import NO_TABLES, text_pdf
from tools.generator import Style, generate
from tools.generator.several import attached, behind, scanned


@pytest.mark.parametrize(("ruling", "askew"), [("solid", 0.0), ("solid", 1.5), ("grey", 0.5)])
def test_a_scan_behind_a_report_is_told_where_it_is_not_read(ruling: str, askew: float) -> None:
    pdf, truth = generate(ONE)
    scan = scanned(generate(replace(OTHER, style=Style(ruling=ruling)))[0], askew)
    report = read_bytes(behind(pdf, scan), engines=WITHOUT_PICTURES)
    assert (report.status, report.reason) == ("flagged", Reason.PICTURES)
    assert "page 6, 7 shows a table as a picture" in report.error
    assert "was left out" in report.error
    assert not inexact(report, truth)


def test_a_picture_of_no_table_is_not_told() -> None:
    pdf, _ = generate(ONE)
    report = read_bytes(behind(pdf, scanned(text_pdf([NO_TABLES]))))
    assert (report.status, report.error) == ("ok", "")


def test_tables_in_pictures_without_rulings_are_named_where_they_are_not_read() -> None:
    """A whole one, and cells of one; not where rulings are, nor what the text of the page lacks."""
    mentions = {"active_disclosure": {1}, "applications": {2, 3}, "review_litigation": {3}, "statistics": {4}}
    pdf: Any = SimpleNamespace(
        mentions=mentions, pictured=frozenset({2, 3}), is_unruled_picture=lambda page: page in (2, 3)
    )
    missing = [
        "active_disclosure",
        "applications.handled.total",
        "applications.granted.total",
        "review_litigation",
    ]
    signs = [*unruled_signs(pdf, missing)]
    assert {sign.reason for sign in signs} == {Reason.PICTURES}
    cells, whole = (sign.words for sign in signs)
    assert cells.startswith("not read: applications, 2 of its cells: page 2, 3 shows it as a picture without")
    assert whole.startswith("not read: review_litigation: page 3 shows it")
    assert whole.endswith("where a fax lost them: scan the paper itself, in grey")


def test_a_scan_without_rulings_is_read() -> None:
    pytest.importorskip("rapidocr")
    pdf, truth = generate(replace(ONE, style=Style(ruling="none", side="wrap", numbers="plain")))
    report = read_bytes(scanned(pdf, askew=0.7))
    assert silent_errors(report, truth) == []
    sure = [seen for seen in report.observations if seen.status not in ("suspect", "unreadable")]
    assert len(sure) > 0.85 * len(truth["cells"])


def test_pdfs_that_are_attached_are_told() -> None:
    portfolio = read_bytes(
        attached(text_pdf([["cover"]]), {"甲局.pdf": b"", "乙局.PDF": b"", "list.xlsx": b""})
    )
    assert (portfolio.status, portfolio.reason) == ("not_a_report", Reason.SEVERAL_REPORTS)
    assert "PDF files are attached to it (乙局.PDF, 甲局.pdf): save what is attached" in portfolio.error
    pdf, truth = generate(ONE)
    report = read_bytes(attached(pdf, {"last year.pdf": pdf}))
    assert (report.status, report.reason) == ("flagged", Reason.SEVERAL_REPORTS)
    assert not inexact(report, truth)


def test_other_files_that_are_attached_are_not_told() -> None:
    assert read_bytes(attached(generate(ONE)[0], {"figures.xlsx": b""})).status == "ok"
