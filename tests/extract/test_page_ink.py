"""The ink of drawn pages: what is asked first may only say "maybe" too often."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.extract import page_ink
from pipeline.extract.drawn_page import Shades
from pipeline.extract.page_cells import Mask
from pipeline.extract.page_ink import INK_MIN_CONTRAST, STROKE_MAX_PIXELS

SIDE = 64


def found_by_closing(shades: Shades) -> Mask:
    broad = np.ones((STROKE_MAX_PIXELS, STROKE_MAX_PIXELS), np.uint8)
    darker = cv2.subtract(cv2.morphologyEx(shades, cv2.MORPH_CLOSE, broad), shades)
    return np.asarray(darker >= INK_MIN_CONTRAST)


@pytest.mark.parametrize("size", [STROKE_MAX_PIXELS - 1, STROKE_MAX_PIXELS])
def test_a_square_is_a_background_from_one_size_on(size: int) -> None:
    for corner in (20, 21):
        shades = np.full((SIDE, SIDE), 255, np.uint8)
        shades[corner : corner + size, corner : corner + size] = 60
        whole, _ = page_ink._strokes(shades)
        assert (whole == found_by_closing(shades)).all()
        assert whole.any() == (size < STROKE_MAX_PIXELS)


def test_at_every_edge_the_strokes_are_those_that_a_closing_finds() -> None:
    for size in range(3, STROKE_MAX_PIXELS + 1):
        for at in (slice(0, size), slice(SIDE - size, SIDE), slice(31, 31 + size)):
            for across in (slice(0, size), slice(SIDE - size, SIDE), slice(30, 45)):
                shades = np.full((SIDE, SIDE), 255, np.uint8)
                shades[at, across] = 90
                assert (page_ink._strokes(shades)[0] == found_by_closing(shades)).all()


def test_strokes_among_backgrounds_at_several_heights_are_those_that_a_closing_finds() -> None:
    for seed in range(60):
        random = np.random.default_rng(seed)
        shades = np.full((6 * SIDE, SIDE), 255, np.uint8)
        dust = random.random(shades.shape) < 0.05
        shades[dust] = random.integers(0, 256, int(dust.sum()))
        for _ in range(seed % 5):
            top, left = random.integers(0, 6 * SIDE), random.integers(0, SIDE)
            height, width = random.integers(1, 30, 2)
            shades[top : top + height, left : left + width] = random.integers(0, 256)
        assert (page_ink._strokes(shades)[0] == found_by_closing(shades)).all()


@pytest.mark.parametrize("is_upright", [False, True])
def test_a_digit_that_a_ruling_passes_is_no_ink_of_its_own(is_upright: bool) -> None:
    """The pixels of the ruling count for the place beside it alone, whichever way it runs."""
    shades = np.full((4 * SIDE, 4 * SIDE), 255, np.uint8)
    shades[40, 20:200] = 0  # a ruling
    shades[100:110, 40:46] = 0  # a digit
    box, digit = (60, 36, 70, 50), (38, 98, 50, 112)
    places = np.array([box, digit, (60, 80, 70, 94)])
    if is_upright:
        shades, places = shades.T.copy(), places[:, (1, 0, 3, 2)]
    ink = page_ink.Ink.__new__(page_ink.Ink)
    ink.whole = page_ink._strokes(shades)[0]
    ink.whole_sums = page_ink.sums(ink.whole)
    assert ink.are_inked(places).tolist() == [False, True, False]
