"""Folders → the PDF files below them, and what was passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.printable import to_printable

PDF, ZIP = ".pdf", ".zip"
ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
"""How the names of archives end that are not unpacked here."""

_LINK = "a link to a folder, which is not followed: give that folder as PATH"
_FOLDER = "a folder with the name of a file: what is in it was searched"
_ARCHIVE = "an archive that is not unpacked here: unpack it by hand"


@dataclass(frozen=True, slots=True)
class FolderSearch:
    """The `files` whose name is that of a PDF, whatever they are, and sentences on what was `passed_over`."""

    files: tuple[Path, ...]
    passed_over: tuple[str, ...]


def search_folder(folder: Path, suffixes: tuple[str, ...] = (PDF,)) -> FolderSearch:
    """Return all PDF files below a folder, or those with one of these suffixes, sorted. Hidden files and
    folders are left out; links to folders are named, not followed."""
    files: list[Path] = []
    told: list[str] = []
    for entries, problem in _walk(folder):
        told += [problem] if problem else []
        for entry in entries:
            if note := _entry_to_note(entry):
                told.append(note)
            elif _is_named(entry.name, suffixes) and not _is_folder(entry):
                files.append(Path(entry.path))
    return FolderSearch(tuple(sorted(files)), tuple(sorted(told)))


def folder_to_folders(folder: Path, name: str) -> Iterator[Path]:
    """Yield the folders at or below this one that hold a folder of this name, links not counted."""
    for entries, _ in _walk(folder):
        for entry in entries:
            if entry.name == name and _is_folder(entry):
                yield Path(entry.path).parent


def _walk(folder: Path) -> Iterator[tuple[Sequence[os.DirEntry[str]], str]]:
    """Yield the entries of each folder, or why it could not be searched. Hidden folders are not entered.

    No recursion: a folder can be deeper than Python's call stack.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as there:
                entries = sorted(there, key=lambda entry: entry.name)
        except OSError as error:
            yield (), f"{to_printable(str(here))}: cannot be searched ({error.strerror}): check its rights"
            continue
        yield entries, ""
        waiting += [Path(entry.path) for entry in entries if _is_folder(entry) and not _is_hidden(entry)]


def _entry_to_note(entry: os.DirEntry[str]) -> str:
    """Return what to say of an entry that is passed over or is not what its name says, "" if nothing."""
    if _is_hidden(entry):
        return ""
    name = to_printable(entry.path)
    if entry.is_symlink() and _leads_to_folder(entry):
        return f"{name}: {_LINK}"
    if _is_folder(entry):
        return f"{name}: {_FOLDER}" if _is_named(entry.name, (PDF,)) else ""
    return f"{name}: {_ARCHIVE}" if _is_named(entry.name, ARCHIVES) else ""


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder and no link."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    """Whether a name begins with a dot."""
    return entry.name.startswith(".")


def _is_named(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a name has one of these suffixes and is not hidden."""
    return name.lower().endswith(suffixes) and not name.startswith(".")
