"""Bytes or names of files → what kind of file it is, by media_types.toml."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import IO, Literal

from pipeline.acquire.packed_names import OLE_HEAD, ZIP_HEADS, ole_to_names, zip_to_names
from pipeline.records import PDF_MEDIA_TYPE
from pipeline.typed_toml import Strict, load_packaged

HEAD_BYTES = 8192
"""Bytes at the beginning of a file by which its kind is told."""

PDF_HEAD_BYTES = 1024
"""Bytes at the beginning of a file in which PDF readers look for %PDF-."""

UNKNOWN_MEDIA_TYPE = "application/octet-stream"
"""The media type of what is no known kind."""

PAGE_FOR_PDF = "a web page under the name of a PDF: fetch the PDF again"
"""What is said of a page that has the name of a PDF."""

_TEXT_MEDIA_TYPE = "text/plain"

_TEXT_MIN_BYTE = 9
"""Value of a byte. Text has none that is lower: 9 is the tab."""

_BLANKS = b" \t\r\n\f\x0b"

Use = Literal["read", "refused", "container", "archive", "other"]


class _KindEntry(Strict, frozen=True):
    """A [[kind]] of the file, which explains the keys."""

    media_type: str
    words: str
    use: Use
    suffixes: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    todo: str = ""


class _NameEntries(Strict, frozen=True):
    """The [names] of the file."""

    left: tuple[str, ...]
    ours: tuple[str, ...]
    page_folders: tuple[str, ...]


class _MediaTypes(Strict, frozen=True):
    """The file."""

    kind: tuple[_KindEntry, ...]
    names: _NameEntries


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type, what it is in words, what is done with it, and what a user can do.

    `use` is read, refused, container, archive or other; media_types.toml explains them. `suffix` is how the
    names of such files end, with its dot, "" where no ending is usual.
    """

    media_type: str
    words: str
    use: Use
    suffix: str
    todo: str

    @property
    def problem(self) -> str:
        """Return why a file of this kind is not read, "" if it is."""
        if self.use in ("read", "container"):
            return ""
        return f"{self.words}, which is not read" + (f": {self.todo}" if self.todo else "")


def file_to_kind(file: IO[bytes]) -> Kind:
    """Return the kind of an open file, by its bytes. It stands at its beginning afterwards. OSError."""
    file.seek(0)
    kind = _head_to_kind(file.read(HEAD_BYTES) or b"", file)
    file.seek(0)
    return kind


def bytes_to_kind(data: bytes) -> Kind:
    """Return the kind of a file with these bytes, which are all it has."""
    return file_to_kind(io.BytesIO(data))


def name_to_kind(name: str) -> Kind | None:
    """Return the kind of which the ending of a name is usual, None where it is that of none."""
    return _suffixes().get(_ending(name))


def media_type_to_kind(media_type: str) -> Kind:
    """Return the kind of this media type: the one that is read, else the last. KeyError if there is none."""
    kinds = {entry.use == "read": entry for entry in _table().kind if entry.media_type == media_type}
    if not kinds:
        raise KeyError(media_type)
    return _to_kind(kinds[max(kinds)])


def read_media_types() -> frozenset[str]:
    """Return the media types of all kinds that are read."""
    return frozenset(kind.media_type for kind in _table().kind if kind.use == "read")


def is_left(name: str) -> bool:
    """Whether a file of this name is one that programs put beside others, and no report."""
    return _fits(name, _table().names.left)


def is_ours(name: str) -> bool:
    """Whether a file of this name is one of this program's own."""
    return _fits(name, _table().names.ours)


def page_to_folders(name: str) -> tuple[str, ...]:
    """Return the names that the folder with the parts of a saved page has, for the page of this name."""
    stem = name[: -len(_ending(name))] if _ending(name) else name
    return tuple(stem + ending for ending in _table().names.page_folders)


def is_page(name: str) -> bool:
    """Whether a name is that of a web page."""
    kind = name_to_kind(name)
    return kind is not None and kind.media_type == "text/html"


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name fits one of these patterns, whatever its capitals."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def is_page_for_pdf(name: str, media_type: str) -> bool:
    """Whether a web page has the name of a PDF: a site sends one in place of it."""
    kind = name_to_kind(name)
    return kind is not None and kind.media_type == PDF_MEDIA_TYPE and media_type == "text/html"


def read_suffixes() -> tuple[str, ...]:
    """Return how the names of files of each kind that is read usually end, that of PDFs first."""
    suffixes = [entry.suffixes[0] for entry in _table().kind if entry.use == "read"]
    return tuple(dict.fromkeys(suffixes))


@cache
def _table() -> _MediaTypes:
    """Return the content of the file."""
    return load_packaged("pipeline.acquire", "media_types.toml", _MediaTypes)


def _to_kind(entry: _KindEntry) -> Kind:
    """Return the kind of an entry."""
    suffix = entry.suffixes[0] if entry.suffixes else ""
    return Kind(entry.media_type, entry.words, entry.use, suffix, entry.todo)


@cache
def _suffixes() -> dict[str, Kind]:
    """Return the kinds by the endings of names."""
    return {suffix: _to_kind(entry) for entry in _table().kind for suffix in entry.suffixes}


def _ending(name: str) -> str:
    """Return the ending of a name with its dot, in small letters."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def _head_to_kind(head: bytes, file: IO[bytes]) -> Kind:
    """Return the kind of a file with these first bytes."""
    packed = _packed_kinds(head, file)
    if entry := next(packed, None):
        return _to_kind(entry)
    if b"%PDF-" in head[:PDF_HEAD_BYTES] and not head.startswith(ZIP_HEADS):  # a PDF may lie unpacked in one
        return media_type_to_kind(PDF_MEDIA_TYPE)
    return next(_kinds_of_head(_to_plain(head)), None) or _unmarked(head)


def _packed_kinds(head: bytes, file: IO[bytes]) -> Iterator[_KindEntry]:
    """Yield the kinds that a packed file with these first bytes is by what it holds."""
    if head.startswith(ZIP_HEADS):
        names, types = zip_to_names(file)
        yield from (entry for entry in _table().kind if _is_packed_so(entry, names, types))
    elif head.startswith(OLE_HEAD):
        streams = ole_to_names(file)
        yield from (entry for entry in _table().kind if streams & set(entry.streams))


def _is_packed_so(entry: _KindEntry, names: frozenset[str], types: bytes) -> bool:
    """Whether a ZIP archive with these members and content types is of this kind."""
    return any(b'"%s"' % part.encode() in types for part in entry.parts) or any(
        member in names for member in entry.members
    )


def _kinds_of_head(head: bytes) -> Iterator[Kind]:
    """Yield the kinds to which the first bytes of a file fit, first those that begin so."""
    yield from (kind for pattern, kind in _heads() if pattern.match(head))
    if b"\x00" not in head:
        yield from (kind for pattern, kind in _anywhere() if pattern.search(head))


@cache
def _heads() -> tuple[tuple[re.Pattern[bytes], Kind], ...]:
    """Return the expressions for the beginnings of files."""
    return tuple((_compiled(head), _to_kind(entry)) for entry in _table().kind for head in entry.heads)


@cache
def _anywhere() -> tuple[tuple[re.Pattern[bytes], Kind], ...]:
    """Return the expressions for any place among the first bytes."""
    return tuple((_compiled(text), _to_kind(entry)) for entry in _table().kind for text in entry.anywhere)


def _compiled(expression: str) -> re.Pattern[bytes]:
    """Return an expression for bytes."""
    return re.compile(expression.encode("latin-1"), re.IGNORECASE)


def _to_plain(head: bytes) -> bytes:
    """Return first bytes without a byte order mark and blanks; of text in UTF-16 one byte a character."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            text = head[2:].decode(encoding, errors="replace")
            return text.encode("latin-1", errors="replace").lstrip(_BLANKS)
    return head.removeprefix(codecs.BOM_UTF8).lstrip(_BLANKS)


def _unmarked(head: bytes) -> Kind:
    """Return the kind of bytes without any mark: text, or what is no known kind."""
    is_text = b"\x00" not in head and not any(byte < _TEXT_MIN_BYTE for byte in head)
    return media_type_to_kind(_TEXT_MEDIA_TYPE if is_text else UNKNOWN_MEDIA_TYPE)
