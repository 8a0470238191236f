"""Find where the displayed page begins on the page as stored, which tablers does not tell."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

Origin = tuple[float, float]
"""The lower left corner of the displayed page, x and y on the page as stored, in points."""

_BOX = re.compile(rb"/(?:MediaBox|CropBox)\s*\[\s*([-\d.]+)\s+([-\d.]+)")

_PACKED = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
OBJECT_STREAM_MAX_BYTES = 4_000_000
"""Bytes. A stream of packed objects is looked at no further; pdfium is asked about what lies beyond."""


def file_to_origins(path: Path, password: str | None) -> dict[int, Origin]:
    """Return the origin of every page that does not begin at (0, 0), by the number of the page.

    Most files name the boxes of their pages in plain bytes or in packed objects, all of them with (0, 0).
    Looking there is some hundred times faster than asking pdfium about every page.
    """
    data = path.read_bytes()
    corners = {(float(x), float(y)) for part in (data, *_unpacked(data)) for x, y in _BOX.findall(part)}
    if corners == {(0.0, 0.0)}:
        return {}
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path, password=password) as document:
            boxes = {number: page.get_cropbox() for number, page in enumerate(document, start=1)}
    except pypdfium2.PdfiumError:  # a broken page: the reader itself will say so
        return {}
    return {number: (box[0], box[1]) for number, box in boxes.items() if box[:2] != (0.0, 0.0)}


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield the objects that a file packs into deflated streams; streams that do not unpack are left out."""
    for found in _PACKED.finditer(data):
        try:
            yield zlib.decompressobj().decompress(memoryview(data)[found.end() :], OBJECT_STREAM_MAX_BYTES)
        except zlib.error:
            continue
