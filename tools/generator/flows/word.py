"""Reports as .docx, part by part: what a word processor writes, without one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from xml.sax.saxutils import escape

from tools.generator.render import Beside, Style, Table, Text

from .cells import Cell, table_to_rows
from .content import Content, Picture
from .packages import parts_to_package

LINE_WIDTH = 9026
"""Twentieths of a point. The width of a table on A4."""

SCRIPTS = re.compile(r"[\x20-\x7e]+|[^\x20-\x7e]+")
"""Runs of one script: Word parts a text into such runs."""

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" mc:Ignorable="w14"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
EMU, TWENTIETHS = 12700, 20
"""Count, of the units of drawings and of tables in a point."""

PICTURE_TYPES = "".join(
    f'<Default Extension="{form}" ContentType="image/{form}"/>' for form in ("png", "jpeg")
)
CONTENT_TYPES = (
    f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{TYPES}.styles+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{TYPES}.header+xml"/>'
    '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
RELATIONS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)
DOCUMENT_RELATIONS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/header" Target="header1.xml"/></Relationships>'
)
STYLES = (
    f"{HEAD}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="Times New Roman" w:eastAsia="宋体" w:hAnsi="Times New Roman"/>'
    '<w:sz w:val="32"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/>'
    '<w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="unseen"><w:name w:val="unseen"/>'
    "<w:rPr><w:vanish/></w:rPr></w:style>"
    '<w:style w:type="table" w:styleId="a3"><w:name w:val="Table Grid"/></w:style></w:styles>'
)
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


@dataclass(frozen=True, slots=True)
class WordCell:
    """A cell of a row: `begins` is false in the rows below in which a merged cell goes on.

    `properties` stand in its w:tcPr behind width and spans; `content` are its paragraphs. `before`
    and `after` stand around its w:tc.
    """

    cell: Cell
    begins: bool
    width: int
    content: str
    properties: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        span = f'<w:gridSpan w:val="{self.cell.col_span}"/>' if self.cell.col_span > 1 else ""
        restart = ' w:val="restart"' if self.begins else ""
        merge = f"<w:vMerge{restart}/>" if self.cell.row_span > 1 else ""
        properties = f'<w:tcW w:w="{self.width}" w:type="dxa"/>{span}{merge}{self.properties}'
        return f"{self.before}<w:tc><w:tcPr>{properties}</w:tcPr>{self.content}</w:tc>{self.after}"


@dataclass(frozen=True, slots=True)
class WordRow:
    """A row: `properties` stand in its w:trPr, `before` and `after` around its w:tr."""

    cells: tuple[WordCell, ...]
    properties: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        properties = f"<w:trPr>{self.properties}</w:trPr>" if self.properties else ""
        return f"{self.before}<w:tr>{properties}{''.join(map(str, self.cells))}</w:tr>{self.after}"


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table; `name` is that of the form's table, `widths` are those of its columns."""

    name: str
    rows: tuple[WordRow, ...]
    widths: tuple[int, ...]
    after: str = ""

    def __str__(self) -> str:
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in self.widths)
        properties = (
            f'<w:tblStyle w:val="a3"/><w:tblW w:w="{sum(self.widths)}" w:type="dxa"/>'
            f'<w:tblBorders>{BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        )
        return (
            f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>"
            f"{''.join(map(str, self.rows))}</w:tbl>{self.after}"
        )

    def changed(self, change: Callable[[WordCell], WordCell]) -> WordTable:
        """Return the table with each cell as `change` gives it back."""
        rows = tuple(replace(row, cells=tuple(map(change, row.cells))) for row in self.rows)
        return replace(self, rows=rows)


WordChange = Callable[[WordTable], WordTable]


def unchanged(table: WordTable) -> WordTable:
    """Return a table as it is."""
    return table


def content_to_docx(content: Content, change: WordChange = unchanged) -> bytes:
    """Return the file of a report; `change` is what becomes of each of its tables."""
    return body_to_docx("".join(_blocks(content, change)), content)


def body_to_docx(body: str, content: Content) -> bytes:
    """Return a file with this body, and with the title and the note of a report."""
    document = (
        f"{HEAD}<w:document {NAMESPACES}><w:body>{body}"
        '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="851" w:footer="992" '
        'w:gutter="0"/></w:sectPr></w:body></w:document>'
    )
    core = (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(content.name)}</dc:title><dc:creator>{escape(content.agency)}</dc:creator>"
        "</cp:coreProperties>"
    )
    types = PICTURE_TYPES if _pictures(content) else ""
    relations = "".join(
        f'<Relationship Id="rIdP{number}" Type="{OFFICE}/image" Target="media/image{number}.{picture.form}"/>'
        for number, picture in enumerate(_pictures(content), 1)
    )
    texts = {
        "[Content_Types].xml": CONTENT_TYPES.replace("<Override", f"{types}<Override", 1),
        "_rels/.rels": RELATIONS,
        "docProps/core.xml": core,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": DOCUMENT_RELATIONS.replace("</R", f"{relations}</R"),
        "word/styles.xml": STYLES,
        "word/header1.xml": f"{HEAD}<w:hdr {NAMESPACES}>{paragraph(run(content.note))}</w:hdr>",
    }
    pictures = {
        f"word/media/image{number}.{picture.form}": picture.data
        for number, picture in enumerate(_pictures(content), 1)
    }
    return parts_to_package({name: text.encode() for name, text in texts.items()} | pictures)


def _pictures(content: Content) -> list[Picture]:
    """Return the pictures of a report, each of them once."""
    return list(dict.fromkeys(block for block in content.blocks if isinstance(block, Picture)))


def _drawing(picture: Picture, number: int) -> str:
    """Return a run that shows a picture; one that is wider than the text is shown as wide as this."""
    width = min(picture.width, LINE_WIDTH / TWENTIETHS)
    sides = (round(side * width / picture.width * EMU) for side in (picture.width, picture.height))
    across, down = sides
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{DRAWING}/wordprocessingDrawing">'
        f'<wp:extent cx="{across}" cy="{down}"/><wp:docPr id="{number}" name="图片 {number}"/>'
        f'<a:graphic xmlns:a="{DRAWING}/main"><a:graphicData uri="{DRAWING}/picture">'
        f'<pic:pic xmlns:pic="{DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="{number}" name=""/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rIdP{number}"/><a:stretch>'
        "<a:fillRect/></a:stretch></pic:blipFill><pic:spPr>"
        f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{across}" cy="{down}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def _blocks(content: Content, change: WordChange) -> Iterator[str]:
    """Yield the paragraphs and tables of a report."""
    chance = content.chance("docx")
    pictures = _pictures(content)
    yield from (paragraph(run(line, size=44, bold=True), "center") for line in content.title)
    for block in content.blocks:
        match block:
            case Text():
                yield _text(block, chance)
            case Table():
                yield str(change(table_to_word(block, content.style, chance)))
            case Beside():
                yield _beside(block, content, chance, change)
            case Picture():
                yield paragraph(_drawing(block, pictures.index(block) + 1), "center")


def _text(block: Text, chance: Random) -> str:
    """Return a paragraph or a heading, its runs as Word parts them."""
    align = {"centre": "center", "right": "right"}.get(block.align, "")
    runs = "".join(run(text, bold=block.bold) for text in SCRIPTS.findall(block.text))
    mark = (
        '<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>'
        if chance.random() < 0.1
        else ""
    )
    return paragraph(runs + mark, align, indent=block.align == "body" and not block.bold)


def _beside(block: Beside, content: Content, chance: Random, change: WordChange) -> str:
    """Return a table of one row that holds two tables."""
    halves = (change(table_to_word(half, content.style, chance)) for half in (block.left, block.right))
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{LINE_WIDTH // 2}" w:type="dxa"/></w:tcPr>{half}{paragraph("")}</w:tc>'
        for half in halves
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{LINE_WIDTH}" w:type="dxa"/></w:tblPr><w:tblGrid>'
        f'<w:gridCol w:w="{LINE_WIDTH // 2}"/><w:gridCol w:w="{LINE_WIDTH // 2}"/></w:tblGrid>'
        f"<w:tr>{cells}</w:tr></w:tbl>"
    )


def run(text: str, *, size: int = 0, bold: bool = False, properties: str = "") -> str:
    """Return a run of text; `size` is in half points, a line feed is a line break."""
    look = ("<w:b/>" if bold else "") + (f'<w:sz w:val="{size}"/>' if size else "") + properties
    texts = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r><w:rPr>{look}</w:rPr>{texts}</w:r>" if look else f"<w:r>{texts}</w:r>"


def paragraph(runs: str, align: str = "", *, indent: bool = False) -> str:
    """Return a paragraph with these runs."""
    look = ('<w:ind w:firstLineChars="200" w:firstLine="640"/>' if indent else "") + (
        f'<w:jc w:val="{align}"/>' if align else ""
    )
    return f"<w:p><w:pPr>{look}</w:pPr>{runs}</w:p>" if look else f"<w:p>{runs}</w:p>"


def table_to_word(table: Table, style: Style, chance: Random) -> WordTable:
    """Return a table as Word writes it; in each row of a merged cell there is one that goes on."""
    widths = tuple(round(LINE_WIDTH * share) for share in table.layout.widths)
    every = [cell for row in table_to_rows(table, style) for cell in row]
    rows = tuple(
        WordRow(
            tuple(
                _word_cell(cell, row, widths, chance)
                for cell in sorted(every, key=lambda cell: cell.col)
                if cell.row <= row < cell.row + cell.row_span
            ),
            '<w:trHeight w:val="454"/>',
        )
        for row in range(table.layout.rows)
    )
    return WordTable(table.layout.table, rows, widths)


def _word_cell(cell: Cell, row: int, widths: tuple[int, ...], chance: Random) -> WordCell:
    width = sum(widths[cell.col : cell.col + cell.col_span])
    begins = cell.row == row
    return WordCell(
        cell,
        begins,
        width,
        cell_content(cell, chance) if begins else paragraph(""),
        '<w:vAlign w:val="center"/>',
    )


def cell_content(cell: Cell, chance: Random) -> str:
    """Return the paragraphs of a cell; a number may be in two runs, a stacked label in as many lines."""
    if not cell.text:
        return paragraph("", "center")
    if len(cell.lines) > 1:
        return paragraph(run("\n".join(cell.lines), size=21), "center")
    texts = SCRIPTS.findall(cell.text)
    if cell.is_number and len(cell.text) > 1 and chance.random() < 0.2:
        at = chance.randrange(1, len(cell.text))
        texts = [cell.text[:at], cell.text[at:]]
    error = '<w:proofErr w:type="spellStart"/>' if chance.random() < 0.05 else ""
    return paragraph(error.join(run(text, size=21) for text in texts), "center")
