"""Make the report of a document whose tables are read, with the signs that something is lost or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.extract.bind import holds_number, is_label
from pipeline.extract.cross_check import spot_of_second_report
from pipeline.extract.fallback import MODERN
from pipeline.extract.integrity import IntegritySign
from pipeline.extract.normalise.around_title import table_to_labelled_rows
from pipeline.extract.normalise.heading import is_annual_report, lines_to_heading
from pipeline.extract.normalise.sections import lines_to_sections
from pipeline.extract.opened_document import OpenedDocument
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.several_reports import chapters_anew, chapters_beside
from pipeline.extract.table_lines import is_inside, lines_outside, readings_to_regions
from pipeline.extract.table_reading import TableReading
from pipeline.extract.unnamed_tables import UnnamedTable, lines_to_unnamed_tables
from pipeline.forms import load_forms, tables_in_force
from pipeline.forms.labels import fold
from pipeline.forms.other_forms import text_to_other_document
from pipeline.records import (
    Box,
    Leftover,
    Observation,
    RawTable,
    Reason,
    Report,
    ReportIdentity,
    Spot,
    TextLine,
)

PART_IT = "a second report may begin there, and no title says where: part the file, and look at what was read"
UNNAMED_TABLE = "a table of no known form, without rulings"

PROSE_IN_CELL_MIN_CHARACTERS = 30
"""Count, of the folded text. A longer text left over in a cell of a table is prose, and no label."""

RECOGNISED_MAX_CHARACTERS = 1000
"""Count. What a document is, is looked for in so much of its text: its title and its first sentences."""

Found = tuple[Mapping[str, TableReading], Sequence[Leftover]]
"""The tables of the forms by name, and the cells of grids that are no such table."""

_PLAIN_REASONS = {
    "partial": Reason.INCOMPLETE,
    "flagged": Reason.DOUBTFUL,
    "no_tables": Reason.NO_TABLES,
    "not_a_report": Reason.NOT_A_REPORT,
}


def without_other_forms(opened: OpenedDocument, found: Found) -> Found:
    """Return what was found without tables of other forms: their labels are near to ours, and mean others."""
    refused = {table: reading for table, reading in found[0].items() if table in opened.other_forms}
    if not refused:
        return found
    left = [replace(one, reason=opened.other_forms[one.table]) for one in _cells_left_over(refused.values())]
    return {table: one for table, one in found[0].items() if table not in refused}, [*found[1], *left]


def _cells_left_over(readings: Iterable[TableReading]) -> Iterator[Leftover]:
    """Yield what is printed in the cells of tables as left over."""
    for reading in readings:
        for cell in reading.bound.cells:
            if cell.text:
                yield Leftover(cell.table, cell.page, cell.text, cell.box, "")
        yield from reading.bound.leftovers


def signs_of_other_forms(opened: OpenedDocument, report: Report) -> Iterator[IntegritySign]:
    """Yield a sign for each table that is printed in a form that is not read, or for a whole such report."""
    for name in opened.other_forms.values():
        yield IntegritySign(Reason.NO_TABLES, f"{name}: nothing of it is taken")
    if report.status == "no_tables" and (name := recognised(opened, report=True)):
        yield IntegritySign(Reason.NO_TABLES, name)


def signs_of_unknown_tables(opened: OpenedDocument, report: Report) -> Iterator[IntegritySign]:
    """Yield a sign where the only tables of a report are of no form."""
    numbers = [left for left in report.leftovers if not left.table and holds_number(left.text)]
    if report.status == "no_tables" and numbers:
        where = opened.spots_to_words(Spot(left.page, left.box.top) for left in numbers)
        words = f"a table of no known form at {where}: nothing of it is taken"
        yield IntegritySign(Reason.NO_TABLES, words)


def signs_of_second(opened: OpenedDocument, readings: Mapping[str, TableReading]) -> Iterator[IntegritySign]:
    """Yield a sign where a file holds more than a report, which could not be parted from it."""
    if spot := spot_of_second_report(readings.values()):
        again = [table for table, reading in readings.items() if reading.bound.again]
        words = f"{', '.join(again)} printed anew from {opened.spot_to_words(spot)} on: {PART_IT}"
        yield IntegritySign(Reason.SEVERAL_REPORTS, words)
    elif spot := chapters_anew(opened, readings.values()):
        yield IntegritySign(
            Reason.SEVERAL_REPORTS, f"chapters begin anew at {opened.spot_to_words(spot)}: {PART_IT}"
        )
    elif spot := chapters_beside(opened):
        words = f"chapters stand side by side at {opened.spot_to_words(spot)}: {PART_IT}"
        yield IntegritySign(Reason.SEVERAL_REPORTS, words)


def signs_of_year(report: Report) -> Iterator[IntegritySign]:
    """Yield a sign where the title and the text of a report name different years."""
    if report.heading.doubt:
        yield IntegritySign(Reason.YEAR_DIFFERS, report.heading.doubt)


def with_signs(report: Report, signs: Sequence[IntegritySign]) -> Report:
    """Give the report its reason, and make it flagged where signs say that something may be lost."""
    if not signs:
        return replace(report, reason=report.reason or _PLAIN_REASONS.get(report.status, Reason.NONE))
    words = "; ".join(sign.words for sign in signs)
    if report.status == "failed" and signs[0].reason not in (Reason.TEXT_DIFFERS, Reason.DAMAGED):
        return replace(report, error=f"{report.error}; {words}")
    status = "flagged" if report.status == "ok" else report.status
    return replace(report, status=status, reason=signs[0].reason, error=words)


def says_nothing(opened: OpenedDocument, found: Found) -> bool:
    """Whether what was found of a file shows no table of the forms, nor a report."""
    return not found[0] and not opened.mentions and not is_annual_report(opened.first.lines)


def recognised(opened: OpenedDocument, *, report: bool) -> str:
    """Return what a document is, in words, that is no such report; "" where that is not known."""
    return text_to_other_document("".join(opened.texts.values())[:RECOGNISED_MAX_CHARACTERS], report=report)


def failure(reason: Reason, words: str) -> Report:
    """Return the report of a document that failed, with the reason in one word and in words."""
    return replace(Report.empty(), status="failed", reason=reason, error=words)


def parts_to_report(reports: Iterable[Report]) -> Report:
    """Return the reports on the parts of a document as one: the first, with all others behind it."""
    first, *rest = (replace(one, others=()) for report in reports for one in (report, *report.others))
    return replace(first, others=tuple(rest))


def readings_to_report(
    opened: OpenedDocument, readings: Sequence[TableReading], leftovers: Sequence[Leftover]
) -> Report:
    """Return the report of a document whose tables are read and cross-checked."""
    first = opened.first
    regions = readings_to_regions(readings)
    orientations = opened.orientations
    lines = lines_outside(first.lines, readings, orientations)
    unnamed = list(lines_to_unnamed_tables(lines, first.printed))
    lines = _lines_without(lines, unnamed)
    lines += _lines_in_cells(first.tables, readings, orientations)
    lines += _lines_around_title(first.tables, regions, orientations)
    lines.sort(key=lambda line: (line.page, line.box.top, line.box.x0))
    missing = [f"{r.bound.table}.{i}.{c}" for r in readings for i, c in r.bound.missing]
    heading = _heading(lines, opened)
    missing += _missing_tables({reading.bound.table for reading in readings}, heading.fiscal_year)
    observations = tuple(seen for reading in readings for seen in reading.observations)
    report = replace(
        Report.empty(),
        heading=heading,
        pages=len(opened.pages),
        templates=tuple(dict.fromkeys(reading.bound.template for reading in readings)),
        readers=_readers(observations, opened.reader_names),
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


def _readers(observations: Sequence[Observation], known: Sequence[str]) -> tuple[str, ...]:
    """Return the readers that gave or confirmed a value, in the order in which they are asked."""
    used = {seen.reader for seen in observations} | {seen.confirmed_by for seen in observations}
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


def _heading(lines: Sequence[TextLine], opened: OpenedDocument) -> ReportIdentity:
    """Return who reports on what year.

    The title in the file's metadata is asked only where the pages are silent.
    """
    heading = lines_to_heading(lines)
    if heading.agency and heading.fiscal_year:
        return heading
    return lines_to_heading(lines, opened.metadata_title)
