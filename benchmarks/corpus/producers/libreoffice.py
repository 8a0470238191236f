"""Reports printed by LibreOffice from .docx files made with python-docx.

Pages end where LibreOffice ends them, rows and merged cells are cut by it; only a planned page end is made
by two tables on two pages, for LibreOffice ignores page breaks inside a table. Same manuscripts in one call,
same bytes, with the same LibreOffice and fonts: it numbers embedded fonts (UniqueID) through all that a
process prints, so that a document printed in other company differs there, and nowhere else.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.generator import Manuscript

from .docx import write_docx
from .office import fix_identity, turn_pages

NAME = "libreoffice"
CANNOT: Mapping[str, frozenset[object]] = {
    # borders are strokes, a dashed one is one path; the space between cells (tblCellSpacing) is ignored
    "ruling": frozenset({"strokes", "rects", "boxes"}),
    "cut_rule": frozenset({"no_close", "no_open", "none"}),  # both sides of a cut are ruled
    "font": frozenset({"system"}),  # fonts are always embedded
}


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path; RuntimeError when LibreOffice is missing or does not print one."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise RuntimeError(
            "LibreOffice is not on PATH: install it, with CJK fonts (apt-get install libreoffice-writer "
            "fonts-noto-cjk fonts-arphic-uming fonts-urw-base35)"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (report, _) in enumerate(reports):
            write_docx(report, folder / f"{number}.docx")
        convert(program, folder, len(reports))
        for number, (_, path) in enumerate(reports):
            shutil.copyfile(folder / f"{number}.pdf", path)
            turn_pages(path)
            fix_identity(path)


def convert(program: str, folder: Path, count: int) -> None:
    """0.pdf, 1.pdf … beside 0.docx, 1.docx … in the folder."""
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        *(str(folder / f"{number}.docx") for number in range(count)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120 + 30 * count)
    missing = [number for number in range(count) if not (folder / f"{number}.pdf").exists()]
    if missing:
        raise RuntimeError(
            f"{program} printed {count - len(missing)} of {count} documents (exit status {done.returncode}): "
            f"{done.stderr.strip() or done.stdout.strip()}"
        )
