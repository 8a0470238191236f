"""What the bytes of a file say before any PDF library touches them."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_HEAD = 1024  # readers look this far for %PDF-
_TAIL = 2048
_MOSTLY_BINARY = 0.1

_LOOKS_LIKE = (
    (rb"\s*(<!doctype html|<html|<head|<script)", "an HTML page", "save the PDF that the page links to"),
    (rb"PK\x03\x04", "a ZIP archive or a Word file (.docx)", "unpack it, or export it as PDF"),
    (rb"\xd0\xcf\x11\xe0", "an old Word or Excel file", "export it as PDF"),
    (rb"\{\\rtf", "an RTF text", "export it as PDF"),
    (rb"\s*(<\?xml|%!PS)", "XML or PostScript", "export it as PDF"),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|BM.{4}\x00\x00\x00\x00|II\*\x00|MM\x00\*", "a picture", "print it to PDF"),
    (rb"\x1f\x8b|Rar!|7z\xbc\xaf", "a packed archive", "unpack it"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """The hash of a file, why it is no PDF (`problem`), and what looks damaged in it (`hint`)."""

    sha256: str
    problem: str
    hint: str


def file_to_content(path: Path) -> Content:
    """Read the file once, in pieces; a file that cannot be opened is named by its path instead."""
    try:
        return _read(path)
    except OSError as error:
        sha256 = hashlib.sha256(b"unreadable:" + path.name.encode(errors="surrogateescape")).hexdigest()
        problem = f"cannot be opened ({error.strerror or error}): check the file and its rights"
        return Content(sha256, problem, "")


def _read(path: Path) -> Content:
    digest, text = hashlib.sha256(), _TextMeter()
    head = tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            text.feed(chunk)
            head = head or chunk[:_HEAD]
            tail = (tail + chunk)[-_TAIL:]
        problem = _head_to_problem(head) or text.problem()
        hint = "" if problem else _ends_to_hint(tail, path.stat().st_size)
        if not problem and not hint and (offset := _startxref(tail)) is not None:
            file.seek(offset + head.index(b"%PDF-"))
            hint = _xref_to_hint(file.read(32))
    return Content(digest.hexdigest(), problem, hint)


def _head_to_problem(head: bytes) -> str:
    """Why these first bytes are not those of a PDF; "" where they are."""
    if not head:
        return "the file is empty: fetch it again"
    if b"%PDF-" in head:
        return ""
    for pattern, what, todo in _LOOKS_LIKE:
        if re.match(pattern, head.removeprefix(codecs.BOM_UTF8), re.IGNORECASE | re.DOTALL):
            return f"not a PDF but {what}: {todo}"
    if b"\x00" not in head and not any(byte < 9 for byte in head):
        return f"not a PDF but text, beginning {head[:20]!r}: fetch the report again"
    return f"not a PDF: begins with {head[:8].hex(' ')} instead of %PDF-: fetch the report again"


def _ends_to_hint(tail: bytes, size: int) -> str:
    if b"%%EOF" not in tail and b"startxref" not in tail:
        return "the file has no end mark (%%EOF): it was probably cut off, fetch it again"
    offset = _startxref(tail)
    if offset is not None and offset >= size:
        return f"the file has {size} bytes and points at byte {offset}: it was probably cut, fetch it again"
    return ""


def _startxref(tail: bytes) -> int | None:
    """The byte where the file says its cross-reference table stands."""
    found = re.findall(rb"startxref\s+(\d{1,15})", tail)
    return int(found[-1]) if found else None


def _xref_to_hint(there: bytes) -> str:
    """What stands at startxref is a table or a stream object, or bytes were lost or doubled on the way.

    Readers repair such files without a word, and may leave out half of the text.
    """
    if re.match(rb"\s*(xref|\d+\s+\d+\s+obj)", there):
        return ""
    return "the cross-reference table is not where the file says: it may be damaged, fetch it again"


class _TextMeter:
    """Notices a PDF that was sent as text: every byte over 127 re-coded as UTF-8, its streams lost.

    Compressed streams are never valid UTF-8 by chance; readers still open such a file and lose its text.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._valid = True
        self._high = self._bytes = 0

    def feed(self, chunk: bytes) -> None:
        if not self._valid:
            return
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._valid = False
            return
        self._bytes += len(chunk)
        self._high += len(chunk) - len(text.encode("ascii", "ignore"))

    def problem(self) -> str:
        if not self._valid or self._high <= self._bytes * _MOSTLY_BINARY:
            return ""
        return "damaged on the way here: its bytes were re-coded as UTF-8 text: fetch it again as a file"
