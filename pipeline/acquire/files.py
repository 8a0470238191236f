"""Find PDF files, name them by what is in them, and keep each content once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.acquire.content import Content, file_to_content
from pipeline.acquire.search import folder_to_found
from pipeline.acquire.store import folder_to_roots, is_in_store
from pipeline.errors import PathError
from pipeline.files.regular_file import LARGEST
from pipeline.printable import to_storable
from pipeline.records import Snapshot


@dataclass(frozen=True, slots=True)
class Document:
    """One distinct content: `source_file` is the first path (sorted) that holds it, `also_at` the others.

    `problem` says why its bytes cannot be read as a PDF ("" where they can), `hint` what about them
    makes a poor reading likely, `is_cut` that its end is missing. `region` is the six-digit code that the
    sources file gives for its source.
    """

    snapshot: Snapshot
    source_file: str
    also_at: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    region: str | None = None
    is_cut: bool = False

    @property
    def damage(self) -> str:
        """Why its bytes are not those that somebody published; "" where nothing says so."""
        return self.problem or (self.hint if self.is_cut else "")


@dataclass(frozen=True, slots=True)
class Files:
    """The distinct contents under some paths, sorted by source, and sentences on what was passed over."""

    documents: tuple[Document, ...]
    passed_over: tuple[str, ...]


@dataclass
class _Seen:
    """Files by name and place, each with the folder it was found in (None where it was given itself)."""

    named: dict[str, dict[Path, tuple[Path, Path | None]]] = field(default_factory=dict)
    passed_over: dict[str, None] = field(default_factory=dict)


def paths_to_documents(paths: Iterable[Path], largest: int = LARGEST) -> tuple[Document, ...]:
    """Every distinct content under `paths`, sorted by source; PathError where a path leads to no file."""
    return paths_to_files(paths, largest).documents


def paths_to_files(paths: Iterable[Path], largest: int = LARGEST) -> Files:
    """What is under `paths`, each file of at most `largest` bytes; PathError where one leads to no file.

    Files of a store below a folder are left to its ledger. What is no file that can be read is a document
    with a problem; a link within a folder is followed only to what lies in that folder.
    """
    seen = _Seen()
    for given in paths:
        _see(given, seen)
    documents: dict[str, Document] = {}
    for name, (path, folder) in sorted(_seen_to_names(seen).items()):
        content = file_to_content(path, name, folder, largest)
        known = documents.get(content.sha256)
        documents[content.sha256] = _again(known, name) if known else _document(path, name, content)
    return Files(tuple(documents.values()), tuple(seen.passed_over))


def _seen_to_names(seen: _Seen) -> dict[str, tuple[Path, Path | None]]:
    """Every file by the name that the tables show; equal names get the folders that tell them apart."""
    names: dict[str, tuple[Path, Path | None]] = {}
    for name, files in seen.named.items():
        base = os.path.commonpath(files)
        names |= {_below(base, whole) if len(files) > 1 else name: file for whole, file in files.items()}
    return names


def _document(path: Path, name: str, content: Content) -> Document:
    snapshot = Snapshot(path=path, sha256=content.sha256)
    return Document(
        snapshot, to_storable(name), problem=content.problem, hint=content.hint, is_cut=content.is_cut
    )


def _again(known: Document, name: str) -> Document:
    return replace(known, also_at=(*known.also_at, to_storable(name)))


def _see(given: Path, seen: _Seen) -> None:
    """The file itself, whatever it is, or each .pdf below a folder."""
    if not _is_folder(given):
        _note(given, given, None, seen)
        return
    found = folder_to_found(given)
    seen.passed_over |= dict.fromkeys(found.passed_over)
    files = [file for file in found.files if not is_in_store(file)]
    if not files and not any(folder_to_roots(given)):
        told = f"; {found.passed_over[0]}" if found.passed_over else ""
        raise PathError(f"{given}: a folder without PDF files: put reports there, or give another PATH{told}")
    for file in files:
        _note(file, given, given, seen)


def _note(file: Path, given: Path, folder: Path | None, seen: _Seen) -> None:
    places = seen.named.setdefault(_name(file, given), {})
    if folder is None or _absolute(file) not in places:
        places[_absolute(file)] = file, folder


def _is_folder(given: Path) -> bool:
    """Whether a path leads to a folder; PathError where it leads to nothing."""
    try:
        return stat.S_ISDIR(given.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        todo = "check the spelling, or give another PATH"
        raise PathError(f"{given}: no such file or folder: {todo}") from error
    except OSError as error:
        raise PathError(f"{given}: cannot be opened ({error.strerror}): give another PATH") from error


def _name(file: Path, given: Path) -> str:
    """Below the working folder or relative as given, else from the given folder on.

    Never absolute, so that two machines write the same bytes.
    """
    whole = _absolute(file)
    if whole.is_relative_to(Path.cwd()):
        return _below(Path.cwd(), whole)
    if not given.is_absolute():
        return Path(os.path.normpath(file)).as_posix()
    return _below(_absolute(given).parent, whole)


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def _below(base: str | Path, whole: Path) -> str:
    return whole.relative_to(base).as_posix()
