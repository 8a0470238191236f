"""The tables of every good night in a numbered folder, and one pointer that readers follow.

    data/processed → processed.releases/0007     what readers open
    data/processed.releases/0008                 what tonight is making: newer than the pointer, not published

The pointer is a symbolic link that is replaced by one rename: a reader sees the old tables or the new ones.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from pipeline.acquire.crashpoints import pass_point
from pipeline.files.durable import leftovers, sync_file, sync_folder, written_beside
from pipeline.files.regular_file import NOTE_MAX_BYTES, read_regular
from pipeline.tables.file_names import DATABASE, PACKAGE
from pipeline.tables.out_folder import RELEASES, out_to_real_folder

NIGHT = "night.json"
KEPT_RELEASES = 3
"""Count. As many releases are kept: the current one, and two to compare with or go back to."""

_BASE = ".base"


class Releases:
    """The releases behind `out`, a folder or the pointer to one."""

    def __init__(self, out: Path) -> None:
        self.out = out_to_real_folder(out.absolute())
        self.root = self.out.with_name(f"{self.out.name}{RELEASES}")

    def restore_pointer(self) -> None:
        """Set the pointer to the newest release if a kill or a person removed it."""
        if not os.path.lexists(self.out) and (ready := [f for f in self._folders() if (f / NIGHT).exists()]):
            self._point_to(ready[-1])

    def current(self) -> Path | None:
        """Return the tables that readers see, None before the first night."""
        return self.out if self.out.is_dir() else None

    def stage(self) -> Path:
        """Return a folder for new tables: one begun since the last release, or a copy of that release.

        A folder that was begun from other tables than the current ones is removed.
        """
        base = _folder_to_fingerprint(self.current())
        newer = self._newer()
        usable = [folder for folder in newer if _read_base(folder) == base][-1:]
        for folder in newer:
            if folder not in usable:
                shutil.rmtree(folder)
                pass_point("release: old staging removed")
        return usable[0] if usable else self._begin(base)

    def is_stale(self, staged: Path) -> bool:
        """Whether the current tables changed since these were begun."""
        return _read_base(staged) != _folder_to_fingerprint(self.current())

    def is_new(self, staged: Path) -> bool:
        """Whether these tables differ from those that readers see."""
        current = self.current()
        if current is None:
            return True
        ours, theirs = _tables(staged), _tables(current)
        names = [path.name for path in ours]
        if names != [path.name for path in theirs]:
            return True
        names = [name for name in names if name != DATABASE]  # the same tables give it other bytes
        return bool(filecmp.cmpfiles(staged, current, names, shallow=False)[1:] != ([], []))

    def drop(self, staged: Path) -> None:
        """Remove staged tables that say nothing new."""
        shutil.rmtree(staged)
        pass_point("release: staging removed")

    def publish(self, staged: Path, night: str) -> None:
        """Make the staged tables the ones that readers see; the text `night` is kept with them as
        night.json."""
        write_atomically(staged / NIGHT, night)
        if self.out.is_dir() and not self.out.is_symlink():
            self._set_aside_folder()
        self._point_to(staged)

    def night(self) -> str | None:
        """Return night.json of the current release, None if there is none."""
        return _read_note(self.out / NIGHT)

    def prune(self) -> None:
        """Remove old releases; KEPT_RELEASES stay, the current one included."""
        number = self._number()
        for folder in [f for f in self._folders() if int(f.name) <= number][:-KEPT_RELEASES]:
            shutil.rmtree(folder)
            pass_point("release: old release removed")

    def _begin(self, base: str) -> Path:
        """Create a numbered folder with copies of the current tables. Its base file is written last and
        marks it as complete."""
        folder = self.root / f"{max([self._number(), *(int(f.name) for f in self._numbered())]) + 1:04d}"
        folder.mkdir(parents=True)
        pass_point("release: staging made")
        try:
            for path in _tables(self.out):
                _copy(path, folder / path.name)
            write_atomically(folder / _BASE, base)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _newer(self) -> list[Path]:
        """Return the folders that were never published."""
        number = self._number()
        return [folder for folder in self._folders() if int(folder.name) > number]

    def _folders(self) -> list[Path]:
        """Return the release folders in order."""
        return [path for path in self._numbered() if path.is_dir() and not path.is_symlink()]

    def _numbered(self) -> list[Path]:
        """Return everything with the number of a release; files and links that somebody put there are left
        alone."""
        found = self.root.iterdir() if self.root.is_dir() else iter(())
        return sorted((f for f in found if f.name.isdecimal()), key=lambda path: int(path.name))

    def _number(self) -> int:
        """Return the number of the current release, 0 if `out` is a plain folder."""
        return int(self.out.readlink().name) if self.out.is_symlink() else 0

    def _set_aside_folder(self) -> None:
        """Make a plain folder release 0. Until the pointer is set, `out` does not exist."""
        first = self.root / "0000"
        if first in self._folders():
            shutil.rmtree(first)
        self.out.rename(first)
        pass_point("release: plain folder set aside")

    def _point_to(self, folder: Path) -> None:
        """Replace the pointer by one rename."""
        link = self.out.with_name(f".{self.out.name}.link")
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.root.name, folder.name), target_is_directory=True)
        pass_point("release: link made")
        link.replace(self.out)
        pass_point("release: pointer moved")
        sync_folder(self.out.parent)


def remove_tables(staged: Path) -> None:
    """Remove the copied tables: this program cannot go on from them."""
    for path in _tables(staged):
        path.unlink()
        pass_point("release: staged table removed")


def write_atomically(path: Path, text: str) -> None:
    """Write a text file: afterwards it is on the disk, or unchanged if this fails."""
    for part in leftovers(path):  # of a night that was killed: nobody else writes here
        part.unlink(missing_ok=True)
    with written_beside(path) as file:
        file.write(text.encode())
        pass_point(f"{path.name}: written")
    pass_point(f"{path.name}: renamed")


def _tables(folder: Path) -> list[Path]:
    """Return the files of a release without those that nights write beside the tables; datapackage.json
    comes last."""
    files = folder.iterdir() if folder.is_dir() else iter(())
    ours = {NIGHT, _BASE, *(part.name for name in (NIGHT, _BASE) for part in leftovers(folder / name))}
    found = (path for path in files if path.is_file() and path.name not in ours)
    return sorted(found, key=lambda path: (path.name == PACKAGE, path.name))


def _folder_to_fingerprint(folder: Path | None) -> str:
    """Return a text of names, sizes and times of the tables: any write changes it."""
    files: Iterable[Path] = _tables(folder) if folder else ()
    return json.dumps([(path.name, (stat := path.stat()).st_size, stat.st_mtime_ns) for path in files])


def _read_base(folder: Path) -> str | None:
    """Return the fingerprint of the tables that a folder was begun from."""
    return _read_note(folder / _BASE)


def _read_note(path: Path) -> str | None:
    """Return a file that a night wrote beside its tables, None if it is missing or damaged."""
    try:
        return read_regular(path, largest=NOTE_MAX_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        return None


def _copy(source: Path, target: Path) -> None:
    """Copy a file and sync it."""
    shutil.copyfile(source, target)
    sync_file(target)
    pass_point("release: table copied")
