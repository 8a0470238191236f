"""The text of a Word document in the binary format (.doc, .wps), with what its formatting says of each part.

The names of structures are those of [MS-DOC]. Only what decides which characters are seen, and which stand in
which cell, is read.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.errors import Error
from pipeline.extract.read.flow.word_fields import NARROW_MAX_SHARE, PERCENT, TIGHT_MIN_SHARE

WORD_97 = 0x00C1
"""Number of the format that Word 97 began; files of older ones are built in another way."""

_MAGIC, _ENCRYPTED, _TABLE_ONE = 0xA5EC, 0x0100, 0x0200
"""Number of the format, and bits of its head: it is encrypted, its formatting lies in the stream 1Table."""

_SECTOR = 512
"""Bytes. The formatting lies in pages of as many."""

_CELL_BYTES = 20
"""Bytes. What the definition of a row says of a cell is as long."""

_COMPRESSED = 0x40000000
"""Bit of a piece whose characters are one byte each."""

_BODY_COUNT, _TEXT_COUNTS = 0x4C, "<8i"
_CHPX, _PAPX, _CLX = 0x00FA, 0x0102, 0x01A2
"""Bytes from the start of the stream. Where it says where something lies in the table stream."""

_STEP_MAX_COUNT = 4_000_000
"""Count. A document with more characters, or more stretches of formatting, is no report."""

# Numbers of properties (sprm) of characters, paragraphs and rows.
_DELETED, _VANISHES, _STRUCK, _STRUCK_TWICE = 0x0800, 0x083C, 0x0837, 0x2A53
"""Numbers of properties of characters: deleted, hidden, struck out."""

_RAISED, _POSITION, _SIZE, _ICO, _COLOUR, _SPECIAL = 0x2A48, 0x4845, 0x4A43, 0x2A42, 0x6870, 0x0855
"""Numbers of properties of characters: raised, moved up, their size, colour and kind."""

_SPACING, _WIDTH, _MARKED = 0x8840, 0x4852, 0x2A0C
"""Numbers of properties of characters: set apart, their width, and the colour they are marked with."""

_IN_TABLE, _ROW_END, _INNER_CELL, _INNER_ROW_END, _DEPTH = 0x2416, 0x2417, 0x244B, 0x244C, 0x6649
"""Numbers of properties of paragraphs: in a table, the end of a row, of an inner cell and row, how deep."""

_HUGE, _TABLE_PROPERTIES = 0x6646, 0x646B
"""Numbers of properties of paragraphs that lie elsewhere."""

_DEFINES_ROW, _MERGE, _VERTICAL_MERGE = 0xD608, 0x5624, 0xD62B
"""Numbers of properties of rows: their cells, and which are merged."""

_CHANGED_TABS = 0xC615
"""Numbers of properties of paragraphs: tabulators whose length is told otherwise."""

_SHORT_NUMBERS = {0x41: _DELETED, 0x57: _STRUCK, 0x5C: _VANISHES}
"""The numbers of properties by the shorter ones that pieces have for them."""

_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_ICO_WHITE, _ICO_BLACK = 8, 1
"""Numbers of white and black among the sixteen old colours."""

_UNTOLD_SIZE = 10.0
"""Points. The size of characters where nothing says one."""

TWIPS = 20
"""Count. The twentieths of a point in one."""

_WHITE_COLOUR = 0x00FFFFFF
"""Number of white: its parts are bytes."""


class WordFileError(Error):
    """The bytes are not those of such a document. The message says what was read."""


class Letters(NamedTuple):
    """Characters that are set alike. `size` is in points, 0 where the style has it; `raised` is 1 for raised,
    -1 for lowered characters. `is_unseen` is deleted or hidden; `is_special` stands for a thing; `is_tight`
    may lie over each other, be too narrow to be seen, or have the colour with which it is marked."""

    text: str
    size: float
    raised: int
    is_unseen: bool
    is_white: bool
    is_struck: bool
    is_special: bool
    is_tight: bool = False


class CellShape(NamedTuple):
    """A cell of a row: its left and right edges in twentieths of a point, and how it is merged with the cell
    before it or above it."""

    left: int
    right: int
    joins_left: bool
    joins_above: bool


class WordParagraph(NamedTuple):
    """A paragraph and its mark ("\\r", or "\\a" at the end of a cell). `depth` counts the tables around it,
    `row` is the shape of the row that it ends, None where it ends none."""

    letters: Sequence[Letters]
    mark: str
    depth: int
    ends_cell: bool
    row: Sequence[CellShape] | None


class _Piece(NamedTuple):
    """A stretch of text: its first character in the document and the one behind its last, where it lies."""

    first: int
    behind: int
    offset: int
    width: int
    properties: bytes


@dataclass(frozen=True, slots=True)
class _Runs:
    """Properties of stretches of the stream: `begins` are their first bytes, in order."""

    begins: Sequence[int] = ()
    ends: Sequence[int] = ()
    properties: Sequence[bytes] = ()

    def at(self, offset: int) -> tuple[bytes, int]:
        """Return the properties at a byte of the stream, and the first byte behind their stretch."""
        place = bisect_right(self.begins, offset) - 1
        if place >= 0 and offset < self.ends[place]:
            return self.properties[place], self.ends[place]
        behind = self.begins[place + 1] if place + 1 < len(self.begins) else 1 << 62
        return b"", behind


@dataclass(frozen=True, slots=True)
class WordFile:
    """A document in the binary format: `body` counts the characters of its body, `boxes` has the first
    character of its text boxes and the one behind the last."""

    stream: bytes
    data: bytes
    pieces: Sequence[_Piece]
    characters: _Runs
    paragraphs: _Runs
    body: int
    boxes: tuple[int, int]
    cache: dict[bytes, Mapping[int, bytes]] = field(default_factory=dict)


def is_locked(stream: bytes) -> bool:
    """Whether the document is locked with a password."""
    return len(stream) > 12 and bool(struct.unpack_from("<H", stream, 10)[0] & _ENCRYPTED)


def table_stream_name(stream: bytes) -> str:
    """Return the name of the stream that says what lies where."""
    return "1Table" if struct.unpack_from("<H", stream, 10)[0] & _TABLE_ONE else "0Table"


def streams_to_file(stream: bytes, table: bytes, data: bytes) -> WordFile:
    """Return the document that lies in these streams. Raises WordFileError."""
    try:
        magic, version = struct.unpack_from("<HH", stream)
        if magic != _MAGIC or version < WORD_97:
            raise WordFileError(
                f"its format has the number {version} of {magic:x}, which is older than Word 97"
            )
        counts = struct.unpack_from(_TEXT_COUNTS, stream, _BODY_COUNT)
        body, before, boxes = counts[0], sum((counts[0], counts[1], counts[2], *counts[4:6])), counts[6]
        if min(body, before, boxes) < 0 or before + boxes > _STEP_MAX_COUNT:
            raise WordFileError(f"it counts {before + boxes} characters")
        return WordFile(
            stream,
            data,
            tuple(_pieces(_part(stream, table, _CLX))),
            _runs(stream, _part(stream, table, _CHPX), _character_properties),
            _runs(stream, _part(stream, table, _PAPX), _paragraph_properties),
            body,
            (before, before + boxes),
        )
    except (struct.error, IndexError) as error:
        raise WordFileError(f"it ends where more is announced ({error})") from error


def _part(stream: bytes, table: bytes, place: int) -> bytes:
    """Return the part of the table stream that the stream names at a place."""
    begin, length = struct.unpack_from("<II", stream, place)
    if begin + length > len(table):
        raise WordFileError("a part of it lies behind its end")
    return table[begin : begin + length]


# --------------------------------------------------------------------- pieces


def _pieces(listed: bytes) -> Iterator[_Piece]:
    """Yield the pieces of the text, in its order."""
    changes: list[bytes] = []
    at = 0
    while listed[at] == 1:
        (length,) = struct.unpack_from("<H", listed, at + 1)
        changes.append(listed[at + 3 : at + 3 + length])
        at += 3 + length
    if listed[at] != 2:
        raise WordFileError("its list of pieces is no list")
    (length,) = struct.unpack_from("<I", listed, at + 1)
    table = listed[at + 5 : at + 5 + length]
    count = (len(table) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", table)
    for number in range(count):
        offset, modifier = struct.unpack_from("<IH", table, 4 * (count + 1) + 8 * number + 2)
        is_narrow = bool(offset & _COMPRESSED)
        start = (offset & ~_COMPRESSED) // 2 if is_narrow else offset
        own = _change(modifier, changes)
        yield _Piece(places[number], places[number + 1], start, 1 if is_narrow else 2, own)


def _change(modifier: int, changes: Sequence[bytes]) -> bytes:
    """Return the properties that a piece changes: from a list that they share, or a single one."""
    index = modifier >> 1
    if modifier & 1:
        return changes[index] if index < len(changes) else b""
    number = _SHORT_NUMBERS.get(modifier >> 1 & 0x7F)
    return struct.pack("<HB", number, modifier >> 8) if number else b""


def _runs(stream: bytes, listed: bytes, read: object) -> _Runs:
    """Return the properties of all stretches, which lie in pages of the stream."""
    count = (len(listed) - 4) // 8
    if count < 1:
        return _Runs()
    numbers = struct.unpack_from(f"<{count}I", listed, 4 * (count + 1))
    begins: list[int] = []
    ends: list[int] = []
    properties: list[bytes] = []
    for number in numbers:
        page = stream[(number & 0x3FFFFF) * _SECTOR :][:_SECTOR]
        if len(page) < _SECTOR:
            raise WordFileError("a page of its formatting lies behind its end")
        runs = page[-1]
        places = struct.unpack_from(f"<{runs + 1}I", page)
        for run in range(runs):
            begins.append(places[run])
            ends.append(places[run + 1])
            properties.append(read(page, runs, run))  # type: ignore[operator]
    order = sorted(range(len(begins)), key=begins.__getitem__)
    return _Runs([begins[at] for at in order], [ends[at] for at in order], [properties[at] for at in order])


def _character_properties(page: bytes, runs: int, run: int) -> bytes:
    """Return the properties of characters that a page has for one of its stretches."""
    offset = 2 * page[4 * (runs + 1) + run]
    return page[offset + 1 : offset + 1 + page[offset]] if offset else b""


def _paragraph_properties(page: bytes, runs: int, run: int) -> bytes:
    """Return the properties of paragraphs that a page has for one of its stretches, without their style."""
    offset = 2 * page[4 * (runs + 1) + 13 * run]
    if not offset:
        return b""
    if page[offset]:
        return page[offset + 3 : offset + 2 * page[offset]]
    return page[offset + 4 : offset + 2 + 2 * page[offset + 1]]


def _operands(properties: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the operand of each property."""
    at = 0
    while at + 2 < len(properties):
        (number,) = struct.unpack_from("<H", properties, at)
        at += 2
        kind = number >> 13
        if kind != 6:
            size = _OPERAND_BYTES[kind]
        elif number == _DEFINES_ROW:
            size = struct.unpack_from("<H", properties, at)[0] + 1 if at + 2 <= len(properties) else 2
        elif number == _CHANGED_TABS and properties[at] == 255:
            return
        else:
            size = 1 + properties[at]
        yield number, properties[at : at + size]
        at += size


# ----------------------------------------------------------------- paragraphs


def file_to_paragraphs(file: WordFile, first: int, behind: int) -> Iterator[WordParagraph]:
    """Yield the paragraphs of a stretch of the text. Raises WordFileError."""
    letters: list[Letters] = []
    try:
        for piece in file.pieces:
            for text, offset, changes in _stretches(file, piece, first, behind):
                begin = 0
                for at, character in enumerate(text):
                    if character in "\r\a\f":
                        if at > begin:
                            letters.append(_letters(text[begin:at], changes))
                        yield _paragraph(file, letters, character, offset + at * piece.width)
                        letters, begin = [], at + 1
                if begin < len(text):
                    letters.append(_letters(text[begin:], changes))
    except (struct.error, IndexError) as error:
        raise WordFileError(f"its formatting is damaged ({error})") from error
    if letters:
        yield WordParagraph(letters, "\r", 0, False, None)


def _stretches(
    file: WordFile, piece: _Piece, first: int, behind: int
) -> Iterator[tuple[str, int, Mapping[int, bytes]]]:
    """Yield the texts of a piece that are set alike, where each lies, and how it is set."""
    begin, end = max(piece.first, first), min(piece.behind, behind)
    offset = piece.offset + (begin - piece.first) * piece.width
    last = piece.offset + (end - piece.first) * piece.width
    if end > begin and last > len(file.stream):
        raise WordFileError("a piece of its text lies behind its end")
    while offset < last:
        properties, stop = file.characters.at(offset)
        stop = min(max(stop, offset + piece.width), last)
        stop = offset + -(-(stop - offset) // piece.width) * piece.width
        text = file.stream[offset:stop].decode("utf-16-le" if piece.width == 2 else "cp1252", "replace")
        if piece.width == 2 and len(text) * 2 != stop - offset:  # a character of two units: places stay right
            text = "".join(
                chr(unit) for unit in struct.unpack(f"<{(stop - offset) // 2}H", file.stream[offset:stop])
            )
        yield text, offset, _known(file, properties + piece.properties)
        offset = stop


def _known(file: WordFile, properties: bytes) -> Mapping[int, bytes]:
    """Return properties by their numbers: the last of a number counts."""
    if properties not in file.cache:
        file.cache[properties] = dict(_operands(properties))
    return file.cache[properties]


def _is_on(changes: Mapping[int, bytes], number: int) -> bool:
    """Whether a property is switched on; one that turns that of the style round is taken to be on."""
    return changes.get(number, b"\0")[:1] in (b"\x01", b"\x81")


def _number(changes: Mapping[int, bytes], number: int, layout: str) -> int:
    """Return the operand of a property as a number, 0 where it is not set."""
    operand = changes.get(number, b"")
    return int(struct.unpack_from(layout, operand)[0]) if len(operand) >= struct.calcsize(layout) else 0


def _letters(text: str, changes: Mapping[int, bytes]) -> Letters:
    """Return characters as they are set."""
    is_white = _number(changes, _ICO, "B") == _ICO_WHITE or _number(changes, _COLOUR, "<I") == _WHITE_COLOUR
    raised = {1: 1, 2: -1}.get(_number(changes, _RAISED, "B"), 0)
    position = _number(changes, _POSITION, "<h")
    size = _number(changes, _SIZE, "<H") / 2
    closer = -_number(changes, _SPACING, "<h") / TWIPS
    is_narrow = 0 < _number(changes, _WIDTH, "<H") < NARROW_MAX_SHARE * PERCENT
    is_covered = _number(changes, _MARKED, "B") == _ICO_BLACK and _number(changes, _ICO, "B") <= _ICO_BLACK
    return Letters(
        text,
        size,
        raised or (position > 0) - (position < 0),
        _is_on(changes, _DELETED) or _is_on(changes, _VANISHES),
        is_white,
        _is_on(changes, _STRUCK) or _is_on(changes, _STRUCK_TWICE),
        _is_on(changes, _SPECIAL),
        closer > TIGHT_MIN_SHARE * (size or _UNTOLD_SIZE) or is_narrow or is_covered,
    )


def _paragraph(file: WordFile, letters: Sequence[Letters], mark: str, offset: int) -> WordParagraph:
    """Return the paragraph whose mark lies at a byte of the stream."""
    properties, _ = file.paragraphs.at(offset)
    changes = _known(file, properties)
    for number in (_HUGE, _TABLE_PROPERTIES):
        if number in changes:
            properties = properties + _huge(file.data, _number(changes, number, "<I"))
            changes = _known(file, properties)
    depth = _number(changes, _DEPTH, "<i") or int(_is_on(changes, _IN_TABLE))
    ends_row = _is_on(changes, _ROW_END) or _is_on(changes, _INNER_ROW_END)
    ends_cell = mark == "\a" or _is_on(changes, _INNER_CELL)
    return WordParagraph(letters, mark, depth, ends_cell, _row(properties) if ends_row else None)


def _huge(data: bytes, offset: int) -> bytes:
    """Return properties that lie in a stream of their own, since they are many."""
    (length,) = struct.unpack_from("<H", data, offset)
    return data[offset + 2 : offset + 2 + length]


def _row(properties: bytes) -> Sequence[CellShape]:
    """Return the cells of a row; none where the row does not say."""
    shapes: list[CellShape] = []
    for number, operand in _operands(properties):
        if number == _DEFINES_ROW:
            shapes = list(_defined(operand))
        elif number == _MERGE and len(operand) >= 2:
            for at in range(operand[0] + 1, min(operand[1], len(shapes))):
                shapes[at] = shapes[at]._replace(joins_left=True)
        elif number == _VERTICAL_MERGE and len(operand) >= 3 and operand[1] < len(shapes):
            shapes[operand[1]] = shapes[operand[1]]._replace(joins_above=operand[2] == 1)
    return shapes


def _defined(operand: bytes) -> Iterator[CellShape]:
    """Yield the cells that the definition of a row names."""
    count = operand[2]
    edges = struct.unpack_from(f"<{count + 1}h", operand, 3)
    descriptions = operand[3 + 2 * (count + 1) :]
    for at in range(count):
        start = _CELL_BYTES * at
        described = descriptions[start : start + 2]
        flags = struct.unpack("<H", described)[0] if len(described) == 2 else 0
        joins_left = bool(flags & 0x02) and not flags & 0x01
        joins_above = bool(flags & 0x20) and not flags & 0x40
        yield CellShape(edges[at], edges[at + 1], joins_left, joins_above)
