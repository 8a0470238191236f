"""Read web pages: .html, .mht, and pages that are named .doc or .xls.

The first reader builds the tree as browsers do (lexbor); the second is another library (lxml), with a walk
and an expansion of spans of its own.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from html import unescape
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from pipeline.extract.read.flow.blocks import FlowDocument, FlowPicture, FlowTable
from pipeline.extract.read.flow.html_page import FindPicture, LoadPicture, WebPage
from pipeline.extract.read.flow.html_parts import page_to_flow
from pipeline.extract.read.flow.html_spans import GRID_MAX_COLUMNS, TooWideError
from pipeline.extract.read.flow.html_text import bytes_to_text
from pipeline.extract.read.flow.mhtml import Archive, is_archive
from pipeline.extract.read.flow.saved_pictures import find_saved
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Reason

FIRST, SECOND = "html", "lxml"
"""The names of the two readers."""

PAGE_MAX_MB = 48
"""MB. A larger file is no page of a report; pictures that stand in a page are counted in."""

MARKUP_MAX_CHARACTERS = 24_000_000
"""Count. A page with more, pictures that stand in it aside, is none of a report."""

MAX_CELLS = 200_000
"""Count. A page with more cells is none of a report, which has some hundred."""

MAX_TAGS = 1_500_000
"""Count. A page with more is none of a report."""

MAX_DEPTH = 2000
"""Count. No page nests elements deeper; a browser stops at 512, and finding a parent takes ever longer."""

MANY_TAGS = 4000
"""Count. A page with fewer is not held against MAX_DEPTH: it costs nothing however it is nested."""

MAX_ATTRIBUTES = 3000
"""Count. No element has more; each is held against all others of its element."""

_LONG_TAG_MIN_CHARACTERS = 10_000
"""Count. A shorter tag has no attributes enough to matter."""

MAX_REOPENED = 4_000_000
"""Count. Every block opens again each of the formatting elements that are never closed: so many in all."""

TOO_LARGE = "it is {what}, which no page of a report is: look at what was fetched"
CUT_OFF = "the page ends within a table: fetch it again"
FRAMES = "no text of its own, {count} frames: fetch the pages that they show"

FRAMES_READ_MAX = 10
"""Count. Of more frames of an archive no page is read: a report is in one, or in one within another."""

_END_MAX_CHARACTERS = 200
"""Count. In as many at its end most pages are closed."""

_DATA_PICTURE = re.compile(r"data:image/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)")
_APART = "data:apart/"
_FRAME = re.compile(r"""<i?frame\b[^>]*?\ssrc\s*=\s*(?:["']([^"']*)["']|([^\s>"']+))""", re.I)
_NOSCRIPT = re.compile(
    r"(<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>)|<noscript\b.*?</noscript\s*>",
    re.DOTALL | re.I,
)
_NOSCRIPT_BEGIN = re.compile("<noscript", re.I)
_CELL = re.compile(r"<t[dh][\s>/]", re.I)
_TABLE = re.compile(r"<(/?)table\b", re.I)
_PAGE_END = re.compile(r"</(?:body|html)\b", re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_WHOLE_TAG = re.compile(r"""<[a-zA-Z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+""")
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_BETWEEN = re.compile(r"[\s/]+")
_FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s>/]", re.I)
_NEVER_NESTED = frozenset({
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "tbody", "td", "th", "thead", "tr", "track", "wbr",
})  # fmt: skip


class _PageText(NamedTuple):
    """The text of a page, and what finds the pictures in it that the file holds."""

    text: str
    find_picture: FindPicture


def file_to_flow(path: Path) -> FlowDocument:
    """Return what is seen of a web page. UnreadableError where it is too large, empty or made of frames."""
    first, *framed = _file_to_texts(path)
    page = _text_to_page(first)
    if not page.blocks and page.frames and not framed:
        raise UnreadableError(Reason.NO_TEXT, FRAMES.format(count=page.frames))
    flow, before = page_to_flow(page, FIRST), _count_tables(first.text) if framed else 0
    for one in framed:
        within = _numbered(page_to_flow(_text_to_page(one), FIRST), before, flow)
        flow = replace(
            flow,
            blocks=(*flow.blocks, *within.blocks),
            losses=tuple(dict.fromkeys((*flow.losses, *within.losses))),
            links=(*flow.links, *within.links),
            frames=flow.frames + within.frames - 1,
            elsewhere=flow.elsewhere + within.elsewhere,
        )
        before += _count_tables(one.text)
    return flow


def file_to_second_flow(path: Path, last: int = 0) -> FlowDocument:
    """Return the tables that another library reads of a web page. UnreadableError as with the first.

    What stands behind the table with the number `last` is not read; 0 for all.
    """
    from pipeline.extract.read.flow.html_second import text_to_tables

    tables, before = list[FlowTable](), 0
    texts = _file_to_texts(path)
    for one in texts:
        text = _until_table(one.text, last - before) if last else one.text
        tables += (table._replace(number=table.number + before) for table in text_to_tables(text))
        if len(texts) > 1:
            before += _count_tables(one.text)
            if last and before >= last:
                break
    return FlowDocument(SECOND, tuple(tables))


def _until_table(text: str, last: int) -> str:
    """Return a page up to the end of the table with this number, counted from 1."""
    number = depth = around = 0
    for found in _TABLE.finditer(text):
        depth += -1 if found[1] else 1
        number += not found[1]
        if not found[1] and number == last:
            around = depth
        elif around and depth < around:
            return text[: found.start()]
    return text


def _text_to_page(one: _PageText) -> WebPage:
    """Return what is seen of a page. UnreadableError where a table is too wide."""
    from selectolax.lexbor import LexborHTMLParser

    from pipeline.extract.read.flow.html_walk import tree_to_page

    for what in _excesses(one.text):
        raise _too_large(what)
    try:
        page = tree_to_page(LexborHTMLParser(one.text))
    except TooWideError:
        raise _too_large(f"a table of more than {GRID_MAX_COLUMNS} columns") from None
    if _is_cut_off(one.text):
        page.losses.append(CUT_OFF)
    page.find_picture = one.find_picture
    return page


def _count_tables(text: str) -> int:
    """Return how many tables begin in a page."""
    return sum(not found[1] for found in _TABLE.finditer(text))


def _numbered(flow: FlowDocument, tables: int, above: FlowDocument) -> FlowDocument:
    """Return a page with its tables and pictures counted on from those before it in the file."""
    pictures = above.elsewhere + sum(isinstance(block, FlowPicture) for block in above.blocks)
    blocks = (
        block._replace(number=block.number + tables)
        if isinstance(block, FlowTable)
        else block._replace(number=block.number + pictures)
        if isinstance(block, FlowPicture)
        else block
        for block in flow.blocks
    )
    return replace(flow, blocks=tuple(blocks))


def _file_to_texts(path: Path) -> list[_PageText]:
    """Return the text of a web page, and of those that its frames show as far as the file holds them."""
    if path.stat().st_size > PAGE_MAX_MB * 1_000_000:
        raise _too_large(f"more than {PAGE_MAX_MB} MB")
    data = path.read_bytes()
    if not is_archive(data):
        return [_bytes_to_page_text(data, "", partial(find_saved, path=path))]
    archive = Archive(data)
    pages, texts = [archive.page], list[_PageText]()
    for page in pages:
        texts.append(_bytes_to_page_text(page.data, page.charset, partial(archive.picture, page=page)))
        shown = [
            archive.frame(unescape(found[1] or found[2]), page) for found in _FRAME.finditer(texts[-1].text)
        ]
        pages += [one for one in shown if one and one not in pages][: FRAMES_READ_MAX + 1 - len(pages)]
    return texts


def _bytes_to_page_text(data: bytes, charset: str, find: FindPicture) -> _PageText:
    """Return the text of a web page, without what a browser that runs scripts does not show.

    The bytes of pictures that stand in it are set apart.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError(Reason.NO_TEXT, "an empty page: fetch it again")
    text = bytes_to_text(data, charset).text
    if "base64," in text:
        apart: list[str] = []
        text = _DATA_PICTURE.sub(lambda found: _set_apart(found[1], apart), text)
        find = partial(_find_picture, apart=apart, beside=find)
    if _NOSCRIPT_BEGIN.search(text):
        text = _NOSCRIPT.sub(lambda found: found[1] or "", text)
    return _PageText(text, find)


def _set_apart(coded: str, apart: list[str]) -> str:
    """Set the bytes of a picture apart, and return its address in their place."""
    apart.append(coded)
    return f"{_APART}{len(apart)}"


def _find_picture(address: str, apart: Sequence[str], beside: FindPicture) -> LoadPicture | None:
    """Find a picture that stands in the page, or beside it in its file."""
    number = address.strip().removeprefix(_APART)
    if number == address.strip():
        return beside(address)
    return partial(_decoded, apart[int(number) - 1]) if number.isdecimal() else None


def _decoded(coded: str) -> bytes:
    """Return the bytes of a picture that stands in a page; b"" where they are damaged."""
    try:
        return b64decode("".join(coded.split()))
    except ValueError:
        return b""


def _excesses(text: str) -> Iterator[str]:
    """Yield in words of what a page has more than any parser should be given."""
    if len(text) > MARKUP_MAX_CHARACTERS:
        yield f"more than {MARKUP_MAX_CHARACTERS:,} characters"
    tags = text.count("<")
    if (tags >= MANY_TAGS or _has_long_piece(text)) and any(map(_has_many_attributes, _long_tags(text))):
        yield f"an element with more than {MAX_ATTRIBUTES:,} attributes"
    if tags < MANY_TAGS:
        return
    if tags > MAX_TAGS:
        yield f"more than {MAX_TAGS:,} elements"
    if tags > MAX_CELLS and sum(1 for _ in _CELL.finditer(text)) > MAX_CELLS:
        yield f"more than {MAX_CELLS:,} cells"
    ends = _FORMATTING.findall(text)
    opened = len(ends) - 2 * ends.count("/")
    if opened * tags > MAX_REOPENED and opened > MANY_TAGS // 10:
        yield "formatting that is opened and never closed"
    if _is_too_deep(text):
        yield f"nested deeper than {MAX_DEPTH} elements"


def _has_long_piece(text: str) -> bool:
    """Whether a page has a piece without a tag that is long: such a piece holds a whole step."""
    step = _LONG_TAG_MIN_CHARACTERS // 2
    return any(text.find("<", at, at + step) < 0 for at in range(0, len(text) - step, step))


def _long_tags(text: str) -> list[str]:
    """Return the tags of a page that have room for many attributes."""
    return [tag for tag in _WHOLE_TAG.findall(text) if len(tag) > _LONG_TAG_MIN_CHARACTERS]


def _has_many_attributes(tag: str) -> bool:
    """Whether a tag has more than MAX_ATTRIBUTES attributes, with values or without."""
    bare = _QUOTED.sub("= ", tag)
    return max(bare.count("="), len(_BETWEEN.findall(bare))) > MAX_ATTRIBUTES


def _is_too_deep(text: str) -> bool:
    """Whether elements of a page are nested deeper than MAX_DEPTH."""
    steps = [-1 if piece[:1] == "/" else 1 for piece in text.split("<")]
    if max(heights := [0, *accumulate(steps)]) - min(heights) <= MAX_DEPTH:
        return False
    depth = 0
    for found in _TAG.finditer(text):
        if found[2].lower() in _NEVER_NESTED:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False


def _is_cut_off(text: str) -> bool:
    """Whether a page ends within a table: it is open, and nothing closes the page behind it."""
    end = _PAGE_END.search(text, max(0, len(text) - _END_MAX_CHARACTERS))
    if end and not _TABLE.search(text, end.end()):
        return False  # as nearly always
    tables = [*_TABLE.finditer(text)]
    opened = sum(-1 if found[1] else 1 for found in tables)
    return opened > 0 and not _PAGE_END.search(text, tables[-1].start())


def _too_large(what: str) -> UnreadableError:
    """Return the error of a page that is too large to be one of a report."""
    return UnreadableError(Reason.UNOPENED, TOO_LARGE.format(what=what))
