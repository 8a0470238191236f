"""Signs that a reading lost something without a sound: pages, text or tables that another look finds, damage.

The other look is playa's, camelot's parser, which shares no code with pdfium and is fast enough to count the
pages of every document; it is asked for text only where the reading has an empty page.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.forms import load_forms
from pipeline.forms.labels import fold
from pipeline.ladder import MODERN
from pipeline.records import RawDocument, Reason
from pipeline.source import Source

if TYPE_CHECKING:
    import playa

ENGINE = "playa"
MANY = 10
DAMAGED = "it may be damaged, fetch it again"


_STREAM = re.compile(
    rb"/Filter\s*\[?\s*/FlateDecode(?:(?!endobj|stream).){0,400}?>>\s*stream\r?\n", re.DOTALL
)
_CHUNK = 1 << 16
ENOUGH = 1 << 28
"""Bytes of a file, unpacked, that are looked at: more is no text, and may be a bomb."""


class Loss(NamedTuple):
    """A sign, and what was seen, in words."""

    reason: Reason
    words: str


def source_to_losses(source: Source, tables: Collection[str]) -> list[Loss]:
    """Every sign that the first reading, which found these `tables`, lost something."""
    losses = [*_damaged_streams(source.path), *_headings_alone(source.first, tables)]
    if ENGINE not in source.ways.without:
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


def _damaged_streams(path: Path) -> Iterator[Loss]:
    """Compressed parts that do not unpack, or not to what their checksum says.

    A single wrong bit in a font takes all its zeros out of the numbers, and every reader then sees blanks.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.rfind(b"/Encrypt") >= 0:
            return
        sizes = _unpacked_sizes(data)
        damaged = sum(size is None for size in sizes)
    if damaged:
        yield Loss(Reason.DAMAGED, f"compressed parts that do not unpack: {damaged}: {DAMAGED}")


def _unpacked_sizes(data: mmap.mmap) -> Iterator[int | None]:
    """The bytes of every compressed part, None where it is broken; until it has been enough."""
    left = ENOUGH
    for match in _STREAM.finditer(data):
        size = _unpacked_size(data, match.end(), left)
        yield size
        left -= size or 0
        if left <= 0:
            return


def _unpacked_size(data: mmap.mmap, start: int, most: int) -> int | None:
    unpacker, size = zlib.decompressobj(), 0
    for place in range(start, len(data), _CHUNK):
        packed = data[place : place + _CHUNK]
        while packed and not unpacker.eof and size < most:
            try:
                size += len(unpacker.decompress(packed, _CHUNK))
            except zlib.error:
                return None
            packed = unpacker.unconsumed_tail
        if unpacker.eof or size >= most:
            return size
    return None


def _second_look(source: Source) -> Iterator[Loss]:
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


def _empty_pages(source: Source) -> list[int]:
    """The pages on which the library itself finds no text; what we drop, as watermarks, is not lost."""
    empty = [page for page, text in source.texts.items() if not text]
    if not empty or source.step.reader != "tablers":
        return empty
    import pypdfium2

    with pypdfium2.PdfDocument(source.path, password=source.password) as document:
        return [page for page in empty if not document[page - 1].get_textpage().get_text_bounded().strip()]
