"""Pictures of tables to cells: which cells there are, over which rows and columns, and what is cut out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

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


def test_a_bowed_page_is_flattened() -> None:
    """Cells are those of the flat page, and their boxes where they are on the bowed one."""
    flat = draw_table()
    write(flat, "10", 210, 175)
    rows, columns = np.mgrid[0 : flat.shape[0], 0 : flat.shape[1]].astype(np.float32)
    bow = (8 * SCALE * np.sin(np.pi * columns / flat.shape[1])).astype(np.float32)
    bowed = cv2.remap(flat, columns, rows + bow, cv2.INTER_LINEAR, borderValue=255)
    (expected,) = straight_to_tables(straight(flat))
    (table,) = straight_to_tables(straight(bowed.astype(np.uint8)))
    assert [cell[:4] for cell in table.cells] == [cell[:4] for cell in expected.cells]
    assert not any(cell.broken for cell in table.cells)
    tops = [cell.box.top for cell in table.cells], [cell.box.top for cell in expected.cells]
    assert all(2 < flat_top - top < 10 for top, flat_top in zip(*tops, strict=True))
    inked = [cell[:2] for cell in table.cells if (cell.crop < 200).any()]
    assert inked == [(2, 1)]


def test_dashes_and_dots_are_rulings() -> None:
    """Rulings with small gaps part cells as others do."""
    shades = draw_table()
    shades[:, ::9] = 255
    shades[::9] = 255
    (table,) = straight_to_tables(straight(shades))
    assert len(table.cells) == 14
    assert not any(cell.broken for cell in table.cells)


@pytest.mark.parametrize("shade", [90, 190, 215])
def test_faint_rulings_are_rulings(shade: int) -> None:
    """Grey ones are found as black ones, and taken out."""
    (table,) = straight_to_tables(straight(draw_table(shade=shade)))
    assert len(table.cells) == 14
    assert all(cell.crop.min() == 255 for cell in table.cells)


def test_a_number_on_a_ruling_is_not_cut() -> None:
    """What touches a ruling stays whole."""
    shades = blank_page()
    write(shades, "7", 215, 179.5)
    ink = np.count_nonzero(shades < 128)
    shades = np.minimum(shades, draw_table())
    (table,) = straight_to_tables(straight(shades))
    crops = {cell[:2]: cell.crop for cell in table.cells}
    assert np.count_nonzero(crops[2, 1] < 128) >= ink - 4


def test_nothing_is_left_of_a_frayed_ruling_askew() -> None:
    """A page in black and white has steps in its rulings; a third of their pixels are lost beside."""
    turned = cv2.warpAffine(
        draw_table(thickness=3),
        cv2.getRotationMatrix2D((500, 400), 0.12, 1),
        blank_page().shape[::-1],
        borderValue=255,
    )
    frayed = cv2.erode(turned, np.ones((2, 2), np.uint8))
    lost = np.random.default_rng(1).random(frayed.shape) < 0.33
    shades = np.where(((turned < 128) | ((frayed < 128) & ~lost)), 0, 255).astype(np.uint8)
    (table,) = straight_to_tables(straight(shades))
    assert len(table.cells) == 14
    assert max(np.count_nonzero(cell.crop < 128) for cell in table.cells) <= 6


def test_one_low_row_is_a_table() -> None:
    """The last row alone at the head of a page: its upright rulings are no longer than strokes."""
    shades = blank_page()
    for y in (100, 118):
        stroke(shades, (60, y), (520, y), 2, 0)
    for x in (60, 200, 300, 400, 520):
        stroke(shades, (x, 100), (x, 118), 2, 0)
    (table,) = straight_to_tables(straight(shades))
    assert [cell[:4] for cell in table.cells] == [(0, col, 1, 1) for col in range(4)]


def test_a_row_cut_by_the_end_of_a_page_is_one() -> None:
    """The upright rulings that hang from the last level one are the sides of its cells."""
    shades = draw_table()
    for x in XS:
        stroke(shades, (x, YS[-1]), (x, YS[-1] + 14), 2, 0)
    (table,) = straight_to_tables(straight(shades))
    assert [cell[:4] for cell in table.cells[-4:]] == [(4, col, 1, 1) for col in range(4)]


def test_a_lost_part_of_a_ruling_is_told() -> None:
    """A number that may be two, or stand in another column, says so; the other cells do not."""
    shades = draw_table()
    top, bottom, x = round(161.5 * SCALE), round(178.5 * SCALE), round(240 * SCALE)
    shades[top:bottom, x - 5 : x + 6] = 255
    (table,) = straight_to_tables(straight(shades))
    assert [cell[:4] for cell in table.cells if cell.broken] == [(2, 1, 1, 2)]


def test_a_broken_ruling_is_told() -> None:
    """Half of a ruling still parts two cells, and both say that it is broken."""
    shades = draw_table()
    top, bottom, x = round(133 * SCALE), round(145 * SCALE), round(240 * SCALE)
    shades[top:bottom, x - 5 : x + 6] = 255
    (table,) = straight_to_tables(straight(shades))
    broken = {cell[:2] for cell in table.cells if cell.broken}
    assert broken and broken <= {(1, 1), (1, 2)}


def test_a_red_seal_touches_the_cells_whose_ink_it_is_near() -> None:
    """The seal lies over a number, and over the empty half of another cell with one."""
    shades = draw_table()
    write(shades, "10", 210, 175)
    write(shades, "3", 70, 155)
    seal = np.zeros(shades.shape, np.bool_)
    seal[round(150 * SCALE) : round(172 * SCALE), round(150 * SCALE) : round(225 * SCALE)] = True
    (table,) = straight_to_tables(straight(shades)._replace(seal=seal))
    sealed = {cell[:2] for cell in table.cells if cell.sealed}
    assert (2, 1) in sealed and (1, 0) not in sealed and (2, 3) not in sealed


def test_grey_ink_across_a_ruling_touches_the_cells_beside_it() -> None:
    """A grey seal has the colour of ink; it does not end where cells do."""
    shades = draw_table()
    centre = round(240 * SCALE), round(165 * SCALE)
    grey = cv2.circle(blank_page(), centre, round(25 * SCALE), 120, 5)
    (table,) = straight_to_tables(straight(np.minimum(shades, grey.astype(np.uint8))))
    sealed = {cell[:2] for cell in table.cells if cell.sealed}
    assert {(1, 1), (1, 2), (2, 1), (2, 2)} <= sealed
    assert not {(2, 3), (3, 3), (1, 3), (0, 0)} & sealed


def test_tables_side_by_side_are_two() -> None:
    """They stand on one height with a gap between them."""
    shades = blank_page()
    for left in (60, 300):
        for y in (100, 130, 160):
            stroke(shades, (left, y), (left + 200, y), 2, 0)
        for x in (left, left + 100, left + 200):
            stroke(shades, (x, 100), (x, 160), 2, 0)
    assert [len(table.cells) for table in straight_to_tables(straight(shades))] == [4, 4]


def test_a_frame_and_underlines_are_no_table() -> None:
    """A box around text, and lines below it."""
    shades = blank_page()
    cv2.rectangle(shades, (200, 200), (1400, 900), 0, 3)
    for y in (300, 340, 380):
        stroke(shades, (100, y), (300, y), 2, 0)
    assert straight_to_tables(straight(shades)) == []


def test_a_page_of_words_has_no_table() -> None:
    """Lines of text have no rulings."""
    shades = blank_page()
    for line in range(10):
        write(shades, "ABEFHIKLMNTZ 2024", 30, 40 + 20 * line)
    assert straight_to_tables(straight(shades)) == []
