"""The process that parses pages one by one: reads a PageTask from stdin, writes its PageFacts to stdout.

Each message is preceded by its length. A page that takes too much memory or time ends only this process: the
kernel keeps the limits.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import IO

import msgspec

from pipeline.acquire.crawl.limits import limit_memory
from pipeline.acquire.crawl.page_facts import PageFacts, PageTask, task_to_facts
from pipeline.child_processes import OUT_OF_MEMORY
from pipeline.errors import QUOTED_MAX_CHARACTERS

LENGTH_BYTES = 4
"""Bytes of the length before each message: enough for 4 GB."""

_NICENESS = 5
"""Steps of niceness. The crawl's own process, which serves all sites, comes first."""


def main(seconds: float, memory_mb: int) -> None:
    """Parse pages until stdin ends. The process is killed after `seconds` of CPU time on one page."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix with the results
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # a service may forbid it
        os.nice(_NICENESS)
    limit_memory(memory_mb)
    try:
        while message := read_message(source):
            _set_clock(seconds)
            facts = msgspec.msgpack.encode(_read(msgspec.msgpack.decode(message, type=PageTask)))
            _set_clock(0)
            write_message(target, facts)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def read_message(source: IO[bytes], most: int | None = None) -> bytes:
    """Return the next message; b"" at the end, or if it is cut off or longer than `most` bytes."""
    size = int.from_bytes(source.read(LENGTH_BYTES))
    if most is not None and size > most:
        return b""
    message = source.read(size)
    return message if len(message) == size else b""


def write_message(target: IO[bytes], message: bytes) -> None:
    """Write a message after its length."""
    target.write(len(message).to_bytes(LENGTH_BYTES))
    target.write(message)
    target.flush()


def _read(task: PageTask) -> PageFacts:
    """Return the facts of a page; an unexpected error becomes their `problem`."""
    try:
        return task_to_facts(task)
    except MemoryError:
        raise
    except Exception as error:
        words = str(error)[:QUOTED_MAX_CHARACTERS]
        return PageFacts(problem=f"cannot be used ({type(error).__name__} {words}): report this")


def _set_clock(seconds: float) -> None:
    """Let the kernel kill this process after so many seconds of its own CPU time; 0 stops the clock."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
