"""Look at the number cells of a reading on the drawn pages: what does a person see there?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from operator import itemgetter

from pipeline.extract.drawn_over import cells_to_unread, cells_under
from pipeline.extract.drawn_page import DrawnPdf
from pipeline.extract.drawn_sheet import DrawnPart
from pipeline.extract.page_cells import PageCells, Place, home_of
from pipeline.extract.page_look import CellLook, PagesLook, parts_to_looks
from pipeline.extract.unread_ink import TIGHT_MAX_MARGIN
from pipeline.records import Box, Character, Renamed, bounding_box

PAGE_PART_MARGIN = 14.0
"""Points. So much of the page is drawn beside the cells, for rulings and for ink beside a number."""

SIGN_MARGIN = 40.0
"""Points. So much is drawn before a number that no ruling parts from what is before it, such as its sign."""

ROWS_MARGIN = 6.0
"""Points. So much is drawn above and below the cells: the height of a header would double what is drawn.

A ruling beside a row of 8 points is long enough there to be one, and a background is as broad as it can show.
"""

PART_MIN_GAP = 40.0
"""Points. Cells with so much between them are drawn apart: half the cost of drawing is prose between tables.

Rows of numbers of one table stand closer; its header may be as high.
"""

SHEET_MIN_PIXELS = 500_000
"""Pixels. Parts of as many together are looked at at once: two pages or three.

Fewer cost more calls; more do not stay in the processor's memory. At 300,000 or 800,000 a tenth more.
"""

_TOP = itemgetter(Box._fields.index("top"))

Looks = Mapping[Place, CellLook]
"""What the drawn pages say of cells, by page and box. A cell that could not be looked at is not in it."""


def look_at_pages(
    drawn: DrawnPdf,
    pages: Sequence[tuple[int, PageCells]],
    struck: Mapping[int, Sequence[Character]],
    renamed: Mapping[int, Sequence[Renamed]],
) -> PagesLook:
    """Return what drawn pages say of their cells; nothing of what cannot be drawn.

    `struck` are digits that were struck out and are read no more. Where nothing else is left in a cell,
    nobody can tell what it says. `renamed` are digits that were read by their shapes.
    """
    shown = [(number, _with_others(on_page, struck.get(number, ()))) for number, on_page in pages]
    found = PagesLook({}, set(), set(), set(), set(), [])
    for parts in _sheets(part for number, on_page in shown for part in _drawn_parts(drawn, number, on_page)):
        found.add(parts_to_looks(parts))
    unread, run_through = _by_page(found.unread), _by_page(found.run_through)
    for number, on_page in shown:
        found.crossed.update((number, cell) for cell in _cells_under(drawn, number, on_page))
        judged = _judged(drawn, number, on_page, unread.get(number, ()), run_through.get(number, ()))
        for cell, is_unread in judged.items():
            found.note((number, cell), unread=is_unread)
        if number in struck or number in renamed:
            _note_corrected(found, number, on_page, struck.get(number, ()), renamed.get(number, ()))
    return found


def _by_page(places: Iterable[Place]) -> Mapping[int, Sequence[Box]]:
    """Return cells by the number of their page."""
    cells: dict[int, list[Box]] = {}
    for page, cell in places:
        cells.setdefault(page, []).append(cell)
    return cells


def _note_corrected(
    found: PagesLook,
    number: int,
    on_page: PageCells,
    struck: Sequence[Character],
    renamed: Sequence[Renamed],
) -> None:
    """Note where all that is left are digits that were struck out, and which were read by their shapes."""
    cells = [cell for cell in on_page.cells if (number, cell) in found.cells]
    for char in struck:
        home = home_of(char.box, cells)
        if home and all(left.box == home for left in on_page.cells[home]):
            found.note((number, home), unread=True)
    for one in renamed:
        if home := home_of(one.character.box, cells):
            so_far = found.cells[number, home].renamed
            found.note((number, home), renamed=so_far + one.shown)


def _cells_under(drawn: DrawnPdf, number: int, on_page: PageCells) -> set[Box]:
    """Return the cells of a page with a digit in the middle of which something is drawn that is no text."""
    with suppress(RuntimeError):  # pypdfium2's own error is one
        return cells_under(*drawn.parts(number), on_page.cells)
    return set()


def _with_others(on_page: PageCells, struck: Sequence[Character]) -> PageCells:
    """Return the cells of a page with digits that were struck out among the characters of no cell."""
    if not struck:
        return on_page
    return on_page._replace(strays=[*on_page.strays, *(char.box for char in struck)])


def _sheets(parts: Iterable[DrawnPart]) -> Iterator[list[DrawnPart]]:
    """Yield as many parts at a time as are looked at together."""
    sheet: list[DrawnPart] = []
    for part in parts:
        sheet.append(part)
        if sum(part.picture.shades.size for part in sheet) >= SHEET_MIN_PIXELS:
            yield sheet
            sheet = []
    if sheet:
        yield sheet


def _drawn_parts(drawn: DrawnPdf, number: int, on_page: PageCells) -> Iterator[DrawnPart]:
    """Yield the parts of a page in which its cells stand, but for those that cannot be drawn."""
    with suppress(RuntimeError):  # pypdfium2's own error is one
        for part in parts_of(on_page):
            picture = drawn.draw(number, _around_rows(part))
            if picture is not None:
                yield DrawnPart(number, part, picture)


def parts_of(on_page: PageCells) -> Iterator[PageCells]:
    """Yield the cells of a page in parts with so much between them that it need not be drawn."""
    parts: list[list[Box]] = []
    bottom = -PART_MIN_GAP
    for cell in sorted(on_page.cells, key=_TOP):
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
    with suppress(RuntimeError):
        (apart,), shapes = (
            drawn.draw_text_apart(number, [around], pictures=True),
            drawn.draw_shapes(number, around),
        )
        if apart and shapes:
            found = cells_to_unread(apart, shapes, on_page, unread, run_through)
            return {cell: cell in found for cell in cells}
    return {}


def _around_rows(part: PageCells) -> Box:
    """Return the place of rows of cells with what has to be drawn around them."""
    orientation = part.orientation
    x0, top, x1, bottom = orientation.to_reading(bounding_box([*part.cells]))
    before = SIGN_MARGIN if _is_unruled(part) else PAGE_PART_MARGIN
    wide = Box(x0 - before, top - ROWS_MARGIN, x1 + PAGE_PART_MARGIN, bottom + ROWS_MARGIN)
    return orientation.to_displayed(wide)


def _is_unruled(part: PageCells) -> bool:
    """Whether the first cell with a text is the box of what was read, as all are where no rulings are."""
    cell, read = next(((cell, read) for cell, read in part.cells.items() if read), (None, ()))
    turned = part.orientation.to_reading
    return cell is not None and turned(read[0].box).x0 - turned(cell).x0 < TIGHT_MAX_MARGIN


def _with_margin(box: Box) -> Box:
    """Return a box with what is drawn around it."""
    x0, top, x1, bottom = box
    margin = PAGE_PART_MARGIN
    return Box(x0 - margin, top - margin, x1 + margin, bottom + margin)
