"""A report and its PDF → one HTML page that shows the doubtful cells as printed, what was read beside."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from string import Template

from pipeline.inspection.crops import cells_to_crops
from pipeline.inspection.shown_page import CellKeys, cells_to_turn, failed_sum_cells, file_to_pdf
from pipeline.inspection.terminal import check_to_line, number_to_text
from pipeline.printable import to_short
from pipeline.records import Check, Observation, Report

NONE_DOUBTFUL = "No cell is suspect or unreadable, and no sum failed."

_SHOWN_MAX_CELLS = 500
"""Count. No more cells are shown; the forms have up to some 200 in a report."""

_CROPS_MAX_BYTES = 20 << 20
"""Bytes. When the crops take more, the cells that follow have none: a worker may send 32 MB."""

_TEXT_MAX_CHARACTERS = 200
"""Count. No more of a text is shown: labels and numbers are shorter."""

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
    style = _resource("doubtful.css")
    page = Template(_resource("doubtful.html")).substitute(
        title=_html(report.heading.title or report.source_file),
        policy=_policy(style),
        style=style,
        lead="\n".join(_lead(report)),
        tables="\n".join(_tables(cells, rows)),
    )
    return page.encode()


def _resource(name: str) -> str:
    """Return the text of a file of this folder."""
    return files("pipeline.inspection").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str) -> str:
    """Return the page's Content-Security-Policy: this style exactly, pictures in the page, nothing else."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _html(text: str) -> str:
    """Return a text of a document as HTML in which nothing is markup, and nothing steers or hides."""
    return escape(to_short(text, _TEXT_MAX_CHARACTERS))


def _cells_to_crops(
    cells: Sequence[Observation], report: Report, file: Path, passwords: tuple[str, ...]
) -> Iterator[bytes | str]:
    """Yield a PNG for each cell, or why there is none. The cells are in the order of their pages."""
    if not cells:
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
    yield f"<p>{_html(report.source_file)}, report_id {_html(report.report_id)}, status {report.status}</p>"
    if report.error:
        yield f"<p>{_html(report.error)}</p>"
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
    for (page, table), part in groupby(together, key=lambda pair: (pair[0].page, pair[0].table)):
        yield f"<h2>page {page}, {_html(table)}</h2>"
        yield f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in _HEADS)}</tr></thead><tbody>"
        yield from (row for _, row in part)
        yield "</tbody></table>"


def _cell_to_row(cell: Observation, crop: bytes | str, report: Report) -> str:
    """Return a cell's row of the table."""
    labels = " × ".join(_html(label) for label in (cell.row_label, cell.column_label) if label)
    keys = f"{_html(cell.item)} × {_html(cell.column)}"
    told = "".join(f"<small>{line}</small>" for line in _reading_lines(cell))
    why = "".join(f"<p>{line}</p>" for line in _doubt_lines(cell, report.checks))
    return (
        f'<tr><td class="crop">{_crop_to_html(crop)}</td><td class="cell">{labels}<small>{keys}</small></td>'
        f'<td class="read">{_read_to_html(cell)}</td>'
        f'<td class="status {_html(cell.status)}">{_html(cell.status)}</td><td>{why}{told}</td></tr>'
    )


def _crop_to_html(crop: bytes | str) -> str:
    if isinstance(crop, str):
        return crop
    return f'<img alt="the cell as printed" src="data:image/png;base64,{base64.b64encode(crop).decode()}">'


def _read_to_html(cell: Observation) -> str:
    """Return the number that was read, if any, and the text it was read from."""
    number = "no number" if cell.value is None else f"{number_to_text(cell.value)} {cell.unit}"
    return f'<b class="read">{_html(number)}</b><small>from the text {_html(repr(cell.raw))}</small>'


def _doubt_lines(cell: Observation, checks: Sequence[Check]) -> Iterator[str]:
    """Yield what speaks against a cell: the drawn page, and the sums that it is part of and that failed."""
    if cell.doubt:
        yield _html(cell.doubt)
    for check in checks:
        is_in = check.table == cell.table and (cell.item, cell.column) in check.cells
        if is_in and check.verdict == "fail":
            yield f'<span class="sum">in the failed sum {_html(check.check)} on {_html(check.scope)}</span>'


def _reading_lines(cell: Observation) -> Iterator[str]:
    """Yield who read a cell, who confirmed it, whether the drawn page shows it, and how labels matched."""
    yield f"read by {_html(cell.reader)}, confirmed by {_html(cell.confirmed_by) or 'nobody'}"
    yield f"seen on the drawn page: {_html(cell.seen)}; labels matched: {_html(cell.match)}"
