"""The Scrapy side of a visit: asks become requests, responses and failures become answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import cookies
from scrapy.downloadermiddlewares.defaultheaders import DefaultHeadersMiddleware
from scrapy.downloadermiddlewares.downloadtimeout import DownloadTimeoutMiddleware
from scrapy.downloadermiddlewares.useragent import UserAgentMiddleware
from scrapy.dupefilters import BaseDupeFilter
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.statscollectors import DummyStatsCollector
from twisted.python.failure import Failure

from pipeline.acquire.addresses import RefusedError
from pipeline.acquire.crawl.answers import Answer
from pipeline.acquire.crawl.asks import Ask, Go, Role
from pipeline.acquire.crawl.guard import SETTING, Guard, GuardedHandler
from pipeline.acquire.crawl.robots import LONGEST
from pipeline.acquire.crawl.visit import Visit
from pipeline.acquire.ledger_file import LedgerError
from pipeline.acquire.sources import CrawlSettings
from pipeline.acquire.store import StoreError

log = logging.getLogger(__name__)

_MIDDLEWARES = (
    *(DownloadTimeoutMiddleware, DefaultHeadersMiddleware, UserAgentMiddleware, cookies.CookiesMiddleware),
)
# To judge the domain of a cookie, Scrapy would have the list of public suffixes fetched, past every guard.
cookies._split_domain.suffix_list_urls = ()


class Waiting:
    """Holds a request back for the time that its host is to be left alone."""

    async def process_request(self, request: Request) -> None:
        if wait := request.meta["wait"]:
            await asyncio.sleep(wait)


class NightSpider(Spider):
    """Makes the requests of a visit, one at a time for each host, until nothing is left to ask."""

    name = "nianbao"

    def __init__(self, visit: Visit, guard: Guard) -> None:
        super().__init__()
        self._visit = visit
        self._guard = guard
        self.problem = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NightSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.stop_long_robots, signal=signals.bytes_received)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        for request in self._guarded_requests():
            yield request

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        yield from self._take(response_to_answer(response))

    def take_failure(self, failure: Failure) -> Iterator[Request]:
        yield from self._take(failure_to_answer(failure, self._guard))

    def stop_long_robots(self, data: bytes, request: Request) -> None:
        """Of an endless robots.txt the beginning is enough."""
        if request.meta["ask"].role is Role.ROBOTS:
            request.meta["received"] = request.meta.get("received", 0) + len(data)
            if request.meta["received"] > LONGEST:
                raise StopDownload(fail=False)

    def _take(self, answer: Answer) -> Iterator[Request]:
        try:
            self._visit.take(answer)
        except (StoreError, LedgerError) as error:  # nothing more could be kept
            self._stop(str(error))
        except Exception as error:
            log.exception("an answer that cannot be used: %s", answer.ask.url)
            self._visit.give_up(answer, f"{type(error).__name__} {error}")
        yield from self._guarded_requests()

    def _guarded_requests(self) -> Iterator[Request]:
        try:
            yield from [self._to_request(go) for go in self._visit.next_asks()]
        except (StoreError, LedgerError) as error:
            self._stop(str(error))

    def _stop(self, problem: str) -> None:
        self.problem = problem
        self._visit.frontier.close(problem)

    def _to_request(self, go: Go) -> Request:
        robots = go.ask.role is Role.ROBOTS
        meta = {"ask": go.ask, "wait": go.wait, "handle_httpstatus_all": True}
        meta["download_maxsize"] = 0 if robots else self._visit.size_limit(go.ask)
        return Request(
            go.ask.url,
            self.parse,
            headers=go.ask.conditions,
            meta=meta,
            errback=self.take_failure,
            dont_filter=True,
        )


def scrapy_settings(settings: CrawlSettings, guard: Guard) -> dict[str, Any]:
    """Of Scrapy only what is named here: retries, redirects, robots and unpacking are the visit's."""
    handlers = dict.fromkeys(("http", "https"), GuardedHandler)
    return {
        SETTING: guard,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "USER_AGENT": settings.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/pdf,application/json;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
            "Accept-Encoding": "gzip, deflate",
        },
        "EXTENSIONS_BASE": {AutoThrottle: 0},
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES_BASE": dict.fromkeys(_MIDDLEWARES, 100),
        "DOWNLOADER_MIDDLEWARES": {Waiting: 10},
        "DUPEFILTER_CLASS": BaseDupeFilter,
        "STATS_CLASS": DummyStatsCollector,
        "DOWNLOAD_HANDLERS": {**dict.fromkeys(("data", "file", "ftp", "s3")), **handlers},
        "DOWNLOAD_TIMEOUT": settings.timeout,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_DELAY": settings.delay,
        "CONCURRENT_REQUESTS": settings.hosts_at_once,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 1,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": settings.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(settings.delay, settings.max_delay),
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }


def response_to_answer(response: Response) -> Answer:
    assert response.request is not None
    ask: Ask = response.request.meta["ask"]
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    cut = "partial" in response.flags
    return Answer(ask, response.status, headers, response.body, open_ended=cut)


def failure_to_answer(failure: Failure, guard: Guard) -> Answer:
    """Why nothing came back, in words."""
    ask: Ask = failure.request.meta["ask"]  # type: ignore[attr-defined]
    error = failure.value
    if isinstance(error, RefusedError):
        return Answer(ask, failure=str(error), refused=True)
    if isinstance(error, CannotResolveHostError) and ask.host in guard.refused:
        return Answer(ask, failure=guard.refused[ask.host], refused=True)
    if isinstance(error, DownloadCancelledError):
        return Answer(ask, failure="the answer is larger than allowed")
    return Answer(ask, failure=_error_to_words(error, ask), may_pass=True)


def _error_to_words(error: object, ask: Ask) -> str:
    if isinstance(error, DownloadTimeoutError):
        return "no whole answer in time"
    if isinstance(error, ResponseDataLossError):
        return "the answer is cut: shorter than it says"
    if isinstance(error, CannotResolveHostError):
        return f"the name {ask.host} does not resolve"
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__} {words}".strip()
