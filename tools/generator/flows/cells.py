"""The cells of a table row by row, as programs write them that know rows and spans and no points."""

from __future__ import annotations

from typing import NamedTuple

from tools.generator.fonts import chunk
from tools.generator.layouts import GridCell, Key
from tools.generator.render import Style, Table, looks_of


class Cell(NamedTuple):
    """A cell with what stands in it, line by line; rows and columns count from 0."""

    row: int
    col: int
    row_span: int
    col_span: int
    lines: tuple[str, ...]
    role: str
    key: Key | None = None

    @property
    def text(self) -> str:
        """Return its text in one line."""
        return "".join(self.lines)

    @property
    def is_number(self) -> bool:
        """Whether a number stands in it, or could."""
        return self.role.startswith("value")


Rows = tuple[tuple[Cell, ...], ...]
"""Of each row the cells that begin in it, from the left."""


def table_to_rows(table: Table, style: Style) -> Rows:
    """Return the cells of a table; where the layout has none, an empty one."""
    cells = [_cell(cell, table, style) for cell in table.layout.cells]
    cells += _fillers(cells, table.layout.rows, len(table.layout.widths))
    return tuple(
        tuple(sorted((cell for cell in cells if cell.row == row), key=lambda cell: cell.col))
        for row in range(table.layout.rows)
    )


def _cell(cell: GridCell, table: Table, style: Style) -> Cell:
    """Return a cell with its text; narrow ones have a line for each character, as the style says."""
    text = table.printed.get(cell.key, "") if cell.key else cell.text
    looks = looks_of(cell, table.layout, style)
    lines = tuple(chunk(text, 1 if looks == "stack" else 2)) if looks in ("stack", "pair") else (text,)
    return Cell(cell.row, cell.col, cell.row_span, cell.col_span, lines, cell.role, cell.key)


def _fillers(cells: list[Cell], rows: int, columns: int) -> list[Cell]:
    """Return an empty cell for each place that no cell covers."""
    covered = {
        (row, col)
        for cell in cells
        for row in range(cell.row, cell.row + cell.row_span)
        for col in range(cell.col, cell.col + cell.col_span)
    }
    places = ((row, col) for row in range(rows) for col in range(columns))
    return [Cell(row, col, 1, 1, ("",), "empty") for row, col in places if (row, col) not in covered]
