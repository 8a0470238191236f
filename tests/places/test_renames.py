"""Bodies that stand side by side, bodies that were renamed, counties that were merged: real ones, each with
the document that says so."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.places.agencies import Agency, name_to_agency
from pipeline.places.bureaus import bureaus
from pipeline.places.gazetteer import code_to_place
from pipeline.places.renames import renames

FOLDER = Path(__file__).parent
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def placed(name: str, year: str) -> Agency:
    agency = name_to_agency(name, int(year))
    assert agency.region_match in ("exact", "national"), name
    return agency


@pytest.mark.parametrize(("name", "least"), [("beside", 40), ("renamed", 40), ("merged", 20)])
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


@pytest.mark.parametrize("row", rows("merged"), ids=lambda row: row["ended"])
def test_what_was_merged_ends_and_what_took_it_in_goes_on(row: Row) -> None:
    ended, before = placed(row["ended"], row["year"]), name_to_agency(row["goes_on"], int(row["year"]))
    after = placed(row["goes_on"], row["since"])
    assert ended.agency_id != before.agency_id == after.agency_id


def test_a_rename_of_one_place_holds_in_it_alone_and_until_it_happened() -> None:
    assert name_to_agency("株洲市水利局", 2010).agency_id == name_to_agency("株洲市水务局", 2015).agency_id
    assert name_to_agency("株洲市水利局", 2015).agency_id != name_to_agency("株洲市水务局", 2015).agency_id
    assert name_to_agency("海东市水利局", 2010).agency_id != name_to_agency("海东市水务局", 2015).agency_id


def test_every_line_names_a_place_and_two_bodies_that_are_known() -> None:
    for each in renames():
        assert each.source and each.earlier != each.later
        assert not each.region or code_to_place(each.region, each.year), each
        if not each.region:
            assert {each.earlier, each.later} <= set(bureaus().national), each
