"""Read the documents of a run in workers. Each task gives one Report, whatever happens to its worker.

First all documents are read side by side. If an attempt fails there, the document may not be the cause:
another document may have taken the memory, the disk or the processor, or an earlier one may have damaged the
worker. So that document is read again, alone, in a new worker. Only a failure there counts.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from pipeline.config import Settings
from pipeline.records import Reason, Report
from pipeline.workers.attempts import Attempt, Failure, WorkerError
from pipeline.workers.scratch import ScratchFolder, SpecialFileError
from pipeline.workers.tasks import (
    Read,
    Task,
    answer_to_report,
    document_to_failure,
    task_to_answer,
    task_to_report,
)

if TYPE_CHECKING:  # a run with nothing new starts no worker, and loads nothing for one: psutil takes 8 ms
    from pipeline.workers.worker import Job, Worker

log = logging.getLogger(__name__)

AHEAD = 4
"""Count. As many attempts are handed out for each worker, so that none waits and memory holds them."""

STARTS_MAX = 3
"""Count. A worker is started no more often when no other runs. Memory may be short only for a moment."""

_START_PAUSE_SECONDS = 1
"""Seconds between two tries to start a worker."""


def tasks_to_reports(tasks: Sequence[Task], settings: Settings, read: Read | None = None) -> Iterator[Report]:
    """Yield one Report for each task, as soon as it is read. One that cannot be read has the status failed.

    `read` is the function that runs in the worker; tests give one that crashes. A single document too has a
    process of its own: its start costs 0.3 s, and without it a PDF that crashes its library would end the
    command without a message. Raises WorkerError.
    """
    yield from (document_to_failure(task.document) for task in tasks if task.document.problem)
    waiting = [Attempt(task, settings.timeout) for task in tasks if not task.document.problem]
    if waiting:
        from pipeline.workers.scratch_root import workers_root

        with workers_root() as root:
            supervisor = _Supervisor(root, settings, read or task_to_report)
            yield from supervisor.reports(waiting)


def file_to_answer(
    file: Path, draw: Callable[..., bytes], arguments: tuple[Any, ...], settings: Settings
) -> bytes | Failure:
    """Return what `draw(copy of the file, *arguments)` returns in a new worker, or why it failed.

    Raises WorkerError.
    """
    from pipeline.workers.scratch_root import workers_root

    with workers_root() as root, _single_worker(root, settings, draw) as worker:
        try:
            path = worker.scratch.take(file)
        except SpecialFileError as error:
            return Failure(Reason.BAD_FILE, "", str(error), 0.0)
        except OSError as error:
            raise WorkerError(_no_room(worker.scratch, error)) from error
        return worker.do((draw, (path, *arguments)), settings.timeout)


@dataclass(frozen=True, slots=True)
class _Supervisor:
    """Has the documents of a run read by workers. The folders of the workers are below `root`."""

    root: Path
    settings: Settings
    read: Read

    def reports(self, waiting: Sequence[Attempt]) -> Iterator[Report]:
        """Yield the reports of one run, in the order in which they are ready.

        First come those that are read side by side without trouble, then all others, read one by one.
        """
        doubtful = waiting
        if len(waiting) > 1:
            doubtful = []
            for attempt, report in self._side_by_side(waiting):
                if report:
                    yield report
                else:
                    doubtful.append(attempt)
        for attempt in doubtful:
            yield self._alone(attempt)

    def _side_by_side(self, waiting: Sequence[Attempt]) -> Iterator[tuple[Attempt, Report | None]]:
        """Yield every attempt with its report, or with None if the attempt failed."""
        count = min(self.settings.workers, len(waiting))
        with _WorkerPool(self, count) as submit:
            queue = iter(waiting)
            running = {submit(attempt): attempt for attempt in islice(queue, AHEAD * count)}
            while running:
                for ended in wait(running, return_when=FIRST_COMPLETED).done:
                    attempt = running.pop(ended)
                    running |= {submit(following): following for following in islice(queue, 1)}
                    yield attempt, _ended_to_report(ended)

    def _alone(self, attempt: Attempt) -> Report:
        """Return the report of a document that is read while this run reads no other."""
        while True:
            with _single_worker(self.root, self.settings, self.read) as worker:
                outcome = self.attempt_in(worker, attempt)
            following = outcome if isinstance(outcome, Report) else attempt.failed(outcome, self.settings)
            if isinstance(following, Report):
                return following
            attempt = following

    def attempt_in(self, worker: Worker, attempt: Attempt) -> Report | Failure:
        """Make one attempt in this worker: return the report, or why it failed. Raises WorkerError."""
        task = attempt.task
        try:
            path = worker.scratch.take(task.document.snapshot.path)
        except SpecialFileError as error:
            return document_to_failure(task.document, f"{error}: give a file that is one", Reason.BAD_FILE)
        except OSError as error:
            raise WorkerError(_no_room(worker.scratch, error)) from error
        answer = worker.do(_job(self.read, task, path, self.settings.passwords), attempt.seconds)
        if isinstance(answer, Failure):
            return answer
        try:
            return attempt.finished(answer_to_report(answer, task, path))
        except ValueError as error:
            worker.end()
            return Failure(Reason.ERROR, "", f"it sent no report: {error}", 0.0)


def _no_room(scratch: ScratchFolder, error: OSError) -> str:
    """Return the message for a document that cannot be copied into the folder of its worker."""
    return (
        f"{scratch.given}: a document cannot be copied there for the process that reads it "
        f"({error.strerror}): make room there, or let TMPDIR name another folder"
    )


def _job(read: Read, task: Task, path: Path, passwords: tuple[str, ...]) -> Job:
    """Return the job that reads the copy of a document at `path`."""
    document = replace(task.document, snapshot=replace(task.document.snapshot, path=path))
    return task_to_answer, (read, replace(task, document=document), passwords)


def _ended_to_report(ended: Future[Report | Failure]) -> Report | None:
    """Return the report of a finished attempt, None if the document has to be read again alone."""
    try:
        outcome = ended.result()
    except (WorkerError, OSError):  # such as no memory for another worker; alone it may work
        return None
    return None if isinstance(outcome, Failure) or outcome.reason == Reason.ERROR else outcome


class _WorkerPool:
    """A number of workers that live inside a `with`. Each has a thread that waits for its answers.

    On Linux a worker dies together with the thread that started it, so the threads live as long as the pool.
    """

    def __init__(self, supervisor: _Supervisor, count: int) -> None:
        self._supervisor, self._over = supervisor, Event()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="worker")
        self._idle: deque[Worker] = deque()

    def __enter__(self) -> Callable[[Attempt], Future[Report | Failure]]:
        return lambda attempt: self._threads.submit(self._attempt_in_idle_worker, attempt)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._idle:
            worker.close()

    def _attempt_in_idle_worker(self, attempt: Attempt) -> Report | Failure:
        """Make an attempt in an idle worker or a new one, and keep that worker if it is still good."""
        worker = self._next_worker()
        try:
            outcome = self._supervisor.attempt_in(worker, attempt)
        except BaseException:
            worker.close()
            raise
        if worker.is_dead or worker.done >= self._supervisor.settings.renew_after:
            worker.close()
        else:
            self._idle.append(worker)
        return outcome

    def _next_worker(self) -> Worker:
        """Return an idle worker, or a new one if none is idle."""
        with suppress(IndexError):
            return self._idle.pop()
        return _new_worker(
            self._supervisor.root, self._supervisor.settings, self._supervisor.read, self._over
        )


@contextmanager
def _single_worker(root: Path, settings: Settings, function: Callable[..., Any]) -> Iterator[Worker]:
    """Start a worker for the body of a `with`, and end it afterwards.

    The start is tried STARTS_MAX times. Raises WorkerError.
    """
    for tried in range(1, STARTS_MAX + 1):
        try:
            worker = _new_worker(root, settings, function, Event())
            break
        except (WorkerError, OSError) as error:
            if tried == STARTS_MAX:
                raise WorkerError(str(error)) from error
            time.sleep(_START_PAUSE_SECONDS)
    with closing(worker):
        yield worker


def _new_worker(root: Path, settings: Settings, function: Callable[..., Any], over: Event) -> Worker:
    """Return a worker that is ready for its first job. Raises WorkerError, OSError."""
    from pipeline.workers.worker import Worker

    worker = Worker(root, settings, _modules(function), over)
    try:
        worker.wait_until_ready()
    except BaseException:
        worker.close()
        raise
    _log_sandbox(worker.sandbox)
    return worker


def _modules(function: Callable[..., Any]) -> set[str]:
    """Return the modules that a worker loads before it enters its sandbox.

    In the sandbox Python cannot store the code that it compiles, so each worker would compile it again.
    """
    return {function.__module__} | ({"pipeline.extract.document"} if function is task_to_report else set())


@cache
def _log_sandbox(layers: str) -> None:
    """Log what the kernel enforces, once in each process: not every kernel has all of it."""
    level = logging.DEBUG if layers.startswith("Landlock") else logging.INFO
    log.log(level, "workers read with %s", layers)
