"""Find the pictures of a web page that was saved whole: they lie in a folder beside it, named like it."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from pipeline.extract.read.flow.html_page import LoadPicture
from pipeline.files.regular_file import is_regular, read_regular

SAVED_PICTURE_MAX_BYTES = 30_000_000
"""Bytes. A larger file is no picture of a report's table."""


def find_saved(address: str, path: Path) -> LoadPicture | None:
    """Return what gives the bytes of the picture that a page at `path` names so; None where there is none.

    Nothing is looked for but in folders beside the page whose names begin with its own: NAME_files/1.png.
    """
    plain = unquote(address.strip()).replace("\\", "/").partition("?")[0].removeprefix("./")
    parts = PurePosixPath(plain).parts
    if len(parts) != 2 or ".." in parts or not parts[0].startswith(path.stem) or "\0" in plain:
        return None
    file = path.parent.joinpath(*parts)
    if file.parent.is_symlink() or file.is_symlink() or not is_regular(file):
        return None
    return partial(_read, file)


def _read(file: Path) -> bytes:
    """Return the bytes of a picture; b"" where it cannot be read, or is too large."""
    try:
        return read_regular(file, follow=False, largest=SAVED_PICTURE_MAX_BYTES)
    except OSError:
        return b""
