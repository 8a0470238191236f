"""Find what a file holds and no reader reads: tables on pages that are pictures, PDFs attached to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.extract.integrity import IntegritySign
from pipeline.extract.opened_document import numbers_to_words
from pipeline.extract.opened_pdf import OpenedPdf
from pipeline.extract.read.picture.table_rulings import is_ruled
from pipeline.printable import to_printable
from pipeline.records import Reason

DRAWN_MAX_PAGES = 50
"""Count. No more pages without text are drawn: a report has few."""

DRAWN_PIXELS = 1200
"""Pixels of the longer side of a page that is drawn to look for rulings."""

_ENGINE = "pypdfium2"
ANEW = "scan it anew, straight, sharp, and with 300 dots an inch"
IN_GREY = "scan the paper itself, in grey"
_APART = "save what is attached, and read it too"


def pdf_to_unread_signs(pdf: OpenedPdf) -> Iterator[IntegritySign]:
    """Yield a sign where tables stand on pages without text, and where PDFs are attached."""
    if pdf.step.reader != _ENGINE:
        return
    texts = {} if pdf.is_blank else pdf.texts
    empty = [page for page, text in sorted(texts.items()) if not text][:DRAWN_MAX_PAGES]
    if ruled := [page for page in empty if _shows_table(pdf, page)]:
        words = (
            f"page {numbers_to_words(ruled)} shows a table as a picture, and it is not read: "
            f"{pdf.why_unread() or ANEW}"
        )
        yield IntegritySign(Reason.PICTURES, words)
    if names := list(_attached_pdfs(pdf.file.document)):
        shown = ", ".join(map(to_printable, names[:3])) + (" …" if names[3:] else "")
        yield IntegritySign(Reason.SEVERAL_REPORTS, f"PDF files are attached to it ({shown}): {_APART}")


def unruled_signs(pdf: OpenedPdf, missing: Sequence[str]) -> Iterator[IntegritySign]:
    """Yield a sign for each table that is a picture without rulings and was not read whole.

    `missing` are the tables and cells that the report lacks, as `Report.missing` has them.
    """
    if not (missing and pdf.pictured):  # what the pages mention takes long to find
        return
    for table, pages in pdf.mentions.items():
        lacking = [name for name in missing if name.partition(".")[0] == table]
        if lacking and (unruled := sorted(page for page in pages if pdf.is_unruled_picture(page))):
            what = "" if table in lacking else f", {len(lacking)} of its cells"
            yield IntegritySign(
                Reason.PICTURES,
                f"not read: {table}{what}: page {numbers_to_words(unruled)} shows it as a picture without "
                f"rulings, as it is where a fax lost them: {IN_GREY}",
            )


def _attached_pdfs(document: Any) -> Iterator[str]:
    """Yield the names of the PDFs that are attached to a document."""
    try:
        for number in range(document.count_attachments()):
            name = document.get_attachment(number).get_name()
            if name.lower().endswith(".pdf"):
                yield name
    except RuntimeError:  # pypdfium2's own error is one
        return


def _shows_table(pdf: OpenedPdf, number: int) -> bool:
    """Whether rulings of a table are drawn on a page."""
    try:
        page = pdf.file.page(number)
        scale = DRAWN_PIXELS / max(*page.get_size(), 1.0)
        shades = page.render(scale=scale, grayscale=True).to_numpy()
    except RuntimeError:
        return False
    return is_ruled(shades.reshape(shades.shape[:2]))
