"""The end of a night: its digest → files in nights/; its row and its readings → the ledger."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.acquire.ledger import Ledger, Night, ReadingRecord
from pipeline.nightly.digest import Digest, digest_to_json, digest_to_markdown, json_to_digest
from pipeline.nightly.release import write_atomically

NIGHTS = "nights"


def record_night(digest: Digest, data: Path, ledger: Ledger) -> None:
    """Write the digest below the folder `data`, then record the night and its readings in one transaction
    of the ledger."""
    folder = data / NIGHTS
    folder.mkdir(exist_ok=True)
    for name in (f"{digest.night:04d}", "latest"):
        write_atomically(folder / f"{name}.json", digest_to_json(digest))
        write_atomically(folder / f"{name}.md", digest_to_markdown(digest))
    outcomes = [
        ReadingRecord(r.sha256, r.version, r.status, r.reason, 1, digest.ended) for r in digest.readings
    ]
    counts = json.dumps(dict(digest.counts))
    night = Night(digest.started, digest.ended, digest.exit_status, counts, digest.published)
    ledger.record_night(night, outcomes)


def record_killed_night(published: str | None, data: Path, ledger: Ledger) -> list[Digest]:
    """Record a night that was killed after it had published, from the digest in its release (`published`);
    return that digest in a list, [] if there was no such night."""
    try:
        digest = json_to_digest(published or "")
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    if digest.night != len(ledger.nights()) + 1:
        return []
    record_night(digest, data, ledger)
    return [digest]
