"""Find signs that a reading lost something silently: pages, text, tables, or parts of a damaged file.

The bytes of the file are looked at first. Where they do not confirm the number of pages, or a page has no
text, playa counts too: the parser of camelot, which shares no code with pdfium.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pipeline.extract.fallback import MODERN
from pipeline.extract.opened_document import numbers_to_words
from pipeline.extract.opened_pdf import OpenedPdf
from pipeline.forms import load_forms
from pipeline.forms.labels import fold
from pipeline.records import RawDocument, Reason

if TYPE_CHECKING:
    import playa

SECOND_ENGINE = "playa"
FETCH_AGAIN = "it may be damaged, fetch it again"


class IntegritySign(NamedTuple):
    """A sign that something may be lost: the reason in one word, and what was seen in words."""

    reason: Reason
    words: str


def pdf_to_losses(pdf: OpenedPdf) -> list[IntegritySign]:
    """Return every sign that parts of a PDF, its pages or their text were lost to the first reading."""
    byte_facts, signs = pdf.byte_facts, list[IntegritySign]()
    if byte_facts and byte_facts.damaged:
        words = f"compressed parts that do not unpack: {byte_facts.damaged}: {FETCH_AGAIN}"
        signs.append(IntegritySign(Reason.DAMAGED, words))
    is_sure = byte_facts and byte_facts.pages == len(pdf.first.page_sizes) and all(pdf.texts.values())
    if not is_sure and SECOND_ENGINE not in pdf.engines.without:
        pdf.engines.notice(SECOND_ENGINE)
        signs += _second_engine_signs(pdf)
    return signs


def headings_without_table(first: RawDocument, tables: Collection[str]) -> Iterator[IntegritySign]:
    """Yield a sign where headings of tables stand on the pages and these `tables` alone were found.

    A modern report with a table missing has a status that says so. Until fiscal year 2018 the headings of the
    modern tables stood over prose, which is no sign.
    """
    printed = {fold(line.text) for line in first.lines}
    wanted = [form for form in load_forms() if not (tables and form.table in MODERN)]
    alone = {form.table for form in wanted if form.headings & printed} - set(tables)
    if alone:
        yield IntegritySign(Reason.HEADING_ALONE, f"a heading without its table: {', '.join(sorted(alone))}")


def _second_engine_signs(pdf: OpenedPdf) -> Iterator[IntegritySign]:
    """Yield a sign where playa finds other pages than the reader, or text on pages without any."""
    import playa

    reader, pages = pdf.step.reader, len(pdf.first.page_sizes)
    try:
        with playa.open(pdf.file.path, password=pdf.file.password or "") as document:
            count = len(document.pages)
            empty = [page for page in _empty_pages(pdf) if page <= count and _has_text(document, page)]
    except MemoryError:
        raise
    except Exception as error:  # playa raises errors of any kind on a broken file
        words = f"{SECOND_ENGINE} cannot count the pages ({type(error).__name__}): {FETCH_AGAIN}"
        yield IntegritySign(Reason.PAGES_DIFFER, words)
        return
    if count != pages:
        yield IntegritySign(
            Reason.PAGES_DIFFER, f"{reader} finds {pages} pages, {SECOND_ENGINE} {count}: {FETCH_AGAIN}"
        )
    if empty:
        shown = numbers_to_words(empty)
        words = f"{reader} finds no text on page {shown}, {SECOND_ENGINE} does: {FETCH_AGAIN}"
        yield IntegritySign(Reason.TEXT_DIFFERS, words)


def _has_text(document: playa.Document, page: int) -> bool:
    """Whether playa finds text on a page; False where its parser fails, which says nothing about text."""
    try:
        return any(glyph.text and glyph.text.strip() for glyph in document.pages[page - 1].glyphs)
    except MemoryError:
        raise
    except Exception:
        return False


def _empty_pages(pdf: OpenedPdf) -> list[int]:
    """Return the pages on which the library itself finds no text.

    What we drop as a watermark is not lost.
    """
    empty = [page for page, text in pdf.texts.items() if not text]
    if not empty or pdf.step.reader != "pypdfium2":
        return empty
    return [page for page in empty if not pdf.file.page(page).get_textpage().get_text_bounded().strip()]
