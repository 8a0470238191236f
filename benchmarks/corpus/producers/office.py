"""What the producers that end their pages themselves share: paper, tables parted at planned page ends, and
PDFs put right after printing: pages turned as a printer driver turns them, dates and identifiers fixed."""

from __future__ import annotations

import hashlib
import re
import time
from functools import partial
from pathlib import Path

from tools.generator import Style, render
from tools.generator.fonts import load_font, width_of, wrap
from tools.generator.render import Table

from .parts import Part, Type, planned_parts, table_to_part

PAPER = {**render.PAPER, "rotate90": (841.0, 595.0), "sideways": (840.0, 595.0)}
"""Width and height in points that a page is printed on; a point less marks a page that is to be turned."""

DATE = 1704067200
"""When everything was printed: the first of January 2024, as seconds since 1970."""

PRINTED = re.compile(
    rb"(?<=/CreationDate\(D:)\d{14}|(?<=/ModDate\(D:)\d{14}"
    rb"|(?<=/CreationDate \(D:)\d{14}|(?<=/ModDate \(D:)\d{14}"
)
IDENTIFIER = re.compile(
    rb"(?<=/DocChecksum/)[0-9A-F]{32}|(?<=/DocChecksum /)[0-9A-F]{32}"
    rb"|(?<=<)[0-9A-Fa-f]{32}(?=>(?:\s*<[0-9A-Fa-f]{32}>)?\s*\])"
)


def table_to_parts(table: Table, width: float, style: Style) -> list[Part]:
    """What of the table stands before, between and after its planned page ends."""
    load_font()
    size = style.cell_size
    setting = Type(size, partial(wrap, size=size), partial(width_of, size=size))
    return planned_parts(table_to_part(table, width, style, setting), table.layout.table, style)


def fix_identity(path: Path) -> None:
    """The dates of the file replaced by `DATE`, its identifiers by one that follows from the rest of it."""
    printed = time.strftime("%Y%m%d%H%M%S", time.gmtime(DATE)).encode()
    dated = PRINTED.sub(printed, path.read_bytes())
    known = hashlib.md5(IDENTIFIER.sub(b"", dated), usedforsecurity=False).hexdigest().upper()
    path.write_bytes(IDENTIFIER.sub(known.encode(), dated))


def turn_pages(path: Path) -> None:
    """Turn the pages of the file that are as wide as a page to be turned: by /Rotate, or by their content."""
    import pypdfium2

    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        turned = [page for page in document if orientation_of(page.get_width()) in ("rotate90", "sideways")]
        for page in turned:
            turn_page(page, orientation_of(page.get_width()) == "rotate90")
        if turned:
            document.save(path)


def orientation_of(width: float) -> str:
    return min(PAPER, key=lambda name: abs(PAPER[name][0] - width))


def turn_page(page, by_rotate: bool) -> None:  # type: ignore[no-untyped-def]
    """The content turned by a quarter on upright paper; by_rotate: and turned back by the page's /Rotate."""
    from pypdfium2 import raw

    width, height = page.get_size()
    matrix, clip = raw.FS_MATRIX(0, 1, -1, 0, height, 0), raw.FS_RECTF(0, width, height, 0)
    raw.FPDFPage_TransFormWithClip(page, matrix, clip)
    page.set_mediabox(0, 0, height, width)
    page.set_rotation(90 if by_rotate else 0)
