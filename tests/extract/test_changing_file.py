"""What was hashed is what was read, or nothing is told of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.extract.document import CHANGED, read_document
from pipeline.records import Reason, Snapshot

RAW = Path(__file__).parents[2] / "data" / "raw"
HASHED = (RAW / "示例市示例局2023年政府信息公开工作年度报告.pdf").read_bytes()
OTHER = (RAW / "示例市水务示例局2023年政府信息公开工作年度报告.pdf").read_bytes()


def replace_by_other(file: Path) -> None:
    new = file.with_suffix(".new")
    new.write_bytes(OTHER)
    new.replace(file)


def replace_by_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize(
    "change",
    [replace_by_other, lambda file: file.write_bytes(OTHER), lambda file: os.truncate(file, len(HASHED) - 1)],
)
def test_a_file_that_changed_after_it_was_hashed_gives_nothing(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(HASHED)
    change(file)
    report = read_document(Snapshot(file, sha256(HASHED).hexdigest()))
    assert (report.status, report.reason, report.error) == ("failed", Reason.BAD_FILE, CHANGED)
    assert (report.observations, report.sections, report.heading.agency) == ((), (), "")


def test_a_file_that_becomes_a_pipe_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.extract import pdf_document

    file = tmp_path / "a.pdf"
    file.write_bytes(HASHED)
    read = pdf_document._pdf_to_report

    def read_then_change(*arguments: object) -> object:
        report = read(*arguments)  # type: ignore[arg-type]
        replace_by_pipe(file)
        return report

    monkeypatch.setattr(pdf_document, "_pdf_to_report", read_then_change)
    report = read_document(Snapshot(file, sha256(HASHED).hexdigest()))
    assert (report.status, report.error) == ("failed", CHANGED)
