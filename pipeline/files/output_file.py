"""Write a file that the user asked for, under a temporary name first. Links are written through."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipeline.files.durable import PART, PART_NAME_BYTES, new_part


def write_beside(path: Path, content: bytes) -> None:
    """Write the content under this name. Raises OSError; then nothing of the content is left there.

    A link, and anything that is no regular file, is not replaced but written to: /dev/stdout is such a link.
    """
    try:
        _write(path, content)
    except OSError as error:  # the error of a write names no file
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write(path: Path, content: bytes) -> None:
    """Write the content, and replace a regular file in one step."""
    if _is_other_than_file(path):
        with os.fdopen(_open_through(path, os.O_TRUNC), "wb") as file:
            file.write(content)
        return
    part = _part(path)
    with new_part(part) as descriptor:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        part.replace(path)


def try_beside(path: Path) -> None:
    """Raise OSError if no file can be written under this name."""
    if _is_other_than_file(path):
        os.close(_open_through(path))
        return
    with new_part(_part(path)) as descriptor:
        os.close(descriptor)


def _is_other_than_file(path: Path) -> bool:
    """Whether the name is that of a link, or of something else that is no regular file."""
    return path.is_symlink() or (path.exists() and not path.is_file())


def _part(path: Path) -> Path:
    """Return a new name in the same folder. It is short, as that of `path` may be as long as is allowed."""
    return path.with_name(f".{secrets.token_hex(PART_NAME_BYTES)}{PART}")


def _open_through(path: Path, flags: int = 0) -> int:
    """Return a descriptor to write to what is there, through a link.

    It does not wait for a reader: a pipe that nobody reads raises OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | flags)
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)
    return descriptor
