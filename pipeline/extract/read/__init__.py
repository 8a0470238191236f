"""Read the pages of a file: grids of cells with text, and the lines outside of them. Nothing is interpreted.

A step is a reader and the way in which it finds tables. The first step is fast. The others are the fallback:
they read what the first cannot make out, and read again, independently, what does not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple

from pipeline.extract.read.borderless.assemble import content_to_page, pages_to_borderless_tables
from pipeline.extract.read.borderless.by_count import pages_to_counted_tables
from pipeline.extract.read.borderless.header_blocks import PageWords
from pipeline.extract.read.glyphs import corrected_glyphs, glyphs_on_page
from pipeline.extract.read.grid import PageContent, page_to_tables_and_lines
from pipeline.extract.read.lone_cells import find_lone_cell
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.read.page_numbers import with_stamps
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.rulings import shapes_to_tables
from pipeline.records import (
    PICTURE_READER,
    Box,
    Character,
    PrintedPage,
    RawDocument,
    RawTable,
    Renamed,
    TextLine,
)

__all__ = ["COUNTING_STEP", "FALLBACK_STEPS", "PASTED_STEP", "PICTURES_STEP", "Step", "read"]


class Corrections(NamedTuple):
    """What the drawn pages say against the text of a file, by the number of the page.

    `unseen` are characters that nobody sees. `renamed` are characters with the digit that they show.
    `doubled` are characters that lie under others like them.
    """

    unseen: Mapping[int, Sequence[Character]]
    renamed: Mapping[int, Sequence[Renamed]]
    doubled: Mapping[int, Sequence[Character]] = MappingProxyType({})


NO_CORRECTIONS = Corrections(MappingProxyType({}), MappingProxyType({}))


class Step(NamedTuple):
    """`reader` is the library that reads the text, `way` how tables are found with it.

    `inspect` prints both. Ways: ruled (the cells that the backend finds), rulings (what we find by all that
    is drawn), aligned (a borderless table, found by the labels of the forms), counted (a borderless table,
    by counting), pasted (a table that is a picture on a page with text); the others are those of camelot.
    """

    reader: str
    way: str


FALLBACK_STEPS = (
    Step("pypdfium2", "ruled"),
    Step("pypdfium2", "rulings"),
    Step("pypdfium2", "aligned"),
    Step(PICTURE_READER, "aligned"),
    Step("pdfplumber", "ruled"),
    Step("pdfplumber", "rulings"),
    Step("pdfplumber", "aligned"),
    Step("camelot", "vector"),
    Step("camelot", "combined"),
    Step("camelot", "hybrid"),
    Step("camelot", "network"),
)
"""The steps from the fastest to the slowest; a reader is imported when its first step is taken."""

PICTURES_STEP = Step(PICTURE_READER, "ruled")
"""How pages are read that are pictures as a whole. It belongs to the first reading of a file."""

PASTED_STEP = Step(PICTURE_READER, "pasted")
"""How tables and cells are read that are no text on a page that has some: pictures, outlines."""

COUNTING_STEP = Step("pdfplumber", "counted")
"""An independent reader of borderless tables, for the cross-check alone: it reads full rows and no others."""

DRAWN_BORDER_MIN_SHAPES = 200
"""Count. A page with as many shapes has drawn borders, be they of dashes, dots or boxes; prose has fewer.

Taught by dashes that are drawn as separate strokes: browsers print thousands for one border, in which no
library finds a table. At 400 cells of such a report are lost.
"""


def _library_cells(page: PageContent) -> Sequence[Sequence[Box]]:
    """Return the boxes of cells that the library finds. Where it finds none among many shapes, we look."""
    tables = page.find_tables()
    if tables:
        return tables
    shapes = page.find_shapes()
    return shapes_to_tables(shapes) if len(shapes) >= DRAWN_BORDER_MIN_SHAPES else []


_CELL_FINDERS: dict[str, Callable[[PageContent], Sequence[Sequence[Box]]]] = {
    "ruled": _library_cells,
    "rulings": lambda page: shapes_to_tables(page.find_shapes()),
}
"""Ways that find the boxes of cells page by page."""

_TABLE_FINDERS: dict[str, Callable[[Sequence[PageWords], str], list[RawTable]]] = {
    "aligned": pages_to_borderless_tables,
    "counted": pages_to_counted_tables,
}
"""Ways that need all pages at once. They give whole tables, and no lines outside of them."""


def read(
    step: Step,
    file: PdfFile,
    pages: Iterable[int] | None = None,
    page_sizes: Sequence[tuple[float, float]] = (),
    corrections: Corrections = NO_CORRECTIONS,
    printed: Mapping[int, PrintedPage] = MappingProxyType({}),
) -> RawDocument:
    """Read the file, or those of its `pages` (numbers from 1), in one step.

    camelot needs `page_sizes` (width and height in points) of the whole file, and gives no lines. What the
    `corrections` say is heeded, which camelot cannot do. `printed` has these pages if the reader has read
    them before: ways that need their characters alone do not read them again. Raises whatever the library
    raises on a broken file.
    """
    if step.way in _TABLE_FINDERS and printed:
        return _words_to_document([_again(page, printed[page], file) for page in sorted(printed)], step)
    if step.reader == "camelot":
        camelot = import_module("pipeline.extract.read.backends.camelot_reader")
        heights = [height for _, height in page_sizes]
        chosen = pages or range(1, len(heights) + 1)
        tables = camelot.file_to_tables(file.path, file.password, chosen, step.way, heights)
        return RawDocument(step.reader, tuple(page_sizes), (), tuple(tables), ())
    if step.reader == PICTURE_READER:
        return _pictures_to_document(file, pages or (), step)
    reader = import_module(f"pipeline.extract.read.backends.{step.reader}_reader")
    found = (_corrected(page, corrections) for page in reader.file_to_pages(file, pages))
    return _pages_to_document(with_stamps(found), step)


def _again(number: int, printed: PrintedPage, file: PdfFile) -> PageWords:
    """Return the words of a page by what was printed on it; they are looked for once for all ways."""
    kept: PageWords | None = file.words.get(number)
    if kept is None or kept.content.glyphs is not printed.glyphs:
        orientation = PageOrientation(*printed.size, printed.turn)
        content = PageContent(number, orientation, printed.glyphs, list, list, printed.watermark)
        kept = file.words[number] = content_to_page(content)
    return PageWords(kept.content, list(kept.labels), list(kept.words))


def _corrected(page: PageContent, corrections: Corrections) -> PageContent:
    """Return the page as it is drawn; readers may differ a little in where a character stands.

    What stands beyond its edges, as the other half of a spread that was cut by a CropBox, nobody sees.
    """
    glyphs = glyphs_on_page(page.glyphs, page.orientation.reading_size)
    to_reading = page.orientation.to_reading
    unseen, doubled = (
        [(char.text, to_reading(char.box)) for char in characters.get(page.number, ())]
        for characters in (corrections.unseen, corrections.doubled)
    )
    renamed = [
        (one.character.text, one.shown, to_reading(one.character.box))
        for one in corrections.renamed.get(page.number, ())
    ]
    if unseen or renamed or doubled:
        glyphs = corrected_glyphs(glyphs, unseen, renamed, doubled)
    return page if glyphs is page.glyphs else replace(page, glyphs=glyphs)


def _pages_to_document(pages: Iterator[PageContent], step: Step) -> RawDocument:
    """Find the tables on the pages in the way of the step."""
    if step.way in _TABLE_FINDERS:
        return _words_to_document([content_to_page(page) for page in pages], step)
    orientations: list[PageOrientation] = []
    tables: list[RawTable] = []
    lines: list[TextLine] = []
    printed: dict[int, PrintedPage] = {}
    for page in pages:
        boxes = _CELL_FINDERS[step.way](page)
        found, outside = page_to_tables_and_lines(page, boxes, step.reader)
        if lone := find_lone_cell(page, outside, found, tables[-1] if tables else None):
            found, outside = page_to_tables_and_lines(page, [*boxes, [lone]], step.reader)
        orientations.append(page.orientation)
        printed[page.number] = page.printed
        tables += found
        lines += outside
    return _document(step.reader, orientations, tables, lines, printed)


def _pictures_to_document(file: PdfFile, pages: Iterable[int], step: Step) -> RawDocument:
    """Read these pages from their pictures."""
    pictures = import_module("pipeline.extract.read.picture.ocr_reader")
    found = [*pictures.file_to_pictures(file, pages, as_displayed=step == PASTED_STEP)]
    return _document(
        step.reader,
        [picture.content.orientation for picture in found],
        [table for picture in found for table in picture.tables],
        [line for picture in found for line in picture.lines],
        {picture.content.number: picture.content.printed for picture in found},
    )


def _words_to_document(pages: Sequence[PageWords], step: Step) -> RawDocument:
    """Find the borderless tables on the pages in the way of the step."""
    contents = [page.content for page in pages]
    printed = {content.number: content.printed for content in contents}
    tables = _TABLE_FINDERS[step.way](pages, step.reader)
    return _document(step.reader, [content.orientation for content in contents], tables, [], printed)


def _document(
    reader: str,
    orientations: Sequence[PageOrientation],
    tables: Sequence[RawTable],
    lines: Sequence[TextLine],
    printed: Mapping[int, PrintedPage],
) -> RawDocument:
    """Return what a reader read of pages that stand so."""
    sizes = tuple((orientation.width, orientation.height) for orientation in orientations)
    turns = tuple(orientation.quarters for orientation in orientations)
    return RawDocument(reader, sizes, turns, tuple(tables), tuple(lines), printed)
