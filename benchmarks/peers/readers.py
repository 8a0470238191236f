"""Each peer used as its documentation recommends, with its own way out where it finds no rulings.

A reader takes the path of a PDF and gives its raw tables in reading order as `Grid`s; it raises whatever
its library raises. The settings are those that found most on these forms; see the comments.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from inspect import getsource
from pathlib import Path
from typing import Any

from benchmarks.peers.lookup import Grid


def pdfplumber_grids(path: Path) -> Iterator[Grid]:
    """Rulings; where a page has none, the places of words.

    The characters of a slanting watermark are left out. Where horizontal rulings end without a vertical one,
    an explicit line is put: without it a table that lacks its outer border loses its outer columns.
    """
    import pdfplumber

    by_words = {"vertical_strategy": "text", "horizontal_strategy": "text"}

    def stands_straight(thing: dict[str, Any]) -> bool:
        return thing["object_type"] != "char" or 0 in (round(part, 3) for part in thing["matrix"][:2])

    def sides(edges: list[dict[str, Any]]) -> dict[str, list[float]]:
        rulings = [e for e in edges if e["orientation"] == "h" and e["x1"] - e["x0"] > 20]
        ends = {min(e["x0"] for e in rulings), max(e["x1"] for e in rulings)} if rulings else set()
        uprights = [e["x0"] for e in edges if e["orientation"] == "v"]
        return {"explicit_vertical_lines": [x for x in ends if all(abs(x - u) > 5 for u in uprights)]}

    with pdfplumber.open(path) as document:
        for page in document.pages:
            kept = page.filter(stands_straight)
            for rows in kept.extract_tables(sides(kept.edges)) or kept.extract_tables(by_words):
                yield _grid(page.page_number, rows)
            page.close()


def tablers_grids(path: Path) -> Iterator[Grid]:
    """Rulings, a little apart so that double ones stay two; where a page has none, the places of words."""
    import tablers

    apart = {"snap_x_tolerance": 2.0, "snap_y_tolerance": 2.0}
    by_words = {"vertical_strategy": "text", "horizontal_strategy": "text"}
    with tablers.Document(path) as document:
        for number, page in enumerate(document.doc.pages(), start=1):
            for table in tablers.find_tables(page, **apart) or tablers.find_tables(page, **by_words):
                yield _grid(number, [[cell.text for cell in row] for row in table.to_list()])


def camelot_lattice_grids(path: Path) -> Iterator[Grid]:
    """Rulings of the rendered page and of the drawing; `line_scale` 40 sees short ones."""
    return _camelot(path, flavor="lattice", line_scale=40)


def camelot_auto_grids(path: Path) -> Iterator[Grid]:
    """The flavor that camelot chooses for each page: lattice, or network where it counts too few rulings."""
    return _camelot(path, flavor="auto")


def _camelot(path: Path, **settings: Any) -> Iterator[Grid]:
    import camelot

    tables = camelot.read_pdf(str(path), pages="all", suppress_stdout=True, **settings)
    for table in sorted(tables, key=lambda table: (table.page, table.order)):
        yield _grid(table.page, table.df.values.tolist())


def tabula_grids(path: Path) -> Iterator[Grid]:
    """Lattice mode; where that finds nothing in the whole document, stream mode. Pages are not told.

    Asked for JSON, because the rows of lattice mode lack what is merged away, which moves the rest to the
    left; with the places of the cells the columns can be had back.
    """
    import tabula

    def read(**mode: bool) -> list[list[list[dict[str, Any]]]]:
        found = tabula.read_pdf(path, pages="all", output_format="json", silent=True, **mode)
        return [table["data"] for table in found]

    ruled = read(lattice=True)
    for table in ruled:
        rows = [{round(cell["left"]): cell["text"] for cell in row if cell["width"]} for row in table]
        edges = sorted(set().union(*rows))
        yield _grid(0, [[row.get(edge) for edge in edges] for row in rows])
    for table in () if ruled else read(stream=True):
        yield _grid(0, [[cell["text"] for cell in row] for row in table])


def img2table_grids(path: Path) -> Iterator[Grid]:
    """Rulings of the rendered page, words from the PDF; where a page has none, borderless tables."""
    from img2table.document import PDF

    for page, tables in PDF(str(path)).extract_tables().items():
        for table in tables or PDF(str(path), pages=[page]).extract_tables(borderless_tables=True)[page]:
            yield _grid(page + 1, [[cell.value for cell in row] for row in table.content.values()])


def pymupdf_grids(path: Path) -> Iterator[Grid]:
    """Rulings; where a page has none, the places of words."""
    import pymupdf

    with pymupdf.open(path) as document:
        for page in document:
            for table in page.find_tables().tables or page.find_tables(strategy="text").tables:
                yield _grid(page.number + 1, table.extract())


def _grid(page: int, rows: Iterable[Sequence[str | None]]) -> Grid:
    return Grid(page, tuple(tuple(text or "" for text in row) for row in rows))


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with: `package` is its distribution, `module` what it is imported as."""

    name: str
    package: str
    module: str
    read: Callable[[Path], Iterator[Grid]]
    needs: str = ""

    def problem(self) -> str:
        """Why it cannot run here, with the remedy; "" if it can."""
        if importlib.util.find_spec(self.module) is None:
            return f"{self.name}: the package {self.package} is not installed: pip install {self.package}"
        if self.needs and not shutil.which(self.needs):
            return f"{self.name}: no program {self.needs} on the PATH: install it (Debian: default-jre)"
        return ""

    def version(self) -> str:
        """What its raw tables depend on: the library's version and a hash of how it is used here."""
        usage = "".join(getsource(part) for part in (self.read, _camelot, _grid))
        return f"{metadata.version(self.package)}-{sha256(usage.encode()).hexdigest()[:8]}"


PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer("pdfplumber", "pdfplumber", "pdfplumber", pdfplumber_grids),
        Peer("camelot-lattice", "camelot-py", "camelot", camelot_lattice_grids),
        Peer("camelot-auto", "camelot-py", "camelot", camelot_auto_grids),
        Peer("tablers", "tablers", "tablers", tablers_grids),
        Peer("tabula-py", "tabula-py", "tabula", tabula_grids, needs="java"),
        Peer("img2table", "img2table", "img2table", img2table_grids),
        Peer("pymupdf", "pymupdf", "pymupdf", pymupdf_grids),
    )
}
"""By name, in the order of the tables; pymupdf (AGPL) only where somebody has installed it by hand."""
