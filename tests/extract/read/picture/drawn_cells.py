"""Draw the crops of cells as a scanner sees them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.extract.read.picture.pictures import Shades
from tools.generator.fonts import font_file

SCALE = 200 / 72
"""Pixels a point: 200 dpi."""

_FINE = 4


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file()), round(size * SCALE * _FINE))


def draw(
    text: str, width: float = 60.0, size: float = 10.5, scale: float = SCALE, pitch: float = 1.4
) -> Shades:
    """A cell of some width (points) with lines of text in its middle, grey at the edges of strokes.

    `pitch` is the distance of lines as a share of the size.
    """
    lines, font = text.split("\n"), _font(size)
    step = size * SCALE * _FINE * pitch
    sheet = Image.new("L", (round(width * SCALE * _FINE), round(step * (len(lines) + 1))), 255)
    for at, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((sheet.width / 2, step * (at + 1)), line, 0, font, "mm")
    soft = cv2.GaussianBlur(np.array(sheet), (0, 0), 2.0)
    small = round(sheet.width * scale / SCALE / _FINE), round(sheet.height * scale / SCALE / _FINE)
    return np.asarray(cv2.resize(soft, small, interpolation=cv2.INTER_AREA), np.uint8)
