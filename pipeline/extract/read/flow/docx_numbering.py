"""The numbers that Word prints before the items of a list: 一、 or 1. is no text of the paragraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.extract.read.flow.docx_package import Element, W, is_on, val

_LEVELS_MAX = 9
"""Count. A list has no more levels."""

_ENCLOSED_MAX = 20
"""Count. So many numbers have a character with a circle or brackets around them."""

_PERIODS = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}
_COUNTING = frozenset(
    {"chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
     "japaneseDigitalTenThousand", "taiwaneseCounting", "taiwaneseCountingThousand", "taiwaneseDigital"}
)  # fmt: skip
_LEGAL = frozenset({"chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"})
_ENCLOSED = {
    "decimalEnclosedCircle": "①",
    "decimalEnclosedCircleChinese": "①",
    "ideographEnclosedCircle": "①",
    "decimalEnclosedParen": "⑴",
    "decimalEnclosedFullstop": "⒈",
}
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_BEHIND = {"space": " ", "nothing": ""}


class ListLevel(NamedTuple):
    """A level of a list: `text` has %1 for the number of the first level, `behind` stands before the item."""

    start: int
    form: str
    text: str
    behind: str
    is_legal: bool
    restarts: int | None
    style: str
    hidden: bool


class Numbering:
    """The lists of a document, from its numbering.xml, and how far each has been counted."""

    def __init__(self, tree: Element | None) -> None:
        self._kinds: dict[str, Mapping[int, ListLevel]] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, tuple[str, Mapping[int, ListLevel], Mapping[int, int]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if tree is not None:
            self._read(tree)

    def _read(self, tree: Element) -> None:
        """Take over all kinds of lists, and the lists."""
        by_link = {}
        for kind in tree.findall(W + "abstractNum"):
            number = kind.get(W + "abstractNumId") or ""
            self._kinds[number] = dict(map(_level, kind.findall(W + "lvl")))
            if link := val(kind.find(W + "styleLink")):
                by_link[link] = number
            if link := val(kind.find(W + "numStyleLink")):
                self._links[number] = link
        self._links = {number: by_link[link] for number, link in self._links.items() if link in by_link}
        for one in tree.findall(W + "num"):
            kind = val(one.find(W + "abstractNumId"))
            levels, starts = dict(self._kinds.get(self._links.get(kind, kind), {})), {}
            for override in one.findall(W + "lvlOverride"):
                at = _to_int(override.get(W + "ilvl"), 0)
                if (level := override.find(W + "lvl")) is not None:
                    levels[at] = _level(level)[1]
                if (start := override.find(W + "startOverride")) is not None:
                    starts[at] = _to_int(val(start), 1)
            self._lists[one.get(W + "numId") or ""] = (self._links.get(kind, kind), levels, starts)

    def level_of_style(self, num_id: str, style_id: str) -> int:
        """Return the level of a list that is bound to a style; 0 where none is."""
        _, levels, _ = self._lists.get(num_id, ("", {}, {}))
        return next((at for at, level in levels.items() if level.style == style_id and style_id), 0)

    def label(self, num_id: str, at: int) -> str:
        """Count one more item of a list, and return what is printed before it; "" where nothing is."""
        kind, levels, starts = self._lists.get(num_id, ("", {}, {}))
        if at not in levels:
            return ""
        counts = self._counts.setdefault(kind, {})
        self._count(num_id, at, levels, starts, counts)
        level = levels[at]
        text = _text(level, levels, counts)
        return "" if level.hidden or not text else text + level.behind

    def _count(
        self,
        num_id: str,
        at: int,
        levels: Mapping[int, ListLevel],
        starts: Mapping[int, int],
        counts: dict[int, int],
    ) -> None:
        """Set the counts for one more item."""
        if at in starts and (num_id, at) not in self._begun:
            counts[at] = starts[at]
        elif at in counts:
            counts[at] += 1
        else:
            counts[at] = levels[at].start
        self._begun.add((num_id, at))
        for above in range(at):
            counts.setdefault(above, levels[above].start if above in levels else 1)
        for below in [below for below in counts if below > at]:
            restarts = levels[below].restarts if below in levels else None
            if restarts is None or (restarts and at < restarts):
                del counts[below]


def _level(element: Element) -> tuple[int, ListLevel]:
    """Return a level of a list with its number, counted from 0."""
    restart = element.find(W + "lvlRestart")
    return _to_int(element.get(W + "ilvl"), 0), ListLevel(
        start=_to_int(val(element.find(W + "start")), 0),
        form=val(element.find(W + "numFmt")) or "decimal",
        text=val(element.find(W + "lvlText")),
        behind=_BEHIND.get(val(element.find(W + "suff")), " "),
        is_legal=is_on(element.find(W + "isLgl")),
        restarts=None if restart is None else _to_int(val(restart), 0),
        style=val(element.find(W + "pStyle")),
        hidden=is_on(element.find(f"{W}rPr/{W}vanish")),
    )


def _text(level: ListLevel, levels: Mapping[int, ListLevel], counts: Mapping[int, int]) -> str:
    """Return the text of an item's number; of bullets those that may be a part of a label or a number."""
    if level.form == "bullet":
        return level.text if level.text.isalnum() or level.text in ("-", "–", "—", "－", "+") else ""
    text = level.text
    for other in range(_LEVELS_MAX):
        if f"%{other + 1}" in text and other in levels:
            form = "decimal" if level.is_legal else levels[other].form
            text = text.replace(f"%{other + 1}", _printed(counts.get(other, levels[other].start), form))
    return text


def _printed(count: int, form: str) -> str:
    """Return a number as a list prints it in one of Word's forms; an unknown form prints digits."""
    if form == "none":
        return ""
    if form in _COUNTING:
        return _chinese(count, "〇一二三四五六七八九", "十")
    if form in _LEGAL:
        return _chinese(count, "零壹贰叁肆伍陆柒捌玖", "拾")
    if form in _PERIODS:
        return _PERIODS[form][(count - 1) % len(_PERIODS[form])]
    if form in _ENCLOSED and 0 < count <= _ENCLOSED_MAX:
        return chr(ord(_ENCLOSED[form]) + count - 1)
    if form in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman"):
        return _roman(count) if form == "upperRoman" else _roman(count).lower()
    if form == "decimalZero":
        return f"{count:02}"
    if form == "decimalFullWidth":
        return str(count).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    return str(count)


def _chinese(count: int, digits: str, ten: str) -> str:
    """Return a number below 100 in Chinese; larger ones digit by digit."""
    if not 0 <= count < 100:
        return "".join(digits[int(digit)] for digit in str(abs(count)))
    tens, ones = divmod(count, 10)
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + ten + (digits[ones] if ones else "")


def _roman(count: int) -> str:
    """Return a number in Roman numerals."""
    text = ""
    for value, sign in _ROMAN:
        repeats, count = divmod(count, value) if count >= value else (0, count)
        text += sign * repeats
    return text


def _to_int(text: str | None, otherwise: int) -> int:
    """Return the whole number of an attribute, or another where it is none."""
    try:
        return int(text or "")
    except ValueError:
        return otherwise
