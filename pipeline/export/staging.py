"""Files written beside their place and renamed into it; light, for a run asks before it loads pandas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.export.dictionary import tables

FORMATS = ("parquet", "csv")
PACKAGE = "datapackage.json"
WORDS = ".words.arrow"


def temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def publish(path: Path) -> Path:
    """The path, now holding what was staged for it."""
    temporary(path).replace(path)
    return path


def sweep(out: Path) -> None:
    """Removes what a killed or failed run has left half written; only names that `temporary` gives."""
    for path in _temporaries(out):
        path.unlink(missing_ok=True)


def is_unfinished(out: Path) -> bool:
    """Whether a run was killed while it wrote: its tables may then be of two runs.

    `folder.load` leaves out the reports that are not whole; only those it returns are known.
    """
    return any(path.exists() for path in _temporaries(out))


def _temporaries(out: Path) -> Iterator[Path]:
    names = [f"{name}.{fmt}" for name in tables() for fmt in FORMATS]
    return (temporary(out / name) for name in [*names, PACKAGE, WORDS])
