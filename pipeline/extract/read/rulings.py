"""Turn drawn strokes into the boxes of cells, whatever the strokes are made of.

Browsers print a dashed border as thousands of short strokes, a double border as two, and cells with space
between them as one box each. Libraries then find no table, or too many. Here:

- strokes on one line with small gaps are one ruling;
- rulings that stand close together are one edge;
- places that no ruling parts are one cell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.records import Box

STROKE_MAX_THICKNESS = 3.0
"""Points. A shape that is no thicker is one stroke; a thicker one is a box of four strokes.

Borders may be printed as filled boxes. At 24.0 the boxes of cells become strokes themselves.
"""

STROKES_MAX_GAP = 7.0
"""Points. Strokes on one line with no wider gap between them are one ruling.

Taught by dashes, dots and cells that are drawn as boxes with a space between them: gaps of up to 6.5
points are bridged. A gap of 12 points parts two tables.
"""

STROKES_MAX_OFFSET = 0.6
"""Points, across the stroke. Strokes that stand no further apart are on one line.

The two lines of a double border stay two rulings.
"""

RULINGS_OF_EDGE_MAX_DISTANCE = 7.5
"""Points. Rulings that stand no further from the first of them are one edge.

Taught by double borders and by boxes that are drawn cell by cell with a space between them.
"""

OPEN_ROW_MIN_RULINGS = 4
"""Count. As many upright rulings of one height are a row of a table, even where no level ruling is drawn.

Taught by a row that stood alone on its page, between two page ends: its level borders were on neither.
"""

LEVEL_MAX_RISE = 3.0
"""Points. A line that rises by more, and runs as far aside, is a diagonal and parts no cells.

Taught by a cross over a number: the box around it parted its wide cell, and the piece left of it was blank.
"""

RULING_MIN_LENGTH = 8.0
"""Points. A shorter ruling is a mark in the text and no part of a table.

Taught by marks in the text, which must part no cell.
"""


Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

Rulings = npt.NDArray[np.float64]
"""Straight lines, one a row, in points: the place across the line, and its start and end along it."""


def shapes_to_tables(shapes: npt.ArrayLike) -> list[list[Box]]:
    """Return the boxes of the cells of every table that is drawn; one box alone is none.

    `shapes` has a row for each shape: x0, top, x1 and bottom of its bounding box in points.
    """
    return [table for table in shapes_to_grids(shapes) if len(table) > 1]


def shapes_to_grids(shapes: npt.ArrayLike) -> list[list[Box]]:
    """Return the boxes of the cells of every table that is drawn, and every box alone."""
    level, upright = _strokes(np.reshape(np.asarray(shapes, float), (-1, 4)))
    rows, cols = strokes_to_rulings(level), strokes_to_rulings(upright)
    return [_cells(rs, cs) for rs, cs in rulings_to_groups(rows, cols)]


def _strokes(shapes: Floats) -> tuple[Rulings, Rulings]:
    """Return the level and the upright strokes; a dot is both."""
    x0, top, x1, bottom = shapes.T
    is_flat, is_narrow = bottom - top <= STROKE_MAX_THICKNESS, x1 - x0 <= STROKE_MAX_THICKNESS
    boxes = np.flatnonzero(~(is_flat | is_narrow))
    return _along(is_flat, boxes, top, bottom, x0, x1), _along(is_narrow, boxes, x0, x1, top, bottom)


def _along(
    is_stroke: Flags,
    boxes: npt.NDArray[np.integer[Any]],
    near: Floats,
    far: Floats,
    start: Floats,
    end: Floats,
) -> Rulings:
    """Return the strokes of one direction, those in the middle of shapes first and then sides of boxes.

    `near` and `far` are the edges of all shapes across the direction, `start` and `end` those along it.
    """
    strokes = np.flatnonzero(is_stroke)
    shapes = np.concatenate([strokes, boxes, boxes])
    found = np.empty((len(shapes), 3))
    found[:, 0] = np.concatenate([(near[strokes] + far[strokes]) / 2, near[boxes], far[boxes]])
    found[:, 1], found[:, 2] = start[shapes], end[shapes]
    return found


def strokes_to_rulings(strokes: npt.ArrayLike) -> Rulings:
    """Join strokes on one line over small gaps, and drop what is still short."""
    rows = np.reshape(np.asarray(strokes, float), (-1, 3))
    if not len(rows):
        return rows
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    lines = _lines(rows[:, 0])
    order = np.lexsort((rows[:, 1], lines))
    rows = rows[order]
    begins = _begins(lines[order], rows[:, 1], rows[:, 2])
    rulings = rows[begins]
    rulings[:, 2] = np.maximum.reduceat(rows[:, 2], begins)
    long: Rulings = rulings[rulings[:, 2] - rulings[:, 1] >= RULING_MIN_LENGTH]
    return long


def _lines(places: Floats) -> Floats:
    """Return the number of the line of each stroke; the places of the strokes across it are in order."""
    at, begins = places.tolist(), [0]
    while (end := bisect_right(at, at[begins[-1]] + STROKES_MAX_OFFSET)) < len(at):
        begins.append(end)
    steps = np.zeros(len(at))
    steps[begins[1:]] = 1
    return np.cumsum(steps)


def _begins(lines: Floats, start: Floats, end: Floats) -> npt.NDArray[np.integer[Any]]:
    """Return the indices of the strokes that begin a ruling.

    The strokes are in order, those of one line from its start to its end. Lines are laid far behind each
    other, so that a new line is a wide gap too.
    """
    far = 2 * (np.abs(start).max() + np.abs(end).max() + STROKES_MAX_GAP) * lines
    reached = np.maximum.accumulate(end + far)
    gaps = (start + far)[1:] - reached[:-1]
    return np.flatnonzero(np.concatenate([[True], gaps > STROKES_MAX_GAP]))


def rulings_to_groups(rows: Rulings, cols: Rulings) -> list[tuple[Rulings, Rulings]]:
    """Return the level and the upright rulings of each table: those that cross or touch, or are as tall.

    A cell that reaches over the ends of a page has no level ruling on it, only an upright one at its side.
    """
    touching = _touching(rows, cols)
    tables = [(rows[own_rows], cols[own_cols]) for own_rows, own_cols in _groups(touching)]
    alone = cols[~touching.any(axis=0)]
    for at, (own_rows, own_cols) in enumerate(tables if len(alone) else ()):
        is_as_tall = _are_as_tall(alone, own_cols)
        tables[at] = own_rows, np.concatenate([own_cols, alone[is_as_tall]])
        alone = alone[~is_as_tall]
    return tables + [(rows[:0], bare) for bare in _bare(alone)]


def _are_as_tall(alone: Rulings, cols: Rulings) -> Flags:
    """Say of each upright ruling whether it begins and ends where those of a table do."""
    top, bottom = cols[:, 1].min(), cols[:, 2].max()
    apart = np.maximum(np.abs(alone[:, 1] - top), np.abs(alone[:, 2] - bottom))
    return np.asarray(apart <= RULINGS_OF_EDGE_MAX_DISTANCE)


def _groups(touching: Flags) -> Iterator[tuple[Flags, Flags]]:
    """Yield which rows and which columns of a matrix are of each group: those that its flags join."""
    left: Flags = np.any(touching, axis=1)
    while left.any():
        rows: Flags = np.zeros_like(left)
        grown: Flags = np.arange(len(left)) == left.argmax()
        while (grown != rows).any():
            rows = grown
            cols: Flags = rows @ touching
            grown = touching @ cols
        yield rows, cols
        left = left & ~rows


def _bare(cols: Rulings) -> list[Rulings]:
    """Return groups of upright rulings of one height that no level ruling touches.

    Such a group is a row that stands alone between two page ends.
    """
    groups: dict[tuple[float, ...], list[int]] = {}
    for at, ends in enumerate(np.rint(cols[:, 1:] / RULINGS_OF_EDGE_MAX_DISTANCE).tolist()):
        groups.setdefault(tuple(ends), []).append(at)
    return [cols[group] for group in groups.values() if len(group) >= OPEN_ROW_MIN_RULINGS]


def _touching(rows: Rulings, cols: Rulings) -> Flags:
    """Say of each level ruling, a row for each, and each upright one whether they cross, or nearly do."""
    y, left, right = rows.T[:, :, None]
    x, top, bottom = cols.T
    gap = STROKES_MAX_GAP
    touching: Flags = (left - gap <= x) & (x <= right + gap) & (top - gap <= y) & (y <= bottom + gap)
    return touching


def _cells(rows: Rulings, cols: Rulings) -> list[Box]:
    """Return the boxes of the cells between the edges; places that no ruling parts are one cell.

    Where an outer border is missing, the ends of the other rulings stand for it.
    """
    ys = _edges(rows[:, 0], cols[:, 1:])
    xs = _edges(cols[:, 0], rows[:, 1:] if len(rows) else cols[:1, :1])
    across = _parted(cols, xs[1:-1], list(map(_middle, pairwise(ys))))
    down = _parted(rows, ys[1:-1], list(map(_middle, pairwise(xs))))
    return [
        Box(xs[left], ys[top], xs[right], ys[bottom])
        for left, top, right, bottom in parted_to_spans(across, down)
    ]


def parted_to_spans(across: Flags, down: Flags) -> list[list[int]]:
    """Return the first edge and the last of each cell, from left to right and from top to bottom.

    `across` says of each upright edge within a table, at each row, whether a ruling parts the places beside
    it; `down` says so of each level edge, at each column. Places and what is between them are points of a
    small picture, in which the cells are what hangs together.
    """
    height, width = across.shape[1], down.shape[1]
    if not (height and width):
        return []
    picture = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    picture[::2, ::2], picture[::2, 1::2], picture[1::2, ::2] = 1, ~across.T, ~down
    _, _, found, _ = cv2.connectedComponentsWithStats(picture, connectivity=4)
    spans = np.asarray(found[1:, :4], np.int64)  # the first row is what is between the cells
    spans[:, 2:] += spans[:, :2] + 1
    edges: list[list[int]] = (spans // 2).tolist()
    return edges


def _middle(stretch: tuple[float, float]) -> float:
    """Return the middle of a stretch in points."""
    return (stretch[0] + stretch[1]) / 2


def _edges(places: Floats, ends: Floats) -> list[float]:
    """Return the places of the edges: means of rulings close together, and the outermost `ends`."""
    edges: list[list[float]] = []
    for place in sorted(places.tolist()):
        if edges and place - edges[-1][0] <= RULINGS_OF_EDGE_MAX_DISTANCE:
            edges[-1].append(place)
        else:
            edges.append([place])
    means = [sum(edge) / len(edge) for edge in edges]
    first, last = float(ends.min()), float(ends.max())
    if not means or first < means[0] - RULINGS_OF_EDGE_MAX_DISTANCE:
        means.insert(0, first)
    if last > means[-1] + RULINGS_OF_EDGE_MAX_DISTANCE:
        means.append(last)
    return means


def _parted(rulings: Rulings, edges: Sequence[float], middles: Sequence[float]) -> Flags:
    """For each of the places along each edge: whether a ruling on that edge passes it."""
    at, start, end = rulings.T
    near = np.abs(at - np.array(edges)[:, None]) <= RULINGS_OF_EDGE_MAX_DISTANCE
    places = np.array(middles)[:, None]
    passes = (start <= places) & (places <= end)
    parted: Flags = near @ passes.T
    return parted
