"""Where the displayed page begins on the page as stored: tablers does not say."""

from __future__ import annotations

import re
from pathlib import Path

Origin = tuple[float, float]
"""The stored coordinates of the displayed page's lower left corner (points)."""

_BOX = re.compile(rb"/(?:MediaBox|CropBox)\s*\[\s*([-\d.]+)\s+([-\d.]+)")


def file_to_origins(path: Path, password: str | None) -> dict[int, Origin]:
    """The origin of every page that does not begin at (0, 0), by its number.

    Most files name their boxes in plain bytes, and none but (0, 0): looking there is some hundred times
    faster than asking pdfium for every page.
    """
    corners = {(float(x), float(y)) for x, y in _BOX.findall(path.read_bytes())}
    if corners == {(0.0, 0.0)}:
        return {}
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path, password=password) as document:
            boxes = {number: page.get_cropbox() for number, page in enumerate(document, start=1)}
    except pypdfium2.PdfiumError:  # a broken page: the reader itself will say so
        return {}
    return {number: (box[0], box[1]) for number, box in boxes.items() if box[:2] != (0.0, 0.0)}
