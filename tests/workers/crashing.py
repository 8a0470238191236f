"""A reader for the tests of the workers: the name of the file says what becomes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.records import PICTURE_READER, Box, Observation, Reason, Report, ReportIdentity
from pipeline.workers import Task, document_to_failure
from pipeline.workers.progress_note import note

if TYPE_CHECKING:  # workers load this module
    from pytest import MonkeyPatch


def nap(runner: int) -> str:
    """Seconds that what a reader starts would sleep: a number to know it by, beside other runs of the tests.

    `runner` is the process that started the worker.
    """
    return f"600.{runner}"


def try_once(patch: MonkeyPatch) -> None:
    """Let a failed document be read once more alone, and not three times: what it dies of stays the same."""
    patch.setattr("pipeline.workers.attempts.ATTEMPTS_MAX", 1)


def read(task: Task, passwords: tuple[str, ...]) -> Report:
    name = task.document.snapshot.path.stem
    for word, becomes in FATES.items():
        if word in name:
            becomes()
    if "stumbles" in name:
        stumble(task)
    if "draws" in name and PICTURE_READER not in task.without:
        note(f"{PICTURE_READER} ruled 3")
        time.sleep(60 if "long" in name else 2)
    if "tells" in name:
        there = [file.name for file in Path(tempfile.gettempdir()).iterdir()]
        return replace(sound_report(task), error=" ".join((str(os.getpid()), *there)))
    return sound_report(task)


def stumble(task: Task) -> None:
    """Crash in the first reader and hang in the second, as long as they are not left out."""
    if "pypdfium2" not in task.without:
        note("pypdfium2 ruled")
        os.write(2, b"noise\nassertion failed at 0x7f00\n")
        os.abort()
    note("pdfplumber ruled")
    if "twice" in task.document.snapshot.path.stem:
        time.sleep(60)


def die(how: signal.Signals) -> None:
    """Not at once: the pool may lose sight of a worker that dies on the spot, and of how it died."""
    time.sleep(0.5)
    os.kill(os.getpid(), how)


def start_nap(**options: bool) -> None:
    """Start a process that outlives its parent if it can."""
    subprocess.Popen(["sleep", nap(os.getppid())], **options)  # type: ignore[call-overload]


def lack_memory_for_a_library() -> None:
    raise ImportError("reader.so: failed to map segment from shared object")


def fill_folder() -> None:
    for number in range(100):
        Path(tempfile.gettempdir(), str(number)).write_bytes(bytes(1 << 20))
    time.sleep(60)


def flood_stderr() -> None:
    """More in all than any file may hold, however late the parent is with cutting what was said."""
    for _ in range(8):
        os.write(2, b"so it goes\n" * 300_000)
        while os.fstat(2).st_size > 1 << 20:
            time.sleep(0.01)


def shed_mark() -> None:
    """Start what has neither this environment, nor this session, nor a parent."""
    command = f"setsid sleep {nap(os.getppid())} & exit"
    subprocess.run(["env", "-i", "PATH=/usr/bin:/bin", "setsid", "sh", "-c", command], check=True)


FATES: dict[str, Callable[[], object]] = {
    "sheds": shed_mark,
    "drops": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "dies": lambda: die(signal.SIGSEGV),
    "aborts": lambda: die(signal.SIGABRT),
    "leaves": lambda: os._exit(0),
    "exits": lambda: sys.exit(0),
    "hangs": lambda: time.sleep(60),
    "swells": lambda: bytearray(1 << 40),
    "lacks": lack_memory_for_a_library,
    "fills": fill_folder,
    "floods": flood_stderr,
    "litters": lambda: tempfile.mkdtemp() and tempfile.mkstemp(),
    "naps": start_nap,
    "escapes": lambda: start_nap(start_new_session=True),
    "sticks": lambda: start_nap(start_new_session=True) or time.sleep(60),
    "chatters": lambda: os.write(2, b"noise on stderr\n"),
}


def sound_report(task: Task) -> Report:
    """A report with a few cells of the year that ends the name of the file.

    Of files named `carries…`, two years do not fit together; the year of `strange…` breaks the contract.
    """
    empty = replace(document_to_failure(task.document), status="ok", error="", reason=Reason.NONE)
    name = task.document.snapshot.path.stem
    year = 1 if "strange" in name else int(name[-4:])
    heading = ReportIdentity("海东市示例局", year, f"海东市示例局{year}年政府信息公开工作年度报告", None)
    figures = {"new_received": 3.0} | ({"carried_in": 3.0, "carried_out": 5.0} if "carries" in name else {})
    cells = tuple(_cell(task, item, value) for item, value in figures.items())
    return replace(empty, heading=heading, pages=1, observations=cells, readers=("pypdfium2",))


def _cell(task: Task, item: str, value: float) -> Observation:
    return Observation(
        table="applications",
        template="fy2021",
        item=item,
        column="total",
        value=value,
        unit="件",
        raw=f"{value:g}",
        status="ok",
        page=1,
        box=Box(10, 10, 20, 20),
        reader="pypdfium2",
        match="exact",
        row_label="一、本年新收政府信息公开申请数量",
        column_label="总计",
        confirmed_by="pdfplumber" if "applications" in task.confirm else "",
    )
