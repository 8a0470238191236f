"""A set of tables is made in a private folder and then moved into place as one; no pandas here.

    out/.nianbao-staging-x7e1/   being written by the run that holds `out`
    out/.nianbao-ready/          complete and on the disk: even if the run is killed now, it has published

The ready files are moved one by one, datapackage.json last. The next run moves what a killed run left.
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
from pipeline.tables.file_names import PACKAGE, all_file_names

SET = "set"
"""The key under which datapackage.json and the footer of every Parquet file name their set."""

WORDS = ".words.arrow"
STAGING = ".nianbao-staging-"
READY = ".nianbao-ready"


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """Give a private folder in `out`; it is removed if the run fails."""
    folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=out))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def publish(folder: Path, out: Path) -> list[Path]:
    """Move the staged set into `out`; return its files. Files of an older set that have no successor are
    removed."""
    sync_folder(folder)
    move(folder, out / READY)
    sync_folder(out)
    return move_ready(out)


def move_ready(out: Path) -> list[Path]:
    """Move a ready set into place, `reports` and datapackage.json last; return the files moved."""
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
    """Move what a killed run made ready and remove what it did not finish. Call it under the lock only."""
    move_ready(out)
    folders = out.glob(f"{STAGING}*") if out.is_dir() else iter(())
    for folder in filter(_is_own_folder, folders):
        shutil.rmtree(folder, ignore_errors=True)
    for part in leftovers(out / WORDS):
        part.unlink(missing_ok=True)


def remove_old_temporaries(out: Path) -> None:
    """Remove half-written files of an earlier version of the program."""
    for path in _temporaries(out):
        path.unlink(missing_ok=True)


def is_unfinished(out: Path) -> bool:
    """Whether a run was killed while it moved its tables: they may be of two runs."""
    return _is_own_folder(out / READY) or any(path.exists() for path in _temporaries(out))


def files(out: Path) -> Iterator[Path]:
    """Yield the files of a set that exist, but for datapackage.json."""
    named = (out / name for name in all_file_names())
    return (path for path in named if path.is_file() or path.is_symlink())


def move(source: Path, target: Path) -> Path:
    """Rename a file (one function, so that tests can let it fail)."""
    return source.replace(target)


def temporary(path: Path) -> Path:
    """Return the name that an earlier version gave to a file being written."""
    return path.with_name(f".{path.name}.tmp")


def _temporaries(out: Path) -> Iterator[Path]:
    """Yield the half-written files that an earlier version may have left."""
    return (temporary(out / name) for name in [*all_file_names(), PACKAGE, WORDS])


def _listed(package: Path) -> list[str]:
    """Return the files that a datapackage.json names, [] if it is missing or no run wrote it."""
    try:
        told = {str(each["path"]) for each in json.loads(package.read_bytes())["resources"]}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []
    names = sorted(told & set(all_file_names()))
    return sorted(names, key=lambda name: Path(name).stem == "reports")


def _is_own_folder(path: Path) -> bool:
    """Whether this is a real folder of this user that nobody else can write into, as every folder of a run
    is."""
    try:
        found = path.lstat()
    except OSError:
        return False
    own = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and own and not found.st_mode & 0o077
