"""The requests of a crawl: what is asked for, and what the frontier decides about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from pipeline.acquire.addresses import url_to_host
from pipeline.acquire.ledger import CachedResponse

ROBOTS_PATH = "/robots.txt"


class Role(IntEnum):
    """What the response to a request is expected to be; the most useful kind comes first."""

    ROBOTS = 0
    DOCUMENT = 1
    LIST = 2
    PAGE = 3


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """One address to fetch for a source.

    `url` is fetched; `key` is its name in the ledger, which redirects do not change. `api` counts the
    source's JSON lists from 1 and is 0 for a page. `number` counts the pages of a list from 0. `hops` are the
    addresses that redirected here. `before` is the time of the last fetch, "" if there was none. `cached` is
    the response of an earlier crawl, None if the whole body is to be fetched.
    """

    url: str
    key: str
    source: str
    role: Role
    title: str = ""
    found_on: str = ""
    depth: int = 0
    number: int = 0
    api: int = 0
    tries: int = 0
    hops: tuple[str, ...] = ()
    before: str = ""
    cached: CachedResponse | None = None

    @property
    def host(self) -> str:
        """The host in `url`, in lower case."""
        return url_to_host(self.url)

    @property
    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the body only if it has changed (If-None-Match, If-Modified-Since).

        They are {} if another address or another source gave the cached response: what a source without
        `verify_tls` received must not be trusted for another source.
        """
        if self.cached is None or (self.cached.final_url, self.cached.source) != (self.url, self.source):
            return {}
        given = {"If-None-Match": self.cached.etag, "If-Modified-Since": self.cached.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A request to send in `wait` seconds."""

    request: CrawlRequest
    wait: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A request that is not sent tonight. `outcome` is robots (forbidden) or postponed; `reason` says why."""

    request: CrawlRequest
    outcome: str
    reason: str
