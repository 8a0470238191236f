"""The lock of a night: only one runs at a time, and the next learns if the one before was killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.files.lock import BusyError, Holder, Words, is_held, read_holder
from pipeline.files.lock import hold as hold_any

__all__ = ["NAME", "BusyError", "Holder", "hold", "is_held", "read_holder"]

NAME = "night.lock"
_WORDS = Words("another night is running", "wait for its end, or end that process")


@contextmanager
def hold(path: Path, started: str) -> Iterator[Holder | None]:
    """Hold the lock inside the `with`; gives the holder before if it was killed, else None. BusyError if
    another night runs."""
    with hold_any(path, started, _WORDS, remembers=True) as died:
        yield died
