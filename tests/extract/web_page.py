"""A generated report as a plain web page, any cell of which a test writes in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from pipeline.extract.document import read_document
from pipeline.records import Observation, Report, Snapshot
from tools.generator import Spec
from tools.generator.layouts import GridCell, Key
from tools.generator.render import Table, Text
from tools.generator.reports import compose

MODERN = Spec("示例市示例局", 2022, published_on="2023-01-16", sample=False)

GRANTED = ("applications", "granted", "natural_person")
GRANTED_TOTAL = ("applications", "granted", "total")
LICENSING = ("active_disclosure", "administrative_licensing", "decisions")
"""Cells: the first two are in sums, of the last there is no sum."""

Cells = Mapping[tuple[str, str, str], str]
"""What stands between the tags of a cell, by the cell."""

Change = Callable[[str], str]


def tables_of(spec: Spec, cells: Cells | None = None) -> dict[str, str]:
    """Return the tables of a report as markup, by their names."""
    tables = (block for block in compose(spec).blocks if isinstance(block, Table))
    return {table.layout.table: table_to_html(table, cells or {}) for table in tables}


def table_to_html(table: Table, cells: Cells) -> str:
    """Return a table as markup."""
    rows: dict[int, list[GridCell]] = {row: [] for row in range(table.layout.rows)}
    for cell in table.layout.cells:
        rows[cell.row].append(cell)
    name, printed = table.layout.table, table.printed
    lines = (
        "".join(_cell(one, name, printed, cells) for one in sorted(row, key=lambda one: one.col))
        for row in rows.values()
    )
    return "<table>" + "\n".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _cell(cell: GridCell, table: str, printed: Mapping[Key, str], cells: Cells) -> str:
    text = printed[cell.key] if cell.key else cell.text
    inner = escape(text)
    attributes = ""
    if cell.key and (table, *cell.key) in cells:
        inner = cells[(table, *cell.key)].replace("{}", inner)
        if inner.startswith("<td"):
            return inner
    if cell.row_span > 1:
        attributes += f' rowspan="{cell.row_span}"'
    if cell.col_span > 1:
        attributes += f' colspan="{cell.col_span}"'
    return f"<td{attributes}>{inner}</td>"


def body_of(spec: Spec, tables: Mapping[str, str]) -> str:
    """Return the text of a report with these tables as markup."""
    shown, names = [], iter(tables.values())
    for block in compose(spec).blocks:
        if isinstance(block, Text):
            shown.append(f"<p>{escape(block.text)}</p>")
        elif isinstance(block, Table):
            shown.append(next(names))
    return "\n".join(shown)


def page_of(spec: Spec = MODERN, cells: Cells | None = None, change: Change = str, head: str = "") -> str:
    """Return a page; `change` is what becomes of its body, `head` what stands in its head."""
    body = change(body_of(spec, tables_of(spec, cells)))
    return f"<!DOCTYPE html><html><head><title>示例</title>{head}</head><body>{body}</body></html>"


def truth_of(spec: Spec = MODERN) -> dict[str, Any]:
    """Return the truth about a report."""
    return compose(spec).truth


def read_page(page: str | bytes, folder: Path, media_type: str = "text/html") -> Report:
    """Return what is read of a page."""
    data = page.encode() if isinstance(page, str) else page
    path = folder / "page"
    path.write_bytes(data)
    return read_document(Snapshot(path, sha256(data).hexdigest(), media_type=media_type))


def cells_of(report: Report) -> dict[tuple[str, str, str], Observation]:
    """Return the observations of a report by their cells."""
    return {(seen.table, seen.item, seen.column): seen for seen in report.observations}


def with_figure(cell: tuple[str, str, str], value: float, spec: Spec = MODERN) -> Spec:
    """Return a report with another figure in one cell, and no sum held right for it."""
    return replace(spec, wrong=(*spec.wrong, (cell, value)))
