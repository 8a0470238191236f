"""What happens in a night: written into the ledger, and counted for the night's result."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.acquire.crawl.answers import Answer
from pipeline.acquire.crawl.asks import Ask, Role
from pipeline.acquire.crawl.result import SourceResult, Tally
from pipeline.acquire.ledger import Fetch, Ledger, Seen
from pipeline.acquire.store import Stored

_ROWS = 100  # in the ledger, of what is not asked at all; each is a wait for the disk


class Diary:
    """Of the sources with these names; `now` is the time that the night's rows have."""

    def __init__(self, ledger: Ledger, names: Sequence[str], now: str) -> None:
        self._ledger = ledger
        self._tallies = {name: Tally() for name in names}
        self._now = now

    def record(
        self,
        answer: Answer,
        outcome: str,
        reason: str = "",
        stored: Stored | None = None,
        page: bytes | None = None,
        links: Sequence[Seen] = (),
    ) -> None:
        """What came of an ask, with the document or the page that it brought, and the links on that."""
        ask = answer.ask
        fetch = Fetch(
            url=ask.key,
            source=ask.source,
            at=self._now,
            status=answer.status,
            headers=answer.headers or {},
            sha256=stored.sha256 if stored else None,
            size=stored.size if stored else None,
            final_url=ask.url,
            outcome=outcome,
            reason=reason,
        )
        change = self._ledger.record(fetch, page, links)
        if ask.role is not Role.ROBOTS:
            self.count(ask, outcome)
            self._tallies[ask.source].changes[change.value] += 1

    def record_drop(self, answer: Answer, outcome: str, reason: str) -> None:
        """An address that was not asked: of many such rows of a source, the first say enough."""
        tally = self._tallies[answer.ask.source]
        if tally.outcomes[outcome] < _ROWS:
            self.record(answer, outcome, reason)
        else:
            self.count(answer.ask, outcome)

    def see_foreign(self, ask: Ask, host: str) -> None:
        """A link that is not followed, for its host is not the source's."""
        self.count(ask, "refused")
        self._tallies[ask.source].foreign[host] += 1

    def list(self, source: str, key: str, links: int, unopened: int = 0) -> None:
        """A list that was read: so many links to reports, and so many that only a script opens."""
        tally = self._tallies[source]
        tally.listed += 1
        tally.links += links
        tally.unopened += unopened
        self._ledger.list_seen(source, key, links, self._now)

    def count(self, ask: Ask, outcome: str) -> None:
        self._tallies[ask.source].outcomes[outcome] += 1

    def note(self, ask: Ask, text: str) -> None:
        """A sentence for the digest."""
        self._tallies[ask.source].note(text)

    def results(self) -> tuple[SourceResult, ...]:
        return tuple(tally.to_result(name) for name, tally in self._tallies.items())
