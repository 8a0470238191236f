"""Reports printed by typst, from the `typst` wheel, with the font of the zhplot wheel.

Pages end where typst ends them, rows and merged cells are cut by typst; only a planned page end is made by
two tables on two pages, for typst takes no page break inside a table. Same manuscript, same bytes.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tools.generator import Manuscript, Style
from tools.generator.fonts import font_file
from tools.generator.render import (
    MARGIN_BOTTOM,
    MARGIN_TOP,
    MARGIN_X,
    PAD,
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

from .office import DATE, PAPER, fix_identity, table_to_parts, turn_pages
from .parts import Cell, Part

NAME = "typst"
CANNOT: Mapping[str, frozenset[object]] = {
    "ruling": frozenset({"strokes", "rects"}),  # a border is one path, dashed or not
    "cut_rule": frozenset({"no_close", "no_open", "none"}),  # both sides of a cut are ruled
    "font": frozenset({"system"}),  # fonts are always embedded
}

STROKES = {
    "solid": "0.6pt",
    "boxes": "0.6pt",
    "double": "0.6pt",
    "grey": "0.6pt + luma(65%)",
    "dashed": '(thickness: 0.6pt, dash: "dashed")',
    "dotted": '(thickness: 0.6pt, dash: "dotted")',
    "none": "none",
}
ALIGN = {"body": "left", "left": "left", "centre": "center", "right": "right"}
GUTTERS = {"boxes": 3.0, "double": 1.6}


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path; RuntimeError when typst is not installed."""
    try:
        import typst
    except ImportError as error:
        raise RuntimeError("typst is not installed: pip install typst") from error
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_file().parent)]
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "seal.png").write_bytes(seal_picture_bytes())
        for report, path in reports:
            source = report_to_source(report).encode()
            pdf = typst.compile(source, root=folder, font_paths=fonts, timestamp=DATE)
            path.write_bytes(pdf)
            turn_pages(path)
            fix_identity(path)


def seal_picture_bytes() -> bytes:
    buffer = io.BytesIO()
    seal_picture().save(buffer, "PNG")
    return buffer.getvalue()


# ---------------------------------------------------------- report → source


def report_to_source(report: Manuscript) -> str:
    """The whole report in typst's language."""
    return "\n".join((*preamble(report), *blocks_to_source(report.blocks, report.style)))


def preamble(report: Manuscript) -> Iterator[str]:
    style = report.style
    yield f"#set document(title: {quote(report.title)}, date: auto)"
    yield (
        '#set text(font: "Noto Sans SC", lang: "zh", region: "cn", top-edge: 0.88em, bottom-edge: -0.12em)'
    )
    yield f"#set page(margin: (x: {MARGIN_X}pt, top: {MARGIN_TOP}pt, bottom: {MARGIN_BOTTOM}pt))"
    yield turn_to_source(style.orientation)
    if style.page_header:
        yield f"#set page(header: text(9pt, luma(35%), {quote(style.page_header)}))"
    if style.page_number:
        yield '#set page(footer: context align(center, text(11pt, counter(page).display("- 1 -"))))'
    if style.watermark != "none":
        angle = -45 if style.watermark == "rotated" else 0
        yield f'#set page(background: rotate({angle}deg, text(110pt, luma(90%), "样　例")))'


def quote(text: str) -> str:
    """A string of typst's language."""
    return json.dumps(text, ensure_ascii=False)


def truth(value: bool) -> str:
    return "true" if value else "false"


def turn_to_source(orientation: str) -> str:
    width, height = PAPER[orientation]
    return f"#set page(width: {width}pt, height: {height}pt)"


def blocks_to_source(blocks: Iterable[Block], style: Style) -> Iterator[str]:
    orientation = style.orientation
    for block in blocks:
        width = PAPER[orientation][0] - 2 * MARGIN_X
        match block:
            case Text():
                yield text_to_source(block, style)
            case Table():
                yield table_to_source(block, width, style) + "\n#v(14pt)"
            case Beside():
                yield beside_to_source(block, width, style) + "\n#v(14pt)"
            case Turn():
                orientation = block.orientation
                yield turn_to_source(orientation)
            case Space():
                yield f"#v({block.height}pt)"
            case Seal():
                yield '#place(right, dx: -10pt, dy: -82pt, image("seal.png", width: 90pt))'


def text_to_source(block: Text, style: Style) -> str:
    """A paragraph, its lines as far apart as the style wants; a heading stays with what follows."""
    gap, body = round(block.size * (style.leading - 1), 2), block.align == "body"
    indent = "(amount: 2em, all: true)" if body else "0pt"
    stroke = f", stroke: {block.size / 40}pt" if block.bold else ""
    after = f"\n#v({block.after}pt)" if block.after else ""
    return (
        f"#block(spacing: {gap}pt, width: 100%, sticky: {truth(block.keep > 0)})[\n"
        f"#set par(leading: {gap}pt, first-line-indent: {indent}, justify: {truth(body)})\n"
        f"#set align({ALIGN[block.align]})\n"
        f"#par(text({block.size}pt{stroke}, {quote(block.text)}))]{after}"
    )


# ----------------------------------------------------------- table → source


def table_to_source(table: Table, width: float, style: Style) -> str:
    """The table, or its parts on pages of their own."""
    parts = table_to_parts(table, width, style)
    return "\n#pagebreak()\n".join(part_to_source(part, style) for part in parts)


def part_to_source(part: Part, style: Style) -> str:
    stroke, gutter = STROKES[style.ruling], GUTTERS.get(style.ruling, 0.0)
    columns = ", ".join(f"{width - gutter * (1 - 1 / len(part.widths)):.2f}pt" for width in part.widths)
    head = ",\n".join(cell_to_source(cell, part, style) for cell in part.cells if cell.row < part.header)
    body = ",\n".join(cell_to_source(cell, part, style) for cell in part.cells if cell.row >= part.header)
    table = (
        f"table(columns: ({columns}), stroke: {stroke}, gutter: {gutter}pt, align: center + horizon,\n"
        f"inset: (x: {PAD}pt, y: {(style.row_height - style.cell_size) / 2:.2f}pt),\n"
        + (f"table.header(repeat: {truth(style.repeat_header)},\n{head}),\n" if head else "")
        + f"{body})"
    )
    if style.ruling == "double":
        sides = "rest" if style.sides else "y"
        table = f"block(stroke: ({sides}: {stroke}), outset: {gutter}pt, {table})"
    leading = f"{style.cell_size * 0.3}pt"
    return (
        f"#[\n#set text({style.cell_size}pt)\n#set par(leading: {leading}, spacing: {leading})\n#{table}\n]"
    )


def cell_to_source(cell: Cell, part: Part, style: Style) -> str:
    """One `table.cell`."""
    options = [f"x: {cell.col}", f"y: {cell.row}", f"colspan: {cell.col_span}", f"rowspan: {cell.row_span}"]
    # a merged cell that may not break would take all its rows to the next page
    options.append(f"breakable: {truth(style.cut == 'anywhere' or cell.row_span > 1)}")
    if cell.role == "label" and cell.col_span + cell.row_span <= 2:
        options.append("align: left + horizon")
    elif cell.from_top:
        options.append("align: center + top")
    if style.shading and cell.role == "section":
        options.append("fill: rgb({}, {}, {})".format(*(round(255 * share) for share in SHADE)))
    elif style.backing:
        options.append("fill: white")
    if open_sides := open_sides_of(cell, part, style):
        options.append("stroke: (" + "".join(f"{side}: none, " for side in open_sides) + ")")
    return f"table.cell({', '.join(options)}, {content_of(cell, style)})"


def open_sides_of(cell: Cell, part: Part, style: Style) -> list[str]:
    if style.sides:
        return []
    at_left, at_right = cell.col == 0, cell.col + cell.col_span == len(part.widths)
    return ["left"] * at_left + ["right"] * at_right


def content_of(cell: Cell, style: Style) -> str:
    """What stands in the cell; typst breaks labels into lines, but a number only where it is told to."""
    kept = cell.looks in ("stack", "pair") or cell.role == "value"
    text = quote(("\n" if kept else "").join(cell.lines))
    if cell.looks == "rotated":
        return f"rotate(-90deg, reflow: true, {text})"
    bold = cell.role in ("section", "swallowed")
    return f"text(stroke: {style.cell_size / 40}pt, {text})" if bold else text


def beside_to_source(block: Beside, width: float, style: Style) -> str:
    """Two tables on the same lines, each half as wide as the page; never cut."""
    plain = replace(style, breaks=())
    left, right = (table_to_source(table, (width - 12) / 2, plain) for table in (block.left, block.right))
    return f"#block(breakable: false, grid(columns: 2, gutter: 12pt, [{left}], [{right}]))"
