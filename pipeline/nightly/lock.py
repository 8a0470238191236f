"""One night at a time: a lock that the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "night.lock"


class BusyError(Exception):
    """Another night is running; the message says which process, and since when."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds or held the lock; `started` as its clock said."""

    pid: int
    started: str


@contextmanager
def hold(path: Path, started: str) -> Iterator[Holder | None]:
    """The lock for as long as this lasts; gives the holder before where that died in its night.

    The file stays: removing it would let two nights lock two files of one name.
    """
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(_busy(path, read_holder(path))) from error
        died = read_holder(path)
        _write(descriptor, json.dumps(asdict(Holder(os.getpid(), started))))
        yield died
        _write(descriptor, "")
    finally:
        os.close(descriptor)


def read_holder(path: Path) -> Holder | None:
    """Who wrote the lock last and has not ended in order; None where nobody did, or its note is cut off."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_held(path: Path) -> bool:
    """Whether a night is running now."""
    import fcntl

    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _busy(path: Path, holder: Holder | None) -> str:
    who = f"process {holder.pid}, since {holder.started}" if holder else "a process that has just begun"
    return f"another night is running ({who}; {path}): wait for its end, or end that process"


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
