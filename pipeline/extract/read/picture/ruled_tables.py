"""Find the ruled tables of a straight picture, and cut out what stands in their cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.page_mesh import Mesh, marks_to_mesh
from pipeline.extract.read.picture.pictures import (
    Mask,
    PictureCell,
    PictureTable,
    Shades,
    StraightPicture,
)
from pipeline.extract.read.picture.ruling_marks import Traces, shades_to_marks
from pipeline.extract.read.rulings import shapes_to_tables
from pipeline.records import Box, bounding_box

RULING_MAX_WIDTH = 2.5
"""Points. So broad a band around the middle of a ruling is cleared of it."""

SEALED_MIN_SHARE = 0.002
"""Share of a cell's pixels. Fewer coloured ones are specks."""

_LEVEL_SIDES, _UPRIGHT_SIDES = ([0, 1], [3, 2]), ([0, 3], [1, 2])  # of the corners of a cell

Floats = npt.NDArray[np.float64]


def straight_to_tables(picture: StraightPicture) -> list[PictureTable]:
    """Return the ruled tables of a page from top to bottom."""
    level, upright = shades_to_marks(picture.shades, picture.scale)
    if not len(level.mark) or not len(upright.mark):
        return []
    mesh = marks_to_mesh(level, upright, picture.shades.shape[:2])
    strokes = np.concatenate([_strokes(level, mesh, False), _strokes(upright, mesh, True)])
    found = sorted(shapes_to_tables(strokes / picture.scale), key=lambda boxes: bounding_box(boxes)[1::-1])
    edges = [_edges(boxes, mesh, picture.scale) for boxes in found]
    clean = _without_rulings(picture.shades, edges, picture.scale)
    return [_table(boxes, corners, clean, picture) for boxes, corners in zip(found, edges, strict=True)]


def _strokes(traces: Traces, mesh: Mesh, is_upright: bool) -> Floats:
    """Return the marks on the flattened page as boxes without thickness, in pixels."""
    turn = slice(None, None, -1 if is_upright else 1)
    starts, ends = (
        mesh.flat(np.stack([along, traces.across], axis=1)[:, turn])[:, turn]
        for along in (traces.start, traces.end)
    )
    marks, places = np.unique(traces.mark, return_inverse=True)
    across = np.bincount(places, (starts[:, 1] + ends[:, 1]) / 2) / np.bincount(places)
    first, last = np.full(len(marks), np.inf), np.full(len(marks), -np.inf)
    np.minimum.at(first, places, starts[:, 0])
    np.maximum.at(last, places, ends[:, 0])
    sides = [across, first, across, last] if is_upright else [first, across, last, across]
    return np.stack(sides, axis=1)


def _edges(boxes: Sequence[Box], mesh: Mesh, scale: float) -> Floats:
    """Return the corners of cells in pixels: cells × 4 (clockwise from the top left) × x, y."""
    x0, top, x1, bottom = np.array(boxes).T * scale
    corners = np.stack([x0, top, x1, top, x1, bottom, x0, bottom], axis=1).reshape(-1, 2)
    return mesh.bent(corners).reshape(-1, 4, 2)


def _without_rulings(shades: Shades, tables: Sequence[Floats], scale: float) -> Shades:
    """Return a picture without the edges of cells; strokes that run across them are kept."""
    width = max(round(RULING_MAX_WIDTH * scale) | 1, 3)
    darkness = cv2.bitwise_not(shades)
    for sides, kernel in (_UPRIGHT_SIDES, (width + 2, 1)), (_LEVEL_SIDES, (1, width + 2)):
        band = np.zeros_like(shades)
        for side, corners in product(sides, tables):
            lines = np.rint(corners[:, side]).astype(np.int32)
            cv2.polylines(band, [*lines[:, :, None]], False, 255, width)
        across = cv2.morphologyEx(darkness, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8))
        darkness = np.where(band, across, darkness)
    return cv2.bitwise_not(darkness)  # type: ignore[return-value]


def _table(boxes: Sequence[Box], corners: Floats, clean: Shades, picture: StraightPicture) -> PictureTable:
    """Return a table with what stands in its cells."""
    xs = sorted({x for box in boxes for x in (box.x0, box.x1)})
    ys = sorted({y for box in boxes for y in (box.top, box.bottom)})
    cells = [
        PictureCell(
            ys.index(box.top),
            xs.index(box.x0),
            ys.index(box.bottom) - ys.index(box.top),
            xs.index(box.x1) - xs.index(box.x0),
            _bounds(own, picture.scale),
            *_cut(own, clean, picture.seal),
        )
        for box, own in zip(boxes, corners, strict=True)
    ]
    cells.sort(key=lambda cell: (cell.row, cell.col))
    return PictureTable(bounding_box([cell.box for cell in cells]), tuple(cells))


def _bounds(corners: Floats, scale: float) -> Box:
    """Return the box around corners, in points."""
    (x0, top), (x1, bottom) = corners.min(axis=0) / scale, corners.max(axis=0) / scale
    return Box(float(x0), float(top), float(x1), float(bottom))


def _cut(corners: Floats, clean: Shades, seal: Mask) -> tuple[Shades, bool]:
    """Return what stands between corners, upright, and whether a seal's ink is in it."""
    (x0, top), (x1, bottom) = np.rint(corners.min(axis=0)), np.rint(corners.max(axis=0))
    place = slice(int(max(top, 0)), int(bottom) + 1), slice(int(max(x0, 0)), int(x1) + 1)
    sealed = bool(seal[place].mean() >= SEALED_MIN_SHARE)
    bent = np.abs(corners - [[x0, top], [x1, top], [x1, bottom], [x0, bottom]]).max()
    if bent <= 1:
        return clean[place], sealed
    columns, rows = max(int(x1 - x0), 1), max(int(bottom - top), 1)
    target = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    change = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return cv2.warpPerspective(clean, change, (columns, rows), borderValue=255), sealed  # type: ignore[return-value]
