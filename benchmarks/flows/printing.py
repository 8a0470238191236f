"""The comparison collection printed in every shape and kind, each file with its truth."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.speed import evenly
from tools.generator import Manuscript, compose
from tools.generator.comparison import comparison
from tools.generator.flows import FLOW_KINDS, SHAPES, print_flows
from tools.generator.flows.content import manuscript_to_content
from tools.generator.flows.files import libreoffice, saved_by_libreoffice
from tools.generator.flows.sheet import ARRANGEMENTS, content_to_xlsx

SMALL_REPORTS = 8
"""Count. So many reports of the collection are read with --small, besides those with wrong sums."""

LIBREOFFICE, PYTHON_DOCX = "LibreOffice", "python-docx"


class Printing(NamedTuple):
    """A way to print reports: its name, the kind of its files, the shape of pages, and what it needs."""

    name: str
    kind: str
    shape: str = ""
    needs: str = ""


PRINTINGS = (
    *(Printing(f"page {shape}", "html", shape) for shape in SHAPES),
    Printing("kept page", "mhtml"),
    Printing("docx", "docx"),
    Printing("docx by python-docx", "docx", needs=PYTHON_DOCX),
    Printing("docx by LibreOffice", "docx", needs=LIBREOFFICE),
    *(Printing(f"xlsx, {arrangement}", "xlsx", arrangement) for arrangement in ARRANGEMENTS),
    Printing("doc", "doc", needs=LIBREOFFICE),
)


class Printed(NamedTuple):
    """A file with the truth about it, and how it was printed."""

    path: Path
    truth: Mapping[str, Any]
    printing: Printing

    @property
    def media_type(self) -> str:
        """Return the media type of the file."""
        return FLOW_KINDS[self.printing.kind].media_type


def lacking(printing: Printing) -> str:
    """Return what a way to print needs and this machine lacks; "" where it lacks nothing."""
    has = {
        "": True,
        LIBREOFFICE: libreoffice() is not None,
        PYTHON_DOCX: importlib.util.find_spec("docx") is not None,
    }
    return "" if has[printing.needs] else printing.needs


def wanted_printings(*, small: bool) -> list[Printing]:
    """Return the ways to print that this machine has; with `small` those that are quick."""
    wanted = (one for one in PRINTINGS if not (small and one.needs == LIBREOFFICE))
    return [one for one in wanted if not lacking(one)]


def wanted_reports(*, small: bool) -> list[Manuscript]:
    """Return the reports of the collection; with `small` a few, those with wrong sums among them."""
    every = [compose(spec) for spec in comparison()]
    wrong = [report for report in every if report.truth["meta"]["failing_checks"]]
    right = [report for report in every if not report.truth["meta"]["failing_checks"]]
    return [*wrong, *evenly(right, SMALL_REPORTS)] if small else every


def print_all(
    reports: Sequence[Manuscript], printings: Sequence[Printing], folder: Path, seed: int
) -> Iterator[Printed]:
    """Write every report in every way into folders of their own, and yield each file."""
    for printing in printings:
        own = folder / printing.name
        own.mkdir(parents=True, exist_ok=True)
        suffix = FLOW_KINDS[printing.kind].suffix
        for report, content in zip(reports, _contents(reports, printing, seed), strict=True):
            path = own / Path(report.truth["file"]).with_suffix(suffix)
            path.write_bytes(content)
            yield Printed(path, report.truth, printing)


def _contents(reports: Sequence[Manuscript], printing: Printing, seed: int) -> list[bytes]:
    """Return the files of reports, printed in one way."""
    if printing.needs == PYTHON_DOCX:
        return _by_python_docx(reports)
    if printing.kind == "xlsx":
        contents = (manuscript_to_content(report, seed) for report in reports)
        return [content_to_xlsx(content, arrangement=printing.shape) for content in contents]
    files = [
        file for file, _ in print_flows([(each, printing.shape) for each in reports], printing.kind, seed)
    ]
    if printing.kind == "docx" and printing.needs == LIBREOFFICE:
        return saved_by_libreoffice(files, ".docx", ".docx")
    return files


def _by_python_docx(reports: Sequence[Manuscript]) -> list[bytes]:
    """Return reports as python-docx writes them."""
    from benchmarks.corpus.producers.docx import write_docx

    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "report.docx")
        files = []
        for report in reports:
            write_docx(report, path)
            files.append(path.read_bytes())
    return files
