"""The crawl in a process of its own, as Twisted's reactor cannot start twice and a crawl must end in time."""

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
    from pipeline.acquire.crawl.night_crawl import NightCrawl

log = logging.getLogger(__name__)

CONTEXT = multiprocessing.get_context("spawn")

_LAST_RESPONSES_SECONDS = 60.0
"""Seconds beyond the crawl's own time limit until it is killed: enough to handle its last responses."""

_RESULT_MAX_BYTES = 64 << 20
"""Bytes of a crawl's result. A larger one is an error of the process."""

_STACK_BYTES = 1 << 20
"""Bytes of stack for each thread. The default of 8 MB, times the threads, counts against memory_mb."""

_EXIT_SECONDS = 5
"""Seconds in which a process that has no more to say must end. Then it is killed, or its end is unknown."""


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """What the crawl process is given. `prepare` runs first in it, to set up logging."""

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
    grace: float = _LAST_RESPONSES_SECONDS,
) -> CrawlResult:
    """Crawl all sources once. What was fetched is in store and ledger when this returns.

    `now` (ISO 8601, UTC) is the time of the ledger's rows. `prepare` (picklable) runs first in the process.
    `grace` is in seconds. A crawl that crashes or does not end in time is killed and the result's `problem`
    says so; what it recorded until then stays.
    """
    job = CrawlJob(tuple(sources), store_root, ledger_path, settings, now, prepare)
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_run, args=(job, sender), name="crawl")
    process.start()
    sender.close()
    try:
        return _wait(receiver, process, settings.seconds + settings.timeout + grace, grace)
    finally:
        process.join(_EXIT_SECONDS)
        process.kill()
        process.join()
        receiver.close()


def _wait(receiver: Connection, process: BaseProcess, seconds: float, grace: float) -> CrawlResult:
    """Return the result that the process sends, or one whose `problem` says why there is none."""
    if not receiver.poll(seconds):
        process.kill()
        return CrawlResult((), {}, f"the crawl did not end within {seconds:g} s and was killed: see the log")
    try:
        return msgspec.msgpack.decode(_receive(receiver, process, grace), type=CrawlResult)
    except EOFError:
        process.join(_EXIT_SECONDS)
        return CrawlResult((), {}, f"the crawl process died ({exit_to_words(process.exitcode)}): see the log")
    except (OSError, msgspec.MsgspecError) as error:
        return CrawlResult((), {}, f"the crawl process gave no usable result ({error}): see the log")


def _receive(receiver: Connection, process: BaseProcess, grace: float) -> bytes:
    """Return a message that has begun to arrive; kill the process if it does not end within `grace`
    seconds."""
    timer = Timer(grace, process.kill)
    timer.start()
    try:
        return receiver.recv_bytes(_RESULT_MAX_BYTES)
    finally:
        timer.cancel()


def _run(job: CrawlJob, sender: Connection) -> None:
    """Run the crawl in its process. Ctrl-C is handled by the parent, and this process ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_die_with_parent, daemon=True).start()
    if job.prepare:
        job.prepare()
    stack_size(_STACK_BYTES)
    limit_memory(job.settings.memory_mb)
    sender.send_bytes(_job_to_bytes(job))
    sender.close()


def _job_to_bytes(job: CrawlJob) -> bytes:
    """Return the result in MessagePack. No pickle: this process has parsed data from strangers."""
    try:
        result = job_to_result(job)
    except MemoryError:
        said = f"the crawl had no more than its {job.settings.memory_mb} MB (memory_mb)"
        result = CrawlResult((), {}, said)
    return msgspec.msgpack.encode(result)


def _die_with_parent() -> None:
    """Wait for the end of the parent process, then end this one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def job_to_result(job: CrawlJob) -> CrawlResult:
    """Run the crawl in this process, which can do so only once."""
    from pipeline.acquire.addresses import host_to_registrable
    from pipeline.acquire.crawl.folders import take_folders
    from pipeline.acquire.crawl.guard import Guard
    from pipeline.acquire.crawl.night_crawl import NightCrawl
    from pipeline.acquire.crawl.page_pool import PagePool
    from pipeline.acquire.ledger import Ledger
    from pipeline.acquire.store import Store, StoreError

    settings, page_pool = job.settings, PagePool(job.settings)
    _warn_of_unverified(job.sources)
    host_to_registrable("")  # loads the list of suffixes now: at the first link it would delay all sites
    with Ledger(job.ledger_path) as ledger, closing(page_pool):
        night_crawl = NightCrawl(
            job.sources, Store(job.store_root), ledger, settings, job.now, time.monotonic, page_pool
        )
        try:
            take_folders(night_crawl.keeper, job.sources)
        except StoreError as error:
            night_crawl.frontier.close(str(error))
            return _night_crawl_to_result(night_crawl, str(error))
        problem = _crawl(night_crawl, Guard(settings.allow_loopback, settings.hosts), settings)
        return _night_crawl_to_result(night_crawl, problem)


def _night_crawl_to_result(night_crawl: NightCrawl, problem: str) -> CrawlResult:
    """End a crawl and return its result."""
    night_crawl.end()
    return CrawlResult(night_crawl.results(), night_crawl.frontier.requests(), problem)


def _crawl(night_crawl: NightCrawl, guard: Guard, settings: CrawlSettings) -> str:
    """Run the spider; return what ended the crawl early, "" if nothing did."""
    from scrapy.crawler import CrawlerProcess

    from pipeline.acquire.crawl.spider import NightSpider, scrapy_settings

    process = CrawlerProcess(scrapy_settings(settings, guard))
    logging.getLogger("scrapy").setLevel(
        logging.WARNING
    )  # it would log every request, which the ledger records
    crawler = process.create_crawler(NightSpider)
    process.crawl(crawler, night_crawl=night_crawl, guard=guard)
    process.start(install_signal_handlers=False)
    spider = crawler.spider
    return spider.problem if isinstance(spider, NightSpider) else "the crawl did not start: see the log"


def _warn_of_unverified(sources: Sequence[Source]) -> None:
    """Log which sources have `verify_tls = false`."""
    for source in sources:
        if not source.verify_tls:
            names = ", ".join(source.hosts)
            log.warning("%s: certificates of %s are not verified (verify_tls = false)", source.name, names)
