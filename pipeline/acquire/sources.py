"""sources.toml: where the reports are published, and how politely to ask for them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.acquire.addresses import RefusedError, check_url, host_to_registrable, url_to_host
from pipeline.errors import Error
from pipeline.files.regular_file import read_regular

LINKS = r"信息公开.{0,30}(报告|年报)|年度.{0,4}报告|年报"
_LARGEST_FILE = 16 << 20
ATTACHMENTS = r"\.pdf(?![a-z0-9])"
ALL = "*"  # in `domains`: links to any host are followed


class SourcesError(Error):
    """The file of sources cannot be used; the message says where, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Api:
    """A list as JSON that needs no login; `url` has {page} in it where there are more pages.

    Dotted paths lead to the list (`items`) in an answer, and in its items to the texts `link` and `title`.
    """

    url: str
    items: str
    link: str = "url"
    title: str = "title"
    first_page: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A bureau, and the pages, addresses or folder where its reports are.

    `pages` is the address of further list pages with {page} in it, from `first_page` on, where the list
    has no link to them. `links` finds reports in the texts of links, `attachments` PDFs in their texts and
    addresses. Links to hosts outside of `domains` are not followed; by default these are the domains that the
    owners of its own addresses registered. `max_depth` counts the steps from list to PDF. Without
    `verify_tls` any certificate of the hosts that its own addresses name is taken.
    """

    name: str
    region: str | None = None
    domains: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    pages: str = ""
    first_page: int = 1
    apis: tuple[Api, ...] = ()
    urls: tuple[str, ...] = ()
    folder: str = ""
    links: str = LINKS
    attachments: str = ATTACHMENTS
    max_pages: int = 20
    max_depth: int = 2
    verify_tls: bool = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its own addresses, those of numbered pages with {page} in them."""
        numbered = (self.pages,) if self.pages else ()
        return (*self.lists, *self.urls, *numbered, *(api.url for api in self.apis))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that its own addresses name."""
        return _urls_to_hosts(tuple(url.replace("{page}", "1") for url in self.addresses))

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
        """Whether an address or the text of a link promises a PDF."""
        return re.search(self.attachments, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How a night's crawl behaves; times in seconds, sizes in MB (decoded).

    `delay` is the least time between two requests to a host, AutoThrottle raises it up to `max_delay` where
    a host is slow. A host that wants to be left alone for more than `longest_wait` is so for the night. What
    was downloaded more than `refetch_days` ago is downloaded whole again, whatever ETag or date it has. A
    detail page whose one PDF is known is asked again after `revisit_days`, the PDF itself every night.

    The crawl itself and every process that reads its pages have at most `memory_mb` of memory, a page
    `page_seconds` of work, and of its links the first `links_per_page` are looked at. A source has at most
    `hosts_per_source`, `requests_per_source` and `mb_per_source` a night, redirects and retries included.
    Nothing is fetched that would leave less than `disk_reserve_mb` free on the disk of the store.

    For tests: `hosts` (name → address) are the only names that resolve, and names may lead to loopback where
    `allow_loopback` says so; an address that spells loopback is never asked.
    """

    contact: str
    delay: float = 2.0
    max_delay: float = 60.0
    timeout: float = 60.0
    retries: int = 2
    backoff: float = 15.0
    longest_wait: float = 180.0
    requests_per_host: int = 500
    hosts_at_once: int = 16
    redirects: int = 10
    page_mb: float = 8.0
    document_mb: float = 64.0
    refetch_days: int = 30
    revisit_days: int = 7
    seconds: float = 21600.0
    page_seconds: float = 10.0
    links_per_page: int = 5000
    hosts_per_source: int = 40
    requests_per_source: int = 2000
    mb_per_source: float = 4096.0
    memory_mb: int = 1024
    disk_reserve_mb: float = 1024.0
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


_FOR_TESTS = ("allow_loopback", "hosts")
_FROM_ZERO = frozenset(
    (
        *("first_page", "retries", "redirects", "max_depth", "delay", "max_delay", "backoff", "revisit_days"),
        "disk_reserve_mb",
    )
)
_ABOVE_ZERO = frozenset(
    ("timeout", "page_mb", "document_mb", "seconds", "longest_wait", "page_seconds", "mb_per_source")
)
_LEAST = {"memory_mb": 256}  # below it the libraries themselves do not load
_WHAT = {
    "str": "a text",
    "str | None": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "tuple[str, ...]": "a list of texts",
    "tuple[Api, ...]": "a list of tables, [[source.api]]",
}


def load_sources(path: Path) -> Catalogue:
    """The sources in `path` and the settings of their crawl; SourcesError names the table and the key."""
    try:
        table = tomllib.loads(read_regular(path, largest=_LARGEST_FILE).decode("utf-8"))
    except OSError as error:
        todo = "write one, docs/sources.example.toml shows how"
        raise SourcesError(f"{path}: cannot be opened ({error.strerror}): {todo}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourcesError(f"{path}: is not TOML in UTF-8 ({error}): mend that line") from error
    try:
        return _table_to_catalogue(table)
    except SourcesError as error:
        raise SourcesError(f"{path}: {_without_passwords(str(error))}") from None


def _without_passwords(text: str) -> str:
    """What names addresses, without the user and password that one of them may have."""
    return re.sub(r"//[^/?#\s]*@", "//(not shown)@", text)


def _table_to_catalogue(table: Mapping[str, Any]) -> Catalogue:
    if unknown := sorted(set(table) - {"crawl", "source"}):
        raise SourcesError(f"unknown {', '.join(unknown)}: allowed are [crawl] and [[source]]")
    given = table.get("source", [])
    if not isinstance(given, list) or not given:
        raise SourcesError("no source: write a [[source]] with a name and lists, apis, urls or a folder")
    sources = tuple(_table_to_source(number, entry) for number, entry in enumerate(given, start=1))
    if twice := [name for name, count in Counter(source.name for source in sources).items() if count > 1]:
        raise SourcesError(f"two sources are named {twice[0]}: give each its own name")
    return Catalogue(_table_to_settings(table.get("crawl", {})), sources)


def _table_to_settings(table: Any) -> CrawlSettings:
    values = _values(CrawlSettings, table, "[crawl]", without=_FOR_TESTS)
    contact = values.get("contact", "")
    if not re.fullmatch(r"[!-~]+@[!-~]+\.[!-~]+|https?://[!-~]+", contact):
        raise SourcesError(
            f"[crawl]: contact = {contact!r}: must be a mail address or a page about you, in ASCII: "
            "a site that is troubled by the crawler needs to know whom to ask"
        )
    return CrawlSettings(**values)


def _table_to_source(number: int, table: Any) -> Source:
    where = f"source {number}"
    if isinstance(table, dict) and isinstance(table.get("name"), str):
        where = f"source {number} ({table['name']})"
    if isinstance(table, dict) and "api" in table:
        table = {**{key: value for key, value in table.items() if key != "api"}, "apis": table["api"]}
    values = _values(Source, table, where)
    values["apis"] = tuple(_table_to_api(where, entry) for entry in values.get("apis", ()))
    source = Source(**values)
    _check_source(source, where)
    return source


def _table_to_api(where: str, table: Any) -> Api:
    return Api(**_values(Api, table, f"{where}, api"))


def _check_source(source: Source, where: str) -> None:
    if not source.name.strip():
        raise SourcesError(f"{where}: has no name: give it one, the tables and the digest show it")
    if not (source.lists or source.apis or source.urls or source.folder):
        raise SourcesError(f"{where}: says not where to look: give lists, api, urls or a folder")
    if source.pages and "{page}" not in source.pages:
        raise SourcesError(f"{where}: pages = {source.pages!r}: must hold {{page}}, where the number goes")
    for key in ("links", "attachments"):
        _check_pattern(getattr(source, key), key, where)
    for url in source.addresses:
        _check_url(url.replace("{page}", "1"), where, source)


def _check_pattern(pattern: str, key: str, where: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise SourcesError(f"{where}: {key} = {pattern!r}: is no regular expression ({error})") from error


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


def _values(record: type, table: Any, where: str, without: Sequence[str] = ()) -> dict[str, Any]:
    """The values of a table as `record` takes them, each of the type that it has there."""
    kinds = {entry.name: str(entry.type) for entry in fields(record) if entry.name not in without}
    if not isinstance(table, dict):
        raise SourcesError(f"{where}: must be a table of keys and values")
    if unknown := sorted(set(table) - set(kinds)):
        raise SourcesError(f"{where}: unknown {', '.join(unknown)}: allowed are {', '.join(kinds)}")
    for key, value in table.items():
        if not _fits(key, kinds[key], value):
            raise SourcesError(f"{where}: {key} = {value!r}: must be {_what(key, kinds[key])}")
    for entry in fields(record):
        if entry.name in ("name", "url", "items", "contact") and entry.name not in table:
            raise SourcesError(f"{where}: {entry.name} is missing: it must be a text")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _fits(key: str, kind: str, value: object) -> bool:
    if kind == "bool":
        return isinstance(value, bool)
    if kind in ("int", "float"):
        number = int if kind == "int" else int | float
        return isinstance(value, number) and not isinstance(value, bool) and _is_in_range(key, value)
    if kind.startswith("tuple"):
        one = dict if "Api" in kind else str
        return isinstance(value, list) and all(isinstance(entry, one) for entry in value)
    return isinstance(value, str)


def _what(key: str, kind: str) -> str:
    if kind not in ("int", "float"):
        return _WHAT[kind]
    least = "above 0" if key in _ABOVE_ZERO else f"at least {_least(key)}"
    return f"{_WHAT[kind]}, {least}"


def _is_in_range(key: str, value: float) -> bool:
    if key in _ABOVE_ZERO:
        return 0 < value < float("inf")
    return _least(key) <= value < float("inf")


def _least(key: str) -> int:
    return _LEAST.get(key, int(key not in _FROM_ZERO))
