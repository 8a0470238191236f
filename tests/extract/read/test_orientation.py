"""Quarter turns of a page, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.read.orientation import PageOrientation, turn
from pipeline.records import Box

WIDTH, HEIGHT = 595.0, 842.0


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """A box on a page, on whole quarters of a point: turns are exact there."""
    xs = sorted(draw(st.lists(st.integers(0, int(WIDTH * 4)), min_size=2, max_size=2)))
    ys = sorted(draw(st.lists(st.integers(0, int(HEIGHT * 4)), min_size=2, max_size=2)))
    return Box(xs[0] / 4, ys[0] / 4, xs[1] / 4, ys[1] / 4)


@given(boxes(), st.integers(-4, 7))
def test_to_reading_and_back_is_where_it_was(box: Box, quarters: int) -> None:
    frame = PageOrientation(WIDTH, HEIGHT, quarters)
    assert frame.to_displayed(frame.to_reading(box)) == box


@given(boxes(), st.integers(-4, 7))
def test_a_turned_box_lies_on_the_turned_page(box: Box, quarters: int) -> None:
    frame = PageOrientation(WIDTH, HEIGHT, quarters)
    x0, top, x1, bottom = frame.to_reading(box)
    width, height = frame.reading_size
    assert 0 <= x0 <= x1 <= width
    assert 0 <= top <= bottom <= height
    assert {round(x1 - x0, 6), round(bottom - top, 6)} == {box.x1 - box.x0, box.bottom - box.top}


@given(boxes())
def test_four_quarters_are_a_full_turn(box: Box) -> None:
    once = turn(box, 1, WIDTH, HEIGHT)
    twice = turn(once, 1, HEIGHT, WIDTH)
    assert twice == turn(box, 2, WIDTH, HEIGHT)
    thrice = turn(twice, 1, WIDTH, HEIGHT)
    assert thrice == turn(box, 3, WIDTH, HEIGHT)
    assert turn(thrice, 1, HEIGHT, WIDTH) == box


@pytest.mark.parametrize(
    ("quarters", "expected"),
    [
        (0, Box(10, 20, 40, 30)),
        (1, Box(842 - 30, 10, 842 - 20, 40)),
        (2, Box(595 - 40, 842 - 30, 595 - 10, 842 - 20)),
        (3, Box(20, 595 - 40, 30, 595 - 10)),
    ],
)
def test_clockwise(quarters: int, expected: Box) -> None:
    """The upper left corner goes to the upper right with the first quarter, and so on around."""
    assert turn(Box(10, 20, 40, 30), quarters, WIDTH, HEIGHT) == expected


def test_reading_size() -> None:
    assert PageOrientation(WIDTH, HEIGHT, 1).reading_size == (HEIGHT, WIDTH)
    assert PageOrientation(WIDTH, HEIGHT, 2).reading_size == (WIDTH, HEIGHT)
