"""A set of tables made in a private folder and then moved into place as one; light, for a run asks before it
loads pandas.

    out/.nianbao-staging-x7e1/   being written by the run that holds `out`
    out/.nianbao-ready/          whole and on the disk: a run that is killed now has published all the same

What is ready is moved file by file, datapackage.json last, and whoever comes next moves what is left.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.files.durable import leftovers, sync_folder
from pipeline.tables.dictionary import tables

FORMATS = ("parquet", "csv")
PACKAGE = "datapackage.json"
SET = "set"
"""Where datapackage.json and the footer of every Parquet file name the set that they are of."""

WORDS = ".words.arrow"
STAGING = ".nianbao-staging-"
READY = ".nianbao-ready"


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder in `out` that is this run's alone; gone where the run fails."""
    folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=out))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def publish(folder: Path, out: Path) -> list[Path]:
    """The files of the staged set, in `out`; those of another set that it has no part for are gone."""
    sync_folder(folder)
    move(folder, out / READY)
    sync_folder(out)
    return move_ready(out)


def move_ready(out: Path) -> list[Path]:
    """Moves into place what is ready, the register of reports and datapackage.json last."""
    ready = out / READY
    if not _is_own_folder(ready):
        return []
    moved = []
    if names := _listed(ready / PACKAGE):
        moved = [move(ready / name, out / name) for name in names if (ready / name).is_file()]
        for stray in (path for path in files(out) if path.name not in names):
            stray.unlink()
        moved.append(move(ready / PACKAGE, out / PACKAGE))
    shutil.rmtree(ready)
    sync_folder(out)
    return moved


def finish_killed_run(out: Path) -> None:
    """Ends what a killed run has begun: moves what is ready, removes what was not; under the lock only."""
    move_ready(out)
    folders = out.glob(f"{STAGING}*") if out.is_dir() else iter(())
    for folder in filter(_is_own_folder, folders):
        shutil.rmtree(folder, ignore_errors=True)
    for part in leftovers(out / WORDS):
        part.unlink(missing_ok=True)


def remove_old_temporaries(out: Path) -> None:
    """Removes what a killed run of an earlier version has left half written."""
    for path in _temporaries(out):
        path.unlink(missing_ok=True)


def is_unfinished(out: Path) -> bool:
    """Whether a run was killed while it moved its tables into place: they may then be of two runs."""
    return _is_own_folder(out / READY) or any(path.exists() for path in _temporaries(out))


def files(out: Path) -> Iterator[Path]:
    """The tables that are there, in every format."""
    named = (out / f"{name}.{fmt}" for name in tables() for fmt in FORMATS)
    return (path for path in named if path.is_file() or path.is_symlink())


def move(source: Path, target: Path) -> Path:
    return source.replace(target)


def temporary(path: Path) -> Path:
    """What an earlier version called a file that it had not written to its end."""
    return path.with_name(f".{path.name}.tmp")


def _temporaries(out: Path) -> Iterator[Path]:
    names = [f"{name}.{fmt}" for name in tables() for fmt in FORMATS]
    return (temporary(out / name) for name in [*names, PACKAGE, WORDS])


def _listed(package: Path) -> list[str]:
    """The tables that a description names; [] where there is none, or one that no run has written."""
    try:
        told = {str(each["path"]) for each in json.loads(package.read_bytes())["resources"]}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []
    names = sorted(told & {f"{name}.{fmt}" for name in tables() for fmt in FORMATS})
    return sorted(names, key=lambda name: Path(name).stem == "reports")


def _is_own_folder(path: Path) -> bool:
    """A real folder of this user that nobody else can write into: all that a run makes is one."""
    try:
        found = path.lstat()
    except OSError:
        return False
    own = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and own and not found.st_mode & 0o077
