"""Reports printed by Chromium, headless: needs `chromium` (or google-chrome) on PATH, and the CJK fonts.

Same manuscript, same pages from one version of Chromium with the same fonts, and nearly always the same
bytes: the time and chance numbers in the file are overwritten after printing. Chromium rules with thin
filled boxes, a dashed border dash by dash; where a font draws a common character and a Kangxi radical alike,
the text of the PDF has the radical.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.generator import Manuscript

from . import html
from .office import fix_identity, turn_pages

NAME = "chromium"
CANNOT: Mapping[str, frozenset[object]] = {
    "font": frozenset({"system"}),  # Chromium embeds every font
}
PROGRAM = html.Program(NAME, turns=("upright", "sideways", "transformed"))
BINARIES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
TIMEOUT = 120


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path, by a Chromium of its own: a second or two each."""
    binary = find_binary()
    with tempfile.TemporaryDirectory() as folder:
        for report, path in reports:
            page = Path(folder, "report.html")
            page.write_text(html.manuscript_to_html(report, PROGRAM), encoding="utf-8")
            path.write_bytes(print_page(binary, page, Path(folder)))
            turn_pages(path)
            fix_identity(path)


def find_binary() -> str:
    found = next(filter(None, map(shutil.which, BINARIES)), None)
    if found is None:
        names = ", ".join(BINARIES)
        raise RuntimeError(f"none of {names} is on PATH: install Chromium (Debian: apt-get install chromium)")
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
