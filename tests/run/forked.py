"""Commands in forks of the tests' own process: a reader that a test has put in place counts there."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from pipeline.cli import main
from tests.command import PATIENCE


def start(folder: Path, *words: str) -> Callable[[], tuple[int, str]]:
    """Begin a command in `folder`; what comes back waits for its exit status and stderr.

    The status is -14 where the command does not end.
    """
    reader, writer = os.pipe()
    child = os.fork() or _be(folder, words, writer)
    os.close(writer)

    def end() -> tuple[int, str]:
        with os.fdopen(reader, encoding="utf-8") as answer:
            said = answer.read()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said

    return end


def _be(folder: Path, words: tuple[str, ...], writer: int) -> int:
    """Become the process of a command; nothing comes back."""
    status = 255
    try:
        signal.alarm(PATIENCE)
        gc.freeze()  # what is shared with the parent stays so
        os.chdir(folder)
        os.dup2(writer, 2)  # for what is written there by libraries
        with os.fdopen(writer, "w", encoding="utf-8") as err, Path(os.devnull).open("w") as out:
            sys.stdout, sys.stderr = out, err
            status = _status_of(words)
    finally:
        os._exit(status)


def _status_of(words: tuple[str, ...]) -> int:
    try:
        return main(list(words))
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        return 255
