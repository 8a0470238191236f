"""The beginning of an agency's name → the regions that it may mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.places.regions import (
    EARLIEST,
    LATEST,
    PREFECTURE,
    PROVINCE,
    ZONE,
    Region,
    name_to_bare,
    regions,
    short_names,
)

_STREET = re.compile("街道|社区|(?:[镇乡]|苏木)(?=人民政府|政府|$)")  # 东区街道 is a street, not 东区
_NEW_AREA = "新区"  # a zone of several districts that becomes one: 浦东新区, 两江新区
_AUTONOMOUS_END = re.compile("自治([区州县旗])$")


class Place(NamedTuple):
    """One region in the years of one row.

    `lineage` is the code that the same government had first in the table; it survives renames. `above` are
    the lineages of the regions in which it lies, the province first. `was_zone` says that it was a
    development zone before the row begins.
    """

    region: Region
    lineage: str
    above: tuple[str, ...]
    was_zone: bool = False

    @property
    def level(self) -> str:
        """Return the level of the region."""
        return self.region.level

    def held(self, first: int, last: int) -> bool:
        """Whether the row was valid in any of these years."""
        return (self.region.valid_from or EARLIEST) <= last and first <= (self.region.valid_to or LATEST)

    def near(self, year: int) -> bool:
        """Whether the row was valid in that year or one next to it: names are printed early and late. The
        name of what was a zone means the zone until then."""
        return self.held(year - 1, year if self.was_zone else year + 1)

    def within(self, lineage: str) -> bool:
        """Whether the place is, or lies in, the region of this lineage."""
        return lineage == self.lineage or lineage in self.above


class NameParse(NamedTuple):
    """What the first `end` characters of a name may mean.

    `bare` says that the last region is given by a short name, `lone` that this is a county's and stands
    without a region above it. `timely` says that all regions existed in the year asked for or a year next
    to it.
    """

    end: int
    place: Place
    bare: bool
    lone: bool
    timely: bool


@dataclass(frozen=True)
class Gazetteer:
    """Places by whole name, by name without ending, by lineage in the order of time, and by code."""

    named: dict[str, list[Place]]
    bare: dict[str, list[Place]]
    lineages: dict[str, list[Place]]
    coded: dict[str, list[Place]]
    longest: int


@cache
def gazetteer() -> Gazetteer:
    """Return the index of regions.csv and short_names.csv, made once."""
    places = list(_regions_to_places(regions()))
    named: dict[str, list[Place]] = {}
    bare: dict[str, list[Place]] = {}
    lineages: dict[str, list[Place]] = {}
    coded: dict[str, list[Place]] = {}
    for place in places:
        for name in _names(place.region):
            named.setdefault(name, []).append(place)
        if place.level != ZONE:
            bare.setdefault(name_to_bare(place.region.name), []).append(place)
        lineages.setdefault(place.lineage, []).append(place)
        coded.setdefault(place.region.code, []).append(place)
    for line in lineages.values():
        line.sort(key=lambda place: place.region.valid_from or EARLIEST)
    for short, name in short_names():
        named.setdefault(short, []).extend(named[name])
    return Gazetteer(named, bare, lineages, coded, max(map(len, named)))


def _names(region: Region) -> Iterator[str]:
    """Yield the whole name, and for autonomous places the usual short one: 恩施州, 互助县."""
    yield region.name
    autonomous = _AUTONOMOUS_END.search(region.name)
    if autonomous and region.level != PROVINCE:
        yield name_to_bare(region.name) + autonomous[1]


def _regions_to_places(rows: Iterable[Region]) -> Iterator[Place]:
    """Yield each row with its lineage, and the lineages above it in the row's last year."""
    by_code: dict[str, list[Region]] = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    before = {
        (row.successor, row.valid_to + 1): row
        for line in by_code.values()
        for row in line
        if row.successor and row.valid_to is not None
    }

    def first(row: Region) -> str:
        while row.valid_from is not None and (earlier := before.get((row.code, row.valid_from))):
            row = earlier
        return row.code

    @cache
    def above(codes: tuple[str, ...], year: int) -> tuple[str, ...]:
        found = (_at(by_code.get(code, ()), year) for code in codes)
        return tuple(first(row) for row in found if row)

    for line in by_code.values():
        for row in line:
            founded = row.valid_from is not None and (row.code, row.valid_from) not in before
            higher = above(_codes_above(row.code), row.valid_to or LATEST)
            yield Place(row, first(row), higher, founded and row.name.endswith(_NEW_AREA))


def _codes_above(code: str) -> tuple[str, ...]:
    """Return the codes of province and prefecture. In 直辖市 the latter is the code of no region."""
    province, prefecture = code[:2] + "0000", code[:4] + "00"
    if code == province:
        return ()
    return (province,) if code == prefecture else (province, prefecture)


def _at(line: Iterable[Region], year: int) -> Region | None:
    """Return the row that was valid in a year, None if there is none."""
    held = (row for row in line if (row.valid_from or EARLIEST) <= year <= (row.valid_to or LATEST))
    return next(held, None)


def name_to_parses(
    name: str, year: int | None, is_body: Callable[[str], bool], is_zone: Callable[[str], bool]
) -> list[NameParse]:
    """Return the longest parses of the regions that a name begins with; if any are timely, only those.

    A short name counts only if `is_body` says that a bureau follows at once, or another region does; that
    of a county alone only if it is a city, no other region has it, and `is_zone` says that a development
    zone follows: 常熟经开区.
    """
    found: list[NameParse] = []
    for reading in _parses(name, 0, None, year):
        rest = name[reading.end :]
        if found and reading.end < found[0].end:
            continue
        if _STREET.match(name, reading.end) or (reading.bare and not is_body(rest)):
            continue
        if reading.lone and not is_zone(rest):
            continue
        found = [reading] if found and reading.end > found[0].end else [*found, reading]
    found = [reading for reading in found if reading.timely] or found
    if len({reading.place.lineage for reading in found}) == 1 and found[0].place.region.name[-1] == "市":
        return found
    return [reading for reading in found if not reading.lone]


def _parses(name: str, start: int, above: NameParse | None, year: int | None) -> Iterator[NameParse]:
    """Yield all parses of the name from `start`, below the region `above`."""
    for end in range(min(len(name), start + gazetteer().longest), start + 1, -1):
        for place, bare, lone in _candidates(name[start:end], above):
            timely = year is None or place.near(year)
            if timely or _is_alive(place, year):
                reading = NameParse(end, place, bare, lone, timely and (above is None or above.timely))
                yield reading
                yield from _parses(name, end, reading, year)


def _candidates(word: str, above: NameParse | None) -> Iterator[tuple[Place, bool, bool]]:
    """Yield the places of that name, each with `bare` and `lone` of NameParse. A county makes the short
    name of a prefecture ambiguous (淮安), but not that of a province (河北)."""
    index = gazetteer()
    whole = [place for place in index.named.get(word, ()) if _is_below(place, above)]
    yield from ((place, False, False) for place in whole)
    short = [place for place in index.bare.get(word, ()) if place not in whole and _is_below(place, above)]
    levels = {place.level for place in short}
    if above is None and PROVINCE in levels:
        short = [place for place in short if place.level in (PROVINCE, PREFECTURE)]
    lone = above is None and not levels & {PROVINCE, PREFECTURE}
    yield from ((place, True, lone) for place in short)


def _is_below(place: Place, above: NameParse | None) -> bool:
    """Whether a place lies in the region that the parse ends with."""
    return above is None or above.place.lineage in place.above


def _is_alive(place: Place, year: int | None) -> bool:
    """Whether the same government existed in that year or one next to it, under any name."""
    line = gazetteer().lineages[place.lineage]
    return year is not None and any(other.near(year) for other in line)


def place_in_year(place: Place, year: int | None) -> Place:
    """Return the row of the same government in that year, or the row nearest to it."""
    if year is None:
        return place
    line = gazetteer().lineages[place.lineage]
    return min(line, key=lambda other: _distance(other.region, year))


def _distance(region: Region, year: int) -> int:
    """Return the years between the row's validity and `year`, 0 inside it."""
    first, last = region.valid_from or EARLIEST, region.valid_to or LATEST
    return max(first - year, 0, year - last)


def code_to_place(code: str, year: int | None) -> Place | None:
    """Return the region that a code of any year means, as it is in `year`; None for an unknown code."""
    line = gazetteer().coded.get(code)
    return place_in_year(line[-1], year) if line else None


def place_to_path(place: Place, year: int | None) -> str:
    """Return the names from the province down, in that year: 江苏省淮安市洪泽区."""
    line = [place_in_year(gazetteer().lineages[lineage][-1], year) for lineage in place.above]
    return "".join(found.region.name for found in (*line, place))
