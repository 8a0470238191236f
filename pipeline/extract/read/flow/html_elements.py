"""What the elements of a web page are to whoever reads it: text that goes on, blocks, parts of tables."""

from __future__ import annotations

import re

from pipeline.extract.read.flow.html_look import Look, has_gap
from pipeline.extract.read.flow.html_spans import SpannedCell
from pipeline.extract.read.flow.html_styles import Declarations

COL_SPAN_MAX = 1000
"""Count. A browser takes no cell for wider."""

ROW_SPAN_MAX = 65534
"""Count. A browser takes no cell for higher."""

_SPAN_MAX_DIGITS = 6
"""Count. A number with more is larger than any span."""

_SPAN = re.compile(r"[ \t\n\r\f]*\+?([0-9]+)")


BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend",
    "li", "listing", "main", "marquee", "menu", "nav", "ol", "optgroup", "option", "p", "plaintext",
    "pre", "search", "section", "summary", "ul", "xmp",
})  # fmt: skip
"""The elements that begin and end a paragraph."""

HOLDERS = frozenset({
    "address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "fieldset",
    "figure", "footer", "form", "frameset", "header", "li", "main", "menu", "nav", "ol", "section",
    "td", "th", "ul",
})  # fmt: skip
"""The elements that hold blocks: those that may be the main content, or stand around it."""

VOID = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
"""The elements that hold nothing, and are never closed."""

HEADINGS = frozenset({"h1", "h2", "h3"})

DROPPED = (
    "script", "style", "template", "noscript", "iframe", "noembed", "noframes", "object", "applet", "svg",
    "canvas",
    "video", "audio", "datalist", "map", "progress", "meter", "rp", "rt", "head",
)  # fmt: skip
"""The elements of which no text is read: a browser shows none, or draws it."""

DRAWN = ("script", "svg", "canvas", "iframe", "object", "applet", "video", "audio", "progress", "meter")
"""The elements that may show a number that is no text."""

DISPLAYS = {
    "block": "block", "flex": "block", "grid": "block", "list-item": "block", "flow-root": "block",
    "inline": "inline", "inline-block": "inline", "inline-flex": "inline", "contents": "inline",
    "table": "table", "table-row": "row", "table-cell": "cell", "table-row-group": "section",
    "table-header-group": "thead", "table-footer-group": "tfoot",
}  # fmt: skip
ROLES = {
    **dict.fromkeys(BLOCKS, "block"),
    "table": "table", "tbody": "section", "thead": "thead", "tfoot": "tfoot", "tr": "row", "td": "cell",
    "th": "cell", "select": "choice",
}  # fmt: skip
OF_TABLES = frozenset({"table", "section", "thead", "tfoot", "row", "cell"})


Shape = tuple[tuple[int, int], bool, list[str]]
"""What is known of a cell of whose text nothing is to be heeded: its rows and columns, whether it only fills
its row, and what its tags put between its texts."""


class Element:
    """What is known of an element by its tag, its attributes and its parent's look.

    `kids` are the elements within it by their tags as they are written, None for one that changes nothing,
    `cells` the cells with all that stands in them, and `shapes` what is known of cells by their tags alone,
    None where anything is to be heeded. Elements of one look share the three. `around` says that its name is
    not one of text, None where it holds no blocks. `spans` are the rows and columns of a cell.
    """

    __slots__ = (
        "adds", "around", "attributes", "cells", "has_gap", "is_filler", "kids", "look", "plain", "role",
        "said", "shapes", "size", "spans", "tag",
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
        self.cells: dict[str, SpannedCell | None] = {}
        self.shapes: dict[tuple[str, ...], Shape | None] = {}
        self.spans = (1, 1)
        if role == "cell" and attributes:
            cols = span(attributes.get("colspan", ""), 1) or 1
            self.spans = (min(span(attributes.get("rowspan", ""), 1), ROW_SPAN_MAX), min(cols, COL_SPAN_MAX))
        self.has_gap = role == "inline" and bool(said) and has_gap(said)
        self.is_filler = role == "cell" and attributes.get("width") == "0"
        self.adds = False
        self.around: bool | None = None


def span(text: str, default: int) -> int:
    """Return how many rows or columns an attribute names, as HTML has it: full-width digits are none."""
    found = _SPAN.match(text)
    return int(found[1].lstrip("0")[:_SPAN_MAX_DIGITS] or 0) if found else default
