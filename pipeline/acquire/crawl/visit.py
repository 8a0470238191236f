"""A night's visit to all sources: what every answer means for the store, the ledger and the next asks.

Knows nothing of the network, which only hands over asks and brings back answers.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.acquire.addresses import RefusedError, check_url, join_link, url_to_canonical, url_to_host
from pipeline.acquire.content import head_to_problem
from pipeline.acquire.crawl.answers import (
    BUSY,
    Answer,
    BodyError,
    answer_to_body,
    answer_to_head,
    answer_to_wait,
    has_end,
    is_pdf,
    raw_header_to_link,
)
from pipeline.acquire.crawl.asks import ROBOTS_PATH, Ask, Drop, Go, Role
from pipeline.acquire.crawl.choice import ask_to_next_page, number_to_url, url_to_role
from pipeline.acquire.crawl.diary import Diary
from pipeline.acquire.crawl.frontier import Frontier
from pipeline.acquire.crawl.memory import Memory
from pipeline.acquire.crawl.page_facts import Found, PageFacts, Work
from pipeline.acquire.crawl.page_pool import Readers, ReadingError
from pipeline.acquire.crawl.result import SourceResult
from pipeline.acquire.crawl.robots import LONGEST, Rules, body_to_rules, closed_rules, status_to_rules
from pipeline.acquire.ledger import Ledger, Seen
from pipeline.acquire.pages import texts_to_year
from pipeline.acquire.sources import CrawlSettings, Source
from pipeline.acquire.store import Store, Stored, StoreError
from pipeline.files.regular_file import link_to_target, read_regular

_FAILURES_IN_A_ROW = 3  # then the host is left alone for the night
_TIMES_AT_ONE_ADDRESS = 2  # on one way of redirects: some sites send on once to set a cookie
_MB = 1 << 20
_KEPT_PAGE = 2 * _MB  # bytes of a page that are kept for the next 304: to pack more keeps other sites waiting
_BREATH = 0.01  # seconds of work after which the others have their turn
_PAUSE, _LONGEST_PAUSE = 3, 0.1  # times that; seconds, for some of the work may have been that of others


class Visit:
    """The asks of one night; `now` is the time that its rows in the ledger have.

    What may take long for a page or a document is done aside, by `readers`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        store: Store,
        ledger: Ledger,
        settings: CrawlSettings,
        now: str,
        clock: Callable[[], float],
        readers: Readers,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._store = store
        self._settings = settings
        self._memory = Memory(ledger, store, settings, now)
        self._diary = Diary(ledger, tuple(self._sources), now)
        self._readers = readers
        self._turns = {name: asyncio.Lock() for name in self._sources}
        self._breath = time.thread_time()
        self.frontier = Frontier(settings, clock, self.verifies)

    async def begin(self) -> None:
        """Every source's first asks."""
        self._readers.make_ready()
        for source in self._sources.values():
            for url in source.lists:
                await self._add(Ask(url, url, source.name, Role.LIST))
            for number, api in enumerate(source.apis, start=1):
                url = number_to_url(api.url, api.first_page)
                await self._add(Ask(url, url, source.name, Role.LIST, api=number))
            for url in source.urls:
                await self._add(Ask(url, url, source.name, url_to_role(source, url)))

    def next_asks(self) -> Iterator[Go | None]:
        """The asks whose turn it is; None for what is dropped, and recorded, on the way."""
        for step in self.frontier.step():
            if isinstance(step, Drop):
                self._drop(step)
                yield None
            elif step.ask.role is Role.ROBOTS and not step.ask.known:
                yield replace(step, ask=self._memory.recall(step.ask))
            else:
                yield step

    def verifies(self, source: str, host: str) -> bool:
        """Whether a source wants the certificate of this host verified."""
        return self._sources[source].verifies(host)

    async def take(self, answer: Answer) -> None:
        """Store, record and follow what came back; until that is done, its host is left alone.

        The answers of one source wait for each other: the work on them keeps one core busy, not all.
        """
        try:
            self.frontier.count_bytes(answer.ask.source, max(answer.received, len(answer.body)))
            async with self._turns[answer.ask.source]:
                await self._take(answer)
        finally:
            self.frontier.done(answer.ask)

    async def breathe(self) -> None:
        """Lets the other sites have most of the time, where there is much work on the answer of one."""
        worked = time.thread_time() - self._breath
        if worked > _BREATH:
            self._breath += worked
            await asyncio.sleep(min(_PAUSE * worked, _LONGEST_PAUSE))

    async def _take(self, answer: Answer) -> None:
        if answer.refused:
            self._end(answer, "refused", answer.failure)
        elif answer.is_passing:
            self._try_again(answer)
        elif answer.failure:
            self._fail(answer, answer.failure)
        else:
            await self._take_whole(answer)

    def give_up(self, answer: Answer, reason: str) -> None:
        """An answer that made this program stumble costs no more than itself."""
        self._end(answer, "failed", f"cannot be used ({reason}): report this")

    def take_folder(self, source: Source, files: Mapping[str, Path], notes: Sequence[str] = ()) -> None:
        """The files of a source's folder by their names in it; an empty one is a list without links.

        The `notes` say what in it was passed over.
        """
        key = f"folder:{source.name}"
        for name, path in files.items():
            self._take_file(source, f"{key}/{name}", path)
        for note in notes:
            self._diary.note(Ask(key, key, source.name, Role.LIST), note)
        self._diary.list(source.name, key, len(files))

    def end(self) -> None:
        """What could not be asked: the last asks of a night whose time was over."""
        for drop in self.frontier.left():
            self._drop(drop)

    def results(self) -> tuple[SourceResult, ...]:
        return self._diary.results()

    def size_limit(self, ask: Ask, head: bytes) -> int:
        """The bytes that an answer may have, packed or not, where it begins like this."""
        if ask.role is Role.ROBOTS:
            return LONGEST + 1
        return int((self._settings.document_mb if is_pdf(head) else self._settings.page_mb) * _MB)

    # ---------------------------------------------------------------- asks

    async def _add(self, ask: Ask, seen: list[Seen] | None = None) -> bool:
        """Whether the address is new tonight; it is asked unless it may not be, or need not be.

        To `seen` come the links of a page that need not be asked.
        """
        await self.breathe()
        try:
            self._check(ask, ask.url)
            key = url_to_canonical(ask.url)
        except RefusedError as error:
            self._refuse(ask, str(error))
            return False
        verified = self.verifies(ask.source, url_to_host(key))
        if not self._claim(ask, key if verified else f"{key} unverified"):
            return False
        ask = self._memory.recall(replace(ask, key=key, url=key))
        if outcome := self._memory.brought_tonight(ask):
            self._diary.count(ask, outcome)
        elif not await self._is_settled(ask, seen if seen is not None else []):
            self.frontier.put(ask)
        return True

    def _claim(self, ask: Ask, key: str) -> bool:
        """Whether the address is new tonight, and its source may have one more."""
        if self.frontier.knows(key):
            return False
        if self.frontier.takes(ask.source):
            return self.frontier.claim(key)
        self._diary.count(ask, "postponed")
        self._diary.note(ask, "not asked tonight: of the source's addresses there are too many for one night")
        return False

    def _refuse(self, ask: Ask, reason: str) -> None:
        """An address that is never asked, told once."""
        if self._claim(ask, ask.url):
            self._diary.record_drop(Answer(ask), "refused", reason)

    def _check(self, ask: Ask, url: str) -> None:
        """RefusedError unless the address may be asked for this source; a robots.txt may be anywhere."""
        source, host = self._sources[ask.source], url_to_host(url)
        check_url(url)
        if ask.role is not Role.ROBOTS and not source.has(host):
            domains = ", ".join(source.reach)
            raise RefusedError(f"{host} is not within domains {domains}: add it there if it is the bureau's")

    async def _is_settled(self, ask: Ask, seen: list[Seen]) -> bool:
        """Whether a page need not be asked: it was lately, and its one PDF is here and asked itself."""
        body = self._memory.page(ask) if self._memory.was_read_lately(ask) else None
        if body is None or ask.known is None:
            return False
        work = self._to_work(replace(ask, url=ask.known.final_url), body, 200)
        try:
            reading = await self._readers.read(work)
        except ReadingError:
            return False
        settled = len(reading.found) == 1 and self._memory.holds_all([found.key for found in reading.found])
        if settled:
            await self._follow_links(_titled(ask, reading), reading.found, seen)
        return settled

    def _to_work(self, ask: Ask, body: bytes, status: int | None) -> Work:
        source, most = self._sources[ask.source], self._settings.links_per_page
        return Work(source, ask.url, body, ask.role, status, ask.title, ask.depth, ask.api, most)

    def _drop(self, drop: Drop) -> None:
        if drop.ask.role is Role.ROBOTS:
            self._set_rules(drop.ask, closed_rules(drop.reason))
        elif drop.outcome == "robots":
            self._diary.record_drop(Answer(drop.ask), "robots", drop.reason)
        else:
            self._diary.count(drop.ask, drop.outcome)
            self._diary.note(drop.ask, f"not asked tonight: {drop.reason}")

    # ---------------------------------------------------------------- answers that say nothing

    def _try_again(self, answer: Answer) -> None:
        """Later, after the time the host asks for; not at all tonight where it asks for too long."""
        ask, wait = answer.ask, answer_to_wait(answer)
        if wait is not None and wait > self._settings.longest_wait:
            self.frontier.close_host(ask, f"{ask.host} asks to be left alone for {wait:.0f} s")
            self._fail(answer, f"{_why(answer)}, and asks to be left alone for {wait:.0f} s")
        elif ask.tries >= self._settings.retries:
            if answer.status in BUSY:
                self.frontier.close_host(ask, f"{ask.host} still answers {answer.status}")
            self._fail(answer, f"{_why(answer)}, {ask.tries + 1} times")
        else:
            self.frontier.rest(ask, self._settings.backoff * 2**ask.tries if wait is None else wait)
            self.frontier.put(replace(ask, tries=ask.tries + 1))

    def _fail(self, answer: Answer, reason: str) -> None:
        ask = answer.ask
        if self.frontier.count_failure(ask) >= _FAILURES_IN_A_ROW:
            self.frontier.close_host(ask, f"{ask.host} failed {_FAILURES_IN_A_ROW} times in a row")
        self._end(answer, "failed", reason)

    def _end(self, answer: Answer, outcome: str, reason: str) -> None:
        """An ask that gave nothing; without its robots.txt nothing of a site is asked."""
        if answer.ask.role is Role.ROBOTS:
            self._set_rules(answer.ask, closed_rules(reason))
        self._diary.record(answer, outcome, reason)

    def _set_rules(self, ask: Ask, rules: Rules) -> None:
        """What the robots.txt of this ask says, wherever it was in the end."""
        verified = self.verifies(ask.source, url_to_host(ask.key))
        self.frontier.set_rules(ask.key.removesuffix(ROBOTS_PATH), rules, verified)

    def _follow(self, answer: Answer, link: str) -> None:
        """The same ask where the answer sends it, if that is a place to go."""
        ask = answer.ask
        try:
            url = join_link(ask.url, link)
            self._check(ask, url)
            key = url_to_canonical(url)
            hops = (*ask.hops, url_to_canonical(ask.url))
        except RefusedError as error:
            self._end(answer, "refused", f"sent on to {link[:200]}: {error}")
            return
        if hops.count(key) >= _TIMES_AT_ONE_ADDRESS:
            self._end(answer, "failed", f"is sent in circles, to {url[:200]}")
        elif len(hops) > self._settings.redirects:
            self._end(answer, "failed", f"is sent on more than {self._settings.redirects} times")
        else:
            self.frontier.put(replace(ask, url=url, hops=hops, tries=0))

    # ---------------------------------------------------------------- answers that say something

    async def _take_whole(self, answer: Answer) -> None:
        """An answer that came whole, whatever it says."""
        known = answer.ask.known
        if answer.target:
            self.frontier.count_success(answer.ask)
            self._follow(answer, raw_header_to_link(answer.target))
        elif answer.confirms and known and known.sha256:
            self.frontier.count_success(answer.ask)
            self._diary.record(answer, "same", "304: not changed")
        else:
            try:
                await self._take_body(answer)
                self.frontier.count_success(answer.ask)
            except BodyError as error:
                self.frontier.count_success(answer.ask)
                self._end(answer, "failed", str(error))
            except ReadingError as error:
                self._fail(answer, str(error))  # three of these in a row, and the host is left alone

    async def _take_body(self, answer: Answer) -> None:
        ask = answer.ask
        if ask.role is Role.ROBOTS:
            await self._take_robots(answer)
            return
        body = await self._answer_to_body(answer)
        self.frontier.count_bytes(ask.source, max(0, len(body) - max(answer.received, len(answer.body))))
        if is_pdf(body) and answer.is_good:
            await self._keep(answer, body)
        else:
            reading = await self._readers.read(self._to_work(ask, body, answer.status))
            await (self._take_api if ask.api and answer.is_good else self._take_page)(answer, reading, body)

    async def _answer_to_body(self, answer: Answer) -> bytes:
        """The bytes that came, or those that a 304 stands for."""
        ask = answer.ask
        if answer.status != 304:
            limit = self.size_limit(ask, answer_to_head(answer))
            return await self._readers.aside(answer_to_body, answer, limit, ask.role is Role.ROBOTS)
        body = self._memory.page(ask) if answer.confirms else None
        if body is None:
            raise BodyError("the site answers 304, not changed, and was not asked whether it is")
        return body

    async def _take_robots(self, answer: Answer) -> None:
        ask = answer.ask
        body = await self._answer_to_body(answer) if answer.is_good else None
        if body is None:
            rules = status_to_rules(answer.status)
        elif not self.frontier.takes_rules(ask.source, len(body)):
            rules = closed_rules("those of the source's hosts are too long together")
        else:
            rules = await self._readers.aside(body_to_rules, body)
        self._set_rules(ask, rules)
        if rules.delay > self._settings.longest_wait:
            self.frontier.close_host(ask, f"robots.txt asks for {rules.delay:.0f} s between requests")
        self._record_page(answer, "failed" if rules.closed else "page", rules.closed, body)

    async def _keep(self, answer: Answer, body: bytes) -> None:
        if answer.open_ended and not has_end(body):
            raise BodyError("the connection closed before the end of the PDF")
        _require_whole(await self._readers.aside(self._memory.to_damage(answer.ask, body)))
        self._require_room(answer.ask, len(body))
        self._record_stored(answer, await self._readers.aside(self._store.put, body))

    def _record_stored(self, answer: Answer, stored: Stored, links: Sequence[Seen] = ()) -> None:
        known = answer.ask.known
        same = known is not None and known.sha256 == stored.sha256
        self._diary.record(answer, "same" if same else "stored", stored=stored, links=links)

    def _require_room(self, ask: Ask, size: int) -> None:
        """StoreError where the disk would have less free than is to be left to others."""
        free, reserve = shutil.disk_usage(_existing(self._store.root)).free, self._settings.disk_reserve_mb
        if free - size < reserve * _MB:
            self._diary.count(ask, "postponed")
            raise StoreError(
                f"{self._store.root}: {free >> 20} MB are free on its disk, and {reserve:g} are to stay so "
                "(disk_reserve_mb): free space, the next night fetches the rest"
            )

    def _take_file(self, source: Source, key: str, path: Path) -> None:
        """A file of this machine as if it had been fetched."""
        answer = Answer(self._memory.recall(Ask(key, key, source.name, Role.DOCUMENT)))
        try:
            target = link_to_target(path, Path(source.folder))
            body = read_regular(target, follow=False, largest=int(self._settings.document_mb * _MB))
        except OSError as error:
            self._diary.record(answer, "failed", f"cannot be read ({error.strerror})")
            return
        year = texts_to_year(path.stem)
        seen = [Seen(key, source.name, path.stem, year, source.folder, source.region)]
        if is_pdf(body):
            self._keep_file(answer, body, seen)
        else:
            self._diary.record(answer, "not_pdf", head_to_problem(body[:1024]), links=seen)

    def _keep_file(self, answer: Answer, body: bytes, seen: Sequence[Seen]) -> None:
        try:
            _require_whole(self._memory.to_damage(answer.ask, body)())
        except BodyError as error:
            self._diary.record(answer, "failed", str(error), links=seen)
            return
        self._require_room(answer.ask, len(body))
        self._record_stored(answer, self._store.put(body), seen)

    # ---------------------------------------------------------------- pages

    async def _take_page(self, answer: Answer, reading: PageFacts, body: bytes) -> None:
        ask = answer.ask
        if reading.is_challenge:
            self._end(answer, "challenge", f"{answer.status}: a script or a riddle in place of the page")
            if ask.role is Role.LIST:
                self._diary.note(
                    ask, f"{ask.url}: a script or a riddle in place of the list: look at it in a browser"
                )
        elif not answer.is_good:
            self._end(answer, "failed", f"the site answers {answer.status}")
        elif reading.problem:
            raise ReadingError(reading.problem)
        elif reading.refresh:
            self._follow(answer, reading.refresh)
        elif ask.role is Role.LIST:
            await self._take_list(answer, reading, body)
        elif ask.role is Role.PAGE:
            await self._take_detail(answer, reading, body)
        else:
            title = reading.title[:100] or "without a title"
            self._end(answer, "not_pdf", f"a page in place of a PDF: {title}")

    async def _take_api(self, answer: Answer, reading: PageFacts, body: bytes) -> None:
        ask = answer.ask
        if reading.is_challenge:
            self._end(answer, "challenge", "a script or a riddle in place of the list")
        elif reading.problem:
            self._end(answer, "failed", reading.problem)
        else:
            await self._follow_list(answer, reading, body)
            source = self._sources[ask.source]
            await self._turn_page(ask, ask_to_next_page(source, ask) if reading.items else "")

    async def _take_list(self, answer: Answer, reading: PageFacts, body: bytes) -> None:
        ask = answer.ask
        source = self._sources[ask.source]
        fresh = await self._follow_list(answer, reading, body)
        await self._turn_page(ask, reading.next_page or (ask_to_next_page(source, ask) if fresh else ""))
        if reading.unopened:
            entries = f"{reading.unopened} entries open only by a script, such as {reading.example!r}"
            todo = "give the addresses as urls, or the list behind them as api"
            self._diary.note(ask, f"{ask.url}: {entries}: {todo}")
        if reading.next_is_scripted and not source.pages:
            self._diary.note(ask, f"{ask.url}: its next page opens only by a script: give pages")

    async def _follow_list(self, answer: Answer, reading: PageFacts, body: bytes) -> int:
        """How many of a list's reports are new tonight."""
        ask, seen = answer.ask, list[Seen]()
        fresh = await self._follow_links(ask, reading.found, seen)
        self._diary.list(ask.source, ask.key, len(reading.found), reading.unopened)
        self._record_page(answer, "page", "", body, seen)
        self._note_left_out(ask, reading)
        return fresh

    async def _turn_page(self, ask: Ask, url: str) -> None:
        most = self._sources[ask.source].max_pages
        if not url:
            return
        if ask.number + 1 < most:
            number, api = ask.number + 1, ask.api
            await self._add(Ask(url, url, ask.source, Role.LIST, number=number, api=api, found_on=ask.key))
        else:
            self._diary.note(ask, f"{url}: not asked, {most} list pages are enough: raise max_pages if not")

    async def _take_detail(self, answer: Answer, reading: PageFacts, body: bytes) -> None:
        ask, seen = answer.ask, list[Seen]()
        await self._follow_links(_titled(ask, reading), reading.found, seen)
        outcome, reason = ("page", "") if reading.found else ("no_pdf", "no link to a PDF on the page")
        self._record_page(answer, outcome, reason, body, seen)
        self._note_left_out(ask, reading)

    def _note_left_out(self, ask: Ask, reading: PageFacts) -> None:
        if reading.left_out:
            self._diary.note(
                ask, f"{ask.url}: {reading.left_out} links beyond the first {self._settings.links_per_page} "
                "were not looked at: raise links_per_page if they are reports"
            )  # fmt: skip

    async def _follow_links(self, ask: Ask, links: Sequence[Found], seen: list[Seen]) -> int:
        """How many of the links are new tonight; those go to `seen`, and are asked if they may be."""
        fresh = [link for link in links if await self._follow_link(ask, link, seen)]
        region = self._sources[ask.source].region
        seen += [Seen(link.key, ask.source, link.title, link.year, ask.key, region) for link in fresh]
        return len(fresh)

    async def _follow_link(self, ask: Ask, link: Found, seen: list[Seen]) -> bool:
        await self.breathe()
        more = Ask(
            link.url, link.key, ask.source, link.role, link.title, found_on=ask.key, depth=ask.depth + 1
        )
        if link.refused:
            self._refuse(more, link.refused)
            return False
        if not self._sources[ask.source].has(host := url_to_host(link.key)):
            if self._claim(more, link.key):
                self._diary.see_foreign(more, host)
            return False
        return await self._add(more, seen)

    def _record_page(
        self, answer: Answer, outcome: str, reason: str, body: bytes | None, links: Sequence[Seen] = ()
    ) -> None:
        """A page that was read is kept for the next 304; one that was not changed is kept already."""
        keeps = body is not None and answer.status != 304 and len(body) <= _KEPT_PAGE
        if keeps:
            self._require_room(answer.ask, len(body or b""))
        self._diary.record(answer, outcome, reason, page=body if keeps else None, links=links)


def _titled(ask: Ask, reading: PageFacts) -> Ask:
    return replace(ask, title=ask.title or reading.title)


def _why(answer: Answer) -> str:
    return answer.failure or f"the site answers {answer.status}"


def _require_whole(damage: str) -> None:
    if damage:
        raise BodyError(f"{damage}: what was known before is kept, and asked for again")


def _existing(path: Path) -> Path:
    """The folder, or the nearest above it that there is."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
