"""Bound cells with the phrases of real reports to observations."""

from __future__ import annotations

import pytest

from pipeline.extract.normalise.observations import bound_to_observation, tables_to_observations
from pipeline.records import SPANNING, BoundCell, BoundTable, Box


def cell(text: str, column: str = "decisions", unit: str = "件", printed: str = "") -> BoundCell:
    return BoundCell(
        table="active_disclosure",
        item="administrative_licensing",
        column=column,
        text=text,
        unit=unit,
        printed_unit=printed,
        row_label="行政许可",
        column_label="处理决定数量",
        match="exact",
        page=2,
        box=Box(1, 2, 3, 4),
        reader="pypdfium2",
    )


@pytest.mark.parametrize(
    ("column", "text", "unit", "value", "status", "raw"),
    [
        ("previous_items", "25", "项", 25, "ok", "25"),
        ("change", "减 20", "项", -20, "ok", "减20"),
        ("change", "+1036", "项", 1036, "ok", "+1036"),
        ("change", "持平", "项", 0, "ok", "持平"),
        ("procurement_amount", "2.58 万元", "元", 25800, "ok", "2.58万元"),
        ("decisions", "", "件", None, "blank", ""),
        ("decisions", "—", "件", None, "not_applicable", "—"),
        ("decisions", "12 34", "件", None, "unreadable", "1234"),
        ("decisions", "无", "件", 0, "ok", "无"),
        ("in_force", "持平", "件", None, "unreadable", "持平"),
        ("in_force", "减少3件", "件", None, "unreadable", "减少3件"),
        ("in_force", "-3", "件", None, "unreadable", "-3"),
        ("in_force", "新增5件", "件", 5, "suspect", "新增5件"),
        ("in_force", "(12)", "件", None, "unreadable", "(12)"),
        ("in_force", "△12", "件", None, "unreadable", "△12"),
        ("in_force", "（0）", "件", None, "unreadable", "（0）"),
        ("change", "(12)", "项", -12, "ok", "(12)"),
        ("change", "▼12", "项", -12, "ok", "▼12"),
        ("change", "25（较上年减少20）", "项", None, "unreadable", "25（较上年减少20）"),
        ("decisions", "2608（较上年增加12）", "件", 2608, "ok", "2608（较上年增加12）"),
    ],
)
def test_a_change_counts_only_where_the_form_asks_for_one(
    column: str, text: str, unit: str, value: float | None, status: str, raw: str
) -> None:
    seen = bound_to_observation(cell(text, column, unit), "fy2019")
    assert (seen.value, seen.status, seen.raw, seen.unit) == (value, status, raw, unit)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("12", "unreadable"),
        ("无", "unreadable"),
        ("本年度没有", "unreadable"),
        ("2|—", "unreadable"),
        ("—", "not_applicable"),
        ("不涉及", "not_applicable"),
        ("/|/|/", "not_applicable"),
    ],
)
def test_a_text_over_several_cells_gives_none_of_them_a_number(text: str, status: str) -> None:
    seen = bound_to_observation(cell(text)._replace(match=SPANNING), "fy2021")
    assert (seen.value, seen.status, seen.raw) == (None, status, text)


def test_a_header_gives_the_unit() -> None:
    seen = bound_to_observation(
        cell("251000元", "fee_amount", "万元", "本年收费金额（单位：万元）"), "fy2021"
    )
    assert (seen.value, seen.unit, seen.raw) == (25.1, "万元", "251000元")


def test_where_a_cell_stood_and_how_it_was_bound_is_kept() -> None:
    table = BoundTable("active_disclosure", "fy2019", (cell("5"), cell("")), (), ())
    first, second = tables_to_observations([table])
    assert (first.template, first.page, first.box, first.reader, first.match) == (
        "fy2019",
        2,
        Box(1, 2, 3, 4),
        "pypdfium2",
        "exact",
    )
    assert (first.row_label, first.column_label, first.confirmed_by) == ("行政许可", "处理决定数量", "")
    assert second.status == "blank"


@pytest.mark.parametrize(
    ("text", "label", "status", "value"),
    [
        ("2.58", "采购总金额", "suspect", 2.58),
        ("2.58", "采购总金额（万元）", "ok", 25800),
        ("2.58万元", "采购总金额", "ok", 25800),
        ("251000", "采购总金额", "ok", 251000),
        ("0", "采购总金额", "ok", 0),
    ],
)
def test_a_small_amount_without_any_unit_is_suspect(text: str, label: str, status: str, value: float) -> None:
    seen = bound_to_observation(cell(text, "procurement_amount", "元", label), "fy2019")
    assert (seen.status, seen.value) == (status, value)


@pytest.mark.parametrize(
    ("beside", "status"),
    [
        ([], "suspect"),
        (["12", "0"], "suspect"),
        (["-3"], "suspect"),
        (["▼3"], "suspect"),
        (["+3", "减2"], "suspect"),
        (["+3"], "ok"),
        (["增3", "持平"], "ok"),
        (["△3"], "ok"),
        (["(3)", "▼3"], "ok"),
        (["（3）"], "ok"),
    ],
)
def test_a_sign_that_points_either_way_is_believed_by_what_stands_beside_it(
    beside: list[str], status: str
) -> None:
    """Accounts mark a decrease by ▲, reports on growth an increase."""
    cells = [cell(text, "change", "项") for text in ["▲12", *beside]]
    first, *others = tables_to_observations([BoundTable("active_disclosure", "fy2019", tuple(cells), (), ())])
    assert (first.value, first.status, bool(first.doubt)) == (-12, status, status == "suspect")
    assert {seen.status for seen in others} <= {"ok"}
