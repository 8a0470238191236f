"""The response to a request: what its status, headers and body mean."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.acquire.content import PDF_TAIL_BYTES
from pipeline.acquire.crawl.request import CrawlRequest
from pipeline.acquire.media_types import PDF_HEAD_BYTES
from pipeline.acquire.packed_names import OLE_HEAD, ZIP_HEADS
from pipeline.errors import Error

MAGIC = b"%PDF-"

PAGE_TAIL_BYTES = 1 << 15
"""Bytes at the end of a page in which its last tag is looked for: scripts stand behind it on some sites."""

_DATE_MAX_CHARACTERS = 100
"""Count. No more of a header is read as a date: a date of HTTP has 29."""

_WAIT_MAX_DIGITS = 12
"""Count. No more digits are read of the seconds that a site wants to be left alone."""

_ENCODING_MAX_CHARACTERS = 40
"""Count. A message quotes no more characters of the name of an encoding."""

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504, 520, 522, 523, 524))
_decompressor = zlib.decompressobj
BUSY_STATUSES = frozenset((429, 503))
"""Statuses of HTTP: Too Many Requests, Service Unavailable."""

_NOT_ZERO = re.compile(rb"[^\x00]")

_GZIP, _ZLIB_OR_GZIP, _BARE_DEFLATE = 31, 47, -15
"""Numbers of zlib, its argument wbits: what the header of a stream must be, or that it has none."""

_ENCODINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB_OR_GZIP}

_LAYERS_MAX = 4
"""Count. No more compressions within each other are unpacked. Honest servers send one; a test pins it."""

_MEMBERS_MAX = 1000
"""Count. No more streams one after the other are unpacked. Honest servers send one.

A body that is made of thousands would cost far more work than its size. A test pins it.
"""

_SLICE_BYTES = 1 << 16
"""Bytes that are unpacked at once: few, as the rest of a slice is copied at the end of every stream."""


class BodyError(Error):
    """A body that is cut off, compressed in an unknown way, or too large when decompressed."""


@dataclass(frozen=True, slots=True)
class CrawlResponse:
    """The response to a request. If there was none, `status` is None and `failure` says why.

    `headers` have lower-case names. `may_pass` marks a failure that a second try may not meet. `refused`
    marks an address that is never fetched. `open_ended` marks a body without a stated length: it ends where
    the connection closed. `received` counts the bytes of the body as sent, also if it was not received to its
    end.
    """

    request: CrawlRequest
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    failure: str = ""
    may_pass: bool = False
    refused: bool = False
    open_ended: bool = False
    received: int = 0

    def header(self, name: str) -> str:
        """Return the value of a header, given its lower-case name; "" if there is none."""
        return (self.headers or {}).get(name, "")

    @property
    def target(self) -> str:
        """The address that a redirect leads to; "" if the response is not a redirect."""
        return self.header("location") if self.status in _REDIRECTS else ""

    @property
    def is_good(self) -> bool:
        """Whether it brings what was asked for, or says that this has not changed."""
        return self.status is not None and (200 <= self.status < 300 or self.status == 304)

    @property
    def confirms(self) -> bool:
        """Whether it says that nothing has changed, and the request asked that."""
        return self.status == 304 and bool(self.request.conditions)

    @property
    def is_passing(self) -> bool:
        """Whether a second try may go better."""
        return self.may_pass or self.status in _TRANSIENT


def is_pdf(body: bytes) -> bool:
    """Whether the bytes are a PDF, whatever their media type or file name says."""
    return MAGIC in body[:PDF_HEAD_BYTES]


def is_file(head: bytes) -> bool:
    """Whether the first bytes are those of a document that is no page: a PDF, or a file of Office."""
    return is_pdf(head) or head.startswith((*ZIP_HEADS, OLE_HEAD))


def has_end(body: bytes) -> bool:
    """Whether a PDF has its end mark."""
    return b"%%EOF" in body[-PDF_TAIL_BYTES:]


def has_page_end(body: bytes) -> bool:
    """Whether a web page has its last tag; in UTF-16 a NUL stands between any two of its characters."""
    return b"</html" in body[-PAGE_TAIL_BYTES:].replace(b"\x00", b"").lower()


def response_to_head(response: CrawlResponse) -> bytes:
    """Return the first bytes of the body, decompressed; if that fails, as many as can be decompressed."""
    return response_to_body(
        replace(response, body=response.body[:_SLICE_BYTES]), PDF_HEAD_BYTES, cut_allowed=True
    )


def response_to_body(response: CrawlResponse, limit: int, cut_allowed: bool = False) -> bytes:
    """Return the body, decompressed, at most `limit` bytes. BodyError if it is larger, or if it is cut off
    and `cut_allowed` is false."""
    body = response.body
    names = [name for name in re.split(r"[,\s]+", response.header("content-encoding").lower()) if name]
    if len(names) > _LAYERS_MAX:
        raise BodyError(
            f"packed {len(names)} times, one within the other: at most {_LAYERS_MAX} are unpacked"
        )
    for name in reversed(names):
        if name not in _ENCODINGS and name != "identity":
            raise BodyError(f"packed as {name[:_ENCODING_MAX_CHARACTERS]!r}, which was not asked for")
        if name != "identity" and body:
            body = _unpack(body, _ENCODINGS[name], limit, cut_allowed)
    if len(body) > limit and not cut_allowed:
        raise BodyError(f"over {limit >> 20} MB")
    return body[:limit]


def _unpack(body: bytes, kind: int, limit: int, cut_allowed: bool) -> bytes:
    """Decompress one or more streams that follow each other, in time linear in their number."""
    unpacked, start, members = bytearray(), 0, 0
    while start < len(body):
        members += 1
        if members > _MEMBERS_MAX:
            raise BodyError(f"packed in more than {_MEMBERS_MAX} pieces")
        start, whole = _unpack_member(body, start, kind, unpacked, limit)
        if len(unpacked) > limit:
            if cut_allowed:
                break
            raise BodyError(f"over {limit >> 20} MB when unpacked")
        if not whole:
            if cut_allowed:
                break
            raise BodyError("cut within its packed bytes")
    del unpacked[limit:]  # a slice would make one more copy
    return bytes(unpacked)


def _unpack_member(body: bytes, start: int, kind: int, unpacked: bytearray, limit: int) -> tuple[int, bool]:
    """Decompress one stream into `unpacked`; return where the next stream begins and whether this one ended.

    It stops once `unpacked` is larger than `limit`.
    """
    unpacker = _unpacker(body[start : start + 2], kind)
    while start < len(body) and len(unpacked) <= limit:
        piece = unpacker.unconsumed_tail or body[start : start + _SLICE_BYTES]
        try:
            unpacked += unpacker.decompress(piece, limit + 1 - len(unpacked))
        except zlib.error as error:
            raise BodyError(f"cannot be unpacked ({error})") from error
        start += len(piece) - len(unpacker.unconsumed_tail) - len(unpacker.unused_data)
        if unpacker.eof:
            return _skip_padding(body, start), True
    return start, unpacker.eof


def _skip_padding(body: bytes, start: int) -> int:
    """Return the place after zero bytes, which fill the last block of some archives."""
    found = _NOT_ZERO.search(body, start)
    return found.start() if found else len(body)


def _unpacker(head: bytes, kind: int) -> zlib._Decompress:
    """Return a decompressor for a body that begins with `head`. Some servers send `deflate` without its
    zlib header, against the standard."""
    bare = kind == _ZLIB_OR_GZIP and head != b"\x1f\x8b" and (head[0] & 15 != 8 or int.from_bytes(head) % 31)
    return _decompressor(_BARE_DEFLATE if bare else kind)


def response_to_wait(response: CrawlResponse) -> float | None:
    """Return the seconds that Retry-After asks for, None without that header. A date is compared with the
    host's own clock."""
    text = response.header("retry-after")[:_DATE_MAX_CHARACTERS].strip()
    if re.fullmatch(r"\d+", text):
        return float(text[:_WAIT_MAX_DIGITS])
    until = _date(text)
    if until is None:
        return None
    return max(0.0, (until - (_date(response.header("date")) or datetime.now(UTC))).total_seconds())


def _date(text: str) -> datetime | None:
    """Read a date of HTTP; None if the text is none."""
    try:
        date = parsedate_to_datetime(text[:_DATE_MAX_CHARACTERS])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def raw_header_to_link(text: str) -> str:
    """Return a Location header as it can be requested: bytes above 127 (UTF-8 or GBK) are escaped as they
    are."""
    return "".join(char if char < "\x80" else f"%{ord(char):02X}" for char in text)
