"""Commands in forks of this process, on streams that a test gives: pipes, terminals, files.

`tests.command.ask` is for commands whose streams may be any.
"""

from __future__ import annotations

import gc
import os
import pty
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NoReturn

from pipeline.cli import main

PATIENCE = 240
"""Seconds after which a command is ended that takes one or two."""
_FLUSH_FAILED = 120  # as Python ends where it cannot write what is left


def command_to_status(words: Sequence[str | Path], out: int, err: int) -> int:
    """Exit status of a command whose output goes to these descriptors."""
    return _status_of(_fork(partial(_take, out, err), words))


def command_to_texts(words: Sequence[str | Path]) -> tuple[int, bytes, bytes]:
    """Exit status, stdout and stderr of a command."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status = command_to_status(words, out.fileno(), err.fileno())
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read()


def command_to_sent(words: Sequence[str | Path]) -> bytes:
    """What a command sends to its terminal."""
    master, terminal = pty.openpty()
    child = _fork(partial(_take_terminal, master, terminal), words)
    os.close(terminal)
    sent = b""
    while part := _read(master):
        sent += part
    os.close(master)
    _status_of(child)
    return sent


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # so Linux tells the end
        return b""


def _take(out: int, err: int) -> None:
    for number, stream in enumerate((os.open(os.devnull, os.O_RDWR), out, err)):
        os.dup2(stream, number)


def _take_terminal(master: int, terminal: int) -> None:
    """Take the terminal alone. Arrow aborts where the pipe is closed that it keeps for forks."""
    os.environ.update(TERM="xterm", COLUMNS="200")
    for number in range(3):
        os.dup2(terminal, number)
    os.close(master)
    os.close(terminal)


def _fork(take_streams: Callable[[], None], words: Sequence[str | Path]) -> int:
    _load()
    child = os.fork()
    if not child:
        _be_command(take_streams, [str(word) for word in words])
    return child


def _status_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _be_command(take_streams: Callable[[], None], words: list[str]) -> NoReturn:
    """Be the process of a command until its end. What is loaded is not taken apart."""
    status = 1
    try:
        gc.freeze()
        signal.alarm(PATIENCE)
        take_streams()
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        sys.stderr = os.fdopen(2, "w", buffering=1)  # a line at a time, as Python has it
        status = _words_to_status(words)
        status = status if _flush() else _FLUSH_FAILED
    finally:
        os._exit(status)


def _words_to_status(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1


def _flush() -> bool:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return False
    return True


@cache
def _load() -> None:
    """Load here what each fork would load anew, and build what a first run builds."""
    import duckdb  # noqa: F401

    import pipeline.query.result_formats
    import pipeline.query.run_query  # noqa: F401
    from tests.run.small_pdfs import NO_TABLES, text_pdf

    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.pdf")
        report.write_bytes(text_pdf([NO_TABLES]))
        main(["run", str(report), "--out", f"{folder}/tables"])
