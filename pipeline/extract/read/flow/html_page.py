"""What a reader of web pages finds before its main content is told from what stands around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.extract.read.flow.blocks import FlowTable

ROOT = 0
"""Number of the element that holds all others."""


class PageParagraph(NamedTuple):
    """A paragraph of a page: `text` has a line feed where a line is broken on purpose.

    `size` is that of most of its text, in pixels. `linked` counts its characters that are links, `holder` is
    the number of the element in which it stands. One without a text stands for a picture that may show a
    table: `picture` has the addresses that the page has for it, each in a line.
    """

    text: str
    size: float
    linked: int
    holder: int
    is_heading: bool = False
    picture: str = ""


class PageTable(NamedTuple):
    """A table of a page; `linked` counts the characters of its cells that are links."""

    table: FlowTable
    linked: int
    holder: int


PageBlock = PageParagraph | PageTable

LoadPicture = Callable[[], bytes]
"""Gives the bytes of a picture as they are stored."""

FindPicture = Callable[[str], LoadPicture | None]
"""Finds the picture that a page names so in the file; None where the file does not hold it."""


def _nowhere(address: str) -> None:
    """Find no picture."""


class PageHolder(NamedTuple):
    """An element that holds blocks: the number of its parent, and whether its name says that it is no text.

    The parent of ROOT is ROOT.
    """

    parent: int
    is_around: bool = False


@dataclass
class WebPage:
    """All that is seen of a page, in its order, and what stands in its head.

    `find_picture` finds those that the file holds. `frames` counts the documents that it
    shows and does not hold. `names` are the values of the named entries in its head, by their names in small
    letters.
    """

    blocks: list[PageBlock] = field(default_factory=list)
    holders: list[PageHolder] = field(default_factory=lambda: [PageHolder(ROOT)])
    find_picture: FindPicture = _nowhere
    frames: int = 0
    title: str = ""
    names: dict[str, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)

    def load_of(self, block: PageBlock) -> LoadPicture | None:
        """Return what gives the bytes of a block that is a picture; None where the file does not hold it."""
        if not isinstance(block, PageParagraph) or not block.picture:
            return None
        return next(filter(None, map(self.find_picture, block.picture.split("\n"))), None)


def is_picture(block: PageBlock) -> bool:
    """Whether a block stands for a picture."""
    return isinstance(block, PageParagraph) and bool(block.picture)
