"""A document without pages goes the way of all others: what its reader says is bound, checked and placed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.extract import opened_flow
from pipeline.extract.document import read_document
from pipeline.extract.opened_flow import FlowReaders
from pipeline.extract.read.flow.blocks import FlowCell, FlowDocument, FlowParagraph, FlowTable
from pipeline.extract.read.flow.layout import lay_out
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import Observation, Reason, Report, Snapshot
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.schemas import require_valid

Given = FlowDocument | UnreadableError
Read = Callable[..., Report]

KIND = "application/x-flow"
HEADERS = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")
ROWS = {"规章": ("1", "2", "3"), "行政规范性文件": ("10", "0", "40")}


def table(
    rows: Mapping[str, tuple[str, ...]], number: int = 1, doubts: Mapping[tuple[int, int], str] | None = None
) -> FlowTable:
    """Return the first part of table two of the form with these numbers."""
    title = FlowCell(0, 0, 1, 4, "第二十条第（一）项")
    lines = [HEADERS, *((label, *numbers) for label, numbers in rows.items())]
    cells = [
        FlowCell(row, col, 1, 1, text, (doubts or {}).get((row, col), ""))
        for row, line in enumerate(lines, start=1)
        for col, text in enumerate(line)
    ]
    return FlowTable(number, (title, *cells))


def flow(*tables: FlowTable, **fields: object) -> FlowDocument:
    """Return a report with a title, a chapter, a sentence and these tables."""
    blocks = (
        FlowParagraph("示例市统计局"),
        FlowParagraph("2023年政府信息公开工作年度报告"),
        FlowParagraph("一、总体情况"),
        FlowParagraph("全年主动公开政府信息若干条。"),
        FlowParagraph("公开平台运行平稳，没有发生安全事故。"),
        FlowParagraph("二、主动公开政府信息情况"),
        *tables,
    )
    return replace(FlowDocument("flow", blocks), **fields)  # type: ignore[arg-type]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return a function that reads a file whose two readers give these two documents."""

    def read_both(first: Given, second: Given | None = None) -> Report:
        def give(found: Given | None) -> FlowDocument:
            if isinstance(found, FlowDocument):
                return found
            raise found or AssertionError("nobody may ask")

        module = SimpleNamespace(
            file_to_flow=lambda _: give(first), file_to_second_flow=lambda _: give(second)
        )
        readers = FlowReaders("flow_reader", "flow", "other" if second else "")
        monkeypatch.setattr(opened_flow, "FLOW_READERS", {KIND: readers})
        monkeypatch.setattr(opened_flow, "import_module", lambda _: module)
        path = tmp_path / "report"
        path.write_bytes(b"bytes")
        return read_document(Snapshot(path, sha256(b"bytes").hexdigest(), media_type=KIND))

    return read_both


def cells(report: Report) -> dict[tuple[str, str], Observation]:
    """Return the observations of a report by item and column."""
    return {(seen.item, seen.column): seen for seen in report.observations}


def test_a_report_without_pages_has_values_places_title_and_chapters(read: Read) -> None:
    both = flow(table(ROWS, number=3))
    report = read(both, replace(both, reader="other"))
    seen = cells(report)["normative_documents", "made"]
    assert (seen.value, seen.status, seen.reader, seen.page) == (10.0, "ok", "flow", 1)
    assert seen.source_place == "table 3, row 4, column 2"
    assert all(edge != edge for edge in seen.box)
    assert (report.heading.agency, report.heading.fiscal_year) == ("示例市统计局", 2023)
    assert [(one.section, one.text) for one in report.sections if one.text] == [
        ("overview", "全年主动公开政府信息若干条。\n公开平台运行平稳，没有发生安全事故。")
    ]
    assert report.media_type == KIND


def test_its_tables_keep_the_contract(read: Read) -> None:
    both = flow(table(ROWS))
    frames = reports_to_frames([read(both, both)], reading_version="1")
    require_valid(frames.tables())
    assert frames.observations[["x0", "top", "x1", "bottom"]].isna().all(axis=None)
    assert frames.reports["media_type"].tolist() == [KIND]


def test_where_no_sum_holds_a_cell_the_second_reader_decides(read: Read) -> None:
    """Nothing sums table two up, so that one reading alone confirms nothing of it where a label is near."""
    first = flow(table({**ROWS, "行政规范性文件": ("10", "0", "4O")}))
    second = replace(flow(table({**ROWS, "行政规范性文件": ("10", "0", "40")})), reader="other")
    seen = cells(read(first, second))
    assert seen["normative_documents", "in_force"].status == "unreadable"
    assert seen["normative_documents", "made"].confirmed_by == "other"


def test_what_its_reader_doubts_is_suspect_where_no_sum_holds_it(read: Read) -> None:
    doubted = flow(table(ROWS, doubts={(3, 1): "9 is struck out beside it"}))
    seen = cells(read(doubted, doubted))["normative_documents", "made"]
    assert (seen.value, seen.status, seen.doubt) == (10.0, "suspect", "9 is struck out beside it")


def test_a_blank_that_its_reader_doubts_is_held_by_no_sum(read: Read) -> None:
    doubted = flow(table({**ROWS, "规章": ("", "2", "3")}, doubts={(2, 1): "a picture stands in it"}))
    seen = cells(read(doubted, doubted))["regulations", "made"]
    assert (seen.value, seen.status) == (None, "suspect")


def test_a_row_that_is_cut_over_two_tables_is_one(read: Read) -> None:
    """As programs leave it that turn the pages of a PDF into a Word file."""
    whole = table({"规章": ("1", "2", "3"), "行政规范": ("", "", "")})
    rest = FlowTable(
        2, tuple(FlowCell(0, col, 1, 1, text) for col, text in enumerate(["性文件", "10", "0", "40"]))
    )
    report = read(flow(whole, rest), flow(whole, rest))
    seen = cells(report)["normative_documents", "in_force"]
    assert (seen.value, seen.status, seen.source_place) == (40.0, "ok", "table 2, row 1, column 4")


def test_a_cell_of_a_sheet_has_the_place_that_spreadsheets_name(read: Read) -> None:
    sheet = flow(table(ROWS)._replace(sheet="年报"))
    seen = cells(read(sheet, sheet))["normative_documents", "made"]
    assert (seen.status, seen.source_place) == ("ok", "sheet 年报, B4")


def test_of_a_source_that_lost_something_only_sums_hold(read: Read) -> None:
    lossy = flow(table(ROWS), losses=("its end is missing: fetch it again",))
    report = read(lossy, lossy)
    assert {seen.status for seen in report.observations} == {"suspect"}
    assert (report.reason, "its end is missing" in report.error) == (Reason.DAMAGED, True)


def test_pictures_are_told_where_tables_are_missing(read: Read) -> None:
    report = read(flow(table(ROWS), pictures=2), flow(table(ROWS), pictures=2))
    assert report.reason == Reason.PICTURES
    assert "not looked into: 2" in report.error


def test_a_file_that_its_reader_cannot_open_fails_with_the_reason(read: Read) -> None:
    report = read(UnreadableError(Reason.UNOPENED, "no part of it is a document: fetch it again"))
    assert (report.status, report.reason) == ("failed", Reason.UNOPENED)


def test_a_second_reader_that_fails_confirms_nothing(read: Read) -> None:
    first = flow(table({"规章": ("1", "2", "3"), "行政规范性文件": ("10", "无此项", "40")}))
    report = read(first, UnreadableError(Reason.UNOPENED, "broken"))
    assert {seen.confirmed_by for seen in report.observations} == {""}
    assert report.status != "ok"


def test_a_text_without_tables_is_no_report(read: Read) -> None:
    report = read(FlowDocument("flow", (FlowParagraph("关于放假的通知"), FlowParagraph("放假三天。"))))
    assert report.status == "not_a_report"


def test_nothing_at_all_is_no_text(read: Read) -> None:
    report = read(FlowDocument("flow", ()))
    assert (report.status, report.reason) == ("failed", Reason.NO_TEXT)


def test_blocks_stand_below_each_other_and_cells_side_by_side() -> None:
    laid_out = lay_out(flow(table(ROWS, number=1), table(ROWS, number=2)))
    tops = [line.box.top for line in laid_out.raw.lines] + [one.box.top for one in laid_out.raw.tables]
    bottoms = [line.box.bottom for line in laid_out.raw.lines] + [
        one.box.bottom for one in laid_out.raw.tables
    ]
    assert tops == sorted(tops)
    assert all(bottom < top for bottom, top in zip(bottoms, tops[1:], strict=False))
    assert len(set(laid_out.places)) == 2 * 13


def test_a_second_reader_that_stops_is_asked_up_to_the_tables_in_doubt_and_for_all_where_it_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it reads alike is confirmed; a difference in a table has the whole file read, and is told."""
    asked: list[tuple[int, ...]] = []
    path = tmp_path / "report"
    path.write_bytes(b"bytes")
    snapshot = Snapshot(path, sha256(b"bytes").hexdigest(), media_type=KIND)
    menu = FlowTable(1, (FlowCell(0, 0, 1, 1, "首页"), FlowCell(0, 1, 1, 1, "导航")))
    first = flow(table(ROWS, number=2))

    def read_with(other: FlowTable) -> Report:
        asked.clear()

        def give(_: Path, *last: int) -> FlowDocument:
            asked.append(last)
            return FlowDocument("other", (menu, other))

        module = SimpleNamespace(file_to_flow=lambda _: first, file_to_second_flow=give)
        readers = FlowReaders("flow_reader", "flow", "other", stops=True)
        monkeypatch.setattr(opened_flow, "FLOW_READERS", {KIND: readers})
        monkeypatch.setattr(opened_flow, "import_module", lambda _: module)
        return read_document(snapshot)

    seen = cells(read_with(table(ROWS, number=2)))["normative_documents", "made"]
    assert (seen.value, seen.status, seen.confirmed_by, asked) == (10.0, "ok", "other", [(2,)])
    differing = cells(read_with(table({**ROWS, "行政规范性文件": ("10", "0", "41")}, number=2)))
    assert asked == [(2,), ()]
    assert differing["normative_documents", "made"].confirmed_by == "other"
    assert differing["normative_documents", "in_force"].status == "suspect"
