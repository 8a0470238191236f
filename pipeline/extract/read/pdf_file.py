"""A file that is read and drawn: pdfium opens it once, for its text and for what a viewer shows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pypdfium2

from pipeline.extract.read.backends.pdfium_shapes import DrawnShapes, page_to_shapes

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
        self._pages: dict[int, Any] = {}
        self._shapes: dict[int, DrawnShapes] = {}

    @cached_property
    def document(self) -> pypdfium2.PdfDocument:
        """Return the file as pdfium opens it; without its forms, pdfium would draw no field."""
        document = pypdfium2.PdfDocument(self.path, password=self.password)
        document.init_forms()
        return document

    def page(self, number: int) -> Any:
        """Return a page (numbers from 1), which is parsed once."""
        if number not in self._pages:
            if len(self._pages) == PAGES_KEPT_MAX:
                self._pages.pop(next(iter(self._pages))).close()
            self._pages[number] = self.document[number - 1]
        return self._pages[number]

    def shapes(self, number: int) -> DrawnShapes:
        """Return what a page is drawn with, which is looked for once."""
        if number not in self._shapes:
            self._shapes[number] = page_to_shapes(self.page(number))
        return self._shapes[number]

    def close(self) -> None:
        """Close the file, if pdfium opened it."""
        if "document" in vars(self):
            self.document.close()
