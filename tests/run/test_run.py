"""The order of the stages: what is read, what is known, what is written, with a reader of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline
from pipeline.config import FORMATS, Settings
from pipeline.errors import PathError
from pipeline.extract import version
from pipeline.records import Report
from pipeline.run import RunResult, run
from pipeline.tables.dictionary import PROSE
from pipeline.tables.loaded_tables import Tables
from pipeline.tables.schemas import require_valid
from pipeline.tables.written_tables import TablesError
from pipeline.workers import Task, WorkerError, tasks_to_reports
from tests.light_tables import write_light_tables
from tests.workers.crashing import read

pytestmark = pytest.mark.long

SETTINGS = Settings(timeout=20, jobs=2, memory_mb=1024)
Run = Callable[..., RunResult]


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with raw/, the reader of the tests, and a reading version."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_all)
    write_light_tables(monkeypatch)
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "1")
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def read_all(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """In processes of their own where one of them ends the process that reads it."""
    stems = " ".join(task.document.snapshot.path.stem for task in tasks)
    if "dies" in stems or "hangs" in stems:
        return tasks_to_reports(tasks, settings, read)
    return (read(task, ()) for task in tasks)


def put(raw: Path, *names: str) -> None:
    for name in names:
        (raw / f"{name}.pdf").write_bytes(b"%%PDF-1.4\n%% %s\n%%%%EOF\n" % name.encode())


def process(out: str = "out", formats: Sequence[str] = ("parquet",), **options: object) -> RunResult:
    """A run over raw/, in one format where nothing depends on the formats."""
    return run([Path("raw")], Path(out), SETTINGS, formats=formats, **options)  # type: ignore[arg-type]


def statuses(frames: Tables) -> dict[str, str]:
    names = [Path(source).stem for source in frames.all_reports["source_file"]]
    return dict(zip(names, frames.all_reports["status"], strict=True))


def snapshot(out: Path) -> dict[str, tuple[int, bytes]]:
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in out.iterdir()}


def test_every_document_is_in_the_tables_and_a_second_run_reads_and_writes_nothing(raw: Path) -> None:
    put(raw, "a2020", "b2022", "dies2024")
    outcome = process(formats=FORMATS)
    assert outcome.read == 3
    assert statuses(pipeline.load("out")) == {"a2020": "ok", "b2022": "ok", "dies2024": "failed"}
    before = snapshot(Path("out"))
    assert process(formats=FORMATS).read == 0
    assert snapshot(Path("out")) == before


def test_only_what_is_new_is_read(raw: Path) -> None:
    put(raw, "a2020")
    process()
    put(raw, "b2022")
    assert process().read == 1
    assert statuses(pipeline.load("out")) == {"a2020": "ok", "b2022": "ok"}


@pytest.mark.parametrize("older, read", [(("parquet",), 0), (("parquet", "csv"), 1)])
def test_after_a_kill_between_two_files_nothing_is_lost(raw: Path, older: tuple[str, ...], read: int) -> None:
    """A table whose other format is whole is made of that; else the documents are read again."""
    put(raw, "a2020")
    process(formats=FORMATS)
    out = raw.parent / "out"
    before = {suffix: (out / f"observations.{suffix}").read_bytes() for suffix in older}
    put(raw, "b2022")
    process(formats=FORMATS)
    whole = snapshot(out)
    for suffix, content in before.items():
        (out / f"observations.{suffix}").write_bytes(content)
    (out / ".observations.parquet.tmp").write_bytes(whole["observations.parquet"][1])
    assert process(formats=FORMATS).read == read
    assert {name: data for name, (_, data) in snapshot(out).items()} == {
        name: data for name, (_, data) in whole.items()
    }


def test_force_reads_everything_again(raw: Path) -> None:
    put(raw, "a2020", "b2022")
    process()
    assert process(force=True).read == 2
    assert len(pipeline.load("out").reports) == 2


def test_other_readers_or_rules_read_everything_again(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(raw, "a2020")
    process()
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "2")
    assert process().read == 1
    assert pipeline.load("out").reports["reading_version"].tolist() == ["2"]


def with_pictures(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """Documents whose names say "scan" have pages that are pictures, whoever may read them."""
    for report in read_all(tasks, settings):
        is_scan = "scan" in report.source_file
        yield replace(report, steps=("pypdfium2 ruled", *(["ocr ruled"] if is_scan else [])))


def test_what_reads_pictures_counts_for_documents_that_have_them(
    raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To install it, or another model, has no other document read again."""
    monkeypatch.setattr("pipeline.run.tasks_to_reports", with_pictures)
    put(raw, "scan2020", "a2021")
    counts, versions = [], []
    for of_pictures in ("no-scan", "one", "two"):
        monkeypatch.setattr("pipeline.extract.version._picture_version", lambda now=of_pictures: now)
        counts += [process().read, process().read]
        versions.append(sorted(pipeline.load("out").reports["reading_version"]))
    assert counts == [2, 0, 1, 0, 1, 0]
    assert versions == [["1", "1-no-scan"], ["1", "1-one"], ["1", "1-two"]]


def with_old_word(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    """Documents whose names say "doc" are old Word files, those that say "scan" have pictures too."""
    for report in with_pictures(tasks, settings):
        is_word = "doc" in report.source_file
        yield replace(report, media_type="application/msword") if is_word else report


def test_a_second_reader_that_is_installed_later_has_old_word_files_read_again_and_no_others(
    raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.run.tasks_to_reports", with_old_word)
    monkeypatch.setattr("pipeline.extract.version._picture_version", lambda: "no-scan")
    put(raw, "doc2020", "docscan2022", "a2021")
    counts, versions = [], []
    for office in ("", "7.4", "7.6"):
        monkeypatch.setattr("pipeline.extract.version.office_version", lambda now=office: now)
        version._office_version.cache_clear()
        counts += [process().read, process().read]
        versions.append(sorted(pipeline.load("out").reports["reading_version"]))
    version._office_version.cache_clear()
    assert counts == [3, 0, 2, 0, 2, 0]
    assert versions[0] == ["1", "1-no-office", "1-no-scan-no-office"]
    assert len({each for told in versions for each in told}) == 7


def test_a_file_is_read_again_for_any_of_its_reports(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def two_in_a_file(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
        for report in read_all(tasks, settings):
            second = replace(report, steps=("ocr ruled",))
            whole = replace(report, others=(second,))
            yield whole.of_file(report.sha256, report.source_file, report.source_url)

    monkeypatch.setattr("pipeline.run.tasks_to_reports", two_in_a_file)
    put(raw, "a2020")
    monkeypatch.setattr("pipeline.extract.version._picture_version", lambda: "no-scan")
    assert [process().read, process().read] == [1, 0]
    monkeypatch.setattr("pipeline.extract.version._picture_version", lambda: "one")
    assert [process().read, process().read] == [1, 0]


def test_the_same_input_gives_the_same_bytes_in_any_order_of_work(raw: Path) -> None:
    put(raw, "a2020", "b2022", "c2024", "dies2019")
    process("one", FORMATS)
    run([Path("raw/b2022.pdf"), Path("raw")], Path("two"), replace(SETTINGS, jobs=1))
    one, two = snapshot(Path("one")), snapshot(Path("two"))
    assert {name: data for name, (_, data) in one.items()} == {name: data for name, (_, data) in two.items()}


def test_a_format_asked_for_later_is_written_without_reading(raw: Path) -> None:
    put(raw, "a2020")
    process(formats=["csv"])
    assert not list(Path("out").glob("*.parquet"))
    assert process(formats=["csv", "parquet"]).read == 0
    assert len(list(Path("out").glob("*.parquet"))) == len(list(Path("out").glob("*.csv")))


def test_a_folder_of_csv_alone_is_known_too(raw: Path) -> None:
    put(raw, "a2020")
    process(formats=["csv"])
    assert process(formats=["csv"]).read == 0


def test_a_file_whose_name_starts_a_formula_is_known_from_csv(raw: Path) -> None:
    put(raw, "=cmd2020")
    file = (raw / "=cmd2020.pdf").rename(raw.parent / "=cmd2020.pdf")
    run([Path(file.name)], Path("out"), SETTINGS, formats=("csv",))
    assert "'=cmd2020.pdf" in (raw.parent / "out" / "reports.csv").read_text(encoding="utf-8-sig")
    file.write_bytes(file.read_bytes() + b"% another\n")
    outcome = run([Path(file.name)], Path("out"), SETTINGS, formats=("csv",))
    assert (outcome.read, outcome.replaced) == (1, ("=cmd2020.pdf",))


def test_a_file_with_new_content_replaces_the_old_and_says_so(raw: Path) -> None:
    put(raw, "a2020", "b2022")
    process()
    (raw / "a2020.pdf").write_bytes(b"%PDF-1.4\n% mended\n%%EOF\n")
    outcome = process()
    assert (outcome.read, outcome.replaced) == (1, ("raw/a2020.pdf",))
    assert len(pipeline.load("out").reports) == 2


def test_content_that_moved_away_for_other_content_stays_in_the_tables(raw: Path) -> None:
    put(raw, "a2020")
    process()
    (raw / "a2020.pdf").rename(raw / "c2020.pdf")
    (raw / "a2020.pdf").write_bytes(b"%PDF-1.4\n% mended\n%%EOF\n")
    outcome = process()
    assert (outcome.read, outcome.replaced) == (1, ())
    assert sorted(statuses(pipeline.load("out"))) == ["a2020", "c2020"]
    before = snapshot(Path("out"))
    assert process().read == 0
    assert snapshot(Path("out")) == before


def test_files_that_change_places_change_their_names_in_the_tables(raw: Path) -> None:
    put(raw, "a2020", "b2022")
    process()
    for name, other in (("a2020", "x"), ("b2022", "a2020"), ("x", "b2022")):
        (raw / f"{name}.pdf").rename(raw / f"{other}.pdf")
    outcome = process()
    assert (outcome.read, outcome.replaced) == (0, ())
    reports = pipeline.load("out").reports
    assert set(zip(reports["source_file"], reports["fiscal_year"], strict=True)) == {
        ("raw/b2022.pdf", 2020),
        ("raw/a2020.pdf", 2022),
    }


def test_a_file_written_over_by_another_that_was_read_leaves_the_tables_and_is_told(raw: Path) -> None:
    put(raw, "a2020", "b2022")
    process()
    (raw / "a2020.pdf").rename(raw / "b2022.pdf")
    outcome = process()
    assert (outcome.read, outcome.replaced) == (0, ("raw/b2022.pdf",))
    assert pipeline.load("out").reports["fiscal_year"].tolist() == [2020]


def test_ctrl_c_keeps_what_was_read(raw: Path) -> None:
    def stop(report: Report, done: int, total: int) -> None:
        raise KeyboardInterrupt

    put(raw, "a2020", "b2022", "hangs2024")
    assert process(progress=stop).interrupted
    kept = statuses(pipeline.load("out"))
    assert len(kept) == 1
    (raw / "hangs2024.pdf").unlink()
    assert process().read == 1
    assert statuses(pipeline.load("out")) == {"a2020": "ok", "b2022": "ok"}


def test_what_was_read_is_kept_where_no_further_worker_can_be_started(raw: Path) -> None:
    def stop(report: Report, done: int, total: int) -> None:
        raise WorkerError("no worker can be started")

    put(raw, "a2020", "b2022")
    with pytest.raises(WorkerError, match="no worker"):
        process(progress=stop)
    assert len(pipeline.load("out").reports) == 1
    assert process().read == 1
    assert statuses(pipeline.load("out")) == {"a2020": "ok", "b2022": "ok"}


def test_a_report_that_breaks_the_contract_fails_alone(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.tables.schemas.require_valid", require_valid)  # as it is read
    put(raw, "a2020", "strange2022")
    process()
    frames = pipeline.load("out")
    assert statuses(frames) == {"a2020": "ok", "strange2022": "failed"}
    assert "breaks the contract" in " ".join(frames.reports["error"])


def test_years_that_do_not_fit_are_read_by_a_second_reader(
    raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[frozenset[str]] = []

    def note(tasks: Sequence[Task], settings: Settings) -> object:
        asked.extend(task.confirm for task in tasks)
        return tasks_to_reports(tasks, settings, read)

    monkeypatch.setattr("pipeline.run.tasks_to_reports", note)
    put(raw, "carries2021")
    process()
    put(raw, "carries2022")
    process()
    assert asked == [frozenset(), frozenset(), frozenset({"applications"}), frozenset({"applications"})]
    checks = pipeline.load("out").checks
    (failed,) = checks[checks["verdict"] == "fail"].to_dict("records")
    assert (failed["check"], failed["fiscal_year"], failed["attribution"]) == (
        "series.carried",
        2022,
        "publisher",
    )
    assert statuses(pipeline.load("out")) == {"carries2021": "ok", "carries2022": "flagged"}


def test_a_path_that_leads_nowhere_writes_nothing(raw: Path) -> None:
    with pytest.raises(PathError):
        run([Path("rwa")], Path("out"), SETTINGS)
    assert not Path("out").exists()


@pytest.mark.parametrize("name", ["reports.parquet", "reports.csv", "checks.parquet"])
def test_a_folder_with_other_files_of_these_names_is_refused(raw: Path, name: str) -> None:
    put(raw, "a2020")
    Path("out").mkdir()
    Path("out", name).write_text("some,thing\nelse,here\n")
    with pytest.raises(TablesError, match=name):
        process()


def test_a_folder_without_the_tables_of_prose_gets_them_without_reading(raw: Path) -> None:
    put(raw, "a2020")
    process(formats=FORMATS)
    whole = {name: data for name, (_, data) in snapshot(Path("out")).items()}
    for file in [*Path("out").glob("terms.*"), *Path("out").glob("claims.*")]:
        file.unlink()
    assert process(formats=FORMATS).read == 0
    assert {name: data for name, (_, data) in snapshot(Path("out")).items()} == whole


def test_the_tables_of_prose_are_made_when_the_last_batch_is_read(raw: Path) -> None:
    put(raw, "a2020", "b2022")
    assert process(formats=FORMATS, most=1).left == 1
    assert not [file for file in Path("out").iterdir() if file.stem in PROSE]
    assert process(formats=FORMATS, most=1).left == 0
    batches = {name: data for name, (_, data) in snapshot(Path("out")).items()}
    process("once", FORMATS)
    assert batches == {name: data for name, (_, data) in snapshot(Path("once")).items()}
    assert {f"{name}.{fmt}" for name in PROSE for fmt in ("csv", "parquet")} <= set(batches)


def test_without_the_tables_of_prose_a_second_run_writes_nothing_and_old_ones_go(raw: Path) -> None:
    put(raw, "a2020")
    process()
    put(raw, "b2022")
    plain = Settings(prose=False)
    assert run([raw], Path("out"), plain).read == 1
    before = snapshot(Path("out"))
    assert not [name for name in before if Path(name).stem in PROSE]
    assert run([raw], Path("out"), plain).read == 0
    assert snapshot(Path("out")) == before
