"""A manuscript as an HTML page with its CSS, for programs that print web pages.

A table is left to the program: it breaks the lines and ends the pages, between rows or inside them. At a
planned `Break` the table is cut here, into one HTML table a page, since a forced break beside a merged cell
makes both programs push the cell's text off its page, as no page end does by itself. What the style leaves
open (fonts, alignment, one of several ways to a look) is drawn by lot from the manuscript.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import pairwise
from random import Random

from tools.generator import Manuscript
from tools.generator.fonts import load_font, width_of, wrap
from tools.generator.render import (
    MARGIN_BOTTOM,
    MARGIN_TOP,
    MARGIN_X,
    PAD,
    Beside,
    Block,
    Seal,
    Space,
    Style,
    Table,
    Text,
    Turn,
)

from .office import PAPER
from .parts import Cell, Part, Type, planned_parts, table_to_part

FONTS = ("Noto Serif CJK SC", "AR PL UMing CN", "Noto Sans CJK SC", "WenQuanYi Zen Hei")
DIGITS = ("", "Nimbus Roman", "Nimbus Sans")
BORDERS = {
    "solid": ".75pt solid #000",
    "dashed": ".75pt dashed #000",
    "dotted": "1pt dotted #000",
    "strokes": ".75pt dashed #000",
    "grey": ".75pt solid #a6a6a6",
    "double": "2.25pt double #000",
    "boxes": ".75pt solid #000",
}
UNDER, OVER = "color: #e6e6e6; z-index: -1", "color: rgba(0, 0, 0, .1); z-index: 1"


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
        body_font=rng.choice(FONTS),
        cell_font=rng.choice(FONTS),
        digits=rng.choice(DIGITS),
        numbers=rng.choice(("center", "center", "right")),
        turn=rng.choice(program.turns),
        apart=rng.random() < 0.5,
        over=rng.random() < 0.5,
    )


def manuscript_to_html(report: Manuscript, program: Program) -> str:
    """The whole page, styles and pictures included: it loads nothing."""
    load_font()
    habits = habits_of(report, program)
    sections = "\n".join(
        f'<section style="page: {orientation}">'
        + "\n".join(block_to_html(block, orientation, report.style, habits) for block in blocks)
        + "</section>"
        for orientation, blocks in sections_of(report)
    )
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">',
            f"<title>{escape(report.title)}</title>",
            f"<style>{style_to_css(report.style, habits)}</style></head>",
            f"<body>{watermark_to_html(report.style)}{sections}</body></html>\n",
        )
    )


# ------------------------------------------------------------- style → css


def style_to_css(style: Style, habits: Habits) -> str:
    fonts = {
        name: ", ".join(f'"{font}"' for font in (habits.digits, family, "Noto Sans CJK SC") if font)
        for name, family in (("body", habits.body_font), ("cells", habits.cell_font))
    }
    return "\n".join(
        (
            f"@page {{ margin: {MARGIN_TOP}pt {MARGIN_X}pt {MARGIN_BOTTOM}pt }}",
            *furniture_to_css(style, fonts),
            *(f"@page {name} {{ size: {wide}pt {high}pt }}" for name, (wide, high) in PAPER.items()),
            f"body {{ margin: 0; font: {style.body_size}pt/{style.leading} {fonts['body']}; }}",
            "section + section { break-before: page }",
            "p { margin: 0; white-space: pre-wrap } p.body { text-indent: 2em }"
            " p.keep { break-after: avoid }",
            ".space { display: flow-root; height: 0 } .beside { break-inside: avoid }",
            ".beside > div { width: calc(50% - 6pt); float: left } .beside > div + div { float: right }",
            ".beside::after { content: ''; display: block; clear: both }",
            ".seal { position: relative; height: 0 }",
            ".seal svg { position: absolute; right: 10pt; bottom: -8pt; width: 90pt; height: 90pt }",
            ".watermark { position: fixed; top: 50%; left: 50%; font-size: 110pt; line-height: 1 }",
            f".watermark {{ white-space: pre; {OVER if habits.over else UNDER} }}",
            f"table {{ font: {style.cell_size}pt/1.3 {fonts['cells']} }}",
            "table { width: 100%; table-layout: fixed; margin-bottom: 14pt; orphans: 1; widows: 1 }",
            "table.next { break-before: page }",
            f"td:not([rowspan]) {{ break-inside: {'auto' if style.cut == 'anywhere' else 'avoid'} }}",
            f"td {{ box-sizing: border-box; padding: {PAD}pt; text-align: center; vertical-align: middle;"
            " white-space: pre-wrap; overflow-wrap: anywhere } td.top { vertical-align: top }",
            f"td.left {{ text-align: left }} td.value {{ text-align: {habits.numbers} }}",
            "td.value_left { text-align: left } td.value_right { text-align: right }",
            "td.section, td.swallowed { font-weight: bold }",
            f"td {{ {'background: #fff' if style.backing else ''} }}",
            f"td.section {{ {'background: #c7d9f0' if style.shading else ''} }}",
            *ruling_to_css(style, habits),
            *TURNS.values(),
        )
    )


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
    "transformed": "div.transformed { position: relative; margin: auto; width: 1.3em }"
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


def block_to_html(block: Block, orientation: str, style: Style, habits: Habits) -> str:
    width = PAPER[orientation][0] - 2 * MARGIN_X
    match block:
        case Text():
            return text_to_html(block)
        case Table():
            return table_to_html(block, width, style, habits)
        case Beside():
            return beside_to_html(block, width, replace(style, breaks=()), habits)
        case Space():
            return f'<div class="space" style="margin-top: {block.height}pt"></div>'
        case Seal():
            return f'<div class="seal">{SEAL}</div>'
        case Turn():
            raise ValueError("a turn of the paper is a section of its own: see sections_of")


def text_to_html(block: Text) -> str:
    look = f"font-size: {block.size}pt; margin-bottom: {block.after}pt"
    if block.align in ("centre", "right"):
        look += f"; text-align: {block.align.replace('centre', 'center')}"
    if block.bold:
        look += "; font-weight: bold"
    classes = names_of(body=block.align == "body", keep=block.keep > 0)
    return f'<p class="{classes}" style="{look}">{escape(block.text)}</p>'


def beside_to_html(block: Beside, width: float, style: Style, habits: Habits) -> str:
    halves = (table_to_html(half, (width - 12) / 2, style, habits) for half in (block.left, block.right))
    return f'<div class="beside">{"".join(f"<div>{half}</div>" for half in halves)}</div>'


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


# ----------------------------------------------------------- table → html


def table_to_html(table: Table, width: float, style: Style, habits: Habits) -> str:
    """The table, cut in several at its planned breaks, each of them on a page of its own."""
    size = style.cell_size
    setting = Type(size, partial(to_lines, size=size), partial(width_of, size=size))
    parts = planned_parts(table_to_part(table, width, style, setting), table.layout.table, style)
    return "\n".join(part_to_html(part, number > 0, style, habits) for number, part in enumerate(parts))


def to_lines(text: str, width: float, size: float) -> list[str]:
    """The text broken into lines, blanks at their ends kept: joined they are the text again."""
    starts, place = [], 0
    for line in wrap(text, width, size):
        starts.append(text.index(line, place))
        place = starts[-1] + len(line)
    return [text[start:end] for start, end in pairwise((0, *starts[1:], len(text)))]


def part_to_html(part: Part, follows: bool, style: Style, habits: Habits) -> str:
    """The part as a table; the program repeats its header where it ends a page by itself."""
    columns = "".join(f'<col style="width: {width:.2f}pt">' for width in part.widths)
    rows = [f"<tr>{row_to_html(part, row, style, habits)}</tr>" for row in range(len(part.heights))]
    until = part.header if style.repeat_header else 0
    head, body = "\n".join(rows[:until]), "\n".join(rows[until:])
    return (
        f'<table class="{names_of(next=follows)}"><colgroup>{columns}</colgroup>'
        + (f"<thead>{head}</thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


def row_to_html(part: Part, row: int, style: Style, habits: Habits) -> str:
    """The cells that begin in that row, from left to right."""
    cells = sorted((cell for cell in part.cells if cell.row == row), key=lambda cell: cell.col)
    return "".join(cell_to_html(cell, part, style, habits) for cell in cells)


def cell_to_html(cell: Cell, part: Part, style: Style, habits: Habits) -> str:
    classes = names_of(
        top=cell.from_top,
        left=cell.role == "label" and cell.col_span + cell.row_span <= 2,
        first=cell.col == 0,
        last=cell.col + cell.col_span == len(part.widths),
        open=cell.row in part.bare,
        unclosed=cell.row + cell.row_span in part.bare,
    )
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
    height = f' style="height: {part.heights[cell.row]:.1f}pt"' if cell.row_span == 1 else ""
    rules = RULES if style.ruling == "rects" else ""
    return f'<td class="{cell.role} {classes}"{spans}{height}>{rules}{text_of_cell(cell, habits)}</td>'


def text_of_cell(cell: Cell, habits: Habits) -> str:
    """The text of a cell, for the program to break where the style does not say how."""
    if cell.looks in ("stack", "pair"):
        return "<br>".join(map(escape, cell.lines))
    text = escape("".join(cell.lines))
    if cell.looks != "rotated" or not text:
        return text
    if habits.turn != "transformed":
        return f'<div class="{habits.turn}">{text}</div>'
    return f'<div class="transformed" style="height: {cell.leading + 2:.1f}pt"><span>{text}</span></div>'


def names_of(**flags: bool) -> str:
    """The CSS classes whose flag is set."""
    return " ".join(name for name, flag in flags.items() if flag)
