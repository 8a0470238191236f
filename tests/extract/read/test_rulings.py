"""Drawn strokes to cell boxes: solid, dashed, dotted, double, boxes with gaps, missing borders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.extract.read.rulings import shapes_to_tables, strokes_to_rulings
from pipeline.records import Box
from tests.extract.read.by_hand import grid_boxes

XS, YS = (50.0, 150.0, 200.0, 250.0), (100.0, 120.0, 140.0, 160.0)

Draw = Callable[[float, float, float, float], list[Box]]


def solid(x0: float, y0: float, x1: float, y1: float) -> list[Box]:
    """A line of no thickness."""
    return [Box(x0, y0, x1, y1)]


def thin_fill(x0: float, y0: float, x1: float, y1: float) -> list[Box]:
    """A ruling drawn as a filled rectangle of a point."""
    return [Box(x0 - 0.5, y0 - 0.5, x1 + 0.5, y1 + 0.5)]


def pieces(x0: float, y0: float, x1: float, y1: float, on: float, off: float, thick: float) -> list[Box]:
    """Strokes of length `on` with gaps of `off` along a level or upright line."""
    length = max(x1 - x0, y1 - y0)
    starts = [n * (on + off) for n in range(int(length / (on + off)) + 1)]
    stretches = [(at, min(at + on, length)) for at in starts if at < length]
    if y0 == y1:
        return [Box(x0 + a, y0 - thick / 2, x0 + b, y0 + thick / 2) for a, b in stretches]
    return [Box(x0 - thick / 2, y0 + a, x0 + thick / 2, y0 + b) for a, b in stretches]


def dashed(x0: float, y0: float, x1: float, y1: float) -> list[Box]:
    return pieces(x0, y0, x1, y1, 3.0, 2.0, 0.5)


def dotted(x0: float, y0: float, x1: float, y1: float) -> list[Box]:
    """Dots: as wide as they are high, so that each is a piece of a level and of an upright line."""
    return pieces(x0, y0, x1, y1, 1.0, 1.5, 1.0)


def double(x0: float, y0: float, x1: float, y1: float) -> list[Box]:
    if y0 == y1:
        return [Box(x0, y0 - 1, x1, y1 - 1), Box(x0, y0 + 1, x1, y1 + 1)]
    return [Box(x0 - 1, y0, x1 - 1, y1), Box(x0 + 1, y0, x1 + 1, y1)]


HANDS: dict[str, Draw] = {
    "solid": solid, "thin fills": thin_fill, "dashed": dashed, "dotted": dotted, "double": double,
}  # fmt: skip


def drawn(draw: Draw, xs: tuple[float, ...] = XS, ys: tuple[float, ...] = YS) -> list[Box]:
    """A full grid in one hand."""
    shapes = [box for y in ys for box in draw(xs[0], y, xs[-1], y)]
    return shapes + [box for x in xs for box in draw(x, ys[0], x, ys[-1])]


def rounded(boxes: list[Box]) -> set[tuple[int, ...]]:
    """Boxes to whole points: a ruling two points wide has its edge somewhere inside."""
    return {tuple(round(value / 2) * 2 for value in box) for box in boxes}


@pytest.mark.parametrize("hand", HANDS)
def test_every_hand_draws_the_same_grid(hand: str) -> None:
    (table,) = shapes_to_tables(drawn(HANDS[hand]))
    assert rounded(table) == rounded(grid_boxes(XS, YS))


@pytest.mark.parametrize("hand", HANDS)
def test_order_of_the_strokes_does_not_matter(hand: str) -> None:
    shapes = drawn(HANDS[hand])
    assert sorted(shapes_to_tables(shapes[::-1])[0]) == sorted(shapes_to_tables(shapes)[0])


@pytest.mark.parametrize("hand", HANDS)
def test_a_cell_is_merged_where_no_ruling_parts_it(hand: str) -> None:
    draw = HANDS[hand]
    shapes = [box for y in (100.0, 160.0) for box in draw(50, y, 250, y)]
    shapes += [box for y in (120.0, 140.0) for box in draw(150, y, 250, y)]  # the label reaches down
    shapes += [box for x in (50.0, 150.0, 250.0) for box in draw(x, 100, x, 160)]
    shapes += draw(200, 120, 200, 160)  # the header reaches over
    (table,) = shapes_to_tables(shapes)
    merged = [Box(50, 100, 150, 160), Box(150, 100, 250, 120), *grid_boxes((150, 200, 250), (120, 140, 160))]
    assert rounded(table) == rounded(merged)


def test_boxes_drawn_apart_cell_by_cell_are_one_grid() -> None:
    """border-spacing: each cell has its own box, 4 points from the next."""
    shapes = [Box(x0 + 2, y0 + 2, x1 - 2, y1 - 2) for x0, y0, x1, y1 in grid_boxes(XS, YS)]
    (table,) = shapes_to_tables(shapes)
    assert len(table) == 9
    for cell, inner in zip(sorted(table), sorted(shapes), strict=True):
        assert cell.x0 <= inner.x0 + 2 and inner.x1 - 2 <= cell.x1
        assert cell.top <= inner.top + 2 and inner.bottom - 2 <= cell.bottom


@pytest.mark.parametrize("missing", ["left", "right", "both sides", "top", "bottom"])
def test_an_outer_border_that_is_missing_stands_where_the_others_end(missing: str) -> None:
    xs = {"left": XS[1:], "right": XS[:-1], "both sides": XS[1:-1]}.get(missing, XS)
    ys = {"top": YS[1:], "bottom": YS[:-1]}.get(missing, YS)
    shapes = [Box(XS[0], y, XS[-1], y) for y in ys] + [Box(x, YS[0], x, YS[-1]) for x in xs]
    (table,) = shapes_to_tables(shapes)
    assert rounded(table) == rounded(grid_boxes(XS, YS))


def test_two_tables_on_a_page_stay_apart() -> None:
    tables = shapes_to_tables([*drawn(solid), *drawn(solid, ys=(400, 420, 440))])
    assert sorted(len(table) for table in tables) == [6, 9]


def test_two_tables_side_by_side_stay_apart() -> None:
    tables = shapes_to_tables([*drawn(solid), *drawn(solid, xs=(300, 400, 500))])
    assert sorted(len(table) for table in tables) == [6, 9]


def test_a_frame_around_the_page_is_no_table() -> None:
    assert shapes_to_tables([Box(30, 30, 565, 812)]) == []


def test_a_rule_under_a_heading_is_no_table() -> None:
    assert shapes_to_tables([Box(50, 90, 250, 90), Box(50, 95, 250, 95)]) == []


def test_no_shapes_no_tables() -> None:
    assert shapes_to_tables([]) == []


def test_marks_in_the_text_part_no_cell() -> None:
    """A stroke shorter than a ruling, such as an underlined digit, divides nothing."""
    (table,) = shapes_to_tables([*drawn(solid), Box(165, 112, 170, 112)])
    assert len(table) == 9


@pytest.mark.parametrize(("gap", "count"), [(2.0, 1), (6.5, 1), (12.0, 2)])
def test_strokes_with_a_small_gap_are_one_ruling(gap: float, count: int) -> None:
    strokes = [(100, 0, 40), (100.2, 40 + gap, 100)]
    assert len(strokes_to_rulings(strokes)) == count


def test_strokes_on_neighbouring_lines_are_not_joined() -> None:
    rulings = strokes_to_rulings([(100, 0, 40), (102, 42, 100)])
    assert rulings.tolist() == [[100, 0, 40], [102, 42, 100]]


def test_what_stays_short_is_dropped() -> None:
    assert not len(strokes_to_rulings([(100, 0, 3), (100, 20, 23)]))


def test_rulings_that_end_where_they_cross_hold_no_cell() -> None:
    assert shapes_to_tables([Box(50, 100, 250, 100), Box(150, 96, 150, 104)]) == []


@pytest.mark.parametrize(("top", "bottom", "is_closed"), [(100.0, 160.0, True), (100.0, 130.0, False)])
def test_an_upright_ruling_as_tall_as_a_table_closes_a_cell_beside_it(
    top: float, bottom: float, is_closed: bool
) -> None:
    """A merged cell that reaches over both ends of a page has no level ruling there."""
    (table,) = shapes_to_tables([*drawn(solid), Box(400.0, top, 400.0, bottom)])
    assert rounded(table) - rounded(grid_boxes(XS, YS)) == ({(250, 100, 400, 160)} if is_closed else set())
