"""The second reader: pdfplumber on pdfminer.six. It shares no code with pdfium."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pdfplumber

from pipeline.extract.read.glyphs import (
    SYMBOL_DIGITS,
    UNNAMED,
    WATERMARK_MIN_SLANT,
    boxes_of_dropped,
    chars_to_runs,
    drop_watermark,
    trim_heights,
)
from pipeline.extract.read.grid import PageContent
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.rulings import LEVEL_MAX_RISE
from pipeline.records import Box

BORDER_POLYGON_MAX_POINTS = 6
"""Count. Paths of no more points are the straight pieces of which browsers draw borders."""

WATERMARK_MIN_SLANT_TANGENT = math.tan(math.radians(WATERMARK_MIN_SLANT))

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font it finds odd


def file_to_pages(file: PdfFile, pages: Iterable[int] | None) -> Iterator[PageContent]:
    """Yield every page, or those with the numbers (from 1) in `pages`.

    Raises whatever pdfplumber raises on a broken file.
    """
    chosen = None if pages is None else sorted(pages)
    with pdfplumber.open(file.path, pages=chosen, password=file.password or "") as document:
        for page in document.pages:
            yield _page(page)
            page.close()


def _page(page: Any) -> PageContent:
    """Turn a page of pdfplumber for reading, and drop what slants or is otherwise a watermark."""
    turns = Counter(_quarters(char) for char in page.chars)
    quarters = next((turn for turn, _ in turns.most_common() if turn is not None), 0)
    left, upper, right, lower = _displayed(page)
    orientation = PageOrientation(right - left, lower - upper, quarters)

    def place(box: Box) -> Box:
        """Turn a box for reading; pdfplumber measures on the whole page, not on what is displayed."""
        x0, top, x1, bottom = box
        return orientation.to_reading(Box(x0 - left, top - upper, x1 - left, bottom - upper))

    chars = [
        (text, place(_box(char)), (turn - quarters) % 4)
        for char in page.chars
        if (turn := _quarters(char)) is not None and (text := _text(char["text"]))
    ]
    texts, boxes, turned = zip(*chars, strict=True) if chars else ((), (), ())
    whole = trim_heights(chars_to_runs(texts, np.array(boxes), turned))
    glyphs = drop_watermark(whole)
    slanted = [place(_box(char)) for char in page.chars if _quarters(char) is None]

    def tables() -> list[list[Box]]:
        """Return the boxes of the cells of each table, turned for reading."""
        return [
            [place(Box(*cell)) for cell in table.cells] for table in page.filter(_is_straight).find_tables()
        ]

    def shapes() -> list[Box]:
        """Return the bounding boxes of all lines, rectangles and straight pieces."""
        polygons = (curve for curve in page.curves if len(curve["pts"]) <= BORDER_POLYGON_MAX_POINTS)
        drawn = (*filter(_is_straight, page.lines), *page.rects, *polygons)
        return [place(_box(shape)) for shape in drawn]

    return PageContent(
        page.page_number, orientation, glyphs, tables, shapes, [*slanted, *boxes_of_dropped(whole, glyphs)]
    )


def _box(thing: dict[str, Any]) -> Box:
    """Return the bounding box of one of pdfplumber's objects."""
    return Box(thing["x0"], thing["top"], thing["x1"], thing["bottom"])


def _is_straight(thing: dict[str, Any]) -> bool:
    """Whether one of pdfplumber's objects is no diagonal: of these pdfplumber makes upright rulings."""
    return bool(thing["object_type"] != "line" or min(thing["width"], thing["height"]) <= LEVEL_MAX_RISE)


def _displayed(page: Any) -> Box:
    """Return the part of a page that is displayed: its CropBox, as far as it lies on the page."""
    (x0, top, x1, bottom), whole = page.cropbox, page.mediabox
    return Box(
        float(max(x0, whole[0])),
        float(max(top, whole[1])),
        float(min(x1, whole[2])),
        float(min(bottom, whole[3])),
    )


def _quarters(char: dict[str, Any]) -> int | None:
    """Return the clockwise quarter turns that bring a character upright; None for one that slants."""
    a, b = char["matrix"][:2]
    if abs(b) <= WATERMARK_MIN_SLANT_TANGENT * abs(a):
        return 0 if a >= 0 else 2
    if abs(a) <= WATERMARK_MIN_SLANT_TANGENT * abs(b):
        return 1 if b > 0 else 3
    return None


def _text(char: str) -> str:
    """Return a character as it counts: "" for white space, UNNAMED for one that the file does not name."""
    if char.startswith("(cid:") or char == "\x00":
        return UNNAMED
    return "" if char.isspace() else SYMBOL_DIGITS.get(char, char)
