"""Damage a table as pages and readers do: a number is bound to its own cell or left over, never elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.bind import raw_to_bound
from pipeline.records import SPANNING
from tests.extract.bind.by_hand import ABOVE, LEFT, bound, drawn, over, table_three, values

Rows = list[list[str]]

FIRST = 3
"""The rows above are the header."""


def lose_a_label(rows: Rows, data: st.DataObject) -> None:
    rows[data.draw(st.integers(FIRST, len(rows) - 1))][0] = ""


def misprint_a_label(rows: Rows, data: st.DataObject) -> None:
    row = data.draw(st.integers(FIRST, len(rows) - 1))
    label = rows[row][0]
    at = data.draw(st.integers(0, max(0, len(label) - 1)))
    rows[row][0] = label[:at] + data.draw(st.sampled_from(["", "的", "政", "件"])) + label[at + 1 :]


def lose_a_row(rows: Rows, data: st.DataObject) -> None:
    if len(rows) > FIRST + 2:
        del rows[data.draw(st.integers(FIRST, len(rows) - 1))]


def lose_a_ruling_between_columns(rows: Rows, data: st.DataObject) -> None:
    row = data.draw(st.integers(FIRST, len(rows) - 1))
    col = data.draw(st.integers(1, 6))
    if LEFT not in rows[row][col : col + 2]:
        rows[row][col] = f"{rows[row][col]} {rows[row][col + 1]}".strip()
        rows[row][col + 1] = LEFT


def lose_a_ruling_between_rows(rows: Rows, data: st.DataObject) -> None:
    """Of two rows with labels: if one had none, nobody could see that there were two."""
    row = data.draw(st.integers(FIRST, len(rows) - 2))
    if LEFT not in rows[row] + rows[row + 1] and rows[row][0] and rows[row + 1][0]:
        rows[row] = ["\n".join(pair).strip() for pair in zip(rows[row], rows[row + 1], strict=True)]
        del rows[row + 1]


def lose_a_number(rows: Rows, data: st.DataObject) -> None:
    row, col = data.draw(st.integers(FIRST, len(rows) - 1)), data.draw(st.integers(1, 7))
    if rows[row][col] != LEFT:
        rows[row][col] = ""


def lose_a_header_label(rows: Rows, data: st.DataObject) -> None:
    row, col = data.draw(st.sampled_from([(1, 1), (1, 7), *((2, col) for col in range(2, 7))]))
    rows[row][col] = ""


def misprint_a_header_label(rows: Rows, data: st.DataObject) -> None:
    row, col = data.draw(st.sampled_from([(1, 1), (1, 7), *((2, col) for col in range(2, 7))]))
    rows[row][col] = rows[row][col][:-1] + data.draw(st.sampled_from(["", "数", "人"]))


def swap_rows(rows: Rows, data: st.DataObject) -> None:
    one, other = data.draw(st.integers(FIRST, len(rows) - 1)), data.draw(st.integers(FIRST, len(rows) - 1))
    rows[one], rows[other] = rows[other], rows[one]


DAMAGES: tuple[Callable[[Rows, st.DataObject], None], ...] = (
    lose_a_label, misprint_a_label, lose_a_row, lose_a_ruling_between_columns, lose_a_ruling_between_rows,
    lose_a_number, swap_rows, lose_a_header_label, misprint_a_header_label,
)  # fmt: skip


def truth_of(form: str) -> dict[str, str]:
    """Each number of the undamaged table, which no other cell holds, and its cell."""
    return {text: key for key, text in values(bound(drawn(table_three(form)))).items()}


TRUTH = {form: truth_of(form) for form in ("fy2019", "fy2021")}


def wrongly_bound(form: str, *pages: Rows) -> list[str]:
    """Numbers that stand in another cell than their own.

    One that is printed over several cells is in each, and unreadable there.
    """
    tables, _ = raw_to_bound([drawn(rows, page=n) for n, rows in enumerate(pages, start=1)])
    return [
        f"{cell.text} bound to {key}, belongs to {TRUTH[form][cell.text]}"
        for table in tables
        for cell in table.cells
        if (key := f"{cell.item}.{cell.column}") != TRUTH[form].get(cell.text, key) and cell.match != SPANNING
    ]


@settings(max_examples=250, derandomize=True)
@given(st.sampled_from(["fy2019", "fy2021"]), st.lists(st.sampled_from(DAMAGES), max_size=3), st.data())
def test_a_number_is_bound_to_its_own_cell_or_to_none(
    form: str, damages: list[Callable[[Rows, st.DataObject], None]], data: st.DataObject
) -> None:
    rows = table_three(form)
    for damage in damages:
        damage(rows, data)
    assert wrongly_bound(form, rows) == []


@settings(max_examples=150, derandomize=True)
@given(
    st.sampled_from(["fy2019", "fy2021"]),
    st.lists(st.sampled_from(DAMAGES[:7]), max_size=2),
    st.booleans(),
    st.data(),
)
def test_nor_where_a_page_ends_in_between(
    form: str, damages: list[Callable[[Rows, st.DataObject], None]], again: bool, data: st.DataObject
) -> None:
    rows = table_three(form)
    for damage in damages:
        damage(rows, data)
    at = data.draw(st.integers(FIRST + 1, len(rows) - 1))
    lower = [*table_three(form)[:FIRST], *rows[at:]] if again else rows[at:]
    assert wrongly_bound(form, rows[:at], lower) == []


@settings(max_examples=100, derandomize=True)
@given(st.sampled_from(["fy2019", "fy2021"]), st.lists(st.sampled_from(DAMAGES), max_size=3), st.data())
def test_no_number_disappears(
    form: str, damages: list[Callable[[Rows, st.DataObject], None]], data: st.DataObject
) -> None:
    """What is printed is bound or left over, whatever happened to the table."""
    rows = table_three(form)
    for damage in damages:
        damage(rows, data)
    tables, leftovers = raw_to_bound([drawn(rows)])
    kept = set(over(leftovers))
    for table in tables:
        kept |= set(values(table).values()) | set(over(table.leftovers))
    printed = {text for row in rows[FIRST:] for text in row[1:] if text not in ("", LEFT, ABOVE)}
    assert printed <= kept


@pytest.mark.parametrize("form", ["fy2019", "fy2021"])
def test_the_truth_names_every_number_once(form: str) -> None:
    printed = [text for row in table_three(form)[FIRST:] for text in row[1:]]
    assert sorted(TRUTH[form]) == sorted(printed)
