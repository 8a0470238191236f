"""Folders → the files below them that may be reports, and what was passed over."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.acquire.media_types import (
    Kind,
    file_to_kind,
    is_left,
    is_ours,
    is_page,
    name_to_kind,
    page_to_folders,
)
from pipeline.files.regular_file import link_to_target, open_regular
from pipeline.printable import to_printable

_DOCUMENTS = ("read", "refused", "container")
"""What is done with the kinds of files that are documents or hold some."""

_LINK = "a link to a folder, which is not followed: give that folder as PATH"
_FOLDER = "a folder with the name of a file: what is in it was searched"
_ARCHIVE = "an archive that is not unpacked here: unpack it by hand"

_NAMED_FILES_MAX = 5
"""Count. A sentence names no more of the files that are no reports; a saved page has hundreds."""


@dataclass(frozen=True, slots=True)
class FolderSearch:
    """The `files` that may be reports, whatever they are, and sentences on what was `passed_over`."""

    files: tuple[Path, ...]
    passed_over: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What was found in a folder so far. `left` are files that are no reports, `parts` those that belong to a
    web page that was saved whole, `part_folders` the folders with these."""

    files: list[Path] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    left: list[Path] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)
    part_folders: set[Path] = field(default_factory=set)


def search_folder(folder: Path) -> FolderSearch:
    """Return all files below a folder that may be reports, sorted: of a kind that is read, or of one in which
    reports are published and that is not read.

    The name says what a file is; where its ending says nothing, its first bytes do. What is no report is
    counted in one sentence. Hidden files and folders are left out; links to folders are named, not followed.
    """
    found = _Found()
    for entries, problem in _walk(folder):
        found.told += [problem] if problem else []
        found.part_folders |= _part_folders(entries, found.part_folders)
        for entry in entries:
            _sort_entry(entry, folder, found)
    told = [*found.told, *_left_to_notes(found, folder)]
    return FolderSearch(tuple(sorted(found.files)), tuple(sorted(told)))


def _sort_entry(entry: os.DirEntry[str], folder: Path, found: _Found) -> None:
    """Put an entry below a folder where it belongs."""
    if _is_hidden(entry) or is_ours(entry.name):
        return
    if note := _entry_to_note(entry):
        found.told.append(note)
    elif not _is_folder(entry):
        path = Path(entry.path)
        is_part = path.parent in found.part_folders
        if not _may_be_report(path, folder):
            (found.parts if is_part else found.left).append(path)
        elif is_part and is_page(entry.name):
            found.parts.append(path)
        else:
            found.files.append(path)


def _may_be_report(path: Path, folder: Path) -> bool:
    """Whether a file may be a report, by its name, or by its first bytes where its ending says nothing.

    Of web pages the bytes count too, for this program makes some itself.
    """
    if is_left(path.name):
        return False
    kind = name_to_kind(path.name)
    if kind is None or is_page(path.name):
        kind = _path_to_kind(path, folder) or kind
    return kind is not None and (kind.use in _DOCUMENTS or _is_misnamed(kind, path.name))


def _is_misnamed(kind: Kind, name: str) -> bool:
    """Whether a file has the name of a page and is of another kind than a page: its reading fails, and says
    so."""
    return is_page(name) and kind.media_type != "text/html"


def _path_to_kind(path: Path, folder: Path) -> Kind | None:
    """Return the kind of a file by its bytes; None where it cannot be opened."""
    try:
        with open_regular(link_to_target(path, folder)) as file:
            return file_to_kind(file)
    except OSError:
        return None


def _part_folders(entries: Sequence[os.DirEntry[str]], known: set[Path]) -> set[Path]:
    """Return the folders among these entries that hold the parts of a saved page beside them, or lie in
    such a folder."""
    pages = {folder for entry in entries if is_page(entry.name) for folder in page_to_folders(entry.name)}
    paths = (Path(entry.path) for entry in entries if _is_folder(entry))
    return {path for path in paths if path.name in pages or path.parent in known}


def _left_to_notes(found: _Found, folder: Path) -> Iterator[str]:
    """Yield a sentence on the files below a folder that are no reports, and one on parts of saved pages."""
    for paths, one, more in (
        (found.left, "1 file is not a report", "{:,} files are not reports"),
        (found.parts, "1 file belongs to a saved web page", "{:,} files belong to saved web pages"),
    ):
        if paths:
            what = one if len(paths) == 1 else more.format(len(paths))
            names = [path.relative_to(folder).as_posix() for path in sorted(paths)]
            yield f"{what}: {names_to_words(names)}"


def names_to_words(names: Sequence[str]) -> str:
    """Return the names of the first files, and how many more there are with which ending."""
    named = ", ".join(map(to_printable, names[:_NAMED_FILES_MAX]))
    rest = names[_NAMED_FILES_MAX:]
    if not rest:
        return named
    endings = Counter(to_printable(PurePosixPath(name).suffix.lower()) or "no ending" for name in rest)
    counts = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common())
    return f"{named} and {len(rest):,} more ({counts})"


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
        return f"{name}: {_FOLDER}" if _is_of(entry.name, "read") else ""
    return f"{name}: {_ARCHIVE}" if _is_of(entry.name, "archive") else ""


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


def _is_of(name: str, use: str) -> bool:
    """Whether a name ends like those of files with which this is done."""
    kind = name_to_kind(name)
    return kind is not None and kind.use == use
