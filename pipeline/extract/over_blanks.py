"""Where nothing is drawn: which numbers may stand over blank cells beside them, and be of none alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from statistics import median

from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.table_reading import TableReading
from pipeline.forms import CellKey
from pipeline.records import Box, Observation, bounding_box

IN_LINE_MAX_DISTANCE = 1.5
"""Points. Numbers in one line, below or beside each other, have an edge or the middle in common, or so."""


def cells_under_wide_numbers(
    reading: TableReading, orientations: Sequence[PageOrientation]
) -> frozenset[CellKey]:
    """Return the cells of a table without rulings over which one number may stand, and those numbers' own.

    Such a number has blank cells beside it in its row or column, and a sum over it is off, or left open by a
    blank total. One in line with the numbers of its own column or row is of more only in the middle of
    blanks, and one that a passed sum of its column holds is of no other column. A table with more blanks than
    zeros leaves zeros blank: there a sum that is off is no sign. `orientations` are those of the file's
    pages: rows run down a page that has to be turned.
    """
    if not reading.bound.inferred:
        return frozenset()
    reading = _as_turned(reading, orientations)
    prints_zeros = Counter(seen.raw == "" for seen in reading.observations if not seen.value)
    verdicts = ("fail", "not_tested") if prints_zeros[False] > prints_zeros[True] else ("not_tested",)
    unsure = {key for check in reading.checks if check.verdict in verdicts for key in check.cells}
    numbers = [seen for key in sorted(unsure) if (seen := reading.cells[key]).raw and seen.value != 0]
    wide = [[number, *blanks] for number in numbers if (blanks := _blanks_around(number, reading))]
    return frozenset((seen.item, seen.column) for cells in wide for seen in cells)


def _as_turned(reading: TableReading, orientations: Sequence[PageOrientation]) -> TableReading:
    """Return a reading with its boxes on the pages as turned for reading."""
    turned = (
        seen._replace(box=orientations[seen.page - 1].to_reading(seen.box)) for seen in reading.observations
    )
    return replace(reading, observations=tuple(turned))


def _blanks_around(number: Observation, reading: TableReading) -> list[Observation]:
    """Return the blank cells next to a number in its row and column; also those of a block around it."""
    page = [seen for seen in reading.observations if seen.page == number.page]
    row = [seen for seen in page if number.box.top <= _level(seen.box) <= number.box.bottom]
    column = [seen for seen in reading.observations if seen.column == number.column]
    row.sort(key=lambda seen: _upright(seen.box))
    column.sort(key=lambda seen: (seen.page, _level(seen.box)))
    of_row, of_column = _axes_of_passed_sums(number, reading)
    in_row = (
        [] if of_column else _blanks_beside(number, row, is_in_line=_is_below_others(number, page, column))
    )
    in_column = (
        []
        if of_row
        else _blanks_beside(number, column, is_in_line=_is_level_with_others(number, row, column))
    )
    beside = [*in_row, *in_column]
    box = bounding_box([number.box, *(seen.box for seen in beside if seen.page == number.page)])
    block = [seen for seen in page if seen is not number and _is_in(seen.box, box)]
    return beside if any(seen.raw for seen in block) else [*beside, *block]


def _axes_of_passed_sums(number: Observation, reading: TableReading) -> tuple[bool, bool]:
    """Whether a passed sum along its row, and whether one along its column, holds a number.

    The number of a row can be of no other row, but it may be of more columns.
    """
    key = (number.item, number.column)
    passed = [check.cells for check in reading.checks if check.verdict == "pass" and key in check.cells]
    rows = any(all(item == number.item for item, _ in cells) for cells in passed)
    columns = any(all(column == number.column for _, column in cells) for cells in passed)
    return rows, columns


def _blanks_beside(
    number: Observation, line: Sequence[Observation], *, is_in_line: bool
) -> list[Observation]:
    """Return the blank cells of a row or column from a number on, to both sides, as far as they go.

    None where it is in line with its own column or row, and not in the middle of them.
    """
    at = line.index(number)
    sides = [
        list(takewhile(lambda seen: not seen.raw, side)) for side in (reversed(line[:at]), line[at + 1 :])
    ]
    return (
        [] if is_in_line and len(sides[0]) != len(sides[1]) else [blank for side in sides for blank in side]
    )


def _is_below_others(number: Observation, page: Sequence[Observation], column: Sequence[Observation]) -> bool:
    """Whether most numbers above and below one end, begin or have their middle where it does.

    Where there are none, whether it stands in the middle of its column.
    """
    x0, _, x1, _ = number.box
    others = [
        seen.box for seen in page if seen.raw and seen is not number and x0 < seen.box.x1 and seen.box.x0 < x1
    ]
    if not others:
        middles = [_upright(seen.box) for seen in column if not seen.raw]
        return _are_mostly_in_line([abs(middle - _upright(number.box)) for middle in middles])
    apart = [(other.x0 - x0, other.x1 - x1, _upright(other) - _upright(number.box)) for other in others]
    return _are_mostly_in_line([min(map(abs, distances)) for distances in apart])


def _is_level_with_others(
    number: Observation, row: Sequence[Observation], column: Sequence[Observation]
) -> bool:
    """Whether most that is printed beside a number is as high up as it is.

    Where nothing is, whether it is as far from the cells above and below it as most in its column are.
    """
    others = [seen.box for seen in row if seen.raw and seen is not number]
    if not others:
        steps = [(one, two) for one, two in pairwise(column) if one.page == two.page]
        usual = median([_step(*step) for step in steps]) if steps else 0.0
        return _are_mostly_in_line([abs(_step(*step) - usual) for step in steps if number in step])
    return _are_mostly_in_line([abs(_level(other) - _level(number.box)) for other in others])


def _step(upper: Observation, lower: Observation) -> float:
    """Return how far the middle of a cell is below that of another, in points."""
    return _level(lower.box) - _level(upper.box)


def _are_mostly_in_line(distances: Sequence[float]) -> bool:
    """Whether most of these distances are none; False where there is none at all."""
    near = sum(distance <= IN_LINE_MAX_DISTANCE for distance in distances)
    return 2 * near > len(distances)


def _is_in(inner: Box, box: Box) -> bool:
    """Whether the middle of a box is in another one."""
    return box.top <= _level(inner) <= box.bottom and box.x0 <= _upright(inner) <= box.x1


def _upright(box: Box) -> float:
    """Return how far to the right the middle of a box is, in points."""
    return (box.x0 + box.x1) / 2


def _level(box: Box) -> float:
    """Return how far down the middle of a box is, in points."""
    return (box.top + box.bottom) / 2
