"""A paragraph of a .docx → the line that a person sees, and why its text may be another.

What is deleted, hidden, struck out or set in the colour of its ground is not in it. What this file does not
know is looked into: no element is passed over because it is new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.extract.read.flow.docx_numbering import Numbering
from pipeline.extract.read.flow.docx_package import MC, VAL, WP, Element, M, R, V, W, by_name, to_number, val
from pipeline.extract.read.flow.docx_styles import (
    PAPER,
    TWENTIETHS,
    RunLook,
    WordStyle,
    WordStyles,
    shading_to_ground,
)
from pipeline.extract.read.flow.set_text import SYMBOLS
from pipeline.extract.read.flow.word_fields import FIELD, PICTURE, TIGHT, lacks_result

STRUCK = "something in it is struck through, which is left out"
HIDDEN = "hidden text stands in it, which is left out"
UNSEEN = "something in it is too small or too pale to be seen, and is left out"
PALE = "something in it may have the colour of its ground, so that nobody sees it"
LIFTED = "a digit in it is set higher or lower, or is smaller: it may be a mark"
JOINED = "the end of a paragraph between two of its digits is deleted or hidden"
FORMULA = "a formula in it is more than a number"
UNKNOWN = "it stands in an element that this program does not know"
FLOATING = "a text box in it floats: it may be shown over another cell"
REVERSED = "its characters are told to run from right to left"

_MARK_MIN_LIFT_SHARE = 0.2
"""Share of a run's size. Characters set higher or lower by more are perhaps no part of the number."""

_MARK_MAX_SIZE_SHARE = 0.75
"""Share of the size of a number's digits. Digits that are smaller are perhaps no part of it."""

_BOX_MAX_OFFSET = 36.0
"""Points. A text box that is moved further from its place in the text may be seen over another cell."""

_TABLE_PICTURE_MIN_WIDTH, _TABLE_PICTURE_MIN_HEIGHT = 200.0, 24.0
"""Points. A picture that is as wide and as high may show rows of a table; seals and marks are narrower."""

_EMU_PER_POINT = 12700
"""Count. The units of drawings in a point."""

_PRIVATE_USE = 0xF000
"""Number in Unicode: where the characters of fonts of symbols begin."""

_RAISED = {1: str.maketrans("0123456789０１２３４５６７８９", "⁰¹²³⁴⁵⁶⁷⁸⁹" * 2),
           -1: str.maketrans("0123456789０１２３４５６７８９", "₀₁₂₃₄₅₆₇₈₉" * 2)}  # fmt: skip
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x61C, *range(0x200B, 0x2010), 0x202A, 0x202B, 0x202C, 0x2060, *range(0x2066, 0x206A), 0xFE0E,
     0xFE0F, 0xFEFF]
)  # fmt: skip
_WHITE = re.compile(r"[\t\r\n]")
_EDGES = " \t\r\n"
_PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
_CONTENTS = re.compile(r"(?i)toc (?:[1-9]|heading)")
_LENGTH = re.compile(r"(?:^|;)\s*(width|height|margin-left|margin-top)\s*:\s*(-?[0-9.]+)(pt|in|cm|mm|px)?")
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75, "": 0.75}

_UNSEEN_TAGS = frozenset(
    {W + name for name in (
        "del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "sdtPr", "sdtEndPr",
        "smartTagPr", "customXmlPr", "fldData", "rt", "rubyPr", "lastRenderedPageBreak", "softHyphen",
        "annotationRef", "commentReference", "footnoteRef", "endnoteRef", "separator",
        "continuationSeparator",
    )} | {MC + "Fallback"}
)  # fmt: skip
_COMPUTED_TAGS = frozenset(
    {
        W + name
        for name in ("pgNum", "dayShort", "dayLong", "monthShort", "monthLong", "yearShort", "yearLong")
    }
)
"""What Word shows as a number that is not in the file."""

_HOLDERS = frozenset(
    {W + name for name in (
        "ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "sdt", "sdtContent", "dir", "bdo",
        "rubyBase",
    )} | {M + "oMathPara"}
)  # fmt: skip
_KNOWN_CHOICES = frozenset({"wps", "wpg", "wpc", "wpi", "wp14", "w14", "w15", "w16", "w16se", "w16cex", "a14",
                            "cx", "cx1", "am3d", "aink", "v", "wne", "o"})  # fmt: skip
_CIRCLES = {0x80: "⓪", **{0x81 + at: chr(0x2460 + at) for at in range(10)}, 0x8B: "⓿",
            **{0x8C + at: chr(0x2776 + at) for at in range(10)}}  # fmt: skip


class WordPlace(NamedTuple):
    """Where a paragraph stands: the style of its table, None outside of tables, and the colour behind it."""

    table: WordStyle | None = None
    ground: str = PAPER


class WordLine(NamedTuple):
    """A paragraph as a person sees it; `text` has line feeds where a line is broken on purpose.

    `size` in points. `doubts` say why a person may see something else. `is_open` says that its end is deleted
    or hidden, so that the next goes on in it; `is_hidden` that nothing of it is seen; `is_contents` that it
    is one of the table of contents.
    """

    text: str
    size: float
    doubts: tuple[str, ...] = ()
    is_open: bool = False
    is_hidden: bool = False
    is_contents: bool = False


class WordPicture(NamedTuple):
    """A picture that may show a table; `link` is the id by which the document names its part, "" without one.

    `number` counts these from 1.
    """

    number: int
    link: str


class WordBox(NamedTuple):
    """What stands in a text box, and why it may be shown elsewhere; "" where nothing says so."""

    content: Element
    doubt: str


class WordField(NamedTuple):
    """A field while it is read: its instruction, whether its result is reached, and where that begins."""

    instruction: list[str]
    in_result: bool
    begin: int
    chosen: str


class LineReader:
    """Reads the paragraphs of a document in its order, for notes and lists are counted.

    `pictures` counts those that may show a table, `shown` has those of the last paragraph.
    """

    def __init__(self, styles: WordStyles, numbering: Numbering) -> None:
        self.styles, self._numbering = styles, numbering
        self._notes: Counter[str] = Counter()
        self.pictures = 0
        self.shown: list[WordPicture] = []

    def read(self, paragraph: Element, place: WordPlace) -> tuple[WordLine, list[WordBox]]:
        """Return a paragraph as a line, and the text boxes that are anchored in it."""
        properties = by_name(paragraph.find(W + "pPr"))
        style_id = val(properties.get(W + "pStyle"))
        style = self.styles.style(style_id, "paragraph")
        ground = shading_to_ground(properties.get(W + "shd"))
        if ground is None:
            ground = place.ground if style is None or style.ground is None else style.ground
        self.shown = []
        walk = _Walk(self, style, place.table, ground)
        walk.children(paragraph)
        walk.end()
        mark = properties.get(W + "rPr")
        is_deleted = not {W + "del", W + "moveFrom"}.isdisjoint(by_name(mark))
        is_hidden = self.styles.look(mark, style, place.table, ground).hidden
        text, size, doubts = _pieces_to_text(walk.pieces)
        blank = not text.strip()
        if not (blank and (is_deleted or is_hidden)):
            text = self._label(properties.get(W + "numPr"), style, style_id) + text
        line = WordLine(
            text,
            size,
            (*walk.doubts, *doubts),
            is_open=is_deleted or is_hidden,
            is_hidden=blank and is_hidden,
            is_contents=bool(style and _CONTENTS.fullmatch(style.name)) or walk.is_contents,
        )
        return line, walk.boxes

    def _label(self, item: Element | None, style: WordStyle | None, style_id: str) -> str:
        """Return what Word prints before a paragraph that is an item (w:numPr) of a list; else ""."""
        own = by_name(item)
        number, level = val(own.get(W + "numId")), val(own.get(W + "ilvl"))
        if number:
            return self._numbering.label(number, int(level) if level.isdecimal() else 0)
        if style is None or not style.num_id:
            return ""
        level = level or style.level
        bound = self._numbering.level_of_style(style.num_id, style_id)
        return self._numbering.label(style.num_id, int(level) if level.isdecimal() else bound)

    def note(self, kind: str) -> str:
        """Return the number of one more note of this kind."""
        self._notes[kind] += 1
        return str(self._notes[kind])


class _Walk:
    """One walk over the elements of a paragraph."""

    def __init__(
        self, reader: LineReader, style: WordStyle | None, table: WordStyle | None, ground: str
    ) -> None:
        self._reader, self._style, self._table, self._ground = reader, style, table, ground
        self.pieces: list[tuple[str, RunLook]] = []
        self.boxes: list[WordBox] = []
        self.doubts: list[str] = []
        self.is_contents = False
        self._fields: list[WordField] = []

    def children(self, parent: Element) -> None:
        """Take over what stands in an element that holds runs."""
        for child in parent:
            tag = child.tag
            if tag == W + "r":
                self._run(child)
            elif tag == M + "oMath":
                self._formula(child)
            elif tag == MC + "AlternateContent":
                self.children(alternate(child))
            elif tag not in _UNSEEN_TAGS:
                before = len(self.pieces)
                self._note_holder(child)
                self.children(child)
                if tag not in _HOLDERS and len(self.pieces) > before:
                    self.doubts.append(UNKNOWN)

    def end(self) -> None:
        """Say what is open at the end of the paragraph."""
        if any(not field.in_result for field in self._fields):
            self.doubts.append(FIELD)

    def _note_holder(self, holder: Element) -> None:
        """Say what an element around runs means for them."""
        if holder.tag == W + "hyperlink" and (holder.get(W + "anchor") or "").startswith("_Toc"):
            self.is_contents = True
        elif holder.tag == W + "bdo" and val(holder) == "rtl":
            self.doubts.append(REVERSED)
        elif holder.tag == W + "fldSimple":
            is_empty = next(holder.iter(W + "t"), None) is None
            is_dirty = holder.get(W + "dirty") in ("1", "true", "on")
            if is_dirty or (is_empty and lacks_result(holder.get(W + "instr") or "", is_empty=True)):
                self.doubts.append(FIELD)

    def _run(self, run: Element) -> None:
        """Take over a run."""
        look = self._reader.styles.look(run.find(W + "rPr"), self._style, self._table, self._ground)
        self._content(run, look)

    def _content(self, parent: Element, look: RunLook) -> None:
        """Take over what stands in a run, or in an element of one."""
        for child in parent:
            tag = child.tag
            if tag == W + "t":
                self._add(_shown(child), look)
            elif tag in (W + "tab", W + "ptab"):
                self._add(" ", look)
            elif tag in (W + "br", W + "cr"):
                self._add("\n", look)
            elif tag == W + "noBreakHyphen":
                self._add("-", look)
            elif tag == W + "sym":
                self._add(_symbol(child), look)
            elif tag == W + "fldChar":
                self._field(child, look)
            elif tag == W + "instrText":
                if self._fields:
                    self._fields[-1].instruction.append(child.text or "")
            elif tag in (W + "footnoteReference", W + "endnoteReference"):
                if child.get(W + "customMarkFollows") not in ("1", "true", "on"):
                    self._add(self._reader.note(tag), look._replace(raised=1))
            elif tag in (W + "drawing", W + "pict", W + "object"):
                self._drawing(child, look)
            elif tag == W + "ruby":
                self.children(child)
            elif tag == W + "r":
                self._run(child)
            elif tag == MC + "AlternateContent":
                self._content(alternate(child), look)
            elif tag == W + "contentPart":
                self.doubts.append(PICTURE)
            elif tag in _COMPUTED_TAGS:
                self.doubts.append(FIELD)
            elif tag not in _UNSEEN_TAGS:
                self._content(child, look)

    def _add(self, text: str, look: RunLook) -> None:
        """Take over a text, unless it stands in the instruction of a field."""
        if text and all(field.in_result for field in self._fields):
            self.pieces.append((text, look))

    def _field(self, char: Element, look: RunLook) -> None:
        """Begin a field, go on to its result, or end it."""
        kind = char.get(W + "fldCharType")
        if kind == "begin":
            self._fields.append(WordField([], False, len(self.pieces), _chosen(char)))
            if char.get(W + "dirty") in ("1", "true", "on"):
                self.doubts.append(FIELD)
        elif kind == "separate" and self._fields:
            self._fields[-1] = self._fields[-1]._replace(in_result=True, begin=len(self.pieces))
        elif kind == "end" and self._fields:
            field = self._fields.pop()
            if field.chosen and field.begin == len(self.pieces):
                self._add(field.chosen, look)
            is_shown = all(outer.in_result for outer in self._fields)
            is_bare = field.begin == len(self.pieces) and not field.chosen
            instruction = "".join(field.instruction)
            if is_shown and is_bare and lacks_result(instruction, is_empty=not field.in_result):
                self.doubts.append(FIELD)

    def _formula(self, formula: Element) -> None:
        """Take over a formula."""
        text = _formula_to_text(formula)
        self._add(text, RunLook())
        if formula.find(f".//{M}t") is not None and not all(
            child.tag in (M + "r", M + "oMathPara") or child.tag.startswith(W) for child in formula
        ):
            self.doubts.append(FORMULA)

    def _drawing(self, drawing: Element, look: RunLook) -> None:
        """Take over the text boxes of a drawing, and count it where it is a picture that may show a table."""
        if look.hidden or _is_hidden_shape(drawing):
            return
        boxes = list(_text_boxes(drawing))
        doubt = FLOATING if boxes and _is_far(drawing) else ""
        self.boxes += [WordBox(box, doubt) for box in boxes]
        for path in drawing.iter(V + "textpath"):
            self._add(path.get("string") or "", look)
        if boxes or (drawing.tag == W + "pict" and not _is_picture(drawing)):
            return
        width, height = _size(drawing)
        is_large = width >= _TABLE_PICTURE_MIN_WIDTH and height >= _TABLE_PICTURE_MIN_HEIGHT
        if is_large and _is_picture(drawing):
            for link in _links(drawing):
                self._reader.pictures += 1
                self._reader.shown.append(WordPicture(self._reader.pictures, link))
        if drawing.find(WP + "anchor") is None or (_is_picture(drawing) and not _is_far(drawing)):
            self.doubts.append(PICTURE)


def join_lines(lines: Sequence[WordLine]) -> tuple[str, list[str]]:
    """Return the lines of a cell as one text, with a line feed between two of them, and all doubts."""
    text, doubts, is_open = "", list[str](), True
    for line in lines:
        doubts += line.doubts
        own = line.text.strip()
        if own and is_open and text[-1:].isnumeric() and own[0].isnumeric():
            doubts.append(JOINED)
        if own:
            text += own if is_open or not text else f"\n{own}"
            is_open = line.is_open
        else:
            is_open = is_open and line.is_open
    return text, doubts


def alternate(content: Element) -> Element:
    """Return that of several contents which Word shows: the first that it knows, else the fallback."""
    for choice in content.findall(MC + "Choice"):
        if set((choice.get("Requires") or "").split()) <= _KNOWN_CHOICES:
            return choice
    fallback = content.find(MC + "Fallback")
    return () if fallback is None else fallback


def _pieces_to_text(pieces: Sequence[tuple[str, RunLook]]) -> tuple[str, float, list[str]]:
    """Return the text that is seen of these pieces, its size in points, and why it may be another."""
    seen = [(text, look) for text, look in pieces if not (look.hidden or look.struck or look.faint)]
    base = [look.size for text, look in seen if _has_digit(text) and not look.raised and not _is_lifted(look)]
    said = any(_has_digit(text) for text, _ in pieces)
    doubts: list[str] = []
    for text, look in pieces:
        if not text.strip() or not (said or look.struck):
            continue
        if look.struck and not look.hidden:
            doubts.append(STRUCK)
        elif look.hidden:
            doubts.append(HIDDEN)
        elif look.faint:
            doubts.append(UNSEEN)
        elif look.unsure:
            doubts.append(PALE)
        elif look.symbolic and _has_digit(text):
            doubts.append(SYMBOLS)
        elif look.tight and _has_digit(text):
            doubts.append(TIGHT)
        elif _has_digit(text) and base and _may_be_mark(look, max(base)):
            doubts.append(LIFTED)
    text = "".join(_with_mark(text, look) if base else text for text, look in seen)
    sizes = Counter[float]()
    for part, look in seen:
        sizes[look.size] += len(part.strip())
    return text, max(sizes, key=lambda size: sizes[size], default=RunLook().size), doubts


def _with_mark(text: str, look: RunLook) -> str:
    """Return a text with the digits of a mark raised or lowered."""
    if look.raised:
        return text.translate(_RAISED[look.raised])
    return text.translate(_RAISED[1 if look.lift > 0 else -1]) if _is_lifted(look) else text


def _may_be_mark(look: RunLook, size: float) -> bool:
    """Whether a digit may be the mark of a footnote, beside a number of this size in points."""
    return not look.raised and (_is_lifted(look) or look.size <= _MARK_MAX_SIZE_SHARE * size)


def _is_lifted(look: RunLook) -> bool:
    """Whether a run is set so much higher or lower that it may be a mark."""
    return abs(look.lift) > _MARK_MIN_LIFT_SHARE * look.size


def _has_digit(text: str) -> bool:
    """Whether a text has a digit or a numeral."""
    return any(map(str.isnumeric, text))


def _shown(element: Element) -> str:
    """Return what is shown of a w:t: no blanks at its ends that are not to be preserved."""
    text: str = element.text or ""
    if text and (text[0] in _EDGES or text[-1] in _EDGES) and not _preserves(element):
        text = text.strip(_EDGES)
    return _WHITE.sub(" ", text).translate(_INVISIBLE)


def _preserves(element: Element) -> bool:
    """Whether the blanks at the ends of a text are shown."""
    while element is not None:
        if (space := element.get(_PRESERVE)) is not None:
            return bool(space == "preserve")
        element = element.getparent()
    return False


def _symbol(element: Element) -> str:
    """Return a character of a font of symbols; what has no other name stays the code of that font."""
    try:
        code = int(element.get(W + "char") or "", 16)
    except ValueError:
        return "\ufffd"
    font = (element.get(W + "font") or "").lower()
    own = code - _PRIVATE_USE if _PRIVATE_USE <= code < _PRIVATE_USE + 256 else code
    if font == "symbol" and chr(own) in "0123456789+-.,()%/":
        return chr(own)
    if font == "wingdings" and own in _CIRCLES:
        return _CIRCLES[own]
    return chr(code) if 31 < code < 0x110000 else "\ufffd"


def _chosen(char: Element) -> str:
    """Return the entry that is chosen in a list of a form; "" where the field is none."""
    drop_down = char.find(f"{W}ffData/{W}ddList")
    if drop_down is None:
        return ""
    entries = [entry.get(VAL) or "" for entry in drop_down.findall(W + "listEntry")]
    chosen = val(drop_down.find(W + "result")) or val(drop_down.find(W + "default")) or "0"
    at = int(chosen) if chosen.isdecimal() else 0
    return entries[at] if at < len(entries) else ""


def _formula_to_text(element: Element) -> str:
    """Return a formula in one line: fractions with a stroke, powers as raised digits."""
    tag = element.tag
    if tag in _UNSEEN_TAGS or tag.endswith("Pr"):
        return ""
    if tag in (M + "t", W + "t"):
        return _shown(element)
    parts = {child.tag: _formula_to_text(child) for child in element}
    if tag == M + "f":
        return f"{parts.get(M + 'num', '')}/{parts.get(M + 'den', '')}"
    if tag == M + "sup":
        return "".join(parts.values()).translate(_RAISED[1])
    if tag == M + "sub":
        return "".join(parts.values()).translate(_RAISED[-1])
    if tag == M + "rad":
        return "√" + parts.get(M + "e", "")
    return "".join(_formula_to_text(child) for child in element)


def _text_boxes(element: Element) -> Iterator[Element]:
    """Yield the contents of the text boxes of a drawing, not those within another."""
    for child in element:
        if child.tag == W + "txbxContent":
            yield child
        elif child.tag == MC + "AlternateContent":
            yield from _text_boxes(alternate(child))
        elif child.tag not in _UNSEEN_TAGS:
            yield from _text_boxes(child)


def _is_hidden_shape(drawing: Element) -> bool:
    """Whether a drawing is not shown."""
    named = next(drawing.iter(WP + "docPr"), None)
    if named is not None and named.get("hidden") in ("1", "true", "on"):
        return True
    shape = next((one for one in drawing if one.tag.startswith(V)), None)
    return shape is not None and "visibility:hidden" in (shape.get("style") or "").replace(" ", "")


def _is_far(drawing: Element) -> bool:
    """Whether a text box may be shown far from its place in the text."""
    anchor = drawing.find(WP + "anchor")
    if anchor is not None:
        offsets = [to_number(offset.text) for offset in anchor.iter(WP + "posOffset")]
        near = [offset is not None and abs(offset) <= _BOX_MAX_OFFSET * _EMU_PER_POINT for offset in offsets]
        of_page = [one.get("relativeFrom") in ("page", "margin") for one in anchor if one.get("relativeFrom")]
        return not all(near) or any(of_page)
    lengths = _style_lengths(drawing)
    return any(abs(lengths.get(name, 0.0)) > _BOX_MAX_OFFSET for name in ("margin-left", "margin-top"))


def _is_picture(drawing: Element) -> bool:
    """Whether a drawing shows a picture, or an embedded file in place of one."""
    if drawing.tag == W + "object" or next(drawing.iter(V + "imagedata"), None) is not None:
        return True
    return any(one.tag.endswith("}blip") for one in drawing.iter())


def _links(drawing: Element) -> list[str]:
    """Return the ids by which a drawing names its pictures, several in a group; "" of one in no part."""
    if drawing.tag == W + "object":
        return [""]
    blips = [one.get(R + "embed") or "" for one in drawing.iter() if one.tag.endswith("}blip")]
    return blips or [one.get(R + "id") or "" for one in drawing.iter(V + "imagedata")]


def _size(drawing: Element) -> tuple[float, float]:
    """Return width and height of a drawing in points; 0 where they are not known."""
    extent = next(drawing.iter(WP + "extent"), None)
    if extent is not None:
        sides = (to_number(extent.get(name)) or 0.0 for name in ("cx", "cy"))
        return tuple(side / _EMU_PER_POINT for side in sides)  # type: ignore[return-value]
    lengths = _style_lengths(drawing)
    if lengths.get("width"):
        return lengths.get("width", 0.0), lengths.get("height", 0.0)
    sides = (to_number(drawing.get(W + name)) or 0.0 for name in ("dxaOrig", "dyaOrig"))
    return tuple(side / TWENTIETHS for side in sides)  # type: ignore[return-value]


def _style_lengths(drawing: Element) -> dict[str, float]:
    """Return the lengths that the style of a shape of VML names, in points."""
    style = next(
        (one.get("style") for one in drawing.iter() if one.tag.startswith(V) and one.get("style")), ""
    )
    return {name: float(value) * _POINTS[unit] for name, value, unit in _LENGTH.findall(style or "")
            if value.count(".") < 2 and value.strip("-.")}  # fmt: skip
