"""Cell boxes and glyphs to grids: spans, slots without a cell, numbers over a border, watermarks."""

from __future__ import annotations

import pytest

from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.grid import PageContent, page_to_tables_and_lines, values_to_edges
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Glyph, RawTable
from tests.extract.read.by_hand import grid_boxes, page, spans, texts, word, words

XS, YS = (50.0, 150.0, 200.0, 250.0), (100.0, 120.0, 140.0, 160.0)


def table_of(boxes: list[Box], glyphs: list[Glyph]) -> RawTable:
    (table,), _ = page_to_tables_and_lines(page(glyphs), [boxes], "pypdfium2")
    return table


def test_every_glyph_goes_into_its_cell() -> None:
    glyphs = words(("规章", 55, 105), ("1", 170, 105), ("2", 220, 105), ("许可", 55, 125), ("3", 170, 125))
    table = table_of(grid_boxes(XS, YS), glyphs)
    assert texts(table) == [["规章", "1", "2"], ["许可", "3", ""], ["", "", ""]]
    assert (table.page, table.reader, table.inferred) == (1, "pypdfium2", False)
    assert table.box == Box(50, 100, 250, 160)


def test_cells_know_their_place() -> None:
    (first, *_, last) = table_of(grid_boxes(XS, YS), []).cells
    assert (first.row, first.col, first.left, first.right) == (0, 0, 50, 150)
    assert first.box == Box(50, 100, 150, 120)
    assert (last.row, last.col, last.box) == (2, 2, Box(200, 140, 250, 160))


def test_merged_cells_span_their_slots() -> None:
    boxes = [Box(50, 100, 150, 160), Box(150, 100, 250, 120), *grid_boxes(XS[1:], YS[1:])]
    table = table_of(boxes, words(("结果", 60, 125), ("总计", 160, 105), ("7", 220, 145)))
    assert spans(table)[:2] == [(0, 0, 3, 1), (0, 1, 1, 2)]
    assert spans(table)[2:] == [(row, col, 1, 1) for row in (1, 2) for col in (1, 2)]
    assert texts(table) == [["结果", "总计"], ["", ""], ["", "7"]]


def test_double_rulings_give_no_sliver_cells() -> None:
    """A border of two lines 2 points apart is one edge."""
    boxes = [
        Box(50, 100, 149, 120), Box(151, 100, 250, 120), Box(149, 100, 151, 120),
        Box(50, 122, 149, 140), Box(151, 122, 250, 140),
    ]  # fmt: skip
    table = table_of(boxes, words(("规章", 55, 105), ("1", 200, 105), ("2", 200, 126)))
    assert texts(table) == [["规章", "1"], ["", "2"]]


def test_edges_are_the_mean_of_near_values() -> None:
    assert values_to_edges([100, 10, 12, 11, 50]) == ([11, 50, 100], {10: 0, 11: 0, 12: 0, 50: 1, 100: 2})


def test_edges_do_not_creep() -> None:
    """Values two points apart each, over twelve points, are not all one edge."""
    assert len(values_to_edges([0, 2, 4, 6, 8, 10, 12])[0]) > 1


def test_a_slot_that_no_cell_covers_becomes_one_where_text_stands() -> None:
    """At a page break the closing rule is missing: the last row has no cells, but its numbers are there."""
    boxes = [*grid_boxes(XS, YS[:2]), Box(50, 120, 150, 140)]
    table = table_of(boxes, words(("规章", 55, 105), ("1", 170, 105), ("许可", 55, 125), ("3", 170, 125)))
    assert texts(table) == [["规章", "1", ""], ["许可", "3"]]
    assert spans(table)[-1] == (1, 1, 1, 1)


def test_where_boxes_overlap_the_smaller_is_the_cell() -> None:
    table = table_of([*grid_boxes(XS, YS), Box(50, 100, 250, 160)], words(("5", 170, 105)))
    assert [cell.box for cell in table.cells if cell.text] == [Box(150, 100, 200, 120)]


def test_text_beside_a_table_is_a_line() -> None:
    glyphs = words(("一、总体情况", 50, 60), ("规章", 55, 105), ("第1页", 50, 300))
    tables, lines = page_to_tables_and_lines(page(glyphs), [grid_boxes(XS, YS)], "pypdfium2")
    assert [line.text for line in lines] == ["一、总体情况", "第1页"]
    assert lines[0].box == Box(50, 60, 110, 70)
    assert texts(tables[0])[0] == ["规章", "", ""]


def test_tables_stand_in_reading_order() -> None:
    lower, upper = grid_boxes(XS, (300, 320, 340)), grid_boxes(XS, (100, 120, 140))
    tables, _ = page_to_tables_and_lines(page([]), [lower, upper], "pypdfium2")
    assert [table.box.top for table in tables] == [100, 300]


def test_a_page_without_tables_is_lines() -> None:
    tables, lines = page_to_tables_and_lines(page(words(("规章", 50, 60))), [[]], "pypdfium2")
    assert (tables, [line.text for line in lines]) == ([], ["规章"])


# ------------------------------------------------- numbers that run over a border


def test_a_number_over_a_border_belongs_to_the_empty_cell() -> None:
    """11398889 in a column of 50 points begins left of it: 1 must not go to the label's cell."""
    glyphs = [*words(("许可", 55, 105)), *word("11398889", 141, 105), *words(("7", 220, 105))]
    table = table_of(grid_boxes(XS, YS), glyphs)
    assert texts(table)[0] == ["许可", "11398889", "7"]


def test_a_number_over_two_empty_cells_is_unreadable_in_both() -> None:
    """It could as well be two numbers that touch: 123 and 456."""
    table = table_of(grid_boxes(XS, YS), word("123456", 185, 105))
    closed_up = ["".join(text.split()) for text in texts(table)[0]]
    assert closed_up == ["", f"123{UNNAMED}", f"456{UNNAMED}"]


def test_two_numbers_that_touch_over_filled_cells_are_unreadable() -> None:
    glyphs = [*words(("9", 160, 105), ("8", 240, 105)), *word("1234", 190, 105)]
    table = table_of(grid_boxes(XS, YS), glyphs)
    assert all(UNNAMED in text for text in texts(table)[0][1:])


def test_neighbours_with_a_gap_are_two_numbers() -> None:
    table = table_of(grid_boxes(XS, YS), [*word("12", 188, 105), *word("34", 202, 105)])
    assert texts(table)[0] == ["", "12", "34"]


def test_a_decimal_over_a_border_keeps_its_point() -> None:
    table = table_of(grid_boxes(XS, YS), [*words(("收费", 55, 105)), *word("7,730.28", 140, 105)])
    assert texts(table)[0][:2] == ["收费", "7,730.28"]


def test_labels_are_cut_at_the_border() -> None:
    """Only numbers are kept whole: two labels that touch are two labels."""
    table = table_of(grid_boxes(XS, YS), word("商业企业", 180, 105))
    assert texts(table)[0] == ["", "商业", "企业"]


# --------------------------------------------------------------------- watermarks


def test_a_watermark_taller_than_its_cell_is_no_text() -> None:
    glyphs = [*words(("5", 170, 105)), *word("样例", 150, 95, height=60)]
    assert texts(table_of(grid_boxes(XS, YS), glyphs))[0] == ["", "5", ""]


def test_text_as_tall_as_its_row_stays() -> None:
    assert texts(table_of(grid_boxes(XS, YS), word("5", 170, 98, height=24)))[0] == ["", "5", ""]


# --------------------------------------------------------------------- turned pages


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_boxes_are_given_on_the_displayed_page(quarters: int) -> None:
    """The grid is read upright; its boxes are where a person who looks at the page finds them."""
    frame = PageOrientation(595, 842, quarters)
    turned = PageContent(1, frame, words(("规章", 55, 105), ("1", 170, 105)), list, list)
    (table,), _ = page_to_tables_and_lines(turned, [grid_boxes(XS, YS)], "pypdfium2")
    assert texts(table)[0] == ["规章", "1", ""]
    first = table.cells[0]
    assert frame.to_reading(first.box) == Box(50, 100, 150, 120)
    assert (first.left, first.right) == (50, 150)
