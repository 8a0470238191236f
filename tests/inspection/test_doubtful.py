"""The page of doubtful cells: as printed, with what was read beside, and safe to open."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from pipeline.inspection.crops import cells_to_crops
from pipeline.inspection.doubtful import NONE_DOUBTFUL, doubtful_cells, report_to_html
from pipeline.inspection.shown_page import file_to_pdf
from pipeline.records import Box, Check, Observation
from tests.inspection.noted_pdf import FIELD_COLOUR, NOTE_COLOUR, noted_pdf
from tests.inspection.test_inspection import boxed, cell, colours, report
from tests.run.small_pdfs import TITLE, text_pdf

HOSTILE = '<script>alert(1)</script>\u202e\x1b[2J\' onload="x" $policy ${style}'
RED = (220, 0, 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(text_pdf([[TITLE], ["二"]]))
    return path


def page(file: Path, *cells: Observation, **changes: object) -> str:
    return report_to_html(file, report(observations=cells, **changes)).decode()


def crops(html: str) -> list[Image.Image]:
    encoded = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(each))).convert("RGB") for each in encoded]


def test_a_doubtful_cell_is_shown_as_printed_with_all_that_was_read(file: Path) -> None:
    some = boxed("suspect")._replace(
        doubt="the page shows another digit",
        confirmed_by="pdfplumber",
        seen="no",
        row_label="（一）予以公开",
        column_label="总计",
        unit="件",
    )
    html = page(file, some, boxed("ok")._replace(item="carried_in"))
    for text in (
        *("（一）予以公开 × 总计", "granted × total", "8 件", "from the text &#x27;8&#x27;", "suspect"),
        *("the page shows another digit", "read by pypdfium2, confirmed by pdfplumber", "drawn page: no"),
        *("1 of 2 cells: 1 suspect", "page 1, applications"),
    ):
        assert text in html
    (crop,) = crops(html)
    assert RED in colours(crop)


def test_cells_of_failed_sums_are_shown_with_the_sum(file: Path) -> None:
    check = Check(
        "applications",
        "applications.row_total",
        "granted",
        8,
        9,
        "fail",
        "publisher",
        0,
        (("granted", "total"),),
    )
    html = page(file, boxed("ok"), boxed("ok")._replace(item="carried_in"), checks=(check,))
    assert len(crops(html)) == 1
    assert "in the failed sum applications.row_total on granted" in html
    assert "8 is not 9" in html


def test_where_no_cell_is_doubtful_it_says_so(file: Path) -> None:
    html = page(file, boxed("ok"), boxed("blank"), boxed("corrected"))
    assert NONE_DOUBTFUL in html and crops(html) == []


def test_doubtful_are_suspect_and_unreadable_cells_and_those_with_a_doubt_by_page() -> None:
    cells = (boxed("unreadable", 2), boxed("ok"), boxed("suspect"), boxed("ok")._replace(doubt="not shown"))
    assert doubtful_cells(report(observations=cells)) == [cells[2], cells[3], cells[0]]


def test_no_text_of_a_document_is_markup_or_steers(file: Path) -> None:
    some = boxed("suspect")._replace(
        raw=HOSTILE, doubt=HOSTILE, row_label=HOSTILE, column_label=HOSTILE, reader=HOSTILE, unit=HOSTILE
    )
    html = page(file, some, source_file=HOSTILE, error=HOSTILE)
    assert "<script" not in html and "\u202e" not in html and "\x1b" not in html
    assert html.count("&lt;script&gt;") >= 7
    assert html.count("$policy ${style}") >= 7


def test_it_asks_for_nothing_and_its_policy_forbids_all_but_its_own_style(file: Path) -> None:
    html = page(file, boxed("suspect"))
    assert not re.search(r"https?:|url\(|@import|<link|<script|<iframe", html)
    assert "default-src 'none'; style-src 'sha256-" in html


def test_fields_and_notes_are_in_the_crops(tmp_path: Path) -> None:
    file = tmp_path / "note.pdf"
    file.write_bytes(noted_pdf())
    boxes = [Box(95, 95 + down, 225, 145 + down) for down in (0, 100)]
    field, note = crops(page(file, *(cell("unreadable", "", None)._replace(box=box) for box in boxes)))
    assert FIELD_COLOUR in colours(field) and NOTE_COLOUR in colours(note)


def test_a_cell_off_the_page_has_no_crop(file: Path) -> None:
    html = page(file, boxed("suspect")._replace(box=Box(900, 100, 960, 120)))
    assert crops(html) == [] and "(not on the page)" in html


def test_many_cells_and_large_crops_are_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [boxed("suspect")] * 4
    monkeypatch.setattr("pipeline.inspection.doubtful._SHOWN_MAX_CELLS", 3)
    html = page(file, *cells)
    assert len(crops(html)) == 3 and "4 of 4 cells" in html and "the first 3 are shown" in html
    monkeypatch.setattr("pipeline.inspection.doubtful._CROPS_MAX_BYTES", 10)
    html = page(file, *cells)
    assert crops(html) == [] and html.count("(not drawn: too much)") == 3


@pytest.mark.parametrize("box", [Box(100, 100, 160, 120), Box(0, 0, 9_000_000, 9_000_000)])
def test_a_cell_of_a_huge_page_is_drawn_small_and_alone(tmp_path: Path, box: Box) -> None:
    file = tmp_path / "huge.pdf"
    file.write_bytes(text_pdf([["x"]]).replace(b"595.2756 841.8898", b"9999999. 9999999."))
    far = boxed("suspect")._replace(box=Box(8_000_000, 8_000_000, 8_000_060, 8_000_020))
    with file_to_pdf(file, ()) as pdf:
        cells = [boxed("suspect")._replace(box=box), far]
        pictures = [
            Image.open(io.BytesIO(crop or b"")) for crop in cells_to_crops(pdf[0], cells, frozenset(), 0)
        ]
    assert all(max(picture.size) <= 640 for picture in pictures)


def test_the_empty_ends_of_a_wide_cell_are_left_out(tmp_path: Path) -> None:
    """The title stands 72 points from the left, in a cell as wide as the page."""
    file = tmp_path / "wide.pdf"
    file.write_bytes(text_pdf([["8"]]))
    (crop,) = crops(page(file, boxed("suspect")._replace(box=Box(20, 50, 580, 90))))
    assert 150 < crop.width < 250
