"""Chinese annual reports on government information disclosure: PDF in, verified tidy tables out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import Error

if TYPE_CHECKING:
    from pipeline.tables.frames import Frames

__all__ = ["Error", "load", "read_report"]
__version__ = "0.1.0"


def read_report(path: str | PathLike[str], passwords: tuple[str, ...] = (), *, apart: bool = True) -> Frames:
    """Return the frames of one report: `.observations`, `.checks`, `.sections`, `.reports` …

    It is read `apart`, in a sandboxed process, or in this process, which a hostile PDF may crash. A report
    that cannot be read has status failed and its `error` in `.reports`. Only a path that leads to no file
    raises (`pipeline.errors.PathError`), and a system without a sandbox (PlatformError).
    """
    from pipeline.config import Settings
    from pipeline.derive.places import reports_to_places
    from pipeline.extract.version import reading_version
    from pipeline.installation.platforms import require_unix
    from pipeline.tables.frames import reports_to_frames

    if apart:
        require_unix("read_report")
    from pipeline.run import file_to_report

    report = file_to_report(Path(path), Settings(passwords=passwords), apart=apart)
    return reports_to_frames([report], reading_version=reading_version(), places=reports_to_places)


def load(folder: str | PathLike[str] = "data/processed") -> Frames:
    """Return the frames of a folder that `python -m pipeline run` has written. TablesError if they are of
    two runs, or change meanwhile."""
    from pipeline.tables import folder as processed
    from pipeline.tables.written_tables import one_set

    with one_set(Path(folder)):
        return processed.load(Path(folder))
