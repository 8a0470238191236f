"""Walk over a web page as lexbor parsed it, and find what a person sees of it: paragraphs and tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline.extract.read.flow.blocks import FlowTable
from pipeline.extract.read.flow.html_elements import (
    BLOCKS,
    DISPLAYS,
    DRAWN,
    DROPPED,
    HEADINGS,
    HOLDERS,
    OF_TABLES,
    ROLES,
    VOID,
    Element,
    Shape,
)
from pipeline.extract.read.flow.html_flowing import (
    ADDED,
    BREAK,
    CHOICE,
    DAMAGED,
    DIGIT,
    DRAWN_DOUBT,
    DRAWN_SIGN,
    GAP,
    HIDDEN,
    NO_TEXT,
    ODD,
    RAISED_BEGIN,
    RAISED_END,
    SMALL_MAX_RATIO,
    STRUCK,
    TURNED,
    Flowing,
    TableRead,
)
from pipeline.extract.read.flow.html_look import PLAIN, Look, child_look, has_gap
from pipeline.extract.read.flow.html_page import (
    ROOT,
    PageBlock,
    PageHolder,
    PageParagraph,
    PageTable,
    WebPage,
)
from pipeline.extract.read.flow.html_parts import is_around, is_picture_of_text, is_spacer
from pipeline.extract.read.flow.html_spans import SpannedCell, SpannedRow, sections_to_cells
from pipeline.extract.read.flow.html_styles import (
    Declarations,
    SheetsTooLongError,
    StyleRule,
    adds_number,
    is_important,
    media_matches,
    merged,
    sheets_to_rules,
    text_to_declarations,
)
from pipeline.extract.read.flow.html_text import LOST
from pipeline.extract.read.flow.uneven_rows import doubt_uneven

_ATTRIBUTES = r'(?: [^\s/>][^\s/>=]*+="[^"]*+")*+'
_TAG = rf"<!--.*?-->|</?[a-zA-Z][^\s/>]*+{_ATTRIBUTES}>"
_OF_CELL = rf"[^<]++|<(?!/?t(?:able|body|foot|head|[dhr])[ >])(?:!--.*?-->|/?[a-zA-Z][^\s/>]*+{_ATTRIBUTES}>)"
_PART = re.compile(rf"{_TAG}|[^<]+|<![^>]*>|<", re.DOTALL)
"""One piece of a tree as lexbor writes it out: every element closed, every value in double quotes."""

_PIECE = re.compile(
    rf"(<t[dh]{_ATTRIBUTES}>(?:{_OF_CELL})*+</t[dh]>|{_PART.pattern})"
    r"(?:(?<=>)\s+(?=</?t(?:body|foot|head|[dhr])[ >]))?",
    re.DOTALL,
)
"""As _PART, but a cell without a table in it is one piece, and blanks between cells and rows are none."""

_TAGS = re.compile(f"({_TAG})", re.DOTALL)
_ATTRIBUTE = re.compile(r' ([^\s/>][^\s/>=]*)="([^"]*)"')
_ENTITY = re.compile("&(?:amp|lt|gt|nbsp|quot);")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": "\xa0", "&quot;": '"'}
_SOURCES = ("data-src", "data-original", "data-lazy-src", "_src", "oldsrc", "src")
"""Where a picture's address may stand: pages that load it late name another in place of its own."""

_CELL_ENDS = ("</td>", "</th>")
_BLOCK_ENDS = frozenset(f"</{tag}>" for tag in BLOCKS)
_TYPED = frozenset({"text", "number", "tel", "search", "email", "url", "button", "submit", "reset", ""})
"""The kinds of input whose value a browser shows as text."""

_RAW = re.compile(rf"(<(xmp|plaintext){_ATTRIBUTES}>)(.*?)(</\2>)", re.DOTALL)

_LONG_MIN_CHARACTERS = 200
"""Count. A cell with as many, in several paragraphs, is a text that a table lays out."""

_LONG_MIN_PARAGRAPHS = 3
"""Count. So many paragraphs are several."""

_LONG_MIN_SHARE = 0.5
"""Share of the characters of a table. Where such texts have more, it is no table of numbers."""

_TOLD = ", ".join((
    "meta[name]", "link[rel~=stylesheet]", "link[type='text/css']", "frame", "embed", "li",
    *{*DROPPED, *DRAWN},
))  # fmt: skip
"""The elements that are looked at before the walk."""

_SELECTORS = {
    "li": "td ol > li, td li[value]",
    "template": "td template[shadowrootmode], th template[shadowrootmode]",
}
"""What is drawn in a cell of some elements, where it is not all of them: numbers of a list, a shadow tree."""

_WRITTEN_BY = ("v-text", "v-html", "ng-bind", "x-text", "data-bind", "data-field", ":textcontent")
"""The attributes that say what a script is to write into an element. Into one with an id any may."""

_CACHED_TAGS_MAX = 4096
"""Count. As many tags are kept in memory with what they say: pages of one site are written alike."""

_STYLED_MAX = 200_000
"""Count. Of no page that is read do style sheets say more."""

_UNWRITTEN_MIN_CELLS = 20
"""Count. Where as many cells are blank and none a number, a script may write them: no form has fewer."""

_NUMBERS_ALONE = re.compile(r"\W{0,2}[0-9０-９〇零／/—–-][\s0-9０-９.,，%／/—–-]*(?<![.．、])\w{0,3}")
"""What stands in a number cell that is not blank: a number, perhaps with a unit, or a dash for none."""

UNWRITTEN = "it is blank, as all number cells of the page are, and a script may write them"
LONG_SHEETS = "its style sheets are too long to be looked at: they may hide a part of it"
STRAY = "a piece of the page that its parser does not part"

_UNSEEN_CHARACTERS = (
    "\x00\x01\x02\x03\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_UNSEEN = re.compile(f"[{_UNSEEN_CHARACTERS}]+")
_TURNING = re.compile("[\u202d\u202e]")


class Walk:
    """One walk over a page."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.page = WebPage()
        self._tree = tree
        self._rules: list[StyleRule] = []
        self._mark = ""
        self._has_foreign_sheets = False
        self._has_scripts = False
        self._tables: list[TableRead] = []
        self._flows: list[Flowing] = [Flowing(ROOT)]
        self._tables_seen = 0
        self._holding: frozenset[int] = frozenset()
        self._turns = False
        self._kin: dict[Look, Element] = {}
        self._holder = ROOT

    def run(self) -> WebPage:
        """Return what is seen of the page."""
        told = defaultdict[str, list[LexborNode]](list)
        for node in self._tree.css(_TOLD):
            told[node.tag or ""].append(node)
        self._read_head(told)
        self._mark_rules(told)
        self.page.frames = sum(len(told[tag]) for tag in ("iframe", "frame", "embed", "object"))
        self._has_scripts = any(
            node.text().strip() or node.attributes.get("src") for node in told.get("script", ())
        )
        self._mark_drawn([tag for tag in (*DRAWN, "li", "template") if tag in told])
        self._tree.strip_tags([tag for tag in DROPPED if tag in told])
        html = self._tree.html or ""
        if "<xmp" in html or "<plaintext" in html:
            html = _RAW.sub(lambda found: found[1] + escape(found[3], quote=False) + found[4], html)
        self._turns = "\u202d" in html or "\u202e" in html
        self._holding = frozenset(_tables_with_tables(html))
        self._walk(html)
        self._end_paragraph()
        self.page.blocks = self._flows[0].blocks
        if self._has_scripts:
            self.page.blocks = [*_doubt_all_blank(self.page.blocks)]
        return self.page

    # ----------------------------------------------------------------- the head

    def _read_head(self, told: Mapping[str, Sequence[LexborNode]]) -> None:
        """Read the title and the named entries of the page's head."""
        title = self._tree.css_first("title")
        self.page.title = " ".join(title.text().split()) if title else ""
        for node in told.get("meta", ()):
            name, content = node.attributes.get("name"), node.attributes.get("content")
            if name and content:
                self.page.names.setdefault(name.strip().lower(), " ".join(content.split()))

    def _mark_rules(self, told: Mapping[str, Sequence[LexborNode]]) -> None:
        """Mark the elements of which a style sheet says anything."""
        sheets = [(node.text(), node.attributes.get("media") or "") for node in told.get("style", ())]
        links = [node.attributes.get("media") or "" for node in told.get("link", ())]
        self._has_foreign_sheets = any(map(media_matches, links))
        try:
            self._rules = sheets_to_rules(sheets)
        except SheetsTooLongError:
            self.page.losses.append(LONG_SHEETS)
        self._mark = mark = "zz-rules" if self._rules else ""
        marked = 0
        for number, rule in enumerate(self._rules):
            if marked > _STYLED_MAX:
                self.page.losses.append(LONG_SHEETS)
                break
            try:
                nodes = self._tree.css(rule.selector)
            except SelectolaxError:
                continue
            marked += len(nodes)
            for node in nodes:
                node.attrs[mark] = f"{node.attributes.get(mark) or ''} {number}"

    def _mark_drawn(self, tags: Sequence[str]) -> None:
        """Put a sign where a cell shows what is no text of it; the page has elements with these tags."""
        selector = ", ".join(_SELECTORS.get(tag, f"td {tag}, th {tag}") for tag in tags)
        for node in self._tree.css(selector) if tags else ():
            if node.tag == "li":
                if not node.text().strip():
                    node.insert_child(DRAWN_SIGN)
            elif node.tag != "script" or node.text().strip() or node.attributes.get("src"):
                node.replace_with(DRAWN_SIGN)
        for node in self._tree.css(self._written_cells()) if self._has_scripts else ():
            if not node.text().strip() and not node.css_first("img, input, select, textarea"):
                node.insert_child(DRAWN_SIGN)

    def _written_cells(self) -> str:
        """Return the selector of what in a cell a script may write a number into."""
        page = self._tree.raw_html.lower()
        names = ["id", *(name for name in _WRITTEN_BY if name.encode() in page)]
        written = [name.replace(":", r"\:") for name in names]
        return ", ".join(f"td{within}[{name}]" for within in ("", " ") for name in written)

    # ----------------------------------------------------------------- the walk

    def _walk(self, html: str) -> None:
        """Walk over a tree that is written out."""
        stack: list[tuple[Element, int]] = []
        element = Element("", "block", PLAIN, {}, {})
        flow = self._flows[-1]
        pieces = _PIECE.findall(html)[::-1]
        while pieces:
            piece = pieces.pop()
            if piece[0] != "<":
                if not (piece := _UNSEEN.sub("", piece)):
                    continue
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
            elif piece.endswith(_CELL_ENDS):
                if not self._takes_cell(element, piece):
                    pieces += _PART.findall(piece)[::-1]
            elif piece[1:2].isalpha():
                child = self._child(element, piece)
                if child is None:
                    stack.append((element, self._holder))
                    continue
                if child.role == "void":
                    self._void(flow, child)
                    continue
                stack.append((element, self._holder))
                if child.role != "inline":
                    self._open(child)
                    flow = self._flows[-1]
                    flow.movers += child.look.moved > element.look.moved
                    flow.holder = self._holder
                else:
                    self._open_inline(flow, child, element)
                element = child
            elif piece == "<":
                self.page.losses.append(STRAY)

    def _takes_cell(self, row: Element, piece: str) -> bool:
        """Take a cell of whose text nothing is to be heeded; return whether it is one.

        Nearly all cells are such, and most of the time is theirs: of those that are written alike, as zeros
        are, each is read once.
        """
        if self._turns or not self._tables or self._tables[-1].holds_tables:
            return False
        if piece in row.cells:
            cell = row.cells[piece]
        else:
            cell = row.cells[piece] = self._simple_cell(row, piece)
        if cell is None:
            return False
        self._tables[-1].add(cell, None)
        return True

    def _simple_cell(self, row: Element, piece: str) -> SpannedCell | None:
        """Return a cell of whose text nothing is to be heeded; None where it is not such.

        Most have the same tags as others and other numbers: what tags put between the texts is found once.
        """
        parts = _TAGS.split(piece)
        if _UNSEEN.search("".join(parts[::2])):
            return None
        tags = tuple(parts[1::2])
        if tags in row.shapes:
            shape = row.shapes[tags]
        else:
            shape = row.shapes[tags] = self._shape(row, tags)
        if shape is None:
            return None
        spans, is_filler, parts[1::2] = shape
        text = "".join(parts)
        if DRAWN_SIGN in text:
            return None
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        text = _broken(text) if BREAK in text else " ".join(text.split())
        return SpannedCell(*spans, text, DAMAGED if LOST in text else "", is_filler)

    def _shape(self, row: Element, tags: Sequence[str]) -> Shape | None:
        """Return what is known of a cell by its tags; None where anything is to be heeded."""
        cell = self._child(row, tags[0])
        if cell is None or cell.role != "cell" or not cell.plain or cell.adds:
            return None
        between, smallest, largest = [""], cell.size, cell.size
        for tag in tags[1:]:
            if tag[1] == "/":
                between.append(BREAK if tag in _BLOCK_ENDS else "")
                continue
            change = self._change(cell, tag)
            if change is None:
                return None
            between.append(change[0])
            smallest = min(smallest, change[1] or smallest)
            largest = max(largest, change[1])
        return None if smallest < SMALL_MAX_RATIO * largest else (cell.spans, cell.is_filler, between)

    def _change(self, cell: Element, piece: str) -> tuple[str, float] | None:
        """Return what an element puts into the text of a cell, and its size; None where it changes more."""
        if not piece[1].isalpha():
            return "", 0.0
        child = self._child(cell, piece)
        if child is None:
            return "", cell.size
        look, own = child.look, cell.look
        is_as_cell = child.plain and (look.background, look.on_named) == (own.background, own.on_named)
        if child.tag == "br" and not look.gone:
            return BREAK, 0.0
        if not is_as_cell or child.adds or child.has_gap or (child.around is not None and child.tag != "div"):
            return None
        if child.role != ("block" if child.tag in BLOCKS else "inline"):
            return None
        return BREAK if child.role == "block" else "", child.size

    def _child(self, parent: Element, piece: str) -> Element | None:
        """Return what is known of an element; None where it is inline and changes nothing."""
        if piece not in parent.kids:
            parent.kids[piece] = self._element(parent, piece)
        return parent.kids[piece]

    def _resize(self, flow: Flowing, element: Element, text: str) -> None:
        """Take a text of another size than that before it."""
        if DIGIT.search(text):
            flow.sizes.add(element.size)
        flow.size = flow.size or element.size

    def _element(self, parent: Element, piece: str) -> Element | None:
        """Return what is known of an element; None where it is inline and changes nothing."""
        layers, adds = self._layers(piece) if self._mark and self._mark in piece else ((), False)
        is_closed = "zz-closed" in parent.attributes
        written = (
            _styled(parent.look, piece, is_closed, layers) if layers else _read(parent.look, piece, is_closed)
        )
        if written.changes_nothing and not adds:
            return None
        element = Element(written.tag, written.role, written.look, written.attributes, written.said)
        element.adds = adds
        element.around = written.around
        kin = self._kin.setdefault(written.look, element)
        element.kids, element.cells, element.shapes = kin.kids, kin.cells, kin.shapes
        return element

    def _layers(self, piece: str) -> tuple[tuple[Declarations, ...], bool]:
        """Return what style sheets say of an element, the strongest last; whether one changes its text."""
        numbers = dict(_ATTRIBUTE.findall(piece)).get(self._mark, "").split()
        rules = [self._rules[int(number)] for number in numbers]
        adds = any(map(_adds_or_hides, rules))
        return tuple(rule.declarations for rule in rules if not rule.pseudo), adds

    def _end_paragraph(self, *, is_heading: bool = False) -> None:
        """End the paragraph that is being read."""
        if self._flows[-1].pieces:
            self._flows[-1].end_paragraph(is_heading=is_heading)

    def _open_inline(self, flow: Flowing, element: Element, parent: Element) -> None:
        """Enter an inline element that is not as its parent."""
        if element.has_gap:
            flow.pieces.append(" ")
        if element.adds:
            flow.note(ADDED)
        flow.movers += element.look.moved > parent.look.moved
        if element.look.raised and not parent.look.raised:
            flow.pieces.append(RAISED_BEGIN)

    def _unplain(self, flow: Flowing, element: Element, text: str) -> None:
        """Take a text of which something is to be heeded."""
        look = element.look
        if text.isspace() and not look.kept:
            if look.shows:
                flow.pieces.append(text)
            return
        has_digit = bool(DIGIT.search(text))
        if not look.shows:
            if has_digit:
                flow.note(STRUCK if look.struck and not look.gone else HIDDEN, text)
            if not look.gone:
                flow.pieces.append(GAP)
            return
        if look.is_pale:
            flow.pale.append(text)
            flow.pieces.append(GAP)
            return
        if has_digit:
            if look.moved or look.apart:
                flow.move(text, is_apart=look.apart)
            if look.odd:
                flow.note(ODD)
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
                self._flows.append(Flowing(self._holder))
            else:
                self._end_paragraph()
        elif role == "row":
            if self._tables:
                self._tables[-1].rows().append(SpannedRow([], element.said.get("visibility") == "collapse"))
        elif role == "table":
            self._end_paragraph()
            self._tables_seen += 1
            holds = self._tables_seen in self._holding
            self._tables.append(TableRead(self._tables_seen, self._holder, holds_tables=holds))
            self._flows.append(Flowing(self._holder))
        elif role == "choice":
            self._flows.append(Flowing(self._holder))
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
            self.page.holders.append(PageHolder(self._holder, element.around))
            self._holder = len(self.page.holders) - 1

    def _close(self, element: Element, parent: Element) -> None:
        """Leave an element that is not as its parent."""
        role = element.role
        self._flows[-1].movers += element.look.moved > parent.look.moved
        if role == "inline":
            if element.look.raised and not parent.look.raised:
                self._flows[-1].pieces.append(RAISED_END)
            if element.has_gap:
                self._flows[-1].pieces.append(" ")
        elif role == "block":
            self._end_paragraph(is_heading=element.tag in HEADINGS)
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
        self._tables[-1].add(SpannedCell(*element.spans, "", "", element.is_filler), flow)

    def _end_table(self) -> None:
        """Leave a table: its cells are one block, or where they hold tables their blocks go on in order."""
        self._end_paragraph()
        loose, table = self._flows.pop(), self._tables.pop()
        flow = self._flows[-1]
        flow.blocks += loose.blocks
        filled = sum(each.has_text if each else bool(cell.text) for cell, each in table.cells)
        if filled <= 1 or _is_layout(table):
            for cell, each in table.cells:
                if each:
                    flow.blocks += each.blocks
                    flow.notes.update(each.notes)
                elif cell.text:
                    flow.blocks.append(PageParagraph(cell.text, PLAIN.size, 0, table.holder))
            return
        for cell, each in table.cells:
            if each:
                each.finish(cell, keep_pale=self._has_foreign_sheets)
                table.linked += sum(block.linked for block in each.blocks)
        sections = [rows for _, rows in table.sections]
        if any(kind != "section" for kind, _ in table.sections):
            order = sorted(range(len(sections)), key=lambda place: _order(table, place))
            sections = [sections[place] for place in order]
        flow.blocks.append(
            PageTable(
                FlowTable(table.number, doubt_uneven(sections_to_cells(sections))), table.linked, table.holder
            )
        )
        flow.blocks += [picture for _, each in table.cells if each for picture in each.pictures]

    def _void(self, flow: Flowing, element: Element) -> None:
        """Take an element that holds nothing."""
        look, tag, attributes = element.look, element.tag, element.attributes
        if look.gone:
            return
        if tag == "br":
            flow.pieces.append(BREAK)
        elif tag == "hr":
            self._end_paragraph()
        elif tag in ("img", "embed"):
            if tag != "img" or not is_spacer(attributes, element.said):
                flow.note(DRAWN_DOUBT)
            if tag == "img" and look.shows and is_picture_of_text(attributes, element.said):
                sources = [attributes[name] for name in _SOURCES if attributes.get(name)]
                block = PageParagraph("", look.size, 0, self._holder, picture="\n".join(sources))
                flow.blocks.append(block)
        elif tag == "input" and look.shows:
            self._input(flow, attributes)

    def _input(self, flow: Flowing, attributes: dict[str, str]) -> None:
        """Take a field of a form: what is typed into it, or a doubt where something else is seen in it."""
        kind = attributes.get("type", "text").strip().lower()
        typed = _UNSEEN.sub("", attributes.get("value", ""))
        if kind in _TYPED:
            flow.pieces.append(f" {typed} ")
        instead = typed if kind == "password" else "" if typed else attributes.get("placeholder", "")
        if kind != "hidden" and DIGIT.search(instead):
            flow.note(DRAWN_DOUBT)


class _Written(NamedTuple):
    """What a tag says of its element, within a parent of a look."""

    tag: str
    role: str
    look: Look
    attributes: dict[str, str]
    said: Declarations
    around: bool | None
    changes_nothing: bool


@lru_cache(maxsize=_CACHED_TAGS_MAX)
def _read(within: Look, piece: str, is_closed: bool) -> _Written:
    """Return what a tag says of which no style sheet says anything."""
    return _styled(within, piece, is_closed, ())


def _styled(within: Look, piece: str, is_closed: bool, layers: Sequence[Declarations]) -> _Written:
    """Return what a tag says; `is_closed` says that its parent shows no more than a summary."""
    tag = piece[1 : len(piece) - 1].partition(" ")[0]
    attributes = {
        name: _ENTITY.sub(_character, value) if "&" in value else value
        for name, value in _ATTRIBUTE.findall(piece)
    }
    style = attributes.get("style", "")
    said = text_to_declarations(style) if style else {}
    if layers or any(map(is_important, said.values())):
        said = merged(*layers, said)
    look = child_look(within, tag, attributes, said)
    role = "void" if tag in VOID else ROLES.get(tag, "inline")
    if tag == "summary" and is_closed:
        look = look._replace(gone=False, shows=not (look.veiled or look.unseen or look.struck))
    if role in ("inline", "block") and (display := said.get("display")):
        role = DISPLAYS.get(display, role)
    if look.gone and role in OF_TABLES:
        role = "inline"
    if tag in ("dialog", "details") and "open" not in attributes:
        look = look._replace(gone=True, shows=False, is_plain=False)
        attributes["zz-closed"] = ""
    around = None
    if tag in HOLDERS and not look.gone:
        names = f"{attributes.get('id', '')} {attributes.get('class', '')}"
        around = is_around(tag, names, attributes.get("role", ""))
    changes_nothing = role == "inline" and look == within and not has_gap(said)
    return _Written(tag, role, look, attributes, said, around, changes_nothing)


def _doubt_all_blank(blocks: Sequence[PageBlock]) -> Sequence[PageBlock]:
    """Return the blocks of a page with scripts, where no cell shows a number with all blank cells doubted.

    A script that a browser runs may write the numbers.
    """
    tables = [block for block in blocks if isinstance(block, PageTable)]
    cells = [cell for block in tables for cell in block.table.cells]
    blank = sum(not cell.text for cell in cells)
    if blank < _UNWRITTEN_MIN_CELLS or any(_NUMBERS_ALONE.fullmatch(cell.text) for cell in cells):
        return blocks
    return [_with_doubts(block) if isinstance(block, PageTable) else block for block in blocks]


def _with_doubts(block: PageTable) -> PageTable:
    """Return a table whose blank cells are doubted."""
    cells = tuple(
        cell if cell.text else cell._replace(text=NO_TEXT, doubt=cell.doubt or UNWRITTEN)
        for cell in block.table.cells
    )
    return block._replace(table=block.table._replace(cells=cells))


def _adds_or_hides(rule: StyleRule) -> bool:
    """Whether a rule sets a number before or after a text, or may hide the first of its letters."""
    if rule.pseudo in ("before", "after"):
        return adds_number(rule.declarations)
    if rule.pseudo not in ("first-letter", "first-line"):
        return False
    return not child_look(PLAIN, "", {}, merged(rule.declarations)).is_plain


def _character(found: re.Match[str]) -> str:
    """Return the character that an entity stands for."""
    return _ENTITIES[found[0]]


def _tables_with_tables(html: str) -> Iterator[int]:
    """Yield the numbers of the tables that hold others, counted from 1."""
    open_tables: list[int] = []
    count = 0
    for part in html.split("<table")[1:]:
        if part[0] in " >":
            yield from open_tables
            count += 1
            open_tables.append(count)
        if closed := part.count("</table>"):
            del open_tables[-closed:]


def _is_layout(table: TableRead) -> bool:
    """Whether a table only lays out the page.

    Its rows have one cell each, the tables in it have more cells than itself, or most of its text are long
    texts in paragraphs.
    """
    if all(len(row.cells) <= 1 for _, rows in table.sections for row in rows):
        return True
    lengths = [_lengths(cell, each) for cell, each in table.cells]
    long = sum(length for length, paragraphs in lengths if _is_long(length, paragraphs))
    if long > _LONG_MIN_SHARE * sum(length for length, _ in lengths):
        return True
    if not table.holds_tables:
        return False
    flows = [each for _, each in table.cells if each]
    within = [block for each in flows for block in each.blocks if isinstance(block, PageTable)]
    inner = sum(sum(bool(cell.text) for cell in block.table.cells) for block in within)
    own = sum(
        each.has_text and not any(isinstance(block, PageTable) for block in each.blocks) for each in flows
    )
    return bool(within) and inner > own


def _lengths(cell: SpannedCell, flow: Flowing | None) -> tuple[int, int]:
    """Return how many characters a cell has, and in how many paragraphs."""
    if flow is None:
        return len(cell.text), cell.text.count("\n") + 1
    texts = [block.text for block in flow.blocks if isinstance(block, PageParagraph)]
    return sum(map(len, texts)), len(texts)


def _is_long(length: int, paragraphs: int) -> bool:
    """Whether a cell has more text than one of a table."""
    return length >= _LONG_MIN_CHARACTERS and paragraphs >= _LONG_MIN_PARAGRAPHS


def _order(table: TableRead, place: int) -> tuple[int, int]:
    """Return where a section is drawn: the first head above all others, the first foot below."""
    kinds = [kind for kind, _ in table.sections]
    if kinds[place] in ("thead", "tfoot") and kinds.index(kinds[place]) == place:
        return (-1 if kinds[place] == "thead" else 1, place)
    return (0, place)


def _broken(text: str) -> str:
    """Return a text with its broken lines, the blanks of each joined."""
    return "\n".join(line for part in text.split(BREAK) if (line := " ".join(part.split())))


def tree_to_page(tree: LexborHTMLParser) -> WebPage:
    """Return what is seen of a page; TooWideError where a table is too wide."""
    return Walk(tree).run()
