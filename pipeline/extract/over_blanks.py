"""Where nothing is drawn: which numbers may stand over blank cells beside them, and be of none alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from pipeline.extract.table_reading import TableReading
from pipeline.forms import CellKey
from pipeline.records import Box, Observation, bounding_box


def cells_under_wide_numbers(reading: TableReading) -> frozenset[CellKey]:
    """Return the cells of a table without rulings over which one number may stand, and those numbers' own.

    Such a number has blank cells beside it in its row or column, and a sum over it is off, or left open by a
    blank total. A table with more blanks than zeros leaves zeros blank: there a sum that is off is no sign.
    """
    if not reading.bound.inferred:
        return frozenset()
    prints_zeros = Counter(seen.raw == "" for seen in reading.observations if not seen.value)
    verdicts = ("fail", "not_tested") if prints_zeros[False] > prints_zeros[True] else ("not_tested",)
    unsure = {key for check in reading.checks if check.verdict in verdicts for key in check.cells}
    numbers = [seen for key in sorted(unsure) if (seen := reading.cells[key]).raw and seen.value != 0]
    wide = [[number, *blanks] for number in numbers if (blanks := _blanks_around(number, reading))]
    return frozenset((seen.item, seen.column) for cells in wide for seen in cells)


def _blanks_around(number: Observation, reading: TableReading) -> list[Observation]:
    """Return the blank cells next to a number in its row and column; also those of a block around it."""
    page = [seen for seen in reading.observations if seen.page == number.page]
    row = [seen for seen in page if number.box.top <= _level(seen.box) <= number.box.bottom]
    column = [seen for seen in reading.observations if seen.column == number.column]
    row.sort(key=lambda seen: _upright(seen.box))
    column.sort(key=lambda seen: (seen.page, _level(seen.box)))
    beside = [blank for line in (row, column) for blank in _blanks_beside(number, line)]
    box = bounding_box([number.box, *(seen.box for seen in beside if seen.page == number.page)])
    block = [seen for seen in page if seen is not number and _is_in(seen.box, box)]
    return beside if any(seen.raw for seen in block) else [*beside, *block]


def _blanks_beside(number: Observation, line: Sequence[Observation]) -> Iterator[Observation]:
    """Yield the blank cells of a row or column from a number on, to both sides, as far as they go."""
    at = line.index(number)
    for side in (reversed(line[:at]), line[at + 1 :]):
        yield from takewhile(lambda seen: not seen.raw, side)


def _is_in(inner: Box, box: Box) -> bool:
    """Whether the middle of a box is in another one."""
    return box.top <= _level(inner) <= box.bottom and box.x0 <= _upright(inner) <= box.x1


def _upright(box: Box) -> float:
    """Return how far to the right the middle of a box is, in points."""
    return (box.x0 + box.x1) / 2


def _level(box: Box) -> float:
    """Return how far down the middle of a box is, in points."""
    return (box.top + box.bottom) / 2
