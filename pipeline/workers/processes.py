"""Watch and end processes, as psutil shows them: descendants, memory, processor time.

A process number alone does not identify a process, as the kernel gives old numbers to new processes. So a
process is only ended in one of two ways: through a handle on it (pidfd) that was opened before the process
was looked at, or while its number cannot be reused, as for a child that its parent has not yet waited for.
psutil opens no such handles, and its own wait frees the number. On other systems, and before Linux 5.3, only
the process group of a worker that has just died is ended.
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

_LOOK_ERRORS = (OSError, IndexError, ValueError, psutil.Error)
"""What psutil raises for a process that it cannot look at.

Beside its own errors these are what the system says, such as that too many files are open, and what comes of
files in /proc that are empty because the process is just ending.
"""

_ENDING_ROUNDS_MAX = 100
"""Count. Processes are ended in no more rounds.

More than one is needed: a process may start another just before it is ended.
"""

_ENDING_PAUSE_SECONDS = 0.02
"""Seconds between two of these rounds."""

_NANOSECONDS = 1e9
"""Count. One second has as many: /proc gives some times in them."""


def has_ended(child: int) -> bool:
    """Whether a child of this process is dead. It is not waited for, so its number stays its own."""
    if not hasattr(os, "waitid"):
        return False
    try:
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _is_own_child(pid: int) -> bool:
    """Whether a number is that of a child of this process, alive or not yet waited for.

    True on systems where this cannot be asked.
    """
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def descendants(pid: int) -> Iterator[int]:
    """Yield the children of a process, their children, and so on."""
    found = children(pid)
    for child in found:
        yield child
        found += children(child)


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds now, 0 if it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except _LOOK_ERRORS:
        return 0


def used(pid: int) -> float:
    """Return the seconds of processor time that a process and its ended children have used.

    0 if the process is gone.
    """
    try:
        times = psutil.Process(pid).cpu_times()
    except _LOOK_ERRORS:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def waited(pid: int) -> float:
    """Return the seconds in which a process was ready to run, but others had the processor.

    0 if the process is gone or the kernel does not count this. psutil does not know it.
    """
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int((PROC / str(pid) / "schedstat").read_text().split()[1]) / _NANOSECONDS
    return 0.0


def nameless(pids: Iterable[int], but: int) -> int:
    """Return the bytes of open files that were deleted and so have no name any more.

    `pids` are the processes that have them open. `but` is a descriptor of this process, whose file is not
    counted. psutil lists only open files that have a name.
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
    """End a worker and everything that it started: its session, and all processes that inherited a variable.

    `worker` is a child of this process that leads a session and has not been waited for. A process that left
    the session still has the variable `name` with this `value`. If `worker` is no child of this process any
    more, as under a parent that ignores SIGCHLD, only the variable counts.
    """
    is_own = _is_own_child(worker)
    if is_own:
        with contextlib.suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
    _kill_all(lambda pid: (is_own and _is_of_session(pid, worker)) or _variable(pid, name) == value)


def kill_marked(name: str, beginning: str) -> None:
    """End every process that has a variable `name` whose value begins with `beginning`."""
    _kill_all(lambda pid: _variable(pid, name).startswith(beginning))


def _kill_all(belongs: Callable[[int], bool]) -> None:
    """End every process for which `belongs` is true, until a round finds none."""
    for _ in range(_ENDING_ROUNDS_MAX):
        if not sum(_kill_if(pid, belongs) for pid in psutil.pids()):
            return
        time.sleep(_ENDING_PAUSE_SECONDS)


def _kill_if(pid: int, belongs: Callable[[int], bool]) -> bool:
    """End a process if it belongs to those to end, and return whether it was told to end.

    `belongs` is asked twice. First without a handle, as opening one is slow. Then with the handle: if the
    number was given to another process in between, that process is left alone.
    """
    if sys.platform != "linux" or not hasattr(os, "pidfd_open") or not belongs(pid):
        return False
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # the process is gone, or the kernel is older than 5.3
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
    """Whether a process is alive and in that session."""
    try:
        return os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except _LOOK_ERRORS:
        return False


def _variable(pid: int, name: str) -> str:
    """Return a variable of a process, "" if it has none, is dead, or belongs to another user."""
    try:
        return psutil.Process(pid).environ().get(name, "")
    except _LOOK_ERRORS:
        return ""
