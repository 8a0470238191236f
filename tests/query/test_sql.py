"""`sql`: the tables by both names, nothing but reading, errors that help, files in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import socket
from pathlib import Path

import pyarrow.parquet
import pytest

from pipeline.cli import main
from pipeline.query.run_query import run_query
from pipeline.query.titles import column_to_title, table_to_title
from pipeline.query.views import QueryError
from pipeline.tables.dictionary import tables, vocabulary
from tests.compare.sample import FORMULA, sample_frames, write_sample
from tests.query.forked_queries import forked_queries

__all__ = ["forked_queries"]

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("forked_queries")]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("processed"))


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in run_query(folder, query).to_pylist()]


@pytest.mark.long
@pytest.mark.parametrize("name", [*tables(), "vocabulary"])
def test_every_table_is_there_under_both_names(folder: Path, name: str) -> None:
    assert table_to_title(name) != name
    english, chinese = (run_query(folder, f'from "{view}"') for view in (name, table_to_title(name)))
    assert chinese.column_names == [column_to_title(name, column) for column in english.column_names]
    assert english.num_rows == chinese.num_rows
    assert not any(title.isascii() for title in chinese.column_names if title != "SHA256")


def test_the_docs_name_every_view_and_their_example_runs(folder: Path) -> None:
    docs = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    assert [n for n in (*tables(), "vocabulary") if f"| `{n}` | {table_to_title(n)} |" not in docs] == []
    (query,) = re.findall(r"(?:^    .*\n)+", docs.split("beside what it is called:\n\n")[1], re.MULTILINE)[:1]
    assert rows(folder, query)[0] == ("公安", 2019, 3, 62.0)


def test_chinese_columns_hold_what_the_english_ones_do(folder: Path) -> None:
    english = "select agency, fiscal_year, value from observations where status = 'suspect' order by all"
    chinese = "select 机关, 年度, 数值 from 数据 where 状态 = 'suspect' order by all"
    assert rows(folder, english) == rows(folder, chinese)
    assert len(rows(folder, english)) == 2


def test_counts_are_those_of_the_tables(folder: Path) -> None:
    assert rows(folder, "select count(*) from 报告") == [(len(sample_frames().reports),)]
    assert rows(folder, "select count(*) from vocabulary") == [(len(vocabulary()),)]


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('{secret}')",
        "select * from read_text('{secret}')",
        "select * from read_blob('{secret}')",
        "select * from '{secret}'",
        "select * from glob('{parent}/*')",
        "select * from read_parquet('{parent}/reports.parquet')",
        "from query('select * from read_text(''{secret}'')')",
        "select * from duckdb_secrets()",
        "copy reports to '{parent}/stolen.csv'",
        "attach '{parent}/new.db'",
        "export database '{parent}/all'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "pragma database_list",
        "create table t as select 1",
        "drop view 报告",
        "select 1; copy reports to '{parent}/stolen.csv'",
        "",
    ],
)
def test_files_and_changes_are_refused(folder: Path, tmp_path: Path, query: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\nsesame,2\n")
    with pytest.raises(QueryError) as refused:
        run_query(folder, query.format(secret=secret, parent=tmp_path))
    assert "sesame" not in str(refused.value)
    assert list(tmp_path.iterdir()) == [secret]


@pytest.mark.parametrize("scheme", ["http", "https", "s3"])
def test_the_network_is_closed(folder: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        with pytest.raises(QueryError):
            run_query(folder, f"from '{scheme}://127.0.0.1:{server.getsockname()[1]}/a.parquet'")
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_in_a_query_is_no_variable_of_the_program(folder: Path) -> None:
    with pytest.raises(QueryError, match="folder does not exist"):
        run_query(folder, "from folder")


def test_an_unknown_table_is_answered_with_the_tables(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", "from 报表", "--processed", str(folder)]) == 2
    err = capsys.readouterr().err
    assert "报表 does not exist" in err
    assert (err.count("\n"), "\\n" in err) == (1, False)
    assert "tables: checks, " in err
    assert "报告, 数据" in err


def test_an_unknown_column_is_answered_with_the_columns(folder: Path) -> None:
    with pytest.raises(QueryError, match="columns of reports: report_id, source_file"):
        run_query(folder, "select agnecy from reports")


def test_two_columns_of_one_name_are_refused(folder: Path) -> None:
    with pytest.raises(QueryError, match="two columns of the result are called a"):
        run_query(folder, "select 1 as a, 2 as a")


def test_a_folder_without_tables_is_said(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=r"reports\.parquet: not there"):
        run_query(tmp_path, "select 1")
    for name in ("observations", "checks", "panel_rates", "reports"):
        (tmp_path / f"{name}.parquet").write_text("no table")
    with pytest.raises(QueryError, match="is no Parquet table"):
        run_query(tmp_path, "select 1")


def test_tables_in_csv_alone_are_made_of_their_own_reports(tmp_path: Path) -> None:
    """The default would add the sample reports to them."""
    with pytest.raises(QueryError, match=r" run --formats parquet,csv --out \S+$"):
        run_query(tmp_path, "select 1")
    (tmp_path / "observations.csv").touch()
    with pytest.raises(QueryError, match=r" run REPORTS --formats parquet,csv --out \S+ \(REPORTS: those of"):
        run_query(tmp_path, "select 1")


def test_a_folder_of_another_version_is_said(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "old")
    rates = pyarrow.parquet.read_table(folder / "panel_rates.parquet")
    pyarrow.parquet.write_table(rates.drop_columns("agency_id"), tmp_path / "old" / "panel_rates.parquet")
    with pytest.raises(QueryError, match=r"panel_rates\.parquet: has no column agency_id: another version"):
        run_query(tmp_path / "old", "select 1")


def test_files_in_every_format_hold_the_same(folder: Path, tmp_path: Path) -> None:
    query = "select 机关, 年度, 原文, 数值 from 数据 where 状态 in ('suspect', 'blank') order by all limit 9"
    for suffix in ("csv", "json", "parquet"):
        assert main(["sql", query, "--processed", str(folder), "--out", str(tmp_path / f"x.{suffix}")]) == 0
    wanted = rows(folder, query)
    parquet = pyarrow.parquet.read_table(tmp_path / "x.parquet").to_pylist()
    assert [tuple(row.values()) for row in parquet] == wanted
    told = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert [tuple(row.values()) for row in told] == wanted
    text = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    assert [row["机关"] for row in csv.DictReader(io.StringIO(text))] == [row[0] for row in wanted]


def test_csv_makes_formulas_harmless(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    query = "select raw from observations where status = 'suspect'"
    assert main(["sql", query, "--processed", str(folder), "--format", "csv"]) == 0
    assert f"\"'{FORMULA}".encode() in capfdbinary.readouterr().out


def test_numbers_lists_and_nothing_in_json(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    query = "select sum(page)::hugeint n, 1.5::decimal(5,2) d, 'nan'::double x, [1, 2] l, null e"
    query += " from reports, checks"
    query = query.replace("page", "pages")
    assert main(["sql", query, "--processed", str(folder), "--format", "json"]) == 0
    (row,) = json.loads(capfdbinary.readouterr().out)
    assert row == {"n": row["n"], "d": 1.5, "x": None, "l": [1, 2], "e": None}
    assert row["n"] > 1000


def test_a_long_answer_on_the_terminal_says_that_it_is_cut(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", "select chr(27) || '[2J' as e from range(1000)", "--processed", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "the first 200 of 1,000 rows" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "wrong", [("--format", "parquet"), ("--out", "x.txt"), ("--format", "table", "--out", "x")]
)
def test_formats_that_cannot_be_are_refused(folder: Path, wrong: tuple[str, ...]) -> None:
    assert main(["sql", "select 1", "--processed", str(folder), *wrong]) == 2
