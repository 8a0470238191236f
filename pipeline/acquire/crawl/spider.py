"""The Scrapy side of a crawl: CrawlRequest → Scrapy's Request; Scrapy's responses and failures →
CrawlResponse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
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
from scrapy.http import Headers, Response
from scrapy.statscollectors import DummyStatsCollector
from twisted.python.failure import Failure

from pipeline.acquire.addresses import RefusedError
from pipeline.acquire.crawl.guard import (
    SETTING,
    TINY_PIECES,
    Guard,
    GuardedHandler,
    HeadError,
    comes_in_tiny_pieces,
)
from pipeline.acquire.crawl.night_crawl import NightCrawl
from pipeline.acquire.crawl.request import CrawlRequest, Role, Scheduled
from pipeline.acquire.crawl.response import MAGIC, BodyError, CrawlResponse, response_to_head
from pipeline.acquire.crawl.robots import ROBOTS_MAX_BYTES
from pipeline.acquire.ledger_file import LedgerError
from pipeline.acquire.media_types import PDF_HEAD_BYTES
from pipeline.acquire.sources import CrawlSettings
from pipeline.acquire.store import StoreError
from pipeline.errors import QUOTED_MAX_CHARACTERS

log = logging.getLogger(__name__)

_COOKIES_MAX = 200
"""Count. A source that has set more cookies loses all of them. Browsers keep about as many for a site."""

_UNBOUNDED_BYTES = 1 << 40
"""Bytes. More than all answers that are worked on: with Scrapy's own bound of 5 MB all sites would wait."""

_NO_MEMORY_WORDS = "the crawl had no more memory for an answer (memory_mb)"
# To check the domain of a cookie, Scrapy would fetch the list of public suffixes, without the guard.
cookies._split_domain.suffix_list_urls = ()


class DelayMiddleware:
    """Holds a request back for the seconds in its `meta`."""

    async def process_request(self, request: Request) -> None:
        """Sleep before the request is sent."""
        if wait := request.meta["wait"]:
            await asyncio.sleep(wait)


class CookieLimitMiddleware(cookies.CookiesMiddleware):
    """Keeps cookies by source and forgets them once a source has set too many."""

    def process_response(self, request: Request, response: Response, *given: Any) -> Request | Response:
        """Take the cookies of a response."""
        result = super().process_response(request, response, *given)
        jar = self.jars[request.meta["cookiejar"]]
        if len(jar) > _COOKIES_MAX:
            jar.clear()
        return result


_MIDDLEWARES = (
    *(DownloadTimeoutMiddleware, DefaultHeadersMiddleware, UserAgentMiddleware, CookieLimitMiddleware),
)


class NightSpider(Spider):
    """Sends the requests of a crawl, one at a time for each host, until none is left."""

    name = "nianbao"

    def __init__(self, night_crawl: NightCrawl, guard: Guard) -> None:
        super().__init__()
        self._crawl = night_crawl
        self._guard = guard
        self.problem = ""
        self._is_dropping = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NightSpider:
        """Create the spider and connect it to Scrapy's signals."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.note_head, signal=signals.headers_received)
        crawler.signals.connect(spider.stop_long_answer, signal=signals.bytes_received)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Yield the first requests."""
        try:
            await self._crawl.begin()
        except (StoreError, LedgerError) as error:
            self._stop(str(error))
        async for request in self._guarded_requests():
            yield request

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[Request]:
        """Handle a response; yield the requests that follow."""
        async for request in self._take(response_to_crawl_response(response)):
            yield request

    async def take_failure(self, failure: Failure) -> AsyncIterator[Request]:
        """Handle a failure; yield the requests that follow."""
        async for request in self._take(failure_to_crawl_response(failure, self._guard)):
            yield request

    def note_head(self, headers: Headers, request: Request) -> None:
        """Keep the content encoding of the body that follows."""
        request.meta["packed"] = _headers_to_text(headers).get("content-encoding", "")

    def stop_long_answer(self, data: bytes, request: Request) -> None:
        """Stop a download that is too long. Of a robots.txt the beginning is enough; what is not a PDF has
        a smaller limit."""
        meta = request.meta
        meta["received"] = meta.get("received", 0) + len(data)
        meta["packets"] = meta.get("packets", 0) + 1
        if comes_in_tiny_pieces(meta["packets"], meta["received"]):
            raise StopDownload(fail=True)
        if meta["crawl_request"].role is Role.ROBOTS:
            if meta["received"] > ROBOTS_MAX_BYTES:
                raise StopDownload(fail=False)
            return
        if "most" not in meta:
            meta["head"] = meta.get("head", b"") + data[:PDF_HEAD_BYTES]
            if len(meta["head"]) < PDF_HEAD_BYTES:
                return
            meta["most"] = self._crawl.size_limit(meta["crawl_request"], _packed_to_head(request))
        if meta["received"] > meta["most"]:
            raise StopDownload(fail=True)

    async def _take(self, crawl_response: CrawlResponse) -> AsyncIterator[Request]:
        """Handle a response; whatever goes wrong, the crawl goes on or ends in order."""
        if crawl_response.failure == _NO_MEMORY_WORDS:
            self.problem = self.problem or _NO_MEMORY_WORDS
        try:
            await self._crawl.take(crawl_response)
        except (StoreError, LedgerError) as error:  # nothing more could be stored
            self._stop(str(error))
        except MemoryError:
            self.problem = self.problem or _NO_MEMORY_WORDS
            self._crawl.give_up(crawl_response, _NO_MEMORY_WORDS)
        except Exception as error:
            log.exception("an answer that cannot be used: %s", crawl_response.request.url)
            self._crawl.give_up(crawl_response, f"{type(error).__name__} {error}")
        async for request in self._guarded_requests():
            yield request

    async def _guarded_requests(self) -> AsyncIterator[Request]:
        """Yield the requests to send now, and repeat as long as requests are dropped instead."""
        try:
            steps = list(self._crawl.next_requests())
            for request in self._to_requests(steps):
                yield request
            if None not in steps or self._is_dropping:
                return
            self._is_dropping = True
            while None in steps:
                await self._crawl.pause_for_others()
                steps = list(self._crawl.next_requests())
                for request in self._to_requests(steps):
                    yield request
            self._is_dropping = False
        except (StoreError, LedgerError) as error:
            self._is_dropping = False
            self._stop(str(error))

    def _to_requests(self, steps: Sequence[Scheduled | None]) -> list[Request]:
        """Return Scrapy's requests for the steps that are to be sent."""
        return [self._to_request(scheduled) for scheduled in steps if scheduled]

    def _stop(self, problem: str) -> None:
        """End the crawl for this reason."""
        self.problem = self.problem or problem
        self._crawl.frontier.close(problem)

    def _to_request(self, scheduled: Scheduled) -> Request:
        """Return Scrapy's request for one step."""
        crawl_request = scheduled.request
        meta = {"crawl_request": crawl_request, "wait": scheduled.wait, "handle_httpstatus_all": True}
        meta["download_maxsize"] = (
            0 if crawl_request.role is Role.ROBOTS else self._crawl.size_limit(crawl_request, MAGIC)
        )
        meta["verify"] = self._crawl.verifies(crawl_request.source, crawl_request.host)
        meta["cookiejar"] = crawl_request.source  # cookies of an unverified source must not reach another
        return Request(
            crawl_request.url,
            self.parse,
            headers=crawl_request.conditions,
            meta=meta,
            errback=self.take_failure,
            dont_filter=True,
        )


def scrapy_settings(settings: CrawlSettings, guard: Guard) -> dict[str, Any]:
    """Return Scrapy's settings. Only the parts named here are used: retries, redirects, robots.txt and
    decompression are NightCrawl's."""
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
        "DOWNLOADER_MIDDLEWARES": {DelayMiddleware: 10},
        "DUPEFILTER_CLASS": BaseDupeFilter,
        "STATS_CLASS": DummyStatsCollector,
        "DOWNLOAD_HANDLERS": {**dict.fromkeys(("data", "file", "ftp", "s3")), **handlers},
        "DOWNLOAD_TIMEOUT": settings.timeout,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_DELAY": settings.delay,
        "CONCURRENT_REQUESTS": settings.hosts_at_once,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 1,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": _UNBOUNDED_BYTES,
        "REACTOR_THREADPOOL_MAXSIZE": 2 * settings.hosts_at_once,  # threads that resolve names
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": settings.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(settings.delay, settings.max_delay),
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }


def response_to_crawl_response(response: Response) -> CrawlResponse:
    """Convert Scrapy's response."""
    assert response.request is not None
    meta = response.request.meta
    headers, cut = _headers_to_text(response.headers), "partial" in response.flags
    received = meta.get("received", 0)
    return CrawlResponse(
        meta["crawl_request"], response.status, headers, response.body, open_ended=cut, received=received
    )


def _headers_to_text(headers: Headers) -> dict[str, str]:
    """Return headers as text with lower-case names."""
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in headers.items()
    }


def _packed_to_head(request: Request) -> bytes:
    """Return the first bytes of a body that is arriving, decompressed if possible."""
    meta = request.meta
    crawl_response = CrawlResponse(
        meta["crawl_request"], headers={"content-encoding": meta.get("packed", "")}, body=meta["head"]
    )
    try:
        return response_to_head(crawl_response)
    except BodyError:
        return crawl_response.body


def failure_to_crawl_response(failure: Failure, guard: Guard) -> CrawlResponse:
    """Return a response that says in words why there is none."""
    meta = failure.request.meta  # type: ignore[attr-defined]
    crawl_request: CrawlRequest = meta["crawl_request"]
    error = failure.value
    if isinstance(error, RefusedError):
        return CrawlResponse(crawl_request, failure=str(error), refused=True)
    if isinstance(error, CannotResolveHostError) and crawl_request.host in guard.refused:
        return CrawlResponse(crawl_request, failure=guard.refused[crawl_request.host], refused=True)
    received = meta.get("received", 0)
    if isinstance(error, StopDownload) and comes_in_tiny_pieces(meta["packets"], received):
        return CrawlResponse(crawl_request, failure=TINY_PIECES, received=received)
    if isinstance(error, StopDownload):
        most = f"what is no PDF may have {meta['most'] >> 20} MB"
        return CrawlResponse(
            crawl_request, failure=f"the answer is larger than allowed: {most}", received=received
        )
    if isinstance(error, DownloadCancelledError):
        return CrawlResponse(crawl_request, failure="the answer is larger than allowed", received=received)
    if head := _error_to_reason(error, HeadError):
        return CrawlResponse(crawl_request, failure=head, received=received)
    if isinstance(error, MemoryError) or _error_to_reason(error, MemoryError):
        return CrawlResponse(crawl_request, failure=_NO_MEMORY_WORDS, may_pass=True, received=received)
    return CrawlResponse(
        crawl_request, failure=_error_to_words(error, crawl_request), may_pass=True, received=received
    )


def _error_to_reason(error: object, kind: type[BaseException]) -> str:
    """Return the message of a cause of this kind; "" if the error has none."""
    return next((str(each) or kind.__name__ for each in _causes(error) if isinstance(each, kind)), "")


def _error_to_words(error: object, crawl_request: CrawlRequest) -> str:
    """Say in words what went wrong."""
    if isinstance(error, DownloadTimeoutError):
        return "no whole answer in time"
    if isinstance(error, ResponseDataLossError):
        return "the answer is cut: shorter than it says"
    if isinstance(error, CannotResolveHostError):
        return f"the name {crawl_request.host} does not resolve"
    return "; ".join(map(_cause_to_words, _causes(error)))


def _cause_to_words(error: object) -> str:
    """Return the kind of an error and the beginning of its message."""
    words = " ".join(str(error).split())[:QUOTED_MAX_CHARACTERS]
    return f"{type(error).__name__} {words}".strip()


def _causes(error: object) -> list[object]:
    """Return the causes that Twisted gives for an error; the error itself if it gives none."""
    reasons = getattr(getattr(error, "__cause__", None), "reasons", ())
    return [reason.value for reason in reasons] or [error]
