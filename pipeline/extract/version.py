"""What the outcome of a reading depends on: by another version a document is read again."""

from __future__ import annotations

from functools import cache

from pipeline.versions import READING, files_to_version, names_to_files


@cache
def reading_version() -> str:
    """A short hash of the code and data that read, and of the libraries that they read with."""
    return files_to_version(names_to_files(READING))
