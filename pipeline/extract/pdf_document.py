"""Take a PDF through the stages: read → bind → normalise → check."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pipeline.extract.cross_check import (
    doubt_cut,
    doubt_layer,
    doubt_lone_broken,
    doubt_second_report,
    doubt_shapes,
)
from pipeline.extract.fallback import (
    OTHERS_STEPS,
    OWN_STEPS,
    cross_check,
    document_to_readings,
    read_until_complete,
    readings_as_seen,
    with_pasted,
)
from pipeline.extract.integrity import (
    headings_without_table,
    pdf_to_losses,
)
from pipeline.extract.lossy import as_lossy
from pipeline.extract.opened_pdf import EngineOptions, OpenedPdf, open_pdf
from pipeline.extract.report import (
    Found,
    failure,
    parts_to_report,
    readings_to_report,
    recognised,
    says_nothing,
    signs_of_other_forms,
    signs_of_second,
    signs_of_unknown_tables,
    signs_of_year,
    with_signs,
    without_other_forms,
)
from pipeline.extract.several_reports import chapters_anew, chapters_beside, readings_to_parts
from pipeline.extract.table_reading import TableReading
from pipeline.extract.unread import ANEW, pdf_to_unread_signs, unruled_signs
from pipeline.records import (
    Observation,
    Reason,
    Report,
)

NO_TEXT = "no text on any page, and no picture of one: if it shows text, fetch it again"
SCAN = "its pages are pictures (a scan)"
BLURRED = f"no text can be read in them: {ANEW}"
UNRECOGNISED = f"nothing of a report was recognised in them; if it is one, {ANEW}"
GARBLED = (
    "its fonts do not say which characters their shapes stand for: print the file to a new PDF with other "
    "software"
)

SHOWN_ROUNDS_MAX = 3
"""Count. A file is read again as it is shown: once for fields and notes, twice for what lies under what."""


def pdf_to_report(
    path: Path, passwords: tuple[str, ...], confirm: frozenset[str], engines: EngineOptions
) -> Report:
    """Return what a PDF gives. UnreadableError where no reader opens it."""
    with closing(open_pdf(path, passwords, engines)) as pdf:
        report = _pdf_to_report(pdf, confirm)
        return _as_displayed(replace(report, steps=report.steps or pdf.steps), pdf)


def _as_displayed(report: Report, pdf: OpenedPdf) -> Report:
    """Return the report with its boxes on the pages as displayed; pictures are read as they are straight."""
    if not pdf.pictured:
        return report
    observations, leftovers = (
        tuple(one._replace(box=pdf.to_displayed(one.page, one.box)) for one in report.observations),
        tuple(replace(one, box=pdf.to_displayed(one.page, one.box)) for one in report.leftovers),
    )
    others = tuple(_as_displayed(other, pdf) for other in report.others)
    return replace(report, observations=observations, leftovers=leftovers, others=others)


def _pdf_to_report(pdf: OpenedPdf, confirm: frozenset[str]) -> Report:
    """Return the report with its number of pages and every sign that something may be lost or wrong.

    Further reports in the file are among its `others`.
    """
    found = without_other_forms(pdf, document_to_readings(pdf.first))
    if says_nothing(pdf, found) and pdf.is_garbled and (pictures := pdf.as_pictures()):
        with closing(pictures):
            return _pdf_to_report(pictures, confirm)
    parts = readings_to_parts(pdf, found[0])
    if len(parts) > 1:
        return parts_to_report(_part_to_report(part, confirm) for part in parts)
    losses = pdf_to_losses(pdf)
    report = _read(pdf, found, confirm, is_lossy=bool(losses))
    tables = {seen.table for seen in report.observations}
    lost = [*headings_without_table(pdf.first, tables), *unruled_signs(pdf, report.missing)]
    signs = [*losses, *lost, *pdf_to_unread_signs(pdf)]
    named = [*signs_of_other_forms(pdf, report), *signs_of_second(pdf, found[0]), *signs_of_year(report)]
    unknown = signs_of_unknown_tables(pdf, report)
    return with_signs(replace(report, pages=len(pdf.pages)), [*named, *signs, *unknown])


def _part_to_report(part: OpenedPdf, confirm: frozenset[str]) -> Report:
    """Return the report on some pages of a file, and what else is on them."""
    with closing(part):
        report = _pdf_to_report(part, confirm)
        return replace(report, steps=report.steps or part.steps)


def _read(
    pdf: OpenedPdf, found: Found, confirm: frozenset[str], *, is_lossy: bool, rounds: int = SHOWN_ROUNDS_MAX
) -> Report:
    """Read the tables of an opened PDF, and return its report; a failure where there is nothing to read.

    Where the drawn pages do not show what was read, the file is read again as they show it, at most `rounds`
    times. `is_lossy` says that the file may have lost something.
    """
    if pdf.is_blank:
        return failure(Reason.NO_TEXT, f"{SCAN}: {pdf.why_unread() or BLURRED}" if pdf.pictured else NO_TEXT)
    readings, leftovers = found
    if says_nothing(pdf, found):
        return _without_report(pdf)
    best = read_until_complete(pdf, readings_as_seen(pdf, readings), OWN_STEPS)
    shown = pdf.as_shown(_observations(best)) if rounds else None
    if not shown:  # others cost much, and need not be asked what the page has settled
        best = with_pasted(pdf, best)
        before, best = best, read_until_complete(pdf, best, OTHERS_STEPS)
        shown = pdf.as_shown(_observations(best)) if rounds and best != before else None
    if shown:
        with closing(shown):
            again = without_other_forms(shown, document_to_readings(shown.first))
            report = _read(shown, again, confirm, is_lossy=is_lossy, rounds=rounds - 1)
            return replace(report, steps=tuple(dict.fromkeys((*pdf.steps, *report.steps))))
    checked = [cross_check(pdf, reading, ask=table in confirm) for table, reading in best.items()]
    observations = [seen for reading in checked for seen in reading.observations]
    looks = pdf.look(observations)
    checked = doubt_lone_broken(doubt_shapes(checked, looks), looks)
    layered = doubt_layer(doubt_cut(checked, pdf.typed), pdf.layer_cells(observations))
    report = readings_to_report(
        pdf, doubt_second_report(layered, chapters_anew(pdf, layered) or chapters_beside(pdf)), leftovers
    )
    return replace(as_lossy(report, pdf.is_corrected) if is_lossy else report, steps=pdf.steps)


def _without_report(pdf: OpenedPdf) -> Report:
    """Return what becomes of a file whose text shows no report.

    Of a scan that was badly recognised nobody knows whether it is one.
    """
    if pdf.is_garbled:
        words = ", or have its pictures read: ".join(filter(None, (GARBLED, pdf.why_unread())))
        return failure(Reason.GARBLED, words)
    if pdf.pictured and pdf.pictured >= {line.page for line in pdf.first.lines}:
        return failure(Reason.NO_TEXT, f"{SCAN}: {UNRECOGNISED}")
    return replace(Report.empty(), status="not_a_report", error=recognised(pdf, report=False))


def _observations(readings: Mapping[str, TableReading]) -> list[Observation]:
    """Return all observations of these tables."""
    return [seen for reading in readings.values() for seen in reading.observations]
