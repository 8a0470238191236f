"""A pool of processes that parse pages, as many as are busy at once: a slow page does not delay other
sites."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import IO, TypeVar, cast

import msgspec

from pipeline.acquire.crawl.page_child import read_message, write_message
from pipeline.acquire.crawl.page_facts import PageFacts, PageTask
from pipeline.acquire.sources import CrawlSettings
from pipeline.child_processes import OUT_OF_MEMORY, exit_to_words, kept_variables
from pipeline.errors import Error

_T = TypeVar("_T")

_IDLE_PROCESSES_MAX = 2
"""Count. No more idle processes are kept for the next page: they would only hold memory."""

_USUAL_PAGE_MAX_SECONDS = 0.05
"""Seconds. A usual page takes no longer. After them another process is started, so that no site waits."""

_FACTS_MAX_BYTES = 32 << 20
"""Bytes of what is found on a page. Thousands of links fit, and a hostile page cannot fill the memory."""

_PAGE_PROCESS_DEATH_SECONDS = 10.0
"""Seconds in which a process that has hung up must be dead, on a busy machine too."""


class PageError(Error):
    """A page that cannot be parsed within its limits; the message says which limit."""


class PagePool:
    """The page processes of one crawl, and threads that wait for them and for the disk."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._settings = settings
        self._idle: list[_PageProcess] = []
        self._busy: set[_PageProcess] = set()
        self._coming: Future[_PageProcess] | None = None
        self._threads = ThreadPoolExecutor(2 * settings.hosts_at_once + _IDLE_PROCESSES_MAX, "aside")

    async def in_thread(self, function: Callable[..., _T], *given: object) -> _T:
        """Run a slow function in a thread and return its result, while other sites are served."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *given)

    async def read(self, task: PageTask) -> PageFacts:
        """Return the facts of a page; PageError if it takes too much time or memory."""
        page_process = await self._take()
        facts = asyncio.ensure_future(self.in_thread(page_process.read, task))
        done, _ = await asyncio.wait([facts], timeout=_USUAL_PAGE_MAX_SECONDS)
        if not done:
            self.make_ready()
        try:
            found = await facts
        except PageError:
            self._busy.discard(page_process)
            raise
        self._put_back(page_process)
        return found

    def make_ready(self) -> None:
        """Start a page process unless one is idle or starting."""
        if not self._idle and self._coming is None:
            self._coming = self._threads.submit(_PageProcess, self._settings)

    def close(self) -> None:
        """End all page processes, also those in the middle of a page."""
        for page_process in (*self._busy, *self._idle):
            page_process.kill()
        self._threads.shutdown()
        if self._coming is not None and not self._coming.exception():
            self._coming.result().kill()

    async def _take(self) -> _PageProcess:
        """Return an idle page process, or wait for a new one."""
        self._idle = [page_process for page_process in self._idle if page_process.is_alive()]
        self.make_ready()
        if self._idle:
            page_process = self._idle.pop()
        else:
            assert self._coming is not None
            coming, self._coming = self._coming, None
            page_process = await asyncio.wrap_future(coming)
        self._busy.add(page_process)
        return page_process

    def _put_back(self, page_process: _PageProcess) -> None:
        """Keep a page process for the next page, or end it if enough are idle."""
        self._busy.discard(page_process)
        if len(self._idle) < _IDLE_PROCESSES_MAX:
            self._idle.append(page_process)
        else:
            page_process.kill()


class _PageProcess:
    """One process that parses pages."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._settings = settings
        limits = str(settings.page_seconds), str(settings.memory_mb)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.acquire.crawl.page_child", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )

    def read(self, task: PageTask) -> PageFacts:
        """Return the facts of a page; PageError if the process dies of it or answers something else."""
        assert self._process.stdin and self._process.stdout
        try:
            write_message(self._process.stdin, msgspec.msgpack.encode(task))
            message = read_message(self._process.stdout, _FACTS_MAX_BYTES)
            return msgspec.msgpack.decode(message, type=PageFacts)
        except (OSError, msgspec.MsgspecError) as error:
            raise PageError(self._end_to_words()) from error

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what could not be written before it died
                cast(IO[bytes], pipe).close()

    def _end_to_words(self) -> str:
        """Say why the process ended."""
        try:
            status = self._process.wait(_PAGE_PROCESS_DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return "the page's reader gave no usable answer and was ended"
        self.kill()
        if status == -signal.SIGPROF:
            return f"reading the page took more than {self._settings.page_seconds:g} s"
        if status == OUT_OF_MEMORY:
            return f"reading the page took more than {self._settings.memory_mb} MB of memory"
        return f"the page's reader died ({exit_to_words(status)})"


def _environment() -> dict[str, str]:
    """Return the variables a page process needs: where the program and its libraries are, and nothing
    secret."""
    return kept_variables(os.environ) | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
