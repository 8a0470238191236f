"""Cells under a seal → their print alone."""

from __future__ import annotations

import numpy as np

from pipeline.extract.read.picture.pictures import PictureCell, PictureTable, Shades
from pipeline.extract.read.picture.seal_ink import table_without_seals
from pipeline.records import Box


def cleaned_cells(*cells: tuple[Shades, bool], apart: float = 100.0) -> list[PictureCell]:
    """Return the cells of a row so many points apart, without what is the seal's."""
    boxes = [Box(at * (10 + apart), 0, at * (10 + apart) + 10, 10) for at in range(len(cells))]
    made = tuple(
        PictureCell(0, at, 1, 1, box, *cell, greyed=cell[1])
        for at, (box, cell) in enumerate(zip(boxes, cells, strict=True))
    )
    return list(table_without_seals(PictureTable(boxes[0], made), 200 / 72).cells)


def with_strokes(*strokes: tuple[int, int]) -> Shades:
    """Return a crop with upright strokes: the column and the shade of each."""
    crop = np.full((20, 30), 255, np.uint8)
    for column, shade in strokes:
        crop[3:17, column : column + 3] = shade
    return crop


def test_pale_ink_is_left_out_of_sealed_cells_alone() -> None:
    print_alone, both, seal_alone = (
        with_strokes((5, 10)),
        with_strokes((5, 10), (15, 140)),
        with_strokes((15, 140)),
    )
    cells = cleaned_cells((print_alone, False), (both, True), (seal_alone, True), (both, False))
    plain, sealed, empty, kept = (cell.crop for cell in cells)
    assert (plain == print_alone).all() and (sealed == print_alone).all() and (kept == both).all()
    assert (empty == 255).all()


def test_a_cell_without_any_ink_is_not_sealed() -> None:
    """No seal hides a dash there."""
    cells = cleaned_cells(
        (with_strokes((5, 10)), False), (with_strokes(), True), (with_strokes((9, 140)), True)
    )
    assert [cell.sealed for cell in cells] == [False, False, True]


def test_what_is_nowhere_as_dark_as_print_is_the_seals_though_a_part_of_it_is_dark() -> None:
    (_, sealed) = cleaned_cells((with_strokes((5, 0)), False), (with_strokes((5, 20), (15, 90)), True))
    assert (sealed.crop == with_strokes((5, 20))).all()


def test_pale_ink_beside_a_sealed_cell_is_the_seals_too() -> None:
    """It runs across none of this cell's rulings; dust is smaller."""
    dust = with_strokes((5, 0))
    dust[8:10, 20:22] = 140
    pale = with_strokes((5, 0), (20, 140))
    marks = [
        cell.sealed
        for cell in cleaned_cells((pale, True), (pale, False), (pale, False), (dust, False), apart=1)
    ]
    assert marks == [True, True, True, False]
