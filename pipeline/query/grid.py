"""The answer to a query as a table on the terminal; what is printed cannot steer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL = {code: "�" for code in (*range(32), *range(127, 160), *_BIDI) if chr(code) not in "\t\n"}


@dataclass(frozen=True)
class Grid:
    """What of an answer is shown on the terminal: the first of `count` rows, numbers to the right."""

    names: list[str]
    right: list[bool]
    rows: list[list[str]]
    count: int


def print_grid(console: Console, grid: Grid) -> None:
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


def cleaned(text: str) -> str:
    """A text that cannot steer the terminal, whatever a PDF had in it."""
    return text.translate(_CONTROL)
