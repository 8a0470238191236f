"""What editors of web pages leave of a table and of a paragraph: their tags, styles and empty spans."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from random import Random
from string import Template

from tools.generator.layouts import Layout
from tools.generator.render import Style, Table, Text

from .cells import Cell, table_to_rows
from .markup import HtmlCell, HtmlRow, HtmlTable

LINE_WIDTH = 640
"""Pixels. The width of a table."""

PARTED = 0.12
"""Share of the texts that an editor parts into two spans, where it does."""

SCRIPTS = re.compile(r"[\x21-\x7e]+|[^\x21-\x7e]+")
"""Runs of one script: Word writes a span for each."""

ALIGNS = {"centre": "center", "right": "right", "left": "left"}


@dataclass(frozen=True, slots=True)
class Editor:
    """How an editor writes; editors.toml says what each of these is.

    `columns` says that it writes the widths of columns, `header` is the tag of header cells, `thead` says
    that they stand in a head of the table, `misaligned` that a last row tells how wide columns are.
    """

    name: str
    table: str
    cell: str
    inside: str
    body: str
    aligned: str
    bold: str
    row: str = ""
    first_cell: str = ""
    blank: str = ""
    heading: str = ""
    part: str = ""
    by_script: str = ""
    columns: bool = False
    header: str = "td"
    thead: bool = False
    misaligned: bool = False


def load_editors() -> Mapping[str, Editor]:
    """Return the editors by name."""
    kept = tomllib.loads(Path(__file__).with_name("editors.toml").read_text(encoding="utf-8"))
    return {name: Editor(name, **fields) for name, fields in kept.items()}


EDITORS = load_editors()


def table_to_html(table: Table, style: Style, editor: Editor, chance: Random) -> HtmlTable:
    """Return a table as an editor leaves it."""
    widths = [round(LINE_WIDTH * share) for share in table.layout.widths]
    rows = tuple(
        HtmlRow(tuple(_cell(cell, widths, editor, chance) for cell in row), editor.row)
        for row in table_to_rows(table, style)
    )
    columns = "".join(f'<col style="width:{width}px">' for width in widths)
    head = f"<colgroup>{columns}</colgroup>\n" if editor.columns else ""
    header = table.layout.header_rows if editor.thead else 0
    foot = _foot(table.layout, widths) if editor.misaligned else ""
    return HtmlTable(table.layout.table, rows, editor.table, head, header, foot)


def _foot(layout: Layout, widths: Sequence[int]) -> str:
    """Return the row of a table with many spans by which Word tells how wide its columns are."""
    if layout.table != "applications":
        return ""
    cells = "".join(f"\n  <td width={width} style='border:none'></td>" for width in widths)
    return f"\n <![if !supportMisalignedColumns]>\n <tr height=0>{cells}\n </tr>\n <![endif]>"


def _cell(cell: Cell, widths: Sequence[int], editor: Editor, chance: Random) -> HtmlCell:
    width = sum(widths[cell.col : cell.col + cell.col_span])
    text = "<br/>".join(text_to_html(line, editor, chance) for line in cell.lines)
    inner = Template(editor.inside).substitute(text=text) if cell.text else editor.blank
    tag = editor.header if cell.role == "header" else "td"
    attributes = editor.first_cell if editor.first_cell and cell.row == 0 else editor.cell
    return HtmlCell(cell, tag, Template(attributes).substitute(width=width), inner)


def text_to_html(text: str, editor: Editor, chance: Random) -> str:
    """Return a text as its editor leaves it: some parted into spans, digits apart from other signs."""
    if editor.by_script:
        around = Template(editor.by_script)
        runs = ((escape(run), run.isascii()) for run in SCRIPTS.findall(text))
        return "".join(around.substitute(text=run) if latin else run for run, latin in runs)
    if editor.part and len(text) > 1 and chance.random() < PARTED:
        at = chance.randrange(1, len(text))
        return escape(text[:at]) + editor.part + escape(text[at:])
    return escape(text)


def paragraph_to_html(block: Text, editor: Editor, chance: Random) -> str:
    """Return a paragraph or heading as its editor leaves it."""
    text = "<br/>".join(text_to_html(line, editor, chance) for line in block.text.split("\n"))
    if block.bold and editor.heading:
        return Template(editor.heading).substitute(text=text)
    inner = Template(editor.bold).substitute(text=text) if block.bold else text
    if block.align == "body":
        return Template(editor.body).substitute(text=inner)
    return Template(editor.aligned).substitute(text=inner, align=ALIGNS[block.align])
