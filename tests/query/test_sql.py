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
from pipeline.forms import load_forms
from pipeline.query.run_query import run_query
from pipeline.query.views import NEEDED, QueryError
from pipeline.tables.dictionary import tables, values, vocabulary
from pipeline.tables.titles import column_to_title, table_to_title, value_titles
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
@pytest.mark.parametrize("name", [*tables(), "vocabulary", "county_units"])
def test_every_table_is_there_under_both_names(folder: Path, name: str) -> None:
    assert table_to_title(name) != name
    english, chinese = (run_query(folder, f'from "{view}"') for view in (name, table_to_title(name)))
    assert chinese.column_names == [column_to_title(name, column) for column in english.column_names]
    assert english.num_rows == chinese.num_rows
    assert not any(title.isascii() for title in chinese.column_names if title != "SHA256")


def test_the_docs_name_every_view_and_their_example_runs(folder: Path) -> None:
    docs = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    assert [
        n for n in (*tables(), "vocabulary", "county_units") if f"| `{n}` | {table_to_title(n)} |" not in docs
    ] == []
    (query,) = re.findall(r"(?:^    .*\n)+", docs.split("beside what it is called:\n\n")[1], re.MULTILINE)[:1]
    assert rows(folder, query)[0] == ("公安", 2019, 3, 62.0)


def test_the_example_of_nulls_fills_in_a_proven_zero_and_nothing_else(folder: Path) -> None:
    docs = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
    (query,) = re.findall(
        r"(?:^    .*\n)+", docs.split("To fill proven zeros into a panel:\n\n")[1], re.MULTILINE
    )[:1]
    plain = rows(folder, "select agency, fiscal_year, granted__total from panel_applications order by all")
    filled = rows(folder, query)
    assert len(filled) == len(plain)
    assert all(was in (now, None) for (*_, was), (*_, now) in zip(plain, filled, strict=True))


def test_trust_and_reasons_have_chinese_words(folder: Path) -> None:
    assert {word for (word,) in rows(folder, "select distinct 可信程度 from 中文依申请公开")} <= {
        "可信", "照原样引用", "表格不全", "存疑"
    }  # fmt: skip
    why = rows(folder, "select distinct 原因 from 中文空缺 where 表 = '依申请公开' and 行 = '予以公开'")
    assert why and not any(str(word).isascii() for (word,) in why)


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
    assert "near: 报告, " in err
    assert "panel" not in err


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select agnecy from reports", "near in reports: agency, agency_id, "),
        ("select verdikt from checks", "columns of checks: report_id, agency, "),
        ('select "table", tabel from observations', 'near in observations: "table", '),
        ("select 属于国家秘密 from 依申请公开", "属于国家秘密（总计）"),
        ("select r.名子 from 报告 r", 'does not have a column named "名子"; near in 报告: '),
    ],
)
def test_an_unknown_column_is_answered_with_the_nearest(folder: Path, query: str, says: str) -> None:
    with pytest.raises(QueryError) as refused:
        run_query(folder, query)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400


GLUED = "select 机关, 1.属于国家秘密（总计） from 依申请公开"


def test_no_column_of_a_view_begins_with_a_digit(folder: Path) -> None:
    columns = rows(folder, "select column_name from information_schema.columns")
    assert len(columns) > 500
    assert [name for (name,) in columns if str(name)[0].isdigit()] == []
    assert rows(folder, "select 机关, 属于国家秘密（总计） from 依申请公开 limit 3") != []


@pytest.mark.parametrize(
    "query", [GLUED, GLUED.replace(", ", ","), "select 1属于 from 报告", "select .5a", "select 1a"]
)
def test_a_number_with_a_name_right_behind_it_is_refused(folder: Path, query: str) -> None:
    """DuckDB reads `1.属于…` as 1. AS 属于…: the same for every agency."""
    with pytest.raises(QueryError, match="is a number with a name behind it") as refused:
        run_query(folder, query)
    assert ("属于国家秘密（总计）, " in str(refused.value)) == ("总计" in query)


@pytest.mark.parametrize(
    "query", ["select 1 a", "select 1e3 a, 1.5 b, 1/*x*/c", "select '1.a' a, 2-1 b", 'select 1 "1.a"']
)
def test_a_number_with_a_name_of_its_own_is_none(folder: Path, query: str) -> None:
    assert len(rows(folder, query)) == 1


@pytest.mark.parametrize("name", [*tables(), "vocabulary", "county_units"])
def test_views_with_chinese_values_have_the_same_rows(folder: Path, name: str) -> None:
    title = table_to_title(name)
    views = rows(folder, f"select 1 from information_schema.tables where table_name = '中文{title}'")
    if views:
        counts = (
            f'select count(*), count(distinct columns(*)) from "{view}"' for view in (title, f"中文{title}")
        )
        plain, titled = (tuple(run_query(folder, _named(query)).to_pylist()[0].values()) for query in counts)
        assert plain == titled


def _named(query: str) -> str:
    return query.replace("count(*),", "count(*) as n,")


def test_no_value_has_two_titles() -> None:
    titles = value_titles()
    assert len({each[:3] for each in titles}) == len(titles)


def test_every_value_of_the_dictionary_has_a_title() -> None:
    titled = {(each.column, each.value) for each in value_titles()}
    coded = {
        (t, c) for t, table in tables().items() for c in (each.name for each in table.columns) if values(t, c)
    }
    lacking = [(t, c, v) for t, c in coded for v in values(t, c) if v and (c, v) not in titled]
    assert [each for each in lacking if each[2].isascii()] == []
    assert {name for form in load_forms() for name in (each.name for each in form.identities)} <= {
        value for column, value in titled if column == "check"
    }


def test_chinese_values_find_what_the_keys_do(folder: Path) -> None:
    chinese = (
        "select 机关, 数值 from 中文数据 where 行 = '予以公开' and 列 = '总计' and 状态 = '可信' order by all"
    )
    english = """select agency, value from observations
        where item = 'granted' and "column" = 'total' and status = 'ok' order by all"""
    assert len(rows(folder, chinese)) > 20
    assert rows(folder, chinese) == rows(folder, english)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select 数值 from 数据 where 行 = '予以公开'", "near: 行 = 'granted' (予以公开)"),
        ("select 数值 from 数据 where 行 = '予以公开'", "中文数据 has Chinese values"),
        ("select 数值 from 数据 where 状态 = '可信'", "near: 状态 = 'ok' (可信)"),
        ("from checks where verdict = 'failed'", "near: verdict = 'fail' (未通过)"),
        ("from 报告 where 机关 = '示例省东示列市教育局'", "near: 机关 = '示例省东示例市教育局'"),
        ("from 中文核对 where 结果 = '没通过'", "near: 结果 = '"),
    ],
)
def test_a_text_that_stands_nowhere_is_answered_with_near_ones(
    folder: Path, capsys: pytest.CaptureFixture[str], query: str, says: str
) -> None:
    assert main(["sql", query, "--processed", str(folder)]) == 0
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "query",
    [
        "from 报告 where 状态 = 'ok' and 年度 = 1900",
        "from 报告 where 机关 like '%没有%'",
        "select 1 where 'x' = 'y'",
        "select 1 from 报告 where '可信' = '可信'",
    ],
)
def test_no_hint_is_made_where_nothing_is_near_or_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    assert main(["sql", query, "--processed", str(folder)]) == 0
    assert capsys.readouterr().err == ""


def test_a_row_that_is_too_wide_is_shown_column_by_column(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", "from 依申请公开 limit 30", "--processed", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("row 1 of 30")
    assert sum(line.startswith("row ") for line in lines) == 20
    assert re.match(
        r"属于国家秘密（总计） +\d+ *$", next(line for line in lines if "国家秘密（总计）" in line)
    )
    assert lines[-1] == "the first 20 of 30 rows; --out FILE writes all"


def test_two_columns_of_one_name_are_refused(folder: Path) -> None:
    with pytest.raises(QueryError, match="two columns of the result are called a"):
        run_query(folder, "select 1 as a, 2 as a")


def test_a_folder_without_tables_is_said(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=r"reports\.parquet: not there"):
        run_query(tmp_path, "select 1")
    for name in NEEDED:
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
