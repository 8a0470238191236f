"""Places between two writes where a test may kill the process: a second run has to mend everything."""

from __future__ import annotations

import os
import signal

VARIABLE = "NIANBAO_KILL_AT_POINT"

_deadly = int(os.environ.get(VARIABLE, "0"))
_passed = 0


def pass_point(name: str) -> None:
    """Nothing, unless NIANBAO_KILL_AT_POINT=n is set: then the n-th call in this process is its last."""
    global _passed
    if not _deadly:
        return
    _passed += 1
    if _passed == _deadly:
        os.write(2, f"killed at point {_passed}: {name}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)
