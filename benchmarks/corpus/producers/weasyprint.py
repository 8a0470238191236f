"""Reports printed by WeasyPrint: needs the package `weasyprint`, Pango, and the CJK fonts.

Same manuscript, same bytes from one version of WeasyPrint with the same fonts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.generator import Manuscript

from . import html
from .office import fix_identity, turn_pages

NAME = "weasyprint"
CANNOT: Mapping[str, frozenset[object]] = {
    "font": frozenset({"system"}),  # WeasyPrint embeds every font
    # a dashed border is one dashed line; a filled box along a cell's side moves with the text in the cell
    "ruling": frozenset({"strokes", "rects"}),
}
PROGRAM = html.Program(NAME, turns=("transformed",))


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path; RuntimeError with what to install where WeasyPrint is missing."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        advice = "pip install weasyprint; it needs Pango (Debian: apt-get install libpangoft2-1.0-0)"
        raise RuntimeError(f"WeasyPrint cannot be loaded ({error}): {advice}") from error
    for report, path in reports:
        HTML(string=html.manuscript_to_html(report, PROGRAM)).write_pdf(path)
        turn_pages(path)
        fix_identity(path)
