"""The programs that print the corpus, one module each, imported by name.

A module has `NAME`; `CANNOT` (field of `Style` → values that it cannot print: the plan leaves them out); and
`print_reports(reports: Sequence[tuple[Manuscript, Path]]) -> None`, which writes every PDF. Importing it
needs none of the program that it drives, so that the plan is the same wherever it is made; several processes
may print at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from tools.generator import Manuscript

PRODUCERS = {
    name: f"{__name__}.{name}"
    for name in ("canvas", "reportlab", "fpdf2", "typst", "libreoffice", "chromium", "weasyprint")
}


class Producer(Protocol):
    """What a module in this package offers."""

    NAME: str
    CANNOT: Mapping[str, frozenset[object]]

    def print_reports(self, reports: Sequence[tuple[Manuscript, Path]]) -> None: ...


def producer(name: str) -> Producer:
    """The producer of that name; ModuleNotFoundError where there is none."""
    return cast(Producer, import_module(PRODUCERS[name]))
