"""What the files of today change in the tables that are there, before anything is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.acquire import Document, Holdings
from pipeline.records import Reason

SourceNames = tuple[str, str | None]
"""source_file and source_url."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Contents (SHA-256) that are in the tables and have to leave them, and those that are named otherwise
    now, with their names; `replaced` are the files whose former content is nowhere any more, `damaged` those
    of them whose new content is no whole file, with why."""

    leaving: frozenset[str]
    sources: Mapping[str, SourceNames]
    replaced: tuple[str, ...]
    damaged: Mapping[str, str]


def holdings_to_changes(
    holdings: Holdings, written: Iterable[Mapping[str, Any]], known: Collection[str]
) -> Changes:
    """A row whose name belongs to another content by now goes where its own content is, or leaves.

    It leaves once the other is `known`; one that is still to be read takes its place when it is.
    """
    at_hand = {document.snapshot.sha256: document for document in holdings.documents}
    owners = _names_to_owners(holdings.documents)
    leaving: set[str] = set()
    sources: dict[str, SourceNames] = {}
    replaced: list[str] = []
    for row in written:
        name, sha256 = row["source_file"], row["sha256"]
        owner = owners.get(name, sha256)
        if sha256 in holdings.superseded:
            leaving.add(sha256)
        if document := at_hand.get(sha256):
            if owner != sha256 or _is_named_otherwise(document, row):
                sources[sha256] = document.source_file, document.snapshot.source_url
        elif owner != sha256:
            if row.get("reason") != Reason.BAD_FILE:  # which said nothing
                replaced.append(name)
            if owner in known:
                leaving.add(sha256)
    damaged = {name: why for name in sorted(replaced) if (why := at_hand[owners[name]].damage)}
    return Changes(frozenset(leaving), sources, tuple(sorted(replaced)), damaged)


def _names_to_owners(documents: Iterable[Document]) -> dict[str, str]:
    """The content (SHA-256) of every file and URL."""
    return {
        name: document.snapshot.sha256
        for document in documents
        for name in (document.source_file, *document.also_at)
    }


def _is_named_otherwise(document: Document, row: Mapping[str, Any]) -> bool:
    """Whether the ledger has another name for a document; a file that only lies elsewhere too has not."""
    url = document.snapshot.source_url
    return url is not None and (document.source_file, url) != (row["source_file"], row["source_url"])
