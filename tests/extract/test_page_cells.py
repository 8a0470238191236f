"""Which cell a character stands in."""

from __future__ import annotations

import numpy as np

from pipeline.extract.page_cells import homes_of
from pipeline.records import Box

LEFT, RIGHT, OVER_BOTH = Box(0, 0, 10, 10), Box(10, 0, 20, 10), Box(0, 0, 20, 10)


def test_the_first_cell_that_holds_the_middle_is_the_home() -> None:
    boxes = np.array([(1, 1, 3, 9), (11, 1, 13, 9), (9, 1, 11, 9), (30, 1, 33, 9), (1, 8, 3, 14)], float)
    assert homes_of(boxes, [LEFT, RIGHT, OVER_BOTH]) == [0, 1, 0, -1, -1]
    assert homes_of(boxes, [OVER_BOTH, LEFT, RIGHT]) == [0, 0, 0, -1, -1]


def test_nothing_has_no_home() -> None:
    assert homes_of(np.zeros((0, 4)), [LEFT]) == []
