"""Functions of pdfium that are called once for every character or stroke of a page.

pypdfium2 makes an object of every pointer, which takes longer than most of these calls. Here pointers are
plain addresses: `address` turns one of pypdfium2's into it. Indices are handed over as addresses too, which
ctypes turns into C in half the time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from ctypes import PYFUNCTYPE, c_double, c_float, c_int, c_uint, c_void_p, cast, memmove
from typing import Any

import numpy.typing as npt
import pypdfium2.raw as pdfium

_INDEX = _SIZE = c_void_p


def address(pointer: Any) -> int:
    """Return the address of what a pointer or a function of a library leads to."""
    return cast(pointer, c_void_p).value or 0


def _with_addresses(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return a function of a library that takes and returns addresses."""
    return PYFUNCTYPE(result, *arguments)(address(function))


loose_char_box = _with_addresses(pdfium.FPDFText_GetLooseCharBox, None, c_void_p, _INDEX, c_void_p)
unicode_of_char = _with_addresses(pdfium.FPDFText_GetUnicode, c_uint, c_void_p, _INDEX)
size_of_char = _with_addresses(pdfium.FPDFText_GetFontSize, c_double, c_void_p, _INDEX)
origin_of_char = _with_addresses(pdfium.FPDFText_GetCharOrigin, None, c_void_p, _INDEX, c_void_p, c_void_p)
matrix_of_char = _with_addresses(pdfium.FPDFText_GetMatrix, None, c_void_p, _INDEX, c_void_p)

count_on_page = _with_addresses(pdfium.FPDFPage_CountObjects, c_int, c_void_p)
object_on_page = _with_addresses(pdfium.FPDFPage_GetObject, c_void_p, c_void_p, _INDEX)
count_in_form = _with_addresses(pdfium.FPDFFormObj_CountObjects, c_int, c_void_p)
object_in_form = _with_addresses(pdfium.FPDFFormObj_GetObject, c_void_p, c_void_p, _INDEX)
type_of_object = _with_addresses(pdfium.FPDFPageObj_GetType, c_int, c_void_p)
set_drawn = _with_addresses(pdfium.FPDFPageObj_SetIsActive, None, c_void_p, c_int)
width_of_bitmap = _with_addresses(pdfium.FPDFBitmap_GetWidth, c_int, c_void_p)
height_of_bitmap = _with_addresses(pdfium.FPDFBitmap_GetHeight, c_int, c_void_p)
destroy_bitmap = _with_addresses(pdfium.FPDFBitmap_Destroy, None, c_void_p)
matrix_of_object = _with_addresses(pdfium.FPDFPageObj_GetMatrix, None, c_void_p, c_void_p)

font_of_text = _with_addresses(pdfium.FPDFTextObj_GetFont, c_void_p, c_void_p)
ascent_of_font = _with_addresses(pdfium.FPDFFont_GetAscent, None, c_void_p, c_float, c_void_p)
descent_of_font = _with_addresses(pdfium.FPDFFont_GetDescent, None, c_void_p, c_float, c_void_p)

draw_mode_of_path = _with_addresses(pdfium.FPDFPath_GetDrawMode, None, c_void_p, c_void_p, c_void_p)
tile_of_fill = _with_addresses(pdfium.FPDFPageObj_GetRenderedFillPattern, c_void_p, c_void_p, c_void_p)
count_segments = _with_addresses(pdfium.FPDFPath_CountSegments, c_int, c_void_p)
segment_of_path = _with_addresses(pdfium.FPDFPath_GetPathSegment, c_void_p, c_void_p, _INDEX)
type_of_segment = _with_addresses(pdfium.FPDFPathSegment_GetType, c_int, c_void_p)
point_of_segment = _with_addresses(pdfium.FPDFPathSegment_GetPoint, None, c_void_p, c_void_p, c_void_p)

clip_of_object = _with_addresses(pdfium.FPDFPageObj_GetClipPath, c_void_p, c_void_p)
count_paths_of_clip = _with_addresses(pdfium.FPDFClipPath_CountPaths, c_int, c_void_p)
count_segments_of_clip = _with_addresses(pdfium.FPDFClipPath_CountPathSegments, c_int, c_void_p, _INDEX)
segment_of_clip = _with_addresses(pdfium.FPDFClipPath_GetPathSegment, c_void_p, c_void_p, _INDEX, _INDEX)

copy_bytes = _with_addresses(memmove, None, c_void_p, c_void_p, _SIZE)  # takes half as long as memmove


def places(rows: npt.NDArray[Any], first: int = 0) -> range:
    """Return the address of the number `first` in each row of an array, where pdfium shall write."""
    start, size = rows.ctypes.data + first * rows.itemsize, rows.shape[1] * rows.itemsize
    return range(start, start + len(rows) * size, size)


def run(calls: Iterable[Any]) -> None:
    """Make calls that write their results elsewhere."""
    deque(calls, maxlen=0)
