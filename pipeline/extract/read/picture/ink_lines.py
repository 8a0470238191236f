"""Find the lines of text in the crop of a cell by its ink, and leave the dust out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import Mask, Shades

STROKE_MIN_SHARE = 0.4
"""Share of the darkest ink's contrast. What is lighter is the blurred edge of a stroke, or paper."""

CELL_INK_MIN_CONTRAST = 60
"""Shades of 256. The darkest ink of a cell is darker than its paper by as much, or the cell is blank."""

EDGE_MAX_DISTANCE = 1.0
"""Points. A ruling's remain begins no farther from the edge of the crop."""

EDGE_MAX_THICKNESS = 2.2
"""Points. The remain of a ruling is no thicker across it; no digit is as thin but a 1, which is no remain."""

EDGE_MIN_RATIO = 1.5
"""Times its thickness. The remain of a ruling is longer along it, or it is a speck."""

IN_LINE_MAX_OFFSET = 0.15
"""Times the height of a 1. The top and the foot of another digit in its line are no farther from its own."""

SPECK_MAX_SIDE = 1.6
"""Points. A piece that is no larger either way may be dust, a decimal point, or a part of an ideograph."""

SPOT_MAX_SIDE = 2.8
"""Points. A piece that is no larger either way is dust too where it stands apart, or beside a ruling."""

SPOT_MAX_RATIO = 1.7
"""Times its height. A spot is no wider; a minus sign is, and stands far from its number in some fonts."""

SPOT_MIN_DISTANCE = 0.5
"""Times the size of the text. So far from all larger pieces stands no part of an ideograph, and no sign."""

PART_MAX_HEIGHT = 0.55
"""Times the size of the text. A band that is less high may be a part of a line: the foot of an ideograph."""

PART_MAX_GAP = 0.35
"""Times the size of the text. Parts of one line stand no further above each other."""

FLAT_MAX_HEIGHT = 0.3
"""Times the size of the text. A band that is less high is a stroke, or several side by side."""

FLAT_MAX_GAP = 0.75
"""Times the size of the text. The strokes of 二 stand no further above each other; those of two lines do."""

LINE_MAX_HEIGHT = 1.6
"""Times the size of the text. No line is higher."""

LINES_MIN_HEIGHT = 1.7
"""Times the size of the text. What is higher are several lines that touch."""

VALLEY_MAX_SHARE = 0.2
"""Share of the ink in the fullest row. Between lines that touch, a row has less."""

SIZE_PERCENTILE = 85
"""Share of a hundred pieces. So many are no larger than the text: an ideograph has small parts."""

SIZE_MIN = 5.0
"""Points. No text is smaller."""

HALO = 2
"""Pixels. So far around its ink the blurred edge of a stroke reaches."""

_Boxes = npt.NDArray[np.int64]


class InkLine(NamedTuple):
    """A line of text in a cell: its own ink alone on white, and where that stands in the crop of the cell.

    `ink` says which pixels of `crop` are ink.
    """

    crop: Shades
    ink: Mask
    left: int
    top: int


def shades_to_ink(crop: Shades) -> Mask:
    """Return which pixels of a crop on white paper are ink, however light its darkest is."""
    ink: Mask = crop < 255 - STROKE_MIN_SHARE * (255 - int(crop.min(initial=255)))
    return ink


def crop_to_lines(crop: Shades, scale: float) -> list[InkLine]:
    """Return the lines of a cell from top to bottom; none where it is blank. `scale` is pixels a point."""
    if crop.min(initial=255) > 255 - CELL_INK_MIN_CONTRAST:
        return []
    stats: Any
    _, labels, stats, _ = cv2.connectedComponentsWithStats(shades_to_ink(crop).astype(np.uint8))
    boxes: _Boxes = stats[1:, :4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    large: Mask = sides > SPECK_MAX_SIDE * scale
    remains = _are_remains(boxes, crop.shape, scale)
    large &= ~remains
    if not large.any():
        return []
    size = max(_size_of(boxes[large], _rows_to_bands(boxes[large])), SIZE_MIN * scale)
    high = boxes[:, 3] - boxes[:, 1]
    certain = (sides > SPOT_MAX_SIDE * scale) | (large & (sides >= SPOT_MAX_RATIO * high))
    if certain.any():
        large &= _distances(boxes, boxes[certain]) <= SPOT_MIN_DISTANCE * size
    bands = _rows_to_bands(boxes[large])
    lines = []
    for band in _split(_joined(bands, size), np.asarray(labels > 0), size):
        own = _pieces_of(band, boxes, large) & ~remains
        lines += [_line(crop, np.asarray(labels), own, band)] if own.any() else []
    return lines


def stacked(lines: Sequence[InkLine]) -> InkLine:
    """Return lines of one cell as one."""
    left, top = min(line.left for line in lines), min(line.top for line in lines)
    right = max(line.left + line.ink.shape[1] for line in lines)
    bottom = max(line.top + line.ink.shape[0] for line in lines)
    crop, ink = (
        np.full((bottom - top, right - left), 255, np.uint8),
        np.zeros((bottom - top, right - left), bool),
    )
    for line in lines:
        rows, columns = line.ink.shape
        place = np.s_[line.top - top : line.top - top + rows, line.left - left : line.left - left + columns]
        crop[place] = np.minimum(crop[place], line.crop)
        ink[place] |= line.ink
    return InkLine(crop, ink, left, top)


def _are_remains(boxes: _Boxes, shape: tuple[int, ...], scale: float) -> Mask:
    """Return which pieces are what a ruling left at an edge of the crop, thin and along it, and spots there.

    No dash begins at a ruling; a hair on the paper may, and looks like one.
    """
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    far, thick = EDGE_MAX_DISTANCE * scale, EDGE_MAX_THICKNESS * scale
    level = (boxes[:, 1] <= far) | (boxes[:, 3] >= shape[0] - far)
    upright = (boxes[:, 0] <= far) | (boxes[:, 2] >= shape[1] - far)
    remains: Mask = level & (high <= thick) & (wide >= EDGE_MIN_RATIO * high)
    remains |= upright & (np.maximum(wide, high) <= SPOT_MAX_SIDE * scale)
    upright &= (wide <= thick) & (high >= EDGE_MIN_RATIO * wide)
    for at in np.flatnonzero(upright).tolist():
        upright[at] = not _stands_in_line(boxes[at], boxes[~upright])
    return remains | upright


def _stands_in_line(box: npt.NDArray[np.int64], others: _Boxes) -> bool:
    """Whether a thin piece is as high as another, and stands so: the 1 of a number that fills its cell."""
    high = box[3] - box[1]
    off = np.abs(others[:, [1, 3]] - box[[1, 3]]).max(axis=1, initial=0)
    return bool((off <= IN_LINE_MAX_OFFSET * high).any())


def _size_of(boxes: _Boxes, bands: Sequence[tuple[int, int]]) -> float:
    """Return about how large the text is, by its pieces; those that touch are wider than a line is high."""
    size = float(np.percentile((boxes[:, 2:] - boxes[:, :2]).max(axis=1), SIZE_PERCENTILE))
    highest = max(bottom - top for top, bottom in bands)
    return size if highest <= FLAT_MAX_HEIGHT * size else min(size, highest)


def _distances(boxes: _Boxes, others: _Boxes) -> npt.NDArray[np.int64]:
    """Return how far each box is from the nearest of the others, in rows or in columns."""
    gaps = np.maximum(boxes[:, None, :2] - others[None, :, 2:], others[None, :, :2] - boxes[:, None, 2:])
    nearest: npt.NDArray[np.int64] = gaps.max(axis=2).min(axis=1)
    return nearest


def _rows_to_bands(boxes: _Boxes) -> list[tuple[int, int]]:
    """Return first and last row (exclusive) of each run of rows with pieces."""
    bands: list[tuple[int, int]] = []
    for _, top, _, bottom in boxes[np.argsort(boxes[:, 1])].tolist():
        if bands and top <= bands[-1][1]:
            bands[-1] = (bands[-1][0], max(bands[-1][1], bottom))
        else:
            bands.append((top, bottom))
    return bands


def _joined(bands: Sequence[tuple[int, int]], size: float) -> list[tuple[int, int]]:
    """Return the bands with parts of lines put together, the nearest first."""
    joined = list(bands)
    while True:
        pairs = [
            (below[0] - above[1], at)
            for at, (above, below) in enumerate(pairwise(joined))
            if _are_one(above, below, size)
        ]
        if not pairs:
            return joined
        _, at = min(pairs)
        joined[at : at + 2] = [(joined[at][0], joined[at + 1][1])]


def _are_one(above: tuple[int, int], below: tuple[int, int], size: float) -> bool:
    """Whether two bands are parts of one line."""
    heights = sorted((above[1] - above[0], below[1] - below[0]))
    gap = FLAT_MAX_GAP if heights[1] <= FLAT_MAX_HEIGHT * size else PART_MAX_GAP
    return (
        heights[0] <= PART_MAX_HEIGHT * size
        and below[0] - above[1] <= gap * size
        and below[1] - above[0] <= LINE_MAX_HEIGHT * size
    )


def _split(bands: Sequence[tuple[int, int]], ink: Mask, size: float) -> Iterator[tuple[int, int]]:
    """Yield the bands, those of several lines split where hardly a pixel is ink."""
    for top, bottom in bands:
        counts = ink[top:bottom].sum(axis=1)
        least = round(PART_MAX_HEIGHT * size)
        inner = counts[least : len(counts) - least]
        if bottom - top < LINES_MIN_HEIGHT * size or inner.min() > VALLEY_MAX_SHARE * counts.max():
            yield top, bottom
        else:
            at = top + least + int(inner.argmin())
            yield from _split([(top, at), (at, bottom)], ink, size)


def _pieces_of(band: tuple[int, int], boxes: _Boxes, large: Mask) -> Mask:
    """Return which pieces are of the line in a band. Specks before and behind it are dust."""
    top, bottom = band
    own: Mask = large & (boxes[:, 1] < bottom) & (boxes[:, 3] > top)
    if not own.any():
        return own
    left, right = boxes[own, 0].min(), boxes[own, 2].max()
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    inside: Mask = (boxes[:, 0] >= left) & (boxes[:, 2] <= right) & (middles >= top) & (middles <= bottom)
    return own | (inside & ~large)


def _line(crop: Shades, labels: npt.NDArray[np.int32], own: Mask, band: tuple[int, int]) -> InkLine:
    """Return the line of some pieces within a band, with the blurred edge of its strokes."""
    kept = np.concatenate(([False], own))[labels]
    kept[: band[0]] = kept[band[1] :] = False
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    top, left = max(int(rows[0]) - HALO, 0), max(int(columns[0]) - HALO, 0)
    part = np.s_[top : int(rows[-1]) + 1 + HALO, left : int(columns[-1]) + 1 + HALO]
    near = cv2.dilate(kept[part].astype(np.uint8), np.ones((2 * HALO + 1, 2 * HALO + 1), np.uint8))
    return InkLine(np.where(near > 0, crop[part], 255).astype(np.uint8), kept[part], left, top)
