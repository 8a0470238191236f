"""The programs whose speed is measured; imported only when run.

Each is called as for the accuracy benchmark (benchmarks/peers), but only once a page: what a competent
user does where it finds nothing is left out, to the advantage of the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

FLOOR = "pypdfium2"
OURS = "pipeline"


@dataclass(frozen=True, slots=True)
class Program:
    """`read` takes one file through the program; `modules` are imported before anything is timed.

    `slow` programs are measured on few documents only.
    """

    name: str
    what: str
    modules: tuple[str, ...]
    read: Callable[[Path], object]
    slow: bool = False
    commands: tuple[str, ...] = ()

    @property
    def absent(self) -> tuple[str, ...]:
        """What has to be installed before this program can run here, () where all is there."""
        packages = [name for name in self.modules if find_spec(name.partition(".")[0]) is None]
        return (*packages, *(name for name in self.commands if shutil.which(name) is None))


def read_with_pypdfium2(file: Path) -> None:
    """The least that any reading of a page takes: open, text, page objects."""
    import pypdfium2

    with pypdfium2.PdfDocument(file) as document:
        for page in document:
            page.get_textpage().get_text_range()
            list(page.get_objects())


def read_with_pipeline(file: Path) -> None:
    """Ours, from the bytes of the file to its checks."""
    from pipeline.acquire import paths_to_documents
    from pipeline.extract.document import read_document

    (document,) = paths_to_documents([file])
    read_document(document.snapshot)


def read_with_tablers(file: Path) -> None:
    import tablers

    with tablers.Document(file) as document:
        for page in document.doc.pages():
            tablers.find_tables(page, extract_text=True)


def read_with_pdfplumber(file: Path) -> None:
    import pdfplumber

    with pdfplumber.open(file) as document:
        for page in document.pages:
            page.extract_tables()
            page.close()


def read_with_camelot_lattice(file: Path) -> None:
    import camelot

    camelot.read_pdf(str(file), pages="all", flavor="lattice", line_scale=40, suppress_stdout=True)


def read_with_camelot_auto(file: Path) -> None:
    import camelot

    camelot.read_pdf(str(file), pages="all", flavor="auto", suppress_stdout=True)


def read_with_tabula(file: Path) -> None:
    import tabula

    tabula.read_pdf(file, pages="all", lattice=True, output_format="json", silent=True)


def read_with_img2table(file: Path) -> None:
    from img2table.document import PDF

    PDF(str(file)).extract_tables()


def read_with_pymupdf(file: Path) -> None:
    import pymupdf

    with pymupdf.open(file) as document:
        for page in document:
            for table in page.find_tables().tables:
                table.extract()


_ALL = (
    Program(FLOOR, "open, text, page objects", ("pypdfium2",), read_with_pypdfium2),
    Program(OURS, "file to checks", ("pipeline.acquire", "pipeline.extract.document"), read_with_pipeline),
    Program("tablers", "find_tables with text", ("tablers",), read_with_tablers),
    Program("pdfplumber", "extract_tables", ("pdfplumber",), read_with_pdfplumber),
    Program("camelot-lattice", "read_pdf, lattice", ("camelot",), read_with_camelot_lattice, slow=True),
    Program("camelot-auto", "read_pdf, auto", ("camelot",), read_with_camelot_auto, slow=True),
    Program("tabula-py", "read_pdf, lattice", ("tabula",), read_with_tabula, slow=True, commands=("java",)),
    Program("img2table", "extract_tables", ("img2table.document",), read_with_img2table, slow=True),
    Program("pymupdf", "find_tables with text", ("pymupdf",), read_with_pymupdf, slow=True),
)

PROGRAMS = {program.name: program for program in _ALL}
