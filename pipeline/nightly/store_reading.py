"""New documents in the store → tonight's tables, and the readings that the ledger is to record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.acquire.ledger import Ledger
from pipeline.acquire.samples import folder_to_samples
from pipeline.config import Settings
from pipeline.logs import get_log
from pipeline.nightly.digest import ReadOutcome
from pipeline.nightly.release import remove_tables
from pipeline.nightly.release_comparison import out_to_documents
from pipeline.records import Report
from pipeline.tables.written_tables import TablesError


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """The store `raw`, the folder `staged` that its tables go to, and how to read."""

    raw: Path
    staged: Path
    settings: Settings
    formats: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """The hashes of documents `read` just now, and the reason why others are no whole document
    (`damaged`), by hash."""

    read: set[str]
    damaged: Mapping[str, str]


def read_store(plan: ReadingPlan, ledger: Ledger) -> ReadingResult:
    """Read all that is new in the store into the staged tables.

    If this program cannot go on from the staged tables, all documents are read again; the gates see what that
    loses.
    """
    try:
        return _read(plan, ledger)
    except TablesError as error:
        why = "tables cannot be gone on with, all is read again"
        get_log("night").warning(why, stage="read", why=str(error))
        remove_tables(plan.staged)
        return _read(plan, ledger)


def tables_to_readings(staged: Path, tried: set[str], ledger: Ledger) -> tuple[ReadOutcome, ...]:
    """Return the readings that the ledger does not have yet, also those of a killed run, and of documents
    that were set aside and read again."""
    from pipeline.extract.version import is_of_today, reading_version

    version = reading_version()
    known = ledger.readings(version)
    rows = [row for row in out_to_documents(staged) if is_of_today(row.version)]
    by_hash = {row.sha256: row for row in reversed(rows)}  # of a file with several reports the first
    return tuple(
        ReadOutcome(held.sha256, version, row.status, row.error)
        for held in ledger.current()
        if (row := by_hash.get(held.sha256)) and (held.sha256 in tried or held.sha256 not in known)
    )


def _read(plan: ReadingPlan, ledger: Ledger) -> ReadingResult:
    """Read in batches; each is saved before the next."""
    from pipeline.run import update

    log = get_log("night")
    tried: set[str] = set()
    samples = folder_to_samples(plan.raw)
    left, before = 1, -1
    while left and len(tried) > before:  # two documents of one name could take turns for ever
        before = len(tried)
        outcome = update(
            [plan.raw],
            plan.staged,
            plan.settings,
            again=_due(ledger) - tried,
            without=samples,
            formats=plan.formats,
            progress=lambda report, done, total: _note(report, tried),
            most=plan.settings.batch,
        )
        if outcome.interrupted:
            raise KeyboardInterrupt
        left = outcome.left
        log.info("tables written", stage="export", read=outcome.read, left=left)
    for text in outcome.passed_over:
        log.warning("passed over", stage="acquire", what=text)
    damaged = {document.snapshot.sha256: document.damage for document in outcome.documents if document.damage}
    return ReadingResult(tried, damaged)


def _note(report: Report, tried: set[str]) -> None:
    """Log a document that was read."""
    tried.add(report.sha256)
    log = get_log("night")
    (log.warning if report.status == "failed" else log.info)(
        "read",
        stage="read",
        document=report.source_file,
        status=report.status,
        reason=str(report.reason),
        error=report.error,
    )


def _due(ledger: Ledger) -> set[str]:
    """Return the hashes of documents to be read again: failed and not set aside, or marked by `retry`."""
    from pipeline.extract.version import reading_version

    version = reading_version()
    known = ledger.readings(version)
    return {held.sha256 for held in ledger.pending(version) if held.sha256 in known}
