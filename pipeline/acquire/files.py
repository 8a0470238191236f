"""Find PDF files, name them by what is in them, and keep each content once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.acquire.content import Content, file_to_content
from pipeline.acquire.store import folder_to_roots, is_in_store
from pipeline.records import Snapshot


class PathError(Exception):
    """A path that the user gave leads to nothing that could be read."""


@dataclass(frozen=True, slots=True)
class Document:
    """One distinct content: `source_file` is the first path (sorted) that holds it, `also_at` the others.

    `problem` says why its bytes cannot be read as a PDF ("" where they can), `hint` what about them
    makes a poor reading likely. `region` is the six-digit code that the sources file gives for its source.
    """

    snapshot: Snapshot
    source_file: str
    also_at: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    region: str | None = None


def paths_to_documents(paths: Iterable[Path]) -> tuple[Document, ...]:
    """Every distinct content under `paths`, sorted by source; PathError where a path leads to no file.

    Files of a store below a folder are left to its ledger.
    """
    documents: dict[str, Document] = {}
    for name, path in sorted(_paths_to_names(paths).items()):
        content = file_to_content(path)
        known = documents.get(content.sha256)
        documents[content.sha256] = _again(known, name) if known else _document(path, name, content)
    return tuple(documents.values())


def _paths_to_names(paths: Iterable[Path]) -> dict[str, Path]:
    """Every file by the name that the tables show; equal names get the folders that tell them apart."""
    named: dict[str, dict[Path, Path]] = {}
    for given in paths:
        for file in _path_to_files(given):
            named.setdefault(_name(file, given), {}).setdefault(_absolute(file), file)
    names: dict[str, Path] = {}
    for name, files in named.items():
        base = os.path.commonpath(files)
        names |= {_below(base, whole) if len(files) > 1 else name: file for whole, file in files.items()}
    return names


def _document(path: Path, name: str, content: Content) -> Document:
    snapshot = Snapshot(path=path, sha256=content.sha256)
    return Document(snapshot, _to_text(name), problem=content.problem, hint=content.hint)


def _again(known: Document, name: str) -> Document:
    also = (*known.also_at, _to_text(name))
    return Document(known.snapshot, known.source_file, also, known.problem, known.hint)


def _to_text(name: str) -> str:
    """Bytes of a name that are no UTF-8 cannot be stored: two such names would look the same."""
    return name.encode("utf-8", "backslashreplace").decode()


def _path_to_files(given: Path) -> Iterator[Path]:
    """The file itself, or each .pdf below a folder."""
    if given.is_file():
        return iter([given])
    if not given.is_dir():
        raise PathError(f"{given}: no such file or folder: check the spelling, or give another PATH")
    files = list(_folder_to_files(given))
    if not files and not any(folder_to_roots(given)):
        raise PathError(f"{given}: a folder without PDF files: put reports there, or give another PATH")
    return iter(files)


def _folder_to_files(folder: Path) -> Iterator[Path]:
    """The .pdf files below `folder`, hidden files and folders left out."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            file = Path(parent, name)
            if name.lower().endswith(".pdf") and not name.startswith(".") and not is_in_store(file):
                yield file


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
