"""Files that are packed → what they hold, by name: ZIP archives, compound files of old Office programs.

Nothing here is unpacked but the list of content types of an Open Packaging file, and that within bounds.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from struct import error as struct_error
from struct import unpack_from
from typing import IO

from pipeline.files.regular_file import CHUNK

ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")
"""What ZIP archives begin with, the second those without members."""

OLE_HEAD = b"\xd0\xcf\x11\xe0"
"""What compound files begin with."""

CONTENT_TYPES = "[Content_Types].xml"
"""The member of an Open Packaging file that says of what kinds its parts are."""

CONTENT_TYPES_MAX_BYTES = 1 << 20
"""Bytes. No more is unpacked of the list of content types; those of Word and Excel have a few thousand."""

LISTED_MEMBERS_MAX = 20_000
"""Count. An archive with more members is not listed: its kind is told by its head alone."""

_ENTRY = b"PK\x01\x02"
"""What each entry begins with in the list of its members that an archive has."""

_OLE_HEADER_BYTES = 512
"""Bytes. The header of a compound file."""

_OLE_ENTRY_BYTES = 128
"""Bytes. An entry in the directory of a compound file."""

_OLE_NAME_BYTES = 64
"""Bytes. The name in an entry of the directory of a compound file."""

_OLE_SECTORS_MAX = 1 << 14
"""Count. No more sectors of a directory are read: those of a report with many pictures are a hundred."""

_OLE_SHIFTS = (9, 12)
"""Bits of a place within a sector: the sectors of compound files have 512 or 4,096 bytes."""

_OLE_IN_HEADER = 109
"""Count. The header itself names as many sectors of the table that chains all sectors."""

_FIRST_MARK = 0xFFFFFFFA
"""Number of a sector from which on it is none, but the end of a chain, a free place, or no sector at all."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def count_members(file: IO[bytes]) -> int:
    """Return how many members an archive lists, without making a list of them; at least as many."""
    file.seek(0)
    found, end = 0, b""
    while chunk := file.read(CHUNK):
        found += (end + chunk).count(_ENTRY)
        end = chunk[1 - len(_ENTRY) :]
    file.seek(0)
    return found


def zip_to_names(file: IO[bytes]) -> tuple[frozenset[str], bytes]:
    """Return the names of the members of an archive, and its list of content types; nothing of a damaged one.

    `file` may stand anywhere and stands at its beginning afterwards.
    """
    try:
        if count_members(file) > LISTED_MEMBERS_MAX:
            return frozenset(), b""
        with zipfile.ZipFile(file) as archive:
            names = frozenset(archive.namelist())
            return names, _content_types(archive) if CONTENT_TYPES in names else b""
    except _BROKEN:
        return frozenset(), b""
    finally:
        file.seek(0)


def _content_types(archive: zipfile.ZipFile) -> bytes:
    """Return the list of content types; b"" where it cannot be unpacked."""
    try:
        with archive.open(CONTENT_TYPES) as packed:
            return packed.read(CONTENT_TYPES_MAX_BYTES)
    except _BROKEN:
        return b""


def ole_to_names(file: IO[bytes]) -> frozenset[str]:
    """Return the names in the root of a compound file; nothing of a damaged one.

    What lies deeper, such as a sheet of Excel within a document of Word, does not count.
    """
    try:
        entries = b"".join(_directory(file))
        return frozenset(_root_names(entries))
    except (struct_error, OSError, ValueError, UnicodeDecodeError):
        return frozenset()
    finally:
        file.seek(0)


def _directory(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the sectors of the directory of a compound file. ValueError where they lead in circles."""
    file.seek(0)
    header = file.read(_OLE_HEADER_BYTES)
    (shift,) = unpack_from("<H", header, 30)
    if shift not in _OLE_SHIFTS:
        raise ValueError(f"sectors of 2^{shift} bytes")
    (sector,) = unpack_from("<I", header, 48)
    tables = _table_sectors(file, header, shift)
    for _ in range(_OLE_SECTORS_MAX):
        if sector >= _FIRST_MARK:
            return
        yield _sector(file, sector, shift)
        place, offset = divmod(sector * 4, 1 << shift)
        (sector,) = unpack_from("<I", _sector(file, tables[place], shift), offset)
    raise ValueError("a directory without an end")


def _table_sectors(file: IO[bytes], header: bytes, shift: int) -> list[int]:
    """Return the sectors of the table that says which sector follows which."""
    tables = list(unpack_from(f"<{_OLE_IN_HEADER}I", header, 76))
    (more,) = unpack_from("<I", header, 68)
    for _ in range(_OLE_SECTORS_MAX):
        if more >= _FIRST_MARK:
            return tables
        *others, more = unpack_from(f"<{(1 << shift) // 4}I", _sector(file, more, shift))
        tables += others
    raise ValueError("a table without an end")


def _sector(file: IO[bytes], number: int, shift: int) -> bytes:
    """Return the bytes of a sector."""
    file.seek((number + 1) << shift)
    return file.read(1 << shift)


def _root_names(entries: bytes) -> Iterator[str]:
    """Yield the names of the entries that lie in the root, which is the first entry."""
    waiting, seen = [unpack_from("<I", entries, 76)[0]], set[int]()
    while waiting:
        number = waiting.pop()
        start = number * _OLE_ENTRY_BYTES
        if number in seen or start + _OLE_ENTRY_BYTES > len(entries):
            continue
        seen.add(number)
        length, _, _, left, right = unpack_from("<HBBII", entries, start + _OLE_NAME_BYTES)
        yield entries[start : start + max(0, min(length, _OLE_NAME_BYTES) - 2)].decode("utf-16-le")
        waiting += [left, right]
