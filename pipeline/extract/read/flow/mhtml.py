"""Open a web archive: a message of several parts, as browsers and Word save pages with pictures (.mht)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote, urljoin

_HEAD_MAX_BYTES = 8192
"""Count. The head of a message has no more bytes before it says that it has parts."""

_HEADER = re.compile(rb"\A\s*(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+")
_HTML = ("text/html", "application/xhtml+xml")


def is_archive(data: bytes) -> bool:
    """Whether bytes are those of a web archive."""
    header = _HEADER.match(data[:_HEAD_MAX_BYTES])
    return bool(header and b"multipart/related" in header[0].lower())


class ArchivedPage(NamedTuple):
    """A page in a web archive: its bytes, the charset that its head names, and its address there."""

    data: bytes
    charset: str
    address: str


class Archive:
    """A web archive: `page` is the page that it keeps, beside which are pictures and pages of frames."""

    def __init__(self, data: bytes) -> None:
        message = message_from_bytes(data)
        self._parts = [part for part in message.walk() if not part.is_multipart()]
        self._by_address = {name: part for part in reversed(self._parts) for name in _addresses(part)}
        files = Counter(map(_file_name, self._by_address))
        self._by_file = {
            _file_name(name): part for name, part in self._by_address.items() if files[_file_name(name)] == 1
        }
        pages = [part for part in self._parts if part.get_content_type() in _HTML]
        start = _plain(str(message.get_param("start") or ""))
        first = next((part for part in pages if start and _plain(part.get("Content-ID", "")) == start), None)
        first = first or next(iter(pages), None)
        self.page = ArchivedPage(b"", "", "") if first is None else _to_page(first)

    def picture(self, address: str, page: ArchivedPage) -> Callable[[], bytes] | None:
        """Return what gives the bytes of the picture that a page names so; None where there is none."""
        part = self._part(address, page)
        is_picture = part is not None and part.get_content_type() not in _HTML
        return partial(_bytes, part) if part is not None and is_picture else None

    def frame(self, address: str, page: ArchivedPage) -> ArchivedPage | None:
        """Return the page that a frame of a page shows; None where it is not there, or is that page."""
        part = self._part(address, page)
        if part is None or part.get_content_type() not in _HTML:
            return None
        found = _to_page(part)
        return None if found.data == page.data else found

    def _part(self, address: str, page: ArchivedPage) -> Message | None:
        """Return the part that a page names so: by its id, its address, or the name of its file."""
        named = unquote(address.strip())
        if named.lower().startswith("cid:"):
            return self._by_address.get(f"cid:{named[len('cid:') :]}")
        try:
            joined = unquote(urljoin(page.address, address.strip()))
        except ValueError:
            joined = named
        found = self._by_address.get(joined)
        found = self._by_address.get(named) if found is None else found
        return self._by_file.get(_file_name(named)) if found is None else found


def _addresses(part: Message) -> Iterator[str]:
    """Yield the names by which pages know a part of an archive."""
    if name := _plain(str(part.get("Content-ID", ""))):
        yield f"cid:{name}"
    if address := str(part.get("Content-Location", "")).strip():
        yield unquote("".join(address.split()))


def _file_name(address: str) -> str:
    """Return the name of the file at an address."""
    return address.partition("?")[0].replace("\\", "/").rpartition("/")[2]


def _to_page(part: Message) -> ArchivedPage:
    """Return a part of an archive that is a page."""
    address = "".join(str(part.get("Content-Location", "")).split())
    return ArchivedPage(_bytes(part), str(part.get_content_charset("")), address)


def _plain(name: str) -> str:
    """Return the name of a part without what stands around it."""
    return name.strip().strip("<>")


def _bytes(part: Message) -> bytes:
    """Return the bytes of a part; as text they would lose what its charset does not know."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
