"""Tables that stand in a page, a Word file or a workbook as pictures: cut out of the report's own PDF."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pypdfium2
from PIL import Image

from tools.generator.render import Beside, Style, Table, draw_document

from .content import Content, Flowing, Picture, block_to_tables

POINTS_AN_INCH = 72
EDGE = 6.0
"""Points. So much paper is left about a table that is cut out."""

JPEG_QUALITY = 85
INKED_MAX_SHADE = 200
"""Shades of 256. What is darker is printed."""


def with_pictures(
    content: Content, tables: Collection[str] = (), dpi: float = 150.0, form: str = "PNG"
) -> Content:
    """Return a report whose `tables` (all where none are named) are pictures, one for each page of a table.

    `form` is PNG or JPEG, `dpi` pixels an inch. Tables beside each other stay beside each other in a picture.
    """
    blocks: list[Flowing] = []
    for block in content.blocks:
        names = {table.layout.table for table in block_to_tables(block)}
        if isinstance(block, Table | Beside) and (not tables or names & set(tables)):
            blocks += _block_to_pictures(block, content.style, dpi, form)
        else:
            blocks.append(block)
    return replace(content, blocks=tuple(blocks))


def as_pages(pdf: bytes, dpi: float = 150.0, form: str = "JPEG") -> Iterator[Picture]:
    """Yield the pages of a PDF as pictures."""
    for page in _pages(pdf, dpi):
        yield _picture(page, dpi, form)


def _block_to_pictures(block: Table | Beside, style: Style, dpi: float, form: str) -> Iterator[Picture]:
    """Yield the pictures of a table, each cut out of its page."""
    plain = replace(style, page_header="", page_number=False, watermark="none")
    for page in _pages(draw_document([block], plain, ""), dpi):
        yield _picture(_cut_out(page, round(EDGE * dpi / POINTS_AN_INCH)), dpi, form)


def _pages(pdf: bytes, dpi: float) -> Iterator[Image.Image]:
    """Yield the pages of a PDF as they are drawn."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        yield page.render(scale=dpi / POINTS_AN_INCH).to_pil().convert("RGB")
    document.close()


def _cut_out(page: Image.Image, edge: int) -> Image.Image:
    """Return what is printed on a page, with some paper about it."""
    rows, columns = np.nonzero(np.asarray(page.convert("L")) < INKED_MAX_SHADE)
    return page.crop(
        (
            max(int(columns.min()) - edge, 0),
            max(int(rows.min()) - edge, 0),
            min(int(columns.max()) + edge, page.width),
            min(int(rows.max()) + edge, page.height),
        )
    )


def _picture(page: Image.Image, dpi: float, form: str) -> Picture:
    kept = io.BytesIO()
    page.save(kept, form, quality=JPEG_QUALITY)
    sides = (side * POINTS_AN_INCH / dpi for side in page.size)
    return Picture(kept.getvalue(), form.lower(), *sides)
