"""Agency and fiscal year → its region, level and kind of bureau, and an id that stays the same over the
years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from pipeline.places.bureaus import (
    CUSTOMS,
    Body,
    bureaus,
    is_body,
    is_zone_of_city,
    text_to_body,
    zone_to_body,
)
from pipeline.places.county_units import lineage_to_county_unit
from pipeline.places.gazetteer import (
    Place,
    code_to_place,
    gazetteer,
    name_to_parses,
    place_in_year,
    place_to_path,
)
from pipeline.places.regions import COUNTY, NATION, PREFECTURE, PROVINCE, TOWN, ZONE, name_to_bare
from pipeline.places.renames import body_to_latest, national_to_latest

_CORPS = re.compile("(?:新疆生产建设兵团)?(?:第?[一二三四五六七八九十]{1,3}师)?")
_CORPS_PROVINCE = "650000"
_LEVEL_WORD = re.compile("(?:本|我)?(自治区|[省市县区州盟旗])")
_LEVEL_OF_WORD = dict.fromkeys("区县旗", COUNTY) | dict.fromkeys("州盟", PREFECTURE)
_LEVEL_OF_WORD |= dict.fromkeys(("省", "自治区"), PROVINCE)  # 市 may be either
_LEVEL_END = re.compile("(?<=..)[省市区县州盟旗]")
_SIX_DIGITS = re.compile("[1-6][0-9]{5}")
_MORE_REGION = re.compile(
    "(?!.{0,3}(?:[灌景园社林库矿辖小牧]|保护)区)"  # 灌区管理局 is no region
    "[^局委办厅政]{1,8}(?:(?<!城)市|[县区旗州盟])"  # 城市更新局
    "(?:[^局委办厅]{2,12}[局委办厅]|人民政府|行政公署|行署)"
)
_MORE_TOWN = re.compile(".{1,8}[县区旗市](?![中场口街桥门东西南北新老大小]).{2,}(?:[镇乡]|街道|苏木)")
_LIKE_A_COUNTY = re.compile(
    ".[县市区旗].[乡镇](?:人民政府|政府)?"
)  # 古县渡镇 is a town of 鄱阳县, not of 古县
_REMARK = re.compile(r"[（(]([^（）()]+)[）)]\s*$")
_BLANKS_AND_BRACKETS = re.compile(r"[\s（）()]+")

_STATE = "中华人民共和国"
_PARTY = re.compile("^(?:中共|中国共产党)")

_CACHED_AGENCIES_MAX = 100_000
"""Count. As many names are kept in memory with the agencies that they mean."""

_SHORTEST_BODY = 3
"""Count. No body's name has fewer characters: 教育局."""

_CACHED_FOLDERS_MAX = 10_000
"""Count. As many file names are kept in memory with the codes of their folders."""


class Agency(NamedTuple):
    """What the name of an agency says; None where it does not.

    `region_match` is exact, context, renamed, ambiguous, national or none (as in the data dictionary).
    `candidates` are the codes of the regions that an ambiguous name may mean. `spelling` is the same for
    names of one id that are spellings of each other, and differs where the id goes over a rename. `last_year`
    is the last fiscal year on which the agency can report, None if it goes on. `county_unit` is its county
    over mergers and splits."""

    region_code: str | None
    region_name: str | None
    admin_level: str | None
    bureau_type: str | None
    agency_id: str
    region_match: str
    candidates: tuple[str, ...] = ()
    spelling: str = ""
    last_year: int | None = None
    county_unit: str | None = None


class _RegionInName(NamedTuple):
    """The region in a name. With several `places`, which one is meant is not known. `rest` is the name
    after it."""

    places: tuple[Place, ...]
    match: str
    rest: str
    unit: str = ""


class NameParts(NamedTuple):
    """A name taken apart: its region as printed (武汉) and by its whole name (武汉市), both "" without one;
    the body's own name; and what body that is."""

    region: str
    region_name: str
    rest: str
    body: Body


@lru_cache(maxsize=_CACHED_AGENCIES_MAX)
def name_to_parts(name: str, year: int | None) -> NameParts:
    """Return the parts of an agency's name, without a remark in brackets behind it and without the body of
    the country that it belongs to. A region that the table does not know ends with its level (示例市)."""
    text = _PARTY.sub("", _BLANKS_AND_BRACKETS.sub("", _REMARK.sub("", name)))
    head = next((head for head in bureaus().heads if text.startswith(head)), "")
    text = text.removeprefix(head)
    found = _name_to_region(text, year, None)
    if found.places:
        region = text.removesuffix(found.rest)
        return NameParts(region, found.places[0].region.name, found.rest, _rest_to_body(found))
    ends = [word.end() for word in _LEVEL_END.finditer(text) if len(text) - word.end() >= _SHORTEST_BODY]
    end = next((end for end in ends if text_to_body(text[end:])), 0)
    if not end and ends and not text_to_body(text):
        end = ends[-1]
    return NameParts(text[:end], text[:end], text[end:], text_to_body(text[end:]) or Body(None))


@lru_cache(maxsize=_CACHED_AGENCIES_MAX)
def name_to_agency(name: str, year: int | None, given: str | None = None) -> Agency:
    """Return who an agency is. `given` is the code of a region in which it lies, by its source or folder."""
    remark = _REMARK.search(name)
    if remark:
        agency = name_to_agency(name[: remark.start()], year, given)
        if not (is_body(remark[1]) or is_body(remark[1][1:])):  # it tells this agency from others
            return agency._replace(agency_id=f"{agency.agency_id}-{remark[1]}")
        if agency.bureau_type not in (None, "人民政府"):  # a second name plate: 司法局（区行政复议局）
            return agency
    text = _PARTY.sub("", _BLANKS_AND_BRACKETS.sub("", name))
    if not text:
        return Agency(None, None, None, None, "", "none")
    if whole := _national(text):
        latest = national_to_latest(whole, year)
        kind, ended = bureaus().national[whole], bureaus().ended.get(latest)
        return Agency(None, None, NATION, kind, latest, "national", spelling=whole, last_year=ended)
    head = next((head for head in bureaus().heads if text.startswith(head)), "")
    found = _name_to_region(text.removeprefix(head), year, given)
    body = _rest_to_body(found)
    if _has_more_region(found, body):
        return _unplaced(text, found._replace(places=()), body, given, year)
    if len(found.places) != 1:
        return _unplaced(text, found, body, given, year)
    return _placed(found, body, head, year)


def _national(text: str) -> str | None:
    """Return the whole name of the body of the country that a text names, None if it names none."""
    name = text.removeprefix(_STATE)
    return bureaus().national_short.get(name, name) if name in bureaus().national else None


def _placed(found: _RegionInName, body: Body, head: str, year: int | None) -> Agency:
    """Return an agency whose region is known, with the region's name in that year."""
    place = place_in_year(found.places[0], year)
    kind = body.type
    if head and head in (name for name, type in bureaus().national.items() if type == kind):
        head = ""
    head = head.removeprefix(_STATE)
    unknown = "" if body.unit else found.rest
    latest = body_to_latest(place.lineage, body, year)
    parts = (place.lineage, national_to_latest(head, year), body.unit, latest.type or unknown, latest.part)
    return Agency(
        place.region.code,
        place_to_path(place, year),
        _level(place, body),
        kind,
        "-".join(part for part in parts if part),
        found.match,
        spelling=head + body.spelling,
        last_year=_last_year(place, body),
        county_unit=lineage_to_county_unit(place.lineage),
    )


def _last_year(place: Place, body: Body) -> int | None:
    """Return the last year of the region's government, or of such bureaus anywhere; None if both go on."""
    line = gazetteer().lineages[place.lineage]
    ends = (line[-1].region.valid_to, None if body.unit else bureaus().ended.get(body.spelling))
    return min((end for end in ends if end is not None), default=None)


def _has_more_region(found: _RegionInName, body: Body) -> bool:
    """Whether the name goes on with a county that the table does not know. The region above it would then
    be wrong."""
    if body.is_town:
        return _MORE_TOWN.match(body.unit) is not None
    return body.type is None and _MORE_REGION.match(found.rest) is not None


def _unplaced(text: str, found: _RegionInName, body: Body, given: str | None, year: int | None) -> Agency:
    """Return an agency whose region is not known; its id is its name, with the region it lies in if that
    is given."""
    codes = tuple(sorted({place_in_year(place, year).region.code for place in found.places}))
    word = _LEVEL_WORD.match(text)
    level = _LEVEL_OF_WORD.get(word[1]) if word and not found.places else None
    levels = {_level(place, body) for place in found.places} or {TOWN if body.is_town else level}
    return Agency(
        None,
        None,
        levels.pop() if len(levels) == 1 else None,
        body.type,
        f"{given}~{text}" if given else text,
        "ambiguous" if found.places else "none",
        codes,
    )


def _level(place: Place, body: Body) -> str | None:
    """Return the level of the region or of a town; None for zones, branches and bodies with districts of
    their own."""
    if body.is_town:
        return TOWN
    if body.unit or body.below or body.type in bureaus().beside_regions:
        return None
    return place.level


def _rest_to_body(found: _RegionInName) -> Body:
    """Return the bureau in the text after the region."""
    if found.unit:
        body = text_to_body(found.rest) or Body(None, part=found.rest)
        zone = zone_to_body(found.unit, found.rest)
        return body if body.unit else zone
    return text_to_body(found.rest) or Body(None)


@lru_cache(maxsize=_CACHED_AGENCIES_MAX)
def _name_to_region(text: str, year: int | None, given: str | None) -> _RegionInName:
    """Return the region in a name, also with help of the region `given`."""
    corps = _CORPS.match(text)
    rest = text[corps.end() :] if corps else text
    found = _read(rest, year)
    if corps and corps[0] and not found.places:
        place = code_to_place(_CORPS_PROVINCE, year)
        return _RegionInName((place,) if place else (), "exact", rest, corps[0])
    context = code_to_place(given, year) if given else None
    if not context:
        return found
    return _narrowed(found, context) if found.places else _from_context(text, found, context)


def _read(text: str, year: int | None) -> _RegionInName:
    """Return the region that the name alone gives."""
    zone = next((zone for zone in bureaus().zone_regions if text.startswith(zone)), "")
    text = bureaus().zone_regions[zone] + text if zone else text
    readings = name_to_parses(text, year, _is_of_region, is_zone_of_city)
    if not readings or _LIKE_A_COUNTY.fullmatch(text):
        word = _LEVEL_WORD.match(text)
        return _RegionInName((), "none", text[word.end() :] if word and text_to_body(text) is None else text)
    places = tuple({reading.place.lineage: reading.place for reading in readings}.values())
    rest = text[readings[0].end :]
    if len(places) == 1 and places[0].level == ZONE:
        return _zone(places[0], rest)
    match = "exact" if readings[0].timely else "renamed"
    return _RegionInName(places, match if len(places) == 1 else "ambiguous", rest)


def _is_of_region(rest: str) -> bool:
    """Whether a short name before this text is that of a region. Customs are of a port (青岛海关 is for all
    of Shandong), a board alone is of a mountain or a lake (黄山管委会)."""
    body = text_to_body(rest)
    return is_body(rest) and body is not None and body.type != CUSTOMS and rest not in bureaus().boards


def _zone(zone: Place, rest: str) -> _RegionInName:
    """Return a development zone as a part of the region in which it lies: it has no code in GB/T 2260."""
    region = gazetteer().lineages[zone.above[-1]][-1]
    label = zone.region.name
    for name in (region.region.name, name_to_bare(region.region.name)):
        label = label.removeprefix(name)
    return _RegionInName((region,), "exact", rest, label)


def _narrowed(found: _RegionInName, context: Place) -> _RegionInName:
    """Return only the places that lie in the context. A name that is clear without it stays."""
    if len(found.places) == 1:
        return found
    inside = tuple(place for place in found.places if place.within(context.lineage))
    if len(inside) == 1:
        return found._replace(places=inside, match="context")
    return found._replace(places=inside or found.places)


def _from_context(text: str, found: _RegionInName, context: Place) -> _RegionInName:
    """Return the context as the region of a name without one (市教育局), if the name's level is the context's
    or the context is a county."""
    word = _LEVEL_WORD.match(text)
    rest = text[word.end() :] if word else text
    if word and word[1][-1] == context.region.name[-1] and is_body(rest):
        return _RegionInName((context,), "context", rest)
    if context.level == COUNTY and text_to_body(text):
        return _RegionInName((context,), "context", text)
    return found


@lru_cache(maxsize=_CACHED_FOLDERS_MAX)
def folders_to_code(source_file: str, year: int | None = None) -> str | None:
    """Return the code of the region that the folders above a file name, None if they do not.

    A folder names it by code or by name (青海省/海东市).
    """
    folders = PurePosixPath(source_file).parts[:-1]
    for folder in reversed(folders):
        if _SIX_DIGITS.fullmatch(folder) and code_to_place(folder, year):
            return folder
    places = _whole("".join(folder for folder in folders if _whole(folder, year)), year)
    return places[0].region.code if len(places) == 1 else None


def _whole(text: str, year: int | None) -> Sequence[Place]:
    """Return the places that a text names, if it names nothing else."""
    if not text:
        return ()
    readings = name_to_parses(text, year, lambda rest: rest == "", lambda rest: False)
    whole: Iterable[Place] = (reading.place for reading in readings if reading.end == len(text))
    return tuple({place.lineage: place for place in whole}.values())
