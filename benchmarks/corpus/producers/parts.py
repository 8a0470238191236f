"""A table cut where its pages end, for programs that keep merged cells and rows whole.

Such a program prints every part as a table of its own: merged cells are cut in two, the lines of a
row that is cut through go to both sides. Lengths are points; heights run downwards from a part's upper edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from tools.generator import Break, Style
from tools.generator.fonts import chunk
from tools.generator.layouts import GridCell
from tools.generator.render import Table, looks_of

PAD = 3.0
LEADING = 1.3
NEAR = 0.01


@dataclass(frozen=True, slots=True)
class Type:
    """How a program sets the text of cells: its lines in a width, and the length of one line."""

    size: float
    to_lines: Callable[[str, float], Sequence[str]]
    to_length: Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a part; `looks` is wrap, stack, pair or rotated, `leading` the height of one of its lines."""

    row: int
    col: int
    row_span: int
    col_span: int
    role: str
    looks: str
    lines: tuple[str, ...]
    leading: float
    from_top: bool

    @property
    def height(self) -> float:
        """What the text takes, with the paper above and below it."""
        return len(self.lines) * self.leading + 2 * PAD


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table that are printed together.

    `heights` are those of the rows, high enough for the text; `header` is how many rows on top are the header
    of the table; `bare` are the row edges (0: the upper one) that a page's end left without a rule.
    """

    cells: tuple[Cell, ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    header: int = 0
    bare: frozenset[int] = frozenset()

    @property
    def height(self) -> float:
        return sum(self.heights)

    @property
    def y_edges(self) -> tuple[float, ...]:
        return tuple(accumulate(self.heights, initial=0.0))

    @property
    def x_edges(self) -> tuple[float, ...]:
        return tuple(accumulate(self.widths, initial=0.0))


# -------------------------------------------------------------- table → part


def table_to_part(table: Table, width: float, style: Style, setting: Type) -> Part:
    """The whole table, its lines broken, its rows as high as their text needs and the style wants."""
    widths = tuple(share * width for share in table.layout.widths)
    cells = tuple(cell_to_print(cell, table, widths, style, setting) for cell in table.layout.cells)
    heights = fit_heights(cells, [style.row_height] * table.layout.rows)
    return Part(cells, widths, heights, table.layout.header_rows)


def cell_to_print(cell: GridCell, table: Table, widths: Sequence[float], style: Style, setting: Type) -> Cell:
    text = table.printed.get(cell.key, "") if cell.key else cell.text
    looks = looks_of(cell, table.layout, style)
    width = sum(widths[cell.col : cell.col + cell.col_span]) - 2 * PAD
    leading = setting.to_length(text) if looks == "rotated" else setting.size * LEADING
    from_top = style.labels == "top" and cell.row_span > 1 and cell.role in ("side", "label")
    lines = break_text(text, looks, width, setting)
    return Cell(cell.row, cell.col, cell.row_span, cell.col_span, cell.role, looks, lines, leading, from_top)


def break_text(text: str, looks: str, width: float, setting: Type) -> tuple[str, ...]:
    if not text:
        return ()
    if looks == "rotated":
        return (text,)
    if looks in ("stack", "pair"):
        return tuple(chunk(text, 1 if looks == "stack" else 2))
    return tuple(setting.to_lines(text, width))


def fit_heights(cells: Iterable[Cell], heights: Sequence[float]) -> tuple[float, ...]:
    """Heights with the last row of a cell made higher where its text would not fit."""
    fitted = list(heights)
    for cell in sorted(cells, key=lambda cell: cell.row_span):
        last = cell.row + cell.row_span
        fitted[last - 1] += max(0.0, cell.height - sum(fitted[cell.row : last]))
    return tuple(fitted)


# -------------------------------------------------------------- part → parts


def planned_parts(part: Part, table: str, style: Style) -> list[Part]:
    """The parts between the planned breaks of this table; each may still be longer than a page."""
    parts = [part]
    breaks = [item for item in style.breaks if item.table == table]
    for planned in sorted(breaks, key=lambda item: (item.row, item.lines), reverse=True):
        y = planned_height(parts[0], planned)
        if NEAR < y < parts[0].height - NEAR:
            parts[:1] = cut_part(parts[0], y, style)
    return parts


def planned_height(part: Part, planned: Break) -> float:
    """The height of a planned break; inside a row that has no more lines, it is the row's end."""
    if planned.lines == 0:
        return part.y_edges[planned.row]
    ends = line_ends(part, planned.row)
    return ends[planned.lines - 1] if planned.lines <= len(ends) else part.y_edges[planned.row + 1]


def page_end(part: Part, room: float, style: Style) -> float | None:
    """The height at which a page with this much room ends: a row edge, or inside a row; None: nothing fits.

    A program that repeats the header prints no header without a row under it.
    """
    if part.height <= room:
        return part.height
    edges, least = part.y_edges, part.header if style.repeat_header else 0
    row = max((row for row, edge in enumerate(edges) if edge <= room), default=0)
    inside = [end for end in line_ends(part, row) if end <= room] if style.cut == "anywhere" else []
    if inside and row >= least:
        return inside[-1]
    return edges[row] if row > least else None


def line_ends(part: Part, row: int) -> list[float]:
    """Heights between the lines of the row's fullest cell, where it may be cut; none if it has one line."""
    cells = [cell for cell in part.cells if (cell.row, cell.row_span) == (row, 1)]
    fullest = max(cells, key=lambda cell: len(cell.lines), default=None)
    if fullest is None:
        return []
    return [text_top(fullest, part) + n * fullest.leading + PAD for n in range(1, len(fullest.lines))]


def text_top(cell: Cell, part: Part) -> float:
    """The height at which the cell's first line begins: in the middle of the cell, or at its top."""
    edges = part.y_edges
    y0, y1 = edges[cell.row], edges[cell.row + cell.row_span]
    return y0 + PAD if cell.from_top else (y0 + y1 - cell.height) / 2 + PAD


def cut_part(part: Part, y: float, style: Style) -> tuple[Part, Part]:
    """What is printed above the height y and what below it, there with the header if the style repeats it."""
    above, below = part_above(part, y, style), part_below(part, y, style)
    if style.repeat_header and part.header <= row_at(part, y):
        below = put_header(part, below)
    return fit(above), fit(below)


def row_at(part: Part, y: float) -> int:
    """The row that the height y is in, or above which it is."""
    return max(row for row, edge in enumerate(part.y_edges) if edge <= y + NEAR)


def part_above(part: Part, y: float, style: Style) -> Part:
    row = row_at(part, y)
    rest = y - part.y_edges[row]
    heights = (*part.heights[:row], rest) if rest > NEAR else part.heights[:row]
    rows = len(heights)
    cells = tuple(
        replace(
            cell,
            row_span=min(cell.row_span, rows - cell.row),
            lines=cell.lines[: lines_above(cell, part, y)],
        )
        for cell in part.cells
        if cell.row < rows
    )
    bare = {edge for edge in part.bare if edge < rows}
    if style.cut_rule in ("no_close", "none"):
        bare.add(rows)
    return Part(cells, part.widths, heights, min(part.header, rows), frozenset(bare))


def part_below(part: Part, y: float, style: Style) -> Part:
    row = row_at(part, y)
    rest = part.y_edges[row + 1] - y
    cells = tuple(
        replace(
            cell,
            row=max(cell.row - row, 0),
            row_span=cell.row_span - max(row - cell.row, 0),
            lines=cell.lines[lines_above(cell, part, y) :],
        )
        for cell in part.cells
        if cell.row + cell.row_span > row
    )
    bare = {edge - row for edge in part.bare if edge > row}
    if style.cut_rule in ("no_open", "none"):
        bare.add(0)
    return Part(cells, part.widths, (rest, *part.heights[row + 1 :]), 0, frozenset(bare))


def lines_above(cell: Cell, part: Part, y: float) -> int:
    """How many lines of the cell end above the height y with the usual paper under them."""
    start = text_top(cell, part)
    return sum(start + n * cell.leading <= y - PAD + NEAR for n in range(1, len(cell.lines) + 1))


def put_header(part: Part, below: Part) -> Part:
    """The lower part with the header, which stands on top of `part`, over it once more."""
    rows = part.header
    header = [cell for cell in part.cells if cell.row < rows]
    moved = [replace(cell, row=cell.row + rows) for cell in below.cells]
    bare = frozenset(edge + rows for edge in below.bare if edge)  # the header is closed by its own rule
    return Part((*header, *moved), part.widths, (*part.heights[:rows], *below.heights), rows, bare)


def fit(part: Part) -> Part:
    return replace(part, heights=fit_heights(part.cells, part.heights))


# ------------------------------------------------------------- part → rulings


Rule = tuple[float, float, float, float]


def part_to_rules(part: Part, style: Style) -> list[Rule]:
    """Every ruling of the part once, as long as it goes, (x0, y0, x1, y1) from its upper left corner."""
    rows, columns = len(part.heights), len(part.widths)
    owner = {place: cell for cell in part.cells for place in places_of(cell)}

    def across(row: int, col: int) -> bool:
        return row not in part.bare and owner.get((row - 1, col)) is not owner.get((row, col))

    def down(row: int, col: int) -> bool:
        return (style.sides or 0 < col < columns) and owner.get((row, col - 1)) is not owner.get((row, col))

    xs, ys = part.x_edges, part.y_edges
    rules = [
        (xs[start], ys[row], xs[end], ys[row])
        for row in range(rows + 1)
        for start, end in runs([across(row, col) for col in range(columns)])
    ]
    rules.extend(
        (xs[col], ys[start], xs[col], ys[end])
        for col in range(columns + 1)
        for start, end in runs([down(row, col) for row in range(rows)])
    )
    return rules


def places_of(cell: Cell) -> list[tuple[int, int]]:
    """The grid places (row, column) that the cell covers."""
    rows, columns = range(cell.row_span), range(cell.col_span)
    return [(cell.row + row, cell.col + col) for row in rows for col in columns]


def runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """(start, end) of each unbroken run of true flags."""
    edges = [place for place, pair in enumerate(pairwise((False, *flags, False))) if pair[0] != pair[1]]
    return list(zip(edges[::2], edges[1::2], strict=True))
