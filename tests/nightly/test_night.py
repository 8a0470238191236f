"""Nights one after the other: what is published, what is held back, what is said."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import pipeline
from pipeline.acquire.ledger import Ledger
from pipeline.config import Settings
from pipeline.files.lock import BusyError
from pipeline.installation.program import to_command
from pipeline.nightly.digest import digest_to_json, digest_to_markdown, json_to_digest
from pipeline.nightly.night import DONE, DRIFT, LOOK
from pipeline.run import run, update
from pipeline.tables.arrow import frame_to_arrow
from pipeline.tables.file_names import CODEBOOK, DATABASE
from pipeline.tables.out_folder import hold_out
from pipeline.tables.report_ids import COLUMNS
from tests.nightly.stub import World, pdf

pytestmark = pytest.mark.long


def years(world: World) -> list[int]:
    return sorted(pipeline.load(world.out).reports["fiscal_year"].dropna().tolist())


def url(year: int) -> str:
    return f"https://one.example/{year}.pdf"


def change(world: World, **contents: bytes | None) -> None:
    """Other contents at the addresses of these years (y2024=…)."""
    site = {**world.sites["one"], **{url(int(name[1:])): content for name, content in contents.items()}}
    world.sites["one"] = site


def test_the_first_night_publishes_what_it_found(world: World) -> None:
    digest = world.night()
    assert (digest.exit_status, digest.published, len(digest.new)) == (DONE, True, 3)
    assert (digest.counts["read"], digest.counts["documents"]) == (3, 3)
    assert years(world) == [2022, 2023, 2024]
    assert world.out.readlink() == Path("processed.releases/0001")
    with Ledger(world.ledger) as ledger:
        assert [(night.exit_status, night.published) for night in ledger.nights()] == [(0, True)]
        assert ledger.pending("1") == []


def test_a_night_without_news_publishes_nothing(begun: World) -> None:
    before = begun.out.readlink()
    digest = begun.night()
    assert (digest.exit_status, digest.published, digest.headline) == (DONE, False, "nothing new")
    assert begun.out.readlink() == before
    assert [folder.name for folder in (begun.data / "processed.releases").iterdir()] == ["0001"]


def test_new_revised_and_withdrawn_are_told_apart(world: World) -> None:
    copy = "https://two.example/2024.pdf"
    world.sites["two"] = {copy: pdf("two", 2021)}
    world.night()
    change(world, y2024=pdf("revised", 2024), y2025=pdf("one", 2025))
    world.sites["two"] = {copy: pdf("one", 2022)}  # now the same bytes as another address has
    digest = world.night()
    assert [entry.year for entry in digest.new] == [2025]
    assert [entry.url for entry in digest.revised] == [url(2024)]
    assert [entry.year for entry in digest.withdrawn] == [2021]
    assert (digest.gone, digest.findings, digest.exit_status) == ((), (), DONE)
    assert years(world) == [2022, 2023, 2024, 2025]


def test_a_document_that_cannot_be_read_is_told_once_and_then_set_aside(world: World) -> None:
    change(world, y2025=pdf("broken", 2025))
    first = world.night()
    assert (first.exit_status, first.published) == (LOOK, True)
    assert [entry.year for entry in first.new] == [2022, 2023, 2024]
    assert [entry.note.split(";")[0] for entry in first.failed] == ["the reader stumbles over it"]
    with Ledger(world.ledger) as ledger:
        for left in (1, 1, 0, 0):
            assert len(ledger.pending("1")) == left
            later = world.night()
            assert (later.exit_status, later.failed) == (DONE, ())
        (dead,) = ledger.set_aside()
        assert dead.attempts == 3
        ledger.retry(None, world.now)
    assert [reading.status for reading in world.night().readings] == ["failed"]


def test_what_is_asked_for_again_is_read_once_a_night(begun: World) -> None:
    with Ledger(begun.ledger) as ledger:
        name = ledger.current()[0].sha256
        ledger.retry([name], begun.now)
        assert [reading.sha256 for reading in begun.night().readings] == [name]
        assert begun.night().readings == ()


def test_batches_end_as_one_run_does(begun: World, tmp_path: Path) -> None:
    by_one = replace(begun, data=tmp_path / "other", settings=replace(begun.settings, batch=1))
    by_one.night()
    for file in begun.out.glob("*.csv"):
        assert (by_one.out / file.name).read_bytes() == file.read_bytes()


# ---------------------------------------------------------------- gates


def test_lost_cells_hold_the_release_back(begun: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "2")
    path = next(iter(begun.raw.glob("[0-9a-f][0-9a-f]/*")))
    path.write_bytes(b"%PDF-1.4\n%")  # damaged on the disk: two new reports must not hide it
    change(begun, y2024=None, y2023=None, y2022=None, y2025=pdf("one", 2025), y2026=pdf("one", 2026))
    digest = begun.night()
    assert (digest.exit_status, digest.published) == (DRIFT, False)
    assert {finding.gate for finding in digest.findings} >= {"documents", "cells"}
    assert years(begun) == [2022, 2023, 2024]
    assert digest.headline.startswith("not published, the last good release stays: ")


def test_a_held_back_night_is_published_when_accepted(begun: World) -> None:
    change(begun, y2024=pdf("broken", 2024))
    held = begun.night()
    assert (held.exit_status, [finding.gate for finding in held.findings]) == (DRIFT, ["documents", "cells"])
    assert "one.example/2024.pdf (-1)" in held.findings[0].look
    assert years(begun) == [2022, 2023, 2024]
    again = begun.night()
    assert again.exit_status == DRIFT
    assert [entry.url for entry in again.revised] == [url(2024)]
    accepted = begun.night(accept=True)
    assert accepted.published
    assert "accepted by hand: documents, cells" in accepted.headline
    assert years(begun) == [2022, 2023]


def test_thresholds_say_how_much_may_be_lost(begun: World) -> None:
    change(begun, y2024=pdf("broken", 2024))
    begun.settings = replace(begun.settings, lost_documents=0.34, lost_cells=0.34)
    assert begun.night().published


def test_a_list_that_is_empty_after_a_full_one_holds_the_release_back(begun: World) -> None:
    begun.lists["one"] = 0
    change(begun, y2025=pdf("one", 2025))
    digest = begun.night()
    (finding,) = digest.findings
    assert (digest.exit_status, finding.gate, finding.before, finding.now) == (DRIFT, "source one", 3, 0)
    assert years(begun) == [2022, 2023, 2024]
    assert begun.night().exit_status == DRIFT  # the night that was held back is no measure
    del begun.lists["one"]
    assert begun.night().published
    assert years(begun) == [2022, 2023, 2024, 2025]


def test_a_site_that_is_down_or_shorter_is_told_and_holds_nothing_back(begun: World) -> None:
    begun.lists["one"] = 1
    shorter = begun.night()
    assert [(entry.kind, entry.text) for entry in shorter.sources] == [
        ("lists", "lists 1 links, 3 in the last good night")
    ]
    begun.lists["one"] = None
    down = begun.night()
    assert [entry.text for entry in down.sources] == ["no list could be read; 1 links in the last good night"]
    assert (shorter.exit_status, down.exit_status) == (DONE, DONE)


def test_a_run_by_hand_during_the_night_is_told_and_one_that_does_not_ask_is_not_overwritten(
    begun: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is a run of an earlier version, which knew of no lock."""
    from pipeline.nightly.release import Releases

    change(begun, y2025=pdf("one", 2025))
    own = begun.data / "own.pdf"
    stage = Releases.stage

    def stage_then_run(releases: Releases) -> Path:
        staged = stage(releases)
        own.write_bytes(pdf("by hand", 2001))
        with pytest.raises(BusyError, match=r"processed: another run, or a night, is at work on these"):
            run([own], begun.out, begun.settings)
        update([own], begun.out, begun.settings)
        return staged

    with monkeypatch.context() as patch:
        patch.setattr(Releases, "stage", stage_then_run)
        digest = begun.night(accept=True)
    assert (digest.exit_status, digest.published) == (DRIFT, False)
    assert "was changed while the night was at work" in digest.findings[0].look
    assert begun.night().published
    assert years(begun) == [2001, 2022, 2023, 2024, 2025]


# ---------------------------------------------------------------- samples and damaged copies


def put_samples(world: World) -> None:
    """A sample and a report of somebody's own in the folder of the store, and the list of the samples."""
    world.raw.mkdir(parents=True, exist_ok=True)
    sample = pdf("a sample", 2001)
    (world.raw / "sample.pdf").write_bytes(sample)
    (world.raw / "own.pdf").write_bytes(pdf("by hand", 2002))
    (world.raw / "samples.sha256").write_text(f"{sha256(sample).hexdigest()}  sample.pdf\n")


def test_samples_are_no_part_of_a_night(world: World) -> None:
    put_samples(world)
    (world.raw / "under another name.pdf").write_bytes(pdf("a sample", 2001))
    digest = world.night()
    assert digest.exit_status == DONE
    assert years(world) == [2002, 2022, 2023, 2024]
    run([world.raw / "sample.pdf"], world.data / "by hand", world.settings)
    assert pipeline.load(world.data / "by hand").reports["fiscal_year"].tolist() == [2001]


def test_samples_that_a_run_by_hand_has_put_into_the_tables_leave_them(world: World) -> None:
    put_samples(world)
    run([world.raw], world.out, world.settings)
    assert years(world) == [2001, 2002]
    digest = world.night()
    assert (digest.exit_status, digest.published, digest.findings) == (DONE, True, ())
    assert [entry.year for entry in digest.withdrawn] == [2001]
    assert years(world) == [2002, 2022, 2023, 2024]


def test_a_run_by_hand_puts_no_samples_into_published_tables(begun: World) -> None:
    put_samples(begun)
    outcome = run([begun.raw], begun.out, begun.settings)
    assert years(begun) == [2002, 2022, 2023, 2024]
    assert "1 sample is left out" in outcome.passed_over[-1]
    outcome = run([begun.raw / "sample.pdf"], begun.out, begun.settings)
    assert years(begun) == [2002, 2022, 2023, 2024]
    assert (outcome.documents, len(outcome.passed_over)) == ((), 1)


def test_a_copy_that_was_damaged_is_not_told_as_revised(begun: World) -> None:
    own = [begun.raw / f"own{number}.pdf" for number in range(3)]
    for number, file in enumerate(own):
        file.write_bytes(pdf(f"by hand {number}", 2001 + number))
    begun.night()
    own[0].write_bytes(own[0].read_bytes()[:100] + b" 2001")
    own[1].write_bytes(b"<html>2002")
    own[2].write_bytes(pdf("revised", 2003))
    fetched = next(begun.raw.glob("[0-9a-f][0-9a-f]/*"))
    fetched.write_bytes(fetched.read_bytes()[:50])
    with Ledger(begun.ledger) as ledger:
        ledger.retry([fetched.stem], begun.now)
    digest = begun.night(accept=True, asking=False)
    assert [entry.name for entry in digest.revised] == ["data/raw/own2.pdf"]
    damaged = {entry.name.split("/")[-1][:4]: entry.note for entry in digest.damaged}
    assert {"own0", "own1"} < set(damaged)
    assert "no end mark (%%EOF)" in damaged["own0"]
    assert "a web page under the name of a PDF" in damaged["own1"]
    assert "no longer those that were fetched" in " ".join(damaged.values())
    assert digest.counts["damaged"] == 3
    assert "## Damaged since, not by their bureau (3)" in digest_to_markdown(digest)
    assert json_to_digest(digest_to_json(digest)) == digest


def test_a_digest_of_an_older_program_says_nothing_of_damage(begun: World) -> None:
    digest = begun.night()
    written = json.loads(digest_to_json(digest))
    del written["damaged"]
    assert json_to_digest(json.dumps(written)) == digest


# ---------------------------------------------------------------- beside runs by hand


def test_a_night_lets_a_run_by_hand_end_first(begun: World) -> None:
    """It asks the sites meanwhile, and what they gave is kept where the run does not let go."""
    change(begun, y2025=pdf("one", 2025))
    with hold_out(begun.out), pytest.raises(BusyError, match="at work on these tables"):
        begun.night(wait=0.1)
    with Ledger(begun.ledger) as ledger:
        assert len(ledger.nights()) == 1
        assert len(ledger.pending("1")) == 1
    assert begun.night().published
    assert years(begun) == [2022, 2023, 2024, 2025]


def test_a_release_and_the_pointer_to_it_have_one_lock(begun: World) -> None:
    release = begun.out.resolve()
    assert release.name == "0001"
    with hold_out(release), pytest.raises(BusyError), hold_out(begun.out):
        pass


def test_what_is_set_aside_is_read_again_with_other_settings(begun: World) -> None:
    """Once; the ledger knows what came of it."""
    addresses = {**begun.sites["one"], url(2026): pdf("locked", 2026)}
    tonight = replace(begun, sites={"one": addresses})
    for _ in range(4):
        tonight.night()
    with Ledger(begun.ledger) as ledger:
        (outcome,) = ledger.set_aside("1")
        assert outcome.reason.startswith("it wants a password")
    assert tonight.night().counts["read"] == 0
    tonight.settings = replace(tonight.settings, passwords=("wrong",))
    assert [tonight.night().counts["read"] for _ in range(2)] == [1, 0]
    tonight.settings = replace(tonight.settings, passwords=("wrong", "open sesame"))
    assert [tonight.night().counts["read"] for _ in range(2)] == [1, 0]
    with Ledger(begun.ledger) as ledger:
        assert ledger.set_aside("1") == []
    assert years(begun) == [2022, 2023, 2024, 2026]


# ---------------------------------------------------------------- releases


def test_a_plain_folder_of_earlier_runs_becomes_a_release(world: World) -> None:
    world.data.mkdir()
    (world.data / "own.pdf").write_bytes(pdf("by hand", 2001))
    run([world.data / "own.pdf"], world.out, world.settings)
    digest = world.night()
    assert digest.published
    assert world.out.is_symlink()
    assert years(world) == [2001, 2022, 2023, 2024]
    assert (world.data / "processed.releases" / "0000" / "reports.csv").exists()


def test_tables_of_an_earlier_program_version_are_gone_on_with(world: World) -> None:
    world.data.mkdir()
    (world.data / "own.pdf").write_bytes(pdf("by hand", 2001))
    run([world.data / "own.pdf"], world.out, world.settings, formats=("parquet",))
    reports = world.out / "reports.parquet"
    pd.read_parquet(reports).loc[:, :"missing"].to_parquet(reports)  # its last columns are its newest
    digest = world.night()
    assert (digest.exit_status, digest.published, digest.gone) == (DONE, True, ())
    assert years(world) == [2001, 2022, 2023, 2024]


def test_ids_of_an_earlier_version_get_their_letter_and_no_report_is_new_or_gone(
    world: World,
) -> None:
    with pytest.MonkeyPatch.context() as older:
        older.setattr("pipeline.tables.writer.require_valid", lambda frames: None)
        older.setattr("pipeline.tables.writer.frame_to_arrow", without_letters)
        world.night()
    assert not pd.read_parquet(world.out / "reports.parquet")["report_id"].str.startswith("r").any()
    change(world, y2025=pdf("one", 2025))
    digest = world.night()
    assert (digest.exit_status, digest.published, digest.gone, digest.revised) == (DONE, True, (), ())
    assert [entry.report_id[0] for entry in digest.new] == ["r"]
    assert years(world) == [2022, 2023, 2024, 2025]
    assert pd.read_parquet(world.out / "observations.parquet")["report_id"].str.startswith("r").all()


def without_letters(name: str, frame: pd.DataFrame) -> pa.Table:
    """A table as it was written when ids had no letter."""
    ids = [column for column in COLUMNS if column in frame]
    return frame_to_arrow(name, frame.assign(**{each: frame[each].str.removeprefix("r") for each in ids}))


def test_a_night_publishes_the_formats_that_it_is_told_to(begun: World) -> None:
    begun.formats = ("parquet", "csv", "dta", "duckdb")
    assert begun.night().published  # these files are new
    assert len(pd.read_stata(begun.out / "reports.dta")) == 3
    assert (begun.out / DATABASE).is_file() and (begun.out / CODEBOOK).is_file()
    assert not begun.night().published
    change(begun, y2025=pdf("one", 2025))
    assert begun.night().published
    assert len(pd.read_stata(begun.out / "reports.dta")) == 4


def test_tables_of_another_program_version_are_made_anew(begun: World) -> None:
    for suffix in ("parquet", "csv"):
        (begun.out / f"sections.{suffix}").write_bytes(b"report_id,of_old\n")
    change(begun, y2025=pdf("one", 2025))
    digest = begun.night()
    assert (digest.exit_status, digest.published) == (DONE, True)
    assert years(begun) == [2022, 2023, 2024, 2025]


def test_a_release_that_is_damaged_is_replaced_only_by_hand(begun: World) -> None:
    for suffix in ("parquet", "csv"):
        (begun.out / f"reports.{suffix}").write_bytes(b"PAR1 and then nothing")
    held = begun.night()
    assert (held.exit_status, [finding.gate for finding in held.findings]) == (DRIFT, ["release"])
    assert f"cannot be read: `{to_command('nightly', '--accept')}` puts" in held.findings[0].look
    assert begun.night(accept=True).published
    assert years(begun) == [2022, 2023, 2024]


def test_old_releases_go_but_the_last_good_ones(world: World) -> None:
    for year in range(2000, 2004):
        change(world, **{f"y{year}": pdf("one", year)})
        world.night()
    kept = sorted(folder.name for folder in (world.data / "processed.releases").iterdir())
    assert kept == ["0002", "0003", "0004"]


def test_a_removed_pointer_is_put_back(begun: World) -> None:
    begun.out.unlink()
    assert begun.night().headline == "nothing new"
    assert years(begun) == [2022, 2023, 2024]


def test_a_clock_set_back_changes_nothing_but_the_times(begun: World) -> None:
    begun.now = "1999-01-01T00:00:00Z"
    change(begun, y2024=pdf("revised", 2024), y2025=pdf("one", 2025))
    digest = begun.night()
    assert (digest.night, digest.published, len(digest.new), len(digest.revised)) == (2, True, 1, 1)
    assert years(begun) == [2022, 2023, 2024, 2025]
    assert begun.night().headline == "nothing new"


def test_a_night_over_nothing_at_all(tmp_path: Path) -> None:
    empty = World(tmp_path / "data", {})
    assert empty.night().exit_status == DONE
    assert len(pipeline.load(empty.out).reports) == 0


# ---------------------------------------------------------------- what is said


def test_the_digest_is_in_the_files_and_survives_json(world: World) -> None:
    digest = world.night()
    written = (world.data / "nights" / "latest.json").read_text(encoding="utf-8")
    assert json_to_digest(written) == digest
    assert (world.data / "nights" / "0001.json").read_text(encoding="utf-8") == written
    page = (world.data / "nights" / "latest.md").read_text(encoding="utf-8")
    assert page == digest_to_markdown(digest)
    assert "## New reports (3)" in page
    assert json.loads(written)["counts"]["documents"] == 3


def test_a_site_that_blocks_us_is_told(world: World) -> None:
    change(world, y2025=None)
    digest = world.night()
    (entry,) = digest.sources
    assert (entry.source, entry.kind, entry.url, entry.times) == ("one", "blocked", url(2025), 1)
    assert "## Sites that blocked us (1)" in digest_to_markdown(digest)


def test_texts_of_a_site_are_no_markdown(world: World) -> None:
    from pipeline.nightly.digest import DocumentEntry

    digest = world.night()
    hostile = DocumentEntry("", "x", "", "[click](https://bad.example)\n# <b>局</b>", 2025)
    page = digest_to_markdown(replace(digest, new=(hostile,) * 30))
    assert r"- `[click](https:\x2f/bad.example) # \x3cb\x3e局\x3c/b\x3e 2025` (x)" in page
    assert "- … and 20 more" in page
    assert page.count("click") == 10


def test_what_overdue_reports_are_is_told(world: World) -> None:
    digest = world.night()
    (entry,) = digest.overdue
    assert (entry.agency, entry.year) == ("海东市示例局", 2025)
    assert entry.note == "no report on 2025, missing after 31 March"


def test_ctrl_c_leaves_everything_to_the_next_night(begun: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(tasks: object, settings: Settings) -> object:
        raise KeyboardInterrupt

    change(begun, y2025=pdf("one", 2025))
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.run.tasks_to_reports", functools.partial(stopped))
        with pytest.raises(KeyboardInterrupt):
            begun.night()
    assert years(begun) == [2022, 2023, 2024]
    digest = begun.night()
    assert (digest.night, [entry.year for entry in digest.new]) == (2, [2025])


def test_json_to_digest_refuses_what_is_none() -> None:
    for text in ("", "{}", '{"findings": 1}'):
        with pytest.raises((ValueError, KeyError, TypeError)):
            json_to_digest(text)


def test_a_digest_is_one_json_object(world: World) -> None:
    assert isinstance(json.loads(digest_to_json(world.night())), dict)
