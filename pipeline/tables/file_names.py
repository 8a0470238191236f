"""The names of the files of a set of tables, in every format."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pipeline.config import EXPORTS, FORMATS
from pipeline.tables.dictionary import tables

PACKAGE = "datapackage.json"
CODEBOOK = "codebook.html"
DATABASE = "nianbao.duckdb"
"""All tables in one file of DuckDB, which writes other bytes each time: only its name is known."""

ONE_FILE = ("duckdb",)
"""The formats that have all tables in one file."""


def to_file_names(formats: Collection[str], names: Iterable[str]) -> list[str]:
    """Return the files of these tables in these formats, and of the codebook."""
    own = [f"{name}.{fmt}" for name in names for fmt in formats if fmt not in ONE_FILE]
    return [*own, *([DATABASE] if "duckdb" in formats else []), CODEBOOK]


def all_file_names() -> list[str]:
    """Return every file that a set of tables may have, but for datapackage.json."""
    return to_file_names((*FORMATS, *EXPORTS), tables())


def is_read_back(name: str) -> bool:
    """Whether a run, `sql` or `load` reads the file; the others are for other programs and for people."""
    return name.endswith(tuple(f".{fmt}" for fmt in FORMATS))
