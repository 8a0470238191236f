"""The folder of all workers of a run, which a killed run leaves behind and the next one clears away.

Its name is drawn by chance and stands in the environment of every worker. Nothing else in it says who is
ended: neither a number nor the name of a folder is a proof.
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
    """A new folder, locked as long as this process lives; removed with all that its workers left running."""
    place = Path(tempfile.gettempdir()).resolve()
    for path in place.glob(f"{PREFIX}*"):
        _clear_if_abandoned(path)
    root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    root.chmod(0o700)  # a folder for a group gives its mark to what is made in it
    lock = _new_lock(root)
    try:
        yield root
    finally:
        _clear(root)
        os.close(lock)


def _new_lock(root: Path) -> int:
    """The lock of a new root, held before it has the name by which others look for it."""
    early = root / f"{_LOCK}.new"
    lock = os.open(early, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    _is_free(lock)
    early.rename(root / _LOCK)
    return lock


def _clear_if_abandoned(root: Path) -> None:
    """Another's folder, one that others can write to, and one that a living run holds are left."""
    with suppress(OSError):
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if _is_our_own(os.fstat(folder), stat.S_IFDIR, 0o700):
                _clear_if_free(root, folder)
        finally:
            os.close(folder)


def _clear_if_free(root: Path, folder: int) -> None:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    lock = os.open(_LOCK, flags, dir_fd=folder)  # none: about to be locked
    try:
        if _is_our_own(os.fstat(lock), stat.S_IFREG, 0o600) and _is_free(lock):
            _clear(root)
    finally:
        os.close(lock)


def _is_our_own(found: os.stat_result, kind: int, mode: int) -> bool:
    is_alike = stat.S_IFMT(found.st_mode) == kind and stat.S_IMODE(found.st_mode) == mode
    return is_alike and found.st_uid == os.geteuid()


def _is_free(lock: int) -> bool:
    """Whether nobody held the lock; from here on this process does."""
    try:
        return lock_descriptor(lock, blocking=False)
    except OSError:
        return False


def _clear(root: Path) -> None:
    kill_marked(FOLDER_VARIABLE, f"{root}{os.sep}")
    remove_tree(root)
