"""Places: agency and year → region, level, kind of bureau. What it knows is data; no pandas."""

from __future__ import annotations

from functools import cache

from pipeline.versions import files_to_version, names_to_files


@cache
def places_version() -> str:
    """Return a short hash of this package's code and data, on which regions and types in the tables
    depend."""
    return files_to_version(names_to_files(("places",)))
