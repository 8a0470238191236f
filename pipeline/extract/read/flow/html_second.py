"""Read a web page a second time, by lxml: another parser, another walk, another way to expand spans.

It is asked for cells that are in doubt. It knows less of what a browser does than the first reader: what it
reads otherwise is not confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    is_important,
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
_INVISIBLE = re.compile("[\xad\ufeff\u200b-\u200f]")
_LOOSE = "rows"
"""The kind of a section that the source does not name."""

_SPACE = " \t\r\n\f"


class _Node:
    """An element on the way down: its look, and what was read of it."""

    __slots__ = (
        "attributes",
        "blocks",
        "holder",
        "is_apart",
        "linked",
        "look",
        "named",
        "sections",
        "size",
        "tag",
        "words",
    )

    def __init__(self, tag: str, look: Look, named: Named, holder: int) -> None:
        self.tag = tag
        self.look = look
        self.named = named
        self.holder = holder
        self.attributes = named.attributes
        self.blocks: list[PageBlock] = []
        self.words: list[str] = []
        self.linked = 0
        self.size = PLAIN.size
        self.is_apart = False
        self.sections: list[tuple[str, list[list[_Node]]]] = []


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
        self._path: list[_Node] = []
        self._flows: list[_Node] = []
        self._tables: list[_Node] = []
        self._numbers = count(1)
        self._table_numbers: list[int] = []

    def run(self) -> WebPage:
        """Return what is seen of the page."""
        title = self._root.find(".//title")
        self.page.title = " ".join("".join(title.itertext()).split()) if title is not None else ""
        for meta in self._root.iter("meta"):
            if meta.get("name") and meta.get("content"):
                self.page.names.setdefault(meta.get("name").lower(), " ".join(meta.get("content").split()))
        self._path.append(_Node("", PLAIN, Named("", "", frozenset(), {}), ROOT))
        for event, element in etree.iterwalk(self._root, events=("start", "end")):
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                self._down(element)
                self._say(element.text)
            else:
                self._up()
                self._say(element.tail)
        top = self._path[0]
        _end_words(top, top)
        self.page.blocks = top.blocks
        return self.page

    def _down(self, element: etree._Element) -> None:
        """Go into an element."""
        tag = element.tag.rpartition("}")[2].lower()
        attributes = {str(name).lower(): str(value) for name, value in element.attrib.items()}
        named = Named(
            tag, attributes.get("id", ""), frozenset(attributes.get("class", "").split()), attributes
        )
        said = text_to_declarations(attributes.get("style", ""))
        if self._selectors:
            said = merged(*self._selectors.said([*(node.named for node in self._path), named])[0], said)
        elif any(map(is_important, said.values())):
            said = merged(said)
        above = self._path[-1]
        look = child_look(above.look, tag, attributes, said)
        if tag in _SILENT or (tag in ("dialog", "details") and "open" not in attributes):
            look = look._replace(gone=True, shows=False)
        node = _Node(tag, look, named, above.holder)
        flow = self._flow()
        if tag == "table":
            self._table_numbers.append(next(self._numbers))
        if tag not in _INLINE and tag != "br" and not look.gone:
            _end_words(flow, flow)
            names = f"{attributes.get('id', '')} {attributes.get('class', '')}"
            self.page.holders.append(
                PageHolder(above.holder, is_around(tag, names, attributes.get("role", "")))
            )
            node.holder = len(self.page.holders) - 1
        elif tag == "br" and not look.gone:
            flow.words.append("\n")
        elif tag == "input" and look.shows and attributes.get("type", "text") in ("text", "number", "tel"):
            flow.words.append(f" {attributes.get('value', '')} ")
        elif look.raised and not above.look.raised:
            flow.words.append("\x01")
        node.is_apart = tag in _INLINE and has_gap(said)
        if node.is_apart:
            flow.words.append(" ")
        table = self._table() if not look.gone else None
        if table and tag == "tr":
            if above.tag == "table" and table.sections and table.sections[-1][0] != _LOOSE:
                table.sections.append((_LOOSE, []))
            _rows(table, anew=True)
        elif table and tag in ("thead", "tbody", "tfoot"):
            table.sections.append((tag, []))
        self._path.append(node)
        if tag == "table":
            self._tables.append(node)
        elif tag in ("td", "th") and not look.gone:
            self._flows.append(node)

    def _up(self) -> None:
        """Go out of the element that is being read."""
        node = self._path.pop()
        if node.tag == "table":
            self._tables.pop()
        elif node.tag in ("td", "th") and not node.look.gone:
            self._flows.pop()
        flow = self._flow()
        if node.is_apart:
            flow.words.append(" ")
        if node.look.raised and not self._path[-1].look.raised:
            flow.words.append("\x02")
        if node.tag == "table":
            number = self._table_numbers.pop()
        if node.look.gone:
            return
        if node.tag in ("td", "th"):
            _end_words(node, node)
            if table := self._table():
                _rows(table, anew=False)[-1].append(node)
            else:
                flow.blocks += node.blocks
        elif node.tag == "table":
            flow.blocks += _table_to_blocks(node, number)
        elif node.tag not in _INLINE and node.tag != "br":
            _end_words(flow, node)

    def _say(self, text: str | None) -> None:
        """Read a text within the element that is being read."""
        if not text:
            return
        node, flow = self._path[-1], self._flow()
        if not node.look.shows or node.look.is_pale:
            if not node.look.gone and text.strip():
                flow.words.append(" ")
            return
        kept = text if node.look.kept else text.translate({ord(char): " " for char in _SPACE})
        flow.words.append(kept)
        if text.strip():
            flow.size = node.look.size
            flow.linked += len(text.strip()) if node.look.linked else 0

    def _flow(self) -> _Node:
        """Return the cell that is being read, or the page."""
        return self._flows[-1] if self._flows else self._path[0]

    def _table(self) -> _Node | None:
        """Return the table that is being read."""
        return self._tables[-1] if self._tables else None


def _rows(table: _Node, *, anew: bool) -> list[list[_Node]]:
    """Return the rows of the section that is being read, the last of them open, or a new one where asked."""
    if not table.sections:
        table.sections.append((_LOOSE, []))
    rows = table.sections[-1][1]
    if anew or not rows:
        rows.append([])
    return rows


def _end_words(flow: _Node, holder: _Node) -> None:
    """End the paragraph that is being read."""
    text = "".join(flow.words)
    flow.words = []
    if "\x01" in text:
        text = "".join(_without_raised(text))
    text = _INVISIBLE.sub("", text)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    if whole := "\n".join(filter(None, lines)):
        flow.blocks.append(
            PageParagraph(whole, flow.size, flow.linked, holder.holder, holder.tag in ("h1", "h2", "h3"))
        )
    flow.linked, flow.size = 0, PLAIN.size


def _without_raised(text: str) -> Iterator[str]:
    """Yield a text without raised marks, where anything else stands beside them."""
    level = [part.partition("\x02") for part in text.split("\x01")]
    plain = level[0][0] + "".join(after for _, _, after in level[1:])
    for place, (raised, _, after) in enumerate(level):
        if place == 0:
            yield raised
        else:
            yield (" " if plain.strip() else raised) + after


def _table_to_blocks(table: _Node, number: int) -> list[PageBlock]:
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
    return [PageTable(FlowTable(number, tuple(placed)), linked, table.holder)] if placed else []


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
            free_from |= {(row + down, col + right) for down in range(height) for right in range(width)}
            yield FlowCell(row, col, height, width, _text(cell))


def _asked(cell: _Node, name: str) -> int:
    """Return the rows or columns that a cell asks for."""
    digits = ""
    for char in cell.attributes.get(name, "1").strip().removeprefix("+"):
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
