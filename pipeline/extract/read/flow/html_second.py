"""Read the tables of a web page a second time, by lxml: another parser, another walk, other spans.

It is asked for cells that are in doubt. It knows less of what a browser does than the first reader: what it
reads otherwise is not confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from itertools import count
from typing import NamedTuple

from lxml import etree

from pipeline.extract.read.flow.aligned_rows import align_rows
from pipeline.extract.read.flow.blocks import FlowCell, FlowTable
from pipeline.extract.read.flow.html_look import PLAIN, Look, child_look, has_gap
from pipeline.extract.read.flow.html_selectors import Named, Selectors
from pipeline.extract.read.flow.html_styles import (
    Declarations,
    SheetsTooLongError,
    merged,
    sheets_to_rules,
    text_to_declarations,
)

_SPAN_MAX = 1000
"""Count. No cell is wider or higher."""

_CACHED_KINDS_MAX = 4096
"""Count. As many tags are kept in memory with what they say: pages of one site are written alike."""

_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "input", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_SILENT = frozenset({
    "audio", "canvas", "head", "noscript", "object", "rp", "rt", "script", "select", "style", "svg",
    "template", "title", "video",
})  # fmt: skip
_INPUTS = frozenset({"text", "number", "tel", "button", "submit"})
_LOOSE = "rows"
"""The kind of a section that the source does not name."""

_ROLES = {
    "table": "table", "thead": "thead", "tbody": "tbody", "tfoot": "tfoot", "tr": "row", "td": "cell",
    "th": "cell",
}  # fmt: skip
_CELL_BEGIN = re.compile("<(?=t[dh][ >/])")
_TAG = re.compile("(<[^>]*>)")
_ATTRIBUTE = re.compile('([^\\s="]+)="([^"]*)"')
_UNSEEN = re.compile("[\xad\ufeff\u200b-\u200f]+")
_END, _RAISED_BEGIN, _RAISED_END, _BREAK = "\x00", "\x01", "\x02", "\x03"
"""Stand in the words of a cell for the end of a paragraph, the two of what is raised, and a broken line."""


class _Kind(NamedTuple):
    """What is known of all elements that are written alike and stand within alike ones.

    `role` is what it is of a table, "" where it is nothing of one, or not there at all (`gone`). `before` and
    `after` are what it puts into the words of a cell.
    """

    look: Look
    role: str
    gone: bool
    shows: bool
    before: str
    after: str
    height: int
    width: int


class _Within:
    """What stands within elements that are seen alike, each kind of it found once.

    Pages write the same of most of their cells. `path` are those of the elements around it of which a style
    sheet asks. `kids` has the elements by their tags as they are written, `cells` the cells with all that
    stands in them, None for one that is not shown. `shapes` has by the tags of a cell its kind, and what they
    put between its texts, None where not all of these are shown.
    """

    __slots__ = ("cells", "kids", "look", "path", "shapes")

    def __init__(self, look: Look, path: tuple[Named, ...]) -> None:
        self.look = look
        self.path = path
        self.kids: dict[str, _Place] = {}
        self.cells: dict[str, _Cell | None] = {}
        self.shapes: dict[tuple[str, ...], tuple[_Kind, list[str] | None]] = {}


_Place = tuple[_Kind, _Within]
"""Where the walk is: an element, and what stands within it."""


class _Cell:
    """A cell: the rows and columns it asks for, and what was read in it; `text` is known when it is left."""

    __slots__ = ("height", "tables", "text", "width", "words")

    def __init__(self, kind: _Kind, text: str = "") -> None:
        self.height, self.width = kind.height, kind.width
        self.text = text
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
        self._path: list[_Place] = [(_kind("", {}, PLAIN, PLAIN), _Within(PLAIN, ()))]
        self._within: dict[tuple[object, ...], _Within] = {}
        self._cells: list[_Cell] = []
        self._open_tables: list[_Table] = []
        self._tables: list[FlowTable] = []
        self._numbers = count(1)

    def run(self) -> list[FlowTable]:
        """Return the tables of the page."""
        before, *parts = _CELL_BEGIN.split(self._markup)
        self._read(before)
        for part in parts:
            markup, end, rest = part.partition(f"</{part[:2]}>")
            is_whole = end and not markup.partition(">")[0].endswith("/") and "<table" not in markup
            if is_whole and self._open_tables:
                self._take_cell(f"<{markup}{end}")
                self._read(rest)
            else:
                self._read("<" + part)
        return self._tables

    def _take_cell(self, markup: str) -> None:
        """Take a cell without a table in it; of those that are written alike each is read once."""
        row, known = self._open_tables[-1].rows(anew=False)[-1], self._path[-1][1].cells
        if markup not in known:
            known[markup] = self._read_cell(markup)
        if cell := known[markup]:
            row.append(cell)

    def _read_cell(self, markup: str) -> _Cell | None:
        """Return a cell without a table in it; None where it is not shown.

        Most have the same tags as others and other numbers: what tags put between the texts is found once.
        """
        parts = _TAG.split(markup)
        tags, shapes = tuple(parts[1::2]), self._path[-1][1].shapes
        if tags not in shapes:
            shapes[tags] = self._shape(tags)
        cell, between = shapes[tags]
        if between is None:
            row = self._open_tables[-1].rows(anew=False)[-1]
            self._read(markup)
            return row.pop() if cell.role else None
        parts[1::2] = between
        text = "".join(parts)
        return _Cell(cell, _words_to_text(unescape(text)))

    def _shape(self, tags: tuple[str, ...]) -> tuple[_Kind, list[str] | None]:
        """Return the kind of a cell, and what its tags put between its texts, as in `shapes`."""
        path, between, is_plain = [self._path[-1]], [], True
        for tag in tags:
            if tag[1] == "/":
                between.append(path.pop()[0].after)
                continue
            place = self._kid(path[-1][1], tag[1:-1].rstrip("/ "))
            kind = place[0]
            is_plain = is_plain and kind.shows and not kind.look.kept and kind.role in ("", "cell")
            between.append(kind.before)
            if tag[-2] == "/":
                between[-1] += kind.after
            else:
                path.append(place)
        cell = self._kid(self._path[-1][1], tags[0][1:-1])[0]
        return cell, between if is_plain and cell.role else None

    def _kid(self, within: _Within, written: str) -> _Place:
        """Return an element with this tag within others."""
        if written not in within.kids:
            within.kids[written] = self._meet(within, written)
        return within.kids[written]

    def _read(self, markup: str) -> None:
        """Read a piece of the page, in the cell that is open, if any: of what stands beside cells no text."""
        path, cells = self._path, self._cells
        text, *pieces = markup.split("<")
        if text and cells:
            self._say(text)
        for piece in pieces:
            tag, _, text = piece.partition(">")
            is_end, is_alone = tag[0] == "/", tag[-1] == "/"
            if not is_end:
                above, within = path[-1]
                written = tag[:-1].rstrip() if is_alone else tag
                place = self._kid(within, written)
                path.append(place)
                kind = place[0]
                if kind.before and cells:
                    cells[-1].words.append(kind.before)
                if kind.role:
                    self._open(kind, above)
            if is_end or is_alone:
                kind, _ = path.pop()
                if kind.role:
                    self._close(kind)
                if kind.after and cells:
                    cells[-1].words.append(kind.after)
            if text and cells:
                self._say(text)

    def _meet(self, above: _Within, written: str) -> _Place:
        """Return an element with this tag that is met within others for the first time."""
        kind, path = _tag_to_kind(above.look, written, ()), above.path
        if self._selectors:
            tag, attributes = _parted(written)
            named = Named(
                tag, attributes.get("id", ""), frozenset(attributes.get("class", "").split()), attributes
            )
            if layers := self._selectors.said([*path, named])[0]:
                kind = _tag_to_kind.__wrapped__(above.look, written, layers)
            if self._selectors.ask(named):
                return kind, _Within(kind.look, (*path, named))
        key = (kind.look, *map(id, path))
        if key not in self._within:
            self._within[key] = _Within(kind.look, path)
        return kind, self._within[key]

    def _open(self, kind: _Kind, above: _Kind) -> None:
        """Go into a part of a table."""
        if kind.role == "table":
            self._open_tables.append(_Table(next(self._numbers)))
        elif kind.role == "cell":
            self._cells.append(_Cell(kind))
        elif self._open_tables:
            table = self._open_tables[-1]
            if kind.role != "row":
                table.sections.append((kind.role, []))
                return
            if above.role == "table" and table.sections and table.sections[-1][0] != _LOOSE:
                table.sections.append((_LOOSE, []))
            table.rows(anew=True)

    def _close(self, kind: _Kind) -> None:
        """Go out of a part of a table."""
        if kind.role == "table":
            self._end_table(self._open_tables.pop())
        elif kind.role == "cell":
            self._end_cell(self._cells.pop())

    def _end_cell(self, cell: _Cell) -> None:
        """Go out of a cell."""
        cell.text = _words_to_text("".join(cell.words))
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
            self._cells[-1].words += [_END + cell.text.replace("\n", _END) + _END for cell in cells]
        else:
            self._tables += found

    def _say(self, text: str) -> None:
        """Read a text in a cell, within the element that is being read."""
        kind, words = self._path[-1][0], self._cells[-1].words
        if not kind.shows:
            words.append(" " if not kind.gone else "")
        else:
            text = unescape(text)
            words.append(text.replace("\n", _BREAK) if kind.look.kept else text)


def _parted(written: str) -> tuple[str, dict[str, str]]:
    """Return the name and the attributes of a tag."""
    tag, _, rest = written.partition(" ")
    return tag.lower(), {name.lower(): unescape(value) for name, value in _ATTRIBUTE.findall(rest)}


@lru_cache(maxsize=_CACHED_KINDS_MAX)
def _tag_to_kind(within: Look, written: str, layers: Sequence[Declarations]) -> _Kind:
    """Return what is known of an element of which style sheets say `layers`."""
    tag, attributes = _parted(written)
    said = merged(*layers, text_to_declarations(attributes.get("style", "")))
    look = child_look(within, tag, attributes, said)
    if tag in _SILENT or (tag in ("dialog", "details") and "open" not in attributes):
        look = look._replace(gone=True, shows=False)
    return _kind(tag, attributes, look, within, is_apart=tag in _INLINE and has_gap(said))


def _kind(tag: str, attributes: dict[str, str], look: Look, within: Look, *, is_apart: bool = False) -> _Kind:
    """Return what is known of an element."""
    before = after = " " if is_apart else ""
    if look.raised and not within.raised:
        before, after = _RAISED_BEGIN + before, after + _RAISED_END
    if tag == "br" and not look.gone:
        before = _BREAK
    elif tag == "input" and look.shows and attributes.get("type", "text").lower() in _INPUTS:
        before = f" {attributes.get('value', '')} "
    elif tag not in _INLINE and not look.gone:
        before, after = _END + before, after + _END
    role = "" if look.gone else _ROLES.get(tag, "")
    shows = look.shows and not look.is_pale
    spans = (_asked(attributes, "rowspan"), max(1, _asked(attributes, "colspan")))
    return _Kind(look, role, look.gone, shows, before, after, *spans)


def _words_to_text(words: str) -> str:
    """Return the text of a cell, a line for each paragraph and each line that is broken on purpose."""
    return "\n".join(filter(None, map(_seen, words.split(_END))))


def _seen(text: str) -> str:
    """Return a text with its blanks joined, without raised marks and characters that are not seen."""
    if _RAISED_BEGIN in text:
        text = "".join(_without_raised(text))
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    if _BREAK not in text:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split(_BREAK))))


def _without_raised(text: str) -> Iterator[str]:
    """Yield a text without raised marks, where anything else stands beside them."""
    level = [part.partition(_RAISED_END) for part in text.split(_RAISED_BEGIN)]
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
    return [FlowTable(table.number, align_rows(placed))]


def _as_drawn(sections: list[tuple[str, list[list[_Cell]]]]) -> list[list[list[_Cell]]]:
    """Return the sections of a table from the top: the first head goes before all, the first foot behind."""
    heads = [rows for kind, rows in sections if kind == "thead"][:1]
    feet = [rows for kind, rows in sections if kind == "tfoot"][:1]
    return [*heads, *(rows for _, rows in sections if not any(rows is one for one in (*heads, *feet))), *feet]


def _placed(rows: list[list[_Cell]], top: int) -> Iterator[FlowCell]:
    """Yield the cells of a section: each takes the first free place of its row, and what it spans."""
    until: dict[int, int] = {}  # by column, the row before which a cell from above stands in it
    for row, cells in enumerate(rows):
        col = 0
        for cell in cells:
            while until.get(col, 0) > row:
                col += 1
            height = min(cell.height or len(rows), len(rows) - row)
            width = next((at for at in range(1, cell.width) if until.get(col + at, 0) > row), cell.width)
            if height > 1:
                until |= dict.fromkeys(range(col, col + width), row + height)
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
