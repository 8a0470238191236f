"""The folder of one worker: the document it is given, its temporary files, and what its libraries say."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Error
from pipeline.files.regular_file import IrregularFileError, open_regular

TAIL = 4096
LONGEST = 160
_CHUNK = 1 << 20
_NAME = 1 << 12
"""Bytes that even an empty file takes of a disk, which has only so many names."""


class SpecialFileError(Error):
    """A path that leads to a pipe, a device or a folder."""


@dataclass(frozen=True, slots=True)
class ScratchFolder:
    """A worker writes below `temporary` alone, and reads what lies in `given`."""

    folder: Path

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def given(self) -> Path:
        return self.folder / "given"

    def make(self) -> None:
        for folder in (self.folder, self.temporary, self.given):
            folder.mkdir(mode=0o700)

    def size(self, most: int) -> int:
        """Bytes of the temporary files, each with what its name takes; walked no further than to `most`.

        No folder of a reader is as deep, or as closed, as what cannot be walked through.
        """
        total = 0
        try:
            for _, folders, names, folder in os.fwalk(self.temporary, onerror=_raise_if_there):
                total += _NAME * len(folders) + sum(_NAME + _size(name, folder) for name in names)
                if total > most:
                    break
        except (RecursionError, OSError):
            return sys.maxsize
        return total

    def take(self, file: Path) -> Path:
        """A copy of that file for the worker, which sees no other; the file itself where it cannot be opened.

        Its name is the file's, in UTF-8: the fast reader opens no other.
        Raises SpecialFileError for what is no file, and OSError where there is no room.
        """
        try:
            source = open_regular(file)
        except IrregularFileError as error:
            raise SpecialFileError("it is no regular file") from error
        except OSError:  # the reader says why
            return file
        with source:
            copy = self.given / file.name.encode("utf-8", "replace").decode()
            _copy(source, copy, os.fstat(source.fileno()).st_size)
        return copy

    def empty(self) -> None:
        """Remove the document and the temporary files."""
        for folder in (self.temporary, self.given):
            with os.scandir(folder) as entries:
                for entry in entries:
                    _remove(entry)

    def remove(self) -> None:
        remove_tree(self.folder)


def text_to_last_words(said: bytes, folder: Path) -> str:
    """The last line on stderr, without what differs from run to run: addresses and our own paths."""
    text = said[-TAIL:].decode("utf-8", "replace").replace(str(folder), "…")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return re.sub(r"0x[0-9a-fA-F]+", "0x…", "".join(filter(str.isprintable, last)))[:LONGEST]


def remove_tree(folder: Path) -> None:
    """Remove a folder however deep or closed it is; what cannot be removed stays."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    for tool in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):  # they need no open file for every level
        subprocess.run([*tool, "--", folder], check=False, stderr=subprocess.DEVNULL)


def _copy(source: io.FileIO, copy: Path, size: int) -> None:
    """The first `size` bytes: a file that grows meanwhile has no end."""
    with copy.open("xb", buffering=0) as target:
        while size > 0 and (chunk := source.read(min(size, _CHUNK))):
            target.write(chunk)
            size -= len(chunk)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        remove_tree(Path(entry.path))
    else:
        Path(entry.path).unlink(missing_ok=True)


def _raise_if_there(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _size(name: str, folder: int) -> int:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    except OSError:  # gone meanwhile
        return 0
