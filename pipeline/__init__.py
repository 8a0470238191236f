"""Chinese annual reports on government information disclosure: PDF in, verified tidy tables out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.tables.frames import Frames

__all__ = ["load", "read_report"]
__version__ = "0.1.0"


def read_report(path: str | PathLike[str], passwords: tuple[str, ...] = (), *, apart: bool = True) -> Frames:
    """The frames of one report: `.observations`, `.checks`, `.sections`, `.reports` …

    It is read `apart`, in a process behind walls, or in this one, which a hostile PDF may take down. A
    report that cannot be read has status failed and its `error` in `.reports`; only a path that leads to
    no file raises (`pipeline.acquire.PathError`), and a system without such walls (PlatformError).
    """
    from pipeline.config import Settings
    from pipeline.derive.places import place
    from pipeline.extract.version import reading_version
    from pipeline.platforms import require_unix
    from pipeline.tables.frames import reports_to_frames

    if apart:
        require_unix("read_report")
    from pipeline.run import file_to_report

    report = file_to_report(Path(path), Settings(passwords=passwords), apart=apart)
    return place(reports_to_frames([report], reading_version=reading_version()))


def load(folder: str | PathLike[str] = "data/processed") -> Frames:
    """The frames of a folder that `python -m pipeline run` has written; WrittenError where they are of two
    runs, or are written anew meanwhile."""
    from pipeline.tables import folder as processed
    from pipeline.tables.light_reader import one_set

    with one_set(Path(folder)):
        return processed.load(Path(folder))
