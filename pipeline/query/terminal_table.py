"""The answer to a query as a table on the terminal; what is printed cannot steer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class TerminalTable:
    """What of an answer is shown on the terminal: the first of `count` rows, numbers to the right."""

    names: list[str]
    right: list[bool]
    rows: list[list[str]]
    count: int


def print_terminal_table(console: Console, grid: TerminalTable) -> None:
    """The first rows as a table, and how many there are if not all are shown."""
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
