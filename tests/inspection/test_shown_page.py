"""Pages are drawn so that their tables stand upright, and frames hide no print."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.extract.read.orientation import PageOrientation
from pipeline.inspection.shown_page import cells_to_turn, frame, turned_upright
from pipeline.records import Box, Observation
from tests.inspection.test_inspection import cell

WIDTH, HEIGHT = 600.0, 800.0


def table(turn: int, items: tuple[str, ...], columns: tuple[str, ...]) -> list[Observation]:
    """Cells of a table on a page as displayed, which so many clockwise quarter turns make readable."""
    orientation = PageOrientation(WIDTH, HEIGHT, turn)
    return [
        cell("ok", "1", 1.0, item, column)._replace(
            box=orientation.to_displayed(
                Box(50 + 40 * across, 80 + 25 * down, 80 + 40 * across, 95 + 25 * down)
            )
        )
        for down, item in enumerate(items)
        for across, column in enumerate(columns)
    ]


ITEMS, COLUMNS = ("new_received", "carried_in", "granted"), ("natural_person", "business", "total")


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize(("items", "columns"), [(ITEMS, COLUMNS), (ITEMS[:1], COLUMNS), (ITEMS, COLUMNS[:1])])
def test_rows_and_columns_of_the_form_say_how_a_page_is_turned(
    turn: int, items: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    assert cells_to_turn(table(turn, items, columns)) == turn
    assert cells_to_turn(table(turn, items, columns)[::-1]) == turn


def test_a_single_cell_turns_nothing() -> None:
    assert cells_to_turn(table(1, ITEMS[:1], COLUMNS[:1])) == 0
    assert cells_to_turn([]) == 0


def test_a_picture_is_turned_as_its_boxes_are() -> None:
    pixels = np.zeros((8, 6, 3), np.uint8)
    pixels[1, 4] = 255
    place = PageOrientation(6, 8, 1).to_reading(Box(4, 1, 5, 2))
    assert turned_upright(pixels, 1)[int(place.top), int(place.x0)].tolist() == [255, 255, 255]


def test_a_frame_darkens_and_hides_nothing() -> None:
    pixels = np.full((40, 40, 3), 255, np.uint8)
    pixels[5:20, 18:22] = 0
    frame(pixels, Box(10, 10, 30, 30), (220, 0, 0), 3)
    assert (pixels[5:20, 18:22] == 0).all()
    assert pixels[31, 15].tolist() == [220, 0, 0]
    assert (pixels[10:30, 10:18] == 255).all()
