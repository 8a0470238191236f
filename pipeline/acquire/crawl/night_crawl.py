"""The crawl of one night: what every response means for the store, the ledger and the next requests.

This module knows nothing of the network. The spider takes requests from it and hands it the responses.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pipeline.acquire.addresses import RefusedError, check_url, join_link, url_to_canonical, url_to_host
from pipeline.acquire.content import is_container
from pipeline.acquire.crawl.earlier_fetches import EarlierFetches
from pipeline.acquire.crawl.frontier import Frontier
from pipeline.acquire.crawl.keeper import Keeper, require_whole
from pipeline.acquire.crawl.link_choice import (
    number_to_url,
    request_to_next_page,
    source_to_years,
    url_to_role,
)
from pipeline.acquire.crawl.page_facts import FoundLink, PageFacts, PageTask
from pipeline.acquire.crawl.page_pool import PageError, PagePool
from pipeline.acquire.crawl.recorder import Recorder
from pipeline.acquire.crawl.request import ROBOTS_PATH, CrawlRequest, Dropped, Role, Scheduled
from pipeline.acquire.crawl.response import (
    BUSY_STATUSES,
    BodyError,
    CrawlResponse,
    has_end,
    has_page_end,
    is_file,
    raw_header_to_link,
    response_to_body,
    response_to_head,
    response_to_wait,
)
from pipeline.acquire.crawl.result import SourceResult
from pipeline.acquire.crawl.robots import (
    ROBOTS_MAX_BYTES,
    RobotsRules,
    body_to_rules,
    closed_rules,
    status_to_rules,
)
from pipeline.acquire.crawl.unpacker import Unpacker
from pipeline.acquire.ledger import UNPACKED, Ledger, SeenLink
from pipeline.acquire.media_types import Kind, bytes_to_kind
from pipeline.acquire.sources import CrawlSettings, Source
from pipeline.acquire.store import Store, Stored
from pipeline.errors import QUOTED_MAX_CHARACTERS, SHORT_QUOTED_MAX_CHARACTERS
from pipeline.files.regular_file import MB
from pipeline.records import PDF_MEDIA_TYPE

_NO_REPORT = "no report on the page, and no link to one"

_PAGE_MEDIA_TYPES = ("text/html", "text/plain", "application/xml", "application/octet-stream")
"""The kinds that a page or a list of a site may be, by its bytes."""

_FRAMES_DEPTH_MAX = 2
"""Count. The frames of a list that lies in as many frames are not asked for: it lies in one."""

_FAILURES_IN_A_ROW = 3
"""Count. After as many the host is closed for the night: it is down or does not want us."""

_TIMES_AT_ONE_ADDRESS = 2
"""Count. A chain of redirects that comes to one address as often goes in circles.

Some sites redirect to the same address once, to set a cookie.
"""

_KEPT_PAGE_MAX_BYTES = 2 * MB
"""Bytes. A larger page is not kept for a later 304: to compress it would delay other sites."""

_WORK_MAX_SECONDS = 0.01
"""Seconds of CPU time after which other sites get a turn: short enough not to be noticed."""

_PAUSE_RATIO = 3
"""Times the work before it. A pause is as long, so that others have three fourths of the time."""

_PAUSE_MAX_SECONDS = 0.1
"""Seconds. A pause is no longer, as some of the work before it may have been that of others."""


class NightCrawl:
    """One crawl of all sources. `now` (ISO 8601, UTC) is the time of its rows in the ledger.

    `clock` gives monotonic seconds. Slow work on a page or a document is done by `page_pool`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        store: Store,
        ledger: Ledger,
        settings: CrawlSettings,
        now: str,
        clock: Callable[[], float],
        page_pool: PagePool,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._store = store
        self._settings = settings
        self._now = now
        self._earlier = EarlierFetches(ledger, store, settings, now)
        self._recorder = Recorder(ledger, tuple(self._sources), now)
        self.keeper = Keeper(store, self._earlier, self._recorder, settings)
        self._unpacker = Unpacker(self.keeper, page_pool)
        self._page_pool = page_pool
        self._source_locks = {name: asyncio.Lock() for name in self._sources}
        self._paused_at = time.thread_time()
        self.frontier = Frontier(settings, clock, self.verifies)

    async def begin(self) -> None:
        """Add the first requests of every source: its list pages, JSON lists and single addresses."""
        self._page_pool.make_ready()
        for source in self._sources.values():
            for url in source.lists:
                await self._add(CrawlRequest(url, url, source.name, Role.LIST))
            for number, api in enumerate(source.apis, start=1):
                url = number_to_url(api.url, api.first_page)
                await self._add(CrawlRequest(url, url, source.name, Role.LIST, api=number))
            for url in (*source.urls, *source_to_years(source, int(self._now[:4]))):
                await self._add(CrawlRequest(url, url, source.name, url_to_role(source, url)))

    def next_requests(self) -> Iterator[Scheduled | None]:
        """Yield the requests to send now, and None for each that was dropped and recorded instead."""
        for step in self.frontier.next_steps():
            if isinstance(step, Dropped):
                self._drop(step)
                yield None
            elif step.request.role is Role.ROBOTS and not step.request.cached:
                yield replace(step, request=self._earlier.with_earlier(step.request))
            else:
                yield step

    def verifies(self, source: str, host: str) -> bool:
        """Whether a source wants the certificate of this host verified."""
        return self._sources[source].verifies(host)

    async def take(self, response: CrawlResponse) -> None:
        """Store, record and follow a response; its host gets no other request until that is done.

        The responses of one source are handled one after the other, so that one source cannot use all cores.
        """
        try:
            self.frontier.count_bytes(response.request.source, max(response.received, len(response.body)))
            async with self._source_locks[response.request.source]:
                await self._take(response)
        finally:
            self.frontier.done(response.request)

    async def pause_for_others(self) -> None:
        """Sleep for a moment if this crawl has worked for long, so that responses of other sites are
        handled."""
        worked = time.thread_time() - self._paused_at
        if worked > _WORK_MAX_SECONDS:
            self._paused_at += worked
            await asyncio.sleep(min(_PAUSE_RATIO * worked, _PAUSE_MAX_SECONDS))

    async def _take(self, response: CrawlResponse) -> None:
        """Handle a response by its kind: refused, to be retried, failed or complete."""
        if response.refused:
            self._finish(response, "refused", response.failure)
        elif response.is_passing:
            self._retry_or_fail(response)
        elif response.failure:
            self._fail(response, response.failure)
        else:
            await self._take_complete(response)

    def give_up(self, response: CrawlResponse, reason: str) -> None:
        """Record a response that made this program fail; the crawl goes on."""
        self._finish(response, "failed", f"cannot be used ({reason}): report this")

    def end(self) -> None:
        """Record all requests that were not sent because the time was over."""
        for drop in self.frontier.drop_rest():
            self._drop(drop)

    def results(self) -> tuple[SourceResult, ...]:
        """Return the result of every source."""
        return self._recorder.results()

    def size_limit(self, request: CrawlRequest, head: bytes) -> int:
        """Return the most bytes of a response that begins with `head`, compressed or not."""
        if request.role is Role.ROBOTS:
            return ROBOTS_MAX_BYTES + 1
        return int((self._settings.document_mb if is_file(head) else self._settings.page_mb) * MB)

    # ---------------------------------------------------------------- requests

    async def _add(self, request: CrawlRequest, seen: list[SeenLink] | None = None) -> bool:
        """Add a request unless it may not or need not be sent; return whether its address is new tonight.

        If a page need not be fetched, its links from the last fetch are added to `seen`.
        """
        await self.pause_for_others()
        try:
            self._check(request, request.url)
            key = url_to_canonical(request.url)
        except RefusedError as error:
            self._refuse(request, str(error))
            return False
        verified = self.verifies(request.source, url_to_host(key))
        if not self._claim(request, key if verified else f"{key} unverified"):
            return False
        request = self._earlier.with_earlier(replace(request, key=key, url=key))
        if outcome := self._earlier.outcome_tonight(request):
            self._recorder.count(request, outcome)
        elif not await self._needs_no_fetch(request, seen if seen is not None else []):
            self.frontier.put(request)
        return True

    def _claim(self, request: CrawlRequest, key: str) -> bool:
        """Return whether the address is new tonight and within the source's limit; it counts as seen from
        now on."""
        if self.frontier.knows(key):
            return False
        if self.frontier.take_address(request.source):
            return self.frontier.claim(key)
        self._recorder.count(request, "postponed")
        self._recorder.note(
            request, "not asked tonight: of the source's addresses there are too many for one night"
        )
        return False

    def _refuse(self, request: CrawlRequest, reason: str) -> None:
        """Record an address that is never fetched, once."""
        if self._claim(request, request.url):
            self._recorder.record_drop(CrawlResponse(request), "refused", reason)

    def _check(self, request: CrawlRequest, url: str) -> None:
        """Raise RefusedError unless the address may be fetched for this source. A robots.txt may be on any
        host."""
        source, host = self._sources[request.source], url_to_host(url)
        check_url(url)
        if request.role is not Role.ROBOTS and not source.has(host):
            domains = ", ".join(source.reach)
            raise RefusedError(f"{host} is not within domains {domains}: add it there if it is the bureau's")

    async def _needs_no_fetch(self, request: CrawlRequest, seen: list[SeenLink]) -> bool:
        """Whether a page need not be fetched: it was fetched lately, and its only PDF is stored and is
        requested itself."""
        body = self._earlier.page(request) if self._earlier.was_fetched_lately(request) else None
        if body is None or request.cached is None:
            return False
        task = self._to_task(replace(request, url=request.cached.final_url), body, 200)
        try:
            facts = await self._page_pool.read(task)
        except PageError:
            return False
        needless = len(facts.found) == 1 and self._earlier.holds_all([found.key for found in facts.found])
        if needless:
            await self._follow_links(_with_title(request, facts), facts.found, seen)
        return needless

    def _to_task(self, request: CrawlRequest, body: bytes, status: int | None) -> PageTask:
        """Return the task to parse a page."""
        source, most = self._sources[request.source], self._settings.links_per_page
        return PageTask(
            source, request.url, body, request.role, status, request.title, request.depth, request.api, most
        )

    def _drop(self, drop: Dropped) -> None:
        """Record a request that is not sent; without its robots.txt an origin is closed."""
        if drop.request.role is Role.ROBOTS:
            self._set_rules(drop.request, closed_rules(drop.reason))
        elif drop.outcome == "robots":
            self._recorder.record_drop(CrawlResponse(drop.request), "robots", drop.reason)
        else:
            self._recorder.count(drop.request, drop.outcome)
            self._recorder.note(drop.request, f"not asked tonight: {drop.reason}")

    # ---------------------------------------------------------------- responses without content

    def _retry_or_fail(self, response: CrawlResponse) -> None:
        """Send the request again after the wait that the host asks for; fail if that is too long or it was
        tried too often."""
        request, wait = response.request, response_to_wait(response)
        if wait is not None and wait > self._settings.longest_wait:
            self.frontier.close_host(request, f"{request.host} asks to be left alone for {wait:.0f} s")
            self._fail(response, f"{_failure_to_words(response)}, and asks to be left alone for {wait:.0f} s")
        elif request.tries >= self._settings.retries:
            if response.status in BUSY_STATUSES:
                self.frontier.close_host(request, f"{request.host} still answers {response.status}")
            self._fail(response, f"{_failure_to_words(response)}, {request.tries + 1} times")
        else:
            self.frontier.delay_host(
                request, self._settings.backoff * 2**request.tries if wait is None else wait
            )
            self.frontier.put(replace(request, tries=request.tries + 1))

    def _fail(self, response: CrawlResponse, reason: str) -> None:
        """Record a failure; close the host after several in a row."""
        request = response.request
        if self.frontier.count_failure(request) >= _FAILURES_IN_A_ROW:
            self.frontier.close_host(request, f"{request.host} failed {_FAILURES_IN_A_ROW} times in a row")
        self._finish(response, "failed", reason)

    def _finish(self, response: CrawlResponse, outcome: str, reason: str) -> None:
        """Record a response without content. If it was a robots.txt, its origin is closed."""
        if response.request.role is Role.ROBOTS:
            self._set_rules(response.request, closed_rules(reason))
        self._recorder.record(response, outcome, reason)

    def _set_rules(self, request: CrawlRequest, rules: RobotsRules) -> None:
        """Set the rules for the origin of this request, wherever redirects led."""
        verified = self.verifies(request.source, url_to_host(request.key))
        self.frontier.set_rules(request.key.removesuffix(ROBOTS_PATH), rules, verified)

    def _follow_redirect(self, response: CrawlResponse, link: str) -> None:
        """Send the request to the address that the response redirects to, if that may be fetched."""
        request = response.request
        try:
            url = join_link(request.url, link)
            self._check(request, url)
            key = url_to_canonical(url)
            hops = (*request.hops, url_to_canonical(request.url))
        except RefusedError as error:
            self._finish(response, "refused", f"sent on to {link[:QUOTED_MAX_CHARACTERS]}: {error}")
            return
        if hops.count(key) >= _TIMES_AT_ONE_ADDRESS:
            self._finish(response, "failed", f"is sent in circles, to {url[:QUOTED_MAX_CHARACTERS]}")
        elif len(hops) > self._settings.redirects:
            self._finish(response, "failed", f"is sent on more than {self._settings.redirects} times")
        else:
            self.frontier.put(replace(request, url=url, hops=hops, tries=0))

    # ---------------------------------------------------------------- responses with content

    async def _take_complete(self, response: CrawlResponse) -> None:
        """Handle a response that came to its end: a redirect, a 304 or a body."""
        cached = response.request.cached
        if response.target:
            self.frontier.count_success(response.request)
            self._follow_redirect(response, raw_header_to_link(response.target))
        elif response.confirms and cached and cached.sha256 and not self._earlier.gave_page(response.request):
            self.frontier.count_success(response.request)
            self._recorder.record(response, "same", "304: not changed")
        else:
            try:
                await self._take_body(response)
                self.frontier.count_success(response.request)
            except BodyError as error:
                self.frontier.count_success(response.request)
                self._finish(response, "failed", str(error))
            except PageError as error:
                self._fail(response, str(error))  # three in a row close the host

    async def _take_body(self, response: CrawlResponse) -> None:
        """Handle a body: robots.txt, a file, JSON list or page."""
        request = response.request
        if request.role is Role.ROBOTS:
            await self._take_robots(response)
            return
        body = await self._response_to_body(response)
        self.frontier.count_bytes(
            request.source, max(0, len(body) - max(response.received, len(response.body)))
        )
        kind = await self._body_to_kind(body)
        if response.is_good and kind.media_type not in _PAGE_MEDIA_TYPES:
            await self._take_file_body(response, body, kind)
        else:
            facts = await self._page_pool.read(self._to_task(request, body, response.status))
            await (self._take_api if request.api and response.is_good else self._take_page)(
                response, facts, body
            )

    async def _body_to_kind(self, body: bytes) -> Kind:
        """Return what kind of file a body is. What a packed file holds is listed in a thread."""
        return await self._page_pool.in_thread(bytes_to_kind, body) if is_file(body) else bytes_to_kind(body)

    async def _take_file_body(self, response: CrawlResponse, body: bytes, kind: Kind) -> None:
        """Handle a body that is no page: store it, or record that it is of a kind that is not read."""
        if kind.problem:
            self._finish(response, "not_read", kind.problem)
        elif kind.use == "container" or (kind.media_type == PDF_MEDIA_TYPE and is_container(body)):
            await self._unpack(response, body)
        else:
            await self._store_file(response, body, kind)

    async def _unpack(self, response: CrawlResponse, body: bytes) -> None:
        """Record the documents in an archive, or in PDFs one behind the other, and the archive itself."""
        request = response.request
        unpacked = await self._unpacker.unpack(self._sources[request.source], response, body)
        self.frontier.count_bytes(request.source, max(0, unpacked.size - len(body)))
        if unpacked.problem:
            self._finish(response, "not_read", unpacked.problem)
        else:
            self._record_page(response, UNPACKED, "", body)

    async def _response_to_body(self, response: CrawlResponse) -> bytes:
        """Return the decompressed body; for a 304 the body kept from the last fetch."""
        request = response.request
        if response.status != 304:
            limit = self.size_limit(request, response_to_head(response))
            return await self._page_pool.in_thread(
                response_to_body, response, limit, request.role is Role.ROBOTS
            )
        body = self._earlier.page(request) if response.confirms else None
        if body is None:
            raise BodyError("the site answers 304, not changed, and was not asked whether it is")
        return body

    async def _take_robots(self, response: CrawlResponse) -> None:
        """Set the rules that a robots.txt gives, and record it."""
        request = response.request
        body = await self._response_to_body(response) if response.is_good else None
        if body is None:
            rules = status_to_rules(response.status)
        elif not self.frontier.take_rules(request.source, len(body)):
            rules = closed_rules("those of the source's hosts are too long together")
        else:
            rules = await self._page_pool.in_thread(body_to_rules, body)
        self._set_rules(request, rules)
        if rules.delay > self._settings.longest_wait:
            self.frontier.close_host(request, f"robots.txt asks for {rules.delay:.0f} s between requests")
        self._record_page(response, "failed" if rules.closed else "page", rules.closed, body)

    async def _store_file(self, response: CrawlResponse, body: bytes, kind: Kind) -> None:
        """Store a file; BodyError if it is cut off or a damaged copy of what is known."""
        if response.open_ended and kind.media_type == PDF_MEDIA_TYPE and not has_end(body):
            raise BodyError("the connection closed before the end of the PDF")
        require_whole(await self._page_pool.in_thread(self._earlier.damage_check(response.request, body)))
        self.keeper.require_space(response.request, len(body))
        self.keeper.record_stored(response, await self._page_pool.in_thread(self._store.put, body))

    async def _store_page(self, response: CrawlResponse, text: str, body: bytes) -> Stored:
        """Store a page that is a report and whose text has the hash `text`, unless a page with this text is
        in the store; return that. BodyError if it is cut off.

        The text decides, not the bytes: what stands around it is another each day, and a print view or a
        second address has the same.
        """
        if response.open_ended and not has_page_end(body):
            raise BodyError("the connection closed before the end of the page")
        if known := self._earlier.known_page(text):
            return known
        if before := self._earlier.earlier_page(response.request):  # the rules for texts may be others now
            stored, earlier = before
            facts = await self._page_pool.read(self._to_task(response.request, earlier, 200))
            if facts.report == text:
                return stored
        self.keeper.require_space(response.request, len(body))
        return await self._page_pool.in_thread(self._store.put, body)

    # ---------------------------------------------------------------- pages

    async def _take_page(self, response: CrawlResponse, facts: PageFacts, body: bytes) -> None:
        """Handle a parsed HTML page by what it was expected to be."""
        request = response.request
        if facts.is_challenge:
            self._finish(
                response, "challenge", f"{response.status}: a script or a riddle in place of the page"
            )
            if request.role is Role.LIST:
                told = f"{request.url}: a script or a riddle in place of the list: look at it in a browser"
                self._recorder.note(request, told + _asked_to_words(facts))
        elif not response.is_good:
            self._finish(response, "failed", f"the site answers {response.status}")
        elif facts.problem:
            raise PageError(facts.problem)
        elif facts.refresh:
            self._follow_redirect(response, facts.refresh)
        elif request.role is Role.LIST:
            await self._take_list(response, facts, body)
        elif request.role is Role.PAGE or facts.found or facts.report:
            await self._take_detail(response, facts, body)
        else:
            title = facts.title[:SHORT_QUOTED_MAX_CHARACTERS]
            named = f"a page with the title {title}" if title else "a page without a title"
            self._finish(response, "not_read", f"{named} in place of a file: look at it in a browser")

    async def _take_api(self, response: CrawlResponse, facts: PageFacts, body: bytes) -> None:
        """Handle a parsed JSON list, and request its next page."""
        request = response.request
        if facts.is_challenge:
            self._finish(response, "challenge", "a script or a riddle in place of the list")
        elif facts.problem:
            self._finish(response, "failed", facts.problem)
        else:
            await self._follow_list(response, facts, body)
            source = self._sources[request.source]
            await self._add_next_page(request, request_to_next_page(source, request) if facts.items else "")

    async def _take_list(self, response: CrawlResponse, facts: PageFacts, body: bytes) -> None:
        """Handle a list page, request the next one, and note what only a script opens."""
        request = response.request
        source = self._sources[request.source]
        fresh = await self._follow_list(response, facts, body)
        await self._add_next_page(
            request, facts.next_page or (request_to_next_page(source, request) if fresh else "")
        )
        if facts.unopened:
            count = "1 entry opens" if facts.unopened == 1 else f"{facts.unopened} entries open"
            entries = f"{count} only by a script, such as {facts.example!r}"
            todo = "give the addresses as urls, or the list behind them as api"
            self._recorder.note(request, f"{request.url}: {entries}: {todo}")
        if facts.asked:
            self._recorder.note(request, f"{request.url}: no link to a report{_asked_to_words(facts)}")
        for frame in facts.frames if request.depth < _FRAMES_DEPTH_MAX else ():
            await self._add_frame(request, frame)
        if facts.next_is_scripted and not source.pages:
            self._recorder.note(request, f"{request.url}: its next page opens only by a script: give pages")

    async def _add_frame(self, request: CrawlRequest, frame: FoundLink) -> None:
        """Request the page that a frame of a list shows, as the list that it may be."""
        if frame.key:
            await self._add(
                CrawlRequest(
                    frame.url,
                    frame.key,
                    request.source,
                    Role.LIST,
                    number=request.number,
                    found_on=request.key,
                    depth=request.depth + 1,
                )
            )

    async def _follow_list(self, response: CrawlResponse, facts: PageFacts, body: bytes) -> int:
        """Follow the links of a list and record it; return how many of its reports are new tonight."""
        request, seen = response.request, list[SeenLink]()
        fresh = await self._follow_links(request, facts.found, seen)
        links = len(facts.found) + bool(facts.report)  # a list that shows a report itself has that one too
        self._recorder.record_list(request.source, request.key, links, facts.unopened)
        if facts.report:
            await self._record_report(response, facts, body, seen)
        else:
            self._record_page(response, "page", "", body, seen)
        self._note_left_out(request, facts)
        return fresh

    async def _add_next_page(self, request: CrawlRequest, url: str) -> None:
        """Request the next list page, or note that `max_pages` is reached."""
        most = self._sources[request.source].max_pages
        if not url:
            return
        if request.number + 1 < most:
            number, api = request.number + 1, request.api
            await self._add(
                CrawlRequest(
                    url, url, request.source, Role.LIST, number=number, api=api, found_on=request.key
                )
            )
        else:
            self._recorder.note(
                request, f"{url}: not asked, {most} list pages are enough: raise max_pages if not"
            )

    async def _take_detail(self, response: CrawlResponse, facts: PageFacts, body: bytes) -> None:
        """Handle a detail page: follow its links and record it."""
        request, seen = response.request, list[SeenLink]()
        await self._follow_links(_with_title(request, facts), facts.found, seen)
        if facts.report:
            await self._record_report(response, facts, body, seen)
            if facts.pictures:
                self._recorder.note(request, f"{request.url}: {_pictures_to_words(facts.pictures)}")
        else:
            outcome, reason = ("page", "") if facts.found else ("no_report", _lack_to_words(facts))
            self._record_page(response, outcome, reason, body, seen)
        self._note_left_out(request, facts)

    async def _record_report(
        self, response: CrawlResponse, facts: PageFacts, body: bytes, links: Sequence[SeenLink]
    ) -> None:
        """Store a page that is a report itself and record it, with the links on it."""
        stored = await self._store_page(response, facts.report, body)
        self.keeper.record_stored(response, stored, links, facts.report)

    def _note_left_out(self, request: CrawlRequest, facts: PageFacts) -> None:
        """Note how many links of a page were not looked at."""
        if facts.left_out:
            self._recorder.note(
                request,
                f"{request.url}: {facts.left_out} links beyond the first {self._settings.links_per_page} "
                "were not looked at: raise links_per_page if they are reports",
            )

    async def _follow_links(
        self, request: CrawlRequest, links: Sequence[FoundLink], seen: list[SeenLink]
    ) -> int:
        """Request the links that may be fetched and add them to `seen`; return how many are new tonight."""
        fresh = [link for link in links if await self._follow_link(request, link, seen)]
        region = self._sources[request.source].region
        seen += [
            SeenLink(link.key, request.source, link.title, link.year, request.key, region) for link in fresh
        ]
        return len(fresh)

    async def _follow_link(self, request: CrawlRequest, link: FoundLink, seen: list[SeenLink]) -> bool:
        """Request one link; return whether it is new tonight and its host belongs to the source."""
        await self.pause_for_others()
        more = CrawlRequest(
            link.url,
            link.key,
            request.source,
            link.role,
            link.title,
            found_on=request.key,
            depth=request.depth + 1,
        )
        if link.refused:
            self._refuse(more, link.refused)
            return False
        if not self._sources[request.source].has(host := url_to_host(link.key)):
            if self._claim(more, link.key):
                self._recorder.count_foreign_link(more, host)
            return False
        return await self._add(more, seen)

    def _record_page(
        self,
        response: CrawlResponse,
        outcome: str,
        reason: str,
        body: bytes | None,
        links: Sequence[SeenLink] = (),
    ) -> None:
        """Record a page and keep its bytes for a later 304; a 304 itself keeps what is there."""
        keeps = body is not None and response.status != 304 and len(body) <= _KEPT_PAGE_MAX_BYTES
        if keeps:
            self.keeper.require_space(response.request, len(body or b""))
        self._recorder.record(response, outcome, reason, page=body if keeps else None, links=links)


def _lack_to_words(facts: PageFacts) -> str:
    """Say why a page gives no report."""
    pictures = f"; {_pictures_to_words(facts.pictures)}" if facts.pictures else ""
    return f"{_NO_REPORT}{pictures}"


def _pictures_to_words(count: int) -> str:
    """Say that the tables of a page may be the pictures in its text, and what to do."""
    shown = "1 picture" if count == 1 else f"{count} pictures"
    many = "which is not fetched" if count == 1 else "which are not fetched"
    todo = "if its tables are pictures, save it as .mhtml into the folder of a source"
    return f"no table in its text, but {shown}, {many}: {todo}"


def _asked_to_words(facts: PageFacts) -> str:
    """Say what the scripts of a list ask for, "" if nothing is known of it."""
    if not facts.asked:
        return ""
    return f"; its scripts ask for {', '.join(facts.asked)}: give that as api if it is the list"


def _with_title(request: CrawlRequest, facts: PageFacts) -> CrawlRequest:
    """Return the request with the page's title if it has none."""
    return replace(request, title=request.title or facts.title)


def _failure_to_words(response: CrawlResponse) -> str:
    """Say in words why a response is a failure."""
    return response.failure or f"the site answers {response.status}"
