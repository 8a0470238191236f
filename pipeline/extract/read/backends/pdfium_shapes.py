"""Find the lines and rectangles that a page is drawn with, and whether its text stands level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import addressof, c_float
from typing import Any

import pypdfium2.raw as pdfium

from pipeline.extract.read.backends.pdfium_calls import (
    address,
    count_in_form,
    count_on_page,
    count_segments,
    matrix_of_object,
    object_in_form,
    object_on_page,
    point_of_segment,
    segment_of_path,
    type_of_object,
    type_of_segment,
)

Matrix = tuple[float, float, float, float, float, float]
"""Turns a place in an object to one on the page: a to f, as in the PDF standard."""

Bounds = tuple[float, float, float, float]
"""Left, bottom, right and top on the page as stored, in points."""

_Point = tuple[float, float]

FORMS_MAX_DEPTH = 8
"""Count. Forms that stand deeper in each other are not looked into."""

RECTANGLE_POINTS = 5
"""Count. A rectangle ends where it began."""


class DrawnObjects:
    """What a page is drawn with, found in one walk over its objects.

    `shapes` are the bounds of its straight lines and upright rectangles. `is_turned` says whether any text
    stands otherwise than level.
    """

    def __init__(self, page: Any) -> None:
        self.shapes: list[Bounds] = []
        self.is_turned = False
        self._matrix = pdfium.FS_MATRIX()
        self._at_matrix = addressof(self._matrix)
        self._x, self._y = c_float(), c_float()
        self._at_x, self._at_y = addressof(self._x), addressof(self._y)
        self._walk(address(page.raw), count_on_page, object_on_page, None, 0)

    def _walk(
        self,
        holder: int,
        count: Callable[[int], int],
        get: Callable[[int, int], int],
        outer: Matrix | None,
        depth: int,
    ) -> None:
        """Look at all objects of a page or a form; `outer` places the form on the page."""
        for at in range(count(holder)):
            one = get(holder, at)
            kind = type_of_object(one)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                self.is_turned = self.is_turned or self._placed(one, outer)[1] != 0
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._add_path(one, outer)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < FORMS_MAX_DEPTH:
                self._walk(one, count_in_form, object_in_form, self._placed(one, outer), depth + 1)

    def _placed(self, one: int, outer: Matrix | None) -> Matrix:
        """Return what turns a place in an object to one on the page."""
        matrix_of_object(one, self._at_matrix)
        m = self._matrix
        a, b, c, d, e, f = m.a, m.b, m.c, m.d, m.e, m.f
        if outer is None:
            return a, b, c, d, e, f
        p, q, r, s, t, u = outer
        return (
            a * p + b * r, a * q + b * s,
            c * p + d * r, c * q + d * s,
            e * p + f * r + t, e * q + f * s + u,
        )  # fmt: skip

    def _add_path(self, path: int, outer: Matrix | None) -> None:
        """Add the lines and rectangles of a path."""
        a, b, c, d, e, f = self._placed(path, outer)
        x, y, at_x, at_y = self._x, self._y, self._at_x, self._at_y
        points: list[_Point] = []
        is_straight = True
        for at in range(count_segments(path)):
            segment = segment_of_path(path, at)
            kind = type_of_segment(segment)
            point_of_segment(segment, at_x, at_y)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                self._add_part(points, is_straight)
                points, is_straight = [], True
            elif kind != pdfium.FPDF_SEGMENT_LINETO:
                is_straight = False
            across, up = x.value, y.value
            points.append((a * across + c * up + e, b * across + d * up + f))
        self._add_part(points, is_straight)

    def _add_part(self, points: Sequence[_Point], is_straight: bool) -> None:
        """Add a part of a path, drawn without a break, if it is one line or a rectangle."""
        if is_straight and (len(points) == 2 or _is_rectangle(points)):
            (x0, y0), (x1, y1) = points[0], points[len(points) // 2]
            self.shapes.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def _is_rectangle(points: Sequence[_Point]) -> bool:
    """Whether a line through these points is a rectangle with level and upright sides."""
    if len(points) != RECTANGLE_POINTS or points[0] != points[-1]:
        return False
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    return (x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0) or (
        y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0
    )
