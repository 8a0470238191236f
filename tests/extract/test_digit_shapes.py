"""Shapes are told by what pdfium draws, in fonts that are installed with what the tests need."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.extract.digit_shapes import (
    CLASSES,
    DIGITS,
    HIDDEN,
    INPUTS,
    WEIGHTS,
    Floats,
    contradicted,
    crops_to_inputs,
    inputs_to_probabilities,
    weights,
)
from pipeline.extract.drawn_page import PIXELS_PER_POINT

FONTS = Path(reportlab.__file__).parent / "fonts"
CELL = 24
"""Points. Each character is drawn in a square of its own."""

Crops = list[npt.NDArray[np.uint8]]


def draw(folder: Path, text: str, font: str, size: float, ink: float = 0.0, background: float = 1.0) -> Crops:
    """Return the squares of a page, drawn as the pages of reports are, each with one character."""
    if font not in pdfmetrics.standardFonts:
        pdfmetrics.registerFont(TTFont(font, FONTS / f"{font}.ttf"))
    path = folder / "drawn.pdf"
    canvas = Canvas(str(path), pagesize=(CELL * len(text), CELL))
    canvas.setFillGray(background)
    canvas.rect(0, 0, CELL * len(text), CELL, stroke=0, fill=1)
    canvas.setFillGray(ink)
    canvas.setFont(font, size)
    for at, char in enumerate(text):
        canvas.drawCentredString(CELL * (at + 0.5) + 0.07 * at, 8, char)
    canvas.save()
    document = pypdfium2.PdfDocument(path)
    page = document[0].render(scale=PIXELS_PER_POINT, grayscale=True).to_numpy().squeeze().copy()
    document.close()
    return np.split(page, len(text), axis=1)


def crops_to_probabilities(crops: Crops, digit_heights: list[float] | None = None) -> Floats:
    return inputs_to_probabilities(crops_to_inputs(crops, digit_heights), weights())


def told(crops: Crops, digit_heights: list[float] | None = None) -> str:
    """Return what the net tells, one character a crop, "?" for anything else."""
    found = crops_to_probabilities(crops, digit_heights)
    return "".join(CLASSES[kind] or "?" for kind in found.argmax(axis=1))


@pytest.mark.parametrize("font", ["Vera", "VeraBd", "VeraIt", "VeraBI", "Times-Roman", "Courier-Bold"])
@pytest.mark.parametrize("size", [7, 9, 10.5, 12, 16])
def test_digits_are_told(font: str, size: float, tmp_path: Path) -> None:
    text = "0123456789" * 3
    assert told(draw(tmp_path, text, font, size)) == text


@pytest.mark.parametrize(("ink", "background"), [(0.75, 1.0), (1.0, 0.2)])
def test_light_grey_and_white_on_dark_are_told(ink: float, background: float, tmp_path: Path) -> None:
    crops = draw(tmp_path, "0123456789", "Vera", 10.5, ink, background)
    if ink > background:
        crops = [255 - (crop - crop.min()) for crop in crops]
    else:
        crops = [crop + (255 - crop.max()) for crop in crops]
    assert told(crops) == "0123456789"


def test_signs_and_others_are_told(tmp_path: Path) -> None:
    text = "--..,,AWM%+#"
    assert told(draw(tmp_path, text, "Vera", 10.5), [15.0] * len(text)) == "--..,,??????"


def test_a_margin_makes_no_difference(tmp_path: Path) -> None:
    crops = draw(tmp_path, "0123456789", "Vera", 12)
    wide = [np.pad(crop, 5, constant_values=255)[:, 8:-8] for crop in crops]
    narrow = [crop[10:36, 12:-12] for crop in crops]
    assert np.abs(crops_to_inputs(narrow) - crops_to_inputs(wide)).max() < 0.02


def test_another_digit_is_contradicted_and_the_right_one_is_not(tmp_path: Path) -> None:
    pages = [draw(tmp_path, "0123456789", font, 10.5) for font in ("Vera", "VeraBd", "Times-Roman")]
    found = crops_to_probabilities([crop for page in pages for crop in page])
    right = np.tile(np.arange(DIGITS), len(pages))
    assert not contradicted(found, right).any()
    swaps = [contradicted(found, (right + by) % DIGITS) for by in range(1, DIGITS)]
    assert np.mean(swaps) > 0.9


def test_what_may_be_no_digit_contradicts_none(tmp_path: Path) -> None:
    found = crops_to_probabilities(draw(tmp_path, "AWM%+#-.,", "Vera", 10.5))
    assert not any(contradicted(found, [digit] * len(found)).any() for digit in range(DIGITS))


@pytest.mark.parametrize("size", [10.5, 36])
def test_a_large_digit_keeps_its_share_of_the_line(size: float, tmp_path: Path) -> None:
    crops = draw(tmp_path, "0123456789", "Vera", size / 2)
    large = [np.kron(crop, np.ones((2, 2), np.uint8)) for crop in crops]
    small, big = crops_to_inputs(crops, [10.0] * DIGITS), crops_to_inputs(large, [20.0] * DIGITS)
    assert np.abs(small[:, -4] - big[:, -4]).max() < 0.1


def test_equal_shapes_of_lines_of_other_heights_are_told_apart(tmp_path: Path) -> None:
    crops = draw(tmp_path, "1421", "Vera", 10.5)
    heights = [10.0, 10.0, 0.0, 20.0]
    together = crops_to_inputs(crops, heights)
    alone = [crops_to_inputs([crop], [height])[0] for crop, height in zip(crops, heights, strict=True)]
    assert np.array_equal(together, alone)
    assert not np.array_equal(together[0], together[3])


def test_nothing_and_odd_crops_are_taken() -> None:
    assert crops_to_probabilities([]).shape == (0, len(CLASSES))
    crops = [
        np.full((1, 1), 255, np.uint8),
        np.zeros((1, 300), np.uint8),
        np.zeros((300, 1), np.uint8),
        np.full((20, 9), 255, np.uint8),
    ]
    found = crops_to_probabilities(crops * 700)
    assert found.shape == (2800, len(CLASSES))
    assert np.allclose(found.sum(axis=1), 1, atol=1e-4)


def test_a_crop_is_told_the_same_alone_and_among_others(tmp_path: Path) -> None:
    crops = draw(tmp_path, "0123456789", "Vera", 9)
    together = crops_to_probabilities(crops * 3)
    alone = np.concatenate([crops_to_probabilities([crop]) for crop in crops])
    assert np.allclose(together[:DIGITS], alone, atol=1e-5)


def test_weights_are_small_and_fit() -> None:
    sizes = (INPUTS, *HIDDEN, len(CLASSES))
    count = sum((wide + 1) * narrow for wide, narrow in pairwise(sizes))
    weights = np.load(WEIGHTS, allow_pickle=False)
    assert weights.shape == (count,) and weights.dtype == np.float16
    assert WEIGHTS.stat().st_size < 200_000


def test_a_page_of_crops_costs_little(tmp_path: Path) -> None:
    crops = [crop[10:40, 14:34] for crop in draw(tmp_path, "0123456789" * 60, "Vera", 10.5)]
    costs = []
    for _ in range(20):
        start = time.thread_time()
        crops_to_probabilities(crops)
        costs.append(time.thread_time() - start)
    assert min(costs) < 0.02, "some 0.003 s are usual"
