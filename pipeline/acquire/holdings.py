"""Paths → the documents a run works on: files put there by hand, and the documents that count in a store's
ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from pipeline.acquire.content import file_to_content
from pipeline.acquire.files import Document, paths_to_files
from pipeline.acquire.media_types import UNKNOWN_MEDIA_TYPE, name_to_kind
from pipeline.acquire.store import Store, folder_to_roots
from pipeline.errors import PathError
from pipeline.files.regular_file import DOCUMENT_MAX_BYTES
from pipeline.records import Snapshot

if TYPE_CHECKING:
    from pipeline.acquire.ledger import HeldDocument

LEDGER = "ledger.sqlite"
SEVERAL = "several PDFs one behind the other: put the file in the folder of a source, where it is unpacked"
_ALTERED = "its bytes are no longer those that were fetched: `verify` says what to do"


@dataclass(frozen=True, slots=True)
class Holdings:
    """The `documents` that count, sorted by source_file. `superseded` are hashes that no table may show.

    `passed_over` has a sentence on each folder or link that was not searched.
    """

    documents: tuple[Document, ...]
    superseded: frozenset[str] = frozenset()
    passed_over: tuple[str, ...] = ()


def paths_to_holdings(
    paths: Iterable[Path],
    known: Collection[str] = (),
    without: Collection[str] = (),
    largest: int = DOCUMENT_MAX_BYTES,
) -> Holdings:
    """Return every distinct content under `paths`. PathError if a path leads to no file, or a store is
    damaged.

    A store below a path gives the documents that count in its ledger, named by URL. Contents in `known`
    (SHA-256) are not opened; those in `without` count only if a URL gives them. No file has more than
    `largest` bytes.
    """
    given = tuple(paths)
    found = paths_to_files(given, largest)
    root = _paths_to_root(given)
    current, older = _root_to_held(root) if root else ([], [])
    fetched = held_to_documents(current, Store(root), known, largest) if root else []
    superseded = frozenset(held.sha256 for held in older) | frozenset(without)
    superseded -= {held.sha256 for held in current}
    counting = (document for document in found.documents if document.snapshot.sha256 not in superseded)
    return Holdings(_merge(fetched, counting), superseded, found.passed_over)


def root_to_ledger(root: Path) -> Path:
    """Return the path of the ledger of the store in `root`: it lies beside it."""
    return root.absolute().parent / LEDGER


def held_to_documents(
    held: Sequence[HeldDocument], store: Store, known: Collection[str] = (), largest: int = DOCUMENT_MAX_BYTES
) -> list[Document]:
    """Return the documents of a ledger, named by their URLs."""
    names = urls_to_names(url for document in held for url in document.urls)
    return [_held_to_document(document, names, store, known, largest) for document in held]


def urls_to_names(urls: Iterable[str]) -> dict[str, str]:
    """Return a readable name for each URL: host/path?query, unescaped; the URL itself if two names would
    be equal."""
    readable = {url: _url_to_name(url) for url in urls}
    times = Counter(readable.values())
    return {url: name if times[name] == 1 else url for url, name in readable.items()}


def _url_to_name(url: str) -> str:
    """Return a URL without its scheme, unescaped."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = f"?{parts.query}" if parts.query else ""
    return _unescape(f"{parts.netloc}{parts.path}{query}") or url


def _unescape(text: str) -> str:
    """Resolve percent escapes if that gives printable UTF-8; GBK escapes stay as they are."""
    try:
        plain = unquote_to_bytes(text).decode()
    except UnicodeError:
        return text
    return plain if plain.isprintable() else text


def _held_to_document(
    held: HeldDocument, names: dict[str, str], store: Store, known: Collection[str], largest: int
) -> Document:
    """Return one document of the ledger. If its file is damaged or gone, it has the hash of what is there,
    so that it is read again once it is repaired."""
    path = store.path(held.sha256)
    first, *others = (names[url] for url in held.urls)
    if held.sha256 in known:
        kind = name_to_kind(path.name)  # the store names it by its bytes
        snapshot = Snapshot(path, held.sha256, held.url, kind.media_type if kind else UNKNOWN_MEDIA_TYPE)
        return Document(snapshot, first, tuple(others), region=held.region)
    content = file_to_content(path, folder=store.root, largest=largest)
    several = SEVERAL if content.is_container else ""
    problem = content.problem or several if content.sha256 == held.sha256 else content.problem or _ALTERED
    snapshot = Snapshot(path, content.sha256, held.url, content.media_type)
    return Document(snapshot, first, tuple(others), problem, content.hint, held.region, content.is_cut)


def _merge(held: Iterable[Document], by_hand: Iterable[Document]) -> tuple[Document, ...]:
    """Return each content once, with its other names. A URL comes first: it says more than a file's name."""
    joined: dict[str, Document] = {}
    for document in (*held, *by_hand):
        known = joined.setdefault(document.snapshot.sha256, document)
        if known is not document:
            also = (*known.also_at, document.source_file, *document.also_at)
            joined[document.snapshot.sha256] = replace(known, also_at=also)
    return tuple(sorted(joined.values(), key=lambda document: document.source_file))


def _paths_to_root(paths: Iterable[Path]) -> Path | None:
    """Return the one store at or below these folders, None if there is none. PathError if there are
    several."""
    roots = {root.resolve(): root for given in paths for root in folder_to_roots(given)}
    if len(roots) > 1:
        first, second, *more = sorted(map(str, roots.values()))
        others = f" and {len(more):,} more" if more else ""
        raise PathError(
            f"{first} and {second}{others}: are several stores: give one of them, another another --out"
        )
    return next(iter(roots.values()), None)


def _root_to_held(root: Path) -> tuple[list[HeldDocument], list[HeldDocument]]:
    """Return the documents of a store that count, and those that are superseded. PathError if its ledger
    is missing."""
    from pipeline.acquire.ledger import Ledger

    path = root_to_ledger(root)
    if not path.is_file():
        raise PathError(f"{root}: holds a store, and its ledger {path} is missing: put back a copy of it")
    with Ledger(path) as ledger:
        return ledger.current(), ledger.superseded()
