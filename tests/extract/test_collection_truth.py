"""Every report of data/raw read from its PDF, against the truth that the generator kept of it."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.document import read_document
from pipeline.records import Report, Snapshot
from tests.extract.measured import cells_of, failed_checks, inexact

ROOT = Path(__file__).parents[2]
REPORTS = sorted((ROOT / "data" / "raw").glob("*.pdf"))
each_report = pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem[:12])


@cache
def outcome(path: Path) -> Report:
    return read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest(), "https://example.org/x.pdf"))


def truth_of(path: Path) -> dict[str, Any]:
    kept = ROOT / "tests" / "truth" / path.with_suffix(".json").name
    truth: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return truth


def closed_up(text: str) -> str:
    return "".join(text.split())


def test_there_are_reports_to_read() -> None:
    assert len(REPORTS) >= 10


@each_report
def test_every_cell_is_exact(path: Path) -> None:
    assert inexact(outcome(path), truth_of(path)) == []


@each_report
def test_nothing_is_suspect_missing_or_unread(path: Path) -> None:
    report = outcome(path)
    assert report.missing == ()
    assert {seen.status for seen in report.observations} <= {"ok", "blank", "not_applicable"}
    assert report.status == ("flagged" if truth_of(path)["meta"]["failing_checks"] else "ok")


@each_report
def test_every_table_follows_the_form_it_was_printed_on(path: Path) -> None:
    templates = {seen.table: seen.template for seen in outcome(path).observations}
    assert templates == truth_of(path)["meta"]["templates"]
    assert set(outcome(path).templates) == set(templates.values())


@each_report
def test_who_reports_on_what_year(path: Path) -> None:
    heading, meta = outcome(path).heading, truth_of(path)["meta"]
    assert (heading.agency, heading.fiscal_year) == (meta["agency"], meta["fiscal_year"])
    assert closed_up(heading.title) == closed_up(meta["title"])
    assert heading.published_on == meta["published_on"]


@each_report
def test_exactly_the_wrong_sums_of_the_publisher_fail(path: Path) -> None:
    report = outcome(path)
    assert failed_checks(report) == {tuple(pair) for pair in truth_of(path)["meta"]["failing_checks"]}
    assert all(check.attribution == "publisher" for check in report.checks if check.verdict == "fail")
    assert all(check.attribution is None for check in report.checks if check.verdict == "pass")


@each_report
def test_only_failed_sums_are_read_a_second_time(path: Path) -> None:
    report = outcome(path)
    confirmed = {seen.table for seen in report.observations if seen.confirmed_by}
    assert {seen.reader for seen in report.observations} == {"pypdfium2"}
    assert confirmed == {check.table for check in report.checks if check.verdict == "fail"}


@each_report
def test_chapters_are_found(path: Path) -> None:
    found = [[section.section, closed_up(section.heading)] for section in outcome(path).sections]
    assert found == [[key, closed_up(heading)] for key, heading in truth_of(path)["sections"]]


@each_report
def test_cells_lie_on_their_pages(path: Path) -> None:
    report = outcome(path)
    for seen in report.observations:
        assert 1 <= seen.page <= report.pages
        assert 0 <= seen.box.x0 < seen.box.x1 <= 842
        assert 0 <= seen.box.top < seen.box.bottom <= 842


@each_report
def test_the_report_says_where_it_came_from(path: Path) -> None:
    report = outcome(path)
    assert report.source_file == path.name
    assert report.report_id == "r" + sha256(path.read_bytes()).hexdigest()[:16]
    assert report.source_url == "https://example.org/x.pdf"
    assert report.error == ""
    assert report.seconds > 0


SEED = next(path for path in REPORTS if path.stem.startswith("海东市"))


@pytest.mark.parametrize(
    ("item", "column", "value", "unit", "raw"),
    [
        ("administrative_licensing", "previous_items", 25, "项", "25"),
        ("administrative_licensing", "change", -20, "项", "减20"),
        ("administrative_licensing", "decisions", 5, "件", "5"),
        ("government_procurement", "procurement_items", 3, "项", "3"),
        ("government_procurement", "procurement_amount", 25800, "元", "2.58万元"),
    ],
)
def test_the_seed_report_says_what_it_always_said(
    item: str, column: str, value: float, unit: str, raw: str
) -> None:
    seen = cells_of(outcome(SEED))["active_disclosure", item, column]
    assert (seen.value, seen.unit, seen.raw, seen.template) == (value, unit, raw, "fy2019")


def test_blanks_of_the_seed_report_are_not_zeros() -> None:
    cells = [seen for seen in outcome(SEED).observations if seen.table == "applications"]
    blank = [seen for seen in cells if seen.raw == ""]
    assert len(blank) == 140
    assert all((seen.value, seen.status) == (None, "blank") for seen in blank)
    assert {seen.value for seen in cells if seen.raw} == {0.0}


def test_the_cut_headers_of_the_seed_report_are_bound() -> None:
    """尚未审 | 结, 结果维 | 持: the rest of each stands on the next page."""
    cells = [seen for seen in outcome(SEED).observations if seen.table == "review_litigation"]
    assert len(cells) == 15
    labels = {closed_up(seen.column_label) for seen in cells}
    assert labels == {"结果维持", "结果纠正", "其他结果", "尚未审结", "总计"}
