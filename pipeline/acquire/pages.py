"""The bytes of a web page or a JSON list → its text, links and titles, and whether it is a page at all."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from parsel import Selector, SelectorList

from pipeline.acquire.addresses import RefusedError, join_link
from pipeline.acquire.main_text import MainText, root_to_main_text
from pipeline.acquire.page_scripts import (
    ADDRESS,
    Pager,
    scripts_to_html,
    scripts_to_pager,
    scripts_to_requests,
)
from pipeline.acquire.sources import LINKS_PER_PAGE, Api
from pipeline.errors import SHORT_QUOTED_MAX_CHARACTERS

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_ENCODING_SAMPLE_BYTES = 1 << 16
"""Bytes of a page from which its encoding is told."""

_INVALID_MAX_SHARE = 0.1
"""Share of the bytes above 127. Text in UTF-8 has no more that are invalid.

Text in GB 18030 fails nearly everywhere. A test pins it: one broken character does not make a page GB 18030.
"""

_SCRIPT_ADDRESS_MAX_CHARACTERS = 1000
"""Count. A longer text in a script or a data attribute is data, and no address."""

_NAMELESS_LINK_MAX_CHARACTERS = 6
"""Count. A link's text with no more characters cannot name a report: 下载, 查看, PDF."""

_LINK_TEXT_MAX_CHARACTERS = 200
"""Count. No more is kept of a link's text or of a title.

A row or an element with more is no entry, but a box around a list.
"""

_JSON_TITLE_MAX_CHARACTERS = 2000
"""Count. No more of a title in JSON is cleaned of tags."""

_CHALLENGE_MAX_LINKS = 5
"""Count. A page that only asks for a browser or a person has no more links."""

_FILLED_PAGE_MIN_CHARACTERS = 200
"""Count. A page without links that shows fewer characters is one that a script must fill."""

_HEADINGS_MAX = 200
"""Count. No more headings of a page are looked at: a list is headed before its entries."""

_FRAMES_MAX = 5
"""Count. No more frames of a page are looked at: each costs a request."""

_SCRIPT_MAX_CHARACTERS = 20_000
"""Count. No more of the scripts of a page is looked through for where it sends a browser."""

_HTML_SPACE = re.compile(r"\s+")
_NEXT = re.compile(r"(下一?[页頁]|后一?页|next|>|›|»)[>›»]?", re.IGNORECASE)
_REFRESH = re.compile(r"\s*\d{1,2}\s*[;,]\s*url\s*=\s*['\"]?([^'\"]+)", re.IGNORECASE)
# location.href = "…", window.location.replace("…"): where a script sends a page that shows nothing
_SENT_ON = re.compile(
    r"\blocation(?:\.href)?\s*=\s*['\"]([^'\"]+)['\"]|\blocation\.(?:replace|assign)\(\s*['\"]([^'\"]+)['\"]"
)
_HEADINGS = (
    "//h1 | //h2 | //h3 | //h4 | //th | //caption | //legend | //strong | //b | "
    "//*[contains(@class, 'title') or contains(@class, 'Title') or contains(@class, 'crumb') "
    "or contains(@class, 'position') or contains(@class, 'location')]"
)
_NO_LINK = re.compile(r"#|(javascript|mailto|tel|data|about):|\s*$", re.IGNORECASE)
_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
# What a click opens: an entry, not the box around a whole list of links.
_CLICKED = (
    "//*[@onclick or @*[starts-with(name(), 'data-')]][not(@href or @src or self::object)]"
    f"[string-length(normalize-space()) < {_LINK_TEXT_MAX_CHARACTERS}][not(.//a)][normalize-space()]"
)
_OPENING = (
    "//a[@href] | //area[@href] | //iframe[@src or @data-src] | //embed[@src] | //object[@data] | "
    f"//select//option[@value] | {_CLICKED}"
)
_TURNING = re.compile(r"\b(?!void\b)\w+\(\s*['\"]?\d+")
_ROW = "ancestor::*[self::li or self::tr or self::dd or self::dl or self::p][1]"
_CHALLENGE = re.compile(
    r"验证码|安全验证|人机验证|访问验证|访问过于频繁|访问被拦截|安全检查|"
    r"(开启|启用|打开)\s*JavaScript|Just a moment",
    re.IGNORECASE,
)
_CHALLENGE_STATUSES = frozenset((412, 521))
"""Statuses of HTTP that two common firewalls of government sites answer."""

_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_BARE_YEAR = re.compile(r"[【\[(（]?(20[0-4]\d)(?:年度?)?(?:年报|年度报告|报告)?[】\])）]?")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?=年)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its absolute `url`, and its `text`, in full if the page shows it shortened."""

    url: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page at `url`, decoded. Its links are absolute, each address once, taken from the first `most`
    elements."""

    url: str
    text: str
    encoding: str
    most: int = LINKS_PER_PAGE

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Return the links, and the files that frames and viewers show."""
        links: dict[str, Link] = {}
        for node, target in self._targets:
            for url in self._join(target):
                link = Link(_viewer_to_file(url), self._node_to_text(node))
                links[link.url] = max(links.get(link.url, link), link, key=lambda known: len(known.text))
        return tuple(links.values())

    @cached_property
    def scripted(self) -> tuple[str, ...]:
        """Return the texts of elements that only a script without an address opens."""
        closed = (node for node, target in self._targets if _NO_LINK.match(target.strip()))
        return tuple(dict.fromkeys(text for text in map(self._node_to_text, closed) if text))

    @cached_property
    def next_page(self) -> str:
        """Return the address of the next page of a list, "" if there is none."""
        linked = "//a[@href] | //link[@href][@rel='next']"
        for node in (*self._root.xpath(linked), *self._written.xpath(linked)):
            label = _squeeze(node.xpath("string()").get("")) or node.xpath("@title").get("")
            if node.xpath("@rel").get() == "next" or _NEXT.fullmatch(label):
                return next(self._join(_node_to_target(node)), "")
        return next(self._join(self._pager.link), "")

    @cached_property
    def next_is_scripted(self) -> bool:
        """Whether there is a next page that only a script opens, such as goPage(2)."""
        for node in self._root.xpath("//*[@onclick or starts-with(@href, 'javascript:')]"):
            call = " ".join(node.xpath("@onclick | @href").getall())
            if _NEXT.fullmatch(_squeeze(node.xpath("string()").get(""))) and _TURNING.search(call):
                return not self.next_page
        return self._pager.is_open and not self.next_page

    @cached_property
    def requests(self) -> tuple[str, ...]:
        """Return the first addresses that the scripts of the page ask for."""
        return scripts_to_requests(self._scripts)

    @cached_property
    def refresh(self) -> str:
        """Return the address that the page sends a browser to at once, "" if there is none."""
        for content in self._root.xpath("//head/meta[@content]"):
            if content.xpath("@http-equiv").get("").lower() == "refresh":
                found = _REFRESH.match(content.xpath("@content").get(""))
                return next(self._join(found[1]), "") if found else ""
        return self._script_to_refresh()

    def _script_to_refresh(self) -> str:
        """Return the address to which a script sends a browser that sees nothing else; "" without one."""
        if self._opening or self._shown:
            return ""
        found = _SENT_ON.search(self._scripts[:_SCRIPT_MAX_CHARACTERS])
        return next(self._join(found[1] or found[2]), "") if found else ""

    @cached_property
    def title(self) -> str:
        """Return the page's title: the name that its CMS gives, its heading, or its <title>."""
        for path in ("//meta[@name='ArticleTitle']/@content", "//h1", "//title"):
            for node in self._root.xpath(path):
                if text := _squeeze(node.xpath("string()").get() or node.get()):
                    return text[:_LINK_TEXT_MAX_CHARACTERS]
        return ""

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Return what the page is headed by: its title, its headings, the names of boxes and where it says
        it is."""
        texts = (_squeeze(node.xpath("string()").get("")) for node in self._root.xpath(_HEADINGS))
        short = (text for text in texts if text and len(text) <= _LINK_TEXT_MAX_CHARACTERS)
        return tuple(dict.fromkeys((self.title, *islice(short, _HEADINGS_MAX))))

    @cached_property
    def frames(self) -> tuple[str, ...]:
        """Return the addresses of the pages that its frames show."""
        nodes = self._root.xpath("//iframe | //frame")[:_FRAMES_MAX]
        urls = (_viewer_to_file(url) for node in nodes for url in self._join(_node_to_target(node)))
        return tuple(dict.fromkeys(urls))

    @cached_property
    def main(self) -> MainText:
        """Return the text of the page without what stands around it."""
        return root_to_main_text(self._root.root)

    @cached_property
    def is_scripted(self) -> bool:
        """Whether a script must run, or a person solve a challenge, before the page shows anything."""
        text = self._shown
        if len(self.links) <= _CHALLENGE_MAX_LINKS and _CHALLENGE.search(text + self.title):
            return True
        return (
            not self.links and len(text) < _FILLED_PAGE_MIN_CHARACTERS and bool(self._root.xpath("//script"))
        )

    @cached_property
    def _shown(self) -> str:
        """Return the text that the page shows."""
        shown = self._root.xpath("//body//text()[not(ancestor::script or ancestor::style)]").getall()
        return _squeeze(" ".join(shown))

    @property
    def left_out(self) -> int:
        """Return how many elements beyond the first `most` were not looked at."""
        return max(0, len(self._opening) - self.most)

    @cached_property
    def _targets(self) -> tuple[tuple[Selector, str], ...]:
        """Return each element that opens something, with its address or the text in place of one."""
        return tuple((node, _node_to_target(node)) for node in self._opening[: self.most])

    @cached_property
    def _opening(self) -> SelectorList[Selector]:
        """Return all elements that open something, also those that scripts write."""
        written: SelectorList[Selector] = SelectorList(self._written.xpath("//a[@href]"))
        return SelectorList([*self._root.xpath(_OPENING), *written])

    def _node_to_text(self, node: Selector) -> str:
        """Return the text of a link. If that is only 下载 or 查看, return the text of the row around it; one
        year among others in its row stays."""
        text = _node_to_own_text(node)
        if len(text) > _NAMELESS_LINK_MAX_CHARACTERS or node.root.tag == "option":
            return text[:_LINK_TEXT_MAX_CHARACTERS]
        if text_to_bare_year(text) and len(node.xpath(f"{_ROW}//a")) > 1:
            return text  # a row of years
        around = self._row_to_text(node.xpath(_ROW))
        return max(text, around, key=len) if len(around) <= _LINK_TEXT_MAX_CHARACTERS else text

    def _row_to_text(self, rows: SelectorList[Selector]) -> str:
        """Return the text of the row around a link, computed once for all links in it."""
        for row in rows:
            if row.root not in self._rows:
                self._rows[row.root] = _squeeze(row.xpath("string()").get(""))
            return self._rows[row.root]
        return ""

    @cached_property
    def _rows(self) -> dict[object, str]:
        """The texts of rows computed so far."""
        return {}

    @cached_property
    def _scripts(self) -> str:
        """Return the scripts in the page."""
        return "\n".join(self._root.xpath("//script[not(@src)]/text()").getall())

    @cached_property
    def _written(self) -> Selector:
        """Return what the scripts in the page would write, parsed."""
        return Selector(text=scripts_to_html(self.text, self._scripts) or "<html/>", type="html")

    @cached_property
    def _pager(self) -> Pager:
        """Return the next page as a script would count it."""
        return scripts_to_pager(self.url, self._scripts)

    @cached_property
    def _root(self) -> Selector:
        """Return the parsed page."""
        # A NUL ends the text for libxml2, and so would hide the links behind it.
        return Selector(text=self.text.replace("\x00", " ") or "<html/>", type="html")

    @cached_property
    def _base(self) -> str:
        """Return the address that relative links start from."""
        return next(self._joined(self.url, self._root.xpath("//base/@href").get("")), self.url)

    def _join(self, link: str) -> Iterator[str]:
        """Yield the absolute address of a link."""
        return self._joined(self._base, link)

    def _joined(self, base: str, link: str) -> Iterator[str]:
        """Yield the absolute address, if the link is one that can be requested."""
        link = link.strip()
        if _NO_LINK.match(link):
            return
        try:
            yield join_link(base, link, self.encoding)
        except RefusedError:
            return


def body_to_page(url: str, body: bytes, most: int = LINKS_PER_PAGE) -> Page:
    """Return the page as text. The charset is found from the bytes: what pages declare is often missing or
    wrong."""
    encoding = _body_to_encoding(body)
    return Page(url, body.decode(encoding, "replace").lstrip("\ufeff"), encoding, most)


def is_challenge(status: int | None, page: Page) -> bool:
    """Whether the site wants a browser or a person before it shows the page."""
    return status in _CHALLENGE_STATUSES or page.is_scripted


def body_to_items(body: bytes, api: Api) -> list[Any]:
    """Return the items of a JSON list as they are. ValueError says what was found instead."""
    try:
        answer = json.loads(body.decode(_body_to_encoding(body)))
    except ValueError as error:
        raise ValueError(
            f"not JSON ({str(error)[:SHORT_QUOTED_MAX_CHARACTERS]}): see what the address answers"
        ) from error
    except RecursionError as error:
        raise ValueError("JSON nested too deeply: see what the address answers") from error
    items = _follow(answer, api.items)
    if not isinstance(items, list):
        raise ValueError(f"no list at {api.items!r} but {type(items).__name__}: correct items of this api")
    return items


def items_to_links(url: str, items: Sequence[Any], api: Api) -> tuple[Link, ...]:
    """Return the links of the items that have one."""
    return tuple(link for item in items for link in _item_to_link(url, item, api))


def texts_to_year(*texts: str) -> int | None:
    """Return the first year that a text names with 年: the year reported on. None if no text does."""
    for text in texts:
        if found := _YEAR.search(re.sub(r"\s", "", text).translate(_CHINESE_DIGITS)):
            return int(found[1])
    return None


def text_to_bare_year(text: str) -> int | None:
    """Return the year that is all that a text says (2022, 2022年, 【2022年度】); None for any other text."""
    found = _BARE_YEAR.fullmatch(re.sub(r"\s", "", text))
    return int(found[1]) if found else None


def url_to_name(url: str) -> str:
    """Return the file name at the end of an address, escaped Chinese made readable. For people only."""
    last = urlsplit(url).path.rpartition("/")[2]
    try:
        return unquote(last, errors="strict")
    except UnicodeDecodeError:
        return unquote(last, encoding="gb18030", errors="replace")


def _body_to_encoding(body: bytes) -> str:
    """Return utf-8, utf-16 or gb18030, by the byte order mark or the bytes above 127."""
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return encoding
    high = sum(byte > 127 for byte in body[:_ENCODING_SAMPLE_BYTES])
    wrong = body[:_ENCODING_SAMPLE_BYTES].decode("utf-8", "replace").count("\ufffd")
    return "utf-8" if wrong <= _INVALID_MAX_SHARE * high else "gb18030"


def _node_to_own_text(node: Selector) -> str:
    """Return the text in a link, or its title attribute if that says more."""
    shown = _squeeze(
        node.xpath("string()").get("") or node.xpath(".//img/@alt | .//img/@title | @alt").get("")
    )
    title = _squeeze(node.xpath("@title").get(""))
    return title if len(title) > len(shown) or shown.endswith(("…", "...")) else shown


def _node_to_target(node: Selector) -> str:
    """Return the address that an element opens: its link, else the first address in its script or data
    attributes."""
    plain = node.xpath("@href | @src | @data").get("")
    if not _NO_LINK.match(plain.strip()):
        return plain
    quoted = [
        value for script in (node.xpath("@onclick").get(""), plain) for value in _QUOTED.findall(script)
    ]
    data = node.xpath("@*[starts-with(name(), 'data-')] | self::option/@value").getall()
    short = (text for text in (*quoted, *data) if len(text) <= _SCRIPT_ADDRESS_MAX_CHARACTERS)
    return next((text for text in short if ADDRESS.fullmatch(text.strip())), plain)


def _viewer_to_file(url: str) -> str:
    """Return the PDF that a viewer in a frame shows; the address itself if it is no viewer."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name in ("file", "src", "url") and urlsplit(value).path.lower().endswith(".pdf"):
            return join_link(url, value)
    return url


def _follow(answer: Any, path: str) -> Any:
    """Return what a dotted path (data.list, data.0.list) leads to in JSON, None if it leads nowhere."""
    for step in filter(None, path.split(".")):
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer


def _item_to_link(url: str, item: Any, api: Api) -> Iterator[Link]:
    """Yield the link of an item, if it has one."""
    link, title = _follow(item, api.link), _follow(item, api.title)
    if not isinstance(link, str) or not link.strip():
        return
    said = str(title)[:_JSON_TITLE_MAX_CHARACTERS] if isinstance(title, str | int | float) else ""
    try:
        yield Link(
            join_link(url, link), _squeeze(re.sub(r"<[^>]{0,200}>", "", said))[:_LINK_TEXT_MAX_CHARACTERS]
        )
    except RefusedError:
        return


def _squeeze(text: str) -> str:
    """Return the text with runs of white space as one blank."""
    return _HTML_SPACE.sub(" ", text).strip()
