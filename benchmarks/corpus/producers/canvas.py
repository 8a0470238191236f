"""Reports drawn line by line on reportlab's canvas: every page ends exactly where the style wants it.

Same manuscript, same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.generator import Manuscript
from tools.generator.render import draw_document

NAME = "canvas"
CANNOT: Mapping[str, frozenset[object]] = {
    "font": frozenset({"system"}),  # lines are broken by the widths of the embedded font
}


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path."""
    for report, path in reports:
        path.write_bytes(draw_document(report.blocks, report.style, report.title))
