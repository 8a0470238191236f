"""The DuckDB file has every table, what `sql` offers beside them, and says what each means."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.query.views import folder_to_connection
from pipeline.tables.file_names import DATABASE
from pipeline.tables.sql_views import SUPERSEDED, to_stored_name
from tests.tables.exported import sample_tables, write_exports

QUESTIONS = (
    "select 机关, 年度, 数值 from 中文数据 where 行 = '收到' or 状态 = '可信' order by all",
    "select * from observations order by all",
    "select * from 全部报告 order by all",
    "select count(*) from 中文空缺",
    "from value_titles order by all",
    "from 词表 order by all",
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return sample_tables()


@pytest.fixture(scope="module")
def folder(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_exports(tmp_path_factory.mktemp("exports") / "it's", tables)


def test_it_holds_the_rows_of_every_table(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    with duckdb.connect(folder / DATABASE, read_only=True) as connection:
        for name, frame in tables.items():
            found = connection.execute(f"from {to_stored_name(name)}").fetchall()
            told = frame.astype(object).where(frame.notna(), None)
            assert found == list(told.itertuples(index=False, name=None)), name


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_as_sql_does(folder: Path, question: str) -> None:
    with duckdb.connect(folder / DATABASE, read_only=True) as connection, folder_to_connection(folder) as sql:
        assert connection.execute(question).fetchall() == sql.execute(question).fetchall()


def test_it_has_the_views_of_sql(folder: Path) -> None:
    names = (
        "select view_name from duckdb_views() where not internal union select table_name from duckdb_tables()"
    )
    with duckdb.connect(folder / DATABASE, read_only=True) as connection, folder_to_connection(folder) as sql:
        assert set(connection.execute(names).fetchall()) == set(sql.execute(names).fetchall())


def test_superseded_reports_are_in_the_tables_and_not_in_the_views(folder: Path) -> None:
    with duckdb.connect(folder / DATABASE, read_only=True) as connection:
        for name in SUPERSEDED:
            kinds = f"select table_type from information_schema.tables where table_name = '{name}'"
            assert connection.execute(kinds).fetchall() == [("VIEW",)]
        (counts,) = connection.execute(
            "select (select count(*) from all_reports), count(*) from reports"
        ).fetchall()
        assert counts[0] == counts[1] + 1


def test_every_table_column_and_view_is_explained(folder: Path) -> None:
    with duckdb.connect(folder / DATABASE, read_only=True) as connection:
        bare = connection.execute(
            "select table_name from duckdb_columns() where comment is null and not internal"
            " and table_name in (select table_name from duckdb_tables())"
        ).fetchall()
        assert {table for (table,) in bare} == {"vocabulary", "value_titles"}
        assert not connection.execute("from duckdb_tables() where comment is null").fetchall()
        assert not connection.execute("from duckdb_views() where comment is null and not internal").fetchall()
        ((told,),) = connection.execute(
            "select comment from duckdb_columns()"
            " where table_name = 'panel_rates' and column_name = 'numerator'"
        ).fetchall()
    assert told.startswith("分子: Sum of the cells above the line")


def test_duckdb_s_own_shell_opens_it(folder: Path) -> None:
    if not (shell := shutil.which("duckdb")):
        pytest.skip("no shell of DuckDB here")
    question = "select 机关, 状态 from 中文报告 order by all"
    done = subprocess.run(
        [shell, "-readonly", "-json", str(folder / DATABASE), question],
        capture_output=True, text=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with duckdb.connect(folder / DATABASE, read_only=True) as connection:
        rows = connection.execute(question).fetchall()
    assert [tuple(row.values()) for row in json.loads(done.stdout)] == rows
