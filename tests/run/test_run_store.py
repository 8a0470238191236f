"""A run over a store: named by URLs, the newest bytes alone in the tables, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

import pipeline
from pipeline.acquire.ledger import Fetch, Ledger
from pipeline.acquire.store import Store
from pipeline.config import Settings
from pipeline.records import Report
from pipeline.run import RunResult, run, update
from pipeline.workers import Task, document_to_failure
from tests.light_tables import write_light_tables
from tests.workers.crashing import sound_report

pytestmark = pytest.mark.long

SETTINGS = Settings(timeout=60, jobs=1, memory_mb=1024)
RAW = Path("data/raw")
ONE, TWO = "https://one.example/2025.pdf", "https://two.example/2025.pdf"


def read(task: Task, passwords: tuple[str, ...]) -> Report:
    """A report of the year that its bytes give; the store's names say nothing."""
    snapshot = task.document.snapshot
    named = replace(snapshot, path=Path(snapshot.path.read_text().split()[-1]))
    return sound_report(Task(replace(task.document, snapshot=named)))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_all)
    write_light_tables(monkeypatch)
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "1")


def read_all(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """In this process, for none ends it."""
    for task in tasks:
        yield document_to_failure(task.document) if task.document.problem else read(task, ())


def pdf(text: str, year: int) -> bytes:
    return f"%PDF-1.4\n% {text} %%EOF startxref {year}".encode()


A, B, C = pdf("a", 2023), pdf("b", 2024), pdf("c", 2025)


def give(url: str, content: bytes) -> str:
    stored = Store(RAW).put(content)
    with Ledger(Path("data/ledger.sqlite")) as ledger:
        ledger.record(Fetch(url, "one", "now", 200, {}, stored.sha256, stored.size, url, "stored"))
    return stored.sha256


def process(**options: object) -> RunResult:
    return run([RAW], Path("out"), SETTINGS, **options)  # type: ignore[arg-type]


def shown() -> dict[str, tuple[str | None, int]]:
    """source_file → source_url and year of what is in the tables."""
    reports = pipeline.load("out").reports
    urls = [url if isinstance(url, str) else None for url in reports["source_url"]]
    return dict(zip(reports["source_file"], zip(urls, reports["fiscal_year"], strict=True), strict=True))


def test_documents_of_the_store_are_in_the_tables_by_their_urls() -> None:
    give(ONE, A)
    give(TWO, B)
    assert process().read == 2
    assert shown() == {"one.example/2025.pdf": (ONE, 2023), "two.example/2025.pdf": (TWO, 2024)}
    assert process().read == 0


def test_newer_bytes_take_the_place_of_older_ones_in_the_same_run() -> None:
    give(ONE, A)
    process()
    give(ONE, B)
    outcome = process()
    assert (outcome.read, outcome.replaced) == (1, ("one.example/2025.pdf",))
    assert shown() == {"one.example/2025.pdf": (ONE, 2024)}


def test_bytes_that_revert_are_in_the_tables_again() -> None:
    for content in (A, B, A):
        give(ONE, content)
        process()
    assert shown() == {"one.example/2025.pdf": (ONE, 2023)}


def test_what_is_superseded_leaves_the_tables_even_where_nothing_is_read() -> None:
    give(ONE, A)
    give(TWO, B)
    process()
    give(ONE, B)
    outcome = process()
    assert (outcome.read, outcome.withdrawn) == (0, ("one.example/2025.pdf",))
    assert shown() == {"two.example/2025.pdf": (TWO, 2024)}


def test_a_document_that_lost_one_of_its_urls_stays_under_the_other() -> None:
    give(ONE, A)
    give(TWO, A)
    process()
    assert shown() == {"one.example/2025.pdf": (ONE, 2023)}
    give(ONE, B)
    assert process().read == 1
    assert shown() == {"one.example/2025.pdf": (ONE, 2024), "two.example/2025.pdf": (TWO, 2023)}


def test_a_content_read_by_hand_first_is_not_read_again_and_gets_its_url() -> None:
    RAW.mkdir(parents=True)
    (RAW / "report.pdf").write_bytes(A)
    process()
    assert shown() == {"data/raw/report.pdf": (None, 2023)}
    give(ONE, A)
    assert process().read == 0
    assert shown() == {"one.example/2025.pdf": (ONE, 2023)}


@pytest.mark.parametrize("formats", [("csv",), ("parquet", "csv")])
def test_a_run_without_news_writes_nothing(formats: tuple[str, ...]) -> None:
    RAW.mkdir(parents=True)
    (RAW / "report.pdf").write_bytes(C)
    give(ONE, A)
    give(TWO, A)
    give(TWO, B)
    process(formats=formats)
    before = {file.name: file.stat().st_mtime_ns for file in Path("out").iterdir()}
    assert process(formats=formats).read == 0
    assert {file.name: file.stat().st_mtime_ns for file in Path("out").iterdir()} == before


def test_a_damaged_file_is_failed_and_read_once_it_is_mended() -> None:
    name = give(ONE, A)
    Store(RAW).path(name).write_bytes(A[:-1])
    process()
    assert pipeline.load("out").reports["status"].tolist() == ["failed"]
    give(ONE, A)
    assert process().read == 1
    assert pipeline.load("out").reports["status"].tolist() == ["ok"]


def test_ctrl_c_before_the_newer_bytes_were_read_leaves_the_older_ones() -> None:
    def stop(report: Report, done: int, total: int) -> None:
        raise KeyboardInterrupt

    give(ONE, A)
    process()
    give("https://a.example/2025.pdf", C)  # the first to be read, and the last before Ctrl-C
    give(ONE, B)
    assert process(progress=stop).interrupted
    assert {year for _, year in shown().values()} == {2023, 2025}
    process()
    assert {year for _, year in shown().values()} == {2024, 2025}


def test_what_is_asked_for_again_is_read_again() -> None:
    name = give(ONE, A)
    give(TWO, B)
    process()
    assert process(again={name}).read == 1
    assert len(shown()) == 2


def test_a_file_that_was_cut_is_told_as_damaged_and_not_as_new(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from pipeline.cli.run import _print_notes

    RAW.mkdir(parents=True)
    for name, content in (("cut.pdf", A), ("page.pdf", B), ("new.pdf", C)):
        (RAW / name).write_bytes(content)
    process()
    (RAW / "cut.pdf").write_bytes(b"%PDF-1.4\n% a 2023")
    (RAW / "page.pdf").write_bytes(b"<html>2024")
    (RAW / "new.pdf").write_bytes(pdf("d" * 2200, 2025))
    outcome = process()
    assert outcome.replaced == ("data/raw/cut.pdf", "data/raw/new.pdf", "data/raw/page.pdf")
    assert set(outcome.damaged) == {"data/raw/cut.pdf", "data/raw/page.pdf"}
    _print_notes(outcome)
    cut, new, page = capsys.readouterr().err.splitlines()
    assert cut.startswith("damaged: data/raw/cut.pdf: the file has no end mark (%%EOF)")
    assert cut.endswith(": the tables no longer hold what this file said before")
    assert page.startswith("damaged: data/raw/page.pdf: a web page under the name of a PDF: fetch")
    assert new.startswith("new content: data/raw/new.pdf: ")


def test_contents_that_a_run_is_to_leave_out_leave_the_tables_unless_a_url_gives_them() -> None:
    RAW.mkdir(parents=True)
    (RAW / "sample.pdf").write_bytes(A)
    (RAW / "own.pdf").write_bytes(B)
    process()
    samples = {sha256(content).hexdigest() for content in (A, C)}
    give(ONE, C)
    update([RAW], Path("out"), SETTINGS, without=samples)
    assert shown() == {"data/raw/own.pdf": (None, 2024), "one.example/2025.pdf": (ONE, 2025)}
    process()
    assert "data/raw/sample.pdf" in shown()
