"""Strokes of a seal are told from rulings, so that no row or column of a table comes of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.extract.read.picture.pictures import Shades
from pipeline.extract.read.picture.ruled_tables import straight_to_tables
from pipeline.extract.read.picture.seal_strokes import without_arcs
from tests.extract.read.picture.test_ruled_tables import SCALE, blank_page, draw_table, straight, stroke

UNIT = SCALE
RADIUS = 56
"""Points. Seals of public bodies are 4 to 4.5 cm across."""


def with_ring(shades: Shades, x: float, y: float, shade: int) -> Shades:
    """Return a page with the ring of a seal around a place in points."""
    ring = cv2.circle(
        blank_page(), (round(x * SCALE), round(y * SCALE)), round(RADIUS * SCALE), shade, round(3.3 * SCALE)
    )
    return np.minimum(shades, ring).astype(np.uint8)


def cells_of(shades: Shades) -> list[tuple[int, int, int, int]]:
    return [cell[:4] for table in straight_to_tables(straight(shades)) for cell in table.cells]


@pytest.mark.parametrize(
    ("x", "y", "shade"),
    [
        (274, 144, 130),
        (316, 200, 130),
        (300, 170, 130),
        (300, 170, 0),
        (160, 235, 130),
        (160, 235, 0),
        (240, 67, 0),
    ],
)
def test_the_ring_of_a_seal_makes_no_row_and_no_column(x: float, y: float, shade: int) -> None:
    """Where it is upright or level it is as straight as a ruling of one row, within its thickness."""
    assert cells_of(with_ring(draw_table(), x, y, shade)) == cells_of(draw_table())


def test_a_pale_stroke_from_ruling_to_ruling_is_a_seals() -> None:
    """A character of a copied seal stands in a row; a ruling as short and as dark as the others parts it."""
    pale, dark = draw_table(), draw_table()
    stroke(pale, (222, 130), (222, 160), 2, 130)
    stroke(dark, (222, 130), (222, 160), 2, 0)
    assert cells_of(pale) == cells_of(draw_table())
    assert len(cells_of(dark)) == len(cells_of(draw_table())) + 1


def test_pale_rulings_of_one_row_are_rulings() -> None:
    """Toner is thin in places, and a page's end may leave one row of a table there."""
    shades = blank_page()
    for y in (300, 400, 425, 450):
        stroke(shades, (60, y), (320, y), 2, 0)
    for y, x in ((y, x) for y in (300, 425) for x in (60, 200, 240, 280, 320)):
        stroke(shades, (x, y), (x, y + (100 if y == 300 else 25)), 2, 0)
    dark = cells_of(shades)
    for x in (60, 200, 240, 280, 320):
        stroke(shades, (x, 426), (x, 449), 2, 110)
    assert cells_of(shades) == dark


def test_arcs_bend_and_rulings_do_not() -> None:
    shades = with_ring(blank_page(), 200, 300, 0)
    stroke(shades, (300, 500), (330, 500), 8, 0)
    strokes = np.array([(244, 185, 215), (356, 188, 212), (500, 300, 330)], np.float64) * SCALE
    kept = without_arcs(strokes, 255 - shades, UNIT)
    assert kept.tolist() == strokes[2:].tolist()
