"""sources.toml: where the reports are published, and how politely to ask for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.acquire.addresses import RefusedError, check_url, host_to_registrable, url_to_host
from pipeline.errors import QUOTED_MAX_CHARACTERS, Error, TomlError
from pipeline.files.regular_file import read_regular
from pipeline.installation.extras import CHECKOUT
from pipeline.setting_keys import (
    DAY_SECONDS,
    MEMORY_MIN_MB,
    SIZE_MAX_MB,
    TIMEOUT_MIN_SECONDS,
    key,
    table_to_record,
)
from pipeline.typed_toml import bytes_to_table

LINKS = r"信息公开.{0,30}(报告|年报)|年度.{0,4}报告|年报"
ATTACHMENTS = (
    r"\.(pdf|docx?|docm|dotx|wps|xlsx?|xlsm|xlsb|et|ofd|odt|ods|rtf|mht|mhtml|zip|rar|7z)(?![a-z0-9])"
)

LINKS_PER_PAGE = 5000
"""Count. No more elements of a page are looked at. The list of a whole province has hundreds."""

_CATALOGUE_MAX_BYTES = 16 << 20
"""Bytes that the file of sources may have."""

_RETRIES_MAX = 100
"""Count. The settings allow no more further tries of a request."""

_CRAWL_MAX_SECONDS = 604_800
"""Seconds. The settings give the crawl of a night no longer: a week."""

ALL = "*"  # in `domains`: links to any host are followed


class SourcesError(Error):
    """The file of sources cannot be used; the message says where, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Api:
    """A list as JSON that needs no login."""

    url: str = key(meaning="its address, with {page} in it where there are more pages")
    items: str = key(meaning="the dotted path that leads to the list in an answer")
    link: str = key("url", "the path to the link within an item")
    title: str = key("title", "the path to the title within an item")
    first_page: int = key(1, "the number of the first page", least=0)


@dataclass(frozen=True, slots=True)
class Source:
    """A bureau, and the pages, addresses or folder where its reports are."""

    name: str = key(meaning="the bureau's name, which the tables and the digest show")
    region: str | None = key(None, "the region that the bureau belongs to")
    domains: tuple[str, ...] = key(
        (),
        'links to other hosts are not followed, "*" allows any; '
        "where none is given, the domains that the owners of its own addresses registered",
    )
    lists: tuple[str, ...] = key((), "addresses of pages that list reports")
    pages: str = key("", "the address of further list pages, with {page} in it, where no link leads to them")
    first_page: int = key(1, "the number of the first of these pages", least=0)
    apis: tuple[Api, ...] = key((), "lists as JSON", name="api", record=Api)
    urls: tuple[str, ...] = key((), "addresses of single reports")
    yearly: str = key("", "the address of the report on a year, with {year} in it, asked for each year")
    first_year: int = key(2008, "the first of these years", least=2008, most=2100)
    folder: str = key("", "a folder on this machine with reports")
    links: str = key(LINKS, "a regular expression that finds reports in the texts of links")
    attachments: str = key(ATTACHMENTS, "one that finds files in the texts and addresses of links")
    max_pages: int = key(20, "list pages that are read in a night", least=1)
    max_depth: int = key(2, "steps from a list to a report", least=0)
    verify_tls: bool = key(
        True,
        "whether certificates are verified; if not, any of the hosts that its own addresses name is taken",
    )

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its own addresses, those of numbered pages with {page} in them, those of years with {year}."""
        numbered = tuple(filter(None, (self.pages, self.yearly)))
        return (*self.lists, *self.urls, *numbered, *(api.url for api in self.apis))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that its own addresses name."""
        return _urls_to_hosts(tuple(map(_with_number, self.addresses)))

    @property
    def reach(self) -> tuple[str, ...]:
        """The domains within which links are followed."""
        return self.domains or tuple(dict.fromkeys(host_to_registrable(host) or host for host in self.hosts))

    def has(self, host: str) -> bool:
        """Whether links to this host are followed."""
        if self.domains:
            return ALL in self.domains or any(host == d or host.endswith(f".{d}") for d in self.domains)
        return host in self.hosts or host_to_registrable(host) in self.reach

    def verifies(self, host: str) -> bool:
        """Whether this host has to show a certificate that can be verified."""
        return self.verify_tls or host not in self.hosts

    def is_report(self, text: str) -> bool:
        """Whether the text of a link promises an annual report."""
        return re.search(self.links, re.sub(r"\s", "", text)) is not None

    def is_attachment(self, text: str) -> bool:
        """Whether an address or the text of a link promises a file."""
        return re.search(self.attachments, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How a night's crawl behaves; a page's MB are counted decoded.

    For tests: `hosts` (name → address) are the only names that resolve, and names may lead to loopback where
    `allow_loopback` says so; an address that spells loopback is never asked. A file cannot set them.
    """

    contact: str = key(meaning="a mail address or a page about you, which sites are told")
    delay: float = key(2.0, "least seconds between two requests to a host", least=0, most=DAY_SECONDS)
    max_delay: float = key(
        60.0, "up to which these are raised where a host is slow", least=0, most=DAY_SECONDS
    )
    timeout: float = key(
        60.0, "seconds a request may take, body included", least=TIMEOUT_MIN_SECONDS, most=DAY_SECONDS
    )
    retries: int = key(2, "further tries of a request that failed", least=0, most=_RETRIES_MAX)
    backoff: float = key(
        15.0, "seconds before the first of them, twice as many before the next", least=0, most=DAY_SECONDS
    )
    longest_wait: float = key(
        180.0, "a host that wants to be left alone for more seconds is so for the night", above=0
    )
    requests_per_host: int = key(
        500, "requests to a host in a night, robots.txt, redirects and retries included", least=1
    )
    hosts_at_once: int = key(16, "hosts that are asked side by side", least=1)
    redirects: int = key(10, "redirects that are followed from one address", least=0)
    page_mb: float = key(8.0, "MB that a list or detail page may have, unpacked", above=0)
    document_mb: float = key(64.0, "MB that a report may have, unpacked", above=0)
    refetch_days: int = key(
        30, "days after which a document is downloaded whole again, whatever ETag or date it has", least=1
    )
    revisit_days: int = key(
        7,
        "days after which a detail page is asked again whose one file is known; the file is every night",
        least=0,
    )
    seconds: float = key(
        21600.0,
        "seconds that the crawl of a night may take",
        least=TIMEOUT_MIN_SECONDS,
        most=_CRAWL_MAX_SECONDS,
    )
    page_seconds: float = key(10.0, "seconds of work that a page may cost", above=0)
    links_per_page: int = key(LINKS_PER_PAGE, "links of a page that are looked at", least=1)
    hosts_per_source: int = key(40, "hosts of a source that are asked in a night", least=1)
    requests_per_source: int = key(
        2000, "requests for a source in a night, redirects and retries included", least=1
    )
    mb_per_source: float = key(
        4096.0,
        "MB that are fetched for a source in a night, as they come or unpacked, whichever is more",
        above=0,
    )
    memory_mb: int = key(
        1024,
        "MB of memory for the crawl, and for each process that reads its pages",
        least=MEMORY_MIN_MB,
        most=SIZE_MAX_MB,
    )
    disk_reserve_mb: float = key(1024.0, "MB that are left free on the disk of the store", least=0)
    allow_loopback: bool = False
    hosts: Mapping[str, str] | None = None

    @property
    def user_agent(self) -> str:
        return f"nianbao/1 (annual reports on information disclosure, once a night; {self.contact})"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What sources.toml says."""

    crawl: CrawlSettings
    sources: tuple[Source, ...] = field(default=())


def load_sources(path: Path) -> Catalogue:
    """The sources in `path` and the settings of their crawl; SourcesError names the table and the key."""
    try:
        return _table_to_catalogue(bytes_to_table(read_regular(path, largest=_CATALOGUE_MAX_BYTES)))
    except OSError as error:
        raise SourcesError(f"{path}: cannot be opened ({error.strerror}): {_how_to_write()}") from error
    except (SourcesError, TomlError) as error:
        raise SourcesError(f"{path}: {_without_passwords(str(error))}") from None


def _how_to_write() -> str:
    """Return what to do for want of a file: the example, which a checkout has, or what a file must say."""
    example = CHECKOUT / "docs" / "sources.example.toml"
    if example.is_file():
        return f"write one, as {example}, or give another --sources"
    least = "[crawl] with contact, and a [[source]] for each bureau with name and lists, api, urls or folder"
    return f"write one ({least}), or give another --sources"


def _without_passwords(text: str) -> str:
    """What names addresses, without the user and password that one of them may have."""
    return re.sub(r"""(?:[^\s'"/:]+:|//)[^\s'"]*@(?=[^\s'"])""", _hidden, text)


def _hidden(found: re.Match[str]) -> str:
    """The same length of an address without what may be a password; where it begins stays."""
    start = found[0].partition("//")
    return f"{start[0]}//(not shown)@" if start[1] else "(not shown)@"


def _table_to_catalogue(table: Mapping[str, Any]) -> Catalogue:
    if unknown := sorted(set(table) - {"crawl", "source"}):
        raise SourcesError(f"unknown {', '.join(unknown)}: allowed are [crawl] and [[source]]")
    given = table.get("source", [])
    if isinstance(given, dict):
        raise SourcesError("[source] is one table: write [[source]], in two brackets, for each bureau")
    if not isinstance(given, list) or not given:
        raise SourcesError("no source: write a [[source]] with a name and lists, api, urls or a folder")
    sources = tuple(_table_to_source(number, entry) for number, entry in enumerate(given, start=1))
    if twice := [name for name, count in Counter(source.name for source in sources).items() if count > 1]:
        raise SourcesError(f"two sources are named {twice[0]}: give each its own name")
    return Catalogue(_table_to_settings(table.get("crawl", {})), sources)


def _table_to_settings(table: object) -> CrawlSettings:
    settings = table_to_record(table, CrawlSettings, "[crawl]")
    if not re.fullmatch(r"[!-~]+@[!-~]+\.[!-~]+|https?://[!-~]+", settings.contact):
        raise SourcesError(
            f"[crawl]: contact = {settings.contact!r}: must be a mail address or a page about you, in ASCII: "
            "a site that is troubled by the crawler needs to know whom to ask"
        )
    return settings


def _table_to_source(number: int, table: object) -> Source:
    where = f"source {number}"
    if isinstance(table, dict) and isinstance(table.get("name"), str):
        where = f"source {number} ({table['name']})"
    source = table_to_record(table, Source, where)
    _check_source(source, where)
    return source


def _check_source(source: Source, where: str) -> None:
    if not source.name.strip():
        raise SourcesError(f"{where}: has no name: give it one, the tables and the digest show it")
    if not (source.lists or source.apis or source.urls or source.yearly or source.folder):
        raise SourcesError(f"{where}: says not where to look: give lists, api, urls, yearly or a folder")
    if source.pages and "{page}" not in source.pages:
        raise SourcesError(f"{where}: pages = {source.pages!r}: must hold {{page}}, where the number goes")
    if source.yearly and "{year}" not in source.yearly:
        raise SourcesError(f"{where}: yearly = {source.yearly!r}: must hold {{year}}, where the year goes")
    for name in ("links", "attachments"):
        _check_pattern(getattr(source, name), name, where)
    for url in source.addresses:
        _check_url(_with_number(url), where, source)


def _check_pattern(pattern: str, key: str, where: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise SourcesError(f"{where}: {key} = {pattern!r}: is no regular expression ({error})") from error
    except (OverflowError, RecursionError) as error:
        read = f"{where}: {key} = {pattern[:QUOTED_MAX_CHARACTERS]!r}"
        told = f"{read}: is no regular expression that Python takes ({error})"
        raise SourcesError(f"{told}: write a plainer one") from error


def _with_number(url: str) -> str:
    """An address with a number where {page} or {year} stands."""
    return url.replace("{page}", "1").replace("{year}", "2022")


@cache
def _urls_to_hosts(urls: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(url_to_host, urls)))


def _check_url(url: str, where: str, source: Source) -> None:
    try:
        check_url(url)
    except RefusedError as error:
        raise SourcesError(f"{where}: {url}: {error}: give the public address of the page") from error
    if source.domains and not source.has(url_to_host(url)):
        domains = ", ".join(source.domains)
        raise SourcesError(f"{where}: {url}: is not within domains {domains}: add its host there")
