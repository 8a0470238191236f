"""A folder written when ids had no letter is gone on from: each gets its letter, no report is there twice."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.config import Settings
from pipeline.nightly.release_comparison import compare_releases, out_to_documents
from pipeline.records import report_id_to_first, report_id_to_part, sha256_to_report_id
from pipeline.run import run
from pipeline.tables.folder import load
from pipeline.tables.report_ids import table_with_letters, with_letters
from pipeline.tables.writer import write

OLD = Path(__file__).with_name("folder_without_letters.zip")
"""Tables of reports like those of report_sample.py, as the version before the letter wrote them.

Seven reports, two of them in one file (乙2023.pdf), one superseded (甲2023.pdf). The bytes of each file are
its name without .pdf.
"""
NAMES = ("乙2023", "甲2022", "甲2023", "甲2023再", "坏", "无年")
QUIET = Settings(prose=False)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with zipfile.ZipFile(OLD) as archive:
        archive.extractall(tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The documents of that folder: none is a PDF, so that one that is read again would fail."""
    (tmp_path / "raw").mkdir()
    for name in NAMES:
        (tmp_path / "raw" / f"{name}.pdf").write_text(name, encoding="utf-8")
    return tmp_path / "raw"


def test_a_run_gives_every_id_its_letter_and_reads_nothing_again(
    old: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.extract.version.reading_version", lambda: "1")
    before = out_to_documents(old)
    assert '"b26433ebaadfffdb-2","乙2023.pdf"' in (old / "reports.csv").read_text("utf-8-sig")
    assert run([raw], old, QUIET, formats=["csv"]).read == 0
    frames = load(old)
    ids = frames.reports["report_id"].tolist()
    assert len(ids) == len(set(ids)) == 7
    hashes = dict(zip(ids, frames.reports["sha256"], strict=True))
    assert all(report_id_to_first(name) == sha256_to_report_id(sha256) for name, sha256 in hashes.items())
    assert sorted(report_id_to_part(name) for name in ids) == [1] * 6 + [2]
    superseded = frames.reports.set_index("source_file")["superseded_by"]
    assert superseded["甲2023.pdf"] == sha256_to_report_id(hashes[ids[5]])
    for path in old.glob("*.csv"):
        for line in path.read_text("utf-8-sig").splitlines():
            assert not line.startswith(tuple(f'"{sha256[:16]}' for sha256 in hashes.values())), path
    told = compare_releases(before, out_to_documents(old), frozenset())
    assert (told.gone, told.new, told.revised) == ((), (), ())


def test_a_document_that_is_read_again_takes_the_place_of_its_former_self(old: Path, raw: Path) -> None:
    """These fail, as they are no PDF: what counts is that nothing is there twice."""
    assert run([raw / "甲2022.pdf", raw / "乙2023.pdf"], old, QUIET, formats=["csv"]).read == 2
    reports = load(old).reports
    assert sorted(reports["source_file"]) == sorted(f"{name}.pdf" for name in NAMES)
    assert reports["report_id"].is_unique


def test_parquet_and_csv_of_the_earlier_version_are_read_alike(old: Path, tmp_path: Path) -> None:
    frames = load(old)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.tables.writer.require_valid", lambda frames: None)
        bare = {name: frame.copy() for name, frame in frames.tables().items()}
        for frame in bare.values():
            for name in {"report_id", "superseded_by"} & set(frame):
                frame[name] = frame[name].str.removeprefix("r")
        write(bare, tmp_path / "parquet", ["parquet"])
    again = load(tmp_path / "parquet")
    for name, frame in frames.tables().items():
        assert frame.equals(again.tables()[name]), name


@pytest.mark.parametrize(
    ("old_id", "now"),
    [
        ("9203679535e83326", "r9203679535e83326"),
        ("1234567890123456-2", "r1234567890123456-2"),
        ("r234567890123456", "r234567890123456"),
        ("R", "R"),
        ("", ""),
        (None, None),
    ],
)
def test_only_what_an_earlier_version_wrote_is_changed(old_id: str | None, now: str | None) -> None:
    assert with_letters({"report_id": old_id, "sha256": old_id}) == {"report_id": now, "sha256": old_id}
    table = pa.table({"superseded_by": pa.array([old_id], pa.large_string()), "raw": [old_id]})
    assert table_with_letters(table).to_pylist() == [{"superseded_by": now, "raw": old_id}]
