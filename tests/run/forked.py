"""Commands in forks of the tests' own process: what a test has put in the place of the reader counts there."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from pipeline.cli import main
from tests.command import PATIENCE


def start(folder: Path, *words: str) -> Callable[[], tuple[int, str]]:
    """Begin a command in `folder`; what comes back waits for its exit status and stderr.

    The status is -14 where the command does not end.
    """
    said = tempfile.TemporaryFile("w+", encoding="utf-8")
    child = os.fork()
    if not child:
        os.dup2(said.fileno(), 2)
        status = 255
        try:
            signal.alarm(PATIENCE)
            gc.freeze()  # what is shared with the parent stays so
            os.chdir(folder)
            sys.stdout, sys.stderr = open(os.devnull, "w"), said
            status = main(list(words))
        except SystemExit as end:
            status = int(end.code or 0)
        except BaseException:
            traceback.print_exc(file=said)
        finally:
            said.flush()
            os._exit(status)

    def end() -> tuple[int, str]:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with said:
            said.seek(0)
            return status, said.read()

    return end


def answer(folder: Path, *words: str) -> tuple[int, str]:
    """Exit status and stderr of a command in `folder`."""
    return start(folder, *words)()
