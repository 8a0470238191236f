"""Reports as workbooks, each through the whole way of a document: every cell exact, or told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.extract.document import read_document
from pipeline.records import Reason, Report, Snapshot
from tests.extract.measured import inexact
from tools.generator import Manuscript, Spec, compose
from tools.generator.render import Table, Text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPECS = {
    "2021": Spec("示例市示例局", 2022, published_on="2023-01-16"),
    "2019": Spec("示例县人民政府", 2019, applications="fy2019", seed=3),
    "statistics": Spec("示例市水务局", 2017, active="", applications="", review=False, statistics="national"),
    "wrong": Spec("示例市水务局", 2016, seed=5, wrong_sums=1),
}
TOTAL = ("applications", "carried_in", "total")


@dataclass(frozen=True, slots=True)
class Layout:
    """How somebody lays a report out on a sheet: whether tables are ruled, texts merged over all columns, how
    many rows are empty under a table, from which row and column on, and whether numbers are numbers."""

    ruled: bool = True
    merged: bool = True
    gap: int = 1
    first: tuple[int, int] = (0, 0)
    as_numbers: bool = True
    ruled_texts: bool = False


LAYOUTS = {
    "ruled": Layout(),
    "bare": Layout(ruled=False),
    "not merged": Layout(merged=False),
    "bare, not merged": Layout(ruled=False, merged=False),
    "close": Layout(gap=0),
    "close and bare": Layout(gap=0, ruled=False, merged=False),
    "all ruled": Layout(gap=0, ruled_texts=True),
    "further down": Layout(first=(3, 2)),
    "texts": Layout(as_numbers=False),
}

Change = Callable[[Any, dict[tuple[str, str, str], tuple[int, int]]], None]


def unchanged(sheet: Any, places: dict[tuple[str, str, str], tuple[int, int]]) -> None:
    """Leave the sheet as it is."""


def write(
    report: Manuscript, path: Path, layout: Layout = LAYOUTS["ruled"], change: Change = unchanged
) -> Path:
    """The report on one sheet; `change` is told where its numbers stand."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("年报")
    box = book.add_format({"border": int(layout.ruled), "text_wrap": True})
    tables = [block for block in report.blocks if isinstance(block, Table)]
    width = max(len(table.layout.widths) for table in tables)
    row, left = layout.first
    places = {}
    for block in report.blocks:
        if isinstance(block, Text):
            shown = book.add_format({"font_size": block.size, "border": int(layout.ruled_texts)})
            for line in block.text.split("\n"):
                if layout.merged:
                    sheet.merge_range(row, left, row, left + width - 1, line, shown)
                else:
                    sheet.write_string(row, left, line, shown)
                row += 1
        elif isinstance(block, Table):
            for cell in block.layout.cells:
                place = (row + cell.row, left + cell.col)
                if cell.key:
                    places[block.layout.table, cell.key[0], cell.key[1]] = place
                put(sheet, place, cell, value_of(block, cell, as_numbers=layout.as_numbers), box)
            row += block.layout.rows + layout.gap
    sheet.book_format = book.add_format
    change(sheet, places)
    book.close()
    return path


def value_of(table: Table, cell: Any, *, as_numbers: bool) -> str | float:
    text = table.printed.get(cell.key, "") if cell.key else cell.text
    if as_numbers and cell.key and text.replace(".", "", 1).isdecimal() and f"{float(text):g}" == text:
        return float(text)
    return text


def put(sheet: Any, place: tuple[int, int], cell: Any, value: str | float, box: Any) -> None:
    if cell.row_span * cell.col_span > 1:
        sheet.merge_range(*place, place[0] + cell.row_span - 1, place[1] + cell.col_span - 1, "", box)
    if isinstance(value, float):
        sheet.write_number(*place, value, box)
    else:
        sheet.write_string(*place, value, box) if value else sheet.write_blank(*place, None, box)


def read(path: Path) -> Report:
    return read_document(Snapshot(path, sha256(path.read_bytes()).hexdigest(), None, XLSX))


def statuses(report: Report) -> set[str]:
    return {seen.status for seen in report.observations}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "年报.xlsx"


@pytest.mark.parametrize(("name", "look"), [*product(SPECS, LAYOUTS)])
def test_every_cell_of_a_report_is_exact(name: str, look: str, file: Path) -> None:
    manuscript = compose(SPECS[name])
    report = read(write(manuscript, file, LAYOUTS[look]))
    assert inexact(report, manuscript.truth) == []
    assert statuses(report) <= {"ok", "blank", "not_applicable"}
    assert report.status == ("flagged" if manuscript.truth["meta"]["failing_checks"] else "ok")
    assert report.heading.agency == SPECS[name].agency
    assert [section.section for section in report.sections][-2:] == ["problems", "other"]


def test_a_wrong_sum_is_the_publishers(file: Path) -> None:
    report = read(write(compose(SPECS["wrong"]), file))
    failed = {check.attribution for check in report.checks if check.verdict == "fail"}
    assert (failed, report.steps) == ({"publisher"}, ("xlsx", "calamine"))


def test_places_are_named_as_spreadsheets_do(file: Path) -> None:
    manuscript = compose(SPECS["2021"])
    places = {}
    report = read(write(manuscript, file, change=lambda _, found: places.update(found)))
    seen = next(one for one in report.observations if (one.table, one.item, one.column) == TOTAL)
    row, col = places[TOTAL]
    assert seen.source_place == f"sheet 年报, {chr(ord('A') + col)}{row + 1}"


def test_a_result_that_may_be_stale_is_in_doubt_and_never_calculated(file: Path) -> None:
    def give_formula(sheet: Any, places: dict[tuple[str, str, str], tuple[int, int]]) -> None:
        sheet.write_formula(*places[TOTAL], "=1+1", None, "7")  # to be calculated when it is opened

    report = read(write(compose(SPECS["2021"]), file, change=give_formula))
    seen = next(one for one in report.observations if (one.table, one.item, one.column) == TOTAL)
    assert (seen.status, seen.value) == ("suspect", 7)


@pytest.mark.parametrize("look", [{"font_strikeout": True}, {"font_color": "white"}, {"num_format": ";;;"}])
def test_a_number_that_nobody_sees_makes_no_sum_right(look: dict[str, object], file: Path) -> None:
    manuscript = compose(SPECS["2021"])
    printed = {tuple(row[:3]): row[3] for row in manuscript.truth["cells"]}
    unseen = next(
        cell for cell, value in printed.items() if cell[0] == "applications" and value and value > 3
    )

    def change(sheet: Any, places: dict[tuple[str, str, str], tuple[int, int]]) -> None:
        sheet.write_number(*places[unseen], printed[unseen], sheet.book_format(look))

    report = read(write(manuscript, file, change=change))
    seen = next(one for one in report.observations if (one.table, one.item, one.column) == unseen)
    assert (seen.status, seen.value) == ("suspect", None)


def test_what_a_format_rounds_is_read_as_it_is_shown(file: Path) -> None:
    def change(sheet: Any, places: dict[tuple[str, str, str], tuple[int, int]]) -> None:
        sheet.write_number(*places[TOTAL], 12.6, sheet.book_format({"num_format": "0"}))

    report = read(write(compose(SPECS["2021"]), file, change=change))
    seen = next(one for one in report.observations if (one.table, one.item, one.column) == TOTAL)
    assert (seen.raw, seen.value) == ("13", 13)


def test_hidden_rows_and_columns_within_a_table_are_not_read(file: Path) -> None:
    manuscript = compose(SPECS["2021"])

    def hide(sheet: Any, places: dict[tuple[str, str, str], tuple[int, int]]) -> None:
        sheet.set_column(20, 22, None, None, {"hidden": True})
        for row in range(60):
            sheet.write_number(row, 20, 9)
            sheet.write_number(row, 21, 9)

    report = read(write(manuscript, file, change=hide))
    assert (inexact(report, manuscript.truth), report.status) == ([], "ok")


def test_a_panel_of_many_bureaus_is_no_report(file: Path) -> None:
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("汇总")
    sheet.write_string(0, 0, "各单位2022年依申请公开情况汇总表")
    sheet.write_row(1, 0, ["单位", "本年新收申请数量", "上年结转", "予以公开", "总计"])
    for row in range(2, 30):
        sheet.write_row(row, 0, [f"示例市第{row}局", row, 0, row, row])
    book.close()
    report = read(file)
    assert (report.observations, report.status) == ((), "not_a_report")


def test_an_empty_workbook_has_no_text(file: Path) -> None:
    xlsxwriter.Workbook(str(file)).close()
    assert read(file).reason == Reason.NO_TEXT
