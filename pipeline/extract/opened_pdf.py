"""Open a file with the first reader that can, and read it again in whatever step is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.errors import Error
from pipeline.extract import visible_digits
from pipeline.extract.bind import pages_to_mentions
from pipeline.extract.read import FALLBACK_STEPS, Step, read
from pipeline.forms.labels import fold
from pipeline.records import LIBRARY_WORDS_MAX_CHARACTERS, Box, RawDocument, Reason

GARBLED_MIN_SHARE = 0.2
"""Share of the characters. A text with more that are neither Chinese nor Latin is garbled."""

LOCKED = "it is encrypted and no known password opens it: add the password to passwords in pipeline.toml"


class UnreadableError(Error):
    """A file that no reader opens: `reason` in one word, and a message with the reason and the remedy."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


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
class OpenedPdf:
    """A file that was opened with `password`; `first` is what `step` read of it.

    Other steps are read on demand, and kept.
    """

    path: Path
    password: str | None
    step: Step
    first: RawDocument
    engines: EngineOptions = ALL_ENGINES
    _read: dict[tuple[Step, frozenset[int]], RawDocument] = field(default_factory=dict)

    def read(self, step: Step, pages: frozenset[int]) -> RawDocument:
        """Read these pages in a step; an empty document where its library fails on them or is left out."""
        nothing = RawDocument(step.reader, self.first.page_sizes, (), (), ())
        if step.reader in self.engines.without:
            return nothing
        if (step, pages) not in self._read:
            try:
                raw = _attempt(self.engines, step, self.path, self.password, pages, self.first.page_sizes)
            except ReaderError:  # a reader that fails has seen nothing: the next step is taken
                raw = nothing
            self._read[step, pages] = raw
        return self._read[step, pages]

    def boxes_with_hidden_digits(self, boxes: Mapping[int, Sequence[Box]]) -> Collection[tuple[int, Box]]:
        """Return the page and box of those with a digit that the page does not show.

        None where it cannot be drawn.
        """
        if visible_digits.READER in self.engines.without:
            return frozenset()
        self.engines.notice(f"{visible_digits.READER} ink")
        try:
            return visible_digits.boxes_with_hidden_digits(self.path, self.password, boxes)
        except RuntimeError:  # pypdfium2's own error is one
            return frozenset()

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the names of the steps taken on any page, in their order: "tablers ruled"."""
        return tuple(dict.fromkeys(" ".join(step) for step in (self.step, *(step for step, _ in self._read))))

    @cached_property
    def texts(self) -> dict[int, str]:
        """Return the folded text of every page."""
        return pages_to_texts(self.first)

    @cached_property
    def mentions(self) -> dict[str, frozenset[int]]:
        """Return the pages that show each table's labels, by the name of the table."""
        return pages_to_mentions(self.texts)

    @cached_property
    def is_blank(self) -> bool:
        """Whether no page holds any text."""
        lines, tables = self.first.lines, self.first.tables
        return not any(line.text for line in lines) and not any(c.text for t in tables for c in t.cells)

    @cached_property
    def is_garbled(self) -> bool:
        """Whether too much of the text is neither Chinese nor Latin.

        Numbers of glyphs stand for characters.
        """
        text = "".join(line.text for line in self.first.lines)
        odd = sum(not (char < "\x80" or "\u2000" <= char <= "\u206f" or _is_chinese(char)) for char in text)
        return odd > GARBLED_MIN_SHARE * len(text)


OPENERS = (
    FALLBACK_STEPS[0],
    next(step for step in FALLBACK_STEPS if step.reader != FALLBACK_STEPS[0].reader),
)
"""The steps that give a whole document, lines and all; those of other readers give tables alone."""


def open_pdf(path: Path, passwords: Sequence[str], engines: EngineOptions = ALL_ENGINES) -> OpenedPdf:
    """Open the file with the first reader that can, trying each password, and read it.

    Else UnreadableError.
    """
    errors: list[str] = []
    for step in (step for step in OPENERS if step.reader not in engines.without):
        for password in (None, *passwords):
            try:
                first = _attempt(engines, step, path, password)
            except ReaderError as error:
                errors.append(str(error))
                continue
            if first.page_sizes:
                return OpenedPdf(path, password, step, first, engines)
            errors.append(f"{step.reader} finds no page in it")
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

    tablers passes on panics of Rust as exceptions that are no `Exception`. MemoryError is passed on, for it
    says nothing about the file.
    """
    engines.notice(" ".join(step))
    try:
        return read(step, *arguments)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise ReaderError(" ".join(f"{type(error).__name__} {error}".split())) from error


def _is_chinese(char: str) -> bool:
    """Whether a character is Chinese: an ideograph, its punctuation or a full-width form."""
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"


def pages_to_texts(raw: RawDocument) -> dict[int, str]:
    """Return all text of every page, folded as labels are, by the number of the page."""
    texts: dict[int, list[str]] = {page: [] for page in range(1, len(raw.page_sizes) + 1)}
    for line in raw.lines:
        texts[line.page].append(line.text)
    for table in raw.tables:
        texts[table.page] += [cell.text for cell in table.cells]
    return {page: "".join(map(fold, parts)) for page, parts in texts.items()}
