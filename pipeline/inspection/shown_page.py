"""Draw pages for the eye: in colour, with form fields and notes, and turned so that tables stand upright."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import Box, Observation, Report
from pipeline.tables.dictionary import keys

Pixels = npt.NDArray[np.uint8]
"""A picture: its rows from the top, in each its pixels from the left, in each red, green and blue."""

Colour = tuple[int, int, int]

STATUS_COLOURS: dict[str, Colour] = {
    "ok": (0, 130, 60),
    "blank": (120, 120, 120),
    "not_applicable": (0, 120, 170),
    "corrected": (60, 60, 220),
    "suspect": (220, 0, 0),
    "unreadable": (190, 0, 190),
}

FAILED_SUM = "in a failed sum"
FAILED_SUM_COLOUR: Colour = (190, 95, 0)

CellKeys = frozenset[tuple[str, str, str]]
"""Table, item and column of cells."""

_ACROSS_TURNS = {(1, 0): 0, (0, -1): 1, (-1, 0): 2, (0, 1): 3}
"""The clockwise quarter turns of a page, by the direction in which the columns of its form follow there."""

_DOWN_TURNS = {(0, 1): 0, (1, 0): 1, (0, -1): 2, (-1, 0): 3}
"""The same by the direction in which the rows of its form follow."""


class ShownPart(NamedTuple):
    """A part of a page, drawn: where its corner is in points as displayed, and its pixels a point."""

    pixels: Pixels
    x0: float
    top: float
    scale: float

    def to_pixels(self, box: Box) -> Box:
        """Return a box of the page, in points as displayed, in pixels of this part."""
        x0, top, x1, bottom = box
        return Box(
            *((x0 - self.x0) * self.scale, (top - self.top) * self.scale),
            *((x1 - self.x0) * self.scale, (bottom - self.top) * self.scale),
        )


def failed_sum_cells(report: Report) -> CellKeys:
    """Return the cells that failed sums add up."""
    failed = (check for check in report.checks if check.verdict == "fail")
    return frozenset((check.table, *cell) for check in failed for cell in check.cells)


def cell_to_colour(cell: Observation, summed: CellKeys) -> tuple[Colour, bool]:
    """Return the colour of what is said of a cell, and whether it stands out; `summed` are in failed sums."""
    stands_out = cell.status in ("suspect", "unreadable", "corrected")
    if not stands_out and (cell.table, cell.item, cell.column) in summed:
        return FAILED_SUM_COLOUR, True
    return STATUS_COLOURS[cell.status], stands_out


def file_to_pdf(file: Path, passwords: tuple[str, ...]) -> Any:
    """Return the PDF, opened with no password, an empty one, or one of these, and with its form fields.

    It has to be closed. Raises pypdfium2.PdfiumError.
    """
    import pypdfium2

    for password in (None, "", *passwords):
        try:
            pdf = pypdfium2.PdfDocument(file, password=password)
        except pypdfium2.PdfiumError as error:
            reason = error
        else:
            pdf.init_forms()
            return pdf
    raise reason


def page_to_part(page: Any, scale: float, box: Box | None = None) -> ShownPart:
    """Draw a page, or this part of it, as a viewer shows it: with form fields and notes.

    `box` is in whole points and within the page.
    """
    width, height = page.get_size()
    x0, top, x1, bottom = box or Box(0, 0, width, height)
    drawn = page.render(scale=scale, crop=(x0, height - bottom, width - x1, top))
    return ShownPart(np.array(drawn.to_pil().convert("RGB")), x0, top, scale)


def frame(pixels: Pixels, box: Box, colour: Colour, width: int) -> None:
    """Draw a frame around a box (pixels). It darkens what it crosses, so that no print is hidden."""
    x0, top, x1, bottom = (round(edge) for edge in box)
    left, upper = max(x0 - width, 0), max(top - width, 0)
    right, lower = max(x1 + width, 0), max(bottom + width, 0)
    sides = (
        *(
            (slice(upper, max(top, 0)), slice(left, right)),
            (slice(max(bottom, 0), lower), slice(left, right)),
        ),
        *((slice(upper, lower), slice(left, max(x0, 0))), (slice(upper, lower), slice(max(x1, 0), right))),
    )
    for side in sides:
        pixels[side] = np.minimum(pixels[side], np.array(colour, np.uint8))


def turned_upright(pixels: Pixels, turn: int) -> Pixels:
    """Return a picture turned clockwise by so many quarter turns."""
    return np.rot90(pixels, -turn)


def pixels_to_orientation(pixels: Pixels, turn: int) -> PageOrientation:
    """Return how boxes of a picture (pixels) are turned with it."""
    height, width = pixels.shape[:2]
    return PageOrientation(width, height, turn)


def cells_to_turn(cells: Sequence[Observation]) -> int:
    """Return the clockwise quarter turns after which the tables of a page can be read.

    The rows and columns of the form say it, by the direction in which most of them follow on the page.
    """
    votes = Counter(_votes(cells))
    return max(votes, key=lambda turn: (votes[turn], -turn)) if votes else 0


def _votes(cells: Sequence[Observation]) -> Iterator[int]:
    """Yield a turn for each two cells that follow in a row or in a column of the form."""
    for table in dict.fromkeys(cell.table for cell in cells):
        own = [cell for cell in cells if cell.table == table]
        rows, columns = list(keys(table, "row")), list(keys(table, "column"))
        own.sort(key=lambda cell: (rows.index(cell.item), columns.index(cell.column)))
        yield from (_ACROSS_TURNS[way] for way in _ways(own, "item"))
        own.sort(key=lambda cell: (columns.index(cell.column), rows.index(cell.item)))
        yield from (_DOWN_TURNS[way] for way in _ways(own, "column"))


def _ways(cells: Iterable[Observation], shared: str) -> Iterator[tuple[int, int]]:
    """Yield the direction from each cell to the next that shares its row or its column."""
    for one, two in pairwise(cells):
        if getattr(one, shared) == getattr(two, shared):
            across = two.box.x0 + two.box.x1 - one.box.x0 - one.box.x1
            down = two.box.top + two.box.bottom - one.box.top - one.box.bottom
            if abs(across) != abs(down):
                yield (_sign(across), 0) if abs(across) > abs(down) else (0, _sign(down))


def _sign(length: float) -> int:
    return 1 if length > 0 else -1
