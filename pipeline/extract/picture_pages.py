"""Tell which pages of a file are pictures, and which may show a table in a way that is no text."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.extract.drawn_page import PIXELS_PER_POINT, DrawnPdf, TextApart
from pipeline.extract.page_cells import glyph_to_characters
from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, PrintedPage, RawDocument

PICTURE_MIN_SHARE = 0.5
"""Share of a page's area. The picture of a scanned page covers more, be it pasted into a document."""

PRINTED_MAX_CHARACTERS = 60
"""Count. A scan has no more characters that are no picture: a page number, a stamp, the name of a program."""

TABLE_MIN_WIDTH_SHARE = 0.4
"""Share of a page's width. A picture that shows a table of the forms is as wide; a seal or a logo is not."""

OUTLINES_MIN = 100
"""Count. A table in outlines has as many parts that are no lines: its labels alone have more."""

ODD_MIN = 10
"""Count. A page with as many shapes without their right names may hold a table that is no text.

Taught by Chinese characters that a reprint names ÿ and Ā, so that labels of rows are not recognised.
"""

LATIN_EXTENDED = "\x80", "\u024f"
"""First and last of what no Chinese report prints, but for a sign here and there (°, ×, ·)."""


def picture_pages(drawn: DrawnPdf, raw: RawDocument) -> frozenset[int]:
    """Return the pages that are pictures: no text is seen there, be there one that nobody sees.

    `raw` is what was read of their text. Raises RuntimeError where a page cannot be drawn.
    """
    return frozenset(number for number, page in raw.printed.items() if _is_picture(drawn, number, page))


def _is_picture(drawn: DrawnPdf, number: int, page: PrintedPage) -> bool:
    """Whether a page shows no text, or nearly none beside a large picture."""
    if not page.glyphs:
        return drawn.shows_drawing(number)
    if drawn.pictured_share(number) < PICTURE_MIN_SHARE:
        return False
    if not has_layer(page):
        return True
    (apart,) = drawn.draw_text_apart(number, [Box(0.0, 0.0, *page.size)], pictures=True)
    return apart is not None and _count_inked(apart, page) <= PRINTED_MAX_CHARACTERS


def has_layer(page: PrintedPage) -> bool:
    """Whether a page that is a picture has so much text that it is what a program for OCR read in it."""
    return sum(len(glyph.text) for glyph in page.glyphs) > PRINTED_MAX_CHARACTERS


def _count_inked(apart: TextApart, page: PrintedPage) -> int:
    """Return how many characters of a page leave ink on it."""
    inked = apart.full.shades != apart.bare.shades
    if not inked.any():
        return 0
    orientation = PageOrientation(*page.size, page.turn)
    boxes = (char.box for glyph in page.glyphs for char in glyph_to_characters(glyph, orientation))
    places = (tuple(max(int(edge * PIXELS_PER_POINT), 0) for edge in box) for box in boxes)
    return sum(bool(inked[top : bottom + 1, x0 : x1 + 1].any()) for x0, top, x1, bottom in places)


def pages_with_pasted(drawn: DrawnPdf, raw: RawDocument, pages: Iterable[int]) -> frozenset[int]:
    """Return those of these pages on which a table may stand as a picture, outlines, or nameless shapes."""
    return frozenset(number for number in pages if _may_show_table(drawn, number, raw.printed.get(number)))


def _may_show_table(drawn: DrawnPdf, number: int, page: PrintedPage | None) -> bool:
    """Whether a page has a wide picture, many outlines, or many shapes without their right names."""
    if page is None:
        return False
    wide = TABLE_MIN_WIDTH_SHARE * page.size[0]
    return (
        any(box.x1 - box.x0 >= wide for box in drawn.pictures(number))
        or drawn.count_outlines(number) >= OUTLINES_MIN
        or sum(map(_is_odd, "".join(glyph.text for glyph in page.glyphs))) >= ODD_MIN
    )


def _is_odd(char: str) -> bool:
    """Whether a character is no name of the shape that is printed, or hardly is."""
    return char == UNNAMED or LATIN_EXTENDED[0] <= char <= LATIN_EXTENDED[1]
