"""Read workbooks with python-calamine, which shares nothing with the readers that heed how a cell is shown.

It gives the values that are stored, hidden ones too, and knows no formats: 12.5 where a cell shows 12.50万元.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pipeline.extract.read.flow.blocks import FlowCell, FlowDocument, FlowTable
from pipeline.extract.read.unreadable import UnreadableError, error_to_words
from pipeline.records import Reason

READER = "calamine"

UNOPENED = "calamine does not open it ({words}): open it in Excel or WPS and save it anew"

PLACES_MAX = 2_000_000
"""Count. A sheet whose used range has more places is not read: calamine makes a value for each."""

_Value = int | float | str | bool | time | date | datetime | timedelta


def workbook_to_flow(path: Path) -> FlowDocument:
    """Return each sheet that is shown as one table. Raises UnreadableError."""
    try:
        book = CalamineWorkbook.from_path(path)
        blocks = tuple(
            FlowTable(number, cells)
            for number, entry in enumerate(book.sheets_metadata, 1)
            if entry.visible is SheetVisibleEnum.Visible and entry.typ is SheetTypeEnum.WorkSheet
            and (cells := tuple(_cells(book.get_sheet_by_name(entry.name))))
        )  # fmt: skip
    except (CalamineError, OSError, ValueError) as error:
        words = error_to_words(error)
        raise UnreadableError(Reason.UNOPENED, UNOPENED.format(words=words)) from error
    return FlowDocument(READER, blocks)


def _cells(sheet: CalamineSheet) -> Iterator[FlowCell]:
    """Yield the cells of a sheet; a merged one has the text of its first."""
    if sheet.total_height * sheet.total_width > PLACES_MAX:
        raise ValueError(f"its used range has {sheet.total_height} rows and {sheet.total_width} columns")
    rows: Sequence[Sequence[_Value]] = sheet.to_python(skip_empty_area=False)
    width = max(map(len, rows), default=0)
    spans, covered = {}, set()
    for (row, col), (end_row, end_col) in sheet.merged_cell_ranges or ():
        end_row, end_col = min(end_row, len(rows) - 1), min(end_col, width - 1)
        if row <= end_row and col <= end_col:
            spans[row, col] = (end_row - row + 1, end_col - col + 1)
            covered |= {(r, c) for r in range(row, end_row + 1) for c in range(col, end_col + 1)}
    for row, values in enumerate(rows):
        for col, value in enumerate(values):
            if (row, col) in spans or (row, col) not in covered:
                yield FlowCell(row, col, *spans.get((row, col), (1, 1)), _text(value))


def _text(value: _Value) -> str:
    """Return a value as it is written without a format."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    return str(value)
