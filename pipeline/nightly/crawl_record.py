"""The result of a night's crawls, kept in crawl.json beside the ledger until the night's digest has told it.

The ledger has what was fetched; this file has what only the crawl can say. So a night can crawl in one
process and read in another, and a night that was killed after its crawl still reports on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from pipeline.acquire.crawl.result import CrawlResult
from pipeline.files.regular_file import NOTE_MAX_BYTES, read_regular
from pipeline.nightly.release import write_atomically

NAME = "crawl.json"


class CrawlRecord(msgspec.Struct, frozen=True):
    """The crawls of one `night`; the last of them began at `asked_on`, None if no site was asked.

    `notes` has sentences by source, for every source asked. `requests` counts requests by host. `problem`
    says why the last crawl ended early.
    """

    night: int
    asked_on: datetime | None = None
    notes: Mapping[str, tuple[str, ...]] = {}
    requests: Mapping[str, int] = {}
    problem: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the names of the sources that were asked."""
        return tuple(self.notes)

    @property
    def total(self) -> int:
        """Requests to all hosts."""
        return sum(self.requests.values())

    def joined(self, later: CrawlRecord) -> CrawlRecord:
        """Return this record joined with that of a later crawl of the same night."""
        notes = {
            name: tuple(dict.fromkeys((*self.notes.get(name, ()), *later.notes.get(name, ()))))
            for name in dict.fromkeys((*self.notes, *later.notes))
        }
        requests = {
            host: self.requests.get(host, 0) + later.requests.get(host, 0)
            for host in dict.fromkeys((*self.requests, *later.requests))
        }
        return CrawlRecord(self.night, later.asked_on, notes, requests, later.problem)


def result_to_crawl_record(
    result: CrawlResult, night: int, asked_on: str, sources: Iterable[str]
) -> CrawlRecord:
    """Return the record of a crawl. `sources` are those it was to ask: the result of a crawl that died
    names none."""
    notes = {**dict.fromkeys(sources, ()), **{source.name: tuple(source.notes) for source in result.sources}}
    return CrawlRecord(night, datetime.fromisoformat(asked_on), notes, dict(result.requests), result.problem)


def read_crawl_record(data: Path, night: int) -> CrawlRecord:
    """Return the crawls of this night so far. What another night left is ignored: its digest has told it."""
    path = data / NAME
    if not path.is_file():
        return CrawlRecord(night)
    try:
        found = msgspec.json.decode(read_regular(path, largest=NOTE_MAX_BYTES), type=CrawlRecord)
    except (OSError, msgspec.MsgspecError) as error:
        return CrawlRecord(night, problem=f"{path} cannot be read ({error}): what it had to say is lost")
    return found if found.night == night else CrawlRecord(night)


def write_crawl_record(crawl_record: CrawlRecord, data: Path) -> None:
    """Write crawl.json."""
    write_atomically(
        data / NAME, msgspec.json.format(msgspec.json.encode(crawl_record), indent=1).decode() + "\n"
    )


def drop_crawl_record(data: Path) -> None:
    """Remove crawl.json once the night is in the ledger."""
    (data / NAME).unlink(missing_ok=True)
