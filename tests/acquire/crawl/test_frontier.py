"""Whose turn it is: one request a host at a time, the most useful first, and so many a night."""

from __future__ import annotations

import pytest

from pipeline.acquire.crawl.frontier import Frontier
from pipeline.acquire.crawl.request import CrawlRequest, Dropped, Role, Scheduled
from pipeline.acquire.crawl.robots import RobotsRules, closed_rules
from pipeline.acquire.sources import CrawlSettings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def frontier(clock: Clock, **settings: float) -> Frontier:
    chosen = CrawlSettings("a@example.org", **settings)  # type: ignore[arg-type]
    made = Frontier(chosen, clock)
    for name in "abcdefgh":
        made.set_rules(f"http://{name}.test", RobotsRules())
    return made


def made_request(
    path: str, role: Role = Role.PAGE, before: str = "", host: str = "a", source: str = "甲局"
) -> CrawlRequest:
    url = f"http://{host}.test/{path}"
    return CrawlRequest(url, url, source, role, before=before)


def steps(made: Frontier) -> list[str]:
    return [
        f"{step.request.url[7]}/{step.request.url.rpartition('/')[2]}"
        for step in made.next_steps()
        if isinstance(step, Scheduled)
    ]


def test_one_ask_a_host_the_most_useful_first() -> None:
    made = frontier(Clock())
    cached = [
        made_request("old", before="2026-01-01"),
        made_request("older", Role.DOCUMENT, before="2025-01-01"),
    ]
    for each in [
        *cached,
        made_request("page"),
        made_request("list", Role.LIST),
        made_request("pdf", Role.DOCUMENT),
        made_request("x", host="b"),
    ]:
        made.put(each)
    order = steps(made)
    assert order == ["a/pdf", "b/x"]
    assert steps(made) == []
    for _ in range(4):
        made.done(made_request(""))
        order += steps(made)
    assert order == ["a/pdf", "b/x", "a/list", "a/page", "a/older", "a/old"]


def test_a_host_of_which_much_is_dropped_lets_the_others_go_first() -> None:
    made = frontier(Clock())
    made.set_rules("http://a.test", closed_rules("x"))
    for number in range(3):
        made.put(made_request(str(number)))
    made.put(made_request("1", host="b"))
    assert [[type(step) for step in made.next_steps()] for _ in range(4)] == [
        [Dropped, Scheduled],
        [Dropped],
        [Dropped],
        [],
    ]


def test_an_address_is_asked_once_a_night() -> None:
    made = frontier(Clock())
    assert [made.claim("http://a.test/x"), made.claim("http://a.test/x"), made.claim("http://a.test/y")] == [
        True, False, True
    ]  # fmt: skip


def test_a_host_rests_and_the_others_do_not() -> None:
    clock = Clock()
    made = frontier(clock)
    made.put(made_request("1"))
    made.delay_host(made_request("1"), 30)
    made.put(made_request("2", host="b"))
    clock.now = 10
    assert [(step.request.host, step.wait) for step in made.next_steps() if isinstance(step, Scheduled)] == [
        ("a.test", 20),
        ("b.test", 0),
    ]


def test_nothing_is_asked_after_the_end_of_the_night() -> None:
    clock = Clock()
    made = frontier(clock, seconds=100)
    made.put(made_request("1"))
    made.delay_host(made_request("1"), 100)
    (drop,) = made.next_steps()
    assert isinstance(drop, Dropped)
    assert (drop.outcome, drop.reason) == ("postponed", "the night's 100 seconds are over")


def test_a_crawl_delay_is_kept_between_requests() -> None:
    clock = Clock()
    made = frontier(clock)
    made.set_rules("http://a.test", RobotsRules(delay=5))
    waits = []
    for path in "123":
        made.put(made_request(path))
        waits += [step.wait for step in made.next_steps() if isinstance(step, Scheduled)]
        made.done(made_request(path))
        clock.now += 1
    assert waits == [0, 4, 8]


def drops(made: Frontier) -> list[str]:
    return [step.reason for step in made.next_steps() if isinstance(step, Dropped)]


def test_a_source_has_so_many_hosts_a_night() -> None:
    made = frontier(Clock(), hosts_per_source=2)
    for host in "abc":
        made.put(made_request("1", host=host))
    made.put(made_request("1", host="d", source="乙局"))
    assert steps(made) == ["a/1", "b/1", "d/1"]
    made.put(made_request("2", host="c"))
    assert drops(made) == ["the source had its 2 hosts for the night (hosts_per_source)"]


def test_a_source_has_so_many_requests_a_night() -> None:
    made = frontier(Clock(), requests_per_source=2)
    for path in "123":
        made.put(made_request(path))
    for _ in range(2):
        assert len(steps(made)) == 1
        made.done(made_request(""))
    assert drops(made) == ["the source had its 2 requests for the night (requests_per_source)"]
    made.put(made_request("4", source="乙局"))
    assert steps(made) == ["a/4"]


def test_a_source_has_so_many_bytes_a_night() -> None:
    made = frontier(Clock(), mb_per_source=1)
    made.put(made_request("1"))
    made.count_bytes("甲局", 1 << 20)
    assert drops(made) == ["the source had its 1 MB for the night (mb_per_source)"]


def test_a_source_is_kept_from_all_places_where_there_are_others() -> None:
    made = frontier(Clock(), hosts_at_once=8)
    for host in "abcd":
        made.put(made_request("1", host=host))
    made.put(made_request("1", host="e", source="乙局"))
    assert steps(made) == ["a/1", "b/1", "e/1"]
    made.done(made_request("1"))
    assert steps(made) == ["c/1"]


def test_no_host_of_a_source_that_has_its_share_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else thousands of them were work on every answer of another."""
    made = frontier(Clock(), hosts_at_once=8)
    for each in [
        *(made_request("1", host=host) for host in "abcdefg"),
        made_request("1", host="h", source="乙局"),
    ]:
        made.put(each)
    assert steps(made) == ["a/1", "b/1", "h/1"]
    looked: list[CrawlRequest] = []
    monkeypatch.setattr(made, "_why_spent", lambda request: looked.append(request) or "")
    made.put(made_request("2", host="h", source="乙局"))
    made.done(made_request("1", host="h", source="乙局"))
    assert steps(made) == ["h/2"]
    assert [each.source for each in looked] == ["乙局"]


def test_a_source_has_so_many_addresses_a_night() -> None:
    made = frontier(Clock(), requests_per_source=2)
    assert [made.take_address("甲局") for _ in range(21)] == [True] * 20 + [False]


def test_rules_had_without_a_certificate_are_for_those_alone_who_want_none() -> None:
    made = Frontier(CrawlSettings("a@example.org"), Clock(), lambda source, host: source == "甲局")
    made.set_rules("http://a.test", RobotsRules(), verified=False)
    made.put(made_request("1"))
    made.put(made_request("2", source="乙局"))
    first = next(made.next_steps())
    assert first.request.url == "http://a.test/robots.txt"
    assert first.request.source == "甲局"


def test_a_source_has_so_many_rules() -> None:
    made = frontier(Clock())
    assert [made.take_rules("甲局", 1 << 20) for _ in range(5)] == [True] * 4 + [False]
    assert made.take_rules("乙局", 1 << 20)
