"""Processes as Linux shows them: who descends from whom, what they hold in memory, and their end.

A number alone names nobody, for numbers come round again. A process is ended only through a handle on it
(pidfd) that was opened before it was looked at, or while its number cannot be another's, as that of a child
that its parent has not waited for. psutil has neither sessions nor such handles. On other systems, and
before Linux 5.3, only the process group of a worker that has just died is ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_ROUNDS, _ROUND = 100, 0.02
"""How often, and seconds between: one that is killed may just have started another."""


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process as soon as its parent is gone, however that came about.

    Windows knows no such tie.
    """
    if sys.platform == "win32":
        return
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever this process's children leave behind, in whatever session."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


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


def children(pid: int) -> list[int]:
    """The children of all threads of a process, dead ones that it has not waited for among them."""
    found: list[int] = []
    for file in PROC.glob(f"{pid}/task/*/children"):
        with contextlib.suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def descendants(pid: int) -> Iterator[int]:
    """The children of a process, theirs, and so on, however many generations there are."""
    found = children(pid)
    for child in found:
        yield child
        found += children(child)


def resident(pid: int) -> int:
    """The bytes of memory that a process holds at present; 0 where it is gone."""
    with contextlib.suppress(OSError, IndexError):
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def waited(pid: int) -> float:
    """The seconds in which a process could have run and others did; 0 where the kernel does not count."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int((PROC / str(pid) / "schedstat").read_text().split()[1]) / 1e9
    return 0.0


def used(pid: int) -> float:
    """The seconds that all threads of a process, and all of its children that have ended, had a processor."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        times = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[11:15]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return 0.0


def nameless(pids: Iterable[int], but: int) -> int:
    """The bytes of the files that these have open and that have no name any more, without this open one."""
    sizes: dict[tuple[int, int], int] = {}
    for opened in (file for pid in pids for file in PROC.glob(f"{pid}/fd/*")):
        with contextlib.suppress(OSError):
            found = opened.stat()
            if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                sizes[found.st_dev, found.st_ino] = found.st_size
    known = os.fstat(but)
    return sum(size for file, size in sizes.items() if file != (known.st_dev, known.st_ino))


def kill_children() -> None:
    """End what a library started and left running in this process, which has adopted their children too.

    The number of a child is its own until it is waited for.
    """
    while found := children(os.getpid()):
        for child in found:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        for child in found:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def kill_family(worker: int, mark: str) -> None:
    """End a worker and whatever it left running: all of its session, and all that inherited `mark`.

    `worker` is a child of this process that leads a session and has not been waited for, `mark` a text of
    the environment, which even a child in a session of its own has. Where the number is no child's any more,
    as under a parent that ignores SIGCHLD, the mark alone counts.
    """
    is_own = _is_own_child(worker)
    if is_own:
        with contextlib.suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
    _kill_all(lambda folder: (is_own and _is_of_session(folder, worker)) or _has_mark(folder, mark))


def kill_marked(beginning: str) -> None:
    """End every process that has a variable whose "name=value" begins so."""
    _kill_all(lambda folder: _has_mark(folder, beginning, whole=False))


def _kill_all(belongs: Callable[[Path], bool]) -> None:
    for _ in range(_ROUNDS):
        if not sum(_kill_if(int(folder.name), belongs) for folder in PROC.glob("[0-9]*")):
            return
        time.sleep(_ROUND)


def _kill_if(pid: int, belongs: Callable[[Path], bool]) -> bool:
    """Whether that process belongs and was told to end.

    First whether it belongs, for handles are dear; then again, when the handle holds it: had the number
    gone to another meanwhile, the signal reaches nobody.
    """
    folder = PROC / str(pid)
    if sys.platform != "linux" or not hasattr(os, "pidfd_open") or not belongs(folder):
        return False
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # gone, or an older kernel
        return False
    try:
        if not belongs(folder):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _is_of_session(folder: Path, session: int) -> bool:
    """Whether a process lives in that session; its name, which comes before in brackets, may be anything."""
    try:
        state, _, _, own = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:4]
    except (OSError, ValueError):
        return False
    return int(own) == session and state != b"Z"


def _has_mark(folder: Path, mark: str, *, whole: bool = True) -> bool:
    """A dead process has no environment any more."""
    try:
        texts = (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # another user's
        return False
    wanted = os.fsencode(mark)
    return wanted in texts if whole else any(text.startswith(wanted) for text in texts)
