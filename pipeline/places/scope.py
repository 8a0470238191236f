"""Whose figures a report counts: its own, or those of the bodies below it too."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from pipeline.places.regions import TOWN

OWN, SUMMED, UNKNOWN = "本机关", "本级汇总", "unknown"
GOVERNMENTS = ("人民政府", "开发区管委会")
_BLANKS = re.compile(r"\s+")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = tomllib.loads(files("pipeline.places").joinpath("scope.toml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(f"(?:{line})" for line in lines)) for name, lines in data.items()}


def report_to_scope(bureau_type: str | None, admin_level: str | None, prose: str) -> str:
    """本机关, 本级汇总 or unknown; `prose` is the report's title, preamble and overview.

    A town and a bureau count themselves, unless a bureau speaks of its whole system; a government or its
    office does what its prose says.
    """
    text = _BLANKS.sub("", prose)
    if admin_level == TOWN:
        return OWN
    if bureau_type in (*GOVERNMENTS, "政府办公室"):
        return _government_to_scope(text)
    if bureau_type is None or _patterns()["system"].search(text) or _patterns()["summed"].search(text):
        return UNKNOWN
    return OWN


def _government_to_scope(text: str) -> str:
    summed, own = (_patterns()[name].search(text) is not None for name in ("summed", "own"))
    if summed == own:
        return UNKNOWN
    return SUMMED if summed else OWN
