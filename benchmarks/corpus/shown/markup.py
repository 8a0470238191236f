"""Marks that authors set in what a browser or an office program prints: struck out, raised, set apart.

A manuscript is plain text. Characters that no text has say where a mark begins and ends.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.generator import Manuscript

BEGIN, END = "\ue000", "\ue001"
"""Characters for private use: where a mark begins and where it ends."""

HTML = {
    "struck out": ("<del>", "</del>"),
    "raised": ('<sup style="font-size: 65%">', "</sup>"),
    "set apart": ('<span style="letter-spacing: 3pt">', "</span>"),
}
WORD = {
    "struck out": "<w:strike/>",
    "raised": '<w:vertAlign w:val="superscript"/>',
    "set apart": '<w:spacing w:val="60"/>',
}
RUN = re.compile(
    rf"<w:r>((?:(?!</w:r>).)*?)<w:t([^>]*)>([^<{BEGIN}]*){BEGIN}([^<]*?){END}([^<]*)</w:t></w:r>"
)

Print = Callable[[Manuscript, Path, str], None]


def by_browser(report: Manuscript, path: Path, mark: str) -> None:
    """Print a report by Chromium."""
    from ..producers import chromium, html
    from ..producers.office import fix_identity, turn_pages

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        page.write_text(
            marked_html(html.manuscript_to_html(report, chromium.PROGRAM), mark), encoding="utf-8"
        )
        path.write_bytes(chromium.print_page(chromium.find_binary(), page, Path(folder)))
    turn_pages(path)
    fix_identity(path)


def by_weasyprint(report: Manuscript, path: Path, mark: str) -> None:
    """Print a report by WeasyPrint."""
    import weasyprint

    from ..producers import html
    from ..producers.office import fix_identity, turn_pages
    from ..producers.weasyprint import PROGRAM

    page = marked_html(html.manuscript_to_html(report, PROGRAM), mark)
    weasyprint.HTML(string=page).write_pdf(path)
    turn_pages(path)
    fix_identity(path)


def by_office(report: Manuscript, path: Path, mark: str) -> None:
    """Print a report by LibreOffice."""
    from ..producers import libreoffice
    from ..producers.docx import write_docx
    from ..producers.office import fix_identity, turn_pages

    program = shutil.which("soffice") or shutil.which("libreoffice") or "soffice"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_docx(report, folder / "plain.docx")
        mark_docx(folder / "plain.docx", folder / "0.docx", mark)
        (folder / "plain.docx").unlink()
        libreoffice.convert(program, folder, 1)
        shutil.copyfile(folder / "0.pdf", path)
    turn_pages(path)
    fix_identity(path)


PRINTERS: Mapping[str, Print] = {
    "chromium": by_browser, "weasyprint": by_weasyprint, "libreoffice": by_office,
}  # fmt: skip


def marked_html(page: str, mark: str) -> str:
    opened, closed = HTML[mark]
    return page.replace(BEGIN, opened).replace(END, closed)


def mark_docx(plain: Path, marked: Path, mark: str) -> None:
    """Write the document with runs of their own for what is marked."""
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(marked, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = marked_xml(content.decode("utf-8"), mark).encode("utf-8")
            new.writestr(name, content)


def marked_xml(document: str, mark: str) -> str:
    """Return the document with each run that holds a mark cut in three."""

    def cut(found: re.Match[str]) -> str:
        properties, space, before, marked, after = found.groups()
        with_mark = properties.replace("</w:rPr>", f"{WORD[mark]}</w:rPr>")
        if with_mark == properties:
            with_mark = f"<w:rPr>{WORD[mark]}</w:rPr>{properties}"
        parts = ((properties, before), (with_mark, marked), (properties, after))
        return "".join(f"<w:r>{own}<w:t{space}>{text}</w:t></w:r>" for own, text in parts if text)

    return RUN.sub(cut, document)
