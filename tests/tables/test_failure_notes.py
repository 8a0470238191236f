"""Failures that other settings may mend are tried again; nothing tells a password."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline
from pipeline.cli import main
from pipeline.config import Settings
from pipeline.installation.program import to_command
from pipeline.records import Reason, Report
from pipeline.run import run
from pipeline.tables.failure_notes import load_notes
from pipeline.workers import Task, document_to_failure
from tests.light_tables import write_light_tables
from tests.run.small_pdfs import NO_TABLES, text_pdf
from tests.run.test_run import put
from tests.workers.crashing import sound_report

pytestmark = pytest.mark.long

NOTES = Path(".out.settings.json")
SECRET = "示例 open sesame"


def read_as_set(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """The name of a file says what it wants."""
    enough = {
        "locked": SECRET in settings.passwords,
        "slow": settings.timeout > 100,
        "large": settings.memory_mb > 4000,
        "crashes": settings.memory_mb > 4000,
        "wide": settings.temp_mb > 500,
    }
    for task in tasks:
        word = task.document.snapshot.path.stem.rstrip("0123456789")
        if enough.get(word, True):
            yield sound_report(task)
        else:
            yield document_to_failure(task.document, word, REASONS[word])


REASONS = {
    "locked": Reason.LOCKED,
    "slow": Reason.TIMEOUT,
    "large": Reason.MEMORY,
    "crashes": Reason.CRASH,
    "wide": Reason.TEMP_FILES,
    "broken": Reason.BAD_FILE,
}


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_as_set)
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "1")
    write_light_tables(monkeypatch)
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def process(settings: Settings, formats: Sequence[str] = ("parquet",)) -> int:
    """How many documents were read."""
    return run([Path("raw")], Path("out"), settings, formats=formats).read


def statuses() -> dict[str, str]:
    reports = pipeline.load("out").reports
    return dict(zip(reports["error"], reports["status"], strict=True))


@pytest.mark.parametrize("formats", [["parquet"], ["csv"]], ids=str)
def test_a_password_that_is_added_is_tried_and_then_all_is_known(raw: Path, formats: list[str]) -> None:
    put(raw, "locked2020", "a2021")
    assert process(Settings(), formats) == 2
    assert process(Settings(), formats) == 0
    wrong = Settings(passwords=("wrong",))
    assert [process(wrong, formats) for _ in range(2)] == [1, 0]
    right = Settings(passwords=("wrong", SECRET))
    assert [process(right, formats) for _ in range(2)] == [1, 0]
    assert process(Settings(), formats) == 0, "what was read once stays read"
    assert set(statuses().values()) == {"ok"}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("slow2020", Settings(timeout=200)),
        ("large2020", Settings(memory_mb=8192)),
        ("crashes2020", Settings(memory_mb=8192)),
        ("wide2020", Settings(temp_mb=1024)),
    ],
)
def test_a_limit_that_is_raised_is_tried(raw: Path, name: str, more: Settings) -> None:
    put(raw, name, "a2021")
    less = replace(Settings(), timeout=5)
    assert [process(less) for _ in range(2)] == [2, 0]
    assert [process(Settings()) for _ in range(2)] == [1, 0]
    assert [process(more) for _ in range(2)] == [1, 0]
    assert set(statuses().values()) == {"ok"}


def test_what_no_setting_decides_is_not_tried_again(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(raw, "broken2020")
    monkeypatch.setattr(
        "pipeline.run.tasks_to_reports",
        lambda tasks, settings: (document_to_failure(t.document, "broken", Reason.BAD_FILE) for t in tasks),
    )
    assert process(Settings()) == 1
    assert process(Settings(timeout=9, passwords=("x",), memory_mb=512, temp_mb=1)) == 0


def test_a_document_that_was_not_given_is_tried_when_it_is(raw: Path) -> None:
    """A run on another document says nothing on this one."""
    put(raw, "slow2020", "a2021")
    run([raw / "slow2020.pdf"], Path("out"), Settings())
    more = Settings(timeout=200)
    assert run([raw / "a2021.pdf"], Path("out"), more).read == 1
    assert run([raw / "slow2020.pdf"], Path("out"), more).read == 1


def test_nobody_learns_a_password_from_what_is_noted(raw: Path) -> None:
    """It is beside the tables, its owner's alone, and neither the password nor a fast hash of it is there."""
    from hashlib import md5, sha1, sha256

    put(raw, "locked2020")
    process(Settings(passwords=("wrong guess",)))
    assert NOTES.stat().st_mode & 0o777 == 0o600
    noted = NOTES.read_text()
    words = [b"wrong guess", b'["wrong guess"]']
    salt = json.loads(noted)["salt"].encode()
    for word in words:
        assert word.decode() not in noted
        assert not any(h(m).hexdigest() in noted for h in (md5, sha1, sha256) for m in (word, salt + word))
    told = b"".join(path.read_bytes() for path in Path("out").iterdir())
    assert b"wrong guess" not in told and json.loads(noted)["marks"].popitem()[1].encode() not in told


def test_with_the_settings_of_the_house_nothing_is_noted(raw: Path) -> None:
    put(raw, "locked2020", "slow2021", "a2022")
    process(Settings())
    assert not NOTES.exists()
    process(Settings(timeout=30))
    assert NOTES.exists()
    process(Settings())
    assert not NOTES.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"salt": 1}', '{"salt": "a", "marks": 3}', "null", "[" * 100_000]
)
def test_notes_that_are_damaged_say_nothing(raw: Path, text: str) -> None:
    NOTES.write_text(text)
    assert load_notes(Path("out")).marks == {}
    put(raw, "slow2020")
    assert [process(Settings(timeout=30)) for _ in range(2)] == [1, 0]


def test_a_user_who_adds_the_password_as_the_message_says_gets_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a real report and real workers."""
    monkeypatch.chdir(tmp_path)
    Path("report.pdf").write_bytes(text_pdf([NO_TABLES], password="geheim"))
    command = ["run", "report.pdf", "--out", "out", "--jobs", "1"]
    assert main(command) == 1
    told = capsys.readouterr()
    assert "passwords" in told.err
    assert to_command("run", "report.pdf", "--force", "--out", "out", "--jobs", "1") in told.out
    Path("pipeline.toml").write_text('passwords = ["geheim"]', encoding="utf-8")
    assert main(command) == 0
    assert "nothing new" not in capsys.readouterr().out
    assert main(command) == 0
    assert "nothing new" in capsys.readouterr().out


def test_notes_that_are_a_pipe_are_not_waited_for(raw: Path) -> None:
    os.mkfifo(NOTES)
    assert load_notes(Path("out")).marks == {}
