"""Open a .docx: its ZIP within bounds, its parts as trees without entities, in the names of one standard."""

from __future__ import annotations

import posixpath
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from pipeline.extract.read.unreadable import UnreadableError
from pipeline.files.regular_file import DOCUMENT_MAX_BYTES, MB, open_regular
from pipeline.records import LIBRARY_WORDS_MAX_CHARACTERS, Reason

Element: TypeAlias = Any
"""An element of lxml, which brings no types."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
V = "{urn:schemas-microsoft-com:vml}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
VAL = W + "val"
MAIN = "word/document.xml"
"""The name of the part with the text, where the file does not say another."""

_T = TypeVar("_T")

_DOCX_PART_MAX_BYTES = 32 * MB
"""Bytes. A part of the file has no more when it is unpacked; a report of 500 pages has fewer."""

_PARTS_MAX = 20_000
"""Count. A file has no more parts: each picture is one."""

_OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_HEAD_BYTES = 1 << 16
"""Bytes at the beginning of an OLE file in which the name of the encrypted package is looked for first."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_STRICT = "http://purl.oclc.org/ooxml/"
_TRANSITIONAL = "http://schemas.openxmlformats.org/"
_STRICT_NAMES = {
    "wordprocessingml/main": "wordprocessingml/2006/main",
    "officeDocument/math": "officeDocument/2006/math",
    "officeDocument/relationships": "officeDocument/2006/relationships",
    "drawingml/wordprocessingDrawing": "drawingml/2006/wordprocessingDrawing",
    "drawingml/main": "drawingml/2006/main",
    "drawingml/picture": "drawingml/2006/picture",
}
_PARSER_OPTIONS: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,  # libxml2 then ends at texts of 10 MB, and at nesting too deep for any program
    "remove_comments": True,
    "remove_pis": True,
}

LOCKED = "it is encrypted: open it in Word with its password, save it without one, and fetch it again"
OLE_FILE = "it is an old Word file (.doc) or another file of Office, named .docx: save it as .docx in Word"
DAMAGED_ZIP = "its ZIP is cut off or damaged ({why}): fetch it again"
DAMAGED_PART = "its part {name} is no XML that Word would open ({why}): fetch it again"
TOO_LARGE = "its part {name} has more than {limit} MB when it is unpacked, as no report has: it is not read"
TOO_MANY_PARTS = "it has more than {limit} parts, as no report has: it is not read"
TWICE = "it has two parts of the name {name}, and programs take one or the other: save it anew in Word"
ENTITIES = "its part {name} declares entities, as no program for Word files does: it is not read"
NO_DOCUMENT = "its ZIP holds no Word document: unpack it, and give its files to the program"


class PartBytes(NamedTuple):
    """The bytes of the parts that say what stands in the tables; empty where there is none."""

    document: bytes
    styles: bytes
    numbering: bytes


@dataclass(frozen=True, slots=True)
class DocxParts:
    """The parts of a .docx that say what a person sees; None for those that it lacks."""

    document: Element
    styles: Element | None
    numbering: Element | None
    title: str


def val(element: Element | None) -> str:
    """Return the w:val of an element; "" where there is none."""
    return "" if element is None else element.get(VAL) or ""


def by_name(element: Element | None) -> Mapping[str, Element]:
    """Return what stands in an element, by its name: one look costs less than to find some of them."""
    return {} if element is None else {child.tag: child for child in element}


def is_on(element: Element | None) -> bool:
    """Whether a switch (w:vanish, w:hidden) is there, and not turned off."""
    return element is not None and element.get(VAL, "true") not in ("0", "false", "off")


def to_number(text: str | None) -> float | None:
    """Return the number of an attribute without its unit, None where it is none; 12pt is 12."""
    try:
        return float((text or "").strip().rstrip("ptwin%"))
    except ValueError:
        return None


def open_parts(path: Path) -> DocxParts:
    """Return the parts of a .docx; UnreadableError where it is none that can be read."""
    return _opened(path, _archive_to_parts)


def open_bytes(path: Path) -> PartBytes:
    """Return the bytes of the parts that say what stands in the tables; UnreadableError as above."""
    return _opened(path, _archive_to_bytes)


def picture_bytes(path: Path, link: str) -> bytes:
    """Return the bytes of the picture that the document names by this id; b"" where they cannot be had."""
    try:
        return (
            _opened(path, lambda archive: archive.bytes_of(archive.targets(archive.main).get(link, "")))
            or b""
        )
    except UnreadableError:
        return b""


def _opened(path: Path, read: Callable[[_Archive], _T]) -> _T:
    """Return what is read of the ZIP of a .docx; UnreadableError where it is none that can be read."""
    try:
        with open_regular(path, largest=DOCUMENT_MAX_BYTES) as file:
            _refuse_ole(file.read(_OLE_HEAD_BYTES), path)
            file.seek(0)
            with ZipFile(file) as archive:
                return read(_Archive(archive))
    except (
        BadZipFile,
        EOFError,
        struct.error,
        zlib.error,
        NotImplementedError,
        ValueError,
        OSError,
    ) as error:
        raise UnreadableError(
            Reason.UNOPENED, DAMAGED_ZIP.format(why=str(error)[:LIBRARY_WORDS_MAX_CHARACTERS])
        ) from error


def _refuse_ole(head: bytes, path: Path) -> None:
    """Raise UnreadableError where a file with this beginning is an encrypted .docx, or an old .doc."""
    if not head.startswith(_OLE_HEAD):
        return
    if _ENCRYPTED in head or _ENCRYPTED in path.read_bytes():
        raise UnreadableError(Reason.LOCKED, LOCKED)
    raise UnreadableError(Reason.UNOPENED, OLE_FILE)


class _Archive:
    """The ZIP of a .docx: its parts by name, whose capitals do not matter."""

    def __init__(self, archive: ZipFile) -> None:
        members = archive.infolist()
        if len(members) > _PARTS_MAX:
            raise UnreadableError(Reason.UNOPENED, TOO_MANY_PARTS.format(limit=_PARTS_MAX))
        self.archive = archive
        self.members: dict[str, list[ZipInfo]] = {}
        for member in members:
            self.members.setdefault(member.filename.lstrip("/").lower(), []).append(member)

    def part(self, name: str) -> Element | None:
        """Return the tree of a part, None where there is none; UnreadableError where it is not to be read."""
        data = self.bytes_of(name)
        return None if data is None else _in_transitional(_bytes_to_tree(data, name), name)

    def bytes_of(self, name: str) -> bytes | None:
        """Return the bytes of a part, None where there is none; UnreadableError where they are too many."""
        found = self.members.get(name.lower())
        if not found:
            return None
        if len(found) > 1:
            raise UnreadableError(Reason.UNOPENED, TWICE.format(name=name))
        if found[0].flag_bits & 1:
            raise UnreadableError(Reason.LOCKED, LOCKED)
        if found[0].file_size > _DOCX_PART_MAX_BYTES:  # zipfile gives no more bytes than it says
            words = TOO_LARGE.format(name=name, limit=_DOCX_PART_MAX_BYTES // MB)
            raise UnreadableError(Reason.UNOPENED, words)
        return self.archive.read(found[0])

    @property
    def main(self) -> str:
        """Return the name of the part with the text."""
        return self.related("").get("officeDocument", MAIN)

    def related(self, name: str) -> dict[str, str]:
        """Return the names of the parts that a part names, by the last word of how they are related to it."""
        found: dict[str, str] = {}
        for relation, target in self._relations(name):
            found.setdefault((relation.get("Type") or "").rpartition("/")[2], target)
        return found

    def targets(self, name: str) -> dict[str, str]:
        """Return the names of the parts that a part names, by the ids that it has for them."""
        return {relation.get("Id") or "": target for relation, target in self._relations(name)}

    def _relations(self, name: str) -> Iterator[tuple[Element, str]]:
        """Yield what a part says of others in the file, each with the name of that part."""
        folder, _, file = name.rpartition("/")
        tree = self.part(posixpath.join(folder, "_rels", f"{file}.rels"))
        for relation in () if tree is None else tree:
            target = relation.get("Target") or ""
            if relation.get("TargetMode") != "External" and target:
                yield relation, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _archive_to_parts(archive: _Archive) -> DocxParts:
    """Return the parts of an archive; UnreadableError where it holds no Word document."""
    package = archive.related("")
    main = package.get("officeDocument", MAIN)
    document = archive.part(main)
    if document is None or document.tag != W + "document":
        raise UnreadableError(Reason.UNOPENED, NO_DOCUMENT)
    related = archive.related(main)
    styles, numbering = (archive.part(related[kind]) if kind in related else None
                         for kind in ("styles", "numbering"))  # fmt: skip
    return DocxParts(document, styles, numbering, _title(archive, package))


def _archive_to_bytes(archive: _Archive) -> PartBytes:
    """Return the bytes of the document, its styles and lists; UnreadableError where there is no document."""
    main = archive.main
    document = archive.bytes_of(main)
    if document is None:
        raise UnreadableError(Reason.UNOPENED, NO_DOCUMENT)
    related = archive.related(main)
    styles, numbering = (
        (archive.bytes_of(related[kind]) if kind in related else None) or b""
        for kind in ("styles", "numbering")
    )
    return PartBytes(document, styles, numbering)


def _title(archive: _Archive, package: Mapping[str, str]) -> str:
    """Return the title of the metadata; "" where there is none."""
    name = package.get("core-properties", package.get("coreProperties", ""))
    core = archive.part(name) if name else None
    title = None if core is None else core.find("{http://purl.org/dc/elements/1.1/}title")
    return "" if title is None else " ".join((title.text or "").split())


def _bytes_to_tree(data: bytes, name: str) -> Element:
    """Return the root of a part; UnreadableError where it is no XML, or declares entities."""
    try:
        root = etree.fromstring(data, etree.XMLParser(**_PARSER_OPTIONS))
    except etree.XMLSyntaxError as error:
        words = DAMAGED_PART.format(name=name, why=str(error)[:LIBRARY_WORDS_MAX_CHARACTERS])
        raise UnreadableError(Reason.UNOPENED, words) from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableError(Reason.UNOPENED, ENTITIES.format(name=name))
    return root


def _in_transitional(root: Element, name: str) -> Element:
    """Return a tree with the names of the transitional standard in place of those of the strict one."""
    if not any(uri.startswith(_STRICT) for uri in root.nsmap.values()):
        return root
    data: bytes = etree.tostring(root)
    for strict, transitional in _STRICT_NAMES.items():
        old, new = f'"{_STRICT}{strict}"', f'"{_TRANSITIONAL}{transitional}"'
        data = data.replace(old.encode(), new.encode())
    return _bytes_to_tree(data, name)
