"""What tables depend on beside what was read: by another version they are made anew, and nothing is read."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path


@cache
def tables_version() -> str:
    """A short hash of what places agencies, computes panels and rates, looks at prose, and of its data."""
    digest = sha256(f"jieba {metadata.version('jieba')}".encode())
    root = Path(__file__).parent
    files = [root / "placing.py", root / "prose_tables.py"]
    for stage in ("places", "export", "prose"):
        files += (root / stage).iterdir()
    for path in sorted(files):
        if path.suffix in (".py", ".toml", ".csv", ".txt"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
