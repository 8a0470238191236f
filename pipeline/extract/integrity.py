"""Signs that a reading lost something without a sound: pages, text or tables that another look finds, damage.

The other look is one at the bytes of the file, and where that does not settle the number of pages, or a page
has no text, playa's: camelot's parser, which shares no code with pdfium.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipeline.extract.fallback import MODERN
from pipeline.extract.opened_pdf import OpenedPdf
from pipeline.extract.pdf_bytes import file_to_look
from pipeline.forms import load_forms
from pipeline.forms.labels import fold
from pipeline.records import RawDocument, Reason

if TYPE_CHECKING:
    import playa

ENGINE = "playa"
MANY = 10
DAMAGED = "it may be damaged, fetch it again"


class Loss(NamedTuple):
    """A sign, and what was seen, in words."""

    reason: Reason
    words: str


def source_to_losses(source: OpenedPdf, tables: Collection[str]) -> list[Loss]:
    """Every sign that the first reading, which found these `tables`, lost something."""
    look, losses = file_to_look(source.path), list(_headings_alone(source.first, tables))
    if look and look.damaged:
        words = f"compressed parts that do not unpack: {look.damaged}: {DAMAGED}"
        losses.insert(0, Loss(Reason.DAMAGED, words))
    is_settled = look and look.pages == len(source.first.page_sizes) and all(source.texts.values())
    if not is_settled and ENGINE not in source.ways.without:
        source.ways.notice(ENGINE)
        losses += _second_look(source)
    return losses


def _headings_alone(first: RawDocument, tables: Collection[str]) -> Iterator[Loss]:
    """Headings of tables that were not found.

    What a modern report misses its status says; and until fiscal year 2018 the modern headings
    stood over prose.
    """
    printed = {fold(line.text) for line in first.lines}
    wanted = [form for form in load_forms() if not (tables and form.table in MODERN)]
    alone = {form.table for form in wanted if form.headings & printed} - set(tables)
    if alone:
        yield Loss(Reason.HEADING_ALONE, f"a heading without its table: {', '.join(sorted(alone))}")


def _second_look(source: OpenedPdf) -> Iterator[Loss]:
    import playa

    reader, pages = source.step.reader, len(source.first.page_sizes)
    try:
        with playa.open(source.path, password=source.password or "") as document:
            counted = len(document.pages)
            lost = [page for page in _empty_pages(source) if page <= counted and _shows(document, page)]
    except MemoryError:
        raise
    except Exception as error:  # playa raises whatever its parser trips over
        words = f"{ENGINE} cannot count the pages ({type(error).__name__}): {DAMAGED}"
        yield Loss(Reason.PAGES_DIFFER, words)
        return
    if counted != pages:
        yield Loss(Reason.PAGES_DIFFER, f"{reader} finds {pages} pages, {ENGINE} {counted}: {DAMAGED}")
    if lost:
        shown = ", ".join(map(str, lost[:MANY])) + (" …" if len(lost) > MANY else "")
        words = f"{reader} finds no text on page {shown}, {ENGINE} does: {DAMAGED}"
        yield Loss(Reason.TEXT_DIFFERS, words)


def _shows(document: playa.Document, page: int) -> bool:
    """Whether playa finds text on a page; not where its parser trips, which says nothing of text."""
    try:
        return any(glyph.text and glyph.text.strip() for glyph in document.pages[page - 1].glyphs)
    except MemoryError:
        raise
    except Exception:
        return False


def _empty_pages(source: OpenedPdf) -> list[int]:
    """The pages on which the library itself finds no text; what we drop, as watermarks, is not lost."""
    empty = [page for page, text in source.texts.items() if not text]
    if not empty or source.step.reader != "tablers":
        return empty
    import pypdfium2

    with pypdfium2.PdfDocument(source.path, password=source.password) as document:
        return [page for page in empty if not document[page - 1].get_textpage().get_text_bounded().strip()]
