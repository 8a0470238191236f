"""Read documents in processes of their own, so that one that crashes, hangs or swells costs only itself."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from typing import Any

from pipeline.acquire import Document
from pipeline.config import Settings
from pipeline.records import NOBODY, Report


@dataclass(frozen=True, slots=True)
class Task:
    """A document to read, with the tables (`confirm`) that a second reader is to read in any case."""

    document: Document
    confirm: frozenset[str] = frozenset()


Read = Callable[[Task, tuple[str, ...]], Report]


def tasks_to_reports(tasks: Sequence[Task], settings: Settings, read: Read | None = None) -> Iterator[Report]:
    """One Report a task, as they are done; a document that cannot be read gives one with status failed.

    `read` runs in the worker, `task_to_report` unless a test wants a reader that crashes.

    Even a single document gets a process of its own: the start costs 0.2 s, and without it a PDF
    that crashes its library would end the command without a word.
    """
    yield from (document_to_failure(task.document) for task in tasks if task.document.problem)
    readable = [task for task in tasks if not task.document.problem]
    if readable:
        yield from _read_apart(readable, settings, read or task_to_report)


def _read_apart(tasks: Sequence[Task], settings: Settings, read: Read) -> Iterator[Report]:
    from pebble import ProcessPool

    # spawn: a forked worker would inherit the parent's pandas and its threads' locks.
    pool: Any = ProcessPool(
        max_workers=min(settings.workers, len(tasks)),
        initializer=_prepare_worker,
        initargs=(settings.memory_mb,),
        context=multiprocessing.get_context("spawn"),
    )
    try:
        futures: dict[Future[Report], Task] = {
            pool.schedule(read, args=(task, settings.passwords), timeout=settings.timeout): task
            for task in tasks
        }
        for future in as_completed(futures):
            yield _future_to_report(future, futures[future], settings)
    finally:
        pool.stop()
        pool.join()


def _prepare_worker(memory_mb: int) -> None:
    """Leave Ctrl-C to the parent, keep the readers' chatter off the terminal, bound the memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    hush_readers()
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))


def hush_readers() -> None:
    """The PDF libraries warn about every odd font; what matters of it shows in the cells."""
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")


def task_to_report(task: Task, passwords: tuple[str, ...]) -> Report:
    """Read one document in this process; whatever a reader raises becomes a Report with status failed."""
    document, started = task.document, time.perf_counter()
    if document.problem:
        return document_to_failure(document)
    try:
        from pipeline.document import read_document

        report = read_document(document.snapshot, passwords, task.confirm)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a Rust library is no Exception, and cannot be pickled
        return document_to_failure(document, _error_to_reason(error), time.perf_counter() - started)
    return _with_hint(replace(report, source_file=document.source_file), document.hint)


def _with_hint(report: Report, hint: str) -> Report:
    """Signs of damage explain a poor reading; a whole reading has proved itself."""
    if not hint or report.status == "ok":
        return report
    return replace(report, error="; ".join(filter(None, (report.error, hint))))


def _future_to_report(future: Future[Report], task: Task, settings: Settings) -> Report:
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        reason = f"reading took over {settings.timeout:g} s and was stopped: raise timeout in pipeline.toml"
        return document_to_failure(task.document, reason, settings.timeout)
    except ProcessExpired as death:
        return document_to_failure(task.document, _death_to_reason(death.exitcode, settings))
    except Exception as error:  # on the way back from the worker, where memory may run out too
        return document_to_failure(task.document, _error_to_reason(error))


def _error_to_reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "reading needs more memory than a worker may take: raise memory_mb in pipeline.toml"
    what = " ".join(str(error).split())[:200] or "no message"
    return f"reading stopped with {type(error).__name__} ({what}): print the file to a new PDF and try that"


def _death_to_reason(exitcode: int | None, settings: Settings) -> str:
    name = signal.Signals(-exitcode).name if exitcode and exitcode < 0 else f"exit code {exitcode}"
    return (
        f"the PDF library crashed on it ({name}), or needed over {settings.memory_mb} MB: "
        "print the file to a new PDF and try that, or raise memory_mb in pipeline.toml"
    )


def document_to_failure(document: Document, reason: str = "", seconds: float = 0.0) -> Report:
    """The Report of a document that could not be read; `reason` is what its bytes say where not given."""
    return Report(
        report_id=document.snapshot.report_id,
        sha256=document.snapshot.sha256,
        source_file=document.source_file,
        source_url=document.snapshot.source_url,
        heading=NOBODY,
        pages=0,
        templates=(),
        readers=(),
        steps=(),
        observations=(),
        checks=(),
        sections=(),
        leftovers=(),
        missing=(),
        status="failed",
        error=_join_hint(reason or document.problem, document.hint),
        seconds=seconds,
    )


def _join_hint(reason: str, hint: str) -> str:
    return f"{reason}; {hint}" if hint else reason
