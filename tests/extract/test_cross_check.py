"""A reading held against independent ones: confirmed, replaced, or suspect; and whose error it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from pipeline.extract.cross_check import DRAWN_PAGE, doubt_rows, doubtful_cells, resolve_doubts
from pipeline.extract.table_reading import TableReading
from pipeline.records import SPANNING, Box, Leftover, Observation
from tests.extract.checked_by_hand import OUTCOMES, changed, group, observation, reading

SOUND = [
    *group("review", 1, 2, 3, 4, 10),
    *group("litigation_direct", 0, 0, 0, 0, 0),
    *group("litigation_after_review", 5, 0, 0, 0, 5),
]
REVIEW = {("review", column) for column in OUTCOMES}
OFF = changed(SOUND, {("review", "total"): 0})
"""The total of 行政复议 is printed, or read, as 0 under 1, 2, 3 and 4."""


def resolved(first: TableReading, *others: TableReading, clean: bool = True) -> TableReading:
    return resolve_doubts(first, doubtful_cells(first, clean), clean, others)


def statuses(resolved_reading: TableReading) -> dict[tuple[str, str], str]:
    return {key: seen.status for key, seen in resolved_reading.cells.items()}


def suspects(resolved_reading: TableReading) -> set[tuple[str, str]]:
    return {key for key, status in statuses(resolved_reading).items() if status == "suspect"}


def attributions(resolved_reading: TableReading) -> dict[str, str | None]:
    return {check.scope: check.attribution for check in resolved_reading.failed}


# ----------------------------------------------------------------- what is in doubt


def test_a_sound_reading_leaves_nothing_in_doubt() -> None:
    assert doubtful_cells(reading(SOUND), clean=True) == frozenset()


def test_the_cells_of_a_failed_sum_are_in_doubt() -> None:
    assert doubtful_cells(reading(OFF), clean=True) == REVIEW


def test_an_unreadable_cell_is_in_doubt() -> None:
    torn = changed(SOUND, {("review", "other"): "unreadable"})
    assert ("review", "other") in doubtful_cells(reading(torn), clean=True)


ACTIVE = [
    observation("regulations", "made", 4, "active_disclosure"),
    observation("administrative_penalty", "decisions", 419, "active_disclosure"),
]
NEAR = [ACTIVE[0], ACTIVE[1]._replace(match="near")]


def test_a_number_that_no_sum_covers_is_sure_by_exact_labels_in_a_clean_table() -> None:
    assert doubtful_cells(reading(ACTIVE), clean=True) == frozenset()


@pytest.mark.parametrize("match", ["near", "order"])
def test_without_an_exact_label_it_is_in_doubt(match: str) -> None:
    seen = [ACTIVE[0], ACTIVE[1]._replace(match=match)]
    assert doubtful_cells(reading(seen), clean=True) == {("administrative_penalty", "decisions")}


def test_in_a_table_with_a_number_left_over_all_of_them_are() -> None:
    assert doubtful_cells(reading(ACTIVE, leftovers=["77"]), clean=False) == {
        ("regulations", "made"), ("administrative_penalty", "decisions"),
    }  # fmt: skip


def test_a_near_label_is_no_doubt_where_a_sum_covers_it() -> None:
    near = [seen._replace(match="near") for seen in SOUND]
    assert doubtful_cells(reading(near), clean=True) == frozenset()


# ---------------------------------------------------------- nothing to be confirmed


def test_no_other_reader_is_asked_where_nothing_is_in_doubt() -> None:
    def others() -> Iterator[TableReading]:
        raise AssertionError("a slow reader was asked for nothing")
        yield

    first = reading(SOUND)
    assert resolve_doubts(first, frozenset(), True, others()) is first


def test_no_third_reader_is_asked_where_the_second_agrees() -> None:
    def others() -> Iterator[TableReading]:
        yield reading(OFF, "pdfplumber")
        raise AssertionError("a third reader was asked although two agree")

    first = reading(OFF)
    assert attributions(resolve_doubts(first, doubtful_cells(first, True), True, others())) == {
        "review": "publisher"
    }


# ------------------------------------------------------------- two readers agree


def test_where_both_see_the_same_digits_the_publisher_is_wrong() -> None:
    result = resolved(reading(OFF), reading(OFF, "pdfplumber"))
    assert attributions(result) == {"review": "publisher"}
    assert set(statuses(result).values()) == {"ok"}
    assert result.cells["review", "total"].value == 0
    assert {seen.confirmed_by for seen in result.observations} == {"pdfplumber"}
    assert {seen.reader for seen in result.observations} == {"pypdfium2"}


def test_a_number_left_over_in_another_row_takes_nothing_from_a_full_row() -> None:
    """其中：通过网络渠道 is a row of the bureau's own; the form's rows above it stand as they are."""
    for box, whose in [(Box(0, 40, 400, 60), "publisher"), (Box(0, 10, 400, 30), "reading")]:
        first = _with_leftover(reading(_side_by_side(OFF)), box)
        result = resolved(first, _with_leftover(reading(OFF, "pdfplumber"), box), clean=False)
        assert attributions(result) == {"review": whose}
        assert suspects(result) == (REVIEW if whose == "reading" else set())


def test_a_number_left_over_may_be_that_of_a_blank_cell_of_its_row() -> None:
    blank = changed(_side_by_side(OFF), {("review", "upheld"): "blank"})
    first = _with_leftover(reading(blank), Box(0, 40, 400, 60))
    result = resolved(first, reading(blank, "pdfplumber"), clean=False)
    assert attributions(result) == {"review": "reading"}


def _side_by_side(observations: Sequence[Observation]) -> list[Observation]:
    """The cells in one row, 20 points high."""
    return [seen._replace(box=Box(20.0 * at, 10, 20.0 * at + 20, 30)) for at, seen in enumerate(observations)]


def _with_leftover(one: TableReading, box: Box) -> TableReading:
    left = Leftover("review_litigation", 1, "7", box, "a row of the bureau's own")
    return replace(one, bound=replace(one.bound, leftovers=(left,)))


def test_a_passed_check_is_nobodys_error() -> None:
    result = resolved(reading(OFF), reading(OFF, "pdfplumber"))
    assert {check.attribution for check in result.checks if check.verdict == "pass"} == {None}


def test_cells_without_a_sum_are_confirmed() -> None:
    result = resolved(reading(NEAR), reading(NEAR, "pdfplumber"))
    assert suspects(result) == set()
    assert result.cells["administrative_penalty", "decisions"].confirmed_by == "pdfplumber"


def test_blank_against_blank_agrees() -> None:
    blank = changed(OFF, {("review", "upheld"): "blank"})
    assert attributions(resolved(reading(blank), reading(blank, "pdfplumber"))) == {"review": "publisher"}


def test_blank_against_zero_does_not() -> None:
    """0 and nothing are not the same: one of the readers missed something."""
    zero = changed(OFF, {("review", "upheld"): 0})
    blank = changed(OFF, {("review", "upheld"): "blank"})
    result = resolved(reading(zero), reading(blank, "pdfplumber"))
    assert suspects(result) == {("review", "upheld")}
    assert attributions(result) == {"review": "reading"}


# ---------------------------------------------------------- two readers differ


def test_the_reading_that_passes_everything_is_taken() -> None:
    result = resolved(reading(OFF), reading(SOUND, "pdfplumber"))
    assert result.cells["review", "total"].value == 10
    assert result.failed == []
    assert suspects(result) == set()
    assert {seen.reader for seen in result.observations} == {"pdfplumber"}


def test_who_confirms_the_reading_that_was_taken() -> None:
    result = resolved(reading(OFF), reading(SOUND, "pdfplumber"))
    assert result.cells["review", "total"].confirmed_by == ""
    assert result.cells["review", "upheld"].confirmed_by == "pypdfium2"


def test_a_reading_with_other_wrong_sums_is_not_taken() -> None:
    other = changed(SOUND, {("review", "total"): 11})
    result = resolved(reading(OFF), reading(other, "pdfplumber"))
    assert result.cells["review", "total"].value == 0
    assert suspects(result) == {("review", "total")}
    assert attributions(result) == {"review": "reading"}


def test_only_what_differs_is_suspect() -> None:
    """The sum stays wrong; the four parts were read alike and stay ok."""
    other = changed(SOUND, {("review", "total"): 11})
    result = resolved(reading(OFF), reading(other, "pdfplumber"))
    for column in ("upheld", "corrected", "other", "pending"):
        assert result.cells["review", column].status == "ok"
        assert result.cells["review", column].confirmed_by == "pdfplumber"


def test_a_third_reader_may_resolve_it() -> None:
    second = changed(SOUND, {("review", "total"): 11})
    result = resolved(reading(OFF), reading(second, "pdfplumber"), reading(OFF, "camelot"))
    assert attributions(result) == {"review": "publisher"}
    assert suspects(result) == set()
    assert result.cells["review", "total"].confirmed_by == "camelot"


def test_one_of_two_wrong_sums_can_be_the_publishers() -> None:
    """Both readers see the 3 under 5 and 0; they differ on 行政复议."""
    both_off = changed(OFF, {("litigation_after_review", "total"): 3})
    other = changed(both_off, {("review", "total"): 11})
    result = resolved(reading(both_off), reading(other, "pdfplumber"))
    assert attributions(result) == {"review": "reading", "litigation_after_review": "publisher"}
    assert suspects(result) == {("review", "total")}


def test_a_difference_where_no_sum_covers_is_suspect() -> None:
    other = changed(NEAR, {("administrative_penalty", "decisions"): 479})
    result = resolved(reading(NEAR), reading(other, "pdfplumber"))
    seen = result.cells["administrative_penalty", "decisions"]
    assert (seen.value, seen.status) == (419, "suspect")
    assert result.cells["regulations", "made"].status == "ok"


def test_what_a_better_reading_read_otherwise_without_a_sum_is_suspect() -> None:
    """The other reading is complete, but its 479 has nothing that speaks for it."""
    other = [ACTIVE[0], ACTIVE[1]._replace(value=479.0, raw="479")]
    result = resolved(reading(NEAR, missing=[("regulations", "repealed")]), reading(other, "pdfplumber"))
    assert result.cells["administrative_penalty", "decisions"].status == "suspect"


def test_a_number_that_a_better_reading_lost_is_suspect() -> None:
    """The first reader saw 419, the more complete one a blank: nothing says which is right."""
    other = [ACTIVE[0], ACTIVE[1]._replace(value=None, raw="", status="blank")]
    result = resolved(reading(NEAR, missing=[("regulations", "repealed")]), reading(other, "pdfplumber"))
    assert result.cells["administrative_penalty", "decisions"].status == "suspect"


# ------------------------------------------------------------- nobody else can say


def test_without_a_second_reader_the_cells_are_suspect() -> None:
    result = resolved(reading(OFF))
    assert suspects(result) == REVIEW
    assert attributions(result) == {"review": "reading"}
    assert result.cells["review", "total"].value == 0  # a check changes no value


def test_a_reader_that_misses_cells_in_doubt_confirms_the_others() -> None:
    half = [seen for seen in OFF if seen.column != "total"]
    result = resolved(reading(OFF), reading(half, "pdfplumber"))
    assert suspects(result) == {("review", "total")}
    assert attributions(result) == {"review": "reading"}
    assert {seen.confirmed_by for seen in result.observations if seen.column == "total"} == {""}


def test_what_the_page_leaves_open_another_reader_confirms() -> None:
    """The page shows the four parts; the net does not know the shape of the total."""
    shown = reading([seen for seen in OFF if seen.column != "total"], DRAWN_PAGE)
    result = resolved(reading(OFF), shown, reading(OFF, "pdfplumber"))
    assert attributions(result) == {"review": "publisher"}
    alone = resolved(reading(OFF), shown)
    assert suspects(alone) == {("review", "total")}
    assert alone.cells["review", "upheld"].confirmed_by == DRAWN_PAGE


def test_a_reader_that_was_asked_counts_more_than_the_page() -> None:
    """It puts the 1 of 结果维持 elsewhere, and the page says nothing of whose number it is."""
    shown = reading([seen for seen in OFF if seen.column != "total"], DRAWN_PAGE)
    other = reading(changed(OFF, {("review", "upheld"): "blank"}), "pdfplumber")
    result = resolved(reading(OFF), shown, other)
    assert suspects(result) == {("review", "upheld")}
    assert attributions(result) == {"review": "reading"}


def test_an_unreadable_cell_of_the_other_reader_confirms_nothing() -> None:
    torn = changed(OFF, {("review", "total"): "unreadable"})
    result = resolved(reading(OFF), reading(torn, "pdfplumber"))
    assert suspects(result) == {("review", "total")}
    assert attributions(result) == {"review": "reading"}


def test_two_readers_that_each_see_a_part_confirm_a_table_together() -> None:
    totals = [seen for seen in OFF if seen.column == "total"]
    parts = [seen for seen in OFF if seen.column != "total"]
    result = resolved(reading(OFF), reading(totals, "pdfplumber"), reading(parts, "camelot"))
    assert not suspects(result)
    assert attributions(result) == {"review": "publisher"}
    assert {seen.confirmed_by for seen in result.observations} == {"pdfplumber", "camelot"}


def test_an_uncovered_number_without_a_second_reader_is_suspect() -> None:
    result = resolved(reading(NEAR))
    assert suspects(result) == {("administrative_penalty", "decisions")}


# --------------------------------------------------------- tables that left something over


def test_no_error_is_laid_to_the_publisher_where_a_number_was_left_over() -> None:
    """The number left over may be the one that the sum lacks."""
    first, second = reading(OFF, leftovers=["10"]), reading(OFF, "pdfplumber", leftovers=["10"])
    result = resolved(first, second, clean=False)
    assert attributions(result) == {"review": "reading"}
    assert suspects(result) >= REVIEW


def test_a_sound_table_that_left_a_number_over_is_confirmed() -> None:
    first, second = reading(NEAR, leftovers=["88"]), reading(NEAR, "pdfplumber", leftovers=["88"])
    assert suspects(resolved(first, second, clean=False)) == set()


# ------------------------------------------------------------------------ unreadable


def test_an_unreadable_cell_is_filled_by_a_reading_that_passes_everything() -> None:
    torn = changed(SOUND, {("review", "other"): "unreadable"})
    result = resolved(reading(torn), reading(SOUND, "pdfplumber"))
    seen = result.cells["review", "other"]
    assert (seen.value, seen.status, seen.reader) == (3, "ok", "pdfplumber")


def test_ink_without_a_name_is_not_blank_because_a_sum_of_blanks_passes() -> None:
    """What is drawn may be the number of a row that the other reader sees as blank."""
    cell = ("litigation_direct", "upheld")
    inked, blank = (
        [
            seen._replace(value=None, raw="", status=status) if (seen.item, seen.column) == cell else seen
            for seen in SOUND
        ]
        for status in ("unreadable", "blank")
    )
    assert suspects(resolved(reading(inked), reading(blank, "pdfplumber"))) == {cell}


def test_unreadable_for_both_stays_unreadable() -> None:
    torn = changed(SOUND, {("review", "other"): "unreadable"})
    result = resolved(reading(torn), reading(torn, "pdfplumber"))
    assert result.cells["review", "other"].status == "unreadable"
    assert result.cells["review", "other"].value is None
    assert suspects(result) == set()


# ------------------------------------------------------------------- which is better


def ranked(*readings: TableReading) -> list[str]:
    return [r.reader for r in sorted(readings, key=TableReading.rank, reverse=True)]


@pytest.mark.parametrize(
    ("worse", "why"),
    [
        (reading(OFF, "worse"), "a sum fails"),
        (reading(SOUND[:-1], "worse", missing=[("litigation_after_review", "total")]), "a cell is missing"),
        (reading(changed(SOUND, {("review", "other"): "unreadable"}), "worse"), "a cell is unreadable"),
        (reading(SOUND, "worse", leftovers=["12"]), "a number is left over"),
        (reading([seen._replace(match="near") for seen in SOUND], "worse"), "its labels are only near"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_better_reading_ranks_first(worse: TableReading, why: str) -> None:
    assert ranked(worse, reading(SOUND, "better")) == ["better", "worse"], why


def test_complete_comes_before_consistent() -> None:
    lacking: Sequence[Observation] = SOUND[:-1]
    first = reading(lacking, "lacking", missing=[("litigation_after_review", "total")])
    assert ranked(first, reading(OFF, "off")) == ["off", "lacking"]


def test_a_row_is_blank_where_all_of_it_is_and_suspect_as_a_whole() -> None:
    """Its label stood at the foot of one page, its numbers at the head of the next."""
    row = {("litigation_direct", column) for column in OUTCOMES}
    torn = reading(changed(SOUND, dict.fromkeys(row, "blank")))
    assert torn.blank_rows == {"litigation_direct"}
    assert suspects(doubt_rows(torn, dict.fromkeys(torn.blank_rows, "left over"))) == row
    assert reading(changed(SOUND, {("litigation_direct", "total"): "blank"})).blank_rows == frozenset()


def test_a_reading_that_parts_a_cell_which_another_saw_as_one_is_not_better() -> None:
    parted = reading(group("review", 0, 0, 7, 0, 7), "pdfplumber")
    one = reading([seen._replace(match=SPANNING, status="unreadable") for seen in parted.observations])
    assert parted.rank() > one.rank()
    assert not parted.is_better(one)
    assert not one.is_better(parted)
    assert parted.is_better(reading(group("review", 0, 0, 7, 0, 8)))
