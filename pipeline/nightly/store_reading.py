"""What is new in the store, read into tonight's tables, and what the ledger is to know of it."""

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
    """The store `raw`, the folder of tables that what is new in it goes to, and how."""

    raw: Path
    staged: Path
    settings: Settings
    formats: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """The hashes of what was `read` just now, and of what is no whole document, with why (`damaged`)."""

    read: set[str]
    damaged: Mapping[str, str]


def read_store(plan: ReadingPlan, ledger: Ledger) -> ReadingResult:
    """What became of the store: all that is new in it is read.

    Tables that another version of this program wrote and this one cannot go on with are made anew; the
    gates see what that loses.
    """
    try:
        return _read(plan, ledger)
    except TablesError as error:
        why = "tables cannot be gone on with, all is read again"
        get_log("night").warning(why, stage="read", why=str(error))
        remove_tables(plan.staged)
        return _read(plan, ledger)


def tables_to_readings(staged: Path, tried: set[str], ledger: Ledger) -> tuple[ReadOutcome, ...]:
    """What the ledger does not know yet; a killed run may have read it.

    Also what was set aside, where other settings had it read again.
    """
    from pipeline.extract.version import reading_version

    version = reading_version()
    known = ledger.readings(version)
    by_hash = {row.sha256: row for row in out_to_documents(staged) if row.version == version}
    return tuple(
        ReadOutcome(held.sha256, version, row.status, row.error)
        for held in ledger.current()
        if (row := by_hash.get(held.sha256)) and (held.sha256 in tried or held.sha256 not in known)
    )


def _read(plan: ReadingPlan, ledger: Ledger) -> ReadingResult:
    """In batches that are each saved before the next."""
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
    """What was read before and is to be read again: failed and not set aside, or asked for by `retry`."""
    from pipeline.extract.version import reading_version

    version = reading_version()
    known = ledger.readings(version)
    return {held.sha256 for held in ledger.pending(version) if held.sha256 in known}
