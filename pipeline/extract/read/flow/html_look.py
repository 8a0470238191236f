"""How a text of a web page is seen: shown or not, struck out, raised, by its parents' styles and its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline.extract.read.flow.html_styles import Declarations, length

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

BODY_SIZE = 16.0
"""Pixels of CSS. The size of text of which no style says anything."""

_SAME_COLOUR_MAX_DIFFERENCE = 16
"""Count, of the 255 steps of a channel. Colours that differ by less in each are seen as one."""

_TINY_MAX_SIZE = 2.0
"""Pixels of CSS. No person sees smaller text."""

_FAINT_MAX_OPACITY = 0.1
"""Share of what is behind it. No person sees text that covers less."""

_OFF_SCREEN_MIN_DISTANCE = 400.0
"""Pixels of CSS. Text that is put as far to the left or above is off the screen."""

_CLIPPED_MAX_SIZE = 1.0
"""Pixels of CSS. Of an element that is no larger and hides what runs over, nothing is seen."""

_SQUEEZED_MIN_SHARE = 0.25
"""Share of the size of a text. Characters that are set closer by as much lie over each other."""

_GAP_MIN_WIDTH = 3.0
"""Pixels of CSS. A wider gap between two inline elements is seen as one between two words."""

_CACHED_COLOUR_WORDS_MAX = 1024
"""Count. As many colours are kept in memory: a page has a few."""

_FONT_SIZES = {"1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0}
_SIZE_WORDS = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0,
    "x-large": 24.0, "xx-large": 32.0,
}  # fmt: skip
_TAG_SIZES = {
    "h1": 2.0,
    "h2": 1.5,
    "h3": 1.17,
    "h5": 0.83,
    "h6": 0.67,
    "big": 1.2,
    "small": 5 / 6,
    "sup": 5 / 6,
    "sub": 5 / 6,
}
_COLOURS: dict[str, Colour] = {
    "white": (255, 255, 255), "window": (255, 255, 255), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240),
    "black": (0, 0, 0), "windowtext": (0, 0, 0), "red": (255, 0, 0), "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
}  # fmt: skip
_HEX = re.compile(r"#?([0-9a-f]{3,8})")
_RGB = re.compile(r"rgba?\(\s*([\d.]+%?)[\s,]+([\d.]+%?)[\s,]+([\d.]+%?)(?:[\s,/]+([\d.]+%?))?\s*\)")
_HSL_WHITE = re.compile(r"hsla?\([^)]*?[\s,](?:9[4-9]|100)%")
_FONT_SIZE = re.compile(r"(?:^|\s)((?:\d+\.?\d*|\.\d+)(?:px|pt|em|rem|%|pc|in|cm|mm)|0)(?=[\s/]|$)")
_EMPTY_CLIP = re.compile(
    r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)|inset\((?:50|100)%"
    r"|(?:circle|ellipse)\(\s*0(?:px|%)?\s*[\s)]"
)
_NO_SCALE = re.compile(r"scale(?:x|y|3d)?\(\s*(?:0|0?\.0\d*)\s*[,)]")
_HIDING_FILTER = re.compile(r"(?:^|\s)(?:opacity|brightness|contrast|blur|invert|url)\(")

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


class Look(NamedTuple):
    """How the text of an element is seen; a child begins with that of its parent.

    `gone` says that it takes no place either (display: none), `veiled` that no child can show itself again.
    `colour` and `background` are None where they are not known. `is_plain` says that there is nothing to
    heed but `size`, in pixels. `is_pale` says that the text has the colour of a background that no style of
    the page's own names. `moved` counts the elements around it, within its cell, that may be seen elsewhere
    than they stand; `apart` says that each part of it may be. `turned` says that its characters may be
    seen in another order, `odd` that a style which is not worked out may hide them.
    """

    shows: bool = True
    is_plain: bool = True
    size: float = BODY_SIZE
    gone: bool = False
    veiled: bool = False
    unseen: bool = False
    struck: bool = False
    raised: bool = False
    linked: bool = False
    kept: bool = False
    moved: int = 0
    apart: bool = False
    turned: bool = False
    odd: bool = False
    is_pale: bool = False
    colour: Colour | None = BLACK
    background: Colour | None = WHITE
    on_named: bool = False


PLAIN = Look()
"""How the text of a page is seen of which no style says anything."""

_BOXES = frozenset({"flex", "inline-flex", "grid", "inline-grid"})
_TOP_SIDES_BOTTOM = 3
"""Count. A margin of as many lengths names the sides second."""

_LINKS = frozenset({"a", "button"})
_STRUCK = frozenset({"s", "strike", "del"})
_RAISED = frozenset({"sup", "sub"})
_KEPT = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
_TELLING = frozenset({*_LINKS, *_STRUCK, *_RAISED, *_KEPT, *_TAG_SIZES, "bdo", "font", "body"})
_TELLING_ATTRIBUTES = frozenset({"hidden", "popover", "bgcolor", "background"})
_OF_TABLES = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "col", "colgroup", "caption"})


def child_look(parent: Look, tag: str, attributes: dict[str, str], said: Declarations) -> Look:
    """Return how the text of an element is seen, within its parent; `said` is what all styles say of it."""
    if not said and tag not in _TELLING and attributes.keys().isdisjoint(_TELLING_ATTRIBUTES):
        return parent
    unshown = not attributes.keys().isdisjoint(("hidden", "popover"))
    gone = parent.gone or said.get("display", "none" if unshown else "") == "none"
    visibility = said.get("visibility", "")
    unseen = (
        visibility in ("hidden", "collapse")
        if visibility in ("hidden", "collapse", "visible")
        else parent.unseen
    )
    size = _size(parent, tag, attributes, said)
    colour, clear = _colour(parent, tag, attributes, said)
    background, on_named = _background(parent, attributes, said)
    veiled = parent.veiled or _veils(tag, said)
    is_same = clear or (colour is not None and background is not None and _is_same(colour, background))
    is_pale = is_same and not clear and not on_named
    struck = parent.struck or tag in _STRUCK or "line-through" in _decoration(said)
    raised = tag not in _OF_TABLES and (parent.raised or tag in _RAISED or _is_raised(said))
    linked = parent.linked or (tag in _LINKS and (tag != "a" or "href" in attributes))
    moved, apart = 0, False
    if tag not in _OF_TABLES:
        moved, apart = parent.moved + _moves(said), parent.apart or _lays_out(said)
    odd = parent.odd or (bool(said) and _is_odd(said, size))
    turned = parent.turned or tag == "bdo" or _turns(said)
    kept = parent.kept or tag in _KEPT
    hidden = gone or veiled or unseen or size < _TINY_MAX_SIZE or (is_same and not is_pale)
    return Look(
        shows=not hidden and not struck,
        is_plain=not (hidden or struck or raised or linked or kept or moved or apart or turned or odd)
        and not is_pale,
        size=size, gone=gone, veiled=veiled, unseen=unseen, struck=struck, raised=raised, linked=linked,
        kept=kept, moved=moved, apart=apart, turned=turned, odd=odd, is_pale=is_pale, colour=colour,
        background=background, on_named=on_named,
    )  # fmt: skip


def has_gap(said: Declarations) -> bool:
    """Whether an inline element stands apart from the text beside it."""
    for name, value in said.items():
        if name.startswith(("margin", "padding")):
            parts = value.split(" ")
            across = parts[0] if len(parts) == 1 else parts[1]
            if (length(across) or 0.0) >= _GAP_MIN_WIDTH:
                return True
    return said.get("display") == "inline-block" and (length(said.get("width", "")) or 0.0) > BODY_SIZE


def _size(parent: Look, tag: str, attributes: dict[str, str], said: Declarations) -> float:
    """Return the size of an element's text in pixels."""
    value = said.get("font-size", "")
    if not value and "font" in said and (found := _FONT_SIZE.search(said["font"])):
        value = found[1]
    if value:
        if value in _SIZE_WORDS:
            return _SIZE_WORDS[value]
        number = length(value)
        if value.endswith("%"):
            share = value[:-1].strip()
            return parent.size * float(share) / 100 if share.replace(".", "", 1).isdigit() else parent.size
        if number is not None and number >= 0:
            return (
                number / BODY_SIZE * parent.size
                if value.endswith("em") and not value.endswith("rem")
                else number
            )
    if tag == "font":
        return _FONT_SIZES.get(attributes.get("size", "").strip(), parent.size)
    return parent.size * _TAG_SIZES[tag] if tag in _TAG_SIZES else parent.size


def _colour(
    parent: Look, tag: str, attributes: dict[str, str], said: Declarations
) -> tuple[Colour | None, bool]:
    """Return the colour of an element's text, and whether it is transparent."""
    value = said.get("color", attributes.get("color", "") if tag == "font" else "").strip().lower()
    value = value or (attributes.get("text", "").strip().lower() if tag == "body" else "")
    if not value or value in ("inherit", "currentcolor"):
        return parent.colour, False
    colour, alpha = text_to_colour(value)
    return colour, alpha <= _FAINT_MAX_OPACITY


def _background(parent: Look, attributes: dict[str, str], said: Declarations) -> tuple[Colour | None, bool]:
    """Return the background of an element, None where it is not known, and whether a style names it."""
    value = (
        said.get("background-color", said.get("background", attributes.get("bgcolor", ""))).strip().lower()
    )
    image = said.get("background-image", said.get("background", ""))
    if "url(" in image or "gradient" in image or "background" in attributes:
        return None, True
    if not value or value in ("inherit", "none", "initial", "unset"):
        return parent.background, parent.on_named
    for word in (value, *value.split(" ")):
        colour, alpha = text_to_colour(word)
        if colour is not None:
            return (colour, True) if alpha > _FAINT_MAX_OPACITY else (parent.background, parent.on_named)
        if word == "transparent":
            return parent.background, parent.on_named
    return None, True


@lru_cache(maxsize=_CACHED_COLOUR_WORDS_MAX)
def text_to_colour(value: str) -> tuple[Colour | None, float]:
    """Return a colour of CSS or HTML, None where it is not known, and how much it covers, 0 to 1."""
    if value == "transparent":
        return None, 0.0
    if value in _COLOURS:
        return _COLOURS[value], 1.0
    if found := _HEX.fullmatch(value):
        digits = found[1]
        if len(digits) in (3, 4):
            digits = "".join(2 * digit for digit in digits)
        if len(digits) in (6, 8):
            red, green, blue, *rest = (int(digits[at : at + 2], 16) for at in range(0, len(digits), 2))
            return (red, green, blue), rest[0] / 255 if rest else 1.0
    if found := _RGB.fullmatch(value):
        channels = [round(255 * _share(one, 255.0)) for one in found.groups()[:3]]
        alpha = _share(found[4], 1.0) if found[4] else 1.0
        return (channels[0], channels[1], channels[2]), alpha
    return (WHITE, 1.0) if _HSL_WHITE.match(value) else (None, 1.0)


def _share(text: str, whole: float) -> float:
    """Return a number of a colour as a share of what it is when whole."""
    plain = text.rstrip("%")
    number = float(plain) if plain.replace(".", "", 1).isdigit() else whole
    return number / 100 if text.endswith("%") else number / whole


def _is_same(colour: Colour, background: Colour) -> bool:
    """Whether a person sees no difference between two colours."""
    return all(
        abs(one - other) < _SAME_COLOUR_MAX_DIFFERENCE for one, other in zip(colour, background, strict=True)
    )


def _veils(tag: str, said: Declarations) -> bool:
    """Whether a style hides an element with all that is in it, in its place."""
    if not said:
        return False
    if "opacity" in said and _number(said["opacity"]) <= _FAINT_MAX_OPACITY:
        return True
    if said.get("position") in ("absolute", "fixed") and any(
        _is_far(said.get(side, "")) for side in ("left", "top", "right", "bottom")
    ):
        return True
    if any(map(_is_far, (said.get("text-indent", ""), *_margins(said)))):
        return True
    if said.get("content-visibility") == "hidden" or _NO_SCALE.search(said.get("transform", "")):
        return True
    if said.get("scale", "").split(" ")[0] in ("0", "0%"):
        return True
    if _EMPTY_CLIP.match(said.get("clip", "")) or _EMPTY_CLIP.match(said.get("clip-path", "")):
        return True
    sides = (length(said.get(side, "")) for side in ("height", "width", "max-height", "max-width"))
    is_empty = any(side is not None and side <= _CLIPPED_MAX_SIZE for side in sides)
    return tag not in _OF_TABLES and is_empty and said.get("overflow") in ("hidden", "clip")


def _margins(said: Declarations) -> Iterator[str]:
    """Yield the margins above an element and at its left."""
    parts = said.get("margin", "").split(" ")
    yield said.get("margin-top", parts[0])
    yield said.get("margin-left", parts[-1] if len(parts) != _TOP_SIDES_BOTTOM else parts[1])


def _is_far(value: str) -> bool:
    """Whether a distance to the left, or upwards, puts an element off the screen."""
    pixels = length(value)
    if pixels is None and value.endswith("%"):
        pixels = _OFF_SCREEN_MIN_DISTANCE / 100 * (length(value[:-1]) or 0.0)
    return pixels is not None and pixels <= -_OFF_SCREEN_MIN_DISTANCE


def _is_odd(said: Declarations, size: float) -> bool:
    """Whether a style may hide a text, or set its characters over each other, in a way not worked out."""
    if any("var(" in said.get(name, "") for name in ("display", "visibility", "opacity", "font-size")):
        return True
    if said.get("clip-path", "none") != "none" or said.get("mask", said.get("mask-image", "none")) != "none":
        return True
    fill = said.get("-webkit-text-fill-color", "")
    if fill == "transparent" or fill.startswith("rgba"):
        return True
    if _HIDING_FILTER.search(said.get("filter", "")):
        return True
    if said.get("position") in ("absolute", "fixed") and any(
        said.get(side, "").startswith("-") for side in ("left", "top", "right", "bottom")
    ):
        return True
    spacing = said.get("letter-spacing", "")
    closer = -(length(spacing) or 0.0) * (size / BODY_SIZE if spacing.endswith("em") else 1.0)
    return closer >= _SQUEEZED_MIN_SHARE * size


def _number(value: str) -> float:
    """Return an opacity as a share; 1 where it is none."""
    plain = value.rstrip("%").strip()
    if not plain.replace(".", "", 1).isdigit():
        return 1.0
    return float(plain) / 100 if value.endswith("%") else float(plain)


def _decoration(said: Declarations) -> str:
    """Return how a style decorates text."""
    return said.get("text-decoration", "") + said.get("text-decoration-line", "")


def _is_raised(said: Declarations) -> bool:
    """Whether a style raises or lowers text."""
    value = said.get("vertical-align", "")
    return value in ("super", "sub") or bool(length(value))


def _moves(said: Declarations) -> bool:
    """Whether a style shows an element elsewhere than it stands."""
    if said.get("float", "none") not in ("none", "inherit") or said.get("transform", "none") != "none":
        return True
    is_placed = said.get("position") in ("absolute", "fixed", "relative")
    is_placed = is_placed and any(length(said.get(side, "")) for side in ("left", "top"))
    return is_placed or bool(length(said.get("order", "")))


def _lays_out(said: Declarations) -> bool:
    """Whether a style shows the parts of an element apart, below each other or in another order."""
    display = said.get("display", "")
    if display not in _BOXES:
        return False
    flow = said.get("flex-direction", "") + said.get("flex-flow", "")
    is_apart = any(length(said.get(name, "").split(" ")[-1]) for name in ("gap", "column-gap"))
    is_apart = is_apart or "space" in said.get("justify-content", "")
    return "grid" in display or "reverse" in flow or "column" in flow or is_apart


def _turns(said: Declarations) -> bool:
    """Whether a style shows characters in another order than they stand in."""
    return "override" in said.get("unicode-bidi", "")
