"""A drawn page → the parts of it around some cells, each with its cell framed."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any

import numpy as np

from pipeline.extract.drawn_page import DRAWN_MAX_PIXELS
from pipeline.inspection.shown_page import (
    CellKeys,
    Pixels,
    ShownPart,
    cell_to_colour,
    frame,
    page_to_part,
    pixels_to_orientation,
    turned_upright,
)
from pipeline.records import Box, Observation, bounding_box

_CROP_SCALE = 3
"""Pixels a point. A whole number, so that a part of a drawn page begins at a pixel."""

_AROUND_ACROSS, _AROUND_DOWN = 30, 12
"""Points around a cell that are shown too: neighbours and rulings, by which a person finds it on the page."""

_CROP_MAX_SIDES = (640, 240)
"""Pixels. A larger crop is made smaller. From half this width on, empty ends of the cell are left out."""

_CROP_COLOURS = 64
"""Count. With as many, print, rulings and stamps look alike, and noise takes a third of the bytes."""

_BORDER_PIXELS = 6
"""Pixels. So far inside the border of a cell there is no ruling and no frame."""

_GROUND_MAX_SHADES = 24
"""Shades of 256. What differs less from the usual shade of a cell is its ground; light grey print is seen."""

_FRAME_WIDTH = 3
"""Pixels. The width of the frame around the cell of a crop."""


def cells_to_crops(
    page: Any, cells: Sequence[Observation], summed: CellKeys, turn: int
) -> Iterator[bytes | None]:
    """Yield a PNG for each of these cells of a page; None for one that is not on the page as displayed.

    A crop has the cell, in a frame of its colour, and a little around it, turned upright. Cells that stand
    close together are drawn at once; those of a huge page each for itself.
    """
    boxes = [_with_surroundings(cell.box, *page.get_size()) for cell in cells]
    seen = [box for box in boxes if box is not None]
    whole = bounding_box(seen) if seen else None
    at_once = page_to_part(page, _CROP_SCALE, whole) if whole and _to_scale(whole) == _CROP_SCALE else None
    for cell, box in zip(cells, boxes, strict=True):
        if box is None:
            yield None
        else:
            part = _cut(at_once, box) if at_once else page_to_part(page, _to_scale(box), box)
            place = part.to_pixels(cell.box)
            upright = pixels_to_orientation(part.pixels, turn).to_reading(place)
            frame(part.pixels, place, cell_to_colour(cell, summed)[0], _FRAME_WIDTH)
            yield _to_png(_trimmed(turned_upright(part.pixels, turn), upright))


def _with_surroundings(box: Box, width: float, height: float) -> Box | None:
    """Return a box with what is around it on its page, in whole points; None where it is off the page."""
    x0, top = max(box.x0, 0), max(box.top, 0)
    if not (x0 < min(box.x1, width) and top < min(box.bottom, height)):
        return None
    return Box(
        *(max(int(x0) - _AROUND_ACROSS, 0), max(int(top) - _AROUND_DOWN, 0)),
        *(min(int(box.x1) + 1 + _AROUND_ACROSS, width), min(int(box.bottom) + 1 + _AROUND_DOWN, height)),
    )


def _to_scale(box: Box) -> float:
    """Return in how many pixels a point this part is drawn: fewer where it would fill the memory."""
    area = (box.x1 - box.x0) * (box.bottom - box.top)
    return min(float(_CROP_SCALE), sqrt(DRAWN_MAX_PIXELS / area))


def _cut(part: ShownPart, box: Box) -> ShownPart:
    """Return a copy of what a larger part has of this box."""
    x0, top, x1, bottom = (int(edge) for edge in part.to_pixels(box))
    return ShownPart(part.pixels[top:bottom, x0:x1].copy(), box.x0, box.top, part.scale)


def _trimmed(pixels: Pixels, box: Box) -> Pixels:
    """Return a wide crop without the empty ends of its cell, so that what is printed there stays large."""
    if pixels.shape[1] <= _CROP_MAX_SIDES[0] / 2:
        return pixels
    x0, top, x1, bottom = (max(round(edge), 0) for edge in box)
    left = x0 + _BORDER_PIXELS
    within = pixels[top + _BORDER_PIXELS : bottom - _BORDER_PIXELS, left : max(x1 - _BORDER_PIXELS, 0)]
    if not within.size:
        return pixels
    away = np.abs(within.astype(np.int16) - np.median(within, axis=(0, 1))).max(axis=2)
    inked = np.flatnonzero((away > _GROUND_MAX_SHADES).any(axis=0))
    around = _AROUND_ACROSS * _CROP_SCALE
    if not inked.size:
        return pixels
    return pixels[:, max(left + int(inked[0]) - around, 0) : left + int(inked[-1]) + around]


def _to_png(pixels: Pixels) -> bytes:
    """Return the bytes of a PNG, no larger than a row of the list holds."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.thumbnail(_CROP_MAX_SIDES)
    png = io.BytesIO()
    picture.quantize(_CROP_COLOURS, dither=Image.Dither.NONE).save(png, format="PNG", optimize=True)
    return png.getvalue()
