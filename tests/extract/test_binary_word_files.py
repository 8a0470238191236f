"""Reports as binary Word documents, each through the whole way of a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.acquire import Document
from pipeline.config import Settings
from pipeline.extract.document import read_document
from pipeline.extract.read.backends import doc_reader
from pipeline.extract.read.backends.doc_reader import ALONE
from pipeline.installation.libreoffice import office_library
from pipeline.records import Reason, Report, Snapshot
from pipeline.workers import Task, tasks_to_reports
from tests.extract.measured import inexact
from tests.extract.read.backends.binary_word import Paragraph, document, grid, text
from tools.generator import Manuscript, Spec, compose
from tools.generator.render import Table, Text

DOC = "application/msword"
SPECS = {
    "2021": Spec("示例市示例局", 2022, published_on="2023-01-16"),
    "2019": Spec("示例县人民政府", 2019, applications="fy2019", seed=3),
    "statistics": Spec("示例市水务局", 2017, active="", applications="", review=False, statistics="national"),
    "wrong": Spec("示例市水务局", 2016, seed=5, wrong_sums=1),
}
needs_office = pytest.mark.skipif(office_library() is None, reason="LibreOffice is not installed")


def paragraphs_of(report: Manuscript) -> Iterator[Paragraph]:
    for block in report.blocks:
        if isinstance(block, Text):
            yield from map(text, block.text.split("\n"))
        elif isinstance(block, Table):
            cells = [
                (cell.row, cell.col, cell.row_span, cell.col_span, words)
                for cell in block.layout.cells
                for words in [block.printed.get(cell.key, "") if cell.key else cell.text]
            ]
            yield from grid(cells, len(block.layout.widths))
            yield text("")


def write(report: Manuscript, path: Path) -> Snapshot:
    path.write_bytes(document([*paragraphs_of(report)]))
    return Snapshot(path, sha256(path.read_bytes()).hexdigest(), None, DOC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "年报.doc"


@pytest.mark.parametrize("name", SPECS)
def test_a_report_that_two_readers_read_alike_is_exact(
    name: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manuscript = compose(SPECS[name])
    snapshot = write(manuscript, file)
    other = replace(doc_reader.file_to_flow(file), reader="libreoffice", losses=())
    monkeypatch.setattr(doc_reader, "_by_office", lambda path: other)
    report = read_document(snapshot)
    assert inexact(report, manuscript.truth) == []
    assert report.status == ("flagged" if manuscript.truth["meta"]["failing_checks"] else "ok")
    assert {check.attribution for check in report.checks if check.verdict == "fail"} <= {"publisher"}


def test_without_libreoffice_sums_alone_are_trusted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc_reader, "office_library", lambda: None)
    manuscript = compose(SPECS["2021"])
    report = read_document(write(manuscript, file))
    printed = {tuple(row[:3]): row[3] for row in manuscript.truth["cells"]}
    seen = {(one.table, one.item, one.column): one.value for one in report.observations}
    assert seen == printed
    assert (report.status, report.reason, ALONE in report.error) == ("flagged", Reason.DAMAGED, True)
    assert {one.status for one in report.observations if one.table == "active_disclosure"} == {"suspect"}
    assert {one.status for one in report.observations if one.item == "new_received"} == {"ok"}


@pytest.mark.rendering
@pytest.mark.kills
@needs_office
def test_libreoffice_runs_within_the_sandbox_of_a_worker(file: Path) -> None:
    manuscript = compose(SPECS["2021"])
    task = Task(Document(write(manuscript, file), f"raw/{file.name}"))
    report: Report
    (report,) = tasks_to_reports([task], Settings(timeout=240, jobs=1))
    assert inexact(report, manuscript.truth) == []
    assert (report.status, report.error) == ("ok", "")
