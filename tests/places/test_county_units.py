"""Counties that were merged or split are one unit over all years; all others are units of their own."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.places.agencies import name_to_agency
from pipeline.places.county_units import (
    change_to_places,
    changed_counties,
    county_changes,
    lineage_to_county_unit,
)
from pipeline.places.gazetteer import Place, gazetteer
from pipeline.places.regions import COUNTY

FOLDER = Path(__file__).parent
FIRST_YEAR = 2008  # of the reports


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def unit(name: str, year: str | int) -> str | None:
    agency = name_to_agency(name, int(year))
    assert agency.region_code, name
    return agency.county_unit


def counties() -> Iterator[Place]:
    return (place for line in gazetteer().lineages.values() for place in line if line[0].level == COUNTY)


@pytest.mark.parametrize("row", rows("merged"), ids=lambda row: row["ended"])
def test_what_was_merged_is_one_with_what_took_it_in(row: dict[str, str]) -> None:
    assert unit(row["ended"], row["year"]) == unit(row["goes_on"], row["since"])
    assert unit(row["goes_on"], row["year"]) == unit(row["goes_on"], row["since"])


@pytest.mark.parametrize("row", rows("split"), ids=lambda row: f"{row['before']} {row['founded']}")
def test_what_was_founded_is_one_with_what_it_was_taken_from(row: dict[str, str]) -> None:
    before, founded = f"{row['before']}教育局", f"{row['founded']}教育局"
    assert row["source"]
    assert unit(before, row["year"]) == unit(founded, row["since"]) == unit(before, row["since"])
    assert (
        name_to_agency(before, int(row["year"])).agency_id
        != name_to_agency(founded, int(row["since"])).agency_id
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京市东城区", "北京市西城区"), ("杭州市上城区", "杭州市拱墅区"), ("杭州市余杭区", "杭州市萧山区"),
        ("深圳市宝安区", "深圳市龙岗区"), ("大同市平城区", "大同市云州区"), ("邯郸市丛台区", "邯郸市永年区"),
        ("苏州市姑苏区", "苏州市吴江区"), ("伊春市友好区", "伊春市伊美区"), ("三亚市海棠区", "三亚市天涯区"),
        ("秦皇岛市抚宁区", "秦皇岛市海港区"), ("南京市秦淮区", "南京市鼓楼区"), ("新星市", "哈密市伊州区"),
    ],
)  # fmt: skip
def test_neighbours_that_only_moved_towns_are_two(one: str, other: str) -> None:
    assert unit(f"{one}教育局", 2022) != unit(f"{other}教育局", 2022)


def test_every_county_that_ended_or_was_founded_has_a_line_and_no_other_has() -> None:
    """A line that nothing needs is an error, and so is a change that nobody has looked up."""
    told = {(change.earlier, change.later, change.year) for change in county_changes()}
    assert len(told) == len(county_changes())
    assert all(change.source for change in county_changes())
    followed = {(place.region.successor, place.region.valid_to) for place in counties()}
    ended = {
        place.region.code: place.region.valid_to
        for place in counties()
        if place.region.valid_to and not place.region.successor
    }
    founded = {
        place.region.code: place.region.valid_from
        for place in counties()
        if (place.region.valid_from or 0) >= FIRST_YEAR
        and (place.region.code, (place.region.valid_from or 0) - 1) not in followed
    }
    assert len(ended) == 74
    assert set(ended) <= {earlier for earlier, _, _ in told}
    assert set(founded) <= {later for _, later, _ in told}
    for earlier, later, year in told:
        begins = founded.get(later) == year
        assert begins or ended[earlier] == year - 1, (earlier, later)
        assert earlier or begins, later


def test_units_are_what_plain_steps_from_county_to_county_reach() -> None:
    """Recomputed: from each county along the changes, both ways, as far as they go."""
    beside: dict[str, set[str]] = {place.lineage: set() for place in counties()}
    for change in county_changes():
        if change.earlier:
            one, other = change_to_places(change)
            assert one.region.valid_to is None or one.region.valid_to >= change.year - 9
            beside[one.lineage].add(other.lineage)
            beside[other.lineage].add(one.lineage)
    for lineage in beside:
        reached, left = {lineage}, [lineage]
        while left:
            for other_lineage in beside[left.pop()] - reached:
                reached.add(other_lineage)
                left.append(other_lineage)
        assert lineage_to_county_unit(lineage) == min(reached), lineage


def test_all_other_counties_are_units_of_their_own_and_other_regions_are_none() -> None:
    changed = {
        place.lineage for change in county_changes() if change.earlier for place in change_to_places(change)
    }
    alone = {place.lineage for place in counties()} - changed
    assert len(alone) > 2700
    assert all(lineage_to_county_unit(lineage) == lineage for lineage in alone)
    for name in ("江苏省教育厅", "南京市教育局", "教育部", "莱芜市教育局"):
        assert name_to_agency(name, 2016).county_unit is None, name


def test_a_county_keeps_its_unit_over_renames_of_itself_and_of_its_bureaus() -> None:
    units = {
        unit("淮安市洪泽县环境保护局", 2012), unit("淮安市洪泽区生态环境局", 2020),
        unit("淮安市洪泽区高良涧街道办事处", 2020),
    }  # fmt: skip
    assert units == {"320829"}


def test_both_counties_of_a_split_have_new_borders_in_its_year_alone() -> None:
    assert {("330327", 2019), ("330383", 2019), ("330105", 2021)} <= changed_counties()  # 苍南, 龙港, 拱墅
    assert not {("330105", 2020), ("330105", 2022), ("330106", 2021)} & changed_counties()
    assert all(len(code) == 6 for code, _ in changed_counties())
