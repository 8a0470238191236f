"""Bodies that stand side by side, bodies that were renamed, counties that were merged: real ones, each with
the document that says so."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.places.agencies import Agency, name_to_agency
from pipeline.places.bureaus import bureaus
from pipeline.places.gazetteer import code_to_place, place_to_path
from pipeline.places.renames import Rename, renames

FOLDER = Path(__file__).parent
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def placed(name: str, year: str) -> Agency:
    agency = name_to_agency(name, int(year))
    assert agency.region_match in ("exact", "national"), name
    return agency


@pytest.mark.parametrize(
    ("name", "least"), [("beside", 40), ("renamed", 70), ("merged", 20), ("absorbed", 30)]
)
def test_there_are_enough_and_each_has_a_source(name: str, least: int) -> None:
    found = rows(name)
    assert len({tuple(row.values()) for row in found}) == len(found) >= least
    assert all(row["source"] for row in found)


@pytest.mark.parametrize("row", rows("beside"), ids=lambda row: f"{row['one']} {row['other']}")
def test_bodies_that_stand_side_by_side_are_two(row: Row) -> None:
    one, other = (placed(row[name], row["year"]) for name in ("one", "other"))
    assert one.agency_id != other.agency_id


@pytest.mark.parametrize("row", rows("renamed"), ids=lambda row: f"{row['earlier']} {row['later']}")
def test_a_body_that_was_renamed_is_one(row: Row) -> None:
    before, after = placed(row["earlier"], row["before"]), placed(row["later"], row["after"])
    assert before.agency_id == after.agency_id


@pytest.mark.parametrize("row", rows("absorbed"), ids=lambda row: f"{row['absorbed']} {row['goes_on']}")
def test_a_body_that_went_into_another_is_not_that_one(row: Row) -> None:
    """Both were there in one year, or what is new took something from several."""
    before, after = placed(row["absorbed"], row["before"]), placed(row["goes_on"], row["after"])
    assert before.agency_id != after.agency_id


@pytest.mark.parametrize("row", rows("merged"), ids=lambda row: row["ended"])
def test_what_was_merged_ends_and_what_took_it_in_goes_on(row: Row) -> None:
    ended, before = placed(row["ended"], row["year"]), name_to_agency(row["goes_on"], int(row["year"]))
    after = placed(row["goes_on"], row["since"])
    assert ended.agency_id != before.agency_id == after.agency_id


def test_a_rename_of_one_place_holds_in_it_alone_and_until_it_happened() -> None:
    assert name_to_agency("株洲市水利局", 2010).agency_id == name_to_agency("株洲市水务局", 2015).agency_id
    assert name_to_agency("株洲市水利局", 2015).agency_id != name_to_agency("株洲市水务局", 2015).agency_id
    assert name_to_agency("海东市水利局", 2010).agency_id != name_to_agency("海东市水务局", 2015).agency_id


@pytest.mark.parametrize("each", renames(), ids=lambda each: f"{each.region} {each.earlier} {each.later}")
def test_every_line_joins_two_bodies_that_nothing_else_joins(each: Rename) -> None:
    place = code_to_place(each.region, each.year) if each.region else None
    where = place_to_path(place, each.year) if place else ""
    before = name_to_agency(where + each.earlier, each.year - 1)
    after = name_to_agency(where + each.later, each.year + 1)
    assert before.agency_id == after.agency_id
    assert before.spelling != after.spelling
    elsewhere = "广元市" if where and not where.startswith("四川") else "遵义市" if where else "中国"
    other = [name_to_agency(elsewhere + name, each.year - 1).agency_id for name in (each.earlier, each.later)]
    assert other[0] != other[1]


def test_the_offices_of_a_body_of_the_country_are_renamed_with_it() -> None:
    """Until the rename: a report on a later year that bears the earlier name is of another body."""
    offices = ("中国银行保险监督管理委员会", "国家金融监督管理总局")
    for region in ("江苏", "四川", "西藏", "深圳"):
        earlier, later = (f"{office}{region}监管局" for office in offices)
        assert name_to_agency(earlier, 2021).agency_id == name_to_agency(later, 2024).agency_id
        assert name_to_agency(earlier, 2023).spelling != name_to_agency(later, 2023).spelling
        assert name_to_agency(earlier, 2026).agency_id != name_to_agency(later, 2026).agency_id


@pytest.mark.parametrize(("short", "whole"), bureaus().national_short.items())
def test_a_body_of_the_country_has_one_id_by_its_short_name_and_that_of_the_state(
    short: str, whole: str
) -> None:
    names = (short, whole, f"中华人民共和国{whole}")
    assert {name_to_agency(name, 2022).agency_id for name in names} == {whole}
    assert {short, whole} <= set(bureaus().national)


def test_every_line_names_a_place_and_two_bodies_that_are_known() -> None:
    for each in renames():
        assert each.source and each.earlier != each.later
        assert not each.region or code_to_place(each.region, each.year), each
        if not each.region:
            assert {each.earlier, each.later} <= set(bureaus().national), each
