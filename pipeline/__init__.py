"""Chinese annual reports on government information disclosure: PDF in, verified tidy tables out."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import Error
from pipeline.installation.version import VERSION

if TYPE_CHECKING:
    from pipeline.derive.balanced import BalancedPanel
    from pipeline.tables.frames import Frames
    from pipeline.tables.loaded_tables import Tables

__all__ = ["Error", "balanced", "load", "read_report"]
__version__ = VERSION


def read_report(path: str | PathLike[str], passwords: tuple[str, ...] = (), *, apart: bool = True) -> Frames:
    """Return the frames of one report: `.observations`, `.checks`, `.sections`, `.reports` …

    It is read `apart`, in a sandboxed process, or in this process, which a hostile PDF may crash. A report
    that cannot be read has status failed and its `error` in `.reports`. Only a path that leads to no file
    raises (`pipeline.errors.PathError`), and a system without a sandbox (PlatformError).
    """
    from pipeline.config import Settings
    from pipeline.derive.places import reports_to_places
    from pipeline.extract.version import report_to_version
    from pipeline.installation.platforms import require_unix
    from pipeline.tables.frames import reports_to_frames

    if apart:
        require_unix("read_report")
    from pipeline.run import file_to_report

    report = file_to_report(Path(path), Settings(passwords=passwords), apart=apart)
    return reports_to_frames(
        [report],
        reading_version=report_to_version,
        places=reports_to_places,
    )


def load(folder: str | PathLike[str] = "data/processed") -> Tables:
    """Return all tables of a folder that `python -m pipeline run` has written: `.panel_rates`, `.reports` …

    They are typed pandas frames, read when they are first asked for; print the result for a list of them. Of
    several reports of one body and year, the one that stands counts (`.all_reports` has all).

    Raises PathError if the folder is not there or holds no tables, TablesError if they are of two runs, or
    change meanwhile.
    """
    from pipeline.tables.loaded_tables import folder_to_tables

    return folder_to_tables(Path(folder))


def balanced(
    tables: Frames | Tables | str | PathLike[str],
    years: Iterable[int],
    variables: Iterable[str],
    *,
    quoted: bool = False,
) -> BalancedPanel:
    """Return the bodies that have a trusted number of every variable in every year (`.panel`), and why the
    others fall out (`.dropped`), number by number.

    `tables` are those of `load`, their folder, or the frames of a run. `variables` are columns of the panels
    (new_received__total) and rates. A number in a failed check is not trusted; with `quoted` it is if the
    failure is the publisher's. VariableError for an unknown name.
    """
    from pipeline.derive.balanced import frames_to_balanced
    from pipeline.tables.frames import Frames

    if isinstance(tables, str | PathLike):
        tables = load(tables)
    frames = tables if isinstance(tables, Frames) else tables.frames()
    return frames_to_balanced(frames, years, variables, quoted=quoted)
