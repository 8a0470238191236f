"""The folder of all workers of a run, which a killed run leaves behind and the next one clears away."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.workers.den import Den
from pipeline.workers.inside import MARK
from pipeline.workers.processes import kill_family

PREFIX = "nianbao-workers-"


@contextmanager
def workers_root() -> Iterator[Path]:
    """A new folder, locked as long as this process lives; removed with all that its workers left running."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _clear_if_abandoned(path)
    root = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = _lock(root)
    try:
        yield root
    finally:
        _clear(root)
        if lock is not None:
            os.close(lock)


def dens(root: Path) -> list[Den]:
    return [Den(folder) for folder in root.glob("[0-9]*")]


def clear_den(den: Den) -> None:
    """End what a dead worker left running, and remove its folder."""
    kill_family(den.pid, f"{MARK}={den.folder}")
    shutil.rmtree(den.folder, ignore_errors=True)


def _lock(root: Path) -> int | None:
    """The lock of a root; None where a living process holds it, or it is another user's."""
    try:
        file = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


def _clear_if_abandoned(root: Path) -> None:
    if not (root / "lock").exists():  # about to be locked
        return
    lock = _lock(root)
    if lock is not None:
        _clear(root)
        os.close(lock)


def _clear(root: Path) -> None:
    for den in dens(root):
        clear_den(den)
    shutil.rmtree(root, ignore_errors=True)
