"""Find the lines and rectangles that a page is drawn with, and whether its text stands level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import addressof, c_float
from itertools import chain, compress, repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from pipeline.extract.read.backends.pdfium_calls import (
    address,
    ascent_of_font,
    clip_of_object,
    count_in_form,
    count_on_page,
    count_paths_of_clip,
    count_segments,
    count_segments_of_clip,
    descent_of_font,
    draw_mode_of_path,
    font_of_text,
    matrix_of_object,
    object_in_form,
    object_on_page,
    places,
    point_of_segment,
    run,
    segment_of_clip,
    type_of_object,
)
from pipeline.extract.read.backends.pdfium_segments import Segments, paths_to_segments
from pipeline.extract.read.orientation import turn
from pipeline.extract.read.rulings import LEVEL_MAX_RISE, STROKE_MAX_THICKNESS
from pipeline.records import Box

FORMS_MAX_DEPTH = 14
"""Count. Forms that stand deeper in each other are not looked into."""

FONT_MIN_HEIGHT = 0.6
"""Share of a font's size. A font that declares less from its ascent to its descent declares too little.

Taught by LibreOffice's parts of fonts: .28, so that pdfium gave commas other tops and bottoms than letters.
"""

LINE_POINTS = 2
"""Count. What goes on from there is no line."""

RECTANGLE_POINTS = 5
"""Count. A rectangle ends where it began."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]


_UPPER_FIRST, _DOWNWARDS = np.array([0, 3, 2, 1]), np.array([1.0, -1.0, 1.0, -1.0])
"""What turns left, bottom, right and top on a page as stored into the numbers of a box: order, and signs."""

_UNIT_SQUARE = np.array([(0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 1.0)])
"""The corners of every picture, before its matrix places it."""


class DrawnShapes(NamedTuple):
    """What a page is drawn with, in points on the page as stored.

    `bounds` has a row for each level or upright line and rectangle: left, bottom, right and top.
    `is_outlined` says of each rectangle whether its outline is drawn: it may be filled alone, as behind text.
    A ring counts as an outline, and of one that is cut to a side that side.
    `others` has a row for each part of a path that is neither: diagonals, curves, outlines of characters.
    `pictures` has a row for each picture. `is_turned` says whether any text stands otherwise than level,
    `is_low` whether a font of it declares too little height. `is_shaded` says whether it has shadings, which
    are in no row.
    """

    bounds: Floats
    is_outlined: Flags
    others: Floats
    pictures: Floats
    is_turned: bool
    is_low: bool
    is_shaded: bool


class StoredPage(NamedTuple):
    """Where a page as stored has its left and its upper edge, and its size; all in points."""

    left: float
    upper: float
    width: float
    height: float

    def boxes(self, bounds: Floats, quarters: int) -> Floats:
        """Return bounds on it (left, bottom, right, top) as boxes on it as turned by quarter turns."""
        boxes = bounds[:, _UPPER_FIRST] * _DOWNWARDS - (self.left, -self.upper, self.left, -self.upper)
        return np.column_stack(turn(Box(*boxes.T), quarters, *self[2:])) if quarters % 4 else boxes


class Parts(NamedTuple):
    """The parts of paths, each of which begins where the pen is moved.

    `points` has a row for each point of all of them (x, y and 1), `path_of` the index of its path. `starts`
    are the first points of the parts, `sizes` how many points they have; `are_straight` says which have no
    curve.
    """

    points: Floats
    path_of: Numbers
    starts: Numbers
    sizes: Numbers
    are_straight: Flags

    def bounds(self, matrices: Floats) -> Floats:
        """Return left, bottom, right and top of each part on the page; `matrices` are those of the paths."""
        placed = (self.points[:, None] @ matrices[self.path_of])[:, 0, :2]
        return np.hstack([edge.reduceat(placed, self.starts) for edge in (np.minimum, np.maximum)])


class _Objects(NamedTuple):
    """What a page or a form holds: addresses, their kinds, and a matrix that places them on the page.

    What a page itself holds needs no matrix.
    """

    addresses: Sequence[int]
    kinds: Numbers
    outer: Floats | None

    def addresses_of(self, wanted: int) -> list[int]:
        """Return the addresses of the objects of one kind."""
        return [*compress(self.addresses, (self.kinds == wanted).tolist())]

    def of_kind(self, wanted: int) -> tuple[list[int], Floats]:
        """Return the addresses of the objects of one kind, and the matrices that place them on the page."""
        addresses = self.addresses_of(wanted)
        return addresses, _matrices(addresses, self.outer)


def page_to_shapes(page: Any) -> DrawnShapes:
    """Return what a page of pypdfium2 is drawn with, its forms included."""
    paths: list[int] = []
    matrices: list[Floats] = []
    outers: list[Floats | None] = []
    pictures = [np.zeros((0, 4))]
    is_turned = is_low = is_shaded = False
    for held in _all_of_page(page):
        texts = held.addresses_of(pdfium.FPDF_PAGEOBJ_TEXT)
        is_turned = is_turned or _is_turned(texts, held.outer)
        is_low = is_low or _declare_too_little(texts)
        is_shaded = is_shaded or bool((held.kinds == pdfium.FPDF_PAGEOBJ_SHADING).any())
        drawn, placed = held.of_kind(pdfium.FPDF_PAGEOBJ_PATH)
        paths += drawn
        matrices.append(placed)
        outers += [held.outer] * len(drawn)
        shown, placed = held.of_kind(pdfium.FPDF_PAGEOBJ_IMAGE)
        if shown:
            corners = (_UNIT_SQUARE @ placed)[:, :, :2]
            pictures.append(np.hstack([corners.min(axis=1), corners.max(axis=1)]))
    bounds, path_of, is_outlined, others = _paths_to_bounds(paths, np.concatenate(matrices))
    if (is_ring := _are_rings(bounds, path_of)).any():
        of_rings = path_of[is_ring].tolist()
        cut = _cut(bounds[is_ring], [paths[at] for at in of_rings], [outers[at] for at in of_rings])
        bounds[is_ring], is_outlined = cut, is_outlined | is_ring
    return DrawnShapes(bounds, is_outlined, others, np.concatenate(pictures), is_turned, is_low, is_shaded)


def page_to_stored(page: Any) -> StoredPage:
    """Return where a page of pypdfium2 stands as stored."""
    (width, height), (left, bottom, _, _) = page.get_size(), page.get_bbox()
    if pdfium.FPDFPage_GetRotation(page) % 2:
        width, height = height, width
    return StoredPage(left, bottom + height, width, height)


def page_to_objects(page: Any, kind: int) -> tuple[list[int], Floats]:
    """Return the addresses of the objects of one kind on a page, its forms included.

    The matrices that place them on the page come second.
    """
    found, matrices = zip(*(held.of_kind(kind) for held in _all_of_page(page)), strict=True)
    return [*chain.from_iterable(found)], np.concatenate(matrices)


def _are_outlined(paths: Sequence[int], lengths: Numbers) -> Flags:
    """Say of each path whether its outline is drawn, and may be more than a line."""
    flags: Flags = lengths > LINE_POINTS
    asked = [*compress(paths, flags.tolist())]
    modes = np.zeros((len(asked), 2), np.int32)
    run(map(draw_mode_of_path, asked, places(modes), places(modes, 1)))
    flags[flags] = modes[:, 1] != 0
    return flags


def _all_of_page(page: Any) -> Iterator[_Objects]:
    """Yield the objects of a page of pypdfium2 and of each of its forms."""
    return _holders(address(page.raw), count_on_page, object_on_page, None, 0)


def _holders(
    holder: int, count: Callable[[int], int], get: Callable[[int, int], int], outer: Floats | None, depth: int
) -> Iterator[_Objects]:
    """Yield the objects of a page and of each of its forms."""
    size = count(holder)
    addresses = [*map(get, repeat(holder), range(size))]
    held = _Objects(addresses, np.fromiter(map(type_of_object, addresses), np.int64, size), outer)
    yield held
    forms, placed = held.of_kind(pdfium.FPDF_PAGEOBJ_FORM) if depth < FORMS_MAX_DEPTH else ([], ())
    for form, inner in zip(forms, placed, strict=True):
        yield from _holders(form, count_in_form, object_in_form, inner, depth + 1)


def _is_turned(texts: Sequence[int], outer: Floats | None) -> bool:
    """Whether any of these texts stands otherwise than level on the page."""
    rises = _matrix_numbers(texts)[:, 1] if outer is None else _matrices(texts, outer)[:, 0, 1]
    return bool(rises.any())


def _matrix_numbers(objects: Sequence[int]) -> npt.NDArray[np.float32]:
    """Return the six numbers of each object's matrix, as it stands in what holds the object."""
    rows = np.zeros((len(objects), 6), np.float32)
    run(map(matrix_of_object, objects, places(rows)))
    return rows


def _matrices(objects: Sequence[int], outer: Floats | None) -> Floats:
    """Return a matrix of three rows for each object: a place times it is the place on the page."""
    if not objects:  # most pages hold no pictures and no forms
        return np.zeros((0, 3, 3))
    rows = _matrix_numbers(objects)
    matrices = np.zeros((len(objects), 3, 3))
    matrices[:, :, :2], matrices[:, 2, 2] = rows.reshape(-1, 3, 2), 1.0
    return matrices if outer is None else matrices @ outer


def _declare_too_little(texts: Iterable[int]) -> bool:
    """Whether a font of these texts declares less height than its characters have."""
    ascent, descent = c_float(), c_float()
    for font in {*map(font_of_text, texts)} - {None}:
        ascent_of_font(font, 1.0, addressof(ascent))
        descent_of_font(font, 1.0, addressof(descent))
        if 0 < ascent.value - descent.value < FONT_MIN_HEIGHT:
            return True
    return False


def _paths_to_bounds(paths: Sequence[int], matrices: Floats) -> tuple[Floats, Numbers, Flags, Floats]:
    """Return the bounds of level and upright lines and rectangles of these paths, and the path of each.

    A path may have many parts; each begins where the pen is moved. Which are outlined comes third, and the
    bounds of all other parts fourth.
    A part that is filled alone ends where it began, whether the file says so or not: browsers do not say so
    of the dashes of a border.
    """
    parts = paths_to_parts(paths)
    points, path_of, starts, sizes, are_straight = parts
    matrix = matrices[path_of[starts]]
    is_outlined = _are_outlined(paths, np.bincount(path_of, minlength=len(paths)))[path_of[starts]]
    is_closed = (sizes == RECTANGLE_POINTS - 1) & ~is_outlined
    found = sizes == LINE_POINTS
    may_be = np.flatnonzero((sizes == RECTANGLE_POINTS) | is_closed)
    if may_be.size:  # many programs draw lines alone
        found[may_be] = _are_rectangles(points, starts[may_be], sizes[may_be]) & _keep_upright(matrix[may_be])
    found &= are_straight
    first, length, matrix = starts[found], sizes[found], matrix[found]
    corners = np.stack([points[first], points[first + length // 2]], axis=1) @ matrix
    one, two = corners[:, 0, :2], corners[:, 1, :2]
    bounds = np.hstack([np.minimum(one, two), np.maximum(one, two)])
    is_level = (length != LINE_POINTS) | (np.minimum(*np.abs(one - two).T) <= LEVEL_MAX_RISE)
    found[found] = is_level
    others = np.zeros((0, 4)) if found.all() else parts.bounds(matrices)[~found]
    return bounds[is_level], path_of[first[is_level]], is_outlined[found], others


def paths_to_parts(paths: Sequence[int]) -> Parts:
    """Return the parts of these paths."""
    lengths = np.fromiter(map(count_segments, paths), np.int64, len(paths))
    segments = paths_to_segments(paths, lengths)
    kinds = segments["kind"]
    begins = kinds == pdfium.FPDF_SEGMENT_MOVETO
    begins[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    starts = np.flatnonzero(begins)
    sizes = np.concatenate([starts[1:], [len(segments)]]) - starts
    bent = np.concatenate([[0], np.cumsum(kinds == pdfium.FPDF_SEGMENT_BEZIERTO)])
    path_of = np.repeat(np.arange(len(paths)), lengths)
    return Parts(_points(segments), path_of, starts, sizes, bent[starts + sizes] == bent[starts])


def _are_rings(bounds: Floats, path_of: Numbers) -> Flags:
    """Say of each box whether it is one of two of a path that leave a thin ring between them.

    WeasyPrint fills such rings as the borders of cells that stand apart.
    """
    flags = np.zeros(len(bounds), bool)
    seconds = np.flatnonzero(path_of[1:] == path_of[:-1]) + 1
    if not seconds.size:  # as nearly always
        return flags
    is_box = (bounds[:, 2:] - bounds[:, :2]).min(axis=1) > STROKE_MAX_THICKNESS
    is_near = np.abs(bounds[seconds] - bounds[seconds - 1]).max(axis=1) <= STROKE_MAX_THICKNESS
    seconds = seconds[is_box[seconds] & is_box[seconds - 1] & is_near]
    flags[seconds] = flags[seconds - 1] = True
    return flags


def _cut(bounds: Floats, paths: Sequence[int], outers: Sequence[Floats | None]) -> Floats:
    """Return the bounds of what is shown of boxes; `paths` and `outers` are those of each.

    Where sides of a cell are hidden, WeasyPrint draws each other side as the whole ring, cut to that side.
    """
    shown = bounds.copy()
    for box, path, outer in zip(shown, paths, outers, strict=True):
        for clip in _clips(path, outer):
            box[:2] = np.maximum(box[:2], clip[:2])
            box[2:] = np.maximum(box[:2], np.minimum(box[2:], clip[2:]))
    return shown


def _clips(path: int, outer: Floats | None) -> Iterator[Floats]:
    """Yield the bounds on the page of each path that an object is cut to."""
    clip, point = clip_of_object(path), np.ones((1, 3), np.float32)
    (x,), (y,) = places(point), places(point, 1)
    for part in range(count_paths_of_clip(clip)):
        ends = []
        for at in range(count_segments_of_clip(clip, part)):
            point_of_segment(segment_of_clip(clip, part, at), x, y)
            ends.append((point.astype(float) if outer is None else point @ outer)[0, :2])
        if ends:
            yield np.concatenate([np.min(ends, axis=0), np.max(ends, axis=0)])


def _points(segments: Segments) -> Floats:
    """Return where each segment of a path ends: x, y and 1, by which a matrix can move it."""
    points = np.ones((len(segments), 3))
    points[:, :2] = segments["end"]
    return points


def _are_rectangles(points: Floats, starts: Numbers, sizes: Numbers) -> Flags:
    """Say of parts of paths whether they go around a rectangle with level and upright sides.

    Each has as many points as one; those that are closed without saying so lack the last.
    """
    corners = points[starts[:, None] + np.arange(RECTANGLE_POINTS) % sizes[:, None]]
    is_level, is_upright = (corners[:, 1:, axis] == corners[:, :-1, axis] for axis in (1, 0))
    returns: Flags = (corners[:, 0] == corners[:, -1]).all(axis=1)
    return returns & (_take_turns(is_level, is_upright) | _take_turns(is_upright, is_level))


def _take_turns(first: Flags, second: Flags) -> Flags:
    """Say of the four sides of each rectangle whether they are of these two kinds in turn."""
    flags: Flags = first[:, 0] & second[:, 1] & first[:, 2] & second[:, 3]
    return flags


def _keep_upright(matrices: Floats) -> Flags:
    """Say of each matrix whether level and upright sides stay so."""
    is_zero = matrices[:, :2, :2] == 0
    flags: Flags = (is_zero[:, 0, 1] & is_zero[:, 1, 0]) | (is_zero[:, 0, 0] & is_zero[:, 1, 1])
    return flags
