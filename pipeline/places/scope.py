"""Whose figures a report counts: the agency's own, or those of the bodies below it too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.places.regions import TOWN
from pipeline.typed_toml import load_packaged

OWN, SUMMED, UNKNOWN = "本机关", "本级汇总", "unknown"
GOVERNMENT, OFFICE = "人民政府", "政府办公室"
GOVERNMENTS = (GOVERNMENT, "开发区管委会")
_BLANKS = re.compile(r"\s+")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = load_packaged("pipeline.places", "scope.toml", dict[str, tuple[str, ...]])
    return {name: re.compile("|".join(f"(?:{line})" for line in lines)) for name, lines in data.items()}


def report_to_scope(bureau_type: str | None, admin_level: str | None, prose: str) -> str:
    """Return 本机关, 本级汇总 or unknown. `prose` is the report's title, preamble and overview.

    A town and a bureau count their own figures, unless a bureau speaks of its whole system. A government or
    its office counts what its prose says.
    """
    text = _BLANKS.sub("", prose)
    if admin_level == TOWN:
        return OWN
    if bureau_type in (*GOVERNMENTS, OFFICE):
        return _government_to_scope(text, ("own", "office") if bureau_type == OFFICE else ("own",))
    if bureau_type is None or _says("system", text) or _says("summed", text):
        return UNKNOWN
    return OWN


def _government_to_scope(text: str, own_words: Sequence[str]) -> str:
    """Return the scope of a government's report: unknown if its text says both or neither."""
    summed, own = _says("summed", text), any(_says(name, text) for name in own_words)
    if summed == own:
        return UNKNOWN
    return SUMMED if summed else OWN


def _says(name: str, text: str) -> bool:
    """Whether one of the patterns of this name is in the text."""
    return _patterns()[name].search(text) is not None
