"""The reader of pictures: from a page to the texts of its cells and lines, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.extract.read.glyphs import chars_to_runs
from pipeline.extract.read.grid import PageContent, glyphs_to_text_lines
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.picture.cell_text import CellText, crops_to_texts
from pipeline.extract.read.picture.halves import with_whole_ideographs
from pipeline.extract.read.picture.line_model import problem
from pipeline.extract.read.picture.line_readings import lines_to_full_readings
from pipeline.extract.read.picture.page_picture import file_to_picture
from pipeline.extract.read.picture.pictures import (
    GREYED,
    SEALED,
    UNRULED,
    Homography,
    LineReading,
    Mask,
    PagePicture,
    PictureCell,
    PictureLine,
    PictureTable,
    Shades,
    StraightPicture,
)
from pipeline.extract.read.picture.ruled_tables import straight_to_tables
from pipeline.extract.read.picture.seal_ink import table_without_seals
from pipeline.extract.read.picture.straighten import picture_to_straight
from pipeline.extract.read.picture.text_lines import straight_to_lines
from pipeline.extract.read.picture.text_pieces import INKED, smaller
from pipeline.records import PICTURE_READER, Box, Glyph, RawCell, RawTable, TextLine, bounding_box

BROKEN = "a ruling beside it is broken"
OVER_BORDER = "its ink reaches to that of the next cell"

OVER_BORDER_MAX_GAP = 2.5
"""Points. Two digits of one number stand nearer to each other; numbers of two cells hardly do."""

PAPER_MIN_SHADE = 128
"""Shades of 256. What is as light is paper."""

BLANK_CROP: Shades = np.full((8, 8), 255, np.uint8)
"""What stands in a cell without rulings that has no ink."""

_ENDS = re.compile(r"(?=[0-9]).*[0-9]", re.DOTALL)
"""What begins and ends with a digit."""


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """A page that was read as a picture, in points on the straight page.

    `content` has the text outside of the ruled `tables`. `cells` are the cells of these, by their boxes;
    `doubts` says of some why two readings of them are not enough. `printed` are the lines outside of tables.
    `inked` says of each square point of the straight page whether there is ink, be it a seal's.
    `to_page` takes points of the straight page to those of the page as displayed. Where the page is read
    beside its text, all is on the page as displayed (`as_displayed`).
    """

    content: PageContent
    tables: tuple[RawTable, ...]
    cells: Mapping[Box, PictureCell]
    doubts: Mapping[Box, str]
    printed: Sequence[PictureLine]
    inked: Mask
    to_page: Homography

    def as_displayed(self) -> ReadPicture:
        """Return its tables alone, on the page as displayed."""
        tables = (
            replace(
                table, cells=tuple(map(self._displayed_cell, table.cells)), box=self.to_displayed(table.box)
            )
            for table in self.tables
        )
        cells = {self.to_displayed(box): cell for box, cell in self.cells.items()}
        doubts = {self.to_displayed(box): words for box, words in self.doubts.items()}
        return replace(
            self,
            content=replace(self.content, glyphs=()),
            tables=tuple(tables),
            cells=cells,
            doubts=doubts,
            printed=(),
            inked=np.empty((0, 0), np.bool_),
            to_page=np.eye(3),
        )

    def _displayed_cell(self, cell: RawCell) -> RawCell:
        """Return a cell on the page as displayed."""
        return cell._replace(box=self.to_displayed(cell.box))

    def crop(self, box: Box) -> Shades | None:
        """Return what stands in the box of a cell.

        None where that is no ruled cell and on no line, and not blank paper either.
        """
        if cell := self.cells.get(box):
            return cell.crop
        own = self._lines_at(box)
        if not own and self._is_blank(box):
            return BLANK_CROP
        return _cut(own[0], box) if len(own) == 1 else None

    def doubt(self, box: Box) -> str:
        """Return in words why two readings of a cell are not enough; "" where they are."""
        is_bare = box not in self.cells and not self._lines_at(box)
        return self.doubts.get(box, UNRULED if is_bare else "")

    def is_printed(self, box: Box) -> bool:
        """Whether a box that is no ruled cell has ink of a line of text: what was dust is in no line."""
        crop = None if box in self.cells else self.crop(box)
        return crop is not None and bool(crop.min(initial=255) < PAPER_MIN_SHADE)

    def _lines_at(self, box: Box) -> list[PictureLine]:
        """Return the lines on which the middle of a box lies."""
        middle = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
        return [line for line in self.printed if _holds(line.box, *middle)]

    def _is_blank(self, box: Box) -> bool:
        """Whether a box lies on the page and has no ink."""
        x0, top, x1, bottom = (round(at) for at in box)
        part = self.inked[max(top, 0) : bottom, max(x0, 0) : x1]
        return bool(part.size) and not part.any()

    @property
    def lines(self) -> list[TextLine]:
        """Return the lines of text outside of the tables."""
        return glyphs_to_text_lines(self.content.glyphs, self.content)

    def to_displayed(self, box: Box) -> Box:
        """Return the box on the page as displayed that holds a box on the straight page."""
        x0, top, x1, bottom = box
        corners = np.array([[(x0, top), (x1, top), (x1, bottom), (x0, bottom)]])
        (placed,) = cv2.perspectiveTransform(corners, self.to_page)
        return Box(*placed.min(axis=0).tolist(), *placed.max(axis=0).tolist())


def file_to_pictures(file: PdfFile, pages: Iterable[int], *, as_displayed: bool) -> Iterator[ReadPicture]:
    """Yield these pages as they are read from their pictures; each is read once.

    Raises pypdfium2.PdfiumError where pdfium cannot draw a page, and ModuleNotFoundError where nothing is
    installed that recognises text.
    """
    if words := problem():
        raise ModuleNotFoundError(words)
    for number in sorted(pages):
        if number not in file.pictures:
            read = _read(file, number)
            file.pictures[number] = read.as_displayed() if as_displayed else read
        yield file.pictures[number]


def _read(file: PdfFile, number: int) -> ReadPicture:
    """Read one page from its picture."""
    picture = file_to_picture(file, number)
    file.close_page(number)
    return picture_to_read(picture, number)


def picture_to_read(picture: PagePicture, number: int, *, is_upright: bool = False) -> ReadPicture:
    """Return what is read of a picture, as the page of this number.

    Which way up it lies is found out, unless it is known to be upright. Raises ModuleNotFoundError where
    nothing is installed that recognises text.
    """
    straight = picture_to_straight(picture, is_upright=is_upright)
    tables = [table_without_seals(table, straight.scale) for table in straight_to_tables(straight)]
    cut = straight_to_lines(straight, tables)
    lines = with_whole_ideographs(cut, lines_to_full_readings([line.crop for line in cut]), straight)
    height, width = straight.shades.shape
    orientation = PageOrientation(width / straight.scale, height / straight.scale)
    glyphs = [glyph for line, reading in lines for glyph in line_to_glyphs(line, reading)]
    content = PageContent(number, orientation, glyphs, list, list)
    cells = [cell for table in tables for cell in table.cells]
    texts = crops_to_texts([cell.crop for cell in cells], straight.scale)
    read = {cell.box: text.text for cell, text in zip(cells, texts, strict=True)}
    from_points, to_points = np.diag([straight.scale] * 2 + [1]), np.diag([1 / picture.scale] * 2 + [1])
    return ReadPicture(
        content,
        tuple(_to_raw(table, read, number) for table in tables),
        {cell.box: cell._replace(crop=cell.crop.copy()) for cell in cells},  # not a part of the whole page
        {cell.box: words for cell, text in zip(cells, texts, strict=True) if (words := _doubt(cell, text))}
        | dict.fromkeys(_over_borders(tables, read, straight.scale), OVER_BORDER),
        [line._replace(crop=line.crop.copy()) for line, _ in lines],
        _inked(straight),
        to_points @ straight.to_page @ from_points,
    )


def _inked(picture: StraightPicture) -> Mask:
    """Return which square points of a picture have ink."""
    ink = smaller(picture.shades, picture.scale) < INKED
    if picture.seal.any():
        ink |= smaller(picture.seal.view(np.uint8) * np.uint8(255), picture.scale) > 0
    return ink


def _doubt(cell: PictureCell, text: CellText) -> str:
    """Return in words why a cell is doubtful whatever was read in it; "" where it is not."""
    return GREYED if cell.greyed else SEALED if cell.sealed else BROKEN if cell.broken else text.unsure


def _over_borders(tables: Iterable[PictureTable], texts: Mapping[Box, str], scale: float) -> Iterator[Box]:
    """Yield the cells with numbers whose ink stands as near to each other as digits of one number."""
    for table in tables:
        cells = {(cell.row, cell.col): cell for cell in table.cells if _ENDS.fullmatch(texts[cell.box])}
        for cell in cells.values():
            beside = cells.get((cell.row, cell.col + cell.col_span))
            if (
                beside
                and sum(_margins(cell.crop)[1:] + _margins(beside.crop)[:1]) < OVER_BORDER_MAX_GAP * scale
            ):
                yield from (cell.box, beside.box)


def _margins(crop: Shades) -> tuple[int, int]:
    """Return how many columns (pixels) of a crop are blank before its ink and behind it."""
    inked = np.flatnonzero((crop < PAPER_MIN_SHADE).any(axis=0))
    return (int(inked[0]), crop.shape[1] - 1 - int(inked[-1])) if inked.size else (crop.shape[1],) * 2


def _holds(box: Box, x: float, y: float) -> bool:
    """Whether a place lies in a box."""
    return box.x0 <= x <= box.x1 and box.top <= y <= box.bottom


def _cut(line: PictureLine, box: Box) -> Shades:
    """Return the part of a line that stands in the box of a cell."""
    pixels = line.crop.shape[1] / (line.box.x1 - line.box.x0)
    left, right = (round((edge - line.box.x0) * pixels) for edge in (box.x0, box.x1))
    return line.crop[:, max(left, 0) : max(right, 1)]


def _to_raw(table: PictureTable, texts: Mapping[Box, str], number: int) -> RawTable:
    """Return a ruled table with the texts of its cells."""
    cells = [
        RawCell(
            cell.row,
            cell.col,
            cell.row_span,
            cell.col_span,
            texts[cell.box],
            cell.box.x0,
            cell.box.x1,
            cell.box,
        )
        for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.col))
    ]
    return RawTable(number, PICTURE_READER, tuple(cells), bounding_box([cell.box for cell in cells]))


def line_to_glyphs(line: PictureLine, reading: LineReading) -> list[Glyph]:
    """Return the characters of a line as runs, in points on the straight page."""
    x0, top, x1, bottom = line.box
    point = (x1 - x0) / line.crop.shape[1]
    printed = [
        (char, place) for char, place in zip(reading.text, reading.places, strict=True) if not char.isspace()
    ]
    if not printed:
        return []
    edges = x0 + point * np.array([place for _, place in printed])
    middle, half = (top + bottom) / 2, point * reading.size / 2
    boxes = np.insert(edges, [1, 2], [middle - half, middle + half], axis=1)
    return chars_to_runs("".join(char for char, _ in printed), boxes, [0] * len(printed))
