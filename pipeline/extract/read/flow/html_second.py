"""Read a web page a second time, by lxml: another parser, another walk, another way to expand spans.

It is asked for cells that are in doubt. It knows less of what a browser does than the first reader: what it
reads otherwise is not confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from lxml import etree

from pipeline.extract.read.flow.blocks import FlowCell, FlowTable
from pipeline.extract.read.flow.html_look import PLAIN, Look, child_look, has_gap
from pipeline.extract.read.flow.html_page import (
    ROOT,
    PageBlock,
    PageHolder,
    PageParagraph,
    PageTable,
    WebPage,
)
from pipeline.extract.read.flow.html_parts import is_around
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
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
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

_CELLS = frozenset({"td", "th"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_UNSEEN = re.compile("[\xad\ufeff\u200b-\u200f]+")


class _Kind:
    """What is known of all elements that are written alike and stand within alike ones.

    It is found once: pages write the same of most of their cells. `kids` has the kinds of elements within, by
    the tag and the attributes as they are written.
    """

    __slots__ = (
        "above",
        "attributes",
        "gone",
        "is_apart",
        "is_around",
        "is_block",
        "is_input",
        "kids",
        "linked",
        "look",
        "named",
        "raises",
        "shows",
        "tag",
    )

    def __init__(self, above: _Kind | None, named: Named, look: Look, *, is_apart: bool = False) -> None:
        tag, attributes = named.tag, named.attributes
        self.above = above
        self.named = named
        self.tag = tag
        self.attributes = attributes
        self.look = look
        self.gone = look.gone
        self.shows = look.shows and not look.is_pale
        self.linked = look.linked
        self.is_apart = is_apart
        self.is_block = tag not in _INLINE and tag != "br" and not look.gone
        names = f"{attributes.get('id', '')} {attributes.get('class', '')}"
        self.is_around = self.is_block and is_around(tag, names, attributes.get("role", ""))
        self.is_input = tag == "input" and look.shows and attributes.get("type", "text").lower() in _INPUTS
        self.raises = look.raised and not (above and above.look.raised)
        self.kids: dict[tuple[object, ...], _Kind] = {}

    def path(self) -> list[Named]:
        """Return what selectors ask of it and of all that it stands in, the outermost first."""
        found, kind = [self.named], self.above
        while kind:
            found.append(kind.named)
            kind = kind.above
        return found[::-1]


class _Node:
    """A cell, a table or the page: what was read of it."""

    __slots__ = ("attributes", "blocks", "linked", "number", "sections", "size", "words")

    def __init__(self, attributes: dict[str, str], number: int = 0) -> None:
        self.attributes = attributes
        self.number = number
        self.blocks: list[PageBlock] = []
        self.words: list[str] = []
        self.linked = 0
        self.size = PLAIN.size
        self.sections: list[tuple[str, list[list[_Node]]]] = []


_Place = tuple[_Kind, int, _Node, _Node | None]
"""Where the walk is: an element, its holder, the cell or page whose text is read, and the table."""


def text_to_page(text: str) -> WebPage:
    """Return what lxml reads of the text of a page."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace") or b"<p>", parser)
    return _SecondWalk(root).run() if root is not None else WebPage()


class _SecondWalk:
    """One walk over a tree of lxml."""

    def __init__(self, root: etree._Element) -> None:
        self.page = WebPage()
        self._root = root
        sheets = [("".join(one.itertext()), one.get("media", "")) for one in root.iter("style")]
        try:
            self._selectors = Selectors(sheets_to_rules(sheets))
        except SheetsTooLongError:
            self._selectors = Selectors(())
        self._path: list[_Place] = []
        self._numbers = count(1)

    def run(self) -> WebPage:
        """Return what is seen of the page."""
        title = self._root.find(".//title")
        self.page.title = " ".join("".join(title.itertext()).split()) if title is not None else ""
        for meta in self._root.iter("meta"):
            if meta.get("name") and meta.get("content"):
                self.page.names.setdefault(meta.get("name").lower(), " ".join(meta.get("content").split()))
        top = _Node({})
        self._path.append((_Kind(None, Named("", "", frozenset(), {}), PLAIN), ROOT, top, None))
        for event, element in etree.iterwalk(self._root, events=("start", "end")):
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                self._down(element)
                text = element.text
            else:
                self._up()
                text = element.tail
            if text:
                self._say(text)
        _end_words(top, self._path[0])
        self.page.blocks = top.blocks
        return self.page

    def _kind(self, above: _Kind, tag: str, written: Sequence[tuple[str, str]]) -> _Kind:
        """Return what is known of an element with these attributes, within another."""
        tag = tag.rpartition("}")[2].lower()
        attributes = {str(name).lower(): str(value) for name, value in written}
        named = Named(
            tag, attributes.get("id", ""), frozenset(attributes.get("class", "").split()), attributes
        )
        layers = self._selectors.said([*above.path(), named])[0] if self._selectors else ()
        said = merged(*layers, text_to_declarations(attributes.get("style", "")))
        look = child_look(above.look, tag, attributes, said)
        if tag in _SILENT or (tag in ("dialog", "details") and "open" not in attributes):
            look = look._replace(gone=True, shows=False)
        return _Kind(above, named, look, is_apart=tag in _INLINE and has_gap(said))

    def _down(self, element: etree._Element) -> None:
        """Go into an element."""
        above, holder, flow, table = self._path[-1]
        written = element.items()
        key = (element.tag, *written)
        kind = above.kids.get(key)
        if kind is None:
            kind = above.kids[key] = self._kind(above, element.tag, written)
        tag = kind.tag
        if kind.is_block:
            _end_words(flow, self._path[0])
            self.page.holders.append(PageHolder(holder, kind.is_around))
            holder = len(self.page.holders) - 1
        elif tag == "br" and not kind.gone:
            flow.words.append("\n")
        elif kind.is_input:
            flow.words.append(f" {kind.attributes.get('value', '')} ")
        elif kind.raises:
            flow.words.append("\x01")
        if kind.is_apart:
            flow.words.append(" ")
        if tag == "table":
            table = _Node(kind.attributes, next(self._numbers))
        elif kind.gone:
            pass
        elif tag in _CELLS:
            flow = _Node(kind.attributes)
        elif table and tag == "tr":
            if above.tag == "table" and table.sections and table.sections[-1][0] != _LOOSE:
                table.sections.append((_LOOSE, []))
            _rows(table, anew=True)
        elif table and tag in _SECTIONS:
            table.sections.append((tag, []))
        self._path.append((kind, holder, flow, table))

    def _up(self) -> None:
        """Go out of the element that is being read."""
        place = self._path.pop()
        kind, holder, cell, own_table = place
        _, _, flow, table = self._path[-1]
        if kind.is_apart:
            flow.words.append(" ")
        if kind.raises:
            flow.words.append("\x02")
        if not kind.is_block:
            return
        if kind.tag in _CELLS:
            _end_words(cell, place)
            if table:
                _rows(table, anew=False)[-1].append(cell)
            else:
                flow.blocks += cell.blocks
        elif kind.tag == "table" and own_table:
            flow.blocks += _table_to_blocks(own_table, holder)
        else:
            _end_words(flow, place)

    def _say(self, text: str) -> None:
        """Read a text within the element that is being read."""
        kind, _, flow, _ = self._path[-1]
        is_blank = text.isspace()
        if not kind.shows:
            if not is_blank and not kind.gone:
                flow.words.append(" ")
            return
        if is_blank and not kind.look.kept:
            flow.words.append(" ")
            return
        flow.words.append(text if kind.look.kept else text.replace("\n", " "))
        if said := text.strip():
            flow.size = kind.look.size
            flow.linked += len(said) if kind.linked else 0


def _rows(table: _Node, *, anew: bool) -> list[list[_Node]]:
    """Return the rows of the section that is being read, the last of them open, or a new one where asked."""
    if not table.sections:
        table.sections.append((_LOOSE, []))
    rows = table.sections[-1][1]
    if anew or not rows:
        rows.append([])
    return rows


def _end_words(flow: _Node, place: _Place) -> None:
    """End the paragraph that is being read; `place` is that of the element in which it stands."""
    if flow.words:
        text = "".join(flow.words)
        flow.words = []
        if not text.isspace() and (whole := _seen(text)):
            kind, holder, _, _ = place
            is_heading = kind.tag in ("h1", "h2", "h3")
            flow.blocks.append(PageParagraph(whole, flow.size, flow.linked, holder, is_heading))
    flow.linked, flow.size = 0, PLAIN.size


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


def _table_to_blocks(table: _Node, holder: int) -> list[PageBlock]:
    """Return a table as one block, or what its cells hold in order where it lays out the page."""
    cells = [cell for _, rows in table.sections for row in rows for cell in row]
    within = [block for cell in cells for block in cell.blocks if isinstance(block, PageTable)]
    filled = [cell for cell in cells if cell.blocks]
    inner = sum(len(block.table.cells) for block in within)
    if len(filled) <= 1 or (within and inner > len(filled)):
        return [block for cell in cells for block in cell.blocks]
    placed: list[FlowCell] = []
    top = 0
    for rows in _as_drawn(table.sections):
        placed += [cell._replace(row=cell.row + top) for cell in _placed(rows)]
        top += len(rows)
    linked = sum(block.linked for cell in cells for block in cell.blocks)
    return [PageTable(FlowTable(table.number, tuple(placed)), linked, holder)] if placed else []


def _as_drawn(sections: list[tuple[str, list[list[_Node]]]]) -> list[list[list[_Node]]]:
    """Return the sections of a table from the top: the first head goes before all, the first foot behind."""
    heads = [rows for kind, rows in sections if kind == "thead"][:1]
    feet = [rows for kind, rows in sections if kind == "tfoot"][:1]
    return [*heads, *(rows for _, rows in sections if not any(rows is one for one in (*heads, *feet))), *feet]


def _placed(rows: list[list[_Node]]) -> Iterator[FlowCell]:
    """Yield the cells of a table: each takes the first free place of its row, and what it spans."""
    free_from: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        places = count()
        for cell in cells:
            col = next(place for place in places if (row, place) not in free_from)
            width, height = _asked(cell, "colspan"), _asked(cell, "rowspan")
            height = min(height or len(rows), len(rows) - row)
            width = next((at for at in range(1, width) if (row, col + at) in free_from), max(1, width))
            if width > 1 or height > 1:
                free_from |= {(row + down, col + right) for down in range(height) for right in range(width)}
            yield FlowCell(row, col, height, width, _text(cell))


def _asked(cell: _Node, name: str) -> int:
    """Return the rows or columns that a cell asks for."""
    if name not in cell.attributes:
        return 1
    digits = ""
    for char in cell.attributes[name].strip().removeprefix("+"):
        if char not in "0123456789":
            break
        digits += char
    return min(int(digits), _SPAN_MAX) if digits and len(digits) < 8 else 1


def _text(cell: _Node) -> str:
    """Return the text of a cell."""
    lines = []
    for block in cell.blocks:
        lines += (
            [block.text]
            if isinstance(block, PageParagraph)
            else [one.text for one in block.table.cells if one.text]
        )
    return "\n".join(lines)
