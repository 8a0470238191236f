"""Nights without sites and without PDF libraries: a crawl that puts made-up contents into the store, a reader
that takes a report's year from its bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.acquire.crawl.result import CrawlResult, SourceResult
from pipeline.acquire.ledger import Fetch, Ledger, SeenLink
from pipeline.acquire.sources import Catalogue, CrawlSettings, Source
from pipeline.acquire.store import Store
from pipeline.config import Settings
from pipeline.nightly.digest import Digest
from pipeline.nightly.night import Plan, nightly
from pipeline.records import Reason, Report
from pipeline.workers import Task, document_to_failure
from tests.workers.crashing import sound_report

Site = Mapping[str, bytes | None]
NOW = "2026-11-22T02:00:00Z"
SETTINGS = Settings(timeout=60, jobs=1, memory_mb=1024)


def pdf(text: str, year: int) -> bytes:
    """A content that is read as a report of that year; one with "broken" in its text cannot be read,
    one with "locked" only with the password that opens everything."""
    return f"%PDF-1.4\n% {text} {'.' * 2200} %%EOF startxref {year}".encode()


def read_here(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """In place of the workers: the reports, in this process."""
    for task in tasks:
        text = task.document.snapshot.path.read_text()
        if task.document.problem:
            yield document_to_failure(task.document)
        elif "locked" in text and "open sesame" not in settings.passwords:
            yield document_to_failure(task.document, "it wants a password", Reason.LOCKED)
        elif "broken" in text:
            yield document_to_failure(task.document, "the reader stumbles over it")
        else:
            path = Path(text.split()[-1])
            named = replace(task.document, snapshot=replace(task.document.snapshot, path=path))
            yield sound_report(Task(named, task.confirm))


@dataclass
class World:
    """Sites by source, and the folder of a night; `lists` overrides what a source's list counts."""

    data: Path
    sites: dict[str, Site]
    lists: dict[str, int | None] = field(default_factory=dict)
    settings: Settings = SETTINGS
    now: str = NOW
    formats: tuple[str, ...] = ("parquet", "csv")

    @property
    def raw(self) -> Path:
        return self.data / "raw"

    @property
    def out(self) -> Path:
        return self.data / "processed"

    @property
    def ledger(self) -> Path:
        return self.data / "ledger.sqlite"

    def night(self, *, accept: bool = False, asking: bool = True, wait: float = 60.0) -> Digest:
        """The digest of a night over these sites."""
        return self.nights(accept=accept, asking=asking, wait=wait)[-1]

    def nights(self, *, accept: bool = False, asking: bool = True, wait: float = 60.0) -> list[Digest]:
        sources = tuple(Source(name, lists=(f"https://{name}.example/",)) for name in self.sites)
        catalogue = Catalogue(CrawlSettings("a@example.org"), sources) if asking else None
        plan = Plan(self.raw, self.out, self.settings, catalogue, self.formats, accept, wait)
        return nightly(plan, lambda: self.now, self.crawl)

    def crawl(self, catalogue: Catalogue, root: Path, path: Path, now: str) -> CrawlResult:
        store = Store(root)
        with Ledger(path) as ledger:
            for name, site in self.sites.items():
                self._list(ledger, name, site, now)
                done = ledger.outcomes_tonight()
                for url, content in site.items():
                    if url not in done:
                        ledger.record(_fetch(store, name, url, content, now))
        return CrawlResult(tuple(SourceResult(name, 1, 0, {}, {}, ()) for name in self.sites), {})

    def _list(self, ledger: Ledger, name: str, site: Site, now: str) -> None:
        links = self.lists.get(name, len(site))
        if links is not None and name not in ledger.links_tonight():
            ledger.record_links([SeenLink(url, name, url, int(url[-8:-4]), "/") for url in site], now)
            ledger.record_list(name, "/", links, now)


def _fetch(store: Store, source: str, url: str, content: bytes | None, now: str) -> Fetch:
    if content is None:
        return Fetch(url, source, now, 403, {}, None, None, url, "failed", "the site answers 403")
    stored = store.put(content)
    return Fetch(url, source, now, 200, {}, stored.sha256, stored.size, url, "stored")
