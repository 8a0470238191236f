"""Pages that are pictures are read like any other; what is no text beside text is read from its picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.corpus.shown.scans import with_text_layer
from pipeline.extract.cell_ink import CellInk
from pipeline.extract.cross_check import (
    INK,
    NO_CHARACTER,
    NO_NUMBER,
    UNCUT,
    confirmed_by_ink,
    doubt_inks,
    doubt_uncut,
    say_why,
)
from pipeline.extract.read.glyphs import UNNAMED
from pipeline.extract.read.picture.pictures import UNRULED
from pipeline.records import Box, Observation, Reason, Report
from tests.extract.checked_by_hand import group, observation, reading
from tests.extract.measured import (
    FORMS,
    WITHOUT_PICTURES,
    cells_of,
    inexact,
    read_bytes,
    read_spec,
    silent_errors,
)
from tools.generator import Style, generate
from tools.generator.numbers import Printed
from tools.generator.several import scanned

PRINTED, TRUTH = generate(FORMS["fy2021"])


@pytest.fixture(scope="module")
def scan() -> Report:
    pytest.importorskip("rapidocr")
    return read_bytes(scanned(PRINTED, askew=0.7))


def test_a_scan_is_read_like_a_report_with_text(scan: Report) -> None:
    assert silent_errors(scan, TRUTH) == []
    assert {seen.reader for seen in scan.observations} == {"ocr"}
    assert scan.steps[:2] == ("pypdfium2 ruled", "ocr ruled")
    text = read_bytes(PRINTED)
    assert scan.heading == text.heading
    assert [one.section for one in scan.sections] == [one.section for one in text.sections]
    sure = [seen for seen in scan.observations if seen.status not in ("suspect", "unreadable")]
    assert len(sure) > 0.85 * len(text.observations)
    assert {seen.confirmed_by for seen in sure} == {INK}


def test_boxes_of_a_scan_lie_on_the_page_as_displayed(scan: Report) -> None:
    """The scan is turned by .7 degrees: cells at the far side of the page stand 6 points lower or higher."""
    printed = cells_of(read_bytes(PRINTED))
    moved = 0
    for cell, seen in cells_of(scan).items():
        box, own = printed[cell].box, seen.box
        middle = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
        assert own.x0 - 8 < middle[0] < own.x1 + 8
        assert own.top - 8 < middle[1] < own.bottom + 8
        moved += abs(own.top - box.top) > 2
    assert moved


def test_without_its_reader_a_scan_fails_and_says_why() -> None:
    report = read_bytes(scanned(PRINTED), engines=WITHOUT_PICTURES)
    assert (report.status, report.reason) == ("failed", Reason.NO_TEXT)
    assert "its pages are pictures (a scan): what reads pictures was left out" in report.error


def held_against(inks: list[CellInk], total: float = 10) -> list[Observation]:
    """The cells of a row 1 + 2 + 3 + 4 = total, as read from a picture, with what the ink says of them."""
    seen = group("review", 1, 2, 3, 4, total, reader="ocr")
    placed = [one._replace(box=Box(at, 0, at + 1, 1)) for at, one in enumerate(seen)]
    told = {(1, one.box): ink for one, ink in zip(placed, inks, strict=True)}
    return list(doubt_inks(reading(placed, reader="ocr"), told).observations)


def inks(*texts: str, is_sure: bool = True, doubt: str = "", layer: str | None = None) -> list[CellInk]:
    """Ink that shows the row, but for the texts given for its first cells."""
    shown = [*texts, *("1", "2", "3", "4", "10")[len(texts) :]]
    return [CellInk(shown[0], is_sure, doubt, layer), *(CellInk(text, True, "") for text in shown[1:])]


def test_a_cell_whose_ink_shows_the_same_is_seen() -> None:
    assert [(one.status, one.seen, one.doubt) for one in held_against(inks())] == [("ok", "yes", "")] * 5


@pytest.mark.parametrize("shown", ["7", "-", "", "1?", "11", "1.", "/"])
def test_a_cell_whose_ink_shows_something_else_is_suspect_though_its_sum_passes(shown: str) -> None:
    """1 = 1 passes where both are dashes: sums do not notice what two cells have in common."""
    first, *rest = held_against(inks(shown))
    assert (first.status, first.seen) == ("suspect", "no")
    assert first.doubt == f"one reader of the picture sees 1, the other {shown or 'nothing'}"
    assert {one.status for one in rest} == {"ok"}


@pytest.mark.parametrize("doubted", [{"is_sure": False}, {"doubt": "a seal lies over it"}])
def test_what_two_readings_are_not_enough_for_needs_a_sum(doubted: dict[str, Any]) -> None:
    assert held_against(inks(**doubted))[0].status == "ok"
    first = held_against(inks(**doubted), total=11)[0]
    assert first.status == "suspect"
    assert first.doubt.endswith("no sum holds this number")
    assert held_against(inks(**doubted, layer="1"), total=11)[0].status == "ok"
    assert held_against(inks(**doubted, layer="7"), total=11)[0].status == "suspect"


@pytest.mark.parametrize(("probability", "status"), [(0.7, "suspect"), (0.95, "ok")])
def test_where_a_sum_fails_the_second_reader_has_to_be_surer(probability: float, status: str) -> None:
    shown = [CellInk("1", probability, ""), *inks()[1:]]
    assert held_against(shown)[0].status == "ok"
    assert held_against(shown, total=11)[0].status == status


@pytest.mark.parametrize(("status", "raw", "shown"), [("not_applicable", "—", "-"), ("blank", "", "")])
def test_a_sum_clears_no_dash_and_no_blank_under_a_seal(status: str, raw: str, shown: str) -> None:
    """It passes with a dash as with nothing: a stroke may be the seal's, and a dash gone with it."""
    row = group("review", status, 2, 3, 4, 9)
    seen = [row[0]._replace(raw=raw), *row[1:]]
    key, place = (seen[0].item, seen[0].column), (seen[0].page, seen[0].box)
    for doubt, is_sure, is_alike in (
        ("", True, True),
        ("", False, True),
        ("a seal lies over it", True, False),
    ):
        ink = CellInk(shown, is_sure, doubt)
        assert (key in confirmed_by_ink(reading(seen, reader="ocr"), {place: ink}, [key])) is is_alike


@pytest.mark.parametrize("shown", ["?", "%", ""])
def test_a_stroke_is_no_word_that_the_second_reader_need_not_know(shown: str) -> None:
    seen = observation("review", "total", "not_applicable", reader="ocr")._replace(raw="\\")
    key, place = ("review", "total"), (seen.page, seen.box)
    for is_sure in (True, False):
        found = confirmed_by_ink(reading([seen], reader="ocr"), {place: CellInk(shown, is_sure, "")}, [key])
        assert (key in found) is (is_sure and shown == "?")


@pytest.mark.parametrize(("total", "statuses"), [(9, {"ok", "blank"}), (0, {"suspect"})])
def test_a_row_without_rulings_needs_a_sum_where_a_place_of_it_is_blank(
    total: float, statuses: set[str]
) -> None:
    """Else the number of the page may stand for it, and its numbers on the next one."""
    seen = group("review", 9, 0, 0, 0, total, reader="ocr")
    placed = [one._replace(box=Box(at, 0, at + 1, 1)) for at, one in enumerate(seen)]
    placed[1:4] = [one._replace(raw="", value=None, status="blank") for one in placed[1:4]]
    told = {(1, one.box): CellInk(one.raw, True, "" if one.raw else UNRULED) for one in placed}
    assert {one.status for one in doubt_inks(reading(placed, reader="ocr"), told).observations} == statuses


@pytest.mark.parametrize(("first", "is_doubted"), [(1, False), ("blank", True)])
def test_a_cell_whose_ink_cannot_be_cut_out_needs_a_sum_and_a_number(
    first: float | str, is_doubted: bool
) -> None:
    """A sum passes where a 0 was lost as it does where nothing is printed."""
    seen = group("review", first, 2, 3, 4, 10 if first == 1 else 9, reader="ocr")
    placed = [one._replace(box=Box(at, 0, at + 1, 1)) for at, one in enumerate(seen)]
    told = {(1, one.box): CellInk(one.raw, True, "") for one in placed[1:]}
    found = doubt_uncut(reading(placed, reader="ocr"), told).observations
    assert (found[0].status == "suspect", found[0].doubt == UNCUT) == (is_doubted, is_doubted)
    assert {one.status for one in found[1:]} == {"ok"}


def test_a_doubt_names_what_a_reader_cannot_name() -> None:
    seen = group("review", 1, 2, 3, 4, 10, reader="ocr")
    placed = [one._replace(box=Box(at, 0, at + 1, 1)) for at, one in enumerate(seen)]
    placed[0] = placed[0]._replace(raw=UNNAMED, value=None, status="unreadable")
    told = {(1, one.box): CellInk("?", True, "") for one in placed}
    found = doubt_inks(reading(placed, reader="ocr"), told).observations
    assert found[0].doubt == f"one reader of the picture sees {NO_CHARACTER}, the other {NO_NUMBER}"
    assert found[1].doubt == f"one reader of the picture sees 2, the other {NO_NUMBER}"


def test_every_suspect_cell_of_a_picture_says_why() -> None:
    seen = [one._replace(status="suspect") for one in group("review", 1, 2, 3, 4, 10)]
    assert all(one.doubt for one in say_why(reading(seen, reader="ocr")).observations)
    assert not any(one.doubt for one in say_why(reading(seen)).observations)


def test_a_third_reader_settles_what_the_second_is_not_sure_of() -> None:
    assert held_against(inks("7", is_sure=False, layer="1"))[0].status == "ok"
    assert held_against(inks("7", is_sure=True, layer="1"))[0].status == "suspect"


@pytest.mark.parametrize(
    ("raw", "value", "shown", "is_alike"),
    [
        ("12件", 12, "12?", True),
        ("12件", 12, "12", True),
        ("12件", 12, "17?", False),
        ("12", 12, "12?", False),
        ("１２", 12, "12", True),
        ("1,234.5", 1234.5, "1,234.5", True),
        ("1234.5", 1234.5, "1,234.5", False),
        ("—", None, "-", True),
        ("一", 1, "-", False),
        ("无", 0, "?", True),
        ("无", 0, "4", False),
        ("十", 10, "?", False),
        ("\ufffd", None, "?", False),
    ],
)
def test_signs_and_words_are_held_against_the_ink(
    raw: str, value: float | None, shown: str, is_alike: bool
) -> None:
    """A dash is no 一, and nothing but the recogniser says that 十 is 10."""
    status = "unreadable" if raw == "\ufffd" else "ok"
    seen = observation("review", "total", 1, reader="ocr")._replace(raw=raw, value=value, status=status)
    key, place = ("review", "total"), (seen.page, seen.box)
    found = confirmed_by_ink(reading([seen], reader="ocr"), {place: CellInk(shown, True, "")}, [key])
    assert (key in found) is is_alike


def test_a_failed_sum_is_the_publishers_only_where_both_readers_see_all_of_its_numbers() -> None:
    wrong = replace(FORMS["fy2021"], wrong=((("applications", "new_received", "total"), 99.0),))
    pytest.importorskip("rapidocr")
    pdf, truth = generate(wrong)
    report = read_bytes(scanned(pdf))
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert failed
    sure = {(one.table, one.item, one.column) for one in report.observations if one.status == "ok"}
    for check in failed:
        is_sure = all((check.table, *cell) in sure for cell in check.cells)
        assert check.attribution == ("publisher" if is_sure else "reading")
    assert silent_errors(report, truth) == []


@pytest.mark.parametrize("way", ["outlines", "picture"])
def test_a_number_that_is_no_text_is_read_from_the_picture_of_its_page(way: str) -> None:
    pytest.importorskip("rapidocr")
    style = Style(shown=((("administrative_licensing", "decisions"), way, ""),))
    report, truth = read_spec(FORMS["fy2021"], style)
    assert inexact(report, truth) == []
    assert report.readers == ("pypdfium2", "ocr")


@pytest.mark.parametrize("layer", ["884454", "8844.5", "3844.54"])
def test_a_picture_under_a_text_that_misreads_it_is_read(layer: str) -> None:
    pytest.importorskip("rapidocr")
    fee = ("active_disclosure", "administrative_fees", "fee_amount")
    pdf, _ = generate(replace(FORMS["fy2021"], printed=((fee, Printed("8844.54", 8844.54, "ok")),)))
    seen = cells_of(read_bytes(with_text_layer(pdf, {"8844.54": layer})))[fee]
    assert (seen.value, seen.status, seen.reader) == (8844.54, "ok", "ocr")
