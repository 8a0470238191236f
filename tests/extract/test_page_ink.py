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
