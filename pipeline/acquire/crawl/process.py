"""The crawl in a process of its own: Twisted's reactor cannot start twice, and a crawl must end."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from pipeline.acquire.crawl.result import CrawlResult
from pipeline.acquire.sources import CrawlSettings, Source

if TYPE_CHECKING:
    from pipeline.acquire.crawl.guard import Guard
    from pipeline.acquire.crawl.visit import Visit

log = logging.getLogger(__name__)

CONTEXT = multiprocessing.get_context("spawn")
_GRACE = 60.0  # seconds beyond the crawl's own bounds until it is killed


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
    process = CONTEXT.Process(target=_run, args=(job, sender), name="crawl", daemon=True)
    process.start()
    sender.close()
    try:
        return _wait(receiver, process, settings.seconds + settings.timeout + grace)
    finally:
        process.join(5)
        process.kill()
        process.join()
        receiver.close()


def _wait(receiver: Connection, process: multiprocessing.process.BaseProcess, seconds: float) -> CrawlResult:
    if not receiver.poll(seconds):
        process.kill()
        return CrawlResult((), {}, f"the crawl did not end within {seconds:g} s and was killed: see the log")
    try:
        result: CrawlResult = receiver.recv()
    except EOFError:
        process.join(5)
        return CrawlResult((), {}, f"the crawl process died ({_to_words(process.exitcode)}): see the log")
    return result


def _to_words(exitcode: int | None) -> str:
    return signal.Signals(-exitcode).name if exitcode and exitcode < 0 else f"exit code {exitcode}"


def _run(job: Job, sender: Connection) -> None:
    """The process: Ctrl-C is the parent's, whose end is this one's too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_die_with_parent, daemon=True).start()
    if job.prepare:
        job.prepare()
    sender.send(job_to_result(job))
    sender.close()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def job_to_result(job: Job) -> CrawlResult:
    """The crawl itself, in this process, which can run no second one."""
    from pipeline.acquire.crawl.folders import take_folders
    from pipeline.acquire.crawl.guard import Guard
    from pipeline.acquire.crawl.visit import Visit
    from pipeline.acquire.ledger import Ledger
    from pipeline.acquire.store import Store

    settings = job.settings
    guard = Guard(settings.allow_loopback, settings.hosts, _unverified_hosts(job.sources))
    with Ledger(job.ledger_path) as ledger:
        visit = Visit(job.sources, Store(job.store_root), ledger, settings, job.now, time.monotonic)
        take_folders(visit, job.sources)
        visit.begin()
        problem = _crawl(visit, guard, settings)
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


def _unverified_hosts(sources: Sequence[Source]) -> frozenset[str]:
    """The hosts whose certificates are taken as they are, because their source says so."""
    hosts = {source.name: source.hosts for source in sources if not source.verify_tls}
    for name, names in hosts.items():
        log.warning("%s: certificates of %s are not verified (verify_tls = false)", name, ", ".join(names))
    return frozenset(host for names in hosts.values() for host in names)
