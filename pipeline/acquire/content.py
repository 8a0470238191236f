"""The bytes of a file → its hash, its kind, and why it is not read or looks damaged; no library is used."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.acquire.media_types import (
    PAGE_FOR_PDF,
    PDF_HEAD_BYTES,
    UNKNOWN_MEDIA_TYPE,
    Kind,
    bytes_to_kind,
    file_to_kind,
    is_page_for_pdf,
)
from pipeline.files.regular_file import (
    CHUNK,
    DOCUMENT_MAX_BYTES,
    IrregularFileError,
    TooLargeError,
    file_to_chunks,
    link_to_target,
    open_regular,
)
from pipeline.records import PDF_MEDIA_TYPE

PDF_END = b"%%EOF"
_EMPTY = "the file is empty: fetch it again"
_HEAD, _OBJECT = re.compile(rb"%PDF-\d"), b"obj"

_TOKEN_MAX_BYTES = 6
"""Bytes. What tells where a PDF begins and ends is no longer."""

PDF_TAIL_BYTES = 2048
"""Bytes at the end of a file in which PDF readers look for %%EOF."""

_RECODED_MIN_SHARE = 0.1
"""Share of a file's bytes. A PDF that is valid UTF-8 was sent as text if more of its bytes are above 127.

A PDF with compressed streams has far more of them, plain text has fewer. Tests pin it: a PDF that was sent as
text is recognised, one whose metadata alone are Chinese is none such.
"""

_XREF_BYTES = 32
"""Bytes that are looked at where a file says that its cross-reference table begins."""


@dataclass(frozen=True, slots=True)
class Content:
    """The hash of a file, why it is not read (`problem`), and what looks damaged (`hint`). `is_cut` says
    that its end is missing, `is_container` that it may hold several documents. `media_type` is that of its
    bytes."""

    sha256: str
    problem: str
    hint: str
    is_cut: bool = False
    is_container: bool = False
    media_type: str = UNKNOWN_MEDIA_TYPE

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
    """Whether a file with these bytes may hold several documents: an archive, PDFs one behind the other."""
    kind = bytes_to_kind(data)
    return kind.use == "container" or (kind.media_type == PDF_MEDIA_TYPE and bool(further_pdfs(data)))


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
    kind = bytes_to_kind(data)
    if not data or kind.media_type != PDF_MEDIA_TYPE:
        return bytes_to_problem(data)
    detector = _RecodingDetector()
    for start in range(0, len(data), CHUNK):
        detector.feed(data[start : start + CHUNK])
    return detector.problem() or _ends_to_hint(data[-PDF_TAIL_BYTES:], len(data))


def bytes_to_problem(data: bytes) -> str:
    """Return why a file with these bytes is of no kind that is read, "" if it is of one. The bytes themselves
    are not quoted."""
    return _kind_to_problem(bytes_to_kind(data), len(data))


def document_to_problem(name: str, data: bytes) -> str:
    """Return why a document of this name with these bytes is not read, "" if it is."""
    misnamed = is_page_for_pdf(name, bytes_to_kind(data).media_type)
    return bytes_to_problem(data) or (PAGE_FOR_PDF if misnamed else "")


def _kind_to_problem(kind: Kind, size: int) -> str:
    """Return why a file of this kind and of `size` bytes is not read, "" if it is."""
    return kind.problem if size else _EMPTY


def _file_to_content(file: io.FileIO, largest: int) -> Content:
    """Hash an open file; of a PDF look at its end and its cross-reference table, and for others behind it."""
    kind = file_to_kind(file)
    digest, pdf = hashlib.sha256(), _PdfScan() if kind.media_type == PDF_MEDIA_TYPE else None
    size = 0
    for chunk in file_to_chunks(file, largest):
        digest.update(chunk)
        size += len(chunk)
        if pdf:
            pdf.feed(chunk)
    sha256, problem = digest.hexdigest(), _kind_to_problem(kind, size)
    if pdf and size:
        return pdf.to_content(sha256, file)
    return Content(sha256, problem, "", is_container=kind.use == "container", media_type=kind.media_type)


class _PdfScan:
    """Takes the bytes of a PDF, in pieces, and tells what looks damaged."""

    def __init__(self) -> None:
        self._detector = _RecodingDetector()
        self._head = self._tail = b""
        self._size = 0
        self._several = self._ended = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        self._detector.feed(chunk)
        joined = self._tail[-_TOKEN_MAX_BYTES:] + chunk
        self._several = self._several or bool(further_pdfs(joined, ended=self._ended))
        self._ended = _has_ended(joined, len(joined), self._ended)
        if len(self._head) < PDF_HEAD_BYTES:
            self._head = (self._head + chunk)[:PDF_HEAD_BYTES]
        self._tail = (self._tail + chunk)[-PDF_TAIL_BYTES:]
        self._size += len(chunk)

    def to_content(self, sha256: str, file: io.FileIO) -> Content:
        """Return what these bytes, which the open `file` has, say."""
        problem = self._detector.problem()
        hint = cut = "" if problem else _ends_to_hint(self._tail, self._size)
        if not problem and not cut and (offset := _startxref(self._tail)) is not None:
            file.seek(offset + self._head.index(b"%PDF-"))
            hint = _xref_to_hint(file.read(_XREF_BYTES) or b"")
        return Content(sha256, problem, hint, bool(cut), self._several, PDF_MEDIA_TYPE)


def _error_to_problem(error: OSError) -> str:
    """Say why a file cannot be read, and what to do."""
    what = error.strerror or type(error).__name__
    if isinstance(error, IrregularFileError):
        return f"is {what}: put the document itself there"
    if isinstance(error, TooLargeError):
        return f"is {what}, too large to be a report: raise document_mb in pipeline.toml if it is one"
    return f"cannot be opened ({what}): check the file and its rights"


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
