"""Walk over a web page as lexbor parsed it, and find what a person sees of it: paragraphs and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from pipeline.extract.read.flow.blocks import FlowTable
from pipeline.extract.read.flow.html_look import PLAIN, Look, child_look, has_gap
from pipeline.extract.read.flow.html_page import ROOT, Holder, Page, PageBlock, PageParagraph, PageTable
from pipeline.extract.read.flow.html_parts import is_around, is_picture_of_text
from pipeline.extract.read.flow.html_spans import SpannedCell, SpannedRow, sections_to_cells
from pipeline.extract.read.flow.html_styles import (
    Declarations,
    StyleRule,
    media_matches,
    merged,
    sheets_to_rules,
    text_to_declarations,
)

_ATTRIBUTES = r'(?: [^\s/>][^\s/>=]*="[^"]*")*'
_TOKEN = re.compile(
    rf"<!--.*?-->|<(?P<raw>script|style|iframe|noembed|noframes|xmp|plaintext)(?P<raw_attributes>{_ATTRIBUTES})>"
    rf"(?P<raw_text>.*?)</(?P=raw)>"
    rf"|<(?P<close>/?)(?P<tag>[a-zA-Z][^\s/>]*)(?P<attributes>{_ATTRIBUTES})>"
    rf"|(?P<text>[^<]+)|<![^>]*>|(?P<stray><)",
    re.DOTALL,
)
"""One piece of a tree as lexbor writes it out: every element closed, every value in double quotes."""

_ATTRIBUTE = re.compile(r' ([^\s/>][^\s/>=]*)="([^"]*)"')
_ENTITY = re.compile("&(?:amp|lt|gt|nbsp|quot);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\xa0", "&quot;": '"'}
_SPAN = re.compile(r"[ \t\n\r\f]*\+?([0-9]+)")

COL_SPAN_MAX = 1000
"""Count. A browser takes no cell for wider."""

ROW_SPAN_MAX = 65534
"""Count. A browser takes no cell for higher."""

_SIZES_MIN_RATIO = 1.25
"""Times the smaller size. Digits of one cell that differ by as much are seen as of two numbers."""

BREAK, _RAISED, _LEVEL, _GAP = "\x00", "\x01", "\x02", "\x03"
"""Stand in a text for a line that is broken, the begin and the end of a raised text, and what is not shown."""

_RAISED_TEXT = re.compile(f"{_RAISED}([^{_LEVEL}]*){_LEVEL}")
_UNSEEN = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF]
)
_TURNING = re.compile("[\u202d\u202e]")
_DIGIT = re.compile(r"[0-9０-９〇零一二三四五六七八九十]")

HIDDEN = "a number stands in it that is not shown: {}"
STRUCK = "a number in it is struck out: {}"
RAISED = "a raised or lowered mark stands by it: {}"
MOVED = "a style puts a part of it elsewhere"
TURNED = "a style puts its characters in another order"
SIZES = "its digits are of two sizes"
PALE = "its text has the colour of the page"
ADDED = "a style adds to its text"
NESTED = "a table stands in it"
DAMAGED = "characters of it are damaged"
CHOICE = "a choice among several stands in it"

_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main marquee menu nav
    ol optgroup option p pre search section summary ul xmp plaintext""".split()
)
_HOLDERS = frozenset(
    """address article aside body center dd details div dl fieldset figure footer form frameset header li main menu
    nav ol section td th ul""".split()
)
_HEADINGS = frozenset({"h1", "h2", "h3"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_VOID = frozenset(
    """area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr""".split()
)
_DROPPED = frozenset(
    """head script style template noscript title select datalist svg canvas video audio object applet iframe
    noembed noframes rp rt map progress meter""".split()
)
"""The elements of which no text is read: a browser shows none, or draws it."""

_DISPLAYS = {
    "block": "block", "flex": "block", "grid": "block", "list-item": "block", "flow-root": "block",
    "inline": "inline", "inline-block": "inline", "inline-flex": "inline", "contents": "inline",
    "table": "table", "table-row": "row", "table-cell": "cell", "table-row-group": "section",
    "table-header-group": "thead", "table-footer-group": "tfoot",
}  # fmt: skip
_ROLES = {
    **dict.fromkeys(_BLOCKS, "block"),
    **dict.fromkeys(_DROPPED, "dropped"),
    "table": "table", "tbody": "section", "thead": "thead", "tfoot": "tfoot", "tr": "row", "td": "cell", "th": "cell",
    "br": "break", "img": "picture", "input": "input", "iframe": "frame", "frame": "frame", "embed": "frame",
    "object": "frame", "select": "choice", "caption": "caption",
}  # fmt: skip
_OF_TABLES = frozenset({"table", "section", "thead", "tfoot", "row", "cell", "caption"})


class Element(NamedTuple):
    """What is known of an element by its tag, its attributes and its parent's look."""

    role: str
    look: Look
    attributes: dict[str, str]
    said: Declarations
    has_gap: bool = False
    adds: bool = False


class _Flow:
    """A stretch of text that flows: the page's own, or that of a cell."""

    __slots__ = ("blocks", "digits", "holder", "linked", "notes", "pale", "pieces", "sizes", "solid")

    def __init__(self, holder: int) -> None:
        self.blocks: list[PageBlock] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.holder = holder
        self.sizes: dict[float, int] = {}
        self.notes: dict[str, str] = {}
        self.digits: set[object] = set()
        self.pale: list[str] = []
        self.solid = False

    def note(self, doubt: str, text: str = "") -> None:
        """Remember why the text may not be what is seen; `text` is what stands there instead."""
        before = self.notes.get(doubt, "")
        self.notes[doubt] = f"{before} {text.strip()}".strip()

    def end_paragraph(self, *, is_heading: bool = False) -> None:
        """End the paragraph that is being read."""
        if not self.pieces:
            return
        text = self._text()
        if text:
            size = max(self.sizes, key=lambda size: self.sizes[size], default=PLAIN.size)
            self.blocks.append(PageParagraph(text, size, self.linked, self.holder, is_heading))
        self.pieces.clear()
        self.sizes.clear()
        self.linked = 0

    def _text(self) -> str:
        """Return the text of the pieces, its blanks joined, without raised marks."""
        whole = "".join(self.pieces)
        if _RAISED in whole:
            whole = self._without_marks(whole)
        if BREAK not in whole:
            return " ".join(whole.translate(_UNSEEN).replace(_GAP, " ").split())
        lines = (" ".join(line.split()) for line in whole.translate(_UNSEEN).replace(_GAP, " ").split(BREAK))
        return "\n".join(line for line in lines if line)

    def _without_marks(self, text: str) -> str:
        """Return a text without raised marks beside digits; what is raised elsewhere is a part of it."""
        level = _RAISED_TEXT.sub("", text)
        if not _DIGIT.search(level):
            raised = "".join(_RAISED_TEXT.findall(text))
            if _DIGIT.search(raised):
                self.note(RAISED, raised)
                return _RAISED_TEXT.sub("" if level.strip() else r"\1", text)
            return _RAISED_TEXT.sub(r"\1", text)
        marks = [mark.strip() for mark in _RAISED_TEXT.findall(text) if mark.strip()]
        if marks:
            self.note(RAISED, " ".join(marks))
        return _RAISED_TEXT.sub(_GAP, text)


class _Table:
    """A table that is being read, in sections of rows as they stand in the source."""

    __slots__ = ("cells", "flows", "holder", "linked", "number", "sections")

    def __init__(self, number: int, holder: int) -> None:
        self.number = number
        self.holder = holder
        self.sections: list[tuple[str, list[SpannedRow]]] = []
        self.flows: list[_Flow] = []
        self.cells: list[tuple[SpannedCell, _Flow]] = []
        self.linked = 0

    def rows(self, kind: str = "section") -> list[SpannedRow]:
        """Return the rows of the section that is being read."""
        if not self.sections:
            self.sections.append((kind, []))
        return self.sections[-1][1]


class Walk:
    """One walk over a page."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.page = Page()
        self._tree = tree
        self._elements: dict[tuple[int, str, str], Element] = {}
        self._rules: list[StyleRule] = []
        self._has_foreign_sheets = False
        self._tables: list[_Table] = []
        self._flows: list[_Flow] = [_Flow(ROOT)]
        self._tables_seen = 0
        self._holder = ROOT

    def run(self) -> Page:
        """Return what is seen of the page."""
        self._read_head()
        mark = self._mark_rules()
        self._mark = mark
        self._walk(self._tree.html or "")
        self._flows[0].end_paragraph()
        self.page.blocks = self._flows[0].blocks
        return self.page

    # ----------------------------------------------------------------- the head

    def _read_head(self) -> None:
        """Read the title and the named entries of the page's head."""
        title = self._tree.css_first("title")
        self.page.title = " ".join(title.text().split()) if title else ""
        for node in self._tree.css("meta[name]"):
            name, content = node.attributes.get("name"), node.attributes.get("content")
            if name and content:
                self.page.names.setdefault(name.strip().lower(), " ".join(content.split()))

    def _mark_rules(self) -> str:
        """Mark the elements of which a style sheet says anything; return the name of the mark."""
        sheets = [(node.text(), node.attributes.get("media") or "") for node in self._tree.css("style")]
        links = self._tree.css("link[rel~=stylesheet], link[type='text/css']")
        self._has_foreign_sheets = any(media_matches(node.attributes.get("media") or "") for node in links)
        self._rules = sheets_to_rules(sheets)
        mark = "zz-rules"
        for number, rule in enumerate(self._rules):
            try:
                nodes = self._tree.css(rule.selector)
            except SelectolaxError:
                continue
            for node in nodes:
                node.attrs[mark] = f"{node.attributes.get(mark) or ''} {number}"  # type: ignore[index]
        return mark if self._rules else ""

    # ----------------------------------------------------------------- the walk

    def _walk(self, html: str) -> None:
        """Walk over a tree that is written out."""
        stack: list[tuple[Element, str, int]] = []
        element = Element("block", PLAIN, {}, {})
        flow = self._flows[-1]
        elements = self._elements
        for token in _TOKEN.finditer(html):
            kind = token.lastgroup
            if kind == "text":
                text = token["text"]
                if "&" in text:
                    text = _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)
                if element.look.is_plain and element.role != "dropped":
                    flow.pieces.append(text)
                    if not text.isspace():
                        flow.solid = True
                        flow.sizes[element.look.size] = flow.sizes.get(element.look.size, 0) + len(text)
                elif not text.isspace():
                    self._unplain(flow, element, text)
                elif element.look.shows:
                    flow.pieces.append(BREAK if element.look.kept and "\n" in text else text)
                continue
            if kind == "attributes":
                tag, attributes = token["tag"], token["attributes"]
                if token["close"]:
                    if stack:
                        before, opened, holder = stack.pop()
                        self._close(element, opened)
                        element, self._holder = before, holder
                        flow = self._flows[-1]
                        flow.holder = self._holder
                    continue
                key = (id(element.look), tag, attributes)
                child = elements.get(key)
                if child is None:
                    child = elements[key] = self._element(element, tag, attributes)
                if element.role == "dropped" and tag not in _VOID:
                    child = child._replace(role="dropped")
                if tag in _VOID:
                    if element.role != "dropped":
                        self._void(flow, child, tag)
                    continue
                stack.append((element, tag, self._holder))
                if child.role != "inline":
                    if tag in _HOLDERS and not child.look.gone:
                        self._hold(tag, child)
                    self._open(child, tag)
                    flow = self._flows[-1]
                    flow.holder = self._holder
                elif child.has_gap:
                    flow.pieces.append(" ")
                if child.adds:
                    flow.note(ADDED)
                if child.look.raised and not element.look.raised:
                    flow.pieces.append(_RAISED)
                element = child
            elif kind == "raw_text":
                self._raw(flow, element, token["raw"], token["raw_text"], token["raw_attributes"])
            elif kind == "stray":
                self.page.losses.append("a piece of the page that its parser does not part")

    def _element(self, parent: Element, tag: str, text: str) -> Element:
        """Return what is known of an element."""
        attributes = {
            name: _ENTITY.sub(lambda found: _ENTITIES[found[0]], value) if "&" in value else value
            for name, value in _ATTRIBUTE.findall(text)
        }
        layers: list[Declarations] = []
        adds = False
        for number in attributes.get(self._mark, "").split() if self._mark else ():
            rule = self._rules[int(number)]
            if rule.pseudo:
                adds |= rule.pseudo in ("before", "after") and "content" in rule.declarations
            else:
                layers.append(rule.declarations)
        style = attributes.get("style", "")
        said = merged(*layers, text_to_declarations(style)) if style or layers else {}
        look = child_look(parent.look, tag, attributes, said)
        role = _ROLES.get(tag, "inline")
        if tag == "summary" and parent.role == "block" and parent.attributes.get("zz-closed"):
            look = look._replace(gone=False, shows=True, is_plain=True)
        if role in ("inline", "block") and (display := said.get("display")):
            role = _DISPLAYS.get(display, role)
        if look.gone and role in _OF_TABLES:
            role = "inline"
        if tag in ("dialog", "details") and "open" not in attributes:
            look = look._replace(gone=True, shows=False, is_plain=False)
            attributes["zz-closed"] = "1"
        return Element(role, look, attributes, said, role == "inline" and has_gap(said), adds)

    def _hold(self, tag: str, element: Element) -> None:
        """Enter an element that holds blocks."""
        names = f"{element.attributes.get('id', '')} {element.attributes.get('class', '')}"
        around = is_around(tag, names, element.attributes.get("role", ""))
        self.page.holders.append(Holder(self._holder, around))
        self._holder = len(self.page.holders) - 1

    def _unplain(self, flow: _Flow, element: Element, text: str) -> None:
        """Take a text of which something is to be heeded."""
        look = element.look
        if element.role == "dropped":
            return
        has_digit = bool(_DIGIT.search(text))
        if not look.shows:
            if has_digit:
                flow.note(STRUCK if look.struck and not look.gone else HIDDEN, text)
            if not look.gone:
                flow.pieces.append(_GAP)
            return
        if look.is_pale:
            flow.pale.append(text)
            flow.pieces.append(_GAP)
            return
        if has_digit:
            flow.digits.add((look.moved, "moved"))
            if look.turned:
                flow.note(TURNED)
        if look.kept:
            text = text.replace("\n", BREAK)
        flow.pieces.append(text)
        flow.solid = True
        flow.sizes[look.size] = flow.sizes.get(look.size, 0) + len(text)
        if look.linked:
            flow.linked += len(text.strip())

    # ------------------------------------------------------- elements of their own

    def _open(self, element: Element, tag: str) -> None:
        """Enter an element that is no inline one."""
        role, flow = element.role, self._flows[-1]
        if role in ("block", "caption"):
            flow.end_paragraph()
        elif role == "table":
            flow.end_paragraph()
            self._tables_seen += 1
            self._tables.append(_Table(self._tables_seen, self._holder))
            self._flows.append(_Flow(self._holder))
        elif role in ("section", "thead", "tfoot"):
            if self._tables:
                self._tables[-1].sections.append((role, []))
        elif role == "row":
            if self._tables:
                collapsed = element.said.get("visibility") == "collapse"
                self._tables[-1].rows().append(SpannedRow(is_collapsed=collapsed))
        elif role == "cell":
            if self._tables:
                self._flows.append(_Flow(self._holder))
            else:
                flow.end_paragraph()
        elif role == "frame" and element.look.shows:
            self.page.frames += 1
        elif role == "choice":
            flow.note(CHOICE)

    def _close(self, element: Element, tag: str) -> None:
        """Leave an element."""
        flow, role = self._flows[-1], element.role
        if role == "inline":
            if element.look.raised and flow.pieces:
                flow.pieces.append(_LEVEL)
            if element.has_gap:
                flow.pieces.append(" ")
        elif role in ("block", "caption"):
            flow.end_paragraph(is_heading=tag in _HEADINGS)
        elif role == "cell" and self._tables:
            self._end_cell(element)
        elif role == "table":
            self._end_table()

    def _end_cell(self, element: Element) -> None:
        """Leave a cell."""
        flow, table = self._flows.pop(), self._tables[-1]
        flow.end_paragraph()
        attributes = element.attributes
        cols = min(_span(attributes.get("colspan", ""), 1) or 1, COL_SPAN_MAX)
        rows = min(_span(attributes.get("rowspan", ""), 1), ROW_SPAN_MAX)
        cell = SpannedCell(rows, cols, "", "")
        if not table.rows():
            table.rows().append(SpannedRow())
        table.rows()[-1].cells.append(cell)
        table.cells.append((cell, flow))

    def _end_table(self) -> None:
        """Leave a table: its cells are one block, or where they hold tables their blocks go on in order."""
        loose, table = self._flows.pop(), self._tables.pop()
        loose.end_paragraph()
        flow = self._flows[-1]
        flow.blocks += loose.blocks
        own = sum(bool(each.blocks) for _, each in table.cells)
        if own <= 1 or self._is_layout(table):
            for _, each in table.cells:
                flow.blocks += each.blocks
                flow.notes.update(each.notes)
            return
        for cell, each in table.cells:
            cell.text = _blocks_to_text(each)
            cell.doubt = self._doubt(each, cell)
            table.linked += sum(block.linked for block in each.blocks)
        order = sorted(enumerate(table.sections), key=lambda one: _order(table, *one))
        cells = sections_to_cells([rows for _, (_, rows) in order])
        flow.blocks.append(PageTable(FlowTable(table.number, cells), table.linked, table.holder))

    def _is_layout(self, table: _Table) -> bool:
        """Whether a table only lays out the page: the tables in it have more cells than itself."""
        within = [block for _, each in table.cells for block in each.blocks if isinstance(block, PageTable)]
        inner = sum(sum(bool(cell.text) for cell in block.table.cells) for block in within)
        own = sum(bool(each.blocks) and not any(b in within for b in each.blocks) for _, each in table.cells)
        return inner > own if within else False

    def _doubt(self, flow: _Flow, cell: SpannedCell) -> str:
        """Return in words why the text of a cell may not be what is seen; "" where nothing speaks against it."""
        notes = [doubt.format(text) for doubt, text in flow.notes.items()]
        if flow.pale:
            pale = " ".join(" ".join(flow.pale).split())
            if not cell.text and self._has_foreign_sheets:
                cell.text = pale
            if _DIGIT.search(pale):
                notes.append(PALE)
        if not notes and len(flow.digits) < 2:
            return DAMAGED if "\ufffd" in cell.text else ""
        if len(flow.digits) > 1:
            notes.append(MOVED)
        return "; ".join(notes)

    def _void(self, flow: _Flow, element: Element, tag: str) -> None:
        """Take an element that holds nothing."""
        if element.look.gone:
            return
        if tag == "br":
            flow.pieces.append(BREAK)
        elif tag == "hr":
            flow.end_paragraph()
        elif tag == "img":
            if element.look.shows and is_picture_of_text(element.attributes, element.said):
                self.page.pictures.append(self._holder)
        elif tag == "input":
            kind = element.attributes.get("type", "text").strip().lower()
            value = element.attributes.get("value", "")
            if kind in ("text", "number", "tel", "search", "email", "url", "") and value.strip() and element.look.shows:
                flow.pieces.append(f" {value} ")
                flow.solid = True
        elif tag in ("frame", "embed") and element.look.shows:
            self.page.frames += 1

    def _raw(self, flow: _Flow, element: Element, tag: str, text: str, attributes: str) -> None:
        """Take an element whose text is no markup."""
        if tag in ("xmp", "plaintext"):
            if element.look.shows and element.role != "dropped":
                flow.pieces.append(BREAK + text.replace("\n", BREAK) + BREAK)
        elif tag == "iframe" and element.role != "dropped":
            frame = self._element(element, tag, attributes)
            self.page.frames += frame.look.shows


def _order(table: _Table, place: int, section: tuple[str, object]) -> tuple[int, int]:
    """Return where a section is drawn: the first head above all others, the first foot below."""
    kind = section[0]
    firsts = [name for name, _ in table.sections].index(kind) == place if kind in ("thead", "tfoot") else False
    return (-1 if kind == "thead" else 1, place) if firsts else (0, place)


def _span(text: str, default: int) -> int:
    """Return how many rows or columns an attribute names, as HTML has it: full-width digits are none."""
    found = _SPAN.match(text)
    return int(found[1][:6]) if found else default


def _blocks_to_text(flow: _Flow) -> str:
    """Return the text of a cell, a line for each block; a table within it is told by a doubt."""
    return "\n".join(_lines(flow))


def _lines(flow: _Flow) -> Iterator[str]:
    """Yield the blocks of a cell as text."""
    for block in flow.blocks:
        if isinstance(block, PageParagraph):
            yield block.text
        else:
            flow.note(NESTED)
            yield from (cell.text for cell in block.table.cells if cell.text)


def tree_to_page(tree: LexborHTMLParser) -> Page:
    """Return what is seen of a page; TooWideError where a table is too wide."""
    return Walk(tree).run()
