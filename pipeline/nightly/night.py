"""The steps of a night: crawl → read → checks across years → compare with the last good release → publish.

A night that is killed leaves no row in the ledger, and the next night goes on from there: fetched contents
stay in the store, half-made tables stay in the staging folder. Between publishing and the ledger's row a kill
would lose the digest, so the release itself holds a copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.acquire.crawl.result import CrawlResult
from pipeline.acquire.holdings import root_to_ledger
from pipeline.acquire.ledger import Ledger
from pipeline.acquire.samples import folder_to_samples
from pipeline.acquire.sources import Catalogue
from pipeline.acquire.store import INCOMING, Store
from pipeline.config import FORMATS, Settings
from pipeline.installation.program import Word, to_command
from pipeline.logs import Log, get_log
from pipeline.nightly import digest_entries, lock
from pipeline.nightly.contradictions import Contradiction, find_contradictions
from pipeline.nightly.crawl_record import (
    CrawlRecord,
    drop_crawl_record,
    read_crawl_record,
    result_to_crawl_record,
    write_crawl_record,
)
from pipeline.nightly.digest import Digest, ReadOutcome, digest_to_json
from pipeline.nightly.night_record import record_killed_night, record_night
from pipeline.nightly.overdue import Overdue, find_overdue
from pipeline.nightly.release import Releases
from pipeline.nightly.release_comparison import (
    DocumentRow,
    ReleaseComparison,
    compare_releases,
    out_to_documents,
)
from pipeline.nightly.release_gates import GateFailure, comparison_to_findings, listings_to_findings
from pipeline.nightly.store_reading import ReadingPlan, read_store, tables_to_readings
from pipeline.tables.out_folder import hold_out
from pipeline.tables.staging import finish_killed_run as finish_tables
from pipeline.tables.written_tables import TablesError

DONE, LOOK, DRIFT = 0, 1, 3
"""Exit statuses of `nightly`, beside those that every command has."""

WAIT_SECONDS = 3600.0
"""Seconds for which a run by hand may still hold the tables after the crawl, if nothing else is said."""

_FRESH = timedelta(days=1)
"""Days. A crawl that is older is mentioned in the headline: nights are daily."""

Crawl = Callable[[Catalogue, Path, Path, str], CrawlResult]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a night is to do. Without a `catalogue` no site is asked. `accept` publishes although a gate
    fails.

    `given` are the options that it was called with, for the command that a failed gate says to give next.
    `wait` is how many seconds a run by hand may still hold `out` after the crawl.
    """

    raw: Path
    out: Path
    settings: Settings
    catalogue: Catalogue | None = None
    formats: Sequence[str] = FORMATS
    accept: bool = False
    wait: float = WAIT_SECONDS
    given: tuple[Word, ...] = ()

    @property
    def data(self) -> Path:
        """Return the folder of ledger, lock and digests."""
        return root_to_ledger(self.raw).parent


@dataclass(frozen=True, slots=True)
class _NightTables:
    """Tonight's tables and how they were made. `read` counts documents read just now. `damaged` has the
    reason by SHA-256."""

    folder: Path
    crawl_record: CrawlRecord
    read: int
    readings: tuple[ReadOutcome, ...]
    damaged: Mapping[str, str]


def nightly(plan: Plan, clock: Callable[[], str], crawl: Crawl | None = None) -> list[Digest]:
    """Run a night; return its digest, after the digest of a night that was killed after it had published.

    Raises BusyError if another night runs or a run by hand holds `out`; StoreError, LedgerError or OSError if
    the disk takes no more; KeyboardInterrupt if it was stopped. In every case the last good release stays,
    and the next night goes on.
    """
    with _started(plan, clock) as (finished, night):
        return [*finished, night.run(crawl or _crawl)]


def crawl_alone(
    plan: Plan, clock: Callable[[], str], crawl: Crawl | None = None
) -> tuple[list[Digest], CrawlRecord]:
    """Run the first half of a night: ask the sites, and leave the rest to a later `nightly`.

    Returns the digests of killed nights and the record of the crawl. Raises as `nightly` does.
    """
    with _started(plan, clock) as (finished, night):
        return finished, night.ask(crawl or _crawl)


@contextmanager
def _started(plan: Plan, clock: Callable[[], str]) -> Iterator[tuple[list[Digest], _Night]]:
    """Hold the lock, finish what a killed night left, and give its digests and the new night."""
    started = clock()
    log = get_log("night")
    with lock.hold(plan.data / lock.NAME, started) as died:
        if died:
            why = "the night before did not come to its end: going on from there"
            log.warning(why, pid=died.pid, began=died.started)
        _restore_pointer(plan)
        with Ledger(root_to_ledger(plan.raw)) as ledger:
            finished = record_killed_night(Releases(plan.out).night(), plan.data, ledger)
            yield finished, _Night(plan, ledger, started, clock, log)


class _Night:
    """One night from its start."""

    def __init__(self, plan: Plan, ledger: Ledger, started: str, clock: Callable[[], str], log: Log) -> None:
        self._plan = plan
        self._ledger = ledger
        self._started = started
        self._clock = clock
        self._log = log
        self._number = len(ledger.nights()) + 1
        self._releases = Releases(plan.out)

    def ask(self, crawl: Crawl) -> CrawlRecord:
        """Crawl the sites; return the crawls of this night so far, those of earlier processes included."""
        self._log.info("night began", night=self._number)
        self._prepare()
        before = read_crawl_record(self._plan.data, self._number)
        if self._plan.catalogue is None:
            return before
        crawl_record = before.joined(self._ask_sites(self._plan.catalogue, crawl))
        write_crawl_record(crawl_record, self._plan.data)
        return crawl_record

    def run(self, crawl: Crawl) -> Digest:
        """Run the whole night; return its digest."""
        crawl_record = self.ask(crawl)
        with hold_out(self._plan.out, self._plan.wait):
            return self._make(crawl_record)

    def _make(self, crawl_record: CrawlRecord) -> Digest:
        """Read the store, judge the tables and publish them, while no run by hand can change `out`."""
        plan = self._plan
        if (current := self._releases.current()) is not None:
            finish_tables(current)
        staged = self._releases.stage()
        tried = read_store(ReadingPlan(plan.raw, staged, plan.settings, plan.formats), self._ledger)
        readings = tables_to_readings(staged, tried.read, self._ledger)
        digest = self._judge(_NightTables(staged, crawl_record, len(tried.read), readings, tried.damaged))
        self._finish(staged, digest)
        return digest

    def _prepare(self) -> None:
        """Create the store if it is missing and remove what killed writes left.

        Without a crawl this may fail: a process that only reads may have no right to write there.
        """
        store = Store(self._plan.raw)
        try:
            (store.root / INCOMING).mkdir(parents=True, exist_ok=True)
        except OSError:
            if self._plan.catalogue:
                raise
        if self._plan.catalogue and (swept := store.sweep()):
            self._log.info("leftovers of killed writes removed", stage="acquire", files=swept)

    def _ask_sites(self, catalogue: Catalogue, crawl: Crawl) -> CrawlRecord:
        """Crawl all sources; return the record."""
        ledger = root_to_ledger(self._plan.raw)
        result = crawl(catalogue, self._plan.raw, ledger, self._started)
        self._log.info("sites asked", stage="acquire", requests=sum(result.requests.values()))
        if result.problem:
            self._log.error("the crawl ended early", stage="acquire", problem=result.problem)
        names = (source.name for source in catalogue.sources)
        return result_to_crawl_record(result, self._number, self._started, names)

    def _judge(self, tables: _NightTables) -> Digest:
        """Return the digest with the decision whether the tables are published."""
        rows = out_to_documents(tables.folder)
        superseded = {held.sha256 for held in self._ledger.superseded()} | folder_to_samples(self._plan.raw)
        before, unreadable = self._before()
        comparison = compare_releases(before, rows, superseded)
        listed = {name: self._ledger.links_in_last_good_night(name) for name in tables.crawl_record.sources}
        lost = comparison_to_findings(comparison, self._plan.settings)
        stale = self._stale(tables.folder)
        found = [*stale, *unreadable, *lost, *listings_to_findings(listed, self._ledger.links_tonight())]
        held_back = bool(stale) or (bool(found) and not self._plan.accept)
        published = not held_back and self._releases.is_new(tables.folder)
        contradicted = find_contradictions(before, rows, tables.folder)
        digest = self._to_digest(tables, comparison, rows, listed, contradicted)
        status = DRIFT if held_back else LOOK if digest.failed or tables.crawl_record.problem else DONE
        return replace(
            digest,
            exit_status=status,
            published=published,
            findings=tuple(found),
            headline=_headline(status, published, found, self._crawl_to_words(tables.crawl_record))
            + _pictures_to_words(rows),
        )

    def _crawl_to_words(self, crawl_record: CrawlRecord) -> str:
        """Return what the headline says of the crawl: that it ended early, or was long ago."""
        early = f"the crawl ended early: {crawl_record.problem}" if crawl_record.problem else ""
        asked_on = crawl_record.asked_on
        is_old = asked_on and datetime.fromisoformat(self._started) - asked_on > _FRESH
        old = f"the sites were last asked on {asked_on:%Y-%m-%d}" if is_old else ""
        return "".join(f", and {words}" for words in (early, old) if words)

    def _before(self) -> tuple[list[DocumentRow], list[GateFailure]]:
        """Return the documents of the current release. If it cannot be read, return none and a failed
        gate."""
        try:
            return out_to_documents(self._releases.current()), []
        except TablesError as error:
            self._log.error("the last release cannot be read", stage="compare", why=str(error))
            accept = to_command("nightly", "--accept", *self._plan.given)
            look = f"{self._plan.out} cannot be read: `{accept}` puts tonight's tables in its place"
            return [], [GateFailure("release", 0, 0, look)]

    def _stale(self, staged: Path) -> list[GateFailure]:
        """Return a failed gate if a run by hand changed the tables during the night. `accept` does not
        open it: the run's work would be lost."""
        if not self._releases.is_stale(staged):
            return []
        again = to_command("nightly", *self._plan.given)
        look = f"{self._plan.out} was changed while the night was at work: run `{again}`"
        return [GateFailure("release", 0, 0, look)]

    def _to_digest(
        self,
        tables: _NightTables,
        comparison: ReleaseComparison,
        rows: Sequence[DocumentRow],
        listed: Mapping[str, int | None],
        contradicted: Sequence[Contradiction],
    ) -> Digest:
        """Return the digest without the decision on publishing."""
        asked = self._ledger.fetches_tonight()
        fresh = digest_entries.comparison_to_fresh(comparison)
        overdue = ledger_to_overdue(self._ledger, rows, date.fromisoformat(self._started[:10]))
        sources = (
            *digest_entries.lists_to_entries(listed, self._ledger.links_tonight(), set(listed)),
            *digest_entries.asked_to_entries(asked),
            *digest_entries.notes_to_entries(tables.crawl_record.notes),
        )
        digest = Digest(
            night=self._number,
            started=self._started,
            ended=self._clock(),
            exit_status=DONE,
            published=False,
            headline="",
            tables=str(tables.folder),
            counts={},
            new=tuple(digest_entries.rows_to_new(comparison.new)),
            revised=tuple(digest_entries.comparison_to_revised(comparison, tables.damaged)),
            damaged=tuple(digest_entries.comparison_to_damaged(comparison, tables.damaged)),
            withdrawn=tuple(digest_entries.row_to_entry(row) for row in comparison.withdrawn),
            gone=tuple(digest_entries.row_to_entry(row) for row in comparison.gone),
            failed=tuple(digest_entries.rows_to_failed(fresh)),
            flagged=tuple(digest_entries.rows_to_flagged(fresh)),
            contradicted=tuple(digest_entries.contradictions_to_entries(contradicted)),
            overdue=tuple(digest_entries.overdue_to_entries(overdue)),
            sources=sources,
            readings=tables.readings,
        )
        return replace(digest, counts=_counts(digest, rows, tables))

    def _finish(self, staged: Path, digest: Digest) -> None:
        """Publish or drop the tables, write the digest, record the night. Each step can be repeated after
        a kill."""
        if digest.published:
            self._releases.publish(staged, digest_to_json(digest))
        elif digest.exit_status != DRIFT:
            self._releases.drop(staged)
        record_night(digest, self._plan.data, self._ledger)
        drop_crawl_record(self._plan.data)
        self._releases.prune()
        told = self._log.info if digest.exit_status == DONE else self._log.warning
        told("night ended", night=digest.night, exit_status=digest.exit_status, published=digest.published)


def _restore_pointer(plan: Plan) -> None:
    """Set the pointer again if it is missing. If a run by hand is making its first tables, there is none
    yet."""
    if not os.path.lexists(plan.out):
        with hold_out(plan.out, plan.wait):
            Releases(plan.out).restore_pointer()


def ledger_to_overdue(ledger: Ledger, rows: Sequence[DocumentRow], today: date) -> list[Overdue]:
    """Return the reports that are expected and missing, with the source that gave the report before."""
    held = ledger.current()
    sources = {document.sha256: document.source for document in held}
    failed = {row.sha256 for row in rows if not row.is_read}
    unread = {(document.source, document.year) for document in held if document.sha256 in failed}
    return find_overdue(rows, sources, unread, today)


def _crawl(catalogue: Catalogue, root: Path, ledger: Path, now: str) -> CrawlResult:
    """Run the crawl in its process."""
    from pipeline.acquire.crawl import crawl
    from pipeline.logs import start_logs

    return crawl(catalogue.sources, root, ledger, catalogue.crawl, now, prepare=start_logs)


def _counts(digest: Digest, rows: Sequence[DocumentRow], tables: _NightTables) -> dict[str, int]:
    """Return the counts of the digest."""
    return {
        "documents": len(rows),
        "cells": sum(row.cells for row in rows),
        "cells_suspect": sum(row.suspect for row in rows),
        "checks_passed": sum(row.passed for row in rows),
        "checks_failed": sum(row.failed for row in rows),
        "requests": tables.crawl_record.total,
        "read": tables.read,
        "new": len(digest.new),
        "revised": len(digest.revised),
        "damaged": len(digest.damaged),
        "withdrawn": len(digest.withdrawn),
        "failed": len(digest.failed),
        "flagged": len(digest.flagged),
        "contradicted": len(digest.contradicted),
        "overdue": len(digest.overdue),
    }


def _pictures_to_words(rows: Sequence[DocumentRow]) -> str:
    """Return what the headline says of documents with pictures that nothing reads."""
    from pipeline.extract.version import lacks_scan
    from pipeline.installation.scan_model import unread_to_words

    words = unread_to_words(len({row.sha256 for row in rows if lacks_scan(row.version)}))
    return f", and {words}" if words else ""


def _headline(status: int, published: bool, found: Sequence[GateFailure], crawl: str) -> str:
    """Return the digest's headline."""
    if status == DRIFT:
        return f"not published, the last good release stays: {', '.join(finding.gate for finding in found)}"
    what = "published" if published else "nothing new"
    accepted = f", accepted by hand: {', '.join(finding.gate for finding in found)}" if found else ""
    return f"{what}{accepted}{crawl}"
