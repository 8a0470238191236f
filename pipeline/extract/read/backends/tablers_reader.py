"""The first reader: tablers, which is Rust with pdfium inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import tablers

from pipeline.extract.read.backends.origins import Origin, file_to_origins
from pipeline.extract.read.glyphs import (
    SYMBOL_DIGITS,
    UNNAMED,
    WATERMARK_MIN_SLANT,
    boxes_of_dropped,
    chars_to_runs,
    drop_watermark,
    join_vertical_runs,
    trim_heights,
)
from pipeline.extract.read.grid import PageContent
from pipeline.extract.read.orientation import PageOrientation, turn
from pipeline.records import Box, Corners

RECTANGLE_CELL_SETTINGS = {"vertical_strategy": "lines", "horizontal_strategy": "lines"}
"""Settings of tablers for cells that are drawn as one rectangle each, which it otherwise overlooks."""

Printed = tuple[str, Corners, int]
"""A character, its box, and the clockwise quarter turns that bring it upright for reading."""

ToReading = Callable[[Corners], Corners]
"""Turns a box of tablers for reading."""


def file_to_pages(path: Path, password: str | None, pages: Iterable[int] | None) -> Iterator[PageContent]:
    """Yield every page, or those with the numbers (from 1) in `pages`.

    Raises whatever tablers raises on a broken file.
    """
    origins = file_to_origins(path, password)
    with tablers.Document(path, password=password) as document:
        numbers = range(1, document.page_count + 1) if pages is None else sorted(pages)
        for number in numbers:
            yield _page(number, document.doc.get_page(number - 1), origins.get(number, (0.0, 0.0)))


def _page(number: int, page: tablers.Pyo3Page, origin: Origin) -> PageContent:
    """Turn a page of tablers for reading, and drop watermarks."""
    page.extract_objects()
    objects = page.objects
    chars = objects.chars if objects else []
    quarters = _main_quarter(chars)
    rotation = round(page.rotation_degrees / 90)
    plain = origin == (0.0, 0.0) and not quarters
    stored = (page.height, page.width) if rotation % 2 else (page.width, page.height)

    def place(box: Corners) -> Corners:
        """Turn a box for reading; tablers measures on the page as stored, not as displayed."""
        if plain:
            return box
        if origin != (0.0, 0.0):
            x0, top, x1, bottom = box
            box = (x0 - origin[0], top + origin[1], x1 - origin[0], bottom + origin[1])
        return turn(Box(*box), -quarters, *stored) if quarters else box

    def ruled() -> list[list[Box]]:
        """Return the boxes of the cells of each table, turned for reading."""
        tables = tablers.find_tables(page, extract_text=False)
        if not tables and any(rect.is_stroked for rect in (objects.rects if objects else ())):
            tables = tablers.find_tables(page, extract_text=False, **RECTANGLE_CELL_SETTINGS)
        return [[Box(*place(cell.bbox)) for cell in table.cells] for table in tables]

    def shapes() -> list[Box]:
        """Return the bounding boxes of all lines and rectangles."""
        if objects is None:
            return []
        lines = [_points_to_box(line.points) for line in objects.lines if line.line_type != "curve"]
        return [Box(*place(box)) for box in (*lines, *(rect.bbox for rect in objects.rects))]

    orientation = PageOrientation(page.width, page.height, (-quarters - rotation) % 4)
    slanted: list[Corners] = []
    printed = _chars(chars, quarters, None if plain else place, slanted)
    whole = join_vertical_runs(trim_heights(chars_to_runs(printed)))
    kept = drop_watermark(whole)
    return PageContent(number, orientation, kept, ruled, shapes, slanted + boxes_of_dropped(whole, kept))


def _chars(
    chars: Iterable[tablers.tablers.Char], quarters: int, place: ToReading | None, slanted: list[Corners]
) -> Iterator[Printed]:
    """Yield the printed characters. White space is told by the gaps.

    Those that slant are a watermark: their boxes are added to `slanted`.

    `place` is None where no box needs turning, as on most pages: they have thousands of boxes.
    """
    for char in chars:
        text = char.unicode_char
        if not text or (text < " " and _has_shape(char)):
            text = UNNAMED  # what the file leaves unnamed must not look like nothing
        elif text.isspace():
            continue
        else:
            text = SYMBOL_DIGITS.get(text, text)
        turned = 0 if char.upright and not quarters else _turn(char, quarters)
        box = place(char.bbox) if place else char.bbox
        if turned is None:
            slanted.append(box)
        else:
            yield text, box, turned


def _turn(char: tablers.tablers.Char, quarters: int) -> int | None:
    """Return the clockwise quarter turns that bring a character upright for reading; None if it slants."""
    slant = abs((char.rotation_degrees + 45) % 90 - 45)
    return (quarters - _quarter(char)) % 4 if slant < WATERMARK_MIN_SLANT else None


def _points_to_box(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Return the bounding box of the points of a line."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _main_quarter(chars: Sequence[tablers.tablers.Char]) -> int:
    """Return the clockwise quarter turns by which most printed characters of a page are turned."""
    sideways = Counter(_quarter(char) for char in chars if not char.upright)
    if not sideways:
        return 0
    printed = sum(not (char.unicode_char or UNNAMED).isspace() for char in chars)
    quarter, count = sideways.most_common(1)[0]
    return quarter if count > printed / 2 else 0


def _has_shape(char: tablers.tablers.Char) -> bool:
    """Whether a control character was printed; those that pdfium adds at line ends have no width."""
    x0, _, x1, _ = char.bbox
    return bool(x1 > x0)


def _quarter(char: tablers.tablers.Char) -> int:
    """Return the clockwise quarter turns by which a character is turned."""
    return int(round(char.rotation_degrees / 90) % 4)
