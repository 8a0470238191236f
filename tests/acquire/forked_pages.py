"""Loaded where crawls are forked: their page processes are forked too, and load no library anew.

test_page_pool.py starts them as a night does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import IO, NoReturn

from pipeline.acquire.addresses import host_to_registrable
from pipeline.acquire.crawl import page_child, page_pool


class ForkedPageChild:
    """What a crawl takes for its `subprocess.Popen`."""

    def __init__(self, command: Sequence[str], env: dict[str, str], **pipes: int) -> None:
        seconds, memory_mb = command[-2:]
        from_crawl, to_child = os.pipe()
        from_child, to_crawl = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            _be_child(from_crawl, to_crawl, float(seconds), int(memory_mb))
        os.close(from_crawl)
        os.close(to_crawl)
        self.stdin: IO[bytes] = os.fdopen(to_child, "wb")
        self.stdout: IO[bytes] = os.fdopen(from_child, "rb")

    def poll(self) -> int | None:
        """The exit status, if there is one yet."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        """The exit status, once there is one."""
        end = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("page_child", timeout)
            time.sleep(0.01)
        return status

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def _be_child(source: int, target: int, seconds: float, memory_mb: int) -> NoReturn:
    """Be a page process with these pipes; all other descriptors of the crawl are closed."""
    os.dup2(source, 0)
    os.dup2(target, 1)
    os.closerange(3, 1024)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    try:
        page_child.main(seconds, memory_mb)
    finally:
        os._exit(1 if sys.exc_info()[0] else 0)


host_to_registrable("")  # loads the list of suffixes, a third of what a forked crawl would cost
vars(page_pool)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": ForkedPageChild})
