"""What the parts of an answer mean, without any network."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest

from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.crawl.response import (
    BodyError,
    CrawlResponse,
    is_pdf,
    raw_header_to_link,
    response_to_body,
    response_to_head,
    response_to_wait,
)

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
