"""The titles that a page gives a report → whose it is, and on which year, however they are worded.

The patterns are in report_titles.toml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from pipeline.acquire.pages import texts_to_year
from pipeline.typed_toml import Strict, load_packaged

_YEAR = re.compile(r"20[0-4]\d")
_BLANKS = re.compile(r"\s+")
_SEPARATOR = re.compile(r"[-_|]+|\s+[—–·>»]+\s*|(?<=报告)[—–·>»]+|\s+")


class _Titles(Strict, frozen=True):
    """The file, which explains the key."""

    words: tuple[str, ...]


def titles_to_name(titles: Iterable[str], otherwise: str) -> str:
    """Return one name for all wordings of the title of a report: the body and the year, apart by a blank.

    The first of the `titles` that names a body counts. Where none does, the body is `otherwise`.
    """
    known = list(titles)
    names = ((title_to_body(title), _title_to_year(title)) for title in known)
    body, year = next(((body, year) for body, year in names if body and year), ("", ""))
    year = year or next(filter(None, map(_title_to_year, known)), "")
    return f"{body or otherwise} {year}"


def title_to_body(title: str) -> str:
    """Return what is left of a title without year, date, number and the words of such titles: whose report it
    is; "" if it does not say."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", title))
    for words in _words():
        plain = words.sub("", plain)
    return plain


def title_to_parts(title: str) -> list[str]:
    """Return the parts of a title: the name of the site, and of its column, stand beside that of the page."""
    return [part for part in _SEPARATOR.split(title) if part]


def _title_to_year(title: str) -> str:
    """Return the year that a title names, "" if it names none."""
    plain = unicodedata.normalize("NFKC", title)
    found = texts_to_year(plain) or next(map(int, _YEAR.findall(_words()[0].sub("", plain))), None)
    return str(found or "")


@cache
def _words() -> tuple[re.Pattern[str], ...]:
    """Return the expressions for words that do not say whose report it is."""
    table = load_packaged("pipeline.acquire", "report_titles.toml", _Titles)
    return tuple(map(re.compile, table.words))
