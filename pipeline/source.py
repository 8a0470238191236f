"""One file: opened by the first reader that can, and read again by whatever step is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.bind import pages_to_mentions
from pipeline.forms.labels import fold
from pipeline.read import LADDER, Step, read
from pipeline.records import RawDocument

LOCKED = "it is encrypted and no known password opens it: add the password to passwords in pipeline.toml"


class UnreadableError(Exception):
    """A file that no reader opens; the message is the reason and the remedy."""


class ReaderError(Exception):
    """What a reader's library raised, by name."""


@dataclass
class Source:
    """A file that opens with `password`, what `step` made of it `first`, and other steps of pages of it."""

    path: Path
    password: str | None
    step: Step
    first: RawDocument
    _read: dict[tuple[Step, frozenset[int]], RawDocument] = field(default_factory=dict)

    def read(self, step: Step, pages: frozenset[int]) -> RawDocument:
        """What a step makes of these pages; nothing where its library fails on them."""
        if (step, pages) not in self._read:
            try:
                raw = _attempt(step, self.path, self.password, pages, self.first.page_sizes)
            except ReaderError:  # a reader that throws is a reader that saw nothing: the ladder goes on
                raw = RawDocument(step.reader, self.first.page_sizes, (), (), ())
            self._read[step, pages] = raw
        return self._read[step, pages]

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps taken on any page, in their order: "tablers ruled"."""
        return tuple(dict.fromkeys(" ".join(step) for step in (self.step, *(step for step, _ in self._read))))

    @cached_property
    def texts(self) -> dict[int, str]:
        return pages_to_texts(self.first)

    @cached_property
    def mentions(self) -> dict[str, frozenset[int]]:
        """The pages that show each table's labels."""
        return pages_to_mentions(self.texts)

    @cached_property
    def is_blank(self) -> bool:
        """Whether no page holds any text."""
        lines, tables = self.first.lines, self.first.tables
        return not any(line.text for line in lines) and not any(c.text for t in tables for c in t.cells)

    @cached_property
    def is_garbled(self) -> bool:
        """Whether much of the text is neither Chinese nor plain Latin: glyph numbers taken for characters."""
        text = "".join(line.text for line in self.first.lines)
        odd = sum(not (char < "\x80" or "\u2000" <= char <= "\u206f" or _is_chinese(char)) for char in text)
        return odd > 0.2 * len(text)


def open_source(path: Path, passwords: Sequence[str]) -> Source:
    """The file as the first reader that opens it reads it; raises UnreadableError where none does."""
    errors: list[str] = []
    for step in (LADDER[0], next(step for step in LADDER if step.reader != LADDER[0].reader)):
        for password in (None, *passwords):
            try:
                first = _attempt(step, path, password)
            except ReaderError as error:
                errors.append(str(error))
                continue
            if first.page_sizes:
                return Source(path, password, step, first)
            errors.append(f"{step.reader} finds no page in it")
    if any("password" in error.lower() for error in errors):
        raise UnreadableError(LOCKED)
    reason = f"no reader opens it ({errors[0][:160]})"
    raise UnreadableError(f"{reason}: it may be cut off or damaged, fetch it again")


def _attempt(step: Step, *arguments: Any) -> RawDocument:
    """`read`, with whatever a library raises on a broken file as ReaderError.

    tablers passes on panics of Rust as exceptions that are no `Exception`; running out of memory is
    the machine's trouble and not the reader's.
    """
    try:
        return read(step, *arguments)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise ReaderError(f"{type(error).__name__} {error}".strip()) from error


def _is_chinese(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"


def pages_to_texts(raw: RawDocument) -> dict[int, str]:
    """All text of every page, folded as labels are."""
    texts: dict[int, list[str]] = {page: [] for page in range(1, len(raw.page_sizes) + 1)}
    for line in raw.lines:
        texts[line.page].append(line.text)
    for table in raw.tables:
        texts[table.page] += [cell.text for cell in table.cells]
    return {page: "".join(map(fold, parts)) for page, parts in texts.items()}
