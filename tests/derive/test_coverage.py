"""Whether a report came in time: recomputed by plain loops from the reports."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from pipeline.derive.chain import frames_to_derived, place_and_check
from pipeline.records import Report
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.schemas import ContractError, require_valid
from tests.tables.report_sample import cells, report

NUMBERS = cells("applications", {("granted", "total"): 3, ("new_received", "total"): 4})
Published = dict[tuple[str, int], list[str | None]]
PUBLISHED: Published = {
    ("杭州市教育局", 2017): ["2018-03-31"],
    ("杭州市教育局", 2018): ["2019-04-01"],
    ("杭州市教育局", 2019): ["2020-02-01"],
    ("杭州市教育局", 2021): ["2022-06-30", "2022-01-12", None],
    ("杭州市教育局", 2022): ["2022-01-20"],
    ("杭州市人民政府", 2021): ["2022-03-30"],
    ("杭州市人民政府", 2022): [None],
    ("杭州市江干区凯旋街道办事处", 2018): ["2019-01-31"],
    ("杭州市江干区凯旋街道办事处", 2019): ["2020-01-31"],
    ("教育部", 2022): ["2023-01-31"],
}


def coverage(published: Published) -> pd.DataFrame:
    reports: list[Report] = [
        report(f"{name} {year} {place}", agency=name, year=year, observations=NUMBERS, published_on=day)
        for (name, year), days in published.items()
        for place, day in enumerate(days)
    ]
    frames, _ = place_and_check(reports_to_frames(reports, reading_version="1"))
    found = frames_to_derived(frames)["coverage"]
    require_valid({"reports": frames.reports, "coverage": found})
    return found


def test_each_year_is_on_time_or_late_by_the_first_report_on_it() -> None:
    found = coverage(PUBLISHED).astype(object)
    rows = found.where(found.notna(), None).to_dict("records")
    assert {(row["agency"], row["fiscal_year"]) for row in rows} >= set(PUBLISHED)
    for row in rows:
        year = row["fiscal_year"]
        days = [day for day in PUBLISHED.get((row["agency"], year), []) if day]
        first = min(days) if days else None
        due: str | None = (
            f"{year + 1}-03-31" if year < 2019 or "政府" in row["agency"] else f"{year + 1}-01-31"
        )
        if year >= 2019 and "街道" in row["agency"]:
            due = None
        late = None
        if first and due and first >= f"{year}-12-01":
            late = (date.fromisoformat(first) - date.fromisoformat(due)).days
        word = "unknown" if late is None else "late" if late > 0 else "on_time"
        told = row["published_on"], row["due_on"], row["days_late"], row["timeliness"]
        assert told == (first, due, late, word), row


def test_what_it_says_of_the_years_that_the_law_changed_in() -> None:
    found = coverage(PUBLISHED).set_index(["agency", "fiscal_year"])
    words = {key: found.loc[key, "timeliness"] for key in PUBLISHED}
    assert [words["杭州市教育局", year] for year in (2017, 2018, 2019, 2021, 2022)] == [
        "on_time", "late", "late", "on_time", "unknown",
    ]  # fmt: skip
    assert found.loc[("杭州市教育局", 2019), "days_late"] == 1
    assert found.loc[("杭州市教育局", 2020), "status"] == "missing"
    assert found.loc[("杭州市教育局", 2020), "due_on"] == "2021-01-31"


def test_a_year_without_a_report_has_the_unit_of_its_county() -> None:
    days: Published = {
        ("北京市崇文区教育委员会", 2008): ["2009-03-01"], ("北京市东城区教育委员会", 2010): ["2011-03-01"],
        ("北京市东城区教育委员会", 2012): ["2013-03-01"],
    }  # fmt: skip
    found = coverage(days)
    assert set(found["county_unit"]) == {"110101"} and len(found) == 5


@pytest.mark.parametrize(
    "change", [{"timeliness": "late"}, {"days_late": 4}, {"due_on": None}, {"days_late": None}]
)
def test_a_word_that_its_days_do_not_say_is_not_written(change: dict[str, object]) -> None:
    found = coverage({("杭州市教育局", 2019): ["2020-01-20"]})
    for name, value in change.items():
        found[name] = pd.Series([value], dtype=found[name].dtype)
    with pytest.raises(ContractError, match=r"coverage\.timeliness"):
        require_valid({"reports": pd.DataFrame({"report_id": []}), "coverage": found})


def test_the_earlier_of_two_names_of_one_year_is_not_missing_later() -> None:
    """Both reported on 2018, the year of the rename, and the later one alone goes on."""
    old, new = "杭州市国土资源局", "杭州市自然资源和规划局"
    days: Published = {(old, 2017): [None], (old, 2018): [None], (new, 2018): [None], (new, 2020): [None]}
    found = coverage(days)
    told = {(row.agency, row.fiscal_year): row.status for row in found.itertuples()}
    assert told == {
        (old, 2017): "numbers", (old, 2018): "numbers", (new, 2018): "numbers",
        (new, 2019): "missing", (new, 2020): "numbers",
    }  # fmt: skip
