"""Specifications of reports, and the PDF with its truth that each one gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from . import prose
from .claims import ClaimingChapter
from .figures import Cell, Figures, count_apart, extra_numbers, failing, figures_of, misprint, multiply
from .layouts import (
    RADICALS,
    Layout,
    active_disclosure,
    applications,
    respell,
    review_litigation,
    spell,
    split_rows,
    statistics,
    unit_of,
    with_extra_row,
    with_heading_row,
    without_totals,
)
from .merged import Unruly, with_unruly
from .numbers import Printed, phrase
from .render import Beside, Block, Seal, Space, Style, Table, Text, Turn, draw_document

SAMPLE_HEADER = "样例（虚构单位，数字均为编造，仅供程序测试）"


@dataclass(frozen=True, slots=True)
class Spec:
    """One report: who, what year, which forms, how it looks.

    `active` and `applications` are fy2019, fy2021 or "" (table missing), `statistics` is national,
    provincial or "". `printed` overrides what cells print, `wrong` what figures they hold: a bureau's own
    error; `wrong_sums` makes so many random figures wrong instead. `factors` make the figures of a table
    so many times as large. `totals` is both, no_row, no_column (table 三 without that of its totals) or
    no_review (table 四 without). `extra_row` is a row that no form knows, a name in layouts.EXTRA_ROWS.
    `wording` is full, short or quoting. `figures` are all the figures, in place of those that chance gives.
    `spaces` is empty paper put before a table, to move the pages' ends. `unruly` numbers are not printed one
    a cell. Agencies that are not real (`sample`) say 样例 on each page.
    """

    agency: str
    year: int
    active: str = "fy2021"
    applications: str = "fy2021"
    review: bool = True
    statistics: str = ""
    style: Style = field(default_factory=Style)
    seed: int = 0
    wrong: tuple[tuple[Cell, float], ...] = ()
    printed: tuple[tuple[Cell, Printed], ...] = ()
    published_on: str = ""
    masthead: str = ""
    title: str = ""
    sample: bool = True
    spaces: tuple[tuple[str, float], ...] = ()
    chapters: prose.Chapters | None = None
    file: str = ""
    wrong_sums: int = 0
    factors: tuple[tuple[str, int], ...] = ()
    totals: str = "both"
    extra_row: str = ""
    wording: str = "full"
    figures: tuple[tuple[Cell, float], ...] = ()
    unruly: tuple[Unruly, ...] = ()

    @property
    def full_title(self) -> str:
        gap = "\n" if len(self.agency) > 7 else ""
        return self.title or f"{self.agency}{gap}{self.year}年政府信息公开工作年度报告"

    @property
    def file_name(self) -> str:
        return self.file or f"{self.agency}{self.year}年政府信息公开工作年度报告.pdf"


# ------------------------------------------------------------- spec → cells


def forms_of(spec: Spec) -> Iterator[Layout]:
    """The tables that the report prints, in its order, as the forms have them."""
    if spec.active:
        yield active_disclosure(spec.active)
    if spec.applications:
        yield applications(spec.applications)
    if spec.review:
        yield review_litigation()
    if spec.statistics:
        yield statistics(spec.statistics, spec.year)


def layouts_of(spec: Spec, figures: Figures) -> Iterator[Layout]:
    """The tables that the report prints: what the bureau leaves out and adds, labels in its own spelling."""
    for form in forms_of(spec):
        layout = without_totals(form, spec.totals)
        if spec.extra_row:
            layout = with_extra_row(layout, spec.extra_row, extra_numbers(spec.extra_row, figures))
        yield with_unruly(respell(layout, spec.style.spelling), spec.unruly)


def figures_for(spec: Spec) -> Figures:
    """What the number cells hold, before the bureau's own mistakes."""
    own = dict(spec.figures) or figures_of(spec.agency, spec.year, spec.seed)
    figures = own | dict(spec.wrong)
    figures = multiply(figures, dict(spec.factors)) if spec.factors else figures
    return count_apart(figures) if spec.extra_row == "other_counted" else figures


def misprinted(spec: Spec, layouts: list[Layout], figures: Figures) -> Figures:
    """The figures with as many of them wrong as the spec asks for."""
    printed = [(layout.table, *key) for layout in layouts for key in layout.number_keys()]
    rng = Random(f"wrong/{spec.seed}/{spec.agency}/{spec.year}")
    return misprint(figures, printed, spec.wrong_sums, rng) if spec.wrong_sums else figures


def print_figures(spec: Spec, layouts: list[Layout], figures: Figures) -> dict[Cell, Printed]:
    """What each number cell prints, in the order of the forms."""
    rng = Random(f"print/{spec.seed}/{spec.agency}/{spec.year}")
    overrides = dict(spec.printed)
    cells: dict[Cell, Printed] = {}
    for layout in layouts:
        for item, column in layout.number_keys():
            cell = (layout.table, item, column)
            cells[cell] = overrides.get(cell) or print_cell(spec, cell, figures, rng)
    return cells


def print_cell(spec: Spec, cell: Cell, figures: Figures, rng: Random) -> Printed:
    table, item, column = cell
    value = figures[cell]
    if spec.style.blanks == "all" or (value == 0 and leaves_blank(spec.style.blanks, column, rng)):
        return Printed("", None, "blank")
    return phrase(value, column, unit_of(table, item, column), spec.style.numbers, rng)


def leaves_blank(habit: str, column: str, rng: Random) -> bool:
    """Whether a bureau leaves a zero out: never, some of them, or all outside 总计 (zeros).

    A bureau that leaves out all it has to say (all) is not asked.
    """
    if habit == "some":
        return rng.random() < 0.4
    return habit == "zeros" and column != "total"


# ------------------------------------------------------------ spec → blocks


def printed_of(layout: Layout, cells: dict[Cell, Printed]) -> dict[tuple[str, str], str]:
    return {(i, c): cells[layout.table, i, c].text for i, c in layout.number_keys()}


def blocks_of(
    spec: Spec, layouts: list[Layout], cells: dict[Cell, Printed], chapters: prose.Chapters
) -> Iterator[Block]:
    """The document from its title to its date line."""
    style = spec.style
    by_table = {layout.table: layout for layout in layouts}
    yield Space(24)
    for line in (spec.masthead, *spec.full_title.split("\n")):
        if line:
            yield Text(line, style.body_size + 5, "centre", after=4)
    yield Space(16)
    for chapter in chapters:
        table = by_table.get(chapter.section)
        swallowed = bool(table) and style.swallow_heading
        turned = bool(table) and chapter.section == "applications" and bool(style.table_orientation)
        if turned:
            yield Turn(style.table_orientation)
        if chapter.heading and not swallowed:
            yield Text(chapter.heading, style.body_size, bold=True, keep=70)
        for paragraph in chapter.paragraphs:
            yield Text(paragraph, style.body_size)
        if table:
            shown = with_heading_row(table, chapter.heading) if swallowed else table
            yield from table_blocks(spec, Table(shown, printed_of(table, cells)))
        if turned:
            yield Turn(style.orientation)
    yield from closing_blocks(spec)
    if table := by_table.get("statistics"):
        yield from statistics_blocks(spec, Table(table, printed_of(table, cells)))


def in_radicals(block: Block, spelling: str) -> Block:
    """The block as a program prints it that writes radicals for ideographs, outside the tables too."""
    if isinstance(block, Text) and spelling in RADICALS:
        return replace(block, text=spell(block.text, spelling))
    return block


def table_blocks(spec: Spec, table: Table) -> Iterator[Block]:
    """The table of a chapter, in two halves side by side where the style says so."""
    style, name = spec.style, table.layout.table
    if gap := dict(spec.spaces).get(name):
        yield Space(gap)
    if style.side_by_side and name == "active_disclosure":
        parts = [cell.row for cell in table.layout.cells if cell.role == "section"]
        left, right = split_rows(table.layout, parts[2])
        yield Beside(Table(left, table.printed), Table(right, table.printed))
    else:
        yield table


def closing_blocks(spec: Spec) -> Iterator[Block]:
    if spec.published_on:
        year, month, day = (int(part) for part in spec.published_on.split("-"))
        yield Space(12)
        yield Text(spec.agency, spec.style.body_size, "right", keep=80)
        yield Text(f"{year}年{month}月{day}日", spec.style.body_size, "right")
        if spec.style.seal:
            yield Seal()


def statistics_blocks(spec: Spec, table: Table) -> Iterator[Block]:
    size = spec.style.body_size
    yield Turn(spec.style.orientation)
    yield Text("附件", size, "left")
    yield Text("政府信息公开工作情况统计表", size + 2, "centre", bold=True)
    yield Text(f"（{spec.year}年度）", size - 2, "centre", after=4)
    yield Text(f"填报单位（盖章）：{spec.agency}", size - 4, "left", after=2)
    yield table
    yield Text("单位负责人：　　　　审核人：　　　　填报人：", size - 4, "left")


# -------------------------------------------------------------- spec → truth


def truth_of(
    spec: Spec, layouts: list[Layout], cells: dict[Cell, Printed], chapters: prose.Chapters
) -> dict[str, Any]:
    """What a perfect reader gets out of the PDF."""
    unruly = list(unruly_cells(spec, layouts))
    read = {cell: printed.value for cell, printed in cells.items() if printed.status != "unreadable"}
    unread = [cell for cell in cells if cell not in read] + [(row[0], row[1], row[2]) for row in unruly]
    broken = failing(read, unread)
    return {
        "file": spec.file_name,
        "meta": {
            "agency": spec.agency,
            "fiscal_year": spec.year,
            "title": spec.full_title.replace("\n", ""),
            "published_on": spec.published_on or None,
            "templates": {layout.table: layout.template for layout in layouts},
            "publisher_errors": len(broken),
            "failing_checks": [list(pair) for pair in broken],
        },
        "cells": [
            *([*cell, printed.value, printed.status, unit_of(*cell)] for cell, printed in cells.items()),
            *unruly,
        ],
        "sections": [[chapter.section, chapter.heading] for chapter in chapters],
        **claims_of(chapters),
    }


def claims_of(chapters: prose.Chapters) -> dict[str, Any]:
    """The figures that the prose states, where they are known."""
    claims = [
        claim for chapter in chapters if isinstance(chapter, ClaimingChapter) for claim in chapter.claims
    ]
    return {"claims": [list(claim) for claim in claims]} if claims else {}


def unruly_cells(spec: Spec, layouts: list[Layout]) -> Iterator[list[Any]]:
    """The cells whose numbers are not printed one a cell: a value, or nobody can tell."""
    printed = {layout.table for layout in layouts}
    for one in spec.unruly:
        for key, value, status in one.truth if one.table in printed else ():
            yield [one.table, *key, value, status, unit_of(one.table, *key)]


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A report before any program prints it: its blocks, its look, its title, and the truth about it."""

    blocks: tuple[Block, ...]
    style: Style
    title: str
    truth: dict[str, Any]


def compose(spec: Spec) -> Manuscript:
    """What the report of a spec says and how it should look, for any producer to print."""
    style = spec.style
    figures = figures_for(spec)
    layouts = list(layouts_of(spec, figures))
    cells = print_figures(spec, layouts, misprinted(spec, layouts, figures))
    chapters = spec.chapters or prose.write_chapters(
        spec.agency, spec.year, spec.seed, figures, bool(spec.statistics), spec.wording
    )
    if spec.sample and not style.page_header:
        style = replace(style, page_header=SAMPLE_HEADER)
    blocks = tuple(in_radicals(block, style.spelling) for block in blocks_of(spec, layouts, cells, chapters))
    truth = truth_of(spec, layouts, cells, chapters)
    return Manuscript(blocks, style, spec.full_title.replace("\n", ""), truth)


def generate(spec: Spec) -> tuple[bytes, dict[str, Any]]:
    """The PDF of a report, drawn by reportlab, and the truth about it; same spec, same bytes."""
    report = compose(spec)
    return draw_document(report.blocks, report.style, report.title), report.truth
