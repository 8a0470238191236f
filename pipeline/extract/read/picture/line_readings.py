"""Read lines of text, and once more where ink was passed over."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import cv2
import numpy as np

from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.picture.character_places import characters_to_places, is_wide, unread_ink
from pipeline.extract.read.picture.ink_lines import shades_to_ink
from pipeline.extract.read.picture.pictures import LineReading, Shades
from pipeline.extract.read.picture.recogniser import lines_to_readings

PITCH_MIN_SHARE = 0.7
"""Share of the side of ideographs, by the height of a line's ink. In a line they stand no closer.

Taught by a title under a faxed seal, whose black ink made one line of it and the title.
"""

PITCH_MIN_COUNT = 3
"""Count. So many distances of ideographs tell how close they stand."""

WIDER = 1.3
"""Times as wide a line is drawn when it is read once more.

In 1,662 lines of title pages and tuning scans the recogniser passed over 、 and > nine times, never so drawn.
"""


def lines_to_full_readings(crops: Sequence[Shades]) -> list[LineReading]:
    """Return what each crop of one line (shades) says; the reading that leaves less ink unread."""
    readings = zip(crops, lines_to_readings(crops), strict=True)
    return [_named(_fuller(crop, reading)) if reading.text else reading for crop, reading in readings]


def _named(reading: LineReading) -> LineReading:
    """Return a reading with its characters unnamed where they stand too close for its height."""
    middles = [
        (left + right) / 2
        for char, (left, right) in zip(reading.text, reading.places, strict=True)
        if is_wide(char)
    ]
    apart = [after - before for before, after in pairwise(middles)]
    if len(apart) < PITCH_MIN_COUNT or median(apart) >= PITCH_MIN_SHARE * reading.size:
        return reading
    return reading._replace(text=UNNAMED * len(reading.text))


def _fuller(crop: Shades, reading: LineReading) -> LineReading:
    """Return what a line says when it is drawn wider, where that leaves less ink unread."""
    ink = shades_to_ink(crop)
    unread = unread_ink(reading, ink)
    if not unread:
        return reading
    size = (round(crop.shape[1] * WIDER), crop.shape[0])
    wider = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    (again,) = lines_to_readings([wider])
    middles = [(left + right) / 2 / WIDER for left, right in again.places]
    again = again._replace(
        places=characters_to_places(again.text, middles, reading.size, ink), size=reading.size
    )
    return again if len(unread_ink(again, ink)) < len(unread) else reading
