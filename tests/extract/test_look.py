"""Numbers as a person sees them: in fields, as outlines, struck out, hidden, under patches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from benchmarks.corpus.shown.scans import with_text_layer
from pipeline.extract import opened_pdf
from pipeline.extract.drawn_over import cells_beside
from pipeline.extract.drawn_page import PIXELS_PER_POINT, DrawnPdf
from pipeline.extract.opened_pdf import ALL_ENGINES
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.records import Box, Character, Observation, Report
from tests.extract.measured import (
    MODERN,
    OWNED,
    WITHOUT_PICTURES,
    cells_of,
    inexact,
    read_bytes,
    read_spec,
    silent_errors,
)
from tools.generator import Style, generate
from tools.generator.numbers import Printed
from tools.generator.shown import SHOWN, Shown, _struck_by

READ = {
    "field", "light grey", "corrected", "white beside", "invisible beside", "covered beside",
    "text layer", "boxed", "circled", "on a patch", "framed field",
}  # fmt: skip
STRUCK = {way for way in SHOWN if way.startswith("struck")}
CROSSED = {*STRUCK, "outlines under a cross", "picture under a cross"}
DRAWN = {"outlines", "picture"}
UNREADABLE = CROSSED | DRAWN
PARTLY = {"lower half", "upper half"}
BLANK = {"white", "tiny", "invisible", "clipped", "transparent", "covered"}
OTHERS = {"marked", "crossed outlines", "over a border", "narrow field"}
"""Held by tests of their own, for a mark needs no picture, and others reach into other cells too."""

KEYS = [
    (item, column)
    for item in (
        "new_received",
        "granted",
        "partially_granted",
        "refused.state_secret",
        "refused.internal_affairs",
        "handled_total",
    )
    for column in ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org")
]
WAYS = sorted(SHOWN.keys() - OTHERS)
CELL = ("applications", "new_received", "natural_person")


@cache
def outcome(ruling: str, pictures: bool = True) -> tuple[Report, dict[str, Any]]:
    """One report in which each way has a cell of its own, with its pictures read or not."""
    shown = tuple((key, way, "7") for key, way in zip(KEYS, WAYS, strict=False))
    pdf, truth = generate(replace(MODERN, style=Style(shown=shown, ruling=ruling)))
    return read_bytes(pdf, engines=ALL_ENGINES if pictures else WITHOUT_PICTURES), truth


def seen_and_printed(way: str, ruling: str = "solid", pictures: bool = True) -> tuple[Observation, object]:
    report, truth = outcome(ruling, pictures)
    cell = ("applications", *KEYS[WAYS.index(way)])
    return cells_of(report)[cell], printed(truth, cell)


def printed(truth: dict[str, Any], cell: tuple[str, str, str] = CELL) -> object:
    return next(row[3] for row in truth["cells"] if tuple(row[:3]) == cell)


def test_every_way_is_in_one_group() -> None:
    assert sorted([*READ, *UNREADABLE, *PARTLY, *BLANK, *OTHERS]) == sorted(SHOWN)
    assert len(KEYS) >= len(WAYS)


@pytest.mark.parametrize("way", sorted(READ))
def test_what_a_person_reads_is_read(way: str) -> None:
    seen, number = seen_and_printed(way)
    assert (seen.value, seen.status, seen.seen, seen.doubt) == (number, "ok", "yes", "")


def test_what_an_ocr_program_laid_over_a_picture_says_so() -> None:
    """The page confirms its digits; another reader of the same layer confirms nothing."""
    seen, _ = seen_and_printed("text layer")
    assert (seen.reader, seen.confirmed_by) == ("ocr_layer", "")
    report, _ = outcome("solid")
    assert "ocr_layer" in report.readers
    assert {seen.reader for seen in report.observations} == {"pypdfium2", "ocr_layer", "ocr"}


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_print_under_a_picture_of_the_page_is_the_work_of_an_ocr_program(turn: int) -> None:
    """Many programs make searchable scans so. No reader confirms digits, and no sum is the publisher's."""
    pdf, truth = generate(replace(MODERN, wrong_sums=2))
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            picture = pypdfium2.PdfImage.new(document)
            picture.set_bitmap(page.render(scale=2))
            picture.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
            page.insert_obj(picture)
            page.gen_content()
            page.set_rotation(turn)
        scanned = BytesIO()
        document.save(scanned)
    report = read_bytes(scanned.getvalue(), engines=WITHOUT_PICTURES)
    assert silent_errors(report, truth) == []
    assert {(seen.reader, seen.confirmed_by) for seen in report.observations if seen.raw} == {
        ("ocr_layer", "")
    }
    assert {check.attribution for check in report.checks if check.verdict == "fail"} == {"reading"}


SHIFTS = [(2.0, 2.0), (0.0, -8.0), (0.0, -20.0), (25.0, 0.0)]


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_text_layer_beside_its_picture_hides_nothing_and_names_nothing(shift: tuple[float, float]) -> None:
    """What a page shows in the place of a digit may be another digit, a part of one, or nothing."""
    pdf, truth = generate(MODERN)
    report = read_bytes(with_text_layer(pdf, shift=shift))
    assert silent_errors(report, truth) == []
    assert report.observations
    assert {check.attribution for check in report.checks if check.verdict == "fail"} <= {"reading"}


@pytest.mark.parametrize("layer", ["884454", "8844.5", "3844.54"])
def test_a_number_that_a_text_layer_misreads_is_doubtful(layer: str) -> None:
    fee = ("active_disclosure", "administrative_fees", "fee_amount")
    pdf, _ = generate(replace(MODERN, printed=((fee, Printed("8844.54", 8844.54, "ok")),)))
    misread = with_text_layer(pdf, {"8844.54": layer})
    seen = cells_of(read_bytes(misread, engines=WITHOUT_PICTURES))[fee]
    assert (seen.status, seen.reader) == ("suspect", "ocr_layer")


@pytest.mark.parametrize(
    ("way", "pictures"),
    [*((way, False) for way in sorted(UNREADABLE)), *((way, True) for way in sorted(CROSSED))],
)
def test_what_is_shown_and_is_no_text_is_not_blank(way: str, pictures: bool) -> None:
    seen, number = seen_and_printed(way, pictures=pictures)
    assert number is not None
    assert (seen.value, seen.status, seen.seen) == (None, "unreadable", "no")
    assert seen.doubt == "the page shows something here that is no text"


@pytest.mark.parametrize("way", sorted(DRAWN))
def test_a_number_that_is_drawn_is_read_from_the_picture_of_its_page(way: str) -> None:
    seen, number = seen_and_printed(way)
    assert (seen.value, seen.status, seen.reader, seen.confirmed_by) == (number, "ok", "ocr", "ink")


@pytest.mark.parametrize("way", sorted(PARTLY))
def test_a_digit_that_is_shown_in_part_is_doubtful(way: str) -> None:
    seen, number = seen_and_printed(way)
    assert (seen.value, seen.status, seen.seen) == (number, "suspect", "no")
    assert "whole" in seen.doubt


@pytest.mark.parametrize("way", sorted(BLANK))
def test_what_nobody_sees_is_blank(way: str) -> None:
    seen, number = seen_and_printed(way)
    assert number is not None
    assert (seen.value, seen.status, seen.raw, seen.seen) == (None, "blank", "", "yes")


@pytest.mark.parametrize("ruling", ["none", "double", "boxes"])
def test_tables_with_other_rulings_hide_nothing_either(ruling: str) -> None:
    report, truth = outcome(ruling)
    hidden = {("applications", *KEYS[WAYS.index(way)]) for way in BLANK}
    errors = [error for error in silent_errors(report, truth) if tuple_of(error) not in hidden]
    assert errors == []


def tuple_of(error: str) -> tuple[str, str, str]:
    """The cell of an error; items may have a point in them."""
    table, _, rest = error.split(":")[0].partition(".")
    item, _, column = rest.rpartition(".")
    return table, item, column


def test_other_cells_are_seen_as_they_were_read() -> None:
    report, _ = outcome("solid")
    others = [seen for cell, seen in cells_of(report).items() if cell[1:] not in KEYS]
    assert len(others) > 150
    assert {(seen.seen, seen.doubt) for seen in others} == {("yes", "")}


@pytest.mark.parametrize("orientation", ["rotate90", "sideways"])
@pytest.mark.parametrize(
    "way", ["struck", "struck long", "struck apart", "struck by a cross", "struck by dots"]
)
def test_a_line_strikes_out_on_a_turned_page_too(way: str, orientation: str) -> None:
    report, _ = read_spec(MODERN, Style(shown=((CELL[1:], way, ""),), orientation=orientation))
    seen = cells_of(report)[CELL]
    assert (seen.value, seen.status) == (None, "unreadable")


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("how", ["struck", "struck by a slash", "struck by a cross"])
@pytest.mark.parametrize("digit", ["0", "7", "1"])
def test_a_digit_that_is_struck_wherever_it_stands_is_struck(digit: str, how: str, ruling: str) -> None:
    """No other shape of it tells, and the net knows zeros with a slash and barred sevens."""
    _, truth = generate(MODERN)
    alone = [tuple(row[:3]) for row in truth["cells"] if row[3] == int(digit)]
    shown = tuple((cell[1:], how, "") for cell in alone)
    report, _ = read_spec(MODERN, Style(shown=shown, ruling=ruling))
    assert len(alone) > 1
    assert {cells_of(report)[cell].status for cell in alone} == {"unreadable"}


@pytest.mark.parametrize("orientation", ["portrait", "a3", "sideways"])
@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("how", ["struck by a slash", "struck by a long slash"])
def test_a_slash_leaves_no_digit_of_a_number(how: str, ruling: str, orientation: str) -> None:
    """It passes above the middle of the last digits and below that of the first: 2608 is no 8."""
    wide = ("administrative_licensing", "decisions")
    cell = ("active_disclosure", *wide)
    style = Style(shown=((wide, how, ""),), ruling=ruling, orientation=orientation)
    report, truth = read_spec(replace(MODERN, printed=((cell, Printed("2608", 2608, "ok")),)), style)
    assert printed(truth, cell) == 2608
    assert (cells_of(report)[cell].value, cells_of(report)[cell].status) == (None, "unreadable")


def read_under(draw: Callable[[Any, float, float, float, float], None], ruling: str) -> str:
    """The status of 2608 under what is drawn over the place of its digits."""
    wide = ("administrative_licensing", "decisions")
    cell = ("active_disclosure", *wide)
    spec = replace(MODERN, printed=((cell, Printed("2608", 2608, "ok")),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SHOWN, "drawn over", _struck_by(draw))
        report, _ = read_spec(spec, Style(shown=((wide, "drawn over", ""),), ruling=ruling))
    return cells_of(report)[cell].status


def short_stroke(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    width = right - left
    canvas.line(left + 0.4 * width, bottom, right - 0.4 * width, top)


def steep_stroke(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    middle = (left + right) / 2
    canvas.line(middle - 2, bottom + 2, middle + 2, top - 2)


def dashes_below(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.setDash(3.5, 1.5)
    canvas.line(left - 1, bottom + 1, right + 1, bottom + 1)


def points_below(canvas: Any, left: float, top: float, right: float, bottom: float) -> None:
    canvas.setDash(1, 1)
    canvas.line(left - 1, bottom + 0.7, right + 1, bottom + 0.7)


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("stroke", [short_stroke, steep_stroke])
def test_a_stroke_between_digits_makes_a_number_doubtful(stroke: Any, ruling: str) -> None:
    """A steep one strikes none of them through; it may strike them all out, or part two numbers."""
    assert read_under(stroke, ruling) in OWNED


@pytest.mark.parametrize("line", [dashes_below, points_below])
def test_dashes_under_digits_are_no_strokes_between_them(line: Any) -> None:
    assert read_under(line, "solid") == "ok"


def test_an_upside_down_page_swaps_no_6_and_9() -> None:
    pdf, truth = generate(MODERN)
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            page.set_rotation(180)
        turned = BytesIO()
        document.save(turned)
    report = read_bytes(turned.getvalue())
    assert inexact(report, truth) == []
    assert {seen.seen for seen in report.observations} == {"yes"}


def test_a_struck_number_under_a_crop_box_makes_one_cell_doubtful() -> None:
    """Its sums ask the second reader, whose boxes must stand on the page as displayed too."""
    pdf, _ = generate(replace(MODERN, style=Style(shown=((CELL[1:], "struck", ""),))))
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            page.set_mediabox(-100, -50, 700, 900)
            page.set_cropbox(20, 20, 580, 830)
        cropped = BytesIO()
        document.save(cropped)
    cells = cells_of(read_bytes(cropped.getvalue()))
    assert [cell for cell, seen in cells.items() if seen.seen != "yes"] == [CELL]
    assert {seen.status for cell, seen in cells.items() if cell != CELL} <= {"ok", "blank"}


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("number", ["26081", "33125", "8114"])
def test_a_number_that_its_field_has_no_room_for_is_doubtful(number: str, ruling: str) -> None:
    """The page shows 260 or so, and nothing of the rest: the field itself says more."""
    wide = ("administrative_licensing", "decisions")
    cell = ("active_disclosure", *wide)
    spec = replace(MODERN, printed=((cell, Printed(number, int(number), "ok")),))
    report, _ = read_spec(spec, Style(shown=((wide, "narrow field", ""),), ruling=ruling))
    assert cells_of(report)[cell].status in ("suspect", "unreadable")


def test_outlines_on_a_diagonal_are_not_blank() -> None:
    report, truth = read_spec(MODERN, Style(shown=((CELL[1:], "crossed outlines", ""),)))
    seen = cells_of(report)[CELL]
    assert printed(truth) is not None
    assert (seen.value, seen.status) == (None, "unreadable")


@pytest.mark.parametrize("ruling", ["solid", "strokes"])
@pytest.mark.parametrize("way", ["outlines under a cross", "struck by a cross"])
def test_a_cross_parts_no_wide_cell(way: str, ruling: str) -> None:
    """The box around it is no cell, or the empty piece beside it would be the number's."""
    wide = ("administrative_licensing", "decisions")
    report, _ = read_spec(MODERN, Style(shown=((wide, way, ""),), ruling=ruling))
    assert cells_of(report)["active_disclosure", *wide].status == "unreadable"


def test_a_number_over_a_border_is_in_one_cell_at_most() -> None:
    report, truth = read_spec(MODERN, Style(shown=((CELL[1:], "over a border", "8"),)))
    assert silent_errors(report, truth) == []
    assert cells_of(report)[*CELL[:2], "business"].status == "suspect"


@pytest.mark.parametrize("thickness", [1.0, 2.5])
@pytest.mark.parametrize("reach", [5.0, 15.0])
def test_diagonals_in_an_empty_cell_are_no_number(reach: float, thickness: float) -> None:
    """A steep one may be as thick as a digit."""

    def diagonal(shown: Shown) -> None:
        shown.canvas.setLineWidth(thickness)
        x, y = shown.x + 3, shown.baseline - 4
        shown.canvas.line(x - reach, y + 11, x + reach, y - 11)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SHOWN, "diagonal", diagonal)
        report, _ = read_spec(MODERN, Style(shown=((CELL[1:], "diagonal", ""),)))
    assert (cells_of(report)[CELL].status, cells_of(report)[CELL].seen) == ("blank", "yes")


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("gap", [2.0, 9.0, 24.0])
def test_a_minus_sign_that_is_a_line_far_from_its_number_makes_it_doubtful(gap: float, ruling: str) -> None:
    wide = ("administrative_licensing", "decisions")

    def below_zero(shown: Shown) -> None:
        shown.write(shown.text, shown.x)
        right, level = shown.x - gap, shown.baseline - 0.36 * shown.size
        shown.canvas.line(right - 3, level, right, level)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SHOWN, "below zero", below_zero)
        report, _ = read_spec(MODERN, Style(shown=((wide, "below zero", ""),), ruling=ruling))
    assert cells_of(report)["active_disclosure", *wide].status == "suspect"


@pytest.mark.parametrize("width", [1191.12, 1190.55, 595.28, 612.25])
def test_the_right_edge_of_a_page_is_drawn_where_it_is(tmp_path: Path, width: float) -> None:
    """An A3 page that was drawn a pixel too wide had strokes beside the boxes of their characters."""
    canvas = Canvas(str(tmp_path / "edge.pdf"), pagesize=(width, 200))
    canvas.circle(width - 8, 100, 4, stroke=0, fill=1)
    canvas.save()
    with closing(PdfFile(tmp_path / "edge.pdf")) as file:
        part = DrawnPdf(file).draw(1, Box(width - 30, 80, width, 120))
    assert part is not None
    ink = 255.0 - part.shades.mean(axis=0)
    middle = part.x0 + np.average(np.arange(len(ink)) + 0.5, weights=ink)
    assert middle == pytest.approx((width - 8) * PIXELS_PER_POINT, abs=0.5)


@pytest.mark.parametrize(
    ("draw", "beside"),
    [
        (lambda canvas: canvas.rect(0, 0, 300, 80), False),
        (lambda canvas: canvas.line(100, 100, 130, 100), True),
        (lambda canvas: canvas.setLineWidth(7) or canvas.line(0, 116, 300, 116), True),
        (lambda canvas: canvas.rect(105, 80, 40, 40, stroke=0, fill=1), True),
        (lambda canvas: canvas.linearGradient(0, 0, 300, 0, ("red", "blue")), None),
        (lambda canvas: canvas.acroForm.textfield(x=0, y=0, width=40, height=20), None),
    ],
    ids=["frame below", "line through", "broad line above", "patch", "gradient", "field"],
)
def test_a_doubtful_digit_is_drawn_again_where_something_may_be_over_it(
    tmp_path: Path, draw: Callable[[Canvas], object], beside: bool | None
) -> None:
    """A line is as broad as its stroke. Of gradients and fields nobody knows where they put ink."""
    canvas = Canvas(str(tmp_path / "beside.pdf"), pagesize=(300, 200))
    canvas.drawString(100, 96, "8")
    draw(canvas)
    canvas.save()
    cell = Box(90, 80, 140, 120)
    with closing(PdfFile(tmp_path / "beside.pdf")) as file:
        drawn = DrawnPdf(file).besides_text(1)
    if beside is None:
        assert drawn is None
    else:
        assert drawn is not None
        found = cells_beside(drawn, {cell: [Character("8", Box(100, 87, 107, 107))]})
        assert found == ({cell} if beside else set())


SOUND = (
    Style(),
    Style(ruling="none"),
    Style(watermark="plain"),
    Style(watermark="drawn"),
    Style(watermark="drawn", ruling="dashed"),
    Style(shading=True),
    Style(orientation="rotate90"),
    Style(orientation="sideways"),
)


@pytest.mark.parametrize("style", SOUND)
def test_every_cell_of_a_sound_report_is_seen(style: Style) -> None:
    report, _ = read_spec(MODERN, style)
    assert {(seen.seen, seen.doubt) for seen in report.observations} == {("yes", "")}


# ---------------------------------------------------------------- an older number under a white patch


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("shift", [-9.0, 0.0, 9.0])
def test_the_number_over_a_patch_is_read_and_none_under_it(ruling: str, shift: float) -> None:
    """As editors of PDFs leave it. Readers of text make one number of both, or of parts of both."""
    report, truth = read_spec(MODERN, Style(ruling=ruling, patches=((CELL[1:], "92", shift),)))
    assert printed(truth) not in (92, None)
    seen = cells_of(report)[CELL]
    assert (seen.value, seen.status) == (printed(truth), "ok")
    assert report.status == "ok"


@pytest.mark.parametrize("ruling", ["solid", "none"])
@pytest.mark.parametrize("shift", [0.0, 0.6])
@pytest.mark.parametrize("older", ["42", "19", "94", "49", "449"])
def test_an_equal_digit_under_a_patch_takes_none_from_the_number_over_it(
    older: str, shift: float, ruling: str
) -> None:
    report, truth = read_spec(MODERN, Style(ruling=ruling, patches=((CELL[1:], older, shift),)))
    assert printed(truth) == 49
    seen = cells_of(report)[CELL]
    assert (seen.value, seen.status) == (49, "ok")


@pytest.mark.parametrize("ruling", ["solid", "none"])
def test_a_digit_under_a_patch_in_every_cell_is_read_in_none(ruling: str) -> None:
    """An older digit has the place of the one over it, whose shape confirms that one alone."""
    _, truth = generate(MODERN)
    keys = [tuple(row[1:3]) for row in truth["cells"] if row[4] == "ok" and row[3] < 10]
    patches = tuple((key, str(number % 10), 0.0) for number, key in enumerate(keys))
    report, truth = read_spec(MODERN, Style(ruling=ruling, patches=patches))
    assert inexact(report, truth) == []


# ---------------------------------------------------------------- where nothing can be drawn


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(opened_pdf, "DrawnPdf", fail)
    yield


@pytest.mark.usefixtures("undrawn")
def test_without_what_draws_the_page_nothing_is_said_of_it() -> None:
    report, _ = read_spec(MODERN)
    assert report.status == "ok"
    assert {(seen.seen, seen.doubt) for seen in report.observations} == {("not_looked", "")}


def test_a_wrong_sum_that_is_all_to_be_seen_is_the_publisher_s() -> None:
    pdf, _ = generate(replace(MODERN, wrong_sums=2, style=Style(shading=True, watermark="rotated")))
    report = read_bytes(pdf)
    failed = [check for check in report.checks if check.verdict == "fail"]
    assert len(failed) >= 2 and {check.attribution for check in failed} == {"publisher"}
    assert not any(seen.status == "suspect" for seen in report.observations)


def test_a_file_left_by_the_look_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    read_spec(MODERN, Style(shown=((CELL[1:], "field", ""),)))
    assert list(tmp_path.iterdir()) == []
