"""Part the sheets of a workbook into paragraphs and tables.

A sheet is one grid, in which people write titles, prose and tables below each other. What is ruled, or stands
in several columns, is a table; a row whose one text stands alone is a paragraph.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pipeline.extract.read.flow.blocks import (
    BODY_SCALE,
    UNSURE,
    FlowBlock,
    FlowCell,
    FlowDocument,
    FlowParagraph,
    FlowPicture,
    FlowTable,
)
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

SHEET_CELLS_MAX = 200_000
"""Count. A workbook with more cells that hold or border something is no report; a report has five hundred."""

RULED_ROWS_MIN_SHARE = 0.5
"""Share of the rows with several texts. Where as many are ruled, what is not ruled is no table."""

_COLUMN_WIDTH = 48.0
"""Points. All tables of a sheet share its columns, which are taken to be as wide as a new sheet has them."""

_SENTENCE_END = ("。", "！", "？")

_ROUNDING_MAX_ERROR_SHARE = 1e-6
"""Share of half a unit of the last digit shown. By no more is a number off that a program rounded."""

_NUMBER = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?")
_UNNAMED = re.compile(r"(sheet|工作表|表)[\s_]*\d*(\s*\(\d+\))?", re.IGNORECASE)
"""The names that programs give to sheets which nobody named."""


TOO_MANY_CELLS = (
    f"it has more than {SHEET_CELLS_MAX} cells: save the sheet of the report as a workbook of its own"
)


FORMAT_HIDES = "its format does not show the number that is stored"


class SheetCell(NamedTuple):
    """A cell of a sheet with the text that is shown in it; `doubt` says why it may be another to a person.

    `size` is the size of its font in points, 0 where it is not known; `is_ruled` says that a line is drawn at
    one of its sides, `spreads` that a text is set in the middle of it and of the empty cells behind it that
    spread too.
    """

    text: str
    doubt: str = ""
    size: float = 0.0
    is_ruled: bool = False
    spreads: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether anything of it is seen or to be told, or decides about what is beside it."""
        return bool(self.text or self.doubt) or self.is_ruled or self.spreads


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """A sheet that is shown, its number in the workbook from 1; rows and columns count from 0.

    `merged` has the first row and column and the last of each range that is one cell to a person. `notes`
    are texts (of text boxes) and pictures over the sheet, by the row at which they begin.
    """

    name: str
    number: int
    cells: Mapping[tuple[int, int], SheetCell]
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_cols: frozenset[int] = frozenset()
    notes: Mapping[int, Sequence[str | FlowPicture]] = field(default_factory=dict)

    @property
    def is_shown(self) -> bool:
        """Whether a cell of it has a text, or a picture lies over it."""
        return any(cell.text.strip() for cell in self.cells.values()) or any(
            isinstance(note, FlowPicture) for notes in self.notes.values() for note in notes
        )


class _Area(NamedTuple):
    """What is one cell to a person: its place, how far it reaches, and what it shows."""

    row: int
    col: int
    row_span: int
    col_span: int
    cell: SheetCell

    @property
    def end(self) -> int:
        """Return the column behind it."""
        return self.col + self.col_span


class _Row(NamedTuple):
    """A row: the areas that begin in it, and those from above that reach into it."""

    number: int
    areas: Sequence[_Area]
    reaching: Sequence[_Area]

    @property
    def filled(self) -> list[_Area]:
        """Return the areas that begin in it and show a text."""
        return [area for area in self.areas if area.cell.text.strip()]

    @property
    def is_ruled(self) -> bool:
        """Whether a line is drawn at a cell of it."""
        return any(area.cell.is_ruled for area in (*self.areas, *self.reaching))


def sheets_to_blocks(sheets: Sequence[ShownSheet]) -> tuple[FlowBlock, ...]:
    """Return the sheets one after the other; of several each begins with its name, if somebody named it."""
    shown = [sheet for sheet in sheets if sheet.is_shown]
    blocks: list[FlowBlock] = []
    for sheet in shown:
        if len(shown) > 1 and not _UNNAMED.fullmatch(sheet.name.strip()):
            blocks.append(FlowParagraph(sheet.name.strip()))
        blocks += _sheet_to_blocks(sheet)
    return tuple(blocks)


def as_far_as_seen(second: FlowDocument, first: FlowDocument) -> FlowDocument:
    """Return what a reader that knows nothing of what is seen read, as far as a person sees it.

    These are cells that the first reader reads without a doubt, as the same number: as the number that its
    format rounds, too, or as the dash that it shows for a nought. One that is hidden or struck out would make
    a sum right, and be taken for what is printed.
    """
    seen = {
        (table.number, cell.row, cell.col): cell
        for table in first.blocks
        if isinstance(table, FlowTable)
        for cell in table.cells
    }
    tables = (table for table in second.blocks if isinstance(table, FlowTable))
    return replace(second, blocks=tuple(_seen_table(table, seen) for table in tables))


def _seen_table(table: FlowTable, seen: Mapping[tuple[int, int, int], FlowCell]) -> FlowTable:
    """Return those cells of a table that are seen; one that shows another number has no text to be read.

    It is not left empty: a blank counts as 0, and would make sums right as well.
    """
    cells = []
    for cell in table.cells:
        first = seen.get((table.number, cell.row, cell.col))
        if first:
            text = first.text if _shows(first, _first_number(cell.text)) else UNSURE
            is_same = not first.doubt and _first_number(first.text) == _first_number(cell.text)
            cells.append(cell if is_same else cell._replace(text=text))
    return table._replace(cells=tuple(cells))


def _shows(cell: FlowCell, stored: float | None) -> bool:
    """Whether a cell shows a stored number rounded, or a nought as nothing or as a word."""
    if cell.doubt or stored is None:
        return False
    found = _NUMBER.search(cell.text)
    if not found:
        return not stored
    half = 10.0 ** -len((found[1] or ".")[1:]) / 2
    return abs(float(found[0].replace(",", "")) - stored) <= half * (1 + _ROUNDING_MAX_ERROR_SHARE)


def _first_number(text: str) -> float | None:
    """Return the first number that a text has in digits, without its sign; None where it has none."""
    found = _NUMBER.search(text)
    return float(found[0].replace(",", "")) if found else None


def require_few_cells(count: int) -> None:
    """Raise UnreadableError if a workbook has more cells than a report can have."""
    if count > SHEET_CELLS_MAX:
        raise UnreadableError(Reason.UNOPENED, TOO_MANY_CELLS)


def _sheet_to_blocks(sheet: ShownSheet) -> Iterator[FlowBlock]:
    """Yield the paragraphs and tables of a sheet, from its top."""
    rows = _rows(_areas(sheet))
    body = _body_size(sheet)
    notes = dict(sheet.notes)
    for run in _runs(rows):
        yield from _notes_before(run[0].number, notes)
        yield from _table_or_prose(run, sheet, body)
    yield from _notes_before(None, notes)


def _notes_before(
    row: int | None, notes: dict[int, Sequence[str | FlowPicture]]
) -> Iterator[FlowParagraph | FlowPicture]:
    """Yield the notes that begin above or in a row, all where it is None, each once."""
    for at in sorted(at for at in notes if row is None or at <= row):
        for note in notes.pop(at):
            yield FlowParagraph(note) if isinstance(note, str) else note


def _body_size(sheet: ShownSheet) -> float:
    """Return the size in points in which most characters of the sheet are set, 0 where none is known."""
    sizes: Counter[float] = Counter()
    for cell in sheet.cells.values():
        if cell.size:
            sizes[cell.size] += len(cell.text.strip())
    return sizes.most_common(1)[0][0] if sizes else 0.0


# -------------------------------------------------------------- cells → areas


def _areas(sheet: ShownSheet) -> list[_Area]:
    """Return what is one cell to a person, and is not hidden, in reading order."""
    covered: set[tuple[int, int]] = set()
    spread: dict[tuple[int, int], int] = {}
    areas = []
    merged = 0
    last_row = max((row for row, _ in sheet.cells), default=-1)
    last_col = max((col for _, col in sheet.cells), default=-1)
    for first_row, first_col, end_row, end_col in sheet.merged:
        within_rows = range(first_row, min(end_row, last_row) + 1)
        within_cols = range(first_col, min(end_col, last_col) + 1)
        merged += len(within_rows) * len(within_cols)
        require_few_cells(merged)
        places = {(row, col) for row in within_rows for col in within_cols}
        if covered & places:
            continue  # no program shows two ranges over each other
        covered |= places
        rows = [row for row in within_rows if row not in sheet.hidden_rows]
        cols = [col for col in within_cols if col not in sheet.hidden_cols]
        if rows and cols:
            areas.append(_merged_area(sheet, rows, cols, (first_row, first_col), places))
    for place, cell in sheet.cells.items():
        if cell.spreads and cell.text and place not in covered:
            behind = _spread_places(sheet, place, covered)
            covered.update(behind)
            spread[place] = len(behind)
    for (row, col), cell in sheet.cells.items():
        if (row, col) not in covered and row not in sheet.hidden_rows and col not in sheet.hidden_cols:
            areas.append(_Area(row, col, 1, 1 + spread.get((row, col), 0), cell))
    return sorted(areas, key=lambda area: area[:2])


def _spread_places(
    sheet: ShownSheet, place: tuple[int, int], covered: Collection[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the empty cells behind one, over which its text is spread."""
    row, col = place
    places: list[tuple[int, int]] = []
    for behind in itertools.count(col + 1):
        cell = sheet.cells.get((row, behind))
        if cell is None or not cell.spreads or cell.text or (row, behind) in covered:
            return places
        places.append((row, behind))
    return places


def _merged_area(
    sheet: ShownSheet,
    rows: Sequence[int],
    cols: Sequence[int],
    first: tuple[int, int],
    places: Collection[tuple[int, int]],
) -> _Area:
    """Return a merged range, of which these rows and columns are shown: it shows what its first cell has."""
    cell = sheet.cells.get(first, SheetCell(""))
    is_ruled = any(place in sheet.cells and sheet.cells[place].is_ruled for place in places)
    row_span, col_span = rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1
    return _Area(rows[0], cols[0], row_span, col_span, cell._replace(is_ruled=is_ruled))


def _rows(areas: Sequence[_Area]) -> list[_Row]:
    """Return the rows in which an area begins, or into which one reaches, from the top."""
    begin: dict[int, list[_Area]] = {}
    reach: dict[int, list[_Area]] = {}
    for area in areas:
        begin.setdefault(area.row, []).append(area)
        for row in range(area.row + 1, area.row + area.row_span):
            reach.setdefault(row, []).append(area)
    return [_Row(row, begin.get(row, []), reach.get(row, [])) for row in sorted({*begin, *reach})]


# --------------------------------------------------------------- rows → blocks


def _runs(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Yield the rows in runs: the rows of a table together, each other row alone."""
    several = [row for row in rows if len(row.filled) > 1]
    ruled = sum(row.is_ruled for row in several)
    is_ruled = bool(several) and ruled >= RULED_ROWS_MIN_SHARE * len(several)
    run: list[_Row] = []
    for row in rows:
        is_next = bool(run) and row.number == run[-1].number + 1
        if _is_of_table(row, is_ruled=is_ruled, is_within=is_next):
            if run and not is_next and not _reaches_over(run[-1], row):
                yield run
                run = []
            run.append(row)
        elif row.filled:
            yield from _parted(run, is_headed=is_next and not is_ruled)
            yield [row]
            run = []
    if run:
        yield run


def _parted(run: list[_Row], *, is_headed: bool) -> Iterator[list[_Row]]:
    """Yield a run of rows above a sentence; `is_headed`: lone texts at its end are its headings.

    One is its heading in any case, further ones where they are wider than a column: a label without numbers
    is not.
    """
    kept = len(run)
    while is_headed and kept and _is_lone(run[kept - 1]):
        if kept < len(run) and run[kept - 1].filled[0].col_span == 1:
            break
        kept -= 1
    if kept:
        yield run[:kept]
    for row in run[kept:]:
        yield [row]


def _is_lone(row: _Row) -> bool:
    """Whether a row shows one text, and none reaches into it."""
    return len(row.filled) == 1 and not row.reaching


def _reaches_over(above: _Row, below: _Row) -> bool:
    """Whether a merged cell of the upper row reaches into the lower one, over hidden rows between."""
    return any(area in above.areas or area in above.reaching for area in below.reaching)


def _is_of_table(row: _Row, *, is_ruled: bool, is_within: bool) -> bool:
    """Whether a row is one of a table; in a sheet with rulings a ruled one, else one in several columns.

    Without rulings the row of a label whose numbers are blank has one text, and no sentence: it is one if it
    stands within.
    """
    if is_ruled:
        return row.is_ruled
    if _is_lone(row):
        return is_within and not row.filled[0].cell.text.rstrip().endswith(_SENTENCE_END)
    return bool(row.filled) or bool(row.reaching)


def _table_or_prose(run: Sequence[_Row], sheet: ShownSheet, body: float) -> Iterator[FlowBlock]:
    """Yield a run of rows: lone texts above and below the table as paragraphs, and the table."""
    left = min((area.col for row in run for area in row.filled), default=0)
    right = max((area.end for row in run for area in row.filled), default=0)
    first = next((at for at, row in enumerate(run) if not _is_above(row)), len(run))
    behind = next((at for at in range(len(run), first, -1) if not _is_below(run[at - 1], left, right)), first)
    for row in run[:first]:
        yield from _paragraphs(row, body)
    if behind > first:
        yield _table([area for row in run[first:behind] for area in row.areas], sheet)
    for row in run[behind:]:
        yield from _paragraphs(row, body)


def _is_above(row: _Row) -> bool:
    """Whether a row over a table is none of it: it shows one text at most. A header has several."""
    return not row.reaching and len(row.filled) < 2 and all(area.row_span == 1 for area in row.filled)


def _is_below(row: _Row, left: int, right: int) -> bool:
    """Whether a row under a table is none of it: it shows nothing, or one text in its whole width."""
    if row.reaching or len(row.filled) > 1:
        return False
    if not row.filled:
        return True
    (only,) = row.filled
    is_wide = only.col <= left and only.end >= right
    return is_wide or (row.is_ruled and not any(area.cell.is_ruled for area in row.areas if area is not only))


def _paragraphs(row: _Row, body: float) -> Iterator[FlowParagraph]:
    """Yield each text of a row, and each of its lines, as a paragraph."""
    for area in row.filled:
        scale = area.cell.size / body if body and area.cell.size else BODY_SCALE
        for line in area.cell.text.splitlines():
            if line.strip():
                yield FlowParagraph(line.strip(), scale)


def _table(areas: Sequence[_Area], sheet: ShownSheet) -> FlowTable:
    """Return the areas as a table, with a cell in each place of its columns that none covers."""
    filled = [area for area in areas if area.cell.text.strip()]
    left, right = min(area.col for area in filled), max(area.end for area in filled)
    kept = [area for area in areas if area.col < right and area.end > left]
    rows = sorted({area.row for area in kept})
    require_few_cells(len(rows) * (right - left))
    taken = {
        (row, col)
        for area in kept
        for row in range(area.row, area.row + area.row_span)
        for col in range(area.col, area.end)
    }
    empty = [
        _Area(row, col, 1, 1, SheetCell(""))
        for row in rows
        for col in range(left, right)
        if (row, col) not in taken and col not in sheet.hidden_cols
    ]
    cells = tuple(
        FlowCell(a.row, a.col, a.row_span, a.col_span, a.cell.text, a.cell.doubt)
        for a in sorted((*kept, *empty), key=lambda area: area[:2])
    )
    edges = tuple(_COLUMN_WIDTH * col for col in range(right + 1))
    return FlowTable(sheet.number, cells, edges, sheet.name)
