"""Tables and ledger → the entries of a digest: what is new, revised, damaged or failed since the last good
night."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.acquire.ledger import GOOD_OUTCOMES, UNPACKED, FetchSummary
from pipeline.nightly.contradictions import Contradiction
from pipeline.nightly.digest import DocumentEntry, SourceEntry
from pipeline.nightly.overdue import Overdue
from pipeline.nightly.release_comparison import DocumentRow, ReleaseComparison

_BLOCKED_STATUSES = (401, 403, 412, 418, 429, 503)
"""Statuses of HTTP that sites answer to crawlers which they do not want."""

_OUTCOME_KINDS = {"challenge": "blocked", "robots": "robots"}
_NO_LINKS = (
    "look at its list in a browser: one that a script fills needs api, other words of links need links"
)
_ADDRESSED = re.compile(r"(https?://\S+): (.+)", re.DOTALL)
_USABLE = ("ok", "flagged")
_UNTOLD_OUTCOMES = (*GOOD_OUTCOMES, UNPACKED, "page")


def row_to_entry(row: DocumentRow, note: str = "") -> DocumentEntry:
    """Return the entry of a document."""
    return DocumentEntry(row.report_id, row.name, row.url, row.agency, row.year, note)


def rows_to_new(rows: Iterable[DocumentRow]) -> list[DocumentEntry]:
    """Return entries for documents that were not there before; one that is not a usable report says so."""
    return [
        row_to_entry(row, "" if row.status in _USABLE else row.status.replace("_", " "))
        for row in rows
        if row.is_read
    ]


def comparison_to_revised(comparison: ReleaseComparison, damaged: Collection[str]) -> list[DocumentEntry]:
    """Return entries for documents whose bureau replaced them; damaged copies are not among them."""
    pairs = ((old, now) for old, now in comparison.revised if now.sha256 not in damaged)
    return [row_to_entry(now, _change(old, now)) for old, now in pairs]


def comparison_to_damaged(comparison: ReleaseComparison, damaged: Mapping[str, str]) -> list[DocumentEntry]:
    """Return entries for documents that are now a damaged copy, with what is wrong (`damaged`: reason by
    SHA-256)."""
    pairs = ((old, now) for old, now in comparison.revised if now.sha256 in damaged)
    return [row_to_entry(now, f"{damaged[now.sha256]}; {_change(old, now)}") for old, now in pairs]


def comparison_to_fresh(comparison: ReleaseComparison) -> list[DocumentRow]:
    """Return the documents that are new or were read differently than in the last release."""
    changed = [now for old, now in comparison.pairs if old != now and _is_other_reading(old, now)]
    return [*comparison.new, *changed]


def rows_to_failed(rows: Iterable[DocumentRow]) -> list[DocumentEntry]:
    """Return entries for documents that could not be read."""
    return [row_to_entry(row, row.error) for row in rows if not row.is_read]


def rows_to_flagged(rows: Iterable[DocumentRow]) -> list[DocumentEntry]:
    """Return entries for documents that are flagged, or have suspect cells or failed checks."""
    flagged = (row for row in rows if row.is_read and (row.suspect or row.failed or row.status == "flagged"))
    return [row_to_entry(row, _flags(row)) for row in flagged]


def contradictions_to_entries(contradictions: Iterable[Contradiction]) -> list[DocumentEntry]:
    """Return entries for files that another file of their body and year contradicts."""
    return [row_to_entry(each.stands, _contradiction_note(each)) for each in contradictions]


def overdue_to_entries(overdue: Iterable[Overdue]) -> list[DocumentEntry]:
    """Return entries for reports that are expected and missing."""
    return [
        DocumentEntry("", late.source or late.agency, "", late.agency, late.year, _overdue_note(late))
        for late in overdue
    ]


def asked_to_entries(asked: Iterable[FetchSummary]) -> list[SourceEntry]:
    """Return what sites refused, hid or failed to give. Equal outcomes of one source are one entry with all
    its addresses."""
    last = {(entry.source, entry.url): entry for entry in asked}
    urls: dict[tuple[str, str, str], list[str]] = {}
    for entry in last.values():
        if entry.outcome not in _UNTOLD_OUTCOMES:
            urls.setdefault((entry.source, _kind(entry), entry.reason or entry.outcome), []).append(entry.url)
    return [
        SourceEntry(*what, url=first, times=1 + len(others), others=tuple(others))
        for what, (first, *others) in urls.items()
    ]


def lists_to_entries(
    before: Mapping[str, int | None], now: Mapping[str, int], asked: Collection[str]
) -> Iterator[SourceEntry]:
    """Yield sources whose lists gave less than half the links of the last good night, gave none now and
    before, or could not be read."""
    for name, was in before.items():
        if not was and now.get(name) == 0:
            since = "at the first visit" if was is None else "and none in the last good night"
            yield SourceEntry(name, "lists", f"0 links {since}: {_NO_LINKS}")
        elif was and name in asked and name not in now:
            yield SourceEntry(name, "lists", f"no list could be read; {was} links in the last good night")
        elif was and name in now and now[name] * 2 < was:
            yield SourceEntry(name, "lists", f"lists {now[name]} links, {was} in the last good night")


def notes_to_entries(notes: Mapping[str, Iterable[str]]) -> list[SourceEntry]:
    """Return the notes of the crawl. The address that a note begins with is told as such."""
    return [_note_to_entry(name, text) for name, texts in notes.items() for text in texts]


def _note_to_entry(source: str, text: str) -> SourceEntry:
    """Return the entry of a note."""
    found = _ADDRESSED.fullmatch(text)
    return SourceEntry(source, "note", found[2], found[1]) if found else SourceEntry(source, "note", text)


def _is_other_reading(old: DocumentRow, now: DocumentRow) -> bool:
    """Whether two readings of a document differ. The text of `error` does not count: which reader times
    out first varies."""
    return (old.sha256, old.status, old.cells, old.suspect, old.failed) != (
        *(now.sha256, now.status, now.cells, now.suspect, now.failed),
    )


def _change(old: DocumentRow, now: DocumentRow) -> str:
    """Say how many cells a document had and has."""
    return f"cells: {old.cells} before, {now.cells} now" if old.cells != now.cells else f"cells: {now.cells}"


def _flags(row: DocumentRow) -> str:
    """Say how many cells are suspect and checks failed, and what else was seen."""
    counts = {"cells suspect": row.suspect, "checks failed": row.failed}
    words = [f"{name}: {number}" for name, number in counts.items() if number]
    return ", ".join([*words, row.error] if row.error else words)


def _contradiction_note(found: Contradiction) -> str:
    """Say in how many cells another file prints other numbers, what they are in the first, and which file."""
    told = f"cells that differ: {len(found.cells)}"
    if found.cells:
        first = found.cells[0]
        numbers = f"{first.stands or 'blank'} here, {first.other or 'blank'} there"
        told += f", the first of them {first.table} {first.item} {first.column}: {numbers}"
    return f"{told}; no date says whether it is later than {found.other.name}"


def _overdue_note(late: Overdue) -> str:
    """Say which report is missing, and since when."""
    since = "missing after 31 March" if late.late else "due since 31 January"
    hint = "; a document of its source could not be read and may be it" if late.unread else ""
    return f"no report on {late.year}, {since}{hint}"


def _kind(entry: FetchSummary) -> str:
    """Return the kind of a fetch's entry in the digest."""
    if entry.outcome == "failed" and entry.status in _BLOCKED_STATUSES:
        return "blocked"
    return _OUTCOME_KINDS.get(entry.outcome, "failed")
