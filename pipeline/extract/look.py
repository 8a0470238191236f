"""Look at the number cells of a reading on the drawn pages: what does a person see there?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.extract.drawn_page import DrawnPdf
from pipeline.extract.page_look import CellLook, cells_to_looks
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Character, PrintedPage, RawDocument, bounding_box

MARGIN = 2.0
"""Points. So much of the page is drawn around the cells, for the rulings at their edges."""

OVERLAP_MIN_SHARE = 0.4
"""Share of a character's width and height. Neighbours overlap by less, whatever boxes their fonts declare."""

Looks = Mapping[tuple[int, Box], CellLook]
"""What the drawn pages say of cells, by page and box. A cell that could not be looked at is not in it."""


class PageCells(NamedTuple):
    """The cells of one page with the characters in them, and the boxes of all other characters."""

    cells: Mapping[Box, Sequence[Character]]
    others: Sequence[Box]


def raw_to_cells(raw: RawDocument, page: int, boxes: Mapping[Box, str]) -> PageCells:
    """Return the characters that a reader printed in these cells of a page.

    `boxes` has each cell with what was read in it. What another reader than this one left blank has none.
    """
    printed = raw.printed[page]
    orientation = PageOrientation(*printed.size, printed.turn)
    cells: dict[Box, list[Character]] = {box: [] for box in boxes}
    others = [orientation.to_displayed(Box(*box)) for box in printed.watermark]
    for character in printed_to_characters(printed, orientation):
        home = _home(character.box, cells)
        if home is None:
            others.append(character.box)
        elif boxes[home]:
            cells[home].append(character)
    return PageCells(cells, others)


def printed_to_characters(printed: PrintedPage, orientation: PageOrientation) -> list[Character]:
    """Return the characters of a page one by one, with their boxes on the page as displayed."""
    characters: list[Character] = []
    for text, x0, top, x1, bottom, _, parts in printed.glyphs:
        if not parts:
            characters.append(Character(text, orientation.to_displayed(Box(x0, top, x1, bottom))))
            continue
        up, down = top - parts[0][1], bottom - parts[0][3]  # what was trimmed of the declared boxes
        characters += [
            Character(char, orientation.to_displayed(Box(left, upper + up, right, lower + down)))
            for char, (left, upper, right, lower) in zip(text, parts, strict=True)
        ]
    return characters


def _home(box: Box, cells: Iterable[Box]) -> Box | None:
    """Return the cell that holds the middle of a character."""
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return next((c for c in cells if c.x0 <= x <= c.x1 and c.top <= y <= c.bottom), None)


def look_at_page(
    drawn: DrawnPdf, number: int, on_page: PageCells, struck: Sequence[Character]
) -> dict[Box, CellLook]:
    """Return what the drawn page says of its cells; nothing where it cannot be drawn.

    `struck` are digits that were struck out and are read no more. Where nothing else is left in a cell,
    nobody can tell what it says.
    """
    around = bounding_box(list(on_page.cells))
    x0, top, x1, bottom = around
    picture = drawn.draw(number, Box(x0 - MARGIN, top - MARGIN, x1 + MARGIN, bottom + MARGIN))
    if picture is None:
        return {}
    boxes = [char.box for char in struck]
    looks = cells_to_looks(picture, on_page.cells, [*on_page.others, *boxes], lambda: drawn.bars(number))
    emptied = {home for box in boxes if (home := _home(box, on_page.cells)) and not on_page.cells[home]}
    return looks | {cell: looks[cell]._replace(unread=True) for cell in emptied}


def covered_characters(drawn: DrawnPdf, number: int, on_page: PageCells) -> list[Character]:
    """Return the characters of cells that lie under others, and without which the page looks the same."""
    crowded = [cell for cell, characters in on_page.cells.items() if _are_crowded(characters)]
    return [char for cell in crowded for char in drawn.covered(number, cell)]


def _are_crowded(characters: Sequence[Character]) -> bool:
    """Whether two of the characters stand in one place; bold is one character printed several times."""
    ordered = sorted(characters, key=lambda char: char.box.x0)
    return any(_overlap(one, two) for one, two in pairwise(ordered))


def _overlap(one: Character, two: Character) -> bool:
    """Whether two different characters share more of their place than neighbours do; `one` begins first."""
    shared = min(one.box.x1, two.box.x1) - two.box.x0
    level = min(one.box.bottom, two.box.bottom) - max(one.box.top, two.box.top)
    width = min(one.box.x1 - one.box.x0, two.box.x1 - two.box.x0)
    height = min(one.box.bottom - one.box.top, two.box.bottom - two.box.top)
    return one.text != two.text and shared > OVERLAP_MIN_SHARE * width and level > OVERLAP_MIN_SHARE * height
