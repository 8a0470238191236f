"""Nights with nothing left out: a site on loopback, the real crawl, readers in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import pipeline
from pipeline.acquire.ledger import Ledger
from pipeline.acquire.sources import Catalogue
from pipeline.config import Settings
from pipeline.nightly.digest import Digest
from pipeline.nightly.lock import is_held, read_holder
from pipeline.nightly.night import DONE, DRIFT, Plan, nightly
from pipeline.workers import tasks_to_reports
from tests.acquire.bureau import NOW, QUICK, list_page, pdf, publish, report
from tests.acquire.conftest import guard_log, guarded, guarded_server, site  # noqa: F401
from tests.acquire.site import Asked, Reply, Site

pytestmark = [pytest.mark.kills, pytest.mark.network]

ROOT = Path(__file__).parents[2]
NIGHT = """
import sys, time
from pathlib import Path
import pipeline.nightly.night as night
from pipeline.cli import main

def hang(*_):
    Path("asking").touch()
    time.sleep(600)

night._crawl = hang
sys.exit(main(["nightly", *sys.argv[1:]]))
"""
SOURCES = "[crawl]\ncontact = 'a@example.org'\n[[source]]\nname = 'one'\nlists = ['https://one.example/']\n"


@pytest.fixture
def night(
    site: Site,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Digest]:
    """A night over two bureaus of the test site."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", tasks_to_reports)
    sources = (publish(site, [2022, 2023], "a.test"), publish(site, [2023], "b.test"))
    for host, year in (("a.test", 2022), ("a.test", 2023), ("b.test", 2023)):
        site.put(f"/files/{year}.pdf", tagged(report(year, host)), host)
    plan = Plan(Path("data/raw"), Path("data/processed"), Settings(jobs=2), Catalogue(QUICK, sources))
    return lambda: nightly(plan, lambda: NOW)[-1]


def tagged(body: bytes) -> Callable[[Asked], Reply]:
    """A document that has not changed for whoever has it."""
    return lambda asked: (
        Reply(status=304) if asked.headers.get("if-none-match") else pdf(body, ("ETag", '"1"'))
    )


def test_from_the_sites_to_the_tables(night: Callable[[], Digest], site: Site) -> None:  # noqa: F811
    first = night()
    assert (first.exit_status, first.published, first.findings) == (DONE, True, ())
    assert (first.counts["documents"], len(first.new), first.counts["requests"]) == (3, 3, 10)
    names = set(pipeline.load("data/processed").reports["source_file"])
    assert {name.split("/")[-1] for name in names} == {"2022.pdf", "2023.pdf"}

    site.forget()
    second = night()
    assert (second.exit_status, second.headline, second.counts["read"]) == (DONE, "nothing new", 0)
    documents = [asked for asked in site.asked if asked.path.endswith(".pdf")]
    assert documents and all("if-none-match" in asked.headers for asked in documents)

    site.put("/nb/", list_page({}), "b.test")
    third = night()
    assert (third.exit_status, [finding.gate for finding in third.findings]) == (DRIFT, ["source b.test"])


@pytest.mark.parametrize("options", [[], ["--crawl-only"]])
def test_sigterm_leaves_everything_to_the_next_night(
    tmp_path: Path, until: Callable[..., bool], options: list[str]
) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "night.py").write_text(NIGHT, encoding="utf-8")
    lock = tmp_path / "data" / "night.lock"
    with subprocess.Popen(
        [sys.executable, "night.py", *options],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    ) as process:
        assert until((tmp_path / "asking").exists)
        assert is_held(lock)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=300)[1].decode()
    assert process.returncode == 130
    assert said.endswith("stopped: the next night goes on from here\n")
    assert not is_held(lock)
    holder = read_holder(lock)
    assert holder and holder.pid == process.pid
    with Ledger(tmp_path / "data" / "ledger.sqlite") as ledger:
        assert ledger.nights() == []
