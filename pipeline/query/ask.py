"""One SELECT over a processed folder → its rows; an error says which tables and columns there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.query.views import QueryError, folder_to_connection

ALLOWED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


def ask(folder: Path, query: str) -> pa.Table:
    """The rows of one SELECT (also WITH, FROM, DESCRIBE, SUMMARIZE, EXPLAIN) with distinct column names."""
    with folder_to_connection(folder) as connection:
        statement = _only_select(connection, query)
        try:
            table = connection.sql(statement).to_arrow_table()
        except duckdb.Error as error:
            raise QueryError(f"{error}\n{_what_there_is(connection, query)}") from error
    return _plain(_with_distinct_names(table))


def _only_select(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise QueryError(f"{error}\n{_what_there_is(connection, query)}") from error
    if len(statements) != 1 or statements[0].type not in ALLOWED:
        found = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise QueryError(f"expected one SELECT, got {found}: the tables are for reading only")
    return statements[0]


def _what_there_is(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Every view, and the columns of those that the query names."""
    views = _views(connection)
    lines = [f"tables: {', '.join(views)}"]
    lines += [f"columns of {view}: {', '.join(columns)}" for view, columns in views.items() if view in query]
    return "\n".join(lines)


def _views(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of every view, English names first."""
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns ORDER BY ordinal_position"
    ).fetchall()
    views: dict[str, list[str]] = {}
    for view, column in sorted(rows, key=lambda row: (not row[0].isascii(), row[0])):
        views.setdefault(view, []).append(column)
    return views


def _with_distinct_names(table: pa.Table) -> pa.Table:
    if twice := [name for name, count in Counter(table.column_names).items() if count > 1]:
        raise QueryError(f"two columns of the result are called {', '.join(twice)}: name one of them with AS")
    return table


def _plain(table: pa.Table) -> pa.Table:
    """The types that files of the project have: long texts, and numbers in place of decimals."""
    return table.cast(pa.schema(list(_plain_fields(table.schema))))


def _plain_fields(schema: pa.Schema) -> Iterator[pa.Field]:
    for field in schema:
        if pa.types.is_decimal(field.type):
            yield field.with_type(pa.int64() if field.type.scale == 0 else pa.float64())
        elif pa.types.is_string(field.type) or pa.types.is_string_view(field.type):
            yield field.with_type(pa.large_string())
        else:
            yield field
