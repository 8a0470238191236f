"""Glyphs, boxes and pages made by hand for the tests of reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from pipeline.extract.read.glyphs import chars_to_runs
from pipeline.extract.read.grid import PageContent
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Glyph, RawTable

SIZE = 10.0
FIGURE = 5.0
"""Widths of a Chinese character and of a digit, in points; both are SIZE high."""


def width_of(char: str) -> float:
    return FIGURE if char.isascii() else SIZE


def word(text: str, x: float, top: float, height: float = SIZE, gap: float = 0.0) -> list[Glyph]:
    """The characters of a text side by side from x on; a blank is a gap without a character."""
    glyphs = []
    for char in text:
        width = width_of(char) * height / SIZE
        if not char.isspace():
            glyphs.append(Glyph(char, x, top, x + width, top + height))
        x += width + gap
    return glyphs


def words(*placed: tuple[str, float, float]) -> list[Glyph]:
    return [glyph for text, x, top in placed for glyph in word(text, x, top)]


def grid_boxes(xs: Sequence[float], ys: Sequence[float]) -> list[Box]:
    """Every slot between these edges as one cell."""
    return [Box(x0, top, x1, bottom) for top, bottom in pairwise(ys) for x0, x1 in pairwise(xs)]


def runs(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """What the readers make of these characters."""
    chars = list(glyphs)
    boxes = np.array([glyph[1:5] for glyph in chars], float)
    return chars_to_runs([glyph.text for glyph in chars], boxes, [glyph.turn for glyph in chars])


def page(glyphs: Iterable[Glyph], frame: PageOrientation | None = None) -> PageContent:
    nothing: Callable[[], list[list[Box]]] = list
    return PageContent(1, frame or PageOrientation(595, 842), runs(glyphs), nothing, list)


def texts(table: RawTable) -> list[list[str]]:
    """The texts of a table, row by row, each cell where it starts."""
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    return [rows[row] for row in sorted(rows)]


def spans(table: RawTable) -> list[tuple[int, int, int, int]]:
    return [(cell.row, cell.col, cell.row_span, cell.col_span) for cell in table.cells]
