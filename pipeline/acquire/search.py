"""Folders searched for PDF files, and what in them was passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.printable import to_printable

_LINK = "a link to a folder, which is not followed: give that folder as PATH"
_FOLDER = "a folder with the name of a file: what is in it was searched"


@dataclass(frozen=True, slots=True)
class Found:
    """The `files` that have the name of a PDF, whatever they are, and sentences on what was `passed_over`."""

    files: tuple[Path, ...]
    passed_over: tuple[str, ...]


def folder_to_found(folder: Path) -> Found:
    """Everything below a folder, sorted; hidden files and folders are left out, links to folders told."""
    files: list[Path] = []
    told: list[str] = []
    for entries, problem in _walk(folder):
        told += [problem] if problem else []
        for entry in entries:
            if note := _entry_to_note(entry):
                told.append(note)
            elif _is_pdf_name(entry.name) and not _is_folder(entry):
                files.append(Path(entry.path))
    return Found(tuple(sorted(files)), tuple(sorted(told)))


def folder_to_folders(folder: Path, name: str) -> Iterator[Path]:
    """The folders at or below this one that hold a folder of this name, which is no link."""
    for entries, _ in _walk(folder):
        for entry in entries:
            if entry.name == name and _is_folder(entry):
                yield Path(entry.path).parent


def _walk(folder: Path) -> Iterator[tuple[Sequence[os.DirEntry[str]], str]]:
    """The entries of each folder, and why one could not be searched; hidden folders are not entered.

    Without recursion: a folder can be deeper than calls may be.
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
    """What is to be said of an entry that is passed over, or is not what its name says."""
    if _is_hidden(entry):
        return ""
    name = to_printable(entry.path)
    if entry.is_symlink() and _leads_to_folder(entry):
        return f"{name}: {_LINK}"
    return f"{name}: {_FOLDER}" if _is_pdf_name(entry.name) and _is_folder(entry) else ""


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(".")


def _is_pdf_name(name: str) -> bool:
    return name.lower().endswith(".pdf") and not name.startswith(".")
