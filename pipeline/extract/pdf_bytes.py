"""Look at the compressed streams in the bytes of a PDF, without any PDF library."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from isal import igzip_lib, isal_zlib

INSPECTED_MAX_BYTES = 1 << 28
"""Bytes, packed or unpacked. No more of a file is looked at: more is no text, and may be a bomb."""

_START = re.compile(rb">>\s*stream\r?\n")
_FLATE_FIRST = re.compile(rb"/Filter\s*\[?\s*/FlateDecode")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_NO_CONTENT = re.compile(rb"/Length1\b|/Subtype\s*/(?:Image|Type1C|CIDFontType0C|OpenType)\b")
"""What says in its dictionary that a stream is a picture or a font, which prints no text."""

_MODE = b"Tr"
_INVISIBLE = re.compile(rb"3(?<!\w3)\s+Tr\b")
"""The mode in which nobody sees a text; a pattern that begins with a fixed byte is searched for fast."""

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

    `packed` counts the bytes that it was unpacked from, 0 where its end was not found. `invisible` says that
    it prints text in a mode in which nobody sees it.
    """

    packed: int
    size: int
    pages: int
    is_sound: bool
    invisible: bool


def data_to_byte_facts(data: bytes) -> ByteFacts | None:
    """Return what the bytes of a file show; None where they are encrypted.

    Each is looked at once: packed, or as it stands.
    """
    data = data[:INSPECTED_MAX_BYTES]
    view, bare = memoryview(data), list[memoryview]()
    damaged, pages, invisible, left = 0, 0, False, INSPECTED_MAX_BYTES
    at = done = 0
    while left > 0 and (start := _START.search(data, at)):
        at = start.end()
        dictionary = data[data.rfind(b" obj", 0, start.start()) : start.start()]
        packed = view[at : _end_of_stream(data, at)]
        if not _FLATE_FIRST.search(dictionary) or _is_said_to_be_empty(dictionary, packed):
            continue
        stream = _unpack(packed, left, b"/ObjStm" in dictionary, not _NO_CONTENT.search(dictionary))
        bare.append(view[done:at])
        at = done = at + stream.packed
        pages, left, invisible = pages + stream.pages, left - stream.size, invisible or stream.invisible
        damaged += not (stream.is_sound or _PICTURE.search(dictionary))
    rest = b"\n".join([*bare, view[done:]])
    if b"/Encrypt" in rest:
        return None
    return ByteFacts(damaged, pages + len(_PAGE.findall(rest)), invisible or _prints_invisibly(rest))


def _end_of_stream(data: bytes, begin: int) -> int | None:
    """Return the index at which a stream that begins here ends; None where it ends with its file."""
    end = data.find(b"endstream", begin)
    return end if end >= 0 else None


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
                return Unpacked(0, size, pages, True, invisible)
    except igzip_lib.IsalError:
        return Unpacked(0, size, pages, False, invisible)
    taken = len(packed) - len(unpacker.unused_data) if unpacker.eof else 0
    return Unpacked(taken, size, pages, unpacker.eof or _lacks_only_its_end(packed), invisible)


def _prints_invisibly(data: bytes) -> bool:
    """Whether text is printed in a mode in which nobody sees it; few bytes hold a mode at all."""
    return _MODE in data and bool(_INVISIBLE.search(data))


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
