"""Look at the compressed streams in the bytes of a PDF, without any PDF library."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from isal import igzip_lib, isal_zlib

INSPECTED_MAX_BYTES = 1 << 28
"""Bytes, packed or unpacked. No more of a file is looked at: more is no text, and may be a bomb."""

_START = re.compile(rb">>\s*stream\r?\n")
_FLATE_FIRST = re.compile(rb"/Filter\s*\[?\s*/FlateDecode")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_NO_CONTENT = re.compile(rb"/Length1\b|/Subtype\s*/(?:Image|Type1C|CIDFontType0C|OpenType)\b")
"""What says in its dictionary that a stream is a picture or a font, which prints no text."""

_INVISIBLE = re.compile(rb"\b3\s+Tr\b")
_MODE = b"Tr"
_PAGE = re.compile(rb"/Type\s*/Page\b")
_PART_BYTES = 1 << 20
"""Bytes. So many are unpacked at once."""

_ZLIB_HEADER = 2
"""Bytes. So long is the header before the deflated data."""

_NO_BYTES = re.compile(rb"/Length\s+0\b(?!\s+\d+\s+R\b)")
_LINE_END = 2
"""Bytes. A line end of no more may stand before the end of a stream."""

_FLUSHED = b"\0\0\xff\xff"


@dataclass(frozen=True, slots=True)
class ByteFacts:
    """How many streams do not unpack to what their checksum says, and how many pages there are.

    `invisible` says that some text is printed in a mode in which nobody sees it.
    """

    damaged: int
    pages: int
    invisible: bool = False


class Unpacked(NamedTuple):
    """A stream that was unpacked: its bytes, the pages among its objects, whether all of it is sound.

    `invisible` says that it prints text in a mode in which nobody sees it.
    """

    size: int
    pages: int
    is_sound: bool
    invisible: bool


def file_to_byte_facts(path: Path) -> ByteFacts | None:
    """Return what the bytes of a file show; None where they are encrypted."""
    with path.open("rb") as file:
        data = file.read(
            min(path.stat().st_size, INSPECTED_MAX_BYTES)
        )  # so many bytes are asked of the system at once
    if b"/Encrypt" in data:
        return None
    damaged, pages, left = 0, len(_PAGE.findall(data)), INSPECTED_MAX_BYTES
    invisible = _prints_invisibly(data)
    for dictionary, packed in _streams(data):
        stream = _unpack(packed, left, b"/ObjStm" in dictionary, not _NO_CONTENT.search(dictionary))
        pages, left, invisible = pages + stream.pages, left - stream.size, invisible or stream.invisible
        damaged += not (stream.is_sound or _PICTURE.search(dictionary))
        if left <= 0:
            break
    return ByteFacts(damaged, pages, invisible)


def _streams(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the dictionary and the packed bytes of every stream that Flate unpacks first."""
    view = memoryview(data)
    for start in _START.finditer(data):
        dictionary = data[data.rfind(b" obj", 0, start.start()) : start.start()]
        if _FLATE_FIRST.search(dictionary):
            end = data.find(b"endstream", start.end())
            packed = view[start.end() : end if end >= 0 else None]
            if not _is_said_to_be_empty(dictionary, packed):
                yield dictionary, packed


def _is_said_to_be_empty(dictionary: bytes, packed: memoryview) -> bool:
    """Whether a stream holds nothing and says so: libraries add such a one to a blank page."""
    return bool(_NO_BYTES.search(dictionary)) and not bytes(packed[: _LINE_END + 1]).strip(b"\r\n")


def _unpack(packed: memoryview, most: int, holds_objects: bool, may_print: bool) -> Unpacked:
    """Unpack a stream up to about `most` bytes, and look for pages and for text where it may hold any."""
    unpacker, size, pages, invisible = isal_zlib.decompressobj(), 0, 0, False
    try:
        for part in _parts(unpacker, packed):
            size += len(part)
            pages += len(_PAGE.findall(part)) if holds_objects else 0
            invisible = invisible or (may_print and _prints_invisibly(part))
            if size >= most:
                return Unpacked(size, pages, True, invisible)
    except igzip_lib.IsalError:
        return Unpacked(size, pages, False, invisible)
    return Unpacked(size, pages, unpacker.eof or _lacks_only_its_end(packed), invisible)


def _prints_invisibly(data: bytes) -> bool:
    """Whether text is printed in a mode in which nobody sees it.

    The pattern begins with no fixed byte and is slow to search for; few bytes hold a mode at all.
    """
    at = data.find(_MODE)
    while at >= 0:
        if data[at - 1 : at].isspace():
            return bool(_INVISIBLE.search(data))
        at = data.find(_MODE, at + len(_MODE))
    return False


def _parts(unpacker: Any, packed: memoryview) -> Iterator[bytes]:
    """Yield what a stream unpacks to, part by part, to its end or that of its bytes.

    Raise the unpacker's error.
    """
    while not unpacker.eof:
        part = unpacker.decompress(packed, _PART_BYTES)
        packed = unpacker.unconsumed_tail
        if not (part or packed):
            return
        yield part


def _lacks_only_its_end(packed: memoryview) -> bool:
    """Whether a stream has all its data and lacks only its end mark or its checksum, which is no damage.

    Acrobat flushes streams and does not close them.
    """
    if bytes(packed[-6:]).rstrip(b"\r\n").endswith(_FLUSHED):
        return True
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for _ in _parts(unpacker, packed[_ZLIB_HEADER:]):
        pass
    return unpacker.eof
