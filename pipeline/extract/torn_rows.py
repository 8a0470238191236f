"""Find the rows of pictures whose cells may be one off, where a stroke was taken for a ruling.

Two readers that see the same digits say nothing of that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from pipeline.extract.bind import OWN_LEFTOVERS, holds_number
from pipeline.extract.table_reading import TableReading
from pipeline.records import PICTURE_READER, Box, Leftover, Observation

NEIGHBOURS_MAX_GAP = 4.0
"""Points. Two cells are no further apart than in other rows, or their row has a piece of one between them.

Rulings are up to 2 points thick. In 12 scans with grey seals at 150 dpi the pieces that strokes of seals cut
off were 8 points wide and more, in 14 rows; in 60 scans without seals no row had one.
"""

OWN_ROW_MIN_OVERLAP_SHARE = 0.5
"""Share of the height of the higher one. As much has a cell in common with those of its own row."""


LACKING = "its row lacks a cell that other rows have: its numbers may be one off"
PARTED = "a piece of a cell lies between two cells of its row: its numbers may be one off"
MORE = "its row has a number under no column of the form: its numbers may be one off"


def torn_rows(reading: TableReading) -> dict[str, str]:
    """Return the rows of pictures whose own cells are not those of the form, one for one, and why in words.

    Such a row lacks a cell that others have, has one cell too many between two of its own, or has a number
    that no column of the form is for. A column that no row has is one that the bureau left out. Where there
    are no rulings, no stroke was taken for one, and a cell is as wide as its text: there nothing is parted.
    """
    own = [seen for seen in reading.observations if seen.reader == PICTURE_READER]
    if not own:
        return {}
    columns = {seen.column for seen in own}
    missing = {item for item, column in reading.bound.missing if column in columns}
    lacking = {seen.item for seen in own if seen.item in missing}
    parted = () if reading.bound.inferred else _parted_rows(reading.observations)
    more = _rows_with_more(own, reading.bound.leftovers)
    return dict.fromkeys(more, MORE) | dict.fromkeys(parted, PARTED) | dict.fromkeys(lacking, LACKING)


def heads_rows(left: Leftover, reading: TableReading) -> bool:
    """Whether what was left over of a picture stands left of all numbers, beside several rows.

    It is the label of a group then, of which nothing but numerals was recognised.
    """
    own = [seen for seen in reading.observations if (seen.reader, seen.page) == (PICTURE_READER, left.page)]
    beside = {
        seen.item
        for seen in own
        if left.box.top <= (seen.box.top + seen.box.bottom) / 2 <= left.box.bottom
        and left.box.x1 <= seen.box.x0
    }
    return len(beside) > 1 and all(left.box.x1 <= seen.box.x0 for seen in own)


def _parted_rows(cells: Iterable[Observation]) -> set[str]:
    """Return the rows in which two neighbours of a picture leave room for a cell as they do nowhere else.

    Beside text, a cell alone may be read from the picture of its page: two of them are no neighbours.
    """
    gaps: dict[tuple[str, str], dict[str, float]] = {}
    for row in _rows(cells).values():
        for one, two in pairwise(sorted(row, key=lambda seen: seen.box.x0)):
            if not one.reader == two.reader == PICTURE_READER:
                continue
            gaps.setdefault((one.column, two.column), {})[one.item] = two.box.x0 - one.box.x1
    return {
        item
        for beside in gaps.values()
        for item, gap in beside.items()
        if gap > NEIGHBOURS_MAX_GAP + (max(min(beside.values()), 0.0) if len(beside) > 1 else 0.0)
    }


def _rows(cells: Iterable[Observation]) -> Mapping[tuple[str, int], Sequence[Observation]]:
    """Return the cells of each row and page."""
    rows: dict[tuple[str, int], list[Observation]] = {}
    for seen in cells:
        rows.setdefault((seen.item, seen.page), []).append(seen)
    return rows


def _rows_with_more(own: Iterable[Observation], leftovers: Collection[Leftover]) -> Iterator[str]:
    """Yield the rows with a number of their own that was left over, though a header names their columns."""
    left = [one for one in leftovers if one.reason.startswith(OWN_LEFTOVERS) and holds_number(one.text)]
    for seen in own if left else ():
        if any(seen.page == one.page and _are_level(seen.box, one.box) for one in left):
            yield seen.item


def _are_level(one: Box, two: Box) -> bool:
    """Whether two cells are of one row."""
    shared = min(one.bottom, two.bottom) - max(one.top, two.top)
    return shared > OWN_ROW_MIN_OVERLAP_SHARE * max(one.bottom - one.top, two.bottom - two.top)
