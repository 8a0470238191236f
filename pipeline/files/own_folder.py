"""Keep temporary folders of one process. If it is killed, the next that makes such a folder clears it away.

Such a folder is known by a prefix and has a lock, which the system frees when its process ends. Left alone
are folders of other users, folders that others can write to, and those of processes that still live.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOCK = "lock"
"""The name of the file in such a folder that is locked while its process lives."""


def make_own_folder(prefix: str) -> tuple[Path, int]:
    """Return a new folder whose name begins with `prefix`, and its lock, held while this process lives.

    Raises OSError.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_place()))
    folder.chmod(0o700)  # below a folder with the setgid bit, a new folder has it too
    return folder, _new_lock(folder)


def clear_abandoned(prefix: str, clear: Callable[[Path], None]) -> None:
    """Have the folders of this prefix cleared away whose processes have ended."""
    for path in _place().glob(f"{prefix}*"):
        _clear_if_abandoned(path, clear)


def _place() -> Path:
    """Return the folder for temporary files."""
    return Path(tempfile.gettempdir()).resolve()


def _new_lock(folder: Path) -> int:
    """Return the lock of a new folder. It is locked before it has the name that others look for."""
    early = folder / f"{LOCK}.new"
    lock = os.open(early, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    _is_free(lock)
    early.rename(folder / LOCK)
    return lock


def _clear_if_abandoned(path: Path, clear: Callable[[Path], None]) -> None:
    """Clear away a folder of a process that was killed."""
    with suppress(OSError):
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if _is_our_own(os.fstat(folder), stat.S_IFDIR, 0o700):
                _clear_if_free(path, folder, clear)
        finally:
            os.close(folder)


def _clear_if_free(path: Path, folder: int, clear: Callable[[Path], None]) -> None:
    """Clear away a folder if no process holds its lock."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    lock = os.open(LOCK, flags, dir_fd=folder)  # if it is missing, its process is about to make it
    try:
        if _is_our_own(os.fstat(lock), stat.S_IFREG, 0o600) and _is_free(lock):
            clear(path)
    finally:
        os.close(lock)


def _is_our_own(found: os.stat_result, kind: int, mode: int) -> bool:
    """Whether a file belongs to this user and has this kind and these rights."""
    is_alike = stat.S_IFMT(found.st_mode) == kind and stat.S_IMODE(found.st_mode) == mode
    return is_alike and found.st_uid == os.geteuid()


def _is_free(lock: int) -> bool:
    """Take the lock, and return whether that worked: False if another process has it."""
    from filelock import lock_descriptor  # here, for a command that is misspelt needs none

    try:
        return lock_descriptor(lock, blocking=False)
    except OSError:
        return False
