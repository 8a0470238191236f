"""The same report as PDF, web page, Word file, spreadsheet and scan gives the same values."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.document import read_document
from pipeline.records import Report, ReportIdentity, Snapshot
from tests.extract.measured import OWNED, cells_of, read_bytes, silent_errors
from tools.generator import Spec, compose
from tools.generator.collection import COLLECTION
from tools.generator.flows import FLOW_KINDS, SHAPES, print_flow
from tools.generator.several import scanned

ROOT = Path(__file__).parents[2]
TEN = COLLECTION
KINDS = ("html", "mhtml", "docx", "xlsx")

SURE_MIN_SHARE = 0.15
"""Share of a scan's cells that are not doubted: of one with double rulings, on its side, 35 of 198."""

Values = dict[tuple[str, str, str], tuple[float | None, str]]


def name_of(spec: Spec) -> str:
    return f"{spec.agency}{spec.year}"


def read_flow(spec: Spec, kind: str, folder: Path) -> Report:
    """Return what is read of a report printed in that kind; pages take turns with their shapes."""
    shape = sorted(SHAPES)[TEN.index(spec) % len(SHAPES)]
    content, truth = print_flow(compose(spec), kind, shape)
    path = folder / truth["file"]
    path.write_bytes(content)
    digest = sha256(content).hexdigest()
    return read_document(Snapshot(path, digest, None, FLOW_KINDS[kind].media_type))


def read_pdf(spec: Spec) -> Report:
    return read_bytes((ROOT / "data" / "raw" / spec.file_name).read_bytes())


def values_of(report: Report) -> Values:
    return {cell: (seen.value, seen.status) for cell, seen in cells_of(report).items()}


def wrong_sums(report: Report) -> set[tuple[str, str, str | None]]:
    return {
        (check.check, check.scope, check.attribution) for check in report.checks if check.verdict == "fail"
    }


def told_by(heading: ReportIdentity) -> tuple[str, int | None, str | None]:
    return heading.agency, heading.fiscal_year, heading.published_on


def truth_of(spec: Spec) -> dict[str, Any]:
    kept = ROOT / "tests" / "truth" / Path(spec.file_name).with_suffix(".json").name
    return dict(json.loads(kept.read_text(encoding="utf-8")))


@pytest.mark.long
@pytest.mark.parametrize("spec", TEN, ids=name_of)
def test_ten_reports_are_the_same_as_pdf_page_word_and_spreadsheet(spec: Spec, tmp_path: Path) -> None:
    pdf = read_pdf(spec)
    for kind in KINDS:
        other = read_flow(spec, kind, tmp_path)
        assert values_of(other) == values_of(pdf), kind
        assert wrong_sums(other) == wrong_sums(pdf), kind
        assert other.templates == pdf.templates, kind
        assert told_by(other.heading) == told_by(pdf.heading), kind
        assert {one.section for one in other.sections} == {one.section for one in pdf.sections}, kind
        assert (other.status, other.missing) == (pdf.status, pdf.missing), kind


@pytest.mark.long
@pytest.mark.parametrize("spec", TEN, ids=name_of)
def test_ten_reports_are_the_same_as_scans_where_these_are_sure(spec: Spec) -> None:
    pytest.importorskip("rapidocr")
    pdf = values_of(read_pdf(spec))
    scan = read_bytes(scanned((ROOT / "data" / "raw" / spec.file_name).read_bytes()))
    assert silent_errors(scan, truth_of(spec)) == []
    sure = {cell: value for cell, value in values_of(scan).items() if value[1] not in OWNED}
    assert sure == {cell: pdf[cell] for cell in sure}
    assert len(sure) >= SURE_MIN_SHARE * len(pdf)
