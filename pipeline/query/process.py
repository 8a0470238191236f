"""One query in a process of its own: what DuckDB cannot interrupt is ended, what kills it is one line.

A function that loops within one row looks at no clock, some take memory that DuckDB does not count, and a
crash is a crash of the whole process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.errors import Error
from pipeline.program import Word, call_as, program
from pipeline.query.grid import Grid
from pipeline.query.limits import Limits
from pipeline.workers.processes import die_with_parent

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

CONTEXT = multiprocessing.get_context("spawn")
TABLE = "table"
_START, _GRACE = 120.0, 2.0
"""Seconds for starting, which is no part of a query, and for DuckDB to heed an interruption."""
_SPARE_MB = 1024
_MB = 1 << 20


class EndedError(Error):
    """A query without an answer; the message says why."""


@dataclass(frozen=True)
class Job:
    """A question, and the layout that its answer shall have: table, csv, json or parquet.

    `called` are the words that start this program, for what the other process tells to do.
    """

    folder: Path
    query: str
    layout: str
    limits: Limits
    called: tuple[Word, ...] = field(default_factory=program)


@dataclass(frozen=True)
class Head:
    """What is said before the content: why there is none, or how many rows it has."""

    error: str = ""
    rows: int = 0


def job_to_content(job: Job) -> tuple[int, bytes]:
    """The number of rows, and the file in its layout or, for a table, the grid in MessagePack."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_work, args=(job, sender), name="query", daemon=True)
    process.start()
    sender.close()
    try:
        _receive(receiver, process, _START, job.limits)
        head = msgspec.msgpack.decode(
            _receive(receiver, process, job.limits.seconds + _GRACE, job.limits), type=Head
        )
        if head.error:
            raise EndedError(head.error)
        return head.rows, receiver.recv_bytes()
    finally:
        process.kill()
        process.join()
        receiver.close()


def content_to_grid(content: bytes) -> Grid:
    return msgspec.msgpack.decode(content, type=Grid)


def _receive(receiver: Connection, process: BaseProcess, seconds: float, limits: Limits) -> bytes:
    if not receiver.poll(seconds):
        raise EndedError(limits.too_slow)
    try:
        return receiver.recv_bytes()
    except EOFError:
        process.join(_GRACE)
        raise EndedError(
            f"DuckDB did not survive it ({_exit_to_words(process.exitcode)}): ask for less, or otherwise"
        ) from None


def _exit_to_words(code: int | None) -> str:
    return signal.Signals(-code).name if code and code < 0 else f"exit code {code}"


def _work(job: Job, sender: Connection) -> None:
    """The process: Ctrl-C is the parent's, whose end is this one's too."""
    from pipeline.query.answers import rows_to_bytes, rows_to_grid
    from pipeline.query.ask import ask
    from pipeline.query.views import QueryError

    call_as(job.called)
    _settle(job.limits)
    sender.send_bytes(b"ready")
    try:
        rows = ask(job.folder, job.query, job.limits)
        table = job.layout == TABLE
        content = msgspec.msgpack.encode(rows_to_grid(rows)) if table else rows_to_bytes(rows, job.layout)
        head = Head(rows=rows.num_rows)
    except QueryError as error:
        head, content = Head(error=str(error)), b""
    except MemoryError:
        head, content = Head(error=job.limits.too_large), b""
    sender.send_bytes(msgspec.msgpack.encode(head))
    sender.send_bytes(content)


def _settle(limits: Limits) -> None:
    """Limits, and quiet: what C++ says of a crash is no line of ours, nor how far DuckDB thinks it is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent and parent.pid:
        die_with_parent(parent.pid)
    sys.stderr = os.fdopen(os.dup(2), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        there = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        wanted = there + (3 * limits.memory_mb + _SPARE_MB) * _MB
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
