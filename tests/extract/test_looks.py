"""Every look that the generator can print, on every form: exact where there are rulings, never silent."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from pipeline.forms import load_forms
from pipeline.records import Report
from tests.extract.measured import FORMS, failed_checks, inexact, read_spec, silent_errors
from tests.tools.test_generator import STYLES
from tools.generator import Break, Spec, Style

pytestmark = pytest.mark.long

LOOKS: dict[str, Style] = {
    **STYLES,
    "cut through rows": Style(
        breaks=(Break("active_disclosure", 3, 1), Break("applications", 9, 1), Break("review_litigation", 2)),
        cut="anywhere", cut_rule="none", headers="stack", row_height=30,
    ),
    "sloppy and blank": Style(spelling="sloppy", blanks="some", numbers="mixed", side="pair", seal=True),
    "radicals": Style(spelling="kangxi", numbers="fullwidth", shading=True, ruling="rects"),
}  # fmt: skip

UNRULED = {
    "a row cut at the foot of a page": Spec(
        "示例市示例局", 2023, seed=572,
        style=Style(ruling="none", cut="anywhere", row_height=30, body_size=13),
    ),
    "the values of table four": Spec(
        "示例市教育示例局", 2021, applications="fy2019", seed=298,
        style=Style(ruling="none", numbers="mixed"),
    ),
    "blanks on pages that lie on their side": Spec(
        "示例市教育示例局", 2022, active="fy2019", applications="fy2019", seed=68,
        style=Style(ruling="none", orientation="sideways", cut="anywhere", blanks="some", row_height=30),
    ),
}  # fmt: skip
"""Reports without rulings in which a number was once put into another cell, found by trying many."""

CASES = [(look, form) for look in LOOKS for form in FORMS]
RULED = [(look, form) for look, form in CASES if LOOKS[look].ruling != "none"]


@cache
def outcome(look: str, form: str) -> tuple[Report, dict[str, Any]]:
    return read_spec(FORMS[form], LOOKS[look])


@pytest.mark.parametrize(("look", "form"), CASES)
def test_no_number_is_wrong_in_silence(look: str, form: str) -> None:
    assert silent_errors(*outcome(look, form)) == []


@pytest.mark.long
@pytest.mark.parametrize("case", UNRULED)
def test_no_number_without_rulings_is_wrong_in_silence(case: str) -> None:
    assert silent_errors(*read_spec(UNRULED[case])) == []


@pytest.mark.parametrize(("look", "form"), CASES)
def test_no_cell_is_named_that_the_form_of_its_table_does_not_print(look: str, form: str) -> None:
    units = {(f.form, f.table): f.units for f in load_forms()}
    for seen in outcome(look, form)[0].observations:
        assert units[seen.template, seen.table][seen.item, seen.column] == seen.unit


@pytest.mark.parametrize(("look", "form"), CASES)
def test_no_sum_is_laid_to_a_publisher_who_made_no_error(look: str, form: str) -> None:
    report, truth = outcome(look, form)
    assert truth["meta"]["publisher_errors"] == 0
    assert not [check for check in report.checks if check.attribution == "publisher"]


def without_mark(text: str) -> str:
    return "".join(char for char in text if char not in "样例\n")


@pytest.mark.parametrize("watermark", ["horizontal", "rotated"])
def test_a_watermark_leaves_the_prose_alone(watermark: str) -> None:
    """The watermark says 样例; all other characters of the chapters stay in their order."""
    (plain, _), (marked, _) = (read_spec(FORMS["fy2021"], Style(watermark=w)) for w in ("none", watermark))
    for one, other in zip(plain.sections, marked.sections, strict=True):
        assert (other.section, other.heading) == (one.section, one.heading)
        assert without_mark(other.text) == without_mark(one.text)


@pytest.mark.parametrize(("look", "form"), RULED)
def test_ruled_tables_are_exact(look: str, form: str) -> None:
    report, truth = outcome(look, form)
    assert inexact(report, truth) == []
    assert report.status == "ok"
    assert failed_checks(report) == set()
