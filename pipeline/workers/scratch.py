"""Keep the folder of one worker: the copy of its document, its temporary files, its output on stderr."""

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

from pipeline.acquire.media_types import is_page, page_to_folders
from pipeline.errors import Error
from pipeline.files.regular_file import CHUNK, IrregularFileError, open_regular
from pipeline.records import LIBRARY_WORDS_MAX_CHARACTERS

STDERR_TAIL_BYTES = 4096
"""Bytes at the end of stderr that are looked at: enough for the last line of a traceback."""

_COPIED_PICTURES_MAX = 100
"""Count. No more pictures are copied with a page that was saved whole; of a report's, a few show tables."""

_COPIED_PICTURE_MAX_BYTES = 30_000_000
"""Bytes. A larger picture is not copied with its page: it is none of a report's table."""

_PICTURE = re.compile(r"\.(?:png|jpe?g|jfif|gif|bmp|webp|tiff?)$", re.I)

_FILE_MIN_BYTES = 1 << 12
"""Bytes counted for each file, even an empty one, as a disk has room for only so many files."""


class SpecialFileError(Error):
    """A path that leads to a pipe, a device or a folder."""


@dataclass(frozen=True, slots=True)
class ScratchFolder:
    """The folder of a worker. The worker writes only below `temporary`, and reads its document in `given`."""

    folder: Path

    @property
    def temporary(self) -> Path:
        """Return the folder in which the worker may write."""
        return self.folder / "tmp"

    @property
    def given(self) -> Path:
        """Return the folder with the copy of the document."""
        return self.folder / "given"

    def make(self) -> None:
        """Make the folders, for this user alone. Raises OSError."""
        for folder in (self.folder, self.temporary, self.given):
            folder.mkdir(mode=0o700)

    def size(self, most: int) -> int:
        """Return the bytes of the temporary files, with _FILE_MIN_BYTES for each file and folder.

        Counting stops above `most` bytes. A tree that cannot be walked through counts as sys.maxsize: no
        sound reader makes folders that deep or without rights.
        """
        total = 0
        try:
            for _, folders, names, folder in os.fwalk(self.temporary, onerror=_raise_if_there):
                total += _FILE_MIN_BYTES * len(folders) + sum(
                    _FILE_MIN_BYTES + _size(name, folder) for name in names
                )
                if total > most:
                    break
        except (RecursionError, OSError):
            return sys.maxsize
        return total

    def take(self, file: Path) -> Path:
        """Copy a file for the worker, which can see no other, and return the path of the copy.

        The copy has the file's name in UTF-8, as the fast reader opens no other. With a web page that was
        saved whole, its pictures in the folder beside it are copied. If the file cannot be opened
        its own path is returned, and the reader says why. Raises SpecialFileError if it is no regular file,
        OSError if there is no room.
        """
        try:
            source = open_regular(file)
        except IrregularFileError as error:
            raise SpecialFileError("it is no regular file") from error
        except OSError:  # the reader gives the reason
            return file
        with source:
            copy = self.given / file.name.encode("utf-8", "replace").decode()
            _copy(source, copy, os.fstat(source.fileno()).st_size)
        for picture in _saved_pictures(file):
            self._take_picture(picture)
        return copy

    def _take_picture(self, picture: Path) -> None:
        """Copy a picture of a saved page, if it can be opened; its folder has the same name there."""
        folder, name = (part.encode("utf-8", "replace").decode() for part in picture.parts[-2:])
        with suppress(IrregularFileError, FileExistsError), open_regular(picture, follow=False) as source:
            (self.given / folder).mkdir(mode=0o700, exist_ok=True)
            _copy(source, self.given / folder / name, os.fstat(source.fileno()).st_size)

    def empty(self) -> None:
        """Remove the document and the temporary files."""
        for folder in (self.temporary, self.given):
            with os.scandir(folder) as entries:
                for entry in entries:
                    _remove(entry)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        remove_tree(self.folder)


def _saved_pictures(file: Path) -> list[Path]:
    """Return the pictures in the folders beside a page that was saved whole, as many as may matter."""
    if not is_page(file.name):
        return []
    found: list[Path] = []
    for folder in map(file.with_name, page_to_folders(file.name)):
        if folder.is_symlink():
            continue
        with suppress(OSError), os.scandir(folder) as entries:
            found += (
                Path(entry.path)
                for entry in sorted(entries, key=lambda entry: entry.name)
                if _PICTURE.search(entry.name)
                and entry.is_file(follow_symlinks=False)
                and entry.stat().st_size <= _COPIED_PICTURE_MAX_BYTES
            )
    return found[:_COPIED_PICTURES_MAX]


def text_to_last_words(said: bytes, folder: Path) -> str:
    """Return the last line of stderr, without addresses and our own paths, which differ in each run.

    It has at most LIBRARY_WORDS_MAX_CHARACTERS characters.
    """
    text = said[-STDERR_TAIL_BYTES:].decode("utf-8", "replace").replace(str(folder), "…")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return re.sub(r"0x[0-9a-fA-F]+", "0x…", "".join(filter(str.isprintable, last)))[
        :LIBRARY_WORDS_MAX_CHARACTERS
    ]


def remove_tree(folder: Path) -> None:
    """Remove a folder, even if it is very deep or lacks rights. What cannot be removed stays."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    for tool in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):  # they need no open file for every level
        subprocess.run([*tool, "--", folder], check=False, stderr=subprocess.DEVNULL)


def _copy(source: io.FileIO, copy: Path, size: int) -> None:
    """Copy the first `size` bytes. The size is fixed, as a file that keeps growing has no end."""
    with copy.open("xb", buffering=0) as target:
        while size > 0 and (chunk := source.read(min(size, CHUNK))):
            target.write(chunk)
            size -= len(chunk)


def _remove(entry: os.DirEntry[str]) -> None:
    """Remove a file or a folder."""
    if entry.is_dir(follow_symlinks=False):
        remove_tree(Path(entry.path))
    else:
        Path(entry.path).unlink(missing_ok=True)


def _raise_if_there(error: OSError) -> None:
    """Raise the error, unless the file was removed in the meantime."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _size(name: str, folder: int) -> int:
    """Return the bytes of a file, 0 if it is gone."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    except OSError:  # it was removed in the meantime
        return 0
