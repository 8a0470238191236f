"""Open a document without pages with the reader of its kind, and with a second one where it is needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pipeline.extract.cell_ink import Inks, observations_to_inks
from pipeline.extract.opened_document import Extent, OpenedDocument, within
from pipeline.extract.pictured_flow import (
    NO_PICTURES,
    STEP,
    FlowPictures,
    flow_to_pictures,
    read_pictures,
    why_unread,
)
from pipeline.extract.read.flow.blocks import FlowCell, FlowDocument, FlowPicture, FlowTable
from pipeline.extract.read.flow.layout import LaidOut, lay_out, text_blocks
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import OLD_WORD_MEDIA_TYPE, PICTURE_READER, Observation, RawDocument, Spot

DOCX_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""The media type of .docx, also of .docm and .dotx: the ZIP of a Word document."""


class FlowReaders(NamedTuple):
    """Who reads a kind of document: a module of read/backends, and the names of its two readers.

    The module has `file_to_flow(path)` and, if there is a second reader, `file_to_second_flow(path)`. Both
    return a FlowDocument, and raise UnreadableError; of the second one only the tables are asked for. The two
    share no code that reads cells. Where the second one `stops`, its function is also given the number of the
    last table that is asked for.
    """

    module: str
    first: str
    second: str = ""
    stops: bool = False


FLOW_READERS: Mapping[str, FlowReaders] = MappingProxyType(
    {
        "text/html": FlowReaders("html_reader", "html", "lxml", stops=True),
        "multipart/related": FlowReaders("html_reader", "html", "lxml", stops=True),
        DOCX_MEDIA_TYPE: FlowReaders("docx_reader", "docx", "expat"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": FlowReaders(
            "xlsx_reader", "xlsx", "calamine"
        ),
        "application/vnd.ms-excel": FlowReaders("xls_reader", "xls", "calamine"),
        OLD_WORD_MEDIA_TYPE: FlowReaders("doc_reader", "doc", "libreoffice"),
    }
)
"""By media type."""

_DOUBT = FlowCell._fields.index("doubt")

UNREAD_PICTURES = "pictures in it that may show tables, and are not read: {count}: {why}"


@dataclass
class SecondReading:
    """What the second reader of a file reads, once it is asked for."""

    module: Any
    path: Path
    name: str
    notice: Callable[[str], None]
    stops: bool = False
    is_asked: bool = False

    def until(self, table: int) -> FlowDocument | None:
        """Return what it reads up to the end of the table with this number, or more."""
        return self._read(table) if self.stops else self.flow

    @cached_property
    def flow(self) -> FlowDocument | None:
        """Return what it reads; None where there is no second reader, or it does not open the file."""
        return self._read()

    def _read(self, *last: int) -> FlowDocument | None:
        """Return what it reads; None as with `flow`."""
        if not self.name:
            return None
        if not self.is_asked:
            self.notice(self.name)
        self.is_asked = True
        try:
            return self.module.file_to_second_flow(self.path, *last)  # type: ignore[no-any-return]
        except UnreadableError:
            return None


@dataclass
class OpenedFlow(OpenedDocument):
    """A document without pages that was opened; `laid_out` is what the first reader read of it.

    `notice` is called with the name of a reader before it reads, those in `without` are left out. `seen` is
    what is known of its pictures.
    """

    laid_out: LaidOut
    flow: FlowDocument
    readers: FlowReaders
    other: SecondReading
    notice: Callable[[str], None] = lambda step: None
    without: frozenset[str] = frozenset()
    seen: FlowPictures = NO_PICTURES
    extent: Extent | None = None
    first: RawDocument = field(init=False)

    def __post_init__(self) -> None:
        raw = self.laid_out.raw
        self.first = within(raw, self.extent) if self.extent else raw

    def part(self, extent: Extent) -> OpenedFlow:
        """Return a part of the document alone."""
        return replace(self, extent=extent)

    @property
    def reader_names(self) -> tuple[str, ...]:
        """Return the names of its readers."""
        return (self.readers.first, PICTURE_READER, self.readers.second)

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the names of the readers that were asked; that of pictures also where it is missing."""
        pictures = (STEP,) if self.seen.may_show else ()
        second = (self.readers.second,) if self.other.is_asked else ()
        return (self.readers.first, *pictures, *second)

    @property
    def holds_pictures(self) -> bool:
        """Whether it holds pictures that may show a table."""
        return any(isinstance(block, FlowPicture) for block in self.flow.blocks)

    def with_pictures(self) -> OpenedFlow:
        """Return the document with those pictures read that may show a table, and what became of others."""
        seen = flow_to_pictures(self.flow)
        if not seen.may_show:
            return replace(self, seen=seen)
        if words := why_unread(self.without):
            told = UNREAD_PICTURES.format(count=len(seen.may_show), why=words)
            return replace(self, seen=replace(seen, unread=(told, *seen.unread)))
        laid_out, seen = read_pictures(self.flow, seen, self.notice)
        return replace(self, laid_out=laid_out, seen=seen)

    def as_text(self, text: OpenedFlow) -> OpenedFlow:
        """Return the document as its text alone was read, with what is known of its pictures."""
        return replace(self, laid_out=text.laid_out)

    def inks(self, observations: Iterable[Observation]) -> Inks:
        """Return what the ink shows in those of these cells that were read from pictures."""
        return observations_to_inks(self.seen, observations, None) if self.seen.pictures else {}

    @property
    def metadata_title(self) -> str:
        """Return the title in the file's metadata; "" where there is none."""
        return self.flow.title

    def spots_to_words(self, spots: Iterable[Spot]) -> str:
        """Return the name of the first place: that of the row of a table, or of the text beside one."""
        return self.laid_out.spot_to_words(min(spots))

    def read_again(self, asked: Sequence[Observation]) -> RawDocument | None:
        """Return what the second reader reads: `first` itself where it reads every cell alike.

        These are all cells of the tables in which the cells `asked` stand. What is alike need not be bound
        again. Else its tables stand where the first reader has its own. Of a part between pictures it gives
        nothing: it reads none, so that nobody knows where the part begins.
        """
        numbers = self._numbers(asked)
        start = self.other.until(max(numbers)) if numbers else self.other.flow
        if start and _are_alike(self.flow, start, numbers):
            return self.first
        other = self.other.flow
        if other is None or (self.extent and self.seen.pictures):
            return None
        raw = lay_out(_in_place(self.flow, other)).raw
        return within(raw, self.extent) if self.extent else raw

    def _numbers(self, asked: Sequence[Observation]) -> frozenset[int]:
        """Return the numbers of the tables in which cells stand, or of all tables."""
        tables = [block for block in text_blocks(self.flow.blocks) if isinstance(block, FlowTable)]
        placed = self.laid_out.raw.tables
        if self.seen.pictures:
            return frozenset(table.number for table in tables)
        return frozenset(
            table.number
            for table, place in zip(tables, placed, strict=True)
            if any(place.box.top <= cell.box.top < place.box.bottom for cell in asked)
        )


def _are_alike(flow: FlowDocument, other: FlowDocument, numbers: Collection[int]) -> bool:
    """Whether another reader has the same cells with the same texts in the tables with these numbers."""
    tables = [block for block in flow.blocks if isinstance(block, FlowTable) and block.number in numbers]
    others = [block for block in other.blocks if isinstance(block, FlowTable) and block.number in numbers]
    return len(tables) == len(others) and all(
        table._replace(cells=()) == its._replace(cells=())
        and [cell[:_DOUBT] for cell in table.cells] == [cell[:_DOUBT] for cell in its.cells]
        for table, its in zip(tables, others, strict=True)
    )


def _in_place(flow: FlowDocument, other: FlowDocument) -> FlowDocument:
    """Return what another reader reads; tables alone are put where the first reader has its own."""
    theirs = {block.number: block for block in other.blocks if isinstance(block, FlowTable)}
    own = {block.number for block in flow.blocks if isinstance(block, FlowTable)}
    if len(theirs) < len(other.blocks) or not own <= theirs.keys():
        return other
    blocks = (theirs[block.number] if isinstance(block, FlowTable) else block for block in flow.blocks)
    return replace(other, blocks=tuple(blocks))


def open_flow(
    path: Path, media_type: str, notice: Callable[[str], None], without: frozenset[str] = frozenset()
) -> OpenedFlow:
    """Open a file of this media type with its first reader; UnreadableError where it does not open it.

    `notice` is called with the name of a reader before it reads. A second reader in `without` is left out.
    """
    readers = FLOW_READERS[media_type]
    module = import_module(f"pipeline.extract.read.backends.{readers.module}")
    notice(readers.first)
    flow: FlowDocument = module.file_to_flow(path)
    second = "" if readers.second in without else readers.second
    other = SecondReading(module, path, second, notice, readers.stops)
    return OpenedFlow(lay_out(flow), flow, readers, other, notice, without)
