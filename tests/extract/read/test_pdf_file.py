"""Boxes are measured from the corner of the page that a person sees, wherever the file puts it."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.extract.read import FALLBACK_STEPS, pdf_file, read
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.records import Box


def grid_box(folder: Path, crop: tuple[float, float, float, float] | None, compressed: bool) -> Box:
    """The box of the first cell of a 2 × 2 grid whose corner stands at (100, 700) of the stored page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    if crop:
        canvas.setCropBox(crop)
    for step in range(3):
        canvas.line(100, 700 - 30 * step, 300, 700 - 30 * step)
        canvas.line(100 + 100 * step, 700, 100 + 100 * step, 640)
    canvas.drawString(110, 680, "12")
    canvas.save()
    data = out.getvalue()
    if compressed:  # as where page objects are packed into streams: no box in plain bytes
        data = data.replace(b"/MediaBox", b"/Media#42ox").replace(b"/CropBox", b"/Crop#42ox")
    path = folder / "page.pdf"
    path.write_bytes(data)
    with closing(PdfFile(path)) as file:
        (table,) = read(FALLBACK_STEPS[0], file).tables
    assert table.cells[0].text == "12"
    return table.cells[0].box


@pytest.mark.parametrize("compressed", [False, True])
def test_a_cropped_page_is_measured_from_its_visible_corner(tmp_path: Path, compressed: bool) -> None:
    whole = grid_box(tmp_path, None, compressed)
    assert tuple(round(edge) for edge in whole) == (100, 142, 200, 172)
    cropped = grid_box(tmp_path, (30, 20, 580, 830), compressed)
    assert tuple(round(edge) for edge in cropped) == (70, 130, 170, 160)


def test_a_page_is_parsed_once_and_only_so_many_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = Canvas(str(tmp_path / "pages.pdf"))
    for _ in range(3):
        canvas.showPage()
    canvas.save()
    monkeypatch.setattr(pdf_file, "PAGES_KEPT_MAX", 2)
    with closing(PdfFile(tmp_path / "pages.pdf")) as file:
        first = file.page(1)
        assert file.page(1) is first
        file.page(2)
        assert file.page(1) is first
        file.page(3)
        assert file.page(1) is not first


def test_a_page_that_was_closed_is_parsed_anew(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "pages.pdf"))
    canvas.showPage()
    canvas.save()
    with closing(PdfFile(tmp_path / "pages.pdf")) as file:
        first = file.page(1)
        file.close_page(1)
        file.close_page(1)
        assert file.page(1) is not first
        assert file.page(1).get_size() == pytest.approx((595, 842), abs=1)
