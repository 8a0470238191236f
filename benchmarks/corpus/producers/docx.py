"""A report as a bureau types it: a .docx with real tables, sections, headers and fields.

Lengths are points in names without a unit, twentieths of a point where WordprocessingML wants them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from tools.generator import Manuscript, Style
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

from .office import PAPER, table_to_parts
from .parts import Cell, Part

BORDERS = {
    "solid": ("single", 4, "000000"),
    "grey": ("single", 4, "A6A6A6"),
    "dashed": ("dashed", 4, "000000"),
    "dotted": ("dotted", 4, "000000"),
    "double": ("double", 4, "000000"),
    "none": ("nil", 0, "auto"),
}
NAMESPACES = (
    " ".join(
        f'xmlns:{prefix}="http://schemas.openxmlformats.org/{name}"'
        for prefix, name in (
            ("w", "wordprocessingml/2006/main"),
            ("r", "officeDocument/2006/relationships"),
            ("wp", "drawingml/2006/wordprocessingDrawing"),
            ("a", "drawingml/2006/main"),
            ("pic", "drawingml/2006/picture"),
        )
    )
    + ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
ALIGN = {"body": "both", "left": "left", "centre": "center", "right": "right"}


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs from typist to typist, and no `Style` says.

    `exact`: rows with one line of text have a height that does not grow; `stacked`: lines of one character
    or two are paragraphs, else line breaks part them; `turned`: the direction of turned text.
    """

    font: str
    digits: str
    exact: bool
    stacked: bool
    turned: str


def habits_of(report: Manuscript) -> Habits:
    """The same for the same report."""
    rng = Random(f"docx/{report.title}/{report.style!r}")
    font = rng.choice(("Noto Serif CJK SC", "AR PL UMing CN", "Noto Sans CJK SC"))
    digits = rng.choice((font, "Nimbus Roman", "DejaVu Sans Condensed"))
    turned = rng.choice(("btLr", "btLr", "tbRlV"))
    return Habits(font, digits, rng.random() < 0.4, rng.random() < 0.5, turned)


def write_docx(report: Manuscript, path: Path) -> None:
    """The report as a .docx at the path."""
    import docx

    document, style, habits = docx.Document(), report.style, habits_of(report)
    set_properties(document, report, habits)
    set_paper(document.sections[0], style.orientation)
    furnish(document.sections[0], style)
    body, orientation = document.element.body, style.orientation
    for block in report.blocks:
        if isinstance(block, Turn):
            orientation = block.orientation
            add_section(document, orientation)
        else:
            width = PAPER[orientation][0] - 2 * MARGIN_X
            for xml in block_to_xml(block, width, style, habits):
                body.insert(len(body) - 1, parse(xml))
        if isinstance(block, Seal):
            add_seal(document)
    document.save(path)


def set_properties(document: Any, report: Manuscript, habits: Habits) -> None:
    from docx.oxml.ns import qn

    properties = document.core_properties
    properties.title, properties.author = report.title, ""
    properties.created = properties.modified = datetime(2024, 1, 1)
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script, name in (("ascii", habits.digits), ("hAnsi", habits.digits), ("eastAsia", habits.font)):
        fonts.set(qn(f"w:{script}"), name)


def set_paper(section: Any, orientation: str) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt

    width, height = PAPER[orientation]
    section.page_width, section.page_height = Pt(width), Pt(height)
    section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Pt(MARGIN_X)
    section.top_margin, section.bottom_margin = Pt(MARGIN_TOP), Pt(MARGIN_BOTTOM)
    section.header_distance, section.footer_distance = Pt(40), Pt(34)


def add_section(document: Any, orientation: str) -> None:
    """A new page on other paper; the empty paragraph that ends the last section takes a point."""
    from docx.shared import Pt

    section = document.add_section()
    document.paragraphs[-1].paragraph_format.line_spacing = Pt(1)
    set_paper(section, orientation)


# ------------------------------------------------------------------ furniture


def furnish(section: Any, style: Style) -> None:
    """Page header, number and watermark of the first section, which the others take over."""
    header, footer = section.header._element, section.footer._element
    for part in (header, footer):
        part.remove(part[0])
    marked = watermark_xml(style.watermark) if style.watermark != "none" else ""
    text = run_xml(style.page_header, 9, colour="595959") if style.page_header else ""
    header.append(parse(paragraph_xml(marked + text, 14)))
    footer.append(parse(paragraph_xml(page_number_xml() if style.page_number else "", 16, align="center")))


def page_number_xml() -> str:
    field = f'<w:fldSimple w:instr=" PAGE ">{run_xml("1", 11)}</w:fldSimple>'
    return run_xml("- ", 11) + field + run_xml(" -", 11)


WORD_ART = (
    '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
    'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas>'
    + "".join(
        f'<v:f eqn="{formula}"/>'
        for formula in (
            "sum #0 0 10800",
            "prod #0 2 1",
            "sum 21600 0 @1",
            "sum 0 0 @2",
            "sum 21600 0 @3",
            "if @0 @3 0",
            "if @0 21600 @1",
            "if @0 0 @2",
            "if @0 @4 21600",
            "mid @5 @6",
            "mid @8 @5",
            "mid @7 @8",
            "mid @6 @7",
            "sum @6 0 @5",
        )
    )
    + '</v:formulas><v:path textpathok="t" o:connecttype="custom"/><v:textpath on="t" fitshape="t"/>'
    "</v:shapetype>"
)


def watermark_xml(kind: str) -> str:
    """Word's own watermark: WordArt in the header, behind the text."""
    place = "".join(
        f"mso-position-{way}:center;mso-position-{way}-relative:margin;" for way in ("horizontal", "vertical")
    )
    turn = "rotation:315;" if kind == "rotated" else ""
    return (
        f'<w:r><w:pict>{WORD_ART}<v:shape id="Watermark" type="#_x0000_t136" style="position:absolute;'
        f'width:330pt;height:110pt;{turn}z-index:-251658752;{place}" fillcolor="#e6e6e6" stroked="f">'
        '<v:textpath style="font-family:&quot;Noto Sans CJK SC&quot;;font-size:1pt" string="样　例"/>'
        "</v:shape></w:pict></w:r>"
    )


# ---------------------------------------------------------------- block → XML


def parse(xml: str) -> Any:
    """The element, its first tag given the namespaces."""
    from docx.oxml import parse_xml

    return parse_xml(re.sub(r"^<[\w:]+", rf"\g<0> {NAMESPACES}", xml))


def block_to_xml(block: Block, width: float, style: Style, habits: Habits) -> Iterator[str]:
    """The paragraphs and tables of a block; none for a seal."""
    match block:
        case Text():
            yield text_xml(block, style)
        case Table():
            yield from table_to_xml(block, width, style, habits)
            yield space_xml(13)
        case Beside():
            yield beside_xml(block, width, style, habits)
            yield space_xml(13)
        case Space():
            yield space_xml(block.height)


def run_xml(text: str, size: float, *, bold: bool = False, colour: str = "") -> str:
    """A run of text; a line break in it is one on paper."""
    look = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    pieces = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f'<w:r><w:rPr>{look}<w:sz w:val="{round(size * 2)}"/></w:rPr>{"<w:br/>".join(pieces)}</w:r>'


def paragraph_xml(
    runs: str, pitch: float, *, align: str = "left", after: float = 0.0, before: str = "", indent: float = 0.0
) -> str:
    """A paragraph with lines `pitch` points apart; `before` are properties that come first in it."""
    return (
        f'<w:p><w:pPr>{before}<w:spacing w:before="0" w:after="{round(after * 20)}" '
        f'w:line="{round(pitch * 20)}" w:lineRule="exact"/><w:ind w:firstLine="{round(indent * 20)}"/>'
        f'<w:jc w:val="{align}"/></w:pPr>{runs}</w:p>'
    )


def text_xml(block: Text, style: Style) -> str:
    """A paragraph of prose; a heading stays with what follows."""
    return paragraph_xml(
        run_xml(block.text, block.size, bold=block.bold),
        block.size * style.leading,
        align=ALIGN[block.align],
        after=block.after,
        before="<w:keepNext/>" if block.keep else "",
        indent=2 * block.size if block.align == "body" else 0.0,
    )


def space_xml(height: float, before: str = "") -> str:
    """Empty paper, as much of it as the page still has."""
    return paragraph_xml('<w:r><w:rPr><w:sz w:val="2"/></w:rPr></w:r>', 1, after=height - 1, before=before)


def add_seal(document: Any) -> None:
    """The seal as a picture that floats over the two lines above."""
    from docx.shared import Pt

    buffer = io.BytesIO()
    seal_picture().save(buffer, "PNG")
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = Pt(1), Pt(0)
    inline = paragraph.add_run().add_picture(buffer, Pt(90))._inline
    anchor = parse(
        '<wp:anchor behindDoc="0" simplePos="0" locked="0" layoutInCell="1" allowOverlap="1" '
        'relativeHeight="2" distT="0" distB="0" distL="0" distR="0"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="margin"><wp:align>right</wp:align></wp:positionH>'
        f'<wp:positionV relativeFrom="paragraph"><wp:posOffset>{Pt(-82)}</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="{Pt(90)}" cy="{Pt(90)}"/><wp:wrapNone/></wp:anchor>'
    )
    anchor.extend(list(inline)[1:])
    inline.getparent().replace(inline, anchor)


# --------------------------------------------------------------- table → XML


def table_to_xml(table: Table, width: float, style: Style, habits: Habits) -> Iterator[str]:
    """The table; where a page's end is planned inside it, its parts, each on a new page."""
    parts = table_to_parts(table, width, style)
    for number, part in enumerate(parts):
        if number:
            yield space_xml(1, "<w:pageBreakBefore/>")
        yield part_to_xml(part, style, habits)


def part_to_xml(part: Part, style: Style, habits: Habits) -> str:
    columns = "".join(f'<w:gridCol w:w="{round(width * 20)}"/>' for width in part.widths)
    rows = "".join(row_to_xml(row, part, style, habits) for row in range(len(part.heights)))
    return f"<w:tbl>{table_properties(part, style)}<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"


def table_properties(part: Part, style: Style) -> str:
    kind, size, colour = BORDERS[style.ruling]
    borders = "".join(
        f'<w:{side} w:val="{kind if style.sides or side not in ("left", "right") else "nil"}" w:sz="{size}" '
        f'w:space="0" w:color="{colour}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f'<w:tblPr><w:tblW w:w="{round(sum(part.widths) * 20)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:left w:w="{round(PAD * 20)}" w:type="dxa"/>'
        f'<w:right w:w="{round(PAD * 20)}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )


def row_to_xml(row: int, part: Part, style: Style, habits: Habits) -> str:
    """A row with its cells from the left; a merged cell that began above has one here that goes on."""
    cells = [cell for cell in part.cells if cell.row <= row < cell.row + cell.row_span]
    single = all(len(cell.lines) <= 1 and cell.looks != "rotated" for cell in cells if cell.row_span == 1)
    properties = (
        ("<w:cantSplit/>" if style.cut == "rows" else "")
        + f'<w:trHeight w:val="{round(part.heights[row] * 20)}" '
        f'w:hRule="{"exact" if habits.exact and single else "atLeast"}"/>'
        + ("<w:tblHeader/>" if style.repeat_header and row < part.header else "")
    )
    texts = (
        cell_to_xml(cell, cell.row == row, part, style, habits)
        for cell in sorted(cells, key=lambda cell: cell.col)
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(texts)}</w:tr>"


def cell_to_xml(cell: Cell, begins: bool, part: Part, style: Style, habits: Habits) -> str:
    width = sum(part.widths[cell.col : cell.col + cell.col_span])
    merge = f'<w:vMerge w:val="{"restart" if begins else "continue"}"/>' if cell.row_span > 1 else ""
    properties = (
        f'<w:tcW w:w="{round(width * 20)}" w:type="dxa"/><w:gridSpan w:val="{cell.col_span}"/>{merge}'
        + fill_xml(cell, style)
        + (f'<w:textDirection w:val="{habits.turned}"/>' if cell.looks == "rotated" else "")
        + f'<w:vAlign w:val="{"top" if cell.from_top else "center"}"/>'
    )
    text = cell_text_xml(cell, style, habits) if begins else paragraph_xml("", style.cell_size * 1.3)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>"


def fill_xml(cell: Cell, style: Style) -> str:
    if style.shading and cell.role == "section":
        colour = "".join(f"{round(255 * share):02X}" for share in SHADE)
    elif style.backing:
        colour = "FFFFFF"
    else:
        return ""
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{colour}"/>'


def cell_text_xml(cell: Cell, style: Style, habits: Habits) -> str:
    """The paragraphs of a cell."""
    size, bold = style.cell_size, cell.role in ("section", "swallowed")
    left = cell.role == "label" and cell.col_span + cell.row_span <= 2
    if cell.looks not in ("stack", "pair"):
        paragraphs = ["".join(cell.lines)]
    else:
        paragraphs = list(cell.lines) if habits.stacked else ["\n".join(cell.lines)]
    return "".join(
        paragraph_xml(run_xml(text, size, bold=bold), size * 1.3, align="left" if left else "center")
        for text in paragraphs or [""]
    )


def beside_xml(block: Beside, width: float, style: Style, habits: Habits) -> str:
    """A table without rulings that holds the two tables, each half as wide as the page."""
    half, plain = (width - 12) / 2, replace(style, breaks=())
    left, right = ("".join(table_to_xml(table, half, plain, habits)) for table in (block.left, block.right))
    held = ((left, half), ("", 12.0), (right, half))
    columns = "".join(f'<w:gridCol w:w="{round(space * 20)}"/>' for _, space in held)
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{round(space * 20)}" w:type="dxa"/></w:tcPr>{inner}{space_xml(1)}</w:tc>'
        for inner, space in held
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{round(width * 20)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
    )
