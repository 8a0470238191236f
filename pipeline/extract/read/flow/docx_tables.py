"""A table of a .docx → cells in rows and columns, as a person sees them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import NamedTuple

from pipeline.extract.read.flow.docx_lines import WordLine, WordPicture, WordPlace, alternate
from pipeline.extract.read.flow.docx_package import MC, Element, W, by_name, is_on, to_number, val
from pipeline.extract.read.flow.docx_styles import PAPER, TWENTIETHS, WordStyle, shading_to_ground
from pipeline.extract.read.flow.uneven_rows import NUMBER, RAGGED

MERGED = "a cell that is merged into it has a text of its own, which nobody sees"
UNMERGED = "it is told to go on with the cell above, and there is none of its width"
REVISED = "cells of its row were added, merged or deleted, and the change is neither kept nor undone"

_COLUMNS_MAX = 63
"""Count. Word makes no more columns."""

_UNSEEN_ROW_MAX_HEIGHT = 2.0
"""Points. Of a row of an exact height that is no higher nobody sees anything."""

_EDGES_MAX_DISTANCE = 3.0
"""Points. Edges of cells that are no further apart are one."""

_ROW_WIDTHS_MAX_DIFFERENCE_SHARE = 0.02
"""Share of a row's width. Rows whose widths differ by no more tell in which columns their cells stand."""

_HOLDERS = frozenset(W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))


class WordTable(NamedTuple):
    """A table; `number` counts those of the document from 1, `edges` are those of its columns in points, ()
    where they are not known."""

    number: int
    cells: tuple[WordCell, ...]
    edges: tuple[float, ...] = ()


WordContent = WordLine | WordTable | WordPicture


class WordCell(NamedTuple):
    """A cell of a grid and what stands in it."""

    row: int
    col: int
    row_span: int
    col_span: int
    contents: tuple[WordContent, ...]
    doubts: tuple[str, ...]


@dataclass(slots=True)
class _Cell:
    """A cell while its table is read: `begin` and `end` are columns, or places across the table."""

    begin: float
    end: float
    merge: str
    contents: tuple[WordContent, ...]
    width: float | None
    row: int = 0
    row_span: int = 1
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    """A row while its table is read; `before` and `after` count columns without a cell."""

    cells: list[_Cell]
    before: int
    after: int
    widths: tuple[float | None, float | None]

    @property
    def columns(self) -> int:
        """Return how many columns it has."""
        return self.after + int(self.cells[-1].end if self.cells else self.before)


Properties = Mapping[str, Element]
"""What a w:trPr or a w:tcPr says, by its names."""

ReadCell = Callable[[Element, WordPlace], Sequence[WordContent]]
"""Reads what stands in a cell."""


def table_to_grid(table: Element, number: int, style: WordStyle | None, read: ReadCell) -> WordTable:
    """Return the rows that are seen of a table (w:tbl) as cells; `style` is that of the table."""
    properties = by_name(table.find(W + "tblPr"))
    ground = shading_to_ground(properties.get(W + "shd"))
    if ground is None:
        ground = PAPER if style is None or style.ground is None else style.ground
    place = WordPlace(style, ground)
    rows = [row for element in _within(table, W + "tr") if (row := _row(element, place, read))]
    edges = _place_across(rows) or _grid_edges(table.find(W + "tblGrid"))
    cells = _merged(rows)
    if len(edges) <= max((cell.end for cell in cells), default=0):
        edges = []
    if is_on(properties.get(W + "bidiVisual")):
        edges = _mirrored(cells, edges)
    return WordTable(
        number,
        tuple(
            WordCell(c.row, int(c.begin), c.row_span, int(c.end - c.begin), c.contents, tuple(c.doubts))
            for c in cells
        ),
        tuple(edges),
    )


def _grid_edges(grid: Element | None) -> list[float]:
    """Return the edges of the columns of a table (w:tblGrid), in points; [] where one has no width."""
    columns = [] if grid is None else grid.findall(W + "gridCol")
    widths = [(to_number(column.get(W + "w")) or 0.0) / TWENTIETHS for column in columns]
    return [0.0, *accumulate(widths)] if widths and min(widths) > 0 else []


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, through content controls and the like."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _HOLDERS:
            yield from _within(child, tag)
        elif child.tag == MC + "AlternateContent":
            yield from _within(alternate(child), tag)


def _row(element: Element, place: WordPlace, read: ReadCell) -> _Row | None:
    """Return a row (w:tr); None where nobody sees it."""
    properties = by_name(element.find(W + "trPr"))
    if _is_unseen(properties):
        return None
    before, width_before = _gap(properties, "Before")
    after, width_after = _gap(properties, "After")
    row = _Row([], before, after, (width_before, width_after))
    shading = element.find(f"{W}tblPrEx/{W}shd")
    place = place._replace(ground=shading_to_ground(shading) or place.ground)
    is_revised = False
    for cell in _within(element, W + "tc"):
        own = by_name(cell.find(W + "tcPr"))
        is_revised = is_revised or W + "cellDel" in own or W + "cellMerge" in own
        _add_cell(row, cell, own, place, read)
    lines = [line for cell in row.cells for line in cell.contents]
    if lines and all(isinstance(line, WordLine) and line.is_hidden for line in lines):
        return None
    if is_revised:
        for one in row.cells:
            one.doubts.append(REVISED)
    return row


def _is_unseen(properties: Properties) -> bool:
    """Whether nobody sees a row with these properties (w:trPr): it is deleted, hidden or without height."""
    if any(is_on(properties.get(W + name)) for name in ("del", "moveFrom", "hidden", "vanish")):
        return True
    height = properties.get(W + "trHeight")
    if height is None or height.get(W + "hRule") != "exact":
        return False
    exact = to_number(val(height))
    return exact is not None and exact / TWENTIETHS <= _UNSEEN_ROW_MAX_HEIGHT


def _gap(properties: Properties, side: str) -> tuple[int, float | None]:
    """Return how many columns a row leaves out before or after its cells, and how wide they are."""
    columns = _columns(val(properties.get(f"{W}grid{side}")), least=0)
    width = properties.get(f"{W}w{side}")
    return columns, _width(width) if width is not None else (None if columns else 0.0)


def _columns(text: str, least: int) -> int:
    """Return a count of columns."""
    return min(max(int(text), least), _COLUMNS_MAX) if text.isdecimal() else least


def _width(element: Element | None) -> float | None:
    """Return a width in points; None where it is told in another way."""
    if element is None or element.get(W + "type") not in (None, "dxa"):
        return None
    return (to_number(element.get(W + "w")) or 0.0) / TWENTIETHS or None


def _add_cell(row: _Row, cell: Element, properties: Properties, place: WordPlace, read: ReadCell) -> None:
    """Add a cell (w:tc) to its row, or to the cell before it, with which it is merged."""
    begin = row.cells[-1].end if row.cells else row.before
    ground = shading_to_ground(properties.get(W + "shd"))
    contents = tuple(read(cell, place if ground is None else place._replace(ground=ground)))
    end = begin + _columns(val(properties.get(W + "gridSpan")), least=1)
    width = _width(properties.get(W + "tcW"))
    if _merge(properties, "hMerge") == "continue" and row.cells:
        left = row.cells[-1]
        left.end = end
        left.width = None if left.width is None or width is None else left.width + width
        left.doubts += [MERGED] if _has_number(contents) else []
    else:
        row.cells.append(_Cell(begin, end, _merge(properties, "vMerge"), contents, width))


def _merge(properties: Properties, name: str) -> str:
    """Return how a cell is merged: restart, continue, or "" where it is not."""
    merge = properties.get(W + name)
    return "" if merge is None else val(merge) or "continue"


def _place_across(rows: Sequence[_Row]) -> list[float]:
    """Place the cells in columns by their widths, where what they span does not fit together.

    Returns the edges of these columns, in points; [] where the cells stay where they are.
    """
    ends = Counter(row.columns for row in rows)
    if len(ends) < 2:
        return []
    edges = [_edges(row) for row in rows]
    totals = [own[-1] for own in edges if own]
    if len(totals) == len(rows) and _are_alike(totals):
        return _place_by_widths(rows, [own for own in edges if own])
    usual = max(ends, key=lambda end: (ends[end], end))
    for row in _ragged_rows(rows, usual):
        for cell in row.cells:
            cell.doubts.append(RAGGED)
    return []


def _ragged_rows(rows: Sequence[_Row], usual: int) -> Iterator[_Row]:
    """Yield the rows that have not the usual columns, and those below a header that has not."""
    is_header = is_ragged = False
    for row in rows:
        was_header, is_header = is_header, _is_header(row)
        if is_header:
            is_ragged = row.columns != usual or (was_header and is_ragged)
        if is_ragged or row.columns != usual:
            yield row


def _is_header(row: _Row) -> bool:
    """Whether a row names columns: it has several texts, and none is a number."""
    texts = ["".join(line.text for line in cell.contents if isinstance(line, WordLine)) for cell in row.cells]
    filled = [text for text in texts if text.strip()]
    return len(filled) > 1 and not any(map(NUMBER.fullmatch, filled))


def _edges(row: _Row) -> list[float] | None:
    """Return the edges of a row's cells and its right end, in points; None where one is not known."""
    at, (before, after) = 0.0, row.widths
    if before is None or after is None:
        return None
    edges = [at := at + before]
    for cell in row.cells:
        if cell.width is None:
            return None
        edges.append(at := at + cell.width)
    return [*edges, at + after]


def _are_alike(totals: Sequence[float]) -> bool:
    """Whether all rows are of one width."""
    return max(totals) - min(totals) <= _ROW_WIDTHS_MAX_DIFFERENCE_SHARE * max(totals)


def _place_by_widths(rows: Sequence[_Row], edges: Sequence[Sequence[float]]) -> list[float]:
    """Place the cells in the columns that all edges of the table make; return where these begin and end."""
    places = sorted(edge for own in edges for edge in own)
    column, columns, begins = 0, {places[0]: 0}, [places[0]]
    for before, place in pairwise(places):
        if place - before > _EDGES_MAX_DISTANCE:
            column += 1
            begins.append(place)
        columns[place] = column
    for row, own in zip(rows, edges, strict=True):
        for cell, (left, right) in zip(row.cells, pairwise(own), strict=False):
            cell.begin, cell.end = columns[left], max(columns[right], columns[left] + 1)
    return begins


def _merged(rows: Sequence[_Row]) -> list[_Cell]:
    """Return the cells of all rows, those that go on below as one."""
    cells: list[_Cell] = []
    above: dict[tuple[float, float], _Cell] = {}
    for at, row in enumerate(rows):
        going_on: dict[tuple[float, float], _Cell] = {}
        for cell in row.cells:
            place = (cell.begin, cell.end)
            upper = above.get(place) if cell.merge == "continue" else None
            if upper is None:
                cell.row = at
                cells.append(cell)
                if cell.merge == "continue" and _has_number(cell.contents):
                    cell.doubts.append(UNMERGED)
                upper = cell
            else:
                upper.row_span += 1
                upper.doubts += [MERGED] if _has_number(cell.contents) else []
            if cell.merge:
                going_on[place] = upper
        above = going_on
    return cells


def _has_number(contents: Sequence[WordContent]) -> bool:
    """Whether a digit or a numeral stands among contents."""
    return any(
        any(map(str.isnumeric, one.text)) if isinstance(one, WordLine) else bool(one.cells)
        for one in contents
        if not isinstance(one, WordPicture)
    )


def _mirrored(cells: Sequence[_Cell], edges: Sequence[float]) -> list[float]:
    """Turn a table around whose first column is the one at the right; return the edges of its columns."""
    last = len(edges) - 1 if edges else max((cell.end for cell in cells), default=0.0)
    for cell in cells:
        cell.begin, cell.end = last - cell.end, last - cell.begin
    return [edges[-1] - edge for edge in reversed(edges)]
