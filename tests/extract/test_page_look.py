"""Cells held against drawn pages: straight lines, tables far apart."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from pipeline.extract.drawn_page import DrawnPdf, PagePart, Places, Shades
from pipeline.extract.drawn_sheet import DrawnPart
from pipeline.extract.look import ROWS_MARGIN, look_at_pages
from pipeline.extract.page_cells import PageCells, raw_to_cells
from pipeline.extract.page_look import CellLook, PagesLook, parts_to_looks
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Character, Glyph, PrintedPage, RawDocument

CELL = Box(10, 10, 60, 60)
UPRIGHT = PageOrientation(70, 70)


def paper(width: int = 140, height: int = 140) -> Shades:
    return np.full((height, width), 255, np.uint8)


def page_cells(*cells: Box, others: tuple[Box, ...] = ()) -> PageCells:
    return PageCells(dict.fromkeys(cells, ()), (), others, (), (), UPRIGHT)


def look(shades: Shades, others: tuple[Box, ...] = ()) -> CellLook:
    return look_at(shades, page_cells(CELL, others=others))


def look_at(shades: Shades, on_page: PageCells) -> CellLook:
    return parts_to_looks([DrawnPart(1, on_page, PagePart(shades, 0, 0))]).cells[1, CELL]


@pytest.mark.parametrize(("length", "unread"), [(34, True), (39, True), (40, False), (60, False)])
@pytest.mark.parametrize("start", range(50, 58))
def test_only_long_straight_ink_is_a_ruling(start: int, length: int, unread: bool) -> None:
    upright, level = paper(), paper()
    upright[start : start + length, 66:69] = 0
    assert look(upright).unread == unread
    level[66:69, start : start + length] = 0
    level[69:85, start + 4 : start + 6] = 0  # what hangs on a line is left when the line is gone
    assert look(level).unread


def test_ink_that_a_character_of_no_cell_explains_is_no_number() -> None:
    shades = paper()
    shades[60:80, 60:66] = 0
    assert look(shades).unread
    assert not look(shades, others=(Box(29, 29, 34, 41),)).unread


def seen_of(shades: Shades, character: Character, turn: int = 0) -> bool:
    on_page = page_cells()._replace(cells={CELL: (character,)}, orientation=PageOrientation(70, 70, turn))
    return not look_at(shades, on_page).unseen


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize(("row", "is_seen"), [(59, False), (60, True), (61, True), (63, True), (64, False)])
def test_a_flat_character_may_be_drawn_a_pixel_above_or_below_its_box(
    turn: int, row: int, is_seen: bool
) -> None:
    shades, box = paper(), Box(30, 30.6, 40, 31.4)  # it ends on row 63 of the pixels, and begins on row 61
    shades[row, 60:80] = 0
    if turn % 2:
        shades, box = np.ascontiguousarray(shades.T), Box(30.6, 30, 31.4, 40)
    assert seen_of(shades, Character("一", box), turn) == is_seen
    assert not seen_of(shades, Character("1", box), turn)  # no digit is as flat


def test_a_character_of_usual_height_is_not_looked_for_above_it() -> None:
    level = paper()
    level[60, 60:80] = 0
    assert not seen_of(level, Character("7", Box(30, 30.6, 36, 40)))


class Recorder:
    """Draws white, and keeps what it was asked to draw."""

    def __init__(self) -> None:
        self.asked: list[Box] = []

    def draw(self, number: int, box: Box) -> PagePart | None:
        self.asked.append(box)
        width, height = int(2 * (box.x1 - box.x0)), int(2 * (box.bottom - box.top))
        return PagePart(paper(width, height), int(2 * box.x0), int(2 * box.top))

    def parts(self, number: int) -> tuple[Places, Places]:
        return np.zeros((0, 4)), np.zeros((0, 4))


def test_the_prose_between_two_tables_is_not_drawn() -> None:
    rows = [Box(10, top, 60, top + 20) for top in (400, 10, 30, 80, 420)]
    drawn = Recorder()
    seen = look_at_pages(cast(DrawnPdf, drawn), [(1, page_cells(*rows))], {}, {})
    assert seen.cells.keys() == {(1, row) for row in rows}
    margin = ROWS_MARGIN
    assert [(box.top + margin, box.bottom - margin) for box in drawn.asked] == [(10, 100), (400, 440)]


def test_a_part_that_cannot_be_drawn_hides_no_other() -> None:
    class Failing(Recorder):
        def draw(self, number: int, box: Box) -> PagePart | None:
            return None if box.top > 300 else super().draw(number, box)

    above, below = Box(10, 10, 60, 30), Box(10, 400, 60, 420)
    struck = [Character("7", Box(20, top + 4, 26, top + 16)) for top in (10, 400)]
    seen = look_at_pages(cast(DrawnPdf, Failing()), [(1, page_cells(above, below))], {1: struck}, {})
    assert seen.cells == {(1, above): CellLook((), unread=True)}


@pytest.mark.parametrize(("reader", "is_looked_for"), [("camelot", True), ("pypdfium2", False)])
def test_what_another_reader_alone_read_is_looked_for_in_its_cell(reader: str, is_looked_for: bool) -> None:
    """A number may also stand over the border of its own reader's cell."""
    box = Box(10, 10, 60, 30)
    printed = {1: PrintedPage([Glyph("7", 100, 10, 106, 20)], [], (200, 100), 0)}
    raw = RawDocument("pypdfium2", ((200, 100),), (0,), (), (), printed)
    cells = raw_to_cells(raw, 1, {box: "18"}, reader).cells
    assert cells == {box: [Character("18", box)] if is_looked_for else []}


def looked_at(shades: Shades, *characters: Character) -> PagesLook:
    on_page = page_cells()._replace(cells={CELL: characters})
    return parts_to_looks([DrawnPart(1, on_page, PagePart(shades, 0, 0))])


@pytest.mark.parametrize("shown", range(4))
def test_ink_beside_the_characters_of_a_cell_is_unread_wherever_they_stand(shown: int) -> None:
    """Four digits in two lines, the lower ones a little to the right: one of them was not read."""
    places = [Box(x0, top, x0 + 6, top + 12) for x0, top in ((20, 15), (27, 15), (23, 35), (30, 35))]
    shades = paper()
    for x0, top, _, _ in places:
        shades[int(2 * top) + 2 : int(2 * top) + 20, int(2 * x0) + 4 : int(2 * x0) + 8] = 0
    read = [Character("1", box) for box in places]
    assert not looked_at(shades, *read).cells[1, CELL].unread
    assert looked_at(shades, *(char for char in read if char != read[shown])).cells[1, CELL].unread


@pytest.mark.parametrize(
    ("other", "shift", "is_crowded"),
    [("8", 6.0, False), ("8", 4.0, True), ("3", 0.5, False), ("8", 0.5, True), ("3", 4.0, True)],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_two_characters_in_one_place_crowd_a_cell_but_for_bold(
    other: str, shift: float, is_crowded: bool, reverse: bool
) -> None:
    characters = [Character("3", Box(20, 20, 26, 32)), Character(other, Box(20 + shift, 20, 26 + shift, 32))]
    found = looked_at(paper(), *(characters[::-1] if reverse else characters))
    assert found.crowded == ({(1, CELL)} if is_crowded else set())


@pytest.mark.parametrize(
    ("upper", "lower", "in_lines"),
    [
        ("18", "7", "18\n7"),
        ("18（", "7件", ""),
        ("18件", "7", ""),
        ("共18", "7件", "18\n7"),
        ("12345", "7", "12345\n7"),
        ("共计12345", "7", ""),
    ],
)
def test_digits_go_on_below_only_where_no_word_stands_between(upper: str, lower: str, in_lines: str) -> None:
    """18（其中修订 over 7件 is a number with a remark of its own."""
    read = [
        Character(text, Box(20 + 6 * at, top, 26 + 6 * at, top + 12))
        for line, top in ((upper, 15), (lower, 30))
        for at, text in enumerate(line)
    ]
    assert looked_at(paper(), *read).cells[1, CELL].in_lines == in_lines
