"""What a document gives does not depend on who is read beside or before it, or how busy the machine is."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.child_processes import children
from pipeline.config import Settings
from pipeline.records import Reason, Report
from pipeline.workers import Failure, Task, WorkerError, tasks_to_reports
from pipeline.workers.attempts import Attempt
from pipeline.workers.worker import PICTURES_MAX, _Running
from tests.workers import crashing, prying
from tests.workers.test_sandbox import LIMITS, document, read_all

pytestmark = [pytest.mark.usefixtures("own_temporary"), pytest.mark.kills]


@pytest.mark.skipif(sys.platform != "linux", reason="the wait for the processor is known on Linux only")
def test_a_document_is_not_late_because_others_have_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five at once, of which one never ends: four times 0.5 s take two cores longer than 0.8 s."""
    prying.hurry_the_endless(monkeypatch, 0.8)
    busy = replace(LIMITS, jobs=5, timeout=1.6)
    works = [f"works_{year}" for year in range(2019, 2023)]
    tasks = [*works, "spins_2020"]
    found = tasks_to_reports([Task(document(Path(f"{name}.pdf"))) for name in tasks], busy, prying.read)
    statuses = {Path(report.source_file).stem: (report.status, report.reason) for report in found}
    assert {name: statuses[name] for name in works} == dict.fromkeys(works, ("ok", Reason.NONE))
    assert {name for name, (_, reason) in statuses.items() if reason == Reason.TIMEOUT} == {*tasks} - {*works}


def test_a_document_may_take_longer_for_each_page_that_is_a_picture() -> None:
    """Two seconds for three of them, where one second is all that another document may take."""
    task, hurried = Task(document(Path("draws_2020.pdf"))), replace(LIMITS, timeout=1)
    (report,) = tasks_to_reports([task], replace(hurried, picture_seconds=100), crashing.read)
    assert (report.status, report.error) == ("ok", "")


def test_pictures_that_take_too_long_are_left_out_and_the_rest_is_read() -> None:
    task, hurried = Task(document(Path("draws_long_2020.pdf"))), replace(LIMITS, timeout=8)
    (report,) = tasks_to_reports([task], replace(hurried, picture_seconds=0.1), crashing.read)
    assert (report.status, report.reason) == ("flagged", Reason.TIMEOUT)
    assert report.error == "read without what failed on it: ocr ran out of time"


def test_pages_that_are_pictures_are_counted_to_a_bound() -> None:
    """What a worker says of itself may be untrue."""
    running = _Running(os.getpid())
    for step in ("pypdfium2 7", "ocr ruled", "ocr ruled 12", "ocr pasted 3"):
        running.take(step)
    assert (running.engine, running.pictures) == ("ocr", 15)
    running.take("ocr ruled 1000000")
    assert running.pictures == PICTURES_MAX


def test_what_to_do_about_pictures_that_take_too_long_is_told() -> None:
    failure = Failure(Reason.TIMEOUT, "ocr", "", 1.0)
    given_up = Attempt(Task(document(Path("a_2020.pdf"))), 1.5).failed(failure, Settings())
    assert isinstance(given_up, Report)
    assert given_up.error == (
        "ocr ran out of time: a page that is a picture may take 4 s, raise picture_seconds in pipeline.toml"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is set on Linux only")
def test_a_document_has_the_memory_that_the_one_before_it_kept() -> None:
    found = read_all("hoards_2020", "needs_2021", limits=replace(LIMITS, jobs=1))
    assert {name: report.status for name, report in found.items()} == {"hoards": "ok", "needs": "ok"}


def test_a_document_whose_worker_was_ended_from_outside_is_read_again() -> None:
    """As the kernel does where memory is short: it may take the worker of another document."""
    before = set(children(os.getpid()))
    ended: list[int] = []

    def end_one() -> None:
        until = time.monotonic() + 60
        while not (workers := set(children(os.getpid())) - before) and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.7)  # it has begun to read, if the machine is not too busy
        os.kill(min(workers), signal.SIGKILL)
        ended.append(min(workers))

    killer = threading.Thread(target=end_one)
    killer.start()
    files = [Path(f"naps_{year}.pdf") for year in range(2018, 2024)]  # enough that it still lives
    found = list(tasks_to_reports([Task(document(file)) for file in files], LIMITS, prying.read))
    killer.join()
    assert ended
    assert [(report.status, report.error) for report in found] == [("ok", "")] * len(files)


def test_a_worker_that_ends_its_neighbours_is_blamed_for_nothing_of_theirs() -> None:
    names = ["kills_2020", *(f"naps_{year}" for year in range(2020, 2024))]
    found = tasks_to_reports([Task(document(Path(f"{name}.pdf"))) for name in names], LIMITS, prying.read)
    assert [(report.status, report.error) for report in found] == [("ok", "")] * len(names)


def test_where_no_worker_starts_no_document_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WorkerError, match="no process to read documents in can be started"):
        read_all("a_2020", "b_2020")


def test_who_no_longer_asks_leaves_nothing_running() -> None:
    before = set(children(os.getpid()))
    tasks = [Task(document(Path(f"{name}_2020.pdf"))) for name in ("a", "hangs", "spins")]
    reports = tasks_to_reports(tasks, Settings(timeout=600, jobs=3, memory_mb=512), prying.read)
    assert next(reports).status == "ok"
    began = time.monotonic()
    reports.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 250  # the attempts that it ends had 300
    assert set(children(os.getpid())) <= before


def test_a_page_whose_reader_crashed_is_given_up_and_one_whose_second_did_is_read_without_it() -> None:
    page = document(Path("page_2020.html"))
    page = replace(page, snapshot=replace(page.snapshot, media_type="text/html"))
    first = Attempt(Task(page), 50.0).failed(Failure(Reason.CRASH, "html", "", 1.0), LIMITS)
    assert isinstance(first, Report)
    assert (first.status, first.media_type) == ("failed", "text/html")
    assert first.error == "html crashed on it: save it as PDF and try that"
    second = Attempt(Task(page), 50.0).failed(Failure(Reason.CRASH, "lxml", "", 1.0), LIMITS)
    assert isinstance(second, Attempt)
    assert second.task.without == {"lxml"}
