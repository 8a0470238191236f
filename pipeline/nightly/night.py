"""The order of a night: crawl → run → checks across years → compare with the last good release → publish.

A night that is killed leaves no row in the ledger, and what it did belongs to the next: contents stay
fetched, tables half made stay in the staging folder. Only between the pointer's move and the ledger's row is
more needed, and for that the release holds the digest of its night.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.acquire.crawl.result import CrawlResult
from pipeline.acquire.holdings import root_to_ledger
from pipeline.acquire.ledger import Ledger, Night, Outcome
from pipeline.acquire.sources import Catalogue
from pipeline.acquire.store import INCOMING, Store
from pipeline.config import FORMATS, Settings
from pipeline.logs import Log, get_log
from pipeline.nightly import lock, news
from pipeline.nightly.digest import (
    Digest,
    Reading,
    digest_to_json,
    digest_to_markdown,
    json_to_digest,
)
from pipeline.nightly.gates import Finding, comparison_to_findings, listings_to_findings
from pipeline.nightly.overdue import Overdue, find_overdue
from pipeline.nightly.release import Releases, write_whole
from pipeline.nightly.tables import Comparison, Row, compare, out_to_documents
from pipeline.records import Report
from pipeline.written import WrittenError

DONE, LOOK, DRIFT, BUSY, BROKEN = 0, 1, 3, 4, 5
NIGHTS = "nights"

Crawl = Callable[[Catalogue, Path, Path, str], CrawlResult]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a night is to do; without a `catalogue` nothing is asked of any site. `accept` opens the gates."""

    raw: Path
    out: Path
    settings: Settings
    catalogue: Catalogue | None = None
    formats: Sequence[str] = FORMATS
    accept: bool = False

    @property
    def data(self) -> Path:
        """The folder of ledger, lock and digests."""
        return root_to_ledger(self.raw).parent


@dataclass(frozen=True, slots=True)
class _Made:
    """Tonight's tables and how they came about; `read` counts the documents read just now."""

    folder: Path
    crawled: CrawlResult
    read: int
    readings: tuple[Reading, ...]


def nightly(plan: Plan, clock: Callable[[], str], crawl: Crawl | None = None) -> list[Digest]:
    """The digest of this night, and before it that of one that was killed after it had published.

    Raises BusyError where another night is running, StoreError, LedgerError or OSError where the disk takes
    no more, KeyboardInterrupt where it was stopped: the last good release stays, the next night goes on.
    """
    started = clock()
    log = get_log("night")
    with lock.hold(plan.data / lock.NAME, started) as died:
        if died:
            log.warning("the night before was killed: going on from there", pid=died.pid, began=died.started)
        Releases(plan.out).mend()
        with Ledger(root_to_ledger(plan.raw)) as ledger:
            finished = _finish_killed(plan, ledger)
            return [*finished, _Night(plan, ledger, started, clock, log).pass_through(crawl or _crawl)]


class _Night:
    """One night, from its start."""

    def __init__(self, plan: Plan, ledger: Ledger, started: str, clock: Callable[[], str], log: Log) -> None:
        self._plan = plan
        self._ledger = ledger
        self._started = started
        self._clock = clock
        self._log = log
        self._number = len(ledger.nights()) + 1
        self._releases = Releases(plan.out)

    def pass_through(self, crawl: Crawl) -> Digest:
        self._log.info("night began", night=self._number)
        self._prepare()
        crawled = self._ask_sites(crawl)
        staged = self._releases.stage()
        tried = self._read_from_good(staged)
        digest = self._judge(_Made(staged, crawled, len(tried), self._readings(staged, tried)))
        self._end(staged, digest)
        return digest

    def _prepare(self) -> None:
        """The store as it should be; one that is still empty is a store all the same."""
        store = Store(self._plan.raw)
        (store.root / INCOMING).mkdir(parents=True, exist_ok=True)
        if swept := store.sweep():
            self._log.info("leftovers of killed writes removed", stage="acquire", files=swept)

    def _ask_sites(self, crawl: Crawl) -> CrawlResult:
        if self._plan.catalogue is None:
            return CrawlResult((), {})
        ledger = root_to_ledger(self._plan.raw)
        result = crawl(self._plan.catalogue, self._plan.raw, ledger, self._started)
        self._log.info("sites asked", stage="acquire", requests=sum(result.requests.values()))
        if result.problem:
            self._log.error("the crawl ended early", stage="acquire", problem=result.problem)
        return result

    def _read_from_good(self, staged: Path) -> set[str]:
        """Tables that another version of this program wrote are made anew; the gates see what that loses."""
        try:
            return self._read(staged)
        except WrittenError as error:
            self._log.warning(
                "tables cannot be gone on with, all is read again", stage="read", why=str(error)
            )
            self._releases.empty(staged)
            return self._read(staged)

    def _read(self, staged: Path) -> set[str]:
        """What is new read, in batches that are each saved before the next; the hashes of what was read."""
        from pipeline.document import reading_version
        from pipeline.run import run

        version = reading_version()
        tried: set[str] = set()

        def note(report: Report, done: int, total: int) -> None:
            tried.add(report.sha256)
            told = self._log.warning if report.status == "failed" else self._log.info
            told("read", stage="read", document=report.source_file, status=report.status, error=report.error)

        left, before = 1, -1
        while left and len(tried) > before:  # two documents of one name could take turns for ever
            before = len(tried)
            outcome = run(
                [self._plan.raw],
                staged,
                self._plan.settings,
                again=self._due(version) - tried,
                formats=self._plan.formats,
                progress=note,
                most=self._plan.settings.batch,
            )
            if outcome.interrupted:
                raise KeyboardInterrupt
            left = outcome.left
            self._log.info("tables written", stage="export", read=outcome.read, left=left)
        return tried

    def _due(self, version: str) -> set[str]:
        """What was read before and is to be read again: failed and not set aside, or asked for by `retry`."""
        known = self._ledger.outcomes(version)
        return {held.sha256 for held in self._ledger.pending(version) if held.sha256 in known}

    def _readings(self, staged: Path, tried: Collection[str]) -> tuple[Reading, ...]:
        """What the ledger does not know yet; a killed run may have read it."""
        from pipeline.document import reading_version

        version = reading_version()
        known = self._ledger.outcomes(version)
        by_hash = {row.sha256: row for row in out_to_documents(staged) if row.version == version}
        return tuple(
            Reading(held.sha256, version, row.status, row.error)
            for held in self._ledger.pending(version)
            if (row := by_hash.get(held.sha256)) and (held.sha256 in tried or held.sha256 not in known)
        )

    def _judge(self, made: _Made) -> Digest:
        """The digest, with what is to become of the tables."""
        rows = out_to_documents(made.folder)
        superseded = {held.sha256 for held in self._ledger.superseded()}
        before, unreadable = self._before()
        comparison = compare(before, rows, superseded)
        listed = self._listed_before()
        lost = comparison_to_findings(comparison, self._plan.settings)
        stale = self._stale(made.folder)
        found = [*stale, *unreadable, *lost, *listings_to_findings(listed, self._ledger.listed_now())]
        held_back = bool(stale) or (bool(found) and not self._plan.accept)
        published = not held_back and self._releases.is_new(made.folder)
        digest = self._tell(made, comparison, rows, listed)
        status = DRIFT if held_back else LOOK if digest.failed or made.crawled.problem else DONE
        return replace(
            digest,
            exit_status=status,
            published=published,
            findings=tuple(found),
            headline=_headline(status, published, found, made.crawled.problem),
        )

    def _before(self) -> tuple[list[Row], list[Finding]]:
        """What readers see now; tables that cannot be read are nothing to compare with, and a gate."""
        try:
            return out_to_documents(self._releases.current()), []
        except WrittenError as error:
            self._log.error("the last release cannot be read", stage="compare", why=str(error))
            look = f"{self._plan.out} cannot be read: `nightly --accept` puts tonight's tables in its place"
            return [], [Finding("release", 0, 0, look)]

    def _stale(self, staged: Path) -> list[Finding]:
        """A run by hand during the night: what it wrote would be lost, which nobody can accept unseen."""
        if not self._releases.is_stale(staged):
            return []
        look = f"{self._plan.out} was changed while the night was at work: run `nightly` again"
        return [Finding("release", 0, 0, look)]

    def _listed_before(self) -> dict[str, int | None]:
        """The links of every source of tonight in its last good night."""
        catalogue = self._plan.catalogue
        names = [source.name for source in catalogue.sources] if catalogue else []
        return {name: self._ledger.listed_before(name) for name in names}

    def _tell(
        self, made: _Made, comparison: Comparison, rows: Sequence[Row], listed: Mapping[str, int | None]
    ) -> Digest:
        asked = self._ledger.asked_now()
        fresh = news.comparison_to_fresh(comparison)
        overdue = ledger_to_overdue(self._ledger, rows, date.fromisoformat(self._started[:10]))
        sources = (
            *news.lists_to_entries(listed, self._ledger.listed_now(), set(listed)),
            *news.asked_to_entries(asked),
            *news.notes_to_entries({source.name: source.notes for source in made.crawled.sources}),
        )
        digest = Digest(
            night=self._number,
            started=self._started,
            ended=self._clock(),
            exit_status=DONE,
            published=False,
            headline="",
            tables=str(made.folder),
            counts={},
            new=tuple(news.row_to_entry(row) for row in comparison.new),
            revised=tuple(news.comparison_to_revised(comparison)),
            withdrawn=tuple(news.row_to_entry(row) for row in comparison.withdrawn),
            gone=tuple(news.row_to_entry(row) for row in comparison.gone),
            failed=tuple(news.rows_to_failed(fresh)),
            flagged=tuple(news.rows_to_flagged(fresh)),
            overdue=tuple(news.overdue_to_entries(overdue)),
            sources=sources,
            readings=made.readings,
        )
        return replace(digest, counts=_counts(digest, rows, made))

    def _end(self, staged: Path, digest: Digest) -> None:
        """Published or not, said, and recorded, in this order; each step alone can be done again."""
        if digest.published:
            self._releases.publish(staged, digest_to_json(digest))
        elif digest.exit_status != DRIFT:
            self._releases.drop(staged)
        _record(self._plan, self._ledger, digest)
        self._releases.prune()
        told = self._log.info if digest.exit_status == DONE else self._log.warning
        told("night ended", night=digest.night, exit_status=digest.exit_status, published=digest.published)


def ledger_to_overdue(ledger: Ledger, rows: Sequence[Row], today: date) -> list[Overdue]:
    """The reports that are expected and not there, with the source that gave those of the year before."""
    held = ledger.current()
    sources = {document.sha256: document.source for document in held}
    failed = {row.sha256 for row in rows if not row.is_read}
    unread = {(document.source, document.year) for document in held if document.sha256 in failed}
    return find_overdue(rows, sources, unread, today)


def _crawl(catalogue: Catalogue, root: Path, ledger: Path, now: str) -> CrawlResult:
    from pipeline.acquire.crawl import crawl
    from pipeline.logs import start_logs

    return crawl(catalogue.sources, root, ledger, catalogue.crawl, now, prepare=start_logs)


def _finish_killed(plan: Plan, ledger: Ledger) -> list[Digest]:
    """The night that was killed after it had published: said and recorded now."""
    text = Releases(plan.out).night()
    try:
        digest = json_to_digest(text or "")
    except (ValueError, KeyError, TypeError):
        return []
    if digest.night != len(ledger.nights()) + 1:
        return []
    _record(plan, ledger, digest)
    return [digest]


def _record(plan: Plan, ledger: Ledger, digest: Digest) -> None:
    """The digest in its files, then the night with all that it read as one transaction."""
    folder = plan.data / NIGHTS
    folder.mkdir(exist_ok=True)
    for name in (f"{digest.night:04d}", "latest"):
        write_whole(folder / f"{name}.json", digest_to_json(digest))
        write_whole(folder / f"{name}.md", digest_to_markdown(digest))
    outcomes = [Outcome(r.sha256, r.version, r.status, r.reason, 1, digest.ended) for r in digest.readings]
    counts = json.dumps(dict(digest.counts))
    night = Night(digest.started, digest.ended, digest.exit_status, counts, digest.published)
    ledger.night(night, outcomes)


def _counts(digest: Digest, rows: Sequence[Row], made: _Made) -> dict[str, int]:
    return {
        "documents": len(rows),
        "cells": sum(row.cells for row in rows),
        "cells_suspect": sum(row.suspect for row in rows),
        "checks_passed": sum(row.passed for row in rows),
        "checks_failed": sum(row.failed for row in rows),
        "requests": sum(made.crawled.requests.values()),
        "read": made.read,
        "new": len(digest.new),
        "revised": len(digest.revised),
        "withdrawn": len(digest.withdrawn),
        "failed": len(digest.failed),
        "flagged": len(digest.flagged),
        "overdue": len(digest.overdue),
    }


def _headline(status: int, published: bool, found: Sequence[Finding], problem: str) -> str:
    if status == DRIFT:
        return f"not published, the last good release stays: {', '.join(finding.gate for finding in found)}"
    what = "published" if published else "nothing new"
    accepted = f", accepted by hand: {', '.join(finding.gate for finding in found)}" if found else ""
    return f"{what}{accepted}{f', and the crawl ended early: {problem}' if problem else ''}"
