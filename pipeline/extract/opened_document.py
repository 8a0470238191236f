"""A document that was opened: what was read of it first, and what its text says of tables and forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, Self

from pipeline.extract.bind import pages_to_mentions
from pipeline.extract.read.orientation import PageOrientation
from pipeline.forms.labels import fold
from pipeline.forms.other_forms import texts_to_other_tables
from pipeline.records import Box, RawDocument, RawTable, Spot, bounding_box

LISTED_PAGES_MAX = 10
"""Count. No more pages are named in a message."""


class Extent(NamedTuple):
    """A part of a file, from one place to before another."""

    begin: Spot
    end: Spot

    @property
    def pages(self) -> frozenset[int]:
        """Return the numbers of its pages; the first and the last may be of other parts too."""
        return frozenset(range(self.begin.page, self.end.page + (self.end.top > 0)))

    def holds(self, page: int, box: Box) -> bool:
        """Whether the middle of a box on a page lies in it."""
        return self.begin <= (page, (box.top + box.bottom) / 2) < self.end


class OpenedDocument:
    """A document that was opened; `first` is what was read of it, `extent` the part of it that is read."""

    first: RawDocument
    extent: Extent | None

    def part(self, extent: Extent) -> Self:
        """Return a part of the document alone."""
        raise NotImplementedError

    @property
    def reader_names(self) -> tuple[str, ...]:
        """Return the names of the readers that may give or confirm a number, in the order they are asked."""
        raise NotImplementedError

    @property
    def metadata_title(self) -> str:
        """Return the title in the file's metadata; "" where there is none."""
        raise NotImplementedError

    def spot_to_words(self, spot: Spot) -> str:
        """Return the name of a place as messages give it."""
        return self.spots_to_words([spot])

    def spots_to_words(self, spots: Iterable[Spot]) -> str:
        """Return the names of places; the first where they are many."""
        return f"page {numbers_to_words(sorted({spot.page for spot in spots}))}"

    @property
    def pages(self) -> frozenset[int]:
        """Return the numbers of the pages that are read."""
        return self._extent.pages

    @property
    def _extent(self) -> Extent:
        """Return the part that is read, or the whole file as one."""
        return self.extent or Extent(Spot(1, 0.0), Spot(len(self.first.page_sizes) + 1, 0.0))

    def until(self, end: Spot) -> Self:
        """Return the file up to a place alone."""
        return self.part(self._extent._replace(end=end))

    def since(self, begin: Spot) -> Self:
        """Return the file from a place on alone."""
        return self.part(self._extent._replace(begin=begin))

    @property
    def orientations(self) -> list[PageOrientation]:
        """Return how every page of the file has to be turned for reading."""
        sizes, turns = self.first.page_sizes, self.first.turns
        return [PageOrientation(*size, quarters) for size, quarters in zip(sizes, turns, strict=True)]

    @cached_property
    def texts(self) -> dict[int, str]:
        """Return the folded text of every page."""
        texts = pages_to_texts(self.first)
        return {page: texts[page] for page in self.pages}

    @cached_property
    def mentions(self) -> dict[str, frozenset[int]]:
        """Return the pages that show each table's labels, by the name of the table."""
        found = pages_to_mentions(self.texts)
        return {table: pages for table, pages in found.items() if table not in self.other_forms}

    @cached_property
    def other_forms(self) -> dict[str, str]:
        """Return the tables that the pages show in a form that is not read, each with that form's name."""
        return texts_to_other_tables(self.texts.values())

    @cached_property
    def is_blank(self) -> bool:
        """Whether no page holds any text."""
        lines, tables = self.first.lines, self.first.tables
        return not any(line.text for line in lines) and not any(c.text for t in tables for c in t.cells)


def within(raw: RawDocument, extent: Extent) -> RawDocument:
    """Return what was read of a part of a file alone; sizes and turns are those of the whole file."""
    return replace(
        raw,
        tables=tuple(own for table in raw.tables if (own := _table_within(table, extent)).cells),
        lines=tuple(line for line in raw.lines if extent.holds(line.page, line.box)),
    )


def _table_within(table: RawTable, extent: Extent) -> RawTable:
    """Return a table with those of its cells that stand in a part of a file."""
    cells = tuple(cell for cell in table.cells if extent.holds(table.page, cell.box))
    if not cells or len(cells) == len(table.cells):
        return replace(table, cells=cells)
    return replace(table, cells=cells, box=bounding_box([cell.box for cell in cells]))


def pages_to_texts(raw: RawDocument) -> dict[int, str]:
    """Return all text of every page, folded as labels are, by the number of the page."""
    texts: dict[int, list[str]] = {page: [] for page in range(1, len(raw.page_sizes) + 1)}
    for line in raw.lines:
        texts[line.page].append(line.text)
    for table in raw.tables:
        texts[table.page] += [cell.text for cell in table.cells]
    return {page: "".join(map(fold, parts)) for page, parts in texts.items()}


def numbers_to_words(pages: Sequence[int]) -> str:
    """Return the numbers of pages in words, the first of them where they are many."""
    return ", ".join(map(str, pages[:LISTED_PAGES_MAX])) + (" …" if pages[LISTED_PAGES_MAX:] else "")
