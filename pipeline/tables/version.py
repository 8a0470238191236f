"""The version of the tables: what they depend on apart from the readings. If it changes they are made
anew, and nothing is read again."""

from __future__ import annotations

from functools import cache

from pipeline.versions import TABLES, files_to_version, names_to_files


@cache
def tables_version() -> str:
    """Return a short hash of the code and data that make tables from readings, and of their libraries.

    The forms are part of it, as they name and type the columns.
    """
    return files_to_version(names_to_files((*TABLES, "forms")))
