"""Scans with the layer of text that a program for OCR lays over the pictures, unseen."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.generator.fonts import FONT, load_font, width_of

from .places import Place

DOTS_PER_POINT = 150 / 72
Bounds = tuple[float, float, float, float]
"""Left, bottom, right and top, in points."""

UNSEEN = 3
"""The way of PDF to print text that nobody sees."""


def with_text_layer(
    pdf: bytes, misread: Mapping[str, str] | None = None, shift: tuple[float, float] = (0.0, 0.0)
) -> bytes:
    """Return pictures of the pages under their own text, with some of its numbers misread.

    The text lies `shift` points to the right of what it reads, and above it.
    """
    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    load_font()
    sink = io.BytesIO()
    canvas = Canvas(sink, invariant=1)
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            size = page.get_size()
            canvas.setPageSize(size)
            picture = page.render(scale=DOTS_PER_POINT, grayscale=True).to_pil()
            canvas.drawImage(ImageReader(picture), 0, 0, *size)
            for text, box in lines_of(page.get_textpage()):
                _write(canvas, (misread or {}).get(text, text), _moved(box, shift))
            canvas.showPage()
    canvas.save()
    return sink.getvalue()


def _moved(box: Bounds, shift: tuple[float, float]) -> Bounds:
    """Return a box so far away."""
    (left, bottom, right, top), (across, up) = box, shift
    return left + across, bottom + up, right + across, top + up


def lines_of(page: Any) -> Iterable[tuple[str, Bounds]]:
    """Yield the text of each piece of a line, with its box."""
    for number in range(page.count_rects()):
        box = page.get_rect(number)
        text = page.get_text_bounded(*box).strip()
        if text:
            yield text, box


def _write(canvas: Any, text: str, box: Bounds) -> None:
    left, bottom, right, top = box
    size = max(top - bottom, 4.0)
    line = canvas.beginText(left, bottom)
    line.setFont(FONT, size)
    line.setTextRenderMode(UNSEEN)
    line.setHorizScale(100 * (right - left) / max(width_of(text, size), 1.0))
    line.textOut(text)
    canvas.drawText(line)


def with_misread_layer(pdf: bytes, places: Sequence[Place], texts: Sequence[tuple[str, str]]) -> bytes:
    """Return a scan whose layer gives the older text for each of these numbers."""
    return with_text_layer(pdf, dict(texts))
