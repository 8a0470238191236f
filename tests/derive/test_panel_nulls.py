"""Beside every number how far it can be trusted; beside every null why it is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derive.chain import frames_to_derived, frames_to_tables
from pipeline.derive.standing import with_standing
from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Check, Reason, Report
from pipeline.tables.dictionary import values
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.schemas import ContractError, require_valid
from tests.derive.drawn_tables import Tables, draw_tables
from tests.tables.report_sample import cell, cells, report
from tools.generator import Spec
from tools.generator.figures import Cell, figures_of

FORMS = {(form.table, form.form): form for form in load_forms()}
WHOLE: Mapping[tuple[str, str], float | str] = dict.fromkeys(FORMS["applications", "fy2021"].units, 0.0)
OTHERS = ("other.no_correction", "other.fee_unpaid", "other.other")
RECEIVED: Cell = ("applications", "new_received", "natural_person")


def derived(*reports: Report) -> Tables:
    """The derived tables of these reports, valid beside the stored ones."""
    frames = with_standing(reports_to_frames(reports, reading_version="1"))
    require_valid(frames_to_tables(frames))
    return frames_to_derived(frames)


def applications(
    changes: Mapping[tuple[str, str], float | str] | None = None,
    without: Iterable[tuple[str, str]] = (),
    checks: Iterable[Check] | None = None,
    template: str = "fy2021",
) -> Report:
    """A report with a whole table of zeros but for these cells, and the checks made on it."""
    whole = dict.fromkeys(FORMS["applications", template].units, 0.0)
    told = {cell: value for cell, value in {**whole, **(changes or {})}.items() if cell not in set(without)}
    seen = cells("applications", told, template=template)
    made = observations_to_checks(seen, load_forms()) if checks is None else checks
    return report("a", observations=seen, checks=made)


def reasons(tables: Tables, table: str = "applications") -> dict[tuple[str, str], str]:
    """Why cells of the only row of a table are null."""
    nulls = tables["panel_nulls"].query(f"table == '{table}'")
    return dict(zip(zip(nulls["item"], nulls["column"], strict=True), nulls["reason"], strict=True))


def trust(tables: Tables) -> tuple[str, int, int]:
    """What the only row of panel_applications says of itself."""
    (row,) = tables["panel_applications"].to_dict("records")
    return row["trust"], row["checks_failed"], row["cells_suspect"]


def failed(attribution: str | None) -> Check:
    return Check("applications", "applications.row_total", "granted", 5.0, 4.0, "fail", attribution, 0, ())


def test_of_a_whole_table_nothing_is_null_and_the_row_is_sound() -> None:
    tables = derived(applications())
    assert reasons(tables) == {} and trust(tables) == ("sound", 0, 0)


@pytest.mark.parametrize(
    ("status", "word", "suspects"),
    [
        ("blank", "sound", 0),
        ("not_applicable", "sound", 0),
        ("unreadable", "doubtful", 0),
        ("suspect", "doubtful", 1),
    ],
)
def test_a_cell_without_a_number_says_why(status: str, word: str, suspects: int) -> None:
    place = ("granted", "business")
    tables = derived(applications({place: status}, checks=()))
    assert reasons(tables) == {place: status} and trust(tables) == (word, 0, suspects)


@pytest.mark.parametrize("status", ["blank", "not_applicable"])
def test_a_blank_that_a_passed_sum_proves_is_told_as_zero(status: str) -> None:
    place = ("granted", "business")
    assert reasons(derived(applications({place: status}))) == {place: "proven_zero"}


def test_a_cell_that_the_form_has_and_the_report_has_not() -> None:
    place = ("granted", "business")
    tables = derived(applications(without=[place]))
    assert reasons(tables) == {place: "absent"} and trust(tables) == ("incomplete", 0, 0)


def test_what_the_older_form_does_not_print_is_no_gap() -> None:
    tables = derived(applications(template="fy2019"))
    found = reasons(tables)
    assert set(found.values()) == {"not_printed"} and {item for item, _ in found} == set(OTHERS)
    assert trust(tables) == ("sound", 0, 0)


def test_a_blank_part_adds_nothing_to_a_sum_where_a_check_proves_it() -> None:
    """The sum of a row's blank total and its zeros holds: the total is 0."""
    one, *rest = OTHERS
    told: dict[tuple[str, str], float | str] = {(one, "total"): 1.0, (one, "natural_person"): 1.0}
    told |= {(part, "total"): "blank" for part in rest}
    tables = derived(applications(told))
    assert tables["panel_applications"]["other__total"].tolist() == [1]
    assert {reasons(tables)[part, "total"] for part in rest} == {"proven_zero"}
    assert ("other", "total") not in reasons(tables)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (("blank", "blank", "blank"), "blank"),
        ((1, "blank", "suspect"), "suspect"),
        (("unreadable", 2, 3), "unreadable"),
        ((1, 2, "blank"), "blank"),  # no check proves it to be 0
        ((1, 2, 3), None),
    ],
)
def test_a_sum_that_is_not_known_has_the_gravest_reason_of_its_parts(
    parts: tuple[float | str, ...], why: str | None
) -> None:
    told = dict(zip([(part, "total") for part in OTHERS], parts, strict=True))
    assert reasons(derived(applications(told, checks=()))).get(("other", "total")) == why


@pytest.mark.parametrize(
    ("attribution", "word"), [("publisher", "quoted"), ("reading", "doubtful"), (None, "doubtful")]
)
def test_a_failed_check_is_quoted_only_if_it_is_the_publisher_s(attribution: str | None, word: str) -> None:
    assert trust(derived(applications(checks=[failed(attribution)]))) == (word, 1, 0)


@pytest.mark.parametrize(
    ("reason", "word"),
    [(Reason.YEAR_DIFFERS, "doubtful"), (Reason.SEVERAL_REPORTS, "doubtful"), (Reason.PICTURES, "sound")],
)
def test_of_a_report_whose_year_is_uncertain_no_row_is_sound(reason: Reason, word: str) -> None:
    tables = derived(replace(applications(), status="flagged", reason=reason, error="why"))
    assert trust(tables) == (word, 0, 0)


def test_the_gravest_word_stands() -> None:
    gone, place = ("granted", "total"), ("granted", "business")
    assert trust(derived(applications(without=[gone], checks=[failed("publisher")])))[0] == "incomplete"
    told = applications({place: "suspect"}, without=[gone], checks=[failed("publisher")])
    assert trust(derived(told)) == ("doubtful", 1, 1)


def test_doubts_of_another_table_are_not_this_one_s() -> None:
    other = cells("review_litigation", {("review", "total"): "suspect"})
    whole = applications()
    tables = derived(replace(whole, observations=(*whole.observations, *other)))
    assert trust(tables) == ("sound", 0, 0)
    (row,) = tables["panel_review_litigation"].to_dict("records")
    assert (row["trust"], row["cells_suspect"]) == ("doubtful", 1)


def test_a_table_that_the_report_lacks_has_no_row_and_says_so() -> None:
    tables = derived(applications())
    assert len(tables["panel_active_disclosure"]) == 0
    found = reasons(tables, "active_disclosure")
    assert found["regulations", "in_force"] == "no_table"
    assert found["regulations", "total_disclosed"] == "not_printed"
    assert "statistics" not in set(tables["panel_nulls"]["table"]), "no form in force has it"


def test_the_optional_column_of_the_oldest_form_is_no_gap() -> None:
    form = FORMS["statistics", "fy2014"]
    seen = [
        cell(*place, 0.0, table="statistics", template="fy2014", unit=unit)
        for place, unit in form.units.items()
        if place[1] not in form.optional_columns
    ]
    tables = derived(report("a", year=2016, observations=seen, checks=()))
    assert set(reasons(tables, "statistics").values()) == {"not_printed"}
    assert tables["panel_statistics"]["trust"].tolist() == ["sound"]


def test_versions_that_no_date_decides_are_told_from_the_drawn_page_on(tmp_path: Path) -> None:
    figures = tuple({**figures_of("海东市教育局", 2022, 0), RECEIVED: 21.0}.items())
    other = tuple({**dict(figures), RECEIVED: 68.0}.items())
    spec = Spec("海东市教育局", 2022, figures=figures, review=False)
    tables = draw_tables(tmp_path, {"a.pdf": spec, "b.pdf": replace(spec, figures=other)})
    found = reasons(tables)
    assert found[RECEIVED[1:]] == "contradicted"
    (row,) = tables["panel_applications"].to_dict("records")
    assert (row["trust"], row["reports"], row["cells_suspect"]) == ("doubtful", 2, 0)
    assert set(reasons(tables, "review_litigation").values()) == {"no_table"}


def test_beside_a_row_stands_what_its_report_says_of_itself(tmp_path: Path) -> None:
    spec = Spec("海东市教育局", 2022, published_on="2023-01-20")
    tables = draw_tables(tmp_path, {"a.pdf": spec})
    (report_,) = tables["reports"].to_dict("records")
    for panel in ("panel_applications", "panel_active_disclosure", "panel_review_litigation"):
        (row,) = tables[panel].to_dict("records")
        for name in ("scope", "bureau_type", "admin_level", "published_on", "report_id"):
            assert row[name] == report_[name], (panel, name)
        assert (row["reports"], row["trust"]) == (1, "sound")
    assert row["bureau_type"] == "教育" and row["published_on"] == "2023-01-20"


STATUSES = st.sampled_from([1.0, "blank", "not_applicable", "unreadable", "suspect"])


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(WHOLE)), STATUSES, max_size=9),
    st.sets(st.sampled_from(list(WHOLE)), max_size=5),
)
def test_every_null_has_one_reason_and_no_number_has_one(
    changes: dict[tuple[str, str], float | str], gone: set[tuple[str, str]]
) -> None:
    tables = derived(applications(changes, without=gone))
    panel = tables["panel_applications"]
    spread = panel.filter(like="__").iloc[0]
    named = {f"{item}__{column}".replace(".", "_") for item, column in reasons(tables)}
    assert named == set(spread.index[spread.isna()])
    assert set(reasons(tables).values()) <= set(values("panel_nulls", "reason"))


@pytest.mark.parametrize("spoil", ["drop", "fill", "stray"])
def test_nulls_that_are_not_those_of_the_panels_are_not_written(spoil: str) -> None:
    frames = with_standing(
        reports_to_frames([applications({("granted", "business"): "blank"})], reading_version="1")
    )
    tables = frames_to_tables(frames)
    nulls = tables["panel_nulls"]
    mine = (nulls["table"] == "applications").to_numpy(dtype=bool)
    if spoil == "drop":
        tables["panel_nulls"] = nulls[~mine]
    elif spoil == "fill":
        tables["panel_applications"] = tables["panel_applications"].assign(granted__business=1.0)
    else:
        reason = pd.Series(np.where(mine, nulls["reason"], "blank"), dtype=nulls["reason"].dtype)
        tables["panel_nulls"] = nulls.assign(reason=reason.set_axis(nulls.index))
    with pytest.raises(ContractError, match="panel_nulls: expected the null cells of panel_"):
        require_valid(tables)
