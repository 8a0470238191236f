"""Reports whose tables are pictures in a page, a Word file or a workbook: one of three, or all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmarks.flows.printing import Printed, Printing, wanted_reports
from benchmarks.flows.reading import compared, read_printed
from tools.generator import Manuscript
from tools.generator.flows import FLOW_KINDS
from tools.generator.flows.content import manuscript_to_content
from tools.generator.flows.files import content_to_file
from tools.generator.flows.pictured import with_pictures


class PicturedAs(NamedTuple):
    """How a report is printed: the kind of its file, the shape of pages, which tables are pictures (all where
    none is named), their pixels an inch and their form."""

    kind: str
    shape: str
    tables: tuple[str, ...]
    dpi: float
    form: str


PICTURED = (
    PicturedAs("html", "trs", (), 150.0, "PNG"),
    PicturedAs("mhtml", "hanweb", (), 200.0, "JPEG"),
    PicturedAs("docx", "", (), 150.0, "PNG"),
    PicturedAs("xlsx", "", (), 200.0, "PNG"),
    PicturedAs("html", "old", ("applications",), 150.0, "JPEG"),
    PicturedAs("docx", "", ("review_litigation",), 200.0, "JPEG"),
)


_TABLES = {"applications", "review_litigation"}


def read_pictured(folder: Path, seed: int) -> Counter[str]:
    """Print a report in each of these ways, read it, and return what came of all."""
    totals: Counter[str] = Counter(files=len(PICTURED))
    for number, (way, report) in enumerate(zip(PICTURED, _reports(), strict=False)):
        content = with_pictures(manuscript_to_content(report, seed), way.tables, way.dpi, way.form)
        path = folder / f"pictured{number}{FLOW_KINDS[way.kind].suffix}"
        path.write_bytes(content_to_file(content, way.kind, way.shape))
        printed = Printed(path, report.truth, Printing("pictured", way.kind, way.shape))
        totals.update(compared(printed.truth, read_printed(printed)))
    return totals


def _reports() -> list[Manuscript]:
    """Return reports on the forms that have all three tables, and rulings: without these none is read."""
    return [
        one
        for one in wanted_reports(small=True)
        if {cell[0] for cell in one.truth["cells"]} > _TABLES and one.style.ruling != "none"
    ]
