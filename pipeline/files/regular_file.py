"""Files opened so that nothing hangs: regular ones alone, without waiting, and never more bytes than asked.

A named pipe, a socket or a device can lie wherever a file can. None of them is ever opened.
"""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.errors import Error

LARGEST = 512 << 20
"""Bytes that a document may have where nothing else is said: scans of a hundred pages stay below it."""

NOTE = 128 << 20
"""Bytes that a file may have in which this program notes something for its next run: more is not its own."""

CHUNK = 1 << 20
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
}
_FLAGS = os.O_RDONLY
for _name in ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"):  # not every platform has all of them
    _FLAGS |= getattr(os, _name, 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class IrregularFileError(Error, OSError):
    """What is there is no file to read: `strerror` says in words what it is."""


class TooLargeError(Error, OSError):
    """A file has more bytes than it may have: `strerror` says how many those are."""


def open_regular(path: Path, *, follow: bool = True, largest: int | None = None) -> io.FileIO:
    """The file, open for reading and at once; IrregularFileError where it is none, or a link not to `follow`.

    TooLargeError where it has more than `largest` bytes, OSError where it cannot be opened.
    """
    _require_regular(path.stat(follow_symlinks=follow), path)
    descriptor = os.open(path, _FLAGS | (0 if follow else _NO_FOLLOW))
    try:
        there = os.fstat(descriptor)
        _require_regular(there, path)  # another may lie there by now
        if largest is not None and there.st_size > largest:
            raise _too_large(largest)
        return io.FileIO(descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def file_to_chunks(file: io.FileIO, largest: int | None = None) -> Iterator[bytes]:
    """The bytes of an open file in pieces; TooLargeError once they are more than `largest`.

    Some files of the system have no size and no end, or have a reader wait: BlockingIOError then.
    """
    length = 0
    while chunk := os.read(file.fileno(), CHUNK):
        length += len(chunk)
        if largest is not None and length > largest:
            raise _too_large(largest)
        yield chunk


def read_regular(path: Path, *, follow: bool = True, largest: int | None = None) -> bytes:
    """All bytes of a file; raises what `open_regular` does."""
    with open_regular(path, follow=follow, largest=largest) as file:
        return b"".join(file_to_chunks(file, largest))


def read_json(path: Path) -> Any:
    """What a note of this program says; raises what `read_regular` does, ValueError where it is no JSON."""
    try:
        return json.loads(read_regular(path, largest=NOTE))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def file_to_sha256(path: Path, *, follow: bool = True, largest: int | None = None) -> str:
    """The hash of a file's bytes; raises what `open_regular` does."""
    digest = sha256()
    with open_regular(path, follow=follow, largest=largest) as file:
        for chunk in file_to_chunks(file, largest):
            digest.update(chunk)
    return digest.hexdigest()


def has_sha256(path: Path, hexadecimal: str, *, largest: int | None = None) -> bool:
    """Whether the file's bytes have this hash; False where they cannot be read or are more than `largest`."""
    try:
        return file_to_sha256(path, largest=largest) == hexadecimal
    except OSError:
        return False


def is_regular(path: Path) -> bool:
    """Whether a regular file is there itself, no link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def path_to_kind(path: Path) -> str:
    """What a path leads to that is there and no regular file, in words; "" for all else."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    return "" if stat.S_ISREG(mode) else _mode_to_kind(mode)


def link_to_target(path: Path, folder: Path) -> Path:
    """Where a link in `folder` leads, the path itself where it is no link; both have no further link in them.

    IrregularFileError where it leads out of the folder, or in circles.
    """
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise IrregularFileError(errno.ELOOP, "a link that leads in circles", str(path))
    if not target.is_relative_to(os.path.realpath(folder)):
        raise IrregularFileError(errno.EXDEV, "a link out of its folder, which is not followed", str(path))
    return target


def _require_regular(there: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(there.st_mode):
        raise IrregularFileError(errno.EINVAL, f"{_mode_to_kind(there.st_mode)}, no regular file", str(path))


def _mode_to_kind(mode: int) -> str:
    return _KINDS.get(stat.S_IFMT(mode), "something else")


def _too_large(largest: int) -> TooLargeError:
    return TooLargeError(errno.EFBIG, f"over {largest / (1 << 20):g} MB")
