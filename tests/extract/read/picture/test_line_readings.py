"""A line in which ink was passed over is read once more."""

from __future__ import annotations

import pytest

from pipeline.extract.read.picture import line_readings
from pipeline.extract.read.picture.line_readings import lines_to_full_readings
from pipeline.extract.read.picture.pictures import LineReading, Shades
from tests.extract.read.picture.drawn_cells import draw

PRINTED = "登记、审核、办理、答复"
CROP = draw(PRINTED, 150.0, 12.0)
PITCH = 12.0 * 200 / 72


def reading_of(text: str, crop: Shades) -> LineReading:
    """Return a reading that has each of its characters where it is printed."""
    left, pitch = (crop.shape[1] - len(PRINTED) * PITCH * crop.shape[1] / CROP.shape[1]) / 2, PITCH
    pitch *= crop.shape[1] / CROP.shape[1]
    at = [place for place, char in enumerate(PRINTED) if char in text]
    places = tuple((left + place * pitch, left + (place + 1) * pitch) for place in at)
    return LineReading("".join(PRINTED[place] for place in at), places, 1.0, PITCH, "0" * len(at))


def answer(monkeypatch: pytest.MonkeyPatch, first: str, wider: str) -> list[int]:
    """Let the recogniser say one thing first and another of the wider line; return the widths it is asked."""
    asked: list[int] = []

    def read(crops: list[Shades]) -> list[LineReading]:
        asked.extend(crop.shape[1] for crop in crops)
        return [reading_of(first if crop is CROP else wider, crop) for crop in crops]

    monkeypatch.setattr(line_readings, "lines_to_readings", read)
    return asked


def test_the_reading_that_leaves_less_ink_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, "登记审核办理答复", PRINTED)
    (reading,) = lines_to_full_readings([CROP])
    assert reading.text == PRINTED and len(asked) == 2
    assert reading.places[0][0] == pytest.approx((CROP.shape[1] - len(PRINTED) * PITCH) / 2, abs=PITCH / 3)


def test_the_first_reading_stays_where_the_second_is_no_better(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "登记审核办理答复", "登记审核办答复")
    assert [reading.text for reading in lines_to_full_readings([CROP])] == ["登记审核办理答复"]


def test_a_line_that_was_read_whole_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer(monkeypatch, PRINTED, "")
    assert [reading.text for reading in lines_to_full_readings([CROP])] == [PRINTED]
    assert asked == [CROP.shape[1]]
