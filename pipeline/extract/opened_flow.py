"""Open a document without pages with the reader of its kind, and with a second one where it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pipeline.extract.opened_document import Extent, OpenedDocument, within
from pipeline.extract.read.flow.blocks import FlowDocument
from pipeline.extract.read.flow.layout import LaidOut, lay_out
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.records import OLD_WORD_MEDIA_TYPE, RawDocument, Spot

DOCX_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""The media type of .docx, also of .docm and .dotx: the ZIP of a Word document."""


class FlowReaders(NamedTuple):
    """Who reads a kind of document: a module of read/backends, and the names of its two readers.

    The module has `file_to_flow(path)` and, if there is a second reader, `file_to_second_flow(path)`. Both
    return a FlowDocument, and raise UnreadableError. The two share no code that reads cells.
    """

    module: str
    first: str
    second: str = ""


FLOW_READERS: Mapping[str, FlowReaders] = MappingProxyType(
    {
        "text/html": FlowReaders("html_reader", "html", "lxml"),
        "multipart/related": FlowReaders("html_reader", "html", "lxml"),
        DOCX_MEDIA_TYPE: FlowReaders("docx_reader", "docx", "expat"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": FlowReaders(
            "xlsx_reader", "xlsx", "calamine"
        ),
        "application/vnd.ms-excel": FlowReaders("xls_reader", "xls", "calamine"),
        OLD_WORD_MEDIA_TYPE: FlowReaders("doc_reader", "doc", "libreoffice"),
    }
)
"""By media type."""


@dataclass
class SecondReading:
    """What the second reader of a file reads, once it is asked for."""

    module: Any
    path: Path
    name: str
    notice: Callable[[str], None]

    @cached_property
    def raw(self) -> RawDocument | None:
        """Return what it reads; None where there is no second reader, or it does not open the file."""
        if not self.name:
            return None
        self.notice(self.name)
        try:
            return lay_out(self.module.file_to_second_flow(self.path)).raw
        except UnreadableError:
            return None

    @property
    def is_asked(self) -> bool:
        """Whether it was asked for."""
        return "raw" in vars(self)


@dataclass
class OpenedFlow(OpenedDocument):
    """A document without pages that was opened; `laid_out` is what the first reader read of it."""

    laid_out: LaidOut
    flow: FlowDocument
    readers: FlowReaders
    other: SecondReading
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
        return (self.readers.first, self.readers.second)

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the names of the readers that were asked."""
        return (self.readers.first, self.readers.second) if self.other.is_asked else (self.readers.first,)

    @property
    def metadata_title(self) -> str:
        """Return the title in the file's metadata; "" where there is none."""
        return self.flow.title

    def spots_to_words(self, spots: Iterable[Spot]) -> str:
        """Return the name of the first place: that of the row of a table, or of the text beside one."""
        return self.laid_out.top_to_words(min(spots).top)

    @cached_property
    def second(self) -> RawDocument | None:
        """Return what the second reader reads of the document."""
        raw = self.other.raw
        return within(raw, self.extent) if raw and self.extent else raw


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
    return OpenedFlow(lay_out(flow), flow, readers, SecondReading(module, path, second, notice))
