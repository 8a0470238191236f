"""Files that hold several PDFs: ZIP archives, and PDFs put one behind the other → each PDF in them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from pipeline.acquire.content import PDF_BEHIND_PDF, PDF_HEAD_BYTES, ZIP_HEAD
from pipeline.files.regular_file import CHUNK, open_regular

UNPACKED_MEMBERS_MAX = 2000
"""Count. No more members of an archive are unpacked: the reports of all bureaus of a province are fewer."""

_OFFICE = "[Content_Types].xml"
"""A member that the files of office programs have."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """A PDF in a container: its name there, and the file with its bytes."""

    name: str
    path: Path


def file_to_members(path: Path, largest: int) -> tuple[Member, ...]:
    """Return the PDFs in a container, each unpacked to a file of its own; none where it holds none.

    No more than `largest` bytes are unpacked in all, and what is more is left out. The files are there until
    this program ends.
    """
    try:
        with open_regular(path, largest=largest) as file:
            if file.read(len(ZIP_HEAD)) == ZIP_HEAD:
                return tuple(sorted(_unpacked(file, largest), key=lambda member: member.name))
            file.seek(0)
            return tuple(_cut(file.readall() or b""))
    except _BROKEN:
        return ()


@cache
def _folder() -> TemporaryDirectory[str]:
    """Return the folder for what is unpacked, which goes when this program ends."""
    return TemporaryDirectory(prefix="unpacked-")


def _kept(content: bytes, name: str) -> Member:
    """Return a member whose bytes were written to a new file."""
    path = Path(_folder().name, f"{sum(1 for _ in Path(_folder().name).iterdir()):06}.pdf")
    path.write_bytes(content)
    return Member(name, path)


def _cut(content: bytes) -> Iterator[Member]:
    """Yield each of the PDFs in a file that has them one behind the other; none where there is one."""
    starts = [0, *(found.end() for found in PDF_BEHIND_PDF.finditer(content)), len(content)]
    if len(starts) > 2:
        for number, (start, end) in enumerate(pairwise(starts), start=1):
            yield _kept(content[start:end], f"{number}.pdf")


def _unpacked(file: IO[bytes], largest: int) -> Iterator[Member]:
    """Yield each PDF in a ZIP archive that is no document of an office program."""
    left = largest
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        for info in archive.infolist()[:UNPACKED_MEMBERS_MAX] if _OFFICE not in names else ():
            if info.is_dir() or info.flag_bits & 1 or info.file_size > left:
                continue
            content = _member_to_bytes(archive, info, left)
            if b"%PDF-" in content[:PDF_HEAD_BYTES]:
                left -= len(content)
                yield _kept(content, _name_of(info))


def _member_to_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, largest: int) -> bytes:
    """Return the bytes of a member; only those of its head where it is no PDF, none where it is too long."""
    with archive.open(info) as member:
        content = member.read(PDF_HEAD_BYTES)
        if b"%PDF-" not in content:
            return content
        while chunk := member.read(CHUNK):
            content += chunk
            if len(content) > largest:
                return b""
    return content


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return the name of a member, in slashes. Programs on Windows write GBK and do not say so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..")) or "unnamed.pdf"
