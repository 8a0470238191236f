"""Pictures of single lines → their texts and the places of their characters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.extract.read.picture import recogniser
from pipeline.extract.read.picture.line_model import lines_to_outputs
from pipeline.extract.read.picture.recogniser import lines_to_readings
from tests.extract.read.picture.drawn_cells import draw

pytest.importorskip("rapidocr", reason="the model is in the wheel of rapidocr")


def test_a_line_says_the_same_in_any_company() -> None:
    lines = [
        draw(text, width=width)
        for text, width in [("0", 20), ("本年新收政府信息公开申请数量", 200), ("8731", 60)]
    ]
    alone = [lines_to_readings([line])[0] for line in lines]
    assert lines_to_readings(lines) == alone
    assert lines_to_readings(lines[::-1] * 5) == alone[::-1] * 5


def test_characters_stand_where_their_ink_is() -> None:
    crop = draw("8 6", width=60)
    (reading,) = lines_to_readings([crop])
    characters = zip(reading.places, reading.text, strict=True)
    first, second = (sum(place) / 2 for place, char in characters if char != " ")
    inked = np.flatnonzero((crop < 128).any(axis=0))
    digit = reading.size / 2
    assert first == pytest.approx(inked[0] + digit / 2, abs=digit / 4)
    assert second == pytest.approx(inked[-1] - digit / 2, abs=digit / 4)


def test_words_of_two_columns_in_one_line_are_no_larger_for_the_room_between_them() -> None:
    (near,) = lines_to_readings([draw("项件", width=60)])
    apart = np.hstack([draw("项", width=30), np.full_like(draw("项", width=40), 255), draw("件", width=30)])
    (reading,) = lines_to_readings([apart])
    assert reading.text == "项件"
    assert reading.size < 1.5 * near.size


def test_a_line_without_ink_says_nothing() -> None:
    (reading,) = lines_to_readings([np.full((20, 30), 255, np.uint8)])
    assert (reading.text, reading.places) == ("", ())


def test_a_sliver_is_no_line() -> None:
    """Drawn as high as text it would be 20,000 pixels wide."""
    sliver = np.full((4, 2000), 255, np.uint8)
    sliver[1:3, 10:-10] = 0
    assert lines_to_readings([sliver])[0].text == ""


def test_equal_lines_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def counted(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        asked.append(batch)
        return lines_to_outputs(batch)

    monkeypatch.setattr(recogniser, "lines_to_outputs", counted)
    readings = lines_to_readings([draw("0"), draw("12"), draw("0")])
    assert [reading.text for reading in readings] == ["0", "12", "0"]
    assert len(asked) == 2


def test_characters_of_another_script_are_left_out_on_demand() -> None:
    crop = draw("本年廢止件數", width=120)
    free, simplified = (lines_to_readings([crop], simplified=wanted)[0].text for wanted in (False, True))
    assert free == "本年廢止件數"
    assert simplified.encode("gb2312") and simplified[:2] == "本年"
