"""The ledger: what was seen, fetched, read and published, in one SQLite file. A kill at any moment loses no
row.

Times are ISO 8601 texts in UTC, given by the caller. They are for people: which of two fetches is the newer
is decided by the order of the rows, as clocks may be set back.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.acquire.ledger_file import LedgerError, LedgerFile
from pipeline.printable import to_short, to_storable
from pipeline.records import report_id_to_first, sha256_to_report_id

__all__ = [
    "CachedResponse",
    "Change",
    "Fetch",
    "FetchSummary",
    "HeldDocument",
    "LastFetch",
    "Ledger",
    "LedgerError",
    "Night",
    "ReadingRecord",
    "SeenLink",
    "SourceHistory",
]

FAILED_READINGS_MAX = 3
"""Count. After as many failed readings a document is set aside: one failure may be a passing trouble."""

FAILED, RETRY = "failed", "retry"
GOOD_OUTCOMES = ("stored", "same")
UNPACKED = "unpacked"
KEPT_HEADERS = frozenset(
    {
        *("content-disposition", "content-encoding", "content-length", "content-type", "date", "etag"),
        *("cache-control", "last-modified", "location", "retry-after", "server"),
    }
)

_KEPT_HEADER_MAX_CHARACTERS = 1000
"""Count. A longer header is not kept."""


class Change(StrEnum):
    """What a fetch changed at its URL: its first content, the same, another, one it had before, or no
    content."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    REVERTED = "reverted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SeenLink:
    """A link as a page of a source (`found_on`) showed it; "" and None if the page did not say."""

    url: str
    source: str
    title: str
    year: int | None
    found_on: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request and its outcome.

    `outcome` is stored or same if it gave a document, unpacked if an archive of some. Otherwise it says what
    went wrong (not_read, refused, robots, failed, challenge …), and `reason` says why. `size` is in bytes.
    """

    url: str
    source: str
    at: str
    status: int | None
    headers: Mapping[str, str]
    sha256: str | None
    size: int | None
    final_url: str | None
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """The last response of a URL with a whole body: a document, or a page that is kept (`sha256` is None).

    `etag` and `last_modified` are its cache validators. They came from `final_url`, for this `source`.
    """

    etag: str | None
    last_modified: str | None
    final_url: str
    sha256: str | None
    fetched_on: str
    source: str


@dataclass(frozen=True, slots=True)
class LastFetch:
    """The last fetch of a URL: its time, its outcome, and the document that it gave or confirmed."""

    at: str
    outcome: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document and where it came from. `url` is the first of the `urls` that give it.

    `fetched_on` is when `url` first gave these bytes.
    """

    sha256: str
    url: str
    source: str
    title: str
    year: int | None
    region: str | None
    fetched_on: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """The outcome of reading a document; `attempts` is how many readings it stands for."""

    sha256: str
    reading_version: str
    status: str
    reason: str
    attempts: int
    at: str


@dataclass(frozen=True, slots=True)
class Night:
    """A run that came to its end; `counts` is JSON."""

    started: str
    ended: str
    exit_status: int
    counts: str
    published: bool


@dataclass(frozen=True, slots=True)
class FetchSummary:
    """A fetch as the digest shows it, without the fields that only the crawler needs."""

    source: str
    url: str
    status: int | None
    outcome: str
    reason: str
    change: str


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """A source in short: URLs that gave a document, when one last did, when a list was last read, its
    links."""

    source: str
    documents: int
    last_document: str | None
    last_list: str | None
    links: int | None


class Ledger:
    """The ledger in the file `path`, created if missing. Use it as a context manager, in one thread.

    A document that failed `attempts` times in one reading version is set aside. LedgerError if the file is no
    ledger, or one of a newer program.
    """

    def __init__(self, path: Path, attempts: int = FAILED_READINGS_MAX) -> None:
        self.path = path
        self._attempts = attempts
        self._file = LedgerFile(path)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # ---------------------------------------------------------------- writing

    def record_link(self, seen: SeenLink, now: str) -> None:
        """Record a URL that a page links to. A title, year or region that this page does not say stays as
        it was."""
        self.record_links([seen], now)

    def record_links(self, seen: Iterable[SeenLink], now: str) -> None:
        """Record all links of a page in one transaction."""
        with self._file.transaction():
            for link in seen:
                self._add_url(link, now)

    def record(
        self, fetch: Fetch, page: bytes | None = None, links: Iterable[SeenLink] = (), text: str = ""
    ) -> Change:
        """Record a fetch; return whether its URL now gives another document than before.

        A fetch that says `same` without a hash (a 304) gets the hash that its URL had. The bytes of a `page`
        replace those kept for its URL. `links` are recorded in the same transaction. `text` is the hash of
        the text by which the document is known again. ValueError for `stored` without hash or size.
        """
        if fetch.outcome == "stored" and not (fetch.sha256 and fetch.size is not None):
            raise ValueError(f"{fetch.url}: stored without a hash or a size")
        with self._file.transaction():
            for link in links:
                self._add_url(link, fetch.at)
            before = self.document_of(fetch.url)
            sha256 = before if fetch.outcome == "same" and not fetch.sha256 else fetch.sha256
            good = sha256 if fetch.outcome in GOOD_OUTCOMES else None
            change = self._change(fetch.url, before, good)
            row = self._add_fetch(fetch, sha256, change)
            if good:
                self._file.write("INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", (good, fetch.size, row))
            if good and text:
                self._file.write("INSERT OR REPLACE INTO texts VALUES (?, ?)", (text, good))
            if page is not None:
                kept = (to_storable(fetch.url), row, zlib.compress(page))
                self._file.write("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", kept)
        return change

    def record_list(self, source: str, url: str, links: int, now: str) -> None:
        """Record how many links to documents a list page gave."""
        with self._file.transaction():
            self._file.write(
                """INSERT INTO listings (source, url, links, at, night)
                SELECT ?, ?, ?, ?, night FROM under_way""",
                (to_storable(source), to_storable(url), links, now),
            )

    def record_reading(self, outcome: ReadingRecord) -> None:
        """Record the outcome of reading a document."""
        with self._file.transaction():
            self._add_reading(outcome)

    def record_night(self, night: Night, outcomes: Iterable[ReadingRecord] = ()) -> None:
        """Record the end of a run and its readings. The fetches and lists since the run before belong to
        it."""
        with self._file.transaction():
            for outcome in outcomes:
                self._add_reading(outcome)
            self._file.write(
                """INSERT INTO nights (id, started, ended, exit_status, counts, published)
                SELECT night, :started, :ended, :exit_status, :counts, :published FROM under_way""",
                _fields(night),
            )

    # ---------------------------------------------------------------- reading

    def cached_response(self, url: str) -> CachedResponse | None:
        """Return the last response of this URL with a whole body, None if there is none."""
        query = """SELECT id, headers, final_url, sha256, at, source FROM good
            WHERE url = :url AND status IS NOT 304
            UNION ALL SELECT id, headers, final_url, NULL, at, source
            FROM pages JOIN fetches ON id = fetch WHERE pages.url = :url ORDER BY id DESC LIMIT 1"""
        for row in self._file.rows(query, {"url": to_storable(url)}):
            headers = json.loads(row["headers"])
            tags = headers.get("etag"), headers.get("last-modified")
            return CachedResponse(*tags, row["final_url"] or url, row["sha256"], row["at"], row["source"])
        return None

    def document_of(self, url: str) -> str | None:
        """Return the hash of the document that this URL gave last, None if it never gave one."""
        rows = self._file.rows(
            "SELECT sha256 FROM good WHERE url = ? ORDER BY id DESC LIMIT 1", (to_storable(url),)
        )
        return next((row["sha256"] for row in rows), None)

    def document_of_text(self, text: str) -> str | None:
        """Return the hash of the document that has the text with this hash, None if there is none."""
        rows = self._file.rows("SELECT sha256 FROM texts WHERE text = ?", (text,))
        return next((row["sha256"] for row in rows), None)

    def page(self, url: str) -> bytes | None:
        """Return the bytes of the page that this URL gave last, None if it gave none."""
        rows = self._file.rows("SELECT body FROM pages WHERE url = ?", (to_storable(url),))
        return next((zlib.decompress(row["body"]) for row in rows), None)

    def last_fetch(self, url: str) -> LastFetch | None:
        """Return the last fetch of this URL, None if there is none."""
        query = "SELECT at, outcome, sha256 FROM fetches WHERE url = ? ORDER BY id DESC LIMIT 1"
        return next((LastFetch(**dict(row)) for row in self._file.rows(query, (to_storable(url),))), None)

    def links_in_last_good_night(self, source: str) -> int | None:
        """Return the links of this source in the last good night that read its lists, None if there is
        none."""
        query = """SELECT links FROM listed JOIN nights ON nights.id = night
            WHERE source = ? AND (published OR exit_status = 0) ORDER BY night DESC LIMIT 1"""
        return next((row["links"] for row in self._file.rows(query, (to_storable(source),))), None)

    def links_tonight(self) -> dict[str, int]:
        """Return the links of every source whose lists were read since the last night ended."""
        rows = self._file.rows(
            "SELECT source, links FROM listed JOIN under_way USING (night) ORDER BY source"
        )
        return {row["source"]: row["links"] for row in rows}

    def outcomes_tonight(self) -> dict[str, str]:
        """Return the last outcome of each URL fetched since the last night ended: what a killed run has
        done."""
        query = "SELECT url, outcome FROM fetches JOIN under_way USING (night) ORDER BY id"
        return {row["url"]: row["outcome"] for row in self._file.rows(query)}

    def fetches_tonight(self) -> list[FetchSummary]:
        """Return every fetch since the last night ended, in order."""
        names = ", ".join(FetchSummary.__slots__)
        query = f"SELECT {names} FROM fetches JOIN under_way USING (night) ORDER BY id"
        return [FetchSummary(**dict(row)) for row in self._file.rows(query)]

    def sources(self) -> list[SourceHistory]:
        """Return every source that was ever listed or gave a document, by name."""
        query = """SELECT source, documents, last_document, last_list, links
            FROM (SELECT source FROM listings UNION SELECT source FROM good)
            LEFT JOIN (SELECT source, count(DISTINCT url) AS documents, at AS last_document, max(id)
                       FROM good GROUP BY source) USING (source)
            LEFT JOIN (SELECT source, at AS last_list, max(id) FROM listings GROUP BY source) USING (source)
            LEFT JOIN (SELECT source, links, max(night) FROM listed GROUP BY source) USING (source)
            ORDER BY source"""
        rows = self._file.rows(query)
        return [SourceHistory(**{**dict(row), "documents": row["documents"] or 0}) for row in rows]

    def current(self) -> list[HeldDocument]:
        """Return the documents that count: the newest content of every URL, each once."""
        return self._held("WHERE counts")

    def superseded(self) -> list[HeldDocument]:
        """Return the documents that no URL gives any more. Each is still in the store."""
        return self._held("WHERE contents.sha256 NOT IN (SELECT sha256 FROM contents WHERE counts)")

    def hashes(self) -> set[str]:
        """Return the hash of every document that was ever fetched."""
        return set(self.sizes())

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of every document that was ever fetched, by hash."""
        return {row["sha256"]: row["size"] for row in self._file.rows("SELECT sha256, size FROM documents")}

    def readings(self, reading_version: str) -> dict[str, ReadingRecord]:
        """Return the last reading of every document in this version, by hash; its attempts are summed
        since the last retry."""
        query = """SELECT sha256, reading_version, status, reason, at, max(id),
                sum(attempts) FILTER (WHERE id > coalesce(again, 0)) AS attempts
            FROM outcomes
            LEFT JOIN (SELECT sha256, max(id) AS again FROM outcomes
                       WHERE status = 'retry' AND reading_version = :version GROUP BY sha256) USING (sha256)
            WHERE reading_version = :version GROUP BY sha256"""
        names = ("sha256", "reading_version", "status", "reason", "attempts", "at")
        rows = self._file.rows(query, {"version": reading_version})
        return {row["sha256"]: ReadingRecord(**{n: row[n] for n in names}) for row in rows}

    def pending(self, reading_version: str) -> list[HeldDocument]:
        """Return the documents that count and are to be read in this version: not read yet, or failed and
        not set aside."""
        last = self.readings(reading_version)
        return [h for h in self.current() if h.sha256 not in last or self._is_due(last[h.sha256])]

    def set_aside(self, reading_version: str | None = None) -> list[ReadingRecord]:
        """Return the last reading of each document that failed too often in this version (default: the
        newest); `attempts` is the sum."""
        version = reading_version or self._newest_version()
        gone = {held.sha256 for held in self.superseded()}
        outcomes = self.readings(version).values()
        return [o for o in outcomes if o.status == FAILED and not self._is_due(o) and o.sha256 not in gone]

    def retry(self, names: Collection[str] | None, now: str) -> int:
        """Mark documents (by hash or report_id; None: all that are set aside) to be read again;
        return how many."""
        chosen = self.set_aside() if names is None else [self._reading_of(name) for name in names]
        with self._file.transaction():
            for o in chosen:
                self._add_reading(ReadingRecord(o.sha256, o.reading_version, RETRY, "", 0, now))
        return len(chosen)

    def nights(self) -> list[Night]:
        """Return every run that came to its end, the oldest first."""
        query = "SELECT started, ended, exit_status, counts, published FROM nights ORDER BY id"
        return [Night(**{**dict(row), "published": bool(row["published"])}) for row in self._file.rows(query)]

    def check(self) -> list[str]:
        """Return what SQLite finds wrong in the file, [] if it is whole."""
        try:
            found = [row[0] for row in self._file.rows("PRAGMA integrity_check")]
        except LedgerError as error:
            return [str(error)]
        return [] if found == ["ok"] else found

    # ---------------------------------------------------------------- helpers

    def _add_url(self, seen: SeenLink, now: str) -> None:
        """Insert or update a URL."""
        self._file.write(
            """INSERT INTO urls VALUES (:url, :source, :title, :year, :found_on, :region, :now, :now)
            ON CONFLICT (url) DO UPDATE SET
                title = coalesce(nullif(excluded.title, ''), title),
                year = coalesce(excluded.year, year),
                region = coalesce(excluded.region, region),
                found_on = excluded.found_on,
                last_seen = excluded.last_seen""",
            {**_fields(seen), "now": now},
        )

    def _change(self, url: str, before: str | None, now: str | None) -> Change:
        """Return what a fetch changed, from the content `before` it and after it (`now`)."""
        if now is None:
            return Change.NONE
        if before is None:
            return Change.NEW
        if before == now:
            return Change.SAME
        earlier = self._file.rows(
            "SELECT 1 FROM good WHERE url = ? AND sha256 = ? LIMIT 1", (to_storable(url), now)
        )
        return Change.REVERTED if earlier else Change.CHANGED

    def _add_fetch(self, fetch: Fetch, sha256: str | None, change: Change) -> int:
        """Insert a fetch; return its row id."""
        values = {
            **_fields(fetch),
            "headers": _headers_to_json(fetch.headers),
            "sha256": sha256,
            "change": change.value,
        }
        return self._file.write(
            """INSERT INTO fetches
                (url, source, at, status, headers, sha256, size, final_url, outcome, reason, change, night)
            SELECT :url, :source, :at, :status, :headers, :sha256, :size, :final_url, :outcome, :reason,
                :change, night FROM under_way""",
            values,
        )

    def _add_reading(self, outcome: ReadingRecord) -> None:
        """Insert a reading."""
        self._file.write(
            """INSERT INTO outcomes (sha256, reading_version, status, reason, attempts, at)
            VALUES (:sha256, :reading_version, :status, :reason, :attempts, :at)""",
            _fields(outcome),
        )

    def _reading_of(self, name: str) -> ReadingRecord:
        """Return the last reading of a document by hash or the report_id of any report in it, with or without
        its letter, which earlier versions did not write; LedgerError if there is none."""
        version, first = self._newest_version(), report_id_to_first(name)
        for outcome in self.readings(version).values():
            if first in (outcome.sha256, *_ids(outcome.sha256)):
                return outcome
        todo = "the table `reports` names what was"
        raise LedgerError(f"{self.path}: {name} was not read by the newest night: {todo}")

    def _is_due(self, outcome: ReadingRecord) -> bool:
        """Whether a document is to be read again."""
        return outcome.status == RETRY or (outcome.status == FAILED and outcome.attempts < self._attempts)

    def _newest_version(self) -> str:
        """Return the reading version of the newest reading, "" if there is none."""
        query = "SELECT reading_version FROM outcomes WHERE status <> 'retry' ORDER BY id DESC LIMIT 1"
        return next((row["reading_version"] for row in self._file.rows(query)), "")

    def _held(self, where: str) -> list[HeldDocument]:
        """Return the documents of the contents that the SQL condition `where` selects, in the order in
        which they first came."""
        query = f"""SELECT contents.sha256, contents.url, coalesce(urls.source, fetches.source) AS source,
                coalesce(title, '') AS title, year, region, at AS fetched_on
            FROM contents JOIN fetches ON fetches.id = first_fetch LEFT JOIN urls ON urls.url = contents.url
            {where} ORDER BY first_fetch"""
        by_hash: dict[str, list[sqlite3.Row]] = {}
        for row in self._file.rows(query):
            by_hash.setdefault(row["sha256"], []).append(row)
        return [_rows_to_held(rows) for rows in by_hash.values()]


def _ids(sha256: str) -> tuple[str, str]:
    """Return the id of the first report of a content, and as earlier versions wrote it."""
    report_id = sha256_to_report_id(sha256)
    return report_id, report_id[1:]


def _rows_to_held(rows: list[sqlite3.Row]) -> HeldDocument:
    """Return one document from its rows, one for each URL."""
    urls = tuple(row["url"] for row in rows)
    return HeldDocument(**{**dict(rows[0]), "urls": urls})


def _fields(record: SeenLink | Fetch | ReadingRecord | Night) -> dict[str, Any]:
    """Return the fields of a record as SQLite takes them; long titles and reasons are shortened."""
    values = {name: getattr(record, name) for name in record.__slots__}
    for name in {"title", "reason"} & set(values):
        values[name] = to_short(values[name])
    return {name: to_storable(value) if isinstance(value, str) else value for name, value in values.items()}


def _headers_to_json(headers: Mapping[str, str]) -> str:
    """Return the headers worth keeping as JSON, by lower-case names. Very long ones are left out."""
    small = {name.lower(): value for name, value in headers.items()}
    kept = {n: v for n, v in small.items() if n in KEPT_HEADERS and len(v) <= _KEPT_HEADER_MAX_CHARACTERS}
    return json.dumps(kept, sort_keys=True)
