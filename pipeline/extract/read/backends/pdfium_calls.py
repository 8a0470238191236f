"""Functions of pdfium that are called once for every character or stroke of a page.

pypdfium2 makes an object of every pointer, which takes longer than most of these calls. Here pointers are
plain addresses: `address` turns one of pypdfium2's into it.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import PYFUNCTYPE, c_int, c_uint, c_void_p, cast
from typing import Any

import pypdfium2.raw as pdfium


def address(pointer: Any) -> int:
    """Return the address of what a pointer or a function of pypdfium2 leads to."""
    return cast(pointer, c_void_p).value or 0


def _with_addresses(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return a function of pdfium that takes and returns addresses."""
    return PYFUNCTYPE(result, *arguments)(address(function))


loose_char_box = _with_addresses(pdfium.FPDFText_GetLooseCharBox, c_int, c_void_p, c_int, c_void_p)
unicode_of_char = _with_addresses(pdfium.FPDFText_GetUnicode, c_uint, c_void_p, c_int)
matrix_of_char = _with_addresses(pdfium.FPDFText_GetMatrix, c_int, c_void_p, c_int, c_void_p)

count_on_page = _with_addresses(pdfium.FPDFPage_CountObjects, c_int, c_void_p)
object_on_page = _with_addresses(pdfium.FPDFPage_GetObject, c_void_p, c_void_p, c_int)
count_in_form = _with_addresses(pdfium.FPDFFormObj_CountObjects, c_int, c_void_p)
object_in_form = _with_addresses(pdfium.FPDFFormObj_GetObject, c_void_p, c_void_p, c_int)
type_of_object = _with_addresses(pdfium.FPDFPageObj_GetType, c_int, c_void_p)
matrix_of_object = _with_addresses(pdfium.FPDFPageObj_GetMatrix, c_int, c_void_p, c_void_p)

count_segments = _with_addresses(pdfium.FPDFPath_CountSegments, c_int, c_void_p)
segment_of_path = _with_addresses(pdfium.FPDFPath_GetPathSegment, c_void_p, c_void_p, c_int)
type_of_segment = _with_addresses(pdfium.FPDFPathSegment_GetType, c_int, c_void_p)
point_of_segment = _with_addresses(pdfium.FPDFPathSegment_GetPoint, c_int, c_void_p, c_void_p, c_void_p)
