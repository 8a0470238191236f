"""Read the digits of a picture by a small net of our own: a second reading, of another kind than the first.

It knows nothing but digits and the signs beside them, it sees two digits' width at once, and it was trained
on other pictures than the recogniser. tools/ink_digits.py trains it and says how well it does on fonts that
it was not trained on.

The ink of a crop is drawn into a strip, in which digits have one height. The net says of every second column
of the strip which character has its middle there, or that none has.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.digit_shapes import Floats, Layers, inputs_to_probabilities
from pipeline.extract.read.picture.pictures import InkReading, Shades

CLASSES = (*"0123456789", ".", ",", "-", "/", "%", "(", ")", "?", "")
"""What a column may be the middle of: a character, any dash, anything else ("?"), or nothing."""

NONE = len(CLASSES) - 1

STRIP_HEIGHT = 28
"""Pixels. What is higher or lower than a line of digits is seen as well: a raised digit, a ruling's remain."""

STRIP_DIGITS = 16
"""Pixels. The height of a digit in the strip."""

STRIP_MARGIN = 12
"""Pixels. White before and behind the ink: half of what the net sees at once, so that no crop sees others."""

LAYERS = ((5, 2, 64), (5, 1, 96), (5, 1, 96))
"""Columns at once, their step, and units of the layers that look along the strip."""

HIDDEN = (64,)
"""Units of the layers behind them, which look at one place."""

BLANK_MAX_CONTRAST = 48
"""Shades. Paper with less ink than this is blank."""

INK_MIN_CONTRAST_SHARE = 0.5
"""Share of the darkest ink's contrast. What is lighter has no part in the height of a line."""

REMAIN_MAX_THICKNESS_SHARE = 0.25
"""Share of the height of digits. A ruling's remain at the edge is no thicker."""

REMAIN_MIN_LENGTH_SHARE = 0.6
"""Share of the crop's side. A ruling's remain at the edge is no shorter."""

TALL_MIN_SHARE = 0.6
"""Share of the tallest piece of ink. What is lower is a sign, a speck, or a part of a digit."""

USUAL_MIN_SHARE, USUAL_MAX_SHARE = 0.75, 1.4
"""Shares of the usual height of digits. A line that is lower or higher is no line of digits alone."""

DIGIT_MIN_HEIGHT = 5
"""Pixels. Lower ink is no digit."""

WEIGHTS = Path(__file__).with_name("ink_digits.npy")


class Line(NamedTuple):
    """Where the ink of a crop stands: its box, in pixels, top to bottom as high as its digits are."""

    top: float
    bottom: float
    left: int
    right: int


class Found(NamedTuple):
    """The ink of a crop: 0 paper, 1 the darkest; rulings' remains are taken out. `line` None is a blank."""

    ink: Floats
    line: Line | None


def crops_to_ink_readings(crops: Sequence[Shades]) -> list[InkReading]:
    """Return what the ink of each crop of one line shows, in their order.

    Crops of one page belong into one call: the usual height of their digits tells a dash from a speck. Any
    dash, however long, is one "-".
    """
    found = [crop_to_ink(crop) for crop in crops]
    usual = usual_height(found)
    strips = [ink_to_strip(one, usual) for one in found]
    return strips_to_readings(strips)


# --- from a crop to a strip --------------------------------------------


def crop_to_ink(crop: Shades) -> Found:
    """Return the ink of a crop, and where its line stands."""
    paper = int(np.median(crop[::3, ::3])) if crop.size else 0
    dark = int(cv2.blur(crop, (3, 3)).min()) if crop.size else 0
    contrast = paper - dark
    if contrast < BLANK_MAX_CONTRAST:
        return Found(np.zeros((1, 1), np.float32), None)
    ink = np.clip((paper - crop.astype(np.float32)) / contrast, 0, 1)
    mask = (ink > INK_MIN_CONTRAST_SHARE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = np.ones(count, bool)
    kept[0] = False
    for piece in range(1, count):
        if _is_remain(stats[piece], crop.shape):
            kept[piece] = False
            spread = cv2.dilate((labels == piece).astype(np.uint8), np.ones((3, 3), np.uint8))
            ink[spread > 0] = 0
    pieces = stats[kept]
    return Found(ink, _line(pieces))


def _is_remain(piece: npt.NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Return whether a piece of ink is what a ruling left at the edge of the crop."""
    height, width = shape
    left, top, wide, high = (int(side) for side in piece[:4])
    thick = REMAIN_MAX_THICKNESS_SHARE * height
    upright = (left <= 1 or left + wide >= width - 1) and wide <= thick
    level = (top <= 1 or top + high >= height - 1) and high <= thick
    return (upright and high >= REMAIN_MIN_LENGTH_SHARE * height) or (
        level and wide >= REMAIN_MIN_LENGTH_SHARE * width
    )


def _line(pieces: npt.NDArray[np.int32]) -> Line | None:
    """Return where the line stands that pieces of ink make: rows of left, top, width, height and area."""
    if not len(pieces):
        return None
    tallest = pieces[:, 3].max()
    large = pieces[pieces[:, 4] >= max(pieces[:, 4].max() * 0.02, 2)]
    tall = large[large[:, 3] >= TALL_MIN_SHARE * tallest]
    if not len(tall):
        tall = large = pieces[pieces[:, 3] == tallest]
    top, bottom = np.median(tall[:, 1]), np.median(tall[:, 1] + tall[:, 3])
    return Line(float(top), float(bottom), int(large[:, 0].min()), int((large[:, 0] + large[:, 2]).max()))


def usual_height(found: Sequence[Found]) -> float:
    """Return the usual height of digits (pixels) in crops of one page, 0 where none has any."""
    heights = [
        one.line.bottom - one.line.top
        for one in found
        if one.line is not None and one.line.right - one.line.left < 4 * (one.line.bottom - one.line.top)
    ]
    heights = [height for height in heights if height >= DIGIT_MIN_HEIGHT]
    return float(np.median(heights)) if heights else 0.0


def line_to_scale(line: Line, usual: float) -> tuple[float, float, float]:
    """Return how much larger the strip is than the crop, and what column and row of the crop it begins at."""
    height, middle = line.bottom - line.top, (line.top + line.bottom) / 2
    if not usual:
        usual = max(height, (line.right - line.left) / 2)
    if not USUAL_MIN_SHARE * usual <= height <= USUAL_MAX_SHARE * usual:
        height = usual
    scale = STRIP_DIGITS / height
    return scale, line.left - STRIP_MARGIN / scale, middle - STRIP_HEIGHT / 2 / scale


def ink_to_strip(found: Found, usual: float) -> Shades | None:
    """Return the ink of a crop as the net sees it, columns × STRIP_HEIGHT, or None where it is blank."""
    if found.line is None:
        return None
    scale, x, y = line_to_scale(found.line, usual)
    right = found.line.right + STRIP_MARGIN / scale
    width = max(round((right - x) * scale / 2) * 2, 2 * STRIP_MARGIN)
    ink = found.ink
    if scale < 1:
        size = max(1, round(1 / scale * 1.0))
        if size > 1:
            ink = cv2.blur(ink, (size, size))
    matrix = np.array([[1 / scale, 0, x + 0.5 / scale - 0.5], [0, 1 / scale, y + 0.5 / scale - 0.5]])
    strip = cv2.warpAffine(
        ink, matrix, (width, STRIP_HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=0
    )
    return np.ascontiguousarray((strip * 255 + 0.5).astype(np.uint8).T)


# --- from strips to readings ---------------------------------------------


def strips_to_readings(strips: Sequence[Shades | None]) -> list[InkReading]:
    """Return what each strip says; None says nothing."""
    there = [strip for strip in strips if strip is not None]
    if not there:
        return [InkReading("", 1.0) for _ in strips]
    told = strip_to_probabilities(np.concatenate(there), weights())
    ends = np.cumsum([len(strip) // 2 for strip in there])
    parts = np.split(told, ends[:-1])
    texts = [_text(part) for part in parts]
    sure = _sureness(parts, texts)
    readings = iter(
        InkReading("".join(CLASSES[kind] for kind in text), float(share))
        for text, share in zip(texts, sure, strict=True)
    )
    return [InkReading("", 1.0) if strip is None else next(readings) for strip in strips]


def strip_to_probabilities(strip: Shades, layers: Layers) -> Floats:
    """Return the probability of each of the CLASSES for each second column of a strip."""
    values = strip.astype(np.float32) / 255
    for (columns, step, _), (matrix, bias) in zip(LAYERS, layers, strict=False):
        values = windows(values, columns, step) @ matrix
        values += bias
        np.maximum(values, 0, out=values)
    return inputs_to_probabilities(values, layers[len(LAYERS) :])


def windows(values: Floats, columns: int, step: int) -> Floats:
    """Return for each place what stands in the columns around it, one place a row."""
    before = (columns - step) // 2
    padded = np.zeros((len(values) + columns - step, values.shape[1]), np.float32)
    padded[before : before + len(values)] = values
    seen = np.lib.stride_tricks.sliding_window_view(padded, columns, axis=0)[::step]
    return np.ascontiguousarray(seen.transpose(0, 2, 1)).reshape(len(seen), -1)


def _text(told: Floats) -> list[int]:
    """Return the classes that a strip's columns say, each run of one class once."""
    best = told.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=NONE))
    return [int(kind) for kind in best[starts] if kind != NONE]


def _sureness(parts: Sequence[Floats], texts: Sequence[list[int]]) -> Floats:
    """Return the probability of each text: of all ways together in which columns can say it."""
    length, most = max(map(len, parts)), 2 * max(map(len, texts)) + 1
    states = np.full((len(parts), most), NONE)
    skips = np.zeros((len(parts), most), np.float32)
    shares = np.zeros((len(parts), length, len(CLASSES)), np.float32)
    shares[:, :, NONE] = 1
    for place, (part, text) in enumerate(zip(parts, texts, strict=True)):
        shares[place, : len(part)] = part
        states[place, 1 : 2 * len(text) : 2] = text
        others = np.array([before != after for before, after in pairwise(text)], np.float32)
        skips[place, 3 : 2 * len(text) : 2] = others
    rows = np.arange(len(parts))[:, None]
    ways = np.zeros((len(parts), most), np.float64)
    ways[:, 0] = 1
    for at in range(length):
        moved = ways.copy()
        moved[:, 1:] += ways[:, :-1]
        moved[:, 2:] += skips[:, 2:] * ways[:, :-2]
        ways = moved * shares[:, at][rows, states]
    ends = np.array([2 * len(text) for text in texts])
    last = ways[np.arange(len(parts)), ends]
    return np.asarray(last + np.where(ends > 0, ways[np.arange(len(parts)), ends - 1], 0), np.float32)


@cache
def weights() -> Layers:
    """Return each layer's matrix and bias, as the file of weights holds them one after another."""
    return vector_to_layers(np.load(WEIGHTS, allow_pickle=False).astype(np.float32))


def shapes() -> list[tuple[int, int]]:
    """Return the inputs and units of each layer."""
    found, wide = [], STRIP_HEIGHT
    for columns, _, units in LAYERS:
        found.append((wide * columns, units))
        wide = units
    return found + list(pairwise((wide, *HIDDEN, len(CLASSES))))


def vector_to_layers(vector: Floats) -> Layers:
    """Return the layers that a vector of all weights stands for."""
    layers, at = [], 0
    for wide, narrow in shapes():
        matrix = vector[at : at + wide * narrow].reshape(wide, narrow)
        at += wide * narrow
        layers.append((matrix, vector[at : at + narrow]))
        at += narrow
    return tuple(layers)
