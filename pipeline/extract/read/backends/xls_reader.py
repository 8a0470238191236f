"""Read .xls workbooks (BIFF) with xlrd, which gives formats, fonts and what is hidden beside the values."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlrd
from xlrd.compdoc import CompDocError

from pipeline.extract.read.backends.calamine_reader import workbook_to_flow
from pipeline.extract.read.flow.blocks import FlowDocument
from pipeline.extract.read.flow.number_format import known_formats, number_to_shown, text_to_shown
from pipeline.extract.read.flow.set_text import WHITE, Font, Run, SetText, is_symbolic, runs_to_seen
from pipeline.extract.read.flow.sheets import (
    FORMAT_HIDES,
    SheetCell,
    ShownSheet,
    as_far_as_seen,
    require_few_cells,
    sheets_to_blocks,
)
from pipeline.extract.read.unreadable import UnreadableError, error_to_words
from pipeline.records import Reason

READER = "xls"

LOCKED = "it is locked with a password: save it without one"
UNOPENED = "it is cut off, damaged or no workbook ({words}): open it in Excel or WPS and save it as .xlsx"

_OWN_FORMATS_FROM = 164
"""Count. The formats of a file have numbers from this on; the smaller ones are known."""

_FONT_PARTS = 20
"""Count. The height of a font is given in as many parts of a point."""

_HEIGHTS = {1: "superscript", 2: "subscript"}
_NO_FILL = 0
"""Number of the pattern that leaves a cell without ground."""

_ACROSS = 6
"""Number of the alignment that centres a text across cells."""

_ERRORS = (
    xlrd.XLRDError,
    CompDocError,
    struct.error,
    AssertionError,
    IndexError,
    KeyError,
    ValueError,  # with it, what is no text in the file's code page
    TypeError,
    AttributeError,
    OSError,
    OverflowError,
)
"""What xlrd raises for a file that is damaged."""


def file_to_flow(path: Path) -> FlowDocument:
    """Return the sheets of a workbook that are shown. Raises UnreadableError."""
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:  # it writes its warnings to stdout
            book = xlrd.open_workbook(str(path), formatting_info=True, ragged_rows=True, logfile=nowhere)
        sheets = [
            _read_sheet(book, sheet, number)
            for number, sheet in enumerate(book.sheets(), 1)
            if sheet.visibility == 0
        ]
    except _ERRORS as error:
        words = error_to_words(error)
        if "encrypted" in words.lower() or "password" in words.lower():
            raise UnreadableError(Reason.LOCKED, LOCKED) from error
        raise UnreadableError(Reason.UNOPENED, UNOPENED.format(words=words)) from error
    return FlowDocument(READER, sheets_to_blocks(sheets))


def file_to_second_flow(path: Path) -> FlowDocument:
    """Return what another library reads of the cells that are seen. Raises UnreadableError."""
    return as_far_as_seen(workbook_to_flow(path), file_to_flow(path))


def _read_sheet(book: Any, sheet: Any, number: int) -> ShownSheet:
    """Return a sheet with what its cells show."""
    cells: dict[tuple[int, int], SheetCell] = {}
    for row, col in _places(sheet):
        shown = _cell(book, sheet, row, col)
        if shown.is_shown:
            cells[row, col] = shown
    merged = [(top, left, end - 1, right - 1) for top, end, left, right in sheet.merged_cells]
    hidden_rows = {row for row, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0}
    hidden_cols = {col for col, info in sheet.colinfo_map.items() if info.hidden or info.width == 0}
    return ShownSheet(sheet.name, number, cells, merged, frozenset(hidden_rows), frozenset(hidden_cols))


def _places(sheet: Any) -> Iterator[tuple[int, int]]:
    """Yield the row and the column of each cell that the file holds."""
    count = 0
    for row in range(sheet.nrows):
        for col in range(sheet.row_len(row)):
            if sheet.cell_type(row, col) != xlrd.XL_CELL_EMPTY:
                count += 1
                require_few_cells(count)
                yield row, col


def _cell(book: Any, sheet: Any, row: int, col: int) -> SheetCell:
    """Return a cell as it is shown."""
    style = book.xf_list[sheet.cell_xf_index(row, col)]
    font = _font(book, style.font_index)
    seen = _seen(book, sheet, (row, col), style, font)
    border = style.border
    sides = (border.left_line_style, border.right_line_style, border.top_line_style, border.bottom_line_style)
    return SheetCell(seen.text, seen.doubt, font.size, any(sides), style.alignment.hor_align == _ACROSS)


def _seen(book: Any, sheet: Any, place: tuple[int, int], style: Any, font: Font) -> SetText:
    """Return the text that is seen in a cell."""
    kind, value = sheet.cell_type(*place), sheet.cell_value(*place)
    code, ground = _code(book, style.format_key), _ground(book, style.background)
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        if not value and not sheet.show_zero_values:
            return SetText("")
        shown = number_to_shown(value, code, since_1904=bool(book.datemode))
        seen = runs_to_seen([Run(shown.text)], font, ground)
        hides = FORMAT_HIDES if value and not shown.text else ""
        return SetText(seen.text, "; ".join(filter(None, (shown.doubt, seen.doubt, hides))))
    return runs_to_seen(_runs(book, sheet, place, code), font, ground)


def _runs(book: Any, sheet: Any, place: tuple[int, int], code: str) -> Sequence[Run]:
    """Return the text of a cell in the fonts in which it is set."""
    kind, value = sheet.cell_type(*place), sheet.cell_value(*place)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return [Run("TRUE" if value else "FALSE")]
    if kind == xlrd.XL_CELL_ERROR:
        return [Run(xlrd.error_text_from_code.get(value, "#?"))]
    if kind != xlrd.XL_CELL_TEXT:
        return []
    begins = sheet.rich_text_runlist_map.get(place, ())
    if not begins:
        return [Run(text_to_shown(value.replace("\r\n", "\n").replace("\r", ""), code))]
    offsets = [0, *(offset for offset, _ in begins), len(value)]
    fonts = [None, *(_font(book, index) for _, index in begins)]
    return [
        Run(value[begin:end], given)
        for given, begin, end in zip(fonts, offsets, offsets[1:], strict=False)
        if end > begin
    ]


def _font(book: Any, index: int) -> Font:
    """Return a font of the file."""
    font = book.font_list[index]
    colour = book.colour_map.get(font.colour_index)
    return Font(
        font.height / _FONT_PARTS,
        _hexadecimal(colour),
        bool(font.struck_out),
        _HEIGHTS.get(font.escapement, ""),
        is_symbolic(font.name),
    )


def _ground(book: Any, background: Any) -> str:
    """Return the colour of the ground of a cell; white where it has none, "?" where it is not known."""
    if background.fill_pattern == _NO_FILL:
        return WHITE
    return _hexadecimal(book.colour_map.get(background.pattern_colour_index)) or "?"


def _hexadecimal(colour: tuple[int, int, int] | None) -> str:
    """Return a colour in six hexadecimal digits, "" where it is not known."""
    return "" if colour is None else bytes(colour).hex().upper()


def _code(book: Any, key: int) -> str:
    """Return the code of a number format by its number."""
    known = known_formats()
    if key < _OWN_FORMATS_FROM and key in known:
        return known[key]
    return str(book.format_map[key].format_str) if key in book.format_map else ""
