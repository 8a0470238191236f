"""Reports as spreadsheets: all of one on a sheet, or a sheet for each of its tables."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.drawing.image import Image as SheetPicture
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tools.generator.render import Text

from .cells import Cell, table_to_rows
from .content import Content, Flowing, Picture, block_to_tables
from .packages import package_to_parts, parts_to_package

WIDTH = 12
"""Characters. The width of a column."""

ROW_HEIGHT = 15.0
"""Points. The height of a row of which nothing else is said."""

PIXEL = 0.75
"""Points. The unit in which the sizes of pictures are told."""

WRITTEN = datetime(2024, 1, 1)
LINE = Side(style="thin")
FRAME = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)

SHEETS: Mapping[str, str] = {
    "active_disclosure": "主动公开",
    "applications": "依申请公开",
    "review_litigation": "复议诉讼",
    "statistics": "统计表",
}
"""Names of sheets by that of the table on them."""

ARRANGEMENTS = ("one sheet", "a sheet a table")


class Place(NamedTuple):
    """Where a cell of the form stands: its sheet, its row and column from 1, and its name."""

    sheet: Worksheet
    row: int
    col: int
    cell: tuple[str, str, str]


SheetChange = Callable[[Workbook, Mapping[tuple[str, str, str], Place]], None]


def unchanged(book: Workbook, places: Mapping[tuple[str, str, str], Place]) -> None:
    """Leave a workbook as it is."""


def content_to_xlsx(content: Content, change: SheetChange = unchanged, arrangement: str = "") -> bytes:
    """Return the file of a report, arranged in one of ARRANGEMENTS or by chance.

    `change` changes the workbook, given the places of the form's number cells.
    """
    chance = content.chance("xlsx")
    chosen = arrangement or chance.choice(ARRANGEMENTS)
    as_numbers = chance.random() < 0.8
    book = Workbook()
    book.remove(book.active)
    places: dict[tuple[str, str, str], Place] = {}
    for name, blocks in _sheets(content, chosen):
        sheet = book.create_sheet(name)
        _fill(sheet, blocks, content, places, as_numbers=as_numbers)
    change(book, places)
    book.properties.title, book.properties.creator = content.name, content.agency
    book.properties.created = book.properties.modified = WRITTEN
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook, with the date of WRITTEN."""
    kept = io.BytesIO()
    book.save(kept)
    parts = package_to_parts(kept.getvalue())
    core = parts["docProps/core.xml"].decode()
    start, end = core.index("<dcterms:modified"), core.index("</dcterms:modified>")
    opened = core[start : core.index(">", start) + 1]
    parts["docProps/core.xml"] = f"{core[:start]}{opened}{WRITTEN.isoformat()}Z{core[end:]}".encode()
    return parts_to_package(parts)


def _sheets(content: Content, arrangement: str) -> Iterator[tuple[str, list[Flowing]]]:
    """Yield the name of each sheet with what stands on it."""
    titles: list[Flowing] = [Text(line, 22.0, "centre", bold=True) for line in content.title]
    if arrangement == "one sheet":
        yield "Sheet1", [*titles, *content.blocks]
        return
    texts: list[Flowing] = [block for block in content.blocks if isinstance(block, Text | Picture)]
    yield "报告正文", [*titles, *texts]
    for name, group in groupby(content.blocks, _table_name):
        if name:
            yield SHEETS[name], [*titles, *group]


def _table_name(block: Flowing) -> str:
    """Return the name of a block's table; "" of a text."""
    return next((table.layout.table for table in block_to_tables(block)), "")


def _fill(
    sheet: Worksheet,
    blocks: list[Flowing],
    content: Content,
    places: dict[tuple[str, str, str], Place],
    *,
    as_numbers: bool,
) -> None:
    """Write blocks below each other, texts merged over all columns."""
    tables = [table for block in blocks for table in block_to_tables(block)]
    columns = max((len(table.layout.widths) for table in tables), default=8)
    row = 1
    for block in blocks:
        if isinstance(block, Text):
            _write(sheet, row, 1, block.text)
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
            sheet.cell(row, 1).font = Font(bold=block.bold, size=block.size)
            row += 1
        if isinstance(block, Picture):
            shown = SheetPicture(io.BytesIO(block.data))
            shown.width, shown.height = (round(side / PIXEL) for side in (block.width, block.height))
            sheet.add_image(shown, f"A{row}")
            row += math.ceil(block.height / ROW_HEIGHT) + 1
        for table in block_to_tables(block):
            for cell in (cell for cells in table_to_rows(table, content.style) for cell in cells):
                _write_cell(sheet, row, cell, as_numbers=as_numbers)
                if cell.key:
                    name = (table.layout.table, *cell.key)
                    places[name] = Place(sheet, row + cell.row, cell.col + 1, name)
            row += table.layout.rows + 1
    for column in range(1, columns + 1):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTH
    sheet.oddHeader.center.text = content.note


def _write_cell(sheet: Worksheet, top: int, cell: Cell, *, as_numbers: bool) -> None:
    """Write a cell of a table whose first row is `top`."""
    row, col = top + cell.row, cell.col + 1
    text = cell.text if cell.is_number else "\n".join(cell.lines)
    _write(sheet, row, col, _number(text) if cell.is_number and as_numbers else text)
    sheet.cell(row, col).alignment = MIDDLE
    for down in range(cell.row_span):
        for across in range(cell.col_span):
            sheet.cell(row + down, col + across).border = FRAME
    if cell.row_span > 1 or cell.col_span > 1:
        sheet.merge_cells(
            start_row=row,
            end_row=row + cell.row_span - 1,
            start_column=col,
            end_column=col + cell.col_span - 1,
        )


def _write(sheet: Worksheet, row: int, col: int, value: Any) -> None:
    """Write a value; a text that begins with an equals sign is no formula."""
    cell = sheet.cell(row, col)
    cell.value = value if value != "" else None
    if isinstance(value, str) and value:
        cell.data_type = "s"


def _number(text: str) -> str | int | float:
    """Return the number that a text is as a spreadsheet shows it; else the text."""
    try:
        number = float(text)
    except ValueError:
        return text
    shown = int(number) if number == int(number) else number
    return shown if str(shown) == text else text
