"""A page → what a visit needs to know of it, in a process of its own: a page may be made to take long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.acquire.addresses import RefusedError, url_to_canonical
from pipeline.acquire.crawl.asks import Role
from pipeline.acquire.crawl.choice import (
    link_to_role,
    link_to_title,
    link_to_year,
    links_to_reports,
    page_to_further,
    page_to_unopened,
)
from pipeline.acquire.pages import Link, Page, body_to_items, body_to_page, is_challenge, items_to_links
from pipeline.acquire.sources import Source

_TAGS = 200_000  # a tree of so many takes some 100 MB; pages of bureaus have thousands


@dataclass(frozen=True, slots=True)
class Work:
    """The `body` of a page that was had at `url`, and what it was asked for: see Ask."""

    source: Source
    url: str
    body: bytes
    role: Role
    status: int | None
    title: str
    depth: int
    api: int
    links: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and (200 <= self.status < 300 or self.status == 304)


@dataclass(frozen=True, slots=True)
class Found:
    """A link that is followed: as the page has it, the same for all its spellings, and what it promises.

    `key` is "" where the address is not asked, and `refused` says why.
    """

    url: str
    key: str
    role: Role
    title: str
    year: int | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says; `problem` where it is not what it should be, `refresh` where it sends on.

    `unopened` counts the entries that open only by a script, of which `example` is one, `left_out` the links
    beyond those that are looked at, `items` the links of a JSON list.
    """

    title: str = ""
    problem: str = ""
    is_challenge: bool = False
    refresh: str = ""
    found: tuple[Found, ...] = ()
    next_page: str = ""
    next_is_scripted: bool = False
    unopened: int = 0
    example: str = ""
    items: int = 0
    left_out: int = 0


def work_to_reading(work: Work) -> PageFacts:
    """What is on the page of this work."""
    if (tags := work.body.count(b"<")) > _TAGS and not work.api:
        return PageFacts(problem=f"a page of {tags} tags: at most {_TAGS} are read")
    if work.api and work.is_good:
        return _answer_to_reading(work)
    page = body_to_page(work.url, work.body, work.links)
    if is_challenge(work.status, page) and not page.refresh:
        return PageFacts(page.title, is_challenge=True)
    if not work.is_good or page.refresh or work.role is Role.DOCUMENT:
        return PageFacts(page.title, refresh=page.refresh)
    return _list_to_reading(work, page) if work.role is Role.LIST else _detail_to_reading(work, page)


def _answer_to_reading(work: Work) -> PageFacts:
    """The items of a JSON list."""
    api = work.source.apis[work.api - 1]
    try:
        items = body_to_items(work.body, api)
    except ValueError as error:
        hidden = is_challenge(work.status, body_to_page(work.url, work.body, work.links))
        return PageFacts(is_challenge=hidden, problem=str(error))
    links = items_to_links(work.url, items[: work.links], api)
    found = _links_to_found(work, work.title, links_to_reports(work.source, links))
    return PageFacts(found=found, items=len(links), left_out=max(0, len(items) - work.links))


def _list_to_reading(work: Work, page: Page) -> PageFacts:
    unopened = page_to_unopened(work.source, page)
    return PageFacts(
        title=page.title,
        found=_links_to_found(work, work.title, links_to_reports(work.source, page.links)),
        next_page=page.next_page,
        next_is_scripted=page.next_is_scripted,
        unopened=len(unopened),
        example=next(iter(unopened), ""),
        left_out=page.left_out,
    )


def _detail_to_reading(work: Work, page: Page) -> PageFacts:
    links = page_to_further(work.source, work.depth, page)
    found = _links_to_found(work, work.title or page.title, links)
    return PageFacts(page.title, found=found, left_out=page.left_out)


def _links_to_found(work: Work, title: str, links: Sequence[Link]) -> tuple[Found, ...]:
    return tuple(_link_to_found(work.source, title, link) for link in links)


def _link_to_found(source: Source, above: str, link: Link) -> Found:
    title = link_to_title(source, above, link)
    year = link_to_year(title, above, link)
    try:
        key, refused = url_to_canonical(link.url), ""
    except RefusedError as error:
        key, refused = "", str(error)
    return Found(link.url, key, link_to_role(source, link), title, year, refused)
