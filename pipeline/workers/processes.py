"""Processes as Linux shows them: who descends from whom, what they hold in memory, and their end.

On other systems only the process group of a worker is known.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_ROUNDS, _ROUND = 100, 0.02
"""How often, and seconds between: one that is killed may just have started another."""


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process as soon as its parent is gone, however that came about."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def children(pid: int) -> list[int]:
    """The living children of all threads of a process."""
    found: list[int] = []
    for file in PROC.glob(f"{pid}/task/*/children"):
        with contextlib.suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from descendants(child)


def resident(pid: int) -> int:
    """The bytes of memory that a process holds at present; 0 where it is gone."""
    with contextlib.suppress(OSError, IndexError):
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def kill_children() -> None:
    """End what a library started and left running in this process."""
    for child in list(descendants(os.getpid())):
        _kill(child)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def kill_family(session: int, mark: str) -> None:
    """End whatever a dead worker left running: all of its session, and all that inherited `mark`.

    `mark` is a text of the environment, which even a child in a session of its own has.
    """
    with contextlib.suppress(OSError):
        os.killpg(session, signal.SIGKILL)
    for _ in range(_ROUNDS):
        family = list(_family(session, mark))
        if not family:
            return
        for pid in family:
            _kill(pid)
        time.sleep(_ROUND)


def _family(session: int, mark: str) -> Iterator[int]:
    for folder in PROC.glob("[0-9]*"):
        if _is_of_session(folder, session) or _has_mark(folder, mark):
            yield int(folder.name)


def _is_of_session(folder: Path, session: int) -> bool:
    """Whether a process lives in that session; its name, which comes before in brackets, may be anything."""
    try:
        state, _, _, own = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:4]
    except (OSError, ValueError):
        return False
    return int(own) == session and state != b"Z"


def _has_mark(folder: Path, mark: str) -> bool:
    try:
        return mark.encode() in (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # another user's
        return False


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
