"""The third reader: camelot. Its parser (playa-pdf) and its search for rulings are its own."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import camelot

from pipeline.records import Box, RawCell, RawTable, bounding_box

NAME = "camelot"

FLAVORS: dict[str, dict[str, str]] = {
    "vector": {"flavor": "lattice", "engine": "vector"},
    "combined": {"flavor": "lattice", "engine": "combined"},
    "hybrid": {"flavor": "hybrid"},
    "network": {"flavor": "network"},
}
"""Settings of camelot by the way of a step: rulings as drawn, rulings in a picture, alignment of text."""

logging.getLogger("camelot").setLevel(logging.ERROR)


def file_to_tables(
    path: Path, password: str | None, pages: Iterable[int], way: str, heights: Sequence[float]
) -> list[RawTable]:
    """Return the tables of `pages` (numbers from 1), found in one of the ways of FLAVORS.

    `heights` are the heights of all pages of the file, in points. Raises whatever camelot raises.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = camelot.read_pdf(
            str(path),
            pages=",".join(map(str, sorted(pages))),
            password=password,
            suppress_stdout=True,
            **FLAVORS[way],
        )
    inferred = FLAVORS[way]["flavor"] != "lattice"
    tables = [_to_raw(table, heights[table.page - 1], inferred) for table in found if table.cells]
    return sorted(tables, key=lambda table: (table.page, table.box.top, table.box.x0))


def _to_raw(table: Any, height: float, inferred: bool) -> RawTable:
    """Join cells between which camelot found no border; their texts follow each other."""
    groups: dict[int, list[tuple[int, int]]] = {}
    for place, root in _roots(table.cells).items():
        groups.setdefault(root, []).append(place)
    cells = [_cell(table.cells, places, height) for places in groups.values()]
    box = bounding_box([cell.box for cell in cells])
    return RawTable(table.page, NAME, tuple(sorted(cells, key=lambda c: (c.row, c.col))), box, inferred)


def _roots(cells: Sequence[Sequence[Any]]) -> dict[tuple[int, int], int]:
    """Return the group of every cell of camelot's grid: cells without a border between them share one."""
    roots = {(r, c): r * len(line) + c for r, line in enumerate(cells) for c in range(len(line))}

    def join(one: tuple[int, int], other: tuple[int, int]) -> None:
        """Give both places one group."""
        old, new = roots[other], roots[one]
        roots.update({place: new for place, root in roots.items() if root == old})

    for r, c in list(roots):
        if (r, c + 1) in roots and not cells[r][c].right and not cells[r][c + 1].left:
            join((r, c), (r, c + 1))
        if (r + 1, c) in roots and not cells[r][c].bottom and not cells[r + 1][c].top:
            join((r, c), (r + 1, c))
    return roots


def _cell(cells: Sequence[Sequence[Any]], places: list[tuple[int, int]], height: float) -> RawCell:
    """Make one cell of those at `places`; camelot measures upwards from the foot of a page of this height."""
    parts = [cells[r][c] for r, c in sorted(places)]
    x0, x1 = min(p.x1 for p in parts), max(p.x2 for p in parts)
    bottom, top = height - min(p.y1 for p in parts), height - max(p.y2 for p in parts)
    rows, cols = [r for r, _ in places], [c for _, c in places]
    return RawCell(
        row=min(rows),
        col=min(cols),
        row_span=max(rows) - min(rows) + 1,
        col_span=max(cols) - min(cols) + 1,
        text="\n".join(text for p in parts if (text := p.text.strip())),
        left=x0,
        right=x1,
        box=Box(x0, top, x1, bottom),
    )
