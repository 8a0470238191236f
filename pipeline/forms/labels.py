"""Bring printed labels to one spelling, so that equal labels compare equal."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

_NUMBERING = re.compile(r"^(?:[(（]?[一二三四五六七八九十]{1,2}[)）、.．,，]|[(（]?\d{1,2}[)）、.．])+")
_SILENT = re.compile(r"[\W_]+")

CACHED_LABELS_MAX = 16384
"""Count. As many folded labels are kept in memory."""


@cache
def radicals() -> dict[int, str]:
    """Return the ideograph of every radical, by code point (Unicode 14, EquivalentUnifiedIdeograph).

    Browsers print ⺠ ⻓ ⻔ ⻅ ⻛ in place of ideographs, and NFKC maps the Kangxi radicals only.
    """
    text = files(__package__).joinpath("radicals.csv").read_text(encoding="utf-8")
    return {ord(row["radical"]): row["ideograph"] for row in csv.DictReader(text.splitlines())}


@cache
def _radical() -> re.Pattern[str]:
    """Return a pattern that matches any radical."""
    return re.compile("[" + "".join(map(chr, radicals())) + "]")


def ideographs(text: str) -> str:
    """Return `text` with ideographs in place of radicals."""
    return text.translate(radicals()) if _radical().search(text) else text


def plain(text: str) -> str:
    """Return `text` with ideographs in place of radicals and plain forms in place of full-width ones.

    White space is kept.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", ideographs(text))


@lru_cache(maxsize=CACHED_LABELS_MAX)
def fold(text: str) -> str:
    """Return `text` as labels are compared: plain, without white space, punctuation and leading number.

    >>> fold("（六） 其他处理"), fold("6、其他处理"), fold("总 计")
    ('其他处理', '其他处理', '总计')
    """
    compact = "".join(plain(text).split())
    return _SILENT.sub("", _NUMBERING.sub("", compact))
