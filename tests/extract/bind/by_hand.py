"""Raw tables made from lists of strings, as a person would draw them, and the forms' own tables so drawn."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.bind import raw_to_bound
from pipeline.forms import load_forms
from pipeline.records import BoundCell, BoundTable, Box, Leftover, RawCell, RawTable

LEFT, ABOVE = "<", "^"
"""In a drawing: the slot belongs to the cell left of it, or to the one above."""

Drawing = Sequence[Sequence[str]]


def drawn(
    rows: Drawing,
    page: int = 1,
    top: float = 100.0,
    left: float = 50.0,
    widths: Sequence[float] = (),
    inferred: bool = False,
) -> RawTable:
    """The grid of a drawing: rows 20 points high, columns 60 wide unless `widths` says otherwise."""
    widths = widths or [60.0] * len(rows[0])
    xs = [left + sum(widths[:n]) for n in range(len(widths) + 1)]
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in (LEFT, ABOVE):
                continue
            right = next((n for n in range(c + 1, len(row)) if row[n] != LEFT), len(row))
            below = next((n for n in range(r + 1, len(rows)) if rows[n][c] != ABOVE), len(rows))
            box = Box(xs[c], top + 20 * r, xs[right], top + 20 * below)
            cells.append(RawCell(r, c, below - r, right - c, text, box.x0, box.x1, box))
    return RawTable(page, "pypdfium2", tuple(cells), Box(xs[0], top, xs[-1], top + 20 * len(rows)), inferred)


def bound(*tables: RawTable) -> BoundTable:
    """The one table of a form that these grids make."""
    (table,), _ = raw_to_bound(tables)
    return table


def values(table: BoundTable) -> dict[str, str]:
    """The texts of the cells by item.column."""
    return {f"{cell.item}.{cell.column}": cell.text for cell in table.cells}


def filled(table: BoundTable) -> dict[str, str]:
    return {key: text for key, text in values(table).items() if text}


def cell(table: BoundTable, item: str, column: str) -> BoundCell:
    (found,) = [c for c in table.cells if (c.item, c.column) == (item, column)]
    return found


def over(leftovers: Sequence[Leftover]) -> list[str]:
    return [left.text for left in leftovers]


def printed_rows(form: str, table: str) -> list[str]:
    """The row labels of a form, as it prints them."""
    (found,) = [f for f in load_forms() if (f.form, f.table) == (form, table)]
    return [row.printed for row in found.rows]


APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]

HEADER = [
    ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况", *[LEFT] * 6],
    [ABOVE, "自然人", "法人或其他组织", *[LEFT] * 4, "总计"],
    [ABOVE, ABOVE, *APPLICANTS[1:6], ABOVE],
]


def numbers(row: int) -> list[str]:
    """Seven numbers that no other row has."""
    return [str(100 * row + column) for column in range(1, 8)]


def table_three(form: str, labels: Sequence[str] | None = None) -> list[list[str]]:
    """Table 三 with one label column; each of its numbers occurs once."""
    rows = printed_rows(form, "applications") if labels is None else labels
    return [list(row) for row in HEADER] + [[label, *numbers(n)] for n, label in enumerate(rows, start=1)]
