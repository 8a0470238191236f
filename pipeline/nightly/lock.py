"""One night at a time; the next is told of one that died in its night."""

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
    """The lock for as long as this lasts; gives the holder before where that died in its night."""
    with hold_any(path, started, _WORDS, remembers=True) as died:
        yield died
