"""Where the program runs: on Linux whole, on macOS with a smaller sandbox, elsewhere what looks at tables."""

from __future__ import annotations

import sys
from importlib import import_module

from pipeline.errors import Error

_UNIX = ("fcntl", "resource")
_USAGE, _INTERRUPTED = 2, 130


class PlatformError(Error):
    """This system or this Python lacks what a command needs; the message says what works here."""


def require_unix(command: str) -> None:
    """PlatformError where locks and limits as Unix has them are lacking: readers would have no sandbox."""
    if lacking := [name for name in _UNIX if not _has(name)]:
        raise PlatformError(
            f"{command} needs Linux or macOS: this system ({sys.platform}) has no {', '.join(lacking)}: "
            "use WSL, or a machine that has; sql, compare and schema work here"
        )


def run_where_installed() -> int:
    """The command line; where a package is not installed, a line and the status of wrong usage.

    Ctrl-C may come while it is still being loaded.
    """
    try:
        from pipeline.cli import main

        return main()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("pipeline."):
            raise
        print(f"error: {_missing_to_words(error)}", file=sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return _INTERRUPTED


def _missing_to_words(error: ModuleNotFoundError) -> str:
    return (
        f"{sys.executable} lacks a package that is needed ({error}): `make run` makes an environment that "
        "has all, then run .venv/bin/python -m pipeline (on Windows see README.md, Start)"
    )


def _has(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True
