"""One document through the stages: read → bind → normalise → check."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.acquire.content import is_unchanged
from pipeline.extract.fallback import MODERN, cross_check, document_to_readings, read_until_complete
from pipeline.extract.integrity import Loss, source_to_losses
from pipeline.extract.normalise.heading import is_annual_report, lines_to_heading
from pipeline.extract.normalise.sections import lines_to_sections
from pipeline.extract.opened_pdf import ALL_WAYS, OpenedPdf, UnreadableError, Ways, open_pdf
from pipeline.extract.read import LADDER
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.table_reading import TableReading
from pipeline.forms import load_forms, tables_in_force
from pipeline.forms.labels import fold
from pipeline.records import (
    NOBODY,
    Box,
    Leftover,
    RawTable,
    Reason,
    Report,
    ReportIdentity,
    Section,
    Snapshot,
    TextLine,
)

SCAN = (
    "no text on any page: if its pages are pictures (a scan), run it through a program for text "
    "recognition (OCR) and put the searchable PDF in its place; if it shows text, fetch it again"
)
GARBLED = (
    "its fonts do not say which characters their shapes stand for: print the file to a new PDF with other "
    "software, or run it through a program for text recognition (OCR)"
)
CHANGED = "its bytes changed while it was read: run again once it is written whole"

_PLAIN_REASONS = {
    "partial": Reason.INCOMPLETE,
    "flagged": Reason.DOUBTFUL,
    "no_tables": Reason.NO_TABLES,
    "not_a_report": Reason.NOT_A_REPORT,
}


def read_document(
    snapshot: Snapshot,
    passwords: tuple[str, ...] = (),
    confirm: frozenset[str] = frozenset(),
    ways: Ways = ALL_WAYS,
) -> Report:
    """Everything that one file gives; a file that cannot be read gives a Report with status failed.

    So does one whose bytes are not those of the snapshot when all is read.

    `confirm` names tables that a second, independent reader is to read in any case.
    """
    started = time.process_time()
    try:
        source = open_pdf(snapshot.path, passwords, ways)
        report = replace(_source_to_report(source, confirm), steps=source.steps)
        if not is_unchanged(snapshot):  # each reader opens it by its path
            report = _failure(Reason.BAD_FILE, CHANGED)
    except UnreadableError as unread:
        report = _failure(unread.reason, str(unread))
    return replace(
        report,
        report_id=snapshot.report_id,
        sha256=snapshot.sha256,
        source_file=snapshot.path.name,
        source_url=snapshot.source_url,
        seconds=time.process_time() - started,
    )


def _source_to_report(source: OpenedPdf, confirm: frozenset[str]) -> Report:
    report = _read(source, confirm)
    losses = source_to_losses(source, {seen.table for seen in report.observations})
    return _with_losses(replace(report, pages=len(source.first.page_sizes)), losses)


def _with_losses(report: Report, losses: Sequence[Loss]) -> Report:
    """Whatever else it is, a report that may have lost something is not ok."""
    if not losses:
        return replace(report, reason=report.reason or _PLAIN_REASONS.get(report.status, Reason.NONE))
    words = "; ".join(loss.words for loss in losses)
    if report.status == "failed" and losses[0].reason not in (Reason.TEXT_DIFFERS, Reason.DAMAGED):
        return replace(report, error=f"{report.error}; {words}")
    status = "flagged" if report.status == "ok" else report.status
    return replace(report, status=status, reason=losses[0].reason, error=words)


def _read(source: OpenedPdf, confirm: frozenset[str]) -> Report:
    first = source.first
    if source.is_blank:
        return _failure(Reason.NO_TEXT, SCAN)
    readings, leftovers = document_to_readings(first)
    if not readings and not source.mentions and not is_annual_report(first.lines):
        return _failure(Reason.GARBLED, GARBLED) if source.is_garbled else _report((), status="not_a_report")
    best = read_until_complete(source, readings)
    settled = [cross_check(source, reading, ask=table in confirm) for table, reading in best.items()]
    return readings_to_report(source, settled, leftovers)


def _failure(reason: Reason, words: str) -> Report:
    return replace(_report((), status="failed", error=words), reason=reason)


def readings_to_report(
    source: OpenedPdf, readings: Sequence[TableReading], leftovers: Sequence[Leftover]
) -> Report:
    """The report of a document whose tables are settled."""
    first = source.first
    regions = _regions(readings)
    frames = [PageOrientation(*size, turn) for size, turn in zip(first.page_sizes, first.turns, strict=True)]
    lines = [
        line
        for line in first.lines
        if not _inside(line.page, frames[line.page - 1].to_displayed(line.box), regions)
    ]
    lines += _swallowed(first.tables, readings, frames)
    lines.sort(key=lambda line: (line.page, line.box.top, line.box.x0))
    missing = [f"{r.bound.table}.{i}.{c}" for r in readings for i, c in r.bound.missing]
    heading = _heading(lines, source)
    missing += _missing_tables({reading.bound.table for reading in readings}, heading.fiscal_year)
    report = _report(
        readings,
        heading=heading,
        pages=len(first.page_sizes),
        sections=lines_to_sections(lines, [frame.reading_size for frame in frames]),
        leftovers=(
            *(left for reading in readings for left in reading.bound.leftovers),
            *(left for left in leftovers if not _inside(left.page, left.box, regions)),
        ),
        missing=tuple(missing),
    )
    return replace(report, status=_status(report))


def _missing_tables(found: set[str], year: int | None) -> list[str]:
    """What stands beside the tables found, or, where none is, what a report on that year has to print."""
    if found & set(MODERN):
        return [table for table in MODERN if table not in found]
    return list(tables_in_force(year)) if year and not found else []


def _status(report: Report) -> str:
    if not report.observations:
        return "no_tables"
    if report.missing:
        return "partial"
    failed = any(check.verdict == "fail" for check in report.checks)
    doubtful = any(seen.status in ("suspect", "unreadable") for seen in report.observations)
    return "flagged" if failed or doubtful else "ok"


def _regions(readings: Iterable[TableReading]) -> dict[int, list[Box]]:
    """Where the tables of the forms stand on each page."""
    regions: dict[int, list[Box]] = {}
    for reading in readings:
        for page, box in reading.bound.regions:
            regions.setdefault(page, []).append(box)
    return regions


def _inside(page: int, box: Box, regions: Mapping[int, Sequence[Box]]) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return any(r.x0 <= x <= r.x1 and r.top <= y <= r.bottom for r in regions.get(page, ()))


def _swallowed(
    tables: Sequence[RawTable], readings: Iterable[TableReading], frames: Sequence[PageOrientation]
) -> list[TextLine]:
    """Chapter headings and prose that stand in cells of a table."""
    headings = frozenset().union(*(form.headings for form in load_forms()))
    left = {(lo.page, lo.text) for r in readings for lo in r.bound.leftovers if len(fold(lo.text)) > 30}
    return [
        TextLine(table.page, " ".join(cell.text.split("\n")), frames[table.page - 1].to_reading(cell.box))
        for table in tables
        for cell in table.cells
        if fold(cell.text) in headings or (table.page, cell.text) in left
    ]


def _heading(lines: Sequence[TextLine], source: OpenedPdf) -> ReportIdentity:
    """Who reports on what year: the file's own title is asked only where the pages do not say."""
    heading = lines_to_heading(lines)
    if heading.agency and heading.fiscal_year:
        return heading
    return lines_to_heading(lines, _metadata_title(source))


def _metadata_title(source: OpenedPdf) -> str:
    if LADDER[0].reader in source.ways.without:  # it is pdfium that failed there
        return ""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(source.path, password=source.password) as document:
            return str(document.get_metadata_value("Title"))
    except pypdfium2.PdfiumError:
        return ""


def _report(
    readings: Sequence[TableReading],
    *,
    heading: ReportIdentity = NOBODY,
    pages: int = 0,
    sections: Sequence[Section] = (),
    leftovers: Sequence[Leftover] = (),
    missing: tuple[str, ...] = (),
    status: str = "",
    error: str = "",
) -> Report:
    observations = tuple(seen for reading in readings for seen in reading.observations)
    used = {seen.reader for seen in observations} | {seen.confirmed_by for seen in observations} - {""}
    return Report(
        report_id="",
        sha256="",
        source_file="",
        source_url=None,
        heading=heading,
        pages=pages,
        templates=tuple(dict.fromkeys(reading.bound.template for reading in readings)),
        readers=tuple(reader for reader in dict.fromkeys(step.reader for step in LADDER) if reader in used),
        steps=(),
        observations=observations,
        checks=tuple(check for reading in readings for check in reading.checks),
        sections=tuple(sections),
        leftovers=tuple(leftovers),
        missing=missing,
        status=status,
        error=error,
        seconds=0.0,
    )
