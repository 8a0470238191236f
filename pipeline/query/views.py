"""A folder of tables → a DuckDB connection with its tables as views, in English and Chinese, and nothing
else."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.errors import Error
from pipeline.installation.program import to_command
from pipeline.places.county_units import county_rows
from pipeline.printable import to_printable
from pipeline.query.titles import CHECKED, column_to_title, table_to_title, value_kind, value_titles
from pipeline.tables.dictionary import tables, vocabulary

NEEDED = ("observations", "checks", "panel_rates", "coverage", "revisions", "reports")
SUPERSEDED = ("observations", "checks", "sections", "leftovers", "reports")
"""The tables with rows of reports that another one supersedes, which their views leave out."""
ALL, ALL_TITLE = "all_", "全部"
"""How the names of the views begin that have these rows too."""
VALUES = "value_titles"
TITLED = "中文"
"""How the name of a view begins whose values have Chinese titles: 中文数据."""
CELL_KINDS = ("item", "column", CHECKED)
# The tables are handed over as Arrow data sets, so DuckDB itself needs no file, and may open none.
CLOSED = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",  # a name in the query is never a variable of this program
    "SET temp_directory = ''",  # what does not fit into memory goes nowhere else
    "SET arrow_large_buffer_size = true",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class QueryError(Error, ValueError):
    """A folder or a query that cannot be used; the message says why, and what exists."""


def folder_to_connection(folder: Path, memory_mb: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view for every Parquet table of the folder, one with Chinese title and
    columns, and one with Chinese values too.

    It opens no file and no network, and what is created in it is gone with it. Without `memory_mb` it may use
    four fifths of the machine's memory, DuckDB's default. Raises QueryError.
    """
    connection = duckdb.connect()
    if memory_mb:
        connection.execute(f"SET memory_limit = '{memory_mb}MB'")
    there = _folder_to_data(folder)
    for name, data in there.items():
        connection.register(ALL + name if name in SUPERSEDED else name, data)
    for name in (name for name in SUPERSEDED if name in there):
        connection.execute(_standing_view(name))
        connection.execute(
            _chinese_view(ALL + name, ALL_TITLE + table_to_title(name), there[name].schema.names)
        )
    for name, data in there.items():
        connection.execute(_chinese_view(name, table_to_title(name), data.schema.names))
        if name != VALUES and any(value_kind(name, column) for column in data.schema.names):
            connection.execute(_titled_view(name, data.schema.names))
    for setting in CLOSED:
        connection.execute(setting)
    return connection


def _folder_to_data(folder: Path) -> dict[str, ds.Dataset | pa.Table]:
    """Return the tables of the folder and the vocabulary by name; QueryError if a needed one is missing."""
    paths = {name: folder / f"{name}.parquet" for name in tables()}
    if missing := [to_printable(str(paths[name])) for name in NEEDED if not paths[name].is_file()]:
        told = f"{', '.join(missing)}: not there; give the folder of tables with --processed, or make it:"
        raise QueryError(f"{told} {_how_to_make(folder)}")
    there = {name: _open(path, name) for name, path in paths.items() if path.is_file()}
    return {VALUES: _value_titles(), **there, "vocabulary": _vocabulary(), "county_units": _county_units()}


def _how_to_make(folder: Path) -> str:
    """Return the command that makes the tables in Parquet.

    Tables in CSV alone are of reports that the user gave: data/raw, the default, would be added to them.
    """
    formats = ("--formats", "parquet,csv", "--out", folder)
    if (folder / "observations.csv").is_file():
        return f"{to_command('run', 'REPORTS', *formats)} (REPORTS: those of the CSV that is there)"
    return to_command("run", *formats)


def _open(path: Path, name: str) -> ds.Dataset:
    """Open a Parquet table; QueryError if it cannot be used."""
    try:
        data = ds.dataset(path, format="parquet")
    except (pa.ArrowException, OSError) as error:
        why = to_printable(f"{path}: is no Parquet table ({error})")
        again = to_command("run", "--force", "--out", path.parent)
        raise QueryError(f"{why}; read the documents again: {again}") from error
    lacking = [column.name for column in tables()[name].columns if column.name not in data.schema.names]
    if lacking:
        raise QueryError(
            f"{to_printable(str(path))}: has no column {', '.join(lacking)}: another version of this program"
            f" wrote it; run again on the documents: {to_command('run', '--out', path.parent)}"
        )
    return data


def _vocabulary() -> pa.Table:
    """Return the vocabulary as a table."""
    rows = [{**asdict(key), "templates": "+".join(key.templates)} for key in vocabulary()]
    return pa.Table.from_pylist(rows)


def _county_units() -> pa.Table:
    """Return the counties since 2007 with their units as a table."""
    return pa.Table.from_pylist([each._asdict() for each in county_rows()])


def _standing_view(name: str) -> str:
    """Return the SQL of a view without superseded reports: no body and year counts twice in it."""
    kept = f"report_id IN (SELECT report_id FROM {ALL}reports WHERE superseded_by IS NULL)"
    return f"CREATE VIEW {quoted(name)} AS FROM {quoted(ALL + name)} WHERE {kept}"


def _chinese_view(name: str, title: str, columns: list[str]) -> str:
    """Return the SQL of a view with Chinese names."""
    table = name.removeprefix(ALL)
    renamed = ", ".join(f"{quoted(column)} AS {quoted(column_to_title(table, column))}" for column in columns)
    return f"CREATE VIEW {quoted(title)} AS SELECT {renamed} FROM {quoted(name)}"


def _value_titles() -> pa.Table:
    """Return the titles of values as a table."""
    return pa.Table.from_pylist([each._asdict() for each in value_titles()])


def _titled_view(name: str, columns: list[str]) -> str:
    """Return the SQL of a view with Chinese names whose values have Chinese titles as well."""
    coded = [(column, value_kind(name, column)) for column in columns]
    shown = [
        f"{f'coalesce(v{place}.title, t.{quoted(column)})' if kind else f't.{quoted(column)}'}"
        f" AS {quoted(column_to_title(name, column))}"
        for place, (column, kind) in enumerate(coded)
    ]
    joins = [
        f"LEFT JOIN (FROM {VALUES} WHERE \"column\" = '{kind}') v{place}"
        f" ON v{place}.value = t.{quoted(column)}"
        + (f' AND v{place}."table" = t."table"' if kind in CELL_KINDS else "")
        for place, (column, kind) in enumerate(coded)
        if kind
    ]
    view = quoted(TITLED + table_to_title(name))
    return f"CREATE VIEW {view} AS SELECT {', '.join(shown)} FROM {quoted(name)} t {' '.join(joins)}"


def quoted(name: str) -> str:
    """Return a name as SQL quotes it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
