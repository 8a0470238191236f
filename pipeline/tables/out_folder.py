"""The folder of tables as what runs and nights share: where it really is, and whose turn it is."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from pipeline.errors import Error, PathError
from pipeline.files.lock import Words, hold

RELEASES = ".releases"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OutError(Error, OSError):
    """The tables cannot be written; those that were there are whole, or made whole by the next run."""

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def hold_out(out: Path, wait: float = 0.0) -> Iterator[None]:
    """The tables in `out` for as long as this lasts, against every other run and night.

    Raises BusyError where another has them for longer than `wait` seconds, LockError.
    """
    words = Words(
        f"{out}: another run, or a night, is at work on these tables",
        "wait for its end (a run does with --wait SECONDS), or give another --out",
    )
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with hold(out_to_beside(out, "lock"), started, words, wait=wait):
        yield


@contextmanager
def telling(out: Path) -> Iterator[None]:
    """What the disk says against writing, told with the folder it is about, as OutError."""
    try:
        yield
    except OSError as error:
        words = f"{out}: the tables cannot be written ({_why(error)})"
        raise OutError(error.errno or errno.EIO, words) from error


def _why(error: OSError) -> str:
    """What the system said, and about which file where it was in the way of another."""
    name = f"{error.filename2}: " if error.filename2 else ""
    return name + (error.strerror or " ".join(str(error).split()))


def out_to_own(out: Path) -> Path:
    """Where a link of somebody else's leads; a pointer of ours to its newest release stays the pointer."""
    return out if is_pointer(out) else out.resolve()


def is_pointer(out: Path) -> bool:
    """Whether this is a link that a night has set."""
    return out.is_symlink() and out.readlink().parent == Path(f"{out.name}{RELEASES}")


def out_to_beside(out: Path, suffix: str) -> Path:
    """A hidden file about these tables, the same one for the pointer and for every release behind it.

    It is beside the folder, or within where the folder is mounted or what it is in takes no files.
    """
    own = out_to_own(out.absolute())
    if own.parent.name.endswith(RELEASES) and own.name.isdecimal():
        own = own.parent.with_name(own.parent.name.removesuffix(RELEASES))
    if own.is_dir() and (os.path.ismount(own) or not os.access(own.parent, os.W_OK | os.X_OK)):
        return own / f".{suffix}"
    return own.with_name(f".{own.name}.{suffix}")


def require_usable(out: Path) -> None:
    """PathError where no tables can be written into `out`, before the work and not after it."""
    try:
        problem = _problem(out)
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL, links in a circle
        problem = f"leads nowhere ({getattr(error, 'strerror', None) or error})"
    if problem:
        raise PathError(f"{out}: {problem}: give another --out")


def _problem(out: Path) -> str:
    """Why this folder cannot take tables, "" where it can; it need not be there yet."""
    whole = out.absolute()
    missing = list(takewhile(_is_missing, (whole, *whole.parents)))
    there = [whole, *whole.parents][len(missing)]
    if any(path.is_symlink() and not is_pointer(path) for path in missing):
        return "is a link that leads nowhere"
    for path in missing:  # asked for where it can be asked: which name is too long
        _is_missing(there / path.name)
    if not there.is_dir():
        what = "is a file" if there.is_file() else "is no folder"
        return f"{what}, and --out needs a folder" if there == whole else f"{there} {what}"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} takes no files (its rights do not allow it, or its disk is read-only)"
    return ""


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    return False
