"""What is asked, and with what conditions."""

from __future__ import annotations

from dataclasses import replace

from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.ledger import CachedResponse

ASK = CrawlRequest("http://a.test/", "http://a.test/", "甲局", Role.PAGE)


def test_what_another_source_was_given_is_not_asked_to_be_confirmed() -> None:
    cached = CachedResponse('"e"', None, ASK.url, None, "2024-01-01T00:00:00Z", ASK.source)
    assert replace(ASK, cached=cached).conditions == {"If-None-Match": '"e"'}
    assert replace(ASK, cached=replace(cached, source="乙局")).conditions == {}
