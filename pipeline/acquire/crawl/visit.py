"""A night's visit to all sources: what every answer means for the store, the ledger and the next asks.

Knows nothing of the network, which only hands over asks and brings back answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from pipeline.acquire.addresses import RefusedError, check_url, join_link, url_to_canonical, url_to_host
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
from pipeline.acquire.crawl.frontier import ROBOTS_PATH, Ask, Drop, Frontier, Go, Role
from pipeline.acquire.crawl.result import SourceResult, Tally
from pipeline.acquire.crawl.robots import LONGEST, body_to_rules, closed_rules, status_to_rules
from pipeline.acquire.ledger import GOOD_OUTCOMES, Fetch, Ledger, Seen, Validators
from pipeline.acquire.pages import (
    Link,
    Page,
    body_to_items,
    body_to_page,
    is_challenge,
    texts_to_year,
    url_to_name,
)
from pipeline.acquire.sources import Api, CrawlSettings, Source
from pipeline.acquire.store import Store

_FAILURES_IN_A_ROW = 3  # then the host is left alone for the night
_TIMES_AT_ONE_ADDRESS = 2  # on one way of redirects: some sites send on once to set a cookie
_ATTACHMENTS = 20  # on one page, of those whose texts name no report
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
        self._tallies = {source.name: Tally() for source in sources}
        self._store = store
        self._ledger = ledger
        self._settings = settings
        self._now = now
        self._before = ledger.fetched_now()
        self.frontier = Frontier(settings, clock)

    def begin(self) -> None:
        """Every source's first asks."""
        for source in self._sources.values():
            for url in source.lists:
                self._add(source, url, Role.LIST)
            for number, api in enumerate(source.apis, start=1):
                self._add(source, _page_of(api.url, api.first_page), Role.LIST, api=number)
            for url in source.urls:
                self._add(source, url, Role.DOCUMENT if source.is_attachment(unquote(url)) else Role.PAGE)

    def next_asks(self) -> Iterator[Go]:
        """The asks whose turn it is; what is dropped is recorded on the way."""
        for step in self.frontier.step():
            if isinstance(step, Go):
                yield step
            else:
                self._drop(step)

    def take(self, answer: Answer) -> None:
        """Store, record and follow what came back."""
        ask = answer.ask
        self.frontier.done(ask)
        if answer.refused:
            self._end(answer, "refused", answer.failure)
        elif answer.is_passing:
            self._try_again(answer)
        elif answer.failure:
            self._fail(answer, answer.failure)
        else:
            self.frontier.count_success(ask)
            self._take_whole(answer)

    def give_up(self, answer: Answer, reason: str) -> None:
        """An answer that made this program stumble costs no more than itself."""
        self._end(answer, "failed", f"cannot be used ({reason}): report this")

    def take_folder(self, source: Source, files: Mapping[str, Path]) -> None:
        """The files of a source's folder by their names in it; an empty one is a list without links."""
        key = f"folder:{source.name}"
        for name, path in files.items():
            self._take_file(source, f"{key}/{name}", path)
        tally = self._tallies[source.name]
        tally.listed += 1
        tally.links += len(files)
        self._ledger.list_seen(source.name, key, len(files), self._now)

    def end(self) -> None:
        """What could not be asked: the last asks of a night whose time was over."""
        for drop in self.frontier.left():
            self._drop(drop)

    def results(self) -> tuple[SourceResult, ...]:
        return tuple(tally.to_result(name) for name, tally in self._tallies.items())

    def _take_file(self, source: Source, key: str, path: Path) -> None:
        answer = Answer(Ask(url=key, key=key, source=source.name, role=Role.DOCUMENT))
        try:
            body = path.read_bytes()
        except OSError as error:
            self._record(answer, "failed", f"cannot be opened ({error.strerror})")
            return
        name = path.stem
        self._ledger.see(
            Seen(key, source.name, name, texts_to_year(name), source.folder, source.region), self._now
        )
        if is_pdf(body):
            self._keep(answer, body)
        else:
            self._record(answer, "not_pdf", f"begins with {body[:8]!r} instead of %PDF-")

    # ---------------------------------------------------------------- asks

    def _add(self, source: Source, url: str, role: Role, **more: object) -> bool:
        """Whether the address is new tonight; a refused one is recorded and not asked."""
        ask = Ask(url=url, key=url, source=source.name, role=role, **more)  # type: ignore[arg-type]
        try:
            self._check(source, url)
            key = url_to_canonical(url)
            ask = replace(ask, key=key, url=key)
        except RefusedError as error:
            self._record(Answer(ask), "refused", str(error))
            return False
        return self._had(ask) or self.frontier.add(self._with_history(ask))

    def _had(self, ask: Ask) -> bool:
        """Whether a killed run of this same night brought the document; then that counts."""
        outcome = self._before.pop(ask.key, "") if ask.role is Role.DOCUMENT else ""
        if outcome in GOOD_OUTCOMES:
            self._tallies[ask.source].outcomes[outcome] += 1
        return outcome in GOOD_OUTCOMES and self.frontier.leave_out(ask)

    def _check(self, source: Source, url: str) -> None:
        check_url(url)
        if not source.has(host := url_to_host(url)):
            domains = ", ".join(source.domains)
            raise RefusedError(f"{host} is not within domains {domains}: add it there if it is the bureau's")

    def _with_history(self, ask: Ask) -> Ask:
        """A known document is asked for only if it has changed, unless its last download is long ago."""
        if ask.role is Role.LIST:
            return ask
        known, before = self._ledger.validators(ask.key), self._ledger.last_asked(ask.key)
        ask = replace(ask, before=before or "")
        if known is None or self._is_due(known) or not self._store.holds(known.sha256):
            return ask
        return replace(ask, etag=known.etag, last_modified=known.last_modified)

    def _is_due(self, known: Validators) -> bool:
        age = _to_time(self._now) - _to_time(known.fetched_on)
        return not timedelta() <= age < timedelta(days=self._settings.refetch_days)

    def _drop(self, drop: Drop) -> None:
        if drop.ask.role is Role.ROBOTS:
            self.frontier.set_rules(_robots_to_origin(drop.ask), closed_rules(drop.reason))
        elif drop.outcome == "robots":
            self._record(Answer(drop.ask), "robots", drop.reason)
        else:
            self._tallies[drop.ask.source].outcomes[drop.outcome] += 1
            self._note(drop.ask, f"not asked tonight: {drop.reason}")

    # ---------------------------------------------------------------- answers

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
            self.frontier.put_back(replace(ask, tries=ask.tries + 1))

    def _fail(self, answer: Answer, reason: str) -> None:
        ask = answer.ask
        if self.frontier.count_failure(ask) >= _FAILURES_IN_A_ROW:
            self.frontier.close_host(ask, f"{ask.host} failed {_FAILURES_IN_A_ROW} times in a row")
        self._end(answer, "failed", reason)

    def _end(self, answer: Answer, outcome: str, reason: str) -> None:
        """An ask that gave nothing; without its robots.txt nothing of a site is asked."""
        if answer.ask.role is Role.ROBOTS:
            self.frontier.set_rules(_robots_to_origin(answer.ask), closed_rules(reason))
        self._record(answer, outcome, reason)

    def _take_whole(self, answer: Answer) -> None:
        """An answer that came whole, whatever it says."""
        if answer.target:
            self._follow(answer, join_link(answer.ask.url, raw_header_to_link(answer.target)))
        elif answer.status == 304:
            self._record(answer, "same", "304: not changed")
        elif answer.ask.role is Role.ROBOTS:
            self._take_robots(answer)
        else:
            self._take_body(answer)

    def _follow(self, answer: Answer, url: str) -> None:
        """The same ask where the answer sends it, if that is a place to go."""
        ask = answer.ask
        try:
            self._check(self._sources[ask.source], url)
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
            self.frontier.put_back(replace(ask, url=url, hops=hops, tries=0))

    def _take_robots(self, answer: Answer) -> None:
        assert answer.status is not None
        rules = status_to_rules(answer.status)
        if 200 <= answer.status < 300:
            try:
                rules = body_to_rules(answer_to_body(answer, LONGEST + 1, cut_allowed=True))
            except BodyError as error:
                rules = closed_rules(str(error))
        self.frontier.set_rules(_robots_to_origin(answer.ask), rules)
        if rules.delay > self._settings.longest_wait:
            self.frontier.close_host(answer.ask, f"robots.txt asks for {rules.delay:.0f} s between requests")
        self._record(answer, "failed" if rules.closed else "page", rules.closed)

    def _take_body(self, answer: Answer) -> None:
        try:
            body = answer_to_body(answer, self.size_limit(answer.ask))
        except BodyError as error:
            self._end(answer, "failed", str(error))
            return
        if is_pdf(body) and _is_good(answer):
            self._keep(answer, body)
        elif answer.ask.api and _is_good(answer):
            self._take_api(answer, body)
        else:
            self._take_page(answer, body_to_page(answer.ask.url, body))

    def size_limit(self, ask: Ask) -> int:
        """The bytes that an answer may have, unpacked."""
        if ask.role is Role.ROBOTS:
            return LONGEST
        of_page = ask.role is Role.LIST
        return int((self._settings.page_mb if of_page else self._settings.document_mb) * _MB)

    def _keep(self, answer: Answer, body: bytes) -> None:
        if answer.open_ended and not has_end(body):
            self._end(answer, "failed", "the connection closed before the end of the PDF")
            return
        stored = self._store.put(body)
        known = self._ledger.validators(answer.ask.key)
        same = known is not None and known.sha256 == stored.sha256
        self._record(answer, "same" if same else "stored", "", stored.sha256, stored.size)

    # ---------------------------------------------------------------- pages

    def _take_page(self, answer: Answer, page: Page) -> None:
        ask = answer.ask
        if is_challenge(answer.status, page) and not page.refresh:
            self._end(answer, "challenge", f"{answer.status}: a script or a riddle in place of the page")
            if ask.role is Role.LIST:
                self._note(
                    ask, f"{ask.url}: a script or a riddle in place of the list: look at it in a browser"
                )
        elif not _is_good(answer):
            self._end(answer, "failed", f"the site answers {answer.status}")
        elif page.refresh:
            self._follow(answer, page.refresh)
        elif ask.role is Role.LIST:
            self._take_list(answer, page.links, page.next_page)
        elif ask.role is Role.PAGE:
            self._take_detail(answer, page)
        else:
            self._end(answer, "not_pdf", f"a page in place of a PDF: {page.title[:100] or 'without a title'}")

    def _take_api(self, answer: Answer, body: bytes) -> None:
        api = self._api(answer.ask)
        try:
            links = body_to_items(answer.ask.url, body, api)
        except ValueError as error:
            if is_challenge(answer.status, body_to_page(answer.ask.url, body)):
                self._end(answer, "challenge", "a script or a riddle in place of the list")
            else:
                self._end(answer, "failed", str(error))
            return
        further = _page_of(api.url, api.first_page + answer.ask.number + 1) if links else ""
        self._take_list(answer, links, further if further != answer.ask.url else "")

    def _api(self, ask: Ask) -> Api:
        return self._sources[ask.source].apis[ask.api - 1]

    def _take_list(self, answer: Answer, links: Sequence[Link], next_page: str) -> None:
        ask, source, tally = answer.ask, self._sources[answer.ask.source], self._tallies[answer.ask.source]
        reports = [link for link in links if _promises_report(source, link)]
        fresh = self._follow_links(ask, reports)
        tally.listed += 1
        tally.links += len(reports)
        self._ledger.list_seen(source.name, ask.key, len(reports), self._now)
        self._record(answer, "page", "")
        self._turn_page(ask, next_page or (_next_of(source, ask) if fresh else ""))

    def _turn_page(self, ask: Ask, url: str) -> None:
        source = self._sources[ask.source]
        if not url:
            return
        if ask.number + 1 < source.max_pages:
            self._add(source, url, Role.LIST, number=ask.number + 1, api=ask.api, found_on=ask.key)
        else:
            self._note(
                ask, f"{url}: not asked, {source.max_pages} list pages are enough: raise max_pages if not"
            )

    def _take_detail(self, answer: Answer, page: Page) -> None:
        """The PDFs of a page, those that name a report if any does; else what it lists, if not too deep."""
        ask, source = answer.ask, self._sources[answer.ask.source]
        files = [link for link in page.links if _is_file(source, link)]
        named = [link for link in files if _promises_report(source, link)]
        deeper = ask.depth + 2 <= source.max_depth
        further = (
            [link for link in page.links if _promises_report(source, link)] if deeper and not files else []
        )
        self._follow_links(
            replace(ask, title=ask.title or page.title), named or files[:_ATTACHMENTS] or further
        )
        found = bool(files or further)
        self._record(answer, "page" if found else "no_pdf", "" if found else "no link to a PDF on the page")

    def _follow_links(self, ask: Ask, links: Sequence[Link]) -> int:
        """How many of the links are new tonight; all of those are seen, and asked if they may be."""
        seen = [self._link_to_seen(ask, link) for link in links if self._follow_link(ask, link)]
        self._ledger.see_all(seen, self._now)
        return len(seen)

    def _follow_link(self, ask: Ask, link: Link) -> bool:
        source = self._sources[ask.source]
        role = Role.DOCUMENT if _is_file(source, link) else Role.PAGE
        title = _best_title(source, ask.title, link)
        return self._add(source, link.url, role, title=title, found_on=ask.key, depth=ask.depth + 1)

    def _link_to_seen(self, ask: Ask, link: Link) -> Seen:
        source = self._sources[ask.source]
        title = _best_title(source, ask.title, link)
        year = texts_to_year(title, link.text, ask.title, url_to_name(link.url))
        return Seen(url_to_canonical(link.url), source.name, title, year, ask.key, source.region)

    # ---------------------------------------------------------------- the ledger

    def _record(
        self, answer: Answer, outcome: str, reason: str, sha256: str | None = None, size: int | None = None
    ) -> None:
        ask = answer.ask
        fetch = Fetch(
            url=ask.key,
            source=ask.source,
            at=self._now,
            status=answer.status,
            headers=answer.headers or {},
            sha256=sha256,
            size=size,
            final_url=ask.url,
            outcome=outcome,
            reason=reason,
        )
        change = self._ledger.record(fetch)
        if ask.role is not Role.ROBOTS:
            tally = self._tallies[ask.source]
            tally.outcomes[outcome] += 1
            tally.changes[change.value] += 1

    def _note(self, ask: Ask, text: str) -> None:
        self._tallies[ask.source].note(text)


def _is_good(answer: Answer) -> bool:
    return answer.status is not None and 200 <= answer.status < 300


def _why(answer: Answer) -> str:
    return answer.failure or f"the site answers {answer.status}"


def _is_file(source: Source, link: Link) -> bool:
    return source.is_attachment(unquote(link.url)) or source.is_attachment(link.text)


def _promises_report(source: Source, link: Link) -> bool:
    return source.is_report(link.text) or (_is_file(source, link) and source.is_report(url_to_name(link.url)))


def _best_title(source: Source, listed: str, link: Link) -> str:
    """The text that names a report best, with its year: that of the link, of the list, or the file's name."""
    texts = [text for text in (link.text, listed, url_to_name(link.url)) if source.is_report(text)]
    return max(
        texts, key=lambda text: (texts_to_year(text) is not None, len(text)), default=listed or link.text
    )


def _page_of(url: str, number: int) -> str:
    return url.replace("{page}", str(number))


def _next_of(source: Source, ask: Ask) -> str:
    """The list page after this one, where the source says how they are numbered."""
    return _page_of(source.pages, source.first_page + ask.number) if source.pages and not ask.api else ""


def _robots_to_origin(ask: Ask) -> str:
    return ask.key.removesuffix(ROBOTS_PATH)


def _to_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
