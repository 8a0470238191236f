"""`inspect` and `read_report` read and draw in a process in a sandbox, unless they are told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipeline
from pipeline.cli import main
from pipeline.records import Reason, Report
from pipeline.workers import Failure, Task, tasks_to_reports

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "raw" / "示例市水务示例局2023年政府信息公开工作年度报告.pdf"
PNG = b"\x89PNG"


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


def test_the_picture_is_the_same_apart_and_here(tmp_path: Path, read_apart: list[Task]) -> None:
    apart, here = tmp_path / "apart.png", tmp_path / "here.png"
    assert main(["inspect", str(SAMPLE), "--image", str(apart)]) == 0
    assert len(read_apart) == 1
    assert main(["inspect", str(SAMPLE), "--image", str(here), "--in-process"]) == 0
    assert len(read_apart) == 1
    assert apart.read_bytes() == here.read_bytes()
    assert apart.read_bytes().startswith(PNG)


def test_this_process_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever opens a PDF here would fail: the worker does not see the patch."""
    monkeypatch.setattr("pypdfium2.PdfDocument", None)
    assert main(["inspect", str(SAMPLE), "--image", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_a_file_that_breaks_what_draws_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = Failure(Reason.MEMORY, "", "", 1.0)
    monkeypatch.setattr("pipeline.workers.file_to_answer", lambda *_: failure)
    assert main(["inspect", str(SAMPLE), "--image", str(tmp_path / "a.png")]) == 1
    assert capsys.readouterr().err == (
        f"error: {SAMPLE}: not drawn: the PDF library ran out of memory: print the file to a new PDF and try"
        " that\n"
    )
    assert not (tmp_path / "a.png").exists()
