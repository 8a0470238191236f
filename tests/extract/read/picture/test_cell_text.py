"""Crops of cells → what stands in them, as printed."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np
import pytest

from pipeline.extract.read.picture.cell_text import crops_to_texts
from pipeline.extract.read.picture.ink_lines import crop_to_lines
from pipeline.extract.read.picture.number_shapes import hold_against_ink
from pipeline.extract.read.picture.pictures import Shades
from tests.extract.read.picture.drawn_cells import SCALE, draw

pytest.importorskip("rapidocr", reason="the model is in the wheel of rapidocr")


def texts(*crops: Shades) -> list[str]:
    """What cells say."""
    return [cell.text for cell in crops_to_texts(crops, SCALE)]


@pytest.mark.parametrize("text", ["0", "7", "12", "305", "100", "7730.28", "1,234", "12件"])
def test_a_number_is_read_as_printed(text: str) -> None:
    assert texts(draw(text)) == [text]


def test_a_wrapped_label_is_one_text() -> None:
    assert texts(draw("3.其他法律行政\n法规禁止公开", width=84)) == ["3.其他法律行政法规禁止公开"]


def test_a_line_that_ends_early_is_kept_apart() -> None:
    assert texts(draw("12\n件", width=60)) == ["12\n件"]


def test_a_label_of_one_character_a_line_is_one_text() -> None:
    assert texts(draw("总\n计", width=20)) == ["总计"]


def test_a_blank_cell_has_no_text() -> None:
    assert texts(draw("")) == [""]


@pytest.mark.parametrize("text", ["-12", "(305)", "1111", "70000", "95.30", "12,345,678", "减0", "无", "十"])
def test_signs_and_words_are_kept(text: str) -> None:
    assert texts(draw(text, width=80)) == [text]


@pytest.mark.parametrize("text", ["—", "-", "——"])
def test_a_dash_is_no_number(text: str) -> None:
    assert set(texts(draw(text))[0]) == {"—"}


@pytest.mark.parametrize("text", ["/", "1/2"])
def test_a_slash_is_no_1(text: str) -> None:
    assert texts(draw(text)) == [text]


@pytest.mark.parametrize("degrees", [20, 35, 45])
@pytest.mark.parametrize("scale", [150 / 72, 200 / 72, 300 / 72])
def test_a_flat_slash_is_no_numeral(degrees: int, scale: float) -> None:
    """The model reads 一 where a slash is as wide as it is high."""
    crop = np.full((round(23 * scale), round(40 * scale)), 255, np.uint8)
    across, up = np.sin(np.radians(degrees)) * 5 * scale, np.cos(np.radians(degrees)) * 5 * scale
    middle = crop.shape[1] / 2, crop.shape[0] / 2
    foot, top = ((round(middle[0] + way * across), round(middle[1] - way * up)) for way in (-1, 1))
    cv2.line(crop, foot, top, 0, round(0.8 * scale), cv2.LINE_AA)
    (cell,) = crops_to_texts([crop], scale)
    assert cell.text == "/"


@pytest.mark.parametrize("text", ["３０５", "１２３４"])
def test_a_number_of_full_width_digits_is_one_number(text: str) -> None:
    assert texts(draw(text, width=80)) == [unicodedata.normalize("NFKC", text)]


def test_dust_is_no_ink_and_a_thin_1_is() -> None:
    dusty, thin = draw(""), draw("")
    dusty[10:12, 20:22] = 40
    thin[8:26, 60:62] = 40
    assert texts(dusty, thin) == ["", "1"]


def test_dust_beside_a_number_is_no_decimal_point() -> None:
    before, behind, above = draw("57"), draw("57"), draw("5 7")
    inked = np.flatnonzero((behind < 128).any(axis=0))
    rows = np.flatnonzero((behind < 128).any(axis=1))
    before[rows[-1] - 3 : rows[-1], inked[0] - 7 : inked[0] - 4] = 0
    behind[rows[-1] - 3 : rows[-1], inked[-1] + 5 : inked[-1] + 8] = 0
    middle = above.shape[1] // 2
    above[rows[0] : rows[0] + 3, middle : middle + 3] = 0
    assert [text.replace(" ", "") for text in texts(before, behind, above)] == ["57", "57", "57"]


def test_a_dot_is_no_digit() -> None:
    crop = draw("")
    crop[12:20, 60:68] = 0
    (text,) = texts(crop)
    assert text and not text.isalnum()


def test_ink_that_nobody_reads_is_not_blank() -> None:
    crop = draw("")
    crop[4:30, 20:120] = np.random.default_rng(1).integers(0, 2, (26, 100)) * 255
    assert texts(crop)[0]


def test_two_numbers_in_a_cell_stay_apart() -> None:
    assert texts(draw("5\n3")) == ["5\n3"]


def test_strokes_of_one_character_are_one_line() -> None:
    assert texts(draw("二"), draw("三")) == ["二", "三"]


def test_lines_that_touch_are_two() -> None:
    assert texts(draw("本年处理\n决定数量", width=50, pitch=1.0)) == ["本年处理决定数量"]


@pytest.mark.parametrize("size", [14.0, 18.0])
def test_the_halves_of_a_large_ideograph_are_one_line(size: float) -> None:
    """Fonts set 雨 so far above 令 that they look like two lines."""
    crop = draw("零", size=size, scale=300 / 72)
    counts = (crop < 128).sum(axis=1)
    inked = np.flatnonzero(counts)
    middle = (inked[0] + inked[-1]) // 2
    between = middle - 8 + int(counts[middle - 8 : middle + 8].argmin())
    parted = np.insert(crop, [between] * 4, 255, axis=0)
    (cell,) = crops_to_texts([parted], 300 / 72)
    assert cell.text == "零"


def test_small_print_is_read() -> None:
    assert texts(draw("7730.28", size=7.5), draw("100", size=7.5)) == ["7730.28", "100"]


def test_digits_that_touch_are_counted() -> None:
    """A reading with fewer digits than the ink has is in doubt."""
    crop = draw("88")
    (line,) = crop_to_lines(crop, SCALE)
    assert hold_against_ink("88", line, SCALE).words == ""
    assert hold_against_ink("8", line, SCALE).words
    assert hold_against_ink("888", line, SCALE).words


def test_a_comma_reaches_below_the_digits_and_a_point_does_not() -> None:
    for printed, read in [("1,234", "1.234"), ("1.23", "1.23"), ("1,234", "1,234")]:
        (line,) = crop_to_lines(draw(printed), SCALE)
        assert "".join(hold_against_ink(read, line, SCALE).texts) == printed


def test_what_a_ruling_left_at_an_edge_is_no_ink() -> None:
    crop, blank = draw("0"), draw("")
    for cell in (crop, blank):
        cell[:2, 20:70] = cell[-2:, 40:90] = 0
        cell[5:25, :2] = cell[10:14, -3:] = 0
    assert texts(crop, blank) == ["0", ""]


def test_a_spot_beside_a_ruling_is_no_dash() -> None:
    spotted, dashed = draw(""), draw("")
    spotted[20:23, -7:] = dashed[20:23, -14:-5] = 40
    assert texts(spotted, dashed) == ["", "—"]


def test_a_1_at_the_edge_of_its_cell_stays() -> None:
    crop = draw("17")
    inked = np.flatnonzero((crop < 200).any(axis=0))
    assert texts(crop[:, inked[0] : inked[-1] + 1]) == ["17"]
