"""Reports printed by WeasyPrint: needs the package `weasyprint`, Pango, and the CJK fonts.

Same manuscript, same bytes from one version of WeasyPrint with the same fonts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.generator import Manuscript

from . import html

NAME = "weasyprint"
CANNOT: Mapping[str, frozenset[object]] = {
    "font": frozenset({"system"}),  # WeasyPrint embeds every font
    # a dashed border is one dashed line; a filled box along a cell's side moves with the text in the cell
    "ruling": frozenset({"strokes", "rects"}),
}
PROGRAM = html.Program(NAME, turns=("transformed",))


def print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None:
    """Each report as a PDF at its path; ImportError with what to install where WeasyPrint is missing."""
    document = load_weasyprint().HTML
    for report, path in reports:
        document(string=html.manuscript_to_html(report, PROGRAM)).write_pdf(path, finisher=turn_pages)


def load_weasyprint() -> Any:
    try:
        import weasyprint  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:
        advice = "pip install weasyprint; it needs Pango (Debian: apt install libpangoft2-1.0-0)"
        raise ImportError(f"WeasyPrint cannot be loaded ({error}): {advice}") from error
    return weasyprint


def turn_pages(_: Any, pdf: Any) -> None:
    """The sheets of `sideways` and `rotate90` turned to the left; of `rotate90`, /Rotate turns them back.

    WeasyPrint turns no page itself, but calls this with its PDF before it writes it.
    """
    for reference in pdf.page_references:
        page = pdf.objects[int(reference.split()[0])]
        wide, high = page["MediaBox"][2:]
        rotated = html.is_sheet("rotate90", (wide, high))
        if rotated or html.is_sheet("sideways", (wide, high)):
            content = pdf.objects[int(page["Contents"].split()[0])]
            content.stream.insert(0, f"0 1 -1 0 {high:.2f} 0 cm".encode())
            for box in ("MediaBox", "TrimBox", "BleedBox"):
                page[box] = type(page["MediaBox"])([0, 0, high, wide])
            page["Rotate"] = 90 if rotated else 0
