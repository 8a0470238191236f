"""Walk over a web page as lexbor parsed it, and find what a person sees of it: paragraphs and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
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
    is_important,
    media_matches,
    merged,
    sheets_to_rules,
    text_to_declarations,
)
from pipeline.extract.read.flow.html_text import LOST

_ATTRIBUTES = r'(?: [^\s/>][^\s/>=]*="[^"]*")*'
_PIECE = re.compile(rf"<!--.*?-->|</?[a-zA-Z][^\s/>]*{_ATTRIBUTES}>|[^<]+|<![^>]*>|<", re.DOTALL)
"""One piece of a tree as lexbor writes it out: every element closed, every value in double quotes."""

_TABLE = re.compile(r"</?table(?=[ >])")
_RAW = re.compile(rf"(<(xmp|plaintext){_ATTRIBUTES}>)(.*?)(</\2>)", re.DOTALL)
_ATTRIBUTE = re.compile(r' ([^\s/>][^\s/>=]*)="([^"]*)"')
_ENTITY = re.compile("&(?:amp|lt|gt|nbsp|quot);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\xa0", "&quot;": '"'}
_SPAN = re.compile(r"[ \t\n\r\f]*\+?([0-9]+)")

COL_SPAN_MAX = 1000
"""Count. A browser takes no cell for wider."""

ROW_SPAN_MAX = 65534
"""Count. A browser takes no cell for higher."""

_TYPED = frozenset({"text", "number", "tel", "search", "email", "url", ""})
"""The kinds of input whose value a browser shows as text."""

_SMALL_MAX_RATIO = 0.75
"""Times the larger size. Digits that are smaller than others of their cell are a mark, or another number."""

STRAY = "a piece of the page that its parser does not part"

BREAK, _RAISED, _LEVEL, _GAP = "\x00", "\x01", "\x02", "\x03"
"""Stand in a text for a line that is broken, the begin and the end of a raised text, and what is not shown."""

_RAISED_TEXT = re.compile(f"{_RAISED}([^{_LEVEL}]*){_LEVEL}")
_UNSEEN_CHARACTERS = (
    "\x00\x01\x02\x03\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_UNSEEN = re.compile(f"[{_UNSEEN_CHARACTERS}]+")
_TURNING = re.compile("[\u202d\u202e]")
_DIGIT = re.compile(r"[0-9０-９〇零一二三四五六七八九十]")

HIDDEN = "a number stands in it that is not shown: {}"
STRUCK = "a number in it is struck out: {}"
RAISED = "a raised or lowered mark stands by it: {}"
MOVED = "a style puts a part of it elsewhere"
TURNED = "a style puts its characters in another order"
SIZES = "some of its digits are much smaller than others"
PALE = "its text has the colour of the page"
ADDED = "a style adds to its text"
NESTED = "a table stands in it"
DAMAGED = "characters of it are damaged"
CHOICE = "a choice among several stands in it"

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "listing",
        "main",
        "marquee",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "ul",
        "xmp",
        "plaintext",
    ]
)
_HOLDERS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "fieldset",
        "figure",
        "footer",
        "form",
        "frameset",
        "header",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "section",
        "td",
        "th",
        "ul",
    ]
)
_HEADINGS = frozenset({"h1", "h2", "h3"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
_DROPPED = (
    "script", "style", "template", "noscript", "iframe", "noembed", "noframes", "object", "applet", "svg", "canvas",
    "video", "audio", "datalist", "map", "progress", "meter", "rp", "rt", "head",
)  # fmt: skip
"""The elements of which no text is read: a browser shows none, or draws it."""

_DISPLAYS = {
    "block": "block", "flex": "block", "grid": "block", "list-item": "block", "flow-root": "block",
    "inline": "inline", "inline-block": "inline", "inline-flex": "inline", "contents": "inline",
    "table": "table", "table-row": "row", "table-cell": "cell", "table-row-group": "section",
    "table-header-group": "thead", "table-footer-group": "tfoot",
}  # fmt: skip
_ROLES = {
    **dict.fromkeys(_BLOCKS, "block"),
    "table": "table", "tbody": "section", "thead": "thead", "tfoot": "tfoot", "tr": "row", "td": "cell", "th": "cell",
    "select": "choice",
}  # fmt: skip
_CELL_ENDS = frozenset({"</td>", "</th>"})
_BLOCK_ENDS = frozenset(f"</{tag}>" for tag in _BLOCKS)
_OF_TABLES = frozenset({"table", "section", "thead", "tfoot", "row", "cell"})


class _Simple(NamedTuple):
    """What an element changes in a cell: `part` is what it puts into the text, None where it changes more."""

    part: str | None
    size: float


class Element:
    """What is known of an element by its tag, its attributes and its parent's look.

    `kids` are the elements within it, by how they are written, None for one that changes nothing. Elements of
    one look share them. `around` says that its name is not one of
    text, None where it holds no blocks. Of a cell, `spans` are its rows and columns, and `simple` says what the
    elements in it change of its text.
    """

    __slots__ = (
        "adds", "around", "attributes", "has_gap", "kids", "look", "plain", "role", "said", "simple", "size", "spans", "tag",
    )  # fmt: skip

    def __init__(
        self, tag: str, role: str, look: Look, attributes: dict[str, str], said: Declarations
    ) -> None:
        self.tag = tag
        self.role = role
        self.look = look
        self.plain = look.is_plain
        self.size = look.size
        self.attributes = attributes
        self.said = said
        self.kids: dict[str, Element | None] = {}
        self.simple: dict[str, _Simple] = {}
        self.spans = (1, 1)
        if role == "cell" and attributes:
            cols = _span(attributes.get("colspan", ""), 1) or 1
            self.spans = (min(_span(attributes.get("rowspan", ""), 1), ROW_SPAN_MAX), min(cols, COL_SPAN_MAX))
        self.has_gap = role == "inline" and bool(said) and has_gap(said)
        self.adds = False
        self.around: bool | None = None


class _Flow:
    """A stretch of text that flows: the page's own, or that of a cell."""

    __slots__ = ("blocks", "digits", "holder", "linked", "notes", "pale", "pieces", "size", "sizes")

    def __init__(self, holder: int) -> None:
        self.blocks: list[PageBlock] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.holder = holder
        self.size = 0.0
        self.sizes: set[float] = set()
        self.notes: dict[str, str] = {}
        self.digits = False
        self.pale: list[str] = []

    def note(self, doubt: str, text: str = "") -> None:
        """Remember why the text may not be what is seen; `text` is what stands there instead."""
        before = self.notes.get(doubt, "")
        self.notes[doubt] = f"{before} {text.strip()}".strip()

    def end_paragraph(self, *, is_heading: bool = False) -> None:
        """End the paragraph that is being read."""
        pieces = self.pieces
        text = "".join(pieces) if len(pieces) > 1 else pieces[0]
        pieces.clear()
        if text.isspace() or not (text := self._seen(text)):
            self.linked = 0
            return
        self.blocks.append(PageParagraph(text, self.size or PLAIN.size, self.linked, self.holder, is_heading))
        self.size = 0.0
        self.linked = 0

    def _seen(self, whole: str) -> str:
        """Return a text with its blanks joined, without raised marks."""
        if _RAISED in whole:
            whole = self._without_marks(whole)
        if _GAP in whole:
            whole = whole.replace(_GAP, " ")
        if BREAK not in whole:
            return " ".join(whole.split())
        lines = (" ".join(line.split()) for line in whole.split(BREAK))
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

    __slots__ = ("cells", "holder", "holds_tables", "linked", "number", "sections")

    def __init__(self, number: int, holder: int, *, holds_tables: bool) -> None:
        self.number = number
        self.holder = holder
        self.holds_tables = holds_tables
        self.sections: list[tuple[str, list[SpannedRow]]] = []
        self.cells: list[tuple[SpannedCell, _Flow | None]] = []
        self.linked = 0

    def rows(self) -> list[SpannedRow]:
        """Return the rows of the section that is being read."""
        if not self.sections:
            self.sections.append(("section", []))
        return self.sections[-1][1]

    def add(self, cell: SpannedCell, flow: _Flow | None) -> None:
        """Add a cell to the row that is being read; `flow` is None where its text is known."""
        rows = self.rows()
        if not rows:
            rows.append(SpannedRow())
        rows[-1].cells.append(cell)
        self.cells.append((cell, flow))


class Walk:
    """One walk over a page."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.page = Page()
        self._tree = tree
        self._rules: list[StyleRule] = []
        self._mark = ""
        self._has_foreign_sheets = False
        self._tables: list[_Table] = []
        self._flows: list[_Flow] = [_Flow(ROOT)]
        self._tables_seen = 0
        self._holding: frozenset[int] = frozenset()
        self._turns = False
        self._kin: dict[Look, Element] = {}
        self._holder = ROOT

    def run(self) -> Page:
        """Return what is seen of the page."""
        self._read_head()
        self._mark_rules()
        self.page.frames = len(self._tree.css("iframe, frame, embed, object"))
        self._tree.strip_tags([*_DROPPED])
        html = self._tree.html or ""
        if "<xmp" in html or "<plaintext" in html:
            html = _RAW.sub(lambda found: found[1] + escape(found[3], quote=False) + found[4], html)
        if any(char in html for char in _UNSEEN_CHARACTERS):
            html = _UNSEEN.sub("", html)
        self._turns = "\u202d" in html or "\u202e" in html
        self._holding = frozenset(_tables_with_tables(html))
        self._walk(html)
        self._end_paragraph()
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

    def _mark_rules(self) -> None:
        """Mark the elements of which a style sheet says anything."""
        sheets = [(node.text(), node.attributes.get("media") or "") for node in self._tree.css("style")]
        links = self._tree.css("link[rel~=stylesheet], link[type='text/css']")
        self._has_foreign_sheets = any(media_matches(node.attributes.get("media") or "") for node in links)
        self._rules = sheets_to_rules(sheets)
        self._mark = mark = "zz-rules" if self._rules else ""
        for number, rule in enumerate(self._rules):
            try:
                nodes = self._tree.css(rule.selector)
            except SelectolaxError:
                continue
            for node in nodes:
                node.attrs[mark] = f"{node.attributes.get(mark) or ''} {number}"  # type: ignore[index]

    # ----------------------------------------------------------------- the walk

    def _walk(self, html: str) -> None:
        """Walk over a tree that is written out."""
        stack: list[tuple[Element, int]] = []
        element = Element("", "block", PLAIN, {}, {})
        flow = self._flows[-1]
        pieces = _PIECE.findall(html)
        at, end = -1, len(pieces) - 1
        while at < end:
            at += 1
            piece = pieces[at]
            if piece[0] != "<":
                if "&" in piece:
                    piece = _ENTITY.sub(_character, piece)
                if element.plain:
                    flow.pieces.append(piece)
                    if flow.size != element.size and not piece.isspace():
                        self._resize(flow, element, piece)
                else:
                    self._unplain(flow, element, piece)
            elif piece[1:2] == "/":
                if not stack:
                    continue
                before, holder = stack.pop()
                if before is not element:
                    self._close(element, before)
                    self._holder = holder
                    flow = self._flows[-1]
                    flow.holder = holder
                    element = before
            elif piece[1:2].isalpha():
                if piece in element.kids:
                    child = element.kids[piece]
                else:
                    child = element.kids[piece] = self._element(element, piece)
                if child is None:
                    stack.append((element, self._holder))
                    continue
                if child.role == "void":
                    self._void(flow, child)
                    continue
                if (
                    child.role == "cell"
                    and child.plain
                    and (after := self._simple_cell(child, pieces, at + 1))
                ):
                    at = after
                    continue
                stack.append((element, self._holder))
                if child.role != "inline":
                    self._open(child)
                    flow = self._flows[-1]
                    flow.holder = self._holder
                else:
                    self._open_inline(flow, child, element)
                element = child
            elif piece == "<":
                self.page.losses.append(STRAY)

    def _simple_cell(self, cell: Element, pieces: list[str], at: int) -> int:
        """Take a cell of whose text nothing is to be heeded; return the place of its end, 0 where it is another.

        Its pieces begin at `at`. Nearly all cells are such, and most of the time is theirs.
        """
        if not self._tables or self._tables[-1].holds_tables or self._turns:
            return 0
        parts: list[str] = []
        simple, smallest, largest = cell.simple, cell.size, 0.0
        while True:
            piece = pieces[at]
            if piece[0] != "<":
                parts.append(piece)
            elif piece in _CELL_ENDS:
                break
            elif piece[1] == "/":
                if piece in _BLOCK_ENDS:
                    parts.append(BREAK)
            else:
                change = simple.get(piece)
                if change is None:
                    change = simple[piece] = self._simple(cell, piece)
                if change.part is None:
                    return 0
                if change.part:
                    parts.append(change.part)
                if change.size > largest:
                    largest = change.size
                if change.size < smallest:
                    smallest = change.size
            at += 1
        if smallest < _SMALL_MAX_RATIO * largest:
            return 0
        text = "".join(parts)
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        text = _broken(text) if BREAK in text else " ".join(text.split())
        self._tables[-1].add(SpannedCell(*cell.spans, text, DAMAGED if LOST in text else ""), None)
        return at

    def _simple(self, cell: Element, piece: str) -> _Simple:
        """Return what an element changes of the text of a cell."""
        if not piece[1].isalpha():
            return _Simple("", 0.0)
        child = self._element(cell, piece)
        if child is None:
            return _Simple("", cell.size)
        look, own = child.look, cell.look
        is_as_cell = child.plain and (look.background, look.on_named) == (own.background, own.on_named)
        if child.tag == "br" and not look.gone:
            return _Simple(BREAK, 0.0)
        if not is_as_cell or child.adds or child.has_gap or (child.around is not None and child.tag != "div"):
            return _Simple(None, 0.0)
        if child.role not in ("inline", "block"):
            return _Simple(None, 0.0)
        return _Simple(BREAK if child.role == "block" or child.tag in _BLOCKS else "", child.size)

    def _resize(self, flow: _Flow, element: Element, text: str) -> None:
        """Take a text of another size than that before it."""
        if _DIGIT.search(text):
            flow.sizes.add(element.size)
        flow.size = flow.size or element.size

    def _element(self, parent: Element, piece: str) -> Element | None:
        """Return what is known of an element; None where it is inline and changes nothing."""
        tag = piece[1 : len(piece) - 1].partition(" ")[0]
        text = piece[len(tag) + 1 : -1]
        attributes = (
            {
                name: _ENTITY.sub(_character, value) if "&" in value else value
                for name, value in _ATTRIBUTE.findall(text)
            }
            if text
            else {}
        )
        layers: list[Declarations] = []
        adds = False
        for number in attributes.get(self._mark, "").split() if self._mark else ():
            rule = self._rules[int(number)]
            if rule.pseudo:
                adds |= rule.pseudo in ("before", "after") and "content" in rule.declarations
            else:
                layers.append(rule.declarations)
        style = attributes.get("style", "")
        said = text_to_declarations(style) if style else {}
        if layers or any(map(is_important, said.values())):
            said = merged(*layers, said)
        look = child_look(parent.look, tag, attributes, said)
        role = "void" if tag in _VOID else _ROLES.get(tag, "inline")
        if tag == "summary" and "zz-closed" in parent.attributes:
            look = look._replace(gone=False, shows=True)
        if role in ("inline", "block") and (display := said.get("display")):
            role = _DISPLAYS.get(display, role)
        if look.gone and role in _OF_TABLES:
            role = "inline"
        if tag in ("dialog", "details") and "open" not in attributes:
            look = look._replace(gone=True, shows=False, is_plain=False)
            attributes["zz-closed"] = ""
        if role == "inline" and look == parent.look and not adds and not has_gap(said):
            return None
        element = Element(tag, role, look, attributes, said)
        element.adds = adds
        kin = self._kin.setdefault(look, element)
        element.kids, element.simple = kin.kids, kin.simple
        if tag in _HOLDERS and not look.gone:
            names = f"{attributes.get('id', '')} {attributes.get('class', '')}"
            element.around = is_around(tag, names, attributes.get("role", ""))
        return element

    def _end_paragraph(self, *, is_heading: bool = False) -> None:
        """End the paragraph that is being read."""
        if self._flows[-1].pieces:
            self._flows[-1].end_paragraph(is_heading=is_heading)

    def _open_inline(self, flow: _Flow, element: Element, parent: Element) -> None:
        """Enter an inline element that is not as its parent."""
        if element.has_gap:
            flow.pieces.append(" ")
        if element.adds:
            flow.note(ADDED)
        if element.look.raised and not parent.look.raised:
            flow.pieces.append(_RAISED)

    def _unplain(self, flow: _Flow, element: Element, text: str) -> None:
        """Take a text of which something is to be heeded."""
        look = element.look
        if text.isspace() and not look.kept:
            if look.shows:
                flow.pieces.append(text)
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
            flow.digits = flow.digits or look.moved
            flow.sizes.add(look.size)
            if look.turned or _TURNING.search(text):
                flow.note(TURNED)
        flow.pieces.append(text.replace("\n", BREAK) if look.kept else text)
        flow.size = flow.size or look.size
        if look.linked:
            flow.linked += len(text.strip())

    # ------------------------------------------------------- elements of their own

    def _open(self, element: Element) -> None:
        """Enter an element that is no inline one."""
        role = element.role
        self._hold(element)
        if role == "block":
            self._end_paragraph()
        elif role == "cell":
            if self._tables:
                self._flows.append(_Flow(self._holder))
            else:
                self._end_paragraph()
        elif role == "row":
            if self._tables:
                self._tables[-1].rows().append(SpannedRow([], element.said.get("visibility") == "collapse"))
        elif role == "table":
            self._end_paragraph()
            self._tables_seen += 1
            holds = self._tables_seen in self._holding
            self._tables.append(_Table(self._tables_seen, self._holder, holds_tables=holds))
            self._flows.append(_Flow(self._holder))
        elif role == "choice":
            self._flows.append(_Flow(self._holder))
        elif self._tables:
            self._tables[-1].sections.append((role, []))
        if element.adds:
            self._flows[-1].note(ADDED)
        if element.look.turned:
            self._flows[-1].pieces.append("")

    def _hold(self, element: Element) -> None:
        """Enter an element that holds blocks."""
        if element.around is not None:
            self._end_paragraph()
            self.page.holders.append(Holder(self._holder, element.around))
            self._holder = len(self.page.holders) - 1

    def _close(self, element: Element, parent: Element) -> None:
        """Leave an element that is not as its parent."""
        role = element.role
        if role == "inline":
            if element.look.raised and not parent.look.raised:
                self._flows[-1].pieces.append(_LEVEL)
            if element.has_gap:
                self._flows[-1].pieces.append(" ")
        elif role == "block":
            self._end_paragraph(is_heading=element.tag in _HEADINGS)
        elif role == "cell":
            if self._tables:
                self._end_cell(element)
            else:
                self._end_paragraph()
        elif role == "table":
            self._end_table()
        elif role == "choice":
            self._flows.pop()
            self._flows[-1].note(CHOICE)

    def _end_cell(self, element: Element) -> None:
        """Leave a cell."""
        self._end_paragraph()
        flow = self._flows.pop()
        self._tables[-1].add(SpannedCell(*element.spans, "", ""), flow)

    def _end_table(self) -> None:
        """Leave a table: its cells are one block, or where they hold tables their blocks go on in order."""
        self._end_paragraph()
        loose, table = self._flows.pop(), self._tables.pop()
        flow = self._flows[-1]
        flow.blocks += loose.blocks
        filled = sum(bool(each.blocks if each else cell.text) for cell, each in table.cells)
        if filled <= 1 or (table.holds_tables and _is_layout(table)):
            for cell, each in table.cells:
                if each:
                    flow.blocks += each.blocks
                    flow.notes.update(each.notes)
                elif cell.text:
                    flow.blocks.append(PageParagraph(cell.text, PLAIN.size, 0, table.holder))
            return
        for cell, each in table.cells:
            if each:
                cell.text = "\n".join(_lines(each))
                cell.doubt = self._doubt(each, cell)
                table.linked += sum(block.linked for block in each.blocks)
        sections = [rows for _, rows in table.sections]
        if any(kind != "section" for kind, _ in table.sections):
            order = sorted(range(len(sections)), key=lambda place: _order(table, place))
            sections = [sections[place] for place in order]
        flow.blocks.append(
            PageTable(FlowTable(table.number, sections_to_cells(sections)), table.linked, table.holder)
        )

    def _doubt(self, flow: _Flow, cell: SpannedCell) -> str:
        """Return in words why the text of a cell may not be what is seen; "" where nothing speaks against it."""
        notes = [doubt.format(text) for doubt, text in flow.notes.items()]
        if flow.pale:
            pale = " ".join(" ".join(flow.pale).split())
            if not cell.text and self._has_foreign_sheets:
                cell.text = pale
            if _DIGIT.search(pale):
                notes.append(PALE)
        if flow.digits and sum(map(str.isdigit, cell.text)) > 1:
            notes.append(MOVED)
        if flow.sizes and min(flow.sizes) < _SMALL_MAX_RATIO * max(flow.sizes):
            notes.append(SIZES)
        if LOST in cell.text:
            notes.append(DAMAGED)
        return "; ".join(notes)

    def _void(self, flow: _Flow, element: Element) -> None:
        """Take an element that holds nothing."""
        look, tag, attributes = element.look, element.tag, element.attributes
        if look.gone:
            return
        if tag == "br":
            flow.pieces.append(BREAK)
        elif tag == "hr":
            self._end_paragraph()
        elif tag == "img":
            if look.shows and is_picture_of_text(attributes, element.said):
                self.page.pictures.append(self._holder)
        elif tag == "input" and look.shows and attributes.get("type", "text").strip().lower() in _TYPED:
            flow.pieces.append(f" {attributes.get('value', '')} ")


def _tables_with_tables(html: str) -> Iterator[int]:
    """Yield the numbers of the tables that hold others, counted from 1."""
    open_tables: list[int] = []
    count = 0
    for tag in _TABLE.findall(html):
        if tag != "<table":
            if open_tables:
                open_tables.pop()
            continue
        yield from open_tables
        count += 1
        open_tables.append(count)


def _is_layout(table: _Table) -> bool:
    """Whether a table only lays out the page: the tables in it have more cells than itself."""
    flows = [each for _, each in table.cells if each]
    within = [block for each in flows for block in each.blocks if isinstance(block, PageTable)]
    inner = sum(sum(bool(cell.text) for cell in block.table.cells) for block in within)
    own = sum(
        bool(each.blocks) and not any(isinstance(block, PageTable) for block in each.blocks) for each in flows
    )
    return bool(within) and inner > own


def _order(table: _Table, place: int) -> tuple[int, int]:
    """Return where a section is drawn: the first head above all others, the first foot below."""
    kinds = [kind for kind, _ in table.sections]
    if kinds[place] in ("thead", "tfoot") and kinds.index(kinds[place]) == place:
        return (-1 if kinds[place] == "thead" else 1, place)
    return (0, place)


def _broken(text: str) -> str:
    """Return a text with its broken lines, the blanks of each joined."""
    return "\n".join(line for part in text.split(BREAK) if (line := " ".join(part.split())))


def _character(found: re.Match[str]) -> str:
    """Return the character that an entity stands for."""
    return _ENTITIES[found[0]]


def _span(text: str, default: int) -> int:
    """Return how many rows or columns an attribute names, as HTML has it: full-width digits are none."""
    found = _SPAN.match(text)
    return int(found[1][:6]) if found else default


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
