"""Reports printed by Chromium, headless: needs `chromium` (or google-chrome) on PATH, and the CJK fonts.

Same manuscript, same bytes from one version of Chromium with the same fonts: the time and chance numbers in
the file are overwritten after printing. Chromium rules with thin filled boxes, a dashed border dash by dash;
where a font draws a common character and a Kangxi radical alike, the text of the PDF has the radical.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.generator import Manuscript

from . import html

NAME = "chromium"
CANNOT: Mapping[str, frozenset[object]] = {
    "font": frozenset({"system"}),  # Chromium embeds every font
}
PROGRAM = html.Program(NAME, turns=("upright", "sideways", "transformed"))
BINARIES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
)
TIMEOUT = 120
ID = re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\]")
DATE = re.compile(rb"(/(?:CreationDate|ModDate) ?\(D:)\d{14}")


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path, by a Chromium of its own: a second or two each."""
    binary = find_binary()
    with tempfile.TemporaryDirectory() as folder:
        for report, path in reports:
            page = Path(folder, "report.html")
            page.write_text(html.manuscript_to_html(report, PROGRAM), encoding="utf-8")
            printed = print_page(binary, page, Path(folder))
            path.write_bytes(without_chance(rotate_pages(printed)))


def find_binary() -> str:
    found = next(filter(None, map(shutil.which, BINARIES)), None)
    if found is None:
        names = ", ".join(BINARIES)
        raise RuntimeError(f"none of {names} is on PATH: install Chromium (Debian: apt install chromium)")
    return found


def print_page(binary: str, page: Path, folder: Path) -> bytes:
    """The PDF that Chromium prints of an HTML file; RuntimeError with what it said where it prints none."""
    target = folder / "report.pdf"
    target.unlink(missing_ok=True)
    where = (f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", page.as_uri())
    done = subprocess.run([binary, *OPTIONS, *where], capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode or not target.exists():
        said = done.stderr[-500:]
        raise RuntimeError(f"{binary} ended with {done.returncode} and wrote no PDF of {page.name}: {said}")
    return target.read_bytes()


def rotate_pages(printed: bytes) -> bytes:
    """The file with /Rotate on the sheets of `rotate90`, whose content Chromium printed turned to the left.

    Chromium writes no /Rotate itself, as a reader of PDFs does when somebody turns the page and saves it.
    """
    import pypdfium2

    with pypdfium2.PdfDocument(printed) as document:
        turned = [page for page in document if html.is_sheet("rotate90", page.get_size())]
        if not turned:
            return printed
        for page in turned:
            page.set_rotation(90)
        saved = io.BytesIO()
        document.save(saved)
        return saved.getvalue()


def without_chance(printed: bytes) -> bytes:
    """The file with the time of printing, and the number by which pdfium knows it, overwritten in place."""
    dated = DATE.sub(rb"\g<1>20240101000000", printed)
    return ID.sub(b"/ID[<%s><%s>]" % (b"0" * 32, b"0" * 32), dated)
