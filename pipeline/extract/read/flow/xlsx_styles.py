"""The styles of an .xlsx workbook: how numbers are shown, and what of a cell is not seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

from pipeline.extract.read.flow.number_format import GENERAL, known_formats
from pipeline.extract.read.flow.set_text import WHITE, Font, is_same_colour, is_symbolic
from pipeline.extract.read.flow.xml_package import child, is_on, local

_RGB = re.compile("[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}")
_INDEXED = {"0": "000000", "1": WHITE, "8": "000000", "9": WHITE, "65": WHITE}
"""The colours that files name by a number: those that paper and ink have."""

BLACK = "000000"
_THEME = {"0": WHITE, "1": BLACK}
_SIDES = ("left", "right", "top", "bottom", "start", "end")
_UNKNOWN = "?"


class CellStyle(NamedTuple):
    """How a cell is shown: the code of its number format, its font, the colour of its ground, its lines, and
    whether its text is set across the empty cells behind it."""

    code: str = GENERAL
    font: Font = Font()
    ground: str = WHITE
    is_ruled: bool = False
    spreads: bool = False


@dataclass(frozen=True, slots=True)
class SheetStyles:
    """The styles of a workbook by their numbers; `changing` are those of conditional formats that may hide a
    text or show a number in another way."""

    cells: Sequence[CellStyle] = ()
    changing: frozenset[int] = field(default_factory=frozenset)

    def of(self, number: str) -> CellStyle:
        """Return the style of this number; the plain one where there is none."""
        return (
            self.cells[int(number)] if number.isdecimal() and int(number) < len(self.cells) else CellStyle()
        )


def root_to_styles(root: Element) -> SheetStyles:
    """Return what the part for styles says."""
    codes = dict(known_formats())
    for entry in _children(root, "numFmts"):
        if (number := entry.get("numFmtId", "")).isdecimal():
            codes[int(number)] = entry.get("formatCode", GENERAL)
    fonts = [element_to_font(entry) for entry in _children(root, "fonts")]
    grounds = [_ground(entry) for entry in _children(root, "fills")]
    lines = [any(map(_is_drawn, entry)) for entry in _children(root, "borders")]
    cells = [_style(entry, codes, fonts, grounds, lines) for entry in _children(root, "cellXfs")]
    changing = {at for at, entry in enumerate(_children(root, "dxfs")) if may_change(entry)}
    return SheetStyles(cells, frozenset(changing))


def element_to_font(element: Element | None) -> Font:
    """Return the font that an element describes, of a cell or of a run of its text."""
    if element is None:
        return Font()
    size, height = child(element, "sz"), child(element, "vertAlign")
    name = child(element, "name")
    name = child(element, "rFont") if name is None else name
    named = "" if height is None else height.get("val", "")
    return Font(
        _number(size.get("val", "")) if size is not None else 0.0,
        _colour(child(element, "color")),
        is_on(child(element, "strike")),
        named if named in ("superscript", "subscript") else "",
        name is not None and is_symbolic(name.get("val", "")),
    )


def _children(root: Element, name: str) -> Sequence[Element]:
    """Return what a list of the styles holds; nothing where it is not there."""
    found = child(root, name)
    return [] if found is None else list(found)


def _style(
    entry: Element,
    codes: Mapping[int, str],
    fonts: Sequence[Font],
    grounds: Sequence[str],
    lines: Sequence[bool],
) -> CellStyle:
    """Return the style that an entry puts together of others."""
    number, font = _index(entry, "numFmtId"), _index(entry, "fontId")
    alignment = child(entry, "alignment")
    ground, border = _index(entry, "fillId"), _index(entry, "borderId")
    return CellStyle(
        codes.get(number, GENERAL),
        fonts[font] if font < len(fonts) else Font(),
        grounds[ground] if ground < len(grounds) else WHITE,
        lines[border] if border < len(lines) else False,
        alignment is not None and alignment.get("horizontal") == "centerContinuous",
    )


def _index(entry: Element, name: str) -> int:
    """Return a number that an entry names; 0 where it names none."""
    text = entry.get(name, "")
    return int(text) if text.isdecimal() else 0


def _number(text: str) -> float:
    """Return a size in points; 0 where it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _colour(element: Element | None) -> str:
    """Return a colour in six hexadecimal digits; "" where it is not given, or a shade that is not known."""
    if element is None or element.get("auto") == "1":
        return ""
    if _RGB.fullmatch(rgb := element.get("rgb", "")):
        return rgb[-len(WHITE) :].upper()
    named = _INDEXED.get(element.get("indexed", ""), "") or _THEME.get(element.get("theme", ""), "")
    tint = _number(element.get("tint", "0"))
    return _tinted(named, tint) if named and tint else named


def _tinted(colour: str, tint: float) -> str:
    """Return a grey that is made lighter (0 to 1) or darker (-1 to 0)."""
    level = int(colour[:2], 16)
    level = round(level + (255 - level) * tint if tint > 0 else level * (1 + tint))
    return f"{min(max(level, 0), 255):02X}" * 3


def _ground(fill: Element) -> str:
    """Return the colour of a ground; white where there is none, "?" where it is not known."""
    pattern = child(fill, "patternFill")
    if pattern is None:
        return WHITE if len(fill) == 0 else _UNKNOWN
    if pattern.get("patternType", "none") == "none":
        return WHITE
    return _colour(child(pattern, "fgColor")) or _UNKNOWN


def _is_drawn(side: Element) -> bool:
    """Whether a side of a border is drawn."""
    return local(side) in _SIDES and side.get("style", "none") != "none"


def may_change(entry: Element) -> bool:
    """Whether a conditional format may hide a text, strike it out, or show its number in another way."""
    font = element_to_font(child(entry, "font"))
    pattern = child(child(entry, "fill"), "patternFill")
    ground = "" if pattern is None else _colour(child(pattern, "bgColor"))
    is_hidden = is_same_colour(font.colour, WHITE) or is_same_colour(font.colour or BLACK, ground)
    return child(entry, "numFmt") is not None or font.is_struck or is_hidden
