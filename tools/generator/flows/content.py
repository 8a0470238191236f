"""What a report says, without its pages: its title, its paragraphs and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tools.generator.render import Beside, Style, Table, Text
from tools.generator.reports import Manuscript

SITES = ("示例政务网", "示例市人民政府门户网站", "示例政府信息公开平台", "样例市政务公开网")
"""Names of web sites; no place has them."""

HOURS = ("08:41", "09:05", "10:32", "15:17", "16:50", "17:08:26")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its bytes, their `form` (png or jpeg), and its width and height in points."""

    data: bytes
    form: str
    width: float
    height: float


Flowing = Text | Table | Beside | Picture
"""What a document without pages shows of a manuscript."""


@dataclass(frozen=True, slots=True)
class Content:
    """A report for a program that ends no pages.

    `title` are the lines of its title, `blocks` what follows. `note` says that its figures are invented.
    `published` is the day as 2023-01-16, "" where the report says none. `name` is the title in one line.
    `seed` and all else decide what a program chooses by chance.
    """

    name: str
    title: tuple[str, ...]
    blocks: tuple[Flowing, ...]
    note: str
    agency: str
    year: int
    published: str
    style: Style
    seed: int

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return its tables, also those that stand beside each other."""
        return tuple(table for block in self.blocks for table in block_to_tables(block))

    def chance(self, program: str) -> Random:
        """Return the chance by which a program chooses; the same for the same content and seed."""
        return Random(f"{program}/{self.seed}/{self.agency}/{self.year}/{self.style!r}")


def block_to_tables(block: Flowing) -> tuple[Table, ...]:
    """Return the tables of a block: none of a text."""
    match block:
        case Table():
            return (block,)
        case Beside():
            return (block.left, block.right)
        case _:
            return ()


def manuscript_to_content(report: Manuscript, seed: int = 0) -> Content:
    """Return what a manuscript says."""
    flowing: list[Flowing] = [block for block in report.blocks if isinstance(block, Text | Table | Beside)]
    title = tuple(_title_lines(flowing))
    meta = report.truth["meta"]
    return Content(
        name=report.title,
        title=title,
        blocks=tuple(flowing[len(title) :]),
        note=report.style.page_header,
        agency=meta["agency"],
        year=meta["fiscal_year"],
        published=meta["published_on"] or "",
        style=report.style,
        seed=seed,
    )


def _title_lines(blocks: list[Flowing]) -> Iterator[str]:
    """Yield the lines in the middle that stand above all else."""
    for block in blocks:
        if not isinstance(block, Text) or block.align != "centre":
            return
        yield block.text
