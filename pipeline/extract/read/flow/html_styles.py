"""Read what a page's own style sheets say of what is seen, as a browser with a screen does.

Only what can hide, strike out or raise a text is kept: of most pages nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline.errors import Error

_SCREEN_WIDTH = 1280.0
"""Pixels of CSS. The width of the window in which a page is seen: that of a desktop."""

_SCREEN_HEIGHT = 720.0
"""Pixels of CSS. The height of that window."""

_PIXELS = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "em": 16.0,
    "rem": 16.0,
}
"""Pixels of CSS in one of each unit."""

SHEET_MAX_RULES = 4000
"""Count. No more rules of a page are looked at: each is held against all of it."""

_CACHED_STYLES_MAX = 4096
"""Count. As many texts of declarations are kept in memory: a page says the same of most of its cells."""

Declarations = dict[str, str]
"""By property, in small letters, what a style says; "!" stands behind a value that is important."""


class StyleRule(NamedTuple):
    """One selector with what it says; `pseudo` is before or after where it is of such a part, else "".

    `specificity` tells which of two rules goes before the other, by CSS's three counts.
    """

    selector: str
    specificity: tuple[int, int, int]
    declarations: Declarations
    pseudo: str = ""


_PROPERTY_KINDS = {
    "display": "display",
    "visibility": "visibility",
    "opacity": "opacity",
    "font-size": "font-size",
    "font": "font-size",
    "color": "colour",
    "background": "colour",
    "background-color": "colour",
    "background-image": "colour",
    "text-decoration": "decoration",
    "text-decoration-line": "decoration",
    "vertical-align": "raised",
    "position": "place",
    "left": "place",
    "top": "place",
    "right": "place",
    "bottom": "place",
    "text-indent": "place",
    "clip": "place",
    "clip-path": "place",
    "float": "place",
    "direction": "place",
    "unicode-bidi": "place",
    "transform": "place",
    "scale": "odd",
    "filter": "odd",
    "mask": "odd",
    "mask-image": "odd",
    "letter-spacing": "odd",
    "content-visibility": "odd",
    "-webkit-text-fill-color": "odd",
    "flex-direction": "flex",
    "flex-flow": "flex",
    "justify-content": "flex",
    "gap": "flex",
    "column-gap": "flex",
    "order": "flex",
    "height": "size",
    "width": "size",
    "max-height": "size",
    "max-width": "size",
    "overflow": "size",
    "margin": "gap",
    "margin-left": "gap",
    "margin-right": "gap",
    "margin-top": "gap",
    "padding": "gap",
    "padding-left": "gap",
    "padding-right": "gap",
    "content": "content",
    "mso-hide": "mso-hide",
}
"""The properties that are looked at, each with what it is about."""

_HIDES = {
    "display": re.compile(r"display\s*:\s*(?:none|var)", re.I),
    "visibility": re.compile(r"(?<![-\w])visibility\s*:\s*(?:hidden|collapse|var)", re.I),
    "opacity": re.compile(r"opacity\s*:\s*(?:0|\.0|0?\.[01])", re.I),
    "font-size": re.compile(r"font(?:-size)?\s*:[^;}]*?(?<![\d.])(?:0|1px|0?\.\d)", re.I),
    "colour": re.compile(
        r"(?<![-\w])color\s*:\s*(?:white|transparent|rgba|#f|rgb\s*\(\s*2[0-9]{2}|hsl|snow|ivory|ghostwhite)",
        re.I,
    ),
    "decoration": re.compile(r"line-through", re.I),
    "raised": re.compile(r"vertical-align\s*:\s*(?:super|sub|text-top|\d)", re.I),
    "place": re.compile(
        r"position\s*:\s*(?:absolute|fixed)|text-indent\s*:\s*-|clip(?:-path)?\s*:|direction\s*:\s*rtl|transform\s*:",
        re.I,
    ),
    "size": re.compile(r"(?:height|width)\s*:\s*0", re.I),
    "gap": re.compile(r"margin(?:-left|-top)?\s*:[^;}]*-\s*[0-9]{3}", re.I),
    "odd": re.compile(
        r"(?<![-\w])(?:filter\s*:[^;}]*\(|scale\s*:|mask(?:-image)?\s*:|letter-spacing\s*:\s*-)"
        r"|content-visibility\s*:|text-fill-color\s*:",
        re.I,
    ),
    "content": re.compile(
        r"(?<![-\w])content\s*:[^;}]*(?:[\"'][^\"'\\;}]*[-0-9０-９%−–]|\\0{0,4}3[0-9](?![0-9a-f])|attr|counter)",
        re.I,
    ),
}
"""What of each kind can hide, strike out, raise or add a text. A kind that none does is not looked at."""

_ADDED_NUMBER = re.compile(
    r"[\"'][^\"']*[-0-9０-９%−–][^\"']*[\"']|\\0{0,4}3[0-9](?![0-9a-f])|attr\(|counters?\("
)
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_PIECE = re.compile(r"""((?:"[^"\n]*"|'[^'\n]*'|[^{};"'])*)([{};]|["']|$)""")
_SPECIFIC = re.compile(
    r"(#[\w-]+)|(\.[\w-]+|\[[^\]]*\]|(?<!:):(?!:)[\w-]+)|((?:^|(?<=[\s>+~]))[a-zA-Z][\w-]*)"
)
_PSEUDO = re.compile(r"::?(before|after|first-line|first-letter|marker|placeholder|selection)$", re.I)
_FEATURE = re.compile(r"\(\s*([\w-]+)\s*(?::\s*([^)]+?))?\s*\)")
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*([a-z%]*)", re.I)


SHEETS_MAX_CHARACTERS = 2_000_000
"""Count. Longer style sheets of a page are not looked at, and it is said so."""


class SheetsTooLongError(Error):
    """Style sheets that are too long to be those of a page."""


def sheets_to_rules(sheets: list[tuple[str, str]]) -> list[StyleRule]:
    """Return the rules that hold on a screen and can hide, strike out or raise a text, the strongest last.

    Each sheet is given with the media it is for, "" for all. SheetsTooLongError where they are too long.
    """
    if sum(len(text) for text, _ in sheets) > SHEETS_MAX_CHARACTERS:
        raise SheetsTooLongError
    texts = [_COMMENT.sub(" ", text) for text, media in sheets if media_matches(media)]
    whole = "\n".join(texts)
    kinds = frozenset(kind for kind, pattern in _HIDES.items() if pattern.search(whole))
    if not kinds:
        return []
    rules = [rule for text in texts for rule in _rules(text, kinds)][:SHEET_MAX_RULES]
    return sorted(rules, key=lambda rule: rule.specificity)


def _rules(sheet: str, kinds: frozenset[str]) -> Iterator[StyleRule]:
    """Yield the rules of a sheet that hold on a screen, with what they say of these kinds.

    A block may stand within another, whose selectors its own then follow.
    """
    holds, heads, body = [True], [""], ""
    for found in _PIECE.finditer(sheet):
        text, sign = found[1], found[2]
        if sign == "{":
            head, outer = text.strip(), heads[-1]
            if holds[-1] and body and outer:
                yield from _block_to_rules(outer, body, kinds)
            holds.append(holds[-1] and _holds(head))
            heads.append(outer if head.startswith("@") else _nested(head, outer))
            body = ""
        elif sign == "}":
            if len(heads) > 1:
                head = heads.pop()
                if holds.pop() and head:
                    yield from _block_to_rules(head, body + text, kinds)
            body = ""
        else:
            body += text + sign


def _holds(head: str) -> bool:
    """Whether a block of which this is the head says what is seen on a screen."""
    if not head.startswith("@"):
        return True
    name = head[1:].partition(" ")[0].lower()
    return media_matches(head[len("@media") :]) if name.startswith("media") else name in ("supports", "layer")


def _nested(head: str, outer: str) -> str:
    """Return the selectors of a block within another, "" for none, of which "&" means those of the outer."""
    if not outer:
        return head
    whole = f":is({outer})"
    parts = (
        part.replace("&", whole) if "&" in part else f"{whole} {part}" for part in _split_selectors(head)
    )
    return ", ".join(parts)


def _block_to_rules(head: str, body: str, kinds: frozenset[str]) -> Iterator[StyleRule]:
    """Yield the rules of one block, one for each selector."""
    declared = {
        name: value for name, value in text_to_declarations(body).items() if _PROPERTY_KINDS[name] in kinds
    }
    for selector in _split_selectors(head) if declared else ():
        pseudo = _PSEUDO.search(selector)
        plain = selector[: pseudo.start()] if pseudo else selector
        yield StyleRule(plain or "*", _specificity(selector), declared, pseudo[1].lower() if pseudo else "")


def _split_selectors(head: str) -> list[str]:
    """Return the selectors of a list; commas within brackets part none."""
    parts, depth, begin = [], 0, 0
    for at, char in enumerate(head):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(head[begin:at])
            begin = at + 1
    return [" ".join(part.split()) for part in (*parts, head[begin:]) if part.strip()]


def _specificity(selector: str) -> tuple[int, int, int]:
    """Return the three counts of a selector: ids; classes and attributes; elements."""
    found = _SPECIFIC.findall(selector)
    return tuple(sum(bool(one[place]) for one in found) for place in range(3))  # type: ignore[return-value]


@lru_cache(maxsize=_CACHED_STYLES_MAX)
def text_to_declarations(text: str) -> Declarations:
    """Return what a style says of the properties that are looked at; the last word counts."""
    said: Declarations = {}
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if not colon or name not in _PROPERTY_KINDS:
            continue
        value = " ".join(value.lower().split())
        value, important, _ = value.partition("!")
        if not (said.get(name, "").endswith("!") and not important) and value.strip():
            said[name] = value.strip() + ("!" if important else "")
    return said


def merged(*layers: Declarations) -> Declarations:
    """Return what several styles say together, the strongest last; what is important goes before all."""
    said: Declarations = {}
    for layer in layers:
        for name, value in layer.items():
            if not (said.get(name, "").endswith("!") and not value.endswith("!")):
                said[name] = value
    return {name: value.rstrip("!") for name, value in said.items()}


def adds_number(said: Declarations) -> bool:
    """Whether what a style sets before or after a text may be a part of a number."""
    if said.get("visibility") == "hidden" or said.get("display") == "none":
        return False
    return bool(_ADDED_NUMBER.search(said.get("content", "")))


def is_important(value: str) -> bool:
    """Whether a value goes before all that is not important."""
    return value.endswith("!")


def media_matches(query: str) -> bool:
    """Whether a list of media queries holds on the screen of a desktop."""
    alternatives = [part.strip().lower() for part in query.split(",")]
    return not query.strip() or any(map(_one_matches, filter(None, alternatives)))


def _one_matches(query: str) -> bool:
    """Whether one media query holds."""
    negated = query.startswith("not ")
    words = query.removeprefix("not ").removeprefix("only ").strip()
    medium = words.partition("(")[0].removesuffix(" and ").strip() or "all"
    held = medium.split(" ")[0] in ("all", "screen", "and") and all(
        _feature_holds(name, value) for name, value in _FEATURE.findall(words)
    )
    return held != negated


def _feature_holds(name: str, value: str) -> bool:
    """Whether a feature of a media query holds on the screen."""
    pixels = length(value)
    for axis, size in (("width", _SCREEN_WIDTH), ("height", _SCREEN_HEIGHT)):
        if name in (f"min-{axis}", f"min-device-{axis}"):
            return pixels is not None and size >= pixels
        if name in (f"max-{axis}", f"max-device-{axis}"):
            return pixels is not None and size <= pixels
    return (name, value) in (
        ("orientation", "landscape"),
        ("hover", "hover"),
        ("pointer", "fine"),
        ("color", ""),
    )


def length(value: str) -> float | None:
    """Return a length in pixels; None where it is none, or a share of another."""
    found = _LENGTH.fullmatch(value.strip())
    if not found:
        return None
    number, unit = float(found[1]), found[2].lower()
    if not unit:
        return number
    return number * _PIXELS[unit] if unit in _PIXELS else (0.0 if number == 0 else None)
