"""A page → the facts the crawl needs: its title, the links to follow, the next page. Runs in a page
process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from pipeline.acquire.addresses import RefusedError, url_to_canonical
from pipeline.acquire.crawl.link_choice import (
    link_to_role,
    link_to_title,
    link_to_year,
    links_to_reports,
    page_to_downloads,
    page_to_followed,
    page_to_frames,
    page_to_hash,
    page_to_reports,
    page_to_unopened,
)
from pipeline.acquire.crawl.request import Role
from pipeline.acquire.pages import (
    Link,
    Page,
    body_to_items,
    body_to_page,
    is_challenge,
    items_to_links,
    texts_to_year,
)
from pipeline.acquire.sources import Source

_TAGS_MAX = 200_000
"""Count. A page with more tags is not read: their tree takes about 100 MB.

Pages of bureaus have thousands.
"""


@dataclass(frozen=True, slots=True)
class PageTask:
    """The `body` of a page fetched from `url`, and what was requested: see CrawlRequest. `links` is the
    most links looked at."""

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
        """Whether the response brought the page, or confirmed the one that was kept."""
        return self.status is not None and (200 <= self.status < 300 or self.status == 304)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link to follow: `url` as on the page, `key` the same for all spellings, and the title and year it
    promises.

    `key` is "" if the address is never fetched; `refused` says why.
    """

    url: str
    key: str
    role: Role
    title: str
    year: int | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says. `problem` says why it is not a usable page; `refresh` is the address it sends a
    browser to.

    `unopened` counts the entries that only a script opens; `example` is one of them. `left_out` counts the
    links beyond the limit. `items` counts the links of a JSON list. `report` is the hash of the text of a
    page that is itself a report, "" of any other. `frames` are the pages that the frames of a list show.
    `asked` are addresses that the scripts of a list without links ask for. `pictures` counts the pictures in
    the text of a page that has no tables.
    """

    title: str = ""
    problem: str = ""
    is_challenge: bool = False
    refresh: str = ""
    found: tuple[FoundLink, ...] = ()
    next_page: str = ""
    next_is_scripted: bool = False
    unopened: int = 0
    example: str = ""
    items: int = 0
    left_out: int = 0
    report: str = ""
    frames: tuple[FoundLink, ...] = ()
    asked: tuple[str, ...] = ()
    pictures: int = 0


def task_to_facts(task: PageTask) -> PageFacts:
    """Parse the page of a task."""
    if (tags := task.body.count(b"<")) > _TAGS_MAX and not task.api:
        return PageFacts(problem=f"a page of {tags} tags: at most {_TAGS_MAX} are read")
    if task.api and task.is_good:
        return _json_list_to_facts(task)
    page = body_to_page(task.url, task.body, task.links)
    if is_challenge(task.status, page) and not page.refresh:
        return PageFacts(page.title, is_challenge=True, asked=page.requests)
    if not task.is_good or page.refresh:
        return PageFacts(page.title, refresh=page.refresh)
    if task.role is Role.DOCUMENT:
        return _stand_in_to_facts(task, page)
    return _list_to_facts(task, page) if task.role is Role.LIST else _detail_to_facts(task, page)


def _json_list_to_facts(task: PageTask) -> PageFacts:
    """Parse the items of a JSON list."""
    api = task.source.apis[task.api - 1]
    try:
        items = body_to_items(task.body, api)
    except ValueError as error:
        hidden = is_challenge(task.status, body_to_page(task.url, task.body, task.links))
        return PageFacts(is_challenge=hidden, problem=str(error))
    links = items_to_links(task.url, items[: task.links], api)
    found = _links_to_found(task, task.title, links_to_reports(task.source, links))
    return PageFacts(found=found, items=len(links), left_out=max(0, len(items) - task.links))


def _list_to_facts(task: PageTask, page: Page) -> PageFacts:
    """Return the links, the next page and the unopened entries of a list page."""
    unopened = page_to_unopened(task.source, page)
    reports = page_to_reports(task.source, page)
    shows_report = page.main.has_tables and any(map(task.source.is_report, (task.title, page.title)))
    return PageFacts(
        title=page.title,
        report=page_to_hash(task.source, task.title, page) if shows_report else "",
        frames=_links_to_found(task, task.title, page_to_frames(task.source, page)),
        found=_links_to_found(task, task.title, reports),
        next_page=page.next_page,
        next_is_scripted=page.next_is_scripted,
        unopened=len(unopened),
        example=next(iter(unopened), ""),
        left_out=page.left_out,
        asked=() if reports else page.requests,
    )


def _stand_in_to_facts(task: PageTask, page: Page) -> PageFacts:
    """Return what a page has that came where a file was expected: the report itself, or links to the file.

    Where the address is that of a file, it is an error's page, and nothing of it is taken.
    """
    if task.source.is_attachment(unquote(task.url)):
        return PageFacts(page.title)
    if page.main.holds_report and any(map(task.source.is_report, (page.title, *page.headings[:1]))):
        return _detail_to_facts(task, page)
    links = page_to_downloads(task.source, page) if task.depth <= task.source.max_depth else []
    found = (replace(link, role=Role.DOCUMENT) for link in _links_to_found(task, task.title, links))
    return PageFacts(page.title, found=tuple(found), left_out=page.left_out)


def _detail_to_facts(task: PageTask, page: Page) -> PageFacts:
    """Return the links of a detail page that are to be followed."""
    year = texts_to_year(task.title, page.title, *page.headings[:1])
    links = page_to_followed(task.source, task.depth, page, year)
    found = _links_to_found(task, task.title or page.title, links)
    is_named = any(map(task.source.is_report, (task.title, page.title, *page.headings[:1])))
    report = ""
    if is_named and page.main.holds_report:
        report = page_to_hash(task.source, task.title, page)
        found = tuple(link for link in found if link.role is Role.DOCUMENT)  # its menu names reports too
    pictures = page.main.pictures if is_named and not (page.main.has_tables or found) else 0
    return PageFacts(page.title, found=found, left_out=page.left_out, report=report, pictures=pictures)


def _links_to_found(task: PageTask, title: str, links: Sequence[Link]) -> tuple[FoundLink, ...]:
    """Return each link with its title, year and role."""
    return tuple(_link_to_found(task.source, title, link) for link in links)


def _link_to_found(source: Source, above: str, link: Link) -> FoundLink:
    """Return one link with its title, year and role; `above` is the title of the page around it."""
    title = link_to_title(source, above, link)
    year = link_to_year(title, above, link)
    try:
        key, refused = url_to_canonical(link.url), ""
    except RefusedError as error:
        key, refused = "", str(error)
    return FoundLink(link.url, key, link_to_role(source, link), title, year, refused)
