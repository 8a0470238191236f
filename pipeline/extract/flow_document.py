"""Take a document without pages through the stages: read → bind → normalise → check."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipeline.extract.cross_check import doubt_second_report, doubtful_cells, resolve_doubts
from pipeline.extract.fallback import document_to_readings, is_clean
from pipeline.extract.integrity import IntegritySign, headings_without_table
from pipeline.extract.lossy import as_lossy
from pipeline.extract.normalise.body_text import lines_to_body
from pipeline.extract.normalise.title import text_to_title
from pipeline.extract.normalise.title_choice import lines_to_title
from pipeline.extract.opened_flow import OpenedFlow, open_flow
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
from pipeline.records import NOWHERE, Observation, Reason, Report

Readings = Mapping[str, TableReading]
"""Tables of the forms, by their names."""

NO_TEXT = "no text in it: if it shows text, fetch it again"
LINKS = "links alone, {count} of them to reports: fetch what they lead to"
FRAMES = "frames in it that show other pages: {count}; fetch those if they show the report"
PICTURES = "pictures in it that are not looked into: {count}; save it as PDF if they show tables"


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
    report = replace(_flow_to_report(flow, confirm), steps=flow.steps)
    others = tuple(_as_placed(replace(other, steps=flow.steps), flow) for other in report.others)
    return replace(_as_placed(report, flow), others=others)


def _flow_to_report(flow: OpenedFlow, confirm: frozenset[str]) -> Report:
    """Return the report with every sign that something may be lost or wrong; others in the file behind it."""
    if flow.is_blank and flow.flow.links and not flow.flow.frames:
        return _no_report(LINKS.format(count=_linked_reports(flow)))
    if flow.is_blank:
        return failure(Reason.NO_TEXT, _told_pictures(flow) or NO_TEXT)
    found = without_other_forms(flow, document_to_readings(flow.first))
    parts = readings_to_parts(flow, found[0])
    if len(parts) > 1:
        return parts_to_report(_flow_to_report(part, confirm) for part in parts)
    if not found[0] and not flow.mentions and (linked := _linked_reports(flow)):
        return _no_report(LINKS.format(count=linked))
    if says_nothing(flow, found):
        return _no_report(recognised(flow, report=False))
    report = _checked(flow, found, confirm)
    tables = {seen.table for seen in report.observations}
    signs = [*_losses(flow), *_signs_of_pictures(flow, report), *headings_without_table(flow.first, tables)]
    named = [*signs_of_other_forms(flow, report), *signs_of_second(flow, found[0]), *signs_of_year(report)]
    return with_signs(report, [*named, *signs, *signs_of_unknown_tables(report)])


def _no_report(words: str) -> Report:
    """Return the report of a document that is none; `words` say what it is."""
    return replace(Report.empty(), status="not_a_report", reason=Reason.NOT_A_REPORT, error=words)


def _checked(flow: OpenedFlow, found: Found, confirm: frozenset[str]) -> Report:
    """Return the report whose doubtful cells a second reader confirms, or are suspect."""
    readings, leftovers = found
    second = cache(lambda: _second_readings(flow, readings.keys()))
    checked = [
        _cross_check(flow, reading, second, ask=table in confirm) for table, reading in readings.items()
    ]
    anew = chapters_anew(flow, checked) or chapters_beside(flow)
    report = readings_to_report(flow, doubt_second_report(checked, anew), leftovers)
    return as_lossy(report, lambda page, box: False) if flow.flow.losses else report


def _cross_check(
    flow: OpenedFlow, reading: TableReading, second: Callable[[], Readings], *, ask: bool
) -> TableReading:
    """Return the reading with its doubtful cells confirmed or suspect; with `ask` all cells are doubtful.

    `second` gives the tables as the second reader reads them; it is called once a cell is in doubt.
    No page shows what was read: the second reader is asked of every cell that sums do not hold. It does not
    say what a person may see otherwise, so that its numbers are never taken, though they add up.
    """
    clean = is_clean(reading)
    doubtful = frozenset(reading.cells) if ask else doubtful_cells(reading, clean) | _unheld(reading)
    open_to_doubt, others = doubtful - reading.spanning, _witnesses(reading, second)
    checked = resolve_doubts(reading, open_to_doubt, clean, others, adopts=False)
    return _with_doubts(checked, flow)


def _unheld(reading: TableReading) -> frozenset[CellKey]:
    """Return the cells that sums do not hold."""
    return frozenset(reading.cells) - _held(reading)


def _witnesses(reading: TableReading, second: Callable[[], Readings]) -> Iterator[TableReading]:
    """Yield the table as the second reader reads it."""
    if again := second().get(reading.bound.table):
        yield again


def _second_readings(flow: OpenedFlow, tables: Collection[str]) -> Readings:
    """Return these tables as the second reader reads them, by name; nothing where there is none."""
    return document_to_readings(flow.second, wanted=tables)[0] if flow.second else {}


def _with_doubts(reading: TableReading, flow: OpenedFlow) -> TableReading:
    """Return the reading with what its reader said of its cells.

    A cell of which it said that a person may see something else is suspect, unless sums hold it; those of a
    row that may be shifted do not tell a nought from a blank. A sum that fails over one of them is no error
    of the publisher.
    """
    doubts = flow.laid_out.doubts
    doubted = {key: doubts[seen.box] for key, seen in reading.cells.items() if seen.box in doubts}
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
    if report.missing and (words := _told_pictures(flow)):
        yield IntegritySign(Reason.PICTURES, words)


def _told_pictures(flow: OpenedFlow) -> str:
    """Return in words how many pictures and frames may show a table; "" where none does."""
    told = ((PICTURES, flow.flow.pictures), (FRAMES, flow.flow.frames))
    return "; ".join(words.format(count=count) for words, count in told if count)


def _linked_reports(flow: OpenedFlow) -> int:
    """Return how many reports the links of a page name that names none as its own: it lists them."""
    titles = [text_to_title(link) for link in flow.flow.links]
    named = [title for title in titles if title and not title.judges]
    body = lines_to_body(flow.first.lines)
    own = lines_to_title(body)
    return 0 if own and own.says >= 1 and own.years else len(named)


def _as_placed(report: Report, flow: OpenedFlow) -> Report:
    """Return the report with places in the source instead of boxes on a page that nobody has."""
    places = flow.laid_out.places
    observations = tuple(
        seen._replace(box=NOWHERE, source_place=places.get(seen.box, "")) for seen in report.observations
    )
    leftovers = tuple(
        replace(left, box=NOWHERE, source_place=places.get(left.box, "")) for left in report.leftovers
    )
    return replace(report, observations=observations, leftovers=leftovers)
