"""Balanced panels: who stays and who falls out, recomputed by plain loops over observations and checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.derive.balanced import BalancedPanel, VariableError
from pipeline.derive.chain import frames_to_derived, frames_to_tables, place_and_check
from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Report
from pipeline.tables.frames import Frames, reports_to_frames
from pipeline.tables.writer import write
from tests.tables.report_sample import cells, report

FORM = next(form for form in load_forms() if (form.table, form.form) == ("applications", "fy2021"))
YEARS = [2021, 2022]
RECEIVED = "new_received__total"
Figures = dict[str, float | str]


def made(agency: str, year: int, name: str = "", confirmed_by: str = "", **changes: float | str) -> Report:
    """A report with every total of the applications: 5 came in, 5 were granted; and these changes."""
    told: Figures = {row.key: 0 for row in FORM.rows}
    told |= {"new_received": 5, "granted": 5, "handled_total": 5}
    told |= {key.replace("__", "."): value for key, value in changes.items()}
    numbers = {(key, "total"): value for key, value in told.items() if value != "absent"}
    seen = cells("applications", numbers, confirmed_by=confirmed_by)
    publisher = "publisher" if confirmed_by else None
    checks = [
        check._replace(attribution=publisher if check.verdict == "fail" else None)
        for check in observations_to_checks(seen, load_forms())
    ]
    return report(f"{agency} {year} {name}", agency=agency, year=year, observations=seen, checks=checks)


REPORTS = [
    *(made("杭州市教育局", year) for year in YEARS),
    *(made("杭州市公安局", year) for year in (2020, 2021)),
    *(made("杭州市扶贫开发办公室", 2021), made("杭州市乡村振兴局", 2022)),
    *(made("杭州市民政局", 2021), made("杭州市民政局", 2022, new_received="suspect")),
    *(made("杭州市司法局", 2021), made("杭州市司法局", 2022, new_received=9)),
    *(made("杭州市财政局", 2021), made("杭州市财政局", 2022, "", "other", new_received=9)),
    *(made("杭州市审计局", 2021), made("杭州市审计局", 2022, carried_in="blank")),
    *(made("杭州市水利局", 2021), made("杭州市水利局", 2022, new_received="absent")),
    *(made("鼓楼区教育局", year) for year in YEARS),
    *(
        made("杭州市商务局", 2021),
        made("杭州市商务局", 2022, "one"),
        made("杭州市商务局", 2022, "two", granted=4),
    ),
    *(made("杭州市统计局", 2021), report("none", agency="杭州市统计局", year=2022, checks=())),
    made("杭州市江干区教育局", 2021),
]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return place_and_check(reports_to_frames(REPORTS, reading_version="1"))[0]


def reasons(found: BalancedPanel) -> dict[tuple[str, int], str]:
    return {(row["agency"], row["fiscal_year"]): row["reason"] for row in found.dropped.to_dict("records")}


def test_a_folder_of_tables_does_as_well(frames: Frames, tmp_path: Path) -> None:
    write(frames_to_tables(frames), tmp_path / "tables")
    found = pipeline.balanced(tmp_path / "tables", YEARS, [RECEIVED])
    loaded = pipeline.balanced(pipeline.load(tmp_path / "tables"), YEARS, [RECEIVED])
    assert found.panel.equals(loaded.panel) and len(found.panel)


def test_who_stays_has_every_number_and_who_falls_out_has_its_reason(frames: Frames) -> None:
    found = pipeline.balanced(frames, YEARS, [RECEIVED])
    assert sorted(set(found.panel["agency"])) == sorted([
        "杭州市教育局", "杭州市扶贫开发办公室", "杭州市乡村振兴局", "杭州市审计局", "杭州市商务局",
    ])  # fmt: skip
    assert reasons(found) == {
        ("杭州市公安局", 2022): "no_report", ("杭州市民政局", 2022): "suspect",
        ("杭州市司法局", 2022): "check_failed", ("杭州市财政局", 2022): "check_failed",
        ("杭州市水利局", 2022): "absent", ("鼓楼区教育局", 2021): "unplaced",
        ("鼓楼区教育局", 2022): "unplaced", ("杭州市统计局", 2022): "no_table",
        ("杭州市江干区教育局", 2022): "ended",
    }  # fmt: skip


def test_an_error_of_the_publisher_s_own_is_no_hindrance_if_asked_for(frames: Frames) -> None:
    found = pipeline.balanced(frames, YEARS, [RECEIVED], quoted=True)
    assert "杭州市财政局" in set(found.panel["agency"])
    assert reasons(found)["杭州市司法局", 2022] == "check_failed"


def test_a_contradicted_number_and_a_rate_fall_out_for_themselves_alone(frames: Frames) -> None:
    found = pipeline.balanced(frames, YEARS, ["granted__total"])
    assert reasons(found)["杭州市商务局", 2022] == "contradicted"
    rates = frames_to_derived(frames)["panel_rates"]
    rate = rates["rate"].iloc[0]
    told = pipeline.balanced(frames, YEARS, [rate])
    known = rates[(rates["rate"] == rate) & (rates["status"] == "ok")].set_index(["agency_id", "fiscal_year"])
    for row in told.panel.to_dict("records"):
        assert row[rate] == known.loc[(row["agency_id"], row["fiscal_year"]), "value"]
    assert len(told.panel) and "check_failed" in set(told.dropped["reason"])


def plain(frames: Frames, years: list[int], items: list[str]) -> dict[tuple[str, int, str], float]:
    """The trusted totals of those rows of the form by body, year and row: plain loops."""
    heads = {
        row["report_id"]: row
        for row in frames.reports.to_dict("records")
        if row["superseded_by"] is None or row["superseded_by"] != row["superseded_by"]
    }
    status: dict[tuple[str, str], str] = {}
    found: dict[tuple[str, str], float] = {}
    for row in frames.observations.to_dict("records"):
        if row["report_id"] in heads and row["column"] == "total":
            status[row["report_id"], row["item"]] = row["status"]
            if row["status"] == "ok":
                found[row["report_id"], row["item"]] = row["value"]
    checks: dict[tuple[str, str], str] = {
        (row["report_id"], row["check"]): row["verdict"]
        for row in frames.checks.to_dict("records")
        if row["scope"] == "total"
    }
    for report_id in heads:
        for identity in FORM.identities:
            if identity.across != "columns":
                continue
            verdict = checks.get((report_id, identity.name))
            blank = [key for key in identity.weights if status.get((report_id, key)) == "blank"]
            if verdict == "pass" and len({identity.weights[key] > 0 for key in blank}) == 1:
                found |= {(report_id, key): 0.0 for key in blank}
    for report_id in heads:
        for identity in FORM.identities:
            if checks.get((report_id, identity.name)) == "fail" and identity.across == "columns":
                for key in identity.weights:
                    found.pop((report_id, key), None)
        if checks.get((report_id, "series.carried")) == "fail":
            found.pop((report_id, "carried_in"), None)
    return {
        (heads[report_id]["agency_id"], heads[report_id]["fiscal_year"], item): value
        for (report_id, item), value in found.items()
        if item in items
        and heads[report_id]["fiscal_year"] in years
        and heads[report_id]["region_match"] not in ("none", "ambiguous")
    }


@pytest.mark.parametrize("items", [["new_received"], ["carried_in"], ["new_received", "handled_total"]])
def test_the_panel_is_what_plain_loops_find(frames: Frames, items: list[str]) -> None:
    """But for contradicted cells, which the test above is about: 商务局's 予以公开."""
    known = plain(frames, YEARS, items)
    bodies = {agency_id for agency_id, _, _ in known}
    whole = {
        agency_id
        for agency_id in bodies
        if all((agency_id, year, item) in known for year in YEARS for item in items)
    }
    found = pipeline.balanced(frames, YEARS, [f"{item}__total" for item in items])
    assert set(found.panel["agency_id"]) == whole and len(found.panel) == len(whole) * len(YEARS)
    for row in found.panel.to_dict("records"):
        told = {item: row[f"{item}__total"] for item in items}
        assert told == {item: known[row["agency_id"], row["fiscal_year"], item] for item in items}
    dropped = {
        (row["agency_id"], row["fiscal_year"], row["variable"]) for row in found.dropped.to_dict("records")
    }
    seen = set(frames.reports[frames.reports["fiscal_year"].isin(YEARS)]["agency_id"])
    every = {(body, year, f"{item}__total") for body in seen for year in YEARS for item in items}
    assert dropped == every - {(body, year, f"{item}__total") for body, year, item in known}


def test_a_table_that_the_forms_of_a_year_do_not_have_is_not_printed(frames: Frames) -> None:
    found = pipeline.balanced(frames, YEARS, ["received__count"])
    assert len(found.panel) == 0
    assert {reason for key, reason in reasons(found).items() if key[0] == "杭州市教育局"} == {"not_printed"}


def test_no_body_at_all_gives_no_rows(frames: Frames) -> None:
    found = pipeline.balanced(frames, [2035], [RECEIVED])
    assert len(found.panel) == len(found.dropped) == 0 and RECEIVED in found.panel


@pytest.mark.parametrize(
    ("years", "names", "said"),
    [(YEARS, ["new_recieved__total"], "new_received__total"), ([], [RECEIVED], "at least one year"),
     (YEARS, [], "one variable"), (YEARS, RECEIVED, "one name: give a list"),
     (2022, [RECEIVED], "no years"), (["2022"], [RECEIVED], "no years")],
)  # fmt: skip
def test_a_wrong_name_is_answered_with_the_nearest(frames: Frames, years: Any, names: Any, said: str) -> None:
    with pytest.raises(VariableError, match=said):
        pipeline.balanced(frames, years, names)
