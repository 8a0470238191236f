"""Pictures of tables to cells: which cells there are, over which rows and columns, and what is cut out."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.extract.read.picture.pictures import Shades, StraightPicture
from pipeline.extract.read.picture.ruled_tables import straight_to_tables

DPI = 200
SCALE = DPI / 72
XS, YS = (60, 200, 240, 280, 320), (100, 130, 160, 180, 200)
"""Points. The edges of the table; its first row has one cell over the last three columns."""


def blank_page() -> Shades:
    """An A4 page with nothing on it."""
    return np.full((round(842 * SCALE), round(595 * SCALE)), 255, np.uint8)


def draw_table(thickness: int = 2, shade: int = 0) -> Shades:
    """An A4 page with a table."""
    shades = blank_page()
    for y in YS:
        stroke(shades, (XS[0], y), (XS[-1], y), thickness, shade)
    for x in XS:
        stroke(shades, (x, YS[1] if x in XS[2:-1] else YS[0]), (x, YS[-1]), thickness, shade)
    return shades


def stroke(shades: Shades, start: tuple[int, int], end: tuple[int, int], thickness: int, shade: int) -> None:
    """Draw a ruling between two places in points."""
    first, last = ((round(x * SCALE), round(y * SCALE)) for x, y in (start, end))
    cv2.line(shades, first, last, shade, thickness)


def write(shades: Shades, text: str, x: float, y: float) -> None:
    """Write digits, their lower left corner at a place in points."""
    cv2.putText(shades, text, (round(x * SCALE), round(y * SCALE)), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)


def straight(shades: Shades) -> StraightPicture:
    """A picture as it comes from straightening, without a seal."""
    return StraightPicture(shades, np.zeros(shades.shape, np.bool_), SCALE, 0, np.eye(3))


def test_each_cell_has_its_rows_and_columns() -> None:
    """A cell over three columns is one."""
    (table,) = straight_to_tables(straight(draw_table()))
    places = [(cell.row, cell.col, cell.row_span, cell.col_span) for cell in table.cells]
    below = [(row, col, 1, 1) for row in (1, 2, 3) for col in range(4)]
    assert places == [(0, 0, 1, 1), (0, 1, 1, 3), *below]


def test_a_crop_has_the_number_and_no_ruling() -> None:
    """White all around a number, in the place where the number stands."""
    shades = draw_table(thickness=4)
    write(shades, "10", 210, 175)
    (table,) = straight_to_tables(straight(shades))
    inked = {(cell.row, cell.col): bool((cell.crop < 200).any()) for cell in table.cells}
    assert [place for place, has_ink in inked.items() if has_ink] == [(2, 1)]


def test_a_page_of_words_has_no_table() -> None:
    """Lines of text have no rulings."""
    shades = blank_page()
    for line in range(10):
        write(shades, "ABEFHIKLMNTZ 2024", 30, 40 + 20 * line)
    assert straight_to_tables(straight(shades)) == []
