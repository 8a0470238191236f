"""Several reports in one file: one behind the other, running on, side by side, scanned; and in containers."""

from __future__ import annotations

import ctypes
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from .render import Block, Space, Table, Text, Turn, draw_document
from .reports import Spec, compose

SCAN_DOTS_PER_POINT = 150 / 72
SHEET = (1190.0, 842.0)
GBK = "gb18030"

Truths = list[dict[str, Any]]


def behind(*pdfs: bytes) -> bytes:
    """One file with the pages of all, one report after the other."""
    joined = pdfium.PdfDocument.new()
    for pdf in pdfs:
        joined.import_pages(pdfium.PdfDocument(pdf))
    return _saved(joined)


def beside(left: bytes, right: bytes) -> bytes:
    """One file with a page of each report side by side on its pages."""
    one, other = pdfium.PdfDocument(left), pdfium.PdfDocument(right)
    pairs = pdfium.PdfDocument.new()
    for page in range(min(len(one), len(other))):
        pairs.import_pages(one, [page])
        pairs.import_pages(other, [page])
    sheets = pdfium_c.FPDF_ImportNPagesToOne(pairs.raw, *map(ctypes.c_float, SHEET), 2, 1)
    return _saved(pdfium.PdfDocument(sheets))


def running(*specs: Spec, gap: float = 0.0) -> tuple[bytes, Truths]:
    """One file in which each report begins `gap` points below the end of the one before; the truths."""
    reports = [compose(spec) for spec in specs]
    blocks = [block for report in reports for block in (Space(gap), *report.blocks)]
    return draw_document(blocks, reports[0].style, "several"), [report.truth for report in reports]


def with_tables_of(spec: Spec, other: Spec) -> tuple[bytes, Truths]:
    """A report followed by the tables of another, which have no title; the truths."""
    report, more = compose(spec), compose(other)
    tables = [block for block in more.blocks if isinstance(block, Table)]
    blocks = [*report.blocks, Text("附：数据对比", align="centre"), *tables]
    return draw_document(blocks, report.style, "compared"), [report.truth, more.truth]


def with_contents(spec: Spec) -> tuple[bytes, Truths]:
    """A report behind a cover that names no bureau and a table of contents; its truth."""
    report = compose(spec)
    cover: list[Block] = [Space(200), Text(f"{spec.year}年政府信息公开工作年度报告", 22, "centre")]
    headings = [Text(block.text) for block in report.blocks if isinstance(block, Text) and block.bold]
    front = [*cover, Turn("portrait"), Text("目录", align="centre"), *headings, Turn("portrait")]
    return draw_document([*front, *report.blocks], report.style, "contents"), [report.truth]


def scanned(pdf: bytes, askew: float = 0.0) -> bytes:
    """Pictures of the pages, turned by so many degrees, without any text."""
    content = io.BytesIO()
    pages = [
        page.render(scale=SCAN_DOTS_PER_POINT, grayscale=True).to_pil() for page in pdfium.PdfDocument(pdf)
    ]
    first, *rest = (page.rotate(askew, Image.Resampling.BILINEAR, fillcolor=255) for page in pages)
    first.save(content, "PDF", save_all=True, append_images=rest, resolution=72 * SCAN_DOTS_PER_POINT)
    return content.getvalue()


def attached(pdf: bytes, files: Mapping[str, bytes]) -> bytes:
    """The PDF with files attached, by name."""
    document = pdfium.PdfDocument(pdf)
    for name, data in files.items():
        document.new_attachment(name).set_data(data)
    return _saved(document)


def zipped(members: Sequence[tuple[str, bytes]], encoding: str = "utf-8") -> bytes:
    """A ZIP archive; in GBK the names are as programs on Windows write them, and nothing says so."""
    content = io.BytesIO()
    raws = [name.encode(encoding) for name, _ in members]
    marks = [f"{number:0{len(raw)}d}" for number, raw in enumerate(raws)]
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for (name, data), mark in zip(members, marks, strict=True):
            archive.writestr(name if encoding == "utf-8" else mark, data)
    archived = content.getvalue()
    if encoding != "utf-8":
        for mark, raw in zip(marks, raws, strict=True):
            archived = archived.replace(mark.encode(), raw)
    return archived


def _saved(document: pdfium.PdfDocument) -> bytes:
    """The bytes of a document."""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
