"""Places: agency and year → region, level, kind of bureau. What it knows is data; no pandas."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def places_version() -> str:
    """Return a short hash of this package's code and data, on which regions and types in the tables
    depend."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".toml", ".csv"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
