"""The part of an agency's name after the region → the kind of bureau."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.typed_toml import Strict, load_packaged

_Words = tuple[str, ...]

_TOWN = re.compile(
    r"(?P<town>.{1,20}?(?:民族乡|[乡镇]|街道|苏木))"
    r"(?P<rest>人民政府|政府|办事处|公所|办|(?:人民)?政府办公室|党政(?:综合)?办公室|便民服务中心)"
    r"|(?P<name>[^局委办厅]{1,8}(?:[乡镇]|街道|苏木))"
)
_NO_TOWN = re.compile("城乡|城镇|乡镇")
_OFFICE = re.compile("(?:(?:人民)?政府|行政公署|行署)(?=.)")
_CUSTOMS = re.compile("(?P<port>.{2,6})海关")  # of a port, not of a region: 黄埔海关

ZONE_BOARD = "开发区管委会"
"""The type of a board that governs a development zone."""

FARM, PARTY, CUSTOMS = "农林场", "党委部门", "海关"
"""Types of bodies whose names follow rules of their own."""

BRANCH = "分局"
"""The ending of a branch without the name of its bureau's seat: 生态环境分局."""

_CACHED_BODIES_MAX = 50_000
"""Count. As many texts are kept in memory with the bodies that they name."""


class _Type(Strict, frozen=True):
    """A type of bureau in bureaus.toml."""

    name: str
    aliases: _Words = ()
    renamed: tuple[_Words, ...] = ()
    beside: tuple[_Words, ...] = ()
    beside_whole: tuple[_Words, ...] = ()
    whole: _Words = ()
    national: _Words = ()
    farms: _Words = ()
    party: _Words = ()
    beside_regions: bool = False


class _Zones(Strict, frozen=True):
    ends: _Words
    of_cities: _Words
    of_the_country: _Words
    sights: _Words
    regions: dict[str, str]
    boards: _Words
    offices: _Words
    short: dict[str, str]


class _File(Strict, frozen=True):
    """What bureaus.toml holds."""

    endings: _Words
    joints: _Words
    institutions: _Words
    forces: _Words
    heads: _Words
    national: _Words
    national_short: dict[str, str]
    ended: dict[str, int]
    zones: _Zones
    type: tuple[_Type, ...]


class Name(NamedTuple):
    """What a bureau's own name means: its type, which of the bureaus of that type it is ("" for the one that
    the type is called after), and the name of which it is a spelling."""

    type: str
    bureau: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Bureaus:
    """bureaus.toml, compiled: `names` by what stands before the ending, `whole` by names without one."""

    types: tuple[str, ...]
    names: dict[str, Name]
    whole: dict[str, Name]
    national: dict[str, str | None]
    national_short: dict[str, str]
    ended: dict[str, int]
    beside_regions: frozenset[str]
    heads: tuple[str, ...]
    endings: tuple[str, ...]
    institutions: frozenset[str]
    forces: frozenset[str]
    joined: re.Pattern[str]
    named: re.Pattern[str]
    farm: re.Pattern[str]
    party: re.Pattern[str]
    zone: re.Pattern[str]
    zone_of_city: re.Pattern[str]
    board: re.Pattern[str]
    boards: tuple[str, ...]
    offices: frozenset[str]
    zones: dict[str, str]
    zone_regions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Body:
    """A bureau; `type` is None if it is not known.

    `unit` is the town or development zone that it belongs to. `part` tells it from others of its type.
    `below` says that it is a branch of a bureau of that type. `spelling` is the same for names that are
    spellings of one name, and differs between the names that a bureau had in several years.
    """

    type: str | None
    unit: str = ""
    part: str = ""
    is_town: bool = False
    below: bool = False
    spelling: str = ""


@cache
def bureaus() -> Bureaus:
    """Return bureaus.toml, compiled once."""
    data = load_packaged("pipeline.places", "bureaus.toml", _File)
    kinds, zones = data.type, data.zones
    lists = {
        key: {word: kind.name for kind in kinds for word in getattr(kind, key)}
        for key in ("national", "farms", "party")
    }
    names = {word: name for kind in kinds for word, name in _type_to_names(kind)}
    whole = {word: name for kind in kinds for word, name in _type_to_whole_names(kind)}
    words = _any(names)
    return Bureaus(
        types=tuple(kind.name for kind in kinds),
        names=names,
        whole=whole,
        national=dict.fromkeys(data.national) | lists["national"],
        national_short=data.national_short,
        ended=data.ended,
        beside_regions=frozenset(kind.name for kind in kinds if kind.beside_regions),
        heads=tuple(sorted(data.heads, key=len, reverse=True)),
        endings=data.endings,
        institutions=frozenset(data.institutions),
        forces=frozenset(data.forces),
        joined=re.compile(
            rf"(?P<first>{words})(?P<more>(?:{_any(data.joints)}?{words})*)"
            rf"(?P<ending>{_any(data.endings)})(?P<tail>.*)"
        ),
        named=re.compile(rf"(?P<whole>{_any(whole)})(?P<tail>.*)"),
        farm=re.compile(
            rf"(?P<farm>.{{0,10}}{_any(lists['farms'])})(?:管委会|管理委员会|管理区|人民政府|办事处)?"
        ),
        party=re.compile(rf"委(?:员会)?(?P<part>.{{1,12}}{_any(lists['party'])})"),
        zone_of_city=re.compile(rf"{_any(zones.of_the_country)}?{_any(zones.of_cities)}"),
        board=re.compile(
            rf"(?:(?P<zone>[^省市县区州盟旗镇乡]{{2,10}})管委会"
            rf"|(?P<sight>[^省市县区州盟旗镇乡]{{1,10}}{_any(zones.sights)})管理委员会)(?P<rest>.*)"
        ),
        zone_regions=zones.regions,
        zone=re.compile(rf"(?P<zone>.{{0,12}}?{_any(zones.ends)})(?P<rest>.*)"),
        boards=zones.boards,
        offices=frozenset(zones.offices),
        zones=zones.short,
    )


def _type_to_names(kind: _Type) -> Iterator[tuple[str, Name]]:
    """Yield every name of the bureaus of a type, without its ending, with what it means."""
    yield from ((word, Name(kind.name, "", kind.name)) for word in kind.aliases)
    yield from ((word, Name(kind.name, "", group[0])) for group in kind.renamed for word in group)
    yield from ((word, Name(kind.name, group[0], group[0])) for group in kind.beside for word in group)


def _type_to_whole_names(kind: _Type) -> Iterator[tuple[str, Name]]:
    """Yield every whole name of the bureaus of a type, with what it means."""
    yield from ((word, Name(kind.name, "", kind.name)) for word in kind.whole)
    yield from ((word, Name(kind.name, group[0], group[0])) for group in kind.beside_whole for word in group)


def _any(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first."""
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})"


@lru_cache(maxsize=_CACHED_BODIES_MAX)
def text_to_body(text: str) -> Body | None:
    """Return the body that a whole text names, None if nothing in it is known."""
    return _town(text) or _farm(text) or _bureau(text) or _party(text) or _zone(text) or _board(text)


def is_body(text: str) -> bool:
    """Whether the text is a known bureau or a development zone."""
    body = text_to_body(text)
    return body is not None and not body.is_town and not (body.unit and body.type is None)


def _town(text: str) -> Body | None:
    """Return the town or street office that a text names, None if it names none."""
    found = _TOWN.fullmatch(_OFFICE.sub("", text, count=1) if _OFFICE.match(text) else text)
    if not found or _NO_TOWN.fullmatch(found["town"] or found["name"]):
        return None
    town, rest = found["town"] or found["name"], found["rest"] or ""
    if rest == "便民服务中心":
        return Body(None, town, rest, is_town=True)
    if rest.endswith("办公室"):
        return Body("政府办公室", town, is_town=True)
    is_street = town.endswith("街道") or rest == "办事处"
    return Body("街道办事处" if is_street else "人民政府", town, is_town=True)


def _farm(text: str) -> Body | None:
    """Return the state farm that a text names, None if it names none. It stands beside the towns of a
    county."""
    found = bureaus().farm.fullmatch(text)
    return Body(FARM, found["farm"], is_town=True) if found else None


def _party(text: str) -> Body | None:
    """Return the department of a party committee that a text names, None if it names none."""
    found = bureaus().party.fullmatch(text)
    return Body(PARTY, part=found["part"]) if found else None


def _bureau(text: str) -> Body | None:
    """Return the bureau that a text names, None if it names none."""
    known = bureaus()
    named = known.named.fullmatch(text)
    if named and not named["tail"]:
        name = known.whole[named["whole"]]
        return Body(name.type, part=name.bureau, spelling=name.spelling)
    joined = known.joined.fullmatch(text)
    if joined:
        return _joined(joined)
    office = _OFFICE.match(text)
    if office:
        return _bureau(text[office.end() :])
    if named and known.whole[named["whole"]].type in known.beside_regions:
        return Body(known.whole[named["whole"]].type, part=named["tail"], below=True)
    customs = _CUSTOMS.fullmatch(text)
    return Body(CUSTOMS, part=customs["port"]) if customs else None


def _joined(found: re.Match[str]) -> Body:
    """Return the bureau whose name, ending and what follows on it a pattern has found."""
    known = bureaus()
    name, ending = known.names[found["first"]], found["ending"]
    force = found["more"] if found["more"] in known.forces else ""
    institution = ending if ending in known.institutions else ""
    below = force + (BRANCH if ending == BRANCH else "") + found["tail"]
    part = name.bureau + institution + below
    return Body(name.type, part=part, below=bool(below), spelling=name.spelling)


def _zone(text: str) -> Body | None:
    """Return the development zone, or the bureau of one, that a text names; None if it names none."""
    known = bureaus()
    found = known.zone.fullmatch(text)
    if not found:
        return None
    zone, rest = found["zone"], found["rest"]
    for short, name in known.zones.items():
        if zone.endswith(short):
            zone = zone.removesuffix(short) + name
    return zone_to_body(zone, rest)


def _board(text: str) -> Body | None:
    """Return the board that a text names without a word for a zone, None if it names none: 青秀山管委会."""
    found = bureaus().board.fullmatch(text)
    if found:
        return zone_to_body(found["zone"] or found["sight"], found["rest"])
    return Body(ZONE_BOARD) if text in bureaus().boards else None


def is_zone_of_city(text: str) -> bool:
    """Whether a text begins with a development zone as county-level cities have it: 经开区管委会."""
    return bureaus().zone_of_city.match(text) is not None


def zone_to_body(zone: str, rest: str) -> Body:
    """Return the board of a development zone, or a bureau of it."""
    if rest in ("", *bureaus().boards):
        return Body(ZONE_BOARD, zone)
    for board in bureaus().boards:
        rest = rest.removeprefix(board)
    if rest in bureaus().offices:
        return Body("政府办公室", zone)
    bureau = _bureau(rest)
    if bureau is None:
        return Body(None, zone, rest)
    return replace(bureau, unit=zone)
