"""The text of a cell as it is set: what is struck out or has the colour of its ground is not seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

STRUCK = "a number in it is struck out"
UNSEEN = "a number in it is hidden, deleted, too small, or has the colour of its ground"
SYMBOLS = "a digit in it is set in a font of symbols, which shows something else"
RAISED = "a raised or lowered mark stands beside its digits"

COLOUR_MAX_DIFFERENCE = 16
"""Shades of 256. Two colours that differ by no more in each part cannot be told apart."""

_CACHED_COLOURS_MAX = 256
"""Count. Of as many pairs of colours it is kept in memory whether they can be told apart."""

UNSEEN_MAX_SIZE = 2.0
"""Points. Digits that are no larger are seen by nobody."""

WHITE = "FFFFFF"
"""The colour of a sheet without a ground of its own."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_DIGIT = re.compile("[0-9０-９]")
_SYMBOLIC = re.compile(r"(?i)(?:wing|web)dings|zapf ?dingbats|bookshelf symbol|marlett")


def is_symbolic(name: str) -> bool:
    """Whether the digits of a font of this name are pictures."""
    return bool(_SYMBOLIC.match(name))


class Font(NamedTuple):
    """How text is set: its size in points (0: not known), its colour in six hexadecimal digits ("": black or
    not known), whether it is struck out, "superscript" or "subscript", whether its digits are pictures."""

    size: float = 0.0
    colour: str = ""
    is_struck: bool = False
    height: str = ""
    is_symbolic: bool = False


class Run(NamedTuple):
    """Text in one font; None where it has that of its cell."""

    text: str
    font: Font | None = None


class SetText(NamedTuple):
    """A text as it is seen; `doubt` says in words why a person may see another one."""

    text: str
    doubt: str = ""


def runs_to_seen(runs: Iterable[Run], own: Font, ground: str) -> SetText:
    """Return the text of a cell without what nobody sees; `own` is its font, `ground` the colour behind it.

    Raised and lowered digits beside digits are no digits of the number: they become signs of their own.
    """
    seen: list[tuple[str, str]] = []
    doubts: list[str] = []
    for text, given in runs:
        font = given or own
        is_tiny = 0 < font.size <= UNSEEN_MAX_SIZE
        if font.is_struck or is_tiny or is_same_colour(font.colour, ground):
            if _DIGIT.search(text):
                doubts.append(STRUCK if font.is_struck else UNSEEN)
        elif text:
            seen.append((text, font.height if given else ""))
            if font.is_symbolic and _DIGIT.search(text):
                doubts.append(SYMBOLS)
    texts = []
    for at, (text, height) in enumerate(seen):
        if height and _stands_by_digits(seen, at):
            doubts.append(RAISED)
            texts.append(text.translate(_RAISED if height == "superscript" else _LOWERED))
        else:
            texts.append(text)
    return SetText("".join(texts), "; ".join(dict.fromkeys(doubts)))


@lru_cache(maxsize=_CACHED_COLOURS_MAX)
def is_same_colour(one: str, other: str) -> bool:
    """Whether two colours cannot be told apart; not where one of them is not known."""
    if len(one) != len(other) or len(one) != len(WHITE):
        return False
    return all(abs(a - b) <= COLOUR_MAX_DIFFERENCE for a, b in zip(_levels(one), _levels(other), strict=True))


def _levels(colour: str) -> tuple[int, ...]:
    """Return the levels of red, green and blue."""
    return tuple(bytes.fromhex(colour))


def _stands_by_digits(runs: Sequence[tuple[str, str]], at: int) -> bool:
    """Whether the text before or behind a run ends or begins with a digit."""
    before = runs[at - 1][0].rstrip()[-1:] if at else ""
    behind = runs[at + 1][0].lstrip()[:1] if at + 1 < len(runs) else ""
    return bool(_DIGIT.match(before) or _DIGIT.match(behind))
