"""A table read without its rulings is held against the cells that are drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.extract.bind.wide_cells import with_drawn_numbers
from pipeline.records import SPANNING, BoundTable
from tests.extract.bind.by_hand import LEFT, Drawing, bound, drawn, filled

ROWS: Drawing = [
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "", "5", ""],
    ["行政规范性文件", "4", "5", "6"],
]


def read_without_rulings() -> BoundTable:
    return replace(bound(drawn(ROWS)), inferred=True)


def test_a_number_in_a_wide_cell_is_in_all_that_it_covers() -> None:
    held = with_drawn_numbers(read_without_rulings(), [drawn([ROWS[0], ["规章", "5", LEFT, LEFT], ROWS[2]])])
    wide = [cell for cell in held.cells if cell.item == "regulations"]
    assert {(cell.text, cell.match) for cell in wide} == {("5", SPANNING)}
    others = [cell for cell in held.cells if cell.item == "normative_documents"]
    assert others == [cell for cell in read_without_rulings().cells if cell.item == "normative_documents"]


@pytest.mark.parametrize(
    "rows",
    [ROWS, [ROWS[0], ["规章", "5 6 7", LEFT, LEFT], ROWS[2]], [["规章", ""], ["行政规范性文件", "5"]]],
    ids=["a-cell-each", "several-numbers", "no-columns"],
)
def test_other_drawn_cells_say_nothing(rows: Drawing) -> None:
    widths = [60.0, 180.0] if len(rows[0]) == 2 else ()
    held = with_drawn_numbers(read_without_rulings(), [drawn(rows, widths=widths)])
    assert held == read_without_rulings()


def test_nor_do_cells_that_were_inferred() -> None:
    wide = drawn([ROWS[0], ["规章", "5", LEFT, LEFT], ROWS[2]], inferred=True)
    assert filled(with_drawn_numbers(read_without_rulings(), [wide])) == filled(read_without_rulings())
