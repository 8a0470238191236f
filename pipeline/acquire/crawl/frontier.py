"""What is still to be asked: one request at a time for each host, the most useful first, within bounds."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipeline.acquire.addresses import url_to_origin
from pipeline.acquire.crawl.asks import ROBOTS_PATH, Ask, Drop, Go, Role
from pipeline.acquire.crawl.robots import Rules
from pipeline.acquire.sources import CrawlSettings

_KNOWN = len(Role)
_MB = 1 << 20
_SHARE = 4  # where there are several sources, none has more than a fourth of the hosts at once
_ADDRESSES = 10  # of a source that are kept for each request that it may have in a night
_RULES = 4 * _MB  # bytes of all robots.txt of a source; the rules in them take thirty times as much


@dataclass
class _Host:
    waiting: list[tuple[int, int, str, int, Ask]] = field(default_factory=list)
    busy: bool = False
    asked: int = 0
    failures: int = 0
    not_before: float = 0.0
    closed: str = ""


@dataclass
class _Spent:
    """What a source has had of the night."""

    hosts: set[str] = field(default_factory=set)
    requests: int = 0
    bytes: int = 0
    busy: int = 0
    addresses: int = 0
    rules: int = 0


def _all_verify(source: str, host: str) -> bool:
    return True


def _rank(ask: Ask) -> tuple[int, int, str]:
    """What is begun is finished first; what is new comes before what is known, and that in turn by night."""
    return -(ask.tries + len(ask.hops)), _KNOWN if ask.before else ask.role, ask.before


class Frontier:
    """Asks by host; `clock` gives seconds that only grow.

    `verifies` says whether a source wants the certificate of a host verified: rules that were had without are
    for those sources alone that do not.
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
        self._rules: dict[tuple[str, bool], Rules | None] = {}
        self._spent: dict[str, _Spent] = {}
        self._known: set[str] = set()
        self._count = itertools.count()
        self._closed = ""

    def claim(self, key: str) -> bool:
        """Whether this night has not had the address yet; from now on it has."""
        new = key not in self._known
        self._known.add(key)
        return new

    def put(self, ask: Ask) -> None:
        """An ask to be made, or made once more: after a failure, or at the address it was sent to."""
        host = self._host(ask)
        self._of(ask.source)
        heapq.heappush(host.waiting, (*_rank(ask), next(self._count), ask))

    def knows(self, key: str) -> bool:
        """Whether this night has had the address already."""
        return key in self._known

    def takes(self, source: str) -> bool:
        """Whether a source may have one address more tonight; from now on it has."""
        spent = self._of(source)
        spent.addresses += 1
        return spent.addresses <= _ADDRESSES * self._settings.requests_per_source

    def takes_rules(self, source: str, size: int) -> bool:
        """Whether a source may have one robots.txt of this size more; from now on it has."""
        spent = self._of(source)
        spent.rules += size
        return spent.rules <= _RULES

    def done(self, ask: Ask) -> None:
        """The host has answered, or will not."""
        host = self._host(ask)
        self._of(ask.source).busy -= int(host.busy)
        host.busy = False

    def count_bytes(self, source: str, number: int) -> None:
        """What a source has sent."""
        self._of(source).bytes += number

    def rest(self, ask: Ask, seconds: float) -> None:
        """The host is left alone for so long."""
        host = self._host(ask)
        host.not_before = max(host.not_before, self._clock() + seconds)

    def count_failure(self, ask: Ask) -> int:
        """How many asks in a row failed at this host."""
        host = self._host(ask)
        host.failures += 1
        return host.failures

    def count_success(self, ask: Ask) -> None:
        self._host(ask).failures = 0

    def close_host(self, ask: Ask, reason: str) -> None:
        """The host is left alone for the rest of the night."""
        self._host(ask).closed = reason

    def close(self, reason: str) -> None:
        """Nothing more is asked at all."""
        self._closed = reason

    def set_rules(self, origin: str, rules: Rules, verified: bool = True) -> None:
        self._rules[origin, verified] = rules

    def step(self) -> Iterator[Go | Drop]:
        """What is to be asked now, one ask for each host that is free, or else what is dropped.

        A host of which something is dropped may have more that can be asked or is to be dropped.
        """
        for host in list(self._hosts.values()):
            if step := self._host_to_step(host):
                yield step

    def left(self) -> Iterator[Drop]:
        """What is still waiting when the night is over."""
        for host in self._hosts.values():
            reason = self._why_closed(host) or "the crawl ended before its turn"
            while host.waiting:
                yield Drop(heapq.heappop(host.waiting)[-1], "postponed", reason)

    def requests(self) -> Counter[str]:
        """How many requests each host was sent."""
        return Counter({name: host.asked for name, host in self._hosts.items() if host.asked})

    def _host_to_step(self, host: _Host) -> Go | Drop | None:
        if host.busy or not host.waiting:
            return None
        first = host.waiting[0][-1]
        if self._has_its_share(first.source):  # looked at first: a source may have thousands of hosts
            return None
        if reason := self._why_closed(host) or self._why_spent(first):
            return Drop(heapq.heappop(host.waiting)[-1], "postponed", reason)
        ask = self._rules_first(host)
        if ask is None:
            return None
        forbidden = self._why_forbidden(ask)
        return Drop(ask, "robots", forbidden) if forbidden else self._go(host, ask)

    def _why_closed(self, host: _Host) -> str:
        if reason := self._closed or host.closed:
            return reason
        if host.asked >= self._settings.requests_per_host:
            return f"the host had its {host.asked} requests for the night"
        if max(self._clock(), host.not_before) >= self._deadline:
            return f"the night's {self._settings.seconds:g} seconds are over"
        return ""

    def _why_spent(self, ask: Ask) -> str:
        """What the ask's source has had enough of; a robots.txt, which others obey too, is had still."""
        spent, settings = self._of(ask.source), self._settings
        if ask.host not in spent.hosts and len(spent.hosts) >= settings.hosts_per_source:
            return f"the source had its {len(spent.hosts)} hosts for the night (hosts_per_source)"
        if ask.role is Role.ROBOTS:
            return ""
        if spent.requests >= settings.requests_per_source:
            return f"the source had its {spent.requests} requests for the night (requests_per_source)"
        if spent.bytes >= settings.mb_per_source * _MB:
            return f"the source had its {settings.mb_per_source:g} MB for the night (mb_per_source)"
        return ""

    def _has_its_share(self, source: str) -> bool:
        """Whether the source keeps so many hosts busy that those of others might have to wait for it."""
        share = max(1, self._settings.hosts_at_once // _SHARE)
        return len(self._spent) > 1 and self._of(source).busy >= share

    def _rules_first(self, host: _Host) -> Ask | None:
        """The next ask, or that for the robots.txt it needs; None while another host is asked for that."""
        ask = host.waiting[0][-1]
        key = self._rules_key(ask)
        if ask.role is not Role.ROBOTS and key not in self._rules:
            self._rules[key] = None
            return Ask(key[0] + ROBOTS_PATH, key[0] + ROBOTS_PATH, ask.source, Role.ROBOTS)
        if ask.role is not Role.ROBOTS and self._rules[key] is None:
            return None
        return heapq.heappop(host.waiting)[-1]

    def _why_forbidden(self, ask: Ask) -> str:
        rules = None if ask.role is Role.ROBOTS else self._rules[self._rules_key(ask)]
        return rules.why_not(ask.url) if rules else ""

    def _rules_key(self, ask: Ask) -> tuple[str, bool]:
        return url_to_origin(ask.url), self._verifies(ask.source, ask.host)

    def _go(self, host: _Host, ask: Ask) -> Go:
        host.busy = True
        host.asked += 1
        spent = self._of(ask.source)
        spent.hosts.add(ask.host)
        spent.requests += 1
        spent.busy += 1
        wait = max(0.0, host.not_before - self._clock())
        rules = self._rules.get(self._rules_key(ask))
        host.not_before = self._clock() + wait + (rules.delay if rules else 0.0)
        return Go(ask, wait)

    def _host(self, ask: Ask) -> _Host:
        return self._hosts.setdefault(ask.host, _Host())

    def _of(self, source: str) -> _Spent:
        return self._spent.setdefault(source, _Spent())
