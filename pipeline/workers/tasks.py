"""Read one document, in whatever process, and turn every outcome into a Report."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.acquire import Document
from pipeline.errors import QUOTED_MAX_CHARACTERS, lacks_memory
from pipeline.records import PDF_MEDIA_TYPE, Reason, Report
from pipeline.workers.progress_note import note


@dataclass(frozen=True, slots=True)
class Task:
    """A document to read.

    `confirm` names the tables that a second reader has to read in any case. `without` names the readers that
    are left out, as they failed on this document before.
    """

    document: Document
    confirm: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


Read = Callable[[Task, tuple[str, ...]], Report]
"""A function that reads a task, with the passwords to try, and returns its Report."""


def task_to_report(task: Task, passwords: tuple[str, ...]) -> Report:
    """Read one document in this process. Any error of a reader becomes a Report with status failed.

    Raises KeyboardInterrupt and SystemExit.
    """
    document, started = task.document, time.perf_counter()
    if document.problem:
        return document_to_failure(document)
    try:
        from pipeline.extract.document import read_document
        from pipeline.extract.opened_pdf import EngineOptions

        report = read_document(document.snapshot, passwords, task.confirm, EngineOptions(task.without, note))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a Rust library is no Exception, and cannot be pickled
        return error_to_failure(document, error, time.perf_counter() - started)
    snapshot = document.snapshot
    named = report.of_file(snapshot.sha256, document.source_file, snapshot.source_url)
    return _with_hint(named, document.hint)


def _with_hint(report: Report, hint: str) -> Report:
    """Return the report with signs of a damaged file, unless its status is ok.

    They explain a poor reading. A complete reading needs no explanation.
    """
    if not hint or report.status == "ok":
        return report
    return replace(report, error="; ".join(filter(None, (report.error, hint))))


def task_to_answer(read: Read, task: Task, passwords: tuple[str, ...]) -> bytes:
    """Return the Report of a task as MessagePack. An error of a reader becomes a Report too.

    Raises MemoryError, which ends the worker.
    """
    try:
        report = read(task, passwords)
        if report.reason == Reason.MEMORY:
            raise MemoryError
        return _report_to_data(report)
    except MemoryError:
        raise
    except (SystemExit, KeyboardInterrupt) as error:
        asked = RuntimeError(f"it asked to end the program: {error!r}")
        return _report_to_data(error_to_failure(task.document, asked))
    except BaseException as error:  # such as a text that is no Unicode, which no table can hold
        return _report_to_data(error_to_failure(task.document, error))


def _report_to_data(report: Report) -> bytes:
    """Without whose it is, which its parent knows: the name of a file need not be Unicode."""
    from msgspec import msgpack

    return msgpack.encode(report.of_file("", "", None))


def answer_to_report(answer: bytes, task: Task, read_at: Path) -> Report:
    """Return the Report in a worker's answer.

    The parent itself sets to which document it belongs, and never trusts the worker for that. `read_at` is
    the path that the worker had; messages get the user's path instead. Raises ValueError if it is no Report.
    """
    from msgspec import MsgspecError

    try:
        report: Report = _decoder().decode(answer)
    except (MsgspecError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split())) from error
    document = task.document
    words = report.error.replace(str(read_at), str(document.path))
    snapshot = document.snapshot
    others = tuple(replace(other, media_type=snapshot.media_type) for other in report.others)
    told = replace(report, error=words, media_type=snapshot.media_type, others=others)
    return told.of_file(snapshot.sha256, document.source_file, snapshot.source_url)


@cache
def _decoder() -> Any:
    """Return the decoder of Reports, made once."""
    import msgspec

    return msgspec.msgpack.Decoder(Report)


def error_to_failure(document: Document, error: BaseException, seconds: float = 0.0) -> Report:
    """Return the Report, with status failed, of a document whose reading ended in an error."""
    if lacks_memory(error):
        words = "reading needs more memory than a worker may take: raise memory_mb in pipeline.toml"
        return document_to_failure(document, words, Reason.MEMORY, seconds)
    what = " ".join(str(error).split())[:QUOTED_MAX_CHARACTERS] or "no message"
    words = f"reading stopped with {type(error).__name__} ({what}): {document_to_todo(document)}"
    return document_to_failure(document, words, Reason.ERROR, seconds)


def document_to_todo(document: Document) -> str:
    """Return what may help where a reader stopped with an error."""
    is_pdf = document.snapshot.media_type == PDF_MEDIA_TYPE
    return "print the file to a new PDF and try that" if is_pdf else "save it as PDF and try that"


def document_to_failure(
    document: Document, words: str = "", reason: Reason = Reason.BAD_FILE, seconds: float = 0.0
) -> Report:
    """Return the Report, with status failed, of a document that could not be read.

    Without `words`, the error is the problem that was found in its bytes. `seconds` is the time it took.
    """
    return replace(
        Report.empty(),
        report_id=document.snapshot.report_id,
        sha256=document.snapshot.sha256,
        source_file=document.source_file,
        source_url=document.snapshot.source_url,
        status="failed",
        error=_join_hint(words or document.problem, document.hint),
        seconds=seconds,
        reason=reason,
        media_type=document.snapshot.media_type,
    )


def _join_hint(words: str, hint: str) -> str:
    """Return the words with the hint, if there is one."""
    return f"{words}; {hint}" if hint else words
