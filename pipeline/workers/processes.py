"""Processes as psutil shows them: who descends from whom, what they hold in memory, and their end.

A number alone names nobody, for numbers come round again. A process is ended only through a handle on it
(pidfd) that was opened before it was looked at, or while its number cannot be another's, as that of a child
that its parent has not waited for: psutil opens no such handles, and its own wait takes the number away. On
other systems, and before Linux 5.3, only the process group of a worker that has just died is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import psutil

from pipeline.child_processes import PROC, children

_ROUNDS, _ROUND = 100, 0.02
"""How often, and seconds between: one that is killed may just have started another."""


def has_ended(child: int) -> bool:
    """Whether a child of this process is dead; it is not waited for, so that its number stays its own."""
    if not hasattr(os, "waitid"):
        return False
    try:
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _is_own_child(pid: int) -> bool:
    """Whether that is a child of this process, alive or not waited for; taken for granted elsewhere."""
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def descendants(pid: int) -> Iterator[int]:
    """The children of a process, theirs, and so on, however many generations there are."""
    found = children(pid)
    for child in found:
        yield child
        found += children(child)


def resident(pid: int) -> int:
    """The bytes of memory that a process holds at present; 0 where it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


def used(pid: int) -> float:
    """The seconds that all threads of a process, and all of its children that have ended, had a processor."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def waited(pid: int) -> float:
    """The seconds in which a process could have run and others did, which psutil does not know.

    0 where it is gone, or the kernel does not count.
    """
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int((PROC / str(pid) / "schedstat").read_text().split()[1]) / 1e9
    return 0.0


def nameless(pids: Iterable[int], but: int) -> int:
    """The bytes of the files that these have open and that have no name any more, without this open one.

    psutil lists only open files that have a name.
    """
    sizes: dict[tuple[int, int], int] = {}
    for opened in (file for pid in pids for file in PROC.glob(f"{pid}/fd/*")):
        with contextlib.suppress(OSError):
            found = opened.stat()
            if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                sizes[found.st_dev, found.st_ino] = found.st_size
    known = os.fstat(but)
    return sum(size for file, size in sizes.items() if file != (known.st_dev, known.st_ino))


def kill_family(worker: int, name: str, value: str) -> None:
    """End a worker and whatever it left running: all of its session, and all that inherited a variable.

    `worker` is a child of this process that leads a session and has not been waited for; the variable `name`
    with this `value` even a child in a session of its own has. Where the number is no child's any more, as
    under a parent that ignores SIGCHLD, the variable alone counts.
    """
    is_own = _is_own_child(worker)
    if is_own:
        with contextlib.suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
    _kill_all(lambda pid: (is_own and _is_of_session(pid, worker)) or _variable(pid, name) == value)


def kill_marked(name: str, beginning: str) -> None:
    """End every process whose variable `name` begins so."""
    _kill_all(lambda pid: _variable(pid, name).startswith(beginning))


def _kill_all(belongs: Callable[[int], bool]) -> None:
    for _ in range(_ROUNDS):
        if not sum(_kill_if(pid, belongs) for pid in psutil.pids()):
            return
        time.sleep(_ROUND)


def _kill_if(pid: int, belongs: Callable[[int], bool]) -> bool:
    """Whether that process belongs and was told to end.

    First whether it belongs, for handles are dear; then again, when the handle holds it: had the number
    gone to another meanwhile, the signal reaches nobody.
    """
    if sys.platform != "linux" or not hasattr(os, "pidfd_open") or not belongs(pid):
        return False
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # gone, or an older kernel
        return False
    try:
        if not belongs(pid):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _is_of_session(pid: int, session: int) -> bool:
    """Whether a process lives in that session."""
    try:
        return os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False


def _variable(pid: int, name: str) -> str:
    """A variable of a process; "" where it has none, is dead, or is another user's."""
    try:
        return psutil.Process(pid).environ().get(name, "")
    except (OSError, psutil.Error):
        return ""
