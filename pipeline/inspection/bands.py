"""A drawn page → the same page, opened below each printed row for a band that says what was read there.

The bands are put in, so that nothing of the page is covered, however narrow its cells are and however close
its lines stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from pipeline.inspection.shown_page import Colour, Pixels, frame
from pipeline.inspection.terminal import DOUBT_MARKS, number_to_text
from pipeline.printable import to_printable
from pipeline.records import Box, Observation

KEYS_WIDTH = 300
"""Pixels at the left, for the keys of items."""

_SAME_ROW_MAX_SHARE = 0.5
"""Share of the lower cell's height. Cells whose bottoms differ by no more stand in one printed row."""

_RULING_PIXELS = 5
"""Pixels. So far inside the border of a cell there is no ruling: at three pixels a point they are 3 thick."""

_RULING_MIN_PIXELS = 12
"""Pixels. What is dark so far above and below where a page is opened is a ruling, and goes on in the band."""

_INK_MAX_SHADE = 160
"""Shades of 256. A pixel of digits is as dark or darker; watermarks are lighter."""

_BELOW_MAX_SHARE = 0.5
"""Share of a cell's height. Where its digits fill it, its page is opened no farther below it than this."""

_PAGE_SHARE_OF_BAND = 0.3
"""Share of the page's own colours in a band: its rulings and grounds go on, paler, as it is none of it."""

_BAND_COLOUR = np.array((255, 250, 225), np.uint8)

_VALUE_SIZE, _KEY_SIZE, _KEY_MIN_SIZE = 22, 14, 9
"""Pixels. The sizes of the font for values, and for keys, which are no smaller, for they are to be read."""

_GAP = 5
"""Pixels between two texts in a band."""

_FRAME_WIDTHS = {False: 1, True: 4}
"""Pixels. The width of the frame of a cell, and of one that stands out."""

_NO_GLYPH = "·"

OFF_PAGE = " (not on the page)"

_READ_MAX_CHARACTERS = 24
"""Count. No more is written of what was read in a cell: the page has it right above."""


class PlacedCell(NamedTuple):
    """A cell, its box in pixels of the page, the colour of what is said of it, and whether it stands out."""

    cell: Observation
    box: Box
    colour: Colour
    stands_out: bool


class _Line(NamedTuple):
    """A line of text; it has a ground of its colour where it stands out."""

    text: str
    size: int
    colour: Colour
    stands_out: bool = False


class _Tag(NamedTuple):
    """Lines that belong to one cell, and where they stand, in pixels."""

    left: float
    right: float
    lines: tuple[_Line, ...]


def page_with_bands(pixels: Pixels, placed: Sequence[PlacedCell]) -> Pixels:
    """Return the page with a margin at its left, framed cells, and a band below each printed row."""
    rows = cells_to_rows(placed)
    cuts = rows_to_cuts(pixels, rows)
    framed = pixels.copy()
    for each in sorted(placed, key=lambda each: each.stands_out):
        frame(framed, each.box, each.colour, _FRAME_WIDTHS[each.stands_out])
    parts, above = [], 0
    for row, cut in zip(rows, cuts, strict=True):
        around = pixels[max(cut - _RULING_MIN_PIXELS, 0) : cut + _RULING_MIN_PIXELS]
        parts += [_with_margin(framed[above:cut]), _row_to_band(around.max(axis=0), row)]
        above = cut
    return np.concatenate([*parts, _with_margin(framed[above:])])


def cells_to_rows(placed: Iterable[PlacedCell]) -> list[list[PlacedCell]]:
    """Return the cells of each printed row from left to right, the rows from the top."""
    rows: list[list[PlacedCell]] = []
    for each in sorted(placed, key=lambda each: each.box.bottom):
        height = min(one.box.bottom - one.box.top for one in (each, *(rows[-1] if rows else ())))
        if rows and each.box.bottom - rows[-1][0].box.bottom <= _SAME_ROW_MAX_SHARE * height:
            rows[-1].append(each)
        else:
            rows.append([each])
    return [sorted(row, key=lambda each: each.box.x0) for row in rows]


def rows_to_cuts(pixels: Pixels, rows: Sequence[Sequence[PlacedCell]]) -> list[int]:
    """Return where the page is opened for each row: below its digits, where the least is printed."""
    ink = (255 - pixels.min(axis=2)).sum(axis=1, dtype=np.int64)
    cuts, above = [], 0
    for row, below in zip(rows, [*rows[1:], ()], strict=False):
        ends = [_digits_to_room(pixels, each.box) for each in row]
        next_top = min((each.box.top for each in below), default=len(pixels))
        first = min(max(above, *(end for end, _ in ends)), len(pixels))
        last = min(max(room for _, room in ends), max(round(next_top), first), len(pixels))
        above = _least(ink, first, max(last, first))
        cuts.append(above)
    return cuts


def _digits_to_room(pixels: Pixels, box: Box) -> tuple[int, int]:
    """Return where the print of a cell ends, and how far below that its page may be opened."""
    x0, top, x1, bottom = (max(round(edge), 0) for edge in box)
    inner_end = max(bottom - _RULING_PIXELS, top)
    within = pixels[top + _RULING_PIXELS : inner_end, x0 + _RULING_PIXELS : max(x1 - _RULING_PIXELS, 0)]
    inked = np.flatnonzero((within.max(axis=2, initial=0) <= _INK_MAX_SHADE).any(axis=1))
    end = top + _RULING_PIXELS + int(inked[-1]) + 1 if inked.size else inner_end
    if inner_end - end >= _RULING_PIXELS:
        return end, inner_end
    return end, bottom + round(_BELOW_MAX_SHARE * (bottom - top))


def _least(ink: Any, first: int, last: int) -> int:
    """Return the last place of those with the least ink: the place before which the page is opened."""
    between = ink[first : last + 1]
    if not between.size:
        return first
    return first + int(np.flatnonzero(between == between.min())[-1])


def _with_margin(pixels: Pixels) -> Pixels:
    """Return a part of the page with a white margin at its left."""
    return np.pad(pixels, ((0, 0), (KEYS_WIDTH, 0), (0, 0)), constant_values=255)


def _row_to_band(printed: Pixels, row: Sequence[PlacedCell]) -> Pixels:
    """Return the band of a row; `printed` are the rulings and grounds where the page is opened for it."""
    from PIL import Image, ImageDraw

    levels = _row_to_levels(row, KEYS_WIDTH + len(printed))
    heights = [max(_height(tag.lines) for tag in level) for level in levels]
    band = Image.fromarray(_ground(printed, sum(heights) + 2 * _GAP))
    draw = ImageDraw.Draw(band)
    top = _GAP
    for level, height in zip(levels, heights, strict=True):
        for tag in level:
            _draw_tag(draw, tag, top)
        top += height
    if len(_items(row)) == 1:
        draw.text((6, _GAP), row[0].cell.item, font=font(_KEY_SIZE + 2), fill="black")
    return np.asarray(band)


def _ground(printed: Pixels, height: int) -> Pixels:
    """Return an empty band: the rulings and grounds drawn out, paler, behind the margin."""
    pale = printed * _PAGE_SHARE_OF_BAND + _BAND_COLOUR * (1 - _PAGE_SHARE_OF_BAND)
    line = np.concatenate([np.tile(_BAND_COLOUR, (KEYS_WIDTH, 1)), pale.astype(np.uint8)])
    return np.tile(line, (height, 1, 1))


def _items(row: Sequence[PlacedCell]) -> dict[str, PlacedCell]:
    """Return the items of a printed row, each with its first cell."""
    items: dict[str, PlacedCell] = {}
    for each in row:
        items.setdefault(each.cell.item, each)
    return items


def _row_to_levels(row: Sequence[PlacedCell], width: int) -> list[list[_Tag]]:
    """Return the texts of a row's band in levels, one below the other; those of a level do not touch.

    The items are a level of their own where a printed row holds several.
    """
    levels = _spread(_cell_to_tag(each, slot, width) for each, slot in _slots(row))
    items = _items(row)
    if len(items) > 1:
        levels += _spread(_item_to_tag(item, each, width) for item, each in items.items())
    return levels


def _slots(row: Sequence[PlacedCell]) -> Iterator[tuple[PlacedCell, float]]:
    """Yield each cell with the room for its texts: half of the way to its neighbours, or its own width."""
    middles = [(each.box.x0 + each.box.x1) / 2 for each in row]
    for at, each in enumerate(row):
        ways = [abs(middles[at] - middles[side]) for side in (at - 1, at + 1) if 0 <= side < len(row)]
        yield each, max(min(ways, default=KEYS_WIDTH) - _GAP, each.box.x1 - each.box.x0 - _GAP)


def _cell_to_tag(placed: PlacedCell, slot: float, width: int) -> _Tag:
    """Return what is written below a cell: the number that was read, and its column."""
    key = _fitting(placed.cell.column, slot)
    read = read_to_text(placed.cell) + ("" if placed.box.x0 < width - KEYS_WIDTH else OFF_PAGE)
    value = _Line(read, _VALUE_SIZE, placed.colour, placed.stands_out)
    lines = (value, _Line(placed.cell.column, key, placed.colour))
    middle = KEYS_WIDTH + (placed.box.x0 + placed.box.x1) / 2
    return _to_tag(lines, middle, width)


def _item_to_tag(item: str, first: PlacedCell, width: int) -> _Tag:
    """Return the key of an item, below its first cell."""
    line = _Line(item, _KEY_SIZE, (0, 0, 0))
    return _to_tag((line,), KEYS_WIDTH + first.box.x0 + _length(line) / 2, width)


def _to_tag(lines: tuple[_Line, ...], middle: float, width: int) -> _Tag:
    """Return lines around a middle, within the width of the picture."""
    length = max(map(_length, lines))
    left = max(min(middle - length / 2, width - length), 0)
    return _Tag(left, left + length, lines)


def _spread(tags: Iterable[_Tag]) -> list[list[_Tag]]:
    """Return the tags in as few levels as they need so as not to touch."""
    levels: list[list[_Tag]] = []
    for tag in sorted(tags):
        free = (level for level in levels if level[-1].right + _GAP <= tag.left)
        if (level := next(free, None)) is not None:
            level.append(tag)
        else:
            levels.append([tag])
    return levels


def _draw_tag(draw: Any, tag: _Tag, top: float) -> None:
    """Write the lines of a tag, each in its middle."""
    for line in tag.lines:
        left = (tag.left + tag.right - _length(line)) / 2
        if line.stands_out:
            draw.rectangle(
                (left - 3, top - 1, left + _length(line) + 3, top + line.size + 3), fill=line.colour
            )
        draw.text(
            (left, top), line.text, font=font(line.size), fill="white" if line.stands_out else line.colour
        )
        top += line.size + _GAP


def _height(lines: Iterable[_Line]) -> int:
    return sum(line.size + _GAP for line in lines)


def _length(line: _Line) -> float:
    return float(font(line.size).getlength(line.text))


def _fitting(text: str, width: float) -> int:
    """Return the size in which a column's key fits, no smaller than can be read."""
    sizes = range(_KEY_SIZE, _KEY_MIN_SIZE, -1)
    return next((size for size in sizes if font(size).getlength(text) <= width), _KEY_MIN_SIZE)


@cache
def font(size: int) -> Any:
    """Return the font in this size, in pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def read_to_text(cell: Observation) -> str:
    """Return the number that was read in a cell, what was printed where it is none, or that it is blank."""
    mark = DOUBT_MARKS.get(cell.status, "")
    if cell.value is not None:
        return f"{number_to_text(cell.value)}{mark}"
    if mark:
        shown = _shown(cell.raw)
        return f"{shown if shown.strip(_NO_GLYPH) else 'unread'}{mark}"
    return "n/a" if cell.status == "not_applicable" else cell.status


def _shown(text: str) -> str:
    """Return a short text in what the font has: a dot stands for every other character, as for Chinese."""
    short = to_printable(text[:_READ_MAX_CHARACTERS]) + ("..." if len(text) > _READ_MAX_CHARACTERS else "")
    return "".join(char if char.isascii() else _NO_GLYPH for char in short)
