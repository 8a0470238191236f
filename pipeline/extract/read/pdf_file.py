"""A file that is read and drawn: pdfium opens it once, for its text and for what a viewer shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pypdfium2

_T = TypeVar("_T")

PAGES_KEPT_MAX = 50
"""Count. Of longer files, pages are parsed and read again when they are needed: each may take megabytes."""


class PdfFile:
    """A file and the password that opens it. It has to be closed.

    What asks pdfium raises pypdfium2.PdfiumError where pdfium cannot open the file or a page.
    """

    def __init__(self, path: Path, password: str | None = None) -> None:
        self.path, self.password = path, password
        self.contents: dict[int, Any] = {}  # of pages, as the reader of this opening reads them
        self.words: dict[int, Any] = {}  # of pages, as borderless tables were looked for on them
        self.pictures: dict[int, Any] = {}  # of pages, as they were read from their pictures
        self.inks: dict[Any, Any] = {}  # of cells of these, as the second reader sees them
        self._pages: dict[int, Any] = {}
        self._known: dict[tuple[Callable[[Any], Any], int], Any] = {}

    @cached_property
    def data(self) -> bytes:
        """Return the bytes of the file."""
        return self.path.read_bytes()

    @cached_property
    def document(self) -> pypdfium2.PdfDocument:
        """Return the file as pdfium opens it; without its forms, pdfium would draw no field.

        pdfium is given the bytes, for it would ask the system for a few hundred at a time.
        """
        document = pypdfium2.PdfDocument(self.data, password=self.password)
        document.init_forms()
        return document

    def page(self, number: int) -> Any:
        """Return a page (numbers from 1), which is parsed once."""
        if number not in self._pages:
            if len(self._pages) == PAGES_KEPT_MAX:
                self._pages.pop(next(iter(self._pages))).close()
            self._pages[number] = self.document[number - 1]
        return self._pages[number]

    def of_page(self, find: Callable[[Any], _T], number: int) -> _T:
        """Return what a function finds on a page, which is asked once."""
        if (find, number) not in self._known:
            self._known[find, number] = find(self.page(number))
        found: _T = self._known[find, number]
        return found

    def close(self) -> None:
        """Close the file, if pdfium opened it."""
        if "document" in vars(self):
            self.document.close()
