"""Turn drawn strokes into the boxes of cells, whatever the strokes are made of.

Browsers print a dashed border as thousands of short strokes, a double border as two, and cells with space
between them as one box each. Libraries then find no table, or too many. Here:

- strokes on one line with small gaps are one ruling;
- rulings that stand close together are one edge;
- places that no ruling parts are one cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.records import Box

STROKE_MAX_THICKNESS = 3.0
"""Points. A shape that is no thicker is one stroke; a thicker one is a box of four strokes.

Browsers and word processors print borders as filled boxes. No test fails at 1.5 or at 6.0.
"""

STROKES_MAX_GAP = 7.0
"""Points. Strokes on one line with no wider gap between them are one ruling.

Taught by dashes, dots and cells that are drawn as boxes with a space between them: gaps of up to 6.5
points are bridged. A gap of 12 points parts two tables.
"""

STROKES_MAX_OFFSET = 0.6
"""Points, across the stroke. Strokes that stand no further apart are on one line.

The two lines of a double border stay two rulings. No test fails at 0.3 or at 1.2.
"""

RULINGS_OF_EDGE_MAX_DISTANCE = 7.5
"""Points. Rulings that stand no further from the first of them are one edge.

Taught by double borders and by boxes that are drawn cell by cell with a space between them.
"""

OPEN_ROW_MIN_RULINGS = 4
"""Count. As many upright rulings of one height are a row of a table, even where no level ruling is drawn.

Taught by a row that stood alone on its page, between two page ends: its level borders were on neither.
"""

RULING_MIN_LENGTH = 8.0
"""Points. A shorter ruling is a mark in the text and no part of a table.

Taught by marks in the text that parted a cell. No test fails at 4.0 or at 16.0.
"""


class Ruling(NamedTuple):
    """A straight line, in points: `at` is its place across, `start` and `end` are its ends along it."""

    at: float
    start: float
    end: float


def shapes_to_tables(shapes: Iterable[Box]) -> list[list[Box]]:
    """Return the boxes of the cells of every table that is drawn; `shapes` are bounding boxes in points."""
    level, upright = _strokes(shapes)
    rows, cols = strokes_to_rulings(level), strokes_to_rulings(upright)
    tables = (_cells(rs, cs) for rs, cs in _connected(rows, cols))
    return [table for table in tables if len(table) > 1]


def _strokes(shapes: Iterable[Box]) -> tuple[list[Ruling], list[Ruling]]:
    """Return the level and the upright strokes; a dot is both."""
    level: list[Ruling] = []
    upright: list[Ruling] = []
    for x0, top, x1, bottom in shapes:
        width, height = x1 - x0, bottom - top
        if height <= STROKE_MAX_THICKNESS:
            level.append(Ruling((top + bottom) / 2, x0, x1))
        if width <= STROKE_MAX_THICKNESS:
            upright.append(Ruling((x0 + x1) / 2, top, bottom))
        if height > STROKE_MAX_THICKNESS and width > STROKE_MAX_THICKNESS:
            level += [Ruling(top, x0, x1), Ruling(bottom, x0, x1)]
            upright += [Ruling(x0, top, bottom), Ruling(x1, top, bottom)]
    return level, upright


def strokes_to_rulings(strokes: Iterable[Ruling]) -> list[Ruling]:
    """Join strokes on one line over small gaps, and drop what is still short."""
    lines: list[list[Ruling]] = []
    for stroke in sorted(strokes, key=lambda s: s.at):
        if not lines or stroke.at - lines[-1][0].at > STROKES_MAX_OFFSET:
            lines.append([])
        lines[-1].append(stroke)
    return [
        ruling for line in lines for ruling in _joined(line) if ruling.end - ruling.start >= RULING_MIN_LENGTH
    ]


def _joined(line: list[Ruling]) -> list[Ruling]:
    """Join the strokes of one line over gaps of up to STROKES_MAX_GAP."""
    joined: list[Ruling] = []
    for stroke in sorted(line, key=lambda s: s.start):
        if joined and stroke.start - joined[-1].end <= STROKES_MAX_GAP:
            last = joined[-1]
            joined[-1] = Ruling(last.at, last.start, max(last.end, stroke.end))
        else:
            joined.append(stroke)
    return joined


def _connected(rows: Sequence[Ruling], cols: Sequence[Ruling]) -> Iterable[tuple[list[Ruling], list[Ruling]]]:
    """Return the level and the upright rulings of each table: those that cross or touch."""
    joined = _Groups(len(rows) + len(cols))
    for i, row in enumerate(rows):
        for j, col in enumerate(cols):
            if _touch(row, col):
                joined.join(i, len(rows) + j)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(joined.root(i), ([], []))[0].append(row)
    for j, col in enumerate(cols):
        groups.setdefault(joined.root(len(rows) + j), ([], []))[1].append(col)
    tables = [group for group in groups.values() if all(group)]
    return tables + [([], bare) for bare in _bare([c for r, cs in groups.values() if not r for c in cs])]


def _bare(cols: Sequence[Ruling]) -> list[list[Ruling]]:
    """Return groups of upright rulings of one height that no level ruling touches.

    Such a group is a row that stands alone between two page ends.
    """
    groups: dict[tuple[int, int], list[Ruling]] = {}
    for col in cols:
        groups.setdefault(
            (round(col.start / RULINGS_OF_EDGE_MAX_DISTANCE), round(col.end / RULINGS_OF_EDGE_MAX_DISTANCE)),
            [],
        ).append(col)
    return [group for group in groups.values() if len(group) >= OPEN_ROW_MIN_RULINGS]


def _touch(row: Ruling, col: Ruling) -> bool:
    """Whether a level and an upright ruling cross, or nearly do."""
    return (
        row.start - STROKES_MAX_GAP <= col.at <= row.end + STROKES_MAX_GAP
        and col.start - STROKES_MAX_GAP <= row.at <= col.end + STROKES_MAX_GAP
    )


def _cells(rows: Sequence[Ruling], cols: Sequence[Ruling]) -> list[Box]:
    """Return the boxes of the cells between the edges; places that no ruling parts are one cell.

    Where an outer border is missing, the ends of the other rulings stand for it.
    """
    ys = _edges([r.at for r in rows], [e for c in cols for e in (c.start, c.end)])
    xs = _edges([c.at for c in cols], [e for r in rows for e in (r.start, r.end)] or [cols[0].at])
    height, width = len(ys) - 1, len(xs) - 1
    across = [_parted(cols, x, list(map(_middle, pairwise(ys)))) for x in xs[1:-1]]
    down = [_parted(rows, y, list(map(_middle, pairwise(xs)))) for y in ys[1:-1]]
    cells = _Groups(height * width)
    for r in range(height):
        for c in range(width):
            if c + 1 < width and not across[c][r]:
                cells.join(r * width + c, r * width + c + 1)
            if r + 1 < height and not down[r][c]:
                cells.join(r * width + c, (r + 1) * width + c)
    return _boxes([[cells.root(r * width + c) for c in range(width)] for r in range(height)], xs, ys)


class _Groups:
    """Numbers from 0 on that are joined to groups; the root of a group is one of its numbers."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, i: int) -> int:
        """Return the number that names the group of `i`."""
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        """Make one group of those of `i` and `j`."""
        self._parent[self.root(i)] = self.root(j)


def _middle(stretch: tuple[float, float]) -> float:
    """Return the middle of a stretch in points."""
    return (stretch[0] + stretch[1]) / 2


def _edges(places: Sequence[float], ends: Sequence[float]) -> list[float]:
    """Return the places of the edges: means of rulings close together, and the outermost `ends`."""
    edges: list[list[float]] = []
    for place in sorted(places):
        if edges and place - edges[-1][0] <= RULINGS_OF_EDGE_MAX_DISTANCE:
            edges[-1].append(place)
        else:
            edges.append([place])
    means = [sum(edge) / len(edge) for edge in edges]
    if not means or min(ends) < means[0] - RULINGS_OF_EDGE_MAX_DISTANCE:
        means.insert(0, min(ends))
    if max(ends) > means[-1] + RULINGS_OF_EDGE_MAX_DISTANCE:
        means.append(max(ends))
    return means


def _parted(rulings: Sequence[Ruling], edge: float, middles: Sequence[float]) -> list[bool]:
    """For each of the places along an edge: whether a ruling on that edge passes it."""
    near = [(r.start, r.end) for r in rulings if abs(r.at - edge) <= RULINGS_OF_EDGE_MAX_DISTANCE]
    return [any(start <= middle <= end for start, end in near) for middle in middles]


def _boxes(cell: list[list[int]], xs: Sequence[float], ys: Sequence[float]) -> list[Box]:
    """Return the bounding box of each cell; `cell` has the number of the cell at every row and column."""
    spans: dict[int, list[int]] = {}
    for r, line in enumerate(cell):
        for c, index in enumerate(line):
            span = spans.setdefault(index, [r, c, r, c])
            span[:] = [min(span[0], r), min(span[1], c), max(span[2], r), max(span[3], c)]
    return [Box(xs[c0], ys[r0], xs[c1 + 1], ys[r1 + 1]) for r0, c0, r1, c1 in spans.values()]
