"""What a trap starts from, and what it makes: a file, and what a person sees in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tools.generator import Spec, Style, compose
from tools.generator.flows import SHAPES
from tools.generator.flows.cells import Cell
from tools.generator.flows.content import Content, manuscript_to_content
from tools.generator.flows.markup import HtmlTable
from tools.generator.flows.sites import content_to_page, page_to_bytes
from tools.generator.flows.word import WordTable, content_to_docx

Name = tuple[str, str, str]
"""Table, item and column of a cell."""

Value = tuple[float | None, str]
"""Value and status of a cell."""

UNSURE: Value = (None, "unreadable")
"""What nobody can tell: the cell must be flagged, or not be there."""

AGENCY = "示例市示例局"


class Mutant(NamedTuple):
    """A file with a trap in it: `truth` is what a person sees.

    A cell that is not in the truth must not be given. `stored` is what the file has, seen or not.
    `is_sound` is false where something of the report is lost, so that it may not be called ok.
    """

    file: bytes
    truth: Mapping[Name, Value]
    stored: Mapping[Name, Value]
    is_sound: bool = True


@dataclass(frozen=True)
class Case:
    """A report before it is printed, and the chance that decides what becomes of it.

    `seen` notes what is seen otherwise than it is printed, `stored` what the file has there instead.
    """

    content: Content
    truth: Mapping[Name, Value]
    chance: Random
    shape: str = "trs"
    seen: dict[Name, Value] = field(default_factory=dict)
    stored: dict[Name, Value] = field(default_factory=dict)

    def page(self, change: Callable[[HtmlTable], HtmlTable] = lambda table: table) -> str:
        """Return the web page of the report with its tables changed."""
        return content_to_page(self.content, self.shape, change)

    def docx(self, change: Callable[[WordTable], WordTable] = lambda table: table) -> bytes:
        """Return the Word file of the report with its tables changed."""
        return content_to_docx(self.content, change)

    def encoded(self, page: str) -> bytes:
        """Return a page in the charset of its shape."""
        return page_to_bytes(page, self.shape)

    def mutant(self, file: bytes, *, is_sound: bool = True) -> Mutant:
        """Return a file with the truth of the report, but for what is noted as seen."""
        return Mutant(file, {**self.truth, **self.seen}, {**self.truth, **self.stored}, is_sound)

    def number_cells(self, *, digits: int = 1, blank: bool = False) -> list[Name]:
        """Return the cells that show so many digits at least and no more; with `blank` also empty ones."""
        return [
            (table.layout.table, *key)
            for table in self.content.tables
            for key, text in table.printed.items()
            if (text.isascii() and text.isdecimal() and len(text) >= digits) or (blank and not text)
        ]

    def text_of(self, name: Name) -> str:
        """Return what a cell prints."""
        return next(table.printed[name[1:]] for table in self.content.tables if table.layout.table == name[0])


class Trap(NamedTuple):
    """A trap by its name, and the kind of file that it is put into."""

    kind: str
    name: str
    make: Callable[[Case], Mutant]


def name_of(table: str, cell: Cell) -> Name | None:
    """Return the name of a cell of a table; None where no number of the form stands in it."""
    return (table, *cell.key) if cell.key else None


def chance_case(number: int, seed: int) -> Case:
    """Return a report as its number and the seed say."""
    chance = Random(f"flows/{seed}/{number}")
    year = chance.choice((2020, 2020, 2022, 2023, 2023, 2017))
    form = "fy2019" if year < 2021 else "fy2021"
    style = Style(
        blanks=chance.choice(("none", "none", "some", "zeros")),
        spelling=chance.choice(("form", "form", "ascii", "comma", "sloppy")),
        headers=chance.choice(("wrap", "stack")),
    )
    if year < 2019:
        spec = Spec(AGENCY, year, "", "", False, "national", style, number, published_on=f"{year + 1}-01-16")
    else:
        spec = Spec(AGENCY, year, form, form, style=style, seed=number, published_on=f"{year + 1}-01-16")
    report = compose(spec)
    truth = {
        (table, item, column): (value, status)
        for table, item, column, value, status, _ in report.truth["cells"]
    }
    content = manuscript_to_content(report, number)
    return Case(content, truth, chance, chance.choice(sorted(SHAPES)))
