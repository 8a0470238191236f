"""What a reader gives of a document without pages: its paragraphs and tables, in the order of its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

UNSURE = "?"
"""The text of a cell of a second reading that may not be taken for what is seen: no number, and no blank."""

BODY_SCALE = 1.0
"""Times the size of the body's text. The scale of a paragraph that is set like all others."""


class FlowCell(NamedTuple):
    """A cell of a table, as it is seen by whoever reads the document; rows and columns count from 0.

    `text` has a line feed where a line is broken on purpose. Text that is hidden, deleted or struck out is
    not in it. `doubt` says in words why the text may not be what a person sees, "" where nothing speaks
    against it.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    doubt: str = ""


class FlowTable(NamedTuple):
    """A table; `number` counts all tables of the source from 1, also those that hold others or no cell.

    No two cells lie over each other. A place without a cell is one that the source leaves out. `edges` are
    where the columns begin and the last one ends, in points, where the source says it: parts of one table may
    have other columns. () where it does not. Of a workbook, `sheet` is the name of the sheet, `number` its
    number, and rows and columns are those of the sheet.
    """

    number: int
    cells: tuple[FlowCell, ...]
    edges: tuple[float, ...] = ()
    sheet: str = ""


class FlowParagraph(NamedTuple):
    """A paragraph or heading, without line feeds; `scale` is the size of its text, times that of the body."""

    text: str
    scale: float = BODY_SCALE


class FlowPicture(NamedTuple):
    """A picture that may show a table, and that the file holds; `number` counts these from 1.

    `load` gives its bytes as they are stored, b"" where they cannot be had.
    """

    number: int
    load: Callable[[], bytes]


FlowBlock = FlowParagraph | FlowTable | FlowPicture


@dataclass(frozen=True, slots=True)
class FlowDocument:
    """What one reader read of a document without pages.

    `reader` is the name by which the tables know it. `title` is that of the file's metadata, "" where it has
    none. `pictures` counts the pictures that may show a table and are not looked into, `elsewhere` those that
    it names and does not hold. `losses` says in words what the source has and
    the reader cannot give, a sentence each: nothing of such a document is sure but what sums hold. `links`
    are texts that lead elsewhere and are no part of the text. `frames` counts the documents that it shows
    and does not hold.
    """

    reader: str
    blocks: tuple[FlowBlock, ...]
    title: str = ""
    pictures: int = 0
    losses: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    frames: int = 0
    elsewhere: int = 0
