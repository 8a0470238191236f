"""The order of a night: crawl → run → checks across years → compare with the last good release → publish.

A night that is killed leaves no row in the ledger, and what it did belongs to the next: contents stay
fetched, tables half made stay in the staging folder. Only between the pointer's move and the ledger's row is
more needed, and for that the release holds the digest of its night.
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
from pipeline.logs import Log, get_log
from pipeline.nightly import lock, news
from pipeline.nightly.crawl_record import (
    Crawled,
    drop_crawled,
    read_crawled,
    result_to_crawled,
    write_crawled,
)
from pipeline.nightly.digest import Digest, ReadOutcome, digest_to_json
from pipeline.nightly.gates import Finding, comparison_to_findings, listings_to_findings
from pipeline.nightly.journal import record, record_killed
from pipeline.nightly.overdue import Overdue, find_overdue
from pipeline.nightly.reading import Work, read_store, tables_to_readings
from pipeline.nightly.release import Releases
from pipeline.nightly.tables import Comparison, DocumentRow, compare, out_to_documents
from pipeline.program import Word, to_command
from pipeline.tables.light_reader import WrittenError
from pipeline.tables.out_folder import hold_out
from pipeline.tables.staging import mend as finish_tables

DONE, LOOK, DRIFT, BUSY, BROKEN = 0, 1, 3, 4, 5
_FRESH = timedelta(days=1)

Crawl = Callable[[Catalogue, Path, Path, str], CrawlResult]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a night is to do; without a `catalogue` nothing is asked of any site. `accept` opens the gates.

    `given` are the options that it was called with, for the command that a finding tells to give next, and
    `wait` the seconds for which a run by hand may still have `out` when the sites are done.
    """

    raw: Path
    out: Path
    settings: Settings
    catalogue: Catalogue | None = None
    formats: Sequence[str] = FORMATS
    accept: bool = False
    wait: float = 3600.0
    given: tuple[Word, ...] = ()

    @property
    def data(self) -> Path:
        """The folder of ledger, lock and digests."""
        return root_to_ledger(self.raw).parent


@dataclass(frozen=True, slots=True)
class _Made:
    """Tonight's tables and how they came about; `read` counts the documents read just now.

    `damaged` are the hashes of those that are no whole document, with why.
    """

    folder: Path
    crawled: Crawled
    read: int
    readings: tuple[ReadOutcome, ...]
    damaged: Mapping[str, str]


def nightly(plan: Plan, clock: Callable[[], str], crawl: Crawl | None = None) -> list[Digest]:
    """The digest of this night, and before it that of one that was killed after it had published.

    Raises BusyError where another night is running or a run by hand keeps `out`, StoreError, LedgerError or
    OSError where the disk takes no more, KeyboardInterrupt where it was stopped: the last good release stays,
    the next night goes on.
    """
    with _begun(plan, clock) as (finished, night):
        return [*finished, night.pass_through(crawl or _crawl)]


def crawl_alone(
    plan: Plan, clock: Callable[[], str], crawl: Crawl | None = None
) -> tuple[list[Digest], Crawled]:
    """The first half of a night, which asks the sites and leaves the rest to a later `nightly`.

    Gives what asking them came to, and before it the digest of a night that was killed after it had
    published. Raises as `nightly` does.
    """
    with _begun(plan, clock) as (finished, night):
        return finished, night.ask(crawl or _crawl)


@contextmanager
def _begun(plan: Plan, clock: Callable[[], str]) -> Iterator[tuple[list[Digest], _Night]]:
    """The night under its lock, after what was killed before it has been put in order."""
    started = clock()
    log = get_log("night")
    with lock.hold(plan.data / lock.NAME, started) as died:
        if died:
            why = "the night before did not come to its end: going on from there"
            log.warning(why, pid=died.pid, began=died.started)
        _mend(plan)
        with Ledger(root_to_ledger(plan.raw)) as ledger:
            finished = record_killed(Releases(plan.out).night(), plan.data, ledger)
            yield finished, _Night(plan, ledger, started, clock, log)


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

    def ask(self, crawl: Crawl) -> Crawled:
        """All that this night's crawls came to, with what a process before this one asked."""
        self._log.info("night began", night=self._number)
        self._prepare()
        before = read_crawled(self._plan.data, self._number)
        if self._plan.catalogue is None:
            return before
        crawled = before.joined(self._ask_sites(self._plan.catalogue, crawl))
        write_crawled(crawled, self._plan.data)
        return crawled

    def pass_through(self, crawl: Crawl) -> Digest:
        crawled = self.ask(crawl)
        with hold_out(self._plan.out, self._plan.wait):
            return self._make(crawled)

    def _make(self, crawled: Crawled) -> Digest:
        """From the store to the published tables, which no run by hand may change meanwhile."""
        plan = self._plan
        if (current := self._releases.current()) is not None:
            finish_tables(current)
        staged = self._releases.stage()
        tried = read_store(Work(plan.raw, staged, plan.settings, plan.formats), self._ledger)
        readings = tables_to_readings(staged, tried.read, self._ledger)
        digest = self._judge(_Made(staged, crawled, len(tried.read), readings, tried.damaged))
        self._end(staged, digest)
        return digest

    def _prepare(self) -> None:
        """The store as it should be; one that is still empty is a store all the same.

        Who only reads may have no right to write there: the next crawl makes it and sweeps.
        """
        store = Store(self._plan.raw)
        try:
            (store.root / INCOMING).mkdir(parents=True, exist_ok=True)
        except OSError:
            if self._plan.catalogue:
                raise
        if self._plan.catalogue and (swept := store.sweep()):
            self._log.info("leftovers of killed writes removed", stage="acquire", files=swept)

    def _ask_sites(self, catalogue: Catalogue, crawl: Crawl) -> Crawled:
        ledger = root_to_ledger(self._plan.raw)
        result = crawl(catalogue, self._plan.raw, ledger, self._started)
        self._log.info("sites asked", stage="acquire", requests=sum(result.requests.values()))
        if result.problem:
            self._log.error("the crawl ended early", stage="acquire", problem=result.problem)
        names = (source.name for source in catalogue.sources)
        return result_to_crawled(result, self._number, self._started, names)

    def _judge(self, made: _Made) -> Digest:
        """The digest, with what is to become of the tables."""
        rows = out_to_documents(made.folder)
        superseded = {held.sha256 for held in self._ledger.superseded()} | folder_to_samples(self._plan.raw)
        before, unreadable = self._before()
        comparison = compare(before, rows, superseded)
        listed = {name: self._ledger.listed_before(name) for name in made.crawled.sources}
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
            headline=_headline(status, published, found, self._crawl_words(made.crawled)),
        )

    def _crawl_words(self, crawled: Crawled) -> str:
        """What of the crawl belongs into the headline: that it ended early, or was long ago."""
        early = f"the crawl ended early: {crawled.problem}" if crawled.problem else ""
        asked_on = crawled.asked_on
        is_old = asked_on and datetime.fromisoformat(self._started) - asked_on > _FRESH
        old = f"the sites were last asked on {asked_on:%Y-%m-%d}" if is_old else ""
        return "".join(f", and {words}" for words in (early, old) if words)

    def _before(self) -> tuple[list[DocumentRow], list[Finding]]:
        """What readers see now; tables that cannot be read are nothing to compare with, and a gate."""
        try:
            return out_to_documents(self._releases.current()), []
        except WrittenError as error:
            self._log.error("the last release cannot be read", stage="compare", why=str(error))
            accept = to_command("nightly", "--accept", *self._plan.given)
            look = f"{self._plan.out} cannot be read: `{accept}` puts tonight's tables in its place"
            return [], [Finding("release", 0, 0, look)]

    def _stale(self, staged: Path) -> list[Finding]:
        """A run by hand during the night: what it wrote would be lost, which nobody can accept unseen."""
        if not self._releases.is_stale(staged):
            return []
        again = to_command("nightly", *self._plan.given)
        look = f"{self._plan.out} was changed while the night was at work: run `{again}`"
        return [Finding("release", 0, 0, look)]

    def _tell(
        self,
        made: _Made,
        comparison: Comparison,
        rows: Sequence[DocumentRow],
        listed: Mapping[str, int | None],
    ) -> Digest:
        asked = self._ledger.asked_now()
        fresh = news.comparison_to_fresh(comparison)
        overdue = ledger_to_overdue(self._ledger, rows, date.fromisoformat(self._started[:10]))
        sources = (
            *news.lists_to_entries(listed, self._ledger.listed_now(), set(listed)),
            *news.asked_to_entries(asked),
            *news.notes_to_entries(made.crawled.notes),
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
            new=tuple(news.rows_to_new(comparison.new)),
            revised=tuple(news.comparison_to_revised(comparison, made.damaged)),
            damaged=tuple(news.comparison_to_damaged(comparison, made.damaged)),
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
        record(digest, self._plan.data, self._ledger)
        drop_crawled(self._plan.data)
        self._releases.prune()
        told = self._log.info if digest.exit_status == DONE else self._log.warning
        told("night ended", night=digest.night, exit_status=digest.exit_status, published=digest.published)


def _mend(plan: Plan) -> None:
    """The pointer where it belongs; a run by hand that is making its first tables needs none."""
    if not os.path.lexists(plan.out):
        with hold_out(plan.out, plan.wait):
            Releases(plan.out).mend()


def ledger_to_overdue(ledger: Ledger, rows: Sequence[DocumentRow], today: date) -> list[Overdue]:
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


def _counts(digest: Digest, rows: Sequence[DocumentRow], made: _Made) -> dict[str, int]:
    return {
        "documents": len(rows),
        "cells": sum(row.cells for row in rows),
        "cells_suspect": sum(row.suspect for row in rows),
        "checks_passed": sum(row.passed for row in rows),
        "checks_failed": sum(row.failed for row in rows),
        "requests": made.crawled.total,
        "read": made.read,
        "new": len(digest.new),
        "revised": len(digest.revised),
        "damaged": len(digest.damaged),
        "withdrawn": len(digest.withdrawn),
        "failed": len(digest.failed),
        "flagged": len(digest.flagged),
        "overdue": len(digest.overdue),
    }


def _headline(status: int, published: bool, found: Sequence[Finding], crawl: str) -> str:
    if status == DRIFT:
        return f"not published, the last good release stays: {', '.join(finding.gate for finding in found)}"
    what = "published" if published else "nothing new"
    accepted = f", accepted by hand: {', '.join(finding.gate for finding in found)}" if found else ""
    return f"{what}{accepted}{crawl}"
