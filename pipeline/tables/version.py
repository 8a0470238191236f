"""What tables depend on beside what was read: by another version they are made anew, and nothing is read."""

from __future__ import annotations

from functools import cache

from pipeline.versions import TABLES, files_to_version, names_to_files


@cache
def tables_version() -> str:
    """A short hash of what places agencies, computes panels and rates, looks at prose, and of its data.

    The forms are in it, for they name and type the columns.
    """
    return files_to_version(names_to_files((*TABLES, "forms")))
