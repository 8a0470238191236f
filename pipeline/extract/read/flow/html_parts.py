"""Tell the main content of a web page from what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from pipeline.extract.read.flow.aligned_rows import align_rows
from pipeline.extract.read.flow.blocks import FlowBlock, FlowDocument, FlowParagraph, FlowPicture
from pipeline.extract.read.flow.html_page import (
    ROOT,
    PageBlock,
    PageParagraph,
    PageTable,
    WebPage,
    is_picture,
)
from pipeline.extract.read.flow.html_styles import Declarations, length

_MAIN_MIN_SHARE = 0.9
"""Share of the characters that are no links. The main content is the smallest element with as many."""

_AROUND_MAX_SHARE = 0.3
"""Share of those characters. An element that holds more is text, whatever its name."""

_NUMBERS_MIN_CELLS = 6
"""Count. A table with numbers in as many cells is no means of layout, and belongs to the main content."""

_HEAD_MAX_BLOCKS = 20
"""Count. No more blocks above the main content are read: title, dates and breadcrumb stand in the last."""

_TOLD_MAX_CHARACTERS = 200
"""Count. Breadcrumbs, dates and the address of a picture say what they are in as many characters."""

_LIST_MIN_LINKS = 3
"""Count. An element with as many links and hardly any other text is a list of links."""

_LIST_MIN_LINKED_SHARE = 0.7
"""Share of the characters, those of dates aside. In a list of links as many are links."""

_PICTURE_MIN_SIZES = {"width": 200.0, "height": 30.0}
"""Pixels of CSS. A smaller picture shows no table, nor the last rows of one that a page's end has cut."""

_PICTURE_WEIGHT = 200
"""Count of characters. A picture that the file holds weighs as many, on a page without a table of numbers."""

_SPACER_MAX_SIZE = 2.0
"""Pixels of CSS. A picture that is no wider or no higher shows nothing."""

_BROKEN_LINE_MIN_CHARACTERS = 30
"""Count. A shorter line that is broken on purpose is a paragraph of its own, such as a heading."""

_AROUND_TAGS = frozenset({"nav", "aside", "footer"})
_AROUND_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar"}
)
_AROUND_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|foot|bottom|copyright|share|bdsharebuttonbox|social|related|relate|"
    r"xgwz|xgyd|xgxx|tuijian|recommend|sidebar|aside|pagination|pager|prevnext|prev|next|sxp|toolbar|tools?|search|"
    r"login|qrcode|ewm|friendlink|links|topbar|banner|logo)(?=$|[\s_-])",
    re.I,
)
_CRUMB = re.compile(r"(?:位置|首页).{0,40}?[>＞›»→/|｜:：]")
_DATED = re.compile(r"(?:发布|公布|公开|发表|成文|发文|生成|印发)?(?:时间|日期)\s*[:：]?\s*[12]\d{3}")
_DATE_CHARACTERS = re.compile(r"[\s0-9\-/:：.\[\]()（）【】·年月日]")
_DIGITS = re.compile(r"[0-9０-９]")
_DECORATION = re.compile(
    r"icon|logo|qr_?code|ewm|erweima|spacer|blank\.|weixin|weibo|share|emoji|loading|banner", re.I
)
_SENTENCE_ENDS = tuple("。；：！？;:!?")
_BEGINS = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}[、.．章部]|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[0-9]{1,2}[、.．)）])"
)
_TITLE_PARTS = re.compile(r"\s*[_|｜]\s*|\s+[-–—]+\s+|--+")
_NAMED_VALUES = (
    (
        "发布日期",
        (
            "pubdate",
            "publishdate",
            "publish_date",
            "publishtime",
            "article:published_time",
            "firstpublishedtime",
        ),
    ),
    ("来源", ("contentsource", "source", "publisher")),
)
"""What is told of a page in its head, by the label that it has where it is printed."""


def is_around(tag: str, names: str, role: str) -> bool:
    """Whether an element stands around the text, by its tag, its role, or its id and classes (`names`)."""
    return tag in _AROUND_TAGS or role.strip().lower() in _AROUND_ROLES or bool(_AROUND_NAMES.search(names))


def is_picture_of_text(attributes: dict[str, str], said: Declarations) -> bool:
    """Whether a picture may show a table: it is not known to be small, or an ornament."""
    for side, least in _PICTURE_MIN_SIZES.items():
        size = length(said.get(side, "") or attributes.get(side, ""))
        if size is not None and size < least:
            return False
    source = attributes.get("src", "") or attributes.get("data-src", "")
    return bool(source) and not _DECORATION.search(
        f"{source[:_TOLD_MAX_CHARACTERS]} {attributes.get('class', '')}"
    )


def is_spacer(attributes: dict[str, str], said: Declarations) -> bool:
    """Whether a picture is too small to show anything: it keeps a place free, or counts visits."""
    sizes = [length(said.get(side, "") or attributes.get(side, "")) for side in ("width", "height")]
    return any(size is not None and size <= _SPACER_MAX_SIZE for size in sizes)


def page_to_flow(page: WebPage, reader: str) -> FlowDocument:
    """Return the main content of a page, with what stands at its head."""
    weights = _Weights(page)
    main = weights.main()
    body = [at for at in range(len(page.blocks)) if weights.is_within(at, main)]
    first, last = (body[0], body[-1]) if body else (len(page.blocks), -1)
    text = [at for at in body if not weights.is_dropped(at)]
    above = [at for at in range(first) if weights.is_head(at)][-_HEAD_MAX_BLOCKS:]
    below = [at for at in range(last + 1, len(page.blocks)) if weights.is_foot(at)]
    kept = [*above, *text]
    if not any(_is_dated(page.blocks[at]) for at in kept[: _HEAD_MAX_BLOCKS * 2]):
        kept += below
    own = frozenset(kept)
    links = tuple(
        block.text
        for at, block in enumerate(page.blocks)
        if isinstance(block, PageParagraph) and block.linked and at not in own
    )
    blocks = [page.blocks[at] for at in kept]
    named = [*_named(page, blocks)]
    elsewhere = sum(is_picture(block) and not page.load_of(block) for block in blocks)
    return FlowDocument(
        reader,
        tuple(_to_flow(named, blocks, page)),
        title=_title(page),
        losses=tuple(dict.fromkeys(page.losses)),
        links=links,
        frames=page.frames,
        elsewhere=elsewhere,
    )


class _Weights:
    """How much text each element of a page holds that is no link."""

    def __init__(self, page: WebPage) -> None:
        self._page = page
        self._own = [_weight(block) for block in page.blocks]
        self._numbers = [isinstance(block, PageTable) and _has_numbers(block) for block in page.blocks]
        if not any(self._numbers):
            self._own = [
                _PICTURE_WEIGHT if page.load_of(block) else own
                for own, block in zip(self._own, page.blocks, strict=True)
            ]
        all_holders = self._summed(self._own)
        around = self._around(all_holders)
        self._is_around = around
        kept = [0 if around[block.holder] else own for own, block in zip(self._own, page.blocks, strict=True)]
        self._weights = self._summed(kept)
        self._tables = self._summed(self._numbers)
        self._lists = self._link_lists()

    def _summed(self, own: Sequence[int]) -> list[int]:
        """Return the sums of the blocks in each holder."""
        sums = [0] * len(self._page.holders)
        for block, weight in zip(self._page.blocks, own, strict=True):
            sums[block.holder] += weight
        for at in range(len(sums) - 1, ROOT, -1):
            sums[self._page.holders[at].parent] += sums[at]
        return sums

    def _around(self, weights: Sequence[int]) -> list[bool]:
        """Return of each holder whether it stands around the text, or in one that does."""
        tables = self._summed(self._numbers)
        most = _AROUND_MAX_SHARE * weights[ROOT]
        found = [False] * len(weights)
        for at, holder in enumerate(self._page.holders):
            own = holder.is_around and weights[at] <= most and not tables[at]
            found[at] = own or (at != ROOT and found[holder.parent])
        return found

    def _link_lists(self) -> list[bool]:
        """Return of each holder whether it is a list of links, or in one."""
        linked = self._summed([block.linked for block in self._page.blocks])
        count = self._summed([bool(block.linked) for block in self._page.blocks])
        whole = self._summed([_undated_length(block) for block in self._page.blocks])
        found = [False] * len(whole)
        for at, holder in enumerate(self._page.holders):
            is_list = count[at] >= _LIST_MIN_LINKS and linked[at] >= _LIST_MIN_LINKED_SHARE * whole[at]
            found[at] = (is_list and not self._tables[at]) or (at != ROOT and found[holder.parent])
        return found

    def main(self) -> int:
        """Return the smallest holder with nearly all text and all tables with numbers."""
        children: dict[int, list[int]] = {}
        for at, holder in enumerate(self._page.holders[1:], start=1):
            children.setdefault(holder.parent, []).append(at)
        least, tables, main = _MAIN_MIN_SHARE * self._weights[ROOT], self._tables[ROOT], ROOT
        while self._weights[ROOT]:
            inner = [
                at
                for at in children.get(main, [])
                if self._weights[at] >= least and self._tables[at] == tables
            ]
            if not inner:
                break
            main = inner[0]
        return main

    def is_holder_within(self, holder: int, main: int) -> bool:
        """Whether a holder is another, or in it, and not in one that stands around the text."""
        if self._is_around[holder]:
            return False
        while holder != main and holder != ROOT:
            holder = self._page.holders[holder].parent
        return holder == main

    def is_within(self, at: int, main: int) -> bool:
        """Whether a block stands in a holder."""
        return self.is_holder_within(self._page.blocks[at].holder, main)

    def is_dropped(self, at: int) -> bool:
        """Whether a block in the main content is one of links alone, in a list of links."""
        block = self._page.blocks[at]
        return self._lists[block.holder] and not self._numbers[at]

    def is_head(self, at: int) -> bool:
        """Whether a block above the main content may belong to it: its title, its date, its breadcrumb."""
        block = self._page.blocks[at]
        if (
            isinstance(block, PageParagraph)
            and _CRUMB.search(block.text)
            and len(block.text) < _TOLD_MAX_CHARACTERS
        ):
            return True
        if self._is_around[block.holder] or self._lists[block.holder]:
            return False
        return 2 * block.linked < _length(block)

    def is_foot(self, at: int) -> bool:
        """Whether a block below the main content tells when it was published."""
        block = self._page.blocks[at]
        return self.is_head(at) and _is_dated(block) and isinstance(block, PageParagraph)


def _length(block: PageBlock) -> int:
    """Return how many characters a block has."""
    if isinstance(block, PageParagraph):
        return len(block.text)
    return sum(len(cell.text) for cell in block.table.cells)


def _undated_length(block: PageBlock) -> int:
    """Return how many characters a block has; of one with links, those of dates aside."""
    if block.linked and isinstance(block, PageParagraph):
        return max(block.linked, len(_DATE_CHARACTERS.sub("", block.text)))
    return _length(block)


def _weight(block: PageBlock) -> int:
    """Return how much of the main content a block may be, in characters; 0 of one that is mostly links."""
    length = _length(block)
    return length - block.linked if 2 * block.linked < length else 0


def _has_numbers(block: PageTable) -> bool:
    """Whether a table shows numbers in many cells, and no links."""
    filled = (cell for cell in block.table.cells if _DIGITS.search(cell.text))
    count = sum(1 for _ in islice(filled, _NUMBERS_MIN_CELLS))
    return count == _NUMBERS_MIN_CELLS and 2 * block.linked < _length(block)


def _is_dated(block: PageBlock) -> bool:
    """Whether a block says when the page was published."""
    if isinstance(block, PageParagraph):
        return bool(_DATED.search(block.text[:_TOLD_MAX_CHARACTERS]))
    return any(_DATED.search(cell.text) for cell in block.table.cells) or any(
        "日期" in cell.text or "时间" in cell.text for cell in block.table.cells
    )


def _named(page: WebPage, blocks: Sequence[PageBlock]) -> Iterator[FlowParagraph]:
    """Yield what the page's head names and no block says, as paragraphs."""
    dated = any(_is_dated(block) for block in blocks[: 2 * _HEAD_MAX_BLOCKS])
    for label, names in _NAMED_VALUES:
        value = next((page.names[name] for name in names if page.names.get(name)), "")
        if (
            value
            and not (label == "发布日期" and dated)
            and not any(
                isinstance(block, PageParagraph) and value in block.text
                for block in blocks[:_HEAD_MAX_BLOCKS]
            )
        ):
            yield FlowParagraph(f"{label}：{value}")


def _title(page: WebPage) -> str:
    """Return the title that the page's head names: without the name of the web site."""
    named = page.names.get("articletitle", "")
    return named or next(filter(None, _TITLE_PARTS.split(page.title)), "")


def _to_flow(
    named: Sequence[FlowParagraph], blocks: Sequence[PageBlock], page: WebPage
) -> Iterator[FlowBlock]:
    """Yield the blocks as they flow; sizes become scales of the size in which most of the text is set.

    Of pictures, those that the file holds are blocks; all are counted.
    """
    pictures = 0
    sizes: dict[float, int] = {}
    for block in blocks:
        if isinstance(block, PageParagraph):
            sizes[block.size] = sizes.get(block.size, 0) + len(block.text)
    body = max(sizes, key=lambda size: sizes[size], default=1.0) or 1.0
    yield from named
    for block in blocks:
        if isinstance(block, PageTable):
            yield block.table._replace(cells=align_rows(block.table.cells))
        elif block.picture:
            pictures += 1
            if load := page.load_of(block):
                yield FlowPicture(pictures, load)
        else:
            yield from (FlowParagraph(text, block.size / body) for text in _paragraphs(block.text))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a text with broken lines; a long line in mid-sentence goes on in the next."""
    if "\n" not in text:
        yield text
        return
    pending = ""
    for line in text.split("\n"):
        goes_on = len(pending) >= _BROKEN_LINE_MIN_CHARACTERS and not pending.endswith(_SENTENCE_ENDS)
        if pending and not (goes_on and not _BEGINS.match(line)):
            yield pending
            pending = line
        else:
            pending += line
    yield pending
