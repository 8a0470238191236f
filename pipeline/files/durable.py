"""Files that are on the disk whole under their name, or not there at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PART = ".part"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def written_beside(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A new file, its mode less the umask, that takes the place of `path` where this ends without an error.

    Its name is new and cannot be foreseen, so no link that somebody has laid there is followed.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART}")
    with new_part(temporary, mode) as descriptor:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            sync(file)
        temporary.replace(path)
    sync_folder(path.parent)


@contextmanager
def new_part(part: Path, mode: int = 0o666) -> Iterator[int]:
    """The descriptor of a new file, which is gone after this unless it was renamed."""
    descriptor = open_new(part, mode)
    try:
        yield descriptor
    finally:
        part.unlink(missing_ok=True)


def open_new(path: Path, mode: int = 0o666) -> int:
    """The descriptor of a file that was not there before; OSError where anything is, a link too."""
    return os.open(path, _NEW, mode)


def leftovers(path: Path) -> list[Path]:
    """What writes of `path` have left that were killed; of one that is under way too."""
    start = f".{path.name}."
    found = path.parent.iterdir() if path.parent.is_dir() else iter(())
    return [part for part in found if part.name.startswith(start) and part.name.endswith(PART)]


def sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """The content of a file that a library has written, on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """The names in a folder, on the disk; elsewhere than on POSIX a folder cannot be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
