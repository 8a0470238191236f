"""Ledger and tables → the status: sources, documents still to read, set aside, overdue, the last nights."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from pipeline.acquire.ledger import Ledger, Night, ReadingRecord, SourceHistory
from pipeline.acquire.sources import Catalogue
from pipeline.nightly.lock import Holder
from pipeline.nightly.night import ledger_to_overdue
from pipeline.nightly.overdue import Overdue
from pipeline.nightly.release_comparison import DocumentRow
from pipeline.printable import json_to_printable, to_printable, to_short
from pipeline.records import sha256_to_report_id

_SHOWN_NIGHTS = 7
"""Count. As many of the last nights are shown: a week."""

_STATUS_ENTRIES_MAX = 20
"""Count. No more entries of a list are shown on a terminal; the JSON has all."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A document that failed too often; it is read again only after `retry`."""

    report_id: str
    url: str
    title: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Status:
    """`backlog` counts the documents that the next night reads; `running` is the holder of the lock, if a
    night runs."""

    running: Holder | None
    last_success: str | None
    documents: int
    backlog: int
    sources: tuple[SourceHistory, ...]
    never_asked: tuple[str, ...]
    set_aside: tuple[DeadLetter, ...]
    overdue: tuple[Overdue, ...]
    nights: tuple[Night, ...]


def ledger_to_status(
    ledger: Ledger,
    catalogue: Catalogue | None,
    rows: Sequence[DocumentRow],
    running: Holder | None,
    today: date,
) -> Status:
    """Return the status. `rows` are the published documents; `catalogue` is None if there is no
    sources.toml."""
    from pipeline.extract.version import is_of_today, reading_version

    nights = ledger.nights()
    known = ledger.sources()
    wanted = [source.name for source in catalogue.sources] if catalogue else []
    version = reading_version()
    stale = {row.sha256 for row in rows if not is_of_today(row.version)}
    held = {document.sha256 for document in ledger.current()}
    pending = {document.sha256 for document in ledger.pending(version)}
    return Status(
        running=running,
        last_success=next((night.ended for night in reversed(nights) if _is_good(night)), None),
        documents=len(held),
        backlog=len(pending | held & stale),
        sources=tuple(known),
        never_asked=tuple(sorted(set(wanted) - {source.source for source in known})),
        set_aside=tuple(_dead_letters(ledger, ledger.set_aside(version))),
        overdue=tuple(ledger_to_overdue(ledger, rows, today)),
        nights=tuple(nights[-_SHOWN_NIGHTS:]),
    )


def status_to_json(status: Status) -> str:
    """Return the status as JSON that is safe to show."""
    values = asdict(status)
    for night in values["nights"]:
        night["counts"] = json.loads(night["counts"])
    return json_to_printable(json.dumps(values, ensure_ascii=False, indent=1))


def status_to_text(status: Status, retry: str) -> str:
    """Return a page for a terminal. Long lists are cut; the JSON has them whole.

    `retry` is the command that has what is set aside read again.
    """
    return "\n".join(_lines(status, retry))


def _is_good(night: Night) -> bool:
    """Whether a night ended well."""
    return night.published or night.exit_status == 0


def _dead_letters(ledger: Ledger, outcomes: Sequence[ReadingRecord]) -> Iterator[DeadLetter]:
    """Yield the documents that are set aside."""
    held = {document.sha256: document for document in ledger.current()}
    for outcome in outcomes:
        if document := held.get(outcome.sha256):
            name = sha256_to_report_id(outcome.sha256)
            yield DeadLetter(name, document.url, document.title, outcome.reason, outcome.attempts)


def _lines(status: Status, retry: str) -> Iterator[str]:
    if status.running:
        yield to_printable(f"running now: process {status.running.pid}, since {status.running.started}")
    yield f"last good night: {status.last_success or 'none yet'}"
    yield f"fetched documents: {status.documents:,}, to be read in the next night: {status.backlog:,}"
    yield from _section("sources", [_source_to_line(source) for source in status.sources])
    never = "in sources.toml, and nothing came of them yet"
    yield from _section(never, list(status.never_asked))
    again = f"set aside (`{retry}` has them read again)"
    yield from _section(again, [_letter_to_line(letter) for letter in status.set_aside])
    yield from _section("expected and missing", [_overdue_to_line(late) for late in status.overdue])
    yield from _section("last nights", [_night_to_line(night) for night in status.nights])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n{title} ({len(lines):,}):"
        yield from (f"  {to_printable(line)}" for line in lines[:_STATUS_ENTRIES_MAX])
    if len(lines) > _STATUS_ENTRIES_MAX:
        yield f"  … and {len(lines) - _STATUS_ENTRIES_MAX:,} more: --json has them all"


def _source_to_line(source: SourceHistory) -> str:
    links = f", {source.links} links" if source.links is not None else ""
    return (
        f"{source.source}: list read {source.last_list or 'never'}{links}; "
        f"{source.documents} documents, the last confirmed {source.last_document or 'never'}"
    )


def _letter_to_line(letter: DeadLetter) -> str:
    return f"{letter.report_id} {letter.url}: {to_short(letter.reason)} ({letter.attempts} attempts)"


def _overdue_to_line(late: Overdue) -> str:
    since = "missing after 31 March" if late.late else "due since 31 January"
    source = f" (source {late.source})" if late.source else ""
    unread = "; a document of its source could not be read and may be it" if late.unread else ""
    return f"{late.agency} {late.year}{source}: {since}{unread}"


def _night_to_line(night: Night) -> str:
    counts = json.loads(night.counts)
    words = ", ".join(f"{name} {counts[name]}" for name in ("new", "revised", "failed") if name in counts)
    what = "published" if night.published else "not published"
    return f"{night.started} to {night.ended}: exit status {night.exit_status}, {what}; {words}"
