"""What happens inside a worker: its limits, set once, and one document after the other."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.records import Reason
from pipeline.workers.den import IDLE, WIDTH, Den
from pipeline.workers.processes import die_with_parent, kill_children

if TYPE_CHECKING:
    from pipeline.records import Report
    from pipeline.workers.tasks import Read, Task

OUT_OF_MEMORY = 77
"""The exit status of a worker that could not get more memory: it is not used again."""

MARK = "NIANBAO_WORKER"
"""The variable that marks everything that a worker starts."""

SPARING = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""What keeps libraries within the limits; Arrow's own pool, which pandas brings in, reserves a whole GB."""

_MB = 1 << 20


class _Desk:
    """The open state file of this process, once it is a worker."""

    def __init__(self, den: Den) -> None:
        self.den = den
        self._file = os.open(den.state_file, os.O_WRONLY | os.O_CREAT, 0o600)
        self._number, self._since = IDLE, 0.0

    def begin(self, number: int) -> None:
        os.ftruncate(2, 0)
        self._number, self._since = number, time.monotonic()
        self.note("")

    def note(self, step: str) -> None:
        line = f"{self._number} {self._since!r} {step}"
        os.pwrite(self._file, line.encode("ascii", "replace")[:WIDTH].ljust(WIDTH), 0)

    def end(self) -> None:
        self._number = IDLE
        self.note("")
        self.den.empty()
        kill_children()


_desk: _Desk | None = None


def note(step: str) -> None:
    """Say which step is taken next, for the case that it is the last; of no effect outside a worker."""
    if _desk:
        _desk.note(step)


def prepare(root: Path, parent: int, memory_mb: int, temp_mb: int) -> None:
    """Make this process a worker: a session and a folder of its own, limits, and quiet."""
    global _desk
    os.setsid()
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # at once, even where a library never comes back
    den = Den(root / str(os.getpid()))
    den.temporary.mkdir(parents=True, exist_ok=True)
    _move_in(den)
    _limit(memory_mb, temp_mb)
    hush_readers()
    _desk = _Desk(den)


def _move_in(den: Den) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(os.open(den.stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), 2)
    os.environ.update(dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(den.temporary)))
    os.environ.update({MARK: str(den.folder)} | SPARING)
    tempfile.tempdir = None  # to be looked up anew


def _limit(memory_mb: int, temp_mb: int) -> None:
    """Bound the memory and the size of any one file; the sum of all files is the parent's to watch."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
        resource.setrlimit(resource.RLIMIT_FSIZE, (temp_mb * _MB, temp_mb * _MB))


def hush_readers() -> None:
    """The PDF libraries warn about every odd font; what matters of it shows in the cells."""
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")


def work(read: Read, number: int, task: Task, passwords: tuple[str, ...]) -> Report:
    """Read one document and leave nothing behind; a worker out of memory ends here."""
    desk = _at_desk()
    desk.begin(number)
    try:
        report = read(task, passwords)
        if report.reason == Reason.MEMORY:
            os._exit(OUT_OF_MEMORY)
        return report
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"it asked to end the program: {error!r}") from None
    finally:
        desk.end()


def _at_desk() -> _Desk:
    if _desk is None:
        raise RuntimeError("this process is no worker: call prepare first")
    return _desk
