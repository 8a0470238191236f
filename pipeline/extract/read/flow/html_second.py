"""Read the tables of a web page a second time, by lxml: another parser, another walk, other spans.

It is asked for cells that are in doubt. It knows less of what a browser does than the first reader: what it
reads otherwise is not confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import count

from lxml import etree

from pipeline.extract.read.flow.blocks import FlowCell, FlowTable
from pipeline.extract.read.flow.html_look import PLAIN, Look, child_look, has_gap
from pipeline.extract.read.flow.html_selectors import Named, Selectors
from pipeline.extract.read.flow.html_styles import (
    SheetsTooLongError,
    merged,
    sheets_to_rules,
    text_to_declarations,
)

_SPAN_MAX = 1000
"""Count. No cell is wider or higher."""

_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "input", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_SILENT = frozenset({
    "audio", "canvas", "head", "noscript", "object", "rp", "rt", "script", "select", "style", "svg",
    "template", "title", "video",
})  # fmt: skip
_LOOSE = "rows"
"""The kind of a section that the source does not name."""

_ROLES = {
    "table": "table", "thead": "thead", "tbody": "tbody", "tfoot": "tfoot", "tr": "row", "td": "cell",
    "th": "cell",
}  # fmt: skip
_CELL_BEGIN = re.compile("<(?=t[dh][ >/])")
_ATTRIBUTE = re.compile('([^\\s="]+)="([^"]*)"')
_UNSEEN = re.compile("[\xad\ufeff\u200b-\u200f]+")
_END, _RAISED_BEGIN, _RAISED_END = "\x00", "\x01", "\x02"
"""Stand in the words of a cell for the end of a paragraph, and for what is raised between the two."""


class _Kind:
    """What is known of all elements that are written alike and stand within alike ones.

    It is found once: pages write the same of most of their cells. `kids` has the kinds of elements within, by
    their tags as they are written, `cells` the cells within, None for one that is not shown. `before` and
    `after` are what it puts into the words of a cell. `role` is what it is of a table, "" where it is nothing of one.
    """

    __slots__ = (
        "above", "after", "attributes", "before", "cells", "gone", "kids", "look", "named", "role", "shows",
    )  # fmt: skip

    def __init__(self, above: _Kind | None, named: Named, look: Look, *, is_apart: bool = False) -> None:
        tag, attributes = named.tag, named.attributes
        self.above = above
        self.named = named
        self.role = "" if look.gone else _ROLES.get(tag, "")
        self.attributes = attributes
        self.look = look
        self.gone = look.gone
        self.shows = look.shows and not look.is_pale
        self.before = self.after = " " if is_apart else ""
        if look.raised and not (above and above.look.raised):
            self.before, self.after = _RAISED_BEGIN + self.before, self.after + _RAISED_END
        if tag == "br" and not look.gone:
            self.before = "\n"
        elif tag == "input" and look.shows and attributes.get("type", "text") in ("text", "number", "tel"):
            self.before = f" {attributes.get('value', '')} "
        elif tag not in _INLINE and not look.gone:
            self.before, self.after = _END + self.before, self.after + _END
        self.kids: dict[str, _Kind] = {}
        self.cells: dict[str, _Cell | None] = {}

    def path(self) -> list[Named]:
        """Return what selectors ask of it and of all that it stands in, the outermost first."""
        found, kind = [self.named], self.above
        while kind:
            found.append(kind.named)
            kind = kind.above
        return found[::-1]


class _Cell:
    """A cell: the rows and columns it asks for, and what was read in it; `text` is known when it is left."""

    __slots__ = ("height", "tables", "text", "width", "words")

    def __init__(self, attributes: dict[str, str]) -> None:
        self.height, self.width = _asked(attributes, "rowspan"), _asked(attributes, "colspan")
        self.text = ""
        self.words: list[str] = []
        self.tables: list[FlowTable] = []


class _Table:
    """A table that is being read, in sections of rows."""

    __slots__ = ("number", "sections")

    def __init__(self, number: int) -> None:
        self.number = number
        self.sections: list[tuple[str, list[list[_Cell]]]] = []

    def rows(self, *, anew: bool) -> list[list[_Cell]]:
        """Return the rows of the section that is being read; the last is open, or new where asked."""
        if not self.sections:
            self.sections.append((_LOOSE, []))
        rows = self.sections[-1][1]
        if anew or not rows:
            rows.append([])
        return rows


def text_to_tables(text: str) -> list[FlowTable]:
    """Return the tables that lxml reads in the text of a page, but for those that only lay it out."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace") or b"<p>", parser)
    return _SecondWalk(root).run() if root is not None else []


class _SecondWalk:
    """One walk over a page as lxml writes it out: every element closed, nothing but text beside the tags."""

    def __init__(self, root: etree._Element) -> None:
        sheets = [("".join(one.itertext()), one.get("media", "")) for one in root.iter("style")]
        try:
            self._selectors = Selectors(sheets_to_rules(sheets))
        except SheetsTooLongError:
            self._selectors = Selectors(())
        etree.strip_elements(root, "script", "style", with_tail=False)
        self._markup = etree.tostring(root, encoding="unicode")
        self._path = [_Kind(None, Named("", "", frozenset(), {}), PLAIN)]
        self._cells: list[_Cell] = []
        self._open_tables: list[_Table] = []
        self._tables: list[FlowTable] = []
        self._numbers = count(1)

    def run(self) -> list[FlowTable]:
        """Return the tables of the page."""
        before, *parts = _CELL_BEGIN.split(self._markup)
        self._read(before)
        for part in parts:
            end = part[:2].join(("</", ">"))
            markup, closed, rest = part.partition(end)
            is_alone = markup.partition(">")[0].endswith("/")
            if closed and self._open_tables and not is_alone and "<table" not in markup:
                self._take_cell(markup, end)
                self._read(rest)
            else:
                self._read("<" + part)
        return self._tables

    def _take_cell(self, markup: str, end: str) -> None:
        """Take a cell without a table in it; of those that are written alike each is read once."""
        known = self._path[-1].cells
        if markup in known:
            if cell := known[markup]:
                self._open_tables[-1].rows(anew=False)[-1].append(cell)
            return
        before = self._open_tables[-1].rows(anew=False)[-1]
        count_before = len(before)
        self._read(f"<{markup}{end}")
        known[markup] = before[-1] if len(before) > count_before else None

    def _read(self, markup: str) -> None:
        """Read a piece of the page."""
        text, *pieces = markup.split("<")
        if text:
            self._say(text)
        for piece in pieces:
            tag, _, text = piece.partition(">")
            if tag[0] == "/":
                self._up()
            elif tag[-1] == "/":
                self._down(tag[:-1].rstrip())
                self._up()
            else:
                self._down(tag)
            if text:
                self._say(text)

    def _kind(self, above: _Kind, written: str) -> _Kind:
        """Return what is known of an element with this tag, within another."""
        tag, _, rest = written.partition(" ")
        tag = tag.lower()
        attributes = {name.lower(): unescape(value) for name, value in _ATTRIBUTE.findall(rest)}
        named = Named(
            tag, attributes.get("id", ""), frozenset(attributes.get("class", "").split()), attributes
        )
        layers = self._selectors.said([*above.path(), named])[0] if self._selectors else ()
        said = merged(*layers, text_to_declarations(attributes.get("style", "")))
        look = child_look(above.look, tag, attributes, said)
        if tag in _SILENT or (tag in ("dialog", "details") and "open" not in attributes):
            look = look._replace(gone=True, shows=False)
        return _Kind(above, named, look, is_apart=tag in _INLINE and has_gap(said))

    def _down(self, written: str) -> None:
        """Go into an element."""
        above = self._path[-1]
        kind = above.kids.get(written)
        if kind is None:
            kind = above.kids[written] = self._kind(above, written)
        self._path.append(kind)
        if kind.before and self._cells:
            self._cells[-1].words.append(kind.before)
        if kind.role:
            self._open(kind, above)

    def _open(self, kind: _Kind, above: _Kind) -> None:
        """Go into a part of a table."""
        if kind.role == "table":
            self._open_tables.append(_Table(next(self._numbers)))
        elif kind.role == "cell":
            self._cells.append(_Cell(kind.attributes))
        elif self._open_tables:
            table = self._open_tables[-1]
            if kind.role != "row":
                table.sections.append((kind.role, []))
                return
            if above.role == "table" and table.sections and table.sections[-1][0] != _LOOSE:
                table.sections.append((_LOOSE, []))
            table.rows(anew=True)

    def _up(self) -> None:
        """Go out of the element that is being read."""
        kind = self._path.pop()
        if kind.role == "table":
            self._end_table(self._open_tables.pop())
        elif kind.role == "cell":
            self._end_cell(self._cells.pop())
        if kind.after and self._cells:
            self._cells[-1].words.append(kind.after)

    def _end_cell(self, cell: _Cell) -> None:
        """Go out of a cell."""
        cell.text = _words_to_text(cell.words)
        if self._open_tables:
            self._open_tables[-1].rows(anew=False)[-1].append(cell)
        elif self._cells:
            self._cells[-1].words.append(cell.text)

    def _end_table(self, table: _Table) -> None:
        """Go out of a table: it is one of the page or of the cell that it stands in."""
        cells = [cell for _, rows in table.sections for row in rows for cell in row]
        found = _table_to_tables(table, cells)
        if self._cells:
            self._cells[-1].tables += found
            self._cells[-1].words += [f"{_END}{cell.text}{_END}" for cell in cells]
        else:
            self._tables += found

    def _say(self, text: str) -> None:
        """Read a text within the element that is being read."""
        if not self._cells:
            return
        kind, words = self._path[-1], self._cells[-1].words
        is_blank = text.isspace()
        if not kind.shows:
            if not is_blank and not kind.gone:
                words.append(" ")
            return
        if "&" in text:
            text = unescape(text)
        words.append(text if kind.look.kept else " " if is_blank else text.replace("\n", " "))


def _words_to_text(words: list[str]) -> str:
    """Return the text of a cell, a line for each paragraph and each line that is broken on purpose."""
    paragraphs = "".join(words).split(_END)
    return "\n".join(seen for text in paragraphs if text and not text.isspace() and (seen := _seen(text)))


def _seen(text: str) -> str:
    """Return a text with its blanks joined, without raised marks and characters that are not seen."""
    if "\x01" in text:
        text = "".join(_without_raised(text))
    text = _UNSEEN.sub("", text)
    if "\n" not in text:
        return " ".join(text.split())
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n".join(filter(None, lines))


def _without_raised(text: str) -> Iterator[str]:
    """Yield a text without raised marks, where anything else stands beside them."""
    level = [part.partition("\x02") for part in text.split("\x01")]
    plain = level[0][0] + "".join(after for _, _, after in level[1:])
    for place, (raised, _, after) in enumerate(level):
        if place == 0:
            yield raised
        else:
            yield (" " if plain.strip() else raised) + after


def _table_to_tables(table: _Table, cells: list[_Cell]) -> list[FlowTable]:
    """Return a table as one, or those that its cells hold where it lays out the page."""
    within = [one for cell in cells for one in cell.tables]
    filled = sum(bool(cell.text or cell.tables) for cell in cells)
    if filled <= 1 or sum(len(one.cells) for one in within) > filled:
        return within
    placed: list[FlowCell] = []
    top = 0
    for rows in _as_drawn(table.sections):
        placed += _placed(rows, top)
        top += len(rows)
    return [FlowTable(table.number, tuple(placed))]


def _as_drawn(sections: list[tuple[str, list[list[_Cell]]]]) -> list[list[list[_Cell]]]:
    """Return the sections of a table from the top: the first head goes before all, the first foot behind."""
    heads = [rows for kind, rows in sections if kind == "thead"][:1]
    feet = [rows for kind, rows in sections if kind == "tfoot"][:1]
    return [*heads, *(rows for _, rows in sections if not any(rows is one for one in (*heads, *feet))), *feet]


def _placed(rows: list[list[_Cell]], top: int) -> Iterator[FlowCell]:
    """Yield the cells of a section: each takes the first free place of its row, and what it spans."""
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        col = 0
        for cell in cells:
            while (row, col) in taken:
                col += 1
            height = min(cell.height or len(rows), len(rows) - row)
            width = next((at for at in range(1, cell.width) if (row, col + at) in taken), max(1, cell.width))
            if height > 1:
                taken |= {(row + down, col + right) for down in range(height) for right in range(width)}
            yield FlowCell(top + row, col, height, width, cell.text)
            col += width


def _asked(attributes: dict[str, str], name: str) -> int:
    """Return the rows or columns that a cell asks for."""
    if name not in attributes:
        return 1
    digits = ""
    for char in attributes[name].strip().removeprefix("+"):
        if char not in "0123456789":
            break
        digits += char
    return min(int(digits), _SPAN_MAX) if digits and len(digits) < 8 else 1
