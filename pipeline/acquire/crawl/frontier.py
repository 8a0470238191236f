"""The frontier: requests that wait. It gives one at a time for each host, the most useful first, within
limits."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipeline.acquire.addresses import url_to_origin
from pipeline.acquire.crawl.request import ROBOTS_PATH, CrawlRequest, Dropped, Role, Scheduled
from pipeline.acquire.crawl.robots import RobotsRules
from pipeline.acquire.sources import CrawlSettings
from pipeline.files.regular_file import MB

_KNOWN = len(Role)  # rank of an address that earlier nights have fetched: after all new ones

_BUSY_HOSTS_DIVISOR = 4
"""Count. Of several sources none keeps more than one in as many of `hosts_at_once` busy.

Taught by forty slow hosts of one source, which else keep all others waiting.
"""

_ADDRESSES_PER_REQUEST = 10
"""Count. As many addresses are kept for each request that a source may send in a night.

More could never be fetched. A test pins it.
"""

_RULES_MAX_BYTES = 4 * MB
"""Bytes of all robots.txt of a source. Once parsed they take thirty times as much memory."""


@dataclass
class _Host:
    """The state of one host. `not_before` is in seconds of the clock; `closed` says why nothing more is
    sent."""

    waiting: list[tuple[int, int, str, int, CrawlRequest]] = field(default_factory=list)
    busy: bool = False
    asked: int = 0
    failures: int = 0
    not_before: float = 0.0
    closed: str = ""


@dataclass
class _SourceUsage:
    """What a source has used of its limits for the night; `busy` counts its hosts with a request under
    way."""

    hosts: set[str] = field(default_factory=set)
    requests: int = 0
    bytes: int = 0
    busy: int = 0
    addresses: int = 0
    rules: int = 0


def _all_verify(source: str, host: str) -> bool:
    """Want every certificate verified."""
    return True


def _rank(request: CrawlRequest) -> tuple[int, int, str]:
    """Return a sort key: requests already begun first, then new ones by role, then known ones, the oldest
    first."""
    return -(request.tries + len(request.hops)), _KNOWN if request.before else request.role, request.before


class Frontier:
    """The waiting requests by host. `clock` gives monotonic seconds.

    `verifies(source, host)` says whether a source wants the host's certificate verified. A robots.txt that
    was fetched without verification holds only for sources that do not verify either.
    """

    def __init__(
        self,
        settings: CrawlSettings,
        clock: Callable[[], float],
        verifies: Callable[[str, str], bool] = _all_verify,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._verifies = verifies
        self._deadline = clock() + settings.seconds
        self._hosts: dict[str, _Host] = {}
        self._rules: dict[tuple[str, bool], RobotsRules | None] = {}
        self._usage: dict[str, _SourceUsage] = {}
        self._known: set[str] = set()
        self._count = itertools.count()
        self._closed = ""

    def claim(self, key: str) -> bool:
        """Mark an address as seen tonight; return whether it is new."""
        new = key not in self._known
        self._known.add(key)
        return new

    def put(self, request: CrawlRequest) -> None:
        """Add a request: a new one, a retry after a failure, or the target of a redirect."""
        host = self._host(request)
        self._usage_of(request.source)
        heapq.heappush(host.waiting, (*_rank(request), next(self._count), request))

    def knows(self, key: str) -> bool:
        """Whether this address was seen tonight already."""
        return key in self._known

    def take_address(self, source: str) -> bool:
        """Count one address more for a source; return whether that is within its limit."""
        spent = self._usage_of(source)
        spent.addresses += 1
        return spent.addresses <= _ADDRESSES_PER_REQUEST * self._settings.requests_per_source

    def take_rules(self, source: str, size: int) -> bool:
        """Count the bytes of one robots.txt more for a source; return whether that is within its limit."""
        spent = self._usage_of(source)
        spent.rules += size
        return spent.rules <= _RULES_MAX_BYTES

    def done(self, request: CrawlRequest) -> None:
        """Free the host: its response has been handled, or there will be none."""
        host = self._host(request)
        self._usage_of(request.source).busy -= int(host.busy)
        host.busy = False

    def count_bytes(self, source: str, number: int) -> None:
        """Count bytes that a source has sent."""
        self._usage_of(source).bytes += number

    def delay_host(self, request: CrawlRequest, seconds: float) -> None:
        """Send nothing to the host for so many seconds."""
        host = self._host(request)
        host.not_before = max(host.not_before, self._clock() + seconds)

    def count_failure(self, request: CrawlRequest) -> int:
        """Count a failure; return how many requests in a row failed at this host."""
        host = self._host(request)
        host.failures += 1
        return host.failures

    def count_success(self, request: CrawlRequest) -> None:
        """Set the host's count of failures back to 0."""
        self._host(request).failures = 0

    def close_host(self, request: CrawlRequest, reason: str) -> None:
        """Send nothing more to the host tonight."""
        self._host(request).closed = reason

    def close(self, reason: str) -> None:
        """Send nothing more at all."""
        self._closed = reason

    def set_rules(self, origin: str, rules: RobotsRules, verified: bool = True) -> None:
        """Set the rules of robots.txt for an origin (scheme, host and port)."""
        self._rules[origin, verified] = rules

    def next_steps(self) -> Iterator[Scheduled | Dropped]:
        """Yield a request to send now for each free host, or one that is dropped.

        A host of which a request was dropped may have more: call this again until nothing is dropped.
        """
        for host in list(self._hosts.values()):
            if step := self._host_to_step(host):
                yield step

    def drop_rest(self) -> Iterator[Dropped]:
        """Remove and yield all requests that still wait at the end of the night."""
        for host in self._hosts.values():
            reason = self._why_closed(host) or "the crawl ended before its turn"
            while host.waiting:
                yield Dropped(heapq.heappop(host.waiting)[-1], "postponed", reason)

    def requests(self) -> Counter[str]:
        """Return the number of requests sent to each host."""
        return Counter({name: host.asked for name, host in self._hosts.items() if host.asked})

    def _host_to_step(self, host: _Host) -> Scheduled | Dropped | None:
        """Return the next request of a host, to be sent or dropped; None if the host is busy or has none."""
        if host.busy or not host.waiting:
            return None
        first = host.waiting[0][-1]
        if self._has_its_share(
            first.source
        ):  # checked first as it is cheap: a source may have thousands of hosts
            return None
        if reason := self._why_closed(host) or self._why_spent(first):
            return Dropped(heapq.heappop(host.waiting)[-1], "postponed", reason)
        request = self._robots_first(host)
        if request is None:
            return None
        forbidden = self._why_forbidden(request)
        return Dropped(request, "robots", forbidden) if forbidden else self._schedule(host, request)

    def _why_closed(self, host: _Host) -> str:
        """Return why nothing more is sent to this host; "" if requests may be sent."""
        if reason := self._closed or host.closed:
            return reason
        if host.asked >= self._settings.requests_per_host:
            return f"the host had its {host.asked} requests for the night"
        if max(self._clock(), host.not_before) >= self._deadline:
            return f"the night's {self._settings.seconds:g} seconds are over"
        return ""

    def _why_spent(self, request: CrawlRequest) -> str:
        """Return the limit that the request's source has reached, "" if none. A robots.txt is fetched
        regardless, as other sources need it too."""
        spent, settings = self._usage_of(request.source), self._settings
        if request.host not in spent.hosts and len(spent.hosts) >= settings.hosts_per_source:
            return f"the source had its {len(spent.hosts)} hosts for the night (hosts_per_source)"
        if request.role is Role.ROBOTS:
            return ""
        if spent.requests >= settings.requests_per_source:
            return f"the source had its {spent.requests} requests for the night (requests_per_source)"
        if spent.bytes >= settings.mb_per_source * MB:
            return f"the source had its {settings.mb_per_source:g} MB for the night (mb_per_source)"
        return ""

    def _has_its_share(self, source: str) -> bool:
        """Whether the source keeps so many hosts busy that other sources might have to wait."""
        share = max(1, self._settings.hosts_at_once // _BUSY_HOSTS_DIVISOR)
        return len(self._usage) > 1 and self._usage_of(source).busy >= share

    def _robots_first(self, host: _Host) -> CrawlRequest | None:
        """Return the host's next request, or one for the robots.txt it needs first; None while that is
        being fetched."""
        request = host.waiting[0][-1]
        key = self._rules_key(request)
        if request.role is not Role.ROBOTS and key not in self._rules:
            self._rules[key] = None
            return CrawlRequest(key[0] + ROBOTS_PATH, key[0] + ROBOTS_PATH, request.source, Role.ROBOTS)
        if request.role is not Role.ROBOTS and self._rules[key] is None:
            return None
        return heapq.heappop(host.waiting)[-1]

    def _why_forbidden(self, request: CrawlRequest) -> str:
        """Return why robots.txt forbids the request; "" if it may be sent."""
        rules = None if request.role is Role.ROBOTS else self._rules[self._rules_key(request)]
        return rules.why_forbidden(request.url) if rules else ""

    def _rules_key(self, request: CrawlRequest) -> tuple[str, bool]:
        """Return the key of the rules that hold for a request: origin, and whether certificates are
        verified."""
        return url_to_origin(request.url), self._verifies(request.source, request.host)

    def _schedule(self, host: _Host, request: CrawlRequest) -> Scheduled:
        """Count the request and return it with the seconds to wait before it is sent."""
        host.busy = True
        host.asked += 1
        spent = self._usage_of(request.source)
        spent.hosts.add(request.host)
        spent.requests += 1
        spent.busy += 1
        wait = max(0.0, host.not_before - self._clock())
        rules = self._rules.get(self._rules_key(request))
        host.not_before = self._clock() + wait + (rules.delay if rules else 0.0)
        return Scheduled(request, wait)

    def _host(self, request: CrawlRequest) -> _Host:
        """Return the state of the request's host."""
        return self._hosts.setdefault(request.host, _Host())

    def _usage_of(self, source: str) -> _SourceUsage:
        """Return what the source has used."""
        return self._usage.setdefault(source, _SourceUsage())
