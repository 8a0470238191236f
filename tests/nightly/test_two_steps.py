"""A night in two processes, one that asks the sites and one that reads: the same night as in one."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.acquire.crawl.result import CrawlResult
from pipeline.acquire.ledger import Ledger
from pipeline.acquire.sources import Catalogue, CrawlSettings, Source
from pipeline.cli import main
from pipeline.installation.program import to_command
from pipeline.nightly import lock
from pipeline.nightly.crawl_record import NAME, CrawlRecord
from pipeline.nightly.digest import Digest
from pipeline.nightly.night import DONE, DRIFT, LOOK, Plan, crawl_alone
from tests.acquire import deadly
from tests.nightly.conftest import SITE
from tests.nightly.stub import World, pdf
from tests.nightly.test_killed import count_points, state

pytestmark = pytest.mark.long

TIMES = ("started", "ended", "tables")
SOURCES = "[crawl]\ncontact = 'a@example.org'\n[[source]]\nname = 'one'\nlists = ['https://one.example/']\n"
MORNING = "2026-11-22T08:00:00Z"
NEXT_WEEK = "2026-11-29T02:00:00Z"


@dataclass
class TalkativeWorld(World):
    """A world whose crawls have something to say of the source `one`, and ask its host ten times."""

    notes: tuple[str, ...] = ("its third page opens only by a script",)
    problem: str = ""
    crawls: list[str] = field(default_factory=list)

    def crawl(self, catalogue: Catalogue, root: Path, path: Path, now: str) -> CrawlResult:
        self.crawls.append(now)
        found = super().crawl(catalogue, root, path, now)
        if self.problem:
            return CrawlResult((), {}, self.problem)
        sources = tuple(replace(source, notes=self.notes) for source in found.sources)
        return CrawlResult(sources, {"one.example": 10})

    def first_step(self) -> CrawlRecord:
        sources = tuple(Source(name, lists=(f"https://{name}.example/",)) for name in self.sites)
        plan = Plan(self.raw, self.out, self.settings, Catalogue(CrawlSettings("a@example.org"), sources))
        return crawl_alone(plan, lambda: self.now, self.crawl)[1]

    def second_step(self) -> Digest:
        return self.night(asking=False)

    def copied(self, name: str) -> TalkativeWorld:
        target = self.data.parent / name / "data"
        if self.data.exists():
            shutil.copytree(self.data, target, symlinks=True)
        return replace(self, data=target, sites=dict(self.sites), crawls=[])


@pytest.fixture
def talkative(world: World) -> TalkativeWorld:
    return TalkativeWorld(world.data, {"one": SITE})


def without_times(digest: Digest) -> dict[str, Any]:
    return {key: value for key, value in asdict(digest).items() if key not in TIMES}


def changed(world: TalkativeWorld) -> TalkativeWorld:
    """A revised report, one that cannot be read, an address that refuses, a shorter list."""
    contents = {2023: pdf("revised", 2023), 2024: None, 2025: pdf("broken", 2025), 2026: pdf("one", 2026)}
    site = {f"https://one.example/{year}.pdf": content for year, content in contents.items()}
    return replace(world, sites={"one": site}, lists={"one": 1}, crawls=[])


def test_a_night_in_two_steps_is_the_night_in_one(talkative: TalkativeWorld) -> None:
    one, two = talkative.copied("one"), talkative.copied("two")
    for _ in range(2):
        told = one.night()
        crawled = two.first_step()
        assert crawled.sources == ("one",)
        assert (two.data / NAME).exists()
        assert without_times(two.second_step()) == without_times(told)
        assert state(two) == state(one)
        assert not (two.data / NAME).exists() and not (one.data / NAME).exists()
        one, two = changed(one), changed(two)
    assert told.counts["requests"] == 10
    assert {entry.kind for entry in told.sources} >= {"note", "lists", "blocked"}


def test_the_crawl_alone_opens_and_publishes_nothing(
    talkative: TalkativeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        raise AssertionError("a document was opened")

    monkeypatch.setattr("pipeline.nightly.night.read_store", read)
    talkative.first_step()
    assert not talkative.out.exists()
    assert not (talkative.data / "nights").exists()
    with Ledger(talkative.ledger) as ledger:
        assert (len(ledger.pending("1")), ledger.nights()) == (3, [])


def test_a_list_that_became_empty_holds_back_the_night_that_reads(talkative: TalkativeWorld) -> None:
    talkative.night()
    talkative.lists["one"] = 0
    talkative.first_step()
    digest = talkative.second_step()
    assert (digest.exit_status, [finding.gate for finding in digest.findings]) == (DRIFT, ["source one"])


def test_two_crawls_before_a_reading_are_told_together(talkative: TalkativeWorld) -> None:
    talkative.problem = "the crawl process died (SIGSEGV): see the log"
    assert talkative.first_step().problem == talkative.problem
    talkative.problem = ""
    talkative.first_step()
    talkative.notes = ("two entries have no address", *talkative.notes)
    talkative.now = MORNING
    talkative.first_step()
    digest = talkative.second_step()
    notes = [entry.text for entry in digest.sources if entry.kind == "note"]
    assert sorted(notes) == ["its third page opens only by a script", "two entries have no address"]
    assert (digest.counts["requests"], digest.headline, digest.exit_status) == (20, "published", DONE)


def test_what_a_crawl_had_to_say_is_told_once(talkative: TalkativeWorld) -> None:
    talkative.first_step()
    left = (talkative.data / NAME).read_bytes()
    assert talkative.second_step().counts["requests"] == 10
    (talkative.data / NAME).write_bytes(left)  # as if it had been killed before it could remove it
    later = talkative.second_step()
    assert (later.counts["requests"], later.sources, later.headline) == (0, (), "nothing new")


def test_a_crawl_that_ended_early_is_told_by_the_reading(talkative: TalkativeWorld) -> None:
    talkative.problem = "the crawl process died (SIGSEGV): see the log"
    talkative.first_step()
    digest = talkative.second_step()
    assert digest.exit_status == LOOK
    assert digest.headline == f"published, and the crawl ended early: {talkative.problem}"


def test_a_crawl_of_another_day_is_told_with_its_date(talkative: TalkativeWorld) -> None:
    talkative.first_step()
    talkative.now = NEXT_WEEK
    assert talkative.second_step().headline == "published, and the sites were last asked on 2026-11-22"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"night": "1"}', '{"night": 1, "asked_on": "yesterday"}'])
def test_a_crawl_result_that_cannot_be_read_is_told(talkative: TalkativeWorld, text: str) -> None:
    talkative.first_step()
    (talkative.data / NAME).write_text(text, encoding="utf-8")
    digest = talkative.second_step()
    assert (digest.exit_status, digest.published) == (LOOK, True)
    assert f"{NAME} cannot be read" in digest.headline


def test_killed_anywhere_in_the_crawl_and_begun_again(talkative: TalkativeWorld) -> None:
    whole = talkative.copied("whole")
    whole.first_step()
    told = whole.second_step()
    points = count_points(talkative.copied("counted").first_step)
    assert points > 20
    for point in range(1, points + 1, max(1, points // 8)):
        killed = talkative.copied(f"killed-{point}")
        assert deadly.is_killed_at(point, killed.first_step)
        killed.first_step()
        again = killed.second_step()
        assert state(killed) == state(whole), point
        counts = {**again.counts, "requests": told.counts["requests"]}  # it asked again
        assert {**without_times(again), "counts": counts} == without_times(told), point


def test_a_reading_after_a_killed_crawl_reads_what_is_there(talkative: TalkativeWorld) -> None:
    points = count_points(talkative.copied("counted").first_step)
    killed = talkative.copied("killed")
    assert deadly.is_killed_at(points - 2, killed.first_step)  # all is fetched, its result is not written
    assert not (killed.data / NAME).exists()
    digest = killed.second_step()
    assert (len(digest.new), digest.counts["requests"], digest.published) == (3, 0, True)


def test_a_whole_night_takes_in_what_a_crawl_alone_began(talkative: TalkativeWorld) -> None:
    talkative.first_step()
    digest = talkative.night()
    assert (len(digest.new), digest.counts["requests"]) == (3, 20)
    assert len([entry for entry in digest.sources if entry.kind == "note"]) == 1


def test_the_commands(
    talkative: TalkativeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("sources.toml").write_text(SOURCES, encoding="utf-8")
    monkeypatch.setattr("pipeline.nightly.night._crawl", talkative.crawl)
    monkeypatch.setattr("pipeline.logs.start_logs", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with lock.hold(talkative.data / lock.NAME, MORNING):
        assert main(["nightly", "--crawl-only"]) == 4
        assert main(["nightly", "--no-crawl"]) == 4
    assert talkative.crawls == []
    capsys.readouterr()
    assert main(["nightly", "--crawl-only"]) == 0
    words = f"sources asked: 1, requests: 10; `{to_command('nightly', '--no-crawl')}` reads what is new\n"
    assert capsys.readouterr().out.endswith(words)
    assert main(["nightly", "--crawl-only", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["requests"] == {"one.example": 20}
    assert main(["nightly", "--no-crawl"]) == 0
    assert "its third page opens only by a script" in capsys.readouterr().out
    talkative.problem = "the crawl process died"
    assert main(["nightly", "--crawl-only"]) == 1
    assert "the crawl ended early: the crawl process died" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["nightly", "--crawl-only", "--no-crawl"])
