"""A number in a box that a page's end left alone is of the grid before it; other boxes are frames."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.extract.read.grid import PageContent
from pipeline.extract.read.lone_cells import find_lone_cell
from pipeline.extract.read.orientation import PageOrientation
from pipeline.records import SPANNING, Box, RawTable, TextLine
from tests.extract.measured import FORMS, cells_of, read_spec
from tools.generator import Break, Style
from tools.generator.layouts import review_litigation
from tools.generator.merged import Merged

GRID = RawTable(1, "", (), Box(50.0, 700.0, 550.0, 780.0))
BELOW = replace(GRID, page=2, box=Box(50.0, 300.0, 550.0, 400.0))
CELL = Box(50.0, 80.0, 550.0, 110.0)
NUMBER = Box(295.0, 90.0, 305.0, 100.0)


def found(
    text: str = "0",
    at: Box = NUMBER,
    drawn: Box = CELL,
    before: RawTable | None = GRID,
    tables: tuple[RawTable, ...] = (),
) -> Box | None:
    page = PageContent(2, PageOrientation(600.0, 840.0, 0), [], list, lambda: [drawn])
    return find_lone_cell(page, [TextLine(2, text, at)], tables, before)


def test_a_number_in_a_box_as_wide_as_the_grid_before_is_a_cell() -> None:
    assert found() == CELL
    assert found(tables=(BELOW,)) == CELL


@pytest.mark.parametrize(
    "one",
    [
        found("五、存在的主要问题及改进情况"),
        found(at=Box(295.0, 200.0, 305.0, 210.0)),
        found(drawn=CELL._replace(x0=200.0, x1=400.0)),
        found(before=None),
        found(before=replace(GRID, inferred=True)),
        found(before=replace(BELOW, page=2)),
        found(at=Box(295.0, 500.0, 305.0, 510.0), drawn=Box(50.0, 490.0, 550.0, 520.0), tables=(BELOW,)),
    ],
    ids=["a heading", "beside the box", "narrow", "no grid", "no rulings", "on its page", "below a table"],
)
def test_no_cell_is(one: Box | None) -> None:
    assert one is None


@pytest.mark.parametrize("ruling", ["solid", "dashed", "double"])
def test_one_number_over_table_four_behind_the_end_of_a_page_is_in_no_column(ruling: str) -> None:
    merged = Merged("review_litigation", review_litigation().number_keys(), "0")
    spec = replace(FORMS["fy2021"], wording="short", unruly=(merged,))
    style = Style(ruling=ruling, cut="rows", breaks=(Break("review_litigation", 3),))
    report, _ = read_spec(spec, style)
    own = [seen for (table, *_), seen in cells_of(report).items() if table == "review_litigation"]
    assert report.status == "flagged" and not report.missing
    assert {(seen.raw, seen.status, seen.match) for seen in own} == {("0", "unreadable", SPANNING)}
    assert len(own) == 15
