"""Write binary Word documents: the few structures of [MS-DOC] that say what is seen, in their container
([MS-CFB])."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SECTOR, STREAM_MIN = 512, 4096
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
TEXT_OFFSET = 0x800

STRUCK, HIDDEN, DELETED, INSERTED, SPECIAL = 0x0837, 0x083C, 0x0800, 0x0801, 0x0855
ICO, RAISED = 0x2A42, 0x2A48
IN_TABLE, ROW_END, INNER_CELL, INNER_ROW_END, DEPTH = 0x2416, 0x2417, 0x244B, 0x244C, 0x6649
DEFINES_ROW = 0xD608
FIRST_MERGED, MERGED, VERTICAL, VERTICAL_FIRST = 0x01, 0x02, 0x20, 0x60


def sprm(number: int, value: int = 1) -> bytes:
    """A property with a number of one byte, or of four."""
    return struct.pack("<H", number) + struct.pack("<I" if number == DEPTH else "<B", value)


@dataclass(frozen=True, slots=True)
class Run:
    """Text with its properties."""

    text: str
    properties: bytes = b""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs, the mark behind them, and the properties of the paragraph."""

    runs: Sequence[Run]
    mark: str = "\r"
    properties: bytes = b""


def text(words: str) -> Paragraph:
    return Paragraph([Run(words)])


def row(
    cells: Sequence[str | Sequence[Run]], edges: Sequence[int] = (), flags: Sequence[int] = ()
) -> Iterator[Paragraph]:
    """A row of a table: its cells, and the mark that says where they stand, in twentieths of a point."""
    for cell in cells:
        yield Paragraph([Run(cell)] if isinstance(cell, str) else cell, "\a", sprm(IN_TABLE))
    edges = edges or range(0, 1000 * (len(cells) + 1), 1000)
    shapes = b"".join(struct.pack("<H18x", flag) for flag in (flags or [0] * len(cells)))
    defined = struct.pack(f"<B{len(edges)}h", len(edges) - 1, *edges) + shapes
    defines = struct.pack("<HH", DEFINES_ROW, len(defined) + 1) + defined
    yield Paragraph([], "\a", sprm(IN_TABLE) + sprm(ROW_END) + defines)


def field(code: str, result: str) -> list[Run]:
    """A field: what it is to give, and what it gave."""
    special = sprm(SPECIAL)
    return [Run("\x13", special), Run(code), Run("\x14", special), Run(result), Run("\x15", special)]


def document(
    paragraphs: Sequence[Paragraph], *, narrow: int = 0, flags: int = 0x0200, version: int = 0x00C1
) -> bytes:
    """The bytes of a document; the first `narrow` characters, which are of ASCII, take a byte each."""
    characters, marks = [], []
    for paragraph in paragraphs:
        characters += [(run.text, run.properties) for run in paragraph.runs] + [(paragraph.mark, b"")]
        marks.append((sum(len(run.text) for run in paragraph.runs) + 1, paragraph.properties))
    whole = "".join(text for text, _ in characters)
    written = whole[:narrow].encode("ascii") + whole[narrow:].encode("utf-16-le")

    def offset(place: int) -> int:
        return TEXT_OFFSET + min(place, narrow) + 2 * max(place - narrow, 0)

    stream = bytearray(TEXT_OFFSET) + written
    stream += bytes(-len(stream) % SECTOR)
    pages = {}
    for kind, runs in (("characters", [(len(text), own) for text, own in characters]), ("paragraphs", marks)):
        numbers, begins, place = [], [], 0
        for page, length in formatting_pages(runs, place, offset, is_paragraphs=kind == "paragraphs"):
            numbers.append(len(stream) // SECTOR)
            begins.append(offset(place))
            stream += page
            place += length
        pages[kind] = struct.pack(f"<{len(begins) + 1}I", *begins, offset(place)) + struct.pack(
            f"<{len(numbers)}I", *numbers
        )
    pieces = [(0, narrow, TEXT_OFFSET * 2 | 0x40000000)] if narrow else []
    pieces.append((narrow, len(whole), offset(narrow)))
    plc = struct.pack(f"<{len(pieces) + 1}I", *(begin for begin, _, _ in pieces), len(whole))
    plc += b"".join(struct.pack("<HIH", 0, fc, 0) for _, _, fc in pieces)
    table = bytearray()
    struct.pack_into("<HH", stream, 0, 0xA5EC, version)
    struct.pack_into("<H", stream, 10, flags)
    struct.pack_into("<i", stream, 0x4C, len(whole))
    parts = {0x00FA: pages["characters"], 0x0102: pages["paragraphs"], 0x011A: fields_of(whole)}
    for at, part in {**parts, 0x01A2: struct.pack("<BI", 2, len(plc)) + plc}.items():
        struct.pack_into("<II", stream, at, len(table), len(part))
        table += part
    return container({"WordDocument": bytes(stream), "1Table": bytes(table)})


def fields_of(whole: str) -> bytes:
    """Where fields begin, have their result and end; a formula has the kind 34."""
    marks = [(at, character) for at, character in enumerate(whole) if character in "\x13\x14\x15"]
    if not marks:
        return b""
    kinds = b"".join(
        bytes([ord(mark), 34 if mark == "\x13" else 0x80 * (mark == "\x15")]) for _, mark in marks
    )
    return struct.pack(f"<{len(marks) + 1}I", *(at for at, _ in marks), len(whole)) + kinds


def formatting_pages(
    runs: Sequence[tuple[int, bytes]], place: int, offset: object, *, is_paragraphs: bool
) -> Iterator[tuple[bytes, int]]:
    """Pages with the properties of stretches of the text, and how many characters each tells of."""
    at = 0
    while at < len(runs):
        taken, room = [], SECTOR - 5
        while at < len(runs) and room > len(runs[at][1]) + 24:
            room -= len(runs[at][1]) + 24
            taken.append(runs[at])
            at += 1
        page, end = bytearray(SECTOR), SECTOR - 1
        places = [place]
        for number, (length, own) in enumerate(taken):
            places.append(places[-1] + length)
            held = own
            if is_paragraphs:
                held = b"\0\0" + own
                held += b"\0" * (len(held) % 2 == 0)
                held = bytes([(len(held) + 1) // 2]) + held
            elif own:
                held = bytes([len(own)]) + own
            end = (end - len(held)) // 2 * 2
            page[end : end + len(held)] = held
            entry = 4 * (len(taken) + 1) + (13 if is_paragraphs else 1) * number
            page[entry] = end // 2 if held else 0
        struct.pack_into(f"<{len(places)}I", page, 0, *map(offset, places))  # type: ignore[call-overload]
        page[-1] = len(taken)
        yield bytes(page), places[-1] - place
        place = places[-1]


def container(streams: Mapping[str, bytes]) -> bytes:
    """A file of streams."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries = [entry("Root Entry", 5, END, 0, child=1)]
    for number, (name, data) in enumerate(streams.items(), start=1):
        held = data + bytes(max(STREAM_MIN - len(data), 0))
        entries.append(
            entry(name, 2, len(sectors), len(held), right=number + 1 if number < len(streams) else FREE)
        )
        add(sectors, chains, held)
    listed = b"".join(entries)
    directory = len(sectors)
    add(sectors, chains, listed + bytes(-len(listed) % SECTOR))
    count = 1
    while (len(sectors) + count) * 4 > count * SECTOR:
        count += 1
    first = len(sectors)
    chains += [FAT] * count
    table = struct.pack(f"<{len(chains)}I", *chains)
    table += b"\xff" * (count * SECTOR - len(table))
    numbers = (0x3E, 3, 0xFFFE, 9, 6, 0, count, directory, 0, STREAM_MIN, END, 0, END, 0)
    head = MAGIC + struct.pack("<16xHHHHH6xIIIIIIIII", *numbers)
    head += struct.pack("<109I", *(first + at if at < count else FREE for at in range(109)))
    return head + b"".join(sectors) + table


def add(sectors: list[bytes], chains: list[int], data: bytes) -> None:
    pieces = [data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)]
    begin = len(sectors)
    sectors += pieces
    chains += [*range(begin + 1, begin + len(pieces)), END]


def entry(name: str, kind: int, start: int, size: int, *, right: int = FREE, child: int = FREE) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHBBIII36xIQ", encoded, len(encoded), kind, 1, FREE, right, child, start, size)


def grid(
    cells: Sequence[tuple[int, int, int, int, str]], columns: int, width: int = 600
) -> Iterator[Paragraph]:
    """A table of cells (row, column, how many of each they span, text); one that reaches downwards is in each
    row."""
    places: dict[tuple[int, int], tuple[int, str, int]] = {}
    for top, left, high, wide, words in cells:
        for down in range(high):
            flag = 0 if high == 1 else VERTICAL if down else VERTICAL_FIRST
            places[top + down, left] = (wide, "" if down else words, flag)
    for number in sorted({place[0] for place in places}):
        held = [(left, *places[number, left]) for left in range(columns) if (number, left) in places]
        edges = [width * left for left, *_ in held] + [width * (held[-1][0] + held[-1][1])]
        yield from row([words for *_, words, _ in held], edges, [flag for *_, flag in held])
