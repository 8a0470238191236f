"""Objects of a PDF changed and added, as an update at its end; the file is as pdfium writes it."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping
from typing import Any

OBJECT = re.compile(rb"(?:^|[\r\n])(\d+) 0 obj\b(.*?)endobj", re.DOTALL)
STREAM = re.compile(rb"(.*?)stream\r?\n(.*)\r?\nendstream", re.DOTALL)


class Objects:
    """The objects of a file by number: `changed` and new ones are written at its end."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = plain(pdf)
        self.known = {int(found[1]): found[2].strip() for found in OBJECT.finditer(self.pdf)}
        self.changed: dict[int, bytes] = {}

    def __getitem__(self, number: int) -> bytes:
        return self.changed.get(number) or self.known[number]

    def __setitem__(self, number: int, content: bytes) -> None:
        self.changed[number] = content

    def add(self, content: bytes) -> int:
        """Return the number of a new object."""
        number = max((*self.known, *self.changed)) + 1
        self.changed[number] = content
        return number

    def add_stream(self, entries: bytes, content: bytes) -> int:
        """Return the number of a new stream."""
        return self.add(as_stream(entries, content))

    def root(self) -> int:
        """Return the number of the catalogue."""
        found = re.findall(rb"/Root (\d+) 0 R", self.pdf)
        return int(found[-1])

    def pages(self) -> list[int]:
        """Return the numbers of the pages in their order."""
        return list(self._leaves(int(_entry(self[self.root()], b"Pages"))))

    def _leaves(self, node: int) -> list[int]:
        kids = re.search(rb"/Kids\s*\[(.*?)\]", self[node], re.DOTALL)
        if not kids:
            return [node]
        return [leaf for kid in re.findall(rb"(\d+) 0 R", kids[1]) for leaf in self._leaves(int(kid))]

    def extend(self, number: int, entries: bytes) -> None:
        """Add entries to a dictionary, or to that of a stream."""
        self[number] = self[number].replace(b"<<", b"<<" + entries + b" ", 1)

    def stream(self, number: int) -> bytes:
        """Return what a stream holds."""
        found = STREAM.match(self[number])
        if not found:
            raise ValueError(f"object {number} is no stream")
        content = found[2]
        if b"/ASCII85Decode" in found[1]:
            content = base64.a85decode(content.strip().removesuffix(b"~>"))
        return zlib.decompress(content) if b"/FlateDecode" in found[1] else content

    def to_bytes(self) -> bytes:
        """Return the file with the update at its end."""
        pdf, places = self.pdf, dict[int, int]()
        for number, content in self.changed.items():
            places[number] = len(pdf) + 1
            pdf += b"\n%d 0 obj\n%s\nendobj" % (number, content)
        entries = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in places.items())
        start = re.findall(rb"startxref\s+(\d+)", self.pdf)[-1]
        size = max((*self.known, *self.changed)) + 1
        trailer = b"/Size %d /Root %d 0 R /Prev %s" % (size, self.root(), start)
        return pdf + b"\nxref\n%strailer\n<<%s>>\nstartxref\n%d\n%%%%EOF\n" % (entries, trailer, len(pdf) + 1)


def plain(pdf: bytes) -> bytes:
    """Return the file as pdfium writes it: each object for itself, a table of their places."""
    import pypdfium2

    from .overlay import saved

    with pypdfium2.PdfDocument(pdf) as document:
        return saved(document)


def as_stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def _entry(content: bytes, name: bytes) -> bytes:
    found = re.search(rb"/%s (\d+) 0 R" % name, content)
    if not found:
        raise ValueError(f"no /{name.decode()} there")
    return found[1]


# ------------------------------------------------------------------ maps of fonts

Map = Mapping[str, str]
"""What a font says for a character, by what it should say; nothing where it is to say nothing."""

CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CMapName /Edited def
/CMapType 2 def
1 begincodespacerange
<{low}> <{high}>
endcodespacerange
{pairs}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def with_maps(pdf: bytes, renamed: Map) -> bytes:
    """Return the file with fonts that say other characters than they draw."""
    objects = Objects(pdf)
    for number in sorted({int(found) for found in re.findall(rb"/ToUnicode (\d+) 0 R", objects.pdf)}):
        objects[number] = as_stream(b"", edited(objects.stream(number).decode("latin-1"), renamed).encode())
    return objects.to_bytes()


def edited(cmap: str, renamed: Map) -> str:
    """Return a map from codes to characters, written anew with some of them renamed."""
    known = dict(_pairs(cmap))
    width = max(map(len, known), default=4)
    known = {code: "".join(renamed.get(char, char) for char in text) for code, text in known.items()}
    named = sorted((code, text.encode("utf-16-be").hex()) for code, text in known.items() if text)
    lines = [f"<{code}> <{text}>\n" for code, text in named]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    pairs = "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
    return CMAP.format(low="0" * width, high="F" * width, pairs=pairs)


def _pairs(cmap: str) -> Any:
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            yield code.upper(), _text(text)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, _, listed in re.findall(r"<(\w+)>\s*<(\w+)>\s*\[(.*?)\]", block, re.DOTALL):
            for step, text in enumerate(re.findall(r"<(\w+)>", listed)):
                yield _next(first, step), _text(text)
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                start = _text(text)
                yield _next(first, step), start[:-1] + chr(ord(start[-1]) + step)


def _next(code: str, step: int) -> str:
    return f"{int(code, 16) + step:0{len(code)}X}"


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be")
