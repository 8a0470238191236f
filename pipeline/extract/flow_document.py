"""Take a document without pages through the stages: read → bind → normalise → check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipeline.extract.cell_ink import Inks
from pipeline.extract.cross_check import (
    confirmed_by_ink,
    doubt_inks,
    doubt_second_report,
    doubt_uncut,
    doubtful_cells,
    resolve_doubts,
)
from pipeline.extract.fallback import document_to_readings, doubt_unsure_rows, is_clean, unsurely_labelled
from pipeline.extract.integrity import IntegritySign, headings_without_table
from pipeline.extract.lossy import as_lossy
from pipeline.extract.normalise.body_text import lines_to_body
from pipeline.extract.normalise.title import text_to_title
from pipeline.extract.normalise.title_choice import lines_to_title
from pipeline.extract.opened_document import numbers_to_words
from pipeline.extract.opened_flow import OpenedFlow, open_flow
from pipeline.extract.read.flow.layout import PAGE
from pipeline.extract.read.flow.uneven_rows import SHIFTED, WIDER
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
from pipeline.forms import CellKey
from pipeline.records import NOWHERE, Box, Observation, Reason, Report

Readings = Mapping[str, TableReading]
"""Tables of the forms, by their names."""

_PAGE = Observation._fields.index("page")
"""The place of `page` in an observation; `box` follows, and `source_place` is the last."""

NO_TEXT = "no text in it: if it shows text, fetch it again"
LINKS = "links alone, {count} of them to reports: fetch what they lead to"
FRAMES = "frames in it that show other pages: {count}; fetch those if they show the report"
PICTURES = "pictures in it that are not looked into: {count}; save it as PDF if they show tables"
NOT_ALL = "not all is read of what may be in picture {numbers}: save it larger, or fetch the report as PDF"
ELSEWHERE = (
    "pictures that it shows and that are not in the file: {count}; if they show tables, save the page with "
    "its pictures in one file (.mhtml), or as PDF"
)


def flow_to_report(
    path: Path,
    media_type: str,
    confirm: frozenset[str],
    notice: Callable[[str], None],
    without: frozenset[str] = frozenset(),
) -> Report:
    """Return what a document without pages gives. UnreadableError where its reader does not open it.

    `notice` is called with the name of a reader before it reads. A second reader in `without` is left out.
    """
    flow = open_flow(path, media_type, notice, without)
    report = _flow_to_report(flow, confirm)
    if flow.holds_pictures and _lacks(report):
        flow, report = _with_pictures(flow, report, confirm)
    steps = flow.steps
    others = tuple(_as_placed(replace(other, steps=steps), flow) for other in report.others)
    return replace(_as_placed(replace(report, steps=steps), flow), others=others)


def _lacks(report: Report) -> bool:
    """Whether something is missing in a report, or in another of its file, that pictures may show."""
    return any(bool(one.missing) or not one.observations for one in (report, *report.others))


def _with_pictures(flow: OpenedFlow, report: Report, confirm: frozenset[str]) -> tuple[OpenedFlow, Report]:
    """Return the document with its pictures read, and its report; as it was where they show no cell more."""
    pictured = flow.with_pictures()
    again = _flow_to_report(pictured, confirm)
    if pictured.seen.pictures and _count_cells(again) <= _count_cells(report):
        pictured = pictured.as_text(flow)
        again = _flow_to_report(pictured, confirm)
    return pictured, again


def _count_cells(report: Report) -> int:
    """Return how many cells of the forms were read of all reports of a file."""
    return sum(len(one.observations) for one in (report, *report.others))


def _flow_to_report(flow: OpenedFlow, confirm: frozenset[str]) -> Report:
    """Return the report with every sign that something may be lost or wrong; others in the file behind it."""
    if flow.is_blank and flow.flow.links and not flow.flow.frames and not flow.seen.may_show:
        return _no_report(LINKS.format(count=_linked_reports(flow)))
    if flow.is_blank:
        return failure(Reason.NO_TEXT, _told_pictures(flow) or NO_TEXT)
    found = without_other_forms(flow, document_to_readings(flow.first))
    parts = readings_to_parts(flow, found[0])
    if len(parts) > 1:
        return parts_to_report(_flow_to_report(part, confirm) for part in parts)
    if not found[0] and not flow.mentions and (linked := _linked_reports(flow)):
        return _no_report(LINKS.format(count=linked))
    if says_nothing(flow, found) and flow.seen.unread:
        return failure(Reason.NO_TEXT, flow.seen.told)
    if says_nothing(flow, found):
        return _no_report(recognised(flow, report=False))
    report = _checked(flow, found, confirm)
    tables = {seen.table for seen in report.observations}
    signs = [*_losses(flow), *_signs_of_pictures(flow, report), *headings_without_table(flow.first, tables)]
    named = [*signs_of_other_forms(flow, report), *signs_of_second(flow, found[0]), *signs_of_year(report)]
    return with_signs(report, [*named, *signs, *signs_of_unknown_tables(flow, report)])


def _no_report(words: str) -> Report:
    """Return the report of a document that is none; `words` say what it is."""
    return replace(Report.empty(), status="not_a_report", reason=Reason.NOT_A_REPORT, error=words)


def _checked(flow: OpenedFlow, found: Found, confirm: frozenset[str]) -> Report:
    """Return the report whose doubtful cells a second reader confirms, or are suspect."""
    readings, leftovers = found
    doubtful = {table: _doubtful(reading, ask=table in confirm) for table, reading in readings.items()}
    second = cache(
        lambda: _second_readings(flow, {table: readings[table] for table in doubtful if doubtful[table]})
    )
    checked = [_cross_check(flow, reading, second, doubtful[table]) for table, reading in readings.items()]
    anew = chapters_anew(flow, checked) or chapters_beside(flow)
    report = readings_to_report(flow, doubt_second_report(checked, anew), leftovers)
    return as_lossy(report, lambda page, box: False) if flow.flow.losses else report


def _doubtful(reading: TableReading, *, ask: bool) -> frozenset[CellKey]:
    """Return the cells that another reader is asked about; with `ask` these are all.

    No page shows what was read: every cell is doubtful that sums do not hold.
    """
    if ask:
        return frozenset(reading.cells) - reading.spanning | reading.pictured
    doubtful = doubtful_cells(reading, is_clean(reading)) | _unheld(reading)
    return doubtful - reading.spanning | reading.pictured


def _cross_check(
    flow: OpenedFlow,
    reading: TableReading,
    second: Callable[[], Readings],
    doubtful: frozenset[CellKey],
) -> TableReading:
    """Return the reading with its doubtful cells confirmed or suspect.

    `second` gives the tables as the second reader reads them; it is called once a cell is in doubt. It does
    not say what a person may see otherwise, so that its numbers are never taken, though they add up.
    """
    inks = flow.inks([reading.cells[key] for key in reading.pictured])
    others = _witnesses(reading, second, inks)
    checked = resolve_doubts(reading, doubtful, is_clean(reading), others, adopts=False)
    if reading.pictured:
        checked = doubt_unsure_rows(doubt_uncut(doubt_inks(checked, inks), inks))
    return _with_doubts(checked, flow)


def _unheld(reading: TableReading) -> frozenset[CellKey]:
    """Return the cells that sums do not hold."""
    return frozenset(reading.cells) - _held(reading)


def _witnesses(reading: TableReading, second: Callable[[], Readings], inks: Inks) -> Iterator[TableReading]:
    """Yield the cells of pictures as their ink shows them, then all others as the second reader reads them.

    Ink says nothing of whose number it is: labels have to.
    """
    pictured = reading.pictured
    if pictured and (shown := confirmed_by_ink(reading, inks, pictured - unsurely_labelled(reading))):
        yield replace(reading, observations=tuple(shown.values()))
    if pictured != reading.cells.keys() and (again := second().get(reading.bound.table)):
        others = tuple(seen for key, seen in again.cells.items() if key not in pictured)
        if others:
            yield replace(again, observations=others)


def _second_readings(flow: OpenedFlow, asked: Readings) -> Readings:
    """Return these tables as the second reader reads them, by name; nothing where there is none."""
    raw = flow.read_again([seen for reading in asked.values() for seen in reading.observations])
    if raw is None:
        return {}
    if raw is flow.first:
        return {table: reading.read_by(flow.readers.second) for table, reading in asked.items()}
    return document_to_readings(raw, wanted=asked.keys())[0]


def _with_doubts(reading: TableReading, flow: OpenedFlow) -> TableReading:
    """Return the reading with what its reader said of its cells.

    A cell of which it said that a person may see something else is suspect, unless sums hold it; those of a
    row that may be shifted do not tell a nought from a blank. A sum that fails over one of them is no error
    of the publisher.
    """
    doubts = flow.laid_out.doubts
    if not doubts:
        return reading
    placed = {key: (seen.page, seen.box) for key, seen in reading.cells.items()}
    doubted = {key: doubts[place] for key, place in placed.items() if place in doubts}
    if not doubted:
        return reading
    held = _held(reading) - _perhaps_blank(reading, doubted)
    observations = tuple(
        seen._replace(doubt=doubted[key], status=seen.status if key in held else _in_doubt(seen))
        if key in doubted
        else seen
        for key, seen in reading.cells.items()
    )
    checks = tuple(
        check._replace(attribution="reading")
        if check.verdict == "fail" and doubted.keys() & set(check.cells)
        else check
        for check in reading.checks
    )
    return replace(reading, observations=observations, checks=checks)


def _perhaps_blank(reading: TableReading, doubted: Mapping[CellKey, str]) -> frozenset[CellKey]:
    """Return the noughts of rows that may be shifted: one cell of theirs has no number, or is too many."""
    lacking = {item for (item, _), seen in reading.cells.items() if seen.value is None}
    return frozenset(
        (item, column)
        for (item, column), doubt in doubted.items()
        if not reading.cells[item, column].value
        and (WIDER in doubt or (item in lacking and any(words in doubt for words in SHIFTED)))
    )


def _held(reading: TableReading) -> frozenset[CellKey]:
    """Return the cells that passed sums hold, and no failed one speaks against.

    Of a cell that seems blank a sum says nothing; and of columns that changed places, sums of rows alone.
    """
    by_verdict = {"pass": set[CellKey](), "fail": set[CellKey]()}
    for check in reading.checks:
        by_verdict.setdefault(check.verdict, set()).update(check.cells)
    sure = by_verdict["pass"] - by_verdict["fail"]
    return frozenset(key for key in sure if (seen := reading.cells.get(key)) and seen.raw)


def _in_doubt(seen: Observation) -> str:
    """Return the status of a cell that no sum holds and whose text may not be what a person sees."""
    return seen.status if seen.status == "unreadable" else "suspect"


def _losses(flow: OpenedFlow) -> list[IntegritySign]:
    """Return a sign for each thing that the source has and its reader cannot give."""
    return [IntegritySign(Reason.DAMAGED, words) for words in flow.flow.losses]


def _signs_of_pictures(flow: OpenedFlow, report: Report) -> Iterator[IntegritySign]:
    """Yield a sign where tables are missing and pictures may show them."""
    if report.missing and flow.seen.pictures:
        numbers = numbers_to_words(sorted(flow.seen.numbers.values()))
        yield IntegritySign(Reason.PICTURES, NOT_ALL.format(numbers=numbers))
    if report.missing and (words := _told_pictures(flow)):
        yield IntegritySign(Reason.PICTURES, words)


def _told_pictures(flow: OpenedFlow) -> str:
    """Return in words which pictures and frames may show a table that is not read; "" where none does."""
    others = flow.flow.pictures + flow.seen.others
    told = ((PICTURES, others), (ELSEWHERE, flow.flow.elsewhere), (FRAMES, flow.flow.frames))
    counted = [words.format(count=count) for words, count in told if count]
    return "; ".join(filter(None, [flow.seen.told, *counted]))


def _linked_reports(flow: OpenedFlow) -> int:
    """Return how many reports the links of a page name that names none as its own: it lists them."""
    titles = [text_to_title(link) for link in flow.flow.links]
    named = [title for title in titles if title and not title.judges]
    body = lines_to_body(flow.first.lines)
    own = lines_to_title(body)
    return 0 if own and own.says >= 1 and own.years else len(named)


def _as_placed(report: Report, flow: OpenedFlow) -> Report:
    """Return the report with places in the source instead of boxes on a page that nobody has."""
    placed = [
        (*seen[:_PAGE], PAGE, NOWHERE, *seen[_PAGE + 2 : -1], _place_of(flow, seen.page, seen.box))
        for seen in report.observations
    ]
    leftovers = tuple(
        replace(left, page=PAGE, box=NOWHERE, source_place=_place_of(flow, left.page, left.box))
        for left in report.leftovers
    )
    pages = min(report.pages, PAGE)
    observations = tuple(map(Observation._make, placed))  # faster than _replace
    return replace(report, observations=observations, leftovers=leftovers, pages=pages)


def _place_of(flow: OpenedFlow, page: int, box: Box) -> str:
    """Return the words for a place in the source; of what is in no cell of a picture, the picture's."""
    if place := flow.laid_out.places.get((page, box)):
        return place
    number = flow.seen.numbers.get(page)
    return f"picture {number}" if number else ""
