"""A report and its PDF → a picture of the pages, with what was read in each cell below it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.inspection.bands import PlacedCell, font, page_with_bands
from pipeline.inspection.shown_page import (
    FAILED_SUM,
    FAILED_SUM_COLOUR,
    STATUS_COLOURS,
    CellKeys,
    Pixels,
    cell_to_colour,
    cells_to_turn,
    failed_sum_cells,
    file_to_pdf,
    page_to_part,
    pixels_to_orientation,
    turned_upright,
)
from pipeline.records import Observation, Report

if TYPE_CHECKING:
    from PIL.Image import Image

_PAGE_MAX_SIDE = 4000
"""Pixels. The longer side of a page has no more: page sizes of millions of points exist."""

_PAGES_MAX_PIXELS = 100_000_000
"""Pixels of all pages together, as many as 22 of A4 at the largest scale have: all stand in memory."""

_PNG_MAX_BYTES = 30 << 20
"""Bytes. A worker may send 32 MB; a larger picture, as of noisy scans, is made smaller."""

_MIN_SCALE, _MAX_SCALE = 2.0, 3.0
"""Pixels a point. A page is drawn no smaller and no larger, unless its size asks for less."""

_WIDEST_COLUMN_KEY = 95
"""Pixels that `natural_person` takes in small print."""

_LEGEND_FONT_SIZE = 17
"""Pixels. The size of the font of the legend."""

_LEGEND_HEIGHT = 60
"""Pixels. The height of the legend."""

_NOTE = (
    "the pale bands are no part of the page: they say what was read right above, and as which column and item"
)


def report_to_picture(report: Report, file: Path, passwords: tuple[str, ...] = ()) -> Image:
    """Return the pages that hold cells, one below the other, each cell in the colour of its status.

    The pages are as a viewer shows them, and turned so that their tables stand upright. Below each printed
    row a band says what was read in each cell, and as which column; the item is at the left of the band, or
    in its last line if a printed row holds several items.
    """
    from PIL import Image

    cells = report.observations
    summed = failed_sum_cells(report)
    with file_to_pdf(file, passwords) as pdf:
        pages = {number: pdf[number - 1] for number in sorted({cell.page for cell in cells} or {1})}
        scale = _scale([page.get_size() for page in pages.values()], cells)
        pictures = [
            _page_to_pixels(page, [cell for cell in cells if cell.page == number], summed, scale)
            for number, page in pages.items()
        ]
    return Image.fromarray(_stack([np.asarray(_legend(report, summed)), *pictures]))


def report_to_png(file: Path, report: Report, passwords: tuple[str, ...] = ()) -> bytes:
    """Return that picture as the bytes of a PNG file."""
    picture = report_to_picture(report, file, passwords)
    while len(png := _to_png(picture)) > _PNG_MAX_BYTES:
        picture = picture.reduce(2)
    return png


def _to_png(picture: Image) -> bytes:
    png = io.BytesIO()
    picture.save(png, format="PNG")
    return png.getvalue()


def _page_to_pixels(page: Any, cells: Sequence[Observation], summed: CellKeys, scale: float) -> Pixels:
    """Return one page, turned upright, with its cells framed and a band below each printed row."""
    part = page_to_part(page, scale)
    turn = cells_to_turn(cells)
    orientation = pixels_to_orientation(part.pixels, turn)
    placed = [
        PlacedCell(cell, orientation.to_reading(part.to_pixels(cell.box)), *cell_to_colour(cell, summed))
        for cell in cells
    ]
    return page_with_bands(turned_upright(part.pixels, turn), placed)


def _scale(sizes: Sequence[tuple[float, float]], cells: Sequence[Observation]) -> float:
    """Return pixels a point: enough for the column keys in the narrowest cell, within the limit of
    memory."""
    sides = (min(cell.box.x1 - cell.box.x0, cell.box.bottom - cell.box.top) for cell in cells)
    wanted = min(
        max(_WIDEST_COLUMN_KEY / max(min(sides, default=_WIDEST_COLUMN_KEY), 1.0), _MIN_SCALE), _MAX_SCALE
    )
    all_pages = sqrt(_PAGES_MAX_PIXELS / sum(width * height for width, height in sizes))
    return min(wanted, all_pages, _PAGE_MAX_SIDE / max(side for size in sizes for side in size))


def _legend(report: Report, summed: CellKeys) -> Image:
    """Return a strip with the report's status, a count of cells by status, and what the bands are."""
    from PIL import Image, ImageDraw

    counts = Counter(cell.status for cell in report.observations)
    entries = [(f"{status} {counts[status]}", colour) for status, colour in STATUS_COLOURS.items()]
    entries.append((f"{FAILED_SUM} {len(summed)}", FAILED_SUM_COLOUR))
    title = f"{report.report_id}  {report.status}"
    small = font(_LEGEND_FONT_SIZE)
    starts, left = [], 6.0 + small.getlength(title) + 40
    for text, _ in entries:
        starts.append(left)
        left += 22 + small.getlength(text) + 24
    picture = Image.new("RGB", (round(left), _LEGEND_HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((6, 8), title, font=small, fill="black")
    draw.text((6, 34), _NOTE, font=small, fill="black")
    for (text, colour), start in zip(entries, starts, strict=True):
        draw.rectangle((start, 10, start + 16, 26), fill=colour)
        draw.text((start + 22, 8), text, font=small, fill=colour)
    return picture


def _stack(parts: Sequence[Pixels]) -> Pixels:
    """Return the pictures one below the other."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate(
        [np.pad(part, ((0, 0), (0, width - part.shape[1]), (0, 0)), constant_values=255) for part in parts]
    )
