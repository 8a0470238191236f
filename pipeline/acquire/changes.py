"""Files of today + rows of the tables → which rows leave, which get another name, before anything is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.acquire import Document, Holdings
from pipeline.records import Reason

SourceNames = tuple[str, str | None]
"""The columns source_file and source_url of a document."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the files of today change in the tables. Contents are named by SHA-256.

    `leaving` are contents that must leave the tables. `sources` are contents with new names. `replaced` are
    the files whose former content is gone. `damaged` are those of them whose new content is not a whole file,
    each with the reason.
    """

    leaving: frozenset[str]
    sources: Mapping[str, SourceNames]
    replaced: tuple[str, ...]
    damaged: Mapping[str, str]


def holdings_to_changes(
    holdings: Holdings, written: Iterable[Mapping[str, Any]], known: Collection[str]
) -> Changes:
    """Compare the documents at hand with the rows `written` by earlier runs.

    A row whose file name now belongs to another content gets the name under which its own content is found,
    or leaves the tables. It leaves only once the other content is `known` (read); until then it stays.
    """
    at_hand = {document.snapshot.sha256: document for document in holdings.documents}
    owners = _names_to_owners(holdings.documents)
    leaving: set[str] = set()
    sources: dict[str, SourceNames] = {}
    replaced: set[str] = set()
    for row in written:
        name, sha256 = row["source_file"], row["sha256"]
        owner = owners.get(name, sha256)
        if sha256 in holdings.superseded:
            leaving.add(sha256)
        if document := at_hand.get(sha256):
            if owner != sha256 or _is_named_otherwise(document, row):
                sources[sha256] = document.source_file, document.snapshot.source_url
        elif owner != sha256:
            if row.get("reason") != Reason.BAD_FILE:  # a row that holds no numbers
                replaced.add(name)
            if owner in known:
                leaving.add(sha256)
    damaged = {name: why for name in sorted(replaced) if (why := at_hand[owners[name]].damage)}
    return Changes(frozenset(leaving), sources, tuple(sorted(replaced)), damaged)


def _names_to_owners(documents: Iterable[Document]) -> dict[str, str]:
    """Return the content (SHA-256) of every file and URL."""
    return {
        name: document.snapshot.sha256
        for document in documents
        for name in (document.source_file, *document.also_at)
    }


def _is_named_otherwise(document: Document, row: Mapping[str, Any]) -> bool:
    """Whether the ledger gives the document another name. A file that also lies elsewhere keeps its name."""
    url = document.snapshot.source_url
    return url is not None and (document.source_file, url) != (row["source_file"], row["source_url"])
