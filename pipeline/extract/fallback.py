"""The ladder of readers: the best reading of every table, and what an independent one says of its doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.extract.bind import EXTRA_ROW, holds_number, is_heading, is_printed, is_row, raw_to_bound
from pipeline.extract.cross_check import (
    blamed_cells,
    doubt_hidden,
    doubt_rows,
    doubtful_cells,
    resolve_doubts,
)
from pipeline.extract.identities import observations_to_checks
from pipeline.extract.normalise.observations import tables_to_observations
from pipeline.extract.opened_pdf import OpenedPdf
from pipeline.extract.read import COUNTING_STEP, FALLBACK_STEPS, Step
from pipeline.extract.table_reading import TableReading
from pipeline.forms import CellKey, load_forms
from pipeline.records import Box, Leftover, Observation, RawDocument

MODERN = ("active_disclosure", "applications", "review_litigation")
"""The tables that a report since fiscal year 2019 prints together."""


def document_to_readings(raw: RawDocument) -> tuple[dict[str, TableReading], list[Leftover]]:
    """The tables of the forms that a reader found, and the cells of its grids that are no such table."""
    bound, leftovers = raw_to_bound(raw.tables)
    readings: dict[str, TableReading] = {}
    for table in bound:
        observations = tables_to_observations([table])
        checks = observations_to_checks(observations, load_forms())
        readings[table.table] = TableReading(table, observations, tuple(checks))
    return readings, leftovers


def read_until_complete(pdf: OpenedPdf, readings: Mapping[str, TableReading]) -> dict[str, TableReading]:
    """The best reading of every table: steps of the ladder are taken while one is missing or incomplete."""
    best = dict(readings)
    for step in FALLBACK_STEPS:
        wanted = [table for table in _expected(best, pdf) if _falls_short(table, best.get(table), pdf)]
        if not wanted:
            break
        if step == pdf.step:
            continue
        pages = frozenset[int]().union(*(_pages(table, best.get(table), pdf) for table in wanted))
        found, _ = document_to_readings(pdf.read(step, pages))
        for table in wanted:
            if table in found and (table not in best or found[table].rank() > best[table].rank()):
                best[table] = found[table]
    return {form.table: best[form.table] for form in load_forms() if form.table in best}


def _expected(readings: Mapping[str, TableReading], pdf: OpenedPdf) -> list[str]:
    """The tables that were read, and others that the pages show."""
    if set(MODERN) <= readings.keys():
        return list(readings)
    return [*readings, *(table for table in pdf.mentions if table not in readings)]


def _falls_short(table: str, reading: TableReading | None, pdf: OpenedPdf) -> bool:
    """Whether the pages show more of a table than was read of it."""
    if reading is None or not _is_clean(reading):
        return True
    if not reading.bound.missing:
        return False
    bound, text = frozenset(reading.cells), "".join(pdf.texts.values())
    return any(is_printed(table, cell, bound, text) for cell in reading.bound.missing)


def _is_clean(reading: TableReading) -> bool:
    """Whether no number was left over but those of rows that are the bureau's own.

    Where a row of the form is missing, a row with an odd label may be that one; and without rulings it
    may be the rest of one that seems blank.
    """
    bound = reading.bound
    left = [left for left in bound.leftovers if holds_number(left.text)]
    if all(one.reason == EXTRA_ROW for one in left) and not bound.missing:
        return not (left and bound.inferred and reading.blank_rows)
    return not left


def _pages(table: str, reading: TableReading | None, pdf: OpenedPdf) -> frozenset[int]:
    """Pages that hold the table, each with the next: a row of bare numbers may end there.

    Without rulings, a header that a page's end cuts may begin on the page before.
    """
    pages = {page for page, _ in reading.bound.regions} if reading else set()
    if reading is None or reading.bound.missing:
        pages |= pdf.mentions.get(table, frozenset())
    if reading is None or reading.bound.inferred:
        pages |= {page - 1 for page in pages if page > 1}
    return frozenset(pages | {page + 1 for page in pages if page < len(pdf.first.page_sizes)})


def cross_check(pdf: OpenedPdf, reading: TableReading, *, ask: bool) -> TableReading:
    """The reading with its doubts settled by an independent one, which is to see all cells if `ask`."""
    clean = _is_clean(reading)
    doubtful = doubtful_cells(reading, clean)
    if ask:
        doubtful |= frozenset(reading.cells)
    checked = resolve_doubts(reading, doubtful, clean, _independent(pdf, reading))
    checked = doubt_hidden(checked, _cells_with_hidden_digits(pdf, blamed_cells(checked)))
    rows = rows_in_doubt(checked)
    return doubt_rows(checked, rows) if rows else checked


def rows_in_doubt(reading: TableReading) -> frozenset[str]:
    """The rows that seem blank and may not be: numbers were left over that may be theirs.

    Without rulings, a page's end that tore a label may have taken the numbers of its row, and a missing row
    may be why a heading of one form (（六）其他处理) looks like a row of another.
    """
    bound = reading.bound
    if not bound.inferred:
        return frozenset() if _is_clean(reading) else reading.blank_rows
    labels = {seen.item: seen.row_label for seen in reading.observations if seen.row_label}
    torn = frozenset(item for item, label in labels.items() if not is_row(bound.table, label))
    if {item for item, _ in bound.missing} - {item for item, _ in reading.cells}:
        headings = {item for item, label in labels.items() if is_heading(bound.table, label)}
        return reading.blank_rows | torn | headings
    return reading.blank_rows & torn if _is_clean(reading) else reading.blank_rows


def _cells_with_hidden_digits(pdf: OpenedPdf, cells: Mapping[CellKey, Observation]) -> list[CellKey]:
    """Those with a digit that every reader finds and no eye does: an older number under a white patch."""
    boxes: dict[int, list[Box]] = {}
    for seen in cells.values():
        boxes.setdefault(seen.page, []).append(seen.box)
    hidden = pdf.boxes_with_hidden_digits(boxes) if boxes else frozenset()
    return [key for key, seen in cells.items() if (seen.page, seen.box) in hidden]


def _independent(pdf: OpenedPdf, reading: TableReading) -> Iterator[TableReading]:
    """What every reader that shares no code with the reading's makes of the same table."""
    table = reading.bound.table
    for step in _independent_readers(reading):
        found, _ = document_to_readings(pdf.read(step, _pages(table, reading, pdf)))
        if table in found:
            yield found[table]


def _independent_readers(reading: TableReading) -> list[Step]:
    """The steps that can say anything of their own on a reading.

    A failed sum may come of a number put into the wrong cell, and whoever inferred that place does so
    again: there, a witness has to find the places in another way.
    """
    steps = [step for step in FALLBACK_STEPS if step.reader != reading.reader]
    if not (reading.bound.inferred and reading.failed):
        return steps
    first = [COUNTING_STEP] if reading.reader != COUNTING_STEP.reader else []
    return first + [step for step in steps if step.way != "aligned"]
