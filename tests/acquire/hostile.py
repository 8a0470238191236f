"""Answers made to keep a crawler busy: each a site of its own, beside which others are to have their turn."""

from __future__ import annotations

import gzip
import itertools
import time
import zlib
from collections.abc import Callable, Iterable, Iterator

from pipeline.acquire.sources import Api, Source
from tests.acquire.site import Reply, Site

MB = 1 << 20
REPORT = "2022年政府信息公开年报"
GZIP, TWICE = (("Content-Encoding", "gzip"),), (("Content-Encoding", "gzip, gzip"),)

Hostile = Callable[[Site, str], Source]


def in_list(make: Callable[[], Reply]) -> Hostile:
    """A source whose one list page is this."""

    def publish(site: Site, host: str) -> Source:
        return Source(host, lists=(site.put("/nb/", make(), host),))

    return publish


def in_detail(make: Callable[[], Reply]) -> Hostile:
    """A source whose list leads to pages all like this."""

    def publish(site: Site, host: str) -> Source:
        links = "".join(f"<li><a href='/{number}.html'>{REPORT}</a></li>" for number in range(3))
        reply = make()
        for number in range(3):
            site.put(f"/{number}.html", reply, host)
        return Source(host, lists=(site.put("/nb/", links, host),))

    return publish


def in_robots(make: Callable[[], Reply]) -> Hostile:
    """A source whose robots.txt is this, before a list of 3000 reports."""

    def publish(site: Site, host: str) -> Source:
        site.put("/robots.txt", make(), host)
        links = "".join(f"<li><a href='/{number}'>{REPORT}</a></li>" for number in range(3000))
        return Source(host, lists=(site.put("/nb/", links, host),))

    return publish


def in_api(make: Callable[[], bytes]) -> Hostile:
    """A source whose one list is this JSON."""

    def publish(site: Site, host: str) -> Source:
        return Source(host, apis=(Api(site.put("/api", make(), host), "data"),))

    return publish


def with_pattern(pattern: str, text: str) -> Hostile:
    """A source whose own pattern takes for ever on some texts."""

    def publish(site: Site, host: str) -> Source:
        page = f"<li><a href='/1.html'>{text}</a></li>"
        return Source(host, links=pattern, lists=(site.put("/nb/", page, host),))

    return publish


def raw(pieces: Callable[[], Iterable[bytes]]) -> Reply:
    return Reply(raw=pieces)


def page(text: str) -> Reply:
    return Reply(text.encode())


def _endless(first: bytes, piece: bytes, pause: float = 0.0) -> Callable[[], Iterator[bytes]]:
    """A first piece, and then the other one without end."""

    def pieces() -> Iterator[bytes]:
        yield first
        for _ in itertools.repeat(None):
            time.sleep(pause)
            yield piece

    return pieces


def _many_headers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for start in range(0, 1_000_000, 1000):
        yield b"".join(b"x-%d: 1\r\n" % number for number in range(start, start + 1000))
    yield b"Content-Length: 0\r\n\r\n"


def _crumbs() -> Iterator[bytes]:
    """A page of 2 MB in chunks of one byte each."""
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in range(2 * MB // 1000):
        yield b"1\r\nx\r\n" * 1000
    yield b"0\r\n\r\n"


def _row(links: int) -> str:
    return "<tr><td>" + "".join(f"<a href='{n}'>附件</a>" for n in range(links)) + "</td></tr>"


def _redirect(site: Site, host: str) -> Source:
    def answer(asked: object) -> Reply:
        return Reply(b"", 302, (("Location", f"/{time.monotonic_ns()}.html"),))

    for number in range(3):
        site.put(f"/{number}.html", answer, host)
    return Source(host, urls=tuple(site.url(f"/{number}.html", host) for number in range(3)))


AGENTS = "".join(f"User-agent: r{n}\n" for n in range(14_000))
PLAIN = "".join(f"Disallow: /x{n}\n" for n in range(14_000))
RULES = "".join(f"Disallow: /*{n}$\n" for n in range(14_000))

SITES: dict[str, Hostile] = {
    "gzip: 400,000 empty members": in_list(lambda: Reply(gzip.compress(b"", 9) * 400_000, headers=GZIP)),
    "gzip: 8 MB of one member that is cut": in_list(
        lambda: Reply(gzip.compress(bytes(7 * MB))[:-9], headers=GZIP)
    ),
    "gzip: bomb of 256 MB in gzip in gzip": in_list(
        lambda: Reply(gzip.compress(gzip.compress(bytes(1 << 28), 1), 1), headers=TWICE)
    ),
    "deflate within itself 2000 times": in_list(
        lambda: Reply(zlib.compress(b"x"), headers=(("Content-Encoding", "deflate, " * 2000 + "deflate"),))
    ),
    "4000 short links in one row": in_list(lambda: page(_row(4000))),
    "100,000 short links in one row": in_list(lambda: page(_row(100_000))),
    "100,000 links to reports": in_list(
        lambda: page("".join(f"<li><a href='/{n}.html'>{REPORT}</a></li>" for n in range(100_000)))
    ),
    "4900 links to reports": in_list(
        lambda: page("".join(f"<li><a href='/{n}.html'>{REPORT}</a></li>" for n in range(4900)))
    ),
    "20,000 links to reports elsewhere": in_list(
        lambda: page("".join(f"<li><a href='http://h{n}.test/'>{REPORT}</a></li>" for n in range(20_000)))
    ),
    "20,000 links that are never asked": in_list(
        lambda: page("".join(f"<li><a href='ftp://a.test/{n}'>{REPORT}</a></li>" for n in range(20_000)))
    ),
    "8 MB of tags": in_list(lambda: page("<b>" * (8 * MB // 3 - 1))),
    "2000 boxes in each other, 40,000 links": in_list(
        lambda: page("<div data-x=1>" * 2000 + "<a href=1>附件</a>" * 40_000)
    ),
    "190,000 boxes side by side with scripts": in_list(lambda: page("<p onclick='x'>a" * 190_000)),
    "one attribute of 7 MB": in_list(lambda: page(f"<a href='{'x' * 7 * MB}'>{REPORT}</a>")),
    "one text of 7 MB": in_list(lambda: page(f"<a href='1' onclick=\"go('{'?=' * 3 * MB} ')\">{REPORT}</a>")),
    "a pager's name 500,000 times": in_list(lambda: page("createPageHTML" * 500_000)),
    "7 MB of text that is in no charset": in_list(lambda: Reply(b"\x80\xff" * (7 * MB // 2))),
    "detail pages of 60 MB": in_detail(lambda: Reply(b"<p>" + b"x" * 60 * MB)),
    "a pattern that backtracks": with_pattern("(年+)+报告", "年" * 150),
    "JSON: 7 MB of nested lists": in_api(lambda: b'{"data": ' + b"[" * 7 * MB),
    "JSON: 600,000 items": in_api(lambda: b'{"data": [' + b'{"url":"x"},' * 600_000 + b'{"url":"x"}]}'),
    "JSON: titles of 7 MB": in_api(lambda: b'{"data": [{"url": "x", "title": "' + b"<" * 7 * MB + b'"}]}'),
    "robots.txt: 14,000 robots, 14,000 rules": in_robots(lambda: page(AGENTS + PLAIN)),
    "robots.txt: 14,000 rules with wildcards": in_robots(
        lambda: page("User-agent: *\n" + RULES + "Disallow: /*\nAllow: /nb/\n")
    ),
    "robots.txt: 900 rules that forbid 3000 links": in_robots(
        lambda: page("User-agent: *\n" + RULES[:15_000].rpartition("\n")[0] + "\nDisallow: /*\nAllow: /nb/\n")
    ),
    "a million headers": in_list(lambda: raw(_many_headers)),
    "headers without end": in_list(lambda: raw(_endless(b"HTTP/1.1 200 OK\r\n", b"x: yyyyyyyyy\r\n" * 99))),
    "a header that goes on and on": in_list(
        lambda: raw(_endless(b"HTTP/1.1 200 OK\r\nx: 1\r\n", b" " + b"y" * 1000 + b"\r\n"))
    ),
    "a line without end": in_list(lambda: raw(_endless(b"HTTP/1.1 200 OK\r\nx: ", b"y" * 1000))),
    "1xx answers without end": in_list(lambda: raw(_endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100))),
    "a head byte by byte": in_list(lambda: raw(_endless(b"HTTP/1.1 200 OK\r\nx: ", b"y", 0.02))),
    "a body byte by byte": in_list(lambda: raw(_endless(b"HTTP/1.1 200 OK\r\n\r\n", b"y", 0.02))),
    "a body in chunks of one byte": in_list(lambda: raw(_crumbs)),
    "a body in packets of one byte": in_list(lambda: raw(_endless(b"HTTP/1.1 200 OK\r\n\r\n", b"y", 0.0001))),
    "a head in packets of one byte": in_list(lambda: raw(_endless(b"HTTP/1.1 200 OK\r\nx: ", b"y", 0.0001))),
    "redirects without end": _redirect,
    "cookies": in_list(
        lambda: Reply(b"<p>", headers=[("Set-Cookie", f"c{n}={'x' * 200}; Expires=1") for n in range(200)])
    ),
    "Location and Retry-After of 15 kB": in_detail(
        lambda: Reply(b"", 302, (("Location", "/" + "x" * 15_000), ("Retry-After", "9" * 15_000)))
    ),
}  # fmt: skip
"""What each site does, by name; made when it is asked for."""
