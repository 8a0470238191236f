"""A document that crashes, hangs or swells costs only itself, and leaves nothing behind."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.acquire import Document
from pipeline.config import Settings
from pipeline.records import Reason, Report, Snapshot
from pipeline.workers import Task, task_to_report, tasks_to_reports
from pipeline.workers.attempts import Attempt, Failure
from pipeline.workers.scratch_root import PREFIX
from tests.workers.crashing import nap, read, try_once

LIMITS = Settings(timeout=4, jobs=2, memory_mb=512, temp_mb=20)
PATIENT = dataclasses.replace(LIMITS, timeout=240)
"""For what ends by itself, or by what it takes: no machine is so slow."""
ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.usefixtures("own_temporary"), pytest.mark.kills]


def document(name: str, problem: str = "", hint: str = "") -> Document:
    return Document(
        Snapshot(Path(f"{name}.pdf"), f"{name:0<64}"), f"raw/{name}.pdf", problem=problem, hint=hint
    )


def read_all(*names: str, limits: Settings = PATIENT) -> dict[str, Report]:
    reports = tasks_to_reports([Task(document(name)) for name in names], limits, read)
    return {Path(report.source_file).stem: report for report in reports}


def command_lines() -> Iterable[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue


def naps(runner: int) -> list[int]:
    return [pid for pid, words in command_lines() if nap(runner) in words]


def roots() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """What became of those that end, and, with little time, of those that do not."""
    with pytest.MonkeyPatch.context() as patch:
        try_once(patch)
        ending = read_all(
            "dies2020", "a2020", "aborts2020", "b2021", "swells2020", "chatters2022", "c2023",
            "leaves2020", "exits2020", "fills2020", "floods2021", "lacks2020",
        )  # fmt: skip
    stumbling = read_all("stumbles2021")
    return ending | stumbling | read_all("hangs2020", "stumblestwice2021", limits=LIMITS)


@pytest.mark.parametrize("name", ["a2020", "b2021", "c2023", "chatters2022", "floods2021"])
def test_the_others_are_read(reports: dict[str, Report], name: str) -> None:
    assert (reports[name].status, reports[name].error) == ("ok", "")
    assert reports[name].heading.fiscal_year == int(name[-4:])


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("dies2020", Reason.CRASH, "the library that reads it crashed on it (SIGSEGV): print the file"),
        ("aborts2020", Reason.CRASH, "the library that reads it crashed on it (SIGABRT): print the file"),
        ("leaves2020", Reason.CRASH, "the library that reads it crashed on it: print the file"),
        ("exits2020", Reason.ERROR, "reading stopped with RuntimeError (it asked to end the program"),
        ("hangs2020", Reason.TIMEOUT, "the library that reads it ran out of time: a document may take 4 s"),
        (
            "swells2020",
            Reason.MEMORY,
            "the library that reads it ran out of memory: a worker may take 512 MB",
        ),
        ("lacks2020", Reason.MEMORY, "reading needs more memory than a worker may take: raise memory_mb"),
        (
            "fills2020",
            Reason.TEMP_FILES,
            "the library that reads it filled its temporary files: they may take 20 MB",
        ),
    ],
)
def test_what_became_of_a_document_is_said(
    reports: dict[str, Report], name: str, reason: Reason, words: str
) -> None:
    report = reports[name]
    assert (report.status, report.reason) == ("failed", reason)
    assert report.error.startswith(words)
    assert "\n" not in report.error
    assert report.source_file == f"raw/{name}.pdf"


def test_another_reader_is_asked_where_one_crashed(reports: dict[str, Report]) -> None:
    report = reports["stumbles2021"]
    assert (report.status, report.reason) == ("flagged", Reason.CRASH)
    assert report.error == (
        "read without what failed on it: pypdfium2 crashed on it (SIGABRT: assertion failed at 0x…)"
    )
    assert report.observations


def test_a_document_is_given_up_when_no_reader_is_left(reports: dict[str, Report]) -> None:
    report = reports["stumblestwice2021"]
    assert (report.status, report.reason) == ("failed", Reason.CRASH)
    assert "then pdfplumber ran out of time: print the file" in report.error
    assert report.seconds < LIMITS.timeout


def test_attempts_share_the_time_of_a_document() -> None:
    attempt: Attempt | Report = Attempt(Task(document("a2020")), 40.0)
    shares = []
    while isinstance(attempt, Attempt):
        shares.append(attempt.seconds)
        attempt = attempt.failed(Failure(Reason.TIMEOUT, "", "", attempt.seconds), LIMITS)
    assert shares == [20.0, 10.0, 10.0]
    assert attempt.seconds == 40.0


def test_what_failed_before_and_again_is_told_once() -> None:
    attempt: Attempt | Report = Attempt(Task(document("a2020")), 40.0)
    while isinstance(attempt, Attempt):
        attempt = attempt.failed(Failure(Reason.CRASH, "", "SIGSEGV", 1.0), LIMITS)
    assert attempt.error.count("SIGSEGV") == 1


@pytest.mark.parametrize("name", ["naps2020", "escapes2020", "sticks2020", "sheds2020", "shedsanddies2020"])
def test_what_a_reader_started_does_not_survive(name: str) -> None:
    report = read_all(name, limits=LIMITS if name == "sticks2020" else PATIENT)[name]
    assert report.status == ("failed" if name in ("sticks2020", "shedsanddies2020") else "ok")
    assert naps(os.getpid()) == []


def test_temporary_files_of_a_document_are_gone_for_the_next() -> None:
    limits = dataclasses.replace(PATIENT, jobs=1)
    reports = read_all("litters2020", "tells2021", limits=limits)
    assert reports["tells2021"].error.split()[1:] == []
    assert roots() == set()


def test_a_worker_is_renewed_after_so_many_documents() -> None:
    names = [f"tells{year}" for year in range(2000, 2005)]
    renewed = read_all(*names, limits=dataclasses.replace(PATIENT, jobs=1, renew_after=2))
    kept = read_all(*names, limits=dataclasses.replace(PATIENT, jobs=1))
    assert len({report.error for report in renewed.values()}) == 3
    assert len({report.error for report in kept.values()}) == 1


def test_even_a_single_document_is_read_apart() -> None:
    assert read_all("dies2020")["dies2020"].status == "failed"


def test_many_documents_of_which_two_of_three_crash_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than are on their way at one time, four with two workers."""
    monkeypatch.setattr("pipeline.workers.pool.AHEAD", 2)
    try_once(monkeypatch)
    names = [f"{'drops' if number % 3 else 'a'}{number}x2020" for number in range(8)]
    found = {name: report.status for name, report in read_all(*names).items()}
    assert found == {name: "ok" if name.startswith("a") else "failed" for name in names}


KILLED = """
from tests.workers.test_pool import read_all
if __name__ == "__main__":
    read_all("sticks2020", "sticks2021")
"""


def test_workers_die_with_a_killed_run_and_the_next_clears_what_it_left(tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(KILLED)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.Popen([sys.executable, tmp_path / "killed.py"], env=environment)
    wait_until(lambda: len(naps(run.pid)) == 2)
    workers = [pid for pid, _ in command_lines() if parent(pid) == run.pid]
    run.send_signal(signal.SIGKILL)
    run.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}/mem").exists() and parent(pid) for pid in workers))
    assert workers and len(roots()) == 1
    assert read_all("a2020")["a2020"].status == "ok"
    assert naps(run.pid) == []
    assert roots() == set()


def parent(pid: int) -> int:
    """0 for a process that is gone or waits for its end to be noticed."""
    try:
        state, ppid = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(ppid)


def wait_until(holds: object) -> None:
    assert callable(holds)
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("not within two minutes")


def test_what_is_no_pdf_never_reaches_a_reader() -> None:
    (report,) = tasks_to_reports([Task(document("dies2020", problem="not a PDF but text"))], LIMITS, read)
    assert (report.status, report.reason) == ("failed", Reason.BAD_FILE)
    assert report.error == "not a PDF but text"


def test_a_reader_that_throws_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def throw(*_: object) -> Report:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr("pipeline.extract.document.read_document", throw)
    report = task_to_report(Task(document("x2020", hint="the file was cut")), ())
    assert (report.status, report.reason) == ("failed", Reason.ERROR)
    assert report.error.startswith("reading stopped with RuntimeError (first line second line): ")
    assert report.error.endswith("; the file was cut")


@pytest.mark.parametrize(("status", "error"), [("ok", ""), ("partial", "the file was cut")])
def test_signs_of_damage_explain_a_poor_reading(
    monkeypatch: pytest.MonkeyPatch, status: str, error: str
) -> None:
    task = Task(document("x2020", hint="the file was cut"))
    found = dataclasses.replace(read(task, ()), status=status)
    monkeypatch.setattr("pipeline.extract.document.read_document", lambda *_: found)
    assert task_to_report(task, ()).error == error


def test_a_worker_never_loads_pandas() -> None:
    code = (
        "import sys, pipeline.workers, pipeline.extract.document\n"
        "print([name for name in ('pandas', 'pyarrow', 'pandera', 'rich', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
