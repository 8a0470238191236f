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

PATIENCE = 2
"""Pools that may break one after the other without having brought in anything."""

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
            fruitless = 0
            while waiting:
                pool = _Pool(waiting, watch, settings, read or task_to_report, root)
                yield from pool.reports()
                fruitless = 0 if pool.landed else fruitless + 1
                if fruitless > PATIENCE:
                    yield from _give_up_one(waiting, settings)


class _Pool:
    """One pool of pebble's, which takes attempts from `waiting` until it is empty, or the pool breaks."""

    def __init__(
        self, waiting: deque[Attempt], watch: Watch, settings: Settings, read: Read, root: Path
    ) -> None:
        self._waiting, self._watch, self._settings, self._read = waiting, watch, settings, read
        self._flights: dict[int, Flight] = {}
        self._landings: SimpleQueue[int] = SimpleQueue()
        self.landed = 0
        self._workers = min(settings.workers, len(waiting))
        self._pool = _new_pool(self._workers, settings, root)

    def reports(self) -> Iterator[Report]:
        try:
            while self._waiting or self._flights:
                if not self._fill() or (number := self._next_landing()) is None:
                    break
                yield from self._settle(self._land(number))
        finally:
            self._pool.stop()
            self._pool.join()
        for number in list(self._flights):  # of a pool that broke
            yield from self._settle(self._salvage(number))

    def _settle(self, outcome: Report | Attempt) -> Iterator[Report]:
        if isinstance(outcome, Report):
            yield outcome
        else:
            self._waiting.appendleft(outcome)

    def _salvage(self, number: int) -> Report | Attempt:
        """What a broken pool did not bring in begins anew, unless its worker died of it."""
        attempt = self._flights.pop(number).attempt
        failure = self._watch.landed(number) or self._watch.find_death(number)
        return attempt.failed(failure, self._settings) if failure else attempt

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
            report = attempt.finished(flight.future.result())
            self.landed += 1
            return report
        except (CancelledError, BrokenProcessPool):  # a pool breaks when it loses sight of a worker
            failure = stopped or self._watch.find_death(number)
            return attempt.failed(failure, settings) if failure else attempt
        except ProcessExpired as death:
            return attempt.failed(
                stopped or self._watch.death_to_failure(death.pid, death.exitcode), settings
            )
        except Exception as error:  # on the way back from the worker
            return error_to_failure(attempt.task.document, error)


def _give_up_one(waiting: deque[Attempt], settings: Settings) -> Iterator[Report]:
    """Blame the first document for pools that break again and again, so that every run comes to an end."""
    outcome = waiting.popleft().failed(BROKEN, settings)
    if isinstance(outcome, Report):
        yield outcome
    else:
        waiting.appendleft(outcome)


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
