"""Numbers are read by what pdfium draws at the resolutions of scans, in fonts installed with the tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.extract.read.picture.ink_digits import (
    CLASSES,
    INK_WEIGHTS,
    STRIP_MARGIN,
    STRIP_WHITE,
    crop_to_ink,
    crops_to_ink_readings,
    ink_to_lines,
    line_to_strip,
    shapes,
    strips_to_readings,
    text_to_ink_text,
)
from pipeline.extract.read.picture.pictures import Shades

HEIGHT, WIDTH = 24, 110
"""Points of a cell."""

NUMBERS = ("0", "1", "7", "35", "119", "2046", "88888", "3,456", "119569.40", "12.5%", "-", "/", "100")


def draw(folder: Path, texts: Sequence[str], font: str, size: float, dpi: int) -> list[Shades]:
    """Return the cells of a page of one column, each with one text."""
    path = folder / "drawn.pdf"
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT * len(texts)))
    canvas.setFont(font, size)
    for at, text in enumerate(texts):
        canvas.drawCentredString(WIDTH / 2, HEIGHT * (len(texts) - at) - HEIGHT / 2 - size / 3, text)
    canvas.save()
    document = pypdfium2.PdfDocument(path)
    page = document[0].render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy()
    document.close()
    edges = [round(at * HEIGHT * dpi / 72) for at in range(len(texts) + 1)]
    return [page[top:bottom] for top, bottom in pairwise(edges)]


def strip_of(crop: Shades) -> Shades:
    """Return the strip of a crop of one line."""
    ink = crop_to_ink(crop)
    (line,) = ink_to_lines(ink, 24.0)
    return line_to_strip(ink, line, 24.0)


def read(crops: Sequence[Shades]) -> list[str]:
    return [reading.text for reading in crops_to_ink_readings(crops)]


@pytest.mark.parametrize("font", ["Times-Roman", "Helvetica", "Helvetica-Bold"])
@pytest.mark.parametrize(("size", "dpi"), [(10.5, 150), (10.5, 200), (14, 200), (9, 300), (12, 300)])
def test_numbers_are_read(font: str, size: float, dpi: int, tmp_path: Path) -> None:
    readings = crops_to_ink_readings(draw(tmp_path, NUMBERS, font, size, dpi))
    sure = [(one.text, text) for one, text in zip(readings, NUMBERS, strict=True) if one.probability > 0.8]
    assert len(sure) >= len(NUMBERS) - 2
    assert all(found == text for found, text in sure)


def test_one_bit_is_read(tmp_path: Path) -> None:
    crops = draw(tmp_path, NUMBERS, "Helvetica", 12, 200)
    assert read([np.where(crop < 150, 0, 255).astype(np.uint8) for crop in crops]) == list(NUMBERS)


def test_blanks_are_blank() -> None:
    blank = np.full((60, 200), 255, np.uint8)
    grain = np.clip(np.random.default_rng(1).normal(245, 6, (60, 200)), 0, 255).astype(np.uint8)
    assert [tuple(reading) for reading in crops_to_ink_readings([blank, grain])] == [("", 1.0)] * 2
    assert crops_to_ink_readings([]) == []


def test_a_ruling_left_at_the_edge_is_no_digit(tmp_path: Path) -> None:
    for crop in (crops := draw(tmp_path, NUMBERS, "Helvetica", 12, 200)):
        crop[:, :2] = 0
        crop[-2:] = 40
    assert read(crops) == list(NUMBERS)


def test_a_spot_beside_a_ruling_is_no_dash() -> None:
    spotted, dashed = (np.full((59, 85), 255, np.uint8) for _ in range(2))
    spotted[40:43, -7:] = dashed[40:43, -30:-15] = 40
    assert read([spotted, dashed]) == ["", "-"]


def test_specks_are_no_signs(tmp_path: Path) -> None:
    for crop in (crops := draw(tmp_path, NUMBERS, "Times-Roman", 12, 200)):
        crop[6, 20] = crop[40, 30] = crop[10, -40] = 0
    assert read(crops) == list(NUMBERS)


def test_lines_one_below_another_are_one_text(tmp_path: Path) -> None:
    upper, lower, mark = draw(tmp_path, ["2046", "83", "#"], "Times-Roman", 12, 200)
    alone = [*draw(tmp_path, NUMBERS, "Times-Roman", 12, 200), np.vstack([upper, lower])]
    assert read(alone)[-1] == "204683"
    assert read([*alone, np.vstack([lower, mark])])[-1] == "83?"


def test_a_high_stroke_beside_digits_does_not_change_their_height(tmp_path: Path) -> None:
    for crop in (crops := draw(tmp_path, NUMBERS, "Helvetica", 12, 200)):
        crop[4:52, 12:14] = 0
    readings = crops_to_ink_readings([*crops, *draw(tmp_path, NUMBERS * 2, "Helvetica", 12, 200)])
    for reading, text in zip(readings, NUMBERS, strict=False):
        assert reading.text.endswith(text) or reading.probability < 0.5


def test_a_stop_between_digits_is_not_passed_over(tmp_path: Path) -> None:
    texts = ["1.5", "7.9", "40.25", "3.3"]
    for apart in (0.85, 0.9, 1.0):
        crops = draw(tmp_path, texts, "Times-Roman", 12, 150)
        size = round(crops[0].shape[1] * apart), crops[0].shape[0]
        narrow = [
            np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8) for crop in crops
        ]
        for reading, text in zip(crops_to_ink_readings(narrow), texts, strict=True):
            assert reading.text.replace(",", ".") == text or reading.probability < 0.5


def test_what_is_struck_out_is_not_read(tmp_path: Path) -> None:
    for crop in (crops := draw(tmp_path, ["2930", "445", "18"], "Times-Roman", 12, 300)):
        ink = np.flatnonzero(crop.min(axis=0) < 128)
        cv2.line(crop, (int(ink[0]) - 4, 52), (int(ink[-1]) + 4, 52), 0, 3)
    for reading in crops_to_ink_readings(crops):
        assert "?" in reading.text or reading.probability < 0.5


def test_letters_are_others(tmp_path: Path) -> None:
    for reading in crops_to_ink_readings(draw(tmp_path, ["W", "5M", "#"], "Helvetica", 12, 200)):
        assert "?" in reading.text or reading.probability < 0.5


def test_a_strip_is_read_the_same_alone_and_among_others(tmp_path: Path) -> None:
    crops = draw(tmp_path, NUMBERS[:6], "Times-Roman", 12, 200)
    for crop in crops:
        np.minimum(crop, np.random.default_rng(1).integers(200, 256, crop.shape, np.uint8), out=crop)
    strips = [strip_of(crop) for crop in crops]
    together = strips_to_readings(strips)
    alone = [reading for strip in strips for reading in strips_to_readings([strip])]
    assert [reading.text for reading in together] == [reading.text for reading in alone]
    assert np.allclose([one.probability for one in together], [one.probability for one in alone], atol=1e-5)


@pytest.mark.parametrize(
    ("text", "ink"),
    [
        ("12 件", "12?"),
        ("万元", "?"),
        ("无", "?"),
        ("——", "-"),
        ("一", "-"),
        ("＿", "-"),
        ("－5", "-5"),
        ("１，２３４．５％", "1,234.5%"),
        ("约30(份)", "?30(?)"),
        ("", ""),
    ],
)
def test_texts_of_others_are_said_as_ink_says_them(text: str, ink: str) -> None:
    assert text_to_ink_text(text) == ink


def test_a_strip_ends_in_white(tmp_path: Path) -> None:
    (crop,) = draw(tmp_path, ["888"], "Helvetica-Bold", 12, 200)
    strip = strip_of(crop)
    assert len(strip) % 2 == 0
    assert strip[:STRIP_WHITE].max() == strip[-STRIP_WHITE:].max() == 0
    assert strip[STRIP_MARGIN:-STRIP_MARGIN].max() > 200


def test_odd_crops_are_taken() -> None:
    crops = [np.zeros(size, np.uint8) for size in ((1, 1), (1, 400), (300, 1), (0, 5), (5, 0), (20, 20))]
    noise = np.random.default_rng(1).integers(0, 256, (60, 300), dtype=np.uint8)
    assert len(crops_to_ink_readings([*crops, noise])) == len(crops) + 1


def test_weights_are_small_and_fit() -> None:
    count = sum((wide + 1) * narrow for wide, narrow in shapes())
    found = np.load(INK_WEIGHTS, allow_pickle=False)
    assert found.shape == (count,) and found.dtype == np.float16
    assert INK_WEIGHTS.stat().st_size < 400_000
    assert len(CLASSES) == shapes()[-1][1]
