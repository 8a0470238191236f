"""The Scrapy side of a visit: asks become requests, responses and failures become answers."""

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
from pipeline.acquire.crawl.answers import MAGIC, Answer, BodyError, answer_to_head
from pipeline.acquire.crawl.asks import Ask, Go, Role
from pipeline.acquire.crawl.guard import CRUMBS, SETTING, Guard, GuardedHandler, HeadError, is_crumbs
from pipeline.acquire.crawl.robots import LONGEST
from pipeline.acquire.crawl.visit import Visit
from pipeline.acquire.ledger_file import LedgerError
from pipeline.acquire.sources import CrawlSettings
from pipeline.acquire.store import StoreError

log = logging.getLogger(__name__)

_HEAD = 1024  # packed bytes that show whether a body is a PDF
_COOKIES = 200
_NO_MEMORY = "the crawl had no more memory for an answer (memory_mb)"
# To judge the domain of a cookie, Scrapy would have the list of public suffixes fetched, past every guard.
cookies._split_domain.suffix_list_urls = ()


class Waiting:
    """Holds a request back for the time that its host is to be left alone."""

    async def process_request(self, request: Request) -> None:
        if wait := request.meta["wait"]:
            await asyncio.sleep(wait)


class FewCookies(cookies.CookiesMiddleware):
    """Forgets the cookies of a source that has set very many."""

    def process_response(self, request: Request, response: Response, *given: Any) -> Request | Response:
        answer = super().process_response(request, response, *given)
        jar = self.jars[request.meta["cookiejar"]]
        if len(jar) > _COOKIES:
            jar.clear()
        return answer


_MIDDLEWARES = (*(DownloadTimeoutMiddleware, DefaultHeadersMiddleware, UserAgentMiddleware, FewCookies),)


class NightSpider(Spider):
    """Makes the requests of a visit, one at a time for each host, until nothing is left to ask."""

    name = "nianbao"

    def __init__(self, visit: Visit, guard: Guard) -> None:
        super().__init__()
        self._visit = visit
        self._guard = guard
        self.problem = ""
        self._is_dropping = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NightSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.note_head, signal=signals.headers_received)
        crawler.signals.connect(spider.stop_long_answer, signal=signals.bytes_received)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        try:
            await self._visit.begin()
        except (StoreError, LedgerError) as error:
            self._stop(str(error))
        async for request in self._guarded_requests():
            yield request

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[Request]:
        async for request in self._take(response_to_answer(response)):
            yield request

    async def take_failure(self, failure: Failure) -> AsyncIterator[Request]:
        async for request in self._take(failure_to_answer(failure, self._guard)):
            yield request

    def note_head(self, headers: Headers, request: Request) -> None:
        """How the body to come is packed."""
        request.meta["packed"] = _headers_to_text(headers).get("content-encoding", "")

    def stop_long_answer(self, data: bytes, request: Request) -> None:
        """Of an endless robots.txt the beginning is enough; what turns out to be no PDF may weigh less."""
        meta = request.meta
        meta["received"] = meta.get("received", 0) + len(data)
        meta["packets"] = meta.get("packets", 0) + 1
        if is_crumbs(meta["packets"], meta["received"]):
            raise StopDownload(fail=True)
        if meta["ask"].role is Role.ROBOTS:
            if meta["received"] > LONGEST:
                raise StopDownload(fail=False)
            return
        if "most" not in meta:
            meta["head"] = meta.get("head", b"") + data[:_HEAD]
            if len(meta["head"]) < _HEAD:
                return
            meta["most"] = self._visit.size_limit(meta["ask"], _packed_to_head(request))
        if meta["received"] > meta["most"]:
            raise StopDownload(fail=True)

    async def _take(self, answer: Answer) -> AsyncIterator[Request]:
        if answer.failure == _NO_MEMORY:
            self.problem = self.problem or _NO_MEMORY
        try:
            await self._visit.take(answer)
        except (StoreError, LedgerError) as error:  # nothing more could be kept
            self._stop(str(error))
        except MemoryError:
            self.problem = self.problem or _NO_MEMORY
            self._visit.give_up(answer, _NO_MEMORY)
        except Exception as error:
            log.exception("an answer that cannot be used: %s", answer.ask.url)
            self._visit.give_up(answer, f"{type(error).__name__} {error}")
        async for request in self._guarded_requests():
            yield request

    async def _guarded_requests(self) -> AsyncIterator[Request]:
        """The requests whose turn it is: at once, and as often as something is dropped in their place."""
        try:
            asks = list(self._visit.next_asks())
            for request in self._to_requests(asks):
                yield request
            if None not in asks or self._is_dropping:
                return
            self._is_dropping = True
            while None in asks:
                await self._visit.breathe()
                asks = list(self._visit.next_asks())
                for request in self._to_requests(asks):
                    yield request
            self._is_dropping = False
        except (StoreError, LedgerError) as error:
            self._is_dropping = False
            self._stop(str(error))

    def _to_requests(self, asks: Sequence[Go | None]) -> list[Request]:
        return [self._to_request(go) for go in asks if go]

    def _stop(self, problem: str) -> None:
        self.problem = self.problem or problem
        self._visit.frontier.close(problem)

    def _to_request(self, go: Go) -> Request:
        ask = go.ask
        meta = {"ask": ask, "wait": go.wait, "handle_httpstatus_all": True}
        meta["download_maxsize"] = 0 if ask.role is Role.ROBOTS else self._visit.size_limit(ask, MAGIC)
        meta["verify"] = self._visit.verifies(ask.source, ask.host)
        meta["cookiejar"] = ask.source  # what one source may do unverified is nothing to another
        return Request(
            ask.url,
            self.parse,
            headers=ask.conditions,
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
        # Else pages that are being read, with 5 MB together, would keep all sites waiting.
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 1 << 40,
        "REACTOR_THREADPOOL_MAXSIZE": 2 * settings.hosts_at_once,  # they resolve names
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": settings.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(settings.delay, settings.max_delay),
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }


def response_to_answer(response: Response) -> Answer:
    assert response.request is not None
    meta = response.request.meta
    headers, cut = _headers_to_text(response.headers), "partial" in response.flags
    received = meta.get("received", 0)
    return Answer(meta["ask"], response.status, headers, response.body, open_ended=cut, received=received)


def _headers_to_text(headers: Headers) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in headers.items()
    }


def _packed_to_head(request: Request) -> bytes:
    """The first bytes of a body that is on its way, unpacked; those that came where they cannot be."""
    meta = request.meta
    answer = Answer(meta["ask"], headers={"content-encoding": meta.get("packed", "")}, body=meta["head"])
    try:
        return answer_to_head(answer)
    except BodyError:
        return answer.body


def failure_to_answer(failure: Failure, guard: Guard) -> Answer:
    """Why nothing came back, in words."""
    meta = failure.request.meta  # type: ignore[attr-defined]
    ask: Ask = meta["ask"]
    error = failure.value
    if isinstance(error, RefusedError):
        return Answer(ask, failure=str(error), refused=True)
    if isinstance(error, CannotResolveHostError) and ask.host in guard.refused:
        return Answer(ask, failure=guard.refused[ask.host], refused=True)
    received = meta.get("received", 0)
    if isinstance(error, StopDownload) and is_crumbs(meta["packets"], received):
        return Answer(ask, failure=CRUMBS, received=received)
    if isinstance(error, StopDownload):
        most = f"what is no PDF may have {meta['most'] >> 20} MB"
        return Answer(ask, failure=f"the answer is larger than allowed: {most}", received=received)
    if isinstance(error, DownloadCancelledError):
        return Answer(ask, failure="the answer is larger than allowed", received=received)
    if head := _error_to_reason(error, HeadError):
        return Answer(ask, failure=head, received=received)
    if isinstance(error, MemoryError) or _error_to_reason(error, MemoryError):
        return Answer(ask, failure=_NO_MEMORY, may_pass=True, received=received)
    return Answer(ask, failure=_error_to_words(error, ask), may_pass=True, received=received)


def _error_to_reason(error: object, kind: type[BaseException]) -> str:
    """The words of what is behind an error, where that is of this kind; "" where it is not."""
    return next((str(each) or kind.__name__ for each in _causes(error) if isinstance(each, kind)), "")


def _error_to_words(error: object, ask: Ask) -> str:
    if isinstance(error, DownloadTimeoutError):
        return "no whole answer in time"
    if isinstance(error, ResponseDataLossError):
        return "the answer is cut: shorter than it says"
    if isinstance(error, CannotResolveHostError):
        return f"the name {ask.host} does not resolve"
    return "; ".join(map(_cause_to_words, _causes(error)))


def _cause_to_words(error: object) -> str:
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__} {words}".strip()


def _causes(error: object) -> list[object]:
    """What Twisted found wrong; the error itself where that is not told."""
    reasons = getattr(getattr(error, "__cause__", None), "reasons", ())
    return [reason.value for reason in reasons] or [error]
