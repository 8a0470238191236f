"""A page's links → those that are followed, and the title and year that go with each."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from pipeline.acquire.crawl.asks import Ask, Role
from pipeline.acquire.pages import Link, Page, texts_to_year, url_to_name
from pipeline.acquire.sources import Source

_ATTACHMENTS = 20  # on one page, of those whose texts name no report


def links_to_reports(source: Source, links: Sequence[Link]) -> list[Link]:
    """Those that promise a report, by their text or by the name of their file."""
    return [link for link in links if _promises_report(source, link)]


def page_to_further(source: Source, depth: int, page: Page) -> list[Link]:
    """The PDFs of a detail page, those that name a report if any does; else what it lists, if not deep."""
    files = [link for link in page.links if _is_file(source, link)]
    if files:
        return links_to_reports(source, files) or files[:_ATTACHMENTS]
    return links_to_reports(source, page.links) if depth + 2 <= source.max_depth else []


def page_to_unopened(source: Source, page: Page) -> list[str]:
    """The texts that promise a report and open only by a script that says no address."""
    opened = {link.text for link in page.links}
    return [text for text in page.scripted if source.is_report(text) and text not in opened]


def link_to_role(source: Source, link: Link) -> Role:
    return Role.DOCUMENT if _is_file(source, link) else Role.PAGE


def url_to_role(source: Source, url: str) -> Role:
    """What an address of sources.toml is hoped to be."""
    return Role.DOCUMENT if source.is_attachment(unquote(url)) else Role.PAGE


def link_to_title(source: Source, above: str, link: Link) -> str:
    """The text that names a report best, with its year: that of the link, of the list, or the file's name."""
    texts = [text for text in (link.text, above, url_to_name(link.url)) if source.is_report(text)]
    return max(
        texts, key=lambda text: (texts_to_year(text) is not None, len(text)), default=above or link.text
    )


def link_to_year(title: str, above: str, link: Link) -> int | None:
    """The year that a report is on, as one of its texts or the name of its file says."""
    return texts_to_year(title, link.text, above, url_to_name(link.url))


def ask_to_next_page(source: Source, ask: Ask) -> str:
    """The list page after this one, where the source says how they are numbered; "" where it does not."""
    if ask.api:
        api = source.apis[ask.api - 1]
        url = number_to_url(api.url, api.first_page + ask.number + 1)
        return url if url != ask.url else ""
    return number_to_url(source.pages, source.first_page + ask.number)


def number_to_url(pattern: str, number: int) -> str:
    return pattern.replace("{page}", str(number))


def _is_file(source: Source, link: Link) -> bool:
    return source.is_attachment(unquote(link.url)) or source.is_attachment(link.text)


def _promises_report(source: Source, link: Link) -> bool:
    return source.is_report(link.text) or (_is_file(source, link) and source.is_report(url_to_name(link.url)))
