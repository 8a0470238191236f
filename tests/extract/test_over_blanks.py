"""Where nothing is drawn, a number beside blanks may be of all of them, if a sum over it is off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.extract.cross_check import OVER_BLANKS, doubt_over_blanks
from pipeline.extract.read.orientation import PageOrientation
from pipeline.extract.table_reading import TableReading
from pipeline.records import Box
from tests.extract.checked_by_hand import OUTCOMES, group, reading

ZEROS = [*group("litigation_direct", 0, 0, 0, 0, 0), *group("litigation_after_review", 0, 0, 0, 0, 0)]
BLANK = "blank"


def unruled(*review: float | str, zeros: bool = True, inferred: bool = True) -> TableReading:
    """A table with these outcomes of reviews in one row, each cell 10 points wide."""
    seen = [*group("review", *review), *(ZEROS if zeros else ())]
    placed = [
        one._replace(box=Box(10.0 * at, 0, 10.0 * at + 9, 9), row_label="") for at, one in enumerate(seen)
    ]
    made = reading(placed)
    checks = tuple(one._replace(attribution="publisher") for one in made.checks)
    return replace(made, bound=replace(made.bound, inferred=inferred), checks=checks)


PAGES = [PageOrientation(600, 840, quarters) for quarters in range(4)]
UPRIGHT = PAGES[:1] * 9


def doubted(reading: TableReading, page: PageOrientation = PAGES[0]) -> list[str]:
    found = doubt_over_blanks(reading, [page] * 9)
    return [key[1] for key, seen in found.cells.items() if seen.status == "suspect"]


def test_a_number_among_blanks_is_in_doubt_with_them_and_its_sum_is_not_laid_to_the_publisher() -> None:
    found = doubt_over_blanks(unruled(BLANK, 12, BLANK, 3, 5), UPRIGHT)
    suspects = {seen.column: seen.doubt for seen in found.observations if seen.status == "suspect"}
    assert suspects == dict.fromkeys(["upheld", "corrected", "other", "pending"], OVER_BLANKS)
    assert [check.attribution for check in found.checks if check.verdict == "fail"] == ["reading"]


@pytest.mark.parametrize(
    "one",
    [
        unruled(BLANK, 12, BLANK, 3, 5, inferred=False),
        unruled(BLANK, 12, BLANK, 3, 15),
        unruled(1, 12, 1, 3, 5),
        unruled(BLANK, 12, BLANK, 3, 5, zeros=False),
    ],
    ids=["rulings are drawn", "the sum holds", "nothing is blank", "zeros are left blank"],
)
def test_nothing_is_in_doubt_where(one: TableReading) -> None:
    assert doubt_over_blanks(one, UPRIGHT) == one


def test_a_blank_total_is_a_sign_though_zeros_are_left_blank() -> None:
    assert doubted(unruled(BLANK, BLANK, 12, BLANK, BLANK, zeros=False)) == [*OUTCOMES]


@pytest.mark.parametrize(
    ("middle", "cells"), [(14.5, []), (20.0, ["upheld", "corrected"])], ids=["below", "between"]
)
def test_a_number_below_others_is_of_more_columns_only_in_the_middle_of_blanks(
    middle: float, cells: list[str]
) -> None:
    """The number of a column may begin, end or have its middle where the others of the column do."""
    one = unruled(BLANK, 12, 1, 3, 5)
    below = [
        seen._replace(box=seen.box._replace(top=20, bottom=29), item="litigation")
        for seen in one.observations
    ]
    placed = [
        seen._replace(box=Box(middle - 4, 0, middle + 4, 9))
        if seen.column == "corrected" and seen.value == 12
        else seen
        for seen in one.observations
    ]
    assert doubted(replace(one, observations=(*placed, *below))) == cells


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.quarters} quarters")
def test_rows_and_columns_are_those_of_the_page_as_turned_for_reading(page: PageOrientation) -> None:
    one = unruled(BLANK, 12, BLANK, 3, 5)
    turned = [seen._replace(box=page.to_displayed(seen.box)) for seen in one.observations]
    assert doubted(replace(one, observations=tuple(turned)), page) == [
        "upheld",
        "corrected",
        "other",
        "pending",
    ]


@pytest.mark.parametrize(
    ("middle", "level", "cells"),
    [(14.5, 4.5, []), (20.0, 4.5, [*OUTCOMES]), (14.5, -0.5, ["corrected"] * 4)],
    ids=["in its cell", "between two columns", "between two rows"],
)
def test_a_number_among_blanks_alone_is_of_the_row_and_the_column_in_the_middle_of_which_it_stands(
    middle: float, level: float, cells: list[str]
) -> None:
    """Three rows of blanks stand above it, each 10 points below the one before."""
    one = unruled(BLANK, 12, BLANK, BLANK, BLANK)
    row, others = one.observations[: len(OUTCOMES)], one.observations[len(OUTCOMES) :]
    box = Box(middle - 4, level - 4, middle + 4, level + 4)
    placed = [seen._replace(box=box) if seen.raw else seen for seen in row]
    above = [
        seen._replace(
            item=f"row {at}", value=None, raw="", status=BLANK,
            box=seen.box._replace(top=-10.0 * at, bottom=-10.0 * at + 9),
        )
        for at in (1, 2, 3)
        for seen in row
    ]  # fmt: skip
    elsewhere = [seen._replace(page=9) for seen in others]
    assert doubted(replace(one, observations=(*placed, *above, *elsewhere))) == cells
