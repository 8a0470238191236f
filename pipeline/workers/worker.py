"""One worker as its parent sees it: a process that does job after job, and is ended when it errs."""

from __future__ import annotations

import os
import pickle
import re
import secrets
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from threading import Event
from typing import Any

from pipeline.child_processes import exit_to_words
from pipeline.config import Settings
from pipeline.records import Reason
from pipeline.workers import wire
from pipeline.workers.attempts import Failure, WorkerError
from pipeline.workers.processes import descendants, has_ended, kill_family, nameless, resident, used, waited
from pipeline.workers.progress_note import OUT_OF_MEMORY
from pipeline.workers.sandbox import FOLDER_VARIABLE, environment
from pipeline.workers.scratch import TAIL, ScratchFolder, text_to_last_words

PAUSE = 0.2
"""Seconds between two looks at a worker."""

START = 60.0
"""Seconds of its own that a worker may take to start."""

MOST_STDERR = 1 << 20
"""Bytes of stderr that are kept of a document."""

SUSPICIOUS_MEMORY = 400 << 20
"""Bytes of memory that no reader takes for a sound document."""

MOST_PROCESSES = 64
"""Processes that a worker may have started at one time: no reader starts any."""

CORES = 4
"""Seconds of processors that a reader may take for each of its own: what only waits for itself is late."""

MOST_STEP = 128
"""Bytes of the name of a step."""

_GRACE = 2.0
"""Seconds in which a worker that has hung up must be dead."""

_MB = 1 << 20
_NO_MEMORY = re.compile(r"memory ?(allocation|error)|bad_alloc|out of memory|cannot allocate", re.IGNORECASE)
_NUMBERS = count()

Job = tuple[Callable[..., bytes], tuple[Any, ...]]
"""A function of some module, called in the worker with these arguments."""


class Stopped(Exception):  # noqa: N818
    """Nobody waits for the answer any more."""


class Worker:
    """A process in a sandbox; close it, whatever became of it. `done` counts its jobs."""

    def __init__(self, root: Path, settings: Settings, modules: Collection[str], over: Event) -> None:
        self._settings, self._over = settings, over
        self.scratch = ScratchFolder(root / str(next(_NUMBERS)))
        self.scratch.make()
        self._stderr = _open_unnamed(self.scratch.folder / "stderr")
        self._socket, child_end = socket.socketpair()
        self._socket.settimeout(PAUSE)
        with child_end:
            try:
                self._process = self._start(modules, child_end)
            except OSError:
                self._socket.close()
                os.close(self._stderr)
                raise
        self._frames = wire.Frames(self._socket)
        self.done, self.sandbox = 0, ""

    def _start(self, modules: Collection[str], line: socket.socket) -> subprocess.Popen[bytes]:
        limits = (os.getpid(), self._settings.memory_mb, self._settings.temp_mb)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.workers.child", *map(str, limits), *sorted(modules)],
            stdin=line.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            cwd=self.scratch.temporary,
            env=environment(self.scratch, os.environ),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Raises WorkerError where it does not come so far."""
        answer = self._wait(wire.READY, START)
        if isinstance(answer, Failure):
            raise WorkerError(
                f"no process to read documents in can be started ({answer.detail or 'it said nothing'}): "
                "see that its packages can be read and that memory is left"
            )
        self.sandbox = answer.decode("utf-8", "replace")

    def do(self, job: Job, seconds: float) -> bytes | Failure:
        """The answer, or what ended the attempt: after a Failure the worker is dead."""
        os.ftruncate(self._stderr, 0)
        token = secrets.token_bytes(wire.TOKEN)
        data = token + pickle.dumps(job)
        self._socket.settimeout(START)
        with suppress(OSError):  # dead; what of is seen below
            self._socket.sendall(struct.pack(">I", len(data)) + data)
        self._socket.settimeout(PAUSE)
        answer = self._wait(wire.ANSWER, seconds, token)
        self.done += 1
        if not isinstance(answer, Failure):
            self.scratch.empty()
        return answer

    def end(self) -> int:
        """Its exit status, with nothing left of it; its number is another's only after the last line."""
        if not self.is_dead:
            kill_family(self.pid, FOLDER_VARIABLE, str(self.scratch.folder))
            self._process.wait()
            self._socket.close()
            self.scratch.remove()
        return self._process.returncode

    def _wait(self, wanted: bytes, seconds: float, token: bytes = b"") -> bytes | Failure:
        """The body of the frame that is wanted, read as it comes; a Failure ends the worker.

        It has to begin with the token of this job: what was sent for an earlier one is no answer.
        """
        running = _Running(self.pid)
        try:
            while True:
                kind, body = self._next_frame(running, seconds)
                if kind == wanted and body.startswith(token):
                    return body[len(token) :]
                if kind == wire.ERROR:
                    raise wire.WireError(text_to_last_words(body, self.scratch.folder))
                running.step = _frame_to_step(kind, body)
                if running.is_due():
                    self._look(running, seconds)
        except _LimitExceeded as exceeded:
            return self._fail(running, exceeded.reason, exceeded.detail)
        except wire.WireError as error:
            return self._fail(running, Reason.ERROR, str(error))
        except EOFError:
            return self._collect_exited(running)

    def _next_frame(self, running: _Running, seconds: float) -> tuple[bytes, bytes]:
        """What was sent is taken before a look: who answers in time is never ended for being asked late."""
        while (frame := self._frames.take()) is None:
            if self._over.is_set():
                raise Stopped
            with suppress(TimeoutError):
                self._frames.receive()
            if running.is_due():
                self._look(running, seconds)
        return frame

    def close(self) -> None:
        """End it, and forget what it said."""
        self.end()
        os.close(self._stderr)

    @property
    def is_dead(self) -> bool:
        return self._process.returncode is not None

    def _look(self, running: _Running, seconds: float) -> None:
        """Raises _LimitExceeded where it takes what it may not, EOFError where it is dead."""
        if has_ended(self.pid):
            raise EOFError
        if os.fstat(self._stderr).st_size > MOST_STDERR:
            os.ftruncate(self._stderr, 0)
        family = [*islice(descendants(self.pid), MOST_PROCESSES + 1)]
        running.peak = max(running.peak, resident(self.pid))
        if (
            running.seconds() > seconds
            or sum(map(used, (self.pid, *family))) - running.used > CORES * seconds
        ):
            raise _LimitExceeded(Reason.TIMEOUT, self._last_words())
        most = self._settings.temp_mb * _MB
        if self.scratch.size(most) + nameless((self.pid, *family), self._stderr) > most:
            raise _LimitExceeded(Reason.TEMP_FILES)
        if len(family) > MOST_PROCESSES:
            raise _LimitExceeded(Reason.CRASH, f"it started more than {MOST_PROCESSES} processes")
        if sum(map(resident, (self.pid, *family))) > self._settings.memory_mb * _MB:
            raise _LimitExceeded(Reason.MEMORY)

    def _fail(self, running: _Running, reason: Reason, detail: str) -> Failure:
        spent = running.seconds()
        self.end()
        return Failure(reason, running.engine, detail, spent)

    def _collect_exited(self, running: _Running) -> Failure:
        """What it died of, from its exit status, its last words and what it held in memory."""
        spent = running.seconds()
        until = time.monotonic() + _GRACE
        while not has_ended(self.pid) and time.monotonic() < until:
            time.sleep(_GRACE / 100)
        status, words = self.end(), self._last_words()
        is_suspicious = running.peak > min(self._settings.memory_mb * _MB / 2, SUSPICIOUS_MEMORY)
        if status == OUT_OF_MEMORY or is_suspicious or _NO_MEMORY.search(words):
            return Failure(Reason.MEMORY, running.engine, "", spent)
        detail = ": ".join(filter(None, (exit_to_words(status) if status else "", words)))
        return Failure(Reason.CRASH, running.engine, detail, spent)

    def _last_words(self) -> str:
        size = os.fstat(self._stderr).st_size
        return text_to_last_words(os.pread(self._stderr, TAIL, max(0, size - TAIL)), self.scratch.folder)


class _LimitExceeded(Exception):  # noqa: N818
    """A limit that was passed."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class _Running:
    """An attempt under way: its `step`, the most memory seen (`peak`, bytes), what was `used` before it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._since, self._waited = time.monotonic(), waited(pid)
        self._looked = self._since
        self.step, self.peak = "", 0
        self.used = used(pid)

    @property
    def engine(self) -> str:
        """The library at work, "" before the first step."""
        return self.step.partition(" ")[0]

    def is_due(self) -> bool:
        """Whether the worker is to be looked at again, which is asked for then."""
        now = time.monotonic()
        is_due = now - self._looked >= PAUSE
        self._looked = now if is_due else self._looked
        return is_due

    def seconds(self) -> float:
        """Since it began, without the time in which others had the processor: a busy machine ends nobody."""
        return time.monotonic() - self._since - (waited(self._pid) - self._waited)


def _open_unnamed(path: Path) -> int:
    """A file that is written at its end, and that no other process finds."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    path.unlink()
    return descriptor


def _frame_to_step(kind: bytes, body: bytes) -> str:
    if kind != wire.STEP or len(body) > MOST_STEP or not body.decode("ascii", "replace").isprintable():
        raise wire.WireError("it sent what nobody asked for")
    return body.decode("ascii", "replace")
