"""A night's visit to all sources: what every answer means for the store, the ledger and the next asks.

Knows nothing of the network, which only hands over asks and brings back answers.
"""

from __future__ import annotations

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
    answer_to_wait,
    has_end,
    is_pdf,
    raw_header_to_link,
)
from pipeline.acquire.crawl.asks import ROBOTS_PATH, Ask, Drop, Go, Role
from pipeline.acquire.crawl.choice import (
    ask_to_next_page,
    link_to_role,
    link_to_seen,
    link_to_title,
    links_to_reports,
    number_to_url,
    page_to_further,
    page_to_unopened,
    url_to_role,
)
from pipeline.acquire.crawl.diary import Diary
from pipeline.acquire.crawl.frontier import Frontier
from pipeline.acquire.crawl.memory import Memory
from pipeline.acquire.crawl.result import SourceResult
from pipeline.acquire.crawl.robots import LONGEST, body_to_rules, closed_rules, status_to_rules
from pipeline.acquire.ledger import Ledger, Seen
from pipeline.acquire.pages import (
    Link,
    Page,
    body_to_items,
    body_to_page,
    is_challenge,
    texts_to_year,
)
from pipeline.acquire.sources import CrawlSettings, Source
from pipeline.acquire.store import Store
from pipeline.regular_file import link_to_target, read_regular

_FAILURES_IN_A_ROW = 3  # then the host is left alone for the night
_TIMES_AT_ONE_ADDRESS = 2  # on one way of redirects: some sites send on once to set a cookie
_MB = 1 << 20


class Visit:
    """The asks of one night; `now` is the time that its rows in the ledger have."""

    def __init__(
        self,
        sources: Sequence[Source],
        store: Store,
        ledger: Ledger,
        settings: CrawlSettings,
        now: str,
        clock: Callable[[], float],
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._store = store
        self._settings = settings
        self._memory = Memory(ledger, store, settings, now)
        self._diary = Diary(ledger, tuple(self._sources), now)
        self.frontier = Frontier(settings, clock)

    def begin(self) -> None:
        """Every source's first asks."""
        for source in self._sources.values():
            for url in source.lists:
                self._add(Ask(url, url, source.name, Role.LIST))
            for number, api in enumerate(source.apis, start=1):
                url = number_to_url(api.url, api.first_page)
                self._add(Ask(url, url, source.name, Role.LIST, api=number))
            for url in source.urls:
                self._add(Ask(url, url, source.name, url_to_role(source, url)))

    def next_asks(self) -> Iterator[Go]:
        """The asks whose turn it is; what is dropped is recorded on the way."""
        for step in self.frontier.step():
            if isinstance(step, Drop):
                self._drop(step)
            elif step.ask.role is Role.ROBOTS and not step.ask.known:
                yield replace(step, ask=self._memory.recall(step.ask))
            else:
                yield step

    def take(self, answer: Answer) -> None:
        """Store, record and follow what came back."""
        self.frontier.done(answer.ask)
        if answer.refused:
            self._end(answer, "refused", answer.failure)
        elif answer.is_passing:
            self._try_again(answer)
        elif answer.failure:
            self._fail(answer, answer.failure)
        else:
            self.frontier.count_success(answer.ask)
            self._take_whole(answer)

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

    def size_limit(self, ask: Ask) -> int:
        """The bytes that an answer may have, unpacked."""
        if ask.role is Role.ROBOTS:
            return LONGEST + 1
        of_page = ask.role is Role.LIST
        return int((self._settings.page_mb if of_page else self._settings.document_mb) * _MB)

    # ---------------------------------------------------------------- asks

    def _add(self, ask: Ask) -> bool:
        """Whether the address is new tonight; it is asked unless it may not be, or need not be."""
        try:
            self._check(ask, ask.url)
            key = url_to_canonical(ask.url)
        except RefusedError as error:
            if self.frontier.claim(ask.url):
                self._diary.record(Answer(ask), "refused", str(error))
            return False
        if not self.frontier.claim(key):
            return False
        ask = self._memory.recall(replace(ask, key=key, url=key))
        if outcome := self._memory.brought_tonight(ask):
            self._diary.count(ask, outcome)
        elif not self._is_settled(ask):
            self.frontier.put(ask)
        return True

    def _check(self, ask: Ask, url: str) -> None:
        """RefusedError unless the address may be asked for this source."""
        source, host = self._sources[ask.source], url_to_host(url)
        check_url(url)
        if not source.has(host):
            domains = ", ".join(source.domains)
            raise RefusedError(f"{host} is not within domains {domains}: add it there if it is the bureau's")

    def _is_settled(self, ask: Ask) -> bool:
        """Whether a page need not be asked: it was lately, and its one PDF is here and asked itself."""
        body = self._memory.page(ask) if self._memory.was_read_lately(ask) else None
        if body is None or ask.known is None:
            return False
        source, page = self._sources[ask.source], body_to_page(ask.known.final_url, body)
        links = page_to_further(source, ask, page)
        settled = len(links) == 1 and self._memory.holds_all([url_to_canonical(link.url) for link in links])
        if settled:
            self._follow_links(_titled(ask, page), links)
        return settled

    def _drop(self, drop: Drop) -> None:
        if drop.ask.role is Role.ROBOTS:
            self.frontier.set_rules(_robots_to_origin(drop.ask), closed_rules(drop.reason))
        elif drop.outcome == "robots":
            self._diary.record(Answer(drop.ask), "robots", drop.reason)
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
            self.frontier.set_rules(_robots_to_origin(answer.ask), closed_rules(reason))
        self._diary.record(answer, outcome, reason)

    def _follow(self, answer: Answer, url: str) -> None:
        """The same ask where the answer sends it, if that is a place to go."""
        ask = answer.ask
        try:
            self._check(ask, url)
            key = url_to_canonical(url)
            hops = (*ask.hops, url_to_canonical(ask.url))
        except RefusedError as error:
            self._end(answer, "refused", f"sent on to {url[:200]}: {error}")
            return
        if hops.count(key) >= _TIMES_AT_ONE_ADDRESS:
            self._end(answer, "failed", f"is sent in circles, to {url[:200]}")
        elif len(hops) > self._settings.redirects:
            self._end(answer, "failed", f"is sent on more than {self._settings.redirects} times")
        else:
            self.frontier.put(replace(ask, url=url, hops=hops, tries=0))

    # ---------------------------------------------------------------- answers that say something

    def _take_whole(self, answer: Answer) -> None:
        """An answer that came whole, whatever it says."""
        known = answer.ask.known
        if answer.target:
            self._follow(answer, join_link(answer.ask.url, raw_header_to_link(answer.target)))
        elif answer.confirms and known and known.sha256:
            self._diary.record(answer, "same", "304: not changed")
        else:
            try:
                self._take_body(answer)
            except BodyError as error:
                self._end(answer, "failed", str(error))

    def _take_body(self, answer: Answer) -> None:
        ask = answer.ask
        if ask.role is Role.ROBOTS:
            self._take_robots(answer)
            return
        body = self._answer_to_body(answer)
        if is_pdf(body) and answer.is_good:
            self._keep(answer, body)
        elif ask.api and answer.is_good:
            self._take_api(answer, body)
        else:
            self._take_page(answer, body_to_page(ask.url, body), body)

    def _answer_to_body(self, answer: Answer) -> bytes:
        """The bytes that came, or those that a 304 stands for."""
        ask = answer.ask
        if answer.status != 304:
            return answer_to_body(answer, self.size_limit(ask), cut_allowed=ask.role is Role.ROBOTS)
        body = self._memory.page(ask) if answer.confirms else None
        if body is None:
            raise BodyError("the site answers 304, not changed, and was not asked whether it is")
        return body

    def _take_robots(self, answer: Answer) -> None:
        ask = answer.ask
        body = self._answer_to_body(answer) if answer.is_good else None
        rules = status_to_rules(answer.status) if body is None else body_to_rules(body)
        self.frontier.set_rules(_robots_to_origin(ask), rules)
        if rules.delay > self._settings.longest_wait:
            self.frontier.close_host(ask, f"robots.txt asks for {rules.delay:.0f} s between requests")
        self._record_page(answer, "failed" if rules.closed else "page", rules.closed, body)

    def _keep_or_fail(self, answer: Answer, body: bytes) -> None:
        try:
            self._keep(answer, body)
        except BodyError as error:
            self._diary.record(answer, "failed", str(error))

    def _keep(self, answer: Answer, body: bytes) -> None:
        if answer.open_ended and not has_end(body):
            raise BodyError("the connection closed before the end of the PDF")
        if damage := self._memory.damage(answer.ask, body):
            raise BodyError(f"{damage}: what was known before is kept, and asked for again")
        stored = self._store.put(body)
        known = answer.ask.known
        same = known is not None and known.sha256 == stored.sha256
        self._diary.record(answer, "same" if same else "stored", stored=stored)

    def _take_file(self, source: Source, key: str, path: Path) -> None:
        """A file of this machine as if it had been fetched."""
        answer = Answer(self._memory.recall(Ask(key, key, source.name, Role.DOCUMENT)))
        try:
            target = link_to_target(path, Path(source.folder))
            body = read_regular(target, follow=False, largest=self.size_limit(answer.ask))
        except OSError as error:
            self._diary.record(answer, "failed", f"cannot be read ({error.strerror})")
            return
        year = texts_to_year(path.stem)
        self._diary.see([Seen(key, source.name, path.stem, year, source.folder, source.region)])
        if is_pdf(body):
            self._keep_or_fail(answer, body)
        else:
            self._diary.record(answer, "not_pdf", head_to_problem(body[:1024]))

    # ---------------------------------------------------------------- pages

    def _take_page(self, answer: Answer, page: Page, body: bytes) -> None:
        ask = answer.ask
        if is_challenge(answer.status, page) and not page.refresh:
            self._end(answer, "challenge", f"{answer.status}: a script or a riddle in place of the page")
            if ask.role is Role.LIST:
                self._diary.note(
                    ask, f"{ask.url}: a script or a riddle in place of the list: look at it in a browser"
                )
        elif not answer.is_good:
            self._end(answer, "failed", f"the site answers {answer.status}")
        elif page.refresh:
            self._follow(answer, page.refresh)
        elif ask.role is Role.LIST:
            self._take_list(answer, page, body)
        elif ask.role is Role.PAGE:
            self._take_detail(answer, page, body)
        else:
            self._end(answer, "not_pdf", f"a page in place of a PDF: {page.title[:100] or 'without a title'}")

    def _take_api(self, answer: Answer, body: bytes) -> None:
        ask = answer.ask
        source = self._sources[ask.source]
        try:
            links = body_to_items(ask.url, body, source.apis[ask.api - 1])
        except ValueError as error:
            if is_challenge(answer.status, body_to_page(ask.url, body)):
                self._end(answer, "challenge", "a script or a riddle in place of the list")
            else:
                self._end(answer, "failed", str(error))
            return
        self._follow_list(ask, links)
        self._record_page(answer, "page", "", body)
        self._turn_page(ask, ask_to_next_page(source, ask) if links else "")

    def _take_list(self, answer: Answer, page: Page, body: bytes) -> None:
        ask = answer.ask
        source = self._sources[ask.source]
        unopened = page_to_unopened(source, page)
        fresh = self._follow_list(ask, page.links, len(unopened))
        self._record_page(answer, "page", "", body)
        self._turn_page(ask, page.next_page or (ask_to_next_page(source, ask) if fresh else ""))
        if unopened:
            self._diary.note(
                ask, f"{ask.url}: {len(unopened)} entries open only by a script, such as {unopened[0]!r}: "
                "give the addresses as urls, or the list behind them as api"
            )  # fmt: skip
        if page.next_is_scripted and not source.pages:
            self._diary.note(ask, f"{ask.url}: its next page opens only by a script: give pages")

    def _follow_list(self, ask: Ask, links: Sequence[Link], unopened: int = 0) -> int:
        """How many of a list's reports are new tonight."""
        reports = links_to_reports(self._sources[ask.source], links)
        fresh = self._follow_links(ask, reports)
        self._diary.list(ask.source, ask.key, len(reports), unopened)
        return fresh

    def _turn_page(self, ask: Ask, url: str) -> None:
        most = self._sources[ask.source].max_pages
        if not url:
            return
        if ask.number + 1 < most:
            number = ask.number + 1
            self._add(Ask(url, url, ask.source, Role.LIST, number=number, api=ask.api, found_on=ask.key))
        else:
            self._diary.note(ask, f"{url}: not asked, {most} list pages are enough: raise max_pages if not")

    def _take_detail(self, answer: Answer, page: Page, body: bytes) -> None:
        ask, source = answer.ask, self._sources[answer.ask.source]
        links = page_to_further(source, ask, page)
        self._follow_links(_titled(ask, page), links)
        outcome, reason = ("page", "") if links else ("no_pdf", "no link to a PDF on the page")
        self._record_page(answer, outcome, reason, body)

    def _follow_links(self, ask: Ask, links: Sequence[Link]) -> int:
        """How many of the links are new tonight; all of those are seen, and asked if they may be."""
        source = self._sources[ask.source]
        fresh = [link for link in links if self._follow_link(ask, link)]
        self._diary.see([link_to_seen(source, ask, link) for link in fresh])
        return len(fresh)

    def _follow_link(self, ask: Ask, link: Link) -> bool:
        source = self._sources[ask.source]
        role, title = link_to_role(source, link), link_to_title(source, ask, link)
        more = Ask(link.url, link.url, ask.source, role, title, found_on=ask.key, depth=ask.depth + 1)
        return self._add(more)

    def _record_page(self, answer: Answer, outcome: str, reason: str, body: bytes | None) -> None:
        """A page that was read is kept for the next 304; one that was not changed is kept already."""
        self._diary.record(answer, outcome, reason, page=None if answer.status == 304 else body)


def _titled(ask: Ask, page: Page) -> Ask:
    return replace(ask, title=ask.title or page.title)


def _why(answer: Answer) -> str:
    return answer.failure or f"the site answers {answer.status}"


def _robots_to_origin(ask: Ask) -> str:
    return ask.key.removesuffix(ROBOTS_PATH)
