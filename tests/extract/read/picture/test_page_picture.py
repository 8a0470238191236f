"""Pages to pictures: a scan in its own resolution, and all other pages as they are shown."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.picture.page_picture import PICTURE_MAX_PIXELS, as_positive, file_to_picture


def test_a_scan_comes_out_as_it_is_stored(tmp_path: Path) -> None:
    """Each of its pixels is one of the picture."""
    stored = np.add.outer(np.arange(660) // 6, np.arange(510) // 5).astype(np.uint8)
    Image.fromarray(stored).save(tmp_path / "scan.pdf", resolution=180)
    file = PdfFile(tmp_path / "scan.pdf")
    picture = file_to_picture(file, 1)
    file.close()
    assert picture.colours.shape == (660, 510, 3)
    assert picture.scale == 180 / 72
    assert np.abs(picture.colours[:, :, 0].astype(int) - stored).max() < 8


def mask_to_pdf(bits: npt.NDArray[np.bool_], path: Path, rotate: int = 0) -> None:
    """Write a page of a point a pixel that is one image mask: 0 in the file is ink, as PDF has it."""
    rows, columns = bits.shape
    data = np.packbits(~bits, axis=1).tobytes().hex().encode() + b">"
    kind = f"/Type/XObject/Subtype/Image/ImageMask true/Width {columns}/Height {rows}/BitsPerComponent 1"
    drawing = f"q {columns} 0 0 {rows} 0 0 cm /I Do Q".encode()
    page = f"/Type/Page/Parent 2 0 R/MediaBox[0 0 {columns} {rows}]/Rotate {rotate}/Contents 5 0 R"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<<{page}/Resources<</XObject<</I 4 0 R>>>>>>".encode(),
        f"<<{kind}/Filter/ASCIIHexDecode/Length {len(data)}>>".encode() + b"stream\n" + data + b"\nendstream",
        f"<</Length {len(drawing)}>>".encode() + b"stream\n" + drawing + b"\nendstream",
    ]
    numbered = (b"%d 0 obj\n%s\nendobj\n" % (number, body) for number, body in enumerate(objects, 1))
    path.write_bytes(b"%PDF-1.4\n" + b"".join(numbered) + b"trailer<</Root 1 0 R>>\n")


@pytest.mark.parametrize("rotate", [0, 90])
def test_an_image_mask_is_no_negative(tmp_path: Path, rotate: int) -> None:
    """Its ink is black on white, and stands where the page is displayed."""
    bits = np.zeros((300, 200), np.bool_)
    bits[20:60, 30:50] = True
    mask_to_pdf(bits, tmp_path / "mask.pdf", rotate)
    file = PdfFile(tmp_path / "mask.pdf")
    picture = file_to_picture(file, 1)
    file.close()
    shown = np.rot90(bits, -rotate // 90)
    dark = cv2.resize((picture.colours[:, :, 0] < 128).astype(np.uint8), shown.shape[::-1]).astype(np.bool_)
    assert (dark == shown).mean() > 0.995
    assert picture.colours.max() == 255


def test_a_huge_page_is_drawn_smaller(tmp_path: Path) -> None:
    """Its picture fits into the memory."""
    Image.new("L", (40, 40), 255).save(tmp_path / "huge.pdf", resolution=0.5)
    file = PdfFile(tmp_path / "huge.pdf")
    picture = file_to_picture(file, 1)
    file.close()
    assert picture.colours.shape[0] * picture.colours.shape[1] <= PICTURE_MAX_PIXELS * 1.01


def test_a_scan_with_a_point_a_pixel_is_not_enlarged(tmp_path: Path) -> None:
    """Its page is as large as a poster, and its pixels are those of A4 at 200 dpi."""
    Image.new("L", (1654, 2339), 255).save(tmp_path / "scan.pdf", resolution=72)
    file = PdfFile(tmp_path / "scan.pdf")
    picture = file_to_picture(file, 1)
    file.close()
    assert picture.colours.shape == (2339, 1654, 3)
    assert picture.scale == 1


def test_a_negative_is_shown_as_print_and_a_page_on_a_dark_desk_as_it_is() -> None:
    page = np.full((700, 490, 3), 250, np.uint8)
    page[100:120, 60:400] = 10
    assert np.array_equal(as_positive(255 - page), page)
    desk = cv2.copyMakeBorder(page, 180, 180, 120, 120, cv2.BORDER_CONSTANT, value=(40, 35, 30))
    assert np.array_equal(as_positive(np.asarray(desk, np.uint8)), desk)
