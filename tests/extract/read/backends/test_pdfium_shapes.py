"""Lines and rectangles are found wherever they are drawn; what is bent or askew is none."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.extract.read.backends import pdfium_segments
from pipeline.extract.read.backends.pdfium_shapes import DrawnShapes, page_to_shapes


def drawn(canvas: Canvas, out: io.BytesIO) -> DrawnShapes:
    canvas.save()
    with pypdfium2.PdfDocument(out.getvalue()) as document:
        return page_to_shapes(document[0])


def test_lines_and_rectangles_are_found_and_curves_are_not() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.line(10, 20, 110, 20)
    canvas.rect(50, 60, 70, 80)
    canvas.bezier(10, 10, 10, 50, 60, 50, 60, 10)
    canvas.circle(200, 100, 30)
    assert drawn(canvas, out).bounds.tolist() == [[10, 20, 110, 20], [50, 60, 120, 140]]


def test_a_diagonal_is_no_ruling_and_one_that_is_a_little_askew_is() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.line(10, 20, 40, 50)
    canvas.line(10, 80, 210, 82)
    assert drawn(canvas, out).bounds.tolist() == [[10, 80, 210, 82]]


def test_every_part_of_a_path_counts() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.grid([50, 150, 250], [50, 100])
    path = canvas.beginPath()
    for y in (10, 20):
        path.moveTo(5, y)
        path.lineTo(25, y)
    canvas.drawPath(path)
    assert sorted(drawn(canvas, out).bounds.tolist()) == [
        [5, 10, 25, 10],
        [5, 20, 25, 20],
        [50, 50, 50, 100],
        [50, 50, 250, 50],
        [50, 100, 250, 100],
        [150, 50, 150, 100],
        [250, 50, 250, 100],
    ]


def test_what_is_filled_ends_where_it_began_though_the_file_does_not_say_so() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    for x, is_filled in ((10, 1), (50, 0)):
        path = canvas.beginPath()
        path.moveTo(x, 20)
        path.lineTo(x + 3, 20)
        path.lineTo(x + 3, 21)
        path.lineTo(x, 21)
        canvas.drawPath(path, stroke=1 - is_filled, fill=is_filled)
    assert drawn(canvas, out).bounds.tolist() == [[10, 20, 13, 21]]


def test_a_form_is_where_it_is_placed() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.beginForm("frame")
    canvas.rect(0, 0, 10, 20)
    canvas.endForm()
    canvas.translate(100, 50)
    canvas.scale(2, 2)
    canvas.doForm("frame")
    assert drawn(canvas, out).bounds.tolist() == [[100, 50, 120, 90]]


def test_a_rectangle_that_lies_askew_is_none() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.rotate(10)
    canvas.rect(50, 60, 70, 80)
    assert not drawn(canvas, out).bounds.size


def test_text_on_its_side_is_told_and_leaning_text_is_not() -> None:
    for angle, skew, is_turned in ((90, 0, True), (0, 15, False), (0, 0, False)):
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(300, 200))
        canvas.translate(100, 100)
        canvas.rotate(angle)
        canvas.skew(0, skew)
        canvas.drawString(0, 0, "30")
        assert drawn(canvas, out).is_turned is is_turned


def test_an_empty_page_has_no_shapes() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.showPage()
    assert not drawn(canvas, out).bounds.size


def test_a_fill_has_no_outline() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.rect(10, 20, 100, 50, stroke=0, fill=1)
    canvas.rect(10, 90, 100, 50)
    assert drawn(canvas, out).is_outlined.tolist() == [False, True]


def test_segments_are_the_same_where_pdfium_keeps_them_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def page() -> list[list[float]]:
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(300, 200))
        canvas.grid([50, 150, 250], [50, 100])
        canvas.bezier(10, 10, 10, 50, 60, 50, 60, 10)
        canvas.rect(50, 120, 70, 60)
        found: list[list[float]] = drawn(canvas, out).bounds.tolist()
        return found

    assert pdfium_segments._are_kept_as_known()
    copied = page()
    monkeypatch.setattr(pdfium_segments, "_are_kept_as_known", lambda: False)
    assert page() == copied
    assert len(copied) == 6


def test_a_ring_is_an_outline_and_of_one_cut_to_a_side_only_that_is_drawn() -> None:
    """WeasyPrint draws borders so; a cell without inner sides had them all the same."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    for x, cut in ((10, None), (110, (109, 90, 4, 60))):
        canvas.saveState()
        if cut:
            side = canvas.beginPath()
            side.rect(*cut)
            canvas.clipPath(side, stroke=0, fill=0)
        ring = canvas.beginPath()
        ring.rect(x, 100, 50, 40)
        ring.rect(x + 1, 101, 48, 38)
        canvas.drawPath(ring, stroke=0, fill=1, fillMode=0)
        canvas.restoreState()
    canvas.rect(200, 100, 50, 40, stroke=0, fill=1)
    found = drawn(canvas, out)
    assert found.bounds[2:].tolist() == [[110, 100, 113, 140], [111, 101, 113, 139], [200, 100, 250, 140]]
    assert found.is_outlined.tolist() == [True, True, True, True, False]
