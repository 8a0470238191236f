"""Draw a page as a picture to read: a scan at its own resolution, all else at one that is enough."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.picture.even_light import A4_WIDTH
from pipeline.extract.read.picture.pictures import PagePicture, Shades

DRAWN_DPI = 200.0
"""Pixels an inch. A page of outlines or with pictures is drawn with as many; digits are read well so."""

SCAN_DPI = (150.0, 300.0)
"""Pixels an inch, twice. A scan of fewer is drawn with the least; more cost time and tell no more."""

SCAN_MIN_SHARE = 0.8
"""Share of a page. Pictures that cover as much are a scan of it, be it stored in strips."""

BRIGHT = 128
"""Shades of 256. What is as bright is paper, or what a negative shows of ink."""

POSITIVE_MIN_SHARE = 0.25
"""Share of a page. With less that is bright it is a negative.

Print covers a tenth of a page, and a dark desk leaves more of the paper that lies on it.
"""

PICTURE_MAX_PIXELS = 20_000_000
"""Pixels. A larger page is drawn with fewer, for it would fill the memory; A3 at 300 dpi has 17 million."""

A3_WIDTH = 842.0
"""Points. A page whose shorter side is longer says nothing of its size; it is taken for A4."""

_POINTS_PER_INCH = 72.0
"""Points."""


def file_to_picture(file: PdfFile, number: int) -> PagePicture:
    """Return a page (numbers from 1) as it is displayed, with its fields and notes.

    Raises pypdfium2.PdfiumError where pdfium cannot open the page.
    """
    page = file.page(number)
    width, height = page.get_size()
    inch = _POINTS_PER_INCH * (short / A4_WIDTH if (short := min(width, height)) > A3_WIDTH else 1)
    scale = _dpi(page, width * height, inch) / inch
    scale = min(scale, math.sqrt(PICTURE_MAX_PIXELS / max(width * height, 1.0)))
    columns, rows = max(round(width * scale), 1), max(round(height * scale), 1)
    colours = np.full((rows, columns, 3), 255, np.uint8)
    _draw(page, colours)
    return PagePicture(as_positive(colours), columns / width)


def as_positive(colours: Shades) -> Shades:
    """Return the colours of a page with dark ink on light paper, where the scan is its negative."""
    is_negative = np.mean(colours[::7, ::7] >= BRIGHT) < POSITIVE_MIN_SHARE
    return np.asarray(255 - colours, np.uint8) if is_negative else colours


def _draw(page: Any, colours: Any) -> None:
    """Draw a page over all of an array of colours."""
    rows, columns, _ = colours.shape
    kind, flags = pdfium.FPDFBitmap_BGR, pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
    bitmap = pdfium.FPDFBitmap_CreateEx(columns, rows, kind, colours.ctypes.data, columns * 3)
    drawn = bitmap, page, 0, 0, columns, rows, 0, flags
    pdfium.FPDF_RenderPageBitmap(*drawn)
    if page.formenv:
        pdfium.FPDF_FFLDraw(page.formenv, *drawn)
    pdfium.FPDFBitmap_Destroy(bitmap)


def _dpi(page: Any, area: float, inch: float) -> float:
    """Return the resolution in which a page of this area (square points) is drawn; an inch has many points.

    Pages made of pictures may have a point for each pixel.
    """
    pictures = [_picture(one, inch) for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    if sum(points for points, _ in pictures) < SCAN_MIN_SHARE * area:
        return DRAWN_DPI
    least, most = SCAN_DPI
    return min(max(*(dpi for _, dpi in pictures), least), most)


def _picture(picture: Any, inch: float) -> tuple[float, float]:
    """Return the area of a picture in square points, and its resolution in pixels an inch."""
    matrix = picture.get_matrix()
    columns, rows = ctypes.c_uint(), ctypes.c_uint()
    pdfium.FPDFImageObj_GetImagePixelSize(picture, columns, rows)
    wide, high = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    if not wide or not high:
        return 0.0, 0.0
    return wide * high, inch * math.sqrt(columns.value * rows.value / (wide * high))
