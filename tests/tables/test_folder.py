"""What was written comes back exactly, from Parquet and from CSV; what is torn or foreign is told."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.derive.places import place
from pipeline.records import Report, Section
from pipeline.tables.dictionary import tables
from pipeline.tables.folder import FolderError, load
from pipeline.tables.frames import Frames, empty_frames, reports_to_frames
from pipeline.tables.schemas import require_valid
from tests.light_tables import write_light_tables
from tests.tables.report_sample import cell, report, sample_reports, write_frames

pytestmark = pytest.mark.long

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "'=+-@\t\r\n\",＝", max_size=6
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module", autouse=True)
def light_tables() -> Iterator[None]:
    """What is read back is not what is derived, and the contract is checked in test_schemas."""
    with pytest.MonkeyPatch.context() as patch:
        write_light_tables(patch)
        yield


def sample() -> Frames:
    return reports_to_frames(sample_reports(), reading_version="1")


def same(one: Frames, other: Frames) -> None:
    for name, frame in one.tables().items():
        pd.testing.assert_frame_equal(frame, other.tables()[name], check_exact=True)


@pytest.mark.parametrize("formats", [["parquet"], ["csv"], ["csv", "parquet"]], ids=str)
@pytest.mark.parametrize("frames", [sample(), empty_frames()], ids=["sample", "empty"])
def test_what_is_written_comes_back(tmp_path: Path, frames: Frames, formats: list[str]) -> None:
    write_frames(frames, tmp_path, formats)
    same(load(tmp_path), frames)


@given(st.lists(st.tuples(st.lists(TEXTS, min_size=4, max_size=4), NUMBERS), min_size=6, max_size=6))
@example([(["", "'", "\x00", "\r"], -0.0), (["NULL", "NA", "nan", '""'], 1e-300)])
@settings(max_examples=3)
def test_any_text_and_number_comes_back(printed: list[tuple[list[str], float]]) -> None:
    """Several reports at once: to write tables takes the same time for one and for many."""
    reports = [odd_report(f"{n}", *each) for n, each in enumerate(printed)]
    frames = reports_to_frames(reports, reading_version="1")
    require_valid(frames.tables())
    for fmt in ("csv", "parquet"):
        with tempfile.TemporaryDirectory() as folder:
            write_frames(frames, Path(folder), [fmt])
            same(load(Path(folder)), frames)


def odd_report(name: str, texts: list[str], number: float) -> Report:
    raw, error, heading, text = texts
    cells = [cell("granted", "total", number, raw=raw), cell("granted", "business", None, status="blank")]
    return report(name, observations=cells, sections=[Section("overview", heading, 1, text)], error=error)


def test_null_and_the_empty_text_stay_apart_in_csv(tmp_path: Path) -> None:
    write_frames(sample(), tmp_path, ["csv"])
    reports = load(tmp_path).reports
    assert reports["source_url"].isna().all()
    assert reports["error"].notna().all() and (reports["error"] == "").any()


def test_a_folder_that_is_not_there_or_empty_holds_nothing(tmp_path: Path) -> None:
    same(load(tmp_path), empty_frames())
    same(load(tmp_path / "none"), empty_frames())


def test_a_run_killed_between_renames_costs_a_reading_and_no_number(tmp_path: Path) -> None:
    """New observations beside the old register: what is only half there counts as not read."""
    old, new = tmp_path / "old", tmp_path / "new"
    write_frames(sample(), old)
    without = [each for each in sample_reports() if each.source_file != "乙2023.pdf"]
    extra = report("丁2023", agency="丁局", observations=[cell("granted", "total", 1)])
    write_frames(reports_to_frames([*without, extra], reading_version="1"), new)
    shutil.copy(new / "observations.parquet", old / "observations.parquet")
    frames = load(old)
    assert sorted(frames.reports["source_file"]) == ["坏.pdf", "无年.pdf", "甲2022.pdf", "甲2023.pdf"]
    assert set(frames.observations["report_id"]) <= set(frames.reports["report_id"])


def test_a_broken_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    write_frames(sample(), tmp_path)
    (tmp_path / "checks.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(
        FolderError, match=r"checks\.parquet: cannot be read back .*run again on all documents"
    ):
        load(tmp_path)


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_columns_of_another_version_are_named(tmp_path: Path, fmt: str) -> None:
    write_frames(sample(), tmp_path, [fmt])
    path = tmp_path / f"checks.{fmt}"
    if fmt == "csv":
        path.write_text(path.read_text("utf-8").replace('"verdict"', '"judgement"'), "utf-8")
    else:
        pd.read_parquet(path).rename(columns={"verdict": "judgement"}).to_parquet(path)
    with pytest.raises(FolderError, match="missing columns: verdict; unexpected columns: judgement"):
        load(tmp_path)


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_tables_of_an_earlier_version_are_read_with_the_columns_it_lacked(
    tmp_path: Path, fmt: str, caplog: pytest.LogCaptureFixture
) -> None:
    write_frames(sample(), tmp_path, [fmt])
    without_reason(tmp_path / f"reports.{fmt}")
    frames = load(tmp_path)
    assert dict(zip(frames.reports["status"], frames.reports["reason"], strict=True)) == {
        "ok": "",
        "no_tables": "no_tables",
        "flagged": "doubtful",
        "failed": "error",
    }
    assert f"reports.{fmt}: an earlier version of this program wrote it" in caplog.text
    placed = place(frames)
    write_frames(placed, tmp_path, [fmt])
    same(load(tmp_path), placed)


def without_reason(path: Path) -> None:
    """The table `reports` as the version wrote it that had no `reason`, nor any column behind it."""
    names = [column.name for column in tables()["reports"].columns]
    newer = names[names.index("reason") :]
    if path.suffix == ".parquet":
        pd.read_parquet(path).drop(columns=newer).to_parquet(path)
    else:
        lines = path.read_text("utf-8").splitlines()
        path.write_text("".join(line.rsplit(",", len(newer))[0] + "\n" for line in lines), "utf-8")


def test_a_text_in_a_number_column_is_named(tmp_path: Path) -> None:
    write_frames(sample(), tmp_path, ["csv"])
    path = tmp_path / "observations.csv"
    path.write_text(path.read_text("utf-8").replace("7730.28", "7730,28x"), "utf-8")
    with pytest.raises(FolderError, match=r"observations\.csv: cannot be read back"):
        load(tmp_path)


def test_other_programs_see_the_types(tmp_path: Path) -> None:
    write_frames(sample(), tmp_path)
    types = pd.read_parquet(tmp_path / "observations.parquet").dtypes
    assert (types["value"], types["page"], types["x0"]) == ("float64", "int16", "float32")
    assert types["fiscal_year"] == pd.Int16Dtype()
