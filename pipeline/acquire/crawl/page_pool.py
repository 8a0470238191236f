"""Pages are read in processes of their own, as many as are busy at once: no page keeps another waiting."""

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

from pipeline.acquire.crawl.page_child import OUT_OF_MEMORY, read_message, write_message
from pipeline.acquire.crawl.page_facts import PageFacts, Work
from pipeline.acquire.sources import CrawlSettings
from pipeline.errors import Error

_T = TypeVar("_T")

_SPARE = 2  # that wait for work
_SOON = 0.05  # seconds; a page that takes longer may take very long, and another is made ready
_LONGEST = 32 << 20  # bytes of a reading
_DYING = 10.0  # seconds in which a reader that has hung up must be dead, on a busy machine too
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


class ReadingError(Error):
    """A page that cannot be read within bounds; the message says which."""


class Readers:
    """The readers of one night, and the threads that wait for them and for the disk."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._settings = settings
        self._idle: list[_Reader] = []
        self._busy: set[_Reader] = set()
        self._coming: Future[_Reader] | None = None
        self._threads = ThreadPoolExecutor(2 * settings.hosts_at_once + _SPARE, "aside")

    async def aside(self, function: Callable[..., _T], *given: object) -> _T:
        """What a function that takes long gives, while other sites are asked."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *given)

    async def read(self, work: Work) -> PageFacts:
        """What a page says; ReadingError where that takes too much of anything."""
        reader = await self._take()
        reading = asyncio.ensure_future(self.aside(reader.read, work))
        done, _ = await asyncio.wait([reading], timeout=_SOON)
        if not done:
            self.make_ready()
        try:
            found = await reading
        except ReadingError:
            self._busy.discard(reader)
            raise
        self._put_back(reader)
        return found

    def make_ready(self) -> None:
        """Has a reader started, unless one waits for work already."""
        if not self._idle and self._coming is None:
            self._coming = self._threads.submit(_Reader, self._settings)

    def close(self) -> None:
        """Ends them all, those too that are in the middle of a page."""
        for reader in (*self._busy, *self._idle):
            reader.kill()
        self._threads.shutdown()
        if self._coming is not None and not self._coming.exception():
            self._coming.result().kill()

    async def _take(self) -> _Reader:
        self._idle = [reader for reader in self._idle if reader.is_alive()]
        self.make_ready()
        if self._idle:
            reader = self._idle.pop()
        else:
            assert self._coming is not None
            coming, self._coming = self._coming, None
            reader = await asyncio.wrap_future(coming)
        self._busy.add(reader)
        return reader

    def _put_back(self, reader: _Reader) -> None:
        self._busy.discard(reader)
        if len(self._idle) < _SPARE:
            self._idle.append(reader)
        else:
            reader.kill()


class _Reader:
    """One process that reads pages."""

    def __init__(self, settings: CrawlSettings) -> None:
        self._settings = settings
        limits = str(settings.page_seconds), str(settings.memory_mb)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pipeline.acquire.crawl.page_child", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )

    def read(self, work: Work) -> PageFacts:
        """What the process says of a page; ReadingError where it dies of it, or says something else."""
        assert self._process.stdin and self._process.stdout
        try:
            write_message(self._process.stdin, msgspec.msgpack.encode(work))
            message = read_message(self._process.stdout, _LONGEST)
            return msgspec.msgpack.decode(message, type=PageFacts)
        except (OSError, msgspec.MsgspecError) as error:
            raise ReadingError(self._end_to_words()) from error

    def is_alive(self) -> bool:
        """Whether it still waits for work."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends it, whatever it is at."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what could not be written before it died
                cast(IO[bytes], pipe).close()

    def _end_to_words(self) -> str:
        """What it died of."""
        try:
            status = self._process.wait(_DYING)
        except subprocess.TimeoutExpired:
            self.kill()
            return "the page's reader gave no usable answer and was ended"
        self.kill()
        if status == -signal.SIGPROF:
            return f"reading the page took more than {self._settings.page_seconds:g} s"
        if status == OUT_OF_MEMORY:
            return f"reading the page took more than {self._settings.memory_mb} MB of memory"
        return f"the page's reader died (status {status})"


def _environment() -> dict[str, str]:
    """Where the program and its libraries are, and nothing of what else the crawl was told."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
