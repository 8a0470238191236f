"""Several reports in a file, and several files in one: what a run asks again, and what it says."""

from __future__ import annotations

from pathlib import Path

from pipeline.acquire import Document
from pipeline.cli.run_summary import Summary, _in_files
from pipeline.records import Snapshot
from pipeline.run import RunResult, _confirmations

ONE = f"r{'a' * 16}"
DOCUMENT = Document(Snapshot(Path("unpacked/a.pdf"), "a" * 64), "a.zip/1.pdf", inside=Path("a.zip/1.pdf"))


def test_a_further_report_of_a_file_is_confirmed_with_the_file() -> None:
    (task,) = _confirmations([(f"{ONE}-2", "applications"), (ONE, "active_disclosure")], [DOCUMENT])
    assert task.document == DOCUMENT
    assert task.confirm == {"applications", "active_disclosure"}


def test_what_was_unpacked_goes_by_the_path_that_is_there_after_the_run() -> None:
    assert RunResult((DOCUMENT,), 1, (), interrupted=False).paths == {ONE: Path("a.zip/1.pdf")}


def test_every_report_is_counted() -> None:
    rows = tuple({"report_id": name, "status": "ok"} for name in (ONE, f"{ONE}-2", "b" * 16))
    assert _in_files(Summary(rows, {}, {})) == ": 3 reports in 2 files"
    assert _in_files(Summary(rows[::2], {}, {})) == ""
