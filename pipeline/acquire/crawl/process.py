"""The crawl in a process of its own: Twisted's reactor cannot start twice, and a crawl must end."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread, Timer, stack_size
from typing import TYPE_CHECKING

import msgspec

from pipeline.acquire.crawl.limits import limit_memory
from pipeline.acquire.crawl.result import CrawlResult
from pipeline.acquire.sources import CrawlSettings, Source
from pipeline.child_processes import exit_to_words

if TYPE_CHECKING:
    from pipeline.acquire.crawl.guard import Guard
    from pipeline.acquire.crawl.visit import Visit

log = logging.getLogger(__name__)

CONTEXT = multiprocessing.get_context("spawn")
_GRACE = 60.0  # seconds beyond the crawl's own bounds until it is killed
_LONGEST = 64 << 20  # bytes of a result
_STACK = 1 << 20  # bytes for each of the threads that resolve names and wait for readers


@dataclass(frozen=True, slots=True)
class Job:
    """What the process is told; `prepare` runs first in it, to set up its logging."""

    sources: tuple[Source, ...]
    store_root: Path
    ledger_path: Path
    settings: CrawlSettings
    now: str
    prepare: Callable[[], None] | None = None


def crawl(
    sources: Sequence[Source],
    store_root: Path,
    ledger_path: Path,
    settings: CrawlSettings,
    now: str,
    prepare: Callable[[], None] | None = None,
    grace: float = _GRACE,
) -> CrawlResult:
    """Visit all sources once; what was fetched is in store and ledger when this returns.

    `now` is the time that the ledger's rows get. A crawl that crashes or does not end in its time is killed,
    and its `problem` says so: what it recorded until then stays. `prepare` (picklable) runs first in it.
    """
    job = Job(tuple(sources), store_root, ledger_path, settings, now, prepare)
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_run, args=(job, sender), name="crawl")
    process.start()
    sender.close()
    try:
        return _wait(receiver, process, settings.seconds + settings.timeout + grace, grace)
    finally:
        process.join(5)
        process.kill()
        process.join()
        receiver.close()


def _wait(receiver: Connection, process: BaseProcess, seconds: float, grace: float) -> CrawlResult:
    if not receiver.poll(seconds):
        process.kill()
        return CrawlResult((), {}, f"the crawl did not end within {seconds:g} s and was killed: see the log")
    try:
        return msgspec.msgpack.decode(_receive(receiver, process, grace), type=CrawlResult)
    except EOFError:
        process.join(5)
        return CrawlResult((), {}, f"the crawl process died ({exit_to_words(process.exitcode)}): see the log")
    except (OSError, msgspec.MsgspecError) as error:
        return CrawlResult((), {}, f"the crawl process gave no usable result ({error}): see the log")


def _receive(receiver: Connection, process: BaseProcess, grace: float) -> bytes:
    """The message that has begun to arrive; one that does not end costs its process its life."""
    timer = Timer(grace, process.kill)
    timer.start()
    try:
        return receiver.recv_bytes(_LONGEST)
    finally:
        timer.cancel()


def _run(job: Job, sender: Connection) -> None:
    """The process: Ctrl-C is the parent's, whose end is this one's too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_die_with_parent, daemon=True).start()
    if job.prepare:
        job.prepare()
    stack_size(_STACK)
    limit_memory(job.settings.memory_mb)
    sender.send_bytes(_job_to_bytes(job))
    sender.close()


def _job_to_bytes(job: Job) -> bytes:
    """The result as the parent reads it: data, for this process has parsed what others wrote."""
    try:
        result = job_to_result(job)
    except MemoryError:
        said = f"the crawl had no more than its {job.settings.memory_mb} MB (memory_mb)"
        result = CrawlResult((), {}, said)
    return msgspec.msgpack.encode(result)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def job_to_result(job: Job) -> CrawlResult:
    """The crawl itself, in this process, which can run no second one."""
    from pipeline.acquire.addresses import host_to_registrable
    from pipeline.acquire.crawl.folders import take_folders
    from pipeline.acquire.crawl.guard import Guard
    from pipeline.acquire.crawl.page_pool import Readers
    from pipeline.acquire.crawl.visit import Visit
    from pipeline.acquire.ledger import Ledger
    from pipeline.acquire.store import Store, StoreError

    settings, readers = job.settings, Readers(job.settings)
    _warn_of_unverified(job.sources)
    host_to_registrable("")  # its list is loaded now, and not when a first link keeps all sites waiting
    with Ledger(job.ledger_path) as ledger, closing(readers):
        visit = Visit(job.sources, Store(job.store_root), ledger, settings, job.now, time.monotonic, readers)
        try:
            take_folders(visit, job.sources)
        except StoreError as error:
            visit.frontier.close(str(error))
            return _visit_to_result(visit, str(error))
        problem = _crawl(visit, Guard(settings.allow_loopback, settings.hosts), settings)
        return _visit_to_result(visit, problem)


def _visit_to_result(visit: Visit, problem: str) -> CrawlResult:
    visit.end()
    return CrawlResult(visit.results(), visit.frontier.requests(), problem)


def _crawl(visit: Visit, guard: Guard, settings: CrawlSettings) -> str:
    """What ended the crawl early; "" where nothing did."""
    from scrapy.crawler import CrawlerProcess

    from pipeline.acquire.crawl.spider import NightSpider, scrapy_settings

    process = CrawlerProcess(scrapy_settings(settings, guard))
    logging.getLogger("scrapy").setLevel(logging.WARNING)  # it would log every request, and the ledger does
    crawler = process.create_crawler(NightSpider)
    process.crawl(crawler, visit=visit, guard=guard)
    process.start(install_signal_handlers=False)
    spider = crawler.spider
    return spider.problem if isinstance(spider, NightSpider) else "the crawl did not start: see the log"


def _warn_of_unverified(sources: Sequence[Source]) -> None:
    """Whose certificates are taken as they are, because their source says so."""
    for source in sources:
        if not source.verify_tls:
            names = ", ".join(source.hosts)
            log.warning("%s: certificates of %s are not verified (verify_tls = false)", source.name, names)
