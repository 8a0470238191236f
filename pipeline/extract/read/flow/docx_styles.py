"""How the runs of a .docx are set: by the document's defaults, their styles, and their own properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.extract.read.flow.docx_package import VAL, Element, W, is_on, to_number, val
from pipeline.extract.read.flow.set_text import UNSEEN_MAX_SIZE, is_symbolic
from pipeline.extract.read.flow.word_fields import NARROW_MAX_SHARE, PERCENT, TIGHT_MIN_SHARE

Props = Mapping[str, str]
"""What properties say, by their names without the namespace: a switch is "1" or "0"."""

_SWITCHES = ("vanish", "strike", "dstrike")
_TOGGLES = frozenset({"vanish", "strike"})
"""Switches that two styles turn off again: a hidden character style in a hidden paragraph style is seen."""

_VALUES = ("vertAlign", "position", "sz")
_STYLES_MAX = 32
"""Count. A style is based on no more others, one on the other."""

_USUAL_SIZE = 10.0
"""Points. The size of a run where nothing says one."""

_SEEN_MIN_CONTRAST = 24
"""Shades of 256. Characters that differ less from their ground, in each colour, are seen by nobody."""

_BLANK_COLOURS = {"background1": "FFFFFF", "light1": "FFFFFF", "text1": "000000", "dark1": "000000"}
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "darkBlue": "000080", "darkCyan": "008080",
    "darkGray": "808080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000",
    "darkYellow": "808000", "green": "00FF00", "lightGray": "C0C0C0", "magenta": "FF00FF", "red": "FF0000",
    "white": "FFFFFF", "yellow": "FFFF00",
}  # fmt: skip
_TEXT_FILL = "{http://schemas.microsoft.com/office/word/2010/wordml}textFill"
_NO_FILL = "{http://schemas.microsoft.com/office/word/2010/wordml}noFill"

_INK = "000000"
TWENTIETHS = 20
"""Count. The units of lengths in a point."""

PAPER = "FFFFFF"
"""The colour of the ground where nothing says another."""

UNSURE_GROUND = ""
"""In place of a colour: what the ground is depends on more than is looked at."""


class RunLook(NamedTuple):
    """How a run is set: `size` and `lift` in points, `raised` 1 for raised and -1 for lowered characters.

    `faint` says that nobody sees its characters, for their colour or their size; `unsure` that they may be of
    the colour of their ground; `symbolic` that its digits are pictures; `tight` that they may lie over each
    other, or are too narrow to be seen.
    """

    size: float = _USUAL_SIZE
    lift: float = 0.0
    raised: int = 0
    hidden: bool = False
    struck: bool = False
    faint: bool = False
    unsure: bool = False
    symbolic: bool = False
    tight: bool = False


class WordStyle(NamedTuple):
    """A style: what it says of runs, its ground, and the list that its paragraphs are items of."""

    name: str
    kind: str
    props: Props
    ground: str | None
    num_id: str
    level: str


class WordStyles:
    """The styles of a document, from its styles.xml."""

    def __init__(self, tree: Element | None) -> None:
        elements = [] if tree is None else tree.findall(W + "style")
        self._elements = {element.get(W + "styleId") or "": element for element in elements}
        self._styles: dict[str, WordStyle] = {}
        self._looks: dict[tuple[frozenset[tuple[str, str]], int, int, str], RunLook] = {}
        self._defaults = {
            element.get(W + "type") or "": style_id
            for style_id, element in self._elements.items()
            if element.get(W + "default") in ("1", "true", "on")
        }
        path = f"{W}docDefaults/{W}rPrDefault/{W}rPr"
        self._document = element_to_props(None if tree is None else tree.find(path))

    def style(self, style_id: str, kind: str) -> WordStyle | None:
        """Return a style of this kind by its id; the default of its kind where there is none of that id."""
        own = style_id if style_id in self._elements else self._defaults.get(kind, "")
        if own not in self._elements:
            return None
        if own not in self._styles:
            self._styles[own] = self._resolved(own, kind)
        return self._styles[own]

    def _chain(self, style_id: str) -> Iterator[Element]:
        """Yield the elements of a style and of those that it is based on."""
        for _ in range(_STYLES_MAX):
            element = self._elements.get(style_id)
            if element is None:
                return
            yield element
            style_id = val(element.find(W + "basedOn"))

    def _resolved(self, style_id: str, kind: str) -> WordStyle:
        """Return a style with all that it takes over from others: the nearest counts."""
        props: dict[str, str] = {}
        ground: str | None = None
        number, level = "", ""
        for element in self._chain(style_id):
            props = dict(element_to_props(element.find(W + "rPr"))) | props
            if ground is None:
                ground = _style_ground(element, kind)
            found = element.find(f"{W}pPr/{W}numPr")
            if found is not None and not number:
                number = val(found.find(W + "numId"))
                level = level or val(found.find(W + "ilvl"))
        name = val(self._elements[style_id].find(W + "name"))
        return WordStyle(name, kind, props, ground, number, level)

    def look(
        self, properties: Element | None, paragraph: WordStyle | None, table: WordStyle | None, ground: str
    ) -> RunLook:
        """Return how a run with these properties (w:rPr) is set, in a paragraph and a table of these styles.

        `ground` is the colour behind it, or UNSURE_GROUND.
        """
        own = element_to_props(properties)
        key = (frozenset(own.items()), id(paragraph), id(table), ground)  # styles live as long as this does
        if key not in self._looks:
            self._looks[key] = self._props_to_look(own, paragraph, table, ground)
        return self._looks[key]

    def _props_to_look(
        self, own: Props, paragraph: WordStyle | None, table: WordStyle | None, ground: str
    ) -> RunLook:
        """Return how a run is set that has these properties of its own."""
        character = self.style(own.get("style", ""), "character") if own.get("style") else None
        levels = [style.props for style in (table, paragraph, character) if style]
        said = dict(self._document)
        for level in levels:
            said |= {name: value for name, value in level.items() if name not in _TOGGLES}
        for toggle in _TOGGLES:
            turns = sum(level.get(toggle) == "1" for level in levels)
            said[toggle] = "1" if self._document.get(toggle) == "1" or turns % 2 else "0"
        return _said_to_look(said | dict(own), ground)


def element_to_props(properties: Element | None) -> Props:
    """Return what a w:rPr says that decides what is seen, but not what it said before a change."""
    props: dict[str, str] = {}
    for element in () if properties is None else properties:
        tag = element.tag
        name = tag[len(W) :] if tag.startswith(W) else ""
        if name in _SWITCHES:
            props[name] = "1" if is_on(element) else "0"
        elif name in _VALUES:
            props[name] = element.get(VAL) or ""
        elif name == "rStyle":
            props["style"] = element.get(VAL) or ""
        elif name == "color":
            props["color"] = _colour(element)
        elif name == "shd":
            props["ground"] = shading_to_ground(element) or ""
        elif name == "rFonts":
            props["font"] = element.get(W + "ascii") or element.get(W + "hAnsi") or ""
        elif name in ("w", "spacing"):
            props[name] = element.get(VAL) or ""
        elif name == "highlight":
            props["highlight"] = _HIGHLIGHTS.get(element.get(VAL) or "", "")
        elif tag == _TEXT_FILL and element.find(_NO_FILL) is not None:
            props["unfilled"] = "1"
    return props


def shading_to_ground(shading: Element | None) -> str | None:
    """Return the colour of a shading (w:shd): None where it has none, UNSURE_GROUND for a pattern."""
    if shading is None:
        return None
    pattern = shading.get(VAL) or "clear"
    if pattern == "solid":
        colour = shading.get(W + "color") or "auto"
        return "000000" if colour == "auto" else _hexadecimal(colour)
    fill = shading.get(W + "fill") or "auto"
    if pattern not in ("clear", "nil"):
        return UNSURE_GROUND
    if fill == "auto":
        return UNSURE_GROUND if shading.get(W + "themeFill") else None
    return _hexadecimal(fill)


def _style_ground(element: Element, kind: str) -> str | None:
    """Return the ground that a style gives. A table's may differ from row to row, so that it is unsure."""
    if kind != "table":
        return shading_to_ground(element.find(f"{W}pPr/{W}shd"))
    grounds = {shading_to_ground(shading) for shading in element.iter(W + "shd")} - {None, PAPER}
    return UNSURE_GROUND if grounds else None


def _colour(element: Element) -> str:
    """Return the colour of a run, "" where it is that which is always seen."""
    colour = element.get(VAL) or "auto"
    if colour == "auto":
        return _BLANK_COLOURS.get(element.get(W + "themeColor") or "", "")
    return _hexadecimal(colour)


def _hexadecimal(colour: str) -> str:
    """Return a colour of six hexadecimal digits; "" for any other text."""
    is_colour = len(colour) == 6 and all(char in "0123456789abcdefABCDEF" for char in colour)
    return colour.upper() if is_colour else ""


def _said_to_look(said: Props, ground: str) -> RunLook:
    """Return the look of a run of which all these properties hold."""
    size = (to_number(said.get("sz")) or 2 * _USUAL_SIZE) / 2
    colour = said.get("color", "")
    behind = said.get("highlight") or said.get("ground") or ground
    is_like = bool(colour) and not _differ(colour, behind or PAPER)
    is_dark = bool(said.get("highlight")) and not colour and not _differ(_INK, behind)
    closer = -(to_number(said.get("spacing")) or 0.0) / TWENTIETHS
    width = to_number((said.get("w") or "").rstrip("%")) or float(PERCENT)
    return RunLook(
        size=size,
        lift=(to_number(said.get("position")) or 0.0) / 2,
        raised={"superscript": 1, "subscript": -1}.get(said.get("vertAlign", ""), 0),
        hidden=said.get("vanish") == "1",
        struck="1" in (said.get("strike"), said.get("dstrike")),
        faint=size <= UNSEEN_MAX_SIZE or said.get("unfilled") == "1" or (is_like and bool(behind)),
        unsure=(is_like and not behind) or is_dark,
        symbolic=is_symbolic(said.get("font", "")),
        tight=closer > TIGHT_MIN_SHARE * size or width < NARROW_MAX_SHARE * PERCENT,
    )


def _differ(colour: str, ground: str) -> bool:
    """Whether two colours differ so that characters are seen."""
    pairs = zip(bytes.fromhex(colour), bytes.fromhex(ground), strict=True)
    return any(abs(one - other) >= _SEEN_MIN_CONTRAST for one, other in pairs)
