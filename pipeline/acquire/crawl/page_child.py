"""The process that reads pages, one by one: a Work comes in, a PageFacts goes out, each after its length.

Whatever a page does to it ends with it: it has bounds of memory and of time, and the kernel keeps them.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import IO

import msgspec

from pipeline.acquire.crawl.limits import limit_memory
from pipeline.acquire.crawl.page_facts import PageFacts, Work, work_to_reading

OUT_OF_MEMORY = 77
"""The exit status of a reader that could not get more memory."""

WIDTH = 4
"""The bytes of a length."""


def main(seconds: float, memory_mb: int) -> None:
    """Reads until there is nothing more to read; dies within `seconds` of work on one page."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no reading
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # where a service may not
        os.nice(5)  # the requests of the other sites come first
    limit_memory(memory_mb)
    try:
        while message := read_message(source):
            _set_clock(seconds)
            reading = msgspec.msgpack.encode(_read(msgspec.msgpack.decode(message, type=Work)))
            _set_clock(0)
            write_message(target, reading)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def read_message(source: IO[bytes], most: int | None = None) -> bytes:
    """The next message; b"" where there is none, or one that is cut or longer than `most`."""
    size = int.from_bytes(source.read(WIDTH))
    if most is not None and size > most:
        return b""
    message = source.read(size)
    return message if len(message) == size else b""


def write_message(target: IO[bytes], message: bytes) -> None:
    target.write(len(message).to_bytes(WIDTH))
    target.write(message)
    target.flush()


def _read(work: Work) -> PageFacts:
    try:
        return work_to_reading(work)
    except MemoryError:
        raise
    except Exception as error:
        return PageFacts(problem=f"cannot be used ({type(error).__name__} {str(error)[:200]}): report this")


def _set_clock(seconds: float) -> None:
    """The kernel ends this process after so much work; time in which others work does not count."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
