"""Take the page out of a web archive: a message of several parts, as browsers and Word save pages (.mht)."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message

_HEAD_MAX_BYTES = 8192
"""Count. The head of a message has no more bytes before it says that it has parts."""

_HEADER = re.compile(rb"\A\s*(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+")
_HTML = ("text/html", "application/xhtml+xml")


def is_archive(data: bytes) -> bool:
    """Whether bytes are those of a web archive."""
    header = _HEADER.match(data[:_HEAD_MAX_BYTES])
    return bool(header and b"multipart/related" in header[0].lower())


def archive_to_page(data: bytes) -> tuple[bytes, str]:
    """Return the bytes of the page in a web archive, and the charset that its head names; b"" without one.

    The page is the part that the archive names as its first, or the first that is a page.
    """
    message = message_from_bytes(data)
    parts = [part for part in message.walk() if part.get_content_type() in _HTML]
    start = _plain(str(message.get_param("start") or ""))
    page = next((part for part in parts if start and _plain(part.get("Content-ID", "")) == start), None)
    page = page or next(iter(parts), None)
    return (_bytes(page), page.get_content_charset("")) if page else (b"", "")


def _plain(name: str) -> str:
    """Return the name of a part without what stands around it."""
    return name.strip().strip("<>")


def _bytes(part: Message) -> bytes:
    """Return the bytes of a part; as text they would lose what its charset does not know."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
