"""Read years and dates as reports write them, in digits or in Chinese numerals."""

from __future__ import annotations

import re
from datetime import date

_PLACES = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("○零oO", "0")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_YEAR_ALONE = r"(?:20[0-9]{2}|[2二][0〇○零oO][0-9〇○零oO一二三四五六七八九]{2})"
_YEAR = rf"(?P<year>{_YEAR_ALONE})"
_SMALL = r"[0-9]{1,2}|[元正一二三四五六七八九十廿卅〇零]{1,4}"
_DATE = (
    rf"{_YEAR}(?:年(?P<month>{_SMALL})月(?P<day>{_SMALL})[日号]"
    r"|(?P<sep>[-./])(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})(?![0-9]))"
)

_CENTURY = 2000
"""Years. What a year in two digits is counted from."""

_SHORT_DIGITS = 2
"""Count. A year without its century has as many digits."""

_TIME = r"(?:[上下]午)?(?:[0-9]{1,2}[:：时][0-9]{1,2}分?(?:[:：][0-9]{1,2}秒?)?|[0-9]{1,2}时)"
_FIRST, _LAST = r"(?:0?1|一|元|正)", r"(?:31|三十一)"

YEAR = re.compile(rf"(?<![0-9]){_YEAR}(?![0-9])(?:年度|年)?")
SHORT_YEAR = re.compile(r"(?<![0-9第年])['‘’＇]?(?P<year>[0-9]{2})年度?")
"""A year in two digits, as a title may print it (23年度, '22年)."""

DATE = re.compile(rf"(?<![0-9]){_DATE}")
DAY_OR_MONTH = re.compile(rf"(?<![0-9])(?:{_DATE}|{_YEAR_ALONE}年(?:{_SMALL})月(?:份|底|初)?)(?: ?{_TIME})?")
DATE_ALONE = re.compile(
    rf"[（(【\[]?{_DATE} ?(?P<weekday>(?:星期|周)[一二三四五六日天])? ?(?P<time>{_TIME})?[）)】\]]?"
)
PERIOD = re.compile(
    rf"(?<![0-9])(?P<year>{_YEAR_ALONE})"
    rf"(?:年(?:{_FIRST}|0?5|五)月(?:{_FIRST}日?)?|(?P<sign>[-./])0?[15](?P=sign)0?1)起?(?:至|到|[-—–－~～])+"
    rf"(?:(?:同年|当年|本年)|(?P<end>{_YEAR_ALONE})[-./年])?(?:12|十二)(?:月(?:{_LAST}日?)?|[-./]31)"
)
"""The period of the figures: a whole year, or 2008 from May on, when the Regulations came into force."""


def half_width(text: str) -> str:
    """Return text with plain digits, letters and signs in place of full-width ones."""
    return text.translate(_FULL_WIDTH)


def found_to_year(found: re.Match[str], group: str = "year") -> int | None:
    """Return the year of a YEAR, DATE or PERIOD match; None where no report can be about it."""
    year = int("".join(_PLACES.get(c, c) for c in found[group] or "0"))
    year += _CENTURY if len(found[group] or "") == _SHORT_DIGITS else 0
    return year if 2007 <= year <= date.today().year + 1 else None


def found_to_date(found: re.Match[str]) -> date | None:
    """Return the date of a DATE match; None where the calendar has no such day."""
    year = found_to_year(found)
    month, day = (_small(found[long] or found[short]) for long, short in (("month", "m"), ("day", "d")))
    try:
        return date(year, month, day) if year else None
    except ValueError:
        return None


def _small(printed: str) -> int:
    """Return 1 to 31 from digits or Chinese numerals; 0 where it is neither."""
    if printed.isdigit():
        return int(printed)
    printed = printed.replace("廿", "二十").replace("卅", "三十").translate(str.maketrans("元正零", "一一〇"))
    tens, ten, ones = printed.rpartition("十")
    digits = (_PLACES.get(tens or "一", "") if ten else "") + (_PLACES.get(ones or "〇", "") or "")
    return int(digits) if digits.isdigit() and (ten or len(ones) == 1) else 0
