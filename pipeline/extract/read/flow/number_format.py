"""Show a number as a spreadsheet does: its format is part of what a person reads (0.00"万元", 0;减0, ###).

The codes are those of ECMA-376, part 1, 18.8.31. number_formats.csv has the codes that files name by a number
alone, as a Chinese Excel shows them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

GENERAL = "General"
FORMATS = Path(__file__).with_name("number_formats.csv")

FORMAT_MAX_CHARACTERS = 255
"""Count. Excel takes no longer code; one that is longer is not understood."""

_CACHED_FORMATS_MAX = 1024
"""Count. Of as many codes it is kept in memory what they say."""

_CACHED_SHOWN_MAX = 4096
"""Count. Of as many numbers it is kept in memory how they are shown."""

_PRECISION = 15
"""Count. A spreadsheet keeps and shows no more digits of a number."""

_SECONDS_OF_DAY = 86400
"""Seconds. A whole number of a date is as many."""

_LAST_DAY = 2958465
"""Days. The thirty-first of December 9999; later dates are shown by no spreadsheet."""

_LEAP_YEAR_SLIP = 60
"""Days. Spreadsheets count a twenty-ninth of February 1900, which never was."""

NOT_UNDERSTOOD = "the number is shown in a format that is not understood"
NO_DATE = "the number is no date, and is to be shown as one"
AS_NUMERALS = "the number is shown in Chinese numerals"

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<wide>.)|\*(?P<filled>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<half>AM/PM|A/P|上午/下午)|(?P<power>E[+-])|(?P<days>aaaa?)"
    r"|(?P<date>y+|m+|d+|h+|s+|e+)|(?P<point>\.)|(?P<digit>[0#?])|(?P<comma>,)|(?P<percent>%)|(?P<text>@)"
    r"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_ELAPSED = re.compile(r"(h+|m+|s+)", re.IGNORECASE)
_WEEKDAYS = "一二三四五六日"
_NUMERALS = "〇一二三四五六七八九"


class Shown(NamedTuple):
    """A number as it is shown; `doubt` says in words why the text may not be what a person sees."""

    text: str
    doubt: str = ""


class _Token(NamedTuple):
    """A part of a code: its kind, which is the name of a group of _TOKEN, and its text."""

    kind: str
    text: str


class _Section(NamedTuple):
    """One of the sections of a code, which semicolons part."""

    tokens: tuple[_Token, ...]
    condition: tuple[str, Decimal] | None
    in_numerals: bool

    def kinds(self) -> set[str]:
        """Return which kinds of tokens it has."""
        return {token.kind for token in self.tokens}

    def meets(self, value: Decimal) -> bool:
        """Whether the number meets its condition."""
        if self.condition is None:
            return True
        sign, bound = self.condition
        return {
            "<": value < bound,
            ">": value > bound,
            "=": value == bound,
            "<=": value <= bound,
            ">=": value >= bound,
            "<>": value != bound,
        }[sign]


@lru_cache(maxsize=_CACHED_SHOWN_MAX)
def number_to_shown(value: float, code: str, *, since_1904: bool = False) -> Shown:
    """Return a number as a spreadsheet shows it by the code of its format, in a column that is wide enough.

    `since_1904` says that the days of dates are counted from 1904 on.
    """
    exact = _exact(value)
    sections = _sections(code)
    if not sections:
        return Shown(_plain(exact), NOT_UNDERSTOOD)
    section, magnitude = _section_of(exact, sections)
    if section is None:
        return Shown("")
    kinds = section.kinds()
    if kinds & {"date", "days", "half", "elapsed"}:
        return _date_to_shown(value, section, since_1904=since_1904)
    if not kinds & {"digit", "general", "text"}:  # words alone
        return Shown(_words(section.tokens))
    if "power" in kinds or _is_fraction(section.tokens):
        return Shown(_plain(exact), NOT_UNDERSTOOD)
    if any(token.kind == "filled" and token.text.isdecimal() for token in section.tokens):
        return Shown(_plain(exact), NOT_UNDERSTOOD)
    doubt = AS_NUMERALS if section.in_numerals else ""
    if kinds & {"general", "text"}:
        return Shown(_with_general(section.tokens, magnitude), doubt)
    return Shown(_with_digits(section.tokens, magnitude), doubt)


def text_to_shown(text: str, code: str) -> str:
    """Return a text as a spreadsheet shows it by the code of its format: the fourth section is for texts."""
    sections = _sections(code)
    last = sections[3] if len(sections) > 3 else sections[-1] if sections else None
    if last is None or "text" not in last.kinds():
        return "" if len(sections) > 3 else text
    return "".join(text if token.kind == "text" else _words([token]) for token in last.tokens).strip(" ")


@cache
def known_formats() -> Mapping[int, str]:
    """Return the codes that files name by a number alone, by that number."""
    with FORMATS.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({int(row["id"]): row["code"] for row in csv.DictReader(lines)})


def number_to_general(value: float) -> str:
    """Return a number as it is shown without a format, with all digits that a spreadsheet keeps."""
    return _plain(_exact(value))


def _exact(value: float) -> Decimal:
    """Return the number with the digits that a spreadsheet keeps of it."""
    return Decimal(f"{value:.{_PRECISION}g}")


def _plain(number: Decimal) -> str:
    """Return the number without a power of ten and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# ------------------------------------------------------------- code → sections


@lru_cache(maxsize=_CACHED_FORMATS_MAX)
def _sections(code: str) -> tuple[_Section, ...]:
    """Return the sections of a code; none where it is not understood."""
    if len(code) > FORMAT_MAX_CHARACTERS:
        return ()
    parts: list[list[_Token]] = [[]]
    for token in _tokens(code or GENERAL):
        if token == ("other", ";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(map(_section, parts))


def _tokens(code: str) -> Iterator[_Token]:
    """Yield the parts of a code."""
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup or "other"
        text = found[kind]
        if kind == "bracket" and _ELAPSED.fullmatch(text):
            yield _Token("elapsed", text.lower())
        elif kind in ("quoted", "escaped"):
            yield _Token("word", text)
        else:
            yield _Token(kind, text.lower() if kind in ("date", "days") else text)


def _section(tokens: Sequence[_Token]) -> _Section:
    """Return the section of these tokens; brackets with colours and languages say nothing."""
    condition, in_numerals, kept = None, False, []
    for token in tokens:
        if token.kind != "bracket":
            kept.append(token)
        elif found := _CONDITION.fullmatch(token.text.strip()):
            condition = (found[1], Decimal(found[2]))
        elif token.text.startswith("$"):
            kept.append(_Token("word", token.text[1:].partition("-")[0]))
        else:
            in_numerals |= token.text.lower().startswith("dbnum")
    return _Section(tuple(kept), condition, in_numerals)


def _section_of(value: Decimal, sections: Sequence[_Section]) -> tuple[_Section | None, Decimal]:
    """Return the section that shows this number, None where it shows nothing, and the number that it shows.

    A section for negative numbers alone shows them without their sign.
    """
    numbers = sections[:3]
    if any(section.condition for section in numbers):
        chosen = next((section for section in numbers if section.meets(value)), numbers[-1])
        return (chosen if chosen.tokens else None), value
    if value < 0 and len(numbers) > 1:
        chosen, value = numbers[1], -value
    elif value == 0 and len(numbers) > 2:
        chosen = numbers[2]
    else:
        chosen = numbers[0]
    return (chosen if chosen.tokens else None), value


# ------------------------------------------------------------ section → digits


def _words(tokens: Sequence[_Token]) -> str:
    """Return what tokens show beside digits: words, and a blank where the code leaves room."""
    shown = {"word", "other"}
    parts = [t.text if t.kind in shown else "%" if t.kind == "percent" else "" for t in tokens]
    return "".join(parts).strip(" ")


def _with_general(tokens: Sequence[_Token], number: Decimal) -> str:
    """Return a number that is shown plainly, with words around it."""
    plain = _plain(number)
    parts = (plain if t.kind in ("general", "text") else _words([t]) or _blank(t) for t in tokens)
    return "".join(parts).strip(" ")


def _is_fraction(tokens: Sequence[_Token]) -> bool:
    """Whether a number is shown as a fraction: # ?/?."""
    kinds = "".join("/" if t == ("other", "/") else "0" if t.kind == "digit" else "" for t in tokens)
    return "0/" in kinds


def _with_digits(tokens: Sequence[_Token], number: Decimal) -> str:
    """Return a number as the places for digits show it, with words between and around them."""
    point = next((at for at, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    places = [at for at, token in enumerate(tokens) if token.kind == "digit"]
    before, after = [at for at in places if at < point], [at for at in places if at > point]
    inner = [at for at, token in enumerate(tokens) if token.kind == "comma" and at < point]
    last = max(before, default=-1)
    is_grouped = any(at < last for at in inner) and bool(before) and any(at > before[0] for at in inner)
    thousands = sum(token.kind == "comma" and at > max(places) for at, token in enumerate(tokens))
    thousands += sum(last < at < point for at in inner if after)
    percents = sum(token.kind == "percent" for token in tokens)
    scaled = number.scaleb(2 * percents - 3 * thousands)
    rounded = abs(scaled).quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    texts = _whole_places(whole.lstrip("0"), before, tokens, is_grouped=is_grouped)
    texts |= _fraction_places(fraction, after, tokens)
    if point < len(tokens):
        texts[point] = "."
    shown = "".join(texts.get(at, _words([token]) or _blank(token)) for at, token in enumerate(tokens))
    sign = "-" if number < 0 and rounded else ""
    return sign + shown.strip(" ")


def _blank(token: _Token) -> str:
    """Return a blank for a blank of the code, or for the room that it leaves."""
    return " " if token in (("other", " "), ("word", " ")) or token.kind == "wide" else ""


def _whole_places(
    digits: str, places: Sequence[int], tokens: Sequence[_Token], *, is_grouped: bool
) -> dict[int, str]:
    """Return what stands in each place before the point; the first takes all digits that are too many."""
    texts: dict[int, str] = {}
    for count, at in enumerate(reversed(places)):
        is_first = at == places[0]
        own = digits[: len(digits) - count] if is_first else digits[-count - 1 : len(digits) - count]
        if count >= len(digits):
            own = "0" if tokens[at].text == "0" else ""
        texts[at] = _grouped(own, count) if is_grouped else own
    return texts


def _grouped(digits: str, behind: int) -> str:
    """Return digits with commas, before as many other digits of the whole number."""
    total = len(digits) + behind
    parts = (
        digit + ("," if (left := total - at - 1) and left % 3 == 0 else "") for at, digit in enumerate(digits)
    )
    return "".join(parts)


def _fraction_places(digits: str, places: Sequence[int], tokens: Sequence[_Token]) -> dict[int, str]:
    """Return what stands in each place after the point: # shows no zero at the end."""
    texts = dict(zip(places, digits, strict=False))
    for at in reversed(places):
        if texts.get(at) != "0" or tokens[at].text == "0":
            break
        texts[at] = ""
    return texts


# -------------------------------------------------------------- section → date


def _date_to_shown(value: float, section: _Section, *, since_1904: bool) -> Shown:
    """Return a number of days as the date or the time that a section shows."""
    if not 0 <= value <= _LAST_DAY:
        return Shown(number_to_general(value), NO_DATE)
    at = _moment(value, since_1904=since_1904)
    has_half = "half" in section.kinds()
    minutes = _minute_places(section.tokens)
    parts = []
    for place, token in enumerate(section.tokens):
        if token.kind == "elapsed":
            parts.append(_elapsed(value, token.text))
        elif token.kind == "half":
            parts.append(_half(at, token.text))
        elif token.kind in ("date", "days"):
            name = "n" * len(token.text) if place in minutes else token.text
            parts.append(_date_part(at, name, has_half=has_half, in_numerals=section.in_numerals))
        elif token.kind == "digit":
            parts.append("0")
        else:
            parts.append("." if token.kind == "point" else _words([token]) or _blank(token))
    return Shown("".join(parts).strip(" "))


def _moment(value: float, *, since_1904: bool) -> datetime:
    """Return the moment that a number of days is."""
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)
    slip = 1 if not since_1904 and value < _LEAP_YEAR_SLIP else 0
    days = int(value)
    return first + timedelta(days=days + slip, seconds=round((value - days) * _SECONDS_OF_DAY))


def _minute_places(tokens: Sequence[_Token]) -> set[int]:
    """Return the places of those m that are minutes: after an hour, or before a second."""
    dated = [(at, t.text) for at, t in enumerate(tokens) if t.kind in ("date", "elapsed")]
    found = set()
    for place, (at, name) in enumerate(dated):
        before = dated[place - 1][1] if place else ""
        behind = dated[place + 1][1] if place + 1 < len(dated) else ""
        if name.startswith("m") and (before.startswith("h") or behind.startswith("s")):
            found.add(at)
    return found


def _elapsed(value: float, name: str) -> str:
    """Return the hours, minutes or seconds that a number of days is in all."""
    unit = {"h": 3600, "m": 60, "s": 1}[name[0]]
    return str(int(value * _SECONDS_OF_DAY) // unit).rjust(len(name), "0")


def _half(at: datetime, words: str) -> str:
    """Return which half of the day it is, as the code has it."""
    return words.split("/")[at.hour >= 12]


def _date_part(at: datetime, name: str, *, has_half: bool, in_numerals: bool) -> str:
    """Return a part of a date: y, e, m, d, h, n (minutes) or s as often as the code repeats it, or aaa."""
    letter, width = name[0], len(name)
    if letter in "ye":
        year = f"{at.year:04}" if width > 2 or letter == "e" else f"{at.year % 100:02}"
        return "".join(_NUMERALS[int(digit)] for digit in year) if in_numerals else year
    if letter == "a" or (letter == "d" and width > 2):
        return ("" if name == "aaa" else "星期") + _WEEKDAYS[at.weekday()]
    if letter == "m" and width > 2:
        return at.strftime("%b" if width == 3 else "%B")
    hour = (at.hour % 12 or 12) if has_half else at.hour
    number = {"m": at.month, "d": at.day, "h": hour, "n": at.minute, "s": at.second}[letter]
    return _below_hundred(number) if in_numerals else f"{number:0{min(width, 2)}}"


def _below_hundred(number: int) -> str:
    """Return a whole number below a hundred in Chinese numerals: 二十三."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[ones]
    return (_NUMERALS[tens] if tens > 1 else "") + "十" + (_NUMERALS[ones] if ones else "")
