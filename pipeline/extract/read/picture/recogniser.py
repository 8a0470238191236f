"""Recognise the text in pictures of single lines, with the model that the package rapidocr has in its wheel.

The package's own code is not imported: the model needs onnxruntime alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.extract.read.picture.pictures import LineReading, Shades

MODEL = "PP-OCRv6_rec_small.onnx"

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
        outputs = _run(_batch([lines[place] for place in chosen], width))
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


def _run(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the probabilities: lines × steps from left to right × classes."""
    session, _ = _model()
    outputs: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: batch})[0]
    return outputs


def _decoded(output: npt.NDArray[np.float32], step: float) -> LineReading:
    """Return the text of one line; each class is said anew where another or none stands between."""
    _, characters = _model()
    best = output.argmax(axis=1)
    starts = np.flatnonzero((best != BLANK) & (best != np.concatenate(([BLANK], best[:-1]))))
    ends = [
        next((at for at in range(start, len(best)) if best[at] != best[start]), len(best)) for start in starts
    ]
    text = "".join(characters[best[start]] for start in starts)
    places = tuple((start * step, end * step) for start, end in zip(starts.tolist(), ends, strict=True))
    sureness = min(
        (float(output[start:end].max()) for start, end in zip(starts, ends, strict=True)), default=1.0
    )
    return LineReading(text, places, sureness)


@cache
def _model() -> tuple[Any, tuple[str, ...]]:
    """Return the model and the characters of its classes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_model_path(), options, providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    return session, ("", *characters, " ")


def _model_path() -> Path:
    """Return where the package has the model; importing the package would load all that it needs."""
    found = find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("rapidocr")
    return Path(found.submodule_search_locations[0], "models", MODEL)
