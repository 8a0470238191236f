"""Open the parts of an Office file (OPC, ECMA-376 part 2): a ZIP of XML, whose parts name each other."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from pipeline.extract.read.unreadable import UnreadableError, error_to_words
from pipeline.files.regular_file import MB
from pipeline.records import Reason

PART_MAX_BYTES = 48 * MB
"""Bytes, unpacked. A part with more is no report's: a sheet of two hundred thousand cells has some ten MB."""

PARTS_MAX_BYTES = 128 * MB
"""Bytes, unpacked. All parts that are read have no more together."""

DAMAGED = "it is cut off or damaged ({words}): open it in Office or WPS, save it anew, or fetch it again"
TOO_LARGE = "a part of it ({name}) unpacks to more than {megabytes} MB: no report has as much"
LOCKED = "it is locked with a password: save it without one"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNPACKING_ERRORS = (BadZipFile, KeyError, OSError, EOFError, zlib.error, NotImplementedError, ValueError)
_DECLARES = (b"<!DOCTYPE", b"<!ENTITY")


class Relation(NamedTuple):
    """What a part names: the last word of its kind (worksheet, styles), and the name of the other part."""

    kind: str
    target: str


class XmlPackage:
    """An Office file that is open. Every method raises UnreadableError where a part cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = ZipFile(path)
        except _UNPACKING_ERRORS as error:
            if path.read_bytes()[: len(_OLE)] == _OLE:  # what is locked lies in a container of another kind
                raise UnreadableError(Reason.LOCKED, LOCKED) from error
            raise _damaged(error) from error
        self._names = {name.lower(): name for name in self._zip.namelist()}
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def part(self, name: str) -> ElementTree.Element:
        """Return the root of a part; names are told apart without regard to case."""
        data = self.bytes_of(name)
        if any(word in data for word in _DECLARES):  # no Office file declares entities, and bombs do
            raise UnreadableError(Reason.UNOPENED, DAMAGED.format(words=f"{name} declares entities"))
        try:
            return ElementTree.fromstring(data)
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            raise _damaged(error) from error

    def relations(self, name: str) -> Mapping[str, Relation]:
        """Return what a part names within the file, by the id it uses; of "" what the file begins with."""
        folder, own = posixpath.split(name)
        listed = posixpath.join(folder, "_rels", f"{own}.rels")
        if listed not in self:
            return {}
        return {
            entry.get("Id", ""): Relation(
                entry.get("Type", "").rpartition("/")[2], _target(folder, entry.get("Target", ""))
            )
            for entry in self.part(listed)
            if entry.get("TargetMode") != "External"
        }

    def bytes_of(self, name: str) -> bytes:
        """Return the bytes of a part."""
        try:
            entry = self._zip.getinfo(self._names[name.lower()])
            if entry.flag_bits & 1:
                raise UnreadableError(Reason.LOCKED, LOCKED)
            most = min(PART_MAX_BYTES, PARTS_MAX_BYTES - self._read)
            with self._zip.open(entry) as file:
                data = file.read(most + 1)
        except _UNPACKING_ERRORS as error:
            raise _damaged(error) from error
        if len(data) > most:
            raise UnreadableError(Reason.UNOPENED, TOO_LARGE.format(name=name, megabytes=most // MB))
        self._read += len(data)
        return data


def picture_bytes(path: Path, name: str) -> bytes:
    """Return the bytes of a picture in an Office file, by the name of its part; b"" where there is none."""
    try:
        with XmlPackage(path) as package:
            return package.bytes_of(name)
    except UnreadableError:
        return b""


def local(element: ElementTree.Element) -> str:
    """Return the name of an element without its namespace: strict and usual files differ in that alone."""
    return element.tag.rpartition("}")[2]


def child(element: ElementTree.Element | None, name: str) -> ElementTree.Element | None:
    """Return the first child of this name; None where there is none."""
    return None if element is None else next((one for one in element if local(one) == name), None)


def attribute(element: ElementTree.Element, name: str) -> str:
    """Return an attribute by its name without its namespace; "" where there is none."""
    return next((text for key, text in element.items() if key.rpartition("}")[2] == name), "")


def is_on(element: ElementTree.Element | None) -> bool:
    """Whether a property is there and not switched off."""
    return element is not None and element.get("val", "1") not in ("0", "false", "none")


def _target(folder: str, target: str) -> str:
    """Return the name of the part that one in a folder calls by this name."""
    named = target.replace("\\", "/") if target.startswith(("/", "\\")) else posixpath.join(folder, target)
    return posixpath.normpath(unquote(named)).lstrip("/")


def _damaged(error: Exception) -> UnreadableError:
    """Return the error of a file that is cut off or damaged."""
    return UnreadableError(Reason.UNOPENED, DAMAGED.format(words=error_to_words(error)))
