"""The end of this process at a point between two of its writes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from pipeline.acquire import crashpoints

NEVER = 1 << 30
_passed = 0


def arm(point: int) -> None:
    """From here on points are counted in this process, and passing this one is the last that it does."""
    global _passed
    _passed = 0

    def hook(name: str) -> None:
        global _passed
        _passed += 1
        if _passed == point:
            os.write(2, f"killed at point {point}: {name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    crashpoints.hook = hook


def passed() -> int:
    """The points passed since."""
    return _passed


def is_killed(work: Callable[[], object]) -> bool:
    """Whether a child process was killed at its work; a fork spares the start of Python and of pandas."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL, os.waitstatus_to_exitcode(status)
    return status != 0


def is_killed_at(point: int, work: Callable[[], object]) -> bool:
    """Whether a child process was killed at this point of its work."""

    def armed() -> None:
        arm(point)
        work()

    return is_killed(armed)
