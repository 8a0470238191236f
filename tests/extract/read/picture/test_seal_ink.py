"""Cells under a seal → their print alone."""

from __future__ import annotations

import numpy as np

from pipeline.extract.read.picture.pictures import PictureCell, PictureTable, Shades
from pipeline.extract.read.picture.seal_ink import table_without_seals
from pipeline.records import Box


def crops_of(*cells: tuple[Shades, bool]) -> list[Shades]:
    box = Box(0, 0, 10, 10)
    made = tuple(PictureCell(0, at, 1, 1, box, crop, sealed) for at, (crop, sealed) in enumerate(cells))
    return [cell.crop for cell in table_without_seals(PictureTable(box, made)).cells]


def test_pale_ink_is_left_out_of_sealed_cells_alone() -> None:
    printed = np.full((20, 30), 255, np.uint8)
    printed[5:15, 5:8] = 10
    sealed = printed.copy()
    sealed[2:18, 15:20] = 140
    blank = np.full((20, 30), 255, np.uint8)
    blank[2:18, 15:20] = 140
    plain, cleaned, empty, kept = crops_of((printed, False), (sealed, True), (blank, True), (sealed, False))
    assert (plain == printed).all() and (cleaned == printed).all() and (kept == sealed).all()
    assert (empty == 255).all()
