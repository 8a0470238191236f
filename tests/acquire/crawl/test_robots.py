"""What a robots.txt allows, whatever it says and however long it is."""

from __future__ import annotations

import pytest
from protego import Protego

from pipeline.acquire.crawl.robots import ROBOTS_MAX_BYTES, body_to_rules, status_to_rules


@pytest.mark.parametrize(
    "status, allowed",
    [(404, True), (410, True), (403, True), (429, False), (500, False), (304, False), (204, False)],
)
def test_what_an_answer_without_rules_means(status: int, allowed: bool) -> None:
    assert (status_to_rules(status).why_forbidden("http://a.test/x") == "") is allowed


def test_rules_beyond_the_limit_are_not_read_nor_is_half_a_rule() -> None:
    half = b"User-agent: *\n" + b"#" * (ROBOTS_MAX_BYTES - 30) + b"\nDisallow: /private/and/more\n"
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


def test_of_rules_with_wildcards_there_are_so_many() -> None:
    few, many = ("User-agent: *\n" + "Disallow: /*x$\n" * number for number in (1000, 1001))
    assert body_to_rules(few.encode()).why_forbidden("http://a.test/") == ""
    assert "1001 of its rules have wildcards" in body_to_rules(many.encode()).why_forbidden("http://a.test/")
