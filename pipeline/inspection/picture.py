"""A report and its PDF → a picture of the pages with every bound cell drawn on them."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.inspection.terminal import cell_to_text
from pipeline.records import Box, Observation, Report

if TYPE_CHECKING:
    from PIL.Image import Image

_COLOURS = {
    "ok": (0, 130, 60),
    "blank": (120, 120, 120),
    "not_applicable": (0, 120, 170),
    "corrected": (60, 60, 220),
    "suspect": (220, 0, 0),
    "unreadable": (190, 0, 190),
}

_PAGE_MAX_SIDE = 4000
"""Pixels. The longer side of a page has no more: page sizes of millions of points exist."""

_MIN_SCALE, _MAX_SCALE = 2.0, 3.0
"""Pixels a point. A page is drawn no smaller and no larger, unless its size asks for less."""

_MARGIN = 300
"""Pixels at the left, for item keys."""

_LEGEND_HEIGHT = 60
"""Pixels. The height of the legend."""

_FONT_SIZE = 17
"""Pixels. The size of the font for values and items."""

_SMALL_FONT_SIZE = 13
"""Pixels. The size of the font for column keys."""

_MIN_FONT_SIZE = 9
"""Pixels. A text that does not fit is made no smaller: it has to be legible."""

_WIDEST_COLUMN_KEY = 95
"""Pixels that `natural_person` takes in small print."""


def report_to_picture(report: Report, file: Path, passwords: tuple[str, ...] = ()) -> Image:
    """Return the pages that hold cells, one below the other, each cell in the colour of its status.

    A cell shows its column key and its value. The item key is at the left edge of its row, or above its first
    cell if a printed row holds several items.
    """
    cells = report.observations
    pdf = _open(file, passwords)
    pages = {number: pdf[number - 1] for number in sorted({cell.page for cell in cells} or {1})}
    scale = _scale([page.get_size() for page in pages.values()], cells)
    pictures = [
        _page_to_picture(page, [cell for cell in cells if cell.page == number], scale)
        for number, page in pages.items()
    ]
    return _stack([_legend(report, max(picture.width for picture in pictures)), *pictures])


def report_to_png(file: Path, report: Report, passwords: tuple[str, ...] = ()) -> bytes:
    """Return that picture as the bytes of a PNG file."""
    png = io.BytesIO()
    report_to_picture(report, file, passwords).save(png, format="PNG")
    return png.getvalue()


def _open(file: Path, passwords: tuple[str, ...]) -> Any:
    """Open the PDF with no password, an empty one, or one of these."""
    import pypdfium2

    for password in (None, "", *passwords):
        try:
            return pypdfium2.PdfDocument(file, password=password)
        except pypdfium2.PdfiumError as error:
            reason = error
    raise reason


def _page_to_picture(page: Any, cells: list[Observation], scale: float) -> Image:
    """Return one page with its cells drawn on it."""
    from PIL import Image, ImageDraw

    printed = page.render(scale=scale).to_pil().convert("RGB")
    picture = Image.new("RGB", (printed.width + _MARGIN, printed.height), "white")
    picture.paste(printed, (_MARGIN, 0))
    draw = ImageDraw.Draw(picture, "RGBA")
    for cell in cells:
        _draw_cell(draw, cell, _to_pixels(cell.box, scale))
    for items in _rows(cells):
        for item, box in items:
            draw_item = _draw_item if len(items) == 1 else _draw_item_above
            draw_item(draw, item, _to_pixels(box, scale))
    return picture


def _scale(sizes: Sequence[tuple[float, float]], cells: Sequence[Observation]) -> float:
    """Return pixels per point: enough for the column keys in the narrowest cell, within the limit of
    memory."""
    narrowest = min((cell.box.x1 - cell.box.x0 for cell in cells), default=_WIDEST_COLUMN_KEY)
    wanted = min(max(_WIDEST_COLUMN_KEY / max(narrowest, 1.0), _MIN_SCALE), _MAX_SCALE)
    return min(wanted, _PAGE_MAX_SIDE / max(side for size in sizes for side in size))


def _to_pixels(box: Box, scale: float) -> Box:
    """Return a box in pixels of the picture."""
    return Box(box.x0 * scale + _MARGIN, box.top * scale, box.x1 * scale + _MARGIN, box.bottom * scale)


def _draw_cell(draw: Any, cell: Observation, box: Box) -> None:
    """Draw a cell's box, column key and value."""
    colour = _COLOURS[cell.status]
    draw.rectangle(box, fill=(*colour, 28), outline=(*colour, 255), width=2)
    _write(draw, (box.x0 + 3, box.top + 2), cell.column, _SMALL_FONT_SIZE, colour, box.x1 - box.x0 - 6)
    value = _ascii(cell_to_text(cell))
    width = draw.textlength(value, font=_font(_FONT_SIZE))
    left = max(box.x1 - width - 5, box.x0 + 3)
    _write(draw, (left, box.bottom - _FONT_SIZE - 5), value, _FONT_SIZE, colour, box.x1 - left)


def _rows(cells: list[Observation]) -> list[list[tuple[str, Box]]]:
    """Return the items of each printed row, each with the box of its leftmost cell."""
    first: dict[tuple[str, str], Box] = {}
    for cell in sorted(cells, key=lambda cell: cell.box.x0):
        first.setdefault((cell.table, cell.item), cell.box)
    rows: dict[int, list[tuple[str, Box]]] = {}
    for (_, item), box in first.items():
        rows.setdefault(round(box.top), []).append((item, box))
    return list(rows.values())


def _draw_item(draw: Any, item: str, box: Box) -> None:
    """Write an item key at the left edge, with a line to its row."""
    middle = (box.top + box.bottom) / 2
    font = _font(_FONT_SIZE)
    draw.text((6, middle - _FONT_SIZE * 0.65), item, font=font, fill="black")
    draw.line((14 + draw.textlength(item, font=font), middle, _MARGIN, middle), fill=(0, 0, 0, 70), width=1)


def _draw_item_above(draw: Any, item: str, box: Box) -> None:
    """Write an item key above its first cell."""
    _write(draw, (box.x0 + 2, box.top - _FONT_SIZE - 5), item, _FONT_SIZE, (0, 0, 0), _MARGIN)


def _write(
    draw: Any, at: tuple[float, float], text: str, size: int, colour: tuple[int, int, int], width: float
) -> None:
    """Draw text on a pale ground, smaller if it does not fit the width, as long as it is legible."""
    while size > _MIN_FONT_SIZE and draw.textlength(text, font=_font(size)) > width:
        size -= 1
    font = _font(size)
    draw.rectangle(draw.textbbox(at, text, font=font), fill=(255, 255, 255, 190))
    draw.text(at, text, font=font, fill=colour)


def _font(size: int) -> Any:
    """Return the font in this size."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _ascii(text: str) -> str:
    """Return the text with a dot for every character that the font lacks: it has no Chinese."""
    return "".join(char if char.isascii() else "·" for char in text)


def _legend(report: Report, width: int) -> Image:
    """Return a strip with the report's status and a count of cells by status."""
    from PIL import Image, ImageDraw

    counts = Counter(cell.status for cell in report.observations)
    picture = Image.new("RGB", (width, _LEGEND_HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    left = 6.0
    title = f"{report.report_id}  {report.status}"
    draw.text((left, 18), title, font=_font(_FONT_SIZE), fill="black")
    left += draw.textlength(title, font=_font(_FONT_SIZE)) + 40
    for status, colour in _COLOURS.items():
        text = f"{status} {counts[status]}"
        draw.rectangle((left, 20, left + 16, 36), fill=colour)
        draw.text((left + 22, 18), text, font=_font(_FONT_SIZE), fill=colour)
        left += 22 + draw.textlength(text, font=_font(_FONT_SIZE)) + 24
    return picture


def _stack(pictures: Iterable[Image]) -> Image:
    """Return the pictures one below the other."""
    from PIL import Image

    parts = list(pictures)
    whole = Image.new("RGB", (max(part.width for part in parts), sum(part.height for part in parts)), "white")
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole
