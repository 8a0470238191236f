"""Below each printed row a band says what was read: nothing of the page is covered."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.inspection.bands import (
    KEYS_WIDTH,
    OFF_PAGE,
    PlacedCell,
    cells_to_rows,
    page_with_bands,
    read_to_text,
    rows_to_cuts,
)
from pipeline.inspection.shown_page import Pixels
from pipeline.records import Box, Observation
from tests.inspection.test_inspection import cell

GREEN = (0, 130, 60)
BLACK, WHITE = 0, 255


def placed(box: Box, some: Observation | None = None, stands_out: bool = False) -> PlacedCell:
    return PlacedCell(some or cell("ok", "8", 8.0), box, GREEN, stands_out)


def page(*inked: Box) -> Pixels:
    """A white page with black patches in the place of print."""
    pixels = np.full((400, 500, 3), WHITE, np.uint8)
    for x0, top, x1, bottom in inked:
        pixels[int(top) : int(bottom), int(x0) : int(x1)] = BLACK
    return pixels


def ink(pixels: Pixels) -> int:
    return int((pixels.max(axis=2) == BLACK).sum())


TIGHT = [
    Box(100 + 40 * column, 100 + 31 * row, 130 + 40 * column, 130 + 31 * row)
    for row in range(3)
    for column in range(4)
]
"""Boxes that are filled by their digits, one pixel from row to row: as of a table without rulings."""


@pytest.mark.parametrize("stands_out", [False, True])
def test_all_print_stays_black_however_tight_the_boxes(stands_out: bool) -> None:
    bare = page(*TIGHT)
    shown = page_with_bands(bare, [placed(box, stands_out=stands_out) for box in TIGHT])
    assert ink(shown[:, KEYS_WIDTH:]) == ink(bare)


def test_each_row_gets_one_band_below_it() -> None:
    rows = cells_to_rows([placed(box) for box in reversed(TIGHT)])
    assert [[each.box for each in row] for row in rows] == [TIGHT[0:4], TIGHT[4:8], TIGHT[8:12]]
    assert rows_to_cuts(page(*TIGHT), rows) == [130, 161, 207]


def test_a_band_stands_within_a_cell_that_has_room() -> None:
    ruled = Box(100, 100, 160, 170)
    digits, ruling = Box(120, 120, 140, 140), Box(100, 168, 160, 171)
    (cut,) = rows_to_cuts(page(digits, ruling), [[placed(ruled)]])
    assert 140 <= cut < 168


def test_a_page_is_opened_between_the_lines_of_a_label_beside_the_digits() -> None:
    digits, label = Box(120, 120, 140, 140), [Box(10, 118, 90, 142), Box(10, 150, 90, 170)]
    (cut,) = rows_to_cuts(page(digits, *label), [[placed(Box(100, 100, 160, 165))]])
    assert 142 <= cut <= 150


def test_wide_texts_in_narrow_cells_stand_below_each_other() -> None:
    narrow = [Box(100 + 12 * place, 100, 110 + 12 * place, 120) for place in range(5)]
    some = cell("ok", "258000000", 258000000.0, column="natural_person")
    one = page_with_bands(page(), [placed(narrow[0], some)])
    five = page_with_bands(page(), [placed(box, some) for box in narrow])
    assert len(five) - len(page()) > 4 * (len(one) - len(page())) - 50


def test_a_cell_off_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr("PIL.ImageDraw.ImageDraw.text", lambda _, at, text, **__: written.append(text))
    page_with_bands(page(), [placed(Box(100, 100, 160, 120)), placed(Box(600, 100, 660, 120))])
    assert [text for text in written if text.startswith("8")] == ["8", f"8{OFF_PAGE}"]


@pytest.mark.parametrize(
    "box", [Box(-50, -90, -20, -60), Box(100, 900, 160, 930), Box(50, 60, 40, 50), Box(0, 0, 9e6, 9e6)]
)
def test_no_box_is_too_odd(box: Box) -> None:
    assert page_with_bands(page(), [placed(box)]).shape[1] == 500 + KEYS_WIDTH


@pytest.mark.parametrize(
    ("some", "text"),
    [
        (cell("ok", "2.58万元", 25800.0), "25800"),
        (cell("ok", "减20", -20.0), "-20"),
        (cell("suspect", "8", 8.0), "8?"),
        (cell("unreadable", "3O", None), "3O!"),
        (cell("unreadable", "若干", None), "unread!"),
        (cell("unreadable", "\x1b[2J\n", None), r"\x1b[2J\n!"),
        (cell("unreadable", "9" * 1000, None), "9" * 24 + "...!"),
        (cell("blank", "", None), "blank"),
        (cell("not_applicable", "—", None), "n/a"),
    ],
)
def test_a_band_says_the_number_and_not_how_it_is_printed(some: Observation, text: str) -> None:
    assert read_to_text(some) == text
