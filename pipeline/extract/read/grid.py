"""Turn the boxes of cells and the glyphs of a page into grids with text.

Every reader of ruled tables ends here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from operator import itemgetter

from pipeline.extract.read.glyphs import (
    BLANK_MIN_GAP_RATIO,
    SAME_LINE_MAX_OFFSET_RATIO,
    UNNAMED,
    Boxes,
    glyphs_to_cell_text,
    glyphs_to_lines,
    line_to_columns,
    line_to_text,
    runs_to_glyphs,
)
from pipeline.extract.read.number_gaps import PAIR, are_set_alike
from pipeline.extract.read.number_lines import TWO_LINES, is_broken_number, is_surely_one, split_at_border
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Corners, Glyph, PrintedPage, RawCell, RawTable, TextLine, bounding_box

CELL_EDGES_MAX_DISTANCE = 3.0
"""Points. Edges of cells that stand no further apart are one edge.

Taught by borders of two lines that stand 2 points apart. At 6.0 a row of lines, each 2 points
from the next, becomes one edge.
"""

_NUMERIC = frozenset("0123456789.,０１２３４５６７８９．，")


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a reader saw on one page, in points on the page as turned for reading.

    `glyphs` are runs of characters. `find_tables` returns the boxes of the cells of every table that the
    reader's library finds. `find_shapes` returns the bounding boxes of all that is drawn, one to a row.
    `watermark` are the boxes of characters that were dropped, `stamps` those of page numbers, which belong to
    no cell.
    """

    number: int
    orientation: PageOrientation
    glyphs: Sequence[Glyph]
    find_tables: Callable[[], list[list[Box]]]
    find_shapes: Callable[[], Boxes | list[Box]]
    watermark: Sequence[Corners] = ()
    stamps: Sequence[Corners] = ()

    @property
    def printed(self) -> PrintedPage:
        """Return all characters of the page; a stamp counts as a watermark."""
        width, height, quarters = self.orientation.width, self.orientation.height, self.orientation.quarters
        tops = _tops(self.stamps)
        kept = (
            [glyph for glyph in self.glyphs if not (glyph[2] in tops and _is_stamp(glyph, self.stamps))]
            if tops
            else self.glyphs
        )
        return PrintedPage(kept, [*self.watermark, *self.stamps], (width, height), quarters)


def page_to_tables_and_lines(
    page: PageContent, tables: Iterable[Sequence[Box]], reader: str
) -> tuple[list[RawTable], list[TextLine]]:
    """Return the tables of a page from top to bottom, and the lines of text outside them.

    `tables` has the boxes of the cells of each table; `reader` is the name that the tables are given.
    """
    grids = [Grid(boxes) for boxes in tables if boxes]
    grids.sort(key=lambda grid: (grid.box.top, grid.box.x0))
    outside: list[Glyph] = []
    tops = _tops(page.stamps)
    # where grids lie over each other, as two tables side by side may, the smaller one is the truer
    for glyph, place in glyphs_to_places(page.glyphs, sorted(grids, key=lambda grid: _area(grid.box))):
        if place is None:
            outside.append(glyph)
        elif not (glyph[2] in tops and _is_stamp(glyph, page.stamps)):
            place.glyphs.append(glyph)
    return [grid.to_table(page, reader) for grid in grids], glyphs_to_text_lines(outside, page)


def _tops(stamps: Sequence[Corners]) -> set[float]:
    """Return the tops of stamps: few other glyphs have one of them."""
    return {top for _, top, _, _ in stamps}


def _is_stamp(glyph: Glyph, stamps: Sequence[Corners]) -> bool:
    """Whether a digit is one of a stamped page number."""
    for x0, top, x1, bottom in stamps:
        if top == glyph[2] and bottom == glyph[4] and x0 <= glyph[1] and glyph[3] <= x1:
            return True
    return False


@dataclass(slots=True, eq=False)
class GridCell:
    """A cell of a grid over these rows and columns (the ends are not in it), with what stands in it."""

    top: int
    left: int
    bottom: int
    right: int
    glyphs: list[Glyph]
    text: str = ""


SEVERAL_CELLS = GridCell(-1, -1, -1, -1, [])
"""It stands in place of a cell for a run of characters that reaches over several cells."""

PlacedGlyphs = list[tuple[Glyph, GridCell | None]]


def glyphs_to_places(runs: Sequence[Glyph], grids: Sequence[Grid]) -> PlacedGlyphs:
    """Return all runs with the cell that each stands in (None outside of all grids).

    A number that runs over a border is kept whole.
    """
    if not grids:
        return [(run, None) for run in runs]
    places = _places(runs, grids)
    if SEVERAL_CELLS in places or _splits(runs, places):
        return _glyphs_to_whole_numbers(runs_to_glyphs(runs), grids)
    return list(zip(runs, places, strict=True))


def _splits(glyphs: Sequence[Glyph], places: Sequence[GridCell | None]) -> list[int]:
    """Return the indices at which a number goes on in another cell than it began in."""
    return [i for i in range(1, len(glyphs)) if places[i] is not places[i - 1] and _continues(glyphs, i)]


def _glyphs_to_whole_numbers(glyphs: Sequence[Glyph], grids: Sequence[Grid]) -> PlacedGlyphs:
    """Place single characters; those of one number that lies over a border get one cell."""
    places = _places(glyphs, grids)
    found: PlacedGlyphs = list(zip(glyphs, places, strict=True))
    done = 0
    for i in _splits(glyphs, places):
        if i >= done:
            first, done = _number_around(glyphs, i)
            _give_to_empty_cell(found, first, done)
    return found


def _places(glyphs: Iterable[Glyph], grids: Sequence[Grid]) -> list[GridCell | None]:
    """Return the cell of each glyph in the first grid that it stands in; None where it is in none."""
    bands = [(grid.box.top, grid.box.bottom, grid) for grid in grids]
    places: list[GridCell | None] = []
    for glyph in glyphs:
        middle = (glyph[2] + glyph[4]) / 2
        place: GridCell | None = None
        for upper, lower, grid in bands:
            if upper <= middle <= lower and (place := grid.find(glyph, middle)):
                break
        places.append(place)
    return places


def _continues(glyphs: Sequence[Glyph], i: int) -> bool:
    """Whether a glyph and the one before it in the file are neighbours in one printed number."""
    before, glyph = glyphs[i - 1], glyphs[i]
    return (
        before.text[-1] in _NUMERIC
        and glyph.text[0] in _NUMERIC
        and abs(glyph.x0 - before.x1) < BLANK_MIN_GAP_RATIO * glyph.height
        and abs(glyph.top - before.top) < SAME_LINE_MAX_OFFSET_RATIO * glyph.height
    )


def _number_around(glyphs: Sequence[Glyph], i: int) -> tuple[int, int]:
    """Return the first index of the number that holds glyph `i`, and the one after its last."""
    first, end = i - 1, i + 1
    while first > 0 and _continues(glyphs, first):
        first -= 1
    while end < len(glyphs) and _continues(glyphs, end):
        end += 1
    return first, end


def _give_to_empty_cell(found: PlacedGlyphs, first: int, end: int) -> None:
    """Give a number that lies over several cells to the only one of them that holds nothing else.

    Where none or several of them are empty, there may be two numbers that touch. Each cell then gets a mark
    that makes it unreadable. `found` is changed.
    """
    number = {place for _, place in found[first:end] if place}
    filled = {place for i, (_, place) in enumerate(found) if place in number and not first <= i < end}
    free = number - filled
    if len(free) == 1:
        (place,) = free
        found[first:end] = [(glyph, place) for glyph, _ in found[first:end]]
    else:
        last = found[end - 1][0]
        found += [(last._replace(text=UNNAMED), place) for place in number]


def glyphs_to_text_lines(glyphs: Iterable[Glyph], page: PageContent) -> list[TextLine]:
    """Return the printed lines in reading order; what stands beside them in another column apart."""
    return [
        TextLine(page.number, line_to_text(column).strip(), bounding_box(column))
        for line in glyphs_to_lines(glyphs)
        for column in line_to_columns(line)
    ]


def values_to_edges(values: Iterable[float]) -> tuple[list[float], dict[float, int]]:
    """Return the places of the edges in points, and for each value the index of its edge.

    An edge is the mean of the different values that lie within CELL_EDGES_MAX_DISTANCE of their neighbour.
    """
    groups: list[list[float]] = []
    places: dict[float, int] = {}
    for value in sorted(set(values)):
        if (
            groups
            and value - groups[-1][-1] <= CELL_EDGES_MAX_DISTANCE
            and value - groups[-1][0] <= 2 * CELL_EDGES_MAX_DISTANCE
        ):
            groups[-1].append(value)
        else:
            groups.append([value])
        places[value] = len(groups) - 1
    return [sum(group) / len(group) for group in groups], places


def _is_line_of_words(glyphs: Sequence[Glyph]) -> bool:
    """Whether the glyphs of a cell are one line, and no number."""
    has_words = any(not char.isascii() for glyph in glyphs for char in glyph.text)
    return has_words and len(glyphs_to_lines(glyphs)) == 1


def _area(box: Box) -> float:
    """Return the area of a box in square points."""
    return (box.x1 - box.x0) * (box.bottom - box.top)


class Grid:
    """The rows and columns that the boxes of a table's cells make; its cells take glyphs."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        left, upper, right, lower = zip(*boxes, strict=True)
        self.box = Box(min(left), min(upper), max(right), max(lower))
        self.xs, cols = values_to_edges([*left, *right])
        self.ys, rows = values_to_edges([*upper, *lower])
        self._cells: list[GridCell] = []
        self._owner: dict[tuple[int, int], GridCell] = {}
        for x0, top, x1, bottom in sorted(boxes, key=_area):  # where boxes overlap, the smaller is the cell
            self._add(rows[top], cols[x0], rows[bottom], cols[x1])

    def _add(self, top: int, left: int, bottom: int, right: int) -> None:
        """Add a cell over these rows and columns; one that is thinner than an edge is none.

        Such stand between double rulings.
        """
        if left < right and top < bottom:
            cell = GridCell(top, left, bottom, right, [])
            self._cells.append(cell)
            if bottom - top == right - left == 1:  # as nearly all
                self._owner.setdefault((top, left), cell)
                return
            for place in product(range(top, bottom), range(left, right)):
                self._owner.setdefault(place, cell)

    def find(self, glyph: Glyph, middle: float) -> GridCell | None:
        """Return the cell under the middle of a glyph that stands as high; None where it stands beside them.

        The cell is SEVERAL_CELLS where the first and the last character of a run stand in two cells, or one
        of them outside. A place that no cell covers becomes a cell: a page's end may lack a ruling.
        """
        _, x0, _, x1, _, _, parts = glyph
        left, _, right, _ = self.box
        first, last = ((x0 + parts[0, 2]) / 2, (parts[-1, 0] + x1) / 2) if parts else ((x0 + x1) / 2,) * 2
        if last < left or right < first:
            return None
        if first < left or right < last:
            return SEVERAL_CELLS
        row = bisect_right(self.ys, middle, 1, len(self.ys) - 1) - 1
        col = bisect_right(self.xs, first, 1, len(self.xs) - 1) - 1
        if (row, col) not in self._owner:
            self._add(row, col, row + 1, col + 1)
        cell = self._owner[row, col]
        if parts:
            end = bisect_right(self.xs, last, 1, len(self.xs) - 1) - 1
            if end != col and self._owner.get((row, end)) is not cell:
                return SEVERAL_CELLS
        return cell

    def to_table(self, page: PageContent, reader: str) -> RawTable:
        """Return the grid with the texts of its cells; boxes are measured on the page as displayed."""
        self._give_back_overflow()
        for cell in self._cells:
            if cell.glyphs:
                width = self.xs[cell.right] - self.xs[cell.left]
                cell.text = glyphs_to_cell_text(cell.glyphs, width, is_ruled=True)
        self._join_numbers()
        cells = sorted(map(self._to_raw, self._cells, repeat(page.orientation)), key=itemgetter(0, 1))
        return RawTable(page.number, reader, tuple(cells), page.orientation.to_displayed(self.box))

    def _give_back_overflow(self) -> None:
        """Give a number that stands on a ruling, over the number of the cell, to the empty cell beyond it."""
        for cell in self._cells:
            if len(cell.glyphs) < 2:
                continue
            for border, beyond in ((self.ys[cell.top], cell.top - 1), (self.ys[cell.bottom], cell.bottom)):
                other = self._owner.get((beyond, cell.left))
                if other is None or other.glyphs or (other.left, other.right) != (cell.left, cell.right):
                    continue
                own, strays = split_at_border(cell.glyphs, border)
                if strays:
                    cell.glyphs, other.glyphs = own, strays

    def _join_numbers(self) -> None:
        """Join the parts of a number where the other cells tell that it is one."""
        pairs = [cell for cell in self._cells if " " in cell.text and PAIR.fullmatch(cell.text)]
        broken = [cell for cell in self._cells if "\n" in cell.text and TWO_LINES.fullmatch(cell.text)]
        others = [cell.glyphs for cell in self._cells]
        spaced = [cell for cell in pairs if are_set_alike(cell.glyphs, others)]
        wrapped = [
            cell
            for cell in broken
            if (self._is_alone(cell, broken) or is_surely_one(cell.text))
            and is_broken_number(cell.glyphs, cell.text)
        ]
        for cell in spaced:
            cell.text = cell.text.replace(" ", "", 1)
        for cell in wrapped:
            cell.text = cell.text.replace("\n", "", 1)

    def _is_alone(self, cell: GridCell, others: Collection[GridCell]) -> bool:
        """Whether a cell of one row is the only one of these in it, or the label says that it is one row.

        Where several cells of a row have two lines of digits, a ruling between two rows may be missing: then
        two labels stand one above the other.
        """
        if cell.bottom - cell.top != 1:
            return False
        in_row = [one for one in self._cells if one.top <= cell.top < one.bottom and one is not cell]
        return not any(one in others for one in in_row) or any(
            one.bottom - one.top == 1 and _is_line_of_words(one.glyphs) for one in in_row
        )

    def _to_raw(self, cell: GridCell, orientation: PageOrientation) -> RawCell:
        """Return a cell as it was read."""
        top, left, bottom, right = cell.top, cell.left, cell.bottom, cell.right
        x0, x1 = self.xs[left], self.xs[right]
        box = orientation.to_displayed(Box(x0, self.ys[top], x1, self.ys[bottom]))
        return RawCell(top, left, bottom - top, right - left, cell.text, x0, x1, box)
