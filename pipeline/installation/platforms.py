"""Know on which systems the program runs.

On Linux all of it works. On macOS the sandbox is smaller. On other systems only the commands work that look
at tables.
"""

from __future__ import annotations

import sys
from importlib import import_module

from pipeline.errors import Error

_UNIX = ("fcntl", "resource")
"""Modules of Python that only Linux, macOS and other Unix systems have."""


class PlatformError(Error):
    """This system or this Python lacks what a command needs. The message says what works here."""


def require_unix(command: str) -> None:
    """Raise PlatformError if this system lacks the locks and limits of Unix.

    Without them the readers would have no sandbox.
    """
    if lacking := [name for name in _UNIX if not _has(name)]:
        raise PlatformError(
            f"{command} needs Linux or macOS: this system ({sys.platform}) has no {', '.join(lacking)}: "
            "use WSL, or a machine that has; sql, compare and schema work here"
        )


def _has(name: str) -> bool:
    """Whether a module can be imported."""
    try:
        import_module(name)
    except ImportError:
        return False
    return True
