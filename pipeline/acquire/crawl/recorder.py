"""Everything that happens in a crawl → rows in the ledger, and counts for the crawl's result."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.crawl.response import CrawlResponse
from pipeline.acquire.crawl.result import SourceResult, Tally
from pipeline.acquire.ledger import Fetch, Ledger, SeenLink
from pipeline.acquire.store import Stored

_DROP_ROWS_MAX = 100
"""Count. Addresses that are not fetched get no more rows for each source and outcome.

Each row waits for the disk. A test pins it.
"""


class Recorder:
    """Record for the sources with these names. `now` (ISO 8601, UTC) is the time of all rows of the night."""

    def __init__(self, ledger: Ledger, names: Sequence[str], now: str) -> None:
        self._ledger = ledger
        self._tallies = {name: Tally() for name in names}
        self._now = now

    def record(
        self,
        response: CrawlResponse,
        outcome: str,
        reason: str = "",
        stored: Stored | None = None,
        page: bytes | None = None,
        links: Sequence[SeenLink] = (),
        text: str = "",
    ) -> None:
        """Record a response with its document or page, the links on that page, and the hash of the text by
        which the document is known again."""
        request = response.request
        fetch = Fetch(
            url=request.key,
            source=request.source,
            at=self._now,
            status=response.status,
            headers=response.headers or {},
            sha256=stored.sha256 if stored else None,
            size=stored.size if stored else None,
            final_url=request.url,
            outcome=outcome,
            reason=reason,
        )
        change = self._ledger.record(fetch, page, links, text)
        if request.role is not Role.ROBOTS:
            self.count(request, outcome)
            self._tallies[request.source].changes[change.value] += 1

    def record_drop(self, response: CrawlResponse, outcome: str, reason: str) -> None:
        """Record an address that was not fetched. Only the first rows of a source and outcome are written;
        all are counted."""
        tally = self._tallies[response.request.source]
        if tally.outcomes[outcome] < _DROP_ROWS_MAX:
            self.record(response, outcome, reason)
        else:
            self.count(response.request, outcome)

    def count_foreign_link(self, request: CrawlRequest, host: str) -> None:
        """Count a link that is not followed because its host is not the source's."""
        self.count(request, "refused")
        self._tallies[request.source].foreign[host] += 1

    def record_list(self, source: str, key: str, links: int, unopened: int = 0) -> None:
        """Record a list page: its number of links to reports, and of entries that only a script opens."""
        tally = self._tallies[source]
        tally.listed += 1
        tally.links += links
        tally.unopened += unopened
        self._ledger.record_list(source, key, links, self._now)

    def count(self, request: CrawlRequest, outcome: str) -> None:
        """Count an outcome for the request's source, without a row in the ledger."""
        self._tallies[request.source].outcomes[outcome] += 1

    def note(self, request: CrawlRequest, text: str) -> None:
        """Keep a sentence for the night's digest."""
        self._tallies[request.source].note(text)

    def results(self) -> tuple[SourceResult, ...]:
        """Return the result of every source."""
        return tuple(tally.to_result(name) for name, tally in self._tallies.items())
