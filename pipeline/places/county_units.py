"""county_changes.csv → counties as units that stay the same over all years: those that were merged, and those
that were split, are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from pipeline.places.gazetteer import Place, gazetteer, place_to_path
from pipeline.places.regions import COUNTY, EARLIEST, csv_to_lines


class CountyChange(NamedTuple):
    """Land that the county `earlier` held until `year` has been held by the county `later` since then. "" for
    `earlier`: the county was founded on land of none.

    There is a line for every county that ended without a successor, or was founded; what two counties that go
    on gave each other is not told."""

    earlier: str
    later: str
    year: int
    source: str


class CountyRow(NamedTuple):
    """A county by its code and name in some years, both included, None for an open end; and its unit.
    `source` says why it is one with others, "" if it is a unit of its own."""

    region_code: str
    region_name: str
    valid_from: int | None
    valid_to: int | None
    county_unit: str
    source: str


def county_changes() -> tuple[CountyChange, ...]:
    """Return the lines of county_changes.csv."""
    lines = csv_to_lines("county_changes.csv")
    return tuple(CountyChange(earlier, later, int(year), source) for earlier, later, year, source in lines)


def changed_counties() -> frozenset[tuple[str, int]]:
    """Return the code of every county that took in another, gave land to a new one or was founded, with the
    first year of its new borders: it does not begin that year with what it left the year before."""
    changes = county_changes()
    return frozenset(
        (code, change.year) for change in changes for code in (change.earlier, change.later) if code
    )


def lineage_to_county_unit(lineage: str) -> str | None:
    """Return the unit of a county by its lineage: the lowest of the codes that the counties of the unit had
    first; None for other regions."""
    return _units().get(lineage)


def county_rows() -> Iterator[CountyRow]:
    """Yield all counties since 2007 by unit, code and year, each name with its prefecture and province."""
    sources: dict[Place, list[str]] = {}
    for change in county_changes():
        for place in change_to_places(change) if change.earlier else ():
            sources.setdefault(place, []).append(change.source)
    places = [(unit, place) for lineage, unit in _units().items() for place in gazetteer().lineages[lineage]]
    for unit, place in sorted(places, key=lambda each: (each[0], each[1].region.code, _begins(each[1]))):
        region, told = place.region, dict.fromkeys(sources.get(place, ()))
        name = place_to_path(place, region.valid_to)
        yield CountyRow(region.code, name, region.valid_from, region.valid_to, unit, "; ".join(told))


@cache
def _units() -> Mapping[str, str]:
    """Return the unit of every county by its lineage."""
    together = {
        lineage: {lineage} for lineage, line in gazetteer().lineages.items() if line[0].level == COUNTY
    }
    for change in county_changes():
        if change.earlier:
            one, other = change_to_places(change)
            joined = together[one.lineage] | together[other.lineage]
            together.update(dict.fromkeys(joined, joined))
    return {lineage: min(joined) for lineage, joined in together.items()}


def change_to_places(change: CountyChange) -> tuple[Place, Place]:
    """Return the two counties of a change, each as it was on its side of the year."""
    earlier = [place for place in gazetteer().coded[change.earlier] if _begins(place) < change.year]
    later = [place for place in gazetteer().coded[change.later] if place.held(change.year, change.year)]
    return earlier[-1], later[0]


def _begins(place: Place) -> int:
    """Return the year in which the row of a place begins."""
    return place.region.valid_from or EARLIEST
