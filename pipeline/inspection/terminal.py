"""One report on the terminal: its tables as the form prints them, and everything that needs a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.printable import to_printable
from pipeline.records import PDF_MEDIA_TYPE, Check, Leftover, Observation, Report
from pipeline.tables.dictionary import keys

if TYPE_CHECKING:
    from rich.console import Console


_WIDE_TERMINAL_MIN_COLUMNS = 120
"""Count. A terminal with as many columns holds the widest table of the forms."""

_WIDE_HEADER_CHARACTERS, _NARROW_HEADER_CHARACTERS = 13, 3
"""Count. A line of a column header has no more characters, in a wide and in a narrow terminal."""

_WIDE_LABEL_CHARACTERS, _NARROW_LABEL_CHARACTERS = 20, 8
"""Count. A line of a row's label has no more characters, in a wide and in a narrow terminal."""

_MEASURED_MAX_COLUMNS = 1000
"""Count. A table is measured as if the terminal had as many columns, so that none is left out."""

DOUBT_MARKS = {"suspect": "?", "unreadable": "!", "corrected": "*"}
_STYLES = {"suspect": "bold red", "unreadable": "bold magenta", "corrected": "bold blue"}
_ATTRIBUTIONS = {
    "publisher": "the bureau's own arithmetic: every digit was confirmed, by a reader or the page as drawn",
    "reading": "the reading: not every digit of it was confirmed",
    None: "not attributed: no second reading",
}


def print_report(console: Console, report: Report) -> None:
    """Print heading, tables, failed checks, doubtful cells, what is missing, and text that no cell
    claimed."""
    for line in _heading_lines(report):
        _print_line(console, line)
    for (table, template), cells in groupby(report.observations, key=lambda o: (o.table, o.template)):
        _print_table(console, f"{table} ({template})", list(cells))
    for title, lines in _findings(report):
        _print_list(console, title, list(lines))


def _heading_lines(report: Report) -> Iterator[str]:
    """Yield the lines above the tables."""
    heading = report.heading
    passed = sum(check.verdict == "pass" for check in report.checks)
    yield heading.title or "(no title found)"
    yield f"agency {heading.agency or '-'}, fiscal year {heading.fiscal_year or '-'}, " + (
        f"published {heading.published_on or '-'}"
    )
    size = f"{report.pages} pages" if report.media_type == PDF_MEDIA_TYPE else report.media_type
    yield f"{report.source_file}, report_id {report.report_id}, {size}"
    yield f"status {report.status}, read by {', '.join(report.steps) or '-'} in {report.seconds:.2f} s, " + (
        f"{len(report.observations)} cells, {passed} of {len(report.checks)} checks passed"
    )
    if report.error:
        yield report.error
    for other in report.others:
        title = other.heading.title or "(no title found)"
        yield f"in the same file: {other.report_id}, {title}, status {other.status}"


def _print_table(console: Console, title: str, cells: list[Observation]) -> None:
    """Print a part for each run of rows with the same columns, as the form does."""
    order = list(keys(cells[0].table, "row"))
    cells.sort(key=lambda cell: order.index(cell.item))
    rows = [(item, list(row)) for item, row in groupby(cells, key=lambda cell: cell.item)]
    for columns, part in groupby(rows, key=lambda row: tuple(cell.column for cell in row[1])):
        _print_part(console, title, cells[0].table, columns, list(part))


def _print_part(
    console: Console,
    title: str,
    table: str,
    columns: tuple[str, ...],
    rows: list[tuple[str, list[Observation]]],
) -> None:
    """Print rows with the same columns as one table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    labels, heads = keys(table, "row"), keys(table, "column")
    wide = console.width >= _WIDE_TERMINAL_MIN_COLUMNS
    header = _WIDE_HEADER_CHARACTERS if wide else _NARROW_HEADER_CHARACTERS
    label = _WIDE_LABEL_CHARACTERS if wide else _NARROW_LABEL_CHARACTERS
    grid = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    grid.add_column("", no_wrap=True)
    for column in columns:
        grid.add_column(_lines(heads.get(column, column), header), justify="right", no_wrap=True)
    for item, row in rows:
        values = [Text(cell_to_text(cell), style=_STYLES.get(cell.status, "")) for cell in row]
        grid.add_row(Text(_lines(labels.get(item, item), label)), *values)
    # Let it run over the edge: rich would leave out a column that it has no room for.
    grid.width = console.measure(
        grid, options=console.options.update(max_width=_MEASURED_MAX_COLUMNS)
    ).maximum
    console.print(grid, crop=False)


def _lines(text: str, length: int) -> str:
    """Return the text in lines of so many characters, as in the narrow cells of the forms."""
    return "\n".join(text[start : start + length] for start in range(0, len(text), length))


def cell_to_text(cell: Observation) -> str:
    """Return the cell as printed, the number it was read as if that differs, and a mark of doubt."""
    understood = (
        ""
        if cell.value is None or number_to_text(cell.value) == cell.raw
        else f" = {number_to_text(cell.value)}"
    )
    return f"{to_printable(cell.raw)}{understood}{DOUBT_MARKS.get(cell.status, '')}"


def number_to_text(value: float) -> str:
    """Return a number without a point where it is whole."""
    return str(int(value)) if value == int(value) else str(value)


def _findings(report: Report) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield titles with the lines of what needs a look."""
    cells = report.observations
    yield "failed checks", map(check_to_line, (check for check in report.checks if check.verdict == "fail"))
    yield (
        "doubtful cells (? suspect, ! unreadable, * corrected)",
        map(_cell_to_line, (cell for cell in cells if cell.status in DOUBT_MARKS)),
    )
    yield (
        "labels not matched exactly",
        dict.fromkeys(map(_match_to_line, (c for c in cells if c.match != "exact"))),
    )
    yield "missing from the form", report.missing
    yield "printed, and claimed by nothing", map(_leftover_to_line, report.leftovers)


def check_to_line(check: Check) -> str:
    """Return a failed check in one line: its two sides, and whose fault it is."""
    return (
        f"{check.check} on {check.scope}: {number_to_text(check.left)} is not {number_to_text(check.right)} "
        f"(off by {number_to_text(check.difference)}); {_ATTRIBUTIONS[check.attribution]}"
    )


def _cell_to_line(cell: Observation) -> str:
    return f"{to_place(cell)}, {cell.table} {cell.item} × {cell.column}: {cell.raw!r} is {cell.status}"


def _match_to_line(cell: Observation) -> str:
    """Return one line for all cells of a row whose columns have the form's labels, so that it is said
    once."""
    known = keys(cell.table, "column").get(cell.column) == cell.column_label
    column = "" if known else f" × {cell.column}: {cell.column_label!r}"
    return f"{to_sheet(cell)}, {cell.table} {cell.item}: {cell.row_label!r}{column} taken by {cell.match}"


def _leftover_to_line(left: Leftover) -> str:
    return f"{to_place(left)}, {left.table or 'no table'}: {left.text!r}: {left.reason}"


def to_place(cell: Observation | Leftover) -> str:
    """Return where a cell stands: on which page, or in which row and column of which table of the source."""
    return cell.source_place or f"page {cell.page}"


def to_sheet(cell: Observation | Leftover) -> str:
    """Return on which page, or in which table of the source, a cell stands."""
    return to_place(cell).partition(",")[0]


def _print_list(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    _print_line(console, f"{title}: {len(lines)}", style="bold")
    for line in lines:
        _print_line(console, f"  {line}")


def _print_line(console: Console, line: str, style: str = "") -> None:
    """Print a line as Text: in a plain string rich would interpret its own markup."""
    from rich.text import Text

    console.print(Text(to_printable(line), style), soft_wrap=True)
