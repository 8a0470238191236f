"""The bytes of a file → its hash, and why it is no PDF or looks damaged; no PDF library is used."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.files.regular_file import (
    CHUNK,
    DOCUMENT_MAX_BYTES,
    IrregularFileError,
    TooLargeError,
    file_to_chunks,
    link_to_target,
    open_regular,
)

ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")
"""What ZIP archives begin with, the second those without members."""

PDF_END = b"%%EOF"
_HEAD, _OBJECT = re.compile(rb"%PDF-\d"), b"obj"

_TOKEN_MAX_BYTES = 6
"""Bytes. What tells where a PDF begins and ends is no longer."""

PDF_HEAD_BYTES = 1024
"""Bytes at the beginning of a file in which PDF readers look for %PDF-."""

PDF_TAIL_BYTES = 2048
"""Bytes at the end of a file in which PDF readers look for %%EOF."""

_RECODED_MIN_SHARE = 0.1
"""Share of a file's bytes. A PDF that is valid UTF-8 was sent as text if more of its bytes are above 127.

A PDF with compressed streams has far more of them, plain text has fewer. Tests pin it: a PDF that was sent as
text is recognised, one whose metadata alone are Chinese is none such.
"""

_XREF_BYTES = 32
"""Bytes that are looked at where a file says that its cross-reference table begins."""

_TEXT_MIN_BYTE = 9
"""Value of a byte. Text has none that is lower: 9 is the tab."""

_LOOKS_LIKE = (
    (rb"\s*(<!doctype html|<html|<head|<script)", "an HTML page", "save the PDF that the page links to"),
    (rb"PK\x03\x04", "a ZIP archive or a Word file (.docx)", "unpack it, or export it as PDF"),
    (rb"\xd0\xcf\x11\xe0", "an old Word or Excel file", "export it as PDF"),
    (rb"\{\\rtf", "an RTF text", "export it as PDF"),
    (rb"\s*(<\?xml|%!PS)", "XML or PostScript", "export it as PDF"),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|BM.{4}\x00\x00\x00\x00|II\*\x00|MM\x00\*", "a picture", "print it to PDF"),
    (rb"Rar!", "a RAR archive", "unpack it"),
    (rb"7z\xbc\xaf", "a 7z archive", "unpack it"),
    (rb"\x1f\x8b", "a gzip archive", "unpack it"),
    (rb"PK\x05\x06", "a ZIP archive with nothing in it", "fetch it again"),
    (rb"MZ", "a program for Windows or an archive that unpacks itself", "unpack it"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """The hash of a file, why it is no PDF (`problem`), and what looks damaged (`hint`). `is_cut` says
    that its end is missing, `is_container` that it may hold several PDFs."""

    sha256: str
    problem: str
    hint: str
    is_cut: bool = False
    is_container: bool = False

    @property
    def damage(self) -> str:
        """Return why these are not the bytes that somebody published, "" if nothing says so."""
        return self.problem or (self.hint if self.is_cut else "")


def file_to_content(
    path: Path, name: str = "", folder: Path | None = None, largest: int = DOCUMENT_MAX_BYTES
) -> Content:
    """Read a file once, in pieces, at most `largest` bytes.

    If it cannot be read, the `problem` says why, and the hash is made of its `name` (default: the file's). A
    link is followed; if a `folder` is given, only to files in that folder.
    """
    try:
        target = link_to_target(path, folder) if folder else path
        with open_regular(target, follow=folder is None, largest=largest) as file:
            return _file_to_content(file, largest)
    except OSError as error:
        return problem_to_content(_error_to_problem(error), name or path.name)


def problem_to_content(problem: str, name: str) -> Content:
    """Return the content of a file that cannot be read, with the hash of its name."""
    named = name.encode(errors="surrogateescape")
    return Content(hashlib.sha256(b"unreadable:" + named).hexdigest(), problem, "")


def is_container(data: bytes) -> bool:
    """Whether a file with these bytes may hold several PDFs."""
    return data.startswith(ZIP_HEADS) or bool(further_pdfs(data))


def further_pdfs(data: bytes, *, ended: bool = False) -> list[int]:
    """Return where PDFs begin in bytes behind the end of another; `ended` says that one has ended before.

    Programs put between them what they like: line ends, the heads of a web answer or of a tar archive, pages
    of zeros. Later additions to one PDF are objects, and a PDF within a PDF lies in one.
    """
    return [at for at in (found.start() for found in _HEAD.finditer(data)) if _has_ended(data, at, ended)]


def _has_ended(data: bytes, at: int, before: bool) -> bool:
    """Whether a PDF has ended in bytes before the place `at`, and nothing more of it follows."""
    end, part = data.rfind(PDF_END, 0, at), data.rfind(_OBJECT, 0, at)
    return end > part if max(end, part) >= 0 else before


def bytes_to_damage(data: bytes) -> str:
    """Return the `damage` of a file with these bytes, "" if there is none."""
    detector = _RecodingDetector()
    for start in range(0, len(data), CHUNK):
        detector.feed(data[start : start + CHUNK])
    problem = head_to_problem(data[:PDF_HEAD_BYTES]) or detector.problem()
    return problem or _ends_to_hint(data[-PDF_TAIL_BYTES:], len(data))


def _file_to_content(file: io.FileIO, largest: int) -> Content:
    """Hash an open file and look at its beginning, its end and its cross-reference table."""
    digest, detector = hashlib.sha256(), _RecodingDetector()
    head = tail = b""
    size = 0
    several = ended = False
    for chunk in file_to_chunks(file, largest):
        digest.update(chunk)
        detector.feed(chunk)
        joined = tail[-_TOKEN_MAX_BYTES:] + chunk
        several = several or bool(further_pdfs(joined, ended=ended))
        ended = _has_ended(joined, len(joined), ended)
        head = (head + chunk)[:PDF_HEAD_BYTES] if len(head) < PDF_HEAD_BYTES else head
        tail = (tail + chunk)[-PDF_TAIL_BYTES:]
        size += len(chunk)
    problem = head_to_problem(head) or detector.problem()
    hint = cut = "" if problem else _ends_to_hint(tail, size)
    if not problem and not cut and (offset := _startxref(tail)) is not None:
        file.seek(offset + head.index(b"%PDF-"))
        hint = _xref_to_hint(file.read(_XREF_BYTES) or b"")
    return Content(digest.hexdigest(), problem, hint, bool(cut), several or head.startswith(ZIP_HEADS))


def _error_to_problem(error: OSError) -> str:
    """Say why a file cannot be read, and what to do."""
    what = error.strerror or type(error).__name__
    if isinstance(error, IrregularFileError):
        return f"is {what}: put the PDF itself there"
    if isinstance(error, TooLargeError):
        return f"is {what}, too large to be a report: raise document_mb in pipeline.toml if it is one"
    return f"cannot be opened ({what}): check the file and its rights"


def head_to_problem(head: bytes) -> str:
    """Return why the first bytes are not those of a PDF, "" if they are. The bytes themselves are not
    quoted."""
    if not head:
        return "the file is empty: fetch it again"
    if b"%PDF-" in head:
        return ""
    for pattern, what, todo in _LOOKS_LIKE:
        if re.match(pattern, head.removeprefix(codecs.BOM_UTF8), re.IGNORECASE | re.DOTALL):
            return f"not a PDF but {what}: {todo}"
    if b"\x00" not in head and not any(byte < _TEXT_MIN_BYTE for byte in head):
        return "not a PDF but text: fetch the report again"
    return "not a PDF: %PDF- is not among its first bytes: fetch the report again"


def _ends_to_hint(tail: bytes, size: int) -> str:
    """Return what says that the end of a PDF is missing, "" if nothing does."""
    if b"%%EOF" not in tail:
        return "the file has no end mark (%%EOF): it was probably cut off, fetch it again"
    offset = _startxref(tail)
    if offset is not None and offset >= size:
        return f"the file has {size} bytes and points at byte {offset}: it was probably cut, fetch it again"
    return ""


def _startxref(tail: bytes) -> int | None:
    """Return the byte at which the file says that its cross-reference table stands, None if it does not."""
    found = re.findall(rb"startxref\s+(\d{1,15})", tail)
    return int(found[-1]) if found else None


def _xref_to_hint(there: bytes) -> str:
    """Return a hint unless a table or a stream object stands at startxref; otherwise bytes were lost or
    doubled.

    PDF readers repair such files silently, and may leave out half of the text.
    """
    if re.match(rb"\s*(xref|\d+\s+\d+\s+obj)", there):
        return ""
    return "the cross-reference table is not where the file says: it may be damaged, fetch it again"


class _RecodingDetector:
    """Detects a PDF that was sent as text: all bytes above 127 were converted to UTF-8, and its streams are
    lost.

    Compressed streams are never valid UTF-8 by chance. PDF readers open such a file, but its text is lost.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._valid = True
        self._high = self._bytes = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        if not self._valid:
            return
        if chunk.isascii() and not self._decoder.getstate()[0]:  # a character may be cut between two chunks
            self._bytes += len(chunk)
            return
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._valid = False
            return
        self._bytes += len(chunk)
        self._high += len(chunk) - len(text.encode("ascii", "ignore"))

    def problem(self) -> str:
        """Return why the file is damaged, "" if it is not."""
        if not self._valid or self._high <= self._bytes * _RECODED_MIN_SHARE:
            return ""
        return "damaged on the way here: its bytes were re-coded as UTF-8 text: fetch it again as a file"
