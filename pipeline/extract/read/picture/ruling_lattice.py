"""Turn the marks of rulings on a flat page into tables: edges, and which of their parts are ruled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Shades
from pipeline.extract.read.picture.ruling_marks import (
    BESIDE,
    RULING_MIN_CONTRAST,
    Marks,
    traces_to_strokes,
)
from pipeline.extract.read.picture.seal_strokes import without_seals
from pipeline.extract.read.picture.short_rulings import short_uprights
from pipeline.extract.read.rulings import (
    RULINGS_OF_EDGE_MAX_DISTANCE,
    parted_to_spans,
    rulings_to_groups,
    strokes_to_rulings,
)

RULED_MIN_COVER = 0.9
"""Share of an edge between two others. Where as much is inked, a ruling parts the cells beside it."""

BARE_MAX_COVER = 0.35
"""Share of an edge between two others. Where no more is inked there is no ruling; text may stand there."""

RIDGE_MIN_COVER = 0.3
"""Share of an edge between two others: a broken ruling is inked as much more than the places beside it."""

ENDS_MAX_DISTANCE = 3.0
"""Points. Rulings end no further from the rulings that cross them, blurred or broken as they may be."""

ARC_MAX_LENGTH = 48.0
"""Points. No arc of a seal is as straight on a longer way."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Edge(NamedTuple):
    """Where a row or a column ends, in pixels: the first and the last ruling of it, mostly one."""

    first: float
    last: float

    @property
    def middle(self) -> float:
        """Return the place halfway between its rulings."""
        return (self.first + self.last) / 2


class LatticeCell(NamedTuple):
    """A cell: its first row and column, and those after its last.

    `is_sure` says that every ruling around it is drawn all along, and none within it.
    """

    top: int
    left: int
    bottom: int
    right: int
    is_sure: bool


class Lattice(NamedTuple):
    """A ruled table.

    `down` says how much of each level edge is ruled, column by column, and `across` how much of each upright
    edge, row by row.
    """

    ys: tuple[Edge, ...]
    xs: tuple[Edge, ...]
    down: Floats
    across: Floats
    cells: tuple[LatticeCell, ...]


def marks_to_lattices(level: Marks, upright: Marks, unit: float) -> list[Lattice]:
    """Return the tables of a flat page with `unit` pixels a point; one box alone is none."""
    rows, cols = traces_to_strokes(level.traces), traces_to_strokes(upright.traces)
    cols = np.concatenate([cols, short_uprights(rows, cols, upright.ink, unit)])
    rows, cols = without_seals(rows, cols, (level.ink, upright.ink), unit)
    rows, cols = strokes_to_rulings(rows / unit), strokes_to_rulings(cols / unit)
    lattices = [
        _lattice(own_rows * unit, own_cols * unit, level.ink, upright.ink, unit)
        for own_rows, own_cols in rulings_to_groups(rows, cols)
    ]
    tables = [lattice for lattice in lattices if len(lattice.cells) > 1]
    found = [one for one in tables if not any(_is_within(one, other) for other in tables)]
    return sorted(found, key=lambda lattice: (lattice.ys[0].middle, lattice.xs[0].middle))


def _is_within(lattice: Lattice, other: Lattice) -> bool:
    """Whether a table lies within another: then it is strokes of characters in a cell of that one."""
    return lattice is not other and all(
        outer[0].first <= own[0].first and own[-1].last <= outer[-1].last
        for own, outer in ((lattice.ys, other.ys), (lattice.xs, other.xs))
    )


def _lattice(rows: Floats, cols: Floats, level_ink: Shades, upright_ink: Shades, unit: float) -> Lattice:
    """Return the table of level and upright rulings, in pixels."""
    ys = _edges(rows[:, 0], cols[:, 1:], unit)
    xs = _edges(cols[:, 0], rows[:, 1:] if len(rows) else cols[:1, :1].repeat(2, axis=1), unit)
    ys, xs = _anchored(ys, rows, xs, unit), _anchored(xs, cols, ys, unit)
    down = _cover(level_ink, rows, ys, xs, unit)
    across = _cover(upright_ink, cols, xs, ys, unit)
    stray = _stray(rows, ys, xs) | _stray(cols, xs, ys).T
    return Lattice(ys, xs, down, across, _cells(down, across, stray))


def _stray(rulings: Floats, edges: Sequence[Edge], ends: Sequence[Edge]) -> Flags:
    """Say of each place, from edge to edge, whether a piece of ruling stands in it that is on no edge."""
    stray = np.zeros((len(edges) - 1, len(ends) - 1), np.bool_)
    for place, start, end in rulings:
        if not any(edge.first <= place <= edge.last for edge in edges):
            row = bisect_right([edge.middle for edge in edges[1:-1]], place)
            first, last = (bisect_right([edge.middle for edge in ends[1:-1]], at) for at in (start, end))
            stray[row, first : last + 1] = True
    return stray


def _anchored(
    edges: tuple[Edge, ...], rulings: Floats, ends: tuple[Edge, ...], unit: float
) -> tuple[Edge, ...]:
    """Return the edges on which a ruling runs from one of the edges that cross it to another.

    The arc of a seal ends within cells, where only a long ruling may be broken. The outer edges are kept.
    """
    near = ENDS_MAX_DISTANCE * unit
    stops = np.array([place for end in ends for place in end])
    at_stops = np.abs(rulings[:, 1:, None] - stops).min(axis=2) <= near
    beyond = np.stack([rulings[:, 1] <= stops[0], rulings[:, 2] >= stops[-1]], axis=1)
    are_long = rulings[:, 2] - rulings[:, 1] >= ARC_MAX_LENGTH * unit
    places = rulings[(at_stops | beyond).all(axis=1) | are_long, 0]
    inner = [edge for edge in edges[1:-1] if ((edge.first <= places) & (places <= edge.last)).any()]
    return (edges[0], *inner, edges[-1])


def _edges(places: Floats, ends: Floats, unit: float) -> tuple[Edge, ...]:
    """Return the edges that rulings at these places make, and the outermost `ends` of the others."""
    near = RULINGS_OF_EDGE_MAX_DISTANCE * unit
    groups: list[list[float]] = []
    for place in sorted(places.tolist()):
        if groups and place - groups[-1][0] <= near:
            groups[-1].append(place)
        else:
            groups.append([place])
    edges = [Edge(group[0], group[-1]) for group in groups]
    first, last = _outermost(ends[:, 0], near), -_outermost(-ends[:, 1], near)
    if not edges or first < edges[0].first - near:
        edges.insert(0, Edge(first, first))
    if last > edges[-1].last + near:
        edges.append(Edge(last, last))
    return tuple(edges)


def _outermost(places: Floats, near: float) -> float:
    """Return the least of these places at which two rulings begin; a seal's stroke begins where none does."""
    ordered = np.sort(places)
    paired = np.flatnonzero(np.diff(ordered) <= near)
    return float(ordered[paired[0]] if paired.size else ordered[0])


def _cover(ink: Shades, rulings: Floats, edges: Sequence[Edge], ends: Sequence[Edge], unit: float) -> Floats:
    """Return the inked share of each edge, between each two of the edges that cross it.

    Text that stands there is as dark beside the edge, and no ruling is known there.
    """
    cover = np.zeros((len(edges), len(ends) - 1))
    beside = max(round(BESIDE * unit), 3)
    for at, edge in enumerate(edges):
        top, bottom = max(round(edge.first) - 1, 0), round(edge.last) + 2
        on, above, below = (
            _shares(ink[max(start, 0) : end].max(axis=0, initial=0) >= RULING_MIN_CONTRAST, ends)
            for start, end in (
                (top, bottom),
                (top - beside, top - beside + 3),
                (bottom + beside - 3, bottom + beside),
            )
        )
        known = _shares(_drawn(rulings, edge, ink.shape[1]), ends)
        is_text = (on - np.maximum(above, below) < RIDGE_MIN_COVER) | (known <= BARE_MAX_COVER)
        cover[at] = np.where((on < RULED_MIN_COVER) & is_text, np.minimum(on, BARE_MAX_COVER), on)
    return cover


def _drawn(rulings: Floats, edge: Edge, length: int) -> Flags:
    """Say of each pixel along an edge whether a ruling on it passes there."""
    drawn = np.zeros(length, np.bool_)
    for place, start, end in rulings:
        if edge.first <= place <= edge.last:
            drawn[max(round(start), 0) : round(end)] = True
    return drawn


def _shares(inked: Flags, ends: Sequence[Edge]) -> Floats:
    """Return the inked share of a line of pixels, between each two of the edges that cross it."""
    sums = np.concatenate([[0], np.cumsum(inked)])
    starts = np.array([round(before.last) + 2 for before in ends[:-1]], np.int64).clip(0, len(inked))
    stops = np.array([round(after.first) - 1 for after in ends[1:]], np.int64).clip(starts, len(inked))
    shares: Floats = (sums[stops] - sums[starts]) / np.maximum(stops - starts, 1)
    return shares


def _cells(down: Floats, across: Floats, stray: Flags) -> tuple[LatticeCell, ...]:
    """Return the cells between the edges; what may be parted by a broken ruling is parted."""
    parted_down, parted_across = down[1:-1] > BARE_MAX_COVER, across[1:-1] > BARE_MAX_COVER
    spans = parted_to_spans(parted_across, parted_down)
    unsure = stray | _beside_broken(down, across) | _lost_within(parted_down, parted_across)
    owners = np.zeros(unsure.shape, np.int64)
    for left, top, right, bottom in spans:
        owners[top:bottom, left:right] += 1
    unsure |= owners > 1  # what is no rectangle lacks a ruling
    cells = [
        LatticeCell(top, left, bottom, right, not unsure[top:bottom, left:right].any())
        for left, top, right, bottom in spans
    ]
    return tuple(sorted(cells))


def _lost_within(down: Flags, across: Flags) -> Flags:
    """Say of each place, row by row, whether a ruling beside it is lost: it goes on at both its ends.

    `down` and `across` say whether the inner edges are ruled. A row that is one cell from side to side has
    no upright ruling, as headings have it.
    """
    lost = np.zeros((across.shape[1], down.shape[1]), np.bool_)
    gone = ~across.any(axis=0)
    bare = ~across & ~gone
    bare[:, [0, -1]] = False
    bare[:, 1:-1] &= across[:, :-2] & across[:, 2:]
    lost[:, :-1] |= bare.T
    lost[:, 1:] |= bare.T
    return lost


def _beside_broken(down: Floats, across: Floats) -> Flags:
    """Say of each place, row by row, whether a broken ruling is beside it."""
    broken_down, broken_across = (
        (cover[1:-1] > BARE_MAX_COVER) & (cover[1:-1] < RULED_MIN_COVER) for cover in (down, across)
    )
    beside = np.zeros((across.shape[1], down.shape[1]), np.bool_)
    beside[:-1] |= broken_down
    beside[1:] |= broken_down
    beside[:, :-1] |= broken_across.T
    beside[:, 1:] |= broken_across.T
    return beside
