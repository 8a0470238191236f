"""Start, watch and end one worker. This is the parent's side: child.py is the program that it starts."""

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

from pipeline.child_processes import OUT_OF_MEMORY, exit_to_words
from pipeline.config import Settings
from pipeline.files.regular_file import MB
from pipeline.records import PICTURE_READER, Reason
from pipeline.workers import wire
from pipeline.workers.attempts import Failure, WorkerError
from pipeline.workers.processes import descendants, has_ended, kill_family, nameless, resident, used, waited
from pipeline.workers.sandbox import FOLDER_VARIABLE, environment
from pipeline.workers.scratch import STDERR_TAIL_BYTES, ScratchFolder, text_to_last_words

LOOK_PAUSE_SECONDS = 0.2
"""Seconds between two looks at a worker: short against the usual timeout, long against what a look costs."""

START_MAX_SECONDS = 60.0
"""Seconds that a worker may take to start, which takes 0.3 s on an idle machine."""

STDERR_MAX_BYTES = 1 << 20
"""Bytes of stderr that are kept for one document. Libraries may write without end."""

SUSPICIOUS_MEMORY = 400 << 20
"""Bytes of memory that no reader takes for a sound document.

A worker that held more, or more than half of what it may have, and then died is taken to have run out of
memory.
"""

PICTURES_MEMORY = 500 << 20
"""Bytes of memory that a sound document may take beyond that for pages that are pictures.

With the pages of a scan at 300 dots an inch a worker holds 420 MB in all.
"""

PROCESSES_MAX = 64
"""Count. A worker may have started as many processes that run at one time. A reader starts one at most."""

CORES_MAX = 4
"""Seconds of processor time that a job may take for each second of its timeout.

The time in which a worker waits for a processor does not count against its timeout. A worker whose many
threads or processes wait for one another would never run out of time, but for this limit. A test shows one.
"""

PICTURES_MAX = 100
"""Count. No more pages of a document give it more time: what it tells of itself may be untrue."""

STEP_MAX_BYTES = 128
"""Bytes of the longest name of a step. Ours are shorter."""

_WORKER_DEATH_SECONDS = 2.0
"""Seconds in which a worker that has closed its connection must be dead."""

_DEATH_LOOKS = 100
"""Count. Within these seconds it is looked as often whether it is dead."""

_NO_MEMORY_PATTERN = re.compile(
    r"memory ?(allocation|error)|bad_alloc|out of memory|cannot allocate", re.IGNORECASE
)
_WORKER_NUMBERS = count()

Job = tuple[Callable[..., bytes], tuple[Any, ...]]
"""A function of a module, and its arguments. The worker calls it."""


class Stopped(Exception):  # noqa: N818
    """The run is over, and nobody waits for the answer any more."""


class Worker:
    """A process in a sandbox that does one job after the other. It always has to be closed.

    `done` is the number of jobs it was given. `sandbox` is what the kernel enforces, in words.
    """

    def __init__(self, root: Path, settings: Settings, modules: Collection[str], over: Event) -> None:
        self._settings, self._over = settings, over
        self.scratch = ScratchFolder(root / str(next(_WORKER_NUMBERS)))
        self.scratch.make()
        self._stderr = _open_unnamed(self.scratch.folder / "stderr")
        self._socket, child_end = socket.socketpair()
        self._socket.settimeout(LOOK_PAUSE_SECONDS)
        with child_end:
            try:
                self._process = self._start(modules, child_end)
            except OSError:
                self._socket.close()
                os.close(self._stderr)
                raise
        self._frames = wire.FrameReader(self._socket)
        self.done, self.sandbox = 0, ""

    def _start(self, modules: Collection[str], child_end: socket.socket) -> subprocess.Popen[bytes]:
        """Start the program of the worker. Raises OSError."""
        limits = (os.getpid(), self._settings.memory_mb, self._settings.temp_mb)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.workers.child", *map(str, limits), *sorted(modules)],
            stdin=child_end.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            cwd=self.scratch.temporary,
            env=environment(self.scratch, os.environ),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait until the worker can take a job. Raises WorkerError if it cannot start."""
        answer = self._wait(wire.READY, START_MAX_SECONDS)
        if isinstance(answer, Failure):
            raise WorkerError(
                f"no process to read documents in can be started ({answer.detail or 'it said nothing'}): "
                "see that its packages can be read and that memory is left"
            )
        self.sandbox = answer.decode("utf-8", "replace")

    def do(self, job: Job, seconds: float) -> bytes | Failure:
        """Have a job done, and return the bytes of its answer or why it failed. A failure ends the worker.

        `seconds` is the time that the job may take. Raises Stopped if the run is over.
        """
        os.ftruncate(self._stderr, 0)
        token = secrets.token_bytes(wire.TOKEN_BYTES)
        data = token + pickle.dumps(job)
        self._socket.settimeout(START_MAX_SECONDS)
        with suppress(OSError):  # it is dead: why is found out below
            self._socket.sendall(struct.pack(">I", len(data)) + data)
        self._socket.settimeout(LOOK_PAUSE_SECONDS)
        answer = self._wait(wire.ANSWER, seconds, token)
        self.done += 1
        if not isinstance(answer, Failure):
            self.scratch.empty()
        return answer

    def end(self) -> int:
        """End the worker and all that it started, remove its folder, and return its exit status.

        Until it is waited for, its number belongs to no other process.
        """
        if not self.is_dead:
            kill_family(self.pid, FOLDER_VARIABLE, str(self.scratch.folder))
            self._process.wait()
            self._socket.close()
            self.scratch.remove()
        return self._process.returncode

    def _wait(self, wanted: bytes, seconds: float, token: bytes = b"") -> bytes | Failure:
        """Return the body of the next frame of the kind `wanted`, or a Failure if the worker had to be ended.

        The body has to begin with the token of this job, so that an answer to an earlier job is not taken.
        """
        running = _Running(self.pid)
        try:
            while True:
                kind, body = self._next_frame(running, seconds)
                if kind == wanted and body.startswith(token):
                    return body[len(token) :]
                if kind == wire.ERROR:
                    raise wire.WireError(text_to_last_words(body, self.scratch.folder))
                running.take(_frame_to_step(kind, body))
                if running.is_due():
                    self._look(running, seconds)
        except _LimitExceeded as exceeded:
            return self._fail(running, exceeded.reason, exceeded.detail)
        except wire.WireError as error:
            return self._fail(running, Reason.ERROR, str(error))
        except EOFError:
            return self._collect_exited(running)

    def _next_frame(self, running: _Running, seconds: float) -> tuple[bytes, bytes]:
        """Return the kind and the body of the next frame.

        Frames that have arrived are taken before the worker is checked: one that answered in time is not
        ended because its parent was slow. Raises Stopped, and what `_look` raises.
        """
        while (frame := self._frames.take()) is None:
            if self._over.is_set():
                raise Stopped
            with suppress(TimeoutError):
                self._frames.receive()
            if running.is_due():
                self._look(running, seconds)
        return frame

    def close(self) -> None:
        """End the worker, and close its stderr."""
        self.end()
        os.close(self._stderr)

    @property
    def is_dead(self) -> bool:
        """Whether the worker has ended."""
        return self._process.returncode is not None

    def _look(self, running: _Running, seconds: float) -> None:
        """Check the worker: raises _LimitExceeded if it takes more than it may, EOFError if it is dead.

        `seconds` is the time for a document without pictures.
        """
        if has_ended(self.pid):
            raise EOFError
        if os.fstat(self._stderr).st_size > STDERR_MAX_BYTES:
            os.ftruncate(self._stderr, 0)
        family = [*islice(descendants(self.pid), PROCESSES_MAX + 1)]
        running.peak = max(running.peak, resident(self.pid))
        seconds += self._more_seconds(running)
        if (
            running.seconds() > seconds
            or sum(map(used, (self.pid, *family))) - running.used > CORES_MAX * seconds
        ):
            raise _LimitExceeded(Reason.TIMEOUT, self._last_words())
        most = self._settings.temp_mb * MB
        if self.scratch.size(most) + nameless((self.pid, *family), self._stderr) > most:
            raise _LimitExceeded(Reason.TEMP_FILES)
        if len(family) > PROCESSES_MAX:
            raise _LimitExceeded(Reason.CRASH, f"it started more than {PROCESSES_MAX} processes")
        if sum(map(resident, (self.pid, *family))) > self._settings.memory_mb * MB:
            raise _LimitExceeded(Reason.MEMORY)

    def _fail(self, running: _Running, reason: Reason, detail: str) -> Failure:
        """End the worker, and return the failure."""
        spent = self._spent(running)
        self.end()
        return Failure(reason, running.engine, detail, spent)

    def _collect_exited(self, running: _Running) -> Failure:
        """Return why a worker died.

        This is judged by its exit status, the last line of its stderr, and the most memory that it held.
        """
        spent = self._spent(running)
        until = time.monotonic() + _WORKER_DEATH_SECONDS
        while not has_ended(self.pid) and time.monotonic() < until:
            time.sleep(_WORKER_DEATH_SECONDS / _DEATH_LOOKS)
        status, words = self.end(), self._last_words()
        most = SUSPICIOUS_MEMORY + (PICTURES_MEMORY if running.pictures else 0)
        is_suspicious = running.peak > min(self._settings.memory_mb * MB / 2, most)
        if status == OUT_OF_MEMORY or is_suspicious or _NO_MEMORY_PATTERN.search(words):
            return Failure(Reason.MEMORY, running.engine, "", spent)
        detail = ": ".join(filter(None, (exit_to_words(status) if status else "", words)))
        return Failure(Reason.CRASH, running.engine, detail, spent)

    def _more_seconds(self, running: _Running) -> float:
        """Return the seconds that a job may take longer, for the pages that it reads as pictures."""
        return running.pictures * self._settings.picture_seconds

    def _spent(self, running: _Running) -> float:
        """Return the seconds that a job took of those for a document without pictures."""
        return max(running.seconds() - self._more_seconds(running), 0.0)

    def _last_words(self) -> str:
        """Return the last line of the worker's stderr."""
        size = os.fstat(self._stderr).st_size
        return text_to_last_words(
            os.pread(self._stderr, STDERR_TAIL_BYTES, max(0, size - STDERR_TAIL_BYTES)), self.scratch.folder
        )


class _LimitExceeded(Exception):  # noqa: N818
    """A worker took more time, memory, files or processes than it may."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class _Running:
    """A job under way.

    `step` is the last step that was told, `pictures` the number of pages said to be read as pictures.
    `peak` is the most memory that was seen, in bytes. `used` is the processor time, in seconds, that the
    worker had used before the job.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._since, self._waited = time.monotonic(), waited(pid)
        self._looked = self._since
        self.step, self.pictures, self.peak = "", 0, 0
        self.used = used(pid)

    @property
    def engine(self) -> str:
        """Return the library at work, "" before the first step."""
        return self.step.partition(" ")[0]

    def take(self, step: str) -> None:
        """Take a step that was told: "pypdfium2 ruled", or "ocr ruled 12" for so many pages."""
        self.step = step
        told = step.rpartition(" ")[2]
        if self.engine == PICTURE_READER and told.isdecimal():
            self.pictures = min(self.pictures + int(told), PICTURES_MAX)

    def is_due(self) -> bool:
        """Whether LOOK_PAUSE_SECONDS has passed since the last look. If so, a look is taken as made now."""
        now = time.monotonic()
        is_due = now - self._looked >= LOOK_PAUSE_SECONDS
        self._looked = now if is_due else self._looked
        return is_due

    def seconds(self) -> float:
        """Return the seconds since the job began, without those in which other programs had the processor.

        So a busy machine does not make a document run out of time.
        """
        return time.monotonic() - self._since - (waited(self._pid) - self._waited)


def _open_unnamed(path: Path) -> int:
    """Return the descriptor of a new file without a name, so that no other process finds it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    path.unlink()
    return descriptor


def _frame_to_step(kind: bytes, body: bytes) -> str:
    """Return the step that a frame tells. Raises WireError if it tells none."""
    if kind != wire.STEP or len(body) > STEP_MAX_BYTES or not body.decode("ascii", "replace").isprintable():
        raise wire.WireError("it sent what nobody asked for")
    return body.decode("ascii", "replace")
