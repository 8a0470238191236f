"""What the parts of an answer mean, and whose turn it is, without any network."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
from protego import Protego

from pipeline.acquire.crawl.frontier import Frontier
from pipeline.acquire.crawl.request import CrawlRequest, Dropped, Role, Scheduled
from pipeline.acquire.crawl.response import (
    BodyError,
    CrawlResponse,
    is_pdf,
    raw_header_to_link,
    response_to_body,
    response_to_head,
    response_to_wait,
)
from pipeline.acquire.crawl.robots import LONGEST, RobotsRules, body_to_rules, closed_rules, status_to_rules
from pipeline.acquire.ledger import CachedResponse
from pipeline.acquire.sources import CrawlSettings

ASK = CrawlRequest("http://a.test/", "http://a.test/", "甲局", Role.PAGE)
packed = partial(gzip.compress, mtime=0)  # whenever the tests are collected, their names are the same
BARE = zlib.compress(b"abc" * 100)[2:-4]


@pytest.mark.parametrize(
    "name, body",
    [
        ("", b"abc" * 100),
        ("identity", b"abc" * 100),
        ("gzip", packed(b"abc" * 100)),
        ("x-gzip", packed(b"abc" * 50) + packed(b"abc" * 50)),
        ("gzip", packed(b"abc" * 100) + bytes(8)),
        ("gzip", packed(b"") * 900 + bytes(500) + packed(b"abc" * 100)),
        ("gzip", packed(b"abc" * 100, compresslevel=0)),
        ("deflate", zlib.compress(b"abc" * 100)),
        ("deflate", BARE),
        ("GZIP, gzip", packed(packed(b"abc" * 100))),
    ],
)
def test_bodies_are_unpacked(name: str, body: bytes) -> None:
    response = CrawlResponse(ASK, 200, {"content-encoding": name}, body)
    assert response_to_body(response, 300) == b"abc" * 100


@pytest.mark.parametrize(
    "name, body, says",
    [
        ("gzip", packed(b"abc" * 100)[:-9], "cut within"),
        ("gzip", b"no gzip at all", "cannot be unpacked"),
        ("gzip", packed(bytes(1 << 20)), "over 0 MB"),
        ("gzip, gzip", packed(packed(bytes(1 << 24))), "over 0 MB"),
        ("zstd", b"x", "packed as 'zstd'"),
        ("gzip", packed(b"") * 1001, "packed in more than 1000 pieces"),
        ("gzip", packed(b"") * 999 + packed(bytes(301)), "over 0 MB"),
        (", ".join(["deflate"] * 5), b"x", "packed 5 times, one within the other"),
        ("", bytes(301), "over 0 MB"),
    ],
)
def test_bodies_that_cannot_be_used(name: str, body: bytes, says: str) -> None:
    with pytest.raises(BodyError, match=says):
        response_to_body(CrawlResponse(ASK, 200, {"content-encoding": name}, body), 300)


def test_no_byte_is_unpacked_or_copied_much_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"".join(packed(bytes([n % 256]) * 5000) for n in range(900)) + packed(bytes(1 << 24), 0)
    given: list[int] = []

    class Counting:
        def __init__(self, kind: int) -> None:
            self._inner = zlib.decompressobj(kind)

        def decompress(self, piece: bytes, most: int) -> bytes:
            given.append(len(piece))
            return self._inner.decompress(piece, most)

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

    monkeypatch.setattr("pipeline.acquire.crawl.response._decompressor", Counting)
    response_to_body(CrawlResponse(ASK, 200, {"content-encoding": "gzip"}, body), 1 << 25)
    assert sum(given) < 900 * (1 << 16) + 2 * len(body)


@pytest.mark.parametrize(
    "name, body", [("", b"%PDF-1.7" + bytes(9000)), ("gzip", packed(b"%PDF-1.7" + bytes(9 << 20)))]
)
def test_the_first_bytes_are_known_before_the_others_came(name: str, body: bytes) -> None:
    response = CrawlResponse(ASK, 200, {"content-encoding": name}, body[: len(body) // 2])
    assert response_to_head(response) == b"%PDF-1.7" + bytes(1016)


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("7", 7),
        (" 120 ", 120),
        ("9" * 400, 999999999999),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_seconds_to_wait(text: str, seconds: float | None) -> None:
    assert response_to_wait(CrawlResponse(ASK, 503, {"retry-after": text})) == seconds


@pytest.mark.parametrize("away, seconds", [(60, 60), (-60, 0)])
def test_a_date_is_told_by_the_hosts_own_clock(away: int, seconds: float) -> None:
    there = datetime(1999, 1, 1, tzinfo=UTC)
    until = format_datetime(there + timedelta(seconds=away), usegmt=True)
    headers = {"retry-after": until, "date": format_datetime(there, usegmt=True)}
    assert response_to_wait(CrawlResponse(ASK, 503, headers)) == seconds


@pytest.mark.parametrize("date", ["Fri, 99 Jan 2100 99:00:00 GMT", "Fri, 01 Jan 99999999999 00:00:00 GMT"])
def test_an_impossible_date_is_none(date: str) -> None:
    assert response_to_wait(CrawlResponse(ASK, 503, {"retry-after": date})) is None


def test_a_location_in_any_bytes_stays_as_it_is() -> None:
    assert raw_header_to_link("/年.pdf".encode("gbk").decode("latin-1")) == "/%C4%EA.pdf"


def test_magic_bytes_decide() -> None:
    assert is_pdf(b"\xef\xbb\xbf%PDF-1.7")
    assert not is_pdf(b"<html>" + bytes(1024) + b"%PDF-1.7")


@pytest.mark.parametrize(
    "status, allowed",
    [(404, True), (410, True), (403, True), (429, False), (500, False), (304, False), (204, False)],
)
def test_what_an_answer_without_rules_means(status: int, allowed: bool) -> None:
    assert (status_to_rules(status).why_forbidden("http://a.test/x") == "") is allowed


def test_rules_beyond_the_limit_are_not_read_nor_is_half_a_rule() -> None:
    half = b"User-agent: *\n" + b"#" * (LONGEST - 30) + b"\nDisallow: /private/and/more\n"
    assert body_to_rules(half).why_forbidden("http://a.test/private/x") == ""


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00garbage", b"<html>no rules</html>", bytes(10_000)])
def test_a_robots_txt_that_says_nothing_forbids_nothing(body: bytes) -> None:
    assert body_to_rules(body).why_forbidden("http://a.test/x") == ""


ROBOTS = (
    "User-agent: *\nDisallow: /a\n\nUser-agent: other\nDisallow: /\n",
    "User-agent: other\nUser-agent: nianbao\nDisallow: /a\nUSER AGENT: third\nDisallow: /b\n",
    "user-agent nian\ndisallow: /a\nCrawl-delay: 7\nUseragent: *\nAllow: /a\n",
    "User-agent: *nian*\r\nDisallow: /a*z$\r\n# User-agent: *\r\nDisallow: /b\r\n",
    "User-agent: other # nianbao\nDisallow: /a\nUser-agent:\nDisallow: /b\nUser-agent: *\nDisallow: /c\n",
)


@pytest.mark.parametrize("text", ROBOTS)
def test_the_rules_are_those_that_the_library_reads(text: str) -> None:
    rules, parsed = body_to_rules(text.encode()), Protego.parse(text)
    urls = [f"http://a.test/{path}" for path in ("", "a", "b", "c", "abz", "ab")]
    assert [not rules.why_forbidden(url) for url in urls] == [
        parsed.can_fetch(url, "nianbao") for url in urls
    ]
    assert rules.delay == (parsed.crawl_delay("nianbao") or 0)


def test_robots_that_are_not_us_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    parse = Protego.parse
    monkeypatch.setattr("protego.Protego.parse", lambda text: texts.append(text) or parse(text))
    names = "".join(f"User-agent: r{number}\nuser agent : s{number}\n" for number in range(5000))
    ours = "".join(f"User-agent: {'*' * number}an\nUser-agent: ni{'*' * number}\n" for number in range(99))
    rules = body_to_rules(f"User-agent: *\n{names}{ours}Disallow: /a\n".encode())
    assert len(set(texts[0].splitlines())) == 4
    assert [rules.why_forbidden(f"http://a.test/{path}") == "" for path in "ab"] == [False, True]


# ---------------------------------------------------------------- the frontier


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


def test_of_rules_with_wildcards_there_are_so_many() -> None:
    few, many = ("User-agent: *\n" + "Disallow: /*x$\n" * number for number in (1000, 1001))
    assert body_to_rules(few.encode()).why_forbidden("http://a.test/") == ""
    assert "1001 of its rules have wildcards" in body_to_rules(many.encode()).why_forbidden("http://a.test/")


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


def test_what_another_source_was_given_is_not_asked_to_be_confirmed() -> None:
    cached = CachedResponse('"e"', None, ASK.url, None, "2024-01-01T00:00:00Z", ASK.source)
    assert replace(ASK, cached=cached).conditions == {"If-None-Match": '"e"'}
    assert replace(ASK, cached=replace(cached, source="乙局")).conditions == {}
