"""Draw parts of pages as a viewer shows them: with form fields, notes, and layers as switched."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import compress, repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.extract.read.backends.pdfium_calls import (
    address,
    destroy_bitmap,
    height_of_bitmap,
    run,
    set_drawn,
    tile_of_fill,
    width_of_bitmap,
)
from pipeline.extract.read.backends.pdfium_shapes import (
    page_to_objects,
    page_to_shapes,
    page_to_stored,
    paths_to_parts,
)
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.records import Box, Character

READER = "pypdfium2"

PIXELS_PER_POINT = 2.0
"""Pixels a point. Digits of usual size are some 15 pixels high; at 1.0 neighbours run together."""

DRAWN_MAX_PIXELS = 20_000_000
"""Pixels. A larger part of a page is not drawn, for it would fill the memory; an A3 page has 4 million."""

LINE_MAX_POINTS = 7
"""Count. A line, a rectangle, or half of a bevelled frame has no more corners; most digits in outlines do."""

DIGIT_SIDES = (4.0, 14.0)
"""Points, twice. What is straight and as long may be a part of a digit; dashes are shorter, lines longer."""

HATCHING_MIN_SIDE = 4.0
"""Points. What is filled with a pattern and less high or wide is a line, and may strike a number out.

Taught by a line with a gradient from red to blue.
"""

NUMBER_PICTURE_MAX_HEIGHT = 48.0
"""Points. A picture that is both higher and wider strikes no number out: a scan, a watermark, or a seal."""

_DEVICE_UNITS_PER_POINT = 100
"""Count, of the units of a point in which pdfium is asked where a place of the page is displayed."""

NOT_SHOWN_FLAGS = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
"""Flags of annotations that nobody sees on a screen."""

NOT_DRAWN_NOTES = frozenset({pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP})
"""Kinds of annotations that put no ink on a page."""

Bounds = tuple[float, float, float, float]
"""Left, bottom, right and top of something on a page as stored, in points."""

Shades = npt.NDArray[np.uint8]
Places = npt.NDArray[np.float64]


class PagePart(NamedTuple):
    """A part of a page: shades from 0 (black) to 255, and its corner in pixels of the whole page."""

    shades: Shades
    x0: int
    top: int


class TextApart(NamedTuple):
    """A part of a page as it is drawn, and the same without its text."""

    full: PagePart
    bare: PagePart


class Typed(NamedTuple):
    """What a form field or a note says, which it may not have the room to show; its box as displayed."""

    page: int
    box: Box
    text: str


class DrawnPdf:
    """A file that is looked at; whoever opened it closes it."""

    def __init__(self, file: PdfFile) -> None:
        """Look at the file; raise pypdfium2.PdfiumError where pdfium cannot open it."""
        self._page, self._shapes = file.page, partial(file.of_page, page_to_shapes)
        self._stored = partial(file.of_page, page_to_stored)
        _ = file.document

    def draw(self, number: int, box: Box) -> PagePart | None:
        """Return this part (points, as displayed) of a page; None where it is too large or off the page.

        The page has whole pixels, so that what is drawn at its far edges lies half a pixel off, and no more.
        """
        page = self._page(number)
        width, height = page.get_size()
        x0, top = max(int(box.x0), 0), max(int(box.top), 0)
        right, bottom = min(box.x1, width), min(box.bottom, height)
        if right - x0 < 1 or bottom - top < 1:
            return None
        if (right - x0) * (bottom - top) * PIXELS_PER_POINT**2 > DRAWN_MAX_PIXELS:
            return None
        size = [round(side * PIXELS_PER_POINT) for side in (width, height)]
        beyond = [math.ceil(side * PIXELS_PER_POINT) for side in (width - right, height - bottom)]
        corner = int(x0 * PIXELS_PER_POINT), int(top * PIXELS_PER_POINT)
        columns, rows = (end - cut - begin for end, cut, begin in zip(size, beyond, corner, strict=True))
        shades = np.full((rows, columns), 255, np.uint8)
        kind = pdfium.FPDFBitmap_Gray
        bitmap = pdfium.FPDFBitmap_CreateEx(columns, rows, kind, shades.ctypes.data, columns)
        drawn = bitmap, page, -corner[0], -corner[1], *size, 0, pdfium.FPDF_GRAYSCALE | pdfium.FPDF_ANNOT
        pdfium.FPDF_RenderPageBitmap(*drawn)
        if page.formenv:
            pdfium.FPDF_FFLDraw(page.formenv, *drawn)
        pdfium.FPDFBitmap_Destroy(bitmap)
        return PagePart(shades, *corner)

    def covered(self, number: int, box: Box) -> list[Character]:
        """Return the characters within a box that the page looks the same without.

        Each text is left out in turn, and the page drawn again.
        """
        page = self._page(number)
        found: list[Character] = []
        with_all = self.draw(number, box)
        for text, characters in _texts_within(page, box):
            pdfium.FPDFPageObj_SetIsActive(text, 0)
            without = self.draw(number, box)
            pdfium.FPDFPageObj_SetIsActive(text, 1)
            if with_all is not None and without is not None:
                found += [char for char in characters if not _differ(with_all, without, char.box)]
        return found

    def draw_text_apart(
        self, number: int, boxes: Sequence[Box], *, pictures: bool = False
    ) -> list[TextApart | None]:
        """Return parts of a page with and without its text; None for each that cannot be drawn.

        What is hatched is left out of both, for a cell filled with a pattern strikes no number out. Without
        `pictures` large ones are too: a scan, a watermark, or a seal.
        """
        texts, _ = page_to_objects(self._page(number), pdfium.FPDF_PAGEOBJ_TEXT)
        large = [] if pictures else self._large_pictures(number)
        with _left_out([*self._hatchings(number), *large]):
            full = [self.draw(number, box) for box in boxes]
            with _left_out(texts):
                bare = [self.draw(number, box) for box in boxes]
        pairs = zip(full, bare, strict=True)
        return [TextApart(drawn, rest) if drawn and rest else None for drawn, rest in pairs]

    def draw_shapes(self, number: int, box: Box) -> PagePart | None:
        """Return a part of a page without its text and without straight lines: what else may be a number.

        A pattern may show one, be it in a rectangle.
        """
        page = self._page(number)
        texts, _ = page_to_objects(page, pdfium.FPDF_PAGEOBJ_TEXT)
        lines = _lines_among(*page_to_objects(page, pdfium.FPDF_PAGEOBJ_PATH))
        with _left_out([*texts, *(set(lines) - set(self._patterned(number)[0]))]):
            return self.draw(number, box)

    def _large_pictures(self, number: int) -> list[int]:
        """Return the addresses of the pictures of a page that are larger than any that shows a number."""
        large = _are_large(self._shapes(number).pictures)
        if not large.any():
            return []
        found, _ = page_to_objects(self._page(number), pdfium.FPDF_PAGEOBJ_IMAGE)
        return [*compress(found, large.tolist())]

    def _hatchings(self, number: int) -> list[int]:
        """Return the addresses of the paths of a page that are filled with a pattern again and again.

        One that is larger than its path shows a part of it once, as a line with a gradient does.
        """
        tiles, matrices = self._patterned(number)
        paths = [*tiles]
        parts = paths_to_parts(paths)
        bounds = parts.bounds(matrices)
        sides, owners = bounds[:, 2:] - bounds[:, :2], parts.path_of[parts.starts]
        lengths = np.array([*tiles.values()], np.float64)[owners]
        are_lines = (sides.min(axis=1, initial=np.inf) < HATCHING_MIN_SIDE) | (
            sides.max(axis=1, initial=0) <= lengths
        )
        lines = {*owners[are_lines].tolist()}
        return [path for at, path in enumerate(paths) if at not in lines]

    def _patterned(self, number: int) -> tuple[Mapping[int, int], Places]:
        """Return the paths of a page that are filled with a pattern: text, or a hatching.

        Each address has the longer side of the pattern (in its own units). The matrices that place the paths
        on the page come second.
        """
        page = self._page(number)
        paths, matrices = page_to_objects(page, pdfium.FPDF_PAGEOBJ_PATH)
        tiles = [*map(tile_of_fill, repeat(address(page.pdf.raw)), paths)]
        own = [*filter(None, tiles)]
        sides = [*map(max, map(width_of_bitmap, own), map(height_of_bitmap, own))]
        run(map(destroy_bitmap, own))
        filled = np.array([bool(tile) for tile in tiles], np.bool_)
        return dict(zip(compress(paths, tiles), sides, strict=True)), matrices[filled]

    def parts(self, number: int) -> tuple[Places, Places]:
        """Return the places (points, as displayed) of lines and rectangles, and of all other paths."""
        drawn = self._shapes(number)
        return self._displayed(number, drawn.bounds), self._displayed(number, drawn.others)

    def besides_text(self, number: int) -> Places | None:
        """Return the places (points, as displayed) of all that is drawn besides text; None if one is unknown.

        Nobody says where a shading or a note puts ink.
        """
        drawn = self._shapes(number)
        if drawn.is_shaded or self.has_notes(number):
            return None
        return self._displayed(number, np.concatenate([drawn.bounds, drawn.others, drawn.pictures]))

    def pictures(self, number: int) -> list[Box]:
        """Return the places of pictures that are larger than any that shows a number: scans, and seals."""
        places = self._displayed(number, self._shapes(number).pictures)
        return [Box(*place) for place in places[_are_large(places)].tolist()]

    def pictured_share(self, number: int) -> float:
        """Return how much of a page its pictures cover, as a share; those that overlap count twice."""
        width, height = self._page(number).get_size()
        x0, bottom, x1, top = self._shapes(number).pictures.T
        return float(((x1 - x0) * (top - bottom)).sum() / max(width * height, 1.0))

    def shows_drawing(self, number: int) -> bool:
        """Whether anything is drawn on a page that is no text."""
        drawn = self._shapes(number)
        return any(map(len, (drawn.bounds, drawn.others, drawn.pictures)))

    def count_outlines(self, number: int) -> int:
        """Return the number of parts of paths on a page that are neither lines nor rectangles."""
        return len(self._shapes(number).others)

    def _displayed(self, number: int, bounds: Places) -> Places:
        """Return bounds on a page as stored (left, bottom, right, top) as boxes on it as displayed."""
        if not len(bounds):  # most pages have no pictures, and lines alone
            return bounds
        return self._stored(number).boxes(bounds, pdfium.FPDFPage_GetRotation(self._page(number)))

    def invisible_texts(self, number: int) -> list[Box]:
        """Return the boxes of the texts of a page that are printed so that nobody sees them."""
        page = self._page(number)
        texts = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
        mode = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        hidden = [text for text in texts if pdfium.FPDFTextObj_GetTextRenderMode(text) == mode]
        return [_to_displayed(page, text.get_bounds()) for text in hidden]

    def has_notes(self, number: int) -> bool:
        """Whether a page shows form fields or notes: what they show is no text of the page."""
        return _has_notes(self._page(number))


@contextmanager
def _left_out(objects: Sequence[int]) -> Iterator[None]:
    """Leave objects, given by their addresses, out of what is drawn of their page."""
    run(map(set_drawn, objects, repeat(0)))
    try:
        yield
    finally:
        run(map(set_drawn, objects, repeat(1)))


def _are_large(pictures: Places) -> npt.NDArray[np.bool_]:
    """Say of each picture whether it is both wider and higher than any that shows a number."""
    widths, heights = (pictures[:, 2:] - pictures[:, :2]).T
    large: npt.NDArray[np.bool_] = np.minimum(widths, heights) > NUMBER_PICTURE_MAX_HEIGHT
    return large


def _lines_among(paths: Sequence[int], matrices: Places) -> list[int]:
    """Return those of these paths that are made of long straight lines, rectangles or dashes alone."""
    parts = paths_to_parts(paths)
    bounds = parts.bounds(matrices)
    sides = (bounds[:, 2:] - bounds[:, :2]).max(axis=1, initial=0)
    are_sized = (DIGIT_SIDES[0] <= sides) & (sides < DIGIT_SIDES[1])
    may_be_digits = ~parts.are_straight | (parts.sizes > LINE_MAX_POINTS) | are_sized
    others = {*parts.path_of[parts.starts[may_be_digits]].tolist()}
    return [path for at, path in enumerate(paths) if at not in others]


def _texts_within(page: Any, box: Box) -> list[tuple[Any, list[Character]]]:
    """Return the texts of a page of which characters stand in a box, each with these characters."""
    textpage = page.get_textpage()
    texts: dict[int, tuple[Any, list[Character]]] = {}
    for at in range(textpage.count_chars()):
        place = _to_displayed(page, textpage.get_charbox(at, loose=True))
        x, y = (place.x0 + place.x1) / 2, (place.top + place.bottom) / 2
        if box.x0 <= x <= box.x1 and box.top <= y <= box.bottom:
            text = pdfium.FPDFText_GetTextObject(textpage, at)
            char = chr(pdfium.FPDFText_GetUnicode(textpage, at))
            if text:
                texts.setdefault(address(text), (text, []))[1].append(Character(char, place))
    return list(texts.values())


def _differ(one: PagePart, two: PagePart, box: Box) -> bool:
    """Whether two pictures of one place differ within a box."""
    x0, top = round(box.x0 * PIXELS_PER_POINT) - one.x0, round(box.top * PIXELS_PER_POINT) - one.top
    x1, bottom = round(box.x1 * PIXELS_PER_POINT) - one.x0, round(box.bottom * PIXELS_PER_POINT) - one.top
    place = slice(max(top, 0), max(bottom, 0)), slice(max(x0, 0), max(x1, 0))
    return bool((one.shades[place] != two.shades[place]).any())


def _to_displayed(page: Any, bounds: Bounds) -> Box:
    """Turn bounds on the page as stored (left, bottom, right, top) to a box on it as displayed."""
    width, height = page.get_size()
    fine = _DEVICE_UNITS_PER_POINT
    across, down = ctypes.c_int(), ctypes.c_int()
    corners = []
    for x, y in (bounds[:2], bounds[2:]):
        pdfium.FPDF_PageToDevice(page, 0, 0, int(width * fine), int(height * fine), 0, x, y, across, down)
        corners.append((across.value / fine, down.value / fine))
    (x0, x1), (top, bottom) = (sorted(values) for values in zip(*corners, strict=True))
    return Box(x0, top, x1, bottom)


def _notes(page: Any) -> list[tuple[int, int]]:
    """Return the kind and the flags of each annotation of a page, in their order."""
    found = []
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, at)
        found.append((pdfium.FPDFAnnot_GetSubtype(note), pdfium.FPDFAnnot_GetFlags(note)))
        pdfium.FPDFPage_CloseAnnot(note)
    return found


def _has_notes(page: Any) -> bool:
    """Whether an annotation puts ink on a page."""
    return any(kind not in NOT_DRAWN_NOTES and not flags & NOT_SHOWN_FLAGS for kind, flags in _notes(page))


def _remove_unshown(page: Any) -> None:
    """Take out the annotations that nobody sees, for pdfium would make content of some."""
    for at, (_, flags) in reversed([*enumerate(_notes(page))]):
        if flags & NOT_SHOWN_FLAGS:
            pdfium.FPDFPage_RemoveAnnot(page, at)


def flatten(path: Path, password: str | None, target: Path) -> list[Typed]:
    """Write the file anew, with all that its fields and notes show as content of its pages.

    The new file has no password. Return what the fields and notes say. Raises pypdfium2.PdfiumError where
    pdfium cannot read or write it.
    """
    typed: list[Typed] = []
    with pypdfium2.PdfDocument(path, password=password) as document:
        document.init_forms()
        for number in range(len(document)):
            page = document[number]
            if not _has_notes(page):
                continue
            _remove_unshown(page)
            typed += _typed(page, number + 1, document.formenv)
            page.render(scale=0.1)  # a field or note without an appearance gets one when it is drawn
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
            page.close()
        _save(document, target)
    return typed


def _typed(page: Any, number: int, forms: Any) -> Iterator[Typed]:
    """Yield what each field and each note of a page says, if anything."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note, edges = pdfium.FPDFPage_GetAnnot(page, at), pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(note, edges)
        words = _words(partial(pdfium.FPDFAnnot_GetStringValue, note, b"Contents"))
        if not words and forms is not None:
            words = _words(partial(pdfium.FPDFAnnot_GetFormFieldValue, forms, note))
        pdfium.FPDFPage_CloseAnnot(note)
        if words:
            bounds = edges.left, edges.bottom, edges.right, edges.top
            yield Typed(number, _to_displayed(page, bounds), words)


def _words(get: Callable[..., int]) -> str:
    """Return a string that pdfium writes where it is told to, in UTF-16 with a NUL at its end."""
    length = get(None, 0)
    buffer = ctypes.create_string_buffer(length)
    get(ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return buffer.raw[: max(length - 2, 0)].decode("utf-16-le", "replace")


def _save(document: Any, target: Path) -> None:
    """Write a document without its password."""
    with target.open("wb") as file:
        write = pdfium.FPDF_FILEWRITE()
        write.version = 1

        def write_block(_: object, data: int, size: int) -> int:
            return int(file.write(ctypes.string_at(data, size)) == size)

        kind = dict(pdfium.FPDF_FILEWRITE._fields_)["WriteBlock"]
        write.WriteBlock = kind(write_block)
        if not pdfium.FPDF_SaveAsCopy(document, ctypes.byref(write), pdfium.FPDF_REMOVE_SECURITY):
            raise pypdfium2.PdfiumError("the flattened file cannot be written")
