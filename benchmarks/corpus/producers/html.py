"""A manuscript as an HTML page with its CSS, for programs that print web pages.

A table is left to the program: it breaks the lines and ends the pages, between rows or inside them. At a
planned `Break` the table is cut here, into one HTML table a page, since a forced break beside a merged cell
makes both programs push the cell's text off its page, as no page end does by itself. What the style leaves
open (fonts, alignment, one of several ways to a look) is drawn by lot from the manuscript.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from random import Random

from tests.generator import Manuscript
from tests.generator.fonts import chunk, load_font, width_of, wrap
from tests.generator.render import (
    MARGIN_BOTTOM,
    MARGIN_TOP,
    MARGIN_X,
    PAD,
    PAPER,
    Beside,
    Block,
    Placed,
    Seal,
    Space,
    Strip,
    Style,
    Table,
    Text,
    Turn,
    cut_strip,
    looks_of,
    planned_cut,
    table_to_strip,
)

FONTS = ("Noto Serif CJK SC", "AR PL UMing CN", "Noto Sans CJK SC", "WenQuanYi Zen Hei")
DIGITS = ("", "Nimbus Roman", "Nimbus Sans")
SHEETS = {
    "portrait": (595.28, 841.89), "landscape": (841.89, 595.28), "a3": (1190.55, 841.89),
    "sideways": (843.0, 595.28), "rotate90": (845.0, 595.28),
}
"""Width and height in points before the sheet is turned; those to be turned are known by their width."""
BORDERS = {
    "solid": ".75pt solid #000", "dashed": ".75pt dashed #000", "dotted": "1pt dotted #000",
    "strokes": ".75pt dashed #000", "grey": ".75pt solid #a6a6a6", "double": "2.25pt double #000",
    "boxes": ".75pt solid #000",
}
UNDER, OVER = "color: #e6e6e6; z-index: -1", "color: rgba(0, 0, 0, .1); z-index: 1"
SPARE = 16.0
"""Points of a page left free before a planned break: lines are not quite as high as estimated."""


@dataclass(frozen=True, slots=True)
class Program:
    """What sets a program apart: those of `TURNS` that it knows."""

    name: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """What the author of the web page chose where the style leaves it open."""

    body_font: str
    cell_font: str
    digits: str
    numbers: str
    turn: str
    apart: bool
    over: bool


def habits_of(report: Manuscript, program: Program) -> Habits:
    rng = Random(f"{program.name}/{report.title}/{report.style!r}")
    return Habits(
        body_font=rng.choice(FONTS), cell_font=rng.choice(FONTS), digits=rng.choice(DIGITS),
        numbers=rng.choice(("center", "center", "right")), turn=rng.choice(program.turns),
        apart=rng.random() < 0.5, over=rng.random() < 0.5,
    )


def manuscript_to_html(report: Manuscript, program: Program) -> str:
    """The whole page, styles and pictures included: it loads nothing."""
    load_font()
    habits = habits_of(report, program)
    sections = "\n".join(
        f'<section style="page: {orientation}">{section_to_html(blocks, orientation, report.style, habits)}'
        "</section>"
        for orientation, blocks in sections_of(report)
    )
    return "\n".join((
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{escape(report.title)}</title>",
        f"<style>{style_to_css(report.style, habits)}</style></head>",
        f"<body>{watermark_to_html(report.style)}{sections}</body></html>\n",
    ))


def is_sheet(name: str, size: Iterable[float]) -> bool:
    """Whether a page of that size is a sheet of this name; Chromium rounds by some tenths of a point."""
    return abs(max(size) - SHEETS[name][0]) < 0.8


# ------------------------------------------------------------- style → css


def style_to_css(style: Style, habits: Habits) -> str:
    fonts = {
        name: ", ".join(f'"{font}"' for font in (habits.digits, family, "Noto Sans CJK SC") if font)
        for name, family in (("body", habits.body_font), ("cells", habits.cell_font))
    }
    return "\n".join((
        f"@page {{ margin: {MARGIN_TOP}pt {MARGIN_X}pt {MARGIN_BOTTOM}pt }}",
        *furniture_to_css(style, fonts),
        *(f"@page {name} {{ size: {wide}pt {high}pt }}" for name, (wide, high) in SHEETS.items()),
        "@page sideways { page-orientation: rotate-left } @page rotate90 { page-orientation: rotate-left }",
        f"body {{ margin: 0; font: {style.body_size}pt/{style.leading} {fonts['body']}; }}",
        "section + section { break-before: page }",
        "p { margin: 0; white-space: pre-wrap } p.body { text-indent: 2em } p.keep { break-after: avoid }",
        ".space { display: flow-root; height: 0 } .beside { break-inside: avoid }",
        ".beside > div { width: calc(50% - 6pt); float: left } .beside > div + div { float: right }",
        ".beside::after { content: ''; display: block; clear: both }",
        ".seal { position: relative; height: 0 }",
        ".seal svg { position: absolute; right: 10pt; bottom: -8pt; width: 90pt; height: 90pt }",
        ".watermark { position: fixed; top: 50%; left: 50%; font-size: 110pt; line-height: 1 }",
        f".watermark {{ white-space: pre; {OVER if habits.over else UNDER} }}",
        f"table {{ font: {style.cell_size}pt/1.3 {fonts['cells']} }}",
        "table { width: 100%; table-layout: fixed; margin-bottom: 14pt; orphans: 1; widows: 1 }",
        "table.next { break-before: page } table.cut { margin-bottom: 0 }",
        f"td:not([rowspan]) {{ break-inside: {'auto' if style.cut == 'anywhere' else 'avoid'} }}",
        f"td {{ box-sizing: border-box; padding: {PAD}pt; text-align: center; white-space: pre-wrap;"
        " overflow-wrap: anywhere }",
        f"td.left {{ text-align: left }} td.value {{ text-align: {habits.numbers} }}",
        "td.section, td.swallowed { font-weight: bold }",
        f"td {{ {'background: #fff' if style.backing else ''} }}",
        f"td.section {{ {'background: #c7d9f0' if style.shading else ''} }}",
        *ruling_to_css(style, habits),
        *TURNS.values(),
    ))


def furniture_to_css(style: Style, fonts: Mapping[str, str]) -> Iterator[str]:
    """Page header and page number."""
    header = style.page_header.replace("\\", "\\\\").replace('"', '\\"')
    look = f"font: 9pt {fonts['body']}; color: #595959; white-space: nowrap"
    yield f'@page {{ @top-left {{ content: "{header}"; {look} }} }}'
    if style.page_number:
        number = f'content: "- " counter(page) " -"; font: 11pt {fonts["body"]}'
        yield f"@page {{ @bottom-center {{ {number} }} }}"


def ruling_to_css(style: Style, habits: Habits) -> Iterator[str]:
    """The borders; later rules take those away that the style leaves out."""
    separate = style.ruling in ("boxes", "rects") or (style.ruling == "double" and habits.apart)
    yield f"table {{ border-collapse: {'separate' if separate else 'collapse'}; border-spacing: 0 }}"
    if style.ruling == "rects":
        yield FILLS
    elif separate:
        frame = ".75pt solid #000" if style.ruling == "double" else "none"
        yield f"table {{ border-spacing: {1.5 if habits.apart else 0}pt; border: {frame} }}"
        yield "td { border: .75pt solid #000 }"
    elif style.ruling in BORDERS:
        yield f"td {{ border: {BORDERS[style.ruling]} }}"
    yield "td.open { border-top-style: hidden } td.unclosed { border-bottom-style: hidden }"
    yield "td.open > .top, td.unclosed > .bottom { display: none }"
    if not style.sides:
        yield "table { border-left: none; border-right: none }"
        yield "td.first { border-left-style: hidden } td.last { border-right-style: hidden }"
        yield "td.first > .start, td.last > .end { display: none }"


FILLS = (
    "td { position: relative } td > i { position: absolute; background: #000 }"
    " i.top, i.bottom { left: 0; width: 100%; height: .5pt } i.top { top: 0 } i.bottom { bottom: 0 }"
    " i.start, i.end { top: 0; height: 100%; width: .5pt } i.start { left: 0 } i.end { right: 0 }"
)
"""Rulings without borders: a thin filled box along each side of a cell."""
RULES = "".join(f'<i class="{side}"></i>' for side in ("top", "bottom", "start", "end"))

TURNS = {
    "upright": "div.upright { display: inline-block; writing-mode: vertical-rl; white-space: nowrap }",
    "sideways": "div.sideways { display: inline-block; writing-mode: vertical-rl; text-orientation: sideways;"
                " transform: rotate(180deg); white-space: nowrap }",
    "transformed": "div.transformed { position: relative; margin: auto }"
                   " div.transformed > span { position: absolute; top: 50%; left: 50%; white-space: nowrap;"
                   " transform: translate(-50%, -50%) rotate(-90deg) }",
}
"""Ways of setting a line downwards (upright signs) or upwards (turned signs)."""


# ---------------------------------------------------------- blocks → html


def sections_of(report: Manuscript) -> Iterator[tuple[str, list[Block]]]:
    """The blocks between two turns of the paper, with its orientation."""
    orientation = report.style.orientation
    blocks: list[Block] = []
    for block in report.blocks:
        if isinstance(block, Turn):
            yield orientation, blocks
            orientation, blocks = block.orientation, []
        else:
            blocks.append(block)
    yield orientation, blocks


def section_to_html(blocks: Iterable[Block], orientation: str, style: Style, habits: Habits) -> str:
    """The blocks, and an estimate of the room that each finds on its page: a planned break fills the page."""
    wide, high = PAPER.get(orientation, PAPER["landscape"])
    width, page = wide - 2 * MARGIN_X, high - MARGIN_TOP - MARGIN_BOTTOM
    room, parts = page, []
    for block in blocks:
        match block:
            case Text():
                parts.append(text_to_html(block))
                indent = "　　" if block.align == "body" else ""
                lines = len(wrap(indent + block.text, width, block.size))
                room = room_below(lines * block.size * style.leading + block.after, room, page)
            case Table():
                pieces = table_to_pieces(block, width, style, room - SPARE)
                parts.extend(piece_to_html(piece, block, style, habits) for piece in pieces)
                room = room_below(sum(pieces[-1].heights) + 14, page if len(pieces) > 1 else room, page)
            case Beside():
                strips = halves_to_strips(block, width, style)
                parts.append(beside_to_html(block, strips, style, habits))
                room = room_below(max(strip.height for strip in strips) + 14, room, page)
            case Space():
                parts.append(f'<div class="space" style="margin-top: {block.height}pt"></div>')
                room = max(0.0, room - block.height)
            case Seal():
                parts.append(f'<div class="seal">{SEAL}</div>')
    return "\n".join(parts)


def room_below(height: float, room: float, page: float) -> float:
    """What a block of that height leaves of the page on which it ends."""
    return room - height if height <= room else page - (height - room) % page


def text_to_html(block: Text) -> str:
    look = f"font-size: {block.size}pt; margin-bottom: {block.after}pt"
    if block.align in ("centre", "right"):
        look += f"; text-align: {block.align.replace('centre', 'center')}"
    if block.bold:
        look += "; font-weight: bold"
    classes = names_of(body=block.align == "body", keep=block.keep > 0)
    return f'<p class="{classes}" style="{look}">{escape(block.text)}</p>'


def halves_to_strips(block: Beside, width: float, style: Style) -> list[Strip]:
    """The two tables laid out over half the width each, without planned breaks."""
    half, unbroken = (width - 12) / 2, replace(style, breaks=())
    return [table_to_strip(table, 0.0, half, unbroken, math.inf) for table in (block.left, block.right)]


def beside_to_html(block: Beside, strips: Sequence[Strip], style: Style, habits: Habits) -> str:
    pieces = [cut_piece(strip, 0.0, strip.height) for strip in strips]
    halves = zip(pieces, (block.left, block.right), strict=True)
    tables = "".join(f"<div>{piece_to_html(piece, half, style, habits)}</div>" for piece, half in halves)
    return f'<div class="beside">{tables}</div>'


def watermark_to_html(style: Style) -> str:
    if style.watermark == "none":
        return ""
    turn = " rotate(-45deg)" if style.watermark == "rotated" else ""
    return f'<div class="watermark" style="transform: translate(-50%, -50%){turn}">样　例</div>'


def star_points() -> str:
    """The corners of a star of five points around (90, 90), as SVG writes them."""
    corners = [(math.radians(-90 + 36 * n), 42 if n % 2 == 0 else 16) for n in range(10)]
    return " ".join(f"{90 + r * math.cos(a):.1f},{90 + r * math.sin(a):.1f}" for a, r in corners)


SEAL = (
    '<svg viewBox="0 0 180 180" xmlns="http://www.w3.org/2000/svg">'
    '<circle cx="90" cy="90" r="81" fill="none" stroke="#d21e1e" stroke-opacity=".67" stroke-width="7"/>'
    f'<polygon points="{star_points()}" fill="#d21e1e" fill-opacity=".67"/></svg>'
)


# ---------------------------------------------------------- table → pieces


@dataclass(frozen=True, slots=True)
class Part:
    """What of a cell stands in a piece: its rows there, its text, and what is left out above and below."""

    placed: Placed
    row: int
    row_span: int
    lines: tuple[str, ...]
    begun: bool
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of a table between two planned breaks; the first `head_rows` are the header."""

    heights: tuple[float, ...]
    parts: tuple[Part, ...]
    head_rows: int
    begun: bool
    goes_on: bool


def table_to_pieces(table: Table, width: float, style: Style, room: float) -> list[Piece]:
    """The table cut at its planned breaks, the rows before each stretched to fill their page."""
    strip = table_to_strip(table, 0.0, width, style, room)
    cuts = [0.0]
    planned = [item for item in style.breaks if item.table == table.layout.table]
    for item in sorted(planned, key=lambda item: (item.row, item.lines)):
        cuts.append(planned_cut(strip, item))
        strip = cut_strip(strip, cuts[-1])
    cuts.append(strip.height)
    pieces = [cut_piece(strip, start, end) for start, end in pairwise(cuts)]
    rows = table.layout.header_rows
    if style.repeat_header and rows and strip.edges[rows] < cuts[1] + 0.01:
        return list(repeat_head(pieces, rows))
    return pieces


def cut_piece(strip: Strip, start: float, end: float) -> Piece:
    """What of the strip lies between two heights."""
    edges = [start, *(edge for edge in strip.edges if start + 0.01 < edge < end - 0.01), end]
    inside = (item for item in strip.placed if item.y0 < end - 0.01 and item.y1 > start + 0.01)
    parts = (cell_to_part(item, edges) for item in inside)
    heights = tuple(below - above for above, below in pairwise(edges))
    return Piece(heights, tuple(parts), 0, start > 0, end < strip.height)


def cell_to_part(item: Placed, edges: Sequence[float]) -> Part:
    """The cell between the first and the last of the edges."""
    first = sum(edge <= item.y0 + 0.01 for edge in edges[1:-1])
    until = sum(edge <= item.y1 + 0.01 for edge in edges[1:])
    start, end = edges[0] - 0.01, edges[-1] - 0.5
    lines = tuple(line.text for line in item.lines if start <= line.top < end)
    begun = any(line.top < start for line in item.lines)
    return Part(item, first, until - first, lines, begun, any(line.top >= end for line in item.lines))


def repeat_head(pieces: Sequence[Piece], rows: int) -> Iterator[Piece]:
    """The pieces with the header rows of the first marked, and put over every other."""
    first = pieces[0]
    yield replace(first, head_rows=rows)
    head = [part for part in first.parts if part.row < rows]
    for piece in pieces[1:]:
        moved = (replace(part, row=part.row + rows) for part in piece.parts)
        yield Piece(first.heights[:rows] + piece.heights, (*head, *moved), rows, True, piece.goes_on)


# ----------------------------------------------------------- piece → html


def piece_to_html(piece: Piece, table: Table, style: Style, habits: Habits) -> str:
    """The piece as a table; its header repeats where the program ends a page by itself."""
    columns = "".join(f'<col style="width: {share:.2%}">' for share in table.layout.widths)
    rows = [
        "<tr>"
        + "".join(part_to_html(part, piece, table, style, habits) for part in parts_of_row(piece, number))
        + "</tr>"
        for number in range(len(piece.heights))
    ]
    head, body = "\n".join(rows[:piece.head_rows]), "\n".join(rows[piece.head_rows:])
    classes = names_of(next=piece.begun, cut=piece.goes_on)
    return (
        f'<table class="{classes}"><colgroup>{columns}</colgroup>'
        + (f"<thead>{head}</thead>" if head else "") + f"<tbody>{body}</tbody></table>"
    )


def parts_of_row(piece: Piece, row: int) -> list[Part]:
    """The parts that begin in that row, from left to right."""
    return sorted((part for part in piece.parts if part.row == row), key=lambda part: part.placed.cell.col)


def part_to_html(part: Part, piece: Piece, table: Table, style: Style, habits: Habits) -> str:
    cell, columns = part.placed.cell, len(table.layout.widths)
    above = piece.begun and not piece.head_rows and part.row == 0
    below = piece.goes_on and part.row + part.row_span == len(piece.heights)
    classes = names_of(
        left=cell.role == "label" and cell.col_span + cell.row_span <= 2,
        first=cell.col == 0, last=cell.col + cell.col_span == columns,
        open=above and style.cut_rule in ("no_open", "none"),
        unclosed=below and style.cut_rule in ("no_close", "none"),
    )
    spans = f' rowspan="{part.row_span}"' if part.row_span > 1 else ""
    spans += f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
    look = f"height: {piece.heights[part.row]:.1f}pt; " if part.row_span == 1 else ""
    look += f"vertical-align: {vertical_align(part, style)}"
    rules = RULES if style.ruling == "rects" else ""
    return (
        f'<td class="{cell.role} {classes}"{spans} style="{look}">'
        f"{rules}{text_of_part(part, table, style, habits)}</td>"
    )


def vertical_align(part: Part, style: Style) -> str:
    """Where the text stands: of a cell in two pieces, towards the piece that has the rest of it."""
    if style.labels == "top" and part.placed.cell.row_span > 1 and part.placed.cell.role in ("side", "label"):
        return "top"
    return "bottom" if part.goes_on else "top" if part.begun else "middle"


def text_of_part(part: Part, table: Table, style: Style, habits: Habits) -> str:
    """The text of a cell: whole, for the program to break, or what a planned break leaves on this side."""
    cell = part.placed.cell
    whole = table.printed.get(cell.key, "") if cell.key else cell.text
    text = "".join(part.lines) if part.begun or part.goes_on else whole
    looks = looks_of(cell, table.layout, style)
    if looks in ("stack", "pair"):
        return "<br>".join(escape(piece) for piece in chunk(text, 1 if looks == "stack" else 2))
    if looks != "rotated" or not text:
        return escape(text)
    if habits.turn != "transformed":
        return f'<div class="{habits.turn}">{escape(text)}</div>'
    box = f"width: 1.3em; height: {width_of(text, style.cell_size) + 2:.1f}pt"
    return f'<div class="transformed" style="{box}"><span>{escape(text)}</span></div>'


def names_of(**flags: bool) -> str:
    """The CSS classes whose flag is set."""
    return " ".join(name for name, flag in flags.items() if flag)
