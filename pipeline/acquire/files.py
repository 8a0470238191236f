"""Paths → documents: find the files, name each by its content, keep each content once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.acquire.containers import Container, Member, file_to_container, path_to_container
from pipeline.acquire.content import Content, file_to_content, problem_to_content
from pipeline.acquire.media_types import PAGE_FOR_PDF, is_page_for_pdf, name_to_kind
from pipeline.acquire.search import search_folder
from pipeline.acquire.store import folder_to_roots, is_in_store
from pipeline.errors import PathError
from pipeline.files.regular_file import DOCUMENT_MAX_BYTES
from pipeline.printable import to_printable, to_storable
from pipeline.records import Snapshot

KINDS = "PDFs, web pages, Word or Excel files, or ZIP archives of them"
"""What is read, in the words of messages."""

_SPELLING = "check the spelling, or give another PATH"
_NAMED = 3
"""Count. An error names no more of the documents that a container holds."""


@dataclass(frozen=True, slots=True)
class Document:
    """One distinct content. `source_file` is the first path (sorted) that holds it, `also_at` are the others.

    `problem` says why it cannot be read ("" if it can). `hint` says what makes a poor reading
    likely. `is_cut` says that its end is missing, or that it stands in a
    PDF's place. `region` is the six-digit code that sources.toml gives for
    its source. `inside` is its place in the container from which it was unpacked, None for any other file.
    """

    snapshot: Snapshot
    source_file: str
    also_at: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    region: str | None = None
    is_cut: bool = False
    inside: Path | None = None

    @property
    def path(self) -> Path:
        """Return the path that leads a user to it: of what was unpacked, archive.zip/inner.pdf."""
        return self.inside or self.snapshot.path

    @property
    def damage(self) -> str:
        """Return why its bytes are not those that somebody published, "" if nothing says so."""
        return self.problem or (self.hint if self.is_cut else "")


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """The distinct contents under some paths, sorted by source_file, and sentences on what was passed
    over."""

    documents: tuple[Document, ...]
    passed_over: tuple[str, ...]


@dataclass
class _FoundFiles:
    """Files by name and by absolute path, each with the folder it was found in (None if it was given
    itself)."""

    named: dict[str, dict[Path, tuple[Path, Path | None]]] = field(default_factory=dict)
    passed_over: dict[str, None] = field(default_factory=dict)


def paths_to_documents(paths: Iterable[Path], largest: int = DOCUMENT_MAX_BYTES) -> tuple[Document, ...]:
    """Return every distinct content under `paths`, sorted by source_file. PathError if a path leads to no
    file."""
    return paths_to_files(paths, largest).documents


def paths_to_files(paths: Iterable[Path], largest: int = DOCUMENT_MAX_BYTES) -> FoundDocuments:
    """Return every distinct content under `paths`, each file at most `largest` bytes. PathError if a path
    leads to no file.

    Files of a store below a folder are left to its ledger. A file that cannot be read becomes a document with
    a problem. A link in a folder is followed only to files in that folder. Of a ZIP archive,
    and of PDFs one behind the other in a file, every document is one; a path such as archive.zip/inner.docx
    gives one.
    """
    found_files = _FoundFiles()
    for given in paths:
        _collect(given, found_files)
    documents: dict[str, Document] = {}
    for name, (path, folder) in sorted(_found_to_names(found_files).items()):
        found, note = _file_to_documents(path, name, folder, largest)
        if note:
            found_files.passed_over[f"{to_printable(name)}: {note}"] = None
        for document in found:
            sha256 = document.snapshot.sha256
            known = documents.get(sha256)
            documents[sha256] = _with_other_name(known, document.source_file) if known else document
    return FoundDocuments(tuple(documents.values()), tuple(found_files.passed_over))


def _file_to_documents(
    path: Path, name: str, folder: Path | None, largest: int
) -> tuple[list[Document], str]:
    """Return the document of a file, or those in a container, and what to say of it; none for an archive in a
    folder without documents."""
    if above := path_to_container(path):
        return [_path_to_member(path, above, name, largest)], ""
    content = file_to_content(path, name, folder, largest)
    container = file_to_container(path, largest) if content.is_container else Container()
    if container.members:
        return [
            _member_to_document(member, path / member.name, f"{name}/{member.name}", largest)
            for member in container.members
        ], container.note
    if container.note and folder and _is_archive(name):
        return [], container.note
    if problem := container.problem or container.note:
        content = replace(content, problem=problem, hint="", is_cut=False)
    return [_document(path, name, content)], ""


def _is_archive(name: str) -> bool:
    """Whether a name is that of an archive that is unpacked."""
    kind = name_to_kind(name)
    return kind is not None and kind.use == "container"


def _path_to_member(path: Path, above: Path, name: str, largest: int) -> Document:
    """Return the document at a path that leads into a container. PathError if there is none."""
    container = file_to_container(above, largest)
    for member in container.members:
        if path == above / member.name:
            return _member_to_document(member, path, name, largest)
    names = [member.name for member in container.members]
    more = f", {len(names) - _NAMED:,} more" if names[_NAMED:] else ""
    what = f"holds {', '.join(names[:_NAMED])}{more}" if names else f"is {container.problem or 'no archive'}"
    raise PathError(f"{path}: no such file: {above} {what}: {_SPELLING}")


def _member_to_document(member: Member, inside: Path, name: str, largest: int) -> Document:
    """Return the document of a member of a container."""
    if member.problem:
        content = problem_to_content(member.problem, name)
    else:
        content = file_to_content(member.path, name, None, largest)
    return replace(_document(member.path, name, content), inside=inside)


def _found_to_names(found_files: _FoundFiles) -> dict[str, tuple[Path, Path | None]]:
    """Return every file by the name that the tables show. Equal names get the folders that tell them
    apart."""
    names: dict[str, tuple[Path, Path | None]] = {}
    for name, files in found_files.named.items():
        base = os.path.commonpath(files)
        names |= {_below(base, whole) if len(files) > 1 else name: file for whole, file in files.items()}
    return names


def _document(path: Path, name: str, content: Content) -> Document:
    """Return the document of a file."""
    if is_page_for_pdf(name, content.media_type):
        content = replace(content, hint=PAGE_FOR_PDF, is_cut=True)
    snapshot = Snapshot(path=path, sha256=content.sha256, media_type=content.media_type)
    return Document(
        snapshot, to_storable(name), problem=content.problem, hint=content.hint, is_cut=content.is_cut
    )


def _with_other_name(known: Document, name: str) -> Document:
    """Return the document with one more name."""
    names = (known.source_file, *known.also_at)
    return known if name in names else replace(known, also_at=(*known.also_at, to_storable(name)))


def _collect(given: Path, found_files: _FoundFiles) -> None:
    """Add a file as it was given, or in a container, or every file below a folder that may be a report."""
    if container := path_to_container(given):
        _add_file(given, container, None, found_files)
        return
    if not _is_folder(given):
        _add_file(given, given, None, found_files)
        return
    found = search_folder(given)
    found_files.passed_over |= dict.fromkeys(found.passed_over)
    files = [file for file in found.files if not is_in_store(file)]
    if not files and not any(folder_to_roots(given)):
        told = f"; {found.passed_over[0]}" if found.passed_over else ""
        raise PathError(f"{given}: a folder without reports: put {KINDS} there, or give another PATH{told}")
    for file in files:
        _add_file(file, given, given, found_files)


def _add_file(file: Path, given: Path, folder: Path | None, found_files: _FoundFiles) -> None:
    """Add a file under the name that the tables show."""
    places = found_files.named.setdefault(_name(file, given), {})
    if folder is None or _absolute(file) not in places:
        places[_absolute(file)] = file, folder


def _is_folder(given: Path) -> bool:
    """Whether a path leads to a folder. PathError if it leads to nothing."""
    try:
        return stat.S_ISDIR(given.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise PathError(f"{given}: no such file or folder: {_SPELLING}") from error
    except OSError as error:
        raise PathError(f"{given}: cannot be opened ({error.strerror}): give another PATH") from error


def _name(file: Path, given: Path) -> str:
    """Return the name that the tables show: relative to the working folder, as given, or from the given
    folder on.

    It is never absolute, so that two machines write the same bytes.
    """
    whole = _absolute(file)
    if whole.is_relative_to(Path.cwd()):
        return _below(Path.cwd(), whole)
    if not given.is_absolute():
        return Path(os.path.normpath(file)).as_posix()
    return _below(_absolute(given).parent, whole)


def _absolute(path: Path) -> Path:
    """Return the absolute path without . and .., links not resolved."""
    return Path(os.path.normpath(path.absolute()))


def _below(base: str | Path, whole: Path) -> str:
    """Return the path relative to `base`, with slashes."""
    return whole.relative_to(base).as_posix()
