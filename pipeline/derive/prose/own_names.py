"""Who reports → its own names in a text, also short ones, replaced by marks that patterns can ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.derive.prose.claim_patterns import OWN, OWN_REGION, claim_patterns
from pipeline.places.agencies import NameParts, name_to_parts
from pipeline.places.bureaus import ZONE_BOARD, Body, bureaus
from pipeline.places.regions import name_to_bare

_LEVEL = re.compile("(自治区|[省市区县州盟旗])$")
_LEVELS = {"自治区": "(?:自治区|区)"}
_TOWN_OFFICES = ("办事处", "人民政府", "政府")
_ZONE_STEM = 2
"""Count. A zone's short name keeps as many characters of its own: 临空 of 临空经济区."""

_CACHED_NAMES_MAX = 10_000
"""Count. The own names of as many agencies are kept in memory."""


class OwnNames(NamedTuple):
    """`names` of the agency and `regions` are replaced as they stand, the longest first; then what `short`
    finds. `bureau_type` is None if it is not known."""

    names: tuple[str, ...]
    regions: tuple[str, ...]
    short: re.Pattern[str] | None
    bureau_type: str | None

    def mark(self, text: str) -> str:
        """Return the folded text with every own name replaced by as many marks. The region's name alone
        gets marks of its own."""
        for name in self.names:
            text = text.replace(name, OWN * len(name))
        for region in self.regions:
            text = text.replace(region, OWN_REGION * len(region))
        return self.short.sub(_marks, text) if self.short else text

    def unmark(self, text: str) -> str:
        """Return a part of a marked text for a reader: the mark of the region as the last word of its
        name."""
        level = self.regions[0][-1] if self.regions else ""
        return text.replace(OWN_REGION, level).replace(OWN, "")


def _marks(found: re.Match[str]) -> str:
    return OWN * len(found[0])


@lru_cache(maxsize=_CACHED_NAMES_MAX)
def agency_to_own_names(agency: str, year: int | None) -> OwnNames:
    """Return the own names of an agency: of 遵义市人力资源和社会保障局 also 市人社局, of a county's
    government 全县."""
    parts = name_to_parts(agency, year)
    level = _LEVEL.search(parts.region_name)
    short = name_to_bare(parts.region_name) + level[0][-1] if level else ""  # 张家川县 for 张家川回族自治县
    regions = sorted({parts.region, parts.region_name, short} - {""}, key=len, reverse=True)
    kind = _kind(parts.body)
    return OwnNames(
        tuple(sorted(_names(parts, agency), key=len, reverse=True)),
        tuple(regions),
        _short(kind, level[0] if level else "", *_words(kind, parts)) if agency else None,
        parts.body.type,
    )


def _names(parts: NameParts, agency: str) -> Iterator[str]:
    """Yield the names to look for as they stand."""
    bare, unit = agency.split("(")[0].split("（")[0], parts.body.unit
    names = {bare, parts.region + parts.rest, parts.region_name + parts.rest} - {""}
    yield from names | {name.replace("人民政府", "政府") for name in names}  # 孝感市政府研究室
    if unit and parts.body.type not in (None, ZONE_BOARD):
        yield parts.rest
    if parts.body.is_town:
        yield from (unit + office for office in ("", *_TOWN_OFFICES))


def _kind(body: Body) -> str:
    """Return which of the patterns in [scope.kinds] a body's names follow."""
    if body.is_town:
        return "town"
    if body.type in claim_patterns().own_kinds:
        return body.type or ""
    return "branch" if body.below else "bureau"


def _words(kind: str, parts: NameParts) -> tuple[str, str]:
    """Return what stands for {unit} and {name} in the pattern of a kind."""
    body = parts.body
    if kind == ZONE_BOARD:
        unit = body.unit or parts.rest
        return re.escape(unit), re.escape(unit[:_ZONE_STEM])
    if kind == "branch":
        return re.escape(body.part.removesuffix("分局")), _aliases(body)
    if kind != "bureau":
        return "", ""
    return "", f"(?:{_aliases(body)})(?:{_endings()})" if body.type else re.escape(parts.rest).replace(
        "人民政府", "(?:人民)?政府"
    )


def _aliases(body: Body) -> str:
    """Return a pattern for the names that a bureau has, or had in other years, without their ending."""
    names = {word: name for word, name in bureaus().names.items() if name.type == body.type}
    which = {name.bureau for name in names.values() if name.spelling == body.spelling} or {""}
    return _any(word for word, name in names.items() if name.bureau in which)


@cache
def _endings() -> str:
    """Return a pattern for the endings of bureaus' names."""
    return _any(bureaus().endings)


def _any(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first; without words, one that matches nothing."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


@cache
def _short(kind: str, level: str, unit: str, name: str) -> re.Pattern[str]:
    """Return the compiled pattern of a kind."""
    pattern = claim_patterns().own_kinds[kind]
    for key, text in {"level": _LEVELS.get(level, level), "unit": unit, "name": name}.items():
        pattern = pattern.replace(f"{{{key}}}", text or "(?!)")
    return re.compile(pattern)
