"""The store: bytes → a file named by its SHA-256, either complete or not there at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pipeline.acquire.crashpoints import pass_point
from pipeline.acquire.media_types import file_to_kind, read_suffixes
from pipeline.acquire.search import folder_to_folders
from pipeline.errors import Error
from pipeline.files.durable import PART, open_new, sync_folder
from pipeline.files.regular_file import (
    DOCUMENT_MAX_BYTES,
    TooLargeError,
    file_to_sha256,
    is_regular,
    open_regular,
)

INCOMING = ".incoming"
SUFFIX = ".pdf"
"""How the name of a content ends whose kind has no ending of its own."""

_INCOMING_NAME_BYTES = 16
"""Bytes of the random name of a file that is being written."""

_HASH = re.compile(r"[0-9a-f]{64}")
_LEFTOVER = "what a killed write left: the next night removes it"
_REFETCH = "remove it, the next night fetches it again"
_STRAY = "not a file of the store: move it elsewhere"
_UNREADABLE = "check the disk and the file's rights"


class StoreError(Error):
    """The store cannot be written. No half-written file is visible."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that is in the store now; `is_new` if it was not there before. `size` is in bytes."""

    sha256: str
    size: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is wrong in the store, or between store and ledger.

    `kind`: altered (the bytes do not match the name), unreadable, stray (no name of the store), leftover (of
    a killed write), orphan (unknown to the ledger), missing (known to the ledger). `todo` says what to do.
    """

    kind: str
    path: Path
    todo: str


class Store:
    """The files root/ab/abcdef….pdf, with another ending for each other kind that is read: .html, .docx.

    Other files in `root` are left alone.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def sink(self) -> Sink:
        """Return a writer for one content. StoreError if the folder cannot be written."""
        return Sink(self)

    def put(self, data: bytes) -> Stored:
        """Store these bytes. StoreError if that fails."""
        with self.sink() as sink:
            sink.write(data)
            return sink.keep()

    def path(self, sha256: str) -> Path:
        """Return the path of the content with this hash, that of a PDF if it does not exist.

        ValueError unless it is a SHA-256.
        """
        stem = self._stem(sha256)
        places = (stem.with_name(f"{sha256}{suffix}") for suffix in read_suffixes())
        return next((path for path in places if os.path.lexists(path)), stem.with_name(f"{sha256}{SUFFIX}"))

    def new_path(self, sha256: str, suffix: str) -> Path:
        """Return the path that a new content with this hash gets, or that of the file that is there."""
        path = self.path(sha256)
        return path if os.path.lexists(path) else path.with_name(f"{sha256}{suffix}")

    def _stem(self, sha256: str) -> Path:
        """Return the path of a content without the ending of its kind."""
        if not _HASH.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256 of 64 small hex digits")
        return self.root / sha256[:2] / sha256

    def holds(self, sha256: str) -> bool:
        """Whether the content with this hash is a file here; its bytes are not read."""
        return is_regular(self.path(sha256))

    def hashes(self) -> Iterator[str]:
        """Yield the hashes of all contents, sorted; their bytes are not read."""
        return (path.stem for path in self._files() if self.owns(path) and is_regular(path))

    def owns(self, path: Path) -> bool:
        """Whether a path is the place of a content of this store."""
        return bool(_HASH.fullmatch(path.stem)) and path == self.path(path.stem)

    def verify(self, sizes: Mapping[str, int] | None = None) -> list[Damage]:
        """Hash every file again; return what is altered, unreadable, stray, or left by a killed write.

        `sizes` are bytes by hash. A file of another size is not hashed, nor one of unknown size that is
        larger than any report.
        """
        sizes = sizes or {}
        found = [damage for path in self._files() if (damage := self._examine(path, sizes.get(path.stem)))]
        closed = [Damage("unreadable", path, _UNREADABLE) for path in self._folders() if not _is_open(path)]
        left = [Damage("leftover", path, _LEFTOVER) for path in self._abandoned()]
        return closed + found + left + [Damage("stray", path, _STRAY) for path in self._foreign()]

    def sweep(self) -> int:
        """Remove what killed writes left, and nothing of a write under way; return how many files that
        were."""
        abandoned = self._abandoned()
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def _folders(self) -> list[Path]:
        """Return the folders of contents."""
        return [path for path in sorted(self.root.glob("[0-9a-f][0-9a-f]")) if path.is_dir()]

    def _files(self) -> Iterator[Path]:
        """Yield whatever lies in the folders of contents."""
        return (path for folder in self._folders() for path in _folder_to_paths(folder))

    def _incoming(self) -> list[Path]:
        """Return whatever lies in the folder of writes under way; nothing if that folder is a link."""
        folder = self.root / INCOMING
        return [] if folder.is_symlink() else _folder_to_paths(folder)

    def _abandoned(self) -> list[Path]:
        """Return the temporary files of killed writes."""
        return [path for path in self._incoming() if _is_part(path) and _is_abandoned(path)]

    def _foreign(self) -> list[Path]:
        """Return what lies in the place of a store's folder or temporary file and is neither."""
        folder = self.root / INCOMING
        irregular = [folder] if os.path.lexists(folder) and not _is_real_folder(folder) else []
        files = [path for path in sorted(self.root.glob("[0-9a-f][0-9a-f]")) if not path.is_dir()]
        return [*irregular, *files, *(path for path in self._incoming() if not _is_part(path))]

    def _examine(self, path: Path, size: int | None) -> Damage | None:
        """Return what is wrong with a file; `size` in bytes if it is known."""
        if not self.owns(path) or not is_regular(path):
            return Damage("stray", path, _STRAY)
        try:
            actual = file_to_sha256(path, follow=False, largest=DOCUMENT_MAX_BYTES if size is None else size)
        except TooLargeError:
            return Damage("altered", path, f"it has more {_size_to_words(size)}: {_REFETCH}")
        except OSError as error:
            return Damage("unreadable", path, f"{error.strerror}: {_UNREADABLE}")
        todo = f"its bytes hash to {actual}: {_REFETCH}"
        return None if actual == path.stem else Damage("altered", path, todo)


class Sink:
    """Writes one content into the store. Leaving the `with` without `keep` leaves nothing behind.

    files/durable.py is not used here: its temporary files have the final name from the start and no lock. The
    name of a content is known only after its last byte, and until then a lock protects it from `sweep`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._digest = hashlib.sha256()
        self._size = 0
        try:
            self._descriptor, self._temporary = _open_locked(store.root / INCOMING)
        except OSError as error:
            raise _store_error(store.root / INCOMING, error) from error

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._temporary.unlink(missing_ok=True)
        os.close(self._descriptor)

    def write(self, chunk: bytes) -> None:
        """Write the next bytes. StoreError if the disk takes no more."""
        view = memoryview(chunk)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise _store_error(self._temporary, error) from error
        self._digest.update(chunk)
        self._size += len(chunk)
        pass_point("store: bytes written")

    def keep(self) -> Stored:
        """Give the content its name, on the disk before this returns."""
        sha256 = self._digest.hexdigest()
        try:
            final = self._store.new_path(sha256, self._suffix())
        except OSError as error:
            raise _store_error(self._temporary, error) from error
        try:
            if _is_sound(final, sha256, self._size):
                return Stored(sha256, self._size, is_new=False)
            self._publish(final)
        except OSError as error:
            raise _store_error(final, error) from error
        return Stored(sha256, self._size, is_new=True)

    def _suffix(self) -> str:
        """Return how the name of the content ends, by its bytes."""
        with open_regular(self._temporary, follow=False) as file:
            kind = file_to_kind(file)
        return kind.suffix if kind.use == "read" else SUFFIX

    def _publish(self, final: Path) -> None:
        """Sync the file, rename it, and sync its folder, in this order."""
        os.fsync(self._descriptor)
        pass_point("store: file synced")
        _make_folder(final.parent)
        pass_point("store: folder made")
        self._temporary.replace(final)
        pass_point("store: file renamed")
        sync_folder(final.parent)
        pass_point("store: folder synced")


def folder_to_roots(folder: Path) -> Iterator[Path]:
    """Yield the roots of the stores at or below a folder."""
    return folder_to_folders(folder, INCOMING)


def is_in_store(path: Path) -> bool:
    """Whether a file is a content of some store, and not one put there by hand."""
    root = path.parent.parent
    return Store(root).owns(path) and (root / INCOMING).is_dir()


def _open_locked(folder: Path) -> tuple[int, Path]:
    """Create a temporary file that is locked while its process lives, so that no `sweep` removes it.

    Its mode is read and write for all, less the umask, as for any file.
    """
    from filelock import lock_descriptor  # here, for a run without a store needs none

    folder.mkdir(parents=True, exist_ok=True)
    while True:
        path = folder / f"{secrets.token_hex(_INCOMING_NAME_BYTES)}{PART}"
        descriptor = open_new(path)
        pass_point("store: temporary file made")
        lock_descriptor(descriptor)
        if os.fstat(descriptor).st_nlink:  # a sweep may have come before the lock
            return descriptor, path
        os.close(descriptor)


def _is_part(path: Path) -> bool:
    """Whether this is the temporary file of a write, and not a pipe, a link or another file."""
    return path.suffix == PART and is_regular(path)


def _is_abandoned(path: Path) -> bool:
    """Whether the process that wrote this temporary file has ended."""
    from filelock import lock_descriptor

    try:
        with open_regular(path, follow=False) as file:
            return lock_descriptor(file.fileno(), blocking=False)
    except OSError:  # gone, or not ours to judge
        return False


def _is_sound(path: Path, sha256: str, size: int) -> bool:
    """Whether the content is there already, hashed again: a damaged file must be replaced."""
    return is_regular(path) and path.stat().st_size == size and file_to_sha256(path, follow=False) == sha256


def _folder_to_paths(folder: Path) -> list[Path]:
    """Return what lies in a folder, sorted; nothing if it cannot be searched."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_real_folder(path: Path) -> bool:
    """Whether a path is a folder and no link."""
    return path.is_dir() and not path.is_symlink()


def _is_open(folder: Path) -> bool:
    """Whether a folder can be searched."""
    return os.access(folder, os.R_OK | os.X_OK)


def _size_to_words(size: int | None) -> str:
    """Name the size that a file should have."""
    return "bytes than any report" if size is None else f"than the {size:,} bytes that were stored"


def _make_folder(folder: Path) -> None:
    """Create a folder and sync the one above it."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _store_error(path: Path, error: OSError) -> StoreError:
    """Return a StoreError that says what to do."""
    what = error.strerror or str(error)
    return StoreError(f"{path}: cannot be written ({what}): free space or check the rights, then run again")
