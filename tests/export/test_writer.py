"""The files: exact texts and numbers, the same bytes for the same input, all or nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest
from export_sample import cell, report, sample_reports

from pipeline.export import writer
from pipeline.export.dictionary import tables
from pipeline.export.folder import load
from pipeline.export.frames import Frames, empty_frames, merge, reports_to_frames
from pipeline.export.schemas import ContractError
from pipeline.export.staging import is_unfinished, publish
from pipeline.export.writer import write


def sample() -> Frames:
    return reports_to_frames(sample_reports(), reading_version="1")


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def lines(folder: Path, table: str) -> list[dict[str, str]]:
    text = (folder / f"{table}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_table_is_there_in_both_formats_and_nothing_else(tmp_path: Path) -> None:
    written = write(sample(), tmp_path / "new" / "folder")
    wanted = {f"{name}.{fmt}" for name in tables() for fmt in ("csv", "parquet")} | {"datapackage.json"}
    assert {path.name for path in written} == set(digests(tmp_path / "new" / "folder")) == wanted


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_one_format_alone_removes_the_files_of_the_other(tmp_path: Path, fmt: str) -> None:
    write(sample(), tmp_path)
    (tmp_path / "mine.csv").write_text("not ours")
    write(sample(), tmp_path, [fmt])
    assert {path.suffix for path in tmp_path.iterdir() if path.name != "mine.csv"} == {f".{fmt}", ".json"}
    assert (tmp_path / "mine.csv").exists()


@pytest.mark.parametrize("formats", [["xlsx"], [], ["csv", "json"]])
def test_an_unknown_format_is_named_with_the_known_ones(tmp_path: Path, formats: list[str]) -> None:
    with pytest.raises(ValueError, match="expected some of parquet, csv"):
        write(sample(), tmp_path, formats)
    assert list(tmp_path.iterdir()) == []


def test_the_same_reports_give_the_same_bytes_in_any_order_and_any_portions(tmp_path: Path) -> None:
    reports = sample_reports()
    folders = [tmp_path / name for name in ("whole", "reversed", "portions", "again")]
    write(sample(), folders[0])
    write(reports_to_frames(reports[::-1], reading_version="1"), folders[1])
    portions = empty_frames()
    for each in reports:
        portions = merge(portions, reports_to_frames([each], reading_version="1"))
    write(portions, folders[2])
    write(load(folders[0]), folders[3])
    assert len({tuple(sorted(digests(folder).items())) for folder in folders}) == 1


def test_csv_is_utf8_with_bom_and_plain_line_ends(tmp_path: Path) -> None:
    write(sample(), tmp_path)
    for path in tmp_path.glob("*.csv"):
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\n") and b"\r" not in content


def test_numbers_are_as_short_as_they_are_exact(tmp_path: Path) -> None:
    numbers = [21.0, 7730.28, 0.1, 0.0, -20.0, 1234567.0, 1 / 3]
    items = [
        "new_received",
        "carried_in",
        "granted",
        "handled_total",
        "carried_out",
        "partially_granted",
        "other",
    ]
    cells = [cell(item, "total", number) for item, number in zip(items, numbers, strict=True)]
    write(reports_to_frames([report("a", observations=cells)], reading_version="1"), tmp_path)
    rows = lines(tmp_path, "observations")
    assert [row["value"] for row in rows] == [
        "21",
        "7730.28",
        "0.1",
        "0",
        "-20",
        "1234567",
        "0.3333333333333333",
    ]
    assert (rows[0]["fiscal_year"], rows[0]["page"], rows[0]["x0"]) == ("2023", "2", "72.1")


def test_a_text_like_a_formula_is_made_harmless_in_csv_only(tmp_path: Path) -> None:
    raws = ["=1+1", "+5", "-20", "@SUM", "＝1", "'=1", "'''+1", "减20", "'", "5", ""]
    cells = [
        cell(item, "total", None, status="unreadable", raw=raw)
        for item, raw in zip([key for key in ITEMS if key != "other"], raws, strict=False)
    ]
    frames = reports_to_frames([report("a", observations=cells)], reading_version="1")
    write(frames, tmp_path)
    harmless = ["'=1+1", "'+5", "'-20", "'@SUM", "'＝1", "''=1", "''''+1", "减20", "'", "5", ""]
    assert [row["raw"] for row in lines(tmp_path, "observations")] == harmless
    parquet = pyarrow.parquet.read_table(tmp_path / "observations.parquet")
    assert parquet["raw"].to_pylist() == raws


ITEMS = [
    "new_received",
    "carried_in",
    "granted",
    "partially_granted",
    "refused.state_secret",
    "refused.prohibited_by_law",
    "refused.security_stability",
    "refused.third_party_rights",
    "refused.internal_affairs",
    "handled_total",
    "carried_out",
]


def test_a_table_that_breaks_the_contract_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    write(sample(), tmp_path)
    before = digests(tmp_path)
    good = sample()
    bad = replace(good, observations=good.observations.assign(status="fine"))
    with pytest.raises(ContractError, match=r"observations\.status: expected one of ok, blank"):
        write(bad, tmp_path)
    assert digests(tmp_path) == before


def test_a_failure_while_staging_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sample(), tmp_path)
    before = digests(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "_write_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        write(empty_frames(), tmp_path)
    assert digests(tmp_path) == before


def test_no_file_is_renamed_before_all_are_staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(sample(), tmp_path)
    before = digests(tmp_path)
    seen: list[dict[str, str]] = []
    stage = writer._stage_package
    monkeypatch.setattr(writer, "_stage_package", lambda *a: (seen.append(digests(tmp_path)), stage(*a))[1])
    write(empty_frames(), tmp_path)
    assert {name: seen[0][name] for name in before} == before


def test_what_a_killed_run_left_is_swept_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / ".observations.parquet.tmp").write_bytes(b"half")
    (tmp_path / ".mine.tmp").write_bytes(b"not ours")
    write(sample(), tmp_path)
    assert sorted(path.name for path in tmp_path.glob(".*")) == [".mine.tmp"]


def test_a_run_killed_between_renames_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(path: Path) -> Path:
        if path.name == "reports.parquet":
            raise KeyboardInterrupt
        return publish(path)

    assert not is_unfinished(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(writer, "publish", killed)
        write(sample(), tmp_path)
    assert is_unfinished(tmp_path)
    assert len(load(tmp_path).reports) == 5  # CSV, published before
    write(sample(), tmp_path)
    assert not is_unfinished(tmp_path)


def test_reports_are_renamed_last_of_the_tables(tmp_path: Path) -> None:
    names = [path.name for path in write(sample(), tmp_path)]
    assert names[-3:] == ["reports.csv", "reports.parquet", "datapackage.json"]


def test_the_package_describes_every_column_of_every_file(tmp_path: Path) -> None:
    write(sample(), tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["profile"], package["reading_version"]) == ("tabular-data-package", "1")
    assert package["counts"]["reports"] == 5
    for resource in package["resources"]:
        path, names = tmp_path / resource["path"], [field["name"] for field in resource["schema"]["fields"]]
        if resource["format"] == "csv":
            head = path.read_text(encoding="utf-8-sig").splitlines()[0]
            assert next(csv.reader([head])) == names
            assert resource["rows"] == len(lines(tmp_path, path.stem))
        else:
            assert pyarrow.parquet.read_schema(path).names == names
        assert set(resource["schema"].get("primaryKey", [])) <= set(names)
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_the_package_tells_no_time_and_no_place(tmp_path: Path) -> None:
    write(sample(), tmp_path)
    text = (tmp_path / "datapackage.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text and "created" not in text


def test_an_empty_run_writes_all_heads(tmp_path: Path) -> None:
    write(empty_frames(), tmp_path)
    for name, table in tables().items():
        assert lines(tmp_path, name) == []
        assert pyarrow.parquet.read_schema(tmp_path / f"{name}.parquet").names == [
            c.name for c in table.columns
        ]
