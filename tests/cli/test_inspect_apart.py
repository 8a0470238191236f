"""`inspect` and `read_report` read and draw in a process in a sandbox, unless they are told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipeline
from pipeline.cli import main
from pipeline.inspection.doubtful import NONE_DOUBTFUL
from pipeline.records import Reason, Report
from pipeline.workers import Failure, Task, tasks_to_reports
from tests.inspection.test_inspection import boxed, report

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "raw" / "示例市水务示例局2023年政府信息公开工作年度报告.pdf"
PNG = b"\x89PNG"
DRAWINGS = [("--image", "png", PNG), ("--doubtful", "html", b"<!doctype html>")]


@pytest.fixture
def read_apart(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The tasks that went to workers."""
    seen: list[Task] = []

    def note(tasks: list[Task], *settings: object) -> list[Report]:
        seen.extend(tasks)
        return list(tasks_to_reports(tasks, *settings))  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.run.tasks_to_reports", note)
    return seen


@pytest.mark.parametrize("apart", [True, False])
def test_a_report_is_read_apart_unless_told_otherwise(read_apart: list[Task], apart: bool) -> None:
    frames = pipeline.read_report(SAMPLE) if apart else pipeline.read_report(SAMPLE, apart=False)
    assert frames.reports.status.tolist() == ["ok"]
    assert bool(read_apart) == apart


@pytest.mark.parametrize(("option", "end", "begins"), DRAWINGS)
def test_what_is_drawn_is_the_same_apart_and_here(
    tmp_path: Path, read_apart: list[Task], option: str, end: str, begins: bytes
) -> None:
    apart, here = tmp_path / f"apart.{end}", tmp_path / f"here.{end}"
    assert main(["inspect", str(SAMPLE), option, str(apart)]) == 0
    assert len(read_apart) == 1
    assert main(["inspect", str(SAMPLE), option, str(here), "--in-process"]) == 0
    assert len(read_apart) == 1
    assert apart.read_bytes() == here.read_bytes()
    assert apart.read_bytes().startswith(begins)


def test_this_process_draws_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever opens a PDF here would fail: the worker does not see the patch."""
    monkeypatch.setattr("pypdfium2.PdfDocument", None)
    png, html = tmp_path / "a.png", tmp_path / "a.html"
    assert main(["inspect", str(SAMPLE), "--image", str(png), "--doubtful", str(html)]) == 0
    assert png.read_bytes().startswith(PNG)
    assert NONE_DOUBTFUL in html.read_text(encoding="utf-8")
    assert capsys.readouterr().err == f"drawn: {png}\ndrawn: {html}: no cell is doubtful\n"


def test_it_says_how_many_cells_are_doubtful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "pipeline.run.file_to_report", lambda *_, **__: report(observations=(boxed("suspect"),))
    )
    assert main(["inspect", str(SAMPLE), "--doubtful", str(tmp_path / "a.html")]) == 0
    assert capsys.readouterr().err == f"drawn: {tmp_path / 'a.html'}: 1 doubtful cell\n"
    assert "data:image/png" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("option", "end", "_"), DRAWINGS)
def test_a_file_that_breaks_what_draws_it_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    end: str,
    _: bytes,
) -> None:
    failure = Failure(Reason.MEMORY, "", "", 1.0)
    monkeypatch.setattr("pipeline.workers.file_to_answer", lambda *_: failure)
    assert main(["inspect", str(SAMPLE), option, str(tmp_path / f"a.{end}")]) == 1
    assert capsys.readouterr().err == (
        f"error: {SAMPLE}: not drawn: the library that reads it ran out of memory: "
        "print the file to a new PDF and try that\n"
    )
    assert not (tmp_path / f"a.{end}").exists()
