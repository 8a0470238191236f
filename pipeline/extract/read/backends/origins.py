"""Where the displayed page begins on the page as stored: tablers does not say."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

Origin = tuple[float, float]
"""The stored coordinates of the displayed page's lower left corner (points)."""

_BOX = re.compile(rb"/(?:MediaBox|CropBox)\s*\[\s*([-\d.]+)\s+([-\d.]+)")

_PACKED = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
OBJECT_STREAM_MAX_BYTES = 4_000_000
"""Objects packed into a stream of more bytes than this are left to pdfium."""


def file_to_origins(path: Path, password: str | None) -> dict[int, Origin]:
    """The origin of every page that does not begin at (0, 0), by its number.

    Most files name their boxes in plain bytes or packed objects, and none but (0, 0): looking there is
    some hundred times faster than asking pdfium for every page.
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
    """The objects that a file packs into deflated streams; what is not to be unpacked is left out."""
    for found in _PACKED.finditer(data):
        try:
            yield zlib.decompressobj().decompress(memoryview(data)[found.end() :], OBJECT_STREAM_MAX_BYTES)
        except zlib.error:
            continue
