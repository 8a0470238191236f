"""Specifications of reports, and the PDF with its truth that each one gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from . import prose
from .figures import Cell, Figures, failing, figures_of
from .layouts import (
    Layout,
    active_disclosure,
    applications,
    respell,
    review_litigation,
    split_rows,
    statistics,
    unit_of,
    with_heading_row,
)
from .numbers import Printed, phrase
from .render import Beside, Block, Seal, Space, Style, Table, Text, Turn, draw_document

SAMPLE_HEADER = "样例（虚构单位，数字均为编造，仅供程序测试）"


@dataclass(frozen=True, slots=True)
class Spec:
    """One report: who, what year, which forms, how it looks.

    `active` and `applications` are fy2019, fy2021 or "" (table missing), `statistics` is national,
    provincial or "". `printed` overrides what cells print, `wrong` what figures they hold: a bureau's own
    error. `spaces` is empty paper put before a table, to move the pages' ends. Agencies that are not
    real (`sample`) say 样例 on each page.
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

    @property
    def full_title(self) -> str:
        gap = "\n" if len(self.agency) > 7 else ""
        return self.title or f"{self.agency}{gap}{self.year}年政府信息公开工作年度报告"

    @property
    def file_name(self) -> str:
        return self.file or f"{self.agency}{self.year}年政府信息公开工作年度报告.pdf"


# ------------------------------------------------------------- spec → cells


def layouts_of(spec: Spec) -> Iterator[Layout]:
    """The tables that the report prints, in its order, labels in the bureau's spelling."""
    spelling = spec.style.spelling
    if spec.active:
        yield respell(active_disclosure(spec.active), spelling)
    if spec.applications:
        yield respell(applications(spec.applications), spelling)
    if spec.review:
        yield respell(review_litigation(), spelling)
    if spec.statistics:
        yield respell(statistics(spec.statistics, spec.year), spelling)


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
    if value == 0 and leaves_blank(spec.style.blanks, column, rng):
        return Printed("", None, "blank")
    return phrase(value, column, unit_of(table, item, column), spec.style.numbers, rng)


def leaves_blank(habit: str, column: str, rng: Random) -> bool:
    """Whether a bureau leaves a zero out: never, some of them, or all outside 总计 (zeros)."""
    if habit == "some":
        return rng.random() < 0.4
    return habit == "zeros" and column != "total"


# ------------------------------------------------------------ spec → blocks


def printed_of(layout: Layout, cells: dict[Cell, Printed]) -> dict[tuple[str, str], str]:
    return {(i, c): cells[layout.table, i, c].text for i, c in layout.number_keys()}


def blocks_of(spec: Spec, layouts: list[Layout], cells: dict[Cell, Printed],
              chapters: prose.Chapters) -> Iterator[Block]:
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


def table_blocks(spec: Spec, table: Table) -> Iterator[Block]:
    """The table of a chapter, in two halves side by side where the style says so."""
    style, name = spec.style, table.layout.table
    if gap := dict(spec.spaces).get(name):
        yield Space(gap)
    if style.side_by_side and name == "active_disclosure":
        row = min(c.row for c in table.layout.cells if c.text.startswith("第二十条第（六）"))
        left, right = split_rows(table.layout, row)
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


def truth_of(spec: Spec, layouts: list[Layout], cells: dict[Cell, Printed],
             chapters: prose.Chapters) -> dict[str, Any]:
    """What a perfect reader gets out of the PDF."""
    values = {cell: printed.value for cell, printed in cells.items()}
    broken = failing(values)
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
            [*cell, printed.value, printed.status, unit_of(*cell)] for cell, printed in cells.items()
        ],
        "sections": [[chapter.section, chapter.heading] for chapter in chapters],
    }


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
    layouts = list(layouts_of(spec))
    figures = figures_of(spec.agency, spec.year, spec.seed) | dict(spec.wrong)
    cells = print_figures(spec, layouts, figures)
    chapters = spec.chapters or prose.write_chapters(spec.agency, spec.year, spec.seed, figures,
                                                     bool(spec.statistics))
    if spec.sample and not style.page_header:
        style = replace(style, page_header=SAMPLE_HEADER)
    blocks = tuple(blocks_of(spec, layouts, cells, chapters))
    truth = truth_of(spec, layouts, cells, chapters)
    return Manuscript(blocks, style, spec.full_title.replace("\n", ""), truth)


def generate(spec: Spec) -> tuple[bytes, dict[str, Any]]:
    """The PDF of a report, drawn by reportlab, and the truth about it; same spec, same bytes."""
    report = compose(spec)
    return draw_document(report.blocks, report.style, report.title), report.truth
