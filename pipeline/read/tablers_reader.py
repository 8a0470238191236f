"""The first reader: tablers, Rust with pdfium inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import tablers

from pipeline.read.frame import Frame, turn
from pipeline.read.glyphs import UNNAMED, Glyph, join_vertical_runs, trim_heights
from pipeline.read.grid import Page
from pipeline.records import Box

NAME = "tablers"


def file_to_pages(path: Path, password: str | None, pages: Iterable[int] | None) -> Iterator[Page]:
    """Every page, or those with the numbers in `pages`; raises what tablers raises on a broken file."""
    with tablers.Document(path, password=password) as document:
        numbers = range(1, document.page_count + 1) if pages is None else sorted(pages)
        for number in numbers:
            yield _page(number, document.doc.get_page(number - 1))


def _displayed_size(page: tablers.Pyo3Page) -> tuple[float, float]:
    sideways = round(page.rotation_degrees / 90) % 2
    return (page.height, page.width) if sideways else (page.width, page.height)


def _page(number: int, page: tablers.Pyo3Page) -> Page:
    page.extract_objects()
    objects = page.objects
    chars = objects.chars if objects else []
    quarters = _quarters(chars)
    width, height = page.width, page.height
    shift = height - _displayed_size(page)[1]
    text_turn = -quarters

    def place(box: tuple[float, float, float, float]) -> Box:
        """A box of tablers in the reading frame; it measures y from the height as displayed."""
        x0, top, x1, bottom = box
        return turn(Box(x0, top + shift, x1, bottom + shift), text_turn, width, height)

    glyphs = [
        Glyph(text, *place(char.bbox), (quarters - _quarter(char)) % 4)
        for char in chars
        if (text := _text(char.unicode_char)) and round(char.rotation_degrees) % 90 == 0
    ]
    def ruled() -> list[list[Box]]:
        return [[place(c.bbox) for c in t.cells] for t in tablers.find_tables(page, extract_text=False)]

    def shapes() -> list[Box]:
        if objects is None:
            return []
        lines = [_around(line.points) for line in objects.lines if line.line_type != "curve"]
        return [place(box) for box in (*lines, *(rect.bbox for rect in objects.rects))]

    display = round(page.rotation_degrees / 90)
    frame = Frame(*_displayed_size(page), (text_turn - display) % 4)
    return Page(number, frame, join_vertical_runs(trim_heights(glyphs)), ruled, shapes)


def _around(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _quarters(chars: list[tablers.tablers.Char]) -> int:
    """The quarter turns, clockwise, in which most characters of the page stand."""
    turns = Counter(_quarter(char) for char in chars)
    return turns.most_common(1)[0][0] if turns else 0


def _quarter(char: tablers.tablers.Char) -> int:
    return round(char.rotation_degrees / 90) % 4


def _text(char: str | None) -> str:
    """White space is left to the gaps; what the file leaves unnamed must not look like nothing."""
    if char is None or char == "\x00":
        return UNNAMED
    return "" if char.isspace() else char
