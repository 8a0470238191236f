"""The watch over the workers: who takes too long or too much is stopped, who died leaves nothing behind."""

from __future__ import annotations

import re
import signal
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Settings
from pipeline.records import Reason, Report
from pipeline.workers.attempts import Attempt, Failure
from pipeline.workers.den import Den, State
from pipeline.workers.inside import OUT_OF_MEMORY
from pipeline.workers.processes import descendants, is_alive, resident
from pipeline.workers.roots import clear_den, dens

PAUSE = 0.2
MOST_SAID = 1 << 20
"""Bytes of stderr that are kept of a document."""

SWOLLEN = 400 << 20
"""Bytes of memory that no reader takes for a sound document."""

_MB = 1 << 20
_NO_MEMORY = re.compile(r"memory ?(allocation|error)|bad_alloc|out of memory|cannot allocate", re.IGNORECASE)
_GRACE = 2.0
"""Seconds after which a dead worker's task is ended here, because the pool took no notice."""


@dataclass(frozen=True, slots=True)
class Flight:
    """An attempt on its way through the pool."""

    attempt: Attempt
    future: Future[Report]


@dataclass(frozen=True, slots=True)
class End:
    """What was known of a worker when it died; `peak` is the most memory it was seen with, in bytes."""

    state: State | None
    last_words: str
    peak: int
    at: float


class Watch:
    """Looks at every worker five times a second, by monotonic time: no clock that is set stops a document."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root, self._settings = root, settings
        self._lock = threading.RLock()
        self._flights: dict[int, Flight] = {}
        self._verdicts: dict[int, Failure] = {}
        self._peaks: dict[int, int] = {}
        self._ends: dict[int, End] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._patrol, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def follow(self, number: int, flight: Flight) -> None:
        with self._lock:
            self._flights[number] = flight

    def landed(self, number: int) -> Failure | None:
        """No more to be watched; why it was stopped, if it was."""
        with self._lock:
            self._flights.pop(number, None)
            return self._verdicts.pop(number, None)

    def death_to_failure(self, pid: int, exitcode: int) -> Failure:
        """What a worker died of, from its exit status, its last words and what it held in memory."""
        with self._lock:
            if pid not in self._ends:
                self._bury(Den(self._root / str(pid)))
            return self._end_to_failure(self._ends.pop(pid), exitcode)

    def find_death(self, number: int) -> Failure | None:
        """What the worker died of that was at this attempt; None where it was still to begin, or done."""
        with self._lock:
            self._bury_the_dead()
            ends = {end.state.number: pid for pid, end in self._ends.items() if end.state}
            return self._end_to_failure(self._ends.pop(ends[number]), 0) if number in ends else None

    def _end_to_failure(self, end: End, exitcode: int) -> Failure:
        engine = end.state.engine if end.state else ""
        spent = end.at - end.state.since if end.state else 0.0
        if self._is_memory(exitcode, end):
            return Failure(Reason.MEMORY, engine, "", spent)
        detail = ": ".join(filter(None, (_exitcode_to_name(exitcode), end.last_words)))
        return Failure(Reason.CRASH, engine, detail, spent)

    def _is_memory(self, exitcode: int, end: End) -> bool:
        """Libraries abort without a word where they get no more, as they do on other faults."""
        swollen = end.peak > min(self._settings.memory_mb * _MB / 2, SWOLLEN)
        return exitcode == OUT_OF_MEMORY or swollen or bool(_NO_MEMORY.search(end.last_words))

    def _patrol(self) -> None:
        while not self._over.wait(PAUSE):
            with self._lock:
                self._bury_the_dead()
                for den in dens(self._root):
                    self._look_at(den)
                self._end_forgotten()

    def _bury_the_dead(self) -> None:
        for den in dens(self._root):
            if not is_alive(den.pid):
                self._bury(den)

    def _look_at(self, den: Den) -> None:
        den.hush(MOST_SAID)
        state = den.state()
        if state is None or state.number not in self._flights:
            self._peaks.pop(den.pid, None)
            return
        self._peaks[den.pid] = max(self._peaks.get(den.pid, 0), resident(den.pid))
        if state.number not in self._verdicts and (reason := self._breach(den, state)):
            words = den.last_words() if reason == Reason.TIMEOUT else ""
            self._stop(state, reason, words)

    def _breach(self, den: Den, state: State) -> Reason | None:
        if time.monotonic() - state.since > self._flights[state.number].attempt.seconds:
            return Reason.TIMEOUT
        if den.size() > self._settings.temp_mb * _MB:
            return Reason.TEMP_FILES
        family = [*descendants(den.pid)]
        if family and sum(map(resident, (den.pid, *family))) > self._settings.memory_mb * _MB:
            return Reason.MEMORY
        return None

    def _stop(self, state: State, reason: Reason, detail: str) -> None:
        """Through the pool, which kills no worker that is just handing over a result to it."""
        spent = time.monotonic() - state.since
        self._verdicts[state.number] = Failure(reason, state.engine, detail, spent)
        self._flights[state.number].future.cancel()

    def _bury(self, den: Den) -> None:
        self._ends[den.pid] = End(
            den.state(), den.last_words(), self._peaks.pop(den.pid, 0), time.monotonic()
        )
        clear_den(den)

    def _end_forgotten(self) -> None:
        """A worker that ends of its own will with status 0 is nothing that the pool takes notice of."""
        for pid, end in list(self._ends.items()):
            flight = self._flights.get(end.state.number) if end.state else None
            if time.monotonic() - end.at < _GRACE or (flight and flight.future.done()):
                continue
            del self._ends[pid]
            if end.state and flight and end.state.number not in self._verdicts:
                self._verdicts[end.state.number] = self._end_to_failure(end, 0)
                flight.future.cancel()


def _exitcode_to_name(exitcode: int) -> str:
    """The signal or the status; "" for 0, which is what a worker has that nobody was told of."""
    if exitcode == 0:
        return ""
    try:
        return signal.Signals(-exitcode).name
    except ValueError:
        return f"exit status {exitcode}"
