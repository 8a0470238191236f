"""Read .xlsx workbooks: each value as its cell shows it, by its number format, its font and what is hidden.

The parts are read as they are, since no library gives all that decides what is seen: runs of text with their
fonts, which columns and sheets are hidden, formats that Chinese programs name by a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from math import isfinite
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from pipeline.extract.read.backends.calamine_reader import workbook_to_flow
from pipeline.extract.read.flow.blocks import FlowBlock, FlowDocument, FlowPicture
from pipeline.extract.read.flow.number_format import number_to_shown, text_to_shown
from pipeline.extract.read.flow.set_text import Run, SetText, runs_to_seen
from pipeline.extract.read.flow.sheets import (
    FORMAT_HIDES,
    SheetCell,
    ShownSheet,
    as_far_as_seen,
    require_few_cells,
    sheets_to_blocks,
)
from pipeline.extract.read.flow.xlsx_styles import (
    CellStyle,
    SheetStyles,
    element_to_font,
    may_change,
    root_to_styles,
)
from pipeline.extract.read.flow.xml_package import XmlPackage, attribute, child, local, picture_bytes
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

READER = "xlsx"

NO_VALUE = "a formula whose result is not stored: open it in Excel or WPS and save it"
NOT_CALCULATED = "a formula that was never calculated: open it in Excel or WPS and save it"
NO_TEXT_STORED = "its text is not in the file: save it anew"
OVERLAID = "a picture or a text box lies over it"
BY_CONDITION = "a conditional format may hide its number, or show it in another way"
NO_NUMBER = "what is stored is no number"
NO_WORKBOOK = "it is no workbook ({words}): open it in Excel or WPS and save it as .xlsx"

SHEETS_MAX = 200
"""Count. A workbook with more sheets is no report."""

CONDITIONS_MAX = 1000
"""Count. Where more ranges have a conditional format, all cells are taken to have one."""

_OVERLAID_MIN_OFFSET = 38_100
"""Count, of the units of drawings: three points. What reaches no further into a cell does not lie over it."""

EVERYWHERE = (0, 0, 1 << 20, 1 << 14)
"""Numbers of the first row and column, and of the last, that a sheet may have."""

ON = ("1", "true")
"""How a file says that something is so."""

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")

_Range = tuple[int, int, int, int]


class _Book(NamedTuple):
    """What all sheets of a workbook share: texts, styles, from when days are counted, whether it was ever
    calculated."""

    texts: Sequence[Sequence[Run]]
    styles: SheetStyles
    since_1904: bool
    is_calculated: bool


def file_to_flow(path: Path) -> FlowDocument:
    """Return the sheets of a workbook that are shown. Raises UnreadableError."""
    with XmlPackage(path) as package:
        begin = package.relations("").values()
        name = next((one.target for one in begin if one.kind == "officeDocument"), "xl/workbook.xml")
        if name not in package:
            raise UnreadableError(Reason.UNOPENED, NO_WORKBOOK.format(words=f"no part {name}"))
        root = package.part(name)
        book = _book(package, name, root)
        read = [_read_sheet(package, found, book) for found in _shown_sheets(package, name, root)]
        sheets = [sheet for sheet, _ in read]
        require_few_cells(sum(len(sheet.cells) for sheet in sheets))
        pictures = sum(others for _, others in read)
        return FlowDocument(READER, _numbered(sheets_to_blocks(sheets)), _title(package), pictures)


def _numbered(blocks: Sequence[FlowBlock]) -> tuple[FlowBlock, ...]:
    """Return blocks with their pictures counted from 1."""
    number = count(1)
    return tuple(
        block._replace(number=next(number)) if isinstance(block, FlowPicture) else block for block in blocks
    )


def file_to_second_flow(path: Path) -> FlowDocument:
    """Return what another library reads of the cells that are seen. Raises UnreadableError."""
    return as_far_as_seen(workbook_to_flow(path), file_to_flow(path))


def _title(package: XmlPackage) -> str:
    """Return the title in the properties of the file."""
    named = next((one.target for one in package.relations("").values() if one.kind == "core-properties"), "")
    found = child(package.part(named), "title") if named in package else None
    return "" if found is None else (found.text or "").strip()


# ------------------------------------------------------------------ workbook


class _Part(NamedTuple):
    """A sheet that is shown: its name, its number from 1, and the name of its part."""

    name: str
    number: int
    part: str


def _book(package: XmlPackage, name: str, root: Element) -> _Book:
    """Return what the sheets of a workbook share."""
    parts = {one.kind: one.target for one in package.relations(name).values()}
    styles = SheetStyles()
    if (part := parts.get("styles", "")) in package:
        styles = root_to_styles(package.part(part))
    texts: list[Sequence[Run]] = []
    if (part := parts.get("sharedStrings", "")) in package:
        texts = [_runs(entry) for entry in package.part(part) if local(entry) == "si"]
    properties, calculation = child(root, "workbookPr"), child(root, "calcPr")
    since_1904 = properties is not None and properties.get("date1904", "0") in ON
    is_calculated = calculation is None or calculation.get("fullCalcOnLoad", "0") not in ON
    return _Book(texts, styles, since_1904, is_calculated)


def _shown_sheets(package: XmlPackage, name: str, root: Element) -> list[_Part]:
    """Return the sheets that are not hidden, in their order; charts are none."""
    relations = package.relations(name)
    listed = child(root, "sheets")
    entries = [] if listed is None else list(listed)
    if len(entries) > SHEETS_MAX:
        raise UnreadableError(Reason.UNOPENED, NO_WORKBOOK.format(words=f"{len(entries)} sheets"))
    found = []
    for number, entry in enumerate(entries, 1):
        relation = relations.get(attribute(entry, "id"))
        if relation and relation.kind == "worksheet" and entry.get("state", "visible") == "visible":
            found.append(_Part(entry.get("name", ""), number, relation.target))
    return found


def _runs(entry: Element) -> Sequence[Run]:
    """Return the text of a string with its fonts; how it is pronounced is none of it."""
    runs = []
    for part in entry:
        if local(part) == "t":
            runs.append(Run(_unescaped(part.text or "")))
        elif local(part) == "r":
            text, font = child(part, "t"), child(part, "rPr")
            written = "" if text is None else _unescaped(text.text or "")
            runs.append(Run(written, None if font is None else element_to_font(font)))
    return runs


def _unescaped(text: str) -> str:
    """Return a text with the control codes that the file spells out (_x000D_); a return is no text."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "")


# --------------------------------------------------------------------- sheet


def _read_sheet(package: XmlPackage, part: _Part, book: _Book) -> tuple[ShownSheet, int]:
    """Return a sheet, and how many pictures lie over it that the file does not hold."""
    root = package.part(part.part)
    view = child(child(root, "sheetViews"), "sheetView")
    shows_zeros = view is None or view.get("showZeros", "1") not in ("0", "false")
    conditions = [*_conditions(root, book.styles)]
    if len(conditions) > CONDITIONS_MAX:
        conditions = [EVERYWHERE]
    rows = child(root, "sheetData")
    hidden_rows: set[int] = set()
    cells: dict[tuple[int, int], SheetCell] = {}
    for row, col, element in _placed_cells(rows, hidden_rows):
        shown = _cell(element, book, shows_zeros=shows_zeros)
        if any(_is_within(row, col, area) for area in conditions) and any(map(str.isdigit, shown.text)):
            shown = shown._replace(doubt=shown.doubt or BY_CONDITION)
        if shown.is_shown:
            cells[row, col] = shown
    merged = [area for entry in child(root, "mergeCells") or () if (area := _range(entry.get("ref", "")))]
    hidden_cols = _hidden_cols(child(root, "cols"), {col for _, col in cells} | {m[1] for m in merged})
    notes, pictures, areas = _over_sheet(package, part.part)
    _doubt_overlaid(cells, areas)
    return ShownSheet(
        part.name, part.number, cells, merged, frozenset(hidden_rows), hidden_cols, notes
    ), pictures


def _conditions(root: Element, styles: SheetStyles) -> Iterator[_Range]:
    """Yield the ranges whose conditional formats may hide a text or show a number in another way.

    Those that Excel has known since 2010 stand at the end of the part, with formats and ranges of their own.
    """
    later = child(root, "extLst")
    for entry in (*root, *(later.iter() if later is not None else ())):
        if local(entry) == "conditionalFormatting" and _changes(entry, styles):
            named = child(entry, "sqref")
            written = entry.get("sqref", "") if named is None else named.text or ""
            yield from filter(None, map(_range, written.split()))


def _changes(entry: Element, styles: SheetStyles) -> bool:
    """Whether a conditional format may hide a text, show a number in another way, or a sign in its place."""
    numbers = (rule.get("dxfId", "") for rule in entry)
    if any(number.isdecimal() and int(number) in styles.changing for number in numbers):
        return True
    return any(
        part.get("showValue") in ("0", "false") or (local(part) == "dxf" and may_change(part))
        for part in entry.iter()
    )


def _doubt_overlaid(cells: dict[tuple[int, int], SheetCell], areas: Sequence[_Range]) -> None:
    """Doubt the cells over which something lies, also those that seem blank."""
    last_row, last_col = (max((place[axis] for place in cells), default=-1) for axis in (0, 1))
    for first_row, first_col, end_row, end_col in areas:
        for row in range(first_row, min(end_row, last_row) + 1):
            for col in range(first_col, min(end_col, last_col) + 1):
                cell = cells.get((row, col), SheetCell(""))
                cells[row, col] = cell._replace(doubt=cell.doubt or OVERLAID)


def _placed_cells(rows: Element | None, hidden: set[int]) -> Iterator[tuple[int, int, Element]]:
    """Yield the cells with their rows and columns, which a file may leave to be counted; tell hidden rows."""
    row, count = -1, 0
    for entry in rows if rows is not None else ():
        number = entry.get("r", "")
        row = int(number) - 1 if number.isdecimal() and 0 < int(number) < 1 << 21 else row + 1
        if entry.get("hidden", "0") in ON or entry.get("ht") == "0":
            hidden.add(row)
        col = -1
        for element in entry:
            place = _place(element.get("r", ""))
            col = place[1] if place else col + 1
            count += 1
            require_few_cells(count)
            yield row, col, element


def _place(reference: str) -> tuple[int, int] | None:
    """Return the row and the column of a reference such as C14; None where it is none."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    col = 0
    for letter in found[1].upper():
        col = col * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, col - 1


def _range(reference: str) -> _Range | None:
    """Return the first row and column and the last of a range such as A1:G1; None where it is none."""
    first, _, last = reference.partition(":")
    begin, end = _place(first), _place(last or first)
    if begin is None or end is None:
        return None
    return min(begin[0], end[0]), min(begin[1], end[1]), max(begin[0], end[0]), max(begin[1], end[1])


def _is_within(row: int, col: int, area: _Range) -> bool:
    """Whether a cell lies in a range."""
    return area[0] <= row <= area[2] and area[1] <= col <= area[3]


def _hidden_cols(listed: Element | None, used: set[int]) -> frozenset[int]:
    """Return those of the used columns that are hidden, or have no width."""
    spans = []
    for entry in listed if listed is not None else ():
        first, last = entry.get("min", ""), entry.get("max", "")
        is_hidden = entry.get("hidden", "0") in ON or entry.get("width") in ("0", "0.0")
        if is_hidden and first.isdecimal() and last.isdecimal():
            spans.append((int(first) - 1, int(last) - 1))
    last_used, reached = max(used, default=-1), 0
    hidden: set[int] = set()
    for begin, end in sorted(spans):
        hidden.update(range(max(begin, reached), min(end, last_used) + 1))
        reached = max(reached, end + 1)
    return frozenset(hidden)


# ---------------------------------------------------------------------- cell


def _cell(element: Element, book: _Book, *, shows_zeros: bool) -> SheetCell:
    """Return a cell as it is shown."""
    style = book.styles.of(element.get("s", ""))
    seen = _seen(element, style, book, shows_zeros=shows_zeros)
    formula = child(element, "f")
    doubt = seen.doubt
    if formula is not None and not book.is_calculated and any(map(str.isdigit, seen.text)):
        doubt = doubt or NOT_CALCULATED
    return SheetCell(seen.text, doubt, style.font.size, style.is_ruled, style.spreads)


def _seen(element: Element, style: CellStyle, book: _Book, *, shows_zeros: bool) -> SetText:
    """Return the text that is seen in a cell."""
    kind, value = element.get("t", "n"), child(element, "v")
    stored = "" if value is None else value.text or ""
    formula = child(element, "f")
    if kind == "inlineStr":
        written = child(element, "is")
        return _texts_to_seen([] if written is None else _runs(written), style)
    is_stored = value is not None and (bool(stored.strip()) or kind == "str")
    if formula is not None and not is_stored:
        return SetText(f"={(formula.text or '').strip()}", NO_VALUE)
    if kind == "s":
        at = int(stored) if stored.strip().isdecimal() else -1
        if not 0 <= at < len(book.texts):
            return SetText("", NO_TEXT_STORED)
        return _texts_to_seen(book.texts[at], style)
    if kind == "b":
        return _texts_to_seen([Run("TRUE" if stored.strip() == "1" else "FALSE")], style)
    if kind in ("str", "e", "d"):
        return _texts_to_seen([Run(_unescaped(stored))], style)
    if not stored.strip():
        return SetText("")
    return _number_to_seen(stored.strip(), style, book, shows_zeros=shows_zeros)


def _texts_to_seen(runs: Sequence[Run], style: CellStyle) -> SetText:
    """Return a string as it is seen; one in a single font may have a format that says more around it."""
    if len(runs) == 1:
        runs = [runs[0]._replace(text=text_to_shown(runs[0].text, style.code))]
    return runs_to_seen(runs, style.font, style.ground)


def _number_to_seen(stored: str, style: CellStyle, book: _Book, *, shows_zeros: bool) -> SetText:
    """Return a number as it is seen."""
    try:
        value = float(stored)
    except ValueError:
        return _texts_to_seen([Run(stored)], style)
    if not isfinite(value):
        return SetText(stored, NO_NUMBER)
    if not value and not shows_zeros:
        return SetText("")
    shown = number_to_shown(value, style.code, since_1904=book.since_1904)
    seen = runs_to_seen([Run(shown.text)], style.font, style.ground)
    hides = FORMAT_HIDES if value and not shown.text else ""
    return SetText(seen.text, "; ".join(filter(None, (shown.doubt, seen.doubt, hides))))


# ---------------------------------------------------------------- over sheets


def _over_sheet(
    package: XmlPackage, part: str
) -> tuple[dict[int, list[str | FlowPicture]], int, list[_Range]]:
    """Return what lies over a sheet, by the rows at which it begins: the texts of boxes, and pictures.

    Of pictures that the file does not hold, how many they are; and the ranges of cells over which all lie.
    """
    notes: dict[int, list[str | FlowPicture]] = {}
    others = 0
    areas: list[_Range] = []
    for relation in package.relations(part).values():
        if relation.kind != "drawing" or relation.target not in package:
            continue
        named = package.relations(relation.target)
        for anchor in package.part(relation.target):
            area = _anchor_range(anchor)
            at = area[0] if area else 0
            pictures = [element for element in anchor.iter() if local(element) == "blip"]
            for picture in pictures:
                target = named.get(attribute(picture, "embed"))
                if target is None or target.target not in package:
                    others += 1
                    continue
                load = partial(picture_bytes, package.path, target.target)
                notes.setdefault(at, []).append(FlowPicture(0, load))
            shapes = (element for element in anchor.iter() if local(element) == "sp")
            if lines := [line for shape in shapes for line in _lines(shape)]:
                notes.setdefault(at, []).extend(lines)
            is_drawn = lines or pictures or any(local(element) == "pic" for element in anchor.iter())
            if area and is_drawn:
                areas.append(area)
    return notes, others, areas


def _anchor_range(anchor: Element) -> _Range | None:
    """Return the cells over which something lies; None where the file does not say so."""
    begin, end = child(anchor, "from"), child(anchor, "to")
    first = [_whole(begin, name) for name in ("row", "col")]
    if begin is None:
        return None
    last = first
    if end is not None:  # where it ends at the edge of a cell, it does not lie over that one
        last = [
            _whole(end, name) - (_whole(end, f"{name}Off") < _OVERLAID_MIN_OFFSET) for name in ("row", "col")
        ]
    return first[0], first[1], max(first[0], last[0]), max(first[1], last[1])


def _whole(element: Element | None, name: str) -> int:
    """Return a whole number that an element holds; 0 where it holds none."""
    found = child(element, name)
    written = "" if found is None else (found.text or "").strip()
    return int(written) if written.isdecimal() else 0


def _lines(shape: Element) -> Iterator[str]:
    """Yield the paragraphs of a text box that is not hidden."""
    if any(local(element) == "cNvPr" and element.get("hidden") in ON for element in shape.iter()):
        return
    for paragraph in shape.iter():
        if local(paragraph) == "p":
            text = "".join(part.text or "" for part in paragraph.iter() if local(part) == "t").strip()
            if text:
                yield text
