"""Reports printed by fpdf2, a cell at a time, tables by FPDF.table().

Its tables are never cut through a merged cell, so that they are cut here, and every part is a table of its
own. Rulings that its cells have no border for and rotated text are drawn over the table by hand. Same
manuscript, same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tools.generator import Manuscript, Style
from tools.generator.fonts import FONT, font_file
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
    Rule,
    Type,
    cut_part,
    page_end,
    part_to_rules,
    planned_parts,
    table_to_part,
    text_top,
)

NAME = "fpdf2"
CANNOT: Mapping[str, frozenset[object]] = {
    "font": frozenset({"system"}),  # it knows no Chinese font but those it embeds
    "orientation": frozenset({"rotate90"}),  # it writes no /Rotate
    "table_orientation": frozenset({"rotate90"}),
}

DATED = datetime(2024, 1, 1, tzinfo=UTC)
AFTER_TABLE = 14.0
BOX_GAP = 1.6
ALIGNMENTS = {"body": "L", "left": "L", "centre": "C", "right": "R"}
DASHES = {"dashed": (2.0, 1.5), "dotted": (0.1, 1.9)}


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path; RuntimeError where fpdf2 is not installed."""
    try:
        import fpdf
    except ModuleNotFoundError as error:
        raise RuntimeError("fpdf2 is not installed: pip install fpdf2") from error
    for report, path in reports:
        path.write_bytes(print_report(report, fpdf.FPDF(unit="pt", format=A4)))


def print_report(report: Manuscript, pdf: Any) -> bytes:
    """The report on an empty FPDF document."""
    pdf.set_title(report.title)
    pdf.set_creation_date(DATED)
    pdf.set_auto_page_break(False)
    pdf.set_margins(MARGIN_X, MARGIN_TOP)
    pdf.c_margin = 0
    pdf.add_font(FONT, fname=font_file())
    pdf.set_font(FONT, size=report.style.body_size)
    pages = Pages(pdf, report.style, report.style.orientation)
    pages.open_page()
    for block in report.blocks:
        print_block(pages, block)
    pages.close_page()
    return bytes(pdf.output())


# --------------------------------------------------------------------- pages


@dataclass(slots=True)
class Pages:
    """The document with its cursor: `pdf.y` is where the next block begins on the page as it is read."""

    pdf: Any
    style: Style
    orientation: str
    turned: ExitStack = field(default_factory=ExitStack)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as it is read."""
        return PAPER.get(self.orientation, PAPER["landscape"])

    @property
    def width(self) -> float:
        return self.size[0] - 2 * MARGIN_X

    @property
    def room(self) -> float:
        return self.size[1] - MARGIN_BOTTOM - float(self.pdf.y)

    def open_page(self) -> None:
        """Begin a page; what stands sideways on it is turned as a whole."""
        sideways = self.orientation == "sideways"
        sheet = A4 if sideways else self.size
        self.pdf.add_page(format=sheet)
        self.pdf.set_right_margin(sheet[0] - MARGIN_X - self.width)
        if sideways:
            self.turned.enter_context(self.pdf.rotation(90, A4[1] / 2, A4[1] / 2))
        furnish(self)
        self.pdf.set_xy(MARGIN_X, MARGIN_TOP)

    def close_page(self) -> None:
        self.turned.close()

    def next_page(self) -> None:
        self.close_page()
        self.open_page()


def furnish(pages: Pages) -> None:
    """Print what every page has: watermark, page header, number."""
    pdf, style, (wide, high) = pages.pdf, pages.style, pages.size
    if style.watermark != "none":
        with pdf.rotation(45 if style.watermark == "rotated" else 0, wide / 2, high / 2):
            pdf.set_text_color(230)
            print_line(pdf, "样　例", 110, (wide / 2 - 200, high / 2 - 55, 400, 110), "C")
    if style.page_header:
        with pdf.local_context(text_color=90):
            print_line(pdf, style.page_header, 9, (MARGIN_X, 40, pages.width, 12), "L")
    if style.page_number:
        print_line(pdf, f"- {pdf.page_no()} -", 11, (MARGIN_X, high - 54, pages.width, 14), "C")


def print_line(pdf: Any, text: str, size: float, box: tuple[float, float, float, float], align: str) -> None:
    """One line of text in a box (x, y, width, height)."""
    pdf.set_font(FONT, size=size)
    pdf.set_xy(*box[:2])
    pdf.cell(*box[2:], text, align=align)


# -------------------------------------------------------------------- blocks


def print_block(pages: Pages, block: Block) -> None:
    match block:
        case Text():
            print_text(pages, block)
        case Table():
            print_table(pages, block)
        case Beside():
            print_beside(pages, block)
        case Turn():
            pages.orientation = block.orientation
            pages.next_page()
        case Space():
            pages.pdf.y += min(block.height, pages.room)
        case Seal():
            x = MARGIN_X + pages.width - 100
            pages.pdf.image(seal_picture(), x, pages.pdf.y - 82, 90, 90)


def print_text(pages: Pages, block: Text) -> None:
    """A paragraph line by line, over as many pages as it takes."""
    pdf, leading = pages.pdf, block.size * pages.style.leading
    if pages.room < block.keep:
        pages.next_page()
    text = "　　" + block.text if block.align == "body" else block.text
    for line in text_to_lines(text, pages.width, pdf, block.size):
        if pages.room < leading:
            pages.next_page()
        y = pdf.y
        with ExitStack() as stack:
            if block.bold:
                stack.enter_context(pdf.local_context(text_mode="FILL_STROKE", line_width=block.size / 40))
            print_line(pdf, line, block.size, (MARGIN_X, y, pages.width, leading), ALIGNMENTS[block.align])
        pdf.y = y + leading
    pdf.y += block.after


def text_to_lines(text: str, width: float, pdf: Any, size: float) -> list[str]:
    """The lines of a text as fpdf2 breaks it, between any two characters."""
    pdf.set_font(FONT, size=size)
    return list(pdf.multi_cell(width, text=text, align="L", wrapmode="CHAR", dry_run=True, output="LINES"))


def text_to_length(text: str, pdf: Any, size: float) -> float:
    pdf.set_font(FONT, size=size)
    return float(pdf.get_string_width(text))


def setting_of(pages: Pages) -> Type:
    size = pages.style.cell_size
    to_lines = partial(text_to_lines, pdf=pages.pdf, size=size)
    return Type(size, to_lines, partial(text_to_length, pdf=pages.pdf, size=size))


def print_table(pages: Pages, table: Table) -> None:
    """The table over as many pages as it takes."""
    whole = table_to_part(table, pages.width, pages.style, setting_of(pages))
    for number, part in enumerate(planned_parts(whole, table.layout.table, pages.style)):
        if number:
            pages.next_page()
        print_over_pages(pages, part)
    pages.pdf.y += AFTER_TABLE


def print_over_pages(pages: Pages, part: Part) -> None:
    """The part, cut wherever a page ends."""
    while (end := page_end(part, pages.room, pages.style)) != part.height:
        if end is not None:
            above, part = cut_part(part, end, pages.style)
            print_part(pages, above, MARGIN_X)
        elif pages.pdf.y == MARGIN_TOP:
            raise ValueError(f"a row does not fit on a page of {pages.room:.0f} points: make it lower")
        pages.next_page()
    print_part(pages, part, MARGIN_X)


def print_beside(pages: Pages, block: Beside) -> None:
    """Two tables on the same lines, each half as wide as the page; never cut."""
    half = (pages.width - 12) / 2
    setting = setting_of(pages)
    parts = [table_to_part(table, half, pages.style, setting) for table in (block.left, block.right)]
    height = max(part.height for part in parts)
    if pages.room < height:
        pages.next_page()
    top = pages.pdf.y
    for part, x in zip(parts, (MARGIN_X, MARGIN_X + half + 12), strict=True):
        pages.pdf.y = top
        print_part(pages, part, x)
    pages.pdf.y = top + height + AFTER_TABLE


# ------------------------------------------------------------- part → table


def print_part(pages: Pages, part: Part, x: float) -> None:
    """The part from the cursor down, its left side at x; the cursor ends below it."""
    pdf, style = pages.pdf, pages.style
    y = pdf.y
    pdf.set_font(FONT, size=style.cell_size)
    with pdf.local_context(line_width=0.6, draw_color=166 if style.ruling == "grey" else 0):
        pdf.set_dash_pattern(*DASHES.get(style.ruling, ()))
        pdf.set_xy(x, y)
        with pdf.table(**table_options(part, style), width=min(sum(part.widths), pdf.epw)) as table:
            fill_table(table, part, style)
        if style.ruling in PAINTERS:
            for rule in part_to_rules(part, style):
                PAINTERS[style.ruling](pdf, (x + rule[0], y + rule[1], x + rule[2], y + rule[3]))
    for cell in part.cells:
        if cell.looks == "rotated" and cell.lines:
            print_rotated(pdf, cell, part, x, y, style.cell_size)
    pdf.y = y + part.height


def table_options(part: Part, style: Style) -> dict[str, Any]:
    """The arguments of FPDF.table(); boxes stand apart by gutters taken from the cells and their padding."""
    gap = BOX_GAP if style.ruling == "boxes" else 0.0
    return {
        "col_widths": shrink(part.widths, gap),
        "gutter_width": gap,
        "gutter_height": gap,
        "line_height": style.cell_size * LEADING,
        "padding": PAD - gap / 2,
        "align": "LEFT",
        "text_align": "CENTER",
        "wrapmode": "CHAR",
        "first_row_as_headings": False,
    }


def shrink(lengths: Sequence[float], gap: float) -> list[float]:
    """The lengths less their share of the gaps between them."""
    return [length - gap * (len(lengths) - 1) / len(lengths) for length in lengths]


def fill_table(table: Any, part: Part, style: Style) -> None:
    """Put the part's cells into an empty table."""
    gap = BOX_GAP if style.ruling == "boxes" else 0.0
    for number, height in enumerate(shrink(part.heights, gap)):
        row = table.row(min_height=height)
        for cell in sorted((cell for cell in part.cells if cell.row == number), key=lambda cell: cell.col):
            to_left = cell.role == "label" and cell.row_span == cell.col_span == 1
            row.cell(
                "" if cell.looks == "rotated" else "\n".join(cell.lines),
                align="L" if to_left else "C",
                v_align="T" if cell.from_top else "M",
                style=face_of(cell, style),
                colspan=cell.col_span,
                rowspan=cell.row_span,
                border=borders_of(cell, part, style),
            )


def face_of(cell: Cell, style: Style) -> Any:
    """The colour behind a cell, if it has one."""
    from fpdf.fonts import FontFace

    if style.shading and cell.role == "section":
        return FontFace(fill_color=tuple(round(255 * part) for part in SHADE))
    return FontFace(fill_color=255) if style.backing else None


def borders_of(cell: Cell, part: Part, style: Style) -> int:
    """The sides of a cell that the table rules itself: left 1, right 2, top 4, bottom 8."""
    if style.ruling == "boxes":
        return 15
    if style.ruling == "none" or style.ruling in PAINTERS:
        return 0
    left, right = cell.col > 0 or style.sides, cell.col + cell.col_span < len(part.widths) or style.sides
    top, bottom = cell.row not in part.bare, cell.row + cell.row_span not in part.bare
    return left + 2 * right + 4 * top + 8 * bottom


def print_rotated(pdf: Any, cell: Cell, part: Part, x: float, y: float, size: float) -> None:
    """One line that runs upwards in its cell; (x, y) is the part's upper left corner."""
    edges = part.x_edges
    middle = x + (edges[cell.col] + edges[cell.col + cell.col_span]) / 2
    start = y + text_top(cell, part) + cell.leading
    with pdf.rotation(90, middle + size * 0.35, start):
        pdf.text(middle + size * 0.35, start, cell.lines[0])


# ------------------------------------------------- rulings drawn by hand


def paint_rect(pdf: Any, rule: Rule) -> None:
    """A ruling as a filled rectangle half a point thick."""
    x0, y0, x1, y1 = rule
    pdf.set_fill_color(0)
    pdf.rect(x0, y0, max(x1 - x0, 0.5), max(y1 - y0, 0.5), style="F")


def paint_strokes(pdf: Any, rule: Rule) -> None:
    """Dashes, each a stroke of its own."""
    x0, y0, x1, y1 = rule
    count = max(1, round((x1 - x0 + y1 - y0) / 4.5))
    dx, dy = (x1 - x0) / count, (y1 - y0) / count
    for n in range(count):
        pdf.line(x0 + n * dx, y0 + n * dy, x0 + (n + 0.5) * dx, y0 + (n + 0.5) * dy)


def paint_double(pdf: Any, rule: Rule) -> None:
    x0, y0, x1, y1 = rule
    dx, dy = (1.0, 0.0) if x0 == x1 else (0.0, 1.0)
    pdf.line(x0 - dx, y0 - dy, x1 - dx, y1 - dy)
    pdf.line(x0 + dx, y0 + dy, x1 + dx, y1 + dy)


PAINTERS: dict[str, Callable[[Any, Rule], None]] = {
    "rects": paint_rect,
    "strokes": paint_strokes,
    "double": paint_double,
}
