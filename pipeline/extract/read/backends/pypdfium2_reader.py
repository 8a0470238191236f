"""The first reader: pdfium, by pypdfium2. The pages that it parses are also those that are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ctypes import POINTER, c_ushort
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from pipeline.extract.read.backends.pdfium_calls import (
    address,
    loose_char_box,
    matrix_of_char,
    origin_of_char,
    places,
    run,
    size_of_char,
    unicode_of_char,
)
from pipeline.extract.read.backends.pdfium_shapes import DrawnShapes, page_to_shapes
from pipeline.extract.read.glyphs import (
    SYMBOL_DIGITS,
    UNNAMED,
    WATERMARK_MIN_SLANT,
    Boxes,
    boxes_of_dropped,
    chars_to_runs,
    drop_watermark,
    join_vertical_runs,
    trim_heights,
)
from pipeline.extract.read.grid import PageContent
from pipeline.extract.read.orientation import PageOrientation, turn
from pipeline.extract.read.pdf_file import PAGES_KEPT_MAX, PdfFile
from pipeline.extract.read.rulings import STROKE_MAX_THICKNESS, shapes_to_tables
from pipeline.records import Box, Corners

NO_CHARACTER = "\ufffe"
"""What pdfium gives for a shape that the file does not name, and for a hyphen at the end of a line."""

DESCENT_SHARE = 0.12
"""Share of a font's size. Chinese characters reach as far below the line on which they stand."""

LAST_SPACE = "\u3000"
"""The white space with the highest code."""

SURROGATES = "\ud800", "\udfff"
"""First and last of what UTF-16 makes two of for a character beyond U+FFFF; alone they are no character."""

_SYMBOL_DIGITS = str.maketrans(SYMBOL_DIGITS)
_SYMBOL_DIGIT = re.compile(f"[{''.join(SYMBOL_DIGITS)}]")

Codes = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.integer[Any]]


def file_to_pages(file: PdfFile, pages: Iterable[int] | None) -> Iterator[PageContent]:
    """Yield every page, or those with the numbers (from 1) in `pages`.

    Raises pypdfium2.PdfiumError on a broken file.
    """
    for number in range(1, len(file.document) + 1) if pages is None else sorted(pages):
        content = file.contents.get(number)
        if content is None:
            content = _page(number, file.page(number), file.of_page(page_to_shapes, number))
        if len(file.contents) < PAGES_KEPT_MAX:
            file.contents[number] = content
        yield content


def _page(number: int, page: Any, drawn: DrawnShapes) -> PageContent:
    """Turn a page of pdfium for reading, and drop what slants or is otherwise a watermark."""
    textpage = page.get_textpage()
    width, height = page.get_size()
    rotation = pdfium.FPDFPage_GetRotation(page)
    stored = (height, width) if rotation % 2 else (width, height)
    left, bottom, _, _ = page.get_bbox()
    upper = bottom + stored[1]
    codes = _codes(textpage)
    quarters, turns, slants = _turns(textpage, codes) if drawn.is_turned else _all_level(len(codes))

    def placed(bounds: Floats) -> Boxes:
        """Return bounds on the page as stored as boxes on the page as turned for reading."""
        boxes = bounds[:, [0, 3, 2, 1]] * (1, -1, 1, -1) + (-left, upper, -left, upper)
        return np.column_stack(turn(Box(*boxes.T), -quarters, *stored)) if quarters else boxes

    def shapes() -> Boxes:
        """Return the bounding boxes of all lines and rectangles."""
        return placed(drawn.bounds)

    def tables() -> list[list[Box]]:
        """Return the boxes of the cells that lines part, be they thin rectangles; a fill is none."""
        sides = drawn.bounds[:, 2:] - drawn.bounds[:, :2]
        is_line = drawn.is_outlined | (np.minimum(*sides.T) <= STROKE_MAX_THICKNESS)
        return shapes_to_tables(placed(drawn.bounds[is_line]))

    bounds = _bounds(textpage, len(codes))
    boxes = placed(_with_own_height(textpage, bounds) if drawn.is_low else bounds)
    textpage.close()
    printed = _are_printed(codes, boxes)
    straight = printed & ~slants
    runs = chars_to_runs(_names(codes[straight]), boxes[straight], turns[straight])
    slanted: list[Corners] = [*map(tuple, boxes[printed & slants].tolist())]
    whole = join_vertical_runs(trim_heights(runs))
    kept = drop_watermark(whole)
    orientation = PageOrientation(width, height, (-quarters - rotation) % 4)
    return PageContent(number, orientation, kept, tables, shapes, slanted + boxes_of_dropped(whole, kept))


def _codes(textpage: Any) -> Codes:
    """Return the codes of all characters of a page, also those that pdfium adds between words and lines.

    pdfium gives them in one call, but leaves out those that control a printer, and gives those beyond U+FFFF
    in two parts: then they are asked for one by one.
    """
    count = max(pdfium.FPDFText_CountChars(textpage), 0)
    units = np.zeros(count + 1, np.uint16)
    pdfium.FPDFText_GetText(textpage, 0, count, units.ctypes.data_as(POINTER(c_ushort)))
    codes = units[:-1].astype(np.uint32)
    if codes.all() and not _are_surrogates(codes).any():
        return codes
    return np.fromiter(map(unicode_of_char, repeat(address(textpage.raw)), range(count)), np.uint32, count)


def _bounds(textpage: Any, count: int) -> Floats:
    """Return left, bottom, right and top of the box that the font declares for each character."""
    bounds = np.zeros((count, 4), np.float32)
    run(map(loose_char_box, repeat(address(textpage.raw)), range(count), places(bounds)))
    return bounds[:, [0, 3, 2, 1]].astype(float)  # pdfium writes left, top, right, bottom


def _with_own_height(textpage: Any, bounds: Floats) -> Floats:
    """Return the bounds of characters with those that are lower than their font's size made as high."""
    count, one = len(bounds), address(textpage.raw)
    origins, matrices = np.zeros((count, 2)), np.zeros((count, 6), np.float32)
    run(map(origin_of_char, repeat(one), range(count), places(origins), places(origins, 1)))
    run(map(matrix_of_char, repeat(one), range(count), places(matrices)))
    sizes = np.fromiter(map(size_of_char, repeat(one), range(count)), float, count)
    up = matrices[:, 2:4] * sizes[:, None]
    edges = np.sort([origins - DESCENT_SHARE * up, origins + (1 - DESCENT_SHARE) * up], axis=0)
    own = bounds.copy()
    for axis in (0, 1):  # the text of a turned page grows to a side
        now = bounds[:, axis::2]
        high = np.abs(up[:, axis]) > np.maximum(np.abs(up[:, 1 - axis]), now[:, 1] - now[:, 0])
        high &= now[:, 1] > now[:, 0]
        own[high, axis::2] = edges[:, high, axis].T
    return own


def _turns(textpage: Any, codes: Codes) -> tuple[int, Numbers, Flags]:
    """Return how a page and its characters are turned.

    These are the clockwise quarter turns of most characters, those that bring each one upright for reading,
    and which of them slant.
    """
    angles = _angles(textpage, len(codes))
    quarters = _main_quarter(codes, angles)
    slants: Flags = np.abs((angles + 45) % 90 - 45) >= WATERMARK_MIN_SLANT
    return quarters, (quarters - _quarters(angles)) % 4, slants


def _all_level(count: int) -> tuple[int, Numbers, Flags]:
    """Return how a page and its characters are turned where none is."""
    return 0, np.zeros(count, int), np.zeros(count, bool)


def _angles(textpage: Any, count: int) -> Floats:
    """Return by how many degrees each character is turned clockwise; one that leans is not turned."""
    matrices = np.zeros((count, 6), np.float32)
    run(map(matrix_of_char, repeat(address(textpage.raw)), range(count), places(matrices)))
    angles = np.degrees(np.arctan2(-matrices[:, 1], matrices[:, 0])) % 360
    return angles.astype(float)


def _are_printed(codes: Codes, boxes: Boxes) -> Flags:
    """Say of each character whether it is printed. White space is told by the gaps.

    Control characters that pdfium adds at line ends have no width. One that the file leaves unnamed is NUL.
    """
    is_control = codes < ord(" ")
    has_width: Flags = boxes[:, 2] > boxes[:, 0]
    return np.where(is_control, has_width | (codes == 0), ~_are_space(codes))


def _are_space(codes: Codes) -> Flags:
    """Say of each character whether it is white space."""
    return _spaces()[np.minimum(codes, ord(LAST_SPACE) + 1)]


@cache
def _spaces() -> Flags:
    """Say of each code point up to the one after the last white space whether it is such."""
    return np.array([chr(code).isspace() for code in range(ord(LAST_SPACE) + 2)])


def _names(codes: Codes) -> str:
    """Return characters as they count: what the file leaves unnamed must not look like nothing."""
    named = codes.copy()
    named[(codes < ord(" ")) | (codes == ord(NO_CHARACTER)) | _are_surrogates(codes)] = ord(UNNAMED)
    text = named.tobytes().decode("utf-32-le")
    return text.translate(_SYMBOL_DIGITS) if _SYMBOL_DIGIT.search(text) else text


def _are_surrogates(codes: Codes) -> Flags:
    """Say of each character whether it is half of one beyond U+FFFF."""
    first, last = map(ord, SURROGATES)
    return (codes >= first) & (codes <= last)


def _main_quarter(codes: Codes, angles: Floats) -> int:
    """Return the clockwise quarter turns by which most printed characters of a page are turned."""
    sideways = angles[(angles != 0) & (angles != 180)]
    counts = np.bincount(_quarters(sideways), minlength=4)
    return int(counts.argmax()) if counts.max() > (~_are_space(codes)).sum() / 2 else 0


def _quarters(angles: Floats) -> Numbers:
    """Return the clockwise quarter turns nearest to angles in degrees."""
    return np.rint(angles / 90).astype(int) % 4
