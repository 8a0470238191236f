"""Take one document through the stages: read → bind → normalise → check."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache

from pipeline.extract.bind import holds_number, is_label
from pipeline.extract.cross_check import (
    doubt_cut,
    doubt_layer,
    doubt_lone_broken,
    doubt_second_report,
    doubt_shapes,
    spot_of_second_report,
)
from pipeline.extract.fallback import (
    MODERN,
    OTHERS_STEPS,
    OWN_STEPS,
    cross_check,
    document_to_readings,
    read_until_complete,
    readings_as_seen,
    with_pasted,
)
from pipeline.extract.frugal import frugal_libraries
from pipeline.extract.garbage import no_collection
from pipeline.extract.integrity import (
    IntegritySign,
    headings_without_table,
    numbers_to_words,
    pdf_to_losses,
)
from pipeline.extract.normalise.around_title import table_to_labelled_rows
from pipeline.extract.normalise.heading import is_annual_report, lines_to_heading
from pipeline.extract.normalise.sections import lines_to_sections
from pipeline.extract.opened_pdf import ALL_ENGINES, EngineOptions, OpenedPdf, UnreadableError, open_pdf
from pipeline.extract.read import FALLBACK_STEPS
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.several_reports import chapters_anew, chapters_beside, readings_to_parts
from pipeline.extract.table_lines import is_inside, lines_outside, readings_to_regions
from pipeline.extract.table_reading import TableReading
from pipeline.extract.unnamed_tables import UnnamedTable, lines_to_unnamed_tables
from pipeline.extract.unread import ANEW, pdf_to_unread_signs, unruled_signs
from pipeline.files.regular_file import has_sha256
from pipeline.forms import load_forms, tables_in_force
from pipeline.forms.labels import fold
from pipeline.forms.other_forms import text_to_other_document
from pipeline.records import (
    OCR_LAYER,
    Box,
    Check,
    Leftover,
    Observation,
    RawTable,
    Reason,
    Report,
    ReportIdentity,
    Snapshot,
    TextLine,
)

NO_TEXT = "no text on any page, and no picture of one: if it shows text, fetch it again"
SCAN = "its pages are pictures (a scan)"
BLURRED = f"no text can be read in them: {ANEW}"
UNRECOGNISED = f"nothing of a report was recognised in them; if it is one, {ANEW}"
GARBLED = (
    "its fonts do not say which characters their shapes stand for: print the file to a new PDF with other "
    "software"
)
PART_IT = "a second report may begin there, and no title says where: part the file, and look at what was read"
CHANGED = "its bytes changed while it was read: run again once it is written whole"

UNHELD = "the file may have lost something, and no sum holds this cell"
UNNAMED_TABLE = "a table of no known form, without rulings"
ALL_DIGITS = frozenset("0123456789")

PROSE_IN_CELL_MIN_CHARACTERS = 30
"""Count, of the folded text. A longer text left over in a cell of a table is prose, and no label."""

RECOGNISED_MAX_CHARACTERS = 1000
"""Count. What a document is, is looked for in so much of its text: its title and its first sentences."""

SHOWN_ROUNDS_MAX = 3
"""Count. A file is read again as it is shown: once for fields and notes, twice for what lies under what."""

Found = tuple[Mapping[str, TableReading], Sequence[Leftover]]
"""The tables of the forms by name, and the cells of grids that are no such table."""

_PLAIN_REASONS = {
    "partial": Reason.INCOMPLETE,
    "flagged": Reason.DOUBTFUL,
    "no_tables": Reason.NO_TABLES,
    "not_a_report": Reason.NOT_A_REPORT,
}


@no_collection()
@frugal_libraries()
def read_document(
    snapshot: Snapshot,
    passwords: tuple[str, ...] = (),
    confirm: frozenset[str] = frozenset(),
    engines: EngineOptions = ALL_ENGINES,
) -> Report:
    """Return everything that one file gives.

    A file that cannot be read gives a Report with status failed, and no error. So does a file whose bytes are
    no longer those of the snapshot when all is read. `passwords` are tried where the file is encrypted.
    `confirm` names tables that an independent reader reads in any case. `engines` leaves engines out.
    """
    started = time.process_time()
    try:
        with closing(open_pdf(snapshot.path, passwords, engines)) as pdf:
            report = _pdf_to_report(pdf, confirm)
            report = _as_displayed(replace(report, steps=report.steps or pdf.steps), pdf)
        if not has_sha256(snapshot.path, snapshot.sha256):  # each reader opens it by its path
            report = _failure(Reason.BAD_FILE, CHANGED)
    except UnreadableError as unread:
        report = _failure(unread.reason, str(unread))
    report = replace(report, seconds=time.process_time() - started)
    return report.of_file(snapshot.sha256, snapshot.path.name, snapshot.source_url)


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
    found = _without_other_forms(pdf, document_to_readings(pdf.first))
    if _says_nothing(pdf, found) and pdf.is_garbled and (pictures := pdf.as_pictures()):
        with closing(pictures):
            return _pdf_to_report(pictures, confirm)
    parts = readings_to_parts(pdf, found[0])
    if len(parts) > 1:
        reports = [_part_to_report(part, confirm) for part in parts]
        first, *rest = (replace(one, others=()) for report in reports for one in (report, *report.others))
        return replace(first, others=tuple(rest))
    losses = pdf_to_losses(pdf)
    report = _read(pdf, found, confirm, is_lossy=bool(losses))
    tables = {seen.table for seen in report.observations}
    lost = [*headings_without_table(pdf.first, tables), *unruled_signs(pdf, report.missing)]
    signs = [*losses, *lost, *pdf_to_unread_signs(pdf)]
    named = [*_signs_of_other_forms(pdf, report), *_signs_of_second(pdf, found[0]), *_signs_of_year(report)]
    unknown = _signs_of_unknown_tables(report)
    return _with_signs(replace(report, pages=len(pdf.pages)), [*named, *signs, *unknown])


def _part_to_report(part: OpenedPdf, confirm: frozenset[str]) -> Report:
    """Return the report on some pages of a file, and what else is on them."""
    with closing(part):
        report = _pdf_to_report(part, confirm)
        return replace(report, steps=report.steps or part.steps)


def _without_other_forms(pdf: OpenedPdf, found: Found) -> Found:
    """Return what was found without tables of other forms: their labels are near to ours, and mean others."""
    refused = {table: reading for table, reading in found[0].items() if table in pdf.other_forms}
    if not refused:
        return found
    left = [replace(one, reason=pdf.other_forms[one.table]) for one in _cells_left_over(refused.values())]
    return {table: one for table, one in found[0].items() if table not in refused}, [*found[1], *left]


def _cells_left_over(readings: Iterable[TableReading]) -> Iterator[Leftover]:
    """Yield what is printed in the cells of tables as left over."""
    for reading in readings:
        for cell in reading.bound.cells:
            if cell.text:
                yield Leftover(cell.table, cell.page, cell.text, cell.box, "")
        yield from reading.bound.leftovers


def _signs_of_other_forms(pdf: OpenedPdf, report: Report) -> Iterator[IntegritySign]:
    """Yield a sign for each table that is printed in a form that is not read, or for a whole such report."""
    for name in pdf.other_forms.values():
        yield IntegritySign(Reason.NO_TABLES, f"{name}: nothing of it is taken")
    if report.status == "no_tables" and (name := _recognised(pdf, report=True)):
        yield IntegritySign(Reason.NO_TABLES, name)


def _signs_of_unknown_tables(report: Report) -> Iterator[IntegritySign]:
    """Yield a sign where the only tables of a report are of no form."""
    numbers = [left for left in report.leftovers if not left.table and holds_number(left.text)]
    if report.status == "no_tables" and numbers:
        pages = numbers_to_words(sorted({left.page for left in numbers}))
        words = f"a table of no known form on page {pages}: nothing of it is taken"
        yield IntegritySign(Reason.NO_TABLES, words)


def _signs_of_second(pdf: OpenedPdf, readings: Mapping[str, TableReading]) -> Iterator[IntegritySign]:
    """Yield a sign where a file holds more than a report, which could not be parted from it."""
    if spot := spot_of_second_report(readings.values()):
        again = [table for table, reading in readings.items() if reading.bound.again]
        words = f"{', '.join(again)} printed anew from page {spot.page} on: {PART_IT}"
        yield IntegritySign(Reason.SEVERAL_REPORTS, words)
    elif spot := chapters_anew(pdf, readings.values()):
        yield IntegritySign(Reason.SEVERAL_REPORTS, f"chapters begin anew on page {spot.page}: {PART_IT}")
    elif spot := chapters_beside(pdf):
        words = f"chapters stand side by side on page {spot.page}: {PART_IT}"
        yield IntegritySign(Reason.SEVERAL_REPORTS, words)


def _signs_of_year(report: Report) -> Iterator[IntegritySign]:
    """Yield a sign where the title and the text of a report name different years."""
    if report.heading.doubt:
        yield IntegritySign(Reason.YEAR_DIFFERS, report.heading.doubt)


def _with_signs(report: Report, signs: Sequence[IntegritySign]) -> Report:
    """Give the report its reason, and make it flagged where signs say that something may be lost."""
    if not signs:
        return replace(report, reason=report.reason or _PLAIN_REASONS.get(report.status, Reason.NONE))
    words = "; ".join(sign.words for sign in signs)
    if report.status == "failed" and signs[0].reason not in (Reason.TEXT_DIFFERS, Reason.DAMAGED):
        return replace(report, error=f"{report.error}; {words}")
    status = "flagged" if report.status == "ok" else report.status
    return replace(report, status=status, reason=signs[0].reason, error=words)


def _as_lossy(report: Report, pdf: OpenedPdf) -> Report:
    """Return the report of a file that may have lost something, as it was read: it trusts sums alone."""
    observations, checks = tuple(_held_by_sums(report, pdf)), tuple(map(_laid_to_reading, report.checks))
    return replace(report, observations=observations, checks=checks)


def _held_by_sums(report: Report, pdf: OpenedPdf) -> Iterator[Observation]:
    """Yield the observations of a file that may have lost something: a cell that no sum holds is suspect.

    What is lost is not drawn either: 2776 becomes 2, and the page shows a 2; -1 a dash, and a number a blank.
    Where the page shows other characters than the text has, one of the two is lost, and no sum says which: a
    0 that is drawn as a dash, or not at all, counts as 0 all the same.
    """
    numbers = {(one.table, one.item, one.column): one.raw for one in report.observations if one.value}
    checks = [check for check in report.checks if _holds(check, numbers)]
    held = {(check.table, *cell) for check in checks for cell in check.cells}
    for seen in report.observations:
        is_held = (seen.table, seen.item, seen.column) in held and not pdf.is_corrected(seen.page, seen.box)
        is_trusted = seen.status in ("ok", "blank", "not_applicable")
        yield seen if not is_trusted or is_held else seen._replace(status="suspect", doubt=UNHELD)


def _holds(check: Check, numbers: Mapping[tuple[str, str, str], str]) -> bool:
    """Whether a passed sum says that nothing of it is lost; `numbers` are all printed ones but zeros.

    Of blanks that count as 0 any sum is 0. And 12 = 12 becomes 1 = 1 where every 2 is lost, as it is with a
    font: a sum of one part holds its cells only in a table that shows all ten digits. A font whose shapes are
    all those of the digit 3 above makes a sum right again that has as many parts on both sides.
    """
    if check.verdict != "pass" or (check.left == 0 and check.blanks_as_zero) or check.check in _level_sums():
        return False
    parts = sum((check.table, *cell) in numbers for cell in check.cells)
    shown = {char for (table, _, _), raw in numbers.items() if table == check.table for char in raw}
    return parts > 2 or shown >= ALL_DIGITS


@cache
def _level_sums() -> frozenset[str]:
    """Return the names of the sums with as many parts on both sides."""
    identities = (identity for form in load_forms() for identity in form.identities)
    return frozenset(identity.name for identity in identities if not sum(identity.weights.values()))


def _laid_to_reading(check: Check) -> Check:
    """Return a check of a file that may have lost something: if it fails, it is no error of the publisher."""
    return check._replace(attribution="reading") if check.verdict == "fail" else check


def _read(
    pdf: OpenedPdf, found: Found, confirm: frozenset[str], *, is_lossy: bool, rounds: int = SHOWN_ROUNDS_MAX
) -> Report:
    """Read the tables of an opened PDF, and return its report; a failure where there is nothing to read.

    Where the drawn pages do not show what was read, the file is read again as they show it, at most `rounds`
    times. `is_lossy` says that the file may have lost something.
    """
    if pdf.is_blank:
        return _failure(Reason.NO_TEXT, f"{SCAN}: {pdf.why_unread() or BLURRED}" if pdf.pictured else NO_TEXT)
    readings, leftovers = found
    if _says_nothing(pdf, found):
        return _without_report(pdf)
    best = read_until_complete(pdf, readings_as_seen(pdf, readings), OWN_STEPS)
    shown = pdf.as_shown(_observations(best)) if rounds else None
    if not shown:  # others cost much, and need not be asked what the page has settled
        best = with_pasted(pdf, best)
        before, best = best, read_until_complete(pdf, best, OTHERS_STEPS)
        shown = pdf.as_shown(_observations(best)) if rounds and best != before else None
    if shown:
        with closing(shown):
            again = _without_other_forms(shown, document_to_readings(shown.first))
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
    return replace(_as_lossy(report, pdf) if is_lossy else report, steps=pdf.steps)


def _says_nothing(pdf: OpenedPdf, found: Found) -> bool:
    """Whether what was found of a file shows no table of the forms, nor a report."""
    return not found[0] and not pdf.mentions and not is_annual_report(pdf.first.lines)


def _without_report(pdf: OpenedPdf) -> Report:
    """Return what becomes of a file whose text shows no report.

    Of a scan that was badly recognised nobody knows whether it is one.
    """
    if pdf.is_garbled:
        words = ", or have its pictures read: ".join(filter(None, (GARBLED, pdf.why_unread())))
        return _failure(Reason.GARBLED, words)
    if pdf.pictured and pdf.pictured >= {line.page for line in pdf.first.lines}:
        return _failure(Reason.NO_TEXT, f"{SCAN}: {UNRECOGNISED}")
    return replace(Report.empty(), status="not_a_report", error=_recognised(pdf, report=False))


def _observations(readings: Mapping[str, TableReading]) -> list[Observation]:
    """Return all observations of these tables."""
    return [seen for reading in readings.values() for seen in reading.observations]


def _recognised(pdf: OpenedPdf, *, report: bool) -> str:
    """Return what a document is, in words, that is no such report; "" where that is not known."""
    return text_to_other_document("".join(pdf.texts.values())[:RECOGNISED_MAX_CHARACTERS], report=report)


def _failure(reason: Reason, words: str) -> Report:
    """Return the report of a document that failed, with the reason in one word and in words."""
    return replace(Report.empty(), status="failed", reason=reason, error=words)


def readings_to_report(
    pdf: OpenedPdf, readings: Sequence[TableReading], leftovers: Sequence[Leftover]
) -> Report:
    """Return the report of a document whose tables are read and cross-checked."""
    first = pdf.first
    regions = readings_to_regions(readings)
    orientations = pdf.orientations
    lines = lines_outside(first.lines, readings, orientations)
    unnamed = list(lines_to_unnamed_tables(lines, first.printed))
    lines = _lines_without(lines, unnamed)
    lines += _lines_in_cells(first.tables, readings, orientations)
    lines += _lines_around_title(first.tables, regions, orientations)
    lines.sort(key=lambda line: (line.page, line.box.top, line.box.x0))
    missing = [f"{r.bound.table}.{i}.{c}" for r in readings for i, c in r.bound.missing]
    heading = _heading(lines, pdf)
    missing += _missing_tables({reading.bound.table for reading in readings}, heading.fiscal_year)
    observations = tuple(seen for reading in readings for seen in reading.observations)
    report = replace(
        Report.empty(),
        heading=heading,
        pages=len(pdf.pages),
        templates=tuple(dict.fromkeys(reading.bound.template for reading in readings)),
        readers=_readers(observations),
        observations=observations,
        checks=tuple(check for reading in readings for check in reading.checks),
        sections=lines_to_sections(lines, [orientation.reading_size for orientation in orientations]),
        leftovers=(
            *(left for reading in readings for left in reading.bound.leftovers),
            *(left for left in leftovers if not is_inside(left.page, left.box, regions)),
            *_cells_of_unnamed(unnamed, orientations),
        ),
        missing=tuple(missing),
    )
    return replace(report, status=_status(report))


def _lines_without(lines: Iterable[TextLine], tables: Iterable[UnnamedTable]) -> list[TextLine]:
    """Return the lines that are of none of these tables."""
    dropped = {id(line) for table in tables for line in table.lines}
    return [line for line in lines if id(line) not in dropped]


def _cells_of_unnamed(
    tables: Iterable[UnnamedTable], orientations: Sequence[PageOrientation]
) -> Iterator[Leftover]:
    """Yield what is printed in tables of no form as left over."""
    for table in tables:
        to_displayed = orientations[table.page - 1].to_displayed
        for cell in table.cells:
            yield Leftover("", table.page, cell.text, to_displayed(cell.box), UNNAMED_TABLE)


def _readers(observations: Sequence[Observation]) -> tuple[str, ...]:
    """Return the readers that gave or confirmed a value, in the order of the fallback steps."""
    used = {seen.reader for seen in observations} | {seen.confirmed_by for seen in observations}
    known = dict.fromkeys([*(step.reader for step in FALLBACK_STEPS), OCR_LAYER])
    return tuple(reader for reader in known if reader in used)


def _missing_tables(found: set[str], year: int | None) -> list[str]:
    """Return the tables that a report with these tables prints too.

    Where none is found, those of its year.
    """
    if found & set(MODERN):
        return [table for table in MODERN if table not in found]
    return list(tables_in_force(year)) if year and not found else []


def _status(report: Report) -> str:
    """Return the status of a report, by its tables and what is doubtful in them."""
    if not report.observations:
        return "no_tables"
    if report.missing:
        return "partial"
    failed = any(check.verdict == "fail" for check in report.checks)
    doubtful = any(seen.status in ("suspect", "unreadable") for seen in report.observations)
    return "flagged" if failed or doubtful else "ok"


def _lines_in_cells(
    tables: Sequence[RawTable], readings: Iterable[TableReading], orientations: Sequence[PageOrientation]
) -> list[TextLine]:
    """Return chapter headings and prose that stand in cells of a table, as lines."""
    headings = frozenset().union(*(form.headings for form in load_forms()))
    left = {
        (lo.page, lo.text)
        for reading in readings
        for lo in reading.bound.leftovers
        if len(fold(lo.text)) > PROSE_IN_CELL_MIN_CHARACTERS and not is_label(lo.text)
    }
    return [
        TextLine(
            table.page, " ".join(cell.text.split("\n")), orientations[table.page - 1].to_reading(cell.box)
        )
        for table in tables
        for cell in table.cells
        if cell.text and (fold(cell.text) in headings or (table.page, cell.text) in left)
    ]


def _lines_around_title(
    tables: Sequence[RawTable], regions: Mapping[int, Sequence[Box]], orientations: Sequence[PageOrientation]
) -> list[TextLine]:
    """Return the rows of a table of labels and values that stands at the head of a web page, as lines."""
    return [
        TextLine(table.page, text, orientations[table.page - 1].to_reading(box))
        for table in tables
        if table.page == 1 and not is_inside(table.page, table.box, regions)
        for text, box in table_to_labelled_rows(table)
    ]


def _heading(lines: Sequence[TextLine], pdf: OpenedPdf) -> ReportIdentity:
    """Return who reports on what year.

    The title in the file's metadata is asked only where the pages are silent.
    """
    heading = lines_to_heading(lines)
    if heading.agency and heading.fiscal_year:
        return heading
    return lines_to_heading(lines, _metadata_title(pdf))


def _metadata_title(pdf: OpenedPdf) -> str:
    """Return the title in the file's metadata; "" where there is none or pdfium fails."""
    if FALLBACK_STEPS[0].reader in pdf.engines.without:  # it is pdfium that failed there
        return ""
    try:
        return str(pdf.file.document.get_metadata_value("Title"))
    except RuntimeError:  # pypdfium2's own error is one
        return ""
