"""A document that crashes, hangs or swells costs only itself."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.acquire import Document
from pipeline.config import Settings
from pipeline.records import Report, Snapshot
from pipeline.workers import Task, task_to_report, tasks_to_reports
from tests.run.crashing import read

LIMITS = Settings(timeout=3, jobs=2, memory_mb=512)


def document(name: str, problem: str = "", hint: str = "") -> Document:
    return Document(
        Snapshot(Path(f"{name}.pdf"), f"{name:0<64}"), f"raw/{name}.pdf", problem=problem, hint=hint
    )


def read_all(*names: str) -> dict[str, Report]:
    reports = tasks_to_reports([Task(document(name)) for name in names], LIMITS, read)
    return {Path(report.source_file).stem: report for report in reports}


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return read_all(
        "dies2020", "a2020", "hangs2020", "aborts2020", "b2021", "swells2020", "chatters2022", "c2023"
    )


@pytest.mark.parametrize("name", ["a2020", "b2021", "c2023", "chatters2022"])
def test_the_others_are_read(reports: dict[str, Report], name: str) -> None:
    assert reports[name].status == "ok"
    assert reports[name].heading.fiscal_year == int(name[-4:])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dies2020", "the PDF library crashed on it (SIGSEGV)"),
        ("aborts2020", "the PDF library crashed on it (SIGABRT)"),
        ("hangs2020", "reading took over 3 s and was stopped"),
        ("swells2020", "reading needs more memory than a worker may take"),
    ],
)
def test_what_became_of_a_document_is_said(reports: dict[str, Report], name: str, reason: str) -> None:
    report = reports[name]
    assert report.status == "failed"
    assert report.error.startswith(reason)
    assert "\n" not in report.error
    assert report.source_file == f"raw/{name}.pdf"


def test_even_a_single_document_is_read_apart() -> None:
    assert read_all("dies2020")["dies2020"].status == "failed"


def test_what_is_no_pdf_never_reaches_a_reader() -> None:
    (report,) = tasks_to_reports([Task(document("dies2020", problem="not a PDF but text"))], LIMITS, read)
    assert (report.status, report.error) == ("failed", "not a PDF but text")


def test_a_reader_that_throws_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def throw(*_: object) -> Report:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr("pipeline.document.read_document", throw)
    report = task_to_report(Task(document("x2020", hint="the file was cut")), ())
    assert report.status == "failed"
    assert report.error.startswith("reading stopped with RuntimeError (first line second line): ")
    assert report.error.endswith("; the file was cut")


@pytest.mark.parametrize(("status", "error"), [("ok", ""), ("partial", "the file was cut")])
def test_signs_of_damage_explain_a_poor_reading(
    monkeypatch: pytest.MonkeyPatch, status: str, error: str
) -> None:
    task = Task(document("x2020", hint="the file was cut"))
    found = dataclasses.replace(read(task, ()), status=status)
    monkeypatch.setattr("pipeline.document.read_document", lambda *_: found)
    assert task_to_report(task, ()).error == error


def test_a_worker_never_loads_pandas() -> None:
    code = (
        "import sys, pipeline.workers, pipeline.document, pebble\n"
        "print([name for name in ('pandas', 'pyarrow', 'pandera', 'rich', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
