"""What a program adds to the pages of a printed report: numbers shown in some way, stamps, watermarks."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from tools.generator.fonts import FONT, load_font, width_of
from tools.generator.render import Pages, Style
from tools.generator.shown import Shown, draw_shown

from .places import Place

Draw = Callable[[Shown], None]

STAMP_SIZE = 9.0
WATERMARK = "8812"
WATERMARK_SIZE, WATERMARK_ALPHA = 90.0, 0.12


def in_way(how: str) -> Draw:
    """Return what shows a number in one of the ways of SHOWN."""
    return lambda shown: draw_shown(how, shown)


def with_actual_text(shown: Shown) -> None:
    """Print the number, and say that it stands for the older one."""
    shown.canvas._code.append(f"/Span <</ActualText ({shown.older})>> BDC")
    shown.write(shown.text, shown.x)
    shown.canvas._code.append("EMC")


def one_over_the_other(shown: Shown) -> None:
    """Print the older number a little above the number, in the same cell."""
    shown._replace(baseline=shown.baseline - 0.55 * shown.size).write(shown.older, shown.x)
    shown._replace(baseline=shown.baseline + 0.55 * shown.size).write(shown.text, shown.x)


def stamp_beside(shown: Shown) -> None:
    """Print the number of the page close behind and below what stands there."""
    x = shown.x + width_of(shown.older, shown.size) + 5
    shown.pages.write(str(shown.pages.number), x, shown.baseline + 5, STAMP_SIZE, font="Helvetica")


def watermark(pages: Pages) -> None:
    """Lay digits over the page, grey and upright, as outlines."""
    wide, high = pages.size
    pages.canvas.saveState()
    pages.canvas.setFillAlpha(WATERMARK_ALPHA)
    for share in (0.25, 0.6):
        x, baseline = wide * share - 60, high * (1.1 - share)
        draw_shown("outlines", Shown(pages, WATERMARK, "", x, baseline, WATERMARK_SIZE))
    pages.canvas.restoreState()


def small_watermark(pages: Pages) -> None:
    """Write small digits all over the page, light grey and upright, in rows like those of bricks."""
    wide, high = pages.size
    for row in range(1, int(high // 60)):
        for column in range(int(wide // 70)):
            pages.write(WATERMARK, 70.0 * column + 35 * (row % 2), 60.0 * row, 9, grey=0.8)


def overlay(pdf: bytes, places: Sequence[Place], texts: Sequence[tuple[str, str]], draw: Draw) -> bytes:
    """Return the file with each text, and what else stands in its cell, drawn at its place."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        for number in sorted({place.page for place in places}):
            own = [pair for pair in zip(places, texts, strict=True) if pair[0].page == number]
            size = document.get_page_size(number)
            stamp_page(document, number, drawn(size, number, partial(_draw_all, own=own, draw=draw)))
        return saved(document)


def over_every_page(pdf: bytes, draw: Callable[[Pages], None]) -> bytes:
    """Return the file with something drawn over each of its pages."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(len(document)):
            stamp_page(document, number, drawn(document.get_page_size(number), number, draw))
        return saved(document)


def _draw_all(pages: Pages, own: Iterable[tuple[Place, tuple[str, str]]], draw: Draw) -> None:
    for place, (text, older) in own:
        x = place.middle - width_of(text, place.size) / 2
        draw(Shown(pages, text, older, x, pages.size[1] - place.baseline, place.size))


def drawn(size: tuple[float, float], page: int, draw: Callable[[Pages], None]) -> bytes:
    """Return a page that holds nothing but what is drawn now."""
    from reportlab.pdfgen.canvas import Canvas

    load_font()
    sink = io.BytesIO()
    canvas = Canvas(sink, pagesize=size, invariant=1)
    canvas.transform(1, 0, 0, -1, 0, size[1])
    draw(Pages(canvas, Style(), number=page + 1, size=size))
    canvas.setFont(FONT, STAMP_SIZE)
    canvas.showPage()
    canvas.save()
    return sink.getvalue()


def stamp_page(document: Any, number: int, stamp: bytes) -> None:
    """Lay the first page of another file over a page."""
    import pypdfium2

    with pypdfium2.PdfDocument(stamp) as other:
        held = other.page_as_xobject(0, document)
        page = document[number]
        page.insert_obj(held.as_pageobject())
        page.gen_content()
        page.close()
        held.close()


def saved(document: Any) -> bytes:
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()
