"""Read on until every table is complete, and cross-check what is doubtful with an independent reader."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.extract.bind import (
    EXTRA_ROW,
    SECOND_PRINT,
    SPARE_COLUMN,
    holds_number,
    is_heading,
    is_printed,
    is_row,
    raw_to_bound,
    with_drawn_numbers,
)
from pipeline.extract.cross_check import (
    DRAWN_PAGE,
    confirmed_by_ink,
    differences,
    doubt_broken,
    doubt_inks,
    doubt_over_blanks,
    doubt_rows,
    doubt_uncut,
    doubt_unshown,
    doubtful_cells,
    resolve_doubts,
    say_why,
)
from pipeline.extract.identities import observations_to_checks
from pipeline.extract.normalise.observations import tables_to_observations
from pipeline.extract.opened_pdf import OpenedPdf
from pipeline.extract.page_cells import Place
from pipeline.extract.read import COUNTING_STEP, FALLBACK_STEPS, PASTED_STEP, Step
from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.table_reading import TableReading
from pipeline.extract.torn_rows import heads_rows, torn_rows
from pipeline.forms import CellKey, load_forms
from pipeline.records import PICTURE_READER, Leftover, RawDocument, RawTable

DRAWN_WAYS = frozenset({"ruled", "rulings"})
"""The ways of steps that find cells by what is drawn."""

OWN_STEPS = tuple(step for step in FALLBACK_STEPS if step.reader == FALLBACK_STEPS[0].reader)
OTHERS_STEPS = tuple(step for step in FALLBACK_STEPS if step not in OWN_STEPS)
"""The steps of the first reader, and those of others, which cost many times as much."""

EXPLAINED = frozenset({EXTRA_ROW, SECOND_PRINT, SPARE_COLUMN})
"""Why a number can be left over of a table that is read whole."""

LEFT_OVER = "a number or a row was left over that may be of its row"
"""Why a row is in doubt."""

MODERN = ("active_disclosure", "applications", "review_litigation")
"""The tables that a report since fiscal year 2019 prints together."""


def document_to_readings(
    raw: RawDocument, drawn: Sequence[RawTable] = (), wanted: Collection[str] = ()
) -> tuple[dict[str, TableReading], list[Leftover]]:
    """Return the tables of the forms by name, and the cells of grids that are no such table.

    What was read without its rulings is held against the grids that are `drawn`. Where names of tables are
    `wanted`, the others are not looked at.
    """
    bound, leftovers = raw_to_bound(raw.tables, wanted)
    readings: dict[str, TableReading] = {}
    for table in bound:
        table = with_drawn_numbers(table, drawn) if table.inferred else table
        observations = tables_to_observations([table])
        checks = observations_to_checks(observations, load_forms())
        readings[table.table] = TableReading(table, observations, tuple(checks))
    return readings, leftovers


def readings_as_seen(pdf: OpenedPdf, readings: Mapping[str, TableReading]) -> dict[str, TableReading]:
    """Return the readings with those blank cells unreadable in which the page shows something."""
    observations = [seen for reading in readings.values() for seen in reading.observations]
    unread = {place for place, look in pdf.look(observations).items() if look.unread}
    unread |= {place for place, ink in pdf.inks(observations).items() if ink.text}
    return {table: _as_seen(reading, unread) for table, reading in readings.items()}


def _as_seen(reading: TableReading, unread: Collection[Place]) -> TableReading:
    """Return a reading whose sums count no cell as blank that is not."""
    if not unread:
        return reading
    shown = {key for key, seen in reading.cells.items() if (seen.page, seen.box) in unread and not seen.raw}
    if not shown:
        return reading
    observations = tuple(
        seen._replace(status="unreadable") if key in shown else seen for key, seen in reading.cells.items()
    )
    checks = observations_to_checks(observations, load_forms())
    return replace(reading, observations=observations, checks=tuple(checks))


def read_until_complete(
    pdf: OpenedPdf, readings: Mapping[str, TableReading], steps: Iterable[Step] = FALLBACK_STEPS
) -> dict[str, TableReading]:
    """Return the best reading of every table.

    Of these fallback steps, those are taken that are needed while a table is missing or incomplete. They read
    only the pages that matter.
    """
    best = dict(readings)
    for step in steps:
        wanted = [table for table in _expected(best, pdf) if _falls_short(table, best.get(table), pdf)]
        if not wanted:
            break
        if step == pdf.step or not _is_worth_taking(step, wanted, best):
            continue
        pages = frozenset[int]().union(*(_pages(table, best.get(table), pdf) for table in wanted))
        read, _ = document_to_readings(pdf.read(step, pages), pdf.first.tables, wanted)
        found = readings_as_seen(pdf, {table: read[table] for table in wanted if table in read})
        for table in wanted:
            if table in found and (table not in best or found[table].is_better(best[table])):
                best[table] = found[table]
    return {form.table: best[form.table] for form in load_forms() if form.table in best}


def with_pasted(pdf: OpenedPdf, readings: Mapping[str, TableReading]) -> dict[str, TableReading]:
    """Return the readings with tables and cells that are pictures, outlines or nameless shapes beside text.

    A table is taken where it is missing or falls short, a cell where the page shows something that no
    character explains, and two readers of its picture see the same number.
    """
    best = dict(readings)
    wanted = [table for table in _expected_pasted(best, pdf) if _falls_short(table, best.get(table), pdf)]
    if wanted and (pages := pdf.pages_with_pasted()):
        best |= {
            table: reading
            for table, reading in _pasted(pdf, wanted, pages).items()
            if table not in best or reading.is_better(best[table])
        }
    looks = pdf.look([seen for reading in best.values() for seen in reading.observations])
    unread = {place for place, look in looks.items() if look.unread and not look.struck}
    return {table: _with_pasted_cells(pdf, reading, unread) for table, reading in best.items()}


def _expected_pasted(readings: Mapping[str, TableReading], pdf: OpenedPdf) -> list[str]:
    """Return the names of the tables that were read or mentioned, and of those that stand beside them."""
    beside = MODERN if not readings or readings.keys() & set(MODERN) else ()
    return list(dict.fromkeys([*_expected(readings, pdf), *beside]))


def _pasted(pdf: OpenedPdf, tables: Collection[str], pages: frozenset[int]) -> dict[str, TableReading]:
    """Return these tables as they are read from the pictures of pages that have text too."""
    found, _ = document_to_readings(pdf.read(PASTED_STEP, pages), wanted=tables)
    return readings_as_seen(pdf, found)


def _with_pasted_cells(pdf: OpenedPdf, reading: TableReading, unread: Collection[Place]) -> TableReading:
    """Return a reading with those cells from the picture of their page in which something is no text.

    They are those that cannot be read, and the `unread` ones. What is struck out, or printed over several
    cells, is not asked for: no reader of pictures may part it.
    """
    if not unread and not reading.unreadable:
        return reading
    asked = {
        key
        for key, seen in reading.cells.items()
        if (seen.page, seen.box) in unread or (seen.status == "unreadable" and UNNAMED in seen.raw)
    }
    asked -= reading.spanning | _struck_blank(pdf, reading)
    if not asked:
        return reading
    pages = frozenset(page for page, _ in reading.bound.regions)  # its header may stand on another
    again = _pasted(pdf, [reading.bound.table], pages).get(reading.bound.table)
    if again is None:
        return reading
    inked = _as_inked(pdf, again, asked & again.cells.keys())
    found = {key: again.cells[key] for key, seen in inked.cells.items() if seen.value is not None}
    observations = tuple(found.get(key, seen) for key, seen in reading.cells.items())
    checks = observations_to_checks(observations, load_forms())
    return replace(reading, observations=observations, checks=tuple(checks))


def _is_worth_taking(step: Step, wanted: Sequence[str], best: Mapping[str, TableReading]) -> bool:
    """Whether a step can improve one of these tables.

    Where a cell is drawn over several of the form, only a reader of what is drawn may know better.
    """
    return step.way in DRAWN_WAYS or any(table not in best or not best[table].spanning for table in wanted)


def _expected(readings: Mapping[str, TableReading], pdf: OpenedPdf) -> list[str]:
    """Return the names of the tables that were read, and of others that the pages mention."""
    if set(MODERN) <= readings.keys():
        return list(readings)
    return [*readings, *(table for table in pdf.mentions if table not in readings)]


def _falls_short(table: str, reading: TableReading | None, pdf: OpenedPdf) -> bool:
    """Whether the pages show more of a table than was read of it."""
    if reading is None or not is_clean(reading):
        return True
    if not reading.bound.missing:
        return False
    bound, text = frozenset(reading.cells), "".join(pdf.texts.values())
    return any(is_printed(table, cell, bound, text) for cell in reading.bound.missing)


def is_clean(reading: TableReading) -> bool:
    """Whether every number of the table has its cell, or is in a row of the bureau's own.

    Where a row of the form is missing, a row with an unknown label may be that one, and counts as left over.
    In a borderless table it may also be the rest of a row that seems blank. What is beside several rows of a
    picture is no number of one.
    """
    bound = reading.bound
    left = [left for left in bound.leftovers if holds_number(left.text) and not heads_rows(left, reading)]
    if all(one.reason in EXPLAINED for one in left) and not bound.missing:
        return not (left and bound.inferred and reading.blank_rows)
    return not left


def _pages(table: str, reading: TableReading | None, pdf: OpenedPdf) -> frozenset[int]:
    """Return the pages of a table, each with the next one, where a row of bare numbers may end.

    The header of a borderless table may begin on the page before, so that this one is read too.
    """
    pages = {page for page, _ in reading.bound.regions} if reading else set()
    if reading is None or reading.bound.missing:
        pages |= pdf.mentions.get(table, frozenset())
    if reading is None or reading.bound.inferred:
        pages |= {page - 1 for page in pages if page > 1}
    return frozenset(pages | {page + 1 for page in pages if page < len(pdf.first.page_sizes)})


def cross_check(pdf: OpenedPdf, reading: TableReading, *, ask: bool) -> TableReading:
    """Return the reading with its doubtful cells confirmed or suspect, by the page and by other readers.

    With `ask` all cells are; else none over several of which a text is printed, which no reader may part.
    """
    clean = is_clean(reading)
    doubtful = doubtful_cells(reading, clean) - _struck_blank(pdf, reading) - reading.spanning
    if ask:
        doubtful |= frozenset(reading.cells)
    doubtful |= reading.pictured
    checked = resolve_doubts(reading, doubtful, clean, _witnesses(pdf, reading, doubtful))
    inks = pdf.inks(checked.observations)
    checked = doubt_uncut(doubt_inks(checked, inks), inks)
    looks = pdf.look(checked.observations)
    checked = doubt_broken(doubt_unshown(checked, looks), looks)
    return doubt_unsure_rows(doubt_over_blanks(checked, pdf.orientations))


def doubt_unsure_rows(reading: TableReading) -> TableReading:
    """Return the reading with all cells suspect of rows that are torn or may lack a number, and why."""
    rows = dict.fromkeys(rows_in_doubt(reading), LEFT_OVER) | torn_rows(reading)
    return say_why(doubt_rows(reading, rows)) if rows or reading.pictured else reading


def _struck_blank(pdf: OpenedPdf, reading: TableReading) -> frozenset[CellKey]:
    """Return the unreadable cells all of whose characters the page shows otherwise: no reader reads more."""
    blank = [(key, reading.cells[key]) for key in reading.unreadable if not reading.cells[key].raw]
    return frozenset(key for key, seen in blank if pdf.is_corrected(seen.page, seen.box))


def rows_in_doubt(reading: TableReading) -> frozenset[str]:
    """Return the rows that seem blank and may not be, for numbers were left over that may be theirs.

    In a borderless table, a page's end that tore a label may have taken the numbers of its row too. And
    where a row is missing, a heading of one form (（六）其他处理) may have been taken for a row of another:
    its rows may be beyond the page's end.
    """
    bound = reading.bound
    if not bound.inferred:
        return frozenset() if is_clean(reading) else reading.blank_rows
    labels = {seen.item: seen.row_label for seen in reading.observations if seen.row_label}
    torn = frozenset(item for item, label in labels.items() if not is_row(bound.table, label))
    if {item for item, _ in bound.missing} - {item for item, _ in reading.cells}:
        headings = {item for item, label in labels.items() if is_heading(bound.table, label)}
        return reading.blank_rows | torn | (headings - _rows_between_rows(reading))
    return reading.blank_rows & torn if is_clean(reading) else reading.blank_rows


def _rows_between_rows(reading: TableReading) -> frozenset[str]:
    """Return the rows of a table that have another above and another below them on their page."""
    tops: dict[int, dict[str, float]] = {}
    for seen in reading.observations:
        tops.setdefault(seen.page, {})[seen.item] = seen.box.top
    return frozenset(
        item
        for page in tops.values()
        for item, top in page.items()
        if min(page.values()) < top < max(page.values())
    )


def _witnesses(pdf: OpenedPdf, reading: TableReading, doubtful: frozenset[CellKey]) -> Iterator[TableReading]:
    """Yield what the page confirms of the doubtful cells, then the table as others read it.

    The others are independent: they share no code with the first reader.
    """
    placed = _surely_placed(pdf, reading, doubtful)
    for shown in (_as_drawn(pdf, reading, placed), _as_inked(pdf, reading, placed)):
        if shown.observations:
            yield shown
    for step in _independent_readers(reading):
        yield from readings_as_seen(pdf, _read_again(pdf, reading, step)).values()


def _read_again(pdf: OpenedPdf, reading: TableReading, step: Step) -> dict[str, TableReading]:
    """Return the same table as it is read in a step, by its name; nothing where it is not found."""
    table = reading.bound.table
    raw = pdf.read(step, _pages(table, reading, pdf))
    return document_to_readings(raw, pdf.first.tables, [table])[0]


def _as_drawn(pdf: OpenedPdf, reading: TableReading, keys: Collection[CellKey]) -> TableReading:
    """Return a reading with those of the cells that the page shows digit by digit, and no others."""
    confirmed = pdf.confirmed([reading.cells[key] for key in keys])
    shown = tuple(
        reading.cells[key]._replace(reader=DRAWN_PAGE)
        for key in keys
        if (reading.cells[key].page, reading.cells[key].box) in confirmed
    )
    return replace(reading, observations=shown)


def _as_inked(pdf: OpenedPdf, reading: TableReading, keys: Collection[CellKey]) -> TableReading:
    """Return a reading with those of the cells whose ink shows what was read, and no others."""
    inks = pdf.inks([reading.cells[key] for key in keys])
    return replace(reading, observations=tuple(confirmed_by_ink(reading, inks, keys).values()))


def _surely_placed(pdf: OpenedPdf, reading: TableReading, keys: frozenset[CellKey]) -> Collection[CellKey]:
    """Return those of the cells that stand in the right place, if the page shows what was read there.

    Where a table is ruled, labels say so. Where it is not ruled, counting has to give the same cells as
    measuring: what is drawn says nothing of whose number it is.
    """
    if not reading.bound.inferred:
        return keys - unsurely_labelled(reading)
    reader = PICTURE_READER if reading.reader == PICTURE_READER else pdf.step.reader
    counted = _read_again(pdf, reading, COUNTING_STEP._replace(reader=reader))
    return [key for again in counted.values() for key in keys - differences(reading, again, keys)]


def unsurely_labelled(reading: TableReading) -> frozenset[CellKey]:
    """Return the cells of a ruled table whose labels do not say surely whose number it is.

    Labels have to be exact; or nothing of the form is missing, so that one that is near to a label can be no
    other.
    """
    is_whole = is_clean(reading) and not reading.bound.missing
    return reading.spanning if is_whole else reading.inexact


def _independent_readers(reading: TableReading) -> list[Step]:
    """Return the steps that are independent of a reading.

    Their library is another one. In a borderless table a failed sum may come of a number in the wrong cell,
    and the same way of finding places would put it there again: there the way must be another one too.
    """
    steps = [step for step in FALLBACK_STEPS if step.reader != reading.reader]
    if reading.spanning:
        return [step for step in steps if step.way in DRAWN_WAYS]
    if not (reading.bound.inferred and reading.failed):
        return steps
    first = [COUNTING_STEP] if reading.reader != COUNTING_STEP.reader else []
    return first + [step for step in steps if step.way != "aligned"]
