"""Write files so that either the whole file is on the disk under its name, or nothing is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PART = ".part"
"""How the name of a file ends that is not written in full yet."""

PART_NAME_BYTES = 8
"""Bytes of the random part in the name of a temporary file."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def written_beside(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """Open a new file for the body of a `with`. It replaces `path` if the body ends without an error.

    `mode` is the new file's mode, before the umask. Its temporary name is random, so nobody can have put a
    link there before. File and folder are synced to the disk. Raises OSError.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(PART_NAME_BYTES)}{PART}")
    with new_part(temporary, mode) as descriptor:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            sync(file)
        temporary.replace(path)
    sync_folder(path.parent)


@contextmanager
def new_part(part: Path, mode: int = 0o666) -> Iterator[int]:
    """Make a new file and give its descriptor to the body of a `with`.

    Afterwards the file is removed, unless the body renamed it. Raises OSError.
    """
    descriptor = open_new(part, mode)
    try:
        yield descriptor
    finally:
        part.unlink(missing_ok=True)


def open_new(path: Path, mode: int = 0o666) -> int:
    """Make a new file and return its descriptor. Raises OSError if anything has that name, even a link."""
    return os.open(path, _NEW, mode)


def leftovers(path: Path) -> list[Path]:
    """Return the temporary files that killed writes of `path` have left.

    The file of a write that is still running is among them.
    """
    start = f".{path.name}."
    found = path.parent.iterdir() if path.parent.is_dir() else iter(())
    return [part for part in found if part.name.startswith(start) and part.name.endswith(PART)]


def sync(file: IO[bytes]) -> None:
    """Write the content of an open file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """Write the content of a file to the disk, for a file that a library has written."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk.

    Only POSIX systems need this; on others a folder cannot be opened, and nothing is done.
    """
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
