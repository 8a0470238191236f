"""What earlier asks left in ledger and store, so that no more is asked than is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pipeline.acquire.crawl.asks import Ask, Role
from pipeline.acquire.damage import body_to_damage
from pipeline.acquire.ledger import GOOD_OUTCOMES, Known, Ledger
from pipeline.acquire.sources import CrawlSettings
from pipeline.acquire.store import Store
from pipeline.files.regular_file import read_regular


class Memory:
    """The past as it is `now`, at the beginning of a night."""

    def __init__(self, ledger: Ledger, store: Store, settings: CrawlSettings, now: str) -> None:
        self._ledger = ledger
        self._store = store
        self._settings = settings
        self._now = datetime.fromisoformat(now)
        self._tonight = ledger.fetched_now()

    def recall(self, ask: Ask) -> Ask:
        """The ask with what is known of its address; a list keeps its turn, as if it were new."""
        last = None if ask.role in (Role.LIST, Role.ROBOTS) else self._ledger.last(ask.key)
        return replace(ask, before=last.at if last else "", known=self._known(ask))

    def page(self, ask: Ask) -> bytes | None:
        """The bytes that a page gave when it was last had whole."""
        return self._ledger.page(ask.key) if ask.known else None

    def to_damage(self, ask: Ask, body: bytes) -> Callable[[], str]:
        """What tells, in any thread, how this body is a damaged copy of what its address gave before.

        It gives "" where it is none.
        """
        known = self._ledger.document_of(ask.key)
        return partial(body_to_damage, body, partial(self._document, known)) if known else str

    def _document(self, sha256: str) -> bytes | None:
        """The bytes of a document; None where the store has them no more."""
        try:
            body = read_regular(self._store.path(sha256), follow=False)
        except OSError:
            return None
        return body if hashlib.sha256(body).hexdigest() == sha256 else None

    def brought_tonight(self, ask: Ask) -> str:
        """The outcome that a killed run of this same night had for a document; "" where it brought none."""
        outcome = self._tonight.get(ask.key, "") if ask.role is Role.DOCUMENT else ""
        return outcome if outcome in GOOD_OUTCOMES else ""

    def was_read_lately(self, ask: Ask) -> bool:
        """Whether this detail page of a list was asked within `revisit_days`, and answered as it should."""
        if ask.role is not Role.PAGE or not ask.found_on or not ask.known or ask.known.sha256:
            return False
        last = self._ledger.last(ask.key)
        return (
            last is not None
            and last.outcome == "page"
            and self._is_within(last.at, self._settings.revisit_days)
        )

    def holds_all(self, keys: Sequence[str]) -> bool:
        """Whether each of these addresses gave a document when it was last asked, and the store has it."""
        return all(map(self._holds, keys))

    def _holds(self, key: str) -> bool:
        last = self._ledger.last(key)
        good = last is not None and last.outcome in GOOD_OUTCOMES
        return good and last is not None and last.sha256 is not None and self._store.holds(last.sha256)

    def _known(self, ask: Ask) -> Known | None:
        """None where all is to be had whole: after a long time, or where the store has lost it."""
        known = self._ledger.known(ask.key)
        if known is None or not self._is_within(known.fetched_on, self._settings.refetch_days):
            return None
        return known if known.sha256 is None or self._store.holds(known.sha256) else None

    def _is_within(self, time: str, days: float) -> bool:
        """Whether it was so few days ago; a time to come, of a clock that was set back, is not."""
        return timedelta() <= self._now - datetime.fromisoformat(time) < timedelta(days=days)
