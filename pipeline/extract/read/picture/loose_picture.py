"""Make a page of a picture in a web page, a Word file or a workbook, and tell which show a table."""

from __future__ import annotations

import io
import math
import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from pipeline.errors import Error
from pipeline.extract.read.picture.even_light import A4_WIDTH
from pipeline.extract.read.picture.page_picture import PICTURE_MAX_PIXELS, SCAN_DPI
from pipeline.extract.read.picture.pictures import PagePicture, Shades
from pipeline.extract.read.picture.table_rulings import wide_rulings

if TYPE_CHECKING:
    from PIL.Image import Image

LOOSE_MAX_BYTES = 30_000_000
"""Bytes. A larger file is no picture of a report's table; a scan in colours at 300 dpi has some megabytes."""

LOOSE_MAX_PIXELS = 40_000_000
"""Pixels. A larger picture is not unpacked, for it would fill the memory; A3 at 300 dpi has 17 million."""

LOOSE_MIN_SIDES = 300, 24
"""Pixels, of width and height. A smaller picture shows no row of a table that could be read."""

LOOSE_RULINGS_MIN = 2
"""Count of wide rulings. A picture with as many may show the last row of a table, cut off by a page's end."""

LOOKED_PIXELS = 1200
"""Pixels of the width in which rulings are looked for: of more, no ruling is plainer."""

TABLE_WIDTH = 455.0
"""Points. The tables of the forms are as wide as the text of an A4 page; a picture does not tell its size."""

PAGE_MIN_SIDE = 600
"""Pixels. A page that can be read is as wide."""

PAGE_SHAPES = 1.25, 1.6
"""Times its width. A picture as high may be one of a whole page: A4 is 1.41, and its margins may be cut."""

PAPER_SHADE = 200
"""Shades of 256. What is lighter is paper: photographs and posters have little of it."""

DARK_GROUND = 100
"""Shades of 256. A picture whose ground is darker has light ink, as of a screen by night: it is inverted."""

PAPER_MIN_SHARE = 0.7
"""Share of a page of text that is paper."""

_WITH_PREVIEW = "MPO"
"""The format of a JPEG behind which a smaller copy of it stands, as cameras make it."""

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
_POINTS_AN_INCH = 72.0
"""Points."""

_PROLOGUE = rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?"
_DRAWINGS = (
    (re.compile(_PROLOGUE + rb"<svg\b", re.DOTALL | re.I), "a drawing (SVG)"),
    (re.compile(rb"\A\x01\x00\x00\x00.{36} EMF", re.DOTALL), "a drawing (EMF)"),
    (re.compile(rb"\A(?:\xd7\xcd\xc6\x9a|[\x01\x02]\x00\x09\x00\x00[\x01\x03])"), "a drawing (WMF)"),
    (re.compile(rb"\A%PDF"), "a PDF"),
)
_DRAWING_HEAD_BYTES = 4096
"""Bytes. A drawing says what it is in as many."""


TOO_MANY_BYTES = "it has more than {limit} MB"
TOO_MANY_PIXELS = "it has {width} × {height} pixels, more than {limit} million"
BOMB = "it has many more than {limit} million pixels"
NO_PICTURE = "it is no picture of a kind that is read (PNG, JPEG, GIF, BMP, TIFF, WebP)"
DRAWN = "it is {what}: no picture of points"
MOVING = "it is several pictures in one, as animations are"
BROKEN_PICTURE = "it is cut off or damaged"


class UnreadPictureError(Error):
    """A picture cannot be unpacked. The message says why, in words that go on "picture 2: …"."""


class LoosePicture(NamedTuple):
    """A picture on a page of A4's width, on which it is so many `times` as large as it is stored."""

    page: PagePicture
    times: float


def shows_table(data: bytes) -> bool:
    """Whether a picture shows a ruled table, or may be a whole page of text.

    Raises UnreadPictureError where it cannot be unpacked.
    """
    colours = _unpacked(data)
    return _table_width(colours) is not None or _is_page(colours)


def bytes_to_page(data: bytes) -> LoosePicture:
    """Return a picture as a page. UnreadPictureError where it cannot be unpacked."""
    colours = _unpacked(data)
    wide = _table_width(colours)
    scale = wide / TABLE_WIDTH if wide else colours.shape[1] / A4_WIDTH
    least, most = (dpi / _POINTS_AN_INCH for dpi in SCAN_DPI)
    sized = _resized(colours, min(max(scale, least), most) / scale)
    times = sized.shape[1] / colours.shape[1]
    return LoosePicture(_on_page(sized, scale * times), times)


def _unpacked(data: bytes) -> Shades:
    """Return the colours of a picture (rows × columns × 3) on white. Raises UnreadPictureError."""
    from PIL import Image, UnidentifiedImageError

    if len(data) > LOOSE_MAX_BYTES:
        raise UnreadPictureError(TOO_MANY_BYTES.format(limit=LOOSE_MAX_BYTES // 1_000_000))
    for sign, what in _DRAWINGS:
        if sign.match(data[:_DRAWING_HEAD_BYTES]):
            raise UnreadPictureError(DRAWN.format(what=what))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                return _picture_to_colours(picture)
    except UnidentifiedImageError:
        raise UnreadPictureError(NO_PICTURE) from None
    except Image.DecompressionBombError:
        raise UnreadPictureError(BOMB.format(limit=LOOSE_MAX_PIXELS // 1_000_000)) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError) as error:
        raise UnreadPictureError(BROKEN_PICTURE) from error


def _picture_to_colours(picture: Image) -> Shades:
    """Return the colours of an opened picture, whose bytes are unpacked if it is not too large."""
    from PIL import Image, ImageOps

    width, height = picture.size
    if width * height > LOOSE_MAX_PIXELS:
        limit = LOOSE_MAX_PIXELS // 1_000_000
        raise UnreadPictureError(
            TOO_MANY_PIXELS.format(width=f"{width:,}", height=f"{height:,}", limit=limit)
        )
    if getattr(picture, "n_frames", 1) > 1 and picture.format != _WITH_PREVIEW:
        raise UnreadPictureError(MOVING)
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright.convert("RGBA"))
    elif upright.mode.startswith("I"):
        upright = upright.point(lambda shade: shade / 256).convert("L")
    colours = np.asarray(upright.convert("RGB"))
    if np.median(colours[::8, ::8]) < DARK_GROUND:
        colours = 255 - colours
    return np.ascontiguousarray(colours)


def _table_width(colours: Shades) -> float | None:
    """Return how wide the ruled table of a picture is, in pixels; None where it shows none."""
    height, width = colours.shape[:2]
    if width < LOOSE_MIN_SIDES[0] or height < LOOSE_MIN_SIDES[1]:
        return None
    shades = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), np.uint8)
    smaller = min(LOOKED_PIXELS / width, 1.0)
    if smaller < 1.0:
        size = LOOKED_PIXELS, max(round(height * smaller), 1)
        shades = np.asarray(cv2.resize(shades, size, interpolation=cv2.INTER_AREA), np.uint8)
    wide = wide_rulings(shades, shades.shape[1] / A4_WIDTH)
    if len(wide) < LOOSE_RULINGS_MIN:
        return None
    return float(wide[:, 2].max() - wide[:, 1].min()) / float(smaller)


def _is_page(colours: Shades) -> bool:
    """Whether a picture may be a whole page of text: as high, and mostly paper."""
    height, width = colours.shape[:2]
    if width < PAGE_MIN_SIDE or not PAGE_SHAPES[0] <= height / width <= PAGE_SHAPES[1]:
        return False
    shades = colours[::4, ::4].min(axis=2)
    return float(np.mean(shades >= PAPER_SHADE)) >= PAPER_MIN_SHARE


def _resized(colours: Shades, times: float) -> Shades:
    """Return a picture made larger or smaller, and not beyond what may be read at once."""
    height, width = colours.shape[:2]
    times = min(times, math.sqrt(PICTURE_MAX_PIXELS / (width * height)))
    if times == 1.0:
        return colours
    size = max(round(width * times), 1), max(round(height * times), 1)
    way = cv2.INTER_AREA if times < 1.0 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(colours, size, interpolation=way), np.uint8)


def _on_page(colours: Shades, scale: float) -> PagePicture:
    """Return a picture in the middle of a page that is at least as large as A4, of the picture's own paper.

    What reads pages takes their shorter side for that of A4.
    """
    height, width = colours.shape[:2]
    page_width = max(round(A4_WIDTH * scale), width)
    page_height = max(round(A4_WIDTH * math.sqrt(2) * scale), height)
    paper = np.median(colours[::8, ::8], axis=(0, 1))
    page = np.empty((page_height, page_width, 3), np.uint8)
    page[:] = paper.astype(np.uint8)
    left, top = (page_width - width) // 2, (page_height - height) // 2
    page[top : top + height, left : left + width] = colours
    return PagePicture(page, min(page_width, page_height) / A4_WIDTH)
