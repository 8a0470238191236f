"""Read lines of text, and once more where ink was passed over."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.extract.read.picture.character_places import characters_to_places, unread_ink
from pipeline.extract.read.picture.ink_lines import shades_to_ink
from pipeline.extract.read.picture.pictures import LineReading, Shades
from pipeline.extract.read.picture.recogniser import lines_to_readings

STRETCH = 1.3
"""Times as wide a line is drawn when it is read once more.

In 1,662 lines of title pages and tuning scans the recogniser passed over 、 and > nine times, never so drawn.
"""


def lines_to_full_readings(crops: Sequence[Shades]) -> list[LineReading]:
    """Return what each crop of one line (shades) says; the reading that leaves less ink unread."""
    return [
        _fuller(crop, reading) if reading.text else reading
        for crop, reading in zip(crops, lines_to_readings(crops), strict=True)
    ]


def _fuller(crop: Shades, reading: LineReading) -> LineReading:
    """Return what a line says when it is drawn wider, where that leaves less ink unread."""
    ink = shades_to_ink(crop)
    unread = unread_ink(reading, ink)
    if not unread:
        return reading
    size = (round(crop.shape[1] * STRETCH), crop.shape[0])
    wider = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    (again,) = lines_to_readings([wider])
    middles = [(left + right) / 2 / STRETCH for left, right in again.places]
    again = again._replace(
        places=characters_to_places(again.text, middles, reading.size, ink), size=reading.size
    )
    return again if len(unread_ink(again, ink)) < len(unread) else reading
