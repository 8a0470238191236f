"""Which readers are asked for what, and what becomes of a report when one of them throws."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import pipeline.extract.opened_pdf
from pipeline.extract.cross_check import DRAWN_PAGE
from pipeline.extract.fallback import rows_in_doubt
from pipeline.extract.opened_pdf import EngineOptions
from pipeline.extract.read import FALLBACK_STEPS, Step, read
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.table_reading import TableReading
from pipeline.forms import CellKey
from pipeline.records import RawDocument
from tests.extract.checked_by_hand import observation, reading
from tests.extract.measured import FORMS, cells_of, inexact, read_bytes, silent_errors
from tests.extract.read.backends.test_backends import with_maps
from tools.generator import Spec, Style, generate
from tools.generator.collection import COLLECTION
from tools.generator.merged import Merged

WRONG = replace(FORMS["fy2021"], wrong=((("review_litigation", "review", "total"), 0.0),))


@cache
def printed(spec: Spec) -> tuple[bytes, dict[str, Any]]:
    return generate(spec)


Steps = list[tuple[Step, frozenset[int] | None]]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Every step that is taken, with the pages it was asked for."""
    taken: Steps = []

    def recording(step: Step, file: PdfFile, pages: Iterable[int] | None = None, *more: Any) -> RawDocument:
        taken.append((step, None if pages is None else frozenset(pages)))
        return read(step, file, pages, *more)

    monkeypatch.setattr(pipeline.extract.opened_pdf, "read", recording)
    return taken


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes readers throw, as a library does on a file that it cannot digest."""

    def breaks(*readers: str) -> None:
        def throwing(step: Step, *more: Any) -> RawDocument:
            if step.reader in readers:
                raise RuntimeError("unexpected token in content stream")
            return read(step, *more)

        monkeypatch.setattr(pipeline.extract.opened_pdf, "read", throwing)

    return breaks


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows no digit for sure, as where the net does not know the font."""
    monkeypatch.setattr("pipeline.extract.seen_pages.shapes_to_confirmed", lambda shapes: set())


@pytest.mark.parametrize("spec", [s for s in COLLECTION if not s.wrong], ids=lambda s: f"{s.agency}{s.year}")
def test_a_sound_report_needs_no_slow_reader(spec: Spec, steps: Steps) -> None:
    """What cannot be found by pdfplumber's own search is put together from its strokes."""
    read_bytes(printed(spec)[0])
    assert {step.reader for step, _ in steps} == {"pypdfium2"}
    if spec.style.ruling not in ("strokes", "boxes"):
        assert [step for step, _ in steps] == [FALLBACK_STEPS[0]]


def test_what_was_read_is_freed_without_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring of references keeps all pages in memory, and costs a twentieth of the time to find."""
    files: list[weakref.ref[PdfFile]] = []

    def recording(step: Step, file: PdfFile, *more: Any) -> RawDocument:
        files.append(weakref.ref(file))
        return read(step, file, *more)

    monkeypatch.setattr(pipeline.extract.opened_pdf, "read", recording)
    gc.disable()
    try:
        read_bytes(printed(WRONG)[0])
        assert [file() for file in files] == [None] * len(files)
    finally:
        gc.enable()
    assert files


@pytest.mark.parametrize("spec", [WRONG, replace(FORMS["fy2019"], style=Style(ruling="strokes"))])
def test_the_same_file_gives_the_same_report(spec: Spec) -> None:
    once, twice = (replace(read_bytes(printed(spec)[0]), seconds=0.0) for _ in range(2))
    assert once == twice


def test_a_failed_sum_that_the_page_shows_needs_no_other_reader(steps: Steps) -> None:
    report = read_bytes(printed(WRONG)[0])
    assert [step for step, _ in steps] == [FALLBACK_STEPS[0]]
    assert [check.attribution for check in report.checks if check.verdict == "fail"] == ["publisher"]
    confirmed = {(seen.table, seen.item) for seen in report.observations if seen.confirmed_by == DRAWN_PAGE}
    assert confirmed == {("review_litigation", "review")}
    assert report.readers == (FALLBACK_STEPS[0].reader,)


@pytest.mark.usefixtures("blind")
def test_only_the_pages_of_a_failed_sum_are_read_again(steps: Steps) -> None:
    report = read_bytes(printed(WRONG)[0])
    pages = {seen.page for seen in report.observations if seen.table == "review_litigation"}
    (first, second) = steps
    assert first == (FALLBACK_STEPS[0], None)
    assert second[0].reader == "pdfplumber"
    assert second[1] is not None and pages <= second[1]
    assert cells_of(report)["review_litigation", "review", "total"].confirmed_by == "pdfplumber"


@pytest.mark.usefixtures("blind")
def test_a_page_is_read_once_for_two_tables_on_it(steps: Steps) -> None:
    total = ("applications", "carried_out", "total")
    read_bytes(printed(replace(WRONG, wrong=(*WRONG.wrong, (total, 999.0))))[0])
    assert [step.reader for step, _ in steps] == [FALLBACK_STEPS[0].reader, "pdfplumber"]


MISSPELT = replace(FORMS["fy2019"], style=Style(spelling="missing_characters"))


def test_a_label_that_is_near_to_one_can_be_no_other_in_a_whole_table(steps: Steps) -> None:
    """处理决定量 is not exactly the label of the form, and no sum covers its column."""
    report = read_bytes(printed(MISSPELT)[0])
    assert {seen.match for seen in report.observations if seen.confirmed_by == DRAWN_PAGE} == {"near"}
    assert [step for step, _ in steps] == [FALLBACK_STEPS[0]]


def test_the_page_says_nothing_of_whose_number_it_is(steps: Steps) -> None:
    """Where the form has more than is printed, a label that is near to one may be another's."""
    wrong = ((("applications", "granted", "business"), 999.0),)
    read_bytes(printed(replace(MISSPELT, totals="no_column", wrong=wrong))[0])
    assert {step.reader for step, _ in steps} == {FALLBACK_STEPS[0].reader, "pdfplumber"}


def test_a_number_over_several_columns_is_asked_of_no_other_reader(steps: Steps) -> None:
    """No reader may part what the page prints over them."""
    over = Merged("applications", (("new_received", "business"), ("new_received", "research")), "6")
    report = read_bytes(printed(replace(FORMS["fy2021"], unruly=(over,)))[0])
    assert [step for step, _ in steps] == [FALLBACK_STEPS[0]]
    unreadable = {cell[1:] for cell, seen in cells_of(report).items() if seen.status == "unreadable"}
    assert unreadable == {*over.keys}


def test_a_digit_of_another_shape_is_not_confirmed_by_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The font calls a 4 a 9: readers agree on it, and the page does not."""
    monkeypatch.setattr("pipeline.extract.seen_pages.shapes_to_renamed", lambda shapes: {})
    pdf, truth = printed(WRONG)
    swapped = with_maps(pdf, lambda cmap: cmap.replace(b"<0034>", b"<0039>"))
    report = read_bytes(swapped, confirm=frozenset({"applications"}))
    with_four = {tuple(row[:3]) for row in truth["cells"] if row[3] is not None and "4" in f"{row[3]:g}"}
    cells = cells_of(report)
    confirmed = {cell for cell, seen in cells.items() if seen.confirmed_by == DRAWN_PAGE}
    assert {cell for cell in with_four if cell[0] == "applications"}
    assert not with_four & confirmed


def test_without_rulings_places_are_counted_and_digits_seen(steps: Steps) -> None:
    report = read_bytes(printed(replace(WRONG, style=Style(ruling="none")))[0])
    assert {step.reader for step, _ in steps} == {FALLBACK_STEPS[0].reader}
    assert "counted" in {step.way for step, _ in steps}
    assert [check.attribution for check in report.checks if check.verdict == "fail"] == ["publisher"]


def test_where_counting_sees_other_places_the_page_is_not_heard(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_two_swapped(one: TableReading, other: TableReading, keys: Collection[CellKey]) -> set[CellKey]:
        return {("review", "total"), ("review", "pending")} & set(keys)

    monkeypatch.setattr("pipeline.extract.fallback.differences", with_two_swapped)
    report = read_bytes(printed(replace(WRONG, style=Style(ruling="none")))[0])
    assert "pdfplumber" in {step.reader for step, _ in steps}
    seen = cells_of(report)["review_litigation", "review", "total"]
    assert seen.confirmed_by == "pdfplumber"


def test_what_is_to_be_confirmed_is_held_against_the_page() -> None:
    report = read_bytes(printed(FORMS["fy2021"])[0], confirm=frozenset({"active_disclosure"}))
    confirmed = {(seen.table, seen.confirmed_by) for seen in report.observations}
    assert confirmed == {
        ("active_disclosure", DRAWN_PAGE), ("applications", ""), ("review_litigation", ""),
    }  # fmt: skip
    assert len(report.steps) == 1


@pytest.mark.usefixtures("blind")
def test_what_the_page_does_not_confirm_is_read_twice() -> None:
    report = read_bytes(printed(FORMS["fy2021"])[0], confirm=frozenset({"active_disclosure"}))
    confirmed = {(seen.table, seen.confirmed_by) for seen in report.observations}
    assert confirmed == {
        ("active_disclosure", "pdfplumber"), ("applications", ""), ("review_litigation", ""),
    }  # fmt: skip
    assert report.readers == (FALLBACK_STEPS[0].reader, "pdfplumber")
    assert report.steps == (" ".join(FALLBACK_STEPS[0]), "pdfplumber ruled")


@pytest.mark.usefixtures("blind")
def test_when_the_second_reader_throws_the_third_is_asked(broken: Callable[..., None]) -> None:
    broken("pdfplumber")
    report = read_bytes(printed(WRONG)[0])
    assert inexact(report, printed(WRONG)[1]) == []
    assert [check.attribution for check in report.checks if check.verdict == "fail"] == ["publisher"]
    assert cells_of(report)["review_litigation", "review", "total"].confirmed_by == "camelot"


@pytest.mark.usefixtures("blind")
def test_when_nobody_can_confirm_the_cells_are_suspect(broken: Callable[..., None]) -> None:
    broken("pdfplumber", "camelot")
    report = read_bytes(printed(WRONG)[0])
    suspect = {cell for cell, seen in cells_of(report).items() if seen.status == "suspect"}
    assert {cell[:2] for cell in suspect} == {("review_litigation", "review")}
    assert len(suspect) == 5
    assert [check.attribution for check in report.checks if check.verdict == "fail"] == ["reading"]
    assert cells_of(report)["review_litigation", "review", "total"].value == 0
    assert report.status == "flagged"


def test_when_the_first_reader_throws_the_second_reads_the_report(broken: Callable[..., None]) -> None:
    broken("pypdfium2")
    report = read_bytes(printed(FORMS["fy2021"])[0])
    assert inexact(report, printed(FORMS["fy2021"])[1]) == []
    assert report.readers == ("pdfplumber",)
    assert report.status == "ok"


def test_when_every_reader_throws_the_report_says_so(broken: Callable[..., None]) -> None:
    broken("pypdfium2", "pdfplumber", "camelot")
    report = read_bytes(printed(FORMS["fy2021"])[0])
    assert report.status == "failed"
    assert "unexpected token" in report.error
    assert report.observations == ()


def test_a_report_without_a_table_that_its_form_has_is_partial() -> None:
    spec = replace(FORMS["fy2021"], review=False)
    report = read_bytes(printed(spec)[0])
    assert report.status == "partial"
    assert report.missing == ("review_litigation",)
    assert silent_errors(report, printed(spec)[1]) == []


@pytest.mark.parametrize("drawn", [True, False])
def test_a_digit_that_the_font_does_not_name_is_read_by_its_shape(
    drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both readers see a mark in place of 4. Where no page is looked at, it is unreadable, none accused."""
    if not drawn:
        monkeypatch.setattr("pipeline.extract.seen_pages.shapes_to_renamed", lambda shapes: {})
    pdf, truth = printed(FORMS["fy2021"])
    no_pictures = EngineOptions(without=frozenset({"ocr"}))
    unnamed = with_maps(pdf, lambda cmap: cmap.replace(b"<0034>", b"<0000>"))
    report = read_bytes(unnamed, engines=no_pictures)
    with_four = {tuple(row[:3]) for row in truth["cells"] if row[3] is not None and "4" in f"{row[3]:g}"}
    unreadable = {cell for cell, seen in cells_of(report).items() if seen.status == "unreadable"}
    assert unreadable == (set() if drawn else with_four)
    assert not drawn or inexact(report, truth) == []
    assert all(seen.value is None for seen in report.observations if seen.status == "unreadable")
    assert silent_errors(report, truth) == []
    assert not [check for check in report.checks if check.verdict == "fail"]


def test_a_table_without_rulings_is_never_read_by_one_reader_alone() -> None:
    spec = replace(FORMS["fy2019"], style=Style(ruling="none"))
    report = read_bytes(printed(spec)[0])
    trusted = [seen for seen in report.observations if seen.status == "ok" and not seen.confirmed_by]
    covered = {(check.table, *cell) for check in report.checks for cell in check.cells}
    assert {(seen.table, seen.item, seen.column) for seen in trusted} <= covered


def application_rows(*labels: tuple[str, str], number: float | str = "blank") -> TableReading:
    """Rows of table 三 without rulings: their keys and what is printed before them."""
    return reading([
        observation(item, "total", number, "applications", "fy2019")._replace(row_label=label)
        for item, label in labels
    ])  # fmt: skip


BLANK = ("declined.repeated", "2.重复申请")
TORN = ("declined.reconfirmation", "5.要求行政机关确认或重新出具已获")
HEADING = ("other", "（六）其他处理")


def without_rulings(seen: TableReading, **more: Any) -> TableReading:
    return replace(seen, bound=replace(seen.bound, inferred=True, **more))


def test_without_rulings_a_blank_row_with_a_torn_label_is_in_doubt() -> None:
    blank = application_rows(BLANK, TORN, HEADING)
    assert rows_in_doubt(without_rulings(blank)) == {TORN[0]}
    assert rows_in_doubt(without_rulings(application_rows(TORN, number=3))) == frozenset()
    assert rows_in_doubt(blank) == frozenset()


def test_where_a_part_is_missing_so_is_every_blank_row_and_what_may_be_a_heading() -> None:
    lost = (("carried_out", "total"),)
    blank = without_rulings(application_rows(BLANK, HEADING), missing=lost)
    assert rows_in_doubt(blank) == {BLANK[0], HEADING[0]}
    filled = without_rulings(application_rows(BLANK, TORN, HEADING, number=3), missing=lost)
    assert rows_in_doubt(filled) == {TORN[0], HEADING[0]}


def test_a_heading_is_a_row_where_rows_stand_above_and_below_it_on_its_page() -> None:
    rows = application_rows(BLANK, HEADING, ("carried_out", "四、结转下年度继续办理"), number=3)
    lost = (("handled_total", "total"),)
    placed = [
        seen._replace(box=seen.box._replace(top=20.0 * at, bottom=20.0 * at + 15))
        for at, seen in enumerate(rows.observations)
    ]
    inside = without_rulings(replace(rows, observations=tuple(placed)), missing=lost)
    assert rows_in_doubt(inside) == frozenset()
    last = [*placed[:2], placed[2]._replace(page=placed[2].page + 1)]
    at_the_end = without_rulings(replace(rows, observations=tuple(last)), missing=lost)
    assert rows_in_doubt(at_the_end) == {HEADING[0]}


def test_a_column_that_the_bureau_leaves_out_casts_no_doubt_on_rows() -> None:
    filled = application_rows(HEADING, number=3)
    without_total = without_rulings(filled, missing=((HEADING[0], "another"),))
    assert rows_in_doubt(without_total) == frozenset()


def test_blank_rows_are_in_doubt_where_numbers_were_left_over() -> None:
    blank = application_rows(BLANK, HEADING)
    left = reading(blank.observations, leftovers=["7"])
    assert rows_in_doubt(left) == {BLANK[0], HEADING[0]}
