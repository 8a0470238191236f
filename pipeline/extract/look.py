"""Look at the number cells of a reading on the drawn pages: what does a person see there?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from pipeline.extract.drawn_over import cells_to_unread, cells_under
from pipeline.extract.drawn_page import DrawnPdf, Shades
from pipeline.extract.page_cells import PageCells, home_of, to_rows
from pipeline.extract.page_look import CellLook, PageLook, cells_to_looks
from pipeline.extract.read.glyphs import CELL_PADDING, OVERPRINT_MAX_SHIFT_RATIO
from pipeline.records import Box, Character, Renamed, bounding_box

PAGE_PART_MARGIN = 14.0
"""Points. So much of the page is drawn around the cells, for rulings and for ink beside a number."""

PART_MIN_GAP = 40.0
"""Points. Cells with so much between them are drawn apart: half the cost of drawing is prose between tables.

Rows of numbers of one table stand closer; its header may be as high.
"""

OVERLAP_MIN_SHARE = 0.2
"""Share of a character's width and height. Where two overlap by more, one may lie hidden under the other.

Taught by an older number under a white patch, 9 points beside the new one. If it is hidden, the page says.
"""

_IN_NUMBERS = frozenset("0123456789.,")

Looks = Mapping[tuple[int, Box], CellLook]
"""What the drawn pages say of cells, by page and box. A cell that could not be looked at is not in it."""


def look_at_page(
    drawn: DrawnPdf,
    number: int,
    on_page: PageCells,
    struck: Sequence[Character],
    renamed: Sequence[Renamed],
) -> PageLook:
    """Return what the drawn page says of its cells; nothing where it cannot be drawn.

    `struck` are digits that were struck out and are read no more. Where nothing else is left in a cell,
    nobody can tell what it says. `renamed` are digits that were read by their shapes.
    """
    boxes = [char.box for char in struck]
    shown = on_page._replace(others=np.concatenate([on_page.others, to_rows(boxes)]))
    looks, signed, run_through = dict[Box, CellLook](), set[Box](), set[Box]()
    crossed = cells_under(*drawn.parts(number), on_page.cells)
    shapes: list[tuple[Character, Box, Shades]] = []
    for part in _parts(shown):
        picture = drawn.draw(number, _with_margin(bounding_box(list(part.cells))))
        if picture is not None:
            seen = cells_to_looks(picture, part)
            looks |= seen.cells
            signed |= seen.signed
            run_through |= seen.run_through
            crossed |= seen.crossed
            shapes += seen.shapes
    doubtful = {cell for cell, look in looks.items() if look.unread} - signed
    looks |= {
        cell: looks[cell]._replace(unread=is_unread)
        for cell, is_unread in _judged(drawn, number, shown, doubtful, run_through).items()
    }
    emptied = {home for box in boxes if (home := home_of(box, looks)) and not on_page.cells[home]}
    looks |= {cell: looks[cell]._replace(unread=True) for cell in emptied}
    looks |= {cell: look._replace(in_lines=_lines_of(on_page, cell)) for cell, look in looks.items()}
    for one in renamed:
        if (home := home_of(one.character.box, looks)) is not None:
            looks[home] = looks[home]._replace(renamed=looks[home].renamed + one.shown)
    return PageLook(looks, signed, run_through, crossed, shapes)


def _lines_of(on_page: PageCells, cell: Box) -> str:
    """Return digits of a cell that stand one above the other, though the upper line had room for one more.

    "" where they do not.
    """
    to_reading = on_page.orientation.to_reading
    digits = sorted(
        (to_reading(char.box), char.text) for char in on_page.cells[cell] if char.text in _IN_NUMBERS
    )
    first = min((box.bottom for box, _ in digits), default=0.0)
    upper = [box for box, _ in digits if box.top < first]
    if len(upper) == len(digits):
        return ""
    length = max(box.x1 for box in upper) - min(box.x0 for box in upper)
    around = to_reading(cell)
    if length * (1 + 1 / len(upper)) + CELL_PADDING > around.x1 - around.x0:
        return ""
    lines = (
        "".join(text for box, text in digits if (box.top < first) is is_upper) for is_upper in (True, False)
    )
    return "\n".join(lines)


def _parts(on_page: PageCells) -> Iterator[PageCells]:
    """Yield the cells of a page in parts with so much between them that it need not be drawn."""
    parts: list[list[Box]] = []
    bottom = -PART_MIN_GAP
    for cell in sorted(on_page.cells, key=lambda cell: cell.top):
        if cell.top - bottom >= PART_MIN_GAP or not parts:
            parts.append([])
        parts[-1].append(cell)
        bottom = max(bottom, cell.bottom)
    for part in parts:
        cells = {cell: on_page.cells[cell] for cell in part}
        yield on_page._replace(cells=cells, skipped=[pair for pair in on_page.skipped if pair[1] in cells])


def _judged(
    drawn: DrawnPdf, number: int, on_page: PageCells, unread: Collection[Box], run_through: Collection[Box]
) -> dict[Box, bool]:
    """Return of cells that may show what was not read whether they do; nothing where that cannot be drawn."""
    cells = [*unread, *run_through]
    if not cells:
        return {}
    around = _with_margin(bounding_box(cells))
    apart, shapes = drawn.draw_text_apart(number, around, pictures=True), drawn.draw_shapes(number, around)
    if not apart or not shapes:
        return {}
    found = cells_to_unread(apart, shapes, on_page, unread, run_through)
    return {cell: cell in found for cell in cells}


def _with_margin(box: Box) -> Box:
    """Return a box with what is drawn around it."""
    x0, top, x1, bottom = box
    margin = PAGE_PART_MARGIN
    return Box(x0 - margin, top - margin, x1 + margin, bottom + margin)


def covered_characters(drawn: DrawnPdf, number: int, on_page: PageCells) -> list[Character]:
    """Return the characters of cells that lie under others, and without which the page looks the same."""
    crowded = [cell for cell, characters in on_page.cells.items() if _are_crowded(characters)]
    return [char for cell in crowded for char in drawn.covered(number, cell)]


def _are_crowded(characters: Sequence[Character]) -> bool:
    """Whether two of the characters stand in one place; bold is one character printed several times."""
    ordered = sorted(characters, key=lambda char: char.box.x0)
    return any(_overlap(one, two) for one, two in pairwise(ordered))


def _overlap(one: Character, two: Character) -> bool:
    """Whether two characters share more of their place than neighbours do; `one` begins first."""
    shared = min(one.box.x1, two.box.x1) - two.box.x0
    level = min(one.box.bottom, two.box.bottom) - max(one.box.top, two.box.top)
    width = min(one.box.x1 - one.box.x0, two.box.x1 - two.box.x0)
    height = min(one.box.bottom - one.box.top, two.box.bottom - two.box.top)
    is_overprint = one.text == two.text and two.box.x0 - one.box.x0 < OVERPRINT_MAX_SHIFT_RATIO * width
    return not is_overprint and shared > OVERLAP_MIN_SHARE * width and level > OVERLAP_MIN_SHARE * height
