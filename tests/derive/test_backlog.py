"""What waits: recomputed by plain loops over observations and checks."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pipeline.derive.balanced import frames_to_balanced
from pipeline.derive.chain import frames_to_derived, place_and_check
from pipeline.extract.identities import observations_to_checks
from pipeline.forms import load_forms
from pipeline.records import Report
from pipeline.tables.frames import Frames, reports_to_frames
from pipeline.tables.schemas import require_valid
from tests.tables.report_sample import cells, report

FORM = next(form for form in load_forms() if (form.table, form.form) == ("applications", "fy2021"))
ITEMS = {
    "new_received": "received", "carried_in": "carried_in", "handled_total": "handled",
    "carried_out": "carried_out",
}  # fmt: skip
Flow = tuple[float | str, float | str, float | str, float | str]
"""received, carried in, handled, carried out; a text is a status without a number."""

FLOWS: dict[tuple[str, int], Flow] = {
    ("杭州市扶贫开发办公室", 2020): (10, 2, 9, 3),
    ("杭州市乡村振兴局", 2021): (7, 3, 8, 2),
    ("杭州市乡村振兴局", 2022): (7, 4, 8, 3),
    ("杭州市乡村振兴局", 2024): (5, 3, 8, 0),
    ("杭州市教育局", 2021): (5, 0, 5, "blank"),
    ("杭州市财政局", 2021): (5, "blank", 5, "blank"),
    ("杭州市财政局", 2022): (5, 1, 6, 0),
    ("杭州市教育局", 2022): (5, "blank", 4, 1),
    ("杭州市教育局", 2023): (6, 1, 8, 1),
    ("杭州市公安局", 2021): (5, 0, 3, "suspect"),
    ("杭州市公安局", 2022): (5, 2, 7, 0),
    ("鼓楼区教育局", 2021): (5, 0, 3, 2),
    ("鼓楼区教育局", 2022): (5, 1, 6, 0),
    ("杭州市拱墅区人民政府", 2020): (5, 0, 3, 2),
    ("杭州市拱墅区人民政府", 2021): (5, 9, 8, 6),  # it took in 下城区 in 2021
    ("杭州市拱墅区人民政府", 2022): (5, 4, 8, 1),
    ("东城区教育委员会（示例）", 2021): ("absent", 0, 3, 2),
}

IN_NEW_BORDERS = {("杭州市拱墅区人民政府", 2021)}


def made(agency: str, year: int, flow: Flow) -> Report:
    """A report with these totals, all granted, every other total 0, and all checks that can be made."""
    told: dict[tuple[str, str], float | str] = {(row.key, "total"): 0 for row in FORM.rows}
    told |= {(item, "total"): value for item, value in zip(ITEMS, flow, strict=True)}
    told["granted", "total"] = flow[2]
    seen = cells("applications", {place: value for place, value in told.items() if value != "absent"})
    checks = observations_to_checks(seen, load_forms())
    return report(f"{agency} {year}", agency=agency, year=year, observations=seen, checks=checks)


def tables() -> tuple[Frames, pd.DataFrame]:
    reports = [made(agency, year, flow) for (agency, year), flow in FLOWS.items()]
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    derived = frames_to_derived(frames)
    require_valid({**frames.tables(), **derived})
    return frames, derived["backlog"]


def proven(frames: Frames, report_id: str, item: str) -> bool:
    """Whether a passed identity over this total, whose blanks are on one side alone, makes it 0."""
    cell_of = {
        row["item"]: row["status"]
        for row in frames.observations.to_dict("records")
        if row["report_id"] == report_id and row["column"] == "total"
    }
    passed = {
        row["check"]
        for row in frames.checks.to_dict("records")
        if (row["report_id"], row["scope"], row["verdict"]) == (report_id, "total", "pass")
    }
    for identity in FORM.identities:
        if identity.across == "columns" and identity.name in passed and item in identity.weights:
            blanks = {weight > 0 for key, weight in identity.weights.items() if cell_of.get(key) == "blank"}
            if len(blanks) == 1:
                return True
    return False


def plain(value: Any) -> Any:
    return None if pd.isna(value) else value


def test_every_row_is_what_plain_loops_make_of_the_reports() -> None:
    frames, found = tables()
    numbers: dict[tuple[str, int], dict[str, float | None]] = {}
    reports = frames.reports.set_index("report_id").to_dict("index")
    for row in frames.observations.to_dict("records"):
        if row["column"] != "total" or row["item"] not in ITEMS:
            continue
        head = reports[row["report_id"]]
        value = row["value"] if row["status"] == "ok" else None
        if row["status"] == "blank" and proven(frames, row["report_id"], row["item"]):
            value = 0.0
        year = numbers.setdefault((head["agency_id"], head["fiscal_year"]), {})
        year[ITEMS[row["item"]]] = value
    nowhere = {
        head["agency_id"] for head in reports.values() if head["region_match"] in ("none", "ambiguous")
    }
    assert len(found) == len(FLOWS) == len(numbers) and nowhere
    for row in found.to_dict("records"):
        year = numbers[row["agency_id"], row["fiscal_year"]]
        here = [year.get(name) for name in ("carried_in", "received", "handled", "carried_out")]
        assert [plain(row[name]) for name in ("carried_in", "received", "handled", "carried_out")] == here
        gap = None if None in here else here[0] + here[1] - here[2] - here[3]  # type: ignore[operator]
        before = numbers.get((row["agency_id"], row["fiscal_year"] - 1), {}).get("carried_out")
        if row["agency_id"] in nowhere or (row["agency"], row["fiscal_year"]) in IN_NEW_BORDERS:
            before = None
        carried = None if before is None or here[0] is None else here[0] - before
        told = [plain(row[name]) for name in ("balance_gap", "carried_out_before", "carry_gap")]
        assert told == [gap, before, carried], row


def test_gaps_of_a_renamed_body_and_of_a_year_without_the_one_before() -> None:
    _, found = tables()
    rows = found.set_index(["agency", "fiscal_year"])
    names = ["balance_gap", "carry_gap", "trust", "trust_before"]
    told = {key: [plain(value) for value in rows.loc[key, names]] for key in FLOWS}
    assert told["杭州市扶贫开发办公室", 2020][:2] == [0, None]
    assert told["杭州市乡村振兴局", 2021][:2] == [0, 0]
    assert told["杭州市乡村振兴局", 2022][:2] == [0, 2]
    assert told["杭州市乡村振兴局", 2024][:2] == [0, None] and told["杭州市乡村振兴局", 2024][3] is None
    assert told["杭州市教育局", 2022][1] == 0  # a blank that the balance proves to be 0, twice
    assert told["杭州市教育局", 2023] == [-2, 0, "doubtful", "incomplete"]
    assert told["杭州市财政局", 2022][1] is None  # blanks on both sides prove nothing
    assert told["杭州市公安局", 2022][1] is None and told["杭州市公安局", 2022][3] == "doubtful"


def test_a_gap_between_years_is_that_of_the_check_across_them() -> None:
    frames, found = tables()
    checks = frames.checks[(frames.checks["check"] == "series.carried") & (frames.checks["scope"] == "total")]
    differences = dict(zip(checks["report_id"], checks["difference"], strict=True))
    known = found[found["carry_gap"].notna()]
    assert len(known) >= 4
    assert {row.report_id: row.carry_gap for row in known.itertuples()} == {
        report_id: differences.get(report_id, 0) for report_id in known["report_id"]
    }  # without any number, two blanks that are both proven, there is no such check


def test_a_county_that_took_in_another_need_not_begin_with_what_it_left_alone() -> None:
    frames, found = tables()
    rows = found.set_index(["agency", "fiscal_year"])
    agency = "杭州市拱墅区人民政府"
    names = ["carry_gap", "trust_before"]
    assert [plain(value) for value in rows.loc[(agency, 2021), names]] == [None, None]
    assert [plain(value) for value in rows.loc[(agency, 2022), names]] == [-2, "doubtful"]
    checks = frames.checks[frames.checks["agency"] == agency]
    failed = checks[(checks["check"] == "series.carried") & (checks["verdict"] == "fail")]
    assert set(failed["fiscal_year"]) == {2022}


def three_years(confirmed_by: str) -> Frames:
    """Whole tables of three years, every application by a natural person. The first carries out 3, and the
    second begins with 4; it carries out 2, and the third begins with 2."""
    columns, reports = [column.key for column in FORM.columns], []
    for year, flow in {2021: (10, 0, 7, 3), 2022: (7, 4, 9, 2), 2023: (5, 2, 7, 0)}.items():
        told: dict[tuple[str, str], float | str] = {
            (row.key, column): 0 for row in FORM.rows for column in columns
        }
        for item, value in [*zip(ITEMS, flow, strict=True), ("granted", flow[2])]:
            told |= {(item, "natural_person"): value, (item, "total"): value}
        seen = cells("applications", told, confirmed_by=confirmed_by)
        checks = observations_to_checks(seen, load_forms())
        reports.append(report(f"{year}", agency="杭州市教育局", year=year, observations=seen, checks=checks))
    return place_and_check(reports_to_frames(reports, reading_version="1"))[0]


@pytest.mark.parametrize(("confirmed_by", "word"), [("", "doubtful"), ("pdfplumber", "quoted")])
def test_a_carry_over_that_fails_is_told_of_both_years_and_no_other(confirmed_by: str, word: str) -> None:
    frames = three_years(confirmed_by)
    derived = frames_to_derived(frames)
    panel = derived["panel_applications"]
    assert list(panel["trust"]) == [word, word, "sound"]
    assert list(panel["checks_failed"]) == [2, 2, 0]  # natural persons, and the total
    by_rate = dict(iter(derived["panel_rates"].groupby("rate")))
    assert list(by_rate["share_carried_over"]["status"]) == ["check_failed", "check_failed", "ok"]
    assert list(by_rate["share_granted"]["status"]) == ["ok"] * 3
    caveats = by_rate["share_carried_over"]["caveat"]
    assert ["failed_sums" in caveat for caveat in caveats] == [True, True, False]
    backlog = derived["backlog"]
    assert list(backlog["trust"]) == [word, word, "sound"]
    assert [plain(value) for value in backlog["trust_before"]] == [None, word, word]
    assert [plain(value) for value in backlog["carry_gap"]] == [None, 1, 0]
    assert list(frames.reports["checks_failed"]) == [0, 2, 0]  # the row of the check is the later report's
    assert list(frames.reports["status"]) == ["ok", "flagged", "ok"]


def test_a_balanced_panel_has_neither_number_of_a_carry_over_that_fails() -> None:
    names = ["carried_in__total", "carried_out__total", "new_received__total"]
    found = frames_to_balanced(three_years("pdfplumber"), [2021, 2022, 2023], names)
    dropped = found.dropped[["fiscal_year", "variable", "reason"]].itertuples(index=False, name=None)
    assert sorted(dropped) == [
        (2021, "carried_out__total", "check_failed"), (2022, "carried_in__total", "check_failed"),
    ]  # fmt: skip
    quoted = frames_to_balanced(three_years("pdfplumber"), [2021, 2022, 2023], names, quoted=True)
    assert list(quoted.panel["carried_out__total"]) == [3, 2, 0] and not len(quoted.dropped)
