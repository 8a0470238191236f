"""Turn number phrases of cells (减 20, 1.2万件, 22（其中修订16件）) into numbers.

The words are data: forms/phrases.toml and forms/units.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from pipeline.forms.labels import radicals
from pipeline.forms.phrase_files import load_phrases, load_units
from pipeline.records import Quantity

# str.isspace() also holds for the control codes 1C to 1F, which a broken glyph map yields: these must stay.
_WHITE = " \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u200b-\u200d\u2060\ufeff\u00ad"
_BLANKS = re.compile(f"[{_WHITE}]+")
_NUMERALS = "零〇○一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億"
_PLAIN_NUMERALS = str.maketrans("零○两壹贰叁肆伍陆柒捌玖拾佰仟萬億", "〇〇二一二三四五六七八九十百千万亿")
_DIGITS = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_BY_PLACE = re.compile("[一二三四五六七八九][一二三四五六七八九〇]*〇[一二三四五六七八九〇]*")
_BRACKET = re.compile(r"([^()]+)\(([^()]*)\)([^()]*)")
_NUMBER_IN_BRACKETS = re.compile(rf"\(((?:{_DIGITS}))\)([^()0-9]*)")
_SMALL_DIGITS = "⁰¹²³⁴-⁹₀-₉"
_NUMBER_MAX_DIGITS = 15
"""Count. A number with more digits is unreadable, for a float64 does not keep them all."""

FOOTNOTE_MARKS_MAX = 3
"""Count. So many marks of footnotes (*, ※, ①, a raised 1) may follow a number."""

CACHED_MAX_CHARACTERS = 64
"""Count. The numbers of longer texts are not kept in memory."""

CACHED_NUMBERS_MAX = 8192
"""Count. As many phrases are kept in memory with what they say."""

_CACHED_UNITS_MAX = 1024
"""Count. As many units of column headers are kept in memory with what they measure."""


class _UnreadableError(Exception):
    """A phrase is not understood."""

    pass


@dataclass(frozen=True, slots=True)
class UnitScale:
    """What a unit counts.

    `scale` in the base unit of its `dimension`, `whole` where there are no halves of it.
    """

    dimension: str
    scale: Decimal
    whole: bool


@dataclass(frozen=True, slots=True)
class Phrases:
    """forms/phrases.toml and forms/units.toml, compiled."""

    grammar: re.Pattern[str]
    change: re.Pattern[str]
    compared_aside: re.Pattern[str]
    note: re.Pattern[str]
    groups: re.Pattern[str]
    gap: re.Pattern[str]
    zeros: frozenset[str]
    absent: re.Pattern[str]
    additions: tuple[str, ...]
    negative: frozenset[str]
    powers: dict[str, int]
    currency: re.Pattern[str]
    signed_columns: frozenset[str]
    either_way: tuple[str, ...]
    accounts: tuple[str, ...]


def parse_quantity(text: str, unit: str, printed_unit: str = "") -> Quantity:
    """Return the number that a cell's `text` says, in `unit`.

    Nothing is raised and nothing is guessed: what is not understood has status unreadable. `printed_unit` is
    the whole text of the header or of the unit column: 采购总金额（万元）, 单位：元, 条.
    """
    if len(text) <= CACHED_MAX_CHARACTERS:
        return _cached_quantity(text, unit, printed_unit)
    return _text_to_quantity(text, unit, printed_unit)


def _text_to_quantity(text: str, unit: str, printed_unit: str) -> Quantity:
    """Return the number of a cell's text; see `parse_quantity`."""
    raw = _BLANKS.sub("", text)
    if not raw:
        return Quantity(None, "blank", "")
    shown = text.translate(_half_width())
    if phrases().absent.fullmatch(_BLANKS.sub("", shown)):
        return Quantity(None, "not_applicable", raw)
    try:
        return Quantity(_shown_to_value(shown, unit, printed_unit), "ok", raw)
    except _UnreadableError:
        return Quantity(None, "unreadable", raw)


_cached_quantity = lru_cache(maxsize=CACHED_NUMBERS_MAX)(_text_to_quantity)


@lru_cache(maxsize=CACHED_NUMBERS_MAX)
def is_change(raw: str) -> bool:
    """Whether a phrase says a difference (减 20, +5, 持平) and not an amount."""
    return bool(phrases().change.match(_BLANKS.sub("", raw.translate(_half_width()))))


def has_change_aside(raw: str) -> bool:
    """Whether a bracket beside a number says a difference: 2608（较上年增加12）."""
    return bool(phrases().compared_aside.search(_BLANKS.sub("", raw.translate(_half_width()))))


def _shown_to_value(shown: str, unit: str, printed_unit: str) -> float:
    """Return the number of a phrase of plain characters.

    Raise _UnreadableError where it is not understood.
    """
    phrase = _without_bracket(_with_plain_groups(shown))
    if phrases().gap.search(phrase):
        raise _UnreadableError
    compact = _BLANKS.sub("", phrase)
    if compact in phrases().zeros:
        return 0.0
    found = phrases().grammar.fullmatch(compact)
    if not found:
        raise _UnreadableError
    number, factor, printed = found["number"], found["factor"] or "", found["unit"] or ""
    if found["currency"] and not printed:
        printed = "元"
    if number == "一" and not (factor or printed):
        raise _UnreadableError
    if not measure(unit).whole and re.search(f"[{_SMALL_DIGITS}]{{2}}", found["marks"]):
        raise _UnreadableError  # prices may be set so: 12⁵⁰ is no 12
    value = _number(number).scaleb(phrases().powers[factor])
    value = _convert(value, unit, _printed_measure(printed, factor, unit, printed_unit))
    return float(-value if found["sign"] in phrases().negative else value) + 0.0  # no -0.0


def _with_plain_groups(shown: str) -> str:
    """Return the phrase with commas between its groups of three digits: 1'036, 12 345, 1、033."""

    def with_commas(found: re.Match[str]) -> str:
        """Return a number with commas for its separators."""
        return found[0].replace(found["between"], ",")

    return phrases().groups.sub(with_commas, shown)


def _without_bracket(shown: str) -> str:
    """Return the phrase without a bracket that only adds to its number, or with the unit from the bracket.

    A bracket around the number alone is the minus of accountants.
    """
    negative = _NUMBER_IN_BRACKETS.fullmatch(_BLANKS.sub("", shown))
    if negative and not phrases().gap.search(shown):
        return f"-{negative[1]}{negative[2]}"
    found = _BRACKET.fullmatch(shown)
    if not found:
        return shown
    head, inner, tail = found[1], _BLANKS.sub("", found[2]), _BLANKS.sub("", found[3])
    if inner.removeprefix("单位:") in units() and not tail:
        return head + inner.removeprefix("单位:")
    adds = inner.startswith(phrases().additions) or phrases().note.fullmatch(inner)
    if not adds or (tail and tail not in units()):
        raise _UnreadableError
    return head + tail


def _number(printed: str) -> Decimal:
    """Return the number of digits or of Chinese numerals."""
    if printed[0].isascii():
        return _exact(Decimal(printed.replace(",", "")))
    numeral = printed.translate(_PLAIN_NUMERALS)
    if numeral == "〇":
        return Decimal(0)
    if _BY_PLACE.fullmatch(numeral):
        return _exact(Decimal("".join(str("〇一二三四五六七八九".index(c)) for c in numeral)))
    return _exact(_chinese(numeral))


def _chinese(numeral: str) -> Decimal:
    """Return the number of Chinese numerals; raise _UnreadableError where they are none."""
    from cn2an import an2cn, cn2an  # only here: it takes as long to import as twenty pages to read

    try:
        value = cn2an(numeral.replace("〇", "零"), "strict")
    except ValueError:
        raise _UnreadableError from None
    # cn2an 0.5.23 makes 200000000000 of 二千亿十万, so that its answer must say the same again.
    if _bare(an2cn(value, "low")) != _bare(numeral):
        raise _UnreadableError
    return Decimal(value)


def _bare(numeral: str) -> str:
    """Return numerals without what may be left out: zeros, and 一 before 十."""
    return re.sub("[零〇]", "", numeral).replace("一十", "十")


def _exact(number: Decimal) -> Decimal:
    """Return the number; raise _UnreadableError where a float would not keep its digits."""
    if len(number.as_tuple().digits) > _NUMBER_MAX_DIGITS:
        raise _UnreadableError
    return number


def _printed_measure(printed: str, factor: str, unit: str, printed_unit: str) -> UnitScale:
    """Return what the number counts: by the cell's own unit, else the header's, else the vocabulary's."""
    if printed:
        return units()[printed]
    target = measure(unit)
    header = header_to_measure(printed_unit, unit)
    if not factor:
        return header or target
    if header and header.scale != 1:
        raise _UnreadableError  # 2.58万 under 万元
    return UnitScale(target.dimension, Decimal(1), target.whole)


def _convert(value: Decimal, unit: str, printed: UnitScale) -> Decimal:
    """Turn a number in the printed unit into one in `unit`.

    Raise _UnreadableError where that is not exact.
    """
    target = measure(unit)
    if printed.dimension != target.dimension:
        raise _UnreadableError
    converted = value * printed.scale / target.scale
    if abs(converted) >= 10**_NUMBER_MAX_DIGITS or (target.whole and converted % 1):
        raise _UnreadableError
    return converted


def measure(unit: str) -> UnitScale:
    """Return what a unit of the vocabulary counts; one that units.toml does not list is a plain count."""
    return units().get(unit) or UnitScale("count", Decimal(1), False)


@lru_cache(maxsize=_CACHED_UNITS_MAX)
def header_to_measure(printed_unit: str, unit: str) -> UnitScale | None:
    """Return the unit that a header names, or None.

    Its dimension is "unclear" for two units or an unknown one.
    """
    text = _BLANKS.sub("", printed_unit.translate(_half_width()))
    named = {name for part in _header_parts(text) for name in re.split("[/、或]", part) if name}
    measures = {m for name in named if (m := _name_to_measure(name, unit))}
    if len(measures) > 1 or (not measures and re.search("单位:.", text)):
        return UnitScale("unclear", Decimal(1), False)
    return next(iter(measures), None)


def _header_parts(text: str) -> list[str]:
    """Return the parts of a header that may name a unit."""
    inner = re.findall(r"\(([^()]*)\)", text)
    ends = re.findall(r"单位[:为]?([^()]+)$|(?:额|费用?|款)([^()额费款]+)$", text)
    parts = [text, *inner, *(part for pair in ends for part in pair)]
    return [phrases().currency.sub("", re.sub("^.*单位[:为]?", "", part)).strip(":") for part in parts]


def _name_to_measure(name: str, unit: str) -> UnitScale | None:
    """Return what a name of a unit, or of a factor (万), counts; None where it is none."""
    if name in phrases().powers:
        target = measure(unit)
        return UnitScale(target.dimension, Decimal(10) ** phrases().powers[name], target.whole)
    return units().get(name)


@cache
def units() -> dict[str, UnitScale]:
    """Return every unit of forms/units.toml by its name."""
    return {
        name: UnitScale(dimension, Decimal(scale), entry.whole)
        for dimension, entry in load_units().items()
        for name, scale in [*((n, 1) for n in entry.names), *entry.multiples.items()]
    }


@cache
def bare_from() -> dict[str, float]:
    """Return the columns of amounts, with the least amount that is believed without a printed unit."""
    return load_units()["money"].bare_from


@cache
def phrases() -> Phrases:
    """Return the grammar of the number phrases."""
    data = load_phrases()
    words: dict[str, list[str]] = {}
    for family in data.family:
        words.setdefault(family.role, []).extend(family.words)
    families = {family.name: family for family in data.family}
    signs = "".join(families["decrease"].symbols + families["increase"].symbols)
    compared, unchanged = words["comparison"], words["unchanged"]
    change = f"{_any(compared)}{_any(words['sign'])}"
    strokes = "|".join(f"[{re.escape(s)}]+" for s in families["absent"].strokes)
    factors = families["factors"]
    return Phrases(
        grammar=re.compile(_grammar(words)),
        change=re.compile(
            f"{_any(words['prefix'])}*{_any(compared)}?{_any([*words['sign'], *unchanged])}|[(][0-9]"
        ),
        compared_aside=re.compile(f"[(]{change}"),
        note=re.compile(
            f"{change}(?:{_DIGITS}){_any(list(units()))}?|{_any(words['note'])}(?:[0-9]|{_any(words['mark'])})?"
        ),
        groups=re.compile(_groups(families["separators"].words, families["separators"].symbols)),
        gap=re.compile(
            rf"[0-9.,][{_WHITE}]+[0-9.,]|[{_NUMERALS}][{_WHITE}]+[{_NUMERALS}0-9]"
            rf"|[{re.escape(signs)}][{_WHITE}]*\n"
        ),
        zeros=frozenset(
            before + zero + after
            for before, zeros in [("", words["zero"]), *((c, unchanged) for c in ["", *compared])]
            for zero in zeros
            for after in ["", "。"]
        ),
        absent=re.compile(f"(?:{strokes}|{_any(words['absent'])})。?"),
        additions=tuple(words["bracket"]),
        negative=frozenset(families["decrease"].words),
        powers={"": 0, **dict(zip(factors.words, factors.powers, strict=True))},
        currency=re.compile(_any(words["currency"])),
        signed_columns=frozenset(data.signed_columns),
        either_way=data.either_way,
        accounts=data.accounts,
    )


def _grammar(words: dict[str, list[str]]) -> str:
    """Return the pattern of a whole number phrase."""
    return (
        f"{_any(words['leading'])}?"
        f"{_any(words['prefix'])}?(?:{_any(words['comparison'])}?(?P<sign>{_any(words['sign'])}))?"
        f"{_any(words['prefix'])}?(?P<currency>{_any(words['currency'])})?"
        f"(?P<number>{_DIGITS}|[{_NUMERALS}]+)(?P<factor>{_any(words['factor'])})?"
        f"(?P<unit>{_any(list(units()))})?{_any(words['ending'])}{{0,2}}"
        rf"(?P<marks>(?:{_any(words['mark'])}|[\[【〔]{_any(words['note'])}?[0-9][\]】〕]){{0,{FOOTNOTE_MARKS_MAX}}})"
        rf"(?:{_any(words['note'])}(?:[0-9]|:[^0-9{_NUMERALS}]+)?)?"
    )


def _groups(sure: Iterable[str], unsure: Iterable[str]) -> str:
    """Return the pattern of a number in groups of three digits, with one separator between all of them.

    An unsure separator is one only before a group that begins with 0: 1、033 is a number, 1、333 may be two.
    """
    between, doubtful = _any(list(sure)), _any(list(unsure))
    later = "(?:(?P=between)[0-9]{3})*"
    zero = f"(?=(?:[0-9]{{3}}{doubtful})*0)"
    return (
        f"(?<![0-9.,、])(?<![0-9]{between})[1-9][0-9]{{0,2}}"
        f"(?P<between>{between}|{doubtful}{zero})[0-9]{{3}}{later}(?![0-9,、]|{between})"
    )


def _any(words: list[str]) -> str:
    """Return a pattern that matches any of the words, the longest first."""
    return f"(?:{'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))})"


@cache
def _half_width() -> dict[int, int | str]:
    """Return a translation of full-width forms and radicals into plain characters.

    It is not NFKC, which would turn 5² into 52 and ① into 1.
    """
    return {**radicals(), **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}}
