"""Characters that were read get their ink, and boxes as a font declares them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import ImageFont

from pipeline.extract.read.glyphs import line_to_text
from pipeline.extract.read.picture.character_places import Reach, characters_to_places, characters_to_spans
from pipeline.extract.read.picture.ink_lines import shades_to_ink
from pipeline.records import Glyph
from tests.extract.read.picture.drawn_cells import SCALE, draw
from tools.generator.fonts import font_file

SIZE = 12.0
SIDE = SIZE * SCALE
FONT = ImageFont.truetype(str(font_file()), 1000)


def places_of(printed: str, noise: float) -> tuple[str, tuple[Reach, ...]]:
    """Return a printed line without its blanks, and boxes, where the model is off by so many ideographs."""
    crop = draw(printed, (len(printed) + 2) * SIZE, SIZE)
    left = (crop.shape[1] - FONT.getlength(printed) * SIDE / 1000) / 2
    text, middles = "", []
    for at, char in enumerate(printed):
        if not char.isspace():
            start, end = (FONT.getlength(printed[:to]) for to in (at, at + 1))
            middles.append(left + (start + end) / 2 * SIDE / 1000 + noise * SIDE * (-1) ** len(text))
            text += char
    return text, characters_to_places(text, middles, SIDE, shades_to_ink(crop))


PRINTED = [
    "索引号：000014349/2012-03255",
    "发布于 2021-01-21 阅读量：305",
    "川引小北，《条例》（二）一、公开。",
    "2023年1月11日",
    "行政许可 1234 0 17",
    "收费119569.40万元",
]


@pytest.mark.parametrize("noise", [0.0, 0.12, -0.12])
@pytest.mark.parametrize("printed", PRINTED)
def test_gaps_are_blanks_and_nothing_else_is(printed: str, noise: float) -> None:
    text, places = places_of(printed, noise)
    glyphs = [Glyph(char, x0, 0, x1, SIDE) for char, (x0, x1) in zip(text, places, strict=True)]
    assert line_to_text(glyphs) == printed


@pytest.mark.parametrize("printed", PRINTED)
def test_boxes_do_not_overlap(printed: str) -> None:
    _, places = places_of(printed, 0.1)
    assert all(one.right <= two.left for one, two in pairwise(places))


def test_ink_that_nobody_read_is_left_alone() -> None:
    """A speck stands before the number, and a stroke that was not read behind it."""
    ink = np.zeros((30, 200), np.bool_)
    for left in (4, 40, 60, 120):
        ink[5:25, left : left + 12] = True
    spans = characters_to_spans("12", [46.0, 65.0], 30.0, ink)
    assert spans == [Reach(40, 52), Reach(60, 72)]


def test_characters_that_touch_are_parted() -> None:
    ink = np.zeros((30, 100), np.bool_)
    ink[5:25, 10:24] = ink[5:25, 25:39] = ink[24, 10:39] = True
    assert characters_to_spans("00", [17.0, 31.0], 28.0, ink) == [Reach(10, 24), Reach(24, 39)]


def test_a_character_without_ink_keeps_its_place() -> None:
    assert characters_to_spans("1", [5.0], 10.0, np.zeros((10, 10), np.bool_)) == [Reach(5.0, 5.0)]
