"""Change any one digit of a consistent report: the sums that hold it fail, and no others."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Box, Observation
from tests.extract.measured import FORMS, cells_of, failed_checks, inexact, read_spec
from tools.generator import Style
from tools.generator.figures import Cell, figures_of, identities
from tools.generator.layouts import unit_of
from tools.generator.reports import layouts_of

Sum = tuple[str, str]

PROVINCIAL = replace(FORMS["fy2014"], statistics="provincial")
SPECS = {**FORMS, "provincial": PROVINCIAL}

SHORTER_NAMES = {"statistics.answered.refused": "statistics.refused"}
"""The generator, which was written from the printed forms alone, names one sum by its full row."""


@cache
def consistent_report(form: str) -> tuple[Observation, ...]:
    """What a perfect reader makes of an invented report that adds up."""
    spec = SPECS[form]
    figures = figures_of(spec.agency, spec.year, spec.seed)
    return tuple(
        observation((layout.table, item, column), layout.template, figures[layout.table, item, column])
        for layout in layouts_of(spec, figures)
        for item, column in layout.number_keys()
    )


def observation(cell: Cell, template: str, value: float) -> Observation:
    table, item, column = cell
    return Observation(
        table, template, item, column, float(value), unit_of(*cell), f"{value:g}", "ok", 1,
        Box(0, 0, 1, 1), "pypdfium2", "exact", item, column,
    )  # fmt: skip


@cache
def sums_of(form: str) -> dict[Sum, frozenset[Cell]]:
    """Every sum that the printed forms demand, as the generator knows them, with its cells."""
    seen = {(o.table, o.item, o.column) for o in consistent_report(form)}
    items = {item for table, item, _ in seen if table == "applications"}
    return {
        (SHORTER_NAMES.get(check, check), scope): frozenset((*left, *right))
        for check, scope, left, right in identities(items)
        if seen >= {*left, *right}
    }


def failing(observations: tuple[Observation, ...]) -> set[Sum]:
    checks = observations_to_checks(observations, load_forms())
    return {(check.check, check.scope) for check in checks if check.verdict == "fail"}


@pytest.mark.parametrize("form", SPECS)
def test_a_consistent_report_passes_every_sum_of_its_form(form: str) -> None:
    checks = observations_to_checks(consistent_report(form), load_forms())
    tested = {(check.check, check.scope): {(check.table, *cell) for cell in check.cells} for check in checks}
    assert tested == {name: set(cells) for name, cells in sums_of(form).items()}
    assert {check.verdict for check in checks} == {"pass"}


@st.composite
def misread_digits(draw: st.DrawFn) -> tuple[str, int, float]:
    """A form, one of its covered cells (by place), and its value with one digit changed."""
    form = draw(st.sampled_from(sorted(SPECS)))
    covered = frozenset().union(*sums_of(form).values())
    observations = consistent_report(form)
    places = [i for i, o in enumerate(observations) if (o.table, o.item, o.column) in covered]
    place = draw(st.sampled_from(places))
    digits = f"{observations[place].value:.0f}"
    at = draw(st.integers(0, len(digits) - 1))
    other = draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[at]]))
    return form, place, float(digits[:at] + other + digits[at + 1 :])


@settings(max_examples=200)
@given(misread_digits())
def test_any_one_digit_fails_exactly_the_sums_that_hold_it(misread: tuple[str, int, float]) -> None:
    form, place, value = misread
    observations = list(consistent_report(form))
    changed = observations[place]
    observations[place] = changed._replace(value=value)
    cell = (changed.table, changed.item, changed.column)
    holding = {name for name, cells in sums_of(form).items() if cell in cells}
    assert failing(tuple(observations)) == holding
    assert holding


@settings(max_examples=60)
@given(misread_digits(), st.data())
def test_a_lost_number_fails_its_sums_unless_it_was_nothing(
    misread: tuple[str, int, float], data: st.DataObject
) -> None:
    """A cell read as blank counts as 0; a cell that could not be read is no part of any test."""
    form, place, _ = misread
    observations = list(consistent_report(form))
    lost = observations[place]
    status = data.draw(st.sampled_from(["blank", "unreadable"]))
    observations[place] = lost._replace(value=None, status=status)
    cell = (lost.table, lost.item, lost.column)
    holding = {name for name, cells in sums_of(form).items() if cell in cells}
    expected = holding if status == "blank" and lost.value else set()
    assert failing(tuple(observations)) == expected
    if status == "unreadable":
        checks = observations_to_checks(observations, load_forms())
        assert not holding & {(check.check, check.scope) for check in checks}


# ----------------------------------------------------------- and on the page

WRONG: dict[str, tuple[str, Cell, float]] = {
    "a part of table three": ("fy2021", ("applications", "granted", "business"), 77),
    "the total of a row": ("fy2019", ("applications", "new_received", "total"), 4),
    "a total of zero": ("fy2021", ("review_litigation", "litigation_direct", "total"), 0),
    "the total of a year": ("fy2014", ("statistics", "received", "count"), 123),
    "all years together": ("provincial", ("statistics", "refused.privacy", "cumulative"), 5000),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_bureaus_own_error_is_found_and_kept(case: str) -> None:
    form, cell, value = WRONG[case]
    report, truth = read_spec(replace(SPECS[form], wrong=((cell, value),)))
    holding = {name for name, cells in sums_of(form).items() if cell in cells}
    assert failed_checks(report) == holding
    assert {check.attribution for check in report.checks if check.verdict == "fail"} == {"publisher"}
    seen = cells_of(report)[cell]
    assert (seen.value, seen.status, seen.reader, seen.confirmed_by) == (
        value,
        "ok",
        "pypdfium2",
        "pdfplumber",
    )
    assert inexact(report, truth) == []
    assert report.status == "flagged"


@pytest.mark.parametrize("ruling", ["solid", "none"])
def test_a_row_of_the_bureau_s_own_casts_no_doubt_on_the_others(ruling: str) -> None:
    """4.其他 under （四）, counted into the total: the printed sum fails, and every cell is right."""
    spec = replace(SPECS["fy2021"], extra_row="other_counted", style=Style(ruling=ruling))
    report, truth = read_spec(spec)
    assert truth["meta"]["failing_checks"]
    failed = [check for check in report.checks if check.verdict == "fail"]
    failing = {(check.check, check.scope): check.attribution for check in failed}
    assert failing == {tuple(pair): "publisher" for pair in truth["meta"]["failing_checks"]}
    assert {seen.status for seen in report.observations} <= {"ok", "blank", "not_applicable"}
    assert {"other.other"} & {seen.item for seen in report.observations}


def test_the_independent_reader_of_a_borderless_table_with_a_wrong_sum_counts() -> None:
    cell = ("applications", "handled_total", "total")
    report, _ = read_spec(replace(SPECS["fy2021"], style=Style(ruling="none"), wrong=((cell, 999.0),)))
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert failed
    assert {check.attribution for check in failed} == {"publisher"}
    assert not [seen for seen in report.observations if seen.status == "suspect"]
