"""The version of the reading: a document that was read by another version is read again."""

from __future__ import annotations

from functools import cache

from pipeline.versions import READING, files_to_version, names_to_files


@cache
def reading_version() -> str:
    """Return a short hash of the code and data that read, and of the libraries that they import."""
    return files_to_version(names_to_files(READING))
