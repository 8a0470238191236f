"""Round seals: a ring, a star and a name along the ring, pressed unevenly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.scans.paper import Ink
from benchmarks.scans.printing import POINTS_AN_INCH, Cell, Printed, Shades
from pipeline.records import Box
from tools.generator.fonts import font_file

WORDS = "示例单位样例专用印章"

ACROSS = 113.0
"""Points. Seals of public bodies are 4 to 4.5 cm across."""

FINE = 480
"""Pixels. The seal is drawn once so large."""

PATCH = 12
"""Pixels. How far apart places are where a seal is pressed differently."""

RED = (0.80, 0.14, 0.13)
GREY = (0.42, 0.42, 0.42)
"""What is left of red, green and blue under the ink of a seal, red or as a copier without colour shows it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal with its middle `x`, `y` in points from the page's top left, turned by `angle` degrees."""

    x: float
    y: float
    angle: float


def plan_seals(printed: Printed, number: int, chance: np.random.Generator) -> list[Seal]:
    """Return the seals of a page: two over numbers where it has any, and on the first page one at the top."""
    boxes = [box for page, box in printed.places.values() if page == number]
    seals = [_near(boxes[chance.integers(len(boxes))], chance) for _ in range(2) if boxes]
    if number == 1:
        seals.append(Seal(chance.uniform(230, 370), chance.uniform(90, 150), chance.uniform(-15, 15)))
    if not seals:
        seals.append(Seal(chance.uniform(350, 450), chance.uniform(200, 600), chance.uniform(-15, 15)))
    return seals


def _near(box: Box, chance: np.random.Generator) -> Seal:
    """Return a seal whose ring or star goes through the cell."""
    away, around = chance.uniform(0, ACROSS / 2), chance.uniform(0, 2 * math.pi)
    middle = ((box.x0 + box.x1) / 2, (box.top + box.bottom) / 2)
    return Seal(
        middle[0] + away * math.cos(around), middle[1] + away * math.sin(around), chance.uniform(-20, 20)
    )


def sealed_cells(printed: Printed, seals: Iterable[tuple[int, Seal]]) -> Iterator[Cell]:
    """Yield the cells that a seal lies over; `seals` have their pages before them."""
    all_seals = list(seals)
    for cell, (page, box) in printed.places.items():
        if any(number == page and _covers(seal, box) for number, seal in all_seals):
            yield cell


def _covers(seal: Seal, box: Box) -> bool:
    across = min(max(seal.x, box.x0), box.x1) - seal.x
    down = min(max(seal.y, box.top), box.bottom) - seal.y
    return math.hypot(across, down) <= ACROSS / 2


def press_seals(shape: Sequence[int], seals: Iterable[Seal], dpi: int, chance: np.random.Generator) -> Ink:
    """Return how much of the seals' ink lies on a page of this many rows and columns."""
    pressed: Ink = np.zeros(tuple(shape), np.float32)
    scale = dpi / POINTS_AN_INCH
    for seal in seals:
        turn = cv2.getRotationMatrix2D((FINE / 2, FINE / 2), seal.angle, ACROSS * scale / FINE)
        aside = np.array([seal.x, seal.y]) * scale - FINE / 2
        turn = np.column_stack([turn[:, :2], turn[:, 2] + aside])
        stamped = cv2.warpAffine(_stamp(), turn, (shape[1], shape[0]), flags=cv2.INTER_AREA)
        strength = np.float32(chance.uniform(0.6, 0.95) / 255)
        pressed = np.maximum(pressed, stamped.astype(np.float32) * strength)
    patches = chance.random((shape[0] // PATCH + 2, shape[1] // PATCH + 2), dtype=np.float32)
    uneven = cv2.resize(patches, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    grain = np.where(chance.random(tuple(shape), dtype=np.float32) < 0.06, np.float32(0.3), np.float32(1))
    uneven_ink: Ink = pressed * np.clip(0.55 + 0.5 * uneven, 0, 1) * grain
    return uneven_ink


@cache
def _stamp() -> Shades:
    """Return the ink of a seal, 255 where it is full."""
    picture = Image.new("L", (FINE, FINE), 0)
    pen = ImageDraw.Draw(picture)
    middle = FINE / 2
    pen.ellipse((8, 8, FINE - 8, FINE - 8), outline=255, width=14)
    corners = [(math.radians(36 * n - 90), 78 if n % 2 == 0 else 30) for n in range(10)]
    pen.polygon([(middle + r * math.cos(a), middle + r * math.sin(a)) for a, r in corners], fill=255)
    font = ImageFont.truetype(font_file(), 58)
    for place, word in enumerate(WORDS):
        angle = -125 + 250 * place / (len(WORDS) - 1)
        _write_around(picture, word, angle, font)
    return np.asarray(picture)


def _write_around(picture: Image.Image, word: str, angle: float, font: ImageFont.FreeTypeFont) -> None:
    """Write one character on the ring, `angle` degrees from its top."""
    letter = Image.new("L", (80, 80), 0)
    ImageDraw.Draw(letter).text((40, 40), word, font=font, fill=255, anchor="mm")
    letter = letter.rotate(-angle, Image.Resampling.BICUBIC)
    out = FINE / 2 - 66
    x = FINE / 2 + out * math.sin(math.radians(angle))
    y = FINE / 2 - out * math.cos(math.radians(angle))
    picture.paste(255, (round(x) - 40, round(y) - 40), letter)
