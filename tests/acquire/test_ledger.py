"""What the ledger says counts, whatever the sites, the clock and other processes did."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.acquire.ledger import Fetch, Ledger, LedgerError, Night, ReadingRecord, SeenLink
from pipeline.acquire.ledger_file import LedgerFile

A, B, C = (sha256(text).hexdigest() for text in (b"a", b"b", b"c"))
URL, OTHER = "https://one.example/a.pdf", "https://two.example/b.pdf"
NOW = "2026-11-22T02:00:00Z"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def fetch(url: str, content: str | None, **other: object) -> Fetch:
    """A whole download of these bytes; without any, a failure."""
    plain = Fetch(
        url=url,
        source="one",
        at=NOW,
        status=200,
        headers={},
        sha256=content,
        size=10 if content else None,
        final_url=url,
        outcome="stored" if content else "failed",
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def not_modified(url: str) -> Fetch:
    return fetch(url, None, status=304, outcome="same")


def outcome(status: str, content: str = A, version: str = "v1") -> ReadingRecord:
    return ReadingRecord(content, version, status, f"reason of {status}", 1, NOW)


def night(exit_status: int = 0, published: bool = True) -> Night:
    return Night(NOW, NOW, exit_status, "{}", published)


def current(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    return {held.sha256: held.urls for held in ledger.current()}


def rows(ledger: Ledger, table: str) -> list[dict[str, object]]:
    with sqlite3.connect(ledger.path) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


# ------------------------------------------------------------------ what counts


def test_the_first_content_is_new_and_the_next_look_at_it_is_the_same(ledger: Ledger) -> None:
    assert ledger.record(fetch(URL, A)) == "new"
    assert ledger.record(fetch(URL, A, outcome="same")) == "same"
    assert ledger.record(not_modified(URL)) == "same"
    assert current(ledger) == {A: (URL,)}


def test_new_bytes_under_an_old_url_count_and_the_old_ones_are_known_for_ever(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    assert ledger.record(fetch(URL, B)) == "changed"
    assert current(ledger) == {B: (URL,)}
    assert [(held.sha256, held.urls) for held in ledger.superseded()] == [(A, (URL,))]
    assert ledger.hashes() == {A, B}


def test_content_that_reverts_counts_again(ledger: Ledger) -> None:
    changes = [ledger.record(fetch(URL, content)) for content in (A, B, A, B, C)]
    assert changes == ["new", "changed", "reverted", "reverted", "changed"]
    assert ledger.record(fetch(URL, A)) == "reverted"
    assert set(current(ledger)) == {A}
    assert {held.sha256 for held in ledger.superseded()} == {B, C}


def test_a_clock_set_back_makes_no_older_fetch_count(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A, at="2030-01-01T00:00:00Z"))
    assert ledger.record(fetch(URL, B, at="2001-01-01T00:00:00Z")) == "changed"
    assert set(current(ledger)) == {B}
    known = ledger.cached_response(URL)
    assert known is not None
    assert (known.sha256, known.fetched_on) == (B, "2001-01-01T00:00:00Z")


def test_ten_urls_of_one_content_are_one_document_with_ten_rows_of_provenance(ledger: Ledger) -> None:
    urls = tuple(f"https://{number}.example/same.pdf" for number in range(10))
    assert [ledger.record(fetch(url, A)) for url in urls] == ["new"] * 10
    assert current(ledger) == {A: urls}
    assert len(rows(ledger, "documents")) == 1
    assert [row["url"] for row in rows(ledger, "fetches")] == list(urls)


def test_a_document_counts_as_long_as_one_url_gives_it(ledger: Ledger) -> None:
    for url, content in ((URL, A), (OTHER, A), (URL, B)):
        ledger.record(fetch(url, content))
    assert current(ledger) == {A: (OTHER,), B: (URL,)}
    assert ledger.superseded() == []
    ledger.record(fetch(OTHER, B))
    assert current(ledger) == {B: (URL, OTHER)}
    assert [held.sha256 for held in ledger.superseded()] == [A]


@pytest.mark.parametrize("what", ["not_read", "refused", "robots", "failed", "challenge"])
def test_a_fetch_that_gave_no_document_is_kept_and_changes_nothing(ledger: Ledger, what: str) -> None:
    ledger.record(fetch(URL, A))
    assert ledger.record(fetch(URL, C, outcome=what, status=503, reason="why")) == "none"
    assert current(ledger) == {A: (URL,)}
    assert ledger.hashes() == {A}
    last = rows(ledger, "fetches")[-1]
    assert [last[name] for name in ("outcome", "reason", "status", "sha256")] == [what, "why", 503, C]


def test_a_304_for_a_url_that_never_gave_anything_is_no_document(ledger: Ledger) -> None:
    assert ledger.record(not_modified(URL)) == "none"
    assert ledger.current() == []


def test_a_document_carries_what_the_pages_said_about_its_url(ledger: Ledger) -> None:
    ledger.record_link(
        SeenLink(URL, "one", "某局2025年年报", 2025, "https://one.example/list", "320800"), NOW
    )
    ledger.record_link(SeenLink(URL, "one", "", None, "https://one.example/list2"), "2026-11-23T02:00:00Z")
    ledger.record(fetch(URL, A))
    (held,) = ledger.current()
    assert (held.source, held.title, held.year, held.region) == ("one", "某局2025年年报", 2025, "320800")
    (row,) = rows(ledger, "urls")
    assert (row["first_seen"], row["last_seen"]) == (NOW, "2026-11-23T02:00:00Z")
    assert row["found_on"] == "https://one.example/list2"


def test_a_stored_document_without_its_hash_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="without a hash"):
        ledger.record(fetch(URL, None, outcome="stored"))
    assert rows(ledger, "fetches") == []


# ------------------------------------------------------------------ validators and headers


def test_what_is_known_is_that_of_the_last_whole_download(ledger: Ledger) -> None:
    assert ledger.cached_response(URL) is None
    ledger.record(fetch(URL, A, headers={"ETag": '"1"', "Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT"}))
    ledger.record(fetch(URL, None, status=304, outcome="same", at="2026-12-01T00:00:00Z"))
    ledger.record(fetch(URL, None, headers={"ETag": '"error"'}))
    known = ledger.cached_response(URL)
    assert known is not None
    assert (known.etag, known.last_modified) == ('"1"', "Sat, 21 Nov 2026 00:00:00 GMT")
    assert (known.sha256, known.fetched_on) == (A, NOW)


def test_a_page_is_kept_until_its_address_gives_another(ledger: Ledger) -> None:
    links = [SeenLink("https://one.example/1.pdf", "one", "2022年年报", 2022, URL)]
    ledger.record(fetch(URL, None, outcome="page", headers={"ETag": '"1"'}), b"<html>1", links)
    assert ledger.page(URL) == b"<html>1"
    assert [row["title"] for row in rows(ledger, "urls")] == ["2022年年报"]
    ledger.record(fetch(URL, None, outcome="page", status=304))
    ledger.record(fetch(URL, None, outcome="failed", headers={"ETag": '"error"'}))
    known, last = ledger.cached_response(URL), ledger.last_fetch(URL)
    assert known and last
    assert (known.etag, known.sha256, ledger.page(URL)) == ('"1"', None, b"<html>1")
    assert (last.outcome, last.sha256) == ("failed", None)
    ledger.record(fetch(URL, A))
    known = ledger.cached_response(URL)
    assert known and known.sha256 == A
    ledger.record(fetch(URL, None, outcome="page"), b"<html>2")
    known = ledger.cached_response(URL)
    assert known and (known.sha256, ledger.page(URL)) == (None, b"<html>2")
    assert ledger.page("https://one.example/other") is None


def test_headers_worth_keeping_are_kept_by_small_names_and_absurd_ones_left_out(ledger: Ledger) -> None:
    headers = {"ETAG": "x" * 1001, "Content-Type": "application/pdf", "Set-Cookie": "secret"}
    ledger.record(fetch(URL, A, headers=headers))
    assert json.loads(str(rows(ledger, "fetches")[0]["headers"])) == {"content-type": "application/pdf"}


def test_texts_that_are_no_unicode_are_kept_and_found_again(ledger: Ledger) -> None:
    odd = "https://one.example/\ud800\x00年报.pdf"
    ledger.record_link(SeenLink(odd, "one", "\udcff", None, odd), NOW)
    ledger.record(fetch(odd, A, reason="\ud800", headers={"Content-Type": "\udcff"}))
    assert ledger.record(fetch(odd, A)) == "same"
    assert ledger.cached_response(odd) is not None


# ------------------------------------------------------------------ readings


def test_a_document_is_pending_until_it_is_read_in_this_version(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    ledger.record(fetch(OTHER, B))
    ledger.record_reading(outcome("flagged"))
    assert [held.sha256 for held in ledger.pending("v1")] == [B]
    assert [held.sha256 for held in ledger.pending("v2")] == [A, B]


def test_what_fails_is_pending_until_the_limit_and_then_set_aside(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    for attempt in range(3):
        assert len(ledger.pending("v1")) == 1, attempt
        assert ledger.set_aside() == []
        ledger.record_reading(replace(outcome("failed"), reason=f"timeout {attempt}"))
    assert ledger.pending("v1") == []
    (dead,) = ledger.set_aside()
    assert (dead.sha256, dead.attempts, dead.reason) == (A, 3, "timeout 2")


def test_one_outcome_may_stand_for_several_attempts(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite", attempts=2) as ledger:
        ledger.record(fetch(URL, A))
        ledger.record_reading(replace(outcome("failed"), attempts=2))
        assert [dead.attempts for dead in ledger.set_aside()] == [2]


def test_another_reading_version_reads_dead_letters_again(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    ledger.record_reading(replace(outcome("failed"), attempts=3))
    assert [held.sha256 for held in ledger.pending("v2")] == [A]
    ledger.record_reading(outcome("failed", version="v2"))
    assert ledger.set_aside() == []
    assert [dead.sha256 for dead in ledger.set_aside("v1")] == [A]


def test_retry_has_dead_letters_read_again_with_all_their_attempts(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    ledger.record_reading(replace(outcome("failed"), attempts=3))
    assert ledger.retry(None, NOW) == 1
    assert [held.sha256 for held in ledger.pending("v1")] == [A]
    assert ledger.set_aside() == []
    ledger.record_reading(outcome("failed"))
    assert len(ledger.pending("v1")) == 1
    assert ledger.retry(None, NOW) == 0
    assert [row["status"] for row in rows(ledger, "outcomes")] == ["failed", "retry", "failed"]


@pytest.mark.parametrize("name", [A, f"r{A[:16]}", A[:16], f"r{A[:16]}-2"])
def test_retry_takes_documents_by_hash_or_report_id_whatever_came_of_them(ledger: Ledger, name: str) -> None:
    for url, content in ((URL, A), (OTHER, B)):
        ledger.record(fetch(url, content))
        ledger.record_reading(outcome("ok", content))
    assert ledger.retry([name], NOW) == 1
    assert [held.sha256 for held in ledger.pending("v1")] == [A]


def test_retry_of_nothing_or_of_a_stranger_puts_nothing_back(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    ledger.record_reading(replace(outcome("failed"), attempts=3))
    assert ledger.retry([], NOW) == 0
    with pytest.raises(LedgerError, match=f"{B} was not read"):
        ledger.retry([A, B], NOW)
    assert len(ledger.set_aside()) == 1


def test_a_dead_letter_that_newer_bytes_replaced_is_no_longer_listed(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    ledger.record_reading(replace(outcome("failed"), attempts=3))
    ledger.record(fetch(URL, B))
    assert ledger.set_aside() == []


# ------------------------------------------------------------------ nights and listings


def test_listed_before_is_the_sum_of_the_pages_in_the_last_good_night(ledger: Ledger) -> None:
    ledger.record_list("one", "page1", 30, NOW)
    ledger.record_list("one", "page2", 10, NOW)
    assert ledger.links_in_last_good_night("one") is None
    assert ledger.links_tonight() == {"one": 40}
    ledger.record_night(night())
    assert ledger.links_in_last_good_night("one") == 40
    assert ledger.links_tonight() == {}
    assert ledger.links_in_last_good_night("two") is None


def test_a_night_that_was_held_back_is_no_measure(ledger: Ledger) -> None:
    for links, end in ((40, night()), (0, night(exit_status=4, published=False))):
        ledger.record_list("one", "page", links, NOW)
        ledger.record_night(end)
    assert ledger.links_in_last_good_night("one") == 40


def test_a_good_night_without_the_source_is_passed_over(ledger: Ledger) -> None:
    ledger.record_list("one", "page", 40, NOW)
    ledger.record_night(night())
    ledger.record_night(night())
    assert ledger.links_in_last_good_night("one") == 40


def test_a_page_listed_before_and_after_a_kill_counts_once(ledger: Ledger) -> None:
    for links in (39, 40):
        ledger.record_list("one", "page", links, NOW)
    assert ledger.links_tonight() == {"one": 40}


def test_what_was_fetched_since_the_last_night_is_known(ledger: Ledger) -> None:
    ledger.record(fetch(URL, A))
    ledger.record(fetch(OTHER, None))
    assert ledger.outcomes_tonight() == {URL: "stored", OTHER: "failed"}
    ledger.record(fetch(OTHER, B))
    assert ledger.outcomes_tonight()[OTHER] == "stored"
    ledger.record_night(night())
    assert ledger.outcomes_tonight() == {}


def test_nights_are_kept_in_order(ledger: Ledger) -> None:
    first, second = Night("a", "b", 0, '{"new": 1}', True), Night("0", "1", 3, "{}", False)
    ledger.record_night(first)
    ledger.record_night(second)
    assert ledger.nights() == [first, second]


# ------------------------------------------------------------------ the file


def test_the_file_keeps_every_commit_and_lets_others_read(ledger: Ledger) -> None:
    pragmas = ("journal_mode", "synchronous", "busy_timeout", "user_version")
    found = [ledger._file.rows(f"PRAGMA {name}")[0][0] for name in pragmas]
    assert found == ["wal", 2, 60_000, 1]
    assert ledger.check() == []


def test_a_ledger_opened_again_holds_what_it_held(tmp_path: Path) -> None:
    for change in ("new", "same"):
        with Ledger(tmp_path / "deep" / "ledger.sqlite") as ledger:
            assert ledger.record(fetch(URL, A)) == change


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(LedgerError, match=r"schema 7, this program knows 1.*update this one"):
        Ledger(path)


def test_a_strange_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE birds (name)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="no ledger: give another path"):
        Ledger(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough" * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite: .*a copy"):
        Ledger(path)
    assert path.read_bytes() == content


def test_damage_in_the_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        for number in range(200):
            ledger.record(fetch(f"https://one.example/{number}", A))
    content = bytearray(path.read_bytes())
    content[8 * 4096 : 10 * 4096] = b"\xff" * 2 * 4096
    path.write_bytes(content)
    with Ledger(path) as ledger:
        assert ledger.check()


def test_an_error_within_a_transaction_leaves_nothing_of_it(ledger: Ledger) -> None:
    good = SeenLink(URL, "one", "", None, "")
    with pytest.raises(LedgerError, match="NOT NULL"):
        ledger.record_links([good, replace(good, url=OTHER, source=None)], NOW)  # type: ignore[arg-type]
    assert rows(ledger, "urls") == []


def test_a_full_disk_is_said_with_what_to_do_and_the_ledger_stays_whole(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.record(fetch(URL, A))
        ledger._file.rows("PRAGMA max_page_count = 1")  # SQLite then says what it says of a full disk
        with pytest.raises(LedgerError, match=r"ledger\.sqlite: .*full: free space, then run again"):
            for number in range(1000):
                ledger.record(fetch(f"https://one.example/{number}", B))
        assert ledger.check() == []
        assert len(rows(ledger, "fetches")) == number + 1


def test_a_ledger_that_another_process_keeps_writing_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    first, second = LedgerFile(path), LedgerFile(path, busy_seconds=0.1)
    with (
        first.transaction(),
        pytest.raises(LedgerError, match="another run is writing: wait for its end"),
        second.transaction(),
    ):
        pass
    first.close()
    second.close()


def _write_many(path: Path, name: str, start: multiprocessing.synchronize.Barrier) -> None:
    start.wait(30)
    with Ledger(path) as ledger:
        for number in range(100):
            ledger.record_link(SeenLink(f"https://{name}.example/{number}", name, "", None, ""), NOW)
            ledger.record(fetch(f"https://{name}.example/{number}", A))
            ledger.record(fetch("https://shared.example/", (A, B)[number % 2]))


def test_two_processes_at_once_neither_lose_nor_double_a_row(tmp_path: Path) -> None:
    """They also race for making the file."""
    path, spawn = tmp_path / "ledger.sqlite", multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    writers = [spawn.Process(target=_write_many, args=(path, name, start)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    with Ledger(path) as ledger:
        assert ledger.check() == []
        fetches, urls = rows(ledger, "fetches"), rows(ledger, "urls")
    assert (len(fetches), len({row["url"] for row in fetches}), len(urls)) == (400, 201, 200)
    shared = [row for row in fetches if row["url"] == "https://shared.example/"]
    assert [row["change"] for row in shared].count("new") == 1
    for before, after in pairwise(shared):
        assert (after["change"] == "same") == (before["sha256"] == after["sha256"])


def test_the_schema_is_packed_with_the_program() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["pipeline"]
    packed = {file for pattern in patterns for file in (root / "pipeline").glob(pattern)}
    assert set((root / "pipeline").rglob("*.sql")) <= packed
    assert root / "pipeline/acquire/ledger_schema.sql" in packed
