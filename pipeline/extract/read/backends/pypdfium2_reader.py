"""The first reader: pdfium, by pypdfium2. The pages that it parses are also those that are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ctypes import c_ushort
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
from pipeline.extract.read.backends.pdfium_shapes import page_to_shapes
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
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.rulings import shapes_to_tables
from pipeline.records import Box

NO_CHARACTER = "\ufffe"
"""What pdfium gives for a shape that the file does not name, and for a hyphen at the end of a line."""

DESCENT_SHARE = 0.12
"""Share of a font's size. Chinese characters reach as far below the line on which they stand."""

Floats = npt.NDArray[np.float64]


def file_to_pages(file: PdfFile, pages: Iterable[int] | None) -> Iterator[PageContent]:
    """Yield every page, or those with the numbers (from 1) in `pages`.

    Raises pypdfium2.PdfiumError on a broken file.
    """
    for number in range(1, len(file.document) + 1) if pages is None else sorted(pages):
        yield _page(number, file.page(number))


def _page(number: int, page: Any) -> PageContent:
    """Turn a page of pdfium for reading, and drop what slants or is otherwise a watermark."""
    textpage = page.get_textpage()
    drawn = page_to_shapes(page)
    width, height = page.get_size()
    rotation = pdfium.FPDFPage_GetRotation(page)
    stored = (height, width) if rotation % 2 else (width, height)
    left, bottom, _, _ = page.get_bbox()
    texts = _texts(textpage)
    angles = _angles(textpage, len(texts)) if drawn.is_turned else []
    quarters = _main_quarter(texts, angles)

    def placed(bounds: Floats) -> Boxes:
        """Return bounds on the page as stored as boxes on the page as turned for reading."""
        x0, x1 = bounds[:, 0] - left, bounds[:, 2] - left
        y0, y1 = stored[1] + bottom - bounds[:, 3], stored[1] + bottom - bounds[:, 1]
        return np.column_stack(turn(Box(x0, y0, x1, y1), -quarters, *stored))

    def shapes() -> Boxes:
        """Return the bounding boxes of all lines and rectangles."""
        return placed(drawn.bounds)

    def tables() -> list[list[Box]]:
        """Return the boxes of the cells that lines part, be they thin rectangles; a fill is none."""
        return shapes_to_tables(placed(drawn.bounds[drawn.is_line]))

    bounds = _bounds(textpage, len(texts))
    boxes = placed(_with_own_height(textpage, bounds) if drawn.is_low else bounds)
    textpage.close()
    turns = [_turn(angle, quarters) for angle in angles] if angles else [0] * len(texts)
    wide = (boxes[:, 2] > boxes[:, 0]).tolist()
    printed = [at for at, text in enumerate(texts) if _is_printed(text, wide[at])]
    straight = [at for at in printed if turns[at] is not None] if angles else printed
    runs = chars_to_runs(
        [_name(texts[at]) for at in straight], boxes[straight], [turns[at] or 0 for at in straight]
    )
    slanted = [tuple(boxes[at].tolist()) for at in printed if turns[at] is None] if angles else []
    whole = join_vertical_runs(trim_heights(runs))
    kept = drop_watermark(whole)
    orientation = PageOrientation(width, height, (-quarters - rotation) % 4)
    return PageContent(number, orientation, kept, tables, shapes, slanted + boxes_of_dropped(whole, kept))


def _texts(textpage: Any) -> Sequence[str]:
    """Return all characters of a page, also those that pdfium adds between words and lines.

    pdfium gives them in one call, but leaves out those that control a printer: then they are asked for one
    by one.
    """
    count = max(pdfium.FPDFText_CountChars(textpage), 0)
    units = (c_ushort * (count + 1))()
    pdfium.FPDFText_GetText(textpage, 0, count, units)
    text = bytes(units)[:-2].decode("utf-16-le", "replace")
    if len(text) == count and "\x00" not in text:
        return text
    one = address(textpage.raw)
    return [chr(unicode_of_char(one, at)) for at in range(count)]


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


def _angles(textpage: Any, count: int) -> list[float]:
    """Return by how many degrees each character is turned clockwise; one that leans is not turned."""
    matrices = np.zeros((count, 6), np.float32)
    run(map(matrix_of_char, repeat(address(textpage.raw)), range(count), places(matrices)))
    angles: list[float] = (np.degrees(np.arctan2(-matrices[:, 1], matrices[:, 0])) % 360).tolist()
    return angles


def _is_printed(text: str, has_width: bool) -> bool:
    """Whether a character is printed. White space is told by the gaps.

    Control characters that pdfium adds at line ends have no width. One that the file leaves unnamed is NUL.
    """
    if text < " ":
        return has_width or text == "\x00"
    return not text.isspace()


def _name(text: str) -> str:
    """Return a character as it counts: what the file leaves unnamed must not look like nothing."""
    return UNNAMED if text < " " or text == NO_CHARACTER else SYMBOL_DIGITS.get(text, text)


def _turn(angle: float, quarters: int) -> int | None:
    """Return the clockwise quarter turns that bring a character upright for reading; None if it slants."""
    slant = abs((angle + 45) % 90 - 45)
    return (quarters - _quarter(angle)) % 4 if slant < WATERMARK_MIN_SLANT else None


def _main_quarter(texts: Sequence[str], angles: Sequence[float]) -> int:
    """Return the clockwise quarter turns by which most printed characters of a page are turned."""
    sideways = Counter(_quarter(angle) for angle in angles if angle not in (0.0, 180.0))
    if not sideways:
        return 0
    printed = sum(not text.isspace() for text in texts)
    quarter, count = sideways.most_common(1)[0]
    return quarter if count > printed / 2 else 0


def _quarter(angle: float) -> int:
    """Return the clockwise quarter turns nearest to an angle in degrees."""
    return round(angle / 90) % 4
