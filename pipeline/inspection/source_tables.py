"""A report without pages and its file → an HTML page with the source's tables, each bound cell marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from pipeline.extract.opened_flow import OpenedFlow, open_flow
from pipeline.inspection.html_page import to_html, to_page
from pipeline.inspection.shown_page import CellKeys, failed_sum_cells
from pipeline.inspection.terminal import number_to_text
from pipeline.records import Observation, RawCell, RawTable, Report

_CELLS_MAX = 20_000
"""Count. No more cells of the source are shown: the forms have up to some 200 in a report."""

_NO_TABLES = "The source has no table."


def report_to_tables_page(file: Path, report: Report, passwords: tuple[str, ...] = ()) -> bytes:
    """Return the page: every table of the source as its reader saw it, and below each bound cell what it is.

    `passwords` are for documents with pages alone. Raises UnreadableError where the file cannot be opened.
    """
    flow = open_flow(file, report.media_type, lambda _: None)
    flow = flow.with_pictures() if report.has_pictures else flow
    reports = (report, *report.others)
    bound = {seen.source_place: seen for one in reports for seen in one.observations}
    summed = frozenset[tuple[str, str, str]]().union(*map(failed_sum_cells, reports))
    tables = list(_within(flow.first.tables))
    lead = [*_legend(bound), *([] if tables else [f"<p>{_NO_TABLES}</p>"])]
    return to_page(report, lead, (line for table in tables for line in _table(table, flow, bound, summed)))


def _within(tables: tuple[RawTable, ...]) -> Iterator[RawTable]:
    """Yield the first tables, as many as can be shown."""
    cells = 0
    for table in tables:
        cells += len(table.cells)
        if cells > _CELLS_MAX:
            return
        yield table


def _legend(bound: Mapping[str, Observation]) -> Iterator[str]:
    """Yield a line with the number of cells by status."""
    counts = Counter(seen.status for seen in bound.values())
    told = ", ".join(f'<span class="{status}">{count} {status}</span>' for status, count in counts.items())
    yield f"<p>{sum(counts.values())} cells of the form: {told or 'none'}</p>"


def _table(
    table: RawTable, flow: OpenedFlow, bound: Mapping[str, Observation], summed: CellKeys
) -> Iterator[str]:
    """Yield a table of the source as HTML."""
    places = flow.laid_out.places
    yield f"<h2>{to_html(places[table.page, table.cells[0].box].partition(',')[0])}</h2>"
    yield '<table class="source"><tbody>'
    ordered = sorted(table.cells, key=attrgetter("row", "col"))
    for _, row in groupby(ordered, key=attrgetter("row")):
        yield "<tr>"
        yield from (_cell(cell, bound.get(places[table.page, cell.box]), summed) for cell in row)
        yield "</tr>"
    yield "</tbody></table>"


def _cell(cell: RawCell, seen: Observation | None, summed: CellKeys) -> str:
    """Return a cell of the source, and below its text what was read in it."""
    text = to_html(" ".join(cell.text.split()))
    spans = f' rowspan="{cell.row_span}" colspan="{cell.col_span}"'
    if seen is None:
        return f"<td{spans}>{text}</td>"
    number = "" if seen.value is None else f"{number_to_text(seen.value)} {seen.unit}"
    marked = "sum" if (seen.table, seen.item, seen.column) in summed else ""
    keys = f'<small class="{marked}">{to_html(seen.item)} × {to_html(seen.column)}</small>'
    doubt = f"<small>{to_html(seen.doubt)}</small>" if seen.doubt else ""
    status = f'<small class="{to_html(seen.status)}">{to_html(number)} {to_html(seen.status)}</small>'
    return f'<td{spans} class="bound">{text}{status}{keys}{doubt}</td>'
