"""Let one process at a time do a thing. The system frees the lock when its holder dies, in whatever way."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path

from pipeline.errors import Error, PathError
from pipeline.files.regular_file import open_regular

PATIENCE = 0.5
"""Seconds for which every caller tries to get a lock.

`status` takes a lock for a moment to see whether it is free. Whoever asks at that moment should not fail.
"""

_RETRY_PAUSE_SECONDS = 0.05
"""Seconds between two tries."""

_HOLDER_NOTE_MAX_BYTES = 4096
"""Bytes that are read of what a holder wrote into its lock. A note has about 60."""

_LOCK_MODE = 0o600
"""Mode of the file. Whoever can open a lock can hold it, and keep all others out."""

log = logging.getLogger(__name__)


class BusyError(Error):
    """Another process holds the lock. The message says which, and since when."""


class LockError(PathError):
    """A lock cannot be made, or what has its name is no lock of ours. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds or held the lock. `started` is the time that it gave itself."""

    pid: int
    started: str


@dataclass(frozen=True, slots=True)
class Words:
    """The message about a lock that another process holds: its beginning, and what the user can do."""

    busy: str
    todo: str


@contextmanager
def hold(
    path: Path, started: str, words: Words, *, wait: float = 0.0, remembers: bool = False
) -> Iterator[Holder | None]:
    """Hold the lock for the body of a `with`. Gives the holder before, if it died with the lock.

    `wait` is the seconds to wait for another holder. `started` is written into the lock as the time at which
    it was taken. With `remembers`, a body that raises an error counts as a holder that died. Raises
    BusyError, LockError.
    """
    made = _make_folders(path.parent)
    in_order = False
    try:
        descriptor = _take(path, words, wait)
    except BaseException:
        _unmake_folders(made)
        raise
    try:
        died = _note_to_holder(os.pread(descriptor, _HOLDER_NOTE_MAX_BYTES, 0))
        _write(descriptor, json.dumps(asdict(Holder(os.getpid(), started))))
        yield died
        in_order = True
    finally:
        if in_order or not remembers:
            _remove(descriptor, path)
        os.close(descriptor)
        _unmake_folders(made)


def read_holder(path: Path) -> Holder | None:
    """Return the process that holds the lock, or the last one that died with it.

    None if there is none, or if it has not written its note in full.
    """
    try:
        with open_regular(path) as file:
            return _note_to_holder(file.read(_HOLDER_NOTE_MAX_BYTES))
    except OSError:
        return None


def is_held(path: Path) -> bool:
    """Whether a process holds the lock now.

    A lock of another user cannot be asked. It counts as held, as every lock is removed at its end. Raises
    LockError if what has that name is no file, or if its file system has no locks.
    """
    import fcntl  # filelock has no shared lock, which several processes can hold

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True
    except OSError as error:
        raise LockError(_unusable(path, error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        raise LockError(_unlockable(path, error)) from error
    finally:
        os.close(descriptor)
    return False


def _take(path: Path, words: Words, wait: float) -> int:
    """Return the descriptor of the lock, held. Raises BusyError after `wait` seconds, LockError."""
    end = time.monotonic() + max(wait, PATIENCE)
    told = wait <= PATIENCE
    while (descriptor := _try(path)) is None:
        if time.monotonic() >= end:
            raise BusyError(f"{_who(path, words)}: {words.todo}")
        if not told:
            log.warning("%s: waiting for its end, at most %g s", _who(path, words), wait)
            told = True
        time.sleep(_RETRY_PAUSE_SECONDS)
    return descriptor


def _try(path: Path) -> int | None:
    """Return the descriptor of the lock, held. None if another process holds it or has just removed it."""
    descriptor = _open(path)
    try:
        if _is_free(descriptor, path) and _is_at(descriptor, path):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _is_free(descriptor: int, path: Path) -> bool:
    """Take the lock, and return whether that worked: False if another process has it."""
    from filelock import lock_descriptor  # its FileLock leaves files behind, and takes any file as its own

    try:
        return lock_descriptor(descriptor, blocking=False)
    except OSError as error:
        raise LockError(_unlockable(path, error)) from error


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it. Return those that were missing, the lowest first."""
    missing = list(takewhile(lambda above: not above.exists(), (folder, *folder.parents)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LockError(_unusable(folder, error)) from error
    return missing


def _unmake_folders(made: list[Path]) -> None:
    """Remove the folders that were made, if they are empty: a failed command leaves none behind."""
    with contextlib.suppress(OSError):
        for folder in made:
            folder.rmdir()


def _open(path: Path) -> int:
    """Return the descriptor of the file of the lock, made if it is missing. Raises LockError."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, flags, _LOCK_MODE)
    except OSError as error:
        raise LockError(_unusable(path, error)) from error
    except AttributeError as error:  # a system without these flags has no fcntl either
        raise LockError(f"{path}: this system has no locks of files that we know: use Linux") from error
    try:
        _require_own(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _unlockable(path: Path, error: OSError) -> str:
    """Return the message for a file on a file system that has no locks, as some network disks."""
    return f"{path}: cannot be locked there ({error.strerror}): give a folder on another file system"


def _unusable(path: Path, error: OSError) -> str:
    """Return the message for a lock that cannot be opened."""
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        return f"{path}: is not a lock that this program made: remove it"
    if isinstance(error, PermissionError) and path.exists():
        return f"{path}: is another user's: let that user's run end, then have it removed"
    return f"{path}: cannot be made ({error.strerror}): check the rights and the disk, or give another folder"


def _require_own(descriptor: int, path: Path) -> None:
    """Raise LockError if others can hold this lock, or if it is a second name of another file.

    A lock of an older version, which others could open, gets the rights of today.
    """
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink > 1:
        raise LockError(f"{path}: is not a lock that this user's run made: remove it")
    if stat.S_IMODE(found.st_mode) != _LOCK_MODE:
        os.fchmod(descriptor, _LOCK_MODE)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the file of this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _remove(descriptor: int, path: Path) -> None:
    """Remove the file while it is locked. Otherwise two processes could lock two files of the same name."""
    with contextlib.suppress(OSError):  # where the file cannot be removed, an empty note does as well
        _write(descriptor, "")
        if _is_at(descriptor, path):
            path.unlink()


def _who(path: Path, words: Words) -> str:
    """Return in words who holds the lock."""
    holder = read_holder(path)
    if holder is None:
        return f"{words.busy} (a process that has just begun; {path})"
    return f"{words.busy} (process {holder.pid}, since {holder.started}; {path})"


def _note_to_holder(note: bytes) -> Holder | None:
    """Return the holder that a note tells of, None if it tells of none."""
    try:
        return Holder(**json.loads(note))
    except (ValueError, TypeError, RecursionError):
        return None


def _write(descriptor: int, text: str) -> None:
    """Replace the content of an open file."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
