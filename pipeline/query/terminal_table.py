"""The rows of a query as a table on the terminal, safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class TerminalTable:
    """The first of `count` rows as texts; `right` says which columns are aligned right (numbers)."""

    names: list[str]
    right: list[bool]
    rows: list[list[str]]
    count: int


def print_terminal_table(console: Console, grid: TerminalTable) -> None:
    """Print the rows, and how many there are if not all are shown."""
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name, right in zip(grid.names, grid.right, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*map(Text, row))
    console.print(table)
    if grid.count > len(grid.rows):
        console.print(f"the first {len(grid.rows)} of {grid.count:,} rows; --out FILE writes all")
