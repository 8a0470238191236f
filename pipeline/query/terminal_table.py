"""The rows of a query as a table on the terminal, safe to show; row by row if it is too wide for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

COLUMN_LEAST_WIDTH = 10
"""Count. A column of texts is not folded into fewer characters; a Chinese one counts as two."""

BORDER_WIDTH = 3
"""Count. The blanks and the line beside a column are as many characters."""

SHOWN_RECORDS = 20
"""Count. No more rows are shown one below the other."""


@dataclass(frozen=True)
class TerminalTable:
    """The first of `count` rows as texts; `right` says which columns are aligned right (numbers)."""

    names: list[str]
    right: list[bool]
    rows: list[list[str]]
    count: int


def print_terminal_table(console: Console, grid: TerminalTable) -> None:
    """Print the rows, and how many there are if not all are shown."""
    fits = _least_width(grid) <= console.width
    shown = grid.rows if fits else grid.rows[:SHOWN_RECORDS]
    (_print_table if fits or not shown else _print_records)(console, grid, shown)
    if grid.count > len(shown):
        console.print(f"the first {len(shown)} of {grid.count:,} rows; --out FILE writes all")


def _least_width(grid: TerminalTable) -> int:
    """Return the width below which columns become unreadable: numbers stay whole, texts are folded."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(grid.names, *grid.rows, strict=True)]
    wholes = zip(widths, grid.right, strict=True)
    return 1 + sum(BORDER_WIDTH + (w if right else min(w, COLUMN_LEAST_WIDTH)) for w, right in wholes)


def _print_table(console: Console, grid: TerminalTable, rows: list[list[str]]) -> None:
    """Print a column for each column."""
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name, right in zip(grid.names, grid.right, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _print_records(console: Console, grid: TerminalTable, rows: list[list[str]]) -> None:
    """Print a line for each column, row by row."""
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    for place, row in enumerate(rows, 1):
        lines = Table.grid(padding=(0, 2))
        lines.add_column(max_width=console.width // 2, overflow="fold")
        lines.add_column(overflow="fold")
        for name, value in zip(grid.names, row, strict=True):
            lines.add_row(Text(name), Text(value))
        console.print(Rule(f"row {place} of {grid.count:,}", align="left", style=""), lines)
