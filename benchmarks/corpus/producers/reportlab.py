"""Reports set by reportlab's platypus: paragraphs and tables that flow through frames.

Platypus cuts tables between rows and never through a merged cell, so that its tables are cut here, at
the page ends it finds, as somebody would who has to print this form with it. Headings are printed
twice for want of a bold font. Style.font "system" is STSong-Light, which is not embedded. Same
manuscript, same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab import platypus, rl_config
from reportlab.lib.colors import Color, black, white
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tools.generator import Manuscript, Style
from tools.generator.fonts import FONT, load_font
from tools.generator.layouts import SPELLINGS
from tools.generator.render import (
    A4,
    MARGIN_BOTTOM,
    MARGIN_TOP,
    MARGIN_X,
    PAPER,
    SHADE,
    Beside,
    Block,
    Seal,
    Space,
    Table,
    Text,
    Turn,
    seal_picture,
)

from .parts import (
    LEADING,
    PAD,
    Cell,
    Part,
    Type,
    cut_part,
    page_end,
    part_to_rules,
    planned_parts,
    table_to_part,
)

NAME = "reportlab"
CANNOT: Mapping[str, frozenset[object]] = {}

SYSTEM_FONT = "STSong-Light"
AFTER_TABLE = 14.0
RADICALS = {
    ord(radical): plain
    for habit in SPELLINGS.values()
    for pair in habit
    for plain, radical in zip(*pair, strict=False)
    if "\u2e80" <= radical <= "\u2fdf"
}
ALIGNMENTS = {"body": TA_LEFT, "left": TA_LEFT, "centre": TA_CENTER, "right": TA_RIGHT}


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path."""
    load_font()
    pdfmetrics.registerFont(UnicodeCIDFont(SYSTEM_FONT))
    for report, path in reports:
        path.write_bytes(print_report(report))


def print_report(report: Manuscript) -> bytes:
    rl_config.useA85 = 1  # reportlab's own habit, which other code in this process may have changed
    look, buffer = Look(report.style), io.BytesIO()
    document = platypus.BaseDocTemplate(buffer, pagesize=A4, title=report.title, invariant=1)
    turns = [block.orientation for block in report.blocks if isinstance(block, Turn)]
    for orientation in dict.fromkeys([report.style.orientation, *turns]):
        document.addPageTemplates(page_template(orientation, look))
    document.build(list(blocks_to_story(report.blocks, look)))
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Look:
    """A style with what it means for this program."""

    style: Style

    @property
    def font(self) -> str:
        return FONT if self.style.font == "embedded" else SYSTEM_FONT

    def printable(self, text: str) -> str:
        """The text without the radicals that the system's font has no glyphs for."""
        return text.translate(RADICALS) if self.font == SYSTEM_FONT else text

    def width_of(self, text: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(text, self.font, size))


# --------------------------------------------------------------------- pages


def area_of(orientation: str) -> tuple[float, float]:
    """Width and height of a page as it is read."""
    return PAPER.get(orientation, PAPER["landscape"])


def text_width(orientation: str) -> float:
    return area_of(orientation)[0] - 2 * MARGIN_X


def page_template(orientation: str, look: Look) -> platypus.PageTemplate:
    """Pages turned so, with one frame."""
    wide, high = area_of(orientation)
    sheet = A4 if orientation == "sideways" else (wide, high)  # reportlab swaps the sides of a rotated page
    room = (MARGIN_X, MARGIN_BOTTOM, wide - 2 * MARGIN_X, high - MARGIN_TOP - MARGIN_BOTTOM)
    frame = platypus.Frame(*room, leftPadding=0, bottomPadding=0, rightPadding=0, topPadding=0)
    furnish = partial(open_page, orientation=orientation, look=look)
    template = platypus.PageTemplate(orientation, [frame], onPage=furnish, pagesize=sheet)
    template.rotation = 90 if orientation == "rotate90" else 0
    return template


def open_page(canvas: Canvas, document: platypus.BaseDocTemplate, orientation: str, look: Look) -> None:
    """Turn the page and draw what every page has: watermark, page header, number."""
    wide, high = area_of(orientation)
    if orientation in ("rotate90", "sideways"):
        canvas.translate(A4[0], 0)
        canvas.rotate(90)
    if look.style.watermark != "none":
        draw_watermark(canvas, wide / 2, high / 2, 45 if look.style.watermark == "rotated" else 0, look.font)
    if look.style.page_header:
        canvas.setFont(look.font, 9)
        canvas.setFillGray(0.35)
        canvas.drawString(MARGIN_X, high - 50, look.printable(look.style.page_header))
    canvas.setFillGray(0)
    if look.style.page_number:
        canvas.setFont(look.font, 11)
        canvas.drawCentredString(wide / 2, 42, f"- {document.page} -")


def draw_watermark(canvas: Canvas, x: float, y: float, angle: float, font: str) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(angle)
    canvas.setFillGray(0.9)
    canvas.setFont(font, 110)
    canvas.drawCentredString(0, -40, "样　例")
    canvas.restoreState()


# ------------------------------------------------------------ blocks → story


def blocks_to_story(blocks: Iterable[Block], look: Look) -> Iterator[platypus.Flowable]:
    width = text_width(look.style.orientation)
    for block in blocks:
        if isinstance(block, Turn):
            width = text_width(block.orientation)
        yield from block_to_flowables(block, width, look)


def block_to_flowables(block: Block, width: float, look: Look) -> Iterator[platypus.Flowable]:
    match block:
        case Text():
            yield platypus.CondPageBreak(block.keep)
            yield text_to_paragraph(block, look)
        case Table():
            yield from table_to_flowables(block, width, look)
        case Beside():
            yield beside_to_flowable(block, width, look)
        case Turn():
            yield platypus.NextPageTemplate(block.orientation)
            yield platypus.PageBreak()
        case Space():
            yield Gap(block.height)
        case Seal():
            yield Stamp()


class Strong(platypus.Paragraph):  # type: ignore[misc]
    """A paragraph printed twice, a hair apart."""

    def draw(self) -> None:
        super().draw()
        self.canv.translate(0.3, 0)
        super().draw()


class Gap(platypus.Flowable):  # type: ignore[misc]
    """Empty paper, no more than the page has left."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self.wanted = height

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, min(self.wanted, height)

    def draw(self) -> None:
        """Nothing is printed."""


class Stamp(platypus.Flowable):  # type: ignore[misc]
    """The seal, over the last two lines at the right."""

    _ZEROSIZE = 1

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.right = width
        return width, 0.0

    def draw(self) -> None:
        self.canv.drawImage(ImageReader(seal_picture()), self.right - 100, -8, 90, 90, mask="auto")


class Turned(platypus.Flowable):  # type: ignore[misc]
    """One line that runs upwards."""

    def __init__(self, text: str, look: Look) -> None:
        super().__init__()
        self.text, self.look = text, look

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        size = self.look.style.cell_size
        return size, self.look.width_of(self.text, size)

    def draw(self) -> None:
        size = self.look.style.cell_size
        self.canv.rotate(90)
        self.canv.setFont(self.look.font, size)
        self.canv.drawString(0, -size * 0.85, self.text)


def text_to_paragraph(block: Text, look: Look) -> platypus.Paragraph:
    kind = Strong if block.bold else platypus.Paragraph
    size = block.size
    form = ParagraphStyle(
        "text",
        fontName=look.font,
        fontSize=size,
        leading=size * look.style.leading,
        wordWrap="CJK",
        alignment=ALIGNMENTS[block.align],
        firstLineIndent=2 * size if block.align == "body" else 0,
        spaceAfter=block.after,
    )
    return kind(escape(look.printable(block.text)), form)


def table_to_flowables(table: Table, width: float, look: Look) -> Iterator[platypus.Flowable]:
    """The table, with a page break at each planned end of a page."""
    whole = table_to_part(table, width, look.style, setting_of(look))
    for number, part in enumerate(planned_parts(whole, table.layout.table, look.style)):
        if number:
            yield platypus.PageBreak()
        yield FormTable(part, look)


def beside_to_flowable(block: Beside, width: float, look: Look) -> platypus.Table:
    """A table of two tables; platypus moves it to the next page where it does not fit."""
    gap = 12.0
    half = (width - gap) / 2
    parts = [table_to_part(table, half, look.style, setting_of(look)) for table in (block.left, block.right)]
    left, right = (FormTable(part, look) for part in parts)
    commands: list[tuple[object, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    commands += [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return platypus.Table([[left, "", right]], colWidths=[half, gap, half], style=commands)


# ------------------------------------------------------------- part → table


class FormTable(platypus.Table):  # type: ignore[misc]
    """A part of a form's table, which platypus splits where the page ends."""

    def __init__(self, part: Part, look: Look) -> None:
        self.part, self.look = part, look
        super().__init__(
            part_to_data(part, look),
            colWidths=part.widths,
            minRowHeights=list(part.heights),
            style=[*cell_commands(part, look), *rule_commands(part, look.style)],
            spaceAfter=AFTER_TABLE,
            hAlign="LEFT",
        )

    def split(self, width: float, height: float) -> list[platypus.Flowable]:
        end = page_end(self.part, height, self.look.style)
        if end is None:
            return []
        return [FormTable(part, self.look) for part in cut_part(self.part, end, self.look.style)]


def setting_of(look: Look) -> Type:
    size = look.style.cell_size
    return Type(size, partial(text_to_lines, look=look), partial(look.width_of, size=size))


def text_to_lines(text: str, width: float, look: Look) -> list[str]:
    """The lines of a text as platypus breaks it; blanks before the first are kept."""
    text = look.printable(text)
    bare = text.lstrip("　")
    indent = text[: len(text) - len(bare)]
    paragraph = platypus.Paragraph(escape(bare), cell_form(look, TA_LEFT, len(indent)))
    paragraph.wrap(width, 10_000)
    lines = ["".join(words) for _, words in paragraph.blPara.lines]
    return [indent + lines[0], *lines[1:]]


def cell_form(look: Look, alignment: int, indent: int) -> ParagraphStyle:
    size = look.style.cell_size
    return ParagraphStyle(
        "cell",
        fontName=look.font,
        fontSize=size,
        leading=size * LEADING,
        wordWrap="CJK",
        alignment=alignment,
        firstLineIndent=indent * size,
    )


def part_to_data(part: Part, look: Look) -> list[list[object]]:
    """Rows of contents; places that a merged cell covers are empty."""
    data: list[list[object]] = [[""] * len(part.widths) for _ in part.heights]
    for cell in part.cells:
        data[cell.row][cell.col] = cell_to_content(cell, look) if cell.lines else ""
    return data


def cell_to_content(cell: Cell, look: Look) -> object:
    """Numbers and stacked characters as lines of plain text, labels as paragraphs, rotated text by itself."""
    if cell.looks == "rotated":
        return Turned(look.printable(cell.lines[0]), look)
    if cell.looks != "wrap" or cell.role.startswith("value"):
        return look.printable("\n".join(cell.lines))
    bare = cell.lines[0].lstrip("　")
    to_left = cell.role == "label" and cell.row_span == cell.col_span == 1
    form = cell_form(look, TA_LEFT if to_left else TA_CENTER, len(cell.lines[0]) - len(bare))
    kind = Strong if cell.role in ("section", "swallowed") else platypus.Paragraph
    return kind(escape("".join((bare, *cell.lines[1:]))), form)  # a paragraph breaks where it broke before


def cell_commands(part: Part, look: Look) -> list[tuple[object, ...]]:
    """Fonts, padding, merged cells and colours."""
    style, whole = look.style, ((0, 0), (-1, -1))
    commands: list[tuple[object, ...]] = [
        ("FONT", *whole, look.font, style.cell_size, style.cell_size * LEADING),
        ("ALIGN", *whole, "CENTER"),
        ("VALIGN", *whole, "MIDDLE"),
        *((f"{side}PADDING", *whole, PAD) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
    ]
    for cell in part.cells:
        first, last = corners_of(cell)
        if first != last:
            commands.append(("SPAN", first, last))
        if cell.from_top:
            commands.append(("VALIGN", first, first, "TOP"))
        if style.shading and cell.role == "section":
            commands.append(("BACKGROUND", first, last, Color(*SHADE)))
        elif style.backing:
            commands.append(("BACKGROUND", first, last, white))
    return commands


def corners_of(cell: Cell) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and the last (column, row) of a cell."""
    return (cell.col, cell.row), (cell.col + cell.col_span - 1, cell.row + cell.row_span - 1)


# ------------------------------------------------------------------- rulings

# What follows the corners in a line command: weight, colour, cap, dashes, join, lines, space between them.
GREY = Color(0.65, 0.65, 0.65)
LINES: dict[str, tuple[object, ...]] = {
    "solid": (0.6, black),
    "grey": (0.6, GREY),
    "dashed": (0.6, black, "butt", (2, 1.5)),
    "dotted": (1.0, black, "round", (0, 2)),
    "double": (0.5, black, "butt", None, "miter", 2, 1.2),
}


def rule_commands(part: Part, style: Style) -> list[tuple[object, ...]]:
    """Platypus' own lines, or a background that draws what it has no lines for."""
    if style.ruling == "none":
        return []
    if style.ruling in PAINTERS:
        painter = partial(paint, part=part, style=style)
        return [("BACKGROUND", (0, 0), (-1, -1), painter)]
    line, last = LINES[style.ruling], len(part.heights)
    columns = (0, -1) if style.sides else (1, -1)
    commands: list[tuple[object, ...]] = [("LINEBEFORE", (columns[0], 0), (-1, -1), *line)]
    if style.sides:
        commands.append(("LINEAFTER", (-1, 0), (-1, -1), *line))
    commands += [("LINEABOVE", (0, row), (-1, row), *line) for row in range(last) if row not in part.bare]
    if last not in part.bare:
        commands.append(("LINEBELOW", (0, -1), (-1, -1), *line))
    return commands


def paint(
    _: platypus.Table,
    canvas: Canvas,
    x: float,
    y: float,
    _width: float,
    _height: float,
    *,
    part: Part,
    style: Style,
) -> None:
    """Draw the rulings of a part whose upper left corner is at (x, y)."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(1, -1)
    canvas.setLineWidth(0.6)
    canvas.setFillGray(0)
    PAINTERS[style.ruling](canvas, part, style)
    canvas.restoreState()


def paint_rects(canvas: Canvas, part: Part, style: Style) -> None:
    """Rulings as filled rectangles half a point thick."""
    for x0, y0, x1, y1 in part_to_rules(part, style):
        canvas.rect(x0 - 0.25, y0 - 0.25, x1 - x0 + 0.5, y1 - y0 + 0.5, stroke=0, fill=1)


def paint_strokes(canvas: Canvas, part: Part, style: Style) -> None:
    """Dashes, each a stroke of its own."""
    for x0, y0, x1, y1 in part_to_rules(part, style):
        count = max(1, round((x1 - x0 + y1 - y0) / 3.5))
        dx, dy = (x1 - x0) / count, (y1 - y0) / count
        for n in range(count):
            canvas.line(x0 + n * dx, y0 + n * dy, x0 + (n + 0.6) * dx, y0 + (n + 0.6) * dy)


def paint_boxes(canvas: Canvas, part: Part, style: Style) -> None:
    """A box in every cell, with some paper between it and the next."""
    xs, ys, gap = part.x_edges, part.y_edges, 0.8
    for cell in part.cells:
        x, y = xs[cell.col] + gap, ys[cell.row] + gap
        wide, high = xs[cell.col + cell.col_span] - gap - x, ys[cell.row + cell.row_span] - gap - y
        canvas.rect(x, y, wide, high)


PAINTERS = {"rects": paint_rects, "strokes": paint_strokes, "boxes": paint_boxes}
