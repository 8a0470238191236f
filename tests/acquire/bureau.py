"""A bureau on the test site, and a night's crawl of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.acquire.crawl import CrawlResult, crawl
from pipeline.acquire.ledger import Ledger, Night
from pipeline.acquire.sources import CrawlSettings, Source
from pipeline.acquire.store import Store
from tests.acquire.site import Reply, Site
from tests.run.small_pdfs import text_pdf

HOSTS = {f"{name}.test": "127.0.0.1" for name in "abcdefgh"}
NOW = "2026-11-22T02:00:00Z"
QUICK = CrawlSettings(
    "a@example.org",
    delay=0,
    max_delay=0,
    timeout=60,  # longer than any machine is busy: a test of what is late has its own
    backoff=0,
    seconds=600,
    longest_wait=3,
    disk_reserve_mb=0,
    allow_loopback=True,
    hosts=HOSTS,
)


def report(year: int, line: str = "") -> bytes:
    """A small PDF that no other year or line has."""
    return text_pdf([[f"示例局{year}年政府信息公开工作年度报告", line]])


def list_page(links: Mapping[str, str], further: str = "") -> str:
    items = "".join(f'<li><a href="{url}">{text}</a></li>' for url, text in links.items())
    return f"<html><body><h1>政府信息公开年报</h1><ul>{items}</ul>{further}</body></html>"


def detail_page(year: int, file: str) -> str:
    return f"<html><body><h1>{year}年年报</h1><a href='{file}'>附件：年报.pdf</a></body></html>"


def publish(site: Site, years: Sequence[int], host: str = "a.test") -> Source:
    """A bureau with a list, a page for every year and a PDF on it."""
    site.put(
        "/nb/", list_page({f"/nb/{y}.html": f"示例局{y}年政府信息公开工作年度报告" for y in years}), host
    )
    for year in years:
        site.put(f"/nb/{year}.html", detail_page(year, f"/files/{year}.pdf"), host)
        site.put(f"/files/{year}.pdf", report(year, host), host)
    return Source(host, region="630200", lists=(site.url("/nb/", host),))


@dataclass(frozen=True)
class Home:
    """Where a night's crawl keeps what it fetched."""

    folder: Path

    @property
    def store(self) -> Store:
        return Store(self.folder / "raw")

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    def crawl(self, *sources: Source, settings: CrawlSettings = QUICK, now: str = NOW) -> CrawlResult:
        """A whole night of nothing but a crawl."""
        result = crawl(sources, self.folder / "raw", self.ledger, settings, now, grace=20)
        with Ledger(self.ledger) as ledger:
            ledger.record_night(Night(now, now, 0, "{}", True))
        return result

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the ledger's file says, asked past the code that wrote it."""
        connection = sqlite3.connect(self.ledger)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def outcome(self, path: str) -> tuple[object, ...]:
        """Outcome and reason of the last fetch of an address that ends so."""
        query = f"SELECT outcome, reason FROM fetches WHERE url LIKE '%{path}' ORDER BY id DESC LIMIT 1"
        return self.rows(query)[0]

    def contents(self) -> set[bytes]:
        """The bytes of every visible file."""
        return {path.read_bytes() for path in self.store.root.rglob("*") if path.is_file()}


def pdf(body: bytes, *headers: tuple[str, str]) -> Reply:
    return Reply(body, headers=(("Content-Type", "application/pdf"), *headers))
