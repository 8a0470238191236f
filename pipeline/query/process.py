"""One query in a process of its own, which is killed if DuckDB cannot be interrupted; a crash is one line of
error.

A function that loops inside one row is not interrupted, some functions use memory that DuckDB does not count,
and a crash of DuckDB ends its whole process.
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

from pipeline.child_processes import die_with_parent, exit_to_words
from pipeline.errors import Error
from pipeline.files.regular_file import MB
from pipeline.installation.program import Word, call_as, program
from pipeline.query.limits import Limits
from pipeline.query.terminal_table import TerminalTable

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

CONTEXT = multiprocessing.get_context("spawn")
TABLE = "table"

_QUERY_START_SECONDS = 120.0
"""Seconds in which the process must have started, which are not part of the query."""

_INTERRUPTION_SECONDS = 2.0
"""Seconds in which DuckDB must have reacted to an interruption."""

_SPARE_MB = 1024
"""MB of address space beyond the limits, for libraries and threads."""

_MEMORY_RATIO = 3
"""Times the memory that a query may need. The process may take as much address space for it.

The work and the result of the query may each need the whole limit.
"""


class EndedError(Error):
    """A query without a result; the message says why."""


@dataclass(frozen=True)
class QueryJob:
    """A query, and the layout of its result: table, csv, json or parquet.

    `called` are the words that start this program, for what the other process says to do next.
    """

    folder: Path
    query: str
    layout: str
    limits: Limits
    called: tuple[Word, ...] = field(default_factory=program)


@dataclass(frozen=True)
class ResultHead:
    """The message before the content: the error, or the number of rows, and what may have been meant if
    there are none."""

    error: str = ""
    rows: int = 0
    hint: str = ""


def job_to_content(job: QueryJob) -> tuple[ResultHead, bytes]:
    """Return what is told of the rows, and the file in its layout; for `table` a TerminalTable in
    MessagePack. Raises EndedError."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_work, args=(job, sender), name="query", daemon=True)
    process.start()
    sender.close()
    try:
        _receive(receiver, process, _QUERY_START_SECONDS, job.limits)
        head = msgspec.msgpack.decode(
            _receive(receiver, process, job.limits.seconds + _INTERRUPTION_SECONDS, job.limits),
            type=ResultHead,
        )
        if head.error:
            raise EndedError(head.error)
        return head, receiver.recv_bytes()
    finally:
        process.kill()
        process.join()
        receiver.close()


def content_to_terminal_table(content: bytes) -> TerminalTable:
    """Decode the content of a `table`."""
    return msgspec.msgpack.decode(content, type=TerminalTable)


def _receive(receiver: Connection, process: BaseProcess, seconds: float, limits: Limits) -> bytes:
    """Return the next message; EndedError after `seconds`, or if the process died."""
    if not receiver.poll(seconds):
        raise EndedError(limits.too_slow)
    try:
        return receiver.recv_bytes()
    except EOFError:
        process.join(_INTERRUPTION_SECONDS)
        raise EndedError(
            f"DuckDB did not survive it ({exit_to_words(process.exitcode)}): ask for less, or otherwise"
        ) from None


def _work(job: QueryJob, sender: Connection) -> None:
    """Run the query in the process. Ctrl-C is handled by the parent, and this process ends with it."""
    from pipeline.query.result_formats import rows_to_bytes, rows_to_terminal_table
    from pipeline.query.run_query import query_to_answer
    from pipeline.query.views import QueryError

    call_as(job.called)
    _settle(job.limits)
    sender.send_bytes(b"ready")
    try:
        answer = query_to_answer(job.folder, job.query, job.limits)
        rows = answer.rows
        table = job.layout == TABLE
        content = (
            msgspec.msgpack.encode(rows_to_terminal_table(rows)) if table else rows_to_bytes(rows, job.layout)
        )
        head = ResultHead(rows=rows.num_rows, hint=answer.hint)
    except QueryError as error:
        head, content = ResultHead(error=str(error)), b""
    except MemoryError:
        head, content = ResultHead(error=job.limits.too_large), b""
    sender.send_bytes(msgspec.msgpack.encode(head))
    sender.send_bytes(content)


def _settle(limits: Limits) -> None:
    """Set limits, and silence what C++ prints of a crash and DuckDB of its progress."""
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
        import psutil

        wanted = psutil.Process().memory_info().vms + (_MEMORY_RATIO * limits.memory_mb + _SPARE_MB) * MB
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
