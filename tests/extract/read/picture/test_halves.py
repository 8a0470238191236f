"""The halves of a large ideograph become one line again; two lines stay two."""

from __future__ import annotations

import pytest

from pipeline.extract.read.picture.halves import are_halves
from tests.extract.read.picture.test_text_lines import page, read


@pytest.mark.parametrize(
    ("upper", "lower", "height", "expected"),
    [
        ("雨", "令", 30, True),
        ("生", "0", 30, True),
        ("雨", "令", 45, False),
        ("商业", "企业", 30, False),
        ("0", "1", 30, False),
        ("", "令", 30, False),
    ],
)
def test_halves_are_a_character_each_and_no_higher_together_than_wide(
    upper: str, lower: str, height: float, expected: bool
) -> None:
    assert are_halves(upper, lower, 30, height) is expected


def test_an_ideograph_of_two_halves_is_one_and_two_lines_are_two() -> None:
    """告 stands alone where a title is broken; the head of a narrow column is broken after two characters."""
    shades = page(("告", 290, 120, 22), ("商业", 90, 200, 10.5), ("企业", 90, 212.5, 10.5))
    assert read(shades) == ["告", "商业", "企业"]


def test_characters_set_one_below_the_other_stay_apart() -> None:
    shades = page(("本", 90, 200, 10.5), ("年", 90, 213, 10.5), ("度", 90, 226, 10.5))
    assert read(shades) == ["本", "年", "度"]
