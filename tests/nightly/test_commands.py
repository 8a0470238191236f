"""The commands of the night: exit statuses, and what they print."""

from __future__ import annotations

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from pipeline.acquire.crawl.result import CrawlResult
from pipeline.acquire.ledger import Ledger
from pipeline.cli import main
from pipeline.installation.program import to_command
from pipeline.nightly import lock
from pipeline.records import sha256_to_report_id
from tests.nightly.stub import NOW, World, pdf

pytestmark = pytest.mark.long

SOURCES = """
[crawl]
contact = "reports@example.org"
[[source]]
name = "one"
lists = ["https://one.example/"]
"""


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world in the working folder, its stub in place of the crawl."""
    Path("sources.toml").write_text(SOURCES, encoding="utf-8")
    monkeypatch.setattr("pipeline.nightly.night._crawl", world.crawl)
    monkeypatch.setattr("pipeline.logs.start_logs", lambda: None)
    for command in ("nightly", "status", "retry"):
        monkeypatch.setattr(f"pipeline.cli.{command}.now", lambda: NOW)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return world


def change(world: World, year: int, content: bytes | None) -> None:
    world.sites["one"] = {**world.sites["one"], f"https://one.example/{year}.pdf": content}


def test_a_night_prints_its_digest(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nightly"]) == 0
    printed = capsys.readouterr().out
    assert "# Night 1, " in printed
    assert "## New reports (3)" in printed
    assert main(["nightly", "--json"]) == 0
    assert '"headline": "nothing new"' in capsys.readouterr().out


def test_exit_statuses_of_a_night(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    change(here, 2025, pdf("broken", 2025))
    assert main(["nightly"]) == 1
    change(here, 2024, pdf("broken", 2024))
    assert main(["nightly"]) == 3
    assert "not published, the last good release stays: documents, cells" in capsys.readouterr().out
    assert main(["nightly", "--no-crawl", "--accept"]) == 1
    assert main(["nightly", "--no-crawl"]) == 0
    with lock.hold(here.data / lock.NAME, "2026-11-22T02:00:00Z"):
        assert main(["nightly"]) == 4
    assert f"another night is running (process {os.getpid()}" in capsys.readouterr().err
    assert main(["nightly", "--sources", "nowhere.toml"]) == 2
    assert main(["nightly", "--out", "sources.toml"]) == 2


def test_a_crawl_that_ended_early_is_told(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def died(*_: object) -> CrawlResult:
        return CrawlResult((), {}, "the crawl process died (SIGSEGV): see the log")

    monkeypatch.setattr("pipeline.nightly.night._crawl", died)
    assert main(["nightly"]) == 1
    page = (here.data / "nights" / "latest.md").read_text(encoding="utf-8")
    assert "and the crawl ended early: the crawl process died (SIGSEGV)" in page


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("a defect"), "error: a defect; readers see the last good release"),
        (OSError(errno.ENOSPC, "No space left"), "No space left: free space, then run again; readers see"),
    ],
)
def test_a_night_that_breaks_off(
    here: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    said: str,
) -> None:
    def broken(*_: object) -> CrawlResult:
        raise error

    monkeypatch.setattr("pipeline.nightly.night._crawl", broken)
    assert main(["nightly"]) == 5
    assert said in capsys.readouterr().err


def test_a_night_that_is_stopped(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> CrawlResult:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.nightly.night._crawl", stop)
    assert main(["nightly"]) == 130
    with Ledger(here.ledger) as ledger:
        assert ledger.nights() == []


def test_status_says_how_things_stand(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 2
    assert f"no ledger there: run `{to_command('nightly')}` first" in capsys.readouterr().err
    change(here, 2025, pdf("broken", 2025))
    for _ in range(3):
        main(["nightly"])
    capsys.readouterr()
    assert main(["status"]) == 0
    printed = capsys.readouterr().out
    for line in (
        "documents: 4, to be read in the next night: 0",
        f"set aside (`{to_command('retry', '--all')}` has them read again) (1):",
        "https://one.example/2025.pdf: the reader stumbles over it",
        "one: list read ",
        "expected and missing (1):",
        "示例局 2025 (source one): missing after 31 March; a document of its source could not be read",
        "last nights (3):",
    ):
        assert line in printed, printed


def test_status_as_json(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    Path("sources.toml").write_text(SOURCES + SOURCES.split("[[source]]")[1].join(["[[source]]", ""]).replace(
        '"one"', '"two"'), encoding="utf-8")  # fmt: skip
    main(["nightly"])
    capsys.readouterr()
    with lock.hold(here.data / lock.NAME, "2026-11-22T02:00:00Z"):
        assert main(["status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["running"] == {"pid": os.getpid(), "started": "2026-11-22T02:00:00Z"}
    assert (status["documents"], status["backlog"], status["never_asked"]) == (3, 0, ["two"])
    (source,) = status["sources"]
    assert (source["source"], source["documents"], source["links"]) == ("one", 3, 3)
    (night,) = status["nights"]
    assert (night["exit_status"], night["published"], night["counts"]["new"]) == (0, True, 3)


def test_retry_marks_what_was_set_aside(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    change(here, 2025, pdf("broken", 2025))
    for _ in range(3):
        main(["nightly"])
    with Ledger(here.ledger) as ledger:
        (dead,) = ledger.set_aside()
    capsys.readouterr()
    assert main(["retry", sha256_to_report_id(dead.sha256)]) == 0
    assert capsys.readouterr().out == "1 to be read again\n"
    assert main(["retry", "--all"]) == 0
    assert capsys.readouterr().out == "nothing is set aside\n"
    assert main(["retry", "0123456789abcdef"]) == 2
    assert "was not read" in capsys.readouterr().err
    assert main(["retry"]) == 2
    assert main(["retry", "x", "--all"]) == 2
    assert "give either IDs or --all" in capsys.readouterr().err


def test_verify_finds_what_is_amiss(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    main(["nightly"])
    capsys.readouterr()
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "all is well: 3 documents\n"
    altered, missing, _ = sorted(here.raw.glob("[0-9a-f][0-9a-f]/*.pdf"))
    altered.write_bytes(b"%PDF-")
    missing.unlink()
    assert main(["verify"]) == 1
    printed = capsys.readouterr().out
    assert f"altered: {altered.relative_to(Path.cwd())}: its bytes hash to" in printed
    assert f"missing: {missing.relative_to(Path.cwd())}: the ledger knows it and it is gone" in printed
    assert main(["verify", "--json"]) == 1
    assert {damage["kind"] for damage in json.loads(capsys.readouterr().out)} == {"altered", "missing"}
