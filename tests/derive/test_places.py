"""Who and where in the tables: applied when they are written, and anew when the data on regions change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import pipeline
from pipeline.acquire import paths_to_documents
from pipeline.acquire.ledger import Fetch, Ledger, SeenLink
from pipeline.acquire.store import Store
from pipeline.config import Settings
from pipeline.derive.places import place, reports_to_places
from pipeline.records import Report, ReportIdentity, Section
from pipeline.run import RunResult, run
from pipeline.tables.folder import load
from pipeline.tables.frames import reports_to_frames
from pipeline.tables.schemas import require_valid
from pipeline.workers import Task
from tests.light_tables import write_light_tables
from tests.workers.crashing import sound_report

pytestmark = pytest.mark.long

SETTINGS = Settings(timeout=60, jobs=1, memory_mb=1024)
RAW = Path("data/raw")
URL = "https://one.example/2023.pdf"
COLUMNS = ["region_code", "region_name", "admin_level", "bureau_type", "agency_id", "scope", "region_match"]


def read(task: Task, passwords: tuple[str, ...]) -> Report:
    """A report of the agency and year that its bytes name, with prose; it carries out more than it has."""
    line = task.document.snapshot.path.read_bytes().splitlines()[1]
    agency, year, prose = line.decode("unicode_escape").split("|")
    named = replace(task.document.snapshot, path=Path(f"carries{year}"))
    report = sound_report(replace(task, document=replace(task.document, snapshot=named)))
    heading = ReportIdentity(agency, int(year), f"{agency}{year}年政府信息公开工作年度报告", None)
    return replace(report, heading=heading, sections=(Section("overview", "一、总体情况", 1, prose),))


def read_here(tasks: Sequence[Task], settings: Settings) -> Iterator[Report]:
    return (read(task, ()) for task in tasks)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.run.tasks_to_reports", read_here)
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "1")
    write_light_tables(monkeypatch)


def pdf(agency: str, prose: str = "", year: int = 2023) -> bytes:
    return b"%PDF-1.4\n" + f"{agency}|{year}|{prose}".encode("unicode_escape") + b"\n%%EOF startxref"


def lay(file: str, content: bytes) -> None:
    path = RAW / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def give(content: bytes, region: str | None) -> None:
    stored = Store(RAW).put(content)
    with Ledger(Path("data/ledger.sqlite")) as ledger:
        ledger.record_link(SeenLink(URL, "one", "", 2023, "list", region), "now")
        ledger.record(Fetch(URL, "one", "now", 200, {}, stored.sha256, stored.size, URL, "stored"))


def process() -> RunResult:
    return run([RAW], Path("out"), SETTINGS)


def shown() -> dict[str, object]:
    """The only report, with null as None."""
    (row,) = pipeline.load("out").reports.to_dict("records")
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def test_an_agency_has_region_level_type_and_id_and_its_cells_the_code() -> None:
    lay("report.pdf", pdf("淮安市洪泽区人民政府", "2023年全区受理政府信息公开申请21件。"))
    process()
    wanted = ("320813", "江苏省淮安市洪泽区", "县", "人民政府", "320829-人民政府", "本级汇总", "exact")
    assert tuple(shown()[name] for name in COLUMNS) == wanted
    frames = load(Path("out"))
    assert set(frames.observations["region_code"]) == {"320813"}
    require_valid(frames.tables())


def test_an_ambiguous_agency_has_no_code_and_its_candidates() -> None:
    lay("report.pdf", pdf("朝阳区教育局"))
    process()
    row = shown()
    assert (row["region_code"], row["region_match"]) == (None, "ambiguous")
    assert row["region_candidates"] == "110105+220104"
    frames = load(Path("out"))
    assert frames.observations["region_code"].isna().all()
    require_valid(frames.tables())


def test_the_folder_decides() -> None:
    lay("北京市/report.pdf", pdf("朝阳区教育局"))
    process()
    row = shown()
    assert (row["region_code"], row["region_match"], row["region_given"]) == ("110105", "context", "110000")


def test_the_region_of_the_sources_file_decides_also_where_nothing_is_read() -> None:
    give(pdf("朝阳区教育局"), None)
    process()
    assert shown()["region_code"] is None
    give(pdf("朝阳区教育局"), "220000")
    assert process().read == 0
    assert (shown()["region_code"], shown()["region_given"]) == ("220104", "220000")


def test_new_data_on_regions_change_the_tables_without_a_second_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lay("report.pdf", pdf("海东市教育局"))
    with monkeypatch.context() as older:
        older.setattr("pipeline.derive.places.places_version", lambda: "older")
        older.setattr("pipeline.tables.version.tables_version", lambda: "older")
        process()
    assert shown()["places_version"] == "older"
    assert process().read == 0
    assert shown()["places_version"] != "older"
    before = Path("out/reports.parquet").stat().st_mtime_ns
    process()
    assert Path("out/reports.parquet").stat().st_mtime_ns == before


def test_new_data_on_rates_or_prose_make_the_tables_anew_without_a_second_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lay("report.pdf", pdf("海东市教育局", "政策解读"))
    process()
    rates, words = Path("out/panel_rates.parquet"), Path("out/.words.arrow")
    before = [path.stat().st_mtime_ns for path in (rates, words)]
    assert process().read == 0
    assert [path.stat().st_mtime_ns for path in (rates, words)] == before
    monkeypatch.setattr("pipeline.tables.version.tables_version", lambda: "newer")
    assert process().read == 0
    assert all(path.stat().st_mtime_ns > time for path, time in zip((rates, words), before, strict=True))


def test_years_are_compared_over_a_rename() -> None:
    lay("before.pdf", pdf("洪泽县人民政府", year=2015))
    lay("after.pdf", pdf("淮安市洪泽区人民政府", year=2016))
    process()
    (check,) = pipeline.load("out").checks.to_dict("records")
    assert (check["check"], check["fiscal_year"]) == ("series.carried", 2016)
    assert (check["right"], check["left"], check["verdict"]) == (5, 3, "fail")
    assert check["attribution"] == "publisher"  # a second reader was asked, of both reports


def test_years_of_two_agencies_of_one_name_are_not_compared() -> None:
    lay("北京市/before.pdf", pdf("朝阳区教育局", year=2022))
    lay("吉林省/after.pdf", pdf("朝阳区教育局", year=2023))
    process()
    assert pipeline.load("out").checks.empty
    assert set(pipeline.load("out").reports["status"]) == {"ok"}


def test_places_are_the_same_from_reports_and_from_their_frames() -> None:
    """One report is placed before there are frames, those of a run after they were merged."""
    lay("report.pdf", pdf("洪泽区人民政府"))
    for name, agency, prose in (("a", "朝阳区教育局", ""), ("b", "淮安市洪泽区人民政府", "区本级汇总")):
        lay(f"江苏省/{name}.pdf", pdf(agency, prose))
    documents = paths_to_documents([RAW])
    reports = [read(Task(document), ()) for document in documents]
    reports[0] = replace(reports[0], source_url=URL)
    later = place(reports_to_frames(reports, reading_version="1"))
    at_once = reports_to_frames(reports, reading_version="1", places=reports_to_places)
    assert later.reports["region_match"].tolist() == ["ambiguous", "exact", "exact"]
    for name, frame in later.tables().items():
        pd.testing.assert_frame_equal(frame, at_once.tables()[name])
