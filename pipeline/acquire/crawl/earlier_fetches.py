"""What earlier crawls left in ledger and store → how little has to be fetched tonight."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.damage import body_to_damage
from pipeline.acquire.ledger import GOOD_OUTCOMES, UNPACKED, CachedResponse, Ledger
from pipeline.acquire.media_types import is_page
from pipeline.acquire.sources import CrawlSettings
from pipeline.acquire.store import Store, Stored
from pipeline.files.regular_file import read_regular


class EarlierFetches:
    """The ledger and the store as they were at `now` (ISO 8601), the beginning of the night."""

    def __init__(self, ledger: Ledger, store: Store, settings: CrawlSettings, now: str) -> None:
        self._ledger = ledger
        self._store = store
        self._settings = settings
        self._now = datetime.fromisoformat(now)
        self._tonight = ledger.outcomes_tonight()

    def with_earlier(self, request: CrawlRequest) -> CrawlRequest:
        """Return the request with its last fetch and its cached response. List pages keep `before` empty, so
        that they are fetched early."""
        last = None if request.role in (Role.LIST, Role.ROBOTS) else self._ledger.last_fetch(request.key)
        return replace(request, before=last.at if last else "", cached=self._cached(request))

    def page(self, request: CrawlRequest) -> bytes | None:
        """Return the bytes of the page that this address gave last, None if they are not kept."""
        if request.cached and request.cached.sha256:
            return self._document(request.cached.sha256)
        return self._ledger.page(request.key) if request.cached else None

    def gave_page(self, request: CrawlRequest) -> bool:
        """Whether the document that this address gave last is a web page, which has links of its own."""
        sha256 = request.cached.sha256 if request.cached else None
        return sha256 is not None and is_page(self._store.path(sha256).name)

    def known_page(self, text: str) -> Stored | None:
        """Return the document that has the text with this hash; None if the store has none."""
        return self._to_stored(self._ledger.document_of_text(text))

    def earlier_page(self, request: CrawlRequest) -> tuple[Stored, bytes] | None:
        """Return the page that this address gave last as a document, and its bytes; None if it gave none."""
        stored = self._to_stored(self._ledger.document_of(request.key))
        if stored is None or not is_page(self._store.path(stored.sha256).name):
            return None
        body = self._document(stored.sha256)
        return (stored, body) if body is not None else None

    def _to_stored(self, sha256: str | None) -> Stored | None:
        """Return a content as it lies in the store, None if it does not."""
        if sha256 is None or not self._store.holds(sha256):
            return None
        return Stored(sha256, self._store.path(sha256).stat().st_size, is_new=False)

    def damage_check(self, request: CrawlRequest, body: bytes) -> Callable[[], str]:
        """Return a function that says how `body` is a damaged copy of what its address gave before.

        It returns "" if the body is not damaged, and can be called in any thread.
        """
        cached = self._ledger.document_of(request.key)
        return partial(body_to_damage, body, partial(self._document, cached)) if cached else str

    def _document(self, sha256: str) -> bytes | None:
        """Return the bytes of a document, None if the store does not have them any more."""
        try:
            body = read_regular(self._store.path(sha256), follow=False)
        except OSError:
            return None
        return body if hashlib.sha256(body).hexdigest() == sha256 else None

    def outcome_tonight(self, request: CrawlRequest) -> str:
        """Return the outcome of a document that a killed run of this night has fetched already; "" if
        there is none."""
        outcome = self._tonight.get(request.key, "") if request.role is Role.DOCUMENT else ""
        return outcome if outcome in GOOD_OUTCOMES else ""

    def was_fetched_lately(self, request: CrawlRequest) -> bool:
        """Whether this detail page was fetched without a failure in the last `revisit_days`."""
        if (
            request.role is not Role.PAGE
            or not request.found_on
            or not request.cached
            or request.cached.sha256
        ):
            return False
        last = self._ledger.last_fetch(request.key)
        return (
            last is not None
            and last.outcome == "page"
            and self._is_within(last.at, self._settings.revisit_days)
        )

    def holds_all(self, keys: Sequence[str]) -> bool:
        """Whether each of these addresses gave a document, or an archive, at its last fetch that is held."""
        return all(map(self._holds, keys))

    def _holds(self, key: str) -> bool:
        """Whether this address gave a document at its last fetch, and the store has it, or an archive that
        was unpacked."""
        last = self._ledger.last_fetch(key)
        if last is not None and last.outcome == UNPACKED:
            return True
        good = last is not None and last.outcome in GOOD_OUTCOMES
        return good and last is not None and last.sha256 is not None and self._store.holds(last.sha256)

    def _cached(self, request: CrawlRequest) -> CachedResponse | None:
        """Return the cached response; None if it is older than `refetch_days` or its document is lost."""
        cached = self._ledger.cached_response(request.key)
        if cached is None or not self._is_within(cached.fetched_on, self._settings.refetch_days):
            return None
        return cached if cached.sha256 is None or self._store.holds(cached.sha256) else None

    def _is_within(self, time: str, days: float) -> bool:
        """Whether `time` is less than `days` ago. A time in the future (a clock was set back) is not."""
        return timedelta() <= self._now - datetime.fromisoformat(time) < timedelta(days=days)
