"""Where the program runs: on Linux whole, on macOS with a smaller sandbox, elsewhere what looks at tables."""

from __future__ import annotations

import sys
from importlib import import_module

from pipeline.errors import Error

_UNIX = ("fcntl", "resource")


class PlatformError(Error):
    """This system or this Python lacks what a command needs; the message says what works here."""


def require_unix(command: str) -> None:
    """PlatformError where locks and limits as Unix has them are lacking: readers would have no sandbox."""
    if lacking := [name for name in _UNIX if not _has(name)]:
        raise PlatformError(
            f"{command} needs Linux or macOS: this system ({sys.platform}) has no {', '.join(lacking)}: "
            "use WSL, or a machine that has; sql, compare and schema work here"
        )


def _has(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True
