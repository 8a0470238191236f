"""Each peer used as its documentation recommends, with its own way out where it finds no rulings.

A reader takes the path of a PDF and gives its raw tables in reading order as `Grid`s; it raises whatever
its library raises. The settings are those that found most on these forms; see the comments.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from inspect import getsource
from pathlib import Path
from typing import Any

from benchmarks.peers.lookup import Grid

Rows = list[list[str | None]]
Read = Callable[[Path], Iterator[Grid]]


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
            tables = _filled(kept.extract_tables(sides(kept.edges))) or kept.extract_tables(by_words)
            yield from _grids(page.page_number, tables)
            page.close()


def tablers_grids(path: Path) -> Iterator[Grid]:
    """Rulings, a little apart so that double ones stay two; where a page has none, the places of words."""
    import tablers

    apart = {"snap_x_tolerance": 2.0, "snap_y_tolerance": 2.0}
    by_words = {"vertical_strategy": "text", "horizontal_strategy": "text"}

    def tables_of(page: Any, settings: dict[str, Any]) -> list[Rows]:
        found = tablers.find_tables(page, **settings)
        return [[[cell.text for cell in row] for row in table.to_list()] for table in found]

    with tablers.Document(path) as document:
        for number, page in enumerate(document.doc.pages(), start=1):
            yield from _grids(number, _filled(tables_of(page, apart)) or tables_of(page, by_words))


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
        yield from _grids(table.page, [table.df.values.tolist()])


def tabula_grids(path: Path) -> Iterator[Grid]:
    """Lattice mode; where that finds no columns in the whole document, stream mode. Pages are not told.

    Asked for JSON, because the rows of lattice mode lack what is merged away, which moves the rest to the
    left; with the places of the cells the columns can be had back.
    """
    import tabula

    def read(**mode: Any) -> Iterator[list[list[dict[str, Any]]]]:
        found: Any = tabula.read_pdf(path, pages="all", output_format="json", silent=True, **mode)
        yield from (table["data"] for table in found)

    def placed(table: list[list[dict[str, Any]]]) -> Rows:
        rows = [{round(cell["left"]): cell["text"] for cell in row if cell["width"]} for row in table]
        edges = sorted(set().union(*rows))
        return [[row.get(edge) for edge in edges] for row in rows]

    def in_order(table: list[list[dict[str, Any]]]) -> Rows:
        return [[cell["text"] for cell in row] for row in table]

    ruled = [rows for rows in _filled([placed(table) for table in read(lattice=True)]) if len(rows[0]) > 1]
    yield from _grids(0, ruled or [in_order(table) for table in read(stream=True)])


def img2table_grids(path: Path) -> Iterator[Grid]:
    """Rulings of the rendered page, words from the PDF; where a page has none, borderless tables."""
    from img2table.document import PDF

    def rows_of(tables: list[Any]) -> list[Rows]:
        return [[[cell.value for cell in row] for row in table.content.values()] for table in tables]

    for page, tables in PDF(str(path)).extract_tables().items():
        if not (found := _filled(rows_of(tables))):
            found = rows_of(PDF(str(path), pages=[page]).extract_tables(borderless_tables=True)[page])
        yield from _grids(page + 1, found)


def pymupdf_grids(path: Path) -> Iterator[Grid]:
    """Rulings; where a page has none, the places of words."""
    import pymupdf

    def tables_of(page: Any, **settings: Any) -> list[Rows]:
        return [table.extract() for table in page.find_tables(**settings).tables]

    with pymupdf.open(path) as document:
        for page in document:
            yield from _grids(page.number + 1, _filled(tables_of(page)) or tables_of(page, strategy="text"))


def _filled(tables: list[Rows]) -> list[Rows]:
    """The tables that hold any text: dots and dashes of rulings give small ones that do not."""
    return [rows for rows in tables if any(text for row in rows for text in row)]


def _grids(page: int, tables: list[Rows]) -> Iterator[Grid]:
    for rows in tables:
        yield Grid(page, tuple(tuple(text or "" for text in row) for row in rows))


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with: `package` is its distribution, `module` what it is imported as.

    `usage` is a hash of how it is used here; `needs` a command that it calls.
    """

    name: str
    package: str
    module: str
    read: Read
    usage: str
    needs: str = ""

    def problem(self) -> str:
        """Why it cannot run here, with the remedy; "" if it can."""
        if importlib.util.find_spec(self.module) is None:
            return f"{self.name}: the package {self.package} is not installed: pip install {self.package}"
        if self.needs and not shutil.which(self.needs):
            return f"{self.name}: no program {self.needs} on the PATH: install it (Debian: default-jre)"
        return ""

    def version(self) -> str:
        """What its raw tables depend on."""
        return f"{metadata.version(self.package)}-{self.usage}"


def _peer(name: str, package: str, module: str, read: Read, needs: str = "") -> Peer:
    usage = "".join(getsource(part) for part in (read, _camelot, _filled, _grids))
    return Peer(name, package, module, read, sha256(usage.encode()).hexdigest()[:8], needs)


_ALL = (
    _peer("pdfplumber", "pdfplumber", "pdfplumber", pdfplumber_grids),
    _peer("camelot-lattice", "camelot-py", "camelot", camelot_lattice_grids),
    _peer("camelot-auto", "camelot-py", "camelot", camelot_auto_grids),
    _peer("tablers", "tablers", "tablers", tablers_grids),
    _peer("tabula-py", "tabula-py", "tabula", tabula_grids, needs="java"),
    _peer("img2table", "img2table", "img2table", img2table_grids),
    _peer("pymupdf", "pymupdf", "pymupdf", pymupdf_grids),
)

PEERS: Mapping[str, Peer] = {peer.name: peer for peer in _ALL}
"""By name, in the order of the tables; pymupdf (AGPL) only where somebody has installed it by hand."""
