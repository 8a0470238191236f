"""Tell which digit a drawn shape is, by a small net that was trained on open fonts.

tools/digit_shapes.py trains it and says how well it does on fonts that it was not trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

CLASSES = (*"0123456789", "-", ".", ",", "")
"""What a shape may be: a digit, any dash or minus sign, a full stop, a comma, or anything else."""

DIGITS = 10
"""Count. The first classes are the digits, in their order."""

RASTER_HEIGHT = 16
"""Pixels. A digit of usual size is as high as drawn, so that hardly any of its ink is lost."""

RASTER_WIDTH = 14
"""Pixels. Nearly all digits fit beside each other's heights; what is wider is drawn less high."""

DRAWN_MAX_SIDE = 28
"""Pixels. Larger crops are drawn smaller first: between four pixels alone, thin strokes would be lost."""

INK_MIN_SHARE = 0.3
"""Share of the darkest ink's contrast. What is lighter is the blurred edge of a shape, and not in its box."""

USUAL_DIGIT_HEIGHT = 24
"""Pixels. Heights and widths are told to the net as shares of this."""

HIGHEST_SHARE = 1.5
"""Times the height of the line's digits. Whatever is higher is told to the net as being so high."""

SIZES = 4
"""Count. What the net is told of a shape besides its raster."""

DRAWN_AT_ONCE = 1000
"""Count of crops: OpenCV draws from pictures of less than 32,768 rows."""

MULTIPLIED_AT_ONCE = 8
"""Count of crops. OpenBLAS takes several threads for larger products, which cost more than they save."""

HIDDEN = (96, 48)
"""Count of units in each of the net's inner layers."""

OTHER_MIN_PROBABILITY = 0.9
"""Share of one. At least as probable has to be the digit that a shape is taken for, not the one claimed.

On fonts that were held out a higher one has no fewer false alarms, and lets more swapped digits pass.
"""

CLAIMED_MAX_PROBABILITY = 1e-4
"""Share of one. At most as probable may be the digit claimed, lest a doubtful shape contradicts it.

At 1e-3 half as many sound digits again are contradicted, on fonts that were held out; at 1e-5 a twentieth of
the swapped ones pass.
"""

INPUTS = RASTER_HEIGHT * RASTER_WIDTH + SIZES
WEIGHTS = Path(__file__).with_name("digit_shapes.npy")

Crop = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Layers = tuple[tuple[Floats, Floats], ...]


def contradicted(
    probabilities: Floats, claimed: Sequence[int] | npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Return for each shape whether it is surely another digit than the one claimed for it.

    What a shape might be but for digits counts for neither: a "0" that may be an "O" is no "8".
    """
    rows = np.arange(len(probabilities))
    others = probabilities[:, :DIGITS].copy()
    others[rows, claimed] = 0
    doubtful = probabilities[rows, claimed] > CLAIMED_MAX_PROBABILITY
    return np.asarray((others.max(axis=1, initial=0) >= OTHER_MIN_PROBABILITY) & ~doubtful)


def crops_to_inputs(crops: Sequence[Crop], digit_heights: Sequence[float] | Floats | None = None) -> Floats:
    """Return what the net is told of each crop, of shape (crops, INPUTS).

    A crop holds one character, dark on light, at PIXELS_PER_POINT of the drawn page, with any margin.
    `digit_heights` are the heights (pixels) of the digits in each crop's line, 0 where it is not known.

    The box of the ink is drawn into a raster of fixed size: as high as that, centred, its aspect kept, so
    that a "1" stays a bar and a dash lies. The darkest ink is 1. Behind the raster stand the ink's height as
    a share of that of the line's digits, whether that is known, its height, and its width.
    """
    known = (
        np.zeros(len(crops), np.float32) if digit_heights is None else np.asarray(digit_heights, np.float32)
    )
    inputs = np.zeros((len(crops), INPUTS), np.float32)
    for start in range(0, len(crops), DRAWN_AT_ONCE):
        some = slice(start, start + DRAWN_AT_ONCE)
        _fill_inputs(inputs[some], crops[some], known[some])
    return inputs


def _fill_inputs(inputs: Floats, crops: Sequence[Crop], known: Floats) -> None:
    """Write what the net is told of some crops; `known` are their lines' digit heights, 0 where unknown."""
    if max(max(crop.shape) for crop in crops) > DRAWN_MAX_SIDE:
        drawn = [_shrunk(crop) for crop in crops]
        crops = [crop for crop, _ in drawn]
        known = known * np.array([scale for _, scale in drawn], np.float32)
    ink = _stacked(crops)
    peaks = np.maximum(ink.reshape(len(ink), -1).max(axis=1), 1)
    top, bottom, left, right = _ink_boxes(ink, peaks)
    rasters = _drawn(ink, top, bottom, left, right)
    np.multiply(rasters, (1 / peaks.astype(np.float32))[:, None], out=inputs[:, :-SIZES])
    inputs[:, -4] = np.minimum((bottom - top) / np.maximum(known, 1), HIGHEST_SHARE) * (known > 0)
    inputs[:, -3] = known > 0
    inputs[:, -2] = (bottom - top) / USUAL_DIGIT_HEIGHT
    inputs[:, -1] = (right - left) / USUAL_DIGIT_HEIGHT


def inputs_to_probabilities(inputs: Floats, layers: Layers) -> Floats:
    """Return the probability of each of the CLASSES for each row of inputs.

    The rows go through the net in small blocks, which no library shares out among threads.
    """
    rows = len(inputs)
    if rows % MULTIPLIED_AT_ONCE:
        missing = MULTIPLIED_AT_ONCE - rows % MULTIPLIED_AT_ONCE
        inputs = np.concatenate([inputs, np.zeros((missing, inputs.shape[1]), np.float32)])
    values = inputs.reshape(len(inputs) // MULTIPLIED_AT_ONCE, MULTIPLIED_AT_ONCE, inputs.shape[1])
    for matrix, bias in layers[:-1]:
        values = values @ matrix
        values += bias
        np.maximum(values, 0, out=values)
    matrix, bias = layers[-1]
    scores = (values @ matrix + bias).reshape(len(inputs), len(bias))[:rows]
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


@cache
def weights() -> Layers:
    """Return each layer's matrix and bias, as the file of weights holds them one after another."""
    return vector_to_layers(np.load(WEIGHTS, allow_pickle=False).astype(np.float32))


def vector_to_layers(vector: Floats) -> Layers:
    """Return the layers that a vector of all weights stands for; their sizes are set above."""
    layers, at = [], 0
    for wide, narrow in pairwise((INPUTS, *HIDDEN, len(CLASSES))):
        matrix = vector[at : at + wide * narrow].reshape(wide, narrow)
        at += wide * narrow
        layers.append((matrix, vector[at : at + narrow]))
        at += narrow
    return tuple(layers)


def _stacked(crops: Sequence[Crop]) -> Crop:
    """Return the ink of all crops, 255 where it is black, each on a sheet of one size, below an empty row."""
    sizes = [crop.shape for crop in crops]
    height, width = map(max, zip(*sizes, strict=True))
    ink = np.full((len(crops), height + 2, width), 255, np.uint8)
    for sheet, crop, (height, width) in zip(ink, crops, sizes, strict=True):
        sheet[1 : height + 1, :width] = crop
    return np.subtract(255, ink, out=ink)


def _shrunk(crop: Crop) -> tuple[Crop, float]:
    """Return a crop, if it is large without its margin, and drawn smaller if it still is; and how much so."""
    if max(crop.shape) <= DRAWN_MAX_SIDE:
        return crop, 1.0
    least = 255 - (255 - int(crop.min(initial=255))) * INK_MIN_SHARE
    inked = crop < least
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not rows.size:
        return crop[:1, :1], 1.0
    crop = crop[max(rows[0] - 1, 0) : rows[-1] + 2, max(columns[0] - 1, 0) : columns[-1] + 2]
    height, width = crop.shape
    scale = DRAWN_MAX_SIDE / max(height, width)
    if scale >= 1:
        return crop, 1.0
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _ink_boxes(ink: Crop, peaks: Crop) -> tuple[Floats, Floats, Floats, Floats]:
    """Return top, bottom, left and right of what is as dark as a share of each sheet's darkest ink."""
    sheets, height, width = ink.shape
    least = (peaks * INK_MIN_SHARE).astype(np.uint8)[:, None]
    down = cv2.reduce(ink.reshape(sheets * height, width), 1, cv2.REDUCE_MAX).reshape(sheets, height) > least
    across = ink.max(axis=1) > least
    return (
        down.argmax(axis=1).astype(np.float32),
        (height - down[:, ::-1].argmax(axis=1)).astype(np.float32),
        across.argmax(axis=1).astype(np.float32),
        (width - across[:, ::-1].argmax(axis=1)).astype(np.float32),
    )


def _drawn(ink: Crop, top: Floats, bottom: Floats, left: Floats, right: Floats) -> Crop:
    """Return the rasters of the boxes on the sheets, one a row.

    The sheets lie one below another, so that one call draws all. The first and the last row of each are
    empty, and so is what lies beyond them.
    """
    sheets, height, width = ink.shape
    scale = np.maximum((bottom - top) / RASTER_HEIGHT, (right - left) / RASTER_WIDTH)[:, None]
    rows = ((top + bottom) / 2)[:, None] + scale * _centred(RASTER_HEIGHT) - 0.5
    columns = ((left + right) / 2)[:, None] + scale * _centred(RASTER_WIDTH) - 0.5
    rows = np.clip(rows, 0, height - 1) + (np.arange(sheets, dtype=np.float32) * height)[:, None]
    shape = sheets, RASTER_HEIGHT, RASTER_WIDTH
    across = np.broadcast_to(columns[:, None, :], shape).reshape(-1, RASTER_WIDTH)
    down = np.broadcast_to(rows[:, :, None], shape).reshape(-1, RASTER_WIDTH)
    drawn = cv2.remap(ink.reshape(sheets * height, width), across, down, cv2.INTER_LINEAR)
    return np.asarray(drawn, np.uint8).reshape(sheets, -1)


def _centred(count: int) -> Floats:
    """Return the places of this many pixels, measured from the middle of them all."""
    return np.arange(count, dtype=np.float32) - np.float32((count - 1) / 2)
