"""One SELECT over a folder of tables → its rows. An error says which tables and columns exist."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.query.duckdb_types import columns_to_projection, rows_to_narrow
from pipeline.query.hints import (
    empty_to_hint,
    error_to_hint,
    query_to_glued,
    query_to_names,
    views_to_near,
)
from pipeline.query.limits import Limits
from pipeline.query.views import QueryError, folder_to_connection

ALLOWED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
BATCH_ROWS = 10_000
"""Count. As many rows are fetched at once. After each batch the size of the result is checked."""


@dataclass(frozen=True)
class Answer:
    """The rows of a query; `hint` says what may have been meant if there are none."""

    rows: pa.Table
    hint: str


def run_query(folder: Path, query: str, limits: Limits | None = None) -> pa.Table:
    """Return the rows of one SELECT, as query_to_answer does."""
    return query_to_answer(folder, query, limits or Limits()).rows


def query_to_answer(folder: Path, query: str, limits: Limits) -> Answer:
    """Return the answer to one SELECT (also WITH, FROM, DESCRIBE, SUMMARIZE, EXPLAIN) with distinct column
    names.

    QueryError if it is no SELECT, is wrong, or exceeds `limits`. A function that DuckDB cannot interrupt may
    take longer here; pipeline.query.process runs the query in a process that can be killed.
    """
    with (
        folder_to_connection(folder, limits.memory_mb) as connection,
        _interrupted_after(connection, limits.seconds),
    ):
        statement = _only_select(connection, query)
        try:
            rows = _statement_to_rows(connection, statement, limits)
            return Answer(rows, "" if rows.num_rows else empty_to_hint(connection, query, _views(connection)))
        except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
            raise _to_query_error(error, connection, query, limits) from error


def _statement_to_rows(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement, limits: Limits
) -> pa.Table:
    """Return the rows of a statement within the limits."""
    relation = connection.sql(statement)
    _require_distinct(relation.columns)
    asked = relation.project(columns_to_projection(relation.columns, relation.types))
    return rows_to_narrow(_reader_to_rows(asked.to_arrow_reader(BATCH_ROWS), limits), relation.types)


def _reader_to_rows(reader: pa.RecordBatchReader, limits: Limits) -> pa.Table:
    """Return all rows; QueryError as soon as they are too large."""
    batches, size = [], 0
    for batch in reader:
        batches.append(batch)
        size += batch.nbytes
        if size > limits.answer_bytes:
            raise QueryError(limits.too_long)
    return pa.Table.from_batches(batches, reader.schema)


@contextmanager
def _interrupted_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt the query after so many seconds."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _to_query_error(
    error: Exception, connection: duckdb.DuckDBPyConnection, query: str, limits: Limits
) -> QueryError:
    """Return the error as QueryError that says what to do."""
    if isinstance(error, duckdb.InterruptException):
        return QueryError(limits.too_slow)
    if isinstance(error, duckdb.OutOfMemoryException | pa.ArrowMemoryError | MemoryError):
        return QueryError(limits.too_large)
    return QueryError(_error_to_line(error, connection, query))


def _only_select(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    """Return the statement; QueryError unless it is one SELECT."""
    try:
        query.encode()
        statements = connection.extract_statements(query)
    except UnicodeEncodeError as error:
        raise QueryError("the query is no text in UTF-8: write it anew") from error
    except duckdb.Error as error:
        raise QueryError(_error_to_line(error, connection, query)) from error
    if len(statements) != 1 or statements[0].type not in ALLOWED:
        found = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise QueryError(f"expected one SELECT, got {found}: the tables are for reading only")
    if glued := query_to_glued(query):
        near = _glued_to_near(connection, query, glued)
        raise QueryError(f"{glued} is a number with a name behind it, the same in every row: {near}")
    return statements[0]


def _glued_to_near(connection: duckdb.DuckDBPyConnection, query: str, glued: str) -> str:
    """Return the columns that a name with a number before it may mean."""
    names = query_to_names(query)
    named = {view: columns for view, columns in _views(connection).items() if view in names}
    return views_to_near(named, glued.lstrip("0123456789.")) or "write AS before the name"


def _error_to_line(error: Exception, connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return what is wrong and what is near, on one line."""
    return error_to_hint(str(error), _views(connection), query)


def _views(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the columns of every view, English names first."""
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns ORDER BY ordinal_position"
    ).fetchall()
    views: dict[str, list[str]] = {}
    for view, column in sorted(rows, key=lambda row: (not row[0].isascii(), row[0])):
        views.setdefault(view, []).append(column)
    return views


def _require_distinct(names: list[str]) -> None:
    """Raise QueryError if two columns have one name."""
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise QueryError(f"two columns of the result are called {', '.join(twice)}: name one of them with AS")
