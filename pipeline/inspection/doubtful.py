"""A report and its PDF → one HTML page that shows the doubtful cells as printed, what was read beside."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from pipeline.inspection.crops import cells_to_crops
from pipeline.inspection.html_page import to_html, to_page
from pipeline.inspection.shown_page import CellKeys, cells_to_turn, failed_sum_cells, file_to_pdf
from pipeline.inspection.terminal import check_to_line, number_to_text, to_sheet
from pipeline.records import PDF_MEDIA_TYPE, Check, Observation, Report

NONE_DOUBTFUL = "No cell is suspect or unreadable, and no sum failed."

_SHOWN_MAX_CELLS = 500
"""Count. No more cells are shown; the forms have up to some 200 in a report."""

_CROPS_MAX_BYTES = 20 << 20
"""Bytes. When the crops take more, the cells that follow have none: a worker may send 32 MB."""

_HEADS = ("as printed", "cell", "read", "status", "why, and by whom")


def doubtful_cells(report: Report) -> list[Observation]:
    """Return the cells that are suspect or unreadable, have a doubt, or are in a failed sum, by page."""
    summed = failed_sum_cells(report)
    cells = [cell for cell in report.observations if _is_doubtful(cell, summed)]
    return sorted(cells, key=lambda cell: cell.page)


def _is_doubtful(cell: Observation, summed: CellKeys) -> bool:
    return cell.status in ("suspect", "unreadable") or bool(cell.doubt) or _keys(cell) in summed


def _keys(cell: Observation) -> tuple[str, str, str]:
    return cell.table, cell.item, cell.column


def report_to_html(file: Path, report: Report, passwords: tuple[str, ...] = ()) -> bytes:
    """Return the page. It asks for nothing: its pictures are in it, and its policy forbids the rest."""
    cells = doubtful_cells(report)[:_SHOWN_MAX_CELLS]
    crops = _cells_to_crops(cells, report, file, passwords)
    rows = [_cell_to_row(cell, crop, report) for cell, crop in zip(cells, crops, strict=True)]
    return to_page(report, _lead(report), _tables(cells, rows))


def _cells_to_crops(
    cells: Sequence[Observation], report: Report, file: Path, passwords: tuple[str, ...]
) -> Iterator[bytes | str]:
    """Yield a PNG for each cell, or why there is none. The cells are in the order of their pages."""
    if not cells:
        return
    if report.media_type != PDF_MEDIA_TYPE:
        yield from (to_html(f"{cell.source_place}: {cell.raw!r}") for cell in cells)
        return
    summed, used = failed_sum_cells(report), 0
    with file_to_pdf(file, passwords) as pdf:
        for number, on_page in groupby(cells, key=lambda cell: cell.page):
            turn = cells_to_turn([cell for cell in report.observations if cell.page == number])
            for crop in cells_to_crops(pdf[number - 1], list(on_page), summed, turn):
                used += len(crop or b"")
                yield "(not drawn: too much)" if used > _CROPS_MAX_BYTES else crop or "(not on the page)"


def _lead(report: Report) -> Iterator[str]:
    """Yield the lines above the tables: which report, how many cells, failed sums, and what is not shown."""
    cells = doubtful_cells(report)
    if not cells:
        yield f'<p class="none">{NONE_DOUBTFUL}</p>'
    else:
        counts = Counter(cell.status for cell in cells)
        told = ", ".join(f"{count} {status}" for status, count in counts.items())
        yield f"<p>{len(cells)} of {len(report.observations)} cells: {told}</p>"
    if len(cells) > _SHOWN_MAX_CELLS:
        yield f"<p>the first {_SHOWN_MAX_CELLS} are shown</p>"
    failed = [check for check in report.checks if check.verdict == "fail"]
    yield from (f'<p class="sum">{escape(check_to_line(check))}</p>' for check in failed)


def _tables(cells: Sequence[Observation], rows: Sequence[str]) -> Iterator[str]:
    """Yield a table for each page and each of its tables."""
    together = zip(cells, rows, strict=True)
    for (place, table), part in groupby(together, key=lambda pair: (to_sheet(pair[0]), pair[0].table)):
        yield f"<h2>{to_html(place)}, {to_html(table)}</h2>"
        yield f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in _HEADS)}</tr></thead><tbody>"
        yield from (row for _, row in part)
        yield "</tbody></table>"


def _cell_to_row(cell: Observation, crop: bytes | str, report: Report) -> str:
    """Return a cell's row of the table."""
    labels = " × ".join(to_html(label) for label in (cell.row_label, cell.column_label) if label)
    keys = f"{to_html(cell.item)} × {to_html(cell.column)}"
    told = "".join(f"<small>{line}</small>" for line in _reading_lines(cell))
    why = "".join(f"<p>{line}</p>" for line in _doubt_lines(cell, report.checks))
    return (
        f'<tr><td class="crop">{_crop_to_html(crop)}</td><td class="cell">{labels}<small>{keys}</small></td>'
        f'<td class="read">{_read_to_html(cell)}</td>'
        f'<td class="status {to_html(cell.status)}">{to_html(cell.status)}</td><td>{why}{told}</td></tr>'
    )


def _crop_to_html(crop: bytes | str) -> str:
    if isinstance(crop, str):
        return crop
    return f'<img alt="the cell as printed" src="data:image/png;base64,{base64.b64encode(crop).decode()}">'


def _read_to_html(cell: Observation) -> str:
    """Return the number that was read, if any, and the text it was read from."""
    number = "no number" if cell.value is None else f"{number_to_text(cell.value)} {cell.unit}"
    return f'<b class="read">{to_html(number)}</b><small>from the text {to_html(repr(cell.raw))}</small>'


def _doubt_lines(cell: Observation, checks: Sequence[Check]) -> Iterator[str]:
    """Yield what speaks against a cell: the drawn page, and the sums that it is part of and that failed."""
    if cell.doubt:
        yield to_html(cell.doubt)
    for check in checks:
        is_in = check.table == cell.table and (cell.item, cell.column) in check.cells
        if is_in and check.verdict == "fail":
            name, scope = to_html(check.check), to_html(check.scope)
            yield f'<span class="sum">in the failed sum {name} on {scope}</span>'


def _reading_lines(cell: Observation) -> Iterator[str]:
    """Yield who read a cell, who confirmed it, whether the drawn page shows it, and how labels matched."""
    yield f"read by {to_html(cell.reader)}, confirmed by {to_html(cell.confirmed_by) or 'nobody'}"
    seen = "" if cell.source_place else f"seen on the drawn page: {to_html(cell.seen)}; "
    yield f"{seen}labels matched: {to_html(cell.match)}"
