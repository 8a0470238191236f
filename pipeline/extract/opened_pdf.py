"""Open a file with the first reader that can, and read it again in whatever step is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from pipeline.errors import Error, lacks_memory
from pipeline.extract.cell_ink import Inks, observations_to_inks
from pipeline.extract.drawn_page import READER as DRAWING_ENGINE
from pipeline.extract.drawn_page import DrawnPdf, Typed, flatten
from pipeline.extract.look import Looks
from pipeline.extract.opened_document import Extent, OpenedDocument, within
from pipeline.extract.page_cells import Place, home_of
from pipeline.extract.pdf_bytes import ByteFacts, data_to_byte_facts
from pipeline.extract.picture_pages import has_layer, pages_with_pasted, picture_pages
from pipeline.extract.read import (
    COUNTING_STEP,
    FALLBACK_STEPS,
    PASTED_STEP,
    PICTURES_STEP,
    Corrections,
    Step,
    read,
)
from pipeline.extract.read.pdf_file import PdfFile
from pipeline.extract.read.unreadable import UnreadableError
from pipeline.extract.seen_pages import NOTHING_FOUND, Findings, SeenPages
from pipeline.records import (
    LIBRARY_WORDS_MAX_CHARACTERS,
    OCR_LAYER,
    PICTURE_READER,
    Box,
    Observation,
    PrintedPage,
    RawDocument,
    Reason,
)

_T = TypeVar("_T")

GARBLED_MIN_SHARE = 0.2
"""Share of the characters. A text with more that are neither Chinese nor Latin is garbled."""

LEFT_OUT = "what reads pictures was left out, for it crashed or hung on this file, or cannot open it"

LOCKED = "it is encrypted and no known password opens it: add the password to passwords in pipeline.toml"


class ReaderError(Error):
    """An error that a reader's library raised; the message has its name and words."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engines are left out, and who is told of each step before it is taken.

    `without` has the names of engines: one that crashed or hung on a file is left out when the file is read
    again. `notice` is called with the name of a step.
    """

    without: frozenset[str] = frozenset()
    notice: Callable[[str], None] = lambda step: None


ALL_ENGINES = EngineOptions()


@dataclass
class OpenedPdf(OpenedDocument):
    """A file that was opened; `first` is what `step` read of it.

    Other steps are read on demand, and kept. `found` is what the drawn pages said against the text, which all
    readings heed. `flat` is the folder of the file that has fields and notes as content, `typed` what these
    say. `pictured` are the pages that are pictures, `layer` has the text that the file itself has of them,
    `picture_error` what the library said that failed on them.
    `extent` is the part that is read, where the file holds several reports. It has to be closed; a `borrowed`
    file stays open.
    """

    file: PdfFile
    step: Step
    first: RawDocument
    engines: EngineOptions = ALL_ENGINES
    found: Findings = NOTHING_FOUND
    flat: TemporaryDirectory[str] | None = None
    typed: Sequence[Typed] = ()
    pictured: frozenset[int] = frozenset()
    picture_error: str = ""
    layer: RawDocument | None = None
    extent: Extent | None = None
    borrowed: bool = False
    _read: dict[tuple[Step, frozenset[int]], RawDocument] = field(default_factory=dict)

    def read(self, step: Step, pages: frozenset[int]) -> RawDocument:
        """Read these pages in a step; an empty document where its library fails on them or is left out.

        What was read before is not read again, and may have more pages.
        """
        nothing = RawDocument(step.reader, self.first.page_sizes, (), (), ())
        pages = pages & self.pages if self.extent else pages
        if step.reader in self.engines.without:
            return nothing
        if step == self.step:
            return _without_pages(self.first, self._read_as_pictures)
        pages = self._pages_for(step, pages)
        if not pages:
            return nothing
        for (taken, on), raw in self._read.items():
            if taken == step and (pages == on or (pages < on and raw.tables)):
                return raw
        heeded, printed = _corrections(self.found), self._printed(step.reader, pages)
        try:
            raw = _attempt(self.engines, step, self.file, pages, self.first.page_sizes, heeded, printed)
        except ReaderError:  # a reader that fails has seen nothing: the next step is taken
            raw = nothing
        self._read[step, pages] = raw = self._own(raw)
        return raw

    def _pages_for(self, step: Step, pages: frozenset[int]) -> frozenset[int]:
        """Return those of these pages that a step may read: pictures have no text, other pages are none."""
        if step.reader != PICTURE_READER:
            return pages - self._read_as_pictures
        if step == PASTED_STEP:
            return pages - self.pictured if self._draws_pictures else frozenset()
        return pages & self._read_as_pictures

    @property
    def _read_as_pictures(self) -> frozenset[int]:
        """Return the pages that were read as pictures."""
        return self.pictured & self.file.pictures.keys() if self.pictured else self.pictured

    def is_unruled_picture(self, page: int) -> bool:
        """Whether a page was read as a picture, and shows no table with rulings."""
        return page in self._read_as_pictures and not self.file.pictures[page].tables

    def why_unread(self) -> str:
        """Return in words why pictures are not read; "" if they are."""
        if not self._draws_pictures:
            return LEFT_OUT
        problem: str = import_module("pipeline.extract.read.picture.line_model").problem()
        failed = f"their reader fails ({self.picture_error[:LIBRARY_WORDS_MAX_CHARACTERS]})"
        return problem or (failed if self.picture_error else "")

    @property
    def _draws_pictures(self) -> bool:
        """Whether neither what reads pictures nor what draws them is left out."""
        return (
            self.step.reader == DRAWING_ENGINE and not {PICTURE_READER, DRAWING_ENGINE} & self.engines.without
        )

    def pages_with_pasted(self) -> frozenset[int]:
        """Return the pages with text on which a table may stand that is none; none where it is not read."""
        if not self._draws_pictures:
            return frozenset()
        return pages_with_pasted(DrawnPdf(self.file), self.first, self.pages - self.pictured)

    def with_pictures(self) -> OpenedPdf:
        """Return the file with those pages read as pictures that are pictures."""
        if self.step.reader != DRAWING_ENGINE:
            return self
        try:
            pages = picture_pages(DrawnPdf(self.file), self.first)
        except RuntimeError:  # pypdfium2's own error is one
            return self
        return self._pictured(pages) if pages else self

    def as_pictures(self) -> OpenedPdf | None:
        """Return the file with all of its pages read as pictures; None where that cannot be."""
        pages = self.pages
        if not self._draws_pictures or pages <= self.pictured:
            return None
        pictures = replace(self, borrowed=True, _read={})._pictured(pages)
        return pictures if pages <= pictures._read_as_pictures else None

    def _pictured(self, pages: frozenset[int]) -> OpenedPdf:
        """Return the file with these pages read as pictures; with its own text where their reader fails.

        A text that nobody sees, as programs for OCR lay it over pictures, is kept where these show no ruled
        table; elsewhere it is a witness.
        """
        if not self._draws_pictures:
            return replace(self, pictured=pages)
        try:
            pictures = _attempt(self.engines, PICTURES_STEP, self.file, pages)
        except ReaderError as error:
            return replace(self, pictured=pages, picture_error=str(error))
        ruled = {table.page for table in pictures.tables}
        taken = frozenset(page for page in pages if page in ruled or not self._has_layer(page))
        first = _with_pages(self.first, pictures, taken)
        return replace(self, first=first, pictured=taken, layer=self.first)

    def _has_layer(self, page: int) -> bool:
        """Whether a page that is a picture has so much text that it is its own, and tells what is printed."""
        return not self.is_garbled and has_layer(self.first.printed[page])

    def _own(self, raw: RawDocument) -> RawDocument:
        """Return what was read of the part alone that is read."""
        return within(raw, self.extent) if self.extent else raw

    def is_corrected(self, page: int, cell: Box) -> bool:
        """Whether characters in a cell (points, as displayed) are not read as the text has them.

        They are dropped, or read as others, for so the page shows them.
        """
        dropped = (*self.found.unseen.get(page, ()), *self.found.struck.get(page, ()))
        renamed = (one.character for one in self.found.renamed.get(page, ()))
        return any(home_of(char.box, [cell]) for char in (*dropped, *renamed))

    def _printed(self, reader: str, pages: frozenset[int]) -> dict[int, PrintedPage]:
        """Return these pages as a reader has read them before; {} where it has not read them all."""
        documents = [
            raw for raw in (self.first, *self._read.values()) if reader in (raw.reader, PICTURE_READER)
        ]
        printed = {page: raw.printed[page] for raw in documents for page in pages & raw.printed.keys()}
        return printed if printed.keys() == pages else {}

    def part(self, extent: Extent) -> OpenedPdf:
        """Return a part of the file alone."""
        return replace(self, first=within(self.first, extent), extent=extent, borrowed=True, _read={})

    @property
    def reader_names(self) -> tuple[str, ...]:
        """Return the names of the readers in the order of the fallback steps."""
        return (*dict.fromkeys(step.reader for step in FALLBACK_STEPS), OCR_LAYER)

    @property
    def metadata_title(self) -> str:
        """Return the title in the file's metadata; "" where there is none or pdfium fails."""
        if DRAWING_ENGINE in self.engines.without:  # it is pdfium that failed there
            return ""
        try:
            return str(self.file.document.get_metadata_value("Title"))
        except RuntimeError:  # pypdfium2's own error is one
            return ""

    @cached_property
    def byte_facts(self) -> ByteFacts | None:
        """Return what the bytes of the file show; None where they are encrypted."""
        return data_to_byte_facts(self.file.data)

    @cached_property
    def seen(self) -> SeenPages | None:
        """Return the pages as drawn; None where what draws them is left out or cannot open the file."""
        if DRAWING_ENGINE in self.engines.without:
            return None
        self.engines.notice(f"{DRAWING_ENGINE} look")
        try:
            return SeenPages(DrawnPdf(self.file), self.found, self._printed_by)
        except RuntimeError:  # pypdfium2's own error is one
            return None

    def look(self, observations: Iterable[Observation]) -> Looks:
        """Return what the drawn pages say of the cells of these observations."""
        return self.seen.look(self._as_text(observations)) if self.seen else {}

    def confirmed(self, observations: Iterable[Observation]) -> set[Place]:
        """Return the cells of these observations of which the drawn pages show all digits, and no more."""
        return self.seen.confirmed(self._as_text(observations)) if self.seen else set()

    def inks(self, observations: Iterable[Observation]) -> Inks:
        """Return what the ink shows in those of these cells that were read from pictures."""
        return observations_to_inks(self.file, observations, self.layer) if self.file.pictures else {}

    def _as_text(self, observations: Iterable[Observation]) -> Iterable[Observation]:
        """Return those of these observations that were not read from pictures."""
        return (
            [seen for seen in observations if seen.reader != PICTURE_READER]
            if self.file.pictures
            else observations
        )

    def layer_cells(self, observations: Iterable[Observation]) -> dict[Place, bool]:
        """Return the cells that were read from the text of a program for OCR, as the drawn pages show it.

        Each is said to be confirmed by the page or not.
        """
        if not self.seen:
            return {}
        invisible = self.byte_facts is None or self.byte_facts.invisible
        return self.seen.layer_cells([*self._as_text(observations)], invisible=invisible)

    def _printed_by(self, reader: str, page: int) -> RawDocument | None:
        """Return a document with the characters a reader gives of a page; camelot gives none of its own."""
        documents = [self.first, *self._read.values()]
        own = [raw for raw in documents if raw.reader == reader and page in raw.printed]
        return own[0] if own else self.first if page in self.first.printed else None

    def as_shown(self, observations: Sequence[Observation]) -> OpenedPdf | None:
        """Return the file as a viewer shows these cells; None where that changes nothing.

        Fields and notes become content, and what the pages say against the text is heeded.
        """
        if self.seen is None:
            return None
        observations = [*self._as_text(observations)]
        try:
            if self.flat is None and self.seen.has_notes({seen.page for seen in observations}):
                return self._flattened()
            found = self.seen.findings(observations)
        except RuntimeError:
            return None
        if not any(characters for by_page in found for characters in by_page.values()):
            return None
        unseen, struck = _joined(self.found.unseen, found.unseen), _joined(self.found.struck, found.struck)
        renamed = _joined(self.found.renamed, found.renamed)
        doubled = _joined(self.found.doubled, found.doubled)
        return self._again(found=Findings(unseen, struck, renamed, doubled), borrowed=True)

    def _flattened(self) -> OpenedPdf | None:
        """Return the file with its fields and notes as content of its pages."""
        folder = TemporaryDirectory(prefix="flat-")
        path = Path(folder.name, "flat.pdf")
        typed = flatten(self.file.path, self.file.password, path)
        return self._again(file=PdfFile(path), flat=folder, borrowed=False, typed=tuple(typed))

    def _again(self, **changes: Any) -> OpenedPdf | None:
        """Return the file read anew with these changes; None where its reader cannot read it."""
        again = replace(self, **changes, _read={})
        heeded = _corrections(again.found)
        try:
            again.first = _attempt(self.engines, self.step, again.file, None, (), heeded)
        except ReaderError:
            again.close()
            return None
        again = again._pictured(self.pictured) if self.pictured else again
        again.first = self._own(again.first)
        return again

    def to_displayed(self, page: int, box: Box) -> Box:
        """Return a box of a reading on the page as displayed; pictures are read as they are straight."""
        displayed: Box = self.file.pictures[page].to_displayed(box) if page in self._read_as_pictures else box
        return displayed

    def close(self) -> None:
        """Close the file, and remove its folder where it was flattened."""
        vars(self).pop("seen", None)  # it holds this: only the garbage collector would free the two
        if self.borrowed:
            return
        self.file.close()
        if self.flat:
            self.flat.cleanup()

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the names of the steps taken on any page, in their order: "pypdfium2 ruled"."""
        first = (self.step, PICTURES_STEP) if self.pictured else (self.step,)
        return tuple(dict.fromkeys(" ".join(step) for step in (*first, *(step for step, _ in self._read))))

    @cached_property
    def is_garbled(self) -> bool:
        """Whether too much of the text is neither Chinese nor Latin.

        Numbers of glyphs stand for characters.
        """
        text = "".join(line.text for line in self.first.lines)
        odd = sum(not (char < "\x80" or "\u2000" <= char <= "\u206f" or _is_chinese(char)) for char in text)
        return odd > GARBLED_MIN_SHARE * len(text)


def _with_pages(raw: RawDocument, other: RawDocument, pages: Collection[int]) -> RawDocument:
    """Return a document with these pages as another has them."""
    sizes, turns = list(raw.page_sizes), list(raw.turns)
    for page in pages:
        sizes[page - 1], turns[page - 1] = other.printed[page].size, other.printed[page].turn
    kept, added = _without_pages(raw, pages), _without_pages(other, other.printed.keys() - pages)
    tables, lines = [*kept.tables, *added.tables], [*kept.lines, *added.lines]
    return replace(
        raw,
        page_sizes=tuple(sizes),
        turns=tuple(turns),
        tables=tuple(sorted(tables, key=lambda table: table.page)),
        lines=tuple(sorted(lines, key=lambda line: line.page)),
        printed={**raw.printed, **{page: other.printed[page] for page in pages}},
    )


def _without_pages(raw: RawDocument, pages: Collection[int]) -> RawDocument:
    """Return what was read of a document but for the tables and lines of these pages."""
    if not pages:
        return raw
    tables = tuple(table for table in raw.tables if table.page not in pages)
    return replace(raw, tables=tables, lines=tuple(line for line in raw.lines if line.page not in pages))


def _corrections(found: Findings) -> Corrections:
    """Return what a reader has to heed of what the drawn pages say."""
    return Corrections(_joined(found.unseen, found.struck), found.renamed, found.doubled)


def _joined(one: Mapping[int, Sequence[_T]], two: Mapping[int, Sequence[_T]]) -> dict[int, list[_T]]:
    """Return what both have, by the number of the page."""
    return {page: [*one.get(page, ()), *two.get(page, ())] for page in one.keys() | two.keys()}


OPENERS = (
    FALLBACK_STEPS[0],
    next(step for step in FALLBACK_STEPS if step.reader == COUNTING_STEP.reader),
)
"""The steps that give a whole document, lines and all; those of other readers give tables alone."""


def open_pdf(path: Path, passwords: Sequence[str], engines: EngineOptions = ALL_ENGINES) -> OpenedPdf:
    """Open the file with the first reader that can, trying each password, and read it.

    Else UnreadableError.
    """
    errors: list[str] = []
    for step in (step for step in OPENERS if step.reader not in engines.without):
        for password in (None, *passwords):
            file = PdfFile(path, password)
            try:
                first = _attempt(engines, step, file)
                if first.page_sizes:
                    return OpenedPdf(file, step, first, engines).with_pictures()
                errors.append(f"{step.reader} finds no page in it")
            except ReaderError as error:
                errors.append(str(error))
            file.close()
    raise _errors_to_reason(errors)


def _errors_to_reason(errors: Sequence[str]) -> UnreadableError:
    """Make one error of those of all readers: a locked file, or one that none opens."""
    if any("password" in error.lower() for error in errors):
        return UnreadableError(Reason.LOCKED, LOCKED)
    said = errors[0][:LIBRARY_WORDS_MAX_CHARACTERS]
    words = f"no reader opens it ({said}): it may be cut off or damaged, fetch it again"
    return UnreadableError(Reason.UNOPENED, words)


def _attempt(engines: EngineOptions, step: Step, *arguments: Any) -> RawDocument:
    """Read the file in a step; raise ReaderError for whatever the library raises on a broken file.

    Panics of Rust are exceptions that are no `Exception`. Want of memory is raised as MemoryError: it says
    nothing about the file.
    """
    engines.notice(_step_to_notice(step, *arguments))
    try:
        return read(step, *arguments)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        if lacks_memory(error):
            raise MemoryError from error
        raise ReaderError(" ".join(f"{type(error).__name__} {error}".split())) from error


def _step_to_notice(step: Step, file: PdfFile, pages: Collection[int] | None = None, *rest: Any) -> str:
    """Return the name of a step; if it reads pages as pictures, which takes longer, with their number."""
    words = (*step, str(len(pages))) if step.reader == PICTURE_READER and pages else step
    return " ".join(words)


def _is_chinese(char: str) -> bool:
    """Whether a character is Chinese: an ideograph, its punctuation or a full-width form."""
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
