"""What came back for an ask, and what its status, headers and bytes mean."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.acquire.crawl.asks import Ask
from pipeline.errors import Error

MAGIC = b"%PDF-"
_LONGEST_DATE = 100  # characters
_HEAD, _TAIL = 1024, 2048  # readers look so far for the marks of beginning and end
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MAY_PASS = frozenset((408, 425, 429, 500, 502, 503, 504, 520, 522, 523, 524))
_decompressor = zlib.decompressobj
BUSY = frozenset((429, 503))
_NOT_ZERO = re.compile(rb"[^\x00]")
_ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 47}  # zlib's names for them
_LAYERS, _MEMBERS = 4, 1000  # packed within each other, and one after the other; servers send one of each
_SLICE = 1 << 16  # bytes that are unpacked at once: what is left of them is copied at the end of a member


class BodyError(Error):
    """A body that is cut, packed in an unknown way, or too large when unpacked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `headers` by small names; where nothing did, `status` is None and `failure` says why.

    `may_pass` tells a failure that another try may not meet, `refused` an address that is never asked;
    `open_ended` a body whose end only the closed connection tells. `received` counts the bytes of the body as
    they came, of one that was not taken whole too.
    """

    ask: Ask
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    failure: str = ""
    may_pass: bool = False
    refused: bool = False
    open_ended: bool = False
    received: int = 0

    def header(self, name: str) -> str:
        return (self.headers or {}).get(name, "")

    @property
    def target(self) -> str:
        """Where a redirect leads; "" where the answer is none."""
        return self.header("location") if self.status in _REDIRECTS else ""

    @property
    def is_good(self) -> bool:
        """Whether it holds what was asked for, or says that this is as it was."""
        return self.status is not None and (200 <= self.status < 300 or self.status == 304)

    @property
    def confirms(self) -> bool:
        """Whether it says that nothing has changed, and was asked that."""
        return self.status == 304 and bool(self.ask.conditions)

    @property
    def is_passing(self) -> bool:
        """Whether another try may go better."""
        return self.may_pass or self.status in _MAY_PASS


def is_pdf(body: bytes) -> bool:
    """Whether the bytes are those of a PDF, whatever their type or name claims."""
    return MAGIC in body[:_HEAD]


def has_end(body: bytes) -> bool:
    """Whether a PDF is there to its end."""
    return b"%%EOF" in body[-_TAIL:]


def answer_to_head(answer: Answer) -> bytes:
    """The first bytes of the body, unpacked; of one that cannot be unpacked those that can."""
    return answer_to_body(replace(answer, body=answer.body[:_SLICE]), _HEAD, cut_allowed=True)


def answer_to_body(answer: Answer, limit: int, cut_allowed: bool = False) -> bytes:
    """The body unpacked, at most `limit` bytes; BodyError where it is more, or is cut within."""
    body = answer.body
    names = [name for name in re.split(r"[,\s]+", answer.header("content-encoding").lower()) if name]
    if len(names) > _LAYERS:
        raise BodyError(f"packed {len(names)} times, one within the other: at most {_LAYERS} are unpacked")
    for name in reversed(names):
        if name not in _ENCODINGS and name != "identity":
            raise BodyError(f"packed as {name[:40]!r}, which was not asked for")
        if name != "identity" and body:
            body = _unpack(body, _ENCODINGS[name], limit, cut_allowed)
    if len(body) > limit and not cut_allowed:
        raise BodyError(f"over {limit >> 20} MB")
    return body[:limit]


def _unpack(body: bytes, kind: int, limit: int, cut_allowed: bool) -> bytes:
    """The bytes in one or more packed streams, in a time that grows with their number and no faster."""
    unpacked, start, members = bytearray(), 0, 0
    while start < len(body):
        members += 1
        if members > _MEMBERS:
            raise BodyError(f"packed in more than {_MEMBERS} pieces")
        start, whole = _unpack_member(body, start, kind, unpacked, limit)
        if len(unpacked) > limit:
            if cut_allowed:
                break
            raise BodyError(f"over {limit >> 20} MB when unpacked")
        if not whole:
            if cut_allowed:
                break
            raise BodyError("cut within its packed bytes")
    del unpacked[limit:]  # a slice would be one copy more
    return bytes(unpacked)


def _unpack_member(body: bytes, start: int, kind: int, unpacked: bytearray, limit: int) -> tuple[int, bool]:
    """Where the next stream begins, and whether this one came to its end; stops beyond the limit."""
    unpacker = _unpacker(body[start : start + 2], kind)
    while start < len(body) and len(unpacked) <= limit:
        piece = unpacker.unconsumed_tail or body[start : start + _SLICE]
        try:
            unpacked += unpacker.decompress(piece, limit + 1 - len(unpacked))
        except zlib.error as error:
            raise BodyError(f"cannot be unpacked ({error})") from error
        start += len(piece) - len(unpacker.unconsumed_tail) - len(unpacker.unused_data)
        if unpacker.eof:
            return _skip_padding(body, start), True
    return start, unpacker.eof


def _skip_padding(body: bytes, start: int) -> int:
    """Past the zero bytes that fill up the last block of some archives."""
    found = _NOT_ZERO.search(body, start)
    return found.start() if found else len(body)


def _unpacker(head: bytes, kind: int) -> zlib._Decompress:
    """Some servers send `deflate` without the frame that the standard asks for."""
    bare = kind == 47 and head != b"\x1f\x8b" and (head[0] & 15 != 8 or int.from_bytes(head) % 31)
    return _decompressor(-15 if bare else kind)


def answer_to_wait(answer: Answer) -> float | None:
    """The seconds that Retry-After asks for, a date by the host's own clock; None without one."""
    text = answer.header("retry-after")[:_LONGEST_DATE].strip()
    if re.fullmatch(r"\d+", text):
        return float(text[:12])
    until = _date(text)
    if until is None:
        return None
    return max(0.0, (until - (_date(answer.header("date")) or datetime.now(UTC))).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text[:_LONGEST_DATE])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def raw_header_to_link(text: str) -> str:
    """A Location as it is asked for: bytes over 127, UTF-8 or GBK, escaped as they are."""
    return "".join(char if char < "\x80" else f"%{ord(char):02X}" for char in text)
