"""The tables of every good night in a folder of their own, and one pointer that readers follow.

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
from pipeline.files.durable import leftovers, sync_folder, written_beside
from pipeline.files.regular_file import NOTE, read_regular
from pipeline.tables.out_folder import RELEASES, out_to_real_folder
from pipeline.tables.staging import PACKAGE

NIGHT = "night.json"
KEPT = 3
_BASE = ".base"


class Releases:
    """The releases behind `out`, a folder or the pointer to one."""

    def __init__(self, out: Path) -> None:
        self.out = out_to_real_folder(out.absolute())
        self.root = self.out.with_name(f"{self.out.name}{RELEASES}")

    def restore_pointer(self) -> None:
        """The pointer where it belongs after a kill, or after somebody removed it."""
        if not os.path.lexists(self.out) and (ready := [f for f in self._folders() if (f / NIGHT).exists()]):
            self._point_to(ready[-1])

    def current(self) -> Path | None:
        """The tables that readers see; None before the first night."""
        return self.out if self.out.is_dir() else None

    def stage(self) -> Path:
        """A folder to make tables in, with what was made there since the last release, or with that release.

        What was made from other tables than the current ones is thrown away.
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
        """Whether the current tables were changed while these were made."""
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
        return bool(filecmp.cmpfiles(staged, current, names, shallow=False)[1:] != ([], []))

    def drop(self, staged: Path) -> None:
        """Tables that say nothing new are not kept."""
        shutil.rmtree(staged)
        pass_point("release: staging removed")

    def publish(self, staged: Path, night: str) -> None:
        """The staged tables are what readers see from now on; `night` is kept with them as night.json."""
        write_atomically(staged / NIGHT, night)
        if self.out.is_dir() and not self.out.is_symlink():
            self._set_aside_folder()
        self._point_to(staged)

    def night(self) -> str | None:
        """The night.json of the current release."""
        return _read_note(self.out / NIGHT)

    def prune(self) -> None:
        """Keeps the current release and those before it, KEPT in all."""
        number = self._number()
        for folder in [f for f in self._folders() if int(f.name) <= number][:-KEPT]:
            shutil.rmtree(folder)
            pass_point("release: old release removed")

    def _begin(self, base: str) -> Path:
        """A new folder with copies, complete where it has a base: that is written last."""
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
        """Folders that were never pointed to."""
        number = self._number()
        return [folder for folder in self._folders() if int(folder.name) > number]

    def _folders(self) -> list[Path]:
        return [path for path in self._numbered() if path.is_dir() and not path.is_symlink()]

    def _numbered(self) -> list[Path]:
        """Whatever bears the number of a release: a file or a link that somebody laid there is left alone."""
        found = self.root.iterdir() if self.root.is_dir() else iter(())
        return sorted((f for f in found if f.name.isdecimal()), key=lambda path: int(path.name))

    def _number(self) -> int:
        """The number of the current release; 0 where `out` is a plain folder that no night made."""
        return int(self.out.readlink().name) if self.out.is_symlink() else 0

    def _set_aside_folder(self) -> None:
        """A plain folder becomes release 0; for the blink of an eye there is no `out`."""
        first = self.root / "0000"
        if first in self._folders():
            shutil.rmtree(first)
        self.out.rename(first)
        pass_point("release: plain folder set aside")

    def _point_to(self, folder: Path) -> None:
        link = self.out.with_name(f".{self.out.name}.link")
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.root.name, folder.name), target_is_directory=True)
        pass_point("release: link made")
        link.replace(self.out)
        pass_point("release: pointer moved")
        sync_folder(self.out.parent)


def remove_tables(staged: Path) -> None:
    """Takes out the tables that were copied: this program cannot go on with them."""
    for path in _tables(staged):
        path.unlink()
        pass_point("release: staged table removed")


def write_atomically(path: Path, text: str) -> None:
    """A text file, on the disk under its name or not there at all."""
    for part in leftovers(path):  # of a night that was killed: nobody else writes here
        part.unlink(missing_ok=True)
    with written_beside(path) as file:
        file.write(text.encode())
        pass_point(f"{path.name}: written")
    pass_point(f"{path.name}: renamed")


def _tables(folder: Path) -> list[Path]:
    """Everything in a release but what nights write beside the tables; what describes them comes last."""
    files = folder.iterdir() if folder.is_dir() else iter(())
    ours = {NIGHT, _BASE, *(part.name for name in (NIGHT, _BASE) for part in leftovers(folder / name))}
    found = (path for path in files if path.is_file() and path.name not in ours)
    return sorted(found, key=lambda path: (path.name == PACKAGE, path.name))


def _folder_to_fingerprint(folder: Path | None) -> str:
    """Which tables these are, by names, sizes and times: any writing changes it."""
    files: Iterable[Path] = _tables(folder) if folder else ()
    return json.dumps([(path.name, (stat := path.stat()).st_size, stat.st_mtime_ns) for path in files])


def _read_base(folder: Path) -> str | None:
    return _read_note(folder / _BASE)


def _read_note(path: Path) -> str | None:
    """What a night has written beside its tables; None where that is gone or damaged."""
    try:
        return read_regular(path, largest=NOTE).decode()
    except (OSError, UnicodeDecodeError):
        return None


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    pass_point("release: table copied")
