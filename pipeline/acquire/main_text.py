"""A parsed web page → its text without what stands around it, and whether that is a report.

The text names a version of the page: menus, counters and dates around it are others each day. The patterns
are in site_shapes.toml.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.typed_toml import Strict, load_packaged

Element = Any
"""An element of a page as lxml has it, which has no types of its own."""

MAIN_MIN_CHARACTERS = 200
"""Count. An element that should hold the text of a page and has fewer characters does not."""

REPORT_MIN_CHARACTERS = 600
"""Count, blanks and links left out. The text of a page that is a report has as many.

The shortest report of a village's office that a form allows has more in its six headings and tables; a page
that only names its attachments has some dozens.
"""

REPORT_MIN_NUMBERS = 40
"""Count. The tables of a page that is a report have as many cells that are a number, or blank ones' signs.

The smallest form has more than a hundred; a list with years and dates has one in each row.
"""

_ICON_MAX_PIXELS = 100
"""Pixels. A picture that is to be shown as low or as narrow is no table: icons of files have 16 to 64."""

_SIZE = re.compile(r"\d{1,5}(?!%|\d)")
_NUMBER = re.compile(r"[-—–/]|\d{1,9}(?:[.,]\d+)?")
_BLANKS = re.compile(r"\s+")


class _Shape(Strict, frozen=True):
    """A [[shape]] of the file, which explains the keys."""

    name: str
    main: tuple[str, ...]


class _Volatile(Strict, frozen=True):
    """The [volatile] of the file."""

    elements: tuple[str, ...]
    marks: tuple[str, ...]
    words: tuple[str, ...]


class _Shapes(Strict, frozen=True):
    """The file."""

    shape: tuple[_Shape, ...]
    volatile: _Volatile


@dataclass(frozen=True, slots=True)
class MainText:
    """The text of a page without blanks; how many characters of it are no links, how many cells of its
    tables are numbers, and how many pictures stand in it that may be tables."""

    text: str
    own_characters: int
    numbers: int
    pictures: int = 0

    @property
    def holds_report(self) -> bool:
        """Whether there is as much of it as of a report."""
        return self.own_characters >= REPORT_MIN_CHARACTERS or self.has_tables

    @property
    def has_tables(self) -> bool:
        """Whether its tables have as many numbers as those of a report."""
        return self.numbers >= REPORT_MIN_NUMBERS

    def named(self, name: str, titles: Iterable[str] = ()) -> str:
        """Return the hash of the text of the report of this name, which tells this version of it.

        Its `titles` stand in the text of some views of a page and above that of others: they are left out.
        """
        text = self.text
        for title in sorted({_BLANKS.sub("", title) for title in titles} - {""}, key=len, reverse=True):
            text = text.replace(title, "")
        return hashlib.sha256(f"{name}\n{text}".encode("utf-8", "replace")).hexdigest()


def root_to_main_text(root: Element) -> MainText:
    """Return the main text of a parsed page."""
    node = next(_main_nodes(root), root)
    pieces = list(_texts(node))
    text = _without_volatile("".join(piece for piece, _ in pieces))
    own = _without_volatile("".join(piece for piece, is_link in pieces if not is_link))
    pictures = sum(map(_is_picture, node.iter("img"))) if node is not root else 0
    return MainText(text, len(own), sum(map(_is_number, node.iter("td", "th"))), pictures)


def _main_nodes(root: Element) -> Iterator[Element]:
    """Yield the elements that hold the text of the page, by the shapes that are known."""
    marked: dict[str, list[Element]] = {}
    for node in root.iter():
        for mark in _marks(node):
            marked.setdefault(mark, []).append(node)
    for shape in _table().shape:
        for mark in shape.main:
            for node in marked.get(mark, ()):
                if sum(len(piece) for piece, _ in _texts(node)) >= MAIN_MIN_CHARACTERS:
                    yield node


def _texts(node: Element) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of text below an element without blanks, each with whether it is that of a link."""
    waiting: list[tuple[Element, bool, bool]] = [(node, False, False)]
    while waiting:
        here, is_link, is_tail = waiting.pop()
        if is_tail:
            yield _BLANKS.sub("", here.tail or ""), is_link
            continue
        if here is not node:
            waiting.append((here, is_link, True))
        if here is not node and _is_volatile(here):
            continue
        within = is_link or here.tag == "a"
        yield _BLANKS.sub("", here.text or "") if isinstance(here.tag, str) else "", within
        waiting += [(child, within, False) for child in reversed(here)]


def _is_volatile(node: Element) -> bool:
    """Whether the text of an element is no part of the page's, or it is a comment."""
    volatile = _table().volatile
    return (
        not isinstance(node.tag, str)
        or node.tag in volatile.elements
        or not _marks(node).isdisjoint(_volatile_marks())
    )


@cache
def _volatile_marks() -> frozenset[str]:
    """Return the marks of elements whose text is no part of a page's."""
    return frozenset(_table().volatile.marks)


def _marks(node: Element) -> set[str]:
    """Return the id and the words of the class of an element."""
    if not isinstance(node.tag, str):
        return set()
    return {*(node.get("class") or "").split(), node.get("id") or ""} - {""}


def _without_volatile(text: str) -> str:
    """Return a text without the words that are others each day."""
    return _volatile_words().sub("", text)


@cache
def _volatile_words() -> re.Pattern[str]:
    """Return the expression for words that are others each day."""
    return re.compile("|".join(_table().volatile.words))


def _is_number(cell: Element) -> bool:
    """Whether a cell of a table is a number."""
    return _NUMBER.fullmatch("".join(cell.itertext()).strip()) is not None


def _is_picture(image: Element) -> bool:
    """Whether a picture in a text may be a table: it is not as small as an icon."""
    sides = (_SIZE.match(image.get(side) or "") for side in ("width", "height"))
    return all(int(side[0]) > _ICON_MAX_PIXELS for side in sides if side)


@cache
def _table() -> _Shapes:
    """Return the content of the file."""
    return load_packaged("pipeline.acquire", "site_shapes.toml", _Shapes)
