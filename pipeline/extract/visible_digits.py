"""Find digits that a file has and its page does not show: under a white patch, in white, or invisible."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.records import Box

if TYPE_CHECKING:
    from PIL.Image import Image

READER = "pypdfium2"

PIXELS_PER_POINT = 3.0
"""Pixels a point. Digits of usual size are some 15 pixels high in the picture."""

DIGIT_OVERLAP_MAX_SHARE = 0.4
"""Share of a digit's width. A neighbour may reach over a hidden digit by as much, from either side.

Taught by an older number that lies beside the new one, moved by some points: only its middle is bare.
"""

INK_MIN_CONTRAST = 24
"""Shades of 256. Ink differs from its background by at least as much."""

DRAWN_PAGE_MAX_PIXELS = 20_000_000
"""Pixels. A larger page is not drawn, for it would fill the memory; an A3 page has 9 million."""


def boxes_with_hidden_digits(
    path: Path, password: str | None, boxes: Mapping[int, Sequence[Box]]
) -> set[tuple[int, Box]]:
    """Return the page and box of those boxes that hold a digit which the page does not show.

    `boxes` are given by the number of the page, in points on the page as displayed. A page that is too large
    to draw is passed over. Raises pypdfium2.PdfiumError where a page cannot be drawn.
    """
    import pypdfium2

    found: set[tuple[int, Box]] = set()
    with pypdfium2.PdfDocument(path, password=password) as document:
        for number, wanted in boxes.items():
            page = document[number - 1]
            if page.get_width() * page.get_height() * PIXELS_PER_POINT**2 > DRAWN_PAGE_MAX_PIXELS:
                continue
            picture = page.render(scale=PIXELS_PER_POINT, grayscale=True).to_pil()
            for digit in _page_to_digits(page, picture.size):
                box = _box_around(digit, wanted)
                if box and not _has_ink(picture, digit):
                    found.add((number, box))
    return found


def _page_to_digits(page: Any, size: tuple[int, int]) -> Iterator[Box]:
    """Yield the box of every digit, in pixels of a picture of the page that has this width and height."""
    text = page.get_textpage()
    for place in range(text.count_chars()):
        if chr(_unicode(text, place)).isdecimal():
            left, bottom, right, top = text.get_charbox(place)
            corners = [_to_pixels(page, size, x, y) for x, y in ((left, bottom), (right, top))]
            (x0, x1), (y0, y1) = (sorted(values) for values in zip(*corners, strict=True))
            yield Box(x0, y0, x1, y1)


def _unicode(text: Any, place: int) -> int:
    """Return the code point of the character at this index of a page's text."""
    import pypdfium2.raw

    return int(pypdfium2.raw.FPDFText_GetUnicode(text, place))


def _to_pixels(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """Turn a point of the page as stored into pixels of the picture, in pdfium's own way."""
    import pypdfium2.raw

    across, down = ctypes.c_int(), ctypes.c_int()
    pypdfium2.raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return across.value, down.value


def _box_around(digit: Box, boxes: Iterable[Box]) -> Box | None:
    """Return the first of the boxes (in points) that holds the middle of a digit (in pixels)."""
    x, y = (digit.x0 + digit.x1) / 2 / PIXELS_PER_POINT, (digit.top + digit.bottom) / 2 / PIXELS_PER_POINT
    return next((b for b in boxes if b.x0 <= x <= b.x1 and b.top <= y <= b.bottom), None)


def _has_ink(picture: Image, digit: Box) -> bool:
    """Whether the picture shows anything in the middle of a digit; outside of the page it shows nothing."""
    margin = int(DIGIT_OVERLAP_MAX_SHARE * (digit.x1 - digit.x0))
    edges = int(digit.x0) + margin, int(digit.top), int(digit.x1) - margin + 1, int(digit.bottom) + 1
    shades = picture.crop(edges).tobytes()
    return bool(shades) and max(shades) - min(shades) >= INK_MIN_CONTRAST
