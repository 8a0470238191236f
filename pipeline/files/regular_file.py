"""Open files so that no program hangs: only regular files, without waiting, with a limit on their bytes.

A named pipe, a socket or a device may have the name of a file. None of them is ever opened.
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

MB = 1 << 20
"""Bytes in one MB, as the settings and the messages count them."""

DOCUMENT_MAX_BYTES = 512 << 20
"""Bytes that a document may have unless the settings say otherwise.

Scans of 100 pages have fewer. A busy core hashes as many in 4 s.
"""

NOTE_MAX_BYTES = 128 << 20
"""Bytes that a file of notes may have, which this program keeps for its next run.

A larger one was not written by this program.
"""

CHUNK = 1 << 20
"""Bytes that are read at one time."""

_TYPE_IN_WORDS = {
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
    """The path leads to something that is no regular file. `strerror` says in words what it is."""


class TooLargeError(Error, OSError):
    """The file has more bytes than it may have. `strerror` says how many it may have."""


def open_regular(path: Path, *, follow: bool = True, largest: int | None = None) -> io.FileIO:
    """Open a regular file for reading, without waiting.

    Raises IrregularFileError if it is no regular file, or a link and `follow` is False; TooLargeError if it
    has more than `largest` bytes; OSError if it cannot be opened.
    """
    _require_regular(path.stat(follow_symlinks=follow), path)
    descriptor = os.open(path, _FLAGS | (0 if follow else _NO_FOLLOW))
    try:
        there = os.fstat(descriptor)
        _require_regular(there, path)  # another file may have this name by now
        if largest is not None and there.st_size > largest:
            raise _too_large(largest)
        return io.FileIO(descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def file_to_chunks(file: io.FileIO, largest: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of an open file in pieces of at most CHUNK bytes.

    Raises TooLargeError as soon as there are more than `largest`: some files of the system tell no size and
    never end. Raises BlockingIOError for a file that would have its reader wait.
    """
    length = 0
    while chunk := os.read(file.fileno(), CHUNK):
        length += len(chunk)
        if largest is not None and length > largest:
            raise _too_large(largest)
        yield chunk


def read_regular(path: Path, *, follow: bool = True, largest: int | None = None) -> bytes:
    """Return all bytes of a file. Raises the errors of `open_regular` and `file_to_chunks`."""
    with open_regular(path, follow=follow, largest=largest) as file:
        return b"".join(file_to_chunks(file, largest))


def read_json(path: Path) -> Any:
    """Return the content of a JSON file of this program's own notes, of at most NOTE_MAX_BYTES.

    Raises the errors of `read_regular`, and ValueError if it is no JSON.
    """
    try:
        return json.loads(read_regular(path, largest=NOTE_MAX_BYTES))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def file_to_sha256(path: Path, *, follow: bool = True, largest: int | None = None) -> str:
    """Return the SHA-256 of a file, in hexadecimal. Raises the errors of `read_regular`."""
    digest = sha256()
    with open_regular(path, follow=follow, largest=largest) as file:
        for chunk in file_to_chunks(file, largest):
            digest.update(chunk)
    return digest.hexdigest()


def has_sha256(path: Path, hexadecimal: str, *, largest: int | None = None) -> bool:
    """Whether the file has this SHA-256 (in hexadecimal).

    False if it cannot be read, or has more than `largest` bytes.
    """
    try:
        return file_to_sha256(path, largest=largest) == hexadecimal
    except OSError:
        return False


def is_regular(path: Path) -> bool:
    """Whether the path itself is a regular file. A link to one is not."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def path_to_kind(path: Path) -> str:
    """Return in words what a path leads to if that is no regular file.

    "" if it is a regular file, or if nothing is there.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    return "" if stat.S_ISREG(mode) else _mode_to_kind(mode)


def link_to_target(path: Path, folder: Path) -> Path:
    """Return the path to which a link in `folder` leads. A path that is no link is returned as it is.

    Raises IrregularFileError if the link leads out of the folder or in a circle.
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
    """Raise IrregularFileError if this is no regular file."""
    if not stat.S_ISREG(there.st_mode):
        raise IrregularFileError(errno.EINVAL, f"{_mode_to_kind(there.st_mode)}, no regular file", str(path))


def _mode_to_kind(mode: int) -> str:
    """Return in words what kind of file has this mode."""
    return _TYPE_IN_WORDS.get(stat.S_IFMT(mode), "something else")


def _too_large(largest: int) -> TooLargeError:
    """Return the error for a file of more than `largest` bytes."""
    return TooLargeError(errno.EFBIG, f"over {largest / MB:g} MB")
