"""Small .docx files, written as XML: a document, with styles, lists and whatever else a test asks for."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from pipeline.extract.document import read_document
from pipeline.records import Report, Snapshot

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SPACE = "http://schemas.openxmlformats.org"
NAMES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in (
        ("w", f"{SPACE}/wordprocessingml/2006/main"),
        ("m", f"{SPACE}/officeDocument/2006/math"),
        ("r", f"{SPACE}/officeDocument/2006/relationships"),
        ("mc", f"{SPACE}/markup-compatibility/2006"),
        ("wp", f"{SPACE}/drawingml/2006/wordprocessingDrawing"),
        ("a", f"{SPACE}/drawingml/2006/main"),
        ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"),
        ("w14", "http://schemas.microsoft.com/office/word/2010/wordml"),
        ("v", "urn:schemas-microsoft-com:vml"),
        ("o", "urn:schemas-microsoft-com:office:office"),
    )
)
RELATIONS = f'xmlns="{SPACE}/package/2006/relationships"'
HEADERS = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")


def run(text: str, look: str = "") -> str:
    """A run of text with these properties."""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(runs: str, properties: str = "") -> str:
    """A paragraph: its runs as XML, or a text."""
    inner = runs if runs.startswith("<") or not runs else run(runs)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def cell(content: str, properties: str = "") -> str:
    """A cell: its paragraphs as XML, or a text."""
    inner = content if content.startswith(("<w:p>", "<w:p ", "<w:tbl>", "<w:sdt>")) else paragraph(content)
    return f"<w:tc>{f'<w:tcPr>{properties}</w:tcPr>' if properties else ''}{inner}</w:tc>"


def row(cells: Sequence[str], properties: str = "") -> str:
    """A row: its cells as XML, or their texts."""
    inner = "".join(one if one.startswith(("<w:tc>", "<w:sdt>")) else cell(one) for one in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{inner}</w:tr>"


def table(rows: Sequence[str], properties: str = "", columns: int = 0) -> str:
    """A table of these rows; with so many columns of one width where that is said."""
    column = '<w:gridCol w:w="1500"/>'
    grid = f"<w:tblGrid>{column * columns}</w:tblGrid>" if columns else ""
    return f"<w:tbl>{f'<w:tblPr>{properties}</w:tblPr>' if properties else ''}{grid}{''.join(rows)}</w:tbl>"


def regulations(number: str, other: str = "40", before: str = "", cells: Sequence[str] = ()) -> str:
    """The first part of table two: `number` and `other` are two of its six number cells, in no sum."""
    title = row([cell("第二十条第（一）项", '<w:gridSpan w:val="4"/>')])
    rules = row(cells or ["规章", number, "2", "3"])
    return table([title, row(HEADERS), before, rules, row(["行政规范性文件", "10", "0", other])])


def report(*blocks: str) -> str:
    """The body of a report with these blocks in its second chapter."""
    texts = (
        "示例市统计局2023年政府信息公开工作年度报告",
        "一、总体情况",
        "全年主动公开政府信息若干条。公开平台运行平稳，没有发生安全事故。",
        "二、主动公开政府信息情况",
    )
    return "".join([*map(paragraph, texts), *blocks, paragraph("")])


def docx(
    body: str,
    *,
    styles: str = "",
    numbering: str = "",
    title: str = "",
    main: str = "word/document.xml",
    parts: Mapping[str, str | bytes] | None = None,
    strict: bool = False,
) -> bytes:
    """The bytes of a .docx with this body, and the same for the same."""
    document = f"<w:document {NAMES}><w:body>{body}</w:body></w:document>"
    kinds = {"styles": styles, "numbering": numbering}
    related = "".join(
        f'<Relationship Id="{kind}" Target="{kind}.xml" '
        f'Type="{SPACE}/officeDocument/2006/relationships/{kind}"/>'
        for kind, inner in kinds.items()
        if inner
    )
    folder, _, file = main.rpartition("/")
    core = "package/2006/relationships/metadata/core-properties"
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(main, [kind for kind, inner in kinds.items() if inner]),
        "_rels/.rels": f'<Relationships {RELATIONS}><Relationship Id="d" Target="{main}" '
        f'Type="{SPACE}/officeDocument/2006/relationships/officeDocument"/>'
        f'<Relationship Id="c" Target="docProps/core.xml" Type="{SPACE}/{core}"/></Relationships>',
        f"{folder}/_rels/{file}.rels": f"<Relationships {RELATIONS}>{related}</Relationships>",
        main: document,
        "docProps/core.xml": '<c:coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:c="{SPACE}/{core}"><dc:title>{title}</dc:title></c:coreProperties>',
    }
    for kind, inner in kinds.items():
        if inner:
            files[f"{folder}/{kind}.xml"] = f"<w:{kind} {NAMES}>{inner}</w:{kind}>"
    if strict:
        files = {name: _strict(text) for name, text in files.items()}
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, text in (files | dict(parts or {})).items():
            archive.writestr(name, text)
    return buffer.getvalue()


def content_types(main: str, kinds: Sequence[str]) -> str:
    """The part that says what each part is."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    folder, parts = main.rpartition("/")[0], {main: f"{word}.document.main+xml"}
    parts |= {f"{folder}/{kind}.xml": f"{word}.{kind}+xml" for kind in kinds}
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{own}"/>' for name, own in parts.items())
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{SPACE}/package/2006/content-types"><Default Extension="rels" '
        f'ContentType="{relations}"/><Default Extension="xml" ContentType="application/xml"/>{overrides}'
        "</Types>"
    )


def _strict(text: str | bytes) -> str | bytes:
    """A part in the names of the strict standard."""
    own = str(text)
    for name in ("wordprocessingml", "officeDocument", "drawingml"):
        own = own.replace(f"{SPACE}/{name}/2006/", f"http://purl.oclc.org/ooxml/{name}/")
    return own


def read_word(data: bytes, folder: Path, confirm: frozenset[str] = frozenset()) -> Report:
    """What the pipeline reads of these bytes, as a .docx."""
    path = folder / "report.docx"
    path.write_bytes(data)
    return read_document(Snapshot(path, sha256(data).hexdigest(), media_type=DOCX), confirm=confirm)
