"""Files that hold several documents: ZIP archives, PDFs put one behind the other → each document in them."""

from __future__ import annotations

import atexit
import errno
import hashlib
import io
import shutil
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import IO

from pipeline.acquire.content import PDF_END, further_pdfs
from pipeline.acquire.media_types import (
    HEAD_BYTES,
    Kind,
    bytes_to_kind,
    file_to_kind,
    is_left,
    is_page,
    name_to_kind,
    page_to_folders,
)
from pipeline.acquire.packed_names import count_members
from pipeline.acquire.search import names_to_words
from pipeline.files.own_folder import LOCK, clear_abandoned, make_own_folder
from pipeline.files.regular_file import CHUNK, open_regular
from pipeline.records import PDF_MEDIA_TYPE

ARCHIVE_MEMBERS_MAX = 2000
"""Count. An archive with more members is not unpacked: the reports of all bureaus of a province are fewer."""

ARCHIVE_DEPTH_MAX = 3
"""Count. An archive that lies in as many others is not unpacked: a province's has one of each city in it."""

_PREFIX = "nianbao-unpacked-"
_FULL = (errno.ENOSPC, errno.EDQUOT)

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The ways of packing that give no more bytes than they are asked for."""

_ENCRYPTED_FLAG = 0x1
"""Index, of the bit of a ZIP member that says it is encrypted, as a mask."""

_UTF8_FLAG = 0x800
"""Index, of the bit of a ZIP member that says its name is UTF-8, as a mask."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)

_BY_HAND = "unpack it by hand, and give the folder"


@dataclass(frozen=True, slots=True)
class Member:
    """A document in a container: its name there, and the file with its bytes; or why there is none."""

    name: str
    path: Path
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """The documents in a file, by name; none where it holds no several.

    `problem` says why it cannot be unpacked, "" if it can. `note` says what else an archive holds, or what it
    is if it holds no document; "" if there is nothing to say.
    """

    members: tuple[Member, ...] = ()
    problem: str = ""
    note: str = ""


def file_to_container(path: Path, largest: int) -> Container:
    """Return the documents in a container, each unpacked to a file of its own; none of any other file.

    No more than `largest` bytes are unpacked in all. A member that looks like a document or an archive and is
    not unpacked has a problem. The files are there until this program ends.
    """
    try:
        with open_regular(path, largest=largest) as file:
            return _to_container(file, largest)
    except _BROKEN as error:
        return _broken_to_container(error)


def bytes_to_container(data: bytes, largest: int) -> Container:
    """Return the documents in a container with these bytes, as `file_to_container` does."""
    try:
        return _to_container(io.BytesIO(data), largest)
    except _BROKEN as error:
        return _broken_to_container(error)


def clear_unpacked() -> None:
    """Remove all files to which this process has unpacked documents."""
    for path in _folder().iterdir():
        if path.name != LOCK:
            path.unlink(missing_ok=True)


def _to_container(file: IO[bytes], largest: int) -> Container:
    """Return the documents in an open container."""
    kind = file_to_kind(file)
    if kind.use == "container":
        return _archive_to_container(file, largest)
    return _pdfs_to_container(file.read()) if kind.media_type == PDF_MEDIA_TYPE else Container()


def _broken_to_container(error: BaseException) -> Container:
    """Return what to say of a container that cannot be unpacked."""
    what = f"a ZIP archive or a Word file (.docx) that cannot be unpacked ({_words(error)})"
    return Container(problem=f"{what}: {_todo(error)}")


def path_to_container(path: Path) -> Path | None:
    """Return the file below which a path leads on, as archive.zip/inner.pdf does; None if there is none."""
    for above in path.parents:
        try:
            return above if S_ISREG(above.stat().st_mode) else None
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError):
            return None
    return None


@cache
def _folder() -> Path:
    """Return the folder for what is unpacked, which goes when this program ends; after a kill, when the next
    unpacks."""
    clear_abandoned(_PREFIX, _remove)
    folder, _ = make_own_folder(_PREFIX)
    atexit.register(_remove, folder)
    return folder


def _remove(folder: Path) -> None:
    """Remove a folder for what is unpacked."""
    shutil.rmtree(folder, ignore_errors=True)


def _kept(pieces: Iterator[bytes]) -> Path:
    """Write bytes to a file that is named by their hash and ends as their kind does, and return its path."""
    digest = hashlib.sha256()
    part = _folder() / "part"
    with part.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    with part.open("rb") as file:
        kind = file_to_kind(file)
    return part.rename(part.with_name(f"{digest.hexdigest()}{kind.suffix}"))


def _pdfs_to_container(content: bytes) -> Container:
    """Return each of the PDFs in a file that has them one behind the other; none where there is one."""
    starts = further_pdfs(content)
    if len(starts) >= ARCHIVE_MEMBERS_MAX:
        return Container(
            problem=f"{len(starts) + 1:,} PDFs one behind the other: part it, and give the folder"
        )
    ends = [content.rfind(PDF_END, 0, start) + len(PDF_END) for start in starts]
    places = zip([0, *starts], [*ends, len(content)], strict=True) if starts else ()
    cut = (_kept(iter([content[start:end]])) for start, end in places)
    return Container(tuple(Member(f"{number}.pdf", path) for number, path in enumerate(cut, start=1)))


class _RefusedError(Exception):
    """An archive that is not unpacked; the container says why."""

    def __init__(self, container: Container) -> None:
        super().__init__(container.problem)
        self.container = container


@dataclass(slots=True)
class _Room:
    """What may still be unpacked of an archive and those within it: bytes, and members."""

    size: int
    members: int = ARCHIVE_MEMBERS_MAX


def _archive_to_container(file: IO[bytes], largest: int) -> Container:
    """Return the documents in a ZIP archive and in those within it, or what else it is."""
    try:
        members, others = _unpack(file, _Room(largest))
    except _RefusedError as error:
        return error.container
    return Container(
        tuple(sorted(members, key=lambda member: member.name)), note=_others_to_note(others, bool(members))
    )


def _unpack(file: IO[bytes], room: _Room, depth: int = 0) -> tuple[list[Member], set[str]]:
    """Return the documents in an archive that lies in `depth` others, and the names of its other files."""
    entries = count_members(file)
    if entries > room.members:
        what = f"a ZIP archive of {entries:,} members, more than {room.members:,}: {_BY_HAND}"
        raise _RefusedError(Container(problem=what))
    room.members -= entries
    with zipfile.ZipFile(file) as archive:
        members, others = list[Member](), set[str]()
        there = list(_files(archive))
        parts = _part_folders(name for _, name in there)
        for info, name in there:
            if is_page(name) and parts & set(PurePosixPath(name).parents):
                others.add(name)
                continue
            found, unread = _unpack_file(archive, info, name, room, depth)
            members += found
            others |= unread
    return members, others


def _part_folders(names: Iterable[str]) -> set[PurePosixPath]:
    """Return the folders in an archive that hold the parts of web pages of these names, if they are there."""
    pages = (PurePosixPath(name) for name in names if is_page(name))
    return {page.with_name(folder) for page in pages for folder in page_to_folders(page.name)}


def _others_to_note(names: Collection[str], has_documents: bool) -> str:
    """Return what to say of an archive for its files that are no documents."""
    if not names:
        return "" if has_documents else "a ZIP archive with nothing in it: fetch it again"
    count = f"{len(names):,} files that are no reports" if len(names) > 1 else "1 file that is no report"
    what = f"with {count} beside its documents" if has_documents else f"without a document, with {count}"
    return f"a ZIP archive {what}: {names_to_words(sorted(names))}"


def _files(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield each file in an archive that is not hidden, and its name. Of equal names the later have a number
    before them."""
    names = set[str]()
    for number, info in enumerate(archive.infolist(), start=1):
        name = _name_of(info)
        if not info.is_dir() and not _is_hidden(name):
            while name in names:
                name = f"{number}/{name}"
            names.add(name)
            yield info, name


def _unpack_file(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, room: _Room, depth: int
) -> tuple[list[Member], set[str]]:
    """Return the documents that a file in an archive is or holds, and the names of what is none."""
    member = _to_member(archive, info, name, room.size)
    if not member:
        return [], {name}
    if member.problem:
        return [member], set()
    room.size -= info.file_size
    with member.path.open("rb") as file:
        kind = file_to_kind(file)
        if kind.use == "container":
            return _unpack_within(member.name, file, room, depth + 1)
    return list(_member_to_pdfs(member)) if kind.media_type == PDF_MEDIA_TYPE else [member], set()


def _unpack_within(name: str, file: IO[bytes], room: _Room, depth: int) -> tuple[list[Member], set[str]]:
    """Return the documents in an archive of this name that lies in `depth` others, and the names of its
    other files."""
    if depth >= ARCHIVE_DEPTH_MAX:
        return [Member(name, Path(), f"an archive within {depth} others: {_BY_HAND}")], set()
    try:
        members, others = _unpack(file, room, depth)
    except _RefusedError as error:
        return [Member(name, Path(), str(error))], set()
    except _BROKEN as error:
        return [Member(name, Path(), _broken(error))], set()
    named = [replace(member, name=f"{name}/{member.name}") for member in members]
    return named, {f"{name}/{other}" for other in others}


def _member_to_pdfs(member: Member) -> tuple[Member, ...]:
    """Return the PDFs that stand one behind the other in a member of an archive, or the member alone."""
    if member.problem:
        return (member,)
    inner = _pdfs_to_container(member.path.read_bytes())
    if inner.problem:
        return (Member(member.name, Path(), inner.problem),)
    return tuple(replace(pdf, name=f"{member.name}/{pdf.name}") for pdf in inner.members) or (member,)


def _to_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, left: int) -> Member | None:
    """Return a member that is a document or a ZIP archive, or that looks like one and cannot be unpacked."""
    base = PurePosixPath(name).name
    kind = name_to_kind(base)
    is_named = kind is not None and kind.use != "other" and not is_left(base)
    problem = _info_to_problem(info, left)
    if kind and kind.use == "archive":
        problem = problem or f"an archive within an archive: {_BY_HAND}"
    if not problem:
        try:
            with archive.open(info) as packed:
                head = packed.read(HEAD_BYTES)
                is_wanted = is_named or _is_document(bytes_to_kind(head), kind)
                return Member(name, _kept(_pieces(head, packed))) if is_wanted else None
        except _BROKEN as error:
            problem = _broken(error)
    return Member(name, Path(), problem) if is_named else None


def _is_document(kind: Kind, named: Kind | None) -> bool:
    """Whether a file is a document whose first bytes are of a kind, and whose name is that of another, or of
    none. What begins as a PDF is one."""
    if kind.media_type == PDF_MEDIA_TYPE:
        return True
    return named is None and kind.use in ("read", "refused", "container")


def _info_to_problem(info: zipfile.ZipInfo, left: int) -> str:
    """Return why a member is not unpacked, "" if nothing speaks against it."""
    if info.flag_bits & _ENCRYPTED_FLAG:
        return f"encrypted within its archive: {_BY_HAND}"
    if info.compress_type not in _METHODS:
        return f"packed in a way that is not unpacked here: {_BY_HAND}"
    if info.file_size > left:
        todo = "raise document_mb in pipeline.toml, or unpack it by hand"
        return f"has {info.file_size:,} bytes, and no more than {left:,} are unpacked: {todo}"
    return ""


def _pieces(head: bytes, packed: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a member of which the head is read."""
    yield head
    while chunk := packed.read(CHUNK):
        yield chunk


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return the name of a member, in slashes. Programs on Windows write GBK and do not say so."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..")) or "unnamed.pdf"


def _is_hidden(name: str) -> bool:
    """Whether a member is hidden, as what macOS adds to archives."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _words(error: BaseException) -> str:
    """Return what an error says; of the system's, without the path."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")


def _broken(error: BaseException) -> str:
    """Return why a member of an archive cannot be unpacked."""
    return f"cannot be unpacked ({_words(error)}): {_todo(error)}"


def _todo(error: BaseException) -> str:
    """Return what to do after an error: the disk may be full for what is unpacked."""
    is_full = isinstance(error, OSError) and error.errno in _FULL
    return "free space in the folder for temporary files" if is_full else "fetch it again"
