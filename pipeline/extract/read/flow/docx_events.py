"""The tables of a .docx by the events of expat: a second reading, which shares no code with the first.

It goes once over the file and keeps no tree. It knows of formatting what decides whether a number is seen,
and counts no lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from xml.parsers import expat

from pipeline.extract.read.flow.aligned_rows import align_rows
from pipeline.extract.read.flow.blocks import FlowBlock, FlowCell, FlowParagraph, FlowTable
from pipeline.extract.read.flow.docx_package import open_bytes
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import LIBRARY_WORDS_MAX_CHARACTERS, Reason

TOO_DEEP = "its elements stand too deep in each other: it is not read"
NO_XML = "its text is no XML ({why}): fetch it again"

_SEPARATOR = " "
_NAMESPACES = {"wordprocessingml": "w:", "math": "m:", "markup-compatibility": "mc:"}
_DROPPED = frozenset(
    ("w:del", "w:moveFrom", "w:delText", "w:instrText", "w:delInstrText", "w:rt", "w:rPrChange",
     "w:pPrChange", "w:tcPrChange", "w:trPrChange", "w:tblPrChange", "w:tblPrExChange", "w:sectPr",
     "mc:Fallback", "w:sdtPr", "w:fldData")
)  # fmt: skip
_SWITCHES = {"w:vanish": "hidden", "w:strike": "struck", "w:dstrike": "struck"}
_SIGNS = {"w:tab": " ", "w:ptab": " ", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
_RAISED = {"superscript": dict(zip(map(ord, "0123456789"), "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)),
           "subscript": dict(zip(map(ord, "0123456789"), "₀₁₂₃₄₅₆₇₈₉", strict=True))}  # fmt: skip
_NUMERALS = "〇一二三四五六七八九"
_CHINESE_MAX = 99
"""Count. Larger numbers of lists are given in digits."""

_ODD = frozenset(
    ("w:drawing", "w:object", ":imagedata", ":anchor", ":blip", "w:contentPart", "w:pgNum", "w:dayShort",
     "w:dayLong", "w:monthShort", "w:monthLong", "w:yearShort", "w:yearLong")
)  # fmt: skip
_ODD_TEXT = "\ufffd"
"""In place of the text of a cell that is not blank, and shows no text."""

_ZERO_WIDTH = str.maketrans(
    "",
    "",
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff",
)
_OFF = ("0", "false", "off")
_EVENT_COLUMNS_MAX = 63
"""Count. Word makes no more columns."""

_DEPTH_MAX = 400
"""Count. So many elements stand in each other at most."""

_UNSEEN_LANE_HEIGHT = 40
"""Count, of twentieths of a point. Of a row of an exact height that is no higher nobody sees anything."""

_TABLE_MIN_PLACES = 4
"""Count. A table in a cell with fewer rows times columns is a frame around a number."""

Attributes = Mapping[str, str]


@dataclass(slots=True)
class _Run:
    """What holds of the text that comes next."""

    said: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that is open: its text so far, in parts with how each is raised."""

    style: str = ""
    is_open: bool = False
    number: str = ""
    level: str = ""
    parts: list[tuple[str, str, str]] = field(default_factory=list)
    in_instruction: list[bool] = field(default_factory=list)
    result_begins: int = -1
    simple_fields: list[int] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    chosen: str = ""


@dataclass(slots=True)
class _Slot:
    """A cell that is open or done."""

    begin: int
    end: int
    merge: str = ""
    text: str = ""
    goes_on: bool = False
    is_odd: bool = False
    row: int = 0
    row_span: int = 1


@dataclass(slots=True)
class _Lane:
    """A row that is open or done."""

    slots: list[_Slot] = field(default_factory=list)
    at: int = 0
    is_seen: bool = True
    is_blank: bool = True


@dataclass(slots=True)
class _Sheet:
    """A table that is open."""

    number: int
    style: str = ""
    widths: list[float] = field(default_factory=list)
    lanes: list[_Lane] = field(default_factory=list)
    slot: _Slot | None = None
    holds_tables: bool = False
    is_mirrored: bool = False
    boxes: int = 0


def part_to_blocks(path: Path) -> tuple[FlowBlock, ...]:
    """Return the paragraphs and tables of a .docx; UnreadableError where it is not to be read."""
    parts = open_bytes(path)
    styles, lists = _StyleEvents(), _ListEvents()
    events = _Events(styles, lists)
    try:
        if parts.numbering:
            _feed(parts.numbering, lists.start, lambda name: None, lambda text: None)
        if parts.styles:
            _feed(parts.styles, styles.start, styles.end, lambda text: None)
        _feed(parts.document, events.start, events.end, events.text)
    except (expat.ExpatError, IndexError) as error:
        raise UnreadableError(
            Reason.UNOPENED, NO_XML.format(why=str(error)[:LIBRARY_WORDS_MAX_CHARACTERS])
        ) from error
    return events.blocks()


def _feed(
    data: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Have the events of a part handled, with short names: w:t, m:t."""
    names: dict[str, str] = {}

    def short(name: str) -> str:
        """Return a name with a letter in place of its namespace."""
        if name not in names:
            space, _, local = name.rpartition(_SEPARATOR)
            prefix = next((own for part, own in _NAMESPACES.items() if part in space), ":")
            names[name] = prefix + local
        return names[name]

    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, found: start(
        short(name), {short(key): value for key, value in found.items()}
    )
    parser.EndElementHandler = lambda name: end(short(name))
    parser.CharacterDataHandler = text
    parser.Parse(data, True)


class _StyleEvents:
    """What the styles of a document say of runs."""

    def __init__(self) -> None:
        self.said: dict[str, dict[str, str]] = {"": {}}
        self.based: dict[str, str] = {}
        self.defaults: dict[str, str] = {}
        self._style, self._path = "", list[str]()

    def start(self, name: str, found: Attributes) -> None:
        """Take over an element of styles.xml."""
        if name == "w:style":
            self._style = found.get("w:styleId", "")
            self.said[self._style] = {}
            if found.get("w:default", "0") not in _OFF:
                self.defaults[found.get("w:type", "")] = self._style
        elif name == "w:basedOn":
            self.based[self._style] = found.get("w:val", "")
        elif self._path[-1:] == ["w:rPr"] and "w:tblStylePr" not in self._path:
            self.said[self._style] |= _said_by(name, found)
        elif self._path[-1:] == ["w:numPr"]:
            self.said[self._style][name] = found.get("w:val", "")
        self._path.append(name)

    def end(self, name: str) -> None:
        """Leave an element."""
        self._path.pop()
        if name == "w:style":
            self._style = ""

    def of(self, style: str, kind: str) -> dict[str, str]:
        """Return what a style says, or the default of its kind."""
        said: dict[str, str] = {}
        own = style if style in self.said and style else self.defaults.get(kind, "")
        seen = set[str]()
        while own and own not in seen:
            seen.add(own)
            said = self.said.get(own, {}) | said
            own = self.based.get(own, "")
        return said


def _said_by(name: str, found: Attributes) -> dict[str, str]:
    """Return what an element of a w:rPr says."""
    if name in _SWITCHES:
        return {_SWITCHES[name]: "" if found.get("w:val") in _OFF else "yes"}
    if name in ("w:vertAlign", "w:sz", "w:rStyle"):
        return {name: found.get("w:val", "")}
    return {}


class _ListEvents:
    """The lists of a document: decimal and Chinese numbers alone, for others say nothing of a number."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, int], dict[str, str]] = {}
        self._kinds: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._at: dict[tuple[str, int], int] = {}
        self._own: tuple[str, int] = ("", 0)
        self._list = ""

    def start(self, name: str, found: Attributes) -> None:
        """Take over an element of numbering.xml."""
        value = found.get("w:val", "")
        level = found.get("w:ilvl", "0")
        if name == "w:abstractNum":
            self._own = (found.get("w:abstractNumId", ""), 0)
        elif name == "w:num":
            self._list = found.get("w:numId", "")
        elif name == "w:abstractNumId":
            self._kinds[self._list] = value
        elif name == "w:lvl" and not self._list:
            self._own = (self._own[0], int(level) if level.isdecimal() else 0)
            self._levels[self._own] = {}
        elif name == "w:lvlOverride":
            self._own = (self._own[0], int(level) if level.isdecimal() else 0)
        elif name == "w:startOverride" and value.isdecimal():
            self._starts[self._list, self._own[1]] = int(value)
        elif name in ("w:start", "w:numFmt", "w:lvlText", "w:suff") and not self._list:
            self._levels.setdefault(self._own, {})[name] = value

    def label(self, number: str, level: int) -> str:
        """Count an item, and return what is printed before it."""
        kind = self._kinds.get(number, "")
        own = self._levels.get((kind, level))
        if own is None or own.get("w:numFmt") == "bullet":
            return ""
        key = (kind, level)
        begin = self._starts.pop((number, level), None)
        first = own.get("w:start", "0")
        if begin is not None or key not in self._at:
            self._at[key] = begin if begin is not None else int(first) if first.isdecimal() else 0
        else:
            self._at[key] += 1
        for lower in [one for one in self._at if one[0] == kind and one[1] > level]:
            del self._at[lower]
        text = own.get("w:lvlText", "")
        for upper in range(level + 1):
            form = self._levels.get((kind, upper), {}).get("w:numFmt", "decimal")
            text = text.replace(f"%{upper + 1}", _counted(self._at.get((kind, upper), 1), form))
        return text + {"nothing": ""}.get(own.get("w:suff", "tab"), " ") if text else ""


def _counted(count: int, form: str) -> str:
    """Return a number of a list."""
    if "hinese" not in form or "Legal" in form or count > _CHINESE_MAX:
        return "" if form == "none" else str(count)
    tens, ones = divmod(count, 10)
    return ("" if tens < 2 else _NUMERALS[tens]) + "十" * bool(tens) + (_NUMERALS[ones] if ones else "")


class _Events:
    """The events of a document's text."""

    def __init__(self, styles: _StyleEvents, lists: _ListEvents) -> None:
        self._styles, self._lists = styles, lists
        self._dropped = 0
        self._path: list[str] = []
        self._preserved = [""]
        self._sheets: list[_Sheet | None] = [None]
        self._paragraphs: list[_Paragraph] = []
        self._runs: list[_Run] = []
        self._texts: list[str] | None = None
        self._number = 0
        self._done: list[tuple[str, float] | FlowTable] = []
        self._notes = self._boxes = 0
        self._boxed: list[str] = []

    def blocks(self) -> tuple[FlowBlock, ...]:
        """Return what was read."""
        sizes = Counter[float]()
        for one in self._done:
            if not isinstance(one, FlowTable):
                sizes[one[1]] += len(one[0])
        usual = max(sizes, key=lambda size: sizes[size], default=1.0)
        return tuple(
            one if isinstance(one, FlowTable) else FlowParagraph(line, round(one[1] / usual, 2))
            for one in self._done
            for line in ([""] if isinstance(one, FlowTable) else one[0].split("\n"))
        )

    def text(self, text: str) -> None:
        """Take over characters."""
        if self._texts is not None and not self._dropped:
            self._texts.append(text)

    def start(self, name: str, found: Attributes) -> None:
        """Take over the beginning of an element."""
        self._path.append(name)
        self._preserved.append(found.get(":space", self._preserved[-1]))
        if len(self._path) > _DEPTH_MAX:
            raise UnreadableError(Reason.UNOPENED, TOO_DEEP)
        if self._dropped or name in _DROPPED:
            if name in ("w:del", "w:moveFrom") and not self._dropped:
                self._note_deletion()
            self._dropped += 1
            return
        if name == "w:p":
            self._paragraphs.append(_Paragraph())
        elif name in ("w:r", "m:r"):
            self._runs.append(_Run())
        elif name == "w:fldSimple" and self._paragraphs:
            self._paragraphs[-1].simple_fields.append(len(self._paragraphs[-1].parts))
        elif name in ("w:t", "m:t"):
            self._texts = []
        elif name == "w:tbl":
            self._number += 1
            self._sheets.append(_Sheet(self._number, boxes=self._boxes))
        elif name == "w:txbxContent":
            self._sheets.append(self._sheets[-1])
            self._boxes += 1
        elif name == "w:fldChar":
            self._field(found.get("w:fldCharType", ""))
        elif name in ("w:footnoteReference", "w:endnoteReference"):
            self._notes += 1
            self._add(str(self._notes), "superscript")
        elif name == "w:sym":
            code = int(found.get("w:char", "FFFD"), 16)
            self._add(chr(code - 0xF000 if found.get("w:font") == "Symbol" and code >= 0xF000 else code))
        elif name in _SIGNS and self._runs and self._path[-2:-1] != ["w:tabs"]:
            self._add(_SIGNS[name])
        else:
            self._property(name, found)

    def end(self, name: str) -> None:
        """Take over the end of an element."""
        self._path.pop()
        preserved = self._preserved.pop() == "preserve"
        if self._dropped:
            self._dropped -= 1
        elif name == "w:p":
            self._end_paragraph(self._paragraphs.pop())
        elif name in ("w:r", "m:r"):
            self._runs.pop()
        elif name == "w:fldSimple" and self._paragraphs:
            if self._paragraphs[-1].simple_fields.pop() == len(self._paragraphs[-1].parts):
                self._note_odd()
        elif name in ("w:t", "m:t") and self._texts is not None:
            shown = "".join(self._texts)
            shown = (shown if preserved else shown.strip(" \t\n")).replace("\n", " ").replace("\t", " ")
            self._texts = None
            self._add(shown.translate(_ZERO_WIDTH))
        elif name == "m:num":
            self._add("/")
        elif name == "w:tbl":
            sheet = self._sheets.pop()
            if sheet:
                self._end_sheet(sheet)
        elif name == "w:txbxContent":
            self._sheets.pop()
            self._boxes -= 1
        elif name == "w:tc" and self._sheets[-1]:
            self._sheets[-1].slot = None

    def _note_deletion(self) -> None:
        """Take over that a row, or the end of a paragraph, is deleted."""
        parent = self._path[-2]
        sheet = self._sheets[-1]
        if parent == "w:trPr" and sheet:
            sheet.lanes[-1].is_seen = False
        elif parent == "w:rPr" and self._path[-3:-2] == ["w:pPr"]:
            self._paragraphs[-1].is_open = True

    def _property(self, name: str, found: Attributes) -> None:
        """Take over what an element says of its run, paragraph, cell, row or table."""
        parent = self._path[-2] if len(self._path) > 1 else ""
        value = found.get("w:val", "")
        sheet = self._sheets[-1]
        if parent == "w:rPr" and self._path[-3:-2] == ["w:r"] and self._runs:
            self._runs[-1].said |= _said_by(name, found)
        elif parent == "w:rPr" and name == "w:vanish" and self._paragraphs and value not in _OFF:
            self._paragraphs[-1].is_open = True
        elif name == "w:listEntry":
            self._paragraphs[-1].choices.append(value)
        elif parent == "w:ddList" and name in ("w:result", "w:default"):
            self._paragraphs[-1].chosen = (
                value if name == "w:result" else self._paragraphs[-1].chosen or value
            )
        elif name == "w:pStyle" and self._paragraphs:
            self._paragraphs[-1].style = value
        elif parent == "w:numPr" and self._paragraphs:
            setattr(self._paragraphs[-1], "level" if name == "w:ilvl" else "number", value)
        elif sheet:
            self._table_property(sheet, name, parent, value, found)

    def _table_property(self, sheet: _Sheet, name: str, parent: str, value: str, found: Attributes) -> None:
        """Take over what an element says of a cell, a row or a table."""
        span = min(int(value), _EVENT_COLUMNS_MAX) if value.isdecimal() else 0
        if name == "w:tblStyle":
            sheet.style = value
        elif name == "w:gridCol":
            width = found.get("w:w", "0")
            sheet.widths.append(float(width) / 20 if width.isdecimal() else 0.0)
        elif name == "w:bidiVisual":
            sheet.is_mirrored = value not in _OFF
        elif name in _ODD and sheet.slot:
            sheet.slot.is_odd = name != ":anchor"
        elif name == "w:tr":
            sheet.lanes.append(_Lane())
        elif name == "w:gridBefore":
            sheet.lanes[-1].at = span
        elif name == "w:hidden" and parent == "w:trPr":
            sheet.lanes[-1].is_seen = value in _OFF
        elif name == "w:trHeight" and found.get("w:hRule") == "exact" and value.isdecimal():
            sheet.lanes[-1].is_seen = sheet.lanes[-1].is_seen and int(value) > _UNSEEN_LANE_HEIGHT
        elif name == "w:tc":
            lane = sheet.lanes[-1]
            sheet.slot = _Slot(lane.at, lane.at + 1)
            lane.slots.append(sheet.slot)
            lane.at += 1
        elif name == "w:gridSpan" and sheet.slot and span:
            sheet.slot.end = sheet.slot.begin + span
            sheet.lanes[-1].at = sheet.slot.end
        elif name in ("w:vMerge", "w:hMerge") and sheet.slot and parent == "w:tcPr":
            sheet.slot.merge = name[2] + (value or "continue")

    def _field(self, kind: str) -> None:
        """Begin a field, reach its result, or end it."""
        fields = self._paragraphs[-1].in_instruction if self._paragraphs else []
        if kind == "begin":
            fields.append(True)
        elif fields and kind == "separate":
            fields[-1] = False
            self._paragraphs[-1].result_begins = len(self._paragraphs[-1].parts)
        elif fields and kind == "end":
            is_bare = fields.pop() or self._paragraphs[-1].result_begins == len(self._paragraphs[-1].parts)
            if is_bare and not self._paragraphs[-1].choices:
                self._note_odd()
            choices, chosen = self._paragraphs[-1].choices, self._paragraphs[-1].chosen or "0"
            if chosen.isdecimal() and int(chosen) < len(choices):
                self._add(choices[int(chosen)])
            choices.clear()

    def _note_odd(self) -> None:
        """Take over that the cell shows something that is no text of the file."""
        if (sheet := self._sheets[-1]) and sheet.slot:
            sheet.slot.is_odd = True

    def _add(self, text: str, raised: str = "") -> None:
        """Take over a text that is shown, as its run and its styles have it."""
        if not self._paragraphs or any(self._paragraphs[-1].in_instruction):
            return
        paragraph, sheet = self._paragraphs[-1], self._sheets[-1]
        own = self._runs[-1].said if self._runs else {}
        levels = [
            self._styles.of(sheet.style, "table") if sheet else {},
            self._styles.of(paragraph.style, "paragraph"),
            self._styles.of(own["w:rStyle"], "character") if own.get("w:rStyle") else {},
        ]
        said = self._styles.said[""] | levels[0] | levels[1] | levels[2]
        if not self._styles.said[""].get("hidden"):  # two styles that hide show
            said["hidden"] = "yes" if len([one for one in levels if one.get("hidden")]) in (1, 3) else ""
        said = said | own
        if said.get("struck") and not said.get("hidden") and text.strip() and sheet and sheet.slot:
            sheet.slot.is_odd = True
        if not (said.get("hidden") or said.get("struck")):
            paragraph.parts.append((text, raised or said.get("w:vertAlign", ""), said.get("w:sz", "20")))

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        """Put a paragraph where it stands."""
        is_number = any(any(map(str.isdigit, text)) and raised not in _RAISED
                        for text, raised, _ in paragraph.parts)  # fmt: skip
        text = "".join(
            text.translate(_RAISED[raised]) if is_number and raised in _RAISED else text
            for text, raised, _ in paragraph.parts
        )
        style = self._styles.of(paragraph.style, "paragraph")
        number = paragraph.number or style.get("w:numId", "")
        level = paragraph.level or style.get("w:ilvl", "0")
        if number and (text.strip() or not paragraph.is_open):
            text = self._lists.label(number, int(level) if level.isdecimal() else 0) + text
        sheet = self._sheets[-1]
        if sheet and sheet.slot and self._boxes > sheet.boxes:
            self._boxed.append(text.strip())
        elif sheet and sheet.slot:
            own = text.strip()
            gap = "\n" if sheet.slot.text and own and not sheet.slot.goes_on else ""
            sheet.slot.text += gap + own
            sheet.slot.goes_on = paragraph.is_open
            sheet.lanes[-1].is_blank &= paragraph.is_open and not own
            sheet.slot.text = "\n".join(filter(None, [sheet.slot.text, *self._boxed]))
            self._boxed.clear()
        elif text.strip():
            sizes = Counter(size for part, _, size in paragraph.parts for _ in part.strip())
            size = max(sizes, key=lambda one: sizes[one], default="20")
            self._done.append((text, float(size) if size.isdecimal() else 20.0))

    def _end_sheet(self, sheet: _Sheet) -> None:
        """Put a table behind what was read, or its one text into the cell around it."""
        cells = _lanes_to_cells([lane for lane in sheet.lanes if lane.is_seen and not lane.is_blank])
        outer = self._sheets[-1]
        if (
            outer
            and outer.slot
            and len({cell.row for cell in cells}) * len({cell.col for cell in cells}) < _TABLE_MIN_PLACES
        ):
            gap = "\n" if outer.slot.text else ""
            outer.slot.text += gap + "\n".join(cell.text for cell in cells if cell.text)
            return
        if outer:
            outer.holds_tables = True
        if sheet.holds_tables or len({cell.col for cell in cells}) < 2:
            self._done += [(cell.text, 20.0) for cell in cells if cell.text]
        else:
            columns = max(cell.col + cell.col_span for cell in cells)
            is_wide = len(sheet.widths) >= columns and min(sheet.widths) > 0
            edges = (0.0, *accumulate(sheet.widths)) if is_wide else ()
            if sheet.is_mirrored:
                last = len(edges) - 1 if edges else columns
                cells = [cell._replace(col=last - cell.col - cell.col_span) for cell in cells]
                edges = tuple(edges[-1] - edge for edge in reversed(edges))
            self._done.append(FlowTable(sheet.number, align_rows(cells), edges=edges))


def _lanes_to_cells(lanes: Iterable[_Lane]) -> list[FlowCell]:
    """Return the cells of rows: one that goes on below is one, and its text is that of the first."""
    owners: dict[int, _Slot] = {}
    slots: list[_Slot] = []
    for row, lane in enumerate(lanes):
        left: _Slot | None = None
        below: dict[int, _Slot] = {}
        for slot in lane.slots:
            above = owners.get(slot.begin)
            if slot.merge == "hcontinue" and left:
                left.end = slot.end
            elif slot.merge == "vcontinue" and above and above.end == slot.end and above.begin == slot.begin:
                above.row_span = row - above.row + 1
                left = above
                below[slot.begin] = above
            else:
                slot.row, left = row, slot
                slots.append(slot)
                if slot.merge.startswith("v"):
                    below[slot.begin] = slot
        owners = below
    return [
        FlowCell(s.row, s.begin, s.row_span, s.end - s.begin, s.text.strip() or _ODD_TEXT * s.is_odd)
        for s in slots
    ]
