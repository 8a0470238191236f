"""Digits whose font says that they are others: the page shows what they are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from pipeline.extract.opened_pdf import ALL_ENGINES, EngineOptions
from pipeline.extract.shape_check import Shape, judge, shapes_to_confirmed, shapes_to_renamed
from pipeline.records import Box, Character, Report
from tests.extract.measured import (
    FORMS,
    MODERN,
    OWNED,
    WITHOUT_PICTURES,
    cells_of,
    read_bytes,
    silent_errors,
)
from tests.extract.read.backends.test_backends import with_maps
from tools.generator import Piece, Spec, Style, generate
from tools.generator.numbers import Printed

SIX, EIGHT, SPACE, MINUS, TWO = b"<0036>", b"<0038>", b"<0020>", b"<002D>", b"<0032>"
ONE, SEVEN, ZERO_WIDTH = b"<0031>", b"<0037>", b"<200B>"

CHANGE = ("administrative_licensing", "change")


@cache
def outcome(
    *swaps: tuple[bytes, bytes],
    style: Style | None = None,
    spec: Spec = MODERN,
    engines: EngineOptions = ALL_ENGINES,
) -> tuple[Report, dict[str, Any]]:
    """A report of which the fonts say so."""

    def swapped(cmap: bytes) -> bytes:
        for number, (old, _) in enumerate(swaps):
            cmap = cmap.replace(old, b"<swap%d>" % number)
        for number, (_, new) in enumerate(swaps):
            cmap = cmap.replace(b"<swap%d>" % number, new)
        return cmap

    pdf, truth = generate(replace(spec, style=style or Style()))
    return read_bytes(with_maps(pdf, swapped), engines=engines), truth


def test_digits_that_are_swapped_are_read_as_they_are_drawn() -> None:
    """The sums hold what their shapes say. A cell without a sum is ok if its digits are in such sums too."""
    report, truth = outcome((SIX, EIGHT), (EIGHT, SIX))
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    assert {cell: seen.value for cell, seen in cells_of(report).items()} == printed
    assert all(check.verdict == "pass" for check in report.checks)
    suspect = {seen.table: seen.doubt for seen in report.observations if seen.status != "ok"}
    words = "the file names other digits than the page shows, and no sum holds this number"
    assert suspect in ({}, {"active_disclosure": words})


NO_NAMES = [(b"<%04X>" % (0x30 + digit), b"<FFFD>") for digit in range(10)]
FEE = ("active_disclosure", "administrative_fees", "fee_amount")


@pytest.mark.parametrize("point", [b"<002B>", b"<FFFD>", b"<0024>"])
def test_numbers_without_names_are_read_in_every_table(point: bytes) -> None:
    """A table whose rows have no labels too, and a decimal point that is said to be a plus sign."""
    spec = replace(MODERN, printed=((FEE, Printed("8844.54", 8844.54, "ok")),))
    report, truth = outcome(*NO_NAMES, (b"<002E>", point), spec=spec)
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    assert {cell: seen.value for cell, seen in cells_of(report).items()} == printed
    assert {seen.status for seen in report.observations if seen.table != FEE[0]} == {"ok"}


def test_a_digit_that_is_said_to_be_a_space_is_shown_and_not_read() -> None:
    report, truth = outcome((EIGHT, SPACE), engines=WITHOUT_PICTURES)
    wrong = [cell for cell, seen in cells_of(report).items() if seen.status == "ok"]
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    assert [cell for cell in wrong if cells_of(report)[cell].value != printed[cell]] == []
    assert {check.attribution for check in report.checks if check.verdict == "fail"} <= {"reading"}
    assert any(seen.doubt == "the page shows something here that is no text" for seen in report.observations)


def test_a_digit_that_is_said_to_be_a_space_is_read_from_the_picture_of_its_page() -> None:
    report, truth = outcome((EIGHT, SPACE))
    assert silent_errors(report, truth) == []
    assert any(
        "8" in seen.raw and seen.status == "ok" for seen in report.observations if seen.reader == "ocr"
    )


RULED, MARKED, OPEN = Style(), Style(watermark="plain"), Style(ruling="none")
CLAIMS = [(claim, style) for claim in ((SEVEN, ONE), (MINUS, TWO)) for style in (RULED, MARKED, OPEN)]
CLAIMS += [(claim, style) for claim in ((EIGHT, ZERO_WIDTH), (ONE, SPACE)) for style in (RULED, MARKED)]


@pytest.mark.parametrize(("claim", "style"), CLAIMS)
def test_no_number_is_what_the_font_says_against_the_page(claim: tuple[bytes, bytes], style: Style) -> None:
    """One digit is said to be another, a minus sign a digit, a digit nothing; under a watermark too."""
    report, truth = outcome(claim, style=style)
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    trusted = {cell: seen for cell, seen in cells_of(report).items() if seen.status in ("ok", "blank")}
    assert [cell for cell, seen in trusted.items() if seen.value != printed[cell]] == []
    assert {check.attribution for check in report.checks if check.verdict == "fail"} <= {"reading"}


def test_without_shapes_nothing_is_renamed_or_confirmed() -> None:
    assert shapes_to_renamed(judge([])) == {}
    assert shapes_to_confirmed(judge([])) == set()


PROBABILITIES = np.array([
    *([[0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]] * 3),
    *([[0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]] * 3),
    [0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6],
], np.float32)  # fmt: skip
"""Three shapes of a 1, three of a 7, and one that may be a 1 but for the doubt whether it is a digit."""


@pytest.mark.parametrize(
    ("claim", "like", "is_confirmed"),
    [("1", 0.1, True), ("1", 4.9, False), ("1", 3.0, False), ("7", 0.1, False), ("7", 4.9, False)],
)
def test_a_doubtful_shape_is_confirmed_among_others_like_it(
    claim: str, like: float, is_confirmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shapes of a 1 measure 0.0 to 0.4, those of a 7 measure 4.6 to 5.0."""
    inputs = np.array([[0.0], [0.2], [0.4], [4.6], [4.8], [5.0], [like]], np.float32)
    monkeypatch.setattr("pipeline.extract.shape_check.crops_to_inputs", lambda crops: inputs)
    monkeypatch.setattr(
        "pipeline.extract.shape_check.inputs_to_probabilities", lambda inputs, layers: PROBABILITIES
    )
    shapes = [
        Shape(1, Character(text, box := Box(at, 0, at + 1, 1)), np.full((1, 1), at, np.uint8), box)
        for at, text in enumerate(["1"] * 3 + ["7"] * 3 + [claim])
    ]
    confirmed = {int(char.box.x0) for _, char in shapes_to_confirmed(judge(shapes))}
    assert confirmed == ({0, 1, 2, 3, 4, 5, 6} if is_confirmed else {0, 1, 2, 3, 4, 5})


@pytest.mark.parametrize(("claims", "renamed"), [("68", {"6": "8", "8": "6"}), ("6", {"6": "8"}), ("86", {})])
def test_the_net_alone_names_a_digit_that_a_report_has_once(
    claims: str, renamed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first shape is an 8, the second one a 6: there is no other to compare them with."""
    shown = np.eye(14, dtype=np.float32)[[8, 6]][: len(claims)]
    inputs = np.ones((len(claims), 3), np.float32)
    monkeypatch.setattr("pipeline.extract.shape_check.crops_to_inputs", lambda crops: inputs)
    monkeypatch.setattr("pipeline.extract.shape_check.inputs_to_probabilities", lambda inputs, layers: shown)
    crop, boxes = np.zeros((1, 1), np.uint8), [Box(at, 0, at + 1, 1) for at in range(len(claims))]
    shapes = [Shape(1, Character(text, box), crop, box) for text, box in zip(claims, boxes, strict=True)]
    found = shapes_to_renamed(judge(shapes)).get(1, ())
    assert {one.character.text: one.shown for one in found} == renamed


@pytest.mark.parametrize("shade", [0, 255])
def test_a_shape_that_is_no_digit_is_not_renamed(shade: int) -> None:
    crop = np.full((16, 12), shade, np.uint8)
    box = Box(0, 0, 6, 8)
    shape = Shape(1, Character("8", box), crop, box)
    assert shapes_to_renamed(judge([shape])) == {}


NAMES = {"slash": b"<002F>", "dash": b"<2014>", "unit": b"<4EF6>"}


@pytest.mark.parametrize("style", [RULED, OPEN])
@pytest.mark.parametrize("name", ["slash", "dash", "unit"])
@pytest.mark.parametrize("digit", [ONE, SEVEN])
def test_a_digit_that_is_said_to_be_none_is_read_or_doubted(digit: bytes, name: str, style: Style) -> None:
    """A cell that reads not applicable by its characters shows a number all the same."""
    report, truth = outcome((digit, NAMES[name]), style=style)
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    trusted = {cell: seen for cell, seen in cells_of(report).items() if seen.status not in OWNED}
    assert [cell for cell, seen in trusted.items() if seen.value != printed[cell]] == []
    assert {check.attribution for check in report.checks if check.verdict == "fail"} <= {"reading"}


@pytest.mark.parametrize("digit", [ONE, SEVEN])
def test_a_digit_that_is_said_to_be_a_space_leaves_ink_beside_a_number_without_rulings(digit: bytes) -> None:
    report, truth = outcome((digit, SPACE), style=OPEN)
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    trusted = {cell: seen for cell, seen in cells_of(report).items() if seen.status not in OWNED}
    assert [cell for cell, seen in trusted.items() if seen.value != printed[cell]] == []


@pytest.mark.parametrize("size", [6.0, 8.0, 10.0])
def test_a_minus_sign_that_is_said_to_be_a_space_makes_its_number_doubtful(size: float) -> None:
    """That of small type is less than two points long."""
    style = Style(cell_size=size, pieces=((CHANGE, (Piece("-12"),)),))
    spec = replace(FORMS["fy2019"], style=style)
    pdf, _ = generate(spec)
    unsigned = with_maps(pdf, lambda cmap: cmap.replace(MINUS, SPACE))
    seen = cells_of(read_bytes(unsigned, engines=WITHOUT_PICTURES))["active_disclosure", *CHANGE]
    assert (seen.value, seen.status) == (12, "suspect")
    seen = cells_of(read_bytes(unsigned))["active_disclosure", *CHANGE]
    assert (seen.value, seen.status) in [(-12, "ok"), (12, "suspect")]


def test_a_table_without_rulings_whose_digits_have_no_names_is_read() -> None:
    """No cell of it has a digit before which a sign may stand."""
    report, truth = outcome(*NO_NAMES, style=Style(ruling="none"))
    printed = {tuple(row[:3]): row[3] for row in truth["cells"]}
    trusted = {cell: seen for cell, seen in cells_of(report).items() if seen.status in ("ok", "blank")}
    assert trusted
    assert [cell for cell, seen in trusted.items() if seen.value != printed[cell]] == []
