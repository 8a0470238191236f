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

LINE_POINTS = 2
"""Count. What goes on from there is no line."""

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
        x, y, at_x, at_y = self._x, self._y, self._at_x, self._at_y
        points: list[_Point] = []
        parts, is_straight = [points], [True]
        for at in range(count_segments(path)):
            segment = segment_of_path(path, at)
            kind = type_of_segment(segment)
            if kind == pdfium.FPDF_SEGMENT_MOVETO and points:
                points = []
                parts.append(points)
                is_straight.append(True)
            elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
                is_straight[-1] = False
            point_of_segment(segment, at_x, at_y)
            points.append((x.value, y.value))
        found = [part for part, straight in zip(parts, is_straight, strict=True) if straight]
        self._add_parts(found, self._placed(path, outer))

    def _add_parts(self, parts: Sequence[Sequence[_Point]], matrix: Matrix) -> None:
        """Add those parts of a path, each drawn without a break, that are one line or a rectangle."""
        a, b, c, d, e, f = matrix
        for points in parts:
            if len(points) != LINE_POINTS and not (_is_rectangle(points) and (b == c == 0 or a == d == 0)):
                continue
            (x0, y0), (x1, y1) = points[0], points[len(points) // 2]
            left, right = a * x0 + c * y0 + e, a * x1 + c * y1 + e
            low, high = b * x0 + d * y0 + f, b * x1 + d * y1 + f
            self.shapes.append((min(left, right), min(low, high), max(left, right), max(low, high)))


def _is_rectangle(points: Sequence[_Point]) -> bool:
    """Whether a line through these points is a rectangle with level and upright sides."""
    if len(points) != RECTANGLE_POINTS or points[0] != points[-1]:
        return False
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    return (x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0) or (
        y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0
    )
