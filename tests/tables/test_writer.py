"""The files: exact texts and numbers, the same bytes for the same input, all or nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet
import pytest

from pipeline.derive.chain import frames_to_tables
from pipeline.installation.version import VERSION
from pipeline.tables import staging, writer
from pipeline.tables.dictionary import tables
from pipeline.tables.file_names import CODEBOOK, DATABASE, PACKAGE
from pipeline.tables.folder import load
from pipeline.tables.frames import Frames, empty_frames, merge, reports_to_frames
from pipeline.tables.schemas import ContractError, require_valid
from pipeline.tables.staging import STAGING, finish_killed_run, is_unfinished
from pipeline.tables.state import TablesState, out_to_state
from pipeline.tables.writer import write
from pipeline.tables.written_tables import TablesError, one_set, out_to_package, out_to_strays
from tests.tables.exported import sample_tables as exported_tables
from tests.tables.exported import write_exports
from tests.tables.report_sample import cell, report, sample_reports, write_frames

pytestmark = pytest.mark.long


Tables = Mapping[str, pd.DataFrame]


def sample() -> Frames:
    return reports_to_frames(sample_reports(), reading_version="1")


@cache
def sample_tables() -> Tables:
    return frames_to_tables(sample())


@cache
def empty_tables() -> Tables:
    return frames_to_tables(empty_frames())


@pytest.fixture(scope="module", autouse=True)
def checked_once() -> Iterator[None]:
    """Tables that have kept the contract once are not checked again: that takes longer than to write them."""
    kept: list[Tables] = []

    def check(exported: Tables) -> None:
        if not any(exported is each for each in kept):
            require_valid(exported)
            kept.append(exported)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "require_valid", check)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, written: to be looked at, and to be copied by who changes it."""
    out = tmp_path_factory.mktemp("made")
    write(sample_tables(), out)
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "out")


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def lines(folder: Path, table: str) -> list[dict[str, str]]:
    text = (folder / f"{table}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_table_is_there_in_both_formats_and_nothing_else(tmp_path: Path) -> None:
    written = write(sample_tables(), tmp_path / "new" / "folder")
    wanted = {f"{name}.{fmt}" for name in tables() for fmt in ("csv", "parquet")} | {CODEBOOK, PACKAGE}
    assert {path.name for path in written} == set(digests(tmp_path / "new" / "folder")) == wanted


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_one_format_alone_removes_the_files_of_the_other(out: Path, fmt: str) -> None:
    (out / "mine.csv").write_text("not ours")
    write(sample_tables(), out, [fmt])
    assert {path.suffix for path in out.iterdir() if path.name != "mine.csv"} == {f".{fmt}", ".html", ".json"}
    assert (out / "mine.csv").exists()


@pytest.mark.parametrize("formats", [["xlsx"], [], ["csv", "json"], ["dta"], ["dta", "duckdb"]])
def test_an_unknown_format_is_named_with_the_known_ones(tmp_path: Path, formats: list[str]) -> None:
    with pytest.raises(ValueError, match="some of parquet, csv, dta, duckdb, parquet or csv in any case"):
        write(sample_tables(), tmp_path, formats)
    assert list(tmp_path.iterdir()) == []


def test_the_same_reports_give_the_same_bytes_in_any_order_and_any_portions(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is checked here, for what has the bytes of checked tables keeps the contract too."""
    monkeypatch.setattr(writer, "require_valid", lambda exported: None)
    reports = sample_reports()
    folders = [tmp_path / name for name in ("reversed", "portions", "again")]
    write_frames(reports_to_frames(reports[::-1], reading_version="1"), folders[0])
    portions = empty_frames()
    for each in reports:
        portions = merge(portions, reports_to_frames([each], reading_version="1"))
    write_frames(portions, folders[1])
    write_frames(load(made), folders[2])
    assert [digests(folder) for folder in folders] == [digests(made)] * 3


def test_csv_is_utf8_with_bom_and_plain_line_ends(made: Path) -> None:
    for path in made.glob("*.csv"):
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
    write_frames(reports_to_frames([report("a", observations=cells)], reading_version="1"), tmp_path)
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
    write_frames(frames, tmp_path)
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


def test_a_table_that_breaks_the_contract_leaves_the_folder_as_it_was(out: Path) -> None:
    before = digests(out)
    good = sample_tables()
    bad = {**good, "observations": good["observations"].assign(status="fine")}
    with pytest.raises(ContractError, match=r"observations\.status: expected one of ok, blank"):
        write(bad, out)
    assert digests(out) == before


def test_a_failure_while_staging_leaves_the_folder_as_it_was(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(out)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "_write_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        write(empty_tables(), out)
    assert digests(out) == before


def test_no_file_is_renamed_before_all_are_staged(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(out)
    seen: list[dict[str, str]] = []
    stage = writer._stage_package
    monkeypatch.setattr(writer, "_stage_package", lambda *a: (seen.append(digests(out)), stage(*a))[1])
    write(empty_tables(), out)
    assert seen == [before]


def test_what_a_killed_run_left_is_swept_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / ".observations.parquet.tmp").write_bytes(b"half")
    (tmp_path / ".mine.tmp").write_bytes(b"not ours")
    (tmp_path / f"{STAGING}killed").mkdir(mode=0o700)
    (tmp_path / f"{STAGING}killed" / "observations.csv").write_bytes(b"half")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (tmp_path / f"{STAGING}link").symlink_to(elsewhere)
    (tmp_path / f"{STAGING}open").mkdir(mode=0o777)
    (tmp_path / f"{STAGING}open").chmod(0o777)
    write(sample_tables(), tmp_path)
    left = {path.name for path in tmp_path.glob(".*")}
    assert left == {".mine.tmp", f"{STAGING}link", f"{STAGING}open"}
    assert elsewhere.is_dir()


def test_what_was_ready_when_a_run_was_killed_is_published_by_whoever_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of renames: once all is staged the new set counts, and nothing is read again.

    The files are staged once, and copied in the place of being staged for each of the kills.
    """
    old, whole, staged = (tmp_path / name for name in ("old", "whole", "staged"))
    write(empty_tables(), old, ["csv"])
    shutil.copytree(old, whole)
    stage = writer._stage

    def keep(exported: Tables, folder: Path, *more: Any) -> None:
        stage(exported, folder, *more)
        shutil.copytree(folder, staged)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_stage", keep)
        write(sample_tables(), whole)
    monkeypatch.setattr(writer, "_stage", lambda _, folder, *more: copy_into(staged, folder))
    before, expected = digests(old), digests(whole)
    for renames in range(len(expected) + 1):
        out = shutil.copytree(old, tmp_path / str(renames))
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(staging, "move", killing(renames))
            write(sample_tables(), out)
        assert is_unfinished(out) == (renames > 0)
        finish_killed_run(out)
        assert not is_unfinished(out)
        assert out_to_strays(out) == frozenset()
        assert digests(out) == (expected if renames else before)


def copy_into(source: Path, folder: Path) -> None:
    shutil.copytree(source, folder, dirs_exist_ok=True)


def killing(renames: int) -> Callable[[Path, Path], Path]:
    """A renaming that is the last one after so many."""
    done: list[Path] = []

    def move(source: Path, target: Path) -> Path:
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(target)
        return source.replace(target)

    return move


def test_every_file_of_a_set_can_be_told_from_one_of_another(made: Path, tmp_path: Path) -> None:
    """Parquet by its footer, CSV by its size, and one of the same size by its hash."""
    other = [replace(each, source_file=each.source_file.replace("甲", "丙")) for each in sample_reports()]
    write_frames(reports_to_frames(other, reading_version="1"), tmp_path / "other")
    for name in digests(made):
        out = shutil.copytree(made, tmp_path / f"with {name}")
        shutil.copy(tmp_path / "other" / name, out / name)
        differs = (out / name).read_bytes() != (made / name).read_bytes()
        assert bool(out_to_strays(out, thorough=True)) == differs, name
        if name.endswith(".parquet"):
            assert out_to_strays(out) == {name}
        (out / name).unlink()
        assert name == PACKAGE or name in out_to_strays(out)
    sizes = [(folder / "reports.csv").stat().st_size for folder in (made, tmp_path / "other")]
    assert sizes[0] == sizes[1], "the hash is not put to the test"


def test_a_table_that_the_set_has_not_is_a_stray(made: Path, tmp_path: Path) -> None:
    write(sample_tables(), tmp_path, ["csv"])
    shutil.copy(made / "reports.parquet", tmp_path)
    assert out_to_strays(tmp_path) == {"reports.parquet"}


def test_the_set_is_named_by_what_is_in_it_alone(made: Path, tmp_path: Path) -> None:
    write(frames_to_tables(sample()), tmp_path / "two")
    write(empty_tables(), tmp_path / "empty")
    folders = (made, tmp_path / "two", tmp_path / "empty")
    names = [json.loads((folder / PACKAGE).read_text("utf-8"))["set"] for folder in folders]
    assert names[0] == names[1] != names[2]
    footers = {
        pyarrow.parquet.read_metadata(path).metadata[b"set"].decode() for path in made.glob("*.parquet")
    }
    assert footers == {names[0]}


def test_a_set_that_an_earlier_version_wrote_is_whole_where_its_rows_are_those_told(
    out: Path, tmp_path: Path
) -> None:
    as_before_sets(out)
    assert out_to_strays(out, thorough=True) == frozenset()
    write(empty_tables(), tmp_path / "empty")
    as_before_sets(tmp_path / "empty")
    shutil.copy(tmp_path / "empty" / "reports.parquet", out)
    assert out_to_strays(out) == {"reports.parquet"}


def as_before_sets(out: Path) -> None:
    """The tables as the version wrote them that knew of no sets."""
    for path in out.glob("*.parquet"):
        pyarrow.parquet.write_table(pyarrow.parquet.read_table(path), path, compression="zstd")
    package = json.loads((out / PACKAGE).read_text("utf-8"))
    del package["set"]
    for resource in package["resources"]:
        del resource["bytes"], resource["hash"]
    (out / PACKAGE).write_text(json.dumps(package), "utf-8")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"resources": 1}', '{"resources": [1]}', '{"counts": [], "resources": [{}]}', "{"]
)
def test_a_description_that_nobody_understands_tells_of_no_set(out: Path, text: str) -> None:
    (out / PACKAGE).write_text(text)
    assert out_to_strays(out) == frozenset()
    assert out_to_package(out).get("set") is None


def test_two_tables_are_read_of_one_set_or_not_at_all(made: Path, out: Path) -> None:
    with one_set(out):
        load(out)
    with pytest.raises(TablesError, match="was written anew while it was being read"), one_set(out):
        write(empty_tables(), out)
    shutil.copy(made / "checks.parquet", out)
    told = r"not one whole set \(checks\.parquet\)"
    with pytest.raises(TablesError, match=told), one_set(out):
        raise AssertionError("there is nothing to read")


def test_reports_are_renamed_last_of_the_tables(tmp_path: Path) -> None:
    names = [path.name for path in write(sample_tables(), tmp_path)]
    assert names[-3:] == ["reports.csv", "reports.parquet", "datapackage.json"]


def test_the_package_describes_every_column_of_every_file(made: Path) -> None:
    package = json.loads((made / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["profile"], package["reading_version"]) == ("tabular-data-package", "1")
    assert package["counts"]["reports"] == 5
    assert {resource["path"] for resource in package["resources"]} == set(digests(made)) - {PACKAGE}
    for resource in (each for each in package["resources"] if "schema" in each):
        path, names = made / resource["path"], [field["name"] for field in resource["schema"]["fields"]]
        if resource["format"] == "csv":
            head = path.read_text(encoding="utf-8-sig").splitlines()[0]
            assert next(csv.reader([head])) == names
            assert resource["rows"] == len(lines(made, path.stem))
        else:
            assert pyarrow.parquet.read_schema(path).names == names
        assert set(resource["schema"].get("primaryKey", [])) <= set(names)
        assert all(field["description"] and field["title"] for field in resource["schema"]["fields"])


def test_the_package_tells_no_place_and_of_times_only_what_the_reports_say(made: Path) -> None:
    text = (made / "datapackage.json").read_text(encoding="utf-8")
    assert str(made) not in text
    assert json.loads(text)["created"] == "2024-01-20T00:00:00Z"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tables in every format, for tests that only look."""
    return write_exports(tmp_path_factory.mktemp("everything"), exported_tables())


def test_the_package_says_version_licence_and_sources(everything: Path) -> None:
    package = json.loads((everything / PACKAGE).read_bytes())
    assert package["version"] == f"{VERSION}+{package['set']}"
    assert [licence["name"] for licence in package["licenses"]] == ["MIT"]
    sites = [source for source in package["sources"] if "path" in source]
    assert sites == [{"title": "www.example.gov.cn: 1 file", "path": "https://www.example.gov.cn/"}]
    assert [source["title"] for source in package["sources"]][1] == "6 files given without an address"


def test_the_package_describes_stata_files_by_their_own_names(everything: Path) -> None:
    resources = json.loads((everything / PACKAGE).read_bytes())["resources"]
    of_stata = {each["name"]: each["schema"]["fields"] for each in resources if each["format"] == "dta"}
    assert of_stata.keys() == {f"{name}.dta" for name in tables()}
    for name, fields in of_stata.items():
        found = pd.read_stata(everything / name, convert_categoricals=False)
        assert [field["name"] for field in fields] == list(found)
        numbers = [field["name"] for field in fields if field["type"] in ("integer", "number")]
        days = [field["name"] for field in fields if field["type"] == "date"]
        assert [name for name in found.select_dtypes("number") if name not in days] == numbers


def test_all_but_the_file_of_duckdb_is_the_same_for_the_same_tables(everything: Path, tmp_path: Path) -> None:
    before, now = digests(everything), digests(write_exports(tmp_path, exported_tables()))
    assert before.pop(DATABASE) and now.pop(DATABASE)
    assert before == now
    (told,) = [
        each
        for each in json.loads((everything / PACKAGE).read_bytes())["resources"]
        if each["path"] == DATABASE
    ]
    assert "hash" not in told


def test_what_other_programs_changed_stops_nobody_and_is_made_anew(tmp_path: Path) -> None:
    """Stata saves over its file, DuckDB opens its own to write."""
    out = write_exports(tmp_path, exported_tables())
    assert out_to_state(out) == TablesState.WHOLE
    (out / DATABASE).write_bytes(b"tables of somebody's own")
    assert out_to_state(out) == TablesState.WHOLE
    (out / "reports.dta").write_bytes(b"saved by Stata")
    with one_set(out):
        pass
    assert out_to_state(out) == TablesState.DERIVED


def test_a_format_that_is_no_longer_asked_for_goes(tmp_path: Path) -> None:
    write(exported_tables(), write_exports(tmp_path, exported_tables()), ["csv"])
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".html", ".json"}


def test_an_empty_run_writes_all_heads(tmp_path: Path) -> None:
    write(empty_tables(), tmp_path)
    for name, table in tables().items():
        assert lines(tmp_path, name) == []
        assert pyarrow.parquet.read_schema(tmp_path / f"{name}.parquet").names == [
            c.name for c in table.columns
        ]
