"""A published report, read from the file as the bureau put it on the web."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.document import read_document
from pipeline.records import Report, Snapshot
from tests.extract.measured import cells_of, failed_checks

HONGZE = Path(__file__).parents[2].parent / "shared" / "real" / "hongze-2023.pdf"

pytestmark = pytest.mark.skipif(
    not HONGZE.exists(), reason="the published report is not part of a clone: shared/real/hongze-2023.pdf"
)

WRONG_SUMS = {
    ("review_litigation.total", "review"),
    ("review_litigation.total", "litigation_after_review"),
}


@cache
def outcome() -> Report:
    return read_document(Snapshot(HONGZE, sha256(HONGZE.read_bytes()).hexdigest()))


def truth() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(HONGZE.with_suffix(".json").read_text(encoding="utf-8"))
    return known


def test_every_number_is_exact() -> None:
    printed = {tuple(row[:3]): row[3] for row in truth()["cells"]}
    assert len(printed) == 186
    assert {cell: seen.value for cell, seen in cells_of(outcome()).items()} == printed


def test_nothing_is_suspect_missing_or_left_over() -> None:
    assert {seen.status for seen in outcome().observations} == {"ok"}
    assert outcome().missing == ()
    assert outcome().leftovers == ()


def test_forms_agency_and_year() -> None:
    meta = truth()["meta"]
    templates = {seen.table: seen.template for seen in outcome().observations}
    assert {table: templates[table] for table in meta["templates"]} == meta["templates"]
    assert (outcome().heading.agency, outcome().heading.fiscal_year) == (meta["agency"], meta["year"])


def test_its_two_wrong_sums_are_the_publishers() -> None:
    report = outcome()
    assert len(WRONG_SUMS) == truth()["meta"]["publisher_errors"]
    assert failed_checks(report) == WRONG_SUMS
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert {check.attribution for check in failed} == {"publisher"}
    assert report.status == "flagged"


def test_its_wrong_sums_are_kept_as_printed() -> None:
    cells = cells_of(outcome())
    for group in ("review", "litigation_after_review"):
        parts = ("upheld", "corrected", "other", "pending")
        total = cells["review_litigation", group, "total"].value
        assert total != sum(cells["review_litigation", group, part].value or 0 for part in parts)


def test_pdfium_alone_gave_the_numbers() -> None:
    assert {seen.reader for seen in outcome().observations} == {"pypdfium2"}


def test_the_second_reader_was_asked_for_the_wrong_sums_only() -> None:
    confirmed = {(seen.table, seen.confirmed_by) for seen in outcome().observations}
    assert confirmed == {
        ("active_disclosure", ""),
        ("applications", ""),
        ("review_litigation", "pdfplumber"),
    }
    assert outcome().readers == ("pypdfium2", "pdfplumber")
