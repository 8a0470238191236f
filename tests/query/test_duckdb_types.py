"""Every type of DuckDB's in every format: no traceback, and the value that DuckDB has."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest

from pipeline.query.result_formats import rows_to_bytes, rows_to_terminal_table
from pipeline.query.run_query import run_query
from pipeline.tables.csvtext import restored
from tests.compare.sample import write_sample

HUGE = "170141183460469231731687303715884105727"
BIG = "123456789" * 9
ISO = "2022-01-02 03:04:05"
INF, NAN = float("inf"), float("nan")
KINDS: list[tuple[Any, ...]] = [
    # in SQL, in Parquet, in JSON, in CSV and on the terminal
    ("true", True, True, "true"),
    ("-5::tinyint", -5, -5, "-5"),
    ("18446744073709551615::ubigint", 2**64 - 1, 2**64 - 1, str(2**64 - 1)),
    ("7::hugeint", 7, 7, "7"),
    (f"{HUGE}::hugeint", HUGE, HUGE, HUGE),
    (f"-{HUGE}::hugeint", f"-{HUGE}", f"-{HUGE}", f"-{HUGE}"),
    ("340282366920938463463374607431768211455::uhugeint", *[str(2**128 - 1)] * 3),
    (f"{BIG}::bignum", BIG, BIG, BIG),
    ("7::bignum", 7, 7, "7"),
    ("1.5", 1.5, 1.5, "1.5"),
    ("-0.07::decimal(38, 20)", -0.07, -0.07, "-0.07"),
    ("12345678901234567890.12::decimal(38, 2)", *["12345678901234567890.12"] * 3),
    ("12::decimal(38, 0)", 12, 12, "12"),
    (f"{HUGE[:38]}::decimal(38, 0)", *[HUGE[:38]] * 3),
    ("0.5::float", 0.5, 0.5, "0.5"),
    ("12345678901.5::double", 12345678901.5, 12345678901.5, "12345678901.5"),
    ("'inf'::double", INF, "Infinity", "inf"),
    ("'-inf'::float", -INF, "-Infinity", "-inf"),
    ("'a\"b, c'", 'a"b, c', 'a"b, c', 'a"b, c'),
    ("'\\xAA\\x00=1'::blob", b"\xaa\x00=1", "\\xAA\\x00=1", "\\xAA\\x00=1"),
    ("'=1'::blob", b"=1", "=1", "=1"),
    ("'0101'::bit", "0101", "0101", "0101"),
    ("'423c0724-f414-4c60-a63c-30ecc55e738f'::uuid", *["423c0724-f414-4c60-a63c-30ecc55e738f"] * 3),
    ("'=x'::enum('=x', 'y')", "=x", "=x", "=x"),
    ("date '2022-01-02'", date(2022, 1, 2), "2022-01-02", "2022-01-02"),
    ("'infinity'::date", "infinity", "infinity", "infinity"),
    ("'-infinity'::date", "-infinity", "-infinity", "-infinity"),
    ("date '0044-03-15 (BC)'", *["0044-03-15 (BC)"] * 3),
    ("date '5877642-06-25 (BC)'", *["5877642-06-25 (BC)"] * 3),
    ("date '12345-01-01'", *["12345-01-01"] * 3),
    ("date '9999-12-31'", date(9999, 12, 31), "9999-12-31", "9999-12-31"),
    ("time '03:04:05.678'", *["03:04:05.678"] * 3),
    ("'24:00:00'::time", "24:00:00", "24:00:00", "24:00:00"),
    ("'03:04:05+08'::timetz", *["03:04:05+08"] * 3),
    ("time_ns '03:04:05.123456789'", *["03:04:05.123456789"] * 3),
    (f"timestamp '{ISO}'", datetime(2022, 1, 2, 3, 4, 5), ISO, ISO),
    (f"timestamp_s '{ISO}'", datetime(2022, 1, 2, 3, 4, 5), ISO, ISO),
    (f"timestamp_ms '{ISO}'", datetime(2022, 1, 2, 3, 4, 5), ISO, ISO),
    (f"timestamptz '{ISO}+00'", datetime(2022, 1, 2, 3, 4, 5, tzinfo=UTC), f"{ISO}+00:00", ISO),
    (f"timestamp_ns '{ISO}.123456789'", ..., f"{ISO}.123456789", f"{ISO}.123456789"),
    (f"'{ISO}.123456789+00'::timestamptz_ns", *[f"{ISO}.123456789+00"] * 3),
    ("'infinity'::timestamp", "infinity", "infinity", "infinity"),
    ("'-infinity'::timestamptz", "-infinity", "-infinity", "-infinity"),
    ("'290309-12-22 (BC) 00:00:00'::timestamp", *["290309-12-22 (BC) 00:00:00"] * 3),
    ("interval '1 month 2 days 3 seconds'", *["1 month 2 days 00:00:03"] * 3),
    ("null", None, None, ""),
    ("[1, 2]", [1, 2], [1, 2], "[1, 2]"),
    ("[1, 2]::int[2]", [1, 2], [1, 2], "[1, 2]"),
    ("[['=1'], []]", [["=1"], []], [["=1"], []], '[["=1"], []]'),
    ("{'a': 1, 'b': 'x'}", {"a": 1, "b": "x"}, {"a": 1, "b": "x"}, '{"a": 1, "b": "x"}'),
    ("['inf'::double]", [INF], ["Infinity"], '["Infinity"]'),
    ("[interval '1 day']", '["1 day"]', ["1 day"], '["1 day"]'),
    ("['infinity'::date]", '["infinity"]', ["infinity"], '["infinity"]'),
    ("[{'a': '24:00:00'::time}]", '[{"a":"24:00:00"}]', [{"a": "24:00:00"}], '[{"a":"24:00:00"}]'),
    (f"[{HUGE}::hugeint]", f"[{HUGE}]", [int(HUGE)], f"[{HUGE}]"),
    ("struct_pack()", "{}", {}, "{}"),
    ("[struct_pack()]", "[{}]", [{}], "[{}]"),
    ("map {'a': 1}", '{"a":1}', {"a": 1}, '{"a":1}'),
    ("map {1: interval 1 day}", '{"1":"1 day"}', {"1": "1 day"}, '{"1":"1 day"}'),
    ("map {'x \"NaN': 'nan'::double}", '{"x \\"NaN":null}', {'x "NaN': None}, '{"x \\"NaN":null}'),
    ("map {'a': '-inf'::double}", '{"a":"-Infinity"}', {"a": "-Infinity"}, '{"a":"-Infinity"}'),
    ("union_value(a := 1)", '{"a":1}', {"a": 1}, '{"a":1}'),
    ("row(1, 'x')", '[1,"x"]', [1, "x"], '[1,"x"]'),
    ("'{\"a\": [1, null]}'::json", '{"a":[1,null]}', {"a": [1, None]}, '{"a":[1,null]}'),
    ("{'a': 1}::variant", '{"a":1}', {"a": 1}, '{"a":1}'),
    ("'POINT(1 2)'::geometry", "POINT (1 2)", "POINT (1 2)", "POINT (1 2)"),
    ("[" * 40 + "1" + "]" * 40, "[" * 40 + "1" + "]" * 40, ..., "[" * 40 + "1" + "]" * 40),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("processed"))


NULLS = " union all select " + ", ".join(["null"] * len(KINDS))


@pytest.fixture(scope="module", params=["", NULLS], ids=["alone", "beside nothing"])
def every(folder: Path, request: pytest.FixtureRequest) -> pyarrow.Table:
    """A value of each kind, each in a column of its own."""
    columns = ", ".join(f"{kind[0]} as v{number}" for number, kind in enumerate(KINDS))
    return run_query(folder, f"select {columns}{request.param}")


def plain(text: str) -> Any:
    """What a text says: the number, or the moment without the zeros of its fraction and zone."""
    if re.fullmatch(r"-?\d+\.\d+(e[+-]\d+)?", text):
        return float(text)
    return re.sub(r"(:\d\d)(\.0+)?(Z|\+00:00)?$", r"\1", text)


@pytest.mark.parametrize("number", range(len(KINDS)), ids=[kind[0][:60] for kind in KINDS])
def test_a_value_is_the_same_in_every_format(every: pyarrow.Table, number: int) -> None:
    _, parquet, told, text = KINDS[number]
    table = every.select([number]).rename_columns(["=v"])
    (first, *rest) = pyarrow.parquet.read_table(io.BytesIO(rows_to_bytes(table, "parquet"))).to_pylist()
    assert parquet is ... or first == {"=v": parquet}
    (said, *_) = json.loads(rows_to_bytes(table, "json"), parse_constant=pytest.fail)
    assert told is ... or said == {"=v": told}
    lines = csv.reader(io.StringIO(rows_to_bytes(table, "csv").decode("utf-8-sig"), newline=""))
    head, cell, *more = [row[0] for row in lines]
    assert more == [""] * len(rest)
    assert (restored(head), plain(restored(cell))) == ("=v", plain(text))
    (shown,) = rows_to_terminal_table(table).rows[0]
    assert plain(shown) == plain("NULL" if told is None else "True" if told is True else text)
    assert [row["=v"] for row in rest] == [None] * len(rest)


def test_nothing_that_is_no_number_is_not_taken_for_one(folder: Path) -> None:
    table = run_query(folder, "select 'nan'::double a, [{'b': 'nan'::float}] c")
    assert json.loads(rows_to_bytes(table, "json")) == [{"a": None, "c": [{"b": None}]}]
    assert b"nan" in rows_to_bytes(table, "csv")


def test_no_type_of_duckdb_is_untried() -> None:
    """A new version's new types are to be thought of."""
    connection = duckdb.connect()
    names = connection.sql("select distinct logical_type from duckdb_types() order by all").to_arrow_table()
    types = [connection.sql(f"select {kind[0]} as v").types[0].id for kind in KINDS]
    tried = "".join(f"{one} ".upper() for one in types)
    known = {"SQLNULL": "NULL", "INTERVAL": "INTERVAL", "INVALID": ""}
    untried = [
        name
        for name in names.column(0).to_pylist()
        if known.get(name, name) not in tried and name not in LIKE
    ]
    assert untried == []


LIKE = {"SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "BIGINT", "TYPE"}


def test_names_that_differ_in_case_alone_are_two_columns(folder: Path) -> None:
    assert run_query(folder, 'select 1 as a, 2 as "A", 3 as "a""b"').to_pylist() == [
        {"a": 1, "A": 2, 'a"b': 3}
    ]


def test_a_number_on_the_terminal_has_all_its_digits(folder: Path) -> None:
    grid = rows_to_terminal_table(
        run_query(folder, "select 12345678901::double a, 0.1::double + 0.2::double b")
    )
    assert grid.rows == [["12345678901", "0.3"]]
