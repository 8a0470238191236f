"""Keep the folder of all workers of a run. If a run is killed, the next run removes its folder.

The folder's name is random, and every worker has it in a variable. Only processes with that variable are
ended: neither a process number nor the name of a folder proves that a process is a worker.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import lock_descriptor

from pipeline.workers.processes import kill_marked
from pipeline.workers.sandbox import FOLDER_VARIABLE
from pipeline.workers.scratch import remove_tree

PREFIX = "nianbao-workers-"
_LOCK = "lock"


@contextmanager
def workers_root() -> Iterator[Path]:
    """Make a new folder for the body of a `with`, locked as long as this process lives.

    Afterwards the folder and all that the workers left running are removed. Folders of killed runs are
    removed first. Raises OSError.
    """
    place = Path(tempfile.gettempdir()).resolve()
    for path in place.glob(f"{PREFIX}*"):
        _clear_if_abandoned(path)
    root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    root.chmod(0o700)  # below a folder with the setgid bit, a new folder has it too
    lock = _new_lock(root)
    try:
        yield root
    finally:
        _clear(root)
        os.close(lock)


def _new_lock(root: Path) -> int:
    """Return the lock of a new folder. It is locked before it has the name that other runs look for."""
    early = root / f"{_LOCK}.new"
    lock = os.open(early, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    _is_free(lock)
    early.rename(root / _LOCK)
    return lock


def _clear_if_abandoned(root: Path) -> None:
    """Clear away the folder of a run that was killed.

    Left alone are folders of other users, folders that others can write to, and those of runs that still
    live.
    """
    with suppress(OSError):
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if _is_our_own(os.fstat(folder), stat.S_IFDIR, 0o700):
                _clear_if_free(root, folder)
        finally:
            os.close(folder)


def _clear_if_free(root: Path, folder: int) -> None:
    """Clear away a folder if no process holds its lock."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    lock = os.open(_LOCK, flags, dir_fd=folder)  # if it is missing, its run is about to make it
    try:
        if _is_our_own(os.fstat(lock), stat.S_IFREG, 0o600) and _is_free(lock):
            _clear(root)
    finally:
        os.close(lock)


def _is_our_own(found: os.stat_result, kind: int, mode: int) -> bool:
    """Whether a file belongs to this user and has this kind and these rights."""
    is_alike = stat.S_IFMT(found.st_mode) == kind and stat.S_IMODE(found.st_mode) == mode
    return is_alike and found.st_uid == os.geteuid()


def _is_free(lock: int) -> bool:
    """Take the lock, and return whether that worked: False if another process has it."""
    try:
        return lock_descriptor(lock, blocking=False)
    except OSError:
        return False


def _clear(root: Path) -> None:
    """End all workers of a folder, and remove it."""
    kill_marked(FOLDER_VARIABLE, f"{root}{os.sep}")
    remove_tree(root)
