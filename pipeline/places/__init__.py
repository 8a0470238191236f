"""Who and where: agency and year → region, level, kind of bureau. Knowledge as data, no pandas."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def places_version() -> str:
    """What the regions and types in the tables depend on, as a short hash: this package, code and data."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".toml", ".csv"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
