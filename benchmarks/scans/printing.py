"""A report printed in a font, its pages as shades, and where on them its cells stand."""

from __future__ import annotations

import io
import string
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
from pypdfium2 import raw as pdfium

from benchmarks.scans.fonts import set_in
from benchmarks.scans.plan import Scan
from pipeline.extract.document import read_document
from pipeline.records import Box, Snapshot
from tools.generator import compose
from tools.generator.render import draw_document

Shades = npt.NDArray[np.uint8]
Cell = tuple[str, str, str]

POINTS_AN_INCH = 72

FINER = 2
"""Times. Pages are drawn so much finer than they are scanned."""

RULINGS = 12
"""Count. A page with as many drawn lines has a table on it."""


class PrintingError(Exception):
    """A report whose printed text is not what it should be: its font lacks characters."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A report before it is scanned. `places` are the page, from 1, and the box of each number cell in points
    from the page's top left; `tables` are the pages with a table.
    """

    pdf: bytes
    truth: dict[str, Any]
    places: dict[Cell, tuple[int, Box]]
    tables: tuple[int, ...]


def print_report(scan: Scan) -> Printed:
    """Return the report of a scan, printed; where its tables and cells are, the same with rulings shows."""
    report = compose(scan.spec)
    with set_in(scan.font, set(repr(report)) | set(string.printable)):
        pdf = draw_document(report.blocks, report.style, report.title)
        ruled = pdf
        if report.style.ruling == "none":
            ruled = draw_document(report.blocks, replace(report.style, ruling="solid"), report.title)
    places = _places(ruled, report.truth, scan.name)
    return Printed(pdf, report.truth, places, tuple(_pages_with_tables(ruled)))


def _places(pdf: bytes, truth: dict[str, Any], name: str) -> dict[Cell, tuple[int, Box]]:
    """Return where the cells stand: as read of the printed file, whose every cell must be right."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        report = read_document(Snapshot(Path(file.name), sha256(pdf).hexdigest()))
    read = {(seen.table, seen.item, seen.column): seen for seen in report.observations}
    printed = {(row[0], row[1], row[2]): (row[3], row[4]) for row in truth["cells"]}
    other = [cell for cell, said in printed.items() if cell not in read or read[cell].value != said[0]]
    if other or read.keys() - printed.keys():
        raise PrintingError(f"{name}: {len(other)} cells are printed otherwise, the first {other[:1]}")
    return {cell: (seen.page, seen.box) for cell, seen in read.items()}


def _pages_with_tables(pdf: bytes) -> Iterator[int]:
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, start=1):
            paths = sum(1 for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]))
            if paths >= RULINGS:
                yield number


def draw_pages(pdf: bytes, dpi: int) -> Sequence[Shades]:
    """Return every page as shades, as a laser printer puts it down, at so many pixels an inch."""
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        drawn = [page.render(scale=FINER * dpi / POINTS_AN_INCH, grayscale=True) for page in document]
        return [_laid_down(bitmap.to_numpy()) for bitmap in drawn]


def _laid_down(drawn: Shades) -> Shades:
    """Return a page with every stroke wider by one pixel of the drawing, as toner spreads."""
    fine = drawn.reshape(drawn.shape[:2])
    spread = cv2.erode(fine, np.ones((2, 2), np.uint8))
    shrunk = cv2.resize(spread, None, fx=1 / FINER, fy=1 / FINER, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.uint8)
