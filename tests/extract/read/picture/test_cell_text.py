"""Crops of cells → what stands in them, as printed."""

from __future__ import annotations

import pytest

from pipeline.extract.read.picture.cell_text import crops_to_texts
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
