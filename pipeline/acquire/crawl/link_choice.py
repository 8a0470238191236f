"""A page's links → the links to follow, each with the title and year of the report it promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import unquote

from pipeline.acquire.addresses import url_to_host
from pipeline.acquire.crawl.request import CrawlRequest, Role
from pipeline.acquire.pages import Link, Page, text_to_bare_year, texts_to_year, url_to_name
from pipeline.acquire.report_titles import title_to_parts, titles_to_name
from pipeline.acquire.sources import Source

_NAMELESS_FILES_MAX = 20
"""Count. If no file on a page names a report, no more are followed: each costs a request."""

_DOWNLOAD_PAGE_MAX_LINKS = 30
"""Count. A page that some programs put before a download has no more links; a home page has hundreds."""

_DOWNLOADS_MAX = 3
"""Count. No more links of a page are followed that only say 附件 or 下载: a report has one file, or two."""

_ATTACHED = re.compile(r"\W{0,3}(?:附件|(?:点击|立即)?下载)")
_DOWNLOAD_CENTRE = re.compile("客户端|软件|APP|中心|专区|频道", re.IGNORECASE)


def page_to_reports(source: Source, page: Page) -> list[Link]:
    """Return the links of a list page that promise a report, also those that say only the year where the page
    is headed as one of such reports."""
    named = links_to_reports(source, page.links)
    headed = [heading for heading in page.headings if source.is_report(heading)]
    if not headed:
        return named
    known = {link.url for link in named}
    years = ((link, text_to_bare_year(link.text)) for link in page.links if link.url not in known)
    return [*named, *(Link(link.url, f"{year}年{min(headed, key=len)}") for link, year in years if year)]


def page_to_frames(source: Source, page: Page) -> list[Link]:
    """Return the pages of the source's own hosts that the frames of a page show, without files."""
    pages = (url for url in page.frames if not source.is_attachment(unquote(url)))
    return [Link(url, "") for url in pages if source.has(url_to_host(url))]


def links_to_reports(source: Source, links: Sequence[Link]) -> list[Link]:
    """Return the links that promise a report by their text or by the name of their file."""
    return [link for link in links if _promises_report(source, link)]


def page_to_followed(source: Source, depth: int, page: Page, year: int | None = None) -> list[Link]:
    """Return the links of a detail page, on this `year`, that are to be followed.

    These are its files: the ones that name a report if any does, else the first few. A page without files
    gives its frames, its links to reports, unless they are deeper than the source's `max_depth`, and what
    says that it is its report or an attachment.
    """
    files = [link for link in page.links if _is_file(source, link)]
    if files:
        return links_to_reports(source, files) or files[:_NAMELESS_FILES_MAX]
    reports = page_to_reports(source, page) if depth + 2 <= source.max_depth else []
    if depth + 1 > source.max_depth:
        return reports
    known = {link.url for link in (*reports, Link(page.url, ""))}
    own = (link for link in page.links if link.url not in known and _is_own(source, link, year))
    return [*reports, *islice(own, _DOWNLOADS_MAX), *page_to_frames(source, page)]


def _is_own(source: Source, link: Link, year: int | None) -> bool:
    """Whether a link of a page on this year leads to its attachment, though its address does not say so."""
    return _is_attached(link) or (
        year is not None and source.is_report(link.text) and texts_to_year(link.text) == year
    )


def _is_attached(link: Link) -> bool:
    """Whether the text of a link says that it leads to an attachment, and not to a page of many."""
    return _ATTACHED.match(link.text) is not None and not _DOWNLOAD_CENTRE.search(link.text)


def page_to_downloads(source: Source, page: Page) -> list[Link]:
    """Return the links to the file that a page stands before, which has little else: files, and what says
    下载."""
    if len(page.links) > _DOWNLOAD_PAGE_MAX_LINKS:
        return []
    return [link for link in page.links if _is_file(source, link) or "下载" in link.text][:_DOWNLOADS_MAX]


def page_to_unopened(source: Source, page: Page) -> list[str]:
    """Return the texts that promise a report but are opened by a script without an address in it."""
    opened = {link.text for link in page.links}
    return [text for text in page.scripted if source.is_report(text) and text not in opened]


def page_to_hash(source: Source, above: str, page: Page) -> str:
    """Return the hash of the text of the report that a page is, which names this version of it.

    `above` is the text of the link to the page.

    Two addresses of one report word its title differently, so whose it is and the year count of the title.
    Where no title says whose it is, the source counts: two bodies may have the same text.
    """
    titles = [
        title for text in (page.title, above, *page.headings) for title in _text_to_titles(source, text)
    ]
    return page.main.named(titles_to_name(titles, source.name), titles)


def _text_to_titles(source: Source, text: str) -> Iterator[str]:
    """Yield a text that is the title of a report, without what stands behind it, such as the site's name."""
    parts = title_to_parts(text)
    place = next((number for number, part in enumerate(parts) if source.is_report(part)), None)
    if place is not None:
        yield "".join(parts[: place + 1])
    elif source.is_report(text):
        yield text


def link_to_role(source: Source, link: Link) -> Role:
    """Return what a link is expected to lead to: a document or a page."""
    return Role.DOCUMENT if _is_file(source, link) or _is_attached(link) else Role.PAGE


def url_to_role(source: Source, url: str) -> Role:
    """Return what an address of sources.toml is expected to be: a document or a page."""
    return Role.DOCUMENT if source.is_attachment(unquote(url)) else Role.PAGE


def link_to_title(source: Source, above: str, link: Link) -> str:
    """Return the text that names a report best: of the link, of the page `above` it, or its file's name. A
    text with a year comes first, then the longest."""
    texts = [text for text in (link.text, above, url_to_name(link.url)) if source.is_report(text)]
    return max(
        texts, key=lambda text: (texts_to_year(text) is not None, len(text)), default=above or link.text
    )


def link_to_year(title: str, above: str, link: Link) -> int | None:
    """Return the year that a report is about, from its texts or its file's name; None if they do not say."""
    return texts_to_year(title, link.text, above, url_to_name(link.url))


def source_to_years(source: Source, now: int) -> list[str]:
    """Return the addresses of the reports on each year before this one, [] if the source has none so."""
    years = range(source.first_year, now) if source.yearly else ()
    return [source.yearly.replace("{year}", str(year)) for year in years]


def request_to_next_page(source: Source, request: CrawlRequest) -> str:
    """Return the address of the next list page if the source says how pages are numbered, else ""."""
    if request.api:
        api = source.apis[request.api - 1]
        url = number_to_url(api.url, api.first_page + request.number + 1)
        return url if url != request.url else ""
    return number_to_url(source.pages, source.first_page + request.number)


def number_to_url(pattern: str, number: int) -> str:
    """Fill a page number into an address that has {page} in it."""
    return pattern.replace("{page}", str(number))


def _is_file(source: Source, link: Link) -> bool:
    """Whether the address or the text of a link promises a file."""
    return source.is_attachment(unquote(link.url)) or source.is_attachment(link.text)


def _promises_report(source: Source, link: Link) -> bool:
    """Whether the text of a link, or the name of the file it leads to, is that of a report."""
    return source.is_report(link.text) or (_is_file(source, link) and source.is_report(url_to_name(link.url)))
