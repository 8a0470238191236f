"""What is asked, and with what conditions."""

from __future__ import annotations

from dataclasses import replace

from pipeline.acquire.crawl.asks import Ask, Role
from pipeline.acquire.ledger import Known

ASK = Ask("http://a.test/", "http://a.test/", "甲局", Role.PAGE)


def test_what_another_source_was_given_is_not_asked_to_be_confirmed() -> None:
    known = Known('"e"', None, ASK.url, None, "2024-01-01T00:00:00Z", ASK.source)
    assert replace(ASK, known=known).conditions == {"If-None-Match": '"e"'}
    assert replace(ASK, known=replace(known, source="乙局")).conditions == {}
