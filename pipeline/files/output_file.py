"""A file that a person asked for, written beside its place and renamed; a link is written through."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipeline.files.durable import PART, new_part


def write_beside(path: Path, content: bytes) -> None:
    """The content under this name; OSError where that cannot be, and then nothing is left of it.

    A link, and what is no file, is never replaced: it is written through (/dev/stdout is such a link).
    """
    try:
        _write(path, content)
    except OSError as error:  # from a write, which names no file
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write(path: Path, content: bytes) -> None:
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
    """OSError where no file can be written under this name."""
    if _is_other_than_file(path):
        os.close(_open_through(path))
        return
    with new_part(_part(path)) as descriptor:
        os.close(descriptor)


def _is_other_than_file(path: Path) -> bool:
    return path.is_symlink() or (path.exists() and not path.is_file())


def _part(path: Path) -> Path:
    """A new name in the same folder; a short one, for that of `path` may be as long as a name can be."""
    return path.with_name(f".{secrets.token_hex(8)}{PART}")


def _open_through(path: Path, flags: int = 0) -> int:
    """Without waiting for somebody who reads: a pipe without one is an error."""
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | flags)
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)
    return descriptor
