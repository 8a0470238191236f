"""renames.csv → which bureau of a place, or body of the whole country, goes on under another name. What was
renamed in all places alike is in bureaus.toml."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pipeline.places.bureaus import Body, text_to_body
from pipeline.places.gazetteer import code_to_place
from pipeline.places.regions import csv_to_lines

Bureau = tuple[str, str | None, str]
"""Lineage of the region, type and part of the body."""

YEARS_LATE = 1
"""Years. The earlier name still stands on reports so long after the rename."""


class Rename(NamedTuple):
    """A line of renames.csv: in `region` (a code, "" for bodies of the whole country, which go by their whole
    names), the body `earlier` is called `later` since `year`."""

    region: str
    earlier: str
    later: str
    year: int
    source: str


@cache
def renames() -> tuple[Rename, ...]:
    """Return the lines of renames.csv."""
    lines = csv_to_lines("renames.csv")
    return tuple(Rename(code, old, new, int(year), source) for code, old, new, year, source in lines)


def body_to_latest(lineage: str, body: Body, year: int | None, after: int = 0) -> Body:
    """Return the body under the name that it has now: itself, unless a rename in its place and after the year
    `after` is known. A report on a later year that bears the earlier name is of another body."""
    since, later = _renamed().get((lineage, body.type, body.part), (0, body))
    if body.unit or since <= after or (year is not None and year > since + YEARS_LATE):
        return body
    return body_to_latest(lineage, later, year, since)


def national_to_latest(name: str, year: int | None, after: int = 0) -> str:
    """Return the name that a body of the whole country has now, as `body_to_latest` does."""
    found = next((each for each in renames() if (each.region, each.earlier) == ("", name)), None)
    if not found or found.year <= after or (year is not None and year > found.year + YEARS_LATE):
        return name
    return national_to_latest(found.later, year, found.year)


@cache
def _renamed() -> dict[Bureau, tuple[int, Body]]:
    """Return the year and the body of the later name by the bureau that had the earlier one."""
    found: dict[Bureau, tuple[int, Body]] = {}
    for each in renames():
        place = code_to_place(each.region, each.year) if each.region else None
        old, new = (text_to_body(name) or Body(None, part=name) for name in (each.earlier, each.later))
        if place:
            found[place.lineage, old.type, old.part] = each.year, new
    return found
