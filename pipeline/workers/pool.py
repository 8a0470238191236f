"""The pool of workers: every task goes in, one Report a task comes out, whatever happens in between."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from pipeline.config import Settings
from pipeline.records import Reason, Report
from pipeline.workers.attempts import Attempt, Failure
from pipeline.workers.inside import prepare, work
from pipeline.workers.roots import workers_root
from pipeline.workers.tasks import Read, Task, document_to_failure, error_to_failure, task_to_report
from pipeline.workers.watch import Flight, Watch

AHEAD = 4
"""Tasks in the pool for every worker: enough that none waits, few enough to lose with a broken pool."""

_STILL = 30.0
"""Seconds beyond a document's time in which nothing comes out of a pool that is stuck."""

BROKEN = Failure(Reason.CRASH, "", "the pool of workers broke", 0.0)


def tasks_to_reports(tasks: Sequence[Task], settings: Settings, read: Read | None = None) -> Iterator[Report]:
    """One Report a task, as they are done; a document that cannot be read gives one with status failed.

    `read` runs in the worker, `task_to_report` unless a test wants a reader that crashes.

    Even a single document gets a process of its own: the start costs 0.2 s, and without it a PDF
    that crashes its library would end the command without a word.
    """
    yield from (document_to_failure(task.document) for task in tasks if task.document.problem)
    waiting = deque(Attempt(task, settings.timeout) for task in tasks if not task.document.problem)
    if waiting:
        with workers_root() as root, Watch(root, settings) as watch:
            while waiting:
                yield from _Pool(waiting, watch, settings, read or task_to_report, root).reports()


class _Pool:
    """One pool of pebble's, which takes attempts from `waiting` until it is empty, or the pool breaks."""

    def __init__(
        self, waiting: deque[Attempt], watch: Watch, settings: Settings, read: Read, root: Path
    ) -> None:
        self._waiting, self._watch, self._settings, self._read = waiting, watch, settings, read
        self._flights: dict[int, Flight] = {}
        self._landings: SimpleQueue[int] = SimpleQueue()
        self._workers = min(settings.workers, len(waiting))
        self._pool = _new_pool(self._workers, settings, root)

    def reports(self) -> Iterator[Report]:
        try:
            while self._waiting or self._flights:
                if not self._fill() or (number := self._next_landing()) is None:
                    break
                outcome = self._land(number)
                if isinstance(outcome, Report):
                    yield outcome
                else:
                    self._waiting.appendleft(outcome)
        finally:
            self._pool.stop()
            self._pool.join()
        yield from self._save_the_broken()

    def _fill(self) -> bool:
        """Send off what fits; False where the pool takes no more."""
        while self._waiting and len(self._flights) < AHEAD * self._workers:
            try:
                self._launch(self._waiting[0])
            except RuntimeError:
                return False
            self._waiting.popleft()
        return True

    def _launch(self, attempt: Attempt) -> None:
        number = next(_NUMBERS)
        arguments = (self._read, number, attempt.task, self._settings.passwords)
        flight = Flight(attempt, self._pool.schedule(work, args=arguments))
        self._flights[number] = flight
        self._watch.follow(number, flight)
        flight.future.add_done_callback(lambda _: self._landings.put(number))

    def _next_landing(self) -> int | None:
        """The number of an attempt that has ended; None where the pool is broken or stuck."""
        end = time.monotonic() + self._settings.timeout + _STILL
        while time.monotonic() < end and (self._pool.active or not self._landings.empty()):
            try:
                return self._landings.get(timeout=1)
            except Empty:
                continue
        return None

    def _land(self, number: int) -> Report | Attempt:
        flight = self._flights.pop(number)
        stopped = self._watch.landed(number)
        attempt, settings = flight.attempt, self._settings
        from pebble import ProcessExpired

        try:
            return attempt.finished(flight.future.result())
        except (CancelledError, BrokenProcessPool):
            return attempt.failed(stopped or BROKEN, settings)
        except ProcessExpired as death:
            return attempt.failed(
                stopped or self._watch.death_to_failure(death.pid, death.exitcode), settings
            )
        except Exception as error:  # on the way back from the worker
            return error_to_failure(attempt.task.document, error)

    def _save_the_broken(self) -> Iterator[Report]:
        """What was under way in a pool that broke is tried again in another, a few times."""
        for number in list(self._flights):
            self._watch.landed(number)
            outcome = self._flights.pop(number).attempt.failed(BROKEN, self._settings)
            if isinstance(outcome, Report):
                yield outcome
            else:
                self._waiting.append(outcome)


_NUMBERS = count()


def _new_pool(workers: int, settings: Settings, root: Path) -> Any:
    from pebble import ProcessPool

    # spawn: a forked worker would inherit the parent's pandas and its threads' locks.
    return ProcessPool(
        max_workers=workers,
        max_tasks=settings.renew_after,
        initializer=prepare,
        initargs=(root, os.getpid(), settings.memory_mb, settings.temp_mb),
        context=multiprocessing.get_context("spawn"),
    )
