"""Lines as a reader hands them over: from real PDFs, and laid out from plain strings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.records import Box, TextLine

ROOT = Path(__file__).parents[3]
HONGZE = ROOT.parent / "shared" / "real" / "hongze-2023.pdf"
BODY, TITLE, PITCH, LEFT, WIDTH = 16.0, 22.0, 28.0, 74.0, 444.0
_WATERMARK_SIZE = 60

PdfLines = tuple[tuple[TextLine, ...], tuple[tuple[float, float], ...]]


@cache
def pdf_to_lines(path: Path, tables_too: bool = False) -> PdfLines:
    """The lines of a PDF and its page sizes; in hongze pdfplumber takes prose for tables, so keep them."""
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    with pdfplumber.open(path) as pdf:
        sizes = tuple((float(page.width), float(page.height)) for page in pdf.pages)
        lines = tuple(line for page in pdf.pages for line in _page_to_lines(page, tables_too))
    return lines, sizes


def _page_to_lines(page: Any, tables_too: bool) -> Iterator[TextLine]:
    page = page.filter(lambda thing: thing.get("size", 0) < _WATERMARK_SIZE)
    tables = [] if tables_too else [table.bbox for table in page.find_tables()]
    for line in page.extract_text_lines(return_chars=False):
        box = Box(line["x0"], line["top"], line["x1"], line["bottom"])
        if not any(top - 3 <= (box.top + box.bottom) / 2 <= bottom + 3 for _, top, _, bottom in tables):
            yield TextLine(page.page_number, line["text"], box)


def layout(*texts: str, page: int = 1, top: float = 80.0) -> tuple[TextLine, ...]:
    """Lines set as bureaus set them: `^` marks a title, `>` an indent, `|` the right margin; a line each."""
    return tuple(_set_line(text, page, top + PITCH * i) for i, text in enumerate(texts))


def _set_line(text: str, page: int, top: float) -> TextLine:
    mark, text = (text[0], text[1:]) if text[:1] in "^>|" else ("", text)
    size = TITLE if mark == "^" else BODY
    width = min(WIDTH, size * len(text))
    x0 = {"^": LEFT + (WIDTH - width) / 2, ">": LEFT + 2 * BODY, "|": LEFT + WIDTH - width, "": LEFT}[mark]
    return TextLine(page, text, Box(x0, top, min(x0 + width, LEFT + WIDTH), top + size))


def wrap(text: str, page: int = 1, top: float = 80.0, per_line: int = 27) -> tuple[TextLine, ...]:
    """A paragraph of prose: two characters of indent, full lines, a short last one."""
    first = per_line - 2
    rest = [text[i : i + per_line] for i in range(first, len(text), per_line)]
    return layout(">" + text[:first], *rest, page=page, top=top)


def on_page(page: int, lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    return tuple(TextLine(page, line.text, line.box) for line in lines)
