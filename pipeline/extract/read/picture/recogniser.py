"""Recognise the text in pictures of single lines."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.line_model import characters, lines_to_outputs
from pipeline.extract.read.picture.pictures import LineReading, Shades

LINE_HEIGHT = 48
"""Pixels. The model was made for lines of this height."""

WIDTH_STEP = 32
"""Pixels. Lines are made up to a multiple, so that many have one width and are read together."""

LINES_AT_ONCE = 16
"""Count. More lines at once take more memory and are read no faster."""

BLANK = 0
"""The class of the model's output that is no character; the last one is a space."""


def lines_to_readings(crops: Sequence[Shades]) -> list[LineReading]:
    """Return what each crop of one line (shades) says, in their order."""
    lines = [_at_line_height(crop) for crop in crops]
    widths = [-(-line.shape[1] // WIDTH_STEP) * WIDTH_STEP for line in lines]
    readings: dict[int, LineReading] = {}
    order = sorted(range(len(lines)), key=widths.__getitem__)
    for start in range(0, len(order), LINES_AT_ONCE):
        chosen = order[start : start + LINES_AT_ONCE]
        width = widths[chosen[-1]]
        outputs = lines_to_outputs(_batch([lines[place] for place in chosen], width))
        for place, output in zip(chosen, outputs, strict=True):
            step = width / len(output) * crops[place].shape[1] / lines[place].shape[1]
            readings[place] = _decoded(output, step)
    return [readings[place] for place in range(len(lines))]


def _at_line_height(crop: Shades) -> Shades:
    """Return the crop as high as the model's lines."""
    height, width = crop.shape
    size = (max(round(width * LINE_HEIGHT / height), 1), LINE_HEIGHT)
    shrinks = height > LINE_HEIGHT
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)  # type: ignore[return-value]


def _batch(lines: Sequence[Shades], width: int) -> npt.NDArray[np.float32]:
    """Return lines as the model's input, each on paper of this width."""
    batch = np.full((len(lines), LINE_HEIGHT, width), 255, np.uint8)
    for place, line in enumerate(lines):
        batch[place, :, : line.shape[1]] = line
    scaled = batch.astype(np.float32) / 127.5 - 1
    return np.repeat(scaled[:, None], 3, axis=1)


def _decoded(output: npt.NDArray[np.float32], step: float) -> LineReading:
    """Return the text of one line; each class is said anew where another or none stands between."""
    best = output.argmax(axis=1)
    starts = np.flatnonzero((best != BLANK) & (best != np.concatenate(([BLANK], best[:-1]))))
    ends = [
        next((at for at in range(start, len(best)) if best[at] != best[start]), len(best)) for start in starts
    ]
    text = "".join(characters()[best[start]] for start in starts)
    places = tuple((start * step, end * step) for start, end in zip(starts.tolist(), ends, strict=True))
    sureness = min(
        (float(output[start:end].max()) for start, end in zip(starts, ends, strict=True)), default=1.0
    )
    return LineReading(text, places, sureness)
