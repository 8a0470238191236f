"""What is asked of a site, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from pipeline.acquire.addresses import url_to_host
from pipeline.acquire.ledger import Known

ROBOTS_PATH = "/robots.txt"


class Role(IntEnum):
    """What is hoped for, the most useful first."""

    ROBOTS = 0
    DOCUMENT = 1
    LIST = 2
    PAGE = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """One address to ask for a source: the ledger knows it by `key`, redirects led to `url`.

    `api` counts the source's JSON lists from 1, 0 is a page; `number` the pages of a list from 0; `hops`
    are the addresses that redirected here; `before` is when it was last asked, "" where never; `known` is
    what it gave then, None where it is to be had whole.
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
    known: Known | None = None

    @property
    def host(self) -> str:
        return url_to_host(self.url)

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for a body only if it has changed; {} where another address or source gave it.

        What a source without `verify_tls` was given proves nothing to another.
        """
        if self.known is None or (self.known.final_url, self.known.source) != (self.url, self.source):
            return {}
        given = {"If-None-Match": self.known.etag, "If-Modified-Since": self.known.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Go:
    """An ask whose turn it is, `wait` seconds from now."""

    ask: Ask
    wait: float


@dataclass(frozen=True, slots=True)
class Drop:
    """An ask that is not made tonight, and why; `outcome` is robots (it may not be) or postponed."""

    ask: Ask
    outcome: str
    reason: str
