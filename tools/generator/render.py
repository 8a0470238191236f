"""A list of blocks drawn onto PDF pages: prose, headings, and tables cut wherever the page ends.

Lengths are points; y runs downwards from the top of the page as displayed.
"""

from __future__ import annotations

import io
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter

from PIL import Image, ImageDraw
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from .fonts import COARSE, FONT, chunk, load_coarse_font, load_font, width_of, wrap
from .layouts import GridCell, Key, Layout
from .shown import Shown, draw_shown

A4 = (595.0, 842.0)
PAPER = {"portrait": A4, "landscape": (842.0, 595.0), "a3": (1191.0, 842.0)}
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 72.0, 76.0, 72.0
PAD = 3.0
STAMP_FONT = "Helvetica"
SHADE = (0.78, 0.85, 0.94)


@dataclass(frozen=True, slots=True)
class Break:
    """A page's end inside a table: in grid row `row`, after some lines of its fullest cell (0: above it)."""

    table: str
    row: int
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what stands in a number cell, set by hand.

    `size` is a share of the cell's, `rise` is in shares of that too, `spacing` in points between characters.
    `line` counts from 0, and lines stand `pitch` shares of the size apart.
    """

    text: str
    size: float = 1.0
    rise: float = 0.0
    spacing: float = 0.0
    line: int = 0
    pitch: float = 1.1
    font: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """How a report looks; every field is one habit met in public reports.

    Authors of web pages choose their fonts by the words of a style. What came later is not among them, or the
    benchmark's reports would all look otherwise.

    orientation: portrait, landscape, a3 (A3 landscape), rotate90 (landscape by the page's /Rotate), sideways
    (turned content).
    ruling: solid, dashed, dotted, strokes (dashes as separate strokes), grey, double, rects, boxes, none.
    cut: rows (a page ends between rows) or anywhere; cut_rule: both, no_close, no_open, none.
    headers, side: wrap, stack (one character a line), pair (two), rotated.
    watermark: none, plain, rotated, drawn (as outlines, which are no text).
    patches: number cells with an older number under a white patch, as editors of PDFs leave it, and how many
    points to the right it lies of the new one.
    pieces: number cells that are set by hand, with what stands there instead of their number.
    stamp: where a program put the number of each page, in points from the left and from the top.
    stamp_form: how it printed it: "- {} -".
    shown: number cells that are shown in another way (tools.generator.shown), and what else stands in them.
    font: embedded, coarse (the same on a coarser grid, a third smaller), or system (one that every
    reader of PDFs is expected to have, not embedded).
    """

    orientation: str = "portrait"
    table_orientation: str = ""
    ruling: str = "solid"
    sides: bool = True
    cut: str = "rows"
    cut_rule: str = "both"
    breaks: tuple[Break, ...] = ()
    repeat_header: bool = False
    page_header: str = ""
    page_number: bool = True
    watermark: str = "none"
    patches: tuple[tuple[Key, str, float], ...] = ()
    pieces: tuple[tuple[Key, tuple[Piece, ...]], ...] = field(default=(), repr=False)
    stamp: tuple[float, float] | None = field(default=None, repr=False)
    stamp_form: str = field(default="{}", repr=False)
    shown: tuple[tuple[Key, str, str], ...] = field(default=(), repr=False)
    headers: str = "wrap"
    side: str = "stack"
    labels: str = "middle"
    shading: bool = False
    backing: bool = False
    spelling: str = "form"
    numbers: str = "plain"
    blanks: str = "none"
    swallow_heading: bool = False
    side_by_side: bool = False
    seal: bool = False
    row_height: float = 23.0
    cell_size: float = 10.0
    body_size: float = 15.0
    leading: float = 1.75
    font: str = "embedded"


@dataclass(frozen=True, slots=True)
class Text:
    """Prose: `align` is body (first line indented), left, centre or right."""

    text: str
    size: float = 15.0
    align: str = "body"
    bold: bool = False
    after: float = 0.0
    keep: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the form with what its number cells print."""

    layout: Layout
    printed: Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Beside:
    """Two tables on the same lines."""

    left: Table
    right: Table


@dataclass(frozen=True, slots=True)
class Turn:
    """A new page, turned so."""

    orientation: str


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper."""

    height: float


@dataclass(frozen=True, slots=True)
class Seal:
    """The round red picture over the date line."""


Block = Text | Table | Beside | Turn | Space | Seal


# ------------------------------------------------------------- table → strip


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line of a cell, `top` on the strip; `turned` lines run upwards over `height`."""

    text: str
    top: float
    height: float
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell on the endless strip that the pages are cut from."""

    cell: GridCell
    x0: float
    x1: float
    y0: float
    y1: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A table laid out without pages; `edges` are the row edges from 0 to its height."""

    placed: tuple[Placed, ...]
    edges: tuple[float, ...]

    @property
    def height(self) -> float:
        return self.edges[-1]


def looks_of(cell: GridCell, layout: Layout, style: Style) -> str:
    """How the text of this cell is set: wrap, stack, pair or rotated."""
    if cell.role == "side":
        return style.side
    narrow = layout.table == "review_litigation" and cell.role == "header" and cell.col_span == 1
    return style.headers if narrow else "wrap"


def cell_lines(text: str, width: float, looks: str, size: float) -> list[str]:
    """The text of a cell broken into its printed lines."""
    if looks == "rotated":
        return [text]
    if looks in ("stack", "pair"):
        return chunk(text, 1 if looks == "stack" else 2)
    return wrap(text, width - 2 * PAD, size) if text else []


def text_height(lines: list[str], looks: str, size: float) -> float:
    """Points from the top of the first line to the bottom of the last."""
    return width_of(lines[0], size) + 2 if looks == "rotated" and lines else len(lines) * size * 1.3


@dataclass(frozen=True, slots=True)
class Measured:
    """A cell with its lines before the rows have their heights."""

    cell: GridCell
    lines: list[str]
    looks: str
    height: float


def measure_cells(table: Table, edges: list[float], style: Style) -> list[Measured]:
    measured = []
    for cell in table.layout.cells:
        text = table.printed.get(cell.key, "") if cell.key else cell.text
        looks = looks_of(cell, table.layout, style)
        lines = cell_lines(text, edges[cell.col + cell.col_span] - edges[cell.col], looks, style.cell_size)
        measured.append(Measured(cell, lines, looks, text_height(lines, looks, style.cell_size)))
    return measured


def row_heights(measured: list[Measured], rows: int, style: Style) -> list[float]:
    """Each row as high as its fullest cell; a merged cell that needs more adds to its last row."""
    heights = [style.row_height] * rows
    for item in sorted(measured, key=lambda item: item.cell.row_span):
        first, last = item.cell.row, item.cell.row + item.cell.row_span
        missing = item.height + 2 * PAD - sum(heights[first:last])
        heights[last - 1] += max(0.0, missing)
    return heights


def place_cell(item: Measured, x_edges: list[float], y_edges: list[float], style: Style) -> Placed:
    """The cell with its lines at their heights, in the middle or (labels = top) from the top."""
    cell, size = item.cell, style.cell_size
    y0, y1 = y_edges[cell.row], y_edges[cell.row + cell.row_span]
    from_top = style.labels == "top" and cell.row_span > 1 and cell.role in ("side", "label")
    top = y0 + PAD if from_top else y0 + (y1 - y0 - item.height) / 2
    leading = item.height if item.looks == "rotated" else size * 1.3
    lines = tuple(
        Line(text, top + number * leading, leading, item.looks == "rotated")
        for number, text in enumerate(item.lines)
    )
    return Placed(cell, x_edges[cell.col], x_edges[cell.col + cell.col_span], y0, y1, lines)


def running(values: Iterable[float], start: float = 0.0) -> list[float]:
    edges = [start]
    for value in values:
        edges.append(edges[-1] + value)
    return edges


def table_to_strip(table: Table, x: float, width: float, style: Style, room: float) -> Strip:
    """The table laid out, its rows high enough to fill the pages up to their planned ends."""
    x_edges = running((share * width for share in table.layout.widths), x)
    measured = measure_cells(table, x_edges, style)
    heights = row_heights(measured, table.layout.rows, style)
    heights = fill_pages(heights, measured, table, room, style)
    y_edges = running(heights)
    placed = tuple(place_cell(item, x_edges, y_edges, style) for item in measured)
    return Strip(placed, tuple(y_edges))


def fill_pages(
    heights: list[float], measured: list[Measured], table: Table, room: float, style: Style
) -> list[float]:
    """Heights with the rows before each planned break stretched towards the page's end."""
    above = 0
    for planned in (item for item in style.breaks if item.table == table.layout.table):
        side = [m.cell.row for m in measured if m.cell.role == "side" and is_cut(m.cell, planned.row)]
        until = min(side) if side and style.labels == "top" else planned.row
        heights = stretch(heights, range(above, until), range(above, planned.row), planned.lines, room, style)
        above, room = planned.row + bool(planned.lines), A4[1] - MARGIN_TOP - MARGIN_BOTTOM
        room -= heights[planned.row] if planned.lines else 0
    return heights


def stretch(
    heights: list[float], free: range, page: range, lines: int, room: float, style: Style
) -> list[float]:
    """Heights with the `free` rows made up to twice as high, so that the rows of a page fill it."""
    spare = room - sum(heights[row] for row in page) - lines * style.cell_size * 1.3 - 2 * PAD
    length = sum(heights[row] for row in free)
    factor = min(max(1.0, 1 + spare / max(1.0, length)), 2.0)
    return [height * factor if row in free else height for row, height in enumerate(heights)]


def is_cut(cell: GridCell, row: int) -> bool:
    """Whether the cell stands at the upper edge of that row or over it."""
    return cell.row <= row < cell.row + cell.row_span


# -------------------------------------------------------------- strip → cuts


def line_ends(strip: Strip, y: float) -> list[float]:
    """Where the lines end of the cell over the height y whose text leaves least room: it decides on a cut."""
    over = [item for item in strip.placed if item.y0 <= y + 0.01 < item.y1 and item.lines]
    rooms = [(item.y1 - item.y0 - sum(line.height for line in item.lines), item.lines) for item in over]
    _, lines = min(rooms, key=itemgetter(0), default=(0.0, ()))
    return [line.top + line.height + 0.5 for line in lines]


def planned_cut(strip: Strip, planned: Break) -> float:
    """The height on the strip of a planned break."""
    top = strip.edges[planned.row]
    if not planned.lines:
        return top
    bottom = strip.edges[planned.row + 1]
    inside = [item for item in strip.placed if item.y0 <= top and item.y1 >= bottom]
    fullest = max(inside, key=lambda item: len([line for line in item.lines if top <= line.top < bottom]))
    within = [line for line in fullest.lines if top <= line.top < bottom]
    return within[min(planned.lines, len(within)) - 1].top + fullest.lines[0].height + 0.5


def natural_cut(strip: Strip, start: float, room: float, cut: str) -> float:
    """Where the page ends by itself: the last row edge that fits, or between lines inside a row."""
    limit = start + room
    if strip.height <= limit:
        return strip.height
    edge = max(edge for edge in strip.edges if edge <= limit)
    if cut == "anywhere" or edge <= start:
        inside = [end for end in line_ends(strip, edge)[:-1] if max(edge, start) < end <= limit]
        edge = max([edge, *inside])
    return edge if edge > start else limit


def next_cut(strip: Strip, start: float, room: float, breaks: list[Break], cut: str) -> float:
    planned = [planned_cut(strip, item) for item in breaks]
    natural = natural_cut(strip, start, room, cut)
    return min([y for y in planned if start + 0.1 < y < natural] or [natural])


def part_lines(item: Placed, cut: float) -> Placed:
    """The cell with the lines that a cut goes through moved to one side of it."""
    if not item.y0 < cut < item.y1:
        return item
    lines: list[Line] = []
    shift = 0.0
    for line in item.lines:
        if line.top < cut < line.top + line.height and not shift:
            stays = len(item.lines) == 1 and line.top + line.height / 2 < cut - 1
            shift = cut - 0.5 - line.top - line.height if stays else cut + 1.5 - line.top
        lines.append(replace(line, top=line.top + shift))
    return replace(item, lines=tuple(lines))


def lengthen(strip: Strip, cut: float) -> Strip:
    """The strip with rows made longer where moved lines would stand below their cell."""
    for item in strip.placed:
        if item.y0 < cut < item.y1 and item.lines:
            short = item.lines[-1].top + item.lines[-1].height + 1 - item.y1
            if short > 0:
                return lengthen(insert_space(strip, item.y1, short), cut)
    return strip


def insert_space(strip: Strip, y: float, amount: float) -> Strip:
    def moved(value: float) -> float:
        return value + amount if value >= y - 0.01 else value

    placed = tuple(
        replace(
            item,
            y0=moved(item.y0),
            y1=moved(item.y1),
            lines=tuple(replace(line, top=moved(line.top)) for line in item.lines),
        )
        for item in strip.placed
    )
    return Strip(placed, tuple(moved(edge) for edge in strip.edges))


def cut_strip(strip: Strip, cut: float) -> Strip:
    return lengthen(replace(strip, placed=tuple(part_lines(item, cut) for item in strip.placed)), cut)


# ------------------------------------------------------------------- rulings


Draw = Callable[[Canvas, float, float, float, float], None]


def draw_line(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    canvas.line(x0, y0, x1, y1)


def draw_strokes(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    """A dashed border as Chromium prints it: every dash a stroke of its own."""
    length = abs(x1 - x0) + abs(y1 - y0)
    count = max(1, round(length / 4.0))
    dx, dy = (x1 - x0) / count, (y1 - y0) / count
    for n in range(count):
        ends = (x0 + n * dx, y0 + n * dy, x0 + (n + 0.6) * dx, y0 + (n + 0.6) * dy)
        canvas.line(*(round(value, 1) for value in ends))


def draw_double(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    dx, dy = (0.9, 0.0) if x0 == x1 else (0.0, 0.9)
    canvas.line(x0 - dx, y0 - dy, x1 - dx, y1 - dy)
    canvas.line(x0 + dx, y0 + dy, x1 + dx, y1 + dy)


def draw_rect(canvas: Canvas, x0: float, y0: float, x1: float, y1: float) -> None:
    """A ruling as a filled rectangle half a point thick."""
    canvas.rect(x0, y0, max(x1 - x0, 0.5), max(y1 - y0, 0.5), stroke=0, fill=1)


RULERS: dict[str, Draw] = {
    "solid": draw_line,
    "dashed": draw_line,
    "dotted": draw_line,
    "grey": draw_line,
    "strokes": draw_strokes,
    "double": draw_double,
    "rects": draw_rect,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """What of a strip stands on one page: heights start to end, drawn from `top` on."""

    strip: Strip
    start: float
    end: float
    top: float

    def to_page(self, y: float) -> float:
        return self.top + y - self.start

    def cells(self) -> Iterator[tuple[Placed, float, float]]:
        """Each cell with its upper and lower end on this page."""
        for item in self.strip.placed:
            if item.y0 < self.end - 0.01 and item.y1 > self.start + 0.01:
                yield item, self.to_page(max(item.y0, self.start)), self.to_page(min(item.y1, self.end))


def segment_rules(segment: Segment, style: Style) -> list[tuple[float, float, float, float]]:
    """Rulings (x0, y0, x1, y1) of a segment on the page, touching pieces joined."""
    opens = segment.start == 0 or style.cut_rule in ("both", "no_close")
    closes = segment.end >= segment.strip.height or style.cut_rule in ("both", "no_open")
    left = min(item.x0 for item in segment.strip.placed)
    right = max(item.x1 for item in segment.strip.placed)
    across: dict[float, list[tuple[float, float]]] = defaultdict(list)
    down: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for item, upper, lower in segment.cells():
        if opens or upper > segment.top + 0.01:
            across[round(upper, 2)].append((item.x0, item.x1))
        if closes or lower < segment.to_page(segment.end) - 0.01:
            across[round(lower, 2)].append((item.x0, item.x1))
        for x in (item.x0, item.x1):
            if style.sides or left + 1 < x < right - 1:
                down[round(x, 2)].append((upper, lower))
    rules = [(x0, y, x1, y) for y, spans in across.items() for x0, x1 in join_spans(spans)]
    rules.extend((x, y0, x, y1) for x, spans in down.items() for y0, y1 in join_spans(spans))
    return rules


def join_spans(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + 0.1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


# --------------------------------------------------------------------- pages


@dataclass
class Pages:
    """The canvas with a cursor: `y` is where the next block begins on the page as displayed."""

    canvas: Canvas
    style: Style
    orientation: str = "portrait"
    number: int = 0
    y: float = MARGIN_TOP
    size: tuple[float, float] = field(default=A4)

    @property
    def font(self) -> str:
        return COARSE if self.style.font == "coarse" else FONT

    @property
    def left(self) -> float:
        return MARGIN_X

    @property
    def width(self) -> float:
        return self.size[0] - 2 * MARGIN_X

    @property
    def room(self) -> float:
        return self.size[1] - MARGIN_BOTTOM - self.y

    def open_page(self) -> None:
        """Begin a page: turn it so that the drawing below may count from the top left as displayed."""
        self.number += 1
        canvas = self.canvas
        if self.orientation in PAPER:
            self.size = PAPER[self.orientation]
            canvas.setPageSize(self.size)
            canvas.setPageRotation(0)
            canvas.transform(1, 0, 0, -1, 0, self.size[1])
        else:
            rotated = self.orientation == "rotate90"
            self.size = PAPER["landscape"]
            canvas.setPageSize(self.size if rotated else A4)  # reportlab swaps the sides of a rotated page
            canvas.setPageRotation(90 if rotated else 0)
            canvas.transform(0, 1, 1, 0, 0, 0)
        self.y = MARGIN_TOP
        self.furnish()

    def furnish(self) -> None:
        """Draw what every page has: watermark, page header, number."""
        wide, high = self.size
        if self.style.watermark != "none":
            self.stamp(wide / 2, high / 2, 45 if self.style.watermark == "rotated" else 0)
        if self.style.page_header:
            self.write(self.style.page_header, MARGIN_X, 50, 9, grey=0.35)
        if self.style.stamp:
            self.number_by_stamp(*self.style.stamp)
        if self.style.page_number:
            label = f"- {self.number} -"
            self.write(label, (wide - width_of(label, 11)) / 2, high - 42, 11)

    def number_by_stamp(self, x: float, y: float) -> None:
        """The number of the page as a program adds it, in a font that every reader has."""
        self.write(self.style.stamp_form.format(self.number), x, y, 9, font=STAMP_FONT)

    def stamp(self, x: float, y: float, angle: float) -> None:
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(x, y)
        canvas.scale(1, -1)
        canvas.rotate(angle)
        canvas.setFillGray(0.9)
        if self.style.watermark == "drawn":
            canvas.scale(1, -1)
            draw_shown("outlines", Shown(self, "样例", "", -150, 40, 150))
        else:
            canvas.setFont(self.font, 110)
            canvas.drawCentredString(0, -40, "样　例")
        canvas.restoreState()

    def close_page(self) -> None:
        self.canvas.showPage()

    def next_page(self) -> None:
        self.close_page()
        self.open_page()

    def write(
        self,
        text: str,
        x: float,
        baseline: float,
        size: float,
        *,
        bold: bool = False,
        grey: float = 0.0,
        turned: bool = False,
        font: str = "",
        spacing: float = 0.0,
    ) -> None:
        """One line of text with its baseline at `baseline`; turned text runs upwards."""
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(x, baseline)
        canvas.scale(1, -1)
        if turned:
            canvas.rotate(90)
        canvas.setFillGray(grey)
        canvas.setFont(font or self.font, size)
        canvas.setLineWidth(size / 40)
        canvas.drawString(0, 0, text, mode=2 if bold else None, charSpace=spacing)
        canvas.restoreState()


def draw_text(pages: Pages, block: Text) -> None:
    """A paragraph, line by line over as many pages as it takes."""
    if pages.room < block.keep:
        pages.next_page()
    size, leading = block.size, block.size * pages.style.leading
    indent = "　　" if block.align == "body" else ""
    for line in wrap(indent + block.text, pages.width, size):
        if pages.room < leading:
            pages.next_page()
        spare = pages.width - width_of(line, size)
        shift = {"centre": spare / 2, "right": spare}.get(block.align, 0.0)
        pages.write(line, pages.left + shift, pages.y + size * 1.2, size, bold=block.bold)
        pages.y += leading
    pages.y += block.after


def draw_rules(pages: Pages, segment: Segment) -> None:
    canvas, style = pages.canvas, pages.style
    if style.ruling == "none":
        return
    canvas.saveState()
    canvas.setLineWidth(0.6)
    canvas.setStrokeGray(0.65 if style.ruling == "grey" else 0.0)
    if style.ruling == "dashed":
        canvas.setDash(2, 1.5)
    if style.ruling == "dotted":
        canvas.setDash(0.6, 1.4)
    if style.ruling == "boxes":
        for item, upper, lower in segment.cells():
            canvas.rect(item.x0, upper, item.x1 - item.x0, lower - upper)
    else:
        for rule in segment_rules(segment, style):
            RULERS[style.ruling](canvas, *rule)
    canvas.restoreState()


def draw_fills(pages: Pages, segment: Segment) -> None:
    """Colour behind the section rows, or white rectangles behind every cell."""
    style = pages.style
    for item, upper, lower in segment.cells():
        colour = SHADE if style.shading and item.cell.role == "section" else (1, 1, 1)
        if style.backing or colour is SHADE:
            pages.canvas.saveState()
            pages.canvas.setFillColorRGB(*colour)
            pages.canvas.rect(item.x0, upper, item.x1 - item.x0, lower - upper, stroke=0, fill=1)
            pages.canvas.restoreState()


def draw_lines(pages: Pages, segment: Segment) -> None:
    """The text lines of a segment, each wholly on this page."""
    size = pages.style.cell_size
    for item, _, _ in segment.cells():
        for line in item.lines:
            if segment.start - 0.01 <= line.top < segment.end - 0.5:
                draw_cell_line(pages, item, line, segment.to_page(line.top), size)


def draw_patches(pages: Pages, item: Placed, top: float, size: float) -> None:
    """The older number of a cell, and the white that hides it from the eye."""
    for key, older, shift in pages.style.patches:
        if key == item.cell.key:
            x = (item.x0 + item.x1 - width_of(older, size)) / 2 + shift
            pages.write(older, x, top + size * 1.05, size)
            pages.canvas.saveState()
            pages.canvas.setFillGray(1)
            pages.canvas.rect(item.x0 + 1, top, item.x1 - item.x0 - 2, size * 1.3, stroke=0, fill=1)
            pages.canvas.restoreState()


def draw_pieces(pages: Pages, item: Placed, pieces: tuple[Piece, ...], top: float, size: float) -> None:
    """What was set by hand, line by line, each in the middle of the cell."""
    for number in sorted({piece.line for piece in pieces}):
        line = [piece for piece in pieces if piece.line == number]
        x = (item.x0 + item.x1 - sum(length_of(piece, size) for piece in line)) / 2
        for piece in line:
            baseline = top + size * (1.05 + piece.pitch * number - piece.rise)
            own = size * piece.size
            pages.write(piece.text, x, baseline, own, font=piece.font, spacing=piece.spacing)
            x += length_of(piece, size)


def length_of(piece: Piece, size: float) -> float:
    own = size * piece.size
    bare = stringWidth(piece.text, piece.font, own) if piece.font else width_of(piece.text, own)
    return float(bare) + piece.spacing * len(piece.text)


def draw_cell_line(pages: Pages, item: Placed, line: Line, top: float, size: float) -> None:
    pieces = dict(pages.style.pieces).get(item.cell.key) if item.cell.key else None
    if pieces:
        draw_pieces(pages, item, pieces, top, size)
        return
    draw_patches(pages, item, top, size)
    bold = item.cell.role in ("section", "swallowed")
    if line.turned:
        x = (item.x0 + item.x1) / 2 + size * 0.35
        pages.write(line.text, x, top + line.height - 1, size, turned=True)
        return
    spare = item.x1 - item.x0 - width_of(line.text, size)
    x = item.x0 + indent_in_cell(item.cell, spare)
    for key, how, older in pages.style.shown:
        if key == item.cell.key:
            draw_shown(how, Shown(pages, line.text, older, x, top + size * 1.05, size))
            return
    pages.write(line.text, x, top + size * 1.05, size, bold=bold)


def indent_in_cell(cell: GridCell, spare: float) -> float:
    """How far from its left edge the text of a cell begins, in points; `spare` is what it leaves free."""
    if cell.role == "value_right":
        return spare - PAD - 1
    left = cell.role == "value_left" or (cell.role == "label" and cell.col_span + cell.row_span <= 2)
    return PAD + 1 if left else spare / 2


def draw_segment(pages: Pages, segment: Segment) -> None:
    draw_fills(pages, segment)
    draw_rules(pages, segment)
    draw_lines(pages, segment)
    pages.y += segment.end - segment.start


def draw_table(pages: Pages, table: Table) -> None:
    """The table over as many pages as it takes."""
    style, layout = pages.style, table.layout
    strip = table_to_strip(table, pages.left, pages.width, style, pages.room)
    breaks = [item for item in style.breaks if item.table == layout.table]
    if pages.room < strip.edges[1] + 2:
        pages.next_page()
    head = Segment(strip, 0.0, strip.edges[layout.header_rows], 0.0)
    start = 0.0
    while start < strip.height:
        if start >= head.end > 0 and style.repeat_header:
            draw_segment(pages, replace(head, top=pages.y))
        end = next_cut(strip, start, pages.room, breaks, style.cut)
        strip = cut_strip(strip, end)
        draw_segment(pages, Segment(strip, start, end, pages.y))
        start = end
        if start < strip.height:
            pages.next_page()
    pages.y += 14


def draw_beside(pages: Pages, block: Beside) -> None:
    """Two tables on the same lines, each half as wide as the page; never cut."""
    half = (pages.width - 12) / 2
    plain = replace(pages.style, breaks=())
    left = table_to_strip(block.left, pages.left, half, plain, pages.room)
    right = table_to_strip(block.right, pages.left + half + 12, half, plain, pages.room)
    if pages.room < max(left.height, right.height):
        pages.next_page()
    top = pages.y
    for strip in (left, right):
        pages.y = top
        draw_segment(pages, Segment(strip, 0.0, strip.height, top))
    pages.y = top + max(left.height, right.height) + 14


def draw_turn(pages: Pages, block: Turn) -> None:
    pages.close_page()
    pages.orientation = block.orientation
    pages.open_page()


def draw_space(pages: Pages, block: Space) -> None:
    pages.y += min(block.height, pages.room)


def draw_seal(pages: Pages, block: Seal) -> None:
    """A picture of a seal, 90 points wide, over the last two lines at the right."""
    side = 90.0
    x, y = pages.left + pages.width - side - 10, pages.y - side + 8
    canvas = pages.canvas
    canvas.saveState()
    canvas.translate(x, y + side)
    canvas.scale(1, -1)
    canvas.drawImage(ImageReader(seal_picture()), 0, 0, side, side, mask="auto")
    canvas.restoreState()


def seal_picture() -> Image.Image:
    """A red ring with a star on transparent ground, 180 pixels wide."""
    picture = Image.new("RGBA", (180, 180), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((6, 6, 174, 174), outline=(210, 30, 30, 170), width=7)
    corners = [(-90 + 36 * n, 42 if n % 2 == 0 else 16) for n in range(10)]
    star = [(90 + r * math.cos(math.radians(a)), 90 + r * math.sin(math.radians(a))) for a, r in corners]
    pen.polygon(star, fill=(210, 30, 30, 170))
    return picture


def draw_document(blocks: Iterable[Block], style: Style, title: str) -> bytes:
    """The PDF of these blocks; same blocks and style, same bytes."""
    load_font()
    if style.font == "coarse":
        load_coarse_font()
    rl_config.useA85 = 0
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    pages = Pages(canvas, style, style.orientation)
    pages.open_page()
    for block in blocks:
        draw_block(pages, block)
    pages.close_page()
    canvas.save()
    return buffer.getvalue()


def draw_block(pages: Pages, block: Block) -> None:
    match block:
        case Text():
            draw_text(pages, block)
        case Table():
            draw_table(pages, block)
        case Beside():
            draw_beside(pages, block)
        case Turn():
            draw_turn(pages, block)
        case Space():
            draw_space(pages, block)
        case Seal():
            draw_seal(pages, block)
