"""Pages to pictures: a scan in its own resolution, and all other pages as they are shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.picture.page_picture import file_to_picture


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
