"""An older number under a white patch, as editors of PDFs leave it: never a part of the one that is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.extract import visible_digits
from tests.extract.measured import MODERN, cells_of, read_bytes, read_spec
from tools.generator import Style, generate

CELL = ("applications", "new_received", "natural_person")
KEY = CELL[1:]


@pytest.mark.parametrize("ruling", ["solid", "none"])
def test_digits_in_one_place_are_unreadable(ruling: str) -> None:
    report, truth = read_spec(MODERN, Style(ruling=ruling, patches=((KEY, "92", 0.0),)))
    assert printed(truth) not in (92, None)
    seen = cells_of(report)[CELL]
    assert (seen.value, seen.status, report.status) == (None, "unreadable", "flagged")


@pytest.mark.parametrize("shift", [-9.0, 9.0])
def test_a_hidden_number_beside_the_seen_one_is_found_by_the_sums(shift: float) -> None:
    """Every reader makes one number of both, so sums fail: the page itself shows that one is not there."""
    report, truth = read_spec(MODERN, Style(patches=((KEY, "92", shift),)))
    seen = cells_of(report)[CELL]
    assert seen.value != printed(truth) and seen.status == "suspect"
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert failed and {check.attribution for check in failed} == {"reading"}


def test_without_what_draws_the_page_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(visible_digits, "boxes_with_hidden_digits", fail)
    report, _ = read_spec(MODERN, Style(patches=((KEY, "92", 9.0),)))
    assert {check.attribution for check in report.checks if check.verdict == "fail"} == {"publisher"}


def test_a_wrong_sum_that_is_all_to_be_seen_is_the_publisher_s() -> None:
    pdf, _ = generate(replace(MODERN, wrong_sums=2, style=Style(shading=True, watermark="rotated")))
    report = read_bytes(pdf)
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert len(failed) >= 2 and {check.attribution for check in failed} == {"publisher"}
    assert not any(seen.status == "suspect" for seen in report.observations)


def printed(truth: dict[str, list[list[object]]]) -> object:
    return next(row[3] for row in truth["cells"] if tuple(row[:3]) == CELL)
