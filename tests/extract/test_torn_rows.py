"""Rows of pictures: which have the cells of the form, one for one, and which may be one off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.extract.bind import OWN_LEFTOVERS
from pipeline.extract.fallback import rows_in_doubt
from pipeline.extract.table_reading import TableReading
from pipeline.extract.torn_rows import heads_rows, torn_rows
from pipeline.forms import CellKey
from pipeline.records import Box, Leftover
from tests.extract.checked_by_hand import observation, reading

ITEMS = ("granted", "partially_granted", "handled_total")
COLUMNS = ("natural_person", "business", "research", "total")
WIDE, HIGH = 30.0, 20.0


def box(row: int, column: int) -> Box:
    """The place of a cell: rows and columns touch."""
    return Box(WIDE * column, HIGH * row, WIDE * (column + 1), HIGH * (row + 1))


def table(
    without: Sequence[CellKey] = (), reader: str = "ocr", left: Sequence[Leftover] = ()
) -> TableReading:
    """Three rows of table 三 with some columns."""
    cells = [
        observation(item, column, 3, "applications")._replace(box=box(row, at))
        for row, item in enumerate(ITEMS)
        for at, column in enumerate(COLUMNS)
        if (item, column) not in without
    ]
    found = reading(cells, reader=reader, missing=without)
    return replace(found, bound=replace(found.bound, leftovers=tuple(left)))


def with_boxes(found: TableReading, boxes: dict[CellKey, Box]) -> TableReading:
    """The same table, some of its cells elsewhere."""
    cells = [seen._replace(box=boxes.get((seen.item, seen.column), seen.box)) for seen in found.observations]
    return replace(found, observations=tuple(cells))


def left_over(where: Box, text: str = "7", reason: str = OWN_LEFTOVERS[0]) -> Leftover:
    return Leftover("applications", 1, text, where, reason)


def test_a_whole_table_has_no_torn_row() -> None:
    assert torn_rows(table()) == {}


def test_a_row_that_lacks_a_cell_which_others_have_is_torn() -> None:
    lost = ("partially_granted", "business")
    assert set(torn_rows(table([lost]))) == {"partially_granted"}
    assert torn_rows(table([lost], "pypdfium2")) == {}


def test_a_column_that_no_row_has_is_one_that_the_bureau_left_out() -> None:
    lost = [(item, "research") for item in ITEMS]
    assert torn_rows(table(lost)) == {}


@pytest.mark.parametrize("piece", [8.0, 21.0])
def test_a_row_with_a_piece_of_a_cell_between_two_of_its_own_is_torn(piece: float) -> None:
    """A seal's stroke cut 113 into a piece that nobody reads, and 13."""
    x0, top, x1, bottom = box(0, 2)
    cut = {("granted", "research"): Box(x0 + piece, top, x1, bottom)}
    assert set(torn_rows(with_boxes(table(), cut))) == {"granted"}


def test_where_there_are_no_rulings_a_gap_beside_a_number_is_no_piece_of_a_cell() -> None:
    """There a cell is as wide as its text: each row would be torn."""
    x0, top, x1, bottom = box(0, 2)
    found = with_boxes(table(), {("granted", "research"): Box(x0 + 12, top, x1 - 9, bottom)})
    assert torn_rows(replace(found, bound=replace(found.bound, inferred=True))) == {}


def test_a_column_of_the_bureaus_own_parts_all_rows_alike() -> None:
    moved = {
        (item, "total"): Box(x0 + WIDE, top, x1 + WIDE, bottom)
        for row, item in enumerate(ITEMS)
        for x0, top, x1, bottom in [box(row, 3)]
    }
    assert torn_rows(with_boxes(table(), moved)) == {}


def test_thick_rulings_part_no_row() -> None:
    x0, top, x1, bottom = box(0, 2)
    assert torn_rows(with_boxes(table(), {("granted", "research"): Box(x0 + 2, top, x1, bottom)})) == {}


@pytest.mark.parametrize("reason", OWN_LEFTOVERS)
def test_a_row_with_a_number_of_its_own_that_was_left_over_is_torn(reason: str) -> None:
    assert set(torn_rows(table(left=[left_over(box(1, 4), reason=reason)]))) == {"partially_granted"}


@pytest.mark.parametrize(
    "left",
    [
        left_over(Box(-WIDE, 0, 0, 3 * HIGH)),
        left_over(Box(-WIDE, 0, 0, 3 * HIGH), "三1一"),
        left_over(box(1, -1), "2.其他"),
        left_over(box(1, 4), reason="no row of the form has this label"),
        left_over(box(3, 4)),
        replace(left_over(box(1, 4)), page=2),
    ],
)
def test_what_was_left_over_elsewhere_tears_no_row(left: Leftover) -> None:
    """The label of a group stands beside all of its rows, and a row that has no label is another."""
    assert torn_rows(table(left=[left])) == {}


def test_numerals_beside_several_rows_are_a_label_and_make_no_blank_row_doubtful() -> None:
    blank = [observation("granted", column, "blank", "applications") for column in COLUMNS]
    cells = [seen._replace(box=box(0, at), reader="ocr") for at, seen in enumerate(blank)]
    others = table().observations[len(COLUMNS) :]
    label, number = Box(-2 * WIDE, 0, -WIDE, 2 * HIGH), box(1, -1)
    for where, heads in ((label, True), (number, False)):
        left = (left_over(where, "三1一"),)
        seen = replace(table(left=left), observations=(*cells, *others))
        assert heads_rows(left[0], seen) is heads
        assert rows_in_doubt(seen) == (frozenset() if heads else {"granted"})
